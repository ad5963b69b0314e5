//! Confusion of several classes: both matrices, their difference, flips of every class.

use eframe::egui::{Align, Key, Layout, Modifiers, Rect, Ui};

use crate::log::ArmRole;
use crate::present::classes::{ClassCellModel, ClassesModel};
use crate::present::confusion::Normalise;
use crate::session::Command;
use crate::ui::Outbox;
use crate::ui::layout::{self, Part, at_ui};
use crate::ui::marks::Mark;
use crate::ui::text::{self, Spans};
use crate::ui::theme::{Tokens, size};
use crate::ui::widgets::field::well_ui;
use crate::ui::widgets::{
    Button, Cell, Column, ForestAxis, ForestRow, Matrix, MatrixCell, Table, Tile, chip_ui, forest, segmented_ui, states,
};

/// What the view remembers between frames.
#[derive(Clone, Debug, Default)]
pub struct ClassesState {
    /// The model is made with these two.
    pub normalise: Normalise,
    pub search: String,
}

/// The view, in the rest of `ui`.
pub fn classes_ui(ui: &mut Ui, model: &ClassesModel, state: &mut ClassesState, out: &mut Outbox) {
    let page = ui.available_rect_before_wrap();
    if let Some(reason) = &model.empty {
        Tile::new("Confusion").show(ui, |ui| {
            states::empty_ui(ui, reason, None);
        });
        return;
    }
    let [control, matrices, line, below] =
        layout::rows(page, [Part::Fixed(size::BUTTON), Part::Share(1.25), Part::Fixed(size::BUTTON), Part::Share(1.0)]);
    at_ui(ui, "classes control", control, |ui| control_ui(ui, model, state));
    matrices_ui(ui, matrices, model, out);
    at_ui(ui, "classes selection", line, |ui| selection_ui(ui, model, out));
    Tile::new("Flips by class").qualifier(&model.flips_title).flush().show_at(ui, below, |ui| {
        flips_ui(ui, model, out);
    });
    ui.advance_cursor_after_rect(page);
}

fn control_ui(ui: &mut Ui, model: &ClassesModel, state: &mut ClassesState) {
    let tokens = Tokens::of(ui);
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        if let Some(chosen) = segmented_ui(ui, "Normalise", &Normalise::ALL, model.normalise) {
            state.normalise = chosen;
        }
        well_ui(ui, "Search classes", &mut state.search, "Search classes", false, 160.0);
        let [champion, challenger, difference] = &model.accuracy;
        Spans::body(tokens)
            .text("accuracy ")
            .hue(champion, tokens.champion)
            .text(" ")
            .hue(challenger, tokens.challenger)
            .strong(&format!(" {difference}"))
            .line_ui(ui);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.label(text::small(tokens, &model.shown));
        });
    });
}

fn matrices_ui(ui: &mut Ui, rect: Rect, model: &ClassesModel, out: &mut Outbox) {
    let tokens = Tokens::of(ui);
    let parts = layout::columns(rect, [Part::Share(1.0), Part::Share(1.0), Part::Share(1.0)]);
    for (arm, rect) in model.arms.iter().zip(parts) {
        let name = if arm.role == ArmRole::Champion { "champion" } else { "challenger" };
        let qualifier = if arm.role == ArmRole::Champion { "truth in rows" } else { "same order, same shades" };
        Tile::new(&arm.name).of(arm.role.into()).qualifier(qualifier).show_at(ui, rect, |ui| {
            matrix_ui(ui, name, model, &arm.cells, |shade| tokens.sequential(shade), out);
        });
    }
    let last = parts[model.arms.len().min(2)];
    Tile::new("Difference").qualifier("challenger − champion, shaded by size").show_at(ui, last, |ui| {
        match model.difference.as_slice() {
            [] => {
                states::empty_ui(ui, "The log holds one model. Open a second one to see what it changes.", None);
            }
            cells => matrix_ui(ui, "difference", model, cells, |shade| tokens.diverging(shade), out),
        }
    });
}

fn matrix_ui(
    ui: &mut Ui,
    name: &str,
    model: &ClassesModel,
    cells: &[ClassCellModel],
    fill: impl Fn(f64) -> eframe::egui::Color32,
    out: &mut Outbox,
) {
    let side = model.names.len();
    if side == 0 {
        states::empty_ui(ui, "No class has such a name.", None);
        return;
    }
    let differs = name == "difference";
    let painted: Vec<MatrixCell> = cells
        .iter()
        .map(|cell| MatrixCell {
            main: cell.main.clone(),
            fill: fill(cell.shade),
            outlined: cell.diagonal && !differs,
            name: cell.name.clone(),
            ..MatrixCell::default()
        })
        .collect();
    // Names of many classes do not fit above their columns: these have the numbers of the rows.
    let numbered = side > 6;
    let columns: Vec<String> =
        if numbered { (1..=side).map(|number| number.to_string()).collect() } else { model.names.clone() };
    let rows: Vec<String> = match numbered {
        true => model.names.iter().zip(&columns).map(|(name, number)| format!("{name} {number}")).collect(),
        false => model.names.clone(),
    };
    let selected = cells.iter().position(|cell| cell.selected).map(|at| (at / side, at % side));
    let matrix = Matrix {
        name,
        column_title: "",
        columns: &columns,
        rows: &rows,
        cells: &painted,
        totals: &[],
        totals_title: "",
        selected,
        clickable: true,
    };
    let answer = matrix.show(ui);
    let selection = |at: Option<(usize, usize)>| at.and_then(|(row, column)| cells.get(row * side + column));
    if let Some(cell) = selection(answer.opened) {
        out.push(Command::OpenRows(cell.selection.clone()));
    } else if let Some(cell) = selection(answer.selected) {
        out.push(Command::Select(Some(cell.selection.clone())));
    }
}

fn selection_ui(ui: &mut Ui, model: &ClassesModel, out: &mut Outbox) {
    let tokens = Tokens::of(ui);
    if model.selected.is_empty() {
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            Spans::body(tokens)
                .muted("Click a cell or a class to choose its rows; a double click opens them.")
                .line_ui(ui);
        });
        return;
    }
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        let escape = ui.memory(|memory| memory.focused().is_none())
            && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape));
        if Button::secondary("Clear").shortcut("Esc").ui(ui).clicked() || escape {
            out.push(Command::Select(None));
        }
        if Button::secondary("Open rows").ui(ui).clicked() {
            out.push(Command::Show(crate::session::View::Rows));
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| chip_ui(ui, None, "", &model.selected, false));
    });
}

const FOREST: usize = 9;

fn flips_ui(ui: &mut Ui, model: &ClassesModel, out: &mut Outbox) {
    let range = model.flip_range;
    let tick = |value: f64| (value, crate::present::format::signed(value, 1));
    let axis = ForestAxis {
        lo: -range * 1.1,
        hi: range * 1.1,
        ticks: vec![tick(-range), (0.0, "0".to_owned()), tick(range)],
        unit: "pp of recall".to_owned(),
    };
    let pair = model.arms.len() > 1;
    let mut columns = vec![
        Column::text("class", 150.0).grow(1.0),
        Column::number("rows", 70.0),
        Column::number("recall, %", 84.0).of(Mark::Champion),
    ];
    if pair {
        columns.extend([
            Column::number("recall, %", 84.0).of(Mark::Challenger),
            Column::number("broken", 64.0),
            Column::number("fixed", 64.0),
            Column::number("both wrong alike", 104.0),
            Column::number("differently", 76.0),
            Column::number("net", 64.0),
            Column::text("", 140.0).grow(1.5),
            Column::number("recall, pp", 112.0),
        ]);
    }
    let header = |cell: &mut Cell<'_>, column: usize| {
        if column == FOREST {
            forest::header(cell, &axis);
        }
        column == FOREST
    };
    let selected = model.flips.iter().position(|line| line.selected);
    let table = Table::new("Flips by class", &columns)
        .row_height(size::ROW_COMPACT)
        .header_height(34.0)
        .header(&header)
        .selected(selected)
        .clickable();
    let answer = table.show(ui, model.flips.len(), |cell, row, column| {
        let line = &model.flips[row];
        match column {
            0 => cell.text(&line.name),
            1 => cell.number_muted(&line.rows),
            2 | 3 => cell.number(&line.recall[column - 2]),
            4..=7 => line.flips.get(column - 4).into_iter().for_each(|text| cell.number(text)),
            8 => cell.number_strong(&line.net),
            FOREST => {
                if let Some([value, lo, hi]) = line.interval {
                    let row = ForestRow { estimate: Some(value), interval: Some((lo, hi)), ..ForestRow::default() };
                    forest::cell(cell, &axis, &row);
                }
            }
            _ => cell.number_muted(&line.interval_text),
        }
    });
    if let Some(line) = answer.opened.and_then(|row| model.flips.get(row)) {
        out.push(Command::OpenRows(line.selection.clone()));
    } else if let Some(line) = answer.clicked.and_then(|row| model.flips.get(row)) {
        out.push(Command::Select(Some(line.selection.clone())));
    }
}
