//! What decisions are worth in money: from it follows the metric [`METRIC`], its scale, and its course over thresholds.

use serde::{Deserialize, Serialize};

use super::custom::CustomMetric;
use super::result::{Better, PerArm};
use crate::log::Task;

/// Name of the metric: mean value of a row.
pub const METRIC: &str = "business_value";

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_zero(value: &f64) -> bool {
    *value == 0.0
}

/// Values of right and wrong answers: a gain above 0, a loss below. What a task has no use for is 0.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ValueModel {
    /// Unit of money, e.g. `EUR`; empty: none was said.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub unit: String,
    /// Of a decision between two classes.
    #[serde(skip_serializing_if = "is_zero")]
    pub true_positive: f64,
    #[serde(skip_serializing_if = "is_zero")]
    pub false_positive: f64,
    #[serde(skip_serializing_if = "is_zero")]
    pub false_negative: f64,
    #[serde(skip_serializing_if = "is_zero")]
    pub true_negative: f64,
    /// Of an answer among several classes, where no pair says otherwise.
    #[serde(skip_serializing_if = "is_zero")]
    pub right: f64,
    #[serde(skip_serializing_if = "is_zero")]
    pub wrong: f64,
    /// Of a predicted number, by each unit that it is above, or below, the truth.
    #[serde(skip_serializing_if = "is_zero")]
    pub too_high: f64,
    #[serde(skip_serializing_if = "is_zero")]
    pub too_low: f64,
    /// Column of numbers by which the value of a row is multiplied, e.g. an amount of money.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<String>,
    /// Requests a year that values are scaled to; `None`: those of the run at its own pace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests_per_year: Option<f64>,
    /// Of single pairs of classes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pairs: Vec<PairValue>,
}

/// Pairs of classes with a value of their own: all of twelve classes.
const MOST_PAIRS: usize = 132;
/// Truths, and pairs of one truth, together: an expression holds no more within each other.
const DEEPEST: usize = 40;

/// Value of one prediction where something is true.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PairValue {
    pub truth: String,
    pub predicted: String,
    pub value: f64,
}

impl ValueModel {
    /// Values that charge wrong decisions with these costs: of a false positive, of a false negative.
    pub fn of_costs([false_positive, false_negative]: [f64; 2]) -> Self {
        Self { false_positive: -false_positive, false_negative: -false_negative, wrong: -1.0, ..Self::default() }
    }

    /// From one line: `tp=20,fp=-5,fn=-50,unit=EUR,amount=COLUMN,per_year=1e6`; also `tn`, `right`, `wrong`, `too_high`,
    /// `too_low`.
    ///
    /// # Errors
    /// A part is not of this form, or a value is no number.
    pub fn from_line(line: &str) -> Result<Self, String> {
        let mut model = Self::default();
        for part in line.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (key, text) = part.split_once('=').ok_or_else(|| format!("{part} is not KEY=VALUE"))?;
            let text = text.trim();
            let number = || text.parse::<f64>().map_err(|_| format!("{key}={text}: {text} is no number"));
            match key.trim() {
                "unit" => text.clone_into(&mut model.unit),
                "amount" => model.amount = Some(text.to_owned()),
                "per_year" => model.requests_per_year = Some(number()?),
                "tp" => model.true_positive = number()?,
                "fp" => model.false_positive = number()?,
                "fn" => model.false_negative = number()?,
                "tn" => model.true_negative = number()?,
                "right" => model.right = number()?,
                "wrong" => model.wrong = number()?,
                "too_high" => model.too_high = number()?,
                "too_low" => model.too_low = number()?,
                other => {
                    return Err(format!(
                        "there is no {other}; write tp, fp, fn, tn, right, wrong, too_high, too_low, unit, amount or per_year"
                    ));
                }
            }
        }
        model.check().map(|()| model)
    }

    /// Whatever can be said without a log.
    ///
    /// # Errors
    /// A number is not finite, no value differs from 0, or a name holds a quotation mark that no expression can hold.
    pub fn check(&self) -> Result<(), String> {
        let values = self.values();
        if let Some((name, value)) = values.iter().find(|(_, value)| !value.is_finite()) {
            return Err(format!("the value of {name} is {value}, which is no number"));
        }
        if self.pairs.iter().any(|pair| !pair.value.is_finite()) {
            return Err("the value of a pair of classes is no number".to_owned());
        }
        if values.iter().all(|(_, value)| *value == 0.0) && self.pairs.iter().all(|pair| pair.value == 0.0) {
            return Err("every value is 0, so that every model is worth the same; say what a decision gains or costs"
                .to_owned());
        }
        let twice = |(at, pair): (usize, &PairValue)| {
            self.pairs[..at].iter().any(|other| other.truth == pair.truth && other.predicted == pair.predicted)
        };
        if let Some((_, pair)) = self.pairs.iter().enumerate().find(|one| twice(*one)) {
            return Err(format!("{} → {} has two values", pair.truth, pair.predicted));
        }
        let truths: Vec<&str> = self.by_truth().map(|(truth, _)| truth).collect();
        let most = truths.iter().map(|truth| self.pairs.iter().filter(|pair| pair.truth == *truth).count()).max();
        if self.pairs.len() > MOST_PAIRS || truths.len() + most.unwrap_or(0) > DEEPEST {
            return Err(format!(
                "{} pairs of classes have a value of their own, and at most {MOST_PAIRS} of {} classes can; say what is \
                 right and wrong for the others, or multiply with a column of values (amount)",
                self.pairs.len(),
                DEEPEST / 2
            ));
        }
        if self.requests_per_year.is_some_and(|count| !count.is_finite() || count <= 0.0) {
            return Err("requests_per_year must be above 0".to_owned());
        }
        if self.amount.as_ref().is_some_and(|column| column.contains('"')) {
            return Err("the name of the column of amounts holds a quotation mark".to_owned());
        }
        match self.pairs.iter().find(|pair| pair.truth.contains('\'') || pair.predicted.contains('\'')) {
            Some(pair) => Err(format!("a class of {} and {} holds an apostrophe", pair.truth, pair.predicted)),
            None => Ok(()),
        }
    }

    fn values(&self) -> [(&'static str, f64); 8] {
        [
            ("true_positive", self.true_positive),
            ("false_positive", self.false_positive),
            ("false_negative", self.false_negative),
            ("true_negative", self.true_negative),
            ("right", self.right),
            ("wrong", self.wrong),
            ("too_high", self.too_high),
            ("too_low", self.too_low),
        ]
    }

    /// Pairs by what is true, in the order in which the truths first stand.
    fn by_truth(&self) -> impl Iterator<Item = (&str, Vec<&PairValue>)> {
        let first = |at: usize| !self.pairs[..at].iter().any(|other| other.truth == self.pairs[at].truth);
        (0..self.pairs.len()).filter(move |at| first(*at)).map(|at| {
            let truth = self.pairs[at].truth.as_str();
            (truth, self.pairs.iter().filter(|pair| pair.truth == truth).collect())
        })
    }

    /// Value by truth and decision of two classes.
    pub fn decisions(&self) -> [[f64; 2]; 2] {
        [[self.true_negative, self.false_positive], [self.false_negative, self.true_positive]]
    }

    /// Value of an answer among several classes.
    pub fn of_classes(&self, truth: &str, predicted: &str) -> f64 {
        let pair = self.pairs.iter().find(|pair| pair.truth == truth && pair.predicted == predicted);
        pair.map_or(if truth == predicted { self.right } else { self.wrong }, |pair| pair.value)
    }

    /// The metric as an expression per row; `None` for tasks whose answers are no single decision.
    pub fn metric(&self, task: Task) -> Option<CustomMetric> {
        let number = |value: f64| format!("{value}");
        let value = match task {
            Task::Binary => {
                let [[tn, fp], [missed, tp]] = self.decisions().map(|row| row.map(number));
                format!("if(label, if(prediction, {tp}, {missed}), if(prediction, {fp}, {tn}))")
            }
            Task::Multiclass => {
                let rest = format!("if(label = prediction, {}, {})", self.right, self.wrong);
                let truths: Vec<_> = self.by_truth().collect();
                truths.into_iter().rev().fold(rest, |rest, (truth, pairs)| {
                    let of = format!("if(prediction = '{truth}', {}, {})", self.right, self.wrong);
                    let of = pairs
                        .iter()
                        .rev()
                        .fold(of, |of, pair| format!("if(prediction = '{}', {}, {of})", pair.predicted, pair.value));
                    format!("if(label = '{truth}', {of}, {rest})")
                })
            }
            Task::Regression => format!(
                "if(prediction > label, {} * (prediction - label), {} * (label - prediction))",
                self.too_high, self.too_low
            ),
            _ => return None,
        };
        let value = match &self.amount {
            Some(column) => format!("\"{column}\" * {value}"),
            None => value,
        };
        Some(CustomMetric {
            name: METRIC.to_owned(),
            unit: self.unit.clone(),
            better: Better::Higher,
            value,
            per: None,
        })
    }
}

/// What the answers, or the outcomes of a split run, come to in money and at full traffic.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Business {
    /// Requests of the run, units of a split run, and the days they span; `None` where no times are logged.
    pub traffic: Option<Traffic>,
    /// Differences at full traffic: [`METRIC`] first, then the outcomes.
    pub scaled: Vec<Scaled>,
    /// Rows by what was decided and what was true.
    pub cells: Vec<ValueCell>,
    pub curve: Option<ValueCurve>,
}

/// How many requests there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Traffic {
    /// Requests that were logged, analysed or not; of a split run those of both arms.
    pub requests: u64,
    pub units: Option<u64>,
    /// From the first request to the last.
    pub days: f64,
}

/// A difference if all traffic went to the challenger rather than to the champion.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scaled {
    pub metric: String,
    /// Whether the metric is a mean over units rather than over requests.
    pub by_unit: bool,
    pub per_thousand: Ends,
    pub per_day: Option<Ends>,
    pub per_year: Option<Ends>,
    /// Probability that the challenger is better, from the difference and its standard error under a flat prior.
    pub chance_better: Option<f64>,
}

/// A number with its interval.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ends {
    pub value: f64,
    pub lo: Option<f64>,
    pub hi: Option<f64>,
}

/// Rows with one kind of answer, and their value in all.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValueCell {
    /// `true_positive`, `right`, `truth → prediction`, `too_high`.
    pub name: String,
    pub rows: PerArm<u64>,
    pub value: PerArm<f64>,
}

/// Mean value of a row over thresholds, both arms at the same one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValueCurve {
    /// Ascending; positive when `score >= threshold`.
    pub thresholds: Vec<f64>,
    pub champion: Vec<f64>,
    pub challenger: Vec<f64>,
    /// Challenger minus champion with its pointwise interval, cluster-robust where the log has units.
    pub difference: Vec<[f64; 3]>,
    /// Threshold of the greatest value on the curve, and that value; champion first. Read off the same rows, so that it
    /// promises too much.
    pub best: [[f64; 2]; 2],
}
