//! What was asked for and leaves nothing to look at: most often a slip of the pen.

use crate::compare::{Condition, SliceSpec, ThresholdBasis};
use crate::log::meant::did_you_mean;
use crate::log::{FeatureValues, Log};
use crate::session::pipeline::{Evaluation, Request};

/// Values of a column that are listed at most.
const LISTED: usize = 12;

/// One sentence for each slice without rows and each threshold beyond all scores.
pub(super) fn of(evaluation: &Evaluation, request: &Request) -> Vec<String> {
    let log = &evaluation.run.log;
    let slices = request.slices.iter().filter_map(|slice| empty_slice(slice, log));
    let plan = &evaluation.comparison.plan;
    let given = log.arms.iter().zip(&plan.thresholds).filter_map(|(arm, threshold)| {
        let value = threshold.value.filter(|_| threshold.basis == ThresholdBasis::Given)?;
        let scores = arm.scores.as_ref()?;
        let finite = || scores.iter().copied().filter(|score| score.is_finite());
        let (low, high) = (finite().fold(f64::INFINITY, f64::min), finite().fold(f64::NEG_INFINITY, f64::max));
        let flags = if value > high { "no row" } else { "every row" };
        (value > high || value <= low).then(|| {
            format!("The threshold {value} of {} flags {flags}: its scores go from {low} to {high}.", arm.name)
        })
    });
    slices.chain(given).collect()
}

fn empty_slice(slice: &SliceSpec, log: &Log) -> Option<String> {
    if slice.mask(log).ok()?.count() > 0 {
        return None;
    }
    let values = slice.conditions.iter().find_map(|condition| {
        let Condition::Equal { column, value } = condition else {
            return None;
        };
        let FeatureValues::Coded(codes) = &log.feature(column)?.values else {
            return None;
        };
        let names: Vec<&str> = codes.names.iter().map(String::as_str).collect();
        if names.contains(&value.as_str()) {
            return None;
        }
        let more = if names.len() > LISTED { ", …" } else { "" };
        let listed = names.iter().take(LISTED).copied().collect::<Vec<_>>().join(", ");
        Some(format!(" {column} has no value `{value}`{}; it holds {listed}{more}.", did_you_mean(value, names)))
    });
    Some(format!("No row is in the slice {slice}.{}", values.unwrap_or_default()))
}
