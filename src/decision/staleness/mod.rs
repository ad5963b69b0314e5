//! Reasons for a new model: the four kinds of retraining triggers, held against the policy's limits, and the same numbers
//! as metrics that gates read.

mod triggers;

pub(super) use triggers::triggers;

use serde::{Deserialize, Serialize};

use super::attached::Fact;
use super::policy::Policy;
use crate::compare::staleness::{Age, Distance, LossCourse, Staleness};
use crate::compare::{Comparison, Difference, Estimate, MetricResult, PerArm};
use crate::log::ArmRole;
use crate::metrics::registry;

/// Fact that says when a model was trained.
pub const TRAINED_AT: &str = "trained_at";
/// Fact that says by which share demand has changed or will.
pub const DEMAND_CHANGE: &str = "demand_change";

/// What can ask for a new model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TriggerKind {
    Time,
    Performance,
    Data,
    Demand,
}

/// What came of a trigger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TriggerOutcome {
    Triggered,
    NotTriggered,
    CannotTell,
}

impl TriggerOutcome {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Triggered => "triggered",
            Self::NotTriggered => "not triggered",
            Self::CannotTell => "cannot tell",
        }
    }
}

/// One reason for a new model in production, held against its limit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trigger {
    /// Stable name: `model_age`, `performance`, `data_drift`, `serving_skew`, `demand`.
    pub name: String,
    pub kind: TriggerKind,
    pub title: String,
    pub outcome: TriggerOutcome,
    pub value: Option<f64>,
    pub lo: Option<f64>,
    pub hi: Option<f64>,
    pub limit: Option<f64>,
    /// Whether the limit is the policy's, or else the usual one.
    pub by_policy: bool,
    /// What was found, one or two sentences.
    pub reason: String,
}

/// When each model was trained, by a fact or by its training data.
pub(super) fn ages(found: &Staleness, facts: &[Fact]) -> PerArm<Age> {
    let of = |arm: ArmRole| {
        let said =
            |wanted: Option<ArmRole>| facts.iter().rev().find(|fact| fact.name == TRAINED_AT && fact.arm == wanted);
        // A date without an arm is the champion's: the model in production is the one that ages.
        let fact = said(Some(arm)).or_else(|| if arm == ArmRole::Champion { said(None) } else { None });
        if let Some(fact) = fact {
            let text = fact.value.text();
            return Some(match instant(&text) {
                Some(at) => Age { trained_at: Some(at), told: format!("fact {TRAINED_AT}={text}") },
                None => {
                    Age { trained_at: None, told: format!("the fact {TRAINED_AT}={text} is no date; write 2026-05-01") }
                }
            });
        }
        let last = found.skew.as_ref()?.last_time.filter(|_| arm == ArmRole::Champion)?;
        Some(Age { trained_at: Some(last), told: "latest time of the training data".to_owned() })
    };
    PerArm { champion: of(ArmRole::Champion), challenger: of(ArmRole::Challenger) }
}

/// Microseconds of a date or a time, UTC where it says nothing else.
fn instant(text: &str) -> Option<i64> {
    let text = text.trim();
    let zoned = text.parse::<jiff::Timestamp>().ok();
    let naive = || {
        let time = text.parse::<jiff::civil::DateTime>().ok()?;
        jiff::tz::TimeZone::UTC.to_timestamp(time).ok()
    };
    Some(zoned.or_else(naive)?.as_microsecond())
}

/// Days from training to the last time of the log.
fn days(age: &Age, now: Option<i64>) -> Option<f64> {
    Some((now?.saturating_sub(age.trained_at?)) as f64 / 86_400e6)
}

/// The largest value and the largest ends of a set of distances: bounds that hold for the largest of them.
fn largest<'a>(distances: impl Iterator<Item = &'a Distance>) -> Option<[f64; 3]> {
    distances.fold(None, |most: Option<[f64; 3]>, one| {
        let [value, lo, hi] = most.unwrap_or_default();
        Some([value.max(one.value), lo.max(one.lo), hi.max(one.hi)])
    })
}

/// The metrics of staleness that the policy's gates read.
pub(super) fn metrics(comparison: &Comparison, policy: &Policy) -> Vec<MetricResult> {
    let gated = policy.gated_metrics();
    let wanted = registry::STALENESS.iter().filter(|metric| gated.contains(&metric.name));
    let Some(found) = &comparison.staleness else {
        return Vec::new();
    };
    let two = comparison.plan.challenger.is_some();
    let metric = |known: &registry::Metric| {
        let arms = |value: Result<(f64, [f64; 2], u64), String>| {
            let (one, undefined) = match value {
                Ok((value, [lo, hi], n)) => (Some(exact(value, lo, hi, found.level, n)), None),
                Err(why) => (None, Some(why)),
            };
            (PerArm { champion: one.clone(), challenger: one.filter(|_| two) }, undefined)
        };
        let (arms, undefined) = match known.name {
            "drift_psi_max" => arms(drift_max(found)),
            "skew_psi_max" => arms(skew_max(found)),
            "outside_training" => arms(outside(found)),
            "demand_change" => arms(
                found
                    .demand
                    .as_ref()
                    .ok_or_else(|| "the log does not cover two whole periods".to_owned())
                    .and_then(|one| Ok((one.change, one.ends()?, one.latest as u64))),
            ),
            "model_age_days" => {
                let of = |age: &Option<Age>| {
                    let days = days(age.as_ref()?, found.now)?;
                    Some(exact(days, days, days, found.level, 0))
                };
                let arms = PerArm { champion: of(&found.ages.champion), challenger: of(&found.ages.challenger) };
                let none = arms.champion.is_none() && arms.challenger.is_none();
                (arms, none.then(|| format!("no date of training is known (--fact champion.{TRAINED_AT}=2026-05-01)")))
            }
            name => of_losses(found, name == "concept_change"),
        };
        let difference =
            arms.champion.as_ref().zip(arms.challenger.as_ref()).filter(|_| known.name == "model_age_days");
        MetricResult {
            name: known.name.to_owned(),
            slice: None,
            unit: known.unit,
            better: known.better,
            difference: difference.map(|(a, b)| Difference {
                value: b.value - a.value,
                lo: Some(b.value - a.value),
                hi: Some(b.value - a.value),
                level: found.level,
                method: "dates".to_owned(),
                p: None,
                se: None,
                n: 0,
            }),
            rows: found.windows.iter().map(|window| window.rows).sum(),
            positives: None,
            arm_positives: None,
            arms,
            undefined,
        }
    };
    wanted.map(metric).collect()
}

/// Whether a metric is one of staleness.
pub(super) fn is_staleness(name: &str) -> bool {
    registry::STALENESS.iter().any(|metric| metric.name == name)
}

fn exact(value: f64, lo: f64, hi: f64, level: f64, n: u64) -> Estimate {
    Estimate { value, lo: Some(lo), hi: Some(hi), level, method: "over windows of time".to_owned(), n }
}

type Read = Result<(f64, [f64; 2], u64), String>;

fn drift_max(found: &Staleness) -> Read {
    let rows = found.latest.and_then(|at| found.windows.get(at)).map_or(0, |window| window.rows);
    match largest(found.current().map(|(_, one)| one)) {
        Some([value, lo, hi]) => Ok((value, [lo, hi], rows)),
        None => Err(found.undefined.clone().unwrap_or_else(|| "no column has enough rows in both windows".to_owned())),
    }
}

fn skew_max(found: &Staleness) -> Read {
    let skew = found.skew.as_ref().ok_or("no training data is given (--reference FILE)")?;
    match largest(skew.current().map(|(_, one)| one)) {
        Some([value, lo, hi]) => Ok((value, [lo, hi], skew.of)),
        None => Err("no column stands in the training data and in the run with enough rows in both".to_owned()),
    }
}

fn outside(found: &Staleness) -> Read {
    let skew = found.skew.as_ref().ok_or("no training data is given (--reference FILE)")?;
    let share = skew.outside as f64 / skew.of.max(1) as f64;
    let size = skew.size.max(1.0).round();
    let interval = crate::stats::proportion::wilson((share * size).round() as u64, size as u64, found.level)
        .map_err(|error| error.to_string())?;
    Ok((share, [interval.lo.min(share), interval.hi.max(share)], skew.of))
}

fn of_losses(found: &Staleness, concept: bool) -> (PerArm<Estimate>, Option<String>) {
    let of = |course: &Option<LossCourse>| {
        let course = course.as_ref()?;
        let change = if concept { course.concept.as_ref() } else { course.change.as_ref() }?;
        Some(exact(change.value, change.lo, change.hi, change.level, change.n))
    };
    let arms = PerArm { champion: of(&found.losses.champion), challenger: of(&found.losses.challenger) };
    let why = || {
        let course = found.losses.challenger.as_ref().or(found.losses.champion.as_ref());
        let of = |course: &LossCourse| course.undefined.clone().or_else(|| course.no_concept.clone());
        let why = course.and_then(of).or_else(|| found.undefined.clone());
        why.unwrap_or_else(|| "too few rows have a label".to_owned())
    };
    let undefined = (arms.champion.is_none() && arms.challenger.is_none()).then(why);
    (arms, undefined)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::attached::FactValue;

    #[test]
    fn dates_of_training() {
        assert_eq!(instant("2026-05-01"), Some(1_777_593_600_000_000));
        assert_eq!(instant("2026-05-01T02:00+02:00"), instant("2026-05-01"));
        assert_eq!(instant("2026-05-01 00:00"), instant("2026-05-01"));
        assert_eq!(instant("spring"), None);
        assert!(matches!(FactValue::of("2026-05-01"), FactValue::Words(_)));
    }
}
