//! What the cells of a column look like, from some of its rows.

use std::hash::Hash;

use crate::ingest::image_files::is_image_name;
use crate::ingest::table::ColumnData;
use crate::ingest::typing::{
    Clock, DayOrder, Number, Parsed, code_rows, is_null_token, number_text, parse_number, parse_time, whole_number,
};
use crate::ingest::vectors::is_vector;
use crate::log::{NO_TIME, is_not_logged};

/// Type of the cells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    #[default]
    Empty,
    Text,
    Number,
    Whole,
    Time {
        zoned: bool,
    },
    Json,
}

impl Kind {
    pub fn text(self) -> &'static str {
        match self {
            Self::Empty | Self::Text => "text",
            Self::Number => "number",
            Self::Whole => "whole number",
            Self::Time { zoned: true } => "time",
            Self::Time { zoned: false } => "time, no zone",
            Self::Json => "JSON",
        }
    }
}

/// Some rows of a column in figures.
#[derive(Clone, Debug, Default)]
pub struct Look {
    pub kind: Kind,
    pub rows: usize,
    /// Rows that hold something.
    pub filled: usize,
    pub distinct: usize,
    /// Rows of several words.
    pub spaced: usize,
    /// Most frequent values first; empty when there are more than fifty.
    pub values: Vec<(String, u64)>,
    pub first: String,
    pub min: f64,
    pub max: f64,
    /// Of the numbers that are finite; NaN where none is.
    pub mean: f64,
    /// Times without an offset are among the values, and times with one.
    pub has_naive: bool,
    pub has_zoned: bool,
    /// Order of dates such as 03/04/2026.
    pub dates: DayOrder,
}

impl Look {
    pub fn is_number(&self) -> bool {
        matches!(self.kind, Kind::Number | Kind::Whole)
    }

    pub fn in_unit(&self) -> bool {
        self.is_number() && self.min >= 0.0 && self.max <= 1.0
    }

    /// Whether the values can be two classes, with a few strays.
    pub fn is_classes(&self) -> bool {
        (1..=50).contains(&self.distinct) && !matches!(self.kind, Kind::Time { .. } | Kind::Json)
    }

    /// Numbers that no label or decision would be. How they are spelled does not count: `1` and `1.0` are one value,
    /// and NaN is none.
    pub fn is_continuous(&self) -> bool {
        let mut numbers: Vec<f64> =
            self.values.iter().filter_map(|(value, _)| as_number(value)).filter(|value| value.is_finite()).collect();
        numbers.sort_by(f64::total_cmp);
        numbers.dedup();
        // More than fifty values are not listed.
        let different = if self.values.is_empty() { self.distinct } else { numbers.len() };
        self.is_number() && (self.kind == Kind::Number && different > 2 && !self.is_coded() || different > 50)
    }

    /// A few whole numbers over and over, written `2.0` because a cell is empty.
    fn is_coded(&self) -> bool {
        !self.values.is_empty()
            && self.filled >= 10 * self.distinct
            && self.values.iter().all(|(value, _)| whole_number(value.trim()).is_some())
    }

    /// Sentences: several words in most rows, and nearly every row with its own.
    pub fn is_prose(&self) -> bool {
        self.kind == Kind::Text
            && self.distinct >= 5
            && self.spaced * 2 >= self.filled
            && self.distinct * 2 > self.filled
    }

    /// Lists of numbers.
    pub fn is_vector(&self) -> bool {
        matches!(self.kind, Kind::Json | Kind::Text) && is_vector(&self.first)
    }

    /// Names of image files, of formats that can be read or not.
    pub fn is_image_file(&self) -> bool {
        self.kind == Kind::Text && is_image_name(&self.first)
    }

    pub fn is_epoch(&self) -> bool {
        self.is_number() && self.min >= 1e8
    }
}

/// Text of a cell as the file spells it; `None` where nothing is logged.
pub fn cell_text(data: &ColumnData, row: usize) -> Option<String> {
    match data {
        ColumnData::Text(text) => text.get(row).map(|raw| String::from_utf8_lossy(raw).into_owned()),
        ColumnData::Coded(codes) => codes.get(row).map(str::to_owned),
        ColumnData::Integer { values, valid } => {
            valid.as_ref().is_none_or(|valid| valid[row]).then(|| values[row].to_string())
        }
        ColumnData::Byte(values) => (values[row] != u8::MAX).then(|| values[row].to_string()),
        ColumnData::Float(values) => (!is_not_logged(values[row])).then(|| number_text(values[row])),
        ColumnData::Time { values, zoned } => (values[row] != NO_TIME).then(|| {
            let text = Clock(values[row]).to_string();
            if *zoned { text } else { text.trim_end_matches('Z').to_owned() }
        }),
        ColumnData::Vectors(vectors) => vectors.text(row),
    }
}

/// The `most` of `rows` that are looked at: half of them the first ones, the others from all over the rest, which may be
/// of another model, class or day. Each is anywhere in its stretch: every tenth row may always be of one kind.
fn place(at: usize, rows: usize, most: usize) -> usize {
    let first = most.div_ceil(2);
    if rows <= most || at < first {
        return at;
    }
    let begin = |at: usize| first + (at - first) * (rows - first) / (most - first);
    // Fibonacci hashing (Knuth, The Art of Computer Programming 3, 6.4).
    let anywhere = (at as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
    begin(at) + anywhere as usize % (begin(at + 1) - begin(at))
}

/// Look at `most` of `rows` cells.
pub fn look(data: &ColumnData, rows: usize, most: usize) -> Look {
    let mut look = Look { rows: rows.min(most), min: f64::INFINITY, max: f64::NEG_INFINITY, ..Look::default() };
    let mut seen = Seen::default();
    // A value that stands in many rows is read once.
    let mut cells = different(data, look.rows, |at| place(at, rows, most));
    cells.retain(|&(row, count)| {
        let filled = seen.take(data, row, count, &mut look);
        look.filled += if filled { count } else { 0 };
        filled
    });
    look.distinct = cells.len();
    look.first = cells.first().and_then(|&(row, _)| cell_text(data, row)).unwrap_or_default();
    let Seen { numbers, whole, times, naive, json, finite, sum } = seen;
    look.mean = sum / finite as f64;
    (look.has_naive, look.has_zoned) = (naive > 0, times > naive);
    if let ColumnData::Time { zoned, .. } = data {
        (look.has_naive, look.has_zoned) = (!zoned, *zoned);
    }
    let nearly_all = |count: usize| count * 100 >= look.filled * 99 && count > 0;
    look.kind = match data {
        ColumnData::Time { zoned, .. } => Kind::Time { zoned: *zoned },
        _ if look.filled == 0 => Kind::Empty,
        _ if nearly_all(numbers) && whole == numbers => Kind::Whole,
        _ if nearly_all(numbers) || (numbers * 10 >= look.filled * 9 && look.filled > 20 && whole < numbers) => {
            Kind::Number
        }
        _ if nearly_all(times) => Kind::Time { zoned: naive == 0 },
        _ if nearly_all(json) => Kind::Json,
        _ => Kind::Text,
    };
    if cells.len() <= 50 {
        let text = |(row, count): (usize, usize)| (cell_text(data, row).unwrap_or_default(), count as u64);
        look.values = cells.into_iter().map(text).collect();
        look.values.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    }
    look
}

/// First row and number of rows of every different cell among `rows` of them, in order of appearance.
fn different(data: &ColumnData, rows: usize, place: impl Fn(usize) -> usize) -> Vec<(usize, usize)> {
    match data {
        ColumnData::Text(text) => tally(rows, place, |row| text.get(row)),
        ColumnData::Coded(codes) => tally(rows, place, |row| codes.code(row)),
        ColumnData::Integer { values, valid } => {
            tally(rows, place, |row| valid.as_ref().is_none_or(|valid| valid[row]).then(|| values[row]))
        }
        ColumnData::Byte(values) => tally(rows, place, |row| (values[row] != u8::MAX).then(|| values[row])),
        ColumnData::Float(values) => tally(rows, place, |row| {
            let value = values[row];
            // One NaN, whatever its payload.
            (!is_not_logged(value)).then(|| if value.is_nan() { f64::NAN.to_bits() } else { value.to_bits() })
        }),
        ColumnData::Time { values, .. } => tally(rows, place, |row| (values[row] != NO_TIME).then(|| values[row])),
        ColumnData::Vectors(vectors) => tally(rows, place, |row| (!vectors.row(row).is_empty()).then_some(row)),
    }
}

fn tally<K: Copy + Eq + Hash>(
    rows: usize,
    place: impl Fn(usize) -> usize,
    get: impl Fn(usize) -> Option<K>,
) -> Vec<(usize, usize)> {
    let (values, codes) = code_rows(0..rows, |at| get(place(at)));
    let mut found = vec![(0, 0); values.len()];
    for (at, code) in codes.into_iter().enumerate() {
        // The code of an empty cell is past them all.
        if let Some((first, count)) = found.get_mut(code as usize) {
            if *count == 0 {
                *first = place(at);
            }
            *count += 1;
        }
    }
    found
}

/// A cell as a number. `0,25` counts as one here; typing decides over all rows.
fn as_number(cell: &str) -> Option<f64> {
    let comma =
        (!cell.contains('.') && cell.bytes().filter(|&byte| byte == b',').count() == 1).then(|| cell.replace(',', "."));
    match parse_number(comma.as_deref().unwrap_or(cell).as_bytes()) {
        Number::Value(value) => Some(value),
        Number::Empty | Number::Bad => None,
    }
}

/// Rows by what they can be read as.
#[derive(Default)]
struct Seen {
    numbers: usize,
    whole: usize,
    times: usize,
    naive: usize,
    json: usize,
    /// Rows of finite numbers, and their sum.
    finite: usize,
    sum: f64,
}

impl Seen {
    /// Count the cell of `row`, which stands in `count` rows. False where it holds nothing.
    fn take(&mut self, data: &ColumnData, row: usize, count: usize, look: &mut Look) -> bool {
        match data {
            ColumnData::Text(text) => {
                self.text(&String::from_utf8_lossy(text.get(row).unwrap_or_default()), count, look)
            }
            ColumnData::Coded(codes) => self.text(codes.get(row).unwrap_or_default(), count, look),
            ColumnData::Integer { values, .. } => self.number(values[row] as f64, true, count, look),
            ColumnData::Byte(values) => self.number(f64::from(values[row]), true, count, look),
            ColumnData::Float(values) => self.number(values[row], values[row].fract() == 0.0, count, look),
            // The type says it.
            ColumnData::Time { .. } => true,
            ColumnData::Vectors(_) => {
                self.json += count;
                true
            }
        }
    }

    fn number(&mut self, value: f64, whole: bool, count: usize, look: &mut Look) -> bool {
        self.numbers += count;
        // A missing label is written NaN among whole numbers too.
        self.whole += if whole || value.is_nan() { count } else { 0 };
        if value.is_finite() {
            look.min = look.min.min(value);
            look.max = look.max.max(value);
            self.finite += count;
            self.sum += value * count as f64;
        }
        true
    }

    fn text(&mut self, cell: &str, count: usize, look: &mut Look) -> bool {
        let raw = cell.as_bytes().trim_ascii();
        if is_null_token(raw) {
            return false;
        }
        look.spaced += if raw.iter().any(u8::is_ascii_whitespace) { count } else { 0 };
        if let Some(value) = as_number(cell) {
            let digits = raw.strip_prefix(b"-").unwrap_or(raw);
            let whole = digits.iter().all(u8::is_ascii_digit);
            // An identifier: leading zeros would not survive as a number.
            if !(whole && digits.len() > 1 && digits[0] == b'0') {
                return self.number(value, whole, count, look);
            }
        } else {
            match parse_time(raw) {
                Parsed::Instant(_) => self.times += count,
                Parsed::Naive(_) => {
                    self.times += count;
                    self.naive += count;
                }
                Parsed::Bad if DayOrder::of(raw) != DayOrder::None => {
                    self.times += count;
                    self.naive += count;
                    look.dates = look.dates.and(DayOrder::of(raw));
                }
                Parsed::Empty | Parsed::Bad if matches!(raw, [b'{', .., b'}'] | [b'[', .., b']']) => {
                    self.json += count;
                }
                Parsed::Empty | Parsed::Bad => {}
            }
        }
        true
    }
}
