//! Operations: finding, scorecard of what serving took; latency per arm, answers and failures over time.

use eframe::egui::{Align2, Ui, vec2};

use super::frame::sentence;
use super::overview::{OverviewState, scorecard};
use crate::log::ArmRole;
use crate::present::format;
use crate::present::operations::{CourseModel, LatencyModel, OperationsModel};
use crate::present::scores::round_top;
use crate::ui::Outbox;
use crate::ui::layout::{self, Part, at_ui};
use crate::ui::marks::Mark;
use crate::ui::text::Spans;
use crate::ui::theme::Tokens;
use crate::ui::widgets::{Axis, Canvas, Chart, Tile, states};

const FINDING: f32 = 22.0;

/// What the view remembers between frames.
#[derive(Clone, Debug, Default)]
pub struct OperationsState {
    pub scorecard: OverviewState,
}

/// The view, in the rest of `ui`.
pub fn operations_ui(ui: &mut Ui, model: &OperationsModel, state: &mut OperationsState, out: &mut Outbox) {
    let tokens = Tokens::of(ui);
    let page = ui.available_rect_before_wrap();
    let rows = model.scorecard.gated.len() + model.scorecard.ungated.len();
    let card = if rows == 0 { 60.0 } else { scorecard::height(&model.scorecard).min(page.height() * 0.45) };
    let notes = if model.to_map.is_empty() || rows == 0 { 0.0 } else { 12.0 + 18.0 * model.to_map.len() as f32 };
    let [finding, top, below] = layout::rows(page, [Part::Fixed(FINDING), Part::Fixed(card + notes), Part::Share(1.0)]);
    at_ui(ui, "finding", finding, |ui| {
        sentence(Spans::finding(tokens), &model.finding, tokens).line_ui(ui).on_hover_text(model.finding.text());
    });
    Tile::new("Serving").qualifier(&model.scorecard.qualifier).flush().show_at(ui, top, |ui| {
        let body = ui.max_rect();
        if rows > 0 {
            let table = body.with_max_y(body.bottom() - notes);
            at_ui(ui, "table", table, |ui| {
                scorecard::scorecard_ui(ui, &model.scorecard, &mut state.scorecard, out);
            });
        }
        let below = if rows > 0 { body.with_min_y(body.bottom() - notes) } else { body };
        at_ui(ui, "to map", below.shrink2(vec2(10.0, 4.0)), |ui| {
            ui.spacing_mut().item_spacing.y = 3.0;
            for sentence in &model.to_map {
                Spans::small(tokens).muted(sentence).line_ui(ui).on_hover_text(*sentence);
            }
        });
    });
    let [left, right] = layout::columns(below, [Part::Share(1.2), Part::Share(1.0)]);
    let shape = model.latency.as_ref().map_or("", |latency| {
        if latency.log { "ms, log scale, same bins for both arms" } else { "ms, same bins for both arms" }
    });
    Tile::new("Latency").qualifier(shape).show_at(ui, left, |ui| match &model.latency {
        Some(latency) => latency_ui(ui, latency),
        None => drop(states::empty_ui(ui, model.no_latency, None)),
    });
    let [rates, failures] = layout::rows(right, [Part::Share(1.0), Part::Share(1.0)]);
    Tile::new("Throughput").qualifier("60 spans of equal length").show_at(ui, rates, |ui| match &model.rates {
        Some(course) => course_ui(ui, "Answers per second", course),
        None => drop(states::empty_ui(ui, model.no_rates, None)),
    });
    Tile::new("Failures").qualifier("60 spans of equal length").show_at(ui, failures, |ui| match &model.failures {
        Some(course) => course_ui(ui, "Failed requests", course),
        None => drop(states::empty_ui(ui, model.no_failures, None)),
    });
    ui.advance_cursor_after_rect(page);
}

fn label(value: f64) -> String {
    format::plain(format::round_significant(value, 4))
}

fn names(canvas: &Canvas<'_>, align: Align2, arms: impl IntoIterator<Item = ArmRole>) {
    let mut spans = Spans::small(canvas.tokens);
    for arm in arms {
        spans = spans.hue(Mark::from(arm).word(), canvas.tokens.arm(arm)).text("  ");
    }
    canvas.corner_on_ground(align, [spans]);
}

/// Steps per arm; above them the quantiles with their intervals, one lane an arm.
fn latency_ui(ui: &mut Ui, model: &LatencyModel) {
    let (Some(&lo), Some(&hi)) = (model.edges.first(), model.edges.last()) else { return };
    let x = match model.log {
        true => Axis::log(lo.max(hi * 1e-9), hi, "latency, ms", label),
        false => Axis::linear(lo, hi, "latency, ms", label),
    };
    let top = model.top.max(1e-9);
    let per = if model.log { "doubling" } else { "ms" };
    let y = Axis::linear(0.0, top * 1.7, &format!("% of the arm's lines per {per}"), label);
    Chart::new("Latency distribution", &x, &y).show(ui, |canvas| {
        for (arm, shares) in &model.arms {
            canvas.steps(&model.edges, shares, canvas.tokens.arm(*arm));
        }
        for mark in &model.quantiles {
            let lane = if mark.arm == ArmRole::Champion { 1.38 } else { 1.16 } * top;
            let color = canvas.tokens.arm(mark.arm);
            if let Some((from, to)) = mark.interval {
                canvas.line([(from, lane), (to, lane)], canvas.tokens.muted);
            }
            canvas.mark(mark.value, lane, mark.arm.into());
            // Neighbours are named on either side of the lane.
            let above = matches!(mark.name, "p50" | "p95");
            let (offset, align) = if above { (-6.0, Align2::CENTER_BOTTOM) } else { (6.0, Align2::CENTER_TOP) };
            canvas.name(mark.value, lane, [0.0, offset], align, mark.name, color);
        }
        names(canvas, Align2::RIGHT_TOP, model.arms.iter().map(|(arm, _)| *arm));
        let under = canvas.hover().map(|(at, _)| at);
        let bin = under.and_then(|at| model.edges.windows(2).position(|ends| ends[0] <= at && at < ends[1]));
        if let Some(bin) = bin {
            let range = format!("{} to {} ms", label(model.edges[bin]), label(model.edges[bin + 1]));
            let arms = model.arms.iter().map(|(arm, shares)| {
                format!("{} {} %", Mark::from(*arm).word(), label(shares.get(bin).copied().unwrap_or(0.0)))
            });
            let text = std::iter::once(range).chain(arms).collect::<Vec<_>>().join("\n");
            canvas.response().clone().on_hover_text(text);
        }
    });
}

fn course_ui(ui: &mut Ui, name: &str, model: &CourseModel) {
    let x = Axis::new(0.0, 1.0, "", model.ticks.clone()).without_grid();
    let (top, _) = round_top(if model.top > 0.0 { model.top * 1.2 } else { 1.0 });
    let y = Axis::linear(0.0, top, &model.axis, label);
    Chart::new(name, &x, &y).room_for_labels(44.0).show(ui, |canvas| {
        for (arm, line) in &model.lines {
            canvas.line(line.iter().copied(), canvas.tokens.arm(*arm));
        }
        names(canvas, Align2::RIGHT_TOP, model.lines.iter().map(|(arm, _)| *arm));
    });
}
