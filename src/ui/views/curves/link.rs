//! What the plots of a view share: the threshold under the pointer, and the operating point being dragged.

use eframe::egui::{Context, CursorIcon, Pos2, Ui};

use crate::log::ArmRole;
use crate::present::curves::LineModel;
use crate::session::Command;
use crate::ui::Outbox;
use crate::ui::widgets::Canvas;

/// How near the pointer must come to a curve or an operating point, in points.
const REACH: f32 = 14.0;

/// A threshold under the pointer, of one arm or of both.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cursor {
    pub arm: Option<ArmRole>,
    pub threshold: f64,
}

/// Linked cursor and drag. Plots call [`Link::point`] while they are under the pointer.
#[derive(Clone, Debug, Default)]
pub struct Link {
    shown: Option<Cursor>,
    pointed: Option<Cursor>,
    grabbed: Option<ArmRole>,
}

impl Link {
    pub(crate) fn begin(&mut self) {
        self.pointed = None;
    }

    /// A plot painted before the one under the pointer shows the cursor one pass late, so ask for that pass.
    pub(crate) fn end(&mut self, ctx: &Context) {
        if self.pointed != self.shown {
            self.shown = self.pointed;
            ctx.request_repaint();
        }
    }

    pub(crate) fn point(&mut self, cursor: Cursor) {
        self.pointed = Some(cursor);
        self.shown = Some(cursor);
    }

    /// Threshold under the pointer for `arm`, if any plot is pointed at.
    pub(crate) fn threshold(&self, arm: ArmRole) -> Option<f64> {
        self.shown.filter(|cursor| cursor.arm.is_none_or(|of| of == arm)).map(|cursor| cursor.threshold)
    }

    pub(crate) fn shown(&self) -> Option<Cursor> {
        self.shown
    }

    /// Hover and drag on curves: the nearest point of a line under the pointer becomes the cursor; an operating
    /// point that can be moved follows the pointer along its line.
    pub(crate) fn curves_ui(
        &mut self,
        canvas: &mut Canvas<'_>,
        lines: [Option<&LineModel>; 2],
        movable: [bool; 2],
        out: &mut Outbox,
    ) {
        let response = canvas.response().clone();
        let arms = [ArmRole::Champion, ArmRole::Challenger];
        let near = |canvas: &Canvas<'_>, pos: Pos2| {
            let distance = |arm: ArmRole| {
                let (x, y) = lines[arm.index()]?.operating?;
                Some((canvas.at(x, y).distance(pos), arm))
            };
            let of_movable = arms.into_iter().filter(|arm| movable[arm.index()]).filter_map(distance);
            of_movable.filter(|(far, _)| *far <= REACH).min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, arm)| arm)
        };
        if response.drag_started() {
            self.grabbed = press_origin(canvas.ui()).and_then(|pos| near(canvas, pos));
        }
        let moving = response.dragged() || response.drag_stopped();
        if let (Some(arm), Some(pos), true) = (self.grabbed, response.interact_pointer_pos(), moving) {
            let found = lines[arm.index()].and_then(|line| nearest(canvas, line, pos));
            if let Some((_, threshold)) = found {
                out.push(Command::SetThreshold { arm, value: threshold, dragging: !response.drag_stopped() });
            }
        }
        if response.drag_stopped() {
            self.grabbed = None;
        }
        let Some(pos) = response.hover_pos().filter(|_| self.grabbed.is_none()) else { return };
        if near(canvas, pos).is_some() {
            canvas.ui().ctx().set_cursor_icon(CursorIcon::Grab);
        }
        let of_arm = |arm: ArmRole| {
            let (distance, threshold) = nearest(canvas, lines[arm.index()]?, pos)?;
            Some((distance, Cursor { arm: Some(arm), threshold }))
        };
        let found = arms.into_iter().filter_map(of_arm).min_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((_, cursor)) = found.filter(|(distance, _)| *distance <= 2.0 * REACH) {
            self.point(cursor);
        }
    }
}

fn press_origin(ui: &Ui) -> Option<Pos2> {
    ui.input(|input| input.pointer.press_origin())
}

/// Distance in points to the nearest place of a line, and the threshold there.
fn nearest(canvas: &Canvas<'_>, line: &LineModel, pos: Pos2) -> Option<(f32, f64)> {
    let segment = |pair: &[crate::compare::CurvePoint]| {
        let (a, b) = (canvas.at(pair[0].x, pair[0].y), canvas.at(pair[1].x, pair[1].y));
        let along = b - a;
        let length = along.length_sq();
        let share = if length > 0.0 { ((pos - a).dot(along) / length).clamp(0.0, 1.0) } else { 0.0 };
        let threshold = match (pair[0].threshold, pair[1].threshold) {
            (Some(from), Some(to)) => from + f64::from(share) * (to - from),
            (from, to) => from.or(to)?,
        };
        Some(((a + along * share).distance(pos), threshold))
    };
    line.points.windows(2).filter_map(segment).min_by(|a, b| a.0.total_cmp(&b.0))
}
