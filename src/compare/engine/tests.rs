//! The engine against published values, hand-computed values and its own laws.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::*;
use crate::compare::{CheckOutcome, MetricResult, Selection, ThresholdBasis};
use crate::ingest;
use crate::log::{
    Arm, ArmRole, Classes, Codes, Feature, FeatureValues, Ids, JoinAudit, Label, NO_LABEL, PairBasis, RunKind, Task,
};

fn log(labels: Vec<u8>, scores: &[Option<Vec<f64>>]) -> Log {
    let rows = labels.len();
    let roles = [ArmRole::Champion, ArmRole::Challenger];
    let arm = |(index, scores): (usize, &Option<Vec<f64>>)| Arm {
        name: format!("model {index}"),
        role: roles[index],
        logged: rows as u64,
        score_kind: match scores {
            Some(scores) if scores.iter().any(|s| s.is_finite() && !(0.0..=1.0).contains(s)) => ScoreKind::Decision,
            _ => ScoreKind::Probability,
        },
        scores: scores.clone(),
        predictions: None,
        latency_ms: None,
        unpaired_latency_ms: Vec::new(),
    };
    let present = labels.iter().filter(|label| **label <= 1).count() as u64;
    Log {
        kind: RunKind::Shadow,
        task: Task::Binary,
        rows,
        ids: Ids::Position(rows),
        arms: scores.iter().enumerate().map(arm).collect(),
        classes: Classes { negative: "pass".to_owned(), positive: "fraud".to_owned() },
        times: None,
        units: None,
        features: Vec::new(),
        audit: JoinAudit {
            basis: PairBasis::Id { column: "id".to_owned() },
            ids: rows as u64 + 9,
            paired: rows as u64,
            champion_only: 3,
            challenger_only: 4,
            duplicate_same: 1,
            duplicate_different: 2,
            conflicts_kept: false,
            without_id: 5,
            labels: Label { present, absent: rows as u64 - present, ..Label::default() },
        },
        sources: Vec::new(),
        labels,
    }
}

/// Uniform numbers that are a function of row and key.
fn unit(row: usize, key: u64) -> f64 {
    (crate::metrics::bootstrap::hash(row as u64, key) >> 11) as f64 / (1u64 << 53) as f64
}

/// Two models of probabilities, the second the better one.
fn made(rows: usize) -> Log {
    let labels: Vec<u8> = (0..rows).map(|row| u8::from(unit(row, 1) < 0.3)).collect();
    let score = |noise: f64, key: u64| -> Vec<f64> {
        let mix = |row: usize| 0.35 * f64::from(labels[row]) + 0.3 * unit(row, 2) + noise * unit(row, key);
        (0..rows).map(|row| mix(row) / (0.65 + noise)).collect()
    };
    let scores = [Some(score(0.6, 3)), Some(score(0.3, 4))];
    log(labels, &scores)
}

fn engine(log: Log) -> Engine {
    Engine::new(Arc::new(log), None, &JobCx::new()).unwrap()
}

fn compare_with(log: Log, request: &PlanRequest) -> Comparison {
    let engine = engine(log);
    engine.compare(&engine.plan(request).unwrap(), &JobCx::new()).unwrap()
}

fn compare(log: Log) -> Comparison {
    compare_with(log, &PlanRequest::default())
}

fn case(name: &str) -> Option<(PathBuf, Value)> {
    let folder =
        std::env::var_os("ASSAY_CASES").map_or_else(|| Path::new("/work/shared/cases").to_path_buf(), Into::into);
    let folder = folder.join(name);
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

fn value(found: &MetricResult, arm: usize) -> f64 {
    if arm == 0 { found.arms.champion.as_ref().unwrap().value } else { found.arms.challenger.as_ref().unwrap().value }
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

#[test]
fn swapping_the_arms_flips_signs() {
    let mut log = made(3000);
    log.units = Some(("user".to_owned(), Codes::new(names(900), &codes(3000, 900))));
    for clustered in [true, false] {
        if !clustered {
            log.units = None;
        }
        let mut swapped = log.clone();
        swapped.arms.swap(0, 1);
        let (a, b) = (compare(log.clone()), compare(swapped));
        for (x, y) in a.metrics.iter().zip(&b.metrics) {
            assert_eq!(x.name, y.name);
            let (Some(x), Some(y)) = (&x.difference, &y.difference) else { continue };
            let near = |x: Option<f64>, y: Option<f64>| match (x, y) {
                (Some(x), Some(y)) => assert!((x + y).abs() < 1e-9, "{x} {y}"),
                (x, y) => assert_eq!(x.is_some(), y.is_some()),
            };
            near(Some(x.value), Some(y.value));
            near(x.lo, y.hi);
            near(x.hi, y.lo);
        }
        let net = |found: &Comparison| found.flips.as_ref().unwrap()[1].net.clone().unwrap();
        assert_eq!(net(&a).value, -net(&b).value);
    }
}

fn names(count: usize) -> Vec<String> {
    (0..count).map(|index| format!("u{index}")).collect()
}

fn codes(rows: usize, count: usize) -> Vec<u32> {
    (0..rows).map(|row| (unit(row, 9) * count as f64) as u32).collect()
}

#[test]
fn near_singleton_units_give_the_intervals_of_rows() {
    let rows = 4000;
    let log = made(rows);
    // Two rows share a unit, all others are alone.
    let mut unit: Vec<u32> = (0..rows as u32).collect();
    unit[1] = 0;
    let mut clustered = log.clone();
    clustered.units = Some(("user".to_owned(), Codes::new(names(rows), &unit)));
    let request = PlanRequest { partial_fpr: 0.2, ..PlanRequest::default() };
    let (by_row, by_unit) = (compare_with(log, &request), compare_with(clustered, &request));
    assert_eq!(by_unit.population.units, Some(rows as u64 - 1));
    let mut compared = 0;
    for (x, y) in by_row.metrics.iter().zip(&by_unit.metrics) {
        let (Some(a), Some(b)) = (&x.difference, &y.difference) else { continue };
        assert!((a.value - b.value).abs() < 1e-12, "{}", x.name);
        let (Some(lo), Some(hi), Some(lo_b), Some(hi_b)) = (a.lo, a.hi, b.lo, b.hi) else { continue };
        let ratio = (hi - lo) / (hi_b - lo_b);
        assert!((ratio - 1.0).abs() < 0.02, "{}: {ratio}", x.name);
        assert_eq!(b.n, rows as u64 - 1);
        compared += 1;
    }
    assert!(compared >= 15, "{compared}");
}

#[test]
fn repeated_rows_widen_intervals_by_unit_only() {
    let single = made(1500);
    let twice = |values: &[f64]| [values, values].concat();
    let labels = [single.labels.clone(), single.labels.clone()].concat();
    let scores: Vec<Option<Vec<f64>>> = single.arms.iter().map(|arm| arm.scores.as_deref().map(twice)).collect();
    let mut doubled = log(labels, &scores);
    let unit: Vec<u32> = (0..1500).chain(0..1500).collect();
    doubled.units = Some(("user".to_owned(), Codes::new(names(1500), &unit)));
    let (once, by_unit) = (compare(single), compare(doubled));
    for (x, y) in once.metrics.iter().zip(&by_unit.metrics).filter(|(x, _)| x.name != "partial_auc") {
        let (Some(a), Some(b)) = (&x.arms.champion, &y.arms.champion) else { continue };
        assert!((a.value - b.value).abs() < 1e-3, "{}", x.name);
        let (Some(lo), Some(hi), Some(lo_b), Some(hi_b)) = (a.lo, a.hi, b.lo, b.hi) else { continue };
        let ratio = (hi - lo) / (hi_b - lo_b);
        assert!((ratio - 1.0).abs() < 0.02, "{}: {ratio}", x.name);
    }
}

#[test]
fn flow_adds_up_and_names_every_loss() {
    let mut log = made(200);
    log.labels[3] = NO_LABEL;
    log.labels[4] = NO_LABEL;
    log.audit.labels.conflicting = 1;
    log.arms[0].scores.as_mut().unwrap()[7] = f64::NAN;
    log.arms[1].scores.as_mut().unwrap()[8] = crate::log::NOT_LOGGED;
    log.features = vec![Feature {
        name: "region".to_owned(),
        values: FeatureValues::Coded(Codes::new(vec!["N".to_owned(), "S".to_owned()], &codes(200, 2))),
    }];
    let log = Arc::new(log);
    let spec = SliceSpec::equal("region", "N");
    let engine = Engine::new(log.clone(), Some(spec.clone()), &JobCx::new()).unwrap();
    let names: Vec<&str> = engine.flow.iter().map(|step| step.name.as_str()).collect();
    assert_eq!(names, ["All ids seen", "Paired", "No conflict", "Labelled", "Analysed", "region=N"]);
    for pair in engine.flow.windows(2) {
        let lost: u64 = pair[1].lost.iter().map(|(_, count)| count).sum();
        assert_eq!(pair[0].rows - lost, pair[1].rows, "{}", pair[1].name);
    }
    assert_eq!(engine.flow[4].lost, [("champion gave NaN".to_owned(), 1), ("challenger not logged".to_owned(), 1)]);
    assert_eq!(engine.flow[5].rows, engine.analysed().count() as u64);

    // A slice of the whole and the population of that slice have the same numbers.
    let request = PlanRequest { slices: vec![spec], ..PlanRequest::default() };
    let alone = engine.compare(&engine.plan(&PlanRequest::default()).unwrap(), &JobCx::new()).unwrap();
    let whole = Engine::new(log, None, &JobCx::new()).unwrap();
    let found = whole.compare(&whole.plan(&request).unwrap(), &JobCx::new()).unwrap();
    let mut seen = 0;
    for slice in found.metrics.iter().filter(|metric| metric.slice.is_some()) {
        let alone = alone.metric(&slice.name).unwrap();
        assert_eq!((slice.rows, slice.positives), (alone.rows, alone.positives));
        assert_eq!(slice.difference, alone.difference, "{}", slice.name);
        seen += 1;
    }
    assert_eq!(seen, 18);
    // Kept results give the same once more.
    assert_eq!(whole.compare(&whole.plan(&request).unwrap(), &JobCx::new()).unwrap(), found);
}

#[test]
fn confusion_metrics_and_flips_by_hand() {
    // truth, champion, challenger at one half
    let rows = [
        (1, 1, 1, 30),
        (1, 0, 1, 8),
        (1, 1, 0, 3),
        (1, 0, 0, 9),
        (0, 0, 0, 100),
        (0, 1, 0, 5),
        (0, 0, 1, 7),
        (0, 1, 1, 4),
    ];
    let (mut labels, mut a, mut b) = (Vec::new(), Vec::new(), Vec::new());
    for (y, x, z, count) in rows {
        for _ in 0..count {
            labels.push(y);
            a.push(f64::from(x) * 0.8 + 0.1);
            b.push(f64::from(z) * 0.8 + 0.1);
        }
    }
    let engine = engine(log(labels, &[Some(a), Some(b)]));
    let plan = engine.plan(&PlanRequest::default()).unwrap();
    let found = engine.compare(&plan, &JobCx::new()).unwrap();
    let flips = found.flips.as_ref().unwrap();
    assert_eq!((flips[1].both_right, flips[1].fixed, flips[1].broken, flips[1].both_wrong), (30, 8, 3, 9));
    assert_eq!((flips[0].both_right, flips[0].fixed, flips[0].broken, flips[0].both_wrong), (100, 5, 7, 4));
    let recall = found.metric("recall").unwrap().difference.clone().unwrap();
    assert!((recall.value - 0.1).abs() < 1e-15 && recall.n == 50);
    let tango = crate::stats::paired_proportion::tango(8, 3, 50, 0.95).unwrap();
    assert_eq!((recall.lo, recall.hi), (Some(tango.lo), Some(tango.hi)));
    assert_eq!(recall.p, Some(crate::stats::mcnemar::mcnemar(8, 3).midp));
    let cells = found.confusion_difference.as_ref().unwrap();
    assert_eq!(cells.each_ref().map(|cell| cell.value), [-2.0, 2.0, -5.0, 5.0]);
    assert_eq!(cells[3].lo.map(|lo| -lo), cells[2].hi);
    assert!((found.agreement.as_ref().unwrap().value - 143.0 / 166.0).abs() < 1e-15);
    assert_eq!(found.metric("cost").unwrap().arms.champion.as_ref().unwrap().value, 26.0 / 166.0);

    let live = engine.live(plan.thresholds);
    assert_eq!((live.confusion, live.joint), (found.confusion, found.joint));
    let fixed = Selection { truth: Some(true), right: [Some(false), Some(true)], ..Selection::default() };
    assert_eq!(fixed.words(&plan, ["pass", "fraud"]), "fraud, fixed by the challenger");
    assert_eq!(fixed.mask(&engine, &plan).count(), 8);
    let others = Selection { inverted: true, ..fixed };
    assert_eq!(others.mask(&engine, &plan).count(), 166 - 8);
    let cell = Selection { truth: Some(true), decisions: [Some(false), None], ..Selection::default() };
    assert_eq!(cell.words(&plan, ["pass", "fraud"]), "fraud, predicted pass by the champion");
    assert_eq!(cell.mask(&engine, &plan).count(), 17);
}

#[test]
fn thresholds_are_read_off_decisions_and_matched() {
    let mut log = made(2000);
    let decide = |arm: &mut Arm, at: f64| {
        arm.predictions = arm.scores.as_ref().map(|scores| scores.iter().map(|&s| u8::from(s >= at)).collect());
    };
    decide(&mut log.arms[0], 0.62);
    let engine = engine(log);
    let plan = engine.plan(&PlanRequest::default()).unwrap();
    assert_eq!(plan.thresholds.map(|threshold| threshold.basis), [ThresholdBasis::FromDecisions, ThresholdBasis::Half]);
    let matched = PlanRequest { rule: ThresholdRule::MatchedFpr, ..PlanRequest::default() };
    let plan = engine.plan(&matched).unwrap();
    assert_eq!(plan.thresholds[1].basis, ThresholdBasis::MatchedFpr);
    let value = plan.thresholds[0].value.unwrap();
    assert_eq!(engine.matched(ThresholdRule::MatchedFpr, value, [1.0; 2])[1], plan.thresholds[1].value);
    let counts = engine.live(plan.thresholds).confusion;
    assert_eq!(counts.champion.unwrap().false_positive, counts.challenger.unwrap().false_positive);
    let found = engine.compare(&plan, &JobCx::new()).unwrap();
    let check = found.validity.iter().find(|check| check.name == "decision_consistency").unwrap();
    assert_eq!((check.outcome, check.value), (CheckOutcome::Pass, Some(0.0)));
    assert!(engine.plan(&PlanRequest { level: 1.0, ..PlanRequest::default() }).is_err());
    assert!(engine.plan(&PlanRequest { thresholds: [Some(f64::NAN), None], ..PlanRequest::default() }).is_err());
    let unknown = PlanRequest { slices: vec![SliceSpec::equal("region", "N")], ..PlanRequest::default() };
    assert!(matches!(engine.plan(&unknown), Err(CompareError::Slice(_))));
}

#[test]
fn what_has_no_value_says_why() {
    let reason = |found: &Comparison, name: &str| found.metric(name).unwrap().undefined.clone();
    // One class only.
    let found = compare(log(vec![0; 50], &[Some(ramp(50)), Some(ramp(50))]));
    assert_eq!(reason(&found, "roc_auc").as_deref(), Some("no positive row"));
    assert_eq!(reason(&found, "recall").as_deref(), Some("no positive row"));
    assert_eq!(reason(&found, "calibration_slope").as_deref(), Some("no positive row"));
    assert!(found.metric("specificity").unwrap().difference.is_some());
    // No rows at all.
    let found = compare(log(vec![NO_LABEL; 5], &[Some(ramp(5)), Some(ramp(5))]));
    assert_eq!(found.population.analysed, 0);
    assert!(found.metrics.iter().all(|metric| metric.undefined.is_some() && metric.arms.champion.is_none()));
    // Constant score.
    let mut labels = vec![0; 50];
    labels[..20].fill(1);
    let found = compare(log(labels.clone(), &[Some(vec![0.5; 50]), Some(ramp(50))]));
    assert_eq!(value(found.metric("roc_auc").unwrap(), 0), 0.5);
    assert_eq!(
        reason(&found, "calibration_slope").as_deref(),
        Some(
            "champion: the predictor has only one value; challenger: the predictor separates the outcome: no finite slope"
        )
    );
    assert_eq!(found.scores.unwrap().pearson, None);
    // Decisions without scores.
    let mut decided = log(labels, &[None, None]);
    for (index, arm) in decided.arms.iter_mut().enumerate() {
        arm.predictions = Some((0..50).map(|row| u8::from(row % (index + 2) == 0)).collect());
    }
    let found = compare(decided);
    assert_eq!(found.plan.thresholds[0].basis, ThresholdBasis::LoggedDecisions);
    assert_eq!(reason(&found, "roc_auc").as_deref(), Some("no score is logged"));
    assert!(found.metric("accuracy").unwrap().difference.as_ref().unwrap().lo.is_some());
    assert!(found.scores.is_none() && found.curves.roc.champion.is_none());
}

fn ramp(rows: usize) -> Vec<f64> {
    (0..rows).map(|row| 1.0 - (row as f64 + 0.5) / rows as f64).collect()
}

#[test]
fn latency_is_over_all_lines_and_its_difference_over_pairs() {
    let mut log = made(1000);
    log.arms[0].latency_ms = Some((0..1000).map(|row| 10.0 + unit(row, 5)).collect());
    log.arms[1].latency_ms = Some((0..1000).map(|row| 13.0 + unit(row, 5)).collect());
    log.arms[0].unpaired_latency_ms = vec![500.0; 40];
    let found = compare(log.clone());
    let p99 = found.metric("latency_p99").unwrap();
    assert_eq!(value(p99, 0), 500.0);
    let difference = p99.difference.as_ref().unwrap();
    assert!((difference.value - 3.0).abs() < 1e-9 && difference.n == 1000);
    assert!((difference.lo.unwrap() - 3.0).abs() < 1e-9, "the same noise leaves no spread");
    log.units = Some(("user".to_owned(), Codes::new(names(300), &codes(1000, 300))));
    let found = compare(log);
    let p50 = found.metric("latency_p50").unwrap();
    let arm = p50.arms.challenger.as_ref().unwrap();
    assert!(arm.method.contains("Woodruff") && arm.lo.unwrap() < arm.value && arm.value < arm.hi.unwrap());
}

#[test]
fn results_do_not_depend_on_threads() {
    let mut log = made(30_000);
    log.units = Some(("user".to_owned(), Codes::new(names(9000), &codes(30_000, 9000))));
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let many = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
    assert_eq!(one.install(|| compare(log.clone())), many.install(|| compare(log)));
}

#[test]
fn partial_auc_agrees_with_the_bootstrap() {
    let log = made(3000);
    let (labels, scores) = (log.labels.clone(), log.arms[1].scores.clone().unwrap());
    let found = compare_with(log, &PlanRequest { partial_fpr: 0.2, ..PlanRequest::default() });
    let arm = found.metric("partial_auc").unwrap().arms.challenger.clone().unwrap();
    let half = 0.5 * (arm.hi.unwrap() - arm.lo.unwrap()) / 1.96;
    let replicates = crate::stats::bootstrap::replicates(1, 300, |weights| {
        let (mut s, mut y) = (Vec::new(), Vec::new());
        for row in 0..labels.len() {
            for _ in 0..weights.weight(row as u64) {
                s.push(scores[row]);
                y.push(labels[row]);
            }
        }
        Some(kernels::partial::partial_auc(&Order::new(&s, &y), 0.2).ok()?.standardised)
    });
    let values: Vec<f64> = replicates.into_iter().flatten().collect();
    let se = crate::stats::Moments::from_slice(&values).sd().unwrap();
    assert!((half / se - 1.0).abs() < 0.12, "{half} {se}");
}

#[test]
fn calibration_fit_on_bins_is_the_fit_on_rows() {
    let rows = 80_000;
    let log = made(rows);
    let scores = log.arms[0].scores.clone().unwrap();
    let labels = log.labels.clone();
    let found = compare(log);
    let logits = kernels::calibration::logits(&scores);
    let exact =
        crate::stats::logistic::fit(|| logits.iter().zip(&labels).map(|(&x, &y)| (x, f64::from(y), 1.0))).unwrap();
    let slope = value(found.metric("calibration_slope").unwrap(), 0);
    assert!((slope / exact.slope - 1.0).abs() < 1e-6, "{slope} {}", exact.slope);
}
