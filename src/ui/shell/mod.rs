//! What stands around every view: top bar, rail, tabs, status bar, command palette.
//!
//! The shell draws a [`ShellModel`], plain strings and marks, and asks for [`Action`]s.

mod palette;
mod rail;
mod status;
mod tabs;
mod top_bar;

pub use palette::{Palette, palette_ui};
pub use rail::{RailModel, RailState, SliceLine};
pub use status::StatusModel;
pub use tabs::{TabLine, tabs_ui};
pub use top_bar::{TopBarModel, Verdict};

use eframe::egui::{CentralPanel, Frame, Margin, Panel, Rect, Stroke, Ui};

use super::actions::Action;
use super::theme::{Tokens, size};

/// Everything the shell shows. `None` parts are not there before a workspace is open.
#[derive(Clone, Debug, Default)]
pub struct ShellModel {
    pub top: Option<TopBarModel>,
    pub rail: Option<RailModel>,
    pub tabs: Vec<TabLine>,
    pub tab: usize,
    pub status: StatusModel,
}

/// Draw the shell and, inside it, `page`; `page` gets the rectangle of the view within the page margin.
pub fn shell_ui(
    ui: &mut Ui,
    model: &ShellModel,
    rail: &mut RailState,
    actions: &mut Vec<Action>,
    page: impl FnOnce(&mut Ui, &mut Vec<Action>),
) {
    let tokens = Tokens::of(ui);
    let bar = |margin: i8| Frame::new().fill(tokens.rail).inner_margin(Margin::symmetric(margin, 0));
    Panel::top("top bar").exact_size(size::TOP_BAR).resizable(false).show_separator_line(false).frame(bar(12)).show(
        ui,
        |ui| {
            top_bar::top_bar_ui(ui, model.top.as_ref(), actions);
            edge(ui, ui.max_rect().expand2(eframe::egui::vec2(12.0, 0.0)), tokens);
        },
    );
    Panel::bottom("status bar")
        .exact_size(size::STATUS_BAR)
        .resizable(false)
        .show_separator_line(false)
        .frame(bar(12))
        .show(ui, |ui| {
            let rect = ui.max_rect().expand2(eframe::egui::vec2(12.0, 0.0));
            super::paint::hline(
                &ui.painter().with_clip_rect(rect),
                rect.left(),
                rect.right(),
                rect.top() + 0.5,
                tokens.line,
            );
            status::status_ui(ui, &model.status, actions);
        });
    if let Some(rail_model) = &model.rail {
        Panel::left("rail").default_size(size::RAIL).size_range(220.0..=360.0).frame(bar(0)).show(ui, |ui| {
            rail::rail_ui(ui, rail_model, rail, actions);
        });
    }
    if !model.tabs.is_empty() {
        Panel::top("tabs").exact_size(size::TABS).resizable(false).show_separator_line(false).frame(bar(8)).show(
            ui,
            |ui| {
                if let Some(tab) = tabs_ui(ui, &model.tabs, model.tab) {
                    actions.push(Action::Tab(tab));
                }
                edge(ui, ui.max_rect().expand2(eframe::egui::vec2(8.0, 0.0)), tokens);
            },
        );
    }
    let central = Frame::new().fill(tokens.bg).inner_margin(Margin::same(size::PAGE_MARGIN as i8)).stroke(Stroke::NONE);
    CentralPanel::no_frame().frame(central).show(ui, |ui| page(ui, actions));
}

/// Hairline along the lower edge of a bar.
fn edge(ui: &Ui, rect: Rect, tokens: &Tokens) {
    let painter = ui.painter().with_clip_rect(rect);
    super::paint::hline(&painter, rect.left(), rect.right(), rect.bottom() - 0.5, tokens.line);
}
