//! Business: finding; what a decision is worth, to be edited; outcomes of both arms; below, kinds of answers or adjusted
//! differences, full traffic, value over the threshold.

mod editor;

use eframe::egui::{Align2, Label, Rect, Ui, vec2};

use self::editor::Editing;
use super::frame::sentence;
use crate::log::ArmRole;
use crate::present::business::{AdjustedLine, BusinessModel, KindLine, OutcomeLine, ScaledLine, ValuePlot};
use crate::present::format;
use crate::ui::Outbox;
use crate::ui::layout::{self, Part, at_ui};
use crate::ui::marks::Mark;
use crate::ui::text::{self, Spans};
use crate::ui::theme::{Tokens, size};
use crate::ui::widgets::{Axis, Chart, Column, Table, Tile, states};

const FINDING: f32 = 22.0;
const EDITOR: f32 = 330.0;
/// Lines of the assumption below the table of full traffic.
const NOTE: f32 = 48.0;

/// What the view remembers between frames.
#[derive(Clone, Debug, Default)]
pub struct BusinessState {
    editing: Editing,
}

/// The view, in the rest of `ui`.
pub fn business_ui(ui: &mut Ui, model: &BusinessModel, state: &mut BusinessState, out: &mut Outbox) {
    let tokens = Tokens::of(ui);
    let page = ui.available_rect_before_wrap();
    let [finding, top, below] = layout::rows(page, [Part::Fixed(FINDING), Part::Share(1.0), Part::Share(1.05)]);
    at_ui(ui, "finding", finding, |ui| {
        sentence(Spans::finding(tokens), &model.finding, tokens).line_ui(ui).on_hover_text(model.finding.text());
    });
    // Without answers there is nothing to write values for; the outcomes take the room.
    let edits = model.editor.is_some() || !model.split;
    let [left, right] = layout::columns(top, [Part::Fixed(if edits { EDITOR } else { 0.0 }), Part::Share(1.0)]);
    let right = if edits { right } else { top };
    if edits {
        Tile::new("What a decision is worth").qualifier("a gain above 0, a loss below").show_at(ui, left, |ui| {
            match &model.editor {
                Some(editor) => editor::editor_ui(ui, editor, &mut state.editing, out),
                None => {
                    states::empty_ui(ui, &model.no_editor, None);
                }
            }
        });
    }
    let tile = Tile::new("Outcomes").qualifier("both arms, their difference, and relative to the champion").flush();
    if model.split {
        tile.show_at(ui, right, |ui| outcomes_ui(ui, model));
        let [scaled, adjusted] = layout::columns(below, [Part::Share(1.0), Part::Share(1.0)]);
        scaled_ui(ui, scaled, model);
        Tile::new("Adjusted by what was known before").qualifier("CUPED, one look").flush().show_at(
            ui,
            adjusted,
            |ui| {
                adjusted_ui(ui, &model.adjusted, &model.no_adjusted);
            },
        );
    } else {
        let [outcomes, scaled] = layout::rows(right, [Part::Share(1.0), Part::Share(1.15)]);
        tile.show_at(ui, outcomes, |ui| outcomes_ui(ui, model));
        scaled_ui(ui, scaled, model);
        let [kinds, curve] = layout::columns(below, [Part::Share(1.0), Part::Share(1.25)]);
        Tile::new("Value by kind of answer").qualifier(model.kinds_of).flush().show_at(ui, kinds, |ui| {
            kinds_ui(ui, &model.kinds, &model.no_curve);
        });
        curve_ui(ui, curve, model);
    }
    ui.advance_cursor_after_rect(page);
}

fn padded_empty_ui(ui: &mut Ui, sentence: &str) {
    let rect = ui.available_rect_before_wrap().shrink2(vec2(size::TILE_PADDING, 0.0));
    at_ui(ui, "empty", rect, |ui| {
        states::empty_ui(ui, sentence, None);
    });
}

fn outcomes_ui(ui: &mut Ui, model: &BusinessModel) {
    if model.outcomes.is_empty() {
        padded_empty_ui(ui, &model.no_outcomes);
        return;
    }
    let lifts = model.outcomes.iter().any(|line| !line.lift_interval.is_empty() || line.no_lift.is_some());
    let wide = ui.available_width() > 900.0;
    let mut columns = vec![
        Column::text("outcome", 150.0).grow(1.0),
        Column::number("champion", 104.0).of(Mark::Champion),
        Column::number("challenger", 108.0).of(Mark::Challenger),
        Column::number("difference", 80.0),
        Column::number(&model.interval_title, 138.0),
    ];
    if lifts {
        columns.extend([Column::number("relative", 74.0), Column::number("interval", 116.0)]);
    }
    columns.push(Column::number("better, chance", 92.0));
    if wide {
        columns.push(Column::number("n", 70.0));
    }
    let skip = if lifts { 0 } else { 2 };
    let table = Table::new("Outcomes", &columns).row_height(2.0 * size::ROW_COMPACT - 8.0);
    table.show(ui, model.outcomes.len(), |cell, row, column| {
        let line: &OutcomeLine = &model.outcomes[row];
        let column = if column >= 5 { column + skip } else { column };
        match column {
            0 => {
                cell.text(&line.title);
                cell.hover(&line.hover);
            }
            1 => two_lines(cell, [&line.champion, &line.champion_interval]),
            2 => two_lines(cell, [&line.challenger, &line.challenger_interval]),
            3 => match &line.undefined {
                Some(reason) if line.difference == format::UNDEFINED => cell.undefined(reason),
                _ => cell.number_strong(&line.difference),
            },
            4 => cell.number(&line.interval),
            5 => match &line.no_lift {
                Some(reason) => cell.undefined(reason),
                None => cell.number_strong(&line.lift),
            },
            6 => cell.number(&line.lift_interval),
            7 => cell.number(&line.chance),
            _ => cell.number_muted(&line.rows),
        }
    });
}

fn scaled_ui(ui: &mut Ui, rect: Rect, model: &BusinessModel) {
    Tile::new("At full traffic").qualifier("difference, with its interval").flush().show_at(ui, rect, |ui| {
        if model.scaled.is_empty() {
            padded_empty_ui(ui, "There is no difference yet that could be scaled.");
            return;
        }
        let [table, note] = layout::rows(ui.available_rect_before_wrap(), [Part::Share(1.0), Part::Fixed(NOTE)]);
        at_ui(ui, "table", table, |ui| {
            let columns = [
                Column::text("", 150.0).grow(1.0),
                Column::number("per 1,000", 112.0).grow(0.5),
                Column::number("per day", 118.0).grow(0.5),
                Column::number("per year", 140.0).grow(0.6),
            ];
            let table = Table::new("At full traffic", &columns).row_height(2.0 * size::ROW_COMPACT - 8.0);
            table.show(ui, model.scaled.len(), |cell, row, column| {
                let line: &ScaledLine = &model.scaled[row];
                let number = match column {
                    0 => {
                        cell.text(&line.title);
                        return;
                    }
                    1 => &line.per_thousand,
                    2 => &line.per_day,
                    _ => &line.per_year,
                };
                two_lines(cell, number.each_ref().map(String::as_str));
            });
        });
        let note = note.shrink2(vec2(size::TILE_PADDING, 0.0));
        at_ui(ui, "assumption", note, |ui| ui.add(Label::new(text::small(Tokens::of(ui), &model.assumption)).wrap()));
    });
}

/// A value above its interval.
fn two_lines(cell: &mut crate::ui::widgets::Cell<'_>, [value, interval]: [&str; 2]) {
    use crate::ui::{fonts, paint};
    if interval.is_empty() {
        cell.number_strong(value);
        return;
    }
    cell.say(value);
    cell.say(interval);
    let (above, below) = cell.rect.split_top_bottom_at_fraction(0.5);
    paint::text_right(cell.painter(), above.translate(vec2(0.0, 1.0)), value, fonts::body_semibold(), cell.tokens.ink);
    paint::text_right(cell.painter(), below.translate(vec2(0.0, -1.0)), interval, fonts::small(), cell.tokens.muted);
}

fn adjusted_ui(ui: &mut Ui, lines: &[AdjustedLine], none: &str) {
    if lines.is_empty() {
        padded_empty_ui(ui, none);
        return;
    }
    let columns = [
        Column::text("outcome", 120.0).grow(1.0),
        Column::text("by", 70.0).grow(0.5),
        Column::number("plain", 82.0),
        Column::number("adjusted", 82.0),
        Column::number("less var.", 60.0),
        Column::number("units", 48.0),
    ];
    let table = Table::new("Adjusted", &columns).row_height(2.0 * size::ROW_COMPACT - 8.0);
    table.show(ui, lines.len(), |cell, row, column| {
        let line = &lines[row];
        match column {
            0 => {
                cell.text(&line.title);
                cell.hover(&format!("{}, adjusted by {}", line.title, line.covariate));
            }
            1 => {
                cell.small(&line.covariate);
                cell.hover(&line.covariate);
            }
            2 => two_lines(cell, line.plain.each_ref().map(String::as_str)),
            3 => two_lines(cell, line.adjusted.each_ref().map(String::as_str)),
            4 => cell.number(&line.taken),
            _ => cell.number_muted(&line.n),
        }
    });
}

fn kinds_ui(ui: &mut Ui, lines: &[KindLine], none: &str) {
    if lines.is_empty() {
        padded_empty_ui(ui, none);
        return;
    }
    let columns = [
        Column::text("", 120.0).grow(1.0),
        Column::number("rows", 66.0).of(Mark::Champion),
        Column::number("rows", 66.0).of(Mark::Challenger),
        Column::number("value", 84.0).of(Mark::Champion),
        Column::number("value", 84.0).of(Mark::Challenger),
        Column::number("Δ value", 84.0),
    ];
    let table = Table::new("Kinds of answers", &columns).row_height(size::ROW_COMPACT);
    table.show(ui, lines.len(), |cell, row, column| {
        let line = &lines[row];
        match column {
            0 => cell.text(&line.name),
            1 | 2 => cell.number_muted(&line.rows[column - 1]),
            3 | 4 => cell.number(&line.value[column - 3]),
            _ => cell.number_strong(&line.difference),
        }
    });
}

fn label(value: f64) -> String {
    format::plain(format::round_significant(value, 4)).replace('-', "\u{2212}")
}

fn spread(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (low, high) =
        values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    let more = if high > low { 0.06 * (high - low) } else { 1e-6 + 0.1 * high.abs() };
    (low - more, high + more)
}

fn curve_ui(ui: &mut Ui, rect: Rect, model: &BusinessModel) {
    let qualifier = model.curve.as_ref().map(|curve| curve.notes[1].clone()).unwrap_or_default();
    Tile::new("Value over the threshold").qualifier(&qualifier).show_at(ui, rect, |ui| {
        let Some(curve) = &model.curve else {
            states::empty_ui(ui, &model.no_curve, None);
            return;
        };
        let parts = [Part::Share(1.15), Part::Share(1.0), Part::Fixed(16.0)];
        let [values, difference, note] = layout::rows(ui.available_rect_before_wrap(), parts);
        at_ui(ui, "values", values, |ui| values_ui(ui, curve));
        at_ui(ui, "difference", difference, |ui| difference_ui(ui, curve));
        at_ui(ui, "note", note, |ui| {
            let tokens = Tokens::of(ui);
            Spans::small(tokens).muted(&curve.notes[0]).line_ui(ui).on_hover_text(&curve.notes[0]);
        });
    });
}

fn x_axis(curve: &ValuePlot) -> Axis {
    let ends = curve.points.first().zip(curve.points.last());
    let (lo, hi) = ends.map_or((0.0, 1.0), |(first, last)| (first[0], last[0]));
    Axis::linear(lo, if hi > lo { hi } else { lo + 1.0 }, "threshold", label)
}

fn values_ui(ui: &mut Ui, curve: &ValuePlot) {
    let x = x_axis(curve);
    let (lo, hi) = spread(curve.points.iter().flat_map(|[_, a, b]| [*a, *b]));
    let y = Axis::linear(lo, hi, &curve.axis, label);
    Chart::new("Value over the threshold", &x, &y).room_for_labels(56.0).show(ui, |canvas| {
        for (arm, role) in [ArmRole::Champion, ArmRole::Challenger].into_iter().enumerate() {
            let color = canvas.tokens.arm(role);
            canvas.line(curve.points.iter().map(|point| (point[0], point[1 + arm])), color);
            if let Some(threshold) = curve.thresholds[arm] {
                canvas.vertical_dashed(threshold, color);
                let at = curve.points.partition_point(|point| point[0] < threshold);
                if let Some(point) = curve.points.get(at) {
                    canvas.operating_point(threshold, point[1 + arm], role.into());
                }
            }
            canvas.mark(curve.best[arm][0], curve.best[arm][1], role.into());
        }
        let spans = Spans::small(canvas.tokens)
            .hue("champion", canvas.tokens.champion)
            .text("  ")
            .hue("challenger", canvas.tokens.challenger)
            .muted("  dashed: threshold in use");
        canvas.corner_on_ground(Align2::RIGHT_BOTTOM, [spans]);
        if let Some((under, _)) = canvas.hover() {
            let at = curve.points.partition_point(|point| point[0] < under).min(curve.points.len().saturating_sub(1));
            if let Some([threshold, a, b]) = curve.points.get(at) {
                let text = format!("threshold {}\nchampion {}\nchallenger {}", label(*threshold), label(*a), label(*b));
                canvas.response().clone().on_hover_text(text);
            }
        }
    });
}

fn difference_ui(ui: &mut Ui, curve: &ValuePlot) {
    let x = x_axis(curve);
    let (lo, hi) = spread(curve.difference.iter().flat_map(|[_, _, lo, hi]| [*lo, *hi]).chain([0.0]));
    let y = Axis::linear(lo, hi, "challenger minus champion", label);
    Chart::new("Difference in value", &x, &y).room_for_labels(56.0).show(ui, |canvas| {
        canvas.band(curve.difference.iter().map(|[at, _, lo, hi]| (*at, *lo, *hi)), canvas.tokens.ink);
        canvas.line(curve.difference.iter().map(|[at, value, ..]| (*at, *value)), canvas.tokens.ink);
        canvas.reference(
            (curve.points.first().map_or(0.0, |p| p[0]), 0.0),
            (curve.points.last().map_or(1.0, |p| p[0]), 0.0),
        );
    });
}
