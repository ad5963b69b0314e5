//! The screen that looks into buckets: walk, filter, see how much it is, open.

use eframe::egui::{Align, CornerRadius, Key, Label, Layout, Modifiers, Rect, Stroke, StrokeKind, Ui};

use super::list::list_ui;
use super::{BucketState, settings_ui};
use crate::ingest::source::Place;
use crate::present::format;
use crate::session::browse::{Act, Browser, Stage};
use crate::ui::fonts;
use crate::ui::layout::{self, Part};
use crate::ui::marks::Mark;
use crate::ui::text::{self, Spans};
use crate::ui::theme::{Tokens, size};
use crate::ui::widgets::{Button, Tile, field, states};

/// What the screen shows.
pub struct BucketModel<'a> {
    pub browser: &'a Browser,
    /// Objects below the chosen folders that were counted so far.
    pub counted: u64,
    /// What is being opened, and how far that is.
    pub opening: Option<(String, Option<f32>)>,
    /// Why the last attempt to open failed.
    pub problem: Option<&'a str>,
}

/// Draw the screen in the rest of `ui`.
pub fn browser_ui(ui: &mut Ui, model: &BucketModel<'_>, state: &mut BucketState, acts: &mut Vec<Act>) {
    // Escape leaves a well first; while something runs, the shell takes it to stop that.
    let typing = std::mem::replace(&mut state.typing, ui.ctx().text_edit_focused());
    if !typing && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape)) {
        acts.push(Act::Close);
    }
    let tokens = Tokens::of(ui);
    let rect = ui.available_rect_before_wrap();
    let radius = CornerRadius::same(size::RADIUS as u8);
    ui.painter().rect(rect, radius, tokens.rail, Stroke::new(1.0, tokens.line_strong), StrokeKind::Inside);
    let line = Part::Fixed(size::BUTTON);
    let parts = [Part::Fixed(26.0), line, line, Part::Share(1.0), Part::Fixed(34.0)];
    let [head, place, settings, body, foot] = layout::rows(rect.shrink(14.0), parts);
    head_ui(ui, head);
    layout::at_ui(ui, "place", place, |ui| place_ui(ui, model, state, acts));
    layout::at_ui(ui, "settings", settings, |ui| {
        if settings_ui(ui, state) {
            acts.push(Act::Go(Place::typed(&state.address)));
        }
    });
    let [left, right] = layout::columns(body, [Part::Share(1.0), Part::Fixed(312.0)]);
    listing_ui(ui, left, model, state, acts);
    let [filter, opens] = layout::rows(right, [Part::Fixed(178.0), Part::Share(1.0)]);
    Tile::new("Filter").show_at(ui, filter, |ui| filter_ui(ui, model, state, acts));
    Tile::new("What opens").show_at(ui, opens, |ui| opens_ui(ui, model, state, acts));
    layout::at_ui(ui, "bucket foot", foot, |ui| foot_ui(ui, model, state, acts));
}

fn head_ui(ui: &mut Ui, rect: Rect) {
    let tokens = Tokens::of(ui);
    layout::at_ui(ui, "bucket head", rect, |ui| {
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            let title = eframe::egui::RichText::new("Browse S3").font(fonts::semibold(fonts::FINDING));
            ui.label(title.color(tokens.ink));
            let line = "Listing downloads nothing. What is opened is copied once, checked, and read from the cache.";
            ui.add(Label::new(text::body(tokens, line).color(tokens.muted)).truncate());
        });
    });
}

fn place_ui(ui: &mut Ui, model: &BucketModel<'_>, state: &mut BucketState, acts: &mut Vec<Act>) {
    ui.horizontal(|ui| {
        let above = model.browser.place().above();
        if Button::secondary("Up").enabled(above.is_some(), "These are all buckets").ui(ui).clicked() {
            acts.push(Act::Up);
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let pressed = Button::secondary("List").ui(ui).clicked();
            let width = ui.available_width();
            let well = field::well_ui(ui, "Place in S3", &mut state.address, "s3://bucket/prefix/", true, width);
            let enter = well.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            if pressed || enter {
                acts.push(Act::Go(Place::typed(&state.address)));
            }
        });
    });
}

fn listing_ui(ui: &mut Ui, rect: Rect, model: &BucketModel<'_>, state: &mut BucketState, acts: &mut Vec<Act>) {
    let browser = model.browser;
    let (rows, listed) = (browser.rows(), browser.listed());
    let count = |count: usize| format::count(count as u64);
    let noun = if browser.place().bucket.is_empty() { "buckets" } else { "entries" };
    let shown = if rows == listed {
        format!("{} {noun}", count(rows))
    } else {
        format!("{} of {} {noun}", count(rows), count(listed))
    };
    let shown = match browser.listing {
        Stage::Running => format!("{shown} so far"),
        Stage::Stopped => format!("{shown}, stopped before the end"),
        _ => shown,
    };
    let title = browser.place().address();
    let keys = "Enter walks in, Backspace up, Space chooses";
    Tile::new(&title).qualifier(&shown).trailing(keys).flush().show_at(ui, rect, |ui| {
        let inner = ui.max_rect().shrink2(eframe::egui::vec2(size::TILE_PADDING - 1.0, 2.0));
        match &browser.listing {
            Stage::Failed(problem) => {
                let again =
                    layout::at_ui(ui, "failed", inner, |ui| states::error_ui(ui, problem, "", Some("List again")));
                if again {
                    acts.push(Act::Again);
                }
            }
            Stage::Running if listed == 0 => {
                let stop = layout::at_ui(ui, "listing", inner, |ui| states::loading_ui(ui, "listing", None));
                if stop {
                    acts.push(Act::Stop);
                }
            }
            _ if rows == 0 => {
                let sentence = match (listed, browser.place().bucket.is_empty()) {
                    (0, true) => "There are no buckets here.",
                    (0, false) => "Nothing lies here: the bucket is empty, or no key begins like this.",
                    _ => "Nothing here passes the filter.",
                };
                layout::at_ui(ui, "none", inner, |ui| states::empty_ui(ui, sentence, None));
            }
            _ => list_ui(ui, browser, &mut state.list, acts),
        }
    });
}

fn filter_ui(ui: &mut Ui, model: &BucketModel<'_>, state: &mut BucketState, acts: &mut Vec<Act>) {
    let tokens = Tokens::of(ui);
    let before = state.filter();
    let line = |ui: &mut Ui, label: &str, name: &str, value: &mut String, hint: &str| {
        ui.horizontal(|ui| {
            let (rect, _) =
                ui.allocate_exact_size(eframe::egui::vec2(98.0, size::BUTTON), eframe::egui::Sense::hover());
            crate::ui::paint::text_left(ui.painter(), rect, label, fonts::body(), tokens.muted);
            let width = ui.available_width();
            field::well_ui(ui, name, value, hint, true, width);
        });
    };
    line(ui, "Name", "Name contains", &mut state.name, "part of it, or day=*.csv");
    line(ui, "Changed since", "Changed since", &mut state.since, "2026-10-01");
    line(ui, "Changed before", "Changed before", &mut state.until, "2026-11-01");
    line(ui, "At most, MB", "At most so many MB", &mut state.largest, "any size");
    if let Some(problem) = state.problem() {
        ui.horizontal(|ui| {
            Mark::Fail.ui(ui);
            ui.add(Label::new(text::small(tokens, &problem)).truncate());
        });
    } else {
        ui.add(Label::new(text::small(tokens, "Dates and size also hold for what lies in folders; UTC.")).truncate());
    }
    let filter = state.filter();
    if filter != before || filter != *model.browser.filter() {
        acts.push(Act::Filter(filter));
    }
}

fn opens_ui(ui: &mut Ui, model: &BucketModel<'_>, state: &BucketState, acts: &mut Vec<Act>) {
    let tokens = Tokens::of(ui);
    let browser = model.browser;
    if browser.place().bucket.is_empty() {
        states::empty_ui(ui, "Walk into a bucket, or type its address above. Then choose folders or objects.", None);
        return;
    }
    let chosen = browser.ticked();
    if chosen == 0 && browser.rows() == 0 {
        states::empty_ui(ui, "Nothing here would be opened.", None);
        return;
    }
    let what = match (chosen, browser.filter().is_empty()) {
        (0, true) => "All that lies here".to_owned(),
        (0, false) => "All that lies here and passes the filter".to_owned(),
        (1, _) => "1 line chosen".to_owned(),
        (chosen, _) => format!("{} lines chosen", format::count(chosen as u64)),
    };
    ui.horizontal(|ui| {
        ui.label(text::strong(tokens, &what));
        if chosen > 0 && Button::quiet("Clear").small().ui(ui).clicked() {
            acts.push(Act::TickNone);
        }
    });
    match &browser.extent {
        Stage::Nothing => {}
        Stage::Running => {
            let so_far = format!("counting what lies below, {} so far", format::count(model.counted));
            states::bar_ui(ui, ui.available_width(), None, &so_far);
            ui.label(text::small(tokens, &so_far));
        }
        Stage::Done(extent) => {
            let objects = if extent.objects == 1 { "object" } else { "objects" };
            let count = format!("{} {objects}, {}", format::count(extent.objects), format::size(extent.bytes));
            Spans::body(tokens).ink(&count).ui(ui);
        }
        Stage::Stopped => {
            ui.horizontal(|ui| {
                ui.label(text::body(tokens, "Not counted.").color(tokens.muted));
                if Button::quiet("Count").ui(ui).clicked() {
                    acts.push(Act::Count);
                }
            });
        }
        Stage::Failed(problem) => {
            if states::error_ui(ui, problem, "", Some("Count again")) {
                acts.push(Act::Count);
            }
        }
    }
    ui.add_space(4.0);
    for remark in [
        "What was downloaded before in the same version is not downloaded again.",
        "A Delta table is read through its log: choose the whole table.",
    ] {
        ui.add(Label::new(text::small(tokens, remark)).wrap());
    }
    if state.requester_pays {
        ui.add(Label::new(text::small(tokens, "Requester pays: reading is charged to these credentials.")).wrap());
    }
}

fn foot_ui(ui: &mut Ui, model: &BucketModel<'_>, state: &BucketState, acts: &mut Vec<Act>) {
    let tokens = Tokens::of(ui);
    let browser = model.browser;
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        let why = state.problem().or_else(|| browser.why_not());
        let busy = model.opening.is_some();
        let reason = if busy { "It is being opened" } else { why.as_deref().unwrap_or_default() };
        let label = if browser.ticked() == 0 { "Open all" } else { "Open what is chosen" };
        if Button::primary(label).enabled(why.is_none() && !busy, reason).ui(ui).clicked() {
            acts.push(Act::Open);
        }
        let end = if busy { "Stop" } else { "Close" };
        if Button::secondary(end).shortcut("Esc").ui(ui).clicked() {
            acts.push(if busy { Act::Stop } else { Act::Close });
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            if let Some((what, share)) = &model.opening {
                states::bar_ui(ui, 180.0, *share, what);
                ui.label(text::small(tokens, what));
            } else if let Some(problem) = model.problem {
                Mark::Fail.ui(ui);
                Spans::body(tokens).ink(problem).line_ui(ui).on_hover_text(problem);
            } else if let Some(why) = why.as_deref().filter(|_| browser.listed() > 0) {
                ui.label(text::small(tokens, why));
            }
        });
    });
}
