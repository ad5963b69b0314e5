use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::rows::text;
use crate::ingest::formats::Records;
use crate::ingest::open::read_text;
use crate::ingest::{IngestError, OpenOptions, Opened, load, open};
use crate::job::JobCx;
use crate::log::NO_LABEL;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/dialects").join(name)
}

pub(super) fn read_path(path: &Path) -> Result<Records, String> {
    read_text(std::fs::read(path).unwrap(), &JobCx::new()).unwrap().map(|(records, ..)| records)
}

fn read(name: &str) -> Records {
    read_path(&fixture(name)).unwrap()
}

/// Cells of a column; `-` where absent.
pub(super) fn column(records: &Records, name: &str) -> Vec<String> {
    let names: Vec<&str> = records.table.columns.iter().map(|column| column.name.as_str()).collect();
    assert!(records.table.column(name).is_some(), "no column {name} among {names:?}");
    let cell =
        |row| text(&records.table, name, row).map_or("-".to_owned(), |cell| String::from_utf8_lossy(cell).into_owned());
    (0..records.table.records).map(cell).collect()
}

pub(super) fn look(paths: &[PathBuf]) -> Result<Opened, IngestError> {
    let options = OpenOptions { accept_bad_rows: true, base: Some(fixture("")), ..OpenOptions::default() };
    open(paths, &options, &JobCx::new())
}

fn cells_of(opened: &Opened, source: usize, name: &str) -> Vec<String> {
    let table = opened.sources[source].table.as_deref().unwrap().clone();
    column(&Records { table, ..Records::default() }, name)
}

#[test]
fn sagemaker_capture_becomes_a_row_per_prediction() {
    let records = read("sagemaker/capture.jsonl");
    assert_eq!(records.dialect, "sagemaker-capture+jsonl");
    assert_eq!(column(&records, "event_id"), ["ev-1", "ev-2#0", "ev-2#1", "ev-3#0", "ev-3#1", "ev-5#0", "ev-5#1"]);
    assert_eq!(column(&records, "score"), ["-", "0.2", "0.8", "0.3", "0.6", "-", "-"]);
    assert_eq!(column(&records, "prediction"), ["0.91", "-", "-", "-", "-", "0.55", "0.45"]);
    assert_eq!(column(&records, "feature_0"), ["41", "22", "35", "51", "52", "60", "61"]);
    assert_eq!(column(&records, "inference_time")[0], "2026-03-08T10:00:00Z");
    let lines: Vec<u64> = (0..7).map(|row| records.table.line(row)).collect();
    assert_eq!(lines, [1, 2, 2, 3, 3, 5, 5]);
    assert_eq!(records.rejected, 2);
    let rejects: Vec<(u64, &str)> =
        records.rejects.iter().map(|reject| (reject.line, reject.reason.as_str())).collect();
    assert_eq!(rejects, [(4, "holds a body that is not valid base64"), (6, "is cut off at the end of the file")]);
}

#[test]
fn sagemaker_labels_join_by_the_same_ids() {
    let records = read("sagemaker/ground-truth.jsonl");
    assert_eq!(records.dialect, "sagemaker-ground-truth+jsonl");
    assert_eq!(column(&records, "event_id"), ["ev-1", "ev-2#0", "ev-2#1", "ev-3#0", "ev-3#1"]);
    assert_eq!(column(&records, "label"), ["1", "0", "1", "0", "1"]);
    let merged = read("sagemaker/merged.jsonl");
    assert_eq!(merged.dialect, "sagemaker-merged+jsonl");
    assert_eq!(column(&merged, "label"), ["1", "0"]);
    assert_eq!(column(&merged, "prediction"), ["0.91", "-"]);
    assert_eq!(column(&merged, "score"), ["-", "0.1"]);

    let opened = look(&[fixture("sagemaker/capture.jsonl"), fixture("sagemaker/ground-truth.jsonl")]).unwrap();
    let loaded = load(&opened, &opened.guess, &JobCx::new()).unwrap();
    assert_eq!(loaded.log.rows, 7);
    assert_eq!(loaded.log.labels.iter().filter(|label| **label != NO_LABEL).count(), 5);
}

#[test]
fn sagemaker_shadow_variants_pair_by_the_callers_id() {
    let opened = look(&[fixture("sagemaker/shadow")]).unwrap();
    assert_eq!(opened.guess.champion, "AllTraffic");
    assert_eq!(opened.guess.challenger.as_deref(), Some("Shadow-01"));
    let loaded = load(&opened, &opened.guess, &JobCx::new()).unwrap();
    assert_eq!(loaded.log.rows, 12);
    assert!(loaded.log.ids.get(0).starts_with("shadow run, index "));
    let scores = loaded.log.arms[1].scores.as_ref().unwrap();
    assert!(scores.iter().all(|score| (0.0..=1.0).contains(score)), "{scores:?}");
}

#[test]
fn azure_collections_join_over_files() {
    let opened = look(&[fixture("azureml")]).unwrap();
    let outputs = opened.sources.iter().position(|source| source.display.contains("outputs")).unwrap();
    assert_eq!(opened.sources.len(), 2);
    assert_eq!(opened.sources[outputs].quarantined, 1);
    assert_eq!(cells_of(&opened, outputs, "correlationid"), ["c-1#0", "c-1#1", "c-2"]);
    assert_eq!(cells_of(&opened, outputs, "score"), ["0.9", "0.2", "0.4"]);
    assert_eq!(cells_of(&opened, outputs, "age"), ["41", "22", "60"]);
    assert!(opened.issues.iter().any(|issue| issue.code == "joined_file"));
    let loaded = load(&opened, &opened.guess, &JobCx::new()).unwrap();
    assert_eq!((loaded.log.rows, loaded.log.sources.len()), (3, 2));

    let payload = read("azureml-payload.jsonl");
    assert_eq!(column(&payload, "prediction"), ["7.5", "8.25"]);
    assert_eq!(column(&payload, "feature_1"), ["2", "4"]);
    assert_eq!(column(&payload, "deployment"), ["blue", "blue"]);
}

#[test]
fn kserve_messages_join_by_id() {
    let opened = look(&[fixture("kserve")]).unwrap();
    let first = opened.sources.iter().position(|source| source.display.contains("k-1-response")).unwrap();
    assert_eq!(cells_of(&opened, first, "request_id"), ["k-1#0", "k-1#1"]);
    assert_eq!(cells_of(&opened, first, "prediction"), ["1", "0"]);
    assert_eq!(cells_of(&opened, first, "feature_0"), ["1.5", "3"]);
    let loaded = load(&opened, &opened.guess, &JobCx::new()).unwrap();
    assert_eq!((loaded.log.rows, loaded.log.sources.len()), (3, 4));
    let v2 = read("kserve-v2.json");
    assert_eq!(column(&v2, "probability"), ["0.25", "0.75"]);
    assert_eq!(column(&v2, "model"), ["iris/canary", "iris/canary"]);
    assert_eq!(column(&v2, "feature_1"), ["2", "4"]);
    let events = read("cloudevents.jsonl");
    assert_eq!(
        (column(&events, "prediction"), column(&events, "request_id")),
        (vec!["0.75".to_owned()], vec!["c-1".to_owned()])
    );
    let dump = read("event-dump.log");
    assert_eq!(column(&dump, "prediction"), ["1", "0"]);
    assert_eq!(column(&dump, "feature_1"), ["2", "4"]);
}

#[test]
fn bare_bodies() {
    let v1 = read("inference-v1.jsonl");
    assert_eq!(v1.dialect, "inference-v1+jsonl");
    assert_eq!(column(&v1, "probability_1"), ["0.9", "0.4"]);
    assert_eq!(column(&v1, "id"), ["a#0", "a#1"]);
    let pairs = read("inference-v1-pairs.jsonl");
    assert_eq!(column(&pairs, "prediction"), ["0.5"]);
    assert_eq!((column(&pairs, "age"), column(&pairs, "request_id")), (vec!["4".to_owned()], vec!["r-1".to_owned()]));
    let v2 = read("inference-v2.jsonl");
    assert_eq!(v2.dialect, "inference-v2+jsonl");
    assert_eq!(column(&v2, "label"), ["0", "1"]);
}

#[test]
fn databricks_rows_hold_batches() {
    let records = read("databricks.jsonl");
    assert_eq!(records.dialect, "databricks-inference-table+jsonl");
    assert_eq!(column(&records, "databricks_request_id"), ["d-1#0", "d-1#1", "d-2", "d-3", "d-4"]);
    assert_eq!(column(&records, "prediction"), ["0.83", "0.12", "0.5", "-", "-"]);
    assert_eq!(column(&records, "input.label"), ["x", "y", "z", "-", "-"]);
    assert_eq!(column(&records, "weight"), ["-", "-", "4", "-", "-"]);
}

#[test]
fn bentoml_reads_its_schema_file() {
    let opened = look(&[fixture("bentoml")]).unwrap();
    let data = opened.sources.iter().position(|source| source.display.contains("data.1")).unwrap();
    assert_eq!(opened.sources[data].format, "bentoml-monitor+jsonl");
    assert_eq!(cells_of(&opened, data, "prediction"), ["0", "1", "1"]);
    assert_eq!(
        cells_of(&opened, data, "request_id"),
        ["14642743634293743168#0", "14642743634293743168#1", "14642743634293743169"]
    );
}

#[test]
fn tables_payload_lists_and_concatenated_records() {
    let table = read("wandb.table.json");
    assert_eq!(column(&table, "score"), ["0.75", "NaN"]);
    let vertex = read("vertex.jsonl");
    assert_eq!(column(&vertex, "prediction"), ["0.25", "0.5"]);
    assert_eq!(column(&vertex, "request_id")[1], "99999999999999999999999#1");
    assert_eq!(column(&vertex, "age"), ["4", "5"]);
    let firehose = read("firehose");
    assert_eq!(column(&firehose, "request_id"), ["r0", "r1", "r2", "r9"]);
    assert_eq!((firehose.rejected, firehose.rejects[0].line), (1, 4));
}

#[test]
fn logs_that_nothing_compares_yet_are_tables_and_say_so() {
    let cases: [(&str, &str, &str, &str); 12] = [
        ("exposures/growthbook.csv", "growthbook-exposures", "variation_id", "0"),
        ("exposures/eppo.jsonl", "eppo-exposures", "variation", "control"),
        ("exposures/statsig.csv", "statsig-exposures", "experiment_group", "v1"),
        ("exposures/launchdarkly.csv", "launchdarkly-exposures", "variation_id", "v-1"),
        ("exposures/openfeature.jsonl", "openfeature-exposures", "feature_flag.key", "rank"),
        ("trec-qrels.txt", "trec-qrels", "relevance", "1"),
        ("letor.txt", "letor", "query_id", "1"),
        ("lm-eval.jsonl", "lm-eval-samples", "prediction", "1"),
        ("inspect.json", "inspect-eval", "score.match", "C"),
        ("openinference.jsonl", "openinference-spans", "model", "m"),
        ("otlp.json", "openinference-spans", "model", "m"),
        ("bedrock.json", "bedrock-invocations", "output", "{\"b\":\"x\"}"),
    ];
    for (name, dialect, wanted, first) in cases {
        let records = read(name);
        assert_eq!(records.dialect.split('+').next(), Some(dialect), "{name}");
        assert_eq!(column(&records, wanted)[0], first, "{name}");
        let refusal = look(&[fixture(name)]).unwrap_err().to_string();
        assert!(refusal.contains("not built yet") && refusal.contains(name), "{refusal}");
    }
    assert_eq!(column(&read("chat.json"), "mean_logprob"), ["-0.375"]);
    assert_eq!(read("openinference.jsonl").table.records, 1);
    assert_eq!(look(&[fixture("trec-run.txt")]).unwrap().guess.task, crate::log::Task::Ranking);
    assert_eq!(column(&read("coco-results.json"), "detections"), ["[[\"1\",[1.0,2.0,3.0,4.0],0.5]]"]);
    assert_eq!(
        column(&read("coco-annotations.json"), "objects"),
        ["{\"objects\":[[\"1\",[1.0,2.0,3.0,4.0],12.0,false]]}"]
    );
    let both = look(&[fixture("coco-results.json"), fixture("coco-annotations.json")]).unwrap();
    assert_eq!(both.guess.task, crate::log::Task::Detection);
    let run = read("trec-run.txt");
    assert_eq!((run.table.records, run.rejected, run.rejects[0].line, run.table.line(2)), (10, 1, 3, 4));
}

#[test]
fn what_is_no_prediction_log_says_what_to_open() {
    let cases = [
        ("access_log.log", "TorchServe"),
        ("trace.json", "Triton"),
        ("manifest.json", "manifest"),
        ("delta.json", "Delta"),
        ("iceberg.json", "Iceberg"),
        ("schema.json", "JSON schema"),
        ("pointer.jsonl", "git lfs pull"),
        ("predictions.tfrecord", "TFRecord"),
    ];
    for (name, part) in cases {
        let refusal = look(&[fixture("refused").join(name)]).unwrap_err().to_string();
        assert!(refusal.contains(part) && refusal.to_lowercase().contains("open"), "{refusal}");
    }
}

#[test]
fn a_plain_log_stays_what_it_is() {
    for text in [
        "{\"id\":\"a\",\"predictions\":[0.1,0.9],\"label\":1}\n",
        "{\"request_id\":\"a\",\"score\":0.5,\"variation_id\":\"b\",\"experiment_id\":\"c\",\"timestamp\":1}\n",
        "user_id,timestamp,experiment_id,variation_id,score_live,score_shadow\n1,2,b,c,0.5,0.25\n",
        "user_id,timestamp,experiment_id,variation_id,converted\n1,2,b,c,1\n",
        "1 0 2 3\n2 0 4 5\n",
        "id,columns,data\n1,2,3\n",
    ] {
        let (records, ..) = read_text(text.as_bytes().to_vec(), &JobCx::new()).unwrap().unwrap();
        assert!(!records.dialect.contains('+') && records.only_table.is_none(), "{text}: {}", records.dialect);
    }
}

/// Files of a folder beside the project, or `None` (said on the error stream) where that is missing.
pub(super) fn beside(folder: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared").join(folder);
    if path.is_dir() {
        return Some(path);
    }
    eprintln!("skipped: {} is not there", path.display());
    None
}

#[test]
fn shared_sagemaker_cases_come_out_as_expected() {
    let Some(folder) = beside("cases/logformat-sagemaker-capture") else { return };
    let expected: serde_json::Value =
        serde_json::from_slice(&std::fs::read(folder.join("expected.json")).unwrap()).unwrap();
    let churn = read_path(&folder.join("churn-capture.jsonl")).unwrap();
    for (row, wanted) in expected["churn"].as_array().unwrap().iter().enumerate() {
        assert_eq!(column(&churn, "event_id")[row], wanted["eventId"].as_str().unwrap());
        assert_eq!(column(&churn, "inference_time")[row], wanted["inferenceTime"].as_str().unwrap());
        assert_eq!(column(&churn, "prediction")[row].parse::<f64>().unwrap(), wanted["score"].as_f64().unwrap());
        let fields = churn.table.columns.iter().filter(|column| column.name.starts_with("feature_")).count();
        assert_eq!(fields as u64, wanted["n_input_fields"].as_u64().unwrap());
    }
    let truncated = read_path(&folder.join("churn-capture-truncated.jsonl")).unwrap();
    assert_eq!((truncated.table.records, truncated.rejected, truncated.rejects[0].line), (3, 1, 4));
    for (file, key) in
        [("income-capture-json.jsonl", "income_json"), ("income-capture-jsonlines.jsonl", "income_jsonlines")]
    {
        let records = read_path(&folder.join(file)).unwrap();
        let mut wanted = Vec::new();
        for event in expected[key].as_array().unwrap() {
            let predictions = event["predictions"].as_array().unwrap();
            for (place, prediction) in predictions.iter().enumerate() {
                let id = event["eventId"].as_str().unwrap();
                let id = if predictions.len() == 1 { id.to_owned() } else { format!("{id}#{place}") };
                wanted.push((id, prediction["score"].as_f64().unwrap(), prediction["predicted_label"].to_string()));
            }
        }
        let scores = column(&records, "score").into_iter().map(|score| score.parse::<f64>().unwrap());
        let found = column(&records, "event_id").into_iter().zip(scores).zip(column(&records, "predicted_label"));
        let found: Vec<(String, f64, String)> = found.map(|((id, score), label)| (id, score, label)).collect();
        assert_eq!(found, wanted, "{file}");
    }
    let wrapped = read_path(&folder.join("devguide-wrapped.json")).unwrap();
    let scores: Vec<f64> = column(&wrapped, "prediction").iter().map(|score| score.parse().unwrap()).collect();
    assert_eq!(serde_json::json!(scores), expected["devguide"]["scores"]);
    let labels = read_path(&folder.join("ground-truth-made-up.jsonl")).unwrap();
    assert_eq!(column(&labels, "label").len(), 3);
    let opened = look(&[folder.join("churn-capture.jsonl"), folder.join("ground-truth-made-up.jsonl")]).unwrap();
    let loaded = load(&opened, &opened.guess, &JobCx::new()).unwrap();
    assert_eq!(loaded.log.labels.iter().filter(|label| **label != NO_LABEL).count(), 3);
}

#[test]
fn shared_event_cases_come_out_as_expected() {
    let Some(folder) = beside("cases/logformat-cloudevents-kserve-azureml") else { return };
    let expected: serde_json::Value =
        serde_json::from_slice(&std::fs::read(folder.join("expected.json")).unwrap()).unwrap();
    let azure = read_path(&folder.join("azureml-mdc.jsonl")).unwrap();
    let predictions: Vec<f64> = column(&azure, "prediction").iter().filter_map(|cell| cell.parse().ok()).collect();
    assert_eq!(serde_json::json!(predictions), expected["azureml"]["response_predictions"]);
    let kserve = read_path(&folder.join("kserve-message-dumper.log")).unwrap();
    let predictions: Vec<i64> = column(&kserve, "prediction").iter().map(|cell| cell.parse().unwrap()).collect();
    assert_eq!(serde_json::json!(predictions), expected["kserve"]["response_predictions"]);
    let id = expected["kserve"]["id"].as_str().unwrap();
    assert_eq!(column(&kserve, "request_id"), [format!("{id}#0"), format!("{id}#1")]);
}

/// Fixtures with some bytes replaced, cut or doubled.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let names = [
        "sagemaker/capture.jsonl",
        "sagemaker/ground-truth.jsonl",
        "sagemaker/shadow/my-endpoint/AllTraffic/2026/03/08/10/20-48-871-part.jsonl",
        "azureml-payload.jsonl",
        "azureml/model_outputs/2026/03/08/10/a.jsonl",
        "kserve-v2.json",
        "kserve/k-1-request.json",
        "cloudevents.jsonl",
        "event-dump.log",
        "inference-v1.jsonl",
        "inference-v1-pairs.jsonl",
        "inference-v2.jsonl",
        "databricks.jsonl",
        "bentoml/schema/schema.1.log",
        "wandb.table.json",
        "vertex.jsonl",
        "firehose",
        "trec-run.txt",
        "trec-qrels.txt",
        "letor.txt",
        "coco-results.json",
        "coco-annotations.json",
        "lm-eval.jsonl",
        "inspect.json",
        "openinference.jsonl",
        "otlp.json",
        "bedrock.json",
        "chat.json",
        "exposures/eppo.jsonl",
        "refused/trace.json",
        "refused/manifest.json",
    ];
    let sign = prop_oneof![
        any::<u8>(),
        prop::sample::select(&b"{}[]\",:\\0-#=\n\x00\xff"[..]),
        prop::sample::select(&b"9\xc3 \tQe."[..])
    ];
    let changes = prop::collection::vec((any::<prop::sample::Index>(), sign), 0..12);
    (prop::sample::select(names.to_vec()), changes, any::<prop::sample::Index>(), any::<bool>()).prop_map(
        |(name, changes, cut, is_cut)| {
            let mut bytes = std::fs::read(fixture(name)).unwrap();
            for (at, sign) in changes {
                let at = at.index(bytes.len());
                bytes[at] = sign;
            }
            if is_cut {
                bytes.truncate(cut.index(bytes.len()));
            }
            bytes
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_end_in_a_table_or_a_reason(bytes in damaged()) {
        match read_text(bytes, &JobCx::new()).unwrap() {
            Ok((records, ..)) => {
                let rows = records.table.records;
                prop_assert!(records.table.columns.iter().all(|column| column.len() == rows));
            }
            Err(why) => prop_assert!(!why.is_empty()),
        }
    }

    #[test]
    fn any_payload_ends_in_rows_or_a_reason(bytes in prop::collection::vec(any::<u8>(), 0..200), npy in any::<bool>(), encoding in prop::sample::select(&["CSV", "JSON", "BASE64", ""][..])) {
        let bytes = if npy { [b"\x93NUMPY\x01\x00".as_slice(), &bytes].concat() } else { bytes };
        for way in [super::payload::Way::Input, super::payload::Way::Output] {
            if let Err(why) = super::payload::body(&bytes, encoding, way) {
                prop_assert!(!why.is_empty());
            }
        }
    }
}
