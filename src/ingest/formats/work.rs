//! Columns of a Parquet file while its row groups are being read, and their parts put together.

use polars::prelude::ArrowField;

use super::decode::{Fill, Shape, Stretch};
use crate::ingest::table::{Column as TableColumn, ColumnData, TextColumn};
use crate::log::{CodeColumn, Codes};

/// A column while it is being read.
pub(super) struct Work {
    pub(super) field: ArrowField,
    pub(super) shape: Shape,
    floats: Vec<f64>,
    integers: Vec<i64>,
    bytes: Vec<u8>,
    codes: Vec<u32>,
    /// What each row group left beside its stretch.
    pub(super) fills: Vec<Fill>,
}

impl Work {
    /// Zeroed memory comes lazily from the system, so the tasks touch it first, in parallel.
    pub(super) fn new(field: ArrowField, shape: Shape, rows: usize) -> Self {
        let of = |wanted: bool| if wanted { rows } else { 0 };
        Self {
            floats: vec![0.0; of(matches!(shape, Shape::Float))],
            integers: vec![0; of(matches!(shape, Shape::Time { .. } | Shape::Integer))],
            bytes: vec![0; of(matches!(shape, Shape::Byte | Shape::Code8(_)))],
            codes: vec![0; of(matches!(shape, Shape::Code32(_)))],
            field,
            shape,
            fills: Vec::new(),
        }
    }

    pub(super) fn parts(&mut self) -> (&ArrowField, &Shape, Stretches<'_>) {
        let stretches = match self.shape {
            Shape::Float => Stretch::Float(&mut self.floats),
            Shape::Time { .. } | Shape::Integer => Stretch::Integer(&mut self.integers),
            Shape::Byte | Shape::Code8(_) => Stretch::Byte(&mut self.bytes),
            Shape::Code32(_) => Stretch::Code32(&mut self.codes),
            Shape::Text => Stretch::Text,
        };
        (&self.field, &self.shape, Stretches(stretches))
    }

    pub(super) fn finish(mut self, starts: &[usize], rows: usize) -> TableColumn {
        let fills = std::mem::take(&mut self.fills);
        let data = match self.shape {
            Shape::Float => ColumnData::Float(self.floats),
            Shape::Time { zoned } => ColumnData::Time { values: self.integers, zoned },
            Shape::Byte => ColumnData::Byte(self.bytes),
            Shape::Integer => {
                let mut valid = None;
                for (fill, &start) in fills.into_iter().zip(starts) {
                    if let Fill::Valid(part) = fill {
                        let valid = valid.get_or_insert_with(|| vec![true; rows]);
                        valid[start..start + part.len()].copy_from_slice(&part);
                    }
                }
                ColumnData::Integer { values: self.integers, valid }
            }
            Shape::Code8(known) => {
                let (names, maps) = merge_names(known, fills);
                if names.len() < usize::from(u8::MAX) {
                    for (map, stretch) in maps.into_iter().zip(stretches(&mut self.bytes, starts)) {
                        translate(map, stretch, |code| u8::try_from(code).unwrap_or(u8::MAX));
                    }
                    ColumnData::Coded(Codes { names, codes: CodeColumn::U8(self.bytes) })
                } else {
                    // Each row group has few names, all together do not.
                    let mut codes: Vec<u32> = self
                        .bytes
                        .iter()
                        .map(|&code| if code == u8::MAX { u32::MAX } else { u32::from(code) })
                        .collect();
                    for (map, stretch) in maps.into_iter().zip(stretches(&mut codes, starts)) {
                        translate(map, stretch, |code| code);
                    }
                    ColumnData::Coded(Codes::new(names, &codes))
                }
            }
            Shape::Code32(known) => {
                let (names, maps) = merge_names(known, fills);
                for (map, stretch) in maps.into_iter().zip(stretches(&mut self.codes, starts)) {
                    translate(map, stretch, |code| code);
                }
                ColumnData::Coded(Codes::new(names, &self.codes))
            }
            Shape::Text => ColumnData::Text(join_text(fills)),
        };
        TableColumn { name: self.field.name.to_string(), data }
    }
}

/// What is left of a column to be filled.
pub(super) struct Stretches<'a>(Stretch<'a>);

impl<'a> Stretches<'a> {
    /// The next `length` rows.
    pub(super) fn next(&mut self, length: usize) -> Stretch<'a> {
        match &mut self.0 {
            Stretch::Float(rest) => Stretch::Float(split(rest, length)),
            Stretch::Integer(rest) => Stretch::Integer(split(rest, length)),
            Stretch::Byte(rest) => Stretch::Byte(split(rest, length)),
            Stretch::Code32(rest) => Stretch::Code32(split(rest, length)),
            Stretch::Text => Stretch::Text,
        }
    }
}

/// Names over all row groups in order of row groups, and per row group the new code of each of its codes
/// (`None` where nothing changes). The order does not depend on which thread was faster.
fn merge_names(known: Vec<String>, fills: Vec<Fill>) -> (Vec<String>, Vec<Option<Vec<u32>>>) {
    let mut codes: std::collections::HashMap<String, u32> =
        (0u32..).zip(&known).map(|(code, name)| (name.clone(), code)).collect();
    let mut names = known;
    let maps = fills
        .into_iter()
        .map(|fill| {
            let Fill::Names(local) = fill else {
                return None;
            };
            let map: Vec<u32> = local
                .into_iter()
                .map(|name| {
                    *codes.entry(name).or_insert_with_key(|name| {
                        names.push(name.clone());
                        names.len() as u32 - 1
                    })
                })
                .collect();
            (0u32..).zip(&map).any(|(old, &new)| old != new).then_some(map)
        })
        .collect();
    (names, maps)
}

fn translate<C: Copy + Into<u32>>(map: Option<Vec<u32>>, stretch: &mut [C], narrow: impl Fn(u32) -> C) {
    if let Some(map) = map {
        for code in stretch {
            // The empty cell's code is past the map and stays.
            if let Some(&new) = map.get((*code).into() as usize) {
                *code = narrow(new);
            }
        }
    }
}

pub(super) fn join_text(fills: Vec<Fill>) -> TextColumn {
    let mut parts = fills.into_iter().filter_map(|fill| if let Fill::Text(part) = fill { Some(part) } else { None });
    let mut whole = parts.next().unwrap_or_default();
    for part in parts {
        let start = whole.bytes.len() as u64;
        whole.bytes.extend_from_slice(&part.bytes);
        whole.ends.extend(part.ends.iter().map(|end| start + end));
        whole.absent.extend_from_slice(&part.absent);
    }
    whole
}

/// Cut the next `length` entries off the front of `rest`.
pub(super) fn split<'a, T>(rest: &mut &'a mut [T], length: usize) -> &'a mut [T] {
    let (head, tail) = std::mem::take(rest).split_at_mut(length);
    *rest = tail;
    head
}

fn stretches<'a, T>(mut values: &'a mut [T], starts: &[usize]) -> Vec<&'a mut [T]> {
    let ends = starts.iter().skip(1).copied().chain([values.len()]);
    let lengths: Vec<usize> = ends.zip(starts).map(|(end, start)| end - start).collect();
    lengths.into_iter().map(|length| split(&mut values, length)).collect()
}
