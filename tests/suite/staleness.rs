//! Drift over time, training-serving skew and retraining triggers from outside: found where they are and nowhere else,
//! gated, recorded and computed again.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use assay::metrics::bootstrap::hash;
use serde_json::Value;

/// What changes in the last of four weeks.
#[derive(Clone, Copy, Default)]
struct Made {
    seed: u64,
    /// Standard deviations that the ages move by.
    ages: f64,
    /// How far outcomes forget the score, 0 to 1.
    forget: f64,
    /// Rows of each user.
    each: u64,
    rows: u64,
}

const STATIONARY: Made = Made { seed: 1, ages: 0.0, forget: 0.0, each: 1, rows: 2400 };

fn uniform(seed: u64, row: u64, key: u64) -> f64 {
    (hash(row * 31 + key, seed) >> 11) as f64 / (1u64 << 53) as f64
}

/// Mean 0, variance 1.
fn normal(seed: u64, row: u64, key: u64) -> f64 {
    (0..12).map(|at| uniform(seed, row, key * 100 + at)).sum::<f64>() - 6.0
}

impl Made {
    /// One line a request, both models in it; hours run through four weeks.
    fn log(self) -> String {
        let mut text = "id,user,ts,score_champion,score_challenger,label,age,region\n".to_owned();
        for row in 0..self.rows {
            let minutes = row * 28 * 24 * 60 / self.rows;
            let late = row >= self.rows * 3 / 4;
            let user = uniform(self.seed, row, 9) * (self.rows / self.each) as f64;
            // Ages and regions belong to users.
            let of_user = if self.each > 1 { 1_000_000 + user as u64 } else { row };
            let age = 45.0 + 12.0 * (normal(self.seed, of_user, 2) + if late { self.ages } else { 0.0 });
            let region = ["north", "south", "west"][(uniform(self.seed, of_user, 3) * 3.0) as usize];
            let score = uniform(self.seed, row, 4).powi(2);
            let forget = if late { self.forget } else { 0.0 };
            let chance = score * (1.0 - forget) + forget * (1.0 - score);
            let label = u8::from(uniform(self.seed, row, 5) < chance);
            let other = (0.8 * score + 0.2 * uniform(self.seed, row, 6)).clamp(0.0, 1.0);
            text += &format!(
                "r{row},u{},2026-03-{:02}T{:02}:{:02}:00Z,{score:.6},{other:.6},{label},{age:.2},{region}\n",
                user as u64,
                2 + minutes / 1440,
                minutes / 60 % 24,
                minutes % 60
            );
        }
        text
    }
}

/// A folder of its own, removed when dropped.
struct Run(PathBuf);

impl Run {
    fn new(name: &str, made: Made) -> Self {
        let folder = std::env::temp_dir().join(format!("assay-staleness-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("log.csv"), made.log()).unwrap();
        Self(folder)
    }

    fn put(&self, name: &str, text: &str) {
        fs::write(self.0.join(name), text).unwrap();
    }

    /// Exit code, standard output, standard error.
    fn cli(&self, args: &[&str]) -> (i32, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_assay-cli"));
        let output = command.args(args).current_dir(&self.0).stdin(Stdio::null()).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }

    fn evaluate(&self, more: &[&str]) -> Value {
        let mut args = vec!["evaluate", "log.csv", "--champion", "champion", "--challenger", "challenger"];
        args.extend(["--map", "unit=user", "--positive", "1", "--json"]);
        args.extend(more);
        let (_, out, err) = self.cli(&args);
        serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {err}"))
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn named<'a>(list: &'a Value, name: &str) -> &'a Value {
    list.as_array().unwrap().iter().find(|one| one["name"] == name).unwrap_or_else(|| panic!("no {name} in {list}"))
}

fn outcome<'a>(found: &'a Value, trigger: &str) -> &'a str {
    named(&found["triggers"], trigger)["outcome"].as_str().unwrap()
}

fn distance<'a>(found: &'a Value, column: &str) -> &'a Value {
    let latest = found["staleness"]["latest"].as_u64().unwrap() as usize;
    &named(&found["staleness"]["columns"], column)["windows"][latest]["distance"]
}

/// Of logs in which nothing changes no trigger fires, be the rows each other's strangers or forty a user.
#[test]
fn nothing_fires_where_nothing_changes() {
    let (mut small, mut warned) = (0, 0);
    let mut columns = 0;
    for seed in 0..12 {
        let made = Made { seed: 100 + seed, each: if seed % 2 == 0 { 1 } else { 40 }, ..STATIONARY };
        let found = Run::new(&format!("null-{seed}"), made).evaluate(&[]);
        for trigger in ["performance", "data_drift", "demand"] {
            assert_ne!(outcome(&found, trigger), "triggered", "{seed}: {}", named(&found["triggers"], trigger));
        }
        for column in ["age", "region", "label", "champion's scores", "challenger's scores"] {
            columns += 1;
            small += u32::from(distance(&found, column)["p"].as_f64().unwrap() < 0.05);
        }
        warned += u32::from(named(&found["validity"], "concept_drift")["outcome"] == "warn");
        // Rows that are each other's strangers are enough to tell that nothing moved much.
        let drift = named(&found["validity"], "data_drift")["outcome"].as_str().unwrap();
        assert!(drift == "pass" || made.each > 1 && drift == "not_evaluable", "{seed}: {drift}");
    }
    // Of 60 p-values 3 are expected below 0.05.
    assert!(small <= 9 && columns == 60, "{small} of {columns}");
    assert!(warned <= 1, "{warned} of 12 at p < 0.01");
}

#[test]
fn a_feature_that_drifts_is_named_and_the_concept_stands() {
    let run = Run::new("drift", Made { ages: 1.0, ..STATIONARY });
    let found = run.evaluate(&[]);
    assert_eq!(outcome(&found, "data_drift"), "triggered");
    let reason = named(&found["triggers"], "data_drift")["reason"].as_str().unwrap();
    assert!(reason.contains("age"), "{reason}");
    assert_eq!(named(&found["validity"], "data_drift")["outcome"], "warn");
    // A check at a level of 0.01 warns of one stationary log in a hundred (300 made elsewhere: five), of which seed 1 is
    // one; two of eight would be a fault.
    let warns = |seed: &u64| {
        let found = Run::new(&format!("drift-{seed}"), Made { seed: *seed, ages: 1.0, ..STATIONARY }).evaluate(&[]);
        assert_eq!(outcome(&found, "data_drift"), "triggered", "{seed}");
        named(&found["validity"], "concept_drift")["outcome"] == "warn"
    };
    assert!((1..=8).filter(warns).count() <= 1);
    // The index of two normals a standard deviation apart is 1; ten bins see most of it.
    let age = distance(&found, "age");
    assert!((0.6..1.4).contains(&age["value"].as_f64().unwrap()) && age["lo"].as_f64().unwrap() > 0.25, "{age}");
    assert!(distance(&found, "region")["lo"].as_f64().unwrap() < 0.1);
    let windows = run.evaluate(&["--window", "1d"]);
    assert_eq!(windows["staleness"]["windows"].as_array().unwrap().len(), 28);
    let (code, _, err) = run.cli(&["evaluate", "log.csv", "--window", "1h"]);
    assert!(code != 2, "{err}");
    let (code, _, err) = run.cli(&["evaluate", "log.csv", "--window", "soon"]);
    assert!(code == 2 && err.contains("6h, 1d or 2w"), "{err}");
}

#[test]
fn a_concept_that_drifts_is_told_from_its_inputs() {
    let run = Run::new("concept", Made { forget: 0.5, ..STATIONARY });
    let found = run.evaluate(&[]);
    assert_eq!(named(&found["validity"], "concept_drift")["outcome"], "warn");
    assert_eq!(outcome(&found, "performance"), "triggered", "{}", named(&found["triggers"], "performance"));
    // The prior moves with the outcomes; no input does.
    for column in ["age", "region", "champion's scores"] {
        assert!(distance(&found, column)["p"].as_f64().unwrap() > 0.001, "{column}: {}", distance(&found, column));
    }
    let course = &found["staleness"]["losses"]["champion"];
    assert!(course["concept"]["lo"].as_f64().unwrap() > 0.1, "{course}");
    assert!(course["inputs"].as_f64().unwrap().abs() < 0.05, "{course}");
    assert!(course["constancy"]["p"].as_f64().unwrap() < 1e-4 && course["constancy"]["after"] == 2, "{course}");
}

const POLICY: &str = r#"
schema = "promotion-policy/1"
id = "ageing"
version = "1"

[retraining]
window = "1w"
max_age_days = 30
max_drift_psi = 0.2
max_skew_psi = 0.2
max_performance_loss = { rel = 0.1 }
max_demand_change = 0.3

[[gate]]
id = "S1"
role = "guardrail"
metric = "skew_psi_max"
test = "bound"
max = 0.2
because = "What the model was not trained for it was not tested for."

[[gate]]
id = "S2"
role = "guardrail"
metric = "outside_training"
test = "bound"
max = 0.2
because = "As above."

[[gate]]
id = "D1"
role = "guardrail"
metric = "drift_psi_max"
test = "bound"
max = 0.2
because = "As above."

[[gate]]
id = "A1"
role = "report_only"
metric = "model_age_days"
test = "bound"
arm = "champion"
max = 30
because = "Trained each month."

[verdict]
rules = [
  { when = "validity_failed", then = "invalid" },
  { when = "any_failed", then = "reject" },
  { when = "all_passed", then = "promote" },
  { when = "otherwise", then = "extend" },
]
"#;

/// Training data: one more column, one less, ages of the young, two regions of three.
fn training() -> String {
    let mut text = "ts,label,age,region,income\n".to_owned();
    for row in 0..1500u64 {
        let age = 30.0 + 6.0 * normal(77, row, 2);
        let region = ["north", "south"][(uniform(77, row, 3) * 2.0) as usize];
        let label = u8::from(uniform(77, row, 5) < 0.34);
        text += &format!("2026-01-{:02}T00:00:00Z,{label},{age:.2},{region},{}\n", 1 + row % 31, row % 97);
    }
    text
}

#[test]
fn training_data_is_held_against_the_run_gated_recorded_and_verified() {
    let run = Run::new("skew", STATIONARY);
    run.put("train.csv", &training());
    run.put("policy.toml", POLICY);
    let (code, out, err) = run.cli(&["policy", "check", "policy.toml"]);
    assert_eq!(code, 0, "{out}{err}");
    let found = run.evaluate(&["--reference", "train.csv", "--policy", "policy.toml", "--out", "out"]);
    let skew = &found["staleness"]["skew"];
    assert_eq!((skew["rows"].as_u64(), skew["files"][0].as_str()), (Some(1500), Some("train.csv")));
    assert_eq!(skew["missing"], serde_json::json!(["income"]));
    let region = named(&skew["columns"], "region");
    assert_eq!(region["unseen_names"], serde_json::json!(["west"]));
    let west = run.evaluate(&["--slice", "region=west"]);
    let rows = west["metrics"].as_array().unwrap().iter().find(|metric| metric["slice"] == "region=west").unwrap();
    assert_eq!(region["unseen"], rows["rows"], "rows of west that no training row has");
    let age = named(&skew["columns"], "age");
    assert!(age["beyond"].as_u64().unwrap() > 300 && age["distance"]["lo"].as_f64().unwrap() > 0.5, "{age}");
    let outside = skew["outside"].as_u64().unwrap();
    let either = age["beyond"].as_u64().unwrap().max(region["unseen"].as_u64().unwrap());
    let both = age["beyond"].as_u64().unwrap() + region["unseen"].as_u64().unwrap();
    assert!(either < outside && outside < both, "a row outside in two columns counts once: {outside}");
    let label = named(&skew["columns"], "label");
    assert!(label["distance"]["hi"].as_f64().unwrap() < 0.1, "the prior is as in training: {label}");
    assert_eq!(outcome(&found, "serving_skew"), "triggered");
    assert_eq!(outcome(&found, "model_age"), "triggered", "{}", named(&found["triggers"], "model_age"));
    assert_eq!(outcome(&found, "data_drift"), "not_triggered", "{}", named(&found["triggers"], "data_drift"));
    let gate = |id: &str| {
        let gates = found["gates"].as_array().unwrap();
        gates.iter().find(|gate| gate["id"] == id).unwrap()["reading"]["outcome"].as_str().unwrap().to_owned()
    };
    assert_eq!(["S1", "S2", "D1", "A1"].map(gate), ["fail", "fail", "pass", "fail"]);

    let (code, out, err) = run.cli(&["verify", "out/record.json", "--logs", "."]);
    assert!(code == 0 && out.contains("MATCH"), "{out}{err}");
    let text = fs::read_to_string(run.0.join("train.csv")).unwrap();
    run.put("train.csv", &text.replacen(",north,", ",south,", 1));
    let (code, out, _) = run.cli(&["verify", "out/record.json", "--logs", "."]);
    assert!(code == 1 && out.contains("DIFFERS") && out.contains("train.csv"), "{out}");
    fs::remove_file(run.0.join("train.csv")).unwrap();
    let (code, out, _) = run.cli(&["verify", "out/record.json", "--logs", "."]);
    assert!(code == 1 && out.contains("train.csv was not found"), "{out}");
}

#[test]
fn rows_of_few_users_in_training_are_not_independent() {
    let made = Made { each: 60, rows: 6_000, ..STATIONARY };
    let run = Run::new("skew-units", made);
    // The same users' distribution: sixty users of a hundred rows, whose ages are their own.
    let mut text = "label,age,region,user\n".to_owned();
    for row in 0..6_000u64 {
        let user = row / 100;
        let age = 45.0 + 12.0 * normal(501, user, 2);
        let region = ["north", "south", "west"][(uniform(501, user, 3) * 3.0) as usize];
        text += &format!("{},{age:.2},{region},t{user}\n", u8::from(uniform(501, row, 5) < 0.34));
    }
    run.put("train.csv", &text);
    let found = run.evaluate(&["--reference", "train.csv", "--map", "unit=user"]);
    let skew = &found["staleness"]["skew"];
    assert_eq!((skew["missing"].clone(), skew["units"].as_u64()), (serde_json::json!([]), Some(60)));
    for column in ["age", "region"] {
        let distance = &named(&skew["columns"], column)["distance"];
        assert!(distance["lo"].as_f64().unwrap() < 0.02, "{column}: {distance}");
    }
    run.put("train.csv", &text.replace(",user\n", ",visitor\n"));
    let found = run.evaluate(&["--reference", "train.csv", "--map", "unit=user"]);
    let check = named(&found["validity"], "training_serving_skew");
    assert!(check["explanation"].as_str().unwrap().contains("taken as independent"), "{check}");
}

#[test]
fn a_time_that_went_wrong_is_in_no_window() {
    let run = Run::new("stray", STATIONARY);
    let text = fs::read_to_string(run.0.join("log.csv")).unwrap();
    let whole = run.evaluate(&[]);
    let (head, rest) = text.split_once('\n').unwrap();
    let (first, rest) = rest.split_once('\n').unwrap();
    run.put("log.csv", &format!("{head}\n{}\n{rest}", first.replace("2026-03", "1970-01")));
    let found = run.evaluate(&[]);
    assert_eq!(found["staleness"]["stray"], 1);
    assert_eq!(found["staleness"]["window"], whole["staleness"]["window"]);
    let windows = |found: &Value| found["staleness"]["windows"].as_array().unwrap().len();
    assert_eq!(windows(&found), windows(&whole));
    let check = named(&found["validity"], "data_drift");
    assert!(check["explanation"].as_str().unwrap().contains("In no window"), "{check}");
}

#[test]
fn what_is_not_known_is_not_told() {
    let run = Run::new("unknown", Made { rows: 80, ..STATIONARY });
    run.put("policy.toml", &POLICY.replace("max_drift_psi = 0.2", "max_drift_psi = 0"));
    let (code, out, err) = run.cli(&["policy", "check", "policy.toml"]);
    assert!(code == 1 && format!("{out}{err}").contains("retraining.max_drift_psi"), "{out}{err}");
    run.put("policy.toml", POLICY);
    let found = run.evaluate(&["--policy", "policy.toml"]);
    for trigger in ["model_age", "performance", "data_drift", "serving_skew"] {
        assert_eq!(outcome(&found, trigger), "cannot_tell", "{}", named(&found["triggers"], trigger));
    }
    let told = |facts: &[&str]| {
        let facts: Vec<&str> = facts.iter().flat_map(|fact| ["--fact", fact]).collect();
        let mut args = vec!["--policy", "policy.toml"];
        args.extend(facts);
        run.evaluate(&args)
    };
    let found = told(&["trained_at=2026-03-20", "demand_change=0.5"]);
    assert_eq!((outcome(&found, "model_age"), outcome(&found, "demand")), ("not_triggered", "triggered"));
    let found = told(&["champion.trained_at=2025-03-20", "demand_change=0.1"]);
    assert_eq!((outcome(&found, "model_age"), outcome(&found, "demand")), ("triggered", "not_triggered"));
    assert_eq!(outcome(&told(&["trained_at=spring"]), "model_age"), "cannot_tell");
    run.put("other.csv", "colour,taste\nred,sweet\nblue,sour\n");
    let (code, _, err) = run.cli(&["evaluate", "log.csv", "--reference", "other.csv", "--positive", "1"]);
    assert!(code == 1 && err.contains("no column in common") && err.contains("other.csv"), "{code} {err}");
    let (code, _, err) = run.cli(&["evaluate", "log.csv", "--reference", "nothing.csv", "--positive", "1"]);
    assert!(code == 1 && err.contains("nothing.csv"), "{code} {err}");
}

/// Three days of `rows` requests each; `draw` of day and uniforms gives both scores and the label.
fn days(seed: u64, rows: u64, draw: impl Fn(u64, &dyn Fn(u64) -> f64) -> (f64, f64, Option<bool>)) -> String {
    let mut text = "id,user,ts,score_champion,score_challenger,label\n".to_owned();
    for row in 0..3 * rows {
        let seconds = row % rows * 86_400 / rows;
        let (champion, challenger, label) = draw(row / rows, &|key| uniform(seed, row, 40 + key));
        let label = label.map_or("", |label| if label { "1" } else { "0" });
        text += &format!(
            "r{row},u{row},2026-03-{:02}T{:02}:{:02}:{:02}Z,{champion:.8},{challenger:.8},{label}\n",
            2 + row / rows,
            seconds / 3600,
            seconds / 60 % 60,
            seconds % 60
        );
    }
    text
}

fn of_days(name: &str, log: &str) -> Value {
    let run = Run::new(name, Made { rows: 1, each: 1, ..STATIONARY });
    run.put("log.csv", log);
    run.evaluate(&["--window", "1d"])
}

/// Scores move, and each comes true as often as it says: the concept stands.
#[test]
fn other_scores_are_no_other_concept() {
    let warns = |seed: &u64| {
        let log = days(*seed, 12_000, |day, uniform| {
            // Beta(1, 30); on the last day Beta(2, 15), the second smallest of 16.
            let mut all: Vec<f64> = (2..18).map(uniform).collect();
            all.sort_unstable_by(f64::total_cmp);
            let score = if day == 2 { all[1] } else { 1.0 - uniform(0).powf(1.0 / 30.0) };
            (score, (score * 1.01).min(0.999), Some(uniform(1) < score))
        });
        let found = of_days(&format!("shift-{seed}"), &log);
        let check = named(&found["validity"], "concept_drift");
        assert_ne!(check["outcome"], "not_evaluable", "{check}");
        check["outcome"] == "warn"
    };
    assert!((1..=8).filter(warns).count() <= 1);
}

/// Log loss around one half stays as it was while outcomes become more frequent.
#[test]
fn other_outcomes_around_one_half_are_another_concept() {
    for seed in 1..=3 {
        let log = days(seed, 6_000, |day, uniform| {
            let mut all: Vec<f64> = (2..9).map(uniform).collect();
            all.sort_unstable_by(f64::total_cmp);
            // Beta(4, 4).
            let score = all[3];
            let logit = (score / (1.0 - score)).ln() + if day == 2 { 0.3 } else { 0.0 };
            (score, (score * 1.01).min(0.999), Some(uniform(1) < 1.0 / (1.0 + (-logit).exp())))
        });
        let found = of_days(&format!("half-{seed}"), &log);
        let check = named(&found["validity"], "concept_drift");
        assert_eq!(check["outcome"], "warn", "{check}");
        assert!(found["staleness"]["losses"]["champion"]["outcomes"]["p"].as_f64().unwrap() < 1e-4);
    }
}

#[test]
fn the_challengers_scores_are_no_reason_for_another_model() {
    let log = days(3, 4_000, |day, uniform| {
        let score = uniform(0).powi(2);
        (score, (0.8 * score + if day == 2 { 0.19 } else { 0.0 }).min(0.999), Some(uniform(1) < score))
    });
    let found = of_days("challenger", &log);
    let trigger = named(&found["triggers"], "data_drift");
    assert_eq!(trigger["outcome"], "not_triggered", "{trigger}");
    let [lo, value, hi] = ["lo", "value", "hi"].map(|key| trigger[key].as_f64().unwrap());
    assert!(lo <= value && value <= hi, "{trigger}");
    let check = named(&found["validity"], "data_drift");
    assert_eq!(check["outcome"], "pass", "{check}");
    assert!(check["explanation"].as_str().unwrap().contains("challenger's scores"), "{check}");
    assert!(distance(&found, "challenger's scores")["lo"].as_f64().unwrap() > 0.25);
}

/// Of the last day's labels those of one class are there first.
#[test]
fn labels_that_are_not_all_there_have_not_drifted() {
    let log = days(4, 4_000, |day, uniform| {
        let score = uniform(0).powi(2);
        let label = uniform(1) < score;
        (score, score * 0.99, (day < 2 || label && uniform(2) < 0.9).then_some(label))
    });
    let found = of_days("immature", &log);
    assert_eq!(outcome(&found, "data_drift"), "not_triggered", "{}", named(&found["triggers"], "data_drift"));
    let check = named(&found["validity"], "data_drift");
    assert!(check["explanation"].as_str().unwrap().contains("labelled against 100"), "{check}");
    assert!(distance(&found, "label").is_null());
}
