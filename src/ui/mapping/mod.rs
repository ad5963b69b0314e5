//! Mapping screen: what each column means, proof of pairing, and the questions the files do not settle.

mod columns;
mod proof;
mod questions;

use std::num::NonZeroU32;

use eframe::egui::{Align, CornerRadius, Layout, Rect, Stroke, StrokeKind, Ui, pos2};

use super::fonts;
use super::layout::{self, Part};
use super::text::{self, Spans};
use super::theme::{Tokens, size};
use super::widgets::{Button, Tile, states};
use crate::ingest::mapping::{Mapping, Role, Side};
use crate::ingest::{Audit, Opened};

/// What the mapping screen shows.
pub struct MappingModel<'a> {
    pub opened: &'a Opened,
    pub mapping: &'a Mapping,
    /// What pairing under this mapping found, once it was looked at.
    pub audit: Option<&'a Audit>,
    /// Name of the profile in use; empty for a new one.
    pub profile: &'a str,
    /// Loading under this mapping: what, and how far.
    pub busy: Option<(String, Option<f32>)>,
    /// Why the last load failed.
    pub problem: Option<String>,
}

/// What the mapping screen remembers.
#[derive(Clone, Debug, Default)]
pub struct MappingState {
    /// Source whose columns are shown.
    pub source: usize,
    /// Rows per season as they are being typed.
    pub season: Option<String>,
}

/// What is asked of the mapping.
#[derive(Clone, Debug, PartialEq)]
pub enum MappingAct {
    /// Choose an answer, both as indices into [`Opened::questions`] and its choices.
    Answer {
        question: usize,
        choice: usize,
    },
    SetRole {
        source: usize,
        column: String,
        role: Role,
        side: Side,
    },
    /// The other arm is the champion.
    SwapArms,
    /// Rows per season of the time series.
    SetSeason(Option<NonZeroU32>),
    Load,
    Cancel,
    SaveProfile,
    LoadProfile,
}

/// Draw the mapping in the rest of `ui`. Load is blocked while a question is open.
pub fn mapping_ui(ui: &mut Ui, model: &MappingModel<'_>, state: &mut MappingState, acts: &mut Vec<MappingAct>) {
    let tokens = Tokens::of(ui);
    let rect = ui.available_rect_before_wrap();
    let radius = CornerRadius::same(size::RADIUS as u8);
    ui.painter().rect(rect, radius, tokens.rail, Stroke::new(1.0, tokens.line_strong), StrokeKind::Inside);
    let inner = rect.shrink(14.0);
    state.source = state.source.min(model.opened.sources.len().saturating_sub(1));
    let count = model.opened.questions.len();
    // At most five questions are in sight at once, so that the columns stay readable.
    let asked = if count == 0 { 0.0 } else { questions::height(count.min(5)) };
    let parts = [Part::Fixed(30.0), Part::Fixed(asked), Part::Share(1.0), Part::Fixed(34.0)];
    let [head, ask, body, foot] = layout::rows(inner, parts);
    head_ui(ui, head, model, acts);
    if count > 0 {
        questions::questions_ui(ui, ask, model, acts);
    }
    let body = if count == 0 { Rect::from_min_max(pos2(body.left(), ask.top()), body.max) } else { body };
    let [left, right] = layout::columns(body, [Part::Share(1.85), Part::Share(1.0)]);
    let raw = if left.height() > 420.0 { 164.0 } else { 114.0 };
    let [columns, rows] = layout::rows(left, [Part::Share(1.0), Part::Fixed(raw)]);
    Tile::untitled("Columns").flush().show_at(ui, columns, |ui| columns::columns_ui(ui, model, state, acts));
    columns::raw_rows_ui(ui, rows, model, state);
    proof::proof_ui(ui, right, model);
    foot_ui(ui, foot, model, acts);
}

fn head_ui(ui: &mut Ui, rect: Rect, model: &MappingModel<'_>, acts: &mut Vec<MappingAct>) {
    let tokens = Tokens::of(ui);
    layout::at_ui(ui, "mapping head", rect, |ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if Button::secondary("Load a profile…").muted().ui(ui).clicked() {
                acts.push(MappingAct::LoadProfile);
            }
            let profile = if model.profile.is_empty() { "new" } else { model.profile };
            super::widgets::chip_ui(ui, None, "Profile", profile, false);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let title =
                    eframe::egui::RichText::new("Map columns").font(fonts::semibold(fonts::FINDING)).color(tokens.ink);
                ui.label(title);
                let records: u64 = model.opened.sources.iter().map(|source| source.records).sum();
                let columns: usize = model.opened.sources.iter().map(|source| source.columns.len()).sum();
                let sources = model.opened.sources.len();
                let files = if sources == 1 { "source" } else { "sources" };
                let facts = format!(
                    "{sources} {files}, {} records, {columns} columns. Roles are guessed from all rows that were read.",
                    thousands(records)
                );
                ui.add(eframe::egui::Label::new(text::body(tokens, &facts).color(tokens.muted)).truncate());
            });
        });
    });
}

fn foot_ui(ui: &mut Ui, rect: Rect, model: &MappingModel<'_>, acts: &mut Vec<MappingAct>) {
    let tokens = Tokens::of(ui);
    let open = model.opened.questions.iter().filter(|question| question.answer.is_none()).count();
    layout::at_ui(ui, "mapping foot", rect, |ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let label = match open {
                0 => "Load".to_owned(),
                1 => "Load, 1 question open".to_owned(),
                open => format!("Load, {open} questions open"),
            };
            let free = open == 0 && model.busy.is_none();
            if Button::primary(&label).enabled(free, "Answer the open questions first").ui(ui).clicked() {
                acts.push(MappingAct::Load);
            }
            if Button::secondary("Save profile…").ui(ui).clicked() {
                acts.push(MappingAct::SaveProfile);
            }
            if Button::secondary("Cancel").shortcut("Esc").ui(ui).clicked() {
                acts.push(MappingAct::Cancel);
            }
            ui.label(text::small(tokens, "answers are kept in the profile and in the record"));
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                if let Some((what, share)) = &model.busy {
                    states::bar_ui(ui, 140.0, *share, what);
                    ui.label(text::small(tokens, what));
                } else if let Some(problem) = &model.problem {
                    super::marks::Mark::Fail.ui(ui);
                    Spans::body(tokens).ink(problem).line_ui(ui).on_hover_text(problem);
                } else {
                    ready_ui(ui, open, model);
                }
            });
        });
    });
}

fn ready_ui(ui: &mut Ui, open: usize, model: &MappingModel<'_>) {
    let tokens = Tokens::of(ui);
    let spans = Spans::body(tokens);
    let spans = match (open, &model.mapping.challenger) {
        (0, Some(challenger)) => spans
            .text("Ready: ")
            .hue(challenger, tokens.challenger)
            .text(" is compared with ")
            .hue(&model.mapping.champion, tokens.champion)
            .text("."),
        (0, None) => spans
            .text("Ready: one model, ")
            .hue(&model.mapping.champion, tokens.champion)
            .text("; there will be no differences."),
        _ => {
            let first = model.opened.questions.iter().position(|question| question.answer.is_none()).unwrap_or(0);
            spans.text("Ready when ").strong(&format!("question {}", first + 1)).text(if open > 1 {
                " and the others are answered."
            } else {
                " is answered."
            })
        }
    };
    spans.line_ui(ui);
}

/// All digits with commas.
pub(crate) fn thousands(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::thousands;

    #[test]
    fn counts_keep_all_digits() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(1_226_190), "1,226,190");
    }
}
