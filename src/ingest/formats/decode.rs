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

use polars::prelude::{ArrayRef, ArrowDataType, ArrowTimeUnit};
use polars_arrow::array::{Array, BinaryViewArray, BooleanArray, PrimitiveArray, Utf8ViewArray};

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
            for array in arrays {
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
    let (mut fits, mut nulls) = (true, false);
    let mut valid = Vec::new();
    for array in arrays {
        let (head, rest) = out.split_at_mut(array.len());
        each_integer!(dtype, array, a => {
            walk!(a, head, |v| i64::try_from(v).unwrap_or_else(|_| { fits = false; 0 }), 0);
            match a.validity() {
                Some(bits) => { nulls = true; valid.extend(bits.iter()) }
                None => valid.resize(valid.len() + a.len(), true),
            }
        });
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
        let array = typed!(array, Utf8ViewArray);
        coder.forget_views();
        let (head, rest) = out.split_at_mut(array.len());
        let views = array.views().iter();
        let mut fits = true;
        let mut put = |row: usize, view: u128| {
            let code = coder.code(view, || array.value(row), seen + row);
            code.and_then(C::narrow).unwrap_or_else(|| {
                fits = false;
                C::EMPTY
            })
        };
        match array.validity() {
            None => {
                for (row, (out, view)) in head.iter_mut().zip(views).enumerate() {
                    *out = put(row, view.as_u128());
                }
            }
            Some(valid) => {
                for (row, ((out, view), valid)) in head.iter_mut().zip(views).zip(valid.iter()).enumerate() {
                    *out = if valid { put(row, view.as_u128()) } else { C::EMPTY };
                }
            }
        }
        if !fits {
            return Ok(None);
        }
        seen += array.len();
        out = rest;
    }
    Ok(Some(coder.names))
}
