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

#[test]
fn a_cell_is_a_slice_by_the_names_of_truth_and_answer() {
    let cell = "label=animal/cat & prediction.champion=animal/dog";
    let others = "label=animal/cat & prediction.champion!=animal/dog";
    let found =
        evaluated("classes-cell", ["animal/dog", "animal/cat", "van/red"], &["--slice", cell, "--slice", others]);
    let right = |slice: &str, arm: &str| {
        let of = |metric: &&Value| metric["name"] == "accuracy" && metric["slice"] == slice;
        let metric = found["metrics"].as_array().unwrap().iter().find(of).unwrap();
        (metric["arms"][arm]["n"].as_u64(), metric["arms"][arm]["value"].as_f64())
    };
    let is_cat: Vec<usize> = (0..60).filter(|row| row % 3 == 1).collect();
    let dogs: Vec<usize> = is_cat.iter().copied().filter(|row| row % 4 == 0).collect();
    assert_eq!(right(cell, "champion"), (Some(dogs.len() as u64), Some(0.0)));
    let kept = dogs.iter().filter(|row| *row % 5 != 0).count();
    assert_eq!(right(cell, "challenger").1, Some(kept as f64 / dogs.len() as f64));
    assert_eq!(right(others, "champion"), (Some((is_cat.len() - dogs.len()) as u64), Some(1.0)));
}

#[test]
fn a_column_that_is_none_is_named_with_those_there_are() {
    let folder = Folder::new("classes-unknown");
    let file = folder.write("log.csv", &log(["a", "b", "c"]));
    let output = run(&["evaluate", &file, "--task", "multiclass", "--slice", "prediction=a"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("prediction.champion") && said.contains("label"), "{said}");
    assert_ne!(output.status.code(), Some(0));
}

#[test]
fn the_report_holds_calibration_and_groups_of_classes() {
    let folder = Folder::new("classes-report");
    let outs = ["one", "two"].map(|name| folder.0.join(name).display().to_string());
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/sample_data/multiclass-rodents/multiclass-rodents.assay");
    assert_eq!(run(&["evaluate", sample, "--out", &outs[0]]).status.code(), Some(0));
    let page = std::fs::read_to_string(format!("{}/report.html", outs[0])).unwrap();
    for part in
        ["Calibration error by class", "observed share of right decisions", "Classes taken together: 9 groups by _"]
    {
        assert!(page.contains(part), "{part}");
    }
    let ids: Vec<&str> = page.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(ids.iter().collect::<std::collections::BTreeSet<_>>().len(), ids.len());
    // A log of answers alone says nothing of calibration.
    let file = folder.write("log.csv", &log(["a/x", "a/y", "b/z"]));
    run(&["evaluate", &file, "--kind", "offline", "--task", "multiclass", "--out", &outs[1]]);
    let page = std::fs::read_to_string(format!("{}/report.html", outs[1])).unwrap();
    assert!(!page.contains("Calibration error by class") && page.contains("2 groups by /"));
}
