//! Charts with fixed bounds: curves, bands, steps, bars. No legend; lines are named beside the line.
//!
//! [`Chart`] paints grid, axis and labels and then hands out a [`Canvas`] whose methods take data values.

mod axis;
mod canvas;

pub use axis::{Axis, Scale};
pub use canvas::Canvas;

use eframe::egui::{Rect, Response, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::ui::theme::Tokens;
use crate::ui::{fonts, paint};

/// A chart: two axes and a name.
#[derive(Clone, Debug)]
#[must_use = "call show or show_at"]
pub struct Chart<'a> {
    name: &'a str,
    x: &'a Axis,
    y: &'a Axis,
    description: &'a str,
    sense: Sense,
    labels: f32,
}

impl<'a> Chart<'a> {
    /// `name` keeps ids apart and names the chart for screen readers.
    pub fn new(name: &'a str, x: &'a Axis, y: &'a Axis) -> Self {
        Self { name, x, y, description: "", sense: Sense::hover(), labels: 0.0 }
    }

    /// What the chart shows in one sentence, for screen readers.
    pub fn describe(mut self, description: &'a str) -> Self {
        self.description = description;
        self
    }

    /// Room for the labels of y at least, so that charts above each other have one axis of x.
    pub fn room_for_labels(mut self, width: f32) -> Self {
        self.labels = width;
        self
    }

    /// Also react to clicks and drags (see [`Canvas::response`]).
    pub fn sense(mut self, sense: Sense) -> Self {
        self.sense = sense;
        self
    }

    /// In the rest of `ui`.
    pub fn show<R>(self, ui: &mut Ui, add: impl FnOnce(&mut Canvas<'_>) -> R) -> R {
        let rect = ui.available_rect_before_wrap();
        let value = self.show_at(ui, rect, add);
        ui.advance_cursor_after_rect(rect);
        value
    }

    /// In exactly `rect`, labels included.
    pub fn show_at<R>(self, ui: &mut Ui, rect: Rect, add: impl FnOnce(&mut Canvas<'_>) -> R) -> R {
        let tokens = Tokens::of(ui);
        let painter = ui.painter().clone();
        let widest = self
            .y
            .ticks
            .iter()
            .map(|(_, label)| paint::text_width(&painter, label, fonts::small()))
            .fold(self.labels, f32::max);
        let head = if self.y.title.is_empty() { 6.0 } else { 20.0 };
        let foot = if self.x.ticks.is_empty() { 2.0 } else { 17.0 } + if self.x.title.is_empty() { 0.0 } else { 15.0 };
        let left = if widest > 0.0 { widest + 8.0 } else { 0.0 };
        let plot = Rect::from_min_max(
            pos2((rect.left() + left).round(), (rect.top() + head).round()),
            pos2(
                (rect.right() - 6.0).max(rect.left() + left + 1.0).round(),
                (rect.bottom() - foot).max(rect.top() + head + 1.0).round(),
            ),
        );
        self.paint_frame(ui, rect, plot, tokens);
        let response: Response = ui.interact(plot, ui.scope_id().with(("chart", self.name)), self.sense);
        let spoken = if self.description.is_empty() {
            self.name.to_owned()
        } else {
            format!("{}: {}", self.name, self.description)
        };
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &spoken));
        let mut canvas = Canvas::new(ui, plot, self.x, self.y, tokens, response);
        add(&mut canvas)
    }

    fn paint_frame(&self, ui: &Ui, rect: Rect, plot: Rect, tokens: &Tokens) {
        let painter = ui.painter();
        if !self.y.title.is_empty() {
            let line = Rect::from_min_max(rect.min, pos2(rect.right(), rect.top() + 14.0));
            paint::text_left(painter, line, &self.y.title, fonts::small(), tokens.muted);
        }
        for (value, label) in self.y.spaced_ticks(plot.height()) {
            let y = plot.bottom() - self.y.share(*value) as f32 * plot.height();
            if self.y.grid {
                paint::hline(painter, plot.left(), plot.right(), y, tokens.line);
            }
            let place = Rect::from_min_max(pos2(rect.left(), y - 7.0), pos2(plot.left() - 8.0, y + 7.0));
            paint::text_right(painter, place, label, fonts::small(), tokens.muted);
        }
        let mut free = f32::NEG_INFINITY;
        for (value, label) in &self.x.ticks {
            let x = plot.left() + self.x.share(*value) as f32 * plot.width();
            if self.x.grid {
                paint::vline(painter, x, plot.top(), plot.bottom(), tokens.line);
            }
            let width = paint::text_width(painter, label, fonts::small());
            let place = Rect::from_center_size(pos2(x, plot.bottom() + 9.0), vec2(width, 14.0));
            let nudge = (rect.right() - place.right()).min(0.0);
            let place = place.translate(vec2(nudge, 0.0));
            if place.left() > free {
                paint::text_center(painter, place, label, fonts::small(), tokens.muted);
                free = place.right() + 6.0;
            }
        }
        if !self.x.title.is_empty() {
            let line =
                Rect::from_min_max(pos2(rect.left(), plot.bottom() + 17.0), pos2(plot.right(), plot.bottom() + 31.0));
            paint::text_right(painter, line, &self.x.title, fonts::small(), tokens.muted);
        }
        paint::hline(painter, plot.left(), plot.right(), plot.bottom(), tokens.line_strong);
    }
}
