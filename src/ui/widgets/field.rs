//! Text wells and choices.

use eframe::egui::{ComboBox, CornerRadius, Frame, Margin, Response, Role, Stroke, TextEdit, Ui, WidgetInfo};

use crate::ui::fonts;
use crate::ui::theme::{Tokens, size};

/// One-line well. `name` is its accessible name; `mono` for paths and expressions.
pub fn well_ui(ui: &mut Ui, name: &str, value: &mut String, hint: &str, mono: bool, width: f32) -> Response {
    let tokens = Tokens::of(ui);
    let font = if mono { fonts::mono(fonts::MONO) } else { fonts::body() };
    let edit = TextEdit::singleline(value)
        .id_salt(("well", name))
        .font(font)
        .text_color(tokens.ink)
        .hint_text(eframe::egui::RichText::new(hint).color(tokens.muted))
        .desired_width(width)
        .frame(frame(tokens, true));
    let response = ui.add(edit);
    outline_focus(ui, &response);
    response.accessible_name(name)
}

/// Well of several lines. A sealed record shows `editable: false`: the well loses its outline.
pub fn area_ui(ui: &mut Ui, name: &str, value: &mut String, hint: &str, lines: usize, editable: bool) -> Response {
    let tokens = Tokens::of(ui);
    let width = ui.available_width();
    let edit = TextEdit::multiline(value)
        .id_salt(("area", name))
        .font(fonts::body())
        .text_color(if editable { tokens.ink } else { tokens.text })
        .hint_text(eframe::egui::RichText::new(hint).color(tokens.muted))
        .desired_rows(lines)
        .desired_width(width)
        .interactive(editable)
        .frame(frame(tokens, editable));
    let response = ui.add(edit);
    outline_focus(ui, &response);
    response.accessible_name(name)
}

fn frame(tokens: &Tokens, editable: bool) -> Frame {
    let (fill, line) = if editable { (tokens.bg, tokens.line_strong) } else { (tokens.rail, tokens.rail) };
    Frame::new()
        .fill(fill)
        .stroke(Stroke::new(1.0, line))
        .corner_radius(CornerRadius::same(size::RADIUS as u8))
        .inner_margin(Margin::symmetric(8, 4))
}

fn outline_focus(ui: &Ui, response: &Response) {
    if response.has_focus() {
        let tokens = Tokens::of(ui);
        let kind = eframe::egui::StrokeKind::Outside;
        ui.painter().rect_stroke(response.rect, size::RADIUS, Stroke::new(1.0, tokens.ink), kind);
    }
}

/// Drop-down choice; returns the option that was chosen in this frame and is not `current`.
pub fn choice_ui<T: Copy + PartialEq>(
    ui: &mut Ui,
    name: &str,
    options: &[(T, &str)],
    current: T,
    width: f32,
) -> Option<T> {
    let shown = options.iter().find(|(value, _)| *value == current).map_or("\u{2013}", |(_, text)| text);
    let mut chosen = None;
    ui.scope(|ui| {
        let tokens = Tokens::of(ui);
        ui.spacing_mut().interact_size.y = 21.0;
        ui.spacing_mut().button_padding = eframe::egui::vec2(7.0, 1.0);
        ui.visuals_mut().widgets.inactive.weak_bg_fill = tokens.bg;
        ui.visuals_mut().widgets.inactive.bg_stroke.color = tokens.line;
        let answer = ComboBox::from_id_salt(("choice", name)).width(width).selected_text(shown).show_ui(ui, |ui| {
            ui.visuals_mut().widgets.inactive.bg_stroke = Stroke::NONE;
            for &(value, text) in options {
                if ui.selectable_label(value == current, text).clicked() && value != current {
                    chosen = Some(value);
                }
            }
        });
        answer.response.widget_info(|| {
            let mut info = WidgetInfo::labeled(Role::ComboBox, true, name);
            info.current_text_value = Some(shown.to_owned());
            info
        });
    });
    chosen
}
