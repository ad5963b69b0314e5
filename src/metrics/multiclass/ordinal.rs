//! Weighted kappa, which needs classes in an order that means something: that of their codes.

use super::Classes;
use crate::metrics::measured::{Measured, NO_ROW, Outcome};
use crate::metrics::registry::{Better, Metric, Unit, metric};

/// In the order they are shown.
pub const METRICS: [Metric; 2] = [
    metric(
        "kappa_linear",
        "Kappa, linear weights",
        (Unit::Number, Better::Higher),
        "1 - sum of w o / sum of w e, w = |i - j|",
        "Cohen 1968",
        "Agreement beyond chance where a miss costs by the classes between truth and prediction.",
    ),
    metric(
        "kappa_quadratic",
        "Kappa, quadratic weights",
        (Unit::Number, Better::Higher),
        "1 - sum of w o / sum of w e, w = (i - j)^2",
        "Cohen 1968",
        "Agreement beyond chance where far misses cost much more than near ones.",
    ),
];

/// How a miss grows with the distance of the classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weights {
    Linear,
    Quadratic,
}

impl Weights {
    fn of(self, a: u32, b: u32) -> f64 {
        let distance = f64::from(a.abs_diff(b));
        match self {
            Self::Linear => distance,
            Self::Quadratic => distance * distance,
        }
    }

    /// Mean weight from each class to a class drawn by `shares`.
    fn mean(self, shares: &[f64]) -> Vec<f64> {
        let moment = |power: i32| shares.iter().enumerate().map(|(at, s)| s * (at as f64).powi(power)).sum::<f64>();
        let (first, second, whole) = (moment(1), moment(2), moment(0));
        let (mut share, mut sum) = (0.0, 0.0);
        let mean = |(at, own): (usize, &f64)| {
            let place = at as f64;
            share += own;
            sum += own * place;
            match self {
                // Below and at the class: place - j; above it: j - place.
                Self::Linear => (place * share - sum) + (first - sum) - place * (whole - share),
                Self::Quadratic => place * place * whole - 2.0 * place * first + second,
            }
        };
        shares.iter().enumerate().map(mean).collect()
    }
}

impl Classes<'_> {
    /// Kappa with weights.
    ///
    /// # Errors
    /// No row, or truth and prediction of one class throughout.
    pub fn weighted_kappa(&self, weights: Weights) -> Outcome {
        if self.rows() == 0 {
            return Err(NO_ROW.to_owned());
        }
        let truths: Vec<f64> = self.counts().iter().map(|count| self.share(count.support)).collect();
        let predictions: Vec<f64> = self.counts().iter().map(|count| self.share(count.predicted)).collect();
        let (from_truth, from_prediction) = (weights.mean(&predictions), weights.mean(&truths));
        let expected: f64 = truths.iter().zip(&from_truth).map(|(share, weight)| share * weight).sum();
        if self.counts().iter().any(|count| count.support.min(count.predicted) == self.rows() as u64) {
            return Err("truth and prediction are one class on every row".to_owned());
        }
        let weight = |row: usize| weights.of(self.truth[row], self.predicted[row]);
        let ratio = Measured::mean(self.rows(), weight)?.value / expected;
        Measured::by_row(1.0 - ratio, self.rows(), |row| {
            let chance = from_truth[self.truth[row] as usize] + from_prediction[self.predicted[row] as usize];
            (ratio * chance - weight(row)) / expected
        })
    }
}
