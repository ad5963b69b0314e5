//! Metrics of several classes.
//!
//! Inputs are class codes below the number of classes, a true and a predicted one per row, and, where they are logged,
//! probabilities, rows x classes, row after row. No table of classes by classes is held: every metric of decisions and
//! its gradient follow from hits, support and predictions of each class. Means over classes leave out a class for which
//! the metric has no value (precision of a class that is never predicted), where scikit-learn counts 0.

mod areas;
mod decisions;
pub mod ordinal;
mod probabilities;

#[cfg(test)]
mod tests;

use std::sync::OnceLock;

use rayon::prelude::*;

use self::areas::Areas;
use super::BLOCK;
use super::calibration::ERROR_BINS;
use super::measured::{NO_ROW, Outcome};
use super::registry::{Better, Metric, Unit, metric};

const SHARE: (Unit, Better) = (Unit::Share, Better::Higher);
const SCORE: (Unit, Better) = (Unit::Number, Better::Higher);
const LOSS: (Unit, Better) = (Unit::Number, Better::Lower);

/// In the order they are shown.
pub const METRICS: [Metric; 18] = [
    metric(
        "accuracy",
        "Accuracy",
        SHARE,
        "share of rows with the true class predicted; equals micro precision, recall and F1",
        "count",
        "Share of rows decided right.",
    ),
    metric(
        "balanced_accuracy",
        "Balanced accuracy",
        SHARE,
        "mean recall over the true classes (macro recall)",
        "scikit-learn, balanced_accuracy_score",
        "Mean over the classes of the share decided right, however rare a class is.",
    ),
    metric(
        "macro_f1",
        "Macro F1",
        SCORE,
        "mean over classes of 2 hits / (support + predictions)",
        "scikit-learn, f1_score",
        "Mean F1 of the classes that are true or predicted, each counting alike.",
    ),
    metric(
        "weighted_f1",
        "Weighted F1",
        SCORE,
        "mean over classes of 2 hits / (support + predictions), weighted by support",
        "scikit-learn, f1_score",
        "Mean F1 of the classes, each counting as often as it is true.",
    ),
    metric(
        "macro_precision",
        "Macro precision",
        SHARE,
        "mean over the predicted classes of hits / predictions",
        "scikit-learn, precision_score, without classes that are never predicted",
        "Mean over the classes of the share of their predictions that are right.",
    ),
    metric(
        "weighted_precision",
        "Weighted precision",
        SHARE,
        "mean over classes of hits / predictions, weighted by support",
        "scikit-learn, precision_score",
        "Precision of the classes, each counting as often as it is true.",
    ),
    metric(
        "mcc",
        "MCC",
        SCORE,
        "(accuracy - sum of t p) / sqrt((1 - sum of t^2)(1 - sum of p^2)), t and p the shares true and predicted",
        "Gorodkin 2004",
        "Correlation of prediction and truth over all classes, 1 at most.",
    ),
    metric(
        "kappa",
        "Cohen's kappa",
        SCORE,
        "(p_o - p_e) / (1 - p_e)",
        "Cohen 1960",
        "Agreement of prediction and truth beyond chance.",
    ),
    metric(
        "top_3_accuracy",
        "Top-3 accuracy",
        SHARE,
        "share of rows with the true class among the 3 most probable; ties by their expectation",
        "count",
        "How often the truth is among the three most probable classes.",
    ),
    metric(
        "top_5_accuracy",
        "Top-5 accuracy",
        SHARE,
        "share of rows with the true class among the 5 most probable; ties by their expectation",
        "count",
        "How often the truth is among the five most probable classes.",
    ),
    metric(
        "log_loss",
        "Log loss",
        LOSS,
        "mean of -ln(p of the true class), p at least 2.2e-16",
        "Good 1952",
        "How surprised the probabilities were by the truth, in nats.",
    ),
    metric(
        "brier",
        "Brier score",
        LOSS,
        "mean of the sum over classes of (p - [true])^2",
        "Brier 1950",
        "Squared error of the probabilities, summed over the classes; 2 at most.",
    ),
    metric(
        "roc_auc_ovr",
        "ROC AUC, one against rest",
        SCORE,
        "mean over the true classes of the AUC of its probability against all other rows",
        "scikit-learn, roc_auc_score, ovr macro; DeLong et al. 1988",
        "How well each class is ranked before the rest, each class counting alike.",
    ),
    metric(
        "roc_auc_ovr_weighted",
        "ROC AUC, one against rest, weighted",
        SCORE,
        "the same, weighted by support",
        "scikit-learn, roc_auc_score, ovr weighted",
        "How well each class is ranked before the rest, each counting as often as it is true.",
    ),
    metric(
        "roc_auc_ovo",
        "ROC AUC, one against one",
        SCORE,
        "mean over ordered pairs of true classes of A(i|j)",
        "Hand and Till 2001, Mach Learn 45:171, eq. 7",
        "How well any two classes are told apart; does not depend on how frequent they are.",
    ),
    metric(
        "roc_auc_ovo_weighted",
        "ROC AUC, one against one, weighted",
        SCORE,
        "mean over pairs of (A(i|j) + A(j|i)) / 2, weighted by the pair's share of rows",
        "scikit-learn, roc_auc_score, ovo weighted",
        "How well two classes are told apart, frequent ones counting more.",
    ),
    metric(
        "top_label_calibration_error",
        "Calibration error, top label",
        LOSS,
        "sum over 15 bins (lo, hi] of equal width of |hits - confidence| / n, confidence the greatest p",
        "Guo et al. 2017",
        "Mean gap between confidence and accuracy; biased upwards, for display only.",
    ),
    metric(
        "classwise_calibration_error",
        "Calibration error, by class",
        LOSS,
        "mean over classes of the same for the class's own p against its share",
        "Kull et al. 2019",
        "Mean gap between stated and observed share of each class; biased upwards, for display only.",
    ),
];

/// Rows of one class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Rows whose truth it is.
    pub support: u64,
    /// Rows for which it is predicted.
    pub predicted: u64,
    /// Rows with both.
    pub hits: u64,
}

impl Count {
    fn add(&mut self, other: &Self) {
        self.support += other.support;
        self.predicted += other.predicted;
        self.hits += other.hits;
    }
}

/// Truth, decision and probabilities of some rows.
#[derive(Debug)]
pub struct Classes<'a> {
    truth: &'a [u32],
    predicted: &'a [u32],
    probabilities: Option<&'a [f64]>,
    counts: Vec<Count>,
    areas: OnceLock<Result<Areas, String>>,
    /// Why the probabilities cannot be used, if so.
    flaw: OnceLock<Option<String>>,
}

impl<'a> Classes<'a> {
    /// Codes are below `classes`; `probabilities` hold `classes` numbers per row.
    ///
    /// # Panics
    /// When lengths differ or a code is not below `classes`.
    pub fn new(truth: &'a [u32], predicted: &'a [u32], probabilities: Option<&'a [f64]>, classes: usize) -> Self {
        assert_eq!(truth.len(), predicted.len(), "truth and prediction of different rows");
        assert!(probabilities.is_none_or(|cells| cells.len() == truth.len() * classes), "probabilities of other rows");
        let block = |(truth, predicted): (&[u32], &[u32])| {
            let mut counts = vec![Count::default(); classes];
            for (&truth, &predicted) in truth.iter().zip(predicted) {
                counts[truth as usize].support += 1;
                counts[predicted as usize].predicted += 1;
                counts[truth as usize].hits += u64::from(truth == predicted);
            }
            counts
        };
        let merge = |mut a: Vec<Count>, b: Vec<Count>| {
            a.iter_mut().zip(&b).for_each(|(a, b)| a.add(b));
            a
        };
        let counts = truth
            .par_chunks(BLOCK)
            .zip(predicted.par_chunks(BLOCK))
            .map(block)
            .reduce(|| vec![Count::default(); classes], merge);
        Self { truth, predicted, probabilities, counts, areas: OnceLock::new(), flaw: OnceLock::new() }
    }

    pub fn rows(&self) -> usize {
        self.truth.len()
    }

    /// Counts of each class.
    pub fn counts(&self) -> &[Count] {
        &self.counts
    }

    /// A metric of [`METRICS`] by its name, or `top_<k>_accuracy` for any `k`.
    ///
    /// # Errors
    /// Why it has no value on these rows.
    pub fn measure(&self, name: &str) -> Outcome {
        if self.rows() == 0 {
            return Err(NO_ROW.to_owned());
        }
        if let Some(k) = name.strip_prefix("top_").and_then(|rest| rest.strip_suffix("_accuracy")?.parse().ok()) {
            return self.top(k);
        }
        match name {
            "accuracy" => self.accuracy(),
            "balanced_accuracy" => self.balanced_accuracy(),
            "macro_f1" => self.macro_f1(),
            "weighted_f1" => self.weighted_f1(),
            "macro_precision" => self.macro_precision(),
            "weighted_precision" => self.weighted_precision(),
            "mcc" => self.mcc(),
            "kappa" => self.kappa(),
            "log_loss" => self.log_loss(),
            "brier" => self.brier(),
            "roc_auc_ovr" => self.area(|areas| &areas.rest),
            "roc_auc_ovr_weighted" => self.area(|areas| &areas.rest_weighted),
            "roc_auc_ovo" => self.area(|areas| &areas.pairs),
            "roc_auc_ovo_weighted" => self.area(|areas| &areas.pairs_weighted),
            "top_label_calibration_error" => self.top_label_calibration_error(ERROR_BINS),
            "classwise_calibration_error" => self.classwise_calibration_error(ERROR_BINS),
            other => Err(format!("no metric of several classes is called {other}")),
        }
    }

    fn classes(&self) -> usize {
        self.counts.len()
    }

    /// Share of the rows.
    fn share(&self, count: u64) -> f64 {
        count as f64 / self.rows() as f64
    }

    /// Probabilities of the rows, `classes` each.
    fn cells(&self) -> Result<&'a [f64], String> {
        let cells = self.probabilities.ok_or("no probabilities are logged")?;
        let classes = self.classes();
        // What 32 bits make of a number near 1.
        let bad = |row: &[f64]| row.iter().any(|p| !(-1e-6..=1.0 + 1e-6).contains(p));
        let flaw = self.flaw.get_or_init(|| {
            let rows = cells.par_chunks(classes).with_min_len(BLOCK / classes + 1).filter(|row| bad(row)).count();
            (rows > 0).then(|| format!("{rows} rows hold a probability that is missing or not between 0 and 1"))
        });
        flaw.as_ref().map_or(Ok(cells), |flaw| Err(flaw.clone()))
    }
}

/// All metrics of [`METRICS`] in its order. Each influence vector has a number per row; where that is too much at once,
/// ask [`Classes::measure`] for one after the other.
///
/// # Panics
/// As [`Classes::new`].
pub fn measure(truth: &[u32], predicted: &[u32], probabilities: Option<&[f64]>, classes: usize) -> Vec<Outcome> {
    let found = Classes::new(truth, predicted, probabilities, classes);
    METRICS.iter().map(|metric| found.measure(metric.name)).collect()
}
