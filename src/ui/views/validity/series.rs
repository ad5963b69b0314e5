//! Rows and label coverage along the time axis.

use eframe::egui::{Align2, Ui};

use crate::present::format::count;
use crate::present::validity::Coverage;
use crate::ui::theme::Tokens;
use crate::ui::widgets::{Axis, Chart};

pub(super) fn series_ui(ui: &mut Ui, coverage: &Coverage) {
    let tokens = Tokens::of(ui);
    let x = Axis::new(0.0, 1.0, "", coverage.ticks.clone()).without_grid();
    let ticks = [(0.0, "0 %"), (0.5, "50 %"), (1.0, "100 %")].map(|(place, label)| (place, label.to_owned()));
    let title = format!("share labelled; tallest bar {} rows", count(coverage.most_rows));
    let y = Axis::new(0.0, 1.05, &title, ticks.to_vec());
    Chart::new("Label coverage", &x, &y).describe(&coverage.description).show(ui, |canvas| {
        let most = coverage.most_rows.max(1) as f64;
        let bars = coverage.lines.iter().map(|line| (line.from, line.to, line.rows as f64 / most));
        canvas.bars(bars, tokens.line_strong);
        // A step per bucket: coverage is a share of the bucket, not a value between two.
        let steps = coverage.lines.iter().filter(|line| line.rows > 0);
        canvas.line(steps.flat_map(|line| [(line.from, line.share()), (line.to, line.share())]), tokens.ink);
        if let Some(until) = coverage.final_until {
            canvas.vertical_dashed(until, tokens.muted);
            canvas.remark(until, 1.05, [-4.0, 3.0], Align2::RIGHT_TOP, "final until here");
        }
        let under = canvas
            .hover()
            .and_then(|(place, _)| coverage.lines.iter().find(|line| line.from <= place && place < line.to));
        if let Some(line) = under {
            canvas.crosshair_x((line.from + line.to) / 2.0);
            canvas.response().clone().on_hover_text(&line.hover);
        }
    });
}
