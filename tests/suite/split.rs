//! A/B and canary runs from outside: published values, swapped arms, no data.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

#[path = "../../src/decision/schema_check.rs"]
mod schema_check;

pub fn run(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_assay-cli")).args(args).stdin(Stdio::null()).output().unwrap()
}

pub fn json(output: &Output) -> Value {
    let stderr = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {stderr}"))
}

pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("assay-split-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    pub fn write(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub fn metric<'a>(found: &'a Value, name: &str) -> &'a Value {
    let all = found["metrics"].as_array().unwrap();
    all.iter().find(|metric| metric["name"] == name && metric["slice"].is_null()).unwrap_or_else(|| panic!("no {name}"))
}

pub fn check<'a>(found: &'a Value, name: &str) -> &'a Value {
    found["validity"].as_array().unwrap().iter().find(|check| check["name"] == name).unwrap()
}

#[track_caller]
fn close(found: &Value, expected: &Value, sign: f64) {
    let (found, expected) = (found.as_f64().unwrap(), sign * expected.as_f64().unwrap());
    assert!((found - expected).abs() <= 1e-9 * expected.abs().max(1e-3), "{found} is not {expected}");
}

#[test]
fn a_published_experiment() {
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/cases/ab-cookie-cats");
    let Ok(expected) = fs::read_to_string(case.join("expected.json")) else {
        println!("skipped: {} is not there", case.display());
        return;
    };
    let expected: Value = serde_json::from_str(&expected).unwrap();
    let file = case.join("cookie_cats.csv").display().to_string();
    let args = ["evaluate", &file, "--kind", "ab", "--map", "model=version", "--map", "unit=userid", "--json"];
    let arms = ["--champion", "gate_30", "--challenger", "gate_40"];
    let found = json(&run(&[&args[..], &arms].concat()));
    for name in ["retention_1", "retention_7"] {
        let (metric, expected) = (metric(&found, name), &expected[name]);
        for (arm, side) in [("champion", "a"), ("challenger", "b")] {
            let (arm, side) = (&metric["arms"][arm], &expected[side]);
            close(&arm["value"], &side["rate"], 1.0);
            close(&arm["lo"], &side["wilson95"][0], 1.0);
            close(&arm["hi"], &side["wilson95"][1], 1.0);
            assert_eq!(arm["n"], side["n"]);
        }
        // Theirs is champion minus challenger.
        let difference = &metric["difference"];
        assert_eq!(difference["method"], "Newcombe");
        close(&difference["value"], &expected["diff_a_minus_b"], -1.0);
        close(&difference["lo"], &expected["diff_ci95_newcombe"][1], -1.0);
        close(&difference["hi"], &expected["diff_ci95_newcombe"][0], -1.0);
        let p = difference["p"].as_f64().unwrap() / expected["p_two_sided"].as_f64().unwrap();
        // The score test of Miettinen and Nurminen has N / (N - 1) in its variance.
        assert!((p - 1.0).abs() < 1e-3, "{p}");
        let lifts = found["detail"]["split"]["lifts"].as_array().unwrap();
        let lift = lifts.iter().find(|lift| lift["metric"] == name).unwrap();
        close(&lift["value"], &expected["relative_lift_b_vs_a"], 1.0);
    }
    let rounds = metric(&found, "sum_gamerounds");
    let welch = &expected["sum_gamerounds"]["welch_a30_b40"];
    close(&rounds["difference"]["value"], &welch["diff_a_minus_b"], -1.0);
    close(&rounds["difference"]["lo"], &welch["ci95"][1], -1.0);
    close(&rounds["difference"]["hi"], &welch["ci95"][0], -1.0);
    close(&rounds["difference"]["p"], &welch["p"], 1.0);
    let ratio = check(&found, "sample_ratio");
    close(&ratio["value"], &expected["srm_50_50_chi2"]["p"], 1.0);
    assert_eq!(ratio["outcome"], "warn");

    // The arms the other way round: every difference changes its sign, every interval is mirrored.
    let swapped = json(&run(&[&args[..], &["--champion", "gate_40", "--challenger", "gate_30"]].concat()));
    for name in ["retention_1", "retention_7", "sum_gamerounds"] {
        let (one, other) = (&metric(&found, name)["difference"], &metric(&swapped, name)["difference"]);
        close(&other["value"], &one["value"], -1.0);
        close(&other["lo"], &one["hi"], -1.0);
        close(&other["hi"], &one["lo"], -1.0);
    }
}

/// Requests of 400 users, half in each arm; `broken` of the challenger's last requests fail.
fn rollout(failing_from: usize) -> String {
    let mut text = String::from("request_id,user_id,ts,model,stage,traffic_pct,error\n");
    for request in 0..2_000 {
        let arm = if request % 2 == 0 { "champion" } else { "challenger" };
        let (day, minute) = (1 + request / 1_000, request % 1_000);
        let error = u8::from(arm == "challenger" && request >= failing_from && request % 3 != 0);
        let ts = format!("2026-03-0{day}T{:02}:{:02}:00Z", minute / 60, minute % 60);
        writeln!(text, "r{request},u{request},{ts},{arm},{day},50,{error}").unwrap();
    }
    text
}

#[test]
fn a_rollout_that_breaks_is_rolled_back_at_a_moment() {
    let folder = Folder::new("rollback");
    let file = folder.write("requests.csv", &rollout(1_200));
    let out = folder.0.join("out").display().to_string();
    let output = run(&["evaluate", &file, "--kind", "canary", "--out", &out, "--json"]);
    let found = json(&output);
    assert_eq!(output.status.code(), Some(5), "{}", found["verdict"]["sentence"]);
    let earned = &found["verdict"]["earned"];
    assert_eq!(earned["metric"], "error");
    // 2026-03-02T03:20Z is the first failure.
    let first = 1_772_421_600_000_000_i64;
    let time = earned["time"].as_i64().unwrap();
    assert!((first..first + 4 * 3_600_000_000).contains(&time), "{time}");
    assert_eq!(metric(&found, "error")["better"], "lower");
    assert_eq!(found["detail"]["split"]["stages"].as_array().unwrap().len(), 2);

    // The record replays from the logs, and fits its schema.
    let record = folder.0.join("out/record.json").display().to_string();
    let logs = folder.0.display().to_string();
    let verified = run(&["verify", &record, "--logs", &logs, "--json"]);
    assert_eq!(json(&verified)["all_match"], true, "{}", String::from_utf8_lossy(&verified.stdout));
    let schema = json(&run(&["schema", "record"]));
    let record: Value = serde_json::from_slice(&fs::read(&record).unwrap()).unwrap();
    assert_eq!(schema_check::violations(&schema, &record), Vec::<String>::new());
}

#[test]
fn a_rollout_that_holds_is_not_rolled_back_and_few_units_pass_nothing() {
    let folder = Folder::new("calm");
    let file = folder.write("requests.csv", &rollout(usize::MAX));
    let found = json(&run(&["evaluate", &file, "--kind", "canary", "--json"]));
    assert!(found["verdict"]["earned"].is_null());
    assert_ne!(found["verdict"]["recommendation"], "rollback");

    let few: String = rollout(usize::MAX).lines().take(21).map(|line| format!("{line}\n")).collect();
    let file = folder.write("few.csv", &few);
    let found = json(&run(&["evaluate", &file, "--kind", "canary", "--json"]));
    assert!(
        found["gates"].as_array().unwrap().iter().all(|gate| gate["reading"]["outcome"] != "pass"),
        "{}",
        found["gates"]
    );
    assert_ne!(found["verdict"]["recommendation"], "promote");
}

#[test]
fn users_in_both_arms_are_left_out_and_counted() {
    let folder = Folder::new("both");
    let mut text = String::from("request_id,user_id,group,converted\n");
    for user in 0..400 {
        let arm = if user % 2 == 0 { "control" } else { "treatment" };
        for line in 0..2 {
            writeln!(text, "r{user}-{line},u{user},{arm},{}", u8::from(user % 5 == 0)).unwrap();
        }
    }
    text.push_str("extra,u0,treatment,1\n");
    let file = folder.write("exposures.csv", &text);
    let found = json(&run(&["evaluate", &file, "--kind", "ab", "--json"]));
    // One user with three lines.
    assert_eq!(found["population"]["analysed"], 798);
    assert_eq!(found["detail"]["split"]["units"], serde_json::json!([199, 200]));
    assert_eq!(check(&found, "both_arms")["outcome"], "warn");
    assert!(metric(&found, "converted")["difference"]["method"].as_str().unwrap().contains("delta method"));
    let per_unit = &metric(&found, "converted_per_unit")["arms"]["challenger"]["value"];
    assert!((per_unit.as_f64().unwrap() - 2.0 * 0.2).abs() < 1e-12, "{per_unit}");
}

#[test]
fn ids_that_do_not_meet_ask_for_the_kind() {
    let folder = Folder::new("kind");
    let mut text = String::from("request_id,model,score,label\n");
    for row in 0..40 {
        let arm = if row < 20 { "champion" } else { "challenger" };
        writeln!(text, "r{row},{arm},0.{:02},{}", row + 10, row % 2).unwrap();
    }
    let file = folder.write("log.csv", &text);
    let output = run(&["evaluate", &file]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--kind ab"));
    let found = json(&run(&["evaluate", &file, "--kind", "ab", "--json"]));
    let area = metric(&found, "roc_auc");
    assert!(area["difference"]["method"].as_str().unwrap().contains("unpaired"), "{area}");
    assert_eq!(area["rows"], 40);
}

/// A sample evaluated at the command line, and its record held against the schema and the logs.
fn sample(name: &str) -> (Value, Option<i32>) {
    let folder = Folder::new(name);
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_data").join(name).join(format!("{name}.assay"));
    let out = folder.0.join("out").display().to_string();
    let output = run(&["evaluate", &workspace.display().to_string(), "--out", &out, "--json"]);
    let found = json(&output);
    let record = folder.0.join("out/record.json").display().to_string();
    let logs = workspace.parent().unwrap().display().to_string();
    let verified = run(&["verify", &record, "--logs", &logs, "--json"]);
    assert_eq!(json(&verified)["all_match"], true, "{}", String::from_utf8_lossy(&verified.stdout));
    let schema = json(&run(&["schema", "record"]));
    let record: Value = serde_json::from_slice(&fs::read(&record).unwrap()).unwrap();
    assert_eq!(schema_check::violations(&schema, &record), Vec::<String>::new());
    (found, output.status.code())
}

fn expected(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_data").join(name).join("expected.json");
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// Within a relative distance: reference intervals may be by the normal distribution where ours are by Student's.
#[track_caller]
fn near(found: &Value, expected: &Value, relative: f64) {
    let (found, expected) = (found.as_f64().unwrap(), expected.as_f64().unwrap());
    assert!((found - expected).abs() <= relative * expected.abs().max(1e-3), "{found} is not {expected}");
}

#[test]
fn the_places_of_the_sample_are_found_as_scipy_says() {
    let (found, code) = sample("ab-places");
    let expected = expected("ab-places");
    let [champion, challenger] = ["trigram 1.9", "learned-rank 2.0-rc3"];
    let units = |arm: &str| expected["arms"][arm]["users"].clone();
    assert_eq!(found["detail"]["split"]["units"], serde_json::json!([units(champion), units(challenger)]));
    near(&check(&found, "sample_ratio")["value"], &expected["sample_ratio"]["p"], 1e-9);
    let per_search =
        [("found", "found_per_search"), ("booked", "bookings_per_search"), ("revenue_eur", "revenue_per_search")];
    let per_user = [("found_per_unit", "found_per_user"), ("revenue_eur_per_unit", "revenue_per_user")];
    for (name, reference) in per_search.into_iter().chain(per_user) {
        let (metric, reference) = (metric(&found, name), &expected[reference]);
        near(&metric["arms"]["champion"]["value"], &reference["champion"], 1e-9);
        near(&metric["arms"]["challenger"]["value"], &reference["challenger"], 1e-9);
        near(&metric["difference"]["value"], &reference["difference"], 1e-9);
        for end in ["lo", "hi"] {
            near(&metric["difference"][end], &reference[end], 2e-3);
        }
    }
    let adjusted = found["detail"]["split"]["adjusted"].as_array().unwrap();
    for (name, reference) in
        [("found_per_unit", "found_per_user_cuped"), ("revenue_eur_per_unit", "revenue_per_user_cuped")]
    {
        let one = adjusted.iter().find(|one| one["metric"] == name).unwrap();
        let reference = &expected[reference];
        near(&one["difference"]["value"], &reference["difference"], 1e-6);
        near(&one["difference"]["lo"], &reference["lo"], 1e-4);
        near(&one["difference"]["hi"], &reference["hi"], 1e-4);
        let left = 1.0 - one["variance_reduction"].as_f64().unwrap();
        assert!((left - reference["variance_left"].as_f64().unwrap()).abs() < 1e-3, "{left}");
    }
    // Numbers of before the run are balanced as the reference says.
    let balance = found["detail"]["split"]["balance"].as_array().unwrap();
    for name in ["pre_searches", "pre_found", "pre_revenue_eur"] {
        let one = balance.iter().find(|one| one["column"] == name).unwrap();
        let smd = expected["balance"][name]["smd"].as_f64().unwrap().abs();
        assert!((one["difference"].as_f64().unwrap() - smd).abs() < 1e-9, "{one} {smd}");
    }
    for (name, reference) in [("latency_p50", "latency_p50"), ("latency_p95", "latency_p95")] {
        near(&metric(&found, name)["arms"]["champion"]["value"], &expected["arms"][champion][reference], 1e-9);
        near(&metric(&found, name)["arms"]["challenger"]["value"], &expected["arms"][challenger][reference], 1e-9);
    }
    // More are found than the margin asks for; the revenue cannot be cleared.
    let gate = |id: &str| found["gates"].as_array().unwrap().iter().find(|gate| gate["id"] == id).unwrap().clone();
    assert_eq!(gate("G1")["reading"]["outcome"], "pass", "{}", gate("G1"));
    assert_eq!(gate("G2")["reading"]["outcome"], "inconclusive", "{}", gate("G2"));
    assert_eq!((code, &found["verdict"]["recommendation"]), (Some(3), &Value::from("extend")));
}

#[test]
fn the_rollout_of_the_sample_earns_its_rollback() {
    let (found, code) = sample("canary-delays");
    let expected = expected("canary-delays");
    assert_eq!((code, &found["verdict"]["recommendation"]), (Some(5), &Value::from("rollback")));
    let error = metric(&found, "error");
    for (arm, name) in [("champion", "late-gbm 5.3"), ("challenger", "late-mlp 6.0-rc1")] {
        near(&error["arms"][arm]["value"], &expected["arms"][name]["error_rate"], 1e-12);
        near(&metric(&found, "roc_auc")["arms"][arm]["value"], &expected["arms"][name]["roc_auc"], 1e-9);
        near(&metric(&found, "latency_p95")["arms"][arm]["value"], &expected["arms"][name]["latency_p95"], 1e-9);
    }
    assert!(error["difference"]["method"].as_str().unwrap().contains("within each stage"), "{error}");
    let stages = found["detail"]["split"]["stages"].as_array().unwrap();
    let reference = expected["stages"].as_array().unwrap();
    assert_eq!(stages.len(), reference.len());
    // Weights n_a n_b / (n_a + n_b), by hand.
    let (mut difference, mut all) = (0.0, 0.0);
    for (stage, reference) in stages.iter().zip(reference) {
        let [a, b] = [&reference["late-gbm 5.3"], &reference["late-mlp 6.0-rc1"]];
        assert_eq!(stage["rows"], serde_json::json!([a["requests"], b["requests"]]));
        let number = |of: &Value, name: &str| of[name].as_f64().unwrap();
        let (na, nb) = (number(a, "requests"), number(b, "requests"));
        let weight = na * nb / (na + nb);
        difference += weight * (number(b, "errors") / nb - number(a, "errors") / na);
        all += weight;
    }
    near(&error["difference"]["value"], &Value::from(difference / all), 1e-9);
    // 2013-12-05T02:08:40Z is the first failure, the rule of the reference fires at 07:03:08.
    let hour = 3_600_000_000_i64;
    let fires = 1_386_226_988_000_000_i64;
    let time = found["verdict"]["earned"]["time"].as_i64().unwrap();
    assert!((fires - 2 * hour..fires + 3 * hour).contains(&time), "{time}");
    // A stage of few travellers is held, whatever it shows.
    let gates = found["gates"].as_array().unwrap();
    let staged = gates.iter().find(|gate| gate["id"] == "G5").unwrap()["segments"].as_array().unwrap();
    let of = |name: &str| {
        let slice = format!("stage={name}");
        staged.iter().find(|part| part["slice"] == slice.as_str()).unwrap()["reading"]["outcome"].clone()
    };
    assert_eq!([of("1"), of("3"), of("4")], ["inconclusive", "fail", "fail"].map(Value::from));
}
