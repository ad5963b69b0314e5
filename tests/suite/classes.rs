//! Classes with an order, and classes that are taken together by their names.

use std::fmt::Write as _;

use serde_json::Value;

use super::split::{Folder, json, metric, run};

/// By scikit-learn, champion first.
const KAPPAS: [(&str, [f64; 2]); 2] = [
    ("kappa_linear", [0.7272727272727273, 0.7804878048780488]),
    ("kappa_quadratic", [0.7058823529411764, 0.7619047619047619]),
];

/// Answers of two models to 60 rows of three classes, as in classes.py.
fn log(names: [&str; 3]) -> String {
    let mut text = String::from("id,label,prediction_champion,prediction_challenger\n");
    for row in 0..60 {
        let champion = if row % 4 == 0 { 0 } else { row % 3 };
        let challenger = if row % 5 == 0 { 2 } else { row % 3 };
        writeln!(text, "r{row},{},{},{}", names[row % 3], names[champion], names[challenger]).unwrap();
    }
    text
}

fn evaluated(name: &str, names: [&str; 3], more: &[&str]) -> Value {
    let folder = Folder::new(name);
    let file = folder.write("log.csv", &log(names));
    let mut args = vec!["evaluate", &file, "--kind", "offline", "--task", "multiclass", "--json"];
    args.extend(more);
    json(&run(&args))
}

#[test]
fn kappa_with_weights_is_that_of_scikit_learn_where_classes_have_an_order() {
    let told = evaluated("classes-told", ["low", "mid", "high"], &["--class-order", "low,mid,high"]);
    let numbers = evaluated("classes-numbers", ["2", "10", "30"], &[]);
    for found in [&told, &numbers] {
        for (name, values) in KAPPAS {
            let result = metric(found, name);
            for (arm, value) in ["champion", "challenger"].into_iter().zip(values) {
                let of_arm = &result["arms"][arm];
                assert!((of_arm["value"].as_f64().unwrap() - value).abs() < 1e-12, "{name}, {arm}: {of_arm}");
                assert!(of_arm["lo"].as_f64().unwrap() < value && value < of_arm["hi"].as_f64().unwrap(), "{of_arm}");
            }
            assert!(result["difference"]["lo"].is_number(), "{result}");
        }
    }
    let bare = evaluated("classes-bare", ["low", "mid", "high"], &[]);
    let why = metric(&bare, "kappa_linear")["undefined"].to_string();
    assert!(why.contains("the classes have no order; --class-order tells one"), "{why}");
    let short = evaluated("classes-short", ["low", "mid", "high"], &["--class-order", "low,high"]);
    let why = metric(&short, "kappa_quadratic")["undefined"].to_string();
    assert!(why.contains("the class mid is not in the order that was told"), "{why}");
}

#[test]
fn names_that_share_a_separator_make_groups() {
    let found = evaluated("classes-groups", ["animal/dog", "animal/cat", "van/red"], &[]);
    let groupings = found["detail"]["multiclass"]["groupings"].as_array().unwrap();
    assert_eq!(groupings.len(), 1);
    let counts = &groupings[0]["counts"];
    assert_eq!(counts["names"], serde_json::json!(["animal", "van"]));
    let champion = |row: usize| if row.is_multiple_of(4) { 0 } else { row % 3 };
    let cell = |truth: usize, answer: usize| {
        (0..60).filter(|&row| (row % 3 / 2, champion(row) / 2) == (truth, answer)).count() as u64
    };
    for found in counts["confusion"]["champion"].as_array().unwrap() {
        let [truth, answer, rows] = [0, 1, 2].map(|at| found[at].as_u64().unwrap());
        assert_eq!(rows, cell(truth as usize, answer as usize), "{found}");
    }
    assert!(counts["per_class"][0]["recall_difference"].is_array(), "{counts}");
}
