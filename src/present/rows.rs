//! The row browser: cells of the log on demand, in a given order, with a given choice of columns.
//!
//! Nothing is copied per row: a [`RowSource`] borrows the log and a list of row numbers, and makes a cell when asked.

mod column;
mod detail;
mod export;
#[cfg(test)]
pub(crate) mod fixture;
mod order;
#[cfg(test)]
mod tests;

pub use column::{Column, Kind};
pub use detail::{ArmDetail, RowDetail};
pub use export::{csv_of, tsv_of};
pub use order::{SORT_IN_FRAME, Sort, SortKey, find_id, sorted_rows};

use super::{Sheet, format};
use crate::compare::Plan;
use crate::log::{ArmRole, Content, FeatureValues, Lists, Log, NO_LABEL, NO_TIME, is_not_logged};

/// Rows on one page: beyond it, single-precision scroll offsets would skip rows.
pub const PAGE: usize = 200_000;

/// Most decimals a column of numbers shows; the detail and the export hold all of them.
const MOST_DECIMALS: usize = 4;

/// Rows of a log in the order they are shown.
#[derive(Clone, Debug)]
pub struct RowSource<'a> {
    pub log: &'a Log,
    /// Row numbers of the log.
    pub rows: &'a [u32],
    pub plan: &'a Plan,
    /// Scores at both ends of the drawn track; `None` where there is none.
    track: Option<(f64, f64)>,
    /// Decimals of each feature's column.
    decimals: Vec<u8>,
}

/// Who is right on a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Right {
    /// `None` where the challenger alone answered the row.
    pub champion: Option<bool>,
    /// `None` for a log of one model, and where the champion alone answered the row.
    pub challenger: Option<bool>,
}

impl Right {
    /// As the flips are named; `right` or `wrong` where one model answered.
    pub const fn word(self) -> &'static str {
        match (self.champion, self.challenger) {
            (Some(true), Some(true)) => "both right",
            (Some(false), Some(true)) => "fixed",
            (Some(true), Some(false)) => "broken",
            (Some(false), Some(false)) => "both wrong",
            (Some(true), None) | (None, Some(true)) => "right",
            (Some(false), None) | (None, Some(false)) => "wrong",
            (None, None) => "not answered",
        }
    }
}

/// One cell, as shown.
#[derive(Clone, Debug, PartialEq)]
pub enum RowCell {
    /// Identifier, in mono.
    Id(String),
    Text(String),
    /// Right-aligned.
    Number(String),
    /// A score or decision of an arm, in its hue.
    Arm(ArmRole, String),
    Right(Right),
    /// Both scores on a track, places 0 to 1, and the thresholds on it; champion first.
    Track {
        scores: [Option<f64>; 2],
        thresholds: [Option<f64>; 2],
    },
    /// Nothing to show, and why.
    Missing(&'static str),
}

/// Column as it stands in the header.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    pub column: Column,
    pub title: String,
    pub kind: Kind,
    /// Characters that most cells need.
    pub chars: usize,
    pub sort: Option<SortKey>,
}

/// What stands around the rows.
#[derive(Clone, Debug, PartialEq)]
pub struct RowsModel {
    /// What the rows are, as a sentence part; `all analysed rows`.
    pub what: String,
    pub heads: Vec<Head>,
    /// Every column there is, with its title, for the choice.
    pub all: Vec<(Column, String)>,
    pub sort: Sort,
    /// `highest champion score first`.
    pub order: String,
    /// What to do where there is no row.
    pub empty: Option<String>,
}

/// The model of a list of rows; `columns` empty for the usual ones.
pub fn rows(source: &RowSource<'_>, what: &str, columns: &[Column], sort: Sort) -> RowsModel {
    let log = source.log;
    let all = Column::all(log);
    let usual = Column::usual(log);
    let chosen: Vec<Column> = if columns.is_empty() {
        usual
    } else {
        all.iter().filter(|column| columns.contains(column)).copied().collect()
    };
    let empty = source.rows.is_empty().then(|| match log.rows {
        0 => "The log holds no row.".to_owned(),
        _ => "No row is in this selection. Choose another cell, or clear the selection.".to_owned(),
    });
    RowsModel {
        what: what.to_owned(),
        heads: chosen.into_iter().map(|column| column.head(source)).collect(),
        all: all.into_iter().map(|column| (column, column.title(log))).collect(),
        order: sort.words(),
        sort,
        empty,
    }
}

impl<'a> RowSource<'a> {
    /// `rows` are numbers of rows of the sheet's log; others are left out of sight.
    pub fn new(sheet: &Sheet<'a>, rows: &'a [u32]) -> Self {
        let log = sheet.log;
        let edges = sheet.comparison.scores.as_ref().map(|scores| &scores.histogram.edges);
        let track = if log.arms.iter().all(|arm| arm.score_kind == crate::log::ScoreKind::Probability) {
            Some((0.0, 1.0))
        } else {
            edges.and_then(|edges| edges.first().copied().zip(edges.last().copied())).filter(|(lo, hi)| lo < hi)
        };
        let decimals = log.features.iter().map(|feature| decimals(&feature.values)).collect();
        Self { log, rows, plan: &sheet.comparison.plan, track, decimals }
    }

    /// The cell of the `position`-th row in `column`.
    pub fn cell(&self, position: usize, column: Column) -> RowCell {
        let Some(row) = self.row(position) else {
            return RowCell::Missing("no such row");
        };
        let log = self.log;
        match column {
            Column::Id => RowCell::Id(log.ids.get(row)),
            Column::Time => match time(log, row) {
                Some(time) => RowCell::Text(format::time(time)),
                None => RowCell::Missing("no time is logged"),
            },
            Column::Unit => match log.units.as_ref().and_then(|(_, codes)| codes.get(row)) {
                Some(unit) => RowCell::Id(unit.to_owned()),
                None => RowCell::Missing("no unit is logged"),
            },
            Column::Label => match truth(log, row) {
                Some(truth) if !matches!(log.content, Content::Binary | Content::Coded(_) | Content::ImagePairs(_)) => {
                    RowCell::Number(truth)
                }
                Some(truth) => RowCell::Text(truth),
                None if matches!(log.content, Content::ImagePairs(_)) => RowCell::Missing("no usable reference"),
                None => RowCell::Missing("the label is pending"),
            },
            Column::Score(role) => match score(log, row, role) {
                Some(value) if matches!(log.content, Content::Numbers(_)) => RowCell::Arm(role, number(value)),
                Some(score) => RowCell::Arm(role, format::fixed(score, 3)),
                None => RowCell::Missing("no score is logged"),
            },
            Column::Decision(role) => match self.decided(row, role) {
                Some(decision) => match probability(log, row, role) {
                    Some(probability) => RowCell::Arm(role, format!("{decision} {}", format::fixed(probability, 2))),
                    None => RowCell::Arm(role, decision),
                },
                None if matches!(log.content, Content::Lists(_)) => RowCell::Missing("nothing relevant is listed"),
                None => RowCell::Missing("no decision is logged"),
            },
            Column::Difference => match difference(log, row) {
                Some(difference) => RowCell::Number(format::signed(difference, 3)),
                None => RowCell::Missing("one score is missing"),
            },
            Column::Error(role) if matches!(log.content, Content::ImagePairs(_)) => match ssim(log, row, role) {
                Some(ssim) => RowCell::Number(format::fixed(ssim, 4)),
                None => {
                    RowCell::Missing("no image could be held against a reference, or it is smaller than the window")
                }
            },
            Column::Error(role) => match error(log, row, role) {
                Some(error) => {
                    RowCell::Number(format::signed(error, format::decimals_for_significant(error, 4).min(3)))
                }
                None => RowCell::Missing("the true value or the prediction is missing"),
            },
            Column::Right => match self.right(row) {
                Some(right) => RowCell::Right(right),
                None => RowCell::Missing("the label is pending"),
            },
            Column::Track => self.track_cell(row),
            Column::Latency(role) => match latency(log, row, role) {
                Some(millis) => RowCell::Number(format::fixed(millis, 1)),
                None => RowCell::Missing("no latency is logged"),
            },
            Column::Feature(index) => self.feature_cell(row, index),
        }
    }

    /// Row of the log at a position of the list.
    pub fn row(&self, position: usize) -> Option<usize> {
        self.rows.get(position).map(|&row| row as usize).filter(|&row| row < self.log.rows)
    }

    /// Decision of an arm at the plan's threshold; the logged one where the plan has none.
    pub fn decision(&self, row: usize, role: ArmRole) -> Option<bool> {
        match self.plan.thresholds[role.index()].value {
            Some(threshold) => score(self.log, row, role).map(|score| score >= threshold),
            None => match *self.log.arms.get(role.index())?.predictions.as_ref()?.get(row)? {
                NO_LABEL => None,
                decision => Some(decision == 1),
            },
        }
    }

    /// What an arm says, in words: the class of several, pass or flag of two; of a list the place of the first relevant
    /// item, of an image the number of boxes.
    pub fn decided(&self, row: usize, role: ArmRole) -> Option<String> {
        match &self.log.content {
            Content::Coded(coded) => coded.name(*coded.answers.get(role.index())?.get(row)?).map(str::to_owned),
            Content::Lists(lists) => first_relevant(lists, row, role).map(|rank| format::count(rank as u64)),
            Content::Boxes(boxes) => Some(format::count(boxes.arms.get(role.index())?.get(row)?.len() as u64)),
            Content::ImagePairs(pairs) => pairs.row(row)[1 + role.index()].map(str::to_owned),
            Content::Pairs(_) => None,
            _ => self.decision(row, role).map(|flags| decision_word(flags).to_owned()),
        }
    }

    /// Whether an arm is right on a row with a label.
    fn is_right(&self, row: usize, role: ArmRole) -> Option<bool> {
        let label = label(self.log, row)?;
        match &self.log.content {
            Content::Binary => Some(self.decision(row, role)? == label),
            Content::Numbers(_)
            | Content::Lists(_)
            | Content::Boxes(_)
            | Content::Pairs(_)
            | Content::ImagePairs(_) => None,
            Content::Coded(coded) => {
                let answer = *coded.answers.get(role.index())?.get(row)?;
                coded.name(answer).map(|_| coded.truths(row).contains(&answer))
            }
        }
    }

    /// Who is right; `None` without a label or without the decisions of all arms that answered the row.
    pub fn right(&self, row: usize) -> Option<Right> {
        let [champion, challenger] = [ArmRole::Champion, ArmRole::Challenger].map(|role| self.is_right(row, role));
        let all = match (self.log.split.is_some(), self.log.challenger()) {
            (true, _) => champion.is_some() || challenger.is_some(),
            (false, Some(_)) => champion.is_some() && challenger.is_some(),
            (false, None) => champion.is_some(),
        };
        all.then_some(Right { champion, challenger })
    }

    fn track_cell(&self, row: usize) -> RowCell {
        let Some((lo, hi)) = self.track else {
            return RowCell::Missing("no scores are logged");
        };
        let place = |value: f64| (value - lo) / (hi - lo);
        let scores = [ArmRole::Champion, ArmRole::Challenger].map(|role| score(self.log, row, role).map(place));
        let thresholds = self.plan.thresholds.map(|threshold| threshold.value.map(place));
        RowCell::Track { scores, thresholds }
    }

    fn feature_cell(&self, row: usize, index: usize) -> RowCell {
        let Some(feature) = self.log.features.get(index) else {
            return RowCell::Missing("no such column");
        };
        match &feature.values {
            FeatureValues::Coded(codes) => match codes.get(row) {
                Some(text) => RowCell::Text(text.to_owned()),
                None => RowCell::Missing("the cell is empty"),
            },
            FeatureValues::Numeric(values) if values[row].is_nan() => RowCell::Missing("the cell is empty"),
            FeatureValues::Numeric(values) => {
                RowCell::Number(format::fixed(values[row], usize::from(self.decimals[index])))
            }
        }
    }
}

/// `pass`, `flag`.
fn decision_word(flags: bool) -> &'static str {
    super::confusion::DECISIONS[usize::from(flags)]
}

fn class(log: &Log, positive: bool) -> &str {
    if positive { &log.classes.positive } else { &log.classes.negative }
}

/// What was true, in words.
fn truth(log: &Log, row: usize) -> Option<String> {
    let label = label(log, row)?;
    match &log.content {
        Content::Binary => Some(class(log, label).to_owned()),
        Content::Numbers(numbers) => numbers.truth.get(row).filter(|truth| !truth.is_nan()).copied().map(number),
        Content::Pairs(pairs) => pairs.gold(row).map(number),
        Content::ImagePairs(pairs) => pairs.row(row)[0].map(str::to_owned),
        Content::Lists(lists) => {
            let grades = lists.judged.of(row).1;
            Some(format::count(grades.iter().filter(|grade| **grade >= 1).count() as u64))
        }
        Content::Boxes(boxes) => boxes.pictures.get(row).map(|picture| format::count(picture.objects.len() as u64)),
        Content::Coded(coded) => coded.truth.get(row).and_then(|code| coded.name(*code)).map(str::to_owned),
    }
}

/// Place of the first relevant item of a list, from 1.
fn first_relevant(lists: &Lists, row: usize, role: ArmRole) -> Option<usize> {
    let list = lists.arms.get(role.index())?.list(row);
    let relevant = |item: &u32| lists.judged.grade(row, *item).is_some_and(|grade| grade >= 1);
    list.iter().position(relevant).map(|place| place + 1)
}

/// Probability that an arm gave to the class it answered.
fn probability(log: &Log, row: usize, role: ArmRole) -> Option<f64> {
    let Content::Coded(coded) = &log.content else { return None };
    let answer = *coded.answers.get(role.index())?.get(row)? as usize;
    let cells = coded.probabilities.get(role.index())?.as_ref()?;
    let found = *cells.get(row * coded.names.len() + coded.name(answer as u32).map(|_| answer)?)?;
    (!found.is_nan()).then_some(found)
}

/// Structural similarity of an arm's image to its reference.
fn ssim(log: &Log, row: usize, role: ArmRole) -> Option<f64> {
    let Content::ImagePairs(pairs) = &log.content else { return None };
    let found = pairs.measured.get(role.index())?.get(row)?.ssim;
    (!found.is_nan()).then_some(found)
}

/// Prediction minus truth.
fn error(log: &Log, row: usize, role: ArmRole) -> Option<f64> {
    let Content::Numbers(numbers) = &log.content else { return None };
    let truth = label(log, row).and(numbers.truth.get(row).copied()).filter(|truth| !truth.is_nan())?;
    Some(score(log, row, role)? - truth)
}

/// A number of a regression: six significant digits.
fn number(value: f64) -> String {
    format::plain(format::round_significant(value, 6))
}

fn label(log: &Log, row: usize) -> Option<bool> {
    log.labels.get(row).filter(|&&label| label != NO_LABEL).map(|&label| label == 1)
}

fn time(log: &Log, row: usize) -> Option<i64> {
    log.times.as_ref()?.get(row).copied().filter(|&time| time != NO_TIME)
}

fn score(log: &Log, row: usize, role: ArmRole) -> Option<f64> {
    let score = *log.arms.get(role.index())?.scores.as_ref()?.get(row)?;
    (!score.is_nan()).then_some(score)
}

fn latency(log: &Log, row: usize, role: ArmRole) -> Option<f64> {
    let millis = *log.arms.get(role.index())?.latency_ms.as_ref()?.get(row)?;
    (!is_not_logged(millis) && !millis.is_nan()).then_some(millis)
}

/// Challenger's score minus champion's.
fn difference(log: &Log, row: usize) -> Option<f64> {
    Some(score(log, row, ArmRole::Challenger)? - score(log, row, ArmRole::Champion)?)
}

/// Decimals that 64 values spread over the column need.
fn decimals(values: &FeatureValues) -> u8 {
    let FeatureValues::Numeric(values) = values else {
        return 0;
    };
    let step = (values.len() / 64).max(1);
    let needed = |value: &f64| {
        let text = value.to_string();
        text.split_once('.').map_or(0, |(_, fraction)| fraction.len())
    };
    values.iter().step_by(step).filter(|value| value.is_finite()).map(needed).max().unwrap_or(0).min(MOST_DECIMALS)
        as u8
}
