//! The frame of a plot: two scales, ticks, titles, and names beside lines.

use super::{Anchor, Scene};

pub(super) const WIDTH: f64 = 360.0;
const LEFT: f64 = 46.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 24.0;
const BOTTOM: f64 = 40.0;
/// Width of a letter of a name, on average.
const LETTER: f64 = 6.6;

/// A scale of one axis, in plotted units (a logit axis plots logits).
#[derive(Clone, Debug)]
pub(super) struct Scale {
    pub lo: f64,
    pub hi: f64,
    /// Place and text.
    pub ticks: Vec<(f64, String)>,
    pub title: String,
}

/// A plot under construction.
pub(super) struct Plot {
    pub scene: Scene,
    x: Scale,
    y: Scale,
    height: f64,
}

impl Plot {
    pub fn new(x: Scale, y: Scale, height: f64) -> Self {
        let mut plot = Self { scene: Scene::new(WIDTH, height), x, y, height };
        for (value, text) in plot.y.ticks.clone() {
            let at = plot.place([plot.x.lo, value]);
            plot.scene.line("grid", [LEFT, at[1]], [WIDTH - RIGHT, at[1]]);
            plot.scene.text("tick", [LEFT - 6.0, at[1] + 3.5], Anchor::End, &text);
        }
        let base = height - BOTTOM;
        plot.scene.line("axis", [LEFT, base], [WIDTH - RIGHT, base]);
        for (value, text) in plot.x.ticks.clone() {
            let at = plot.place([value, plot.y.lo]);
            plot.scene.line("axis", [at[0], base], [at[0], base + 4.0]);
            plot.scene.text("tick", [at[0], base + 15.0], Anchor::Middle, &text);
        }
        plot.scene.text("axis-title", [0.0, 11.0], Anchor::Start, &plot.y.title.clone());
        plot.scene.text("axis-title", [WIDTH - RIGHT, height - 6.0], Anchor::End, &plot.x.title.clone());
        plot
    }

    /// Page place of a value; values outside the scales lie on the frame.
    pub fn place(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let along = |scale: &Scale, value: f64| (value.clamp(scale.lo, scale.hi) - scale.lo) / (scale.hi - scale.lo);
        [
            LEFT + along(&self.x, x) * (WIDTH - LEFT - RIGHT),
            self.height - BOTTOM - along(&self.y, y) * (self.height - TOP - BOTTOM),
        ]
    }

    pub fn line(&mut self, class: &str, from: [f64; 2], to: [f64; 2]) {
        let (from, to) = (self.place(from), self.place(to));
        self.scene.line(class, from, to);
    }

    pub fn polyline(&mut self, class: &str, points: &[[f64; 2]]) {
        let places: Vec<[f64; 2]> = points.iter().map(|point| self.place(*point)).collect();
        self.scene.polyline(class, places);
    }

    pub fn polygon(&mut self, class: &str, points: &[[f64; 2]]) {
        let places: Vec<[f64; 2]> = points.iter().map(|point| self.place(*point)).collect();
        self.scene.polygon(class, places);
    }

    /// A line's name, ending at a share of the frame, joined to a point of the line by a hairline.
    pub fn name(&mut self, arm: usize, text: &str, end: [f64; 2], point: Option<[f64; 2]>) {
        let [x, y] =
            [LEFT + end[0] * (WIDTH - LEFT - RIGHT), self.height - BOTTOM - end[1] * (self.height - TOP - BOTTOM)];
        if let Some(point) = point {
            // Text is not measured here: a letter is a little more than half its size wide.
            let left = x - text.chars().count() as f64 * LETTER - 4.0;
            let to = self.place(point);
            let from = if to[0] < left {
                [left, y - 4.0]
            } else {
                [to[0].min(x - 8.0), if to[1] < y { y - 12.0 } else { y + 4.0 }]
            };
            self.scene.line(&format!("lead a{arm}"), from, to);
        }
        self.scene.text(&format!("name a{arm}-text"), [x, y], Anchor::End, text);
    }
}

/// The scale from 0 to 1.
pub(super) fn unit_scale(title: &str) -> Scale {
    let ticks = ["0", "0.2", "0.4", "0.6", "0.8", "1"];
    let ticks = ticks.iter().enumerate().map(|(index, text)| (index as f64 / 5.0, (*text).to_owned())).collect();
    Scale { lo: 0.0, hi: 1.0, ticks, title: title.to_owned() }
}
