//! Charts of the Timeline, all on one time axis.

use eframe::egui::{Align2, Ui};

use crate::log::ArmRole;
use crate::present::format;
use crate::present::scores::round_top;
use crate::present::timeline::{TimelineModel, TimelineSeries};
use crate::ui::text::Spans;
use crate::ui::widgets::{Axis, Canvas, Chart};

/// Room for the labels of y, the same in all charts.
const LABELS: f32 = 52.0;
const ARMS: [ArmRole; 2] = [ArmRole::Champion, ArmRole::Challenger];

fn label(value: f64) -> String {
    format::plain(format::round_significant(value, 4))
}

fn signed(value: f64) -> String {
    if value > 0.0 { format!("+{}", label(value)) } else { label(value) }
}

/// Time axis without its labels, for all charts but the last.
fn bare() -> Axis {
    Axis::new(0.0, 1.0, "", Vec::new()).without_grid()
}

/// Stage borders, and the moment of the rollback through every chart.
fn moments(canvas: &Canvas<'_>, model: &TimelineModel) {
    for border in &model.borders {
        canvas.vertical_dashed(*border, canvas.tokens.faint);
    }
    if let Some(moment) = &model.moment {
        canvas.vertical(moment.place, canvas.tokens.fail);
    }
}

pub(super) fn share_ui(ui: &mut Ui, model: &TimelineModel) {
    let most = model.shares.iter().chain(&model.planned).map(|[_, _, share]| *share).fold(0.0, f64::max);
    let (top, step) = round_top((most * 100.0).clamp(1.0, 100.0));
    let ticks = (0..=2).map(|part| f64::from(part) * top / 2.0).map(|at| (at, format!("{} %", label(at)))).collect();
    let _ = step;
    let y = Axis::new(0.0, top * 1.25, "challenger's share of the requests", ticks);
    let x = bare();
    Chart::new("Share of traffic", &x, &y).room_for_labels(LABELS).show(ui, |canvas| {
        let amber = canvas.tokens.arm(ArmRole::Challenger);
        let mut edges: Vec<f64> = model.shares.iter().map(|[from, ..]| *from).collect();
        edges.extend(model.shares.last().map(|[_, to, _]| *to));
        let heights: Vec<f64> = model.shares.iter().map(|[.., share]| share * 100.0).collect();
        canvas.steps(&edges, &heights, amber);
        for [from, to, share] in &model.planned {
            canvas.reference((*from, share * 100.0), (*to, share * 100.0));
        }
        moments(canvas, model);
        for (place, name) in &model.stage_names {
            canvas.remark(*place, top * 1.23, [0.0, 0.0], Align2::CENTER_TOP, name);
        }
    });
}

pub(super) fn difference_ui(ui: &mut Ui, model: &TimelineModel, series: &TimelineSeries) {
    let x = bare();
    let title = format!("{}; {}", series.axis, model.band);
    let y = Axis::linear(series.range.0, series.range.1, &title, signed);
    let described = series.difference.last().map_or_else(String::new, |[_, value, lo, hi]| {
        format!("{} at the last look, {} to {}", label(*value), label(*lo), label(*hi))
    });
    Chart::new("Difference over time", &x, &y).room_for_labels(LABELS).describe(&described).show(ui, |canvas| {
        let tokens = canvas.tokens;
        canvas.band(series.difference.iter().map(|[place, _, lo, hi]| (*place, *lo, *hi)), tokens.muted);
        canvas.reference((0.0, 0.0), (1.0, 0.0));
        for (edge, says) in &series.edges {
            canvas.reference((0.0, *edge), (1.0, *edge));
            canvas.remark(1.0, *edge, [-4.0, -1.0], Align2::RIGHT_BOTTOM, says);
        }
        canvas.line(series.difference.iter().map(|[place, value, ..]| (*place, *value)), tokens.ink);
        moments(canvas, model);
        moment_words(canvas, model, true);
        hover(canvas, series);
    });
}

/// What the rollback rests on, in the chart it was read of.
fn moment_words(canvas: &Canvas<'_>, model: &TimelineModel, difference: bool) {
    let Some(moment) = model.moment.as_ref().filter(|moment| moment.difference == difference) else {
        return;
    };
    let tokens = canvas.tokens;
    let mark = canvas.at(moment.place, moment.value);
    canvas.painter().rect_filled(
        eframe::egui::Rect::from_center_size(mark, eframe::egui::vec2(8.0, 8.0)),
        1.0,
        tokens.fail,
    );
    let lines = [
        Spans::body(tokens).strong(&moment.title),
        Spans::small(tokens).text(&moment.reading),
        Spans::small(tokens).muted(&moment.remark),
    ];
    canvas.corner_on_ground(if moment.place < 0.4 { Align2::RIGHT_TOP } else { Align2::LEFT_TOP }, lines);
}

fn hover(canvas: &Canvas<'_>, series: &TimelineSeries) {
    let Some((place, _)) = canvas.hover() else {
        return;
    };
    let nearest = series.hovers.iter().min_by(|a, b| (a.0 - place).abs().total_cmp(&(b.0 - place).abs()));
    if let Some((place, text)) = nearest {
        canvas.crosshair_x(*place);
        canvas.response().clone().on_hover_text(text);
    }
}

pub(super) fn arms_ui(ui: &mut Ui, model: &TimelineModel, series: &TimelineSeries) {
    let x = bare();
    let y = Axis::linear(series.arms_range.0, series.arms_range.1, &series.arms_axis, label);
    Chart::new("Arms over time", &x, &y).room_for_labels(LABELS).show(ui, |canvas| {
        for (arm, points) in ARMS.into_iter().zip(&series.arms) {
            let color = canvas.tokens.arm(arm);
            canvas.band(points.iter().map(|[place, _, lo, hi]| (*place, *lo, *hi)), color);
            canvas.line(points.iter().map(|[place, value, ..]| (*place, *value)), color);
        }
        for (limit, says) in &series.limits {
            canvas.reference((0.0, *limit), (1.0, *limit));
            canvas.remark(0.0, *limit, [4.0, -1.0], Align2::LEFT_BOTTOM, says);
        }
        moments(canvas, model);
        moment_words(canvas, model, false);
        let mut spans = Spans::small(canvas.tokens);
        for arm in ARMS {
            spans = spans.hue(crate::ui::marks::Mark::from(arm).word(), canvas.tokens.arm(arm)).text("  ");
        }
        canvas.corner_on_ground(Align2::RIGHT_BOTTOM, [spans]);
        hover(canvas, series);
    });
}

pub(super) fn volume_ui(ui: &mut Ui, model: &TimelineModel) {
    let x = Axis::new(0.0, 1.0, "", model.ticks.clone()).without_grid();
    let (top, _) = round_top(model.most_rows.max(1) as f64);
    let ticks = vec![(0.0, "0".to_owned()), (top, format::count(top as u64))];
    let y = Axis::new(0.0, top, "requests of both arms, the challenger's below", ticks);
    Chart::new("Requests over time", &x, &y).room_for_labels(LABELS).show(ui, |canvas| {
        let tokens = canvas.tokens;
        let all = model.traffic.iter().map(|bar| (bar.from, bar.to, (bar.champion + bar.challenger) as f64));
        canvas.bars(all, tokens.line_strong);
        let challenger = model.traffic.iter().filter(|bar| bar.challenger > 0);
        canvas.bars(challenger.map(|bar| (bar.from, bar.to, bar.challenger as f64)), tokens.arm(ArmRole::Challenger));
        moments(canvas, model);
        let under =
            canvas.hover().and_then(|(place, _)| model.traffic.iter().find(|bar| bar.from <= place && place < bar.to));
        if let Some(bar) = under {
            canvas.crosshair_x((bar.from + bar.to) / 2.0);
            canvas.response().clone().on_hover_text(&bar.hover);
        }
    });
}
