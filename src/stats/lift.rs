//! Relative difference of two independent estimates, `a / b - 1`.

use super::influence::Estimate;
use super::special::{t_isf, t_two_sided_p};
use super::{Interval, Undefined, check_level};

/// A relative difference: 0.05 is five percent above the second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lift {
    /// `a / b - 1`.
    pub value: f64,
    /// Its interval.
    pub interval: Interval,
    /// Two-sided p of "no relative difference".
    pub p: Option<f64>,
}

fn welch_df(va: f64, dfa: f64, vb: f64, dfb: f64) -> f64 {
    (va + vb) * (va + vb) / (va * va / dfa + vb * vb / dfb)
}

/// Delta method on the logarithm of the ratio: the limits always lie above -100 %. The default.
///
/// # Errors
/// An estimate is not positive, neither has variance, or `level` is not in (0, 1).
pub fn log_ratio(a: &Estimate, b: &Estimate, level: f64) -> Result<Lift, Undefined> {
    check_level(level)?;
    if a.value <= 0.0 || b.value <= 0.0 {
        return Err(Undefined::new(format!("a ratio of {} and {} has no logarithm", a.value, b.value)));
    }
    let (va, vb) = ((a.se / a.value).powi(2), (b.se / b.value).powi(2));
    let se = (va + vb).sqrt();
    if se == 0.0 {
        return Err(Undefined::new("neither estimate has any variance"));
    }
    let df = welch_df(va, a.df, vb, b.df);
    let (centre, half) = ((a.value / b.value).ln(), t_isf(0.5 * (1.0 - level), df) * se);
    Ok(Lift {
        value: a.value / b.value - 1.0,
        interval: Interval {
            lo: (centre - half).exp_m1(),
            hi: (centre + half).exp_m1(),
            level,
            method: "lift_log_ratio",
        },
        p: Some(t_two_sided_p(centre / se, df)),
    })
}

/// Fieller 1954 (J R Stat Soc B 16:175): the ratios not rejected by the test of `a - r b = 0`.
/// Works for estimates of any sign; defined only while the second is clearly not zero.
///
/// # Errors
/// The second estimate is not significantly different from zero at this level (then no finite
/// interval exists), or `level` is not in (0, 1).
pub fn fieller(a: &Estimate, b: &Estimate, level: f64) -> Result<Lift, Undefined> {
    check_level(level)?;
    let unbounded = || Undefined::new("the denominator may be zero, so that nothing bounds the relative difference");
    if b.value == 0.0 {
        return Err(unbounded());
    }
    let (va, vb) = (a.se * a.se, b.se * b.se);
    let r = a.value / b.value;
    let df = if va + vb == 0.0 { f64::INFINITY } else { welch_df(va, a.df, r * r * vb, b.df) };
    let q = t_isf(0.5 * (1.0 - level), df);
    let g = q * q * vb / (b.value * b.value);
    if g.is_nan() || g >= 1.0 {
        return Err(unbounded());
    }
    let half = q / b.value.abs() * (va * (1.0 - g) + r * r * vb).sqrt();
    let (lo, hi) = ((r - half) / (1.0 - g) - 1.0, (r + half) / (1.0 - g) - 1.0);
    Ok(Lift { value: r - 1.0, interval: Interval { lo, hi, level, method: "lift_fieller" }, p: None })
}

/// Change of `a` against the size of `b`, `(a - b) / |b|`: on the logarithm where both are above zero beyond doubt, by
/// Fieller's set otherwise, which for a negative `b` is turned round.
///
/// # Errors
/// As [`fieller`].
pub fn relative(a: &Estimate, b: &Estimate, level: f64) -> Result<Lift, Undefined> {
    let above_zero = |one: &Estimate| one.value > t_isf(0.5 * (1.0 - level), one.df) * one.se;
    check_level(level)?;
    if above_zero(a) && above_zero(b) {
        return log_ratio(a, b, level);
    }
    let found = fieller(a, b, level)?;
    if b.value > 0.0 {
        return Ok(found);
    }
    let Lift { value, interval, p } = found;
    Ok(Lift { value: -value, interval: Interval { lo: -interval.hi, hi: -interval.lo, ..interval }, p })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn estimate(value: f64, se: f64) -> Estimate {
        Estimate::new(value, se, 1e9, 1000, 0.95, "test").unwrap()
    }

    #[test]
    fn both_contain_the_ratio_and_agree_when_precise() {
        let (a, b) = (estimate(1.05, 0.01), estimate(1.0, 0.01));
        let (l, f) = (log_ratio(&a, &b, 0.95).unwrap(), fieller(&a, &b, 0.95).unwrap());
        assert!((l.value - 0.05).abs() < 1e-12);
        // sqrt(0.01^2/1.05^2 + 0.01^2) = 0.013810, times z = 0.027066.
        assert!((l.interval.hi - (1.05 * 0.027_066_f64.exp() - 1.0)).abs() < 1e-5, "{l:?}");
        assert!((l.interval.lo - f.interval.lo).abs() < 1e-3 && (l.interval.hi - f.interval.hi).abs() < 1e-3);
    }

    #[test]
    fn relative_is_a_change_against_the_size_of_the_second() {
        let of = |a, b| relative(&estimate(a, 0.2), &estimate(b, 0.2), 0.95);
        assert_eq!(of(2.0, 1.0).unwrap().interval.method, "lift_log_ratio");
        // From 1 to -1, and from -1 to 1: down and up by twice the size.
        let (down, up) = (of(-1.0, 1.0).unwrap(), of(1.0, -1.0).unwrap());
        assert_eq!((down.value, up.value, down.interval.method), (-2.0, 2.0, "lift_fieller"));
        assert_eq!((down.interval.lo, down.interval.hi), (-up.interval.hi, -up.interval.lo));
        assert!(down.interval.lo < -2.0 && -2.0 < down.interval.hi);
        // Half the loss is a gain.
        let less = of(-1.0, -2.0).unwrap();
        assert!(less.value == 0.5 && less.interval.lo < 0.5 && 0.5 < less.interval.hi, "{less:?}");
        for b in [0.1, 0.0, -0.3] {
            assert!(of(1.0, b).unwrap_err().to_string().contains("denominator may be zero"));
        }
    }

    #[test]
    fn fieller_is_the_inverted_test() {
        let (a, b) = (estimate(2.0, 0.4), estimate(1.0, 0.2));
        let f = fieller(&a, &b, 0.95).unwrap();
        for r in [f.interval.lo + 1.0, f.interval.hi + 1.0] {
            let z = (2.0 - r) / (0.16 + r * r * 0.04f64).sqrt();
            assert!((z.abs() - 1.959_963_98).abs() < 1e-5, "{z}");
        }
        assert!(fieller(&a, &estimate(0.1, 0.2), 0.95).is_err());
        assert!(log_ratio(&a, &estimate(-0.1, 0.2), 0.95).is_err());
    }
}
