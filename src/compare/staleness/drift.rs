//! Data drift: each column's distribution in each window against the baseline.

use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use super::column::{Bins, Groups, MISSING, OTHERS, Values, distance};
use super::found::{ColumnDrift, ColumnKind, WindowDrift};
use super::windows::{COVERAGE, Cut};
use crate::compare::engine::CompareError;
use crate::compare::engine::words::percent;
use crate::job::JobCx;
use crate::log::{Content, Log, NO_CODE, Task};

/// Features that are looked at.
pub(super) const FEATURES: usize = 60;

/// A column, and the rows that it speaks of.
pub(super) struct Column<'a> {
    pub log: &'a Log,
    pub name: String,
    pub kind: ColumnKind,
    pub values: Values<'a>,
    pub held: Box<dyn Fn(usize) -> bool + Sync + 'a>,
}

/// Label, scores or answers of both arms, features; and the features there is no room for.
pub(super) fn columns<'a>(log: &'a Log, classes: &'a [String; 2]) -> (Vec<Column<'a>>, Vec<String>) {
    let mut found = Vec::new();
    found.extend(label(log, classes));
    for arm in 0..log.arms.len().min(2) {
        found.extend(answers(log, arm, classes));
    }
    let (shown, more) = log.features.split_at(log.features.len().min(FEATURES));
    found.extend(shown.iter().map(|feature| Column {
        log,
        name: feature.name.clone(),
        kind: ColumnKind::Feature,
        values: Values::of(feature),
        held: Box::new(|_| true),
    }));
    (found, more.iter().map(|feature| feature.name.clone()).collect())
}

/// The truth; rows without one say nothing of it.
pub(super) fn label<'a>(log: &'a Log, classes: &'a [String; 2]) -> Option<Column<'a>> {
    let labels = &log.labels;
    let values = match (&log.content, log.task) {
        (Content::Numbers(numbers), _) => Values::Numbers(Box::new(|row| numbers.truth[row])),
        (Content::Coded(coded), Task::Multiclass) => {
            Values::Words(&coded.names, Box::new(|row| (coded.truth[row] != NO_CODE).then(|| coded.truth[row])))
        }
        (Content::Binary, Task::Binary) => {
            Values::Words(&classes[..], Box::new(|row| (labels[row] <= 1).then(|| u32::from(labels[row]))))
        }
        _ => return None,
    };
    let held = Box::new(|row: usize| labels[row] <= 1);
    let name = log.audit.labels.column.clone().unwrap_or_else(|| "label".to_owned());
    labels.iter().any(|&label| label <= 1).then_some(Column { log, name, kind: ColumnKind::Label, values, held })
}

/// What an arm answered, on the rows that were its own to answer.
fn answers<'a>(log: &'a Log, index: usize, classes: &'a [String; 2]) -> Option<Column<'a>> {
    let arm = &log.arms[index];
    let (what, values) = match (&arm.scores, &arm.predictions, &log.content, log.task) {
        (_, _, Content::Coded(coded), Task::Multiclass) => {
            let codes = coded.answers.get(index)?;
            ("answers", Values::Words(&coded.names, Box::new(|row| (codes[row] != NO_CODE).then(|| codes[row]))))
        }
        (Some(scores), _, _, Task::Binary | Task::Regression) => {
            ("scores", Values::Numbers(Box::new(|row| scores[row])))
        }
        (None, Some(codes), _, Task::Binary) => {
            ("decisions", Values::Words(&classes[..], Box::new(|row| (codes[row] <= 1).then(|| u32::from(codes[row])))))
        }
        _ => return None,
    };
    let (who, kind) = [("champion", ColumnKind::ChampionScore), ("challenger", ColumnKind::ChallengerScore)][index];
    let own = log.split.as_ref().map(|split| &split.arms);
    let held = Box::new(move |row: usize| own.is_none_or(|arms| usize::from(arms[row]) == index));
    Some(Column { log, name: format!("{who}'s {what}"), kind, values, held })
}

/// Every column over the windows.
pub(super) fn drift(
    columns: &[Column<'_>],
    cut: &Cut,
    groups: &Groups,
    level: f64,
    cx: &JobCx,
) -> Result<Vec<ColumnDrift>, CompareError> {
    let mut counted = Vec::with_capacity(columns.len());
    for column in columns {
        cx.check()?;
        counted.push(count(column, cut, groups, cx)?);
    }
    let together = counted.iter().filter(|counted| counted.0.undefined.is_none()).count();
    Ok(counted
        .into_iter()
        .map(|(mut found, effects)| {
            if found.undefined.is_none() {
                for (at, window) in found.windows.iter_mut().enumerate().skip(cut.baseline) {
                    // Labels that come early are not as those that come late.
                    let [now, before] = [cut.coverage(at..at + 1), cut.coverage(0..cut.baseline)];
                    if found.kind == ColumnKind::Label && now < COVERAGE * before {
                        window.undefined = Some(format!("{} labelled against {}", percent(now), percent(before)));
                        continue;
                    }
                    let effects = [effects[0], effects[cut.group(at)]];
                    window.distance = distance([&found.baseline, &window.counts], effects, level, together);
                }
            }
            found
        })
        .collect())
}

/// Counts of a column by window, and the design effects of baseline and windows.
fn count(column: &Column<'_>, cut: &Cut, groups: &Groups, cx: &JobCx) -> Result<(ColumnDrift, Vec<f64>), CompareError> {
    let undefined = |why: String| {
        let windows = vec![WindowDrift::default(); cut.windows.len()];
        let (name, kind) = (column.name.clone(), column.kind);
        (ColumnDrift { name, kind, bins: Vec::new(), baseline: Vec::new(), windows, undefined: Some(why) }, Vec::new())
    };
    let (bins, unseen) = match &column.values {
        Values::Numbers(value) => match numbers(value, column, cut, groups, cx)? {
            Ok(bins) => (bins, None),
            Err(why) => return Ok(undefined(why)),
        },
        Values::Words(names, code) => match words(names, code, column, cut, groups, cx)? {
            Ok((bins, unseen)) => (bins, Some(unseen)),
            Err(why) => return Ok(undefined(why)),
        },
    };
    let bin = |row: usize| (column.held)(row).then(|| bins.of(&column.values, row));
    let mut counts = groups.counts(cx, bins.count(), bin)?;
    let effects = match groups.clustered() {
        true => groups.design_effects(cx, (cut.groups(), |window| cut.group(window)), bins.count(), bin)?,
        false => vec![1.0; cut.groups()],
    };
    let mut names = bins.names;
    for extra in [MISSING, OTHERS] {
        if let Some(at) = names.iter().rposition(|name| name == extra)
            && counts.iter().all(|window| window[at] == 0)
        {
            names.remove(at);
            for window in &mut counts {
                window.remove(at);
            }
        }
    }
    let baseline = (0..names.len()).map(|bin| counts[..cut.baseline].iter().map(|window| window[bin]).sum()).collect();
    let has_missing = names.last().is_some_and(|name| name == MISSING);
    let windows = counts.into_iter().enumerate().map(|(at, counts)| {
        let rows = counts.iter().sum::<u64>();
        let share = |count: u64| (rows > 0).then(|| count as f64 / rows as f64);
        WindowDrift {
            distance: None,
            undefined: None,
            missing: share(if has_missing { counts.last().copied().unwrap_or(0) } else { 0 }),
            unseen: unseen.as_ref().and_then(|unseen| share(unseen[at])),
            counts,
        }
    });
    let windows = windows.collect();
    let (name, kind) = (column.name.clone(), column.kind);
    Ok((ColumnDrift { name, kind, bins: names, baseline, windows, undefined: None }, effects))
}

type Found<T> = Result<Result<T, String>, CompareError>;

/// Values of a column that each block counts in a table of its own.
const MANY: usize = 4096;
const STAGES: &str = "its values follow the stages of the rollout";
const FOLLOWS: &str = "its values follow the time itself, so every window differs from every other";

/// Bins by the deciles of the baseline; where that holds one value, of all rows.
fn numbers(
    value: &(dyn Fn(usize) -> f64 + Sync),
    column: &Column<'_>,
    cut: &Cut,
    groups: &Groups,
    cx: &JobCx,
) -> Found<Bins> {
    let ranges = groups.fold(
        cx,
        || vec![[f64::INFINITY, f64::NEG_INFINITY]; groups.count],
        |ranges, window, row| {
            let value = value(row);
            if !value.is_nan() && (column.held)(row) {
                ranges[window] = [ranges[window][0].min(value), ranges[window][1].max(value)];
            }
        },
        |sum, more| sum.iter_mut().zip(more).for_each(|(a, b)| *a = [a[0].min(b[0]), a[1].max(b[1])]),
    )?;
    let held: Vec<[f64; 2]> = ranges.into_iter().filter(|[lo, hi]| lo <= hi).collect();
    if column.kind == ColumnKind::Feature
        && held.len() > 2
        && (held.windows(2).all(|pair| pair[0][1] < pair[1][0]) || held.windows(2).all(|pair| pair[0][0] > pair[1][1]))
    {
        return Ok(Err(FOLLOWS.to_owned()));
    }
    let sorted = |all: bool| {
        let take = |row: &usize| {
            let in_time = groups.group(*row).is_some_and(|window| all || window < cut.baseline);
            in_time && (column.held)(*row) && !value(*row).is_nan()
        };
        let rows = (0..groups.rows()).into_par_iter().with_min_len(crate::metrics::BLOCK);
        // Minus nought is nought.
        let mut values: Vec<f64> = rows.filter(take).map(|row| value(row) + 0.0).collect();
        values.par_sort_unstable_by(f64::total_cmp);
        values
    };
    let baseline = sorted(false);
    if baseline.is_empty() {
        return Ok(Err("the baseline has no value".to_owned()));
    }
    cx.check()?;
    Ok(Bins::of_numbers(&baseline)
        .or_else(|_| Bins::of_numbers(&sorted(true)))
        .map_err(|_| "all rows hold one value".to_owned()))
}

/// Whether every stage of a rollout has one value.
fn follows_stages(log: &Log, code: &(dyn Fn(usize) -> Option<u32> + Sync)) -> bool {
    let Some((_, stages)) = log.split.as_ref().and_then(|split| split.stages.as_ref()) else {
        return false;
    };
    let mut of: Vec<Option<Option<u32>>> = vec![None; stages.names.len()];
    (0..log.rows).all(|row| match stages.code(row) {
        Some(stage) => *of[stage as usize].get_or_insert(code(row)) == code(row),
        None => true,
    })
}

/// Bins of the most frequent values; beside them, by window, rows whose value no baseline row has.
fn words(
    names: &[String],
    code: &(dyn Fn(usize) -> Option<u32> + Sync),
    column: &Column<'_>,
    cut: &Cut,
    groups: &Groups,
    cx: &JobCx,
) -> Found<(Bins, Vec<u64>)> {
    // Windows in which each value stands, a bit each.
    let seen: Vec<AtomicU64> = (0..names.len()).map(|_| AtomicU64::new(0)).collect();
    let take = |counts: &mut Vec<u64>, window: usize, row: usize| {
        if let Some(code) = code(row).filter(|_| (column.held)(row)) {
            counts[code as usize] += 1;
            let (slot, bit) = (&seen[code as usize], 1u64 << window);
            if slot.load(Ordering::Relaxed) & bit == 0 {
                slot.fetch_or(bit, Ordering::Relaxed);
            }
        }
    };
    let start = || vec![0u64; names.len()];
    let counts = if names.len() <= MANY {
        let merge = |sum: &mut Vec<u64>, more: Vec<u64>| sum.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
        groups.fold(cx, start, take, merge)?
    } else {
        // A table for each block would be larger than the log.
        let mut counts = start();
        for row in 0..groups.rows() {
            if row % crate::metrics::BLOCK == 0 {
                cx.check()?;
            }
            if let Some(window) = groups.group(row) {
                take(&mut counts, window, row);
            }
        }
        counts
    };
    let seen: Vec<u64> = seen.into_iter().map(AtomicU64::into_inner).collect();
    let all: u64 = counts.iter().sum();
    let held = counts.iter().filter(|count| **count > 0).count();
    if held as u64 * 2 > all && held > 50 {
        return Ok(Err(format!("it has {held} different values in {all} rows, as ids or free text do")));
    }
    let in_time = cut.windows.iter().filter(|window| window.rows > 0).count();
    if column.kind == ColumnKind::Feature
        && in_time > 2
        && held >= in_time
        && seen.iter().all(|windows| windows.count_ones() <= 1)
    {
        return Ok(Err(FOLLOWS.to_owned()));
    }
    let of_baseline = (1u64 << cut.baseline) - 1;
    if column.kind == ColumnKind::Feature && follows_stages(column.log, code) {
        return Ok(Err(STAGES.to_owned()));
    }
    let bins = match Bins::of_words(names, &counts) {
        Ok(bins) => bins,
        Err(why) => return Ok(Err(why)),
    };
    let new = |row: usize| {
        let code = code(row).filter(|_| (column.held)(row))?;
        (seen[code as usize] & of_baseline == 0).then_some(0)
    };
    let unseen = groups.counts(cx, 1, new)?.into_iter().map(|window| window[0]).collect();
    Ok(Ok((bins, unseen)))
}
