//! The threshold control and the read-out of both operating points.

use super::Scene;
use crate::compare::{Comparison, Confusion, Live, ThresholdBasis, ThresholdRule, Unit};
use crate::log::ScoreKind;
use crate::present::Sheet;
use crate::present::format::{self, Digits};

/// One of the rules that set the thresholds.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleOption {
    pub rule: ThresholdRule,
    pub title: &'static str,
    pub enabled: bool,
    /// What the rule does, or why it cannot be chosen.
    pub reason: &'static str,
}

/// One threshold per arm on a common scale.
#[derive(Clone, Debug, Default)]
pub struct ThresholdModel {
    pub range: (f64, f64),
    /// The scale is log-odds; linear otherwise.
    pub logit: bool,
    pub ticks: Vec<(f64, String)>,
    /// Value and its text; `None` for an arm without scores.
    pub values: [Option<(f64, String)>; 2],
    /// A matched threshold follows the other and is not moved by hand.
    pub movable: [bool; 2],
    pub caption: &'static str,
    pub rule: ThresholdRule,
    pub rules: Vec<RuleOption>,
    /// Where each threshold comes from: `read off its decisions`.
    pub basis: [&'static str; 2],
    /// Who follows whom, in one sentence.
    pub remark: String,
}

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

/// The control alone, for views that only stand under it.
pub fn threshold(sheet: &Sheet<'_>, live: Option<&Live>) -> ThresholdModel {
    Scene::of(sheet.log, sheet.comparison, live).threshold()
}

/// The read-out alone.
pub fn read_out(sheet: &Sheet<'_>, live: Option<&Live>) -> ReadOut {
    Scene::of(sheet.log, sheet.comparison, live).read_out()
}

const RULES: [(ThresholdRule, &str, &str); 4] = [
    (ThresholdRule::PerArm, "Each arm", "each arm has its own threshold"),
    (ThresholdRule::MatchedFpr, "Same FPR", "the challenger is held at the champion's false-positive rate"),
    (ThresholdRule::MatchedFlagRate, "Same flag rate", "the challenger is held at the champion's flag rate"),
    (ThresholdRule::LeastCost, "Least cost", "each arm at the threshold of least cost"),
];

impl Scene<'_> {
    pub(crate) fn rule(&self) -> ThresholdRule {
        let [champion, challenger] = self.comparison.plan.thresholds.map(|threshold| threshold.basis);
        match (champion, challenger) {
            (_, ThresholdBasis::MatchedFpr) => ThresholdRule::MatchedFpr,
            (_, ThresholdBasis::MatchedFlagRate) => ThresholdRule::MatchedFlagRate,
            (ThresholdBasis::LeastCost, _) | (_, ThresholdBasis::LeastCost) => ThresholdRule::LeastCost,
            _ => ThresholdRule::PerArm,
        }
    }

    pub(crate) fn threshold(&self) -> ThresholdModel {
        let thresholds = self.thresholds();
        let logit = self.probabilities();
        let range = self.range(thresholds, logit);
        let rule = self.rule();
        let texts = threshold_texts(thresholds, logit, range);
        let mut texts = texts.into_iter();
        let values = thresholds.map(|value| value.zip(texts.next().flatten()));
        let scored = self.kinds.map(|kind| kind.is_some());
        let pair = scored == [true, true] && self.comparison.plan.challenger.is_some();
        let rules = RULES
            .into_iter()
            .map(|(option, title, reason)| {
                let enabled = match option {
                    ThresholdRule::MatchedFpr | ThresholdRule::MatchedFlagRate => pair,
                    ThresholdRule::PerArm | ThresholdRule::LeastCost => scored.contains(&true),
                };
                let reason = if enabled { reason } else { "needs the scores of both arms" };
                RuleOption { rule: option, title, enabled, reason }
            })
            .collect();
        let movable = match rule {
            ThresholdRule::PerArm => scored,
            ThresholdRule::MatchedFpr | ThresholdRule::MatchedFlagRate => [scored[0], false],
            ThresholdRule::LeastCost => [false, false],
        };
        ThresholdModel {
            range,
            logit,
            ticks: ticks(range, logit),
            values,
            movable,
            caption: if logit { "threshold, log-odds scale" } else { "threshold" },
            rule,
            rules,
            basis: self.comparison.plan.thresholds.map(|threshold| basis_word(threshold.basis)),
            remark: self.remark(rule),
        }
    }

    fn remark(&self, rule: ThresholdRule) -> String {
        match rule {
            ThresholdRule::MatchedFpr => "the challenger follows at the same false-positive rate".to_owned(),
            ThresholdRule::MatchedFlagRate => "the challenger follows at the same flag rate".to_owned(),
            ThresholdRule::LeastCost => {
                let [positive, negative] = self.comparison.plan.costs;
                let (positive, negative) = (format::plain(positive), format::plain(negative));
                format!("least cost at {positive} for a false positive and {negative} for a false negative")
            }
            ThresholdRule::PerArm => {
                let [champion, challenger] = self.comparison.plan.thresholds.map(|one| basis_word(one.basis));
                if champion == challenger || self.comparison.plan.challenger.is_none() {
                    champion.to_owned()
                } else {
                    format!("champion {champion}, challenger {challenger}")
                }
            }
        }
    }

    /// Ends of the scale: what the scores cover, and always both thresholds.
    fn range(&self, thresholds: [Option<f64>; 2], logit: bool) -> (f64, f64) {
        let set = || thresholds.into_iter().flatten();
        if logit {
            let lo = set().filter(|value| *value > 0.0).map(|value| value / 3.0).fold(0.001, f64::min);
            let hi = set().filter(|value| *value < 1.0).map(|value| 1.0 - (1.0 - value) / 3.0).fold(0.97, f64::max);
            return (lo.max(1e-9), hi.min(1.0 - 1e-9));
        }
        let edges = self.comparison.scores.as_ref().map_or(&[][..], |scores| &scores.histogram.edges);
        let ends = edges.first().copied().zip(edges.last().copied());
        let (lo, hi) = ends.unwrap_or_else(|| {
            set().fold((0.0, 1.0), |(lo, hi): (f64, f64), value| (lo.min(value - 1.0), hi.max(value + 1.0)))
        });
        set().fold((lo, hi), |(lo, hi), value| (lo.min(value), hi.max(value)))
    }

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
                let rest = columns.iter().map(|column| column.difference(&champion, &challenger));
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

/// Both thresholds with the same decimals: enough for three digits of the distance to the nearer end.
pub(crate) fn threshold_texts(values: [Option<f64>; 2], logit: bool, range: (f64, f64)) -> [Option<String>; 2] {
    let decimals = values
        .into_iter()
        .flatten()
        .map(|value| {
            if logit {
                format::decimals_for_significant(value.min(1.0 - value), 3).clamp(3, 9)
            } else {
                format::decimals_for_significant((range.1 - range.0) / 1_000.0, 1)
            }
        })
        .max()
        .unwrap_or(3);
    values.map(|value| value.map(|value| format::fixed(value, decimals)))
}

/// What a kind of score is called on an axis.
pub(crate) fn score_title(kinds: [Option<ScoreKind>; 2], logit: bool) -> String {
    match (kinds.iter().flatten().all(|kind| *kind == ScoreKind::Probability), logit) {
        (true, true) => "score, logit scale".to_owned(),
        _ => "score".to_owned(),
    }
}

fn ticks((lo, hi): (f64, f64), logit: bool) -> Vec<(f64, String)> {
    if logit {
        let places = [
            1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 0.001, 0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99,
            0.999, 0.9999, 0.99999,
        ];
        // Nearer than this to its neighbour a label has no room on a track of half a page.
        const APART: f64 = 0.55;
        let place = |value: f64| (value / (1.0 - value)).ln();
        let mut last = f64::NEG_INFINITY;
        let within = places.into_iter().filter(|value| (lo * 0.999..=hi).contains(value));
        return within
            .filter(|value| {
                let free = place(*value) - last >= APART;
                if free {
                    last = place(*value);
                }
                free
            })
            .map(|value| (value, format::plain(value)))
            .collect();
    }
    let span = hi - lo;
    if !(span.is_finite() && span > 0.0) {
        return Vec::new();
    }
    let power = 10f64.powf((span / 5.0).log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0].map(|factor| factor * power).into_iter().find(|step| *step >= span / 5.0);
    let step = step.unwrap_or(span);
    let (first, last) = ((lo / step).ceil() as i64, (hi / step).floor() as i64);
    (first..=last).map(|index| index as f64 * step).map(|value| (value, format::plain(value))).collect()
}

const fn basis_word(basis: ThresholdBasis) -> &'static str {
    match basis {
        ThresholdBasis::Given => "given",
        ThresholdBasis::FromDecisions => "read off its decisions",
        ThresholdBasis::Half => "one half",
        ThresholdBasis::Prevalence => "flags as many as are positive",
        ThresholdBasis::MatchedFpr => "matched FPR",
        ThresholdBasis::MatchedFlagRate => "matched flag rate",
        ThresholdBasis::LeastCost => "least cost",
        ThresholdBasis::LoggedDecisions => "logged decisions",
    }
}
