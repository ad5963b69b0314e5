//! What the views of a task draw beside its metrics.

mod calibration;
mod errors;
mod image_pairs;
mod pairs;

pub use self::calibration::{ClassCalibration, ClassReliability};
pub use errors::{
    ErrorAxis, ErrorBin, ErrorQuantile, Errors, ErrorsBy, IntervalForecast, LossDifferences, NaiveScale,
    QuantileForecasts, QuantileLevel, TimeLoss, TimeTest, WorstRow,
};

use serde::{Deserialize, Serialize};

use super::result::{Difference, PerArm};
use crate::stats::balance::FLAG;

pub use self::image_pairs::{ImageOutput, ImagePairRow, ImagePairRows};
pub use self::pairs::{PairPoint, PairRow, Similarities, SimilarityBin};

/// By task; written into the record as it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Detail {
    /// Confusion, curves and scores stand in the comparison itself.
    #[default]
    Binary,
    Regression(Errors),
    Multiclass(Classes),
    /// Of an A/B or canary run, whatever the task.
    Split(SplitDetail),
    Ranking(Queries),
    Texts(Texts),
    Images(Images),
    Similarity(Similarities),
    ImagePairs(ImagePairRows),
}

impl Detail {
    pub fn is_binary(&self) -> bool {
        *self == Self::Binary
    }

    /// Whether each request was answered by one arm only.
    pub fn is_split(&self) -> bool {
        matches!(self, Self::Split(_))
    }
}

/// What serving the requests took, whatever the task.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operations {
    /// Edges of the bins in milliseconds, the same for both arms; empty where no latency is logged.
    pub latency_edges: Vec<f64>,
    /// Lines per bin.
    pub latency: PerArm<Vec<u64>>,
    /// Seconds of a span; `None` where no times are logged.
    pub span_secs: Option<f64>,
    pub spans: Vec<OperationsSpan>,
}

/// Requests of a span of time; champion first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperationsSpan {
    /// Microseconds UTC.
    pub start: i64,
    pub requests: [u64; 2],
    pub answered: [u64; 2],
    pub failed: [u64; 2],
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
    /// Cells that hold different rows for the two arms.
    pub shifts: Vec<CellShift>,
    /// Coarser classes that the names tell, e.g. `animal` of `animal/dog`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groupings: Vec<Grouping>,
    /// `None` where no probabilities are logged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Box<ClassCalibration>>,
}

/// Classes whose names begin alike taken together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grouping {
    /// What stands between the parts of a name.
    pub separator: String,
    /// Parts of the names that are kept.
    pub depth: u32,
    /// Group of each class, in the order of the classes.
    pub groups: Vec<u32>,
    /// The groups as classes.
    pub counts: Box<Classes>,
}

/// A cell of a confusion matrix of many classes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell(pub u32, pub u32, pub u64);

/// A cell in which the arms differ: truth, prediction, rows of the challenger minus rows of the champion, and the
/// paired interval of that difference (pointwise, cluster-robust where the log has units; `None` for a single unit).
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CellShift(pub u32, pub u32, pub i64, pub Option<[f64; 2]>);

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

/// What an A/B or canary run has beside its metrics.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SplitDetail {
    /// Rows and units of each arm: champion, challenger.
    pub rows: [u64; 2],
    pub units: [u64; 2],
    /// Rows of the positive class of each, where both arms' answers can be held against labels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub positives: Option<[u64; 2]>,
    /// What was known of the units before they were served, by column; largest difference first.
    pub balance: Vec<Balance>,
    /// All these columns together; `None` where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub omnibus: Option<BalanceTest>,
    /// Relative differences of the outcomes.
    pub lifts: Vec<Lift>,
    /// Differences adjusted by what was known before the run.
    pub adjusted: Vec<Adjusted>,
    pub stages: Vec<Stage>,
    /// Who was served when.
    pub traffic: Vec<Traffic>,
    /// Each outcome over the looks.
    pub series: Vec<LookSeries>,
    /// What Kayenta would say, where the policy asks for it; no gate reads it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kayenta: Vec<KayentaMetric>,
}

/// One metric as Kayenta classifies it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KayentaMetric {
    pub metric: String,
    /// `None`: all rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slice: Option<String>,
    /// Points of champion (its control) and challenger (its experiment).
    pub points: [u64; 2],
    /// Minutes whose mean a point is; `None`: every row is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minutes: Option<f64>,
    /// `pass`, `high`, `low`, `nodata`, or `not judged`.
    pub classification: String,
    /// Why it is not judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undefined: Option<String>,
    /// Shift of the challenger against the champion with its rank interval.
    pub shift: Option<[f64; 3]>,
}

/// How alike the arms are in a column.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Balance {
    pub column: String,
    /// Standardised difference: of numbers in standard deviations (Austin 2009), of words the distance of Yang and
    /// Dalton (2012); never negative, and within stages or days where the share of traffic changes. `None` where the
    /// arms have no value in common.
    pub difference: Option<f64>,
    /// Chance of a difference as large in a sound split: Welch's test, or the chi-square test of homogeneity.
    pub p: Option<f64>,
    /// Means of a column of numbers.
    pub means: PerArm<f64>,
    /// The value whose shares differ most, of a column of words, with its share in each arm.
    pub value: Option<String>,
    pub shares: PerArm<f64>,
}

impl Balance {
    /// Whether the difference is large, and larger than chance makes that of the worst of so many columns.
    #[must_use]
    pub fn is_flagged(&self, columns: usize) -> bool {
        let beyond_chance = self.p.is_none_or(|p| p * (columns as f64) < BALANCE_ALPHA);
        self.difference.is_none_or(|difference| difference > FLAG && beyond_chance)
    }
}

/// Level at which a difference between the arms is more than chance.
const BALANCE_ALPHA: f64 = 0.01;

/// Whether the columns together are as alike in both arms as a random split makes them (Hansen and Bowers 2008): one row
/// per unit, and within stages or days where the share of traffic changes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BalanceTest {
    /// Columns that enter.
    pub columns: u64,
    /// Units of both arms.
    pub units: u64,
    /// The statistic, about chi-square in a random split.
    pub statistic: Option<f64>,
    /// Its degrees of freedom: numbers, values of words but one each, whether a number is missing.
    pub df: Option<f64>,
    pub p: Option<f64>,
    /// Why there is no test.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undefined: Option<String>,
}

/// Challenger minus champion over the size of the champion's value, at one look.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lift {
    pub metric: String,
    /// `None` where the champion's value is 0.
    pub value: Option<f64>,
    /// `None` where the interval is unbounded.
    pub lo: Option<f64>,
    pub hi: Option<f64>,
    /// `log ratio, delta method` or `Fieller`; empty without an interval.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub method: String,
    /// Why there is no interval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undefined: Option<String>,
}

/// A difference of unit means with the part removed that a covariate foretells (CUPED).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adjusted {
    pub metric: String,
    pub covariate: String,
    pub arms: PerArm<f64>,
    pub difference: Difference,
    /// Share of the variance that the covariate took away.
    pub variance_reduction: f64,
}

/// A stage of a rollout.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    pub name: String,
    /// First and last time, microseconds UTC.
    pub span: Option<[i64; 2]>,
    pub rows: [u64; 2],
    pub units: [u64; 2],
    /// Share of the units that the challenger was to get, where it is known.
    pub planned_share: Option<f64>,
    /// p-value of the split, where a share was planned.
    pub sample_ratio_p: Option<f64>,
    /// Outcomes of each arm in this stage alone, with the difference and its interval.
    pub outcomes: Vec<StageOutcome>,
}

/// An outcome within one stage.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageOutcome {
    pub metric: String,
    pub arms: PerArm<f64>,
    pub difference: Option<[f64; 3]>,
}

/// Rows of each arm in a span of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Traffic {
    /// Start, microseconds UTC.
    pub start: i64,
    pub rows: [u64; 2],
}

/// An outcome at successive looks, each over all rows until then.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LookSeries {
    pub metric: String,
    pub looks: Vec<Look>,
}

/// One look, with intervals that hold at all looks together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Look {
    /// Microseconds UTC; rows before this are in.
    pub time: i64,
    /// Rows of each arm so far.
    pub rows: [u64; 2],
    /// Units of each arm so far.
    pub units: [u64; 2],
    /// Events of each arm so far, of a yes-or-no outcome.
    pub events: Option<[u64; 2]>,
    /// Value and interval of each arm.
    pub arms: PerArm<[f64; 3]>,
    /// Challenger minus champion with its interval.
    pub difference: Option<[f64; 3]>,
}

/// Rows of a text task, by how much the arms differ on them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Texts {
    /// Name of the metric that rows are ordered by, a number per row of which more is better.
    pub measure: String,
    /// Rows on which the challenger is better, equal, worse by it.
    pub better: Option<[u64; 3]>,
    /// Rows on which the challenger loses most, those first; of one model those with the least values.
    pub losses: Vec<TextRow>,
    /// Rows on which the challenger gains most, those first.
    pub gains: Vec<TextRow>,
}

/// A row with its texts; long ones are cut and end with an ellipsis.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextRow {
    /// Row of the log.
    pub row: u64,
    pub id: String,
    pub reference: String,
    /// Further references of the row.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<String>,
    pub answers: PerArm<String>,
    pub values: PerArm<f64>,
}

/// Boxes of images: by class, over recalls, and the images on which the arms differ most.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Images {
    /// Score from which a box counts image by image: that at which the arm's F1 is greatest.
    pub cuts: PerArm<f64>,
    /// Classes that have an object, ascending.
    pub classes: Vec<BoxClass>,
    /// Best precision at the recalls 0, 0.01, ... 1 or above at IoU 0.50, the mean over classes.
    pub precision: PerArm<Vec<f64>>,
    /// Images on which the challenger is better, equal, worse by F1.
    pub better: Option<[u64; 3]>,
    /// Images in the order of challenger minus champion in F1, of one model of its F1; of many the ends alone.
    pub images: Vec<ImageRow>,
}

/// AP and AR of a class.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BoxClass {
    pub name: String,
    pub objects: u64,
    pub ap: PerArm<f64>,
    pub ap_50: PerArm<f64>,
    pub ar: PerArm<f64>,
    /// Challenger minus champion in AP, with its interval.
    pub difference: Option<[f64; 3]>,
}

/// An image at IoU 0.50.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImageRow {
    /// Row of the log.
    pub row: u64,
    pub id: String,
    /// Objects that are no crowd.
    pub objects: u64,
    /// Boxes that hit an object, boxes that hit none, objects without a box.
    pub counts: PerArm<[u64; 3]>,
    /// F1; 1 where there is nothing to find and nothing was found.
    pub values: PerArm<f64>,
}
