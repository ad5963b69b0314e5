//! Charts of the errors.

use eframe::egui::{Align2, Ui};

use crate::log::ArmRole;
use crate::present::errors::{ErrorHistogram, ErrorLines};
use crate::present::format;
use crate::present::scores::round_top;
use crate::ui::layout::{self, Part};
use crate::ui::marks::Mark;
use crate::ui::text::Spans;
use crate::ui::widgets::{Axis, Canvas, Chart};

const ARMS: [ArmRole; 2] = [ArmRole::Champion, ArmRole::Challenger];

fn label(value: f64) -> String {
    format::plain(format::round_significant(value, 4))
}

/// Names of the arms in their hues, in one line at a corner.
fn names(canvas: &Canvas<'_>, align: Align2, arms: usize) {
    let tokens = canvas.tokens;
    let mut spans = Spans::small(tokens);
    for arm in ARMS.into_iter().take(arms) {
        spans = spans.hue(Mark::from(arm).word(), tokens.arm(arm)).text("  ");
    }
    canvas.corner_on_ground(align, [spans]);
}

pub(super) fn histogram_ui(ui: &mut Ui, model: &ErrorHistogram) {
    let (Some(&lo), Some(&hi)) = (model.edges.first(), model.edges.last()) else { return };
    let x = Axis::linear(lo, hi, "prediction − truth; ends hold what lies beyond", label);
    // Half a row is the floor, so that a single row stands above it.
    let most = (model.most as f64 * 1.3).max(10.0);
    let y = Axis::log(0.5, most, "rows per bin, log scale", |rows| format::count(rows as u64));
    let rect = ui.available_rect_before_wrap();
    Chart::new("Error histogram", &x, &y).show_at(ui, rect, |canvas| {
        for (arm, counts) in ARMS.into_iter().zip(&model.arms) {
            let heights: Vec<f64> = counts.iter().map(|&rows| if rows == 0 { 0.5 } else { rows as f64 }).collect();
            canvas.steps(&model.edges, &heights, canvas.tokens.arm(arm));
        }
        if lo < 0.0 && hi > 0.0 {
            canvas.vertical(0.0, canvas.tokens.line_strong);
        }
        names(canvas, Align2::LEFT_TOP, model.arms.len());
    });
}

/// Rows by how much more the challenger is off.
pub(super) fn differences_ui(ui: &mut Ui, model: &ErrorHistogram) {
    let (Some(&lo), Some(&hi), Some(rows)) = (model.edges.first(), model.edges.last(), model.arms.first()) else {
        return;
    };
    let x = Axis::linear(lo, hi, "challenger's |error| − champion's; ends hold what lies beyond", label);
    let y = Axis::log(0.5, (model.most as f64 * 1.3).max(10.0), "rows per bin, log scale", |rows| {
        format::count(rows as u64)
    });
    let rect = ui.available_rect_before_wrap();
    Chart::new("Differences of the absolute error", &x, &y).show_at(ui, rect, |canvas| {
        let heights: Vec<f64> = rows.iter().map(|&rows| if rows == 0 { 0.5 } else { rows as f64 }).collect();
        canvas.steps(&model.edges, &heights, canvas.tokens.ink);
        if lo < 0.0 && hi > 0.0 {
            canvas.vertical(0.0, canvas.tokens.line_strong);
        }
        let side = |text: &str| Spans::small(canvas.tokens).text(text);
        canvas.corner_on_ground(Align2::LEFT_TOP, [side("challenger nearer")]);
        canvas.corner_on_ground(Align2::RIGHT_TOP, [side("champion nearer")]);
    });
}

/// Observed shares against the levels that were promised; on the diagonal they agree.
pub(super) fn nominal_ui(ui: &mut Ui, x_name: &str, y_name: &str, arms: &[Vec<[f64; 4]>]) {
    let percent = |share: f64| format::share(share, 0);
    let (x, y) = (Axis::linear(0.0, 1.0, x_name, percent), Axis::linear(0.0, 1.0, y_name, percent));
    let rect = ui.available_rect_before_wrap();
    Chart::new(y_name, &x, &y).show_at(ui, rect, |canvas| {
        canvas.reference((0.0, 0.0), (1.0, 1.0));
        for (arm, points) in ARMS.into_iter().zip(arms) {
            canvas.line(points.iter().map(|[level, value, ..]| (*level, *value)), canvas.tokens.arm(arm));
            for [level, value, lo, hi] in points {
                canvas.error_bar(*level, *lo, *hi, canvas.tokens.muted);
                canvas.mark(*level, *value, arm.into());
            }
        }
        names(canvas, Align2::LEFT_TOP, arms.len());
    });
}

pub(super) fn quantiles_ui(ui: &mut Ui, points: &[[f64; 3]]) {
    let ends = || points.iter().flat_map(|[_, a, b]| [*a, *b]);
    let (lo, hi) = (ends().fold(f64::INFINITY, f64::min), ends().fold(f64::NEG_INFINITY, f64::max));
    let pad = ((hi - lo) * 0.04).max(1e-9);
    let x = Axis::linear(lo - pad, hi + pad, "champion's error", label);
    let y = Axis::linear(lo - pad, hi + pad, "challenger's error", label);
    let rect = ui.available_rect_before_wrap();
    Chart::new("Quantiles of the error", &x, &y).show_at(ui, rect, |canvas| {
        canvas.reference((lo - pad, lo - pad), (hi + pad, hi + pad));
        for [share, a, b] in points {
            canvas.painter().circle_filled(canvas.at(*a, *b), 2.0, canvas.tokens.ink);
            for (at, name) in [(0.001, "0.1 %"), (0.5, "50 %"), (0.999, "99.9 %")] {
                if (share - at).abs() < 1e-9 {
                    let (offset, align) =
                        if at > 0.9 { ([-6.0, 2.0], Align2::RIGHT_TOP) } else { ([6.0, 2.0], Align2::LEFT_TOP) };
                    canvas.remark(*a, *b, offset, align, name);
                }
            }
        }
    });
}

/// From 0 to above the largest error, with `room` for the names.
fn top(lines: &ErrorLines, room: f64) -> Axis {
    let most = lines.arms.iter().flatten().map(|(_, error)| *error).fold(0.0, f64::max);
    let (top, _) = round_top(if most > 0.0 { most * room } else { 1.0 });
    Axis::linear(0.0, top, "mean absolute error", label)
}

pub(super) fn by_ui(ui: &mut Ui, lines: &ErrorLines) {
    let x = Axis::new(lines.range.0 - 0.4, lines.range.1 + 0.4, &lines.axis, lines.ticks.clone()).without_grid();
    let y = top(lines, 1.08);
    let rect = ui.available_rect_before_wrap();
    Chart::new("Error by column", &x, &y).describe(&lines.axis).show_at(ui, rect, |canvas| {
        for (arm, points) in ARMS.into_iter().zip(&lines.arms) {
            if !lines.words {
                canvas.line(points.iter().copied(), canvas.tokens.arm(arm));
            }
            points.iter().for_each(|(place, error)| canvas.mark(*place, *error, arm.into()));
        }
        names(canvas, Align2::RIGHT_BOTTOM, lines.arms.len());
    });
}

pub(super) fn time_ui(ui: &mut Ui, lines: &ErrorLines) {
    let rect = ui.available_rect_before_wrap();
    let pad = (lines.range.1 - lines.range.0) * 0.01;
    let (from, to) = (lines.range.0 - pad, lines.range.1 + pad);
    let both = !lines.differences.is_empty();
    let bare = Axis::new(from, to, "", Vec::new()).without_grid();
    let x = Axis::new(from, to, &lines.axis, lines.ticks.clone()).without_grid();
    let [errors, differences] = layout::rows(rect, [Part::Share(1.0), Part::Share(if both { 1.0 } else { 0.0 })]);
    let y = top(lines, 1.35);
    let upper = if both { errors } else { rect };
    Chart::new("Error over time", if both { &bare } else { &x }, &y).show_at(ui, upper, |canvas| {
        for (arm, points) in ARMS.into_iter().zip(&lines.arms) {
            canvas.line(points.iter().copied(), canvas.tokens.arm(arm));
        }
        names(canvas, Align2::RIGHT_TOP, lines.arms.len());
    });
    if !both {
        return;
    }
    // A span of few rows has a very wide interval: it may leave the chart, so that the others are read.
    let mut ends: Vec<f64> = lines.differences.iter().flat_map(|[_, _, lo, hi]| [*lo, *hi]).collect();
    ends.sort_by(f64::total_cmp);
    let spare = ends.len() / 20;
    let (low, high) = (ends[spare], ends[ends.len() - 1 - spare]);
    let values = || lines.differences.iter().map(|[_, value, ..]| *value).chain([0.0]);
    let (lo, hi) = (values().fold(low, f64::min), values().fold(high, f64::max));
    let y = Axis::linear(lo, hi.max(lo + 1e-9), &lines.difference_title, label);
    Chart::new("Difference over time", &x, &y).show_at(ui, differences, |canvas| {
        canvas.reference((from, 0.0), (to, 0.0));
        for [place, value, lo, hi] in &lines.differences {
            canvas.error_bar(*place, *lo, *hi, canvas.tokens.muted);
            canvas.painter().circle_filled(canvas.at(*place, *value), 2.0, canvas.tokens.ink);
        }
    });
}
