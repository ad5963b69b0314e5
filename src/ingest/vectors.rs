//! Vectors of items, one in a cell: `[0.1, 0.2]`, `[0.1 0.2]`, `0.1,0.2`, or a list of a columnar file.

use std::collections::BTreeMap;

use super::table::TextColumn;
use crate::log::Vectors;

/// Vectors end to end; a row without one is empty.
#[derive(Clone, Debug, Default)]
pub struct Ragged {
    pub values: Vec<f32>,
    /// End of each row.
    pub ends: Vec<u64>,
}

impl Ragged {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.ends.len()
    }

    pub fn row(&self, row: usize) -> &[f32] {
        let start = row.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.values[start as usize..self.ends[row] as usize]
    }

    pub fn push(&mut self, row: &[f32]) {
        self.values.extend_from_slice(row);
        self.end();
    }

    /// The values since the last end are a row.
    pub fn end(&mut self) {
        self.ends.push(self.values.len() as u64);
    }

    /// As text, absent where empty.
    pub(super) fn text(&self, row: usize) -> Option<String> {
        let numbers: Vec<String> = self.row(row).iter().map(f32::to_string).collect();
        (!numbers.is_empty()).then(|| format!("[{}]", numbers.join(",")))
    }

    pub(super) fn to_text(&self) -> TextColumn {
        let mut out = TextColumn::default();
        (0..self.rows()).for_each(|row| out.push(self.text(row).as_deref().map(str::as_bytes)));
        out
    }

    /// Whether two rows are the same, bit for bit.
    pub(super) fn same(&self, first: usize, second: usize) -> bool {
        let bits = |row: usize| self.row(row).iter().map(|value| value.to_bits());
        bits(first).eq(bits(second))
    }

    /// The rows `rows`, all of one length.
    pub(super) fn gathered(&self, rows: &[u32]) -> Vectors {
        let dimensions = rows.iter().map(|&row| self.row(row as usize).len()).max().unwrap_or(0);
        let mut values = Vec::with_capacity(dimensions * rows.len());
        for &row in rows {
            match self.row(row as usize) {
                [] => values.resize(values.len() + dimensions, f32::NAN),
                vector => values.extend_from_slice(vector),
            }
        }
        Vectors { dimensions, values }
    }
}

/// Why a cell is no vector that can be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    NoNumbers,
    /// NumPy prints long arrays with the middle left out.
    Cut,
    NotFinite,
    /// All numbers are 0.
    Zero,
    /// Numbers it has, and those that its column has mostly.
    Length(usize, usize),
}

impl Fault {
    pub fn text(self) -> String {
        match self {
            Self::NoNumbers => "is no list of numbers".to_owned(),
            Self::Cut => "is a list with its middle left out (`...`), as NumPy prints long ones".to_owned(),
            Self::NotFinite => "holds NaN or an infinite number".to_owned(),
            Self::Zero => "is all zeros and so has no direction".to_owned(),
            Self::Length(found, usual) => format!("has {found} numbers where the others have {usual}"),
        }
    }
}

/// Whether a cell looks like a vector; `0,25` is a number.
pub(super) fn is_vector(cell: &str) -> bool {
    let mut found = Ragged::default();
    let listed = cell.trim_start().starts_with('[') || cell.bytes().filter(|byte| *byte == b',').count() > 1;
    listed && !matches!(parse(cell.as_bytes(), &mut found), Err(Fault::NoNumbers)) && found.values.len() != 1
}

/// Add the numbers of a cell as a row of `out`.
///
/// # Errors
/// It holds none, or not all of them; the row is then empty.
pub(super) fn parse(cell: &[u8], out: &mut Ragged) -> Result<(), Fault> {
    let start = out.values.len();
    let cell = cell.trim_ascii();
    let inner = cell.strip_prefix(b"[").and_then(|rest| rest.strip_suffix(b"]")).unwrap_or(cell);
    let mut found = Ok(());
    let parts = inner.split(|byte| *byte == b',' || byte.is_ascii_whitespace()).filter(|part| !part.is_empty());
    for part in parts {
        match fast_float2::parse::<f32, _>(part) {
            Ok(value) => out.values.push(value),
            Err(_) if part == b"null" || part == b"None" => out.values.push(f32::NAN),
            Err(_) => {
                found = Err(if part == b"..." { Fault::Cut } else { Fault::NoNumbers });
                break;
            }
        }
    }
    if found.is_ok() && out.values.len() == start {
        found = Err(Fault::NoNumbers);
    }
    if found.is_err() {
        out.values.truncate(start);
    }
    out.end();
    found
}

/// What is wrong with a vector whatever the others are.
pub(super) fn fault(vector: &[f32]) -> Option<Fault> {
    if vector.iter().any(|value| !value.is_finite()) {
        return Some(Fault::NotFinite);
    }
    (!vector.is_empty() && vector.iter().all(|value| *value == 0.0)).then_some(Fault::Zero)
}

/// The most frequent length of vectors, the longer of equals.
pub(super) fn usual(lengths: impl Iterator<Item = usize>) -> usize {
    let mut counts: BTreeMap<usize, u64> = BTreeMap::new();
    lengths.filter(|length| *length > 0).for_each(|length| *counts.entry(length).or_default() += 1);
    counts.into_iter().max_by_key(|(length, count)| (*count, *length)).map_or(0, |(length, _)| length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(cell: &str) -> Result<Vec<f32>, Fault> {
        let mut out = Ragged::default();
        parse(cell.as_bytes(), &mut out).map(|()| out.row(0).to_vec())
    }

    #[test]
    fn a_cell_is_read_as_json_numpy_and_bare_numbers() {
        for cell in ["[0.5, -1e-2]", "[ 0.5 -0.01]", "0.5,-0.01", "[5e-1\n -0.01]"] {
            assert_eq!(parsed(cell), Ok(vec![0.5, -0.01]), "{cell}");
        }
        assert_eq!(parsed("[0.1 0.2 ... 0.3 0.4]"), Err(Fault::Cut));
        assert_eq!(parsed("[]"), Err(Fault::NoNumbers));
        assert_eq!(parsed("a house"), Err(Fault::NoNumbers));
        assert_eq!(fault(&parsed("[1, null]").unwrap()), Some(Fault::NotFinite));
        assert_eq!(fault(&[0.0, -0.0]), Some(Fault::Zero));
        assert!(is_vector("[1,2]") && is_vector("1,2,3") && !is_vector("0,25") && !is_vector("[1]"));
        assert!(!is_vector("a, b, c") && !is_vector("[\"a\"]"));
        assert_eq!(usual([3, 4, 4, 0, 0, 0].into_iter()), 4);
    }
}
