//! Tiles under the scorecard.

use eframe::egui::{Rect, ScrollArea, Ui, pos2};

use super::super::frame::{forest_axis, forest_row, sentence};
use crate::log::Task;
use crate::present::overview::{Flips, Remark, SegmentLine, Weakest};
use crate::session::Command;
use crate::ui::Outbox;
use crate::ui::marks::Mark;
use crate::ui::text::{self, Spans};
use crate::ui::theme::{Tokens, size};
use crate::ui::widgets::{Column, Table, forest, pair, states};
use crate::ui::{fonts, layout, paint};

const FOOTER: f32 = 18.0;
/// Width below which the plot tells nothing.
const LEAST_PLOT: f32 = 60.0;

pub(super) fn weakest_ui(ui: &mut Ui, model: &Weakest, out: &mut Outbox) {
    let rect = ui.available_rect_before_wrap();
    if model.lines.is_empty() {
        let inside = rect.shrink2(eframe::egui::vec2(size::TILE_PADDING, 0.0));
        layout::at_ui(ui, "empty", inside, |ui| states::empty_ui(ui, &model.empty, None));
        return;
    }
    let foot = Rect::from_min_max(pos2(rect.left() + size::TILE_PADDING, rect.bottom() - FOOTER), rect.max);
    let body = Rect::from_min_max(rect.min, pos2(rect.right(), foot.top() - 2.0));
    let axis = forest_axis(&model.axis);
    // As wide as the texts are; what is left is the plot's, which gives way first.
    let widest = |least: f32, text: fn(&SegmentLine) -> &str| {
        let width = |line| paint::text_width(ui.painter(), text(line), fonts::body());
        (model.lines.iter().map(width).fold(least, f32::max) + 2.0 * size::CELL_PADDING).ceil()
    };
    let [difference, interval, rows] =
        [widest(40.0, |line| &line.difference), widest(80.0, |line| &line.interval), widest(36.0, |line| &line.rows)];
    let taken = difference + interval + rows + 28.0 + LEAST_PLOT + 2.0 * size::CELL_PADDING;
    let name = widest(60.0, |line| &line.name).min((rect.width() - taken).max(72.0));
    let columns = [
        Column::mark(),
        Column::text("", name),
        Column::number("", difference),
        Column::number("", interval),
        Column::text("", LEAST_PLOT).grow(1.0),
        Column::number("", rows),
    ];
    layout::at_ui(ui, "segments", body, |ui| {
        let table = Table::new("Weakest segments", &columns).header_height(0.0).clickable();
        let answer = table.show(ui, model.lines.len(), |cell, row, column| {
            let line = &model.lines[row];
            match column {
                0 => cell.mark(line.sign.into()),
                1 => {
                    cell.ink(&line.name);
                    cell.hover(&format!("{}: {}", line.name, line.hover));
                }
                2 => cell.number(&line.difference),
                3 => cell.number_muted(&line.interval),
                4 => forest::cell(cell, &axis, &forest_row(line.plot, false)),
                _ => cell.number_muted(&line.rows),
            }
        });
        if let Some(slice) = answer.opened.and_then(|row| model.lines.get(row)?.slice) {
            out.push(Command::SelectSlice(Some(slice)));
        }
    });
    layout::at_ui(ui, "footer", foot, |ui| {
        let footer = format!("{} Enter shows a segment alone.", model.footer);
        ui.add(eframe::egui::Label::new(text::small(Tokens::of(ui), &footer)).truncate());
    });
}

pub(super) fn flips_ui(ui: &mut Ui, model: Option<&Flips>, task: Task, out: &mut Outbox) {
    let Some(model) = model else {
        let why = match task {
            Task::Regression => {
                "Numbers are not right or wrong. The Errors view tells on which rows a model is nearer."
            }
            Task::Ranking => "Lists are not right or wrong. The Queries view tells on which queries a list is better.",
            Task::Text => {
                "Texts are more or less like their reference. The Texts view tells on which rows a model is nearer."
            }
            Task::Similarity => {
                "Similarities are not right or wrong. The Similarity view tells on which rows a model is nearer to gold."
            }
            Task::Image => {
                "Images are more or less like their reference. The Image pairs view tells on which rows a model is nearer."
            }
            Task::Detection => {
                "An image is not right or wrong as a whole. The Images view tells on which a model finds more."
            }
            _ => "Flips need two models and labels.",
        };
        states::empty_ui(ui, why, None);
        return;
    };
    let tokens = Tokens::of(ui);
    let rect = ui.available_rect_before_wrap();
    let painter = ui.painter();
    let widest = model
        .lines
        .iter()
        .map(|line| paint::text_width(painter, &line.class, fonts::body()))
        .fold(0.0, f32::max)
        .min(rect.width() * 0.42);
    let left = rect.left() + widest + 8.0;
    let middle = (left + rect.right()) / 2.0;
    let legend = |from: f32, to: f32| Rect::from_min_max(pos2(from, rect.top()), pos2(to, rect.top() + 18.0));
    let small = fonts::medium(fonts::SMALL);
    let words = ["only champion right", "only challenger right"];
    let fit = words.iter().all(|text| paint::text_width(painter, text, small.clone()) < rect.right() - middle - 4.0);
    let [champion, challenger] = if fit { words } else { ["champion", "challenger"] };
    paint::text_right(painter, legend(left, middle - 4.0), champion, small.clone(), tokens.champion);
    paint::text_left(painter, legend(middle + 4.0, rect.right()), challenger, small, tokens.challenger);
    let mut top = rect.top() + 21.0;
    for line in &model.lines {
        let place = Rect::from_min_max(pos2(rect.left(), top), pos2(left - 8.0, top + 25.0));
        paint::text_left(ui.painter(), place, &line.class, fonts::body(), tokens.text);
        let bar = Rect::from_min_max(pos2(left, top), pos2(rect.right(), top + 25.0));
        let [broken, fixed] = &line.counts;
        let name = format!("{}: {broken} only champion right, {fixed} only challenger right; show rows", line.class);
        let answer = pair::flip_line_ui(ui, bar, [broken, fixed], line.shares, &name);
        if answer.clicked() {
            // A key press has no place: it shows what the challenger fixed.
            let on_left = answer.interact_pointer_pos().is_some_and(|place| place.x < bar.center().x);
            let [broken, fixed] = &line.selections;
            out.push(Command::OpenRows(if on_left { broken } else { fixed }.clone()));
        }
        top += 26.0;
    }
    let rest = Rect::from_min_max(pos2(rect.left(), top + 4.0), rect.max);
    layout::at_ui(ui, "agreement", rest, |ui| {
        ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
            let line = |text: &str| eframe::egui::Label::new(text::small(tokens, text)).wrap();
            ui.add(line(&model.agreement));
            if !model.net.is_empty() {
                ui.add(line(&model.net));
            }
            ui.add(line("Click a bar to see its rows."));
        });
    });
}

pub(super) fn know_ui(ui: &mut Ui, remarks: &[Remark]) {
    let tokens = Tokens::of(ui);
    ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
        // The bar floats over the right edge.
        ui.set_max_width(ui.available_width() - 10.0);
        ui.spacing_mut().item_spacing.y = 6.0;
        for remark in remarks {
            let mark = remark.sign.map_or(Mark::Bullet, Mark::from);
            states::remark_ui(ui, mark, sentence(Spans::body(tokens), &remark.text, tokens));
        }
    });
}
