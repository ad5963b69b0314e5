//! Tabs: the views that fit the task; a view with an open or failed gate carries the mark.

use eframe::egui::{CornerRadius, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use crate::ui::marks::Mark;
use crate::ui::theme::{Tokens, size};
use crate::ui::{fonts, paint};

/// One tab.
#[derive(Clone, Debug, PartialEq)]
pub struct TabLine {
    pub title: String,
    pub mark: Option<Mark>,
}

/// Returns the tab that was chosen in this frame.
pub fn tabs_ui(ui: &mut Ui, tabs: &[TabLine], current: usize) -> Option<usize> {
    let tokens = Tokens::of(ui);
    let mut chosen = None;
    let mut left = ui.max_rect().left() + 2.0;
    let (top, bottom) = (ui.max_rect().top(), ui.max_rect().bottom());
    let texts: f32 = tabs.iter().map(|tab| paint::text_width(ui.painter(), &tab.title, fonts::body_semibold())).sum();
    let marks = tabs.iter().filter(|tab| tab.mark.is_some()).count() as f32 * 20.0;
    let pad = ((ui.max_rect().width() - texts - marks) / (2.0 * tabs.len().max(1) as f32)).clamp(5.0, 10.0);
    for (index, tab) in tabs.iter().enumerate() {
        let selected = index == current;
        let width = paint::text_width(ui.painter(), &tab.title, fonts::body_semibold()).ceil();
        let extra = if tab.mark.is_some() { 20.0 } else { 0.0 };
        let rect = Rect::from_min_max(pos2(left, top), pos2(left + width + extra + 2.0 * pad, bottom));
        let response = ui.interact(rect, ui.scope_id().with(("tab", &tab.title)), Sense::click());
        let name = tab.mark.map_or_else(|| tab.title.clone(), |mark| format!("{}, {}", tab.title, mark.word()));
        response.widget_info(|| WidgetInfo::selected(Role::Tab, true, selected, &name));
        let (font, color) = match (selected, response.hovered()) {
            (true, _) => (fonts::body_semibold(), tokens.ink),
            (false, true) => (fonts::body(), tokens.ink),
            (false, false) => (fonts::body(), tokens.muted),
        };
        let place = Rect::from_min_max(pos2(left + pad, top), pos2(left + pad + width, bottom));
        paint::text_center(ui.painter(), place, &tab.title, font, color);
        if let Some(mark) = tab.mark {
            mark.paint(ui.painter(), pos2(place.right() + 12.0, rect.center().y), size::MARK_IN_LISTS, tokens);
        }
        if selected {
            let line = Rect::from_min_max(pos2(rect.left(), bottom - 2.0), rect.max);
            ui.painter().rect_filled(line, CornerRadius::ZERO, tokens.ink);
        }
        if response.has_focus() {
            ui.painter().rect_stroke(rect.shrink(3.0), 3.0, Stroke::new(1.0, tokens.ink), StrokeKind::Inside);
        }
        if response.clicked() && !selected {
            chosen = Some(index);
        }
        left = rect.right();
    }
    ui.allocate_space(vec2(left - ui.max_rect().left(), bottom - top));
    chosen
}
