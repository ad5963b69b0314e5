//! The step of the rollout that was decided, as a flag configuration for flagd (OpenFeature): JSON by
//! <https://flagd.dev/schema/v0/flags.json>.

use serde_json::{Value, json};

use crate::compare::Detail;
use crate::decision::{DecisionRecord, Policy, Recommendation};
use crate::log::RunKind;

/// Weights are whole numbers; a hundredth of a per cent is as fine as a stage gets.
const WHOLE: u64 = 10_000;

/// Where the traffic goes next, and why.
pub(super) struct Step {
    /// Challenger's share of all traffic before and after, 0 to 1.
    pub before: f64,
    pub after: f64,
    pub because: String,
}

/// The configuration; `None` for a record of one model, which leaves nothing to choose between.
pub(super) fn configuration(record: &DecisionRecord) -> Option<String> {
    let plan = &record.comparison.plan;
    let challenger = plan.challenger.as_ref()?;
    let step = step(record);
    // The others keep what they had where there is room.
    let rivals = plan.rivals.len();
    let kept = if step.after + rivals as f64 * step.before <= 1.0 { step.before } else { 0.0 };
    let weight = |share: f64| (share.clamp(0.0, 1.0) * WHOLE as f64).round() as u64;
    let others: Vec<(String, u64)> = (1..=rivals).map(|number| (format!("rival-{number}"), weight(kept))).collect();
    let taken = weight(step.after) + others.iter().map(|(_, weight)| weight).sum::<u64>();
    let mut weights =
        vec![("champion".to_owned(), WHOLE.saturating_sub(taken)), ("challenger".to_owned(), weight(step.after))];
    weights.extend(others);
    reduce(&mut weights);
    let mut variants = json!({ "champion": plan.champion, "challenger": challenger });
    for ((variant, _), name) in weights[2..].iter().zip(&plan.rivals) {
        variants[variant.as_str()] = json!(name);
    }
    // The same unit falls into the same place of the whole at every step, whose flag has the same key.
    let mut fractional = vec![json!({ "cat": [{ "var": "$flagd.flagKey" }, { "var": "targetingKey" }] })];
    fractional.extend(weights.iter().map(|(variant, weight)| json!([variant, weight])));
    let decided = record.decision.is_some();
    let outcome = outcome(record).word();
    let flag = json!({
        "state": "ENABLED",
        "variants": variants,
        "defaultVariant": "champion",
        "targeting": { "fractional": fractional },
        "metadata": {
            "recordId": record.header.record_id,
            "policy": format!("{} {}", record.policy.id, record.policy.version),
            "policySha256": record.policy.sha256,
            "outcome": outcome,
            "decidedBy": if decided { "person" } else { "rules" },
            "challengerShareBefore": step.before,
            "challengerShare": step.after,
            "because": step.because,
        }
    });
    let mut flags = serde_json::Map::new();
    flags.insert(key(record), flag);
    let whole: Value = json!({
        "$schema": "https://flagd.dev/schema/v0/flags.json",
        "flags": flags,
        "metadata": { "version": record.header.created_at, "recordId": record.header.record_id },
    });
    serde_json::to_string_pretty(&whole).ok().map(|text| text + "\n")
}

/// The flag's key: that of the run, without the day of the record.
fn key(record: &DecisionRecord) -> String {
    let id = record.header.record_id.as_str();
    let dated = |tail: &str| tail.len() == 11 && tail.chars().all(|letter| letter == '-' || letter.is_ascii_digit());
    let cut = id.len().saturating_sub(11);
    let run = if id.is_char_boundary(cut) && dated(&id[cut..]) { &id[..cut] } else { id };
    format!("model-{run}")
}

/// What a person decided, else what the rules recommend.
fn outcome(record: &DecisionRecord) -> Recommendation {
    record.decision.as_ref().map_or(record.verdict.recommendation, |decision| decision.outcome)
}

/// From the decision to the share.
pub(super) fn step(record: &DecisionRecord) -> Step {
    // Of a pair it is known; other challengers had as much as this one.
    let pair = before(record);
    let before = pair / (1.0 + record.comparison.plan.rivals.len() as f64 * pair);
    let (after, because) = match outcome(record) {
        Recommendation::Promote | Recommendation::PromoteWithConditions => match next(record, before) {
            Some((name, share)) => (share, format!("promoted to the next stage of the policy, {name}")),
            None => (1.0, "promoted; the policy names no further stage".to_owned()),
        },
        Recommendation::Extend => (before, "extended: the share stays as it is".to_owned()),
        Recommendation::Rollback => (0.0, "rolled back".to_owned()),
        Recommendation::Reject => (0.0, "rejected".to_owned()),
        Recommendation::Invalid => (before, "the run is invalid, which gives no ground to change the share".to_owned()),
    };
    Step { before, after, because }
}

/// Share of the traffic of champion and challenger that the challenger had at the end of the run.
fn before(record: &DecisionRecord) -> f64 {
    let plan = &record.comparison.plan;
    let Detail::Split(detail) = &record.comparison.detail else {
        // Only the champion's answers were served.
        return 0.0;
    };
    let of_rows = |rows: [u64; 2]| rows[1] as f64 / (rows[0] + rows[1]).max(1) as f64;
    let planned = plan.split.as_ref().and_then(|design| design.challenger_share);
    match detail.stages.last() {
        Some(stage) => stage.planned_share.unwrap_or_else(|| rounded(of_rows(stage.rows))),
        None if plan.kind == RunKind::Canary => planned.unwrap_or_else(|| rounded(of_rows(detail.rows))),
        None => planned.unwrap_or(0.5),
    }
}

/// The smallest stage of the policy above a share.
fn next(record: &DecisionRecord, before: f64) -> Option<(String, f64)> {
    let policy = Policy::read(&record.policy.text).ok()?;
    let above = policy.design.stage_shares.into_iter().filter(|(_, share)| *share > before + 1e-9);
    above.min_by(|a, b| a.1.total_cmp(&b.1))
}

fn rounded(share: f64) -> f64 {
    (share * 100.0).round() / 100.0
}

/// Weights of whole per cent as per cent.
fn reduce(weights: &mut [(String, u64)]) {
    let hundredth = WHOLE / 100;
    if weights.iter().all(|(_, weight)| weight.is_multiple_of(hundredth)) {
        weights.iter_mut().for_each(|(_, weight)| *weight /= hundredth);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::{SplitDetail, Stage};
    use crate::decision::fixture;
    use crate::decision::record::Decision;
    use crate::decision::schema_check::violations;

    /// What flagd documents of its format, as far as it is used: <https://flagd.dev/reference/flag-definitions/>,
    /// `flags.json` and `targeting.json` of its schemas, version 0.
    fn documented() -> Value {
        let weighted = json!({ "type": "array", "minItems": 2, "maxItems": 2,
            "prefixItems": [{ "enum": ["champion", "challenger"] }, { "type": "integer", "minimum": 0 }] });
        let variable = json!({ "type": "object", "additionalProperties": false, "required": ["var"],
            "properties": { "var": { "type": "string" } } });
        let metadata = json!({ "type": "object", "additionalProperties": { "type": ["string", "number", "boolean"] } });
        json!({
            "type": "object", "required": ["flags"], "additionalProperties": false,
            "properties": {
                "$schema": { "const": "https://flagd.dev/schema/v0/flags.json" },
                "metadata": metadata,
                "flags": { "type": "object", "minProperties": 1, "additionalProperties": {
                    "type": "object", "additionalProperties": false,
                    "required": ["state", "variants", "defaultVariant"],
                    "properties": {
                        "state": { "enum": ["ENABLED", "DISABLED"] },
                        "variants": { "type": "object", "minProperties": 1,
                            "additionalProperties": { "type": "string" } },
                        "defaultVariant": { "enum": ["champion", "challenger"] },
                        "metadata": metadata,
                        "targeting": { "type": "object", "additionalProperties": false, "required": ["fractional"],
                            "properties": { "fractional": { "type": "array", "minItems": 3, "maxItems": 3, "prefixItems": [
                                { "type": "object", "additionalProperties": false, "required": ["cat"],
                                    "properties": { "cat": { "type": "array", "items": variable } } },
                                weighted, weighted,
                            ] } } },
                    }
                } }
            }
        })
    }

    fn weights(record: &DecisionRecord) -> [u64; 2] {
        let text = configuration(record).unwrap();
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(violations(&documented(), &value), Vec::<String>::new());
        let flag = value["flags"].as_object().unwrap().values().next().unwrap();
        assert_eq!(flag["metadata"]["recordId"], record.header.record_id.as_str());
        let fractional = &flag["targeting"]["fractional"];
        assert_eq!((&fractional[1][0], &fractional[2][0]), (&json!("champion"), &json!("challenger")));
        [1, 2].map(|place: usize| fractional[place][1].as_u64().unwrap())
    }

    fn decided(record: &DecisionRecord, outcome: Recommendation) -> DecisionRecord {
        let decision = Decision { outcome, rationale: String::new(), conditions: Vec::new(), override_reason: None };
        DecisionRecord { decision: Some(decision), ..record.clone() }
    }

    /// A rollout that has come to 5 % of 1, 5, 25 and 100 %.
    fn canary() -> DecisionRecord {
        let mut record = fixture::record();
        record.comparison.plan.kind = RunKind::Canary;
        let stage =
            |name: &str, share: f64| Stage { name: name.to_owned(), planned_share: Some(share), ..Stage::default() };
        let stages = vec![stage("one", 0.01), stage("five", 0.05)];
        record.comparison.detail = Detail::Split(SplitDetail { stages, ..SplitDetail::default() });
        let shares = "[design.stage_shares]\none = 0.01\nfive = 0.05\nquarter = 0.255\n";
        let text = record.policy.text.clone();
        let at = text.find("\n[").unwrap() + 1;
        record.policy.text = format!("{}{shares}\n{}", &text[..at], &text[at..]);
        record
    }

    #[test]
    fn a_rollout_goes_stage_by_stage() {
        let record = canary();
        assert_eq!(weights(&decided(&record, Recommendation::Promote)), [7450, 2550]);
        assert_eq!(weights(&decided(&record, Recommendation::Extend)), [95, 5]);
        assert_eq!(weights(&decided(&record, Recommendation::Rollback)), [100, 0]);
        assert_eq!(weights(&decided(&record, Recommendation::Invalid)), [95, 5]);
    }

    #[test]
    fn units_stay_where_they_are_and_other_challengers_keep_their_share() {
        let mut record = canary();
        let key_on = |day: &str| {
            let mut record = record.clone();
            record.header.record_id = format!("rollout-{day}");
            key(&record)
        };
        assert_eq!(key_on("2026-11-25"), key_on("2026-12-02"));
        assert_eq!(key_on("2026-11-25"), "model-rollout");
        record.comparison.plan.rivals = vec!["other".to_owned()];
        if let Detail::Split(detail) = &mut record.comparison.detail {
            // A quarter of all traffic each, so a third of the pair.
            detail.stages[1].planned_share = Some(1.0 / 3.0);
        }
        let text = configuration(&decided(&record, Recommendation::Extend)).unwrap();
        let value: Value = serde_json::from_str(&text).unwrap();
        let flag = value["flags"].as_object().unwrap().values().next().unwrap();
        assert_eq!(flag["variants"]["rival-1"], "other");
        let weights: Vec<&Value> =
            flag["targeting"]["fractional"].as_array().unwrap()[1..].iter().map(|one| &one[1]).collect();
        assert_eq!(weights, [&json!(50), &json!(25), &json!(25)]);
    }

    #[test]
    fn a_shadow_run_serves_nobody_until_it_is_promoted() {
        let record = fixture::record();
        assert_eq!(weights(&decided(&record, Recommendation::Promote)), [0, 100]);
        assert_eq!(weights(&decided(&record, Recommendation::Extend)), [100, 0]);
        assert_eq!(weights(&decided(&record, Recommendation::Reject)), [100, 0]);
    }
}
