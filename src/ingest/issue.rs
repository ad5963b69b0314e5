//! What was found wrong, said so that it can be mended.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::job::Cancelled;

/// How bad an [`Issue`] is for the numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Mended or harmless; said for completeness.
    Note,
    /// Rows were left out or read with an assumption.
    Warning,
    /// Metrics are blocked until a person accepts it in the mapping.
    Blocking,
}

/// One record that could not be read, or one value that could not be typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Example {
    pub source: String,
    /// 1-based record number in the source (line number for one-line records).
    pub record: u64,
    /// The raw text, cut to 200 characters.
    pub raw: String,
}

/// A class of problems of one source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Issue {
    /// Stable name, e.g. `unreadable_record`.
    pub code: String,
    pub severity: Severity,
    /// What happened, with counts, as one sentence.
    pub message: String,
    /// What it means for the metrics.
    pub consequence: String,
    /// What to do about it.
    pub mend: String,
    pub count: u64,
    /// Share of the records of the source, 0 to 1; the largest, where several sources are told of together.
    pub share: f64,
    /// Up to 100 examples.
    pub examples: Vec<Example>,
}

/// Codes of issues that depend on what was known, named or beside the files when they were opened: nothing in files and
/// mapping tells them again.
const OF_OPENING: [&str; 11] = [
    "assumed_zone",
    "class_columns",
    "ids_not_shared",
    "not_a_log",
    "other_label_values",
    "profile_columns",
    "profile_matched",
    "task_by_labels",
    "task_by_lines",
    "two_sources_of_labels",
    "unread_time",
];

impl Issue {
    /// Whether only opening the files as they were opened then says it again.
    pub fn is_of_opening(&self) -> bool {
        OF_OPENING.contains(&self.code.as_str())
    }

    /// Without examples; `of` is what `count` is a share of.
    pub(in crate::ingest) fn counted(
        code: &str,
        severity: Severity,
        (count, of): (u64, u64),
        message: String,
        consequence: &str,
        mend: &str,
    ) -> Self {
        Self {
            code: code.to_owned(),
            severity,
            message,
            consequence: consequence.to_owned(),
            mend: mend.to_owned(),
            count,
            share: count as f64 / of.max(1) as f64,
            examples: Vec::new(),
        }
    }
}

/// Issues of one kind told of more files than this are told once.
const ALIKE: usize = 3;

/// Put together what the same thing in many files would say over and over: the first is told, the rest counted.
pub(super) fn merged(issues: Vec<Issue>) -> Vec<Issue> {
    let mut number: BTreeMap<(String, Severity), usize> = BTreeMap::new();
    for issue in &issues {
        *number.entry((issue.code.clone(), issue.severity)).or_default() += 1;
    }
    let mut places: BTreeMap<(String, Severity), usize> = BTreeMap::new();
    let mut out: Vec<Issue> = Vec::new();
    for issue in issues {
        let key = (issue.code.clone(), issue.severity);
        let alike = number.get(&key).copied().unwrap_or(0);
        if alike <= ALIKE {
            out.push(issue);
            continue;
        }
        match places.get(&key) {
            Some(&place) => {
                let first = &mut out[place];
                first.count += issue.count;
                first.share = first.share.max(issue.share);
                let room = super::typing::EXAMPLES.saturating_sub(first.examples.len());
                first.examples.extend(issue.examples.into_iter().take(room));
            }
            None => {
                places.insert(key, out.len());
                let message = format!("{} The same holds for {} more files.", issue.message, alike - 1);
                out.push(Issue { message, ..issue });
            }
        }
    }
    out
}

/// Why a load could not go on. Messages name what to do; the path comes last.
#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    #[error("{message}: {path}")]
    Source { message: String, path: String },
    /// A file that may well be a log and cannot be read: no rights, a failing disk, damage.
    #[error("{message}: {path}")]
    Unreadable { message: String, path: String },
    /// The files leave a question open; `flag` is the command-line flag that settles it.
    #[error("{question} Settle it with {flag}.")]
    Question { question: String, flag: String },
    #[error("{0}")]
    Mapping(String),
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}
