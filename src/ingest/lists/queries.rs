//! Lines by query.

use std::collections::HashMap;
use std::hash::Hash;
use std::ops::Range;

use crate::ingest::keys::LineIds;
use crate::ingest::table::TextColumn;

/// A line without a query, or a query without a row.
pub(super) const NO_QUERY: u32 = u32::MAX;

/// Queries by their place in the order in which the lines name them, prediction lines first.
pub(super) struct Queries {
    pub count: usize,
    /// Query of each prediction line, and of each line of the label file.
    pub of_lines: Vec<u32>,
    pub of_labels: Vec<u32>,
}

impl Queries {
    pub fn of(lines: &LineIds, labels: Option<&LineIds>) -> Self {
        match (lines, labels) {
            (LineIds::Integer { values, valid }, None | Some(LineIds::Integer { .. })) => {
                let present = |valid: &Option<Vec<bool>>, line: usize| valid.as_ref().is_none_or(|valid| valid[line]);
                let first = (0..values.len()).map(|line| present(valid, line).then(|| values[line]));
                let second: Vec<Option<i64>> = match labels {
                    Some(LineIds::Integer { values, valid }) => {
                        (0..values.len()).map(|line| present(valid, line).then(|| values[line])).collect()
                    }
                    _ => Vec::new(),
                };
                coded(first, second.into_iter())
            }
            (lines, labels) => {
                let text = |ids: &LineIds| ids.clone().into_text();
                let (first, second) = (text(lines), labels.map(text).unwrap_or_default());
                coded(cells(&first), cells(&second))
            }
        }
    }

    /// Prediction lines by query, those of a query in the order of the files; and the range of each query.
    pub fn sorted(&self) -> (Vec<u32>, Vec<Range<usize>>) {
        let mut ends = vec![0usize; self.count];
        let named = || self.of_lines.iter().filter(|query| **query != NO_QUERY);
        named().for_each(|&query| ends[query as usize] += 1);
        let mut total = 0;
        let mut ranges = Vec::with_capacity(self.count);
        for end in &mut ends {
            let start = total;
            total += *end;
            ranges.push(start..total);
            *end = start;
        }
        let mut sorted = vec![0u32; total];
        for (line, &query) in (0u32..).zip(&self.of_lines).filter(|(_, query)| **query != NO_QUERY) {
            sorted[ends[query as usize]] = line;
            ends[query as usize] += 1;
        }
        (sorted, ranges)
    }
}

/// An empty cell is no query.
fn cells(text: &TextColumn) -> impl Iterator<Item = Option<&[u8]>> {
    (0..text.len()).map(|line| text.get(line).map(<[u8]>::trim_ascii).filter(|cell| !cell.is_empty()))
}

fn coded<K: Eq + Hash>(lines: impl Iterator<Item = Option<K>>, labels: impl Iterator<Item = Option<K>>) -> Queries {
    let mut known: HashMap<K, u32> = HashMap::new();
    let mut code = |query: Option<K>| match query {
        None => NO_QUERY,
        Some(query) => {
            let next = known.len() as u32;
            *known.entry(query).or_insert(next)
        }
    };
    let of_lines: Vec<u32> = lines.map(&mut code).collect();
    let of_labels: Vec<u32> = labels.map(&mut code).collect();
    Queries { count: known.len(), of_lines, of_labels }
}
