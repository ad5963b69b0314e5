//! The threshold control with its rule and read-out, and the compact bar for other views.

use eframe::egui::{Rect, Ui, pos2};

use crate::present::curves::{CurvesModel, ReadOut, ReadOutCell, ThresholdModel};
use crate::session::Command;
use crate::ui::layout::at_ui;
use crate::ui::marks::Mark;
use crate::ui::theme::{Tokens, size};
use crate::ui::widgets::{Column, Scale, Table, ThresholdControl, segmented_with_ui};
use crate::ui::{Outbox, fonts, paint};

/// Height that [`threshold_bar_ui`] takes.
pub const BAR_HEIGHT: f32 = 62.0;
/// Room of the rule's four names.
const RULES: f32 = 373.0;

/// Control left, read-out right.
pub(super) fn control_ui(ui: &mut Ui, model: &CurvesModel, out: &mut Outbox) {
    let rect = ui.max_rect();
    let table = (rect.width() - RULES - 16.0).clamp(560.0, (rect.width() * 0.545).clamp(620.0, 860.0));
    let left = Rect::from_min_max(rect.min, pos2(rect.right() - table - 16.0, rect.bottom()));
    let right = Rect::from_min_max(pos2(rect.right() - table, rect.top()), rect.max);
    at_ui(ui, "threshold", left.expand(4.0), |ui| {
        let [rules, control] = [
            Rect::from_min_max(pos2(left.left(), left.top() + 3.0), pos2(left.right(), left.top() + 30.0)),
            Rect::from_min_max(pos2(left.left(), left.bottom() - BAR_HEIGHT - 4.0), left.max),
        ];
        at_ui(ui, "rules", rules, |ui| rules_ui(ui, &model.threshold, out));
        remark(ui, Rect::from_min_max(pos2(rules.left() + RULES + 8.0, rules.top()), rules.max), &model.threshold);
        at_ui(ui, "track", control, |ui| track_ui(ui, &model.threshold, out));
    });
    at_ui(ui, "read-out", right, |ui| read_out_ui(ui, &model.read_out));
}

/// Rule and control in one line of [`BAR_HEIGHT`], for use on top of other views.
pub fn threshold_bar_ui(ui: &mut Ui, model: &ThresholdModel, out: &mut Outbox) {
    let (rect, _) =
        ui.allocate_exact_size(eframe::egui::vec2(ui.available_width(), BAR_HEIGHT), eframe::egui::Sense::hover());
    let split = rect.left() + RULES + 24.0;
    let rules = Rect::from_min_max(pos2(rect.left(), rect.top() + 8.0), pos2(split, rect.top() + 34.0));
    at_ui(ui, "rules", rules, |ui| rules_ui(ui, model, out));
    remark(
        ui,
        Rect::from_min_max(pos2(rect.left(), rules.bottom() + 2.0), pos2(split - 12.0, rect.bottom() - 6.0)),
        model,
    );
    at_ui(ui, "track", Rect::from_min_max(pos2(split, rect.top()), rect.max), |ui| track_ui(ui, model, out));
}

fn remark(ui: &Ui, rect: Rect, model: &ThresholdModel) {
    // The chosen rule says the same in short.
    if paint::text_width(ui.painter(), &model.remark, fonts::small()) <= rect.width() {
        paint::text_left(ui.painter(), rect, &model.remark, fonts::small(), Tokens::of(ui).muted);
    }
}

fn rules_ui(ui: &mut Ui, model: &ThresholdModel, out: &mut Outbox) {
    let options: Vec<_> =
        model.rules.iter().map(|option| (option.rule, option.title, option.enabled, option.reason)).collect();
    if let Some(rule) = segmented_with_ui(ui, "Threshold rule", &options, Some(model.rule)) {
        out.push(Command::SetThresholdRule(rule));
    }
}

fn track_ui(ui: &mut Ui, model: &ThresholdModel, out: &mut Outbox) {
    let control = ThresholdControl {
        range: model.range,
        scale: if model.logit { Scale::Logit } else { Scale::Linear },
        ticks: &model.ticks,
        values: model.values.clone(),
        movable: model.movable,
        caption: model.caption,
    };
    if let Some(change) = control.show(ui) {
        out.push(Command::SetThreshold { arm: change.arm, value: change.value, dragging: change.dragging });
    }
}

/// Champion, challenger, difference: thresholds, rates and counts.
fn read_out_ui(ui: &mut Ui, model: &ReadOut) {
    let mut columns = vec![Column::text("", 92.0)];
    let widths = |title: &str| match title {
        "threshold" => 58.0,
        // Room for a difference: `+42.1 pp`.
        "flag rate" | "FPR" | "recall" | "precision" => 70.0,
        _ => 52.0,
    };
    columns.extend(model.columns.iter().map(|title| Column::number(title, widths(title)).grow(widths(title))));
    let rows: Vec<(Option<Mark>, &str, &Vec<ReadOutCell>)> = [
        model.champion.as_ref().map(|cells| (Some(Mark::Champion), "champion", cells)),
        model.challenger.as_ref().map(|cells| (Some(Mark::Challenger), "challenger", cells)),
        model.difference.as_ref().map(|cells| (None, "difference", cells)),
    ]
    .into_iter()
    .flatten()
    .collect();
    Table::new("Operating points", &columns).row_height(size::ROW).show(ui, rows.len(), |cell, row, column| {
        let (mark, name, cells) = &rows[row];
        let number = column.checked_sub(1).and_then(|index| cells.get(index));
        match (number, mark) {
            (None, Some(mark)) => {
                let color = mark.color(cell.tokens);
                let center = pos2(cell.rect.left() + size::MARK / 2.0, cell.rect.center().y);
                mark.paint(cell.painter(), center, size::MARK, cell.tokens);
                cell.rect.min.x += 18.0;
                cell.left(name, fonts::body_medium(), color);
            }
            (None, None) => cell.text(name),
            (Some(ReadOutCell { undefined: Some(reason), .. }), _) => cell.undefined(reason),
            (Some(number), Some(_)) => cell.number(&number.text),
            (Some(number), None) => cell.number_strong(&number.text),
        }
    });
}
