//! One query: what was asked, and both lists side by side.

use eframe::egui::{Rect, Ui};

use crate::log::ArmRole;
use crate::present::queries::{ListLine, QueryDetail};
use crate::ui::layout::{self, Part, at_ui};
use crate::ui::marks::Mark;
use crate::ui::text;
use crate::ui::theme::{Tokens, size};
use crate::ui::widgets::{Cell, Column, Table, Tile, states};

/// Columns of one list.
const OF_LIST: usize = 4;

pub(super) fn detail_ui(ui: &mut Ui, rect: Rect, detail: Option<QueryDetail>) {
    let Some(detail) = detail else {
        Tile::new("Both lists").show_at(ui, rect, |ui| {
            states::empty_ui(ui, "Choose a query to see its lists.", None);
        });
        return;
    };
    let tokens = Tokens::of(ui);
    let facts: Vec<String> = detail.facts.iter().map(|(name, value)| format!("{name} {value}")).collect();
    let title = if detail.arms.len() > 1 { "Both lists" } else { "The list" };
    let qualifier = format!("{}   {}", detail.id, facts.join("   "));
    Tile::new(title).qualifier(&qualifier).flush().show_at(ui, rect, |ui| {
        let body = ui.available_rect_before_wrap();
        let foot = if detail.missed.is_empty() { 0.0 } else { 22.0 };
        let [table, missed] = layout::rows(body, [Part::Share(1.0), Part::Fixed(foot)]);
        at_ui(ui, "lists", table, |ui| lists_ui(ui, &detail));
        if foot > 0.0 {
            at_ui(ui, "missed", missed.shrink2(eframe::egui::vec2(size::TILE_PADDING, 0.0)), |ui| {
                let text = text::small(tokens, &format!("Relevant, listed by nobody: {}", detail.missed));
                ui.add(eframe::egui::Label::new(text).truncate()).on_hover_text(&detail.missed);
            });
        }
    });
}

fn lists_ui(ui: &mut Ui, detail: &QueryDetail) {
    let mut columns = vec![Column::number("", 30.0)];
    for (arm, found) in detail.arms.iter().zip(&detail.found) {
        columns.push(Column::text(found, 110.0).grow(1.0).of(Mark::from(*arm)));
        columns.push(Column::text("grade", 52.0));
        columns.push(Column::number("score", 66.0));
        columns.push(Column::number(if detail.arms.len() > 1 { "there" } else { "" }, 52.0));
    }
    Table::new("Both lists", &columns).row_height(size::ROW_COMPACT).show(
        ui,
        detail.lines.len(),
        |cell, row, column| {
            let Some(column) = column.checked_sub(1) else {
                cell.number_muted(&(row + 1).to_string());
                return;
            };
            let (arm, part) = (column / OF_LIST, column % OF_LIST);
            if let Some(line) = detail.lines[row].get(arm).and_then(Option::as_ref) {
                line_cell(cell, line, part, row + 1, detail.arms.len() > 1, detail.arms[arm]);
            }
        },
    );
}

fn line_cell(cell: &mut Cell<'_>, line: &ListLine, part: usize, place: usize, pair: bool, arm: ArmRole) {
    let relevant = line.grade.is_some_and(|grade| grade >= 1);
    match part {
        0 => {
            let (main, more) = if line.about.is_empty() { (&line.item, "") } else { (&line.about, line.item.as_str()) };
            match relevant {
                true => cell.strong(main),
                false => cell.text(main),
            }
            if !more.is_empty() {
                cell.hover(&format!("{main}, {more}"));
            }
        }
        1 => match line.grade {
            Some(grade) if relevant => {
                cell.mark(Mark::Pass);
                cell.number_strong(&grade.to_string());
            }
            Some(grade) => cell.number_muted(&grade.to_string()),
            None => cell.undefined("not judged: counts as not relevant"),
        },
        2 => match &line.score {
            Some(score) => cell.number_hue(score, cell.tokens.arm(arm)),
            None => cell.undefined("no score is logged"),
        },
        _ if !pair => {}
        _ => match line.other {
            Some(other) if other == place => cell.number_muted("same"),
            Some(other) => cell.number_muted(&other.to_string()),
            None => cell.undefined("not in the other list"),
        },
    }
}
