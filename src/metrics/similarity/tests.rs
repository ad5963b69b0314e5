use super::*;
use crate::metrics::measured::jackknife_gap;

fn vectors(dimensions: usize, values: impl IntoIterator<Item = f64>) -> Vectors {
    Vectors { dimensions, values: values.into_iter().map(|value| value as f32).collect() }
}

fn found(a: &Vectors, b: &Vectors, name: &str, gold: Option<&[f64]>) -> Outcome {
    let (by, _) = parts(name).unwrap();
    measure(name, &similarities(a, b, by.unwrap())?, gold)
}

#[test]
fn similarities_by_hand() {
    let (a, b) = (vectors(2, [3.0, 4.0, 1.0, 0.0]), vectors(2, [4.0, 3.0, 0.0, 2.0]));
    let of = |by| similarities(&a, &b, by).unwrap();
    assert_eq!(of(Similarity::Dot), [24.0, 0.0]);
    assert!((of(Similarity::Cosine)[0] - 0.96).abs() < 1e-15);
    assert_eq!(of(Similarity::Euclidean), [-(2f64.sqrt()), -(5f64.sqrt())]);
    let mean = found(&a, &b, "euclidean", None).unwrap().value;
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
                vectors(2, rows.iter().flat_map(|&row| [column[2 * row], column[2 * row + 1]]).collect::<Vec<_>>())
            };
            let gold: Vec<f64> = rows.iter().map(|&row| gold[row]).collect();
            found(&pick(&a), &pick(&b), metric.name, Some(&gold))
        });
        assert!(gap < 0.15, "{}: {gap}", metric.name);
    }
}

#[test]
fn what_has_no_value_says_why() {
    let a = vectors(2, [1.0, 0.0, 0.0, 0.0, 1.0, 1.0]);
    let reason = |name: &str, gold: Option<&[f64]>| found(&a, &a, name, gold).unwrap_err();
    assert!(reason("cosine", None).starts_with("1 rows hold a vector of length 0"));
    assert_eq!(reason("dot_pearson", None), "no gold scores are logged");
    assert_eq!(reason("dot_pearson", Some(&[1.0; 3])), "the gold scores are all equal");
    assert_eq!(reason("euclidean_spearman", Some(&[1.0, 2.0, 3.0])), "the similarities are all equal");
    assert!(reason("dot_spearman", Some(&[1.0])).contains("1 gold scores"));
    assert!(measure("spearman", &[1.0, 2.0], Some(&[1.0, 2.0])).unwrap_err().contains("at least 3 rows"));
    assert!(similarities(&a, &vectors(3, [1.0; 6]), Similarity::Dot).unwrap_err().contains("cannot be paired"));
    assert_eq!(measure("dot", &[], None).unwrap_err(), "no row");
    assert!(METRICS.iter().chain(&LOGGED).all(|metric| parts(metric.name).is_some()));
    assert_eq!((parts("cosine_kendall"), parts("jaccard")), (None, None));
}
