//! What a run could have seen, and how much more would decide it. Never "observed power".

pub mod auc;
pub mod means;
pub mod proportions;

use super::special::norm_isf;
use super::{Undefined, check_level};

/// Smallest true difference found with probability `power` by a two-sided test at `alpha`, given
/// the standard error that was reached: `(z_{1-α/2} + z_power) se`, in the units of `se`.
///
/// # Errors
/// `alpha` or `power` is not in (0, 1), or `se` is negative or not finite.
pub fn minimum_detectable(se: f64, alpha: f64, power: f64) -> Result<f64, Undefined> {
    check_level(alpha)?;
    check_level(power)?;
    if !se.is_finite() || se < 0.0 {
        return Err(Undefined::new(format!("standard error {se}")));
    }
    Ok((norm_isf(0.5 * alpha) + norm_isf(1.0 - power)) * se)
}

/// Units at which the half-width would equal the distance of the estimate to the margin, if the
/// estimate stays: `n (half_width / distance)^2`. `n` counts the units that the width is made of
/// (clusters when the interval is clustered).
///
/// At that size the chance of a decision is one half, not 80 %: it is the least that could do.
///
/// # Errors
/// `n` is 0, a length is not finite, or the estimate lies on the margin (no size decides it).
pub fn n_needed(n: u64, half_width: f64, distance_to_margin: f64) -> Result<u64, Undefined> {
    if n == 0 || !half_width.is_finite() || !distance_to_margin.is_finite() {
        return Err(Undefined::new("no interval to extrapolate from"));
    }
    let ratio = half_width / distance_to_margin;
    let needed = (n as f64 * ratio * ratio).ceil();
    if needed.is_nan() || needed > 1e15 {
        return Err(Undefined::new("the estimate lies on the margin: more data alone may not help"));
    }
    Ok(needed as u64)
}

/// Checks an error rate and a power, and returns the two normal quantiles.
fn quantiles(alpha: f64, sides: Sides, power: f64) -> Result<(f64, f64), Undefined> {
    check_level(alpha)?;
    check_level(power)?;
    Ok((norm_isf(sides.tail(alpha)), norm_isf(1.0 - power)))
}

/// Whether a test looks to one side or to both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sides {
    /// All of alpha on the side of interest.
    One,
    /// Half of alpha on each side.
    Two,
}

impl Sides {
    fn tail(self, alpha: f64) -> f64 {
        if self == Self::Two { 0.5 * alpha } else { alpha }
    }
}

/// Factor by which clustering multiplies the units needed, from a pilot: the variance of the
/// estimate with clusters over that with independent rows (Kish 1965).
///
/// # Errors
/// A standard error is not positive and finite.
pub fn design_effect(clustered_se: f64, row_se: f64) -> Result<f64, Undefined> {
    let ratio = clustered_se / row_se;
    if clustered_se > 0.0 && row_se > 0.0 && ratio.is_finite() {
        Ok(ratio * ratio)
    } else {
        Err(Undefined::new(format!("standard errors {clustered_se} and {row_se}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        let mde = minimum_detectable(0.01, 0.05, 0.8).unwrap();
        assert!((mde - 0.028_015_852_1).abs() < 1e-9, "{mde}");
        assert_eq!(n_needed(1000, 0.02, 0.01).unwrap(), 4000);
        assert_eq!(n_needed(1000, 0.02, -0.01).unwrap(), 4000);
        assert_eq!(n_needed(1000, 0.01, 0.02).unwrap(), 250);
        assert!(n_needed(1000, 0.01, 0.0).is_err());
        assert!(minimum_detectable(0.01, 0.0, 0.8).is_err());
    }
}
