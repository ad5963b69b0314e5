//! What a comparison found, as plain data. Written into the record as it is.

use serde::{Deserialize, Serialize};

use super::agreement::Agreement;
use super::detail::{Detail, Operations};
use super::plan::Plan;
use super::staleness::Staleness;
use super::value::Business;
use crate::log::FlowStep;
pub use crate::metrics::registry::{Better, Unit};

/// A pair of things, one for each arm; `challenger` is `None` for a log of one model.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PerArm<T> {
    pub champion: Option<T>,
    pub challenger: Option<T>,
}

/// An estimate of one arm.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    pub value: f64,
    /// Lower and upper end of the interval; `None` where no valid one exists.
    pub lo: Option<f64>,
    pub hi: Option<f64>,
    pub level: f64,
    /// Name of the interval's method, e.g. `Wilson`.
    pub method: String,
    /// Rows (or units, when clustered) the interval rests on.
    pub n: u64,
}

/// An estimate of challenger minus champion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// Challenger minus champion, in the metric's unit, not oriented.
    pub value: f64,
    pub lo: Option<f64>,
    pub hi: Option<f64>,
    pub level: f64,
    pub method: String,
    /// Two-sided p-value of no difference, where the method has one.
    pub p: Option<f64>,
    /// Standard error, where the method has one.
    pub se: Option<f64>,
    pub n: u64,
}

/// One metric on one population.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MetricResult {
    /// Stable name, e.g. `roc_auc`.
    pub name: String,
    /// Slice as written, `None` for all analysed rows.
    pub slice: Option<String>,
    pub unit: Unit,
    pub better: Better,
    pub arms: PerArm<Estimate>,
    pub difference: Option<Difference>,
    /// Rows of the population behind the metric.
    pub rows: u64,
    /// Positive rows among them; `None` where the task has no positive class.
    pub positives: Option<u64>,
    /// Those of each arm, where each request was answered by one arm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arm_positives: Option<[u64; 2]>,
    /// Why arms or difference are missing; `None` when nothing is.
    pub undefined: Option<String>,
}

/// The rows every number rests on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Population {
    /// From all ids to the analysed rows, in order.
    pub flow: Vec<FlowStep>,
    pub analysed: u64,
    /// `None` where the task has no positive class.
    pub positives: Option<u64>,
    /// Distinct units among the analysed rows, where a unit is mapped.
    pub units: Option<u64>,
    pub class_negative: String,
    pub class_positive: String,
    /// First and last time of the analysed rows, microseconds UTC; few rows alone long before or after all others are no
    /// part of the run.
    pub first_time: Option<i64>,
    pub last_time: Option<i64>,
}

impl Population {
    /// Names of the classes for labels and sentences, negative first: the log's own words, and `negative` and
    /// `positive` where the log has codes (`0`, `true`, `Y`) that mean nothing to a reader.
    pub fn class_words(&self) -> [String; 2] {
        const CODES: [&str; 6] = ["true", "false", "yes", "no", "y", "n"];
        let coded = |name: &str| name.parse::<f64>().is_ok() || CODES.contains(&name.to_lowercase().as_str());
        let (negative, positive) = (self.class_negative.trim(), self.class_positive.trim());
        if coded(negative) || coded(positive) || negative.is_empty() || positive.is_empty() {
            ["negative".to_owned(), "positive".to_owned()]
        } else {
            [negative.to_owned(), positive.to_owned()]
        }
    }
}

/// Outcome of a validity check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckOutcome {
    Pass,
    /// The comparison stands, with a caveat.
    Warn,
    /// The comparison is not to be trusted.
    Fail,
    NotEvaluable,
}

/// One validity check, with what it means.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// Stable name, e.g. `missing_predictions`.
    pub name: String,
    /// As shown, e.g. `Missing predictions`.
    pub title: String,
    pub outcome: CheckOutcome,
    /// Measured value and the limit it is held against, where they are numbers.
    pub value: Option<f64>,
    pub limit: Option<f64>,
    /// Short reading for the rail, e.g. `0.35 % of 0.50 %`.
    pub reading: String,
    /// What was found and its consequence, as sentences.
    pub explanation: String,
}

/// Counts of a binary confusion matrix; rows are truth, columns are prediction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confusion {
    pub true_negative: u64,
    pub false_positive: u64,
    pub false_negative: u64,
    pub true_positive: u64,
}

/// Counts by truth (negative, positive), champion's decision, challenger's decision: `[truth][champion][challenger]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JointCounts(pub [[[u64; 2]; 2]; 2]);

impl JointCounts {
    /// Confusion matrix of the champion.
    pub fn champion(&self) -> Confusion {
        self.arm(|champion, _| champion)
    }

    /// Confusion matrix of the challenger.
    pub fn challenger(&self) -> Confusion {
        self.arm(|_, challenger| challenger)
    }

    pub fn rows(&self) -> u64 {
        self.0.iter().flatten().flatten().sum()
    }

    pub fn positives(&self) -> u64 {
        self.0[1].iter().flatten().sum()
    }

    fn arm(&self, decision: impl Fn(usize, usize) -> usize) -> Confusion {
        let mut cells = [[0; 2]; 2];
        for (truth, row) in self.0.iter().enumerate() {
            for (champion, column) in row.iter().enumerate() {
                for (challenger, count) in column.iter().enumerate() {
                    cells[truth][decision(champion, challenger)] += count;
                }
            }
        }
        Confusion {
            true_negative: cells[0][0],
            false_positive: cells[0][1],
            false_negative: cells[1][0],
            true_positive: cells[1][1],
        }
    }
}

/// Who is right on the same rows, for one class of truth.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FlipTable {
    pub both_right: u64,
    /// Champion wrong, challenger right.
    pub fixed: u64,
    /// Champion right, challenger wrong.
    pub broken: u64,
    pub both_wrong: u64,
    /// Interval of fixed minus broken, in rows.
    pub net: Option<Difference>,
}

/// One point of a polyline.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CurvePoint {
    pub x: f64,
    pub y: f64,
    /// Threshold that gives this point; `None` at the ends.
    pub threshold: Option<f64>,
    /// Pointwise band, where one is drawn.
    pub lo: Option<f64>,
    pub hi: Option<f64>,
}

/// A polyline, decimated so that no pixel of a 2,000-pixel plot is missed; never more than 512 points.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    pub points: Vec<CurvePoint>,
}

/// One bin of the calibration curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CalibrationBin {
    pub mean_score: f64,
    pub observed: f64,
    /// Wilson interval of `observed`.
    pub lo: f64,
    pub hi: f64,
    pub rows: u64,
}

/// Curves of both arms; `None` where the arm has no score (or calibration: no probability).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Curves {
    /// x: false-positive rate, y: recall.
    pub roc: PerArm<Curve>,
    /// x: recall, y: precision.
    pub precision_recall: PerArm<Curve>,
    pub calibration: PerArm<Vec<CalibrationBin>>,
    /// Why a curve is missing, where one is.
    pub undefined: Option<String>,
}

/// Score distribution by truth on edges shared by both arms.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Histogram {
    /// `edges.len() == bins + 1`.
    pub edges: Vec<f64>,
    /// Rows per bin: `[truth][bin]`.
    pub champion: [Vec<u64>; 2],
    pub challenger: [Vec<u64>; 2],
}

/// Score against score, without needing labels.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ScoreSummary {
    pub histogram: Histogram,
    /// Largest distance of the two score distributions (Kolmogorov-Smirnov), all analysed rows.
    pub ks_distance: Option<f64>,
    /// Population stability index of the challenger's scores against the champion's deciles.
    pub psi: Option<f64>,
    /// Jensen-Shannon distance, base 2, on the shared bins.
    pub js_distance: Option<f64>,
    pub pearson: Option<f64>,
    /// Rows by champion's score bin and challenger's score bin, 32 x 32, row-major by champion.
    pub joint: Vec<u64>,
    /// Edges of the joint bins, 33 values.
    pub joint_edges: Vec<f64>,
}

/// One time bucket.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SeriesPoint {
    /// Start of the bucket, microseconds UTC.
    pub start: i64,
    pub rows: u64,
    pub labelled: u64,
    /// `None` where the task has no positive class.
    pub positives: Option<u64>,
    /// Share flagged by each arm at the plan's thresholds.
    pub champion_flag_rate: Option<f64>,
    pub challenger_flag_rate: Option<f64>,
}

/// Everything that was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    pub plan: Plan,
    pub population: Population,
    pub validity: Vec<Check>,
    /// All analysed rows first, then slice by slice, metrics in the same order.
    pub metrics: Vec<MetricResult>,
    /// Counts at the plan's thresholds; `None` for a log of one model, see `confusion`.
    pub joint: Option<JointCounts>,
    pub confusion: PerArm<Confusion>,
    /// Challenger minus champion per cell, in rows: true negative, false positive, false negative, true positive.
    pub confusion_difference: Option<[Difference; 4]>,
    /// Flips by truth: negative, positive.
    pub flips: Option<[FlipTable; 2]>,
    /// Share of rows on which both decide alike, with Wilson interval, and Cohen's kappa of the two.
    pub agreement: Option<Estimate>,
    pub agreement_kappa: Option<f64>,
    /// Answers of both models side by side, on all rows that both answered, labelled or not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreed: Option<Box<Agreement>>,
    /// What answers and outcomes are worth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub business: Option<Box<Business>>,
    pub curves: Curves,
    pub scores: Option<ScoreSummary>,
    pub series: Vec<SeriesPoint>,
    /// What only some tasks have.
    #[serde(default, skip_serializing_if = "Detail::is_binary")]
    pub detail: Detail,
    /// What serving the requests took; `None` where neither latency nor time is logged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operations: Option<Operations>,
    /// How the models have aged; `None` until it was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub staleness: Option<Box<Staleness>>,
    /// Remarks for the reader, most important first, each one sentence.
    pub notes: Vec<String>,
}

impl Comparison {
    /// Whether units have several rows, so that intervals which take rows as independent are too narrow.
    pub fn clustered(&self) -> bool {
        self.population.units.is_some_and(|units| units < self.population.analysed)
    }

    /// A metric on all analysed rows.
    pub fn metric(&self, name: &str) -> Option<&MetricResult> {
        self.metrics.iter().find(|metric| metric.name == name && metric.slice.is_none())
    }

    /// A metric on a slice.
    pub fn metric_of(&self, name: &str, slice: &str) -> Option<&MetricResult> {
        self.metrics.iter().find(|metric| metric.name == name && metric.slice.as_deref() == Some(slice))
    }
}
