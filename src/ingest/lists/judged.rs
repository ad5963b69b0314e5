//! What is relevant to each query: from a file of judgements, or from a column beside the lists.

use rayon::prelude::*;

use super::queries::{NO_QUERY, Queries};
use crate::ingest::issue::IngestError;
use crate::ingest::labels::{LabelKey, held};
use crate::ingest::lines::Lines;
use crate::ingest::mapping::Mapping;
use crate::log::{Judgements, Label, NO_CODE, NO_LABEL, NO_TIME};

/// Judgements by row, which rows can be measured, and what was found on the way.
pub(super) struct Judged {
    pub judgements: Judgements,
    /// 0 for a query with a relevant item, else [`NO_LABEL`].
    pub labels: Vec<u8>,
    pub label: Label,
}

/// Where the lines of a query went.
pub(super) struct Place<'a> {
    pub queries: &'a Queries,
    /// [`NO_QUERY`] for a query that is no row.
    pub row_of: &'a [u32],
    /// Whether a model of the comparison answered it.
    pub answered: &'a [bool],
}

/// Judgements of the rows; `firsts` is a line of each row, for its time.
///
/// # Errors
/// The judgements name no query, item or grade; a grade is no whole number.
pub(super) fn judge(
    lines: &mut Lines,
    file: Option<Lines>,
    place: &Place<'_>,
    firsts: &[u32],
    mapping: &Mapping,
) -> Result<Judged, IngestError> {
    let mut label = Label { column: lines.label_column.clone(), ..Label::default() };
    let mut found: Vec<Judgement> = Vec::new();
    if let (Some(truth), Some(items)) = (&lines.truth, &lines.items) {
        let times = lines.label_times.as_deref();
        add(&mut found, &place.queries.of_lines, items, (truth, times), label.column.as_deref())?;
    }
    if let Some(file) = &file {
        let lacks = |what: &str, flag: &str| {
            IngestError::Mapping(format!(
                "The file of judgements has no column that tells the {what}: name it with --map {flag}=COLUMN."
            ))
        };
        file.ids.as_ref().ok_or_else(|| lacks("query", "id"))?;
        let items = file.items.as_ref().ok_or_else(|| lacks("item", "item"))?;
        let truth = file.truth.as_ref().ok_or_else(|| lacks("relevance", "label"))?;
        if let Some(message) = &file.unusable {
            return Err(IngestError::Mapping(message.clone()));
        }
        let here: Vec<u32> = file.dictionary.names.iter().map(|name| lines.dictionary.code(name)).collect();
        let items: Vec<u32> = items.iter().map(|item| here.get(*item as usize).copied().unwrap_or(NO_CODE)).collect();
        let times = file.label_times.as_deref();
        add(&mut found, &place.queries.of_labels, &items, (truth, times), file.label_column.as_deref())?;
        label.column.clone_from(&file.label_column);
    }
    found.par_sort_unstable();
    let mut judgements = Judgements::default();
    let mut by_row: Vec<(u32, u32, i32)> = Vec::with_capacity(found.len());
    for of_item in found.chunk_by(|a, b| (a.query, a.item) == (b.query, b.item)) {
        // Sorted: the latest by its own time counts, and those that no time tells apart are at its end.
        let last = of_item[of_item.len() - 1];
        let same_time = of_item.iter().rev().take_while(|judged| judged.known == last.known);
        if same_time.clone().any(|judged| judged.grade != last.grade) {
            label.conflicting += 1;
        } else {
            label.revised += u64::from(of_item.iter().any(|judged| judged.grade != last.grade));
            by_row.push((place.row_of[last.query as usize], last.item, last.grade));
        }
    }
    let of_queries = found.chunk_by(|a, b| a.query == b.query);
    label.orphan = of_queries.filter(|own| !place.answered[own[0].query as usize]).count() as u64;
    by_row.retain(|(row, ..)| *row != NO_QUERY);
    by_row.par_sort_unstable();
    let rows = firsts.len();
    let mut labels = vec![NO_LABEL; rows];
    // Rows whose items are all judged to be of no use.
    let mut irrelevant: Vec<usize> = Vec::new();
    let mut rest = by_row.as_slice();
    for (row, known) in labels.iter_mut().enumerate() {
        let (own, later) = rest.split_at(rest.partition_point(|judged| judged.0 as usize <= row));
        rest = later;
        judgements.items.extend(own.iter().map(|judged| judged.1));
        judgements.grades.extend(own.iter().map(|judged| judged.2));
        judgements.ends.push(judgements.items.len() as u32);
        if own.iter().any(|judged| judged.2 >= 1) {
            *known = 0;
        } else if own.iter().any(|judged| judged.2 == 0) {
            irrelevant.push(row);
        }
    }
    if let (Some(text), Some(times)) = (&mapping.mature_after, &lines.times) {
        let known: Vec<i64> = found.iter().map(|judged| judged.known).collect();
        let (latest, young) = held(&mut labels, firsts, times, Some(&known), text)?;
        (label.final_until, label.immature) = (Some(latest), young);
        irrelevant.retain(|row| times[firsts[*row] as usize] <= latest);
    }
    label.irrelevant = irrelevant.len() as u64;
    label.present = labels.iter().filter(|known| **known == 0).count() as u64;
    label.absent = rows as u64 - label.present;
    Ok(Judged { judgements, labels, label })
}

/// A grade of an item for a query, and since when it is known ([`NO_TIME`] where that is not logged).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Judgement {
    query: u32,
    item: u32,
    known: i64,
    grade: i32,
}

/// Judgements of some lines.
fn add(
    found: &mut Vec<Judgement>,
    queries: &[u32],
    items: &[u32],
    (truth, times): (&[u64], Option<&[i64]>),
    column: Option<&str>,
) -> Result<(), IngestError> {
    for (line, ((&query, &item), &key)) in queries.iter().zip(items).zip(truth).enumerate() {
        if query == NO_QUERY || item == NO_CODE || key == u64::ABSENT {
            continue;
        }
        let grade = f64::from_bits(key);
        if grade.fract() != 0.0 || grade.abs() > 1000.0 {
            return Err(IngestError::Mapping(format!(
                "{} holds the relevance {grade}. Grades are whole numbers up to 1000: 1 or more for relevant, 0 for not, below 0 for not judged; write others as such, or name another column with --map label=COLUMN.",
                column.unwrap_or("The column of labels")
            )));
        }
        let known = times.map_or(NO_TIME, |times| times[line]);
        found.push(Judgement { query, item, known, grade: grade as i32 });
    }
    Ok(())
}
