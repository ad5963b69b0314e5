//! One cell at a time: numbers, null tokens, dictionary codes.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::ops::Range;

use crate::ingest::table::TextColumn;
use crate::log::Codes;

/// What a cell is as a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// A number, an infinity, or NaN as the model returned it.
    Value(f64),
    /// Not logged.
    Empty,
    Bad,
}

/// Whether a cell says that nothing was logged. `NaN` is not among them: it is what a model returned.
pub fn is_null_token(raw: &[u8]) -> bool {
    matches!(
        raw.trim_ascii(),
        b"" | b"NA"
            | b"N/A"
            | b"n/a"
            | b"#N/A"
            | b"<NA>"
            | b"null"
            | b"NULL"
            | b"Null"
            | b"None"
            | b"none"
            | b"NONE"
            | b"NaT"
            | b"\\N"
    )
}

pub(super) fn is_nan_token(raw: &[u8]) -> bool {
    let raw = raw.trim_ascii();
    let raw = raw.strip_prefix(b"-").or_else(|| raw.strip_prefix(b"+")).unwrap_or(raw);
    raw.eq_ignore_ascii_case(b"nan")
}

/// Read a cell as a number with a decimal point.
#[inline]
pub fn parse_number(raw: &[u8]) -> Number {
    match fast_float2::parse::<f64, _>(raw) {
        // One NaN for all spellings: its payload must not look like "not logged".
        Ok(value) => Number::Value(if value.is_nan() { f64::NAN } else { value }),
        Err(_) => parse_odd_number(raw),
    }
}

#[cold]
fn parse_odd_number(raw: &[u8]) -> Number {
    let trimmed = raw.trim_ascii();
    if is_null_token(trimmed) {
        return Number::Empty;
    }
    match fast_float2::parse::<f64, _>(trimmed) {
        Ok(value) => Number::Value(if value.is_nan() { f64::NAN } else { value }),
        Err(_) if is_nan_token(trimmed) => Number::Value(f64::NAN),
        // `12.5%` can mean nothing else.
        Err(_) => match trimmed.strip_suffix(b"%").map(|bare| fast_float2::parse::<f64, _>(bare.trim_ascii_end())) {
            Some(Ok(value)) if value.is_finite() => Number::Value(value / 100.0),
            _ => Number::Bad,
        },
    }
}

/// Read a cell as a number with a decimal comma.
pub(super) fn parse_comma_number(raw: &[u8]) -> Number {
    match parse_number(raw) {
        Number::Bad => {
            let mut with_point = raw.trim_ascii().to_vec();
            match with_point.iter_mut().find(|byte| **byte == b',') {
                Some(comma) => *comma = b'.',
                None => return Number::Bad,
            }
            parse_number(&with_point)
        }
        number => number,
    }
}

/// Whether commas in the column can only be decimal commas.
pub(super) fn has_decimal_commas(text: &TextColumn) -> bool {
    let mut proof = false;
    for raw in (0..text.len()).filter_map(|row| text.get(row)) {
        if memchr::memchr(b'.', raw).is_some() {
            return false;
        }
        if parse_number(raw) != Number::Bad {
            continue;
        }
        let raw = raw.trim_ascii();
        let digits = raw.strip_prefix(b"-").unwrap_or(raw);
        let Some(comma) = memchr::memchr(b',', digits) else {
            return false;
        };
        let (whole, part) = (&digits[..comma], &digits[comma + 1..]);
        if whole.is_empty()
            || part.is_empty()
            || !whole.iter().all(u8::is_ascii_digit)
            || !part.iter().all(u8::is_ascii_digit)
        {
            // An exponent is the one other thing that may follow the digits.
            if !matches!(parse_comma_number(raw), Number::Value(_)) {
                return false;
            }
        }
        // `1,234` may be a thousand; `0,123` and `1,2` may not.
        proof |= part.len() != 3 || whole == b"0";
    }
    proof
}

/// A number as labels are spelled: `1` for 1.0.
pub fn number_text(value: f64) -> String {
    if crate::log::is_not_logged(value) { String::new() } else { value.to_string() }
}

/// Multiply-and-rotate hash: the keys are cells of a file on this machine, few and short.
#[derive(Default)]
pub(crate) struct FastHasher(u64);

impl FastHasher {
    fn mix(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
}

impl Hasher for FastHasher {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.mix(u64::from_le_bytes(*word));
        }
        let mut tail = [0; 8];
        tail[..rest.len()].copy_from_slice(rest);
        self.mix(u64::from_le_bytes(tail) ^ (bytes.len() as u64) << 56);
    }

    fn write_u64(&mut self, word: u64) {
        self.mix(word);
    }

    fn finish(&self) -> u64 {
        // The table takes its bucket from the low bits, which the multiplication leaves weak.
        self.0 ^ (self.0 >> 32)
    }
}

pub(crate) type FastMap<K, V> = HashMap<K, V, BuildHasherDefault<FastHasher>>;

/// Distinct values of `rows` in order of appearance, and one code per row (`u32::MAX` where empty).
pub(crate) fn code_rows<K: Copy + Eq + Hash>(
    rows: Range<usize>,
    get: impl Fn(usize) -> Option<K>,
) -> (Vec<K>, Vec<u32>) {
    let mut values = Vec::new();
    let mut index: FastMap<K, u32> = FastMap::default();
    let mut codes = Vec::with_capacity(rows.len());
    let mut last = None;
    for row in rows {
        let Some(value) = get(row) else {
            codes.push(u32::MAX);
            continue;
        };
        let code = match last {
            Some((seen, code)) if seen == value => code,
            _ => *index.entry(value).or_insert_with(|| {
                values.push(value);
                values.len() as u32 - 1
            }),
        };
        last = Some((value, code));
        codes.push(code);
    }
    (values, codes)
}

pub(super) fn code_all<K: Copy + Eq + Hash>(
    rows: usize,
    get: impl Fn(usize) -> Option<K>,
    name: impl Fn(K) -> String,
) -> Codes {
    let (values, codes) = code_rows(0..rows, get);
    Codes::new(values.into_iter().map(name).collect(), &codes)
}
