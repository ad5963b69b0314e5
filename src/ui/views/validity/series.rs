//! Rows and label coverage along the time axis.

use eframe::egui::Ui;

use crate::present::format::count;
use crate::present::validity::Series;
use crate::ui::theme::Tokens;
use crate::ui::widgets::{Axis, Chart};

pub(super) fn series_ui(ui: &mut Ui, series: &Series) {
    let tokens = Tokens::of(ui);
    let x = Axis::new(0.0, 1.0, "", series.ticks.clone()).without_grid();
    let ticks = [(0.0, "0 %"), (0.5, "50 %"), (1.0, "100 %")].map(|(place, label)| (place, label.to_owned()));
    let title = format!("share labelled; tallest bar {} rows", count(series.most_rows));
    let y = Axis::new(0.0, 1.05, &title, ticks.to_vec());
    Chart::new("Label coverage", &x, &y).describe(&series.description).show(ui, |canvas| {
        let most = series.most_rows.max(1) as f64;
        let bars = series.points.iter().map(|point| (point.from, point.to, point.rows / most));
        canvas.bars(bars, tokens.line_strong);
        // A step per bucket: coverage is a share of the bucket, not a value between two.
        let line = series.points.iter().filter(|point| point.rows > 0.0);
        canvas.line(line.flat_map(|point| [(point.from, point.labelled), (point.to, point.labelled)]), tokens.ink);
        let under = canvas
            .hover()
            .and_then(|(place, _)| series.points.iter().find(|point| point.from <= place && place < point.to));
        if let Some(point) = under {
            canvas.crosshair_x((point.from + point.to) / 2.0);
            canvas.response().clone().on_hover_text(&point.hover);
        }
    });
}
