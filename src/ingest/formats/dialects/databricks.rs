//! Databricks inference tables, as Parquet or exported as JSON or CSV rows: request and response are JSON text or structures, a batch is
//! one row. The three generations differ in the names of time and duration only.

use super::event::Event;
use super::payload::{self, Way};
use super::rows::{Rows, explode, str, text};
use super::{Records, has, has_any, under};
use crate::ingest::table::Table;
use crate::job::{Cancelled, JobCx};

pub(super) fn is(table: &Table) -> bool {
    ["request", "response", "status_code"].iter().all(|name| has_any(table, name))
        && ["databricks_request_id", "invocation_id", "served_entity_id"].iter().any(|name| has(table, &[name]))
}

pub(super) fn read(mut records: Records, cx: &JobCx) -> Result<Records, Cancelled> {
    // Where no caller gave an id, the column says nothing that the request's own does not.
    let table = &records.table;
    let given = |row| text(table, "client_request_id", row).is_some_and(|cell| !cell.is_empty());
    if !(0..table.records).any(given) {
        records.table.columns.retain(|column| column.name != "client_request_id");
    }
    explode(records, "databricks-inference-table", cx, one)
}

fn one(table: &Table, row: usize, rows: &mut Rows) -> Result<(), String> {
    let filled = |name: &str| text(table, name, row).filter(|cell| !cell.is_empty());
    let mut event = Event::default();
    if table.column("client_request_id").is_some() {
        // What the caller gave is what another endpoint knows the request by.
        let own = filled("databricks_request_id").or_else(|| filled("invocation_id"));
        event.id("client_request_id", filled("client_request_id").or(own));
    }
    event.id("databricks_request_id", filled("databricks_request_id"));
    event.id("invocation_id", filled("invocation_id"));
    for name in [
        "request_time",
        "event_time",
        "timestamp_ms",
        "status_code",
        "execution_duration_ms",
        "execution_time_ms",
        "latency_ms",
        "served_entity_id",
        "request_metadata.endpoint_name",
        "request_metadata.model_name",
        "request_metadata.model_version",
        "requester",
    ] {
        event.fact(name.strip_prefix("request_metadata.").unwrap_or(name), filled(name));
    }
    if let Some(codes) = filled("logging_error_codes").filter(|codes| *codes != b"[]") {
        event.fact("logging_error_codes", Some(codes));
    }
    let fraction: Option<f64> = str(table, "sampling_fraction", row).and_then(|cell| cell.parse().ok());
    if let Some(fraction) = fraction.filter(|fraction| *fraction > 0.0 && *fraction < 1.0) {
        event.fact("weight", Some((1.0 / fraction).to_string().as_bytes()));
    }
    // Bodies over the limit are null; failed calls answer with an error.
    let failed = str(table, "status_code", row).is_some_and(|status| !status.starts_with('2'));
    let body = |name: &str| under(table, name, row).filter(|body| !body.is_empty());
    if let Some(request) = body("request") {
        event.input = Some(payload::body(&request, "json", Way::Input)?);
    }
    if let Some(response) = body("response").filter(|_| !failed) {
        event.output = Some(payload::body(&response, "json", Way::Output)?);
    }
    event.write(rows, table.line(row))
}
