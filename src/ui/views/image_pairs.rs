//! Images held against references: finding, scorecard, distribution; the rows on which the models differ most, and one with
//! the images of both beside the reference.

mod sights;

use eframe::egui::{Align, Layout, Pos2, Rect, TextureHandle, Ui, pos2};

use super::frame::sentence;
use super::lists::lists_ui;
use super::overview::{OverviewState, scorecard};
use super::similarity::plots;
use crate::present::image_pairs::{ImageLine, ImageList, ImagePairsModel};
use crate::session::Command;
use crate::ui::Outbox;
use crate::ui::layout::{self, Part, at_ui};
use crate::ui::marks::Mark;
use crate::ui::text::Spans;
use crate::ui::theme::{Tokens, size};
use crate::ui::widgets::{Column, Table, Tile, states};

const FINDING: f32 = 22.0;

/// A reference and the images held against it, in the order of their names.
pub struct Sights {
    /// Or what is the matter with the file: `is not beside the logs`.
    pub images: Vec<Result<TextureHandle, String>>,
    /// Distance of each pixel from the reference's; `None` for the reference and for an image of another size.
    pub differences: Vec<Option<TextureHandle>>,
    /// Factor by which all differences were multiplied.
    pub gain: u8,
}

/// What the view remembers between frames.
#[derive(Clone, Debug)]
pub struct ImagePairsState {
    pub scorecard: OverviewState,
    /// Place of the list among the model's.
    pub list: usize,
    pub filter: String,
    /// Chosen line of the list.
    pub line: Option<usize>,
    /// Whether differences are drawn in place of the models' images.
    pub differences: bool,
    /// 1: the whole image.
    pub zoom: f32,
    /// The place of the image that stands in the middle, 0 to 1 in both directions.
    pub centre: Pos2,
}

impl Default for ImagePairsState {
    fn default() -> Self {
        Self {
            scorecard: OverviewState::default(),
            list: 0,
            filter: String::new(),
            line: None,
            differences: false,
            zoom: 1.0,
            centre: pos2(0.5, 0.5),
        }
    }
}

impl ImagePairsState {
    fn shown<'a>(&self, model: &'a ImagePairsModel) -> Option<(&'a ImageList, Vec<usize>, Option<usize>)> {
        let list = model.lists.get(self.list.min(model.lists.len().saturating_sub(1)))?;
        let places = list.matching(&self.filter);
        let line = self.line.filter(|line| places.contains(line)).or_else(|| places.first().copied());
        Some((list, places, line))
    }

    /// Files of the line that is shown, the reference first; empty where there is none.
    pub fn files(&self, model: &ImagePairsModel) -> Vec<String> {
        let shown = self.shown(model).and_then(|(list, _, line)| list.lines.get(line?));
        shown.map(ImageLine::files).unwrap_or_default()
    }

    /// The whole image again.
    pub fn fit(&mut self) {
        (self.zoom, self.centre) = (1.0, pos2(0.5, 0.5));
    }
}

/// The view, in the rest of `ui`; `sights` are those of [`ImagePairsState::files`], `None` while they are read.
pub fn image_pairs_ui(
    ui: &mut Ui,
    model: &ImagePairsModel,
    sights: Option<&Sights>,
    state: &mut ImagePairsState,
    out: &mut Outbox,
) {
    let tokens = Tokens::of(ui);
    let page = ui.available_rect_before_wrap();
    if let Some(reason) = &model.empty {
        Tile::new("Image pairs").show(ui, |ui| {
            states::empty_ui(ui, reason, None);
        });
        return;
    }
    let card = scorecard::height(&model.scorecard).min(page.height() * 0.3).max(110.0);
    let [finding, top, control, below] =
        layout::rows(page, [Part::Fixed(FINDING), Part::Fixed(card), Part::Fixed(size::BUTTON), Part::Share(1.0)]);
    at_ui(ui, "finding", finding, |ui| {
        sentence(Spans::finding(tokens), &model.finding, tokens).line_ui(ui).on_hover_text(model.finding.text());
    });
    let [card, distribution] = layout::columns(top, [Part::Share(2.6), Part::Share(1.0)]);
    Tile::new("Likeness to the references").qualifier(&model.scorecard.qualifier).flush().show_at(ui, card, |ui| {
        scorecard::scorecard_ui(ui, &model.scorecard, &mut state.scorecard, out);
    });
    Tile::new("Distribution")
        .qualifier("same bins for both arms")
        .show_at(ui, distribution, |ui| plots::histogram_ui(ui, &model.histogram, model.measure));
    let Some((list, places, line)) = state.shown(model) else { return };
    at_ui(ui, "image pairs control", control, |ui| control_ui(ui, model, list, places.len(), state));
    let [rows, detail] = layout::columns(below, [Part::Share(1.0), Part::Share(2.4)]);
    let qualifier = format!("{}, by the difference in {}", list.count, model.measure);
    Tile::new(&list.name)
        .qualifier(&qualifier)
        .flush()
        .show_at(ui, rows, |ui| list_ui(ui, list, &places, line, state, out));
    match line.and_then(|line| list.lines.get(line)) {
        Some(line) => sights::sights_ui(ui, detail, line, sights, state, out),
        None => Tile::new("Row").show_at(ui, detail, |ui| {
            let why = if list.lines.is_empty() { "There is no such row." } else { "No row holds what is looked for." };
            states::empty_ui(ui, why, None);
        }),
    }
    ui.advance_cursor_after_rect(page);
}

fn control_ui(ui: &mut Ui, model: &ImagePairsModel, list: &ImageList, found: usize, state: &mut ImagePairsState) {
    let names: Vec<&str> = model.lists.iter().map(|list| list.name.as_str()).collect();
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        let now = (state.list, &mut state.filter);
        if let Some(chosen) = lists_ui(ui, &names, "Find a row or a file", now, [found, list.lines.len()]) {
            (state.list, state.line) = (chosen, None);
            state.fit();
        }
    });
}

fn list_ui(
    ui: &mut Ui,
    list: &ImageList,
    places: &[usize],
    line: Option<usize>,
    state: &mut ImagePairsState,
    out: &mut Outbox,
) {
    let pair = list.lines.first().is_some_and(|line| line.outputs.len() > 1);
    let mut columns = vec![Column::text("row", 64.0).grow(1.0), Column::number("champ.", 62.0).of(Mark::Champion)];
    if pair {
        columns.push(Column::number("chall.", 62.0).of(Mark::Challenger));
        columns.push(Column::number("Δ", 64.0));
    }
    let selected = line.and_then(|line| places.iter().position(|place| *place == line));
    let table = Table::new("Image pairs", &columns).row_height(size::ROW_COMPACT).selected(selected).clickable();
    let answer = table.show(ui, places.len(), |cell, row, column| {
        let line = &list.lines[places[row]];
        match column {
            0 => cell.mono(&line.id),
            3 => cell.number_strong(&line.difference),
            column => {
                let hue = if column == 1 { cell.tokens.champion } else { cell.tokens.challenger };
                if let Some(output) = line.outputs.get(column - 1) {
                    cell.number_hue(&output.value, hue);
                }
            }
        }
    });
    if let Some(&place) = answer.clicked.and_then(|row| places.get(row)) {
        state.line = Some(place);
        state.fit();
        out.push(Command::Select(Some(list.lines[place].selection.clone())));
    }
    if let Some(&place) = answer.opened.and_then(|row| places.get(row)) {
        out.push(Command::OpenRows(list.lines[place].selection.clone()));
    }
}

/// Where a whole image of a size lies when it is drawn into `room`.
fn frame(room: Rect, size: [f32; 2], zoom: f32, centre: Pos2) -> Rect {
    let [width, height] = size.map(|side| side.max(1.0));
    let scale = (room.width() / width).min(room.height() / height).max(0.0) * zoom;
    let (width, height) = (width * scale, height * scale);
    let min = room.center() - eframe::egui::vec2(width * centre.x, height * centre.y);
    Rect::from_min_size(min, eframe::egui::vec2(width, height))
}
