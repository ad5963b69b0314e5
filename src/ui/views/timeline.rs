//! Timeline: traffic, difference over the looks, each arm, volume on one time axis; beside it the gates by stage, what
//! each gate found, and the rule.

mod plots;

use eframe::egui::{Rect, ScrollArea, Ui, pos2, vec2};

use super::frame::sentence;
use crate::present::timeline::{StageGates, TimelineModel, WhyLine};
use crate::session::{Command, View};
use crate::ui::Outbox;
use crate::ui::layout::{self, Part, at_ui};
use crate::ui::marks::Mark;
use crate::ui::text::Spans;
use crate::ui::theme::{Tokens, size};
use crate::ui::widgets::field::choice_ui;
use crate::ui::widgets::{Button, Column, Table, Tile, states};

const FINDING: f32 = 22.0;
const BESIDE: f32 = 300.0;

/// What the view remembers between frames.
#[derive(Clone, Debug, Default)]
pub struct TimelineState {
    /// Index into the model's series.
    pub series: usize,
}

/// The view, in the rest of `ui`.
pub fn timeline_ui(ui: &mut Ui, model: &TimelineModel, state: &mut TimelineState, out: &mut Outbox) {
    let tokens = Tokens::of(ui);
    let page = ui.available_rect_before_wrap();
    if let Some(reason) = &model.empty {
        Tile::new("Timeline").show(ui, |ui| {
            states::empty_ui(ui, reason, None);
        });
        return;
    }
    let [finding, below] = layout::rows(page, [Part::Fixed(FINDING), Part::Share(1.0)]);
    at_ui(ui, "finding", finding, |ui| {
        sentence(Spans::finding(tokens), &model.finding, tokens).line_ui(ui).on_hover_text(model.finding.text());
    });
    let [left, right] = layout::columns(below, [Part::Share(1.0), Part::Fixed(BESIDE)]);
    courses_ui(ui, left, model, state);
    let gates = (TITLE + 24.0 + size::ROW * model.stages.lines.len().max(1) as f32 + 10.0).min(below.height() * 0.4);
    let [stages, why, rule] = layout::rows(right, [Part::Fixed(gates), Part::Share(1.0), Part::Fixed(132.0)]);
    let why = if model.stages.lines.is_empty() {
        why.with_min_y(stages.top())
    } else {
        Tile::new("Stage gates")
            .qualifier("cumulative, at the end of the stage")
            .flush()
            .show_at(ui, stages, |ui| stages_ui(ui, &model.stages));
        why
    };
    Tile::new("Why").qualifier("at the last look").flush().show_at(ui, why, |ui| why_ui(ui, &model.why));
    Tile::new(&model.rule).show_at(ui, rule, |ui| {
        Spans::body(tokens).text(&model.rule_text).ui(ui);
        ui.add_space(6.0);
        if Button::primary("Record decision…").ui(ui).clicked() {
            out.push(Command::Show(View::Decision));
        }
    });
    ui.advance_cursor_after_rect(page);
}

const TITLE: f32 = 28.0;

fn courses_ui(ui: &mut Ui, rect: Rect, model: &TimelineModel, state: &mut TimelineState) {
    let parts = [Part::Fixed(104.0), Part::Share(2.0), Part::Share(1.0), Part::Fixed(118.0)];
    let [share, difference, arms, volume] = layout::rows(rect, parts);
    state.series = state.series.min(model.series.len().saturating_sub(1));
    Tile::untitled("Share of traffic").show_at(ui, share, |ui| plots::share_ui(ui, model));
    let Some(series) = model.series.get(state.series) else {
        let rest = difference.union(arms);
        Tile::new("Difference").show_at(ui, rest, |ui| {
            let reason = "No outcome is mapped, so there is no course of a difference. Map what came of the requests \
                          as outcomes under Change mapping.";
            states::empty_ui(ui, reason, None);
        });
        Tile::untitled("Requests").show_at(ui, volume, |ui| plots::volume_ui(ui, model));
        return;
    };
    Tile::untitled("Difference").show_at(ui, difference, |ui| {
        plots::difference_ui(ui, model, series);
        if model.series.len() > 1 {
            let body = ui.max_rect();
            let place = Rect::from_min_size(pos2(body.right() - 160.0, body.top() - 2.0), vec2(160.0, 22.0));
            let options: Vec<(usize, &str)> =
                model.series.iter().map(|series| series.title.as_str()).enumerate().collect();
            if let Some(chosen) =
                at_ui(ui, "outcome", place, |ui| choice_ui(ui, "Outcome", &options, state.series, 150.0))
            {
                state.series = chosen;
            }
        }
    });
    Tile::untitled("Arms").show_at(ui, arms, |ui| plots::arms_ui(ui, model, series));
    Tile::untitled("Requests").show_at(ui, volume, |ui| plots::volume_ui(ui, model));
}

fn stages_ui(ui: &mut Ui, stages: &StageGates) {
    let mut columns =
        vec![Column::text("stage", 56.0).grow(1.0), Column::number("share", 46.0), Column::number("ran", 40.0)];
    columns.extend(stages.gates.iter().map(|id| Column::text(id, 30.0)));
    columns.push(Column::text("SRM", 34.0));
    let last = columns.len() - 1;
    Table::new("Stage gates", &columns).show(ui, stages.lines.len(), |cell, row, column| {
        let line = &stages.lines[row];
        match column {
            0 => {
                cell.strong(&line.name);
                cell.hover(&line.hover);
            }
            1 => cell.number(&line.share),
            2 => cell.number_muted(&line.ran),
            column if column == last => match line.ratio {
                Some(outcome) => cell.mark(outcome.into()),
                None => cell.undefined("no share was planned for this stage"),
            },
            column => match line.signs.get(column - 3).copied().flatten() {
                Some(sign) => cell.mark(sign.into()),
                None => cell.undefined("not read at this stage"),
            },
        }
    });
}

fn why_ui(ui: &mut Ui, lines: &[WhyLine]) {
    let tokens = Tokens::of(ui);
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        for line in lines {
            ui.horizontal_top(|ui| {
                ui.add_space(size::TILE_PADDING);
                Mark::from(crate::present::Sign::from(line.outcome)).ui(ui);
                ui.vertical(|ui| {
                    let role = if line.role.is_empty() { String::new() } else { format!(" {}", line.role) };
                    Spans::body(tokens).muted(&format!("{} ", line.id)).ink(&line.title).muted(&role).ui(ui);
                    Spans::body(tokens).text(&line.reading).ui(ui);
                    Spans::small(tokens).muted(&line.remark).ui(ui);
                });
            });
            ui.add_space(4.0);
            ui.separator();
        }
    });
}
