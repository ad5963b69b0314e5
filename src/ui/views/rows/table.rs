//! The table of the browser: one page of rows, sorted by a click on a header.

use std::cell::Cell as Shared;

use eframe::egui::{CornerRadius, Ui, pos2};

use super::{RowsResponse, RowsState, keys};
use crate::log::ArmRole;
use crate::present::format;
use crate::present::rows::{Head, Kind, PAGE, Right, RowCell, RowSource, RowsModel, Sort, SortKey};
use crate::ui::marks::Mark;
use crate::ui::outbox::Outbox;
use crate::ui::theme::size;
use crate::ui::widgets::{Cell, Column, Table, pair, sorting};
use crate::ui::{fonts, paint};

/// The rows of `source` with the columns of `model`, in the rest of `ui`.
pub fn table_ui(
    ui: &mut Ui,
    source: &RowSource<'_>,
    model: &RowsModel,
    state: &mut RowsState,
    out: &mut Outbox,
) -> RowsResponse {
    let rows = source.rows.len();
    state.page = state.page.min(rows.saturating_sub(1) / PAGE);
    let start = state.page * PAGE;
    let shown = rows.saturating_sub(start).min(PAGE);
    let grid = keys::keys_ui(ui, source, model, state, out);

    let ordinal = paint::text_width(ui.painter(), &format::count((start + shown) as u64), fonts::small());
    let mut columns = vec![Column::number("", (ordinal + 2.0 * size::CELL_PADDING).max(28.0))];
    columns.extend(model.heads.iter().map(|head| column(ui, head)));
    let asked = Shared::new(None);
    let header = |cell: &mut Cell<'_>, index: usize| {
        match index.checked_sub(1).and_then(|index| model.heads.get(index)) {
            Some(head) => header_cell(cell, head, model.sort, &asked),
            None => order_cell(cell, model.sort, &asked),
        }
        true
    };
    let chosen = state.chosen(rows);
    let reveal = std::mem::take(&mut state.reveal).then(|| revealed(ui, state, start, shown)).flatten();
    let table = Table::new("Rows", &columns)
        .header(&header)
        .clickable()
        .selected(state.selected.and_then(|selected| selected.checked_sub(start)))
        .scroll_to(reveal);
    let mut seen: Option<(usize, usize)> = None;
    let answer = table.show(ui, shown, |cell, row, column| {
        let position = start + row;
        seen = Some(seen.map_or((position, position), |(first, _)| (first, position)));
        if chosen.len() > 1 && chosen.contains(&position) && Some(position) != state.selected {
            cell.painter().rect_filled(cell.full_rect(), CornerRadius::ZERO, cell.tokens.selected);
        }
        match column.checked_sub(1).and_then(|index| model.heads.get(index)) {
            Some(head) => paint_cell(cell, source.cell(position, head.column), head.kind),
            None => {
                let (font, color) = (fonts::small(), cell.tokens.muted);
                cell.right(&format::count(position as u64 + 1), font, color);
            }
        }
    });
    state.seen = seen.map_or(0..0, |(first, last)| first..last + 1);
    if let Some(row) = answer.clicked.or(answer.opened) {
        let extend = ui.input(|input| input.modifiers.shift);
        keys::choose(state, start + row, extend);
        ui.memory_mut(|memory| memory.request_focus(grid));
    }
    if answer.opened.is_some() {
        state.detail = true;
    }
    let sort = asked.get();
    if let Some(sort) = sort {
        state.sort = sort;
    }
    RowsResponse { sort, ..RowsResponse::default() }
}

/// Row of the page to put in the middle so that the selected one is in sight; `None` where it is already.
/// The list is never scrolled past its end, from where it would spring back.
fn revealed(ui: &Ui, state: &RowsState, start: usize, shown: usize) -> Option<usize> {
    let selected = state.selected?;
    let half = ((ui.available_height() - size::TABLE_HEADER) / size::ROW / 2.0).max(0.0) as usize;
    // The first and the last one painted may be cut.
    let (first, last) = (state.seen.start + usize::from(state.seen.start > start), state.seen.end.saturating_sub(2));
    let middle = if state.seen.is_empty() || selected + 2 * half < first || selected > last + 2 * half {
        selected
    } else if selected < first {
        selected + half
    } else if selected > last {
        (selected + 1).saturating_sub(half)
    } else {
        return None;
    };
    Some(middle.saturating_sub(start).min(shown.saturating_sub(half + 2)))
}

fn column<'a>(ui: &Ui, head: &'a Head) -> Column<'a> {
    let digit = paint::text_width(ui.painter(), "0", fonts::body());
    let title = paint::text_width(ui.painter(), &head.title, fonts::medium(fonts::SMALL)) + 2.0 * size::CELL_PADDING;
    let sorts = if head.sort.is_some() { 12.0 } else { 0.0 };
    let content = |per: f32| (head.chars as f32 * per + 2.0 * size::CELL_PADDING).max(title + sorts).ceil();
    // Only long words give way where room is short; ids, times and numbers are never cut.
    match head.kind {
        Kind::Mono => {
            Column::text(&head.title, content(paint::text_width(ui.painter(), "0", fonts::mono(fonts::MONO))))
        }
        Kind::Text if head.chars > 14 => Column::text(&head.title, content(digit * 0.9)).grow(1.0),
        Kind::Text => Column::text(&head.title, content(digit * 0.9)),
        Kind::Number => Column::number(&head.title, content(digit)),
        Kind::Arm(role) => Column::number(&head.title, content(digit).max(title + sorts + 16.0)).of(role.into()),
        Kind::Right => Column::text(&head.title, 46.0),
        Kind::Track => Column::text(&head.title, 120.0).grow(3.0),
    }
}

/// Title, mark of the arm, direction of the order; a click sorts, or turns the order round.
fn header_cell(cell: &mut Cell<'_>, head: &Head, sort: Sort, asked: &Shared<Option<Sort>>) {
    let tokens = cell.tokens;
    let sorted = head.sort == Some(sort.key) && head.sort.is_some();
    let arm = match head.kind {
        Kind::Arm(role) => Some(Mark::from(role)),
        _ => None,
    };
    let color = arm.map_or(if sorted { tokens.ink } else { tokens.muted }, |mark| mark.color(tokens));
    let font = if arm.is_some() || sorted { fonts::medium(fonts::SMALL) } else { fonts::small() };
    let right = matches!(head.kind, Kind::Number | Kind::Arm(_));
    let text = if right { cell.right(&head.title, font, color) } else { cell.left(&head.title, font, color) };
    if let Some(mark) = arm {
        mark.paint(cell.painter(), pos2(text.left() - 8.0, text.center().y), size::MARK_IN_LISTS, tokens);
    }
    if sorted {
        let x = if right { text.left() - if arm.is_some() { 18.0 } else { 7.0 } } else { text.right() + 7.0 };
        sorting::arrow(cell, pos2(x, text.center().y), sort.descending);
    }
    if let Some(key) = head.sort {
        sort_ui(cell, &format!("Sort by {}", sort_name(head)), key, sort, asked);
    }
}

/// Above the row numbers: the log's own order, its end first after a second click.
fn order_cell(cell: &mut Cell<'_>, sort: Sort, asked: &Shared<Option<Sort>>) {
    let sorted = sort.key == SortKey::Row;
    if sorted {
        sorting::arrow(cell, pos2(cell.rect.right() - 4.0, cell.rect.center().y), sort.descending);
    }
    sort_ui(cell, "Sort in the order of the log", SortKey::Row, sort, asked);
}

/// The header as a button; the first click puts on top what one looks for: high, late, slow; the log from its start.
fn sort_ui(cell: &mut Cell<'_>, name: &str, key: SortKey, sort: Sort, asked: &Shared<Option<Sort>>) {
    let sorted = sort.key == key;
    if sorting::press_ui(cell, name, sorted) {
        let descending = if sorted { !sort.descending } else { key != SortKey::Row };
        asked.set(Some(Sort { key, descending }));
    }
}

fn sort_name(head: &Head) -> String {
    match head.kind {
        Kind::Arm(ArmRole::Champion) => "champion score".to_owned(),
        Kind::Arm(ArmRole::Challenger) => "challenger score".to_owned(),
        _ => head.title.clone(),
    }
}

fn paint_cell(cell: &mut Cell<'_>, value: RowCell, kind: Kind) {
    match value {
        RowCell::Id(text) => cell.mono(&text),
        RowCell::Text(text) => cell.text(&text),
        RowCell::Number(text) => cell.number(&text),
        RowCell::Arm(role, text) => cell.number_hue(&text, cell.tokens.arm(role)),
        RowCell::Right(right) => right_cell(cell, right),
        RowCell::Track { scores, thresholds } => pair::dumbbell(cell, scores, thresholds),
        RowCell::Missing(reason) if matches!(kind, Kind::Number | Kind::Arm(_)) => cell.undefined(reason),
        RowCell::Missing(reason) => {
            cell.muted(format::UNDEFINED);
            cell.say(reason);
            cell.hover(reason);
        }
    }
}

/// The marks of those who are right, each at its own place; the word is said, and shown on hover.
fn right_cell(cell: &mut Cell<'_>, right: Right) {
    let (rect, tokens) = (cell.rect, cell.tokens);
    let center = |at: f32| pos2(rect.left() + at, rect.center().y);
    if right.champion == Some(true) {
        Mark::Champion.paint(cell.painter(), center(6.0), size::MARK_IN_LISTS, tokens);
    }
    if right.challenger == Some(true) {
        Mark::Challenger.paint(cell.painter(), center(22.0), size::MARK_IN_LISTS, tokens);
    }
    cell.say(right.word());
    cell.hover(right.word());
}
