//! Metrics of predicted numbers.
//!
//! Inputs are finite numbers, one true and one predicted per row; the error is prediction minus truth. Sums go by
//! blocks of fixed size, so that no result depends on the number of threads. Influence vectors follow from the delta
//! method: of a smooth function of means, the gradient times each row's deviation from these means.

mod absolute;
mod association;
mod fit;
pub mod forecast;
pub mod naive;
mod relative;

#[cfg(test)]
mod tests;

use rayon::prelude::*;

use super::BLOCK;
use super::measured::{NO_ROW, Outcome, mean};
use super::registry::{Better, Metric, Unit, metric};

const TARGET: (Unit, Better) = (Unit::Target, Better::Lower);
const RELATIVE: (Unit, Better) = (Unit::Share, Better::Lower);
const FIT: (Unit, Better) = (Unit::Number, Better::Higher);
const QUANTILE: &str = "Hyndman and Fan 1996, type 7; interval by Bahadur 1966 with the density from order statistics";

/// In the order they are shown.
pub const METRICS: [Metric; 16] = [
    metric(
        "mae",
        "MAE",
        TARGET,
        "mean of |e|, e = prediction - truth",
        "mean",
        "Mean distance of prediction and truth.",
    ),
    metric(
        "rmse",
        "RMSE",
        TARGET,
        "sqrt(mean of e^2)",
        "mean; delta method",
        "Root of the mean squared error: large errors weigh more than small ones.",
    ),
    metric(
        "mse",
        "MSE",
        (Unit::TargetSquared, Better::Lower),
        "mean of e^2",
        "mean",
        "Mean squared error, in the square of the target's unit.",
    ),
    metric(
        "median_absolute_error",
        "Median absolute error",
        TARGET,
        "median of |e|",
        QUANTILE,
        "Half of the predictions are nearer to the truth than this.",
    ),
    metric(
        "absolute_error_p90",
        "Absolute error p90",
        TARGET,
        "90 % quantile of |e|",
        QUANTILE,
        "One prediction in 10 is further from the truth.",
    ),
    metric(
        "absolute_error_p95",
        "Absolute error p95",
        TARGET,
        "95 % quantile of |e|",
        QUANTILE,
        "One prediction in 20 is further from the truth.",
    ),
    metric("max_error", "Largest error", TARGET, "greatest |e|", "maximum", "The one prediction that is furthest off."),
    metric(
        "bias",
        "Bias",
        (Unit::Target, Better::Zero),
        "mean of e",
        "mean",
        "Above 0: predictions are too high on the whole; below 0: too low.",
    ),
    metric(
        "mape",
        "MAPE",
        RELATIVE,
        "mean of |e| / |truth|",
        "scikit-learn, mean_absolute_percentage_error",
        "Mean error in per cent of the truth; small truths rule it, and a truth of 0 has none.",
    ),
    metric(
        "smape",
        "sMAPE",
        RELATIVE,
        "mean of 2 |e| / (|truth| + |prediction|), 0 where both are 0",
        "Makridakis 1993, as in the M4 competition",
        "Mean error in per cent of the middle between truth and prediction, at most 200 %.",
    ),
    metric(
        "wape",
        "WAPE",
        RELATIVE,
        "sum of |e| / sum of |truth|",
        "Kolassa and Schuetz 2007",
        "All errors together in per cent of all truths together.",
    ),
    metric(
        "r2",
        "R2",
        FIT,
        "1 - sum of e^2 / sum of (truth - mean truth)^2",
        "scikit-learn, r2_score",
        "Share of the variance of the truth that is explained; 0 is as good as its mean, below 0 is worse.",
    ),
    metric(
        "explained_variance",
        "Explained variance",
        FIT,
        "1 - Var(e) / Var(truth)",
        "scikit-learn, explained_variance_score",
        "As R2, but a constant bias costs nothing.",
    ),
    metric(
        "pearson",
        "Pearson correlation",
        FIT,
        "Cov(truth, prediction) / sqrt(Var(truth) Var(prediction))",
        "Pearson 1896; influence by Devlin et al. 1975",
        "How near truth and prediction are to a rising line, whatever its slope.",
    ),
    metric(
        "spearman",
        "Spearman correlation",
        FIT,
        "Pearson correlation of the mid-ranks",
        "Spearman 1904; influence by Croux and Dehon 2010, with ties by mid-distribution functions",
        "Whether higher truths have higher predictions, whatever the scale.",
    ),
    metric(
        "ccc",
        "Lin's concordance",
        FIT,
        "2 Cov / (Var(truth) + Var(prediction) + (difference of the means)^2), variances over n",
        "Lin 1989, Biometrics 45:255",
        "How near truth and prediction are to being equal: correlation less what bias and scale cost.",
    ),
];

/// Truth and prediction of some rows.
#[derive(Clone, Debug)]
pub struct Numbers<'a> {
    truth: &'a [f64],
    predicted: &'a [f64],
    errors: Vec<f64>,
}

impl<'a> Numbers<'a> {
    /// Both of the same length, all finite.
    ///
    /// # Panics
    /// When the lengths differ.
    pub fn new(truth: &'a [f64], predicted: &'a [f64]) -> Self {
        assert_eq!(truth.len(), predicted.len(), "truth and prediction of different rows");
        let errors = truth.par_iter().zip(predicted).with_min_len(BLOCK).map(|(y, p)| p - y).collect();
        Self { truth, predicted, errors }
    }

    pub fn rows(&self) -> usize {
        self.truth.len()
    }

    /// A metric of [`METRICS`] by its name.
    ///
    /// # Errors
    /// Why it has no value on these rows.
    pub fn measure(&self, name: &str) -> Outcome {
        if self.rows() == 0 {
            return Err(NO_ROW.to_owned());
        }
        match name {
            "mae" => self.mae(),
            "rmse" => self.rmse(),
            "mse" => self.mse(),
            "median_absolute_error" => self.absolute_quantile(0.5),
            "absolute_error_p90" => self.absolute_quantile(0.9),
            "absolute_error_p95" => self.absolute_quantile(0.95),
            "max_error" => self.max_error(),
            "bias" => self.bias(),
            "mape" => self.mape(),
            "smape" => self.smape(),
            "wape" => self.wape(),
            "r2" => self.r2(),
            "explained_variance" => self.explained_variance(),
            "pearson" => pearson(self.truth, self.predicted, WORDS),
            "spearman" => spearman(self.truth, self.predicted, WORDS),
            "ccc" => self.concordance(),
            other => Err(format!("no metric of predicted numbers is called {other}")),
        }
    }

    /// Variance of the truth over `n`, with its mean.
    fn truth_spread(&self) -> Result<(f64, f64), String> {
        let mean = mean(self.truth);
        let variance = mean_of(self.rows(), |row| (self.truth[row] - mean).powi(2));
        match constant(self.truth) {
            true => Err("the true values are all equal".to_owned()),
            false => Ok((mean, variance)),
        }
    }
}

/// What two columns are called in a reason.
const WORDS: [&str; 2] = ["the true values", "the predictions"];

pub use association::{centred_ranks, pearson, spearman};

/// All metrics of [`METRICS`] in its order. Each influence vector has a number per row; where that is too much at once,
/// ask [`Numbers::measure`] for one after the other.
///
/// # Panics
/// When the lengths differ.
pub fn measure(truth: &[f64], predicted: &[f64]) -> Vec<Outcome> {
    let numbers = Numbers::new(truth, predicted);
    METRICS.iter().map(|metric| numbers.measure(metric.name)).collect()
}

/// Mean of a number per row, by blocks.
fn mean_of(rows: usize, of: impl Fn(usize) -> f64 + Sync) -> f64 {
    let block = |block: usize| (block * BLOCK..((block + 1) * BLOCK).min(rows)).map(&of).sum::<f64>();
    let sums: Vec<f64> = (0..rows.div_ceil(BLOCK)).into_par_iter().map(block).collect();
    sums.iter().sum::<f64>() / rows as f64
}

/// Whether a column holds one value.
fn constant(values: &[f64]) -> bool {
    values.iter().all(|value| *value == values[0])
}
