//! A small log and a comparison of a fraud screen, for the tests of the models and of the views.

use crate::compare::{
    Better, Comparison, Confusion, Curves, Difference, Estimate, FlipTable, JointCounts, MetricResult, PerArm, Plan,
    Population, Threshold, ThresholdBasis, Unit,
};
use crate::decision::{Policy, Verdict};
use crate::log::{
    Arm, ArmRole, Classes, Codes, Feature, FeatureValues, Ids, JoinAudit, Label, Log, NO_LABEL, NOT_LOGGED, PairBasis,
    RunKind, ScoreKind, Task,
};
use crate::present::Sheet;

/// What a [`Sheet`] borrows.
pub struct Case {
    pub log: Log,
    pub comparison: Comparison,
    policy: Policy,
    verdict: Verdict,
}

impl Case {
    pub fn new(rows: usize) -> Self {
        let comparison = comparison();
        let policy = Policy::default_for(Task::Binary, RunKind::Shadow);
        let verdict = crate::decision::judge(&comparison, &policy);
        Self { log: log(rows), comparison, policy, verdict }
    }

    pub fn sheet(&self) -> Sheet<'_> {
        Sheet { log: &self.log, comparison: &self.comparison, verdict: &self.verdict, policy: &self.policy }
    }
}

/// A pseudo-random number in [0, 1) that depends on the row alone.
fn spread(row: usize, salt: u64) -> f64 {
    let mixed =
        (row as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(salt.wrapping_mul(0xbf58_476d_1ce4_e5b9));
    let mixed = (mixed ^ (mixed >> 31)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (mixed >> 11) as f64 / (1u64 << 53) as f64
}

/// Frauds that the champion flags and the challenger passes; row 3 has neither label nor challenger's score.
fn log(rows: usize) -> Log {
    let texts: Vec<String> = (0..rows).map(|row| format!("tx_{:011x}", (spread(row, 7) * 1e13) as u64)).collect();
    let mut ends = Vec::new();
    let bytes = texts.iter().fold(Vec::new(), |mut bytes, text| {
        bytes.extend_from_slice(text.as_bytes());
        ends.push(bytes.len() as u64);
        bytes
    });
    let arm =
        |role, name: &str, from: f64, salt| Arm {
            name: name.to_owned(),
            role,
            logged: rows as u64,
            scores: Some(
                (0..rows)
                    .map(|row| {
                        if row == 3 && role == ArmRole::Challenger {
                            NOT_LOGGED
                        } else {
                            from + spread(row, salt) * 0.25
                        }
                    })
                    .collect(),
            ),
            score_kind: ScoreKind::Probability,
            predictions: None,
            latency_ms: Some((0..rows).map(|row| 25.0 + spread(row, salt + 1) * 21.0).collect()),
            unpaired_latency_ms: Vec::new(),
            served: Default::default(),
        };
    let coded = |name: &str, names: &[&str], salt| Feature {
        name: name.to_owned(),
        values: FeatureValues::Coded(Codes::new(
            names.iter().map(|&name| name.to_owned()).collect(),
            &(0..rows).map(|row| (spread(row, salt) * names.len() as f64) as u32).collect::<Vec<_>>(),
        )),
    };
    let cents = |row: usize| (spread(row, 11) * 50_000.0).round() / 100.0;
    Log {
        content: Default::default(),
        kind: RunKind::Shadow,
        task: Task::Binary,
        rows,
        ids: Ids::Text { bytes, ends },
        arms: vec![
            arm(ArmRole::Champion, "fraud-gbm 4.2.1", 0.68, 1),
            arm(ArmRole::Challenger, "fraud-net 5.0.0-rc2", 0.01, 3),
        ],
        labels: (0..rows).map(|row| if row == 3 { NO_LABEL } else { 1 }).collect(),
        classes: Classes { negative: "legit".to_owned(), positive: "fraud".to_owned() },
        times: Some((0..rows).map(|row| 1_788_739_200_000_000 + (spread(row, 5) * 2.4e12) as i64).collect()),
        units: Some((
            "customer".to_owned(),
            Codes::new(
                (0..rows).map(|row| format!("c{:06}", (spread(row, 9) * 4e5) as u32)).collect(),
                &(0..rows as u32).collect::<Vec<_>>(),
            ),
        )),
        features: vec![
            coded("region", &["LATAM", "NA", "EU", "APAC", "MEA"], 13),
            coded("channel", &["phone", "app", "web", "token"], 17),
            coded("tenure", &["> 1 y", "< 30 d", "30 d – 1 y"], 19),
            Feature { name: "amount, €".to_owned(), values: FeatureValues::Numeric((0..rows).map(cents).collect()) },
            coded("note", &["plain", "said \"no\", twice"], 23),
        ],
        audit: JoinAudit {
            basis: PairBasis::Id { column: "request".to_owned() },
            ids: rows as u64,
            paired: rows as u64,
            champion_only: 0,
            challenger_only: 0,
            duplicate_same: 0,
            duplicate_different: 0,
            conflicts_kept: false,
            without_id: 0,
            labels: Label::default(),
        },
        sources: Vec::new(),
        split: None,
    }
}

/// Counts, differences and rates of the simulated run the screens were drawn from.
fn comparison() -> Comparison {
    let joint = JointCounts([[[1_195_205, 3_958], [3_962, 3_550]], [[10_267, 2_198], [1_534, 5_516]]]);
    let threshold = |value| Threshold { value: Some(value), basis: ThresholdBasis::MatchedFpr };
    let difference = |value: f64, lo: f64, hi: f64| Difference {
        value,
        lo: Some(lo),
        hi: Some(hi),
        level: 0.95,
        method: "Newcombe paired".to_owned(),
        p: None,
        se: None,
        n: 1_226_190,
    };
    let estimate = |value: f64, half: f64| Estimate {
        value,
        lo: Some(value - half),
        hi: Some(value + half),
        level: 0.95,
        method: "Wilson".to_owned(),
        n: 1_226_190,
    };
    let metric = |name: &str, unit, values: [f64; 2], half: f64| MetricResult {
        name: name.to_owned(),
        slice: None,
        unit,
        better: Better::Higher,
        arms: PerArm { champion: Some(estimate(values[0], half)), challenger: Some(estimate(values[1], half)) },
        difference: Some(difference(values[1] - values[0], values[1] - values[0] - half, values[1] - values[0] + half)),
        rows: 1_226_190,
        positives: Some(19_515),
        arm_positives: None,
        undefined: None,
    };
    let mut unknown = metric("kappa", Unit::Number, [0.0; 2], 0.1);
    unknown.arms = PerArm { champion: None, challenger: None };
    unknown.difference = None;
    unknown.undefined = Some("chance agreement is complete".to_owned());
    let champion: Confusion = joint.champion();
    let challenger: Confusion = joint.challenger();
    Comparison {
        detail: Default::default(),
        plan: Plan {
            kind: RunKind::Shadow,
            task: Task::Binary,
            champion: "fraud-gbm 4.2.1".to_owned(),
            challenger: Some("fraud-net 5.0.0-rc2".to_owned()),
            thresholds: [threshold(0.3), threshold(0.313)],
            level: 0.95,
            seed: 1,
            replicates: 2_000,
            unit: None,
            slices: Vec::new(),
            partial_fpr: 0.01,
            costs: [1.0, 1.0],
            custom: Vec::new(),
            rivals: Vec::new(),
            value: None,
            split: None,
        },
        population: Population {
            flow: Vec::new(),
            analysed: 1_226_190,
            positives: Some(19_515),
            units: None,
            class_negative: "legit".to_owned(),
            class_positive: "fraud".to_owned(),
            first_time: None,
            last_time: None,
        },
        validity: Vec::new(),
        metrics: vec![
            metric("precision", Unit::Share, [0.484_137, 0.506_768], 0.006_1),
            metric("recall", Unit::Share, [0.361_261, 0.395_285], 0.006_1),
            metric("specificity", Unit::Share, [0.993_775, 0.993_778], 0.000_145),
            metric("f1", Unit::Number, [0.413_768, 0.444_139], 0.005_2),
            metric("mcc", Unit::Number, [0.409_7, 0.440_1], 0.005_3),
            unknown,
        ],
        joint: Some(joint),
        confusion: PerArm { champion: Some(champion), challenger: Some(challenger) },
        confusion_difference: Some([
            difference(4.0, -170.6, 178.6),
            difference(-4.0, -178.6, 170.6),
            difference(-664.0, -784.1, -544.2),
            difference(664.0, 544.2, 784.1),
        ]),
        flips: Some([
            FlipTable {
                both_right: 1_195_205,
                fixed: 3_962,
                broken: 3_958,
                both_wrong: 3_550,
                net: Some(difference(4.0, -170.6, 178.6)),
            },
            FlipTable {
                both_right: 5_516,
                fixed: 2_198,
                broken: 1_534,
                both_wrong: 10_267,
                net: Some(difference(664.0, 544.2, 784.1)),
            },
        ]),
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
