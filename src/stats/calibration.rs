//! Calibration summaries from bins of predictions.

use super::Undefined;

/// One bin: how many rows, the sum of their predicted probabilities, and how many are positive.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Bin {
    /// Rows.
    pub n: u64,
    /// Sum of the predicted probabilities.
    pub predicted: f64,
    /// Positive rows.
    pub positives: u64,
}

impl Bin {
    /// Adds one row.
    pub fn add(&mut self, probability: f64, positive: bool) {
        self.n += 1;
        self.predicted += probability;
        self.positives += u64::from(positive);
    }

    /// Adds the rows of another bin.
    pub fn merge(&mut self, other: &Self) {
        self.n += other.n;
        self.predicted += other.predicted;
        self.positives += other.positives;
    }
}

fn total(bins: &[Bin]) -> Result<f64, Undefined> {
    let n: u64 = bins.iter().map(|b| b.n).sum();
    if n == 0 { Err(Undefined::new("calibration of no rows")) } else { Ok(n as f64) }
}

/// Index of the equal-width bin of a probability, bins `(lo, hi]` with 0 in the first.
#[must_use]
pub fn equal_width_bin(probability: f64, bins: usize) -> usize {
    ((probability * bins as f64).ceil() as usize).clamp(1, bins) - 1
}

/// Expected calibration error: mean over the rows of the distance between the mean prediction and
/// the rate of their bin (Naeini, Cooper & Hauskrecht 2015). Biased upwards by about the square
/// root of bins over rows: shown, never a gate.
///
/// # Errors
/// There are no rows.
pub fn expected_calibration_error(bins: &[Bin]) -> Result<f64, Undefined> {
    let n = total(bins)?;
    Ok(bins.iter().map(|b| (b.predicted - b.positives as f64).abs()).sum::<f64>() / n)
}

/// Murphy's parts of the Brier score, `reliability - resolution + uncertainty`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Murphy {
    /// Mean squared distance of prediction and rate; 0 is best.
    pub reliability: f64,
    /// Mean squared distance of the rates from the overall rate; large is good.
    pub resolution: f64,
    /// Variance of the outcome.
    pub uncertainty: f64,
}

impl Murphy {
    /// Brier score of the binned forecast; that of the forecast itself when all predictions in
    /// a bin are equal.
    #[must_use]
    pub fn brier(&self) -> f64 {
        self.reliability - self.resolution + self.uncertainty
    }
}

/// Decomposition of the Brier score (Murphy 1973, J Appl Meteorol 12:595).
///
/// # Errors
/// There are no rows.
pub fn murphy(bins: &[Bin]) -> Result<Murphy, Undefined> {
    let n = total(bins)?;
    let rate = bins.iter().map(|b| b.positives).sum::<u64>() as f64 / n;
    let (mut reliability, mut resolution) = (0.0, 0.0);
    for b in bins.iter().filter(|b| b.n > 0) {
        let k = b.n as f64;
        let observed = b.positives as f64 / k;
        let off = b.predicted / k - observed;
        reliability += k * off * off;
        resolution += k * (observed - rate) * (observed - rate);
    }
    Ok(Murphy { reliability: reliability / n, resolution: resolution / n, uncertainty: rate * (1.0 - rate) })
}

#[cfg(test)]
pub(in crate::stats) mod tests {
    use super::*;
    use crate::stats::published::{self, count, floats};

    #[test]
    pub(in crate::stats) fn published_calibration() {
        published::run("calibration", &["ece_equal_width", "brier_murphy"], |case, check| {
            let (p, y) = (floats(&case.inputs["proba"]), floats(&case.inputs["y"]));
            if case.method == "ece_equal_width" {
                let k = count(&case.inputs, "n_bins") as usize;
                let mut bins = vec![Bin::default(); k];
                p.iter().zip(&y).for_each(|(&p, &y)| bins[equal_width_bin(p, k)].add(p, y > 0.5));
                let ece = expected_calibration_error(&bins).unwrap();
                check.value("ece", ece, case.expected.as_f64().unwrap());
                return;
            }
            let mut values = p.clone();
            values.sort_unstable_by(f64::total_cmp);
            values.dedup();
            let mut bins = vec![Bin::default(); values.len()];
            for (&p, &y) in p.iter().zip(&y) {
                bins[values.iter().position(|&v| v == p).unwrap()].add(p, y > 0.5);
            }
            let m = murphy(&bins).unwrap();
            check.close("bs", m.brier());
            check.close("reliability", m.reliability);
            check.close("resolution", m.resolution);
            check.close("uncertainty", m.uncertainty);
        });
    }

    #[test]
    fn bins_at_the_edges() {
        assert_eq!([0.0, 0.5, 0.500_1, 1.0].map(|p| equal_width_bin(p, 2)), [0, 0, 1, 1]);
        assert!(expected_calibration_error(&[Bin::default()]).is_err());
    }
}
