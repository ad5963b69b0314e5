//! Confusion: both matrices, their difference with its interval, the flips, and the rates read off them.
//!
//! Rows are truth, columns are prediction. A cell's `shade` is linear, 0 to 1 of the largest value of both arms,
//! so that equal shade is equal value; the surface puts its ramp (exponent 0.6) over it.

mod cells;
mod rates;
#[cfg(test)]
mod tests;

pub use rates::RateRow;

use super::{Sentence, Sheet, Sign, Weight, format};
use crate::compare::{Live, PerArm, Plan, Selection, ThresholdBasis, ThresholdRule};
use crate::log::ArmRole;

/// What the counts of both matrices are divided by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Normalise {
    /// By nothing: rows.
    #[default]
    Counts,
    /// By the rows of the same truth.
    ByTruth,
    /// By the rows of the same prediction.
    ByPrediction,
    /// By all rows.
    OfAll,
}

impl Normalise {
    /// All of them, as they stand in the control.
    pub const ALL: [(Self, &'static str); 4] = [
        (Self::Counts, "Counts"),
        (Self::ByTruth, "By truth"),
        (Self::ByPrediction, "By prediction"),
        (Self::OfAll, "Of all"),
    ];
}

/// How a cell of the difference reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    Better,
    Worse,
    /// The interval contains 0.
    NoDifference,
    /// There is no interval, so nothing is said.
    Untold,
}

/// One cell of any of the matrices.
#[derive(Clone, Debug, PartialEq)]
pub struct CellModel {
    /// Count, share or difference, as printed.
    pub main: String,
    /// Share or interval under it; may be empty.
    pub sub: String,
    /// 0 to 1 for counts; −1 (champion) to 1 (challenger) for differences and flips, 0 uncoloured.
    pub shade: f64,
    /// Of a difference only.
    pub reading: Option<Reading>,
    /// Everything the cell says, for hover and screen readers.
    pub name: String,
    /// What a click selects.
    pub selection: Selection,
    /// The rows shown are those of this cell.
    pub selected: bool,
}

/// Matrix of one arm.
#[derive(Clone, Debug, PartialEq)]
pub struct ArmMatrix {
    pub role: ArmRole,
    pub name: String,
    /// `at 0.313`, or `as logged`.
    pub threshold: String,
    /// `[truth][prediction]`, negative first.
    pub cells: [[CellModel; 2]; 2],
    /// Rows of each truth.
    pub totals: [String; 2],
    /// `precision 48.4 %, recall 36.1 %` and `flags 14,562 rows`.
    pub notes: [String; 2],
}

/// Challenger minus champion.
#[derive(Clone, Debug, PartialEq)]
pub struct DifferenceMatrix {
    /// `challenger − champion`.
    pub title: String,
    /// `95 % intervals, paired`.
    pub qualifier: String,
    pub cells: [[CellModel; 2]; 2],
    /// Why it cannot follow the chosen division, where it cannot.
    pub note: String,
    /// Belongs to the thresholds before the drag.
    pub stale: bool,
}

/// Who is right on the same rows.
#[derive(Clone, Debug, PartialEq)]
pub struct FlipMatrix {
    /// Both right, fixed, broken, both wrong; by truth, negative first.
    pub cells: [[CellModel; 4]; 2],
    /// `fraud: net +664 right [+544, +784]`, positive class first.
    pub nets: [String; 2],
    /// The counts belong to the thresholds before the drag.
    pub stale: bool,
    /// The nets do.
    pub nets_stale: bool,
}

/// Titles of the columns of a [`FlipMatrix`].
pub const FLIP_COLUMNS: [&str; 4] = ["both right", "fixed", "broken", "both wrong"];

/// Titles of the predictions, negative first.
pub const DECISIONS: [&str; 2] = ["pass", "flag"];

/// What is selected.
#[derive(Clone, Debug, PartialEq)]
pub struct SelectionModel {
    pub selection: Selection,
    pub inverted: Selection,
    /// As a sentence part.
    pub words: String,
    /// Rows in it, where the counts tell; otherwise the list of rows does.
    pub count: Option<u64>,
    /// `7.9 % of fraud`; empty where no truth is given.
    pub share: String,
}

/// Everything the view shows above the rows.
#[derive(Clone, Debug, PartialEq)]
pub struct ConfusionModel {
    pub normalise: Normalise,
    /// Rule the thresholds follow; `None` where decisions were logged without scores.
    pub rule: Option<ThresholdRule>,
    /// Names of the classes, negative first.
    pub classes: [String; 2],
    pub arms: PerArm<ArmMatrix>,
    pub difference: Option<DifferenceMatrix>,
    pub flips: Option<FlipMatrix>,
    pub rates: Vec<RateRow>,
    /// The rates belong to the thresholds before the drag.
    pub rates_stale: bool,
    /// Level of the intervals and what they rest on.
    pub rates_qualifier: String,
    pub selection: Option<SelectionModel>,
    /// Why there is no matrix at all.
    pub empty: Option<String>,
}

/// The model of `sheet`; `live` while a threshold is dragged.
pub fn confusion(
    sheet: &Sheet<'_>,
    live: Option<&Live>,
    normalise: Normalise,
    selection: Option<&Selection>,
) -> ConfusionModel {
    let comparison = sheet.comparison;
    let plan = &comparison.plan;
    let population = &comparison.population;
    let classes = population.class_words();
    let counts = live.map_or(&comparison.confusion, |live| &live.confusion);
    let view = cells::Context { comparison, live, normalise, classes: &classes, selection };
    let arms = cells::arms(&view, counts);
    let empty = arms.champion.is_none().then(|| match population.analysed {
        0 => "No row has a label and the predictions of every model. Map labels to see who is right.".to_owned(),
        _ => "The log holds no decision of the champion. Give a threshold, or map its decisions.".to_owned(),
    });
    ConfusionModel {
        normalise,
        rule: rule(plan),
        arms,
        difference: cells::difference(&view),
        flips: cells::flips(&view),
        rates: rates::rates(comparison),
        rates_stale: live.is_some(),
        rates_qualifier: format!("{} % intervals; one population, the plan's thresholds", level(plan)),
        selection: selection.map(|selection| selected(&view, plan, selection)),
        classes,
        empty,
    }
}

impl ConfusionModel {
    /// The selection with its count and share.
    pub fn sentence(&self) -> Sentence {
        let Some(selection) = &self.selection else {
            return Sentence::default().part(Weight::Muted, "No cell is chosen. Click one to see its rows.");
        };
        let mut sentence = Sentence::default().plain(selection.words.clone());
        if let Some(count) = selection.count {
            sentence = sentence.strong(format!("  {} {}", format::count(count), rows_word(count)));
        }
        if !selection.share.is_empty() {
            sentence = sentence.part(Weight::Muted, format!("  {}", selection.share));
        }
        sentence
    }
}

impl From<ArmRole> for Sign {
    fn from(role: ArmRole) -> Self {
        match role {
            ArmRole::Champion => Self::Champion,
            ArmRole::Challenger => Self::Challenger,
        }
    }
}

pub(super) fn rows_word(count: u64) -> &'static str {
    if count == 1 { "row" } else { "rows" }
}

/// `95` of 0.95, `99.5` of 0.995.
fn level(plan: &Plan) -> String {
    format::confidence(plan.level)
}

fn rule(plan: &Plan) -> Option<ThresholdRule> {
    if plan.thresholds.iter().any(|threshold| threshold.basis == ThresholdBasis::LoggedDecisions) {
        return None;
    }
    Some(match plan.thresholds[1].basis {
        ThresholdBasis::MatchedFpr => ThresholdRule::MatchedFpr,
        ThresholdBasis::MatchedFlagRate => ThresholdRule::MatchedFlagRate,
        ThresholdBasis::LeastCost => ThresholdRule::LeastCost,
        _ => ThresholdRule::PerArm,
    })
}

fn selected(view: &cells::Context<'_>, plan: &Plan, selection: &Selection) -> SelectionModel {
    let count = view.count(selection);
    let share = match (count, selection.truth, selection.inverted) {
        (Some(count), Some(truth), false) => {
            let all = view.rows_of(usize::from(truth));
            if all > 0 {
                let share = count as f64 / all as f64;
                let decimals = format::decimals_for_significant(share * 100.0, 2).clamp(1, 4);
                format!("{} of {}", format::share(share, decimals), view.classes[usize::from(truth)])
            } else {
                String::new()
            }
        }
        _ => String::new(),
    };
    SelectionModel {
        selection: selection.clone(),
        inverted: Selection { inverted: !selection.inverted, ..selection.clone() },
        words: selection.words(plan, [&view.classes[0], &view.classes[1]]),
        count,
        share,
    }
}
