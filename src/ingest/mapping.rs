//! What each column means: the answer to every question the files leave open, kept as a profile.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use crate::log::{RunKind, Task};

/// What a column is for. Names are those of `--map ROLE=COLUMN`; a role of one arm of a wide log is
/// written `score.champion`, `prediction.challenger` and so on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Of a ranking the query.
    Id,
    Unit,
    /// Time of the request.
    Ts,
    Model,
    Score,
    Prediction,
    /// Probability of one class of a multiclass task; the class stands beside it.
    Probability,
    /// Vector of one of the two items of a pair, of which a model has two.
    Embedding,
    /// Logarithms of the probabilities a model gave the tokens of its answer: a list, or their sum where
    /// [`Role::Tokens`] counts them.
    Logprobs,
    /// Number of tokens of an answer.
    Tokens,
    /// Which of both models' answers a judge prefers.
    Preference,
    /// Predicted quantile of a regression; its level stands beside it as the class.
    Quantile,
    /// Which time series a row is of.
    Series,
    /// How many steps ahead a row was predicted.
    Horizon,
    /// What a line of a ranked list is about.
    Item,
    /// Its place in the list, from 1.
    Rank,
    /// Of a ranking the relevance.
    Label,
    /// Time the label became known.
    LabelTs,
    LatencyMs,
    /// Money that serving the request took.
    Cost,
    /// Whether the request failed: yes or no, an HTTP status, or the text of an error.
    Error,
    Weight,
    /// What came of a request, in a run whose arms answered different requests.
    Outcome,
    /// What was known of a unit before such a run.
    Covariate,
    /// Stage of a rollout.
    Stage,
    Feature,
    Ignored,
}

impl Role {
    /// Whether such a column holds what a model answers.
    pub const fn is_output(self) -> bool {
        use Role::{Embedding, Logprobs, Prediction, Probability, Quantile, Rank, Score};
        matches!(self, Score | Rank | Prediction | Probability | Quantile | Embedding | Logprobs)
    }
}

/// Which side of a wide log a column belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    Both,
    Champion,
    Challenger,
}

/// Role of one column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnRole {
    pub column: String,
    pub role: Role,
    pub side: Side,
    /// Class that a [`Role::Probability`] is of, level of a [`Role::Quantile`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
}

impl ColumnRole {
    pub fn new(column: impl Into<String>, role: Role, side: Side) -> Self {
        Self { column: column.into(), role, side, class: None }
    }
}

/// What to do with ids that have two different predictions of the same arm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Duplicates {
    /// Leave such ids out and count them.
    #[default]
    Refuse,
    First,
    Last,
}

/// How rows of the arms are brought together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pairing {
    #[default]
    Id,
    /// By row number within corresponding files; must be chosen, never guessed without proof.
    Position,
}

/// The whole answer. Serialised as a mapping profile and into the record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// `assay-mapping/1`.
    pub schema: String,
    pub kind: RunKind,
    pub task: Task,
    /// Roles of the columns of prediction files, by column name (union over the files).
    pub columns: Vec<ColumnRole>,
    /// Roles of the columns of label files.
    pub label_columns: Vec<ColumnRole>,
    /// Model name of the champion: value of the model column, file name or path segment, or wide suffix.
    pub champion: String,
    /// `None` for a log of one model.
    pub challenger: Option<String>,
    /// Other challengers of the run, any of which may be promoted instead: they share the error.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rivals: Vec<String>,
    /// Source path to model name, where the model is not a column (one file or folder per model).
    pub file_models: BTreeMap<String, String>,
    pub pairing: Pairing,
    /// Label value of the positive class.
    pub positive: String,
    /// Raw label and prediction values to class: `true` is positive. Values in neither class are set aside.
    pub label_map: BTreeMap<String, bool>,
    pub duplicates: Duplicates,
    /// IANA zone for times without an offset; `None` while the question is open.
    pub naive_zone: Option<String>,
    /// Order of dates such as 03/04/2026: `true` is 3 April, `false` 4 March; `None` while the question is open, or
    /// where no date is written so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day_first: Option<bool>,
    /// Age of a request from which its label counts as final, e.g. `30d`; labels of younger
    /// requests count as pending. `None`: every label counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mature_after: Option<String>,
    /// Classes from the least to the greatest, where they have an order that their names do not tell.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub class_order: Vec<String>,
    /// Rows per season of a time series; `None`: the step from one time to the next is the season.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub season: Option<NonZeroU32>,
    /// The person has accepted a load whose quarantined share is above the limit.
    pub accept_bad_rows: bool,
}

/// Microseconds of an age such as `36h`, `30d` or `6w`.
pub(super) fn age(text: &str) -> Option<i64> {
    const HOUR: i64 = 3_600_000_000;
    let hours = [('h', 1), ('d', 24), ('w', 168)].into_iter().find_map(|(unit, hours)| {
        let number: u32 = text.trim().strip_suffix(unit)?.parse().ok()?;
        Some(i64::from(number) * hours)
    })?;
    hours.checked_mul(HOUR)
}

#[cfg(test)]
mod tests {
    use super::age;

    #[test]
    fn ages() {
        assert_eq!(age("36h"), Some(129_600_000_000));
        assert_eq!(age("6w"), age("42d"));
        assert_eq!((age("soon"), age("1.5d"), age("d")), (None, None, None));
    }
}
