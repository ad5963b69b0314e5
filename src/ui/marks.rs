//! Painted marks. Shapes tell models and outcomes apart without their hue; each mark has a word.

use std::f32::consts::TAU;

use eframe::egui::{
    Color32, CornerRadius, Painter, Pos2, Rect, Response, Role, Sense, Shape, Stroke, Ui, Vec2, WidgetInfo, pos2, vec2,
};

use super::theme::{Tokens, size};
use crate::compare::CheckOutcome;
use crate::log::ArmRole;

/// A mark of the visual language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Disc in the champion's hue.
    Champion,
    /// Diamond in the challenger's hue.
    Challenger,
    /// Triangle in the third arm's hue.
    ThirdArm,
    /// Disc with a tick.
    Pass,
    /// Open circle with a tick: passed with conditions.
    PassWithConditions,
    /// Square with a cross.
    Fail,
    /// Square with an arrow to the left.
    Rollback,
    /// Diamond, left half filled.
    Inconclusive,
    /// Dashed circle with a bar.
    NotEvaluable,
    /// Dashed circle with a cross.
    Invalid,
    /// Small dot before a remark that is no outcome.
    Bullet,
    /// Triangle upwards in the pass hue: better.
    Better,
    /// Triangle downwards in the fail hue: worse.
    Worse,
}

impl Mark {
    /// The word a screen reader says, and that stands beside the mark where there is room.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Champion => "champion",
            Self::Challenger => "challenger",
            Self::ThirdArm => "third arm",
            Self::Pass => "pass",
            Self::PassWithConditions => "pass with conditions",
            Self::Fail => "fail",
            Self::Rollback => "rollback",
            Self::Inconclusive => "inconclusive",
            Self::NotEvaluable => "not evaluable",
            Self::Invalid => "invalid",
            Self::Bullet => "note",
            Self::Better => "better",
            Self::Worse => "worse",
        }
    }

    pub fn color(self, tokens: &Tokens) -> Color32 {
        match self {
            Self::Champion => tokens.champion,
            Self::Challenger => tokens.challenger,
            Self::ThirdArm => tokens.third_arm,
            Self::Pass | Self::PassWithConditions | Self::Better => tokens.pass,
            Self::Fail | Self::Rollback | Self::Worse => tokens.fail,
            Self::Inconclusive => tokens.ink,
            Self::NotEvaluable | Self::Invalid | Self::Bullet => tokens.muted,
        }
    }

    /// Allocate a square of `side` and paint the mark in it, named by its word.
    pub fn show(self, ui: &mut Ui, side: f32) -> Response {
        let (rect, response) = ui.allocate_exact_size(Vec2::splat(side), Sense::hover());
        self.paint(ui.painter(), rect.center(), side, Tokens::of(ui));
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, self.word()));
        response
    }

    /// [`Self::show`] at 14 px.
    pub fn ui(self, ui: &mut Ui) -> Response {
        self.show(ui, size::MARK)
    }

    /// Name the place of a mark that a painter draws, so that it is not only seen. `what` comes first:
    /// `ROC AUC: pass`.
    pub fn name_ui(self, ui: &mut Ui, rect: Rect, what: &str) -> Response {
        let response = ui.interact(rect, ui.scope_id().with(("mark", what)), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, format!("{what}: {}", self.word())));
        response
    }

    /// Paint with the mark's extent `side` around `center`. Strokes inside a filled mark take the pane colour.
    pub fn paint(self, painter: &Painter, center: Pos2, side: f32, tokens: &Tokens) {
        let center = pixel_center(painter, center);
        let color = self.color(tokens);
        let radius = side / 2.0;
        let inner = Stroke::new((side * 0.12).max(1.2), tokens.pane);
        match self {
            Self::Champion => disc(painter, center, side * 0.31, color),
            Self::Challenger => diamond(painter, center, side * 0.38, color),
            Self::ThirdArm => triangle(painter, center, side * 0.38, -1.0, color),
            Self::Better => triangle(painter, center, side * 0.40, -1.0, color),
            Self::Worse => triangle(painter, center, side * 0.40, 1.0, color),
            Self::Bullet => disc(painter, center, side * 0.15, color),
            Self::Pass => {
                disc(painter, center, radius * 0.92, color);
                tick(painter, center, radius, inner);
            }
            Self::PassWithConditions => {
                painter.circle_stroke(center, radius * 0.86, Stroke::new((side * 0.11).max(1.3), color));
                tick(painter, center, radius * 0.92, Stroke::new((side * 0.12).max(1.3), color));
            }
            Self::Fail => {
                square(painter, center, radius * 0.84, color);
                cross(painter, center, radius * 0.38, inner);
            }
            Self::Rollback => {
                square(painter, center, radius * 0.84, color);
                arrow_left(painter, center, radius * 0.5, inner);
            }
            Self::Inconclusive => half_diamond(painter, center, radius * 0.96, color),
            Self::NotEvaluable => {
                dashed_circle(painter, center, radius * 0.84, color);
                let half = vec2(radius * 0.34, 0.0);
                painter.line_segment([center - half, center + half], Stroke::new(1.3, color));
            }
            Self::Invalid => {
                dashed_circle(painter, center, radius * 0.84, color);
                cross(painter, center, radius * 0.34, Stroke::new(1.3, color));
            }
        }
    }

    /// As [`Self::paint`] for points on plots: a halo of the pane colour keeps it off the lines beneath.
    pub fn paint_with_halo(self, painter: &Painter, center: Pos2, side: f32, tokens: &Tokens) {
        match self {
            Self::Challenger => diamond(painter, center, side * 0.38 + 2.0, tokens.pane),
            _ => disc(painter, center, side * 0.31 + 1.5, tokens.pane),
        };
        self.paint(painter, center, side, tokens);
    }
}

impl From<ArmRole> for Mark {
    fn from(role: ArmRole) -> Self {
        match role {
            ArmRole::Champion => Self::Champion,
            ArmRole::Challenger => Self::Challenger,
        }
    }
}

impl From<CheckOutcome> for Mark {
    fn from(outcome: CheckOutcome) -> Self {
        match outcome {
            CheckOutcome::Pass => Self::Pass,
            CheckOutcome::Warn => Self::Inconclusive,
            CheckOutcome::Fail => Self::Fail,
            CheckOutcome::NotEvaluable => Self::NotEvaluable,
        }
    }
}

/// Assay's own mark: a balance with a disc and a diamond.
pub fn logo_ui(ui: &mut Ui, side: f32) -> Response {
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(side), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, "Assay"));
    let tokens = Tokens::of(ui);
    let painter = ui.painter();
    let center = pixel_center(painter, rect.center());
    let unit = side / 18.0;
    let beam = Stroke::new(1.4 * unit, tokens.ink);
    painter.line_segment([center + vec2(0.0, -8.0) * unit, center + vec2(0.0, 7.0) * unit], beam);
    painter.line_segment([center + vec2(-3.5, 7.0) * unit, center + vec2(3.5, 7.0) * unit], beam);
    painter.line_segment([center + vec2(-6.0, -4.5) * unit, center + vec2(6.0, -5.5) * unit], beam);
    disc(painter, center + vec2(-5.5, 0.0) * unit, 3.2 * unit, tokens.champion);
    diamond(painter, center + vec2(5.5, -0.5) * unit, 3.8 * unit, tokens.challenger);
    response
}

fn pixel_center(painter: &Painter, pos: Pos2) -> Pos2 {
    pos2(painter.round_to_pixel_center(pos.x), painter.round_to_pixel_center(pos.y))
}

fn disc(painter: &Painter, center: Pos2, radius: f32, color: Color32) {
    painter.circle_filled(center, radius, color);
}

fn diamond(painter: &Painter, center: Pos2, radius: f32, color: Color32) {
    let corners = [vec2(0.0, -radius), vec2(radius, 0.0), vec2(0.0, radius), vec2(-radius, 0.0)];
    painter.add(Shape::convex_polygon(corners.map(|corner| center + corner).to_vec(), color, Stroke::NONE));
}

/// `direction` −1 points up, +1 down.
fn triangle(painter: &Painter, center: Pos2, radius: f32, direction: f32, color: Color32) {
    let corners = [
        center + vec2(0.0, radius * direction),
        center + vec2(radius, -radius * 0.8 * direction),
        center + vec2(-radius, -radius * 0.8 * direction),
    ];
    painter.add(Shape::convex_polygon(corners.to_vec(), color, Stroke::NONE));
}

fn square(painter: &Painter, center: Pos2, half: f32, color: Color32) {
    let rect = Rect::from_center_size(center, Vec2::splat(2.0 * half));
    painter.rect_filled(rect, CornerRadius::same(2), color);
}

fn tick(painter: &Painter, center: Pos2, radius: f32, stroke: Stroke) {
    let points = [vec2(-0.42, 0.02), vec2(-0.12, 0.32), vec2(0.42, -0.30)].map(|point| center + point * radius);
    painter.line(points.to_vec(), stroke);
}

fn cross(painter: &Painter, center: Pos2, half: f32, stroke: Stroke) {
    painter.line_segment([center - Vec2::splat(half), center + Vec2::splat(half)], stroke);
    painter.line_segment([center + vec2(-half, half), center + vec2(half, -half)], stroke);
}

fn arrow_left(painter: &Painter, center: Pos2, half: f32, stroke: Stroke) {
    let tip = center - vec2(half, 0.0);
    painter.line_segment([tip, center + vec2(half, 0.0)], stroke);
    painter.line_segment([tip, tip + Vec2::splat(half * 0.8)], stroke);
    painter.line_segment([tip, tip + vec2(half * 0.8, -half * 0.8)], stroke);
}

fn half_diamond(painter: &Painter, center: Pos2, radius: f32, color: Color32) {
    let left = [vec2(0.0, -radius), vec2(0.0, radius), vec2(-radius, 0.0)].map(|corner| center + corner);
    painter.add(Shape::convex_polygon(left.to_vec(), color, Stroke::NONE));
    let radius = radius - 0.7;
    let outline = [vec2(0.0, -radius), vec2(radius, 0.0), vec2(0.0, radius), vec2(-radius, 0.0)];
    painter.add(Shape::closed_line(outline.map(|corner| center + corner).to_vec(), Stroke::new(1.3, color)));
}

fn dashed_circle(painter: &Painter, center: Pos2, radius: f32, color: Color32) {
    // Every other pair of a 24-gon's edges.
    let corner = |index: usize| center + radius * Vec2::angled(TAU * index as f32 / 24.0);
    for start in (0..24).step_by(3) {
        painter.line(vec![corner(start), corner(start + 1), corner(start + 2)], Stroke::new(1.2, color));
    }
}
