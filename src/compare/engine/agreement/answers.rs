//! The answers of both models, whatever the task.

use crate::compare::agreement::Answers;
use crate::compare::plan::{Plan, Threshold};
use crate::log::{Coded, Content, Lists, Log, Task};

/// Both models' answers by row of the log.
pub(super) enum Side<'a> {
    Decisions {
        arms: [Decided<'a>; 2],
        labels: &'a [u8],
    },
    /// Classes, or texts.
    Coded {
        coded: &'a Coded,
        texts: bool,
    },
    Numbers {
        arms: [&'a [f64]; 2],
        truth: &'a [f64],
    },
    Lists(&'a Lists),
}

/// How one arm decides between two classes.
pub(super) enum Decided<'a> {
    AtLeast(&'a [f64], f64),
    Logged(&'a [u8]),
}

impl Decided<'_> {
    fn code(&self, row: usize) -> u32 {
        match self {
            Self::AtLeast(scores, threshold) => u32::from(scores[row] >= *threshold),
            Self::Logged(decisions) => u32::from(decisions[row] == 1),
        }
    }
}

impl<'a> Side<'a> {
    /// `None` where the log has one model, the arms answered different requests, or an arm has no answers.
    pub fn of(log: &'a Log, plan: &Plan) -> Option<Self> {
        if log.arms.len() < 2 || log.split.is_some() {
            return None;
        }
        match (&log.content, log.task) {
            (Content::Binary, Task::Binary) => {
                let arm = |arm: usize| {
                    let Threshold { value, .. } = plan.thresholds[arm];
                    match (value, &log.arms[arm].scores, &log.arms[arm].predictions) {
                        (Some(threshold), Some(scores), _) => Some(Decided::AtLeast(scores, threshold)),
                        (None, _, Some(decisions)) => Some(Decided::Logged(decisions)),
                        _ => None,
                    }
                };
                Some(Self::Decisions { arms: [arm(0)?, arm(1)?], labels: &log.labels })
            }
            (Content::Coded(coded), task) if coded.answers.len() > 1 => {
                Some(Self::Coded { coded, texts: task == Task::Text })
            }
            (Content::Numbers(numbers), _) => {
                let arm = |arm: usize| log.arms[arm].scores.as_deref();
                Some(Self::Numbers { arms: [arm(0)?, arm(1)?], truth: &numbers.truth })
            }
            (Content::Lists(lists), _) if lists.arms.len() > 1 => Some(Self::Lists(lists)),
            _ => None,
        }
    }

    pub fn kind(&self) -> Answers {
        match self {
            Self::Decisions { .. } => Answers::Decisions,
            Self::Coded { texts: false, .. } => Answers::Classes,
            Self::Coded { texts: true, .. } => Answers::Texts,
            Self::Numbers { .. } => Answers::Numbers,
            Self::Lists(_) => Answers::Lists,
        }
    }

    /// Whether both models gave the same answer.
    pub fn alike(&self, row: usize) -> bool {
        match self {
            Self::Decisions { .. } | Self::Coded { .. } => {
                let [a, b] = self.codes(row);
                a == b
            }
            Self::Numbers { arms: [a, b], .. } => a[row] == b[row],
            Self::Lists(lists) => lists.arms[0].list(row) == lists.arms[1].list(row),
        }
    }

    /// Codes of both answers; of what has none 0.
    pub fn codes(&self, row: usize) -> [u32; 2] {
        match self {
            Self::Decisions { arms: [a, b], .. } => [a.code(row), b.code(row)],
            Self::Coded { coded, .. } => [coded.answers[0][row], coded.answers[1][row]],
            Self::Numbers { .. } | Self::Lists(_) => [0, 0],
        }
    }

    /// Whether each answer is true on a row with a label.
    pub fn right(&self, row: usize) -> [bool; 2] {
        let codes = self.codes(row);
        match self {
            Self::Decisions { labels, .. } => codes.map(|code| code == u32::from(labels[row])),
            Self::Coded { coded, .. } => codes.map(|code| coded.truths(row).contains(&code)),
            Self::Numbers { .. } | Self::Lists(_) => [false; 2],
        }
    }

    /// Names of the answers where a table of them tells something.
    pub fn names(&self, log: &Log) -> Option<Vec<String>> {
        match self {
            Self::Decisions { .. } => Some(vec![log.classes.negative.clone(), log.classes.positive.clone()]),
            Self::Coded { coded, texts: false } => Some(coded.names.clone()),
            _ => None,
        }
    }

    /// The metric whose difference missing labels leave between bounds.
    pub fn bounded(&self) -> Option<&'static str> {
        match self {
            Self::Decisions { .. } | Self::Coded { texts: false, .. } => Some("accuracy"),
            Self::Numbers { .. } => Some("mae"),
            _ => None,
        }
    }

    /// What a row adds to the sum of differences at least and at most: equal where a label tells it, or where both
    /// answers are the same. Two absolute errors differ by no more than the two predictions do.
    pub fn adds(&self, log: &Log, row: usize) -> [f64; 2] {
        let labelled = log.labels[row] <= 1;
        match self {
            Self::Numbers { arms: [a, b], truth } if labelled => {
                [(b[row] - truth[row]).abs() - (a[row] - truth[row]).abs(); 2]
            }
            Self::Numbers { arms: [a, b], .. } => {
                let apart = (b[row] - a[row]).abs();
                [-apart, apart]
            }
            _ => match self.codes(row) {
                [a, b] if a == b => [0.0; 2],
                _ if !labelled => [-1.0, 1.0],
                _ => {
                    let [a, b] = self.right(row).map(|right| f64::from(u8::from(right)));
                    [b - a; 2]
                }
            },
        }
    }
}
