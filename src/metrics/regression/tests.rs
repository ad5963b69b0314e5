use proptest::prelude::*;

use super::forecast::{Limits, coverage, mase, pinball, weighted_interval_score};
use super::*;
use crate::metrics::measured::jackknife_gap;

fn rows() -> (Vec<f64>, Vec<f64>) {
    let truth = |row: usize| ((row * 37) % 101) as f64 - 30.5;
    let noise = |row: usize| (((row * 53) % 89) as f64 - 40.0) / 4.0;
    (0..400).map(|row| (truth(row), truth(row) + noise(row))).unzip()
}

#[test]
fn influence_is_that_of_the_jackknife() {
    let (truth, predicted) = rows();
    for metric in &METRICS {
        let at = |rows: &[usize]| {
            let pick = |column: &[f64]| rows.iter().map(|&row| column[row]).collect::<Vec<f64>>();
            Numbers::new(&pick(&truth), &pick(&predicted)).measure(metric.name)
        };
        // Quantiles are not smooth: their density is estimated, see below.
        if at(&[0, 1, 2]).is_ok() && !metric.name.contains("absolute_error") && metric.name != "max_error" {
            let gap = jackknife_gap(truth.len(), at);
            assert!(gap < 0.1, "{}: {gap}", metric.name);
        }
    }
}

#[test]
fn quantiles_have_the_standard_error_of_their_density() {
    // Absolute errors 0, 1, ..., n - 1 have the density 1/n.
    let n = 4001;
    let truth = vec![0.0; n];
    let predicted: Vec<f64> = (0..n).map(|row| ((row * 7) % n) as f64).collect();
    for (name, q) in [("median_absolute_error", 0.5), ("absolute_error_p90", 0.9)] {
        let found = Numbers::new(&truth, &predicted).measure(name).unwrap();
        assert!((found.value - q * (n - 1) as f64).abs() < 1e-9);
        let influence = found.influence.unwrap();
        let spread = (influence.iter().map(|u| u * u).sum::<f64>() / n as f64).sqrt();
        assert!((spread / (n as f64 * (q * (1.0 - q)).sqrt()) - 1.0).abs() < 0.02, "{name}");
    }
}

#[test]
fn what_has_no_value_says_why() {
    let reason =
        |truth: &[f64], predicted: &[f64], name: &str| Numbers::new(truth, predicted).measure(name).unwrap_err();
    for metric in &METRICS {
        assert_eq!(reason(&[], &[], metric.name), "no row");
    }
    assert_eq!(reason(&[0.0, 2.0, 0.0], &[1.0; 3], "mape"), "2 true values are 0");
    assert_eq!(reason(&[0.0; 2], &[1.0; 2], "wape"), "every true value is 0");
    for name in ["r2", "explained_variance", "pearson", "spearman"] {
        assert_eq!(reason(&[3.1; 3], &[1.0, 2.0, 3.0], name), "the true values are all equal");
    }
    assert_eq!(reason(&[1.0, 2.0, 3.0], &[3.1; 3], "spearman"), "the predictions are all equal");
    assert_eq!(reason(&[2.0; 3], &[2.0; 3], "ccc"), "the true values are all equal");
    assert!(reason(&[1e200, 1.0], &[-1e200, 1.0], "mse").contains("too large"));
    let few = Numbers::new(&[1.0, 2.0], &[2.0, 5.0]).measure("median_absolute_error").unwrap();
    assert_eq!((few.value, few.no_interval), (2.0, Some("too few rows for this quantile")));
}

#[test]
fn forecasts_against_values_by_hand() {
    let truth = [3.0, 5.0, 4.0, 8.0];
    // Naive errors 2, 1, 4.
    assert!((mase(&truth, &[4.0, 5.0, 4.0, 7.0], &truth, 1).unwrap().value - 0.5 / (7.0 / 3.0)).abs() < 1e-12);
    assert!(mase(&truth, &truth, &[1.0; 5], 1).unwrap_err().contains("repeats itself"));
    assert!(mase(&truth, &truth, &[1.0, 2.0], 2).is_err());
    assert!((pinball(&[1.0, 1.0], &[0.0, 3.0], 0.9).unwrap().value - (0.9 + 0.2) / 2.0).abs() < 1e-12);
    assert!(pinball(&truth, &truth, 1.0).is_err());
    assert_eq!(coverage(&truth, &[3.0; 4], &[5.0; 4]).unwrap().value, 0.75);
    assert!(coverage(&truth, &[6.0; 4], &[5.0; 4]).unwrap_err().starts_with("4 rows"));
    let limits = Limits { alpha: 0.2, lower: &[3.0; 4], upper: &[5.0; 4] };
    // (|y - 4| / 2 + 0.1 * 2 + beyond) / 1.5
    let expected = (4.0 * 0.2 + (1.0 + 1.0 + 0.0 + 4.0) / 2.0 + 3.0) / 1.5 / 4.0;
    assert!((weighted_interval_score(&truth, &[4.0; 4], &[limits]).unwrap().value - expected).abs() < 1e-12);
}

proptest! {
    #[test]
    fn laws(rows in prop::collection::vec((-50i32..50, -50i32..50), 3..120)) {
        let (truth, predicted): (Vec<f64>, Vec<f64>) = rows.iter().map(|&(y, p)| (f64::from(y), f64::from(p))).unzip();
        let back = |column: &[f64]| column.iter().rev().copied().collect::<Vec<f64>>();
        let (found, turned) = (measure(&truth, &predicted), measure(&back(&truth), &back(&predicted)));
        for (metric, (found, turned)) in METRICS.iter().zip(found.iter().zip(&turned)) {
            let (Ok(found), Ok(turned)) = (found, turned) else {
                prop_assert_eq!(found, turned);
                continue;
            };
            prop_assert!((found.value - turned.value).abs() < 1e-9 * (1.0 + found.value.abs()), "{}", metric.name);
            if let Some(influence) = &found.influence {
                let scale = influence.iter().fold(1.0, |most: f64, u| most.max(u.abs()));
                prop_assert!(influence.iter().sum::<f64>().abs() < 1e-9 * scale * influence.len() as f64);
            }
        }
        let numbers = Numbers::new(&truth, &predicted);
        let value = |name: &str| numbers.measure(name).map(|found| found.value);
        if let (Ok(r2), Ok(explained)) = (value("r2"), value("explained_variance")) {
            prop_assert!(explained >= r2 - 1e-9);
        }
        prop_assert!(value("mae").unwrap() <= value("rmse").unwrap() + 1e-9);
        if let (Ok(ccc), Ok(pearson)) = (value("ccc"), value("pearson")) {
            prop_assert!(ccc.abs() <= pearson.abs() + 1e-9);
        }
    }
}
