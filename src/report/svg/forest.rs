//! Forest plots of gates: one row each, all on one axis in multiples of the margin, better to the right.

use super::{Anchor, Scene};
use crate::decision::GatePlot;
use crate::present::format::plain;

const WIDTH: f64 = 190.0;
const ROW: f64 = 24.0;
const PAD: f64 = 7.0;
/// Intervals beyond this many margins are cut and end in an arrow.
const FARTHEST: f64 = 6.0;

/// The axis all rows share.
#[derive(Clone, Copy, Debug)]
pub(in crate::report) struct Axis {
    lo: f64,
    hi: f64,
}

impl Axis {
    /// Wide enough for every plot, one and a half margins on each side at least.
    pub fn of(plots: impl Iterator<Item = GatePlot>) -> Self {
        let (lo, hi) = plots.fold((-1.5_f64, 1.5_f64), |(lo, hi), plot| (lo.min(plot.lo), hi.max(plot.hi)));
        Self { lo: lo.max(-FARTHEST) - 0.3, hi: hi.min(FARTHEST) + 0.3 }
    }

    fn x(self, value: f64) -> f64 {
        PAD + (value.clamp(self.lo, self.hi) - self.lo) / (self.hi - self.lo) * (WIDTH - 2.0 * PAD)
    }

    /// One row; `None` draws the dashed line of what is not evaluable.
    pub fn row(self, plot: Option<GatePlot>, key: &str, title: &str, description: &str) -> String {
        let mut scene = Scene::new(WIDTH, ROW);
        let middle = ROW / 2.0;
        let Some(plot) = plot else {
            scene.line("edge", [PAD, middle], [WIDTH - PAD, middle]);
            return scene.finish(key, title, description);
        };
        if let Some(below) = plot.shade_below {
            scene.rect("shade", PAD, 0.0, self.x(below) - PAD, ROW);
            scene.line("edge", [self.x(below), 0.0], [self.x(below), ROW]);
        }
        if let Some(above) = plot.shade_above {
            scene.rect("shade", self.x(above), 0.0, WIDTH - PAD - self.x(above), ROW);
            scene.line("edge", [self.x(above), 0.0], [self.x(above), ROW]);
        }
        scene.line("zero", [self.x(0.0), 0.0], [self.x(0.0), ROW]);
        let (lo, hi) = (self.x(plot.lo), self.x(plot.hi));
        scene.line("interval", [lo, middle], [hi, middle]);
        for (value, x, inward) in [(plot.lo, lo, 5.0), (plot.hi, hi, -5.0)] {
            if value < self.lo || value > self.hi {
                scene.polygon("dot", [[x, middle], [x + inward, middle - 4.0], [x + inward, middle + 4.0]]);
            } else {
                scene.line("cap", [x, middle - 4.0], [x, middle + 4.0]);
            }
        }
        if (self.lo..=self.hi).contains(&plot.value) {
            scene.circle("dot-halo", [self.x(plot.value), middle], 4.0);
        }
        scene.finish(key, title, description)
    }

    /// The axis under the last row.
    pub fn scale(self) -> String {
        let mut scene = Scene::new(WIDTH, 20.0);
        scene.line("axis", [PAD, 0.5], [WIDTH - PAD, 0.5]);
        let step = if self.hi - self.lo > 7.0 { 2 } else { 1 };
        for tick in (-FARTHEST as i32..=FARTHEST as i32).filter(|tick| tick % step == 0) {
            let value = f64::from(tick);
            if (self.lo..=self.hi).contains(&value) {
                scene.line("axis", [self.x(value), 0.5], [self.x(value), 4.0]);
                scene.text("tick", [self.x(value), 15.0], Anchor::Middle, &plain(value));
            }
        }
        scene.decoration("scale")
    }
}
