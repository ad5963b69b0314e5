//! Forest plots: the interval of a difference against what it must stay clear of. Right is better.

use eframe::egui::{
    Color32, CornerRadius, Painter, Pos2, Rect, Response, Role, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2,
};

use super::cell::Cell;
use crate::ui::theme::Tokens;
use crate::ui::{fonts, paint};

/// The forbidden region, in the units of the axis.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Shade {
    #[default]
    None,
    /// Everything below: superiority and non-inferiority.
    Below(f64),
    /// Everything above: an upper bound, the leakage alarm.
    Above(f64),
    /// Everything but the range: equivalence.
    Outside(f64, f64),
}

/// What the rows of one forest plot share. Values are already oriented: right is better.
#[derive(Clone, Debug, PartialEq)]
pub struct ForestAxis {
    pub lo: f64,
    pub hi: f64,
    /// Value and label, e.g. `(-1.0, "−1")`.
    pub ticks: Vec<(f64, String)>,
    /// Stands after `better,`, e.g. `in multiples of the gate's margin`; may be empty.
    pub unit: String,
}

/// One row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ForestRow {
    /// Estimate, oriented; `None` draws the dashed line of what cannot be evaluated.
    pub estimate: Option<f64>,
    /// Ends of the interval; `None` draws the estimate alone.
    pub interval: Option<(f64, f64)>,
    pub shade: Shade,
    /// Not gated: drawn in body colour instead of ink, with a smaller dot.
    pub quiet: bool,
}

impl ForestAxis {
    /// Axis of gated metrics: multiples of the gate's margin, −2 to +5.
    pub fn margins() -> Self {
        let ticks = (-2..=5).map(|tick| (f64::from(tick), signed(tick))).collect();
        Self { lo: -2.0, hi: 5.0, ticks, unit: "in multiples of the gate's margin".to_owned() }
    }

    /// Place of `value`, within `rect`'s width and not clamped.
    pub fn x(&self, rect: Rect, value: f64) -> f32 {
        rect.left() + ((value - self.lo) / (self.hi - self.lo)) as f32 * rect.width()
    }

    fn clamped(&self, rect: Rect, value: f64) -> f32 {
        self.x(rect, value.clamp(self.lo, self.hi))
    }

    /// `worse | better, unit` over the tick labels; for a header cell of some 34 px.
    pub fn paint_header(&self, painter: &Painter, rect: Rect, tokens: &Tokens) {
        let zero = self.clamped(rect, 0.0);
        let small = fonts::regular(10.0);
        let line =
            Rect::from_min_max(pos2(rect.left(), rect.bottom() - 29.0), pos2(rect.right(), rect.bottom() - 16.0));
        let right = Rect::from_min_max(pos2(zero + 6.0, line.top()), line.max);
        let left = Rect::from_min_max(line.min, pos2(zero - 6.0, line.bottom()));
        let long = format!("better, {}", self.unit);
        let fits = !self.unit.is_empty() && paint::text_width(painter, &long, small.clone()) <= right.width();
        let better = if fits { &long } else { "better" };
        if left.width() > paint::text_width(painter, "worse", small.clone()) {
            paint::text_right(painter, left, "worse", small.clone(), tokens.muted);
        }
        paint::text_left(painter, right, better, small, tokens.muted);
        let mut free = f32::NEG_INFINITY;
        for (value, label) in &self.ticks {
            let x = self.x(rect, *value);
            let width = paint::text_width(painter, label, fonts::small());
            if x - width / 2.0 < free {
                continue;
            }
            let place = Rect::from_center_size(pos2(x, rect.bottom() - 8.0), vec2(width, 14.0));
            paint::text_center(painter, place, label, fonts::small(), tokens.muted);
            free = place.right() + 4.0;
        }
    }

    /// Shade, zero line and interval of one row in `rect` (the full height of the row).
    pub fn paint_row(&self, painter: &Painter, rect: Rect, row: &ForestRow, tokens: &Tokens, ground: Color32) {
        let painter = painter.with_clip_rect(painter.clip_rect().intersect(rect.expand2(vec2(8.0, 0.0))));
        self.paint_shade(&painter, rect, row.shade, tokens);
        paint::vline(&painter, self.clamped(rect, 0.0), rect.top(), rect.bottom(), tokens.line_strong);
        let y = painter.round_to_pixel_center(rect.center().y);
        let Some(estimate) = row.estimate else {
            paint::dashed(&painter, [pos2(rect.left(), y), pos2(rect.right(), y)], tokens.faint, 1.0, 3.0, 3.0);
            return;
        };
        let color = if row.quiet { tokens.text } else { tokens.ink };
        if let Some((lo, hi)) = row.interval {
            self.paint_interval(&painter, rect, y, (lo, hi), color, ground);
        }
        if (self.lo..=self.hi).contains(&estimate) {
            let center = pos2(self.x(rect, estimate), y);
            let radius = if row.quiet { 3.0 } else { 4.0 };
            painter.circle_filled(center, radius + 1.0, ground);
            painter.circle_filled(center, radius, color);
        }
    }

    fn paint_shade(&self, painter: &Painter, rect: Rect, shade: Shade, tokens: &Tokens) {
        let below = |edge: f64| (rect.left(), self.clamped(rect, edge), edge);
        let above = |edge: f64| (self.clamped(rect, edge), rect.right(), edge);
        let parts = match shade {
            Shade::None => [None, None],
            Shade::Below(edge) => [Some(below(edge)), None],
            Shade::Above(edge) => [None, Some(above(edge))],
            Shade::Outside(low, high) => [Some(below(low)), Some(above(high))],
        };
        for (left, right, edge) in parts.into_iter().flatten() {
            if right > left {
                let area = Rect::from_min_max(pos2(left, rect.top()), pos2(right, rect.bottom()));
                painter.rect_filled(area, CornerRadius::ZERO, tokens.raised);
            }
            if (self.lo..=self.hi).contains(&edge) {
                let x = self.x(rect, edge);
                paint::dashed(
                    painter,
                    [pos2(x, rect.top()), pos2(x, rect.bottom())],
                    tokens.line_strong,
                    1.0,
                    2.0,
                    2.0,
                );
            }
        }
    }

    fn paint_interval(&self, painter: &Painter, rect: Rect, y: f32, ends: (f64, f64), color: Color32, ground: Color32) {
        let (lo, hi) = ends;
        let cap = Stroke::new(1.2, color);
        if hi < self.lo || lo > self.hi {
            // Wholly outside: an arrow at the edge says on which side.
            let (tip, direction) = if hi < self.lo { (rect.left(), 1.0) } else { (rect.right(), -1.0) };
            painter.line_segment([pos2(tip, y), pos2(tip + 16.0 * direction, y)], Stroke::new(2.0, color));
            arrow_head(painter, pos2(tip, y), direction, color);
            return;
        }
        let (left, right) = (self.clamped(rect, lo), self.clamped(rect, hi));
        let halo = Stroke::new(4.0, ground.gamma_multiply(0.6));
        painter.line_segment([pos2(left, y), pos2(right, y)], halo);
        painter.line_segment([pos2(left, y), pos2(right, y)], Stroke::new(2.0, color));
        for (value, x, direction) in [(lo, left, 1.0), (hi, right, -1.0)] {
            if (self.lo..=self.hi).contains(&value) {
                let x = painter.round_to_pixel_center(x);
                painter.line_segment([pos2(x, y - 4.0), pos2(x, y + 4.0)], cap);
            } else {
                arrow_head(painter, pos2(x, y), direction, color);
            }
        }
    }
}

impl ForestRow {
    /// Words of the row for a screen reader.
    fn spoken(&self) -> &'static str {
        match (self.estimate, self.interval, self.shade) {
            (None, ..) => "no interval",
            (_, None, _) => "estimate without interval",
            (_, Some(_), Shade::None) => "interval",
            (_, Some((lo, hi)), shade) => {
                let (clear, inside) = match shade {
                    Shade::None => (true, false),
                    Shade::Below(edge) => (lo > edge, hi < edge),
                    Shade::Above(edge) => (hi < edge, lo > edge),
                    Shade::Outside(low, high) => (lo > low && hi < high, hi < low || lo > high),
                };
                match (clear, inside) {
                    (true, _) => "interval clear of the shade",
                    (_, true) => "interval inside the shade",
                    _ => "interval across the edge of the shade",
                }
            }
        }
    }
}

/// Paint a forest row in a table cell.
pub fn cell(cell: &mut Cell<'_>, axis: &ForestAxis, row: &ForestRow) {
    let (rect, ground) = (cell.full_rect(), cell.ground());
    let rect = Rect::from_min_max(pos2(rect.left() + 8.0, rect.top()), pos2(rect.right() - 8.0, rect.bottom() - 1.0));
    axis.paint_row(cell.painter(), rect, row, cell.tokens, ground);
    cell.say(row.spoken());
}

/// Paint the axis in the header cell of a forest column.
pub fn header(cell: &mut Cell<'_>, axis: &ForestAxis) {
    let rect = cell.full_rect();
    let rect = Rect::from_min_max(pos2(rect.left() + 8.0, rect.top()), pos2(rect.right() - 8.0, rect.bottom()));
    axis.paint_header(cell.painter(), rect, cell.tokens);
    cell.say("worse to the left, better to the right");
}

/// A forest row outside a table, with its own name.
pub fn row_ui(ui: &mut Ui, rect: Rect, axis: &ForestAxis, row: &ForestRow, name: &str) -> Response {
    let tokens = Tokens::of(ui);
    axis.paint_row(ui.painter(), rect, row, tokens, tokens.pane);
    let response = ui.interact(rect, ui.scope_id().with(("forest", name)), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, format!("{name}: {}", row.spoken())));
    response
}

/// Arrow head with its tip at `tip`; `direction` +1 points left, −1 points right.
fn arrow_head(painter: &Painter, tip: Pos2, direction: f32, color: Color32) {
    let points = [tip, tip + vec2(8.0 * direction, -4.0), tip + vec2(8.0 * direction, 4.0)];
    painter.add(Shape::convex_polygon(points.to_vec(), color, Stroke::NONE));
}

fn signed(value: i32) -> String {
    match value {
        0 => "0".to_owned(),
        value if value > 0 => format!("+{value}"),
        value => format!("\u{2212}{}", -value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shade_is_told_in_words() {
        let row = |lo, hi, shade| ForestRow {
            estimate: Some((lo + hi) / 2.0),
            interval: Some((lo, hi)),
            shade,
            quiet: false,
        };
        assert_eq!(row(1.0, 2.0, Shade::Below(0.5)).spoken(), "interval clear of the shade");
        assert_eq!(row(1.0, 2.0, Shade::Below(3.0)).spoken(), "interval inside the shade");
        assert_eq!(row(1.0, 2.0, Shade::Outside(-1.0, 1.5)).spoken(), "interval across the edge of the shade");
        assert_eq!(ForestRow::default().spoken(), "no interval");
    }
}
