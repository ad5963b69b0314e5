//! What would change the verdict: the rules run again with one thing different at a time.

use serde::{Deserialize, Serialize};

use super::gate::{Outcome, edges, outcome};
use super::judge::{Bearing, GateResult, decide};
use super::numerals::{plain, shown, with_unit};
use super::policy::{Recommendation, Rule, Test};
use super::segments::combine;

/// One thing that could have been different, and what the rules would then recommend.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// As shown: `G5 margin 0.1 to 0.07 pp`.
    pub what: String,
    pub recommendation: Recommendation,
    /// Number of the rule that would fire, from 1.
    pub rule: Option<usize>,
    /// Whether this differs from the verdict.
    pub changed: bool,
}

struct Trial<'a> {
    rules: &'a [Rule],
    validity_failed: bool,
    bearings: Vec<Bearing>,
    verdict: Recommendation,
}

impl Trial<'_> {
    fn change(&self, what: String, validity_failed: bool, bearings: &[Bearing]) -> Change {
        let (recommendation, rule) = decide(self.rules, validity_failed, bearings);
        Change { what, recommendation, rule: rule.map(|rule| rule + 1), changed: recommendation != self.verdict }
    }

    /// As it is, but with one gate counting as something else.
    fn with(&self, what: String, index: usize, counts_as: Option<Outcome>) -> Change {
        let mut bearings = self.bearings.clone();
        bearings[index].counts_as = counts_as;
        self.change(what, self.validity_failed, &bearings)
    }
}

/// All trials, the changing ones first.
pub(super) fn what_would_change(rules: &[Rule], validity_failed: bool, gates: &[GateResult]) -> Vec<Change> {
    let bearings: Vec<Bearing> = gates.iter().map(GateResult::bearing).collect();
    let (verdict, _) = decide(rules, validity_failed, &bearings);
    let trial = Trial { rules, validity_failed, bearings, verdict };
    let mut changes = Vec::new();
    if validity_failed {
        changes.push(trial.change("Every validity check passes".to_owned(), false, &trial.bearings));
    }
    changes.extend(open_segments_left_out(&trial, gates));
    changes.extend(open_gates_settled(&trial));
    let mut margins: Vec<(f64, Change)> = Vec::new();
    for (index, gate) in gates.iter().enumerate() {
        margins.extend(margin_flip(&trial, index, gate));
    }
    margins.sort_by(|a, b| a.0.total_cmp(&b.0));
    changes.extend(margins.into_iter().map(|(_, change)| change));
    for (index, gate) in gates.iter().enumerate() {
        if !gate.binds() {
            let what = format!("{} read by the rules", gate.id);
            changes.push(trial.with(what, index, Some(gate.reading.outcome)));
        }
    }
    changes.extend(any_one_segment_left_out(&trial, gates));
    changes.sort_by_key(|change| !change.changed);
    changes
}

fn open(outcome: Option<Outcome>) -> bool {
    matches!(outcome, Some(Outcome::Inconclusive | Outcome::NotEvaluable))
}

fn open_segments_left_out(trial: &Trial<'_>, gates: &[GateResult]) -> Option<Change> {
    let mut bearings = trial.bearings.clone();
    let mut left_out = 0;
    for (bearing, gate) in bearings.iter_mut().zip(gates) {
        if gate.binds() && !gate.segments.is_empty() {
            let kept: Vec<_> =
                gate.segments.iter().map(|segment| segment.counts_as).filter(|outcome| !open(*outcome)).collect();
            left_out += gate.segments.len() - kept.len();
            bearing.counts_as = combine(&kept);
        }
    }
    let what = match left_out {
        0 => return None,
        1 => "Leave the open segment out".to_owned(),
        2 => "Leave both open segments out".to_owned(),
        _ => format!("Leave all {left_out} open segments out"),
    };
    Some(trial.change(what, trial.validity_failed, &bearings))
}

fn open_gates_settled(trial: &Trial<'_>) -> Vec<Change> {
    let number = trial.bearings.iter().filter(|bearing| open(bearing.counts_as)).count();
    if number == 0 {
        return Vec::new();
    }
    [(Outcome::Pass, "pass"), (Outcome::Fail, "fail")]
        .into_iter()
        .map(|(outcome, word)| {
            let mut bearings = trial.bearings.clone();
            for bearing in bearings.iter_mut().filter(|bearing| open(bearing.counts_as)) {
                bearing.counts_as = Some(outcome);
            }
            let what = match number {
                1 => format!("The open gate turns to {word}"),
                _ => format!("All {number} open gates turn to {word}"),
            };
            trial.change(what, trial.validity_failed, &bearings)
        })
        .collect()
}

/// The nearest round margin at which a gate comes out otherwise, with its relative distance from the margin.
fn margin_flip(trial: &Trial<'_>, index: usize, gate: &GateResult) -> Option<(f64, Change)> {
    let counted = gate.counts_as?;
    let margin = gate.reading.margin?;
    let oriented = gate.reading.oriented?;
    // For a segment gate the worst segment decides while the margin grows; narrowing it is another question.
    if gate.by_segment && counted == Outcome::Pass {
        return None;
    }
    let (at, up) = match (gate.test, counted) {
        (Test::NonInferiority, Outcome::Pass) => (-oriented.lo, false),
        (Test::NonInferiority, Outcome::Inconclusive | Outcome::Fail) => (-oriented.lo, true),
        (Test::Superiority, Outcome::Pass) => (oriented.lo, true),
        (Test::Superiority, Outcome::Inconclusive | Outcome::Fail) => (oriented.lo, false),
        (Test::Equivalence, Outcome::Pass) => (oriented.lo.abs().max(oriented.hi.abs()), false),
        (Test::Equivalence, Outcome::Inconclusive | Outcome::Fail) => (oriented.lo.abs().max(oriented.hi.abs()), true),
        (Test::NotTooGood, Outcome::Pass) => (oriented.lo, false),
        (Test::NotTooGood, Outcome::Fail) => (oriented.lo, true),
        _ => return None,
    };
    if at <= 0.0 {
        return None;
    }
    let base = gate.relative_margin.map(|share| margin / share);
    let flipped_margin = match base {
        // Margins of segments are shares of each segment's own base.
        Some(_) if gate.by_segment => return None,
        Some(base) => round_towards(100.0, at / base, up) * base,
        None => round_towards(shown(gate.unit, 1.0), at, up),
    };
    let settled = outcome(gate.test, oriented, edges(gate.test, Some(flipped_margin), None, None));
    if settled == counted {
        return None;
    }
    // Other segments may stay open at the new margin.
    let counts_as = if gate.by_segment { with_segments(gate, flipped_margin) } else { Some(settled) };
    let (from, to) = match (gate.relative_margin, base) {
        (Some(share), Some(base)) => (plain(share * 100.0), format!("{} %", plain(flipped_margin / base * 100.0))),
        _ => (plain(shown(gate.unit, margin)), with_unit(gate.unit, flipped_margin, true)),
    };
    if to.trim_end_matches(|c: char| !c.is_ascii_digit()).eq(&from) {
        // So near the edge that two digits cannot tell the margins apart.
        return None;
    }
    let what = format!("{} margin {from} to {to}", gate.id);
    let distance = (flipped_margin - margin).abs() / margin.max(f64::MIN_POSITIVE);
    Some((distance, trial.with(what, index, counts_as)))
}

/// Outcome of a segment gate whose margin is another one. Segments with too little evidence stay as they are.
fn with_segments(gate: &GateResult, margin: f64) -> Option<Outcome> {
    let edges = edges(gate.test, Some(margin), None, None);
    let outcomes: Vec<Option<Outcome>> = gate
        .segments
        .iter()
        .map(|segment| match (segment.reading.oriented, segment.reading.distance_to_margin) {
            (Some(oriented), Some(_)) => segment.counts_as.map(|_| outcome(gate.test, oriented, edges)),
            _ => segment.counts_as,
        })
        .collect();
    combine(&outcomes)
}

/// Two significant digits in shown units (`scale` times the value), towards the side on which the gate flips.
fn round_towards(scale: f64, value: f64, up: bool) -> f64 {
    let scaled = value * scale;
    let step = 10f64.powf(scaled.abs().log10().floor() - 1.0);
    let steps = if up { (scaled / step).floor() + 1.0 } else { (scaled / step).ceil() - 1.0 };
    // The parse removes what the multiplication adds.
    let rounded: f64 = format!("{:.11e}", steps * step / scale).parse().unwrap_or(value);
    rounded.max(0.0)
}

/// Every single segment left out in turn, as one line when none of them matters.
fn any_one_segment_left_out(trial: &Trial<'_>, gates: &[GateResult]) -> Vec<Change> {
    let mut changes = Vec::new();
    for (index, gate) in gates.iter().enumerate() {
        if !gate.binds() || gate.segments.len() < 2 {
            continue;
        }
        let without = |left_out: usize| {
            let kept: Vec<_> = gate
                .segments
                .iter()
                .enumerate()
                .filter(|(other, _)| *other != left_out)
                .map(|(_, segment)| segment.counts_as)
                .collect();
            combine(&kept)
        };
        let mut single: Vec<Change> = gate
            .segments
            .iter()
            .enumerate()
            .map(|(left_out, segment)| {
                trial.with(format!("Leave {} out of {}", segment.name, gate.id), index, without(left_out))
            })
            .filter(|change| change.changed)
            .collect();
        if single.is_empty() {
            let outcome = without(gate.segments.len() - 1);
            single.push(trial.with(format!("Leave any one segment of {} out", gate.id), index, outcome));
        }
        changes.append(&mut single);
    }
    changes
}
