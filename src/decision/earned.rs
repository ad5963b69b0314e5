//! When a run that is watched all the time earned its failure: the first look at which the whole confidence sequence
//! lies past the margin. Sequences hold at all looks together, so that what was shown then stays shown.

use serde::{Deserialize, Serialize};

use super::gate::{Ends, Outcome, Quantity, edges, margin_of, orient, orientation, outcome, quantity};
use super::policy::{BoundArm, Gate};
use crate::compare::{Better, Comparison, Detail, Look, Looks, PerArm};

/// The moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Earned {
    /// Gate that failed first.
    pub gate: String,
    pub metric: String,
    /// End of the span of that look, microseconds UTC.
    pub time: i64,
    /// Rows of the champion and of the challenger until then.
    pub rows: [u64; 2],
    /// Value and interval then, in the metric's unit, not oriented.
    pub value: f64,
    pub lo: f64,
    pub hi: f64,
}

/// What a gate read at one look.
struct Read {
    value: f64,
    lo: f64,
    hi: f64,
    outcome: Outcome,
}

/// The looks at what `gate` reads; `None` where the run is not one of many looks, or the gate reads slices.
fn looks<'a>(gate: &Gate, comparison: &'a Comparison) -> Option<&'a [Look]> {
    let design = comparison.plan.split.as_ref()?;
    let Detail::Split(detail) = &comparison.detail else {
        return None;
    };
    if design.looks != Some(Looks::Any) || !gate.segments.is_empty() {
        return None;
    }
    Some(&detail.series.iter().find(|series| series.metric == gate.metric)?.looks)
}

/// `None` where there is too little for the gate at that look.
fn read(gate: &Gate, better: Better, look: &Look) -> Option<Read> {
    let quantity = quantity(gate.test, better);
    let sign = orientation(quantity, better);
    let least = |of: [u64; 2]| of[0].min(of[1]);
    // Without events on record a number of them is not known to have come.
    let enough = gate.min.units.is_none_or(|units| least(look.units) >= units)
        && gate.min.events.is_none_or(|events| look.events.is_some_and(|seen| least(seen) >= events));
    let found = match (quantity, gate.arm) {
        (Quantity::Difference, _) => look.difference,
        (_, BoundArm::Champion) => look.arms.champion,
        (_, BoundArm::Challenger) => look.arms.challenger,
    };
    let [value, lo, hi] = found.filter(|_| enough)?;
    let arms = PerArm {
        champion: look.arms.champion.map(|[value, ..]| value),
        challenger: look.arms.challenger.map(|[value, ..]| value),
    };
    let margin = margin_of(gate, &arms).ok()?;
    let edges = edges(gate.test, margin, gate.lower, gate.upper);
    Some(Read { value, lo, hi, outcome: outcome(gate.test, orient(Ends { value, lo, hi }, sign), edges) })
}

/// First look at which `gate` failed; `None` where it never did, or the run is not one of many looks.
pub(super) fn earned(gate: &Gate, better: Better, comparison: &Comparison) -> Option<Earned> {
    let failed = |look: &Look| {
        let Read { value, lo, hi, outcome } = read(gate, better, look)?;
        (outcome == Outcome::Fail).then(|| Earned {
            gate: gate.id.clone(),
            metric: gate.metric.clone(),
            time: look.time,
            rows: look.rows,
            value,
            lo,
            hi,
        })
    };
    looks(gate, comparison)?.iter().find_map(failed)
}

/// What `gate` had found by a time (`None`: by the end), for a run of many looks: failed where it had failed at any
/// look until then. `None` where it is not read at looks.
pub fn outcome_at(gate: &Gate, better: Better, comparison: &Comparison, until: Option<i64>) -> Option<Outcome> {
    let looks = looks(gate, comparison)?;
    let by_then = || looks.iter().filter(|look| until.is_none_or(|until| look.time <= until));
    if earned(gate, better, comparison).is_some_and(|earned| until.is_none_or(|until| earned.time <= until)) {
        return Some(Outcome::Fail);
    }
    let last = by_then().next_back()?;
    Some(read(gate, better, last).map_or(Outcome::Inconclusive, |read| read.outcome))
}
