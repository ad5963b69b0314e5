//! Influence of every row on AUC and on average precision: vectors that sum to 0, whose mean square over `n` is the
//! variance of the metric. Subtract those of two models for the paired difference, add within units for clusters.

use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use super::order::{Entry, Order};
use super::sweep::{Placements, parts};
use super::{BLOCK, Undefined};

/// Influence of each row on AUC, in row order: `(V10 − AUC) n / n₊` for a positive row and `(V01 − AUC) n / n₋` for
/// a negative one (DeLong's components as an influence vector, Obuchowski 1997, Biometrics 53:567).
pub fn auc_influence(placements: &Placements, labels: &[u8], auc: f64) -> Vec<f64> {
    let positives = labels.par_chunks(BLOCK).map(|block| block.iter().filter(|&&y| y == 1).count()).sum::<usize>();
    let n = labels.len() as f64;
    let factor = [n / (labels.len() - positives) as f64, n / positives as f64];
    let mut influence = placements.components(labels);
    influence
        .par_iter_mut()
        .zip(labels)
        .with_min_len(BLOCK)
        .for_each(|(value, &label)| *value = (*value - auc) * factor[usize::from(label == 1)]);
    influence
}

/// Influence of each row on average precision, in row order.
///
/// With `A` positives and `R` rows at or above a row's score, row `k` has
/// `n/n₊ · [y_k (A_k/R_k + Σ y_i/R_i − AP) − Σ y_i A_i/R_i²]`, the sums over rows with a score of at most `s_k`.
///
/// # Errors
/// When there is no positive row.
pub fn ap_influence(order: &Order, average_precision: f64) -> Result<Vec<f64>, Undefined> {
    if order.positives() == 0 {
        return Err(Undefined("no positive row"));
    }
    let parts = parts(order);
    let ends: Vec<[u64; 2]> = (0..parts.len())
        .map(|index| parts.get(index + 1).map_or([order.negatives(), order.positives()], |next| next.0))
        .collect();
    let sums: Vec<[f64; 2]> = parts
        .par_iter()
        .zip(&ends)
        .map(|((_, entries), &end)| {
            let mut sums = [0.0; 2];
            upwards(entries, end, &mut sums, |_, _, _| ());
            sums
        })
        .collect();
    let mut below = vec![[0.0; 2]; parts.len()];
    for index in (1..parts.len()).rev() {
        below[index - 1] = [below[index][0] + sums[index][0], below[index][1] + sums[index][1]];
    }
    let values: Vec<AtomicU64> = (0..order.len()).into_par_iter().map(|_| AtomicU64::new(0)).collect();
    let scale = order.len() as f64 / order.positives() as f64;
    parts.par_iter().zip(&ends).zip(&below).for_each(|(((_, entries), &end), &below)| {
        let mut sums = below;
        upwards(entries, end, &mut sums, |group, precision, sums| {
            for entry in group {
                let gain = if entry.label() == 1 { precision + sums[0] - average_precision } else { 0.0 };
                let value = scale * (gain - sums[1]);
                values[entry.row() as usize].store(value.to_bits(), Ordering::Relaxed);
            }
        });
    });
    Ok(values.into_iter().map(|bits| f64::from_bits(bits.into_inner())).collect())
}

/// Walk tie groups from the lowest score up. `end` counts negatives and positives down to the last entry; `sums`
/// holds `Σ y/R` and `Σ y A/R²` from below and is brought up to and with the group before `visit` sees it.
#[inline]
fn upwards(entries: &[Entry], end: [u64; 2], sums: &mut [f64; 2], mut visit: impl FnMut(&[Entry], f64, &[f64; 2])) {
    let [mut negatives, mut positives] = end;
    let mut stop = entries.len();
    while stop > 0 {
        let mut start = stop - 1;
        while entries[start].tied() {
            start -= 1;
        }
        let group = &entries[start..stop];
        let group_positives: u64 = group.iter().map(|entry| u64::from(entry.label())).sum();
        let rows = (negatives + positives) as f64;
        let precision = positives as f64 / rows;
        let weight = group_positives as f64 / rows;
        sums[0] += weight;
        sums[1] += weight * precision;
        visit(group, precision, sums);
        positives -= group_positives;
        negatives -= group.len() as u64 - group_positives;
        stop = start;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::metrics::sweep;

    proptest! {
        #[test]
        fn ap_influence_equals_the_formula(rows in prop::collection::vec((0u8..40, 0u8..2), 1..200)) {
            let (scores, labels): (Vec<f64>, Vec<u8>) = rows.into_iter().map(|(s, y)| (f64::from(s), y)).unzip();
            let order = Order::new(&scores, &labels);
            let (found, placements) = sweep(&order, true);
            let Ok(ap) = found.average_precision else { return Ok(()) };
            let n = scores.len();
            let above = |k: usize, least: u8| (0..n).filter(|&i| scores[i] >= scores[k] && labels[i] >= least).count();
            let rows_above: Vec<f64> = (0..n).map(|k| above(k, 0) as f64).collect();
            let hits: Vec<f64> = (0..n).map(|k| above(k, 1) as f64).collect();
            let influence = ap_influence(&order, ap).unwrap();
            let positives = order.positives() as f64;
            for k in 0..n {
                let y = f64::from(labels[k]);
                let below = || (0..n).filter(|&i| scores[i] <= scores[k] && labels[i] == 1);
                let first: f64 = below().map(|i| 1.0 / rows_above[i]).sum();
                let second: f64 = below().map(|i| hits[i] / (rows_above[i] * rows_above[i])).sum();
                let u = n as f64 * ((y * hits[k] / rows_above[k] + y * first - second) / positives - ap * y / positives);
                prop_assert!((influence[k] - u).abs() < 1e-9 * (1.0 + u.abs()));
            }
            prop_assert!(influence.iter().sum::<f64>().abs() < 1e-8);
            if let (Ok(auc), Some(placements)) = (found.auc, placements) {
                prop_assert!(auc_influence(&placements, &labels, auc).iter().sum::<f64>().abs() < 1e-8);
            }
        }
    }
}
