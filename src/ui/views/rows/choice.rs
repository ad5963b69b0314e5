//! Choice of columns.

use eframe::egui::{Checkbox, Popup, PopupCloseBehavior, ScrollArea, Ui};

use super::RowsState;
use crate::present::rows::{Column, RowsModel};
use crate::ui::widgets::Button;

/// A button with a list of all columns. Returns whether the choice changed.
pub(super) fn columns_ui(ui: &mut Ui, model: &RowsModel, state: &mut RowsState) -> bool {
    let button = Button::secondary("Columns…").ui(ui);
    let mut changed = false;
    Popup::menu(&button).close_behavior(PopupCloseBehavior::CloseOnClickOutside).width(220.0).show(|ui| {
        if Button::quiet("Usual columns").ui(ui).clicked() {
            state.columns.clear();
            changed = true;
        }
        ScrollArea::vertical().max_height(420.0).show(ui, |ui| {
            for (column, title) in &model.all {
                let mut on = model.heads.iter().any(|head| head.column == *column);
                if ui.add(Checkbox::new(&mut on, title.as_str())).changed() {
                    let mut columns: Vec<Column> = model.heads.iter().map(|head| head.column).collect();
                    if on {
                        columns.push(*column);
                    } else {
                        columns.retain(|other| other != column);
                    }
                    // A table without columns shows nothing; an empty choice means the usual ones.
                    state.columns = columns;
                    changed = true;
                }
            }
        });
    });
    changed
}
