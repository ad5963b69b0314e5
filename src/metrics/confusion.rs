//! Confusion counts of two models on the same rows, in one pass; the metrics read off them.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::slices::Code;
use super::{BLOCK, Undefined};

/// Counts of a binary confusion matrix; rows are truth, columns are prediction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confusion {
    pub true_negative: u64,
    pub false_positive: u64,
    pub false_negative: u64,
    pub true_positive: u64,
}

/// Counts by truth (negative, positive), champion's decision, challenger's decision: `[truth][champion][challenger]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JointCounts(pub [[[u64; 2]; 2]; 2]);

/// How a model decides: by its score and a threshold, or as it logged.
#[derive(Clone, Copy, Debug)]
pub enum Decision<'a> {
    /// Positive when `score >= threshold`.
    Score { scores: &'a [f64], threshold: f64 },
    /// 1 is positive, everything else is not.
    Logged(&'a [u8]),
}

impl Decision<'_> {
    /// Whether a row is flagged.
    #[inline]
    pub fn flags(&self, row: usize) -> bool {
        match self {
            Self::Score { scores, threshold } => scores[row] >= *threshold,
            Self::Logged(decisions) => decisions[row] == 1,
        }
    }

    /// Decisions of the rows from `start`, 1 where flagged.
    #[inline]
    pub(crate) fn fill(&self, start: usize, out: &mut [u8]) {
        match self {
            Self::Score { scores, threshold } => {
                for (slot, &score) in out.iter_mut().zip(&scores[start..]) {
                    *slot = u8::from(score >= *threshold);
                }
            }
            Self::Logged(decisions) => {
                for (slot, &decision) in out.iter_mut().zip(&decisions[start..]) {
                    *slot = u8::from(decision == 1);
                }
            }
        }
    }
}

impl Confusion {
    pub fn rows(&self) -> u64 {
        self.true_negative + self.false_positive + self.false_negative + self.true_positive
    }

    pub fn positives(&self) -> u64 {
        self.false_negative + self.true_positive
    }

    pub fn negatives(&self) -> u64 {
        self.true_negative + self.false_positive
    }

    /// Rows predicted positive.
    pub fn flagged(&self) -> u64 {
        self.false_positive + self.true_positive
    }

    pub fn merge(&mut self, other: &Self) {
        self.true_negative += other.true_negative;
        self.false_positive += other.false_positive;
        self.false_negative += other.false_negative;
        self.true_positive += other.true_positive;
    }

    /// Cells as true negative, false positive, false negative, true positive.
    pub fn cells(&self) -> [u64; 4] {
        [self.true_negative, self.false_positive, self.false_negative, self.true_positive]
    }
}

impl From<[[u64; 2]; 2]> for Confusion {
    /// From `[truth][decision]`.
    fn from(cells: [[u64; 2]; 2]) -> Self {
        Self {
            true_negative: cells[0][0],
            false_positive: cells[0][1],
            false_negative: cells[1][0],
            true_positive: cells[1][1],
        }
    }
}

impl JointCounts {
    /// Confusion matrix of the champion.
    pub fn champion(&self) -> Confusion {
        Confusion::from(self.0.map(|truth| truth.map(|row| row[0] + row[1])))
    }

    /// Confusion matrix of the challenger.
    pub fn challenger(&self) -> Confusion {
        Confusion::from(self.0.map(|truth| [truth[0][0] + truth[1][0], truth[0][1] + truth[1][1]]))
    }

    pub fn rows(&self) -> u64 {
        self.0.iter().flatten().flatten().sum()
    }

    pub fn positives(&self) -> u64 {
        self.0[1].iter().flatten().sum()
    }

    pub fn merge(&mut self, other: &Self) {
        for (cell, more) in self.0.iter_mut().flatten().flatten().zip(other.0.iter().flatten().flatten()) {
            *cell += more;
        }
    }
}

/// Joint counts of labelled rows, and of rows whose label is neither 0 nor 1 as `[champion][challenger]`.
pub fn joint_counts(labels: &[u8], decisions: [Decision<'_>; 2]) -> (JointCounts, [[u64; 2]; 2]) {
    let blocks: Vec<[u64; 12]> =
        labels.par_chunks(BLOCK).enumerate().map(|(index, block)| tally(index * BLOCK, block, &decisions)).collect();
    let mut cells = [0u64; 12];
    for block in blocks {
        for (cell, count) in cells.iter_mut().zip(block) {
            *cell += count;
        }
    }
    let square = |at: usize| [[cells[at], cells[at + 1]], [cells[at + 2], cells[at + 3]]];
    (JointCounts([square(0), square(4)]), square(8))
}

/// Joint counts of every code's labelled rows. `codes` are per row; those of `count` and above are left out.
pub fn joint_counts_by_code<C: Code>(
    labels: &[u8],
    decisions: [Decision<'_>; 2],
    codes: &[C],
    count: usize,
) -> Vec<JointCounts> {
    const CELLS: usize = 16;
    let cells = labels
        .par_chunks(BLOCK)
        .zip(codes.par_chunks(BLOCK))
        .enumerate()
        .with_min_len(4)
        .fold(
            || vec![0u64; (count + 1) * CELLS],
            |mut cells, (index, (labels, codes))| {
                let (mut a, mut b) = ([0u8; LANES], [0u8; LANES]);
                for (run, (labels, codes)) in labels.chunks(LANES).zip(codes.chunks(LANES)).enumerate() {
                    let from = index * BLOCK + run * LANES;
                    decisions[0].fill(from, &mut a[..labels.len()]);
                    decisions[1].fill(from, &mut b[..labels.len()]);
                    for (((&label, &code), &a), &b) in labels.iter().zip(codes).zip(&a).zip(&b) {
                        let cell = label.min(2) << 2 | a << 1 | b;
                        cells[code.index().min(count) * CELLS + usize::from(cell)] += 1;
                    }
                }
                cells
            },
        )
        .reduce(
            || vec![0; (count + 1) * CELLS],
            |mut sum, cells| {
                for (cell, more) in sum.iter_mut().zip(cells) {
                    *cell += more;
                }
                sum
            },
        );
    let square = |cells: &[u64]| [[cells[0], cells[1]], [cells[2], cells[3]]];
    cells.chunks(CELLS).take(count).map(|cells| JointCounts([square(&cells[..4]), square(&cells[4..8])])).collect()
}

/// Confusion matrix of one model over rows with a label.
pub fn confusion(labels: &[u8], decision: Decision<'_>) -> Confusion {
    joint_counts(labels, [decision, decision]).0.champion()
}

/// Rows whose cell numbers are counted in byte-wide lanes: at most 255, a multiple of 16.
const LANES: usize = 240;

/// Cells `truth * 4 + champion * 2 + challenger`, truth 2 for no label.
fn tally(start: usize, labels: &[u8], decisions: &[Decision<'_>; 2]) -> [u64; 12] {
    let mut cells = [0u64; 12];
    let (mut a, mut b, mut cell) = ([0u8; LANES], [0u8; LANES], [0u8; LANES]);
    for (index, labels) in labels.chunks(LANES).enumerate() {
        let from = start + index * LANES;
        decisions[0].fill(from, &mut a[..labels.len()]);
        decisions[1].fill(from, &mut b[..labels.len()]);
        for (((slot, &label), &a), &b) in cell.iter_mut().zip(labels).zip(&a).zip(&b) {
            *slot = label.min(2) << 2 | a << 1 | b;
        }
        // Past the end of the last chunk stands a number that no cell has.
        cell[labels.len()..].fill(u8::MAX);
        let mut left = labels.len() as u64;
        for (number, count) in cells.iter_mut().enumerate() {
            if number == 8 && left == 0 {
                break;
            }
            let found = u64::from(cell.iter().map(|&c| u8::from(c == number as u8)).fold(0u8, u8::wrapping_add));
            *count += found;
            left -= found;
        }
    }
    cells
}

/// The threshold that explains logged decisions: flagged rows are exactly those with `score >= threshold`.
/// Of all that do, the one with the fewest decimals. `None` when there is none, or no row of one kind.
/// Rows whose decision is neither 0 nor 1, or whose score is NaN, are left out.
pub fn implied_threshold(scores: &[f64], decisions: &[u8]) -> Option<f64> {
    let (below, above) = scores
        .par_chunks(BLOCK)
        .zip(decisions.par_chunks(BLOCK))
        .map(|(scores, decisions)| {
            let (mut below, mut above) = (f64::NEG_INFINITY, f64::INFINITY);
            for (&score, &decision) in scores.iter().zip(decisions) {
                below = if decision == 0 && score > below { score } else { below };
                above = if decision == 1 && score < above { score } else { above };
            }
            (below, above)
        })
        .reduce(|| (f64::NEG_INFINITY, f64::INFINITY), |x, y| (x.0.max(y.0), x.1.min(y.1)));
    if !(below.is_finite() && above.is_finite() && below < above) {
        return None;
    }
    let rounded = (-12..=15).find_map(|digits| {
        let unit = 10f64.powi(digits);
        let candidate = (above * unit).floor() / unit;
        (candidate > below && candidate <= above).then_some(candidate)
    });
    Some(rounded.unwrap_or(above))
}

/// A metric of one confusion matrix.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ConfusionMetric {
    Accuracy,
    BalancedAccuracy,
    Precision,
    Recall,
    Specificity,
    NegativePredictiveValue,
    F1,
    Mcc,
    Kappa,
    FlagRate,
    /// Mean cost of a row.
    Cost {
        false_positive: f64,
        false_negative: f64,
    },
}

impl ConfusionMetric {
    /// Value on a matrix.
    ///
    /// # Errors
    /// When a denominator is 0; never a substituted 0.
    pub fn value(self, counts: &Confusion) -> Result<f64, Undefined> {
        let [tn, fp, fneg, tp] = counts.cells().map(|cell| cell as f64);
        let n = counts.rows() as f64;
        let ratio = |part: f64, whole: f64, reason| {
            if whole > 0.0 { Ok(part / whole) } else { Err(Undefined(reason)) }
        };
        let recall = || ratio(tp, tp + fneg, "no positive row");
        let specificity = || ratio(tn, tn + fp, "no negative row");
        match self {
            Self::Accuracy => ratio(tp + tn, n, "no row"),
            Self::BalancedAccuracy => Ok(0.5 * (recall()? + specificity()?)),
            Self::Precision => ratio(tp, tp + fp, "no row is flagged"),
            Self::Recall => recall(),
            Self::Specificity => specificity(),
            Self::NegativePredictiveValue => ratio(tn, tn + fneg, "every row is flagged"),
            Self::F1 => ratio(2.0 * tp, 2.0 * tp + fp + fneg, "no positive row and none flagged"),
            Self::Mcc => {
                // Each factor may exceed 1e9, their product 1e36: roots first.
                let scale = ((tp + fp).sqrt() * (tp + fneg).sqrt()) * ((tn + fp).sqrt() * (tn + fneg).sqrt());
                ratio(tp * tn - fp * fneg, scale, "a row or column of the matrix is empty")
            }
            Self::Kappa => {
                let chance = (tp + fp) * (tp + fneg) + (tn + fneg) * (tn + fp);
                ratio((tp + tn) * n - chance, n * n - chance, "chance agreement is complete")
            }
            Self::FlagRate => ratio(tp + fp, n, "no row"),
            Self::Cost { false_positive, false_negative } => {
                ratio(false_positive * fp + false_negative * fneg, n, "no row")
            }
        }
    }
}

/// Cohen's kappa of the two models' decisions, truth left aside.
///
/// # Errors
/// When there is no row or chance agreement is complete.
pub fn agreement_kappa(pairs: [[u64; 2]; 2]) -> Result<f64, Undefined> {
    ConfusionMetric::Kappa.value(&Confusion::from(pairs))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::log::NO_LABEL;

    proptest! {
        #[test]
        fn joint_counts_equal_counting(
            rows in prop::collection::vec((0.0..1.0f64, 0.0..1.0f64, prop::sample::select(vec![0, 1, NO_LABEL])), 0..1500),
            t in (0.0..1.0f64, 0.0..1.0f64),
        ) {
            let labels: Vec<u8> = rows.iter().map(|row| row.2).collect();
            let a: Vec<f64> = rows.iter().map(|row| row.0).collect();
            let b: Vec<u8> = rows.iter().map(|row| u8::from(row.1 >= t.1)).collect();
            let mut naive = [[[0u64; 2]; 2]; 3];
            for row in &rows {
                naive[usize::from(row.2.min(2))][usize::from(row.0 >= t.0)][usize::from(row.1 >= t.1)] += 1;
            }
            let (joint, unlabelled) =
                joint_counts(&labels, [Decision::Score { scores: &a, threshold: t.0 }, Decision::Logged(&b)]);
            prop_assert_eq!(joint.0.to_vec(), naive[..2].to_vec());
            prop_assert_eq!(unlabelled, naive[2]);
            prop_assert_eq!(joint.champion(), confusion(&labels, Decision::Score { scores: &a, threshold: t.0 }));
            prop_assert_eq!(joint.challenger(), confusion(&labels, Decision::Logged(&b)));
            let codes: Vec<u8> = (0..labels.len()).map(|row| (row % 3) as u8).collect();
            let decisions = [Decision::Score { scores: &a, threshold: t.0 }, Decision::Logged(&b)];
            let mut sum = JointCounts::default();
            for counts in joint_counts_by_code(&labels, decisions, &codes, 3) {
                sum.merge(&counts);
            }
            prop_assert_eq!(sum, joint);
        }
    }

    #[test]
    fn values_of_the_asah_matrix() {
        // cases/binary-asah-proc/expected.json, wfns >= 4, computed there with scikit-learn 1.9.1.
        let counts = Confusion { true_negative: 60, false_positive: 12, false_negative: 15, true_positive: 26 };
        for (metric, expected) in [
            (ConfusionMetric::Accuracy, 0.7610619469026548),
            (ConfusionMetric::Precision, 0.6842105263157895),
            (ConfusionMetric::Recall, 0.6341463414634146),
            (ConfusionMetric::Specificity, 0.8333333333333334),
            (ConfusionMetric::NegativePredictiveValue, 0.8),
            (ConfusionMetric::F1, 0.6582278481012658),
            (ConfusionMetric::Mcc, 0.4757715621758697),
            (ConfusionMetric::BalancedAccuracy, 0.733739837398374),
            (ConfusionMetric::Kappa, 0.47496128033040785),
        ] {
            assert!((metric.value(&counts).unwrap() - expected).abs() < 1e-14, "{metric:?}");
        }
        assert_eq!(ConfusionMetric::Precision.value(&Confusion::default()), Err(Undefined("no row is flagged")));
    }

    #[test]
    fn implied_threshold_is_the_roundest() {
        let scores: Vec<f64> = (0..1000).map(|row| f64::from(row) / 997.0).collect();
        let by = |t: f64| scores.iter().map(|&s| u8::from(s >= t)).collect::<Vec<_>>();
        assert_eq!(implied_threshold(&scores, &by(0.35)), Some(0.35));
        assert_eq!(implied_threshold(&scores, &by(0.4)), Some(0.4));
        let mut odd = by(0.35);
        odd[10] = 1;
        assert_eq!(implied_threshold(&scores, &odd), None);
    }
}
