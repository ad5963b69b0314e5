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
}
