use super::*;
use crate::compare::{Detail, SplitDetail};
use crate::decision::fixture::{check, comparison, gate as table, metric, on_slice, policy};
use crate::decision::{LABEL_COVERAGE, MISSING_PREDICTIONS, SAMPLE_RATIO};
use crate::log::RunKind;

const MARGIN: &str = "margin = 0.01";

/// Verdict on one gate over ROC AUC with the difference `[lo, hi]`.
fn verdict(role: &str, lo: f64, hi: f64) -> Verdict {
    let gate = table("G1", "roc_auc", "non_inferiority", MARGIN).replace("primary", role);
    judge(&comparison(vec![metric("roc_auc", lo, hi)]), &policy(&gate, ""))
}

#[test]
fn the_first_rule_that_holds_decides() {
    for (role, lo, hi, recommendation, rule) in [
        ("primary", 0.0, 0.01, Recommendation::Promote, 4),
        ("primary", -0.02, 0.01, Recommendation::Extend, 6),
        ("primary", -0.03, -0.02, Recommendation::Reject, 3),
        ("critical", -0.03, -0.02, Recommendation::Rollback, 2),
    ] {
        let verdict = verdict(role, lo, hi);
        assert_eq!((verdict.recommendation, verdict.rule), (recommendation, Some(rule)), "{role} [{lo}, {hi}]");
        let held: Vec<Held> = verdict.rules.iter().map(|row| row.held).collect();
        assert!(held[..rule - 1].iter().all(|held| *held == Held::No));
        assert_eq!(held[rule - 1], Held::Yes);
        assert!(held[rule..].iter().all(|held| *held == Held::NotReached));
        assert!(verdict.sentence.starts_with(&format!("Rule {rule} of p 1: ")), "{}", verdict.sentence);
    }
}

#[test]
fn a_failed_check_comes_before_every_gate() {
    let gates = table("G1", "roc_auc", "non_inferiority", MARGIN);
    let mut comparison = comparison(vec![metric("roc_auc", 0.0, 0.01)]);
    comparison.validity = vec![check("split", CheckOutcome::Fail, None)];
    let verdict = judge(&comparison, &policy(&gates, ""));
    assert_eq!(verdict.recommendation, Recommendation::Invalid);
    assert_eq!(verdict.gates[0].reading.outcome, Outcome::Pass, "the gate is still shown as it came out");
    assert!(verdict.what_would_change.iter().any(|change| change.changed && change.what.contains("validity")));
}

#[test]
fn gates_without_data_never_pass() {
    let gates = table("G1", "roc_auc", "non_inferiority", MARGIN);
    for (no_data, recommendation) in [
        ("not_evaluable", Recommendation::Extend),
        ("inconclusive", Recommendation::Extend),
        ("fail", Recommendation::Reject),
        // Nothing that binds has passed, so nothing may be promoted.
        ("report_only", Recommendation::Extend),
    ] {
        let policy = policy(&gates, &format!("[validity]\nno_data = \"{no_data}\""));
        let verdict = judge(&comparison(Vec::new()), &policy);
        assert_eq!(verdict.recommendation, recommendation, "{no_data}");
        assert_eq!(verdict.gates[0].reading.outcome, Outcome::NotEvaluable);
        assert!(verdict.gates[0].reading.reason.starts_with("Not evaluable: "));
    }
}

#[test]
fn report_only_gates_are_shown_and_read_by_no_rule() {
    let gates = table("G1", "roc_auc", "non_inferiority", MARGIN)
        + &table("G2", "recall", "non_inferiority", MARGIN).replace("primary", "report_only");
    let found = vec![metric("roc_auc", 0.0, 0.01), metric("recall", -0.05, -0.03)];
    let verdict = judge(&comparison(found), &policy(&gates, ""));
    assert_eq!(verdict.recommendation, Recommendation::Promote);
    assert_eq!(verdict.gates[1].reading.outcome, Outcome::Fail);
    assert!(verdict.gates[1].reading.reason.ends_with("No rule reads it."));
    assert_eq!((verdict.tallies.pass.binding, verdict.tallies.fail.report_only), (1, 1));
}

#[test]
fn open_segments_alone_allow_conditions() {
    let gates = table("G1", "roc_auc", "non_inferiority", MARGIN)
        + &table("G2", "roc_auc", "non_inferiority", "margin = 0.01\nsegments = [\"region\"]");
    let segments = |north: [f64; 2], south: [f64; 2]| {
        comparison(vec![
            metric("roc_auc", 0.0, 0.01),
            on_slice(metric("roc_auc", north[0], north[1]), "region=north"),
            on_slice(metric("roc_auc", south[0], south[1]), "region=south"),
        ])
    };
    let policy = policy(&gates, "");
    let open = judge(&segments([0.0, 0.01], [-0.02, 0.02]), &policy);
    assert_eq!(open.recommendation, Recommendation::PromoteWithConditions);
    let names: Vec<&str> = open.gates[1].segments.iter().map(|segment| segment.name.as_str()).collect();
    assert_eq!(names, ["region south", "region north"], "the worst comes first");
    assert_eq!(judge(&segments([0.0, 0.01], [0.0, 0.02]), &policy).recommendation, Recommendation::Promote);
    assert_eq!(judge(&segments([0.0, 0.01], [-0.05, -0.03]), &policy).recommendation, Recommendation::Reject);
}

#[test]
fn a_short_run_lets_no_gate_pass() {
    let gates = table("G1", "roc_auc", "non_inferiority", MARGIN);
    for (minimum, part) in [("days = 16", "15.0 days"), ("units = 1001", "1,000 units"), ("events = 201", "200 events")]
    {
        let policy = policy(&gates, &format!("[design]\nmin = {{ {minimum} }}"));
        let verdict = judge(&comparison(vec![metric("roc_auc", 0.0, 0.01)]), &policy);
        assert_eq!(verdict.recommendation, Recommendation::Extend, "{minimum}");
        assert!(verdict.gates[0].reading.reason.contains(part), "{}", verdict.gates[0].reading.reason);
    }
    let enough = policy(&gates, "[design]\nmin = { days = 15, units = 1000, events = 200 }");
    assert_eq!(judge(&comparison(vec![metric("roc_auc", 0.0, 0.01)]), &enough).recommendation, Recommendation::Promote);
}

#[test]
fn limits_of_the_policy_replace_those_of_the_checks() {
    let gates = table("G1", "roc_auc", "non_inferiority", MARGIN);
    let outcome = |limits: &str, name: &str, value: Option<f64>, kind: RunKind| {
        let mut comparison = comparison(vec![metric("roc_auc", 0.0, 0.01)]);
        comparison.plan.kind = kind;
        comparison.validity = vec![check(name, CheckOutcome::Pass, value)];
        let verdict = judge(&comparison, &policy(&gates, &format!("[validity]\n{limits}")));
        verdict.validity.iter().find(|check| check.name == name).unwrap().outcome
    };
    let missing = |value| outcome("max_missing_predictions = 0.01", MISSING_PREDICTIONS, value, RunKind::Shadow);
    assert_eq!(missing(Some(0.01)), CheckOutcome::Pass);
    assert_eq!(missing(Some(0.0101)), CheckOutcome::Fail);
    assert_eq!(missing(None), CheckOutcome::NotEvaluable);
    let coverage = |value| outcome("min_label_coverage = 0.9", LABEL_COVERAGE, Some(value), RunKind::Shadow);
    assert_eq!((coverage(0.9), coverage(0.89)), (CheckOutcome::Pass, CheckOutcome::Fail));
    // A shadow run has no split, so that its p-value means nothing.
    let split = |kind| outcome("srm_p = 0.001", SAMPLE_RATIO, Some(0.0001), kind);
    assert_eq!((split(RunKind::Ab), split(RunKind::Shadow)), (CheckOutcome::Fail, CheckOutcome::Pass));
}

#[test]
fn a_policy_for_another_run_makes_this_one_invalid() {
    let gates = table("G1", "roc_auc", "non_inferiority", MARGIN);
    for design in ["mode = \"ab\"", "unit = \"member_id\""] {
        let verdict =
            judge(&comparison(vec![metric("roc_auc", 0.0, 0.01)]), &policy(&gates, &format!("[design]\n{design}")));
        assert_eq!(verdict.recommendation, Recommendation::Invalid, "{design}");
    }
}

#[test]
fn of_a_split_run_each_arm_has_to_bring_the_events() {
    let gates = table("G1", "roc_auc", "non_inferiority", MARGIN);
    let policy = policy(&gates, "[design]\nmin = { events = 60 }");
    let said = |each: [u64; 2]| {
        let mut run = comparison(vec![metric("roc_auc", 0.0, 0.01)]);
        run.detail = Detail::Split(SplitDetail { positives: Some(each), ..SplitDetail::default() });
        judge(&run, &policy).gates[0].reading.reason.clone()
    };
    let short = said([170, 30]);
    assert!(short.contains("The run has 30 events of the challenger, 60 of each arm are required."), "{short}");
    assert!(!said([140, 60]).contains("required"), "{}", said([140, 60]));
}
