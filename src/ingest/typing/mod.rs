//! Cells to numbers, times, classes and codes: over all rows, with every failure counted.
//!
//! Nothing here decides what a column means. A cell is one of three things: a value, *empty* (not
//! logged: absent, empty, or a null token), or a *failure* (counted, with up to [`EXAMPLES`] shown).
//! A score of `NaN` is a value: the model returned it.

mod cells;
mod time;

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::table::{ColumnData, TextColumn};
use crate::log::{CodeColumn, Codes, NO_LABEL, NO_TIME, NOT_LOGGED};

pub(crate) use cells::{FastHasher, FastMap, code_rows};
pub use cells::{Number, is_null_token, number_text, parse_number};
pub use time::{Clock, DayOrder, Parsed, Zone, known_zone, parse_time};

/// Failures shown at most per column; the rest is only counted.
pub const EXAMPLES: usize = 100;

/// Rows per parallel chunk.
const CHUNK: usize = 1 << 16;

/// A typed column and what did not fit the type.
#[derive(Clone, Debug, Default)]
pub struct Typed<T> {
    pub values: T,
    /// 0-based row of the table and raw text of the first failures; `Table::line` gives the file's number.
    pub failures: Vec<(u64, String)>,
    pub failed: u64,
    /// Cells that hold nothing: absent, empty or a null token.
    pub empty: u64,
    /// Numbers: cells that hold NaN or an infinity, which the model returned.
    pub not_finite: u64,
    /// Times: values without an offset, read in the naive zone.
    pub naive: u64,
    /// Classes: values that are neither class, with their counts, most frequent first.
    pub others: Vec<(String, u64)>,
}

/// Counts of one chunk, merged in row order.
#[derive(Default)]
struct Tally {
    failures: Vec<(u64, String)>,
    failed: u64,
    empty: u64,
    not_finite: u64,
    naive: u64,
    others: BTreeMap<String, u64>,
}

impl Tally {
    fn fail(&mut self, row: usize, raw: &[u8]) {
        self.failed += 1;
        if self.failures.len() < EXAMPLES {
            self.failures.push((row as u64, shown(raw)));
        }
    }

    fn merge(mut self, later: Self) -> Self {
        let room = EXAMPLES.saturating_sub(self.failures.len());
        self.failures.extend(later.failures.into_iter().take(room));
        self.failed += later.failed;
        self.empty += later.empty;
        self.not_finite += later.not_finite;
        self.naive += later.naive;
        for (value, count) in later.others {
            *self.others.entry(value).or_default() += count;
        }
        self
    }

    fn with<T>(self, values: T) -> Typed<T> {
        let mut others: Vec<_> = self.others.into_iter().collect();
        others.sort_by_key(|other| std::cmp::Reverse(other.1));
        Typed {
            values,
            failures: self.failures,
            failed: self.failed,
            empty: self.empty,
            not_finite: self.not_finite,
            naive: self.naive,
            others,
        }
    }
}

/// Raw text for a message: at most 200 characters, invalid bytes replaced.
pub fn shown(raw: &[u8]) -> String {
    // Four bytes a character at most, so that a record of megabytes is not decoded for its head.
    let head = &raw[..raw.len().min(800)];
    String::from_utf8_lossy(head).chars().take(200).collect()
}

/// The head of a cell, for a sentence.
pub fn brief(raw: &str) -> String {
    let head: String = raw.chars().take(40).collect();
    if head.len() < raw.len() { format!("{head}…") } else { head }
}

/// Fill `rows` values in parallel chunks; `fill` is given the row, the slot and the chunk's tally.
fn fill<T: Copy + Send + Sync>(
    rows: usize,
    start: T,
    each: impl Fn(usize, &mut T, &mut Tally) + Sync,
) -> Typed<Vec<T>> {
    let mut values = vec![start; rows];
    let tallies: Vec<Tally> = values
        .par_chunks_mut(CHUNK)
        .enumerate()
        .map(|(chunk, slots)| {
            let mut tally = Tally::default();
            for (offset, slot) in slots.iter_mut().enumerate() {
                each(chunk * CHUNK + offset, slot, &mut tally);
            }
            tally
        })
        .collect();
    tallies.into_iter().fold(Tally::default(), Tally::merge).with(values)
}

/// A column as numbers: [`NOT_LOGGED`] where empty or failed, NaN where the file says NaN.
///
/// Text with decimal commas is read as such when the column leaves no other reading: no cell has a
/// point, every failure is digits, comma, digits, and not all of them could be thousands.
pub fn numbers(data: &ColumnData) -> Typed<Vec<f64>> {
    let take = |number: Number, row: usize, raw: &[u8], slot: &mut f64, tally: &mut Tally| match number {
        Number::Value(value) => {
            tally.not_finite += u64::from(!value.is_finite());
            *slot = value;
        }
        Number::Empty => tally.empty += 1,
        Number::Bad => tally.fail(row, raw),
    };
    match data {
        ColumnData::Vectors(vectors) => numbers(&ColumnData::Text(vectors.to_text())),
        ColumnData::Text(text) => {
            let typed = fill(text.len(), NOT_LOGGED, |row, slot, tally| match text.get(row) {
                None => tally.empty += 1,
                Some(raw) => take(parse_number(raw), row, raw, slot, tally),
            });
            if typed.failed == 0 || !cells::has_decimal_commas(text) {
                return typed;
            }
            fill(text.len(), NOT_LOGGED, |row, slot, tally| match text.get(row) {
                None => tally.empty += 1,
                Some(raw) => take(cells::parse_comma_number(raw), row, raw, slot, tally),
            })
        }
        ColumnData::Coded(codes) => {
            let parsed: Vec<Number> = codes.names.iter().map(|name| parse_number(name.as_bytes())).collect();
            fill(codes.len(), NOT_LOGGED, |row, slot, tally| match codes.code(row) {
                None => tally.empty += 1,
                Some(code) => {
                    take(parsed[code as usize], row, codes.names[code as usize].as_bytes(), slot, tally);
                }
            })
        }
        ColumnData::Integer { values, valid } => fill(values.len(), NOT_LOGGED, |row, slot, tally| {
            if is_valid(valid, row) {
                *slot = values[row] as f64;
            } else {
                tally.empty += 1;
            }
        }),
        ColumnData::Byte(values) => fill(values.len(), NOT_LOGGED, |row, slot, tally| match values[row] {
            u8::MAX => tally.empty += 1,
            value => *slot = f64::from(value),
        }),
        ColumnData::Float(values) => fill(values.len(), NOT_LOGGED, |row, slot, tally| {
            let value = values[row];
            if crate::log::is_not_logged(value) {
                tally.empty += 1;
            } else {
                take(Number::Value(value), row, b"", slot, tally);
            }
        }),
        ColumnData::Time { values, .. } => fill(values.len(), NOT_LOGGED, |row, _, tally| match values[row] {
            NO_TIME => tally.empty += 1,
            _ => tally.fail(row, b"a time"),
        }),
    }
}

/// A column as microseconds since the epoch, UTC; [`NO_TIME`] where empty or failed.
///
/// Times without an offset are read in `naive_zone` (an IANA name; `None` reads them as UTC) and
/// counted in [`Typed::naive`]. Dates such as 03/04/2026 are read by `day_first`, or are failures. With a zone that is not known they are failures.
pub fn times(data: &ColumnData, naive_zone: Option<&str>, day_first: Option<bool>) -> Typed<Vec<i64>> {
    let zone = Zone::named(naive_zone.unwrap_or("UTC"));
    let take = |parsed: Parsed, row: usize, raw: &[u8], slot: &mut i64, tally: &mut Tally| match parsed {
        Parsed::Instant(micros) => *slot = micros,
        Parsed::Naive(micros) => {
            tally.naive += 1;
            match zone.as_ref().and_then(|zone| zone.instant(micros)) {
                Some(instant) => *slot = instant,
                None => tally.fail(row, raw),
            }
        }
        Parsed::Empty => tally.empty += 1,
        Parsed::Bad => tally.fail(row, raw),
    };
    match data {
        ColumnData::Vectors(vectors) => times(&ColumnData::Text(vectors.to_text()), naive_zone, day_first),
        ColumnData::Text(text) => fill(text.len(), NO_TIME, |row, slot, tally| match text.get(row) {
            None => tally.empty += 1,
            Some(raw) => take(time::parse_ordered(raw, day_first), row, raw, slot, tally),
        }),
        ColumnData::Coded(codes) => {
            let parsed: Vec<Parsed> =
                codes.names.iter().map(|name| time::parse_ordered(name.as_bytes(), day_first)).collect();
            fill(codes.len(), NO_TIME, |row, slot, tally| match codes.code(row) {
                None => tally.empty += 1,
                Some(code) => {
                    take(parsed[code as usize], row, codes.names[code as usize].as_bytes(), slot, tally);
                }
            })
        }
        ColumnData::Integer { values, valid } => fill(values.len(), NO_TIME, |row, slot, tally| {
            if is_valid(valid, row) {
                take(
                    time::epoch(values[row] as f64, Some(values[row])),
                    row,
                    values[row].to_string().as_bytes(),
                    slot,
                    tally,
                );
            } else {
                tally.empty += 1;
            }
        }),
        ColumnData::Float(values) => fill(values.len(), NO_TIME, |row, slot, tally| {
            if crate::log::is_not_logged(values[row]) {
                tally.empty += 1;
            } else {
                take(time::epoch(values[row], None), row, number_text(values[row]).as_bytes(), slot, tally);
            }
        }),
        ColumnData::Byte(values) => fill(values.len(), NO_TIME, |row, _, tally| match values[row] {
            u8::MAX => tally.empty += 1,
            value => tally.fail(row, value.to_string().as_bytes()),
        }),
        ColumnData::Time { values, zoned } => fill(values.len(), NO_TIME, |row, slot, tally| match values[row] {
            NO_TIME => tally.empty += 1,
            value if *zoned => *slot = value,
            value => take(Parsed::Naive(value), row, b"", slot, tally),
        }),
    }
}

/// A column as class bytes by `label_map` (1 positive, 0 negative, [`NO_LABEL`] empty or neither).
///
/// A value of neither class is a failure: counted, listed in [`Typed::others`], never merged into a class.
pub fn classes(data: &ColumnData, label_map: &BTreeMap<String, bool>) -> Typed<Vec<u8>> {
    let class_of =
        |raw: &str| label_map.get(raw).or_else(|| label_map.get(raw.trim())).map(|&positive| u8::from(positive));
    let take = |class: Option<u8>, raw: &str, row: usize, slot: &mut u8, tally: &mut Tally| match class {
        Some(class) => *slot = class,
        None if is_null_token(raw.as_bytes()) || cells::is_nan_token(raw.as_bytes()) => tally.empty += 1,
        None => {
            tally.fail(row, raw.as_bytes());
            // A column of free text has as many values as rows; the list is for a person.
            if tally.others.len() < 1000 || tally.others.contains_key(raw) {
                *tally.others.entry(raw.to_owned()).or_default() += 1;
            }
        }
    };
    match data {
        ColumnData::Vectors(vectors) => classes(&ColumnData::Text(vectors.to_text()), label_map),
        ColumnData::Text(text) => {
            // Nearly all cells equal one of a few spellings: compare bytes before looking anything up.
            let known: Vec<(&[u8], u8)> =
                label_map.iter().map(|(raw, &class)| (raw.as_bytes(), u8::from(class))).collect();
            fill(text.len(), NO_LABEL, |row, slot, tally| match text.get(row) {
                None | Some(b"") => tally.empty += 1,
                Some(raw) => match known.iter().find(|(spelling, _)| *spelling == raw) {
                    Some(&(_, class)) => *slot = class,
                    None => {
                        let raw = String::from_utf8_lossy(raw);
                        take(class_of(&raw), &raw, row, slot, tally);
                    }
                },
            })
        }
        ColumnData::Coded(codes) => {
            let known: Vec<Option<u8>> = codes.names.iter().map(|name| class_of(name)).collect();
            fill(codes.len(), NO_LABEL, |row, slot, tally| match codes.code(row) {
                None => tally.empty += 1,
                Some(code) => take(known[code as usize], &codes.names[code as usize], row, slot, tally),
            })
        }
        ColumnData::Byte(values) => {
            let known: Vec<Option<u8>> = (0..=u8::MAX).map(|value| class_of(&value.to_string())).collect();
            fill(values.len(), NO_LABEL, |row, slot, tally| match values[row] {
                u8::MAX => tally.empty += 1,
                value => match known[usize::from(value)] {
                    Some(class) => *slot = class,
                    None => take(None, &value.to_string(), row, slot, tally),
                },
            })
        }
        ColumnData::Integer { values, valid } => fill(values.len(), NO_LABEL, |row, slot, tally| {
            if is_valid(valid, row) {
                let raw = values[row].to_string();
                take(class_of(&raw), &raw, row, slot, tally);
            } else {
                tally.empty += 1;
            }
        }),
        ColumnData::Float(values) => fill(values.len(), NO_LABEL, |row, slot, tally| {
            // A NaN label is an absent label; it must never turn into class 0.
            if values[row].is_nan() {
                tally.empty += 1;
            } else {
                let raw = number_text(values[row]);
                take(class_of(&raw), &raw, row, slot, tally);
            }
        }),
        ColumnData::Time { values, .. } => fill(values.len(), NO_LABEL, |row, _, tally| match values[row] {
            NO_TIME => tally.empty += 1,
            _ => tally.fail(row, b"a time"),
        }),
    }
}

fn is_valid(valid: &Option<Vec<bool>>, row: usize) -> bool {
    valid.as_ref().is_none_or(|valid| valid[row])
}

/// A whole number as it would be written without a fraction: `2` of `2.0`, which is what an integer becomes in a column
/// with an empty cell. `None` of everything else.
pub fn whole_number(text: &str) -> Option<&str> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = whole.strip_prefix('-').unwrap_or(whole);
    let all = |part: &str, fits: fn(u8) -> bool| !part.is_empty() && part.bytes().all(fits);
    (all(digits, |byte| byte.is_ascii_digit()) && all(fraction, |byte| byte == b'0')).then_some(whole)
}

/// A column as dictionary codes, names in order of first appearance. Only absent and empty cells are
/// empty: `NA` may be Namibia.
pub fn codes(data: &ColumnData) -> Codes {
    match data {
        ColumnData::Vectors(vectors) => codes(&ColumnData::Text(vectors.to_text())),
        ColumnData::Text(text) => text_codes(text),
        ColumnData::Coded(codes) => codes.clone(),
        ColumnData::Byte(values) => {
            let mut first = [u32::MAX; 256];
            let mut names = Vec::new();
            for &value in values.iter().filter(|&&value| value != u8::MAX) {
                let slot = &mut first[usize::from(value)];
                if *slot == u32::MAX {
                    *slot = names.len() as u32;
                    names.push(value.to_string());
                }
            }
            let codes: Vec<u8> = values
                .iter()
                .map(|&value| if value == u8::MAX { value } else { first[usize::from(value)] as u8 })
                .collect();
            if names.len() < usize::from(u8::MAX) {
                Codes { names, codes: CodeColumn::U8(codes) }
            } else {
                let wide: Vec<u32> = values.iter().map(|&value| first[usize::from(value)]).collect();
                Codes::new(names, &wide)
            }
        }
        ColumnData::Integer { values, valid } => {
            cells::code_all(values.len(), |row| is_valid(valid, row).then(|| values[row]), |value| value.to_string())
        }
        ColumnData::Float(values) => cells::code_all(
            values.len(),
            |row| (!crate::log::is_not_logged(values[row])).then(|| values[row].to_bits()),
            |bits| number_text(f64::from_bits(bits)),
        ),
        ColumnData::Time { values, .. } => cells::code_all(
            values.len(),
            |row| (values[row] != NO_TIME).then(|| values[row]),
            |value| Clock(value).to_string(),
        ),
    }
}

fn text_codes(text: &TextColumn) -> Codes {
    // Each chunk codes on its own; the few distinct values are then merged in row order.
    let chunks: Vec<(Vec<&[u8]>, Vec<u32>)> = (0..text.len().div_ceil(CHUNK))
        .into_par_iter()
        .map(|chunk| {
            let rows = chunk * CHUNK..((chunk + 1) * CHUNK).min(text.len());
            code_rows(rows, |row| text.get(row).filter(|raw| !raw.is_empty()))
        })
        .collect();
    let mut names: Vec<&[u8]> = Vec::new();
    let mut index: FastMap<&[u8], u32> = FastMap::default();
    let mut codes = Vec::with_capacity(text.len());
    for (values, local) in chunks {
        let global: Vec<u32> = values
            .into_iter()
            .map(|value| {
                *index.entry(value).or_insert_with(|| {
                    names.push(value);
                    names.len() as u32 - 1
                })
            })
            .collect();
        codes.extend(local.into_iter().map(|code| if code == u32::MAX { code } else { global[code as usize] }));
    }
    let names = names.into_iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect();
    Codes::new(names, &codes)
}

#[cfg(test)]
mod tests;
