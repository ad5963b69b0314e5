//! Small painting helpers: text in a rectangle, lines on the pixel grid.

use std::sync::Arc;

use eframe::egui::{
    Align2, Color32, FontId, Galley, Painter, Pos2, Rect, Shape, Stroke, TextWrapMode, Ui, WidgetText, pos2,
};

/// Text centred vertically at the left edge of `rect`; cut with an ellipsis where it does not fit.
/// Returns the rectangle of the text. For names, never for numbers.
pub fn text_left(painter: &Painter, rect: Rect, text: &str, font: FontId, color: Color32) -> Rect {
    let galley = truncated(painter, text, font, color, rect.width());
    let place = Align2::LEFT_CENTER.anchor_size(rect.left_center(), galley.size());
    painter.galley(snap_pos(painter, place.min), galley, color);
    place
}

/// Text centred vertically at the right edge of `rect`, never cut. For numbers.
pub fn text_right(painter: &Painter, rect: Rect, text: &str, font: FontId, color: Color32) -> Rect {
    painter.text(rect.right_center(), Align2::RIGHT_CENTER, text, font, color)
}

/// Text in the middle of `rect`.
pub fn text_center(painter: &Painter, rect: Rect, text: &str, font: FontId, color: Color32) -> Rect {
    painter.text(rect.center(), Align2::CENTER_CENTER, text, font, color)
}

/// Width of one line of text in points.
pub fn text_width(painter: &Painter, text: &str, font: FontId) -> f32 {
    painter.layout_no_wrap(text.to_owned(), font, Color32::PLACEHOLDER).size().x
}

/// One line, cut with an ellipsis at `width`.
pub fn truncated(painter: &Painter, text: &str, font: FontId, color: Color32, width: f32) -> Arc<Galley> {
    let mut job = eframe::egui::text::LayoutJob::simple_singleline(text.to_owned(), font, color);
    job.wrap = eframe::egui::text::TextWrapping::truncate_at_width(width.max(0.0));
    painter.layout_job(job)
}

/// Lay out rich text in one line.
pub fn galley_of(ui: &Ui, text: impl Into<WidgetText>, font: FontId) -> Arc<Galley> {
    text.into().into_galley(ui, Some(TextWrapMode::Extend), f32::INFINITY, font)
}

/// One-pixel horizontal line on the pixel grid.
pub fn hline(painter: &Painter, left: f32, right: f32, y: f32, color: Color32) {
    painter.hline(left..=right, painter.round_to_pixel_center(y), Stroke::new(1.0, color));
}

/// One-pixel vertical line on the pixel grid.
pub fn vline(painter: &Painter, x: f32, top: f32, bottom: f32, color: Color32) {
    painter.vline(painter.round_to_pixel_center(x), top..=bottom, Stroke::new(1.0, color));
}

/// Dashed straight line; ends on the pixel grid when it is horizontal or vertical.
pub fn dashed(painter: &Painter, ends: [Pos2; 2], color: Color32, width: f32, dash: f32, gap: f32) {
    let ends = ends.map(|end| pos2(painter.round_to_pixel_center(end.x), painter.round_to_pixel_center(end.y)));
    painter.extend(Shape::dashed_line(&ends, Stroke::new(width, color), dash, gap));
}

/// `pos` moved to the nearest physical pixel corner, so that text is sharp.
pub fn snap_pos(painter: &Painter, pos: Pos2) -> Pos2 {
    let scale = painter.pixels_per_point();
    pos2((pos.x * scale).round() / scale, (pos.y * scale).round() / scale)
}
