use super::*;
use crate::decision::fixture::{gate as table, metric, policy};

/// The outcome of one gate on a difference `[lo, hi]`.
fn read(name: &str, test: &str, more: &str, lo: f64, hi: f64) -> Reading {
    let policy = policy(&table("G1", name, test, more), "");
    evaluate(&policy.gates[0], at(0.95), &metric(name, lo, hi))
}

fn outcome_of(name: &str, test: &str, more: &str, lo: f64, hi: f64) -> Outcome {
    read(name, test, more, lo, hi).outcome
}

use Outcome::{Fail, Inconclusive, NotEvaluable, Pass};

/// A run whose times tell nothing.
fn at(level: f64) -> Ruler {
    Ruler { level, days: None }
}

#[test]
fn superiority_and_non_inferiority_ask_for_the_whole_interval() {
    for (lo, hi, superior, not_worse) in [
        (0.02, 0.04, Pass, Pass),
        (0.005, 0.04, Inconclusive, Pass),
        (-0.005, 0.005, Fail, Pass),
        (-0.02, 0.005, Fail, Inconclusive),
        (-0.04, -0.02, Fail, Fail),
        (-0.02, 0.04, Inconclusive, Inconclusive),
    ] {
        assert_eq!(outcome_of("roc_auc", "superiority", "margin = 0.01", lo, hi), superior, "[{lo}, {hi}]");
        assert_eq!(outcome_of("roc_auc", "non_inferiority", "margin = 0.01", lo, hi), not_worse, "[{lo}, {hi}]");
    }
}

#[test]
fn an_end_on_the_margin_decides_nothing() {
    // Pass needs lo > t, fail needs hi < t; equality is neither.
    assert_eq!(outcome_of("roc_auc", "superiority", "margin = 0.25", 0.25, 0.5), Inconclusive);
    assert_eq!(outcome_of("roc_auc", "superiority", "margin = 0.25", 0.0, 0.25), Inconclusive);
    assert_eq!(outcome_of("roc_auc", "non_inferiority", "margin = 0.25", -0.25, 0.5), Inconclusive);
    assert_eq!(outcome_of("roc_auc", "non_inferiority", "margin = 0.25", -0.5, -0.25), Inconclusive);
    assert_eq!(outcome_of("flag_rate", "equivalence", "margin = 0.25", -0.25, 0.0), Inconclusive);
    assert_eq!(outcome_of("flag_rate", "equivalence", "margin = 0.25", 0.25, 0.5), Inconclusive);
    // The alarm goes off only when the whole gain lies above.
    assert_eq!(outcome_of("roc_auc", "not_too_good", "margin = 0.25", 0.25, 0.5), Pass);
    assert_eq!(outcome_of("roc_auc", "superiority", "margin = 0", 0.0, 0.5), Inconclusive);
}

#[test]
fn for_losses_less_is_better() {
    for (lo, hi, superior, not_worse) in [
        (-0.04, -0.02, Pass, Pass),
        (-0.005, 0.005, Fail, Pass),
        (0.005, 0.02, Fail, Inconclusive),
        (0.02, 0.04, Fail, Fail),
    ] {
        assert_eq!(outcome_of("brier", "superiority", "margin = 0.01", lo, hi), superior, "[{lo}, {hi}]");
        assert_eq!(outcome_of("brier", "non_inferiority", "margin = 0.01", lo, hi), not_worse, "[{lo}, {hi}]");
    }
    let reading = read("brier", "non_inferiority", "margin = 0.01", -0.04, -0.02);
    let oriented = reading.oriented.unwrap();
    assert_eq!((oriented.lo, oriented.hi), (0.02, 0.04));
    assert_eq!(reading.raw.unwrap().lo, -0.04);
}

#[test]
fn equivalence_bounds_both_sides() {
    for (lo, hi, expected) in [
        (-0.005, 0.005, Pass),
        (0.005, 0.02, Inconclusive),
        (-0.02, 0.02, Inconclusive),
        (0.02, 0.03, Fail),
        (-0.03, -0.02, Fail),
    ] {
        assert_eq!(outcome_of("flag_rate", "equivalence", "margin = 0.01", lo, hi), expected, "[{lo}, {hi}]");
    }
    // Relative to the champion's 0.5: a margin of 0.05.
    let reading = read("flag_rate", "equivalence", "margin = { rel = 0.1 }", -0.04, 0.04);
    assert_eq!((reading.outcome, reading.margin), (Pass, Some(0.05)));
}

#[test]
fn bounds_read_one_arm() {
    // Challenger: 0.5 + 0.1, half-width 0.01.
    for (more, expected) in [
        ("min = 0.5\nmax = 0.7", Pass),
        ("max = 0.595", Inconclusive),
        ("max = 0.58", Fail),
        ("min = 0.605", Inconclusive),
        ("min = 0.62", Fail),
        ("max = 0.55\narm = \"champion\"", Pass),
    ] {
        assert_eq!(outcome_of("recall", "bound", more, 0.09, 0.11), expected, "{more}");
    }
}

#[test]
fn no_data_is_not_evaluable() {
    let policy = policy(&table("G1", "roc_auc", "non_inferiority", "margin = 0.01"), "");
    let gate = &policy.gates[0];
    let mut found = metric("roc_auc", 0.02, 0.04);
    found.difference = None;
    found.undefined = Some("no negative row".to_owned());
    let reading = evaluate(gate, at(0.95), &found);
    assert_eq!((reading.outcome, reading.reason.as_str()), (NotEvaluable, "Not evaluable: no negative row."));

    let mut found = metric("roc_auc", 0.02, 0.04);
    for (lo, hi) in [(None, Some(0.04)), (Some(f64::NAN), Some(0.04)), (Some(0.02), Some(f64::INFINITY))] {
        if let Some(difference) = &mut found.difference {
            (difference.lo, difference.hi) = (lo, hi);
        }
        assert_eq!(evaluate(gate, at(0.95), &found).outcome, NotEvaluable, "{lo:?} {hi:?}");
    }
    let other_level = evaluate(gate, at(0.9), &metric("roc_auc", 0.02, 0.04));
    assert_eq!(other_level.outcome, NotEvaluable);
    assert!(other_level.reason.contains("90 %"), "{}", other_level.reason);
}

#[test]
fn a_relative_margin_needs_a_base() {
    let policy = policy(&table("G1", "roc_auc", "non_inferiority", "margin = { rel = 0.1 }"), "");
    let mut found = metric("roc_auc", 0.02, 0.04);
    if let Some(champion) = &mut found.arms.champion {
        champion.value = 0.0;
    }
    let reading = evaluate(&policy.gates[0], at(0.95), &found);
    assert_eq!((reading.outcome, reading.margin), (NotEvaluable, None));
    assert!(reading.reason.contains("zero baseline"), "{}", reading.reason);
}

#[test]
fn too_little_evidence_is_open_or_fails_but_never_passes() {
    let read = |more: &str| read("roc_auc", "superiority", &format!("margin = 0.01\n{more}"), 0.02, 0.04);
    assert_eq!(read("min = { units = 1000, events = 200 }").outcome, Pass);
    let short = read("min = { units = 1001 }");
    assert_eq!((short.outcome, short.reason.as_str()), (Inconclusive, "1,000 units, 1,001 are required."));
    assert!(short.raw.is_some(), "the numbers stay visible");
    let short = read("min = { events = 201 }\ntoo_small = \"fail\"");
    assert_eq!((short.outcome, short.reason.as_str()), (Fail, "200 events, 201 are required."));
}

#[test]
fn each_arm_has_to_bring_the_events_where_each_has_its_own() {
    let read = |more: &str, each: [u64; 2]| {
        let policy = policy(&table("G1", "roc_auc", "superiority", &format!("margin = 0.01\n{more}")), "");
        let found = metric("roc_auc", 0.02, 0.04);
        let found = MetricResult { positives: Some(each[0] + each[1]), arm_positives: Some(each), ..found };
        evaluate(&policy.gates[0], at(0.95), &found)
    };
    assert_eq!(read("min = { events = 60 }", [140, 60]).outcome, Pass);
    let short = read("min = { events = 60 }", [141, 59]);
    let said = "59 events of the challenger, 60 of each arm are required.";
    assert_eq!((short.outcome, short.reason.as_str()), (Inconclusive, said));
    let short = read("min = { events = 60 }\ntoo_small = \"fail\"", [8, 192]);
    assert_eq!(
        (short.outcome, short.reason.as_str()),
        (Fail, "8 events of the champion, 60 of each arm are required.")
    );
    // Ten, where the policy says nothing.
    assert_eq!((read("", [9, 191]).outcome, read("", [10, 190]).outcome), (Inconclusive, Pass));
}

#[test]
fn what_no_number_of_rows_will_mend_is_not_called_too_few_rows() {
    let policy = policy(&table("G1", "roc_auc", "non_inferiority", "margin = 0.01\nmin = { units = 5000 }"), "");
    let gate = &policy.gates[0];
    let mut found = metric("roc_auc", 0.02, 0.04);
    (found.difference, found.undefined) = (None, Some("no score is logged".to_owned()));
    let reading = evaluate(gate, at(0.95), &found);
    assert_eq!((reading.outcome, reading.reason.as_str()), (NotEvaluable, "Not evaluable: no score is logged."));
    // A class without a row yet may come with more rows.
    (found.undefined, found.positives) = (Some("no positive row".to_owned()), Some(0));
    assert_eq!(evaluate(gate, at(0.95), &found).outcome, Inconclusive);
    // The reason for a missing interval stands in its method.
    let mut found = metric("roc_auc", 0.02, 0.04);
    if let Some(difference) = &mut found.difference {
        (difference.lo, difference.method) = (None, "no interval: no variance among the rows".to_owned());
    }
    let gate = &super::super::fixture::policy(&table("G1", "roc_auc", "non_inferiority", "margin = 0.01"), "").gates[0];
    let reading = evaluate(gate, at(0.95), &found);
    assert!(reading.reason.contains("no variance among the rows"), "{}", reading.reason);
}

#[test]
fn no_width_on_the_edge_is_open_and_counts() {
    use crate::decision::policy::Missing;
    use crate::decision::segments::counts_as;
    let more = "margin = 0\ntoo_small = \"report_only\"";
    let policy = policy(&table("G1", "roc_auc", "superiority", more), "");
    let reading = evaluate(&policy.gates[0], at(0.95), &metric("roc_auc", 0.0, 0.0));
    assert_eq!((reading.outcome, reading.distance_to_margin), (Inconclusive, Some(0.0)));
    assert_eq!(counts_as(&policy.gates[0], Missing::NotEvaluable, &reading), Some(Inconclusive));
}

#[test]
fn an_open_gate_says_how_many_rows_would_settle_it() {
    // Estimate 0.01 above the edge, reach 0.02: the interval has to halve, so four times the rows.
    let reading = read("roc_auc", "superiority", "margin = 0.01", 0.0, 0.04);
    assert_eq!((reading.outcome, reading.more_rows_needed), (Inconclusive, Some(3_000)));
    assert!(reading.reason.contains("3,000 more rows"), "{}", reading.reason);
    assert!(reading.distance_to_margin.unwrap() > 0.9);
    // On the edge itself no number of rows helps.
    assert_eq!(read("roc_auc", "superiority", "margin = 0.02", 0.0, 0.04).more_rows_needed, None);
    assert_eq!(read("roc_auc", "superiority", "margin = 0.01", 0.02, 0.04).more_rows_needed, None);
}
