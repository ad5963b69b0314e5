//! Calibration without bins: isotonic regression of the outcome on the score, and what it says about
//! a proper score (CORP; Dimitriadis, Gneiting & Jordan 2021, PNAS 118:e2016191118).

use super::{Sum, Undefined};

/// One step of a calibration curve: rows that share a calibrated probability.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// Smallest prediction of the step.
    pub from: f64,
    /// Largest prediction of the step.
    pub to: f64,
    /// Rows (or their total weight).
    pub weight: f64,
    /// Calibrated probability: the rate of positives in the step.
    pub rate: f64,
}

/// Isotonic regression by pooling adjacent violators (Ayer et al. 1955, Ann Math Stat 26:641) of
/// groups `(prediction, rows, positives)` sorted by strictly rising prediction. O(groups).
#[must_use]
pub fn pool(groups: &[(f64, f64, f64)]) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for &(prediction, weight, positives) in groups.iter().filter(|g| g.1 > 0.0) {
        let mut last = Step { from: prediction, to: prediction, weight, rate: positives / weight };
        while let Some(before) = steps.last().filter(|s| s.rate >= last.rate).copied() {
            steps.pop();
            let weight = before.weight + last.weight;
            let rate = before.rate + (last.rate - before.rate) * (last.weight / weight);
            last = Step { from: before.from, to: last.to, weight, rate };
        }
        steps.push(last);
    }
    steps
}

/// Parts of the Brier score, `miscalibration - discrimination + uncertainty`.
#[derive(Debug, Clone, PartialEq)]
pub struct Corp {
    /// Mean squared error of the predictions.
    pub brier: f64,
    /// What recalibration would gain; 0 is best.
    pub miscalibration: f64,
    /// What the calibrated predictions gain over the base rate; large is good.
    pub discrimination: f64,
    /// Brier score of the base rate.
    pub uncertainty: f64,
    /// The calibration curve.
    pub steps: Vec<Step>,
}

/// Decomposition of the Brier score for predictions and outcomes. O(n log n).
///
/// # Errors
/// No rows, lengths that differ, or a prediction outside `[0, 1]`.
pub fn corp(predictions: &[f64], outcomes: &[bool]) -> Result<Corp, Undefined> {
    if predictions.len() != outcomes.len() || predictions.is_empty() {
        return Err(Undefined::new(format!("{} predictions with {} outcomes", predictions.len(), outcomes.len())));
    }
    if let Some(bad) = predictions.iter().find(|p| !(0.0..=1.0).contains(*p)) {
        return Err(Undefined::new(format!("prediction {bad} is no probability")));
    }
    let mut order: Vec<usize> = (0..predictions.len()).collect();
    order.sort_unstable_by(|&i, &j| predictions[i].total_cmp(&predictions[j]));
    let mut groups: Vec<(f64, f64, f64)> = Vec::new();
    for &i in &order {
        let (p, y) = (predictions[i] + 0.0, f64::from(outcomes[i]));
        match groups.last_mut() {
            Some(g) if g.0 == p => {
                g.1 += 1.0;
                g.2 += y;
            }
            _ => groups.push((p, 1.0, y)),
        }
    }
    from_groups(&groups)
}

/// The same from groups `(prediction, rows, positives)` sorted by strictly rising prediction.
///
/// # Errors
/// There are no rows.
pub fn from_groups(groups: &[(f64, f64, f64)]) -> Result<Corp, Undefined> {
    let n = groups.iter().map(|g| g.1).collect::<Sum>().value();
    if n <= 0.0 {
        return Err(Undefined::new("calibration of no rows"));
    }
    let rate = groups.iter().map(|g| g.2).collect::<Sum>().value() / n;
    // Mean squared error of predicting p for `rows` rows of which `positives` are positive.
    let error = |p: f64, rows: f64, positives: f64| positives * (1.0 - p) * (1.0 - p) + (rows - positives) * p * p;
    let brier = groups.iter().map(|g| error(g.0, g.1, g.2)).collect::<Sum>().value() / n;
    let steps = pool(groups);
    let calibrated = steps.iter().map(|s| s.weight * s.rate * (1.0 - s.rate)).collect::<Sum>().value() / n;
    let uncertainty = rate * (1.0 - rate);
    Ok(Corp { brier, miscalibration: brier - calibrated, discrimination: uncertainty - calibrated, uncertainty, steps })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pools_like_isotonic_regression() {
        // sklearn.isotonic.IsotonicRegression on [1, 0, 1, 0, 0, 1, 1] over 0.1 .. 0.7.
        let y = [1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 1.0];
        let groups: Vec<_> = y.iter().enumerate().map(|(i, &y)| (0.1 * (i + 1) as f64, 1.0, y)).collect();
        let steps = pool(&groups);
        assert_eq!(steps.len(), 2);
        assert!((steps[0].rate - 0.4).abs() < 1e-15 && steps[0].weight == 5.0 && steps[1].rate == 1.0);
    }

    #[test]
    fn the_parts_add_up() {
        let p: Vec<f64> = (0..200).map(|i| f64::from(i * 37 % 101) / 100.0).collect();
        let y: Vec<bool> = (0..200).map(|i| (i * 53 % 97) as f64 / 97.0 < p[i] * p[i]).collect();
        let c = corp(&p, &y).unwrap();
        let brier: f64 = p.iter().zip(&y).map(|(p, &y)| (p - f64::from(y)).powi(2)).sum::<f64>() / 200.0;
        assert!((c.brier - brier).abs() < 1e-14);
        assert!((c.miscalibration - c.discrimination + c.uncertainty - brier).abs() < 1e-14);
        assert!(c.miscalibration > 0.0 && c.discrimination > 0.0);
        assert!(c.steps.windows(2).all(|w| w[0].rate < w[1].rate && w[0].to < w[1].from));
        // Predictions that equal the rates have nothing to gain.
        let calibrated = corp(&[0.5, 0.5, 1.0], &[true, false, true]).unwrap();
        assert!(calibrated.miscalibration.abs() < 1e-15);
        assert!(corp(&[1.5], &[true]).is_err() && corp(&[], &[]).is_err());
    }
}
