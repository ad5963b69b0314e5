//! Tables as MLflow and Weights & Biases log them: one object with `columns` and `data`, row by row. The
//! second writes a bare `NaN`, which is read as the number that is none.

use super::super::json_tree::Tree;
use super::payload;
use super::rows::{Rows, explode, text};
use super::{Records, has};
use crate::ingest::table::Table;
use crate::job::{Cancelled, JobCx};

pub(super) fn is(table: &Table) -> bool {
    has(table, &["columns", "data"])
        && table.records == 1
        && text(table, "data", 0)
            .is_some_and(|data| data.get(1..).is_some_and(|rest| rest.trim_ascii_start().starts_with(b"[")))
        && text(table, "columns", 0).and_then(Tree::one).is_some_and(|names| {
            names.list().is_some_and(|names| {
                !names.is_empty() && names.iter().all(|name| !matches!(name, Tree::List(..) | Tree::Object(..)))
            })
        })
}

pub(super) fn read(records: Records, cx: &JobCx) -> Result<Records, Cancelled> {
    explode(records, "split-table", cx, one)
}

fn one(table: &Table, row: usize, rows: &mut Rows) -> Result<(), String> {
    let parts = [text(table, "columns", row), text(table, "data", row)];
    let [Some(columns), Some(data)] = parts.map(|part| part.and_then(Tree::one)) else {
        return Err("holds columns or data that are not valid JSON".to_owned());
    };
    let (Some(columns), Some(data)) = (columns.list(), data.list()) else {
        return Err("holds columns or data that are no lists".to_owned());
    };
    for cells in payload::frame(columns, data) {
        rows.cells(&cells);
        rows.close(table.line(row));
    }
    Ok(())
}
