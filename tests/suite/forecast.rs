//! Forecasts: predicted quantiles, scaled errors and tests in the order of time against values by NumPy and SciPy.

use std::fmt::Write as _;

use serde_json::Value;

use super::split::{Folder, json, metric, run};

const LOG: &str = include_str!("forecast.csv");

fn close(found: &Value, expected: &Value, what: &str) {
    match (found, expected) {
        (Value::Array(found), Value::Array(expected)) => {
            assert_eq!(found.len(), expected.len(), "{what}");
            found.iter().zip(expected).for_each(|(found, expected)| close(found, expected, what));
        }
        _ => {
            let (a, b) = (found.as_f64().unwrap(), expected.as_f64().unwrap());
            assert!((a - b).abs() <= 1e-9 * b.abs().max(1e-3), "{what}: {a}, expected {b}");
        }
    }
}

#[test]
fn forecasts_are_measured_and_replayed() {
    let expected: Value = serde_json::from_str(include_str!("forecast.json")).unwrap();
    let folder = Folder::new("forecast");
    let file = folder.write("forecast.csv", LOG);
    let out = folder.0.join("out").display().to_string();
    let found = json(&run(&["evaluate", &file, "--kind", "offline", "--task", "regression", "--out", &out, "--json"]));
    for arm in ["champion", "challenger"] {
        for (name, value) in expected["arms"][arm].as_object().unwrap() {
            close(&metric(&found, name)["arms"][arm]["value"], value, &format!("{name} of the {arm}"));
        }
    }
    let ends = |name: &str| {
        let difference = &metric(&found, name)["difference"];
        ["value", "lo", "hi"].map(|key| difference[key].as_f64().unwrap())
    };
    for (name, value) in expected["differences"].as_object().unwrap() {
        close(&Value::from(ends(name).to_vec()), value, name);
    }
    let by_score = expected["interval_coverage_difference"].as_array().unwrap();
    for (found, expected) in ends("interval_coverage").into_iter().zip(by_score) {
        // Numerical maximum likelihood is good to half the digits.
        assert!((found - expected.as_f64().unwrap()).abs() < 1e-6, "interval_coverage: {found}, {expected}");
    }
    let detail = &found["detail"]["regression"];
    let levels = &detail["quantile_forecasts"]["levels"];
    close(&levels[0]["pinball_difference"], &expected["pinball_difference_at_10"], "pinball at 0.1");
    assert_eq!(detail["quantile_forecasts"]["intervals"][0]["nominal"], 0.8);
    for (test, expected) in
        detail["time_tests"].as_array().unwrap().iter().zip(expected["unknown_horizon"].as_array().unwrap())
    {
        ["difference", "statistic", "p", "cosines"].iter().for_each(|key| close(&test[key], &expected[key], key));
        assert_eq!((test["steps"].as_u64(), test["horizon"].is_null()), (Some(40), true), "{test}");
    }
    let notes = found["notes"].to_string();
    assert!(notes.contains("3 series told by series_id") && notes.contains("1 series have no two times"), "{notes}");

    let told = json(&run(&[
        "evaluate",
        &file,
        "--kind",
        "offline",
        "--task",
        "regression",
        "--map",
        "horizon=lead",
        "--json",
    ]));
    let tests = told["detail"]["regression"]["time_tests"].as_array().unwrap();
    for (test, expected) in tests.iter().zip(expected["horizon_3"].as_array().unwrap()) {
        ["difference", "statistic", "p"].iter().for_each(|key| close(&test[key], &expected[key], key));
        assert_eq!(test["horizon"], 3);
    }

    let record = format!("{out}/record.json");
    let verified = json(&run(&["verify", &record, "--logs", &folder.0.display().to_string(), "--json"]));
    assert_eq!(verified["all_match"], true, "{verified}");
    run(&["report", &record, "--format", "html", "--out", &out]);
    let html = std::fs::read_to_string(format!("{out}/report.html")).unwrap();
    assert!(html.contains("Predicted quantiles") && html.contains("80 % interval") && html.contains("Diebold-Mariano"));
}

/// Hyndman and Koehler 2006 with a season: the scale is the mean of `|y_t - y_(t-m)|`.
#[test]
fn errors_are_scaled_by_a_season_and_the_record_replays() {
    let expected: Value = serde_json::from_str(include_str!("forecast.json")).unwrap();
    let expected = &expected["season"];
    let folder = Folder::new("forecast-season");
    folder.write("forecast.csv", LOG);
    let workspace = "schema = \"assay-workspace/1\"\nkind = \"offline\"\ntask = \"regression\"\nfiles = [\"forecast.csv\"]\n\
                     season = 7\n";
    let workspace = folder.write("run.assay", workspace);
    let out = folder.0.join("out").display().to_string();
    let found = json(&run(&["evaluate", &workspace, "--out", &out, "--json"]));
    for arm in ["champion", "challenger"] {
        close(&metric(&found, "mase")["arms"][arm]["value"], &expected["mase"][arm], &format!("MASE of the {arm}"));
    }
    let scale = &found["detail"]["regression"]["scale"];
    assert_eq!((&scale["season"], &scale["differences"]), (&expected["rows"], &expected["differences"]), "{scale}");
    let notes = found["notes"].to_string();
    assert!(notes.contains("over a season of 7 rows (99 differences)"), "{notes}");

    // The record says the season, which is a choice; what follows from it is computed again.
    let logs = folder.0.display().to_string();
    let record = format!("{out}/record.json");
    let verified = json(&run(&["verify", &record, "--logs", &logs, "--json"]));
    assert_eq!(verified["all_match"], true, "{verified}");
    let taken = |item: &&Value| item["path"] == "/mapping/season";
    let season = verified["items"].as_array().unwrap().iter().find(taken).unwrap();
    assert_eq!((&season["agreement"], &season["stored"]), (&"NOT CHECKED".into(), &"7 rows".into()), "{season}");
    let text = std::fs::read_to_string(&record).unwrap();
    let other = text.replace("\"season\":7", "\"season\":5");
    assert_ne!(other, text);
    std::fs::write(&record, other).unwrap();
    let verified = run(&["verify", &record, "--logs", &logs]);
    assert!(String::from_utf8_lossy(&verified.stdout).contains("DIFFERS      mase"), "{verified:?}");
    assert_eq!(verified.status.code(), Some(1));
}

#[test]
fn a_series_no_longer_than_a_season_has_no_scale() {
    let file = |days: [u32; 2]| {
        let mut text = String::from("id,series_id,ts,y,pred_champion,pred_challenger\n");
        for (name, days) in ["long", "short"].into_iter().zip(days) {
            for day in 0..days {
                writeln!(text, "{name}{day},{name},2026-05-{:02}T00:00:00Z,{},{day},{day}", day + 1, day * day % 11)
                    .unwrap();
            }
        }
        text
    };
    let found = evaluated("forecast-short", &file([20, 7]), &["--season", "7"]);
    let scale = &found["detail"]["regression"]["scale"];
    assert_eq!((scale["differences"].as_u64(), scale["series"].as_u64()), (Some(13), Some(1)), "{scale}");
    assert!(found["notes"].to_string().contains("1 series are no longer than a season"), "{}", found["notes"]);
    let found = evaluated("forecast-too-short", &file([20, 7]), &["--season", "20"]);
    let why = metric(&found, "mase")["undefined"].as_str().unwrap();
    assert!(why.contains("no series is longer than a season of 20 rows (the longest has 20 times)"), "{why}");
    let refused = run(&["evaluate", "x.csv", "--season", "0"]);
    assert_eq!(refused.status.code(), Some(2));
}

fn evaluated(name: &str, text: &str, more: &[&str]) -> Value {
    let folder = Folder::new(name);
    let file = folder.write("log.csv", text);
    let mut args = vec!["evaluate", &file, "--kind", "offline", "--task", "regression", "--json"];
    args.extend(more);
    json(&run(&args))
}

#[test]
fn a_level_is_told_where_no_name_says_it() {
    let text = "id,y,pred_champion,pred_challenger,a,b,c,d\n1,1,1,2,0,2,1,3\n2,2,2,2,1,3,1,3\n3,3,3,2,2,4,1,3\n";
    let map = [
        "quantile.champion.0.05=a",
        "quantile.champion.0.95=b",
        "quantile.challenger.0.05=c",
        "quantile.challenger.0.95=d",
    ];
    let flags: Vec<&str> = map.iter().flat_map(|one| ["--map", one]).collect();
    let found = evaluated("forecast-told", text, &flags);
    let interval = &found["detail"]["regression"]["quantile_forecasts"]["intervals"][0];
    assert_eq!(interval["nominal"], 0.9);
    assert_eq!(metric(&found, "interval_coverage")["arms"]["challenger"]["value"], 1.0);
    assert!(metric(&found, "wis")["undefined"].as_str().unwrap().contains("no median"), "{found}");
    // Without a time there is no order, and nothing is scaled by a step of it.
    let test = &found["detail"]["regression"]["time_tests"][0];
    assert!(test["undefined"].as_str().unwrap().contains("no time is logged"), "{test}");
    let why = metric(&found, "mase")["undefined"].as_str().unwrap();
    assert!(why.contains("no time is logged, so the rows have no order"), "{why}");
}

#[test]
fn what_cannot_be_measured_says_why() {
    let mut text = String::from("id,series,ts,y,pred_champion,pred_challenger,champion_q0.1,champion_q0.9\n");
    for day in 0..6 {
        // Crossed limits on one day, none logged on another; the truth never moves.
        let limits = ["1,3", "3,1", "1,3", ",3", "1,3", "1,3"][day];
        writeln!(text, "{day},a,2026-05-0{}T00:00:00Z,0,1,2,{limits}", day + 1).unwrap();
    }
    let found = evaluated("forecast-undefined", &text, &[]);
    let why = |name: &str| metric(&found, name)["undefined"].as_str().unwrap().to_owned();
    assert!(why("wape").contains("every true value is 0"), "{}", why("wape"));
    assert!(why("mase").contains("repeat themselves"), "{}", why("mase"));
    assert!(why("interval_score").contains("1 of 6 rows have no predicted quantile 0.1"), "{}", why("interval_score"));
    let detail = &found["detail"]["regression"];
    assert!(detail["time_tests"][0]["undefined"].as_str().unwrap().contains("do not vary"), "{detail}");
    let crossed = evaluated("forecast-crossed", &text.replace(",,3\n", ",1,3\n"), &[]);
    let reason = metric(&crossed, "interval_coverage")["undefined"].to_string();
    assert!(reason.contains("1 rows have a lower limit above the upper one"), "{reason}");
}
