//! What the views of a regression draw: errors, predicted quantiles, tests in the order of time.

use serde::{Deserialize, Serialize};

use crate::compare::result::PerArm;

/// Errors of both arms, prediction minus truth, in the unit of the target.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Errors {
    /// Bin edges, the same for both arms; rows beyond them are counted in the first and the last bin.
    pub edges: Vec<f64>,
    /// Rows per bin.
    pub histogram: PerArm<Vec<u64>>,
    /// Share of rows, and the error that this share does not exceed.
    pub quantiles: Vec<ErrorQuantile>,
    /// Mean absolute error by the truth, over time, by each column.
    pub by: Vec<ErrorsBy>,
    /// Rows on which the challenger's absolute error is smaller, equal, larger.
    pub nearer: Option<[u64; 3]>,
    /// Rows on which the challenger loses most; of one model those with the largest absolute error.
    pub worst: Vec<WorstRow>,
    /// Challenger's absolute error minus the champion's, row by row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loss_differences: Option<LossDifferences>,
    /// Where quantiles are predicted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantile_forecasts: Option<QuantileForecasts>,
    /// Diebold-Mariano tests; of one model none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub time_tests: Vec<TimeTest>,
    /// What MASE is scaled by, where it has a scale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<NaiveScale>,
}

/// The naive forecast of the run, whose mean absolute error the errors of each series are divided by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NaiveScale {
    /// Rows per season: how far before the repeated value lies.
    pub season: u64,
    /// Differences behind the scales of all series.
    pub differences: u64,
    /// Series with a scale.
    pub series: u64,
}

/// Rows by how much more the challenger is off than the champion.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LossDifferences {
    /// Bin edges; rows beyond them are counted in the first and the last bin.
    pub edges: Vec<f64>,
    pub rows: Vec<u64>,
}

/// Predicted quantiles against what came; means with their intervals, cluster-robust where the log has units.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuantileForecasts {
    /// Levels that an arm predicts, ascending.
    pub levels: Vec<QuantileLevel>,
    /// Central intervals, the widest first.
    pub intervals: Vec<IntervalForecast>,
    /// Why an arm has none.
    pub undefined: Option<String>,
}

/// A level of the predicted quantiles.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuantileLevel {
    /// Share of the truths that should lie at or below.
    pub level: f64,
    /// Share that does: value, lower and upper end.
    pub observed: PerArm<[f64; 3]>,
    /// Challenger minus champion, paired.
    pub observed_difference: Option<[f64; 3]>,
    /// Mean pinball loss.
    pub pinball: PerArm<[f64; 3]>,
    pub pinball_difference: Option<[f64; 3]>,
}

/// A central interval between two predicted quantiles.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IntervalForecast {
    /// Share of the truths that it should hold.
    pub nominal: f64,
    /// Share that it holds: value, lower and upper end.
    pub coverage: PerArm<[f64; 3]>,
    /// Challenger minus champion, paired.
    pub coverage_difference: Option<[f64; 3]>,
    /// Interval score of Gneiting and Raftery.
    pub score: PerArm<[f64; 3]>,
    pub score_difference: Option<[f64; 3]>,
    /// Mean width.
    pub width: PerArm<[f64; 3]>,
}

/// What an error costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeLoss {
    #[default]
    Absolute,
    Squared,
}

/// Diebold-Mariano test on the mean loss per step of time: with the correction of Harvey, Leybourne and Newbold where the
/// horizon is known, by cosines of low frequency where it is not.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeTest {
    pub loss: TimeLoss,
    /// Challenger minus champion, mean over steps, with its interval.
    pub difference: Option<[f64; 3]>,
    pub statistic: Option<f64>,
    /// Two-sided, by t on steps - 1 degrees or on the cosines.
    pub p: Option<f64>,
    /// Times, or spans of time, that the loss is averaged over.
    pub steps: u64,
    /// Seconds of a span; `None`: each time is a step.
    pub width_secs: Option<f64>,
    /// Greatest number of steps ahead; `None` where no column tells it.
    pub horizon: Option<u64>,
    /// Autocovariances that enter, horizon - 1; with an unknown horizon, in records of before there were cosines, the
    /// bandwidth of Newey and West with Bartlett weights.
    pub lags: u64,
    /// Cosines that tell the long-run variance, and degrees of freedom, where the horizon is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cosines: Option<u64>,
    /// The truncated sum was not positive and Bartlett weights were used.
    pub fell_back: bool,
    pub undefined: Option<String>,
}

/// A quantile of the errors of each arm.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorQuantile {
    pub share: f64,
    pub arms: PerArm<f64>,
}

/// What errors are looked at by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorAxis {
    /// The true value, in ranges of equal rows.
    #[default]
    Truth,
    /// Time of the request, in equal spans; microseconds UTC.
    Time,
    /// A column of numbers, in ranges of equal rows.
    Number,
    /// A column of few values.
    Words,
}

/// Mean absolute error along something.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorsBy {
    /// Column; empty for truth and time.
    pub name: String,
    pub axis: ErrorAxis,
    pub bins: Vec<ErrorBin>,
}

/// Rows of one range, or of one value.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorBin {
    /// Value of a column of words.
    pub value: Option<String>,
    /// Least and greatest of the range; of words `None`.
    pub range: Option<[f64; 2]>,
    pub rows: u64,
    /// Mean absolute error.
    pub arms: PerArm<f64>,
    /// Challenger minus champion with its interval, cluster-robust where the log has units; pointwise.
    pub difference: Option<[f64; 3]>,
}

/// A row that a model missed by much.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorstRow {
    /// Row of the log.
    pub row: u64,
    pub id: String,
    pub truth: f64,
    pub predicted: PerArm<f64>,
}
