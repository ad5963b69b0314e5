//! Logs as serving stacks write them. A dialect is known by what stands in its records, never by the file's
//! name; it turns them into an ordinary [`Table`], so that columns, pairing and labels are found as for any
//! log. `docs/formats.md` lists what each reads and what it leaves.

mod azureml;
mod base64;
mod bedrock;
mod bentoml;
mod chat;
pub(in crate::ingest) mod coco;
mod databricks;
mod event;
mod event_dump;
mod exposures;
mod inference;
mod inspect;
mod join;
mod kserve;
mod lm_eval;
mod npy;
mod openinference;
mod payload;
pub(in crate::ingest) mod prose;
mod ranking;
mod refused;
mod rows;
mod sagemaker;
#[cfg(test)]
mod sample_tests;
mod split_table;
mod tensor;
#[cfg(test)]
mod tests;
mod vertex;

use super::Records;
use super::json_tree::{Tree, quote};
use crate::ingest::table::Table;
use crate::job::{Cancelled, JobCx};

pub(in crate::ingest) use join::join;

/// Whether a table is of a dialect, and how it is read then.
type Dialect = (fn(&Table) -> bool, fn(Records, &JobCx) -> Result<Records, Cancelled>);

const DIALECTS: [Dialect; 15] = [
    (sagemaker::is, sagemaker::read),
    (azureml::is, azureml::read),
    (kserve::is, kserve::read),
    (databricks::is, databricks::read),
    (vertex::is, vertex::read),
    (inference::is, inference::read),
    (split_table::is, split_table::read),
    (bentoml::is_schema, bentoml::schema),
    (lm_eval::is, lm_eval::read),
    (openinference::is, openinference::read),
    (bedrock::is, bedrock::read),
    (chat::is, chat::read),
    (inspect::is, inspect::read),
    (coco::is, coco::read),
    (exposures::is, exposures::read),
];

/// Whether a table is of a dialect.
pub(in crate::ingest) fn is(table: &Table) -> bool {
    DIALECTS.iter().any(|(is, _)| is(table))
}

/// Read on in the dialect of the records, if they are of one. The inner error says what to open instead.
///
/// # Errors
/// Cancelled.
pub(in crate::ingest) fn adapt(records: Records, cx: &JobCx) -> Result<Result<Records, String>, Cancelled> {
    if records.table.records == 0 {
        return Ok(Ok(records));
    }
    if let Some(why) = refused::table(&records.table) {
        return Ok(Err(why));
    }
    match DIALECTS.iter().find(|(is, _)| is(&records.table)) {
        Some((_, read)) => read(records, cx).map(Ok),
        None => Ok(Ok(records)),
    }
}

/// Texts that are neither JSON records nor delimited: read whole, or refused with what to open instead.
///
/// # Errors
/// Cancelled.
pub(in crate::ingest) fn from_text(text: &[u8], cx: &JobCx) -> Result<Option<Result<Records, String>>, Cancelled> {
    if let Some(why) = refused::text(text) {
        return Ok(Some(Err(why)));
    }
    if event_dump::is(text) {
        return kserve::read(event_dump::records(text), cx).map(|records| Some(Ok(records)));
    }
    if let Some(records) = ranking::read(text, cx)? {
        return Ok(Some(Ok(records)));
    }
    Ok(prose::read(text, cx)?.map(Ok))
}

/// Whether a table has all of these columns.
fn has(table: &Table, names: &[&str]) -> bool {
    names.iter().all(|name| table.column(name).is_some())
}

/// Whether a table has a column of this name or inside it.
fn has_any(table: &Table, prefix: &str) -> bool {
    table
        .columns
        .iter()
        .any(|column| column.name.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
}

/// JSON text of what stood under `prefix` in a record, put together again from its columns.
fn under(table: &Table, prefix: &str, row: usize) -> Option<Vec<u8>> {
    if let Some(whole) = rows::text(table, prefix, row) {
        return Some(whole.to_vec());
    }
    let mut json = Vec::new();
    for column in &table.columns {
        let Some(key) = column.name.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('.')) else {
            continue;
        };
        let Some(value) = rows::text(table, &column.name, row) else {
            continue;
        };
        json.push(if json.is_empty() { b'{' } else { b',' });
        quote(key.as_bytes(), &mut json);
        json.push(b':');
        if Tree::one(value).is_some() {
            json.extend_from_slice(value);
        } else {
            quote(value, &mut json);
        }
    }
    if json.is_empty() {
        return None;
    }
    json.push(b'}');
    Some(json)
}
