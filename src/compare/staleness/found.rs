//! What is found of a model's age, as plain data. Written into the record as it is.

use serde::{Deserialize, Serialize};

use super::windows::Window;
use crate::compare::result::{Estimate, PerArm};

/// How the run's later windows of time differ from its first, and the run from what the model was trained on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Staleness {
    /// Window that was asked for; `None`: by the span of the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<Window>,
    /// Window that was used; `None` where there is none.
    pub window: Option<Window>,
    /// Why the log has no windows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undefined: Option<String>,
    /// Rows whose times lie long before or after all others; they are in no window.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub stray: u64,
    /// In the order of time; a window without a row stands with 0.
    pub windows: Vec<TimeWindow>,
    /// Windows from the first on that the others are held against.
    pub baseline: usize,
    /// Window that is held against the baseline to judge how things stand: the last one with enough rows.
    pub latest: Option<usize>,
    /// Label, scores, then features.
    pub columns: Vec<ColumnDrift>,
    /// Columns that were left out for want of room.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
    pub losses: PerArm<LossCourse>,
    pub demand: Option<Demand>,
    /// Against the training reference file, where one is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skew: Option<Skew>,
    /// Level of the intervals; those of distances hold for all columns of a window together.
    pub level: f64,
    /// Last time of the log, microseconds UTC: the moment that ages are counted to.
    pub now: Option<i64>,
    /// When the models were trained, as far as facts or the training data tell.
    #[serde(default)]
    pub ages: PerArm<Age>,
}

/// When a model was trained.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Age {
    /// Microseconds UTC; `None` where what was told is no date.
    pub trained_at: Option<i64>,
    /// Who says so.
    pub told: String,
}

/// One window of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeWindow {
    /// Microseconds UTC.
    pub start: i64,
    pub rows: u64,
    pub labelled: u64,
    /// Whether the log covers all of it.
    pub whole: bool,
}

/// What a column is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnKind {
    /// The truth: its distribution is the prior.
    Label,
    ChampionScore,
    ChallengerScore,
    Feature,
}

/// A column over the windows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ColumnDrift {
    pub name: String,
    pub kind: ColumnKind,
    /// Names of the bins, `missing` last where a row has no value.
    pub bins: Vec<String>,
    /// Counts of the baseline windows together.
    pub baseline: Vec<u64>,
    /// One per window.
    pub windows: Vec<WindowDrift>,
    /// Why no window has a distance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undefined: Option<String>,
}

/// A column in one window.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WindowDrift {
    pub counts: Vec<u64>,
    /// Against the baseline; `None` in the baseline itself and where the rows are too few.
    pub distance: Option<Distance>,
    /// Why a window with enough rows has no distance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undefined: Option<String>,
    /// Share of rows without a value.
    pub missing: Option<f64>,
    /// Share of rows whose category no baseline row has; `None` of numbers.
    pub unseen: Option<f64>,
}

/// How far two distributions are apart.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Distance {
    /// Population stability index, natural logarithm.
    pub psi: f64,
    /// What the index would be on average were nothing different.
    pub expected: f64,
    /// The index less its bias, with an interval that holds for all columns together.
    pub value: f64,
    pub lo: f64,
    pub hi: f64,
    /// p-value of "one distribution", of this column alone.
    pub p: f64,
    /// Jensen-Shannon distance, base 2.
    pub js: f64,
    /// Rows that either side tells as much as, rows of a unit being alike: baseline or training first.
    pub sizes: [f64; 2],
}

/// The loss of one arm over the windows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LossCourse {
    /// `log_loss`, `error` or `absolute_error`.
    pub name: String,
    /// One per window; `None` where too few rows have a label.
    pub windows: Vec<Option<Estimate>>,
    /// Window that is held against the baseline: the last whose labels are there.
    pub latest: Option<usize>,
    /// Mean loss of the baseline.
    pub baseline: Option<Estimate>,
    /// Latest less baseline.
    pub change: Option<Change>,
    /// The part of it at the same scores: same inputs, other outcome.
    pub concept: Option<Change>,
    /// The rest: other inputs.
    pub inputs: Option<f64>,
    /// Whether the same scores come with the same outcomes.
    #[serde(default)]
    pub outcomes: Option<OutcomeTest>,
    /// Why `concept` and `outcomes` are missing where the change is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_concept: Option<String>,
    /// Whether the loss was one and the same over all windows.
    pub constancy: Option<Constancy>,
    /// Why something is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undefined: Option<String>,
}

/// A difference of two windows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    pub value: f64,
    pub lo: f64,
    pub hi: f64,
    pub level: f64,
    pub p: Option<f64>,
    pub method: String,
    /// Units behind it.
    pub n: u64,
}

/// Test that the same scores come with the same outcomes in the latest window as in the baseline.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutcomeTest {
    /// F, with its degrees of freedom.
    pub statistic: f64,
    pub df: [f64; 2],
    pub p: f64,
}

/// Test that a mean stays the same.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Constancy {
    pub statistic: f64,
    pub p: f64,
    /// Window after which the cumulative sum is farthest from its course.
    pub after: usize,
}

const fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// Requests now and at the beginning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Demand {
    /// Requests of the first whole period and of the last.
    pub baseline: f64,
    pub latest: f64,
    /// Windows that make a period.
    pub windows: usize,
    /// `latest / baseline - 1` with its interval.
    pub change: f64,
    pub lo: Option<f64>,
    pub hi: Option<f64>,
    /// How many times as much as that of independent requests the variance of the logarithm of the ratio is.
    pub dispersion: Option<f64>,
    /// Why there is no interval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undefined: Option<String>,
}

impl Demand {
    /// Interval of the change, or why it has none.
    pub fn ends(&self) -> Result<[f64; 2], String> {
        let none = || self.undefined.clone().unwrap_or_else(|| "the change of demand has no interval".to_owned());
        Ok([self.lo.ok_or_else(none)?, self.hi.ok_or_else(none)?])
    }
}

/// The run against the rows the model was trained on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Skew {
    /// Files, as the evidence names them.
    pub files: Vec<String>,
    /// Rows of the reference.
    pub rows: u64,
    /// Distinct units of these rows; `None`: they are taken as independent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub units: Option<u64>,
    pub columns: Vec<ColumnSkew>,
    /// Columns of the training data that the log lacks.
    pub missing: Vec<String>,
    /// Features of the log that the training data lacks.
    pub added: Vec<String>,
    /// Column, its type in training and in serving.
    pub retyped: Vec<(String, String, String)>,
    /// Rows of the log with a value beyond the range of training or a category that was never seen there.
    pub outside: u64,
    /// Rows of the log.
    pub of: u64,
    /// Rows of the log that tell as much as independent ones about `outside`.
    pub size: f64,
    /// Latest time of the training data, microseconds UTC.
    pub last_time: Option<i64>,
}

/// A column in training and in serving.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ColumnSkew {
    pub name: String,
    pub kind: ColumnKind,
    pub bins: Vec<String>,
    pub training: Vec<u64>,
    pub serving: Vec<u64>,
    pub distance: Option<Distance>,
    /// Share without a value in training and in serving.
    pub missing: [f64; 2],
    /// Rows of the log whose category was never seen in training, and the most frequent of these.
    pub unseen: u64,
    pub unseen_names: Vec<String>,
    /// Smallest and largest number of training.
    pub range: Option<[f64; 2]>,
    /// Rows of the log outside of it.
    pub beyond: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undefined: Option<String>,
}

impl Staleness {
    /// Distances of the latest window, of what tells of the model in production: the challenger's answers do not.
    pub fn current(&self) -> impl Iterator<Item = (&ColumnDrift, &Distance)> {
        self.distances().filter(|(column, _)| column.kind != ColumnKind::ChallengerScore)
    }

    /// Distance of the challenger's answers in the latest window.
    pub fn challenger(&self) -> Option<(&ColumnDrift, &Distance)> {
        self.distances().find(|(column, _)| column.kind == ColumnKind::ChallengerScore)
    }

    fn distances(&self) -> impl Iterator<Item = (&ColumnDrift, &Distance)> {
        let latest = self.latest;
        self.columns.iter().filter_map(move |column| Some((column, column.windows.get(latest?)?.distance.as_ref()?)))
    }

    /// Why the labels of the latest window have no distance.
    pub fn immature(&self) -> Option<&str> {
        let label = self.columns.iter().find(|column| column.kind == ColumnKind::Label)?;
        label.windows.get(self.latest?)?.undefined.as_deref()
    }

    /// The column that moved most by the latest window: by the lower end, then by the value.
    pub fn most(&self) -> Option<(&ColumnDrift, &Distance)> {
        self.current().max_by(by_distance)
    }
}

impl Skew {
    pub fn current(&self) -> impl Iterator<Item = (&ColumnSkew, &Distance)> {
        self.columns.iter().filter_map(|column| Some((column, column.distance.as_ref()?)))
    }

    pub fn most(&self) -> Option<(&ColumnSkew, &Distance)> {
        self.current().max_by(by_distance)
    }
}

fn by_distance<T>((_, a): &(T, &Distance), (_, b): &(T, &Distance)) -> std::cmp::Ordering {
    a.lo.total_cmp(&b.lo).then(a.value.total_cmp(&b.value))
}
