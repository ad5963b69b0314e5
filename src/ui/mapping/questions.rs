//! Questions the files do not settle, each with its choices and the evidence.

use eframe::egui::{Align, Layout, Rect, ScrollArea, Ui, vec2};

use super::{MappingAct, MappingModel};
use crate::ui::layout;
use crate::ui::marks::Mark;
use crate::ui::text::{self, Spans};
use crate::ui::theme::Tokens;
use crate::ui::widgets::{Tile, field, segmented_with_ui};

const LINE: f32 = 32.0;

/// Height of the tile with `count` questions in sight.
pub(super) fn height(count: usize) -> f32 {
    28.0 + LINE * count as f32 + 10.0
}

pub(super) fn questions_ui(ui: &mut Ui, rect: Rect, model: &MappingModel<'_>, acts: &mut Vec<MappingAct>) {
    let questions = &model.opened.questions;
    let title = if questions.len() == 1 { "1 question".to_owned() } else { format!("{} questions", questions.len()) };
    Tile::new(&title).qualifier("that the files do not settle").show_at(ui, rect, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        ScrollArea::vertical().id_salt("questions").auto_shrink([false, false]).show(ui, |ui| {
            for (index, question) in questions.iter().enumerate() {
                let (_, line) = ui.allocate_space(vec2(ui.available_width(), LINE));
                layout::at_ui(ui, &question.text, line, |ui| question_ui(ui, index, model, acts));
            }
        });
    });
}

fn question_ui(ui: &mut Ui, index: usize, model: &MappingModel<'_>, acts: &mut Vec<MappingAct>) {
    let tokens = Tokens::of(ui);
    let question = &model.opened.questions[index];
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        let (mark, word) =
            if question.answer.is_some() { (Mark::Pass, "answered") } else { (Mark::Inconclusive, "open") };
        let color = if question.answer.is_some() { tokens.muted } else { tokens.ink };
        ui.label(text::small(tokens, word).color(color));
        mark.show(ui, 13.0);
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.label(text::body(tokens, &format!("{}", index + 1)).color(tokens.muted));
            ui.scope(|ui| {
                let most = (ui.available_width() * 0.42).max(200.0);
                ui.set_max_width(most);
                Spans::body(tokens).ink(&question.text).line_ui(ui).on_hover_text(&question.text);
            });
            let characters: usize = question.choices.iter().map(|choice| choice.chars().count() + 3).sum();
            let chosen = if characters as f32 * 7.0 < ui.available_width() * 0.75 {
                let options: Vec<_> = question
                    .choices
                    .iter()
                    .enumerate()
                    .map(|(choice, text)| (choice, text.as_str(), true, ""))
                    .collect();
                segmented_with_ui(ui, &question.text, &options, question.answer)
            } else {
                let mut options: Vec<_> =
                    question.choices.iter().enumerate().map(|(choice, text)| (choice, text.as_str())).collect();
                options.insert(0, (usize::MAX, "Choose"));
                let current = question.answer.unwrap_or(usize::MAX);
                field::choice_ui(ui, &question.text, &options, current, 180.0).filter(|choice| *choice != usize::MAX)
            };
            if let Some(choice) = chosen {
                acts.push(MappingAct::Answer { question: index, choice });
            }
            let evidence = text::small(tokens, &question.evidence).color(tokens.text);
            ui.add(eframe::egui::Label::new(evidence).truncate()).on_hover_text(&question.evidence);
        });
    });
}
