use super::*;
use crate::compare::{
    Better, Check, CheckOutcome, Curves, Difference, Estimate, MetricResult, PerArm, Plan, Population, SliceSpec,
    Threshold, ThresholdBasis, Unit,
};
use crate::decision::judge;
use crate::log::{RunKind, Task};

const POLICY: &str = include_str!("fixture.toml");

/// A run of a fraud model whose verdict hangs on two segments; built by hand, judged by the real rules.
pub(crate) fn fixture() -> (Comparison, Policy, Verdict) {
    let policy = Policy::parse(POLICY).unwrap();
    let comparison = comparison();
    let verdict = judge(&comparison, &policy);
    (comparison, policy, verdict)
}

/// What people said about it.
pub(crate) fn said() -> DraftText {
    let person = |name: &str, role: &str, meaning: &str| Person {
        name: name.to_owned(),
        role: role.to_owned(),
        meaning: meaning.to_owned(),
    };
    DraftText {
        facts: String::new(),
        tests: Vec::new(),
        use_case: "Which members a nurse calls.".to_owned(),
        outcome: Some(Recommendation::PromoteWithConditions),
        rationale: "Catches 664 more of 19,515 frauds at an unchanged false-positive rate. Latency cost accepted by \
                    Payments on 6 Nov."
            .to_owned(),
        conditions:
            "LATAM × phone and MEA × phone stay on fraud-gbm 4.2.1.\nCanary 1 %, 5 %, 25 %. Roll back at G5 or \
                     G6."
            .to_owned(),
        limitations: "Shadow run: the challenger’s effect on customer behaviour was not observed.\n81,198 labels \
                      still pending."
            .to_owned(),
        people: vec![
            person("Mara Okafor", "author", "authored"),
            person("Jonas Weiß", "validator", "reviewed"),
            person("Elena Ruiz", "approver", ""),
        ],
        findings: vec![Finding {
            id: "F1".to_owned(),
            severity: FindingSeverity::Medium,
            text: "Timeouts 12 × the champion’s".to_owned(),
            owner: "P. Lund".to_owned(),
            due: Some("2026-11-20".to_owned()),
            open: true,
        }],
        override_reason: None,
    }
}

pub(crate) fn model(said: &DraftText, record: &RecordState) -> DecisionModel {
    let (comparison, policy, verdict) = fixture();
    decision_of(&comparison, &verdict, &policy, said, record)
}

fn estimate(value: f64, half: f64) -> Estimate {
    let (lo, hi) = (Some(value - half), Some(value + half));
    Estimate { value, lo, hi, level: 0.95, method: "DeLong".to_owned(), n: 1_226_190 }
}

fn metric(name: &str, unit: Unit, better: Better, champion: f64, ends: [f64; 3]) -> MetricResult {
    let [lo, value, hi] = ends;
    MetricResult {
        name: name.to_owned(),
        slice: None,
        unit,
        better,
        arms: PerArm {
            champion: Some(estimate(champion, (hi - lo) / 2.0)),
            challenger: Some(estimate(champion + value, (hi - lo) / 2.0)),
        },
        difference: Some(Difference {
            value,
            lo: Some(lo),
            hi: Some(hi),
            level: 0.95,
            method: "DeLong".to_owned(),
            p: None,
            se: None,
            n: 1_226_190,
        }),
        rows: 1_226_190,
        positives: Some(19_515),
        arm_positives: None,
        undefined: None,
    }
}

fn segment(slice: &str, rows: u64, positives: u64, ends: [f64; 3]) -> MetricResult {
    let mut result = metric("roc_auc", Unit::Number, Better::Higher, 0.95, ends);
    result.slice = Some(slice.to_owned());
    (result.rows, result.positives) = (rows, Some(positives));
    result
}

fn comparison() -> Comparison {
    use Better::{Higher, Lower, Neither, One};
    let threshold = |value| Threshold { value: Some(value), basis: ThresholdBasis::MatchedFpr };
    let mut slope = metric("calibration_slope", Unit::Number, One, 1.0, [-0.0825, -0.074, -0.0655]);
    slope.difference = None;
    let mut latency = metric("latency_p95", Unit::Milliseconds, Lower, 40.0, [2.93, 2.99, 3.05]);
    latency.difference.as_mut().unwrap().method = "paired bootstrap".to_owned();
    let mut cost = metric("cost", Unit::Cost, Lower, 1.0, [0.0; 3]);
    cost.difference = None;
    cost.undefined = Some("41.3 % of frauds have no loss amount".to_owned());
    let slices: Vec<SliceSpec> = Vec::new();
    Comparison {
        detail: Default::default(),
        plan: Plan {
            kind: RunKind::Shadow,
            task: Task::Binary,
            champion: "fraud-gbm 4.2.1".to_owned(),
            challenger: Some("fraud-net 5.0.0-rc2".to_owned()),
            thresholds: [threshold(0.300), threshold(0.313)],
            level: 0.95,
            seed: 20_261_004,
            replicates: 2_000,
            unit: Some("customer".to_owned()),
            slices,
            partial_fpr: 0.1,
            costs: [1.0, 10.0],
            custom: Vec::new(),
            rivals: Vec::new(),
            value: None,
            split: None,
        },
        population: Population {
            flow: Vec::new(),
            analysed: 1_226_190,
            positives: Some(19_515),
            units: Some(391_927),
            class_negative: "pass".to_owned(),
            class_positive: "fraud".to_owned(),
            first_time: None,
            last_time: None,
        },
        validity: vec![Check {
            name: "missing_predictions".to_owned(),
            title: "Missing predictions".to_owned(),
            outcome: CheckOutcome::Pass,
            value: Some(0.0035),
            limit: Some(0.005),
            reading: "0.35 % of 0.50 %".to_owned(),
            explanation: String::new(),
        }],
        metrics: vec![
            metric("average_precision", Unit::Number, Higher, 0.62, [0.0366, 0.0412, 0.0458]),
            metric("roc_auc", Unit::Number, Higher, 0.9562, [0.00538, 0.00594, 0.0065]),
            metric("recall", Unit::Share, Higher, 0.71, [0.028, 0.034, 0.040]),
            metric("brier", Unit::Number, Lower, 0.0099, [-0.00049, -0.00043, -0.00037]),
            metric("flag_rate", Unit::Share, Neither, 0.018, [0.000_37, 0.000_54, 0.000_71]),
            latency,
            segment("region=LATAM & channel=phone", 6_877, 301, [-0.021, -0.012, -0.003]),
            segment("region=MEA & channel=phone", 2_459, 58, [-0.03, 0.001, 0.03]),
            segment("region=EU & channel=web", 601_220, 8_120, [0.004, 0.0052, 0.0064]),
            segment("region=EU & channel=app", 310_002, 6_050, [0.003, 0.0051, 0.0072]),
            slope,
            cost,
        ],
        joint: None,
        confusion: PerArm::default(),
        confusion_difference: None,
        flips: None,
        agreement: None,
        agreement_kappa: None,
        agreed: None,
        business: None,
        curves: Curves::default(),
        scores: None,
        series: Vec::new(),
        operations: None,
        staleness: None,
        notes: Vec::new(),
    }
}

fn sealed() -> RecordState {
    RecordState {
        sealed_at: Some("2026-11-08T13:18:00Z".to_owned()),
        sha256: Some(format!("7d1e09fa{}52c4", "0".repeat(52))),
        missing: Vec::new(),
        verified: Some(Verified {
            summary: "214 of 214 numbers match; 1 not checked: taken as the record says.".to_owned(),
            all_match: true,
            taken: vec!["seed: 20261004; set before anything is drawn, no log tells it".to_owned()],
        }),
    }
}

/// The fixture's sealed record.
pub(crate) fn sealed_state() -> RecordState {
    sealed()
}

#[test]
fn gates_stand_in_the_order_of_the_policy_with_digits_clear_of_the_margin() {
    let model = model(&said(), &RecordState::default());
    let ids: Vec<&str> = model.gates.iter().map(|gate| gate.id.as_str()).collect();
    assert_eq!(ids, ["G1", "G2", "G3", "G4", "G5", "G6", "G7", "G8", "G9", "G10"]);
    let recall = &model.gates[2];
    assert_eq!(recall.title, "Recall, pp");
    assert_eq!(recall.value.as_deref(), Some("+3.4"));
    assert_eq!(recall.interval.as_deref(), Some("[+2.8, +4.0]"));
    let brier = &model.gates[3];
    assert_eq!(brier.value.as_deref(), Some("\u{2212}0.00043"), "not oriented");
    assert!(brier.plot.unwrap().value > 0.0, "oriented");
    let cost = &model.gates[9];
    assert_eq!((cost.sign, &cost.value, cost.plot), (Sign::NotEvaluable, &None, None));
    assert_eq!(cost.reason, "Not evaluable: 41.3 % of frauds have no loss amount.");
}

#[test]
fn an_end_is_never_printed_as_the_margin_it_is_not() {
    let (mut comparison, policy, _) = fixture();
    let roc = comparison.metrics.iter_mut().find(|metric| metric.name == "roc_auc").unwrap();
    let difference = roc.difference.as_mut().unwrap();
    (difference.lo, difference.value, difference.hi) = (Some(-0.001_98), 0.004, Some(0.01));
    let verdict = judge(&comparison, &policy);
    let model = decision_of(&comparison, &verdict, &policy, &said(), &RecordState::default());
    assert_eq!(model.gates[1].interval.as_deref(), Some("[\u{2212}0.00198, +0.01000]"));
}

#[test]
fn verdict_rules_and_changes_are_told() {
    let model = model(&said(), &RecordState::default());
    assert_eq!(model.title, "Promote with conditions");
    assert_eq!(
        model.sentence.text(),
        "Rule 5 of fraud-promotion 2026.2: every gate that binds passed, except 2 of 4 segments that cannot be told \
         yet."
    );
    assert_eq!(
        model.rules.iter().filter(|rule| rule.fired).map(|rule| rule.number.as_str()).collect::<Vec<_>>(),
        ["5"]
    );
    let first = &model.changes[0];
    assert_eq!((first.what.as_str(), first.answer.as_str()), ("Leave both open segments out", "promote, rule 4"));
    assert!(model.changes_note.as_ref().unwrap().starts_with("To clear LATAM × phone at today’s estimate: about "));
    let words: Vec<String> = model.tallies.iter().map(|line| format!("{} {}", line.count, line.words)).collect();
    assert_eq!(words, ["7 pass", "1 inconclusive", "1 fail, report only", "1 not evaluable, report only"]);
    assert_eq!(model.gates[6].segments.len(), 4);
    assert_eq!(model.gates[6].segments[0].evidence, "2,459 rows, 58 positive", "worst first");
}

#[test]
fn an_override_is_named_and_what_it_needs() {
    let mut text = said();
    assert!(!model(&text, &RecordState::default()).said.overrides);
    text.outcome = Some(Recommendation::Promote);
    let model = model(&text, &RecordState::default());
    assert!(model.said.overrides);
    assert_eq!(model.said.standing, "overrides the recommendation to promote with conditions");
    assert_eq!(
        model.said.override_rule,
        "An override needs a reason code, a rationale of 80 characters, a compensating control, an expiry within 90 \
         days and 2 approvers."
    );
}

#[test]
fn blank_limitations_are_missing_and_a_sealed_record_misses_nothing() {
    let text = DraftText { limitations: " \n".to_owned(), ..said() };
    let draft = model(&text, &RecordState::default());
    assert!(draft.said.limitations_blank);
    assert_eq!(draft.record.missing, ["Limitations are blank: say what this run cannot show."]);
    let sealed = model(&text, &sealed());
    assert!(sealed.record.missing.is_empty() && sealed.said.sealed);
    assert!(sealed.policy_line.ends_with(" Record sealed 8 Nov 2026, 13:18 UTC."), "{}", sealed.policy_line);
    assert_eq!(sealed.record.digest.as_deref(), Some("7d1e09fa…52c4"));
    assert_eq!(
        sealed.record.verify,
        Some((Sign::Pass, "214 of 214 numbers match; 1 not checked: taken as the record says".to_owned()))
    );
}

#[test]
fn separated_roles_and_open_roles_are_watched() {
    let people = model(&said(), &RecordState::default()).people;
    assert_eq!(people.separation.as_deref(), Some("author, validator, approver differ"));
    assert!(people.separation_broken.is_empty());
    let mut text = said();
    text.people[1].name = "mara okafor ".to_owned();
    text.people.pop();
    let people = model(&text, &RecordState::default()).people;
    assert_eq!(people.separation_broken, ["author and validator are the same person, the policy wants two"]);
    assert_eq!(people.open_roles, ["approver: 1 person still to be named"]);
}
