//! Calibration slope and intercept (Cox 1958, Biometrika 45:562) with the influence of every row.
//!
//! The slope is `b` of `logit P(y) = a + b logit p`; the intercept is `a` of `logit P(y) = a + logit p`. Few rows are
//! fitted as they are. Of many, 4,096 bins of equal rows give a start that one exact Newton step over all rows
//! brings to rounding.

use rayon::prelude::*;

use super::sample::{Sample, Spread};
use crate::metrics::{BLOCK, calibration};
use crate::stats::logistic;

/// Rows up to which the fit runs over rows.
const FEW: usize = 1 << 16;
const BINS: usize = 4096;

/// Both calibration metrics.
pub(super) fn measure(sample: &Sample<'_>) -> [Spread; 2] {
    let fits = [0, 1].map(|arm| fit_arm(sample, arm));
    let spread = |metric: usize| {
        let values = fits.each_ref().map(|fit| {
            let fit = fit.as_ref()?;
            Some(fit.as_ref().map_err(Clone::clone).map(|(fit, _)| if metric == 0 { fit.slope } else { fit.intercept }))
        });
        let vectors = fits.each_ref().map(|fit| {
            let (fit, logits) = fit.as_ref()?.as_ref().ok()?;
            Some(fit.influence(metric, logits, sample.labels))
        });
        Spread::of(values, vectors, sample.units)
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
        Fit::start(rows)
    } else {
        let edges = calibration::equal_mass_edges(order, scores, BINS);
        let cells: Vec<(f64, f64, f64)> = calibration::bins(sample.labels, scores, &edges)
            .iter()
            .filter_map(|bin| Some((calibration::logit(bin.mean_score()?), bin.observed()?, bin.rows as f64)))
            .collect();
        Fit::start(|| cells.iter().copied()).and_then(|fit| fit.step(&logits, sample.labels))
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

/// Gradient and information of the line (`g0 g1 i00 i01 i11`) and of the intercept alone (`g i`).
type Sums = [f64; 7];

impl Fit {
    fn start<I: Iterator<Item = (f64, f64, f64)>>(rows: impl Fn() -> I) -> Result<Self, String> {
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

    /// One Newton step of both fits over all rows.
    fn step(self, logits: &[f64], labels: &[u8]) -> Result<Self, String> {
        let block = |(logits, labels): (&[f64], &[u8])| {
            let mut sums: Sums = [0.0; 7];
            for (&x, &label) in logits.iter().zip(labels) {
                let y = f64::from(label);
                let (p, q) = (expit(self.line + self.slope * x), expit(self.intercept + x));
                let v = p * (1.0 - p);
                let terms = [y - p, (y - p) * x, v, v * x, v * x * x, y - q, q * (1.0 - q)];
                sums.iter_mut().zip(terms).for_each(|(sum, term)| *sum += term);
            }
            sums
        };
        let blocks: Vec<Sums> = logits.par_chunks(BLOCK).zip(labels.par_chunks(BLOCK)).map(block).collect();
        let mut sums: Sums = [0.0; 7];
        for block in blocks {
            sums.iter_mut().zip(block).for_each(|(sum, term)| *sum += term);
        }
        let [g0, g1, i00, i01, i11, g, information] = sums;
        let determinant = i00 * i11 - i01 * i01;
        if determinant.is_nan() || determinant <= 0.0 || information <= 0.0 {
            return Err("the information matrix is singular".to_owned());
        }
        Ok(Self {
            line: self.line + (i11 * g0 - i01 * g1) / determinant,
            slope: self.slope + (i00 * g1 - i01 * g0) / determinant,
            covariance: [[i11 / determinant, -i01 / determinant], [-i01 / determinant, i00 / determinant]],
            intercept: self.intercept + g / information,
            information,
        })
    }

    /// Influence of each row on the slope (`metric` 0) or the intercept: the sandwich's filling, so that the
    /// standard error holds when the line is not the truth.
    fn influence(&self, metric: usize, logits: &[f64], labels: &[u8]) -> Vec<f64> {
        let n = logits.len() as f64;
        let [c0, c1] = self.covariance[1];
        let value = |x: f64, y: f64| {
            if metric == 0 {
                n * (y - expit(self.line + self.slope * x)) * (c0 + c1 * x)
            } else {
                n * (y - expit(self.intercept + x)) / self.information
            }
        };
        logits.par_iter().zip(labels).with_min_len(BLOCK).map(|(&x, &label)| value(x, f64::from(label))).collect()
    }
}
