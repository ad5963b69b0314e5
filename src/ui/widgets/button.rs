//! Buttons: primary (ink), secondary (outlined), quiet (text); with the key that does the same.

use eframe::egui::{
    CornerRadius, Painter, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

use crate::ui::marks::Mark;
use crate::ui::theme::{Tokens, size};
use crate::ui::{fonts, paint};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Primary,
    Secondary,
    Quiet,
}

/// A button. Labels are verbs; an ellipsis follows if a dialog opens.
#[derive(Clone, Debug)]
#[must_use = "call ui"]
pub struct Button<'a> {
    kind: Kind,
    text: &'a str,
    shortcut: &'a str,
    enabled: bool,
    reason: &'a str,
    small: bool,
    muted: bool,
}

impl<'a> Button<'a> {
    /// Ink fill: the one thing to do next.
    pub fn primary(text: &'a str) -> Self {
        Self { kind: Kind::Primary, text, shortcut: "", enabled: true, reason: "", small: false, muted: false }
    }

    /// Outlined.
    pub fn secondary(text: &'a str) -> Self {
        Self { kind: Kind::Secondary, ..Self::primary(text) }
    }

    /// Text only, for actions inside sentences and lists.
    pub fn quiet(text: &'a str) -> Self {
        Self { kind: Kind::Quiet, ..Self::primary(text) }
    }

    /// Chip with the key that does the same, e.g. `Ctrl O`.
    pub fn shortcut(mut self, shortcut: &'a str) -> Self {
        self.shortcut = shortcut;
        self
    }

    /// Disabled buttons say why on hover.
    pub fn enabled(mut self, enabled: bool, reason: &'a str) -> Self {
        self.enabled = enabled;
        self.reason = reason;
        self
    }

    /// 11 px, for captions.
    pub fn small(mut self) -> Self {
        self.small = true;
        self
    }

    /// Muted text, for what is there but not pressing.
    pub fn muted(mut self) -> Self {
        self.muted = true;
        self
    }

    pub fn ui(self, ui: &mut Ui) -> Response {
        let tokens = Tokens::of(ui);
        let font = match (self.kind, self.small) {
            (Kind::Quiet, true) => fonts::small(),
            (Kind::Quiet, false) => fonts::body(),
            (_, true) => fonts::medium(fonts::SMALL),
            (_, false) if self.muted => fonts::body(),
            (_, false) => fonts::body_medium(),
        };
        let pad = if self.kind == Kind::Quiet { 2.0 } else { 11.0 };
        let text_width = paint::text_width(ui.painter(), self.text, font.clone());
        let chip_width = if self.shortcut.is_empty() { 0.0 } else { chip_width(ui.painter(), self.shortcut) + 6.0 };
        let height = match (self.kind, self.small) {
            (Kind::Quiet, true) => 18.0,
            (Kind::Quiet, false) => 20.0,
            (_, true) => size::ROW_COMPACT,
            _ => size::BUTTON,
        };
        let width = (text_width + chip_width + 2.0 * pad).ceil();
        let sense = if self.enabled { Sense::click() } else { Sense::hover() };
        let (rect, response) = ui.allocate_exact_size(vec2(width, height), sense);
        response.widget_info(|| WidgetInfo::labeled(Role::Button, self.enabled, self.text));
        let hot = self.enabled && (response.hovered() || response.has_focus());
        let (fill, outline, color) = match (self.kind, self.enabled, hot) {
            (Kind::Quiet, true, hot) => (None, None, if hot { tokens.ink } else { tokens.text }),
            (Kind::Quiet, false, _) => (None, None, tokens.faint),
            (_, false, _) => (Some(tokens.raised), Some(tokens.line), tokens.muted),
            (Kind::Primary, true, hot) => (Some(if hot { tokens.text } else { tokens.ink }), None, tokens.bg),
            (Kind::Secondary, true, false) if self.muted => (Some(tokens.pane), Some(tokens.line), tokens.muted),
            (Kind::Secondary, true, hot) => (hot.then_some(tokens.raised), Some(tokens.line_strong), tokens.ink),
        };
        let radius = CornerRadius::same(size::RADIUS as u8);
        if let Some(fill) = fill {
            ui.painter().rect_filled(rect, radius, fill);
        }
        if let Some(outline) = outline {
            ui.painter().rect_stroke(rect, radius, Stroke::new(1.0, outline), StrokeKind::Inside);
        }
        if response.has_focus() {
            ui.painter().rect_stroke(rect.expand(2.0), radius, Stroke::new(1.0, tokens.ink), StrokeKind::Outside);
        }
        let inner = Rect::from_min_max(pos2(rect.left() + pad, rect.top()), pos2(rect.right() - pad, rect.bottom()));
        let text = paint::text_left(ui.painter(), inner.expand2(vec2(1.0, 0.0)), self.text, font, color);
        if self.kind == Kind::Quiet && hot {
            paint::hline(ui.painter(), text.left(), text.right(), text.bottom() - 1.0, color);
        }
        if !self.shortcut.is_empty() {
            let chip = Rect::from_min_max(pos2(inner.right() - chip_width + 6.0, inner.top()), inner.max);
            paint_chip(
                ui.painter(),
                chip,
                self.shortcut,
                color,
                if self.kind == Kind::Primary { color } else { tokens.line },
            );
        }
        if !self.enabled && !self.reason.is_empty() {
            return response.on_hover_text(self.reason);
        }
        response
    }
}

/// A key chip alone, e.g. `Esc`.
pub fn shortcut_ui(ui: &mut Ui, keys: &str) -> Response {
    let width = chip_width(ui.painter(), keys);
    let (rect, response) = ui.allocate_exact_size(vec2(width, 18.0), Sense::hover());
    let tokens = Tokens::of(ui);
    paint_chip(ui.painter(), rect, keys, tokens.muted, tokens.line);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, keys));
    response
}

fn chip_width(painter: &Painter, keys: &str) -> f32 {
    (paint::text_width(painter, keys, fonts::small()) + 10.0).ceil()
}

fn paint_chip(painter: &Painter, rect: Rect, keys: &str, color: eframe::egui::Color32, outline: eframe::egui::Color32) {
    let chip = Rect::from_center_size(rect.center(), vec2(rect.width(), 17.0));
    painter.rect_stroke(chip, CornerRadius::same(3), Stroke::new(1.0, outline), StrokeKind::Inside);
    paint::text_center(painter, chip, keys, fonts::small(), color);
}

/// Outlined read-only or clickable value: `Metric ROC AUC`. `muted` comes first unless `muted_last`.
/// `mark` stands in front. Returns the response; `Sense::click` where `clickable`.
pub fn chip_ui(ui: &mut Ui, mark: Option<Mark>, label: &str, value: &str, clickable: bool) -> Response {
    let tokens = Tokens::of(ui);
    let label_width = if label.is_empty() { 0.0 } else { paint::text_width(ui.painter(), label, fonts::body()) };
    let value_width = if value.is_empty() { 0.0 } else { paint::text_width(ui.painter(), value, fonts::body_medium()) };
    let mark_width = if mark.is_some() { 18.0 } else { 0.0 };
    let between = if label.is_empty() || value.is_empty() { 0.0 } else { 6.0 };
    let width = (label_width + value_width + mark_width + between + 18.0).ceil();
    let sense = if clickable { Sense::click() } else { Sense::hover() };
    let (rect, response) = ui.allocate_exact_size(vec2(width, size::CHIP), sense);
    let name = format!("{label} {value}").trim().to_owned();
    response.widget_info(|| WidgetInfo::labeled(if clickable { Role::Button } else { Role::Label }, true, &name));
    let radius = CornerRadius::same(size::RADIUS as u8);
    let hot = clickable && response.hovered();
    let fill = if hot { tokens.raised } else { tokens.pane };
    let outline = if response.has_focus() { tokens.ink } else { tokens.line };
    ui.painter().rect(rect, radius, fill, Stroke::new(1.0, outline), StrokeKind::Inside);
    let mut x = rect.left() + 9.0;
    if let Some(mark) = mark {
        mark.paint(ui.painter(), pos2(x + 6.0, rect.center().y), size::MARK_IN_LISTS, tokens);
        x += mark_width;
    }
    let at = |x: f32| Rect::from_min_max(pos2(x, rect.top()), pos2(rect.right(), rect.bottom()));
    if !label.is_empty() {
        paint::text_left(ui.painter(), at(x), label, fonts::body(), tokens.muted);
        x += label_width + between;
    }
    paint::text_left(ui.painter(), at(x), value, fonts::body_medium(), tokens.ink);
    response
}
