//! Slices of a plan, measured by dealing the global orders out: nothing is sorted again.

use std::sync::Arc;

use rayon::prelude::*;

use super::decided::Decided;
use super::metrics;
use super::sample::{Sample, Units};
use super::scored::{self, Scored};
use crate::compare::plan::Plan;
use crate::compare::result::MetricResult;
use crate::compare::slice::{Condition, SliceError, SliceSpec};
use crate::job::{Cancelled, JobCx};
use crate::log::{Codes, FeatureValues, Log, RowMask};
use crate::metrics::Order;
use crate::metrics::order::Entry;
use crate::metrics::slices::Grouped;

/// Slices that share no row: values of the same columns, or a single slice.
pub(super) struct Family {
    /// Place in `slices` per analysed row, `u16::MAX` for none.
    codes: Vec<u16>,
    /// Indices into the plan's slices.
    pub slices: Vec<usize>,
}

/// Slices of a family may be at most this many.
const MOST: usize = u16::MAX as usize - 1;
/// Combinations of values that are looked up in a table.
const TABLE: usize = 1 << 22;

/// The families of `specs` over the analysed `rows` (`None`: all of the log).
///
/// # Errors
/// A slice names a column that is not there or holds something else.
pub(super) fn families(log: &Log, rows: Option<&[u32]>, specs: &[SliceSpec]) -> Result<Vec<Family>, SliceError> {
    let mut groups: Vec<(Vec<&str>, Vec<usize>)> = Vec::new();
    let mut single = Vec::new();
    for (index, spec) in specs.iter().enumerate() {
        let Some(columns) = coded_columns(log, spec) else {
            single.push(index);
            continue;
        };
        match groups.iter_mut().find(|(known, slices)| *known == columns && slices.len() < MOST) {
            Some((_, slices)) => slices.push(index),
            None => groups.push((columns, vec![index])),
        }
    }
    let mut families = Vec::with_capacity(groups.len() + single.len());
    for (columns, slices) in groups {
        families.push(Family { codes: crossed(log, rows, &columns, &slices, specs), slices });
    }
    for index in single {
        let mask = specs[index].mask(log)?;
        let code = |row: usize| if mask.contains(row) { 0 } else { u16::MAX };
        let codes = match rows {
            None => (0..log.rows).map(code).collect(),
            Some(rows) => rows.iter().map(|&row| code(row as usize)).collect(),
        };
        families.push(Family { codes, slices: vec![index] });
    }
    Ok(families)
}

/// Columns of a slice that sets each to one of its names; `None` for any other slice.
fn coded_columns<'a>(log: &Log, spec: &'a SliceSpec) -> Option<Vec<&'a str>> {
    let mut columns: Vec<&str> = Vec::with_capacity(spec.conditions.len());
    let mut cells = 1usize;
    for condition in &spec.conditions {
        let Condition::Equal { column, .. } = condition else {
            return None;
        };
        let codes = codes(log, column)?;
        cells = cells.saturating_mul(codes.names.len() + 1);
        if columns.contains(&column.as_str()) {
            return None;
        }
        columns.push(column);
    }
    (!columns.is_empty() && cells <= TABLE).then_some(columns)
}

fn codes<'a>(log: &'a Log, column: &str) -> Option<&'a Codes> {
    match &log.feature(column)?.values {
        FeatureValues::Coded(codes) => Some(codes),
        FeatureValues::Numeric(_) => None,
    }
}

fn crossed(log: &Log, rows: Option<&[u32]>, columns: &[&str], slices: &[usize], specs: &[SliceSpec]) -> Vec<u16> {
    let columns: Vec<&Codes> = columns.iter().filter_map(|column| codes(log, column)).collect();
    let mut table = vec![u16::MAX; columns.iter().map(|codes| codes.names.len() + 1).product()];
    for (place, &slice) in slices.iter().enumerate() {
        let values = specs[slice].conditions.iter().zip(&columns).map(|(condition, codes)| match condition {
            Condition::Equal { value, .. } => codes.names.iter().position(|name| name == value),
            _ => None,
        });
        let cell = values.zip(&columns).try_fold(0, |cell, (code, codes)| Some(cell * (codes.names.len() + 1) + code?));
        // The first of two equal slices has the rows; plans hold no slice twice.
        if let Some(cell) = cell {
            table[cell] = place as u16;
        }
    }
    let code = |row: usize| {
        let cell = columns.iter().fold(0, |cell, codes| {
            let missing = codes.names.len();
            cell * (missing + 1) + codes.code(row).map_or(missing, |code| code as usize)
        });
        table[cell]
    };
    match rows {
        None => (0..log.rows).into_par_iter().with_min_len(1 << 16).map(code).collect(),
        Some(rows) => rows.par_iter().with_min_len(1 << 16).map(|&row| code(row as usize)).collect(),
    }
}

/// Rows of each slice of a family, ascending, and the place of each row within its slice.
struct Dealt {
    rows: Vec<u32>,
    starts: Vec<usize>,
    place: Vec<u32>,
}

impl Dealt {
    fn new(codes: &[u16], count: usize) -> Self {
        let mut starts = vec![0usize; count + 1];
        let mut place = vec![0u32; codes.len()];
        let mut seen = vec![0u32; count];
        for (&code, place) in codes.iter().zip(&mut place) {
            if let Some(seen) = seen.get_mut(usize::from(code)) {
                *place = *seen;
                *seen += 1;
            }
        }
        for (code, seen) in seen.iter().enumerate() {
            starts[code + 1] = starts[code] + *seen as usize;
        }
        let mut rows = vec![0u32; starts[count]];
        for (row, (&code, &place)) in codes.iter().zip(&place).enumerate() {
            if usize::from(code) < count {
                rows[starts[usize::from(code)] + place as usize] = row as u32;
            }
        }
        Self { rows, starts, place }
    }

    fn rows(&self, slice: usize) -> &[u32] {
        &self.rows[self.starts[slice]..self.starts[slice + 1]]
    }
}

/// What was found on a slice, and what its scores gave at any threshold.
pub(super) struct Sliced {
    pub results: Vec<MetricResult>,
    pub scored: Arc<Scored>,
}

/// What the slices of one family are measured by.
pub(super) struct Measure<'a> {
    pub whole: Sample<'a>,
    /// 1 where flagged, per row of `whole`.
    pub decisions: [Option<&'a [u8]>; 2],
    pub plan: &'a Plan,
    pub cx: &'a JobCx,
}

impl Measure<'_> {
    /// Results of every slice of a family, and what its scores gave. `known` holds that of an earlier run.
    pub fn family(&self, family: &Family, known: &[Option<Arc<Scored>>]) -> Result<Vec<Sliced>, Cancelled> {
        let count = family.slices.len();
        let dealt = Dealt::new(&family.codes, count);
        self.cx.check()?;
        let fresh = known.iter().any(Option::is_none);
        let group = |arm: usize| {
            self.whole.orders[arm].filter(|_| fresh).map(|order| Grouped::new(order, &family.codes, count))
        };
        let (champion, challenger) = rayon::join(|| group(0), || group(1));
        let grouped = [champion, challenger];
        self.cx.check()?;
        (0..count)
            .into_par_iter()
            .map(|slice| {
                self.cx.check()?;
                let orders = grouped.each_ref().map(|grouped| {
                    let order = grouped.as_ref()?.order(slice);
                    Some(renumbered(&order, &dealt.place))
                });
                let found = self.slice(dealt.rows(slice), &orders, known[slice].clone(), family.slices[slice])?;
                self.cx.advance(1);
                Ok(found)
            })
            .collect()
    }

    fn slice(
        &self,
        rows: &[u32],
        orders: &[Option<Order>; 2],
        known: Option<Arc<Scored>>,
        index: usize,
    ) -> Result<Sliced, Cancelled> {
        let labels: Vec<u8> = rows.iter().map(|&row| self.whole.labels[row as usize]).collect();
        let gather = |values: &[f64]| -> Vec<f64> { rows.iter().map(|&row| values[row as usize]).collect() };
        let scores = self.whole.scores.map(|scores| scores.filter(|_| known.is_none()).map(gather));
        let flags = self
            .decisions
            .map(|flags| flags.map(|flags| rows.iter().map(|&row| flags[row as usize]).collect::<Vec<u8>>()));
        // Units that never repeat within the slice are its rows.
        let units = self.whole.units.map(|units| units.restricted(rows));
        let sample = Sample {
            arms: self.whole.arms,
            labels: &labels,
            positives: labels.iter().map(|&label| u64::from(label == 1)).sum(),
            has_positives: true,
            scores: scores.each_ref().map(Option::as_deref),
            orders: orders.each_ref().map(Option::as_ref),
            probability: self.whole.probability,
            units: units.as_ref().filter(|units: &&Units| units.count < rows.len()),
        };
        let decided = Decided::count(&sample, flags.each_ref().map(Option::as_deref));
        let scored = match known {
            Some(known) => known,
            None => {
                let found = scored::measure(&sample, self.plan, self.cx)?;
                Arc::new(Scored { sweeps: [None, None], ..found })
            }
        };
        let name = self.plan.slices[index].to_string();
        Ok(Sliced { results: metrics::results(&sample, &scored, &decided, None, Some(&name), self.plan), scored })
    }
}

/// A slice's order in the slice's own row numbers.
fn renumbered(order: &Order, place: &[u32]) -> Order {
    let entry = |entry: &Entry| Entry::new(place[entry.row() as usize], entry.label(), entry.tied());
    Order::from_entries(order.entries().iter().map(entry).collect())
}

/// One slice per combination of values of `columns` that the log holds, in the order of the values.
///
/// # Errors
/// A column is not there or holds numbers without few values.
pub fn cross_slices(log: &Log, columns: &[String]) -> Result<Vec<SliceSpec>, SliceError> {
    let mut coded = Vec::with_capacity(columns.len());
    for column in columns {
        let feature = log.feature(column).ok_or_else(|| SliceError::unknown(log, column))?;
        match &feature.values {
            FeatureValues::Coded(codes) => coded.push(codes),
            FeatureValues::Numeric(_) => return Err(SliceError::Continuous(column.clone())),
        }
    }
    if columns.is_empty() {
        return Ok(Vec::new());
    }
    let key = |row: usize| coded.iter().map(|codes| codes.code(row)).collect::<Option<Vec<u32>>>();
    let cells = coded.iter().fold(1usize, |cells, codes| cells.saturating_mul(codes.names.len()));
    let found: Vec<Vec<u32>> = if cells <= TABLE {
        let cell = |row: usize| {
            coded.iter().try_fold(0, |cell, codes| Some(cell * codes.names.len() + codes.code(row)? as usize))
        };
        let mut seen = RowMask::none(cells);
        (0..log.rows).filter_map(cell).for_each(|cell| seen.insert(cell));
        let key = |mut cell: usize| {
            let mut key: Vec<u32> = Vec::with_capacity(coded.len());
            for codes in coded.iter().rev() {
                key.push((cell % codes.names.len()) as u32);
                cell /= codes.names.len();
            }
            key.reverse();
            key
        };
        seen.iter().map(key).collect()
    } else {
        (0..log.rows).filter_map(key).collect::<std::collections::BTreeSet<_>>().into_iter().collect()
    };
    let spec = |key: &Vec<u32>| SliceSpec {
        conditions: columns
            .iter()
            .zip(&coded)
            .zip(key)
            .map(|((column, codes), &code)| Condition::Equal {
                column: column.clone(),
                value: codes.names[code as usize].clone(),
            })
            .collect(),
    };
    Ok(found.iter().map(spec).collect())
}

/// Whether a slice can be taken of the log.
///
/// # Errors
/// As [`SliceSpec::mask`], without looking at the rows.
pub(super) fn check(log: &Log, spec: &SliceSpec) -> Result<(), SliceError> {
    for condition in &spec.conditions {
        let column = condition.column();
        let Some(feature) = log.feature(column) else {
            condition.classes(log)?;
            continue;
        };
        let number = |text: &String| text.parse::<f64>().is_ok();
        match (&feature.values, condition) {
            (FeatureValues::Coded(codes), Condition::AtLeast { .. } | Condition::Below { .. })
                if !codes.names.iter().all(number) =>
            {
                return Err(SliceError::NotNumeric(column.to_owned()));
            }
            (FeatureValues::Numeric(_), Condition::Equal { value, .. } | Condition::NotEqual { value, .. })
                if !number(value) =>
            {
                return Err(SliceError::Syntax(condition.to_string()));
            }
            _ => {}
        }
    }
    Ok(())
}
