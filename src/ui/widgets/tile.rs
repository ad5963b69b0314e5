//! Tiles: one question answered in a frame, title left, qualifier beside it.

use eframe::egui::{Align, CornerRadius, Layout, Rect, Stroke, StrokeKind, Ui, UiBuilder, UiStackInfo, pos2};

use super::states;
use crate::ui::marks::Mark;
use crate::ui::theme::{Tokens, size};
use crate::ui::{fonts, paint};

/// Height of a tile's title line.
pub const TITLE: f32 = 28.0;

/// A titled frame.
///
/// ```ignore
/// Tile::new("Flips").qualifier("rows where exactly one arm is right").show_at(ui, rect, |ui| { … });
/// ```
#[derive(Clone, Debug)]
#[must_use = "call show or show_at"]
pub struct Tile<'a> {
    title: &'a str,
    /// For screen readers; the title where there is one.
    name: &'a str,
    qualifier: &'a str,
    trailing: &'a str,
    note: &'a str,
    mark: Option<Mark>,
    refreshing: bool,
    flush: bool,
}

impl<'a> Tile<'a> {
    pub fn new(title: &'a str) -> Self {
        Self { title, name: title, qualifier: "", trailing: "", note: "", mark: None, refreshing: false, flush: false }
    }

    /// A tile without a title, with a name for screen readers.
    pub fn untitled(name: &'a str) -> Self {
        Self { name, ..Self::new("") }
    }

    /// Small muted text beside the title: unit, level, what is shaded.
    pub fn qualifier(mut self, qualifier: &'a str) -> Self {
        self.qualifier = qualifier;
        self
    }

    /// Mark of a model before the title; the title takes its hue.
    pub fn of(mut self, mark: Mark) -> Self {
        self.mark = Some(mark);
        self
    }

    /// Small muted text at the right end of the title line.
    pub fn trailing(mut self, trailing: &'a str) -> Self {
        self.trailing = trailing;
        self
    }

    /// The values shown are being computed anew: they stay, at 55 % opacity, under a hatched bar.
    pub fn refreshing(mut self, refreshing: bool) -> Self {
        self.refreshing = refreshing;
        self
    }

    /// A line under the title, for values whose inputs changed.
    pub fn note(mut self, note: &'a str) -> Self {
        self.note = note;
        self
    }

    /// The body reaches the frame at left and right: for tables.
    pub fn flush(mut self) -> Self {
        self.flush = true;
        self
    }

    /// In the rest of `ui`.
    pub fn show<R>(self, ui: &mut Ui, add: impl FnOnce(&mut Ui) -> R) -> R {
        let rect = ui.available_rect_before_wrap();
        let value = self.show_at(ui, rect, add);
        ui.advance_cursor_after_rect(rect);
        value
    }

    /// In exactly `rect`. The body's `max_rect` is what is left below the title.
    pub fn show_at<R>(self, ui: &mut Ui, rect: Rect, add: impl FnOnce(&mut Ui) -> R) -> R {
        let tokens = Tokens::of(ui);
        frame(ui, rect, tokens);
        let clip = ui.clip_rect().intersect(rect);
        let mut child = ui.new_child(
            UiBuilder::new()
                .id_salt(("tile", self.title))
                .max_rect(rect)
                .accessibility_role(eframe::egui::Role::Group)
                .accessibility_label(self.name),
        );
        child.set_clip_rect(clip);
        let head = if self.title.is_empty() { size::CELL_PADDING } else { TITLE };
        if !self.title.is_empty() {
            self.title_ui(&mut child, Rect::from_min_max(rect.min, pos2(rect.right(), rect.top() + TITLE)));
        }
        let mut top = rect.top() + head;
        let refreshing = self.refreshing || is_refreshing(ui);
        if refreshing {
            states::hatched_bar(
                child.painter(),
                Rect::from_min_max(pos2(rect.left() + 1.0, top - 2.0), pos2(rect.right() - 1.0, top)),
                tokens,
            );
        }
        if !self.note.is_empty() {
            let line = Rect::from_min_max(
                pos2(rect.left() + size::TILE_PADDING, top),
                pos2(rect.right() - size::TILE_PADDING, top + 18.0),
            );
            place_label(&mut child, line, crate::ui::text::small(tokens, self.note), Align::Min);
            top += 20.0;
        }
        let side = if self.flush { 1.0 } else { size::TILE_PADDING };
        let body = Rect::from_min_max(
            pos2(rect.left() + side, top),
            pos2((rect.right() - side).max(rect.left() + side), (rect.bottom() - 8.0).max(top)),
        );
        let mut inner =
            child.new_child(UiBuilder::new().id_salt("body").max_rect(body).layout(Layout::top_down(Align::Min)));
        inner.set_clip_rect(clip.intersect(body.expand2(eframe::egui::vec2(size::CELL_PADDING, 8.0))));
        if refreshing {
            inner.multiply_opacity(0.55);
        }
        add(&mut inner)
    }

    fn title_ui(&self, ui: &mut Ui, rect: Rect) {
        let tokens = Tokens::of(ui);
        let line = Rect::from_min_max(
            pos2(rect.left() + size::TILE_PADDING, rect.top() + 3.0),
            pos2(rect.right() - size::TILE_PADDING, rect.bottom()),
        );
        let mut title = crate::ui::text::strong(tokens, self.title);
        let mut place = line;
        if let Some(mark) = self.mark {
            mark.paint(ui.painter(), pos2(line.left() + 5.0, line.center().y), size::MARK, tokens);
            title = title.color(mark.color(tokens));
            place.min.x += 18.0;
        }
        let used = place_label(ui, place, title, Align::Min);
        let mut right = line.right();
        if !self.trailing.is_empty() {
            let trailing = crate::ui::text::small(tokens, self.trailing);
            let width = paint::text_width(ui.painter(), self.trailing, fonts::small());
            let place = Rect::from_min_max(pos2(line.right() - width - 1.0, line.top()), line.max);
            place_label(ui, place, trailing, Align::Max);
            right = place.left() - 8.0;
        }
        if !self.qualifier.is_empty() {
            let place =
                Rect::from_min_max(pos2(used.right() + 8.0, line.top() + 1.0), pos2(right, line.bottom() + 1.0));
            place_label(ui, place, crate::ui::text::small(tokens, self.qualifier), Align::Min);
        }
    }
}

/// A choice at the right of the tile's title; `ui` is the tile's body. Tiles with it have no trailing words.
pub fn title_choice_ui(
    ui: &mut Ui,
    name: &str,
    options: &[(usize, &str)],
    current: usize,
    width: f32,
) -> Option<usize> {
    let body = ui.max_rect();
    // The body of a flush tile reaches to its edge.
    let right = (body.right() + size::CELL_PADDING).min(ui.clip_rect().right()) - size::CELL_PADDING;
    let place = Rect::from_min_max(pos2(right - width - 16.0, body.top() - TITLE + 3.0), pos2(right, body.top()));
    ui.set_clip_rect(ui.clip_rect().union(place));
    let builder =
        UiBuilder::new().id_salt(("title choice", name)).max_rect(place).layout(Layout::right_to_left(Align::Center));
    super::field::choice_ui(&mut ui.new_child(builder), name, options, current, width)
}

/// Tag of the part of the window whose values are being computed again.
const REFRESHING: &str = "refreshing";

/// Where `refreshing`, every tile drawn by `add` shows that its values are the old ones. Nothing changes its place.
pub fn refreshing_ui<R>(ui: &mut Ui, refreshing: bool, add: impl FnOnce(&mut Ui) -> R) -> R {
    // The scope is there in either state, so that ids below it stay the same.
    let info = if refreshing { UiStackInfo::default().with_tag(REFRESHING) } else { UiStackInfo::default() };
    let place = ui.available_rect_before_wrap();
    let builder = UiBuilder::new().id_salt(REFRESHING).max_rect(place).layout(*ui.layout()).ui_stack_info(info);
    ui.scope_builder(builder, add).inner
}

fn is_refreshing(ui: &Ui) -> bool {
    ui.stack().iter().any(|part| part.tags().contains(REFRESHING))
}

/// Background and outline of a tile.
pub fn frame(ui: &Ui, rect: Rect, tokens: &Tokens) {
    let radius = CornerRadius::same(size::RADIUS as u8);
    ui.painter().rect(rect, radius, tokens.pane, Stroke::new(1.0, tokens.line), StrokeKind::Inside);
}

/// A one-line label in `rect`, centred vertically, cut where it does not fit.
fn place_label(ui: &mut Ui, rect: Rect, text: eframe::egui::RichText, align: Align) -> Rect {
    let layout = match align {
        Align::Max => Layout::right_to_left(Align::Center),
        _ => Layout::left_to_right(Align::Center),
    };
    let salt = text.text().to_owned();
    let mut child = ui.new_child(UiBuilder::new().id_salt(salt).max_rect(rect).layout(layout));
    child.add(eframe::egui::Label::new(text).truncate()).rect
}
