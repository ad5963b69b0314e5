//! What a tile shows when it has no value, is waiting for one, or could not get one.

use eframe::egui::{
    CornerRadius, Painter, Rect, Response, Role, Sense, Shape, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

use super::button::Button;
use crate::ui::marks::Mark;
use crate::ui::text;
use crate::ui::theme::{Tokens, size};

/// One muted sentence, and one button. Returns whether the button was pressed.
pub fn empty_ui(ui: &mut Ui, sentence: &str, action: Option<&str>) -> bool {
    let tokens = Tokens::of(ui);
    ui.add(eframe::egui::Label::new(text::body(tokens, sentence).color(tokens.muted)).wrap());
    ui.add_space(4.0);
    action.is_some_and(|action| Button::secondary(action).ui(ui).clicked())
}

/// Thin bar and count, e.g. `41 of 228 objects, 310 MB, 12 s left`. `share` is `None` where the total is unknown.
/// Returns whether it was cancelled with the button (Esc is handled by the shell).
pub fn loading_ui(ui: &mut Ui, count: &str, share: Option<f32>) -> bool {
    let tokens = Tokens::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width().min(420.0), 4.0), Sense::hover());
    paint_bar(ui.painter(), rect, share, tokens);
    response.widget_info(|| WidgetInfo::labeled(Role::ProgressIndicator, true, count));
    ui.horizontal(|ui| {
        ui.label(text::small(tokens, count));
        Button::secondary("Cancel").shortcut("Esc").small().ui(ui).clicked()
    })
    .inner
}

/// A progress bar without texts, for the status bar.
pub fn bar_ui(ui: &mut Ui, width: f32, share: Option<f32>, name: &str) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(width, 5.0), Sense::hover());
    paint_bar(ui.painter(), rect, share, Tokens::of(ui));
    response.widget_info(|| WidgetInfo::labeled(Role::ProgressIndicator, true, name));
    response
}

fn paint_bar(painter: &Painter, rect: Rect, share: Option<f32>, tokens: &Tokens) {
    painter.rect_filled(rect, CornerRadius::ZERO, tokens.line);
    match share {
        Some(share) => {
            let done = Rect::from_min_size(rect.min, vec2(rect.width() * share.clamp(0.0, 1.0), rect.height()));
            painter.rect_filled(done, CornerRadius::ZERO, tokens.ink);
        }
        None => hatched_bar(painter, rect, tokens),
    }
}

/// Hatched bar: something is on its way. Still, not animated.
pub fn hatched_bar(painter: &Painter, rect: Rect, tokens: &Tokens) {
    let painter = painter.with_clip_rect(painter.clip_rect().intersect(rect));
    let mut x = rect.left() - rect.height();
    while x < rect.right() {
        let points = [pos2(x, rect.bottom()), pos2(x + rect.height(), rect.top())];
        painter.add(Shape::line_segment(points, Stroke::new(2.0, tokens.muted)));
        x += 6.0;
    }
}

/// Fail mark, what happened, details on demand. Returns whether it is to be tried again.
pub fn error_ui(ui: &mut Ui, sentence: &str, details: &str, retry: Option<&str>) -> bool {
    let tokens = Tokens::of(ui);
    ui.horizontal_top(|ui| {
        Mark::Fail.ui(ui);
        ui.add(eframe::egui::Label::new(text::body(tokens, sentence)).wrap());
    });
    if !details.is_empty() {
        eframe::egui::CollapsingHeader::new(text::small(tokens, "Details")).id_salt(sentence).show(ui, |ui| {
            let details = eframe::egui::RichText::new(details).monospace().color(tokens.muted);
            ui.add(eframe::egui::Label::new(details).selectable(true).wrap());
        });
    }
    retry.is_some_and(|retry| Button::secondary(retry).ui(ui).clicked())
}

/// En dash with its reason on hover; the reason must also stand where it can be read without hovering.
pub fn undefined_ui(ui: &mut Ui, reason: &str) -> Response {
    let tokens = Tokens::of(ui);
    let response = ui.label(text::body(tokens, "\u{2013}").color(tokens.muted)).on_hover_text(reason);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("undefined: {reason}")));
    response
}

/// A remark with its mark: `What to know`, quality lists, rail checks.
pub fn remark_ui(ui: &mut Ui, mark: Mark, spans: text::Spans) -> Response {
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        ui.allocate_ui(vec2(size::MARK, 18.0), |ui| {
            ui.add_space(3.5);
            mark.show(ui, size::MARK_IN_LISTS);
        });
        spans.ui(ui)
    })
    .inner
}

/// Outline of a drop area.
pub fn dashed_frame(painter: &Painter, rect: Rect, hot: bool, tokens: &Tokens) {
    let radius = CornerRadius::same(size::RADIUS as u8);
    if hot {
        painter.rect(rect, radius, tokens.selected, Stroke::new(1.0, tokens.ink), StrokeKind::Inside);
        return;
    }
    let rect = rect.shrink(0.5);
    let corners = [rect.left_top(), rect.right_top(), rect.right_bottom(), rect.left_bottom(), rect.left_top()];
    painter.extend(Shape::dashed_line(&corners, Stroke::new(1.0, tokens.line_strong), 5.0, 4.0));
}
