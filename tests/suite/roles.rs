//! How many roles are guessed right without a word from the user: all fixtures, and the samples and cases beside the
//! project where they are there.

use std::path::{Path, PathBuf};

use assay::ingest::mapping::Role;
use assay::ingest::{self, OpenOptions};
use assay::job::JobCx;

/// Prediction files, label files, and the roles a person would give the columns.
type Case = (&'static str, &'static str, &'static [(Role, &'static str)]);

use Role::{Id, Item, Label, LatencyMs, Model, Prediction, Probability, Score, Ts, Weight};

const LONG: &[(Role, &str)] = &[(Id, "id"), (Model, "model"), (Score, "score"), (Label, "label")];

const FIXTURES: &[Case] = &[
    ("bom_crlf.csv", "", LONG),
    ("dup_conflict.csv", "", LONG),
    ("ids_leading_zero.csv", "", LONG),
    ("nan_scores.csv", "", LONG),
    ("semicolon.csv", "", LONG),
    ("utf16.csv", "", LONG),
    ("ragged.csv", "", LONG),
    ("truncated_line.jsonl", "", LONG),
    ("garbage_line.jsonl", "", LONG),
    ("three_labels.csv", "", LONG),
    ("parquet/delta", "", LONG),
    ("late_key.jsonl", "", &[(Id, "id"), (Model, "model"), (Score, "score"), (LatencyMs, "latency_ms")]),
    ("wide.csv", "", &[(Id, "id"), (Score, "score_champion"), (Score, "score_challenger"), (Label, "label")]),
    ("parquet/wide.parquet", "", &[(Id, "id"), (Score, "score_yes"), (Label, "label")]),
    ("parquet/struct.parquet", "", &[(Id, "id"), (Score, "score.yes"), (Label, "label")]),
    ("parquet/list.parquet", "", &[(Id, "id"), (Score, "probabilities.1"), (Label, "label")]),
    (
        "parquet/databricks.parquet",
        "",
        &[(Id, "client_request_id"), (Ts, "timestamp_ms"), (Score, "score"), (Weight, "weight")],
    ),
    ("parquet/kserve.parquet", "", &[(Id, "request_id"), (Score, "score")]),
    (
        "parquet/vertex.parquet",
        "",
        &[(Id, "request_id"), (Ts, "logging_time"), (Model, "deployed_model_id"), (Score, "score")],
    ),
    (
        "dialects/trec-run.txt",
        "dialects/trec-qrels.txt",
        &[(Id, "query_id"), (Item, "doc_id"), (Score, "score"), (Model, "run_id"), (Label, "relevance")],
    ),
    ("dialects/vertex.jsonl", "", &[(Id, "request_id"), (Ts, "logging_time"), (Model, "deployed_model_id")]),
    (
        "dialects/databricks.jsonl",
        "",
        &[(Id, "databricks_request_id"), (Model, "served_entity_id"), (Weight, "weight")],
    ),
];

const SHARED: &[Case] = &[
    (
        "samples/nannyml-datasets/california_housing_analysis.csv",
        "samples/nannyml-datasets/california_housing_analysis_gt.csv",
        &[(Id, "id"), (Ts, "timestamp"), (Score, "y_pred_proba"), (Prediction, "y_pred"), (Label, "clf_target")],
    ),
    (
        "samples/nannyml-datasets/synthetic_car_loan_analysis.csv",
        "samples/nannyml-datasets/synthetic_car_loan_analysis_target.csv",
        &[(Id, "id"), (Ts, "timestamp"), (Score, "y_pred_proba"), (Prediction, "y_pred"), (Label, "repaid")],
    ),
    (
        "samples/nannyml-datasets/mc_analysis.csv",
        "samples/nannyml-datasets/mc_analysis_gt.csv",
        &[
            (Id, "id"),
            (Ts, "timestamp"),
            (Probability, "y_pred_proba_prepaid_card"),
            (Probability, "y_pred_proba_highstreet_card"),
            (Probability, "y_pred_proba_upmarket_card"),
            (Prediction, "y_pred"),
            (Label, "y_true"),
        ],
    ),
    (
        "samples/nannyml-datasets/regression_synthetic_analysis.csv",
        "samples/nannyml-datasets/regression_synthetic_analysis_targets.csv",
        &[(Id, "id"), (Ts, "timestamp"), (Score, "y_pred"), (Label, "y_true")],
    ),
    (
        "samples/sagemaker-data-capture/shadow-constructed",
        "",
        &[(Id, "inference_id"), (Ts, "inference_time"), (Prediction, "prediction")],
    ),
    ("samples/kserve-logger", "", &[(Id, "request_id")]),
    ("samples/databricks-inference-table/rows_custom_model.jsonl", "", &[(Id, "databricks_request_id")]),
    ("samples/seed-sentiment-neptune", "", &[(Prediction, "pred"), (Label, "act")]),
    (
        "cases/binary-two_class_example-string-labels/two_class_example_bom_crlf.csv",
        "",
        &[(Id, "rownames"), (Label, "truth"), (Prediction, "predicted")],
    ),
    (
        "cases/multiclass-hpc-resamples/hpc_cv.csv",
        "",
        &[
            (Id, "rownames"),
            (Label, "obs"),
            (Prediction, "pred"),
            (Probability, "VF"),
            (Probability, "F"),
            (Probability, "M"),
            (Probability, "L"),
        ],
    ),
    (
        "cases/regression-solubility/solubility_test.csv",
        "",
        &[(Id, "rownames"), (Label, "solubility"), (Score, "prediction")],
    ),
    (
        "cases/ranking-trec_eval-official/results.test",
        "cases/ranking-trec_eval-official/qrels.test",
        &[(Id, "query_id"), (Item, "doc_id"), (Score, "score"), (Model, "run_id"), (Label, "relevance")],
    ),
    ("cases/binary-asah-proc/aSAH.csv", "", &[(Id, "patient"), (Label, "outcome"), (Score, "s100b")]),
];

/// Roles guessed right; each miss is printed.
fn hits(root: &Path, case: &Case) -> usize {
    let (predictions, labels, expected) = *case;
    let labels: Vec<PathBuf> =
        Some(labels).filter(|name| !name.is_empty()).map(|name| root.join(name)).into_iter().collect();
    let options = OpenOptions { labels, ..OpenOptions::default() };
    let opened = match ingest::open(&[root.join(predictions)], &options, &JobCx::new()) {
        Ok(opened) => opened,
        Err(error) => {
            println!("{predictions}: 0 of {} ({error})", expected.len());
            return 0;
        }
    };
    let is_value = |role: Role| matches!(role, Score | Prediction);
    let has = |&(role, name): &(Role, &str)| {
        let columns = opened.guess.columns.iter().chain(&opened.guess.label_columns);
        // A predicted number is a score or a prediction, as the task has it.
        columns.filter(|one| one.column == name).any(|one| one.role == role || is_value(one.role) && is_value(role))
    };
    for missed in expected.iter().filter(|role| !has(role)) {
        println!("{predictions}: {missed:?} was not found");
    }
    expected.iter().filter(|role| has(role)).count()
}

fn rate(root: &Path, cases: &[Case]) -> (usize, usize) {
    let total = cases.iter().map(|case| case.2.len()).sum();
    (cases.iter().map(|case| hits(root, case)).sum(), total)
}

#[test]
fn roles_are_guessed_from_names_types_and_values() {
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (found, total) = rate(&project.join("tests/fixtures"), FIXTURES);
    println!("fixtures: {found} of {total} roles");
    // `docs/formats.md` tells these numbers and what is missed.
    assert_eq!((found, total), (81, 82));
    let shared = project.join("../shared");
    if !shared.join("samples").is_dir() {
        println!("skipped: there are no samples and cases beside the project");
        return;
    }
    let (found, total) = rate(&shared, SHARED);
    println!("samples and cases: {found} of {total} roles");
    assert_eq!((found, total), (47, 49));
}
