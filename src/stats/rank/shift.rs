//! By how much one group's values are shifted against another's: the median of all pairwise
//! differences (Hodges & Lehmann 1963, Ann Math Stat 34:598) with its interval.

use super::mann_whitney::{check, null_sd, rank_sum};
use crate::stats::special::norm_isf;
use crate::stats::{Interval, Undefined, check_level};

/// A shift with its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shift {
    /// Median of the differences `x - y`.
    pub value: f64,
    /// The shifts that the Mann-Whitney test does not reject.
    pub interval: Interval,
}

/// Maps a double to an integer of the same order, and back.
fn ordinal(x: f64) -> i64 {
    let b = (x + 0.0).to_bits() as i64;
    if b < 0 { i64::MIN.wrapping_sub(b) } else { b }
}

fn from_ordinal(i: i64) -> f64 {
    f64::from_bits((if i < 0 { i64::MIN.wrapping_sub(i) } else { i }) as u64)
}

/// The `rank`-th smallest (from 1) value of a sorted family, given how many members are at or below
/// a number: bisection on the doubles themselves, so the answer is a member exactly.
pub(super) fn select(rank: u64, lo: f64, hi: f64, count: impl Fn(f64) -> u64) -> f64 {
    let (mut low, mut high) = (ordinal(lo), ordinal(hi));
    while low < high {
        let mid = (i128::from(low) + (i128::from(high) - i128::from(low)) / 2) as i64;
        if count(from_ordinal(mid)) >= rank { high = mid } else { low = mid + 1 }
    }
    from_ordinal(high)
}

/// Pairs with `x - y <= d`, both sorted ascending, by two pointers.
fn pairs_up_to(x: &[f64], y: &[f64], d: f64) -> u64 {
    let (mut j, mut count) = (0, 0u64);
    for &v in x {
        // y[j..] are those with v - y <= d; as v grows, fewer.
        while j < y.len() && v - y[j] > d {
            j += 1;
        }
        count += (y.len() - j) as u64;
    }
    count
}

/// Shift of `x` against `y`. The interval runs between order statistics of the differences, at the
/// ranks of the normal approximation with tie-corrected variance (Hollander & Wolfe 1999,
/// Nonparametric Statistical Methods, 4.3), so it is made of differences that occur. O((n + m) log)
/// time, no table of pairs.
///
/// # Errors
/// A group is empty, a value is not finite, or `level` not in (0, 1).
pub fn hodges_lehmann(x: &[f64], y: &[f64], level: f64) -> Result<Shift, Undefined> {
    check(x, y)?;
    check_level(level)?;
    if x.iter().chain(y).any(|v| v.is_infinite()) {
        return Err(Undefined::new("a value is infinite"));
    }
    let sorted = |v: &[f64]| {
        let mut v = v.to_vec();
        v.sort_unstable_by(f64::total_cmp);
        v
    };
    let (xs, ys) = (sorted(x), sorted(y));
    let pairs = xs.len() as u64 * ys.len() as u64;
    let (lo, hi) = (xs[0] - ys[ys.len() - 1], xs[xs.len() - 1] - ys[0]);
    let at = |rank: u64| select(rank, lo, hi, |d| pairs_up_to(&xs, &ys, d));
    let value = 0.5 * (at(pairs.div_ceil(2)) + at(pairs / 2 + 1));
    let (_, ties) = rank_sum(x, y);
    let sd = null_sd(x.len() as f64, y.len() as f64, ties);
    let margin = norm_isf(0.5 * (1.0 - level)) * sd;
    let rank = ((0.5 * pairs as f64 - margin).floor() as i64).clamp(1, pairs.div_ceil(2) as i64) as u64;
    let interval = Interval { lo: at(rank), hi: at(pairs + 1 - rank), level, method: "hodges_lehmann" };
    Ok(Shift { value, interval })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::bootstrap::Replicate;
    use crate::stats::special::norm_isf;

    #[test]
    fn equals_the_table_of_pairs() {
        let r = Replicate::new(3, 0);
        let x: Vec<f64> = (0..37).map(|i| (20.0 * r.uniform(i)).round() / 4.0 - 2.0).collect();
        let y: Vec<f64> = (0..24).map(|i| (20.0 * r.uniform(100 + i)).round() / 4.0 - 3.0).collect();
        let mut all: Vec<f64> = x.iter().flat_map(|x| y.iter().map(move |y| x - y)).collect();
        all.sort_unstable_by(f64::total_cmp);
        let s = hodges_lehmann(&x, &y, 0.95).unwrap();
        let n = all.len();
        assert_eq!(s.value, 0.5 * (all[(n - 1) / 2] + all[n / 2]));
        assert!(all.contains(&s.interval.lo) && all.contains(&s.interval.hi));
        assert!(s.interval.contains(s.value));
        assert!(hodges_lehmann(&[f64::INFINITY], &[1.0], 0.95).is_err());
    }

    #[test]
    fn covers_the_shift() {
        let (runs, mut held) = (800, 0);
        for run in 0..runs {
            let r = Replicate::new(41, run);
            let x: Vec<f64> = (0..60).map(|i| 0.7 + norm_isf(r.uniform(i)).exp()).collect();
            let y: Vec<f64> = (0..40).map(|i| norm_isf(r.uniform(100 + i)).exp()).collect();
            held += u64::from(hodges_lehmann(&x, &y, 0.95).unwrap().interval.contains(0.7));
        }
        let c = held as f64 / runs as f64;
        println!("coverage {c:.3}");
        assert!((0.92..0.98).contains(&c), "{c}");
    }
}
