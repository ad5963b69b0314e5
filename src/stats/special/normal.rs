//! Standard normal distribution.

use statrs::function::erf::erfc_inv;
use std::f64::consts::{PI, SQRT_2};

/// Density at `x`.
#[must_use]
pub fn norm_pdf(x: f64) -> f64 {
    // The square is split so that its rounding is not multiplied by its size.
    let near = (x * 16.0).round() / 16.0;
    let rest = (x - near) * (x + near);
    (-0.5 * near * near).exp() * (-0.5 * rest).exp() / (2.0 * PI).sqrt()
}

/// Mills ratio `P(Z > x) / density(x)` for `x >= 1.5` by its continued fraction (Abramowitz &
/// Stegun 26.2.14) from the bottom; the number of terms is what 1e-17 needs.
fn mills(x: f64) -> f64 {
    let terms = 40 + (400.0 / (x * x)) as u32;
    let mut tail = 0.0;
    for k in (1..=terms).rev() {
        tail = f64::from(k) / (x + tail);
    }
    1.0 / (x + tail)
}

/// `P(Z <= x)`, with relative accuracy in the lower tail down to the smallest double (x near -38).
#[must_use]
pub fn norm_cdf(x: f64) -> f64 {
    norm_sf(-x)
}

/// `P(Z > x)`, with relative accuracy in the upper tail.
///
/// Not by the error function of a library: the one at hand is good to ten digits only, which is
/// visible in an interval that must agree with published ones to twelve.
#[must_use]
pub fn norm_sf(x: f64) -> f64 {
    let a = x.abs();
    if a >= 1.5 {
        let tail = if a > 40.0 { 0.0 } else { norm_pdf(a) * mills(a) };
        return if x > 0.0 { tail } else { 1.0 - tail };
    }
    // Abramowitz & Stegun 26.2.11: every term has the sign of x.
    let (mut term, mut sum, mut k) = (x, x, 1.0);
    while term.abs() > 1e-18 * sum.abs() {
        k += 2.0;
        term *= x * x / k;
        sum += term;
    }
    0.5 - norm_pdf(x) * sum
}

/// Natural logarithm of `P(Z > x)`; stays finite where [`norm_sf`] underflows.
#[must_use]
pub fn norm_ln_sf(x: f64) -> f64 {
    if x < -1.0 {
        (-norm_cdf(x)).ln_1p()
    } else if x < 5.0 {
        norm_sf(x).ln()
    } else {
        -0.5 * x * x - 0.5 * (2.0 * PI).ln() + mills(x).ln()
    }
}

/// Two-sided p-value of a normal statistic, `P(|Z| >= |z|)`.
#[must_use]
pub fn norm_two_sided_p(z: f64) -> f64 {
    (2.0 * norm_sf(z.abs())).min(1.0)
}

/// Quantile: the `x` with `P(Z <= x) = p`, for `0 <= p <= 1` (infinite at the ends).
/// For an upper tail close to 0 use [`norm_isf`], which is not limited by the rounding of `1 - p`.
#[must_use]
pub fn norm_quantile(p: f64) -> f64 {
    -norm_isf(p)
}

/// Upper quantile: the `x` with `P(Z > x) = p`.
#[must_use]
pub fn norm_isf(p: f64) -> f64 {
    debug_assert!((0.0..=1.0).contains(&p) || p.is_nan(), "p = {p}");
    if p == 0.0 {
        return f64::INFINITY;
    }
    if p == 1.0 {
        return f64::NEG_INFINITY;
    }
    if p > 0.5 {
        return -norm_isf(1.0 - p);
    }
    SQRT_2 * erfc_inv(2.0 * p)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rel(got: f64, want: f64, tol: f64) {
        assert!((got / want - 1.0).abs() <= tol, "got {got:e}, want {want:e}");
    }

    #[test]
    fn tails_keep_relative_accuracy() {
        // 40-digit values.
        rel(norm_sf(1.0), 0.158_655_253_931_457_05, 1e-15);
        rel(norm_sf(5.0), 2.866_515_718_791_939e-7, 1e-14);
        rel(norm_sf(10.0), 7.619_853_024_160_527e-24, 1e-13);
        rel(norm_sf(37.0), 5.725_571_222_524_577e-300, 1e-12);
        rel(norm_cdf(-10.0), 7.619_853_024_160_527e-24, 1e-13);
        rel(norm_ln_sf(37.0), -689.030_585_576_890_7, 1e-14);
        rel(norm_ln_sf(100.0), -5_005.524_208_694_205, 1e-14);
        rel(norm_ln_sf(-3.0), -0.001_350_809_964_748_202_2, 1e-13);
    }

    #[test]
    fn quantiles() {
        rel(norm_quantile(0.975), 1.959_963_984_540_054_2, 1e-15);
        rel(norm_isf(0.025), 1.959_963_984_540_054_2, 1e-15);
        rel(norm_isf(1e-10), 6.361_340_902_404_056, 1e-14);
        rel(norm_isf(1e-300), 37.047_096_299_361_2, 1e-13);
        assert_eq!(norm_quantile(0.5), 0.0);
        for i in 1..400 {
            let x = f64::from(i) * 0.1 - 20.0;
            if x < 0.0 {
                assert!((norm_quantile(norm_cdf(x)) - x).abs() < 1e-13 * x.abs().max(1.0), "{x}");
            } else {
                assert!((norm_isf(norm_sf(x)) - x).abs() < 1e-13 * x.abs().max(1.0), "{x}");
            }
        }
    }
}
