//! One row: the reference, the images of the models and what of each image differs, moved and enlarged together.

use eframe::egui::{
    Align, Align2, Color32, CornerRadius, Layout, Pos2, Rect, Role, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo,
    pos2, vec2,
};

use super::{ImagePairsState, Sights, frame};
use crate::log::ArmRole;
use crate::present::image_pairs::ImageLine;
use crate::session::Command;
use crate::ui::Outbox;
use crate::ui::fonts;
use crate::ui::layout::{self, Part, at_ui};
use crate::ui::text::Spans;
use crate::ui::theme::{Tokens, size};
use crate::ui::widgets::{Button, Tile, segmented_ui};

const HEAD: f32 = 20.0;
const MOST_ZOOM: f32 = 64.0;
const ROLES: [ArmRole; 2] = [ArmRole::Champion, ArmRole::Challenger];

pub(super) fn sights_ui(
    ui: &mut Ui,
    rect: Rect,
    line: &ImageLine,
    sights: Option<&Sights>,
    state: &mut ImagePairsState,
    out: &mut Outbox,
) {
    let size = sights.and_then(|sights| sights.images.iter().find_map(|image| Some(image.as_ref().ok()?.size())));
    let qualifier = size.map_or_else(String::new, |[width, height]| format!("{width} × {height} pixels"));
    Tile::new(&format!("Row {}", line.id)).qualifier(&qualifier).show_at(ui, rect, |ui| {
        let page = ui.available_rect_before_wrap();
        let [body, foot] = layout::rows(page, [Part::Share(1.0), Part::Fixed(size::BUTTON)]);
        let size = size.map_or([1.0, 1.0], |size| size.map(|side| side as f32));
        let count = 1 + line.outputs.len();
        let both = has_room_for_both(body, count, size);
        let [upper, lower] = layout::rows(body, [Part::Share(1.0), Part::Share(if both { 1.0 } else { 0.0 })]);
        for (at, place) in places(if both { upper } else { body }, count, size).into_iter().enumerate() {
            let [head, canvas] = layout::rows(place, [Part::Fixed(HEAD), Part::Share(1.0)]);
            at_ui(ui, &format!("sight head {at}"), head, |ui| head_ui(ui, line, at));
            let differs = state.differences && !both && at > 0;
            canvas_ui(ui, canvas, (line, at, differs), sights, state);
        }
        for (at, place) in places(lower, count, size).into_iter().enumerate().filter(|_| both) {
            match at {
                0 => at_ui(ui, "sights legend", place, |ui| {
                    let gain = sights.map_or_else(String::new, |sights| format!(" × {}", sights.gain));
                    let text = format!("On the right: distance of each pixel from the reference{gain}, on black.");
                    ui.label(crate::ui::text::small(Tokens::of(ui), &text));
                }),
                _ => canvas_ui(ui, place, (line, at, true), sights, state),
            }
        }
        at_ui(ui, "sights foot", foot, |ui| foot_ui(ui, line, (sights, both), state, out));
    });
}

/// Whether differences can stand below the images without making them smaller.
fn has_room_for_both(body: Rect, count: usize, [width, height]: [f32; 2]) -> bool {
    let beside = (body.width() - size::TILE_GAP * (count as f32 - 1.0)) / count as f32;
    body.height() >= 2.0 * beside * height / width + HEAD + size::TILE_GAP
}

/// Beside each other, or below each other where the images are then larger.
fn places(body: Rect, count: usize, [width, height]: [f32; 2]) -> Vec<Rect> {
    let scale = |across: f32, down: f32| (body.width() / across / width).min((body.height() / down - HEAD) / height);
    let gap = size::TILE_GAP;
    let many = count as f32;
    let stacked = scale(1.0, many) > scale(many, 1.0);
    let side = if stacked { body.height() } else { body.width() };
    let part = (side - gap * (many - 1.0)) / many;
    let of = |at: usize| {
        let start = (part + gap) * at as f32;
        if stacked {
            Rect::from_min_size(body.min + vec2(0.0, start), vec2(body.width(), part))
        } else {
            Rect::from_min_size(body.min + vec2(start, 0.0), vec2(part, body.height()))
        }
    };
    (0..count).map(of).collect()
}

fn head_ui(ui: &mut Ui, line: &ImageLine, at: usize) {
    let tokens = Tokens::of(ui);
    let (spans, file) = match at.checked_sub(1).and_then(|arm| Some((arm, line.outputs.get(arm)?))) {
        None => (Spans::small(tokens).ink("reference"), &line.reference),
        Some((arm, output)) => {
            let name = if arm == 0 { "champion" } else { "challenger" };
            let spans = Spans::small(tokens).hue(name, tokens.arm(ROLES[arm]));
            let spans = spans.muted("  SSIM ").strong(&output.ssim).muted("  PSNR ").strong(&output.psnr);
            (spans.muted("  MAE ").strong(&output.mae), &output.file)
        }
    };
    spans.line_ui(ui).on_hover_text(file);
}

fn canvas_ui(
    ui: &mut Ui,
    room: Rect,
    (line, at, differs): (&ImageLine, usize, bool),
    sights: Option<&Sights>,
    state: &mut ImagePairsState,
) {
    let tokens = Tokens::of(ui);
    let painter = ui.painter().with_clip_rect(room);
    let response = ui.interact(room, ui.scope_id().with(("sight", at, differs)), Sense::click_and_drag());
    let file = line.files().get(at).cloned().unwrap_or_default();
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &file));
    let say = |text: &str| {
        painter.rect_filled(room, CornerRadius::ZERO, tokens.raised);
        let galley = painter.layout(text.to_owned(), fonts::small(), tokens.muted, room.width() - 24.0);
        painter.galley(Align2::CENTER_CENTER.anchor_size(room.center(), galley.size()).min, galley, tokens.muted);
    };
    let Some(sights) = sights else { return say("reading the image") };
    let texture = match (sights.images.get(at), sights.differences.get(at)) {
        (Some(Err(why)), _) => return say(&format!("{file} {why}")),
        (_, Some(Some(difference))) if differs => difference,
        (Some(Ok(_)), _) if differs => return say("no difference: the sizes are not the same"),
        (Some(Ok(image)), _) => image,
        (None, _) => return say("no image"),
    };
    let shape = texture.size().map(|side| side as f32);
    let whole = frame(room, shape, state.zoom, state.centre);
    painter.image(texture.id(), whole, Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0)), Color32::WHITE);
    painter.rect_stroke(
        whole.intersect(room.shrink(0.5)),
        CornerRadius::ZERO,
        Stroke::new(1.0, tokens.line),
        StrokeKind::Inside,
    );
    if response.double_clicked() {
        state.fit();
    }
    if response.dragged() {
        moved(state, response.drag_delta(), whole.size());
    }
    if let Some(pointer) = response.hover_pos() {
        let (scroll, pinch) = ui.input(|input| (input.smooth_scroll_delta().y, input.zoom_delta()));
        let factor = pinch * (scroll / 200.0).exp();
        if factor != 1.0 {
            // What is below the pointer stays there.
            let before = state.zoom;
            state.zoom = (before * factor).clamp(1.0, MOST_ZOOM);
            let away = pointer - room.center();
            moved(state, away - away * (state.zoom / before), whole.size() * (state.zoom / before));
        }
    }
    if state.zoom <= 1.0 {
        state.fit();
    }
}

/// Move the image by points on the screen; `size` is that of the whole image there.
fn moved(state: &mut ImagePairsState, by: Vec2, size: Vec2) {
    let place = state.centre - vec2(by.x / size.x.max(1.0), by.y / size.y.max(1.0));
    state.centre = pos2(place.x.clamp(0.0, 1.0), place.y.clamp(0.0, 1.0));
}

fn foot_ui(
    ui: &mut Ui,
    line: &ImageLine,
    (sights, both): (Option<&Sights>, bool),
    state: &mut ImagePairsState,
    out: &mut Outbox,
) {
    let tokens = Tokens::of(ui);
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        let options = [(false, "Images"), (true, "Differences")];
        if !both && let Some(chosen) = segmented_ui(ui, "Show", &options, state.differences) {
            state.differences = chosen;
        }
        let mut spans = Spans::small(tokens);
        if let Some(sights) = sights.filter(|_| state.differences && !both) {
            spans = spans.ink(&format!("distance to the reference × {}", sights.gain)).muted("   ");
        }
        if state.zoom > 1.0 {
            spans = spans.ink(&format!("{:.1} ×", state.zoom)).muted("   double click: whole image");
        } else {
            spans = spans.muted("scroll to enlarge, drag to move, all together");
        }
        spans.line_ui(ui);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if Button::secondary("Open row").small().ui(ui).clicked() {
                out.push(Command::OpenRows(line.selection.clone()));
            }
        });
    });
}
