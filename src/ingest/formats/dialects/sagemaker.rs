//! SageMaker: data capture of endpoints (also of shadow variants), ground truth, and merged files.
//!
//! An event is one call; its bodies are text in CSV, JSON, JSON lines or base64. The id is the caller's
//! `inferenceId` where given, else `eventId`, which is also how ground truth refers to it.

use super::event::Event;
use super::payload::{self, Body, Way};
use super::rows::{Rows, explode, str, text};
use super::{Records, has_any};
use crate::ingest::table::Table;
use crate::job::{Cancelled, JobCx};

pub(super) fn is(table: &Table) -> bool {
    has_any(table, "eventMetadata") && (has_any(table, "captureData") || has_any(table, "groundTruthData"))
}

pub(super) fn read(records: Records, cx: &JobCx) -> Result<Records, Cancelled> {
    let captured = has_any(&records.table, "captureData");
    let labelled = has_any(&records.table, "groundTruthData");
    let dialect = match (captured, labelled) {
        (true, true) => "sagemaker-merged",
        (true, false) => "sagemaker-capture",
        _ => "sagemaker-ground-truth",
    };
    explode(records, dialect, cx, one)
}

fn one(table: &Table, row: usize, rows: &mut Rows) -> Result<(), String> {
    let event_id = text(table, "eventMetadata.eventId", row);
    let inference_id = text(table, "eventMetadata.inferenceId", row);
    let mut event = Event::default();
    if inference_id.is_some() || table.column("eventMetadata.inferenceId").is_some() {
        event.id("inference_id", inference_id.or(event_id));
    }
    event.id("event_id", event_id);
    event.fact("inference_time", text(table, "eventMetadata.inferenceTime", row));
    event.fact("custom_attributes", text(table, "eventMetadata.customAttributes", row));
    event.labels = body(table, row, "groundTruthData", Way::Output)?.map(labels);
    event.input = body(table, row, "captureData.endpointInput", Way::Input)?;
    event.output = body(table, row, "captureData.endpointOutput", Way::Output)?;
    if let Some(batch) = body(table, row, "captureData.batchTransformOutput", Way::Output)? {
        event.output = Some(batch);
    }
    if event.labels.is_none() && event.output.is_none() && event.input.is_none() {
        return Err("holds neither a captured body nor a ground truth".to_owned());
    }
    event.write(rows, table.line(row))
}

fn body(table: &Table, row: usize, part: &str, way: Way) -> Result<Option<Body>, String> {
    let Some(data) = text(table, &format!("{part}.data"), row) else {
        return Ok(None);
    };
    let encoding = str(table, &format!("{part}.encoding"), row).unwrap_or_default();
    payload::body(data, encoding, way).map(Some)
}

/// Ground truth is a bare value, `{"label": 1}`, or a list of these under any name.
fn labels(mut body: Body) -> Body {
    if let [row] = body.rows.as_mut_slice()
        && row.len() > 1
        && row.iter().enumerate().all(|(place, (name, _))| is_place(name, place))
    {
        body.rows = std::mem::take(row).into_iter().map(|cell| vec![cell]).collect();
    }
    for row in &mut body.rows {
        if let [(name, _)] = row.as_mut_slice() {
            "label".clone_into(name);
        }
    }
    body
}

/// `value_3`, `probability_0`: named by place only.
fn is_place(name: &str, place: usize) -> bool {
    name.strip_prefix("value_")
        .or_else(|| name.strip_prefix("probability_"))
        .is_some_and(|rest| *rest == place.to_string())
}
