//! Offline runs over folds: the corrected test, and what leaks from one fold to another.

use std::fmt::Write as _;

use super::split::{Folder, check, json, metric, run};

/// Answers of two models over five folds of 40 rows: so many wrong in each fold.
fn log(wrong: [[usize; 2]; 5], user: impl Fn(usize, usize) -> usize, day: impl Fn(usize, usize) -> usize) -> String {
    let mut text = String::from("case_id,user_id,ts,fold,part,model,prediction,label\n");
    for (fold, wrong) in wrong.iter().enumerate() {
        for row in 0..40 {
            for (model, wrong) in ["champion", "challenger"].iter().zip(wrong) {
                let label = row % 2;
                let said = if row < *wrong { 1 - label } else { label };
                writeln!(
                    text,
                    "{fold}-{row},u{},2026-03-{:02}T10:{row:02}:00Z,{fold},{},{model},{said},{label}",
                    user(fold, row),
                    1 + day(fold, row),
                    ["odd", "even"][usize::from(row % 2 == 0)],
                )
                .unwrap();
            }
        }
    }
    text
}

const WRONG: [[usize; 2]; 5] = [[10, 8], [12, 9], [9, 9], [11, 7], [8, 9]];

#[test]
fn differences_over_folds_are_those_of_the_corrected_test() {
    let folder = Folder::new("folds");
    let file = folder.write("folds.csv", &log(WRONG, |fold, row| fold * 40 + row, |_, row| row % 20));
    let out = folder.0.join("out").display().to_string();
    let found = json(&run(&["evaluate", &file, "--kind", "offline", "--out", &out, "--json"]));
    let difference = &metric(&found, "accuracy")["difference"];
    let each = WRONG.map(|[a, b]| (a as f64 - b as f64) / 40.0);
    let mean = each.iter().sum::<f64>() / 5.0;
    let variance = each.iter().map(|one| (one - mean) * (one - mean)).sum::<f64>() / 4.0;
    let se = (variance * (1.0 / 5.0 + 1.0 / 4.0)).sqrt();
    let number = |key: &str| difference[key].as_f64().unwrap();
    assert!((number("value") - mean).abs() < 1e-12 && (number("se") - se).abs() < 1e-12, "{difference}");
    // Student's quantile of 4 degrees of freedom.
    assert!((number("hi") - mean - 2.776_445_105_198 * se).abs() < 1e-9, "{difference}");
    assert!(difference["method"] == "corrected resampled t over 5 folds" && difference["n"] == 5, "{difference}");
    // Folds that share their days were answered by models that had seen later ones.
    let leakage = check(&found, "fold_leakage");
    assert_eq!(leakage["outcome"], "warn");
    assert!(leakage["explanation"].as_str().unwrap().contains("overlap in time"), "{leakage}");
    assert!(found["metrics"].as_array().unwrap().iter().all(|metric| metric["slice"].is_null()));
    let record = format!("{out}/record.json");
    let verified = json(&run(&["verify", &record, "--logs", &folder.0.display().to_string(), "--json"]));
    assert_eq!(verified["all_match"], true, "{verified}");
    // A slice is compared over the folds, too, and not as if its rows were independent.
    let sliced = json(&run(&["evaluate", &file, "--kind", "offline", "--slice", "part=odd", "--json"]));
    let all = sliced["metrics"].as_array().unwrap();
    let of_slice = all.iter().find(|metric| metric["name"] == "accuracy" && metric["slice"] == "part=odd").unwrap();
    assert_eq!(of_slice["difference"]["method"], "corrected resampled t over 5 folds", "{of_slice}");
    assert!(all.iter().all(|metric| metric["slice"].is_null() || metric["slice"] == "part=odd"));
    // The same rows as a shadow run are compared row by row.
    let shadow = json(&run(&["evaluate", &file, "--kind", "shadow", "--json"]));
    assert!(!metric(&shadow, "accuracy")["difference"]["method"].as_str().unwrap().contains("folds"));
}

#[test]
fn folds_in_turn_are_trained_on_what_came_before() {
    let folder = Folder::new("folds-time");
    let file = folder.write("folds.csv", &log(WRONG, |fold, row| fold * 40 + row, |fold, _| fold));
    let found = json(&run(&["evaluate", &file, "--kind", "offline", "--json"]));
    let difference = &metric(&found, "accuracy")["difference"];
    let each = WRONG.map(|[a, b]| (a as f64 - b as f64) / 40.0);
    let mean = each.iter().sum::<f64>() / 5.0;
    let variance = each.iter().map(|one| (one - mean) * (one - mean)).sum::<f64>() / 4.0;
    // Tested on 40 rows, trained on 40, 80, 120 and 160.
    let se = (variance * (1.0 / 5.0 + 40.0 / 100.0)).sqrt();
    assert!((difference["se"].as_f64().unwrap() - se).abs() < 1e-12, "{difference}");
    assert_eq!(check(&found, "fold_leakage")["outcome"], "pass");
}

#[test]
fn users_in_several_folds_leak() {
    let folder = Folder::new("folds-leak");
    let file = folder.write("folds.csv", &log(WRONG, |_, row| row, |fold, _| fold));
    let found = json(&run(&["evaluate", &file, "--kind", "offline", "--json"]));
    let leakage = check(&found, "fold_leakage");
    assert_eq!((leakage["outcome"].as_str(), leakage["value"].as_f64()), (Some("warn"), Some(40.0)), "{leakage}");
}
