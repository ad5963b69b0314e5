//! Split runs whose logs lack values, hold times that went wrong, or values that do not vary: nothing passes on them.

use std::fmt::Write as _;

use serde_json::Value;

use super::split::{Folder, json, metric, run};
use super::split_traps::{gate, policy};

fn time(minute: usize) -> String {
    format!("2026-03-{:02}T{:02}:{:02}:00Z", 1 + minute / 1_440, minute / 60 % 24, minute % 60)
}

fn recommended(found: &Value) -> &str {
    found["verdict"]["recommendation"].as_str().unwrap()
}

#[test]
fn latencies_logged_only_where_they_are_low_decide_nothing() {
    let folder = Folder::new("fast-only");
    let mut text = String::from("request_id,ts,model,converted,latency_ms\n");
    for row in 0..6_000usize {
        let (arm, slow) = if row % 2 == 0 { ("champion", 1) } else { ("challenger", 2) };
        let latency = slow * (10 + row * 7_919 % 60);
        let logged = if arm == "challenger" && latency > 60 { String::new() } else { latency.to_string() };
        writeln!(text, "r{row},{},{arm},{},{logged}", time(row / 4), row % 3 / 2).unwrap();
    }
    let file = folder.write("log.csv", &text);
    for (name, test) in [
        ("latency_p95", "test = \"bound\"\nmax = 100"),
        ("latency_p95", "test = \"non_inferiority\"\nmargin = 5"),
        ("latency_mean", "test = \"non_inferiority\"\nmargin = 5"),
    ] {
        let policy = policy(&folder, "ab", "once", "", &gate(name, "lower", test));
        let found = json(&run(&["evaluate", &file, "--kind", "ab", "--policy", &policy, "--json"]));
        let of = metric(&found, name);
        assert!(of["undefined"].as_str().is_some_and(|why| why.contains("not alike")), "{of}");
        assert_eq!(recommended(&found), "extend", "{test}: {of}");
        let missing = super::split::check(&found, "missing_outcomes");
        assert!(
            missing["outcome"] == "warn" && missing["explanation"].as_str().unwrap().contains("latency"),
            "{missing}"
        );
    }
}

#[test]
fn an_arm_that_hides_its_failures_passes_no_bound() {
    let folder = Folder::new("hidden-errors");
    let mut text = String::from("request_id,user_id,ts,model,error,revenue\n");
    for row in 0..8_000usize {
        let arm = if row / 2 % 2 == 0 { "champion" } else { "challenger" };
        // The challenger logs an error only where there is none; the champion half of its revenue.
        let error = if arm == "challenger" && row % 5 < 3 { "" } else { "0" };
        let revenue = if arm == "champion" && row % 5 < 2 { String::new() } else { (row * 7 % 13).to_string() };
        writeln!(text, "r{row},u{},{},{arm},{error},{revenue}", row / 2, time(row / 2)).unwrap();
    }
    let file = folder.write("log.csv", &text);
    let of = |metric: &str, better: &str, test: &str| {
        let policy = policy(&folder, "canary", "any", "", &gate(metric, better, test));
        let maps = ["--map", "outcome=error", "--map", "outcome=revenue", "--map", "unit=user_id"];
        json(&run(&[&["evaluate", &file, "--kind", "canary", "--policy", &policy, "--json"][..], &maps].concat()))
    };
    let found = of("error", "lower", "test = \"bound\"\nmax = 0.01");
    assert_eq!(recommended(&found), "extend", "{}", metric(&found, "error"));
    let found = of("revenue", "higher", "test = \"superiority\"\nmargin = 0");
    assert_eq!(recommended(&found), "extend", "{}", metric(&found, "revenue"));
}

#[test]
fn one_time_that_went_wrong_makes_no_long_run() {
    let folder = Folder::new("stray");
    let log = |stray: &str| {
        let mut text = String::from("request_id,ts,model,converted\n");
        for row in 0..4_000usize {
            let arm = if row % 2 == 0 { "champion" } else { "challenger" };
            let at = if row == 17 && !stray.is_empty() { stray.to_owned() } else { time(row / 60) };
            writeln!(text, "r{row},{at},{arm},{}", u8::from(row % 6 < 2 + row % 2)).unwrap();
        }
        folder.write("log.csv", &text)
    };
    let rest = gate("converted", "higher", "test = \"non_inferiority\"\nmargin = 0.2");
    for stray in ["", "2025-01-01T00:00:00Z", "9998-12-31T00:00:00Z"] {
        let file = log(stray);
        let policy = policy(&folder, "canary", "any", "min = { days = 14 }", &rest);
        let found = json(&run(&["evaluate", &file, "--kind", "canary", "--policy", &policy, "--json"]));
        assert_eq!(recommended(&found), "extend", "{stray}: {}", found["verdict"]["sentence"]);
    }
}

#[test]
fn values_that_do_not_vary_decide_alike_in_any_order() {
    let folder = Folder::new("constant");
    let rest = gate("eur", "lower", "test = \"non_inferiority\"\nmargin = 100");
    let policy = policy(&folder, "ab", "once", "", &rest);
    let mut outcomes = Vec::new();
    for turn in 0..6usize {
        let mut text = String::from("request_id,user_id,model,eur\n");
        for place in 0..3_000usize {
            let row = (place * 7_919 + turn * 977) % 3_000;
            let user = row * 31 % 900;
            let (arm, value) = if user % 2 == 0 { ("champion", "0.1") } else { ("challenger", "0.7") };
            writeln!(text, "r{row},u{user},{arm},{value}").unwrap();
        }
        let file = folder.write("log.csv", &text);
        let maps = ["--map", "outcome=eur", "--map", "unit=user_id"];
        let args = ["evaluate", &file, "--kind", "ab", "--policy", &policy, "--json"];
        let found = json(&run(&[&args[..], &maps].concat()));
        outcomes.push(recommended(&found).to_owned());
    }
    assert!(outcomes.iter().all(|one| one == "extend"), "{outcomes:?}");
}

#[test]
fn a_few_users_are_few_however_many_requests_they_make() {
    let folder = Folder::new("few-users");
    let mut text = String::from("request_id,user_id,ts,model,latency_ms\n");
    for row in 0..8_000usize {
        let user = row % 40;
        let arm = if user % 2 == 0 { "champion" } else { "challenger" };
        writeln!(text, "r{row},u{user},{},{arm},{}", time(row / 8), 20 + user * 13 % 40 + row % 5).unwrap();
    }
    let file = folder.write("log.csv", &text);
    let rest = gate("latency_p50", "lower", "test = \"non_inferiority\"\nmargin = 5\nmin = { units = 200 }");
    let policy = policy(&folder, "canary", "any", "", &rest);
    let args = ["evaluate", &file, "--kind", "canary", "--policy", &policy, "--map", "unit=user_id", "--json"];
    let found = json(&run(&args));
    let of = metric(&found, "latency_p50");
    assert_eq!(recommended(&found), "extend", "{of}");
    assert!(of["difference"]["lo"].is_null() && of["arms"]["champion"]["n"] == 20, "{of}");
}
