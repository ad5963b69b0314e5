//! The rule table, and what would change the verdict.

use eframe::egui::{Color32, CornerRadius, FontId, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::present::decision::{ChangeLine, RuleLine};
use crate::ui::theme::{Tokens, size};
use crate::ui::{fonts, paint};

/// One text of a line: left edge and width from the line's left edge.
struct Part<'a> {
    text: &'a str,
    left: f32,
    width: f32,
    font: FontId,
    color: Color32,
    right_aligned: bool,
}

pub(super) fn rules_ui(ui: &mut Ui, rules: &[RuleLine]) {
    let tokens = Tokens::of(ui);
    ui.spacing_mut().item_spacing.y = 0.0;
    let width = ui.available_width();
    let held_width = paint::text_width(ui.painter(), "not reached", fonts::body()).ceil() + 2.0;
    let (number, gap) = (18.0, 4.0);
    let rest = width - number - held_width - 2.0 * gap;
    let widest = |text: fn(&RuleLine) -> &str, font: fn() -> FontId| {
        rules.iter().map(|rule| paint::text_width(ui.painter(), text(rule), font())).fold(0.0, f32::max) + 1.0
    };
    let (text, then) = (widest(|rule| &rule.text, fonts::body), widest(|rule| rule.then, fonts::body_semibold));
    // Where both do not fit, both wrap.
    let text_width = if text + then <= rest { rest - then } else { rest * text / (text + then) }.floor();
    for rule in rules {
        let (font, ink) = if rule.fired { (fonts::body_semibold(), tokens.ink) } else { (fonts::body(), tokens.muted) };
        let held = number + text_width + gap;
        let then = held + held_width + gap;
        let part = |text, left, width, font: &FontId, color| Part {
            text,
            left,
            width,
            font: font.clone(),
            color,
            right_aligned: false,
        };
        let body = fonts::body();
        let text_color = if rule.fired { tokens.ink } else { tokens.text };
        let parts = [
            part(&rule.number, 0.0, number, &body, tokens.muted),
            part(&rule.text, number, text_width, &body, text_color),
            part(rule.held, held, held_width, &font, text_color),
            part(rule.then, then, width - then, &font, ink),
        ];
        let fired = if rule.fired { ", fired" } else { "" };
        let name = format!("Rule {}: {}, {}, {}{fired}", rule.number, rule.text, rule.held, rule.then);
        line_ui(ui, &parts, rule.fired, &name);
    }
}

pub(super) fn changes_ui(ui: &mut Ui, changes: &[ChangeLine], note: Option<&str>) {
    let tokens = Tokens::of(ui);
    ui.spacing_mut().item_spacing.y = 0.0;
    let width = ui.available_width();
    for change in changes {
        let color = if change.changed { tokens.ink } else { tokens.muted };
        let answer = paint::text_width(ui.painter(), &change.answer, fonts::body()).ceil() + 1.0;
        let body = fonts::body();
        let what = width - answer - 10.0;
        let parts = [
            Part {
                text: &change.what,
                left: 0.0,
                width: what,
                font: body.clone(),
                color: tokens.text,
                right_aligned: false,
            },
            Part { text: &change.answer, left: width - answer, width: answer, font: body, color, right_aligned: true },
        ];
        line_ui(ui, &parts, false, &format!("{}: {}", change.what, change.answer));
    }
    if changes.is_empty() {
        ui.label(crate::ui::text::body(tokens, "Nothing that was tried.").color(tokens.muted));
    }
    if let Some(note) = note {
        ui.add_space(3.0);
        ui.add(eframe::egui::Label::new(crate::ui::text::small(tokens, note)).wrap());
    }
}

/// A painted line, as high as its texts; `selected` fills it from frame to frame.
fn line_ui(ui: &mut Ui, parts: &[Part<'_>], selected: bool, name: &str) {
    let tokens = Tokens::of(ui);
    let galleys: Vec<_> = parts
        .iter()
        .map(|part| ui.painter().layout(part.text.to_owned(), part.font.clone(), part.color, part.width))
        .collect();
    let height = galleys.iter().map(|galley| galley.size().y).fold(0.0, f32::max) + 6.0;
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height.round()), Sense::hover());
    response.widget_info(|| WidgetInfo::selected(Role::Row, true, selected, name));
    if selected {
        let edge = size::TILE_PADDING - 1.0;
        let fill = Rect::from_min_max(pos2(rect.left() - edge, rect.top()), pos2(rect.right() + edge, rect.bottom()));
        ui.painter().with_clip_rect(fill).rect_filled(fill, CornerRadius::ZERO, tokens.selected);
    }
    for (part, galley) in parts.iter().zip(galleys) {
        let inset = if part.right_aligned { part.width - galley.size().x } else { 0.0 };
        let place = pos2(rect.left() + part.left + inset, rect.top() + 3.0);
        ui.painter().galley(paint::snap_pos(ui.painter(), place), galley, part.color);
    }
}
