//! Headers of columns that order a table when they are pressed.

use eframe::egui::{Pos2, Role, Sense, Shape, Stroke, WidgetInfo, pos2};

use super::cell::Cell;
use crate::ui::theme::Tokens;
use crate::ui::{fonts, paint};

/// Title of a column with the direction of its order: `Some(true)` where the table is ordered by it, descending.
/// Returns whether it was pressed.
pub fn head_ui(cell: &mut Cell<'_>, title: &str, right: bool, sorted: Option<bool>) -> bool {
    let tokens = cell.tokens;
    let (font, color) = match sorted {
        Some(_) => (fonts::medium(fonts::SMALL), tokens.ink),
        None => (fonts::small(), tokens.muted),
    };
    let text = if right { cell.right(title, font, color) } else { cell.left(title, font, color) };
    if let Some(descending) = sorted {
        let x = if right { text.left() - 7.0 } else { text.right() + 7.0 };
        arrow(cell, pos2(x, text.center().y), descending);
    }
    press_ui(cell, &format!("Sort by {title}"), sorted.is_some())
}

/// A triangle that points down in a descending order.
pub fn arrow(cell: &Cell<'_>, center: Pos2, descending: bool) {
    let down = if descending { 1.0 } else { -1.0 };
    let at = |dx: f32, dy: f32| pos2(center.x + dx, center.y + dy * down);
    let corners = vec![at(-3.5, -2.0), at(3.5, -2.0), at(0.0, 3.0)];
    cell.painter().add(Shape::convex_polygon(corners, cell.tokens.ink, Stroke::NONE));
}

/// The whole header cell as a button called `name`. Returns whether it was pressed.
pub fn press_ui(cell: &mut Cell<'_>, name: &str, sorted: bool) -> bool {
    let full = cell.full_rect();
    cell.widgets(|ui| {
        let response = ui.interact(full, ui.scope_id().with(("sort", name)), Sense::click());
        response.widget_info(|| WidgetInfo::selected(Role::ColumnHeader, true, sorted, name));
        if response.has_focus() || response.hovered() {
            let y = full.bottom() - 2.0;
            paint::hline(ui.painter(), full.left() + 4.0, full.right() - 4.0, y, Tokens::of(ui).ink);
        }
        response.clicked()
    })
}
