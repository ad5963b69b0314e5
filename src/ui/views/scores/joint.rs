//! Score against score: rows per cell on a grey ramp, thresholds through it.

use eframe::egui::epaint::Mesh;
use eframe::egui::{Align2, Rect, Ui, pos2};

use crate::present::format;
use crate::present::scores::JointModel;
use crate::ui::text::Spans;
use crate::ui::widgets::{Axis, Chart};

pub(super) fn joint_ui(ui: &mut Ui, model: &JointModel) {
    let (Some(&lo), Some(&hi)) = (model.edges.first(), model.edges.last()) else { return };
    let axis = |title: &str| match model.logit {
        true => Axis::logit(lo, hi, title),
        false => Axis::linear(lo, hi, title, format::plain),
    };
    let (x, y) = (axis(&model.titles[0]), axis(&model.titles[1]));
    let bins = model.edges.len() - 1;
    Chart::new("Score against score", &x, &y).describe(&model.correlation).show(ui, |canvas| {
        let tokens = canvas.tokens;
        let most = (model.most as f64).ln_1p();
        let mut mesh = Mesh::default();
        let cell = |champion: usize, challenger: usize| {
            let low = canvas.at(model.edges[champion], model.edges[challenger]);
            let high = canvas.at(model.edges[champion + 1], model.edges[challenger + 1]);
            Rect::from_min_max(pos2(low.x.round(), high.y.round()), pos2(high.x.round(), low.y.round()))
        };
        for (index, count) in model.counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            // A log of the count keeps single rows in sight.
            let shade = (*count as f64).ln_1p() / most;
            mesh.add_colored_rect(cell(index / bins, index % bins), tokens.density(shade));
        }
        canvas.painter().add(mesh);
        canvas.reference((lo, lo), (hi, hi));
        if let Some(value) = model.thresholds[0] {
            canvas.vertical(value, tokens.champion);
        }
        if let Some(value) = model.thresholds[1] {
            let y = canvas.painter().round_to_pixel_center(canvas.at(lo, value).y);
            let stroke = eframe::egui::Stroke::new(1.5, tokens.challenger);
            canvas.painter().hline(canvas.rect.x_range(), y, stroke);
        }
        let mut lines = vec![Spans::body(tokens).text(&model.correlation)];
        if let Some((champion, challenger)) = canvas.hover() {
            let bin = |value: f64| model.edges.partition_point(|edge| *edge <= value).saturating_sub(1).min(bins - 1);
            let count = model.counts.get(bin(champion) * bins + bin(challenger)).copied().unwrap_or(0);
            lines.push(Spans::small(tokens).muted(&format!(
                "{} of {} rows here",
                format::count(count),
                format::count(model.rows)
            )));
        }
        canvas.corner_on_ground(Align2::LEFT_TOP, lines);
    });
}
