//! View models and number formats: what every view, the terminal and the report show, as plain data.
//!
//! A model is built by a pure function from a [`Sheet`]; it holds strings, marks and places, never widgets.
//! The same function serves window, command line and report, so the same thing has the same number.

pub mod agreement;
pub mod business;
pub mod challengers;
pub mod classes;
pub mod confusion;
pub mod curves;
pub mod decision;
pub mod errors;
pub mod format;
pub mod frame;
pub mod image_pairs;
pub mod images;
pub mod operations;
pub mod overview;
pub mod queries;
pub mod reliability;
pub mod rows;
pub mod scores;
pub mod similarity;
pub mod staleness;
pub mod texts;
pub mod timeline;
pub mod validity;

use crate::compare::{Better, Comparison, MetricResult, Plan};
use crate::decision::{Policy, Verdict};
use crate::log::{Log, Task};

/// What a view model is made from.
#[derive(Clone, Copy)]
pub struct Sheet<'a> {
    pub log: &'a Log,
    /// Of the population in view.
    pub comparison: &'a Comparison,
    /// Of all analysed rows, whatever is in view; the default policy's where none was given.
    pub verdict: &'a Verdict,
    pub policy: &'a Policy,
}

/// `95 % intervals, clustered by member_id`.
pub(crate) fn interval_words(plan: &Plan, level: f64) -> String {
    // A query is a unit whatever its lines.
    let how = if plan.task == Task::Ranking { "by" } else { "clustered by" };
    let by = plan.unit.as_ref().map_or_else(String::new, |unit| format!(", {how} {unit}"));
    format!("{} % intervals{by}", format::confidence(level))
}

/// A mark of the visual language, by meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    Champion,
    Challenger,
    Pass,
    Fail,
    Inconclusive,
    NotEvaluable,
}

impl From<crate::decision::Outcome> for Sign {
    fn from(outcome: crate::decision::Outcome) -> Self {
        use crate::decision::Outcome;
        match outcome {
            Outcome::Pass => Self::Pass,
            Outcome::Fail => Self::Fail,
            Outcome::Inconclusive => Self::Inconclusive,
            Outcome::NotEvaluable => Self::NotEvaluable,
        }
    }
}

/// A sentence in parts, so that each surface can weight them in its own way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sentence(pub Vec<(Weight, String)>);

/// How a part of a [`Sentence`] is set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Weight {
    #[default]
    Plain,
    Strong,
    Muted,
    /// In the arm's hue where there is one.
    Champion,
    Challenger,
}

impl Sentence {
    pub fn plain(mut self, text: impl Into<String>) -> Self {
        self.0.push((Weight::Plain, text.into()));
        self
    }

    pub fn strong(mut self, text: impl Into<String>) -> Self {
        self.0.push((Weight::Strong, text.into()));
        self
    }

    pub fn part(mut self, weight: Weight, text: impl Into<String>) -> Self {
        self.0.push((weight, text.into()));
        self
    }

    /// The whole as one text.
    pub fn text(&self) -> String {
        self.0.iter().map(|(_, text)| text.as_str()).collect()
    }
}

/// Who won by `metric`, and on how many of `rows` (better, equal, worse): what is said where the interval does not tell,
/// where the challenger is better, where it is worse. Without an interval nobody won.
fn won(metric: &MetricResult, title: &str, said: [&str; 3], counts: Option<[u64; 3]>, rows: &str) -> Sentence {
    let mut sentence = Sentence::default();
    if let Some(found) = &metric.difference {
        let ends = found.lo.zip(found.hi);
        let digits = format::Digits::of(metric.unit, found.value, ends);
        let interval = ends.map(|(lo, hi)| format!(" {}", digits.signed_interval(lo, hi))).unwrap_or_default();
        let [open, better, worse] = said;
        let said = match ends.is_some_and(|(lo, hi)| lo > 0.0 || hi < 0.0) {
            false => open,
            true if (found.value > 0.0) == (metric.better != Better::Lower) => better,
            true => worse,
        };
        sentence = sentence
            .plain(format!("{said}: {title} "))
            .strong(digits.signed_unit(found.value))
            .part(Weight::Muted, interval);
    } else if let Some(found) = &metric.arms.champion {
        sentence = sentence.plain(format!("{title} is ")).strong(format::with_unit(metric.unit, found.value, false));
    }
    if let Some([better, equal, worse]) = counts {
        sentence = sentence.plain("; better on ").strong(format!("{} {rows}", format::count(better))).plain(format!(
            ", worse on {}, the same on {}",
            format::count(worse),
            format::count(equal)
        ));
    }
    if sentence.0.is_empty() { sentence } else { sentence.plain(".") }
}
