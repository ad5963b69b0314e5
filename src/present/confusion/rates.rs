//! Rates read off the matrices, with the intervals of the comparison.

use crate::compare::{Comparison, Estimate, MetricResult};
use crate::decision::catalog;
use crate::metrics::registry;
use crate::present::format::{self, Digits};

/// Names of the rates, as they are listed.
const RATES: [&str; 10] =
    ["precision", "recall", "specificity", "f1", "mcc", "kappa", "balanced_accuracy", "accuracy", "flag_rate", "cost"];

/// One line of the rates. Numbers of a line have equal decimals; an undefined one is `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateRow {
    pub name: String,
    pub title: String,
    /// Unit of the values: `%`, or empty.
    pub unit: &'static str,
    /// Value and interval by arm, champion first.
    pub arms: [Option<(String, String)>; 2],
    /// Challenger minus champion, with its interval.
    pub difference: Option<(String, String)>,
    pub difference_unit: &'static str,
    pub formula: &'static str,
    /// Why something is missing.
    pub undefined: Option<String>,
}

pub(super) fn rates(comparison: &Comparison) -> Vec<RateRow> {
    RATES.iter().filter_map(|name| comparison.metric(name)).map(row).collect()
}

fn row(metric: &MetricResult) -> RateRow {
    let digits = digits(metric);
    let arm = |estimate: &Option<Estimate>| {
        let estimate = estimate.as_ref()?;
        let interval = estimate.lo.zip(estimate.hi).map_or_else(no_interval, |(lo, hi)| digits.interval(lo, hi));
        Some((digits.value(estimate.value), interval))
    };
    let difference = metric.difference.as_ref().map(|found| {
        let interval = found.lo.zip(found.hi);
        let digits = interval.map_or(digits, |(lo, hi)| digits.clear_of(&[lo, hi], &[0.0]));
        let interval = interval.map_or_else(no_interval, |(lo, hi)| digits.signed_interval(lo, hi));
        (digits.signed(found.value), interval)
    });
    RateRow {
        name: metric.name.clone(),
        title: catalog::title(&metric.name).to_owned(),
        unit: format::unit_label(metric.unit, false),
        arms: [arm(&metric.arms.champion), arm(&metric.arms.challenger)],
        difference,
        difference_unit: format::unit_label(metric.unit, true),
        formula: registry::find(&metric.name).map_or("", |found| found.formula),
        undefined: metric.undefined.clone(),
    }
}

fn no_interval() -> String {
    "no interval".to_owned()
}

/// Digits by the difference's interval; by the champion's where there is no difference.
fn digits(metric: &MetricResult) -> Digits {
    let difference = metric.difference.as_ref().map(|found| (found.value, found.lo.zip(found.hi)));
    let estimate = metric.arms.champion.as_ref().or(metric.arms.challenger.as_ref());
    let own = estimate.map(|estimate| (estimate.value, estimate.lo.zip(estimate.hi)));
    let (value, interval) = match difference {
        Some((_, Some(interval))) => (0.0, Some(interval)),
        _ => own.unwrap_or_default(),
    };
    Digits::of(metric.unit, value, interval)
}
