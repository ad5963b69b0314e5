//! The row flow: one bar for each step, all on the scale of the first.

use super::{Anchor, Scene};
use crate::log::FlowStep;
use crate::present::format::{MINUS, count};

const WIDTH: f64 = 700.0;
const LINE: f64 = 17.0;
const COUNT: f64 = 230.0;
const BAR: f64 = 190.0;

/// Steps downwards: name, rows, bar, and what was lost with its count.
pub(in crate::report) fn rows(steps: &[FlowStep]) -> String {
    let lines = |step: &FlowStep| step.lost.len().max(1) as f64;
    let height = steps.iter().map(|step| lines(step) * LINE + 7.0).sum::<f64>() + 4.0;
    let mut scene = Scene::new(WIDTH, height);
    let most = steps.iter().map(|step| step.rows).max().unwrap_or(0).max(1) as f64;
    let mut y = 2.0;
    let described: Vec<String> = steps.iter().map(|step| format!("{} {}", step.name, count(step.rows))).collect();
    for (index, step) in steps.iter().enumerate() {
        let last = index + 1 == steps.len();
        let class = if last { "label strong" } else { "label" };
        scene.text(class, [0.0, y + 12.0], Anchor::Start, &step.name);
        scene.text(class, [COUNT - 12.0, y + 12.0], Anchor::End, &count(step.rows));
        scene.rect("bar-rest", COUNT, y + 3.0, BAR, 9.0);
        scene.rect(if last { "bar-ink" } else { "bar" }, COUNT, y + 3.0, BAR * step.rows as f64 / most, 9.0);
        for (line, (cause, rows)) in step.lost.iter().enumerate() {
            let at = y + 12.0 + line as f64 * LINE;
            scene.text("label muted", [COUNT + BAR + 90.0, at], Anchor::End, &format!("{MINUS}{}", count(*rows)));
            scene.text("label muted", [COUNT + BAR + 98.0, at], Anchor::Start, cause);
        }
        y += lines(step) * LINE + 7.0;
    }
    scene.finish("flow", "Row flow", &format!("{}.", described.join(", then ")))
}
