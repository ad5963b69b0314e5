//! Staleness: reasons for a new model, drift by column and window, the chosen column's distributions, the loss over time.

mod plots;

use std::path::PathBuf;

use eframe::egui::{Color32, Rect, ScrollArea, Ui, vec2};

use super::frame::sentence;
use crate::compare::staleness::Staleness;
use crate::present::staleness::{HeatModel, StalenessModel, TriggerLine, distribution};
use crate::session::Command;
use crate::ui::layout::{self, Part, at_ui};
use crate::ui::marks::Mark;
use crate::ui::text::Spans;
use crate::ui::theme::{Tokens, size};
use crate::ui::widgets::field::{choice_ui, well_ui};
use crate::ui::widgets::{Button, Column, Matrix, MatrixCell, Table, Tile, states};
use crate::ui::{Outbox, fonts};

const FINDING: f32 = 22.0;
const TITLE: f32 = 28.0;
/// Height of a row of the heat table.
const ROW: f32 = 46.0;

/// What the view remembers between frames.
#[derive(Clone, Debug, Default)]
pub struct StalenessState {
    /// Row and column of the heat table.
    pub selected: Option<(usize, usize)>,
    /// Columns of the heat table when the cell was chosen.
    columns: usize,
    /// Path of training data that is being typed.
    pub path: String,
}

/// The view, in the rest of `ui`. `found` are the counts behind the model.
pub fn staleness_ui(
    ui: &mut Ui,
    model: &StalenessModel,
    found: Option<&Staleness>,
    state: &mut StalenessState,
    out: &mut Outbox,
) {
    let tokens = Tokens::of(ui);
    let page = ui.available_rect_before_wrap();
    let reasons = reason_heights(ui, model, page.width());
    let card = TITLE + size::TABLE_HEADER + reasons.iter().sum::<f32>().max(40.0) + 28.0;
    let parts = [Part::Fixed(FINDING), Part::Fixed(card.min(page.height() * 0.42)), Part::Share(1.0)];
    let [finding, top, below] = layout::rows(page, parts);
    at_ui(ui, "finding", finding, |ui| {
        sentence(Spans::finding(tokens), &model.finding, tokens).line_ui(ui).on_hover_text(model.finding.text());
    });
    Tile::new("Reasons for a new model").qualifier("of the model in production").flush().show_at(ui, top, |ui| {
        match model.triggers.as_slice() {
            [] => drop(states::empty_ui(ui, model.no_windows.as_deref().unwrap_or("No trigger was judged."), None)),
            lines => triggers_ui(ui, lines, &reasons),
        }
    });
    let [left, right] = layout::columns(below, [Part::Share(1.3), Part::Share(1.0)]);
    let training = if model.schema.is_empty() { 92.0 } else { (below.height() * 0.3).min(150.0) };
    let [heat, reference] = layout::rows(left, [Part::Share(1.0), Part::Fixed(training)]);
    heat_tile_ui(ui, heat, model, state, out);
    reference_tile_ui(ui, reference, model, state, out);
    let [shape, loss] = layout::rows(right, [Part::Share(1.0), Part::Share(1.0)]);
    let chosen = found.zip(state.selected);
    let shown = chosen.and_then(|(found, (row, column))| distribution(found, &model.heat, row, column));
    let title = shown.as_ref().map_or("Distribution", |shown| shown.title.as_str());
    Tile::new(title).qualifier("share of rows by bin").show_at(ui, shape, |ui| match &shown {
        Some(shown) => plots::distribution_ui(ui, shown),
        None => drop(states::empty_ui(ui, "Choose a cell of the table to see its distribution.", None)),
    });
    Tile::new("Loss over time").qualifier("labelled rows").show_at(ui, loss, |ui| match &model.loss {
        Some(loss) => plots::loss_ui(ui, loss),
        None => drop(states::empty_ui(ui, &model.no_loss, None)),
    });
    ui.advance_cursor_after_rect(page);
}

const FIXED: [f32; 5] = [28.0, 160.0, 92.0, 70.0, 70.0];

fn reason_width(width: f32) -> f32 {
    (width - FIXED.iter().sum::<f32>() - 4.0 * size::CELL_PADDING).max(60.0)
}

fn reason_heights(ui: &Ui, model: &StalenessModel, width: f32) -> Vec<f32> {
    let height = |line: &TriggerLine| {
        let galley = ui.painter().layout(line.reason.clone(), fonts::small(), Color32::WHITE, reason_width(width));
        (galley.size().y + 10.0).max(size::ROW)
    };
    model.triggers.iter().map(height).collect()
}

fn triggers_ui(ui: &mut Ui, lines: &[TriggerLine], heights: &[f32]) {
    let columns = [
        Column::mark(),
        Column::text("Trigger", FIXED[1]),
        Column::text("", FIXED[2]),
        Column::number("value", FIXED[3]),
        Column::number("limit", FIXED[4]),
        Column::text("What was found", reason_width(ui.available_width())).grow(1.0),
    ];
    let height = |row: usize| heights.get(row).copied().unwrap_or(size::ROW);
    Table::new("Triggers", &columns).heights(&height).show(ui, lines.len(), |cell, row, column| {
        let line = &lines[row];
        match column {
            // A trigger that fires is no failed gate: its word says what it is.
            0 => cell.mark(line.sign.map_or(Mark::Bullet, Mark::from)),
            1 => {
                cell.ink(&line.title);
                cell.hover(&line.hover);
            }
            2 => cell.text(line.outcome),
            3 => {
                cell.number(&line.value);
                cell.hover(&line.hover);
            }
            4 => {
                cell.number_muted(&line.limit);
                cell.hover(&line.hover);
            }
            _ => cell.wrapped(&line.reason),
        }
    });
}

fn heat_tile_ui(ui: &mut Ui, rect: Rect, model: &StalenessModel, state: &mut StalenessState, out: &mut Outbox) {
    let heat = &model.heat;
    Tile::new("Drift").qualifier(&heat.qualifier).show_at(ui, rect, |ui| {
        let body = ui.max_rect();
        let [controls, table] = layout::rows(body, [Part::Fixed(24.0), Part::Share(1.0)]);
        at_ui(ui, "windows", controls, |ui| {
            ui.horizontal(|ui| {
                Spans::small(Tokens::of(ui)).muted("Windows").ui(ui);
                let options: Vec<(Option<_>, &str)> =
                    model.windows.iter().map(|(window, word)| (*window, word.as_str())).collect();
                if let Some(chosen) = choice_ui(ui, "Windows of time", &options, model.window, 120.0) {
                    out.push(Command::SetWindow(chosen));
                }
            });
        });
        at_ui(ui, "heat", table, |ui| match (&model.no_windows, heat.columns.is_empty(), heat.rows.is_empty()) {
            (Some(why), true, _) => drop(states::empty_ui(ui, why, None)),
            (_, _, true) => {
                let why = "The log has no features, scores or labels to follow. Give columns the role feature under Change mapping.";
                states::empty_ui(ui, why, None);
            }
            _ => heat_ui(ui, heat, state),
        });
    });
}

fn heat_ui(ui: &mut Ui, heat: &HeatModel, state: &mut StalenessState) {
    let tokens = Tokens::of(ui);
    let default =
        (0, if heat.training { heat.columns.len() - 1 } else { heat.latest.unwrap_or(heat.columns.len() - 1) });
    let within = |(row, column): &(usize, usize)| *row < heat.rows.len() && *column < heat.columns.len();
    // Of other columns (training data were read or left out, other windows) another cell is the one to look at.
    let same = std::mem::replace(&mut state.columns, heat.columns.len()) == heat.columns.len();
    let selected = state.selected.filter(|cell| same && within(cell)).unwrap_or(default);
    state.selected = Some(selected);
    let cells: Vec<MatrixCell> = heat
        .cells
        .iter()
        .map(|cell| MatrixCell {
            main: cell.main.clone(),
            sub: cell.word.clone(),
            corner: None,
            fill: cell.fill.map_or(tokens.pane, |share| tokens.sequential(share)),
            outlined: cell.fill.is_none(),
            name: cell.hover.clone(),
        })
        .collect();
    let matrix = Matrix {
        name: "Drift by column and window",
        column_title: "",
        columns: &heat.columns,
        rows: &heat.rows,
        cells: &cells,
        totals: &[],
        totals_title: "",
        selected: Some(selected),
        clickable: true,
        unlabelled: false,
    };
    let height = 20.0 + ROW * heat.rows.len() as f32;
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        let place = ui.available_rect_before_wrap();
        let height = height.min(20.0 + ROW * heat.rows.len() as f32).max(ui.clip_rect().height().min(height));
        let rect = Rect::from_min_size(place.min, vec2(place.width(), height));
        let answer = at_ui(ui, "cells", rect, |ui| matrix.show(ui));
        ui.advance_cursor_after_rect(rect);
        if answer.selected.is_some() {
            state.selected = answer.selected;
        }
    });
}

fn reference_tile_ui(ui: &mut Ui, rect: Rect, model: &StalenessModel, state: &mut StalenessState, out: &mut Outbox) {
    let qualifier = model.training.as_deref().unwrap_or("what the model in production was trained on");
    Tile::new("Training data").qualifier(qualifier).show_at(ui, rect, |ui| {
        let tokens = Tokens::of(ui);
        ui.horizontal(|ui| {
            let word = if model.training.is_some() { "Choose other files\u{2026}" } else { "Choose files\u{2026}" };
            if Button::secondary(word).ui(ui).clicked() {
                out.push(Command::ChooseReference);
            }
            well_ui(ui, "Path of training data", &mut state.path, "or type a path", true, 220.0);
            let typed = state.path.trim().to_owned();
            let reason = "Type the path of a file, a folder or an s3:// prefix first.";
            if Button::secondary("Read").enabled(!typed.is_empty(), reason).ui(ui).clicked() {
                out.push(Command::SetReference(vec![PathBuf::from(typed)]));
            }
            if model.training.is_some() && Button::quiet("Leave it out").ui(ui).clicked() {
                out.push(Command::SetReference(Vec::new()));
            }
        });
        ui.add_space(4.0);
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 3.0;
            if model.training.is_none() {
                let sentence = "Without it training-serving skew cannot be told. Columns are matched by name; on the \
                                command line it is --reference, in a workspace reference = [\"train.parquet\"].";
                Spans::small(tokens).muted(sentence).ui(ui);
            }
            for line in &model.schema {
                Spans::small(tokens).text(line).ui(ui);
            }
        });
    });
}
