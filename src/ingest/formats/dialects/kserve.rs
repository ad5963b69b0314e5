//! KServe's request logger, as blobs (JSON, CSV) or as CloudEvents in JSON, and the same events of Seldon.
//!
//! A request and its response are two records with one id. The body is base64 in `bytes`, or JSON in `data`.

use super::event::Event;
use super::join::{Pairs, half};
use super::payload::{self, Body, Way};
use super::rows::{Rows, explode, str, text};
use super::{Records, has, under};
use crate::ingest::table::Table;
use crate::job::{Cancelled, JobCx};

pub(super) fn is(table: &Table) -> bool {
    has(table, &["id"])
        && (has(table, &["reqType", "bytes"]) || has(table, &["specversion", "type"]))
        && (0..table.records.min(50)).any(|row| way(table, row).is_some())
}

/// Last part of the type: `org.kubeflow.serving.inference.response`, or `response` alone.
fn way(table: &Table, row: usize) -> Option<Way> {
    let kind = str(table, "reqType", row).or_else(|| str(table, "type", row))?;
    match kind.rsplit('.').next()? {
        "request" => Some(Way::Input),
        "response" => Some(Way::Output),
        _ => None,
    }
}

pub(super) fn read(records: Records, cx: &JobCx) -> Result<Records, Cancelled> {
    let table = &records.table;
    let dialect = if table.column("reqType").is_some() { "kserve-logger" } else { "cloudevents" };
    let is_response = |row| way(table, row) == Some(Way::Output);
    let pairs = Pairs::new(table, "id", |row| way(table, row) == Some(Way::Input), is_response);
    let requests_only = !(0..table.records).any(is_response);
    let made = explode(records, dialect, cx, |table, row, rows| {
        if pairs.is_taken(row) { Ok(()) } else { one(table, row, pairs.of(table, row), rows) }
    })?;
    Ok(if requests_only { half(made) } else { made })
}

fn one(table: &Table, row: usize, request: Option<usize>, rows: &mut Rows) -> Result<(), String> {
    let way = way(table, row).ok_or("is neither a request nor a response")?;
    let fact = |names: &[&str]| names.iter().find_map(|name| text(table, name, row).filter(|cell| !cell.is_empty()));
    let mut event = Event::default();
    event.id("request_id", text(table, "id", row));
    event.fact("time", fact(&["occurrenceTime", "time"]));
    event.fact("namespace", fact(&["namespace"]));
    event.fact("component", fact(&["component"]));
    let service = fact(&["inferenceService", "inferenceservicename", "modelid"]);
    let endpoint = fact(&["endpoint"]).filter(|endpoint| *endpoint != b"default");
    if let Some(service) = service {
        // The canary of a service is another model.
        let model = endpoint.map_or_else(|| service.to_vec(), |endpoint| [service, b"/", endpoint].concat());
        event.fact("model", Some(&model));
    }
    match way {
        Way::Input => event.input = Some(body(table, row, way)?),
        Way::Output => event.output = Some(body(table, row, way)?),
    }
    if let Some(request) = request {
        event.input = Some(body(table, request, Way::Input)?);
    }
    event.write(rows, table.line(row))
}

fn body(table: &Table, row: usize, way: Way) -> Result<Body, String> {
    if let Some(bytes) = text(table, "bytes", row).or_else(|| text(table, "data_base64", row)) {
        return payload::body(bytes, "base64", way);
    }
    let data = under(table, "data", row).ok_or("holds no body")?;
    payload::body(&data, "", way)
}
