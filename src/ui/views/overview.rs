//! Overview: finding, row flow, scorecard; below, the weakest segments, flips and what to know.

mod beside;
mod own;
pub(super) mod scorecard;
#[cfg(test)]
pub(crate) mod tests;

use eframe::egui::{Align, Layout, Rect, Ui, pos2};

use self::own::Defining;
use super::frame::{flow_parts, sentence};
use crate::present::overview::OverviewModel;
use crate::ui::Outbox;
use crate::ui::fonts;
use crate::ui::layout::{self, Part};
use crate::ui::text::Spans;
use crate::ui::theme::{Tokens, size};
use crate::ui::widgets::{Button, Tile, flow};

/// Height of the finding's line.
const FINDING: f32 = 22.0;
/// What the tiles below the scorecard get at least.
const BELOW: f32 = 188.0;

/// What the Overview remembers.
#[derive(Clone, Debug, Default)]
pub struct OverviewState {
    /// Chosen line of the scorecard.
    pub selected: Option<usize>,
    /// Metric of one's own whose line was opened.
    pub opened: Option<String>,
    /// A metric that is being written.
    pub defining: Option<Defining>,
}

/// Width of the button in the scorecard's title.
const ADD: f32 = 96.0;
/// Height of a tile's title.
const TITLE: f32 = 28.0;

/// Draw the Overview in the rest of `ui`.
pub fn overview_ui(ui: &mut Ui, model: &OverviewModel, state: &mut OverviewState, out: &mut Outbox) {
    let tokens = Tokens::of(ui);
    let page = ui.available_rect_before_wrap();
    let text = model.finding.text();
    let width = crate::ui::paint::text_width(ui.painter(), &text, fonts::semibold(fonts::FINDING));
    // A finding is read whole: a second line where the window is narrow.
    let head = if width > page.width() { 2.0 * FINDING } else { FINDING };
    let free = page.height() - head - flow::STRIP - BELOW - 24.0;
    let wanted = scorecard::height(&model.scorecard);
    let [finding, strip, top, below] = layout::rows(
        page,
        [Part::Fixed(head), Part::Fixed(flow::STRIP), Part::Fixed(wanted.min(free).max(120.0)), Part::Share(1.0)],
    );
    layout::at_ui(ui, "finding", finding, |ui| {
        sentence(Spans::finding(tokens), &model.finding, tokens).ui(ui).on_hover_text(text);
    });
    layout::at_ui(ui, "flow", strip, |ui| flow::strip_ui(ui, &flow_parts(&model.flow)));
    Tile::new("Scorecard")
        .qualifier(&model.scorecard.qualifier)
        .flush()
        .show_at(ui, top, |ui| scorecard::scorecard_ui(ui, &model.scorecard, state, out));
    let title = Rect::from_min_max(
        pos2(top.right() - ADD - size::TILE_PADDING, top.top() + 4.0),
        pos2(top.right() - size::TILE_PADDING, top.top() + TITLE),
    );
    layout::at_ui(ui, "add a metric", title, |ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let button = Button::quiet("Add metric…").small();
            if button.ui(ui).on_hover_text("A metric of your own: an expression over the columns of a row").clicked() {
                state.defining = Some(Defining::default());
            }
        });
    });
    // A metric of one's own is opened where it is written, not in a view.
    let opened = state.opened.take();
    if let Some(metric) = opened.and_then(|name| model.own.added.iter().find(|metric| metric.name == name)) {
        state.defining = Some(Defining::from(metric));
    }
    own::dialog_ui(ui, &model.own, &mut state.defining, out);
    below_ui(ui, model, below, out);
    ui.advance_cursor_after_rect(page);
}

fn below_ui(ui: &mut Ui, model: &OverviewModel, rect: Rect, out: &mut Outbox) {
    let split = model.scorecard.split;
    // No row of a split run has two answers that could flip.
    let parts = [Part::Share(510.0), Part::Share(if split { 0.0 } else { 320.0 }), Part::Share(300.0)];
    let [weakest, flips, know] = layout::columns(rect, parts);
    let know = if split { know.with_min_x(flips.left()) } else { know };
    let qualifier = model.weakest.qualifier.as_str();
    Tile::new("Where it is weakest")
        .qualifier(qualifier)
        .flush()
        .show_at(ui, weakest, |ui| beside::weakest_ui(ui, &model.weakest, out));
    if !split {
        Tile::new("Flips")
            .qualifier("rows where exactly one arm is right")
            .show_at(ui, flips, |ui| beside::flips_ui(ui, model.flips.as_ref(), model.scorecard.task, out));
    }
    Tile::new("What to know").show_at(ui, know, |ui| beside::know_ui(ui, &model.know));
}
