//! All challengers of a run beside each other: what the rules recommend of each, and its difference in the metric that
//! matters most. The command line and the window show the same lines.

use super::format::{Digits, UNDEFINED};
use crate::compare::{Comparison, MetricResult};
use crate::decision::{GateRole, Recommendation, Tallies, Verdict, catalog};

/// One challenger as it was compared and judged.
#[derive(Clone, Debug, PartialEq)]
pub struct Challenger {
    pub name: String,
    pub recommendation: Recommendation,
    /// The rule that fired and what it rests on.
    pub sentence: String,
    pub tallies: Tallies,
    /// Level of the intervals, and why it is not the policy's.
    pub level: f64,
    pub level_note: Option<String>,
    /// Metric of the first primary gate, else of the first gate; `None` where the run lacks it.
    pub metric: Option<MetricResult>,
}

impl Challenger {
    pub fn of(comparison: &Comparison, verdict: &Verdict) -> Self {
        let primary = verdict.gates.iter().find(|gate| gate.role == GateRole::Primary);
        let gate = primary.or_else(|| verdict.gates.first());
        Self {
            name: comparison.plan.challenger.clone().unwrap_or_default(),
            recommendation: verdict.recommendation,
            sentence: verdict.sentence.clone(),
            tallies: verdict.tallies,
            level: comparison.plan.level,
            level_note: verdict.level_note.clone(),
            metric: gate.and_then(|gate| comparison.metric(&gate.metric)).cloned(),
        }
    }
}

/// A challenger in the table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChallengerLine {
    pub name: String,
    /// `None` where it could not be compared, or is not yet.
    pub recommendation: Option<Recommendation>,
    /// `promote`.
    pub verdict: String,
    /// `3 passed, 1 open, 0 failed`.
    pub gates: String,
    /// Title of the metric.
    pub metric: String,
    /// Champion's value and the challenger's.
    pub values: [String; 2],
    pub difference: String,
    pub interval: String,
    /// Why something is missing, or how the difference was found.
    pub hover: String,
    /// Whether it is the one whose numbers are in view.
    pub current: bool,
}

/// How the others stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// Nobody has asked for them.
    #[default]
    Unasked,
    Running,
    /// The job was stopped, or ended with an error.
    Stopped,
    /// Thresholds, slices or values have changed since.
    Outdated,
    Ready,
}

/// The table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChallengersModel {
    /// In the order in which they are named; the one in view among them.
    pub lines: Vec<ChallengerLine>,
    /// `98.33 % interval`.
    pub interval_title: String,
    /// Whom they stand against.
    pub note: String,
    pub standing: Standing,
}

/// A challenger as it was found.
pub fn line(found: &Challenger, current: bool) -> ChallengerLine {
    let Tallies { pass, fail, inconclusive, not_evaluable } = &found.tallies;
    let open = inconclusive.binding + not_evaluable.binding;
    let blank = ChallengerLine {
        name: found.name.clone(),
        recommendation: Some(found.recommendation),
        verdict: found.recommendation.word().to_owned(),
        gates: format!("{} passed, {open} open, {} failed", pass.binding, fail.binding),
        metric: UNDEFINED.to_owned(),
        values: [UNDEFINED.to_owned(), UNDEFINED.to_owned()],
        difference: UNDEFINED.to_owned(),
        interval: UNDEFINED.to_owned(),
        hover: found.sentence.clone(),
        current,
    };
    let Some(metric) = &found.metric else {
        return blank;
    };
    let difference = metric.difference.as_ref();
    let ends = difference.and_then(|found| found.lo.zip(found.hi));
    let champion = metric.arms.champion.as_ref().map(|arm| arm.value);
    let value = difference.map(|found| found.value).or(champion).unwrap_or_default();
    let digits = Digits::of_difference(metric.unit, value, ends, champion);
    let arm = |value: Option<f64>| value.map_or_else(|| UNDEFINED.to_owned(), |value| digits.value_unit(value));
    let why = match (difference, &metric.undefined) {
        (Some(found), _) => found.method.clone(),
        (None, reason) => reason.clone().unwrap_or_default(),
    };
    ChallengerLine {
        metric: catalog::title(&metric.name).to_owned(),
        values: [arm(champion), arm(metric.arms.challenger.as_ref().map(|arm| arm.value))],
        difference: difference.map_or_else(|| UNDEFINED.to_owned(), |found| digits.signed_unit(found.value)),
        interval: ends.map_or_else(|| UNDEFINED.to_owned(), |(lo, hi)| digits.signed_interval(lo, hi)),
        hover: format!("{}\n{why}", found.sentence),
        ..blank
    }
}

/// A challenger of which only the name is known, with the reason.
pub fn unknown(name: &str, why: &str) -> ChallengerLine {
    let none = || UNDEFINED.to_owned();
    ChallengerLine {
        name: name.to_owned(),
        verdict: why.to_owned(),
        gates: String::new(),
        metric: String::new(),
        values: [none(), none()],
        difference: none(),
        interval: none(),
        hover: why.to_owned(),
        ..ChallengerLine::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::fixture::{comparison, gate, metric, policy};
    use crate::decision::judge;

    #[test]
    fn the_primary_metric_stands_in_the_line_and_what_is_missing_is_said() {
        let gates = gate("G1", "brier", "non_inferiority", "margin = 0.01").replace("primary", "guardrail")
            + &gate("G2", "roc_auc", "superiority", "margin = 0.01");
        let run = comparison(vec![metric("brier", -0.02, 0.0), metric("roc_auc", 0.02, 0.04)]);
        let found = Challenger::of(&run, &judge(&run, &policy(&gates, "")));
        let shown = line(&found, true);
        assert_eq!((shown.metric.as_str(), shown.verdict.as_str()), ("ROC AUC", "promote"));
        assert_eq!(shown.gates, "2 passed, 0 open, 0 failed");
        assert!(shown.difference.starts_with("+0.03") && shown.interval.starts_with("[+0.02"), "{shown:?}");
        let without = line(&Challenger { metric: None, ..found }, false);
        assert_eq!((without.difference.as_str(), without.current), (UNDEFINED, false));
        assert_eq!(unknown("net", "no such model").hover, "no such model");
    }
}
