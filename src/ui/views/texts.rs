//! Texts: finding, scorecard; the rows on which the models differ most, with their texts side by side; one row in full.

use eframe::egui::text::{LayoutJob, TextFormat, TextWrapping};
use eframe::egui::{Align, Color32, FontId, Label, Layout, Rect, ScrollArea, Stroke, Ui, pos2};

use super::frame::sentence;
use super::lists::lists_ui;
use super::overview::{OverviewState, scorecard};
use crate::log::ArmRole;
use crate::present::texts::{Piece, TextAnswer, TextLine, TextList, TextsModel};
use crate::session::Command;
use crate::ui::Outbox;
use crate::ui::layout::{self, Part, at_ui};
use crate::ui::marks::Mark;
use crate::ui::text::Spans;
use crate::ui::theme::{Tokens, size};
use crate::ui::widgets::{Button, Cell, Column, Table, Tile, states};
use crate::ui::{fonts, paint};

const FINDING: f32 = 22.0;
/// Lines of a text in the list.
const LINES: usize = 3;
const LIST_ROW: f32 = 62.0;
const ROLES: [ArmRole; 2] = [ArmRole::Champion, ArmRole::Challenger];

/// What the view remembers between frames.
#[derive(Clone, Debug, Default)]
pub struct TextsState {
    pub scorecard: OverviewState,
    /// Place of the list among the model's.
    pub list: usize,
    pub filter: String,
    /// Chosen line of the list.
    pub line: Option<usize>,
}

/// The view, in the rest of `ui`.
pub fn texts_ui(ui: &mut Ui, model: &TextsModel, state: &mut TextsState, out: &mut Outbox) {
    let tokens = Tokens::of(ui);
    let page = ui.available_rect_before_wrap();
    if let Some(reason) = &model.empty {
        Tile::new("Texts").show(ui, |ui| {
            states::empty_ui(ui, reason, None);
        });
        return;
    }
    let card = scorecard::height(&model.scorecard).min(page.height() * 0.3).max(110.0);
    let [finding, top, control, list, below] = layout::rows(
        page,
        [Part::Fixed(FINDING), Part::Fixed(card), Part::Fixed(size::BUTTON), Part::Share(1.35), Part::Share(1.0)],
    );
    at_ui(ui, "finding", finding, |ui| {
        sentence(Spans::finding(tokens), &model.finding, tokens).line_ui(ui).on_hover_text(model.finding.text());
    });
    Tile::new("Likeness to the references").qualifier(&model.scorecard.qualifier).flush().show_at(ui, top, |ui| {
        scorecard::scorecard_ui(ui, &model.scorecard, &mut state.scorecard, out);
    });
    state.list = state.list.min(model.lists.len().saturating_sub(1));
    let Some(chosen) = model.lists.get(state.list) else { return };
    let places = chosen.matching(&state.filter);
    at_ui(ui, "texts control", control, |ui| control_ui(ui, model, chosen, places.len(), state));
    let line = state.line.filter(|line| places.contains(line)).or_else(|| places.first().copied());
    let qualifier = format!("{}, ordered by the difference in {}", chosen.count, model.measure);
    Tile::new(&chosen.name)
        .qualifier(&qualifier)
        .flush()
        .show_at(ui, list, |ui| list_ui(ui, model, chosen, &places, line, state, out));
    match line.and_then(|line| chosen.lines.get(line)) {
        Some(line) => {
            let title = format!("Row {}", line.id);
            Tile::new(&title).qualifier("in full").show_at(ui, below, |ui| full_ui(ui, line, out));
        }
        None => Tile::new("Row").show_at(ui, below, |ui| {
            states::empty_ui(ui, "No row of the list holds what is looked for.", None);
        }),
    }
    ui.advance_cursor_after_rect(page);
}

fn control_ui(ui: &mut Ui, model: &TextsModel, list: &TextList, found: usize, state: &mut TextsState) {
    let tokens = Tokens::of(ui);
    let names: Vec<&str> = model.lists.iter().map(|list| list.name.as_str()).collect();
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        let now = (state.list, &mut state.filter);
        if let Some(chosen) = lists_ui(ui, &names, "Find in texts", now, [found, list.lines.len()]) {
            (state.list, state.line) = (chosen, None);
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let mut legend = LayoutJob::default();
            let plain = format(fonts::small(), tokens.muted);
            legend.append("in the answer alone", 0.0, added(fonts::small(), tokens.muted));
            legend.append("   ", 0.0, plain);
            legend.append("in the reference alone", 0.0, missing(fonts::small(), tokens));
            ui.add(Label::new(legend));
        });
    });
}

fn list_ui(
    ui: &mut Ui,
    model: &TextsModel,
    list: &TextList,
    places: &[usize],
    line: Option<usize>,
    state: &mut TextsState,
    out: &mut Outbox,
) {
    let pair = model.lists.len() > 1;
    let mut columns = vec![
        Column::text("row", 74.0),
        Column::number(if pair { "Δ" } else { "value" }, 64.0),
        Column::text("reference", 160.0).grow(1.0),
        Column::text("champion", 160.0).grow(1.0).of(Mark::Champion),
    ];
    if pair {
        columns.push(Column::text("challenger", 160.0).grow(1.0).of(Mark::Challenger));
    }
    let selected = line.and_then(|line| places.iter().position(|place| *place == line));
    let table = Table::new("Texts", &columns).row_height(LIST_ROW).selected(selected).clickable();
    let answer = table.show(ui, places.len(), |cell, row, column| {
        let line = &list.lines[places[row]];
        match column {
            0 => cell.mono(&line.id),
            1 => cell.number_strong(&line.difference),
            2 => {
                let mut job = LayoutJob::default();
                job.append(&line.reference, 0.0, format(fonts::body(), cell.tokens.text));
                texts_cell(cell, job, &line.reference);
            }
            column => {
                if let Some(answer) = line.answers.get(column - 3) {
                    let job = answer_job(answer, cell.tokens.arm(ROLES[column - 3]), cell.tokens);
                    let said = said(answer);
                    texts_cell(cell, job, &said);
                }
            }
        }
    });
    if let Some(&place) = answer.clicked.and_then(|row| places.get(row)) {
        state.line = Some(place);
        out.push(Command::Select(Some(list.lines[place].selection.clone())));
    }
    if let Some(&place) = answer.opened.and_then(|row| places.get(row)) {
        out.push(Command::OpenRows(list.lines[place].selection.clone()));
    }
}

/// A text of some lines in a cell, the rest cut with an ellipsis.
fn texts_cell(cell: &mut Cell<'_>, mut job: LayoutJob, said: &str) {
    cell.say(said);
    job.wrap = TextWrapping { max_width: cell.rect.width(), max_rows: LINES, ..TextWrapping::default() };
    let galley = cell.painter().layout_job(job);
    let top = cell.rect.center().y - galley.size().y / 2.0;
    let place = paint::snap_pos(cell.painter(), pos2(cell.rect.left(), top));
    cell.painter().galley(place, galley, cell.tokens.text);
}

fn full_ui(ui: &mut Ui, line: &TextLine, out: &mut Outbox) {
    let tokens = Tokens::of(ui);
    let page = ui.available_rect_before_wrap();
    let [texts, foot] = layout::rows(page, [Part::Share(1.0), Part::Fixed(size::BUTTON)]);
    let parts = layout::columns(texts, [Part::Share(1.0), Part::Share(1.0), Part::Share(1.0)]);
    let column = |ui: &mut Ui, rect: Rect, name: &str, head: Spans, job: LayoutJob| {
        at_ui(ui, name, rect, |ui| {
            head.line_ui(ui);
            ScrollArea::vertical().id_salt(name).auto_shrink([false, false]).show(ui, |ui| {
                ui.add(Label::new(job).wrap().selectable(true));
            });
        });
    };
    let mut reference = LayoutJob::default();
    reference.append(&line.reference, 0.0, format(fonts::body(), tokens.ink));
    column(ui, parts[0], "reference", Spans::small(tokens).muted("reference"), reference);
    for ((answer, role), rect) in line.answers.iter().zip(ROLES).zip(parts.into_iter().skip(1)) {
        let (name, hue) = (if role == ArmRole::Champion { "champion" } else { "challenger" }, tokens.arm(role));
        let head = Spans::small(tokens).hue(name, hue).muted("  ").strong(&answer.value);
        column(ui, rect, name, head, answer_job(answer, hue, tokens));
    }
    at_ui(ui, "texts foot", foot, |ui| {
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            if Button::secondary("Open row").small().ui(ui).clicked() {
                out.push(Command::OpenRows(line.selection.clone()));
            }
            if Button::secondary("Copy texts").small().ui(ui).clicked() {
                let answers = line.answers.iter().map(said);
                let texts: Vec<String> = [line.reference.clone()].into_iter().chain(answers).collect();
                out.push(Command::CopyText(texts.join("\n")));
            }
        });
    });
}

/// The answer as it was given.
fn said(answer: &TextAnswer) -> String {
    answer.pieces.iter().filter(|(piece, _)| *piece != Piece::Missing).map(|(_, text)| text.as_str()).collect()
}

fn answer_job(answer: &TextAnswer, hue: Color32, tokens: &Tokens) -> LayoutJob {
    let mut job = LayoutJob::default();
    for (piece, text) in &answer.pieces {
        let format = match piece {
            Piece::Same => format(fonts::body(), tokens.text),
            Piece::Added => added(fonts::body_medium(), hue),
            Piece::Missing => missing(fonts::body(), tokens),
        };
        job.append(text, 0.0, format);
    }
    job
}

fn format(font_id: FontId, color: Color32) -> TextFormat {
    TextFormat { font_id, color, valign: Align::Center, ..TextFormat::default() }
}

fn added(font: FontId, color: Color32) -> TextFormat {
    TextFormat { underline: Stroke::new(1.0, color), ..format(font, color) }
}

fn missing(font: FontId, tokens: &Tokens) -> TextFormat {
    TextFormat { strikethrough: Stroke::new(1.0, tokens.muted), ..format(font, tokens.muted) }
}
