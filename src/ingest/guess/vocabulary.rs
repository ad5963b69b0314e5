//! Labels and answers that share a vocabulary: the names of more classes than a column of classes has by itself.

use std::collections::HashMap;

use super::Input;
use super::column::{Kind, Look, cell_text};
use super::names::{affixed, role_of, without_side, words};
use crate::ingest::mapping::Role;
use crate::ingest::table::ColumnData;
use crate::ingest::typing::is_null_token;

/// Words of the name of a class at most; a sentence has more.
const WORDS: usize = 4;

/// Whether a column is named like labels (true) or like answers of a model (false).
fn named(name: &str) -> Option<bool> {
    let of = |role| match role {
        Role::Label => Some(true),
        Role::Prediction | Role::Score => Some(false),
        _ => None,
    };
    let (rest, side) = without_side(name);
    match role_of(&words(name)).or_else(|| role_of(&rest)) {
        Some((role, _)) => of(role),
        None if side.is_some() && rest.is_empty() => Some(false),
        None => affixed(name).and_then(|(role, _)| of(role)),
    }
}

/// Values with their numbers of rows.
#[derive(Default)]
struct Values(HashMap<String, usize>);

impl Values {
    fn add(&mut self, data: &ColumnData, rows: usize) {
        let filled = (0..rows).filter_map(|row| cell_text(data, row)).filter(|cell| !is_null_token(cell.as_bytes()));
        filled.for_each(|cell| *self.0.entry(cell).or_default() += 1);
    }

    fn rows(&self) -> usize {
        self.0.values().sum()
    }

    /// Rows whose value is one that `holds`.
    fn rows_where(&self, holds: impl Fn(&str) -> bool) -> usize {
        self.0.iter().filter(|(value, _)| holds(value)).map(|(_, rows)| rows).sum()
    }

    /// More rows than values: no sentences, and no ids.
    fn repeat(&self) -> bool {
        self.0.len() * 2 <= self.rows()
    }
}

/// Whether what the models answer are names of many classes: labels and answers have their values in common.
///
/// Words and codes need no more than that. Whole numbers may be counts as well, which models miss by little and hit
/// rarely: of those the answers must also hit half of the labels that are not the most frequent one.
pub(super) fn are_classes(inputs: &[Input<'_>], looks: &[Vec<Look>]) -> bool {
    let columns = || {
        let all = inputs.iter().zip(looks).flat_map(|(input, looks)| input.table.columns.iter().zip(looks));
        all.filter_map(|(column, look)| named(&column.name).map(|is_label| (is_label, column, look)))
    };
    let filled = |wanted: bool| columns().filter(move |(is_label, _, look)| *is_label == wanted && look.filled > 0);
    let kinds = |kind: Kind| {
        let all = |wanted| filled(wanted).all(|(.., look)| look.kind == kind) && filled(wanted).next().is_some();
        all(true) && all(false)
    };
    let (text, whole) = (kinds(Kind::Text), kinds(Kind::Whole));
    if !text && !whole {
        return false;
    }
    let few = filled(true).all(|(.., look)| look.is_classes());
    if few && !filled(true).any(|(.., look)| text && look.is_prose()) {
        // What a column of classes is by itself, is judged elsewhere.
        return false;
    }
    let values = |wanted: bool| {
        let mut values = Values::default();
        filled(wanted).for_each(|(_, column, look)| values.add(&column.data, look.rows));
        values
    };
    let (labels, answers) = (values(true), values(false));
    let (known, given) = (answers.rows_where(|value| labels.0.contains_key(value)), answers.rows());
    if whole {
        return labels.repeat() && known * 20 >= given * 19 && hits(inputs, looks, &labels);
    }
    let short = |values: &Values| {
        values.rows_where(|value| value.split_whitespace().count() <= WORDS) * 10 >= values.rows() * 9
    };
    // Where every row has a label of its own, an answer can only be one of them by being right.
    let enough = if labels.repeat() { known * 10 >= given * 8 } else { known * 2 >= given };
    enough && short(&labels) && short(&answers)
}

/// Whether answers beside labels are those labels in half of the rows whose label is not the most frequent one.
fn hits(inputs: &[Input<'_>], looks: &[Vec<Look>], labels: &Values) -> bool {
    let most = labels.0.iter().max_by_key(|(_, rows)| **rows).map(|(value, _)| value.as_str());
    let (mut hits, mut rows) = (0usize, 0usize);
    for (input, looks) in inputs.iter().zip(looks) {
        let of = |wanted: bool| {
            let columns = input.table.columns.iter().zip(looks);
            columns.filter(move |(column, look)| look.filled > 0 && named(&column.name) == Some(wanted))
        };
        for ((label, look), (answer, _)) in of(true).flat_map(|label| of(false).map(move |answer| (label, answer))) {
            for row in 0..look.rows {
                let Some(truth) = cell_text(&label.data, row).filter(|truth| Some(truth.as_str()) != most) else {
                    continue;
                };
                rows += 1;
                hits += usize::from(cell_text(&answer.data, row).is_some_and(|answer| answer == truth));
            }
        }
    }
    rows > 0 && hits * 2 >= rows
}
