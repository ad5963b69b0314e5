//! Whether arms that answered different requests can be compared: balance, and what the run's size can tell.

use eframe::egui::{Rect, Ui, pos2};

use crate::present::validity::kayenta::{self, KayentaLine};
use crate::present::validity::{BalanceLine, PowerLine};
use crate::ui::marks::Mark;
use crate::ui::theme::size;
use crate::ui::widgets::{Column, Table, Tile, states};

pub(super) fn balance_tile_ui(ui: &mut Ui, rect: Rect, lines: &[BalanceLine], together: &str) {
    Tile::new("Balance")
        .qualifier("standardised differences, one row per unit; flagged above 0.1 and beyond chance")
        .trailing(together)
        .flush()
        .show_at(ui, rect, |ui| balance_ui(ui, lines));
}

pub(super) fn power_tile_ui(ui: &mut Ui, rect: Rect, lines: &[PowerLine]) {
    Tile::new("What a run of this size tells").qualifier("80 % power, one look").flush().show_at(ui, rect, |ui| {
        power_ui(ui, lines);
    });
}

pub(super) fn kayenta_tile_ui(ui: &mut Ui, rect: Rect, lines: &[KayentaLine]) {
    Tile::new("What Kayenta would say").qualifier("read by no gate").flush().show_at(ui, rect, |ui| {
        let columns = [
            Column::mark(),
            Column::text("Metric", 100.0).grow(1.0),
            Column::text("where", 72.0),
            Column::text("says", 56.0),
            Column::text("shift", 150.0),
        ];
        let table = Table::new("What Kayenta would say", &columns).row_height(size::ROW_COMPACT);
        table.show(ui, lines.len(), |cell, row, column| {
            let line = &lines[row];
            match column {
                0 => cell.mark(line.sign.into()),
                1 => {
                    cell.ink(&line.title);
                    cell.hover(&format!("{}: {}; {}", line.title, line.points, kayenta::QUALIFIER));
                }
                2 => cell.small(&line.place),
                3 => cell.text(&line.says),
                _ => {
                    cell.small(&line.shift);
                    cell.hover(&format!("{}, of {}", line.shift, line.points));
                }
            }
        });
    });
}

fn balance_ui(ui: &mut Ui, lines: &[BalanceLine]) {
    if lines.is_empty() {
        let reason = "No column tells anything of the units. Map attributes as features, or what was known before the \
                      run as covariates.";
        states::empty_ui(ui, reason, None);
        return;
    }
    let columns = [
        Column::mark(),
        Column::text("Column", 110.0).grow(1.0),
        Column::text("", 56.0),
        Column::number("champion", 78.0).of(Mark::Champion),
        Column::number("challenger", 88.0).of(Mark::Challenger),
        Column::number("difference", 66.0),
        Column::text("", 48.0),
    ];
    let table = Table::new("Balance", &columns).row_height(size::ROW_COMPACT);
    table.show(ui, lines.len(), |cell, row, column| {
        let line = &lines[row];
        match column {
            0 => cell.mark(if line.flagged { Mark::Inconclusive } else { Mark::Pass }),
            1 => {
                cell.ink(&line.column);
                cell.hover(&line.column);
            }
            2 => {
                cell.small(&line.what);
                cell.hover(&line.what);
            }
            3 => cell.number(&line.arms[0]),
            4 => cell.number(&line.arms[1]),
            5 if line.flagged => cell.number_strong(&line.difference),
            5 => cell.number(&line.difference),
            _ => {
                let bar = cell.rect.shrink2(eframe::egui::vec2(0.0, 7.0));
                let middle = bar.center().x;
                let tokens = cell.tokens;
                let filled =
                    Rect::from_min_max(bar.min, pos2(bar.left() + bar.width() * line.share as f32, bar.bottom()));
                cell.painter().rect_filled(filled, 0.0, if line.flagged { tokens.fail } else { tokens.faint });
                crate::ui::paint::vline(
                    cell.painter(),
                    middle,
                    bar.top() - 3.0,
                    bar.bottom() + 3.0,
                    tokens.line_strong,
                );
            }
        }
    });
}

fn power_ui(ui: &mut Ui, lines: &[PowerLine]) {
    if lines.is_empty() {
        states::empty_ui(ui, "No outcome has a difference with a standard error.", None);
        return;
    }
    let columns = [
        Column::text("Outcome", 120.0).grow(1.0),
        Column::number("units", 60.0),
        Column::number("smallest told", 96.0),
        Column::text("for the open gate", 150.0).grow(1.0),
    ];
    let table = Table::new("What a run of this size tells", &columns).row_height(size::ROW_COMPACT);
    table.show(ui, lines.len(), |cell, row, column| {
        let line = &lines[row];
        match column {
            0 => {
                cell.ink(&line.title);
                cell.hover(&line.hover);
            }
            1 => cell.number(&line.units),
            2 => cell.number(&line.detectable),
            _ => {
                cell.small(&line.more);
                cell.hover(&line.more);
            }
        }
    });
}
