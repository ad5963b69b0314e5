//! Correlation of the two models' scores.

use rayon::prelude::*;

use super::moments::PairMoments;
use super::{BLOCK, Undefined};

/// Moments of two columns of the same rows.
pub fn pair_moments(a: &[f64], b: &[f64]) -> PairMoments {
    const CACHED: usize = 2048;
    let blocks: Vec<PairMoments> = a
        .par_chunks(BLOCK)
        .zip(b.par_chunks(BLOCK))
        .map(|(a, b)| {
            let mut sum = PairMoments::default();
            for (a, b) in a.chunks(CACHED).zip(b.chunks(CACHED)) {
                sum.merge(&PairMoments::of(a, b));
            }
            sum
        })
        .collect();
    let mut sum = PairMoments::default();
    for block in &blocks {
        sum.merge(block);
    }
    sum
}

/// Pearson correlation.
///
/// # Errors
/// When a column is constant or empty.
pub fn pearson(a: &[f64], b: &[f64]) -> Result<f64, Undefined> {
    pair_moments(a, b).correlation().ok_or(Undefined("a model's scores are all equal"))
}

/// Kendall's tau-b (Kendall 1945, Biometrika 33:239), ties counted, by Knight's merge sort (Knight 1966, J Am Stat
/// Assoc 61:436) in O(n log n). `None` where a column is constant or empty, or holds a NaN.
pub fn kendall(a: &[f64], b: &[f64]) -> Option<f64> {
    if a.len() != b.len() || a.iter().chain(b).any(|value| value.is_nan()) {
        return None;
    }
    // Zeros of either sign are one value.
    let mut pairs: Vec<(f64, f64)> = a.iter().zip(b).map(|(a, b)| (a + 0.0, b + 0.0)).collect();
    pairs.par_sort_unstable_by(|x, y| x.0.total_cmp(&y.0).then(x.1.total_cmp(&y.1)));
    let pairs_of =
        |runs: &mut dyn Iterator<Item = usize>| -> u64 { runs.map(|run| run as u64 * (run as u64 - 1) / 2).sum() };
    let tied_a = pairs_of(&mut pairs.chunk_by(|x, y| x.0 == y.0).map(<[_]>::len));
    let tied_both = pairs_of(&mut pairs.chunk_by(|x, y| x == y).map(<[_]>::len));
    let mut second: Vec<f64> = pairs.iter().map(|pair| pair.1).collect();
    let mut buffer = vec![0.0; second.len()];
    let swaps = sorted_by_merging(&mut second, &mut buffer);
    let tied_b = pairs_of(&mut second.chunk_by(|x, y| x == y).map(<[_]>::len));
    let n = pairs.len() as u64;
    let all = n * n.saturating_sub(1) / 2;
    if all == tied_a || all == tied_b {
        return None;
    }
    let concordant_less = (all - tied_a - tied_b + tied_both) as f64 - 2.0 * swaps as f64;
    Some(concordant_less / ((all - tied_a) as f64 * (all - tied_b) as f64).sqrt())
}

/// Sort; returns the pairs that stood in the wrong order.
fn sorted_by_merging(values: &mut [f64], buffer: &mut [f64]) -> u64 {
    if values.len() < 2 {
        return 0;
    }
    let middle = values.len() / 2;
    let mut swaps = {
        let (left, right) = values.split_at_mut(middle);
        let (spare, other) = buffer.split_at_mut(middle);
        if left.len() > BLOCK {
            let (a, b) = rayon::join(|| sorted_by_merging(left, spare), || sorted_by_merging(right, other));
            a + b
        } else {
            sorted_by_merging(left, spare) + sorted_by_merging(right, other)
        }
    };
    let (mut left, mut right) = (0, middle);
    for slot in buffer.iter_mut() {
        if left < middle && (right == values.len() || values[left] <= values[right]) {
            *slot = values[left];
            left += 1;
        } else {
            *slot = values[right];
            swaps += (middle - left) as u64;
            right += 1;
        }
    }
    values.copy_from_slice(buffer);
    swaps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_has_correlation_one_and_constant_has_none() {
        let a: Vec<f64> = (0..200_000).map(f64::from).collect();
        let b: Vec<f64> = a.iter().map(|x| 1e6 - 3.0 * x).collect();
        assert!((pearson(&a, &b).unwrap() + 1.0).abs() < 1e-12);
        assert!(pearson(&a, &vec![0.1; a.len()]).is_err());
    }

    #[test]
    fn kendall_counts_every_pair() {
        let pairwise = |a: &[f64], b: &[f64]| {
            let (mut sum, mut x, mut y) = (0.0, 0.0, 0.0);
            for i in 0..a.len() {
                for j in 0..i {
                    let (p, q) = ((a[i] - a[j]).total_cmp(&0.0) as i8, (b[i] - b[j]).total_cmp(&0.0) as i8);
                    sum += f64::from(p * q);
                    x += f64::from(p * p);
                    y += f64::from(q * q);
                }
            }
            sum / f64::sqrt(x * y)
        };
        let a: Vec<f64> = (0..60).map(|i| f64::from(i * 7 % 13)).collect();
        let b: Vec<f64> = (0..60).map(|i| f64::from(i * 11 % 17) + f64::from(i % 3)).collect();
        assert!((kendall(&a, &b).unwrap() - pairwise(&a, &b)).abs() < 1e-12);
        assert_eq!(kendall(&a, &a), Some(1.0));
        assert_eq!(kendall(&a, &vec![2.0; 60]), None);
        assert_eq!(kendall(&[], &[]), None);
    }
}
