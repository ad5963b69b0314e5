//! Boxes in images: finding, scorecard, classes, precision over recall; the images, and one with its boxes drawn.

mod picture;

use eframe::egui::{Align, Align2, Layout, Rect, TextureHandle, Ui};

use super::frame::sentence;
use super::overview::{OverviewState, scorecard};
use crate::log::ArmRole;
use crate::present::images::{ImagesModel, Owner, PictureModel};
use crate::session::Command;
use crate::ui::Outbox;
use crate::ui::layout::{self, Part, at_ui};
use crate::ui::marks::Mark;
use crate::ui::text::Spans;
use crate::ui::theme::{Tokens, size};
use crate::ui::widgets::field::well_ui;
use crate::ui::widgets::{Axis, Chart, Column, Table, Tile, states};

const FINDING: f32 = 22.0;
/// Width of a page on which the scorecard has all of its columns.
const WITH_SCORECARD: f32 = 1500.0;
const ARMS: [ArmRole; 2] = [ArmRole::Champion, ArmRole::Challenger];

/// What boxes are drawn on.
#[derive(Clone)]
pub enum Backdrop {
    Image(TextureHandle),
    Loading,
    /// The image's file, and what is the matter with it: `is not beside the logs`.
    Missing(String),
    /// Why no file is known.
    None(&'static str),
}

/// What the view remembers between frames.
#[derive(Clone, Debug, Default)]
pub struct ImagesState {
    pub scorecard: OverviewState,
    pub filter: String,
    /// Row of the log whose image is shown; `None`: the first of the list.
    pub row: Option<u32>,
    /// Whose boxes are drawn; `None`: everybody's.
    pub owner: Option<Owner>,
    /// Line of the image's boxes that is pointed out.
    pub line: Option<usize>,
}

impl ImagesState {
    /// Row of the log whose image is shown.
    pub fn shown(&self, model: &ImagesModel) -> Option<u32> {
        let listed = |row: &u32| model.lines.iter().any(|line| line.row == *row);
        self.row.filter(listed).or_else(|| model.lines.first().map(|line| line.row))
    }
}

/// The view, in the rest of `ui`; `picture` is the image of [`ImagesState::shown`].
pub fn images_ui(
    ui: &mut Ui,
    model: &ImagesModel,
    picture: Option<(&PictureModel, &Backdrop)>,
    state: &mut ImagesState,
    out: &mut Outbox,
) {
    let tokens = Tokens::of(ui);
    let page = ui.available_rect_before_wrap();
    if let Some(reason) = &model.empty {
        Tile::new("Images").show(ui, |ui| {
            states::empty_ui(ui, reason, None);
        });
        return;
    }
    let [finding, upper, lower] = layout::rows(page, [Part::Fixed(FINDING), Part::Share(1.0), Part::Share(1.5)]);
    at_ui(ui, "finding", finding, |ui| {
        sentence(Spans::finding(tokens), &model.finding, tokens).line_ui(ui).on_hover_text(model.finding.text());
    });
    // The scorecard stands in the Overview too; on a narrow page the classes need its room.
    let [classes, curve] = if page.width() >= WITH_SCORECARD {
        let [card, classes, curve] = layout::columns(upper, [Part::Share(1.9), Part::Share(1.0), Part::Share(0.65)]);
        Tile::new("Boxes and objects").qualifier(&model.scorecard.qualifier).flush().show_at(ui, card, |ui| {
            scorecard::scorecard_ui(ui, &model.scorecard, &mut state.scorecard, out);
        });
        [classes, curve]
    } else {
        layout::columns(upper, [Part::Share(1.4), Part::Share(1.0)])
    };
    classes_ui(ui, classes, model);
    curve_ui(ui, curve, model);
    let [list, detail] = layout::columns(lower, [Part::Share(1.0), Part::Share(1.75)]);
    list_ui(ui, list, model, state, out);
    match picture {
        Some((picture, backdrop)) => picture::picture_ui(ui, detail, model, picture, backdrop, state),
        None => Tile::new("Image").show_at(ui, detail, |ui| {
            states::empty_ui(ui, "No image is listed.", None);
        }),
    }
    ui.advance_cursor_after_rect(page);
}

fn classes_ui(ui: &mut Ui, rect: Rect, model: &ImagesModel) {
    Tile::new("AP by class").qualifier("IoU 0.50 to 0.95, in per cent").flush().show_at(ui, rect, |ui| {
        let mut columns = vec![
            Column::text("class", 70.0).grow(1.0),
            Column::number("objects", 56.0),
            Column::number("champ.", 54.0).of(Mark::Champion),
        ];
        if model.pair {
            columns.push(Column::number("chall.", 54.0).of(Mark::Challenger));
            columns.push(Column::number("Δ", 46.0));
            columns.push(Column::number("interval", 96.0));
        }
        let table = Table::new("AP by class", &columns).row_height(size::ROW_COMPACT);
        table.show(ui, model.classes.len(), |cell, row, column| {
            let line = &model.classes[row];
            let hue = |arm: usize| cell.tokens.arm(ARMS[arm]);
            match (column, &line.difference) {
                (0, _) => cell.text(&line.name),
                (1, _) => cell.number_muted(&line.objects),
                (2 | 3, _) => {
                    let hue = hue(column - 2);
                    if let Some(value) = line.arms.get(column - 2) {
                        cell.number_hue(value, hue);
                    }
                }
                (4, Some((value, _))) => cell.number_strong(value),
                (_, Some((_, interval))) => cell.number_muted(interval),
                (_, None) => cell.undefined("too few images have an object of this class for an interval"),
            }
        });
    });
}

fn curve_ui(ui: &mut Ui, rect: Rect, model: &ImagesModel) {
    Tile::new("Precision and recall").qualifier("IoU 0.50, mean of classes").show_at(ui, rect, |ui| {
        let (x, y) = (Axis::unit("recall"), Axis::unit("precision"));
        let rect = ui.available_rect_before_wrap();
        Chart::new("Precision over recall", &x, &y).show_at(ui, rect, |canvas| {
            for (arm, points) in ARMS.into_iter().zip(&model.curves) {
                canvas.line(points.iter().copied(), canvas.tokens.arm(arm));
            }
            let said = ARMS.into_iter().zip(&model.areas).map(|(arm, area)| {
                Spans::small(canvas.tokens)
                    .hue(Mark::from(arm).word(), canvas.tokens.arm(arm))
                    .muted(&format!("  AP50 {area}"))
            });
            let said: Vec<Spans> = said.collect();
            canvas.corner_on_ground(Align2::LEFT_BOTTOM, said);
        });
    });
}

fn list_ui(ui: &mut Ui, rect: Rect, model: &ImagesModel, state: &mut ImagesState, out: &mut Outbox) {
    let order = if model.pair { "largest loss in F1 first" } else { "least F1 first" };
    let qualifier = format!("{}, {order}", model.count);
    let places = model.matching(&state.filter);
    Tile::new("Images").qualifier(&qualifier).flush().show_at(ui, rect, |ui| {
        let page = ui.available_rect_before_wrap();
        let [control, table] = layout::rows(page, [Part::Fixed(size::BUTTON), Part::Share(1.0)]);
        at_ui(ui, "images control", control.shrink2(eframe::egui::vec2(8.0, 0.0)), |ui| {
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                well_ui(ui, "Find an image", &mut state.filter, "Find an image", false, 150.0);
                ui.label(crate::ui::text::small(Tokens::of(ui), &model.cut_words));
            });
        });
        at_ui(ui, "images table", table, |ui| table_ui(ui, model, &places, state, out));
    });
}

fn table_ui(ui: &mut Ui, model: &ImagesModel, places: &[usize], state: &mut ImagesState, out: &mut Outbox) {
    let mut columns = vec![
        Column::text("image", 74.0).grow(1.0),
        Column::number("objects", 56.0),
        Column::number("found", 48.0).of(Mark::Champion),
        Column::number("false", 42.0),
    ];
    if model.pair {
        columns.push(Column::number("found", 48.0).of(Mark::Challenger));
        columns.push(Column::number("false", 42.0));
    }
    columns.push(Column::number(if model.pair { "Δ F1" } else { "F1" }, 54.0));
    let last = columns.len() - 1;
    let shown = state.shown(model);
    let selected = places.iter().position(|&place| Some(model.lines[place].row) == shown);
    let table = Table::new("Images", &columns).row_height(size::ROW_COMPACT).selected(selected).clickable();
    let answer = table.show(ui, places.len(), |cell, row, column| {
        let line = &model.lines[places[row]];
        let count = |column: usize| line.counts.get((column - 2) / 2).map(|counts| &counts[(column - 2) % 2]);
        match column {
            0 => cell.mono(&line.id),
            1 => cell.number_muted(&line.objects),
            column if column == last => cell.number_strong(&line.difference),
            column => {
                if let Some(count) = count(column) {
                    let hue = cell.tokens.arm(ARMS[(column - 2) / 2]);
                    cell.number_hue(count, hue);
                }
            }
        }
    });
    if let Some(&place) = answer.clicked.and_then(|row| places.get(row)) {
        (state.row, state.line) = (Some(model.lines[place].row), None);
        out.push(Command::Select(Some(model.lines[place].selection.clone())));
    }
    if let Some(&place) = answer.opened.and_then(|row| places.get(row)) {
        out.push(Command::OpenRows(model.lines[place].selection.clone()));
    }
}
