//! Matrices: rows are truth, columns are prediction. One rectangle and its texts per visible cell.

use eframe::egui::{
    Color32, CornerRadius, FontId, Key, Painter, Rect, Role, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, pos2,
    vec2,
};

use crate::ui::marks::Mark;
use crate::ui::theme::{Tokens, size};
use crate::ui::{fonts, paint};

/// One cell.
#[derive(Clone, Debug, Default)]
pub struct MatrixCell {
    /// Count or difference, as printed.
    pub main: String,
    /// Share or interval under it; may be empty.
    pub sub: String,
    /// Top left: `better`, `worse` with its triangle, or `no difference` without one.
    pub corner: Option<(Option<Mark>, String)>,
    /// From [`Tokens::sequential`] or [`Tokens::diverging`].
    pub fill: Color32,
    /// Diagonal of matrices with many classes: outlined, not filled.
    pub outlined: bool,
    /// For screen readers and hover: `champion: truth fraud, predicted pass, 12,465 rows`.
    pub name: String,
}

/// A matrix; cells are row-major.
#[derive(Clone, Debug)]
#[must_use = "call show"]
pub struct Matrix<'a> {
    pub name: &'a str,
    /// Above the column labels, e.g. `predicted`; may be empty.
    pub column_title: &'a str,
    pub columns: &'a [String],
    pub rows: &'a [String],
    pub cells: &'a [MatrixCell],
    /// At the right of each row, e.g. its rows in all; may be empty. `totals_title` stands above.
    pub totals: &'a [String],
    pub totals_title: &'a str,
    /// Row, column.
    pub selected: Option<(usize, usize)>,
    pub clickable: bool,
    /// The rows are labelled by a matrix to the left of this one.
    pub unlabelled: bool,
}

/// What happened in this frame; cells as (row, column).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MatrixResponse {
    /// Clicked, or reached with the arrow keys.
    pub selected: Option<(usize, usize)>,
    /// Double-clicked, or Enter.
    pub opened: Option<(usize, usize)>,
    pub hovered: Option<(usize, usize)>,
}

impl Matrix<'_> {
    /// In the rest of `ui`. Cells share the width and the height that is left, at most 84 × 70 for two
    /// columns, square below 28 px.
    pub fn show(&self, ui: &mut Ui) -> MatrixResponse {
        let rect = ui.available_rect_before_wrap();
        let painter = ui.painter().clone();
        let tokens = Tokens::of(ui);
        let (rows, columns) = (self.rows.len().max(1), self.columns.len().max(1));
        let label_font = label_font(columns);
        let label_width = match self.unlabelled {
            true => 0.0,
            false => widest(&painter, self.rows, &label_font).min(rect.width() * 0.35) + LABEL_GAP,
        };
        let totals_width =
            if self.totals.is_empty() { 0.0 } else { widest(&painter, self.totals, &fonts::small()).max(28.0) + 10.0 };
        let head = if self.column_title.is_empty() { 18.0 } else { 32.0 };
        let gap = if columns > 12 { 1.0 } else { 2.0 };
        let cell = Vec2::new(
            ((rect.width() - label_width - totals_width - gap) / columns as f32 - gap).floor(),
            ((rect.height() - head) / rows as f32 - gap).floor().min(70.0),
        );
        if cell.x < 1.0 || cell.y < 1.0 {
            return MatrixResponse::default();
        }
        let origin = pos2(rect.left() + label_width, rect.top() + head).round();
        let grid = vec2(columns as f32 * (cell.x + gap) - gap, rows as f32 * (cell.y + gap) - gap);
        if !self.column_title.is_empty() {
            let line = Rect::from_min_max(pos2(origin.x, rect.top()), pos2(origin.x + grid.x, rect.top() + 15.0));
            paint::text_center(&painter, line, self.column_title, fonts::small(), tokens.muted);
        }
        // Numbers of many columns stand close: apart rather than large.
        let crowded = columns > 12 && widest(&painter, self.columns, &label_font) > cell.x + gap - 3.0;
        let head_font = if crowded { fonts::regular(SMALLEST) } else { label_font.clone() };
        for (index, label) in self.columns.iter().enumerate() {
            let left = origin.x + index as f32 * (cell.x + gap);
            let line = Rect::from_min_max(pos2(left, origin.y - 18.0), pos2(left + cell.x, origin.y - 2.0));
            let galley = paint::truncated(&painter, label, head_font.clone(), tokens.muted, cell.x + gap - 2.0);
            painter.galley(paint::snap_pos(&painter, line.center() - galley.size() / 2.0), galley, tokens.muted);
        }
        if !self.totals.is_empty() {
            let left = origin.x + grid.x + 6.0;
            let line = Rect::from_min_max(pos2(left, origin.y - 18.0), pos2(left + totals_width, origin.y - 2.0));
            paint::text_left(&painter, line, self.totals_title, fonts::small(), tokens.muted);
        }
        let main_font = self.main_font(&painter, cell);
        let mut response = MatrixResponse::default();
        for (row, label) in self.rows.iter().enumerate() {
            let top = origin.y + row as f32 * (cell.y + gap);
            if !self.unlabelled {
                let line = Rect::from_min_max(pos2(rect.left(), top), pos2(origin.x - LABEL_GAP, top + cell.y));
                let galley = paint::truncated(&painter, label, label_font.clone(), tokens.text, line.width());
                let place = pos2(line.right() - galley.size().x, line.center().y - galley.size().y / 2.0);
                painter.galley(paint::snap_pos(&painter, place), galley, tokens.text);
            }
            if let Some(total) = self.totals.get(row) {
                let line = Rect::from_min_max(pos2(origin.x + grid.x + 6.0, top), pos2(rect.right(), top + cell.y));
                paint::text_left(&painter, line, total, fonts::small(), tokens.muted);
            }
            for column in 0..self.columns.len() {
                let left = origin.x + column as f32 * (cell.x + gap);
                let place = Rect::from_min_size(pos2(left, top), cell);
                if ui.is_rect_visible(place) {
                    self.cell_ui(ui, place, (row, column), main_font.as_ref(), &mut response);
                }
            }
        }
        let used = Rect::from_min_max(rect.min, pos2(rect.right(), origin.y + grid.y));
        ui.advance_cursor_after_rect(used);
        response
    }

    /// One font for all cells: the largest in which the longest count fits; above 60 classes none.
    fn main_font(&self, painter: &Painter, cell: Vec2) -> Option<FontId> {
        if self.columns.len() > 60 {
            return None;
        }
        let sizes = if cell.y >= 44.0 {
            [fonts::FINDING, fonts::BODY, fonts::SMALL, 9.5]
        } else {
            [fonts::SMALL, fonts::SMALL, 9.5, 9.5]
        };
        let longest = self.cells.iter().map(|cell| cell.main.as_str()).max_by_key(|text| text.chars().count())?;
        let font = |size: f32| {
            if size > fonts::SMALL { fonts::medium(size) } else { fonts::regular(size) }
        };
        let fits = |size: &f32| {
            paint::text_width(painter, longest, font(*size)) <= cell.x - margins(cell.x) && *size <= cell.y
        };
        sizes.into_iter().find(fits).or((cell.x > 14.0).then_some(9.5)).map(font)
    }

    fn cell_ui(
        &self,
        ui: &mut Ui,
        rect: Rect,
        (row, column): (usize, usize),
        font: Option<&FontId>,
        response: &mut MatrixResponse,
    ) {
        let Some(cell) = self.cells.get(row * self.columns.len() + column) else {
            return;
        };
        let tokens = Tokens::of(ui);
        let id = ui.scope_id().with(("matrix", self.name, &self.rows[row], &self.columns[column], row, column));
        let sense = if self.clickable { Sense::click() } else { Sense::hover() };
        let answer = ui.interact(rect, id, sense);
        let selected = self.selected == Some((row, column));
        let role = if self.clickable { Role::Button } else { Role::Cell };
        answer.widget_info(|| WidgetInfo::selected(role, true, selected, &cell.name));
        let painter = ui.painter();
        let radius = CornerRadius::same(2);
        if cell.outlined {
            painter.rect_stroke(rect, radius, Stroke::new(1.0, tokens.line_strong), StrokeKind::Inside);
        } else {
            painter.rect_filled(rect, radius, cell.fill);
        }
        if let Some(font) = font {
            paint_cell_text(painter, rect, cell, font.clone(), tokens);
        }
        if selected {
            painter.rect_stroke(rect, radius, Stroke::new(2.0, tokens.ink), StrokeKind::Inside);
        } else if answer.has_focus() || (self.clickable && answer.hovered()) {
            painter.rect_stroke(rect, radius, Stroke::new(1.0, tokens.ink), StrokeKind::Inside);
        }
        if answer.clicked() {
            response.selected = Some((row, column));
        }
        if answer.hovered() {
            response.hovered = Some((row, column));
        }
        let enter = answer.has_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        if answer.double_clicked() || enter {
            response.opened = Some((row, column));
        }
        // Asked of every cell, this would take most of the frame.
        if !cell.name.is_empty() && (answer.hovered() || answer.has_focus()) {
            answer.on_hover_text(&cell.name);
        }
    }
}

/// Text only where it fits between its [`margins`]: a long number among short ones is set smaller, since it is the one
/// that is looked for.
fn paint_cell_text(painter: &Painter, rect: Rect, cell: &MatrixCell, main_font: FontId, tokens: &Tokens) {
    let large = rect.height() >= 44.0;
    let fits =
        |text: &str, font: FontId| paint::text_width(painter, text, font) <= rect.width() - margins(rect.width());
    let fonts = [main_font, fonts::regular(SMALLEST)];
    let Some(main_font) = fonts.into_iter().find(|font| fits(&cell.main, font.clone())) else {
        return;
    };
    let inner = rect.shrink2(vec2(if rect.width() > 80.0 { 9.0 } else { 5.0 }, 0.0));
    if large && !cell.sub.is_empty() {
        let middle = rect.center().y + if cell.corner.is_some() { 4.0 } else { 0.0 };
        let above = Rect::from_min_max(pos2(inner.left(), middle - 20.0), pos2(inner.right(), middle + 2.0));
        let below = Rect::from_min_max(pos2(inner.left(), middle + 2.0), pos2(inner.right(), middle + 19.0));
        paint::text_right(painter, above, &cell.main, main_font, tokens.ink);
        if fits(&cell.sub, fonts::small()) {
            paint::text_right(painter, below, &cell.sub, fonts::small(), tokens.ink);
        }
    } else if large && rect.width() > 60.0 {
        paint::text_right(painter, inner, &cell.main, main_font, tokens.ink);
    } else {
        paint::text_center(painter, rect, &cell.main, main_font, tokens.ink);
    }
    if let Some((mark, word)) = &cell.corner
        && large
    {
        let line = Rect::from_min_max(rect.min + vec2(7.0, 4.0), pos2(rect.right() - 4.0, rect.top() + 19.0));
        let mut left = line.left();
        if let Some(mark) = mark {
            mark.paint(painter, pos2(left + 5.0, line.center().y), size::MARK_IN_LISTS, tokens);
            left += 14.0;
        }
        let place = Rect::from_min_max(pos2(left, line.top()), line.max);
        paint::text_left(painter, place, word, fonts::small(), tokens.text);
    }
}

/// What is kept free at both sides of a text together.
fn margins(width: f32) -> f32 {
    match width {
        ..20.0 => 1.0,
        20.0..28.0 => 3.0,
        _ => 8.0,
    }
}

/// Size of a number that has room in no other.
const SMALLEST: f32 = 8.0;

/// Between the labels of the rows and the cells.
const LABEL_GAP: f32 = 8.0;

fn label_font(columns: usize) -> FontId {
    if columns > 12 { fonts::regular(9.5) } else { fonts::small() }
}

/// Width that the labels of the rows take where there is room for them.
pub fn labels_width(painter: &Painter, rows: &[String], columns: usize) -> f32 {
    widest(painter, rows, &label_font(columns)) + LABEL_GAP
}

fn widest(painter: &Painter, labels: &[String], font: &FontId) -> f32 {
    labels.iter().map(|label| paint::text_width(painter, label, font.clone())).fold(0.0, f32::max)
}
