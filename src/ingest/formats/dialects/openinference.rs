//! Spans of OpenInference and of generative models in OpenTelemetry: one object a span, or the exporter's
//! nesting of resources, scopes and spans. Model calls become rows; other spans of a trace are left out.

use super::super::json_tree::Tree;
use super::rows::{Rows, explode, text};
use super::{Records, has, has_any};
use crate::ingest::table::Table;
use crate::job::{Cancelled, JobCx};

const KIND: &str = "openinference.span.kind";
const MODELS: [&str; 3] = ["llm.model_name", "gen_ai.response.model", "gen_ai.request.model"];

pub(super) fn is(table: &Table) -> bool {
    let attribute = |name: &str| table.column(&format!("attributes.{name}")).is_some();
    has(table, &["resourceSpans"])
        || has_any(table, "context") && (attribute(KIND) || MODELS.iter().any(|name| attribute(name)))
}

pub(super) fn read(records: Records, cx: &JobCx) -> Result<Records, Cancelled> {
    let mut made = explode(records, "openinference-spans", cx, |table: &Table, row, rows: &mut Rows| {
        match text(table, "resourceSpans", row) {
            Some(spans) => nested(spans, table.line(row), rows),
            None => flat(table, row, rows),
        }
    })?;
    made.only_table = Some("traces of a language model; its answers are text");
    Ok(made)
}

fn flat(table: &Table, row: usize, rows: &mut Rows) -> Result<(), String> {
    let attribute = |name: &str| text(table, &format!("attributes.{name}"), row);
    let model = MODELS.iter().find_map(|name| attribute(name));
    if attribute(KIND).is_some_and(|kind| kind != b"LLM") || attribute(KIND).is_none() && model.is_none() {
        return Ok(());
    }
    rows.cell("trace_id", text(table, "context.trace_id", row));
    rows.cell("span_id", text(table, "context.span_id", row));
    rows.cell("start_time", text(table, "start_time", row));
    rows.cell("end_time", text(table, "end_time", row));
    rows.cell("model", model);
    rows.cell("status_code", text(table, "status_code", row));
    rows.cell("input", attribute("input.value").or_else(|| attribute("llm.input_messages")));
    rows.cell("output", attribute("output.value").or_else(|| attribute("llm.output_messages")));
    rows.close(table.line(row));
    Ok(())
}

fn nested(spans: &[u8], line: u64, rows: &mut Rows) -> Result<(), String> {
    let resources = Tree::one(spans).ok_or("holds spans that are not valid JSON")?;
    for resource in resources.list().unwrap_or_default() {
        for scope in list(resource, "scopeSpans") {
            list(scope, "spans").iter().for_each(|span| otlp(span, line, rows));
        }
    }
    Ok(())
}

fn list<'a, 'b>(tree: &'b Tree<'a>, key: &str) -> &'b [Tree<'a>] {
    tree.get(key).and_then(Tree::list).unwrap_or_default()
}

fn otlp(span: &Tree<'_>, line: u64, rows: &mut Rows) {
    let attributes = span.get("attributes").and_then(Tree::list).unwrap_or_default();
    let attribute = |name: &str| {
        let found = attributes.iter().find(|attribute| attribute.get("key").and_then(Tree::str) == Some(name))?;
        match found.get("value")? {
            Tree::Object(members, _) => members.first().and_then(|(_, value)| value.cell()),
            other => other.cell(),
        }
    };
    let model = MODELS.iter().find_map(|name| attribute(name));
    let kind = attribute(KIND);
    if kind.as_ref().is_some_and(|kind| kind != b"LLM") || kind.is_none() && model.is_none() {
        return;
    }
    for (name, key) in [
        ("trace_id", "traceId"),
        ("span_id", "spanId"),
        ("start_time", "startTimeUnixNano"),
        ("end_time", "endTimeUnixNano"),
    ] {
        rows.cell(name, span.get(key).and_then(Tree::bytes));
    }
    rows.cell("model", model.as_deref());
    rows.cell("input", attribute("input.value").as_deref());
    rows.cell("output", attribute("output.value").as_deref());
    rows.close(line);
}
