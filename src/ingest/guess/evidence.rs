//! Figures taken over all rows at hand: values with counts, shared ids, ids with two predictions.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::hash::{BuildHasherDefault, Hash, Hasher};

use super::Input;
use super::column::cell_text;
use crate::ingest::table::{ColumnData, Table};
use crate::ingest::typing::{FastHasher, FastMap, codes, is_null_token};
use crate::job::{Cancelled, JobCx};
use crate::log::CodeColumn;

/// Different values that are listed at most.
const VALUES: usize = 1000;

/// Rows whose ids are compared at most.
const ID_ROWS: usize = 200_000;

/// Share of ids that two models of the same requests have in common at least.
pub(super) const SHARED: f64 = 0.01;

/// Add the counts of more cells to those of the values known so far.
pub(super) fn add_counts(values: &mut Vec<(String, u64)>, more: Vec<(String, u64)>) {
    for (value, count) in more {
        match values.iter_mut().find(|(known, _)| *known == value) {
            Some((_, known)) => *known += count,
            None => values.push((value, count)),
        }
    }
}

/// Values of a column with their counts over the rows of the table; `None` when the column is missing or
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

/// Ids of a column as numbers that are equal where the ids are; `None` for rows without one.
///
/// `whole`: the ids are compared as the integers they are, otherwise as text.
fn id_keys(data: &ColumnData, rows: usize, whole: bool) -> impl Iterator<Item = Option<u64>> + '_ {
    let mut text = String::new();
    (0..rows).map(move |row| match data {
        ColumnData::Integer { values, valid } => {
            let present = valid.as_ref().is_none_or(|valid| valid[row]);
            present.then(|| {
                if whole {
                    return values[row] as u64;
                }
                text.clear();
                // Writing into a string cannot fail.
                let _ = write!(text, "{}", values[row]);
                hash(text.as_bytes())
            })
        }
        ColumnData::Text(text) => text.get(row).map(hash),
        ColumnData::Coded(codes) => codes.get(row).map(|id| hash(id.as_bytes())),
        _ => cell_text(data, row).map(|id| hash(id.as_bytes())),
    })
}

fn are_whole<'a>(mut columns: impl Iterator<Item = &'a ColumnData>) -> bool {
    columns.all(|data| matches!(data, ColumnData::Integer { .. }))
}

type IdSet = HashSet<u64, BuildHasherDefault<FastHasher>>;

/// Where the model of a row is told.
#[derive(Clone, Copy)]
pub(super) enum ModelOf<'a> {
    Column(&'a str),
    File(&'a str),
}

/// Share of the ids of the smaller model that the other one has too. The first rows tell where they share some;
/// otherwise one id in some is looked for in all rows, since files may have an order each.
pub(super) fn shared_ids(parts: &[(&Input<'_>, ModelOf<'_>)], id: &str) -> f64 {
    let seen: Vec<_> = parts.iter().map(|(input, model)| (Cow::Borrowed(input.table), *model)).collect();
    let found = share_of(&seen, id, ID_ROWS, 1);
    let cut = parts.iter().any(|(input, _)| input.rest.is_some() || input.table.records > ID_ROWS);
    if found >= SHARED || !cut {
        return found;
    }
    let whole = parts.iter().map(|(input, model)| match *model {
        ModelOf::Column(column) => (input.whole(&[id, column]), *model),
        ModelOf::File(_) => (input.whole(&[id]), *model),
    });
    let all: Vec<_> = whole.collect();
    let rows: usize = all.iter().map(|(table, _)| table.records).sum();
    share_of(&all, id, usize::MAX, rows.div_ceil(ID_ROWS) as u64)
}

/// [`shared_ids`] of the first `rows` of each table, of one id in `one_in`.
fn share_of(parts: &[(Cow<'_, Table>, ModelOf<'_>)], id: &str, rows: usize, one_in: u64) -> f64 {
    let columns = || parts.iter().filter_map(|(table, model)| Some((&table.column(id)?.data, table, model)));
    let whole = are_whole(columns().map(|column| column.0));
    // Fibonacci hashing (Knuth, The Art of Computer Programming 3, 6.4): ids may be whole numbers in any pattern.
    let taken = |id: &u64| (id.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32).is_multiple_of(one_in);
    let mut sets: BTreeMap<String, IdSet> = BTreeMap::new();
    for (data, table, model) in columns() {
        let ids = id_keys(data, table.records.min(rows), whole);
        match *model {
            ModelOf::File(model) => sets.entry(model.to_owned()).or_default().extend(ids.flatten().filter(taken)),
            ModelOf::Column(column) => {
                let Some(models) = table.column(column).map(|column| codes(&column.data)) else {
                    continue;
                };
                let mut of_code = vec![IdSet::default(); models.names.len()];
                for (row, id) in ids.enumerate() {
                    if let (Some(id), Some(model)) = (id.filter(taken), models.code(row)) {
                        of_code[model as usize].insert(id);
                    }
                }
                for (name, ids) in models.names.into_iter().zip(of_code) {
                    sets.entry(name).or_default().extend(ids);
                }
            }
        }
    }
    share(sets.into_values().collect())
}

fn share(mut sets: Vec<IdSet>) -> f64 {
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
