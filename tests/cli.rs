//! `assay-cli` from outside: exit codes, what goes where, records that replay, and published values.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../src/decision/schema_check.rs"]
mod schema_check;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

const SAMPLE: &str = "sample_data/shadow-outreach";

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn run_in(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_assay-cli")).args(args).current_dir(folder).stdin(Stdio::null()).output().unwrap()
}

fn run(args: &[&str]) -> Output {
    run_in(&root(), args)
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", stderr(output)))
}

/// A folder that is removed when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("assay-cli-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    /// The sample with its record in `out`.
    fn with_record(name: &str) -> Self {
        static RECORD: OnceLock<Vec<(PathBuf, Vec<u8>)>> = OnceLock::new();
        let folder = Self::new(name);
        copy(&root().join(SAMPLE), &folder.0);
        let files = RECORD.get_or_init(|| {
            let output = run_in(&folder.0, &["evaluate", "shadow-outreach.assay", "--out", "made"]);
            assert_eq!(code(&output), 0, "{}", stderr(&output));
            let read = |name: &str| (PathBuf::from(name), fs::read(folder.0.join("made").join(name)).unwrap());
            ["record.json", "report.html", "policy.toml", "MANIFEST.sha256"].map(read).into()
        });
        fs::create_dir_all(folder.0.join("out")).unwrap();
        for (name, bytes) in files {
            fs::write(folder.0.join("out").join(name), bytes).unwrap();
        }
        folder
    }

    fn change(&self, name: &str, from: &str, to: &str) {
        let path = self.0.join(name);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{from} is not in {name}");
        fs::write(path, text.replacen(from, to, 1)).unwrap();
    }

    fn verify(&self, args: &[&str]) -> Output {
        run_in(&self.0, &[&["verify", "out/record.json"], args].concat())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
}

fn metric<'a>(result: &'a Value, name: &str) -> &'a Value {
    let metrics = result["metrics"].as_array().unwrap();
    metrics.iter().find(|metric| metric["name"] == name && metric["slice"].is_null()).unwrap()
}

#[track_caller]
fn close(found: &Value, expected: &Value) {
    let (found, expected) = (found.as_f64().unwrap(), expected.as_f64().unwrap());
    assert!((found - expected).abs() <= 1e-9 * expected.abs(), "{found} is not {expected}");
}

#[test]
fn the_sample_is_promoted_with_conditions() {
    let output = run(&["evaluate", &format!("{SAMPLE}/shadow-outreach.assay")]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let text = stdout(&output);
    for part in [
        "outreach-gbm 8.0-rc1 against outreach-logit 7.1, shadow run, 7 Sep – 4 Oct 2026",
        "Paired        20,131  −59 champion only",
        "The challenger finds 3.0 pp more",
        "Recommends: promote with conditions",
        "Rule 5 of member-outreach 2026.4",
        "[+0.018, +0.027]",
    ] {
        assert!(text.contains(part), "{part} is not in:\n{text}");
    }
    assert!(!text.contains('\x1b'), "no escape codes where nobody looks");
    assert_eq!(stderr(&output), "", "progress is for terminals");
}

#[test]
fn json_holds_what_the_readme_of_the_sample_says() {
    let folder = format!("{SAMPLE}/");
    let output = run(&["evaluate", &folder, "--json", "--slice", "sex=female"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let result = json(&output);
    for key in ["population", "validity", "metrics", "gates", "verdict"] {
        assert!(!result[key].is_null(), "{key}");
    }
    assert_eq!(result["population"]["analysed"], 19_385);
    for (name, champion, challenger) in [
        ("roc_auc", 0.7712, 0.7939),
        ("average_precision", 0.5049, 0.5413),
        ("brier", 0.1303, 0.1248),
        ("recall", 0.5414, 0.5711),
        ("precision", 0.4304, 0.4667),
    ] {
        let metric = metric(&result, name);
        for (arm, expected) in [("champion", champion), ("challenger", challenger)] {
            let found = metric["arms"][arm]["value"].as_f64().unwrap();
            assert!((found - expected).abs() < 0.5e-4, "{name} of the {arm}: {found}");
        }
        for key in ["value", "lo", "hi", "level", "method", "p", "n"] {
            assert!(metric["difference"].get(key).is_some(), "{name} has no {key}");
        }
    }
    assert_eq!(result["verdict"]["recommendation"], "promote_with_conditions");
    assert_eq!(result["gates"].as_array().unwrap().len(), 10);
    let sliced = result["metrics"].as_array().unwrap().iter().any(|metric| metric["slice"] == "sex=female");
    assert!(sliced);
}

#[test]
fn a_record_verifies_and_fits_its_schema() {
    let folder = Folder::with_record("match");
    let output = folder.verify(&[]);
    assert_eq!(code(&output), 0, "{}{}", stdout(&output), stderr(&output));
    assert!(stdout(&output).contains("\nMATCH: "), "{}", stdout(&output));
    assert!(stdout(&output).contains("NOT CHECKED  seed: 20261004; "), "{}", stdout(&output));

    // The report carries the record; the logs may be named from anywhere.
    let logs = folder.0.display().to_string();
    let report = folder.0.join("out/report.html").display().to_string();
    let output = run(&["verify", &report, "--logs", &logs, "--json"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let result = json(&output);
    assert_eq!(result["all_match"], Value::Bool(true));
    let items = result["items"].as_array().unwrap();
    let unchecked: Vec<_> = items.iter().filter(|item| item["agreement"] == "NOT CHECKED").collect();
    assert_eq!(result["not_checked"], Value::from(unchecked.len()));
    assert_eq!(result["not_checked"], result["taken_from_record"]);
    assert!(unchecked.iter().any(|item| item["name"] == "seed" && item["stored"] == "20261004"), "{unchecked:?}");
    assert!(unchecked.iter().all(|item| item["reason"].as_str().is_some_and(|reason| !reason.is_empty())));
    assert_eq!(result["numbers"], result["numbers_matching"]);
    assert!(result["numbers"].as_u64().unwrap() > 1_000);

    let schema: Value = json(&run(&["schema", "record"]));
    let record: Value = serde_json::from_slice(&fs::read(folder.0.join("out/record.json")).unwrap()).unwrap();
    assert_eq!(schema_check::violations(&schema, &record), Vec::<String>::new());
    let schema: Value = json(&run(&["schema", "profile"]));
    let mut mapping = record["mapping"].clone();
    // A profile is TOML, which has no null.
    mapping.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    assert_eq!(schema_check::violations(&schema, &mapping), Vec::<String>::new());
}

#[test]
fn one_changed_byte_is_named() {
    let folder = Folder::with_record("log");
    let labels = "labels-2026-10-12.csv";
    let text = fs::read_to_string(folder.0.join(labels)).unwrap();
    let line = text.lines().nth(100).unwrap();
    let (from, to) = if line.contains(",0,") { (",0,", ",1,") } else { (",1,", ",0,") };
    folder.change(labels, line, &line.replacen(from, to, 1));
    let output = folder.verify(&[]);
    assert_eq!(code(&output), 1);
    let said = stdout(&output);
    assert!(said.contains(&format!("DIFFERS      sha256 of {labels}")), "{said}");
    assert!(said.contains("population positives: the record says"), "{said}");
    assert!(said.contains("\nDIFFERS: "), "{said}");

    let folder = Folder::with_record("policy");
    folder.change("out/policy.toml", "margin  = 0.005", "margin  = 0.004");
    let output = folder.verify(&[]);
    assert_eq!(code(&output), 1);
    assert!(stdout(&output).contains("DIFFERS      sha256 of policy.toml"), "{}", stdout(&output));

    let folder = Folder::with_record("number");
    folder.change("out/record.json", "\"analysed\":19385", "\"analysed\":19386");
    let output = folder.verify(&[]);
    assert_eq!(code(&output), 1);
    for part in ["sha256 of record.json", "population analysed: the record says 19386, recomputed 19385"] {
        assert!(stdout(&output).contains(part), "{part}: {}", stdout(&output));
    }

    let folder = Folder::with_record("seed");
    fs::remove_file(folder.0.join("out/MANIFEST.sha256")).unwrap();
    folder.change("out/record.json", "\"seed\":20261004,\"tool\"", "\"seed\":20261005,\"tool\"");
    let output = folder.verify(&[]);
    assert_eq!(code(&output), 1);
    assert!(stdout(&output).contains("reproduction seed: the record says 20261005"), "{}", stdout(&output));

    let folder = Folder::with_record("words");
    folder.change("out/record.json", "\"title\":\"Shadow, member", "\"title\":\"Shadow. member");
    assert_eq!(code(&folder.verify(&[])), 1);

    let folder = Folder::with_record("key");
    folder.change("out/record.json", "\"header\":", "\"haeder\":");
    let output = folder.verify(&[]);
    assert_eq!(code(&output), 1);
    assert!(stderr(&output).contains("haeder") && stderr(&output).contains("record.json"), "{}", stderr(&output));
}

#[test]
fn logs_that_are_gone_are_not_checked() {
    let folder = Folder::with_record("gone");
    fs::remove_file(folder.0.join("predictions-challenger.jsonl.gz")).unwrap();
    let output = folder.verify(&[]);
    assert_eq!(code(&output), 1);
    let said = stdout(&output);
    assert!(said.contains("NOT CHECKED  sha256 of predictions-challenger.jsonl.gz"), "{said}");
    assert!(said.contains("--logs") && !said.contains("\nMATCH"), "{said}");
}

#[test]
fn documents_are_written_from_the_record_alone() {
    let folder = Folder::with_record("report");
    let output = run_in(&folder.0, &["report", "out/record.json", "--format", "html,md,csv,junit", "--out", "docs"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert_eq!(stdout(&output).lines().count(), 4);
    for name in ["report.html", "report.md", "metrics.csv", "junit.xml"] {
        assert!(fs::metadata(folder.0.join("docs").join(name)).unwrap().len() > 100, "{name}");
    }
    let read = |name: &str| fs::read(folder.0.join(name)).unwrap();
    assert_eq!(read("docs/report.html"), read("out/report.html"));
    let output = run_in(&folder.0, &["report", "out/record.json", "--format", "pdf"]);
    assert_eq!(code(&output), 1);
    assert!(stderr(&output).contains("PDF is not available in this version"));
}

#[test]
fn the_verdict_is_the_exit_code() {
    let folder = Folder::new("codes");
    let mut rows = "id,score_champion,score_challenger,label\n".to_owned();
    for row in 0..2_000_u32 {
        let good = f64::from(row % 2) * 0.5 + f64::from(row * 7 % 500) / 1_000.0;
        let poor = f64::from(row * 13 % 997) / 997.0;
        rows += &format!("r{row},{good},{poor},{}\n", row % 2);
    }
    fs::write(folder.0.join("a.csv"), &rows).unwrap();
    let output = run_in(&folder.0, &["evaluate", "a.csv"]);
    assert_eq!(code(&output), 4, "{}{}", stdout(&output), stderr(&output));
    assert!(stdout(&output).contains("Recommends: reject"));

    let few = |row: u32| format!("r{row},{},{},{}\n", row * 7 % 40, row * 3 % 40, row % 2);
    let few: String = (0..40).map(few).collect();
    fs::write(folder.0.join("few.csv"), format!("id,score_champion,score_challenger,label\n{few}")).unwrap();
    assert_eq!(code(&run_in(&folder.0, &["evaluate", "few.csv"])), 3);

    let policy = stdout(&run(&["policy", "default"]));
    fs::write(folder.0.join("ab.toml"), format!("{policy}\n[design]\nmode = \"ab\"\n")).unwrap();
    assert_eq!(code(&run_in(&folder.0, &["evaluate", "a.csv", "--policy", "ab.toml"])), 6);
    fs::write(folder.0.join("strict.toml"), policy.replace("role = \"primary\"", "role = \"critical\"")).unwrap();
    assert_eq!(code(&run_in(&folder.0, &["evaluate", "a.csv", "--policy", "strict.toml"])), 5);
}

#[test]
fn wrong_usage_exits_with_2_and_errors_with_1() {
    for args in [
        &["evaluate"][..],
        &["evaluate", "x.csv", "--map", "id"],
        &["evaluate", "x.csv", "--threshold", "high"],
        &["evaluate", "x.csv", "--slice", "region"],
        &["evaluate", "x.csv", "--kind", "beta"],
        &["promote"],
        &["schema", "verdict"],
        &["evaluate", SAMPLE, "--threshold", "nobody=0.5"],
    ] {
        let output = run(args);
        assert_eq!((code(&output), stdout(&output).as_str()), (2, ""), "{args:?}");
        assert!(!stderr(&output).is_empty());
    }
    for (args, parts) in [
        (&["evaluate", "no/such.csv"][..], &["no/such.csv"][..]),
        (&["evaluate", SAMPLE, "--policy", "no/policy.toml"], &["no/policy.toml"]),
        (&["evaluate", SAMPLE, "--map", "id=request"], &["request", "request_id"]),
        (&["evaluate", SAMPLE, "--task", "ranking"], &["ranked list", "--map item=COLUMN"]),
        (&["verify", "no/record.json"], &["no/record.json"]),
        (&["verify", "Cargo.toml"], &["not a decision record", "Cargo.toml"]),
        (&["sign", "record.json"], &["not available"]),
        (&["evaluate", "tests/fixtures/three_labels.csv"], &["--positive"]),
    ] {
        let output = run(args);
        assert_eq!((code(&output), stdout(&output).as_str()), (1, ""), "{args:?}");
        for part in parts {
            assert!(stderr(&output).contains(part), "{part}: {}", stderr(&output));
        }
    }
    assert_eq!(code(&run(&["--help"])), 0);
    assert!(stdout(&run(&["--version"])).starts_with("assay-cli "));
}

#[test]
fn policies_are_checked_with_their_line() {
    let output = run(&["policy", "check", &format!("{SAMPLE}/policy.toml")]);
    assert_eq!(code(&output), 0, "{}", stdout(&output));
    assert!(stdout(&output).contains("member-outreach 2026.4, 10 gates"));

    let folder = Folder::new("policy-check");
    let policy = stdout(&run(&["policy", "default"]));
    let path = folder.0.join("p.toml");
    for (from, to, part) in
        [("margin = 0.005", "margn = 0.005", "`margn`"), ("margin = 0.005", "margin = -1", "negative")]
    {
        fs::write(&path, policy.replacen(from, to, 1)).unwrap();
        let output = run_in(&folder.0, &["policy", "check", "p.toml"]);
        assert_eq!(code(&output), 1);
        assert!(
            stdout(&output).starts_with("p.toml: error: line ") && stdout(&output).contains(part),
            "{}",
            stdout(&output)
        );
    }
}

#[test]
fn inspect_says_what_files_are_and_what_is_open() {
    let output = run(&["inspect", &format!("{SAMPLE}/shadow-outreach.assay")]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    for part in ["jsonl+gzip", "request_id", "by equal request_id", "20,131"] {
        assert!(stdout(&output).contains(part), "{part}: {}", stdout(&output));
    }
    let result = json(&run(&["inspect", "tests/fixtures/three_labels.csv", "--json"]));
    let open = result["questions"].as_array().unwrap().iter().any(|asked| asked["answer"].is_null());
    assert!(open, "{result}");
}

#[test]
fn a_reader_who_leaves_is_no_panic() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_assay-cli"))
        .args(["schema", "record"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(!stderr(&output).contains("panicked"), "{}", stderr(&output));
}

/// Published cases that lie beside a development checkout; `None` (and a message) elsewhere.
fn case(name: &str) -> Option<(PathBuf, Value)> {
    let folder = root().join("../shared/cases").join(name);
    let Ok(text) = fs::read(folder.join("expected.json")) else {
        eprintln!("skipped: {} is not here", folder.display());
        return None;
    };
    Some((folder, serde_json::from_slice(&text).unwrap()))
}

fn counts(result: &Value, arm: &str, expected: &Value) {
    let found = &result["confusion"][arm];
    for (name, key) in
        [("true_negative", "tn"), ("false_positive", "fp"), ("false_negative", "fn"), ("true_positive", "tp")]
    {
        assert_eq!(found[name], expected[key], "{arm} {name}");
    }
}

#[test]
fn asah_agrees_with_proc_and_scikit_learn() {
    let Some((folder, expected)) = case("binary-asah-proc") else {
        return;
    };
    let file = folder.join("aSAH.csv").display().to_string();
    let columns = |champion: &str, challenger: &str| {
        let maps = [
            format!("score.champion={champion}"),
            format!("score.challenger={challenger}"),
            "label=outcome".to_owned(),
        ];
        let mut args = vec!["evaluate".to_owned(), file.clone(), "--json".to_owned()];
        args.extend(maps.into_iter().flat_map(|map| ["--map".to_owned(), map]));
        args.extend(["--positive", "Poor", "--map", "id=patient", "--slice", "gender=Female"].map(str::to_owned));
        if champion == "s100b" {
            args.extend(["--threshold", "s100b=0.205", "--threshold", "wfns=4"].map(str::to_owned));
        }
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        json(&run(&args))
    };
    let result = columns("s100b", "wfns");
    let delong = &expected["our_delong"]["wfns_vs_s100b"];
    let auc = metric(&result, "roc_auc");
    close(&auc["arms"]["champion"]["value"], &expected["sklearn"]["s100b"]["roc_auc"]);
    close(&auc["arms"]["challenger"]["value"], &expected["sklearn"]["wfns"]["roc_auc"]);
    close(&auc["difference"]["value"], &delong["diff_a_minus_b"]);
    close(&auc["difference"]["lo"], &delong["diff_ci95"][0]);
    close(&auc["difference"]["hi"], &delong["diff_ci95"][1]);
    close(&auc["difference"]["p"], &delong["p_two_sided"]);
    close(&auc["arms"]["challenger"]["lo"], &delong["auc_a_ci95"][0]);
    close(&auc["arms"]["champion"]["hi"], &delong["auc_b_ci95"][1]);
    let precision = metric(&result, "average_precision");
    close(&precision["arms"]["challenger"]["value"], &expected["sklearn"]["wfns"]["average_precision"]);
    counts(&result, "champion", &expected["at_fixed_thresholds"]["s100b>=0.205"]);
    counts(&result, "challenger", &expected["at_fixed_thresholds"]["wfns>=4"]);
    for (name, key) in [("mcc", "mcc"), ("f1", "f1"), ("kappa", "cohen_kappa"), ("recall", "recall_tpr")] {
        close(&metric(&result, name)["arms"]["challenger"]["value"], &expected["at_fixed_thresholds"]["wfns>=4"][key]);
    }
    let female = result["metrics"].as_array().unwrap().iter();
    let female = female.clone().find(|metric| metric["name"] == "roc_auc" && metric["slice"] == "gender=Female");
    close(&female.unwrap()["arms"]["challenger"]["value"], &expected["segments_gender_auc"]["Female"]["wfns"]);
    // Scores in ng/mL are no probabilities.
    assert!(metric(&result, "brier")["undefined"].as_str().unwrap().contains("no probabilities"));

    let result = columns("ndka", "wfns");
    let delong = &expected["published_pROC"]["delong_paired_wfns_vs_ndka"];
    let auc = metric(&result, "roc_auc");
    close(&auc["difference"]["lo"], &delong["diff_ci95"][0]);
    close(&auc["difference"]["hi"], &delong["diff_ci95"][1]);
    close(&auc["difference"]["p"], &delong["p"]);
}

#[test]
fn a_log_of_one_model_with_names_for_labels_agrees_with_scikit_learn() {
    let Some((folder, expected)) = case("binary-two_class_example-string-labels") else {
        return;
    };
    let file = folder.join("two_class_example_bom_crlf.csv").display().to_string();
    for (positive, key) in [("Class1", "positive_Class1"), ("Class2", "positive_Class2")] {
        let score = format!("score={positive}");
        let maps = ["--map", &score, "--map", "label=truth", "--map", "prediction=predicted", "--positive", positive];
        let result = json(&run(&[&["evaluate", &file, "--json"][..], &maps].concat()));
        let expected = &expected[key];
        assert_eq!(result["population"]["positives"], expected["positives"]);
        counts(&result, "champion", &expected["hard_labels"]);
        for (name, key) in [
            ("roc_auc", "roc_auc"),
            ("average_precision", "average_precision"),
            ("brier", "brier"),
            ("log_loss", "log_loss_clip1e-15"),
        ] {
            close(&metric(&result, name)["arms"]["champion"]["value"], &expected[key]);
        }
        for (name, key) in [("mcc", "mcc"), ("kappa", "cohen_kappa"), ("balanced_accuracy", "balanced_accuracy")] {
            close(&metric(&result, name)["arms"]["champion"]["value"], &expected["hard_labels"][key]);
        }
        assert!(metric(&result, "roc_auc")["difference"].is_null());
    }
}

/// A load with too many bad records stops until it is accepted, and the record says that it was.
#[test]
fn bad_records_block_until_accepted_and_the_record_says_so() {
    let folder = Folder::new("red");
    fs::copy(root().join("tests/fixtures/garbage_line.jsonl"), folder.0.join("log.jsonl")).unwrap();
    let evaluate = ["evaluate", "log.jsonl", "--out", "made"];
    let blocked = run_in(&folder.0, &evaluate);
    assert_eq!(code(&blocked), 1, "{}", stdout(&blocked));
    let said = stderr(&blocked);
    assert!(said.contains("log.jsonl: 1 of 41") && said.contains("--accept-bad-rows"), "{said}");
    assert!(!folder.0.join("made").exists(), "nothing is written of a load that nobody accepted");
    let accepted = run_in(&folder.0, &[&evaluate[..], &["--accept-bad-rows"]].concat());
    assert_ne!(code(&accepted), 1, "{}", stderr(&accepted));
    let record: Value = serde_json::from_slice(&fs::read(folder.0.join("made/record.json")).unwrap()).unwrap();
    let text = record.to_string();
    assert!(text.contains("\"accept_bad_rows\":true") && text.contains("\"quarantined\":1"), "{text}");
}

/// Every interval holds its value.
fn hold_their_values(found: &Value) {
    for metric in found["metrics"].as_array().unwrap() {
        for part in [&metric["arms"]["champion"], &metric["arms"]["challenger"], &metric["difference"]] {
            if let (Some(lo), Some(value), Some(hi)) =
                (part["lo"].as_f64(), part["value"].as_f64(), part["hi"].as_f64())
            {
                assert!(lo <= value && value <= hi, "{}: {part}", metric["name"]);
            }
        }
    }
}

#[test]
fn answers_in_a_table_are_compared_with_their_references() {
    let mut table = "question_id,reference,champion_answer,challenger_answer\n".to_owned();
    for row in 0..120 {
        let sentence = |word: &str| format!("the {} house is {word} seen as number {row} of them", row % 7);
        let challenger = if row % 3 == 0 { "seldom" } else { "often" };
        table += &format!("q{row},{},{},{}\n", sentence("often"), sentence("seldom"), sentence(challenger));
    }
    let folder = Folder::new("answers");
    fs::write(folder.0.join("qa.csv"), table).unwrap();
    let output = run_in(&folder.0, &["evaluate", "qa.csv", "--kind", "offline", "--json"]);
    let found = json(&output);
    assert_eq!(found["task"], "text", "{}", stderr(&output));
    hold_their_values(&found);
    let all = found["metrics"].as_array().unwrap();
    let metric = |name: &str| all.iter().find(|metric| metric["name"] == name).unwrap();
    assert_eq!(metric("exact_match")["arms"]["challenger"]["value"], 80.0 / 120.0);
    // One word of eleven in every answer.
    assert_eq!(metric("word_error_rate")["arms"]["champion"]["value"], 1.0 / 11.0);
    assert!(metric("bleu")["difference"]["lo"].as_f64().unwrap() > 1.0, "{}", metric("bleu"));
}

/// Two systems of WMT 2017 and their references, files of plain lines as they are.
#[test]
fn texts_are_compared_and_verified() {
    let case = root().join("../shared/cases/text-wmt17-en-de");
    let Ok(expected) = fs::read_to_string(case.join("expected.json")) else {
        println!("skipped: {} is missing", case.display());
        return;
    };
    let expected: Value = serde_json::from_str(&expected).unwrap();
    let folder = Folder::new("texts");
    for name in ["newstest2017.LIUM-NMT.4900.en-de.txt", "newstest2017.uedin-nmt.4722.en-de.txt", "newstest2017.ref.de"]
    {
        fs::copy(case.join(name), folder.0.join(name)).unwrap();
    }
    let systems = ["newstest2017.LIUM-NMT.4900.en-de", "newstest2017.uedin-nmt.4722.en-de"];
    let output = run_in(
        &folder.0,
        &[
            "evaluate",
            &format!("{}.txt", systems[0]),
            &format!("{}.txt", systems[1]),
            "--labels",
            "newstest2017.ref.de",
            "--champion",
            "newstest2017.LIUM-NMT.4900.en",
            "--challenger",
            "newstest2017.uedin-nmt.4722.en",
            "--kind",
            "offline",
            "--out",
            "out",
            "--json",
        ],
    );
    assert!(output.status.code().is_some_and(|code| code != 1 && code != 2), "{}", stderr(&output));
    let found = json(&output);
    assert_eq!(found["population"]["analysed"], 3004);
    hold_their_values(&found);
    let metric = |name: &str| {
        let all = found["metrics"].as_array().unwrap();
        all.iter().find(|metric| metric["name"] == name && metric["slice"].is_null()).unwrap().clone()
    };
    let close = |found: &Value, expected: &Value| {
        let (found, expected) = (found.as_f64().unwrap(), expected.as_f64().unwrap());
        assert!((found - expected).abs() < 1e-9 * (1.0 + expected.abs()), "{found} is not {expected}");
    };
    for (arm, system) in ["champion", "challenger"].into_iter().zip(systems) {
        let values = &expected["computed_sacrebleu"][system];
        for (name, key) in [("bleu", "bleu_13a"), ("chrf", "chrf2"), ("sentence_chrf", "mean_sentence_chrf2")] {
            close(&metric(name)["arms"][arm]["value"], &values[key]);
        }
    }
    // The paired t of SciPy.
    let paired = &expected["paired_t_sentence_chrf2_system_minus_baseline"][systems[1]];
    let difference = &metric("sentence_chrf")["difference"];
    for (key, stored) in
        [("value", &paired["mean_diff_a_minus_b"]), ("lo", &paired["ci95"][0]), ("hi", &paired["ci95"][1])]
    {
        close(&difference[key], stored);
    }
    // Moses' paired bootstrap and multeval's randomisation both find BLEU different at any usual level.
    assert!(metric("bleu")["difference"]["lo"].as_f64().unwrap() > 0.0);
    let output = run_in(&folder.0, &["verify", "out/record.json", "--logs", "."]);
    assert_eq!(code(&output), 0, "{}{}", stdout(&output), stderr(&output));
    assert!(stdout(&output).contains("\nMATCH: "), "{}", stdout(&output));
}
