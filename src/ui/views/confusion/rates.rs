//! The rates of both matrices, with the interval of each difference.

use eframe::egui::{Rect, Ui};

use crate::present::confusion::{ConfusionModel, RateRow};
use crate::ui::marks::Mark;
use crate::ui::widgets::{Cell, Column, Table, Tile};

pub(super) fn rates_ui(ui: &mut Ui, rect: Rect, model: &ConfusionModel) {
    let paired = model.arms.challenger.is_some();
    let mut columns = vec![
        Column::text("Rate", 130.0).grow(1.0),
        Column::number("champion", 80.0).of(Mark::Champion),
        Column::number("interval", 128.0).grow(0.3),
    ];
    if paired {
        columns.extend([
            Column::number("challenger", 92.0).of(Mark::Challenger),
            Column::number("interval", 128.0).grow(0.3),
            Column::number("difference", 84.0),
            Column::number("interval", 138.0).grow(0.3),
        ]);
    }
    columns.push(Column::text("read as", 170.0).grow(2.0));
    let last = columns.len() - 1;
    let tile = Tile::new("Rates").qualifier(&model.rates_qualifier).refreshing(model.rates_stale).flush();
    tile.show_at(ui, rect, |ui| {
        Table::new("Rates", &columns).show(ui, model.rates.len(), |cell, row, column| {
            rate_cell(cell, &model.rates[row], if column == last { 7 } else { column });
        });
    });
}

fn rate_cell(cell: &mut Cell<'_>, row: &RateRow, column: usize) {
    let reason = row.undefined.as_deref().unwrap_or("not computed");
    let arm = |index: usize| row.arms[index].as_ref();
    match column {
        0 => {
            let title = if row.unit.is_empty() { row.title.clone() } else { format!("{}, {}", row.title, row.unit) };
            cell.ink(&title);
        }
        1 | 3 => match arm(column / 2) {
            Some((value, _)) if column == 1 => cell.number_hue(value, cell.tokens.champion),
            Some((value, _)) => cell.number_hue(value, cell.tokens.challenger),
            None => cell.undefined(reason),
        },
        2 | 4 => match arm(column / 2 - 1) {
            Some((_, interval)) => cell.number_muted(interval),
            None => cell.undefined(reason),
        },
        5 => match &row.difference {
            Some((value, _)) => cell.number_strong(value),
            None => cell.undefined(reason),
        },
        6 => match &row.difference {
            Some((_, interval)) => cell.number(interval),
            None => cell.undefined(reason),
        },
        _ => {
            let said = row.undefined.as_deref().unwrap_or(row.formula);
            cell.small(said);
            cell.hover(said);
        }
    }
}
