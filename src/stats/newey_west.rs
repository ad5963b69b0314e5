//! Variance of a mean whose terms depend on their neighbours in time.

use super::{Moments, Sum, Undefined};

/// `sum (x_i - mean) (x_{i-lag} - mean) / n`: the divisor is `n` at every lag.
#[must_use]
pub fn autocovariance(x: &[f64], lag: usize) -> f64 {
    let m = Moments::from_slice(x).mean;
    let products = x.iter().skip(lag).zip(x).map(|(a, b)| (a - m) * (b - m));
    products.collect::<Sum>().value() / x.len() as f64
}

/// Variance of the mean of values in time order by Bartlett weights up to `lag` (Newey & West 1987,
/// Econometrica 55:703, eq. 5): never negative.
///
/// # Errors
/// Fewer than two values, or `lag` is not below their number.
pub fn variance_of_mean(x: &[f64], lag: usize) -> Result<f64, Undefined> {
    let n = x.len();
    if n < 2 || lag >= n {
        return Err(Undefined::new(format!("{n} values in time order with dependence over {lag} steps")));
    }
    let mut total = Sum::default();
    total.add(autocovariance(x, 0));
    for k in 1..=lag {
        total.add(2.0 * (1.0 - k as f64 / (lag as f64 + 1.0)) * autocovariance(x, k));
    }
    Ok(total.value().max(0.0) / n as f64)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::stats::influence::tests::line_influence;
    use crate::stats::published::{self, floats};

    #[test]
    pub(in crate::stats) fn published_regression() {
        published::run("hac", &["newey_west_bartlett_lag3"], |case, check| {
            let u = line_influence(&floats(&case.inputs["x"]), &floats(&case.inputs["y"]));
            let combined = |sign: f64| -> Vec<f64> { u[0].iter().zip(&u[1]).map(|(a, b)| a + sign * b).collect() };
            let v = |x: &[f64]| variance_of_mean(x, 3).unwrap();
            let want: Vec<Vec<f64>> = case.expected.as_array().unwrap().iter().map(floats).collect();
            check.value("intercept", v(&u[0]), want[0][0]);
            check.value("slope", v(&u[1]), want[1][1]);
            // The covariance by polarisation.
            check.value("covariance", 0.25 * (v(&combined(1.0)) - v(&combined(-1.0))), want[0][1]);
        });
    }

    #[test]
    fn independent_terms() {
        let x = [1.0, -1.0, 2.0, 0.5, -0.25, 0.75];
        let m = Moments::from_slice(&x);
        assert!((variance_of_mean(&x, 0).unwrap() - m.m2 / 36.0).abs() < 1e-15);
        assert!(variance_of_mean(&x, 6).is_err());
    }
}
