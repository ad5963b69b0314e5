//! Cells of the matrices that are drawn.

use std::sync::Arc;

use super::super::confusion::Normalise;
use super::super::format;
use super::{ClassCellModel, ClassLine, excludes_zero, shift_at, shift_words};
use crate::compare::{Cell, ClassCell, Classes, Selection};
use crate::log::ArmRole;

/// Classes from which on a cell is too small for a count of the right answers: they are shown in per cent of their row.
const MANY: usize = 7;

/// Counts of one arm at the classes drawn, with the sums over all classes.
pub(super) struct Drawn {
    side: usize,
    counts: Vec<u64>,
    truth: Vec<u64>,
    answers: Vec<u64>,
    rows: u64,
}

impl Drawn {
    pub fn of(cells: &[Cell], place: &[usize], count: usize, side: usize) -> Self {
        let mut drawn =
            Self { side, counts: vec![0; side * side], truth: vec![0; count], answers: vec![0; count], rows: 0 };
        for cell in cells {
            let (truth, answer) = (cell.0 as usize, cell.1 as usize);
            drawn.truth[truth] += cell.2;
            drawn.answers[answer] += cell.2;
            drawn.rows += cell.2;
            if place[truth] != usize::MAX && place[answer] != usize::MAX {
                drawn.counts[place[truth] * side + place[answer]] += cell.2;
            }
        }
        drawn
    }

    /// The cell in the unit that is chosen: rows, or a share; `None` where the whole has no row.
    fn value(&self, at: usize, normalise: Normalise, order: &[usize]) -> Option<f64> {
        let rows = self.counts[at] as f64;
        let whole = match normalise {
            Normalise::Counts => return Some(rows),
            Normalise::ByTruth => self.truth[order[at / self.side]],
            Normalise::ByPrediction => self.answers[order[at % self.side]],
            Normalise::OfAll => self.rows,
        };
        (whole > 0).then(|| rows / whole as f64)
    }

    pub fn off_diagonal<'a>(&'a self, normalise: Normalise, order: &'a [usize]) -> impl Iterator<Item = f64> + 'a {
        (0..self.counts.len())
            .filter(|at| at / self.side != at % self.side)
            .filter_map(move |at| self.value(at, normalise, order))
    }
}

pub(super) struct Scope<'a> {
    pub classes: &'a Classes,
    pub order: &'a [usize],
    pub selection: Option<&'a Selection>,
    /// Group of each class, where groups are drawn.
    pub groups: Option<Arc<Vec<u32>>>,
}

impl Scope<'_> {
    fn class(&self, code: usize) -> (u32, String) {
        (code as u32, self.classes.names[code].clone())
    }

    fn cell(&self, role: ArmRole, at: usize) -> ClassCellModel {
        let side = self.order.len();
        let (truth, answer) = (self.order[at / side], self.order[at % side]);
        let (code, name) = self.class(answer);
        let answer_of = Some((role, code, name));
        let classes = ClassCell { truth: Some(self.class(truth)), answer: answer_of, groups: self.groups.clone() };
        let selection = Selection { classes, ..Selection::default() };
        let selected = self.selection == Some(&selection);
        ClassCellModel { diagonal: truth == answer, selected, selection, ..ClassCellModel::default() }
    }

    fn is_diagonal(&self, at: usize) -> bool {
        at / self.order.len() == at % self.order.len()
    }

    fn shares_diagonal(&self) -> bool {
        self.order.len() >= MANY
    }

    fn words(&self, at: usize) -> String {
        let side = self.order.len();
        let name = |at: usize| &self.classes.names[self.order[at]];
        format!("truth {}, predicted {}", name(at / side), name(at % side))
    }

    pub fn cells(&self, role: ArmRole, drawn: &Drawn, normalise: Normalise, top: f64) -> Vec<ClassCellModel> {
        let arm = if role == ArmRole::Champion { "champion" } else { "challenger" };
        let cell = |at: usize| {
            let (rows, value) = (drawn.counts[at], drawn.value(at, normalise, self.order));
            let recall = || {
                let share = drawn.value(at, Normalise::ByTruth, self.order);
                share.map_or_else(String::new, |share| format::fixed(share * 100.0, 0))
            };
            let main = match (normalise, value) {
                (_, Some(0.0)) => String::new(),
                (_, None) => format::UNDEFINED.to_owned(),
                (Normalise::Counts, Some(_)) if self.shares_diagonal() && self.is_diagonal(at) => recall(),
                (Normalise::Counts, Some(_)) => format::count(rows),
                (_, Some(share)) => percent(share),
            };
            ClassCellModel {
                main,
                shade: value.filter(|_| top > 0.0).map_or(0.0, |value| (value / top).clamp(0.0, 1.0)),
                name: format!("{arm}: {}, {} rows", self.words(at), format::count(rows)),
                ..self.cell(role, at)
            }
        };
        (0..drawn.counts.len()).map(cell).collect()
    }

    pub fn difference(&self, a: &Drawn, b: &Drawn, normalise: Normalise) -> Vec<ClassCellModel> {
        let value = |at: usize| Some(b.value(at, normalise, self.order)? - a.value(at, normalise, self.order)?);
        let top = (0..a.counts.len()).filter_map(value).map(f64::abs).fold(0.0, f64::max);
        let cell = |at: usize| {
            let found = value(at);
            let main = match (normalise, found) {
                (_, Some(0.0)) => String::new(),
                (_, None) => format::UNDEFINED.to_owned(),
                (Normalise::Counts, Some(rows)) => format::signed_count(rows as i64),
                (_, Some(share)) => format::signed(share * 100.0, if share.abs() < 0.0995 { 1 } else { 0 }),
            };
            let (truth, answer) = (self.order[at / a.side] as u32, self.order[at % a.side] as u32);
            let shift = shift_at(self.classes, truth, answer);
            let shown = normalise == Normalise::ByPrediction || shift.is_some_and(excludes_zero);
            let rows = shift.map_or_else(|| "0".to_owned(), shift_words);
            ClassCellModel {
                main,
                shade: found.filter(|_| shown && top > 0.0).map_or(0.0, |value| value / top),
                name: format!("difference: {}, {rows} rows", self.words(at)),
                // The rows that the challenger puts here.
                ..self.cell(ArmRole::Challenger, at)
            }
        };
        (0..a.counts.len()).map(cell).collect()
    }

    pub fn line(&self, code: usize, net: i64) -> ClassLine {
        let class = &self.classes.per_class[code];
        let flips = self.classes.flips.get(code);
        let recall = |value: Option<f64>| {
            value.map_or_else(|| format::UNDEFINED.to_owned(), |value| format::fixed(value * 100.0, 1))
        };
        let interval = class.recall_difference.map(|ends| ends.map(|end| end * 100.0));
        let classes = ClassCell { truth: Some(self.class(code)), answer: None, groups: self.groups.clone() };
        let selection = Selection { classes, ..Selection::default() };
        ClassLine {
            name: self.classes.names[code].clone(),
            rows: format::count(class.support),
            recall: [class.recall.champion, class.recall.challenger].map(recall),
            flips: flips.map(|flips| flips[1..].iter().map(|rows| format::count(*rows)).collect()).unwrap_or_default(),
            net: if flips.is_some() { format::signed_count(net) } else { String::new() },
            interval_text: interval.map_or_else(
                || if flips.is_some() { "too few rows".to_owned() } else { String::new() },
                |[_, lo, hi]| format!("[{}, {}]", format::signed(lo, 1), format::signed(hi, 1)),
            ),
            interval,
            selected: self.selection == Some(&selection),
            selection,
        }
    }
}

/// A share in per cent without its sign: one decimal below ten.
fn percent(share: f64) -> String {
    format::fixed(share * 100.0, if share < 0.0995 { 1 } else { 0 })
}
