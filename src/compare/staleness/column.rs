//! A column of the log in bins, counted by window; what rows of one unit take off what a count tells.

use rayon::prelude::*;

use super::found::Distance;
use super::windows::{Cut, NOWHERE};
use crate::compare::engine::CompareError;
use crate::job::JobCx;
use crate::log::{Codes, Feature, FeatureValues, Log};
use crate::metrics::BLOCK;
use crate::stats::drift::{jensen_shannon_counts, quantile_edges};
use crate::stats::stability::{UnitTally, stability};

/// Parts of equal count that the numbers of the baseline are cut into.
const PARTS: usize = 10;
/// Values of a column of words that have a bin of their own.
const WORDS: usize = 20;
/// Rows, or as many as tell as much, below which nothing is said of a window.
pub(super) const FEW: f64 = 30.0;
pub(super) const OTHERS: &str = "all others";
pub(super) const MISSING: &str = "missing";

/// Values of a column by the row of the log.
pub(super) enum Values<'a> {
    /// NaN where there is none.
    Numbers(Box<dyn Fn(usize) -> f64 + Sync + 'a>),
    Words(&'a [String], Box<dyn Fn(usize) -> Option<u32> + Sync + 'a>),
}

impl<'a> Values<'a> {
    pub fn of(feature: &'a Feature) -> Self {
        match &feature.values {
            FeatureValues::Numeric(values) => Self::Numbers(Box::new(|row| values[row])),
            FeatureValues::Coded(codes) => Self::coded(codes),
        }
    }

    pub fn coded(codes: &'a Codes) -> Self {
        Self::Words(&codes.names, Box::new(|row| codes.code(row)))
    }
}

/// Bins of a column; the last one is of rows without a value.
pub(super) struct Bins {
    pub names: Vec<String>,
    cut: CutAt,
}

enum CutAt {
    Edges(Vec<f64>),
    /// Bin of each code.
    Codes(Vec<u8>),
}

impl Bins {
    /// Deciles of `sorted`, which is ascending and without NaN.
    pub fn of_numbers(sorted: &[f64]) -> Result<Self, String> {
        Self::of_parts(sorted, PARTS)
    }

    /// As [`Self::of_numbers`], of `parts` of equal count.
    pub fn of_parts(sorted: &[f64], parts: usize) -> Result<Self, String> {
        let edges = quantile_edges(sorted, parts).map_err(|error| error.to_string())?;
        let mut names = vec![format!("up to {}", short(edges[0]))];
        names.extend(edges.windows(2).map(|ends| format!("{} to {}", short(ends[0]), short(ends[1]))));
        names.push(format!("above {}", short(edges[edges.len() - 1])));
        names.push(MISSING.to_owned());
        Ok(Self { names, cut: CutAt::Edges(edges) })
    }

    /// The most frequent values, and the others together. Which they are is told by all rows that are compared, so that
    /// neither side has chosen them.
    pub fn of_words(names: &[String], counts: &[u64]) -> Result<Self, String> {
        let mut held: Vec<usize> = (0..names.len()).filter(|&code| counts[code] > 0).collect();
        if held.len() < 2 {
            return Err("all rows hold one value".to_owned());
        }
        held.sort_by(|&a, &b| counts[b].cmp(&counts[a]).then_with(|| names[a].cmp(&names[b])));
        let rest = held.len() > WORDS;
        held.truncate(WORDS);
        let number = |code: &usize| names[*code].trim().parse::<f64>().ok().filter(|value| !value.is_nan());
        if held.iter().all(|code| number(code).is_some()) {
            held.sort_by(|a, b| number(a).partial_cmp(&number(b)).unwrap_or(std::cmp::Ordering::Equal));
        }
        let mut of = vec![held.len() as u8; names.len()];
        held.iter().enumerate().for_each(|(bin, &code)| of[code] = bin as u8);
        let mut bins: Vec<String> = held.iter().map(|&code| names[code].clone()).collect();
        // A bin of its own even where it is empty keeps the codes of one column within its bins.
        bins.push(OTHERS.to_owned());
        bins.push(MISSING.to_owned());
        debug_assert!(rest || of.iter().zip(counts).all(|(&bin, &count)| count == 0 || (bin as usize) < held.len()));
        Ok(Self { names: bins, cut: CutAt::Codes(of) })
    }

    pub fn count(&self) -> usize {
        self.names.len()
    }

    #[inline]
    pub fn number(&self, value: f64) -> usize {
        match &self.cut {
            CutAt::Edges(edges) if !value.is_nan() => edges.partition_point(|&edge| edge < value),
            _ => self.names.len() - 1,
        }
    }

    #[inline]
    pub fn word(&self, code: Option<u32>) -> usize {
        match (&self.cut, code) {
            (CutAt::Codes(bins), Some(code)) => usize::from(bins[code as usize]),
            _ => self.names.len() - 1,
        }
    }

    #[inline]
    pub fn of(&self, values: &Values<'_>, row: usize) -> usize {
        match values {
            Values::Numbers(value) => self.number(value(row)),
            Values::Words(_, code) => self.word(code(row)),
        }
    }
}

/// Four significant digits.
fn short(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return value.to_string();
    }
    let digits = (3 - value.abs().log10().floor() as i32).clamp(0, 12) as usize;
    let text = format!("{value:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// Rows of the log that belong to groups (baseline and windows, or all), and units within them.
pub(super) struct Groups {
    /// Group of each row; `u8::MAX`: none.
    of: Vec<u8>,
    pub count: usize,
    /// Rows by group and unit, and the end of each unit's; `None` where every row is its own unit.
    units: Option<(Vec<u32>, Vec<u32>)>,
}

impl Groups {
    pub fn of_windows(log: &Log, cut: &Cut) -> Self {
        let times = log.times.as_deref().unwrap_or_default();
        let of = |&time: &i64| match cut.at(time) {
            NOWHERE => u8::MAX,
            window => window as u8,
        };
        let of: Vec<u8> = times.par_iter().with_min_len(BLOCK).map(of).collect();
        Self::new(log, of, cut.windows.len(), |window| cut.group(usize::from(window)) as u8)
    }

    /// All rows as one group.
    pub fn of_all(log: &Log) -> Self {
        Self::new(log, vec![0; log.rows], 1, |_| 0)
    }

    fn new(log: &Log, of: Vec<u8>, count: usize, part: impl Fn(u8) -> u8 + Sync) -> Self {
        let units = log.units.as_ref().and_then(|(_, codes)| {
            if codes.names.len() >= log.rows {
                return None;
            }
            // A row without a unit is a unit of its own.
            let key = |row: usize| {
                let unit = codes.code(row).map_or(1u64 << 32 | row as u64, u64::from);
                u64::from(part(of[row])) << 40 | unit
            };
            let mut rows: Vec<(u64, u32)> = (0..log.rows)
                .into_par_iter()
                .with_min_len(BLOCK)
                .filter(|&row| of[row] != u8::MAX)
                .map(|row| (key(row), row as u32))
                .collect();
            rows.par_sort_unstable();
            let last = |at: &usize| rows.get(at + 1).is_none_or(|next| next.0 != rows[*at].0);
            let ends: Vec<u32> = (0..rows.len()).filter(last).map(|at| at as u32 + 1).collect();
            (ends.len() < rows.len()).then(|| (rows.iter().map(|(_, row)| *row).collect(), ends))
        });
        Self { of, count, units }
    }

    /// Rows of the log, in a group or not.
    pub fn rows(&self) -> usize {
        self.of.len()
    }

    #[inline]
    pub fn group(&self, row: usize) -> Option<usize> {
        (self.of[row] != u8::MAX).then(|| usize::from(self.of[row]))
    }

    /// Sum over all rows of a group, block by block.
    pub fn fold<T: Send>(
        &self,
        cx: &JobCx,
        start: impl Fn() -> T + Sync,
        add: impl Fn(&mut T, usize, usize) + Sync,
        merge: impl Fn(&mut T, T),
    ) -> Result<T, CompareError> {
        let block = |block: usize| {
            cx.check()?;
            let mut sum = start();
            let first = block * BLOCK;
            for row in first..(first + BLOCK).min(self.of.len()) {
                if let Some(group) = self.group(row) {
                    add(&mut sum, group, row);
                }
            }
            Ok(sum)
        };
        let blocks: Result<Vec<T>, CompareError> =
            (0..self.of.len().div_ceil(BLOCK)).into_par_iter().map(block).collect();
        let mut sum = start();
        blocks?.into_iter().for_each(|block| merge(&mut sum, block));
        Ok(sum)
    }

    /// Counts `[group][bin]` of the rows that are `held`.
    pub fn counts(
        &self,
        cx: &JobCx,
        bins: usize,
        bin: impl Fn(usize) -> Option<usize> + Sync,
    ) -> Result<Vec<Vec<u64>>, CompareError> {
        let start = || vec![0u64; self.count * bins];
        let add = |counts: &mut Vec<u64>, group: usize, row: usize| {
            if let Some(bin) = bin(row) {
                counts[group * bins + bin] += 1;
            }
        };
        let merge = |sum: &mut Vec<u64>, more: Vec<u64>| sum.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
        Ok(self.fold(cx, start, add, merge)?.chunks(bins).map(<[u64]>::to_vec).collect())
    }

    /// Rows of one unit in one part, each with the part; of rows that are their own units nothing.
    pub fn units(&self) -> impl Iterator<Item = &[u32]> {
        let (rows, ends) = self.units.as_ref().map_or((&[][..], &[][..]), |(rows, ends)| (rows, ends));
        let starts = std::iter::once(0).chain(ends.iter().copied());
        starts.zip(ends).map(|(start, &end)| &rows[start as usize..end as usize])
    }

    pub fn clustered(&self) -> bool {
        self.units.is_some()
    }

    /// Design effect of the shares of the bins in each part of `parts`, 1 where every row is its own unit.
    pub fn design_effects(
        &self,
        cx: &JobCx,
        (parts, part): (usize, impl Fn(usize) -> usize),
        bins: usize,
        bin: impl Fn(usize) -> Option<usize>,
    ) -> Result<Vec<f64>, CompareError> {
        let mut tallies = vec![UnitTally::new(bins); parts];
        let mut counts = vec![0u32; bins];
        let mut since = 0;
        for rows in self.units() {
            since += rows.len();
            if since > BLOCK {
                cx.check()?;
                since = 0;
            }
            for &row in rows {
                if let Some(bin) = bin(row as usize) {
                    counts[bin] += 1;
                }
            }
            let group = self.group(rows[0] as usize).map_or(0, &part);
            tallies[group].add(&counts);
            counts.fill(0);
        }
        Ok(tallies.iter().map(UnitTally::design_effect).collect())
    }
}

/// Distance of two counts, or nothing where either tells too little. `columns` are judged together.
pub(super) fn distance([from, to]: [&[u64]; 2], effects: [f64; 2], level: f64, columns: usize) -> Option<Distance> {
    let size = |counts: &[u64], effect: f64| counts.iter().sum::<u64>() as f64 / effect;
    let sizes = [size(from, effects[0]), size(to, effects[1])];
    if sizes.iter().any(|size| *size < FEW) {
        return None;
    }
    let joint = 1.0 - (1.0 - level) / columns.max(1) as f64;
    let found = stability(from, to, sizes, joint).ok()?;
    Some(Distance {
        psi: found.psi,
        expected: found.expected,
        value: found.value,
        lo: found.lo,
        hi: found.hi,
        p: found.p,
        js: jensen_shannon_counts(from, to).ok()?,
        sizes,
    })
}
