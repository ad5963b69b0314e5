//! Values that others published for real logs; skipped where those are not at hand.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::*;
use crate::ingest;

fn case(name: &str) -> Option<(PathBuf, Value)> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/cases")).join(name);
    let Ok(text) = std::fs::read_to_string(folder.join("expected.json")) else {
        println!("skipped: {name} is not at hand");
        return None;
    };
    Some((folder, serde_json::from_str(&text).unwrap()))
}

fn read(path: PathBuf, positive: &str, roles: &[(&str, &str)]) -> Log {
    let options = ingest::OpenOptions {
        positive: Some(positive.to_owned()),
        kind: Some(RunKind::Offline),
        roles: roles.iter().map(|(role, column)| ((*role).to_owned(), (*column).to_owned())).collect(),
        ..ingest::OpenOptions::default()
    };
    let opened = ingest::open(&[path], &options, &JobCx::new()).unwrap();
    ingest::load(&opened, &opened.guess, &JobCx::new()).unwrap().log
}

#[track_caller]
fn close(found: f64, expected: &Value) {
    let expected = expected.as_f64().unwrap();
    assert!((found - expected).abs() <= 1e-9 * expected.abs(), "{found} is not {expected}");
}

#[test]
fn paired_delong_is_that_of_proc() {
    let Some((folder, expected)) = case("binary-asah-proc") else { return };
    let roles = [("id", "patient"), ("label", "outcome"), ("score.champion", "s100b"), ("score.challenger", "wfns")];
    let log = read(folder.join("aSAH.csv"), "Poor", &roles);
    let request = PlanRequest {
        thresholds: [Some(0.205), Some(4.0)],
        slices: cross_slices(&log, &["gender".to_owned()]).unwrap(),
        ..PlanRequest::default()
    };
    assert_eq!(request.slices.iter().map(ToString::to_string).collect::<Vec<_>>(), ["gender=Female", "gender=Male"]);
    let found = compare_with(log, &request);
    let auc = found.metric("roc_auc").unwrap();
    let difference = auc.difference.as_ref().unwrap();
    let published = &expected["published_pROC"]["delong_paired_wfns_vs_s100b"];
    close(difference.value / difference.se.unwrap(), &published["z"]);
    close(difference.p.unwrap(), &published["p"]);
    close(difference.lo.unwrap(), &published["diff_ci95"][0]);
    close(difference.hi.unwrap(), &published["diff_ci95"][1]);
    for (arm, name, cell) in [(0, "s100b", "s100b>=0.205"), (1, "wfns", "wfns>=4")] {
        close(value(auc, arm), &expected["sklearn"][name]["roc_auc"]);
        close(value(found.metric("average_precision").unwrap(), arm), &expected["sklearn"][name]["average_precision"]);
        let fixed = &expected["at_fixed_thresholds"][cell];
        for (metric, key) in [
            ("accuracy", "accuracy"),
            ("precision", "precision"),
            ("recall", "recall_tpr"),
            ("specificity", "specificity"),
            ("f1", "f1"),
            ("mcc", "mcc"),
            ("balanced_accuracy", "balanced_accuracy"),
            ("kappa", "cohen_kappa"),
        ] {
            close(value(found.metric(metric).unwrap(), arm), &fixed[key]);
        }
        for (slice, key) in [("gender=Female", "Female"), ("gender=Male", "Male")] {
            close(value(found.metric_of("roc_auc", slice).unwrap(), arm), &expected["segments_gender_auc"][key][name]);
        }
    }
    let ends = &expected["our_delong"]["wfns_vs_s100b"];
    close(auc.arms.challenger.as_ref().unwrap().lo.unwrap(), &ends["auc_a_ci95"][0]);
    close(auc.arms.champion.as_ref().unwrap().hi.unwrap(), &ends["auc_b_ci95"][1]);
    let refused = found.metric("brier").unwrap();
    assert_eq!(refused.undefined.as_deref(), Some("the scores are no probabilities"));
    assert!(refused.arms.champion.is_none() && refused.difference.is_none());
}

#[test]
fn one_model_of_probabilities_is_that_of_scikit_learn() {
    let Some((folder, expected)) = case("binary-two_class_example-string-labels") else { return };
    let roles = [("score", "Class1"), ("label", "truth"), ("prediction", "predicted"), ("ignored", "Class2")];
    let log = read(folder.join("two_class_example_bom_crlf.csv"), "Class1", &roles);
    let found = compare(log);
    assert!(found.joint.is_none() && found.metrics.iter().all(|metric| metric.difference.is_none()));
    let expected = &expected["positive_Class1"];
    for (metric, wanted) in [
        ("roc_auc", &expected["roc_auc"]),
        ("average_precision", &expected["average_precision"]),
        ("brier", &expected["brier"]),
        ("log_loss", &expected["log_loss_clip1e-15"]),
        ("accuracy", &expected["hard_labels"]["accuracy"]),
        ("mcc", &expected["hard_labels"]["mcc"]),
    ] {
        close(value(found.metric(metric).unwrap(), 0), wanted);
    }
    let matrix = found.confusion.champion.unwrap();
    assert_eq!(
        (matrix.true_negative, matrix.false_positive, matrix.false_negative, matrix.true_positive),
        (192, 50, 31, 227)
    );
}
