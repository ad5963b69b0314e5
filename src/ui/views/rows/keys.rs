//! Keys of the browser: arrows, Home, End, Page Up and Down, Enter, Escape, copy.

use eframe::egui::{Event, EventFilter, Id, Key, Modifiers, Role, Sense, Ui, WidgetInfo};

use super::{COPY_MOST, RowsState};
use crate::present::rows::{Column, PAGE, RowSource, RowsModel, tsv_of};
use crate::session::Command;
use crate::ui::outbox::Outbox;
use crate::ui::theme::size;

/// Take in the keys of this frame. Returns the id that has the focus while the list listens; it also listens
/// while nothing else has the focus.
pub(super) fn keys_ui(
    ui: &mut Ui,
    source: &RowSource<'_>,
    model: &RowsModel,
    state: &mut RowsState,
    out: &mut Outbox,
) -> Id {
    let rect = ui.available_rect_before_wrap();
    let grid = ui.interact(rect, ui.scope_id().with("row keys"), Sense::focusable_noninteractive());
    grid.widget_info(|| WidgetInfo::labeled(Role::Grid, true, "List of rows"));
    let focused = ui.memory(|memory| memory.focused());
    if focused == Some(grid.id) {
        let filter = EventFilter { vertical_arrows: true, horizontal_arrows: true, ..EventFilter::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(grid.id, filter));
    } else if focused.is_some() {
        return grid.id;
    }
    let rows = source.rows.len();
    if rows == 0 {
        return grid.id;
    }
    let page = ((rect.height() - size::TABLE_HEADER) / size::ROW).floor().max(2.0) as usize - 1;
    let here = state.selected;
    let moves: [(Key, usize); 6] = [
        (Key::ArrowDown, here.map_or(state.page * PAGE, |at| at + 1)),
        (Key::ArrowUp, here.map_or(state.page * PAGE, |at| at.saturating_sub(1))),
        (Key::PageDown, here.map_or(page, |at| at + page)),
        (Key::PageUp, here.map_or(0, |at| at.saturating_sub(page))),
        (Key::Home, 0),
        (Key::End, rows - 1),
    ];
    for (key, target) in moves {
        for modifiers in [Modifiers::SHIFT, Modifiers::NONE] {
            if ui.input_mut(|input| input.consume_key(modifiers, key)) {
                choose(state, target.min(rows - 1), modifiers.shift);
                state.reveal = true;
            }
        }
    }
    if here.is_some() && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter)) {
        state.detail = true;
    }
    if state.detail && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape)) {
        state.detail = false;
    }
    let copy = ui.input(|input| input.events.iter().any(|event| matches!(event, Event::Copy)));
    let chosen = state.chosen(rows);
    if copy && (1..=COPY_MOST).contains(&chosen.len()) {
        let columns: Vec<Column> = model.all.iter().map(|(column, _)| *column).collect();
        out.push(Command::CopyText(tsv_of(source, &columns, chosen)));
    }
    grid.id
}

/// Select a row; with `extend` everything from the row that was selected before.
pub(super) fn choose(state: &mut RowsState, position: usize, extend: bool) {
    state.anchor = if extend { state.anchor.or(state.selected) } else { None };
    state.selected = Some(position);
    state.page = position / PAGE;
}
