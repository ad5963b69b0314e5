//! Calibration slope and intercept (Cox 1958, Biometrika 45:562) with the influence of every row.
//!
//! The slope is `b` of `logit P(y) = a + b logit p`; the intercept is `a` of `logit P(y) = a + logit p`. Few rows are
//! fitted as they are. Many are fitted in 8,192 cells of neighbours in score, each at its mean log odds, which
//! agrees with the fit of the rows to six digits and better; standard errors are over the rows themselves.

use rayon::prelude::*;

use super::sample::{Sample, Spread};
use crate::metrics::calibration;
use crate::metrics::order::Entry;
use crate::stats::logistic;

/// Rows up to which the fit runs over rows.
const FEW: usize = 1 << 16;
const CELLS: usize = 8192;

/// Both calibration metrics.
pub(super) fn measure(sample: &Sample<'_>) -> [Spread; 2] {
    let (champion, challenger) = rayon::join(|| fit_arm(sample, 0), || fit_arm(sample, 1));
    let fits = [champion, challenger];
    let spread = |metric: usize| {
        let values = fits.each_ref().map(|fit| {
            let fit = fit.as_ref()?;
            Some(fit.as_ref().map_err(Clone::clone).map(|(fit, _)| if metric == 0 { fit.slope } else { fit.intercept }))
        });
        let influence = |arm: usize| {
            let (fit, logits) = fits[arm].as_ref()?.as_ref().ok()?;
            let influence = fit.influence(metric, logits.len());
            Some(move |row: usize| influence(logits[row], f64::from(sample.labels[row])))
        };
        Spread::by_row(values, [influence(0), influence(1)], sample)
    };
    [spread(0), spread(1)]
}

type Fitted = Result<(Fit, Vec<f64>), String>;

fn fit_arm(sample: &Sample<'_>, arm: usize) -> Option<Fitted> {
    if arm >= sample.arms {
        return None;
    }
    let (Some(scores), Some(order)) = (sample.scores[arm], sample.orders[arm]) else {
        return Some(Err("no score is logged".to_owned()));
    };
    if !sample.probability[arm] {
        return Some(Err("the scores are no probabilities".to_owned()));
    }
    if sample.positives == 0 || sample.negatives() == 0 {
        return Some(Err(if sample.positives == 0 { "no positive row" } else { "no negative row" }.to_owned()));
    }
    let logits = calibration::logits(scores);
    let fit = if scores.len() <= FEW {
        let rows = || logits.iter().zip(sample.labels).map(|(&x, &y)| (x, f64::from(y), 1.0));
        Fit::new(rows)
    } else {
        let cell = |entries: &[Entry]| {
            let rows = entries.len() as f64;
            let (mut sum, mut positives) = (0.0, 0);
            for entry in entries {
                sum += logits[entry.row() as usize];
                positives += entry.label();
            }
            (sum / rows, f64::from(positives) / rows, rows)
        };
        let size = scores.len().div_ceil(CELLS);
        let cells: Vec<(f64, f64, f64)> = order.entries().par_chunks(size).map(cell).collect();
        Fit::new(|| cells.iter().copied())
    };
    Some(fit.map(|fit| (fit, logits)))
}

fn expit(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// Both fits of one arm. `covariance` is that of (line, slope); `information` that of the intercept alone.
struct Fit {
    line: f64,
    slope: f64,
    covariance: [[f64; 2]; 2],
    intercept: f64,
    information: f64,
}

impl Fit {
    fn new<I: Iterator<Item = (f64, f64, f64)>>(rows: impl Fn() -> I) -> Result<Self, String> {
        let found = logistic::fit(&rows).map_err(|reason| reason.to_string())?;
        let mut fit = Self {
            line: found.intercept,
            slope: found.slope,
            covariance: found.covariance,
            intercept: 0.0,
            information: 0.0,
        };
        for _ in 0..100 {
            let (mut gradient, mut information) = (0.0, 0.0);
            for (x, y, weight) in rows() {
                let p = expit(fit.intercept + x);
                gradient += weight * (y - p);
                information += weight * p * (1.0 - p);
            }
            if information <= 0.0 {
                return Err("every probability is 0 or 1".to_owned());
            }
            fit.information = information;
            // A long step overshoots where the curve is flat.
            let step = (gradient / information).clamp(-2.0, 2.0);
            fit.intercept += step;
            if step.abs() < 1e-12 {
                return Ok(fit);
            }
        }
        Err("the intercept did not converge".to_owned())
    }

    /// Influence of a row with log odds `x` and outcome `y` on the slope (`metric` 0) or the intercept, of `rows`: the
    /// filling of the sandwich, so that the standard error holds when the line is not the truth.
    fn influence(&self, metric: usize, rows: usize) -> impl Fn(f64, f64) -> f64 + Sync + use<> {
        let n = rows as f64;
        let [c0, c1] = self.covariance[1];
        let (at, slope, factor) = if metric == 0 {
            (self.line, self.slope, [n * c0, n * c1])
        } else {
            (self.intercept, 1.0, [n / self.information, 0.0])
        };
        move |x, y| (y - expit(at + slope * x)) * (factor[0] + factor[1] * x)
    }
}
