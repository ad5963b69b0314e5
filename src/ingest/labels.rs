//! One label per row: from the lines of both arms, and from label files joined by id.

use rayon::prelude::*;

use super::features::gathered;
use super::issue::{IngestError, Issue, Severity};
use super::keys::{IntegerKeys, LineIds, TextKeys};
use super::lines::Lines;
use super::mapping::{Duplicates, age};
use super::pair::{Counts, Fate, Joined, join};
use super::revisions;
use crate::job::{Cancelled, JobCx};
use crate::log::{Label, NO_LABEL, NO_TIME};

/// What a label is compared by: the class byte of a binary task, else the bits of a number or a code.
pub(super) trait LabelKey: Copy + Default + Eq + Send + Sync {
    const ABSENT: Self;
    /// Two labels that differ. Never leaves this module.
    const CONFLICT: Self;
}

impl LabelKey for u8 {
    const ABSENT: Self = NO_LABEL;
    const CONFLICT: Self = NO_LABEL - 1;
}

impl LabelKey for u64 {
    const ABSENT: Self = Self::MAX;
    const CONFLICT: Self = Self::MAX - 1;
}

/// What two sources say of one id.
fn combine<K: LabelKey>(first: K, second: K) -> K {
    match (first, second) {
        (none, other) | (other, none) if none == K::ABSENT => other,
        (first, second) if first == second => first,
        _ => K::CONFLICT,
    }
}

/// Labels of the pairs, one per row, and what was found on the way. `rows` are the pairs (lines of the champion, lines of the challenger; the same for one-line rows). `of` are
/// the labels of the prediction lines and of the lines of the label file.
pub(super) fn label<K: LabelKey>(
    lines: &Lines,
    file: Option<&Lines>,
    of: [Option<&[K]>; 2],
    joined: &Joined,
    rows: [&[u32]; 2],
    mature_after: Option<&str>,
    cx: &JobCx,
) -> Result<(Vec<K>, Label), IngestError> {
    let mut label =
        Label { column: lines.label_column.clone(), other_values: lines.other_labels.clone(), ..Label::default() };
    let mut labels = inline(of[0], joined, rows);
    let mut known_at = lines.label_times.as_ref().map(|times| gathered(times, rows[0]));
    if let Some(file) = file {
        let found = from_file(lines, file, of[1], joined, cx)?;
        let of_rows = gathered(&found.labels, rows[0]);
        labels.par_iter_mut().zip(of_rows).for_each(|(label, other)| *label = combine(*label, other));
        if let Some(times) = found.times {
            known_at = Some(gathered(&times, rows[0]));
        }
        label.column = file.label_column.clone();
        label.orphan = found.orphan;
        label.conflicting = found.conflicting;
        label.revised = found.revised;
        for (value, count) in &file.other_labels {
            match label.other_values.iter_mut().find(|other| other.0 == *value) {
                Some(other) => other.1 += count,
                None => label.other_values.push((value.clone(), *count)),
            }
        }
    }
    let conflicting = labels.par_iter().filter(|label| **label == K::CONFLICT).count() as u64;
    // Conflicts inside the label file were counted where they were found, and their rows have no label.
    label.conflicting += conflicting;
    if conflicting > 0 {
        labels.par_iter_mut().filter(|label| **label == K::CONFLICT).for_each(|label| *label = K::ABSENT);
    }
    if let (Some(text), Some(times)) = (mature_after, &lines.times) {
        let (latest, young) = held(&mut labels, rows[0], times, known_at.as_deref(), text)?;
        (label.final_until, label.immature) = (Some(latest), young);
    }
    label.present = labels.par_iter().filter(|label| **label != K::ABSENT).count() as u64;
    label.absent = labels.len() as u64 - label.present;
    if let (Some(known_at), Some(times)) = (known_at, &lines.times) {
        let lags = rows[0].par_iter().zip(&known_at).zip(&labels).filter_map(|((&row, &known), &label)| {
            let asked = times[row as usize];
            (label != K::ABSENT && known != NO_TIME && asked != NO_TIME).then_some(known - asked)
        });
        label.lag_hours = quantiles(lags.collect());
    }
    Ok((labels, label))
}

/// The time from which requests are younger than `age` when the log ends: with its last request or its last label.
fn final_until(times: &[i64], known_at: Option<&[i64]>, age: i64) -> i64 {
    let known = known_at.into_iter().flatten().copied().max().unwrap_or(NO_TIME);
    times.par_iter().copied().max().unwrap_or(NO_TIME).max(known).saturating_sub(age)
}

/// Hold back labels that are younger than the age `text`: until when they are final, and how many were held back.
///
/// # Errors
/// `text` is no age.
pub(super) fn held<K: LabelKey>(
    labels: &mut [K],
    rows: &[u32],
    times: &[i64],
    known_at: Option<&[i64]>,
    text: &str,
) -> Result<(i64, u64), IngestError> {
    let age = age(text).ok_or_else(|| {
        IngestError::Mapping(format!("The mapping says mature_after = \"{text}\"; give an age such as 36h, 30d or 6w."))
    })?;
    let latest = final_until(times, known_at, age);
    Ok((latest, hold_back(labels, rows, times, latest)))
}

/// Take the labels of requests after `latest`; how many there were.
fn hold_back<K: LabelKey>(labels: &mut [K], rows: &[u32], times: &[i64], latest: i64) -> u64 {
    let take = |(label, &row): (&mut K, &u32)| {
        let young = *label != K::ABSENT && times[row as usize] > latest;
        if young {
            *label = K::ABSENT;
        }
        u64::from(young)
    };
    labels.par_iter_mut().zip(rows).map(take).sum()
}

fn inline<K: LabelKey>(of_lines: Option<&[K]>, joined: &Joined, rows: [&[u32]; 2]) -> Vec<K> {
    let Some(of_lines) = of_lines else {
        return vec![K::ABSENT; rows[0].len()];
    };
    let mut merged = std::borrow::Cow::Borrowed(of_lines);
    for &(kept, surplus) in &joined.merged {
        // A repeated line may be the one that carries the label.
        let both = combine(of_lines[kept as usize], of_lines[surplus as usize]);
        if both != of_lines[kept as usize] {
            let slot = &mut merged.to_mut()[kept as usize];
            *slot = combine(*slot, both);
        }
    }
    let mut out = vec![K::ABSENT; rows[0].len()];
    let pairs = rows[0].par_iter().zip(rows[1]);
    out.par_iter_mut().zip(pairs).with_min_len(1 << 16).for_each(|(label, (&first, &second))| {
        *label = combine(merged[first as usize], merged[second as usize]);
    });
    out
}

struct Found<K> {
    /// By prediction line.
    labels: Vec<K>,
    times: Option<Vec<i64>>,
    orphan: u64,
    conflicting: u64,
    revised: u64,
}

fn from_file<K: LabelKey>(
    lines: &Lines,
    file: &Lines,
    labels: Option<&[K]>,
    joined: &Joined,
    cx: &JobCx,
) -> Result<Found<K>, IngestError> {
    let (Some(ids), Some(label_ids)) = (&lines.ids, &file.ids) else {
        let message =
            "Labels in a file of their own are joined by id: give the id column of both files with --map id=COLUMN.";
        return Err(IngestError::Mapping(message.to_owned()));
    };
    let Some(labels) = labels else {
        return Err(IngestError::Mapping(
            "The label file has no label column: name it with --map label=COLUMN.".to_owned(),
        ));
    };
    let found = join_labels(lines, [ids, label_ids], labels, joined, cx)?;
    let revisions = match &file.label_times {
        Some(times) if found.1.counts.conflicting > 0 => revisions::latest(labels, times, label_ids),
        _ => (labels.into(), 0),
    };
    let (labels, revised) = (revisions.0.as_ref(), revisions.1);
    let (split, found) = if revised > 0 { join_labels(lines, [ids, label_ids], labels, joined, cx)? } else { found };
    let mut by_line = vec![K::ABSENT; lines.total];
    let mut times = file.label_times.as_ref().map(|_| vec![NO_TIME; lines.total]);
    for (&line, &label) in found.pairs[0].iter().zip(&found.pairs[1]) {
        let row = (label - split) as usize;
        by_line[line as usize] = labels[row];
        if let (Some(times), Some(known)) = (&mut times, &file.label_times) {
            times[line as usize] = known[row];
        }
    }
    let Counts { alone: [_, orphan], conflicting, .. } = found.counts;
    Ok(Found { labels: by_line, times, orphan, conflicting, revised })
}

/// Join the label lines to the predicted ids; the first label line has the number returned.
fn join_labels<K: LabelKey>(
    lines: &Lines,
    [ids, label_ids]: [&LineIds; 2],
    labels: &[K],
    joined: &Joined,
    cx: &JobCx,
) -> Result<(u32, Joined), IngestError> {
    // One line stands for each predicted id; label lines without a label say nothing.
    let stands = |(&fate, &arm): (&Fate, &u8)| match fate {
        Fate::Paired => u8::from(arm != 0) * 2,
        Fate::Alone | Fate::Refused => 0,
        _ => 2,
    };
    let mut side: Vec<u8> = joined.fates.par_iter().zip(&lines.arms).map(stands).collect();
    side.extend(labels.iter().map(|&label| if label == K::ABSENT { 2 } else { 1 }));
    let split = lines.total as u32;
    let same = |first: u32, second: u32| {
        // Several lines of one refused id stand for the same id.
        first < split || labels[(first - split) as usize] == labels[(second - split) as usize]
    };
    Ok((split, join_ids(ids, label_ids, &side, Duplicates::Refuse, &same, cx)?))
}

/// Join by the ids of two sets of lines, the second continuing the line numbers of the first.
pub(super) fn join_ids(
    first: &LineIds,
    second: &LineIds,
    side: &[u8],
    duplicates: Duplicates,
    same: &(dyn Fn(u32, u32) -> bool + Sync),
    cx: &JobCx,
) -> Result<Joined, Cancelled> {
    if let (LineIds::Integer { values: a, valid: a_valid }, LineIds::Integer { values: b, valid: b_valid }) =
        (first, second)
    {
        let keys = IntegerKeys::new((a, a_valid.as_deref()), (b, b_valid.as_deref()));
        return join(&keys, side, duplicates, same, cx);
    }
    let text = |ids: &LineIds| ids.clone().into_text();
    let (first, second) = match (first, second) {
        (LineIds::Text(a), LineIds::Text(b)) => return join_text(a, b, side, duplicates, same, cx),
        (a, b) => (text(a), text(b)),
    };
    join_text(&first, &second, side, duplicates, same, cx)
}

fn join_text(
    first: &super::table::TextColumn,
    second: &super::table::TextColumn,
    side: &[u8],
    duplicates: Duplicates,
    same: &(dyn Fn(u32, u32) -> bool + Sync),
    cx: &JobCx,
) -> Result<Joined, Cancelled> {
    match TextKeys::choose(first, second) {
        TextKeys::Packed(keys) => join(&keys, side, duplicates, same, cx),
        TextKeys::Hashed(keys) => join(&keys, side, duplicates, same, cx),
    }
}

/// What joining the labels found that a reader must know.
pub(super) fn issues(label: &Label) -> Vec<Issue> {
    let issue = |code: &str, severity, count: u64, of: u64, message: String, consequence: &str, mend: &str| {
        Issue::counted(code, severity, (count, of), message, consequence, mend)
    };
    let rows = label.present + label.absent;
    let mut issues = Vec::new();
    if label.present == 0 && rows > 0 {
        issues.push(issue(
            "no_labels",
            Severity::Warning,
            rows,
            rows,
            format!("None of the {rows} rows has a label."),
            "Nothing can be said about who is right; only what both models answered can be compared.",
            "Name the file with the labels with --labels, or wait until they are known.",
        ));
    }
    if label.immature > 0 {
        issues.push(issue(
            "immature_labels",
            Severity::Note,
            label.immature,
            rows,
            format!("{} labels belong to requests that are younger than the age of a final label.", label.immature),
            "They count as pending: they may still change, and those that come early are no fair picture of all.",
            "None needed; read the log again when they are older, or change mature_after in policy or profile.",
        ));
    }
    if label.revised > 0 {
        issues.push(issue(
            "revised_labels",
            Severity::Note,
            label.revised,
            rows,
            format!("{} ids have a label that was revised later.", label.revised),
            "The latest label of each counts.",
            "None needed, if later labels are the better ones.",
        ));
    }
    if label.conflicting > 0 {
        issues.push(issue(
            "conflicting_labels",
            Severity::Warning,
            label.conflicting,
            rows,
            format!("{} ids have two different labels.", label.conflicting),
            "They count as unlabelled.",
            "Find out which label is right and leave the other out.",
        ));
    }
    if label.orphan > 0 {
        let labels = label.present + label.orphan;
        issues.push(issue(
            "orphan_labels",
            if label.orphan * 2 > labels { Severity::Warning } else { Severity::Note },
            label.orphan,
            labels,
            format!("{} of {labels} labels belong to no prediction.", label.orphan),
            "They are in no number.",
            "Nothing, if the label file covers more requests; else see whether both files write the ids alike.",
        ));
    }
    issues
}

/// Median, 90 % and 99 % (the smallest value that is not below that share), in hours.
fn quantiles(mut micros: Vec<i64>) -> Option<[f64; 3]> {
    if micros.is_empty() {
        return None;
    }
    Some([0.5, 0.9, 0.99].map(|share| {
        let rank = ((micros.len() as f64 * share).ceil() as usize).clamp(1, micros.len()) - 1;
        *micros.select_nth_unstable(rank).1 as f64 / 3.6e9
    }))
}
