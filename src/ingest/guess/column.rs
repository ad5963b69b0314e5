//! What the cells of a column look like, from its first rows.

use std::collections::HashMap;

use crate::ingest::table::ColumnData;
use crate::ingest::typing::{Clock, DayOrder, Number, Parsed, is_null_token, number_text, parse_number, parse_time};
use crate::log::{NO_TIME, is_not_logged};

/// Different values counted at most.
const DISTINCT: usize = 100_000;

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

/// A column's first rows in figures.
#[derive(Clone, Debug, Default)]
pub struct Look {
    pub kind: Kind,
    pub rows: usize,
    /// Rows that hold something.
    pub filled: usize,
    pub distinct: usize,
    /// Most frequent values first; empty when there are more than fifty.
    pub values: Vec<(String, u64)>,
    pub first: String,
    pub min: f64,
    pub max: f64,
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

    /// Numbers that no label or decision would be.
    pub fn is_continuous(&self) -> bool {
        self.is_number() && (self.kind == Kind::Number && self.distinct > 2 || self.distinct > 50)
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
    }
}

/// Look at the first `most` of `rows` cells.
pub fn look(data: &ColumnData, rows: usize, most: usize) -> Look {
    let mut look = Look { rows: rows.min(most), min: f64::INFINITY, max: f64::NEG_INFINITY, ..Look::default() };
    let mut counts: HashMap<String, u64> = HashMap::new();
    let (mut numbers, mut whole, mut times, mut naive, mut json) = (0, 0, 0, 0, 0);
    for row in 0..look.rows {
        let Some(cell) = cell_text(data, row) else {
            continue;
        };
        let raw = cell.as_bytes().trim_ascii();
        if is_null_token(raw) {
            continue;
        }
        look.filled += 1;
        if look.first.is_empty() {
            look.first.clone_from(&cell);
        }
        // `0,25` counts as a number here; typing decides over all rows.
        let comma = (!raw.contains(&b'.') && raw.iter().filter(|&&byte| byte == b',').count() == 1)
            .then(|| cell.replace(',', "."));
        let number = comma.as_ref().map_or_else(|| parse_number(raw), |cell| parse_number(cell.as_bytes()));
        if let Number::Value(value) = number {
            let digits = raw.strip_prefix(b"-").unwrap_or(raw);
            // An identifier: leading zeros would not survive as a number.
            if !(digits.len() > 1 && digits[0] == b'0' && digits.iter().all(u8::is_ascii_digit)) {
                numbers += 1;
                whole += usize::from(digits.iter().all(u8::is_ascii_digit));
                if value.is_finite() {
                    look.min = look.min.min(value);
                    look.max = look.max.max(value);
                }
            }
        } else {
            match parse_time(raw) {
                Parsed::Instant(_) => times += 1,
                Parsed::Naive(_) => {
                    times += 1;
                    naive += 1;
                }
                Parsed::Bad if DayOrder::of(raw) != DayOrder::None => {
                    times += 1;
                    naive += 1;
                    look.dates = look.dates.and(DayOrder::of(raw));
                }
                Parsed::Empty | Parsed::Bad => json += usize::from(matches!(raw, [b'{', .., b'}'] | [b'[', .., b']'])),
            }
        }
        if counts.len() < DISTINCT {
            *counts.entry(cell).or_default() += 1;
        } else if let Some(count) = counts.get_mut(&cell) {
            *count += 1;
        }
    }
    look.distinct = counts.len();
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
    if counts.len() <= 50 {
        look.values = counts.into_iter().collect();
        look.values.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    }
    look
}
