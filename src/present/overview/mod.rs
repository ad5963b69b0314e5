//! Overview: what was found, the scorecard, the weakest segments, flips, and what to know.

mod beside;
mod finding;
mod scorecard;
#[cfg(test)]
pub(crate) mod tests;

pub use beside::{FlipLine, Flips, Remark, SegmentLine, Weakest};
pub use scorecard::{Plot, PlotAxis, ScoreRow, Scorecard};
pub(super) use scorecard::{operational, rows_and_positives, scorecard};

use super::format::{MINUS, count};
use super::{Sentence, Sheet};
use crate::compare::{BUSINESS_VALUE, Comparison, CustomMetric, Population, Scope};

/// What the Overview shows; all numbers as printed.
#[derive(Clone, Debug, PartialEq)]
pub struct OverviewModel {
    /// Subject, verb, value, interval, at what cost, what is open.
    pub finding: Sentence,
    pub flow: Vec<Station>,
    pub scorecard: Scorecard,
    pub own: OwnMetrics,
    pub weakest: Weakest,
    /// `None` for a log of one model.
    pub flips: Option<Flips>,
    /// Most urgent first.
    pub know: Vec<Remark>,
}

/// Metrics of one's own: what is defined, and what one may be written with.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OwnMetrics {
    pub of_policy: Vec<CustomMetric>,
    /// Those that can be changed.
    pub added: Vec<CustomMetric>,
    pub scope: Scope,
}

fn own(sheet: &Sheet<'_>) -> OwnMetrics {
    let of_policy = sheet.policy.custom.clone();
    let defined = sheet.comparison.plan.custom.iter();
    // That of the values is changed where they are written.
    let valued = |name: &str| name == BUSINESS_VALUE && sheet.comparison.plan.value.is_some();
    let taken = |name: &str| valued(name) || of_policy.iter().any(|other| other.name == name);
    let added = defined.filter(|metric| !taken(&metric.name)).cloned().collect();
    OwnMetrics { added, of_policy, scope: Scope::of(sheet.log) }
}

/// One station of the row flow.
#[derive(Clone, Debug, PartialEq)]
pub struct Station {
    pub name: String,
    pub rows: String,
    /// `−4,907 one arm only`; empty where nothing was lost.
    pub lost: String,
    /// Rows left over rows at the start, 0 to 1.
    pub share: f64,
}

/// Model of the Overview for the population in view.
pub fn overview(sheet: &Sheet<'_>) -> OverviewModel {
    OverviewModel {
        finding: finding::finding(sheet),
        flow: flow(&sheet.comparison.population),
        scorecard: scorecard(sheet),
        own: own(sheet),
        weakest: beside::weakest(sheet),
        flips: beside::flips(sheet),
        know: beside::know(sheet),
    }
}

/// The slice in view as written, where the flow goes on after all analysed rows.
pub(super) fn slice_in_view(comparison: &Comparison) -> Option<&str> {
    let flow = &comparison.population.flow;
    let analysed = flow.iter().position(|step| step.name == "Analysed")?;
    flow.get(analysed + 1).map(|step| step.name.as_str())
}

pub(super) fn flow(population: &Population) -> Vec<Station> {
    let start = population.flow.first().map_or(0, |step| step.rows);
    let station = |step: &crate::log::FlowStep| {
        let lost: u64 = step.lost.iter().map(|(_, rows)| rows).sum();
        let causes = match step.lost.as_slice() {
            [] => String::new(),
            [(cause, rows)] => format!("{MINUS}{} {cause}", count(*rows)),
            [(cause, _), rest @ ..] => format!("{MINUS}{} {cause} and {} more", count(lost), rest.len()),
        };
        let share = if start == 0 { 0.0 } else { step.rows as f64 / start as f64 };
        Station { name: step.name.clone(), rows: count(step.rows), lost: causes, share }
    };
    population.flow.iter().map(station).collect()
}
