//! Metrics that are functions of sums over segments.

use rayon::prelude::*;

use super::SEGMENTS;
use crate::metrics::measured::{Measured, Outcome};

/// Statistics of every segment, on all threads.
pub(super) fn segments<S: Send>(rows: usize, of: impl Fn(usize) -> S + Sync + Send) -> Vec<S> {
    (0..rows).into_par_iter().with_min_len(SEGMENTS).map(of).collect()
}

/// Sums over segments; counts below 2^53 are exact, so their order does not matter.
pub(super) fn sums<const K: usize>(segments: &[[f64; K]]) -> [f64; K] {
    let mut sums = [0.0; K];
    for segment in segments {
        sums.iter_mut().zip(segment).for_each(|(sum, value)| *sum += value);
    }
    sums
}

/// A value that is `f(sums)`, with the influence `n grad f (segment - mean)` of the delta method.
pub(super) fn delta<const K: usize>(value: f64, gradient: &[f64; K], segments: &[[f64; K]]) -> Outcome {
    let n = segments.len() as f64;
    Measured::by_row(value, segments.len(), |row| {
        n * gradient.iter().zip(&segments[row]).map(|(slope, value)| slope * value).sum::<f64>()
    })
}

/// `scale` times the sum of the first over the sum of the second numbers.
pub(super) fn ratio(scale: f64, segments: &[[f64; 2]], nothing: &'static str) -> Outcome {
    let [part, whole] = sums(segments);
    if whole == 0.0 {
        return Err(nothing.to_owned());
    }
    let value = part / whole;
    delta(scale * value, &[scale / whole, -scale * value / whole], segments)
}
