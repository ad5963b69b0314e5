//! One row in full: both predictions side by side, and every field the log holds.

use eframe::egui::{Rect, ScrollArea, Ui};

use super::RowsState;
use crate::log::Task;
use crate::present::format;
use crate::present::rows::{ArmDetail, RowDetail, RowSource};
use crate::session::Command;
use crate::ui::marks::Mark;
use crate::ui::outbox::Outbox;
use crate::ui::theme::size;
use crate::ui::widgets::{Button, Cell, Column, Table, Tile};

const PREDICTION_LINES: [&str; 6] = ["score", "threshold", "says", "in the log", "right", "latency"];

pub(in crate::ui::views) fn detail_ui(
    ui: &mut Ui,
    rect: Rect,
    source: &RowSource<'_>,
    position: usize,
    state: &mut RowsState,
    out: &mut Outbox,
) {
    let Some(row) = source.detail(position) else {
        return;
    };
    let qualifier = format!("row {} of the log", format::count(row.number));
    Tile::new(&row.id).qualifier(&qualifier).flush().show_at(ui, rect, |ui| {
        ui.horizontal(|ui| {
            ui.add_space(size::TILE_PADDING - 1.0);
            if Button::secondary("Copy row").small().ui(ui).clicked() {
                out.push(Command::CopyText(source.row_text(position)));
            }
            if Button::secondary("Close").small().shortcut("Esc").ui(ui).clicked() {
                state.detail = false;
            }
        });
        ScrollArea::vertical().id_salt("row in full").auto_shrink([false, false]).show(ui, |ui| {
            predictions_ui(ui, &row);
            ui.add_space(8.0);
            fields_ui(ui, &row);
        });
    });
}

fn predictions_ui(ui: &mut Ui, row: &RowDetail) {
    let mut columns = vec![Column::text("", 84.0)];
    columns.extend(row.arms.iter().map(|arm| Column::number(&arm.name, 120.0).grow(1.0).of(Mark::from(arm.role))));
    let lines: Vec<usize> = (0..PREDICTION_LINES.len())
        // Only where a model's own decision differs from the one at the threshold.
        .filter(|line| match row.task {
            Task::Binary => true,
            Task::Regression | Task::Similarity => matches!(line, 0 | 5),
            Task::Multiclass | Task::Text => matches!(line, 2 | 4 | 5),
            Task::Ranking | Task::Detection | Task::Image => matches!(line, 2 | 5),
        })
        .filter(|&line| line != 3 || row.arms.iter().any(|arm| arm.logged.is_some()))
        .collect();
    sized_ui(ui, lines.len(), |ui| {
        Table::new("Both predictions", &columns).row_height(size::ROW_COMPACT).show(
            ui,
            lines.len(),
            |cell, line, column| match column.checked_sub(1).and_then(|arm| row.arms.get(arm)) {
                None => cell.muted(PREDICTION_LINES[lines[line]]),
                Some(arm) => prediction_cell(cell, arm, lines[line], row.label.is_some()),
            },
        );
    });
}

fn prediction_cell(cell: &mut Cell<'_>, arm: &ArmDetail, line: usize, labelled: bool) {
    let hue = cell.tokens.arm(arm.role);
    let missing = "nothing is logged";
    match line {
        0 => match &arm.score {
            Some(score) => cell.number_hue(score, hue),
            None => cell.undefined(missing),
        },
        1 => match &arm.threshold {
            Some(threshold) => cell.number(threshold),
            None => cell.undefined("the decision is used as it was logged"),
        },
        2 => match &arm.decision {
            Some(decision) => cell.number_hue(decision, hue),
            None => cell.undefined(missing),
        },
        3 => match arm.logged {
            Some(logged) => cell.number(logged),
            None => cell.number_muted("the same"),
        },
        4 => match arm.right {
            Some(right) => cell.number(if right { "right" } else { "wrong" }),
            None => cell.undefined(if labelled { missing } else { "the label is pending" }),
        },
        _ => match &arm.latency {
            Some(latency) => cell.number(latency),
            None => cell.undefined(missing),
        },
    }
}

fn fields_ui(ui: &mut Ui, row: &RowDetail) {
    let mut fields: Vec<(&str, Option<&str>)> = vec![("truth", row.label.as_deref())];
    if let Some(right) = row.right {
        fields.push(("who is right", Some(right.word())));
    }
    fields.push(("time", row.time.as_deref()));
    if let Some((name, unit)) = &row.unit {
        fields.push((name, Some(unit)));
    }
    fields.extend(row.fields.iter().map(|(name, value)| (name.as_str(), value.as_deref())));
    let columns = [Column::text("field", 120.0), Column::text("value", 120.0).grow(1.0)];
    sized_ui(ui, fields.len(), |ui| {
        Table::new("Fields", &columns).row_height(size::ROW_COMPACT).show(ui, fields.len(), |cell, line, column| {
            let (name, value) = fields[line];
            match (column, value) {
                (0, _) => {
                    cell.muted(name);
                    cell.hover(name);
                }
                (_, Some(value)) => {
                    cell.mono(value);
                    cell.hover(value);
                }
                (_, None) => {
                    cell.muted(format::UNDEFINED);
                    cell.hover("the log holds nothing here");
                }
            }
        });
    });
}

/// A table of known height inside something that scrolls.
fn sized_ui(ui: &mut Ui, lines: usize, add: impl FnOnce(&mut Ui)) {
    let height = size::TABLE_HEADER + lines as f32 * size::ROW_COMPACT + 1.0;
    let rect = Rect::from_min_size(ui.cursor().min, eframe::egui::vec2(ui.available_width(), height));
    let mut child =
        ui.new_child(eframe::egui::UiBuilder::new().id_salt(("sized", lines, rect.top() as i32)).max_rect(rect));
    add(&mut child);
    ui.advance_cursor_after_rect(rect);
}
