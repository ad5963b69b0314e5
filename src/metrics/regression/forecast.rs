//! Metrics of series and of predicted quantiles, which need more than a number per row.

use crate::metrics::measured::{Measured, NO_ROW, Outcome};
use crate::metrics::registry::{Better, Metric, Unit, metric};

/// In the order they are shown.
pub const METRICS: [Metric; 5] = [
    metric(
        "mase",
        "MASE",
        (Unit::Number, Better::Lower),
        "mean of |e| / scale, the scale of a series being its mean of |truth_t - truth_(t-m)| over the run, m rows a season",
        "Hyndman and Koehler 2006, Int J Forecast 22:679",
        "Below 1: better than repeating the value of a season before; the scale is that of the run, not of the training part.",
    ),
    metric(
        "pinball_loss",
        "Pinball loss",
        (Unit::Target, Better::Lower),
        "mean over levels q and rows of max(q (truth - p), (q - 1) (truth - p)), p the predicted quantile",
        "Koenker and Bassett 1978",
        "Mean loss of the predicted quantiles: least when they are the true ones.",
    ),
    metric(
        "interval_coverage",
        "Interval coverage",
        (Unit::Share, Better::Neither),
        "share of truths within [lower, upper] of the widest predicted interval",
        "count",
        "Share of truths that the widest predicted interval holds; to be near its level.",
    ),
    metric(
        "interval_score",
        "Interval score",
        (Unit::Target, Better::Lower),
        "mean over intervals and rows of upper - lower + 2/a (lower - truth)+ + 2/a (truth - upper)+, a = 1 - level",
        "Gneiting and Raftery 2007, J Am Stat Assoc 102:359, eq. 43",
        "Width of the predicted intervals plus what truths outside them cost.",
    ),
    metric(
        "wis",
        "Weighted interval score",
        (Unit::Target, Better::Lower),
        "(|truth - median| / 2 + sum over intervals of a/2 IS_a) / (intervals + 1/2)",
        "Bracher et al. 2021, PLoS Comput Biol 17:e1008618, eq. 1",
        "Interval scores and the error of the median, weighted: near the continuous ranked probability score.",
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

/// Mean absolute scaled error with a scale of its own for each row's series; rows whose scale is NaN are left out.
///
/// # Errors
/// No row has a scale.
pub fn scaled(truth: &[f64], predicted: &[f64], scales: &[f64]) -> Outcome {
    let part = |row: usize, value: f64| if scales[row].is_finite() { value } else { 0.0 };
    let errors: Vec<f64> =
        (0..truth.len()).map(|row| part(row, (predicted[row] - truth[row]).abs() / scales[row])).collect();
    let counted: Vec<f64> = (0..truth.len()).map(|row| part(row, 1.0)).collect();
    if !counted.contains(&1.0) {
        return Err(if truth.is_empty() { NO_ROW } else { "no row is of a series that has a scale" }.to_owned());
    }
    Measured::ratio(&errors, &counted)
}

/// Pinball loss of predicted quantiles of one level.
///
/// # Errors
/// No row, or a level outside (0, 1).
pub fn pinball(truth: &[f64], quantile: &[f64], level: f64) -> Outcome {
    if !(level > 0.0 && level < 1.0) {
        return Err(format!("a quantile of level {level} is not between 0 and 1"));
    }
    Measured::mean(truth.len(), |row| pinball_at(truth[row], quantile[row], level))
}

/// Pinball loss of one prediction.
pub fn pinball_at(truth: f64, quantile: f64, level: f64) -> f64 {
    let miss = truth - quantile;
    (level * miss).max((level - 1.0) * miss)
}

/// Mean pinball loss over several levels; each is a level with the predicted quantile of every row.
///
/// # Errors
/// No row, no level, or a level outside (0, 1).
pub fn mean_pinball(truth: &[f64], quantiles: &[(f64, &[f64])]) -> Outcome {
    if quantiles.is_empty() {
        return Err("no quantile is predicted".to_owned());
    }
    if let Some((level, _)) = quantiles.iter().find(|(level, _)| !(*level > 0.0 && *level < 1.0)) {
        return Err(format!("a quantile of level {level} is not between 0 and 1"));
    }
    Measured::mean(truth.len(), |row| {
        let losses = quantiles.iter().map(|(level, values)| pinball_at(truth[row], values[row], *level));
        losses.sum::<f64>() / quantiles.len() as f64
    })
}

/// Share of truths within predicted limits, ends included.
///
/// # Errors
/// No row, or a lower limit above the upper one.
pub fn coverage(truth: &[f64], lower: &[f64], upper: &[f64]) -> Outcome {
    in_order(lower, upper)?;
    Measured::share(truth.len(), |row| f64::from(u8::from((lower[row]..=upper[row]).contains(&truth[row]))))
}

/// A predicted central interval: the limits hold `1 - alpha` of the truths.
#[derive(Clone, Copy, Debug)]
pub struct Limits<'a> {
    pub alpha: f64,
    pub lower: &'a [f64],
    pub upper: &'a [f64],
}

impl Limits<'_> {
    /// Interval score of one prediction: the width, and 2 / alpha times what the truth is outside.
    pub fn score(&self, row: usize, truth: f64) -> f64 {
        let (lower, upper) = (self.lower[row], self.upper[row]);
        upper - lower + 2.0 / self.alpha * ((lower - truth).max(0.0) + (truth - upper).max(0.0))
    }
}

/// Mean interval score over several intervals.
///
/// # Errors
/// As [`weighted_interval_score`].
pub fn interval_score(truth: &[f64], intervals: &[Limits<'_>]) -> Outcome {
    check(truth, intervals)?;
    Measured::mean(truth.len(), |row| {
        intervals.iter().map(|limits| limits.score(row, truth[row])).sum::<f64>() / intervals.len() as f64
    })
}

/// Weighted interval score of a predicted median and central intervals, weights `alpha / 2`.
///
/// # Errors
/// No row, no interval, an `alpha` outside (0, 1), or a lower limit above the upper one.
pub fn weighted_interval_score(truth: &[f64], median: &[f64], intervals: &[Limits<'_>]) -> Outcome {
    check(truth, intervals)?;
    Measured::mean(truth.len(), |row| {
        let y = truth[row];
        let scores = intervals.iter().map(|limits| 0.5 * limits.alpha * limits.score(row, y));
        (0.5 * (y - median[row]).abs() + scores.sum::<f64>()) / (intervals.len() as f64 + 0.5)
    })
}

fn check(truth: &[f64], intervals: &[Limits<'_>]) -> Result<(), String> {
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
    Ok(())
}

fn in_order(lower: &[f64], upper: &[f64]) -> Result<(), String> {
    match lower.iter().zip(upper).filter(|(lower, upper)| lower > upper).count() {
        0 => Ok(()),
        crossed => Err(format!("{crossed} rows have a lower limit above the upper one")),
    }
}
