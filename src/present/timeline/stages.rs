//! Gates at the end of each stage of a rollout.

use super::percent;
use crate::compare::{CheckOutcome, SplitDetail, Stage, StageOutcome, Unit};
use crate::decision::{Outcome, SAMPLE_RATIO, catalog, outcome_at};
use crate::present::format::{Digits, count, plain};
use crate::present::{Sheet, Sign};
use crate::stats::sample_ratio::ALPHA_FIXED;

/// The gates by stage.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StageGates {
    /// Ids of the gates that are read at every look or by stage.
    pub gates: Vec<String>,
    pub lines: Vec<StageLine>,
}

/// One stage.
#[derive(Clone, Debug, PartialEq)]
pub struct StageLine {
    pub name: String,
    /// `25 %`, or empty where no share was planned.
    pub share: String,
    /// `24 h`.
    pub ran: String,
    /// Rows of the challenger.
    pub rows: String,
    /// In the order of the ids; `None`: not read then.
    pub signs: Vec<Option<Sign>>,
    /// Of the sample ratio.
    pub ratio: Option<CheckOutcome>,
    pub hover: String,
}

pub(super) fn stages(sheet: &Sheet<'_>, detail: &SplitDetail) -> StageGates {
    let column = sheet.log.split.as_ref().and_then(|split| split.stages.as_ref()).map(|(name, _)| name.as_str());
    // A stage ends where the next one begins.
    let end = |index: usize| {
        let next = detail.stages.get(index + 1).and_then(|stage| stage.span);
        next.map(|[from, _]| from)
    };
    let sign = |gate: usize, index: usize, stage: &Stage| -> Option<Sign> {
        let (result, rule) = (sheet.verdict.gates.get(gate)?, sheet.policy.gates.get(gate)?);
        if result.by_segment {
            let slice = format!("{}={}", column?, stage.name);
            let segment = result.segments.iter().find(|segment| segment.slice == slice)?;
            return Some(segment.reading.outcome.into());
        }
        let found: Outcome = outcome_at(rule, result.better, sheet.comparison, end(index))?;
        Some(found.into())
    };
    let read =
        |gate: &usize| detail.stages.iter().enumerate().any(|(index, stage)| sign(*gate, index, stage).is_some());
    let gates: Vec<usize> = (0..sheet.verdict.gates.len()).filter(read).collect();
    // Held as the run's check holds the worst of them.
    let tested = detail.stages.iter().filter(|stage| stage.sample_ratio_p.is_some()).count() as f64;
    let limit = sheet.verdict.validity.iter().find(|check| check.name == SAMPLE_RATIO).and_then(|check| check.limit);
    let sound = |p: f64| (p * tested).min(1.0) >= limit.unwrap_or(ALPHA_FIXED);
    let line = |(index, stage): (usize, &Stage)| {
        let hours = stage.span.map(|[from, to]| (to - from) as f64 / 3.6e9);
        let ratio = stage.sample_ratio_p;
        StageLine {
            name: stage.name.clone(),
            share: stage.planned_share.map_or_else(String::new, percent),
            ran: hours.map_or_else(String::new, |hours| match hours {
                hours if hours < 72.0 => format!("{} h", plain(hours.round())),
                hours => format!("{} d", plain((hours / 24.0).round())),
            }),
            rows: count(stage.rows[1]),
            signs: gates.iter().map(|&gate| sign(gate, index, stage)).collect(),
            ratio: ratio.map(|p| if sound(p) { CheckOutcome::Pass } else { CheckOutcome::Fail }),
            hover: format!(
                "{} requests of the champion, {} of the challenger; {} and {} units{}{}",
                count(stage.rows[0]),
                count(stage.rows[1]),
                count(stage.units[0]),
                count(stage.units[1]),
                ratio.map_or_else(String::new, |p| format!("; sample ratio p = {p:.3}")),
                stage.outcomes.iter().map(|one| outcome(sheet, one)).collect::<String>()
            ),
        }
    };
    StageGates {
        gates: gates.iter().map(|&gate| sheet.verdict.gates[gate].id.clone()).collect(),
        lines: detail.stages.iter().enumerate().map(line).collect(),
    }
}

/// A line of the hover: an outcome in this stage alone.
fn outcome(sheet: &Sheet<'_>, one: &StageOutcome) -> String {
    let unit = sheet.comparison.metric(&one.metric).map_or(Unit::Number, |metric| metric.unit);
    let Some([value, lo, hi]) = one.difference else {
        return format!("\n{}: no difference can be told", catalog::title(&one.metric));
    };
    let digits = Digits::of(unit, value, Some((lo, hi)));
    format!("\n{}: {} {}", catalog::title(&one.metric), digits.signed_unit(value), digits.signed_interval(lo, hi))
}
