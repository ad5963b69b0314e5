//! A file that the guess is made of.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;

use super::evidence::value_counts;
use crate::ingest::formats::parquet;
use crate::ingest::table::{ColumnData, Table};
use crate::job::JobCx;

pub(in crate::ingest) struct Input<'a> {
    pub display: &'a str,
    /// All rows, but of a columnar file that was peeked at.
    pub table: &'a Table,
    /// Name of the format, without its container.
    pub dialect: &'a str,
    /// What is left of a file that was peeked at.
    pub rest: Option<Rest<'a>>,
    /// Named as a label file.
    pub labels: bool,
}

/// Values with their counts, where they are few enough to be classes.
type Counts = Option<Vec<(String, u64)>>;

/// The file behind a first look, for what some rows do not tell.
pub(in crate::ingest) struct Rest<'a> {
    path: &'a Path,
    cx: &'a JobCx,
    /// Of the columns that were asked for.
    counts: Mutex<BTreeMap<String, Counts>>,
}

impl<'a> Rest<'a> {
    pub fn new(path: &'a Path, cx: &'a JobCx) -> Self {
        Self { path, cx, counts: Mutex::default() }
    }
}

impl Input<'_> {
    /// Values of a column with their counts over all rows of the file; `None` when the column is missing or has too many
    /// to be classes. Of numbers some rows from all over the file do, unless they are all alike: their values are not
    /// spelled in a way that has to be known.
    pub fn values(&self, column: &str) -> Counts {
        let seen = value_counts(self.table, column)?;
        let named = matches!(self.table.column(column)?.data, ColumnData::Text(_) | ColumnData::Coded(_));
        let Some(rest) = self.rest.as_ref().filter(|_| named || seen.len() < 2) else {
            return Some(seen);
        };
        // A panic elsewhere leaves counts as they are.
        let mut counts = rest.counts.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let whole = counts.entry(column.to_owned()).or_insert_with(|| match &*self.whole(&[column]) {
            table if table.column(column).is_some() => value_counts(table, column),
            // A partition, which is one value.
            _ => Some(seen),
        });
        whole.clone()
    }

    /// All rows of the named columns. Where they cannot be read, what was seen of them: loading says what is wrong.
    pub fn whole(&self, columns: &[&str]) -> Cow<'_, Table> {
        let read = self.rest.as_ref().and_then(|rest| parquet::read(rest.path, columns, rest.cx).ok());
        read.map_or(Cow::Borrowed(self.table), Cow::Owned)
    }
}
