//! Painting by data values.

use eframe::egui::epaint::Mesh;
use eframe::egui::{Align2, Color32, CornerRadius, Painter, Pos2, Rect, Response, Shape, Stroke, Ui, pos2, vec2};

use super::axis::Axis;
use crate::ui::marks::Mark;
use crate::ui::text::Spans;
use crate::ui::theme::Tokens;
use crate::ui::{fonts, paint};

/// The inside of a chart. What leaves the bounds is clipped.
pub struct Canvas<'a> {
    ui: &'a mut Ui,
    /// The plot without its labels.
    pub rect: Rect,
    x: &'a Axis,
    y: &'a Axis,
    pub tokens: &'static Tokens,
    response: Response,
    painter: Painter,
}

impl<'a> Canvas<'a> {
    pub(super) fn new(
        ui: &'a mut Ui,
        rect: Rect,
        x: &'a Axis,
        y: &'a Axis,
        tokens: &'static Tokens,
        response: Response,
    ) -> Self {
        let painter = ui.painter().with_clip_rect(ui.clip_rect().intersect(rect.expand(1.5)));
        Self { ui, rect, x, y, tokens, response, painter }
    }

    /// Place of a data point.
    pub fn at(&self, x: f64, y: f64) -> Pos2 {
        pos2(
            self.rect.left() + self.x.share(x) as f32 * self.rect.width(),
            self.rect.bottom() - self.y.share(y) as f32 * self.rect.height(),
        )
    }

    /// Data values under the pointer, while it is over the chart.
    pub fn hover(&self) -> Option<(f64, f64)> {
        let pos = self.response.hover_pos()?;
        let x = f64::from((pos.x - self.rect.left()) / self.rect.width());
        let y = f64::from((self.rect.bottom() - pos.y) / self.rect.height());
        Some((self.x.value(x), self.y.value(y)))
    }

    /// Clicks and drags, where the chart was told to sense them.
    pub fn response(&self) -> &Response {
        &self.response
    }

    /// For an inset: `Chart::new(…).show_at(canvas.ui(), rect, …)`.
    pub fn ui(&mut self) -> &mut Ui {
        self.ui
    }

    /// Clipped painter for what has no method here.
    pub fn painter(&self) -> &Painter {
        &self.painter
    }

    /// A curve, 1.7 px.
    pub fn line(&self, points: impl IntoIterator<Item = (f64, f64)>, color: Color32) {
        let points = self.path(points);
        self.painter.add(Shape::line(points, Stroke::new(1.7, color)));
    }

    /// A curve of the third arm, or a model: dash 6 3.
    pub fn dashed_curve(&self, points: impl IntoIterator<Item = (f64, f64)>, color: Color32) {
        let points = self.path(points);
        self.painter.extend(Shape::dashed_line(&points, Stroke::new(1.7, color), 6.0, 3.0));
    }

    /// Reference line between two data points (chance, identity): dashed, faint.
    pub fn reference(&self, from: (f64, f64), to: (f64, f64)) {
        let ends = [self.at(from.0, from.1), self.at(to.0, to.1)];
        self.painter.extend(Shape::dashed_line(&ends, Stroke::new(1.0, self.tokens.faint), 3.0, 4.0));
    }

    /// Horizontal reference with its name above it, at share `place` of the width.
    pub fn reference_y(&self, y: f64, name: &str, place: f32) {
        self.reference((self.x.lo, y), (self.x.hi, y));
        let pos = pos2(self.rect.left() + place * self.rect.width(), self.at(self.x.lo, y).y - 2.0);
        self.painter.text(pos, Align2::CENTER_BOTTOM, name, fonts::small(), self.tokens.muted);
    }

    /// Vertical line over the whole height, 1.5 px: thresholds.
    pub fn vertical(&self, x: f64, color: Color32) {
        let x = self.painter.round_to_pixel_center(self.at(x, self.y.lo).x);
        self.painter.vline(x, self.rect.y_range(), Stroke::new(1.5, color));
    }

    /// Vertical dashed line over the whole height: stage borders, matched operating points.
    pub fn vertical_dashed(&self, x: f64, color: Color32) {
        let x = self.at(x, self.y.lo).x;
        paint::dashed(&self.painter, [pos2(x, self.rect.top()), pos2(x, self.rect.bottom())], color, 1.0, 2.0, 3.0);
    }

    /// Confidence band: (x, lower, upper), filled at 20 %, without edge.
    pub fn band(&self, points: impl IntoIterator<Item = (f64, f64, f64)>, color: Color32) {
        let fill = Tokens::faded(color, 0.2);
        let ends = points.into_iter().map(|(x, lo, hi)| [self.at(x, lo), self.at(x, hi)]);
        self.strip(ends, fill);
    }

    /// Histogram outline with shared edges: 1.5 px steps, filled at 16 %. `edges` has one entry more.
    pub fn steps(&self, edges: &[f64], heights: &[f64], color: Color32) {
        let base = self.y.lo;
        let bins: Vec<_> = heights.iter().zip(edges.windows(2)).collect();
        let mut outline = Vec::with_capacity(2 * bins.len() + 2);
        if let Some(first) = edges.first() {
            outline.push(self.at(*first, base));
        }
        for (height, ends) in &bins {
            outline.extend([self.at(ends[0], **height), self.at(ends[1], **height)]);
        }
        if let Some(last) = edges.last() {
            outline.push(self.at(*last, base));
        }
        let fill = Tokens::faded(color, 0.16);
        let floor = self.at(self.x.lo, base).y;
        self.strip(outline.iter().map(|point| [pos2(point.x, floor), *point]), fill);
        self.painter.add(Shape::line(outline, Stroke::new(1.5, color)));
    }

    /// Bars of one series, one point apart.
    pub fn bars(&self, bars: impl IntoIterator<Item = (f64, f64, f64)>, color: Color32) {
        for (from, to, height) in bars {
            let (low, high) = (self.at(from, self.y.lo), self.at(to, height));
            let rect = Rect::from_min_max(
                pos2(low.x.round(), high.y.round()),
                pos2((high.x - 1.0).round().max(low.x.round() + 1.0), low.y),
            );
            self.painter.rect_filled(rect, CornerRadius::ZERO, color);
        }
    }

    /// A vertical interval with caps, for points of a calibration plot.
    pub fn error_bar(&self, x: f64, lo: f64, hi: f64, color: Color32) {
        let (top, bottom) = (self.at(x, hi), self.at(x, lo));
        self.painter.line_segment([top, bottom], Stroke::new(1.2, color));
        for end in [top, bottom] {
            self.painter.line_segment([end - vec2(3.0, 0.0), end + vec2(3.0, 0.0)], Stroke::new(1.2, color));
        }
    }

    /// Small mark of an arm on its own curve.
    pub fn mark(&self, x: f64, y: f64, mark: Mark) {
        mark.paint(&self.painter, self.at(x, y), 10.0, self.tokens);
    }

    /// Operating point: mark of radius 5 with a halo of the pane colour.
    pub fn operating_point(&self, x: f64, y: f64, mark: Mark) {
        let painter = self.painter.with_clip_rect(self.ui.clip_rect());
        mark.paint_with_halo(&painter, self.at(x, y), 16.0, self.tokens);
    }

    /// Text beside a data point: the name of a line in its hue. `offset` is in points from the data point.
    pub fn name(&self, x: f64, y: f64, offset: [f32; 2], align: Align2, text: &str, color: Color32) {
        let painter = self.painter.with_clip_rect(self.ui.clip_rect());
        painter.text(self.at(x, y) + vec2(offset[0], offset[1]), align, text, fonts::medium(fonts::SMALL), color);
    }

    /// Muted remark at a data point.
    pub fn remark(&self, x: f64, y: f64, offset: [f32; 2], align: Align2, text: &str) {
        let pos = self.at(x, y) + vec2(offset[0], offset[1]);
        self.painter.text(pos, align, text, fonts::small(), self.tokens.muted);
    }

    /// Values that belong to the plot, line by line, at a corner where no data can be.
    pub fn corner(&self, align: Align2, lines: impl IntoIterator<Item = Spans>) {
        self.corner_text(align, lines, false);
    }

    /// As [`Self::corner`], where data may be: the text covers what lies beneath.
    pub fn corner_on_ground(&self, align: Align2, lines: impl IntoIterator<Item = Spans>) {
        self.corner_text(align, lines, true);
    }

    fn corner_text(&self, align: Align2, lines: impl IntoIterator<Item = Spans>, ground: bool) {
        let area = self.rect.shrink2(vec2(8.0, 6.0));
        let galleys: Vec<_> = lines.into_iter().map(|spans| self.painter.layout_job(spans.job())).collect();
        let height: f32 = galleys.iter().map(|galley| galley.size().y + 2.0).sum();
        let mut top = align.align_size_within_rect(vec2(0.0, height), area).top();
        for galley in galleys {
            let line = align.align_size_within_rect(galley.size(), area);
            let place = paint::snap_pos(&self.painter, pos2(line.left(), top));
            top += galley.size().y + 2.0;
            if ground {
                let under = Rect::from_min_size(place, galley.size()).expand2(vec2(4.0, 1.0));
                self.painter.rect_filled(under, CornerRadius::same(2), self.tokens.pane);
            }
            self.painter.galley(place, galley, self.tokens.text);
        }
    }

    /// Hairline at the pointer's x; the view adds its read-out.
    pub fn crosshair_x(&self, x: f64) {
        let x = self.at(x, self.y.lo).x;
        paint::vline(&self.painter, x, self.rect.top(), self.rect.bottom(), self.tokens.line_strong);
    }

    fn path(&self, points: impl IntoIterator<Item = (f64, f64)>) -> Vec<Pos2> {
        let finite = points.into_iter().filter(|(x, y)| x.is_finite() && y.is_finite());
        finite.map(|(x, y)| self.at(x, y)).collect()
    }

    /// Fill between pairs of points.
    fn strip(&self, pairs: impl IntoIterator<Item = [Pos2; 2]>, fill: Color32) {
        let mut mesh = Mesh::default();
        for (index, pair) in pairs.into_iter().filter(|pair| pair.iter().all(|point| point.is_finite())).enumerate() {
            mesh.colored_vertex(pair[0], fill);
            mesh.colored_vertex(pair[1], fill);
            if index > 0 {
                let base = 2 * (index as u32 - 1);
                mesh.add_triangle(base, base + 1, base + 2);
                mesh.add_triangle(base + 1, base + 2, base + 3);
            }
        }
        self.painter.add(mesh);
    }
}
