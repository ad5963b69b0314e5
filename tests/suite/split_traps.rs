//! Runs on which a split comparison goes wrong without being noticed: each claims nothing, or says why.

use std::fmt::Write as _;

use serde_json::Value;

use super::split::{Folder, check, json, metric, run};

/// A policy of one critical gate.
pub fn policy(folder: &Folder, kind: &str, looks: &str, design: &str, rest: &str) -> String {
    let text = format!(
        "schema = \"promotion-policy/1\"\nid = \"x\"\nversion = \"1\"\nowner = \"o\"\n[design]\nmode = \"{kind}\"\n\
         looks = \"{looks}\"\n{design}\n[interval]\nlevel = 0.95\n{rest}\n[verdict]\nrules = [\n\
         {{ when = \"critical_failed\", then = \"rollback\" }}, {{ when = \"validity_failed\", then = \"invalid\" }},\n\
         {{ when = \"any_failed\", then = \"reject\" }}, {{ when = \"all_passed\", then = \"promote\" }},\n\
         {{ when = \"otherwise\", then = \"extend\" }},\n]\n\
         [signoff]\nrequired = [{{ role = \"approver\", count = 1 }}]\n"
    );
    folder.write("policy.toml", &text)
}

pub fn gate(metric: &str, better: &str, test: &str) -> String {
    format!(
        "[metrics.{metric}]\nbetter = \"{better}\"\n[[gate]]\nid = \"G1\"\nrole = \"critical\"\nmetric = \"{metric}\"\n{test}\n"
    )
}

/// `2026-03-01` and so many minutes.
fn at(minutes: u64) -> String {
    let (day, hour) = (1 + minutes / 1_440, minutes / 60 % 24);
    let month = if day > 31 { 4 } else { 3 };
    format!("2026-{month:02}-{:02}T{hour:02}:{:02}:00Z", if day > 31 { day - 31 } else { day }, minutes % 60)
}

fn recommended(found: &Value) -> &str {
    found["verdict"]["recommendation"].as_str().unwrap()
}

#[test]
fn two_requests_of_the_challenger_decide_nothing() {
    let folder = Folder::new("two");
    let mut text = String::from("request_id,ts,model,errors\n");
    for row in 0..1_600 {
        writeln!(text, "r{row},{},champion,{}", at(row), [0, 0, 0, 2][row as usize % 4 * usize::from(row % 20 == 3)])
            .unwrap();
    }
    for row in 0..2 {
        writeln!(text, "c{row},{},challenger,1", at(100 + row)).unwrap();
    }
    let file = folder.write("log.csv", &text);
    let canary = json(&run(&["evaluate", &file, "--kind", "canary", "--map", "outcome=errors", "--json"]));
    assert!(canary["verdict"]["earned"].is_null() && recommended(&canary) != "rollback", "{}", canary["verdict"]);
    let once = json(&run(&["evaluate", &file, "--kind", "ab", "--map", "outcome=errors", "--json"]));
    let errors = metric(&once, "errors");
    assert!(errors["difference"].is_null() && errors["arms"]["challenger"]["lo"].is_null(), "{errors}");
    assert!(errors["undefined"].as_str().unwrap().contains("all values are alike"), "{errors}");
}

#[test]
fn the_policy_says_what_is_better_of_a_units_sum() {
    let folder = Folder::new("per-unit");
    let mut text = String::from("request_id,user_id,model,minutes_waited\n");
    for row in 0..2_000 {
        let (user, late) = (row / 2, row / 2 % 2);
        let arm = if late == 1 { "challenger" } else { "champion" };
        writeln!(text, "r{row},u{user},{arm},{}", 10 + late * 2 + row / 2 % 5).unwrap();
    }
    let file = folder.write("log.csv", &text);
    let rest = gate("minutes_waited_per_unit", "lower", "test = \"non_inferiority\"\nmargin = 0.5");
    let policy = policy(&folder, "ab", "once", "", &rest);
    let map = ["--map", "unit=user_id", "--map", "outcome=minutes_waited"];
    let args = ["evaluate", &file, "--kind", "ab", "--policy", &policy, "--json"];
    let found = json(&run(&[&args[..], &map].concat()));
    assert_eq!(metric(&found, "minutes_waited_per_unit")["better"], "lower");
    assert_eq!(recommended(&found), "rollback");
}

#[test]
fn an_ab_run_whose_share_grows_is_compared_within_its_stages() {
    let folder = Folder::new("ramp");
    let mut text = String::from("request_id,ts,model,phase,converted\n");
    // The rate doubles in the second phase, where the challenger gets half instead of a tenth.
    for row in 0..8_000u64 {
        let second = row >= 4_000;
        let arm = if row % if second { 2 } else { 10 } == 0 { "challenger" } else { "champion" };
        let turn = row / if second { 2 } else { 10 };
        let converted = u8::from(turn % if second { 5 } else { 10 } == 0);
        writeln!(text, "r{row},{},{arm},{},{converted}", at(row / 4 + u64::from(second) * 440), 1 + u8::from(second))
            .unwrap();
    }
    let file = folder.write("log.csv", &text);
    let of = |more: &[&str]| json(&run(&[&["evaluate", &file, "--kind", "ab", "--json"][..], more].concat()));
    for (found, word) in [(of(&["--map", "stage=phase"]), "stage"), (of(&["--map", "ignored=phase"]), "day")] {
        let difference = &metric(&found, "converted")["difference"];
        assert!(difference["method"].as_str().unwrap().ends_with(&format!("within each {word}")), "{difference}");
        let (lo, hi) = (difference["lo"].as_f64().unwrap(), difference["hi"].as_f64().unwrap());
        assert!(lo < 0.0 && hi > 0.0 && difference["value"].as_f64().unwrap().abs() < 0.01, "{difference}");
        assert_ne!(recommended(&found), "promote");
    }
}

#[test]
fn a_failure_once_earned_stays_earned() {
    let folder = Folder::new("burst");
    let log = |days: u64, stray: bool| {
        let mut text = String::from("request_id,ts,model,error\n");
        if stray {
            text.push_str("stray,1970-01-01T00:00:00Z,champion,0\n");
        }
        for row in 0..days * 720 {
            let arm = if row % 2 == 0 { "champion" } else { "challenger" };
            let burst = (300..900).contains(&row) && arm == "challenger" && row % 10 < 3;
            writeln!(text, "r{row},{},{arm},{}", at(row * 2), u8::from(burst)).unwrap();
        }
        text
    };
    let earned = |days: u64, stray: bool| {
        let file = folder.write("log.csv", &log(days, stray));
        let found = json(&run(&["evaluate", &file, "--kind", "canary", "--json"]));
        assert_eq!(recommended(&found), "rollback", "{days} days");
        found["verdict"]["earned"]["time"].as_i64().unwrap()
    };
    let first = earned(3, false);
    for (days, stray) in [(9, false), (45, false), (3, true), (9, true)] {
        assert_eq!(earned(days, stray), first, "{days} days, stray row {stray}");
    }
}

#[test]
fn units_that_the_gate_asks_for_are_no_rows() {
    let folder = Folder::new("min-units");
    let mut text = String::from("request_id,user_id,ts,model,error\n");
    for row in 0..2_000u64 {
        let challenger = row % 2 == 1;
        let user = if challenger { row / 2 % 100 } else { 1_000 + row };
        let arm = if challenger { "challenger" } else { "champion" };
        writeln!(text, "r{row},u{user},{},{arm},{}", at(row), u8::from(challenger && user % 3 == 0)).unwrap();
    }
    let file = folder.write("log.csv", &text);
    let rest = gate("error", "lower", "test = \"non_inferiority\"\nmargin = 0.01\nmin = { units = 300 }");
    let policy = policy(&folder, "canary", "any", "", &rest);
    let found = json(&run(&["evaluate", &file, "--kind", "canary", "--policy", &policy, "--json"]));
    assert!(found["verdict"]["earned"].is_null() && recommended(&found) == "extend", "{}", found["gates"]);
}

#[test]
fn arms_with_nothing_in_common_are_no_comparison() {
    let folder = Folder::new("apart");
    let mut text = String::from("request_id,model,device,country,model_build,converted\n");
    for row in 0..2_000 {
        let (arm, device) = if row % 2 == 0 { ("champion", "android") } else { ("challenger", "ios") };
        writeln!(text, "r{row},{arm},{device},{},{arm}-7,{}", ["FR", "DE"][row / 2 % 2], u8::from(row % 7 == 0))
            .unwrap();
    }
    let file = folder.write("log.csv", &text);
    let found = json(&run(&["evaluate", &file, "--kind", "ab", "--json"]));
    let balance = check(&found, "balance");
    assert_eq!(balance["outcome"], "fail");
    // A column that names the arm itself is no attribute.
    let text = balance["explanation"].as_str().unwrap();
    assert!(text.contains("device") && !text.contains("model_build"), "{text}");
}

#[test]
fn no_event_of_few_users_is_no_proof() {
    let folder = Folder::new("clusters");
    let mut text = String::from("request_id,user_id,model,error\n");
    for row in 0..6_000 {
        let arm = if row % 2 == 0 { "champion" } else { "challenger" };
        writeln!(text, "r{row},u{},{arm},0", row % 20).unwrap();
    }
    let file = folder.write("log.csv", &text);
    let rest = gate("error", "lower", "test = \"bound\"\nmax = 0.01");
    let policy = policy(&folder, "canary", "any", "", &rest);
    let map = ["--map", "outcome=error", "--map", "unit=user_id"];
    let args = ["evaluate", &file, "--kind", "canary", "--policy", &policy, "--json"];
    let found = json(&run(&[&args[..], &map].concat()));
    let challenger = &metric(&found, "error")["arms"]["challenger"];
    assert_eq!(challenger["n"], 10);
    assert!(challenger["hi"].as_f64().unwrap() > 0.25, "{challenger}");
    assert_ne!(recommended(&found), "promote");
}

#[test]
fn an_outcome_that_one_arm_lacks_is_not_compared() {
    let folder = Folder::new("lacking");
    let mut text = String::from("request_id,model,clicked,revenue\n");
    for row in 0..4_000 {
        let arm = if row % 2 == 0 { "champion" } else { "challenger" };
        let lacks = row % 2 == 1 && row / 2 % 5 < 2;
        let revenue = if lacks { String::new() } else { (row % 13).to_string() };
        writeln!(text, "r{row},{arm},{},{revenue}", u8::from(row % 9 == 0)).unwrap();
    }
    let file = folder.write("log.csv", &text);
    let map = ["--map", "outcome=clicked", "--map", "outcome=revenue"];
    let found = json(&run(&[&["evaluate", &file, "--kind", "ab", "--json"][..], &map].concat()));
    let revenue = metric(&found, "revenue");
    assert!(revenue["difference"].is_null() && revenue["undefined"].as_str().unwrap().contains("log 0"), "{revenue}");
    let missing = check(&found, "missing_outcomes");
    assert!(missing["outcome"] == "warn" && missing["explanation"].as_str().unwrap().contains("revenue"), "{missing}");
    assert!(!metric(&found, "clicked")["difference"]["lo"].is_null());
}

#[test]
fn a_limit_that_cannot_be_held_is_not_passed() {
    let folder = Folder::new("limit");
    let mut text = String::from("request_id,ts,model,error\n");
    for row in 0..4_000u64 {
        let arm = if row % 2 == 0 { "champion" } else { "challenger" };
        writeln!(text, "r{row},{},{arm},{}", at(row), u8::from(row % 40 < 2)).unwrap();
    }
    let file = folder.write("log.csv", &text);
    let rest = gate("error", "lower", "test = \"non_inferiority\"\nmargin = 0.5") + "[validity]\nsrm_p = 0.001\n";
    let open = policy(&folder, "canary", "any", "", &rest);
    let found = json(&run(&["evaluate", &file, "--kind", "canary", "--policy", &open, "--json"]));
    assert_eq!(check(&found, "sample_ratio")["outcome"], "not_evaluable");
    assert_eq!(recommended(&found), "extend");
    let planned = policy(&folder, "canary", "any", "challenger_share = 0.5", &rest);
    let found = json(&run(&["evaluate", &file, "--kind", "canary", "--policy", &planned, "--json"]));
    assert_eq!(recommended(&found), "promote");
}

#[test]
fn planned_looks_hold_together() {
    let folder = Folder::new("planned");
    let log = |rows: u64| {
        let mut text = String::from("request_id,ts,model,converted\n");
        for row in 0..rows {
            // Of 20 pairs of requests the champion converts in 5, the challenger in 6.
            let (arm, rate) = if row % 2 == 0 { ("champion", 5) } else { ("challenger", 6) };
            writeln!(text, "r{row},{},{arm},{}", at(row), u8::from(row / 2 % 20 < rate)).unwrap();
        }
        folder.write("log.csv", &text)
    };
    let design = "planned_units = 8000\nplanned_looks = [0.25, 0.5, 1.0]";
    let policy = policy_of(&folder, design);
    let out = folder.0.join("out").display().to_string();
    let of = |rows: u64, more: &[&str]| {
        let file = log(rows);
        json(&run(&[&["evaluate", &file, "--kind", "ab", "--policy", &policy, "--json"][..], more].concat()))
    };
    let early = of(1_000, &[]);
    let difference = &metric(&early, "converted")["difference"];
    assert!(
        difference["lo"].is_null() && difference["method"].as_str().unwrap().contains("2,000 units"),
        "{difference}"
    );
    assert_eq!(
        (recommended(&early), check(&early, "planned_looks")["outcome"].as_str()),
        ("extend", Some("not_evaluable"))
    );

    let width = |found: &Value| {
        let of = &metric(found, "converted")["difference"];
        assert!(of["p"].is_null() && of["level"] == 0.95, "{of}");
        (of["hi"].as_f64().unwrap() - of["lo"].as_f64().unwrap(), of["method"].as_str().unwrap().to_owned())
    };
    let half = of(4_000, &["--out", &out]);
    let (half_width, method) = width(&half);
    assert_eq!(method, "Newcombe, look 2 of 3");
    // The same rows at one look: 2.96 standard errors instead of 1.96.
    let file = log(4_000);
    let once = json(&run(&["evaluate", &file, "--kind", "ab", "--json"]));
    let once = &metric(&once, "converted")["difference"];
    let once_width = once["hi"].as_f64().unwrap() - once["lo"].as_f64().unwrap();
    assert!((half_width / once_width - 2.963 / 1.96).abs() < 0.01, "{}", half_width / once_width);
    let record = format!("{out}/record.json");
    let verified = json(&run(&["verify", &record, "--logs", &folder.0.display().to_string(), "--json"]));
    assert_eq!(verified["all_match"], true, "{verified}");

    let (end_width, method) = width(&of(8_000, &[]));
    assert!(method.ends_with("look 3 of 3") && end_width < half_width, "{method}");
    let wrong = policy_of(&folder, "planned_looks = [0.5, 0.25]");
    let output = run(&["policy", "check", &wrong]);
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(said.contains("planned_looks") && said.contains("planned_units"), "{said}");
}

/// A policy of planned looks with this in its design.
fn policy_of(folder: &Folder, design: &str) -> String {
    policy(folder, "ab", "planned", design, &gate("converted", "higher", "test = \"superiority\"\nmargin = 0"))
}
