//! From the models of [`present`](crate::present) to those of the shell and the kit.

use crate::decision::Recommendation;
use crate::present::frame::{Frame, FrameRail, FrameTop};
use crate::present::overview::{Plot, PlotAxis, Station};
use crate::present::{Sentence, Sign, Weight};
use crate::session::View;
use crate::ui::marks::Mark;
use crate::ui::shell::{RailModel, SliceLine, TabLine, TopBarModel, Verdict};
use crate::ui::text::Spans;
use crate::ui::theme::Tokens;
use crate::ui::widgets::flow::FlowPart;
use crate::ui::widgets::{ForestAxis, ForestRow, Shade};

impl From<Sign> for Mark {
    fn from(sign: Sign) -> Self {
        match sign {
            Sign::Champion => Self::Champion,
            Sign::Challenger => Self::Challenger,
            Sign::Pass => Self::Pass,
            Sign::Fail => Self::Fail,
            Sign::Inconclusive => Self::Inconclusive,
            Sign::NotEvaluable => Self::NotEvaluable,
        }
    }
}

impl From<Recommendation> for Mark {
    fn from(recommendation: Recommendation) -> Self {
        match recommendation {
            Recommendation::Promote => Self::Pass,
            Recommendation::PromoteWithConditions => Self::PassWithConditions,
            Recommendation::Extend => Self::Inconclusive,
            Recommendation::Reject => Self::Fail,
            Recommendation::Rollback => Self::Rollback,
            Recommendation::Invalid => Self::Invalid,
        }
    }
}

impl From<&FrameTop> for TopBarModel {
    fn from(top: &FrameTop) -> Self {
        Self {
            workspace: top.workspace.clone(),
            kind: top.kind.clone(),
            dates: top.dates.clone(),
            champion: top.champion.clone(),
            challenger: top.challenger.clone(),
            rivals: top.rivals.clone(),
            threshold_basis: top.threshold_basis.clone(),
            thresholds: top.thresholds.clone(),
            verdict: Verdict { mark: top.recommendation.into(), text: top.verdict.clone(), rule: top.rule.clone() },
        }
    }
}

impl From<&FrameRail> for RailModel {
    fn from(rail: &FrameRail) -> Self {
        Self {
            arms: rail.arms.iter().map(|(sign, name, lines)| ((*sign).into(), name.clone(), lines.clone())).collect(),
            files: rail.files.clone(),
            files_note: rail.files_note.clone(),
            seen: rail.seen.clone(),
            lost: rail.lost.clone(),
            analysed: rail.analysed.clone(),
            share: rail.share,
            population_note: rail.population_note.clone(),
            slices: rail
                .slices
                .iter()
                .map(|slice| SliceLine {
                    name: slice.name.clone(),
                    rows: slice.rows.clone(),
                    mark: slice.sign.map(Mark::from),
                    removable: slice.removable,
                    index: slice.index,
                })
                .collect(),
            slice: rail.slice,
            checks: rail
                .checks
                .iter()
                .map(|check| {
                    (check.outcome.into(), check.title.clone(), check.reading.clone(), check.explanation.clone())
                })
                .collect(),
            checks_passed: rail.checks_passed.clone(),
        }
    }
}

/// Tabs of `views`.
pub fn tabs(frame: &Frame, views: &[View]) -> Vec<TabLine> {
    let mark = |view: View| match view {
        View::Overview => frame.tabs.overview,
        View::Validity => frame.tabs.validity,
        View::Decision => frame.tabs.decision,
        _ => None,
    };
    views.iter().map(|&view| TabLine { title: view.title().to_owned(), mark: mark(view).map(Mark::from) }).collect()
}

/// A sentence in the weights of `spans`.
pub fn sentence(mut spans: Spans, sentence: &Sentence, tokens: &Tokens) -> Spans {
    for (weight, text) in &sentence.0 {
        spans = match weight {
            Weight::Plain => spans.text(text),
            Weight::Strong => spans.strong(text),
            Weight::Muted => spans.muted(text),
            Weight::Champion => spans.hue(text, tokens.champion),
            Weight::Challenger => spans.hue(text, tokens.challenger),
        };
    }
    spans
}

pub(super) fn flow_parts(flow: &[Station]) -> Vec<FlowPart> {
    flow.iter()
        .map(|station| FlowPart {
            name: station.name.clone(),
            rows: station.rows.clone(),
            lost: station.lost.clone(),
            share: station.share,
        })
        .collect()
}

pub(super) fn forest_axis(axis: &PlotAxis) -> ForestAxis {
    ForestAxis { lo: axis.lo, hi: axis.hi, ticks: axis.ticks.clone(), unit: axis.unit.clone() }
}

/// `None` draws the dashed line of what has no interval.
pub(super) fn forest_row(plot: Option<Plot>, quiet: bool) -> ForestRow {
    let Some(plot) = plot else {
        return ForestRow { quiet, ..ForestRow::default() };
    };
    let shade = match (plot.shade_below, plot.shade_above) {
        (None, None) => Shade::None,
        (Some(below), None) => Shade::Below(below),
        (None, Some(above)) => Shade::Above(above),
        (Some(below), Some(above)) => Shade::Outside(below, above),
    };
    ForestRow { estimate: Some(plot.value), interval: plot.interval, shade, quiet }
}
