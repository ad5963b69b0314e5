//! Parquet: row groups decoded in parallel, column by column, straight into compact columns.
//!
//! polars decodes the pages. Nothing is cast to Categorical (that costs more than the decoding), and the
//! buffers of a column chunk are dropped as soon as they have been converted.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use polars::io::parquet::read::_internal::to_deserializer;
use polars::prelude::*;
use polars_parquet::read::Filter;
use rayon::prelude::*;

use super::decode::{Fill, Shape, Stretch, by_keys, fill, readable, survey};
use crate::ingest::issue::IngestError;
use crate::ingest::table::{Column as TableColumn, ColumnData, Table, TextColumn};
use crate::job::JobCx;
use crate::log::{CodeColumn, Codes};

/// First look at a columnar file.
#[derive(Clone, Debug)]
pub struct Peek {
    /// The first row groups, at least [`PEEK_ROWS`] rows where the file has them, cut to that many.
    pub table: Table,
    /// Rows of the whole file, from its footer.
    pub records: u64,
    /// Columns that cannot be read (nested types), with their type as the file names it.
    pub unreadable: Vec<(String, String)>,
}

/// Rows a first look asks for.
pub const PEEK_ROWS: usize = 1 << 16;

/// Read the footer and the first rows of a file.
///
/// # Errors
/// The file cannot be read, is no Parquet file, or its pages are damaged; or the job was cancelled.
pub fn peek(path: &Path, cx: &JobCx) -> Result<Peek, IngestError> {
    let file = Footer { limit: PEEK_ROWS, ..Footer::open(path)? };
    let mut groups = 0;
    let mut rows = 0;
    while rows < PEEK_ROWS && groups < file.metadata.row_groups.len() {
        rows += file.metadata.row_groups[groups].num_rows();
        groups += 1;
    }
    let names: Vec<&str> = file.schema.iter_names().map(PlSmallStr::as_str).collect();
    let mut table = file.read(&names, groups, cx)?;
    if table.records > PEEK_ROWS {
        table.columns.iter_mut().for_each(|column| cut(&mut column.data, PEEK_ROWS));
        table.records = PEEK_ROWS;
    }
    let unreadable = file.schema.iter_values().filter(|field| readable(&field.dtype).is_none());
    Ok(Peek {
        records: file.metadata.num_rows as u64,
        unreadable: unreadable.map(|field| (field.name.to_string(), format!("{:?}", field.dtype))).collect(),
        table,
    })
}

/// Read all rows of the named columns. Names the file does not have, or cannot be read, are left out.
///
/// Progress counts stored bytes of the column chunks; the caller begins the stage (see [`stored_bytes`]).
///
/// # Errors
/// As [`peek`].
pub fn read(path: &Path, columns: &[&str], cx: &JobCx) -> Result<Table, IngestError> {
    let file = Footer::open(path)?;
    file.read(columns, file.metadata.row_groups.len(), cx)
}

/// Stored bytes of the named columns: the progress units of [`read`].
///
/// # Errors
/// The footer cannot be read.
pub fn stored_bytes(path: &Path, columns: &[&str]) -> Result<u64, IngestError> {
    let file = Footer::open(path)?;
    let groups = file.metadata.row_groups.iter();
    Ok(groups
        .flat_map(|group| columns.iter().filter_map(|name| group.columns_under_root_iter(name)).flatten())
        .map(|chunk| chunk.byte_range().end - chunk.byte_range().start)
        .sum())
}

struct Footer<'a> {
    path: &'a Path,
    metadata: FileMetadataRef,
    schema: Arc<ArrowSchema>,
    /// Rows decoded of each row group; those after them are skipped.
    limit: usize,
}

/// A column while it is being read.
struct Work {
    field: ArrowField,
    shape: Shape,
    floats: Vec<f64>,
    integers: Vec<i64>,
    bytes: Vec<u8>,
    codes: Vec<u32>,
    /// What each row group left beside its stretch.
    fills: Vec<Fill>,
}

impl<'a> Footer<'a> {
    fn open(path: &'a Path) -> Result<Self, IngestError> {
        let file = File::open(path).map_err(|error| damaged(path, &error))?;
        guard(path, || {
            let mut reader = ParquetReader::new(BufReader::new(file));
            let schema = reader.schema().map_err(|error| error.to_string())?;
            let metadata = reader.get_metadata().map_err(|error| error.to_string())?.clone();
            Ok(Self { path, metadata, schema, limit: usize::MAX })
        })
    }

    fn read(&self, columns: &[&str], groups: usize, cx: &JobCx) -> Result<Table, IngestError> {
        let starts: Vec<usize> = (0..groups)
            .scan(0, |rows, group| {
                let start = *rows;
                *rows += self.rows_of(group);
                Some(start)
            })
            .collect();
        let rows = (0..groups).map(|group| self.rows_of(group)).sum();
        let fields: Vec<ArrowField> = columns
            .iter()
            .filter_map(|name| {
                let field = self.schema.get(name)?;
                Some(ArrowField { dtype: readable(&field.dtype)?, ..field.clone() })
            })
            .collect();

        let begin = |field: ArrowField| self.begin(field, rows, groups, cx);
        let mut works: Vec<Work> = fields.into_par_iter().with_max_len(1).map(begin).collect::<Result<_, _>>()?;
        let mut open: Vec<usize> = (0..works.len()).collect();
        let mut done = groups.min(1);
        while !open.is_empty() {
            self.fill_all(&mut works, &open, &starts, done, cx)?;
            done = 0;
            // A later row group may hold what the first did not suggest: decode such columns again, wider.
            open.retain(|&column| works[column].fills.iter().any(|fill| matches!(fill, Fill::Misfit)));
            for &column in &open {
                let work = &mut works[column];
                *work = Work::new(work.field.clone(), work.shape.wider(), rows);
            }
        }
        let columns = works.into_par_iter().map(|work| work.finish(&starts, rows)).collect();
        Ok(Table { columns, records: rows, ..Table::default() })
    }

    /// A column with its first row group, which chooses the shape. Its arrays are dropped before the next are made.
    fn begin(&self, field: ArrowField, rows: usize, groups: usize, cx: &JobCx) -> Result<Work, IngestError> {
        cx.check()?;
        let arrays = if groups == 0 { Vec::new() } else { self.decode(&field, 0)? };
        guard(self.path, || {
            let mut work = Work::new(field.clone(), survey(&field.dtype, &arrays)?, rows);
            while groups > 0 && work.fills.is_empty() {
                let (field, shape, mut stretches) = work.parts();
                match fill(&field.dtype, shape, &arrays, stretches.next(self.rows_of(0)))? {
                    Fill::Misfit => work = Work::new(field.clone(), shape.wider(), rows),
                    filled => work.fills.push(filled),
                }
            }
            Ok(work)
        })
        .inspect(|work| {
            if groups > 0 {
                cx.advance(self.chunk_bytes(&work.field, 0));
            }
        })
    }

    /// Row groups `from..` of the columns `open`, in parallel, row group by row group.
    fn fill_all(
        &self,
        works: &mut [Work],
        open: &[usize],
        starts: &[usize],
        from: usize,
        cx: &JobCx,
    ) -> Result<(), IngestError> {
        let lengths: Vec<usize> = (0..starts.len()).map(|group| self.rows_of(group)).collect();
        let mut tasks = Vec::with_capacity(open.len() * lengths.len());
        for (column, work) in works.iter_mut().enumerate().filter(|(column, _)| open.contains(column)) {
            let (field, shape, mut stretches) = work.parts();
            for (group, &length) in lengths.iter().enumerate() {
                let stretch = stretches.next(length);
                if group >= from {
                    tasks.push((group, column, field, shape, stretch));
                }
            }
        }
        tasks.sort_by_key(|task| (task.0, task.1));
        let fills: Vec<(usize, Fill)> = tasks
            .into_par_iter()
            // One task at a time: each is a whole column chunk.
            .with_max_len(1)
            .map(|(group, column, field, shape, stretch)| {
                cx.check()?;
                let arrays = self.decode(field, group)?;
                let filled = guard(self.path, || fill(&field.dtype, shape, &arrays, stretch))?;
                cx.advance(self.chunk_bytes(field, group));
                Ok((column, filled))
            })
            .collect::<Result<_, IngestError>>()?;
        for (column, fill) in fills {
            works[column].fills.push(fill);
        }
        Ok(())
    }

    fn chunk_bytes(&self, field: &ArrowField, group: usize) -> u64 {
        let chunks = self.metadata.row_groups[group].columns_under_root_iter(&field.name);
        chunks.into_iter().flatten().map(|chunk| chunk.byte_range().end - chunk.byte_range().start).sum()
    }

    /// Rows that are decoded of a row group.
    fn rows_of(&self, group: usize) -> usize {
        self.metadata.row_groups[group].num_rows().min(self.limit)
    }

    /// Arrays of one column chunk, of exactly the row group's length (or the limit) in all.
    fn decode(&self, field: &ArrowField, group: usize) -> Result<Vec<ArrayRef>, IngestError> {
        let rows = self.metadata.row_groups[group].num_rows();
        let wanted = self.rows_of(group);
        if wanted < rows {
            // Twice the rows' share and a page hold them in most files; where they do not, the whole chunk does.
            let share = |length: u64| length * 2 * wanted as u64 / rows as u64 + (1 << 20);
            if let Ok(arrays) = self.decode_stored(field, group, share) {
                return Ok(arrays);
            }
        }
        self.decode_stored(field, group, |length| length)
    }

    /// Arrays of the first bytes of a column chunk, as many as `share` says of its length.
    fn decode_stored(
        &self,
        field: &ArrowField,
        group: usize,
        share: impl Fn(u64) -> u64,
    ) -> Result<Vec<ArrayRef>, IngestError> {
        let wanted = self.rows_of(group);
        let group = &self.metadata.row_groups[group];
        let chunks = group.columns_under_root_iter(&field.name).into_iter().flatten();
        let mut parts = Vec::with_capacity(1);
        let mut keyed = true;
        for chunk in chunks {
            // Text itself takes four bytes more than its length.
            let short = chunk.uncompressed_size() <= 3 * chunk.num_values();
            keyed = keyed && short && chunk.dictionary_page_offset().is_some();
            let range = chunk.byte_range();
            let length = range.end - range.start;
            let stored = read_range(self.path, range.start, share(length).min(length))?;
            parts.push((chunk, stored.into()));
        }
        let filter = (wanted < group.num_rows()).then(|| Filter::new_limited(wanted));
        guard(self.path, || {
            let text = |error: PolarsError| error.to_string();
            if let Some(by_keys) = by_keys(field).filter(|_| keyed)
                && let Ok((arrays, _)) = to_deserializer(parts.clone(), by_keys, filter.clone())
                && arrays.iter().map(|array| array.len()).sum::<usize>() == wanted
            {
                return Ok(arrays);
            }
            let (arrays, _) = to_deserializer(parts, field.clone(), filter).map_err(text)?;
            let arrays = match &field.dtype {
                // The one type that polars turns into another array only as a series.
                ArrowDataType::FixedSizeBinary(_) => Series::try_from((field, arrays)).map_err(text)?.chunks().clone(),
                _ => arrays,
            };
            let rows: usize = arrays.iter().map(|array| array.len()).sum();
            if rows == wanted { Ok(arrays) } else { Err(format!("column {} has {rows} of {wanted} rows", field.name)) }
        })
    }
}

impl Work {
    /// Zeroed memory comes lazily from the system, so the tasks touch it first, in parallel.
    fn new(field: ArrowField, shape: Shape, rows: usize) -> Self {
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

    fn parts(&mut self) -> (&ArrowField, &Shape, Stretches<'_>) {
        let stretches = match self.shape {
            Shape::Float => Stretch::Float(&mut self.floats),
            Shape::Time { .. } | Shape::Integer => Stretch::Integer(&mut self.integers),
            Shape::Byte | Shape::Code8(_) => Stretch::Byte(&mut self.bytes),
            Shape::Code32(_) => Stretch::Code32(&mut self.codes),
            Shape::Text => Stretch::Text,
        };
        (&self.field, &self.shape, Stretches(stretches))
    }

    fn finish(mut self, starts: &[usize], rows: usize) -> TableColumn {
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
struct Stretches<'a>(Stretch<'a>);

impl<'a> Stretches<'a> {
    /// The next `length` rows.
    fn next(&mut self, length: usize) -> Stretch<'a> {
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

fn join_text(fills: Vec<Fill>) -> TextColumn {
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
fn split<'a, T>(rest: &mut &'a mut [T], length: usize) -> &'a mut [T] {
    let (head, tail) = std::mem::take(rest).split_at_mut(length);
    *rest = tail;
    head
}

fn stretches<'a, T>(mut values: &'a mut [T], starts: &[usize]) -> Vec<&'a mut [T]> {
    let ends = starts.iter().skip(1).copied().chain([values.len()]);
    let lengths: Vec<usize> = ends.zip(starts).map(|(end, start)| end - start).collect();
    lengths.into_iter().map(|length| split(&mut values, length)).collect()
}

fn cut(data: &mut ColumnData, rows: usize) {
    match data {
        ColumnData::Text(text) => {
            text.ends.truncate(rows);
            text.absent.truncate(rows);
            text.bytes.truncate(text.ends.last().map_or(0, |&end| end as usize));
        }
        ColumnData::Coded(codes) => match &mut codes.codes {
            CodeColumn::U8(codes) => codes.truncate(rows),
            CodeColumn::U16(codes) => codes.truncate(rows),
            CodeColumn::U32(codes) => codes.truncate(rows),
        },
        ColumnData::Integer { values, valid } => {
            values.truncate(rows);
            valid.iter_mut().for_each(|valid| valid.truncate(rows));
        }
        ColumnData::Byte(values) => values.truncate(rows),
        ColumnData::Float(values) => values.truncate(rows),
        ColumnData::Time { values, .. } => values.truncate(rows),
    }
}

fn read_range(path: &Path, start: u64, length: u64) -> Result<Vec<u8>, IngestError> {
    let mut file = File::open(path).map_err(|error| damaged(path, &error))?;
    file.seek(SeekFrom::Start(start)).map_err(|error| damaged(path, &error))?;
    let mut bytes = Vec::with_capacity(length as usize);
    let got = file.take(length).read_to_end(&mut bytes).map_err(|error| damaged(path, &error))?;
    if got as u64 == length { Ok(bytes) } else { Err(damaged(path, &"the file ends inside a column")) }
}

/// Run a step of the decoder; a damaged file may make it panic, which must not end the program.
fn guard<T>(path: &Path, step: impl FnOnce() -> Result<T, String>) -> Result<T, IngestError> {
    match catch_unwind(AssertUnwindSafe(step)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(message)) => Err(damaged(path, &message)),
        Err(_) => Err(damaged(path, &"its contents are damaged")),
    }
}

fn damaged(path: &Path, why: &dyn std::fmt::Display) -> IngestError {
    IngestError::Unreadable {
        message: format!("The Parquet file cannot be read ({why})"),
        path: path.display().to_string(),
    }
}

#[cfg(test)]
#[path = "parquet_tests.rs"]
mod tests;
