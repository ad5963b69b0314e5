//! Both models on the same rows: exchangeable models, so that every difference is 0.

use assay::compare::{Comparison, PlanRequest, ValueModel};
use assay::log::{Content, Log, RunKind, Task};

use super::super::scenarios::Draw;
use super::{Stream, World, at_5, compare, difference_misses, differences_miss, log, misses, numbers, units};

/// Users of 1 to 9 rows; of each row its user.
fn users(s: &mut Stream<'_>, count: u32) -> Vec<u32> {
    (0..count).flat_map(|user| vec![user; 1 + s.below(9)]).collect()
}

/// Labels and two exchangeable scores of probabilities in hundredths, of which a user's rows share half, with latency in
/// whole milliseconds.
fn scored(s: &mut Stream<'_>, of: &[u32], prevalence: f64) -> Log {
    let count = of.last().map_or(0, |last| last + 1) as usize;
    let shared: Vec<[f64; 3]> = (0..count).map(|_| [s.normal(), s.normal(), s.normal()]).collect();
    let mut labels = Vec::with_capacity(of.len());
    let (mut scores, mut latency) = ([Vec::new(), Vec::new()], [Vec::new(), Vec::new()]);
    for &user in of {
        let mine = shared[user as usize];
        let label = s.chance(prevalence);
        labels.push(u8::from(label));
        let base = s.normal();
        for arm in 0..2 {
            let logit = -1.0 + if label { 1.6 } else { 0.0 } + 0.6 * base + 0.6 * mine[arm] + 0.6 * s.normal();
            scores[arm].push((100.0 / (1.0 + (-logit).exp())).round() / 100.0);
            latency[arm].push((3.0 + 0.5 * mine[2] + 0.3 * mine[arm] + 0.8 * s.normal()).exp().round());
        }
    }
    let mut log = log(RunKind::Shadow, Task::Binary, labels, scores.map(Some), Content::Binary);
    for (arm, latency) in log.arms.iter_mut().zip(latency) {
        arm.latency_ms = Some(latency);
    }
    log
}

fn at_half() -> PlanRequest {
    PlanRequest { thresholds: [Some(0.5); 2], ..PlanRequest::default() }
}

const METRICS: [&str; 12] = [
    "roc_auc",
    "average_precision",
    "accuracy",
    "precision",
    "recall",
    "f1",
    "mcc",
    "log_loss",
    "brier",
    "calibration_slope",
    "latency_p50",
    "latency_p95",
];

fn read(found: &Comparison) -> Vec<Option<bool>> {
    differences_miss(found, &METRICS)
}

/// Answers of two models of which a fifth differ, half of a user's rows copying the user's: a kappa of 0.22 / 0.42.
fn agreeing(d: &Draw) -> Vec<Option<bool>> {
    let mut s = Stream::new(d);
    let of = users(&mut s, 120);
    let draw = |s: &mut Stream<'_>| match s.uniform() {
        u if u < 0.2 => [1u8, 1],
        u if u < 0.3 => [1, 0],
        u if u < 0.4 => [0, 1],
        _ => [0, 0],
    };
    let own: Vec<[u8; 2]> = (0..120).map(|_| draw(&mut s)).collect();
    let rows: Vec<[u8; 2]> =
        of.iter().map(|&user| if s.chance(0.7) { own[user as usize] } else { draw(&mut s) }).collect();
    let labels: Vec<u8> = rows.iter().map(|_| u8::from(s.chance(0.3))).collect();
    let mut log = log(RunKind::Shadow, Task::Binary, labels, [None, None], Content::Binary);
    for (at, arm) in log.arms.iter_mut().enumerate() {
        arm.predictions = Some(rows.iter().map(|row| row[at]).collect());
    }
    log.units = units(&of);
    let found = compare(log, &PlanRequest::default());
    let agreed = found.agreed.as_ref().unwrap();
    vec![misses(agreed.churn.as_ref(), 0.2), misses(agreed.kappa.as_ref(), 0.22 / 0.42)]
}

/// The same without users.
fn agreeing_by_row(d: &Draw) -> Vec<Option<bool>> {
    let mut s = Stream::new(d);
    let rows: Vec<[u8; 2]> = (0..300)
        .map(|_| match s.uniform() {
            u if u < 0.04 => [1u8, 1],
            u if u < 0.05 => [1, 0],
            u if u < 0.06 => [0, 1],
            _ => [0, 0],
        })
        .collect();
    let mut log = log(RunKind::Shadow, Task::Binary, vec![0; 300], [None, None], Content::Binary);
    for (at, arm) in log.arms.iter_mut().enumerate() {
        arm.predictions = Some(rows.iter().map(|row| row[at]).collect());
    }
    let found = compare(log, &PlanRequest::default());
    let agreed = found.agreed.as_ref().unwrap();
    // Both say yes 5 times in 100: chance alone agrees on 0.905.
    vec![misses(agreed.churn.as_ref(), 0.02), misses(agreed.kappa.as_ref(), (0.98 - 0.905) / 0.095)]
}

/// Decisions on amounts of money with heavy tails, which are a user's own.
fn valued(d: &Draw) -> Vec<Option<bool>> {
    let mut s = Stream::new(d);
    let of = users(&mut s, 400);
    let mut log = scored(&mut s, &of, 0.15);
    let own: Vec<f64> = (0..400).map(|_| s.normal()).collect();
    let amount = of.iter().map(|&user| (3.0 + own[user as usize] + 1.1 * s.normal()).exp()).collect();
    log.features.push(numbers("amount", amount));
    log.units = units(&of);
    let value = ValueModel::from_line("tp=1,fp=-0.2,fn=-1,amount=amount").unwrap();
    let found = compare(log, &PlanRequest { value: Some(value), ..at_half() });
    vec![difference_misses(&found, "business_value", 0.0)]
}

pub fn worlds() -> Vec<World> {
    vec![
        World {
            data: "shadow, 150 users of 1 to 9 rows, 20 % positive, tied scores",
            small: 24,
            claims: vec![
                at_5("AUC difference by unit (Obuchowski)", 0.07),
                at_5("average precision difference by unit", 0.07),
                at_5("accuracy difference by unit", 0.07),
                at_5("precision difference by unit", 0.07),
                at_5("recall difference by unit", 0.07),
                at_5("F1 difference by unit", 0.07),
                at_5("MCC difference by unit", 0.07),
                at_5("log loss difference by unit", 0.07),
                at_5("Brier difference by unit", 0.07),
                at_5("calibration slope difference by unit", 0.08),
                at_5("p50 latency difference by unit (Woodruff)", 0.07),
                at_5("p95 latency difference by unit (Woodruff)", 0.08),
            ],
            wrong: |d| {
                let mut s = Stream::new(d);
                let of = users(&mut s, 150);
                let mut log = scored(&mut s, &of, 0.2);
                log.units = units(&of);
                read(&compare(log, &at_half()))
            },
        },
        World {
            data: "shadow, 600 rows, 5 % positive, tied scores",
            small: 24,
            claims: vec![
                at_5("AUC difference (DeLong)", 0.08),
                at_5("average precision difference", 0.08),
                at_5("accuracy difference (Tango)", 0.06),
                at_5("precision difference", 0.09),
                at_5("recall difference (Tango)", 0.06),
                at_5("F1 difference", 0.08),
                at_5("MCC difference", 0.08),
                at_5("log loss difference", 0.07),
                at_5("Brier difference", 0.07),
                at_5("calibration slope difference", 0.08),
                at_5("p50 latency difference, paired", 0.07),
                at_5("p95 latency difference, paired", 0.07),
            ],
            wrong: |d| {
                let mut s = Stream::new(d);
                let of: Vec<u32> = (0..600).collect();
                read(&compare(scored(&mut s, &of, 0.05), &at_half()))
            },
        },
        World {
            data: "shadow, 120 users of 1 to 9 like rows, a fifth answered otherwise",
            small: 24,
            claims: vec![at_5("churn by unit", 0.07), at_5("kappa of two models by unit", 0.08)],
            wrong: agreeing,
        },
        World {
            data: "shadow, 300 rows, 2 % answered otherwise, 5 % yes",
            small: 24,
            claims: vec![at_5("churn (Wilson)", 0.07), at_5("kappa of two models", 0.06)],
            wrong: agreeing_by_row,
        },
        World {
            data: "shadow, 400 users, amounts log-normal (sigma 1.5)",
            small: 24,
            claims: vec![at_5("business value difference by unit", 0.07)],
            wrong: valued,
        },
    ]
}
