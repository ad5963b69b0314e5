//! One gate against one interval: four outcomes, and how far the interval is from the edge.
//!
//! The improvement is oriented so that plus is better. With its interval `[lo, hi]` and the margin `m`:
//! superiority holds against `t = +m` and non-inferiority against `t = -m` (pass if `lo > t`, fail if
//! `hi < t`), equivalence passes if `-m < lo` and `hi < m` and fails if the interval lies outside, the
//! leakage alarm fails if `lo > m`. What is neither is inconclusive. No data is never a pass.

use serde::{Deserialize, Serialize};

use super::attached::is_attached;
use super::catalog;
use super::numerals::{confidence, plain, round_significant};
use super::policy::{BoundArm, Gate, GateRole, Margin, Policy, Test, TooSmall};
use super::wording;
use crate::compare::{Better, Comparison, Estimate, MetricResult, PerArm, Population, Unit};
use crate::metrics::registry;
use crate::stats::special::normal::norm_isf;

/// What came of a gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Pass,
    Fail,
    /// The interval reaches across the edge, or there is too little evidence.
    Inconclusive,
    /// There is no interval; the reason says why.
    NotEvaluable,
}

impl Outcome {
    /// As shown: `pass`, `not evaluable`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Inconclusive => "inconclusive",
            Self::NotEvaluable => "not evaluable",
        }
    }
}

/// What the value of a [`Reading`] is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    /// Challenger minus champion.
    #[default]
    Difference,
    /// Challenger minus the metric's target (calibration slope: 1).
    FromTarget,
    /// One arm's value.
    ArmValue,
}

/// A value with both ends of its interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ends {
    pub value: f64,
    pub lo: f64,
    pub hi: f64,
}

/// What a gate found on one population.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    pub outcome: Outcome,
    pub quantity: Quantity,
    /// Value and interval in the metric's unit, not oriented; `None` where they do not exist.
    pub raw: Option<Ends>,
    /// The same with plus as better; as `raw` where the metric has no direction.
    pub oriented: Option<Ends>,
    /// Margin in the metric's unit; `None` for bounds and where a relative margin has no base.
    pub margin: Option<f64>,
    pub arms: PerArm<f64>,
    /// Rows and positive rows of the population.
    pub rows: u64,
    pub positives: Option<u64>,
    /// Rows or units the interval rests on.
    pub n: u64,
    /// Distance to the nearest edge in standard errors, plus where the estimate is on the good side.
    pub distance_to_margin: Option<f64>,
    /// About this many more rows would settle it if the estimate stays; only where inconclusive.
    pub more_rows_needed: Option<u64>,
    /// Days in which these come at the traffic of the run; `None` where its times do not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub more_days_needed: Option<f64>,
    /// One or two sentences: where the interval lies relative to the requirement.
    pub reason: String,
}

/// A gate's interval in multiples of its margin, better to the right, with the regions it must stay clear of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GatePlot {
    pub value: f64,
    pub lo: f64,
    pub hi: f64,
    /// Everything below this is shaded.
    pub shade_below: Option<f64>,
    /// Everything above this is shaded.
    pub shade_above: Option<f64>,
}

/// Edges of the allowed region, in the oriented quantity.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Edges {
    pub lower: Option<f64>,
    pub upper: Option<f64>,
}

/// What gates are held against in one run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Ruler {
    /// Level of the intervals.
    pub level: f64,
    /// Days from the first to the last request; `None` where the times do not tell.
    pub days: Option<f64>,
}

impl Ruler {
    pub fn of(policy: &Policy, comparison: &Comparison) -> Self {
        let Population { first_time, last_time, .. } = comparison.population;
        let days = first_time.zip(last_time).map(|(first, last)| last.saturating_sub(first) as f64 / 86_400e6);
        Self {
            level: policy.level(comparison.plan.kind, comparison.plan.rivals.len(), &comparison.plan.slices),
            // The traffic of some hours is not that of days.
            days: days.filter(|days| *days >= 0.5),
        }
    }
}

/// Judge `gate` by what the run found for its metric on one population.
pub(super) fn evaluate(gate: &Gate, ruler: Ruler, result: &MetricResult) -> Reading {
    let level = ruler.level;
    let mut reading = Reading {
        outcome: Outcome::NotEvaluable,
        quantity: quantity(gate.test, result.better),
        raw: None,
        oriented: None,
        margin: None,
        arms: PerArm {
            champion: result.arms.champion.as_ref().map(|arm| arm.value),
            challenger: result.arms.challenger.as_ref().map(|arm| arm.value),
        },
        rows: result.rows,
        positives: result.positives,
        n: result.difference.as_ref().map_or(result.rows, |difference| difference.n),
        distance_to_margin: None,
        more_rows_needed: None,
        more_days_needed: None,
        reason: String::new(),
    };
    let found = interval(gate, result, level, reading.quantity);
    if let (Err(reason), false) = (&found, more_rows_may_define(result)) {
        return not_evaluable(reading, reason);
    }
    if let Some(shortage) = shortage(gate, result, reading.n) {
        // The numbers are kept for the reader, but decide nothing.
        reading.margin = margin_of(gate, &reading.arms).ok().flatten();
        if let Ok((raw, _)) = found {
            reading.raw = Some(raw);
            reading.oriented = Some(orient(raw, orientation(reading.quantity, result.better)));
        }
        reading.outcome = if gate.too_small == TooSmall::Fail { Outcome::Fail } else { Outcome::Inconclusive };
        reading.reason = shortage;
        return reading;
    }
    let (raw, se) = match found {
        Ok(found) => found,
        Err(reason) => return not_evaluable(reading, &reason),
    };
    reading.raw = Some(raw);
    let sign = orientation(reading.quantity, result.better);
    let oriented = orient(raw, sign);
    reading.oriented = Some(oriented);
    reading.margin = match margin_of(gate, &reading.arms) {
        Ok(margin) => margin,
        Err(reason) => return not_evaluable(reading, reason),
    };
    let edges = edges(gate.test, reading.margin, gate.lower, gate.upper);
    reading.outcome = outcome(gate.test, oriented, edges);
    if reading.outcome == Outcome::Inconclusive && is_attached(&result.name) {
        // Known exactly: what stands on the end of a bound keeps it; no better than the margin is not better by more.
        reading.outcome = if gate.test == Test::Bound { Outcome::Pass } else { Outcome::Fail };
    }
    let clearance = clearance(oriented.value, edges);
    reading.distance_to_margin = match se {
        Some(se) if se > 0.0 => clearance.map(|clearance| clearance / se),
        // An interval of no width on the very edge: open, though not for want of rows.
        _ => clearance.filter(|clearance| *clearance == 0.0),
    };
    if reading.outcome == Outcome::Inconclusive {
        reading.more_rows_needed = more_rows(oriented, edges, result.rows);
        let per_day = ruler.days.map(|days| result.rows as f64 / days).filter(|rows| *rows > 0.0);
        let days = reading.more_rows_needed.zip(per_day).map(|(more, per_day)| more as f64 / per_day);
        reading.more_days_needed = days.map(|days| round_significant(days, 2));
    }
    reading.reason = match (is_attached(&result.name), &result.arms.challenger) {
        (true, Some(arm)) => format!("{}, {}.", plain(reading.raw.map_or(arm.value, |raw| raw.value)), arm.method),
        _ => wording::reason(gate, result.unit, result.better, &reading),
    };
    reading
}

pub(super) fn not_evaluable(mut reading: Reading, reason: &str) -> Reading {
    reading.outcome = Outcome::NotEvaluable;
    reading.reason = format!("Not evaluable: {}.", reason.trim_end_matches('.'));
    reading
}

pub(super) fn quantity(test: Test, better: Better) -> Quantity {
    match (test, better) {
        (Test::Bound, _) => Quantity::ArmValue,
        (Test::Equivalence, Better::One | Better::Zero) => Quantity::FromTarget,
        _ => Quantity::Difference,
    }
}

/// The value a metric should have, where it has one.
pub(super) fn target(better: Better) -> f64 {
    if better == Better::One { 1.0 } else { 0.0 }
}

pub(super) fn orientation(quantity: Quantity, better: Better) -> f64 {
    if quantity == Quantity::Difference && better == Better::Lower { -1.0 } else { 1.0 }
}

pub(super) fn orient(raw: Ends, sign: f64) -> Ends {
    if sign < 0.0 { Ends { value: -raw.value, lo: -raw.hi, hi: -raw.lo } } else { raw }
}

/// Interval and standard error of what the gate reads.
fn interval(gate: &Gate, result: &MetricResult, level: f64, quantity: Quantity) -> Result<(Ends, Option<f64>), String> {
    let undefined = || result.undefined.clone();
    let directed = matches!(result.better, Better::Higher | Better::Lower);
    if !directed && matches!(gate.test, Test::Superiority | Test::NonInferiority | Test::NotTooGood) {
        return Err("this metric has no better direction".to_owned());
    }
    let (ends, found_level, se) = match quantity {
        Quantity::Difference => {
            let difference = result
                .difference
                .as_ref()
                .ok_or_else(|| undefined().unwrap_or_else(|| "the run has no difference of two models".to_owned()))?;
            let ends = ends(difference.value, difference.lo, difference.hi)
                .ok_or_else(|| undefined().unwrap_or_else(|| without_interval("the difference", &difference.method)))?;
            (ends, difference.level, difference.se)
        }
        Quantity::FromTarget | Quantity::ArmValue => {
            let champion = quantity == Quantity::ArmValue && gate.arm == BoundArm::Champion;
            let arm: &Option<Estimate> = if champion { &result.arms.champion } else { &result.arms.challenger };
            let arm = arm.as_ref().ok_or_else(|| undefined().unwrap_or_else(|| "the arm has no value".to_owned()))?;
            let target = if quantity == Quantity::FromTarget { target(result.better) } else { 0.0 };
            let ends = ends(arm.value, arm.lo, arm.hi)
                .map(|ends| Ends { value: ends.value - target, lo: ends.lo - target, hi: ends.hi - target })
                .ok_or_else(|| undefined().unwrap_or_else(|| without_interval("the arm's value", &arm.method)))?;
            (ends, arm.level, None)
        }
    };
    if (found_level - level).abs() > 1e-9 {
        return Err(format!(
            "the policy asks for {} % intervals, the run computed {} %",
            confidence(level),
            confidence(found_level)
        ));
    }
    let se = se.filter(|se| se.is_finite()).or_else(|| {
        let z = norm_isf((1.0 - level) / 2.0);
        (z > 0.0).then(|| (ends.hi - ends.lo) / (2.0 * z))
    });
    Ok((ends, se))
}

/// The method names the reason where there is no interval.
fn without_interval(what: &str, method: &str) -> String {
    match method.strip_prefix("no interval: ") {
        Some(reason) => format!("{what} has no interval: {reason}"),
        None => format!("{what} has no interval"),
    }
}

fn ends(value: f64, lo: Option<f64>, hi: Option<f64>) -> Option<Ends> {
    let ends = Ends { value, lo: lo?, hi: hi? };
    (ends.value.is_finite() && ends.lo.is_finite() && ends.hi.is_finite()).then_some(ends)
}

/// Margin in the metric's unit.
pub(super) fn margin_of(gate: &Gate, arms: &PerArm<f64>) -> Result<Option<f64>, &'static str> {
    match gate.margin {
        None => Ok(None),
        Some(Margin::Absolute(margin)) => Ok(Some(margin)),
        Some(Margin::Relative(share)) => match arms.champion {
            None => Err("a relative margin needs the champion's value"),
            Some(base) if base == 0.0 || !base.is_finite() => Err("relative margin on a zero baseline"),
            Some(base) => Ok(Some(share * base.abs())),
        },
    }
}

/// Whether a value or interval may be missing only because the rows are few: the metric has a value, or a class has
/// no row yet. Anything else (no score is logged, the arm is missing) no number of rows will mend.
fn more_rows_may_define(result: &MetricResult) -> bool {
    result.undefined.is_none() || result.positives.is_some_and(|positives| positives == 0 || positives == result.rows)
}

fn shortage(gate: &Gate, result: &MetricResult, n: u64) -> Option<String> {
    // Where each arm has units of its own, the smaller one bounds what is known.
    let n = match (&result.arms.champion, &result.arms.challenger) {
        (Some(a), Some(b)) if a.n + b.n == n => a.n.min(b.n),
        _ => n,
    };
    if let Some(units) = gate.min.units.filter(|units| n < *units) {
        return Some(wording::too_few(n, units, "units"));
    }
    let events = gate.min.events.or_else(|| needs_events(result).then_some(LEAST_EVENTS))?;
    match result.arm_positives {
        Some(each) => wording::too_few_of_an_arm(each, events),
        None => result.positives.filter(|found| *found < events).map(|found| wording::too_few(found, events, "events")),
    }
}

/// Events, of each arm where each has its own, below which no interval of a labelled metric is trusted, where the policy says nothing.
const LEAST_EVENTS: u64 = 10;

fn needs_events(result: &MetricResult) -> bool {
    // Intervals of the shares of outcomes hold for few events too: no errors are good news, not missing ones.
    let counted = registry::SERVED.iter().chain(&registry::SPLIT).any(|metric| metric.name == result.name);
    let labelled = catalog::find(&result.name).is_some() && !counted;
    labelled && result.unit != Unit::Milliseconds && result.better != Better::Neither && result.undefined.is_none()
}

/// Allowed region of a test.
pub(super) fn edges(test: Test, margin: Option<f64>, lower: Option<f64>, upper: Option<f64>) -> Edges {
    let margin = margin.unwrap_or(0.0);
    match test {
        Test::Superiority => Edges { lower: Some(margin), upper: None },
        Test::NonInferiority => Edges { lower: Some(-margin), upper: None },
        Test::Equivalence => Edges { lower: Some(-margin), upper: Some(margin) },
        Test::Bound => Edges { lower, upper },
        Test::NotTooGood => Edges { lower: None, upper: Some(margin) },
    }
}

/// Outcome of an interval against the allowed region.
pub(super) fn outcome(test: Test, interval: Ends, edges: Edges) -> Outcome {
    let above = edges.upper.is_some_and(|upper| interval.lo > upper);
    let below = edges.lower.is_some_and(|lower| interval.hi < lower);
    if above || below {
        return Outcome::Fail;
    }
    // An alarm: only a gain that is surely too large fails.
    if test == Test::NotTooGood {
        return Outcome::Pass;
    }
    let clear_below = edges.lower.is_none_or(|lower| interval.lo > lower);
    let clear_above = edges.upper.is_none_or(|upper| interval.hi < upper);
    if clear_below && clear_above { Outcome::Pass } else { Outcome::Inconclusive }
}

/// Distance of the estimate to the nearest edge, plus inside the allowed region.
fn clearance(value: f64, edges: Edges) -> Option<f64> {
    let to_lower = edges.lower.map(|lower| value - lower);
    let to_upper = edges.upper.map(|upper| upper - value);
    match (to_lower, to_upper) {
        (Some(lower), Some(upper)) => Some(lower.min(upper)),
        (one, other) => one.or(other),
    }
}

/// Rows to be added until the interval is clear of the edge it reaches across, if the estimate stays and the
/// interval narrows with the root of the rows.
fn more_rows(interval: Ends, edges: Edges, rows: u64) -> Option<u64> {
    let factor = |edge: f64| {
        let distance = (interval.value - edge).abs();
        let reach = if interval.value > edge { interval.value - interval.lo } else { interval.hi - interval.value };
        (distance > 0.0 && interval.lo <= edge && edge <= interval.hi).then(|| (reach / distance).powi(2))
    };
    let factor = [edges.lower, edges.upper].into_iter().flatten().filter_map(factor).reduce(f64::max)?;
    let more = round_significant((rows as f64 * (factor - 1.0)).max(1.0), 2);
    (more < 1e13).then_some(more as u64)
}

impl Reading {
    /// What is drawn in a forest plot of gates; `None` where there is no interval.
    pub fn plot(&self, test: Test, lower: Option<f64>, upper: Option<f64>) -> Option<GatePlot> {
        let ends = self.oriented?;
        let edges = edges(test, self.margin, lower, upper);
        // A bound is drawn from the middle of its range, or from its one edge, which stands at one margin.
        let (zero, flip, scale) = match (test, edges.lower, edges.upper) {
            (Test::Bound, Some(lower), Some(upper)) => ((lower + upper) / 2.0, 1.0, (upper - lower) / 2.0),
            (Test::Bound, None, Some(upper)) => (upper - upper.abs(), -1.0, upper.abs()),
            (Test::Bound, Some(lower), None) => (lower + lower.abs(), 1.0, lower.abs()),
            (_, lower, upper) => (0.0, 1.0, lower.or(upper).unwrap_or(0.0).abs()),
        };
        let widest = (ends.lo - zero).abs().max((ends.hi - zero).abs());
        let scale = match scale {
            scale if scale > 0.0 => scale,
            _ if widest > 0.0 => widest / 2.0,
            _ => 1.0,
        };
        let place = |value: f64| flip * (value - zero) / scale;
        let (lo, hi) = (place(ends.lo), place(ends.hi));
        let (below, above) = (edges.lower.map(place), edges.upper.map(place));
        let (shade_below, shade_above) = if flip < 0.0 { (above, below) } else { (below, above) };
        Some(GatePlot { value: place(ends.value), lo: lo.min(hi), hi: lo.max(hi), shade_below, shade_above })
    }

    /// Order of risk: failed, open, not evaluable, passed; within these the smallest distance first.
    pub(super) fn risk(&self) -> (u8, f64) {
        let rank = match self.outcome {
            Outcome::Fail => 0,
            Outcome::Inconclusive => 1,
            Outcome::NotEvaluable => 2,
            Outcome::Pass => 3,
        };
        (rank, self.distance_to_margin.unwrap_or(f64::NEG_INFINITY))
    }
}

impl GateRole {
    /// Whether the rules read gates of this role.
    pub const fn binds(self) -> bool {
        !matches!(self, Self::ReportOnly)
    }

    /// As shown beside the gate; nothing for guardrails.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Guardrail => "",
            Self::Critical => "critical",
            Self::ReportOnly => "report only",
        }
    }
}

#[cfg(test)]
mod tests;
