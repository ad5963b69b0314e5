use proptest::prelude::*;

use super::ordinal::Weights;
use super::*;
use crate::metrics::Measured;
use crate::metrics::measured::jackknife_gap;

const CLASSES: usize = 4;

/// Truths, decisions and probabilities with ties, in 64ths.
fn rows(n: usize) -> (Vec<u32>, Vec<u32>, Vec<f64>) {
    let mut state = 7u64;
    let mut below = |limit: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % limit
    };
    let (mut truth, mut predicted, mut cells) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..n {
        let class = below(CLASSES as u64).min(below(CLASSES as u64)) as usize;
        let mut weights: Vec<u64> = (0..CLASSES).map(|c| 2 + below(8) + if c == class { 5 } else { 0 }).collect();
        let sum: u64 = weights.iter().sum();
        let best = (0..CLASSES).max_by_key(|&c| (weights[c], CLASSES - c)).unwrap();
        truth.push(class as u32);
        predicted.push(best as u32);
        cells.extend(weights.drain(..).map(|w| w as f64 / sum as f64));
    }
    (truth, predicted, cells)
}

fn pick<T: Copy>(column: &[T], rows: &[usize], width: usize) -> Vec<T> {
    rows.iter().flat_map(|&row| column[row * width..][..width].iter().copied()).collect()
}

fn value(outcome: &Outcome) -> f64 {
    outcome.as_ref().unwrap().value
}

#[test]
fn influence_is_that_of_the_jackknife() {
    let (truth, predicted, cells) = rows(300);
    let at = |rows: &[usize], of: &dyn Fn(&Classes<'_>) -> Outcome| {
        let (truth, predicted, cells) = (pick(&truth, rows, 1), pick(&predicted, rows, 1), pick(&cells, rows, CLASSES));
        of(&Classes::new(&truth, &predicted, Some(&cells), CLASSES))
    };
    for metric in METRICS.iter().filter(|metric| !metric.name.ends_with("calibration_error")) {
        let name = if metric.name == "top_5_accuracy" { "top_2_accuracy" } else { metric.name };
        let gap = jackknife_gap(truth.len(), |rows| at(rows, &|found| found.measure(name)));
        assert!(gap < 0.1, "{name}: {gap}");
    }
    for weights in [Weights::Linear, Weights::Quadratic] {
        let gap = jackknife_gap(truth.len(), |rows| at(rows, &|found| found.weighted_kappa(weights)));
        assert!(gap < 0.1, "{weights:?}: {gap}");
    }
}

#[test]
fn areas_equal_the_share_of_pairs() {
    let (truth, predicted, cells) = rows(120);
    let found = Classes::new(&truth, &predicted, Some(&cells), CLASSES);
    let area = |class: usize, among: &dyn Fn(u32) -> bool| {
        let score = |row: usize| cells[row * CLASSES + class];
        let (mut won, mut pairs) = (0.0, 0.0);
        for i in (0..truth.len()).filter(|&i| truth[i] as usize == class) {
            for j in (0..truth.len()).filter(|&j| truth[j] as usize != class && among(truth[j])) {
                pairs += 1.0;
                won += if score(i) > score(j) {
                    1.0
                } else if score(i) == score(j) {
                    0.5
                } else {
                    0.0
                };
            }
        }
        won / pairs
    };
    let rest = (0..CLASSES).map(|class| area(class, &|_| true)).sum::<f64>() / CLASSES as f64;
    assert!((value(&found.measure("roc_auc_ovr")) - rest).abs() < 1e-12);
    let mut pairs = 0.0;
    for class in 0..CLASSES {
        for other in (0..CLASSES).filter(|other| *other != class) {
            pairs += area(class, &|truth| truth as usize == other) / (CLASSES * (CLASSES - 1)) as f64;
        }
    }
    assert!((value(&found.measure("roc_auc_ovo")) - pairs).abs() < 1e-12);
}

#[test]
fn two_classes_are_the_binary_metrics() {
    let truth = [0, 0, 0, 1, 1, 1, 1, 0];
    let predicted = [0, 1, 0, 1, 1, 0, 1, 0];
    let found = Classes::new(&truth, &predicted, None, 2);
    // TP 3, FN 1, FP 1, TN 3.
    assert!((value(&found.measure("mcc")) - 0.5).abs() < 1e-12);
    assert!((value(&found.measure("kappa")) - 0.5).abs() < 1e-12);
    assert!((value(&found.weighted_kappa(Weights::Linear)) - 0.5).abs() < 1e-12);
    assert!((value(&found.measure("macro_f1")) - 0.75).abs() < 1e-12);
    assert_eq!(found.counts()[1], Count { support: 4, predicted: 4, hits: 3 });
}

#[test]
fn what_has_no_value_says_why() {
    let reason = |truth: &[u32], predicted: &[u32], cells: Option<&[f64]>, name: &str| {
        Classes::new(truth, predicted, cells, 3).measure(name).unwrap_err()
    };
    for metric in &METRICS {
        assert_eq!(reason(&[], &[], None, metric.name), "no row");
    }
    assert_eq!(reason(&[1, 1], &[0, 1], None, "mcc"), "every row is truly of one class");
    assert_eq!(reason(&[1, 0], &[1, 1], None, "mcc"), "one class is predicted for every row");
    assert_eq!(reason(&[1, 1], &[1, 1], None, "kappa"), "truth and prediction are one class on every row");
    assert_eq!(reason(&[1, 0], &[1, 1], None, "weighted_precision"), "a true class is never predicted");
    assert_eq!(reason(&[1, 0], &[1, 1], None, "log_loss"), "no probabilities are logged");
    let cells = [0.2, 0.3, 0.5, 0.1, f64::NAN, 0.2];
    assert!(reason(&[1, 0], &[1, 1], Some(&cells), "brier").starts_with("1 rows hold a probability"));
    let cells = [0.2, 0.3, 0.5, 0.1, 0.7, 0.2];
    assert_eq!(reason(&[1, 1], &[1, 1], Some(&cells), "roc_auc_ovo"), "every row is truly of one class");
    assert_eq!(
        reason(&[1, 0], &[1, 1], Some(&cells), "top_5_accuracy"),
        "there are 3 classes to choose the top 5 from"
    );
    // A constant score tells nothing apart.
    let flat = [1.0 / 3.0; 6];
    assert_eq!(value(&Classes::new(&[1, 0], &[1, 1], Some(&flat), 3).measure("roc_auc_ovr")), 0.5);
    assert_eq!(value(&Classes::new(&[1, 0], &[1, 1], Some(&flat), 3).measure("top_1_accuracy")), 1.0 / 3.0);
}

#[test]
fn a_thousand_classes_need_no_table_of_pairs() {
    let classes = 100_000;
    let truth: Vec<u32> = (0..400_000).map(|row| row % classes).collect();
    let predicted: Vec<u32> =
        truth.iter().map(|&class| if class % 4 == 0 { (class + 1) % classes } else { class }).collect();
    let found = Classes::new(&truth, &predicted, None, classes as usize);
    assert!((value(&found.measure("accuracy")) - 0.75).abs() < 1e-12);
    for name in ["macro_f1", "mcc", "kappa", "balanced_accuracy"] {
        let Measured { value, influence, .. } = found.measure(name).unwrap();
        assert!((0.5..1.0).contains(&value) && influence.unwrap().len() == truth.len(), "{name}");
    }
}

proptest! {
    #[test]
    fn laws(rows in prop::collection::vec((0u32..4, 0u32..4, prop::array::uniform4(1u32..9)), 2..80)) {
        let columns = |rows: &[(u32, u32, [u32; 4])]| {
            let truth: Vec<u32> = rows.iter().map(|row| row.0).collect();
            let predicted: Vec<u32> = rows.iter().map(|row| row.1).collect();
            let cells: Vec<f64> = rows
                .iter()
                .flat_map(|row| row.2.map(|w| f64::from(w) / f64::from(row.2.iter().sum::<u32>())))
                .collect();
            measure(&truth, &predicted, Some(&cells), 4)
        };
        let back: Vec<_> = rows.iter().rev().copied().collect();
        let (found, turned) = (columns(&rows), columns(&back));
        for (metric, (found, turned)) in METRICS.iter().zip(found.iter().zip(&turned)) {
            let (Ok(found), Ok(turned)) = (found, turned) else {
                prop_assert_eq!(found, turned);
                continue;
            };
            prop_assert!((found.value - turned.value).abs() < 1e-9 * (1.0 + found.value.abs()), "{}", metric.name);
            if let (Some(a), Some(b)) = (&found.influence, &turned.influence) {
                prop_assert!(a.iter().zip(b.iter().rev()).all(|(a, b)| (a - b).abs() < 1e-8 * (1.0 + a.abs())));
                prop_assert!(a.iter().sum::<f64>().abs() < 1e-8 * a.len() as f64);
            }
        }
        // Accuracy is micro F1: all hits over the mean of all truths and all predictions.
        let truth: Vec<u32> = rows.iter().map(|row| row.0).collect();
        let predicted: Vec<u32> = rows.iter().map(|row| row.1).collect();
        let counts = Classes::new(&truth, &predicted, None, 4);
        let sum = |of: fn(&Count) -> u64| counts.counts().iter().map(of).sum::<u64>() as f64;
        let micro = 2.0 * sum(|count| count.hits) / (sum(|count| count.support) + sum(|count| count.predicted));
        prop_assert!((value(&found[0]) - micro).abs() < 1e-12);
    }
}
