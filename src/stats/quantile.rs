//! Quantiles of one sample: point value and interval from order statistics.

use super::special::{binom_cdf, binom_quantile, norm_isf};
use super::{Undefined, check_level};

/// Ranks (from 1) of the order statistics that enclose a quantile.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ranks {
    /// Rank of the lower limit; `None` when the sample is too small for one.
    pub lo: Option<u64>,
    /// Rank of the upper limit; `None` when the sample is too small for one.
    pub hi: Option<u64>,
    /// Probability that the interval between the two holds the quantile, for a continuous
    /// distribution. At least the nominal level.
    pub coverage: f64,
}

/// A quantile with an interval whose ends may be missing.
#[derive(Debug, Clone, PartialEq)]
pub struct QuantileEstimate {
    /// Type-7 quantile, in the units of the values.
    pub value: f64,
    /// Lower limit, an observed value; `None` when no rank is low enough.
    pub lo: Option<f64>,
    /// Upper limit, an observed value; `None` when no rank is high enough.
    pub hi: Option<f64>,
    /// The ranks that were used.
    pub ranks: Ranks,
    /// Nominal level.
    pub level: f64,
    /// Standard error from the spacing of the two limits; `None` without both.
    pub se: Option<f64>,
}

/// A value that is not a number has no rank.
fn check_values<'a>(mut values: impl Iterator<Item = &'a f64>) -> Result<(), Undefined> {
    if values.any(|v| v.is_nan()) {
        return Err(Undefined::new("a quantile of values of which one is not a number"));
    }
    Ok(())
}

/// In sorted order such a value can only be at an end.
fn check_sorted(sorted: &[f64]) -> Result<(), Undefined> {
    check_values(sorted.first().into_iter().chain(sorted.last()))
}

fn check(n: usize, q: f64) -> Result<(), Undefined> {
    if n == 0 {
        return Err(Undefined::new("a quantile of no values"));
    }
    if !(0.0..=1.0).contains(&q) {
        return Err(Undefined::new(format!("quantile {q} is not in [0, 1]")));
    }
    Ok(())
}

/// Ranks `Bin^-1(α/2; n, q)` and `Bin^-1(1 - α/2; n, q) + 1` (Conover 1999, Practical
/// Nonparametric Statistics, 3.2): the number of values below the quantile is binomial, whatever
/// the distribution.
///
/// # Errors
/// `n` is 0, `q` is not strictly inside (0, 1), or `level` not in (0, 1).
pub fn quantile_ranks(n: u64, q: f64, level: f64) -> Result<Ranks, Undefined> {
    check(n as usize, q)?;
    check_level(level)?;
    if q == 0.0 || q == 1.0 {
        return Err(Undefined::new("the smallest and the largest value have no interval"));
    }
    let tail = 0.5 * (1.0 - level);
    let lo = binom_quantile(tail, n, q);
    let hi = binom_quantile(1.0 - tail, n, q) + 1;
    let below_hi = if hi > n { 1.0 } else { binom_cdf(hi - 1, n, q) };
    let below_lo = if lo == 0 { 0.0 } else { binom_cdf(lo - 1, n, q) };
    Ok(Ranks { lo: (lo >= 1).then_some(lo), hi: (hi <= n).then_some(hi), coverage: below_hi - below_lo })
}

/// Position of the type-7 quantile: index from 0 and the weight of the next value.
fn type7(n: usize, q: f64) -> (usize, f64) {
    let h = (n - 1) as f64 * q;
    let i = (h.floor() as usize).min(n - 1);
    (i, if i + 1 < n { h - i as f64 } else { 0.0 })
}

fn between(a: f64, b: f64, w: f64) -> f64 {
    if w == 0.0 { a } else { a + w * (b - a) }
}

/// Type-7 quantile (Hyndman & Fan 1996, Am Stat 50:361; the default of R and NumPy) of values
/// sorted ascending.
///
/// # Errors
/// No values, one that is not a number, or `q` outside `[0, 1]`.
pub fn quantile_sorted(sorted: &[f64], q: f64) -> Result<f64, Undefined> {
    check(sorted.len(), q)?;
    check_sorted(sorted)?;
    debug_assert!(sorted.is_sorted_by(|a, b| a <= b));
    let (i, w) = type7(sorted.len(), q);
    Ok(between(sorted[i], sorted[(i + 1).min(sorted.len() - 1)], w))
}

/// The same on values in any order, by selection in O(n); reorders them.
///
/// # Errors
/// As [`quantile_sorted`].
pub fn quantile_select(values: &mut [f64], q: f64) -> Result<f64, Undefined> {
    check(values.len(), q)?;
    check_values(values.iter())?;
    let (i, w) = type7(values.len(), q);
    let found = select(values, &[i, (i + 1).min(values.len() - 1)]);
    Ok(between(found[0], found[1], w))
}

/// The values with the given ranks (from 0, ascending): each selection works only on the part
/// above the one before.
fn select(values: &mut [f64], ranks: &[usize]) -> Vec<f64> {
    let mut start = 0;
    let mut found = Vec::with_capacity(ranks.len());
    let mut last: Option<(usize, f64)> = None;
    for &rank in ranks {
        let value = match last {
            Some((r, v)) if r == rank => v,
            _ => *values[start..].select_nth_unstable_by(rank - start, f64::total_cmp).1,
        };
        start = if last.is_some_and(|(r, _)| r == rank) { start } else { rank + 1 };
        last = Some((rank, value));
        found.push(value);
    }
    found
}

/// Quantile with its order-statistic interval from values sorted ascending.
///
/// # Errors
/// As [`quantile_ranks`].
pub fn quantile_interval_sorted(sorted: &[f64], q: f64, level: f64) -> Result<QuantileEstimate, Undefined> {
    let ranks = quantile_ranks(sorted.len() as u64, q, level)?;
    let value = quantile_sorted(sorted, q)?;
    let at = |r: Option<u64>| r.map(|r| sorted[r as usize - 1]);
    Ok(assemble(value, at(ranks.lo), at(ranks.hi), ranks, level))
}

/// The same on values in any order, by selection in O(n); reorders them.
///
/// # Errors
/// As [`quantile_ranks`].
pub fn quantile_interval_select(values: &mut [f64], q: f64, level: f64) -> Result<QuantileEstimate, Undefined> {
    let n = values.len();
    let ranks = quantile_ranks(n as u64, q, level)?;
    check_values(values.iter())?;
    let (i, w) = type7(n, q);
    let next = (i + 1).min(n - 1);
    let index = |r: Option<u64>| r.map(|r| r as usize - 1);
    let mut wanted: Vec<usize> =
        [index(ranks.lo), Some(i), Some(next), index(ranks.hi)].into_iter().flatten().collect();
    wanted.sort_unstable();
    let found = select(values, &wanted);
    let at = |r: usize| found[wanted.partition_point(|&x| x < r)];
    let value = between(at(i), at(next), w);
    Ok(assemble(value, index(ranks.lo).map(at), index(ranks.hi).map(at), ranks, level))
}

fn assemble(value: f64, lo: Option<f64>, hi: Option<f64>, ranks: Ranks, level: f64) -> QuantileEstimate {
    // Half the spacing over the normal quantile of the coverage the ranks really have, as in
    // Price & Bonett 2001 (J Stat Comput Simul 68:295) for the median.
    let se = lo.zip(hi).map(|(lo, hi)| {
        let z = norm_isf((0.5 * (1.0 - ranks.coverage)).max(f64::MIN_POSITIVE));
        (hi - lo) / (2.0 * z)
    });
    QuantileEstimate { value, lo, hi, ranks, level, se }
}

#[cfg(test)]
pub(in crate::stats) mod tests {
    use super::*;
    use crate::stats::published::{self, float, floats};

    #[test]
    pub(in crate::stats) fn published_quantiles() {
        published::run("latency.quantile", &["order_statistic_ci", "quantile_type7"], |case, check| {
            let q = float(&case.inputs, "q");
            if case.method == "quantile_type7" {
                let mut x = floats(&case.inputs["x"]);
                check.value("select", quantile_select(&mut x, q).unwrap(), case.expected.as_f64().unwrap());
                x.sort_unstable_by(f64::total_cmp);
                check.value("sorted", quantile_sorted(&x, q).unwrap(), case.expected.as_f64().unwrap());
                return;
            }
            let x: Vec<f64> = (0..=100).map(|i| (0.01 * f64::from(i)).exp()).collect();
            let mut shuffled: Vec<f64> = (0..101).map(|i| x[(i * 37) % 101]).collect();
            let level = float(&case.inputs, "conf");
            let sorted = quantile_interval_sorted(&x, q, level).unwrap();
            let selected = quantile_interval_select(&mut shuffled, q, level).unwrap();
            assert_eq!(sorted, selected);
            check.close("lower", sorted.lo.unwrap());
            check.close("upper", sorted.hi.unwrap());
            check.close("rank_lower", sorted.ranks.lo.unwrap() as f64);
            check.close("rank_upper", sorted.ranks.hi.unwrap() as f64);
        });
    }

    #[test]
    fn p99_needs_about_370_values_for_an_upper_limit() {
        assert_eq!(quantile_ranks(300, 0.99, 0.95).unwrap().hi, None);
        assert!(quantile_ranks(380, 0.99, 0.95).unwrap().hi.is_some());
        let big = quantile_ranks(100_000_000, 0.99, 0.95).unwrap();
        assert!(big.coverage >= 0.95 && big.coverage < 0.951, "{big:?}");
    }

    #[test]
    fn selection_equals_sorting() {
        for n in [1usize, 2, 3, 10, 257] {
            let x: Vec<f64> = (0..n).map(|i| ((i * 7919) % 101) as f64).collect();
            let mut sorted = x.clone();
            sorted.sort_unstable_by(f64::total_cmp);
            for q in [0.0, 0.1, 0.5, 0.9, 0.99, 1.0] {
                let want = quantile_sorted(&sorted, q).unwrap();
                assert_eq!(quantile_select(&mut x.clone(), q).unwrap(), want);
                if q > 0.0 && q < 1.0 {
                    assert_eq!(
                        quantile_interval_select(&mut x.clone(), q, 0.9).unwrap(),
                        quantile_interval_sorted(&sorted, q, 0.9).unwrap()
                    );
                }
            }
        }
        assert!(quantile_sorted(&[], 0.5).is_err());
        assert!(quantile_sorted(&[1.0], 1.5).is_err());
        assert!(quantile_select(&mut [1.0, f64::NAN, 0.0], 0.5).is_err());
        assert!(quantile_interval_select(&mut [1.0, f64::NAN, 0.0], 0.5, 0.9).is_err());
    }
}
