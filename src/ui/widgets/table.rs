//! Tables: aligned columns, hairlines, hover, selection, keyboard. Cells are painted, rows are named.
//!
//! Columns get their places once a frame from the available width, so nothing moves while values change.
//! Only rows in sight are painted.

use eframe::egui::{CornerRadius, Key, Rect, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::cell::Cell;
use crate::ui::marks::Mark;
use crate::ui::theme::{Tokens, size};
use crate::ui::{fonts, paint};

/// Where text stands in a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CellAlign {
    Left,
    Right,
}

/// A column of a table.
#[derive(Clone, Debug)]
pub struct Column<'a> {
    title: &'a str,
    width: f32,
    grows: f32,
    align: CellAlign,
    mark: Option<Mark>,
}

impl<'a> Column<'a> {
    /// Left-aligned, of exactly `width`.
    pub fn text(title: &'a str, width: f32) -> Self {
        Self { title, width, grows: 0.0, align: CellAlign::Left, mark: None }
    }

    /// Right-aligned, of exactly `width`.
    pub fn number(title: &'a str, width: f32) -> Self {
        Self { align: CellAlign::Right, ..Self::text(title, width) }
    }

    /// 28 px for a mark; no title.
    pub fn mark() -> Self {
        Self::text("", 28.0)
    }

    /// The column takes a share of what is left, and gives way to 70 % of its width where room is short.
    pub fn grow(mut self, share: f32) -> Self {
        self.grows = share;
        self
    }

    fn least(&self) -> f32 {
        if self.grows > 0.0 { (self.width * 0.7).max(40.0_f32.min(self.width)) } else { self.width }
    }

    /// Mark of a model before the title; the title takes its hue.
    pub fn of(mut self, mark: Mark) -> Self {
        self.mark = Some(mark);
        self
    }
}

/// What happened in a table in this frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TableResponse {
    /// Row that was clicked (or chosen with Space or Enter).
    pub clicked: Option<usize>,
    /// Row that was double-clicked or opened with Enter.
    pub opened: Option<usize>,
    pub hovered: Option<usize>,
}

type HeaderFn<'a> = &'a dyn Fn(&mut Cell<'_>, usize) -> bool;

/// A table. `name` keeps ids apart and names it for screen readers.
#[must_use = "call show"]
pub struct Table<'a> {
    name: &'a str,
    columns: &'a [Column<'a>],
    row_height: f32,
    header_height: f32,
    header: Option<HeaderFn<'a>>,
    heights: Option<&'a dyn Fn(usize) -> f32>,
    inert: Option<&'a dyn Fn(usize) -> bool>,
    selected: Option<usize>,
    clickable: bool,
    scroll_to: Option<usize>,
}

impl<'a> Table<'a> {
    pub fn new(name: &'a str, columns: &'a [Column<'a>]) -> Self {
        Self {
            name,
            columns,
            row_height: size::ROW,
            header_height: size::TABLE_HEADER,
            header: None,
            heights: None,
            inert: None,
            selected: None,
            clickable: false,
            scroll_to: None,
        }
    }

    pub fn row_height(mut self, height: f32) -> Self {
        self.row_height = height;
        self
    }

    /// 24 px unless told; 34 px where a forest axis stands in it; 0 for none.
    pub fn header_height(mut self, height: f32) -> Self {
        self.header_height = height;
        self
    }

    /// Paint some header cells yourself: return `true` where that was done, e.g. with [`super::forest::header`].
    pub fn header(mut self, header: HeaderFn<'a>) -> Self {
        self.header = Some(header);
        self
    }

    /// Heights that differ by row. All rows are then laid out, so only for tables of some hundred rows.
    pub fn heights(mut self, heights: &'a dyn Fn(usize) -> f32) -> Self {
        self.heights = Some(heights);
        self
    }

    /// Rows that are no choices (group titles).
    pub fn inert(mut self, inert: &'a dyn Fn(usize) -> bool) -> Self {
        self.inert = Some(inert);
        self
    }

    pub fn selected(mut self, row: Option<usize>) -> Self {
        self.selected = row;
        self
    }

    /// Rows react to clicks and keys.
    pub fn clickable(mut self) -> Self {
        self.clickable = true;
        self
    }

    /// Bring a row into view in this frame.
    pub fn scroll_to(mut self, row: Option<usize>) -> Self {
        self.scroll_to = row;
        self
    }

    /// Paint `rows` rows in the rest of `ui`; `cell` is called for each cell in sight as (cell, row, column).
    pub fn show(self, ui: &mut Ui, rows: usize, mut cell: impl FnMut(&mut Cell<'_>, usize, usize)) -> TableResponse {
        let rect = ui.available_rect_before_wrap();
        let needed: f32 = self.columns.iter().map(Column::least).sum::<f32>() + 2.0 * size::CELL_PADDING;
        let mut response = TableResponse::default();
        ui.push_id(("table", self.name), |ui| {
            ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
            if needed > rect.width() + 0.5 {
                ScrollArea::horizontal().id_salt("across").auto_shrink([false, false]).show(ui, |ui| {
                    ui.set_width(needed);
                    response = self.body_ui(ui, needed, rows, &mut cell);
                });
            } else {
                response = self.body_ui(ui, rect.width(), rows, &mut cell);
            }
        });
        response
    }

    /// Left edge and width of each column in a table `width` wide.
    fn places(&self, width: f32) -> Vec<(f32, f32)> {
        let fixed: f32 = self.columns.iter().map(|column| column.width).sum();
        let shares: f32 = self.columns.iter().map(|column| column.grows).sum();
        let free = width - fixed - 2.0 * size::CELL_PADDING;
        // Where room is short, what can give way does so in proportion to what it can give.
        let spare: f32 = self.columns.iter().map(|column| column.width - column.least()).sum();
        let mut left = size::CELL_PADDING;
        let place = |column: &Column<'_>| {
            let extra = if free < 0.0 {
                if spare > 0.0 { (free / spare).max(-1.0) * (column.width - column.least()) } else { 0.0 }
            } else if shares > 0.0 {
                free * column.grows / shares
            } else {
                0.0
            };
            let start = left;
            left += column.width + extra;
            (start.round(), (left.round() - start.round()).max(0.0))
        };
        self.columns.iter().map(place).collect()
    }

    fn body_ui(
        &self,
        ui: &mut Ui,
        width: f32,
        rows: usize,
        cell: &mut dyn FnMut(&mut Cell<'_>, usize, usize),
    ) -> TableResponse {
        let places = self.places(width);
        if self.header_height > 0.0 {
            self.header_ui(ui, width, &places);
        }
        let mut response = TableResponse::default();
        let room = self.whole_rows(ui.available_height(), rows);
        let area = ScrollArea::vertical().id_salt("rows").auto_shrink([false, false]).max_height(room);
        let area = match (self.scroll_to, self.heights) {
            (Some(row), None) => {
                let middle = row as f32 * self.row_height - ui.available_height() / 2.0 + self.row_height / 2.0;
                area.vertical_scroll_offset(middle.max(0.0))
            }
            _ => area,
        };
        if let Some(heights) = self.heights {
            area.show(ui, |ui| {
                for row in 0..rows {
                    self.row_ui(ui, width, heights(row), row, &places, cell, &mut response);
                }
            });
        } else {
            area.show_rows(ui, self.row_height, rows, |ui, range| {
                for row in range {
                    self.row_ui(ui, width, self.row_height, row, &places, cell, &mut response);
                }
            });
        }
        response
    }

    /// Height of the rows that fit whole into `room`, so that none is cut before anything is scrolled.
    fn whole_rows(&self, room: f32, rows: usize) -> f32 {
        let height = |row: usize| self.heights.map_or(self.row_height, |heights| heights(row));
        let mut whole = 0.0;
        for row in 0..rows {
            let next = whole + height(row);
            if next > room + 0.5 {
                return if whole > 0.0 { whole } else { room };
            }
            whole = next;
        }
        room
    }

    fn header_ui(&self, ui: &mut Ui, width: f32, places: &[(f32, f32)]) {
        let (rect, response) = ui.allocate_exact_size(vec2(width, self.header_height), Sense::hover());
        let tokens = Tokens::of(ui);
        let mut spoken = String::new();
        for (index, column) in self.columns.iter().enumerate() {
            let mut cell = Cell::new(ui, rect, places[index], tokens, tokens.pane, &mut spoken);
            if self.header.is_some_and(|paint_header| paint_header(&mut cell, index)) || column.title.is_empty() {
                continue;
            }
            let color = column.mark.map_or(tokens.muted, |mark| mark.color(tokens));
            let font = if column.mark.is_some() { fonts::medium(fonts::SMALL) } else { fonts::small() };
            // Titles stand on one base line, whatever the height of the header.
            let full = cell.rect;
            cell.rect = Rect::from_min_max(pos2(full.left(), full.bottom() - size::TABLE_HEADER), full.max);
            let text = match column.align {
                CellAlign::Left => cell.left(column.title, font, color),
                CellAlign::Right => cell.right(column.title, font, color),
            };
            if let Some(mark) = column.mark {
                let center = pos2(text.left() - 8.0, text.center().y);
                mark.paint(cell.painter(), center, size::MARK_IN_LISTS, tokens);
            }
        }
        paint::hline(ui.painter(), rect.left(), rect.right(), rect.bottom() - 0.5, tokens.line);
        response.widget_info(|| WidgetInfo::labeled(Role::Row, true, format!("{} columns: {spoken}", self.name)));
    }

    #[expect(clippy::too_many_arguments, reason = "one row of one table; a struct would be used once")]
    fn row_ui(
        &self,
        ui: &mut Ui,
        width: f32,
        height: f32,
        row: usize,
        places: &[(f32, f32)],
        cell: &mut dyn FnMut(&mut Cell<'_>, usize, usize),
        response: &mut TableResponse,
    ) {
        let inert = self.inert.is_some_and(|inert| inert(row));
        let clickable = self.clickable && !inert;
        let sense = if clickable { Sense::click() } else { Sense::hover() };
        let (id, rect) = ui.allocate_space(vec2(width, height));
        let answer = ui.interact(rect, id.with(row), sense);
        let tokens = Tokens::of(ui);
        let selected = self.selected == Some(row);
        let ground = match (selected, clickable && answer.hovered()) {
            (true, _) => tokens.selected,
            (false, true) => tokens.raised,
            (false, false) => tokens.pane,
        };
        if ground != tokens.pane {
            ui.painter().rect_filled(rect, CornerRadius::ZERO, ground);
        }
        let mut spoken = String::new();
        for (column, place) in places.iter().enumerate() {
            let mut painted = Cell::new(ui, rect, *place, tokens, ground, &mut spoken);
            cell(&mut painted, row, column);
        }
        paint::hline(ui.painter(), rect.left(), rect.right(), rect.bottom() - 0.5, tokens.line);
        if answer.has_focus() {
            ui.painter().rect_stroke(rect.shrink(1.0), 2.0, Stroke::new(1.0, tokens.ink), StrokeKind::Inside);
        }
        answer.widget_info(|| WidgetInfo::selected(Role::Row, true, selected, &spoken));
        if answer.hovered() {
            response.hovered = Some(row);
        }
        if answer.clicked() {
            response.clicked = Some(row);
        }
        if answer.double_clicked() || (answer.has_focus() && ui.input(|input| input.key_pressed(Key::Enter))) {
            response.opened = Some(row);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_row_is_cut_at_the_foot() {
        let table = Table::new("t", &[]).row_height(25.0);
        assert_eq!(table.whole_rows(110.0, 10), 100.0);
        assert_eq!(table.whole_rows(110.0, 3), 110.0, "all fit");
        assert_eq!(table.whole_rows(20.0, 3), 20.0, "one that is cut is better than none");
        let heights = |row: usize| if row == 1 { 34.0 } else { 25.0 };
        assert_eq!(table.heights(&heights).whole_rows(80.0, 9), 59.0);
    }

    #[test]
    fn growing_columns_share_what_is_left() {
        let columns = [Column::text("a", 100.0), Column::text("b", 50.0).grow(1.0), Column::number("c", 30.0)];
        let table = Table::new("t", &columns);
        let places = table.places(300.0);
        assert_eq!(places[0], (6.0, 100.0));
        assert_eq!(places[1], (106.0, 158.0));
        assert_eq!(places[2].0 + places[2].1, 294.0);
    }
}
