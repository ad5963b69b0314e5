//! Scores: how both models score, by truth, against each other and over time.

mod histogram;
mod joint;

pub use histogram::histogram_ui;

use eframe::egui::{Align2, Rect, Ui, pos2};

use super::curves::{BAR_HEIGHT, Link, threshold_bar_ui};
use crate::log::ArmRole;
use crate::present::scores::{DriftLine, FlagModel, ScoresModel};
use crate::ui::Outbox;
use crate::ui::layout::{self, Part, at_ui};
use crate::ui::marks::Mark;
use crate::ui::text::Spans;
use crate::ui::theme::Tokens;
use crate::ui::widgets::{Axis, Chart, Tile, segmented_ui, states};
use crate::ui::{fonts, paint};

/// What the Scores view remembers between frames.
#[derive(Clone, Debug, Default)]
pub struct ScoresState {
    pub link: Link,
    /// Rows on a log scale instead of shares; `None`: as fits the data.
    pub log_rows: Option<bool>,
}

/// The view, in all of `ui`.
pub fn scores_ui(ui: &mut Ui, model: &ScoresModel, state: &mut ScoresState, out: &mut Outbox) {
    if let Some(reason) = &model.empty {
        Tile::new("Scores").show(ui, |ui| {
            states::empty_ui(ui, reason, None);
        });
        return;
    }
    state.link.begin();
    let [bar, upper, lower] =
        layout::rows(ui.max_rect(), [Part::Fixed(BAR_HEIGHT + 16.0), Part::Share(1.65), Part::Share(1.0)]);
    let [distributions, joint] = layout::columns(upper, [Part::Share(1.35), Part::Share(1.0)]);
    let [flags, drift] = layout::columns(lower, [Part::Share(1.35), Part::Share(1.0)]);
    Tile::untitled("Thresholds").show_at(ui, bar, |ui| threshold_bar_ui(ui, &model.threshold, out));
    Tile::new("Scores by truth").show_at(ui, distributions, |ui| match &model.histogram {
        Some(histogram) => {
            let body = ui.max_rect();
            let switch =
                Rect::from_min_max(pos2(body.right() - 168.0, body.top() - 26.0), pos2(body.right(), body.top()));
            let log = state.log_rows.unwrap_or(histogram.crowded);
            ui.set_clip_rect(ui.clip_rect().union(switch));
            let options = [(false, "Shares"), (true, "Rows, log scale")];
            if let Some(log) = at_ui(ui, "height", switch, |ui| segmented_ui(ui, "Bar height", &options, log)) {
                state.log_rows = Some(log);
            }
            histogram_ui(ui, histogram, log, &mut state.link, out);
        }
        None => drop(states::empty_ui(ui, &model.no_histogram, None)),
    });
    let shade = model.joint.as_ref().map_or(String::new(), |joint| {
        format!("rows per cell, log shade, darkest {}", crate::present::format::count(joint.most))
    });
    let shade = if Tokens::of(ui).dark { shade.replace("darkest", "lightest") } else { shade };
    Tile::new("Score against score").qualifier(&shade).show_at(ui, joint, |ui| match &model.joint {
        Some(joint) => joint::joint_ui(ui, joint),
        None => drop(states::empty_ui(ui, &model.no_joint, None)),
    });
    let per = model.flags.as_ref().map_or("", |flags| &flags.qualifier);
    Tile::new("Flag rate").qualifier(per).show_at(ui, flags, |ui| match &model.flags {
        Some(flags) => flags_ui(ui, flags),
        None => drop(states::empty_ui(ui, &model.no_flags, None)),
    });
    Tile::new("Drift").qualifier("challenger's scores against the champion's, all analysed rows").show_at(
        ui,
        drift,
        |ui| match model.drift.as_slice() {
            [] => drop(states::empty_ui(ui, &model.no_joint, None)),
            lines => drift_ui(ui, lines),
        },
    );
    state.link.end(ui.ctx());
}

fn drift_ui(ui: &mut Ui, lines: &[DriftLine]) {
    let tokens = Tokens::of(ui);
    ui.spacing_mut().item_spacing.y = 1.0;
    for line in lines {
        Spans::body(tokens).text(line.name).text("  ").strong(&line.value).line_ui(ui);
        Spans::small(tokens).muted(&line.meaning).ui(ui);
        ui.add_space(7.0);
    }
}

fn flags_ui(ui: &mut Ui, model: &FlagModel) {
    let x = Axis::new(model.range.0, model.range.1, "time, UTC", model.ticks.clone()).without_grid();
    let y = Axis::new(0.0, model.top, "flagged", model.levels.clone());
    // The lines cross all over the plot, so their names stand at its right, where the lines end.
    let arms = [ArmRole::Champion, ArmRole::Challenger];
    let font = fonts::medium(fonts::SMALL);
    let width = |arm: ArmRole| paint::text_width(ui.painter(), Mark::from(arm).word(), font.clone());
    let gutter = arms.map(width).into_iter().fold(0.0, f32::max) + 4.0;
    let mut rect = ui.available_rect_before_wrap();
    rect.max.x -= gutter;
    Chart::new("Flag rate over time", &x, &y).show_at(ui, rect, |canvas| {
        let tokens = canvas.tokens;
        for (arm, line) in arms.into_iter().zip(&model.lines) {
            canvas.line(line.iter().copied(), tokens.arm(arm));
        }
        let ends = [0, 1].map(|arm: usize| model.lines[arm].last().map(|(x, y)| canvas.at(*x, *y).y));
        let left = canvas.rect.right() + 6.0;
        for (arm, y) in arms.into_iter().zip(apart(ends, 14.0)) {
            let Some(y) = y else { continue };
            let text = Mark::from(arm).word();
            canvas.ui().painter().text(pos2(left, y), Align2::LEFT_CENTER, text, font.clone(), tokens.arm(arm));
        }
    });
}

/// Two heights moved apart to at least `least`, around their middle; where they are equal the second goes up.
fn apart(ends: [Option<f32>; 2], least: f32) -> [Option<f32>; 2] {
    let [Some(first), Some(second)] = ends else { return ends };
    if (first - second).abs() >= least {
        return ends;
    }
    let middle = (first + second) / 2.0;
    let half = if second > first { least / 2.0 } else { -least / 2.0 };
    [Some(middle - half), Some(middle + half)]
}

#[cfg(test)]
mod tests;
