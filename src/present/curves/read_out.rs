//! The read-out of both operating points.

use super::Scene;
use super::threshold::threshold_texts;
use crate::compare::{Comparison, Confusion, Live, Unit};
use crate::present::Sheet;
use crate::present::format::{self, Digits};

/// A number in the read-out, with what a screen reader says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadOutCell {
    pub text: String,
    /// Why there is no number.
    pub undefined: Option<String>,
}

/// Decisions of one arm at its threshold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OperatingPoint {
    pub threshold: Option<f64>,
    /// False-positive rate, recall and precision, 0 to 1; `None` where undefined.
    pub fpr: Option<f64>,
    pub recall: Option<f64>,
    pub precision: Option<f64>,
}

/// Both operating points as a table: champion, challenger, difference.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReadOut {
    pub columns: Vec<&'static str>,
    /// `None` for an arm that is not there.
    pub champion: Option<Vec<ReadOutCell>>,
    pub challenger: Option<Vec<ReadOutCell>>,
    pub difference: Option<Vec<ReadOutCell>>,
    pub points: [Option<OperatingPoint>; 2],
}

/// The read-out alone.
pub fn read_out(sheet: &Sheet<'_>, live: Option<&Live>) -> ReadOut {
    Scene::of(sheet.log, sheet.comparison, live).read_out()
}

impl Scene<'_> {
    pub(crate) fn confusions(&self) -> [Option<Confusion>; 2] {
        let counts = self.live.map_or(&self.comparison.confusion, |live| &live.confusion);
        let settled = &self.comparison.confusion;
        [counts.champion.or(settled.champion), counts.challenger.or(settled.challenger)]
    }

    pub(crate) fn points(&self) -> [Option<OperatingPoint>; 2] {
        let thresholds = self.thresholds();
        let mut arm = 0;
        self.confusions().map(|confusion| {
            let threshold = thresholds[arm];
            arm += 1;
            confusion.map(|counts| OperatingPoint {
                threshold,
                fpr: ratio(counts.false_positive, counts.false_positive + counts.true_negative),
                recall: ratio(counts.true_positive, counts.true_positive + counts.false_negative),
                precision: ratio(counts.true_positive, counts.true_positive + counts.false_positive),
            })
        })
    }

    pub(crate) fn read_out(&self) -> ReadOut {
        let confusions = self.confusions();
        let thresholds = self.thresholds();
        let logit = self.probabilities();
        let texts = threshold_texts(thresholds, logit, self.range(thresholds, logit));
        let columns = columns(self.comparison, confusions);
        let row = |arm: usize| {
            let counts = confusions[arm]?;
            let first = match &texts[arm] {
                Some(text) => ReadOutCell { text: text.clone(), undefined: None },
                None => undefined("the log's own decisions are used"),
            };
            Some(std::iter::once(first).chain(columns.iter().map(|column| column.cell(&counts))).collect::<Vec<_>>())
        };
        let difference = match (confusions, self.comparison.plan.challenger.is_some()) {
            ([Some(champion), Some(challenger)], true) => {
                let first = match (thresholds, &texts[0]) {
                    ([Some(a), Some(b)], Some(text)) => {
                        let decimals = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
                        ReadOutCell { text: format::signed(b - a, decimals), undefined: None }
                    }
                    _ => undefined("an arm has no threshold"),
                };
                let rest = columns.iter().map(|column| match (&column.digits, self.comparison.detail.is_split()) {
                    (None, true) => undefined("the arms answered different requests, so their counts do not compare"),
                    _ => column.difference(&champion, &challenger),
                });
                Some(std::iter::once(first).chain(rest).collect())
            }
            _ => None,
        };
        ReadOut {
            columns: std::iter::once("threshold").chain(columns.iter().map(|column| column.title)).collect(),
            champion: row(0),
            challenger: row(1),
            difference,
            points: self.points(),
        }
    }
}

/// A column of the read-out.
struct Column {
    title: &'static str,
    value: fn(&Confusion) -> Result<f64, &'static str>,
    /// `None`: a count of rows.
    digits: Option<Digits>,
}

impl Column {
    fn cell(&self, counts: &Confusion) -> ReadOutCell {
        match ((self.value)(counts), &self.digits) {
            (Ok(value), Some(digits)) => ReadOutCell { text: digits.value_unit(value), undefined: None },
            (Ok(value), None) => ReadOutCell { text: format::count(value as u64), undefined: None },
            (Err(reason), _) => undefined(reason),
        }
    }

    fn difference(&self, champion: &Confusion, challenger: &Confusion) -> ReadOutCell {
        match ((self.value)(champion), (self.value)(challenger), &self.digits) {
            (Ok(a), Ok(b), Some(digits)) => ReadOutCell { text: digits.signed_unit(b - a), undefined: None },
            (Ok(a), Ok(b), None) => ReadOutCell { text: format::signed_count((b - a) as i64), undefined: None },
            (Err(reason), ..) | (_, Err(reason), _) => undefined(reason),
        }
    }
}

const NO_NEGATIVE: &str = "no negative row";
const NO_POSITIVE: &str = "no positive row";
const NO_FLAGGED: &str = "no row is flagged";

fn columns(comparison: &Comparison, confusions: [Option<Confusion>; 2]) -> [Column; 8] {
    let share = |name: &str, value: fn(&Confusion) -> Result<f64, &'static str>| {
        digits(comparison, name, Unit::Share, value, confusions)
    };
    [
        // The false-positive rate is one minus specificity, so its interval is as wide.
        Column { title: "FPR", value: fpr, digits: Some(share("specificity", fpr)) },
        Column { title: "recall", value: recall, digits: Some(share("recall", recall)) },
        Column { title: "precision", value: precision, digits: Some(share("precision", precision)) },
        Column { title: "flag rate", value: flag_rate, digits: Some(share("flag_rate", flag_rate)) },
        Column { title: "F1", value: f1, digits: Some(digits(comparison, "f1", Unit::Number, f1, confusions)) },
        Column { title: "TP", value: |counts| Ok(counts.true_positive as f64), digits: None },
        Column { title: "FP", value: |counts| Ok(counts.false_positive as f64), digits: None },
        Column { title: "FN", value: |counts| Ok(counts.false_negative as f64), digits: None },
    ]
}

/// Digits that the metric's own interval supports; three significant ones where it has none.
fn digits(
    comparison: &Comparison,
    name: &str,
    unit: Unit,
    value: fn(&Confusion) -> Result<f64, &'static str>,
    confusions: [Option<Confusion>; 2],
) -> Digits {
    let metric = comparison.metric(name);
    let of_difference = metric
        .and_then(|metric| metric.difference.as_ref())
        .and_then(|difference| Some((difference.lo?, difference.hi?)));
    let of_arm = || {
        let arm = metric?.arms.champion.as_ref()?;
        Some((arm.lo?, arm.hi?))
    };
    let shown = confusions.iter().flatten().find_map(|counts| value(counts).ok());
    Digits::of(unit, shown.unwrap_or(0.0), of_difference.or_else(of_arm))
}

fn quotient(part: u64, whole: u64, reason: &'static str) -> Result<f64, &'static str> {
    ratio(part, whole).ok_or(reason)
}

fn fpr(counts: &Confusion) -> Result<f64, &'static str> {
    quotient(counts.false_positive, counts.false_positive + counts.true_negative, NO_NEGATIVE)
}

fn recall(counts: &Confusion) -> Result<f64, &'static str> {
    quotient(counts.true_positive, counts.true_positive + counts.false_negative, NO_POSITIVE)
}

fn precision(counts: &Confusion) -> Result<f64, &'static str> {
    quotient(counts.true_positive, counts.true_positive + counts.false_positive, NO_FLAGGED)
}

fn flag_rate(counts: &Confusion) -> Result<f64, &'static str> {
    quotient(counts.true_positive + counts.false_positive, total(counts), "no row")
}

fn f1(counts: &Confusion) -> Result<f64, &'static str> {
    let hits = 2 * counts.true_positive;
    quotient(hits, hits + counts.false_positive + counts.false_negative, "no positive row and none flagged")
}

pub(super) fn total(counts: &Confusion) -> u64 {
    counts.true_negative + counts.false_positive + counts.false_negative + counts.true_positive
}

fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

fn undefined(reason: &str) -> ReadOutCell {
    ReadOutCell { text: format::UNDEFINED.to_owned(), undefined: Some(reason.to_owned()) }
}
