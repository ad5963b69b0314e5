//! Errors in the unit of the target.

use rayon::prelude::*;

use super::{Numbers, mean_of};
use crate::metrics::BLOCK;
use crate::metrics::measured::{Measured, Outcome};

/// Half the width in standard errors of the ranks between which the density at a quantile is read.
const REACH: f64 = 1.96;

impl Numbers<'_> {
    pub(super) fn mae(&self) -> Outcome {
        Measured::mean(self.rows(), |row| self.errors[row].abs())
    }

    pub(super) fn mse(&self) -> Outcome {
        Measured::mean(self.rows(), |row| self.errors[row].powi(2))
    }

    pub(super) fn bias(&self) -> Outcome {
        Measured::mean(self.rows(), |row| self.errors[row])
    }

    pub(super) fn rmse(&self) -> Outcome {
        let mse = mean_of(self.rows(), |row| self.errors[row].powi(2));
        let rmse = mse.sqrt();
        if rmse == 0.0 {
            return Measured::bare(0.0, "every error is 0");
        }
        Measured::by_row(rmse, self.rows(), |row| (self.errors[row].powi(2) - mse) / (2.0 * rmse))
    }

    pub(super) fn max_error(&self) -> Outcome {
        let greatest = self.errors.par_iter().with_min_len(BLOCK).map(|error| error.abs()).reduce(|| 0.0, f64::max);
        Measured::bare(greatest, "the largest value of a sample has none")
    }

    /// Quantile of the absolute error.
    ///
    /// By Bahadur's representation (1966, Ann Math Stat 37:577) a row counts `(q - [|e| <= Q]) / f(Q)`. The density is
    /// the share of rows over the distance between the order statistics `1.96` standard errors of rank from the
    /// quantile: the standard error is then that of the order-statistic interval (Price and Bonett 2001).
    pub(super) fn absolute_quantile(&self, q: f64) -> Outcome {
        let n = self.rows();
        let mut sizes: Vec<f64> = self.errors.par_iter().with_min_len(BLOCK).map(|error| error.abs()).collect();
        let place = (n - 1) as f64 * q;
        let reach = REACH * (n as f64 * q * (1.0 - q)).sqrt();
        let at = |place: f64| place.clamp(0.0, (n - 1) as f64) as usize;
        let ranks = [at((place - reach).floor()), at(place.floor()), at(place.ceil()), at((place + reach).ceil())];
        let [low, below, above, high] = select(&mut sizes, ranks);
        let value = below + (place - place.floor()) * (above - below);
        let rare = place + reach > (n - 1) as f64 || place < reach;
        if rare {
            return Measured::bare(value, "too few rows for this quantile");
        }
        if low == high {
            return Measured::bare(value, "too many equal errors at this quantile");
        }
        let inverse_density = (high - low) * n as f64 / (ranks[3] - ranks[0]) as f64;
        let at_most = |row: usize| self.errors[row].abs() <= value;
        Measured::by_row(value, n, |row| (q - f64::from(u8::from(at_most(row)))) * inverse_density)
    }
}

/// Values of ascending ranks, by selection.
fn select(values: &mut [f64], ranks: [usize; 4]) -> [f64; 4] {
    let mut from = 0;
    ranks.map(|rank| {
        if rank >= from {
            values[from..].select_nth_unstable_by(rank - from, f64::total_cmp);
            from = rank + 1;
        }
        values[rank]
    })
}
