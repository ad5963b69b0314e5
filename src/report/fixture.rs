//! A small but whole record, made by hand: two models on 40,000 rows, two regions, every kind of outcome.

use std::collections::BTreeMap;

use crate::compare::*;
use crate::decision::record::{Decision, DraftInputs, Finding, FindingSeverity, Person};
use crate::decision::{DecisionRecord, Policy, Recommendation, judge};
use crate::ingest::mapping::{Duplicates, Mapping, Pairing};
use crate::ingest::{Issue, Severity};
use crate::log::{FlowStep, JoinAudit, Label, PairBasis, RunKind, Source, SourceRole, Task};

const POLICY: &str = r#"schema  = "promotion-policy/1"
id      = "card-fraud-promotion"
version = "2026.2"
owner   = "model risk"
[interval]
level = 0.95
[[gate]]
id = "G1"
role = "primary"
metric = "average_precision"
test = "superiority"
margin = 0.010
because = "A hundredth pays for the change."
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
metric = "flag_rate"
test = "equivalence"
margin = 0.001
[[gate]]
id = "G5"
role = "guardrail"
metric = "latency_p95"
test = "non_inferiority"
margin = 5
[[gate]]
id = "G6"
role = "guardrail"
metric = "roc_auc"
test = "non_inferiority"
margin = 0.015
segments = ["region"]
[[gate]]
id = "G7"
role = "guardrail"
metric = "roc_auc"
test = "not_too_good"
margin = 0.05
[[gate]]
id = "G8"
role = "report_only"
metric = "calibration_slope"
test = "equivalence"
margin = 0.05
[[gate]]
id = "G9"
role = "report_only"
metric = "cost"
test = "non_inferiority"
margin = { rel = 0.02 }
[verdict]
rules = [
  { when = "validity_failed", then = "invalid" },
  { when = "critical_failed", then = "rollback" },
  { when = "any_failed", then = "reject" },
  { when = "all_passed", then = "promote" },
  { when = "only_segments_inconclusive", then = "promote_with_conditions" },
  { when = "otherwise", then = "extend" },
]
[signoff]
required = [{ role = "validator", count = 1 }, { role = "approver", count = 2 }]
separate = [["author", "validator"]]
override = { approvers = 2, min_rationale_chars = 80, valid_days = 90 }
"#;

pub(super) const HOSTILE: &str = "</script><script>alert(1)</script> & \"it's\" \\u003c \u{202e}";

fn estimate(value: f64, half: f64, method: &str) -> Estimate {
    Estimate {
        value,
        lo: Some(value - half),
        hi: Some(value + half),
        level: 0.95,
        method: method.to_owned(),
        n: 40_000,
    }
}

pub(super) fn difference(value: f64, lo: f64, hi: f64, method: &str) -> Difference {
    Difference {
        value,
        lo: Some(lo),
        hi: Some(hi),
        level: 0.95,
        method: method.to_owned(),
        p: Some(0.0004),
        se: Some((hi - lo) / 3.92),
        n: 40_000,
    }
}

struct Row(&'static str, Unit, Better, [f64; 2], f64, [f64; 3], &'static str);

fn result(row: &Row, slice: Option<&str>, rows: u64, positives: u64) -> MetricResult {
    let Row(name, unit, better, [champion, challenger], half, [value, lo, hi], method) = *row;
    MetricResult {
        name: name.to_owned(),
        slice: slice.map(str::to_owned),
        unit,
        better,
        arms: PerArm {
            champion: Some(estimate(champion, half, method)),
            challenger: Some(estimate(challenger, half, method)),
        },
        difference: Some(difference(value, lo, hi, method)),
        rows,
        positives: Some(positives),
        arm_positives: None,
        undefined: None,
    }
}

fn metrics() -> Vec<MetricResult> {
    use Better::{Higher, Lower, Neither, One};
    use Unit::{Milliseconds, Number, Share};
    let rows = [
        Row("roc_auc", Number, Higher, [0.9563, 0.9622], 0.0021, [0.00594, 0.00537, 0.00651], "DeLong"),
        Row("average_precision", Number, Higher, [0.4124, 0.4538], 0.0092, [0.0414, 0.0367, 0.0461], "influence"),
        Row("recall", Share, Higher, [0.361, 0.395], 0.0067, [0.0340, 0.0279, 0.0401], "Newcombe, paired"),
        Row("precision", Share, Higher, [0.482, 0.501], 0.0081, [0.019, 0.0121, 0.0259], "influence"),
        Row("flag_rate", Share, Neither, [0.0119, 0.01244], 0.0008, [0.00054, 0.00037, 0.00071], "Newcombe, paired"),
        Row("brier", Number, Lower, [0.01123, 0.01080], 0.0004, [-0.00043, -0.00049, -0.00037], "influence"),
        Row("calibration_slope", Number, One, [1.012, 0.926], 0.0085, [-0.086, -0.097, -0.075], "Wald"),
        Row("latency_p95", Milliseconds, Lower, [45.26, 48.25], 0.05, [2.99, 2.93, 3.05], "order statistics"),
    ];
    let mut all: Vec<MetricResult> = rows.iter().map(|row| result(row, None, 40_000, 640)).collect();
    all.push(MetricResult {
        name: "cost".to_owned(),
        slice: None,
        unit: Unit::Cost,
        better: Lower,
        arms: PerArm { champion: None, challenger: None },
        difference: None,
        rows: 40_000,
        positives: Some(640),
        arm_positives: None,
        undefined: Some("no costs are given".to_owned()),
    });
    let europe = Row("roc_auc", Number, Higher, [0.958, 0.966], 0.003, [0.0078, 0.0065, 0.0091], "DeLong");
    let latam = Row("roc_auc", Number, Higher, [0.931, 0.919], 0.011, [-0.012, -0.0212, -0.0028], "DeLong");
    all.push(result(&europe, Some("region=EU"), 33_123, 560));
    all.push(result(&latam, Some("region=LATAM"), 6_877, 80));
    all
}

fn curve(power: f64, recall_first: bool) -> Curve {
    let points = (0..=40).map(|step| {
        let x = f64::from(step) / 40.0;
        let y = if recall_first { 1.0 / (1.0 + (x * power).powi(3)) } else { x.powf(1.0 / power) };
        CurvePoint {
            x,
            y,
            threshold: (step > 0 && step < 40).then_some(1.0 - x),
            lo: Some((y - 0.02).max(0.0)),
            hi: Some((y + 0.02).min(1.0)),
        }
    });
    Curve { points: points.collect() }
}

fn bins(slope: f64) -> Vec<CalibrationBin> {
    (0..10)
        .map(|bin| {
            let logit = -6.0 + f64::from(bin) * 0.8;
            let p = |logit: f64| 1.0 / (1.0 + (-logit).exp());
            let observed = p(logit * slope);
            CalibrationBin {
                mean_score: p(logit),
                observed,
                lo: observed * 0.8,
                hi: (observed * 1.25).min(1.0),
                rows: 4_000,
            }
        })
        .collect()
}

fn histogram() -> Histogram {
    let shape = |scale: f64, fall: f64| -> Vec<u64> {
        (0..32).map(|bin| (scale * (-f64::from(bin) * fall).exp()) as u64).collect()
    };
    let rising = |scale: f64| -> Vec<u64> { (0..32).map(|bin| (scale * f64::from(bin) / 32.0) as u64).collect() };
    Histogram {
        edges: (0..=32).map(|edge| f64::from(edge) / 32.0).collect(),
        champion: [shape(12_000.0, 0.35), rising(40.0)],
        challenger: [shape(14_000.0, 0.42), rising(44.0)],
    }
}

fn plan() -> Plan {
    Plan {
        kind: RunKind::Shadow,
        task: Task::Binary,
        champion: "fraud-gbm 4.2.1".to_owned(),
        challenger: Some("fraud-net 5.0.0-rc2".to_owned()),
        thresholds: [
            Threshold { value: Some(0.62), basis: ThresholdBasis::Given },
            Threshold { value: Some(0.573), basis: ThresholdBasis::MatchedFpr },
        ],
        level: 0.95,
        seed: 7,
        replicates: 2_000,
        unit: Some("customer".to_owned()),
        slices: vec![SliceSpec::equal("region", "EU"), SliceSpec::equal("region", "LATAM")],
        partial_fpr: 0.05,
        costs: [1.0, 20.0],
        custom: Vec::new(),
        rivals: Vec::new(),
        value: None,
        split: None,
    }
}

fn comparison() -> Comparison {
    let step = |name: &str, rows: u64, lost: &[(&str, u64)]| FlowStep {
        name: name.to_owned(),
        rows,
        lost: lost.iter().map(|(cause, rows)| ((*cause).to_owned(), *rows)).collect(),
    };
    let joint = JointCounts([[[39_080, 40], [36, 204]], [[370, 39], [17, 214]]]);
    let flips = |net: f64, right: [u64; 4]| FlipTable {
        both_right: right[0],
        fixed: right[1],
        broken: right[2],
        both_wrong: right[3],
        net: Some(difference(net, net - 14.0, net + 14.0, "McNemar")),
    };
    Comparison {
        detail: Default::default(),
        plan: plan(),
        population: Population {
            flow: vec![
                step("Request ids", 44_000, &[]),
                step("Paired", 43_100, &[("answered by one arm only", 900)]),
                step("Labelled", 40_066, &[("label pending", 3_000), ("label conflicting", 34)]),
                step("Analysed", 40_000, &[("score is no number", 66)]),
            ],
            analysed: 40_000,
            positives: Some(640),
            units: Some(8_812),
            class_negative: "legitimate".to_owned(),
            class_positive: "fraud".to_owned(),
            first_time: Some(1_788_739_200_000_000),
            last_time: Some(1_788_739_200_000_000 + 27 * 86_400_000_000),
        },
        validity: vec![
            Check {
                name: "missing_predictions".to_owned(),
                title: "Missing predictions".to_owned(),
                outcome: CheckOutcome::Pass,
                value: Some(0.0035),
                limit: Some(0.005),
                reading: "0.35 % of 0.50 %".to_owned(),
                explanation: "Few ids lack an answer of one arm.".to_owned(),
            },
            Check {
                name: "label_coverage".to_owned(),
                title: "Label coverage".to_owned(),
                outcome: CheckOutcome::Warn,
                value: Some(0.9296),
                limit: None,
                reading: "92.96 %".to_owned(),
                explanation: "The newest labels are pending; recall may still move.".to_owned(),
            },
        ],
        metrics: metrics(),
        joint: Some(joint),
        confusion: PerArm { champion: Some(joint.champion()), challenger: Some(joint.challenger()) },
        confusion_difference: Some([
            difference(-4.0, -21.1, 13.1, "McNemar"),
            difference(4.0, -13.1, 21.1, "McNemar"),
            difference(-22.0, -36.7, -7.3, "McNemar"),
            difference(22.0, 7.3, 36.7, "McNemar"),
        ]),
        flips: Some([flips(-4.0, [39_080, 36, 40, 204]), flips(22.0, [214, 39, 17, 370])]),
        agreement: Some(estimate(0.9967, 0.0006, "Wilson")),
        agreement_kappa: Some(0.765_4),
        agreed: None,
        business: None,
        curves: Curves {
            roc: PerArm { champion: Some(curve(7.0, false)), challenger: Some(curve(9.0, false)) },
            precision_recall: PerArm { champion: Some(curve(2.4, true)), challenger: Some(curve(2.1, true)) },
            calibration: PerArm { champion: Some(bins(1.0)), challenger: Some(bins(0.926)) },
            undefined: None,
        },
        scores: Some(ScoreSummary { histogram: histogram(), ks_distance: Some(0.031), ..ScoreSummary::default() }),
        series: Vec::new(),
        operations: None,
        staleness: None,
        notes: vec!["3,000 labels are pending.".to_owned()],
    }
}

fn source(path: &str, role: SourceRole, digit: &str) -> Source {
    Source {
        path: path.to_owned(),
        role,
        format: "jsonl+gzip".to_owned(),
        bytes: 4_183_000,
        sha256: digit.repeat(64),
        records: 44_000,
        quarantined: 3,
        object: None,
        partitions: Vec::new(),
    }
}

/// The record, with text in it that no document may trust.
pub(super) fn record() -> DecisionRecord {
    let policy = Policy::parse(POLICY).unwrap();
    let comparison = comparison();
    let verdict = judge(&comparison, &policy);
    let mut record = DecisionRecord::draft(DraftInputs {
        record_id: "0198-f3c2-7d1e".to_owned(),
        title: "card-fraud".to_owned(),
        created_at: "2026-11-08T13:18:00Z".to_owned(),
        sources: vec![
            source("logs/champion.jsonl.gz", SourceRole::Predictions, "a"),
            source("logs/challenger.jsonl.gz", SourceRole::Predictions, "b"),
            source("labels.csv", SourceRole::Labels, "c"),
        ],
        audit: JoinAudit {
            basis: PairBasis::Id { column: "request_id".to_owned() },
            ids: 44_000,
            paired: 43_100,
            champion_only: 500,
            challenger_only: 400,
            duplicate_same: 12,
            duplicate_different: 0,
            conflicts_kept: false,
            without_id: 0,
            labels: Label { present: 40_066, absent: 3_034, ..Label::default() },
        },
        mapping: Mapping {
            schema: "assay-mapping/1".to_owned(),
            kind: RunKind::Shadow,
            task: Task::Binary,
            columns: Vec::new(),
            label_columns: Vec::new(),
            champion: "fraud-gbm 4.2.1".to_owned(),
            challenger: Some("fraud-net 5.0.0-rc2".to_owned()),
            file_models: BTreeMap::new(),
            pairing: Pairing::Id,
            positive: "fraud".to_owned(),
            label_map: BTreeMap::from([("fraud".to_owned(), true), ("ok".to_owned(), false)]),
            duplicates: Duplicates::Refuse,
            naive_zone: None,
            day_first: None,
            mature_after: None,
            rivals: Vec::new(),
            class_order: Vec::new(),
            season: None,
            accept_bad_rows: false,
        },
        issues: vec![Issue {
            code: "unreadable_record".to_owned(),
            severity: Severity::Warning,
            message: "3 records of champion.jsonl.gz are no JSON.".to_owned(),
            consequence: "They were set aside and count as missing.".to_owned(),
            mend: "Write the log again from the source.".to_owned(),
            count: 3,
            share: 0.000_07,
            examples: vec![crate::ingest::Example {
                source: "champion.jsonl.gz".to_owned(),
                record: 17,
                raw: "{\"id\": <b>".to_owned(),
            }],
        }],
        comparison,
        policy: &policy,
        verdict,
        version: "0.1.0".to_owned(),
        verify_command: "assay-cli verify card-fraud.pdr --logs logs".to_owned(),
    });
    record.review.limitations =
        vec!["The effect on customers was not observed in a shadow run.".to_owned(), format!("Free text: {HOSTILE}")];
    record.review.findings = vec![Finding {
        id: "F1".to_owned(),
        severity: FindingSeverity::Medium,
        text: "Probabilities run too extreme; recalibrate before using them as such.".to_owned(),
        owner: "M. Okafor".to_owned(),
        due: Some("2026-12-01".to_owned()),
        open: true,
    }];
    record.people = vec![
        Person { name: "Mara Okafor".to_owned(), role: "author".to_owned(), meaning: "authored".to_owned() },
        Person { name: "Jonas Weiß".to_owned(), role: "validator".to_owned(), meaning: String::new() },
    ];
    record
}

/// The same, decided by a person.
pub(super) fn decided() -> DecisionRecord {
    let mut record = record();
    record.decision = Some(Decision {
        outcome: Recommendation::PromoteWithConditions,
        rationale: "The gain is large against the open segment.".to_owned(),
        conditions: vec!["LATAM stays on fraud-gbm 4.2.1.".to_owned()],
        override_reason: None,
    });
    record
}

/// A log of one model with decisions only: no challenger, no curves, no scores.
pub(super) fn one_model() -> DecisionRecord {
    let mut record = record();
    let comparison = &mut record.comparison;
    comparison.plan.challenger = None;
    comparison.joint = None;
    comparison.confusion.challenger = None;
    comparison.confusion_difference = None;
    comparison.flips = None;
    comparison.agreement = None;
    comparison.agreement_kappa = None;
    comparison.curves = Curves { undefined: Some("the log holds no score".to_owned()), ..Curves::default() };
    comparison.scores = None;
    for metric in &mut comparison.metrics {
        metric.arms.challenger = None;
        metric.difference = None;
    }
    record.verdict = judge(&record.comparison, &Policy::parse(POLICY).unwrap());
    record
}
