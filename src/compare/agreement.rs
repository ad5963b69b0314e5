//! How far two models answer alike on the rows that both answered, labelled or not.

use serde::{Deserialize, Serialize};

use super::result::Estimate;

/// What is held side by side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answers {
    /// One of two classes, at the plan's thresholds or as logged.
    #[default]
    Decisions,
    /// One of several classes.
    Classes,
    /// Numbers; alike where they are equal.
    Numbers,
    /// Texts; alike where they are the same letter by letter.
    Texts,
    /// Lists; alike where they hold the same items in the same order.
    Lists,
}

/// Answers of both models. Nothing but fixed, broken and bounds needs a label.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agreement {
    pub answers: Answers,
    /// Rows that both arms answered, and those without a label among them.
    pub rows: u64,
    pub unlabelled: u64,
    /// Distinct units of these rows, where one has several.
    pub units: Option<u64>,
    /// Rows answered differently, and those without a label among them.
    pub changed: u64,
    pub changed_unlabelled: u64,
    /// Share of rows answered differently: Wilson's interval, cluster-robust where the log has units.
    pub churn: Option<Estimate>,
    /// Cohen's kappa of the two models' answers (Cohen 1960), with the interval of its influence; of classes only.
    pub kappa: Option<Estimate>,
    /// Answers by their place in [`AnswerCell`]; empty where there is no table.
    pub names: Vec<String>,
    /// Rows by both answers, most rows first; cells without a row are left out, and of more than twenty classes those on
    /// which both models agree.
    pub cells: Vec<AnswerCell>,
    /// Cells that were left out because there are too many, and their rows.
    pub cells_left: [u64; 2],
    /// Labelled rows answered differently: only the challenger is right (fixed), only the champion (broken), neither.
    pub judged: Option<[u64; 3]>,
    pub bounds: Option<LabelBounds>,
    pub shift: Option<ScoreShift>,
    pub slices: Vec<SliceChurn>,
    pub spans: Vec<ChurnSpan>,
    /// Seconds of a span.
    pub span_secs: Option<f64>,
}

/// Rows that got one pair of answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerCell {
    pub champion: u32,
    pub challenger: u32,
    pub rows: u64,
    pub unlabelled: u64,
}

/// What a difference can be at worst and at best, whatever the missing labels turn out to be (Manski 1989, J Hum Resour
/// 24:343). Rows answered alike cancel, so that only unlabelled rows answered differently leave anything open.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelBounds {
    /// `accuracy`, or `mae` of numbers.
    pub metric: String,
    /// Rows that both arms answered.
    pub rows: u64,
    /// Rows whose label could move the difference.
    pub open: u64,
    /// Challenger minus champion over all these rows, as far as labels tell it: the others counted as 0.
    pub known: f64,
    /// Least and greatest difference that missing labels allow.
    pub least: f64,
    pub greatest: f64,
    /// Ends that allow for the drawing of the rows, too: the lower end of the interval of the least difference, the upper
    /// end of that of the greatest.
    pub interval: Option<[f64; 2]>,
    pub method: String,
}

/// Challenger's score minus champion's on the same row; of a regression the prediction.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScoreShift {
    pub rows: u64,
    pub mean: Option<Estimate>,
    pub mean_absolute: f64,
    pub standard_deviation: f64,
    /// Share of rows, and the shift that this share does not exceed.
    pub quantiles: Vec<[f64; 2]>,
    /// Most that a quantile can be off, being read off bins; 0 where it is exact.
    pub quantile_error: f64,
    /// Bin edges, and rows per bin; rows beyond the edges count in the first and the last bin.
    pub edges: Vec<f64>,
    pub histogram: Vec<u64>,
    pub pearson: Option<f64>,
    pub spearman: Option<f64>,
    /// Kendall's tau-b.
    pub kendall: Option<f64>,
    pub top: Vec<TopOverlap>,
    /// Why rank correlations or overlaps are missing, where they are.
    pub undefined: Option<String>,
}

/// The rows with the highest scores of each model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TopOverlap {
    /// Share of all rows that is taken.
    pub share: f64,
    /// Rows of each arm at or above the score of its last row taken: more than asked for where scores are tied there.
    pub rows: [u64; 2],
    pub both: u64,
}

/// Churn of a slice of the plan.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SliceChurn {
    /// As written.
    pub slice: String,
    pub rows: u64,
    pub changed: u64,
    pub changed_unlabelled: u64,
    pub churn: Option<Estimate>,
}

/// Churn of a span of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChurnSpan {
    /// Microseconds UTC.
    pub start: i64,
    pub rows: u64,
    pub changed: u64,
}
