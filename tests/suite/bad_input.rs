//! Every file of `tests/fixtures` is read as its README says: nothing panics, nothing is dropped without a number.

use std::path::{Path, PathBuf};

use assay::ingest::{self, IngestError, Issue, Loaded, OpenOptions, Opened, QuestionKind, Severity};
use assay::job::JobCx;
use assay::log::{FeatureValues, Ids, Log, is_not_logged};

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

fn open_with(name: &str, options: OpenOptions) -> Result<Opened, IngestError> {
    let base = path("");
    ingest::open(&[path(name)], &OpenOptions { base: Some(base), ..options }, &JobCx::new())
}

fn open(name: &str) -> Opened {
    open_with(name, OpenOptions::default()).unwrap()
}

/// Load with bad records accepted, since one bad record of 40 is above the limit.
fn load(name: &str) -> Loaded {
    let opened = open_with(name, OpenOptions { accept_bad_rows: true, ..OpenOptions::default() }).unwrap();
    ingest::load(&opened, &opened.guess, &JobCx::new()).unwrap()
}

fn refusal(name: &str) -> String {
    open_with(name, OpenOptions::default()).unwrap_err().to_string()
}

fn issue<'a>(issues: &'a [Issue], code: &str) -> &'a Issue {
    let codes: Vec<&str> = issues.iter().map(|issue| issue.code.as_str()).collect();
    issues.iter().find(|issue| issue.code == code).unwrap_or_else(|| panic!("no issue {code} among {codes:?}"))
}

fn ids(log: &Log) -> Vec<String> {
    (0..log.rows).map(|row| log.ids.get(row)).collect()
}

/// Champion's and challenger's scores by id, the same for every spelling of one table.
fn scores(log: &Log) -> Vec<(String, [f64; 2])> {
    let of = |arm: usize, row: usize| log.arms[arm].scores.as_ref().unwrap()[row];
    let mut rows: Vec<_> = (0..log.rows).map(|row| (log.ids.get(row), [of(0, row), of(1, row)])).collect();
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    rows
}

#[test]
fn what_is_no_log_is_an_error_that_names_the_file() {
    let empty = refusal("empty.csv");
    assert!(empty.contains("empty") && empty.contains("empty.csv"), "{empty}");
    let header = refusal("header_only.csv");
    for name in ["id", "model", "score", "label", "header_only.csv", "no records"] {
        assert!(header.contains(name), "{header}");
    }
    let html = refusal("html_error.csv");
    assert!(html.contains("HTML") && html.contains("html_error.csv") && html.contains("503"), "{html}");
}

#[test]
fn a_cut_last_line_is_set_aside_with_its_number() {
    let Loaded { log, report } = load("truncated_line.jsonl");
    let bad = issue(&report.issues, "unreadable_record");
    assert_eq!((bad.count, bad.examples[0].record), (1, 40));
    assert!(bad.message.contains("truncated_line.jsonl:40"), "{}", bad.message);
    assert!(!bad.examples[0].raw.is_empty());
    assert_eq!(log.sources[0].records, 39);
    assert_eq!((log.audit.paired, log.audit.champion_only, log.audit.challenger_only), (19, 1, 0));
}

#[test]
fn a_garbage_line_is_set_aside_with_its_text_and_blocks_until_accepted() {
    let opened = open("garbage_line.jsonl");
    let bad = issue(&opened.issues, "unreadable_record");
    assert_eq!((bad.count, bad.examples[0].record, bad.severity), (1, 21, Severity::Blocking));
    assert!(opened.questions.iter().any(|asked| asked.kind == QuestionKind::BadRows && asked.answer.is_none()));
    let Loaded { log, .. } = load("garbage_line.jsonl");
    assert_eq!((log.sources[0].records, log.sources[0].quarantined, log.audit.paired), (40, 1, 20));
}

#[test]
fn byte_order_mark_crlf_semicolons_and_utf16_are_one_table() {
    let plain = load("bom_crlf.csv").log;
    assert_eq!((plain.sources[0].records, plain.audit.paired), (24, 12));
    assert_eq!([&plain.classes.negative, &plain.classes.positive], ["0", "1"]);
    for name in ["semicolon.csv", "utf16.csv"] {
        let other = load(name).log;
        assert_eq!(scores(&other), scores(&plain), "{name}");
        assert_eq!(other.labels, plain.labels, "{name}");
    }
    assert!(open("utf16.csv").sources[0].format.contains("utf-16"), "{}", open("utf16.csv").sources[0].format);
    assert!(open("semicolon.csv").sources[0].format.contains(';'), "{}", open("semicolon.csv").sources[0].format);
    assert_eq!(open("bom_crlf.csv").sources[0].columns[0].role.column, "id");
}

#[test]
fn duplicates_are_merged_or_refused_never_multiplied() {
    let Loaded { log, report } = load("dup_conflict.csv");
    assert_eq!((log.audit.duplicate_same, log.audit.duplicate_different), (3, 2));
    assert_eq!((log.audit.paired, log.rows), (28, 28));
    assert!(!ids(&log).iter().any(|id| id == "r0006" || id == "r0021"));
    assert_eq!(issue(&report.issues, "conflicting_ids").count, 2);
}

#[test]
fn ids_are_text_byte_for_byte() {
    let Loaded { log, .. } = load("ids_leading_zero.csv");
    assert_eq!((log.rows, log.audit.duplicate_same, log.audit.duplicate_different), (13, 0, 0));
    assert!(matches!(log.ids, Ids::Text { .. }));
    for id in ["00123", "0123", "123", "1e3", "1000"] {
        assert!(ids(&log).iter().any(|found| found == id), "{id}");
    }
    assert!(ids(&log).iter().any(|id| id.len() == 20), "{:?}", ids(&log));
}

#[test]
fn three_label_values_are_never_taken_as_two() {
    let opened = open("three_labels.csv");
    let asked = opened.questions.iter().find(|asked| asked.kind == QuestionKind::Positive).unwrap();
    assert!(asked.answer.is_none() && asked.flag.contains("--positive"), "{asked:?}");
    for part in ["0 (16)", "1 (16)", "2 (16)"] {
        assert!(format!("{} {}", asked.text, asked.evidence).contains(part), "{asked:?}");
    }
    let told = open_with("three_labels.csv", OpenOptions { positive: Some("1".to_owned()), ..OpenOptions::default() });
    let told = told.unwrap();
    let Loaded { log, report } = ingest::load(&told, &told.guess, &JobCx::new()).unwrap();
    assert_eq!([1, 0].map(|class| log.labels.iter().filter(|label| **label == class).count()), [8, 8]);
    assert_eq!(log.audit.labels.other_values, [("2".to_owned(), 16)]);
    assert!(issue(&report.issues, "other_label_values").message.contains('2'));
}

#[test]
fn a_models_nan_is_not_a_score_that_was_not_logged() {
    let Loaded { log, .. } = load("nan_scores.csv");
    let (mut failed, mut infinite, mut missing, mut usable) = (0, 0, 0, 0);
    for row in 0..log.rows {
        let pair = [0, 1].map(|arm: usize| log.arms[arm].scores.as_ref().unwrap()[row]);
        usable += u32::from(pair.iter().all(|score| score.is_finite()));
        for score in pair {
            failed += u32::from(score.is_nan() && !is_not_logged(score));
            infinite += u32::from(score.is_infinite());
            missing += u32::from(is_not_logged(score));
        }
    }
    assert_eq!((failed, infinite, missing, usable), (2, 2, 2, log.rows as u32 - 6));
}

#[test]
fn a_key_that_comes_late_is_a_column_of_all_rows() {
    let opened = open("late_key.jsonl");
    assert!(!opened.issues.iter().any(|issue| issue.code == "unreadable_record"));
    let Loaded { log, .. } = load("late_key.jsonl");
    let logged = log.arms.iter().filter_map(|arm| arm.latency_ms.as_ref()).flatten();
    assert_eq!(logged.filter(|value| !is_not_logged(**value)).count(), 40);
}

#[test]
fn wide_logs_keep_quoted_cells() {
    let Loaded { log, .. } = load("wide.csv");
    assert_eq!((log.rows, log.arms.len()), (40, 2));
    let FeatureValues::Coded(codes) = &log.feature("segment").unwrap().values else { panic!("segment is text") };
    let mut names = codes.names.clone();
    names.sort();
    assert_eq!(names, ["East, coast", "Nord", "Süd", "the \"West\""]);
    for code in 0..4 {
        assert_eq!((0..log.rows).filter(|row| codes.code(*row) == Some(code)).count(), 10);
    }
}

#[test]
fn ragged_lines_are_set_aside_one_by_one() {
    let Loaded { log, report } = load("ragged.csv");
    let bad = issue(&report.issues, "unreadable_record");
    assert_eq!(bad.examples.iter().map(|example| example.record).collect::<Vec<_>>(), [8, 17]);
    assert_eq!((log.sources[0].records, log.audit.paired), (22, 10));
    assert_eq!((log.audit.champion_only, log.audit.challenger_only), (1, 1));
}
