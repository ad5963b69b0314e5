//! Comparison over folds or repeated splits, whose training sets overlap.

use super::influence::Estimate;
use super::{Moments, Undefined};

/// Corrected resampled t test (Nadeau & Bengio 2003, Mach Learn 52:239, eq. 9; for repeated k-fold
/// Bouckaert & Frank 2004, PAKDD): the variance of the mean of the fold differences is
/// `(1 / J + test / train) s²`, because folds share training rows. `test` and `train` are rows in a
/// fold's test and training part; for k folds their ratio is `1 / (k - 1)`.
///
/// # Errors
/// Fewer than two folds, no training or test rows, or `level` not in (0, 1).
pub fn corrected_t(fold_differences: &[f64], test: u64, train: u64, level: f64) -> Result<Estimate, Undefined> {
    let m = Moments::from_slice(fold_differences);
    let Some(variance) = m.variance() else {
        return Err(Undefined::new(format!("a comparison over folds needs at least two, found {}", m.n)));
    };
    if test == 0 || train == 0 {
        return Err(Undefined::new(format!("folds of {test} test and {train} training rows")));
    }
    let folds = m.n as f64;
    let se = ((1.0 / folds + test as f64 / train as f64) * variance).sqrt();
    Estimate::new(m.mean, se, folds - 1.0, m.n, level, "corrected_resampled_t")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wider_than_the_plain_test_by_the_known_factor() {
        let d = [0.02, 0.01, 0.03, -0.01, 0.02, 0.015, 0.0, 0.025, 0.01, 0.02];
        let plain = crate::stats::influence::mean(&Moments::from_slice(&d), 0.95).unwrap();
        let e = corrected_t(&d, 100, 900, 0.95).unwrap();
        // 1/10 + 1/9 over 1/10.
        assert!((e.se / plain.se - (1.0 + 10.0f64 / 9.0).sqrt()).abs() < 1e-12);
        assert_eq!(e.df, 9.0);
        assert!(corrected_t(&[0.1], 1, 9, 0.95).is_err() && corrected_t(&d, 1, 0, 0.95).is_err());
    }
}
