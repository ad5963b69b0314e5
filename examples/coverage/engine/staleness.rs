//! Runs in which nothing grows old: drift, concept drift and skew that are found in them are chance.

use std::sync::Arc;

use assay::compare::staleness::{Demand, checks, staleness};
use assay::compare::{CheckOutcome, Engine, PlanRequest};
use assay::job::JobCx;
use assay::log::{Content, Log, Reference, RunKind, Task};

use super::super::scenarios::Draw;
use super::{Claim, Stream, World, at_5, log, numbers, units, words};

const MINUTE: i64 = 60_000_000;

/// Requests over four weeks, or the rows of a training file: calibrated scores, age and region, which a user keeps.
fn made(s: &mut Stream<'_>, rows: usize, users: Option<usize>) -> Log {
    let drawn = |s: &mut Stream<'_>| (s.uniform().powi(2), 45.0 + (12.0 * s.normal()).round(), s.below(3) as u32);
    let known: Vec<_> = (0..users.unwrap_or(0)).map(|_| drawn(s)).collect();
    let (mut labels, mut scores) = (Vec::new(), [Vec::new(), Vec::new()]);
    let (mut of, mut age, mut region) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rows {
        let user = users.map_or(0, |users| s.below(users));
        let (mut score, years, place) = if users.is_some() { known[user] } else { drawn(s) };
        if users.is_some() && s.chance(0.5) {
            score = s.uniform().powi(2);
        }
        labels.push(u8::from(s.chance(score)));
        scores[0].push((score * 1e3).round() / 1e3);
        scores[1].push((0.8 * score + 0.2 * s.uniform()).clamp(0.0, 1.0));
        of.push(user as u32);
        age.push(years);
        region.push(place);
    }
    let mut log = log(RunKind::Shadow, Task::Binary, labels, scores.map(Some), Content::Binary);
    log.times = Some((0..rows as i64).map(|row| row * 28 * 24 * 60 / rows as i64 * MINUTE).collect());
    log.features = vec![numbers("age", age), words("region", &region, 3)];
    log.units = if users.is_some() { units(&of) } else { None };
    log
}

/// What is found by chance; claims of the columns that are shown hold for all of them together.
fn aged(d: &Draw, users: Option<usize>) -> Vec<Option<bool>> {
    let mut s = Stream::new(d);
    let log = made(&mut s, 2_400, users);
    let training = made(&mut s, 3_000, None);
    let reference = Reference { rows: training.rows, features: training.features, ..Reference::default() };
    let cx = JobCx::new();
    let engine = Engine::new(Arc::new(log), None, &cx).unwrap();
    let plan = engine.plan(&PlanRequest::default()).unwrap();
    let found = staleness(engine.log(), &plan, None, Some(&reference), &cx).unwrap();
    let current: Vec<_> = found.current().map(|(_, one)| *one).collect();
    let skew: Vec<_> = found.skew.iter().flat_map(|skew| skew.current().map(|(_, one)| *one)).collect();
    // Scores, label and features depend on each other, so that Bonferroni errs on the safe side.
    let any = |all: &[assay::compare::staleness::Distance]| {
        let least = all.iter().map(|one| one.p).reduce(f64::min)?;
        Some(least * all.len() as f64 <= 0.05)
    };
    let above =
        |all: &[assay::compare::staleness::Distance]| (!all.is_empty()).then(|| all.iter().any(|one| one.lo > 0.0));
    let warns = |name: &str| {
        let check = checks(&found).into_iter().find(|check| check.name == name)?;
        Some(check.outcome == CheckOutcome::Warn)
    };
    let concept = found.losses.champion.as_ref().and_then(|course| course.concept.as_ref());
    let constancy = found.losses.champion.as_ref().and_then(|course| course.constancy);
    let demand = found.demand.as_ref().and_then(changed);
    vec![
        any(&current),
        above(&current),
        warns("data_drift"),
        concept.map(|change| !(change.lo..=change.hi).contains(&0.0)),
        warns("concept_drift"),
        constancy.map(|found| found.p <= 0.05),
        demand,
        any(&skew),
        above(&skew),
    ]
}

/// Requests over weeks whose days have a pattern and hang together: the logarithm of the intensity is AR(1) from day to
/// day with a standard deviation of a fifth. Whether a change of demand is claimed.
fn requested(d: &Draw, weeks: usize, phi: f64) -> Vec<Option<bool>> {
    const PATTERN: [f64; 7] = [1.0, 1.1, 1.1, 1.1, 1.05, 0.7, 0.6];
    let mut s = Stream::new(d);
    let (mut times, mut drift) = (Vec::new(), 0.2 * s.normal());
    for day in 0..7 * weeks {
        let mean = 60.0 * PATTERN[day % 7] * f64::exp(drift);
        drift = phi * drift + 0.2 * (1.0 - phi * phi).sqrt() * s.normal();
        // A Poisson process: gaps are exponential.
        let mut at = -s.uniform().ln() / mean;
        while at < 1.0 {
            times.push(((day as f64 + at) * 24.0 * 60.0) as i64 * MINUTE);
            at -= s.uniform().ln() / mean;
        }
    }
    // The run begins and ends with a whole day.
    let end = (7 * weeks) as i64 * 24 * 60 * MINUTE - 1;
    times.extend([0, end]);
    let rows = times.len();
    let scores = [0.25, 0.5].map(|step| Some((0..rows).map(|row| step * (row % 3) as f64).collect()));
    let mut log = log(RunKind::Shadow, Task::Binary, vec![0; rows], scores, Content::Binary);
    log.times = Some(times);
    let cx = JobCx::new();
    let engine = Engine::new(Arc::new(log), None, &cx).unwrap();
    let plan = engine.plan(&PlanRequest::default()).unwrap();
    let found = staleness(engine.log(), &plan, None, None, &cx).unwrap();
    vec![found.demand.as_ref().and_then(changed)]
}

/// Whether the interval of the change of demand leaves out 0.
fn changed(demand: &Demand) -> Option<bool> {
    Some(!(demand.lo?..=demand.hi?).contains(&0.0))
}

const fn warning(method: &'static str) -> Claim {
    Claim { method, nominal: 0.01, most: 0.015 }
}

fn world(data: &'static str, wrong: fn(&Draw) -> Vec<Option<bool>>) -> World {
    let claims = vec![
        at_5("data drift, any column (chi-square, Bonferroni)", 0.06),
        at_5("data drift, any lower end above 0", 0.06),
        warning("data drift warns"),
        at_5("concept drift, change at the same scores", 0.07),
        warning("concept drift warns (p < 0.01, either model)"),
        at_5("loss not constant (OLS-CUSUM)", 0.06),
        at_5("demand changed", 0.07),
        at_5("skew, any column (chi-square, Bonferroni)", 0.06),
        at_5("skew, any lower end above 0", 0.06),
    ];
    World { data, small: 24, claims, wrong }
}

fn demand(data: &'static str, wrong: fn(&Draw) -> Vec<Option<bool>>) -> World {
    World { data, small: 24, claims: vec![at_5("demand changed", 0.08)], wrong }
}

pub fn worlds() -> Vec<World> {
    vec![
        world("four weeks alike, 2400 rows", |d| aged(d, None)),
        world("four weeks alike, 2400 rows of 600 users who stay as they are", |d| aged(d, Some(600))),
        demand("daily requests over 4 weeks, AR(1) 0.5, pattern of the week", |d| requested(d, 4, 0.5)),
        demand("daily requests over 4 weeks, AR(1) 0.7, pattern of the week", |d| requested(d, 4, 0.7)),
        demand("daily requests over 8 weeks, independent days, pattern of the week", |d| requested(d, 8, 0.0)),
        demand("daily requests over 8 weeks, AR(1) 0.7, pattern of the week", |d| requested(d, 8, 0.7)),
    ]
}
