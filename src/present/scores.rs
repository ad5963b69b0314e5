//! Scores: distributions by truth on shared edges, score against score, drift, and flag rates over time.

mod histogram;

pub(crate) use histogram::histogram;
pub use histogram::{HistogramPanel, ScoreHistogram};

use super::Sheet;
use super::curves::{Scene, ThresholdModel, spread_edges};
use super::format;
use crate::compare::{Live, ScoreSummary, SeriesPoint};

/// What the Scores view shows.
#[derive(Clone, Debug, Default)]
pub struct ScoresModel {
    /// Why there is nothing to draw and what to do about it; everything else is then empty.
    pub empty: Option<String>,
    pub threshold: ThresholdModel,
    pub histogram: Option<ScoreHistogram>,
    /// Why there is no distribution by truth.
    pub no_histogram: String,
    pub joint: Option<JointModel>,
    /// Why scores cannot be set against each other.
    pub no_joint: String,
    pub drift: Vec<DriftLine>,
    pub flags: Option<FlagModel>,
    pub no_flags: String,
}

/// Score against score: rows per cell, champion along x.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JointModel {
    /// Ends of the bins, the same for both arms; one more than bins.
    pub edges: Vec<f64>,
    pub logit: bool,
    /// Row-major by champion.
    pub counts: Vec<u64>,
    pub most: u64,
    pub rows: u64,
    pub thresholds: [Option<f64>; 2],
    /// `correlation 0.914`; empty where undefined.
    pub correlation: String,
    /// Axis titles, champion and challenger.
    pub titles: [String; 2],
}

/// A measure of how differently the two models score, and what it means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DriftLine {
    pub name: &'static str,
    /// Undefined values are an en dash.
    pub value: String,
    pub meaning: String,
}

/// Share of rows flagged by each arm over time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FlagModel {
    /// First start and last end, microseconds UTC.
    pub range: (f64, f64),
    /// Upper end of the share axis.
    pub top: f64,
    pub ticks: Vec<(f64, String)>,
    pub levels: Vec<(f64, String)>,
    /// (middle of the bucket, share) per arm.
    pub lines: [Vec<(f64, f64)>; 2],
    /// `per day`, `per hour`.
    pub qualifier: String,
}

/// The model; `live` holds what follows a dragged threshold within the frame.
pub fn scores(sheet: &Sheet<'_>, live: Option<&Live>) -> ScoresModel {
    model(&Scene::of(sheet.log, sheet.comparison, live))
}

pub(crate) fn model(scene: &Scene<'_>) -> ScoresModel {
    let comparison = scene.comparison;
    let Some(summary) = &comparison.scores else {
        return ScoresModel { empty: Some(NO_SCORES.to_owned()), ..ScoresModel::default() };
    };
    let histogram = histogram(scene);
    let joint = joint(scene, summary);
    let pair = comparison.plan.challenger.is_some();
    let flags = flags(&comparison.series);
    ScoresModel {
        empty: None,
        threshold: scene.threshold(),
        no_histogram: if histogram.is_some() { String::new() } else { NO_LABELS.to_owned() },
        histogram,
        no_joint: match (&joint, pair) {
            (Some(_), _) => String::new(),
            (None, false) => {
                "The log holds one model; a second one is needed to set scores against each other.".to_owned()
            }
            (None, true) => "One arm logged no scores, so they cannot be set against each other.".to_owned(),
        },
        joint,
        drift: if pair { drift(summary) } else { Vec::new() },
        no_flags: if flags.is_some() {
            String::new()
        } else {
            "The log has no times. Map a time column under Change mapping to see flag rates over time.".to_owned()
        },
        flags,
    }
}

const NO_SCORES: &str = "The log holds decisions and no scores. Map a score column under Change mapping to see how \
                         the models score.";
const NO_LABELS: &str = "No analysed row has a label, so scores cannot be told apart by truth. Score against score \
                         and drift need no labels and stand beside.";

fn joint(scene: &Scene<'_>, summary: &ScoreSummary) -> Option<JointModel> {
    let bins = summary.joint_edges.len().checked_sub(1)?;
    let rows: u64 = summary.joint.iter().sum();
    if bins == 0 || summary.joint.len() != bins * bins || rows == 0 {
        return None;
    }
    let (edges, logit) = spread_edges(&summary.joint_edges, scene.probabilities());
    let plan = &scene.comparison.plan;
    let scale = if logit { ", logit scale" } else { "" };
    let challenger = plan.challenger.as_deref().unwrap_or("challenger");
    Some(JointModel {
        edges,
        logit,
        most: summary.joint.iter().copied().max().unwrap_or(0),
        counts: summary.joint.clone(),
        rows,
        thresholds: scene.thresholds(),
        correlation: summary
            .pearson
            .map(|value| format!("correlation {}", format::fixed(value, 3)))
            .unwrap_or_default(),
        titles: [format!("score of {}{scale}", plan.champion), format!("score of {challenger}{scale}")],
    })
}

fn drift(summary: &ScoreSummary) -> Vec<DriftLine> {
    let text = |value: Option<f64>| value.map_or_else(|| format::UNDEFINED.to_owned(), |value| format::fixed(value, 3));
    // Bounds of the population stability index: Siddiqi 2006, Credit Risk Scorecards.
    let psi = match summary.psi {
        Some(psi) if psi < 0.1 => "little: below 0.1 the challenger fills the champion's deciles alike",
        Some(psi) if psi < 0.25 => "moderate: a threshold carried over from the champion flags another share",
        Some(_) => "large: scores of the two models are not interchangeable, thresholds must be set anew",
        None => "undefined: needs the scores of both arms",
    };
    let js = match summary.js_distance {
        Some(_) => "0 for equal distributions, 1 for disjoint ones",
        None => "undefined: needs the scores of both arms",
    };
    let ks = match summary.ks_distance {
        Some(distance) => {
            let points = format::fixed(distance * 100.0, format::decimals_for_significant(distance * 100.0, 3));
            format!("at the same cut the shares flagged differ by up to {points} pp")
        }
        None => "undefined: needs the scores of both arms".to_owned(),
    };
    let line = |name, value, meaning: &str| DriftLine { name, value: text(value), meaning: meaning.to_owned() };
    vec![
        line("Population stability index", summary.psi, psi),
        line("Jensen-Shannon distance", summary.js_distance, js),
        line("Kolmogorov-Smirnov distance", summary.ks_distance, &ks),
    ]
}

fn flags(series: &[SeriesPoint]) -> Option<FlagModel> {
    const HOUR: i64 = 3_600_000_000;
    const DAY: i64 = 24 * HOUR;
    let first = series.first()?;
    let last = series.last()?;
    let width = series.windows(2).map(|pair| pair[1].start - pair[0].start).min().unwrap_or(DAY).max(1);
    let middle = |point: &SeriesPoint| (point.start + width / 2) as f64;
    let line = |rate: fn(&SeriesPoint) -> Option<f64>| {
        series.iter().filter_map(|point| Some((middle(point), rate(point)?))).collect::<Vec<_>>()
    };
    let lines = [line(|point| point.champion_flag_rate), line(|point| point.challenger_flag_rate)];
    let most = lines.iter().flatten().map(|(_, share)| *share).fold(0.0, f64::max);
    if lines.iter().all(Vec::is_empty) {
        return None;
    }
    let end = last.start + width;
    let shown = |time: i64| {
        let text = format::time(time);
        match (width >= DAY, text.rsplit_once(' ')) {
            (true, Some((day, _))) => day.to_owned(),
            _ => text,
        }
    };
    let every = (series.len() / 6).max(1);
    let ticks = series.iter().step_by(every).map(|point| (middle(point), shown(point.start + width / 2))).collect();
    let (top, step) = round_top(if most > 0.0 { most * 1.05 } else { 0.01 });
    let levels = (0..=(top / step).round() as u32).map(|index| f64::from(index) * step);
    Some(FlagModel {
        range: (first.start as f64, end as f64),
        top,
        ticks,
        levels: levels.map(|level| (level, format!("{} %", format::confidence(level)))).collect(),
        lines,
        qualifier: match width {
            HOUR => "share of rows flagged per hour, at the thresholds of the plan".to_owned(),
            DAY => "share of rows flagged per day, at the thresholds of the plan".to_owned(),
            _ => "share of rows flagged, at the thresholds of the plan".to_owned(),
        },
    })
}

/// An upper end of four or five round steps that holds `most`, and the step.
pub(crate) fn round_top(most: f64) -> (f64, f64) {
    let rough = most / 4.0;
    let power = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0].map(|factor| factor * power).into_iter().find(|step| *step >= rough * 0.9999);
    let step = step.unwrap_or(rough);
    ((most / step).ceil() * step, step)
}

#[cfg(test)]
mod tests;
