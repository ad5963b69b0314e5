//! Bootstrap of binned ranks: a cell's Poisson(1) weights add up to Poisson(count), so its cost does not grow with
//! the rows. A preview: the AUC is that of ranks in 256 steps.

use std::sync::atomic::{AtomicU8, Ordering};

use rayon::prelude::*;

use super::{batch_key, hash};
use crate::metrics::order::Order;

const BINS: usize = 256;
/// Counts below this are drawn by inversion, others from a normal distribution.
const INVERTED: usize = 32;

/// Rows by truth, champion's rank and challenger's rank, ranks in 256 steps.
#[derive(Clone, Debug)]
pub struct JointHistogram {
    /// Non-empty cells: truth, champion's step, challenger's step, rows.
    cells: Vec<(u8, u8, u8, u32)>,
}

impl JointHistogram {
    /// Both orders hold the same rows.
    pub fn new(orders: [&Order; 2]) -> Self {
        let rows = orders[0].len();
        let steps: Vec<Vec<AtomicU8>> = orders.par_iter().map(|order| rank_steps(order)).collect();
        let labels: Vec<AtomicU8> = (0..rows).into_par_iter().map(|_| AtomicU8::new(0)).collect();
        orders[0].entries().par_iter().with_min_len(super::super::BLOCK).for_each(|entry| {
            labels[entry.row() as usize].store(entry.label() as u8, Ordering::Relaxed);
        });
        let get = |bytes: &[AtomicU8], row: usize| usize::from(bytes[row].load(Ordering::Relaxed));
        let counts = (0..rows.div_ceil(super::super::BLOCK))
            .into_par_iter()
            .with_min_len(8)
            .fold(
                || vec![0u32; 2 * BINS * BINS],
                |mut counts, block| {
                    let start = block * super::super::BLOCK;
                    for row in start..(start + super::super::BLOCK).min(rows) {
                        let cell = (get(&labels, row) * BINS + get(&steps[0], row)) * BINS + get(&steps[1], row);
                        counts[cell] += 1;
                    }
                    counts
                },
            )
            .reduce(
                || vec![0; 2 * BINS * BINS],
                |mut sum, counts| {
                    for (cell, more) in sum.iter_mut().zip(counts) {
                        *cell += more;
                    }
                    sum
                },
            );
        let cells = counts
            .into_iter()
            .enumerate()
            .filter(|&(_, count)| count > 0)
            .map(|(cell, count)| ((cell / BINS / BINS) as u8, (cell / BINS) as u8, cell as u8, count))
            .collect();
        Self { cells }
    }

    /// AUCs of the champion and the challenger in each replicate; one that loses a class is left out.
    pub fn auc_replicates(&self, seed: u64, replicates: usize) -> Vec<[f64; 2]> {
        let poisson = Poisson::new();
        (0..replicates as u64)
            .into_par_iter()
            .map(|replicate| self.replicate(batch_key(!seed, replicate), &poisson))
            .collect::<Vec<_>>()
            .into_iter()
            .flatten()
            .collect()
    }

    fn replicate(&self, key: u64, poisson: &Poisson) -> Option<[f64; 2]> {
        // [model][truth][step]
        let mut sums = [[[0.0f64; BINS]; 2]; 2];
        for (cell, &(truth, a, b, count)) in self.cells.iter().enumerate() {
            let drawn = poisson.draw(count, hash(cell as u64, key));
            sums[0][usize::from(truth)][usize::from(a)] += drawn;
            sums[1][usize::from(truth)][usize::from(b)] += drawn;
        }
        let auc = |[negatives, positives]: &[[f64; BINS]; 2]| {
            let (mut hits, mut wins) = (0.0, 0.0);
            for (q, p) in negatives.iter().zip(positives) {
                wins += q * (hits + 0.5 * p);
                hits += p;
            }
            let pairs = hits * negatives.iter().sum::<f64>();
            (pairs > 0.0).then(|| wins / pairs)
        };
        Some([auc(&sums[0])?, auc(&sums[1])?])
    }
}

/// Step of every row: 256 times the rank of its tie group over the rows.
fn rank_steps(order: &Order) -> Vec<AtomicU8> {
    let steps: Vec<AtomicU8> = (0..order.len()).into_par_iter().map(|_| AtomicU8::new(0)).collect();
    let rows = order.len() as u64;
    let cuts = order.cuts(1 << 17);
    cuts.par_windows(2).for_each(|pair| {
        let mut step = 0;
        for (rank, entry) in order.entries()[pair[0]..pair[1]].iter().enumerate() {
            if !entry.tied() {
                step = ((pair[0] + rank) as u64 * BINS as u64 / rows) as u8;
            }
            steps[entry.row() as usize].store(step, Ordering::Relaxed);
        }
    });
    steps
}

/// Cumulative Poisson probabilities of small means, as 32-bit fractions.
struct Poisson {
    tables: Vec<[u32; 80]>,
}

impl Poisson {
    fn new() -> Self {
        let tables = (0..INVERTED)
            .map(|mean| {
                let mean = mean as f64;
                let (mut term, mut sum) = ((-mean).exp(), 0.0);
                std::array::from_fn(|k| {
                    sum += term;
                    term *= mean / (k + 1) as f64;
                    (sum * 4_294_967_296.0) as u32
                })
            })
            .collect();
        Self { tables }
    }

    /// A Poisson number of mean `count` from 64 random bits.
    #[inline]
    fn draw(&self, count: u32, bits: u64) -> f64 {
        if let Some(table) = self.tables.get(count as usize) {
            let fraction = (bits >> 32) as u32;
            // Start near the mean's lower side would save steps; small means dominate, so count from 0.
            return table.iter().take_while(|&&limit| fraction >= limit && limit < u32::MAX).count() as f64;
        }
        // Sum of four uniform 16-bit numbers (Irwin-Hall), near normal; variance 4 (65536^2 - 1) / 12.
        let sum = (bits & 0xffff) + (bits >> 16 & 0xffff) + (bits >> 32 & 0xffff) + (bits >> 48);
        let normal = (sum as f64 - 131_070.0) * (1.0 / 37_837.227_9);
        let mean = f64::from(count);
        (mean + mean.sqrt() * normal + 0.5).floor().max(0.0)
    }
}
