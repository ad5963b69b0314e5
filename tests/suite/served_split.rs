//! Latency and failures of arms that answered different requests: published values, stages.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::split::{Folder, json, metric, run};

#[track_caller]
fn close(found: &Value, expected: f64) {
    let found = found.as_f64().unwrap();
    assert!((found - expected).abs() <= 1e-9 * expected.abs().max(1e-3), "{found} is not {expected}");
}

/// Latencies in seconds without ids or times, and one endpoint of which a third of the requests failed.
#[test]
fn published_latencies_of_endpoints() {
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/cases/canary-llmperf-latency");
    let Ok(expected) = fs::read_to_string(case.join("expected.json")) else {
        println!("skipped: {} is not there", case.display());
        return;
    };
    let expected: Value = serde_json::from_str(&expected).unwrap();
    let file = |name: &str| case.join(format!("{name}.json")).display().to_string();
    let evaluate = |kind: &str, challenger: &str| {
        let files = [file("anyscale_70b"), file(challenger)];
        let arms = ["--champion", "anyscale_70b", "--challenger", challenger];
        run(&[&["evaluate", &files[0], &files[1], "--kind", kind, "--json"], &arms[..]].concat())
    };
    for challenger in ["groq_70b", "fireworks_70b", "together_70b", "bedrock_70b"] {
        let found = json(&evaluate("ab", challenger));
        for (arm, name) in [("champion", "anyscale_70b"), ("challenger", challenger)] {
            let expected = &expected["computed"][name]["end_to_end_latency_s"];
            let quantiles =
                [("latency_p50", "p50"), ("latency_p90", "p90"), ("latency_p95", "p95"), ("latency_p99", "p99")];
            for (metric_name, key) in quantiles.into_iter().chain([("latency_mean", "mean")]) {
                let found = &metric(&found, metric_name)["arms"][arm];
                close(&found["value"], 1e3 * expected[key].as_f64().unwrap());
            }
            assert_eq!(metric(&found, "latency_mean")["arms"][arm]["n"], expected["n"], "{name}");
        }
        if let Some(welch) = expected.get(format!("incumbent_vs_{}", challenger.trim_end_matches("_70b"))) {
            let difference = &metric(&found, "latency_mean")["difference"];
            let ends = &welch["welch"]["ci95"];
            close(&difference["value"], -1e3 * welch["welch"]["diff_a_minus_b"].as_f64().unwrap());
            close(&difference["lo"], -1e3 * ends[1].as_f64().unwrap());
            close(&difference["hi"], -1e3 * ends[0].as_f64().unwrap());
        }
    }
    let expected = &expected["error_rate_anyscale_vs_bedrock"];
    let found = json(&evaluate("ab", "bedrock_70b"));
    let errors = metric(&found, "error_rate");
    close(&errors["arms"]["challenger"]["value"], expected["b"]["rate"].as_f64().unwrap());
    close(&errors["difference"]["hi"], -expected["diff_ci95_newcombe"][0].as_f64().unwrap());
    close(&errors["difference"]["lo"], -expected["diff_ci95_newcombe"][1].as_f64().unwrap());
    // One in three requests failed: no canary goes on with that, however early somebody looks.
    let canary = evaluate("canary", "bedrock_70b");
    assert_eq!(canary.status.code(), Some(5), "{}", json(&canary)["verdict"]);
}

/// The verdicts of Kayenta's own tests, through a policy that asks for its word; each case is a slice of the file.
#[test]
fn kayenta_says_what_it_says_of_its_own_tests() {
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/cases/canary-kayenta-mannwhitney");
    let Ok(expected) = fs::read_to_string(case.join("expected.json")) else {
        println!("skipped: {} is not there", case.display());
        return;
    };
    let expected: Value = serde_json::from_str(&expected).unwrap();
    let folder = Folder::new("kayenta");
    let policy = super::split_traps::policy(
        &folder,
        "canary",
        "any",
        "kayenta = { tolerance = 0.1, level = 0.95 }",
        &super::split_traps::gate("value", "lower", "test = \"non_inferiority\"\nmargin = 1.0"),
    );
    let file = case.join("kayenta_metrics.csv").display().to_string();
    let names = ["small", "r-tie-out", "judge-pass", "judge-high", "judge-low"];
    let mut args = vec!["evaluate", &file, "--kind", "canary", "--map", "outcome=value", "--policy", &policy, "--json"];
    args.extend(["--champion", "control", "--challenger", "experiment"]);
    let slices = names.map(|name| format!("case={name}"));
    args.extend(slices.iter().flat_map(|slice| ["--slice", slice.as_str()]));
    let found = json(&run(&args));
    let all = found["detail"]["split"]["kayenta"].as_array().unwrap();
    for (name, slice) in names.iter().zip(&slices) {
        let one = all.iter().find(|one| one["slice"].as_str() == Some(slice)).unwrap();
        let expected = &expected["cases"][*name];
        assert_eq!(one["points"][0], expected["n_control"], "{name}");
        match expected["published_kayenta_verdict_tolerance_0.10_conf_0.95"].as_str() {
            // A fall of what should be low is no harm there.
            Some("Low") => assert_eq!(one["classification"], "pass", "{name}"),
            Some(verdict) => assert_eq!(one["classification"], verdict.to_lowercase(), "{name}"),
            None => {
                let published = |ours: &str, r: &str| {
                    let published = &expected["published"];
                    published[ours].as_f64().or(published[r].as_f64()).unwrap()
                };
                let near = |at: usize, want: f64| (one["shift"][at].as_f64().unwrap() - want).abs() < 1e-4;
                assert!(near(0, published("estimate", "rEst")), "{name}: {one}");
                assert!(near(1, published("ciLow", "rCiLow")) && near(2, published("ciHigh", "rCiHigh")), "{one}");
            }
        }
    }
}

/// Everything takes twice as long in the second stage, in which the challenger gets half of the traffic.
#[test]
fn latency_is_compared_within_stages() {
    let folder = Folder::new("latency-stages");
    let mut text = String::from("request_id,ts,stage,model,latency_ms,error\n");
    for row in 0..8_000u64 {
        let second = row >= 4_000;
        let challenger = if second { row % 2 == 0 } else { row % 20 == 0 };
        // A low-discrepancy sequence, so that both arms have the same latencies in each stage.
        let share = (row / 20) as f64 * 0.618_033_988_75 % 1.0;
        let latency = (if second { 200.0 } else { 100.0 }) * (1.0 + share);
        let model = if challenger { "challenger" } else { "champion" };
        let (day, minute) = (1 + row / 1_440, row % 1_440);
        let time = format!("2026-03-{day:02}T{:02}:{:02}:00Z", minute / 60, minute % 60);
        writeln!(text, "r{row},{time},{},{model},{latency:.3},{}", 1 + u8::from(second), u8::from(row % 50 == 7))
            .unwrap();
    }
    let file = folder.write("log.csv", &text);
    for kind in ["ab", "canary"] {
        let found = json(&run(&["evaluate", &file, "--kind", kind, "--map", "stage=stage", "--json"]));
        let p50 = metric(&found, "latency_p50");
        let pooled =
            p50["arms"]["challenger"]["value"].as_f64().unwrap() - p50["arms"]["champion"]["value"].as_f64().unwrap();
        let difference = &p50["difference"];
        let of = |key: &str| difference[key].as_f64().unwrap();
        assert!(pooled > 50.0, "{pooled}");
        assert!(of("value").abs() < 3.0 && of("lo") < 0.0 && of("hi") > 0.0, "{difference}");
        assert!(difference["method"].as_str().unwrap().contains("within each stage"), "{difference}");
        let mean = &metric(&found, "latency_mean")["difference"];
        assert!(mean["value"].as_f64().unwrap().abs() < 3.0, "{mean}");
    }
}
