//! The table of metrics: stable names, titles, units, directions, formulas and sources.

use serde::{Deserialize, Serialize};

use super::confusion::ConfusionMetric;
use crate::log::Task;

/// In which direction a metric improves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Better {
    Higher,
    Lower,
    /// The nearer to 1 the better (calibration slope).
    One,
    /// The nearer to 0 the better (calibration intercept).
    Zero,
    /// No direction of its own (flag rate); only a change can be judged.
    Neither,
}

/// Unit of a metric's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// A plain number (AUC, MCC, log loss).
    Number,
    /// A share of rows, 0 to 1; shown in per cent, differences in percentage points.
    Share,
    Milliseconds,
    /// Cost per row, in the unit of the plan's costs.
    Cost,
    /// The unit of the numbers that are predicted.
    Target,
    /// Its square.
    TargetSquared,
}

/// What a metric is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metric {
    /// Stable name, as in policies, records and `--json`.
    pub name: &'static str,
    /// As shown.
    pub title: &'static str,
    pub unit: Unit,
    pub better: Better,
    /// Formula in plain text.
    pub formula: &'static str,
    /// Where the definition comes from.
    pub source: &'static str,
    /// One sentence for the hover.
    pub explanation: &'static str,
}

pub(super) const fn metric(
    name: &'static str,
    title: &'static str,
    (unit, better): (Unit, Better),
    formula: &'static str,
    source: &'static str,
    explanation: &'static str,
) -> Metric {
    Metric { name, title, unit, better, formula, source, explanation }
}

const SCORE: (Unit, Better) = (Unit::Number, Better::Higher);
const SHARE: (Unit, Better) = (Unit::Share, Better::Higher);
const LOSS: (Unit, Better) = (Unit::Number, Better::Lower);
const MILLIS: (Unit, Better) = (Unit::Milliseconds, Better::Lower);
const ORDER_STATISTIC: &str = "Hyndman and Fan 1996, type 7";

/// Metrics of two classes and those that every task has, in the order they are shown.
pub const METRICS: [Metric; 22] = [
    metric(
        "roc_auc",
        "ROC AUC",
        SCORE,
        "P(score of a positive > score of a negative) + P(equal) / 2",
        "Hanley and McNeil 1982; DeLong et al. 1988",
        "How often a positive row is ranked above a negative one.",
    ),
    metric(
        "average_precision",
        "Average precision",
        SCORE,
        "sum over distinct scores of (R_k - R_(k-1)) P_k",
        "scikit-learn, average_precision_score",
        "Mean precision over the recalls reached; its level depends on the share of positives.",
    ),
    metric(
        "partial_auc",
        "Partial AUC",
        SCORE,
        "(1 + (A - f^2/2) / (f - f^2/2)) / 2, A the area for false-positive rates up to f",
        "McClish 1989",
        "Ranking among the false-positive rates that are affordable; 0.5 is chance.",
    ),
    metric("accuracy", "Accuracy", SHARE, "(TP + TN) / n", "count", "Share of rows decided right."),
    metric(
        "balanced_accuracy",
        "Balanced accuracy",
        SHARE,
        "(TP / (TP + FN) + TN / (TN + FP)) / 2",
        "Brodersen et al. 2010",
        "Mean of the shares decided right among positives and among negatives.",
    ),
    metric("precision", "Precision", SHARE, "TP / (TP + FP)", "count", "Share of flagged rows that are positive."),
    metric("recall", "Recall", SHARE, "TP / (TP + FN)", "count", "Share of positives that are flagged."),
    metric("specificity", "Specificity", SHARE, "TN / (TN + FP)", "count", "Share of negatives that are not flagged."),
    metric(
        "f1",
        "F1",
        SCORE,
        "2 TP / (2 TP + FP + FN)",
        "van Rijsbergen 1979",
        "Harmonic mean of precision and recall.",
    ),
    metric(
        "mcc",
        "MCC",
        SCORE,
        "(TP TN - FP FN) / sqrt((TP + FP)(TP + FN)(TN + FP)(TN + FN))",
        "Matthews 1975",
        "Correlation of decision and truth, -1 to 1.",
    ),
    metric(
        "kappa",
        "Cohen's kappa",
        SCORE,
        "(p_o - p_e) / (1 - p_e)",
        "Cohen 1960",
        "Agreement of decision and truth beyond chance.",
    ),
    metric(
        "flag_rate",
        "Flag rate",
        (Unit::Share, Better::Neither),
        "(TP + FP) / n",
        "count",
        "Share of rows that are flagged.",
    ),
    metric(
        "log_loss",
        "Log loss",
        LOSS,
        "mean of -ln(p of the true class), p at least 2.2e-16",
        "Good 1952",
        "How surprised the probabilities were by the truth, in nats.",
    ),
    metric("brier", "Brier score", LOSS, "mean of (p - y)^2", "Brier 1950", "Mean squared error of the probability."),
    metric(
        "calibration_error",
        "Calibration error",
        LOSS,
        "mean over 15 bins of equal rows of |observed - mean p|",
        "Naeini et al. 2015, equal-mass bins",
        "Mean gap between stated and observed probability; biased upwards, for display only.",
    ),
    metric(
        "calibration_slope",
        "Calibration slope",
        (Unit::Number, Better::One),
        "b in logit P(y) = a + b logit p",
        "Cox 1958",
        "Below 1: the probabilities are too extreme; above 1: too timid.",
    ),
    metric(
        "calibration_intercept",
        "Calibration intercept",
        (Unit::Number, Better::Zero),
        "a in logit P(y) = a + logit p",
        "Cox 1958",
        "Above 0: the probabilities are too low on the whole; below 0: too high.",
    ),
    metric("latency_p50", "Latency p50", MILLIS, "median", ORDER_STATISTIC, "Half of the answers took no longer."),
    metric("latency_p90", "Latency p90", MILLIS, "90 % quantile", ORDER_STATISTIC, "One answer in 10 took longer."),
    metric("latency_p95", "Latency p95", MILLIS, "95 % quantile", ORDER_STATISTIC, "One answer in 20 took longer."),
    metric("latency_p99", "Latency p99", MILLIS, "99 % quantile", ORDER_STATISTIC, "One answer in 100 took longer."),
    metric(
        "cost",
        "Cost per row",
        (Unit::Cost, Better::Lower),
        "(c_FP FP + c_FN FN) / n",
        "Elkan 2001",
        "Mean cost of the wrong decisions, at the costs of the plan.",
    ),
];

/// What serving the requests took, which every task may have.
pub const SERVED: [Metric; 5] = [
    metric(
        "latency_mean",
        "Latency mean",
        MILLIS,
        "sum of the latencies / answers with a latency",
        "mean",
        "Time that an answer took on average; what the machines are busy for.",
    ),
    metric(
        "cost_per_request",
        "Cost per request",
        (Unit::Cost, Better::Lower),
        "sum of the logged costs / requests with a cost",
        "mean",
        "Money that serving one request took on average, in the unit of the log.",
    ),
    metric(
        "error_rate",
        "Error rate",
        (Unit::Share, Better::Lower),
        "failed requests / requests of which it is logged whether they failed",
        "count",
        "Share of requests that failed, timeouts among them.",
    ),
    metric(
        "timeout_rate",
        "Timeout rate",
        (Unit::Share, Better::Lower),
        "timed-out requests / requests of which it is logged whether they failed",
        "count",
        "Share of requests whose answer came too late.",
    ),
    metric(
        "throughput",
        "Answers per second",
        (Unit::Number, Better::Neither),
        "answered requests / seconds from the first request of the run to the last",
        "batch means; Law and Kelton 2000, section 9.5",
        "Requests an arm answered per second; in a split run its share of the traffic decides.",
    ),
];

/// Results of tests that are attached to a run.
pub const TESTS: [Metric; 2] = [
    metric(
        "tests_failed",
        "Tests failed",
        LOSS,
        "failures and errors in the attached test results",
        "count",
        "How many of the attached tests failed.",
    ),
    metric(
        "tests_run",
        "Tests run",
        SCORE,
        "test cases in the attached test results that were not skipped",
        "count",
        "How many tests ran.",
    ),
];

/// How the models have aged, as gates read it.
pub const STALENESS: [Metric; 7] = [
    metric(
        "drift_psi_max",
        "Data drift, largest PSI",
        LOSS,
        "largest over label, scores and features of sum (a - e) ln(a / e), less its bias, last window against the first",
        "Yurdakul and Naranjo 2020",
        "How far the column that moved most is from where it was; the interval holds for all columns together.",
    ),
    metric(
        "skew_psi_max",
        "Training-serving skew, largest PSI",
        LOSS,
        "as drift_psi_max, all rows of the run against the training data",
        "Yurdakul and Naranjo 2020",
        "How far the column that differs most is from what the model was trained on.",
    ),
    metric(
        "outside_training",
        "Outside of training",
        (Unit::Share, Better::Lower),
        "rows with a number beyond the range, or a category never seen, of the training data / rows",
        "Wilson interval",
        "Share of the rows on which the model has to go beyond what it has seen.",
    ),
    metric(
        "performance_change",
        "Change of the loss",
        LOSS,
        "mean loss per row (log loss, wrong answers, absolute error) of the last window less that of the first",
        "influence by unit; Liang and Zeger 1986",
        "How much worse the model has become during the run.",
    ),
    metric(
        "concept_change",
        "Change of the loss at the same scores",
        LOSS,
        "sum over strata of the score of w (L - line of the first window), w the shares of the last window",
        "Kitagawa 1955; Blinder 1973; Oaxaca 1973",
        "The part of the change that other outcomes make, not other inputs.",
    ),
    metric(
        "demand_change",
        "Change of demand",
        (Unit::Share, Better::Neither),
        "requests of the last whole window / requests of the first - 1",
        "log ratio, long-run variance of counts by day, t",
        "How much more the model is asked than in the first window.",
    ),
    metric(
        "model_age_days",
        "Age of the model, days",
        LOSS,
        "last time of the log less the time of training",
        "dates",
        "Days since the model was trained.",
    ),
];

/// What runs have whose arms answered different requests.
pub const SPLIT: [Metric; 1] = [metric(
    "missing_rate",
    "Missing answers",
    (Unit::Share, Better::Lower),
    "requests without a usable answer / requests",
    "count",
    "Share of its requests that an arm left without a usable answer.",
)];

/// Metrics of every task.
pub fn all() -> impl Iterator<Item = &'static Metric> {
    let numbers = super::regression::METRICS.iter().chain(&super::regression::forecast::METRICS);
    let classes = super::multiclass::METRICS.iter().chain(&super::multiclass::ordinal::METRICS);
    let families = numbers.chain(classes).chain(super::ranking::all());
    let vision = super::vision::METRICS.iter().chain(&super::vision::pairs::METRICS);
    let language = super::text::all().chain(&super::similarity::METRICS);
    let own = METRICS.iter().chain(families).chain(language).chain(vision);
    own.chain(&SERVED).chain(&TESTS).chain(&SPLIT).chain(&STALENESS)
}

/// A metric by its name, whatever the task: title, unit and direction of a name are the same in all of them.
pub fn find(name: &str) -> Option<&'static Metric> {
    all().find(|metric| metric.name == name)
}

/// A metric of a task by its name, with the definition it has there.
pub fn of_task(task: Task, name: &str) -> Option<&'static Metric> {
    let (own, more): (&[Metric], &[Metric]) = match task {
        Task::Binary => (&[], &[]),
        Task::Multiclass => (&super::multiclass::METRICS, &super::multiclass::ordinal::METRICS),
        Task::Regression => (&super::regression::METRICS, &super::regression::forecast::METRICS),
        Task::Ranking => {
            return super::ranking::all().chain(&METRICS).chain(&SERVED).find(|metric| metric.name == name);
        }
        Task::Text => {
            return super::text::all().chain(&METRICS).chain(&SERVED).find(|metric| metric.name == name);
        }
        Task::Similarity => (&super::similarity::METRICS, &super::similarity::LOGGED),
        Task::Detection => (&super::vision::METRICS, &[]),
        Task::Image => (&super::vision::pairs::METRICS, &[]),
    };
    own.iter().chain(more).chain(&METRICS).chain(&SERVED).find(|metric| metric.name == name)
}

/// The confusion metric of a name; `costs` are those of a false positive and of a false negative. `None` for metrics
/// that are not read off a confusion matrix.
pub fn confusion_metric(name: &str, costs: [f64; 2]) -> Option<ConfusionMetric> {
    Some(match name {
        "accuracy" => ConfusionMetric::Accuracy,
        "balanced_accuracy" => ConfusionMetric::BalancedAccuracy,
        "precision" => ConfusionMetric::Precision,
        "recall" => ConfusionMetric::Recall,
        "specificity" => ConfusionMetric::Specificity,
        "f1" => ConfusionMetric::F1,
        "mcc" => ConfusionMetric::Mcc,
        "kappa" => ConfusionMetric::Kappa,
        "flag_rate" => ConfusionMetric::FlagRate,
        "cost" => ConfusionMetric::Cost { false_positive: costs[0], false_negative: costs[1] },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_distinct_and_found() {
        for (index, metric) in METRICS.iter().enumerate() {
            assert_eq!(METRICS.iter().position(|other| other.name == metric.name), Some(index));
            assert_eq!(find(metric.name), Some(metric));
            assert!(metric.explanation.ends_with('.'));
        }
        assert_eq!(find("auc"), None);
    }

    #[test]
    fn a_name_means_the_same_in_every_task_but_has_the_formula_of_its_own() {
        for task in Task::ALL {
            for metric in all().filter_map(|metric| of_task(task, metric.name)) {
                let known = find(metric.name).unwrap();
                let shown = |metric: &Metric| (metric.title, metric.unit, metric.better);
                assert_eq!(shown(metric), shown(known), "{}", metric.name);
            }
        }
        assert_ne!(of_task(Task::Multiclass, "mcc").unwrap().formula, of_task(Task::Binary, "mcc").unwrap().formula);
    }
}
