//! Score distributions by truth.

use crate::present::curves::{Scene, score_title, spread_edges, threshold_texts};
use crate::present::format;

/// Rows of one class of truth.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HistogramPanel {
    /// Name of the class.
    pub class: String,
    /// Rows per bin of each arm; `None` for an arm without scores.
    pub counts: [Option<Vec<u64>>; 2],
    /// Shares of the class's rows per bin, 0 to 1.
    pub shares: [Option<Vec<f64>>; 2],
    /// Largest share of both arms, and its text.
    pub top: f64,
    pub top_text: String,
    /// Largest count of both arms.
    pub most: u64,
    pub rows: u64,
}

/// Distributions of both arms on shared edges: positives above, negatives below.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScoreHistogram {
    pub edges: Vec<f64>,
    pub logit: bool,
    pub x_title: String,
    /// Positive class first.
    pub panels: [HistogramPanel; 2],
    pub thresholds: [Option<(f64, String)>; 2],
    pub movable: [bool; 2],
    /// Most rows of a class crowd into one bin, so that counts on a log scale show more.
    pub crowded: bool,
}

/// `None` where no labelled row has a score.
pub(crate) fn histogram(scene: &Scene<'_>) -> Option<ScoreHistogram> {
    let histogram = &scene.comparison.scores.as_ref()?.histogram;
    let bins = histogram.edges.len().checked_sub(1).filter(|bins| *bins > 0)?;
    let (edges, logit) = spread_edges(&histogram.edges, scene.probabilities());
    let population = &scene.comparison.population;
    let panel = |truth: usize, class: &str| {
        let counts = [&histogram.champion[truth], &histogram.challenger[truth]]
            .map(|counts| (counts.len() == bins && counts.iter().any(|count| *count > 0)).then(|| counts.clone()));
        let rows = |counts: &Vec<u64>| counts.iter().sum::<u64>();
        let shares = [&counts[0], &counts[1]].map(|counts| {
            let counts = counts.as_ref()?;
            Some(counts.iter().map(|count| *count as f64 / rows(counts) as f64).collect::<Vec<_>>())
        });
        let top = shares.iter().flatten().flatten().copied().fold(0.0, f64::max);
        HistogramPanel {
            class: class.to_owned(),
            top,
            top_text: format::share(top, format::decimals_for_significant(top * 100.0, 2)),
            most: counts.iter().flatten().flatten().copied().max().unwrap_or(0),
            rows: counts.iter().flatten().map(rows).max().unwrap_or(0),
            counts,
            shares,
        }
    };
    let [mut negative, positive] = population.class_words();
    if population.analysed == 0 {
        // Only a log without any label has scores here and no analysed row.
        negative = "no label yet".to_owned();
    }
    let panels = [panel(1, &positive), panel(0, &negative)];
    if panels.iter().all(|panel| panel.rows == 0) {
        return None;
    }
    let control = scene.threshold();
    let thresholds = scene.thresholds();
    let mut texts = threshold_texts(thresholds, scene.probabilities(), control.range).into_iter();
    Some(ScoreHistogram {
        edges,
        logit,
        x_title: score_title(scene.kinds, logit),
        crowded: panels.iter().any(|panel| panel.top > 0.6),
        panels,
        thresholds: thresholds.map(|value| value.zip(texts.next().flatten())),
        movable: control.movable,
    })
}
