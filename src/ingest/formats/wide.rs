//! Long lists of numbers of a columnar file: embeddings.

use polars::prelude::{ArrayRef, ArrowDataType};
use polars_arrow::array::{Array, FixedSizeListArray, ListArray, PrimitiveArray};

use crate::ingest::vectors::Ragged;

/// Whether a type is a list of floating-point numbers.
pub(super) fn readable(dtype: &ArrowDataType) -> bool {
    use ArrowDataType as A;
    match dtype {
        A::List(inner) | A::LargeList(inner) | A::FixedSizeList(inner, _) => {
            matches!(inner.dtype, A::Float32 | A::Float64)
        }
        _ => false,
    }
}

/// Lists as vectors of singles; a null list is empty, a null item NaN.
pub(super) fn vectors(arrays: &[ArrayRef], out: &mut Ragged) -> Result<(), String> {
    for array in arrays {
        let any = array.as_any();
        if let Some(list) = any.downcast_ref::<ListArray<i64>>() {
            let ends = list.offsets();
            rows(array.as_ref(), list.values().as_ref(), |row| ends[row] as usize..ends[row + 1] as usize, out)?;
        } else if let Some(list) = any.downcast_ref::<ListArray<i32>>() {
            let ends = list.offsets();
            rows(array.as_ref(), list.values().as_ref(), |row| ends[row] as usize..ends[row + 1] as usize, out)?;
        } else if let Some(list) = any.downcast_ref::<FixedSizeListArray>() {
            let width = list.size();
            rows(array.as_ref(), list.values().as_ref(), |row| row * width..(row + 1) * width, out)?;
        } else {
            return Err(format!("decoded as {:?}", array.dtype()));
        }
    }
    Ok(())
}

fn rows(
    lists: &dyn Array,
    values: &dyn Array,
    range: impl Fn(usize) -> std::ops::Range<usize>,
    out: &mut Ragged,
) -> Result<(), String> {
    let single = values.as_any().downcast_ref::<PrimitiveArray<f32>>();
    let double = values.as_any().downcast_ref::<PrimitiveArray<f64>>();
    for row in 0..lists.len() {
        if !lists.is_null(row) {
            let range = range(row);
            match (single, double) {
                (Some(array), _) => out.values.extend_from_slice(&array.values()[range.clone()]),
                (_, Some(array)) => out.values.extend(array.values()[range.clone()].iter().map(|value| *value as f32)),
                _ => return Err(format!("decoded as {:?}", values.dtype())),
            }
            let start = out.values.len() - range.len();
            range.enumerate().filter(|(_, at)| values.is_null(*at)).for_each(|(place, _)| {
                out.values[start + place] = f32::NAN;
            });
        }
        out.end();
    }
    Ok(())
}
