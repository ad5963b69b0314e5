//! All challengers of the run: verdict and primary metric of each; a click puts one in view.

use eframe::egui::{Rect, Ui, pos2};

use super::{TILE_TITLE, mark_of};
use crate::present::challengers::{ChallengerLine, ChallengersModel, Standing};
use crate::session::Command;
use crate::ui::Outbox;
use crate::ui::layout;
use crate::ui::marks::Mark;
use crate::ui::theme::size;
use crate::ui::widgets::{Button, Column, Table, Tile};

/// Rows above which the table scrolls.
const ROWS: usize = 6;

/// Height of the tile.
pub(super) fn height(model: &ChallengersModel) -> f32 {
    TILE_TITLE + size::TABLE_HEADER + model.lines.len().min(ROWS) as f32 * size::ROW_COMPACT + 9.0
}

pub(super) fn challengers_ui(ui: &mut Ui, rect: Rect, model: &ChallengersModel, out: &mut Outbox) {
    let trailing = match model.standing {
        Standing::Running => "the others are being compared",
        Standing::Ready => "a click puts a challenger in view",
        Standing::Unasked | Standing::Stopped | Standing::Outdated => "",
    };
    if model.standing == Standing::Unasked {
        out.push(Command::CompareChallengers);
    }
    let tile = Tile::new("Challengers").qualifier(&model.note).trailing(trailing).flush();
    let answer = tile.show_at(ui, rect, |ui| table_ui(ui, model));
    if let Some(line) = answer.and_then(|row| model.lines.get(row)).filter(|line| !line.current) {
        out.push(Command::ShowChallenger(line.name.clone()));
    }
    let again = match model.standing {
        Standing::Stopped => "Compare all",
        Standing::Outdated => "Compare again",
        _ => return,
    };
    let line = Rect::from_min_max(
        pos2(rect.right() - 132.0, rect.top() + 3.0),
        pos2(rect.right() - size::TILE_PADDING, rect.top() + TILE_TITLE),
    );
    layout::at_ui(ui, "compare challengers", line, |ui| {
        if Button::secondary(again).ui(ui).clicked() {
            out.push(Command::CompareChallengers);
        }
    });
}

/// Returns the row that was clicked.
fn table_ui(ui: &mut Ui, model: &ChallengersModel) -> Option<usize> {
    let wide = ui.available_width() > 900.0;
    let mut columns = vec![
        Column::mark(),
        Column::text("Challenger", 150.0).grow(1.0),
        Column::text("Verdict", 156.0),
        Column::text("Gates", 170.0),
        Column::text("Metric", 130.0).grow(0.5),
    ];
    if wide {
        columns.push(Column::number("champion", 92.0).of(Mark::Champion));
        columns.push(Column::number("challenger", 100.0).of(Mark::Challenger));
    }
    columns.push(Column::number("difference", 90.0));
    columns.push(Column::number(&model.interval_title, 130.0));
    let skip = if wide { 0 } else { 2 };
    let inert = |row: usize| model.lines[row].current;
    let current = model.lines.iter().position(|line| line.current);
    let table = Table::new("Challengers", &columns).row_height(size::ROW_COMPACT).inert(&inert).selected(current);
    let answer = table.clickable().show(ui, model.lines.len(), |cell, row, column| {
        let line: &ChallengerLine = &model.lines[row];
        match if column >= 5 { column + skip } else { column } {
            0 => cell.mark(line.recommendation.map_or(Mark::NotEvaluable, mark_of)),
            1 => {
                if line.current {
                    cell.qualified(&line.name, "in view");
                } else {
                    cell.ink(&line.name);
                }
                cell.hover(&line.hover);
            }
            2 => {
                cell.text(&line.verdict);
                cell.hover(&line.hover);
            }
            3 => cell.muted(&line.gates),
            4 => cell.text(&line.metric),
            5 => cell.number(&line.values[0]),
            6 => cell.number(&line.values[1]),
            7 => cell.number_strong(&line.difference),
            _ => cell.number(&line.interval),
        }
    });
    answer.clicked.or(answer.opened)
}
