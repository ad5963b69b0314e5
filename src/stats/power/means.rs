//! Power and size for means, by the noncentral t distribution.

use crate::stats::roots::root;
use crate::stats::sequential::group::gauss_legendre;
use crate::stats::special::{ln_gamma, norm_sf, t_isf};
use crate::stats::{Undefined, check_level};

/// `P(T > t)` of the noncentral t with `df` degrees and noncentrality `delta`: the normal tail
/// averaged over the chi distribution of the estimated standard deviation, by quadrature.
fn noncentral_t_sf(t: f64, df: f64, delta: f64) -> f64 {
    // s = √(χ² / df) is concentrated at 1 with standard deviation about 1 / √(2 df).
    let spread = 12.0 / (2.0 * df).sqrt();
    let (lo, hi) = ((1.0 - spread).max(0.0), 1.0 + spread);
    let ln_constant = std::f64::consts::LN_2 + 0.5 * df * (0.5 * df).ln() - ln_gamma(0.5 * df);
    let (mid, half) = (0.5 * (lo + hi), 0.5 * (hi - lo));
    gauss_legendre(160)
        .into_iter()
        .map(|(u, w)| {
            let s = mid + half * u;
            let density = (ln_constant + (df - 1.0) * s.ln() - 0.5 * df * s * s).exp();
            w * half * density * norm_sf(t * s - delta)
        })
        .sum()
}

/// Power of the two-sided two-sample t test with `n` units per arm for a true difference, in units
/// of the common standard deviation. Rejections in the wrong direction are not counted.
///
/// # Errors
/// Fewer than two units per arm, an effect that is not finite, or `alpha` not in (0, 1).
pub fn power(n: f64, effect: f64, alpha: f64) -> Result<f64, Undefined> {
    check_level(alpha)?;
    if n.is_nan() || n < 2.0 || !effect.is_finite() {
        return Err(Undefined::new(format!("{n} units per arm for an effect of {effect}")));
    }
    let df = 2.0 * n - 2.0;
    Ok(noncentral_t_sf(t_isf(0.5 * alpha, df), df, effect.abs() * (0.5 * n).sqrt()))
}

/// Units per arm that reach `power`; not rounded.
///
/// # Errors
/// As [`power`], or the effect is zero.
pub fn n_per_arm(effect: f64, alpha: f64, wanted: f64) -> Result<f64, Undefined> {
    check_level(wanted)?;
    power(2.0, effect, alpha)?;
    if effect == 0.0 {
        return Err(Undefined::new("an effect of zero is never found"));
    }
    let mut hi = 4.0;
    while power(hi, effect, alpha)? < wanted {
        hi *= 2.0;
    }
    Ok(root(|n| power(n, effect, alpha).unwrap_or(0.0) - wanted, 2.0, hi))
}

#[cfg(test)]
pub(in crate::stats) mod tests {
    use super::*;
    use crate::stats::published::{self, count, float};

    #[test]
    pub(in crate::stats) fn published_power() {
        published::run("power.mean", &["two_sample_t_noncentral"], |case, check| {
            let i = &case.inputs;
            let p = power(count(i, "n") as f64, float(i, "delta") / float(i, "sd"), float(i, "alpha")).unwrap();
            check.value("power", p, case.expected.as_f64().unwrap());
        });
    }

    #[test]
    fn central_and_size() {
        for df in [1.0, 3.0, 30.0, 1e5] {
            let p = noncentral_t_sf(t_isf(0.025, df), df, 0.0);
            assert!((p - 0.025).abs() < 1e-6, "{df} {p}");
        }
        // R: power.t.test(power = .90, delta = 1).
        assert!((n_per_arm(1.0, 0.05, 0.9).unwrap() - 22.021_10).abs() < 1e-4);
        assert!(n_per_arm(0.0, 0.05, 0.9).is_err() && power(1.0, 1.0, 0.05).is_err());
    }
}
