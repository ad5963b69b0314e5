//! Validity: checks with their consequence, join audit, labels, files, quality issues, coverage over time.

mod series;
mod split;
#[cfg(test)]
mod tests;

use eframe::egui::{Rect, Ui};

use crate::present::validity::{CountLine, ValidityModel};
use crate::session::Command;
use crate::ui::Outbox;
use crate::ui::layout::{self, Part};
use crate::ui::marks::Mark;
use crate::ui::theme::{Tokens, size};
use crate::ui::widgets::{Column, Table, Tile, states};
use crate::ui::{fonts, text};

/// What the Validity view remembers.
#[derive(Clone, Debug, Default)]
pub struct ValidityState {
    /// Chosen file.
    pub source: Option<usize>,
}

/// Draw the Validity view in the rest of `ui`.
pub fn validity_ui(ui: &mut Ui, model: &ValidityModel, state: &mut ValidityState, out: &mut Outbox) {
    let page = ui.available_rect_before_wrap();
    let [left, right] = layout::columns(page, [Part::Share(1.1), Part::Share(1.0)]);
    let lower = (page.height() * 0.36).clamp(190.0, 320.0);
    let [checks, below] = layout::rows(left, [Part::Share(1.0), Part::Fixed(lower)]);
    let [join, labels, sources] =
        layout::rows(right, [Part::Fixed(table_height(model.join.len()) + 22.0), Part::Share(1.0), Part::Fixed(lower)]);
    let passed = format!("{} pass", model.passed);
    Tile::new("Checks").qualifier("each with its consequence").trailing(&passed).flush().show_at(ui, checks, |ui| {
        checks_ui(ui, model);
    });
    if let Some(split) = &model.split {
        let mut balance = below;
        if !split.kayenta.is_empty() {
            let least = (table_height(split.balance.len()) + 30.0).min(below.height() * 0.5);
            let [above, kayenta] = layout::rows(below, [Part::Fixed(least), Part::Share(1.0)]);
            split::kayenta_tile_ui(ui, kayenta, &split.kayenta);
            balance = above;
        }
        split::balance_tile_ui(ui, balance, &split.balance, &split.together);
    } else if model.issues.is_empty() {
        series_tile_ui(ui, model, below);
    } else {
        let [chart, issues] = layout::columns(below, [Part::Share(1.0), Part::Share(1.0)]);
        series_tile_ui(ui, model, chart);
        let count = model.issues.len().to_string();
        Tile::new("Found while reading").trailing(&count).flush().show_at(ui, issues, |ui| issues_ui(ui, model));
    }
    let (audit, of) =
        if model.split.is_some() { ("Assignment", "counts of ids and lines") } else { ("Join audit", "counts of ids") };
    Tile::new(audit).qualifier(of).flush().show_at(ui, join, |ui| {
        let [line, rest] = layout::rows(ui.available_rect_before_wrap(), [Part::Fixed(14.0), Part::Share(1.0)]);
        let line = line.shrink2(eframe::egui::vec2(size::TILE_PADDING, 0.0));
        layout::at_ui(ui, "basis", line, |ui| {
            let basis = eframe::egui::Label::new(text::small(Tokens::of(ui), &model.basis)).truncate();
            ui.add(basis).on_hover_text(&model.basis);
        });
        layout::at_ui(ui, "counts", rest, |ui| counts_ui(ui, "Join audit", &model.join));
    });
    let mut sources = sources;
    if let Some(split) = &model.split {
        // What is known of labels is said by the checks.
        split::power_tile_ui(ui, labels, &split.power);
        if !model.issues.is_empty() {
            let [issues, files] = layout::rows(sources, [Part::Share(1.0), Part::Share(1.0)]);
            let count = model.issues.len().to_string();
            Tile::new("Found while reading").trailing(&count).flush().show_at(ui, issues, |ui| issues_ui(ui, model));
            sources = files;
        }
    } else {
        Tile::new("Labels").flush().show_at(ui, labels, |ui| counts_ui(ui, "Labels", &model.labels));
    }
    let hint = "Enter copies the digest";
    Tile::new("Files").qualifier("as read").trailing(hint).flush().show_at(ui, sources, |ui| {
        sources_ui(ui, model, state, out);
    });
    ui.advance_cursor_after_rect(page);
}

fn table_height(rows: usize) -> f32 {
    28.0 + rows as f32 * size::ROW_COMPACT + 9.0
}

fn checks_ui(ui: &mut Ui, model: &ValidityModel) {
    if model.checks.is_empty() {
        states::empty_ui(ui, "The run made no check.", None);
        return;
    }
    const FIXED: [f32; 4] = [28.0, 146.0, 62.0, 96.0];
    let width = ui.available_width() - FIXED.iter().sum::<f32>() - 4.0 * size::CELL_PADDING;
    let heights: Vec<f32> = model
        .checks
        .iter()
        .map(|check| {
            let tokens = Tokens::of(ui);
            let text = check.explanation.clone();
            let galley = ui.painter().layout(text, fonts::small(), tokens.muted, width.max(60.0));
            (galley.size().y + 12.0).max(size::ROW)
        })
        .collect();
    let columns = [
        Column::mark(),
        Column::text("Check", FIXED[1]),
        Column::number("value", FIXED[2]),
        Column::number("limit", FIXED[3]),
        Column::text("What was found, and what follows", width.max(60.0)).grow(1.0),
    ];
    let height = |row: usize| heights.get(row).copied().unwrap_or(size::ROW);
    Table::new("Checks", &columns).heights(&height).show(ui, model.checks.len(), |cell, row, column| {
        let check = &model.checks[row];
        match column {
            0 => cell.mark(check.outcome.into()),
            1 => {
                cell.ink(&check.title);
                cell.hover(&check.title);
            }
            2 => cell.number(&check.value),
            3 => cell.number_muted(&check.limit),
            _ => cell.wrapped(&check.explanation),
        }
    });
}

fn counts_ui(ui: &mut Ui, name: &str, lines: &[CountLine]) {
    let columns = [Column::text("", 186.0).grow(0.2), Column::number("", 62.0), Column::text("", 190.0).grow(1.0)];
    let table = Table::new(name, &columns).header_height(0.0).row_height(size::ROW_COMPACT);
    table.show(ui, lines.len(), |cell, row, column| {
        let line = &lines[row];
        match column {
            0 => cell.text(&line.name),
            1 => cell.number(&line.count),
            _ => {
                cell.small(&line.remark);
                cell.hover(&line.remark);
            }
        }
    });
}

fn sources_ui(ui: &mut Ui, model: &ValidityModel, state: &mut ValidityState, out: &mut Outbox) {
    let columns = [
        Column::text("File", 172.0).grow(1.0),
        Column::text("Read as", 70.0),
        Column::number("records", 60.0),
        Column::number("set aside", 58.0),
        Column::text("SHA-256", 108.0),
    ];
    let table = Table::new("Files", &columns).row_height(size::ROW_COMPACT).selected(state.source).clickable();
    let answer = table.show(ui, model.sources.len(), |cell, row, column| {
        let source = &model.sources[row];
        match column {
            0 => {
                cell.ink(&source.name);
                cell.hover(&format!("{}\n{}, {}", source.path, source.format, source.size));
            }
            1 => cell.small(source.role),
            2 => cell.number(&source.records),
            3 => cell.number_muted(&source.quarantined),
            _ => {
                cell.mono(&source.digest);
                cell.hover(&source.digest_full);
            }
        }
    });
    if answer.clicked.is_some() {
        state.source = answer.clicked;
    }
    if let Some(source) = answer.opened.and_then(|row| model.sources.get(row))
        && !source.digest_full.is_empty()
    {
        out.push(Command::CopyText(source.digest_full.clone()));
    }
}

fn issues_ui(ui: &mut Ui, model: &ValidityModel) {
    let width = (ui.available_width() - 28.0 - 4.0 * size::CELL_PADDING).max(60.0);
    let said: Vec<String> = model
        .issues
        .iter()
        .map(|issue| {
            let parts = [&issue.message, &issue.consequence, &issue.mend];
            parts.into_iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(" ")
        })
        .collect();
    let heights: Vec<f32> = said
        .iter()
        .map(|text| {
            let galley = ui.painter().layout(text.clone(), fonts::small(), Tokens::of(ui).muted, width);
            galley.size().y + 12.0
        })
        .collect();
    let columns = [Column::mark(), Column::text("", width).grow(1.0)];
    let height = |row: usize| heights.get(row).copied().unwrap_or(size::ROW);
    let table = Table::new("Found while reading", &columns).header_height(0.0).heights(&height);
    table.show(ui, said.len(), |cell, row, column| match column {
        0 => cell.mark(model.issues[row].sign.map_or(Mark::Bullet, Mark::from)),
        _ => cell.wrapped(&said[row]),
    });
}

fn series_tile_ui(ui: &mut Ui, model: &ValidityModel, rect: Rect) {
    let Some(found) = &model.coverage else {
        Tile::new("Over time").show_at(ui, rect, |ui| {
            states::empty_ui(ui, "The log has no times, so volume and label coverage have no course.", None);
        });
        return;
    };
    let qualifier = format!("{}; bars: rows, line: share labelled", found.by);
    Tile::new("Label coverage").qualifier(&qualifier).show_at(ui, rect, |ui| {
        series::series_ui(ui, found);
    });
}
