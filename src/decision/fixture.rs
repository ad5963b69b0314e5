//! A small comparison with known numbers, for the tests of this folder.

use std::collections::BTreeMap;

use super::policy::Policy;
use super::record::{DecisionRecord, DraftInputs};
use super::{Verdict, judge};
use crate::compare::{
    Check, CheckOutcome, Comparison, Curves, Difference, Estimate, JointCounts, MetricResult, PerArm, Plan, Population,
    Threshold, ThresholdBasis,
};
use crate::ingest::mapping::{Duplicates, Mapping, Pairing};
use crate::log::{FlowStep, JoinAudit, Label, PairBasis, RunKind, Source, SourceRole, Task};

pub(crate) fn estimate(value: f64, half: f64) -> Estimate {
    Estimate { value, lo: Some(value - half), hi: Some(value + half), level: 0.95, method: "test".to_owned(), n: 1_000 }
}

/// A metric whose difference has the interval `[lo, hi]` and the estimate in its middle.
pub(crate) fn metric(name: &str, lo: f64, hi: f64) -> MetricResult {
    let known = super::catalog::find(name).unwrap();
    let value = (lo + hi) / 2.0;
    let difference = Difference {
        value,
        lo: Some(lo),
        hi: Some(hi),
        level: 0.95,
        method: "test".to_owned(),
        p: None,
        se: None,
        n: 1_000,
    };
    MetricResult {
        name: name.to_owned(),
        slice: None,
        unit: known.unit,
        better: known.better,
        arms: PerArm { champion: Some(estimate(0.5, 0.01)), challenger: Some(estimate(0.5 + value, 0.01)) },
        difference: Some(difference),
        rows: 1_000,
        positives: Some(200),
        arm_positives: None,
        undefined: None,
    }
}

pub(crate) fn on_slice(mut metric: MetricResult, slice: &str) -> MetricResult {
    metric.slice = Some(slice.to_owned());
    metric
}

pub(crate) fn check(name: &str, outcome: CheckOutcome, value: Option<f64>) -> Check {
    Check {
        name: name.to_owned(),
        title: name.to_owned(),
        outcome,
        value,
        limit: None,
        reading: String::new(),
        explanation: String::new(),
    }
}

pub(crate) fn comparison(metrics: Vec<MetricResult>) -> Comparison {
    let joint = JointCounts([[[700, 30], [20, 50]], [[40, 30], [10, 120]]]);
    Comparison {
        detail: Default::default(),
        plan: Plan {
            kind: RunKind::Shadow,
            task: Task::Binary,
            champion: "net 1".to_owned(),
            challenger: Some("net 2".to_owned()),
            thresholds: [Threshold { value: Some(0.5), basis: ThresholdBasis::Given }; 2],
            level: 0.95,
            seed: 1,
            replicates: 2_000,
            unit: None,
            slices: vec!["region=north & amount>=10".parse().unwrap()],
            partial_fpr: 0.01,
            costs: [1.0, 1.0],
            custom: Vec::new(),
            rivals: Vec::new(),
            value: None,
            split: None,
        },
        population: Population {
            flow: vec![
                FlowStep { name: "All ids".to_owned(), rows: 1_010, lost: Vec::new() },
                FlowStep { name: "Paired".to_owned(), rows: 1_000, lost: vec![("champion only".to_owned(), 10)] },
            ],
            analysed: 1_000,
            positives: Some(200),
            units: None,
            class_negative: "0".to_owned(),
            class_positive: "1".to_owned(),
            first_time: Some(0),
            last_time: Some(15 * 86_400_000_000),
        },
        validity: vec![check(super::MISSING_PREDICTIONS, CheckOutcome::Pass, Some(0.001))],
        metrics,
        joint: Some(joint),
        confusion: PerArm { champion: Some(joint.champion()), challenger: Some(joint.challenger()) },
        confusion_difference: None,
        flips: None,
        agreement: Some(estimate(0.9, 0.01)),
        agreement_kappa: Some(0.7),
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

/// Policy of `gates` (TOML tables `[[gate]]`), with the usual rules and whatever `more` says.
pub(crate) fn policy(gates: &str, more: &str) -> Policy {
    let text = format!(
        "schema = \"promotion-policy/1\"\nid = \"p\"\nversion = \"1\"\n{gates}\n{more}\n[verdict]\nrules = [\n\
         {{ when = \"validity_failed\", then = \"invalid\" }},\n\
         {{ when = \"critical_failed\", then = \"rollback\" }},\n\
         {{ when = \"any_failed\", then = \"reject\" }},\n\
         {{ when = \"all_passed\", then = \"promote\" }},\n\
         {{ when = \"only_segments_inconclusive\", then = \"promote_with_conditions\" }},\n\
         {{ when = \"otherwise\", then = \"extend\" }},\n]\n"
    );
    Policy::parse(&text).unwrap()
}

/// One gate as a TOML table.
pub(crate) fn gate(id: &str, metric: &str, test: &str, more: &str) -> String {
    format!("[[gate]]\nid = \"{id}\"\nrole = \"primary\"\nmetric = \"{metric}\"\ntest = \"{test}\"\n{more}\n")
}

pub(crate) fn record() -> DecisionRecord {
    let policy = policy(&gate("G1", "roc_auc", "superiority", "margin = 0.01"), "");
    let comparison = comparison(vec![metric("roc_auc", 0.02, 0.04), metric("recall", -0.01, 0.01)]);
    let verdict: Verdict = judge(&comparison, &policy);
    let source = |path: &str, role| Source {
        path: path.to_owned(),
        role,
        format: "csv".to_owned(),
        bytes: 10,
        sha256: super::canonical::sha256_hex(path.as_bytes()),
        records: 1_010,
        quarantined: 0,
        object: None,
        partitions: Vec::new(),
    };
    DecisionRecord::draft(DraftInputs {
        record_id: "test-2026-11-25".to_owned(),
        title: "Test".to_owned(),
        created_at: "2026-11-25T00:00:00Z".to_owned(),
        sources: vec![source("logs/a.csv", SourceRole::Predictions), source("labels.csv", SourceRole::Labels)],
        audit: JoinAudit {
            basis: PairBasis::Id { column: "id".to_owned() },
            ids: 1_010,
            paired: 1_000,
            champion_only: 10,
            challenger_only: 0,
            duplicate_same: 0,
            duplicate_different: 0,
            conflicts_kept: false,
            without_id: 0,
            labels: Label { present: 1_000, lag_hours: Some([1.0, 2.0, 3.0]), ..Label::default() },
        },
        mapping: Mapping {
            schema: "assay-mapping/1".to_owned(),
            kind: RunKind::Shadow,
            task: Task::Binary,
            columns: Vec::new(),
            label_columns: Vec::new(),
            champion: "net 1".to_owned(),
            challenger: Some("net 2".to_owned()),
            file_models: BTreeMap::new(),
            pairing: Pairing::Id,
            positive: "1".to_owned(),
            label_map: BTreeMap::from([("1".to_owned(), true)]),
            duplicates: Duplicates::Refuse,
            naive_zone: None,
            day_first: None,
            mature_after: None,
            rivals: Vec::new(),
            class_order: Vec::new(),
            season: None,
            accept_bad_rows: false,
        },
        issues: Vec::new(),
        comparison,
        policy: &policy,
        verdict,
        version: "0".to_owned(),
        verify_command: "assay-cli verify record.json".to_owned(),
    })
}
