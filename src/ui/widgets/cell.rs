//! One cell of a table: painted text, right-aligned numbers, marks; said as part of the row's name.

use eframe::egui::{Align, Color32, FontId, Layout, Painter, Rect, Role, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use crate::ui::marks::Mark;
use crate::ui::text::Spans;
use crate::ui::theme::{Tokens, size};
use crate::ui::{fonts, paint};

/// One cell of a row that is being painted. What is painted is also said, as part of the row's name.
pub struct Cell<'a> {
    ui: &'a mut Ui,
    /// Place of the text: the cell without its padding.
    pub rect: Rect,
    full: Rect,
    pub tokens: &'static Tokens,
    ground: Color32,
    spoken: &'a mut String,
}

impl<'a> Cell<'a> {
    pub(super) fn new(
        ui: &'a mut Ui,
        row: Rect,
        (left, width): (f32, f32),
        tokens: &'static Tokens,
        ground: Color32,
        spoken: &'a mut String,
    ) -> Self {
        let left = row.left() + left;
        let full = Rect::from_min_max(pos2(left, row.top()), pos2(left + width, row.bottom()));
        Self { ui, rect: full.shrink2(vec2(size::CELL_PADDING, 0.0)), full, tokens, ground, spoken }
    }

    pub fn painter(&self) -> &Painter {
        self.ui.painter()
    }

    /// The cell with its padding.
    pub fn full_rect(&self) -> Rect {
        self.full
    }

    /// Fill behind the cell.
    pub fn ground(&self) -> Color32 {
        self.ground
    }

    /// Add words to the row's name without painting.
    pub fn say(&mut self, text: &str) {
        if !text.is_empty() {
            if !self.spoken.is_empty() {
                self.spoken.push_str(", ");
            }
            self.spoken.push_str(text);
        }
    }

    /// Name, body colour; cut where it does not fit (the row's other cells never are).
    pub fn text(&mut self, text: &str) {
        self.left(text, fonts::body(), self.tokens.text);
    }

    /// Name in ink.
    pub fn ink(&mut self, text: &str) {
        self.left(text, fonts::body(), self.tokens.ink);
    }

    /// Name, SemiBold ink.
    pub fn strong(&mut self, text: &str) {
        self.left(text, fonts::body_semibold(), self.tokens.ink);
    }

    /// Muted name of body size.
    pub fn muted(&mut self, text: &str) {
        self.left(text, fonts::body(), self.tokens.muted);
    }

    /// Muted 11 px: reasons, remarks.
    pub fn small(&mut self, text: &str) {
        self.left(text, fonts::small(), self.tokens.muted);
    }

    /// Identifier or raw value.
    pub fn mono(&mut self, text: &str) {
        self.left(text, fonts::mono(fonts::MONO), self.tokens.text);
    }

    /// Name in ink with a small muted qualifier behind it: `Recall, %` `at FPR 0.62 %`. Where both do not fit,
    /// the qualifier is shown on hover.
    pub fn qualified(&mut self, text: &str, qualifier: &str) {
        let width = |text: &str, font| paint::text_width(self.ui.painter(), text, font);
        if width(text, fonts::body()) + width(qualifier, fonts::small()) + 8.0 > self.rect.width() {
            self.ink(text);
            self.say(qualifier);
            self.hover(&format!("{text}, {qualifier}"));
            return;
        }
        let spans =
            Spans::body(self.tokens).ink(text).run(&format!("  {qualifier}"), fonts::small(), self.tokens.muted);
        self.spans(spans);
    }

    /// Number, body colour, right-aligned, never cut.
    pub fn number(&mut self, text: &str) {
        self.right(text, fonts::body(), self.tokens.text);
    }

    /// Muted number: counts beside the values.
    pub fn number_muted(&mut self, text: &str) {
        self.right(text, fonts::body(), self.tokens.muted);
    }

    /// The difference: SemiBold ink.
    pub fn number_strong(&mut self, text: &str) {
        self.right(text, fonts::body_semibold(), self.tokens.ink);
    }

    /// Number in a model's hue.
    pub fn number_hue(&mut self, text: &str, color: Color32) {
        let font = if self.ground == self.tokens.selected { fonts::body_medium() } else { fonts::body() };
        self.right(text, font, color);
    }

    /// A mark at the left of the cell.
    pub fn mark(&mut self, mark: Mark) {
        let center = pos2(self.rect.left() + size::MARK / 2.0, self.rect.center().y);
        mark.paint(self.ui.painter(), center, size::MARK, self.tokens);
        self.say(mark.word());
    }

    /// An en dash with the reason on hover; the reason must also stand in the row's last column.
    pub fn undefined(&mut self, reason: &str) {
        self.right("\u{2013}", fonts::body(), self.tokens.muted);
        self.say(reason);
        self.hover(reason);
    }

    /// One line of several weights, cut where it does not fit.
    pub fn spans(&mut self, spans: Spans) {
        self.say(spans.plain());
        let mut job = spans.job();
        job.wrap = eframe::egui::text::TextWrapping::truncate_at_width(self.rect.width());
        let galley = self.painter().layout_job(job);
        let top = self.rect.center().y - galley.size().y / 2.0;
        let place = paint::snap_pos(self.painter(), pos2(self.rect.left(), top));
        self.painter().galley(place, galley, self.tokens.text);
    }

    /// Small muted text that wraps within the cell; for rows of [`Table::heights`].
    pub fn wrapped(&mut self, text: &str) {
        self.say(text);
        let galley = self.painter().layout(text.to_owned(), fonts::small(), self.tokens.muted, self.rect.width());
        let top = self.rect.center().y - galley.size().y / 2.0;
        self.painter().galley(paint::snap_pos(self.painter(), pos2(self.rect.left(), top)), galley, self.tokens.muted);
    }

    /// Any left-aligned text.
    pub fn left(&mut self, text: &str, font: FontId, color: Color32) -> Rect {
        self.say(text);
        paint::text_left(self.ui.painter(), self.rect, text, font, color)
    }

    /// Any right-aligned text.
    pub fn right(&mut self, text: &str, font: FontId, color: Color32) -> Rect {
        self.say(text);
        paint::text_right(self.ui.painter(), self.rect, text, font, color)
    }

    /// Show `text` while the pointer is over the cell.
    pub fn hover(&mut self, text: &str) {
        let id = self.ui.scope_id().with(("cell", self.full.left() as i32, self.full.top() as i32));
        if self.ui.rect_contains_pointer(self.full) {
            let response = self.ui.interact(self.full, id, Sense::hover());
            response.widget_info(|| WidgetInfo::labeled(Role::Tooltip, true, text));
            response.on_hover_text(text);
        }
    }

    /// Widgets inside the cell (combo boxes, buttons), centred vertically.
    pub fn widgets<R>(&mut self, add: impl FnOnce(&mut Ui) -> R) -> R {
        let salt = ("widgets", self.full.left() as i32);
        let builder = UiBuilder::new().id_salt(salt).max_rect(self.rect).layout(Layout::left_to_right(Align::Center));
        add(&mut self.ui.new_child(builder))
    }
}
