//! Metrics of the predicted classes. With the shares `t` true, `p` predicted and `h` hit of each class, a row of truth
//! `i` and prediction `j` adds to `t_i`, `p_j` and, where they are equal, `h_i`: its influence is the sum of these
//! partial derivatives (delta method), less its mean.

use super::{Classes, Count};
use crate::metrics::measured::{Measured, Outcome};

/// Precision of a class, `None` where it is never predicted.
fn precision(count: &Count) -> Option<f64> {
    (count.predicted > 0).then(|| count.hits as f64 / count.predicted as f64)
}

/// F1 of a class, `None` where it is neither true nor predicted.
fn f1(count: &Count) -> Option<f64> {
    let whole = count.support + count.predicted;
    (whole > 0).then(|| 2.0 * count.hits as f64 / whole as f64)
}

impl Classes<'_> {
    pub(super) fn accuracy(&self) -> Outcome {
        Measured::share(self.rows(), |row| self.hit(row))
    }

    pub(super) fn balanced_accuracy(&self) -> Outcome {
        let recall = |count: &Count| count.hits as f64 / count.support as f64;
        let present = || self.counts.iter().filter(|count| count.support > 0);
        let classes = present().count() as f64;
        Measured::by_row(present().map(recall).sum::<f64>() / classes, self.rows(), |row| {
            let count = self.true_class(row);
            (self.hit(row) - recall(count)) / (self.share(count.support) * classes)
        })
    }

    pub(super) fn macro_precision(&self) -> Outcome {
        let found = self.counts.iter().filter_map(precision);
        let classes = found.clone().count() as f64;
        Measured::by_row(found.sum::<f64>() / classes, self.rows(), |row| self.precision_slope(row) / classes)
    }

    pub(super) fn weighted_precision(&self) -> Outcome {
        match self.counts.iter().filter(|count| count.support > 0 && count.predicted == 0).count() {
            0 => {}
            1 => return Err("a true class is never predicted".to_owned()),
            classes => return Err(format!("{classes} true classes are never predicted")),
        }
        let part = |count: &Count| Some(self.share(count.support) * precision(count)?);
        Measured::by_row(self.counts.iter().filter_map(part).sum(), self.rows(), |row| {
            let own = precision(self.true_class(row)).unwrap_or_default();
            own + self.share(self.predicted_class(row).support) * self.precision_slope(row)
        })
    }

    pub(super) fn macro_f1(&self) -> Outcome {
        let found = self.counts.iter().filter_map(f1);
        let classes = found.clone().count() as f64;
        Measured::by_row(found.sum::<f64>() / classes, self.rows(), |row| self.f1_slope(row, |_| 1.0) / classes)
    }

    pub(super) fn weighted_f1(&self) -> Outcome {
        let weight = |count: &Count| self.share(count.support);
        let value = self.counts.iter().filter_map(|count| Some(weight(count) * f1(count)?)).sum();
        Measured::by_row(value, self.rows(), |row| {
            f1(self.true_class(row)).unwrap_or_default() + self.f1_slope(row, weight)
        })
    }

    pub(super) fn mcc(&self) -> Outcome {
        let (agreement, chance) = self.agreement();
        let spread = |of: fn(&Count) -> u64| 1.0 - self.counts.iter().map(|c| self.share(of(c)).powi(2)).sum::<f64>();
        if self.counts.iter().any(|count| count.support == self.rows() as u64) {
            return Err("every row is truly of one class".to_owned());
        }
        if self.counts.iter().any(|count| count.predicted == self.rows() as u64) {
            return Err("one class is predicted for every row".to_owned());
        }
        let (truths, predictions) = (spread(|count| count.support), spread(|count| count.predicted));
        let scale = (truths * predictions).sqrt();
        let value = (agreement - chance) / scale;
        Measured::by_row(value, self.rows(), |row| {
            let (truth, predicted) = (self.true_class(row), self.predicted_class(row));
            let joint = self.hit(row) - self.share(truth.predicted) - self.share(predicted.support);
            let margins = self.share(truth.support) / truths + self.share(predicted.predicted) / predictions;
            joint / scale + value * margins
        })
    }

    pub(super) fn kappa(&self) -> Outcome {
        let (agreement, chance) = self.agreement();
        if self.counts.iter().any(|count| count.support.min(count.predicted) == self.rows() as u64) {
            return Err("truth and prediction are one class on every row".to_owned());
        }
        let value = (agreement - chance) / (1.0 - chance);
        Measured::by_row(value, self.rows(), |row| {
            let by_chance = self.share(self.true_class(row).predicted) + self.share(self.predicted_class(row).support);
            (self.hit(row) - (1.0 - value) * by_chance) / (1.0 - chance)
        })
    }

    /// Share of hits, and the share that is expected of independent truth and prediction.
    fn agreement(&self) -> (f64, f64) {
        let hits: u64 = self.counts.iter().map(|count| count.hits).sum();
        let chance = self.counts.iter().map(|count| self.share(count.support) * self.share(count.predicted)).sum();
        (self.share(hits), chance)
    }

    /// What a row does to the precision of the class that is predicted for it.
    fn precision_slope(&self, row: usize) -> f64 {
        let count = self.predicted_class(row);
        (self.hit(row) - precision(count).unwrap_or_default()) / self.share(count.predicted)
    }

    /// What a row does to the F1 of its true and of its predicted class, weighted.
    fn f1_slope(&self, row: usize, weight: impl Fn(&Count) -> f64) -> f64 {
        let slope = |count: &Count| {
            let whole = self.share(count.support + count.predicted);
            weight(count) * (self.hit(row) - f1(count).unwrap_or_default()) / whole
        };
        // A hit adds 2 to the numerator of one class, which is here its true and its predicted one.
        slope(self.true_class(row)) + slope(self.predicted_class(row))
    }

    pub(super) fn hit(&self, row: usize) -> f64 {
        f64::from(u8::from(self.truth[row] == self.predicted[row]))
    }

    pub(super) fn true_class(&self, row: usize) -> &Count {
        &self.counts[self.truth[row] as usize]
    }

    pub(super) fn predicted_class(&self, row: usize) -> &Count {
        &self.counts[self.predicted[row] as usize]
    }
}
