//! Figures taken over all rows at hand: values with counts, shared ids, ids with two predictions.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{Hash, Hasher};

use super::column::cell_text;
use crate::ingest::table::{ColumnData, Table};
use crate::ingest::typing::{FastHasher, FastMap, codes, is_null_token};
use crate::job::{Cancelled, JobCx};
use crate::log::CodeColumn;

/// Different values that are listed at most.
const VALUES: usize = 1000;

/// Rows whose ids are compared at most.
const ID_ROWS: usize = 200_000;

/// Values of a column with their counts over all rows of the table; `None` when the column is missing or
/// has too many to be classes.
pub(super) fn value_counts(table: &Table, column: &str) -> Option<Vec<(String, u64)>> {
    let data = &table.column(column)?.data;
    if let ColumnData::Text(text) = data {
        // A column of ids is recognised before all of it is coded.
        let seen: HashSet<&[u8]> = (0..text.len().min(50_000)).filter_map(|row| text.get(row)).collect();
        if seen.len() > VALUES {
            return None;
        }
    }
    let codes = codes(data);
    if codes.names.len() > VALUES {
        return None;
    }
    let mut counts = vec![0u64; codes.names.len()];
    let mut add = |code: usize| {
        if let Some(count) = counts.get_mut(code) {
            *count += 1;
        }
    };
    match &codes.codes {
        CodeColumn::U8(codes) => codes.iter().for_each(|&code| add(usize::from(code))),
        CodeColumn::U16(codes) => codes.iter().for_each(|&code| add(usize::from(code))),
        CodeColumn::U32(codes) => codes.iter().for_each(|&code| add(code as usize)),
    }
    let mut values = BTreeMap::new();
    for (name, count) in codes.names.into_iter().zip(counts) {
        let is_empty = is_null_token(name.as_bytes()) || name.trim().eq_ignore_ascii_case("nan");
        // A columnar file that was only peeked at may carry names of rows that were not.
        if !is_empty && count > 0 {
            *values.entry(name).or_insert(0) += count;
        }
    }
    Some(values.into_iter().collect())
}

fn hash(bytes: &[u8]) -> u64 {
    let mut hasher = FastHasher::default();
    bytes.hash(&mut hasher);
    hasher.finish()
}

/// Share of the ids of the smaller model that the other one has too, of the first rows of each file.
pub(super) fn shared_ids(parts: &[(&Table, &String)], id: &str) -> f64 {
    let mut sets: BTreeMap<&str, HashSet<u64>> = BTreeMap::new();
    for (table, model) in parts {
        let Some(column) = table.column(id) else {
            continue;
        };
        let set = sets.entry(model).or_default();
        set.extend(
            (0..table.records.min(ID_ROWS))
                .filter_map(|row| cell_text(&column.data, row))
                .map(|cell| hash(cell.as_bytes())),
        );
    }
    share(sets.into_values().collect())
}

/// As [`shared_ids`] for models of a column.
pub(super) fn shared_ids_long(tables: &[&Table], id: &str, model: &str) -> f64 {
    let mut sets: HashMap<String, HashSet<u64>> = HashMap::new();
    for table in tables {
        let (Some(ids), Some(models)) = (table.column(id), table.column(model)) else {
            continue;
        };
        for row in 0..table.records.min(ID_ROWS) {
            if let (Some(id), Some(model)) = (cell_text(&ids.data, row), cell_text(&models.data, row)) {
                sets.entry(model).or_default().insert(hash(id.as_bytes()));
            }
        }
    }
    share(sets.into_values().collect())
}

fn share(mut sets: Vec<HashSet<u64>>) -> f64 {
    sets.sort_by_key(|set| std::cmp::Reverse(set.len()));
    match sets.as_slice() {
        [a, b, ..] if !b.is_empty() => b.intersection(a).count() as f64 / b.len() as f64,
        _ => 0.0,
    }
}

/// What repeats: ids of one model that stand in several lines.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Repeats {
    /// Ids with differing predictions.
    pub different: u64,
    /// Surplus lines with the same prediction.
    pub same: u64,
    pub example: Option<String>,
}

/// Count repeated ids per model. `parts`: table and, where files tell the models apart, the model.
pub(super) fn repeats(
    parts: &[(&Table, Option<&str>)],
    id: &str,
    model: Option<&str>,
    outputs: &[&str],
    cx: &JobCx,
) -> Result<Repeats, Cancelled> {
    let mut repeats = Repeats::default();
    // Key to the first prediction's hash; `conflict` marks keys already counted.
    let mut seen: FastMap<u64, (u64, bool)> = FastMap::default();
    let mut cell = Vec::new();
    for (table, file_model) in parts {
        let Some(ids) = table.column(id) else {
            continue;
        };
        let models = model.and_then(|model| table.column(model));
        let outputs: Vec<_> = outputs.iter().filter_map(|name| table.column(name)).collect();
        for row in 0..table.records {
            if row % (1 << 16) == 0 {
                cx.check()?;
            }
            let ColumnData::Text(text) = &ids.data else {
                break;
            };
            let Some(raw) = text.get(row).filter(|raw| !is_null_token(raw)) else {
                continue;
            };
            let mut hasher = FastHasher::default();
            raw.hash(&mut hasher);
            match (models.map(|column| &column.data), file_model) {
                (Some(ColumnData::Text(text)), _) => text.get(row).hash(&mut hasher),
                (Some(ColumnData::Coded(codes)), _) => codes.get(row).hash(&mut hasher),
                (_, Some(model)) => model.hash(&mut hasher),
                _ => {}
            }
            cell.clear();
            for output in &outputs {
                if let ColumnData::Text(text) = &output.data {
                    cell.extend_from_slice(text.get(row).unwrap_or_default());
                    cell.push(0);
                }
            }
            let prediction = hash(&cell);
            match seen.entry(hasher.finish()) {
                std::collections::hash_map::Entry::Vacant(place) => {
                    place.insert((prediction, false));
                }
                std::collections::hash_map::Entry::Occupied(mut place) => {
                    let (first, conflict) = place.get_mut();
                    if *first == prediction {
                        repeats.same += 1;
                    } else if !std::mem::replace(conflict, true) {
                        repeats.different += 1;
                        repeats.example.get_or_insert_with(|| String::from_utf8_lossy(raw).into_owned());
                    }
                }
            }
        }
    }
    Ok(repeats)
}
