//! Mann-Whitney test and the share of pairs in which the first group's value is larger.

use crate::stats::special::{norm_sf, norm_two_sided_p};
use crate::stats::{Sum, Undefined};

/// Result of the test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MannWhitney {
    /// Pairs in which the first value is the larger, ties one half: `U` of the first group.
    pub u: f64,
    /// `U / (n m)`: chance that a value of the first group exceeds one of the second (Vargha &
    /// Delaney's A, the common-language effect size); 1/2 is no difference.
    pub superiority: f64,
    /// Normal statistic with tie and continuity correction; `None` when every value is the same.
    pub z: Option<f64>,
    /// Two-sided p of `z`; 1 when every value is the same.
    pub p: f64,
    /// Exact two-sided p, when there are no ties and at most [`EXACT_PAIRS`] pairs.
    pub exact: Option<f64>,
}

/// Most pairs for which the exact distribution is computed.
pub const EXACT_PAIRS: usize = 2500;

/// Sum over the first group of its mid-ranks among all values, and `sum(t³ - t)` over the groups of
/// tied values. In O(n log n); `f64`, because `t³` overflows integers.
pub(in crate::stats) fn rank_sum(x: &[f64], y: &[f64]) -> (f64, f64) {
    let mut all: Vec<(f64, bool)> =
        x.iter().map(|&v| (v + 0.0, true)).chain(y.iter().map(|&v| (v + 0.0, false))).collect();
    all.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let (mut ranks, mut ties) = (Sum::default(), Sum::default());
    let mut start = 0;
    while start < all.len() {
        let tied = all[start..].partition_point(|v| v.0 <= all[start].0);
        let group = &all[start..start + tied];
        let first = group.iter().filter(|v| v.1).count() as f64;
        let t = tied as f64;
        ranks.add(first * (start as f64 + 0.5 * (t + 1.0)));
        ties.add(t * t * t - t);
        start += tied;
    }
    (ranks.value(), ties.value())
}

pub(in crate::stats) fn check(x: &[f64], y: &[f64]) -> Result<(), Undefined> {
    if x.is_empty() || y.is_empty() {
        return Err(Undefined::new("a group has no values"));
    }
    if x.iter().chain(y).any(|v| v.is_nan()) {
        return Err(Undefined::new("a value is not a number"));
    }
    Ok(())
}

/// Standard deviation of U under the null with ties (Lehmann 1975, Nonparametrics, eq. 1.32).
pub(in crate::stats) fn null_sd(n: f64, m: f64, ties: f64) -> f64 {
    let total = n + m;
    if total < 2.0 {
        return 0.0;
    }
    (n * m / 12.0 * ((total + 1.0) - ties / (total * (total - 1.0)))).max(0.0).sqrt()
}

/// Number of ways to get each U, by the recurrence of Mann & Whitney 1947 (Ann Math Stat 18:50) as
/// the coefficients of the Gaussian binomial; as shares of all arrangements.
fn exact_distribution(n: usize, m: usize) -> Vec<f64> {
    let mut ways = vec![0.0; n * m + 1];
    ways[0] = 1.0;
    for i in 1..=n {
        // Multiply by 1 - q^(m+i), divide by 1 - q^i; the factor keeps the sum at 1.
        let scale = i as f64 / (m + i) as f64;
        for u in (m + i..ways.len()).rev() {
            ways[u] -= ways[u - m - i];
        }
        for u in i..ways.len() {
            ways[u] += ways[u - i];
        }
        ways.iter_mut().for_each(|w| *w *= scale);
    }
    ways
}

/// Two-sided Mann-Whitney test of `x` against `y` with mid-ranks, continuity correction of one half
/// and tie-corrected variance.
///
/// # Errors
/// A group is empty or a value is not a number.
pub fn mann_whitney(x: &[f64], y: &[f64]) -> Result<MannWhitney, Undefined> {
    check(x, y)?;
    let (n, m) = (x.len() as f64, y.len() as f64);
    let (ranks, ties) = rank_sum(x, y);
    let u = ranks - 0.5 * n * (n + 1.0);
    let sd = null_sd(n, m, ties);
    let distance = u - 0.5 * n * m;
    let z = (sd > 0.0).then(|| (distance.abs() - 0.5).max(0.0).copysign(distance) / sd);
    let exact = (ties == 0.0 && x.len() * y.len() <= EXACT_PAIRS).then(|| {
        let ways = exact_distribution(x.len(), y.len());
        let most = u.max(n * m - u) as usize;
        (2.0 * ways[most..].iter().sum::<f64>()).min(1.0)
    });
    Ok(MannWhitney { u, superiority: u / (n * m), z, p: z.map_or(1.0, norm_two_sided_p), exact })
}

/// One-sided p of "the first group tends to be larger", with continuity correction.
///
/// # Errors
/// As [`mann_whitney`].
pub fn larger_p(x: &[f64], y: &[f64]) -> Result<f64, Undefined> {
    check(x, y)?;
    let (n, m) = (x.len() as f64, y.len() as f64);
    let (ranks, ties) = rank_sum(x, y);
    let sd = null_sd(n, m, ties);
    let distance = ranks - 0.5 * n * (n + 1.0) - 0.5 * n * m;
    Ok(if sd > 0.0 { norm_sf((distance - 0.5) / sd) } else { 1.0 })
}

#[cfg(test)]
pub(in crate::stats) mod tests {
    use super::*;
    use crate::stats::published::{self, floats};

    #[test]
    pub(in crate::stats) fn published_tests() {
        published::run("ab.rank", &["mann_whitney"], |case, check| {
            let r = mann_whitney(&floats(&case.inputs["x"]), &floats(&case.inputs["y"])).unwrap();
            check.close("U", r.u);
            check.close("p_exact", r.exact.unwrap());
            check.close("p_asym_cc", r.p);
        });
        published::run("canary.kayenta", &["cles_vargha_delaney"], |case, check| {
            let r = mann_whitney(&floats(&case.inputs["experiment"]), &floats(&case.inputs["control"])).unwrap();
            check.value("A", r.superiority, case.expected.as_f64().unwrap());
        });
    }

    #[test]
    fn ties_and_size() {
        let r = mann_whitney(&[1.0, 1.0], &[1.0, 1.0, 1.0]).unwrap();
        assert_eq!((r.superiority, r.z, r.p), (0.5, None, 1.0));
        assert!(mann_whitney(&[], &[1.0]).is_err() && mann_whitney(&[f64::NAN], &[1.0]).is_err());
        // Three million ties: t^3 is beyond 64 bits.
        let (x, mut y) = (vec![0.0; 3_000_000], vec![0.0; 1_000_000]);
        y[..9].fill(1.0);
        let r = mann_whitney(&x, &y).unwrap();
        // Nine values above, all in the group of a quarter: the variance is 9/4 · 3/4.
        assert!((r.z.unwrap() + 6.75 / (27.0f64 / 16.0).sqrt()).abs() < 1e-3, "{r:?}");
        assert!((larger_p(&y, &x).unwrap() * 2.0 / r.p - 1.0).abs() < 1e-9);
        // All arrangements counted: sums to one.
        assert!((exact_distribution(7, 5).iter().sum::<f64>() - 1.0).abs() < 1e-12);
    }
}
