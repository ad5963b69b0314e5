//! Several challengers against one champion: each alone, at a level that all share.

use std::fmt::Write as _;

use super::split::{Folder, json, metric, run};

/// Three models on the same requests: `good` is right more often, `same` as often as `prod`.
fn log() -> String {
    let mut text = String::from("request_id,model,prediction,label\n");
    for row in 0..3_000usize {
        let label = row % 3 % 2;
        for (model, wrong) in [("prod", row % 5 == 0), ("good", row % 20 == 0), ("same", row % 5 == 1)] {
            writeln!(text, "r{row},{model},{},{label}", if wrong { 1 - label } else { label }).unwrap();
        }
    }
    text
}

#[test]
fn several_challengers_share_the_error() {
    let folder = Folder::new("challengers");
    let file = folder.write("log.csv", &log());
    let out = folder.0.join("out").display().to_string();
    let arms = ["--champion", "prod", "--challenger", "good", "--challenger", "same"];
    let found = json(&run(&[&["evaluate", &file, "--kind", "shadow", "--out", &out, "--json"], &arms[..]].concat()));
    let each = found["challengers"].as_array().unwrap();
    assert_eq!(each.len(), 2);
    let alone =
        json(&run(&["evaluate", &file, "--kind", "shadow", "--champion", "prod", "--challenger", "good", "--json"]));
    let width = |found: &serde_json::Value| {
        let difference = &metric(found, "accuracy")["difference"];
        difference["hi"].as_f64().unwrap() - difference["lo"].as_f64().unwrap()
    };
    // 1 - 0.05 / 2, and intervals as much wider as the quantiles of the normal distribution.
    assert_eq!(each[0]["plan"]["level"], 0.975);
    assert!((width(&each[0]) / width(&alone) - 2.241_403 / 1.959_964).abs() < 0.01);
    assert!(each[0]["verdict"]["level_note"].as_str().unwrap().contains("2 challengers"));
    assert!(alone["verdict"]["level_note"].is_null());
    assert_eq!(alone["plan"]["level"], 0.95);
    let best = each.iter().map(|one| one["verdict"]["exit_code"].as_u64().unwrap()).min();
    assert_eq!(found["exit_code"].as_u64(), best);
    // Each record stands alone and replays at its level.
    let logs = folder.0.display().to_string();
    for name in ["good", "same"] {
        let verified = json(&run(&["verify", &format!("{out}/{name}/record.json"), "--logs", &logs, "--json"]));
        assert_eq!(verified["all_match"], true, "{verified}");
    }
}

#[test]
fn a_challenger_that_is_not_there_is_named() {
    let folder = Folder::new("challengers-missing");
    let file = folder.write("log.csv", &log());
    let said = |arms: &[&str]| {
        let output = run(&[&["evaluate", file.as_str()], arms].concat());
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    let missing = said(&["--champion", "prod", "--challenger", "good", "--challenger", "sane"]);
    assert!(missing.contains("`sane`") && missing.contains("did you mean `same`"), "{missing}");
    let twice = said(&["--champion", "prod", "--challenger", "good", "--challenger", "good"]);
    assert!(twice.contains("named twice"), "{twice}");
}
