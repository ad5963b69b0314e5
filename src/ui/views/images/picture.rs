//! One image with its boxes: whose a box is, its colour says; what became of it, its stroke and a word.

use eframe::egui::{
    Align, Align2, Color32, CornerRadius, Layout, Painter, Pos2, Rect, Role, Sense, Shape, Stroke, StrokeKind, Ui,
    Vec2, WidgetInfo, pos2, vec2,
};

use super::{Backdrop, ImagesState};
use crate::log::ArmRole;
use crate::present::images::{BoxLine, Fate, ImagesModel, Owner, PictureModel};
use crate::ui::fonts;
use crate::ui::layout::{self, Part, at_ui};
use crate::ui::marks::Mark;
use crate::ui::text::Spans;
use crate::ui::theme::{Tokens, size};
use crate::ui::widgets::{Column, Table, Tile, segmented_ui};

/// With more boxes, names are written only beside the one that is pointed out.
const NAMED: usize = 14;
/// Width in points from which a box has its name beside it.
const WIDE: f32 = 64.0;

pub(super) fn picture_ui(
    ui: &mut Ui,
    rect: Rect,
    model: &ImagesModel,
    picture: &PictureModel,
    backdrop: &Backdrop,
    state: &mut ImagesState,
) {
    let title = format!("Image {}", picture.id);
    let [width, height] = picture.size;
    let mut qualifier = picture.file.clone().unwrap_or_default();
    if picture.sized {
        qualifier = format!("{qualifier}  {width} × {height}").trim().to_owned();
    }
    Tile::new(&title).qualifier(&qualifier).show_at(ui, rect, |ui| {
        let page = ui.available_rect_before_wrap();
        let [body, foot] = layout::rows(page, [Part::Share(1.0), Part::Fixed(size::BUTTON)]);
        let [canvas, boxes] = layout::columns(body, [Part::Share(1.45), Part::Share(1.0)]);
        at_ui(ui, "picture", canvas, |ui| canvas_ui(ui, picture, backdrop, state));
        at_ui(ui, "boxes", boxes, |ui| boxes_ui(ui, picture, state));
        at_ui(ui, "picture foot", foot, |ui| foot_ui(ui, model, backdrop, state));
    });
}

fn is_drawn(line: &BoxLine, state: &ImagesState) -> bool {
    state.owner.is_none_or(|owner| owner == line.drawn.owner)
}

fn hue(owner: Owner, tokens: &Tokens) -> Color32 {
    match owner {
        Owner::Truth => tokens.ink,
        Owner::Arm(role) => tokens.arm(role),
    }
}

fn canvas_ui(ui: &mut Ui, picture: &PictureModel, backdrop: &Backdrop, state: &mut ImagesState) {
    let tokens = Tokens::of(ui);
    let room = ui.available_rect_before_wrap();
    let [width, height] = picture.size.map(|side| side as f32);
    let scale = (room.width() / width).min(room.height() / height).max(0.0);
    let frame = Rect::from_center_size(room.center(), vec2(width, height) * scale);
    let response = ui.interact(frame, ui.scope_id().with("picture"), Sense::click());
    response.widget_info(|| {
        WidgetInfo::labeled(Role::Image, true, format!("Image {} with {} boxes", picture.id, picture.lines.len()))
    });
    let painter = ui.painter().with_clip_rect(room.expand(1.0));
    painter.rect_filled(frame, CornerRadius::ZERO, tokens.raised);
    if let Backdrop::Image(texture) = backdrop {
        let whole = Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0));
        painter.image(texture.id(), frame, whole, Color32::WHITE);
    }
    painter.rect_stroke(frame, CornerRadius::ZERO, Stroke::new(1.0, tokens.line), StrokeKind::Outside);
    let on = |line: &BoxLine| {
        let [x, y, w, h] = line.drawn.place.map(|number| number as f32);
        Rect::from_min_size(frame.min + vec2(x, y) * scale, vec2(w, h) * scale)
    };
    let shown: Vec<usize> = (0..picture.lines.len()).filter(|&at| is_drawn(&picture.lines[at], state)).collect();
    let over = response.hover_pos().and_then(|at| pointed(&shown, picture, &on, at));
    if response.clicked() {
        state.line = over;
    }
    let pointed = over.or(state.line);
    let photo = matches!(backdrop, Backdrop::Image(_));
    for &at in &shown {
        box_shape(&painter, on(&picture.lines[at]), &picture.lines[at], (pointed == Some(at), photo), tokens);
    }
    let named = |at: usize| shown.len() <= NAMED && on(&picture.lines[at]).width() >= WIDE;
    for &at in shown.iter().filter(|at| named(**at) || pointed == Some(**at)) {
        tag(&painter, room, on(&picture.lines[at]), &picture.lines[at], tokens);
    }
    if let Some(at) = over {
        response.on_hover_text(said(&picture.lines[at]));
    }
    if let Some(why) = remark(backdrop) {
        let at = frame.center_bottom() - vec2(0.0, 6.0);
        painter.text(at, Align2::CENTER_BOTTOM, why, fonts::small(), tokens.muted);
    }
}

fn remark(backdrop: &Backdrop) -> Option<String> {
    match backdrop {
        Backdrop::Image(_) => None,
        Backdrop::Loading => Some("reading the image".to_owned()),
        Backdrop::Missing(why) => Some(format!("the file {why}; boxes only")),
        Backdrop::None(why) => Some(format!("{why}; boxes only")),
    }
}

/// The smallest box whose edge or inside is at a place.
fn pointed(shown: &[usize], picture: &PictureModel, on: &impl Fn(&BoxLine) -> Rect, at: Pos2) -> Option<usize> {
    let inside = shown.iter().copied().filter(|&line| on(&picture.lines[line]).expand(2.0).contains(at));
    inside.min_by(|&a, &b| on(&picture.lines[a]).area().total_cmp(&on(&picture.lines[b]).area()))
}

/// Solid where matched, dashed where not, dotted where it does not count; on a photograph with a dark line beneath.
fn box_shape(painter: &Painter, rect: Rect, line: &BoxLine, (pointed, photo): (bool, bool), tokens: &Tokens) {
    let truth = line.drawn.owner == Owner::Truth;
    let width = if truth { 1.25 } else { 2.0 } + if pointed { 1.5 } else { 0.0 };
    let color = match (truth, photo) {
        (true, true) => Color32::WHITE,
        _ => hue(line.drawn.owner, tokens),
    };
    let corners = [rect.left_top(), rect.right_top(), rect.right_bottom(), rect.left_bottom(), rect.left_top()];
    if photo {
        painter.rect_stroke(
            rect,
            CornerRadius::ZERO,
            Stroke::new(width + 1.5, Color32::from_black_alpha(130)),
            StrokeKind::Middle,
        );
    }
    let stroke = Stroke::new(width, color);
    match line.drawn.fate {
        Fate::Matched => {
            painter.rect_stroke(rect, CornerRadius::ZERO, stroke, StrokeKind::Middle);
        }
        Fate::Unmatched => painter.extend(Shape::dashed_line(&corners, stroke, 6.0, 4.0)),
        Fate::Ignored => painter.extend(Shape::dotted_line(&corners, color, 4.0, width * 0.75)),
    }
}

/// Class and score at the corner of a box: objects below it, the champion's above its left end, the challenger's above its
/// right end, so that the names of boxes of the same object do not cover each other.
fn tag(painter: &Painter, room: Rect, rect: Rect, line: &BoxLine, tokens: &Tokens) {
    let mut words = line.class.clone();
    if !line.score.is_empty() {
        words = format!("{words} {}", line.score);
    }
    if line.drawn.fate == Fate::Unmatched {
        words = format!("{words} {}", if line.drawn.owner == Owner::Truth { "missed" } else { "false" });
    }
    let color = hue(line.drawn.owner, tokens);
    let galley = painter.layout_no_wrap(words, fonts::small(), color);
    let size: Vec2 = galley.size() + vec2(6.0, 2.0);
    let corner = match line.drawn.owner {
        Owner::Truth => rect.left_bottom(),
        Owner::Arm(ArmRole::Champion) => rect.left_top() - vec2(0.0, size.y),
        Owner::Arm(ArmRole::Challenger) => rect.right_top() - size,
    };
    let place = Rect::from_min_size(corner, size);
    let inside = |lo: f32, hi: f32, least: f32, most: f32| (most - hi).min(0.0).max(least - lo);
    let moved = vec2(
        inside(place.left(), place.right(), room.left(), room.right()),
        inside(place.top(), place.bottom(), room.top(), room.bottom()),
    );
    let place = place.translate(moved);
    painter.rect_filled(place, CornerRadius::same(2), tokens.pane.gamma_multiply(0.85));
    painter.galley(place.min + vec2(3.0, 1.0), galley, color);
}

fn said(line: &BoxLine) -> String {
    let whose = match line.drawn.owner {
        Owner::Truth => "object",
        Owner::Arm(ArmRole::Champion) => "champion",
        Owner::Arm(ArmRole::Challenger) => "challenger",
    };
    let parts = [whose, &line.class, &line.score, line.said];
    let mut said = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
    if !line.iou.is_empty() {
        said.push_str(&format!(", IoU {}", line.iou));
    }
    said
}

fn boxes_ui(ui: &mut Ui, picture: &PictureModel, state: &mut ImagesState) {
    let shown: Vec<usize> = (0..picture.lines.len()).filter(|&at| is_drawn(&picture.lines[at], state)).collect();
    let columns = [
        Column::mark(),
        Column::text("class", 70.0).grow(1.0),
        Column::number("score", 44.0),
        Column::number("IoU", 40.0),
        Column::text("", 96.0).grow(1.0),
    ];
    let selected = state.line.and_then(|line| shown.iter().position(|at| *at == line));
    let table = Table::new("Boxes", &columns).row_height(size::ROW_COMPACT).selected(selected).clickable();
    let answer = table.show(ui, shown.len(), |cell, row, column| {
        let line = &picture.lines[shown[row]];
        match column {
            0 => match line.drawn.owner {
                Owner::Truth => cell.muted("□"),
                Owner::Arm(role) => cell.mark(Mark::from(role)),
            },
            1 => cell.text(&line.class),
            2 => cell.number(&line.score),
            3 => cell.number_muted(&line.iou),
            _ if line.drawn.fate == Fate::Unmatched => cell.ink(line.said),
            _ => cell.muted(line.said),
        }
    });
    if let Some(&line) = answer.clicked.and_then(|row| shown.get(row)) {
        state.line = (state.line != Some(line)).then_some(line);
    }
}

fn foot_ui(ui: &mut Ui, model: &ImagesModel, backdrop: &Backdrop, state: &mut ImagesState) {
    let tokens = Tokens::of(ui);
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        let champion = Owner::Arm(ArmRole::Champion);
        let mut options = vec![(None, "All"), (Some(Owner::Truth), "Objects"), (Some(champion), "Champion")];
        if model.pair {
            options.push((Some(Owner::Arm(ArmRole::Challenger)), "Challenger"));
        }
        if let Some(owner) = segmented_ui(ui, "Boxes of", &options, state.owner) {
            (state.owner, state.line) = (owner, None);
        }
        let object = if matches!(backdrop, Backdrop::Image(_)) { "object white" } else { "object" };
        Spans::small(tokens)
            .ink(object)
            .muted("   solid: matched   dashed: false or missed   dotted: not counted")
            .line_ui(ui);
    });
}
