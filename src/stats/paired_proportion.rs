//! Intervals for the difference of two proportions measured on the same rows.
//!
//! `b` counts the rows where only the first is a success, `c` those where only the second is; the
//! difference is `(b - c) / n` over all `n` rows.

pub use super::mcnemar::{McNemar, mcnemar};
use super::proportion::wilson_limits;
use super::roots::root;
use super::{Interval, Undefined, z_for};

/// As [`tango`] of rows that count in part: `b` and `c` are the sums of the rows where the first, and the second, is
/// ahead, each by at most 1. Their variance is at most that of as many whole rows, so that the interval errs on the wide
/// side.
///
/// # Errors
/// `n` is 0, `b` or `c` is below 0, `b + c > n`, or `level` is not in (0, 1).
pub fn tango_weighted(b: f64, c: f64, n: u64, level: f64) -> Result<Interval, Undefined> {
    let nf = n as f64;
    // The sums of many parts carry their rounding.
    if n == 0 || !(b >= 0.0 && c >= 0.0 && b + c <= nf * (1.0 + 1e-9)) {
        return Err(Undefined::new(format!("{b} + {c} discordant rows among {n}")));
    }
    let z = z_for(level)?;
    let d = ((b - c) / nf).clamp(-1.0, 1.0);
    let lo = if d <= -1.0 { -1.0 } else { root(|t| score(b, c, nf, t) - z, -1.0, d) };
    let hi = if d >= 1.0 { 1.0 } else { root(|t| score(b, c, nf, t) + z, d, 1.0) };
    Ok(Interval { lo, hi, level, method: "tango_score" })
}

fn check(b: u64, c: u64, n: u64) -> Result<(), Undefined> {
    if n == 0 {
        return Err(Undefined::new("a difference of proportions over no rows"));
    }
    match b.checked_add(c) {
        Some(d) if d <= n => Ok(()),
        _ => Err(Undefined::new(format!("{b} + {c} discordant rows among {n}"))),
    }
}

/// Score statistic for the null difference `d` (Tango 1998, Stat Med 17:891): normal
/// under the null, positive when the observed difference is above `d`.
fn score(b: f64, c: f64, n: f64, d: f64) -> f64 {
    let numerator = b - c - n * d;
    if numerator == 0.0 {
        return 0.0;
    }
    // Restricted maximum likelihood estimate of the share of `c` rows: the root of
    // 2n p^2 + q p + r = 0, in the form that does not cancel for either sign of q.
    let q = -b - c + (2.0 * n - b + c) * d;
    let r = -c * d * (1.0 - d);
    let disc = (q * q - 8.0 * n * r).max(0.0).sqrt();
    let p = if q > 0.0 { -2.0 * r / (q + disc) } else { (disc - q) / (4.0 * n) };
    let variance = n * (2.0 * p + d * (1.0 - d));
    if variance <= 0.0 { numerator.signum() * f64::INFINITY } else { numerator / variance.sqrt() }
}

/// Tango's score interval: the differences that the score test does not reject.
///
/// The default for accuracy, error rate and flips on the same rows. Without discordant rows it is
/// still finite and not empty, roughly `±z²/(n + z²)`.
///
/// # Errors
/// `n` is 0, `b + c > n`, or `level` is not in (0, 1).
pub fn tango(b: u64, c: u64, n: u64, level: f64) -> Result<Interval, Undefined> {
    check(b, c, n)?;
    tango_weighted(b as f64, c as f64, n, level)
}

/// Tango's score statistic against a margin: normal if the true difference is `null`. Its upper
/// tail is the p-value of non-inferiority when `null` is minus the margin.
///
/// # Errors
/// As [`tango`], or `null` not strictly inside (-1, 1).
pub fn tango_z(b: u64, c: u64, n: u64, null: f64) -> Result<f64, Undefined> {
    check(b, c, n)?;
    if !(null > -1.0 && null < 1.0) {
        return Err(Undefined::new(format!("null difference {null} is not inside (-1, 1)")));
    }
    let z = score(b as f64, c as f64, n as f64, null);
    if z.is_finite() { Ok(z) } else { Err(Undefined::new("score statistic has no variance")) }
}

/// Wald interval with one row added to each discordant count (Bonett & Price 2012, J Educ Behav
/// Stat 37:479): closed form, close to Tango's from about 30 rows on.
///
/// # Errors
/// As [`tango`].
pub fn bonett_price(b: u64, c: u64, n: u64, level: f64) -> Result<Interval, Undefined> {
    check(b, c, n)?;
    let z = z_for(level)?;
    let m = n as f64 + 2.0;
    let (p, q) = ((b as f64 + 1.0) / m, (c as f64 + 1.0) / m);
    let half = z * ((p + q - (p - q) * (p - q)) / m).sqrt();
    Ok(Interval { lo: p - q - half, hi: p - q + half, level, method: "bonett_price" }.clamped(-1.0, 1.0))
}

/// Plain Wald interval, for comparison with published tables only: it covers too rarely in small
/// samples and has no width without discordant rows.
///
/// # Errors
/// As [`tango`].
pub fn wald_paired(b: u64, c: u64, n: u64, level: f64) -> Result<Interval, Undefined> {
    check(b, c, n)?;
    let z = z_for(level)?;
    let nf = n as f64;
    let d = (b as f64 - c as f64) / nf;
    let half = z * (((b + c) as f64 / nf - d * d) / nf).max(0.0).sqrt();
    Ok(Interval { lo: d - half, hi: d + half, level, method: "wald_paired" })
}

/// Square-and-add interval with corrected correlation (Newcombe 1998, Stat Med 17:2635, method
/// 10). Needs the whole table: `both`, only the first (`b`), only the second (`c`), `neither`.
///
/// # Errors
/// The table is empty, or `level` is not in (0, 1).
pub fn newcombe_paired(both: u64, b: u64, c: u64, neither: u64, level: f64) -> Result<Interval, Undefined> {
    let n = both + b + c + neither;
    check(b, c, n)?;
    let z = z_for(level)?;
    let nf = n as f64;
    let (x1, x2) = ((both + b) as f64, (both + c) as f64);
    let (p1, p2) = (x1 / nf, x2 / nf);
    let (l1, u1) = wilson_limits(p1, nf, z);
    let (l2, u2) = wilson_limits(p2, nf, z);
    let margins = x1 * (nf - x1) * x2 * (nf - x2);
    let excess = both as f64 * neither as f64 - b as f64 * c as f64;
    let corrected = if excess > 0.5 * nf {
        excess - 0.5 * nf
    } else if excess >= 0.0 {
        0.0
    } else {
        excess
    };
    let phi = if margins > 0.0 { corrected / margins.sqrt() } else { 0.0 };
    let d = (b as f64 - c as f64) / nf;
    let (lo, hi) = square_and_add(d, (p1 - l1, u1 - p1), (p2 - l2, u2 - p2), phi);
    Ok(Interval { lo, hi, level, method: "newcombe_paired_10" }.clamped(-1.0, 1.0))
}

/// Limits of a difference from the distances of each part's limits to its estimate
/// (`(down, up)`, both not negative) and the correlation of the two estimates
/// (Newcombe 1998; as a general method Zou & Donner 2008, Stat Med 27:1693).
pub(crate) fn square_and_add(difference: f64, first: (f64, f64), second: (f64, f64), correlation: f64) -> (f64, f64) {
    let span = |x: f64, y: f64| (x * x + y * y - 2.0 * correlation * x * y).max(0.0).sqrt();
    (difference - span(first.0, second.1), difference + span(first.1, second.0))
}

#[cfg(test)]
pub(in crate::stats) mod tests {
    use super::*;
    use crate::stats::published::{self, count, float};

    #[test]
    pub(in crate::stats) fn published_intervals() {
        let methods = ["tango_score", "newcombe_square_and_add_m10", "wald"];
        published::run("proportion.diff_paired", &methods, |case, check| {
            let i = &case.inputs;
            let (n11, n12) = (count(i, "n11"), count(i, "n12"));
            let (n21, n22) = (count(i, "n21"), count(i, "n22"));
            let (n, level) = (n11 + n12 + n21 + n22, float(i, "conf"));
            let ci = match case.method.as_str() {
                "tango_score" => tango(n12, n21, n, level),
                "wald" => wald_paired(n12, n21, n, level),
                _ => newcombe_paired(n11, n12, n21, n22, level),
            }
            .unwrap();
            check.close("lower", ci.lo);
            check.close("upper", ci.hi);
        });
    }

    #[test]
    fn mirrors_and_contains_the_estimate() {
        for &(b, c, n) in &[(0, 0, 10), (1, 0, 44), (9, 3, 32), (10, 0, 10), (400, 300, 1_000_000), (0, 7, 50_000_000)]
        {
            let ci = tango(b, c, n, 0.95).unwrap();
            let mirrored = tango(c, b, n, 0.95).unwrap().negated();
            assert!((ci.lo - mirrored.lo).abs() < 1e-12 && (ci.hi - mirrored.hi).abs() < 1e-12);
            let d = (b as f64 - c as f64) / n as f64;
            assert!(ci.contains(d) && ci.width() > 0.0, "{b} {c} {n} {ci:?}");
            for limit in [ci.lo, ci.hi] {
                if limit.abs() < 1.0 {
                    let z = tango_z(b, c, n, limit).unwrap();
                    assert!((z.abs() - 1.959_963_984_540_054).abs() < 1e-6, "{b} {c} {n} {z}");
                }
            }
        }
        let none = tango(0, 0, 1000, 0.95).unwrap();
        let z2 = 3.841_458_820_694_124;
        assert!((none.hi - z2 / (1000.0 + z2)).abs() < 1e-6, "{none:?}");
        assert!(tango(3, 3, 5, 0.95).is_err());
        assert!(tango(0, 0, 0, 0.95).is_err());
    }

    #[test]
    fn bonett_price_near_tango() {
        let t = tango(40, 25, 1000, 0.95).unwrap();
        let b = bonett_price(40, 25, 1000, 0.95).unwrap();
        assert!((t.lo - b.lo).abs() < 6e-4 && (t.hi - b.hi).abs() < 6e-4, "{t:?} {b:?}");
    }
}
