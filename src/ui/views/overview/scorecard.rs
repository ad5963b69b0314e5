//! The scorecard: one table, two groups of rows with an axis each.

use eframe::egui::Ui;

use super::super::frame::{forest_axis, forest_row};
use super::OverviewState;
use crate::compare::BUSINESS_VALUE;
use crate::log::Task;
use crate::metrics::registry;
use crate::present::operations::is_operational;
use crate::present::overview::{ScoreRow, Scorecard};
use crate::session::{Command, View};
use crate::ui::Outbox;
use crate::ui::marks::Mark;
use crate::ui::text::Spans;
use crate::ui::theme::size;
use crate::ui::widgets::{Cell, Column, ForestAxis, Table, forest};
use crate::ui::{fonts, paint};

/// Height of a header with an axis in it.
const AXIS: f32 = 34.0;
const FOREST: usize = 6;

/// What a line of the table is.
enum Line<'a> {
    Row(&'a ScoreRow, bool),
    /// Title of the ungated metrics, with their axis.
    Group,
}

impl Scorecard {
    fn line(&self, index: usize) -> Option<Line<'_>> {
        let gated = self.gated.len();
        if index < gated {
            return self.gated.get(index).map(|row| Line::Row(row, true));
        }
        match (gated, index - gated) {
            (0, index) => self.ungated.get(index).map(|row| Line::Row(row, false)),
            (_, 0) => Some(Line::Group),
            (_, index) => self.ungated.get(index - 1).map(|row| Line::Row(row, false)),
        }
    }

    fn has_group(&self) -> bool {
        !self.gated.is_empty() && !self.ungated.is_empty()
    }

    fn lines(&self) -> usize {
        self.gated.len() + self.ungated.len() + usize::from(self.has_group())
    }
}

/// Height that shows every row.
pub(in crate::ui::views) fn height(model: &Scorecard) -> f32 {
    let rows = (model.gated.len() + model.ungated.len()) as f32 * size::ROW;
    28.0 + AXIS + rows + if model.has_group() { AXIS } else { 0.0 } + 9.0
}

pub(in crate::ui::views) fn scorecard_ui(ui: &mut Ui, model: &Scorecard, state: &mut OverviewState, out: &mut Outbox) {
    let gates = model.gated.iter().map(|row| paint::text_width(ui.painter(), &row.gate, fonts::body()));
    let gate = (gates.fold(150.0, f32::max) + 2.0 * size::CELL_PADDING + 2.0).min(230.0).ceil();
    let columns = [
        Column::mark(),
        Column::text("Metric", 192.0).grow(0.5),
        Column::number("champion", 76.0).of(Mark::Champion),
        Column::number("challenger", 88.0).of(Mark::Challenger),
        Column::number("difference", 74.0),
        Column::number(&model.interval_title, 144.0),
        Column::text("", 160.0).grow(2.0),
        Column::text("Gate", gate),
        Column::number("rows", 76.0),
    ];
    let (margins, per_cent) = (forest_axis(&model.gated_axis), forest_axis(&model.ungated_axis));
    let first = if model.gated.is_empty() { &per_cent } else { &margins };
    let header = |cell: &mut Cell<'_>, column: usize| {
        if column == FOREST {
            forest::header(cell, first);
        }
        column == FOREST
    };
    let group = |index: usize| matches!(model.line(index), Some(Line::Group));
    let heights = |index: usize| if group(index) { AXIS } else { size::ROW };
    let table = Table::new("Scorecard", &columns)
        .header_height(AXIS)
        .header(&header)
        .heights(&heights)
        .inert(&group)
        .selected(state.selected)
        .clickable();
    let answer = table.show(ui, model.lines(), |cell, index, column| match model.line(index) {
        Some(Line::Row(row, true)) => cell_of(cell, row, &margins, true, column),
        Some(Line::Row(row, false)) => cell_of(cell, row, &per_cent, false, column),
        Some(Line::Group) => group_cell(cell, &model.ungated_title, &per_cent, column),
        None => {}
    });
    if answer.clicked.is_some() {
        state.selected = answer.clicked;
    }
    if let Some(Line::Row(row, _)) = answer.opened.and_then(|index| model.line(index)) {
        match row.own && row.slice.is_none() {
            true if row.metric == BUSINESS_VALUE => out.push(Command::Show(View::Business)),
            true => state.opened = Some(row.metric.clone()),
            false => out.push(behind(row, model)),
        }
    }
}

/// What is behind a row: its slice, or the view that explains the metric.
fn behind(row: &ScoreRow, card: &Scorecard) -> Command {
    let task = card.task;
    if row.slice.is_some() {
        Command::SelectSlice(row.slice)
    } else if is_operational(&row.metric) {
        Command::Show(View::Operations)
    } else if card.split {
        Command::Show(View::Timeline)
    } else if task != Task::Binary {
        // The view of the task stands after the overview.
        View::of(task).get(1).map_or(Command::Show(View::Rows), |view| Command::Show(*view))
    } else if registry::confusion_metric(&row.metric, [1.0, 1.0]).is_some() {
        Command::Show(View::Confusion)
    } else {
        Command::Show(View::Curves)
    }
}

fn group_cell(cell: &mut Cell<'_>, title: &str, axis: &ForestAxis, column: usize) {
    match column {
        1 => {
            let full = cell.rect;
            cell.rect.min.y = full.bottom() - size::TABLE_HEADER;
            cell.small(title);
        }
        FOREST => forest::header(cell, axis),
        _ => {}
    }
}

fn cell_of(cell: &mut Cell<'_>, row: &ScoreRow, axis: &ForestAxis, gated: bool, column: usize) {
    let reason = row.undefined.as_deref();
    match column {
        0 => {
            if let Some(sign) = row.sign {
                cell.mark(sign.into());
            }
        }
        1 => {
            cell.qualified(&row.title, &row.qualifier);
            cell.hover(&row.hover);
        }
        2 => number(cell, &row.champion, reason),
        3 => number(cell, &row.challenger, reason),
        4 if reason.is_none() => cell.number_strong(&row.difference),
        4 => number(cell, &row.difference, reason),
        5 => interval(cell, &row.interval),
        FOREST if row.plot.is_some() || (reason.is_some() && gated) => {
            forest::cell(cell, axis, &forest_row(row.plot, !gated));
        }
        FOREST => {}
        7 => gate(cell, row),
        _ => cell.number_muted(&row.rows),
    }
}

fn number(cell: &mut Cell<'_>, text: &str, reason: Option<&str>) {
    match reason {
        Some(reason) if text == crate::present::format::UNDEFINED => {
            cell.number_muted(text);
            cell.hover(reason);
        }
        _ => cell.number(text),
    }
}

/// The interval is never cut: where it does not fit it is set smaller.
fn interval(cell: &mut Cell<'_>, text: &str) {
    let fits = paint::text_width(cell.painter(), text, fonts::body()) <= cell.rect.width();
    let font = if fits { fonts::body() } else { fonts::small() };
    cell.right(text, font, cell.tokens.text);
}

fn gate(cell: &mut Cell<'_>, row: &ScoreRow) {
    if row.undefined.is_some() || row.sign.is_none() {
        if row.undefined.is_some() && row.sign.is_none() {
            // Nothing is drawn before it, so a long reason may begin there.
            let short = paint::text_width(cell.painter(), &row.gate, fonts::small()) + 1.0 - cell.rect.width();
            cell.rect.min.x -= short.clamp(0.0, 130.0);
        }
        cell.small(&row.gate);
        if row.undefined.is_some() {
            cell.hover(&row.gate);
        }
        return;
    }
    let spans = match row.gate.split_once(' ') {
        Some((id, asked)) => Spans::body(cell.tokens).muted(&format!("{id} ")).text(asked),
        None => Spans::body(cell.tokens).text(&row.gate),
    };
    cell.spans(spans);
    cell.hover(&row.gate);
}
