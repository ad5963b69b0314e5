//! What is wrong or doubtful about a policy that is well formed.

use std::fmt;

use super::{Design, Gate, GateRole, Margin, Policy, Recommendation, Test, When};
use crate::compare::{Better, CustomMetric, Looks, Unit, ValueModel};
use crate::decision::catalog;

/// How bad a [`Problem`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// The policy cannot be used.
    Error,
    /// It can, but probably does not say what was meant.
    Warning,
}

/// One thing that is wrong with a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub kind: ProblemKind,
    /// Line of the file, from 1, where one is known.
    pub line: Option<usize>,
    /// Part of the policy, e.g. `gate G1`; may be empty.
    pub place: String,
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            ProblemKind::Error => "error: ",
            ProblemKind::Warning => "warning: ",
        })?;
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        if !self.place.is_empty() {
            write!(f, "{}: ", self.place)?;
        }
        f.write_str(&self.message)
    }
}

struct Problems(Vec<Problem>);

impl Problems {
    fn add(&mut self, kind: ProblemKind, line: Option<usize>, place: &str, message: impl Into<String>) {
        self.0.push(Problem { kind, line, place: place.to_owned(), message: message.into() });
    }

    fn error(&mut self, place: &str, message: impl Into<String>) {
        self.add(ProblemKind::Error, None, place, message);
    }

    fn warn(&mut self, place: &str, message: impl Into<String>) {
        self.add(ProblemKind::Warning, None, place, message);
    }
}

pub(super) fn check(policy: &Policy) -> Vec<Problem> {
    let mut problems = Problems(Vec::new());
    check_design(policy, &mut problems);
    check_metrics(policy, &mut problems);
    for (index, gate) in policy.gates.iter().enumerate() {
        if policy.gates[..index].iter().any(|earlier| earlier.id == gate.id) {
            gate_error(&mut problems, gate, "another gate has this id".to_owned());
        }
        check_gate(gate, policy, &mut problems);
    }
    if policy.gates.is_empty() {
        problems.error("gate", "there is no gate, so nothing can pass");
    } else if policy.gates.iter().all(|gate| gate.role == GateRole::ReportOnly) {
        problems.warn("gate", "every gate is report_only, so all_passed never holds");
    }
    check_limits(policy, &mut problems);
    check_rules(policy, &mut problems);
    check_signoff(policy, &mut problems);
    problems.0
}

fn check_design(policy: &Policy, problems: &mut Problems) {
    if !(0.5..1.0).contains(&policy.interval.level) {
        problems.error("interval.level", format!("{} is not in [0.5, 1)", policy.interval.level));
    }
    if let Some(labels) = &policy.design.labels {
        share(problems, "design.labels.min_matured", labels.min_matured);
        if let Some(age) = &labels.mature_after {
            let number = age.strip_suffix(['h', 'd', 'w']).unwrap_or_default();
            if number.parse::<u32>().is_err() {
                problems.error("design.labels.mature_after", format!("\"{age}\" is not like 36h, 30d or 6w"));
            }
        }
    }
    share(problems, "design.challenger_share", policy.design.challenger_share);
    policy.design.stage_shares.values().for_each(|value| share(problems, "design.stage_shares", Some(*value)));
    planned_looks(&policy.design, problems);
    if let Some(kayenta) = &policy.design.kayenta {
        if !(0.0..1.0).contains(&kayenta.tolerance) {
            problems.error("design.kayenta.tolerance", format!("{} is not in [0, 1)", kayenta.tolerance));
        }
        if !(0.5..1.0).contains(&kayenta.level) {
            problems.error("design.kayenta.level", format!("{} is not in [0.5, 1)", kayenta.level));
        }
    }
    if policy.design.planned_units == Some(0) {
        problems.error("design.planned_units", "must not be 0");
    }
    if policy.design.min.days.is_some_and(|days| days.is_nan() || days < 0.0) {
        problems.error("design.min.days", "must not be negative");
    }
}

fn check_metrics(policy: &Policy, problems: &mut Problems) {
    for metric in &policy.custom {
        if let Err(error) = metric.check_text() {
            problems.error(&format!("metrics.{}", metric.name), error.to_string());
        }
    }
    if let Some(Err(error)) = policy.value.as_ref().map(ValueModel::check) {
        problems.error("value", error);
    }
    for (name, &better) in &policy.metrics {
        let place = format!("metrics.{name}");
        if policy.custom.iter().any(|metric| metric.name == *name) {
            continue;
        }
        match catalog::find(name) {
            // An outcome of a split run, which the log names.
            None if matches!(better, Better::Higher | Better::Lower) => {}
            None => problems.error(&place, catalog::unknown(name)),
            Some(metric) if metric.better != better => problems.error(
                &place,
                format!(
                    "better = \"{}\" contradicts the metric, whose better is \"{}\"",
                    catalog::better_word(better),
                    catalog::better_word(metric.better)
                ),
            ),
            Some(_) => {}
        }
    }
}

fn gate_error(problems: &mut Problems, gate: &Gate, message: String) {
    problems.add(ProblemKind::Error, Some(gate.line), &format!("gate {}", gate.id), message);
}

fn check_gate(gate: &Gate, policy: &Policy, problems: &mut Problems) {
    let declared = policy.metrics.get(&gate.metric);
    let (unit, better) = match (catalog::find(&gate.metric), declared) {
        (Some(metric), _) => (metric.unit, metric.better),
        (None, Some(better)) => {
            let own = policy.custom.iter().find(|metric| metric.name == gate.metric);
            (own.map_or(Unit::Number, CustomMetric::unit_kind), *better)
        }
        (None, None) => {
            let message = format!(
                "{}; an outcome of an A/B or canary run, or a metric of your own, is declared: [metrics.{}] better = \"higher\"",
                catalog::unknown(&gate.metric),
                gate.metric
            );
            gate_error(problems, gate, message);
            return;
        }
    };
    if let Some(message) = margin_error(gate, unit) {
        gate_error(problems, gate, message);
    }
    let directed = matches!(better, Better::Higher | Better::Lower);
    if !directed && matches!(gate.test, Test::Superiority | Test::NonInferiority | Test::NotTooGood) {
        let message = format!("{} has no better direction; use equivalence or bound", gate.metric);
        gate_error(problems, gate, message);
    }
    if gate.test == Test::Bound {
        match (gate.lower, gate.upper) {
            (None, None) => gate_error(problems, gate, "a bound needs min, max or both".to_owned()),
            (Some(lower), Some(upper)) if lower >= upper => {
                gate_error(problems, gate, "min must be below max".to_owned());
            }
            (lower, upper) if !lower.unwrap_or(0.0).is_finite() || !upper.unwrap_or(0.0).is_finite() => {
                gate_error(problems, gate, "min and max must be finite".to_owned());
            }
            _ => {}
        }
    } else if gate.lower.is_some() || gate.upper.is_some() {
        gate_error(problems, gate, "min and max as numbers belong to test = \"bound\"".to_owned());
    }
    if gate.because.is_none() && gate.role != GateRole::ReportOnly {
        problems.add(
            ProblemKind::Warning,
            Some(gate.line),
            &format!("gate {}", gate.id),
            "says not why: add because = \"…\" for whoever reviews the margin",
        );
    }
}

fn margin_error(gate: &Gate, unit: Unit) -> Option<String> {
    let margin = match (gate.test, gate.margin) {
        (Test::Bound, None) => return None,
        (Test::Bound, Some(_)) => return Some("a bound has min and max, no margin".to_owned()),
        (_, None) => return Some("margin is missing; 0 is allowed, but must be said".to_owned()),
        (_, Some(margin)) => margin,
    };
    let (size, relative) = match margin {
        Margin::Absolute(size) => (size, false),
        Margin::Relative(size) => (size, true),
    };
    if !size.is_finite() {
        return Some("margin must be a finite number".to_owned());
    }
    if size < 0.0 {
        return Some(format!("margin = {size} is negative; a margin says how much, the metric says which way"));
    }
    if size == 0.0 && matches!(gate.test, Test::Equivalence) {
        return Some("no interval fits within a margin of 0".to_owned());
    }
    if unit == Unit::Share && !relative && size >= 1.0 {
        return Some(format!("{} is a share: write 0.01 for one percentage point, not 1", gate.metric));
    }
    None
}

fn check_limits(policy: &Policy, problems: &mut Problems) {
    check_sample_ratio(policy, problems);
    share(problems, "validity.max_missing_predictions", policy.validity.max_missing_predictions);
    share(problems, "validity.min_label_coverage", policy.validity.min_label_coverage);
    check_retraining(policy, problems);
}

fn check_retraining(policy: &Policy, problems: &mut Problems) {
    let limits = &policy.retraining;
    let (loss, relative) = match limits.max_performance_loss {
        Some(Margin::Absolute(limit)) => (Some(limit), false),
        Some(Margin::Relative(share)) => (Some(share), true),
        None => (None, false),
    };
    for (key, limit) in [
        ("max_age_days", limits.max_age_days),
        ("max_performance_loss", loss),
        ("max_drift_psi", limits.max_drift_psi),
        ("max_skew_psi", limits.max_skew_psi),
        ("max_demand_change", limits.max_demand_change),
    ] {
        let place = format!("retraining.{key}");
        if limit.is_some_and(|limit| !(limit >= 0.0 && limit.is_finite())) {
            problems.error(&place, "must be a number that is not negative");
        }
        // Of an interval with any width one end lies above nought.
        let psi = key.ends_with("_psi");
        if psi && limit == Some(0.0) {
            problems.error(&place, "no interval lies within 0; 0.1 is a moderate shift, 0.25 a large one");
        } else if psi && limit.is_some_and(|limit| limit > 2.0) {
            problems.warn(&place, "is larger than any shift that is met; 0.1 is moderate, 0.25 large");
        }
    }
    if relative && loss.is_some_and(|share| share > 1.0) {
        problems.warn("retraining.max_performance_loss", "lets the loss more than double");
    }
}

fn check_sample_ratio(policy: &Policy, problems: &mut Problems) {
    let Some(p) = policy.validity.srm_p else {
        return;
    };
    if !(p > 0.0 && p < 1.0) {
        problems.error("validity.srm_p", "must be a probability between 0 and 1");
    }
}

fn share(problems: &mut Problems, place: &str, value: Option<f64>) {
    if value.is_some_and(|value| !(0.0..=1.0).contains(&value)) {
        problems.error(place, "must be a share from 0 to 1");
    }
}

fn check_rules(policy: &Policy, problems: &mut Problems) {
    let place = "verdict.rules";
    if policy.rules.is_empty() {
        problems.error(place, "there is no rule");
    }
    for (index, rule) in policy.rules.iter().enumerate() {
        let number = index + 1;
        if policy.rules[..index].iter().any(|earlier| earlier.when == rule.when) {
            problems.warn(place, format!("rule {number} repeats an earlier condition and is never reached"));
        } else if policy.rules[..index].iter().any(|earlier| earlier.when == When::Otherwise) {
            problems.warn(place, format!("rule {number} stands after otherwise and is never reached"));
        }
        let may_promote = matches!(rule.when, When::AllPassed);
        let may_with_conditions = may_promote || matches!(rule.when, When::OnlySegmentsInconclusive);
        let promotes_without_proof = match rule.then {
            Recommendation::Promote => !may_promote,
            Recommendation::PromoteWithConditions => !may_with_conditions,
            _ => false,
        };
        if promotes_without_proof {
            problems.error(
                place,
                format!(
                    "rule {number} would promote what has not passed; promote needs all_passed, \
                     promote_with_conditions needs only_segments_inconclusive"
                ),
            );
        }
        let promotes = matches!(rule.then, Recommendation::Promote | Recommendation::PromoteWithConditions);
        if promotes && !policy.rules[..index].iter().any(|earlier| earlier.when == When::ValidityFailed) {
            problems.error(place, format!("rule {number} would promote before validity_failed has been asked"));
        }
    }
    if policy.rules.last().is_some_and(|rule| rule.when != When::Otherwise) {
        problems.warn(place, "the last rule is not otherwise; where no rule holds the recommendation is extend");
    }
}

fn check_signoff(policy: &Policy, problems: &mut Problems) {
    for [first, second] in &policy.signoff.separate {
        if first == second {
            problems.error("signoff.separate", format!("{first} cannot be separate from itself"));
        }
    }
    for required in &policy.signoff.required {
        if required.count == 0 {
            problems.warn("signoff.required", format!("{} is required 0 times", required.role));
        }
    }
}

/// Looks that are planned need the units they are planned for, and the last of them is at the end.
fn planned_looks(design: &Design, problems: &mut Problems) {
    let (key, shares) = ("design.planned_looks", &design.planned_looks);
    if design.looks != Some(Looks::Planned) {
        if !shares.is_empty() {
            problems.error(key, "is read with looks = \"planned\" only");
        }
        return;
    }
    if design.planned_units.is_none() {
        problems.error("design.planned_units", "is needed with looks = \"planned\": the units of both arms at the end");
    }
    let rising = shares.windows(2).all(|pair| pair[1] - pair[0] >= 0.01);
    let sound = shares.first().is_some_and(|first| *first >= 0.01) && shares.last() == Some(&1.0);
    if !rising || !sound || shares.len() > 50 {
        problems.error(
            key,
            "must rise from 0.01 or more to 1, by at least 0.01, in at most 50 looks: [0.25, 0.5, 0.75, 1.0]",
        );
    }
}
