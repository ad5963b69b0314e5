//! Metrics of series and of predicted quantiles, which need more than a number per row.

use crate::metrics::measured::{Measured, NO_ROW, Outcome};
use crate::metrics::registry::{Better, Metric, Unit, metric};

/// In the order they are shown.
pub const METRICS: [Metric; 4] = [
    metric(
        "mase",
        "MASE",
        (Unit::Number, Better::Lower),
        "mean of |e| / mean of |truth_t - truth_(t-m)|, m the season",
        "Hyndman and Koehler 2006, Int J Forecast 22:679",
        "Below 1: better than repeating the value one season ago.",
    ),
    metric(
        "pinball_loss",
        "Pinball loss",
        (Unit::Target, Better::Lower),
        "mean of max(q (truth - p), (q - 1) (truth - p)), p the predicted quantile of level q",
        "Koenker and Bassett 1978",
        "Mean loss of a predicted quantile: least when it is the true one.",
    ),
    metric(
        "interval_coverage",
        "Interval coverage",
        (Unit::Share, Better::Neither),
        "share of truths within [lower, upper]",
        "count",
        "Share of truths that the predicted interval holds; to be near its level.",
    ),
    metric(
        "wis",
        "Weighted interval score",
        (Unit::Target, Better::Lower),
        "(|truth - median| / 2 + sum over intervals of a/2 IS_a) / (intervals + 1/2)",
        "Bracher et al. 2021, PLoS Comput Biol 17:e1008618, eq. 1",
        "Width of the predicted intervals plus what truths outside them cost.",
    ),
];

/// Mean absolute scaled error. `truth` and `predicted` are in the order of time; the scale, the mean absolute
/// difference of values `season` apart, comes from `history`: the training series, or the same truths where there is
/// none. The scale is taken as known: it is the same for every model.
///
/// # Errors
/// No row, a season of 0, too short a history, or one that repeats itself exactly.
pub fn mase(truth: &[f64], predicted: &[f64], history: &[f64], season: usize) -> Outcome {
    if season == 0 || history.len() <= season {
        return Err(format!("a history of {} values has no two that are {season} apart", history.len()));
    }
    let pairs = history.len() - season;
    let scale = super::mean_of(pairs, |row| (history[row + season] - history[row]).abs());
    if scale == 0.0 {
        return Err("the history repeats itself, so the naive forecast has no error".to_owned());
    }
    Measured::mean(truth.len(), |row| (predicted[row] - truth[row]).abs() / scale)
}

/// Pinball loss of predicted quantiles of one level.
///
/// # Errors
/// No row, or a level outside (0, 1).
pub fn pinball(truth: &[f64], quantile: &[f64], level: f64) -> Outcome {
    if !(level > 0.0 && level < 1.0) {
        return Err(format!("a quantile of level {level} is not between 0 and 1"));
    }
    Measured::mean(truth.len(), |row| {
        let miss = truth[row] - quantile[row];
        (level * miss).max((level - 1.0) * miss)
    })
}

/// Share of truths within predicted limits, ends included.
///
/// # Errors
/// No row, or a lower limit above the upper one.
pub fn coverage(truth: &[f64], lower: &[f64], upper: &[f64]) -> Outcome {
    in_order(lower, upper)?;
    Measured::mean(truth.len(), |row| f64::from(u8::from((lower[row]..=upper[row]).contains(&truth[row]))))
}

/// A predicted central interval: the limits hold `1 - alpha` of the truths.
#[derive(Clone, Copy, Debug)]
pub struct Limits<'a> {
    pub alpha: f64,
    pub lower: &'a [f64],
    pub upper: &'a [f64],
}

/// Weighted interval score of a predicted median and central intervals, weights `alpha / 2`.
///
/// # Errors
/// No row, no interval, an `alpha` outside (0, 1), or a lower limit above the upper one.
pub fn weighted_interval_score(truth: &[f64], median: &[f64], intervals: &[Limits<'_>]) -> Outcome {
    if truth.is_empty() {
        return Err(NO_ROW.to_owned());
    }
    if intervals.is_empty() {
        return Err("no predicted interval".to_owned());
    }
    for limits in intervals {
        if !(limits.alpha > 0.0 && limits.alpha < 1.0) {
            return Err(format!("an interval of level 1 - {} is not between 0 and 1", limits.alpha));
        }
        in_order(limits.lower, limits.upper)?;
    }
    Measured::mean(truth.len(), |row| {
        let y = truth[row];
        let scores = intervals.iter().map(|limits| {
            let (lower, upper) = (limits.lower[row], limits.upper[row]);
            0.5 * limits.alpha * (upper - lower) + (lower - y).max(0.0) + (y - upper).max(0.0)
        });
        (0.5 * (y - median[row]).abs() + scores.sum::<f64>()) / (intervals.len() as f64 + 0.5)
    })
}

fn in_order(lower: &[f64], upper: &[f64]) -> Result<(), String> {
    match lower.iter().zip(upper).filter(|(lower, upper)| lower > upper).count() {
        0 => Ok(()),
        crossed => Err(format!("{crossed} rows have a lower limit above the upper one")),
    }
}
