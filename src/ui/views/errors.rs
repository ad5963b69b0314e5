//! Errors: finding, scorecard; distribution, quantiles, by column; over time; the worst rows.

mod plots;

use eframe::egui::{Rect, Ui};

use super::frame::sentence;
use super::overview::{OverviewState, scorecard};
use crate::present::errors::{ErrorsModel, ForecastModel, TimeTestLine, WorstLine};
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
    /// The histogram shows per-row differences.
    pub differences: bool,
    /// What stands beside the histogram; `None`: predicted quantiles where there are any.
    pub beside: Option<usize>,
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
    histogram_ui(ui, histogram, model, state);
    beside_ui(ui, quantiles, model, state);
    by_ui(ui, by, model, state);
    let [time, worst] = layout::columns(lower, [Part::Share(1.0), Part::Share(1.3)]);
    let test = model.time_tests.first().map(TimeTestLine::short).unwrap_or_default();
    let tile = Tile::new("Error over time").qualifier(if model.time.is_some() { &test } else { "" });
    tile.show_at(ui, time, |ui| match &model.time {
        Some(lines) => {
            time_tests_ui(ui, time, &model.time_tests);
            plots::time_ui(ui, lines);
        }
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

fn histogram_ui(ui: &mut Ui, rect: Rect, model: &ErrorsModel, state: &mut ErrorsState) {
    let Some(differences) = &model.loss_differences else {
        let tile = Tile::new("Histogram").qualifier("same bins for both arms");
        tile.show_at(ui, rect, |ui| plots::histogram_ui(ui, &model.histogram));
        return;
    };
    let qualifier = if state.differences { "per row" } else { "same bins for both arms" };
    Tile::new("Histogram").qualifier(qualifier).show_at(ui, rect, |ui| {
        let options = [(0, "errors"), (1, "differences of |error|")];
        if let Some(chosen) = title_choice_ui(ui, "Histogram of", &options, usize::from(state.differences), 150.0) {
            state.differences = chosen == 1;
        }
        match state.differences {
            true => plots::differences_ui(ui, differences),
            false => plots::histogram_ui(ui, &model.histogram),
        }
    });
}

/// Quantiles of the error, or predicted quantiles against what came.
fn beside_ui(ui: &mut Ui, rect: Rect, model: &ErrorsModel, state: &mut ErrorsState) {
    let errors_ui = |ui: &mut Ui| match model.quantiles.as_slice() {
        [] => {
            states::empty_ui(ui, "The log holds one model; a second one is needed.", None);
        }
        points => plots::quantiles_ui(ui, points),
    };
    let Some(forecast) = &model.forecast else {
        Tile::new("Quantile against quantile").qualifier("of the error").show_at(ui, rect, errors_ui);
        return;
    };
    let options = [(0, "calibration"), (1, "coverage"), (2, "losses"), (3, "errors")];
    let current = state.beside.unwrap_or(0).min(options.len() - 1);
    Tile::new("Quantiles").show_at(ui, rect, |ui| {
        if let Some(chosen) = title_choice_ui(ui, "Quantiles of", &options, current, 96.0) {
            state.beside = Some(chosen);
        }
        let empty = match (&forecast.undefined, current) {
            (Some(reason), 0 | 1) if forecast.calibration.is_empty() => Some(reason.as_str()),
            (_, 1) if forecast.coverage.is_empty() => {
                Some("No two levels are the limits of a central interval, as 0.1 and 0.9 are.")
            }
            _ => None,
        };
        match (empty, current) {
            (Some(reason), _) => {
                states::empty_ui(ui, reason, None);
            }
            (None, 0) => plots::nominal_ui(ui, "quantile level", "share of truths below", &forecast.calibration),
            (None, 1) => plots::nominal_ui(ui, "interval level", "share of truths within", &forecast.coverage),
            (None, 2) => forecast_ui(ui, forecast),
            (None, _) => errors_ui(ui),
        }
    });
}

fn forecast_ui(ui: &mut Ui, model: &ForecastModel) {
    let columns = [
        Column::text("", 84.0).grow(1.0),
        Column::number("champion", 72.0).of(Mark::Champion),
        Column::number("challenger", 80.0).of(Mark::Challenger),
        Column::number("Δ loss", 132.0),
    ];
    let table = Table::new("Losses of predicted quantiles", &columns).row_height(size::ROW_COMPACT);
    table.show(ui, model.lines.len(), |cell, row, column| {
        let line = &model.lines[row];
        match column {
            0 => cell.text(&line.name),
            3 => cell.number_strong(&line.loss_difference),
            arm => cell.number(line.loss.get(arm - 1).map_or("", String::as_str)),
        }
    });
}

/// The tests in full, over the title of the tile.
fn time_tests_ui(ui: &mut Ui, tile: Rect, tests: &[TimeTestLine]) {
    let title = Rect::from_min_max(tile.min, eframe::egui::pos2(tile.right(), ui.max_rect().top()));
    let lines: Vec<String> = tests.iter().map(TimeTestLine::text).collect();
    ui.interact(title, ui.scope_id().with("time tests"), eframe::egui::Sense::hover()).on_hover_text(lines.join("\n"));
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
