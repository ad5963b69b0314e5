//! Looks that were planned: somebody reads the run at each of them and stops at the first that shows a difference.

use assay::compare::{Comparison, Looks, PlanRequest, SplitDesign};
use assay::log::RunKind;
use assay::stats::sequential::group::Spending;

use super::super::scenarios::Draw;
use super::split::{PLAIN, Requests, Stage, request, rollout};
use super::{Claim, Stream, World, at_5, compare, difference_misses};

/// Shares of the planned users at which somebody looks.
const SHARES: [f64; 4] = [0.25, 0.5, 0.75, 1.0];

/// A run that is looked at.
struct Run {
    kind: RunKind,
    /// Users of both arms at the end.
    users: usize,
    /// Requests of a user at most; `None`: one, which is its own unit.
    requests: Option<usize>,
    /// A look comes late by up to this share of its users.
    late: f64,
    spending: Spending,
    /// What requests between one look and the next are like.
    stage: fn(usize) -> Stage,
}

const AB: Run = Run {
    kind: RunKind::Ab,
    users: 2_000,
    requests: Some(3),
    late: 0.0,
    spending: Spending::OBrienFleming,
    stage: |_| PLAIN,
};

impl Run {
    /// What each look finds.
    fn looks(&self, d: &Draw) -> Vec<Comparison> {
        let (mut requests, mut s) = (Requests::default(), Stream::new(d));
        let mut come = 0;
        for (look, share) in SHARES.iter().enumerate() {
            let until = (share * self.users as f64 * (1.0 + self.late * s.uniform())) as usize;
            let stage = Stage { users: until - come, ..(self.stage)(look) };
            requests.draw(&mut s, look as u32, stage, self.requests.unwrap_or(1), look as i64);
            come = until;
        }
        let plain = request(Looks::Planned, 0.95);
        let split = SplitDesign {
            planned_units: Some(self.users as u64),
            planned_looks: SHARES.to_vec(),
            spending: self.spending,
            ..plain.split
        };
        let asked = PlanRequest { split, ..plain };
        let at = |look: usize| {
            let staged = self.kind == RunKind::Canary;
            compare(requests.log(self.kind, staged, self.requests.is_some(), 1 + look as i64), &asked)
        };
        (0..SHARES.len()).map(at).collect()
    }

    /// Of each metric whether any look claims a difference where there is none (a look without an interval claims
    /// nothing, but the last one has to have one), then of the first two whether the interval of the last look misses.
    fn claims(&self, d: &Draw) -> Vec<Option<bool>> {
        let looks = self.looks(d);
        let misses = |metric: &&str| looks.iter().map(|found| difference_misses(found, metric, 0.0)).collect();
        let of: Vec<Vec<Option<bool>>> = METRICS.iter().map(misses).collect();
        let last = |looks: &Vec<Option<bool>>| looks.last().copied().flatten();
        let any = of.iter().map(|looks| last(looks).map(|_| looks.contains(&Some(true))));
        any.chain(of[..2].iter().map(last)).collect()
    }
}

const METRICS: [&str; 4] = ["error", "views", "click_rate", "latency_p95"];

fn world(data: &'static str, most: f64, wrong: fn(&Draw) -> Vec<Option<bool>>) -> World {
    let claims: Vec<Claim> = vec![
        at_5("rate difference, claimed at any of 4 planned looks", most),
        at_5("mean difference, claimed at any of 4 planned looks", most),
        at_5("ratio difference, claimed at any of 4 planned looks", most),
        at_5("p95 latency difference, claimed at any of 4 planned looks", most),
        at_5("rate difference, last of 4 planned looks", most),
        at_5("mean difference, last of 4 planned looks", most),
    ];
    World { data, claims, small: 4, wrong }
}

pub fn worlds() -> Vec<World> {
    vec![
        world("A/B, 2000 rows, looks as planned", 0.06, |d| Run { requests: None, ..AB }.claims(d)),
        world("A/B, 2000 users of 1 to 3 rows, looks as planned", 0.06, |d| AB.claims(d)),
        world("A/B, 2000 users of 1 to 3 rows, looks up to 5 % late", 0.06, |d| Run { late: 0.05, ..AB }.claims(d)),
        world("A/B, 2000 users of 1 to 3 rows, looks up to 5 % late, Pocock", 0.06, |d| {
            Run { late: 0.05, spending: Spending::Pocock, ..AB }.claims(d)
        }),
        // Information comes with the challenger's share and lags behind the units that stand for it: a statistic that is
        // normal would be claimed in 5.4 % of such runs.
        world("canary, looks planned at the ends of 4 unlike stages of 700 users", 0.07, |d| {
            let staged = Run { kind: RunKind::Canary, users: 2_800, stage: |look| rollout(look, 700), ..AB };
            staged.claims(d)
        }),
        World {
            data: "A/B, 2000 users of 1 to 3 rows, twice the errors, looks up to 5 % late",
            small: 4,
            claims: vec![at_5("rate difference at the planned look that stops the run", 0.06)],
            wrong: |d| {
                let run = Run { late: 0.05, stage: |_| Stage { worse: 2.0, ..PLAIN }, ..AB };
                let looks = run.looks(d);
                let claims = |found: &&Comparison| difference_misses(found, "error", 0.0) == Some(true);
                let stop = looks.iter().find(claims).or(looks.last());
                vec![stop.and_then(|found| difference_misses(found, "error", PLAIN.error))]
            },
        },
    ]
}
