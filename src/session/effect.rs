//! What a command leads to outside the session.

use super::command::ExportFormat;
use super::pipeline::Request;
use crate::compare::{SliceSpec, Threshold};

/// Something the session wants done. The window does it; the session stays pure.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Compute again in a job.
    Compare(CompareTask),
    /// Counts at these thresholds, now, while a handle is dragged.
    Live([Threshold; 2]),
    /// The rows to show have changed: another selection, another population.
    Rows,
    /// Seal the record; needs the clock.
    Seal,
    Export(ExportFormat),
    /// Ask for files of training data.
    ChooseReference,
    /// Ask for files of test results.
    ChooseTests,
    Verify,
    /// Compare each of these in a job, one after another.
    CompareChallengers(Vec<Request>),
    /// Open the same logs with another challenger.
    Open(Box<Request>),
    CopyText(String),
    /// The typed slice was taken.
    SliceTaken,
    /// Why the typed text is no slice.
    SliceProblem(String),
    /// Something to tell, in one sentence.
    Say(String),
}

/// What is to be computed.
#[derive(Clone, Debug, PartialEq)]
pub struct CompareTask {
    /// Thresholds, rule and slices as they stand now.
    pub request: Box<Request>,
    /// Population in view; `None`: all analysed rows.
    pub population: Option<SliceSpec>,
    /// All analysed rows and the verdict need computing too, not the population alone.
    pub whole: bool,
}
