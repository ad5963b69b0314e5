//! Metrics of the probabilities: row losses, top k, calibration.

use rayon::prelude::*;

use super::Classes;
use crate::metrics::BLOCK;
use crate::metrics::calibration::ERROR_BINS;
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
        Measured::share(self.rows(), |row| {
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

    /// Whether probabilities are logged at all.
    pub fn has_probabilities(&self) -> bool {
        self.probabilities.is_some()
    }

    /// Greatest probability of every row, and 1 where the decision is right.
    ///
    /// # Errors
    /// Probabilities are not logged, or not on every row.
    pub fn confidences(&self) -> Result<(Vec<f64>, Vec<u8>), String> {
        let (cells, classes) = (self.cells()?, self.classes());
        let stated = cells.par_chunks(classes).with_min_len(BLOCK / classes + 1).map(most).collect();
        let right = self.truth.iter().zip(self.predicted).map(|(truth, answer)| u8::from(truth == answer)).collect();
        Ok((stated, right))
    }

    /// Probability of one class in every row, and 1 where the row is truly of it.
    ///
    /// # Errors
    /// As [`Self::confidences`].
    pub fn probability_of(&self, class: usize) -> Result<(Vec<f64>, Vec<u8>), String> {
        let (cells, classes) = (self.cells()?, self.classes());
        let stated = cells.iter().skip(class).step_by(classes).copied().collect();
        Ok((stated, self.truth.iter().map(|&truth| u8::from(truth as usize == class)).collect()))
    }

    /// Calibration error of the probability of each class, in the order of their codes.
    ///
    /// # Errors
    /// As [`Self::confidences`].
    pub fn calibration_errors(&self) -> Result<Vec<f64>, String> {
        self.class_errors(ERROR_BINS)
    }

    fn class_errors(&self, bins: usize) -> Result<Vec<f64>, String> {
        let (cells, classes) = (self.cells()?, self.classes());
        let of_class = |class: usize| {
            let true_class = |row: usize| f64::from(u8::from(self.truth[row] as usize == class));
            binned(self.rows(), bins, |row| (cells[row * classes + class], true_class(row)))
        };
        Ok((0..classes).map(of_class).collect())
    }

    /// Expected calibration error of the greatest probability against the decision being right, bins `(lo, hi]`.
    pub(super) fn top_label_calibration_error(&self, bins: usize) -> Outcome {
        let (cells, classes) = (self.cells()?, self.classes());
        let confidence = |row: usize| most(&cells[row * classes..][..classes]);
        Measured::bare(binned(self.rows(), bins, |row| (confidence(row), self.hit(row))), BIASED)
    }

    /// Mean over classes of the calibration error of the class's probability.
    pub(super) fn classwise_calibration_error(&self, bins: usize) -> Outcome {
        let errors = self.class_errors(bins)?;
        Measured::bare(errors.iter().sum::<f64>() / errors.len() as f64, BIASED)
    }
}

/// The greatest probability of a row.
fn most(cells: &[f64]) -> f64 {
    cells.iter().fold(0.0, |most, p| most.max(*p))
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
