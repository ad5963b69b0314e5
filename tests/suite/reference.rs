//! Every number of a binary comparison against scikit-learn, statsmodels and SciPy: rows made here and, by the same
//! integer generator, in `reference.py`, which wrote `reference.json`.

use std::sync::Arc as Shared;

use assay::compare::{Comparison, Engine, PlanRequest};
use assay::job::JobCx;
use assay::log::{Arm, ArmRole, Classes, Codes, Ids, JoinAudit, Label, Log, PairBasis, RunKind, ScoreKind, Task};
use serde_json::Value;

const ROWS: usize = 600;

/// The generator of `reference.py`.
struct Draws(u64);

impl Draws {
    fn below(&mut self, limit: u64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % limit) as i64
    }
}

fn log(by_unit: bool) -> Log {
    let mut draws = Draws(12_345);
    let mut labels = Vec::new();
    let (mut scores, mut latency) = ([Vec::new(), Vec::new()], [Vec::new(), Vec::new()]);
    let mut shift = 0;
    for row in 0..ROWS {
        if row % 3 == 0 {
            shift = draws.below(300);
        }
        let y = i64::from(draws.below(1000) + shift > 850);
        let base = 250 * y + shift + draws.below(300);
        labels.push(y as u8);
        for (arm, (spread, offset)) in [(350, 100), (200, 60)].into_iter().enumerate() {
            scores[arm].push((base + draws.below(spread) - offset).clamp(10, 990) as f64 / 1000.0);
        }
        for (arm, (least, spread)) in [(80, 400), (90, 500)].into_iter().enumerate() {
            latency[arm].push((least + draws.below(spread)) as f64 / 8.0);
        }
    }
    let arm = |index: usize, role: ArmRole| Arm {
        name: format!("model {index}"),
        role,
        logged: ROWS as u64,
        score_kind: ScoreKind::Probability,
        scores: Some(scores[index].clone()),
        predictions: None,
        latency_ms: Some(latency[index].clone()),
        unpaired_latency_ms: Vec::new(),
        served: Default::default(),
    };
    let units: Vec<u32> = (0..ROWS as u32).map(|row| row / 3).collect();
    let names = (0..ROWS / 3).map(|unit| format!("u{unit}")).collect();
    Log {
        content: Default::default(),
        kind: RunKind::Shadow,
        task: Task::Binary,
        rows: ROWS,
        ids: Ids::Position(ROWS),
        arms: vec![arm(0, ArmRole::Champion), arm(1, ArmRole::Challenger)],
        classes: Classes { negative: "good".to_owned(), positive: "bad".to_owned() },
        times: None,
        units: by_unit.then(|| ("user".to_owned(), Codes::new(names, &units))),
        features: Vec::new(),
        audit: JoinAudit {
            basis: PairBasis::SameRow,
            ids: ROWS as u64,
            paired: ROWS as u64,
            champion_only: 0,
            challenger_only: 0,
            duplicate_same: 0,
            duplicate_different: 0,
            conflicts_kept: false,
            without_id: 0,
            labels: Label { present: ROWS as u64, ..Label::default() },
        },
        sources: Vec::new(),
        labels,
        split: None,
    }
}

fn compared(by_unit: bool) -> Comparison {
    let engine = Engine::new(Shared::new(log(by_unit)), None, &JobCx::new()).unwrap();
    let request =
        PlanRequest { thresholds: [Some(0.5); 2], partial_fpr: 0.05, costs: [1.0, 7.0], ..PlanRequest::default() };
    engine.compare(&engine.plan(&request).unwrap(), &JobCx::new()).unwrap()
}

fn reference() -> Value {
    serde_json::from_str(include_str!("reference.json")).unwrap()
}

fn close(found: Option<f64>, expected: &Value, tolerance: f64, what: &str) {
    let (Some(found), Some(expected)) = (found, expected.as_f64()) else {
        panic!("{what}: found {found:?}, expected {expected}");
    };
    let error = (found - expected).abs();
    assert!(error <= tolerance * expected.abs().max(1e-3), "{what}: found {found}, expected {expected}");
}

fn metrics_are_those_of(part: &str, by_unit: bool) {
    let (found, reference) = (compared(by_unit), reference());
    let expected = reference[part].as_object().unwrap();
    assert_eq!(expected.len(), 18, "one per metric");
    for (name, expected) in expected {
        let metric = found.metric(name).unwrap();
        // Its reference is a numerical derivative.
        let tolerance = if name == "partial_auc" { 1e-6 } else { 1e-9 };
        for (index, arm) in [&metric.arms.champion, &metric.arms.challenger].into_iter().enumerate() {
            let arm = arm.as_ref().unwrap();
            for (field, value) in [("value", Some(arm.value)), ("lo", arm.lo), ("hi", arm.hi)] {
                match &expected[index][field] {
                    Value::Null => assert_eq!(value, None, "{part} {name} arm {index} {field}"),
                    expected => close(value, expected, tolerance, &format!("{part} {name} arm {index} {field}")),
                }
            }
        }
        let found = metric.difference.as_ref().unwrap();
        let fields = [("value", Some(found.value)), ("lo", found.lo), ("hi", found.hi), ("p", found.p)];
        for (field, value) in fields.into_iter().chain([("se", found.se)]) {
            match &expected[2][field] {
                Value::Null => {}
                expected => close(value, expected, tolerance, &format!("{part} {name} difference {field}")),
            }
        }
    }
}

#[test]
fn metrics_of_independent_rows() {
    metrics_are_those_of("rows", false);
}

#[test]
fn metrics_of_rows_clustered_by_unit() {
    metrics_are_those_of("units", true);
}

#[test]
fn latency_quantiles_and_score_distances() {
    let (found, reference) = (compared(false), reference());
    for (name, expected) in reference["latency"].as_object().unwrap() {
        let metric = found.metric(name).unwrap();
        close(metric.arms.champion.as_ref().map(|arm| arm.value), &expected[0], 1e-12, name);
        close(metric.arms.challenger.as_ref().map(|arm| arm.value), &expected[1], 1e-12, name);
    }
    let scores = found.scores.unwrap();
    close(scores.ks_distance, &reference["scores"]["ks_distance"], 1e-12, "ks");
    close(scores.pearson, &reference["scores"]["pearson"], 1e-12, "pearson");
}
