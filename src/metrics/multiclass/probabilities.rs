//! Metrics of the probabilities: row losses, top k, calibration.

use rayon::prelude::*;

use super::Classes;
use crate::metrics::BLOCK;
use crate::metrics::measured::{Measured, Outcome};

const BIASED: &str = "the binned error is biased upwards";

impl Classes<'_> {
    /// Share of rows with the true class among the `k` most probable. Where it ties with others across the cut, the row
    /// counts with the probability of being drawn among them.
    pub(super) fn top(&self, k: usize) -> Outcome {
        let (cells, classes) = (self.cells()?, self.classes());
        if k == 0 || k >= classes {
            return Err(format!("there are {classes} classes to choose the top {k} from"));
        }
        Measured::mean(self.rows(), |row| {
            let cells = &cells[row * classes..][..classes];
            let own = cells[self.truth[row] as usize];
            let above = cells.iter().filter(|p| **p > own).count();
            let tied = cells.iter().filter(|p| **p == own).count();
            (k.saturating_sub(above) as f64 / tied as f64).min(1.0)
        })
    }

    pub(super) fn log_loss(&self) -> Outcome {
        let (cells, classes) = (self.cells()?, self.classes());
        let own = |row: usize| cells[row * classes + self.truth[row] as usize];
        Measured::mean(self.rows(), |row| -own(row).clamp(f64::EPSILON, 1.0).ln())
    }

    pub(super) fn brier(&self) -> Outcome {
        let (cells, classes) = (self.cells()?, self.classes());
        Measured::mean(self.rows(), |row| {
            let truth = self.truth[row] as usize;
            let cells = &cells[row * classes..][..classes];
            let hit = |class: usize| f64::from(u8::from(class == truth));
            cells.iter().enumerate().map(|(class, p)| (p - hit(class)).powi(2)).sum()
        })
    }

    /// Expected calibration error of the greatest probability against the decision being right, bins `(lo, hi]`.
    pub(super) fn top_label_calibration_error(&self, bins: usize) -> Outcome {
        let (cells, classes) = (self.cells()?, self.classes());
        let confidence = |row: usize| cells[row * classes..][..classes].iter().fold(0.0, |most: f64, p| most.max(*p));
        Measured::bare(binned(self.rows(), bins, |row| (confidence(row), self.hit(row))), BIASED)
    }

    /// Mean over classes of the calibration error of the class's probability.
    pub(super) fn classwise_calibration_error(&self, bins: usize) -> Outcome {
        let (cells, classes) = (self.cells()?, self.classes());
        let of_class = |class: usize| {
            let true_class = |row: usize| f64::from(u8::from(self.truth[row] as usize == class));
            binned(self.rows(), bins, |row| (cells[row * classes + class], true_class(row)))
        };
        Measured::bare((0..classes).map(of_class).sum::<f64>() / classes as f64, BIASED)
    }
}

/// Sum over bins of the gap between stated and seen, over all rows. `of` gives the probability of a row and whether it
/// came true.
fn binned(rows: usize, bins: usize, of: impl Fn(usize) -> (f64, f64) + Sync) -> f64 {
    let block = |block: usize| {
        let mut gaps = vec![0.0; bins];
        for row in block * BLOCK..((block + 1) * BLOCK).min(rows) {
            let (stated, seen) = of(row);
            let bin = ((stated * bins as f64).ceil() as usize).clamp(1, bins) - 1;
            gaps[bin] += seen - stated;
        }
        gaps
    };
    let blocks: Vec<Vec<f64>> = (0..rows.div_ceil(BLOCK)).into_par_iter().map(block).collect();
    (0..bins).map(|bin| blocks.iter().map(|gaps| gaps[bin]).sum::<f64>().abs()).sum::<f64>() / rows as f64
}
