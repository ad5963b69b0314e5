//! Column storage: identifiers, dictionary codes, features.

use std::fmt::Write as _;

/// Row identifiers, kept as the file holds them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ids {
    /// The file stores 64-bit integers (Parquet, Arrow).
    Integer(Vec<i64>),
    /// Exact text; `ends[i]` is the end offset of row `i` in `bytes` (UTF-8).
    Text { bytes: Vec<u8>, ends: Vec<u64> },
    /// No identifier: rows were paired by position; the row number stands in.
    Position(usize),
}

impl Ids {
    pub fn len(&self) -> usize {
        match self {
            Self::Integer(values) => values.len(),
            Self::Text { ends, .. } => ends.len(),
            Self::Position(rows) => *rows,
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Identifier of a row as text. `row` must be below [`Self::len`].
    pub fn get(&self, row: usize) -> String {
        match self {
            Self::Integer(values) => values[row].to_string(),
            Self::Text { bytes, ends } => {
                let start = if row == 0 { 0 } else { ends[row - 1] as usize };
                String::from_utf8_lossy(&bytes[start..ends[row] as usize]).into_owned()
            }
            Self::Position(_) => {
                let mut text = String::from("row ");
                let _ = write!(text, "{}", row + 1);
                text
            }
        }
    }

    pub fn bytes(&self) -> usize {
        match self {
            Self::Integer(values) => values.len() * 8,
            Self::Text { bytes, ends } => bytes.len() + ends.len() * 8,
            Self::Position(_) => 0,
        }
    }
}

/// Dictionary-coded text: one code per row into `names`, in the narrowest type that holds them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Codes {
    pub names: Vec<String>,
    pub codes: CodeColumn,
}

/// Codes of a column; the largest value of each type marks an empty cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CodeColumn {
    U8(Vec<u8>),
    U16(Vec<u16>),
    U32(Vec<u32>),
}

impl Codes {
    /// Narrow `codes` (with `u32::MAX` for an empty cell) to the smallest type that holds all of `names`.
    pub fn new(names: Vec<String>, codes: &[u32]) -> Self {
        let column = if names.len() < usize::from(u8::MAX) {
            CodeColumn::U8(codes.iter().map(|&code| u8::try_from(code).unwrap_or(u8::MAX)).collect())
        } else if names.len() < usize::from(u16::MAX) {
            CodeColumn::U16(codes.iter().map(|&code| u16::try_from(code).unwrap_or(u16::MAX)).collect())
        } else {
            CodeColumn::U32(codes.to_vec())
        };
        Self { names, codes: column }
    }

    pub fn len(&self) -> usize {
        match &self.codes {
            CodeColumn::U8(codes) => codes.len(),
            CodeColumn::U16(codes) => codes.len(),
            CodeColumn::U32(codes) => codes.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Code of a row, or `None` for an empty cell.
    #[inline]
    pub fn code(&self, row: usize) -> Option<u32> {
        match &self.codes {
            CodeColumn::U8(codes) => (codes[row] != u8::MAX).then(|| u32::from(codes[row])),
            CodeColumn::U16(codes) => (codes[row] != u16::MAX).then(|| u32::from(codes[row])),
            CodeColumn::U32(codes) => (codes[row] != u32::MAX).then(|| codes[row]),
        }
    }

    /// Name of a row's value, or `None` for an empty cell.
    pub fn get(&self, row: usize) -> Option<&str> {
        self.code(row).map(|code| self.names[code as usize].as_str())
    }

    pub fn bytes(&self) -> usize {
        let width = match self.codes {
            CodeColumn::U8(_) => 1,
            CodeColumn::U16(_) => 2,
            CodeColumn::U32(_) => 4,
        };
        self.len() * width + self.names.iter().map(|name| name.len() + 24).sum::<usize>()
    }
}

/// A column that is no role of its own: something to slice by, sort by, show.
#[derive(Clone, Debug, PartialEq)]
pub struct Feature {
    pub name: String,
    pub values: FeatureValues,
}

/// Values of a [`Feature`].
#[derive(Clone, Debug, PartialEq)]
pub enum FeatureValues {
    /// Text or few-valued numbers.
    Coded(Codes),
    /// Numbers; NaN where empty.
    Numeric(Vec<f64>),
}

impl Feature {
    /// The cell as the row browser shows it; `None` when empty.
    pub fn text(&self, row: usize) -> Option<String> {
        match &self.values {
            FeatureValues::Coded(codes) => codes.get(row).map(str::to_owned),
            FeatureValues::Numeric(values) => {
                let value = values[row];
                (!value.is_nan()).then(|| value.to_string())
            }
        }
    }

    pub fn bytes(&self) -> usize {
        match &self.values {
            FeatureValues::Coded(codes) => codes.bytes(),
            FeatureValues::Numeric(values) => values.len() * 8,
        }
    }
}
