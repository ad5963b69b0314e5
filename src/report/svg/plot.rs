//! The frame of a plot: two scales, ticks, titles, and names beside lines.

use super::{Anchor, Scene};

pub(super) const WIDTH: f64 = 360.0;
const LEFT: f64 = 54.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 24.0;
const BOTTOM: f64 = 40.0;
/// Width of a letter of a name, on average.
const LETTER: f64 = 6.7;

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

    /// Names of lines at heights of the frame, flush left and ending about `right` (both as shares of the frame), each
    /// joined to a point of its line by a hairline.
    pub fn names(&mut self, right: f64, names: &[Name<'_>]) {
        let (width, height) = (WIDTH - LEFT - RIGHT, self.height - TOP - BOTTOM);
        let longest = names.iter().map(|name| name.text.chars().count()).max().unwrap_or(0) as f64;
        let x = (LEFT + right * width - longest * LETTER).max(LEFT + 8.0);
        for name in names {
            let y = self.height - BOTTOM - name.height * height;
            if let Some(point) = name.point {
                let to = self.place(point);
                let from =
                    if to[0] < x { [x - 3.0, y - 4.0] } else { [to[0], if to[1] < y { y - 12.0 } else { y + 4.0 }] };
                self.scene.line(&format!("lead a{}", name.arm), from, to);
            }
            self.scene.text(&format!("name a{}-text", name.arm), [x, y], Anchor::Start, name.text);
        }
    }
}

/// A name beside a line.
pub(super) struct Name<'a> {
    pub arm: usize,
    pub text: &'a str,
    /// Where the name stands, as a share of the frame's height.
    pub height: f64,
    /// The point of the line it belongs to.
    pub point: Option<[f64; 2]>,
}

/// The scale from 0 to 1.
pub(super) fn unit_scale(title: &str) -> Scale {
    let ticks = ["0", "0.2", "0.4", "0.6", "0.8", "1"];
    let ticks = ticks.iter().enumerate().map(|(index, text)| (index as f64 / 5.0, (*text).to_owned())).collect();
    Scale { lo: 0.0, hi: 1.0, ticks, title: title.to_owned() }
}
