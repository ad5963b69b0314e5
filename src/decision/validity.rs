//! Whether the comparison can be trusted at all: the run's own checks, held against the policy's limits.

use serde::{Deserialize, Serialize};

use super::numerals::{count, fixed, plain, round_significant};
use super::policy::{Design, Policy};
use super::wording::too_few_of_an_arm;
use crate::compare::{Check, CheckOutcome, Comparison, Detail};
use crate::log::RunKind;

/// Check whose value is the share of ids without a usable prediction of one arm.
pub const MISSING_PREDICTIONS: &str = "missing_predictions";
/// Check whose value is the number of ids with conflicting predictions.
pub const DUPLICATE_CONFLICTS: &str = "duplicate_conflicts";
/// Check whose value is the share of paired rows with a label.
pub const LABEL_COVERAGE: &str = "label_coverage";
/// Check whose value is the share of rows of an arm without a value of an outcome.
pub const MISSING_OUTCOMES: &str = "missing_outcomes";
/// Check whose value is the share of rows of an arm without a label.
pub const LABELS_BY_ARM: &str = "labels_by_arm";
/// Check whose value is the p-value of the split of units between the arms.
pub const SAMPLE_RATIO: &str = "sample_ratio";

/// One validity check as the verdict reads it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValidityResult {
    pub name: String,
    pub title: String,
    pub outcome: CheckOutcome,
    pub value: Option<f64>,
    pub limit: Option<f64>,
    /// Whether the limit is the policy's (or else the check's own).
    pub by_policy: bool,
    pub explanation: String,
}

/// All checks of the run, then what the policy asks beyond them.
pub(super) fn validity(comparison: &Comparison, policy: &Policy) -> Vec<ValidityResult> {
    let mut results: Vec<ValidityResult> = comparison.validity.iter().map(as_found).collect();
    let limits = &policy.validity;
    let coverage = match (limits.min_label_coverage, policy.design.labels.as_ref().and_then(|rule| rule.min_matured)) {
        (Some(one), Some(other)) => Some(one.max(other)),
        (one, other) => one.or(other),
    };
    let share = |value: f64| format!("{} %", fixed(value * 100.0, 2));
    let split = matches!(comparison.plan.kind, RunKind::Ab | RunKind::Canary);
    // What the check of a split run says of the arms stays; of a paired run the sentence says it all.
    let found: Vec<String> = results.iter().map(|check| check.explanation.clone()).collect();
    if let Some(limit) = limits.max_missing_predictions {
        hold(
            &mut results,
            MISSING_PREDICTIONS,
            "Missing predictions",
            limit,
            |value| value <= limit,
            |value| {
                format!("{} of ids have no prediction of one arm; the policy allows {}.", share(value), share(limit))
            },
        );
    }
    if let Some(limit) = limits.max_duplicate_conflicts {
        let limit_value = limit as f64;
        hold(
            &mut results,
            DUPLICATE_CONFLICTS,
            "Conflicting duplicates",
            limit_value,
            |value| value <= limit_value,
            |value| format!("{} ids have conflicting predictions; the policy allows {}.", plain(value), count(limit)),
        );
    }
    if let Some(limit) = coverage {
        hold(
            &mut results,
            LABEL_COVERAGE,
            "Label coverage",
            limit,
            |value| value >= limit,
            |value| format!("{} of paired rows have a label; the policy asks for {}.", share(value), share(limit)),
        );
    }
    if let Some(limit) = limits.srm_p.filter(|_| split) {
        hold(
            &mut results,
            SAMPLE_RATIO,
            "Sample ratio",
            limit,
            |value| value >= limit,
            |value| {
                format!(
                    "The split has p = {}; the policy asks for {} or more.",
                    plain(round_significant(value, 3)),
                    plain(limit)
                )
            },
        );
    }
    if split {
        for (check, found) in
            results.iter_mut().zip(found).filter(|(check, _)| check.by_policy && check.value.is_some())
        {
            let limit = check.limit.unwrap_or_default();
            let asked = match check.name.as_str() {
                MISSING_PREDICTIONS => format!("The policy allows {} in the arm that lacks more.", share(limit)),
                LABEL_COVERAGE => format!("The policy asks for {}.", share(limit)),
                SAMPLE_RATIO => format!("The policy asks for p of {} or more.", plain(limit)),
                _ => continue,
            };
            check.explanation = format!("{found} {asked}");
        }
    }
    results.extend(design_mismatch(comparison, &policy.design));
    results
}

fn as_found(check: &Check) -> ValidityResult {
    ValidityResult {
        name: check.name.clone(),
        title: check.title.clone(),
        outcome: check.outcome,
        value: check.value,
        limit: check.limit,
        by_policy: false,
        explanation: check.explanation.clone(),
    }
}

/// Hold a check's value against the policy's limit. A check that was not made stays not evaluable: it is shown, and
/// it is for the gates to say what missing data counts as.
fn hold(
    results: &mut Vec<ValidityResult>,
    name: &str,
    title: &str,
    limit: f64,
    within: impl Fn(f64) -> bool,
    sentence: impl Fn(f64) -> String,
) {
    let Some(check) = results.iter_mut().find(|check| check.name == name) else {
        results.push(ValidityResult {
            name: name.to_owned(),
            title: title.to_owned(),
            outcome: CheckOutcome::NotEvaluable,
            value: None,
            limit: Some(limit),
            by_policy: true,
            explanation: "The policy sets a limit, but the run did not measure this.".to_owned(),
        });
        return;
    };
    check.limit = Some(limit);
    check.by_policy = true;
    match check.value.filter(|value| value.is_finite()) {
        None => check.outcome = CheckOutcome::NotEvaluable,
        Some(value) => {
            check.explanation = sentence(value);
            check.outcome = match (within(value), check.outcome) {
                (false, _) => CheckOutcome::Fail,
                // The policy's limit replaces the check's own, but not a warning about something else.
                (true, CheckOutcome::Warn) => CheckOutcome::Warn,
                (true, _) => CheckOutcome::Pass,
            };
        }
    }
}

fn design_mismatch(comparison: &Comparison, design: &Design) -> Vec<ValidityResult> {
    let mut results = Vec::new();
    let mut add = |name: &str, title: &str, explanation: String| {
        results.push(ValidityResult {
            name: name.to_owned(),
            title: title.to_owned(),
            outcome: CheckOutcome::Fail,
            value: None,
            limit: None,
            by_policy: true,
            explanation,
        });
    };
    if let Some(mode) = design.mode.filter(|mode| *mode != comparison.plan.kind) {
        let explanation =
            format!("The policy is for {}, this is {}.", kind_phrase(mode), kind_phrase(comparison.plan.kind));
        add("run_kind", "Kind of run", explanation);
    }
    if let Some(unit) = design.unit.as_ref().filter(|unit| comparison.plan.unit.as_ref() != Some(*unit)) {
        let found = comparison.plan.unit.as_deref().unwrap_or("single rows");
        add("unit", "Unit of analysis", format!("The policy asks for intervals by {unit}, these are by {found}."));
    }
    results
}

/// `an A/B run`.
fn kind_phrase(kind: RunKind) -> &'static str {
    match kind {
        RunKind::Shadow => "a shadow run",
        RunKind::Ab => "an A/B run",
        RunKind::Canary => "a canary run",
        RunKind::Offline => "an offline run",
    }
}

/// What the run as a whole lacks, one sentence each. While any is left no gate can pass.
pub(super) fn run_shortages(comparison: &Comparison, design: &Design) -> Vec<String> {
    let population = &comparison.population;
    let mut lacks = Vec::new();
    if let Some(days) = design.min.days {
        match population.first_time.zip(population.last_time) {
            None => lacks.push(format!("No times are logged, {} days are required.", plain(days))),
            Some((first, last)) => {
                // To a tenth, as it is said: the last request of a whole day comes before midnight.
                let found = (last.saturating_sub(first) as f64 / 86_400e5).round() / 10.0;
                if found < days {
                    lacks.push(format!("The run covers {} days, {} are required.", fixed(found, 1), plain(days)));
                }
            }
        }
    }
    let units = population.units.unwrap_or(population.analysed);
    if let Some(required) = design.min.units.filter(|required| units < *required) {
        lacks.push(format!("The run has {} units, {} are required.", count(units), count(required)));
    }
    let of_arms = match &comparison.detail {
        Detail::Split(detail) => detail.positives,
        _ => None,
    };
    match (design.min.events, population.positives, of_arms) {
        (Some(required), None, _) => {
            lacks.push(format!("Events are not counted in this run, {} are required.", count(required)));
        }
        (Some(required), _, Some(each)) => {
            lacks.extend(too_few_of_an_arm(each, required).map(|short| format!("The run has {short}")));
        }
        (Some(required), Some(events), None) if events < required => {
            lacks.push(format!("The run has {} events, {} are required.", count(events), count(required)));
        }
        _ => {}
    }
    lacks
}

/// Limits of the policy that the run could not be held against, one sentence each: what is not known is not passed.
pub(super) fn not_measured(results: &[ValidityResult]) -> Vec<String> {
    let open = results.iter().filter(|check| check.by_policy && check.outcome == CheckOutcome::NotEvaluable);
    open.map(|check| format!("The policy limits \u{201c}{}\u{201d}, which this run does not tell.", check.title))
        .collect()
}
