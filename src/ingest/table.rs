//! What every reader yields: columns of one source before roles are applied.

use std::borrow::Cow;

use super::guess::column::cell_text;
use super::vectors::Ragged;
use crate::log::Codes;

/// One source, read.
#[derive(Clone, Debug, Default)]
pub struct Table {
    pub columns: Vec<Column>,
    /// Readable records, in file order.
    pub records: usize,
    /// Where the record number in the file stops following the row number: `(row, line)` of each
    /// first row after a header, a blank or quarantined line, a cell of several lines. Ascending.
    pub lines: Vec<(usize, u64)>,
}

impl Table {
    /// Number in the file of a row: its (first) line in text files, else its 1-based position.
    pub fn line(&self, row: usize) -> u64 {
        let after = self.lines.partition_point(|&(start, _)| start <= row);
        match after.checked_sub(1).and_then(|index| self.lines.get(index)) {
            Some(&(start, line)) => line + (row - start) as u64,
            None => row as u64 + 1,
        }
    }

    /// The first rows, every cell as text: what dialects are known by.
    pub(super) fn head(&self) -> Self {
        const ROWS: usize = 50;
        let records = self.records.min(ROWS);
        let column = |column: &Column| {
            let mut text = TextColumn::default();
            (0..records).for_each(|row| text.push(cell_text(&column.data, row).as_deref().map(str::as_bytes)));
            Column { name: column.name.clone(), data: ColumnData::Text(text) }
        };
        Self { columns: self.columns.iter().map(column).collect(), records, lines: Vec::new() }
    }

    /// The same with every cell as text.
    pub(super) fn into_text(mut self) -> Self {
        for column in &mut self.columns {
            if let Cow::Owned(text) = column.data.to_text() {
                column.data = ColumnData::Text(text);
            }
        }
        self
    }

    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

#[derive(Clone, Debug)]
pub struct Column {
    pub name: String,
    pub data: ColumnData,
}

/// Values of a column as the file stores them. Text formats yield only `Text`; Parquet and Arrow the others.
#[derive(Clone, Debug)]
pub enum ColumnData {
    /// Exact cell text; typed when a role asks for it.
    Text(TextColumn),
    /// Few-valued text, coded while decoding.
    Coded(Codes),
    /// Integers; `valid` is `None` when no cell is null.
    Integer { values: Vec<i64>, valid: Option<Vec<bool>> },
    /// Few-valued integers (labels, decisions) as bytes; `u8::MAX` is null. Only where all values are 0..=254.
    Byte(Vec<u8>),
    /// Numbers; [`crate::log::NOT_LOGGED`] where null, other NaN where the file holds NaN.
    Float(Vec<f64>),
    /// Microseconds since the epoch, UTC; [`crate::log::NO_TIME`] where null.
    /// `zoned` is false when the file stores a time without a zone.
    Time { values: Vec<i64>, zoned: bool },
    /// Long lists of numbers.
    Vectors(Ragged),
}

/// Cells of text, end to end in one buffer.
#[derive(Clone, Debug, Default)]
pub struct TextColumn {
    pub bytes: Vec<u8>,
    /// End offset of each cell.
    pub ends: Vec<u64>,
    /// Cells that were absent or null in the file (an empty string in CSV is present and empty).
    pub absent: Vec<bool>,
}

impl TextColumn {
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    pub fn push(&mut self, cell: Option<&[u8]>) {
        self.bytes.extend_from_slice(cell.unwrap_or_default());
        self.ends.push(self.bytes.len() as u64);
        self.absent.push(cell.is_none());
    }

    /// Cell of a record, `None` where absent.
    #[inline]
    pub fn get(&self, record: usize) -> Option<&[u8]> {
        let start = if record == 0 { 0 } else { self.ends[record - 1] as usize };
        (!self.absent[record]).then(|| &self.bytes[start..self.ends[record] as usize])
    }
}

impl ColumnData {
    /// Every cell as the file spells it.
    pub(super) fn to_text(&self) -> Cow<'_, TextColumn> {
        if let Self::Text(text) = self {
            return Cow::Borrowed(text);
        }
        let mut out = TextColumn::default();
        (0..self.len()).for_each(|row| out.push(cell_text(self, row).as_deref().map(str::as_bytes)));
        Cow::Owned(out)
    }

    pub fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Coded(codes) => codes.len(),
            Self::Integer { values, .. } => values.len(),
            Self::Byte(values) => values.len(),
            Self::Float(values) => values.len(),
            Self::Time { values, .. } => values.len(),
            Self::Vectors(vectors) => vectors.rows(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Column {
    pub fn len(&self) -> usize {
        self.data.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
