//! Student's t distribution for real degrees of freedom from about 0.1 to 1e9 and beyond.

use super::beta::beta_inc_both;
use super::normal::{norm_isf, norm_pdf, norm_sf};
use crate::stats::roots::root;
use std::f64::consts::PI;

/// `P(T > t)` on `df > 0` degrees of freedom, with relative accuracy in the upper tail.
/// Infinite `df` is the normal distribution.
#[must_use]
pub fn t_sf(t: f64, df: f64) -> f64 {
    debug_assert!(df > 0.0 || df.is_nan(), "df = {df}");
    if df.is_infinite() {
        return norm_sf(t);
    }
    if df >= 500.0 {
        let w2 = df * (t * t / df).ln_1p();
        if w2 < 0.3 * df {
            let tail = near_normal_tail(w2, df);
            return if t >= 0.0 { tail } else { 1.0 - tail };
        }
    }
    let t2 = t * t;
    // Ratios by division of each part, so that neither x nor 1 - x is rounded away.
    let (x, y) = if t2 < df {
        let r = t2 / df;
        (1.0 / (1.0 + r), r / (1.0 + r))
    } else {
        let r = df / t2;
        (r / (1.0 + r), 1.0 / (1.0 + r))
    };
    let tail = 0.5 * beta_inc_both(0.5 * df, 0.5, x, y).0;
    if t >= 0.0 { tail } else { 1.0 - tail }
}

/// Upper tail for many degrees of freedom: a dozen terms to full accuracy, where the continued
/// fraction of the incomplete beta would take thousands.
///
/// With `u^2 = df ln(1 + x^2/df)` the density becomes exactly a constant times
/// `exp(-u^2/2) sqrt(s / (1 - exp(-s)))`, `s = u^2/df` (the variable is Wallace's 1959, Ann Math
/// Stat 30:1121). The root is expanded in `s`, whose radius of convergence is 2π, and the terms
/// are the upper incomplete moments of the normal distribution, all positive.
fn near_normal_tail(w2: f64, df: f64) -> f64 {
    const TERMS: usize = 12;
    // s / (1 - exp(-s)): Bernoulli numbers over factorials.
    const SQUARE: [f64; TERMS] = [
        1.0,
        1.0 / 2.0,
        1.0 / 12.0,
        0.0,
        -1.0 / 720.0,
        0.0,
        1.0 / 30_240.0,
        0.0,
        -1.0 / 1_209_600.0,
        0.0,
        1.0 / 47_900_160.0,
        0.0,
    ];
    let mut series = [1.0; TERMS];
    for k in 1..TERMS {
        let cross: f64 = (1..k).map(|i| series[i] * series[k - i]).sum();
        series[k] = 0.5 * (SQUARE[k] - cross);
    }
    let w = w2.sqrt();
    let density = norm_pdf(w);
    // moment = (integral of u^2k density from w) / df^k
    let mut moment = norm_sf(w);
    let mut power = w * density / df;
    let mut sum = moment;
    for (k, c) in series.iter().enumerate().skip(1) {
        moment = power + (2 * k - 1) as f64 / df * moment;
        power *= w2 / df;
        sum += c * moment;
    }
    let r = 1.0 / df;
    let log_constant = -r * (1.0 / 4.0 - r * r * (1.0 / 24.0 - r * r / 20.0));
    sum * log_constant.exp()
}

/// `P(T <= t)` on `df` degrees of freedom, with relative accuracy in the lower tail.
#[must_use]
pub fn t_cdf(t: f64, df: f64) -> f64 {
    t_sf(-t, df)
}

/// Two-sided p-value `P(|T| >= |t|)`.
#[must_use]
pub fn t_two_sided_p(t: f64, df: f64) -> f64 {
    (2.0 * t_sf(t.abs(), df)).min(1.0)
}

/// Quantile: the `t` with `P(T <= t) = p`.
#[must_use]
pub fn t_quantile(p: f64, df: f64) -> f64 {
    if p > 0.5 { t_isf(1.0 - p, df) } else { -t_isf(p, df) }
}

/// Upper quantile: the `t` with `P(T > t) = p`.
///
/// From 1000 degrees on and for ordinary tails the Cornish-Fisher expansion (Abramowitz & Stegun
/// 26.7.5, four terms) is good to 2e-12; otherwise the survival function is inverted in log t,
/// where even the tail of one degree of freedom is almost a straight line.
#[must_use]
pub fn t_isf(p: f64, df: f64) -> f64 {
    debug_assert!((0.0..=1.0).contains(&p) || p.is_nan(), "p = {p}");
    if p.is_nan() || df.is_nan() {
        return f64::NAN;
    }
    if p == 0.5 {
        return 0.0;
    }
    if p > 0.5 {
        return -t_isf(1.0 - p, df);
    }
    if p <= 0.0 {
        return f64::INFINITY;
    }
    let z = norm_isf(p);
    if df.is_infinite() {
        return z;
    }
    let start = cornish_fisher(z, df);
    if df >= 1000.0 && z * z * z < 0.1 * df {
        return start;
    }
    if df == 1.0 {
        return 1.0 / (PI * p).tan();
    }
    // Cornish-Fisher may be poor here, but it is the right order of magnitude above.
    let (mut lo, mut hi) = (0.5 * z, start.max(z));
    while t_sf(hi, df) > p {
        lo = hi;
        hi *= 2.0;
    }
    while t_sf(lo, df) < p {
        lo *= 0.5;
    }
    root(|s| (t_sf(s.exp(), df) / p).ln(), lo.ln(), hi.ln()).exp()
}

fn cornish_fisher(z: f64, df: f64) -> f64 {
    let z2 = z * z;
    let g1 = z * (z2 + 1.0) / 4.0;
    let g2 = z * (3.0 + z2 * (16.0 + 5.0 * z2)) / 96.0;
    let g3 = z * (-15.0 + z2 * (17.0 + z2 * (19.0 + 3.0 * z2))) / 384.0;
    let g4 = z * (-945.0 + z2 * (-1920.0 + z2 * (1482.0 + z2 * (776.0 + 79.0 * z2)))) / 92_160.0;
    z + (g1 + (g2 + (g3 + g4 / df) / df) / df) / df
}

#[cfg(test)]
pub(in crate::stats) mod tests {
    use super::*;
    use crate::stats::published::{self, floats};
    use crate::stats::special::binom_cdf;

    fn rel(got: f64, want: f64, tol: f64) {
        assert!((got / want - 1.0).abs() <= tol, "got {got:e}, want {want:e}");
    }

    #[test]
    pub(in crate::stats) fn published_large_degrees() {
        published::run("numerics", &["student_t_quantile_binomial_cdf_large"], |case, check| {
            let args = case.inputs["t_ppf"].as_array().unwrap();
            for (a, want) in args.iter().zip(floats(&case.expected["t_ppf"])) {
                let a = floats(a);
                check.value("t_ppf", t_quantile(a[0], a[1]), want);
            }
            let args = case.inputs["binom_cdf"].as_array().unwrap();
            for (a, want) in args.iter().zip(floats(&case.expected["binom_cdf"])) {
                let a = floats(a);
                check.value("binom_cdf", binom_cdf(a[0] as u64, a[1] as u64, a[2]), want);
            }
        });
    }

    #[test]
    fn closed_forms_for_one_and_two_degrees() {
        for t in [0.01, 0.5, 1.0, 3.0, 40.0, 1e6] {
            rel(t_sf(t, 1.0), (1.0f64 / t).atan() / PI, 1e-13);
            let r = (2.0f64 + t * t).sqrt();
            rel(t_sf(t, 2.0), 1.0 / (r * (r + t)), 1e-13);
            assert!((t_cdf(t, 2.0) + t_sf(t, 2.0) - 1.0).abs() < 1e-15);
        }
        for p in [1e-9f64, 0.001, 0.2, 0.49] {
            let a = 4.0 * p * (1.0 - p);
            rel(t_isf(p, 2.0), 2.0 * (0.5 - p) * (2.0 / a).sqrt(), 1e-12);
        }
    }

    #[test]
    fn many_degrees() {
        // 40-digit quadrature.
        rel(t_sf(2.0, 1e4), 0.022_763_630_330_717_72, 1e-13);
        rel(t_sf(2.0, 1e6), 0.022_750_266_925_659_604, 1e-13);
        rel(t_sf(2.0, 1e8), 0.022_750_133_297_953_376, 1e-13);
        rel(t_sf(2.0, 1e9), 0.022_750_132_083_156_62, 1e-13);
        rel(t_sf(5.0, 1e9), 2.866_516_201_975_814e-7, 1e-13);
        rel(t_sf(0.001, 1e7), 0.499_601_057_796_062_5, 1e-14);
        rel(t_sf(3.0, 14.0), 0.004_775_756_376_769_69, 1e-13);
        rel(t_sf(30.0, 1e5), 3.689_268_436_111_117e-197, 1e-12);
        // The two ways agree where they meet.
        for t in [0.1, 2.0, 8.0] {
            rel(t_sf(t, 499.999_999), t_sf(t, 500.0), 1e-7);
            let beta = 0.5 * beta_inc_both(300.0, 0.5, 600.0 / (600.0 + t * t), t * t / (600.0 + t * t)).0;
            rel(t_sf(t, 600.0), beta, 1e-12);
        }
    }

    #[test]
    fn quantile_inverts_everywhere() {
        for df in [0.5, 1.0, 1.5, 3.0, 14.0, 120.0, 999.0, 1e3, 1e5, 1e7, 1e9] {
            for p in [1e-12, 1e-6, 0.001, 0.025, 0.2, 0.45] {
                let t = t_isf(p, df);
                rel(t_sf(t, df), p, 2e-10);
                assert_eq!(t_quantile(p, df), -t);
            }
        }
    }
}
