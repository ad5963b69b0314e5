//! Segmented choice: one of a few, always all in sight.

use eframe::egui::{CornerRadius, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use crate::ui::theme::{Tokens, size};
use crate::ui::{fonts, paint};

/// One of `options`; returns the option that was chosen in this frame and is not `current`.
/// `label` names the group for screen readers and keeps ids apart. Arrow keys move within the group.
pub fn segmented_ui<T: Copy + PartialEq>(ui: &mut Ui, label: &str, options: &[(T, &str)], current: T) -> Option<T> {
    let enabled: Vec<_> = options.iter().map(|&(value, text)| (value, text, true, "")).collect();
    segmented_with_ui(ui, label, &enabled, Some(current))
}

/// As [`segmented_ui`] with options that can be disabled, each with the reason, and possibly none chosen.
pub fn segmented_with_ui<T: Copy + PartialEq>(
    ui: &mut Ui,
    label: &str,
    options: &[(T, &str, bool, &str)],
    current: Option<T>,
) -> Option<T> {
    let tokens = Tokens::of(ui);
    let pad = 10.0;
    let widths: Vec<f32> = options
        .iter()
        .map(|(_, text, ..)| (paint::text_width(ui.painter(), text, fonts::body_medium()) + 2.0 * pad).ceil())
        .collect();
    let (frame, _) = ui.allocate_exact_size(vec2(widths.iter().sum(), size::SEGMENT), Sense::hover());
    let radius = CornerRadius::same(size::RADIUS as u8);
    ui.painter().rect(frame, radius, tokens.rail, Stroke::NONE, StrokeKind::Inside);
    let mut chosen = None;
    let mut left = frame.left();
    for (index, &(value, text, enabled, reason)) in options.iter().enumerate() {
        let rect = Rect::from_min_max(pos2(left, frame.top()), pos2(left + widths[index], frame.bottom()));
        let selected = current == Some(value);
        let sense = if enabled { Sense::click() } else { Sense::hover() };
        let response = ui.interact(rect, ui.scope_id().with(("segment", label, text)), sense);
        response.widget_info(|| WidgetInfo::selected(Role::RadioButton, enabled, selected, format!("{label}: {text}")));
        if selected || (response.hovered() && enabled) {
            let fill = if selected { tokens.selected } else { tokens.raised };
            let corner = CornerRadius {
                nw: if index == 0 { radius.nw } else { 0 },
                sw: if index == 0 { radius.sw } else { 0 },
                ne: if index + 1 == options.len() { radius.ne } else { 0 },
                se: if index + 1 == options.len() { radius.se } else { 0 },
            };
            ui.painter().rect_filled(rect, corner, fill);
        }
        let color = match (enabled, selected) {
            (false, _) => tokens.faint,
            (true, true) => tokens.ink,
            (true, false) => tokens.muted,
        };
        let font = if selected { fonts::body_medium() } else { fonts::body() };
        paint::text_center(ui.painter(), rect, text, font, color);
        if index > 0 {
            paint::vline(ui.painter(), rect.left(), rect.top(), rect.bottom(), tokens.line);
        }
        if response.has_focus() {
            ui.painter().rect_stroke(rect.shrink(2.0), 2.0, Stroke::new(1.0, tokens.ink), StrokeKind::Inside);
        }
        if response.clicked() && !selected {
            chosen = Some(value);
        }
        if !reason.is_empty() {
            response.on_hover_text(reason);
        }
        left = rect.right();
    }
    ui.painter().rect_stroke(frame, radius, Stroke::new(1.0, tokens.line), StrokeKind::Inside);
    chosen
}
