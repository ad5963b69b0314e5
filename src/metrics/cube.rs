//! Counts by slice, truth and score bin, added up from the top, so that a slider move is a few look-ups.

use rayon::prelude::*;

use super::BLOCK;
use super::confusion::Confusion;
use super::histogram::Bins;
use super::slices::Code;

/// Score bins of a cube.
pub const CUBE_BINS: usize = 4096;

/// For each slice and truth, rows with a score in bin `b` or above. Exact at the edges of the bins.
#[derive(Clone, Debug)]
pub struct Cube {
    bins: Bins,
    slices: usize,
    /// `[slice][truth][bin]`
    above: Vec<u32>,
}

impl Cube {
    /// Count one model's rows by `codes` (those of `slices` and above are left out) and score.
    pub fn new<C: Code>(labels: &[u8], scores: &[f64], codes: &[C], slices: usize, bins: (f64, f64)) -> Self {
        let bins = Bins::new(bins.0, bins.1, CUBE_BINS);
        let cells = (slices + 1) * 2 * CUBE_BINS;
        let mut above = labels
            .par_chunks(BLOCK)
            .zip(scores.par_chunks(BLOCK).zip(codes.par_chunks(BLOCK)))
            .with_min_len(16)
            .fold(
                || vec![0u32; cells],
                |mut counts, (labels, (scores, codes))| {
                    for ((&label, &score), &code) in labels.iter().zip(scores).zip(codes) {
                        let row = code.index().min(slices) * 2 + usize::from(label == 1);
                        counts[row * CUBE_BINS + bins.bin(score)] += 1;
                    }
                    counts
                },
            )
            .reduce(
                || vec![0; cells],
                |mut sum, counts| {
                    for (cell, more) in sum.iter_mut().zip(counts) {
                        *cell += more;
                    }
                    sum
                },
            );
        above.truncate(slices * 2 * CUBE_BINS);
        for stretch in above.chunks_mut(CUBE_BINS) {
            let mut sum = 0;
            for cell in stretch.iter_mut().rev() {
                sum += *cell;
                *cell = sum;
            }
        }
        Self { bins, slices, above }
    }

    pub fn slices(&self) -> usize {
        self.slices
    }

    /// The edge at or below `threshold` that the counts belong to.
    pub fn snapped(&self, threshold: f64) -> f64 {
        let bin = self.bins.bin(threshold);
        self.bins.low + (self.bins.high - self.bins.low) * (bin as f64 / CUBE_BINS as f64)
    }

    /// Counts of a slice with the threshold at the start of its bin.
    #[inline]
    pub fn confusion(&self, slice: usize, threshold: f64) -> Confusion {
        let bin = self.bins.bin(threshold);
        let stretch = |truth: usize| &self.above[(slice * 2 + truth) * CUBE_BINS..][..CUBE_BINS];
        let (negatives, positives) = (stretch(0), stretch(1));
        Confusion {
            true_negative: u64::from(negatives[0] - negatives[bin]),
            false_positive: u64::from(negatives[bin]),
            false_negative: u64::from(positives[0] - positives[bin]),
            true_positive: u64::from(positives[bin]),
        }
    }

    /// Counts of all slices.
    pub fn confusions(&self, threshold: f64) -> Vec<Confusion> {
        (0..self.slices).map(|slice| self.confusion(slice, threshold)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::{Decision, confusion};

    #[test]
    fn counts_are_exact_at_bin_edges() {
        let n = 3000u64;
        let hash = |row: u64| crate::metrics::bootstrap::hash(row, 11);
        let scores: Vec<f64> = (0..n).map(|row| (hash(row) >> 40) as f64 / (1u64 << 24) as f64).collect();
        let labels: Vec<u8> = (0..n).map(|row| (hash(row) & 1) as u8).collect();
        let codes: Vec<u8> = (0..n).map(|row| (hash(row) >> 1 & 3) as u8).collect();
        let cube = Cube::new(&labels, &scores, &codes, 3, (0.0, 1.0));
        for threshold in [0.0, 0.25, 0.5, 0.734375] {
            assert_eq!(cube.snapped(threshold), threshold);
            for (slice, found) in cube.confusions(threshold).into_iter().enumerate() {
                let kept: Vec<usize> = (0..n as usize).filter(|&row| usize::from(codes[row]) == slice).collect();
                let own_labels: Vec<u8> = kept.iter().map(|&row| labels[row]).collect();
                let own_scores: Vec<f64> = kept.iter().map(|&row| scores[row]).collect();
                let decision = Decision::Score { scores: &own_scores, threshold };
                assert_eq!(found, confusion::confusion(&own_labels, decision));
            }
        }
    }
}
