//! Challenger's score minus champion's, row by row: its distribution, and whether both models rank alike.

use rayon::prelude::*;

use super::{Both, mean};
use crate::compare::agreement::{ScoreShift, TopOverlap};
use crate::compare::engine::{CompareError, Engine};
use crate::job::JobCx;
use crate::log::Content;
use crate::metrics::{BLOCK, correlation, regression};

/// Rows up to which ranks are compared and quantiles are exact.
const RANKED: usize = 2_000_000;
/// Shares of rows whose quantiles are told.
const SHARES: [f64; 9] = [0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99];
/// Shares of rows that are taken as the top.
const TOPS: [f64; 4] = [0.01, 0.05, 0.1, 0.2];
/// Bins that are drawn.
const BINS: usize = 60;
/// Bins that quantiles of many rows are read off.
const FINE: usize = 1 << 14;

impl Engine {
    /// `None` where an arm has no scores, or where they belong to different classes or are on different scales.
    pub(in crate::compare::engine) fn measure_shift(
        &self,
        both: &Both,
        level: f64,
        cx: &JobCx,
    ) -> Result<Option<ScoreShift>, CompareError> {
        let comparable = match self.log.content {
            Content::Binary => self.one_scale(),
            Content::Numbers(_) => true,
            _ => false,
        };
        if !comparable {
            return Ok(None);
        }
        let [Some(a), Some(b)] = [0, 1].map(|arm: usize| self.log.arms.get(arm)?.scores.as_deref()) else {
            return Ok(None);
        };
        let rows = &both.rows;
        let take = |scores: &[f64]| -> Vec<f64> {
            rows.par_iter().with_min_len(BLOCK).map(|&row| scores[row as usize]).collect()
        };
        let (a, b) = rayon::join(|| take(a), || take(b));
        let shifts: Vec<f64> = a.par_iter().zip(&b).with_min_len(BLOCK).map(|(a, b)| b - a).collect();
        if shifts.iter().any(|shift| !shift.is_finite()) {
            return Ok(None);
        }
        cx.check()?;
        let n = shifts.len();
        let centre = mean(n, both.units.as_ref(), |at| shifts[at], level, "mean of rows");
        let middle = centre.value;
        let absolute = mean(n, None, |at| shifts[at].abs(), level, "").value;
        let square = mean(n, None, |at| (shifts[at] - middle).powi(2), level, "").value;
        let mut found = ScoreShift {
            rows: n as u64,
            mean: Some(centre),
            mean_absolute: absolute,
            standard_deviation: if n > 1 { (square * n as f64 / (n - 1) as f64).sqrt() } else { 0.0 },
            pearson: correlation::pearson(&a, &b).ok(),
            ..ScoreShift::default()
        };
        cx.check()?;
        found.quantiles(&shifts);
        found.drawn(&shifts);
        cx.check()?;
        if n > RANKED {
            found.undefined = Some(format!(
                "rank correlations and overlaps are computed of up to {} million rows; choose a population",
                RANKED / 1_000_000
            ));
        } else {
            let names = ["the champion's scores", "the challenger's scores"];
            let ((spearman, kendall), top) = rayon::join(
                || (regression::spearman(&a, &b, names), correlation::kendall(&a, &b)),
                || TOPS.iter().filter_map(|share| overlap(&a, &b, *share)).collect::<Vec<_>>(),
            );
            found.undefined = spearman.as_ref().err().cloned();
            (found.spearman, found.kendall, found.top) = (spearman.ok().map(|found| found.value), kendall, top);
        }
        Ok(Some(found))
    }
}

impl ScoreShift {
    /// Type 7 of Hyndman and Fan 1996, or of many rows off fine bins.
    fn quantiles(&mut self, shifts: &[f64]) {
        if shifts.len() <= RANKED {
            let mut sorted = shifts.to_vec();
            sorted.par_sort_unstable_by(f64::total_cmp);
            let at = |share: f64| {
                let place = share * (sorted.len() - 1) as f64;
                let (low, part) = (place.floor() as usize, place.fract());
                let next = sorted[(low + 1).min(sorted.len() - 1)];
                sorted[low] + part * (next - sorted[low])
            };
            self.quantiles = SHARES.iter().map(|&share| [share, at(share)]).collect();
            return;
        }
        let (low, high) = ends(shifts);
        let width = (high - low) / FINE as f64;
        let counts = counted(shifts, low, width, FINE);
        let mut shares = SHARES.iter().peekable();
        let (mut below, mut found) = (0u64, Vec::new());
        for (bin, count) in counts.iter().enumerate() {
            below += count;
            while let Some(share) = shares.next_if(|share| below as f64 >= **share * shifts.len() as f64) {
                found.push([*share, low + (bin as f64 + 0.5) * width]);
            }
        }
        (self.quantiles, self.quantile_error) = (found, width);
    }

    /// Bins from the least to the greatest of the quantiles, and half of that distance more at either side.
    fn drawn(&mut self, shifts: &[f64]) {
        let (Some([_, first]), Some([_, last])) = (self.quantiles.first(), self.quantiles.last()) else {
            return;
        };
        let (least, greatest) = ends(shifts);
        let more = 0.25 * (last - first);
        let (low, high) = ((first - more).max(least), (last + more).min(greatest));
        if low >= high {
            return;
        }
        let width = (high - low) / BINS as f64;
        self.edges = (0..=BINS).map(|bin| low + bin as f64 * width).collect();
        self.histogram = counted(shifts, low, width, BINS);
    }
}

fn ends(values: &[f64]) -> (f64, f64) {
    let none = (f64::INFINITY, f64::NEG_INFINITY);
    values.iter().fold(none, |(low, high), value| (low.min(*value), high.max(*value)))
}

/// Values per bin of equal width; those beyond the last edge count in the last bin, those below in the first.
fn counted(values: &[f64], low: f64, width: f64, bins: usize) -> Vec<u64> {
    let mut counts = vec![0; bins];
    values.iter().for_each(|value| counts[(((value - low) / width).max(0.0) as usize).min(bins - 1)] += 1);
    counts
}

/// Rows at or above the score of the last row of each arm's top.
fn overlap(a: &[f64], b: &[f64], share: f64) -> Option<TopOverlap> {
    let wanted = (share * a.len() as f64).round() as usize;
    let place = wanted.checked_sub(1)?;
    let cut = |scores: &[f64]| {
        let mut scores = scores.to_vec();
        *scores.select_nth_unstable_by(place, |a, b| b.total_cmp(a)).1
    };
    let (cut_a, cut_b) = (cut(a), cut(b));
    let (mut rows, mut both) = ([0; 2], 0);
    for (a, b) in a.iter().zip(b) {
        let taken = [*a >= cut_a, *b >= cut_b];
        rows = [rows[0] + u64::from(taken[0]), rows[1] + u64::from(taken[1])];
        both += u64::from(taken == [true, true]);
    }
    Some(TopOverlap { share, rows, both })
}
