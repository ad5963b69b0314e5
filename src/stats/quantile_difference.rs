//! Difference of the same quantile of two quantities, measured on the same rows or on different ones.

use super::bootstrap::{percentile, replicates};
use super::paired_proportion::square_and_add;
use super::quantile::{QuantileEstimate, quantile_interval_select, quantile_sorted};
use super::special::{binom_quantile, norm_two_sided_p};
use super::{Interval, Undefined};

/// How many rows lie at or below the quantile of the first quantity, of the second, and of both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JointCounts {
    /// All rows.
    pub n: u64,
    /// Rows with the first quantity at or below its quantile.
    pub a: u64,
    /// Rows with the second quantity at or below its quantile.
    pub b: u64,
    /// Rows with both.
    pub both: u64,
}

/// Paired difference of two quantiles, first minus second.
#[derive(Debug, Clone, PartialEq)]
pub struct QuantileDifference {
    /// Difference of the two type-7 quantiles, in the units of the values.
    pub difference: f64,
    /// Standard error by the spacing of the order statistics.
    pub se: f64,
    /// Correlation of the two sample quantiles.
    pub correlation: f64,
    /// Interval; not symmetric when the tails are not.
    pub interval: Interval,
    /// Normal statistic `difference / se`; `None` when `se` is 0 and the difference is not.
    pub z: Option<f64>,
    /// Two-sided p of `z`.
    pub p: Option<f64>,
}

/// Interval of the difference from the two marginal estimates (made at the same level) and the
/// joint counts.
///
/// By the Bahadur representation (Bahadur 1966, Ann Math Stat 37:577) a sample quantile is the
/// share of rows at or below the true one, divided by the density there. The correlation of two
/// sample quantiles is therefore the phi coefficient of the two indicators, in which the densities
/// cancel. Each marginal spread is taken from its order-statistic interval and the two are squared
/// and added with that correlation (Zou & Donner 2008, Stat Med 27:1693), which needs no density
/// estimate and keeps the skewness of the tail.
///
/// # Errors
/// A marginal limit is missing (too few rows for this quantile), the counts contradict each other,
/// or the two estimates are not at the same level.
pub fn from_marginals(
    a: &QuantileEstimate,
    b: &QuantileEstimate,
    counts: JointCounts,
) -> Result<QuantileDifference, Undefined> {
    let JointCounts { n, a: na, b: nb, both } = counts;
    if na > n || nb > n || both > na.min(nb) || na + nb > n + both {
        return Err(Undefined::new(format!("joint counts {counts:?} contradict each other")));
    }
    if a.level != b.level {
        return Err(Undefined::new("the two quantiles have intervals of different levels"));
    }
    let missing = || Undefined::new(format!("{n} rows are too few for limits of this quantile"));
    let (lo_a, hi_a) = a.lo.zip(a.hi).ok_or_else(missing)?;
    let (lo_b, hi_b) = b.lo.zip(b.hi).ok_or_else(missing)?;
    let (se_a, se_b) = a.se.zip(b.se).ok_or_else(missing)?;
    let nf = n as f64;
    let (pa, pb, pab) = (na as f64 / nf, nb as f64 / nf, both as f64 / nf);
    let spread = pa * (1.0 - pa) * pb * (1.0 - pb);
    let correlation = if na == both && nb == both {
        // Exactly one: rounding must not leave a trace of a difference between equal columns.
        1.0
    } else if spread > 0.0 {
        ((pab - pa * pb) / spread.sqrt()).clamp(-1.0, 1.0)
    } else {
        0.0
    };
    let difference = a.value - b.value;
    let variance = (se_a * se_a + se_b * se_b - 2.0 * correlation * se_a * se_b).max(0.0);
    let se = variance.sqrt();
    let (lo, hi) = square_and_add(
        difference,
        ((a.value - lo_a).max(0.0), (hi_a - a.value).max(0.0)),
        ((b.value - lo_b).max(0.0), (hi_b - b.value).max(0.0)),
        correlation,
    );
    let z = if se > 0.0 {
        Some(difference / se)
    } else if difference == 0.0 {
        Some(0.0)
    } else {
        None
    };
    Ok(QuantileDifference {
        difference,
        se,
        correlation,
        interval: Interval { lo, hi, level: a.level, method: "quantile_difference_paired" },
        z,
        p: z.map(norm_two_sided_p),
    })
}

/// Paired difference of the `q` quantiles of two columns of the same rows, in O(n).
///
/// # Errors
/// The lengths differ, or as [`from_marginals`] and [`quantile_interval_select`].
pub fn paired(a: &[f64], b: &[f64], q: f64, level: f64) -> Result<QuantileDifference, Undefined> {
    if a.len() != b.len() {
        return Err(Undefined::new(format!("{} values paired with {}", a.len(), b.len())));
    }
    let mut scratch = a.to_vec();
    let qa = quantile_interval_select(&mut scratch, q, level)?;
    scratch.copy_from_slice(b);
    let qb = quantile_interval_select(&mut scratch, q, level)?;
    let mut counts = JointCounts { n: a.len() as u64, a: 0, b: 0, both: 0 };
    for (&x, &y) in a.iter().zip(b) {
        let (x, y) = (x <= qa.value, y <= qb.value);
        counts.a += u64::from(x);
        counts.b += u64::from(y);
        counts.both += u64::from(x && y);
    }
    from_marginals(&qa, &qb, counts)
}

/// Difference of a quantile measured on different rows, first minus second: the order-statistic
/// intervals of the two (made at the same level) squared and added (Zou & Donner 2008).
///
/// # Errors
/// A marginal limit is missing (too few rows for this quantile), or the levels differ.
pub fn unpaired(a: &QuantileEstimate, b: &QuantileEstimate) -> Result<QuantileDifference, Undefined> {
    // Two independent indicators, in counts that cannot contradict each other.
    let counts = JointCounts { n: 4, a: 2, b: 2, both: 1 };
    let d = from_marginals(a, b, counts)?;
    Ok(QuantileDifference { interval: Interval { method: "quantile_difference_unpaired", ..d.interval }, ..d })
}

/// The same by the binomial-index bootstrap (Schultzberg & Ankargren 2022, "Resampling-free
/// bootstrap inference for quantiles"): the index of the order statistic that a resample would
/// pick is drawn from Binomial(n + 1, q), so no value is ever resampled. Percentile interval.
/// Both slices sorted ascending; O(`draws` log n) beyond the sort.
///
/// # Errors
/// An arm is empty, `q` is not strictly inside (0, 1), fewer than 100 draws, or `level` not in
/// (0, 1).
pub fn unpaired_bootstrap(
    a_sorted: &[f64],
    b_sorted: &[f64],
    q: f64,
    level: f64,
    seed: u64,
    draws: u64,
) -> Result<Interval, Undefined> {
    quantile_sorted(a_sorted, q)?;
    quantile_sorted(b_sorted, q)?;
    if q <= 0.0 || q >= 1.0 {
        return Err(Undefined::new("the smallest and the largest value have no interval"));
    }
    let pick = |sorted: &[f64], u: f64| {
        let n = sorted.len() as u64;
        sorted[(binom_quantile(u, n + 1, q).clamp(1, n) - 1) as usize]
    };
    let differences = replicates(seed, draws, |r| Some(pick(a_sorted, r.uniform(0)) - pick(b_sorted, r.uniform(1))));
    let interval = percentile(&differences, level)?.interval;
    Ok(Interval { method: "quantile_binomial_index", ..interval })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::bootstrap::Replicate;
    use crate::stats::quantile::quantile_interval_sorted;
    use crate::stats::special::norm_isf;

    fn normal(r: &Replicate, i: u64) -> f64 {
        norm_isf(r.uniform(i))
    }

    /// Share of seeded samples of correlated log-normal latencies whose interval holds the truth.
    fn coverage(n: u64, q: f64, rho: f64, runs: u64) -> f64 {
        let z = norm_isf(1.0 - q);
        let truth = (0.5 * z).exp() - 1.1 * (0.6 * z).exp();
        let mut held = 0;
        for run in 0..runs {
            let r = Replicate::new(2026, run);
            let (mut a, mut b) = (Vec::new(), Vec::new());
            for i in 0..n {
                let (x, e) = (normal(&r, 2 * i), normal(&r, 2 * i + 1));
                a.push((0.5 * x).exp());
                b.push(1.1 * (0.6 * (rho * x + (1.0 - rho * rho).sqrt() * e)).exp());
            }
            held += u64::from(paired(&a, &b, q, 0.95).unwrap().interval.contains(truth));
        }
        held as f64 / runs as f64
    }

    #[test]
    fn covers_in_simulation() {
        for (n, q) in [(200, 0.5), (1000, 0.5), (400, 0.95), (1000, 0.99)] {
            for rho in [0.0, 0.6, 0.95] {
                let c = coverage(n, q, rho, 1500);
                println!("n={n} q={q} rho={rho}: coverage {c:.3}");
                // Four standard errors of 1500 runs below the level; above it is only wide.
                assert!(c > 0.927, "n={n} q={q} rho={rho}: {c}");
            }
        }
    }

    #[test]
    fn unpaired_covers_and_agrees_with_the_bootstrap() {
        for (n, q) in [(300u64, 0.5), (600, 0.95)] {
            let (runs, mut held, mut by_index) = (600, 0, 0);
            let z = norm_isf(1.0 - q);
            let truth = (0.5 * z).exp() - 2.0 * (0.6 * z).exp();
            for run in 0..runs {
                let r = Replicate::new(7, run);
                let mut a: Vec<f64> = (0..n).map(|i| (0.5 * normal(&r, i)).exp()).collect();
                let mut b: Vec<f64> = (0..2 * n).map(|i| 2.0 * (0.6 * normal(&r, n + i)).exp()).collect();
                a.sort_unstable_by(f64::total_cmp);
                b.sort_unstable_by(f64::total_cmp);
                let qa = quantile_interval_sorted(&a, q, 0.95).unwrap();
                let qb = quantile_interval_sorted(&b, q, 0.95).unwrap();
                held += u64::from(unpaired(&qa, &qb).unwrap().interval.contains(truth));
                if run < 200 {
                    by_index += u64::from(unpaired_bootstrap(&a, &b, q, 0.95, run, 400).unwrap().contains(truth));
                }
            }
            let (c, i) = (held as f64 / runs as f64, by_index as f64 / 200.0);
            println!("n={n} q={q}: coverage {c:.3}, binomial index {i:.3}");
            assert!(c > 0.925 && i > 0.9, "{c} {i}");
        }
    }

    #[test]
    fn mirrors_and_degenerates() {
        let r = Replicate::new(5, 0);
        let a: Vec<f64> = (0..500).map(|i| normal(&r, i).exp()).collect();
        let b: Vec<f64> = (0..500).map(|i| normal(&r, i + 1000).exp()).collect();
        let ab = paired(&a, &b, 0.9, 0.95).unwrap();
        let ba = paired(&b, &a, 0.9, 0.95).unwrap();
        assert!((ab.interval.lo + ba.interval.hi).abs() < 1e-12);
        let same = paired(&a, &a, 0.9, 0.95).unwrap();
        assert_eq!((same.difference, same.se, same.p), (0.0, 0.0, Some(1.0)));
        assert!(same.interval.contains(0.0));
        assert!(paired(&a[..100], &b[..100], 0.99, 0.95).is_err());
        assert!(paired(&a, &b[..3], 0.5, 0.95).is_err());
    }
}
