//! Confidence sequence for a rate, exact at any number of trials
//! (Howard, Ramdas, McAuliffe & Sekhon 2021, Ann Stat 49:1055, beta-binomial mixture, eq. 24-26).
//!
//! For binary outcomes the mixture is a likelihood ratio: the counts under a beta prior whose mean
//! is the null rate against the null rate itself. The prior's weight makes the sequence tightest
//! after a planned number of trials.

use super::mixture::{ln_beta, two_sided_rho};
use crate::stats::proportion::check_counts;
use crate::stats::roots::root;
use crate::stats::special::beta_inc_both;
use crate::stats::{Interval, Undefined, check_level};

/// Weight of the prior, in trials.
fn weight(t_opt: f64, alpha: f64, rho: impl Fn(f64, f64) -> f64) -> f64 {
    (rho(t_opt, alpha) - 1.0).max(1e-3)
}

/// Natural logarithm of the e-value of `x` successes in `n` trials (reals) against the rate `p`.
pub(super) fn ln_e_two_sided(x: f64, n: f64, p: f64, weight: f64) -> f64 {
    let (a, b) = (weight * p, weight * (1.0 - p));
    ln_beta(a + x, b + n - x) - ln_beta(a, b) - x * p.ln() - (n - x) * (-p).ln_1p()
}

/// The weight for two-sided sequences tightest at `t_opt` trials.
pub(super) fn two_sided_weight(t_opt: u64, alpha: f64) -> Result<f64, Undefined> {
    check_level(alpha)?;
    if t_opt == 0 {
        return Err(Undefined::new("a confidence sequence needs a planned number of trials"));
    }
    Ok(weight(t_opt as f64, alpha, two_sided_rho))
}

/// Limits of a rate that hold at all numbers of trials together; tightest around `t_opt` trials,
/// which must be chosen before the data.
///
/// # Errors
/// No trials, more successes than trials, `t_opt` is 0, or `level` not in (0, 1).
pub fn interval(x: u64, n: u64, t_opt: u64, level: f64) -> Result<Interval, Undefined> {
    check_counts(x, n)?;
    let weight = two_sided_weight(t_opt, 1.0 - level)?;
    let threshold = -(1.0 - level).ln();
    let (xf, nf) = (x as f64, n as f64);
    let rate = xf / nf;
    // At the ends of (0, 1) the null is impossible unless it is what was seen.
    let excess = |p: f64, end: f64| {
        if p <= 0.0 || p >= 1.0 { end } else { ln_e_two_sided(xf, nf, p, weight) - threshold }
    };
    let lo = if x == 0 { 0.0 } else { root(|p| if p < rate { excess(p, 1.0) } else { -1.0 }, 0.0, rate) };
    let hi = if x == n { 1.0 } else { root(|p| if p > rate { excess(p, 1.0) } else { -1.0 }, rate, 1.0) };
    Ok(Interval { lo, hi, level, method: "bernoulli_sequence" })
}

/// Natural logarithm of the e-value against "the rate is at most `p`": the likelihood of the counts
/// under the part of the prior above `p`. For a rollback monitor with `p` the error budget.
///
/// # Errors
/// No trials, more successes than trials, `t_opt` is 0, or `p` or `alpha` not in (0, 1).
pub fn ln_e_above(x: u64, n: u64, p: f64, t_opt: u64, alpha: f64) -> Result<f64, Undefined> {
    check_counts(x, n)?;
    check_level(alpha)?;
    if t_opt == 0 || !(p > 0.0 && p < 1.0) {
        return Err(Undefined::new(format!("a rate budget of {p} tuned to {t_opt} trials")));
    }
    let weight = weight(t_opt as f64, alpha, |v, a| two_sided_rho(v, (2.0 * a).min(0.999)));
    let (a, b) = (weight * p, weight * (1.0 - p));
    let (xf, nf) = (x as f64, n as f64);
    let above = |a: f64, b: f64| beta_inc_both(b, a, 1.0 - p, p).0;
    let (posterior, prior) = (above(a + xf, b + nf - xf), above(a, b));
    if posterior == 0.0 {
        return Ok(f64::NEG_INFINITY);
    }
    Ok(ln_e_two_sided(xf, nf, p, weight) + posterior.ln() - prior.ln())
}

/// Lower limit of a rate at all numbers of trials together, one-sided at `1 - alpha`.
///
/// # Errors
/// As [`ln_e_above`].
pub fn lower_limit(x: u64, n: u64, t_opt: u64, alpha: f64) -> Result<f64, Undefined> {
    check_counts(x, n)?;
    ln_e_above(x, n, 0.5, t_opt, alpha)?;
    if x == 0 {
        return Ok(0.0);
    }
    let (rate, threshold) = (x as f64 / n as f64, -alpha.ln());
    let excess = |p: f64| match ln_e_above(x, n, p, t_opt, alpha) {
        _ if p <= 0.0 => f64::INFINITY,
        Ok(e) if p < rate => e - threshold,
        _ => -1.0,
    };
    Ok(root(excess, 0.0, rate))
}

/// Upper limit, by [`lower_limit`] of the failures.
///
/// # Errors
/// As [`lower_limit`].
pub fn upper_limit(x: u64, n: u64, t_opt: u64, alpha: f64) -> Result<f64, Undefined> {
    check_counts(x, n)?;
    Ok(1.0 - lower_limit(n - x, n, t_opt, alpha)?)
}

/// Limits of the difference of two rates at all looks together, first minus second: each arm's
/// sequence at half the error, subtracted. Exact, and wider than the asymptotic sequence.
///
/// # Errors
/// As [`interval`].
pub fn difference(a: (u64, u64), b: (u64, u64), t_opt: u64, level: f64) -> Result<Interval, Undefined> {
    check_level(level)?;
    let each = 1.0 - 0.5 * (1.0 - level);
    let (ia, ib) = (interval(a.0, a.1, t_opt, each)?, interval(b.0, b.1, t_opt, each)?);
    Ok(Interval { lo: ia.lo - ib.hi, hi: ia.hi - ib.lo, level, method: "bernoulli_sequence_difference" })
}

#[cfg(test)]
pub(in crate::stats) mod tests {
    use super::*;
    use crate::stats::bootstrap::Replicate;
    use crate::stats::published::{self, count, float};

    #[test]
    pub(in crate::stats) fn published_sequences() {
        published::run("sequential.boundary", &["bernoulli_confidence_sequence"], |case, check| {
            let i = &case.inputs;
            assert_eq!(float(i, "alpha"), float(i, "alpha_opt"));
            let (x, n) = (count(i, "successes"), count(i, "trials"));
            let ci = interval(x, n, count(i, "t_opt"), 1.0 - float(i, "alpha")).unwrap();
            check.close("lower", ci.lo);
            check.close("upper", ci.hi);
        });
    }

    #[test]
    fn peeking_at_a_rare_error_keeps_the_level() {
        let (mut wrong, mut above, runs) = (0, 0, 400);
        for run in 0..runs {
            let r = Replicate::new(17, run);
            let (mut x, mut hit, mut hit_above) = (0, false, false);
            for n in 1..=1000 {
                x += u64::from(r.uniform(n) < 0.02);
                if n % 25 == 0 {
                    hit |= !interval(x, n, 500, 0.95).unwrap().contains(0.02);
                    hit_above |= ln_e_above(x, n, 0.02, 500, 0.05).unwrap() > -(0.05f64.ln());
                }
            }
            wrong += u64::from(hit);
            above += u64::from(hit_above);
        }
        println!("any of 40 looks: two-sided {wrong}, one-sided {above} of {runs}");
        assert!(wrong <= 32 && above <= 32, "{wrong} {above}");
    }

    #[test]
    fn limits_invert_and_large_counts_work() {
        let lo = lower_limit(30, 1000, 1000, 0.05).unwrap();
        assert!((ln_e_above(30, 1000, lo, 1000, 0.05).unwrap() + 0.05f64.ln()).abs() < 1e-6);
        assert!(lo < 0.03 && upper_limit(30, 1000, 1000, 0.05).unwrap() > 0.03);
        assert_eq!(lower_limit(0, 50, 100, 0.05).unwrap(), 0.0);
        let big = interval(5_000_000, 10_000_000, 10_000_000, 0.95).unwrap();
        assert!(big.contains(0.5) && big.width() < 2e-3, "{big:?}");
        assert!(difference((3, 100), (5, 100), 100, 0.95).unwrap().contains(-0.02));
        assert!(interval(1, 0, 10, 0.95).is_err());
    }
}
