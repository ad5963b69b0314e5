//! The left edge of the ROC plot, enlarged within it.

use eframe::egui::{Align2, CornerRadius, Rect, Sense, Stroke, StrokeKind, pos2, vec2};

use super::super::Link;
use super::{ARMS, arms, label, of_lines};
use crate::log::ArmRole;
use crate::present::curves::{EnlargedModel, PlotModel};
use crate::present::format;
use crate::ui::marks::Mark;
use crate::ui::widgets::{Axis, Canvas, Chart};
use crate::ui::{Outbox, fonts, paint};

/// Where the enlarged edge lies.
#[derive(Clone, Copy, Debug)]
pub(super) struct Inset {
    pub rect: Rect,
    /// The values of the plot stand above it; else below, in the corner.
    pub values_above: bool,
}

/// Below both curves. A model whose curve stays low leaves room only further right and down; `None` where that is
/// too little to read anything.
pub(super) fn place(canvas: &Canvas<'_>, model: &PlotModel) -> Option<Inset> {
    let plot = canvas.rect;
    let lowest = |x: f64| arms(model).filter_map(|(_, line)| line.y_at(x)).fold(1.0, f64::min);
    let values = 18.0 * model.values.len() as f32;
    let at = |share: f32| (plot.left() + share * plot.width()).round();
    if lowest(0.35) >= 0.9 {
        let top = plot.top() + (12.0 + values).max(0.24 * plot.height());
        let foot = plot.bottom() - 0.1 * plot.height();
        let rect = Rect::from_min_max(pos2(at(0.35), top.round()), pos2(plot.right() - 6.0, foot.round()));
        return Some(Inset { rect, values_above: true });
    }
    let top = canvas.at(0.0, lowest(0.45)).y + 10.0;
    let rect = Rect::from_min_max(
        pos2(at(0.45), top.round()),
        pos2(plot.right() - 6.0, (plot.bottom() - values - 10.0).round()),
    );
    (rect.height() >= 76.0 && rect.width() >= 150.0).then_some(Inset { rect, values_above: false })
}

pub(super) fn enlarged_ui(
    canvas: &mut Canvas<'_>,
    rect: Rect,
    model: &PlotModel,
    enlarged: &EnlargedModel,
    movable: [bool; 2],
    link: &mut Link,
    out: &mut Outbox,
) {
    let tokens = canvas.tokens;
    let (lo, hi) = enlarged.range;
    let percent = |value: f64| format!("{} %", format::plain(value * 100.0));
    let mut x = Axis::log(lo, hi, "", percent);
    if x.ticks.last().is_none_or(|(last, _)| hi / last > 1.5) {
        x.ticks.push((hi, percent(hi)));
    }
    let y = Axis::linear(0.0, enlarged.top, "", format::plain);
    let ui = canvas.ui();
    let radius = CornerRadius::same(2);
    ui.painter().rect(rect, radius, tokens.pane, Stroke::new(1.0, tokens.line_strong), StrokeKind::Inside);
    let caption =
        Rect::from_min_max(pos2(rect.left() + 8.0, rect.top() + 3.0), pos2(rect.right() - 4.0, rect.top() + 18.0));
    paint::text_left(
        ui.painter(),
        caption,
        "left edge, false-positive rate on a log scale",
        fonts::small(),
        tokens.muted,
    );
    let inner =
        Rect::from_min_max(pos2(rect.left() + 8.0, rect.top() + 18.0), pos2(rect.right() - 8.0, rect.bottom() - 5.0));
    let chart = Chart::new("ROC, left edge enlarged", &x, &y).describe("false-positive rate on a log scale");
    chart.sense(Sense::click_and_drag()).show_at(ui, inner, |canvas| {
        if let Some(fpr) = enlarged.matched {
            canvas.vertical_dashed(fpr, tokens.text);
        }
        for (arm, line) in ARMS.into_iter().zip(&enlarged.lines) {
            canvas.line(line.iter().flatten().copied(), tokens.arm(arm));
        }
        link.curves_ui(canvas, of_lines(model), movable, out);
        let height = |arm: ArmRole| enlarged.operating[arm.index()].map_or(-1.0, |(_, y)| y);
        let upper = if height(ARMS[1]) >= height(ARMS[0]) { ARMS[1] } else { ARMS[0] };
        for arm in ARMS {
            let Some((x, y)) = enlarged.operating[arm.index()].filter(|(x, _)| (lo..=hi).contains(x)) else { continue };
            canvas.operating_point(x, y, Mark::from(arm));
            let (offset, align) = if arm == upper {
                (vec2(-9.0, -10.0), Align2::RIGHT_CENTER)
            } else {
                (vec2(9.0, 13.0), Align2::LEFT_CENTER)
            };
            label(
                canvas,
                canvas.at(x, y) + offset,
                align,
                &enlarged.labels[arm.index()],
                tokens.arm(arm),
                canvas.rect.expand(6.0),
            );
        }
        for (arm, line) in arms(model) {
            let place = link.threshold(arm).and_then(|threshold| line.at_threshold(threshold));
            if let Some((x, y)) = place.filter(|(x, _)| (lo..=hi).contains(x)) {
                canvas.painter().circle(canvas.at(x, y), 4.0, tokens.pane, Stroke::new(1.5, tokens.arm(arm)));
            }
        }
    });
}
