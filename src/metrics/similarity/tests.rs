use super::*;
use crate::metrics::measured::jackknife_gap;

#[test]
fn similarities_by_hand() {
    let (a, b) = ([3.0, 4.0, 1.0, 0.0], [4.0, 3.0, 0.0, 2.0]);
    let found = |by| similarities(&a, &b, 2, by).unwrap();
    assert_eq!(found(Similarity::Dot), [24.0, 0.0]);
    assert!((found(Similarity::Cosine)[0] - 0.96).abs() < 1e-15);
    assert_eq!(found(Similarity::Euclidean), [-(2f64.sqrt()), -(5f64.sqrt())]);
    let mean = measure("euclidean", &a, &b, 2, None).unwrap().value;
    assert!((mean - (2f64.sqrt() + 5f64.sqrt()) / 2.0).abs() < 1e-15);
}

#[test]
fn agreement_has_the_influence_of_the_jackknife() {
    let number = |at: usize| ((at * 7919) % 211) as f64 / 30.0 - 3.0;
    let n = 200;
    let (a, b): (Vec<f64>, Vec<f64>) = (0..2 * n).map(|at| (number(at), number(3 * at + 1) + 0.5 * number(at))).unzip();
    let gold: Vec<f64> = (0..n).map(|row| (a[2 * row] * b[2 * row] + number(5 * row)).round()).collect();
    for metric in &METRICS {
        let gap = jackknife_gap(n, |rows| {
            let pick = |column: &[f64]| {
                rows.iter().flat_map(|&row| [column[2 * row], column[2 * row + 1]]).collect::<Vec<_>>()
            };
            let gold: Vec<f64> = rows.iter().map(|&row| gold[row]).collect();
            measure(metric.name, &pick(&a), &pick(&b), 2, Some(&gold))
        });
        assert!(gap < 0.15, "{}: {gap}", metric.name);
    }
}

#[test]
fn what_has_no_value_says_why() {
    let a = [1.0, 0.0, 0.0, 0.0];
    let reason = |name: &str, gold: Option<&[f64]>| measure(name, &a, &a, 2, gold).unwrap_err();
    assert!(reason("cosine", None).starts_with("1 rows hold a vector of length 0"));
    assert_eq!(reason("dot_pearson", None), "no gold scores are logged");
    assert_eq!(reason("dot_pearson", Some(&[1.0, 1.0])), "the gold scores are all equal");
    assert_eq!(reason("euclidean_spearman", Some(&[1.0, 2.0])), "the similarities are all equal");
    assert!(reason("dot_spearman", Some(&[1.0])).contains("1 gold scores"));
    assert!(measure("dot", &a, &a, 3, None).is_err());
    assert_eq!(measure("dot", &[], &[], 3, None).unwrap_err(), "no row");
}
