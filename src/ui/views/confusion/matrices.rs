//! The four matrices side by side.

use eframe::egui::{CornerRadius, Rect, Ui, UiBuilder, vec2};

use super::cell_commands;
use crate::compare::Selection;
use crate::present::confusion::{
    ArmMatrix, CellModel, ConfusionModel, DECISIONS, DifferenceMatrix, FLIP_COLUMNS, FlipMatrix, Reading,
};
use crate::ui::layout::{self, Part};
use crate::ui::marks::Mark;
use crate::ui::outbox::Outbox;
use crate::ui::text::{self, Spans};
use crate::ui::theme::Tokens;
use crate::ui::widgets::{Matrix, MatrixCell, Tile, states};

/// Height of the two lines under a matrix.
const NOTES: f32 = 36.0;

pub(super) fn matrices_ui(ui: &mut Ui, rect: Rect, model: &ConfusionModel, out: &mut Outbox) {
    // In proportion to what their widest cells need, so that no count is cut in the smallest window.
    let parts = [Part::Share(1.15), Part::Share(1.15), Part::Share(0.99), Part::Share(1.44)];
    let [first, second, third, fourth] = layout::columns(rect, parts);
    if let Some(arm) = &model.arms.champion {
        arm_ui(ui, first, model, arm, out);
    }
    let Some(challenger) = &model.arms.challenger else {
        let rest = Rect::from_min_max(second.min, fourth.max);
        return missing_ui(
            ui,
            rest,
            "Difference",
            "The log holds one model. Open a second one to see what it changes.",
        );
    };
    arm_ui(ui, second, model, challenger, out);
    match &model.difference {
        Some(difference) => difference_ui(ui, third, model, difference, out),
        None => missing_ui(ui, third, "Difference", "There is no interval for the difference of these counts."),
    }
    match &model.flips {
        Some(flips) => flips_ui(ui, fourth, model, flips, out),
        None => missing_ui(ui, fourth, "Flips", "Flips need both models' decisions on the same rows."),
    }
}

fn missing_ui(ui: &mut Ui, rect: Rect, title: &str, sentence: &str) {
    Tile::new(title).show_at(ui, rect, |ui| {
        states::empty_ui(ui, sentence, None);
    });
}

fn owned<const N: usize>(labels: [&str; N]) -> Vec<String> {
    labels.map(str::to_owned).to_vec()
}

/// Matrix in the upper part, notes in the lower part of a tile.
fn body_ui(ui: &mut Ui, matrix: &Matrix<'_>, cells: &[&CellModel], out: &mut Outbox, notes: impl FnOnce(&mut Ui)) {
    let [upper, lower] = layout::rows(ui.available_rect_before_wrap(), [Part::Share(1.0), Part::Fixed(NOTES)]);
    let columns = matrix.columns.len();
    {
        let place = UiBuilder::new().id_salt("matrix").max_rect(upper.shrink2(vec2(2.0, 0.0)));
        let answer = matrix.show(&mut ui.new_child(place));
        let selection = |at: Option<(usize, usize)>| -> Option<&Selection> {
            at.and_then(|(row, column)| cells.get(row * columns + column)).map(|cell| &cell.selection)
        };
        cell_commands(selection(answer.selected), selection(answer.opened), out);
    }
    layout::at_ui(ui, "notes", lower.shrink2(vec2(9.0, 0.0)), |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        ui.spacing_mut().interact_size.y = 14.0;
        notes(ui);
    });
}

fn selected(cells: &[&CellModel], columns: usize) -> Option<(usize, usize)> {
    cells.iter().position(|cell| cell.selected).map(|at| (at / columns, at % columns))
}

fn arm_ui(ui: &mut Ui, rect: Rect, model: &ConfusionModel, arm: &ArmMatrix, out: &mut Outbox) {
    let tokens = Tokens::of(ui);
    let cells: Vec<&CellModel> = arm.cells.iter().flatten().collect();
    let painted: Vec<MatrixCell> = cells
        .iter()
        .map(|cell| MatrixCell {
            main: cell.main.clone(),
            sub: cell.sub.clone(),
            fill: tokens.sequential(cell.shade),
            name: cell.name.clone(),
            ..MatrixCell::default()
        })
        .collect();
    let columns = owned(DECISIONS);
    let matrix = Matrix {
        name: if arm.role == crate::log::ArmRole::Champion { "champion" } else { "challenger" },
        column_title: "predicted",
        columns: &columns,
        rows: &model.classes,
        cells: &painted,
        totals: &arm.totals,
        totals_title: "rows",
        selected: selected(&cells, 2),
        clickable: true,
        unlabelled: false,
    };
    Tile::new(&arm.name).of(arm.role.into()).qualifier(&arm.threshold).flush().show_at(ui, rect, |ui| {
        body_ui(ui, &matrix, &cells, out, |ui| {
            Spans::small(tokens).text(&arm.notes[0]).line_ui(ui);
            Spans::small(tokens).muted(&arm.notes[1]).line_ui(ui);
        });
    });
}

fn difference_ui(ui: &mut Ui, rect: Rect, model: &ConfusionModel, difference: &DifferenceMatrix, out: &mut Outbox) {
    let tokens = Tokens::of(ui);
    let cells: Vec<&CellModel> = difference.cells.iter().flatten().collect();
    let painted: Vec<MatrixCell> = cells
        .iter()
        .map(|cell| MatrixCell {
            main: cell.main.clone(),
            sub: cell.sub.clone(),
            corner: match cell.reading {
                Some(Reading::Better) => Some((Some(Mark::Better), "better".to_owned())),
                Some(Reading::Worse) => Some((Some(Mark::Worse), "worse".to_owned())),
                Some(Reading::NoDifference) => Some((None, "no difference".to_owned())),
                Some(Reading::Untold) | None => None,
            },
            fill: tokens.diverging(cell.shade),
            name: cell.name.clone(),
            ..MatrixCell::default()
        })
        .collect();
    let columns = owned(DECISIONS);
    let matrix = Matrix {
        name: "difference",
        column_title: &difference.title,
        columns: &columns,
        rows: &model.classes,
        cells: &painted,
        totals: &[],
        totals_title: "",
        selected: selected(&cells, 2),
        clickable: true,
        unlabelled: false,
    };
    let tile = Tile::new("Difference").qualifier(&difference.qualifier).refreshing(difference.stale).flush();
    tile.show_at(ui, rect, |ui| {
        body_ui(ui, &matrix, &cells, out, |ui| {
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = 4.0;
                swatch_ui(ui, -1.0, "champion has more");
                ui.add_space(1.0);
                swatch_ui(ui, 1.0, "challenger");
            });
            let note =
                if difference.note.is_empty() { "uncoloured: the interval contains 0" } else { &difference.note };
            Spans::small(tokens).muted(note).line_ui(ui);
        });
    });
}

fn swatch_ui(ui: &mut Ui, side: f64, name: &str) {
    let tokens = Tokens::of(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(10.0, 14.0), eframe::egui::Sense::hover());
    let square = Rect::from_center_size(rect.center(), vec2(10.0, 10.0));
    ui.painter().rect_filled(square, CornerRadius::ZERO, tokens.diverging(side));
    ui.label(text::small(tokens, name));
}

fn flips_ui(ui: &mut Ui, rect: Rect, model: &ConfusionModel, flips: &FlipMatrix, out: &mut Outbox) {
    let tokens = Tokens::of(ui);
    let cells: Vec<&CellModel> = flips.cells.iter().flatten().collect();
    let painted: Vec<MatrixCell> = cells
        .iter()
        .map(|cell| MatrixCell {
            main: cell.main.clone(),
            fill: tokens.diverging(cell.shade),
            name: cell.name.clone(),
            ..MatrixCell::default()
        })
        .collect();
    let columns = owned(FLIP_COLUMNS);
    let matrix = Matrix {
        name: "flips",
        column_title: "challenger against champion",
        columns: &columns,
        rows: &model.classes,
        cells: &painted,
        totals: &[],
        totals_title: "",
        selected: selected(&cells, FLIP_COLUMNS.len()),
        clickable: true,
        unlabelled: false,
    };
    let tile = Tile::new("Flips").qualifier("same rows, both models").refreshing(flips.stale).flush();
    tile.show_at(ui, rect, |ui| {
        body_ui(ui, &matrix, &cells, out, |ui| {
            if flips.nets_stale && !flips.stale {
                ui.multiply_opacity(0.55);
            }
            Spans::small(tokens).text(&flips.nets[0]).line_ui(ui);
            Spans::small(tokens).muted(&flips.nets[1]).line_ui(ui);
        });
    });
}
