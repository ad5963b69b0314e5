//! What the views of a task draw beside its metrics.

use serde::{Deserialize, Serialize};

use super::result::PerArm;

/// By task; written into the record as it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Detail {
    /// Confusion, curves and scores stand in the comparison itself.
    #[default]
    Binary,
    Regression(Errors),
    Multiclass(Classes),
    Ranking(Queries),
}

impl Detail {
    pub fn is_binary(&self) -> bool {
        *self == Self::Binary
    }
}

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

/// What lists come to, query by query and at every cut.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Queries {
    /// Queries on which the challenger is better, equal, worse, for each metric of a list.
    pub wins: Vec<QueryWins>,
    /// Metrics at cuts, from 1 to the end of the longest list.
    pub cuts: Vec<QueryCut>,
    /// Queries on which the challenger loses most by the metric of [`Self::worst_by`], then of those on which it gains;
    /// of one model those with the smallest value.
    pub worst: Vec<QueryRow>,
    pub worst_by: String,
}

/// Per-query differences of one metric, counted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueryWins {
    pub metric: String,
    pub better: u64,
    pub equal: u64,
    pub worse: u64,
}

/// A metric where only the first items count.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueryCut {
    /// Stem of the name: `ndcg`, `recall`.
    pub metric: String,
    pub k: u32,
    pub arms: PerArm<f64>,
    /// Challenger minus champion with its paired interval, cluster-robust where the log has units; pointwise.
    pub difference: Option<[f64; 3]>,
}

/// A query with its values.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueryRow {
    /// Row of the log.
    pub row: u64,
    pub id: String,
    /// Relevant items, listed or not.
    pub relevant: u64,
    pub arms: PerArm<f64>,
}

/// Counts over several classes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Classes {
    /// Names in the order of the matrices.
    pub names: Vec<String>,
    /// Confusion of each arm: truth, prediction, rows; cells without a row are left out.
    pub confusion: PerArm<Vec<Cell>>,
    /// Per class, in the order of the names.
    pub per_class: Vec<ClassRow>,
    /// Per class: rows of it by who is right: both, only the champion (broken), only the challenger (fixed), neither
    /// with the same answer, neither with different answers.
    pub flips: Vec<[u64; 5]>,
}

/// A cell of a confusion matrix of many classes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell(pub u32, pub u32, pub u64);

/// What is known of one class.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassRow {
    /// Rows whose truth it is.
    pub support: u64,
    pub precision: PerArm<f64>,
    pub recall: PerArm<f64>,
    pub f1: PerArm<f64>,
    /// Challenger minus champion with its paired interval, cluster-robust where the log has units; `None` where a class
    /// has too few rows or one unit.
    pub recall_difference: Option<[f64; 3]>,
}
