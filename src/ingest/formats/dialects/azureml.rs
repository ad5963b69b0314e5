//! Azure ML model data collector: CloudEvents, one for the inputs and one for the outputs of a call, which
//! share `correlationid`. Collections are usually files of their own; [`super::join`] brings those together.

use super::event::Event;
use super::join::{Pairs, half};
use super::payload::{self, Body, Way};
use super::rows::{Rows, explode, str, text};
use super::{Records, has, under};
use crate::ingest::table::Table;
use crate::job::{Cancelled, JobCx};

/// Part of a call that an event holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Input,
    Output,
    /// A collection that the user's code named: inputs and outputs side by side, as a rule.
    Custom,
}

pub(super) fn is(table: &Table) -> bool {
    has(table, &["specversion", "type"]) && (0..table.records.min(50)).any(|row| collection(table, row).is_some())
}

fn collection(table: &Table, row: usize) -> Option<&str> {
    str(table, "type", row).and_then(|kind| kind.strip_prefix("azureml.inference."))
}

fn part(table: &Table, row: usize) -> Option<Part> {
    Some(match collection(table, row)? {
        "request" | "model_inputs" | "inputs" => Part::Input,
        "response" | "model_outputs" | "outputs" => Part::Output,
        _ => Part::Custom,
    })
}

pub(super) fn read(records: Records, cx: &JobCx) -> Result<Records, Cancelled> {
    let table = &records.table;
    let is_input = |row| part(table, row) == Some(Part::Input);
    let is_output = |row| matches!(part(table, row), Some(Part::Output | Part::Custom));
    let pairs = Pairs::new(table, "correlationid", is_input, is_output);
    let requests_only = !(0..table.records).any(is_output);
    let made = explode(records, "azureml-collector", cx, |table, row, rows| {
        if pairs.is_taken(row) { Ok(()) } else { one(table, row, pairs.of(table, row), rows) }
    })?;
    Ok(if requests_only { half(made) } else { made })
}

fn one(table: &Table, row: usize, request: Option<usize>, rows: &mut Rows) -> Result<(), String> {
    let part = part(table, row).ok_or("is no event of the model data collector")?;
    let mut event = Event::default();
    event.id("correlationid", text(table, "correlationid", row));
    event.fact("time", text(table, "time", row));
    let segment = |name: &str| {
        let mut parts = str(table, "source", row)?.split('/');
        parts.find(|part| *part == name).and_then(|_| parts.next())
    };
    if let Some(deployment) = segment("deployments") {
        event.fact("deployment", Some(deployment.as_bytes()));
    }
    event.fact("modelversion", text(table, "modelversion", row));
    match part {
        Part::Input => event.input = Some(body(table, row, Way::Input)?),
        Part::Output | Part::Custom => event.output = Some(body(table, row, Way::Output)?),
    }
    if let Some(request) = request {
        event.input = Some(body(table, request, Way::Input)?);
    }
    event.write(rows, table.line(row))
}

fn body(table: &Table, row: usize, way: Way) -> Result<Body, String> {
    if str(table, "datainblob", row).is_some_and(|flag| flag.eq_ignore_ascii_case("true")) {
        return Err("has its data in a blob of its own (`datainblob`), which is not fetched".to_owned());
    }
    let data = under(table, "data", row).ok_or("holds no data")?;
    let mut body = payload::json(&data, way)?;
    // A column without a name is written as "0".
    for row in &mut body.rows {
        if let ([(name, _)], Way::Output) = (row.as_mut_slice(), way)
            && name == "0"
        {
            "prediction".clone_into(name);
        }
    }
    Ok(body)
}
