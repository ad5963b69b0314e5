//! Sizes and power for rates.

use super::{Sides, quantiles};
use crate::stats::special::norm_cdf;
use crate::stats::{Undefined, check_level};

fn check(p: &[f64]) -> Result<(), Undefined> {
    match p.iter().find(|p| !(**p > 0.0 && **p < 1.0)) {
        Some(bad) => Err(Undefined::new(format!("rate {bad} is not inside (0, 1)"))),
        None => Ok(()),
    }
}

fn variances(p1: f64, n1: f64, p2: f64, n2: f64) -> (f64, f64) {
    let pooled = (n1 * p1 + n2 * p2) / (n1 + n2);
    let null = pooled * (1.0 - pooled) * (1.0 / n1 + 1.0 / n2);
    (null, p1 * (1.0 - p1) / n1 + p2 * (1.0 - p2) / n2)
}

/// Power of the two-sided test of two unpaired rates (Fleiss, Levin & Paik 2003, Statistical
/// Methods for Rates and Proportions, 4.4; both tails counted).
///
/// # Errors
/// A rate is not inside (0, 1), an arm is empty, or `alpha` not in (0, 1).
pub fn power(p1: f64, n1: u64, p2: f64, n2: u64, alpha: f64) -> Result<f64, Undefined> {
    check(&[p1, p2])?;
    if n1 == 0 || n2 == 0 {
        return Err(Undefined::new("an arm has no units"));
    }
    let (z, _) = quantiles(alpha, Sides::Two, 0.5)?;
    let (null, alternative) = variances(p1, n1 as f64, p2, n2 as f64);
    let tail = |d: f64| norm_cdf((d - z * null.sqrt()) / alternative.sqrt());
    Ok(tail(p2 - p1) + tail(p1 - p2))
}

/// Units per arm for the difference of two rates, equal arms:
/// `[z √(2 p̄ q̄) + z_β √(p1 q1 + p2 q2)]² / Δ²`.
///
/// # Errors
/// As [`power`], or the rates are equal.
pub fn n_per_arm(p1: f64, p2: f64, alpha: f64, power: f64) -> Result<f64, Undefined> {
    check(&[p1, p2])?;
    if p1 == p2 {
        return Err(Undefined::new("equal rates are never told apart"));
    }
    let (z, z_power) = quantiles(alpha, Sides::Two, power)?;
    let (null, alternative) = variances(p1, 1.0, p2, 1.0);
    Ok(((z * null.sqrt() + z_power * alternative.sqrt()) / (p1 - p2)).powi(2))
}

/// Units per arm, equal arms, to show that a rate is not worse by `margin`, if both are truly `p`
/// and the higher is the better: the Wald form of Farrington & Manning 1990 (Stat Med 9:1447).
///
/// # Errors
/// As [`power`], or the margin is not positive.
pub fn n_non_inferior(p: f64, margin: f64, alpha: f64, power: f64) -> Result<f64, Undefined> {
    check(&[p])?;
    if margin.is_nan() || margin <= 0.0 {
        return Err(Undefined::new(format!("margin {margin} is not positive")));
    }
    let (z, z_power) = quantiles(alpha, Sides::One, power)?;
    Ok(2.0 * p * (1.0 - p) * ((z + z_power) / margin).powi(2))
}

/// Rows for McNemar's test of two models on the same rows, from the shares `p12` and `p21` of rows
/// where only one is right: `[z √ψ + z_β √(ψ - d²)]² / d²`, `ψ = p12 + p21`, `d = p12 - p21`
/// (Miettinen 1968, Biometrics 24:339; Connor 1987, Biometrics 43:207).
///
/// # Errors
/// The shares are equal, negative, or exceed one together; `alpha` or `power` not in (0, 1).
pub fn n_paired(p12: f64, p21: f64, alpha: f64, sides: Sides, power: f64) -> Result<f64, Undefined> {
    let (psi, d) = (p12 + p21, p12 - p21);
    if !(p12 >= 0.0 && p21 >= 0.0 && psi <= 1.0) || d == 0.0 {
        return Err(Undefined::new(format!("discordant shares {p12} and {p21}")));
    }
    let (z, z_power) = quantiles(alpha, sides, power)?;
    Ok(((z * psi.sqrt() + z_power * (psi - d * d).sqrt()) / d).powi(2))
}

/// Power of McNemar's test with `n` rows, the inverse of [`n_paired`].
///
/// # Errors
/// As [`n_paired`].
pub fn power_paired(p12: f64, p21: f64, n: u64, alpha: f64, sides: Sides) -> Result<f64, Undefined> {
    check_level(alpha)?;
    n_paired(p12, p21, alpha, sides, 0.5)?;
    let (psi, d) = (p12 + p21, (p12 - p21).abs());
    let (z, _) = quantiles(alpha, sides, 0.5)?;
    Ok(norm_cdf((d * (n as f64).sqrt() - z * psi.sqrt()) / (psi - d * d).max(f64::MIN_POSITIVE).sqrt()))
}

#[cfg(test)]
pub(in crate::stats) mod tests {
    use super::*;
    use crate::stats::published::{self, count, float};

    #[test]
    pub(in crate::stats) fn published_power() {
        published::run("power.proportion", &["two_sample_normal_ratio"], |case, check| {
            let i = &case.inputs;
            let p = power(float(i, "p1"), count(i, "n1"), float(i, "p2"), count(i, "n2"), float(i, "alpha"));
            check.value("power", p.unwrap(), case.expected.as_f64().unwrap());
        });
        published::run("power.mcnemar", &["miettinen_connor_normal"], |case, check| {
            let i = &case.inputs;
            let sides = if i["two_sided"] == true { Sides::Two } else { Sides::One };
            let n = n_paired(float(i, "p12"), float(i, "p21"), float(i, "alpha"), sides, float(i, "power"));
            check.value("n", n.unwrap(), case.expected.as_f64().unwrap());
        });
    }

    #[test]
    fn size_and_power_invert() {
        let n = n_per_arm(0.1, 0.12, 0.05, 0.8).unwrap();
        let p = power(0.1, n.round() as u64, 0.12, n.round() as u64, 0.05).unwrap();
        assert!((p - 0.8).abs() < 1e-3, "{n} {p}");
        let n = n_paired(0.06, 0.04, 0.05, Sides::Two, 0.9).unwrap();
        let p = power_paired(0.06, 0.04, n.round() as u64, 0.05, Sides::Two).unwrap();
        assert!((p - 0.9).abs() < 1e-3, "{n} {p}");
        assert!((n_non_inferior(0.5, 0.05, 0.025, 0.8).unwrap() - 1569.8).abs() < 0.2);
        assert!(n_per_arm(0.1, 0.1, 0.05, 0.8).is_err() && power(0.0, 1, 0.1, 1, 0.05).is_err());
        assert!(n_paired(0.6, 0.5, 0.05, Sides::One, 0.8).is_err());
    }
}
