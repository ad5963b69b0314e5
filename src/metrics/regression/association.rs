//! Correlation of two columns, by value and by rank.

use rayon::prelude::*;

use super::{constant, mean_of};
use crate::metrics::BLOCK;
use crate::metrics::correlation::pair_moments;
use crate::metrics::measured::{Measured, NO_ROW, Outcome};

pub(super) fn varies(values: &[f64], name: &str) -> Result<(), String> {
    if constant(values) { Err(format!("{name} are all equal")) } else { Ok(()) }
}

/// Checks that both columns vary; `names` are for the reason.
fn both_vary(a: &[f64], b: &[f64], names: [&str; 2]) -> Result<(), String> {
    if a.is_empty() {
        return Err(NO_ROW.to_owned());
    }
    varies(a, names[0]).and_then(|()| varies(b, names[1]))
}

/// Pearson's correlation with the influence `z_a z_b - r (z_a^2 + z_b^2) / 2` (Devlin, Gnanadesikan and Kettenring
/// 1975, Biometrika 62:531). `names` say in a reason what the columns are.
///
/// # Errors
/// When a column is constant or empty.
pub fn pearson(a: &[f64], b: &[f64], names: [&str; 2]) -> Outcome {
    both_vary(a, b, names)?;
    let found = pair_moments(a, b);
    let value = found.correlation().ok_or("the numbers vary only by rounding")?;
    let scale = [found.saa, found.sbb].map(|sum| (sum / found.n as f64).sqrt());
    Measured::by_row(value, a.len(), |row| {
        let (a, b) = ((a[row] - found.mean_a) / scale[0], (b[row] - found.mean_b) / scale[1]);
        a * b - 0.5 * value * (a * a + b * b)
    })
}

/// Spearman's correlation. A row moves it through its own ranks and by shifting the ranks of all rows beyond it (Croux
/// and Dehon 2010, Stat Methods Appl 19:497); with `F` the mid-distribution function, ties count one half throughout.
///
/// # Errors
/// As [`pearson`].
pub fn spearman(a: &[f64], b: &[f64], names: [&str; 2]) -> Outcome {
    both_vary(a, b, names)?;
    let rows = a.len();
    let (a, b) = rayon::join(|| Ranks::of(a), || Ranks::of(b));
    let found = pair_moments(&a.centred, &b.centred);
    let value = found.correlation().ok_or("the ranks do not vary")?;
    let [va, vb] = [found.saa, found.sbb].map(|sum| sum / rows as f64);
    // What a row's place in one column does to the ranks of the others there: sums over the rows above it.
    let ([ab, aa], [ba, bb]) =
        rayon::join(|| [a.above(&b.centred), a.above(&a.centred)], || [b.above(&a.centred), b.above(&b.centred)]);
    let covariance = mean_of(rows, |row| a.centred[row] * b.centred[row] + ab[row] + ba[row]);
    let spread = [
        mean_of(rows, |row| a.centred[row].powi(2) + 2.0 * aa[row]),
        mean_of(rows, |row| b.centred[row].powi(2) + 2.0 * bb[row]),
    ];
    Measured::by_row(value, rows, |row| {
        let (x, y) = (a.centred[row], b.centred[row]);
        let joint = x * y + ab[row] + ba[row] - covariance;
        let own = [x * x + 2.0 * aa[row] - spread[0], y * y + 2.0 * bb[row] - spread[1]];
        joint / (va * vb).sqrt() - 0.5 * value * (own[0] / va + own[1] / vb)
    })
}

/// Mid-distribution function of each value less one half: shares of rows below, ties counted half, about their middle.
pub fn centred_ranks(values: &[f64]) -> Vec<f64> {
    Ranks::of(values).centred
}

/// Mid-distribution function of a column, less its mean of one half, with the order of the rows.
struct Ranks {
    order: Vec<u32>,
    /// Ends of the runs of equal values in that order.
    ends: Vec<u32>,
    centred: Vec<f64>,
}

impl Ranks {
    fn of(values: &[f64]) -> Self {
        let mut order: Vec<u32> = (0..values.len() as u32).collect();
        // Adding 0 turns -0.0 into 0.0, which the total order would keep apart.
        let key = |row: u32| values[row as usize] + 0.0;
        order.par_sort_unstable_by(|&i, &j| key(i).total_cmp(&key(j)).then(i.cmp(&j)));
        let mut ends = Vec::new();
        let mut centred = vec![0.0; values.len()];
        let n = values.len() as f64;
        let mut start = 0;
        for run in order.chunk_by(|&i, &j| values[i as usize] == values[j as usize]) {
            let middle = (start as f64 + 0.5 * run.len() as f64) / n - 0.5;
            run.iter().for_each(|&row| centred[row as usize] = middle);
            start += run.len();
            ends.push(start as u32);
        }
        Self { order, ends, centred }
    }

    /// Per row, the mean over all rows of `weights` where this column is greater, plus half where it is equal.
    fn above(&self, weights: &[f64]) -> Vec<f64> {
        let mut out = vec![0.0; weights.len()];
        let (mut sum, mut end) = (0.0, self.order.len());
        for start in self.ends.iter().rev().skip(1).map(|&end| end as usize).chain([0]) {
            let run = &self.order[start..end];
            let own: f64 = run.iter().map(|&row| weights[row as usize]).sum();
            run.iter().for_each(|&row| out[row as usize] = sum + 0.5 * own);
            sum += own;
            end = start;
        }
        let n = weights.len() as f64;
        out.par_iter_mut().with_min_len(BLOCK).for_each(|slot| *slot /= n);
        out
    }
}
