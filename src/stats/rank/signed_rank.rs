//! Wilcoxon signed-rank test of paired differences, and the pseudo-median with its interval.

use super::shift::select;
use crate::stats::special::{norm_isf, norm_two_sided_p};
use crate::stats::{Interval, Sum, Undefined, check_level};

/// Most differences for which the exact distribution is used (when there are no ties).
pub const EXACT: usize = 50;

/// Result of the test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SignedRank {
    /// Sum of the ranks of the positive differences.
    pub v: f64,
    /// Differences that are not zero.
    pub used: u64,
    /// Two-sided p: exact without ties and up to [`EXACT`] differences, else normal with tie and
    /// continuity correction; 1 when all differences are zero.
    pub p: f64,
    /// One-sided p of "positive".
    pub greater: f64,
    /// Whether the p-values are exact.
    pub exact: bool,
}

/// Pseudo-median: median of the means of all pairs of differences.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PseudoMedian {
    /// The estimate.
    pub value: f64,
    /// Interval between order statistics of the pair means.
    pub interval: Interval,
}

fn check(d: &[f64]) -> Result<(), Undefined> {
    if d.is_empty() {
        return Err(Undefined::new("no differences"));
    }
    if d.iter().any(|v| !v.is_finite()) {
        return Err(Undefined::new("a difference is not a finite number"));
    }
    Ok(())
}

/// Chance of each rank sum when every sign is a fair coin.
fn exact_distribution(n: usize) -> Vec<f64> {
    let mut chance = vec![0.0; n * (n + 1) / 2 + 1];
    chance[0] = 1.0;
    for rank in 1..=n {
        for s in (0..chance.len()).rev() {
            chance[s] = 0.5 * (chance[s] + if s >= rank { chance[s - rank] } else { 0.0 });
        }
    }
    chance
}

/// Wilcoxon 1945 (Biometrics Bull 1:80) on paired differences; zeros are left out, ties get
/// mid-ranks.
///
/// # Errors
/// No differences, or one is not finite.
pub fn signed_rank(d: &[f64]) -> Result<SignedRank, Undefined> {
    check(d)?;
    let mut used: Vec<f64> = d.iter().copied().filter(|&v| v != 0.0).collect();
    used.sort_unstable_by(|a, b| a.abs().total_cmp(&b.abs()));
    let n = used.len();
    let (mut v, mut ties, mut start) = (Sum::default(), Sum::default(), 0);
    while start < n {
        let tied = used[start..].partition_point(|x| x.abs() <= used[start].abs());
        let t = tied as f64;
        let positive = used[start..start + tied].iter().filter(|x| **x > 0.0).count() as f64;
        v.add(positive * (start as f64 + 0.5 * (t + 1.0)));
        ties.add(t * t * t - t);
        start += tied;
    }
    let (v, ties, nf) = (v.value(), ties.value(), n as f64);
    let result = |p, greater, exact| Ok(SignedRank { v, used: n as u64, p, greater, exact });
    if n == 0 {
        return result(1.0, 1.0, true);
    }
    if ties == 0.0 && n <= EXACT {
        let chance = exact_distribution(n);
        let from = |s: f64| chance[s as usize..].iter().sum::<f64>();
        let most = v.max(0.5 * nf * (nf + 1.0) - v);
        return result((2.0 * from(most)).min(1.0), from(v), true);
    }
    let distance = v - 0.25 * nf * (nf + 1.0);
    let sd = (nf * (nf + 1.0) * (2.0 * nf + 1.0) / 24.0 - ties / 48.0).sqrt();
    let z = (distance.abs() - 0.5).max(0.0).copysign(distance) / sd;
    result(norm_two_sided_p(z), crate::stats::special::norm_sf((distance - 0.5) / sd), false)
}

/// Pairs `i <= j` of sorted values whose mean is at most `m`.
fn means_up_to(sorted: &[f64], m: f64) -> u64 {
    let (mut count, mut last) = (0u64, sorted.len());
    for (i, &v) in sorted.iter().enumerate() {
        while last > 0 && 0.5 * (v + sorted[last - 1]) > m {
            last -= 1;
        }
        count += last.saturating_sub(i) as u64;
    }
    count
}

/// Hodges-Lehmann estimate for paired differences with the interval of the signed-rank test: exact
/// ranks up to [`EXACT`] differences, else by the normal approximation. It is the centre of
/// symmetry, which is the mean difference only if the differences are symmetric.
///
/// # Errors
/// No differences, one is not finite, or `level` not in (0, 1).
pub fn pseudo_median(d: &[f64], level: f64) -> Result<PseudoMedian, Undefined> {
    check(d)?;
    check_level(level)?;
    let mut sorted = d.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let (n, nf) = (sorted.len() as u64, sorted.len() as f64);
    let pairs = n * (n + 1) / 2;
    let at = |rank: u64| select(rank, sorted[0], sorted[sorted.len() - 1], |m| means_up_to(&sorted, m));
    let tail = 0.5 * (1.0 - level);
    // The largest rank whose tail, below it, still fits.
    let rank = if sorted.len() <= EXACT {
        let chance = exact_distribution(sorted.len());
        let mut below = 0.0;
        chance
            .iter()
            .take_while(|c| {
                below += **c;
                below <= tail
            })
            .count() as u64
    } else {
        let sd = (nf * (nf + 1.0) * (2.0 * nf + 1.0) / 24.0).sqrt();
        (0.5 * pairs as f64 - norm_isf(tail) * sd).floor().max(0.0) as u64
    };
    if rank == 0 {
        return Err(Undefined::new(format!("{n} differences are too few for this level")));
    }
    let interval = Interval { lo: at(rank), hi: at(pairs + 1 - rank), level, method: "signed_rank" };
    Ok(PseudoMedian { value: 0.5 * (at(pairs.div_ceil(2)) + at(pairs / 2 + 1)), interval })
}

#[cfg(test)]
pub(in crate::stats) mod tests {
    use super::*;
    use crate::stats::published::{self, floats};

    #[test]
    pub(in crate::stats) fn published_tests() {
        published::run("regression.paired", &["wilcoxon_signed_rank_exact"], |case, check| {
            let i = &case.inputs;
            let d = if i["d"].is_array() {
                floats(&i["d"])
            } else {
                floats(&i["x"]).iter().zip(floats(&i["y"])).map(|(x, y)| x - y).collect()
            };
            let r = signed_rank(&d).unwrap();
            check.close("V", r.v);
            check.close("statistic", r.v.min(0.5 * (r.used * (r.used + 1)) as f64 - r.v));
            check.close("p", r.p);
            check.close("p_two_sided", r.p);
            check.close("p_greater", r.greater);
            let m = pseudo_median(&d, 0.95).unwrap();
            check.close("hodges_lehmann", m.value);
            if case.expected["ci95"].is_array() {
                let ci = floats(&case.expected["ci95"]);
                check.value("lower", m.interval.lo, ci[0]);
                check.value("upper", m.interval.hi, ci[1]);
            }
        });
    }

    #[test]
    fn zeros_ties_and_few() {
        assert_eq!(signed_rank(&[0.0, 0.0]).unwrap().p, 1.0);
        let r = signed_rank(&[1.0, 1.0, -1.0, 2.0, 0.0]).unwrap();
        assert_eq!((r.v, r.used, r.exact), (8.0, 4, false));
        assert!(pseudo_median(&[1.0, 2.0, 3.0], 0.95).is_err());
        let many: Vec<f64> = (0..400).map(|i| f64::from(i % 37) - 15.0).collect();
        let m = pseudo_median(&many, 0.95).unwrap();
        assert!(m.interval.contains(m.value) && m.interval.width() < 3.0, "{m:?}");
    }
}
