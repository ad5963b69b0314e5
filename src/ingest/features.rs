//! Columns to slice by: typed, put end to end over the sources, gathered by rows.

use std::borrow::Cow;

use rayon::prelude::*;

use super::table::ColumnData;
use super::typing;
use crate::log::{CodeColumn, Codes, FeatureValues, NO_TIME, NOT_LOGGED};

/// Distinct whole numbers up to which a column is one of categories.
const FEW: usize = 20;

/// Rows a parallel task gathers.
const BLOCK: usize = 1 << 16;

/// A column as codes or numbers. `coded` asks for codes whatever the values (a unit).
pub(super) fn values(data: Cow<'_, ColumnData>, coded: bool) -> FeatureValues {
    match data {
        Cow::Owned(ColumnData::Coded(codes)) => return FeatureValues::Coded(codes),
        Cow::Owned(ColumnData::Float(values)) if !coded => return FeatureValues::Numeric(values),
        _ => {}
    }
    let data = data.as_ref();
    if coded || few_whole(data) {
        return FeatureValues::Coded(typing::codes(data));
    }
    match data {
        ColumnData::Coded(_) => FeatureValues::Coded(typing::codes(data)),
        ColumnData::Text(text) => {
            let typed = typing::numbers(data);
            // Shares that were written to be read are steps, such as `12%`, and are named as they stand.
            let percent = memchr::memchr(b'%', &text.bytes).is_some();
            let numbers = typed.failed == 0 && !percent && typed.values.len() as u64 > typed.empty;
            if numbers && !few_whole_numbers(&typed.values) {
                FeatureValues::Numeric(typed.values)
            } else {
                FeatureValues::Coded(typing::codes(data))
            }
        }
        ColumnData::Time { values, .. } => {
            let number = |&micros: &i64| {
                if micros == NO_TIME { NOT_LOGGED } else { micros as f64 }
            };
            FeatureValues::Numeric(values.iter().map(number).collect())
        }
        _ => FeatureValues::Numeric(typing::numbers(data).values),
    }
}

fn few_whole(data: &ColumnData) -> bool {
    match data {
        ColumnData::Byte(values) => {
            let mut seen = [false; 256];
            values.iter().for_each(|&value| seen[usize::from(value)] = true);
            seen[..255].iter().filter(|seen| **seen).count() <= FEW
        }
        ColumnData::Integer { values, valid } => {
            let present = values.iter().enumerate().filter(|(row, _)| valid.as_ref().is_none_or(|valid| valid[*row]));
            few_distinct(present.map(|(_, &value)| value))
        }
        _ => false,
    }
}

fn few_whole_numbers(values: &[f64]) -> bool {
    let whole = values.iter().filter(|value| !value.is_nan());
    whole.clone().all(|value| value.fract() == 0.0 && value.abs() < 9e15)
        && few_distinct(whole.map(|&value| value as i64))
}

fn few_distinct(values: impl Iterator<Item = i64>) -> bool {
    let mut seen: Vec<i64> = Vec::with_capacity(FEW + 1);
    for value in values {
        if !seen.contains(&value) {
            seen.push(value);
            if seen.len() > FEW {
                return false;
            }
        }
    }
    true
}

/// Sources end to end; where they disagree on the kind, all become text.
pub(super) fn stack(mut parts: Vec<(usize, Option<FeatureValues>)>) -> Option<FeatureValues> {
    if parts.len() == 1 {
        return parts.pop().and_then(|part| part.1);
    }
    if parts.iter().all(|part| part.1.is_none()) {
        return None;
    }
    if parts.iter().all(|part| !matches!(part.1, Some(FeatureValues::Coded(_)))) {
        let numbers = parts.into_iter().map(|(rows, part)| match part {
            Some(FeatureValues::Numeric(values)) => (rows, Some(values)),
            _ => (rows, None),
        });
        return super::lines::stack(numbers.collect(), NOT_LOGGED).map(FeatureValues::Numeric);
    }
    let mut names: Vec<String> = Vec::new();
    let mut known = std::collections::HashMap::new();
    let mut all = Vec::with_capacity(parts.iter().map(|part| part.0).sum());
    for (rows, part) in parts {
        let codes = match part {
            None => {
                all.resize(all.len() + rows, u32::MAX);
                continue;
            }
            Some(FeatureValues::Coded(codes)) => codes,
            Some(FeatureValues::Numeric(values)) => typing::codes(&ColumnData::Float(values)),
        };
        let map: Vec<u32> = codes
            .names
            .iter()
            .map(|name| {
                *known.entry(name.clone()).or_insert_with(|| {
                    names.push(name.clone());
                    names.len() as u32 - 1
                })
            })
            .collect();
        all.extend((0..rows).map(|row| codes.code(row).map_or(u32::MAX, |code| map[code as usize])));
    }
    Some(FeatureValues::Coded(Codes::new(names, &all)))
}

/// The values of `rows`, in that order.
pub(super) fn gather_feature(values: FeatureValues, rows: &[u32]) -> FeatureValues {
    match values {
        FeatureValues::Numeric(values) => FeatureValues::Numeric(gather(values, rows)),
        FeatureValues::Coded(codes) => FeatureValues::Coded(gather_codes(codes, rows)),
    }
}

/// The codes of `rows`, in that order.
pub(super) fn gather_codes(codes: Codes, rows: &[u32]) -> Codes {
    let column = match codes.codes {
        CodeColumn::U8(values) => CodeColumn::U8(gather(values, rows)),
        CodeColumn::U16(values) => CodeColumn::U16(gather(values, rows)),
        CodeColumn::U32(values) => CodeColumn::U32(gather(values, rows)),
    };
    Codes { names: codes.names, codes: column }
}

/// The values of `rows`, in that order; the source is dropped, and not copied when the rows are all of it.
pub(super) fn gather<T: Copy + Default + Send + Sync>(values: Vec<T>, rows: &[u32]) -> Vec<T> {
    let all = rows.len() == values.len() && rows.par_iter().enumerate().all(|(at, &row)| at == row as usize);
    if all { values } else { gathered(&values, rows) }
}

/// As [`gather`], leaving the source.
pub(super) fn gathered<T: Copy + Default + Send + Sync>(values: &[T], rows: &[u32]) -> Vec<T> {
    let mut out = vec![T::default(); rows.len()];
    out.par_chunks_mut(BLOCK).zip(rows.par_chunks(BLOCK)).for_each(|(out, rows)| {
        for (out, &row) in out.iter_mut().zip(rows) {
            *out = values[row as usize];
        }
    });
    out
}
