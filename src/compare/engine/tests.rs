//! The engine against published values, hand-computed values and its own laws.

mod agreement;
mod business;
mod custom;
mod laws;
mod published;
mod served;
mod shares;
mod values;

use super::*;
use crate::compare::{CheckOutcome, MetricResult, Selection, ThresholdBasis};
use crate::log::{
    Arm, ArmRole, Classes, Codes, Feature, FeatureValues, Ids, JoinAudit, Label, NO_LABEL, PairBasis, RunKind, Task,
};

pub(in crate::compare) fn log(labels: Vec<u8>, scores: &[Option<Vec<f64>>]) -> Log {
    let rows = labels.len();
    let roles = [ArmRole::Champion, ArmRole::Challenger];
    let arm = |(index, scores): (usize, &Option<Vec<f64>>)| Arm {
        name: format!("model {index}"),
        role: roles[index],
        logged: rows as u64,
        score_kind: match scores {
            Some(scores) if scores.iter().any(|s| s.is_finite() && !(0.0..=1.0).contains(s)) => ScoreKind::Decision,
            _ => ScoreKind::Probability,
        },
        scores: scores.clone(),
        predictions: None,
        latency_ms: None,
        unpaired_latency_ms: Vec::new(),
        served: Default::default(),
    };
    let present = labels.iter().filter(|label| **label <= 1).count() as u64;
    Log {
        content: Default::default(),
        kind: RunKind::Shadow,
        task: Task::Binary,
        rows,
        ids: Ids::Position(rows),
        arms: scores.iter().enumerate().map(arm).collect(),
        classes: Classes { negative: "pass".to_owned(), positive: "fraud".to_owned() },
        times: None,
        units: None,
        features: Vec::new(),
        audit: JoinAudit {
            basis: PairBasis::Id { column: "id".to_owned() },
            ids: rows as u64 + 9,
            paired: rows as u64,
            champion_only: 3,
            challenger_only: 4,
            duplicate_same: 1,
            duplicate_different: 2,
            conflicts_kept: false,
            without_id: 5,
            labels: Label { present, absent: rows as u64 - present, ..Label::default() },
        },
        sources: Vec::new(),
        labels,
        split: None,
    }
}

/// Uniform numbers that are a function of row and key.
fn unit(row: usize, key: u64) -> f64 {
    (crate::stats::bootstrap::Replicate::new(7, key).bits(row as u64) >> 11) as f64 / (1u64 << 53) as f64
}

/// Two models of probabilities, the second the better one.
fn made(rows: usize) -> Log {
    let labels: Vec<u8> = (0..rows).map(|row| u8::from(unit(row, 1) < 0.3)).collect();
    let score = |noise: f64, key: u64| -> Vec<f64> {
        let mix = |row: usize| 0.35 * f64::from(labels[row]) + 0.3 * unit(row, 2) + noise * unit(row, key);
        (0..rows).map(|row| mix(row) / (0.65 + noise)).collect()
    };
    let scores = [Some(score(0.6, 3)), Some(score(0.3, 4))];
    log(labels, &scores)
}

fn engine(log: Log) -> Engine {
    Engine::new(Arc::new(log), None, &JobCx::new()).unwrap()
}

fn compare_with(log: Log, request: &PlanRequest) -> Comparison {
    let engine = engine(log);
    engine.compare(&engine.plan(request).unwrap(), &JobCx::new()).unwrap()
}

fn compare(log: Log) -> Comparison {
    compare_with(log, &PlanRequest::default())
}

fn value(found: &MetricResult, arm: usize) -> f64 {
    if arm == 0 { found.arms.champion.as_ref().unwrap().value } else { found.arms.challenger.as_ref().unwrap().value }
}

fn names(count: usize) -> Vec<String> {
    (0..count).map(|index| format!("u{index}")).collect()
}

fn codes(rows: usize, count: usize) -> Vec<u32> {
    (0..rows).map(|row| (unit(row, 9) * count as f64) as u32).collect()
}

fn ramp(rows: usize) -> Vec<f64> {
    (0..rows).map(|row| 1.0 - (row as f64 + 0.5) / rows as f64).collect()
}
