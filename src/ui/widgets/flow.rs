//! Row flow: where rows went on the way from all ids to the analysed ones.

use eframe::egui::{CornerRadius, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use crate::ui::theme::{Tokens, size};
use crate::ui::{fonts, paint};

/// One station of the flow.
#[derive(Clone, Debug, PartialEq)]
pub struct FlowPart {
    /// e.g. `Paired`.
    pub name: String,
    /// Rows left, as printed.
    pub rows: String,
    /// e.g. `−4,907 one arm only`; empty for the first.
    pub lost: String,
    /// Rows left over rows at the start, 0 to 1.
    pub share: f64,
}

/// Height of [`strip_ui`].
pub const STRIP: f32 = 26.0;

/// All stations side by side, each with its bar; the last one in ink.
pub fn strip_ui(ui: &mut Ui, parts: &[FlowPart]) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), STRIP), Sense::hover());
    let tokens = Tokens::of(ui);
    let painter = ui.painter();
    let count = parts.len().max(1) as f32;
    let width = (rect.width() - size::TILE_GAP * (count - 1.0)) / count;
    for (index, part) in parts.iter().enumerate() {
        let last = index + 1 == parts.len();
        let left = rect.left() + index as f32 * (width + size::TILE_GAP);
        let line = Rect::from_min_max(pos2(left, rect.top()), pos2(left + width, rect.top() + 16.0));
        let name = format!("{} {}", part.name, part.rows);
        let (font, color) = if last { (fonts::body_semibold(), tokens.ink) } else { (fonts::body(), tokens.text) };
        let used = paint::text_left(painter, line, &name, font, color);
        let rest = Rect::from_min_max(pos2(used.right() + 6.0, line.top()), line.max);
        // Where the cause does not fit, its count stands alone; the rail names it.
        let fits = paint::text_width(painter, &part.lost, fonts::small()) <= rest.width();
        let lost = if fits { part.lost.as_str() } else { part.lost.split(' ').next().unwrap_or_default() };
        let galley = painter.layout_no_wrap(lost.to_owned(), fonts::small(), tokens.muted);
        let place = pos2(rest.right() - galley.size().x, rest.center().y - galley.size().y / 2.0);
        painter.galley(paint::snap_pos(painter, place), galley, tokens.muted);
        let bar = Rect::from_min_max(pos2(left, rect.bottom() - 6.0), pos2(left + width, rect.bottom() - 2.0));
        bar_in(painter, bar, part.share, if last { tokens.ink } else { tokens.muted }, tokens);
    }
    let spoken: Vec<String> =
        parts.iter().map(|part| format!("{} {} {}", part.name, part.rows, part.lost).trim().to_owned()).collect();
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, format!("row flow: {}", spoken.join("; "))));
    response
}

/// The bar alone, 6 px tall: what is left, filled, and what was lost, outlined. `name` says it.
pub fn bar_ui(ui: &mut Ui, share: f64, name: &str) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 8.0), Sense::hover());
    let tokens = Tokens::of(ui);
    bar_in(ui.painter(), rect.shrink2(vec2(0.0, 1.0)), share, tokens.muted, tokens);
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, name));
    response
}

fn bar_in(painter: &eframe::egui::Painter, bar: Rect, share: f64, fill: eframe::egui::Color32, tokens: &Tokens) {
    let share = share.clamp(0.0, 1.0) as f32;
    // A loss is always visible as at least two points of outline.
    let lost = if share < 1.0 { ((1.0 - share) * bar.width()).max(2.0) } else { 0.0 };
    let filled = Rect::from_min_max(bar.min, pos2(bar.right() - lost, bar.bottom()));
    painter.rect_filled(filled, CornerRadius::ZERO, fill);
    if lost > 0.0 {
        let rest = Rect::from_min_max(pos2(filled.right(), bar.top()), bar.max);
        painter.rect_stroke(rest, CornerRadius::ZERO, Stroke::new(1.0, tokens.line_strong), StrokeKind::Inside);
    }
}
