//! JSON records: one object a line, several on a line, objects over several lines, or an array of them.
//!
//! Keys are collected over all records, so one that first appears in the last line is a column. Nested
//! objects become dotted columns; lists stay JSON text. A record that cannot be read is set aside whole.

use std::collections::HashMap;

use rayon::prelude::*;

use super::json_scan::{Fault, Scanner, Value, unescape};
use super::records::{Chunk, Records, join, stretches, truncate};
use crate::ingest::table::TextColumn;
use crate::job::{Cancelled, JobCx};

/// Bytes per parallel chunk.
const CHUNK: usize = 4 << 20;

/// Objects inside objects that become columns of their own; deeper ones stay JSON text.
const FLAT: usize = 6;

/// Columns at most: logs with keys made of data (a user id as key) would otherwise not end.
const COLUMNS: usize = 2000;

/// Whether `text` is one JSON object from end to end.
pub(crate) fn is_object(text: &[u8]) -> bool {
    let mut scanner = Scanner::new(text.trim_ascii());
    scanner.text.first() == Some(&b'{') && scanner.skip(0).is_ok() && scanner.at == scanner.text.len()
}

/// Read one record a line.
///
/// # Errors
/// Cancelled.
pub fn read_lines(text: &[u8], check_utf8: bool, cx: &JobCx) -> Result<Records, Cancelled> {
    let parts = stretches(text, CHUNK);
    let last = parts.len().saturating_sub(1);
    let chunks: Vec<Reader> = parts
        .into_par_iter()
        .enumerate()
        .map(|(index, part)| {
            cx.check()?;
            let reader = read_chunk(part, check_utf8, index == last);
            cx.advance(part.len() as u64);
            Ok(reader)
        })
        .collect::<Result<_, Cancelled>>()?;
    Ok(finish(chunks, "jsonl"))
}

fn read_chunk(part: &[u8], check_utf8: bool, is_last: bool) -> Reader {
    let mut reader = Reader::new();
    let mut start = 0;
    while start < part.len() {
        let end = memchr::memchr(b'\n', &part[start..]).map_or(part.len(), |end| start + end);
        reader.chunk.line_count += 1;
        let line = reader.chunk.line_count;
        let text = part[start..end].trim_ascii();
        if !text.is_empty() {
            let whole = !check_utf8 || std::str::from_utf8(text).is_ok();
            if !whole {
                reader.chunk.reject(line, text, "holds bytes that are not UTF-8");
            } else if let Err(fault) = reader.line(text, line) {
                let at_end = is_last && end == part.len();
                reader.chunk.reject(line, text, why(fault, text, at_end));
            }
        }
        start = end + 1;
    }
    reader
}

fn why(fault: Fault, text: &[u8], at_end: bool) -> String {
    match fault {
        _ if !text.starts_with(b"{") => "is not a JSON object".to_owned(),
        Fault::End if at_end => "is cut off at the end of the file".to_owned(),
        Fault::End => "ends in the middle of the object".to_owned(),
        Fault::At(at) => format!(
            "is not valid JSON from character {}",
            String::from_utf8_lossy(&text[..at.min(text.len())]).chars().count() + 1
        ),
    }
}

/// Read objects that follow one another anyhow, also inside one array. Rows are numbered by record.
///
/// # Errors
/// Cancelled.
pub fn read_stream(text: &[u8], check_utf8: bool, cx: &JobCx) -> Result<Records, Cancelled> {
    let mut reader = Reader::new();
    let mut scanner = Scanner::new(text);
    let mut number = 0;
    let mut told = 0;
    loop {
        if scanner.at - told > 1 << 20 {
            cx.check()?;
            cx.advance((scanner.at - told) as u64);
            told = scanner.at;
        }
        scanner.skip_space();
        let start = scanner.at;
        match scanner.peek() {
            Err(_) => break,
            Ok(b',' | b'[' | b']') => scanner.at += 1,
            Ok(b'{') => {
                number += 1;
                let result = reader.object(&mut scanner);
                let record = &text[start..scanner.at];
                let bytes_fit = !check_utf8 || std::str::from_utf8(record).is_ok();
                match result {
                    Ok(()) if bytes_fit => reader.chunk.close_row(number),
                    Ok(()) => {
                        reader.undo();
                        reader.chunk.reject(number, record, "holds bytes that are not UTF-8");
                    }
                    Err(fault) => {
                        reader.undo();
                        let from = if let Fault::At(at) = fault { at.max(start + 1) } else { text.len() };
                        // Records of one file are indented alike: the next that begins a line is whole again.
                        let next = next_object(text, start + 1);
                        scanner.at = next;
                        let reason = if from >= text.len() && next >= text.len() {
                            "is cut off at the end of the file"
                        } else {
                            "is not valid JSON"
                        };
                        reader.chunk.reject(number, &text[start..next], reason);
                    }
                }
            }
            Ok(_) => {
                number += 1;
                scanner.at = memchr::memchr(b'{', &text[start..]).map_or(text.len(), |next| start + next);
                reader.chunk.reject(number, &text[start..scanner.at], "is not a JSON object");
            }
        }
    }
    Ok(finish(vec![reader], "json"))
}

/// Next `{` that is the first character of a line, or that follows a `}` at once: streams to files, such as
/// Firehose, put nothing between records.
fn next_object(text: &[u8], from: usize) -> usize {
    let at_once = memchr::memmem::find(text.get(from..).unwrap_or_default(), b"}{").map(|at| from + at + 1);
    let in_line = memchr::memchr_iter(b'\n', text.get(from..).unwrap_or_default())
        .map(|end| {
            let line = from + end + 1;
            line + text[line..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count()
        })
        .find(|&start| text.get(start) == Some(&b'{'));
    in_line.into_iter().chain(at_once).min().unwrap_or(text.len())
}

fn finish(readers: Vec<Reader>, dialect: &str) -> Records {
    let dropped: u64 = readers.iter().map(|reader| reader.dropped).sum();
    let mut records = join(readers.into_iter().map(|reader| reader.chunk).collect());
    records.dialect = dialect.to_owned();
    if dropped > 0 {
        records.notes.push((
            "too_many_columns",
            format!("{dropped} values have keys beyond the first {COLUMNS} different ones and were left out"),
        ));
    }
    records
}

/// Records of one stretch, being read.
struct Reader {
    chunk: Chunk,
    index: HashMap<Vec<u8>, usize>,
    /// Column that the next key had in the record before.
    cursor: usize,
    /// Dotted path of the object being read.
    path: Vec<u8>,
    scratch: Vec<u8>,
    dropped: u64,
}

impl Reader {
    fn new() -> Self {
        Self {
            chunk: Chunk::new(),
            index: HashMap::new(),
            cursor: 0,
            path: Vec::new(),
            scratch: Vec::new(),
            dropped: 0,
        }
    }

    /// Objects of one line. If any cannot be read, none of the line is kept.
    fn line(&mut self, text: &[u8], line: u64) -> Result<(), Fault> {
        let mut scanner = Scanner::new(text);
        let rows = self.chunk.rows;
        loop {
            if let Err(fault) = self.object(&mut scanner) {
                self.chunk.rewind(rows);
                self.undo();
                return Err(fault);
            }
            self.chunk.close_row(line);
            scanner.skip_space();
            if scanner.at >= text.len() {
                return Ok(());
            }
        }
    }

    /// Take back cells of a record that was not closed.
    fn undo(&mut self) {
        let rows = self.chunk.rows;
        self.chunk.columns.iter_mut().filter(|column| column.len() > rows).for_each(|column| truncate(column, rows));
    }

    fn object(&mut self, scanner: &mut Scanner<'_>) -> Result<(), Fault> {
        self.cursor = 0;
        self.path.clear();
        self.members(scanner, 0)
    }

    fn members(&mut self, scanner: &mut Scanner<'_>, depth: usize) -> Result<(), Fault> {
        scanner.expect(b'{')?;
        scanner.skip_space();
        if scanner.peek()? == b'}' {
            scanner.at += 1;
            return Ok(());
        }
        let prefix = self.path.len();
        loop {
            scanner.skip_space();
            let (key, escaped) = scanner.string()?;
            scanner.expect(b':')?;
            if escaped {
                unescape(key, &mut self.path);
            } else {
                self.path.extend_from_slice(key);
            }
            let value = scanner.value()?;
            if let Value::Object = value {
                if depth < FLAT {
                    self.path.push(b'.');
                    self.members(scanner, depth + 1)?;
                } else {
                    let start = scanner.at;
                    scanner.skip(depth)?;
                    let raw = &scanner.text[start..scanner.at];
                    self.cell(Some(raw));
                }
            } else {
                match value {
                    Value::Plain(raw) | Value::Text(raw) | Value::Array(raw) => self.cell(Some(raw)),
                    Value::Escaped(raw) => {
                        let mut scratch = std::mem::take(&mut self.scratch);
                        scratch.clear();
                        unescape(raw, &mut scratch);
                        self.cell(Some(&scratch));
                        self.scratch = scratch;
                    }
                    Value::Null | Value::Object => self.cell(None),
                }
            }
            self.path.truncate(prefix);
            scanner.skip_space();
            let byte = scanner.peek()?;
            scanner.at += 1;
            match byte {
                b',' => {}
                b'}' => return Ok(()),
                _ => return Err(Fault::At(scanner.at - 1)),
            }
        }
    }

    /// Write a cell of the column `path`; of a key that stands twice in a record the last one counts.
    fn cell(&mut self, value: Option<&[u8]>) {
        let at_cursor = self.chunk.names.get(self.cursor).is_some_and(|name| name.as_bytes() == self.path);
        let place = if at_cursor {
            self.cursor
        } else if let Some(&place) = self.index.get(&self.path) {
            place
        } else if self.chunk.names.len() < COLUMNS {
            self.index.insert(self.path.clone(), self.chunk.names.len());
            self.chunk.names.push(String::from_utf8_lossy(&self.path).into_owned());
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
        } else if column.len() < rows {
            let end = column.bytes.len() as u64;
            column.ends.resize(rows, end);
            column.absent.resize(rows, true);
        }
        column.push(value);
    }
}

#[cfg(test)]
mod tests;
