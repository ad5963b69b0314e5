//! Runs whose requests one arm each answered: arms that are alike, so that every difference within a stage is 0.

use assay::compare::{Better, Comparison, CustomMetric, Detail, Looks, PlanRequest, SplitDesign};
use assay::log::{Codes, Log, Measure, NOT_LOGGED, RunKind, Split};

use super::super::scenarios::Draw;
use super::{
    Stream, World, at_5, compare, difference_misses, differences_miss, flag, numbers, split_log, units, words,
};

pub(super) const DAY: i64 = 86_400_000_000;

/// Requests as they are drawn, column by column.
#[derive(Default)]
pub(super) struct Requests {
    arms: Vec<u8>,
    users: Vec<u32>,
    stages: Vec<u32>,
    pub times: Vec<i64>,
    error: Vec<f64>,
    converted: Vec<f64>,
    revenue: Vec<f64>,
    views: Vec<f64>,
    clicks: Vec<f64>,
    latency: Vec<f64>,
}

/// What requests of a stage are like.
#[derive(Clone, Copy)]
pub(super) struct Stage {
    /// The challenger's share of users.
    pub share: f64,
    pub users: usize,
    pub error: f64,
    /// The challenger's rate of errors over the champion's.
    pub worse: f64,
    /// Share of users who may buy.
    pub buyers: f64,
    pub views: f64,
    pub clicks: f64,
    /// Location of the logarithm of the latency.
    pub latency: f64,
}

impl Requests {
    /// Users of a stage with 1 to `most` requests of a day each; the rows of a user are alike.
    pub fn draw(&mut self, s: &mut Stream<'_>, number: u32, stage: Stage, most: usize, day: i64) {
        for _ in 0..stage.users {
            let user = self.users.last().map_or(0, |last| last + 1);
            let arm = u8::from(s.chance(stage.share));
            let (prone, buys, slow) = (2.0 * s.uniform(), s.chance(stage.buyers), s.normal());
            let rate = 2.0 * stage.clicks * s.uniform();
            for _ in 0..1 + s.below(most) {
                let pays = buys && s.chance(0.5);
                let views = 1.0 + (-stage.views * s.uniform().ln()).floor();
                self.arms.push(arm);
                self.users.push(user);
                self.stages.push(number);
                self.times.push(day * DAY + (s.uniform() * DAY as f64) as i64);
                let worse = if arm == 1 { stage.worse } else { 1.0 };
                self.error.push(flag(s.chance(prone * stage.error * worse)));
                self.converted.push(flag(pays));
                self.revenue.push(if pays { (3.0 + 0.8 * s.normal()).exp() } else { 0.0 });
                self.views.push(views);
                self.clicks.push((0..views as usize).filter(|_| s.chance(rate)).count() as f64);
                self.latency.push((stage.latency + 0.4 * slow + 0.6 * s.normal()).exp().round());
            }
        }
    }

    /// The first rows as a log, with stages where they are told.
    pub fn log(&self, kind: RunKind, staged: bool, clustered: bool, days: i64) -> Log {
        let kept: Vec<usize> = (0..self.arms.len()).filter(|&row| self.times[row] < days * DAY).collect();
        let take = |values: &[f64]| kept.iter().map(|&row| values[row]).collect::<Vec<f64>>();
        let codes = |values: &[u32]| kept.iter().map(|&row| values[row]).collect::<Vec<u32>>();
        let outcome = |name: &str, values: &[f64]| Measure::new(name.to_owned(), take(values));
        let names = || (0..9).map(|stage| format!("stage {stage}")).collect();
        let split = Split {
            arms: kept.iter().map(|&row| self.arms[row]).collect(),
            outcomes: vec![
                outcome("error", &self.error),
                outcome("converted", &self.converted),
                outcome("revenue", &self.revenue),
                outcome("views", &self.views),
                outcome("clicks", &self.clicks),
            ],
            stages: staged.then(|| ("stage".to_owned(), Codes::new(names(), &codes(&self.stages)))),
            ..Split::default()
        };
        let mut log = split_log(kind, split);
        for arm in 0..2u8 {
            let own = |&row: &usize| if self.arms[row] == arm { self.latency[row] } else { NOT_LOGGED };
            log.arms[usize::from(arm)].latency_ms = Some(kept.iter().map(own).collect());
        }
        log.times = Some(kept.iter().map(|&row| self.times[row]).collect());
        log.units = if clustered { units(&codes(&self.users)) } else { None };
        log
    }
}

/// Clicks per view, and how the run is read.
pub(super) fn request(looks: Looks, level: f64) -> PlanRequest {
    let ratio = CustomMetric {
        name: "click_rate".to_owned(),
        unit: String::new(),
        better: Better::Higher,
        value: "clicks".to_owned(),
        per: Some("views".to_owned()),
    };
    let split = SplitDesign { looks: Some(looks), ..SplitDesign::default() };
    PlanRequest { level, custom: vec![ratio], split, ..PlanRequest::default() }
}

/// Whether the interval of the relative difference misses 0.
fn lift_misses(found: &Comparison, metric: &str) -> Option<bool> {
    let Detail::Split(detail) = &found.detail else { unreachable!("a split run has its detail") };
    let lift = detail.lifts.iter().find(|lift| lift.metric == metric)?;
    Some(!(lift.lo?..=lift.hi?).contains(&0.0))
}

pub(super) const PLAIN: Stage =
    Stage { share: 0.5, users: 2_000, error: 0.02, worse: 1.0, buyers: 0.05, views: 4.0, clicks: 0.2, latency: 4.0 };

fn ab(d: &Draw, stage: Stage, most: usize, clustered: bool) -> Comparison {
    let mut requests = Requests::default();
    requests.draw(&mut Stream::new(d), 0, stage, most, 0);
    compare(requests.log(RunKind::Ab, false, clustered, 1), &request(Looks::Once, 0.95))
}

/// A rollout over four stages in which everything else changes too.
pub(super) fn rollout(at: usize, users: usize) -> Stage {
    let of = |values: [f64; 4]| values[at];
    Stage {
        share: of([0.05, 0.1, 0.3, 0.5]),
        users,
        error: of([0.01, 0.03, 0.06, 0.02]),
        worse: 1.0,
        buyers: of([0.3, 0.2, 0.5, 0.4]),
        views: of([2.0, 8.0, 3.0, 12.0]),
        clicks: of([0.1, 0.4, 0.2, 0.3]),
        latency: of([4.0, 4.5, 3.5, 5.0]),
    }
}

fn canary(d: &Draw, clustered: bool) -> Comparison {
    let (mut requests, mut s) = (Requests::default(), Stream::new(d));
    for stage in 0..4 {
        requests.draw(&mut s, stage, rollout(stage as usize, 700), if clustered { 5 } else { 1 }, i64::from(stage));
    }
    compare(requests.log(RunKind::Canary, true, clustered, 4), &request(Looks::Once, 0.95))
}

const OUTCOMES: [&str; 6] = ["error", "revenue", "views", "click_rate", "latency_p50", "latency_p95"];

/// Attributes of users who come in every arm alike: words, ties, missing ages, revenue before that 95 % lack; they change
/// from stage to stage.
fn balanced(d: &Draw, kind: RunKind) -> Vec<Option<bool>> {
    let (mut requests, mut s) = (Requests::default(), Stream::new(d));
    let stages = if kind == RunKind::Canary { 4 } else { 1 };
    for stage in 0..stages {
        requests.draw(&mut s, stage, rollout(3 - stage as usize, 400), 4, i64::from(stage));
    }
    let mut log = requests.log(kind, kind == RunKind::Canary, true, 4);
    let users = requests.users.last().map_or(0, |last| last + 1);
    let known: Vec<(u32, f64, f64)> = (0..users)
        .map(|user| {
            let shift = f64::from(user / 400);
            let age = if s.chance(0.2) { NOT_LOGGED } else { (40.0 + 5.0 * shift + 10.0 * s.normal()).round() };
            let place = (s.below(4) + s.below(1 + user as usize / 400)) as u32;
            let before = if s.chance(0.05) { (3.0 + s.normal()).exp() } else { 0.0 };
            (place, age, before)
        })
        .collect();
    let of = |user: &u32| known[*user as usize];
    let region: Vec<u32> = requests.users.iter().map(|user| of(user).0).collect();
    log.features = vec![
        words("region", &region, 7),
        numbers("age", requests.users.iter().map(|user| of(user).1).collect()),
        numbers("pre_revenue", requests.users.iter().map(|user| of(user).2).collect()),
    ];
    let found = compare(log, &request(Looks::Once, 0.95));
    let Detail::Split(detail) = &found.detail else { unreachable!("a split run has its detail") };
    vec![detail.omnibus.as_ref().and_then(|test| test.p).map(|p| p <= 0.05)]
}

pub fn worlds() -> Vec<World> {
    vec![
        World {
            data: "A/B, 1000 and 1000 users of 1 to 4 rows, 97 % never buy",
            small: 4,
            claims: vec![
                at_5("rate difference by unit (delta, Welch)", 0.07),
                at_5("mean difference by unit (delta, Welch)", 0.07),
                at_5("difference of unit sums (Welch)", 0.07),
                at_5("ratio difference by unit (delta)", 0.07),
                at_5("p50 latency difference by unit", 0.06),
                at_5("p95 latency difference by unit", 0.06),
                at_5("relative difference of unit sums", 0.08),
            ],
            wrong: |d| {
                let found = ab(d, PLAIN, 4, true);
                let metrics = ["converted", "revenue", "revenue_per_unit", "click_rate", "latency_p50", "latency_p95"];
                let mut wrong = differences_miss(&found, &metrics);
                wrong.push(lift_misses(&found, "revenue_per_unit"));
                wrong
            },
        },
        World {
            data: "A/B, 200 and 1800 rows, rates of 1 and 2.5 %",
            small: 24,
            claims: vec![
                at_5("rate difference (Newcombe), 1 %", 0.06),
                at_5("rate difference (Newcombe), 2.5 %", 0.06),
                at_5("mean difference (Welch), tied", 0.07),
                at_5("p95 latency difference", 0.06),
            ],
            wrong: |d| {
                let found = ab(d, Stage { share: 0.1, error: 0.01, ..PLAIN }, 1, false);
                differences_miss(&found, &["error", "converted", "views", "latency_p95"])
            },
        },
        World {
            data: "canary, 4 unlike stages at 5 to 50 %, 2800 users of 1 to 5 rows",
            small: 4,
            claims: vec![
                at_5("rate difference within stages, by unit", 0.07),
                at_5("mean difference within stages, by unit", 0.08),
                at_5("mean difference within stages, by unit, ties", 0.07),
                at_5("ratio difference within stages, by unit", 0.08),
                at_5("p50 latency within stages, by unit (Woodruff)", 0.07),
                at_5("p95 latency within stages, by unit (Woodruff)", 0.08),
            ],
            wrong: |d| differences_miss(&canary(d, true), &OUTCOMES),
        },
        World {
            data: "canary, 4 unlike stages at 5 to 50 %, 2800 rows",
            small: 8,
            claims: vec![
                at_5("rate difference within stages", 0.07),
                at_5("mean difference within stages", 0.08),
                at_5("mean difference within stages, ties", 0.07),
                at_5("ratio difference within stages", 0.08),
                at_5("p50 latency within stages (Woodruff)", 0.07),
                at_5("p95 latency within stages (Woodruff)", 0.08),
            ],
            wrong: |d| differences_miss(&canary(d, false), &OUTCOMES),
        },
        World {
            data: "A/B, three attributes of 400 users of 1 to 4 rows",
            small: 24,
            claims: vec![at_5("omnibus balance by unit (Hansen-Bowers)", 0.06)],
            wrong: |d| balanced(d, RunKind::Ab),
        },
        World {
            data: "canary, three attributes that change over 4 stages, 1600 users of 1 to 4 rows",
            small: 4,
            claims: vec![at_5("omnibus balance by unit, within stages", 0.06)],
            wrong: |d| balanced(d, RunKind::Canary),
        },
        World {
            data: "canary watched daily over 8 days, 4 unlike stages, users of 1 to 3 rows",
            small: 1,
            claims: vec![
                at_5("Bernoulli sequences within stages, by unit", 0.05),
                at_5("asymptotic sequence within stages, mean by unit", 0.05),
                at_5("asymptotic sequence within stages, ratio by unit", 0.05),
                at_5("p50 latency sequence within stages", 0.05),
                at_5("p95 latency sequence within stages", 0.05),
            ],
            wrong: |d| {
                let (mut requests, mut s) = (Requests::default(), Stream::new(d));
                for day in 0..8 {
                    requests.draw(&mut s, day / 2, rollout(day as usize / 2, 300), 3, i64::from(day));
                }
                let metrics = ["error", "views", "click_rate", "latency_p50", "latency_p95"];
                let mut wrong = vec![None; metrics.len()];
                for days in 1..=8 {
                    let log = requests.log(RunKind::Canary, true, true, days);
                    let found = compare(log, &request(Looks::Any, 0.95));
                    for (wrong, metric) in wrong.iter_mut().zip(metrics) {
                        let at_this = difference_misses(&found, metric, 0.0);
                        *wrong = match (*wrong, at_this) {
                            (Some(true), _) | (_, Some(true)) => Some(true),
                            (before, now) => before.or(now),
                        };
                    }
                }
                wrong
            },
        },
    ]
}
