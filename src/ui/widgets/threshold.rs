//! The threshold control: one track, the champion's handle above it, the challenger's below.

use eframe::egui::{CursorIcon, Key, Painter, Rect, Response, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::chart::Scale;
use crate::log::ArmRole;
use crate::ui::marks::Mark;
use crate::ui::theme::Tokens;
use crate::ui::{fonts, paint};

/// Height the control takes.
pub const HEIGHT: f32 = 62.0;
/// Side of a handle's drag zone.
const ZONE: f32 = 24.0;

/// One threshold per arm on a common scale.
#[derive(Clone, Debug)]
#[must_use = "call show"]
pub struct ThresholdControl<'a> {
    /// Ends of the scale; for [`Scale::Logit`] within (0, 1).
    pub range: (f64, f64),
    pub scale: Scale,
    /// Labelled places on the track.
    pub ticks: &'a [(f64, String)],
    /// Value and its text, champion first; `None` for an arm without a score.
    pub values: [Option<(f64, String)>; 2],
    /// Whether each handle can be moved (a matched threshold follows the other).
    pub movable: [bool; 2],
    /// Above the track at the left, e.g. `threshold, log-odds scale`.
    pub caption: &'a str,
}

/// A handle was moved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ThresholdChange {
    pub arm: ArmRole,
    pub value: f64,
    /// The drag goes on: show what is cheap now, the rest when it ends.
    pub dragging: bool,
}

impl ThresholdControl<'_> {
    /// In the available width; [`HEIGHT`] tall.
    pub fn show(&self, ui: &mut Ui) -> Option<ThresholdChange> {
        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), HEIGHT), Sense::hover());
        let tokens = Tokens::of(ui);
        let track = Rect::from_min_max(
            pos2(rect.left() + 18.0, rect.top() + 28.0),
            pos2(rect.right() - 18.0, rect.top() + 31.0),
        );
        let painter = ui.painter().clone();
        paint::text_left(
            &painter,
            Rect::from_min_max(rect.min, pos2(rect.right(), rect.top() + 14.0)),
            self.caption,
            fonts::small(),
            tokens.muted,
        );
        painter.rect_filled(track, 1.5, tokens.faint);
        self.paint_ticks(&painter, track, tokens);
        let mut change = None;
        for (index, arm) in [ArmRole::Champion, ArmRole::Challenger].into_iter().enumerate() {
            if let Some((value, text)) = &self.values[index] {
                change = self.handle_ui(ui, track, arm, *value, text).or(change);
            }
        }
        change
    }

    fn x(&self, track: Rect, value: f64) -> f32 {
        let (lo, hi) = self.range;
        let share = self.scale.share(value, lo, hi).clamp(0.0, 1.0);
        track.left() + share as f32 * track.width()
    }

    fn value_at(&self, track: Rect, x: f32) -> f64 {
        let (lo, hi) = self.range;
        let share = f64::from(((x - track.left()) / track.width()).clamp(0.0, 1.0));
        self.scale.value(share, lo, hi)
    }

    fn paint_ticks(&self, painter: &Painter, track: Rect, tokens: &Tokens) {
        // The challenger's handle and its text stand where the labels do.
        let taken = self.values[1].as_ref().map(|(value, text)| {
            let x = self.x(track, *value);
            let width = paint::text_width(painter, text, fonts::body_medium()) + 16.0;
            if x + width > track.right() + 14.0 { (x - width, x + 12.0) } else { (x - 12.0, x + width) }
        });
        let mut free = f32::NEG_INFINITY;
        for (value, label) in self.ticks {
            let x = self.x(track, *value);
            paint::vline(painter, x, track.top() - 3.0, track.bottom() + 3.0, tokens.faint);
            let width = paint::text_width(painter, label, fonts::small());
            let covered = taken.is_some_and(|(from, to)| x + width / 2.0 > from && x - width / 2.0 < to);
            if x - width / 2.0 > free && !covered {
                let place = Rect::from_center_size(pos2(x, track.bottom() + 12.0), vec2(width, 14.0));
                paint::text_center(painter, place, label, fonts::small(), tokens.muted);
                free = place.right() + 6.0;
            }
        }
    }

    fn handle_ui(&self, ui: &mut Ui, track: Rect, arm: ArmRole, value: f64, text: &str) -> Option<ThresholdChange> {
        let tokens = Tokens::of(ui);
        let above = arm == ArmRole::Champion;
        let movable = self.movable[arm.index()];
        let x = self.x(track, value);
        let center = pos2(x, track.center().y + if above { -11.0 } else { 13.0 });
        let sense = if movable { Sense::click_and_drag() } else { Sense::hover() };
        let mark = Mark::from(arm);
        let zone = Rect::from_center_size(center, vec2(ZONE, ZONE));
        let response = ui.interact(zone, ui.scope_id().with(("threshold", mark.word())), sense);
        response.widget_info(|| WidgetInfo::slider(movable, value, format!("{} threshold", mark.word())));
        if movable && (response.hovered() || response.dragged()) {
            ui.ctx().set_cursor_icon(CursorIcon::ResizeHorizontal);
        }
        let painter = ui.painter();
        let color = tokens.arm(arm);
        painter.line_segment([pos2(x, track.center().y), center], Stroke::new(1.5, color));
        if response.has_focus() {
            painter.circle_stroke(center, 10.0, Stroke::new(1.0, tokens.ink));
        }
        let side = if movable && response.hovered() { 23.0 } else { 20.0 };
        mark.paint_with_halo(painter, center, side, tokens);
        let width = paint::text_width(painter, text, fonts::body_medium());
        let left_of =
            above && x - width - 14.0 > track.left() - 14.0 || !above && x + width + 14.0 > track.right() + 14.0;
        let label = if left_of {
            Rect::from_min_max(pos2(x - width - 12.0, center.y - 8.0), pos2(x - 11.0, center.y + 8.0))
        } else {
            Rect::from_min_max(pos2(x + 12.0, center.y - 8.0), pos2(x + width + 13.0, center.y + 8.0))
        };
        paint::text_left(painter, label, text, fonts::body_medium(), color);
        if movable { self.moved(ui, track, arm, value, &response) } else { None }
    }

    fn moved(&self, ui: &Ui, track: Rect, arm: ArmRole, value: f64, response: &Response) -> Option<ThresholdChange> {
        if response.dragged() || response.drag_stopped() {
            let x = response.interact_pointer_pos().map(|pos| pos.x);
            let to = x.map_or(value, |x| self.value_at(track, x));
            return Some(ThresholdChange { arm, value: to, dragging: !response.drag_stopped() });
        }
        if response.has_focus() {
            ui.memory_mut(|memory| {
                let filter = eframe::egui::EventFilter { horizontal_arrows: true, ..Default::default() };
                memory.set_focus_lock_filter(response.id, filter);
            });
            let points = ui.input(|input| {
                let step = if input.modifiers.shift { 10.0 } else { 1.0 };
                let count = |key| input.num_presses(key) as f32;
                step * (count(Key::ArrowRight) - count(Key::ArrowLeft))
            });
            if points != 0.0 {
                let to = self.value_at(track, self.x(track, value) + points);
                return Some(ThresholdChange { arm, value: to, dragging: false });
            }
        }
        None
    }
}
