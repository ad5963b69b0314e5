//! Parquet: row groups decoded in parallel, column by column, straight into compact columns.
//!
//! polars decodes the pages. Nothing is cast to Categorical (that costs more than the decoding), and the
//! buffers of a column chunk are dropped as soon as they have been converted.

mod part;

use std::fs::File;
use std::io::{BufReader, Cursor, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use polars::io::parquet::read::_internal::to_deserializer;
use polars::prelude::*;
use polars_parquet::read::PageReader;
use polars_parquet::write::CompressedPage;
use rayon::prelude::*;

use self::part::Part;
use super::decode::{Fill, by_keys, fill, readable, survey};
use super::work::{Work, join_text};
use super::{nested, wide};
use crate::ingest::issue::IngestError;
use crate::ingest::shapes;
use crate::ingest::table::{Column, ColumnData, Table, TextColumn};
use crate::ingest::vectors::Ragged;
use crate::job::JobCx;

/// First look at a columnar file.
#[derive(Clone, Debug)]
pub struct Peek {
    /// Some [`PEEK_ROWS`] rows where the file has them: first ones, and stretches from all over it.
    pub table: Table,
    /// Rows of the whole file, from its footer.
    pub records: u64,
    /// Columns that cannot be read, with their type as the file names it or the reason.
    pub unreadable: Vec<(String, String)>,
}

/// Rows a first look asks for, or some fewer.
pub const PEEK_ROWS: usize = 1 << 16;

/// Rows of long lists that a first look reads.
const PEEK_LISTS: usize = 64;

/// Read the footer and some rows of a file.
///
/// # Errors
/// The file cannot be read, is no Parquet file, or its pages are damaged; or the job was cancelled.
pub fn peek(path: &Path, cx: &JobCx) -> Result<Peek, IngestError> {
    let mut file = Footer::open(path)?;
    let lengths: Vec<usize> = file.parts.iter().map(Part::len).collect();
    file.parts = part::spread(&lengths, PEEK_ROWS);
    let (mut table, mut unreadable) = file.read_what_can(&file.names(), cx)?;
    file.parts = lengths.first().map(|rows| Part::new(0, 0..PEEK_LISTS.min(*rows))).into_iter().collect();
    for column in file.wide(&file.names(), cx)? {
        unreadable.retain(|(name, _)| *name != column.name);
        table.columns.push(padded(column, table.records));
    }
    Ok(Peek { records: file.metadata.num_rows as u64, unreadable, table })
}

/// Read all rows of every column; those that cannot be read are left out.
///
/// # Errors
/// As [`peek`].
pub fn read_all(path: &Path, cx: &JobCx) -> Result<Table, IngestError> {
    let file = Footer::open(path)?;
    Ok(file.read_what_can(&file.names(), cx)?.0)
}

/// Read all rows of the named columns; a name may be a part of a nested column (`output.score`) or of one of lists
/// of probabilities (`scores.0`). Names the file does not have, or cannot be read, are left out.
///
/// Progress counts stored bytes of the column chunks; the caller begins the stage (see [`stored_bytes`]).
///
/// # Errors
/// As [`peek`].
pub fn read(path: &Path, columns: &[&str], cx: &JobCx) -> Result<Table, IngestError> {
    let file = Footer::open(path)?;
    let roots = file.roots(columns);
    let mut table = file.read(&roots, cx)?;
    file.add_nested(&mut table, &roots, cx)?;
    table.columns.extend(file.wide(&roots, cx)?);
    shapes::expand(&mut table);
    table.columns.retain(|column| columns.contains(&column.name.as_str()));
    Ok(table)
}

/// JSON text of every row of those of the named columns that are nested.
///
/// # Errors
/// As [`peek`].
pub(in crate::ingest) fn read_json(
    path: &Path,
    columns: &[&str],
    cx: &JobCx,
) -> Result<Vec<(String, TextColumn)>, IngestError> {
    Footer::open(path)?.json(columns, cx)
}

/// Stored bytes of the named columns: the progress units of [`read`].
///
/// # Errors
/// The footer cannot be read.
pub fn stored_bytes(path: &Path, columns: &[&str]) -> Result<u64, IngestError> {
    let file = Footer::open(path)?;
    let groups = file.metadata.row_groups.iter();
    let columns = file.roots(columns);
    Ok(groups
        .flat_map(|group| columns.iter().filter_map(|name| group.columns_under_root_iter(name)).flatten())
        .map(|chunk| chunk.byte_range().end - chunk.byte_range().start)
        .sum())
}

/// A column of the first rows as one of `rows`.
fn padded(mut column: Column, rows: usize) -> Column {
    if let ColumnData::Vectors(vectors) = &mut column.data {
        while vectors.rows() < rows {
            vectors.end();
        }
    }
    column
}

struct Footer<'a> {
    path: &'a Path,
    metadata: FileMetadataRef,
    schema: Arc<ArrowSchema>,
    /// What is read of it.
    parts: Vec<Part>,
}

impl<'a> Footer<'a> {
    fn open(path: &'a Path) -> Result<Self, IngestError> {
        let file = File::open(path).map_err(|error| damaged(path, &error))?;
        let length = file.metadata().map_err(|error| damaged(path, &error))?.len();
        guard(path, || {
            let mut reader = ParquetReader::new(BufReader::new(file));
            let schema = reader.schema().map_err(|error| error.to_string())?;
            let metadata = reader.get_metadata().map_err(|error| error.to_string())?.clone();
            // Here, where a footer that contradicts itself is an error; what is read from it later is taken as it is.
            for group in metadata.row_groups.iter() {
                for chunk in group.parquet_columns() {
                    let (end, values, rows) = (chunk.byte_range().end, chunk.num_values(), group.num_rows());
                    if end > length {
                        return Err(format!("a column chunk ends at byte {end} of {length}"));
                    }
                    if usize::try_from(values).is_ok_and(|values| values < rows) {
                        return Err(format!("a column chunk has {values} values for {rows} rows"));
                    }
                }
            }
            let lengths: Vec<usize> = metadata.row_groups.iter().map(|group| group.num_rows()).collect();
            Ok(Self { path, metadata, schema, parts: part::whole(&lengths) })
        })
    }

    fn names(&self) -> Vec<&str> {
        self.schema.iter_names().map(PlSmallStr::as_str).collect()
    }

    /// Columns of the file that hold the wanted ones, each once.
    fn roots<'b>(&'b self, wanted: &[&str]) -> Vec<&'b str> {
        let holds = |name: &&str| {
            let is_part = |wanted: &str| wanted.strip_prefix(*name).is_some_and(|rest| rest.starts_with('.'));
            wanted.iter().any(|wanted| wanted == name || is_part(wanted) && self.schema.get(wanted).is_none())
        };
        self.names().into_iter().filter(holds).collect()
    }

    /// The columns that can be read, and the others with the reason.
    fn read_what_can(&self, names: &[&str], cx: &JobCx) -> Result<(Table, Vec<(String, String)>), IngestError> {
        let mut table = self.read(names, cx)?;
        let mut unreadable = Vec::new();
        for field in names.iter().filter_map(|name| self.schema.get(name)) {
            if readable(&field.dtype).is_some() {
                continue;
            }
            let why = match nested::readable(&field.dtype) {
                None => Err(format!("{:?}", field.dtype)),
                Some(_) if self.is_wide(&field.name) => Err("long lists".to_owned()),
                Some(_) => match self.add_nested(&mut table, &[&field.name], cx) {
                    Err(IngestError::Cancelled(cancelled)) => return Err(cancelled.into()),
                    other => other.map_err(|_| format!("{:?}", field.dtype)),
                },
            };
            if let Err(why) = why {
                unreadable.push((field.name.to_string(), why));
            }
        }
        Ok((table, unreadable))
    }

    /// Whether the rows of a column hold too many values to be anything but embeddings.
    fn is_wide(&self, name: &str) -> bool {
        let groups = self.metadata.row_groups.iter();
        let chunks = groups.flat_map(|group| group.columns_under_root_iter(name).into_iter().flatten());
        let most = chunks.map(|chunk| chunk.num_values()).sum::<i64>();
        most > (self.metadata.num_rows.saturating_mul(nested::WIDEST)) as i64
    }

    /// Long lists of numbers among the columns.
    fn wide(&self, names: &[&str], cx: &JobCx) -> Result<Vec<Column>, IngestError> {
        let fields = names.iter().filter_map(|name| self.schema.get(name));
        let wide = fields.filter(|field| wide::readable(&field.dtype) && self.is_wide(&field.name));
        wide.map(|field| {
            let mut out = Ragged::default();
            for part in &self.parts {
                cx.check()?;
                let arrays = self.decode(field, part)?;
                guard(self.path, || wide::vectors(&arrays, &mut out))?;
                cx.advance(self.chunk_bytes(field, part));
            }
            Ok(Column { name: field.name.to_string(), data: ColumnData::Vectors(out) })
        })
        .collect()
    }

    /// Add the parts of those of the columns that are nested.
    fn add_nested(&self, table: &mut Table, names: &[&str], cx: &JobCx) -> Result<(), IngestError> {
        let names: Vec<&str> = names.iter().copied().filter(|name| !self.is_wide(name)).collect();
        let texts = self.json(&names, cx)?;
        if !texts.is_empty() {
            let parts = nested::flatten(&texts, table.records, cx)?;
            table.columns.extend(parts.map_err(|why| damaged(self.path, &format!("a nested record {why}")))?);
        }
        Ok(())
    }

    /// JSON text of those of the columns that are nested.
    fn json(&self, names: &[&str], cx: &JobCx) -> Result<Vec<(String, TextColumn)>, IngestError> {
        let mut texts = Vec::new();
        for field in names.iter().filter_map(|name| self.schema.get(name)) {
            let Some(dtype) = nested::readable(&field.dtype) else {
                continue;
            };
            let field = ArrowField { dtype, ..field.clone() };
            let parts: Vec<Fill> = self
                .parts
                .par_iter()
                .map(|part| {
                    cx.check()?;
                    let arrays = self.decode(&field, part)?;
                    let text = guard(self.path, || nested::json(&arrays))?;
                    cx.advance(self.chunk_bytes(&field, part));
                    Ok(Fill::Text(text))
                })
                .collect::<Result<_, IngestError>>()?;
            texts.push((field.name.to_string(), join_text(parts)));
        }
        Ok(texts)
    }

    fn read(&self, columns: &[&str], cx: &JobCx) -> Result<Table, IngestError> {
        let mut rows = 0;
        let starts: Vec<usize> = self
            .parts
            .iter()
            .map(|part| {
                rows += part.len();
                rows - part.len()
            })
            .collect();
        let fields: Vec<ArrowField> = columns
            .iter()
            .filter_map(|name| {
                let field = self.schema.get(name)?;
                Some(ArrowField { dtype: readable(&field.dtype)?, ..field.clone() })
            })
            .collect();

        let begin = |field: ArrowField| self.begin(field, rows, cx);
        let mut works: Vec<Work> = fields.into_par_iter().with_max_len(1).map(begin).collect::<Result<_, _>>()?;
        let mut open: Vec<usize> = (0..works.len()).collect();
        let mut done = self.parts.len().min(1);
        while !open.is_empty() {
            self.fill_all(&mut works, &open, done, cx)?;
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

    /// A column with its first part, which chooses the shape. Its arrays are dropped before the next are made.
    fn begin(&self, field: ArrowField, rows: usize, cx: &JobCx) -> Result<Work, IngestError> {
        cx.check()?;
        let first = self.parts.first();
        let arrays = first.map_or_else(|| Ok(Vec::new()), |part| self.decode(&field, part))?;
        guard(self.path, || {
            let mut work = Work::new(field.clone(), survey(&field.dtype, &arrays)?, rows);
            while let Some(part) = first
                && work.fills.is_empty()
            {
                let (field, shape, mut stretches) = work.parts();
                match fill(&field.dtype, shape, &arrays, stretches.next(part.len()))? {
                    Fill::Misfit => work = Work::new(field.clone(), shape.wider(), rows),
                    filled => work.fills.push(filled),
                }
            }
            Ok(work)
        })
        .inspect(|work| {
            if let Some(part) = first {
                cx.advance(self.chunk_bytes(&work.field, part));
            }
        })
    }

    /// Parts `from..` of the columns `open`, in parallel, part by part.
    fn fill_all(&self, works: &mut [Work], open: &[usize], from: usize, cx: &JobCx) -> Result<(), IngestError> {
        let mut tasks = Vec::with_capacity(open.len() * self.parts.len());
        for (column, work) in works.iter_mut().enumerate().filter(|(column, _)| open.contains(column)) {
            let (field, shape, mut stretches) = work.parts();
            for (at, part) in self.parts.iter().enumerate() {
                let stretch = stretches.next(part.len());
                if at >= from {
                    tasks.push((at, column, field, shape, stretch));
                }
            }
        }
        tasks.sort_by_key(|task| (task.0, task.1));
        let fills: Vec<(usize, Fill)> = tasks
            .into_par_iter()
            // One task at a time: each is a whole column chunk.
            .with_max_len(1)
            .map(|(at, column, field, shape, stretch)| {
                cx.check()?;
                let arrays = self.decode(field, &self.parts[at])?;
                let filled = guard(self.path, || fill(&field.dtype, shape, &arrays, stretch))?;
                cx.advance(self.chunk_bytes(field, &self.parts[at]));
                Ok((column, filled))
            })
            .collect::<Result<_, IngestError>>()?;
        for (column, fill) in fills {
            works[column].fills.push(fill);
        }
        Ok(())
    }

    fn chunk_bytes(&self, field: &ArrowField, part: &Part) -> u64 {
        let chunks = self.metadata.row_groups[part.group].columns_under_root_iter(&field.name);
        chunks.into_iter().flatten().map(|chunk| chunk.byte_range().end - chunk.byte_range().start).sum()
    }

    /// Arrays of a part of one column, of exactly its length in all.
    fn decode(&self, field: &ArrowField, part: &Part) -> Result<Vec<ArrayRef>, IngestError> {
        let (rows, end) = (self.metadata.row_groups[part.group].num_rows(), part.end());
        if end < rows {
            // Twice the rows' share and a page hold them in most files; where they do not, the whole chunk does.
            let share = |length: u64| length * 2 * end as u64 / rows as u64 + (1 << 20);
            if let Ok(arrays) = self.decode_stored(field, part, share) {
                return Ok(arrays);
            }
        }
        self.decode_stored(field, part, |length| length)
    }

    /// Arrays of the first bytes of a column chunk, as many as `share` says of its length.
    fn decode_stored(
        &self,
        field: &ArrowField,
        part: &Part,
        share: impl Fn(u64) -> u64,
    ) -> Result<Vec<ArrayRef>, IngestError> {
        let wanted = part.len();
        let group = &self.metadata.row_groups[part.group];
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
        let filter = part.filter(group.num_rows());
        guard(self.path, || {
            for (chunk, stored) in &parts {
                let pages = PageReader::new(Cursor::new(Clone::clone(stored)), chunk, Vec::new(), usize::MAX);
                believable(pages, chunk.num_values())?;
            }
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

/// Whether the pages of a chunk claim no more values than the chunk has. The decoder makes room for what they claim, and
/// room for what a damaged header claims ends the process. Whatever else is wrong with them is the decoder's to say.
fn believable(mut pages: PageReader, values: i64) -> Result<(), String> {
    // The pages of data follow that of the dictionary.
    let _ = pages.read_dict();
    let mut left = values;
    for page in pages.map_while(Result::ok) {
        let CompressedPage::Data(page) = page else {
            continue;
        };
        let claimed = page.num_values();
        left = i64::try_from(claimed).ok().and_then(|claimed| left.checked_sub(claimed)).unwrap_or(-1);
        if left < 0 {
            return Err(format!("a page claims {claimed} values in a column chunk of {values}"));
        }
    }
    Ok(())
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
