//! Several challengers against one champion: each alone, at a level that all share.

use std::fmt::Write as _;

use super::split::{Folder, check, json, metric, run};

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
    assert_eq!(found["to_be_rolled_back"], serde_json::json!([]));
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

#[test]
fn a_rollback_is_the_most_urgent_whatever_the_others_are() {
    let mut text = String::from("request_id,model,error\n");
    for row in 0..9_000usize {
        let (model, bad) = [("prod", row % 50 == 0), ("fine", row % 50 == 1), ("bad", row % 9 < 3)][row % 3];
        writeln!(text, "r{row},{model},{}", u8::from(bad && row % 2 == 0)).unwrap();
    }
    let folder = Folder::new("challengers-rollback");
    let file = folder.write("log.csv", &text);
    let arms = ["--champion", "prod", "--challenger", "fine", "--challenger", "bad"];
    let output = run(&[&["evaluate", &file, "--kind", "canary", "--json"], &arms[..]].concat());
    assert_eq!(output.status.code(), Some(5), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(json(&output)["to_be_rolled_back"], serde_json::json!(["bad"]));
}

#[test]
fn a_share_of_all_traffic_is_held_against_each_pair_as_one() {
    let mut text = String::from("request_id,model,converted\n");
    for row in 0..8_000usize {
        let model = ["prod", "a", "prod", "b"][row % 4];
        writeln!(text, "r{row},{model},{}", u8::from(row % 7 == 0)).unwrap();
    }
    let folder = Folder::new("challengers-share");
    let file = folder.write("log.csv", &text);
    let policy = "schema = \"promotion-policy/1\"\nid = \"p\"\nversion = \"1\"\nowner = \"o\"\n\n[interval]\nlevel = 0.95\n\n\
                  [design]\nchallenger_share = 0.25\n\n[metrics.converted]\nbetter = \"higher\"\n\n[[gate]]\nid = \"G1\"\nrole = \"primary\"\nmetric = \"converted\"\n\
                  test = \"non_inferiority\"\nmargin = 0.01\n\n[verdict]\nrules = [\n\
                  { when = \"validity_failed\", then = \"invalid\" },\n{ when = \"any_failed\", then = \"reject\" },\n\
                  { when = \"all_passed\", then = \"promote\" },\n{ when = \"otherwise\", then = \"extend\" },\n]\n";
    let policy = folder.write("policy.toml", policy);
    let arms = ["--champion", "prod", "--challenger", "a", "--challenger", "b", "--policy", &policy];
    let found = json(&run(&[&["evaluate", &file, "--kind", "ab", "--json"], &arms[..]].concat()));
    for one in found["challengers"].as_array().unwrap() {
        let ratio = check(one, "sample_ratio");
        assert_eq!(ratio["outcome"], "pass", "{ratio}");
    }
}

#[test]
fn each_record_holds_the_facts_of_its_own_challenger() {
    let folder = Folder::new("challengers-facts");
    folder.write("log.csv", &log());
    let workspace = "schema = \"assay-workspace/1\"\nkind = \"shadow\"\nfiles = [\"log.csv\"]\nchampion = \"prod\"\n\
                     challenger = \"good\"\nrivals = [\"same\"]\n\n[draft]\nfacts = \"challenger.cost=2 EUR\"\n\n\
                     [draft.others.same]\nfacts = \"challenger.cost=9 EUR\"\n";
    let workspace = folder.write("run.assay", workspace);
    let facts = |out: &str, name: &str| {
        let text = std::fs::read(folder.0.join(out).join(name).join("record.json")).unwrap();
        let record: serde_json::Value = serde_json::from_slice(&text).unwrap();
        let fact = |fact: &serde_json::Value| format!("{}={}", fact["name"].as_str().unwrap(), fact["value"]);
        record["facts"].as_array().unwrap().iter().map(fact).collect::<Vec<_>>()
    };
    let evaluate = |out: &str, more: &[&str]| {
        let path = folder.0.join(out).display().to_string();
        json(&run(&[&["evaluate", &workspace, "--out", &path, "--json"], more].concat()))
    };
    let found = evaluate("as-kept", &[]);
    assert_eq!(
        (facts("as-kept", "good"), facts("as-kept", "same")),
        (vec!["cost=2".to_owned()], vec!["cost=9".to_owned()])
    );
    assert_eq!(metric(&found["challengers"][1], "fact:cost")["arms"]["challenger"]["value"].as_f64(), Some(9.0));

    // Flags come on top, and naming the challengers in another order changes nothing.
    let more = ["--challenger", "same", "--challenger", "good", "--fact", "weeks=6", "--fact", "good.cost=3 EUR"];
    evaluate("told", &more);
    assert_eq!(facts("told", "same"), ["cost=9", "weeks=6"]);
    assert_eq!(facts("told", "good"), ["cost=2", "weeks=6", "cost=3"]);
}
