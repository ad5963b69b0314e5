//! Decision: the verdict with its gates, what would change it, and, kept apart, what people decide.

mod buffers;
mod challengers;
mod export;
mod findings;
mod gates;
mod header;
mod overriding;
mod people;
mod rules;
mod said;

use eframe::egui::{Align, Layout, Rect, ScrollArea, Sense, Ui, Vec2, pos2, vec2};

use self::buffers::Buffers;
use crate::decision::Recommendation;
use crate::present::Sign;
use crate::present::challengers::ChallengersModel;
use crate::present::decision::DecisionModel;
use crate::ui::Outbox;
use crate::ui::layout::{self, Part};
use crate::ui::marks::Mark;
use crate::ui::theme::size;
use crate::ui::widgets::Tile;

/// Height of a tile's title line.
const TILE_TITLE: f32 = 28.0;

/// What the view keeps between frames: texts being typed, the gate that is open, heights of the last frame.
#[derive(Clone, Debug, Default)]
pub struct DecisionState {
    open_gate: Option<usize>,
    buffers: Buffers,
    heights: Heights,
}

/// What the tiles below the gates need, in points with title and padding.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Heights {
    rules: f32,
    changes: f32,
    said: f32,
    people: f32,
    export: f32,
}

impl Heights {
    fn lower(&self) -> f32 {
        let left = self.rules + size::TILE_GAP + self.changes;
        let right = self.people + size::TILE_GAP + self.export;
        left.max(self.said).max(right)
    }
}

/// What is shown: the decision, and all challengers where there are several.
#[derive(Clone, Copy)]
pub struct Decided<'a> {
    pub model: &'a DecisionModel,
    pub challengers: Option<&'a ChallengersModel>,
}

/// Paint the view in the rest of `ui`.
pub fn decision_ui(ui: &mut Ui, decided: Decided<'_>, state: &mut DecisionState, out: &mut Outbox) {
    let page = ui.available_rect_before_wrap();
    // The bar lies in the page's margin, beside the tiles.
    let outer = Rect::from_min_max(page.min, pos2(page.right() + size::PAGE_MARGIN - 2.0, page.bottom()));
    let mut outer_ui = ui.new_child(eframe::egui::UiBuilder::new().id_salt("decision page").max_rect(outer));
    ScrollArea::vertical().id_salt("decision").auto_shrink([false, false]).show(&mut outer_ui, |ui| {
        page_ui(ui, page.size(), decided, state, out);
    });
    ui.advance_cursor_after_rect(page);
}

fn page_ui(ui: &mut Ui, page: Vec2, decided: Decided<'_>, state: &mut DecisionState, out: &mut Outbox) {
    let Decided { model, challengers } = decided;
    let head = header::Header::lay_out(ui, model, page.x);
    let gates = gates::Gates::lay_out(ui, model, state.open_gate, page.x);
    let rivals = challengers.map(challengers::height);
    let tiles = [Some(head.height()), rivals, Some(gates.height())];
    let above: f32 = tiles.into_iter().flatten().map(|height| height + size::TILE_GAP).sum();
    let lower = (page.y - above).max(state.heights.lower()).floor();
    let (whole, _) = ui.allocate_exact_size(vec2(page.x, above + lower), Sense::hover());
    let [head_rect, rest] = layout::rows(whole, [Part::Fixed(head.height()), Part::Share(1.0)]);
    let mut rest = rest;
    if let Some((model, height)) = challengers.zip(rivals) {
        let [tile, below] = layout::rows(rest, [Part::Fixed(height), Part::Share(1.0)]);
        challengers::challengers_ui(ui, tile, model, out);
        rest = below;
    }
    let [gates_rect, lower_rect] = layout::rows(rest, [Part::Fixed(gates.height()), Part::Share(1.0)]);
    head.show_at(ui, head_rect);
    if let Some(clicked) = gates.show_at(ui, gates_rect) {
        state.open_gate = (state.open_gate != Some(clicked)).then_some(clicked);
    }
    let heights = lower_ui(ui, lower_rect, model, state, out);
    if heights != state.heights {
        // Heights are known only after the texts are laid out; the second pass has them.
        state.heights = heights;
        ui.ctx().request_discard("decision tiles changed height");
    }
}

fn lower_ui(ui: &mut Ui, rect: Rect, model: &DecisionModel, state: &mut DecisionState, out: &mut Outbox) -> Heights {
    let heights = state.heights;
    let buffers = &mut state.buffers;
    let [left, middle, right] = layout::columns(rect, [Part::Share(1.4), Part::Share(1.36), Part::Share(1.0)]);
    let [rules_rect, changes_rect] = layout::rows(left, [Part::Fixed(heights.rules), Part::Share(1.0)]);
    let [people_rect, export_rect] = layout::rows(right, [Part::Fixed(heights.people), Part::Share(1.0)]);
    let rules = tile_ui(ui, Tile::new("Rule that fired").qualifier("first match wins"), rules_rect, |ui| {
        rules::rules_ui(ui, &model.rules);
    });
    let page_clip = ui.clip_rect();
    // The list is as long as the policy has gates; it scrolls where the page has no room for all of it.
    let changes = Tile::new("What would change the verdict").show_at(ui, changes_rect, |ui| {
        let (area, width) = (ui.available_rect_before_wrap(), ui.available_width());
        // The bar lies in the tile's padding, beside the answers.
        let outer = Rect::from_min_max(area.min, pos2(area.right() + size::TILE_PADDING - 2.0, area.bottom()));
        let mut outer = ui.new_child(eframe::egui::UiBuilder::new().id_salt("changes area").max_rect(outer));
        outer.set_clip_rect(outer.clip_rect().union(outer.max_rect()).intersect(page_clip));
        let list = ScrollArea::vertical().id_salt("changes").auto_shrink([false, false]).show(&mut outer, |ui| {
            ui.set_max_width(width);
            rules::changes_ui(ui, &model.changes, model.changes_note.as_deref());
        });
        list.content_size.y
    });
    let tile = Tile::new("Decision").qualifier("by people, kept apart from the verdict");
    let said = tile_ui(ui, tile, middle, |ui| said::said_ui(ui, model, buffers, out));
    let line = Rect::from_min_max(
        pos2(middle.left() + size::TILE_PADDING, middle.top() + 3.0),
        pos2(middle.right() - size::TILE_PADDING, middle.top() + TILE_TITLE),
    );
    layout::at_ui(ui, "standing", line, |ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| said::standing_ui(ui, &model.said, out));
    });
    let people = tile_ui(ui, Tile::new("People and sign-off"), people_rect, |ui| {
        people::people_ui(ui, model, buffers, out);
    });
    let tile = Tile::new("Export").qualifier("every number comes from the record");
    let export = tile_ui(ui, tile, export_rect, |ui| export::export_ui(ui, &model.record, out));
    Heights { rules, changes: needed(changes).min(LEAST_CHANGES), said, people, export }
}

/// Height of the list of changes below which it is not squeezed: some five lines and the note.
const LEAST_CHANGES: f32 = 172.0;

/// Height of a tile around content of this height.
fn needed(content: f32) -> f32 {
    (TILE_TITLE + content + 10.0).ceil()
}

/// A tile; returns the height its content needs.
fn tile_ui(ui: &mut Ui, tile: Tile<'_>, rect: Rect, add: impl FnOnce(&mut Ui)) -> f32 {
    let content = tile.show_at(ui, rect, |ui| ui.scope(add).response.rect.height());
    needed(content)
}

/// Mark of a verdict.
pub(crate) const fn mark_of(recommendation: Recommendation) -> Mark {
    match recommendation {
        Recommendation::Promote => Mark::Pass,
        Recommendation::PromoteWithConditions => Mark::PassWithConditions,
        Recommendation::Extend => Mark::Inconclusive,
        Recommendation::Reject => Mark::Fail,
        Recommendation::Rollback => Mark::Rollback,
        Recommendation::Invalid => Mark::Invalid,
    }
}

const fn mark(sign: Sign) -> Mark {
    match sign {
        Sign::Champion => Mark::Champion,
        Sign::Challenger => Mark::Challenger,
        Sign::Pass => Mark::Pass,
        Sign::Fail => Mark::Fail,
        Sign::Inconclusive => Mark::Inconclusive,
        Sign::NotEvaluable => Mark::NotEvaluable,
    }
}

/// Small caption above a well, with a remark at the right end.
fn caption_ui(ui: &mut Ui, caption: &str, remark: &str) {
    let tokens = crate::ui::theme::Tokens::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 17.0), Sense::hover());
    let small = crate::ui::fonts::small();
    let left = crate::ui::paint::text_left(ui.painter(), rect, caption, small.clone(), tokens.muted);
    let rest = Rect::from_min_max(pos2(left.right() + 8.0, rect.top()), rect.max);
    let fits = crate::ui::paint::text_width(ui.painter(), remark, small.clone()) <= rest.width();
    if fits {
        crate::ui::paint::text_right(ui.painter(), rest, remark, small, tokens.muted);
    } else {
        response.clone().on_hover_text(remark);
    }
    response.widget_info(|| {
        let name = if remark.is_empty() { caption.to_owned() } else { format!("{caption}, {remark}") };
        eframe::egui::WidgetInfo::labeled(eframe::egui::Role::Label, true, name)
    });
}

#[cfg(test)]
mod tests;
