//! Vertex AI request-response logging, exported from its BigQuery table as JSON lines: the payloads are
//! lists of JSON texts, instance by instance.

use super::super::json_tree::Tree;
use super::event::Event;
use super::payload::{self, Body, Way};
use super::rows::{Rows, explode, text};
use super::{Records, has};
use crate::ingest::table::Table;
use crate::job::{Cancelled, JobCx};

pub(super) fn is(table: &Table) -> bool {
    has(table, &["request_payload", "response_payload"])
        && (has(table, &["deployed_model_id"]) || has(table, &["endpoint"]))
}

pub(super) fn read(records: Records, cx: &JobCx) -> Result<Records, Cancelled> {
    explode(records, "vertex-request-response", cx, one)
}

fn one(table: &Table, row: usize, rows: &mut Rows) -> Result<(), String> {
    let mut event = Event::default();
    event.id("request_id", text(table, "request_id", row));
    for name in ["logging_time", "deployed_model_id", "endpoint", "model", "model_version"] {
        event.fact(name, text(table, name, row));
    }
    event.input = payload(table, "request_payload", row, Way::Input)?;
    event.output = payload(table, "response_payload", row, Way::Output)?;
    event.write(rows, table.line(row))
}

fn payload(table: &Table, name: &str, row: usize, way: Way) -> Result<Option<Body>, String> {
    let Some(cell) = text(table, name, row) else {
        return Ok(None);
    };
    let invalid = || format!("has a {name} that is not valid JSON");
    let list = Tree::one(cell).ok_or_else(invalid)?;
    let Some(items) = list.list() else {
        return payload::json(cell, way).map(Some);
    };
    let mut body = Body::default();
    for item in items {
        match item {
            // Each instance is a JSON text of its own.
            Tree::Text(json) => match Tree::one(json) {
                Some(tree) => body.rows.extend(payload::instances_of(&tree, way)?),
                None => body.rows.push(payload::cells(item, way)),
            },
            other => body.rows.push(payload::cells(other, way)),
        }
    }
    Ok(Some(body))
}
