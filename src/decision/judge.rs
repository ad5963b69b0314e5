//! From a comparison and a policy to a verdict. The verdict is what the rules recommend; a person decides.

use serde::{Deserialize, Serialize};

use super::attached::nothing_attached;
use super::catalog;
use super::earned::{Earned, earned};
use super::fragility::{Change, what_would_change};
use super::gate::{Outcome, Quantity, Reading, Ruler, evaluate, not_evaluable};
use super::policy::{Gate, GateRole, Margin, Policy, Recommendation, Rule, Test, When};
use super::segments::{SegmentOutcome, combine, counts_as, evaluate_segments, reason as segment_reason};
use super::staleness::{Trigger, triggers};
use super::validity::{ValidityResult, not_measured, run_shortages, validity};
use super::wording;
use crate::compare::{Better, CheckOutcome, Comparison, PerArm, Unit};

/// One gate of the policy, judged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GateResult {
    pub id: String,
    pub role: GateRole,
    /// Name of the metric, e.g. `roc_auc`.
    pub metric: String,
    /// As shown: `ROC AUC by region × channel`.
    pub title: String,
    pub test: Test,
    pub unit: Unit,
    pub better: Better,
    /// What is asked, e.g. `not worse by 0.002`.
    pub requirement: String,
    /// Margin as a share of the champion's value, where the policy says so.
    pub relative_margin: Option<f64>,
    /// Ends of a bound, in the metric's unit.
    pub lower: Option<f64>,
    pub upper: Option<f64>,
    pub level: f64,
    /// What was found; of the worst segment where the gate has segments, with the gate's outcome and reason.
    pub reading: Reading,
    /// What the gate counts as for the rules; `None`: no rule reads it.
    pub counts_as: Option<Outcome>,
    /// Each segment, worst first; empty for gates on all rows.
    pub segments: Vec<SegmentOutcome>,
    /// Whether the policy asks for segments, found or not.
    pub by_segment: bool,
    /// Why the requirement is what it is, in the policy's words.
    pub because: Option<String>,
}

/// Whether a rule's condition held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Held {
    Yes,
    No,
    NotReached,
}

impl Held {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::NotReached => "not reached",
        }
    }
}

/// One line of the rule table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleRow {
    /// From 1, in the order of the policy.
    pub number: usize,
    pub when: When,
    /// As shown: `any binding gate failed`.
    pub text: String,
    pub then: Recommendation,
    pub held: Held,
}

/// Gates by outcome; `report_only` counts those no rule reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tally {
    pub binding: u32,
    pub report_only: u32,
}

/// How many gates came out how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tallies {
    pub pass: Tally,
    pub fail: Tally,
    pub inconclusive: Tally,
    pub not_evaluable: Tally,
}

/// What the rules recommend, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verdict {
    pub recommendation: Recommendation,
    /// Number of the rule that fired, from 1; `None` where no rule held, which recommends to extend.
    pub rule: Option<usize>,
    /// Condition of that rule, as shown.
    pub rule_text: String,
    /// One sentence: the rule and what it rests on.
    pub sentence: String,
    pub policy_id: String,
    pub policy_version: String,
    pub policy_sha256: String,
    /// Why intervals are not at the level that the policy names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level_note: Option<String>,
    pub validity: Vec<ValidityResult>,
    /// In the order of the policy; every gate, passed ones too.
    pub gates: Vec<GateResult>,
    pub tallies: Tallies,
    pub rules: Vec<RuleRow>,
    pub what_would_change: Vec<Change>,
    /// Of a run that is watched all the time: when the first critical gate failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earned: Option<Earned>,
    /// Reasons for a new model in production; of a run whose course was not measured none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub triggers: Vec<Trigger>,
}

/// What the rules read of a gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bearing {
    pub critical: bool,
    pub by_segment: bool,
    /// `None`: no rule reads it.
    pub counts_as: Option<Outcome>,
}

/// Judge a comparison by a policy.
pub fn judge(comparison: &Comparison, policy: &Policy) -> Verdict {
    let validity = validity(comparison, policy);
    let validity_failed = validity.iter().any(|check| check.outcome == CheckOutcome::Fail);
    let mut shortages = run_shortages(comparison, &policy.design);
    shortages.extend(not_measured(&validity));
    let gates: Vec<GateResult> =
        policy.gates.iter().map(|gate| judge_gate(gate, policy, comparison, &shortages)).collect();
    let bearings: Vec<Bearing> = gates.iter().map(GateResult::bearing).collect();
    let (recommendation, fired) = decide(&policy.rules, validity_failed, &bearings);
    let rules = policy
        .rules
        .iter()
        .enumerate()
        .map(|(index, rule)| RuleRow {
            number: index + 1,
            when: rule.when,
            text: wording::when(rule.when).to_owned(),
            then: rule.then,
            held: match fired {
                Some(fired) if index == fired => Held::Yes,
                Some(fired) if index > fired => Held::NotReached,
                _ => Held::No,
            },
        })
        .collect();
    let rule_text = fired.map_or("no rule held", |index| wording::when(policy.rules[index].when)).to_owned();
    let sentence = sentence(policy, fired, &validity, &gates);
    Verdict {
        recommendation,
        rule: fired.map(|index| index + 1),
        rule_text,
        sentence,
        policy_id: policy.id.clone(),
        policy_version: policy.version.clone(),
        policy_sha256: policy.sha256.clone(),
        level_note: policy.level_note(comparison.plan.kind, &comparison.plan.rivals, &comparison.plan.slices),
        what_would_change: what_would_change(&policy.rules, validity_failed, &gates),
        validity,
        tallies: tallies(&gates),
        earned: first_earned(&gates, policy, comparison),
        triggers: triggers(comparison, policy),
        gates,
        rules,
    }
}

/// When the first of the critical gates failed.
fn first_earned(gates: &[GateResult], policy: &Policy, comparison: &Comparison) -> Option<Earned> {
    let critical = gates.iter().zip(&policy.gates).filter(|(result, _)| result.role == GateRole::Critical);
    let failed = critical.filter(|(result, _)| result.reading.outcome == Outcome::Fail);
    let found = failed.filter_map(|(result, gate)| earned_then(gate, result.better, policy, comparison));
    found.min_by_key(|one| one.time)
}

/// As [`earned`], of a run whose intervals are those that the policy asks for.
fn earned_then(gate: &Gate, better: Better, policy: &Policy, comparison: &Comparison) -> Option<Earned> {
    let same = (comparison.plan.level - Ruler::of(policy, comparison).level).abs() < 1e-9;
    same.then(|| earned(gate, better, comparison)).flatten()
}

fn judge_gate(gate: &Gate, policy: &Policy, comparison: &Comparison, shortages: &[String]) -> GateResult {
    let ruler = Ruler::of(policy, comparison);
    let level = ruler.level;
    let known = catalog::find(&gate.metric);
    let found = comparison.metric(&gate.metric);
    let unit = found.map_or_else(|| known.map_or(Unit::Number, |metric| metric.unit), |found| found.unit);
    let better = found.map_or_else(|| known.map_or(Better::Neither, |metric| metric.better), |found| found.better);
    let by_segment = !gate.segments.is_empty();
    let no_data = policy.validity.no_data;
    let mut segments = Vec::new();
    let (mut reading, mut counted) = if by_segment {
        segments = evaluate_segments(gate, ruler, no_data, comparison);
        let outcomes: Vec<_> = segments.iter().map(|segment| segment.counts_as).collect();
        match segments.first() {
            Some(worst) => {
                let mut reading = worst.reading.clone();
                reading.outcome = combine(&outcomes).unwrap_or(worst.reading.outcome);
                reading.reason = segment_reason(&segments);
                (reading, combine(&outcomes))
            }
            None => {
                let reading = not_evaluable(nothing(), "the run has no such segments");
                let counted = counts_as(gate, no_data, &reading);
                (reading, counted)
            }
        }
    } else {
        let reading = match found {
            Some(result) => evaluate(gate, ruler, result),
            None => match nothing_attached(&gate.metric) {
                Some(reason) => not_evaluable(nothing(), &reason),
                None => not_evaluable(nothing(), "the run does not report this metric"),
            },
        };
        let counted = counts_as(gate, no_data, &reading);
        (reading, counted)
    };
    if let Some(then) = earned_then(gate, better, policy, comparison)
        && matches!(reading.outcome, Outcome::Pass | Outcome::Inconclusive)
    {
        reading.outcome = Outcome::Fail;
        reading.reason = format!("Failed at the look of {} already. {}", wording::moment(then.time), reading.reason);
        counted = Some(Outcome::Fail);
    }
    if !gate.role.binds() {
        counted = None;
    } else if reading.outcome == Outcome::Pass && !shortages.is_empty() {
        reading.outcome = Outcome::Inconclusive;
        reading.reason = format!("{} {}", shortages.join(" "), reading.reason);
        counted = Some(Outcome::Inconclusive);
    }
    GateResult {
        id: gate.id.clone(),
        role: gate.role,
        metric: gate.metric.clone(),
        title: wording::title(catalog::title(&gate.metric), &gate.segments, gate.test),
        test: gate.test,
        unit,
        better,
        requirement: wording::requirement(gate, unit, better),
        relative_margin: match gate.margin {
            Some(Margin::Relative(share)) => Some(share),
            _ => None,
        },
        lower: gate.lower,
        upper: gate.upper,
        level,
        reading,
        counts_as: counted,
        segments,
        by_segment,
        because: gate.because.clone(),
    }
}

/// A reading of nothing.
fn nothing() -> Reading {
    Reading {
        outcome: Outcome::NotEvaluable,
        quantity: Quantity::Difference,
        raw: None,
        oriented: None,
        margin: None,
        arms: PerArm { champion: None, challenger: None },
        rows: 0,
        positives: None,
        n: 0,
        distance_to_margin: None,
        more_rows_needed: None,
        more_days_needed: None,
        reason: String::new(),
    }
}

impl GateResult {
    pub(super) fn bearing(&self) -> Bearing {
        Bearing { critical: self.role == GateRole::Critical, by_segment: self.by_segment, counts_as: self.counts_as }
    }

    /// Whether a rule reads this gate.
    pub fn binds(&self) -> bool {
        self.counts_as.is_some()
    }

    /// Edges of the allowed region of `reading`, in the metric's unit and not oriented.
    pub fn edges_of(&self, reading: &Reading) -> Vec<f64> {
        let oriented = match (self.test, reading.margin) {
            (Test::Bound, _) => vec![self.lower, self.upper].into_iter().flatten().collect(),
            (Test::Superiority | Test::NotTooGood, Some(margin)) => vec![margin],
            (Test::NonInferiority, Some(margin)) => vec![-margin],
            (Test::Equivalence, Some(margin)) => vec![-margin, margin],
            (_, None) => Vec::new(),
        };
        let flipped = reading.quantity == Quantity::Difference && self.better == Better::Lower;
        oriented.into_iter().map(|edge| if flipped { -edge } else { edge }).collect()
    }

    /// What is drawn in the forest plot of gates.
    pub fn plot(&self) -> Option<super::gate::GatePlot> {
        self.reading.plot(self.test, self.lower, self.upper)
    }
}

/// First rule that holds: its recommendation and index.
pub(super) fn decide(rules: &[Rule], validity_failed: bool, gates: &[Bearing]) -> (Recommendation, Option<usize>) {
    let fired = rules.iter().position(|rule| holds(rule.when, validity_failed, gates));
    (fired.map_or(Recommendation::Extend, |index| rules[index].then), fired)
}

fn holds(when: When, validity_failed: bool, gates: &[Bearing]) -> bool {
    let any = |outcome: Outcome| gates.iter().any(|gate| gate.counts_as == Some(outcome));
    match when {
        When::ValidityFailed => validity_failed,
        When::CriticalFailed => gates.iter().any(|gate| gate.critical && gate.counts_as == Some(Outcome::Fail)),
        When::AnyFailed => any(Outcome::Fail),
        When::AllPassed => {
            any(Outcome::Pass) && gates.iter().all(|gate| matches!(gate.counts_as, None | Some(Outcome::Pass)))
        }
        When::OnlySegmentsInconclusive => {
            let open = |gate: &Bearing| gate.by_segment && gate.counts_as == Some(Outcome::Inconclusive);
            gates.iter().any(open)
                && any(Outcome::Pass)
                && gates.iter().all(|gate| open(gate) || matches!(gate.counts_as, None | Some(Outcome::Pass)))
        }
        When::AnyInconclusive => any(Outcome::Inconclusive),
        When::AnyNotEvaluable => any(Outcome::NotEvaluable),
        When::Otherwise => true,
    }
}

fn tallies(gates: &[GateResult]) -> Tallies {
    let mut tallies = Tallies::default();
    for gate in gates {
        let tally = match gate.reading.outcome {
            Outcome::Pass => &mut tallies.pass,
            Outcome::Fail => &mut tallies.fail,
            Outcome::Inconclusive => &mut tallies.inconclusive,
            Outcome::NotEvaluable => &mut tallies.not_evaluable,
        };
        if gate.binds() {
            tally.binding += 1;
        } else {
            tally.report_only += 1;
        }
    }
    tallies
}

fn sentence(policy: &Policy, fired: Option<usize>, validity: &[ValidityResult], gates: &[GateResult]) -> String {
    let named = |outcome: Outcome| {
        let ids: Vec<&str> =
            gates.iter().filter(|gate| gate.counts_as == Some(outcome)).map(|gate| gate.id.as_str()).collect();
        ids.join(", ")
    };
    let Some(index) = fired else {
        return format!("No rule of {} {} holds, so the run is to be extended.", policy.id, policy.version);
    };
    let open_segments = || {
        let open = |segment: &&SegmentOutcome| {
            matches!(segment.counts_as, Some(Outcome::Inconclusive | Outcome::NotEvaluable))
        };
        let segments = || gates.iter().filter(|gate| gate.binds()).flat_map(|gate| &gate.segments);
        (segments().filter(open).count(), segments().count())
    };
    let because = match policy.rules[index].when {
        When::ValidityFailed => {
            let failed: Vec<&str> = validity
                .iter()
                .filter(|check| check.outcome == CheckOutcome::Fail)
                .map(|check| check.title.as_str())
                .collect();
            format!("validity failed: {}", failed.join(", "))
        }
        When::CriticalFailed | When::AnyFailed => format!("failed: {}", named(Outcome::Fail)),
        When::AllPassed => "every gate that binds passed".to_owned(),
        When::OnlySegmentsInconclusive => {
            let (open, all) = open_segments();
            format!("every gate that binds passed, except {open} of {all} segments that cannot be told yet")
        }
        When::AnyInconclusive => format!("cannot be told yet: {}", named(Outcome::Inconclusive)),
        When::AnyNotEvaluable => format!("not evaluable: {}", named(Outcome::NotEvaluable)),
        When::Otherwise => match (named(Outcome::Inconclusive), named(Outcome::NotEvaluable)) {
            (open, none) if open.is_empty() && none.is_empty() => "no other rule holds".to_owned(),
            (open, none) if none.is_empty() => format!("cannot be told yet: {open}"),
            (open, none) if open.is_empty() => format!("not evaluable: {none}"),
            (open, none) => format!("cannot be told yet: {open}; not evaluable: {none}"),
        },
    };
    format!("Rule {} of {} {}: {because}.", index + 1, policy.id, policy.version)
}

#[cfg(test)]
mod tests;
