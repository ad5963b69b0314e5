//! Score histograms by truth on shared edges, and scores of one model against the other's.

use rayon::prelude::*;

use super::BLOCK;

/// Equal bins over [low, high]; values outside fall into the end bins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bins {
    pub low: f64,
    pub high: f64,
    pub count: usize,
    scale: f64,
}

impl Bins {
    /// `count` bins of equal width; `count` is at least 1. A range without width puts everything into bin 0.
    pub fn new(low: f64, high: f64, count: usize) -> Self {
        let scale = count.max(1) as f64 / (high - low);
        Self { low, high, count: count.max(1), scale: if scale.is_finite() && scale > 0.0 { scale } else { 0.0 } }
    }

    /// Bins that cover the finite values of all columns; (0, 1) when there is none.
    pub fn covering(columns: &[&[f64]], count: usize) -> Self {
        let (low, high) = columns
            .par_iter()
            .flat_map(|column| column.par_chunks(BLOCK))
            .map(|block| {
                block.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &x| {
                    (if x < low { x } else { low }, if x > high { x } else { high })
                })
            })
            .reduce(|| (f64::INFINITY, f64::NEG_INFINITY), |a, b| (a.0.min(b.0), a.1.max(b.1)));
        if low <= high { Self::new(low, high, count) } else { Self::new(0.0, 1.0, count) }
    }

    /// `count + 1` edges, ascending.
    pub fn edges(&self) -> Vec<f64> {
        let width = (self.high - self.low) / self.count as f64;
        let mut edges: Vec<f64> = (0..self.count).map(|bin| self.low + width * bin as f64).collect();
        edges.push(self.high);
        edges
    }

    #[inline]
    pub fn bin(&self, value: f64) -> usize {
        (((value - self.low) * self.scale) as usize).min(self.count - 1)
    }
}

/// Rows per bin, `[negatives, positives]`; rows without a label are left out.
pub fn histogram(labels: &[u8], scores: &[f64], bins: &Bins) -> [Vec<u64>; 2] {
    let stride = bins.count;
    // The third stretch takes rows without a label, so that the loop has no branch.
    let mut sum = totals(labels.len(), 3 * stride, |range, counts| {
        for (&label, &score) in labels[range.clone()].iter().zip(&scores[range]) {
            counts[usize::from(label.min(2)) * stride + bins.bin(score)] += 1;
        }
    });
    sum.truncate(2 * stride);
    let positives = sum.split_off(stride);
    [sum, positives]
}

/// Rows by champion's and challenger's bin, row-major by champion.
pub fn joint(champion: &[f64], challenger: &[f64], bins: &Bins) -> Vec<u64> {
    totals(champion.len(), bins.count * bins.count, |range, counts| {
        for (&a, &b) in champion[range.clone()].iter().zip(&challenger[range]) {
            counts[bins.bin(a) * bins.count + bins.bin(b)] += 1;
        }
    })
}

/// Counts filled by block on all threads and added up.
fn totals(rows: usize, cells: usize, fill: impl Fn(std::ops::Range<usize>, &mut [u32]) + Sync) -> Vec<u64> {
    let blocks = rows.div_ceil(BLOCK);
    (0..blocks)
        .into_par_iter()
        .with_min_len(4)
        .fold(
            || vec![0u32; cells],
            |mut counts, block| {
                fill(block * BLOCK..((block + 1) * BLOCK).min(rows), &mut counts);
                counts
            },
        )
        .map(|counts| counts.into_iter().map(u64::from).collect::<Vec<u64>>())
        .reduce(
            || vec![0; cells],
            |mut sum, counts| {
                for (cell, more) in sum.iter_mut().zip(counts) {
                    *cell += more;
                }
                sum
            },
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::NO_LABEL;

    #[test]
    fn every_labelled_row_is_counted_once() {
        let scores = [0.0, 0.05, 0.1, 0.95, 1.0, 0.5];
        let bins = Bins::covering(&[&scores], 10);
        let found = histogram(&[0, 1, 0, 1, 1, NO_LABEL], &scores, &bins);
        assert_eq!(found[0], [1, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(found[1], [1, 0, 0, 0, 0, 0, 0, 0, 0, 2]);
        assert_eq!(joint(&scores, &scores, &bins).iter().sum::<u64>(), 6);
        assert_eq!(bins.edges().len(), 11);
        assert_eq!(Bins::new(2.0, 2.0, 4).bin(2.0), 0);
    }
}
