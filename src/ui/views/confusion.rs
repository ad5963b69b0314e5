//! Confusion: champion, challenger, difference, flips in one row; what is chosen as a sentence; its rows beneath.

mod matrices;
mod rates;
#[cfg(test)]
mod tests;

use eframe::egui::{Align, Key, Layout, Modifiers, Ui};

use super::rows::{self, RowsResponse, RowsState};
use crate::compare::Selection;
use crate::present::confusion::{ConfusionModel, Normalise, SelectionModel};
use crate::present::curves::RULES;
use crate::present::format;
use crate::present::rows::{RowSource, RowsModel};
use crate::session::Command;
use crate::ui::layout::{self, Part};
use crate::ui::outbox::Outbox;
use crate::ui::text::{self, Spans};
use crate::ui::theme::{Tokens, size};
use crate::ui::widgets::{Button, Tile, chip_ui, segmented_ui, segmented_with_ui, states};

/// Height of the row of matrices.
const MATRICES: f32 = 252.0;

/// What stands beneath the matrices while something is chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Below {
    #[default]
    Rows,
    Rates,
}

/// What the view remembers between frames.
#[derive(Clone, Debug, Default)]
pub struct ConfusionState {
    /// The model is made with it.
    pub normalise: Normalise,
    pub below: Below,
    pub rows: RowsState,
}

/// The view, in the rest of `ui`. `rows`: those of the selection, once they are at hand.
pub fn confusion_ui(
    ui: &mut Ui,
    model: &ConfusionModel,
    rows: Option<(&RowSource<'_>, &RowsModel)>,
    state: &mut ConfusionState,
    out: &mut Outbox,
) -> RowsResponse {
    let mut response = RowsResponse::default();
    let page = ui.available_rect_before_wrap();
    let [control, top, line, below] = layout::rows(
        page,
        [Part::Fixed(size::SEGMENT), Part::Fixed(MATRICES), Part::Fixed(size::BUTTON), Part::Share(1.0)],
    );
    layout::at_ui(ui, "confusion control", control, |ui| control_ui(ui, model, state, out));
    if let Some(empty) = &model.empty {
        Tile::new("Confusion").show_at(ui, top, |ui| {
            states::empty_ui(ui, empty, None);
        });
        return response;
    }
    matrices::matrices_ui(ui, top, model, out);
    layout::at_ui(ui, "selection", line, |ui| selection_ui(ui, model, rows, state, out));
    match (state.below, rows, &model.selection) {
        (Below::Rows, Some((source, rows)), Some(_)) => {
            let beside = state.rows.detail.then_some(state.rows.selected).flatten();
            let list = match beside {
                Some(position) => {
                    let [list, detail] = layout::columns(below, [Part::Share(1.0), Part::Fixed(360.0)]);
                    rows::detail_ui(ui, detail, source, position, &mut state.rows, out);
                    list
                }
                None => below,
            };
            rows::tile_ui(ui, list, source, rows, &mut state.rows, &mut response, out);
        }
        (Below::Rows, None, Some(_)) => Tile::new("Rows").refreshing(true).show_at(ui, below, |ui| {
            ui.label(text::body(Tokens::of(ui), "The rows are being listed.").color(Tokens::of(ui).muted));
        }),
        _ => rates::rates_ui(ui, below, model),
    }
    ui.advance_cursor_after_rect(page);
    response
}

fn control_ui(ui: &mut Ui, model: &ConfusionModel, state: &mut ConfusionState, out: &mut Outbox) {
    let tokens = Tokens::of(ui);
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        if let Some(chosen) = segmented_ui(ui, "Normalise", &Normalise::ALL, model.normalise) {
            state.normalise = chosen;
        }
        if let (Some(rule), Some(_)) = (model.rule, &model.arms.challenger) {
            let rules = RULES.map(|(rule, name, explanation)| (rule, name, true, explanation));
            if let Some(rule) = segmented_with_ui(ui, "Threshold", &rules, Some(rule)) {
                out.push(Command::SetThresholdRule(rule));
            }
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.label(text::small(tokens, "rows are truth, columns are prediction"));
        });
    });
}

fn selection_ui(
    ui: &mut Ui,
    model: &ConfusionModel,
    rows: Option<(&RowSource<'_>, &RowsModel)>,
    state: &mut ConfusionState,
    out: &mut Outbox,
) {
    let tokens = Tokens::of(ui);
    let Some(selection) = &model.selection else {
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            Spans::body(tokens).muted(&model.sentence().text()).line_ui(ui);
        });
        return;
    };
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        let escape = ui.memory(|memory| memory.focused().is_none())
            && !state.rows.detail
            && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape));
        if Button::secondary("Clear").shortcut("Esc").ui(ui).clicked() || escape {
            out.push(Command::Select(None));
        }
        if let Some((source, rows)) = rows {
            rows::copy_ui(ui, "Copy", source, rows, &state.rows, out);
        }
        if Button::secondary("Invert").ui(ui).clicked() {
            out.push(Command::Select(Some(selection.inverted.clone())));
        }
        if Button::secondary("Open rows").ui(ui).clicked() {
            out.push(Command::OpenRows(selection.selection.clone()));
        }
        if let Some(below) = segmented_ui(ui, "Below", &[(Below::Rows, "Rows"), (Below::Rates, "Rates")], state.below) {
            state.below = below;
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| sentence_ui(ui, selection, rows));
    });
}

fn sentence_ui(ui: &mut Ui, selection: &SelectionModel, rows: Option<(&RowSource<'_>, &RowsModel)>) {
    let tokens = Tokens::of(ui);
    let listed = rows.map(|(source, _)| source.rows.len() as u64);
    if !selection.words.is_empty() {
        chip_ui(ui, None, "", &selection.words, false);
    }
    let mut spans = Spans::body(tokens);
    if let Some(count) = selection.count.or(listed) {
        let word = if count == 1 { "row" } else { "rows" };
        spans = spans.strong(&format!("{} {word}", format::count(count)));
    }
    if !selection.share.is_empty() {
        spans = spans.muted(&format!("  {}", selection.share));
    }
    spans.line_ui(ui);
}

/// Commands of a click on, or an opening of, a cell.
fn cell_commands(selected: Option<&Selection>, opened: Option<&Selection>, out: &mut Outbox) {
    if let Some(selection) = opened {
        out.push(Command::OpenRows(selection.clone()));
    } else if let Some(selection) = selected {
        out.push(Command::Select(Some(selection.clone())));
    }
}
