//! The triggers themselves: what was found, against which limit, in words.

use super::{DEMAND_CHANGE, TRAINED_AT, Trigger, TriggerKind, TriggerOutcome, days, largest};
use crate::compare::Comparison;
use crate::compare::staleness::{Change, Distance, LossCourse, Staleness};
use crate::decision::attached::FACT;
use crate::decision::numerals::{count, fixed, plain, round_significant};
use crate::decision::policy::{Margin, Policy, Retraining};

/// Limits where the policy has none. Of age there is none: how fast the world moves nobody but its owner knows.
const DRIFT: f64 = 0.25;
const LOSS: Margin = Margin::Relative(0.05);
const DEMAND: f64 = 0.5;

/// All triggers, in the order of the four kinds. `demand` is what a fact says.
pub(in crate::decision) fn triggers(comparison: &Comparison, policy: &Policy) -> Vec<Trigger> {
    let Some(found) = &comparison.staleness else {
        return Vec::new();
    };
    let limits = &policy.retraining;
    vec![
        age(found, limits),
        performance(found, limits),
        data(found, limits),
        skew(found, limits),
        demand(found, limits, comparison),
    ]
}

/// Above the limit, within it, or across it.
fn judged([lo, hi]: [f64; 2], limit: f64) -> TriggerOutcome {
    if lo > limit {
        TriggerOutcome::Triggered
    } else if hi <= limit {
        TriggerOutcome::NotTriggered
    } else {
        TriggerOutcome::CannotTell
    }
}

struct Found {
    value: f64,
    ends: [f64; 2],
    /// As one sentence.
    text: String,
}

fn trigger(
    (name, kind, title): (&str, TriggerKind, &str),
    found: Result<Found, String>,
    (limit, by_policy): (Option<f64>, bool),
    limited: impl Fn(f64) -> String,
) -> Trigger {
    let (value, ends) = match &found {
        Ok(found) => (Some(found.value), Some(found.ends)),
        Err(_) => (None, None),
    };
    let (outcome, reason) = match (found, limit) {
        (Err(why), _) => (TriggerOutcome::CannotTell, why),
        (Ok(found), None) => (TriggerOutcome::CannotTell, found.text),
        (Ok(found), Some(limit)) => {
            let outcome = judged(found.ends, limit);
            let stands = match outcome {
                TriggerOutcome::Triggered => "is above",
                TriggerOutcome::NotTriggered => "stays within",
                TriggerOutcome::CannotTell => "reaches across",
            };
            (outcome, format!("{} The interval {stands} {}.", found.text, limited(limit)))
        }
    };
    Trigger {
        name: name.to_owned(),
        kind,
        title: title.to_owned(),
        outcome,
        value,
        lo: ends.map(|ends| ends[0]),
        hi: ends.map(|ends| ends[1]),
        limit,
        by_policy,
        reason,
    }
}

fn chosen(limit: Option<f64>, usual: f64) -> (Option<f64>, bool) {
    (Some(limit.unwrap_or(usual)), limit.is_some())
}

fn number(value: f64) -> String {
    plain(round_significant(value, 3))
}

fn percent(share: f64) -> String {
    format!("{}{} %", if share > 0.0 { "+" } else { "" }, fixed(share * 100.0, 1))
}

fn age(found: &Staleness, limits: &Retraining) -> Trigger {
    let limit = limits.max_age_days;
    let age = match &found.ages.champion {
        None => Err(format!(
            "When the model in production was trained is not known: enter the fact {TRAINED_AT}=2026-05-01, or give the training data with its column of times."
        )),
        Some(age) => days(age, found.now).map(|days| (days, age)).ok_or_else(|| match age.trained_at {
            None => format!("The age is not known: {}.", age.told),
            Some(_) => "The log has no times to count the age to.".to_owned(),
        }),
    };
    let age = age.and_then(|(days, age)| match days < 0.0 {
        true => Err(format!("The model is said to be trained after the last row of the log ({}).", age.told)),
        false => Ok((days, age)),
    });
    let known = "model_age";
    let title = "Time since training";
    let mut line = trigger(
        (known, TriggerKind::Time, title),
        age.map(|(days, age)| {
            let text = format!("Trained {} days before the last row of the log ({}).", fixed(days, 1), age.told);
            Found { value: days, ends: [days; 2], text }
        }),
        (limit, limit.is_some()),
        |limit| format!("{} days", plain(limit)),
    );
    if let (Some(days), Some(limit)) = (line.value, limit) {
        line.reason =
            line.reason.replace("The interval is above", "That is above").replace("The interval stays", "That stays");
        debug_assert!((line.outcome == TriggerOutcome::Triggered) == (days > limit));
    } else if line.value.is_some() {
        line.reason.push_str(" The policy sets no limit: retraining.max_age_days.");
    }
    line
}

/// Name of a loss, and its unit in sentences.
fn loss_title(name: &str) -> &str {
    match name {
        "log_loss" => "log loss",
        "error" => "share of wrong answers",
        _ => "absolute error",
    }
}

fn performance(found: &Staleness, limits: &Retraining) -> Trigger {
    let course = found.losses.champion.as_ref();
    let change = course.and_then(|course| Some((course, course.change.as_ref()?, course.baseline.as_ref()?)));
    let limit = change.map(|(_, _, baseline)| match limits.max_performance_loss.unwrap_or(LOSS) {
        Margin::Absolute(limit) => limit,
        Margin::Relative(share) => share * baseline.value.abs(),
    });
    let read = change.ok_or_else(|| match (course.and_then(|course| course.undefined.as_ref()), &found.undefined) {
        (Some(why), _) | (None, Some(why)) => format!("The course of the loss is not known: {why}."),
        (None, None) => "The course of the loss is not known.".to_owned(),
    });
    let read = read.map(|(course, change, baseline)| Found {
        value: change.value,
        ends: [change.lo, change.hi],
        text: format!(
            "The champion's {} went from {} by {} ({} to {}) in {}.{}",
            loss_title(&course.name),
            number(baseline.value),
            signed(change.value),
            signed(change.lo),
            signed(change.hi),
            window(found, course.latest),
            parts(course)
        ),
    });
    let margin = limits.max_performance_loss.unwrap_or(LOSS);
    trigger(
        ("performance", TriggerKind::Performance, "Performance"),
        read,
        (limit, limits.max_performance_loss.is_some()),
        |limit| match margin {
            Margin::Absolute(_) => format!("a rise of {}", number(limit)),
            Margin::Relative(share) => {
                format!("a rise of {} ({} % of the baseline)", number(limit), plain(share * 100.0))
            }
        },
    )
}

/// `the day from 2026-05-04 00:00 UTC`.
fn window(found: &Staleness, at: Option<usize>) -> String {
    let start = at.and_then(|at| jiff::Timestamp::from_microsecond(found.windows.get(at)?.start).ok());
    let from = start.map_or_else(String::new, |start| start.strftime(" from %Y-%m-%d %H:%M UTC").to_string());
    format!("the {}{from}", period(found, 1))
}

fn signed(value: f64) -> String {
    format!("{}{}", if value > 0.0 { "+" } else { "" }, number(value))
}

/// How much of the change is another outcome at the same scores.
fn parts(course: &LossCourse) -> String {
    match (&course.concept, course.inputs) {
        (Some(Change { value, lo, hi, .. }), Some(inputs)) => format!(
            " At the same scores it changed by {} ({} to {}), by other scores {}.",
            signed(*value),
            signed(*lo),
            signed(*hi),
            signed(inputs)
        ),
        _ => String::new(),
    }
}

fn distance(what: &str, name: &str, distance: &Distance, extra: &str) -> Found {
    Found {
        value: distance.value,
        ends: [distance.lo, distance.hi],
        text: format!(
            "Most {what}: {name}, PSI {} beyond chance ({} to {}, all columns together; by chance alone {}{extra}).",
            number(distance.value),
            number(distance.lo),
            number(distance.hi),
            number(distance.expected),
        ),
    }
}

fn data(found: &Staleness, limits: &Retraining) -> Trigger {
    let read = match (&found.undefined, found.most()) {
        (_, Some((column, one))) => {
            let mut read = distance("moved since the first windows", &column.name, one, "");
            if let Some([_, lo, hi]) = largest(found.current().map(|(_, one)| one)) {
                read.ends = [lo, hi];
            }
            Ok(read)
        }
        (Some(why), None) => Err(format!("There is no course of the data: {why}.")),
        (None, None) => Err("No column has enough rows both in the baseline and after it.".to_owned()),
    };
    let limit = chosen(limits.max_drift_psi, DRIFT);
    trigger(("data_drift", TriggerKind::Data, "Data drift"), read, limit, |limit| format!("a PSI of {}", plain(limit)))
}

fn skew(found: &Staleness, limits: &Retraining) -> Trigger {
    let read = match &found.skew {
        None => Err("No training data to hold the run against: give it with --reference FILE or the key reference of the workspace.".to_owned()),
        Some(skew) => match skew.most() {
            None => Err("No column stands in the training data and in the run with enough rows in both.".to_owned()),
            Some((column, one)) => {
                let mut read = distance("apart from training", &column.name, one, "");
                if skew.outside > 0 {
                    let share = skew.outside as f64 / skew.of.max(1) as f64;
                    read.text.push_str(&format!(
                        " {} rows ({} %) hold a value beyond what training has seen.",
                        count(skew.outside),
                        fixed(share * 100.0, 1)
                    ));
                }
                if let Some([_, lo, hi]) = largest(skew.current().map(|(_, one)| one)) {
                    read.ends = [lo, hi];
                }
                Ok(read)
            }
        },
    };
    let limit = chosen(limits.max_skew_psi, DRIFT);
    trigger(("serving_skew", TriggerKind::Data, "Training-serving skew"), read, limit, |limit| {
        format!("a PSI of {}", plain(limit))
    })
}

fn demand(found: &Staleness, limits: &Retraining, comparison: &Comparison) -> Trigger {
    let limit = chosen(limits.max_demand_change, DEMAND);
    let line = ("demand", TriggerKind::Demand, "Demand");
    let said = comparison.metric(&format!("{}{DEMAND_CHANGE}", FACT));
    if let Some(value) = said.and_then(|metric| metric.arms.challenger.as_ref()).map(|arm| arm.value) {
        let text = format!("The fact {DEMAND_CHANGE} says {}.", percent(value));
        return two_sided(line, Ok(Found { value, ends: [value; 2], text }), limit);
    }
    let read = match (&found.demand, &found.undefined) {
        (Some(one), _) => {
            let text = format!(
                "{} requests in the last {} against {} in the first: {}",
                count(one.latest as u64),
                period(found, one.windows),
                count(one.baseline as u64),
                percent(one.change)
            );
            match one.ends() {
                Ok(ends @ [lo, hi]) => {
                    let text = format!("{text} ({} to {}).", percent(lo), percent(hi));
                    Ok(Found { value: one.change, ends, text })
                }
                Err(why) => Err(format!(
                    "{text}, without an interval: {why}. Enter the fact {DEMAND_CHANGE}=0.4 where demand is known to change."
                )),
            }
        }
        (None, Some(why)) => Err(format!("The volume has no course: {why}.")),
        (None, None) => Err(format!(
            "The log does not cover two whole weeks (two days, of windows of hours) to hold against each other; enter the fact {DEMAND_CHANGE}=0.4 where demand is known to change."
        )),
    };
    two_sided(line, read, limit)
}

/// `day`, `7 windows of a day`.
fn period(found: &Staleness, windows: usize) -> String {
    let window = found.window.map_or_else(|| "window".to_owned(), |window| window.words());
    if windows == 1 { window } else { format!("{windows} windows of a {window}") }
}

/// As [`trigger`], of a change in either direction.
fn two_sided(line: (&str, TriggerKind, &str), found: Result<Found, String>, limit: (Option<f64>, bool)) -> Trigger {
    let ends = found.as_ref().ok().map(|found| found.ends);
    let mut trigger = trigger(
        line,
        found.map(|found| {
            let [lo, hi] = found.ends;
            // How far from no change the interval surely is, and may be.
            let least = if lo > 0.0 {
                lo
            } else if hi < 0.0 {
                -hi
            } else {
                0.0
            };
            Found { ends: [least, lo.abs().max(hi.abs())], ..found }
        }),
        limit,
        |limit| format!("a change of {} %", plain(limit * 100.0)),
    );
    if let Some([lo, hi]) = ends {
        (trigger.lo, trigger.hi) = (Some(lo), Some(hi));
    }
    trigger
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_decides() {
        assert_eq!(judged([0.3, 0.5], 0.25), TriggerOutcome::Triggered);
        assert_eq!(judged([0.0, 0.25], 0.25), TriggerOutcome::NotTriggered);
        assert_eq!(judged([0.1, 0.5], 0.25), TriggerOutcome::CannotTell);
    }
}
