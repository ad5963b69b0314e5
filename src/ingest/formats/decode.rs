//! Decoded arrow arrays into the compact columns of a [`Table`](crate::ingest::table::Table).
//!
//! A column's [`Shape`] is chosen from its first row group ([`survey`]); every row group is then written
//! straight into its stretch of the final column ([`fill`]). A later row group that does not fit the shape
//! answers [`Fill::Misfit`], and the caller decodes the column again in the [`Shape::wider`] one.
#![expect(
    clippy::useless_conversion,
    clippy::unnecessary_fallible_conversions,
    reason = "macros write one body for every integer width"
)]

use std::fmt::Write as _;

use polars::prelude::{ArrayRef, ArrowDataType, ArrowField, ArrowTimeUnit};
use polars_arrow::array::{Array, BinaryViewArray, BooleanArray, DictionaryArray, PrimitiveArray, Utf8ViewArray};
use polars_arrow::bitmap::Bitmap;
use polars_arrow::datatypes::{DTYPE_CATEGORICAL_NEW, IntegerType};

use super::coder::Coder;
use crate::ingest::table::TextColumn;
use crate::log::{NO_TIME, NOT_LOGGED};

/// What a column becomes.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Shape {
    Float,
    Time {
        zoned: bool,
    },
    /// Integers 0..=254, `u8::MAX` null.
    Byte,
    Integer,
    /// At most 255 names; the names already known, so that most row groups need no translation.
    Code8(Vec<String>),
    Code32(Vec<String>),
    Text,
}

impl Shape {
    /// The next shape that holds everything this one holds.
    pub(super) fn wider(&self) -> Self {
        match self {
            Self::Byte => Self::Integer,
            Self::Code8(names) => Self::Code32(names.clone()),
            _ => Self::Text,
        }
    }
}

/// The stretch of a final column that one row group fills. `Text` has none: its parts are joined later.
pub(super) enum Stretch<'a> {
    Float(&'a mut [f64]),
    Integer(&'a mut [i64]),
    Byte(&'a mut [u8]),
    Code32(&'a mut [u32]),
    Text,
}

/// What a filled stretch leaves beside it.
pub(super) enum Fill {
    Plain,
    /// Integers with nulls.
    Valid(Vec<bool>),
    /// Names of the codes written, the ones of the shape first.
    Names(Vec<String>),
    Text(TextColumn),
    /// The values do not fit the shape.
    Misfit,
}

const FEW_NAMES: usize = 256;

/// Rows that choose a shape where they leave no doubt.
const SURVEYED: usize = 1 << 16;

/// Names among those rows up to which a column is coded in bytes.
const SURELY_FEW: usize = 100;

macro_rules! typed {
    ($array:expr, $ty:ty) => {
        $array.as_any().downcast_ref::<$ty>().ok_or_else(|| format!("decoded as {:?}", $array.dtype()))?
    };
}

/// Call `$body` with the typed array of an integer column, whatever its width.
macro_rules! each_integer {
    ($dtype:expr, $array:expr, $a:ident => $body:expr) => {
        match $dtype {
            ArrowDataType::Int8 => {
                let $a = typed!($array, PrimitiveArray<i8>);
                $body
            }
            ArrowDataType::Int16 => {
                let $a = typed!($array, PrimitiveArray<i16>);
                $body
            }
            ArrowDataType::Int32 => {
                let $a = typed!($array, PrimitiveArray<i32>);
                $body
            }
            ArrowDataType::UInt8 => {
                let $a = typed!($array, PrimitiveArray<u8>);
                $body
            }
            ArrowDataType::UInt16 => {
                let $a = typed!($array, PrimitiveArray<u16>);
                $body
            }
            ArrowDataType::UInt32 => {
                let $a = typed!($array, PrimitiveArray<u32>);
                $body
            }
            ArrowDataType::UInt64 => {
                let $a = typed!($array, PrimitiveArray<u64>);
                $body
            }
            ArrowDataType::Decimal(..) => {
                let $a = typed!($array, PrimitiveArray<i128>);
                $body
            }
            _ => {
                let $a = typed!($array, PrimitiveArray<i64>);
                $body
            }
        }
    };
}

/// Call `$each(row, value)` for the values and `$null(row)` for the nulls of a primitive array.
macro_rules! walk {
    ($array:expr, $out:expr, $some:expr, $none:expr) => {
        match $array.validity() {
            None => $out.iter_mut().zip($array.values().iter()).for_each(|(out, &value)| *out = $some(value)),
            Some(valid) => $out
                .iter_mut()
                .zip($array.values().iter().zip(valid.iter()))
                .for_each(|(out, (&value, valid))| *out = if valid { $some(value) } else { $none }),
        }
    };
}

/// The type to ask the decoder for, or `None` when no column can hold it.
pub(super) fn readable(dtype: &ArrowDataType) -> Option<ArrowDataType> {
    use ArrowDataType as A;
    match dtype {
        A::Int8 | A::Int16 | A::Int32 | A::Int64 | A::UInt8 | A::UInt16 | A::UInt32 | A::UInt64 => Some(dtype.clone()),
        A::Float32 | A::Float64 | A::Boolean | A::Date32 | A::Timestamp(..) => Some(dtype.clone()),
        A::Utf8View | A::BinaryView | A::FixedSizeBinary(_) => Some(dtype.clone()),
        A::Utf8 | A::LargeUtf8 => Some(A::Utf8View),
        A::Binary | A::LargeBinary => Some(A::BinaryView),
        A::Decimal(..) => Some(dtype.clone()),
        A::Decimal32(precision, scale) | A::Decimal64(precision, scale) => Some(A::Decimal(*precision, *scale)),
        // Asked for as plain text, the decoder hands out views of the dictionary and builds no Categorical.
        A::Dictionary(_, inner, _) => readable(inner),
        _ => None,
    }
}

/// A text column of which the decoder hands out the dictionary and the keys of the rows. It fails where a page
/// holds the text itself.
pub(super) fn by_keys(field: &ArrowField) -> Option<ArrowField> {
    let dtype = match &field.dtype {
        ArrowDataType::Utf8View => ArrowDataType::Dictionary(IntegerType::UInt32, Box::new(field.dtype.clone()), false),
        _ => return None,
    };
    // What polars writes for its Categorical: the decoder then builds none itself.
    let metadata = [(DTYPE_CATEGORICAL_NEW.into(), "".into())].into();
    Some(ArrowField { dtype, metadata: Some(std::sync::Arc::new(metadata)), ..field.clone() })
}

/// The first `rows` rows.
fn head(arrays: &[ArrayRef], rows: usize) -> Vec<ArrayRef> {
    let mut left = rows;
    let cut = |array: &ArrayRef| {
        let taken = array.len().min(left);
        left -= taken;
        array.sliced(0, taken)
    };
    arrays.iter().map(cut).collect()
}

/// Choose the shape of a column from its first row group.
pub(super) fn survey(dtype: &ArrowDataType, arrays: &[ArrayRef]) -> Result<Shape, String> {
    use ArrowDataType as A;
    Ok(match dtype {
        A::Float32 | A::Float64 => Shape::Float,
        A::Decimal(_, scale) if *scale > 0 => Shape::Float,
        A::Timestamp(_, zone) => Shape::Time { zoned: zone.is_some() },
        A::Date32 => Shape::Time { zoned: false },
        A::Boolean => Shape::Code8(vec!["false".to_owned(), "true".to_owned()]),
        A::Utf8View => {
            let rows: usize = arrays.iter().map(|array| array.len()).sum();
            if rows > SURVEYED {
                let mut codes = vec![0u32; SURVEYED];
                let names = code_text(&head(arrays, SURVEYED), Vec::new(), &mut codes)?;
                if let Some(names) = names.filter(|names| names.len() <= SURELY_FEW) {
                    return Ok(Shape::Code8(names));
                }
            }
            let mut codes = vec![0u32; rows];
            match code_text(arrays, Vec::new(), &mut codes)? {
                Some(names) if names.len() <= 200 => Shape::Code8(names),
                Some(names) if names.len() <= FEW_NAMES || names.len() * 4 <= rows => Shape::Code32(names),
                _ => Shape::Text,
            }
        }
        A::BinaryView | A::FixedSizeBinary(_) => Shape::Text,
        _ => {
            let mut bytes = true;
            for array in &head(arrays, SURVEYED) {
                bytes = bytes
                    && each_integer!(dtype, array, a => a.iter().flatten().all(|&v| matches!(u8::try_from(v), Ok(b) if b < u8::MAX)));
            }
            if bytes { Shape::Byte } else { Shape::Integer }
        }
    })
}

/// Write the decoded `arrays` of one row group into its stretch of the column.
pub(super) fn fill(
    dtype: &ArrowDataType,
    shape: &Shape,
    arrays: &[ArrayRef],
    stretch: Stretch<'_>,
) -> Result<Fill, String> {
    match (shape, stretch) {
        (Shape::Float, Stretch::Float(out)) => floats(dtype, arrays, out),
        (Shape::Time { .. }, Stretch::Integer(out)) => times(dtype, arrays, out),
        (Shape::Byte, Stretch::Byte(out)) => bytes(dtype, arrays, out),
        (Shape::Integer, Stretch::Integer(out)) => integers(dtype, arrays, out),
        (Shape::Code8(names), Stretch::Byte(out)) if *dtype == ArrowDataType::Boolean => {
            let mut at = 0;
            for array in arrays {
                let array = typed!(array, BooleanArray);
                for (out, value) in out[at..].iter_mut().zip(array.iter()) {
                    *out = value.map_or(u8::MAX, u8::from);
                }
                at += array.len();
            }
            Ok(Fill::Names(names.clone()))
        }
        (Shape::Code8(names), Stretch::Byte(out)) => {
            Ok(code_text(arrays, names.clone(), out)?.map_or(Fill::Misfit, Fill::Names))
        }
        (Shape::Code32(names), Stretch::Code32(out)) => {
            Ok(code_text(arrays, names.clone(), out)?.map_or(Fill::Misfit, Fill::Names))
        }
        (Shape::Text, Stretch::Text) => text(dtype, arrays).map(Fill::Text),
        _ => Err("the stretch is not of the column's shape".to_owned()),
    }
}

fn floats(dtype: &ArrowDataType, arrays: &[ArrayRef], mut out: &mut [f64]) -> Result<Fill, String> {
    for array in arrays {
        let (head, rest) = out.split_at_mut(array.len());
        match dtype {
            ArrowDataType::Float32 => {
                let array = typed!(array, PrimitiveArray<f32>);
                walk!(array, head, f64::from, NOT_LOGGED);
            }
            ArrowDataType::Decimal(_, scale) => {
                let array = typed!(array, PrimitiveArray<i128>);
                let unit = 10f64.powi(i32::try_from(*scale).unwrap_or(0));
                walk!(array, head, |v: i128| v as f64 / unit, NOT_LOGGED);
            }
            _ => {
                let array = typed!(array, PrimitiveArray<f64>);
                match array.validity() {
                    None => head.copy_from_slice(array.values()),
                    Some(_) => walk!(array, head, |v: f64| v, NOT_LOGGED),
                }
            }
        }
        out = rest;
    }
    Ok(Fill::Plain)
}

fn times(dtype: &ArrowDataType, arrays: &[ArrayRef], mut out: &mut [i64]) -> Result<Fill, String> {
    for array in arrays {
        let (head, rest) = out.split_at_mut(array.len());
        match dtype {
            ArrowDataType::Date32 => {
                let array = typed!(array, PrimitiveArray<i32>);
                walk!(array, head, |days: i32| i64::from(days) * 86_400_000_000, NO_TIME);
            }
            ArrowDataType::Timestamp(unit, _) => {
                let array = typed!(array, PrimitiveArray<i64>);
                match unit {
                    ArrowTimeUnit::Second => {
                        walk!(array, head, |v: i64| v.saturating_mul(1_000_000), NO_TIME)
                    }
                    ArrowTimeUnit::Millisecond => {
                        walk!(array, head, |v: i64| v.saturating_mul(1_000), NO_TIME)
                    }
                    ArrowTimeUnit::Microsecond => walk!(array, head, |v: i64| v, NO_TIME),
                    ArrowTimeUnit::Nanosecond => {
                        walk!(array, head, |v: i64| v.div_euclid(1_000), NO_TIME)
                    }
                }
            }
            other => return Err(format!("{other:?} is not a time")),
        }
        out = rest;
    }
    Ok(Fill::Plain)
}

fn bytes(dtype: &ArrowDataType, arrays: &[ArrayRef], mut out: &mut [u8]) -> Result<Fill, String> {
    let mut fits = true;
    for array in arrays {
        let (head, rest) = out.split_at_mut(array.len());
        each_integer!(dtype, array, a => walk!(a, head, |v| {
            let byte = u8::try_from(v).unwrap_or(u8::MAX);
            fits &= byte != u8::MAX;
            byte
        }, u8::MAX));
        out = rest;
    }
    Ok(if fits { Fill::Plain } else { Fill::Misfit })
}

fn integers(dtype: &ArrowDataType, arrays: &[ArrayRef], mut out: &mut [i64]) -> Result<Fill, String> {
    let mut fits = true;
    let nulls = arrays.iter().any(|array| array.validity().is_some());
    let mut valid = Vec::new();
    for array in arrays {
        let (head, rest) = out.split_at_mut(array.len());
        each_integer!(dtype, array, a => {
            walk!(a, head, |v| i64::try_from(v).unwrap_or_else(|_| { fits = false; 0 }), 0);
        });
        match array.validity() {
            Some(bits) => valid.extend(bits.iter()),
            None if nulls => valid.resize(valid.len() + array.len(), true),
            None => {}
        }
        out = rest;
    }
    Ok(match (fits, nulls) {
        (false, _) => Fill::Misfit,
        (true, true) => Fill::Valid(valid),
        (true, false) => Fill::Plain,
    })
}

fn text(dtype: &ArrowDataType, arrays: &[ArrayRef]) -> Result<TextColumn, String> {
    let mut out = TextColumn::default();
    let rows: usize = arrays.iter().map(|array| array.len()).sum();
    out.ends.reserve_exact(rows);
    out.absent.reserve_exact(rows);
    for array in arrays {
        match dtype {
            ArrowDataType::Utf8View if array.as_any().is::<DictionaryArray<u32>>() => {
                let (keys, names) = dictionary(array)?;
                keys.iter().for_each(|key| out.push(key.map(|&key| names.value(key as usize).as_bytes())));
            }
            ArrowDataType::Utf8View => {
                let array = typed!(array, Utf8ViewArray);
                out.bytes.reserve(array.total_bytes_len());
                array.iter().for_each(|cell| out.push(cell.map(str::as_bytes)));
            }
            ArrowDataType::BinaryView => {
                let array = typed!(array, BinaryViewArray);
                out.bytes.reserve(array.total_bytes_len());
                for cell in array.iter() {
                    match cell {
                        Some(bytes) if std::str::from_utf8(bytes).is_err() => out.push(Some(hex(bytes).as_bytes())),
                        cell => out.push(cell),
                    }
                }
            }
            ArrowDataType::FixedSizeBinary(_) => {
                let array = typed!(array, BinaryViewArray);
                array.iter().for_each(|cell| out.push(cell.map(hex).as_deref().map(str::as_bytes)));
            }
            _ => each_integer!(dtype, array, a => for value in a.iter() {
                out.push(value.map(|value| value.to_string()).as_deref().map(str::as_bytes));
            }),
        }
    }
    Ok(out)
}

/// Keys and entries of a column decoded by [`by_keys`].
fn dictionary(array: &ArrayRef) -> Result<(&PrimitiveArray<u32>, &Utf8ViewArray), String> {
    let array = typed!(array, DictionaryArray<u32>);
    let names = array.values();
    Ok((array.keys(), typed!(names, Utf8ViewArray)))
}

/// Bytes that are no text, as hex: exact, and it can be compared. 16 bytes are written as a UUID.
pub(super) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2 + 4);
    for (at, byte) in bytes.iter().enumerate() {
        if bytes.len() == 16 && matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        // Writing into a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// A code as it is stored: the largest value is the empty cell.
pub(super) trait Code: Copy {
    const EMPTY: Self;
    /// `None` when the code does not fit.
    fn narrow(code: u32) -> Option<Self>;
}

impl Code for u8 {
    const EMPTY: Self = Self::MAX;
    fn narrow(code: u32) -> Option<Self> {
        (code < u32::from(Self::MAX)).then_some(code as Self)
    }
}

impl Code for u32 {
    const EMPTY: Self = Self::MAX;
    fn narrow(code: u32) -> Option<Self> {
        Some(code)
    }
}

/// Write the code of every cell; `names` are known beforehand and keep their codes.
/// Returns the names with the new ones appended, or `None` when they are too many.
fn code_text<C: Code>(
    arrays: &[ArrayRef],
    names: Vec<String>,
    mut out: &mut [C],
) -> Result<Option<Vec<String>>, String> {
    let mut coder = Coder::new(names);
    let mut seen = 0;
    for array in arrays {
        let (head, rest) = out.split_at_mut(array.len());
        let fits = if array.as_any().is::<DictionaryArray<u32>>() {
            let (keys, names) = dictionary(array)?;
            // Names get their codes as they appear: entries that no row has are no names.
            let mut codes = vec![None; names.len()];
            put_codes(head, keys.values().iter().copied(), keys.validity(), |row, key| {
                let known = codes.get_mut(key as usize)?;
                if known.is_none() {
                    *known = coder.name(names.value(key as usize), seen + row).and_then(C::narrow);
                }
                *known
            })
        } else {
            let array = typed!(array, Utf8ViewArray);
            coder.forget_views();
            let views = array.views().iter().map(|view| view.as_u128());
            put_codes(head, views, array.validity(), |row, view| {
                coder.code(view, || array.value(row), seen + row).and_then(C::narrow)
            })
        };
        if !fits {
            return Ok(None);
        }
        seen += array.len();
        out = rest;
    }
    Ok(Some(coder.names))
}

/// Write `code` of every cell that is valid; whether all had one.
fn put_codes<C: Code, V>(
    out: &mut [C],
    cells: impl Iterator<Item = V>,
    valid: Option<&Bitmap>,
    mut code: impl FnMut(usize, V) -> Option<C>,
) -> bool {
    let mut put = |row: usize, cell: V, out: &mut C| {
        let code = code(row, cell);
        *out = code.unwrap_or(C::EMPTY);
        code.is_some()
    };
    let mut cells = out.iter_mut().zip(cells).enumerate();
    match valid {
        None => cells.all(|(row, (out, cell))| put(row, cell, out)),
        Some(valid) => cells.zip(valid.iter()).all(|((row, (out, cell)), valid)| {
            if !valid {
                *out = C::EMPTY;
            }
            !valid || put(row, cell, out)
        }),
    }
}
