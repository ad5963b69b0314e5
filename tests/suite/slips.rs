//! What people get wrong at the command line, and what they are told.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A folder of one file per model and labels, removed when dropped.
struct Run(PathBuf);

impl Run {
    fn new(name: &str, ids: [fn(u32) -> String; 2]) -> Self {
        let folder = std::env::temp_dir().join(format!("assay-slips-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        for (model, id) in ["champion", "challenger"].iter().zip(ids) {
            let line = |row: u32| format!("{},{},{}\n", id(row), f64::from(row * 37 % 101) / 101.0, row % 3);
            let rows: String = (0..300).map(line).collect();
            fs::write(folder.join(format!("{model}.csv")), format!("request_id,score,region\n{rows}")).unwrap();
        }
        let labels: String = (0..300).map(|row| format!("{},{}\n", ids[0](row), u32::from(row % 4 == 0))).collect();
        fs::write(folder.join("labels.csv"), format!("request_id,label\n{labels}")).unwrap();
        Self(folder)
    }

    fn plain(name: &str) -> Self {
        Self::new(name, [|row| format!("r{row}"), |row| format!("r{row}")])
    }

    /// Exit code, standard output, standard error.
    fn cli(&self, args: &[&str]) -> (i32, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_assay-cli"));
        let output = command.args(args).current_dir(&self.0).stdin(Stdio::null()).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }

    #[track_caller]
    fn refuses(&self, args: &[&str], parts: &[&str]) {
        let (code, out, err) = self.cli(args);
        assert!(code == 1 || code == 2, "{code}: {out}{err}");
        for part in parts {
            assert!(err.contains(part), "{part} is not in: {err}");
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn replace(path: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{from}");
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

#[test]
fn mistyped_names_are_answered_with_the_name_meant() {
    let run = Run::plain("names");
    run.refuses(&["evaluate", ".", "--map", "id=request"], &["`request`", "did you mean `request_id`?"]);
    run.refuses(&["evaluate", ".", "--map", "scor=score"], &["did you mean `score`?"]);
    run.refuses(&["evaluate", ".", "--slice", "regio=1"], &["did you mean `region`?"]);
    run.refuses(&["evaluate", ".", "--zone", "Europe/Berln"], &["did you mean `Europe/Berlin`?"]);
    run.refuses(&["evaluate", ".", "--champion", "a", "--challenger", "a"], &["a is named twice"]);
    run.refuses(
        &["evaluate", ".", "--map", "score.champion=score", "--map", "score.challenger=score"],
        &["`score` is named twice: as score.champion and as score.challenger"],
    );
    let (_, _, err) = run.cli(&["evaluate", ".", "--slice", "region=7", "--threshold", "3"]);
    assert!(err.contains("No row is in the slice region=7. region has no value `7`"), "{err}");
    assert!(err.contains("The threshold 3 of champion flags no row"), "{err}");
}

#[test]
fn ids_that_do_not_meet_are_shown_and_the_ways_out_work() {
    let run = Run::new("ids", [|row| format!("{row:06}"), |row| row.to_string()]);
    let seen = ["champion has `000000`", "challenger has `0`", "--pairing position"];
    run.refuses(&["evaluate", "."], &seen);
    // Labels of a file of their own need an id; without them the pairs alone are told.
    fs::remove_file(run.path("labels.csv")).unwrap();
    let (code, out, err) = run.cli(&["evaluate", ".", "--pairing", "position"]);
    assert!(code != 1 && out.contains("Paired"), "{err}");

    // The files call the id differently: named once each, both are read.
    let run = Run::plain("id-names");
    replace(&run.path("challenger.csv"), "request_id", "req");
    run.refuses(&["evaluate", "."], &["challenger.csv has no such column", "--map id=COLUMN"]);
    let (_, out, err) = run.cli(&["evaluate", ".", "--map", "id=request_id", "--map", "id=req", "--json"]);
    let result: serde_json::Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{err}"));
    assert_eq!(result["population"]["analysed"], 300);
}

#[test]
fn damaged_logs_stop_the_run_and_strangers_do_not() {
    let run = Run::plain("strangers");
    fs::write(run.path("manifest.json"), "{\"files\": 3}").unwrap();
    let (code, out, err) = run.cli(&["evaluate", "."]);
    assert!(code != 1 && out.contains("challenger against champion"), "{err}");
    assert!(err.contains("manifest.json was left out"), "{err}");
    fs::write(run.path("more.parquet"), "PAR1 and then nothing of the kind").unwrap();
    run.refuses(&["evaluate", "."], &["more.parquet"]);
}

#[test]
fn columns_that_hold_nothing_of_their_role_are_errors() {
    let run = Run::plain("roles");
    run.refuses(&["evaluate", ".", "--map", "score=request_id", "--map", "id=request_id"], &["named twice"]);
    for name in ["champion.csv", "challenger.csv"] {
        let text = fs::read_to_string(run.path(name)).unwrap().replace(",0.", ",p0.");
        fs::write(run.path(name), text.replace(",0,", ",p,")).unwrap();
    }
    run.refuses(&["evaluate", "."], &["score holds text such as `p"]);
    run.refuses(&["evaluate", ".", "--map", "score=score"], &["No value of score is a number"]);
}

#[test]
fn a_mapping_is_kept_and_used_again() {
    let run = Run::plain("profile");
    let (code, _, err) = run.cli(&["inspect", ".", "--write-profile", "p.toml"]);
    assert_eq!((code, err.as_str()), (0, ""));
    let once = run.cli(&["evaluate", ".", "--ignore-profiles", "--json"]);
    assert_eq!(run.cli(&["evaluate", ".", "--profile", "p.toml", "--json"]), once);
    // It lies beside the logs and is found there, which is said.
    let (code, out, err) = run.cli(&["evaluate", "."]);
    assert!(code == once.0 && format!("{out}{err}").contains("mapping profile p.toml"), "{out}{err}");
    run.refuses(&["inspect", ".", "--write-profile", "p.toml"], &["choose another name", "p.toml"]);
    // What is still asked is no answer to keep.
    fs::write(run.path("labels.csv"), "request_id,label\nr0,a\nr1,b\nr2,c\nr3,a\n").unwrap();
    run.refuses(&["inspect", ".", "--write-profile", "q.toml"], &["No profile was written", "--positive"]);
    assert!(!run.path("q.toml").exists());
}

#[test]
fn a_page_that_does_not_say_what_its_record_says_is_found() {
    let run = Run::plain("page");
    let (code, _, err) = run.cli(&["evaluate", ".", "--out", "out"]);
    assert!(code != 1, "{err}");
    assert_eq!(run.cli(&["verify", "out"]).0, 0, "a folder means its record");
    assert_eq!(run.cli(&["verify", "out/report.html"]).0, 0);
    fs::remove_file(run.path("out/MANIFEST.sha256")).unwrap();
    replace(&run.path("out/report.html"), "<title>", "<title>Better: ");
    let (code, out, _) = run.cli(&["verify", "out/report.html"]);
    assert_eq!(code, 1);
    assert!(out.contains("DIFFERS      page as written from its record"), "{out}");
    run.refuses(&["verify", "out", "--logs", "no/such"], &["--logs names no folder"]);
}

#[test]
fn labels_that_the_policy_calls_too_young_are_held_back_and_the_record_verifies() {
    let run = Run::plain("mature");
    for name in ["champion.csv", "challenger.csv"] {
        let text = fs::read_to_string(run.path(name)).unwrap();
        let timed = text.lines().enumerate().map(|(row, line)| match row {
            0 => format!("{line},timestamp\n"),
            _ => format!("{line},2026-03-{:02}T{:02}:00:00Z\n", 1 + row / 24, row % 24),
        });
        fs::write(run.path(name), timed.collect::<String>()).unwrap();
    }
    let policy = include_str!("../../src/decision/policy/default_binary.toml");
    let rule = "labels = { mature_after = \"5d\", min_matured = 0.9 }";
    fs::write(run.path("p.toml"), policy.replacen("[interval]", &format!("[design]\n{rule}\n\n[interval]"), 1))
        .unwrap();
    let (code, out, err) = run.cli(&["evaluate", ".", "--policy", "p.toml", "--out", "out"]);
    assert_eq!(code, 6, "too few labels are final: {out}{err}");
    assert!(out.contains("−120 label not final yet"), "{out}");
    let record: serde_json::Value = serde_json::from_slice(&fs::read(run.path("out/record.json")).unwrap()).unwrap();
    assert_eq!(record["mapping"]["mature_after"], "5d");
    assert_eq!(record["evidence"]["audit"]["labels"]["immature"], 120);
    let page = fs::read_to_string(run.path("out/report.html")).unwrap();
    for part in ["are not final: 120 held back", "Label coverage over time", "by day"] {
        assert!(page.contains(part), "{part}");
    }
    assert_eq!(run.cli(&["verify", "out"]).0, 0);
}
