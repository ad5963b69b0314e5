//! Agreement: finding; the table of answers, its figures, what labels are worth; below, the shift of the scores, churn by
//! slice and over time.

use eframe::egui::{Label, Rect, ScrollArea, Ui};

use super::frame::sentence;
use crate::present::agreement::{
    AgreementModel, AnswerTable, Change, Fact, LabelsModel, ShiftModel, SliceLine, SpansModel,
};
use crate::present::format;
use crate::present::scores::round_top;
use crate::session::Command;
use crate::ui::Outbox;
use crate::ui::layout::{self, Part, at_ui};
use crate::ui::marks::Mark;
use crate::ui::text::{self, Spans};
use crate::ui::theme::{Tokens, size};
use crate::ui::widgets::{Axis, Button, Cell, Chart, Column, Matrix, MatrixCell, Table, Tile, states};
use crate::ui::{fonts, paint};

const FINDING: f32 = 22.0;
/// Height of the figures with their title.
const TOP: f32 = 262.0;

/// What the view remembers between frames.
#[derive(Clone, Debug, Default)]
pub struct AgreementState {
    pub cell: Option<(usize, usize)>,
    pub change: Option<usize>,
    pub slice: Option<usize>,
}

/// The view, in the rest of `ui`.
pub fn agreement_ui(ui: &mut Ui, model: &AgreementModel, state: &mut AgreementState, out: &mut Outbox) {
    let tokens = Tokens::of(ui);
    if let Some(reason) = &model.empty {
        Tile::new("Agreement").show(ui, |ui| {
            states::empty_ui(ui, reason, None);
        });
        return;
    }
    let page = ui.available_rect_before_wrap();
    // Two classes need no more height than the figures beside them.
    let few = model.table.as_ref().map_or(model.changes.len(), |table| table.names.len()) <= 2;
    let top = if few { Part::Fixed(TOP) } else { Part::Share(1.0) };
    let [finding, top, below] = layout::rows(page, [Part::Fixed(FINDING), top, Part::Share(1.1)]);
    at_ui(ui, "finding", finding, |ui| {
        sentence(Spans::finding(tokens), &model.finding, tokens).line_ui(ui).on_hover_text(model.finding.text());
    });
    let [answers, figures, labels] = layout::columns(top, [Part::Share(1.25), Part::Share(1.0), Part::Share(1.1)]);
    answers_ui(ui, answers, model, state, out);
    Tile::new("How far they agree")
        .qualifier("no label needed")
        .flush()
        .show_at(ui, figures, |ui| facts_ui(ui, "Agreement figures", &model.facts, [62.0, 106.0]));
    Tile::new("What labels would tell").show_at(ui, labels, |ui| labels_ui(ui, &model.labels, out));
    // Without scores to set against each other the others take the room.
    let (shift, [slices, spans]) = match &model.shift {
        Some(_) => {
            let [shift, right] = layout::columns(below, [Part::Share(1.45), Part::Share(1.0)]);
            (Some(shift), layout::rows(right, [Part::Share(1.0), Part::Share(1.0)]))
        }
        None => (None, layout::columns(below, [Part::Share(1.0), Part::Share(1.25)])),
    };
    if let (Some(rect), Some(shift)) = (shift, &model.shift) {
        shift_ui(ui, rect, shift);
    }
    Tile::new("Churn by slice")
        .qualifier("opened, a slice becomes the population")
        .flush()
        .show_at(ui, slices, |ui| slices_ui(ui, &model.slices, state, out));
    Tile::new("Churn over time").qualifier("share of rows answered differently").show_at(ui, spans, |ui| match &model
        .spans
    {
        Some(spans) => spans_ui(ui, spans),
        None => {
            let why = "The log has no times. Give the column of the requests' times the role ts under Change mapping.";
            states::empty_ui(ui, why, None);
        }
    });
    ui.advance_cursor_after_rect(page);
}

fn answers_ui(ui: &mut Ui, rect: Rect, model: &AgreementModel, state: &mut AgreementState, out: &mut Outbox) {
    let tile = Tile::new("Answers").qualifier(&model.qualifier).flush();
    tile.show_at(ui, rect, |ui| match &model.table {
        Some(table) => table_ui(ui, table, state, out),
        None => changes_ui(ui, &model.changes, &model.left, state, out),
    });
}

/// Champion down, challenger across.
fn table_ui(ui: &mut Ui, table: &AnswerTable, state: &mut AgreementState, out: &mut Outbox) {
    let tokens = Tokens::of(ui);
    let cells: Vec<MatrixCell> = table
        .cells
        .iter()
        .map(|cell| MatrixCell {
            main: cell.rows.clone(),
            sub: cell.share.clone(),
            fill: if cell.alike { tokens.sequential(0.5 * cell.shade) } else { tokens.diverging(cell.shade) },
            name: cell.name.clone(),
            ..MatrixCell::default()
        })
        .collect();
    let [upper, lower] =
        layout::rows(ui.available_rect_before_wrap().shrink(4.0), [Part::Share(1.0), Part::Fixed(16.0)]);
    let answer = at_ui(ui, "table", upper, |ui| {
        Matrix {
            name: "answers",
            column_title: "challenger answers",
            columns: &table.names,
            rows: &table.names,
            cells: &cells,
            totals: &[],
            totals_title: "",
            selected: state.cell,
            clickable: true,
            unlabelled: false,
        }
        .show(ui)
    });
    at_ui(ui, "note", lower, |ui| {
        Spans::small(tokens).muted("down: the champion answers; a click opens the rows, labelled or not").line_ui(ui);
    });
    if let Some((row, column)) = answer.selected {
        state.cell = Some((row, column));
        let place = row * table.names.len() + column;
        if let Some(cell) = table.cells.get(place) {
            out.push(Command::OpenRows(cell.selection.clone()));
        }
    }
}

fn changes_ui(ui: &mut Ui, changes: &[Change], left: &str, state: &mut AgreementState, out: &mut Outbox) {
    let tokens = Tokens::of(ui);
    if changes.is_empty() {
        states::empty_ui(ui, "Both models answer every row alike.", None);
        return;
    }
    let pairs = changes.iter().any(|change| !change.challenger.is_empty());
    let mut columns = vec![Column::text(if pairs { "champion" } else { "answers" }, 110.0).grow(1.0)];
    if pairs {
        columns[0] = Column::text("champion", 96.0).grow(1.0).of(Mark::Champion);
        columns.push(Column::text("challenger", 96.0).grow(1.0).of(Mark::Challenger));
    }
    let first = columns.len();
    columns.extend([Column::number("rows", 62.0), Column::number("of all", 64.0)]);
    if changes.iter().any(|change| change.unlabelled != "0") {
        columns.push(Column::number("no label", 64.0));
    }
    let foot = if left.is_empty() { 0.0 } else { 18.0 };
    let [upper, lower] = layout::rows(ui.available_rect_before_wrap(), [Part::Share(1.0), Part::Fixed(foot)]);
    let answer = at_ui(ui, "changes", upper, |ui| {
        let table =
            Table::new("Changed answers", &columns).row_height(size::ROW_COMPACT).selected(state.change).clickable();
        table.show(ui, changes.len(), |cell, row, column| {
            let change = &changes[row];
            match column {
                0 => cell.text(&change.champion),
                column if column < first => cell.text(&change.challenger),
                column if column == first => cell.number_strong(&change.rows),
                column if column == first + 1 => cell.number(&change.share),
                _ => cell.number_muted(&change.unlabelled),
            }
        })
    });
    if foot > 0.0 {
        at_ui(ui, "left", lower, |ui| {
            Spans::small(tokens).muted(left).line_ui(ui);
        });
    }
    if let Some(row) = answer.clicked {
        state.change = Some(row);
        out.push(Command::OpenRows(changes[row].selection.clone()));
    }
}

/// Name, value, interval, these of at least the given widths; the formula on hover.
pub(super) fn facts_ui(ui: &mut Ui, name: &str, facts: &[Fact], [value, interval]: [f32; 2]) {
    let widest = |least: f32, text: fn(&Fact) -> &str| {
        let width = |fact| paint::text_width(ui.painter(), text(fact), fonts::body_semibold()) + 12.0;
        facts.iter().map(width).fold(least, f32::max).ceil()
    };
    let (value, interval) = (widest(value, |fact| &fact.value), widest(interval, |fact| &fact.interval));
    let columns = [Column::text("", 96.0).grow(1.0), Column::number("", value), Column::number("", interval)];
    let with = facts.iter().any(|fact| !fact.interval.is_empty());
    let columns = if with { &columns[..] } else { &columns[..2] };
    let table = Table::new(name, columns).row_height(size::ROW_COMPACT).header_height(0.0);
    table.show(ui, facts.len(), |cell: &mut Cell<'_>, row, column| {
        let fact = &facts[row];
        match column {
            0 => {
                cell.text(&fact.name);
                cell.hover(&fact.hover);
            }
            1 => cell.number_strong(&fact.value),
            _ => cell.number(&fact.interval),
        }
    });
}

fn labels_ui(ui: &mut Ui, model: &LabelsModel, out: &mut Outbox) {
    let tokens = Tokens::of(ui);
    ScrollArea::vertical().id_salt("labels").show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 6.0;
        for sentence in &model.sentences {
            ui.add(Label::new(text::body(tokens, sentence)).wrap());
        }
        for fact in &model.facts {
            let spans = Spans::small(tokens).muted(&fact.name).text("  ").strong(&fact.value);
            spans.ui(ui).on_hover_text(&fact.hover);
        }
        if let Some((words, selection)) = &model.to_label {
            let button = Button::secondary(words).ui(ui);
            if button
                .on_hover_text("Rows without a label that the models answer differently; copy or export them there")
                .clicked()
            {
                out.push(Command::OpenRows(selection.clone()));
            }
        }
    });
}

fn shift_ui(ui: &mut Ui, rect: Rect, shift: &ShiftModel) {
    let title = if shift.what == "score" { "Shift of the scores" } else { "Shift of the predictions" };
    Tile::new(title).qualifier("challenger minus champion on the same row").flush().show_at(ui, rect, |ui| {
        let [chart, facts] = layout::columns(ui.available_rect_before_wrap(), [Part::Share(1.0), Part::Fixed(380.0)]);
        at_ui(ui, "chart", chart.shrink(8.0), |ui| histogram_ui(ui, shift));
        let foot = if shift.remark.is_empty() { 0.0 } else { 32.0 };
        let [upper, lower] = layout::rows(facts, [Part::Share(1.0), Part::Fixed(foot)]);
        at_ui(ui, "facts", upper, |ui| facts_ui(ui, "Shift figures", &shift.facts, [112.0, 126.0]));
        if foot > 0.0 {
            let remark = text::small(Tokens::of(ui), &shift.remark);
            at_ui(ui, "remark", lower, |ui| ui.add(Label::new(remark).wrap()));
        }
    });
}

fn label(value: f64) -> String {
    format::plain(format::round_significant(value, 4)).replace('-', "\u{2212}")
}

fn histogram_ui(ui: &mut Ui, shift: &ShiftModel) {
    let (Some(&lo), Some(&hi)) = (shift.edges.first(), shift.edges.last()) else {
        states::empty_ui(ui, "Both models give the same number on every row.", None);
        return;
    };
    let x = Axis::linear(lo, hi, &format!("difference in {}", shift.what), label);
    let top = shift.heights.iter().copied().fold(0.0, f64::max);
    let y = Axis::linear(0.0, round_top(top.max(1e-9) * 1.05).0, "% of the rows per bin", label);
    Chart::new("Distribution of the shift", &x, &y).show(ui, |canvas| {
        canvas.steps(&shift.edges, &shift.heights, canvas.tokens.ink);
        if lo < 0.0 && hi > 0.0 {
            canvas.vertical_dashed(0.0, canvas.tokens.line_strong);
        }
        let bin =
            canvas.hover().and_then(|(at, _)| shift.edges.windows(2).position(|ends| ends[0] <= at && at < ends[1]));
        if let Some(bin) = bin {
            let text = format!(
                "{} to {}\n{} % of the rows",
                label(shift.edges[bin]),
                label(shift.edges[bin + 1]),
                label(shift.heights.get(bin).copied().unwrap_or(0.0))
            );
            canvas.response().clone().on_hover_text(text);
        }
    });
}

fn slices_ui(ui: &mut Ui, slices: &[SliceLine], state: &mut AgreementState, out: &mut Outbox) {
    if slices.is_empty() {
        states::empty_ui(ui, "  No slice is defined. Add one in the rail to see where the models part.", None);
        return;
    }
    let columns = [
        Column::text("slice", 104.0).grow(1.0),
        Column::number("rows", 54.0),
        Column::number("churn", 58.0),
        Column::number("interval", 92.0),
        Column::number("no label", 56.0),
    ];
    let table = Table::new("Churn by slice", &columns).row_height(size::ROW_COMPACT).selected(state.slice).clickable();
    let answer = table.show(ui, slices.len(), |cell, row, column| {
        let line = &slices[row];
        match column {
            0 => {
                cell.text(&line.name);
                cell.hover(&line.name);
            }
            1 => cell.number_muted(&line.rows),
            2 => cell.number_strong(&line.churn),
            3 => cell.number(&line.interval),
            _ => cell.number_muted(&line.unlabelled),
        }
    });
    state.slice = answer.clicked.or(state.slice);
    if let Some(slice) = answer.opened.and_then(|row| slices.get(row)).and_then(|line| line.slice) {
        out.push(Command::SelectSlice(Some(slice)));
    }
}

fn spans_ui(ui: &mut Ui, model: &SpansModel) {
    let x = Axis::new(0.0, 1.0, "", model.ticks.clone()).without_grid();
    let (top, _) = round_top(if model.top > 0.0 { model.top * 1.1 } else { 1.0 });
    // A share of rows ends at all of them.
    let top = top.min(100.0);
    let y = Axis::linear(0.0, top, "%", label);
    Chart::new("Churn over time", &x, &y).room_for_labels(40.0).show(ui, |canvas| {
        canvas.reference_y(model.whole, "all rows", 0.9);
        canvas.line(model.line.iter().copied(), canvas.tokens.ink);
    });
}
