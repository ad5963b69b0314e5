//! Values by hand, and reasons where there is none.

use super::*;
use crate::stats::paired_proportion::tango;

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
    let wanted = tango(8, 3, 50, 0.95).unwrap();
    assert_eq!((recall.lo, recall.hi), (Some(wanted.lo), Some(wanted.hi)));
    assert_eq!(recall.p, Some(crate::stats::mcnemar::mcnemar(8, 3).midp));
    let cells = found.confusion_difference.as_ref().unwrap();
    assert_eq!(cells.each_ref().map(|cell| cell.value), [-2.0, 2.0, -5.0, 5.0]);
    assert!((cells[3].lo.unwrap() + cells[2].hi.unwrap()).abs() < 1e-9);
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
    let bare = |metric: &MetricResult| metric.undefined.is_some() && metric.arms.champion.is_none();
    assert!(found.metrics.iter().all(|metric| metric.name == "flag_rate" || bare(metric)));
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

#[test]
fn a_log_without_labels_still_shows_what_both_answered() {
    let scores = |shift: usize| Some((0..40).map(|row| ((row + shift) % 40) as f64 / 40.0).collect());
    let labelled = compare(log((0..40).map(|row| u8::from(row % 3 == 0)).collect(), &[scores(0), scores(5)]));
    let found = compare(log(vec![NO_LABEL; 40], &[scores(0), scores(5)]));
    assert_eq!((found.population.analysed, found.plan.thresholds), (0, labelled.plan.thresholds));
    assert_eq!(found.agreement, labelled.agreement);
    assert_eq!(found.agreement_kappa, labelled.agreement_kappa);
    let rate = |found: &Comparison| found.metric("flag_rate").unwrap().arms.champion.as_ref().map(|arm| arm.value);
    assert_eq!(rate(&found), Some(0.5));
    assert_eq!(rate(&found), rate(&labelled));
    let (bare, full) = (found.scores.as_ref().unwrap(), labelled.scores.as_ref().unwrap());
    assert_eq!((bare.ks_distance, bare.psi, &bare.joint), (full.ks_distance, full.psi, &full.joint));
    assert_eq!(bare.histogram.champion[0].iter().sum::<u64>(), 40);
    assert!(found.metric("roc_auc").unwrap().undefined.is_some());
    assert!(found.joint.is_none_or(|joint| joint.0.iter().flatten().flatten().all(|count| *count == 0)));
    let coverage = found.validity.iter().find(|check| check.name == "label_coverage").unwrap();
    assert_eq!(coverage.outcome, CheckOutcome::Fail);
    assert!(found.notes.iter().any(|note| note.contains("40 rows")), "{:?}", found.notes);
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
    assert!((difference.lo.unwrap() - 3.0).abs() < 0.02, "the same noise leaves next to no spread");
    log.units = Some(("user".to_owned(), Codes::new(names(300), &codes(1000, 300))));
    let found = compare(log);
    let p50 = found.metric("latency_p50").unwrap();
    let arm = p50.arms.challenger.as_ref().unwrap();
    assert!(arm.method.contains("Woodruff") && arm.lo.unwrap() < arm.value && arm.value < arm.hi.unwrap());
}

#[test]
fn scores_that_move_in_time_are_told() {
    let drift = |shift: f64| {
        let mut log = made(4000);
        log.times = Some((0..4000).map(|row| row * 60_000_000).collect());
        for arm in &mut log.arms {
            let scores = arm.scores.iter_mut().flatten().skip(2000);
            scores.for_each(|score| *score = (*score + shift).min(1.0));
        }
        let found = compare(log);
        assert_eq!(found.series.iter().map(|point| point.rows).sum::<u64>(), 4000);
        assert!(found.series.len() <= 200 && found.population.last_time == Some(3999 * 60_000_000));
        found.validity.iter().find(|check| check.name == "score_drift").unwrap().outcome
    };
    assert_eq!((drift(0.0), drift(0.4)), (CheckOutcome::Pass, CheckOutcome::Warn));
}

/// Labels and two models at these rows: truth, champion, challenger, times.
fn scored(rows: &[(u8, f64, f64, usize)]) -> Log {
    let (mut labels, mut a, mut b) = (Vec::new(), Vec::new(), Vec::new());
    for &(y, x, z, count) in rows {
        for _ in 0..count {
            labels.push(y);
            a.push(x);
            b.push(z);
        }
    }
    log(labels, &[Some(a), Some(b)])
}

#[test]
fn no_variance_is_no_certainty() {
    let halves = PlanRequest { thresholds: [Some(0.5); 2], ..PlanRequest::default() };
    // Neither arm finds a positive, and they flag different rows: 0 against 0 is not an interval of no width.
    let found =
        compare_with(scored(&[(1, 0.1, 0.2, 12), (0, 0.7, 0.3, 4), (0, 0.2, 0.8, 5), (0, 0.1, 0.1, 90)]), &halves);
    for name in ["precision", "f1"] {
        let metric = found.metric(name).unwrap();
        let difference = metric.difference.as_ref().unwrap();
        assert_eq!((difference.value, difference.lo), (0.0, None), "{name}");
        assert!(difference.method.contains("no variance"), "{}", difference.method);
    }
    // Scores that are all one half: the rounding of sums is no spread.
    let found = compare_with(scored(&[(1, 0.5, 0.9, 30), (0, 0.5, 0.2, 30), (0, 0.5, 0.4, 41)]), &halves);
    for name in ["log_loss", "brier", "kappa"] {
        let arm = found.metric(name).unwrap().arms.champion.clone().unwrap();
        assert_eq!(arm.lo, None, "{name}: {arm:?}");
    }
    // The same model twice: that no row differs is no certainty.
    let found =
        compare_with(scored(&[(1, 0.9, 0.9, 9), (1, 0.3, 0.3, 7), (0, 0.2, 0.2, 20), (0, 0.8, 0.8, 5)]), &halves);
    let difference = |name: &str| found.metric(name).unwrap().difference.clone().unwrap();
    for name in ["average_precision", "log_loss"] {
        let found = difference(name);
        assert_eq!((found.value, found.lo), (0.0, None), "{name}");
        assert!(found.method.contains("alike on every row"), "{name}: {}", found.method);
    }
    // Wrong decisions of one arm on z² / (n + z²) of the rows, all of them hits: of 9 hits, 7 misses and 5 false alarms.
    let open = tango(0, 0, 41, 0.95).unwrap().hi * 41.0;
    let f1 = |hits: f64| 2.0 * hits / (hits + 16.0 + 5.0);
    for (name, hi, tolerance) in [
        ("accuracy", open / 41.0, 1e-15),
        ("brier", open / 41.0, 1e-15),
        ("f1", f1(9.0) - f1(9.0 - open), 1e-4),
        ("roc_auc", tango(0, 0, 16, 0.95).unwrap().hi, 0.0),
    ] {
        let found = difference(name);
        assert_eq!((found.value, found.p), (0.0, Some(1.0)), "{name}");
        assert!((found.lo.unwrap() + found.hi.unwrap()).abs() < 1e-15, "{name}: {found:?}");
        assert!((found.hi.unwrap() - hi).abs() <= tolerance, "{name}: {:?} against {hi}", found.hi);
    }
    for name in ["mcc", "balanced_accuracy", "precision", "kappa"] {
        assert!(difference(name).hi.unwrap() > 0.01, "{name}");
    }
}

#[test]
fn units_without_a_flip_leave_room() {
    let mut log = scored(&[(1, 0.9, 0.9, 20), (0, 0.2, 0.8, 30), (0, 0.2, 0.1, 150)]);
    log.units = Some(("user".to_owned(), Codes::new(names(100), &(0..200).map(|row| row / 2).collect::<Vec<u32>>())));
    let found = compare_with(log, &PlanRequest { thresholds: [Some(0.5); 2], ..PlanRequest::default() });
    let recall = found.metric("recall").unwrap().difference.clone().unwrap();
    let wanted = tango(0, 0, 10, 0.95).unwrap();
    assert_eq!((recall.value, recall.n), (0.0, 10));
    assert_eq!((recall.lo, recall.hi), (Some(wanted.lo), Some(wanted.hi)));
    // Recall rests on the units with a positive row, specificity on those with a negative one.
    assert_eq!(found.metric("specificity").unwrap().difference.as_ref().unwrap().n, 90);
}

#[test]
fn partial_auc_without_interval_says_why() {
    let found = compare(made(300));
    let metric = found.metric("partial_auc").unwrap();
    let arm = metric.arms.champion.as_ref().unwrap();
    assert_eq!((arm.lo, arm.n), (None, 300));
    assert!(arm.method.contains("fewer than 5 negative rows"), "{}", arm.method);
    assert_eq!(metric.difference.as_ref().unwrap().method, arm.method);
}
