//! Start screen: what to open, recent workspaces with their verdict, samples.

use std::path::Path;

use eframe::egui::{
    Align, CornerRadius, Key, Layout, Rect, Response, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui, WidgetInfo,
    pos2, vec2,
};

use super::actions::Action;
use super::bucket::{BucketState, look_ui};
use super::layout::{self, Part};
use super::marks::Mark;
use super::theme::{Tokens, size};
use super::widgets::{Button, Tile, field, states};
use super::{fonts, paint, text};
use crate::ingest::source::is_uri;

/// What the start screen shows.
#[derive(Clone, Debug, Default)]
pub struct StartModel {
    pub recent: Vec<RecentLine>,
    pub samples: Vec<SampleCard>,
    /// Dropping files works on this display.
    pub can_drop: bool,
    /// Files hover over the window right now.
    pub dropping: bool,
    /// What is being read, with its progress; the rest of the screen waits.
    pub busy: Option<(String, Option<f32>)>,
    /// Why the last attempt failed: sentence, details.
    pub problem: Option<(String, String)>,
}

/// A workspace that was open before.
#[derive(Clone, Debug, Default)]
pub struct RecentLine {
    pub name: String,
    pub kind: String,
    pub champion: String,
    pub challenger: String,
    /// Mark and word of the verdict when it was last saved.
    pub verdict: Option<(Mark, String)>,
    /// `today 14:02`.
    pub when: String,
    /// `inputs unchanged`, `1 file changed`, `file not found`.
    pub state: String,
    /// The state wants attention: shown in ink.
    pub changed: bool,
    pub path: String,
}

/// A bundled sample.
#[derive(Clone, Debug, Default)]
pub struct SampleCard {
    pub kind: SampleKind,
    /// `Shadow, loan outreach`.
    pub title: String,
    /// `binary, 38,000 pairs`.
    pub facts: String,
    pub about: String,
    pub size: String,
}

/// Decides the drawing on the card.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SampleKind {
    #[default]
    Shadow,
    Ab,
    Canary,
}

/// What the start screen remembers.
#[derive(Clone, Debug, Default)]
pub struct StartState {
    /// The path well is open, with this text.
    pub path: Option<String>,
    pub bucket: BucketState,
}

const WIDE: f32 = 1200.0;

/// Draw the start screen in the rest of `ui`.
pub fn start_ui(ui: &mut Ui, model: &StartModel, state: &mut StartState, actions: &mut Vec<Action>) {
    let full = ui.available_rect_before_wrap();
    ScrollArea::vertical().id_salt("start").auto_shrink([false, false]).show(ui, |ui| {
        let width = (full.width() - 48.0).min(WIDE);
        let left = full.left() + ((full.width() - width) / 2.0).round();
        let upper = 326.0;
        let cards = model.samples.len().div_ceil(3) as f32 * 118.0;
        let height = 110.0 + upper + if model.samples.is_empty() { 0.0 } else { 40.0 + cards } + 60.0;
        let (_, rect) = ui.allocate_space(vec2(full.width(), height.max(full.height())));
        let top = rect.top() + ((full.height() - height) / 3.0).max(0.0).round();
        let page = Rect::from_min_size(pos2(left, top), vec2(width, height));
        let [head, middle, rest] = layout::rows(page, [Part::Fixed(86.0), Part::Fixed(upper), Part::Share(1.0)]);
        head_ui(ui, head);
        let [open, recent] = layout::columns(middle, [Part::Share(0.44), Part::Share(0.56)]);
        Tile::new("Open").show_at(ui, open, |ui| open_ui(ui, model, state, actions));
        Tile::new("Recent workspaces").flush().show_at(ui, recent, |ui| recent_ui(ui, model, actions));
        let [samples, foot] = layout::rows(
            rest.translate(vec2(0.0, 14.0)),
            [Part::Fixed(if model.samples.is_empty() { 0.0 } else { 28.0 + cards }), Part::Fixed(20.0)],
        );
        samples_ui(ui, samples, &model.samples, actions);
        foot_ui(ui, foot);
    });
}

fn head_ui(ui: &mut Ui, rect: Rect) {
    let tokens = Tokens::of(ui);
    layout::at_ui(ui, "head", rect, |ui| {
        ui.add_space(14.0);
        let title = eframe::egui::RichText::new("Is the candidate better than the model in production?");
        ui.label(title.font(fonts::semibold(fonts::VERDICT)).color(tokens.ink));
        let line = "Open the prediction logs of a shadow, A/B, canary or offline run. Nothing leaves this machine.";
        ui.label(text::body(tokens, line).color(tokens.muted));
    });
}

fn open_ui(ui: &mut Ui, model: &StartModel, state: &mut StartState, actions: &mut Vec<Action>) {
    let tokens = Tokens::of(ui);
    if let Some((what, share)) = &model.busy {
        ui.add_space(12.0);
        if states::loading_ui(ui, what, *share) {
            actions.push(Action::Cancel);
        }
        return;
    }
    if let Some((sentence, details)) = &model.problem {
        ui.add_space(4.0);
        let area = ScrollArea::vertical().id_salt("problem").max_height(104.0).auto_shrink([false, false]);
        area.show(ui, |ui| states::error_ui(ui, sentence, details, None));
        ui.add_space(8.0);
    } else if model.can_drop {
        ui.add_space(4.0);
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 104.0), Sense::click());
        states::dashed_frame(ui.painter(), rect, model.dropping || response.has_focus(), tokens);
        let [upper, lower] = layout::rows(rect.shrink2(vec2(8.0, 26.0)), [Part::Share(1.0), Part::Share(1.0)]);
        paint::text_center(ui.painter(), upper, "Drop log files or folders here", fonts::body_semibold(), tokens.ink);
        let hint = "champion, challenger and labels together; Assay sorts out which is which";
        paint::text_center(ui.painter(), lower, hint, fonts::small(), tokens.muted);
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, "Drop log files or folders here"));
        if response.clicked() {
            actions.push(Action::OpenFiles);
        }
        ui.add_space(8.0);
    } else {
        let hint = "Champion, challenger and labels together: Assay sorts out which is which.";
        ui.add(eframe::egui::Label::new(text::body(tokens, hint)).wrap());
        ui.add_space(8.0);
    }
    ui.horizontal(|ui| {
        if Button::primary("Open files…").shortcut("Ctrl O").ui(ui).clicked() {
            actions.push(Action::OpenFiles);
        }
        if Button::secondary("Open folder…").ui(ui).clicked() {
            actions.push(Action::OpenFolder);
        }
        if Button::secondary("Paste a path").ui(ui).clicked() {
            state.path = if state.path.is_none() { Some(String::new()) } else { None };
        }
    });
    if let Some(path) = &mut state.path {
        ui.add_space(4.0);
        let bucket = is_uri(Path::new(path.trim()));
        let go = ui.horizontal(|ui| {
            let width = ui.available_width() - 74.0;
            let response = field::well_ui(
                ui,
                "Path of a file, folder, pattern or s3:// prefix",
                path,
                "/data/fraud/2026-09/*.parquet",
                true,
                width,
            );
            if path.is_empty() && !response.has_focus() && !response.lost_focus() {
                response.request_focus();
            }
            let enter = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            let ready = !path.trim().is_empty();
            Button::secondary("Open").enabled(ready, "Type a path first").ui(ui).clicked() || (enter && ready)
        });
        if bucket {
            let line = "All of it is read, with the credentials, region, endpoint and payer of the S3 section; List there \
                        shows what it holds first and filters.";
            ui.label(text::small(tokens, line));
        }
        if go.inner {
            let path = path.trim().to_owned();
            actions.push(if bucket {
                Action::OpenBucket(path, Box::new(state.bucket.unfiltered()))
            } else {
                Action::OpenPath(path)
            });
        }
    }
    ui.add_space(10.0);
    let line = ui.max_rect();
    paint::hline(ui.painter(), line.left(), line.right(), ui.cursor().top(), tokens.line);
    ui.add_space(8.0);
    if look_ui(ui, &mut state.bucket) {
        actions.push(Action::Browse(state.bucket.address.clone()));
    }
}

/// What is read, and the way without a window.
fn foot_ui(ui: &mut Ui, rect: Rect) {
    let tokens = Tokens::of(ui);
    layout::at_ui(ui, "foot", rect, |ui| {
        let kinds = "CSV, JSON lines, Parquet and Arrow, also as .gz and .zst; recognised by content, not by name.";
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 5.0;
            ui.label(text::small(tokens, kinds));
            ui.add_space(12.0);
            ui.label(text::small(tokens, "From a script:"));
            let command = eframe::egui::RichText::new("assay-cli evaluate PATH…");
            ui.label(command.font(fonts::mono(fonts::MONO)).color(tokens.ink));
        });
    });
}

fn recent_ui(ui: &mut Ui, model: &StartModel, actions: &mut Vec<Action>) {
    let tokens = Tokens::of(ui);
    if model.recent.is_empty() {
        layout::at_ui(ui, "none", ui.max_rect().shrink2(vec2(size::TILE_PADDING, 0.0)), |ui| {
            let samples = if model.samples.is_empty() { "" } else { " The samples below show what one holds." };
            states::empty_ui(ui, &format!("None yet. A workspace appears here once it was saved.{samples}"), None);
        });
        return;
    }
    let foot = 24.0;
    let rect = ui.max_rect();
    let list = Rect::from_min_max(rect.min, pos2(rect.right(), rect.bottom() - foot));
    layout::at_ui(ui, "list", list, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        ScrollArea::vertical().id_salt("recent").auto_shrink([false, false]).show(ui, |ui| {
            for (index, line) in model.recent.iter().enumerate() {
                let response = ui.push_id(&line.path, |ui| recent_line_ui(ui, line)).inner;
                if response.clicked() {
                    actions.push(Action::OpenRecent(index));
                }
                if response.has_focus() && ui.input(|input| input.key_pressed(Key::Delete)) {
                    actions.push(Action::ForgetRecent(index));
                }
                response.context_menu(|ui| {
                    if ui.button("Forget this entry").clicked() {
                        actions.push(Action::ForgetRecent(index));
                        ui.close();
                    }
                });
            }
        });
    });
    let line = Rect::from_min_max(pos2(rect.left() + size::TILE_PADDING, list.bottom() + 4.0), rect.max);
    paint::text_left(
        ui.painter(),
        line,
        "Enter opens, Delete forgets the entry, never the file",
        fonts::small(),
        tokens.muted,
    );
}

fn recent_line_ui(ui: &mut Ui, line: &RecentLine) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 54.0), Sense::click());
    let tokens = Tokens::of(ui);
    let painter = ui.painter();
    if response.hovered() || response.has_focus() {
        painter.rect_filled(
            rect,
            CornerRadius::ZERO,
            if response.has_focus() { tokens.selected } else { tokens.raised },
        );
    }
    paint::hline(painter, rect.left(), rect.right(), rect.bottom() - 0.5, tokens.line);
    let inner = rect.shrink2(vec2(size::TILE_PADDING, 0.0));
    let parts = [Part::Share(1.1), Part::Fixed(52.0), Part::Share(1.5), Part::Share(1.5), Part::Fixed(104.0)];
    let [name, kind, arms, verdict, when] = layout::columns(inner, parts);
    paint::text_left(painter, name, &line.name, fonts::body_semibold(), tokens.ink);
    paint::text_left(painter, kind, &line.kind, fonts::body(), tokens.muted);
    let half = |rect: Rect, lower: bool| {
        let top = rect.center().y + if lower { 1.0 } else { -17.0 };
        Rect::from_min_max(pos2(rect.left(), top), pos2(rect.right(), top + 16.0))
    };
    for (mark, name, lower) in [(Mark::Champion, &line.champion, false), (Mark::Challenger, &line.challenger, true)] {
        if !name.is_empty() {
            let place = half(arms, lower);
            mark.paint(painter, pos2(place.left() + 5.0, place.center().y), size::MARK_IN_LISTS, tokens);
            let place = Rect::from_min_max(pos2(place.left() + 14.0, place.top()), place.max);
            paint::text_left(painter, place, name, fonts::body_medium(), mark.color(tokens));
        }
    }
    let (mark, word) = line.verdict.clone().unwrap_or((Mark::NotEvaluable, "no policy".to_owned()));
    mark.paint(painter, pos2(verdict.left() + 8.0, verdict.center().y), size::MARK, tokens);
    let place = Rect::from_min_max(pos2(verdict.left() + 22.0, verdict.top()), verdict.max);
    paint::text_left(painter, place, &word, fonts::body(), tokens.text);
    paint::text_left(painter, half(when, false), &line.when, fonts::small(), tokens.muted);
    let color = if line.changed { tokens.ink } else { tokens.muted };
    paint::text_left(painter, half(when, true), &line.state, fonts::small(), color);
    response.widget_info(|| {
        let name = format!(
            "{}, {}, {} against {}, {word}, {}, {}",
            line.name, line.kind, line.champion, line.challenger, line.when, line.state
        );
        WidgetInfo::labeled(Role::Button, true, name)
    });
    response.on_hover_text(&line.path)
}

fn samples_ui(ui: &mut Ui, rect: Rect, samples: &[SampleCard], actions: &mut Vec<Action>) {
    if samples.is_empty() {
        return;
    }
    let tokens = Tokens::of(ui);
    let [head, rows] = layout::rows(rect, [Part::Fixed(20.0), Part::Share(1.0)]);
    layout::at_ui(ui, "samples head", head, |ui| {
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.label(text::strong(tokens, "Samples"));
            ui.label(text::small(tokens, "bundled, open in under a second, each with a question to answer"));
        });
    });
    let width = (rows.width() - 2.0 * size::TILE_GAP) / 3.0;
    for (index, card) in samples.iter().enumerate() {
        let (column, row) = ((index % 3) as f32, (index / 3) as f32);
        let corner = pos2(rows.left() + column * (width + size::TILE_GAP), rows.top() + row * 118.0);
        let place = Rect::from_min_size(corner, vec2(width.floor(), 110.0));
        let response = ui.interact(place, ui.scope_id().with(("sample", &card.title)), Sense::click());
        paint_card(ui, place, card, &response, tokens);
        response.widget_info(|| {
            WidgetInfo::labeled(Role::Button, true, format!("Open sample: {}, {}", card.title, card.facts))
        });
        if response.clicked() {
            actions.push(Action::OpenSample(index));
        }
    }
}

fn paint_card(ui: &Ui, rect: Rect, card: &SampleCard, response: &Response, tokens: &Tokens) {
    let painter = ui.painter().with_clip_rect(ui.clip_rect().intersect(rect.expand(2.0)));
    let radius = CornerRadius::same(size::RADIUS as u8);
    let hot = response.hovered() || response.has_focus();
    let (fill, line) = if hot { (tokens.raised, tokens.line_strong) } else { (tokens.pane, tokens.line) };
    painter.rect(rect, radius, fill, Stroke::new(1.0, line), StrokeKind::Inside);
    let picture = rect.left_top() + vec2(32.0, 28.0);
    match card.kind {
        SampleKind::Shadow => {
            painter.circle_stroke(picture - vec2(5.0, 0.0), 8.0, Stroke::new(1.8, tokens.champion));
            let around = |x: f32, y: f32| picture + vec2(6.0 + x, y);
            let corners = vec![around(0.0, -8.0), around(8.0, 0.0), around(0.0, 8.0), around(-8.0, 0.0)];
            painter.add(eframe::egui::Shape::closed_line(corners, Stroke::new(1.8, tokens.challenger)));
        }
        SampleKind::Ab => {
            for (end, color) in [(vec2(12.0, -8.0), tokens.champion), (vec2(12.0, 8.0), tokens.challenger)] {
                painter.line_segment([picture - vec2(14.0, 0.0), picture], Stroke::new(1.5, tokens.faint));
                painter.line_segment([picture, picture + end], Stroke::new(1.5, color));
            }
        }
        SampleKind::Canary => {
            let steps =
                [vec2(-15.0, 9.0), vec2(-5.0, 9.0), vec2(-5.0, 2.0), vec2(4.0, 2.0), vec2(4.0, -8.0), vec2(14.0, -8.0)];
            painter.line(steps.map(|step| picture + step).to_vec(), Stroke::new(1.8, tokens.challenger));
        }
    }
    let line =
        |top: f32| Rect::from_min_max(rect.min + vec2(66.0, top), pos2(rect.right() - 12.0, rect.top() + top + 17.0));
    paint::text_left(&painter, line(11.0), &card.title, fonts::body_semibold(), tokens.ink);
    paint::text_left(&painter, line(27.0), &card.facts, fonts::small(), tokens.text);
    paint::text_left(&painter, line(47.0), &card.about, fonts::small(), tokens.muted);
    paint::text_left(&painter, line(84.0), "Open sample", fonts::small(), tokens.ink);
    paint::text_right(&painter, line(84.0), &card.size, fonts::small(), tokens.muted);
}
