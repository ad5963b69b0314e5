//! What a prediction log is once it has been read: typed columns, roles, arms, populations, row masks.
//!
//! A [`Log`] holds one row per *unit of comparison*: in a shadow run that is one request that both
//! models answered, in an A/B or canary run ([`Split`]) one request that one of them answered. Everything that could not become such a row (one-sided, conflicting, unreadable)
//! is counted in the [`JoinAudit`] and in the ingest report; nothing is dropped without a number.
//!
//! Invariants:
//! * every column of a log has exactly [`Log::rows`] entries;
//! * identifiers never become numbers unless the file itself stores integers;
//! * a score that the model returned as NaN is not the same as one that was not logged ([`NOT_LOGGED`]).

mod boxes;
mod column;
mod content;
mod image_pairs;
mod mask;
pub mod meant;
mod population;
mod reference;
mod served;
mod split;
mod vectors;

pub use boxes::{Boxes, FoundBox, Picture, TrueBox, Xywh};
pub use column::{CodeColumn, Codes, Feature, FeatureValues, Ids};
pub use content::{Coded, Content, Judgements, ListOrder, Lists, NO_CODE, Numbers, Quantile, Ranked};
pub use image_pairs::{ImageFile, ImageFiles, ImagePairs, Likeness};
pub use mask::RowMask;
pub use population::{FlowStep, JoinAudit, Label, PairBasis};
pub use reference::Reference;
pub use served::{FAILED, SERVED, Served, TIMED_OUT};
pub use split::{BothArms, Measure, Split};
pub use vectors::{Pairs, Similarity, Vectors, cosines};

use serde::{Deserialize, Serialize};

/// How the two models were run beside each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RunKind {
    /// Both models scored every request; only the champion's answer was served.
    Shadow,
    /// Units were split at random between the arms.
    Ab,
    /// The challenger's share of traffic grew in stages.
    Canary,
    /// Both models scored a stored data set.
    Offline,
}

impl RunKind {
    /// Whether each request was answered by one arm only, so that nothing is paired.
    pub const fn is_split(self) -> bool {
        matches!(self, Self::Ab | Self::Canary)
    }
}

/// The kind of prediction the models make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Task {
    /// Two classes, one of which is the positive one.
    Binary,
    /// One of several classes.
    Multiclass,
    /// A number.
    Regression,
    /// A list of items in an order; a row of the log is a query.
    Ranking,
    /// A text, held against a reference text.
    Text,
    /// How near two items are; a row of the log is a pair of items.
    Similarity,
    /// Boxes of objects in an image; a row of the log is an image.
    Detection,
    /// An image, held against a reference image.
    Image,
}

impl Task {
    pub const ALL: [Self; 8] = [
        Self::Binary,
        Self::Multiclass,
        Self::Regression,
        Self::Ranking,
        Self::Text,
        Self::Similarity,
        Self::Detection,
        Self::Image,
    ];

    /// As policies, records and `--task` write it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Binary => "binary",
            Self::Multiclass => "multiclass",
            Self::Regression => "regression",
            Self::Ranking => "ranking",
            Self::Text => "text",
            Self::Similarity => "similarity",
            Self::Detection => "detection",
            Self::Image => "image",
        }
    }
}

/// What an arm is in the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ArmRole {
    /// The model in production.
    Champion,
    /// The candidate.
    Challenger,
}

impl ArmRole {
    /// Index of the arm in two-element arrays: champion 0, challenger 1.
    pub const fn index(self) -> usize {
        match self {
            Self::Champion => 0,
            Self::Challenger => 1,
        }
    }
}

/// What a score column holds; decides which metrics make sense for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScoreKind {
    /// All finite scores lie in [0, 1] and were taken to be P(positive).
    Probability,
    /// Any other decision score: higher means more likely positive.
    Decision,
}

/// Label and prediction bytes: 0 negative, 1 positive, [`NO_LABEL`] absent.
pub const NO_LABEL: u8 = u8::MAX;

/// Time of a row whose log has none, in microseconds.
pub const NO_TIME: i64 = i64::MIN;

const NOT_LOGGED_BITS: u64 = 0x7ff8_0000_0000_0bad;

/// Score or latency that the log does not hold. A NaN, told from a model's own NaN by its payload.
pub const NOT_LOGGED: f64 = f64::from_bits(NOT_LOGGED_BITS);

/// Whether `value` was not logged (as opposed to logged as NaN).
pub fn is_not_logged(value: f64) -> bool {
    value.to_bits() == NOT_LOGGED_BITS
}

/// One model's side of the paired rows.
#[derive(Clone, Debug)]
pub struct Arm {
    /// Name as it stands in the log, e.g. `fraud-net 5.0.0-rc2`.
    pub name: String,
    pub role: ArmRole,
    /// Prediction lines of this model in the files, before pairing.
    pub logged: u64,
    /// One score per row, or `None` when the log holds only decisions.
    pub scores: Option<Vec<f64>>,
    pub score_kind: ScoreKind,
    /// The model's own decision per row: 0, 1 or [`NO_LABEL`]; `None` when not logged.
    pub predictions: Option<Vec<u8>>,
    /// Milliseconds per row, [`NOT_LOGGED`] where absent; `None` when the log has no latency.
    pub latency_ms: Option<Vec<f64>>,
    /// Milliseconds of this model's lines that did not become a row (no partner), for the arm's own quantiles.
    pub unpaired_latency_ms: Vec<f64>,
    /// Cost and failures; empty in a split run, where they are outcomes.
    pub served: Served,
}

/// Names of the two classes as they stand in the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Classes {
    pub negative: String,
    pub positive: String,
}

/// A file the log was read from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// As given by the user, or relative to the workspace file; never an absolute path unless that was given.
    pub path: String,
    /// What the file was read as: `predictions`, `labels`, `tests` or `reference`.
    pub role: SourceRole,
    /// Dialect and container, e.g. `jsonl+gzip`.
    pub format: String,
    /// Bytes of the file as stored.
    pub bytes: u64,
    /// SHA-256 of the file as stored, lower-case hex. Empty while it has not been computed.
    pub sha256: String,
    /// Records read, quarantined ones not included.
    pub records: u64,
    /// Records set aside because they could not be read.
    pub quarantined: u64,
    /// The version of the object, where the file lies in a bucket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<ObjectVersion>,
    /// Columns and values that folders or the log of a table tell of the whole file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub partitions: Partitions,
}

/// Keys and values of partitions.
pub type Partitions = Vec<(String, Option<String>)>;

/// Which content of an object was read, as its server tells them apart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectVersion {
    /// Without quotes. No MD5 where the object came in parts or is encrypted.
    pub etag: String,
    /// In a bucket that keeps versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// What a file contributed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SourceRole {
    Predictions,
    Labels,
    /// Results of tests, which no row comes from.
    Tests,
    /// What a model was trained on.
    Reference,
}

/// A run's log, paired and typed.
#[derive(Clone, Debug)]
pub struct Log {
    pub kind: RunKind,
    pub task: Task,
    pub rows: usize,
    pub ids: Ids,
    /// Champion first, then the challenger; a log of one model has one arm.
    pub arms: Vec<Arm>,
    /// 0 negative, 1 positive, [`NO_LABEL`] pending or absent. In tasks other than binary 0 says that there is a truth,
    /// which `content` holds.
    pub labels: Vec<u8>,
    pub classes: Classes,
    pub content: Content,
    /// Microseconds since the epoch, UTC, of the champion's line; [`NO_TIME`] where absent.
    pub times: Option<Vec<i64>>,
    /// Randomisation or cluster unit per row, with its column name; `None`: the row is the unit.
    pub units: Option<(String, Codes)>,
    /// Columns to slice by and to show in the row browser.
    pub features: Vec<Feature>,
    pub audit: JoinAudit,
    pub sources: Vec<Source>,
    /// Of an A/B or canary run; then a row is a line of one arm, and the other arm's columns are [`NOT_LOGGED`] there.
    pub split: Option<Split>,
}

impl Log {
    pub fn champion(&self) -> &Arm {
        &self.arms[0]
    }

    /// The candidate, or `None` for a log of one model.
    pub fn challenger(&self) -> Option<&Arm> {
        self.arms.get(1)
    }

    pub fn feature(&self, name: &str) -> Option<&Feature> {
        self.features.iter().find(|feature| feature.name == name)
    }

    /// Bytes held by the columns, for the status bar.
    pub fn bytes(&self) -> usize {
        let floats = |column: &Option<Vec<f64>>| column.as_ref().map_or(0, |values| values.len() * 8);
        let arms: usize = self
            .arms
            .iter()
            .map(|arm| {
                floats(&arm.scores)
                    + floats(&arm.latency_ms)
                    + arm.unpaired_latency_ms.len() * 8
                    + arm.served.bytes()
                    + arm.predictions.as_ref().map_or(0, Vec::len)
            })
            .sum();
        arms + self.ids.bytes()
            + self.labels.len()
            + self.content.bytes()
            + self.times.as_ref().map_or(0, |times| times.len() * 8)
            + self.units.as_ref().map_or(0, |(_, codes)| codes.bytes())
            + self.features.iter().map(Feature::bytes).sum::<usize>()
            + self.split.as_ref().map_or(0, Split::bytes)
    }
}
