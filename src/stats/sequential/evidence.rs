//! Putting e-values together. An e-value is a bet against the null that on average does not win;
//! 20 is about as convincing as p = 0.05 with any number of looks.

use crate::stats::{Undefined, check_level};

fn check(e: &[f64]) -> Result<(), Undefined> {
    match e.iter().find(|e| e.is_nan() || **e < 0.0) {
        Some(bad) => Err(Undefined::new(format!("{bad} is no e-value"))),
        None if e.is_empty() => Err(Undefined::new("no e-values to combine")),
        None => Ok(()),
    }
}

/// Arithmetic mean: an e-value for "all nulls hold" under any dependence (Vovk & Wang 2021, Ann
/// Stat 49:1736, Proposition 3.1). For several guardrails watched at once.
///
/// # Errors
/// None given, or one is negative or not a number.
pub fn mean(e: &[f64]) -> Result<f64, Undefined> {
    check(e)?;
    Ok(e.iter().sum::<f64>() / e.len() as f64)
}

/// The same from natural logarithms, which do not overflow; returns a logarithm.
///
/// # Errors
/// None given, or one is not a number.
pub fn ln_mean(ln_e: &[f64]) -> Result<f64, Undefined> {
    let largest = ln_e.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if ln_e.is_empty() || ln_e.iter().any(|e| e.is_nan()) {
        return Err(Undefined::new("no e-values to combine"));
    }
    if largest.is_infinite() {
        return Ok(largest);
    }
    let sum: f64 = ln_e.iter().map(|e| (e - largest).exp()).sum();
    Ok(largest + (sum / ln_e.len() as f64).ln())
}

/// Product: only for independent e-values, or ones each valid given those before.
///
/// # Errors
/// As [`mean`].
pub fn product(e: &[f64]) -> Result<f64, Undefined> {
    check(e)?;
    Ok(e.iter().product())
}

/// The p-value of an e-value, by Markov's inequality.
#[must_use]
pub fn p_value(e: f64) -> f64 {
    (1.0 / e).clamp(0.0, 1.0)
}

/// An e-value from a p-value of one fixed look, `(1 - √p) / √p` (Vovk & Wang 2021; Ramdas 2020
/// calls it Shafer's calibrator with 1/2: `1/√p - 1`).
///
/// # Errors
/// `p` is not in (0, 1].
pub fn from_p(p: f64) -> Result<f64, Undefined> {
    if p > 0.0 && p <= 1.0 { Ok(1.0 / p.sqrt() - 1.0) } else { Err(Undefined::new(format!("p-value {p}"))) }
}

/// Which nulls to reject so that the false discovery rate is at most `alpha` under any dependence
/// (Wang & Ramdas 2022, J R Stat Soc B 84:822, e-BH).
///
/// # Errors
/// As [`mean`], or `alpha` not in (0, 1).
pub fn e_bh(e: &[f64], alpha: f64) -> Result<Vec<bool>, Undefined> {
    check(e)?;
    check_level(alpha)?;
    let mut order: Vec<usize> = (0..e.len()).collect();
    order.sort_by(|&i, &j| e[j].total_cmp(&e[i]));
    let enough = |k: usize| (k + 1) as f64 * e[order[k]] >= e.len() as f64 / alpha;
    let rejected = (0..e.len()).rev().find(|&k| enough(k)).map_or(0, |k| k + 1);
    let mut reject = vec![false; e.len()];
    order.iter().take(rejected).for_each(|&i| reject[i] = true);
    Ok(reject)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn combines() {
        assert_eq!(mean(&[1.0, 3.0, 8.0]).unwrap(), 4.0);
        assert!((ln_mean(&[0.0, 3f64.ln(), 8f64.ln()]).unwrap() - 4f64.ln()).abs() < 1e-14);
        assert!((ln_mean(&[1000.0, 0.0]).unwrap() - (1000.0 - 2f64.ln())).abs() < 1e-12);
        assert_eq!(ln_mean(&[f64::NEG_INFINITY]).unwrap(), f64::NEG_INFINITY);
        assert_eq!(p_value(100.0), 0.01);
        assert_eq!(p_value(0.5), 1.0);
        assert!(mean(&[]).is_err() && product(&[-1.0]).is_err() && from_p(0.0).is_err());
        assert_eq!(e_bh(&[100.0, 1.0, 45.0, 10.0], 0.05).unwrap(), [true, false, true, false]);
    }

    #[test]
    fn the_calibrator_integrates_to_one() {
        // Midpoints in sqrt(p), where the integrand 2 (1 - u) has no pole.
        let n = 1000;
        let integral: f64 =
            (0..n).map(|i| (f64::from(i) + 0.5) / f64::from(n)).map(|u| from_p(u * u).unwrap() * 2.0 * u).sum();
        assert!((integral / f64::from(n) - 1.0).abs() < 1e-9);
    }
}
