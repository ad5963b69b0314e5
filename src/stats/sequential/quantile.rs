//! Quantiles that may be looked at after every value: interval of one arm, difference of two, and
//! the test that two arms share a quantile (Howard & Ramdas 2022, Bernoulli 28:1704).
//!
//! The number of values at or below the true quantile is a sum of Bernoulli trials, whatever the
//! distribution, so the sequence of [`super::bernoulli`] at the rate `q` decides which order
//! statistics enclose it. Ties need no care: the count below and the count up to a value are both
//! used.

use super::bernoulli::{ln_e_two_sided, two_sided_weight};
use crate::stats::quantile::quantile_sorted;
use crate::stats::{Interval, Undefined, check_level};

/// Limits of a quantile at all looks together; an end is missing while too few values are in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct QuantileSequence {
    /// Type-7 quantile of the values so far.
    pub value: f64,
    /// Lower limit, an observed value.
    pub lo: Option<f64>,
    /// Upper limit, an observed value.
    pub hi: Option<f64>,
    /// Level at which the limits hold at all looks.
    pub level: f64,
}

struct Evidence {
    q: f64,
    n: f64,
    weight: f64,
}

impl Evidence {
    fn new(n: usize, q: f64, t_opt: u64, alpha: f64) -> Result<Self, Undefined> {
        check_level(q)?;
        Ok(Self { q, n: n as f64, weight: two_sided_weight(t_opt, alpha)? })
    }

    /// Evidence against "`count` values lie at or below the quantile"; smallest near `n q`.
    fn of(&self, count: f64) -> f64 {
        ln_e_two_sided(count, self.n, self.q, self.weight)
    }

    /// The count (a real) that has least evidence against it.
    fn least(&self) -> f64 {
        let ratio = 0.5 * (5f64.sqrt() - 1.0);
        let (mut lo, mut hi) = (0.0, self.n);
        while hi - lo > 1e-6 * self.n {
            let (x, y) = (hi - ratio * (hi - lo), lo + ratio * (hi - lo));
            if self.of(x) <= self.of(y) { hi = y } else { lo = x }
        }
        0.5 * (lo + hi)
    }

    /// Smallest and largest whole count that the level does not exclude.
    fn counts(&self, alpha: f64) -> (u64, u64) {
        let (threshold, least, n) = (-alpha.ln(), self.least(), self.n as u64);
        let allowed = |k: u64| self.of(k as f64) < threshold;
        let boundary = |inside: u64, outside: u64| {
            let (mut good, mut bad) = (inside, outside);
            while good.abs_diff(bad) > 1 {
                let mid = good.min(bad) + good.abs_diff(bad) / 2;
                if allowed(mid) { good = mid } else { bad = mid }
            }
            good
        };
        let centre = (least.round() as u64).min(n);
        let lo = if allowed(0) { 0 } else { boundary(centre, 0) };
        let hi = if allowed(n) { n } else { boundary(centre, n) };
        (lo, hi)
    }
}

/// Limits of the `q` quantile of values sorted ascending, tightest around `t_opt` values.
///
/// # Errors
/// No values, `q` not strictly inside (0, 1), `t_opt` is 0, or `level` not in (0, 1).
pub fn interval(sorted: &[f64], q: f64, t_opt: u64, level: f64) -> Result<QuantileSequence, Undefined> {
    check_level(level)?;
    let value = quantile_sorted(sorted, q)?;
    let alpha = 1.0 - level;
    let (least, most) = Evidence::new(sorted.len(), q, t_opt, alpha)?.counts(alpha);
    let lo = (least >= 1).then(|| sorted[least as usize - 1]);
    let hi = sorted.get(most as usize).copied();
    Ok(QuantileSequence { value, lo, hi, level })
}

/// Limits of the difference of a quantile of two arms, first minus second, at all looks together:
/// each arm at half the error. Both sorted ascending.
///
/// # Errors
/// As [`interval`], or an arm has too few values for a limit.
pub fn difference(a: &[f64], b: &[f64], q: f64, t_opt: u64, level: f64) -> Result<Interval, Undefined> {
    check_level(level)?;
    let each = 1.0 - 0.5 * (1.0 - level);
    let (ia, ib) = (interval(a, q, t_opt, each)?, interval(b, q, t_opt, each)?);
    let missing = || Undefined::new("too few values yet for limits of this quantile");
    let ((lo_a, hi_a), (lo_b, hi_b)) = (ia.lo.zip(ia.hi).ok_or_else(missing)?, ib.lo.zip(ib.hi).ok_or_else(missing)?);
    Ok(Interval { lo: lo_a - hi_b, hi: hi_a - lo_b, level, method: "quantile_sequence_difference" })
}

/// One arm: its values and the evidence against any of them being the quantile.
struct Arm<'a> {
    sorted: &'a [f64],
    evidence: Evidence,
    least: f64,
    /// Values between which nothing speaks against the quantile.
    calm: (f64, f64),
}

impl<'a> Arm<'a> {
    fn new(sorted: &'a [f64], q: f64, t_opt: u64, alpha: f64) -> Result<Self, Undefined> {
        quantile_sorted(sorted, q)?;
        let evidence = Evidence::new(sorted.len(), q, t_opt, alpha)?;
        let least = evidence.least();
        let at = |rank: f64| sorted[(rank.max(1.0) as usize).min(sorted.len()) - 1];
        let calm = (at(least.ceil()), at(least.floor() + 1.0));
        Ok(Self { sorted, evidence, least, calm })
    }

    /// Least evidence against `x` being the quantile, over the counts that ties allow.
    fn at(&self, x: f64) -> f64 {
        let count = if x < self.calm.0 {
            self.sorted.partition_point(|&v| v <= x) as f64
        } else if x > self.calm.1 {
            self.sorted.partition_point(|&v| v < x) as f64
        } else {
            self.least
        };
        self.evidence.of(count)
    }
}

/// Always-valid p-value of "both arms have the same `q` quantile" (section 5 there): the product of
/// the two arms' evidence at the common value that has least against it. Both sorted ascending.
/// Keep the minimum over the looks. O(n log n).
///
/// # Errors
/// As [`interval`].
pub fn equal_quantile_p(a: &[f64], b: &[f64], q: f64, t_opt: u64, alpha_opt: f64) -> Result<f64, Undefined> {
    let (x, y) = (Arm::new(a, q, t_opt, alpha_opt)?, Arm::new(b, q, t_opt, alpha_opt)?);
    let (first, second) = if x.calm.1 <= y.calm.1 { (x, y) } else { (y, x) };
    let total = |v: f64| first.at(v) + second.at(v);
    // Between the two, the first arm's evidence only rises and the second's only falls, and that
    // at its own values.
    let from = second.sorted.partition_point(|&v| v < first.calm.1);
    let to = second.sorted.partition_point(|&v| v <= second.calm.0);
    let between = second.sorted.get(from..to).unwrap_or_default().iter().map(|&v| total(v));
    let least = between.fold(total(first.calm.1).min(total(second.calm.0)), f64::min);
    Ok((-least).exp().min(1.0))
}

#[cfg(test)]
pub(in crate::stats) mod tests {
    use super::*;
    use crate::stats::bootstrap::Replicate;
    use crate::stats::published::{self, count, float};

    #[test]
    pub(in crate::stats) fn published_quantile_tests() {
        published::run("sequential.boundary", &["sequential_quantile_ab_p"], |case, check| {
            let arm = |k: &str| {
                let (from, to) = case.inputs[k].as_str().unwrap().split_once("..=").unwrap();
                (from.parse::<u32>().unwrap()..=to.parse().unwrap()).map(f64::from).collect::<Vec<_>>()
            };
            let (a, b, i) = (arm("arm_a"), arm("arm_b"), &case.inputs);
            let p = equal_quantile_p(&a, &b, float(i, "quantile"), count(i, "t_opt"), float(i, "alpha_opt"));
            check.value("p", p.unwrap(), case.expected.as_f64().unwrap());
        });
    }

    #[test]
    fn peeking_at_a_percentile_keeps_the_level() {
        let (runs, mut wrong, mut differ, mut tests) = (300, 0, 0, 0);
        for run in 0..runs {
            let r = Replicate::new(23, run);
            let draw = |i: u64| -> f64 { (-10.0 * r.uniform(i).ln()).round() };
            // The 0.9 quantile of the rounded exponential.
            let truth = (10.0 * 10f64.ln()).round();
            let (mut a, mut b) = (Vec::new(), Vec::new());
            let (mut out, mut out_difference, mut low) = (false, false, 1.0f64);
            for look in 0..15 {
                a.extend((0..60).map(|i| draw(look * 200 + i)));
                b.extend((0..60).map(|i| draw(look * 200 + 100 + i)));
                a.sort_unstable_by(f64::total_cmp);
                b.sort_unstable_by(f64::total_cmp);
                let s = interval(&a, 0.9, 500, 0.95).unwrap();
                out |= s.lo.is_some_and(|l| l > truth) || s.hi.is_some_and(|h| h < truth);
                out_difference |= difference(&a, &b, 0.9, 500, 0.95).is_ok_and(|d| !d.contains(0.0));
                low = low.min(equal_quantile_p(&a, &b, 0.9, 500, 0.05).unwrap());
            }
            wrong += u64::from(out);
            differ += u64::from(out_difference);
            tests += u64::from(low <= 0.05);
        }
        println!("any of 15 looks: interval {wrong}, difference {differ}, test {tests} of {runs}");
        assert!(wrong <= 25 && differ <= 25 && tests <= 25);
    }

    #[test]
    fn small_samples_have_no_limits() {
        let s = interval(&[1.0, 2.0, 3.0], 0.99, 100, 0.95).unwrap();
        assert_eq!((s.lo, s.hi), (Some(1.0), None));
        let many: Vec<f64> = (0..20_000).map(f64::from).collect();
        let s = interval(&many, 0.5, 20_000, 0.95).unwrap();
        assert!(s.lo.unwrap() > 9_600.0 && s.hi.unwrap() < 10_400.0, "{s:?}");
        assert!(interval(&[], 0.5, 10, 0.95).is_err());
    }
}
