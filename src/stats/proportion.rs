//! Intervals for one proportion from `x` successes in `n` trials, and the exact binomial test.

use super::special::{beta_quantile, binom_cdf, binom_pmf, binom_sf};
use super::{Interval, Undefined, check_level, roots::root, z_for};

pub(crate) fn check_counts(x: u64, n: u64) -> Result<(), Undefined> {
    if n == 0 {
        return Err(Undefined::new("a proportion of no trials"));
    }
    if x > n {
        return Err(Undefined::new(format!("{x} successes in {n} trials")));
    }
    Ok(())
}

/// Wilson score limits for an observed share `p` of `n` trials (`n` may be an effective number),
/// `z` standard normal units wide. Also used where a proportion is only a bound.
pub(crate) fn wilson_limits(p: f64, n: f64, z: f64) -> (f64, f64) {
    let z2 = z * z;
    let centre = (p * n + 0.5 * z2) / (n + z2);
    let half = z * (n * p * (1.0 - p) + 0.25 * z2).sqrt() / (n + z2);
    // At the ends of the range the limit is the end itself; rounding must not move it inside.
    let lo = if p <= 0.0 { 0.0 } else { (centre - half).max(0.0) };
    let hi = if p >= 1.0 { 1.0 } else { (centre + half).min(1.0) };
    (lo, hi)
}

/// Wilson score interval (Wilson 1927, JASA 22:209). The default for one proportion.
///
/// # Errors
/// `n` is 0, `x > n`, or `level` is not in (0, 1).
pub fn wilson(x: u64, n: u64, level: f64) -> Result<Interval, Undefined> {
    check_counts(x, n)?;
    wilson_of_mean(x as f64 / n as f64, n, level)
}

/// As [`wilson`] of the mean of `n` numbers from 0 to 1, whose variance is at most that of a share of the same mean.
///
/// # Errors
/// `n` is 0, the mean is outside `[0, 1]`, or `level` is not in (0, 1).
pub fn wilson_of_mean(mean: f64, n: u64, level: f64) -> Result<Interval, Undefined> {
    if n == 0 || !(0.0..=1.0).contains(&mean) {
        return Err(Undefined::new(format!("a share of {mean} among {n}")));
    }
    let (lo, hi) = wilson_limits(mean, n as f64, z_for(level)?);
    Ok(Interval { lo, hi, level, method: "wilson" })
}

/// Wilson score interval with continuity correction (Newcombe 1998, Stat Med 17:857, method 4).
///
/// # Errors
/// As [`wilson`].
pub fn wilson_cc(x: u64, n: u64, level: f64) -> Result<Interval, Undefined> {
    check_counts(x, n)?;
    let (z, nf) = (z_for(level)?, n as f64);
    let p = x as f64 / nf;
    let q = 1.0 - p;
    let z2 = z * z;
    let denominator = 2.0 * (nf + z2);
    let limit = |sign: f64| {
        let root = (z2 + sign * 2.0 - 1.0 / nf + 4.0 * p * (nf * q - sign)).max(0.0).sqrt();
        (2.0 * nf * p + z2 + sign * (1.0 + z * root)) / denominator
    };
    let lo = if x == 0 { 0.0 } else { limit(-1.0).max(0.0) };
    let hi = if x == n { 1.0 } else { limit(1.0).min(1.0) };
    Ok(Interval { lo, hi, level, method: "wilson_cc" })
}

/// Clopper-Pearson interval: coverage is at least `level` for every true proportion
/// (Clopper & Pearson 1934, Biometrika 26:404), as quantiles of the beta distribution.
///
/// # Errors
/// As [`wilson`].
pub fn clopper_pearson(x: u64, n: u64, level: f64) -> Result<Interval, Undefined> {
    check_counts(x, n)?;
    check_level(level)?;
    let tail = 0.5 * (1.0 - level);
    let (xf, nf) = (x as f64, n as f64);
    let lo = if x == 0 { 0.0 } else { beta_quantile(xf, nf - xf + 1.0, tail) };
    let hi = if x == n { 1.0 } else { 1.0 - beta_quantile(nf - xf, xf + 1.0, tail) };
    Ok(Interval { lo, hi, level, method: "clopper_pearson" })
}

/// Mid-p version of the Clopper-Pearson interval: half of the probability of the observed count is
/// taken off each tail (Lancaster 1961; Newcombe 1998, Stat Med 17:857, method 6).
///
/// # Errors
/// As [`wilson`].
pub fn clopper_pearson_midp(x: u64, n: u64, level: f64) -> Result<Interval, Undefined> {
    check_counts(x, n)?;
    check_level(level)?;
    let tail = 0.5 * (1.0 - level);
    // Solved through the upper tail of either outcome so that both ends keep relative accuracy.
    let lower_limit = |x: u64| {
        if x == 0 {
            return 0.0;
        }
        let excess = |p: f64| binom_sf(x, n, p) + 0.5 * binom_pmf(x, n, p) - tail;
        root(excess, 0.0, x as f64 / n as f64)
    };
    let (lo, hi) = (lower_limit(x), 1.0 - lower_limit(n - x));
    Ok(Interval { lo, hi, level, method: "clopper_pearson_midp" })
}

/// Jeffreys interval: equal tails of Beta(x + 1/2, n - x + 1/2), with the limit at 0 and at n
/// moved to the end of the range (Brown, Cai & DasGupta 2001, Stat Sci 16:101).
///
/// # Errors
/// As [`wilson`].
pub fn jeffreys(x: u64, n: u64, level: f64) -> Result<Interval, Undefined> {
    check_counts(x, n)?;
    check_level(level)?;
    let tail = 0.5 * (1.0 - level);
    let (a, b) = (x as f64 + 0.5, (n - x) as f64 + 0.5);
    let lo = if x == 0 { 0.0 } else { beta_quantile(a, b, tail) };
    let hi = if x == n { 1.0 } else { 1.0 - beta_quantile(b, a, tail) };
    Ok(Interval { lo, hi, level, method: "jeffreys" })
}

/// Two-sided exact binomial test of `p = p0`: the probability of all counts no more likely than
/// the observed one.
///
/// # Errors
/// As [`wilson`], or `p0` outside `[0, 1]`.
pub fn binomial_test(x: u64, n: u64, p0: f64) -> Result<f64, Undefined> {
    check_counts(x, n)?;
    if !(0.0..=1.0).contains(&p0) {
        return Err(Undefined::new(format!("null proportion {p0} is not in [0, 1]")));
    }
    // Mirror so that the observed count is at or above the mode's side.
    let (x, p0) = if x as f64 >= n as f64 * p0 { (x, p0) } else { (n - x, 1.0 - p0) };
    let bound = binom_pmf(x, n, p0) * (1.0 + 1e-7);
    if binom_pmf(x, n, p0) == 0.0 && p0 > 0.0 && p0 < 1.0 {
        // Underflow: the far tail cannot be resolved and adds nothing representable.
        return Ok(0.0);
    }
    let upper = if x == 0 { 1.0 } else { binom_sf(x - 1, n, p0) };
    // Below the mode the probabilities increase: the last one not above the bound by halving.
    let mode = ((n as f64 + 1.0) * p0).floor().min(n as f64) as u64;
    if binom_pmf(0, n, p0) > bound {
        return Ok(upper.min(1.0));
    }
    let (mut lo, mut hi) = (0, mode.min(x));
    while hi - lo > 1 {
        let mid = lo + (hi - lo) / 2;
        if binom_pmf(mid, n, p0) <= bound {
            lo = mid;
        } else {
            hi = mid;
        }
    }
    if hi < x && binom_pmf(hi, n, p0) <= bound {
        lo = hi;
    }
    if lo >= x {
        return Ok(1.0);
    }
    Ok((upper + binom_cdf(lo, n, p0)).min(1.0))
}

#[cfg(test)]
pub(in crate::stats) mod tests {
    use super::*;
    use crate::stats::published::{self, count, float};

    #[test]
    pub(in crate::stats) fn published_single() {
        let methods = ["wilson", "wilson_cc", "clopper_pearson", "clopper_pearson_midp", "jeffreys", "exact_binomial"];
        published::run("proportion.single", &methods, |case, check| {
            let (x, n) = (count(&case.inputs, "x"), count(&case.inputs, "n"));
            let level = case.inputs["conf"].as_f64().unwrap_or(0.95);
            let ci = match case.method.as_str() {
                "wilson" => wilson(x, n, level),
                "wilson_cc" => wilson_cc(x, n, level),
                "clopper_pearson" => clopper_pearson(x, n, level),
                "clopper_pearson_midp" => clopper_pearson_midp(x, n, level),
                "jeffreys" => jeffreys(x, n, level),
                _ => {
                    check.close("p", binomial_test(x, n, float(&case.inputs, "p0")).unwrap());
                    clopper_pearson(x, n, level)
                }
            }
            .unwrap();
            check.close("lower", ci.lo);
            check.close("upper", ci.hi);
        });
    }

    #[test]
    fn ends_of_the_range() {
        for f in [wilson, wilson_cc, clopper_pearson, clopper_pearson_midp, jeffreys] {
            let none = f(0, 40, 0.95).unwrap();
            let all = f(40, 40, 0.95).unwrap();
            assert_eq!((none.lo, all.hi), (0.0, 1.0));
            assert!(none.hi > 0.0 && none.hi < 0.2);
            assert!((none.hi + all.lo - 1.0).abs() < 1e-12);
            assert!(f(0, 0, 0.95).is_err());
            assert!(f(3, 2, 0.95).is_err());
            assert!(f(1, 2, 1.0).is_err());
        }
    }

    #[test]
    fn agree_on_large_logs() {
        let n = 100_000_000;
        for x in [100, 30_000, 50_000_000, 99_999_000] {
            let w = wilson(x, n, 0.95).unwrap();
            for f in [clopper_pearson, clopper_pearson_midp, jeffreys] {
                let e = f(x, n, 0.95).unwrap();
                assert!((e.width() / w.width() - 1.0).abs() < 0.05, "{x}: {e:?} {w:?}");
            }
        }
    }

    #[test]
    fn exact_test_by_enumeration() {
        for n in [1u64, 2, 9, 20] {
            for p0 in [0.1, 0.37, 0.5, 0.8] {
                for x in 0..=n {
                    let seen = binom_pmf(x, n, p0) * (1.0 + 1e-7);
                    let want: f64 = (0..=n).map(|k| binom_pmf(k, n, p0)).filter(|&f| f <= seen).sum();
                    let got = binomial_test(x, n, p0).unwrap();
                    assert!((got - want).abs() < 1e-12, "{x} {n} {p0}: {got} {want}");
                }
            }
        }
    }
}
