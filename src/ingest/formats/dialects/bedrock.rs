//! Amazon Bedrock's log of model invocations: one call a record, bodies where the account logs them.

use super::rows::{Rows, explode, text};
use super::{Records, has, under};
use crate::ingest::table::Table;
use crate::job::{Cancelled, JobCx};

pub(super) fn is(table: &Table) -> bool {
    has(table, &["schemaType", "modelId", "requestId"])
        && (0..table.records.min(50)).any(|row| text(table, "schemaType", row) == Some(b"ModelInvocationLog"))
}

pub(super) fn read(records: Records, cx: &JobCx) -> Result<Records, Cancelled> {
    let mut made = explode(records, "bedrock-invocations", cx, one)?;
    made.only_table = Some("calls of a language model; its answers are text");
    Ok(made)
}

fn one(table: &Table, row: usize, rows: &mut Rows) -> Result<(), String> {
    for (name, from) in [
        ("request_id", "requestId"),
        ("timestamp", "timestamp"),
        ("model", "modelId"),
        ("operation", "operation"),
        ("error", "errorCode"),
        ("input_tokens", "input.inputTokenCount"),
        ("output_tokens", "output.outputTokenCount"),
    ] {
        rows.cell(name, text(table, from, row));
    }
    rows.cell("input", under(table, "input.inputBodyJson", row).as_deref());
    rows.cell("output", under(table, "output.outputBodyJson", row).as_deref());
    rows.close(table.line(row));
    Ok(())
}
