//! Charts of the lists.

use eframe::egui::{Align2, Sense, Ui};

use crate::log::ArmRole;
use crate::present::format;
use crate::present::queries::{CutLines, QueriesModel};
use crate::present::scores::round_top;
use crate::ui::layout::{self, Part};
use crate::ui::marks::Mark;
use crate::ui::text::Spans;
use crate::ui::theme::Tokens;
use crate::ui::widgets::{Axis, Chart};

const ARMS: [ArmRole; 2] = [ArmRole::Champion, ArmRole::Challenger];

fn label(value: f64) -> String {
    format::plain(format::round_significant(value, 4))
}

fn signed(value: f64) -> String {
    if value > 0.0 { format!("+{}", label(value)) } else { label(value) }
}

/// Values over the cut, and below their difference.
pub(super) fn cuts_ui(ui: &mut Ui, lines: &CutLines) {
    let last = lines.ticks.len().saturating_sub(1) as f64;
    let (from, to) = (-0.4, last + 0.4);
    let rect = ui.available_rect_before_wrap();
    let both = !lines.differences.is_empty();
    let bare = Axis::new(from, to, "", Vec::new()).without_grid();
    let x = Axis::new(from, to, "first k of the list", lines.ticks.clone()).without_grid();
    let most = lines.arms.iter().flatten().map(|(_, value)| *value).fold(0.0, f64::max);
    let (top, _) = round_top(if most > 0.0 { most * 1.25 } else { 1.0 });
    let y = Axis::linear(0.0, top, &format!("{} at k", lines.title), label);
    let [values, differences] = layout::rows(rect, [Part::Share(1.15), Part::Share(if both { 1.0 } else { 0.0 })]);
    let upper = if both { values } else { rect };
    Chart::new("Metric over the cut", if both { &bare } else { &x }, &y).show_at(ui, upper, |canvas| {
        for (arm, points) in ARMS.into_iter().zip(&lines.arms) {
            canvas.line(points.iter().copied(), canvas.tokens.arm(arm));
            points.iter().for_each(|(place, value)| canvas.mark(*place, *value, arm.into()));
        }
        let mut spans = Spans::small(canvas.tokens);
        for arm in ARMS.into_iter().take(lines.arms.len()) {
            spans = spans.hue(Mark::from(arm).word(), canvas.tokens.arm(arm)).text("  ");
        }
        canvas.corner_on_ground(Align2::LEFT_TOP, [spans]);
    });
    if !both {
        return;
    }
    let ends = || lines.differences.iter().flat_map(|[_, value, lo, hi]| [*value, *lo, *hi]).chain([0.0]);
    let (lo, hi) = (ends().fold(0.0, f64::min), ends().fold(0.0, f64::max));
    let pad = ((hi - lo) * 0.06).max(1e-9);
    let y = Axis::linear(lo - pad, hi + pad, &lines.difference_title, signed);
    Chart::new("Difference over the cut", &x, &y).show_at(ui, differences, |canvas| {
        canvas.reference((from, 0.0), (to, 0.0));
        for [place, value, lo, hi] in &lines.differences {
            canvas.error_bar(*place, *lo, *hi, canvas.tokens.muted);
            canvas.painter().circle_filled(canvas.at(*place, *value), 2.5, canvas.tokens.ink);
        }
    });
}

/// Every query's difference, sorted; the place of a query that was clicked.
pub(super) fn drawn_ui(ui: &mut Ui, model: &QueriesModel, chosen: usize) -> Option<usize> {
    let n = model.rows.len();
    let values = || model.drawn.iter().map(|(_, value)| *value).chain([0.0]);
    let (lo, hi) = (values().fold(0.0, f64::min), values().fold(0.0, f64::max));
    let pad = ((hi - lo) * 0.08).max(1e-9);
    let pair = model.counts.is_some();
    let tick = |share: f64| (share, format::count((share * n as f64).round() as u64));
    let x = Axis::new(0.0, 1.0, "queries, worst first", [0.0, 0.25, 0.5, 0.75, 1.0].map(tick).to_vec()).without_grid();
    let low = if lo < 0.0 { lo - pad } else { 0.0 };
    let y = Axis::linear(
        low,
        hi + pad,
        if pair { "challenger − champion" } else { &model.title },
        if pair { signed } else { label },
    );
    let mut clicked = None;
    let rect = ui.available_rect_before_wrap();
    let chart = Chart::new("Every query", &x, &y).sense(Sense::click());
    chart.show_at(ui, rect, |canvas| {
        // Below 0 the champion is better, above it the challenger.
        for (sign, arm) in [(-1.0, ArmRole::Champion), (1.0, ArmRole::Challenger)] {
            let hue = canvas.tokens.arm(if pair { arm } else { ArmRole::Champion });
            let points: Vec<(f64, f64)> =
                model.drawn.iter().copied().filter(|(_, value)| value * sign > 1e-12).collect();
            canvas.band(points.iter().map(|&(at, value)| (at, 0.0, value)), Tokens::faded(hue, 1.0));
            canvas.line(points, hue);
        }
        if pair {
            canvas.reference((0.0, 0.0), (1.0, 0.0));
        }
        if let Some(&(_, value)) =
            model.drawn.iter().rev().find(|(at, _)| *at <= (chosen as f64 + 0.5) / n.max(1) as f64)
        {
            let at = (chosen as f64 + 0.5) / n.max(1) as f64;
            canvas.painter().circle_filled(canvas.at(at, value), 3.5, canvas.tokens.ink);
        }
        if let Some([worse, equal, better]) = model.counts {
            let tokens = canvas.tokens;
            let said = |count: u64, what: &str| format!("{} {what}", format::count(count));
            canvas
                .corner_on_ground(Align2::LEFT_TOP, [Spans::small(tokens).hue(&said(worse, "worse"), tokens.champion)]);
            canvas.corner_on_ground(Align2::CENTER_TOP, [Spans::small(tokens).muted(&said(equal, "the same"))]);
            canvas.corner_on_ground(
                Align2::RIGHT_BOTTOM,
                [Spans::small(tokens).hue(&said(better, "better"), tokens.challenger)],
            );
        }
        if let Some((at, _)) = canvas.hover() {
            canvas.crosshair_x(at);
            if canvas.response().clicked() && n > 0 {
                clicked = Some(((at * n as f64) as usize).min(n - 1));
            }
        }
    });
    clicked
}
