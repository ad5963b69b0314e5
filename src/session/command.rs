//! Everything a view can ask for.

use std::path::PathBuf;

use crate::compare::staleness::Window;
use crate::compare::{CustomMetric, Selection, ThresholdRule, ValueModel};
use crate::decision::Recommendation;
use crate::decision::record::{Finding, Override, Person};
use crate::log::{ArmRole, Content, Log, Task};
use crate::present::classes::ClassScope;

/// All views; [`View::of`] names those that fit a task.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum View {
    #[default]
    Overview,
    Confusion,
    /// Of a task of several classes.
    Classes,
    /// Of a regression.
    Errors,
    /// Of an A/B or canary run.
    Timeline,
    /// Of ranked lists.
    Queries,
    Curves,
    Scores,
    Validity,
    Rows,
    Decision,
    /// Of texts.
    Texts,
    /// What serving took.
    Operations,
    /// Of boxes in images.
    Images,
    /// Of pairs of items.
    Similarity,
    /// Of images held against references.
    ImagePairs,
    /// Answers side by side, labels or not.
    Agreement,
    /// Outcomes and values in money.
    Business,
    /// How the models age.
    Staleness,
}

impl View {
    /// Views of a log, in the order of their tabs. Where each request was answered by one arm, what compares two answers
    /// of one row has no place; where no answer is logged, nor has what needs one.
    pub fn of_log(log: &Log) -> &'static [Self] {
        use View::{
            Agreement, Business, Classes, Curves, Decision, Operations, Overview, Rows, Staleness, Timeline, Validity,
        };
        if log.split.is_some() {
            let scored = log.task == Task::Binary && log.arms.iter().all(|arm| arm.scores.is_some());
            return if scored {
                &[Overview, Timeline, Curves, Business, Operations, Staleness, Validity, Rows, Decision]
            } else {
                &[Overview, Timeline, Business, Operations, Staleness, Validity, Rows, Decision]
            };
        }
        match &log.content {
            Content::Coded(coded)
                if log.task == Task::Multiclass && coded.probabilities.iter().any(Option::is_some) =>
            {
                &[Overview, Classes, Curves, Agreement, Business, Operations, Staleness, Validity, Rows, Decision]
            }
            _ => Self::of(log.task),
        }
    }

    /// Views of a task where both models answered the same rows.
    pub const fn of(task: Task) -> &'static [Self] {
        use View::{
            Agreement, Business, Classes, Confusion, Curves, Decision, Errors, ImagePairs, Images, Operations,
            Overview, Queries, Rows, Scores, Similarity, Staleness, Texts, Validity,
        };
        match task {
            Task::Binary => &[
                Overview, Confusion, Curves, Scores, Agreement, Business, Operations, Staleness, Validity, Rows,
                Decision,
            ],
            Task::Multiclass => {
                &[Overview, Classes, Agreement, Business, Operations, Staleness, Validity, Rows, Decision]
            }
            Task::Regression => {
                &[Overview, Errors, Agreement, Business, Operations, Staleness, Validity, Rows, Decision]
            }
            Task::Ranking => &[Overview, Queries, Agreement, Operations, Staleness, Validity, Rows, Decision],
            Task::Text => &[Overview, Texts, Agreement, Operations, Staleness, Validity, Rows, Decision],
            Task::Similarity => &[Overview, Similarity, Operations, Staleness, Validity, Rows, Decision],
            Task::Image => &[Overview, ImagePairs, Operations, Staleness, Validity, Rows, Decision],
            Task::Detection => &[Overview, Images, Operations, Staleness, Validity, Rows, Decision],
        }
    }

    pub const fn title(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Confusion | Self::Classes => "Confusion",
            Self::Errors => "Errors",
            Self::Timeline => "Timeline",
            Self::Queries => "Queries",
            Self::Curves => "Curves",
            Self::Scores => "Scores",
            Self::Validity => "Validity",
            Self::Rows => "Rows",
            Self::Decision => "Decision",
            Self::Texts => "Texts",
            Self::Operations => "Operations",
            Self::Images => "Images",
            Self::ImagePairs => "Image pairs",
            Self::Similarity => "Similarity",
            Self::Agreement => "Agreement",
            Self::Business => "Business",
            Self::Staleness => "Staleness",
        }
    }
}

/// What can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    /// `record.json` and its manifest.
    Record,
    Html,
    Markdown,
    Csv,
    Junit,
    /// Flag configuration for flagd.
    Flags,
}

/// What a view wants done. Views return nothing else.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    Show(View),
    /// A handle of the threshold control was moved; the drag goes on while `dragging`.
    SetThreshold {
        arm: ArmRole,
        value: f64,
        dragging: bool,
    },
    SetThresholdRule(ThresholdRule),
    /// Population everywhere: index of a slice, `None` for all analysed rows.
    SelectSlice(Option<usize>),
    /// As typed: `region=LATAM & amount>=100`.
    AddSlice(String),
    RemoveSlice(usize),
    /// Define a metric of one's own; one of the same name is replaced.
    DefineMetric(CustomMetric),
    RemoveMetric(String),
    /// What decisions are worth; `None`: nothing is said.
    SetValue(Option<ValueModel>),
    /// Take classes together, open a group, or go back.
    ScopeClasses(ClassScope),
    /// Windows of time that drift is told by; `None`: by the span.
    SetWindow(Option<Window>),
    /// Ask for files of training data.
    ChooseReference,
    /// Files of training data; empty: none.
    SetReference(Vec<PathBuf>),
    /// Ask for files of test results.
    ChooseTests,
    /// Files of test results (JUnit XML), beside those that are attached.
    AttachTests(Vec<PathBuf>),
    DetachTests(usize),
    /// Rows behind a cell, a flip or a bin; `None` clears.
    Select(Option<Selection>),
    /// The same, and show them in the Rows view.
    OpenRows(Selection),
    Draft(DraftEdit),
    /// Seal the record; refused with reasons while something is missing.
    Seal,
    /// Begin a new draft that replaces the sealed record.
    Supersede,
    Export(ExportFormat),
    /// Compare the other challengers of the run too.
    CompareChallengers,
    /// Put another challenger of the run in view.
    ShowChallenger(String),
    /// Recompute every number from the logs and compare with the record.
    Verify,
    CopyText(String),
}

/// An edit of what people say in the record.
#[derive(Clone, Debug, PartialEq)]
pub enum DraftEdit {
    Outcome(Option<Recommendation>),
    Rationale(String),
    /// One per line.
    Conditions(String),
    /// One per line.
    Limitations(String),
    UseCase(String),
    /// One per line: `NAME=VALUE UNIT`.
    Facts(String),
    Person {
        index: usize,
        person: Person,
    },
    AddPerson,
    RemovePerson(usize),
    Finding {
        index: usize,
        finding: Finding,
    },
    AddFinding,
    RemoveFinding(usize),
    Override(Option<Override>),
}
