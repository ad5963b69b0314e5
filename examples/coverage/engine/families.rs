//! Other tasks, both models on the same rows.

use assay::compare::{Detail, PlanRequest};
use assay::log::{Coded, Content, Log, Numbers, Pairs, RunKind, Similarity, Task, Vectors};

use super::super::scenarios::Draw;
use super::{Stream, World, at_5, compare, differences_miss, flag, log, units};

const HOUR: i64 = 3_600_000_000;

/// Forecasts an hour apart whose errors are AR(1).
fn forecasts(d: &Draw, rows: usize, phi: f64) -> Log {
    let mut s = Stream::new(d);
    let mut last = [s.normal(), s.normal()].map(|start| start / (1.0 - phi * phi).sqrt());
    let (mut truth, mut scores) = (Vec::new(), [Vec::new(), Vec::new()]);
    for row in 0..rows {
        let level = 50.0 + 10.0 * (row as f64 / 12.0).sin() + s.normal();
        truth.push(level);
        for arm in 0..2 {
            last[arm] = phi * last[arm] + s.normal();
            scores[arm].push(level + last[arm]);
        }
    }
    let content = Content::Numbers(Numbers { truth, ..Numbers::default() });
    let mut log = log(RunKind::Shadow, Task::Regression, vec![0; rows], scores.map(Some), content);
    log.times = Some((0..rows as i64).map(|row| row * HOUR).collect());
    log
}

/// Tests of Diebold and Mariano on the absolute and the squared error.
fn in_time(log: Log) -> Vec<Option<bool>> {
    let Detail::Regression(errors) = compare(log, &PlanRequest::default()).detail else {
        unreachable!("a regression has errors")
    };
    errors.time_tests.iter().map(|test| test.p.map(|p| p <= 0.05)).collect()
}

/// Predictions with heavy-tailed errors that a user's rows share.
fn predictions(d: &Draw) -> Vec<Option<bool>> {
    let mut s = Stream::new(d);
    let of: Vec<u32> = (0..200).flat_map(|user| vec![user; 1 + s.below(5)]).collect();
    let own: Vec<[f64; 2]> = (0..200).map(|_| [s.normal(), s.normal()]).collect();
    let (mut truth, mut scores) = (Vec::new(), [Vec::new(), Vec::new()]);
    for &user in &of {
        let level = 100.0 + 20.0 * s.normal();
        truth.push(level);
        for (arm, scores) in scores.iter_mut().enumerate() {
            let (sign, size) = (s.normal().signum(), own[user as usize][arm] + 0.8 * s.normal());
            scores.push(level + sign * size.exp());
        }
    }
    let content = Content::Numbers(Numbers { truth, ..Numbers::default() });
    let mut log = log(RunKind::Shadow, Task::Regression, vec![0; of.len()], scores.map(Some), content);
    log.units = units(&of);
    differences_miss(&compare(log, &PlanRequest::default()), &["mae", "rmse", "r2", "median_absolute_error"])
}

/// Answers among four classes of unlike size, a third of a user's rows sharing its luck.
fn classes(d: &Draw) -> Vec<Option<bool>> {
    let mut s = Stream::new(d);
    let of: Vec<u32> = (0..150).flat_map(|user| vec![user; 1 + s.below(7)]).collect();
    let own: Vec<[bool; 2]> = (0..150).map(|_| [s.chance(0.7), s.chance(0.7)]).collect();
    let class = |s: &mut Stream<'_>| match s.uniform() {
        u if u < 0.6 => 0,
        u if u < 0.85 => 1,
        u if u < 0.96 => 2,
        _ => 3u32,
    };
    let (mut truth, mut answers) = (Vec::new(), vec![Vec::new(), Vec::new()]);
    for &user in &of {
        let is = class(&mut s);
        truth.push(is);
        for (arm, answers) in answers.iter_mut().enumerate() {
            let right = if s.chance(0.33) { own[user as usize][arm] } else { s.chance(0.7) };
            answers.push(if right { is } else { class(&mut s) });
        }
    }
    let names = ["a", "b", "c", "d"].map(str::to_owned).to_vec();
    let content = Content::Coded(Coded { names, truth, answers, probabilities: vec![None, None], ..Coded::default() });
    let mut log = log(RunKind::Shadow, Task::Multiclass, vec![0; of.len()], [None, None], content);
    log.units = units(&of);
    differences_miss(&compare(log, &PlanRequest::default()), &["accuracy", "macro_f1", "balanced_accuracy", "mcc"])
}

/// A judge without a preference, who calls a third of the pairs even.
fn judged(d: &Draw) -> Vec<Option<bool>> {
    let mut s = Stream::new(d);
    let of: Vec<u32> = (0..60).flat_map(|user| vec![user; 1 + s.below(4)]).collect();
    let own: Vec<f64> = (0..60).map(|_| flag(s.chance(0.5))).collect();
    let said = of.iter().map(|&user| match s.uniform() {
        u if u < 0.33 => 0.5,
        u if u < 0.6 => own[user as usize],
        _ => flag(s.chance(0.5)),
    });
    let preferences = Some(said.collect());
    let names = ["one", "two", "three"].map(str::to_owned).to_vec();
    let truth = of.iter().map(|_| s.below(3) as u32).collect();
    let answers = (0..2).map(|_| of.iter().map(|_| s.below(3) as u32).collect()).collect();
    let content = Content::Coded(Coded { names, truth, answers, preferences, ..Coded::default() });
    let mut log = log(RunKind::Shadow, Task::Text, vec![0; of.len()], [None, None], content);
    log.units = units(&of);
    differences_miss(&compare(log, &PlanRequest::default()), &["win_rate", "exact_match"])
}

/// Vectors of pairs of items with gold scores in halves.
fn similar(d: &Draw) -> Vec<Option<bool>> {
    let mut s = Stream::new(d);
    let rows = 150;
    let mut gold = Vec::new();
    let mut values = [[Vec::new(), Vec::new()], [Vec::new(), Vec::new()]];
    for _ in 0..rows {
        let near = s.uniform();
        gold.push((near * 10.0).round() / 2.0);
        for arm in &mut values {
            for _ in 0..4 {
                let (a, b) = (s.normal(), s.normal());
                arm[0].push(a as f32);
                arm[1].push((near * a + (1.0 - near) * b) as f32);
            }
        }
    }
    let vectors = values.map(|pair| pair.map(|values| Vectors { dimensions: 4, values }));
    let scores = vectors
        .each_ref()
        .map(|[a, b]| Some((0..rows).map(|row| Similarity::Cosine.of(a.row(row), b.row(row))).collect()));
    let content = Content::Pairs(Pairs { gold: Some(gold), arms: vectors.map(Some).to_vec() });
    let log = log(RunKind::Shadow, Task::Similarity, vec![0; rows], scores, content);
    differences_miss(&compare(log, &PlanRequest::default()), &["cosine_spearman", "cosine_pearson"])
}

pub fn worlds() -> Vec<World> {
    vec![
        World {
            data: "forecasts, 300 hours, errors AR(1) 0.3",
            small: 24,
            claims: vec![at_5("Diebold-Mariano, absolute error", 0.07), at_5("Diebold-Mariano, squared error", 0.07)],
            wrong: |d| in_time(forecasts(d, 300, 0.3)),
        },
        World {
            data: "forecasts, 300 hours, errors AR(1) 0.7",
            small: 24,
            claims: vec![at_5("Diebold-Mariano, absolute error", 0.07), at_5("Diebold-Mariano, squared error", 0.07)],
            wrong: |d| in_time(forecasts(d, 300, 0.7)),
        },
        World {
            data: "forecasts, 60 hours, errors AR(1) 0.7",
            small: 24,
            claims: vec![at_5("Diebold-Mariano, absolute error", 0.07), at_5("Diebold-Mariano, squared error", 0.07)],
            wrong: |d| in_time(forecasts(d, 60, 0.7)),
        },
        World {
            data: "regression, 200 users of 1 to 5 rows, heavy tails",
            small: 24,
            claims: vec![
                at_5("MAE difference by unit", 0.07),
                at_5("RMSE difference by unit", 0.07),
                at_5("R² difference by unit", 0.07),
                at_5("median absolute error difference by unit", 0.07),
            ],
            wrong: predictions,
        },
        World {
            data: "four classes, 150 users of 1 to 7 rows, rarest 4 %",
            small: 24,
            claims: vec![
                at_5("accuracy difference by unit (multiclass)", 0.07),
                at_5("macro F1 difference by unit", 0.07),
                at_5("balanced accuracy difference by unit", 0.07),
                at_5("MCC difference by unit (multiclass)", 0.07),
            ],
            wrong: classes,
        },
        World {
            data: "texts of 60 users, a third of the judgements even",
            small: 24,
            claims: vec![at_5("win rate difference by unit", 0.08), at_5("exact match difference by unit", 0.08)],
            wrong: judged,
        },
        World {
            data: "150 pairs of vectors, tied gold scores",
            small: 24,
            claims: vec![at_5("Spearman difference (influence)", 0.07), at_5("Pearson difference (influence)", 0.07)],
            wrong: similar,
        },
    ]
}
