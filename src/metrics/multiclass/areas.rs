//! Areas under ROC curves of several classes, all four averages in one pass over the classes.
//!
//! For each class, its probability is sorted within the rows of every true class; two sorted lists at a time are then
//! merged, which places each row among the rows of the other class (DeLong's components). What a class is against the
//! rest is the sum of what it is against each other one, so n log n per class serves both.

use rayon::prelude::*;

use super::Classes;
use crate::metrics::measured::{Measured, Outcome};

/// Areas against the rest and in pairs.
#[derive(Debug)]
pub(super) struct Areas {
    pub rest: Measured,
    pub rest_weighted: Measured,
    pub pairs: Measured,
    pub pairs_weighted: Measured,
}

/// Rows of one true class by ascending probability.
type Sorted = Vec<(f64, u32)>;

impl Classes<'_> {
    pub(super) fn area(&self, of: impl Fn(&Areas) -> &Measured) -> Outcome {
        self.areas.get_or_init(|| self.areas()).as_ref().map(|areas| of(areas).clone()).map_err(Clone::clone)
    }

    fn areas(&self) -> Result<Areas, String> {
        let (cells, classes, rows) = (self.cells()?, self.classes(), self.rows());
        let present: Vec<usize> = (0..classes).filter(|&class| self.counts[class].support > 0).collect();
        if present.len() < 2 {
            return Err("every row is truly of one class".to_owned());
        }
        let mut members: Vec<Vec<u32>> = vec![Vec::new(); classes];
        (0u32..).zip(self.truth).for_each(|(row, &truth)| members[truth as usize].push(row));
        let count = present.len() as f64;
        let n = rows as f64;
        let mut sums = [0.0; 4];
        let mut influence = [const { Vec::new() }; 4];
        influence.iter_mut().for_each(|vector| vector.resize(rows, 0.0));
        // What a row does to the weights of a weighted mean, by its class.
        let mut by_class = [vec![0.0; classes], vec![0.0; classes]];
        for &class in &present {
            let sort = |&other: &usize| {
                let cell = |&row: &u32| (cells[row as usize * classes + class] + 0.0, row);
                let mut sorted: Sorted = members[other].iter().map(cell).collect();
                sorted.par_sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
                sorted
            };
            let sorted: Vec<Sorted> = present.par_iter().map(sort).collect();
            let at = present.partition_point(|&other| other < class);
            let own = &sorted[at];
            let positives = own.len() as f64;
            let share = positives / n;
            let pair_weight = |other: f64| [1.0 / (count * (count - 1.0)), (share + other / n) / (2.0 * (count - 1.0))];
            let rest_weight = [1.0 / count, share];
            // Doubled placements of the class's rows among all others.
            let mut above_rest = vec![0u64; own.len()];
            let (mut above, mut below) = (Vec::new(), Vec::new());
            let mut wins = 0u64;
            for (other, theirs) in present.iter().zip(&sorted).filter(|(other, _)| **other != class) {
                placements(own, theirs, &mut above, &mut below);
                let negatives = theirs.len() as f64;
                let won: u64 = above.iter().sum();
                let area = won as f64 / (2.0 * positives * negatives);
                wins += won;
                let weights = pair_weight(negatives);
                for (slot, weight) in [2, 3].into_iter().zip(weights) {
                    sums[slot] += weight * area;
                    for ((_, row), &doubled) in own.iter().zip(&above) {
                        let component = doubled as f64 / (2.0 * negatives);
                        influence[slot][*row as usize] += weight * (component - area) * n / positives;
                    }
                    for ((_, row), &doubled) in theirs.iter().zip(&below) {
                        let component = doubled as f64 / (2.0 * positives);
                        influence[slot][*row as usize] += weight * (component - area) * n / negatives;
                    }
                }
                for side in [class, *other] {
                    by_class[1][side] += area / (2.0 * (count - 1.0));
                }
                above_rest.iter_mut().zip(&above).for_each(|(sum, doubled)| *sum += doubled);
                // Against the rest, the component of a row that is not of the class is the same as in the pair.
                for (slot, weight) in rest_weight.into_iter().enumerate() {
                    for ((_, row), &doubled) in theirs.iter().zip(&below) {
                        influence[slot][*row as usize] +=
                            weight * doubled as f64 / (2.0 * positives) * n / (n - positives);
                    }
                }
            }
            let rest = n - positives;
            let area = wins as f64 / (2.0 * positives * rest);
            by_class[0][class] = area;
            for (slot, weight) in rest_weight.into_iter().enumerate() {
                sums[slot] += weight * area;
                for (row, &doubled) in own.iter().map(|(_, row)| *row as usize).zip(&above_rest) {
                    // The other rows were not centred above: the mean that is taken off there is n / (n - positives)
                    // times the area for each of them, here as much is added to the class's own rows.
                    let component = doubled as f64 / (2.0 * rest);
                    influence[slot][row] += weight * ((component - area) * n / positives + area * n / rest);
                }
            }
        }
        let truth = self.truth;
        let [rest, mut rest_weighted, pairs, mut pairs_weighted] = influence;
        for (vector, by_class) in [(&mut rest_weighted, &by_class[0]), (&mut pairs_weighted, &by_class[1])] {
            vector.iter_mut().zip(truth).for_each(|(slot, &truth)| *slot += by_class[truth as usize]);
        }
        Ok(Areas {
            rest: Measured::centred(sums[0], rest)?,
            rest_weighted: Measured::centred(sums[1], rest_weighted)?,
            pairs: Measured::centred(sums[2], pairs)?,
            pairs_weighted: Measured::centred(sums[3], pairs_weighted)?,
        })
    }
}

/// Twice the rows of `theirs` below each row of `own`, and twice the rows of `own` above each of `theirs`; ties one half.
fn placements(own: &Sorted, theirs: &Sorted, above: &mut Vec<u64>, below: &mut Vec<u64>) {
    let among = |rows: &Sorted, others: &Sorted, out: &mut Vec<u64>, from_top: bool| {
        out.clear();
        let (mut less, mut at_most) = (0, 0);
        for (value, _) in rows {
            while less < others.len() && others[less].0 < *value {
                less += 1;
            }
            at_most = at_most.max(less);
            while at_most < others.len() && others[at_most].0 <= *value {
                at_most += 1;
            }
            let doubled = (less + at_most) as u64;
            out.push(if from_top { 2 * others.len() as u64 - doubled } else { doubled });
        }
    };
    among(own, theirs, above, false);
    among(theirs, own, below, true);
}
