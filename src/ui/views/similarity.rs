//! Similarity: finding, scorecard; similarity against gold of both models, their distribution; the rows that stand out.

pub(super) mod plots;

use eframe::egui::{Align, Layout, Ui};

use super::frame::sentence;
use super::overview::{OverviewState, scorecard};
use crate::present::similarity::{PairList, SimilarityModel};
use crate::session::Command;
use crate::ui::Outbox;
use crate::ui::layout::{self, Part, at_ui};
use crate::ui::marks::Mark;
use crate::ui::text::{self, Spans};
use crate::ui::theme::{Tokens, size};
use crate::ui::widgets::{Column, Table, Tile, segmented_ui, states};

const FINDING: f32 = 22.0;
const NO_GOLD: &str = "No gold scores are logged, so there is nothing to hold the similarities against. Map the column \
                       of gold scores as label under Change mapping.";

/// What the view remembers between frames.
#[derive(Clone, Debug, Default)]
pub struct SimilarityState {
    pub scorecard: OverviewState,
    /// Place of the list among the model's.
    pub list: usize,
    /// Chosen line of the list.
    pub line: Option<usize>,
}

/// The view, in the rest of `ui`.
pub fn similarity_ui(ui: &mut Ui, model: &SimilarityModel, state: &mut SimilarityState, out: &mut Outbox) {
    let tokens = Tokens::of(ui);
    let page = ui.available_rect_before_wrap();
    if let Some(reason) = &model.empty {
        Tile::new("Similarity").show(ui, |ui| {
            states::empty_ui(ui, reason, None);
        });
        return;
    }
    let card = scorecard::height(&model.scorecard).min(page.height() * 0.3).max(110.0);
    let [finding, top, charts, control, list] = layout::rows(
        page,
        [Part::Fixed(FINDING), Part::Fixed(card), Part::Share(1.25), Part::Fixed(size::BUTTON), Part::Share(1.0)],
    );
    at_ui(ui, "finding", finding, |ui| {
        sentence(Spans::finding(tokens), &model.finding, tokens).line_ui(ui).on_hover_text(model.finding.text());
    });
    Tile::new("Agreement with gold").qualifier(&model.scorecard.qualifier).flush().show_at(ui, top, |ui| {
        scorecard::scorecard_ui(ui, &model.scorecard, &mut state.scorecard, out);
    });
    let [against, distribution] = layout::columns(charts, [Part::Share(2.0), Part::Share(1.0)]);
    Tile::new("Similarity against gold").qualifier(&against_words(model)).show_at(ui, against, |ui| {
        match &model.scatter {
            Some(scatter) => plots::scatter_ui(ui, scatter, &model.measure),
            None => {
                states::empty_ui(ui, NO_GOLD, None);
            }
        }
    });
    Tile::new("Distribution")
        .qualifier("same bins for both arms")
        .show_at(ui, distribution, |ui| plots::histogram_ui(ui, &model.histogram, &model.measure));
    state.list = state.list.min(model.lists.len().saturating_sub(1));
    let Some(chosen) = model.lists.get(state.list) else { return };
    at_ui(ui, "pairs control", control, |ui| {
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            let options: Vec<(usize, &str)> = model.lists.iter().map(|list| list.name.as_str()).enumerate().collect();
            if options.len() > 1
                && let Some(chosen) = segmented_ui(ui, "Rows", &options, state.list)
            {
                (state.list, state.line) = (chosen, None);
            }
            ui.label(text::small(tokens, "gap: rank of the similarity less rank of gold, in % of the rows"));
        });
    });
    Tile::new(&chosen.name)
        .qualifier(&chosen.qualifier)
        .flush()
        .show_at(ui, list, |ui| list_ui(ui, chosen, state, out));
    ui.advance_cursor_after_rect(page);
}

fn against_words(model: &SimilarityModel) -> String {
    let means = model.scatter.iter().flat_map(|scatter| &scatter.arms).any(|arm| !arm.means.is_empty());
    let line = if means { "; line: means of ranges of equal rows" } else { "" };
    format!("{}, same axes for both arms{line}", model.measure)
}

fn list_ui(ui: &mut Ui, list: &PairList, state: &mut SimilarityState, out: &mut Outbox) {
    let Some(first) = list.lines.first() else {
        states::empty_ui(ui, "There is no such row.", None);
        return;
    };
    let (arms, gaps) = (first.values.len(), first.gaps.len());
    let marks = [Mark::Champion, Mark::Challenger];
    let mut columns =
        vec![Column::number("", 36.0), Column::text("row", 130.0).grow(1.0), Column::number("gold", 72.0)];
    columns.extend(marks.iter().take(arms).map(|mark| Column::number(mark.word(), 104.0).of(*mark)));
    columns.extend(["champ. gap", "chall. gap"].iter().take(gaps).map(|title| Column::number(title, 88.0)));
    columns.push(Column::number(list.by, 84.0));
    let table = Table::new(&list.name, &columns).row_height(size::ROW_COMPACT).selected(state.line).clickable();
    let answer = table.show(ui, list.lines.len(), |cell, row, column| {
        let line = &list.lines[row];
        match column {
            0 => cell.number_muted(&(row + 1).to_string()),
            1 => cell.mono(&line.id),
            2 => cell.number(&line.gold),
            column if column < 3 + arms => {
                let hue = if column == 3 { cell.tokens.champion } else { cell.tokens.challenger };
                if let Some(value) = line.values.get(column - 3) {
                    cell.number_hue(value, hue);
                }
            }
            column if column < 3 + arms + gaps => {
                if let Some(gap) = line.gaps.get(column - 3 - arms) {
                    cell.number(gap);
                }
            }
            _ => cell.number_strong(&line.by),
        }
    });
    if let Some(line) = answer.clicked.and_then(|row| list.lines.get(row)) {
        state.line = answer.clicked;
        out.push(Command::Select(Some(line.selection.clone())));
    }
    if let Some(line) = answer.opened.and_then(|row| list.lines.get(row)) {
        out.push(Command::OpenRows(line.selection.clone()));
    }
}
