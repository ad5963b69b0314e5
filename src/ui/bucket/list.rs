//! The list of a place in a bucket: folders and objects, walked and chosen by pointer or keys.

use std::cell::Cell as Shared;

use eframe::egui::{
    CornerRadius, EventFilter, Id, Key as Press, Modifiers, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo,
    pos2, vec2,
};

use crate::ingest::source::EntryKind;
use crate::present::format;
use crate::session::browse::{Act, Browser, Key};
use crate::ui::theme::size;
use crate::ui::widgets::{Cell, Column, Table, sorting};

/// What the list remembers between frames; positions in the list.
#[derive(Clone, Debug, Default)]
pub(super) struct ListState {
    cursor: Option<usize>,
    anchor: Option<usize>,
    /// Bring the cursor into view.
    reveal: bool,
    seen: std::ops::Range<usize>,
}

const HEADS: [(Key, &str); 3] = [(Key::Name, "Name"), (Key::Size, "Size"), (Key::Changed, "Changed, UTC")];

pub(super) fn list_ui(ui: &mut Ui, browser: &Browser, state: &mut ListState, acts: &mut Vec<Act>) {
    let grid = keys_ui(ui, browser, state, acts);
    let columns = [
        Column::mark(),
        Column::text("Name", 220.0).grow(1.0),
        Column::number("Size", 92.0),
        Column::number("Changed, UTC", 138.0),
    ];
    let (sort, ticked) = (Shared::new(None), Shared::new(None));
    let header = |cell: &mut Cell<'_>, column: usize| {
        let Some(&(key, title)) = column.checked_sub(1).and_then(|index| HEADS.get(index)) else {
            return false;
        };
        let sorted = (browser.sort().0 == key).then_some(browser.sort().1);
        if sorting::head_ui(cell, title, key != Key::Name, sorted) {
            sort.set(Some(key));
        }
        true
    };
    let rows = browser.rows();
    let reveal = std::mem::take(&mut state.reveal).then(|| revealed(ui, state, rows)).flatten();
    let mut seen: Option<(usize, usize)> = None;
    let table = Table::new("Listing", &columns).header(&header).clickable().selected(state.cursor).scroll_to(reveal);
    let answer = table.show(ui, rows, |cell, row, column| {
        seen = Some(seen.map_or((row, row), |(first, _)| (first, row)));
        let Some(entry) = browser.entry(row) else {
            return;
        };
        match (column, entry.kind) {
            (0, EntryKind::Bucket) => {}
            (0, _) if tick_ui(cell, browser.is_ticked(row), browser.name(entry)) => ticked.set(Some(row)),
            (1, EntryKind::Object { archived: true, .. }) => {
                cell.qualified(browser.name(entry), "in the archive, has to be restored first");
            }
            (1, EntryKind::Object { .. }) => cell.text(browser.name(entry)),
            (1, _) => cell.strong(browser.name(entry)),
            (2, EntryKind::Object { bytes, .. }) => cell.number(&format::size(bytes)),
            (3, _) => {
                if let Some(secs) = entry.modified {
                    cell.number_muted(&moment(secs));
                }
            }
            _ => {}
        }
    });
    state.seen = seen.map_or(0..0, |(first, last)| first..last + 1);
    acts.extend(sort.get().map(Act::Sort));
    if let Some(row) = ticked.get() {
        state.anchor = Some(row);
        state.cursor = Some(row);
        acts.push(Act::Tick(row));
    } else if let Some(row) = answer.opened {
        acts.push(Act::Enter(row));
    } else if let Some(row) = answer.clicked {
        let modifiers = ui.input(|input| input.modifiers);
        if modifiers.shift {
            acts.push(Act::TickTo(state.anchor.or(state.cursor).unwrap_or(row), row));
        } else if modifiers.command {
            acts.push(Act::Tick(row));
        }
        if !modifiers.shift {
            state.anchor = Some(row);
        }
        state.cursor = Some(row);
        ui.memory_mut(|memory| memory.request_focus(grid));
    }
}

/// `2026-10-01 06:00`.
fn moment(secs: i64) -> String {
    let (year, month, day, hour, minute, _) = format::civil(secs.saturating_mul(1_000_000));
    format!("{year}-{month:02}-{day:02} {hour:02}:{minute:02}")
}

/// A box that is ticked where the line is chosen. Returns whether it was pressed.
fn tick_ui(cell: &mut Cell<'_>, ticked: bool, name: &str) -> bool {
    let (full, tokens) = (cell.full_rect(), cell.tokens);
    let square = Rect::from_center_size(full.center(), vec2(13.0, 13.0));
    let (fill, line) = if ticked { (tokens.ink, tokens.ink) } else { (tokens.bg, tokens.line_strong) };
    cell.painter().rect(square, CornerRadius::same(2), fill, Stroke::new(1.0, line), StrokeKind::Inside);
    if ticked {
        let at = |x: f32, y: f32| pos2(square.left() + x, square.top() + y);
        let points = vec![at(3.0, 6.8), at(5.6, 9.4), at(10.2, 3.8)];
        cell.painter().line(points, Stroke::new(1.7, tokens.pane));
    }
    cell.widgets(|ui| {
        let response = ui.interact(full, ui.scope_id().with(("tick", name)), Sense::click());
        response.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, ticked, format!("Choose {name}")));
        if response.has_focus() {
            ui.painter().rect_stroke(square.expand(2.0), 2.0, Stroke::new(1.0, tokens.ink), StrokeKind::Outside);
        }
        response.clicked()
    })
}

/// Row to put in the middle so that the cursor is in sight; `None` where it is.
fn revealed(ui: &Ui, state: &ListState, rows: usize) -> Option<usize> {
    let cursor = state.cursor?;
    let inside = state.seen.start + 1..state.seen.end.saturating_sub(1);
    if inside.contains(&cursor) || (cursor == 0 && state.seen.start == 0 && !state.seen.is_empty()) {
        return None;
    }
    let half = ((ui.available_height() - size::TABLE_HEADER) / size::ROW / 2.0).max(0.0) as usize;
    let middle = if cursor < state.seen.start + 1 { cursor + half } else { (cursor + 1).saturating_sub(half) };
    let near = cursor + 2 * half > state.seen.start && cursor < state.seen.end + 2 * half;
    Some(if near { middle } else { cursor }.min(rows.saturating_sub(half + 1)))
}

/// Arrows, pages, Home and End move; Space chooses, Enter walks in, Backspace goes up, Ctrl A chooses all. The list
/// listens while nothing else has the focus.
fn keys_ui(ui: &mut Ui, browser: &Browser, state: &mut ListState, acts: &mut Vec<Act>) -> Id {
    let rect = ui.available_rect_before_wrap();
    let grid = ui.interact(rect, ui.scope_id().with("bucket keys"), Sense::focusable_noninteractive());
    grid.widget_info(|| WidgetInfo::labeled(Role::Grid, true, "List of folders and objects"));
    let focused = ui.memory(|memory| memory.focused());
    if focused == Some(grid.id) {
        let filter = EventFilter { vertical_arrows: true, horizontal_arrows: true, ..EventFilter::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(grid.id, filter));
    } else if focused.is_some() {
        return grid.id;
    }
    let rows = browser.rows();
    let pressed =
        |ui: &mut Ui, modifiers: Modifiers, key: Press| ui.input_mut(|input| input.consume_key(modifiers, key));
    if pressed(ui, Modifiers::NONE, Press::Backspace) {
        acts.push(Act::Up);
    }
    if rows == 0 {
        return grid.id;
    }
    let page = ((rect.height() - size::TABLE_HEADER) / size::ROW).floor().max(2.0) as usize - 1;
    let here = state.cursor.map(|cursor| cursor.min(rows - 1));
    let moves: [(Press, usize); 6] = [
        (Press::ArrowDown, here.map_or(0, |at| at + 1)),
        (Press::ArrowUp, here.map_or(0, |at| at.saturating_sub(1))),
        (Press::PageDown, here.map_or(page, |at| at + page)),
        (Press::PageUp, here.map_or(0, |at| at.saturating_sub(page))),
        (Press::Home, 0),
        (Press::End, rows - 1),
    ];
    for (key, target) in moves {
        let target = target.min(rows - 1);
        if pressed(ui, Modifiers::SHIFT, key) {
            let anchor = *state.anchor.get_or_insert(here.unwrap_or(target));
            acts.push(Act::TickTo(anchor, target));
            (state.cursor, state.reveal) = (Some(target), true);
        } else if pressed(ui, Modifiers::NONE, key) {
            (state.cursor, state.anchor, state.reveal) = (Some(target), None, true);
        }
    }
    if let Some(row) = here {
        if pressed(ui, Modifiers::NONE, Press::Space) {
            acts.push(Act::Tick(row));
        }
        if pressed(ui, Modifiers::NONE, Press::Enter) {
            acts.push(Act::Enter(row));
        }
    }
    if pressed(ui, Modifiers::COMMAND, Press::A) {
        acts.push(Act::TickAll);
    }
    grid.id
}
