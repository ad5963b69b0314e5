//! Errors relative to the spread of the truth.

use super::association::varies;
use super::{Numbers, WORDS, mean_of};
use crate::metrics::correlation::pair_moments;
use crate::metrics::measured::{Measured, Outcome, mean};

impl Numbers<'_> {
    pub(super) fn r2(&self) -> Outcome {
        self.explained(0.0)
    }

    pub(super) fn explained_variance(&self) -> Outcome {
        self.explained(mean(&self.errors))
    }

    /// `1 - mean (e - centre)^2 / Var(truth)`; a row moves it by the same difference of its own squares.
    fn explained(&self, centre: f64) -> Outcome {
        let rows = self.rows();
        let (middle, variance) = self.truth_spread()?;
        let left = mean_of(rows, |row| (self.errors[row] - centre).powi(2)) / variance;
        Measured::by_row(1.0 - left, rows, |row| {
            (left * (self.truth[row] - middle).powi(2) - (self.errors[row] - centre).powi(2)) / variance
        })
    }

    /// Lin's coefficient with moments over `n`, as the paper estimates it.
    pub(super) fn concordance(&self) -> Outcome {
        let (truth, predicted, rows) = (self.truth, self.predicted, self.rows());
        if truth == predicted {
            varies(truth, WORDS[0])?;
        }
        let found = pair_moments(truth, predicted);
        let n = rows as f64;
        let shift = found.mean_b - found.mean_a;
        let whole = (found.saa + found.sbb) / n + shift * shift;
        if whole == 0.0 {
            return Err("the true values and the predictions are all equal".to_owned());
        }
        let value = 2.0 * found.sab / n / whole;
        Measured::by_row(value, rows, |row| {
            let (a, b) = (truth[row] - found.mean_a, predicted[row] - found.mean_b);
            (2.0 * a * b - value * (a * a + b * b + 2.0 * shift * (b - a))) / whole
        })
    }
}
