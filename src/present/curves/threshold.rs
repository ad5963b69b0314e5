//! The threshold control.

use super::Scene;
use crate::compare::{Live, ThresholdBasis, ThresholdRule};
use crate::log::ScoreKind;
use crate::present::Sheet;
use crate::present::format;

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

/// The control alone, for views that only stand under it.
pub fn threshold(sheet: &Sheet<'_>, live: Option<&Live>) -> ThresholdModel {
    Scene::of(sheet.log, sheet.comparison, live).threshold()
}

/// The rules with their names and explanations, in the order of the control.
pub const RULES: [(ThresholdRule, &str, &str); 4] = [
    (ThresholdRule::PerArm, "Per model", "each model has its own threshold"),
    (ThresholdRule::MatchedFpr, "Matched FPR", "the challenger is held at the champion's false-positive rate"),
    (ThresholdRule::MatchedFlagRate, "Matched flag rate", "the challenger is held at the champion's flag rate"),
    (ThresholdRule::LeastCost, "Least cost", "each model at the threshold of least cost"),
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
        let split = self.comparison.detail.is_split();
        let rules = RULES
            .into_iter()
            .map(|(option, title, reason)| {
                let enabled = match option {
                    ThresholdRule::MatchedFpr | ThresholdRule::MatchedFlagRate => pair && !split,
                    ThresholdRule::PerArm | ThresholdRule::LeastCost => scored.contains(&true),
                };
                let reason = match enabled {
                    true => reason,
                    false if pair && split => "needs both models' answers to the same requests",
                    false => "needs the scores of both arms",
                };
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
    pub(super) fn range(&self, thresholds: [Option<f64>; 2], logit: bool) -> (f64, f64) {
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
