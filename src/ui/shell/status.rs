//! Status bar: the job and how to cancel it; rows in view, units, seed, memory, saved at.

use eframe::egui::{Align, Layout, Ui};

use crate::ui::actions::Action;
use crate::ui::fonts;
use crate::ui::text;
use crate::ui::theme::Tokens;
use crate::ui::widgets::{Button, states};

/// What the status bar says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StatusModel {
    /// Running work, e.g. `Cluster bootstrap, average precision`; `None` while idle.
    pub job: Option<String>,
    /// `1,240 of 2,000`; may be empty.
    pub count: String,
    /// Share done, where the total is known.
    pub share: Option<f32>,
    /// While idle: how long the last refresh took, `record sealed, read-only`, and so on.
    pub idle: String,
    /// At the right, from left to right: `1,226,190 rows in view`, `seed 20261004`, …
    pub facts: Vec<String>,
}

pub(super) fn status_ui(ui: &mut Ui, model: &StatusModel, actions: &mut Vec<Action>) {
    let tokens = Tokens::of(ui);
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = 12.0;
        match &model.job {
            Some(job) => {
                ui.label(text::small(tokens, job).color(tokens.ink));
                states::bar_ui(ui, 110.0, model.share, job);
                if !model.count.is_empty() {
                    ui.label(text::small(tokens, &model.count).color(tokens.text));
                }
                if Button::quiet("Esc cancels").small().ui(ui).clicked() {
                    actions.push(Action::Cancel);
                }
            }
            None => {
                ui.label(text::small(tokens, "Idle").font(fonts::medium(fonts::SMALL)).color(tokens.ink));
                ui.add(eframe::egui::Label::new(text::small(tokens, &model.idle)).truncate());
            }
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            for fact in model.facts.iter().rev() {
                ui.label(text::small(tokens, fact));
            }
        });
    });
}
