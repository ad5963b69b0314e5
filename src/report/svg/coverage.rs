//! Rows and label coverage over time.

use super::plot::{Plot, Scale};
use crate::present::validity::Coverage;

/// Bars: rows against the largest bucket. Line: share with a label. Dashed: until where labels are final.
pub(in crate::report) fn coverage(found: &Coverage) -> String {
    let x = Scale { lo: 0.0, hi: 1.0, ticks: found.ticks.clone(), title: String::new() };
    let ticks = [(0.0, "0 %"), (0.5, "50 %"), (1.0, "100 %")];
    let y = Scale {
        lo: 0.0,
        hi: 1.05,
        ticks: ticks.map(|(place, text)| (place, text.to_owned())).to_vec(),
        title: "share labelled".to_owned(),
    };
    let mut plot = Plot::new(x, y, 210.0);
    let most = found.most_rows.max(1) as f64;
    for line in &found.lines {
        let (low, high) = (plot.place([line.from, 0.0]), plot.place([line.to, line.rows as f64 / most]));
        plot.scene.rect("bar-rest", low[0], high[1], high[0] - low[0] - 1.0, low[1] - high[1]);
    }
    let steps = found.lines.iter().filter(|line| line.rows > 0);
    let steps: Vec<[f64; 2]> = steps.flat_map(|line| [[line.from, line.share()], [line.to, line.share()]]).collect();
    plot.polyline("curve steps", &steps);
    if let Some(until) = found.final_until {
        plot.line("edge", [until, 0.0], [until, 1.05]);
    }
    plot.scene.finish("coverage", "Label coverage over time", &found.description)
}
