//! The evaluation as one JSON object, for scripts.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::CliError;
use crate::compare::{Comparison, MetricResult};
use crate::session::pipeline::{Evaluation, Request};

/// Population, validity, metrics, gates, verdict, and what they rest on.
pub(super) fn evaluation(evaluation: &Evaluation, request: &Request, written: &[PathBuf]) -> Result<Value, CliError> {
    let Evaluation { run, policy, comparison, verdict, .. } = evaluation;
    let plan = &comparison.plan;
    let value = |result: serde_json::Result<Value>| result.map_err(|error| CliError::Message(error.to_string()));
    Ok(json!({
        "name": request.name,
        "kind": plan.kind,
        "task": plan.task,
        "arms": { "champion": plan.champion, "challenger": plan.challenger },
        "plan": value(serde_json::to_value(plan))?,
        "sources": value(serde_json::to_value(&run.log.sources))?,
        "audit": value(serde_json::to_value(&run.log.audit))?,
        "issues": value(serde_json::to_value(&run.report.issues))?,
        "population": value(serde_json::to_value(&comparison.population))?,
        "validity": value(serde_json::to_value(&verdict.validity))?,
        "metrics": comparison.metrics.iter().map(|metric| result(metric, comparison)).collect::<Vec<_>>(),
        "confusion": value(serde_json::to_value(&comparison.confusion))?,
        "flips": value(serde_json::to_value(&comparison.flips))?,
        "business": value(serde_json::to_value(&comparison.business))?,
        "agreement": value(serde_json::to_value(&comparison.agreed))?,
        "gates": value(serde_json::to_value(&verdict.gates))?,
        "verdict": {
            "recommendation": verdict.recommendation,
            "exit_code": verdict.recommendation.exit_code(),
            "rule": verdict.rule,
            "rule_text": verdict.rule_text,
            "sentence": verdict.sentence,
            "earned": value(serde_json::to_value(&verdict.earned))?,
            "level_note": verdict.level_note,
            "tallies": value(serde_json::to_value(verdict.tallies))?,
            "rules": value(serde_json::to_value(&verdict.rules))?,
            "what_would_change": value(serde_json::to_value(&verdict.what_would_change))?,
        },
        "policy": { "id": policy.id, "version": policy.version, "sha256": policy.sha256 },
        "finding": super::text::finding(evaluation),
        "detail": value(serde_json::to_value(&comparison.detail))?,
        "staleness": value(serde_json::to_value(&comparison.staleness))?,
        "triggers": value(serde_json::to_value(&verdict.triggers))?,
        "notes": comparison.notes,
        "written": written,
    }))
}

/// As it is printed.
pub(super) fn pretty(object: &Value) -> Result<String, CliError> {
    let text = serde_json::to_string_pretty(object).map_err(|error| CliError::Message(error.to_string()))?;
    Ok(text + "\n")
}

/// A metric with the names of the arms beside their values.
fn result(metric: &MetricResult, comparison: &Comparison) -> Value {
    let arm = |name: Option<&String>, estimate: &Option<crate::compare::Estimate>| {
        estimate.as_ref().map(|found| {
            json!({
                "name": name, "value": found.value, "lo": found.lo, "hi": found.hi, "level": found.level,
                "method": found.method, "n": found.n,
            })
        })
    };
    json!({
        "name": metric.name,
        "slice": metric.slice,
        "unit": metric.unit,
        "better": metric.better,
        "arms": {
            "champion": arm(Some(&comparison.plan.champion), &metric.arms.champion),
            "challenger": arm(comparison.plan.challenger.as_ref(), &metric.arms.challenger),
        },
        "difference": metric.difference,
        "rows": metric.rows,
        "positives": metric.positives,
        "undefined": metric.undefined,
    })
}
