//! The samples beside the project, row by row: each file comes out as the rows that a person reads off it.

use std::path::{Path, PathBuf};

use super::tests::{beside, column, look, read_path};
use crate::ingest::{OpenOptions, QuestionKind, answer, load, open};
use crate::job::JobCx;
use crate::log::{NO_LABEL, Task};

/// A file, its dialect, its number of rows, and the cells of some columns from the first row on.
type Sample = (&'static str, &'static str, usize, &'static [(&'static str, &'static [&'static str])]);

const SAMPLES: &[Sample] = &[
    (
        "ab-exposures/eppo_assignment_log.jsonl",
        "eppo-exposures",
        1,
        &[("subject", &["6141"]), ("variation", &["control"]), ("timestamp", &["2021-06-22T17:35:12.000Z"])],
    ),
    ("ab-exposures/eppo_assignments.csv", "eppo-exposures", 1, &[("subject", &["6141"]), ("variation", &["control"])]),
    (
        "ab-exposures/growthbook_assignments.csv",
        "growthbook-exposures",
        2,
        &[
            ("user_id", &["123", "456"]),
            ("variation_id", &["0", "1"]),
            ("timestamp", &["2021-08-23-10:53:04", "2021-08-23 10:53:06"]),
        ],
    ),
    (
        "ab-exposures/growthbook_multiple_exposures.csv",
        "growthbook-exposures",
        2,
        &[("user_id", &["123", "123"]), ("variation_id", &["0", "1"])],
    ),
    ("ab-exposures/growthbook_conversions.csv", "csv", 2, &[("user_id", &["123", "456"]), ("value", &["10", "5.25"])]),
    (
        "ab-exposures/launchdarkly_evaluation_events_header.csv",
        "launchdarkly-exposures",
        1,
        &[
            ("context_key", &["example-user-key"]),
            ("variation_id", &["e4959af7-0481-4878-b9c3-a3075c1cf685"]),
            ("variation_value", &["false"]),
        ],
    ),
    (
        "ab-exposures/statsig_assignment_source.csv",
        "statsig-exposures",
        3,
        &[("user_id", &["my_user_17503", "my_user_18821", "my_user_18821"]), ("group_name", &["v1", "v2", "control"])],
    ),
    (
        "azureml-mdc/model_inputs_outputs.jsonl",
        "azureml-collector",
        5,
        &[
            ("pattern", &["aspirin", "trazodone", "citalopram", "-", "-"]),
            ("input.label", &["DRUG", "DRUG", "DRUG", "-", "-"]),
            ("prediction", &["-", "-", "-", "11055.977245525679", "4503.079536107787"]),
            ("feature_0", &["-", "-", "-", "1", "10"]),
            ("deployment", &["localdev", "localdev", "localdev", "localdev", "localdev"]),
        ],
    ),
    (
        "bedrock-invocation-log/20260908T121033_abc.json",
        "bedrock-invocations",
        1,
        &[
            ("request_id", &["00000000-0000-0000-0000-000000000000"]),
            ("model", &["apac.amazon.nova-micro-v1:0"]),
            ("output_tokens", &["8"]),
        ],
    ),
    (
        "coco-detection/captions_val2014_fakecap_results.json",
        "coco-results",
        5,
        &[("image_id", &["391895", "522418", "184613", "318219", "554625"])],
    ),
    (
        "coco-detection/instances_val2014_fakebbox100_results.json",
        "coco-results",
        3,
        &[("image_id", &["42", "73", "74"]), ("detections", &["[[\"18\",[258.15,41.29,348.26,243.78],0.236]]"])],
    ),
    (
        "coco-detection/instances_val2014_fakesegm100_results.json",
        "coco-results",
        5,
        &[("image_id", &["42"]), ("category_id", &["18"]), ("segmentation.size", &["[478, 640]"])],
    ),
    (
        "coco-detection/person_keypoints_val2014_fakekeypoints100_results.json",
        "coco-results",
        5,
        &[("image_id", &["136", "136", "139"]), ("score", &["0.897", "0.664"])],
    ),
    (
        "databricks-inference-table/rows_custom_model.jsonl",
        "databricks-inference-table",
        2,
        &[
            (
                "databricks_request_id",
                &["58db0e4d-2fc8-4861-976c-bc1228a16642#0", "58db0e4d-2fc8-4861-976c-bc1228a16642#1"],
            ),
            ("prediction", &["0.83", "0.12"]),
            ("age", &["41", "22"]),
            ("income", &["52000.0", "18000.0"]),
            ("served_entity_id", &["2c5e22cf20044862812dfb724749c87c"]),
        ],
    ),
    (
        "firehose-concatenated/stream-1-2026-03-08-10-00-00-uuid",
        "json",
        3,
        &[
            ("request_id", &["a", "a", "b"]),
            ("model", &["champion", "challenger", "champion"]),
            ("prediction", &["1", "0", "1"]),
        ],
    ),
    (
        "llm-logprobs/openai_chat_completion.json",
        "chat-completions",
        1,
        &[("id", &["chatcmpl-123"]), ("output", &["Hi"]), ("mean_logprob", &["-0.1"])],
    ),
    (
        "lm-eval-samples/samples_hellaswag_2026-04-17T20-18-28.440238.jsonl",
        "lm-eval-samples",
        1,
        &[("doc_id", &["0"]), ("target", &["3"]), ("prediction", &["1"]), ("acc", &["0.0"])],
    ),
    (
        "mlflow-wandb-table/mlflow_eval_results_table.json",
        "split-table",
        2,
        &[("predictions", &["A platform", "4"]), ("targets", &["An open platform", "4"]), ("score", &["0.71", "-"])],
    ),
    (
        "mlflow-wandb-table/wandb_preds_0_008d61c4.table.json",
        "split-table",
        2,
        &[("predictions", &["A platform", "4"]), ("score", &["0.71", "NaN"])],
    ),
    (
        "openinference-spans/spans.jsonl",
        "openinference-spans",
        1,
        &[
            ("trace_id", &["ed7b336d-e71a-46f0-a334-5f2e87cb6cfc"]),
            ("span_id", &["ad67332a-38bd-428e-9f62-538ba2fa90d4"]),
        ],
    ),
    (
        "ranking/letor_mq2007.txt",
        "letor",
        2,
        &[
            ("relevance", &["2", "0"]),
            ("query_id", &["10032", "10032"]),
            ("features", &["1:0.056537 2:0.000000 3:0.666667 46:0.076923"]),
        ],
    ),
    (
        "ranking/trec_run_results.test.txt",
        "trec-run",
        20,
        &[
            ("query_id", &["301", "301", "301"]),
            ("doc_id", &["FR940202-2-00150", "FR940202-2-00151", "FR940202-2-00154"]),
            ("score", &["2.129133", "1.724760", "2.104024"]),
            ("run_id", &["STANDARD"]),
        ],
    ),
    (
        "ranking/trec_qrels.test.txt",
        "trec-qrels",
        20,
        &[("doc_id", &["CR93E-10279", "CR93E-10505", "CR93E-1282"]), ("relevance", &["0", "0", "1"])],
    ),
    (
        "sagemaker-data-capture/endpoint-csv__AllTraffic__2022-04-18-00__20-48-871.jsonl",
        "sagemaker-capture",
        3,
        &[
            ("event_id", &["f04a8538-696c-4648-8064-8b680b2e3318", "4f301857-49c9-44d1-b275-ba0ab7767033"]),
            ("prediction", &["0.036397725343704224", "0.3791300654411316", "0.017852725461125374"]),
            ("feature_2", &["182.9", "263.7", "210.3"]),
        ],
    ),
    (
        "sagemaker-data-capture/endpoint-json-batched__AllTraffic__2024-01-19-19.jsonl",
        "sagemaker-capture",
        3,
        &[
            (
                "event_id",
                &[
                    "7ddb2d7c-4d6a-4e67-a68e-23870399829d",
                    "9066ac80-dde1-4370-a73e-ab997e2544f1#0",
                    "9066ac80-dde1-4370-a73e-ab997e2544f1#1",
                ],
            ),
            ("score", &["0.9899773597717285", "0.9899773597717285", "0.5041388273239136"]),
            ("predicted_label", &["1", "1", "1"]),
        ],
    ),
    (
        "sagemaker-data-capture/endpoint-jsonlines-batched.jsonl",
        "sagemaker-capture",
        3,
        &[
            ("score", &["0.989977359771728", "0.989977359771728", "0.504138827323913"]),
            ("feature_0", &["28", "28", "43"]),
        ],
    ),
    (
        "sagemaker-data-capture/mixed-encoding-from-issue-2785.jsonl",
        "sagemaker-capture",
        1,
        &[("score", &["0.012620825320482254"]), ("feature_0", &["0.5629733055182888"]), ("predicted_label", &["0"])],
    ),
    (
        "sagemaker-data-capture/merged-batch-transform.jsonl",
        "sagemaker-merged",
        1,
        &[("label", &["1"]), ("score", &["0.989977359771728"]), ("predicted_label", &["1"])],
    ),
    (
        "sagemaker-data-capture/ground-truth-csv__2024-01-19-18__2934.jsonl",
        "sagemaker-ground-truth",
        4,
        &[("event_id", &["0", "1", "2", "3"]), ("label", &["0", "1", "1", "0"])],
    ),
    (
        "sagemaker-data-capture/ground-truth-json-batched.jsonl",
        "sagemaker-ground-truth",
        2,
        &[("event_id", &["0#0", "0#1"]), ("label", &["0", "1"])],
    ),
];

#[test]
fn every_sample_comes_out_row_by_row() {
    let Some(folder) = beside("samples") else { return };
    for &(name, dialect, rows, columns) in SAMPLES {
        let records = read_path(&folder.join(name)).unwrap_or_else(|why| panic!("{name}: {why}"));
        let found = records.dialect.split('+').next().unwrap_or_default();
        assert_eq!((found, records.table.records), (dialect, rows), "{name}");
        for &(wanted, cells) in columns {
            assert_eq!(column(&records, wanted)[..cells.len()], *cells, "{wanted} of {name}");
        }
    }
}

/// No file of the samples is without an assertion on what it holds: here, in the table above, or as a refusal.
#[test]
fn no_sample_is_left_out() {
    let Some(root) = beside("samples") else { return };
    // Folders that the tests below open as a whole, and excerpts that are no logs.
    let elsewhere = ["kserve-logger", "bentoml-monitor", "seed-sentiment-neptune", "nannyml-datasets"];
    let refused = [
        ("ab-exposures/statsig_first_exposures_header.csv", "no records; its columns are unit_id, name, rule"),
        ("sagemaker-data-capture/capture-schema-llm-byoc.schema.json", "JSON schema"),
        ("torchserve-access-log/access_log.log", "access log of TorchServe"),
        ("triton-trace/trace.json", "trace of the Triton server"),
    ];
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
            if path.is_dir() {
                folders.push(path);
            } else if let Some((_, why)) = refused.iter().find(|(refused, _)| *refused == name) {
                let said = look(std::slice::from_ref(&path)).unwrap_err().to_string();
                assert!(said.contains(why), "{said}");
            } else {
                let is_told = name.ends_with(".md")
                    || name == "vertex-request-response-logging/schema.txt"
                    || name.contains("/shadow-constructed/")
                    || elsewhere.iter().any(|folder| name.starts_with(folder))
                    || SAMPLES.iter().any(|sample| sample.0 == name);
                assert!(is_told, "nothing is asserted about {name}");
            }
        }
    }
}

#[test]
fn the_shadow_variants_sample_pairs_by_the_callers_id() {
    let Some(folder) = beside("samples/sagemaker-data-capture/shadow-constructed") else { return };
    let opened = look(&[folder]).unwrap();
    let models = (opened.guess.champion.as_str(), opened.guess.challenger.as_deref());
    assert_eq!(models, ("AllTraffic", Some("Shadow-01")));
    for (source, answers) in opened.sources.iter().zip([[&b"0"[..], b"3", b"1"], [b"0", b"3", b"2"]]) {
        let table = source.table.as_deref().unwrap();
        let cells = |name: &str| -> Vec<&[u8]> {
            (0..table.records).filter_map(|row| super::rows::text(table, name, row)).collect()
        };
        assert_eq!(cells("prediction"), answers, "{}", source.display);
        assert_eq!(
            cells("inference_id"),
            [&b"shadow test, index 0"[..], b"shadow test, index 1", b"shadow test, index 2"]
        );
    }
}

#[test]
fn kserve_and_bentoml_samples_join_their_files() {
    let Some(folder) = beside("samples") else { return };
    let kserve = folder.join("kserve-logger");
    let id = "e58f1edd-43bc-42f6-a10a-d1adb5cab831";
    // Request and response in one file, whatever its format.
    for name in [format!("{id}-request.batch2.json"), format!("{id}-request.csv")] {
        let records = read_path(&kserve.join(&name)).unwrap();
        assert_eq!(column(&records, "request_id"), [format!("{id}#0"), format!("{id}#1")], "{name}");
        assert_eq!(
            (column(&records, "prediction"), column(&records, "feature_0")[0].as_str()),
            (vec!["1".to_owned(); 2], "6.8")
        );
    }
    let pair = [kserve.join(format!("{id}-request.json")), kserve.join(format!("{id}-response.json"))];
    let opened = look(&pair).unwrap();
    let loaded = load(&opened, &opened.guess, &JobCx::new()).unwrap();
    assert_eq!((loaded.log.rows, loaded.log.ids.get(1)), (2, format!("{id}#1")));
    assert_eq!(loaded.log.arms[0].predictions.as_deref(), Some(&[1, 1][..]));
    let dump = read_path(&kserve.join("cloudevents-event_display.txt")).unwrap();
    assert_eq!(
        (column(&dump, "prediction"), dump.dialect.as_str()),
        (vec!["1".to_owned(); 2], "cloudevents+dump+text")
    );

    let bento = look(&[folder.join("bentoml-monitor")]).unwrap();
    let data = bento.sources.iter().find(|source| source.display.contains("data.1.log")).unwrap();
    assert_eq!(data.format, "bentoml-monitor+jsonl");
    let table = data.table.as_deref().unwrap();
    let ids: Vec<_> = (0..2).map(|row| super::rows::text(table, "request_id", row).unwrap()).collect();
    assert_eq!(ids, [&b"14642743634293743168"[..], b"7485759375304577245"]);
    let text = super::rows::text(table, "prediction", 0).unwrap();
    assert!(text.starts_with(b" Whiskers, an otherwise"), "{}", String::from_utf8_lossy(text));
}

#[test]
fn the_articles_sample_pairs_its_rows_as_they_agree() {
    let Some(folder) = beside("samples/seed-sentiment-neptune") else { return };
    let mut opened = look(&[folder.join("live"), folder.join("shadow")]).unwrap();
    // Ten equal labels may be chance, so that one question is left.
    let asked = &opened.questions[0];
    assert_eq!((opened.questions.len(), asked.kind, asked.answer), (1, QuestionKind::Position, None));
    assert!(asked.evidence.contains("1 of 1"), "{}", asked.evidence);
    answer(&mut opened, 0, 0);
    assert_eq!((opened.guess.champion.as_str(), opened.guess.challenger.as_deref()), ("live", Some("shadow")));
    let log = load(&opened, &opened.guess, &JobCx::new()).unwrap().log;
    assert_eq!((log.rows, &log.labels[..]), (10, &[1, 0, 1, 1, 0, 1, 0, 1, 1, 0][..]));
    assert_eq!(log.arms[0].predictions.as_deref(), Some(&[1, 0, 0, 1, 0, 1, 0, 1, 0, 0][..]));
    assert_eq!(log.arms[1].predictions.as_deref(), Some(&[1, 0, 1, 1, 0, 1, 1, 1, 1, 0][..]));
}

#[test]
fn labels_of_the_nannyml_samples_join_by_id() {
    let Some(folder) = beside("samples/nannyml-datasets") else { return };
    let open_pair = |predictions: &str, labels: &str| {
        let options = OpenOptions {
            labels: vec![folder.join(labels)],
            base: Some(PathBuf::from(&folder)),
            ..OpenOptions::default()
        };
        let opened = open(&[folder.join(predictions)], &options, &JobCx::new()).unwrap();
        let log = load(&opened, &opened.guess, &JobCx::new()).unwrap().log;
        (opened.guess.task, log)
    };
    for (predictions, labels, first) in [
        ("california_housing_analysis.csv", "california_housing_analysis_gt.csv", [0.18, 0.09]),
        ("synthetic_car_loan_analysis.csv", "synthetic_car_loan_analysis_target.csv", [0.99, 0.98]),
    ] {
        let (task, log) = open_pair(predictions, labels);
        assert_eq!((task, log.rows, &log.arms[0].scores.as_ref().unwrap()[..2]), (Task::Binary, 20, &first[..]));
        let truth = last_cells(&folder.join(labels));
        let found: Vec<String> = log.labels.iter().map(u8::to_string).collect();
        assert_eq!((found, log.labels.contains(&NO_LABEL)), (truth, false), "{labels}");
    }
    let (task, log) = open_pair("mc_analysis.csv", "mc_analysis_gt.csv");
    assert_eq!((task, log.rows, log.audit.labels.present), (Task::Multiclass, 20, 20));
    let (task, log) = open_pair("regression_synthetic_analysis.csv", "regression_synthetic_analysis_targets.csv");
    assert_eq!((task, log.rows, log.audit.labels.present), (Task::Regression, 20, 20));
}

/// The last cell of every record of a small CSV file.
fn last_cells(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().skip(1).filter_map(|line| line.rsplit(',').next()).map(str::to_owned).collect()
}
