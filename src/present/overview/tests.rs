//! A hand-made comparison with a policy, and what the Overview makes of it.

use super::*;
use crate::compare::{
    Better, Check, CheckOutcome, Difference, Estimate, FlipTable, MetricResult, PerArm, Plan, SeriesPoint, SliceSpec,
    Threshold, ThresholdBasis, Unit,
};
use crate::decision::{Policy, Verdict, judge};
use crate::log::{
    Arm, ArmRole, Classes, CodeColumn, Codes, FlowStep, Ids, JoinAudit, Label, Log, PairBasis, RunKind, ScoreKind,
    Source, SourceRole, Task,
};
use crate::present::{Sheet, Sign};

const POLICY: &str = r#"
schema = "promotion-policy/1"
id = "card-fraud"
version = "3"
owner = "risk"
[interval]
level = 0.95
multiplicity = "none"
[[gate]]
id = "G1"
role = "primary"
metric = "average_precision"
test = "superiority"
margin = 0.010
[[gate]]
id = "G2"
role = "guardrail"
metric = "roc_auc"
test = "non_inferiority"
margin = 0.002
[[gate]]
id = "G3"
role = "guardrail"
metric = "recall"
test = "non_inferiority"
margin = 0.01
[[gate]]
id = "G4"
role = "guardrail"
metric = "brier"
test = "non_inferiority"
margin = 0.0002
[[gate]]
id = "G5"
role = "guardrail"
metric = "flag_rate"
test = "equivalence"
margin = 0.001
[[gate]]
id = "G6"
role = "guardrail"
metric = "latency_p95"
test = "non_inferiority"
margin = 5.0
[[gate]]
id = "G7"
role = "guardrail"
metric = "roc_auc"
test = "non_inferiority"
margin = 0.015
segments = ["region*channel"]
[[gate]]
id = "G8"
role = "guardrail"
metric = "roc_auc"
test = "not_too_good"
margin = 0.05
[[gate]]
id = "G9"
role = "report_only"
metric = "calibration_slope"
test = "equivalence"
margin = 0.05
[validity]
max_missing_predictions = 0.005
no_data = "not_evaluable"
[verdict]
rules = [
  { when = "validity_failed", then = "invalid" },
  { when = "any_failed", then = "reject" },
  { when = "all_passed", then = "promote" },
  { when = "only_segments_inconclusive", then = "promote_with_conditions" },
  { when = "otherwise", then = "extend" },
]
"#;

type Numbers = (f64, f64, [f64; 3]);

fn metric(name: &str, unit: Unit, better: Better, (champion, challenger, [value, lo, hi]): Numbers) -> MetricResult {
    let arm = |value: f64| {
        let (lo, hi) = (Some(value - 0.01), Some(value + 0.01));
        Some(Estimate { value, lo, hi, level: 0.95, method: "Wilson".to_owned(), n: 391_927 })
    };
    let mut slope = PerArm { champion: arm(champion), challenger: arm(challenger) };
    if better == Better::One {
        let challenger = slope.challenger.as_mut().unwrap();
        (challenger.lo, challenger.hi) = (Some(0.920), Some(0.933));
    }
    MetricResult {
        name: name.to_owned(),
        slice: None,
        unit,
        better,
        arms: slope,
        difference: Some(Difference {
            value,
            lo: Some(lo),
            hi: Some(hi),
            level: 0.95,
            method: "DeLong, clustered".to_owned(),
            p: None,
            se: None,
            n: 391_927,
        }),
        rows: 1_226_190,
        positives: Some(19_515),
        arm_positives: None,
        undefined: None,
    }
}

/// The shadow run of the design.
pub(crate) struct Made {
    pub log: Log,
    pub comparison: Comparison,
    pub policy: Policy,
    pub verdict: Verdict,
}

impl Made {
    pub(crate) fn sheet(&self) -> Sheet<'_> {
        Sheet { log: &self.log, comparison: &self.comparison, verdict: &self.verdict, policy: &self.policy }
    }

    pub(crate) fn judge(&mut self) {
        self.verdict = judge(&self.comparison, &self.policy);
    }
}

fn metrics() -> Vec<MetricResult> {
    use Better::{Higher, Lower, Neither, One};
    use Unit::{Milliseconds, Number, Share};
    let mut metrics = vec![
        metric("roc_auc", Number, Higher, (0.9622, 0.9682, [0.0059, 0.0054, 0.0065])),
        metric("average_precision", Number, Higher, (0.412, 0.454, [0.041, 0.037, 0.046])),
        metric("partial_auc", Number, Higher, (0.304, 0.336, [0.031, 0.026, 0.036])),
        metric("precision", Share, Higher, (0.484, 0.507, [0.023, 0.016, 0.030])),
        metric("recall", Share, Higher, (0.361, 0.395, [0.034, 0.028, 0.040])),
        metric("f1", Number, Higher, (0.414, 0.444, [0.030, 0.024, 0.036])),
        metric("flag_rate", Share, Neither, (0.01188, 0.01241, [0.00054, 0.00037, 0.00071])),
        metric("log_loss", Number, Lower, (0.04436, 0.04204, [-0.00233, -0.00255, -0.00211])),
        metric("brier", Number, Lower, (0.01169, 0.01126, [-0.00043, -0.00049, -0.00037])),
        metric("calibration_slope", Number, One, (0.999, 0.926, [-0.074, -0.080, -0.067])),
        metric("latency_p50", Milliseconds, Lower, (30.133, 35.261, [5.128, 5.109, 5.148])),
        metric("latency_p95", Milliseconds, Lower, (48.25, 51.24, [2.99, 2.93, 3.05])),
        metric("latency_p99", Milliseconds, Lower, (58.59, 59.92, [1.33, 1.19, 1.47])),
    ];
    let mut mcc = metric("mcc", Number, Higher, (0.0, 0.0, [0.0; 3]));
    (mcc.arms, mcc.difference) = (PerArm { champion: None, challenger: None }, None);
    mcc.undefined = Some("one class was never predicted".to_owned());
    metrics.push(mcc);
    let segments = [
        ("LATAM", "phone", 6_877, (0.941, 0.929, [-0.012, -0.021, -0.003])),
        ("MEA", "token", 6_401, (0.950, 0.954, [0.004, -0.005, 0.012])),
        ("LATAM", "token", 17_194, (0.950, 0.951, [0.001, -0.004, 0.007])),
        ("APAC", "phone", 6_685, (0.950, 0.955, [0.005, -0.002, 0.012])),
        ("MEA", "phone", 2_459, (0.940, 0.960, [0.020, 0.002, 0.037])),
    ];
    for (region, channel, rows, numbers) in segments {
        let slice = Some(format!("region={region} & channel={channel}"));
        metrics.push(MetricResult { slice, rows, positives: Some(200), ..metric("roc_auc", Number, Higher, numbers) });
    }
    metrics
}

fn log() -> Log {
    let arm = |name: &str, role, logged| Arm {
        name: name.to_owned(),
        role,
        logged,
        scores: None,
        score_kind: ScoreKind::Probability,
        predictions: None,
        latency_ms: None,
        unpaired_latency_ms: Vec::new(),
        served: Default::default(),
    };
    let source = |path: &str, role, records| Source {
        path: path.to_owned(),
        role,
        format: "parquet".to_owned(),
        bytes: 31_000_000,
        sha256: format!("7d1e09fa{:056x}", records),
        records,
        quarantined: 0,
        object: None,
        partitions: Vec::new(),
    };
    Log {
        content: Default::default(),
        kind: RunKind::Shadow,
        task: Task::Binary,
        rows: 0,
        ids: Ids::Position(0),
        arms: vec![
            arm("fraud-gbm 4.2.1", ArmRole::Champion, 1_312_030),
            arm("fraud-net 5.0.0-rc2", ArmRole::Challenger, 1_308_127),
        ],
        labels: Vec::new(),
        classes: Classes { negative: "legitimate".to_owned(), positive: "fraud".to_owned() },
        times: None,
        units: Some(("customer_id".to_owned(), Codes { names: Vec::new(), codes: CodeColumn::U8(Vec::new()) })),
        features: Vec::new(),
        audit: JoinAudit {
            basis: PairBasis::Id { column: "request_id".to_owned() },
            ids: 1_312_403,
            paired: 1_307_454,
            champion_only: 4_276,
            challenger_only: 631,
            duplicate_same: 118,
            duplicate_different: 42,
            conflicts_kept: false,
            without_id: 0,
            labels: Label {
                column: Some("labels-2026-11-08.csv, outcome".to_owned()),
                present: 1_226_256,
                absent: 81_198,
                immature: 0,
                final_until: None,
                orphan: 351,
                conflicting: 0,
                irrelevant: 0,
                revised: 0,
                other_values: vec![("pending".to_owned(), 812)],
                lag_hours: Some([206.0, 640.0, 980.0]),
            },
        },
        sources: vec![
            source("data/champion-2026-09.parquet", SourceRole::Predictions, 1_312_030),
            source("data/challenger-2026-09.parquet", SourceRole::Predictions, 1_308_127),
            source("data/labels-2026-11-08.csv", SourceRole::Labels, 1_226_607),
        ],
        split: None,
    }
}

fn check(name: &str, title: &str, outcome: CheckOutcome, reading: &str, explanation: &str) -> Check {
    Check {
        name: name.to_owned(),
        title: title.to_owned(),
        outcome,
        value: Some(0.0035),
        limit: None,
        reading: reading.to_owned(),
        explanation: explanation.to_owned(),
    }
}

pub(crate) fn made() -> Made {
    let step = |name: &str, rows, lost: &[(&str, u64)]| FlowStep {
        name: name.to_owned(),
        rows,
        lost: lost.iter().map(|(cause, rows)| ((*cause).to_owned(), *rows)).collect(),
    };
    let first = 1_788_739_200_000_000;
    let table = |fixed, broken| FlipTable { both_right: 1, fixed, broken, both_wrong: 1, net: None };
    let slices: Vec<SliceSpec> = metrics().iter().filter_map(|metric| metric.slice.as_ref()?.parse().ok()).collect();
    let comparison = Comparison {
        detail: Default::default(),
        plan: Plan {
            kind: RunKind::Shadow,
            task: Task::Binary,
            champion: "fraud-gbm 4.2.1".to_owned(),
            challenger: Some("fraud-net 5.0.0-rc2".to_owned()),
            thresholds: [
                Threshold { value: Some(0.3), basis: ThresholdBasis::Given },
                Threshold { value: Some(0.3132), basis: ThresholdBasis::MatchedFpr },
            ],
            level: 0.95,
            seed: 20_261_004,
            replicates: 2_000,
            unit: Some("customer_id".to_owned()),
            slices,
            partial_fpr: 0.01,
            costs: [1.0, 1.0],
            custom: Vec::new(),
            rivals: Vec::new(),
            value: None,
            split: None,
        },
        population: Population {
            flow: vec![
                step("Request ids", 1_312_403, &[]),
                step("Paired", 1_307_496, &[("one arm only", 4_907)]),
                step("No conflict", 1_307_454, &[("conflicting", 42)]),
                step("Labelled", 1_226_256, &[("label pending", 81_198)]),
                step("Analysed", 1_226_190, &[("NaN score", 66)]),
            ],
            analysed: 1_226_190,
            positives: Some(19_515),
            units: Some(391_927),
            class_negative: "legitimate".to_owned(),
            class_positive: "fraud".to_owned(),
            first_time: Some(first),
            last_time: Some(first + 27 * 86_400_000_000),
        },
        validity: vec![
            check(
                "join_audit",
                "Join audit",
                CheckOutcome::Pass,
                "no row multiplied",
                "No id of one file meets two lines of the other, so no row counts twice.",
            ),
            check(
                "missing_predictions",
                "Missing predictions",
                CheckOutcome::Pass,
                "0.35 % of 0.50 %",
                "0.35 % of ids have no prediction of one arm. Too few to move any metric by its margin.",
            ),
            check(
                "label_maturity",
                "Label maturity",
                CheckOutcome::Warn,
                "93.8 % ≥ 21 d",
                "6.2 % of labels are pending, the same rows in both arms; recall may still rise for both.",
            ),
            check(
                "skew",
                "Training-serving skew",
                CheckOutcome::NotEvaluable,
                "no reference",
                "No training sample was given, so the inputs cannot be held against it.",
            ),
        ],
        metrics: metrics(),
        joint: None,
        confusion: PerArm { champion: None, challenger: None },
        confusion_difference: None,
        flips: Some([table(3_962, 3_958), table(2_198, 1_534)]),
        agreement: Some(Estimate {
            value: 0.9905,
            lo: Some(0.9903),
            hi: Some(0.9907),
            level: 0.95,
            method: "Wilson".to_owned(),
            n: 1_226_190,
        }),
        agreement_kappa: Some(0.604),
        agreed: None,
        business: None,
        curves: Default::default(),
        scores: None,
        series: (0..28)
            .map(|day| SeriesPoint {
                start: first + day * 86_400_000_000,
                rows: 44_000 + (day as u64 % 7) * 900,
                labelled: 42_000 - day as u64 * 130,
                positives: Some(700),
                champion_flag_rate: None,
                challenger_flag_rate: None,
            })
            .collect(),
        operations: None,
        staleness: None,
        notes: vec!["Timeouts 12 × the champion's: 0.346 % against 0.029 %.".to_owned()],
    };
    let policy = Policy::parse(POLICY).unwrap();
    let verdict = judge(&comparison, &policy);
    Made { log: log(), comparison, policy, verdict }
}

#[test]
fn finding_says_gain_interval_cost_and_what_is_open() {
    let made = made();
    assert_eq!(
        overview(&made.sheet()).finding.text(),
        "The challenger finds 3.4 pp more fraud [2.8, 4.0] at the same false-positive rate, costs 3.0 ms at p95, \
         and cannot yet be cleared for LATAM × phone."
    );
}

#[test]
fn finding_claims_nothing_across_zero_and_names_failures() {
    let mut made = made();
    let recall = made.comparison.metrics.iter_mut().find(|metric| metric.name == "recall").unwrap();
    let difference = recall.difference.as_mut().unwrap();
    (difference.value, difference.lo, difference.hi) = (-0.012, Some(-0.04), Some(0.016));
    let brier = made.comparison.metrics.iter_mut().find(|metric| metric.name == "brier").unwrap();
    let difference = brier.difference.as_mut().unwrap();
    (difference.value, difference.lo, difference.hi) = (0.01, Some(0.009), Some(0.011));
    made.judge();
    let text = overview(&made.sheet()).finding.text();
    assert!(text.starts_with("The challenger cannot be told from the champion by recall, "), "{text}");
    assert!(text.ends_with(", and fails G4 (Brier score)."), "{text}");
}

#[test]
fn scorecard_is_in_order_of_risk_and_gives_reasons() {
    let made = made();
    let card = overview(&made.sheet()).scorecard;
    let order: Vec<&str> = card.gated.iter().map(|row| row.gate.split(' ').next().unwrap()).collect();
    assert_eq!(order[..2], ["G7", "G9"]);
    assert_eq!(*order.last().unwrap(), "G3");
    let worst = &card.gated[0];
    assert_eq!((worst.sign, worst.title.as_str()), (Some(Sign::Inconclusive), "ROC AUC, LATAM × phone"));
    assert_eq!((worst.interval.as_str(), worst.slice), ("[\u{2212}0.021, \u{2212}0.003]", Some(0)));
    let undefined = card.ungated.last().unwrap();
    assert_eq!((undefined.metric.as_str(), undefined.difference.as_str()), ("mcc", "\u{2013}"));
    assert_eq!(undefined.gate, "one class was never predicted");
    assert!(card.ungated[0].metric == "latency_p50" && card.ungated[0].plot.unwrap().value < -15.0);
    assert!(card.ungated.iter().all(|row| row.metric != "recall"));
    let recall = card.gated.iter().find(|row| row.metric == "recall").unwrap();
    assert_eq!([&recall.title, &recall.champion, &recall.difference], ["Recall, %", "36.1", "+3.4"]);
}

#[test]
fn a_slice_in_view_has_metrics_but_no_gates() {
    let mut made = made();
    made.comparison.population.flow.push(FlowStep {
        name: "region=LATAM".to_owned(),
        rows: 90_000,
        lost: vec![("other rows".to_owned(), 1_136_190)],
    });
    let model = overview(&made.sheet());
    assert!(model.scorecard.gated.is_empty());
    assert!(model.scorecard.ungated.iter().any(|row| row.metric == "recall"));
    assert!(model.scorecard.qualifier.contains("region=LATAM"));
    assert!(model.finding.text().starts_with("In region=LATAM, the challenger finds"));
    assert!(!model.finding.text().contains("cleared"));
}

#[test]
fn one_model_is_described_without_differences() {
    let mut made = made();
    made.comparison.plan.challenger = None;
    made.comparison.flips = None;
    for metric in &mut made.comparison.metrics {
        (metric.arms.challenger, metric.difference) = (None, None);
    }
    made.judge();
    let model = overview(&made.sheet());
    assert_eq!(
        model.finding.text(),
        "fraud-gbm 4.2.1 finds 36.1 % of fraud [35.1, 37.1]; the log holds no second model to compare it with."
    );
    assert!(model.flips.is_none());
    let f1 = model.scorecard.ungated.iter().find(|row| row.metric == "f1").unwrap();
    assert_eq!([&f1.challenger, &f1.difference, &f1.interval], ["\u{2013}", "\u{2013}", "[0.404, 0.424]"]);
    assert_eq!(f1.undefined, None);
}

#[test]
fn segments_flips_and_remarks_are_told() {
    let made = made();
    let model = overview(&made.sheet());
    assert_eq!(model.weakest.footer, "4 of 5 segments pass, 1 cannot be told yet.");
    assert_eq!(model.flips.unwrap().agreement, "agreement 99.05 %, κ 0.604; net 668 rows fixed");
    assert_eq!(model.know[0].sign, Some(Sign::Fail));
    assert_eq!(model.know.last().unwrap().sign, None);
    assert_eq!(model.flow[1].lost, "\u{2212}4,907 one arm only");
}
