//! CSV and its relatives. Cells stay exact text; a record that does not fit is set aside, never bent to fit.
//!
//! Quoting is RFC 4180: a cell that begins with a quote ends with one, a doubled quote inside stands for
//! one, and line ends inside belong to the cell. A quote anywhere else is a letter. When a quoted cell does
//! not end properly only its first line is set aside, so that one stray quote does not eat the file.

mod sniff;

use rayon::prelude::*;

use super::records::{Chunk, Records, join, stretches};
use crate::ingest::table::TextColumn;
use crate::job::{Cancelled, JobCx};

use sniff::{Dialect, sniff};

/// Bytes per parallel chunk.
const CHUNK: usize = 4 << 20;

/// A quoted cell longer than this is taken for a quote that is never closed.
const LONGEST_CELL: usize = 1 << 20;

/// Read a delimited text whose dialect is found from its first records.
///
/// # Errors
/// Cancelled.
pub fn read(text: &[u8], check_utf8: bool, cx: &JobCx) -> Result<Records, Cancelled> {
    let old_mac;
    let text = if memchr::memchr(b'\n', text).is_none() && memchr::memchr(b'\r', text).is_some() {
        // Line ends of the old Mac.
        old_mac = text.iter().map(|&byte| if byte == b'\r' { b'\n' } else { byte }).collect::<Vec<u8>>();
        old_mac.as_slice()
    } else {
        text
    };
    let dialect = sniff(text);
    let body = &text[dialect.start..];
    let plain = memchr::memchr(b'"', body).is_none();
    // Only where no cell can hold a line end is any line end a record's end.
    let parts = if plain { stretches(body, CHUNK) } else { vec![body] };
    let last = parts.len().saturating_sub(1);
    let chunks: Vec<Chunk> = parts
        .into_par_iter()
        .enumerate()
        .map(|(index, part)| {
            let reader = Reader { text: part, dialect: &dialect, check_utf8, ends_file: index == last };
            reader.read(cx)
        })
        .collect::<Result<_, Cancelled>>()?;
    let mut records = join(chunks);
    shift_lines(&mut records, dialect.lines_before);
    records.dialect = match dialect.separator {
        b',' => "csv".to_owned(),
        b'\t' => "tsv".to_owned(),
        other => format!("csv ({})", char::from(other)),
    };
    records.notes = dialect.notes;
    if records.table.columns.is_empty() {
        // No record at all: the names are still worth telling.
        let empty = |name: &String| crate::ingest::table::Column {
            name: name.clone(),
            data: crate::ingest::table::ColumnData::Text(TextColumn::default()),
        };
        records.table.columns = dialect.names.iter().map(empty).collect();
    }
    Ok(records)
}

/// How well the best separator parts the first records alike, in parts per thousand.
pub(super) fn fit(text: &[u8]) -> usize {
    sniff::best_fit(text)
}

/// Lines were counted from the first record; in the file the header stands before it.
fn shift_lines(records: &mut Records, lines: u64) {
    if lines == 0 {
        return;
    }
    let table = &mut records.table;
    if table.records > 0 && table.lines.first().is_none_or(|&(row, _)| row > 0) {
        table.lines.insert(0, (0, 1));
    }
    table.lines.iter_mut().for_each(|mark| mark.1 += lines);
    records.rejects.iter_mut().for_each(|reject| reject.line += lines);
}

/// A cell within a text; `doubled`: quotes inside are doubled.
#[derive(Clone, Copy, Debug)]
struct Cell {
    start: usize,
    end: usize,
    doubled: bool,
}

/// What stands at a position.
enum Record {
    /// Cells are in the buffer; the record ends here (after its line end), having gone over so many lines.
    Whole { next: usize, lines: u64 },
    /// A quoted cell does not end as it should; the first line ends here.
    Broken { next: usize, reason: &'static str },
}

/// Split the record at `at` into `cells`.
fn split(text: &[u8], at: usize, separator: u8, cells: &mut Vec<Cell>) -> Record {
    cells.clear();
    let line_end = memchr::memchr(b'\n', &text[at..]).map_or(text.len(), |end| at + end);
    if memchr::memchr(b'"', &text[at..line_end]).is_none() {
        split_plain(text, at, line_end, separator, cells);
        return Record::Whole { next: (line_end + 1).min(text.len()), lines: 1 };
    }
    let broken = |reason| Record::Broken { next: (line_end + 1).min(text.len()), reason };
    let mut from = at;
    let mut lines = 1;
    loop {
        let spaces = if separator == b' ' { 0 } else { text[from..].iter().take_while(|&&byte| byte == b' ').count() };
        if text.get(from + spaces) == Some(&b'"') {
            let start = from + spaces + 1;
            let mut close = start;
            let mut doubled = false;
            loop {
                let window = &text[close..text.len().min(start + LONGEST_CELL)];
                let Some(quote) = memchr::memchr(b'"', window) else {
                    return broken("has a quote that is never closed");
                };
                close += quote;
                if text.get(close + 1) != Some(&b'"') {
                    break;
                }
                doubled = true;
                close += 2;
                if close >= text.len() {
                    return broken("has a quote that is never closed");
                }
            }
            lines += memchr::memchr_iter(b'\n', &text[start..close]).count() as u64;
            cells.push(Cell { start, end: close, doubled });
            from = close + 1;
            while text.get(from) == Some(&b' ') && separator != b' ' {
                from += 1;
            }
            match text.get(from) {
                Some(&byte) if byte == separator => from += 1,
                Some(b'\n') => {
                    return Record::Whole { next: from + 1, lines };
                }
                Some(b'\r') if matches!(text.get(from + 1), Some(b'\n') | None) => {
                    return Record::Whole { next: (from + 2).min(text.len()), lines };
                }
                None => return Record::Whole { next: from, lines },
                Some(_) => return broken("has text after a closing quote"),
            }
        } else {
            let end = memchr::memchr2(separator, b'\n', &text[from..]).map_or(text.len(), |end| from + end);
            if text.get(end) == Some(&separator) {
                cells.push(Cell { start: from, end, doubled: false });
                from = end + 1;
            } else {
                cells.push(Cell { start: from, end: without_cr(text, from, end), doubled: false });
                return Record::Whole { next: (end + 1).min(text.len()), lines };
            }
        }
    }
}

#[inline]
fn without_cr(text: &[u8], start: usize, end: usize) -> usize {
    if end > start && text[end - 1] == b'\r' { end - 1 } else { end }
}

#[inline]
fn split_plain(text: &[u8], at: usize, line_end: usize, separator: u8, cells: &mut Vec<Cell>) {
    let end = without_cr(text, at, line_end);
    let mut from = at;
    for offset in memchr::memchr_iter(separator, &text[at..end]) {
        cells.push(Cell { start: from, end: at + offset, doubled: false });
        from = at + offset + 1;
    }
    cells.push(Cell { start: from, end, doubled: false });
}

struct Reader<'a> {
    text: &'a [u8],
    dialect: &'a Dialect,
    check_utf8: bool,
    ends_file: bool,
}

impl Reader<'_> {
    fn read(&self, cx: &JobCx) -> Result<Chunk, Cancelled> {
        let (text, width) = (self.text, self.dialect.names.len());
        let mut chunk = Chunk::new();
        chunk.names.clone_from(&self.dialect.names);
        let rows = text.len() / first_line(text).max(1) + 1;
        chunk.columns = (0..width)
            .map(|_| TextColumn {
                bytes: Vec::with_capacity(text.len() / width.max(1)),
                ends: Vec::with_capacity(rows),
                absent: Vec::with_capacity(rows),
            })
            .collect();
        let mut cells = Vec::with_capacity(width + 1);
        let mut scratch = Vec::new();
        let (mut at, mut told) = (0, 0);
        while at < text.len() {
            if at - told > 1 << 20 {
                cx.check()?;
                cx.advance((at - told) as u64);
                told = at;
            }
            let line = chunk.line_count + 1;
            let (next, lines, fault) = match split(text, at, self.dialect.separator, &mut cells) {
                Record::Whole { next, lines } => (next, lines, self.fault(&text[at..next], next, &mut cells)),
                Record::Broken { next, reason } => (next, 1, Some(reason.to_owned())),
            };
            chunk.line_count += lines;
            let is_blank = lines == 1
                && text[at..next].trim_ascii().is_empty()
                && !(self.dialect.separator == b'\t' && cells.len() == width && width > 1);
            match fault {
                _ if is_blank => {}
                Some(reason) => chunk.reject(line, &text[at..next], reason),
                None => {
                    for (column, cell) in chunk.columns.iter_mut().zip(&cells) {
                        let raw = &text[cell.start..cell.end];
                        if cell.doubled {
                            undouble(raw, &mut scratch);
                            column.push(Some(&scratch));
                        } else {
                            column.push(Some(raw));
                        }
                    }
                    chunk.close_row(line);
                }
            }
            at = next;
        }
        cx.advance((at - told) as u64);
        Ok(chunk)
    }

    /// What is wrong with a record, if anything; cells that the dialect says to drop are dropped.
    fn fault(&self, raw: &[u8], next: usize, cells: &mut Vec<Cell>) -> Option<String> {
        let width = self.dialect.names.len();
        if self.dialect.drop_last_empty
            && cells.len() == width + 1
            && cells.last().is_some_and(|cell| cell.start == cell.end)
        {
            cells.pop();
        }
        if cells.len() != width {
            let (count, cells) = (cells.len(), if cells.len() == 1 { "cell" } else { "cells" });
            let cut = self.ends_file && next == self.text.len() && !raw.ends_with(b"\n") && count < width;
            let cut = if cut { " and is cut off at the end of the file" } else { "" };
            return Some(format!("has {count} {cells} instead of {width}{cut}"));
        }
        (self.check_utf8 && std::str::from_utf8(raw).is_err()).then(|| "holds bytes that are not UTF-8".to_owned())
    }
}

fn first_line(text: &[u8]) -> usize {
    memchr::memchr(b'\n', text).map_or(text.len(), |end| end + 1)
}

/// Text of a quoted cell whose quotes are doubled.
fn undouble(raw: &[u8], out: &mut Vec<u8>) {
    out.clear();
    let mut rest = raw;
    while let Some(quote) = memchr::memchr(b'"', rest) {
        out.extend_from_slice(&rest[..=quote]);
        rest = rest.get(quote + 2..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
}

#[cfg(test)]
mod tests;
