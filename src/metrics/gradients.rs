//! Gradients of confusion metrics in the cell probabilities: what the delta method and influence vectors need.

use super::Undefined;
use super::confusion::{Confusion, ConfusionMetric, JointCounts};

/// Derivative of a metric in the probability of each joint cell, `[truth][champion][challenger]`.
pub type JointGradient = [[[f64; 2]; 2]; 2];

/// Derivative of a metric in the cell probabilities, `[truth][decision]`.
///
/// # Errors
/// As [`ConfusionMetric::value`].
pub fn gradient(metric: ConfusionMetric, counts: &Confusion) -> Result<[[f64; 2]; 2], Undefined> {
    let value = metric.value(counts)?;
    let n = counts.rows() as f64;
    let [tn, fp, fneg, tp] = counts.cells().map(|cell| cell as f64 / n);
    Ok(match metric {
        ConfusionMetric::Accuracy => [[1.0, 0.0], [0.0, 1.0]],
        ConfusionMetric::BalancedAccuracy => {
            let specificity = gradient(ConfusionMetric::Specificity, counts)?;
            let recall = gradient(ConfusionMetric::Recall, counts)?;
            [specificity[0].map(|x| 0.5 * x), recall[1].map(|x| 0.5 * x)]
        }
        ConfusionMetric::Precision => {
            let flagged = tp + fp;
            [[0.0, -value / flagged], [0.0, (1.0 - value) / flagged]]
        }
        ConfusionMetric::Recall => {
            let positives = tp + fneg;
            [[0.0; 2], [-value / positives, (1.0 - value) / positives]]
        }
        ConfusionMetric::Specificity => {
            let negatives = tn + fp;
            [[(1.0 - value) / negatives, -value / negatives], [0.0; 2]]
        }
        ConfusionMetric::NegativePredictiveValue => {
            let passed = tn + fneg;
            [[(1.0 - value) / passed, 0.0], [-value / passed, 0.0]]
        }
        ConfusionMetric::F1 => {
            let whole = 2.0 * tp + fp + fneg;
            [[0.0, -value / whole], [-value / whole, 2.0 * (1.0 - value) / whole]]
        }
        ConfusionMetric::Mcc => {
            let (flagged, positives, negatives, passed) = (tp + fp, tp + fneg, tn + fp, tn + fneg);
            let scale = (flagged * positives * negatives * passed).sqrt();
            let slope = |numerator: f64, x: f64, y: f64| numerator / scale - 0.5 * value * (1.0 / x + 1.0 / y);
            [
                [slope(tp, negatives, passed), slope(-fneg, flagged, negatives)],
                [slope(-fp, positives, passed), slope(tn, flagged, positives)],
            ]
        }
        ConfusionMetric::Kappa => {
            let (flagged, positives, negatives, passed) = (tp + fp, tp + fneg, tn + fp, tn + fneg);
            let chance = flagged * positives + passed * negatives;
            // kappa = (agreement - chance) / (1 - chance)
            let slope = |agreement: f64, chance_slope: f64| (agreement - (1.0 - value) * chance_slope) / (1.0 - chance);
            [
                [slope(1.0, negatives + passed), slope(0.0, positives + passed)],
                [slope(0.0, flagged + negatives), slope(1.0, flagged + positives)],
            ]
        }
        ConfusionMetric::FlagRate => [[0.0, 1.0], [0.0, 1.0]],
        ConfusionMetric::Cost { false_positive, false_negative } => [[0.0, false_positive], [false_negative, 0.0]],
    })
}

/// Derivative of challenger minus champion in the joint cell probabilities.
///
/// # Errors
/// When the metric is undefined for one of them.
pub fn difference_gradient(metric: ConfusionMetric, counts: &JointCounts) -> Result<JointGradient, Undefined> {
    let champion = gradient(metric, &counts.champion())?;
    let challenger = gradient(metric, &counts.challenger())?;
    Ok([0, 1].map(|truth| [0, 1].map(|a| [0, 1].map(|b: usize| challenger[truth][b] - champion[truth][a]))))
}

/// Influence of a row of each joint cell on the difference: the gradient less its mean over the rows, so that
/// the influences of all rows sum to 0. The variance of the difference is their mean square over `n`.
pub fn cell_influence(gradient: &JointGradient, counts: &JointCounts) -> JointGradient {
    let cells = || gradient.iter().flatten().flatten().zip(counts.0.iter().flatten().flatten());
    let mean = cells().map(|(slope, &count)| slope * count as f64).sum::<f64>() / counts.rows().max(1) as f64;
    gradient.map(|truth| truth.map(|row| row.map(|slope| slope - mean)))
}

/// Variance of the difference when rows are independent, by the delta method.
pub fn delta_variance(gradient: &JointGradient, counts: &JointCounts) -> f64 {
    let influence = cell_influence(gradient, counts);
    let cells = influence.iter().flatten().flatten().zip(counts.0.iter().flatten().flatten());
    let n = counts.rows().max(1) as f64;
    cells.map(|(u, &count)| u * u * count as f64).sum::<f64>() / (n * n)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gradients_equal_difference_quotients() {
        let base = [600_000_000_000u64, 120_000_000_000, 150_000_000_000, 260_000_000_000];
        let counts = |cells: [u64; 4]| Confusion {
            true_negative: cells[0],
            false_positive: cells[1],
            false_negative: cells[2],
            true_positive: cells[3],
        };
        let step = 1_000_000u64;
        let total: u64 = base.iter().sum();
        for metric in [
            ConfusionMetric::Accuracy,
            ConfusionMetric::BalancedAccuracy,
            ConfusionMetric::Precision,
            ConfusionMetric::Recall,
            ConfusionMetric::Specificity,
            ConfusionMetric::NegativePredictiveValue,
            ConfusionMetric::F1,
            ConfusionMetric::Mcc,
            ConfusionMetric::Kappa,
            ConfusionMetric::FlagRate,
            ConfusionMetric::Cost { false_positive: 1.0, false_negative: 7.0 },
        ] {
            let slopes = gradient(metric, &counts(base)).unwrap();
            // Move mass from one cell to another, so that the total stays: the slopes are compared in pairs.
            for (from, to) in [(0, 1), (0, 2), (0, 3), (1, 3)] {
                let mut moved = base;
                moved[from] -= step;
                moved[to] += step;
                let mut back = base;
                back[from] += step;
                back[to] -= step;
                let quotient = (metric.value(&counts(moved)).unwrap() - metric.value(&counts(back)).unwrap())
                    / (2.0 * step as f64 / total as f64);
                let expected = slopes[to / 2][to % 2] - slopes[from / 2][from % 2];
                assert!((quotient - expected).abs() < 1e-6, "{metric:?} {from} {to}: {quotient} {expected}");
            }
        }
    }

    #[test]
    fn accuracy_difference_has_the_multinomial_variance() {
        let joint = JointCounts([[[50, 6], [4, 12]], [[9, 8], [3, 21]]]);
        let slopes = difference_gradient(ConfusionMetric::Accuracy, &joint).unwrap();
        let (n, fixed, broken) = (113.0, 4.0 + 8.0, 6.0 + 3.0);
        let expected = ((fixed + broken) / n - ((fixed - broken) / n) * ((fixed - broken) / n)) / n;
        assert!((delta_variance(&slopes, &joint) - expected).abs() < 1e-16);
    }
}
