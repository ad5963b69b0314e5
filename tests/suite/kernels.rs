//! Metrics of numbers, classes and lists against scikit-learn, SciPy and pytrec_eval: rows made here and, by the same
//! integer generator, in `kernels.py`, which wrote `kernels.json`; and against the values published with real logs.

use std::collections::BTreeMap;
use std::path::PathBuf;

use assay::metrics::multiclass::ordinal::Weights;
use assay::metrics::multiclass::{Classes, Count};
use assay::metrics::ranking::{Judged, List, Measure, Retrieved, Ties};
use assay::metrics::regression::{Numbers, forecast};
use serde_json::Value;

pub struct Draws(pub u64);

impl Draws {
    pub fn below(&mut self, limit: u64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % limit) as i64
    }
}

fn reference(family: &str) -> serde_json::Map<String, Value> {
    let all: Value = serde_json::from_str(include_str!("kernels.json")).unwrap();
    all[family].as_object().unwrap().clone()
}

pub fn close(found: f64, expected: &Value, tolerance: f64, name: &str) {
    let expected = expected.as_f64().unwrap();
    assert!((found - expected).abs() <= tolerance * (1.0 + expected.abs()), "{name}: {found} is not {expected}");
}

/// A file beside the repository; where it is missing the test says that it skips.
pub fn case(path: &str) -> Option<String> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/cases").join(path);
    let text = std::fs::read_to_string(&path).ok();
    if text.is_none() {
        println!("skipped: {} is missing", path.display());
    }
    text
}

pub fn expected(folder: &str) -> Option<Value> {
    Some(serde_json::from_str(&case(&format!("{folder}/expected.json"))?).unwrap())
}

/// Fields of a plain CSV file without its header.
fn fields(text: &str) -> impl Iterator<Item = Vec<&str>> {
    text.lines().skip(1).map(|line| line.split(',').collect())
}

#[test]
fn numbers_as_scikit_learn_and_scipy() {
    let mut draws = Draws(1);
    let (mut truth, mut predicted) = (Vec::new(), Vec::new());
    for _ in 0..400 {
        let mut y = draws.below(200) - 60;
        y += i64::from(y >= 0);
        truth.push(y as f64 / 4.0);
        predicted.push((y + draws.below(40) - 17) as f64 / 4.0);
    }
    let numbers = Numbers::new(&truth, &predicted);
    for (name, value) in reference("regression") {
        let found = match name.as_str() {
            "pinball_loss" => forecast::pinball(&truth, &predicted, 0.9),
            name => numbers.measure(name),
        };
        close(found.unwrap().value, &value, 1e-11, &name);
    }
}

#[test]
fn classes_as_scikit_learn() {
    let mut draws = Draws(2);
    let (mut truth, mut predicted, mut cells) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..500 {
        let class = draws.below(4).min(draws.below(4));
        let mut weights: Vec<i64> = (0..4).map(|c| draws.below(6) + if c == class { 5 } else { 0 }).collect();
        let taken = if draws.below(5) < 3 { class } else { draws.below(4) };
        weights[taken as usize] += 64 - weights.iter().sum::<i64>();
        let best = (0..4).rev().max_by_key(|&c| weights[c]).unwrap();
        truth.push(class as u32);
        predicted.push(best as u32);
        cells.extend(weights.iter().map(|&w| w as f64 / 64.0));
    }
    let classes = Classes::new(&truth, &predicted, Some(&cells), 4);
    for (name, value) in reference("multiclass") {
        let found = match name.as_str() {
            "kappa_linear" => classes.weighted_kappa(Weights::Linear),
            "kappa_quadratic" => classes.weighted_kappa(Weights::Quadratic),
            "macro_recall" => classes.measure("balanced_accuracy"),
            "weighted_recall" => classes.measure("accuracy"),
            name => classes.measure(name),
        };
        close(found.unwrap().value, &value, 1e-11, &name);
    }
}

/// Name of a metric of trec_eval here.
fn here(name: &str) -> Option<String> {
    let cut = |stem: &str, ours: &str| Some(format!("{ours}_at_{}", name.strip_prefix(stem)?));
    match name {
        "map" | "bpref" | "ndcg" => Some(name.to_owned()),
        "Rprec" => Some("r_precision".to_owned()),
        "recip_rank" => Some("mrr".to_owned()),
        _ => cut("ndcg_cut_", "ndcg")
            .or_else(|| cut("map_cut_", "map"))
            .or_else(|| cut("recall_", "recall"))
            .or_else(|| cut("success_", "hit_rate"))
            .or_else(|| cut("P_", "precision")),
    }
}

#[test]
fn lists_as_pytrec_eval() {
    let mut draws = Draws(3);
    let names: Vec<String> = (0..100).map(|document| format!("d{document:02}")).collect();
    let mut lists = Vec::new();
    for _ in 0..40 {
        let (mut judged, mut retrieved) = (Vec::new(), Vec::new());
        for name in &names[..30] {
            if draws.below(3) > 0 {
                judged.push(Judged { id: name, grade: (draws.below(6) - 2).max(0) as i32 });
            }
            if draws.below(4) > 0 {
                retrieved.push(Retrieved { id: name, score: draws.below(12) as f64 });
            }
        }
        judged.push(Judged { id: &names[99], grade: 1 });
        if retrieved.iter().all(|found| found.id != names[0]) {
            retrieved.push(Retrieved { id: &names[0], score: 1.0 });
        }
        lists.push(List::new(&retrieved, &judged, Ties::TrecEval).unwrap());
    }
    for (name, values) in reference("ranking") {
        let measure = Measure::parse(&here(&name).unwrap()).unwrap();
        for (query, (list, value)) in lists.iter().zip(values.as_array().unwrap()).enumerate() {
            close(list.value(measure).unwrap(), value, 1e-9, &format!("{name} of query {query}"));
        }
    }
}

#[test]
fn solubility_as_published() {
    let folder = "regression-solubility";
    let (Some(expected), Some(text)) = (expected(folder), case(&format!("{folder}/solubility_test.csv"))) else {
        return;
    };
    let number = |text: &str| text.parse::<f64>().unwrap();
    let (truth, predicted): (Vec<f64>, Vec<f64>) = fields(&text).map(|row| (number(row[1]), number(row[2]))).unzip();
    let numbers = Numbers::new(&truth, &predicted);
    for (name, theirs) in [
        ("mae", "mae"),
        ("rmse", "rmse"),
        ("mse", "mse"),
        ("bias", "bias_mean_pred_minus_actual"),
        ("median_absolute_error", "median_abs_error"),
        ("r2", "r2"),
        ("max_error", "max_abs_error"),
        ("absolute_error_p90", "p90_abs_error_linear"),
        ("absolute_error_p95", "p95_abs_error_linear"),
        ("pearson", "pearson_r"),
        ("spearman", "spearman_rho"),
        ("ccc", "ccc_lin"),
    ] {
        close(numbers.measure(name).unwrap().value, &expected["computed"][theirs], 1e-12, name);
    }
}

#[test]
fn job_scheduler_classes_as_published() {
    let folder = "multiclass-hpc-resamples";
    let (Some(expected), Some(text)) = (expected(folder), case(&format!("{folder}/hpc_cv.csv"))) else { return };
    let code = |name: &str| ["VF", "F", "M", "L"].iter().position(|class| *class == name).unwrap() as u32;
    let (mut truth, mut predicted, mut cells) = (Vec::new(), Vec::new(), Vec::new());
    let mut folds: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (row, fields) in fields(&text).enumerate() {
        truth.push(code(fields[1]));
        predicted.push(code(fields[2]));
        cells.extend(fields[3..7].iter().map(|cell| cell.parse::<f64>().unwrap()));
        folds.entry(fields[7]).or_default().push(row);
    }
    let classes = Classes::new(&truth, &predicted, Some(&cells), 4);
    for (name, theirs) in [
        ("accuracy", "accuracy"),
        ("balanced_accuracy", "balanced_accuracy"),
        ("macro_f1", "macro_f1"),
        ("weighted_f1", "weighted_f1"),
        ("mcc", "mcc"),
        ("kappa", "cohen_kappa"),
        ("top_2_accuracy", "top2"),
        ("top_3_accuracy", "top3"),
        ("brier", "brier_multiclass_sum"),
        ("top_label_calibration_error", "ece_15_equal_width_(lo,hi]"),
        ("roc_auc_ovr", "roc_auc_ovr_macro"),
    ] {
        close(classes.measure(name).unwrap().value, &expected["computed"][theirs], 1e-12, name);
    }
    // Published with probabilities of at least 1e-15; here they are at least the spacing of numbers at 1.
    let below = (0..truth.len()).filter(|&row| cells[row * 4 + truth[row] as usize] < f64::EPSILON).count();
    let lower = below as f64 / truth.len() as f64 * (1e-15 / f64::EPSILON).ln();
    let log_loss = classes.measure("log_loss").unwrap().value - lower;
    close(log_loss, &expected["computed"]["log_loss_clip1e-15_float64_unrenormalised"], 1e-12, "log_loss");
    let hits: Vec<u64> = classes.counts().iter().map(|count: &Count| count.hits).collect();
    assert_eq!(hits, [1620, 647, 79, 111]);
    close(
        classes.measure("macro_precision").unwrap().value,
        &expected["published_yardstick"]["precision_macro"],
        3e-4,
        "macro",
    );
    for (fold, rows) in folds {
        let of = |column: &[u32]| rows.iter().map(|&row| column[row]).collect::<Vec<u32>>();
        let part: Vec<f64> = rows.iter().flat_map(|&row| cells[row * 4..][..4].iter().copied()).collect();
        let (truth, predicted) = (of(&truth), of(&predicted));
        let classes = Classes::new(&truth, &predicted, Some(&part), 4);
        close(classes.measure("kappa").unwrap().value, &expected["by_fold"][fold]["kappa"], 1e-12, fold);
        let area = classes.measure("roc_auc_ovo").unwrap().value;
        close(area, &expected["published_yardstick"]["roc_auc_hand_till_by_fold"][fold], 3e-4, fold);
    }
}

#[test]
fn lists_as_trec_eval_publishes_them() {
    let folder = "ranking-trec_eval-official";
    let files = [case(&format!("{folder}/qrels.test")), case(&format!("{folder}/results.test"))];
    let (Some(expected), [Some(qrels), Some(results)]) = (expected(folder), files) else { return };
    let mut queries: BTreeMap<&str, (Vec<Retrieved<'_>>, Vec<Judged<'_>>)> = BTreeMap::new();
    for line in qrels.lines() {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let judged = Judged { id: fields[2], grade: fields[3].parse().unwrap() };
        queries.entry(fields[0]).or_default().1.push(judged);
    }
    for line in results.lines() {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let found = Retrieved { id: fields[2], score: fields[4].parse().unwrap() };
        queries.entry(fields[0]).or_default().0.push(found);
    }
    let mut compared = 0;
    for (query, values) in expected["published_NIST"]["values"].as_object().unwrap() {
        let Some((retrieved, judged)) = queries.get(query.as_str()) else { continue };
        let list = List::new(retrieved, judged, Ties::TrecEval).unwrap();
        for (name, value) in values.as_object().unwrap() {
            let Some(measure) = here(name).and_then(|name| Measure::parse(&name)) else { continue };
            let published: f64 = value.as_str().unwrap().parse().unwrap();
            let found = list.value(measure).unwrap();
            assert!((found - published).abs() <= 0.500_001e-4, "{name} of {query}: {found} is not {published}");
            compared += 1;
        }
    }
    assert!(compared >= 90, "{compared} values compared");
}
