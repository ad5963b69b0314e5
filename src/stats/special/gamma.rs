//! Log-gamma, and the two small quantities from which densities are formed without cancellation.

use std::f64::consts::PI;

/// Natural logarithm of the gamma function for `x > 0`.
#[must_use]
pub fn ln_gamma(x: f64) -> f64 {
    debug_assert!(x > 0.0 || x.is_nan(), "x = {x}");
    statrs::function::gamma::ln_gamma(x)
}

/// Natural logarithm of the regularised lower incomplete gamma function, for `a, x > 0`.
#[must_use]
pub fn ln_gamma_p(a: f64, x: f64) -> f64 {
    statrs::function::gamma::gamma_lr(a, x).ln()
}

/// Natural logarithm of the regularised upper incomplete gamma function, for `a, x > 0`.
#[must_use]
pub fn ln_gamma_q(a: f64, x: f64) -> f64 {
    statrs::function::gamma::gamma_ur(a, x).ln()
}

/// Error of Stirling's formula, `ln Γ(n+1) - (n + 1/2) ln n + n - ln(2π)/2`, for real `n > 0`.
///
/// Series (Abramowitz & Stegun 6.1.41) from 16 on; below, the recurrence
/// `δ(n) = δ(n+1) + (n + 1/2) ln(1 + 1/n) - 1`, whose terms are all positive.
pub(crate) fn stirling_error(n: f64) -> f64 {
    let (mut n, mut carried) = (n, 0.0);
    while n < 16.0 {
        carried += (n + 0.5) * (1.0 / n).ln_1p() - 1.0;
        n += 1.0;
    }
    let r = 1.0 / (n * n);
    let series = 1.0 / 12.0
        - r * (1.0 / 360.0 - r * (1.0 / 1260.0 - r * (1.0 / 1680.0 - r * (1.0 / 1188.0 - r * (691.0 / 360_360.0)))));
    carried + series / n
}

/// Deviance term `x ln(x/m) + m - x` for `x >= 0`, `m > 0` (Loader 2000, "Fast and accurate
/// computation of binomial probabilities"): by a series in `(x-m)/(x+m)` where the closed form
/// would cancel.
pub(crate) fn deviance(x: f64, m: f64) -> f64 {
    if x == 0.0 {
        return m;
    }
    let d = x - m;
    if d.abs() >= 0.1 * (x + m) {
        return x * (x / m).ln() - d;
    }
    // x ln(x/m) = 2x (v + v^3/3 + ...) with v = d/(x+m), and 2xv - d = d v.
    let v = d / (x + m);
    let v2 = v * v;
    let mut power = 2.0 * x * v;
    let mut sum = d * v;
    for j in 1..1000 {
        power *= v2;
        let next = sum + power / f64::from(2 * j + 1);
        if next == sum {
            break;
        }
        sum = next;
    }
    sum
}

/// `Γ(n+1)/(Γ(a+1)Γ(b+1)) x^a y^b` with `n = a + b` and `y = 1 - x`, for real `a, b >= 0`: the
/// binomial probability by its saddle-point expansion (Loader 2000).
pub(crate) fn binomial_term(a: f64, b: f64, x: f64, y: f64) -> f64 {
    let n = a + b;
    if a == 0.0 {
        return if y < 0.9 { (n * y.ln()).exp() } else { (n * (-x).ln_1p()).exp() };
    }
    if b == 0.0 {
        return if x < 0.9 { (n * x.ln()).exp() } else { (n * (-y).ln_1p()).exp() };
    }
    if x <= 0.0 || y <= 0.0 {
        return 0.0;
    }
    let log = stirling_error(n) - stirling_error(a) - stirling_error(b) - deviance(a, n * x) - deviance(b, n * y);
    (n / (2.0 * PI * a * b)).sqrt() * log.exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stirling_error_matches_log_gamma() {
        for x in [0.5f64, 1.0, 2.5, 7.0, 15.5, 16.0, 40.0] {
            let direct = ln_gamma(x + 1.0) - (x + 0.5) * x.ln() + x - 0.5 * (2.0 * PI).ln();
            assert!((stirling_error(x) - direct).abs() < 1e-13, "{x}");
        }
    }

    #[test]
    fn deviance_near_and_far() {
        for (x, m) in [(10.0f64, 10.0), (10.0, 10.001), (10.0, 13.0), (3.0, 90.0)] {
            let direct = x * (x / m).ln() + m - x;
            assert!((deviance(x, m) - direct).abs() < 1e-13 * (1.0 + direct), "{x} {m}");
        }
        assert_eq!(deviance(0.0, 4.0), 4.0);
    }
}
