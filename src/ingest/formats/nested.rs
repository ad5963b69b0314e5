//! Nested columns of Parquet (lists, structures, maps), as the columns that JSON records of the same content have:
//! `output.score` for a member of a structure or a map, JSON text for a list.

use std::fmt::Write as _;

use polars::prelude::{ArrayRef, ArrowDataType, ArrowField, ArrowTimeUnit};
use polars_arrow::array::{
    Array, BinaryViewArray, BooleanArray, FixedSizeListArray, ListArray, MapArray, PrimitiveArray, StructArray,
    Utf8ViewArray,
};

use super::decode::{self, hex};
use super::json_lines;
use super::json_tree::quote;
use crate::ingest::table::{Column, TextColumn};
use crate::ingest::typing::{Clock, number_text};
use crate::job::{Cancelled, JobCx};

/// Values of a row at most, on average: longer lists are embeddings, which no comparison reads.
pub(super) const WIDEST: usize = 128;

/// The type to ask the decoder for, or `None` where it holds something that has no text.
pub(super) fn readable(dtype: &ArrowDataType) -> Option<ArrowDataType> {
    use ArrowDataType as A;
    Some(match dtype {
        A::List(inner) => A::List(Box::new(child(inner)?)),
        A::LargeList(inner) => A::LargeList(Box::new(child(inner)?)),
        A::FixedSizeList(inner, width) => A::FixedSizeList(Box::new(child(inner)?), *width),
        A::Map(inner, sorted) => A::Map(Box::new(child(inner)?), *sorted),
        A::Struct(fields) if !fields.is_empty() => A::Struct(fields.iter().map(child).collect::<Option<_>>()?),
        _ => return None,
    })
}

fn child(field: &ArrowField) -> Option<ArrowField> {
    let dtype = match &field.dtype {
        ArrowDataType::FixedSizeBinary(_) => return None,
        dtype => decode::readable(dtype).or_else(|| readable(dtype))?,
    };
    Some(ArrowField { dtype, ..field.clone() })
}

/// JSON text of each row, absent where the row is null.
pub(super) fn json(arrays: &[ArrayRef]) -> Result<TextColumn, String> {
    let mut out = TextColumn::default();
    let mut text = Vec::new();
    for array in arrays {
        for row in 0..array.len() {
            text.clear();
            if array.is_null(row) {
                out.push(None);
            } else {
                write(array.as_ref(), row, &mut text)?;
                out.push(Some(&text));
            }
        }
    }
    Ok(out)
}

/// Columns of JSON texts as the reader of JSON lines finds them.
///
/// # Errors
/// Cancelled. The inner error says that the texts are not one record a row.
pub(super) fn flatten(
    columns: &[(String, TextColumn)],
    rows: usize,
    cx: &JobCx,
) -> Result<Result<Vec<Column>, String>, Cancelled> {
    let mut lines = Vec::new();
    for row in 0..rows {
        lines.push(b'{');
        for (place, (name, cells)) in columns.iter().enumerate() {
            lines.extend_from_slice(if place == 0 { b"" } else { b"," });
            quote(name.as_bytes(), &mut lines);
            lines.push(b':');
            lines.extend_from_slice(cells.get(row).unwrap_or(b"null"));
        }
        lines.extend_from_slice(b"}\n");
    }
    let records = json_lines::read_lines(&lines, false, cx)?;
    let complaint = || records.rejects.first().map_or_else(String::new, |reject| reject.reason.clone());
    Ok(if records.table.records == rows { Ok(records.table.columns) } else { Err(complaint()) })
}

macro_rules! typed {
    ($array:expr, $ty:ty) => {
        $array.as_any().downcast_ref::<$ty>().ok_or_else(|| format!("decoded as {:?}", $array.dtype()))?
    };
}

fn write(array: &dyn Array, at: usize, out: &mut Vec<u8>) -> Result<(), String> {
    use ArrowDataType as A;
    if array.is_null(at) {
        out.extend_from_slice(b"null");
        return Ok(());
    }
    macro_rules! plain {
        ($ty:ty) => {{
            let value = typed!(array, PrimitiveArray<$ty>).value(at);
            out.extend_from_slice(value.to_string().as_bytes());
        }};
    }
    match array.dtype() {
        A::Boolean => out.extend_from_slice(if typed!(array, BooleanArray).value(at) { b"true" } else { b"false" }),
        A::Int8 => plain!(i8),
        A::Int16 => plain!(i16),
        A::Int32 => plain!(i32),
        A::Int64 => plain!(i64),
        A::UInt8 => plain!(u8),
        A::UInt16 => plain!(u16),
        A::UInt32 => plain!(u32),
        A::UInt64 => plain!(u64),
        A::Float32 => {
            let value = typed!(array, PrimitiveArray<f32>).value(at);
            // The shortest spelling of the single, not of the double that it becomes.
            let text = if value.is_finite() { value.to_string() } else { special(f64::from(value)).to_owned() };
            out.extend_from_slice(text.as_bytes());
        }
        A::Float64 => {
            let value = typed!(array, PrimitiveArray<f64>).value(at);
            let text = if value.is_finite() { number_text(value) } else { special(value).to_owned() };
            out.extend_from_slice(text.as_bytes());
        }
        A::Decimal(_, scale) => {
            let value = typed!(array, PrimitiveArray<i128>).value(at);
            out.extend_from_slice(decimal(value, *scale).as_bytes());
        }
        A::Date32 => {
            let days = i64::from(typed!(array, PrimitiveArray<i32>).value(at));
            let text = Clock(days * 86_400_000_000).to_string();
            quote(text.split('T').next().unwrap_or_default().as_bytes(), out);
        }
        A::Timestamp(unit, zone) => {
            let value = typed!(array, PrimitiveArray<i64>).value(at);
            let text = Clock(micros(value, *unit)).to_string();
            quote(if zone.is_some() { &text } else { text.trim_end_matches('Z') }.as_bytes(), out);
        }
        A::Utf8View => quote(typed!(array, Utf8ViewArray).value(at).as_bytes(), out),
        A::BinaryView => {
            let bytes = typed!(array, BinaryViewArray).value(at);
            match std::str::from_utf8(bytes) {
                Ok(text) => quote(text.as_bytes(), out),
                Err(_) => quote(hex(bytes).as_bytes(), out),
            }
        }
        A::List(_) => {
            let list = typed!(array, ListArray<i32>);
            let offsets = list.offsets();
            items(list.values().as_ref(), offsets[at] as usize..offsets[at + 1] as usize, out)?;
        }
        A::LargeList(_) => {
            let list = typed!(array, ListArray<i64>);
            let offsets = list.offsets();
            items(list.values().as_ref(), offsets[at] as usize..offsets[at + 1] as usize, out)?;
        }
        A::FixedSizeList(_, width) => {
            items(typed!(array, FixedSizeListArray).values().as_ref(), at * width..(at + 1) * width, out)?;
        }
        A::Map(..) => {
            let map = typed!(array, MapArray);
            let offsets = map.offsets();
            items(map.field().as_ref(), offsets[at] as usize..offsets[at + 1] as usize, out)?;
        }
        A::Struct(fields) => {
            let values = typed!(array, StructArray).values();
            members(fields.iter().zip(values).map(|(field, value)| (field.name.as_bytes(), value.as_ref(), at)), out)?;
        }
        other => return Err(format!("{other:?} has no text")),
    }
    Ok(())
}

fn members<'a>(
    members: impl Iterator<Item = (&'a [u8], &'a dyn Array, usize)>,
    out: &mut Vec<u8>,
) -> Result<(), String> {
    out.push(b'{');
    for (place, (name, value, at)) in members.enumerate() {
        out.extend_from_slice(if place == 0 { b"" } else { b"," });
        quote(name, out);
        out.push(b':');
        write(value, at, out)?;
    }
    out.push(b'}');
    Ok(())
}

/// A list, or an object where its items are entries of a map with text keys.
fn items(values: &dyn Array, range: std::ops::Range<usize>, out: &mut Vec<u8>) -> Result<(), String> {
    if let Some((keys, values)) = entries(values) {
        return members(range.map(|at| (keys.value(at).as_bytes(), values, at)), out);
    }
    out.push(b'[');
    for at in range.clone() {
        out.extend_from_slice(if at == range.start { b"" } else { b"," });
        write(values, at, out)?;
    }
    out.push(b']');
    Ok(())
}

/// Keys and values of a map, which Parquet stores as a list of pairs.
fn entries(array: &dyn Array) -> Option<(&Utf8ViewArray, &dyn Array)> {
    let pairs = array.as_any().downcast_ref::<StructArray>()?;
    let [keys, values] = pairs.values() else {
        return None;
    };
    let names: Vec<&str> = pairs.fields().iter().map(|field| field.name.as_str()).collect();
    let keys = keys.as_any().downcast_ref::<Utf8ViewArray>()?;
    (names == ["key", "value"] && keys.null_count() == 0).then_some((keys, values.as_ref()))
}

/// As the reader of JSON takes numbers that are none.
fn special(value: f64) -> &'static str {
    match value {
        value if value.is_nan() => "NaN",
        value if value > 0.0 => "Infinity",
        _ => "-Infinity",
    }
}

fn decimal(value: i128, scale: usize) -> String {
    let digits = format!("{:0>1$}", value.unsigned_abs(), scale + 1);
    let (whole, part) = digits.split_at(digits.len() - scale);
    let mut text = String::from(if value < 0 { "-" } else { "" });
    // Writing into a string cannot fail.
    let _ = if scale == 0 { write!(text, "{whole}") } else { write!(text, "{whole}.{part}") };
    text
}

fn micros(value: i64, unit: ArrowTimeUnit) -> i64 {
    match unit {
        ArrowTimeUnit::Second => value.saturating_mul(1_000_000),
        ArrowTimeUnit::Millisecond => value.saturating_mul(1_000),
        ArrowTimeUnit::Microsecond => value,
        ArrowTimeUnit::Nanosecond => value.div_euclid(1_000),
    }
}

#[cfg(test)]
mod tests {
    use super::decimal;

    #[test]
    fn decimals() {
        assert_eq!([decimal(-5, 2), decimal(1234, 2), decimal(7, 0)], ["-0.05", "12.34", "7"]);
    }
}
