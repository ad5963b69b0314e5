//! Intervals for the difference of two proportions measured on different rows,
//! `x1 / n1 - x2 / n2`.

use super::paired_proportion::square_and_add;
use super::proportion::{check_counts, wilson_limits};
use super::roots::root;
use super::{Interval, Undefined, z_for};
use std::f64::consts::PI;

/// Which variance the score statistic divides by.
#[derive(Clone, Copy, PartialEq)]
enum Variance {
    /// With the factor `N / (N - 1)`: Miettinen & Nurminen.
    Unbiased,
    /// Without: Mee; Farrington & Manning.
    Plain,
}

/// Maximum likelihood estimate of the second proportion when the difference is held at `d`: the
/// closed-form root of the cubic in Miettinen & Nurminen 1985, appendix I.
fn restricted_second(x1: f64, n1: f64, x2: f64, n2: f64, d: f64) -> f64 {
    let n = n1 + n2;
    let l3 = n;
    let l2 = (n1 + 2.0 * n2) * d - n - (x1 + x2);
    let l1 = (n2 * d - n - 2.0 * x2) * d + x1 + x2;
    let l0 = x2 * d * (1.0 - d);
    let third = l2 / (3.0 * l3);
    let q = third.powi(3) - l1 * l2 / (6.0 * l3 * l3) + l0 / (2.0 * l3);
    let p = (third * third - l1 / (3.0 * l3)).max(0.0).sqrt().copysign(q);
    let root = if p == 0.0 {
        -third
    } else {
        let angle = (PI + (q / (p * p * p)).clamp(-1.0, 1.0).acos()) / 3.0;
        2.0 * p * angle.cos() - third
    };
    root.clamp((-d).max(0.0), (1.0 - d).min(1.0))
}

fn score(x1: f64, n1: f64, x2: f64, n2: f64, d: f64, variance: Variance) -> f64 {
    let numerator = x1 / n1 - x2 / n2 - d;
    if numerator == 0.0 {
        return 0.0;
    }
    let p2 = restricted_second(x1, n1, x2, n2, d);
    let p1 = (p2 + d).clamp(0.0, 1.0);
    let mut v = p1 * (1.0 - p1) / n1 + p2 * (1.0 - p2) / n2;
    if variance == Variance::Unbiased {
        let n = n1 + n2;
        v *= n / (n - 1.0);
    }
    if v <= 0.0 { numerator.signum() * f64::INFINITY } else { numerator / v.sqrt() }
}

fn check(x1: u64, n1: u64, x2: u64, n2: u64) -> Result<(), Undefined> {
    check_counts(x1, n1)?;
    check_counts(x2, n2)
}

fn invert(
    (x1, n1): (u64, u64),
    (x2, n2): (u64, u64),
    level: f64,
    variance: Variance,
    method: &'static str,
) -> Result<Interval, Undefined> {
    check(x1, n1, x2, n2)?;
    let z = z_for(level)?;
    let (x1, n1, x2, n2) = (x1 as f64, n1 as f64, x2 as f64, n2 as f64);
    let d = x1 / n1 - x2 / n2;
    let at = |t: f64| score(x1, n1, x2, n2, t, variance);
    let lo = if d <= -1.0 { -1.0 } else { root(|t| at(t) - z, -1.0, d) };
    let hi = if d >= 1.0 { 1.0 } else { root(|t| at(t) + z, d, 1.0) };
    Ok(Interval { lo, hi, level, method })
}

/// Score interval of Miettinen & Nurminen 1985 (Stat Med 4:213): the differences the score test
/// does not reject, with the variance factor `N / (N - 1)`.
///
/// # Errors
/// A group is empty, has more successes than trials, or `level` is not in (0, 1).
pub fn miettinen_nurminen(x1: u64, n1: u64, x2: u64, n2: u64, level: f64) -> Result<Interval, Undefined> {
    invert((x1, n1), (x2, n2), level, Variance::Unbiased, "miettinen_nurminen")
}

/// The same without the factor `N / (N - 1)` (Mee 1984, Biometrics 40:1175).
///
/// # Errors
/// As [`miettinen_nurminen`].
pub fn mee(x1: u64, n1: u64, x2: u64, n2: u64, level: f64) -> Result<Interval, Undefined> {
    invert((x1, n1), (x2, n2), level, Variance::Plain, "mee")
}

/// Score statistic against a null difference, with the restricted estimate under that null
/// (Farrington & Manning 1990 when `null` is minus the margin, here with `N / (N - 1)`).
///
/// # Errors
/// As [`miettinen_nurminen`], `null` not strictly inside (-1, 1), or no variance.
pub fn miettinen_nurminen_z(x1: u64, n1: u64, x2: u64, n2: u64, null: f64) -> Result<f64, Undefined> {
    check(x1, n1, x2, n2)?;
    if !(null > -1.0 && null < 1.0) {
        return Err(Undefined::new(format!("null difference {null} is not inside (-1, 1)")));
    }
    let z = score(x1 as f64, n1 as f64, x2 as f64, n2 as f64, null, Variance::Unbiased);
    if z.is_finite() { Ok(z) } else { Err(Undefined::new("score statistic has no variance")) }
}

/// Hybrid score interval: the two Wilson intervals squared and added (Newcombe 1998, Stat Med
/// 17:873, method 10). Closed form.
///
/// # Errors
/// As [`miettinen_nurminen`].
pub fn newcombe(x1: u64, n1: u64, x2: u64, n2: u64, level: f64) -> Result<Interval, Undefined> {
    check(x1, n1, x2, n2)?;
    let z = z_for(level)?;
    let (p1, p2) = (x1 as f64 / n1 as f64, x2 as f64 / n2 as f64);
    let (l1, u1) = wilson_limits(p1, n1 as f64, z);
    let (l2, u2) = wilson_limits(p2, n2 as f64, z);
    let (lo, hi) = square_and_add(p1 - p2, (p1 - l1, u1 - p1), (p2 - l2, u2 - p2), 0.0);
    Ok(Interval { lo, hi, level, method: "newcombe_hybrid" }.clamped(-1.0, 1.0))
}

#[cfg(test)]
pub(in crate::stats) mod tests {
    use super::*;
    use crate::stats::published::{self, count, float};

    #[test]
    pub(in crate::stats) fn published_intervals() {
        let methods = ["miettinen_nurminen", "mee", "newcombe_hybrid_score"];
        published::run("proportion.diff_unpaired", &methods, |case, check| {
            let i = &case.inputs;
            let f = match case.method.as_str() {
                "miettinen_nurminen" => miettinen_nurminen,
                "mee" => mee,
                _ => newcombe,
            };
            let ci = f(count(i, "x1"), count(i, "n1"), count(i, "x2"), count(i, "n2"), float(i, "conf")).unwrap();
            check.close("lower", ci.lo);
            check.close("upper", ci.hi);
        });
    }

    #[test]
    fn mirrors_and_ends() {
        for &(x1, n1, x2, n2) in
            &[(0, 10, 0, 20), (10, 10, 0, 10), (5, 56, 0, 29), (7, 34, 1, 34), (300, 5_000_000, 260, 4_000_000)]
        {
            let ci = miettinen_nurminen(x1, n1, x2, n2, 0.95).unwrap();
            let back = miettinen_nurminen(x2, n2, x1, n1, 0.95).unwrap().negated();
            assert!((ci.lo - back.lo).abs() < 1e-9 && (ci.hi - back.hi).abs() < 1e-9, "{ci:?} {back:?}");
            assert!(ci.contains(x1 as f64 / n1 as f64 - x2 as f64 / n2 as f64));
            for limit in [ci.lo, ci.hi] {
                if limit.abs() < 1.0 {
                    let z = miettinen_nurminen_z(x1, n1, x2, n2, limit).unwrap();
                    assert!((z.abs() - 1.959_963_984_540_054).abs() < 1e-6, "{z}");
                }
            }
        }
        assert!(miettinen_nurminen(1, 0, 1, 2, 0.95).is_err());
    }
}
