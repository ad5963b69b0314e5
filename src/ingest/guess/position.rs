//! Proof that rows of two files stand in the same order: both carry the same labels, row by row.

use std::borrow::Cow;
use std::collections::HashMap;

use super::column::cell_text;
use super::files::match_files;
use crate::ingest::table::Table;

/// A file of one model.
pub(super) struct Part<'a> {
    pub display: &'a str,
    pub table: Cow<'a, Table>,
}

/// What comparing the files found.
#[derive(Debug, Default)]
pub(super) struct Proof {
    pub pairs: usize,
    /// Pairs of files with as many rows and the same labels in the same order.
    pub equal: usize,
    pub unmatched: usize,
    pub rows: usize,
    /// Base-10 logarithm of the chance that labels in random order are equal in all those files.
    pub log10_chance: f64,
}

impl Proof {
    /// All pairs are equal and chance cannot explain it.
    pub fn holds(&self) -> bool {
        self.pairs > 0 && self.equal == self.pairs && self.log10_chance < -6.0
    }

    pub fn text(&self, column: &str) -> String {
        let files = if self.pairs == 1 { "file" } else { "files" };
        let mut text = format!(
            "`{column}` is identical row by row in {} of {} paired {files} ({} rows)",
            self.equal, self.pairs, self.rows
        );
        if self.equal > 0 && self.log10_chance < 0.0 {
            let exponent = self.log10_chance.floor();
            text += &format!("; by chance this happens once in {:.0e}", 10f64.powf(-exponent.max(-300.0)));
        }
        if self.unmatched > 0 {
            text += &format!("; {} have no partner", count(self.unmatched, "file"));
        }
        text
    }
}

pub(super) fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

pub(super) fn prove(first: &[Part<'_>], second: &[Part<'_>], column: &str) -> Proof {
    let displays = |parts: &[Part<'_>]| parts.iter().map(|part| part.display.to_owned()).collect::<Vec<_>>();
    let (a, b) = (displays(first), displays(second));
    let pairs = match_files(
        &a.iter().map(String::as_str).collect::<Vec<_>>(),
        &b.iter().map(String::as_str).collect::<Vec<_>>(),
    );
    let mut proof =
        Proof { pairs: pairs.len(), unmatched: first.len() + second.len() - 2 * pairs.len(), ..Proof::default() };
    for (one, other) in pairs {
        let (one, other) = (&first[one].table, &second[other].table);
        let (Some(left), Some(right)) = (one.column(column), other.column(column)) else {
            continue;
        };
        let rows = one.records;
        let is_equal =
            rows == other.records && (0..rows).all(|row| cell_text(&left.data, row) == cell_text(&right.data, row));
        if !is_equal {
            continue;
        }
        proof.equal += 1;
        proof.rows += rows;
        let mut counts: HashMap<Option<String>, usize> = HashMap::new();
        (0..rows).for_each(|row| *counts.entry(cell_text(&left.data, row)).or_default() += 1);
        // Two independent rows of these frequencies are equal with the sum of the squared shares.
        let same: f64 = counts.values().map(|&count| (count as f64 / rows.max(1) as f64).powi(2)).sum();
        proof.log10_chance += rows as f64 * same.max(f64::MIN_POSITIVE).log10();
    }
    proof
}
