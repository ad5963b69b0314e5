//! Columns of a source with guessed role, confidence and reason; and its raw rows.

use std::num::NonZeroU32;

use eframe::egui::{CornerRadius, Rect, Ui, pos2, vec2};

use super::{MappingAct, MappingModel, MappingState, thousands};
use crate::ingest::mapping::{Mapping, Role, Side};
use crate::ingest::{ColumnGuess, Confidence, OpenedSource};
use crate::log::{SourceRole, Task};
use crate::ui::layout;
use crate::ui::text::{self, Spans};
use crate::ui::theme::{Tokens, size};
use crate::ui::widgets::{Button, Cell, Column, Table, Tile, field, segmented_ui};

pub(super) fn columns_ui(ui: &mut Ui, model: &MappingModel<'_>, state: &mut MappingState, acts: &mut Vec<MappingAct>) {
    let tokens = Tokens::of(ui);
    let rect = ui.max_rect();
    let Some(source) = model.opened.sources.get(state.source) else {
        return;
    };
    let pad = vec2(size::TILE_PADDING, 0.0);
    let head =
        Rect::from_min_max(pos2(rect.left(), rect.top() + 2.0), pos2(rect.right(), rect.top() + 28.0)).shrink2(pad);
    layout::at_ui(ui, "sources", head, |ui| sources_ui(ui, model, state, source));
    let foot = Rect::from_min_max(pos2(rect.left(), rect.bottom() - 29.0), rect.max).shrink2(pad);
    let table = Rect::from_min_max(pos2(rect.left(), head.bottom() + 4.0), pos2(rect.right(), foot.top() - 4.0));
    let columns = [
        Column::text("column", 112.0),
        Column::text("type", 104.0),
        Column::text("first value", 112.0),
        Column::text("role", 122.0),
        Column::text("confidence", 84.0),
        Column::text("why", 120.0).grow(1.0),
    ];
    let index = state.source;
    layout::at_ui(ui, &source.display, table, |ui| {
        let name = format!("columns of {}", source.display);
        Table::new(&name, &columns).show(ui, source.columns.len(), |cell, row, column| {
            let guess = &source.columns[row];
            match column {
                0 => cell.left(&guess.role.column, crate::ui::fonts::mono(crate::ui::fonts::MONO), tokens.ink).size().x,
                1 => {
                    cell.muted(guess.kind);
                    0.0
                }
                2 => {
                    cell.mono(&guess.first);
                    cell.hover(&guess.first);
                    0.0
                }
                3 => {
                    role_ui(cell, model.mapping, source, index, guess, acts);
                    0.0
                }
                4 => {
                    confidence(cell, guess.confidence);
                    0.0
                }
                _ => {
                    cell.left(&guess.why, crate::ui::fonts::small(), tokens.text);
                    cell.hover(&guess.why);
                    0.0
                }
            };
        });
    });
    layout::at_ui(ui, "meaning", foot, |ui| meaning_ui(ui, model, state, acts));
}

fn sources_ui(ui: &mut Ui, model: &MappingModel<'_>, state: &mut MappingState, source: &OpenedSource) {
    let tokens = Tokens::of(ui);
    ui.horizontal(|ui| {
        let sources = &model.opened.sources;
        let characters: usize = sources.iter().map(|source| file_name(&source.display).chars().count() + 3).sum();
        let options: Vec<_> =
            sources.iter().enumerate().map(|(index, source)| (index, file_name(&source.display))).collect();
        let chosen = if characters as f32 * 7.0 < ui.available_width() - 180.0 {
            segmented_ui(ui, "Source", &options, state.source)
        } else {
            field::choice_ui(ui, "Source", &options, state.source, 260.0)
        };
        if let Some(chosen) = chosen {
            state.source = chosen;
        }
        let role = match source.role {
            SourceRole::Predictions => "predictions",
            SourceRole::Labels => "labels",
            SourceRole::Tests => "tests",
            SourceRole::Reference => "training",
        };
        let facts =
            format!("{}, {role}, {} rows, {} columns", source.format, thousands(source.records), source.columns.len());
        ui.with_layout(eframe::egui::Layout::right_to_left(eframe::egui::Align::Center), |ui| {
            ui.add(eframe::egui::Label::new(text::small(tokens, &facts)).truncate());
        });
    });
}

fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// Role a column has in the mapping; the guess where the mapping does not name it.
fn current(mapping: &Mapping, source: &OpenedSource, guess: &ColumnGuess) -> (Role, Side) {
    let columns = match source.role {
        SourceRole::Predictions => &mapping.columns,
        SourceRole::Labels | SourceRole::Tests | SourceRole::Reference => &mapping.label_columns,
    };
    let mapped = columns.iter().find(|column| column.column == guess.role.column).unwrap_or(&guess.role);
    (mapped.role, mapped.side)
}

const ROLES: [((Role, Side), &str); 49] = [
    ((Role::Id, Side::Both), "id"),
    ((Role::Unit, Side::Both), "unit"),
    ((Role::Ts, Side::Both), "ts"),
    ((Role::Model, Side::Both), "model"),
    ((Role::Score, Side::Both), "score"),
    ((Role::Score, Side::Champion), "score.champion"),
    ((Role::Score, Side::Challenger), "score.challenger"),
    ((Role::Prediction, Side::Both), "prediction"),
    ((Role::Prediction, Side::Champion), "prediction.champion"),
    ((Role::Prediction, Side::Challenger), "prediction.challenger"),
    ((Role::Probability, Side::Both), "probability"),
    ((Role::Probability, Side::Champion), "probability.champion"),
    ((Role::Probability, Side::Challenger), "probability.challenger"),
    ((Role::Embedding, Side::Both), "embedding"),
    ((Role::Embedding, Side::Champion), "embedding.champion"),
    ((Role::Embedding, Side::Challenger), "embedding.challenger"),
    ((Role::Logprobs, Side::Both), "logprobs"),
    ((Role::Logprobs, Side::Champion), "logprobs.champion"),
    ((Role::Logprobs, Side::Challenger), "logprobs.challenger"),
    ((Role::Tokens, Side::Both), "tokens"),
    ((Role::Tokens, Side::Champion), "tokens.champion"),
    ((Role::Tokens, Side::Challenger), "tokens.challenger"),
    ((Role::Preference, Side::Both), "preference"),
    ((Role::Quantile, Side::Both), "quantile"),
    ((Role::Quantile, Side::Champion), "quantile.champion"),
    ((Role::Quantile, Side::Challenger), "quantile.challenger"),
    ((Role::Series, Side::Both), "series"),
    ((Role::Horizon, Side::Both), "horizon"),
    ((Role::Item, Side::Both), "item"),
    ((Role::Rank, Side::Both), "rank"),
    ((Role::Rank, Side::Champion), "rank.champion"),
    ((Role::Rank, Side::Challenger), "rank.challenger"),
    ((Role::Label, Side::Both), "label"),
    ((Role::LabelTs, Side::Both), "label_ts"),
    ((Role::LatencyMs, Side::Both), "latency_ms"),
    ((Role::LatencyMs, Side::Champion), "latency_ms.champion"),
    ((Role::LatencyMs, Side::Challenger), "latency_ms.challenger"),
    ((Role::Cost, Side::Both), "cost"),
    ((Role::Cost, Side::Champion), "cost.champion"),
    ((Role::Cost, Side::Challenger), "cost.challenger"),
    ((Role::Error, Side::Both), "error"),
    ((Role::Error, Side::Champion), "error.champion"),
    ((Role::Error, Side::Challenger), "error.challenger"),
    ((Role::Weight, Side::Both), "weight"),
    ((Role::Outcome, Side::Both), "outcome"),
    ((Role::Covariate, Side::Both), "covariate"),
    ((Role::Stage, Side::Both), "stage"),
    ((Role::Feature, Side::Both), "feature"),
    ((Role::Ignored, Side::Both), "ignored"),
];

fn role_ui(
    cell: &mut Cell<'_>,
    mapping: &Mapping,
    source: &OpenedSource,
    index: usize,
    guess: &ColumnGuess,
    acts: &mut Vec<MappingAct>,
) {
    let current = current(mapping, source, guess);
    let name = format!("role of {}", guess.role.column);
    let chosen = cell.widgets(|ui| field::choice_ui(ui, &name, &ROLES, current, 110.0));
    if let Some((role, side)) = chosen {
        acts.push(MappingAct::SetRole { source: index, column: guess.role.column.clone(), role, side });
    }
}

/// Three little bars and the word.
fn confidence(cell: &mut Cell<'_>, confidence: Confidence) {
    let (filled, word) = match confidence {
        Confidence::Certain => (3, "certain"),
        Confidence::Likely => (2, "likely"),
        Confidence::Unsure => (1, "unsure"),
    };
    let (rect, tokens) = (cell.rect, cell.tokens);
    for bar in 0..3 {
        let left = rect.left() + bar as f32 * 7.0;
        let place = Rect::from_min_size(pos2(left, rect.center().y - 4.0), vec2(6.0, 8.0));
        let fill = if bar < filled { tokens.ink } else { tokens.selected };
        cell.painter().rect_filled(place, CornerRadius::ZERO, fill);
    }
    cell.rect.min.x += 26.0;
    let color = if filled == 1 { tokens.ink } else { tokens.muted };
    cell.left(word, crate::ui::fonts::small(), color);
}

fn meaning_ui(ui: &mut Ui, model: &MappingModel<'_>, state: &mut MappingState, acts: &mut Vec<MappingAct>) {
    let tokens = Tokens::of(ui);
    ui.horizontal(|ui| {
        let spans = Spans::small(tokens).muted("champion ").hue(&model.mapping.champion, tokens.champion);
        let spans = match &model.mapping.challenger {
            Some(challenger) => spans.muted("   challenger ").hue(challenger, tokens.challenger),
            None => spans.muted("   one model"),
        };
        let spans = if model.mapping.positive.is_empty() {
            spans
        } else {
            spans.muted("   positive class ").mono(&model.mapping.positive)
        };
        let spans = match &model.mapping.naive_zone {
            Some(zone) => spans.muted("   times without a zone ").mono(zone),
            None => spans,
        };
        ui.label(spans.job());
        if model.mapping.challenger.is_some() && Button::quiet("Swap the arms").small().ui(ui).clicked() {
            acts.push(MappingAct::SwapArms);
        }
        if model.mapping.task == Task::Regression {
            season_ui(ui, model.mapping.season, &mut state.season, acts);
        }
    });
}

/// Rows per season, which MASE is scaled by.
fn season_ui(ui: &mut Ui, season: Option<NonZeroU32>, typed: &mut Option<String>, acts: &mut Vec<MappingAct>) {
    let tokens = Tokens::of(ui);
    let why = "MASE divides errors by the mean change of the true value from one season to the next: 24 rows for hours \
               of a day, 7 for days of a week, 12 for months of a year. 1: from one row to the next.";
    ui.label(text::small(tokens, "rows per season")).on_hover_text(why);
    let mut shown = typed.clone().unwrap_or_else(|| season.map_or(String::new(), |rows| rows.to_string()));
    let well = field::well_ui(ui, "Rows per season", &mut shown, "1", true, 48.0);
    let read = if shown.trim().is_empty() { Ok(None) } else { shown.trim().parse().map(Some) };
    if well.changed() {
        *typed = Some(shown);
        if let Ok(season) = read {
            acts.push(MappingAct::SetSeason(season));
        }
    }
    if well.has_focus() && read.is_err() {
        ui.label(text::small(tokens, "a whole number from 1").color(tokens.ink));
    } else if !well.has_focus() {
        // What is no number of rows falls back to what holds.
        *typed = None;
    }
    well.on_hover_text(why);
}

pub(super) fn raw_rows_ui(ui: &mut Ui, rect: Rect, model: &MappingModel<'_>, state: &MappingState) {
    let Some(source) = model.opened.sources.get(state.source) else {
        return;
    };
    let shown = source.preview.len();
    let qualifier = format!("as they are in the file, 1 to {shown} of {}", thousands(source.records));
    Tile::new("Raw rows").qualifier(&qualifier).flush().show_at(ui, rect, |ui| {
        let columns: Vec<_> = source
            .columns
            .iter()
            .enumerate()
            .map(|(index, guess)| {
                let longest =
                    source.preview.iter().filter_map(|row| row.get(index)).map(|cell| cell.chars().count()).max();
                let characters = longest.unwrap_or(0).max(guess.role.column.chars().count()).clamp(4, 28);
                let width = characters as f32 * 7.0 + 18.0;
                if guess.kind.contains("number") {
                    Column::number(&guess.role.column, width)
                } else {
                    Column::text(&guess.role.column, width)
                }
            })
            .collect();
        let name = format!("raw rows of {}", source.display);
        Table::new(&name, &columns).row_height(size::ROW_COMPACT).show(ui, shown, |cell, row, column| {
            let text = source.preview[row].get(column).map_or("", String::as_str);
            if source.columns[column].kind.contains("number") {
                cell.right(text, crate::ui::fonts::mono(crate::ui::fonts::MONO), cell.tokens.text);
            } else {
                cell.mono(text);
            }
        });
    });
}
