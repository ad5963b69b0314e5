//! Bare bodies of the inference protocols, one call a line: version 1 (`instances`, `predictions`; also
//! TensorFlow Serving) and version 2 (`inputs`, `outputs` as tensors), alone or as `request` and `response`.

use super::super::json_tree::Tree;
use super::event::Event;
use super::payload::{self, Body, Way};
use super::rows::{Rows, explode, text};
use super::{Records, has_any, tensor, under};
use crate::ingest::table::Table;
use crate::job::{Cancelled, JobCx};

/// Where the two bodies of a record stand.
#[derive(Clone, Copy)]
enum Layout {
    /// `request` and `response` hold the bodies.
    Both,
    /// The record is the body of one or both.
    Bare,
}

pub(super) fn is(table: &Table) -> bool {
    layout(table).is_some()
}

fn layout(table: &Table) -> Option<Layout> {
    let holds_batch = |prefix: &str, keys: &[&str]| keys.iter().any(|key| has_any(table, &format!("{prefix}{key}")));
    if holds_batch("request.", &["instances", "inputs"]) && holds_batch("response.", &["predictions", "outputs"]) {
        return Some(Layout::Both);
    }
    let known = |name: &str| {
        let first = name.split('.').next().unwrap_or(name);
        matches!(
            first,
            "instances"
                | "predictions"
                | "inputs"
                | "outputs"
                | "id"
                | "parameters"
                | "signature_name"
                | "model_name"
                | "model_version"
                | "timestamp"
                | "time"
                | "model"
        )
    };
    if !table.columns.iter().all(|column| known(&column.name)) {
        return None;
    }
    let tensors = |name: &str| {
        (0..table.records.min(50))
            .filter_map(|row| Tree::one(text(table, name, row)?))
            .any(|tree| tree.list().is_some_and(tensor::are))
    };
    // `predictions` with an id of its own may be the probabilities of one request.
    let batch = |name: &str| {
        (0..table.records.min(50)).any(|row| text(table, name, row).is_some_and(|cell| cell.starts_with(b"[")))
    };
    let version_1 = batch("predictions") && (batch("instances") || table.column("id").is_none());
    (version_1 || tensors("outputs")).then_some(Layout::Bare)
}

pub(super) fn read(records: Records, cx: &JobCx) -> Result<Records, Cancelled> {
    let Some(layout) = layout(&records.table) else {
        return Ok(records);
    };
    let is_second = records.table.columns.iter().any(|column| column.name.ends_with("outputs"));
    let dialect = if is_second { "inference-v2" } else { "inference-v1" };
    explode(records, dialect, cx, move |table, row, rows| one(table, row, layout, rows))
}

fn one(table: &Table, row: usize, layout: Layout, rows: &mut Rows) -> Result<(), String> {
    let mut event = Event::default();
    match layout {
        Layout::Both => {
            for column in &table.columns {
                let name = column.name.as_str();
                if name.starts_with("request.") || name.starts_with("response.") {
                    continue;
                }
                let value = text(table, name, row);
                if name == "id" || name.ends_with("_id") || name.ends_with("Id") {
                    event.id(name, value);
                } else {
                    event.fact(name, value);
                }
            }
            event.input = body(under(table, "request", row), Way::Input)?;
            event.output = body(under(table, "response", row), Way::Output)?;
        }
        Layout::Bare => {
            event.id("id", text(table, "id", row));
            event.fact("model", text(table, "model_name", row).or_else(|| text(table, "model", row)));
            for name in ["model_version", "time", "timestamp"] {
                event.fact(name, text(table, name, row));
            }
            let part = |keys: [&str; 2], way| {
                let found = keys.into_iter().find_map(|key| under(table, key, row).map(|value| (key, value)));
                let wrap = |(key, value): (&str, Vec<u8>)| {
                    [format!("{{\"{key}\":").as_bytes(), value.as_slice(), b"}"].concat()
                };
                body(found.map(wrap), way)
            };
            event.input = part(["instances", "inputs"], Way::Input)?;
            event.output = part(["predictions", "outputs"], Way::Output)?;
        }
    }
    event.write(rows, table.line(row))
}

fn body(json: Option<Vec<u8>>, way: Way) -> Result<Option<Body>, String> {
    let body = json.map(|json| payload::json(&json, way)).transpose()?;
    // The id of the record stands already.
    Ok(body.map(|mut body| {
        body.beside.retain(|(name, _)| name != "request_id");
        body
    }))
}
