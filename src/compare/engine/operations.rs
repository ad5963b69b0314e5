//! What Operations draws: latency per arm on shared bins, requests and failures over time.

use rayon::prelude::*;

use super::throughput::Course;
use super::views::per_arm;
use crate::compare::detail::Operations;
use crate::log::{Log, RowMask};
use crate::metrics::BLOCK;

/// Bits below sign, exponent and the first four of the mantissa: 16 bins to the octave.
const FINE: u32 = 48;
const FINE_BINS: usize = 1 << (64 - FINE);
/// Octaves below the largest value that are told apart.
const OCTAVES: usize = 20;
/// Most bins that are drawn.
const BINS: usize = 80;

/// Of all lines with a latency, or of the rows of `within`.
pub(super) fn operations(log: &Log, within: Option<&RowMask>, course: Option<&Course>) -> Option<Operations> {
    let counts = [0, 1].map(|arm: usize| {
        let arm = log.arms.get(arm)?;
        let rows = arm.latency_ms.as_ref()?;
        let alone = if within.is_none() { arm.unpaired_latency_ms.as_slice() } else { &[] };
        Some(counted(rows, alone, within))
    });
    let mut found = Operations::default();
    found.latency(counts);
    if let Some(course) = course {
        course.drawn(&mut found);
    }
    (found != Operations::default()).then_some(found)
}

/// Values by their leading bits. What is 0 or below counts with the smallest positive numbers.
fn counted(rows: &[f64], alone: &[f64], within: Option<&RowMask>) -> Vec<u64> {
    let count = |(block, values): (usize, &[f64]), within: Option<&RowMask>| {
        let mut counts = vec![0u64; FINE_BINS / 2];
        for (at, &value) in values.iter().enumerate() {
            if !value.is_nan() && within.is_none_or(|mask| mask.contains(block * BLOCK + at)) {
                counts[(value.max(0.0).to_bits() >> FINE) as usize] += 1;
            }
        }
        counts
    };
    let add = |mut a: Vec<u64>, b: Vec<u64>| {
        a.iter_mut().zip(&b).for_each(|(a, b)| *a += b);
        a
    };
    let none = || vec![0; FINE_BINS / 2];
    let paired = rows.par_chunks(BLOCK).enumerate().map(|block| count(block, within)).reduce(none, add);
    let alone = alone.par_chunks(BLOCK).enumerate().map(|block| count(block, None)).reduce(none, add);
    add(paired, alone)
}

impl Operations {
    /// The bins between the least and the largest value of both arms, coarse enough to be drawn.
    fn latency(&mut self, counts: [Option<Vec<u64>>; 2]) {
        let used = |place: &usize| counts.iter().flatten().any(|counts| counts[*place] > 0);
        let Some((first, last)) = (0..FINE_BINS / 2).find(used).zip((0..FINE_BINS / 2).rfind(used)) else {
            return;
        };
        // A stray 0 would stretch the axis over all that lies between it and the rest.
        let first = first.max(last.saturating_sub(OCTAVES << 4));
        let mut width = 1;
        while (last + 1).div_ceil(width) - first / width > BINS {
            width *= 2;
        }
        let (first, last) = (first / width, last / width);
        let edge = |bin: usize| f64::from_bits(((bin * width) as u64) << FINE);
        self.latency_edges = (first..=last + 1).map(edge).collect();
        let grouped = |counts: Vec<u64>| {
            let until = |bin: usize| counts.iter().take((bin + 1) * width).sum::<u64>();
            // The first bin holds what lies below it, too.
            let bin = |bin: usize| if bin == first { until(bin) } else { until(bin) - until(bin - 1) };
            (first..=last).map(bin).collect()
        };
        self.latency = per_arm(counts.map(|counts| counts.map(grouped)));
    }
}
