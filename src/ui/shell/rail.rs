//! Rail: arms, files, population with its row flow, slices, validity. Sections fold; their order is fixed.

use eframe::egui::{
    CornerRadius, Key, Rect, Response, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

use crate::ui::actions::Action;
use crate::ui::marks::Mark;
use crate::ui::theme::{Tokens, size};
use crate::ui::widgets::{field, flow, shortcut_ui};
use crate::ui::{fonts, paint, text};

/// Height of a line of the rail.
const LINE: f32 = 21.0;
const PAD: f32 = 12.0;

/// What the rail shows; all numbers as printed.
#[derive(Clone, Debug, Default)]
pub struct RailModel {
    /// Mark, name, prediction lines logged.
    pub arms: Vec<(Mark, String, String)>,
    /// File name, records or what it is (`policy`), full path for hover.
    pub files: Vec<(String, String, String)>,
    /// `read in 1.9 s, all digests kept`; may be empty.
    pub files_note: String,
    /// First line of the flow: `Request ids seen`, count.
    pub seen: (String, String),
    /// Causes with their negative counts.
    pub lost: Vec<(String, String)>,
    pub analysed: String,
    /// Analysed over seen, 0 to 1.
    pub share: f64,
    /// `93.4 % of ids, 391,927 customers`.
    pub population_note: String,
    pub slices: Vec<SliceLine>,
    /// Line of the slice in view; `None`: all analysed rows.
    pub slice: Option<usize>,
    /// Mark, title, short reading, explanation for hover.
    pub checks: Vec<(Mark, String, String, String)>,
    /// `7 of 8`.
    pub checks_passed: String,
}

/// One slice.
#[derive(Clone, Debug, Default)]
pub struct SliceLine {
    pub name: String,
    pub rows: String,
    /// Where its gate is open or failed.
    pub mark: Option<Mark>,
    /// Slices of a policy cannot be removed.
    pub removable: bool,
    /// What actions name the slice by; the rail may list fewer slices than there are, in another order.
    pub index: usize,
}

/// What the rail remembers: folded sections, and the slice that is being typed.
#[derive(Clone, Debug, Default)]
pub struct RailState {
    pub folded: [bool; 5],
    /// Text of the slice being added; `None` while no well is open.
    pub adding: Option<String>,
    /// Why the typed text is no slice.
    pub problem: String,
}

pub(super) fn rail_ui(ui: &mut Ui, model: &RailModel, state: &mut RailState, actions: &mut Vec<Action>) {
    ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
    ScrollArea::vertical().id_salt("rail").auto_shrink([false, false]).show(ui, |ui| {
        if section_ui(ui, "Arms", "logged", &mut state.folded[0]) {
            for (mark, name, logged) in &model.arms {
                arm_ui(ui, *mark, name, logged);
            }
            end_ui(ui);
        }
        if section_ui(ui, "Files", "records", &mut state.folded[1]) {
            for (name, records, path) in &model.files {
                pair_ui(ui, name, records, false, false).on_hover_text(path);
            }
            note_ui(ui, &model.files_note);
            end_ui(ui);
        }
        if section_ui(ui, "Population", "rows", &mut state.folded[2]) {
            population_ui(ui, model);
            end_ui(ui);
        }
        if section_ui(ui, "Slices", "rows", &mut state.folded[3]) {
            slices_ui(ui, model, state, actions);
            end_ui(ui);
        }
        if section_ui(ui, "Validity", &model.checks_passed, &mut state.folded[4]) {
            for (mark, title, reading, explanation) in &model.checks {
                check_ui(ui, *mark, title, reading).on_hover_text(explanation);
            }
            end_ui(ui);
        }
    });
}

/// Title line; a click folds. Returns whether the section is open.
fn section_ui(ui: &mut Ui, title: &str, right: &str, folded: &mut bool) -> bool {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 30.0), Sense::click());
    let tokens = Tokens::of(ui);
    let line = inset(rect).translate(vec2(0.0, 3.0));
    let color = if response.hovered() || response.has_focus() { tokens.ink } else { tokens.muted };
    let used = paint::text_left(ui.painter(), line, title, fonts::medium(fonts::SMALL), color);
    paint::text_right(ui.painter(), line, right, fonts::small(), tokens.muted);
    if *folded {
        let place = Rect::from_min_max(pos2(used.right() + 6.0, line.top()), line.max);
        paint::text_left(ui.painter(), place, "folded", fonts::small(), tokens.faint);
    }
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, !*folded, format!("{title}, {right}")));
    if response.clicked() {
        *folded = !*folded;
    }
    if *folded {
        end_ui(ui);
    }
    !*folded
}

fn end_ui(ui: &mut Ui) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 9.0), Sense::hover());
    paint::hline(ui.painter(), rect.left(), rect.right(), rect.bottom() - 0.5, Tokens::of(ui).line);
}

fn inset(rect: Rect) -> Rect {
    Rect::from_min_max(pos2(rect.left() + PAD, rect.top()), pos2(rect.right() - PAD, rect.bottom()))
}

fn line_ui(ui: &mut Ui, sense: Sense) -> (Rect, Response) {
    ui.allocate_exact_size(vec2(ui.available_width(), LINE), sense)
}

/// Name at the left, number at the right; the name gives way.
fn pair_ui(ui: &mut Ui, name: &str, right: &str, indent: bool, strong: bool) -> Response {
    let (rect, response) = line_ui(ui, Sense::hover());
    let tokens = Tokens::of(ui);
    let mut line = inset(rect);
    let (font, name_color, color) = match (strong, indent) {
        (true, _) => (fonts::body_semibold(), tokens.ink, tokens.ink),
        (false, true) => (fonts::body(), tokens.muted, tokens.muted),
        (false, false) => (fonts::body(), tokens.text, tokens.muted),
    };
    let number = paint::text_right(ui.painter(), line, right, font.clone(), color);
    if indent {
        line.min.x += 10.0;
    }
    line.max.x = number.left() - 8.0;
    paint::text_left(ui.painter(), line, name, font, name_color);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{name} {right}")));
    response
}

fn note_ui(ui: &mut Ui, note: &str) {
    if !note.is_empty() {
        let (rect, response) = line_ui(ui, Sense::hover());
        paint::text_left(ui.painter(), inset(rect), note, fonts::small(), Tokens::of(ui).muted);
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, note));
        response.on_hover_text(note);
    }
}

fn arm_ui(ui: &mut Ui, mark: Mark, name: &str, logged: &str) {
    let (rect, response) = line_ui(ui, Sense::hover());
    let tokens = Tokens::of(ui);
    let line = inset(rect);
    mark.paint(ui.painter(), pos2(line.left() + 5.0, line.center().y), size::MARK, tokens);
    let number = paint::text_right(ui.painter(), line, logged, fonts::body(), tokens.text);
    let place = Rect::from_min_max(pos2(line.left() + 17.0, line.top()), pos2(number.left() - 8.0, line.bottom()));
    paint::text_left(ui.painter(), place, name, fonts::body_medium(), mark.color(tokens));
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{} {name}, {logged} logged", mark.word())));
    response.on_hover_text(format!("{name}, {}", mark.word()));
}

fn population_ui(ui: &mut Ui, model: &RailModel) {
    pair_ui(ui, &model.seen.0, &model.seen.1, false, false);
    for (cause, count) in &model.lost {
        pair_ui(ui, cause, count, true, false).on_hover_text(cause);
    }
    ui.add_space(3.0);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 8.0), Sense::hover());
    crate::ui::layout::at_ui(ui, "flow bar", inset(rect), |ui| {
        flow::bar_ui(ui, model.share, &format!("{} of {} analysed", model.analysed, model.seen.1));
    });
    ui.add_space(3.0);
    pair_ui(ui, "Analysed", &model.analysed, false, true);
    note_ui(ui, &model.population_note);
}

fn slices_ui(ui: &mut Ui, model: &RailModel, state: &mut RailState, actions: &mut Vec<Action>) {
    let all = SliceLine { name: "All analysed rows".to_owned(), rows: model.analysed.clone(), ..SliceLine::default() };
    if slice_ui(ui, &all, model.slice.is_none()).clicked() {
        actions.push(Action::SelectSlice(None));
    }
    for (line, slice) in model.slices.iter().enumerate() {
        let index = slice.index;
        let response = slice_ui(ui, slice, model.slice == Some(line));
        if response.clicked() {
            actions.push(Action::SelectSlice(Some(index)));
        }
        let delete = response.has_focus() && ui.input(|input| input.key_pressed(Key::Delete));
        if slice.removable && delete {
            actions.push(Action::RemoveSlice(index));
        }
        if slice.removable {
            response.context_menu(|ui| {
                if ui.button("Remove slice").clicked() {
                    actions.push(Action::RemoveSlice(index));
                    ui.close();
                }
            });
        }
    }
    add_slice_ui(ui, state, actions);
}

fn slice_ui(ui: &mut Ui, slice: &SliceLine, selected: bool) -> Response {
    let (rect, response) = line_ui(ui, Sense::click());
    let tokens = Tokens::of(ui);
    if selected || response.hovered() {
        let fill = if selected { tokens.selected } else { tokens.raised };
        ui.painter().rect_filled(rect, CornerRadius::ZERO, fill);
    }
    if response.has_focus() {
        ui.painter().rect_stroke(rect.shrink(1.0), 2.0, Stroke::new(1.0, tokens.ink), StrokeKind::Inside);
    }
    let line = inset(rect);
    let (font, color) = if selected { (fonts::body_semibold(), tokens.ink) } else { (fonts::body(), tokens.text) };
    let number = paint::text_right(ui.painter(), line, &slice.rows, fonts::body(), tokens.muted);
    let mut right = number.left() - 8.0;
    if let Some(mark) = slice.mark {
        mark.paint(ui.painter(), pos2(right - 5.0, line.center().y), size::MARK_IN_LISTS, tokens);
        right -= 16.0;
    }
    let place = Rect::from_min_max(line.min, pos2(right, line.bottom()));
    paint::text_left(ui.painter(), place, &slice.name, font, color);
    let outcome = slice.mark.map_or_else(String::new, |mark| format!(", {}", mark.word()));
    response.widget_info(|| {
        WidgetInfo::selected(Role::ListItem, true, selected, format!("{}, {} rows{outcome}", slice.name, slice.rows))
    });
    let hint = if slice.removable { "\nDelete removes it" } else { "" };
    response.on_hover_text(format!("{}{hint}", slice.name))
}

fn add_slice_ui(ui: &mut Ui, state: &mut RailState, actions: &mut Vec<Action>) {
    let tokens = Tokens::of(ui);
    if let Some(typed) = &mut state.adding {
        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 30.0), Sense::hover());
        let (enter, escape) = crate::ui::layout::at_ui(ui, "add slice", inset(rect), |ui| {
            let width = ui.available_width();
            let response = field::well_ui(ui, "New slice", typed, "region=LATAM & amount>=100", true, width);
            if !response.has_focus() && !response.lost_focus() {
                response.request_focus();
            }
            let key = |key| ui.input(|input| input.key_pressed(key));
            // A frame that is laid out twice sees its keys only once, so leaving is told by what was done.
            let left = key(Key::Escape) || ui.input(|input| input.pointer.any_pressed());
            (response.lost_focus() && key(Key::Enter), response.lost_focus() && left)
        });
        if enter && !typed.trim().is_empty() {
            actions.push(Action::AddSlice(typed.trim().to_owned()));
        } else if escape {
            state.adding = None;
            state.problem.clear();
        }
        if !state.problem.is_empty() {
            let problem = text::small(tokens, &state.problem).color(tokens.fail);
            ui.horizontal(|ui| {
                ui.add_space(PAD);
                ui.add(eframe::egui::Label::new(problem).wrap());
            });
        }
        return;
    }
    let (rect, response) = line_ui(ui, Sense::click());
    let line = inset(rect);
    let color = if response.hovered() || response.has_focus() { tokens.ink } else { tokens.muted };
    paint::text_left(ui.painter(), line, "Add slice…", fonts::body(), color);
    let chip = Rect::from_min_max(pos2(line.right() - 17.0, line.top() + 1.0), line.max);
    crate::ui::layout::at_ui(ui, "add slice key", chip, |ui| shortcut_ui(ui, "S"));
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, "Add slice…"));
    let typing = ui.ctx().text_edit_focused();
    let key = !typing && ui.input_mut(|input| input.consume_key(eframe::egui::Modifiers::NONE, Key::S));
    if response.clicked() || key {
        state.adding = Some(String::new());
    }
}

fn check_ui(ui: &mut Ui, mark: Mark, title: &str, reading: &str) -> Response {
    let (rect, response) = line_ui(ui, Sense::hover());
    let tokens = Tokens::of(ui);
    let line = inset(rect);
    mark.paint(ui.painter(), pos2(line.left() + 6.0, line.center().y), size::MARK_IN_LISTS, tokens);
    let title_width = paint::text_width(ui.painter(), title, fonts::body()).min(line.width() * 0.62);
    let place =
        Rect::from_min_max(pos2(line.left() + 19.0, line.top()), pos2(line.left() + 20.0 + title_width, line.bottom()));
    let used = paint::text_left(ui.painter(), place, title, fonts::body(), tokens.text);
    let rest = Rect::from_min_max(pos2(used.right() + 8.0, line.top()), line.max);
    let galley = paint::truncated(ui.painter(), reading, fonts::small(), tokens.muted, rest.width());
    let at = pos2(rest.right() - galley.size().x, rest.center().y - galley.size().y / 2.0);
    ui.painter().galley(paint::snap_pos(ui.painter(), at), galley, tokens.muted);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{title}: {}, {reading}", mark.word())));
    response
}
