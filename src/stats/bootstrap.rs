//! Poisson bootstrap with weights that are a function of (seed, replicate, unit).
//!
//! Every unit (a cluster, or a row when rows are independent) gets an independent Poisson(1)
//! weight per replicate (Chamandy et al. 2012, "Estimating uncertainty for massive data
//! streams"). Because the weight is computed and not drawn from a stream, replicates can be
//! evaluated in any order, on any number of threads, over any split of the log, and both models
//! of a paired comparison see the same weights.

use super::influence::Estimate;
use super::special::{norm_cdf, norm_isf, norm_pdf, norm_quantile};
use super::{Interval, Moments, Undefined, check_level};
use rayon::prelude::*;
use std::sync::LazyLock;

/// Fewest units for which a bootstrap is done.
pub const MIN_UNITS: u64 = 20;

/// Finaliser of Stafford's variant 13 of MurmurHash3: a bijection in which every input bit
/// changes every output bit with probability one half.
fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The random numbers of one replicate.
#[derive(Debug, Clone, Copy)]
pub struct Replicate {
    start: u64,
    key: u64,
}

/// `P(X <= k)` of Poisson(1) as thresholds of a 64-bit uniform; beyond 20 nothing is left.
static THRESHOLDS: LazyLock<[u64; 20]> = LazyLock::new(|| {
    // From the tail, so that the small upper probabilities are exact: the threshold is 2^64
    // minus 2^64 P(X > k).
    let e = (-1.0f64).exp();
    let mut pmf = [0.0; 60];
    pmf[0] = e;
    for k in 1..60 {
        pmf[k] = pmf[k - 1] / k as f64;
    }
    std::array::from_fn(|k| {
        let above: f64 = pmf[k + 1..].iter().rev().sum();
        // Exact doubling; the conversion keeps 53 bits of the tail.
        0u64.wrapping_sub((above * 2f64.powi(64)) as u64)
    })
});

/// For the top byte of the uniform: the weight if the whole cell has the same one, else 255.
static CELLS: LazyLock<[u8; 256]> = LazyLock::new(|| {
    std::array::from_fn(|i| {
        let first = (i as u64) << 56;
        let last = first | (u64::MAX >> 8);
        let (a, b) = (slow_weight(first), slow_weight(last));
        if a == b { a as u8 } else { 255 }
    })
});

fn slow_weight(u: u64) -> u32 {
    THRESHOLDS.iter().take_while(|&&t| u >= t).count() as u32
}

impl Replicate {
    /// The replicate number `replicate` of the run with this seed.
    #[must_use]
    pub fn new(seed: u64, replicate: u64) -> Self {
        let a = mix(seed.wrapping_add(0x9e37_79b9_7f4a_7c15));
        let start = mix(a ^ replicate.wrapping_mul(0xd134_2543_de82_ef95));
        let key = mix(start.wrapping_add(a).wrapping_add(0x9e37_79b9_7f4a_7c15));
        Self { start, key }
    }

    /// 64 uniform bits for a unit (any number: an index or a hash of its id).
    #[must_use]
    #[inline]
    pub fn bits(&self, unit: u64) -> u64 {
        // The key between the two mixes keeps replicates from being shifts of one another.
        mix(mix(unit.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(self.start)) ^ self.key)
    }

    /// A uniform number strictly inside (0, 1) for a unit.
    #[must_use]
    #[inline]
    pub fn uniform(&self, unit: u64) -> f64 {
        ((self.bits(unit) >> 11) as f64 + 0.5) / 2f64.powi(53)
    }

    /// Poisson(1) weight of a unit.
    #[must_use]
    #[inline]
    pub fn weight(&self, unit: u64) -> u32 {
        let u = self.bits(unit);
        match CELLS[(u >> 56) as usize] {
            255 => slow_weight(u),
            w => u32::from(w),
        }
    }
}

/// Values of a statistic over replicates, in the order of their numbers; `None` where it was not
/// defined. `statistic` gets the replicate whose weights it has to use. Runs on all threads of the
/// current rayon pool; the result does not depend on how many there are.
pub fn replicates<F>(seed: u64, count: u64, statistic: F) -> Vec<Option<f64>>
where
    F: Fn(&Replicate) -> Option<f64> + Sync,
{
    (0..count).into_par_iter().map(|r| statistic(&Replicate::new(seed, r)).filter(|v| v.is_finite())).collect()
}

/// Replicates of a function of weighted sums: unit `i` contributes `w_i * units[i][k]` to sum `k`.
/// `statistic` gets the sums and the sum of the weights. Costs one pass over the units a replicate.
///
/// # Errors
/// Fewer than [`MIN_UNITS`] units.
pub fn replicate_sums<const K: usize, F>(
    seed: u64,
    count: u64,
    units: &[[f64; K]],
    statistic: F,
) -> Result<Vec<Option<f64>>, Undefined>
where
    F: Fn(&[f64; K], f64) -> Option<f64> + Sync,
{
    if (units.len() as u64) < MIN_UNITS {
        return Err(Undefined::new(format!("a bootstrap of only {} units", units.len())));
    }
    Ok(replicates(seed, count, |r| {
        let (mut sums, mut total) = ([0.0; K], 0u64);
        for (i, unit) in units.iter().enumerate() {
            let w = r.weight(i as u64);
            if w > 0 {
                total += u64::from(w);
                let w = f64::from(w);
                for (s, v) in sums.iter_mut().zip(unit) {
                    *s += w * v;
                }
            }
        }
        statistic(&sums, total as f64)
    }))
}

/// An interval from replicates, with what is needed to judge it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BootstrapInterval {
    /// The interval.
    pub interval: Interval,
    /// Standard deviation of the replicates.
    pub se: f64,
    /// Monte Carlo standard errors of the lower and the upper limit: how much they would move in
    /// a run with another seed.
    pub monte_carlo: (f64, f64),
    /// Replicates in which the statistic was defined.
    pub used: u64,
    /// Replicates in which it was not.
    pub dropped: u64,
}

/// BCa acceleration from an influence vector (summed within clusters if there are any),
/// `sum(U^3) / (6 sum(U^2)^1.5)` (Efron 1987, JASA 82:171).
///
/// # Errors
/// The vector is empty or constant zero.
pub fn acceleration(influence: &[f64]) -> Result<f64, Undefined> {
    let (mut squares, mut cubes) = (0.0, 0.0);
    for &u in influence {
        squares += u * u;
        cubes += u * u * u;
    }
    if squares == 0.0 {
        return Err(Undefined::new("the acceleration of an influence vector of zeros"));
    }
    Ok(cubes / (6.0 * squares.powf(1.5)))
}

fn sorted(values: &[Option<f64>]) -> Result<Vec<f64>, Undefined> {
    let mut v: Vec<f64> = values.iter().flatten().copied().collect();
    if v.len() < 100 {
        return Err(Undefined::new(format!("{} replicates are too few for limits", v.len())));
    }
    v.sort_unstable_by(f64::total_cmp);
    Ok(v)
}

/// Value at probability `p` of sorted replicates, `(B + 1) p` rule with interpolation.
fn at(sorted: &[f64], p: f64) -> f64 {
    let b = sorted.len();
    let h = ((b as f64 + 1.0) * p - 1.0).clamp(0.0, (b - 1) as f64);
    let i = h.floor() as usize;
    sorted[i] + (h - i as f64) * (sorted[(i + 1).min(b - 1)] - sorted[i])
}

/// Monte Carlo standard error of the limit at `p`, given the standard deviation `sd_p` of the
/// probability at which the replicates are read off: half the spacing one deviation either way.
fn spacing_error(sorted: &[f64], p: f64, sd_p: f64) -> f64 {
    0.5 * (at(sorted, p + sd_p) - at(sorted, p - sd_p))
}

fn finish(
    values: &[Option<f64>],
    sorted: &[f64],
    limits: [(f64, f64); 2],
    level: f64,
    method: &'static str,
) -> BootstrapInterval {
    let [(p_lo, sd_lo), (p_hi, sd_hi)] = limits;
    let used = sorted.len() as u64;
    BootstrapInterval {
        interval: Interval { lo: at(sorted, p_lo), hi: at(sorted, p_hi), level, method },
        se: Moments::from_slice(sorted).sd().unwrap_or(0.0),
        monte_carlo: (spacing_error(sorted, p_lo, sd_lo), spacing_error(sorted, p_hi, sd_hi)),
        used,
        dropped: values.len() as u64 - used,
    }
}

/// Percentile interval (Efron 1979).
///
/// # Errors
/// Fewer than 100 defined replicates, or `level` not in (0, 1).
pub fn percentile(values: &[Option<f64>], level: f64) -> Result<BootstrapInterval, Undefined> {
    check_level(level)?;
    let v = sorted(values)?;
    let tail = 0.5 * (1.0 - level);
    let sd = (tail * (1.0 - tail) / v.len() as f64).sqrt();
    Ok(finish(values, &v, [(tail, sd), (1.0 - tail, sd)], level, "bootstrap_percentile"))
}

/// Interval `estimate ± t se` with the standard deviation of the replicates and `units - 1` degrees of freedom (Efron and
/// Tibshirani 1993, section 12.4), for statistics whose replicates lie to one side of the estimate: the percentiles of
/// these count their bias twice.
///
/// # Errors
/// Fewer than [`MIN_UNITS`] units or 100 defined replicates, replicates that do not differ, or `level` not in (0, 1).
pub fn around(values: &[Option<f64>], estimate: f64, units: u64, level: f64) -> Result<Estimate, Undefined> {
    check_level(level)?;
    if units < MIN_UNITS {
        return Err(Undefined::new(format!("a bootstrap of only {units} units")));
    }
    let se = Moments::from_slice(&sorted(values)?).sd().unwrap_or(0.0);
    if se <= 1e-12 {
        return Err(Undefined::new("no variance among the units"));
    }
    Estimate::new(estimate, se, (units - 1) as f64, units, level, "bootstrap_se")
}

/// BCa interval (Efron 1987, JASA 82:171): percentiles shifted for the bias of the replicates
/// around `estimate` and for the [`acceleration`].
///
/// The Monte Carlo error accounts for the bias being estimated from the same replicates, which
/// moves the limits about as much as the percentiles themselves do.
///
/// # Errors
/// Fewer than 100 defined replicates, all of them on one side of the estimate, an acceleration too
/// large for the level, or `level` not in (0, 1).
pub fn bca(
    values: &[Option<f64>],
    estimate: f64,
    acceleration: f64,
    level: f64,
) -> Result<BootstrapInterval, Undefined> {
    check_level(level)?;
    let v = sorted(values)?;
    let b = v.len() as f64;
    // Replicates equal to the estimate count half, or a discrete statistic would look biased.
    let below = v.partition_point(|&x| x < estimate) as f64;
    let up_to = v.partition_point(|&x| x <= estimate) as f64;
    let p0 = 0.5 * (below + up_to) / b;
    if p0 <= 0.0 || p0 >= 1.0 {
        return Err(Undefined::new("all bootstrap replicates lie on one side of the estimate"));
    }
    let z0 = norm_quantile(p0);
    let z = norm_isf(0.5 * (1.0 - level));
    let limit = |z: f64| {
        let shifted = z0 + z;
        let shrink = 1.0 - acceleration * shifted;
        if shrink <= 0.0 {
            return Err(Undefined::new(format!("acceleration {acceleration} is too large")));
        }
        let at = z0 + shifted / shrink;
        let p = norm_cdf(at);
        // d p / d p0, through z0.
        let c = norm_pdf(at) * (1.0 + 1.0 / (shrink * shrink)) / norm_pdf(z0);
        let joint = p.min(p0) - p * p0;
        let variance = (p * (1.0 - p) + c * c * p0 * (1.0 - p0) - 2.0 * c * joint) / b;
        Ok((p, variance.max(0.0).sqrt()))
    };
    Ok(finish(values, &v, [limit(-z)?, limit(z)?], level, "bootstrap_bca"))
}

#[cfg(test)]
pub(super) mod tests;
