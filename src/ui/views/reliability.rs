//! Calibration of several classes: the probability of the answer, the classes by their error, and the one that is chosen.

use eframe::egui::{Align, Layout, Rect, Ui};

use super::curves::calibration_ui;
use crate::present::reliability::ReliabilityModel;
use crate::ui::layout::{self, Part, at_ui};
use crate::ui::marks::Mark;
use crate::ui::text::{self, Spans};
use crate::ui::theme::{Tokens, size};
use crate::ui::widgets::field::well_ui;
use crate::ui::widgets::{Column, Table, Tile, states};

/// What the view remembers between frames; the model is made with both.
#[derive(Clone, Debug, Default)]
pub struct ReliabilityState {
    pub search: String,
    /// Class whose diagram is drawn; `None`: the one with the largest error.
    pub class: Option<u32>,
}

/// The view, in the rest of `ui`.
pub fn reliability_ui(ui: &mut Ui, model: &ReliabilityModel, state: &mut ReliabilityState) {
    if let Some(reason) = &model.empty {
        Tile::new("Calibration").show(ui, |ui| {
            states::empty_ui(ui, reason, None);
        });
        return;
    }
    let page = ui.available_rect_before_wrap();
    let [left, right] = layout::columns(page, [Part::Share(1.1), Part::Share(1.0)]);
    let [table, chosen] = layout::rows(right, [Part::Share(1.0), Part::Share(1.15)]);
    let qualifier = model.top.as_ref().map_or("", |top| &top.qualifier);
    Tile::new("Calibration").qualifier(qualifier).show_at(ui, left, |ui| match &model.top {
        Some(top) => {
            let foot = if model.missing.is_empty() { 0.0 } else { 18.0 };
            let [plot, note] = layout::rows(ui.available_rect_before_wrap(), [Part::Share(1.0), Part::Fixed(foot)]);
            at_ui(ui, "plot", plot, |ui| calibration_ui(ui, top));
            if foot > 0.0 {
                let tokens = Tokens::of(ui);
                at_ui(ui, "note", note, |ui| Spans::small(tokens).muted(&model.missing).line_ui(ui));
            }
        }
        None => drop(states::empty_ui(ui, &model.missing, None)),
    });
    classes_ui(ui, table, model, state);
    let Some(class) = &model.chosen else { return };
    let qualifier = class.diagram.as_ref().map_or("", |diagram| &diagram.qualifier);
    Tile::new(&class.name).qualifier(qualifier).show_at(ui, chosen, |ui| match &class.diagram {
        Some(diagram) => calibration_ui(ui, diagram),
        None => drop(states::empty_ui(ui, "Diagrams are kept for the 50 most frequent classes.", None)),
    });
    ui.advance_cursor_after_rect(page);
}

fn classes_ui(ui: &mut Ui, rect: Rect, model: &ReliabilityModel, state: &mut ReliabilityState) {
    let tokens = Tokens::of(ui);
    Tile::new("Calibration error by class").qualifier("15 bins of equal width").flush().show_at(ui, rect, |ui| {
        let parts = [Part::Fixed(size::BUTTON), Part::Share(1.0)];
        let [control, below] = layout::rows(ui.available_rect_before_wrap(), parts);
        at_ui(ui, "search", control.shrink2(eframe::egui::vec2(8.0, 0.0)), |ui| {
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                well_ui(ui, "Search classes", &mut state.search, "Search classes", false, 150.0);
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    ui.label(text::small(tokens, &model.shown));
                });
            });
        });
        let columns = [
            Column::text("class", 120.0).grow(1.0),
            Column::number("rows", 80.0),
            Column::number("error", 90.0).of(Mark::Champion),
            Column::number("error", 90.0).of(Mark::Challenger),
        ];
        let selected =
            model.lines.iter().position(|line| Some(line.class) == model.chosen.as_ref().map(|one| one.class));
        let answer = at_ui(ui, "classes", below, |ui| {
            let table = Table::new("Calibration error by class", &columns)
                .row_height(size::ROW_COMPACT)
                .selected(selected)
                .clickable();
            table.show(ui, model.lines.len(), |cell, row, column| {
                let line = &model.lines[row];
                match column {
                    0 => {
                        cell.text(&line.name);
                        cell.hover(&line.name);
                    }
                    1 => cell.number_muted(&line.rows),
                    arm => cell.number(&line.errors[arm - 2]),
                }
            })
        });
        if let Some(line) = answer.clicked.and_then(|row| model.lines.get(row)) {
            state.class = Some(line.class);
        }
    });
}
