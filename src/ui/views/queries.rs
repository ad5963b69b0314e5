//! Queries: finding, scorecard; metrics over the cut, wins and losses, every difference; the queries with both lists.

mod lists;
mod plots;

use eframe::egui::{Rect, Ui};

use super::frame::sentence;
use super::overview::{OverviewState, scorecard};
use crate::log::Log;
use crate::present::queries::{self, QueriesModel};
use crate::session::Command;
use crate::ui::Outbox;
use crate::ui::layout::{self, Part, at_ui};
use crate::ui::marks::Mark;
use crate::ui::text::Spans;
use crate::ui::theme::{Tokens, size};
use crate::ui::widgets::{Column, Table, Tile, pair, states, title_choice_ui};

const FINDING: f32 = 22.0;

/// What the view remembers between frames.
#[derive(Clone, Debug)]
pub struct QueriesState {
    pub scorecard: OverviewState,
    /// What queries are sorted by; the model is made with it.
    pub metric: String,
    /// Index into the model's `cuts`.
    pub cut: usize,
    /// Place of the query whose lists are shown.
    pub chosen: usize,
    /// Bring it into view in the next frame.
    pub scroll: bool,
}

impl Default for QueriesState {
    fn default() -> Self {
        Self { scorecard: OverviewState::default(), metric: "ndcg_at_10".to_owned(), cut: 0, chosen: 0, scroll: false }
    }
}

/// The view, in the rest of `ui`.
pub fn queries_ui(ui: &mut Ui, log: &Log, model: &QueriesModel, state: &mut QueriesState, out: &mut Outbox) {
    let tokens = Tokens::of(ui);
    let page = ui.available_rect_before_wrap();
    if let Some(reason) = &model.empty {
        Tile::new("Queries").show(ui, |ui| {
            states::empty_ui(ui, reason, None);
        });
        return;
    }
    state.chosen = state.chosen.min(model.rows.len().saturating_sub(1));
    let card = scorecard::height(&model.scorecard).min(page.height() * 0.2).max(153.0);
    let [finding, top, upper, lower] =
        layout::rows(page, [Part::Fixed(FINDING), Part::Fixed(card), Part::Share(1.0), Part::Share(1.1)]);
    at_ui(ui, "finding", finding, |ui| {
        sentence(Spans::finding(tokens), &model.finding, tokens).line_ui(ui).on_hover_text(model.finding.text());
    });
    Tile::new("Ranking").qualifier(&model.scorecard.qualifier).flush().show_at(ui, top, |ui| {
        scorecard::scorecard_ui(ui, &model.scorecard, &mut state.scorecard, out);
    });
    let pair = model.counts.is_some();
    let [over, every, wins] =
        layout::columns(upper, [Part::Share(1.15), Part::Share(1.0), Part::Share(if pair { 1.05 } else { 0.0 })]);
    cuts_ui(ui, over, model, state);
    let title = if pair { "Difference query by query" } else { "Value query by query" };
    Tile::new(title).qualifier(&model.title).show_at(ui, every, |ui| {
        if let Some(place) = plots::drawn_ui(ui, model, state.chosen) {
            (state.chosen, state.scroll) = (place, true);
        }
    });
    if pair {
        Tile::new("Wins and losses").qualifier("queries").flush().show_at(ui, wins, |ui| wins_ui(ui, model, state));
    }
    let [table, detail] = layout::columns(lower, [Part::Share(1.0), Part::Share(1.15)]);
    table_ui(ui, table, log, model, state, out);
    lists::detail_ui(ui, detail, model.rows.get(state.chosen).and_then(|&row| queries::detail(log, row as usize)));
    ui.advance_cursor_after_rect(page);
}

fn cuts_ui(ui: &mut Ui, rect: Rect, model: &QueriesModel, state: &mut QueriesState) {
    state.cut = state.cut.min(model.cuts.len().saturating_sub(1));
    Tile::new("Over the cut").show_at(ui, rect, |ui| {
        let options: Vec<(usize, &str)> = model.cuts.iter().map(|cut| cut.title).enumerate().collect();
        if let Some(cut) = title_choice_ui(ui, "Metric over the cut", &options, state.cut, 110.0) {
            state.cut = cut;
        }
        if let Some(lines) = model.cuts.get(state.cut) {
            plots::cuts_ui(ui, lines);
        }
    });
}

fn wins_ui(ui: &mut Ui, model: &QueriesModel, state: &mut QueriesState) {
    let columns = [
        Column::text("metric", 104.0).grow(0.4),
        Column::text("challenger worse, better", 130.0).grow(1.0),
        Column::number("the same", 62.0),
    ];
    let selected = model.wins.iter().position(|line| line.metric == model.metric);
    let table = Table::new("Wins and losses", &columns).row_height(size::ROW_COMPACT).selected(selected).clickable();
    let answer = table.show(ui, model.wins.len(), |cell, row, column| {
        let line = &model.wins[row];
        match column {
            0 => cell.text(&line.title),
            1 => pair::flip_cell(cell, [&line.counts[0], &line.counts[2]], line.shares),
            _ => cell.number_muted(&line.counts[1]),
        }
    });
    if let Some(line) = answer.clicked.and_then(|row| model.wins.get(row)) {
        state.metric.clone_from(&line.metric);
    }
}

fn table_ui(ui: &mut Ui, rect: Rect, log: &Log, model: &QueriesModel, state: &mut QueriesState, out: &mut Outbox) {
    let pair = model.counts.is_some();
    let first = if pair { "largest loss first" } else { "smallest first" };
    let qualifier = format!("{first}, {} in all", crate::present::format::count(model.rows.len() as u64));
    Tile::new("Queries").qualifier(&qualifier).flush().show_at(ui, rect, |ui| {
        let options: Vec<(usize, &str)> = model.metrics.iter().map(|(_, title)| *title).enumerate().collect();
        let current = model.metrics.iter().position(|(name, _)| *name == model.metric).unwrap_or(0);
        if let Some(chosen) = title_choice_ui(ui, "Sort queries by", &options, current, 150.0) {
            state.metric = model.metrics[chosen].0.to_owned();
        }
        let mut columns = vec![Column::number("", 44.0), Column::text("query", 104.0).grow(0.4)];
        let words = model.words.and_then(|index| log.features.get(index)).map(|feature| feature.name.as_str());
        columns.extend(words.map(|name| Column::text(name, 100.0).grow(1.0)));
        columns.push(Column::number("relevant", 60.0));
        columns.push(Column::number("champ.", 62.0).of(Mark::Champion));
        if pair {
            columns.push(Column::number("chall.", 62.0).of(Mark::Challenger));
            columns.push(Column::number("Δ", 62.0));
        }
        let shift = usize::from(words.is_some());
        let scroll = std::mem::take(&mut state.scroll).then_some(state.chosen);
        let table = Table::new("Queries", &columns)
            .row_height(size::ROW_COMPACT)
            .selected(Some(state.chosen))
            .scroll_to(scroll)
            .clickable();
        let mut held = None;
        let answer = table.show(ui, model.rows.len(), |cell, row, column| {
            if held.as_ref().is_none_or(|(at, _)| *at != row) {
                held = model.line(log, row).map(|line| (row, line));
            }
            let Some((_, line)) = &held else { return };
            match column {
                0 => cell.number_muted(&crate::present::format::count(row as u64 + 1)),
                1 => cell.mono(&line.id),
                2 if shift == 1 => cell.text(&line.words),
                column => match column - shift {
                    2 => cell.number_muted(&line.relevant),
                    3 => cell.number_hue(&line.arms[0], cell.tokens.champion),
                    4 => {
                        if let Some(value) = line.arms.get(1) {
                            cell.number_hue(value, cell.tokens.challenger);
                        }
                    }
                    _ => cell.number_strong(&line.difference),
                },
            }
        });
        if let Some(row) = answer.clicked {
            state.chosen = row;
        }
        if let Some(line) = answer.opened.and_then(|row| model.line(log, row)) {
            out.push(Command::OpenRows(line.selection));
        }
    });
}
