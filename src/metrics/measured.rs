//! What a metric of several classes, numbers, lists or texts comes to on some rows.

use rayon::prelude::*;

use super::{BLOCK, Moments};

/// A metric's value with its influence vector.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    pub value: f64,
    /// One number per row (or query), mean zero: `value + influence / n` is the first-order effect of a row, so that
    /// the standard error of the value is `sd(influence) / sqrt(n)` and that of a paired difference comes from the
    /// difference of two vectors.
    pub influence: Option<Vec<f64>>,
    /// Why there is no influence vector, where there is none.
    pub no_interval: Option<&'static str>,
    /// Whether the value is the mean over the rows of a number from 0 to 1, which of a row is `value + influence`.
    pub share: bool,
}

/// A metric of an arm on some rows, or the reason why it has no value.
pub type Outcome = Result<Measured, String>;

impl Measured {
    /// A value whose influence is `influence(row)` once its mean is taken off, which also takes off what rounding left.
    ///
    /// # Errors
    /// When the value is not finite.
    pub fn by_row(value: f64, rows: usize, influence: impl Fn(usize) -> f64 + Sync + Send) -> Outcome {
        Self::centred(value, (0..rows).into_par_iter().with_min_len(BLOCK).map(influence).collect())
    }

    /// The same from a vector.
    ///
    /// # Errors
    /// When the value is not finite.
    pub fn centred(value: f64, mut influence: Vec<f64>) -> Outcome {
        let mean = mean(&influence);
        influence.par_iter_mut().with_min_len(BLOCK).for_each(|slot| *slot -= mean);
        Ok(Self { value: finite(value)?, influence: Some(influence), no_interval: None, share: false })
    }

    /// The mean of a number per row: its influence is the deviation from the mean.
    ///
    /// # Errors
    /// When there is no row, or the mean is not finite.
    pub fn mean(rows: usize, of: impl Fn(usize) -> f64 + Sync + Send) -> Outcome {
        let values: Vec<f64> = (0..rows).into_par_iter().with_min_len(BLOCK).map(of).collect();
        if values.is_empty() {
            return Err(NO_ROW.to_owned());
        }
        Self::centred(mean(&values), values)
    }

    /// The same of numbers from 0 to 1, such as whether a row is right, whose mean has intervals of its own (Wilson,
    /// Tango). Where a number is outside after all it is a mean like any other.
    ///
    /// # Errors
    /// As [`Self::mean`].
    pub fn share(rows: usize, of: impl Fn(usize) -> f64 + Sync + Send) -> Outcome {
        let found = Self::mean(rows, of)?;
        let within = |influence: &f64| (-ROUNDING..=1.0 + ROUNDING).contains(&(found.value + influence));
        let share = found.influence.as_ref().is_some_and(|rows| rows.par_iter().with_min_len(BLOCK).all(within));
        Ok(Self { share, ..found })
    }

    /// What a row adds to a mean: its number, free of the rounding of the mean where it is 0 or 1.
    pub fn of_row(&self, influence: f64) -> f64 {
        let value = self.value + influence;
        let nearest = value.round();
        if (value - nearest).abs() < ROUNDING { nearest } else { value }
    }

    /// A ratio of two sums, `x / y`: its influence by the delta method is `(x - r y) / mean(y)` (Deng, Knoblich and Lu
    /// 2018, KDD, eq. 7).
    ///
    /// # Errors
    /// When there is no row, the sum of `y` is 0, or the ratio is not finite.
    pub fn ratio(x: &[f64], y: &[f64]) -> Outcome {
        if x.is_empty() {
            return Err(NO_ROW.to_owned());
        }
        let below = mean(y);
        if below == 0.0 {
            return Err("the sum it is divided by is 0".to_owned());
        }
        let ratio = mean(x) / below;
        Self::by_row(ratio, x.len(), |row| (x[row] - ratio * y[row]) / below)
    }

    /// A value without an influence vector.
    ///
    /// # Errors
    /// When the value is not finite.
    pub fn bare(value: f64, why: &'static str) -> Outcome {
        Ok(Self { value: finite(value)?, influence: None, no_interval: Some(why), share: false })
    }
}

/// What the rounding of a mean leaves of a number from 0 to 1.
const ROUNDING: f64 = 1e-9;

fn finite(value: f64) -> Result<f64, String> {
    value.is_finite().then_some(value).ok_or_else(|| "the numbers are too large to be summed".to_owned())
}

/// Reason for a metric of nothing.
pub const NO_ROW: &str = "no row";

/// Mean, by blocks of fixed size.
pub(super) fn mean(values: &[f64]) -> f64 {
    moments(values).mean
}

/// Moments, by blocks of fixed size.
pub(super) fn moments(values: &[f64]) -> Moments {
    let blocks: Vec<Moments> = values.par_chunks(BLOCK).map(Moments::of).collect();
    let mut all = Moments::default();
    blocks.iter().for_each(|block| all.merge(block));
    all
}

/// Largest distance, relative to the size of the influence plus its standard deviation, between it and the jackknife's
/// `(n - 1) (value - value without the row)`, which differs from it by terms of order `1 / n`.
#[cfg(test)]
pub(super) fn jackknife_gap(rows: usize, measure: impl Fn(&[usize]) -> Outcome) -> f64 {
    let all: Vec<usize> = (0..rows).collect();
    let whole = measure(&all).unwrap();
    let influence = whole.influence.unwrap();
    assert_eq!(influence.len(), rows);
    assert!(mean(&influence).abs() < 1e-9 * (1.0 + moments(&influence).variance().unwrap().sqrt()));
    let spread = moments(&influence).variance().unwrap().sqrt();
    all.iter()
        .map(|&out| {
            let rest: Vec<usize> = all.iter().copied().filter(|&row| row != out).collect();
            let jackknife = (rows - 1) as f64 * (whole.value - measure(&rest).unwrap().value);
            (jackknife - influence[out]).abs() / (spread + influence[out].abs())
        })
        .fold(0.0, f64::max)
}
