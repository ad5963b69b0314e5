//! Files of serving stacks that are no prediction logs, with what to open instead.

use super::{has, has_any};
use crate::ingest::table::Table;

/// What a table of JSON records is, if nothing in it is a prediction.
pub(super) fn table(table: &Table) -> Option<String> {
    let why = if has(table, &["model_name", "model_version"]) && has(table, &["timestamps"])
        || has(table, &["activity", "tensor.name", "tensor.data"])
    {
        "This is a trace of the Triton server: its times are of a clock that starts anywhere and it holds one request of many. Log the requests and responses themselves and open those"
    } else if has(table, &["format-version", "table-uuid"]) {
        "This is the metadata of an Iceberg table. Export the rows to Parquet and open that"
    } else if has_any(table, "add") && has(table, &["add.path"])
        || has_any(table, "protocol") && has_any(table, "metaData")
    {
        "This is the log of a Delta table, not its rows. Open the folder of the table"
    } else if has(table, &["sourceBucket", "fileSchema", "files"]) {
        "This is a manifest of an S3 inventory: it lists files. Open the files that it names"
    } else if (has(table, &["prefix"]) || has(table, &["entries"])) && table.columns.len() == 1 {
        "This is a manifest: it lists files. Open the files that it names"
    } else if table.records == 1 && has(table, &["$schema"]) && has_any(table, "properties") {
        "This is a JSON schema: it describes records and holds none. Open the records themselves"
    } else {
        return None;
    };
    Some(why.to_owned())
}

/// What a text is that is neither JSON records nor a table.
pub(super) fn text(text: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(&text[..text.len().min(1 << 14)]);
    let lines: Vec<&str> = head.lines().filter(|line| !line.trim().is_empty()).take(20).collect();
    if lines.iter().any(|line| line.contains("ACCESS_LOG - ") && line.contains("HTTP/")) {
        return Some(
            "This is an access log of TorchServe: it holds times and status, no predictions. Let the handler log what it answers and open that".to_owned(),
        );
    }
    // `[{"prefix": "s3://…"}, "a.jsonl", …]`
    let start = text.trim_ascii_start();
    let is_manifest = start.starts_with(b"[")
        && start[1..].trim_ascii_start().starts_with(b"{")
        && memchr::memchr(b'}', start).is_some_and(|end| {
            let first = String::from_utf8_lossy(&start[..end]);
            let rest = start[end + 1..].trim_ascii_start().strip_prefix(b",").map(<[u8]>::trim_ascii_start);
            first.contains("\"prefix\"") && rest.is_some_and(|rest| rest.starts_with(b"\""))
        });
    is_manifest.then(|| "This is a manifest: it lists files. Open the files that it names".to_owned())
}
