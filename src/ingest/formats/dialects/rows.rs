//! Records of a dialect taken apart into rows: one record may hold many predictions.

use std::collections::HashMap;

use rayon::prelude::*;

use super::super::records::{Chunk, Records, join, truncate};
use crate::ingest::table::{ColumnData, Table, TextColumn};
use crate::ingest::typing::EXAMPLES;
use crate::job::{Cancelled, JobCx};

/// Named cells of one row; `None` is null.
pub(super) type Cells = Vec<(String, Option<Vec<u8>>)>;

/// Columns at most, as for other JSON.
const COLUMNS: usize = 2000;

/// Records per parallel stretch.
const STRETCH: usize = 4096;

/// Rows being put together.
pub(super) struct Rows {
    chunk: Chunk,
    index: HashMap<String, usize>,
    cursor: usize,
    dropped: u64,
}

impl Rows {
    pub fn new() -> Self {
        Self { chunk: Chunk::new(), index: HashMap::new(), cursor: 0, dropped: 0 }
    }

    /// Set a cell of the row being written.
    pub fn cell(&mut self, name: &str, value: Option<&[u8]>) {
        let at_cursor = self.chunk.names.get(self.cursor).is_some_and(|known| known == name);
        let place = if at_cursor {
            self.cursor
        } else if let Some(&place) = self.index.get(name) {
            place
        } else if self.chunk.names.len() < COLUMNS {
            self.index.insert(name.to_owned(), self.chunk.names.len());
            self.chunk.names.push(name.to_owned());
            self.chunk.columns.push(TextColumn::default());
            self.chunk.names.len() - 1
        } else {
            self.dropped += 1;
            return;
        };
        self.cursor = place + 1;
        let rows = self.chunk.rows;
        let column = &mut self.chunk.columns[place];
        if column.len() > rows {
            truncate(column, rows);
        }
        let end = column.bytes.len() as u64;
        column.ends.resize(rows, end);
        column.absent.resize(rows, true);
        column.push(value);
    }

    pub fn cells(&mut self, cells: &Cells) {
        for (name, value) in cells {
            self.cell(name, value.as_deref());
        }
    }

    /// Whether the row being written has this cell.
    pub fn has(&self, name: &str) -> bool {
        self.index.get(name).is_some_and(|&place| self.chunk.columns[place].len() > self.chunk.rows)
    }

    /// End the row; it stands in the record at `line`.
    pub fn close(&mut self, line: u64) {
        self.cursor = 0;
        self.chunk.close_row(line);
    }

    /// Set a record aside.
    pub fn reject(&mut self, table: &Table, row: usize, reason: impl Into<String>) {
        self.chunk.reject(table.line(row), &raw(table, row), reason);
    }

    /// Set aside a part of a record, which has a number of its own.
    pub fn reject_text(&mut self, number: u64, raw: &[u8], reason: &str) {
        self.chunk.reject(number, raw, reason);
    }

    fn undo(&mut self, rows: usize) {
        self.cursor = 0;
        self.chunk.rewind(rows);
        self.chunk.columns.iter_mut().filter(|column| column.len() > rows).for_each(|column| truncate(column, rows));
    }
}

/// Text of a cell; `None` where absent or not text.
pub(super) fn text<'a>(table: &'a Table, name: &str, row: usize) -> Option<&'a [u8]> {
    match &table.column(name)?.data {
        ColumnData::Text(column) => column.get(row),
        _ => None,
    }
}

/// As [`text`], UTF-8.
pub(super) fn str<'a>(table: &'a Table, name: &str, row: usize) -> Option<&'a str> {
    text(table, name, row).and_then(|cell| std::str::from_utf8(cell).ok())
}

/// Take each record apart with `each`, which writes and closes rows; a record for which it gives a
/// reason is set aside with that reason. Records set aside before stay so.
///
/// # Errors
/// Cancelled.
pub(super) fn explode<F>(records: Records, dialect: &str, cx: &JobCx, each: F) -> Result<Records, Cancelled>
where
    F: Fn(&Table, usize, &mut Rows) -> Result<(), String> + Sync,
{
    let table = &records.table;
    let starts: Vec<usize> = (0..table.records).step_by(STRETCH).collect();
    let parts: Vec<Rows> = starts
        .into_par_iter()
        .map(|start| {
            cx.check()?;
            let mut rows = Rows::new();
            for row in start..(start + STRETCH).min(table.records) {
                let before = rows.chunk.rows;
                if let Err(reason) = each(table, row, &mut rows) {
                    rows.undo(before);
                    rows.chunk.reject(table.line(row), &raw(table, row), reason);
                } else {
                    rows.undo_open();
                }
            }
            Ok(rows)
        })
        .collect::<Result<_, Cancelled>>()?;
    Ok(finish(parts, records, dialect))
}

impl Rows {
    /// Cells of a row that was begun and not closed.
    fn undo_open(&mut self) {
        let rows = self.chunk.rows;
        self.undo(rows);
    }
}

/// Put rows together that were made from `records`.
pub(super) fn finish(parts: Vec<Rows>, records: Records, dialect: &str) -> Records {
    let dropped: u64 = parts.iter().map(|rows| rows.dropped).sum();
    let mut made = join(parts.into_iter().map(|rows| rows.chunk).collect());
    made.dialect = format!("{dialect}+{}", records.dialect);
    made.notes = records.notes;
    if dropped > 0 {
        made.notes.push((
            "too_many_columns",
            format!("{dropped} values have keys beyond the first {COLUMNS} different ones and were left out"),
        ));
    }
    made.rejected += records.rejected;
    made.rejects.extend(records.rejects);
    made.rejects.sort_by_key(|reject| reject.line);
    made.rejects.truncate(EXAMPLES);
    made
}

/// A record as it can be shown: its cells.
fn raw(table: &Table, row: usize) -> Vec<u8> {
    let mut shown = Vec::new();
    for column in &table.columns {
        if let ColumnData::Text(cells) = &column.data
            && let Some(cell) = cells.get(row)
            && shown.len() < 400
        {
            shown.extend_from_slice(if shown.is_empty() { b"" } else { b", " });
            shown.extend_from_slice(column.name.as_bytes());
            shown.extend_from_slice(b": ");
            shown.extend_from_slice(&cell[..cell.len().min(400)]);
        }
    }
    shown
}
