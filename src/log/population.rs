//! Where rows came from and where they went: the join audit and the row flow.

use serde::{Deserialize, Serialize};

/// How lines of the two models were brought together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "by")]
pub enum PairBasis {
    /// Equal exact text (or integer) in this column.
    Id { column: String },
    /// Both scores stand in the same line of the file.
    SameRow,
    /// Row `i` of one file with row `i` of the other, shown to be right by `proof`.
    Position { proof: String },
    /// A log of one model.
    OneModel,
    /// Each request was answered by one arm, so that nothing is paired; ids in this column tell repeated lines.
    Split { column: Option<String> },
}

/// What pairing found. Counts are of ids, not of lines, unless said otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JoinAudit {
    pub basis: PairBasis,
    /// Distinct ids seen in any arm.
    pub ids: u64,
    /// Ids with exactly one usable prediction of each arm. Of a split run: ids that both arms answered, which are left
    /// out.
    pub paired: u64,
    /// Ids only the champion answered; of a split run its rows.
    pub champion_only: u64,
    /// Ids only the challenger answered; of a split run its rows.
    pub challenger_only: u64,
    /// Surplus lines that repeat an id of the same arm with the same prediction; merged to one. Lines.
    pub duplicate_same: u64,
    /// Ids with two different predictions of one arm; refused unless the mapping says which to keep.
    pub duplicate_different: u64,
    /// Whether such ids were kept (first or last) by the user's choice.
    pub conflicts_kept: bool,
    /// Lines without an id; they cannot be paired.
    pub without_id: u64,
    pub labels: Label,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// What joining the labels found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Label {
    /// Column the labels stand in, and the file when it is a file of its own.
    pub column: Option<String>,
    /// Paired rows with a label.
    pub present: u64,
    /// Paired rows without one.
    pub absent: u64,
    /// Of the absent ones, those whose request is too young for its label to count as final.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub immature: u64,
    /// Of the absent ones, queries that were judged without an item being found relevant.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub irrelevant: u64,
    /// Where an age of a final label is set: requests after this time (microseconds UTC) are too young.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub final_until: Option<i64>,
    /// Labels whose id no prediction has.
    pub orphan: u64,
    /// Ids with two different labels; they count as absent.
    pub conflicting: u64,
    /// Ids whose label was revised: the latest by its own time counts.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub revised: u64,
    /// Values that are neither class and were set aside, with their counts.
    pub other_values: Vec<(String, u64)>,
    /// Median, 90 % and 99 % of label time minus prediction time, in hours, where both are logged.
    pub lag_hours: Option<[f64; 3]>,
}

/// One line of the row flow from all ids to the analysed rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowStep {
    /// Name of what is left after this step, e.g. `Paired`.
    pub name: String,
    /// Rows left.
    pub rows: u64,
    /// Why rows were lost at this step, each with its count; empty for the first step.
    pub lost: Vec<(String, u64)>,
}
