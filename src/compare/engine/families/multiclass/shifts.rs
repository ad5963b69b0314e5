//! Cells of the confusion matrix that the arms fill with different rows.

use rayon::prelude::*;

use crate::compare::detail::CellShift;
use crate::compare::engine::sample::Units;
use crate::stats::{Moments, influence, paired_proportion};

/// Every cell that a row enters or leaves between champion and challenger, by truth and then prediction, with the
/// difference of its counts (challenger minus champion) and the pointwise interval of that difference, in rows.
///
/// Rows being independent, the interval is Tango's of the discordant rows among all rows; with units it is
/// cluster-robust (CR1), taken from the rows that move alone: the sum of a unit `g` about the mean `m` is
/// `S_g - m n_g`, which is `-m n_g` where none of its rows moves.
pub(super) fn shifts(
    truth: &[u32],
    [champion, challenger]: [&[u32]; 2],
    units: Option<&Units>,
    classes: usize,
    level: f64,
) -> Vec<CellShift> {
    let unit = |row: usize| units.map_or(0, |units| units.codes[row]);
    let mut moves: Vec<(u64, u32, i32)> = Vec::new();
    for (row, (&truth, (&a, &b))) in truth.iter().zip(champion.iter().zip(challenger)).enumerate() {
        if a != b {
            let cell = |answer: u32| u64::from(truth) * classes as u64 + u64::from(answer);
            moves.extend([(cell(a), unit(row), -1), (cell(b), unit(row), 1)]);
        }
    }
    moves.par_sort_unstable();
    let sizes = units.map(|units| {
        let mut sizes = vec![0.0; units.count];
        units.codes.iter().for_each(|&code| sizes[code as usize] += 1.0);
        sizes
    });
    let rows = truth.len() as u64;
    let runs: Vec<&[(u64, u32, i32)]> = moves.chunk_by(|a, b| a.0 == b.0).collect();
    let squares = sizes.as_ref().map_or(0.0, |sizes| sizes.iter().map(|size| size * size).sum());
    let shift = |run: &&[(u64, u32, i32)]| {
        let gained = run.iter().filter(|moved| moved.2 > 0).count() as u64;
        let lost = run.len() as u64 - gained;
        let interval = match &sizes {
            None => paired_proportion::tango(gained, lost, rows, level).ok(),
            Some(sizes) => {
                let mean = (gained as f64 - lost as f64) / rows as f64;
                // Sum of (S_g - m n_g)^2 over all units, from those with a row that moves.
                let about_mean = run.chunk_by(|a, b| a.1 == b.1).map(|own| {
                    let sum: f64 = own.iter().map(|moved| f64::from(moved.2)).sum();
                    sum * sum - 2.0 * mean * sum * sizes[own[0].1 as usize]
                });
                let m2 = (about_mean.sum::<f64>() + mean * mean * squares).max(0.0);
                let sums = Moments { n: sizes.len() as u64, mean: 0.0, m2 };
                influence::clustered(mean, &sums, rows, level).ok().map(|found| found.interval)
            }
        };
        let ends = interval.map(|ends| [ends.lo, ends.hi].map(|end| end * rows as f64));
        let cell = run[0].0;
        CellShift((cell / classes as u64) as u32, (cell % classes as u64) as u32, gained as i64 - lost as i64, ends)
    };
    runs.par_iter().map(shift).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 40 rows of 8 units; the arms differ on some.
    fn sample() -> (Vec<u32>, Vec<u32>, Vec<u32>, Vec<u32>) {
        let truth: Vec<u32> = (0..40).map(|row| row % 3).collect();
        let champion: Vec<u32> = (0..40).map(|row| (row * 7 / 5) % 3).collect();
        let challenger: Vec<u32> = (0..40).map(|row| if row % 4 == 0 { row % 3 } else { (row * 7 / 5) % 3 }).collect();
        let units = (0..40).map(|row| (row * 3 + row / 7) % 8).collect();
        (truth, champion, challenger, units)
    }

    #[test]
    fn differences_are_those_of_the_matrices() {
        let (truth, champion, challenger, _) = sample();
        for CellShift(class, answer, difference, ends) in shifts(&truth, [&champion, &challenger], None, 3, 0.95) {
            let count = |answers: &[u32]| {
                truth.iter().zip(answers).filter(|&(&t, &a)| (t, a) == (class, answer)).count() as i64
            };
            assert_eq!(difference, count(&challenger) - count(&champion));
            let [lo, hi] = ends.unwrap();
            assert!(lo < difference as f64 && (difference as f64) < hi);
        }
    }

    #[test]
    fn the_clustered_interval_is_that_of_the_mean_over_all_rows() {
        let (truth, champion, challenger, codes) = sample();
        let count = 8;
        let units = Units { codes: codes.clone(), count };
        let found = shifts(&truth, [&champion, &challenger], Some(&units), 3, 0.9);
        assert!(!found.is_empty());
        for CellShift(class, answer, _, ends) in found {
            let is = |answers: &[u32], row: usize| f64::from((truth[row], answers[row]) == (class, answer));
            let gains: Vec<f64> = (0..40).map(|row| is(&challenger, row) - is(&champion, row)).collect();
            let whole = influence::clustered_mean(&gains, &codes, count, 0.9).unwrap().interval;
            let [lo, hi] = ends.unwrap();
            assert!((lo - whole.lo * 40.0).abs() < 1e-9 && (hi - whole.hi * 40.0).abs() < 1e-9);
        }
    }
}
