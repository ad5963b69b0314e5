//! Rows behind something that was clicked: a matrix cell, a flip, a score bin. Has a name, can be inverted.

use std::sync::Arc;

use super::engine::Engine;
use super::plan::Plan;
use super::slice::SliceSpec;
use crate::log::{ArmRole, Content, Log, NO_CODE, NO_LABEL, RowMask, Task};

/// A named set of analysed rows; all given parts must hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Selection {
    /// Class of the label.
    pub truth: Option<bool>,
    /// Decision of the champion and of the challenger at the plan's thresholds.
    pub decisions: [Option<bool>; 2],
    /// Whether each arm's decision is right.
    pub right: [Option<bool>; 2],
    /// Score of an arm within `lo..hi`.
    pub score: Option<(ArmRole, f64, f64)>,
    /// Of a task of several classes: what is true, and what an arm answers.
    pub classes: ClassCell,
    /// Of the rows that both arms answered, labelled or not, in place of the analysed ones.
    pub answers: Option<AnswerRows>,
    /// One row of the log.
    pub row: Option<u32>,
    /// All other analysed rows instead.
    pub inverted: bool,
}

/// Rows by what both arms answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AnswerRows {
    /// Whether both answers are the same.
    pub alike: Option<bool>,
    /// Only rows without a label.
    pub unlabelled: bool,
    /// Answers of the champion and of the challenger: codes with their names.
    pub cell: Option<[(u32, String); 2]>,
}

impl AnswerRows {
    fn words(&self) -> String {
        let mut parts = Vec::new();
        match &self.cell {
            Some([(_, a), (_, b)]) if a == b => parts.push(format!("{a} by both")),
            Some([(_, a), (_, b)]) => parts.push(format!("{a} by the champion, {b} by the challenger")),
            None => parts.push(match self.alike {
                Some(true) => "answered alike".to_owned(),
                Some(false) => "answered differently".to_owned(),
                None => "answered by both".to_owned(),
            }),
        }
        if self.unlabelled {
            parts.push("without a label".to_owned());
        }
        parts.join(", ")
    }
}

/// A class, or a cell of a confusion matrix of several classes: codes of the log's dictionary with their names.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClassCell {
    pub truth: Option<(u32, String)>,
    pub answer: Option<(ArmRole, u32, String)>,
    /// The codes are those of groups: the group of each class.
    pub groups: Option<Arc<Vec<u32>>>,
}

impl ClassCell {
    fn is_any(&self) -> bool {
        self.truth.is_none() && self.answer.is_none()
    }

    fn holds(&self, content: &Content, row: usize) -> bool {
        let Content::Coded(coded) = content else { return self.is_any() };
        let of = |code: u32| match &self.groups {
            Some(groups) => groups.get(code as usize).copied().unwrap_or(NO_CODE),
            None => code,
        };
        self.truth.as_ref().is_none_or(|(code, _)| of(coded.truth[row]) == *code)
            && self.answer.as_ref().is_none_or(|(role, code, _)| {
                coded.answers.get(role.index()).is_some_and(|answers| of(answers[row]) == *code)
            })
    }
}

const ARMS: [&str; 2] = ["champion", "challenger"];

impl Selection {
    /// The same rows as a slice, which has numbers of its own; `None` where conditions on columns cannot say it.
    pub fn as_slice(&self, log: &Log) -> Option<SliceSpec> {
        let alone = Self { classes: self.classes.clone(), ..Self::default() };
        if *self != alone || self.classes.groups.is_some() || log.task != Task::Multiclass {
            return None;
        }
        let truth = self.classes.truth.as_ref().map(|(_, name)| name.as_str());
        let answer = self.classes.answer.as_ref().map(|(role, _, name)| (*role, name.as_str()));
        SliceSpec::of_classes(log, truth, answer)
    }

    /// Rows of the log, a subset of the engine's analysed rows, or of those that both arms answered. A row on which an arm has no decision, or no score
    /// where one is asked for, is not in the set before it is inverted.
    pub fn mask(&self, engine: &Engine, plan: &Plan) -> RowMask {
        let log = engine.log();
        let answered = self.answers.as_ref().map(|which| (engine.answered(), engine.rows_of_answers(plan, which)));
        let within = answered.as_ref().map_or(engine.analysed(), |(all, _)| all);
        let decision = |arm: usize, row: usize| -> Option<bool> {
            let found = log.arms.get(arm)?;
            match plan.thresholds[arm].value {
                Some(threshold) => found.scores.as_ref().map(|scores| scores[row] >= threshold),
                None => found.predictions.as_ref().map(|decisions| decisions[row] == 1),
            }
        };
        // Whether an arm is right: of two classes by the plan's thresholds, of several by the codes.
        let verdict = |arm: usize, row: usize| -> Option<bool> {
            match &log.content {
                Content::Coded(coded) => {
                    let answer = *coded.answers.get(arm)?.get(row)?;
                    (answer != NO_CODE && log.labels[row] != NO_LABEL).then_some(answer == coded.truth[row])
                }
                _ => decision(arm, row).map(|decision| decision == (log.labels[row] == 1)),
            }
        };
        let holds = |row: usize| {
            let truth = log.labels[row] == 1;
            self.truth.is_none_or(|wanted| wanted == truth)
                && (0..2).all(|arm| {
                    let (wanted, right) = (self.decisions[arm], self.right[arm]);
                    wanted.is_none_or(|wanted| decision(arm, row) == Some(wanted))
                        && right.is_none_or(|right| verdict(arm, row) == Some(right))
                })
                && self.row.is_none_or(|wanted| wanted as usize == row)
                && answered.as_ref().is_none_or(|(_, these)| these.contains(row))
                && self.classes.holds(&log.content, row)
                && self.score.is_none_or(|(role, lo, hi)| {
                    let scores = log.arms.get(role.index()).and_then(|arm| arm.scores.as_ref());
                    scores.is_some_and(|scores| lo <= scores[row] && scores[row] < hi)
                })
        };
        RowMask::from_fn(log.rows, |row| within.contains(row) && holds(row) != self.inverted)
    }

    /// As a sentence part: `fraud, predicted pass by the champion`, `fixed by the challenger`. `classes` are the
    /// negative and the positive one.
    pub fn words(&self, plan: &Plan, classes: [&str; 2]) -> String {
        let class = |positive: bool| classes[usize::from(positive)];
        let mut parts: Vec<String> = Vec::new();
        if let Some(truth) = self.truth {
            parts.push(class(truth).to_owned());
        }
        if let Some((_, name)) = &self.classes.truth {
            parts.push(name.clone());
        }
        if let Some((role, _, name)) = &self.classes.answer {
            parts.push(match plan.challenger {
                Some(_) => format!("predicted {name} by the {}", ARMS[role.index()]),
                None => format!("predicted {name}"),
            });
        }
        if let Some(answers) = &self.answers {
            parts.push(answers.words());
        }
        if let Some(row) = self.row {
            parts.push(format!("row {} of the log", u64::from(row) + 1));
        }
        match self.decisions {
            [Some(a), Some(b)] if a == b => parts.push(format!("predicted {} by both", class(a))),
            decisions => {
                for (decision, arm) in decisions.iter().zip(ARMS) {
                    if let Some(decision) = decision {
                        parts.push(format!("predicted {} by the {arm}", class(*decision)));
                    }
                }
            }
        }
        let verdict = |right: bool| if right { "right" } else { "wrong" };
        match self.right {
            [Some(false), Some(true)] => parts.push("fixed by the challenger".to_owned()),
            [Some(true), Some(false)] => parts.push("broken by the challenger".to_owned()),
            [Some(both), Some(_)] => parts.push(format!("decided {} by both", verdict(both))),
            [Some(right), None] if plan.challenger.is_none() => parts.push(format!("decided {}", verdict(right))),
            [Some(right), None] => parts.push(format!("decided {} by the champion", verdict(right))),
            [None, Some(right)] => parts.push(format!("decided {} by the challenger", verdict(right))),
            [None, None] => {}
        }
        if let Some((role, lo, hi)) = self.score {
            parts.push(format!("scored {lo:.3} to {hi:.3} by the {}", ARMS[role.index()]));
        }
        match (parts.is_empty(), self.inverted) {
            (true, false) => "all analysed rows".to_owned(),
            (true, true) => "no rows".to_owned(),
            (false, false) => parts.join(", "),
            (false, true) => format!("all but {}", parts.join(", ")),
        }
    }
}
