//! What the text readers share: chunks of records, rejected records, and putting chunks together.

use std::collections::HashMap;

use rayon::prelude::*;

use crate::ingest::table::{Column, ColumnData, Table, TextColumn};
use crate::ingest::typing::{EXAMPLES, shown};

/// A record that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    /// Line (of the first character), or the number of the record where records are not lines.
    pub line: u64,
    /// Raw text, cut to 200 characters.
    pub raw: String,
    pub reason: String,
}

/// A text source, read: good records in the table, the others counted and the first of them shown.
#[derive(Clone, Debug, Default)]
pub struct Records {
    pub table: Table,
    pub rejects: Vec<Reject>,
    pub rejected: u64,
    /// What was assumed or mended while reading, as `(code, sentence)`.
    pub notes: Vec<(&'static str, String)>,
    /// Dialect, e.g. `csv`, `csv (;)`, `jsonl`.
    pub dialect: String,
    /// What the records are, where they are read as a table and nothing can compare them yet.
    pub only_table: Option<&'static str>,
    /// Records of the file, where a row of the table brings several together.
    pub stored: Option<u64>,
    /// Requests whose responses are in other files.
    pub half: bool,
}

/// Records of one stretch of a file, columns in order of first appearance.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    pub names: Vec<String>,
    pub columns: Vec<TextColumn>,
    pub rows: usize,
    /// As [`Table::lines`], counted from the chunk's first line.
    pub lines: Vec<(usize, u64)>,
    /// Line that the next row has if nothing lies between.
    expected: u64,
    /// Lines in the chunk.
    pub line_count: u64,
    pub rejects: Vec<Reject>,
    pub rejected: u64,
}

impl Chunk {
    pub fn new() -> Self {
        Self { expected: 1, ..Self::default() }
    }

    /// Count a row that begins at `line`.
    pub fn close_row(&mut self, line: u64) {
        if line != self.expected {
            self.lines.push((self.rows, line));
        }
        self.expected = line + 1;
        self.rows += 1;
    }

    /// Take back the rows closed since there were `rows`; their cells are the caller's to take back.
    pub fn rewind(&mut self, rows: usize) {
        if self.rows <= rows {
            return;
        }
        self.rows = rows;
        while self.lines.pop_if(|mark| mark.0 >= rows).is_some() {}
        // Whatever the next row's line is, it gets a mark of its own.
        self.expected = 0;
    }

    pub fn reject(&mut self, line: u64, raw: &[u8], reason: impl Into<String>) {
        self.rejected += 1;
        if self.rejects.len() < EXAMPLES {
            self.rejects.push(Reject { line, raw: shown(raw.trim_ascii_end()), reason: reason.into() });
        }
    }
}

/// Put chunks together in file order: columns by name, cells that a chunk does not have are absent.
pub(super) fn join(chunks: Vec<Chunk>) -> Records {
    let mut records = Records::default();
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut names: Vec<String> = Vec::new();
    // Per chunk: for each final column the chunk's own column.
    let mut maps: Vec<Vec<Option<usize>>> = Vec::new();
    let mut lines_before = 0;
    let mut expected = 1;
    for chunk in &chunks {
        let mut map = vec![None; names.len()];
        for (own, name) in chunk.names.iter().enumerate() {
            let place = *places.entry(name.clone()).or_insert_with(|| {
                names.push(name.clone());
                names.len() - 1
            });
            if map.len() <= place {
                map.resize(place + 1, None);
            }
            map[place] = Some(own);
        }
        maps.push(map);
        if chunk.rows > 0 {
            let starts_at_once = chunk.lines.first().is_none_or(|&(row, _)| row > 0);
            if starts_at_once && lines_before + 1 != expected {
                records.table.lines.push((records.table.records, lines_before + 1));
            }
            records
                .table
                .lines
                .extend(chunk.lines.iter().map(|&(row, line)| (records.table.records + row, lines_before + line)));
            expected = lines_before + chunk.expected;
        }
        records.table.records += chunk.rows;
        records.rejected += chunk.rejected;
        let room = EXAMPLES - records.rejects.len();
        records.rejects.extend(
            chunk.rejects.iter().take(room).map(|reject| Reject { line: lines_before + reject.line, ..reject.clone() }),
        );
        lines_before += chunk.line_count;
    }
    let rows: Vec<usize> = chunks.iter().map(|chunk| chunk.rows).collect();
    // Column by column, so that the parts of one are freed before the next is put together.
    let mut parts: Vec<Vec<Option<TextColumn>>> = names.iter().map(|_| Vec::with_capacity(chunks.len())).collect();
    for (chunk, map) in chunks.into_iter().zip(&maps) {
        let mut own: Vec<Option<TextColumn>> = chunk.columns.into_iter().map(Some).collect();
        for (place, parts) in parts.iter_mut().enumerate() {
            let column = map.get(place).copied().flatten().and_then(|own_place| own[own_place].take());
            parts.push(column);
        }
    }
    records.table.columns = names
        .into_par_iter()
        .zip(parts)
        .map(|(name, parts)| Column { name, data: ColumnData::Text(concatenate(parts, &rows)) })
        .collect();
    records
}

fn concatenate(mut parts: Vec<Option<TextColumn>>, rows: &[usize]) -> TextColumn {
    if let [Some(_)] = parts.as_slice()
        && let Some(Some(only)) = parts.pop()
    {
        return padded(only, rows[0]);
    }
    let total: usize = rows.iter().sum();
    let mut whole = TextColumn {
        bytes: Vec::with_capacity(parts.iter().flatten().map(|part| part.bytes.len()).sum()),
        ends: Vec::with_capacity(total),
        absent: Vec::with_capacity(total),
    };
    for (part, &rows) in parts.into_iter().zip(rows) {
        let start = whole.bytes.len() as u64;
        let until = whole.ends.len() + rows;
        if let Some(part) = part {
            whole.bytes.extend_from_slice(&part.bytes);
            whole.ends.extend(part.ends.iter().map(|end| start + end));
            whole.absent.extend_from_slice(&part.absent);
        }
        let end = whole.bytes.len() as u64;
        whole.ends.resize(until, end);
        whole.absent.resize(until, true);
    }
    whole
}

fn padded(mut column: TextColumn, rows: usize) -> TextColumn {
    let end = column.bytes.len() as u64;
    column.ends.resize(rows, end);
    column.absent.resize(rows, true);
    column
}

/// Take back cells past `rows`.
pub(super) fn truncate(column: &mut TextColumn, rows: usize) {
    column.ends.truncate(rows);
    column.absent.truncate(rows);
    column.bytes.truncate(column.ends.last().map_or(0, |&end| end as usize));
}

/// Stretches of `text` that begin after a line end, for parallel reading.
pub(super) fn stretches(text: &[u8], size: usize) -> Vec<&[u8]> {
    let mut parts = Vec::new();
    let mut rest = text;
    while rest.len() > size {
        let Some(end) = memchr::memchr(b'\n', &rest[size..]) else {
            break;
        };
        let (head, tail) = rest.split_at(size + end + 1);
        parts.push(head);
        rest = tail;
    }
    if !rest.is_empty() {
        parts.push(rest);
    }
    parts
}
