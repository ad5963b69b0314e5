//! Metrics of one's own from outside: computed, gated, recorded, reported and computed again.

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

fn metric<'a>(found: &'a Value, name: &str) -> &'a Value {
    let all = found["metrics"].as_array().unwrap();
    all.iter().find(|metric| metric["name"] == name && metric["slice"].is_null()).unwrap_or_else(|| panic!("no {name}"))
}

const POLICY: &str = r#"
schema = "promotion-policy/1"
id = "net"
version = "1"

[metrics.net_value]
better = "higher"
unit = "EUR"
value = "if(prediction, if(label, 20, -5), 0)"

[[gate]]
id = "G1"
role = "primary"
metric = "net_value"
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
fn a_metric_of_a_policy_is_gated_recorded_and_verified() {
    let folder = std::env::temp_dir().join(format!("assay-own-metrics-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let policy = folder.join("policy.toml");
    fs::write(&policy, POLICY).unwrap();
    let logs = sample("shadow-outreach");
    let (workspace, out) = (logs.join("shadow-outreach.assay"), folder.join("out"));
    let [workspace, policy, out, logs] =
        [&workspace, &policy, &out, &logs].map(|path| path.to_string_lossy().into_owned());
    let elderly = "older:neither:share=age_band = '65+' per prediction = prediction";
    let found =
        json(&run(&["evaluate", &workspace, "--policy", &policy, "--metric", elderly, "--out", &out, "--json"]));
    let net = metric(&found, "net_value");
    assert_eq!(net["unit"], "number");
    let cells = &found["confusion"];
    let rows = found["population"]["analysed"].as_f64().unwrap();
    for arm in ["champion", "challenger"] {
        let cell = |name: &str| cells[arm][name].as_f64().unwrap();
        let wanted = (20.0 * cell("true_positive") - 5.0 * cell("false_positive")) / rows;
        let value = net["arms"][arm]["value"].as_f64().unwrap();
        assert!((value - wanted).abs() < 1e-9, "{arm} {value} {wanted}");
        assert!(net["arms"][arm]["lo"].as_f64().unwrap() < value);
    }
    assert!(net["difference"]["method"].as_str().unwrap().contains("cluster-robust"), "{net}");
    let gate = &found["gates"].as_array().unwrap()[0];
    let lo = net["difference"]["lo"].as_f64().unwrap();
    assert_eq!(gate["metric"], "net_value");
    assert_eq!(gate["reading"]["outcome"] == "pass", lo > 0.0, "{gate}");
    // What is said of both arms alike has no difference to speak of.
    assert_eq!(metric(&found, "older")["difference"]["value"], 0.0);

    let record = Path::new(&out).join("record.json");
    let report = fs::read_to_string(Path::new(&out).join("report.html")).unwrap();
    assert!(report.contains("mean of if(prediction, if(label, 20, -5), 0)"), "the definition stands in the report");
    assert!(report.contains("net_value, EUR"));
    let path = record.to_string_lossy().into_owned();
    let verified = run(&["verify", &path, "--logs", &logs]);
    assert_eq!(verified.status.code(), Some(0), "{}", String::from_utf8_lossy(&verified.stdout));
    // Another definition gives other numbers.
    let text = fs::read_to_string(&record).unwrap();
    let other = text.replacen("older\",\"per\":\"", "older\",\"per\":\"2 * ", 1);
    let other = if other == text { text.replace("age_band = '65+'", "age_band != '65+'") } else { other };
    assert_ne!(other, text);
    fs::write(&record, other).unwrap();
    assert_ne!(run(&["verify", &path, "--logs", &logs]).status.code(), Some(0));
    fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn split_runs_measure_each_arm_alone() {
    let workspace = sample("ab-places").join("ab-places.assay").to_string_lossy().into_owned();
    let found = json(&run(&[
        "evaluate",
        &workspace,
        "--metric",
        "own_revenue:higher:EUR=revenue_eur",
        "--metric",
        "revenue_per_booking:higher:EUR=revenue_eur per booked",
        "--metric",
        "none:higher=1 per 0 * booked",
        "--json",
    ]));
    let (own, known) = (metric(&found, "own_revenue"), metric(&found, "revenue_eur"));
    for part in ["value", "lo", "hi", "n"] {
        let near = |a: &Value, b: &Value| (a.as_f64().unwrap() - b.as_f64().unwrap()).abs() < 1e-9;
        assert!(near(&own["difference"][part], &known["difference"][part]), "{part}: {own} {known}");
        assert!(near(&own["arms"]["champion"][part], &known["arms"]["champion"][part]), "{part}");
    }
    let ratio = metric(&found, "revenue_per_booking");
    for arm in ["champion", "challenger"] {
        let value = |name: &str| metric(&found, name)["arms"][arm]["value"].as_f64().unwrap();
        assert!((value("revenue_per_booking") - value("revenue_eur") / value("booked")).abs() < 1e-9);
    }
    assert!(ratio["difference"]["lo"].as_f64().unwrap() < ratio["difference"]["hi"].as_f64().unwrap());
    let none = metric(&found, "none");
    assert!(none["undefined"].as_str().unwrap().contains("denominator is zero"), "{none}");
    assert!(none["arms"]["champion"].is_null() && none["difference"].is_null());
}

#[test]
fn what_cannot_be_computed_is_told_with_its_place() {
    let workspace = sample("shadow-outreach").join("shadow-outreach.assay").to_string_lossy().into_owned();
    let said = |metric: &str| {
        let output = run(&["evaluate", &workspace, "--metric", metric]);
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (code, text) = said("net:higher=if(predicton, 1, 0)");
    assert_eq!(code, Some(1));
    assert!(
        text.contains("metric net: value at character 4: no column predicton (did you mean `prediction`?)"),
        "{text}"
    );
    let (code, text) = said("net:higher=1 +");
    assert_eq!(code, Some(2));
    assert!(text.contains("at character 4"), "{text}");
    let (code, text) = said("brier:lower=score");
    assert_eq!(code, Some(2));
    assert!(text.contains("brier is a metric already"), "{text}");
}
