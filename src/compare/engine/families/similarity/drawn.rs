//! What the view of similarities draws.

use rayon::prelude::*;

use super::PairFamily;
use crate::compare::detail::{PairPoint, PairRow, Similarities, SimilarityBin};
use crate::compare::result::PerArm;
use crate::job::{Cancelled, JobCx};
use crate::metrics::histogram::Bins;
use crate::metrics::regression::centred_ranks;

/// Bins of a distribution.
const BINS: usize = 50;
/// Bins along either axis of similarity against gold.
const CELLS: usize = 32;
/// Rows that are drawn one by one.
const POINTS: usize = 1_000;
/// Ranges of gold scores.
const RANGES: usize = 10;
/// Rows listed at either end.
const LISTED: usize = 200;

impl PairFamily<'_> {
    pub(super) fn similarities(&self, rows: &[u32], cx: &JobCx) -> Result<Similarities, Cancelled> {
        let arms = self.arms();
        let measure = if self.has_vectors() { "cosine" } else { "similarity" }.to_owned();
        if rows.is_empty() || self.log.arms[..arms].iter().any(|arm| arm.scores.is_none()) {
            return Ok(Similarities { measure, ..Similarities::default() });
        }
        let columns: Vec<Vec<f64>> = (0..arms).map(|arm| self.drawn(arm, rows)).collect();
        let gold = self.gold(rows);
        cx.check()?;
        let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let bins = Bins::covering(&slices, BINS);
        let gold_edges = gold.as_deref().map_or_else(Vec::new, gold_edges);
        let grid = Bins::covering(&slices, CELLS);
        let counts = |column: &Vec<f64>| count(column, bins.edges().len() - 1, |value| bins.bin(value));
        let cells = |column: &Vec<f64>| {
            let last = gold_edges.len().checked_sub(2)?;
            let mut cells = vec![0; (last + 1) * CELLS];
            for (gold, value) in gold.as_deref()?.iter().zip(column) {
                let bin = gold_edges.partition_point(|edge| edge <= gold).saturating_sub(1).min(last);
                cells[bin * CELLS + grid.bin(*value)] += 1;
            }
            Some(cells)
        };
        let few = gold.as_ref().filter(|_| rows.len() <= POINTS);
        let points = few
            .into_iter()
            .flatten()
            .enumerate()
            .map(|(place, gold)| PairPoint { gold: *gold, arms: per_arm(columns.iter().map(|column| column[place])) });
        let cells: Vec<Vec<u64>> = columns.iter().filter_map(cells).collect();
        cx.check()?;
        let mut found = Similarities {
            measure,
            edges: bins.edges(),
            histogram: per_arm(columns.iter().map(counts)),
            gold_edges,
            cells: per_arm(cells.into_iter()),
            points: points.collect(),
            by_gold: gold.as_ref().map_or_else(Vec::new, |gold| by_gold(gold, &columns)),
            ..Similarities::default()
        };
        self.list(rows, &columns, gold.as_deref(), &mut found);
        Ok(found)
    }

    fn list(&self, rows: &[u32], columns: &[Vec<f64>], gold: Option<&[f64]>, found: &mut Similarities) {
        let ranks: Vec<Vec<f64>> = columns.par_iter().map(|column| centred_ranks(column)).collect();
        let of_gold = gold.map(centred_ranks);
        let gap = |arm: usize, place: usize| of_gold.as_ref().map(|gold| ranks[arm][place] - gold[place]);
        let apart = |place: usize| (ranks.len() == 2).then(|| ranks[1][place] - ranks[0][place]);
        let row = |place: usize| PairRow {
            row: u64::from(rows[place]),
            id: self.log.ids.get(rows[place] as usize),
            gold: gold.map(|gold| gold[place]),
            values: per_arm(columns.iter().map(|column| column[place])),
            gaps: PerArm { champion: gap(0, place), challenger: if ranks.len() == 2 { gap(1, place) } else { None } },
            apart: apart(place),
        };
        // The first places by falling `of`, those above 0 alone.
        let most = |of: &(dyn Fn(usize) -> f64 + Sync)| -> Vec<PairRow> {
            let mut order: Vec<(f64, usize)> =
                (0..rows.len()).into_par_iter().map(|place| (of(place), place)).filter(|(by, _)| *by > 1e-12).collect();
            order.par_sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            order.into_iter().take(LISTED).map(|(_, place)| row(place)).collect()
        };
        let away = |arm: usize, place: usize| gap(arm, place).map_or(0.0, f64::abs);
        if ranks.len() == 2 {
            found.apart = most(&|place| apart(place).map_or(0.0, f64::abs));
            if of_gold.is_some() {
                let loss = |place: usize| away(1, place) - away(0, place);
                found.losses = most(&loss);
                found.gains = most(&|place| -loss(place));
                let counted = (0..rows.len()).fold([0; 3], |mut counts, place| {
                    let loss = loss(place);
                    // Rounding is no difference.
                    counts[if loss < -1e-12 { 0 } else { 1 + usize::from(loss > 1e-12) }] += 1;
                    counts
                });
                found.better = Some(counted);
            }
        } else {
            found.losses = most(&|place| away(0, place));
        }
    }
}

/// A bin per score where there are few, equal bins else.
fn gold_edges(gold: &[f64]) -> Vec<f64> {
    let mut levels = gold.to_vec();
    levels.par_sort_unstable_by(f64::total_cmp);
    levels.dedup();
    let (Some(&first), Some(&last)) = (levels.first(), levels.last()) else { return Vec::new() };
    if levels.len() > CELLS {
        return Bins::new(first, last, CELLS).edges();
    }
    let gap = levels.windows(2).map(|pair| pair[1] - pair[0]).fold(f64::INFINITY, f64::min);
    let half = if gap.is_finite() { gap / 2.0 } else { 0.5 };
    let middles = levels.windows(2).map(|pair| f64::midpoint(pair[0], pair[1]));
    [first - half].into_iter().chain(middles).chain([last + half]).collect()
}

fn count(values: &[f64], bins: usize, bin: impl Fn(f64) -> usize) -> Vec<u64> {
    let mut counts = vec![0; bins];
    values.iter().for_each(|value| counts[bin(*value)] += 1);
    counts
}

/// Ranges of about equal rows by gold; equal scores stay together.
fn by_gold(gold: &[f64], columns: &[Vec<f64>]) -> Vec<SimilarityBin> {
    let mut order: Vec<u32> = (0..gold.len() as u32).collect();
    order.par_sort_unstable_by(|&a, &b| gold[a as usize].total_cmp(&gold[b as usize]).then(a.cmp(&b)));
    let mut bins = Vec::with_capacity(RANGES);
    let mut start = 0;
    for range in 1..=RANGES {
        let mut end = (order.len() * range / RANGES).max(start);
        while end > start && end < order.len() && gold[order[end] as usize] == gold[order[end - 1] as usize] {
            end += 1;
        }
        let places = &order[start..end];
        if !places.is_empty() {
            let mean = |of: &[f64]| places.iter().map(|&place| of[place as usize]).sum::<f64>() / places.len() as f64;
            bins.push(SimilarityBin {
                gold: mean(gold),
                rows: places.len() as u64,
                arms: per_arm(columns.iter().map(|column| mean(column))),
            });
        }
        start = end;
    }
    bins
}

fn per_arm<T>(mut of: impl Iterator<Item = T>) -> PerArm<T> {
    PerArm { champion: of.next(), challenger: of.next() }
}
