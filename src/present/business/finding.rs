//! What was found, in one sentence.

use super::{chance, ends};
use crate::compare::{BUSINESS_VALUE, Business, Comparison, MetricResult, SplitDetail};
use crate::decision::catalog;
use crate::present::format::{Digits, signed};
use crate::present::{Sentence, Weight};

/// By how much the challenger is worth more, or which outcomes it changes.
pub(super) fn finding(comparison: &Comparison, found: &Business, detail: Option<&SplitDetail>) -> Sentence {
    if let Some(metric) = comparison.metric(BUSINESS_VALUE).filter(|_| comparison.plan.value.is_some()) {
        return of_value(comparison, metric, found);
    }
    let Some(detail) = detail else {
        return Sentence::default().plain("Nothing is said yet of what a decision is worth.");
    };
    let mut sentence = Sentence::default();
    let mut unsure = Vec::new();
    for scaled in &found.scaled {
        let Some(metric) = comparison.metric(&scaled.metric) else { continue };
        let Some((difference, (lo, hi))) = metric.difference.as_ref().and_then(|one| Some((one, one.lo.zip(one.hi)?)))
        else {
            continue;
        };
        let name = catalog::title(&metric.name);
        if lo <= 0.0 && hi >= 0.0 {
            unsure.push(name.to_owned());
            continue;
        }
        let digits = Digits::of(metric.unit, difference.value, Some((lo, hi)));
        sentence = if sentence.0.is_empty() { sentence.plain("Under the challenger ") } else { sentence.plain(", ") };
        sentence = sentence
            .plain(format!("{name} is "))
            .strong(digits.signed_unit(difference.value))
            .part(Weight::Muted, format!(" {}", digits.signed_interval(lo, hi)));
        let lift = detail.lifts.iter().find(|lift| lift.metric == metric.name && lift.undefined.is_none());
        if let Some(lift) = lift.and_then(|lift| lift.value) {
            sentence = sentence.plain(format!(" ({} %)", signed(lift * 100.0, 1)));
        }
    }
    match (sentence.0.is_empty(), unsure.as_slice()) {
        (true, []) => Sentence::default().plain("The log holds no outcome of which a difference can be taken."),
        (true, unsure) => {
            Sentence::default().plain(format!("The arms cannot be told apart by {}.", unsure.join(", nor by ")))
        }
        (false, []) => sentence.plain("."),
        (false, unsure) => sentence.plain(format!("; they cannot be told apart by {}.", unsure.join(", nor by "))),
    }
}

fn of_value(comparison: &Comparison, metric: &MetricResult, found: &Business) -> Sentence {
    let unit = comparison.plan.value.as_ref().map(|value| value.unit.trim()).unwrap_or_default();
    let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
    let Some(difference) = &metric.difference else {
        let why = metric.undefined.as_deref().unwrap_or("there is one model");
        return match &metric.arms.champion {
            Some(arm) => Sentence::default()
                .plain("At these values a request is worth ")
                .strong(format!("{}{unit}", Digits::of(metric.unit, arm.value, arm.lo.zip(arm.hi)).value(arm.value)))
                .plain(format!("; no difference: {why}.")),
            None => Sentence::default().plain(format!("The value of decisions has no number: {why}.")),
        };
    };
    let ends_of = difference.lo.zip(difference.hi);
    let digits = Digits::of(metric.unit, difference.value, ends_of);
    let mut sentence = Sentence::default()
        .plain("At these values a request is worth ")
        .strong(format!("{}{unit}", digits.size_unit(difference.value)))
        .plain(if difference.value < 0.0 { " less under the challenger" } else { " more under the challenger" });
    if let Some((lo, hi)) = ends_of {
        sentence = sentence.part(Weight::Muted, format!(" {}", digits.signed_interval(lo, hi)));
    }
    if let Some(scaled) = found.scaled.iter().find(|scaled| scaled.metric == BUSINESS_VALUE) {
        if let Some(value) = scaled.chance_better {
            sentence = sentence.plain(format!("; it is worth more with a chance of {}", chance(value)));
        }
        if let Some(year) = &scaled.per_year {
            let [value, interval] = ends(year);
            sentence = sentence.plain("; ").strong(format!("{value}{unit}")).plain(" a year");
            if !interval.is_empty() {
                sentence = sentence.part(Weight::Muted, format!(" {interval}"));
            }
        }
    }
    sentence.plain(".")
}
