//! Agreement and value from outside: computed, gated, recorded, reported and computed again.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn run(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_assay-cli")).args(args).stdin(Stdio::null()).output().unwrap()
}

fn json(output: &Output) -> Value {
    let stderr = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {stderr}"))
}

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_data").join(name)
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

const POLICY: &str = r#"
schema = "promotion-policy/1"
id = "worth"
version = "1"

[value]
unit = "EUR"
true_positive = 20
false_positive = -5
false_negative = -40

[[gate]]
id = "G1"
role = "primary"
metric = "business_value"
test = "superiority"
margin = 0
because = "Outreach is to pay."

[verdict]
rules = [
  { when = "validity_failed", then = "invalid" },
  { when = "any_failed", then = "reject" },
  { when = "all_passed", then = "promote" },
  { when = "otherwise", then = "extend" },
]
"#;

#[test]
fn value_of_a_policy_is_gated_recorded_reported_and_verified() {
    let folder = std::env::temp_dir().join(format!("assay-business-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let (policy, out, logs) = (folder.join("policy.toml"), folder.join("out"), sample("shadow-outreach"));
    fs::write(&policy, POLICY).unwrap();
    let workspace = text(&logs.join("shadow-outreach.assay"));
    let args = ["evaluate", &workspace, "--policy", &text(&policy), "--out", &text(&out), "--json"];
    let found = json(&run(&args));
    let metrics = found["metrics"].as_array().unwrap();
    let value = metrics.iter().find(|metric| metric["name"] == "business_value" && metric["slice"].is_null()).unwrap();
    let rows = found["population"]["analysed"].as_f64().unwrap();
    for arm in ["champion", "challenger"] {
        let count = |cell: &str| found["confusion"][arm][cell].as_f64().unwrap();
        let by_hand = 20.0 * count("true_positive") - 5.0 * count("false_positive") - 40.0 * count("false_negative");
        let said = value["arms"][arm]["value"].as_f64().unwrap();
        assert!((said - by_hand / rows).abs() < 1e-9, "{arm}: {said} {by_hand}");
    }
    assert_eq!(found["gates"][0]["metric"], "business_value");
    assert_ne!(found["gates"][0]["reading"]["outcome"], "not_evaluable");
    let business = &found["business"];
    assert_eq!(business["scaled"][0]["metric"], "business_value");
    assert!(business["scaled"][0]["per_year"]["lo"].is_number());
    assert!(business["curve"]["thresholds"].as_array().unwrap().len() > 50);
    let agreement = &found["agreement"];
    assert_eq!(agreement["answers"], "decisions");
    assert!(agreement["rows"].as_f64().unwrap() > rows, "rows without a label count, too");
    let report = fs::read_to_string(out.join("report.html")).unwrap();
    for part in
        ["Agreement</h2>", "What labels would tell", "Business</h2>", "Value by kind of answer", "At full traffic"]
    {
        assert!(report.contains(part), "{part}");
    }
    let verified = run(&["verify", &text(&out.join("record.json")), "--logs", &text(&logs)]);
    let said = String::from_utf8_lossy(&verified.stdout).into_owned();
    assert!(verified.status.success() && said.contains("MATCH"), "{said}");
    assert!(!said.contains("DIFFERS"), "{said}");
    // What the policy fixed, nobody else says otherwise.
    let refused = run(&["evaluate", &workspace, "--policy", &text(&policy), "--value", "tp=1"]);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("what decisions are worth"), "{refused:?}");
    fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn text_tells_agreement_and_value() {
    let workspace = text(&sample("shadow-outreach").join("shadow-outreach.assay"));
    let said = run(&["evaluate", &workspace, "--value", "tp=20,fp=-5,fn=-40,unit=EUR"]);
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    for part in
        ["Agreement", "Churn", "Kappa", "can move the difference", "Business", "Business value, EUR", "per year"]
    {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[test]
fn values_of_several_classes_and_of_numbers_are_measured() {
    let path = text(&sample("multiclass-rodents").join("multiclass-rodents.assay"));
    let found = json(&run(&["evaluate", &path, "--value", "right=1", "--json"]));
    let of = |name: &str| {
        let all = found["metrics"].as_array().unwrap();
        let metric = all.iter().find(|metric| metric["name"] == name && metric["slice"].is_null()).unwrap();
        metric["difference"]["value"].as_f64().unwrap()
    };
    assert!((of("business_value") - of("accuracy")).abs() < 1e-12);
    assert_eq!(found["agreement"]["answers"], "classes");
    let path = text(&sample("regression-airtime").join("regression-airtime.assay"));
    let found = json(&run(&["evaluate", &path, "--value", "too_high=-1,too_low=-1", "--json"]));
    let of = |name: &str| {
        let all = found["metrics"].as_array().unwrap();
        let metric = all.iter().find(|metric| metric["name"] == name && metric["slice"].is_null()).unwrap();
        metric["difference"]["value"].as_f64().unwrap()
    };
    assert!((of("business_value") + of("mae")).abs() < 1e-9);
    assert_eq!(found["agreement"]["answers"], "numbers");
}

#[test]
fn outcomes_of_a_split_run_are_scaled() {
    let path = text(&sample("ab-places").join("ab-places.assay"));
    let found = json(&run(&["evaluate", &path, "--json"]));
    let business = &found["business"];
    let scaled = business["scaled"].as_array().unwrap();
    assert!(scaled.iter().any(|one| one["by_unit"] == true) && scaled.iter().any(|one| one["by_unit"] == false));
    let traffic = &business["traffic"];
    let days = traffic["days"].as_f64().unwrap();
    for one in scaled {
        let metrics = found["metrics"].as_array().unwrap();
        let metric = metrics.iter().find(|metric| metric["name"] == one["metric"]).unwrap();
        let count = if one["by_unit"] == true { &traffic["units"] } else { &traffic["requests"] };
        let by_hand = metric["difference"]["value"].as_f64().unwrap() * count.as_f64().unwrap() / days;
        let said = one["per_day"]["value"].as_f64().unwrap();
        assert!((said - by_hand).abs() < 1e-9 * (1.0 + by_hand.abs()), "{one}");
    }
    assert!(found["agreement"].is_null(), "no two answers to one request");
}
