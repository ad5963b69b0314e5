//! Requests and responses that a stack logs apart, brought together by their id: within a file, and over files.

use std::collections::{HashMap, HashSet};

use super::Records;
use super::bentoml;
use super::event::is_fact;
use super::rows::text;
use crate::ingest::table::{Column, ColumnData, Table, TextColumn};

/// Dialects whose bodies give values without names.
const BARE: [&str; 9] = [
    "sagemaker-capture",
    "sagemaker-merged",
    "azureml-collector",
    "kserve-logger",
    "cloudevents",
    "databricks-inference-table",
    "vertex-request-response",
    "inference-v1",
    "inference-v2",
];

/// Which request record belongs to which response record of one file.
pub(super) struct Pairs {
    id: &'static str,
    requests: HashMap<Vec<u8>, usize>,
    taken: HashSet<usize>,
}

impl Pairs {
    pub fn new(
        table: &Table,
        id: &'static str,
        is_request: impl Fn(usize) -> bool,
        is_response: impl Fn(usize) -> bool,
    ) -> Self {
        let mut requests: HashMap<Vec<u8>, usize> = HashMap::new();
        for row in (0..table.records).filter(|&row| is_request(row)) {
            if let Some(key) = text(table, id, row) {
                requests.entry(key.to_vec()).or_insert(row);
            }
        }
        let taken = (0..table.records)
            .filter(|&row| is_response(row))
            .filter_map(|row| requests.get(text(table, id, row)?).copied())
            .collect();
        Self { id, requests, taken }
    }

    /// Whether a record is a request that a response of the file answers.
    pub fn is_taken(&self, row: usize) -> bool {
        self.taken.contains(&row)
    }

    /// The request that a response answers.
    pub fn of(&self, table: &Table, row: usize) -> Option<usize> {
        let request = self.requests.get(text(table, self.id, row)?).copied()?;
        (request != row && self.taken.contains(&request)).then_some(request)
    }
}

/// Mark a source that holds requests alone, to be joined to the responses of another.
pub(super) fn half(mut records: Records) -> Records {
    records.half = true;
    records
}

/// Dialect that a source says, without container and grammar.
fn dialect(records: &Records) -> &str {
    records.dialect.split('+').next().unwrap_or_default()
}

/// Join what other files of the same dialect say about the rows of each: features of requests by id, names
/// of columns from a schema. Says per source whether it is used up by that and has no rows of its own.
pub(in crate::ingest) fn join(sources: &mut [&mut Records]) -> Vec<bool> {
    let mut used = bentoml::name_columns(sources);
    for kind in ["azureml-collector", "kserve-logger", "cloudevents"] {
        let of_kind = |records: &Records| dialect(records) == kind;
        let halves: Vec<usize> =
            (0..sources.len()).filter(|&place| of_kind(sources[place]) && sources[place].half).collect();
        let wholes: Vec<usize> =
            (0..sources.len()).filter(|&place| of_kind(sources[place]) && !sources[place].half).collect();
        if halves.is_empty() || wholes.is_empty() {
            continue;
        }
        let mut requests: HashMap<Vec<u8>, (usize, usize)> = HashMap::new();
        for &place in &halves {
            let table = &sources[place].table;
            for row in 0..table.records {
                if let Some(id) = id(table, row) {
                    requests.entry(id.to_vec()).or_insert((place, row));
                }
            }
        }
        for &place in &wholes {
            let columns = features(sources, &requests, place);
            sources[place].table.columns.extend(columns);
        }
        halves.iter().for_each(|&place| used[place] = true);
    }
    name_scores(sources);
    used
}

/// Where the bare predictions of all files of a dialect are numbers in 0 to 1 and some are fractions, they
/// are scores, and are named so in every file.
fn name_scores(sources: &mut [&mut Records]) {
    let dialects: HashSet<String> = sources
        .iter()
        .filter(|records| BARE.contains(&dialect(records)))
        .map(|records| dialect(records).to_owned())
        .collect();
    for kind in dialects {
        let mut fractions = false;
        let mut fit = true;
        for records in sources.iter().filter(|records| dialect(records) == kind) {
            fit &= records.table.column("score").is_none();
            let predictions = (0..records.table.records).filter_map(|row| text(&records.table, "prediction", row));
            for cell in predictions {
                let number = std::str::from_utf8(cell).ok().and_then(|cell| cell.parse::<f64>().ok());
                fit &= number.is_some_and(|number| number.is_nan() || (0.0..=1.0).contains(&number));
                fractions |= number.is_some_and(|number| number.fract() != 0.0 && !number.is_nan());
            }
        }
        if fit && fractions {
            let of_kind = sources.iter_mut().filter(|records| dialect(records) == kind);
            let columns = of_kind.flat_map(|records| &mut records.table.columns);
            columns
                .filter(|column| column.name == "prediction")
                .for_each(|column| "score".clone_into(&mut column.name));
        }
    }
}

fn id(table: &Table, row: usize) -> Option<&[u8]> {
    text(table, "correlationid", row).or_else(|| text(table, "request_id", row))
}

/// Columns of the requests for the rows of one source.
fn features(sources: &[&mut Records], requests: &HashMap<Vec<u8>, (usize, usize)>, place: usize) -> Vec<Column> {
    let table = &sources[place].table;
    let matches: Vec<Option<(usize, usize)>> =
        (0..table.records).map(|row| requests.get(id(table, row)?).copied()).collect();
    let mut names: Vec<&str> = Vec::new();
    let from: HashSet<usize> = matches.iter().flatten().map(|found| found.0).collect();
    let mut from: Vec<usize> = from.into_iter().collect();
    from.sort_unstable();
    let mut seen: HashSet<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
    for source in from {
        for column in &sources[source].table.columns {
            if !is_fact(&column.name) && seen.insert(&column.name) {
                names.push(&column.name);
            }
        }
    }
    names
        .into_iter()
        .map(|name| {
            let mut cells = TextColumn::default();
            for found in &matches {
                cells.push(found.and_then(|(source, row)| text(&sources[source].table, name, row)));
            }
            Column { name: name.to_owned(), data: ColumnData::Text(cells) }
        })
        .collect()
}
