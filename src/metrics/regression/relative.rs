//! Errors relative to the truth.

use super::{Numbers, mean_of};
use crate::metrics::measured::{Measured, Outcome};

impl Numbers<'_> {
    /// The relative error of a true 0 is not a number, so that one zero leaves no mean.
    pub(super) fn mape(&self) -> Outcome {
        match self.truth.iter().filter(|truth| **truth == 0.0).count() {
            0 => Measured::mean(self.rows(), |row| (self.errors[row] / self.truth[row]).abs()),
            1 => Err("1 true value is 0".to_owned()),
            zeros => Err(format!("{zeros} true values are 0")),
        }
    }

    pub(super) fn smape(&self) -> Outcome {
        Measured::mean(self.rows(), |row| {
            let size = self.truth[row].abs() + self.predicted[row].abs();
            if size == 0.0 { 0.0 } else { 2.0 * self.errors[row].abs() / size }
        })
    }

    pub(super) fn wape(&self) -> Outcome {
        let rows = self.rows();
        let size = mean_of(rows, |row| self.truth[row].abs());
        if size == 0.0 {
            return Err("every true value is 0".to_owned());
        }
        let value = mean_of(rows, |row| self.errors[row].abs()) / size;
        Measured::by_row(value, rows, |row| (self.errors[row].abs() - value * self.truth[row].abs()) / size)
    }
}
