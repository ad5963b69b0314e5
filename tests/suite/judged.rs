//! Perplexity and win rates of text runs: values of NumPy (`judged.py` wrote `judged.json`), forms of the columns, and
//! gates on them.

use std::path::PathBuf;

use assay::compare::{Comparison, MetricResult};
use assay::decision::{Outcome, Policy};
use assay::job::JobCx;
use assay::log::Task;
use assay::session::pipeline::{self, Evaluation, Request};
use serde_json::{Value, json};

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str, files: &[(&str, String)]) -> Self {
        let folder = std::env::temp_dir().join(format!("assay-judged-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        for (name, text) in files {
            std::fs::write(folder.join(name), text).unwrap();
        }
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn reference() -> Value {
    serde_json::from_str(include_str!("judged.json")).unwrap()
}

const ARMS: [&str; 2] = ["champion", "challenger"];
const MODELS: [&str; 2] = ["llm-7 live", "llm-8 shadow"];

/// One line per row and model, log-probabilities and verdicts as `logprobs` and `verdict` write them.
fn long(stored: &Value, logprobs: impl Fn(&Value) -> Value, verdict: impl Fn(Option<f64>) -> Value) -> String {
    let mut lines = Vec::new();
    for (arm, model) in ARMS.into_iter().zip(MODELS) {
        for row in 0..80 {
            let mut line = json!({
                "id": format!("r{row}"), "model": model,
                "reference": format!("the sum of {row} and one is {}", row + 1),
                "answer": format!("{row} and one is {}", row + usize::from(arm == "challenger" || row % 3 > 0)),
                "preference": verdict(stored["verdicts"][row].as_f64()),
            });
            let told = logprobs(&stored["logprobs"][arm][row]);
            line.as_object_mut().unwrap().extend(told.as_object().unwrap().clone());
            lines.push(line.to_string());
        }
    }
    lines.join("\n")
}

fn evaluated(name: &str, text: String, policy: Option<&str>) -> Result<Evaluation, String> {
    let folder = Folder::new(name, &[("answers.jsonl", text)]);
    let request = Request {
        files: vec![folder.0.join("answers.jsonl")],
        task: Some(Task::Text),
        // One that is given is not replaced by the default.
        policy: policy.map(|_| folder.0.join("policy.toml")),
        ..Request::default()
    };
    let cx = JobCx::new();
    let opened = pipeline::open(&request, &cx).map_err(|error| error.to_string())?;
    let run = pipeline::load(&opened, &opened.guess, &cx).map_err(|error| error.to_string())?;
    let policy = policy.map_or_else(|| pipeline::default_policy(&run.log), |text| Policy::parse(text).unwrap());
    pipeline::evaluate(run, &request, policy, &cx).map_err(|error| error.to_string())
}

fn metric<'a>(found: &'a Comparison, name: &str) -> &'a MetricResult {
    found.metric(name).unwrap_or_else(|| panic!("no {name}"))
}

fn values(found: &Comparison, name: &str) -> [f64; 2] {
    let arms = &metric(found, name).arms;
    [&arms.champion, &arms.challenger].map(|of| of.as_ref().unwrap_or_else(|| panic!("no {name}")).value)
}

fn lists(row: &Value) -> Value {
    json!({ "logprobs": row })
}

fn named(verdict: Option<f64>) -> Value {
    match verdict {
        Some(1.0) => json!(MODELS[1]),
        Some(0.0) => json!(MODELS[0]),
        Some(_) => json!("tie"),
        None => Value::Null,
    }
}

#[test]
fn values_and_intervals_of_numpy_whatever_the_columns_look_like() {
    let stored = reference();
    let numbers = |row: &Value| row.as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect::<Vec<_>>();
    let openai = |row: &Value| {
        let tokens: Vec<Value> = numbers(row).iter().map(|value| json!({"token": "t", "logprob": value})).collect();
        json!({ "token_logprobs": json!({ "content": tokens }).to_string() })
    };
    let sums = |row: &Value| json!({"logprob_sum": numbers(row).iter().sum::<f64>(), "num_tokens": numbers(row).len()});
    let letters = |verdict: Option<f64>| match verdict {
        Some(1.0) => json!("[[B]]"),
        Some(0.0) => json!("[[A]]"),
        Some(_) => json!("tie"),
        None => Value::Null,
    };
    let runs = [
        ("lists", long(&stored, lists, named)),
        ("openai", long(&stored, openai, letters)),
        ("sums", long(&stored, sums, |verdict| verdict.map_or(Value::Null, |value| json!(value)))),
    ];
    for (name, text) in runs {
        let found = evaluated(name, text, None).unwrap();
        let comparison = &found.comparison;
        assert_eq!(comparison.population.analysed, 80, "{name}");
        for (arm, value) in ARMS.iter().zip(values(comparison, "perplexity")) {
            let expected = stored["perplexity"][arm].as_f64().unwrap();
            assert!((value - expected).abs() < 1e-12 * expected, "{name}: {value}, NumPy {expected}");
        }
        let rate = stored["win_rate"].as_f64().unwrap();
        let [lost, won] = values(comparison, "win_rate");
        assert!((won - rate).abs() < 1e-12 && (lost + won - 1.0).abs() < 1e-12, "{name}: {won}, NumPy {rate}");
        // A difference of two rates that add up to 1 has twice the error of either.
        for (metric_name, error) in [("perplexity", "perplexity_error"), ("win_rate", "win_rate_error")] {
            let difference = metric(comparison, metric_name).difference.clone().unwrap();
            let twice = if metric_name == "win_rate" { 2.0 } else { 1.0 };
            // Student's t at 79 degrees of freedom.
            let found = (difference.hi.unwrap() - difference.lo.unwrap()) / 2.0 / 1.990_45 / twice;
            let expected = stored[error].as_f64().unwrap();
            assert!((found / expected - 1.0).abs() < 0.05, "{name} {metric_name}: {found}, jackknife {expected}");
        }
        let said = found.run.report.issues.iter().any(|issue| issue.code == "preference_sides");
        assert_eq!(said, name == "openai");
    }
}

#[test]
fn both_are_gated() {
    let stored = reference();
    let policy = "schema = \"promotion-policy/1\"\nid = \"p\"\nversion = \"1\"\nowner = \"o\"\n\n[interval]\nlevel = 0.95\n\n\
                  [[gate]]\nid = \"W\"\nrole = \"primary\"\nmetric = \"win_rate\"\ntest = \"superiority\"\nmargin = 0.0\nbecause = \"preferred\"\n\n\
                  [[gate]]\nid = \"B\"\nrole = \"guardrail\"\nmetric = \"win_rate\"\ntest = \"bound\"\narm = \"challenger\"\nmin = 0.4\nbecause = \"seldom worse\"\n\n\
                  [[gate]]\nid = \"P\"\nrole = \"guardrail\"\nmetric = \"perplexity\"\ntest = \"non_inferiority\"\nmargin = { rel = 0.05 }\nbecause = \"likely\"\n\n\
                  [verdict]\nrules = [{ when = \"validity_failed\", then = \"invalid\" }, { when = \"any_failed\", then = \"reject\" }, { when = \"all_passed\", then = \"promote\" }, { when = \"otherwise\", then = \"extend\" }]\n";
    let found = evaluated("gated", long(&stored, lists, named), Some(policy)).unwrap();
    let outcomes: Vec<Outcome> = found.verdict.gates.iter().map(|gate| gate.reading.outcome).collect();
    let reasons: Vec<&str> = found.verdict.gates.iter().map(|gate| gate.reading.reason.as_str()).collect();
    assert_eq!(outcomes, [Outcome::Inconclusive, Outcome::Pass, Outcome::Pass], "{reasons:?}");
    // A run that has neither is no pass.
    let bare = long(&stored, |_| json!({}), |_| Value::Null);
    let found = evaluated("bare", bare, Some(policy)).unwrap();
    assert!(found.comparison.metric("win_rate").is_none() && found.comparison.metric("perplexity").is_none());
    assert!(found.verdict.gates.iter().all(|gate| gate.reading.outcome == Outcome::NotEvaluable));
}

#[test]
fn judged_answers_need_no_reference_and_bad_cells_are_told() {
    let stored = reference();
    let plain = long(&stored, lists, named);
    let without = plain.replace("\"reference\"", "\"note\"");
    let found = evaluated("free", without, None).unwrap();
    assert_eq!(found.comparison.population.analysed, 80);
    assert!((values(&found.comparison, "win_rate")[1] - stored["win_rate"].as_f64().unwrap()).abs() < 1e-12);
    assert_eq!(metric(&found.comparison, "bleu").undefined.as_deref(), Some("no references are logged"));
    let mut lines: Vec<Value> = plain.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    lines[2]["logprobs"] = json!([0.5, -1.0]);
    lines[4]["preference"] = json!("nobody knows");
    let text = lines.iter().map(Value::to_string).collect::<Vec<_>>().join("\n");
    let found = evaluated("odd", text, None).unwrap();
    let said = |column: &str, line: &str| {
        let mut issues = found.run.report.issues.iter().filter(|issue| issue.code == "unreadable_value");
        issues.any(|issue| issue.message.contains(&format!("1 value of {column}")) && issue.message.contains(line))
    };
    assert!(said("logprobs", "answers.jsonl:3") && said("preference", "answers.jsonl:5"));
    // The other model's line of the row tells of the same verdict.
    assert!((values(&found.comparison, "win_rate")[1] - stored["win_rate"].as_f64().unwrap()).abs() < 1e-12);
}
