//! The same through the engine: a log is simulated, compared and judged as any other, and what the comparison says is
//! held against what the simulation knows. Nothing of a method is done again here.

mod families;
mod paired;
mod planned;
mod split;
mod staleness;
mod verdicts;

use std::sync::Arc;

use assay::compare::{Comparison, Difference, Engine, Estimate, PlanRequest};
use assay::job::JobCx;
use assay::log::{
    Arm, ArmRole, Classes, Codes, Content, Feature, FeatureValues, Ids, JoinAudit, Label, Log, PairBasis, RunKind,
    ScoreKind, Split, Task,
};
use assay::stats::special::norm_isf;
use rayon::prelude::*;

use super::scenarios::{Draw, seed};

/// What is read off every run of a simulation.
pub struct Claim {
    /// Method, as in `docs/statistics.md`.
    pub method: &'static str,
    /// Error rate the method promises.
    pub nominal: f64,
    /// Most that is accepted.
    pub most: f64,
}

/// Data of one kind, and all that is claimed of them.
pub struct World {
    pub data: &'static str,
    pub claims: Vec<Claim>,
    /// Runs that the test suite makes: fewer where one takes long.
    pub small: u64,
    /// Whether each claim was wrong; `None` where the engine gave no answer.
    pub wrong: fn(&Draw) -> Vec<Option<bool>>,
}

/// How often a claim was made and how often it was wrong.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rate {
    pub answered: u64,
    pub wrong: u64,
}

impl Rate {
    pub fn found(self) -> f64 {
        self.wrong as f64 / self.answered.max(1) as f64
    }
}

impl World {
    /// One rate per claim.
    pub fn rates(&self, runs: u64) -> Vec<Rate> {
        let seed = seed(&[self.data]);
        let one = |run| (self.wrong)(&Draw::new(seed, run));
        let none = || vec![Rate::default(); self.claims.len()];
        let add = |mut rates: Vec<Rate>, found: Vec<Option<bool>>| {
            assert_eq!(rates.len(), found.len(), "{}", self.data);
            for (rate, wrong) in rates.iter_mut().zip(found) {
                rate.answered += u64::from(wrong.is_some());
                rate.wrong += u64::from(wrong == Some(true));
            }
            rates
        };
        let merge = |a: Vec<Rate>, b: Vec<Rate>| {
            let both = a.into_iter().zip(b);
            both.map(|(a, b)| Rate { answered: a.answered + b.answered, wrong: a.wrong + b.wrong }).collect()
        };
        (0..runs).into_par_iter().map(one).fold(none, add).reduce(none, merge)
    }
}

/// Every simulation.
pub fn all() -> Vec<World> {
    let all = [
        paired::worlds(),
        families::worlds(),
        split::worlds(),
        planned::worlds(),
        verdicts::worlds(),
        staleness::worlds(),
    ];
    all.into_iter().flatten().collect()
}

/// A nominal error of 0.05 and the most that is accepted, with the method's name.
const fn at_5(method: &'static str, most: f64) -> Claim {
    Claim { method, nominal: 0.05, most }
}

/// Random numbers one after another.
struct Stream<'a> {
    draw: &'a Draw,
    at: u64,
}

impl<'a> Stream<'a> {
    fn new(draw: &'a Draw) -> Self {
        Self { draw, at: 0 }
    }

    fn uniform(&mut self) -> f64 {
        self.at += 1;
        self.draw.uniform(self.at)
    }

    fn normal(&mut self) -> f64 {
        norm_isf(self.uniform())
    }

    fn chance(&mut self, p: f64) -> bool {
        self.uniform() < p
    }

    fn below(&mut self, n: usize) -> usize {
        (self.uniform() * n as f64) as usize
    }
}

/// A yes or no as numbers, and as codes.
fn flag(yes: bool) -> f64 {
    f64::from(u8::from(yes))
}

fn arms(scores: [Option<Vec<f64>>; 2]) -> Vec<Arm> {
    let arm = |(index, scores): (usize, Option<Vec<f64>>)| Arm {
        name: ["old", "new"][index].to_owned(),
        role: [ArmRole::Champion, ArmRole::Challenger][index],
        logged: 0,
        scores,
        score_kind: ScoreKind::Probability,
        predictions: None,
        latency_ms: None,
        unpaired_latency_ms: Vec::new(),
        served: Default::default(),
    };
    scores.into_iter().enumerate().map(arm).collect()
}

/// A log of `labels.len()` rows.
fn log(kind: RunKind, task: Task, labels: Vec<u8>, scores: [Option<Vec<f64>>; 2], content: Content) -> Log {
    let rows = labels.len();
    Log {
        kind,
        task,
        rows,
        ids: Ids::Position(rows),
        arms: arms(scores),
        classes: Classes { negative: "no".to_owned(), positive: "yes".to_owned() },
        content,
        times: None,
        units: None,
        features: Vec::new(),
        audit: JoinAudit {
            basis: if kind.is_split() { PairBasis::Split { column: None } } else { PairBasis::SameRow },
            ids: rows as u64,
            paired: rows as u64,
            champion_only: 0,
            challenger_only: 0,
            duplicate_same: 0,
            duplicate_different: 0,
            conflicts_kept: false,
            without_id: 0,
            labels: Label { present: labels.iter().filter(|label| **label <= 1).count() as u64, ..Label::default() },
        },
        sources: Vec::new(),
        split: None,
        labels,
    }
}

/// Rows of users, by the user of each row.
fn units(of: &[u32]) -> Option<(String, Codes)> {
    let count = of.iter().max().map_or(0, |last| last + 1);
    Some(("user".to_owned(), Codes::new((0..count).map(|user| format!("u{user}")).collect(), of)))
}

/// A column of words `a`, `b`, ...
fn words(name: &str, of: &[u32], count: u32) -> Feature {
    let names = (0..count).map(|code| char::from(b'a' + code as u8).to_string()).collect();
    Feature { name: name.to_owned(), values: FeatureValues::Coded(Codes::new(names, of)) }
}

fn numbers(name: &str, of: Vec<f64>) -> Feature {
    Feature { name: name.to_owned(), values: FeatureValues::Numeric(of) }
}

/// A log whose rows one arm each answered.
fn split_log(kind: RunKind, split: Split) -> Log {
    let rows = split.arms.len();
    Log {
        split: Some(split),
        ..log(kind, Task::Binary, vec![assay::log::NO_LABEL; rows], [None, None], Content::Binary)
    }
}

fn compare(log: Log, request: &PlanRequest) -> Comparison {
    let (cx, engine) = (JobCx::new(), Engine::new(Arc::new(log), None, &JobCx::new()).unwrap());
    engine.compare(&engine.plan(request).unwrap(), &cx).unwrap()
}

/// Whether the interval of the difference misses `truth`.
fn difference_misses(found: &Comparison, metric: &str, truth: f64) -> Option<bool> {
    let of = found.metrics.iter().find(|one| one.name == metric && one.slice.is_none());
    let of = of.unwrap_or_else(|| panic!("no metric {metric}"));
    let Difference { lo, hi, .. } = of.difference.as_ref()?;
    Some(!((*lo)?..=(*hi)?).contains(&truth))
}

fn differences_miss(found: &Comparison, metrics: &[&str]) -> Vec<Option<bool>> {
    metrics.iter().map(|metric| difference_misses(found, metric, 0.0)).collect()
}

fn misses(estimate: Option<&Estimate>, truth: f64) -> Option<bool> {
    let Estimate { lo, hi, .. } = estimate?;
    Some(!((*lo)?..=(*hi)?).contains(&truth))
}
