//! What is known after a first look at the files, before anything was decided.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::answer::Patch;
use super::issue::Issue;
use super::mapping::{ColumnRole, Mapping};
use super::table::Table;
use crate::log::{ObjectVersion, Partitions, Source, SourceRole};

/// The files, what they seem to mean, and what they do not settle.
#[derive(Clone, Debug)]
pub struct Opened {
    pub sources: Vec<OpenedSource>,
    /// The mapping that the files themselves suggest; open questions hold their safest answer.
    pub guess: Mapping,
    pub questions: Vec<Question>,
    pub issues: Vec<Issue>,
    pub values: ClassValues,
    /// The profile that was found to fit and applied, where none was given.
    pub profile: Option<PathBuf>,
}

/// Values of the label and decision columns as they stand in the files, with their counts. What class each belongs
/// to is the mapping's to say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClassValues {
    pub labels: Vec<(String, u64)>,
    pub decisions: Vec<(String, u64)>,
}

impl ClassValues {
    /// Value, its class under `mapping` (`None`: neither), count among labels and among decisions; by count.
    pub fn table(&self, mapping: &Mapping) -> Vec<(String, Option<bool>, [u64; 2])> {
        let mut rows: BTreeMap<&str, [u64; 2]> = BTreeMap::new();
        for (place, values) in [&self.labels, &self.decisions].into_iter().enumerate() {
            for (value, count) in values {
                rows.entry(value).or_default()[place] += count;
            }
        }
        let class = |value: &str| mapping.label_map.get(value).or_else(|| mapping.label_map.get(value.trim())).copied();
        let mut table: Vec<_> =
            rows.into_iter().map(|(value, counts)| (value.to_owned(), class(value), counts)).collect();
        table.sort_by_key(|(_, _, [labels, decisions])| std::cmp::Reverse(labels + decisions));
        table
    }
}

/// One file after the first look.
#[derive(Clone, Debug)]
pub struct OpenedSource {
    pub path: PathBuf,
    /// As shown and recorded: relative to the common folder or as given.
    pub display: String,
    pub role: SourceRole,
    /// Dialect and container, e.g. `csv`, `jsonl+gzip`, `parquet`.
    pub format: String,
    pub bytes: u64,
    /// Records in the source; for Parquet from the footer.
    pub records: u64,
    pub quarantined: u64,
    /// Partitions that its place says, which are columns of its table.
    pub partitions: Partitions,
    /// The version of the object, where the file was downloaded from a bucket.
    pub object: Option<ObjectVersion>,
    pub columns: Vec<ColumnGuess>,
    /// First rows as they stand in the file, one cell per column.
    pub preview: Vec<Vec<String>>,
    /// Text sources are read whole by the first look; columnar ones are read when loaded.
    pub table: Option<Arc<Table>>,
}

impl OpenedSource {
    /// As the log and the record name it; without a digest so far.
    pub fn recorded(&self) -> Source {
        Source {
            path: self.display.clone(),
            role: self.role,
            format: self.format.clone(),
            bytes: self.bytes,
            sha256: String::new(),
            records: self.records,
            quarantined: self.quarantined,
            object: self.object.clone(),
            partitions: self.partitions.clone(),
        }
    }
}

/// What a column seems to be, and why.
#[derive(Clone, Debug)]
pub struct ColumnGuess {
    pub role: ColumnRole,
    /// `text`, `number`, `whole number`, `time`, `time, no zone`, `JSON`.
    pub kind: &'static str,
    /// First non-empty value.
    pub first: String,
    pub confidence: Confidence,
    /// The reason in figures, e.g. `unique in all rows; 99.7 % found in the other arm`.
    pub why: String,
}

/// Confidence of a guess, in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    Unsure,
    Likely,
    Certain,
}

/// Something the files do not settle. Blocks loading until answered when `open`.
#[derive(Clone, Debug)]
pub struct Question {
    pub kind: QuestionKind,
    /// As asked, e.g. `Which zone are the times in scored_at?`
    pub text: String,
    /// Answers to choose from; the index is what [`super::answer`] takes.
    pub choices: Vec<String>,
    /// The evidence beside the choices.
    pub evidence: String,
    /// Chosen answer; `None` while open.
    pub answer: Option<usize>,
    /// Command-line flag that settles it.
    pub flag: String,
    /// What each choice changes in the mapping.
    pub patches: Vec<Patch>,
}

/// What a [`Question`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuestionKind {
    /// Which arm is the champion.
    Champion,
    /// Whether other models of the log are challengers too.
    Rivals,
    /// Which label value is the positive class.
    Positive,
    /// Zone of times without an offset.
    Zone,
    /// Whether dates such as 03/04/2026 begin with the day or the month.
    DayOrder,
    /// Ids with two different predictions of one arm.
    Conflicts,
    /// Pair rows by position.
    Position,
    /// Which of two columns has the role.
    Column,
    /// Too many records could not be read.
    BadRows,
}
