//! ROC with its left edge enlarged, precision against recall, calibration.

mod inset;

use eframe::egui::{Align2, Color32, CornerRadius, Rect, Sense, Stroke, StrokeKind, Ui, vec2};

use super::Link;
use crate::log::ArmRole;
use crate::present::curves::{CalibrationModel, EnlargedModel, LineModel, PlotModel, PlotValue};
use crate::present::format;
use crate::ui::marks::Mark;
use crate::ui::text::Spans;
use crate::ui::theme::Tokens;
use crate::ui::widgets::{Axis, Canvas, Chart};
use crate::ui::{Outbox, fonts, paint};

const ARMS: [ArmRole; 2] = [ArmRole::Champion, ArmRole::Challenger];

pub(super) fn roc_ui(
    ui: &mut Ui,
    model: &PlotModel,
    enlarged: Option<&EnlargedModel>,
    movable: [bool; 2],
    link: &mut Link,
    out: &mut Outbox,
) {
    let (x, y) = (Axis::unit("false-positive rate"), Axis::unit("recall"));
    let spoken = spoken(&model.values);
    Chart::new("ROC curve", &x, &y).describe(&spoken).sense(Sense::click_and_drag()).show(ui, |canvas| {
        let inset = enlarged.and_then(|_| inset::place(canvas, model));
        let above = inset.is_some_and(|inset| inset.values_above);
        // Chance, as far as the values in the corner leave room. Below the inset they stand where no curve can be.
        let taken = f64::from((14.0 + 18.0 * model.values.len() as f32) / canvas.rect.height()).clamp(0.0, 0.9);
        let end = if above { 1.0 - taken } else { 1.0 };
        canvas.reference((0.0, 0.0), (end, end));
        lines(canvas, model);
        let corner = if above { Align2::RIGHT_TOP } else { Align2::RIGHT_BOTTOM };
        canvas.corner(corner, values(canvas.tokens, &model.values));
        match inset {
            None => names(canvas, model, [0.62, 0.66]),
            // Between the curves and the inset there is room at the left only.
            Some(inset) if !inset.values_above => {
                let used = arms(model).filter_map(|(_, line)| line.operating);
                let busy = used.map(|(x, _)| x).any(|x| (0.18..0.45).contains(&x));
                names(canvas, model, [if busy { 0.06 } else { 0.25 }, 0.55]);
            }
            Some(_) => {}
        }
        link.curves_ui(canvas, of_lines(model), movable, out);
        for (arm, line) in arms(model) {
            if let Some((x, y)) = line.operating {
                canvas.operating_point(x, y, Mark::from(arm));
            }
        }
        if let (Some(enlarged), Some(inset)) = (enlarged, inset) {
            inset::enlarged_ui(canvas, inset.rect, model, enlarged, movable, link, out);
        }
        cursor(canvas, model, link, true);
    });
}

pub(super) fn precision_recall_ui(
    ui: &mut Ui,
    model: &PlotModel,
    movable: [bool; 2],
    link: &mut Link,
    out: &mut Outbox,
) {
    let (x, y) = (Axis::unit("recall"), Axis::unit("precision"));
    let spoken = spoken(&model.values);
    Chart::new("Precision against recall", &x, &y).describe(&spoken).sense(Sense::click_and_drag()).show(
        ui,
        |canvas| {
            if let Some((share, name)) = &model.reference {
                canvas.reference_y(*share, name, 0.39);
            }
            lines(canvas, model);
            canvas.corner(Align2::RIGHT_TOP, values(canvas.tokens, &model.values));
            names(canvas, model, [0.52, 0.57]);
            link.curves_ui(canvas, of_lines(model), movable, out);
            let upper = upper(model, |line| line.operating.map(|(_, y)| y));
            for (arm, line) in arms(model) {
                let Some((x, y)) = line.operating else { continue };
                canvas.operating_point(x, y, Mark::from(arm));
                let at = canvas.at(x, y);
                let above = arm == upper;
                let (side, align) = if above {
                    (vec2(10.0, -10.0), Align2::LEFT_CENTER)
                } else {
                    (vec2(-10.0, 10.0), Align2::RIGHT_CENTER)
                };
                let color = canvas.tokens.arm(arm);
                label(canvas, at + side, align, &line.threshold, color, canvas.rect);
            }
            cursor(canvas, model, link, false);
        },
    );
}

pub fn calibration_ui(ui: &mut Ui, model: &CalibrationModel) {
    let (lo, hi) = model.range;
    let axis = |title: &str| match model.logit {
        true => Axis::logit(lo, hi, title),
        false => Axis::unit(title),
    };
    let scale = if model.logit { ", logit scale" } else { "" };
    let x = axis(&format!("{}{scale}", model.x_title));
    let y = axis(&model.y_title);
    let spoken = spoken(&model.values);
    Chart::new("Calibration", &x, &y).describe(&spoken).show(ui, |canvas| {
        canvas.reference((lo, lo), (hi, hi));
        canvas.corner(Align2::LEFT_TOP, values(canvas.tokens, &model.values));
        let remark = [Spans::small(canvas.tokens).muted("below the line: scores too high")];
        canvas.corner(Align2::RIGHT_BOTTOM, remark);
        for (arm, points) in ARMS.into_iter().zip(&model.lines) {
            let Some(points) = points else { continue };
            let color = canvas.tokens.arm(arm);
            for point in points {
                canvas.error_bar(point.mean, point.lo.max(lo), point.hi.min(hi), Tokens::faded(color, 0.6));
            }
            // A share of 0 or 1 has no place on log-odds; its interval is still drawn.
            let inside = || points.iter().filter(|point| (lo..=hi).contains(&point.observed));
            canvas.line(inside().map(|point| (point.mean, point.observed)), color);
            for point in inside() {
                canvas.mark(point.mean, point.observed, Mark::from(arm));
            }
        }
        if let Some(pos) = canvas.response().hover_pos() {
            bin_read_out(canvas, model, pos);
        }
    });
}

/// The bin nearest to the pointer, in words.
fn bin_read_out(canvas: &Canvas<'_>, model: &CalibrationModel, pos: eframe::egui::Pos2) {
    let (lo, hi) = model.range;
    let points = ARMS
        .into_iter()
        .zip(&model.lines)
        .flat_map(|(arm, points)| points.iter().flatten().map(move |point| (arm, point)));
    let found = points
        .map(|(arm, point)| (canvas.at(point.mean, point.observed.clamp(lo, hi)).distance(pos), arm, point))
        .min_by(|a, b| a.0.total_cmp(&b.0));
    let Some((_, arm, point)) = found.filter(|(distance, ..)| *distance < 24.0) else { return };
    let share = |value: f64| format::share(value, format::decimals_for_significant(value * 100.0, 3).min(5));
    let text = format!(
        "mean score {}, observed {} [{}, {}], {} rows",
        share(point.mean),
        share(point.observed),
        share(point.lo),
        share(point.hi),
        format::count(point.rows)
    );
    let at = canvas.at(point.mean, point.observed.clamp(lo, hi)) + vec2(0.0, 16.0);
    read_out(canvas, at, &text, canvas.tokens.arm(arm));
}

/// Bands below, then curves, the challenger on top.
fn lines(canvas: &Canvas<'_>, model: &PlotModel) {
    for (arm, line) in arms(model) {
        let banded = line.points.iter().filter_map(|point| Some((point.x, point.lo?, point.hi?)));
        canvas.band(banded, canvas.tokens.arm(arm));
    }
    for (arm, line) in arms(model) {
        canvas.line(line.points.iter().map(|point| (point.x, point.y)), canvas.tokens.arm(arm));
    }
}

/// Each arm's name beside its line: above the upper one, below the lower one.
fn names(canvas: &Canvas<'_>, model: &PlotModel, [lower_x, upper_x]: [f64; 2]) {
    let upper = upper(model, |line| line.y_at(upper_x));
    let busy = arms(model).filter_map(|(_, line)| line.operating).any(|(x, _)| (x - upper_x).abs() < 0.14);
    let shift = if busy { 0.2 } else { 0.0 };
    for (arm, line) in arms(model) {
        let above = arm == upper;
        let x = shift + if above { upper_x } else { lower_x };
        let Some(y) = line.y_at(x) else { continue };
        // Text runs away from the line: to the left above a rising one, to the right below it.
        let rising = line.y_at(x + 0.05).is_some_and(|next| next > y);
        let word = Mark::from(arm).word();
        // Under a curve that runs along the top there is more room below.
        let color = canvas.tokens.arm(arm);
        let at = canvas.at(x, y);
        let (offset, align) = match (above, y > 0.9) {
            (true, false) if rising => (vec2(-6.0, -9.0), Align2::RIGHT_CENTER),
            (true, false) => (vec2(6.0, -9.0), Align2::LEFT_CENTER),
            // Beyond the name of the lower line.
            (true, true) => (vec2(0.18 * canvas.rect.width(), 13.0), Align2::LEFT_CENTER),
            (false, _) if rising => (vec2(6.0, 11.0), Align2::LEFT_CENTER),
            (false, _) => (vec2(-6.0, 12.0), Align2::RIGHT_CENTER),
        };
        canvas.painter().text(at + offset, align, word, fonts::medium(fonts::SMALL), color);
    }
}

/// The threshold under the pointer, on each line it belongs to.
fn cursor(canvas: &Canvas<'_>, model: &PlotModel, link: &Link, roc: bool) {
    for (arm, line) in arms(model) {
        let Some(threshold) = link.threshold(arm) else { continue };
        let Some((x, y)) = line.at_threshold(threshold) else { continue };
        let color = canvas.tokens.arm(arm);
        let at = canvas.at(x, y);
        canvas.painter().circle(at, 4.0, canvas.tokens.pane, Stroke::new(1.5, color));
        let only = link.shown().is_some_and(|cursor| cursor.arm.is_some());
        if only {
            let [first, second] = if roc { ["FPR", "recall"] } else { ["recall", "precision"] };
            let share = |value: f64| format::share(value, format::decimals_for_significant(value * 100.0, 3).min(4));
            let text = format!(
                "threshold {}, {first} {}, {second} {}",
                format::fixed(threshold, format::decimals_for_significant(threshold, 3).min(6)),
                share(x),
                share(y)
            );
            // Where the curve is not, and clear of the pointer.
            let offset = if roc { vec2(22.0, 14.0) } else { vec2(12.0, -14.0) };
            read_out(canvas, at + offset, &text, color);
        }
    }
}

/// Small text at `pos`, moved sideways and up so that it stays within `bounds`.
fn label(canvas: &Canvas<'_>, pos: eframe::egui::Pos2, align: Align2, text: &str, color: Color32, bounds: Rect) {
    let galley = canvas.painter().layout_no_wrap(text.to_owned(), fonts::small(), color);
    let mut place = align.anchor_size(pos, galley.size());
    let bounds = bounds.shrink(2.0);
    place =
        place.translate(vec2((bounds.right() - place.right()).min(0.0), (bounds.bottom() - place.bottom()).min(0.0)));
    place = place.translate(vec2((bounds.left() - place.left()).max(0.0), (bounds.top() - place.top()).max(0.0)));
    canvas.painter().galley(paint::snap_pos(canvas.painter(), place.min), galley, color);
}

/// What the pointer reads, on a ground that covers what lies beneath.
fn read_out(canvas: &Canvas<'_>, pos: eframe::egui::Pos2, text: &str, color: Color32) {
    let painter = canvas.painter();
    let galley = painter.layout_no_wrap(text.to_owned(), fonts::small(), color);
    let mut ground = Align2::LEFT_CENTER.anchor_size(pos, galley.size()).expand2(vec2(5.0, 2.0));
    let bounds = canvas.rect;
    ground = ground
        .translate(vec2((bounds.right() - ground.right()).min(0.0), (bounds.bottom() - ground.bottom()).min(0.0)));
    ground = ground.translate(vec2((bounds.left() - ground.left()).max(0.0), (bounds.top() - ground.top()).max(0.0)));
    let stroke = Stroke::new(1.0, canvas.tokens.line_strong);
    painter.rect(ground, CornerRadius::same(2), canvas.tokens.raised, stroke, StrokeKind::Inside);
    painter.galley(paint::snap_pos(painter, ground.min + vec2(5.0, 2.0)), galley, color);
}

fn arms(model: &PlotModel) -> impl Iterator<Item = (ArmRole, &LineModel)> {
    ARMS.into_iter().zip(&model.lines).filter_map(|(arm, line)| Some((arm, line.as_ref()?)))
}

fn of_lines(model: &PlotModel) -> [Option<&LineModel>; 2] {
    [model.lines[0].as_ref(), model.lines[1].as_ref()]
}

/// The arm with the larger value; the challenger where they are equal.
fn upper(model: &PlotModel, height: impl Fn(&LineModel) -> Option<f64>) -> ArmRole {
    let of = |arm: usize| model.lines[arm].as_ref().and_then(&height).unwrap_or(f64::NEG_INFINITY);
    if of(1) >= of(0) { ARMS[1] } else { ARMS[0] }
}

fn values(tokens: &'static Tokens, values: &[PlotValue]) -> Vec<Spans> {
    values.iter().map(|value| spans(tokens, value)).collect()
}

fn spans(tokens: &'static Tokens, value: &PlotValue) -> Spans {
    let mut spans = Spans::new(tokens, 11.5).text(&value.label);
    for (arm, text) in ARMS.into_iter().zip(&value.arms) {
        if let Some(text) = text {
            spans = spans.text(" ").run(text, fonts::medium(11.5), tokens.arm(arm));
        }
    }
    if let Some(difference) = &value.difference {
        spans = spans.text(" ").strong(difference);
    }
    if let Some(interval) = &value.interval {
        spans = spans.text(" ").text(interval);
    }
    if !value.remark.is_empty() {
        let space = if value.arms == [None, None] { " " } else { ", " };
        spans = spans.text(space).text(&value.remark);
    }
    spans
}

fn spoken(values: &[PlotValue]) -> String {
    let value = |value: &PlotValue| {
        let mut words = vec![value.label.clone()];
        for (arm, text) in ARMS.into_iter().zip(&value.arms) {
            words.extend(text.as_ref().map(|text| format!("{} {text}", Mark::from(arm).word())));
        }
        words.extend(value.difference.as_ref().map(|text| format!("difference {text}")));
        words.extend(value.interval.clone());
        words.join(" ")
    };
    values.iter().map(value).collect::<Vec<_>>().join("; ")
}
