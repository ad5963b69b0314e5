//! Stitched boundaries in closed form: nearly as tight as a mixture, growing like the law of the
//! iterated logarithm.

use crate::stats::roots::root;
use crate::stats::{Undefined, check_level};

/// Riemann zeta for `s > 1` by Euler-Maclaurin summation (NIST DLMF 25.2.9 with thirty terms).
fn zeta(s: f64) -> f64 {
    let n = 30.0f64;
    let head: f64 = (1..30).map(|k| f64::from(k).powf(-s)).sum();
    let tail = n.powf(1.0 - s) / (s - 1.0) + 0.5 * n.powf(-s);
    let b = n.powf(-s - 1.0);
    head + tail + s * b / 12.0 - s * (s + 1.0) * (s + 2.0) * b / (720.0 * n * n)
        + s * (s + 1.0) * (s + 2.0) * (s + 3.0) * (s + 4.0) * b / (30_240.0 * n.powi(4))
}

/// How the geometric epochs are chosen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Epochs {
    /// How fast the error spent falls from epoch to epoch; above 1.
    pub s: f64,
    /// Ratio of the ends of an epoch; above 1.
    pub eta: f64,
}

impl Default for Epochs {
    fn default() -> Self {
        Self { s: 1.4, eta: 2.0 }
    }
}

impl Epochs {
    fn constants(self) -> (f64, f64) {
        ((self.eta.powf(0.25) + self.eta.powf(-0.25)) / 2f64.sqrt(), 0.5 * (self.eta.sqrt() + 1.0))
    }

    fn check(self, alpha: f64) -> Result<(), Undefined> {
        check_level(alpha)?;
        if self.s > 1.0 && self.eta > 1.0 { Ok(()) } else { Err(Undefined::new("epochs must grow")) }
    }
}

/// Polynomial stitched boundary for a sub-gamma walk of scale `c` at intrinsic time `v`, not used
/// before `v_min` (Howard et al. 2021, Ann Stat 49:1055, eq. 9-10).
///
/// # Errors
/// `v_min` is not positive, the epochs do not grow, or `alpha` not in (0, 1).
pub fn polynomial(v: f64, alpha: f64, v_min: f64, c: f64, epochs: Epochs) -> Result<f64, Undefined> {
    epochs.check(alpha)?;
    if v_min.is_nan() || v_min <= 0.0 {
        return Err(Undefined::new(format!("smallest intrinsic time {v_min}")));
    }
    let Epochs { s, eta } = epochs;
    let (k1, k2) = epochs.constants();
    let v = v.max(v_min);
    let ell = s * (eta * v / v_min).ln().ln() + (zeta(s) / eta.ln().powf(s)).ln() - alpha.ln();
    let linear = k2 * c * ell;
    Ok((k1 * k1 * v * ell + linear * linear).sqrt() + linear)
}

/// Double-stitched boundary for the number of values at or below the `p` quantile after `t` values,
/// for all `p` and all `t` at once (Howard & Ramdas 2022, Bernoulli 28:1704, Theorem 2).
///
/// # Errors
/// `p` or `alpha` not in (0, 1), a time below 1, or the epochs do not grow.
pub fn double(p: f64, t: f64, alpha: f64, t_opt: f64, delta: f64, epochs: Epochs) -> Result<f64, Undefined> {
    epochs.check(alpha)?;
    check_level(p)?;
    if !(t >= 1.0 && t_opt >= 1.0 && delta > 0.0) {
        return Err(Undefined::new(format!("{t} values, tuned to {t_opt}")));
    }
    let Epochs { s, eta } = epochs;
    let (k1, k2) = epochs.constants();
    let t = t.max(t_opt);
    let logit = (p / (1.0 - p)).ln();
    let r =
        if p >= 0.5 { p } else { (1.0 / (1.0 + (-(logit + 2.0 * delta * (t_opt * eta / t).sqrt())).exp())).min(0.5) };
    let variance = r * (1.0 - r);
    let j = (t / t_opt).sqrt() * logit.abs() / (2.0 * delta) + 1.0;
    let z = zeta(s);
    let ell =
        s * (eta * t / t_opt).ln().ln() + s * j.ln() + (2.0 * z * (2.0 * z + 1.0) / (alpha * eta.ln().powf(s))).ln();
    let linear = k2 * (1.0 - 2.0 * p) / 3.0 * ell;
    Ok(delta * (eta * t * variance / t_opt).sqrt() + (k1 * k1 * variance * t * ell + linear * linear).sqrt() + linear)
}

/// Bound on the distance of the empirical distribution function from the true one, everywhere and
/// at all `t >= t_min` at once (Howard & Ramdas 2022, Theorem 3, with the constant optimised).
/// Infinite before `t_min`.
///
/// # Errors
/// `a <= 1/√2`, `t_min < 1`, or `alpha` not in (0, 1).
pub fn empirical_process(t: f64, alpha: f64, t_min: f64, a: f64) -> Result<f64, Undefined> {
    check_level(alpha)?;
    if !(a > 0.5f64.sqrt() && t_min >= 1.0) {
        return Err(Undefined::new(format!("factor {a} from {t_min} values on")));
    }
    if t < t_min {
        return Ok(f64::INFINITY);
    }
    let error = |c: f64, eta: f64| {
        let g = 2.0 / eta * (a - (2.0 * (eta - 1.0) / c).sqrt()).powi(2);
        if g <= 1.0 || eta <= 1.0 { f64::INFINITY } else { 4.0 * (-g * c).exp() * (1.0 + 1.0 / ((g - 1.0) * eta.ln())) }
    };
    let least = |c: f64| {
        let largest = root(|e| (0.5 * e).sqrt() + (2.0 * (e - 1.0) / c).sqrt() - a, 1.0, 2.0 * a * a);
        golden(|eta| error(c, eta), 1.0, largest)
    };
    let mut hi = 1.0;
    while least(hi) > alpha {
        hi *= 2.0;
    }
    let c = root(|c| least(c).min(1e300).ln() - alpha.ln(), 0.5 * hi, hi);
    Ok(a * (((t / t_min).ln().ln_1p() + c) / t).sqrt())
}

/// Smallest value of a function with one minimum, by golden section.
fn golden(f: impl Fn(f64) -> f64, mut lo: f64, mut hi: f64) -> f64 {
    let ratio = 0.5 * (5f64.sqrt() - 1.0);
    for _ in 0..80 {
        let (x, y) = (hi - ratio * (hi - lo), lo + ratio * (hi - lo));
        // An infinite value lies beyond the allowed end, on the right.
        if f(x) <= f(y) { hi = y } else { lo = x }
    }
    f(0.5 * (lo + hi))
}

#[cfg(test)]
pub(in crate::stats) mod tests {
    use super::*;
    use crate::stats::published::{self, float};

    #[test]
    pub(in crate::stats) fn published_boundaries() {
        let methods = ["poly_stitching", "double_stitching_quantile", "empirical_process_lil"];
        published::run("sequential.boundary", &methods, |case, check| {
            let i = &case.inputs;
            let f = |k: &str| float(i, k);
            let got = match case.method.as_str() {
                "poly_stitching" => {
                    polynomial(f("v"), f("alpha"), f("v_min"), f("c"), Epochs { s: f("s"), eta: f("eta") })
                }
                "double_stitching_quantile" => {
                    let epochs = Epochs { s: f("s"), eta: f("eta") };
                    double(f("quantile"), f("t"), f("alpha"), f("t_opt"), f("delta"), epochs)
                }
                _ => empirical_process(f("t"), f("alpha"), f("t_min"), f("A")),
            };
            check.value("bound", got.unwrap(), case.expected.as_f64().unwrap());
        });
    }

    #[test]
    fn zeta_of_two_and_four() {
        let pi = std::f64::consts::PI;
        assert!((zeta(2.0) - pi * pi / 6.0).abs() < 1e-10);
        assert!((zeta(4.0) - pi.powi(4) / 90.0).abs() < 1e-12);
        // mpmath.zeta(1.4)
        assert!((zeta(1.4) - 3.105_547_277_977_677).abs() < 1e-8, "{}", zeta(1.4));
        assert_eq!(empirical_process(5.0, 0.05, 100.0, 0.85).unwrap(), f64::INFINITY);
        assert!(polynomial(1.0, 0.05, 0.0, 0.0, Epochs::default()).is_err());
    }
}
