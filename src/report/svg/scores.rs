//! Score distributions of both arms for one class of truth.

use super::plot::{Name, Plot, Scale};
use crate::compare::Histogram;
use crate::present::format::{count, plain};

/// Rows per bin on shared edges, of scores or errors.
pub(in crate::report) struct Bins<'a> {
    pub key: &'a str,
    pub title: &'a str,
    /// Title of the axis of values.
    pub axis: &'a str,
    pub edges: &'a [f64],
    pub arms: [&'a [u64]; 2],
}

/// Scores of one class of truth.
pub(in crate::report) fn by_truth(
    histogram: &Histogram,
    truth: usize,
    names: &[Option<String>; 2],
    thresholds: [Option<f64>; 2],
    title: &str,
    description: &str,
) -> String {
    let bins = Bins {
        key: if truth == 0 { "scores-negative" } else { "scores-positive" },
        title,
        axis: "score",
        edges: &histogram.edges,
        arms: [&histogram.champion[truth], &histogram.challenger[truth]],
    };
    distribution(&bins, names, thresholds, description)
}

/// Bins as the outline of their bars, rows on a logarithmic axis; empty bins lie on the frame.
pub(in crate::report) fn distribution(
    bins: &Bins<'_>,
    names: &[Option<String>; 2],
    thresholds: [Option<f64>; 2],
    description: &str,
) -> String {
    let arms = bins.arms;
    let most = arms.iter().flat_map(|bins| bins.iter()).copied().max().unwrap_or(1).max(10);
    let (first, last) = match (bins.edges.first(), bins.edges.last()) {
        (Some(first), Some(last)) if last > first => (*first, *last),
        _ => (0.0, 1.0),
    };
    let top = (most as f64).log10() * 1.4;
    let decades = (0..=(top.floor() as i32).min(18)).map(|power| 10_u64.pow(power.unsigned_abs()));
    let y = Scale {
        // Half a row: one row is seen above the frame.
        lo: -0.3,
        hi: top,
        ticks: decades.map(|rows| ((rows as f64).log10(), count(rows))).collect(),
        title: "rows per bin, log axis".to_owned(),
    };
    let ticks = (0..=5).map(|index| first + (last - first) * f64::from(index) / 5.0);
    let x = Scale {
        lo: first,
        hi: last,
        ticks: ticks.map(|tick| (tick, plain((tick * 1e4).round() / 1e4))).collect(),
        title: bins.axis.to_owned(),
    };
    let mut plot = Plot::new(x, y, 230.0);
    let mut named = Vec::new();
    for (arm, name) in names.iter().enumerate() {
        let Some(name) = name else { continue };
        let mut outline = Vec::with_capacity(arms[arm].len() * 2);
        for (bin, rows) in arms[arm].iter().enumerate() {
            let (Some(from), Some(to)) = (bins.edges.get(bin), bins.edges.get(bin + 1)) else { break };
            let height = if *rows == 0 { -0.3 } else { (*rows as f64).log10() };
            outline.extend([[*from, height], [*to, height]]);
        }
        if let Some(threshold) = thresholds[arm] {
            plot.line(&format!("threshold a{arm}"), [threshold, -0.3], [threshold, top * 0.76]);
        }
        plot.polyline(&format!("curve a{arm}"), &outline);
        let share = if arm == 0 { 0.22 } else { 0.1 };
        let point = outline.get((outline.len() as f64 * share) as usize).copied();
        named.push(Name { arm, text: name, height: if arm == 0 { 0.86 } else { 0.96 }, point });
    }
    plot.names(0.99, &named);
    plot.scene.finish(bins.key, bins.title, description)
}
