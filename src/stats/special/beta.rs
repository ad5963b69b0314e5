//! Regularised incomplete beta function and its inverse.

use super::gamma::binomial_term;
use super::normal::norm_quantile;

/// `x^a y^b / B(a, b)`, `y = 1 - x`.
fn prefactor(a: f64, b: f64, x: f64, y: f64) -> f64 {
    a * (b / (a + b)) * binomial_term(a, b, x, y)
}

/// Continued fraction for `I_x(a, b)` over [`prefactor`], `lead = a y - b x >= 0`: the even part of
/// the usual one in the form of DiDonato & Morris 1992 (ACM TOMS 18:360), by the modified
/// Lentz algorithm. The usual form cancels when one parameter is large and the other small.
/// It needs O(sqrt(max(a, b))) terms, so the limit grows with the parameters.
fn continued_fraction(a: f64, b: f64, x: f64, y: f64, lead: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let guard = |v: f64| if v.abs() < TINY { TINY } else { v };
    let limit = 200.0 + 6.0 * a.max(b).sqrt();
    let mut f = guard(a / (a + 1.0) * (lead + 1.0));
    let (mut c, mut d) = (f, 0.0);
    let mut m = 1.0;
    while m <= limit {
        let odd = a + 2.0 * m - 1.0;
        let numerator = (a + m - 1.0) / odd * ((a + b + m - 1.0) / odd) * m * (b - m) * x * x;
        let denominator = m + m * (b - m) * x / odd + (a + m) / (odd + 2.0) * (lead + 1.0 + m * (1.0 + y));
        d = 1.0 / guard(denominator + numerator * d);
        c = guard(denominator + numerator / c);
        let step = c * d;
        f *= step;
        if (step - 1.0).abs() < 1e-16 {
            break;
        }
        m += 1.0;
    }
    1.0 / f
}

/// `(I_x(a, b), 1 - I_x(a, b))` for `a, b > 0` and `x + y = 1`.
///
/// Both `x` and `y` are taken so that neither has to be formed by a subtraction, and the smaller
/// of the two results is the one computed, so each keeps relative accuracy when it is small.
#[must_use]
pub fn beta_inc_both(a: f64, b: f64, x: f64, y: f64) -> (f64, f64) {
    debug_assert!(a > 0.0 && b > 0.0 || a.is_nan() || b.is_nan(), "a = {a}, b = {b}");
    if x <= 0.0 {
        return (0.0, 1.0);
    }
    if y <= 0.0 {
        return (1.0, 0.0);
    }
    let front = prefactor(a, b, x, y);
    let lead = a * y - b * x;
    if lead >= 0.0 {
        let lower = (front * continued_fraction(a, b, x, y, lead)).min(1.0);
        (lower, 1.0 - lower)
    } else {
        let upper = (front * continued_fraction(b, a, y, x, -lead)).min(1.0);
        (1.0 - upper, upper)
    }
}

/// Regularised incomplete beta `I_x(a, b)`, for `a, b > 0`, `0 <= x <= 1`.
#[must_use]
pub fn beta_inc(a: f64, b: f64, x: f64) -> f64 {
    beta_inc_both(a, b, x, 1.0 - x).0
}

/// Quantile of the Beta(a, b) distribution: the `x` with `I_x(a, b) = p`.
///
/// Newton steps on the smaller tail inside a bracket that always shrinks; terminates for every
/// argument. Upper quantiles near 1 are `1 - beta_quantile(b, a, q)`.
#[must_use]
pub fn beta_quantile(a: f64, b: f64, p: f64) -> f64 {
    debug_assert!((0.0..=1.0).contains(&p) || p.is_nan(), "p = {p}");
    if p <= 0.0 {
        return 0.0;
    }
    if p >= 1.0 {
        return 1.0;
    }
    let mean = a / (a + b);
    let sd = (mean * (b / (a + b)) / (a + b + 1.0)).sqrt();
    let (mut lo, mut hi) = (0.0f64, 1.0f64);
    let mut x = mean + norm_quantile(p) * sd;
    if !(x > 0.0 && x < 1.0) {
        x = mean;
    }
    for _ in 0..400 {
        let y = 1.0 - x;
        let (lower, upper) = beta_inc_both(a, b, x, y);
        let excess = if p < 0.5 { lower - p } else { (1.0 - p) - upper };
        if excess == 0.0 {
            return x;
        }
        if excess > 0.0 {
            hi = x;
        } else {
            lo = x;
        }
        let density = prefactor(a, b, x, y) / (x * y);
        let newton = x - excess / density;
        let next = if newton > lo && newton < hi {
            newton
        } else if lo > 0.0 && hi > 4.0 * lo {
            (lo * hi).sqrt()
        } else if lo == 0.0 {
            // Quantiles near 0 can be many powers of ten below the mean.
            hi * 1e-3
        } else {
            0.5 * (lo + hi)
        };
        if (next - x).abs() <= 4.0 * f64::EPSILON * x || next <= 0.0 {
            return next.max(0.0);
        }
        x = next;
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closed_forms() {
        for i in 1..20 {
            let x = f64::from(i) / 20.0;
            assert!((beta_inc(1.0, 1.0, x) - x).abs() < 1e-15);
            assert!((beta_inc(3.0, 1.0, x) - x.powi(3)).abs() < 1e-15);
            assert!((beta_inc(1.0, 4.0, x) - (1.0 - (1.0 - x).powi(4))).abs() < 1e-15);
            let arcsine = 2.0 / std::f64::consts::PI * x.sqrt().asin();
            assert!((beta_inc(0.5, 0.5, x) - arcsine).abs() < 1e-14);
        }
    }

    #[test]
    fn symmetric_at_the_centre_up_to_1e8() {
        for a in [1.0, 50.0, 1e4, 1e6, 1e8] {
            let (lower, upper) = beta_inc_both(a, a, 0.5, 0.5);
            assert!((lower - 0.5).abs() < 2e-12, "{a}: {lower}");
            assert!((lower + upper - 1.0).abs() < 1e-15);
        }
    }

    #[test]
    fn rare_events_in_a_large_log() {
        // 40-digit quadrature; one parameter small, the other 1e8.
        let rel = |got: f64, want: f64| assert!((got / want - 1.0).abs() < 1e-12, "{got} {want}");
        rel(beta_inc(120.0, 1e8, 1e-6), 0.028_231_124_696_740_997);
        rel(beta_inc(0.5, 1e6, 1e-6), 0.842_700_844_838_216);
        rel(beta_inc(1e7, 1e7, 0.4998), 0.036_819_131_097_873_99);
        rel(beta_inc(1e8, 1e8, 0.49995), 0.078_649_603_265_723_24);
    }

    #[test]
    fn quantile_inverts() {
        for &(a, b) in &[(0.5, 0.5), (1.0, 1e8), (2.0, 3.0), (30.0, 1e6), (1e6, 1e6), (5e7, 5e7), (0.7, 400.0)] {
            for p in [1e-12, 1e-4, 0.025, 0.5, 0.9, 0.975, 0.9999] {
                let x = beta_quantile(a, b, p);
                let (lower, upper) = beta_inc_both(a, b, x, 1.0 - x);
                let off = if p < 0.5 { lower / p - 1.0 } else { upper / (1.0 - p) - 1.0 };
                assert!(off.abs() < 1e-9, "a={a} b={b} p={p} x={x} off={off:e}");
            }
        }
    }
}
