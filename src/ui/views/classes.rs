//! Confusion of several classes: both matrices, their difference, flips of every class.

use eframe::egui::{Align, Key, Label, Layout, Modifiers, Rect, Ui};

use super::rows::{self, RowsResponse, RowsState};
use crate::compare::Selection;
use crate::log::ArmRole;
use crate::present::classes::{ClassCellModel, ClassScope, ClassesModel};
use crate::present::confusion::Normalise;
use crate::present::format;
use crate::present::rows::{Column as RowColumn, RowSource, RowsModel};
use crate::session::Command;
use crate::ui::Outbox;
use crate::ui::layout::{self, Part, at_ui};
use crate::ui::marks::Mark;
use crate::ui::text::{self, Spans};
use crate::ui::theme::{Tokens, size};
use crate::ui::widgets::field::{self, well_ui};
use crate::ui::widgets::{
    Button, Cell, Column, ForestAxis, ForestRow, Matrix, MatrixCell, Table, Tile, chip_ui, forest, labels_width,
    segmented_ui, states,
};

/// What the view remembers between frames.
#[derive(Clone, Debug)]
pub struct ClassesState {
    /// The model is made with these two.
    pub normalise: Normalise,
    pub search: String,
    pub rows: RowsState,
}

impl Default for ClassesState {
    fn default() -> Self {
        // Beside the table of classes there is room for what is asked here: what was true, and what was answered.
        let decisions = [ArmRole::Champion, ArmRole::Challenger].map(RowColumn::Decision);
        let columns =
            [RowColumn::Id, RowColumn::Label].into_iter().chain(decisions).chain([RowColumn::Right]).collect();
        Self { normalise: Normalise::default(), search: String::new(), rows: RowsState::with_columns(columns) }
    }
}

/// The view, in the rest of `ui`. `rows`: those of the selection, once they are at hand.
pub fn classes_ui(
    ui: &mut Ui,
    model: &ClassesModel,
    rows: Option<(&RowSource<'_>, &RowsModel)>,
    state: &mut ClassesState,
    out: &mut Outbox,
) -> RowsResponse {
    let mut response = RowsResponse::default();
    let page = ui.available_rect_before_wrap();
    if let Some(reason) = &model.empty {
        Tile::new("Confusion").show(ui, |ui| {
            states::empty_ui(ui, reason, None);
        });
        return response;
    }
    let [control, matrices, line, below] =
        layout::rows(page, [Part::Fixed(size::BUTTON), Part::Share(1.25), Part::Fixed(size::BUTTON), Part::Share(1.0)]);
    at_ui(ui, "classes control", control, |ui| control_ui(ui, model, state, out));
    matrices_ui(ui, matrices, model, out);
    at_ui(ui, "classes selection", line, |ui| selection_ui(ui, model, rows, state, out));
    let Some((source, listed)) = rows.filter(|_| model.selected.is_some()) else {
        flips_ui(ui, below, model, true, out);
        ui.advance_cursor_after_rect(page);
        return response;
    };
    let [left, right] = layout::columns(below, [Part::Share(1.0), Part::Share(1.15)]);
    match state.rows.detail.then_some(state.rows.selected).flatten() {
        // One row in full takes the place of the classes.
        Some(position) => rows::detail_ui(ui, left, source, position, &mut state.rows, out),
        None => flips_ui(ui, left, model, false, out),
    }
    rows::tile_ui(ui, right, source, listed, &mut state.rows, &mut response, out);
    ui.advance_cursor_after_rect(page);
    response
}

fn control_ui(ui: &mut Ui, model: &ClassesModel, state: &mut ClassesState, out: &mut Outbox) {
    let tokens = Tokens::of(ui);
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        if let Some(chosen) = segmented_ui(ui, "Normalise", &Normalise::ALL, model.normalise) {
            state.normalise = chosen;
        }
        well_ui(ui, "Search classes", &mut state.search, "Search classes", false, 150.0);
        groups_ui(ui, model, out);
        let [champion, challenger, difference] = &model.accuracy;
        Spans::body(tokens)
            .text("accuracy ")
            .hue(champion, tokens.champion)
            .text(" ")
            .hue(challenger, tokens.challenger)
            .strong(&format!(" {difference}"))
            .line_ui(ui);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            // Where the line is full, the order is said on hover.
            let short = model.shown.rsplit_once(", ").map_or("", |(count, _)| count);
            let shown = if ui.available_width() < 220.0 { short } else { &model.shown };
            ui.add(Label::new(text::small(tokens, shown)).truncate()).on_hover_text(&model.shown);
        });
    });
}

/// What classes are taken together by, and the way back from an open group.
fn groups_ui(ui: &mut Ui, model: &ClassesModel, out: &mut Outbox) {
    if model.groupings.is_empty() {
        return;
    }
    let named = model.groupings.iter().enumerate().map(|(at, name)| (Some(at), name.as_str()));
    let options: Vec<(Option<usize>, &str)> = [(None, "all classes")].into_iter().chain(named).collect();
    if let Some(grouping) = field::choice_ui(ui, "Take classes together", &options, model.scope.grouping, 128.0) {
        out.push(Command::ScopeClasses(ClassScope { grouping, within: None }));
    }
    if let Some(group) = &model.within {
        let back = Button::secondary(&format!("{group} \u{00d7}")).ui(ui);
        if back.on_hover_text("Close the group and show all groups").clicked() {
            out.push(Command::ScopeClasses(ClassScope { within: None, ..model.scope }));
        }
    }
}

fn matrices_ui(ui: &mut Ui, rect: Rect, model: &ClassesModel, out: &mut Outbox) {
    let tokens = Tokens::of(ui);
    // The first tile alone has the names of the rows; cells are as wide in all of them.
    let labels = Labels::of(model);
    let widest = labels_width(ui.painter(), &labels.rows, labels.columns.len()).min(rect.width() * 0.15);
    let each = (rect.width() - widest - 2.0 * size::TILE_GAP) / 3.0;
    let parts = layout::columns(rect, [Part::Fixed(each + widest), Part::Share(1.0), Part::Share(1.0)]);
    for (arm, rect) in model.arms.iter().zip(parts) {
        let name = if arm.role == ArmRole::Champion { "champion" } else { "challenger" };
        let qualifier = if arm.role == ArmRole::Champion { "truth in rows" } else { "same order, same shades" };
        Tile::new(&arm.name).of(arm.role.into()).qualifier(qualifier).show_at(ui, rect, |ui| {
            matrix_ui(ui, name, (model, &labels), &arm.cells, |shade| tokens.sequential(shade), out);
        });
    }
    let last = parts[model.arms.len().min(2)];
    Tile::new("Difference").qualifier(&model.difference_title).show_at(ui, last, |ui| {
        match model.difference.as_slice() {
            [] => {
                states::empty_ui(ui, "The log holds one model. Open a second one to see what it changes.", None);
            }
            cells => {
                matrix_ui(ui, "difference", (model, &labels), cells, |shade| tokens.diverging(shade), out);
            }
        }
    });
}

/// Names at the sides of the matrices: those of many classes do not fit above their columns, which have the numbers of
/// the rows then.
struct Labels {
    rows: Vec<String>,
    columns: Vec<String>,
}

impl Labels {
    fn of(model: &ClassesModel) -> Self {
        let names = &model.names;
        if names.len() <= 6 {
            return Self { rows: names.clone(), columns: names.clone() };
        }
        let columns: Vec<String> = (1..=names.len()).map(|number| number.to_string()).collect();
        let rows = names.iter().zip(&columns).map(|(name, number)| format!("{name} {number}")).collect();
        Self { rows, columns }
    }
}

fn matrix_ui(
    ui: &mut Ui,
    name: &str,
    (model, labels): (&ClassesModel, &Labels),
    cells: &[ClassCellModel],
    fill: impl Fn(f64) -> eframe::egui::Color32,
    out: &mut Outbox,
) {
    let side = model.names.len();
    if side == 0 {
        states::empty_ui(ui, "No class has such a name.", None);
        return;
    }
    let differs = name == "difference";
    let painted: Vec<MatrixCell> = cells
        .iter()
        .map(|cell| MatrixCell {
            main: cell.main.clone(),
            fill: fill(cell.shade),
            outlined: cell.diagonal && !differs,
            name: cell.name.clone(),
            ..MatrixCell::default()
        })
        .collect();
    let selected = cells.iter().position(|cell| cell.selected).map(|at| (at / side, at % side));
    let matrix = Matrix {
        name,
        column_title: "",
        columns: &labels.columns,
        rows: &labels.rows,
        cells: &painted,
        totals: &[],
        totals_title: "",
        selected,
        clickable: true,
        unlabelled: name != "champion",
    };
    let answer = matrix.show(ui);
    let selection = |at: Option<(usize, usize)>| at.and_then(|(row, column)| cells.get(row * side + column));
    if let Some(cell) = selection(answer.opened) {
        out.push(Command::OpenRows(cell.selection.clone()));
    } else if let Some(cell) = selection(answer.selected) {
        out.push(Command::Select(Some(cell.selection.clone())));
    }
}

fn selection_ui(
    ui: &mut Ui,
    model: &ClassesModel,
    rows: Option<(&RowSource<'_>, &RowsModel)>,
    state: &ClassesState,
    out: &mut Outbox,
) {
    let tokens = Tokens::of(ui);
    let Some(selected) = &model.selected else {
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            Spans::body(tokens)
                .muted("Click a cell or a class to choose its rows; a double click opens them.")
                .line_ui(ui);
        });
        return;
    };
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        let escape = ui.memory(|memory| memory.focused().is_none())
            && !state.rows.detail
            && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape));
        if Button::secondary("Clear").shortcut("Esc").ui(ui).clicked() || escape {
            out.push(Command::Select(None));
        }
        if Button::secondary("Invert").ui(ui).clicked() {
            let inverted = !selected.selection.inverted;
            out.push(Command::Select(Some(Selection { inverted, ..selected.selection.clone() })));
        }
        if let Some(scope) = selected.opens
            && Button::secondary("Open group").ui(ui).clicked()
        {
            out.push(Command::ScopeClasses(scope));
        }
        if let Some(slice) = &selected.slice {
            let hover = format!(
                "Adds {slice} to the slices: its numbers stand beside the others, in the report and after a restart. \
                 Where an answer is a condition, that model's own accuracy says nothing."
            );
            if Button::secondary("Add as slice").ui(ui).on_hover_text(hover).clicked() {
                out.push(Command::AddSlice(slice.clone()));
            }
        }
        if Button::secondary("Open rows").ui(ui).clicked() {
            out.push(Command::OpenRows(selected.selection.clone()));
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            chip_ui(ui, None, "", &selected.words, false);
            let mut spans = Spans::body(tokens);
            if let Some((source, _)) = rows {
                let count = source.rows.len();
                let word = if count == 1 { "row" } else { "rows" };
                spans = spans.strong(&format!("{} {word}", format::count(count as u64)));
            }
            spans.muted(&format!("  {}", selected.beside)).line_ui(ui);
        });
    });
}

/// A column of the table.
#[derive(Clone, Copy, PartialEq)]
enum Field {
    Name,
    Rows,
    /// Of the champion (0), of the challenger (1).
    Recall(usize),
    /// Broken, fixed, both wrong alike, both wrong and different.
    Flips(usize),
    Net,
    Forest,
    Interval,
}

impl Field {
    fn column(&self) -> Column<'static> {
        match *self {
            Self::Name => Column::text("class", 110.0).grow(1.0),
            Self::Rows => Column::number("rows", 70.0),
            Self::Recall(0) => Column::number("recall, %", 84.0).of(Mark::Champion),
            Self::Recall(_) => Column::number("recall, %", 84.0).of(Mark::Challenger),
            Self::Flips(0) => Column::number("broken", 64.0),
            Self::Flips(1) => Column::number("fixed", 64.0),
            Self::Flips(2) => Column::number("both wrong alike", 104.0),
            Self::Flips(_) => Column::number("differently", 76.0),
            Self::Net => Column::number("net", 64.0),
            Self::Forest => Column::text("", 110.0).grow(1.5),
            Self::Interval => Column::number("recall, pp", 112.0),
        }
    }
}

/// The flips in their tile; in a narrow one without recalls and intervals in numbers.
fn flips_ui(ui: &mut Ui, rect: Rect, model: &ClassesModel, wide: bool, out: &mut Outbox) {
    Tile::new("Flips by class").qualifier(&model.flips_title).flush().show_at(ui, rect, |ui| {
        table_ui(ui, model, wide, out);
    });
}

fn table_ui(ui: &mut Ui, model: &ClassesModel, wide: bool, out: &mut Outbox) {
    let range = model.flip_range;
    let tick = |value: f64| (value, format::signed(value, 1));
    let axis = ForestAxis {
        lo: -range * 1.1,
        hi: range * 1.1,
        ticks: vec![tick(-range), (0.0, "0".to_owned()), tick(range)],
        unit: "pp of recall".to_owned(),
    };
    let fields: &[Field] = match (model.arms.len() > 1, wide) {
        (false, _) => &[Field::Name, Field::Rows, Field::Recall(0)],
        (true, false) => &[Field::Name, Field::Rows, Field::Flips(0), Field::Flips(1), Field::Net, Field::Forest],
        (true, true) => &[
            Field::Name,
            Field::Rows,
            Field::Recall(0),
            Field::Recall(1),
            Field::Flips(0),
            Field::Flips(1),
            Field::Flips(2),
            Field::Flips(3),
            Field::Net,
            Field::Forest,
            Field::Interval,
        ],
    };
    let columns: Vec<Column> = fields.iter().map(Field::column).collect();
    let header = |cell: &mut Cell<'_>, column: usize| {
        let drawn = fields[column] == Field::Forest;
        if drawn {
            forest::header(cell, &axis);
        }
        drawn
    };
    let selected = model.flips.iter().position(|line| line.selected);
    let table = Table::new("Flips by class", &columns)
        .row_height(size::ROW_COMPACT)
        .header_height(34.0)
        .header(&header)
        .selected(selected)
        .clickable();
    let answer = table.show(ui, model.flips.len(), |cell, row, column| {
        let line = &model.flips[row];
        match fields[column] {
            Field::Name => {
                cell.text(&line.name);
                cell.hover(&line.name);
            }
            Field::Rows => cell.number_muted(&line.rows),
            Field::Recall(arm) => cell.number(&line.recall[arm]),
            Field::Flips(kind) => line.flips.get(kind).into_iter().for_each(|text| cell.number(text)),
            Field::Net => cell.number_strong(&line.net),
            Field::Forest => {
                if let Some([value, lo, hi]) = line.interval {
                    let row = ForestRow { estimate: Some(value), interval: Some((lo, hi)), ..ForestRow::default() };
                    forest::cell(cell, &axis, &row);
                }
            }
            Field::Interval => cell.number_muted(&line.interval_text),
        }
    });
    if let Some(line) = answer.opened.and_then(|row| model.flips.get(row)) {
        out.push(Command::OpenRows(line.selection.clone()));
    } else if let Some(line) = answer.clicked.and_then(|row| model.flips.get(row)) {
        out.push(Command::Select(Some(line.selection.clone())));
    }
}
