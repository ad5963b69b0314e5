//! Errors: finding, scorecard; distribution, quantiles, by column; over time; the worst rows.

mod plots;

use eframe::egui::{Rect, Ui};

use super::frame::sentence;
use super::overview::{OverviewState, scorecard};
use crate::present::errors::{ErrorsModel, WorstLine};
use crate::session::Command;
use crate::ui::Outbox;
use crate::ui::layout::{self, Part, at_ui};
use crate::ui::marks::Mark;
use crate::ui::text::Spans;
use crate::ui::theme::{Tokens, size};
use crate::ui::widgets::{Column, Table, Tile, states, title_choice_ui};

const FINDING: f32 = 22.0;

/// What the view remembers between frames.
#[derive(Clone, Debug, Default)]
pub struct ErrorsState {
    pub scorecard: OverviewState,
    /// Index into the model's `by`.
    pub by: usize,
    /// Chosen worst row.
    pub worst: Option<usize>,
}

/// The view, in the rest of `ui`.
pub fn errors_ui(ui: &mut Ui, model: &ErrorsModel, state: &mut ErrorsState, out: &mut Outbox) {
    let tokens = Tokens::of(ui);
    let page = ui.available_rect_before_wrap();
    if let Some(reason) = &model.empty {
        Tile::new("Errors").show(ui, |ui| {
            states::empty_ui(ui, reason, None);
        });
        return;
    }
    let card = scorecard::height(&model.scorecard).min(page.height() * 0.3).max(110.0);
    let [finding, top, upper, lower] =
        layout::rows(page, [Part::Fixed(FINDING), Part::Fixed(card), Part::Share(1.05), Part::Share(1.0)]);
    at_ui(ui, "finding", finding, |ui| {
        sentence(Spans::finding(tokens), &model.finding, tokens).line_ui(ui).on_hover_text(model.finding.text());
    });
    Tile::new("Errors").qualifier(&format!("prediction − truth; {}", model.scorecard.qualifier)).flush().show_at(
        ui,
        top,
        |ui| scorecard::scorecard_ui(ui, &model.scorecard, &mut state.scorecard, out),
    );
    let [histogram, quantiles, by] = layout::columns(upper, [Part::Share(1.25), Part::Share(1.0), Part::Share(1.0)]);
    Tile::new("Histogram")
        .qualifier("same bins for both arms")
        .show_at(ui, histogram, |ui| plots::histogram_ui(ui, &model.histogram));
    Tile::new("Quantile against quantile").qualifier("of the error").show_at(ui, quantiles, |ui| {
        match model.quantiles.as_slice() {
            [] => {
                states::empty_ui(ui, "The log holds one model; a second one is needed.", None);
            }
            points => plots::quantiles_ui(ui, points),
        }
    });
    by_ui(ui, by, model, state);
    let [time, worst] = layout::columns(lower, [Part::Share(1.0), Part::Share(1.3)]);
    Tile::new("Error over time").show_at(ui, time, |ui| match &model.time {
        Some(lines) => plots::time_ui(ui, lines),
        None => {
            states::empty_ui(
                ui,
                "The log has no times. Map a time column under Change mapping to see the error over time.",
                None,
            );
        }
    });
    Tile::new("Worst rows")
        .qualifier(&model.worst_title)
        .flush()
        .show_at(ui, worst, |ui| worst_ui(ui, &model.worst, state, out));
    ui.advance_cursor_after_rect(page);
}

fn by_ui(ui: &mut Ui, rect: Rect, model: &ErrorsModel, state: &mut ErrorsState) {
    state.by = state.by.min(model.by.len().saturating_sub(1));
    Tile::new("Error by").show_at(ui, rect, |ui| {
        let Some(lines) = model.by.get(state.by) else {
            states::empty_ui(ui, "The log has no column to look at errors by.", None);
            return;
        };
        let options: Vec<(usize, &str)> = model.by.iter().map(|by| by.name.as_str()).enumerate().collect();
        if let Some(by) = title_choice_ui(ui, "Error by", &options, state.by, 150.0) {
            state.by = by;
        }
        plots::by_ui(ui, lines);
    });
}

fn worst_ui(ui: &mut Ui, lines: &[WorstLine], state: &mut ErrorsState, out: &mut Outbox) {
    let pair = lines.first().is_some_and(|line| line.predicted.len() > 1);
    let mut columns = vec![
        Column::number("", 36.0),
        Column::text("row", 130.0).grow(1.0),
        Column::number("truth", 84.0),
        Column::number("champion", 92.0).of(Mark::Champion),
    ];
    if pair {
        columns.push(Column::number("challenger", 104.0).of(Mark::Challenger));
    }
    columns.push(Column::number(if pair { "Δ |error|" } else { "|error|" }, 92.0));
    let last = columns.len() - 1;
    let table = Table::new("Worst rows", &columns).row_height(size::ROW_COMPACT).selected(state.worst).clickable();
    let answer = table.show(ui, lines.len(), |cell, row, column| {
        let line = &lines[row];
        match column {
            0 => cell.number_muted(&(row + 1).to_string()),
            1 => cell.mono(&line.id),
            2 => cell.number(&line.truth),
            column if column == last => cell.number_strong(&line.loss),
            column => {
                let color = if column == 3 { cell.tokens.champion } else { cell.tokens.challenger };
                if let Some(text) = line.predicted.get(column - 3) {
                    cell.number_hue(text, color);
                }
            }
        }
    });
    if let Some(line) = answer.clicked.and_then(|row| lines.get(row)) {
        state.worst = answer.clicked;
        out.push(Command::Select(Some(line.selection.clone())));
    }
    if let Some(line) = answer.opened.and_then(|row| lines.get(row)) {
        out.push(Command::OpenRows(line.selection.clone()));
    }
}
