//! Vectors of the items of pairs, all of one length; others are set aside with the reason.

use super::Typing;
use crate::ingest::issue::{Example, Issue, Severity};
use crate::ingest::mapping::{Role, Side};
use crate::ingest::table::ColumnData;
use crate::ingest::typing::{brief, is_null_token};
use crate::ingest::vectors::{Fault, Ragged, fault, parse, usual};

/// Examples kept of each column.
const EXAMPLES: usize = 5;

/// Cells of a source that are no vectors, by row.
type Faults = Vec<(usize, Fault)>;

/// The two columns of a source.
struct Part {
    names: [String; 2],
    columns: [Ragged; 2],
    faults: [Faults; 2],
}

impl Typing<'_> {
    /// Both vectors of each line; one that cannot be used is empty.
    pub(super) fn embeddings(&mut self, side: Side) -> Option<[Ragged; 2]> {
        let names = self.names(Role::Embedding, side);
        if names.is_empty() {
            return None;
        }
        let mut parts = Vec::with_capacity(self.readings.len());
        for reading in &mut self.readings {
            let rows = reading.records();
            let here: Vec<&String> = names.iter().filter(|name| reading.has(name)).collect();
            match here.as_slice() {
                [a, b] => {
                    let (first, second) = (vectors(reading.take(a).as_deref()), vectors(reading.take(b).as_deref()));
                    let names = [(*a).clone(), (*b).clone()];
                    parts.push((rows, Some(Part { names, columns: [first.0, second.0], faults: [first.1, second.1] })));
                }
                [] => parts.push((rows, None)),
                here => {
                    self.lines.unusable = Some(format!(
                        "A model has two vectors of a pair, one of each item, and {} holds {}: {}. Name the two columns \
                         with --map embedding=COLUMN, once for each, or embedding.champion and embedding.challenger \
                         where the models stand side by side.",
                        reading.source.display,
                        if here.len() == 1 { "one" } else { "more" },
                        here.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ")
                    ));
                    return None;
                }
            }
        }
        self.of_one_length(&mut parts);
        self.tell(&parts);
        let first = parts.iter().filter_map(|(_, part)| part.as_ref()).find_map(|part| {
            let at = usize::from(part.faults[0].is_empty());
            part.faults[at].first().map(|(_, fault)| format!(": the first of {} {}", part.names[at], fault.text()))
        });
        let whole = stacked(parts);
        if whole.iter().any(|column| column.values.is_empty()) {
            self.lines.unusable = Some(format!(
                "No line holds two vectors in {}{}. Name the columns of the vectors with --map embedding=COLUMN, or that \
                 of the similarities with --map score=COLUMN.",
                names.join(" and "),
                first.unwrap_or_default()
            ));
        }
        Some(whole)
    }

    /// Set vectors of another length than the usual one of their model aside.
    fn of_one_length(&self, parts: &mut [(usize, Option<Part>)]) {
        let arms = &self.lines.arms;
        let starts = &self.lines.starts;
        for arm in 0..2 {
            let lengths =
                parts.iter().zip(starts).filter_map(|((rows, part), &start)| Some((part.as_ref()?, *rows, start)));
            let lengths = lengths.flat_map(|(part, rows, start)| {
                let of_arm = (0..rows).filter(move |row| arms[start + row] == arm);
                of_arm.flat_map(|row| part.columns.iter().map(move |column| column.row(row).len()))
            });
            let usual = usual(lengths);
            for ((rows, part), &start) in parts.iter_mut().zip(starts) {
                let Some(Part { columns, faults, .. }) = part else { continue };
                for (column, faults) in columns.iter_mut().zip(faults) {
                    let odd: Faults = (0..*rows)
                        .filter(|row| arms[start + row] == arm)
                        .map(|row| (row, column.row(row).len()))
                        .filter(|(_, length)| *length != 0 && *length != usual)
                        .map(|(row, length)| (row, Fault::Length(length, usual)))
                        .collect();
                    if !odd.is_empty() {
                        *column = without(column, &odd);
                        faults.extend(odd);
                        faults.sort_by_key(|(row, _)| *row);
                    }
                }
            }
        }
    }

    /// Say what was set aside.
    fn tell(&mut self, parts: &[(usize, Option<Part>)]) {
        for (reading, (rows, part)) in self.readings.iter().zip(parts) {
            let Some(part) = part else { continue };
            for (name, faults) in part.names.iter().zip(&part.faults) {
                let Some((first, why)) = faults.first() else { continue };
                let display = &reading.source.display;
                let example = |(row, fault): &(usize, Fault)| Example {
                    source: display.clone(),
                    record: reading.line(*row as u64),
                    raw: brief(&fault.text()).to_string(),
                };
                let count = faults.len() as u64;
                let vectors = if count == 1 { "1 vector".to_owned() } else { format!("{count} vectors") };
                let line = reading.line(*first as u64);
                self.lines.issues.push(Issue {
                    code: "unusable_embedding".to_owned(),
                    severity: Severity::Warning,
                    message: format!(
                        "{vectors} of {name} in {display} cannot be compared. The first, {display}:{line}, {}.",
                        why.text()
                    ),
                    consequence: "They count as not logged, and their rows are not analysed.".to_owned(),
                    mend: "Write each vector as a JSON list of finite numbers, as many as the model has dimensions."
                        .to_owned(),
                    count,
                    share: count as f64 / (*rows).max(1) as f64,
                    examples: faults.iter().take(EXAMPLES).map(example).collect(),
                });
            }
        }
    }
}

/// Parts end to end, without a copy where there is one.
fn stacked(mut parts: Vec<(usize, Option<Part>)>) -> [Ragged; 2] {
    if parts.len() == 1 {
        return parts.pop().and_then(|(_, part)| part).map(|part| part.columns).unwrap_or_default();
    }
    let mut whole = [Ragged::default(), Ragged::default()];
    for (rows, part) in parts {
        for (at, whole) in whole.iter_mut().enumerate() {
            (0..rows).for_each(|row| whole.push(part.as_ref().map_or(&[], |part| part.columns[at].row(row))));
        }
    }
    whole
}

/// The cells of a column as vectors.
fn vectors(data: Option<&ColumnData>) -> (Ragged, Faults) {
    let (mut out, mut faults) = (Ragged::default(), Faults::new());
    let Some(data) = data else { return (out, faults) };
    if let ColumnData::Vectors(vectors) = data {
        out = vectors.clone();
    } else {
        let text = data.to_text();
        for row in 0..text.len() {
            match text.get(row).filter(|raw| !is_null_token(raw.trim_ascii())) {
                None => out.end(),
                Some(raw) => {
                    if let Err(fault) = parse(raw, &mut out) {
                        faults.push((row, fault));
                    }
                }
            }
        }
    }
    let bad: Faults = (0..out.rows()).filter_map(|row| Some((row, fault(out.row(row))?))).collect();
    if !bad.is_empty() {
        out = without(&out, &bad);
        faults.extend(bad);
        faults.sort_by_key(|(row, _)| *row);
    }
    (out, faults)
}

/// The column with the rows of `faults`, which ascend, left empty.
fn without(column: &Ragged, faults: &Faults) -> Ragged {
    let mut out = Ragged::default();
    let mut next = faults.iter().map(|(row, _)| *row).peekable();
    for row in 0..column.rows() {
        if next.next_if_eq(&row).is_some() {
            out.end();
        } else {
            out.push(column.row(row));
        }
    }
    out
}
