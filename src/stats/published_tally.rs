//! How many of all published cases come out, and why the others have no method here.

use super::published::{SEEN, load};
use super::*;
use std::collections::BTreeMap;

/// Categories of which some methods are not statistical methods but metrics, which have their own
/// layer and are held against reference values there.
const ELSEWHERE: [(&str, &str); 6] = [
    ("dataset", "data that other cases refer to, nothing to compute"),
    ("metrics", "a metric: computed in `metrics`"),
    ("ranking", "a metric: computed in `metrics`"),
    ("roc.partial_auc", "a metric: computed in `metrics`"),
    ("roc.multiclass", "a metric: computed in `metrics`"),
    ("agreement", "a metric (Cohen's kappa): computed in `metrics`"),
];

/// Every test that reads published cases. One that is missing here leaves its cases in the list of
/// those without a method, and the tally fails.
const TESTS: [fn(); 41] = [
    accumulate::tests::nist_strd_univariate,
    bootstrap::tests::published_intervals,
    calibration::tests::published_calibration,
    canary::kayenta::tests::published_intervals,
    canary::kayenta::tests::published_judgements,
    cuped::tests::published_adjustments,
    delong::tests::published_one_area,
    delong::tests::published_paired,
    delong::tests::published_unpaired,
    diebold_mariano::tests::published_tests,
    drift::tests::published_distances,
    equivalence::tests::published_tost,
    heterogeneity::tests::published_critical_values,
    heterogeneity::tests::published_reversals,
    influence::tests::published_cluster_covariance,
    label_free::tests::published_estimates,
    mcnemar::tests::published_tests,
    mean_difference::tests::published_differences,
    multiplicity::tests::published_adjustments,
    newey_west::tests::published_regression,
    paired_proportion::tests::published_intervals,
    power::auc::tests::published_power,
    power::means::tests::published_power,
    power::proportions::tests::published_power,
    proportion::tests::published_single,
    quantile::tests::published_quantiles,
    rank::kolmogorov_smirnov::tests::published_test,
    rank::mann_whitney::tests::published_tests,
    rank::signed_rank::tests::published_tests,
    rate_ratio::tests::published_ratio,
    ratio::tests::published_ratio,
    sample_ratio::tests::published_splits,
    sequential::asymptotic::tests::published_sequence,
    sequential::bernoulli::tests::published_sequences,
    sequential::group::tests::published_boundaries,
    sequential::mixture::tests::published_mixtures,
    sequential::quantile::tests::published_quantile_tests,
    sequential::stitching::tests::published_boundaries,
    sign_flip::tests::published_test,
    special::student::tests::published_large_degrees,
    unpaired_proportion::tests::published_intervals,
];

#[test]
fn every_published_case_comes_out_or_says_why_not() {
    let Some(all) = load() else { return };
    SEEN.take();
    TESTS.iter().for_each(|test| test());
    let seen: BTreeMap<String, bool> = SEEN.take().into_iter().collect();
    let good = seen.values().filter(|&&good| good).count();
    println!("published: {good} of {} cases with a method here came out; {} cases in all", seen.len(), all.len());
    let mut without: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for case in &all {
        let (name, category) = (case["name"].as_str().unwrap(), case["category"].as_str().unwrap());
        if !seen.contains_key(name) {
            without.entry(category).or_default().push(name);
        }
    }
    let mut unexplained: Vec<&str> = Vec::new();
    for (category, names) in &without {
        match ELSEWHERE.iter().find(|(c, _)| c == category) {
            Some((_, why)) => println!("without a method here: {} of {category}: {why}", names.len()),
            None => unexplained.extend(names),
        }
    }
    assert!(unexplained.is_empty(), "no method and no reason: {unexplained:?}");
    assert_eq!(good, seen.len());
}
