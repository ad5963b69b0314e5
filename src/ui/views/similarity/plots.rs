//! Charts of similarities.

use eframe::egui::epaint::Mesh;
use eframe::egui::{Align2, Rect, Ui, pos2};

use crate::log::ArmRole;
use crate::present::errors::ErrorHistogram;
use crate::present::format;
use crate::present::similarity::{ScatterArm, ScatterModel};
use crate::ui::layout::{self, Part};
use crate::ui::marks::Mark;
use crate::ui::text::Spans;
use crate::ui::theme::Tokens;
use crate::ui::widgets::{Axis, Canvas, Chart};

const ARMS: [ArmRole; 2] = [ArmRole::Champion, ArmRole::Challenger];

fn label(value: f64) -> String {
    format::plain(format::round_significant(value, 4))
}

/// One chart per arm on the same axes.
pub(super) fn scatter_ui(ui: &mut Ui, model: &ScatterModel, measure: &str) {
    let (x0, x1) = padded(model.gold);
    let (y0, y1) = padded(model.similarity);
    // Room for the name above all points.
    let y1 = y1 + (y1 - y0) * 0.18;
    let x = Axis::linear(x0, x1, "gold score", label);
    let rect = ui.available_rect_before_wrap();
    let halves = layout::columns(rect, [Part::Share(1.0), Part::Share(if model.arms.len() > 1 { 1.0 } else { 0.0 })]);
    for ((role, arm), half) in ARMS.into_iter().zip(&model.arms).zip(halves) {
        let place = if model.arms.len() > 1 { half } else { rect };
        let name = Mark::from(role).word();
        let y = Axis::linear(y0, y1, measure, label);
        let title = format!("Similarity against gold, {name}");
        Chart::new(&title, &x, &y).describe(&arm.value).show_at(ui, place, |canvas| {
            if arm.points.is_empty() {
                cells(canvas, model, arm);
            } else {
                let color = Tokens::faded(canvas.tokens.arm(role), 0.55);
                for (gold, value) in &arm.points {
                    canvas.painter().circle_filled(canvas.at(*gold, *value), 2.2, color);
                }
            }
            canvas.line(arm.means.iter().copied(), canvas.tokens.arm(role));
            arm.means.iter().for_each(|(gold, value)| canvas.mark(*gold, *value, role.into()));
            let spans = Spans::small(canvas.tokens).hue(name, canvas.tokens.arm(role)).text("  ").text(&arm.value);
            canvas.corner_on_ground(Align2::LEFT_TOP, [spans]);
        });
    }
}

/// A margin, so that no point lies on the frame.
fn padded((lo, hi): (f64, f64)) -> (f64, f64) {
    let pad = (hi - lo) * 0.03;
    (lo - pad, hi + pad)
}

fn cells(canvas: &Canvas<'_>, model: &ScatterModel, arm: &ScatterArm) {
    let bins = model.similarity_edges.len() - 1;
    let most = (model.most as f64).ln_1p();
    let mut mesh = Mesh::default();
    for (index, count) in arm.cells.iter().enumerate().filter(|(_, count)| **count > 0) {
        let (gold, similarity) = (index / bins, index % bins);
        let low = canvas.at(model.gold_edges[gold], model.similarity_edges[similarity]);
        let high = canvas.at(model.gold_edges[gold + 1], model.similarity_edges[similarity + 1]);
        let rect = Rect::from_min_max(
            pos2(low.x.round(), high.y.round()),
            pos2(high.x.round().max(low.x.round() + 2.0), low.y.round().max(high.y.round() + 2.0)),
        );
        // A log of the count keeps single rows in sight.
        mesh.add_colored_rect(rect, canvas.tokens.density((*count as f64).ln_1p() / most));
    }
    canvas.painter().add(mesh);
}

pub(in crate::ui::views) fn histogram_ui(ui: &mut Ui, model: &ErrorHistogram, measure: &str) {
    let (Some(&lo), Some(&hi)) = (model.edges.first(), model.edges.last()) else { return };
    let (lo, hi) = if hi > lo { (lo, hi) } else { (lo - 0.5, hi + 0.5) };
    let x = Axis::linear(lo, hi, measure, label);
    let most = (model.most as f64 * 1.15).max(4.0);
    let y = Axis::linear(0.0, most, "rows per bin", |rows| format::count(rows as u64));
    let rect = ui.available_rect_before_wrap();
    Chart::new(&format!("Distribution of {measure}"), &x, &y).show_at(ui, rect, |canvas| {
        for (role, counts) in ARMS.into_iter().zip(&model.arms) {
            let heights: Vec<f64> = counts.iter().map(|&rows| rows as f64).collect();
            canvas.steps(&model.edges, &heights, canvas.tokens.arm(role));
        }
        let mut spans = Spans::small(canvas.tokens);
        for role in ARMS.into_iter().take(model.arms.len()) {
            spans = spans.hue(Mark::from(role).word(), canvas.tokens.arm(role)).text("  ");
        }
        canvas.corner_on_ground(Align2::LEFT_TOP, [spans]);
    });
}
