//! Rows of the table of damaged and odd input in `docs/formats.md` that no fixture holds: what is said of each, with
//! file, record and what to do, and that the good records are read.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

use assay::ingest::{self, IngestError, Issue, Loaded, OpenOptions, Opened, QuestionKind, Severity};
use assay::job::JobCx;
use assay::log::{FeatureValues, Log, RunKind, Task, is_not_logged};

/// Files in a folder of their own, removed when dropped.
struct Files(PathBuf);

impl Files {
    fn new(name: &str, files: &[(&str, &[u8])]) -> Self {
        let folder = std::env::temp_dir().join(format!("assay-rows-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        for (file, bytes) in files {
            let path = folder.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        Self(folder)
    }

    fn open(&self, options: OpenOptions) -> Result<Opened, IngestError> {
        let options = OpenOptions { base: Some(self.0.clone()), ..options };
        ingest::open(std::slice::from_ref(&self.0), &options, &JobCx::new())
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// One file, opened and loaded under the guess.
fn load(name: &str, bytes: &[u8]) -> (Opened, Loaded) {
    load_with(name, bytes, OpenOptions::default())
}

fn load_with(name: &str, bytes: &[u8], options: OpenOptions) -> (Opened, Loaded) {
    let files = Files::new(name, &[(name, bytes)]);
    let opened = files.open(OpenOptions { accept_bad_rows: true, ..options }).unwrap_or_else(|why| panic!("{why}"));
    let loaded = ingest::load(&opened, &opened.guess, &JobCx::new()).unwrap_or_else(|why| panic!("{name}: {why}"));
    (opened, loaded)
}

/// `ids` requests in the long layout, both models; the cells of a line are `cell(id, model, score, label)`.
fn lines(ids: usize, cell: impl Fn(usize, &str, f64, usize) -> String) -> String {
    let one = |line: usize| {
        let (id, model) = (line / 2, ["champion", "challenger"][line % 2]);
        cell(id, model, (id * 37 % 101) as f64 / 101.0 + (line % 2) as f64 / 256.0, usize::from(id % 3 == 0))
    };
    (0..ids * 2).map(|line| one(line) + "\n").collect()
}

fn csv(ids: usize) -> String {
    let line = |id: usize, model: &str, score: f64, label: usize| format!("r{id},{model},{score:.4},{label}");
    "id,model,score,label\n".to_owned() + &lines(ids, line)
}

fn json(
    id: impl std::fmt::Display,
    model: &str,
    score: impl std::fmt::Display,
    label: impl std::fmt::Display,
) -> String {
    format!("{{\"id\":{id},\"model\":\"{model}\",\"score\":{score},\"label\":{label}}}")
}

fn jsonl(ids: usize) -> String {
    lines(ids, |id, model, score, label| json(format!("\"r{id}\""), model, score, label))
}

fn issue<'a>(issues: &'a [Issue], code: &str) -> &'a Issue {
    let codes: Vec<&str> = issues.iter().map(|issue| issue.code.as_str()).collect();
    issues.iter().find(|issue| issue.code == code).unwrap_or_else(|| panic!("no {code} among {codes:?}"))
}

/// What is said names all `parts`, and what to do.
#[track_caller]
fn says(issues: &[Issue], code: &str, parts: &[&str]) {
    let found = issue(issues, code);
    for part in parts {
        assert!(found.message.contains(part), "{part} is not in: {}", found.message);
    }
    assert!(!found.consequence.is_empty() && !found.mend.is_empty(), "{found:?}");
}

fn scores(log: &Log, arm: usize) -> &[f64] {
    log.arms[arm].scores.as_deref().unwrap()
}

/// Labels of class 1, class 0 and none.
fn labels(log: &Log) -> [usize; 3] {
    [1, 0, assay::log::NO_LABEL].map(|class| log.labels.iter().filter(|label| **label == class).count())
}

#[test]
fn a_csv_without_header_keeps_its_first_record() {
    let text = csv(40).split_once('\n').unwrap().1.to_owned();
    let roles = [("id", "column 1"), ("model", "column 2"), ("score", "column 3"), ("label", "column 4")];
    let roles = roles.map(|(role, column)| (role.to_owned(), column.to_owned())).to_vec();
    let (_, loaded) = load_with("bare.csv", text.as_bytes(), OpenOptions { roles, ..OpenOptions::default() });
    says(&loaded.report.issues, "no_header", &["first record reads like data", "bare.csv"]);
    assert_eq!((loaded.log.audit.paired, loaded.log.ids.get(0).as_str()), (40, "r0"));
}

#[test]
fn a_storage_services_error_beside_logs_is_named_and_the_logs_are_read() {
    let xml = b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>AccessDenied</Code></Error>";
    let files = Files::new("xml", &[("1.csv", csv(40).as_bytes()), ("2.csv", xml), ("3.csv", b"")]);
    let opened = files.open(OpenOptions::default()).unwrap();
    let left: Vec<_> = opened.issues.iter().filter(|issue| issue.code == "not_a_log").collect();
    assert!(left[0].message.contains("2.csv was left out") && left[0].message.contains("AccessDenied"), "{left:?}");
    assert!(left[0].message.contains("download the file again") && !left[0].mend.is_empty());
    assert!(left[1].message.contains("3.csv was left out: The file is empty"), "{left:?}");
    assert_eq!(ingest::load(&opened, &opened.guess, &JobCx::new()).unwrap().log.audit.paired, 40);
}

#[test]
fn times_with_and_without_offset_in_one_column_are_told() {
    let offset = ["", "Z", "+01:00"];
    let text = "id,model,score,label,timestamp\n".to_owned()
        + &lines(30, |id, model, score, label| {
            format!("r{id},{model},{score:.3},{label},2026-03-08T10:{id:02}:00{}", offset[id % 3])
        });
    let (opened, loaded) = load("mixed.csv", text.as_bytes());
    says(&loaded.report.issues, "assumed_zone", &["Some times in timestamp carry no offset", "read as UTC"]);
    let asked = opened.questions.iter().find(|asked| asked.kind == QuestionKind::Zone).unwrap();
    assert!(asked.flag.contains("--zone") && asked.evidence.contains("Some carry an offset"), "{asked:?}");
    let (minute, noon) = (60_000_000, 1_772_964_000_000_000); // 2026-03-08T10:00:00Z
    assert_eq!(loaded.log.times.unwrap()[..3], [noon, noon + minute, noon + 2 * minute - 60 * minute]);
}

#[test]
fn cells_that_say_nothing_was_logged_leave_the_column_a_number() {
    let empty = ["null", "None", "NA", "", "nan"];
    let text = "id,model,score,label\n".to_owned()
        + &lines(40, |id, model, score, label| {
            let score = empty.get(id).map_or_else(|| format!("{score:.3}"), |text| (*text).to_owned());
            format!("r{id},{model},{score},{label}")
        });
    let (opened, loaded) = load("nulls.csv", text.as_bytes());
    assert_eq!(opened.sources[0].columns[2].kind, "number");
    let scores = scores(&loaded.log, 0);
    assert_eq!(scores.iter().filter(|score| is_not_logged(**score)).count(), 4);
    assert_eq!(scores.iter().filter(|score| score.is_finite()).count(), 35);
    says(&loaded.report.issues, "score_not_finite", &["2 scores in score are NaN"]);
}

#[test]
fn a_number_and_its_text_are_one_label() {
    let text = lines(40, |id, model, score, label| {
        json(format!("\"r{id}\""), model, score, if id % 2 == 0 { label.to_string() } else { format!("\"{label}\"") })
    });
    let (_, loaded) = load("typed-late.jsonl", text.as_bytes());
    assert_eq!((labels(&loaded.log), loaded.log.audit.labels.other_values.len()), ([14, 26, 0], 0));
}

#[test]
fn a_header_that_names_a_column_twice_is_told() {
    let text = "id,model,score,score,label\n".to_owned()
        + &lines(40, |id, model, score, label| format!("r{id},{model},{score:.4},9,{label}"));
    let (opened, loaded) = load("twice.csv", text.as_bytes());
    says(&loaded.report.issues, "duplicate_header", &["score more than once", "twice.csv"]);
    assert_eq!(opened.sources[0].columns[3].role.column, "score (2)");
    assert!((scores(&loaded.log, 0)[1] - 0.3663).abs() < 1e-9);
}

#[test]
fn bare_nan_and_infinity_in_json_lines_are_the_models_failures() {
    let odd = ["NaN", "Infinity", "-Infinity"];
    let text = lines(40, |id, model, score, label| {
        let score = odd.get(id).map_or_else(|| score.to_string(), |text| (*text).to_owned());
        json(format!("\"r{id}\""), model, score, label)
    });
    let (opened, loaded) = load("tokens.jsonl", text.as_bytes());
    says(&loaded.report.issues, "score_not_finite", &["6 scores in score are NaN or infinite"]);
    assert_eq!((opened.sources[0].quarantined, loaded.log.audit.paired), (0, 40));
    assert!(scores(&loaded.log, 0)[0].is_nan() && scores(&loaded.log, 0)[1] == f64::INFINITY);
}

#[test]
fn json_in_every_grammar_is_the_same_log() {
    let one = |id: usize, model: &str, score: f64, label: usize| json(format!("\"r{id}\""), model, score, label);
    let plain = load("plain.jsonl", jsonl(40).as_bytes()).1.log;
    let array = format!("[{}]", lines(40, one).trim_end().replace('\n', ",\n"));
    let pretty = lines(40, |id, model, score, label| {
        one(id, model, score, label).replace('{', "{\n  ").replace(',', ",\n  ").replace('}', "\n}")
    });
    let marked = format!("\u{feff}{}", jsonl(40));
    for (name, text) in
        [("array.json", array), ("pretty.json", pretty), ("joined", jsonl(40).replace('\n', "")), ("bom.jsonl", marked)]
    {
        let (opened, loaded) = load(name, text.as_bytes());
        assert_eq!(opened.sources[0].quarantined, 0, "{name}");
        assert_eq!((scores(&loaded.log, 1), &loaded.log.labels), (scores(&plain, 1), &plain.labels), "{name}");
    }
}

#[test]
fn a_damaged_object_among_concatenated_ones_is_set_aside() {
    let text = jsonl(40).replacen("\"r7\",\"model\"", "\"r7\" \"model\"", 1).replace('\n', "");
    let (opened, loaded) = load("firehose", text.as_bytes());
    says(&opened.issues, "unreadable_record", &["1 of 80 records", "firehose:15", "not valid JSON"]);
    assert_eq!((loaded.log.audit.paired, loaded.log.audit.challenger_only), (39, 1));
}

#[test]
fn old_encodings_keep_their_records() {
    let text = csv(40).replace("label\n", "label,stadt\n").replace(",0\n", ",0,Zürich\n").replace(",1\n", ",1,Köln\n");
    let bytes: Vec<u8> = text.chars().map(|letter| letter as u8).collect();
    let (_, loaded) = load("latin.csv", &bytes);
    says(&loaded.report.issues, "legacy_encoding", &["not UTF-8", "latin.csv"]);
    let FeatureValues::Coded(cities) = &loaded.log.feature("stadt").unwrap().values else { panic!("stadt is text") };
    let mut names = cities.names.clone();
    names.sort();
    assert_eq!((loaded.log.audit.paired, names), (40, vec!["Köln".to_owned(), "Zürich".to_owned()]));
}

#[test]
fn a_record_that_is_not_utf8_is_set_aside() {
    let text = jsonl(40).replacen("\"r7\"", "\"r7\u{1}\"", 1).replace("\"model\"", "\"stadt\":\"Zürich\",\"model\"");
    let mut bytes = text.into_bytes();
    let at = bytes.iter().position(|byte| *byte == 1).unwrap();
    bytes[at] = 0xff;
    let (opened, loaded) = load("utf8.jsonl", &bytes);
    says(&opened.issues, "unreadable_record", &["1 of 80 records", "utf8.jsonl:15", "not UTF-8"]);
    assert_eq!((loaded.log.audit.paired, loaded.log.audit.challenger_only), (39, 1));
}

#[test]
fn values_of_another_type_late_in_a_file_are_counted_with_their_place() {
    let text = "id,model,score,label,amount\n".to_owned()
        + &lines(500, |id, model, score, label| {
            let score = if id == 400 { "n/a?".to_owned() } else { format!("{score:.3}") };
            format!("r{id},{model},{score},{label},{}", if id < 300 { id as f64 } else { id as f64 + 0.5 })
        });
    let (_, loaded) = load("late.csv", text.as_bytes());
    let found = issue(&loaded.report.issues, "unreadable_value");
    assert_eq!((found.count, found.examples[1].record), (2, 803));
    says(&loaded.report.issues, "unreadable_value", &["2 values of score in late.csv", "late.csv:802", "`n/a?`"]);
    assert_eq!(scores(&loaded.log, 0).iter().filter(|score| is_not_logged(**score)).count(), 1);
    let FeatureValues::Numeric(amounts) = &loaded.log.feature("amount").unwrap().values else { panic!("a number") };
    assert_eq!((amounts[299], amounts[300]), (299.0, 300.5));
}

#[test]
fn ids_of_another_type_late_in_a_file_stay_text() {
    let id = |id: usize| match id {
        400 => "8011-N".to_owned(),
        401 => u64::MAX.to_string(),
        id => id.to_string(),
    };
    let text = "id,model,score,label\n".to_owned()
        + &lines(500, |at, model, score, label| format!("{},{model},{score:.3},{label}", id(at)));
    let log = load("ids.csv", text.as_bytes()).1.log;
    assert_eq!((log.audit.paired, log.ids.get(400)), (500, "8011-N".to_owned()));
    assert_eq!(log.ids.get(401), "18446744073709551615");
    let text = lines(40, |at, model, score, label| {
        json(if at < 30 { at.to_string() } else { format!("\"8011-{at}\"") }, model, score, label)
    });
    assert_eq!(load("ids.jsonl", text.as_bytes()).1.log.audit.paired, 40);
}

#[test]
fn a_list_or_an_object_where_others_hold_a_number_is_one_bad_value() {
    let text = lines(200, |id, model, score, label| {
        let (score, extra) = if id == 150 { (format!("[{score}]"), "{\"a\":1}") } else { (score.to_string(), "3") };
        json(format!("\"r{id}\",\"extra\":{extra}"), model, score, label)
    });
    let (opened, loaded) = load("shapes.jsonl", text.as_bytes());
    assert_eq!(opened.sources[0].quarantined, 0, "{:?}", opened.issues);
    says(&loaded.report.issues, "unreadable_value", &["2 values of score in shapes.jsonl", "shapes.jsonl:301"]);
    assert_eq!(
        (loaded.log.audit.paired, scores(&loaded.log, 0).iter().filter(|one| one.is_finite()).count()),
        (200, 199)
    );
    assert!(loaded.log.feature("extra").is_some() && loaded.log.feature("extra.a").is_some());
}

#[test]
fn columns_that_move_between_files_are_put_together_by_name() {
    let moved = "label,id,region,model,score\n".to_owned()
        + &lines(40, |id, model, score, label| format!("{label},s{id},north,{model},{score:.4}"));
    let files = Files::new("moved", &[("1.csv", csv(40).as_bytes()), ("2.csv", moved.as_bytes())]);
    let opened = files.open(OpenOptions::default()).unwrap();
    says(&opened.issues, "schema_drift", &["2.csv adds region"]);
    let log = ingest::load(&opened, &opened.guess, &JobCx::new()).unwrap().log;
    assert_eq!((log.audit.paired, labels(&log)), (80, [28, 52, 0]));
    assert_eq!(scores(&log, 0)[..40], scores(&log, 0)[40..]);
    // A key that only a later file has is a column of all.
    let late = jsonl(40).replace("\"r", "\"s").replace("\"model\"", "\"region\":\"north\",\"model\"");
    let files = Files::new("late-file", &[("1.jsonl", jsonl(40).as_bytes()), ("2.jsonl", late.as_bytes())]);
    let opened = files.open(OpenOptions::default()).unwrap();
    says(&opened.issues, "schema_drift", &["2.jsonl adds region"]);
    let log = ingest::load(&opened, &opened.guess, &JobCx::new()).unwrap().log;
    let FeatureValues::Coded(regions) = &log.feature("region").unwrap().values else { panic!("region is text") };
    assert_eq!((0..log.rows).filter(|row| regions.get(*row) == Some("north")).count(), 40);
}

#[test]
fn names_and_endings_of_files_do_not_count() {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(jsonl(40).replace("\"r", "\"s").as_bytes()).unwrap();
    let files = Files::new(
        "endings",
        &[
            ("a[1].csv", csv(40).replace(",\n", "\n").as_bytes()),
            ("b.jsonl.gz", &packed.finish().unwrap()),
            ("c.parquet", jsonl(40).replace("\"r", "\"t").as_bytes()),
        ],
    );
    let opened = files.open(OpenOptions::default()).unwrap();
    let formats: Vec<_> = opened.sources.iter().map(|source| source.format.as_str()).collect();
    assert_eq!(formats, ["csv", "jsonl+gzip", "jsonl"]);
    assert_eq!(ingest::load(&opened, &opened.guess, &JobCx::new()).unwrap().log.audit.paired, 120);
    let named = ingest::open(&[files.0.join("a[1].csv")], &OpenOptions::default(), &JobCx::new()).unwrap();
    assert_eq!((named.sources.len(), named.sources[0].records), (1, 80));
}

#[test]
fn labels_that_are_words_and_numbers_are_two_classes_or_asked() {
    let text = csv(40).replace(",0\n", ",101\n").replace(",1\n", ",foo\n");
    let (opened, _) = load("words.csv", text.as_bytes());
    let asked = opened.questions.iter().find(|asked| asked.kind == QuestionKind::Positive).unwrap();
    assert!(asked.answer.is_none() && asked.flag == "--positive VALUE", "{asked:?}");
    assert_eq!(asked.evidence, "Values with their counts: 101 (52), foo (28).");
    let told = OpenOptions { positive: Some("foo".to_owned()), ..OpenOptions::default() };
    assert_eq!(labels(&load_with("words.csv", text.as_bytes(), told).1.log), [14, 26, 0]);
}

#[test]
fn labels_spelled_as_fractions_or_nan_stay_two_classes() {
    let head = "id,model,score,label\n";
    let float = head.to_owned()
        + &lines(40, |id, model, score, label| {
            let end = if model == "champion" { ".0" } else { "" };
            format!("r{id},{model},{score:.3},{label}{end}")
        });
    let (opened, loaded) = load("float.csv", float.as_bytes());
    assert_eq!((opened.guess.task, opened.guess.positive.as_str()), (Task::Binary, "1"));
    assert_eq!(labels(&loaded.log), [14, 26, 0]);
    let nan = head.to_owned()
        + &lines(40, |id, model, score, label| {
            let label = if id % 4 == 0 { "nan".to_owned() } else { format!("{label}.0") };
            format!("r{id},{model},{score:.3},{label}")
        });
    for options in [OpenOptions::default(), OpenOptions { positive: Some("1".to_owned()), ..OpenOptions::default() }] {
        let (opened, loaded) = load_with("nan.csv", nan.as_bytes(), options);
        assert_eq!(opened.guess.task, Task::Binary);
        assert_eq!(labels(&loaded.log), [10, 20, 10], "a NaN label is absent, never class 0");
        assert_eq!((loaded.log.audit.labels.present, loaded.log.audit.labels.absent), (30, 10));
    }
}

#[test]
fn labels_of_some_rows_only_leave_the_others_without() {
    let text = "id,model,score,label\n".to_owned()
        + &lines(40, |id, model, score, label| {
            format!("r{id},{model},{score:.3},{}", if id < 20 { label.to_string() } else { String::new() })
        });
    let (_, loaded) = load("part.csv", text.as_bytes());
    assert_eq!((labels(&loaded.log), loaded.log.audit.paired), ([7, 13, 20], 40));
}

#[test]
fn scores_in_per_cent_and_logits_are_said_and_not_rescaled() {
    let of = |scale: fn(f64) -> f64| {
        "id,model,score,label\n".to_owned()
            + &lines(40, |id, model, score, label| format!("r{id},{model},{:.3},{label}", scale(score)))
    };
    let (_, percent) = load("percent.csv", of(|score| score * 100.0).as_bytes());
    says(&percent.report.issues, "score_scale", &["look like per cent"]);
    assert!(issue(&percent.report.issues, "score_scale").mend.contains("divide them by 100"));
    assert!(scores(&percent.log, 0).iter().any(|score| *score > 90.0));
    let (_, logits) = load("logits.csv", of(|score| score * 8.0 - 4.0).as_bytes());
    says(&logits.report.issues, "score_scale", &["no probabilities"]);
    let (_, shares) = load("shares.csv", csv(40).as_bytes());
    assert!(!shares.report.issues.iter().any(|issue| issue.code == "score_scale"));
}

#[test]
fn every_bad_record_is_counted_and_a_hundred_are_shown() {
    let text = lines(400, |id, model, score, label| {
        let good = json(format!("\"r{id}\""), model, score, label);
        if id % 4 == 0 { good.replace("\"model\":", "broken ") } else { good }
    });
    let files = Files::new("many", &[("many.jsonl", text.as_bytes())]);
    let opened = files.open(OpenOptions::default()).unwrap();
    let found = issue(&opened.issues, "unreadable_record");
    assert_eq!((found.count, found.share, found.examples.len()), (200, 0.25, 100));
    assert_eq!((found.severity, found.examples[1].record), (Severity::Blocking, 2));
    assert!(found.examples[0].raw.contains("broken") && found.examples[0].source == "many.jsonl");
    let asked = opened.questions.iter().find(|asked| asked.kind == QuestionKind::BadRows).unwrap();
    assert!(asked.answer.is_none() && asked.flag == "--accept-bad-rows", "{asked:?}");
    let accepted = files.open(OpenOptions { accept_bad_rows: true, ..OpenOptions::default() }).unwrap();
    assert_eq!(ingest::load(&accepted, &accepted.guess, &JobCx::new()).unwrap().log.audit.paired, 300);
}

#[test]
fn rows_are_paired_by_position_only_with_proof() {
    let model = |shift: usize, label: fn(usize) -> usize| {
        "score,label\n".to_owned()
            + &(0..60).map(|row| format!("0.{:02},{}\n", (row * 7 + shift) % 100, label(row))).collect::<String>()
    };
    let same = model(0, |row| usize::from(row % 3 == 0));
    let other = model(3, |row| usize::from(row % 5 == 0));
    let files = Files::new("position", &[("champion.csv", same.as_bytes()), ("challenger.csv", other.as_bytes())]);
    let opened = files.open(OpenOptions::default()).unwrap();
    let asked = opened.questions.iter().find(|asked| asked.kind == QuestionKind::Position).unwrap();
    assert!(asked.answer.is_none() && asked.flag.contains("--pairing position"), "{asked:?}");
    assert_eq!(opened.guess.kind, RunKind::Ab);
    fs::write(files.0.join("challenger.csv"), model(3, |row| usize::from(row % 3 == 0))).unwrap();
    let opened = files.open(OpenOptions::default()).unwrap();
    let log = ingest::load(&opened, &opened.guess, &JobCx::new()).unwrap().log;
    assert_eq!((log.audit.paired, log.rows), (60, 60));
}

#[test]
fn every_issue_says_what_it_means_and_what_to_do() {
    let fixtures = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut seen = std::collections::BTreeSet::new();
    for entry in fs::read_dir(fixtures).unwrap() {
        let path = entry.unwrap().path();
        let options = OpenOptions { accept_bad_rows: true, ..OpenOptions::default() };
        let Ok(opened) = ingest::open(std::slice::from_ref(&path), &options, &JobCx::new()) else { continue };
        let loaded = ingest::load(&opened, &opened.guess, &JobCx::new()).map(|loaded| loaded.report.issues);
        for issue in loaded.unwrap_or(opened.issues) {
            assert!(!issue.message.is_empty() && !issue.consequence.is_empty(), "{issue:?}");
            assert!(!issue.mend.is_empty() && issue.count > 0 && (0.0..=1.0).contains(&issue.share), "{issue:?}");
            seen.insert(issue.code);
        }
    }
    assert!(seen.len() >= 4, "{seen:?}");
}

/// The table of `docs/formats.md` names tests that are there.
#[test]
fn every_row_of_the_table_has_its_test() {
    fn sources(folder: &std::path::Path, text: &mut String) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, text);
            } else if path.extension().is_some_and(|end| end == "rs") {
                text.push_str(&fs::read_to_string(path).unwrap());
            }
        }
    }
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut code = String::new();
    sources(&root.join("src/ingest"), &mut code);
    sources(&root.join("tests"), &mut code);
    let page = fs::read_to_string(root.join("docs/formats.md")).unwrap();
    let table = page.split("## Damaged and odd input").nth(1).unwrap();
    let rows: Vec<&str> = table.lines().filter(|line| line.starts_with("| ")).skip(2).collect();
    assert!(rows.len() > 25, "{}", rows.len());
    for row in rows {
        let tests: Vec<&str> = row.rsplit("| ").next().unwrap().split('`').skip(1).step_by(2).collect();
        assert!(!tests.is_empty(), "{row}");
        for test in tests {
            assert!(code.contains(&format!("#[test]\nfn {test}()")), "{test} of the row {row}");
        }
    }
}
