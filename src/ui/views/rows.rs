//! Rows: the log itself, in the order and with the columns that were chosen; one row in full beside it.

mod choice;
mod detail;
mod keys;
mod table;
#[cfg(test)]
mod tests;

use eframe::egui::{Align, Key, Label, Layout, Modifiers, Rect, Ui, UiBuilder};

use crate::present::format;
use crate::present::rows::{Column, PAGE, RowSource, RowsModel, Sort, find_id, tsv_of};
use crate::session::Command;
use crate::ui::layout::{self, Part};
use crate::ui::outbox::Outbox;
use crate::ui::text::{self, Spans};
use crate::ui::theme::{Tokens, size};
use crate::ui::widgets::{Button, Tile, field, states};

pub(super) use detail::detail_ui;
pub use table::table_ui;

/// Most rows that are copied at once; more are exported.
pub const COPY_MOST: usize = 10_000;

/// What the browser remembers between frames.
#[derive(Clone, Debug, Default)]
pub struct RowsState {
    /// Position in the list.
    pub selected: Option<usize>,
    /// Other end of a selection of several rows.
    pub anchor: Option<usize>,
    /// Page of [`PAGE`] rows, from 0.
    pub page: usize,
    /// The selected row is shown in full.
    pub detail: bool,
    /// Columns chosen; empty for the usual ones.
    pub columns: Vec<Column>,
    pub sort: Sort,
    find: String,
    problem: String,
    /// Bring the selected row into view in the next frame.
    reveal: bool,
    /// Positions painted in the last frame.
    seen: std::ops::Range<usize>,
}

impl RowsState {
    pub fn with_columns(columns: Vec<Column>) -> Self {
        Self { columns, ..Self::default() }
    }

    /// Forget places of a list that is no longer shown; columns and order stay.
    pub fn new_list(&mut self) {
        (self.selected, self.anchor, self.page, self.detail) = (None, None, 0, false);
        self.problem.clear();
    }

    /// Positions that are selected, in order.
    pub fn chosen(&self, rows: usize) -> std::ops::Range<usize> {
        let Some(selected) = self.selected.filter(|&selected| selected < rows) else {
            return 0..0;
        };
        let anchor = self.anchor.unwrap_or(selected).min(rows - 1);
        selected.min(anchor)..selected.max(anchor) + 1
    }

    pub(super) fn go_to(&mut self, position: usize) {
        self.selected = Some(position);
        self.anchor = None;
        self.page = position / PAGE;
        self.reveal = true;
        self.problem.clear();
    }
}

/// What the browser wants of whoever holds the rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RowsResponse {
    /// Sort the list like this (in a job above [`crate::present::rows::SORT_IN_FRAME`] rows).
    pub sort: Option<Sort>,
    /// Make the model anew from [`RowsState::columns`].
    pub columns_changed: bool,
    /// Write the list with these columns as CSV: [`crate::present::rows::csv_of`].
    pub export: Option<Vec<Column>>,
}

/// The Rows view, in the rest of `ui`.
pub fn rows_ui(
    ui: &mut Ui,
    source: &RowSource<'_>,
    model: &RowsModel,
    state: &mut RowsState,
    out: &mut Outbox,
) -> RowsResponse {
    let mut response = RowsResponse::default();
    let page = ui.available_rect_before_wrap();
    let [head, body] = layout::rows(page, [Part::Fixed(size::BUTTON), Part::Share(1.0)]);
    layout::at_ui(ui, "rows head", head, |ui| head_ui(ui, source, model, state, &mut response, out));
    let beside = state.detail && state.selected.is_some();
    let (list, detail) = if beside {
        let [list, detail] = layout::columns(body, [Part::Share(1.0), Part::Fixed(360.0)]);
        (list, Some(detail))
    } else {
        (body, None)
    };
    tile_ui(ui, list, source, model, state, &mut response, out);
    if let (Some(rect), Some(position)) = (detail, state.selected) {
        detail_ui(ui, rect, source, position, state, out);
    }
    ui.advance_cursor_after_rect(page);
    response
}

/// The list in its tile, with what the keys do beneath it.
pub(super) fn tile_ui(
    ui: &mut Ui,
    rect: Rect,
    source: &RowSource<'_>,
    model: &RowsModel,
    state: &mut RowsState,
    response: &mut RowsResponse,
    out: &mut Outbox,
) {
    let rows = source.rows.len();
    let chosen = state.chosen(rows);
    let place = match (rows, chosen.len()) {
        (0, _) => "no row".to_owned(),
        (_, 2..) => format!("{} of {} rows selected", format::count(chosen.len() as u64), format::count(rows as u64)),
        _ => format!("{}, {}", counted(rows), model.order),
    };
    let columns = format!("columns {} of {}", model.heads.len(), model.all.len());
    Tile::new("Rows").qualifier(&place).trailing(&columns).flush().show_at(ui, rect, |ui| {
        if let Some(empty) = &model.empty {
            ui.add_space(4.0);
            ui.horizontal(|ui| {
                ui.add_space(size::TILE_PADDING - 1.0);
                ui.vertical(|ui| {
                    if states::empty_ui(ui, empty, Some("Clear the selection")) {
                        out.push(Command::Select(None));
                    }
                });
            });
            return;
        }
        let [list, foot] = layout::rows(ui.available_rect_before_wrap(), [Part::Share(1.0), Part::Fixed(20.0)]);
        layout::at_ui(ui, "list", list, |ui| {
            let answer = table_ui(ui, source, model, state, out);
            response.sort = answer.sort.or(response.sort);
        });
        layout::at_ui(ui, "foot", foot, |ui| foot_ui(ui, rows, state));
    });
}

fn counted(rows: usize) -> String {
    format!("{} {}", format::count(rows as u64), if rows == 1 { "row" } else { "rows" })
}

fn head_ui(
    ui: &mut Ui,
    source: &RowSource<'_>,
    model: &RowsModel,
    state: &mut RowsState,
    response: &mut RowsResponse,
    out: &mut Outbox,
) {
    let tokens = Tokens::of(ui);
    let rows = source.rows.len();
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        if Button::secondary("Export CSV…").enabled(rows > 0, "There is no row to write.").ui(ui).clicked() {
            response.export = Some(export_columns(model));
        }
        copy_ui(ui, "Copy", source, model, state, out);
        response.columns_changed |= choice::columns_ui(ui, model, state);
        let well = field::well_ui(ui, "Go to id or row", &mut state.find, "id, or row number", true, 150.0);
        // Taken, so that the list does not open the row it is led to.
        if well.lost_focus() && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter)) {
            find(source, state);
        }
        if !state.problem.is_empty() {
            ui.label(text::small(tokens, &state.problem));
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            Spans::body(tokens).ink(&model.what).strong(&format!("  {}", counted(rows))).line_ui(ui);
        });
    });
}

/// All columns of the log: who exports wants to work on, not to look at.
fn export_columns(model: &RowsModel) -> Vec<Column> {
    model.all.iter().map(|(column, _)| *column).collect()
}

/// Copy the selected rows, or all of them where none is selected.
pub(super) fn copy_ui(
    ui: &mut Ui,
    title: &str,
    source: &RowSource<'_>,
    model: &RowsModel,
    state: &RowsState,
    out: &mut Outbox,
) {
    let chosen = state.chosen(source.rows.len());
    let range = if chosen.is_empty() { 0..source.rows.len() } else { chosen };
    let few = (1..=COPY_MOST).contains(&range.len());
    let reason = if range.is_empty() { "There is no row to copy." } else { "More than 10,000 rows: export them." };
    if Button::secondary(title).enabled(few, reason).ui(ui).clicked() {
        out.push(Command::CopyText(tsv_of(source, &export_columns(model), range)));
    }
}

/// An exact identifier first; a plain number that is none is a place in the list.
fn find(source: &RowSource<'_>, state: &mut RowsState) {
    let wanted = state.find.trim().to_owned();
    if wanted.is_empty() {
        return;
    }
    let number = || wanted.replace(',', "").parse::<usize>().ok()?.checked_sub(1);
    match find_id(source.log, source.rows, &wanted).or_else(|| number().filter(|&at| at < source.rows.len())) {
        Some(position) => state.go_to(position),
        None => state.problem = format!("No row here has the id {wanted}."),
    }
}

fn foot_ui(ui: &mut Ui, rows: usize, state: &mut RowsState) {
    let tokens = Tokens::of(ui);
    let rect = ui.max_rect().shrink2(eframe::egui::vec2(size::TILE_PADDING, 0.0));
    let builder = UiBuilder::new().max_rect(rect).layout(Layout::left_to_right(Align::Center));
    let mut ui = ui.new_child(builder);
    let keys = "Enter opens a row with both predictions, Ctrl C copies, Shift extends the selection";
    let pages = rows.div_ceil(PAGE);
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        if pages > 1 {
            let last = pages - 1;
            if Button::quiet("Next page").small().enabled(state.page < last, "").ui(ui).clicked() {
                state.go_to(((state.page + 1) * PAGE).min(rows - 1));
            }
            let (from, to) = (state.page * PAGE + 1, ((state.page + 1) * PAGE).min(rows));
            let shown = format!("{} to {}", format::count(from as u64), format::count(to as u64));
            ui.label(text::small(tokens, &shown));
            if Button::quiet("Previous page").small().enabled(state.page > 0, "").ui(ui).clicked() {
                state.go_to(state.page.saturating_sub(1) * PAGE);
            }
        }
        // What the pages leave.
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.add(Label::new(text::small(tokens, keys)).truncate()).on_hover_text(keys);
        });
    });
}
