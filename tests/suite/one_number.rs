//! The window, the command line and the record show the same number: every string of the view models, and all that
//! the command line prints, against the record as written.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use assay::job::JobCx;
use assay::present::confusion::{Normalise, confusion};
use assay::present::decision::{DraftText, RecordState, decision};
use assay::present::{Sheet, curves, overview};
use assay::session::draft::Draft;
use assay::session::pipeline::{self, Evaluation};
use serde_json::Value;

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_data/shadow-outreach/shadow-outreach.assay")
}

/// The sample, and its record as parsed JSON.
fn sample() -> &'static (Evaluation, Value) {
    static SAMPLE: OnceLock<(Evaluation, Value)> = OnceLock::new();
    SAMPLE.get_or_init(|| {
        let cx = JobCx::new();
        let request = pipeline::request(&[workspace()]).unwrap();
        let opened = pipeline::open(&request, &cx).unwrap();
        let policy = pipeline::policy(&request).unwrap();
        let run = pipeline::load(&opened, &pipeline::under(&policy, &opened.guess), &cx).unwrap();
        let evaluation = pipeline::evaluate(run, &request, policy, &cx).unwrap();
        let record = pipeline::record(&evaluation, &request, &Draft::default(), "2026-10-12T06:00:00Z");
        let record = serde_json::from_str(&serde_json::to_string(&record).unwrap()).unwrap();
        (evaluation, record)
    })
}

fn sheet(evaluation: &Evaluation) -> Sheet<'_> {
    Sheet {
        log: &evaluation.run.log,
        comparison: &evaluation.comparison,
        verdict: &evaluation.verdict,
        policy: &evaluation.policy,
    }
}

/// Numbers in a text as printed, with their decimals.
fn numbers(text: &str) -> Vec<(f64, usize)> {
    let plain: String = text.replace('−', "-").replace(',', "");
    plain
        .split(|c: char| !(c.is_ascii_digit() || c == '.' || c == '-'))
        .map(|part| part.trim_end_matches(['.', '-']))
        .filter_map(|part| Some((part.parse().ok()?, part.split_once('.').map_or(0, |(_, decimals)| decimals.len()))))
        .collect()
}

/// Ends of intervals have a comma and a space between them.
fn interval(text: &str) -> Vec<(f64, usize)> {
    text.split(", ").flat_map(numbers).collect()
}

/// Each shown number is its value, rounded to its decimals. Ends may be rounded outwards by one unit of the last
/// decimal where they would else stand on a margin.
fn shows(shown: &[(f64, usize)], values: &[&Value], scale: f64, slack: f64, what: &str) {
    assert_eq!(shown.len(), values.len(), "{what}: {shown:?} {values:?}");
    for ((number, decimals), value) in shown.iter().zip(values) {
        let value = value.as_f64().unwrap_or_else(|| panic!("{what}: {value}")) * scale;
        let unit = 10f64.powi(-(*decimals as i32));
        assert!((number - value).abs() <= slack * unit * (1.0 + 1e-9), "{what}: shown {number}, record {value}");
    }
}

const HALF: f64 = 0.5;

fn metric<'a>(record: &'a Value, name: &str) -> &'a Value {
    let metrics = record["comparison"]["metrics"].as_array().unwrap();
    metrics.iter().find(|metric| metric["name"] == name && metric["slice"].is_null()).unwrap()
}

fn scale(unit: &Value) -> f64 {
    if unit == "share" { 100.0 } else { 1.0 }
}

#[test]
fn scorecard() {
    let (evaluation, record) = sample();
    let model = overview::overview(&sheet(evaluation));
    assert!(model.scorecard.ungated.len() >= 10 && model.scorecard.gated.len() == 10);
    let mut compared = 0;
    for row in &model.scorecard.ungated {
        let found = metric(record, &row.metric);
        let scale = scale(&found["unit"]);
        let what = &row.title;
        shows(&numbers(&row.champion), &[&found["arms"]["champion"]["value"]], scale, HALF, what);
        shows(&numbers(&row.challenger), &[&found["arms"]["challenger"]["value"]], scale, HALF, what);
        let difference = &found["difference"];
        shows(&numbers(&row.difference), &[&difference["value"]], scale, HALF, what);
        if !difference["lo"].is_null() {
            shows(&interval(&row.interval), &[&difference["lo"], &difference["hi"]], scale, HALF, what);
            compared += 1;
        }
    }
    assert!(compared >= 8, "{compared}");
}

#[test]
fn gates() {
    let (evaluation, record) = sample();
    let said = DraftText::default();
    let model = decision(&sheet(evaluation), &said, &RecordState::default());
    let found = record["verdict"]["gates"].as_array().unwrap();
    assert_eq!(model.gates.len(), found.len());
    for (row, gate) in model.gates.iter().zip(found) {
        let raw = &gate["reading"]["raw"];
        let (Some(value), Some(ends)) = (&row.value, &row.interval) else {
            assert!(raw.is_null(), "{}", row.id);
            continue;
        };
        let scale = scale(&gate["unit"]);
        shows(&numbers(value), &[&raw["value"]], scale, HALF, &row.id);
        // Digits are chosen so that an end is never printed as the margin it is not.
        shows(&interval(ends), &[&raw["lo"], &raw["hi"]], scale, 1.0, &row.id);
        for (line, segment) in row.segments.iter().zip(gate["segments"].as_array().unwrap()) {
            let raw = &segment["reading"]["raw"];
            if let Some(value) = &line.value {
                shows(&numbers(value), &[&raw["value"]], scale, HALF, &line.name);
            }
        }
    }
}

#[test]
fn confusion_counts_rates_and_flips() {
    let (evaluation, record) = sample();
    let model = confusion(&sheet(evaluation), None, Normalise::default(), None);
    let names = [["true_negative", "false_positive"], ["false_negative", "true_positive"]];
    for (matrix, arm) in [(&model.arms.champion, "champion"), (&model.arms.challenger, "challenger")] {
        let cells = &matrix.as_ref().unwrap().cells;
        for (row, names) in cells.iter().zip(names) {
            for (cell, name) in row.iter().zip(names) {
                shows(&numbers(&cell.main), &[&record["comparison"]["confusion"][arm][name]], 1.0, 0.0, name);
            }
        }
    }
    let differences = &record["comparison"]["confusion_difference"];
    let cells = model.difference.as_ref().unwrap().cells.iter().flatten();
    for (index, cell) in cells.enumerate() {
        shows(&numbers(&cell.main), &[&differences[index]["value"]], 1.0, HALF, &cell.name);
    }
    for (truth, row) in model.flips.as_ref().unwrap().cells.iter().enumerate() {
        for (cell, name) in row.iter().zip(["both_right", "fixed", "broken", "both_wrong"]) {
            shows(&numbers(&cell.main), &[&record["comparison"]["flips"][truth][name]], 1.0, 0.0, name);
        }
    }
    assert!(model.rates.len() >= 9);
    for row in &model.rates {
        let found = metric(record, &row.name);
        let scale = scale(&found["unit"]);
        for (shown, arm) in row.arms.iter().zip(["champion", "challenger"]) {
            let (value, ends) = shown.as_ref().unwrap();
            let arm = &found["arms"][arm];
            shows(&numbers(value), &[&arm["value"]], scale, HALF, &row.name);
            shows(&interval(ends), &[&arm["lo"], &arm["hi"]], scale, HALF, &row.name);
        }
        let (value, ends) = row.difference.as_ref().unwrap();
        let difference = &found["difference"];
        shows(&numbers(value), &[&difference["value"]], scale, HALF, &row.name);
        shows(&interval(ends), &[&difference["lo"], &difference["hi"]], scale, HALF, &row.name);
    }
}

#[test]
fn values_beside_the_curves() {
    let (evaluation, record) = sample();
    let model = curves::curves(&sheet(evaluation), None);
    let roc = model.roc.as_ref().unwrap();
    let value = roc.values.iter().find(|value| value.label == "AUC").unwrap();
    let found = metric(record, "roc_auc");
    for (shown, arm) in value.arms.iter().zip(["champion", "challenger"]) {
        shows(&numbers(shown.as_ref().unwrap()), &[&found["arms"][arm]["value"]], 1.0, HALF, arm);
    }
    let difference = &found["difference"];
    shows(&numbers(value.difference.as_ref().unwrap()), &[&difference["value"]], 1.0, HALF, "AUC");
    shows(&interval(value.interval.as_ref().unwrap()), &[&difference["lo"], &difference["hi"]], 1.0, HALF, "AUC");
    // Rows of one unit are alike, and the bands do not know.
    assert!(roc.band.contains("rows taken as independent"), "{}", roc.band);
}

/// Equal numbers at the same places; the command line adds names of the arms.
fn same(printed: &Value, recorded: &Value, place: &str) -> usize {
    match (printed, recorded) {
        (Value::Object(a), Value::Object(b)) => {
            let part = |key: &str| a.get(key).unwrap_or_else(|| panic!("{place}: {key} is not printed"));
            b.iter().map(|(key, value)| same(part(key), value, &format!("{place}/{key}"))).sum()
        }
        (Value::Array(a), Value::Array(b)) => {
            assert_eq!(a.len(), b.len(), "{place}");
            a.iter().zip(b).enumerate().map(|(at, (a, b))| same(a, b, &format!("{place}/{at}"))).sum()
        }
        (Value::Number(a), Value::Number(b)) => {
            assert_eq!(a.as_f64(), b.as_f64(), "{place}");
            1
        }
        (a, b) => {
            assert_eq!(a, b, "{place}");
            0
        }
    }
}

#[test]
fn the_command_line_prints_the_numbers_of_the_record() {
    let (_, record) = sample();
    let run = Command::new(env!("CARGO_BIN_EXE_assay-cli")).arg("evaluate").arg(workspace()).arg("--json").output();
    let printed: Value = serde_json::from_slice(&run.unwrap().stdout).unwrap();
    let comparison = &record["comparison"];
    let mut compared = 0;
    for part in ["population", "metrics", "confusion", "flips"] {
        compared += same(&printed[part], &comparison[part], part);
    }
    // Checks are held against the limits of the policy.
    for part in ["validity", "gates"] {
        compared += same(&printed[part], &record["verdict"][part], part);
    }
    assert!(compared > 3_000, "{compared}");
}
