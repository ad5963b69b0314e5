//! Command palette: type a few letters of what to find or run.

use eframe::egui::{
    Align2, CornerRadius, Frame, Id, Key, Margin, Modal, Modifiers, Rect, Role, ScrollArea, Sense, Stroke, Ui,
    WidgetInfo, vec2,
};

use crate::ui::actions::{Action, Entry, key_words};
use crate::ui::theme::{Tokens, size};
use crate::ui::widgets::field;
use crate::ui::{fonts, paint};

/// State of the open palette.
#[derive(Clone, Debug, Default)]
pub struct Palette {
    typed: String,
    line: usize,
}

/// Draw the palette. Returns the chosen action; sets `palette` to `None` when it closes.
pub fn palette_ui(ui: &mut Ui, palette: &mut Option<Palette>, entries: &[Entry]) -> Option<Action> {
    let state = palette.as_mut()?;
    let tokens = Tokens::of(ui);
    let mut chosen = None;
    let frame = Frame::new()
        .fill(tokens.pane)
        .stroke(Stroke::new(1.0, tokens.line_strong))
        .corner_radius(size::RADIUS)
        .inner_margin(Margin::same(8));
    let id = Id::unique("palette");
    let area = Modal::default_area(id).anchor(Align2::CENTER_TOP, vec2(0.0, 72.0));
    let modal = Modal::new(id).area(area).frame(frame).backdrop_color(tokens.bg.gamma_multiply(0.5));
    let response = modal.show(ui.ctx(), |ui| {
        ui.set_width(520.0);
        let (down, up, enter) = ui.input_mut(|input| {
            (
                input.consume_key(Modifiers::NONE, Key::ArrowDown),
                input.consume_key(Modifiers::NONE, Key::ArrowUp),
                input.consume_key(Modifiers::NONE, Key::Enter),
            )
        });
        let before = state.typed.clone();
        field::well_ui(
            ui,
            "Find or run a view, a slice or a command",
            &mut state.typed,
            "A view, a slice, a command",
            false,
            520.0,
        )
        .request_focus();
        let found = matching(entries, &state.typed);
        if state.typed != before {
            state.line = 0;
        }
        state.line =
            (state.line + usize::from(down)).saturating_sub(usize::from(up)).min(found.len().saturating_sub(1));
        ui.add_space(4.0);
        ui.spacing_mut().item_spacing.y = 0.0;
        ScrollArea::vertical().max_height(12.0 * size::ROW).show(ui, |ui| {
            for (index, entry) in found.iter().enumerate() {
                if entry_ui(ui, entry, index == state.line, down || up) {
                    chosen = Some(entry.action.clone());
                }
            }
        });
        if found.is_empty() {
            ui.label(crate::ui::text::small(tokens, "Nothing of that name"));
        } else if enter {
            chosen = Some(found[state.line].action.clone());
        }
    });
    if chosen.is_some() || response.should_close() {
        *palette = None;
    }
    chosen
}

fn entry_ui(ui: &mut Ui, entry: &Entry, current: bool, moved: bool) -> bool {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), size::ROW), Sense::click());
    let tokens = Tokens::of(ui);
    if current || response.hovered() {
        let fill = if current { tokens.selected } else { tokens.raised };
        ui.painter().rect_filled(rect, CornerRadius::same(2), fill);
    }
    if current && moved {
        response.scroll_to_me(None);
    }
    let line = rect.shrink2(vec2(8.0, 0.0));
    let color = if current { tokens.ink } else { tokens.text };
    paint::text_left(ui.painter(), line, &entry.title, fonts::body(), color);
    if let Some(keys) = entry.keys {
        let place = Rect::from_min_max(line.min, line.max);
        paint::text_right(ui.painter(), place, &key_words(keys), fonts::small(), tokens.muted);
    }
    response.widget_info(|| WidgetInfo::selected(Role::ListItem, true, current, &entry.title));
    response.clicked()
}

/// Entries that hold the typed letters in order; those that begin a word with them first.
fn matching<'a>(entries: &'a [Entry], typed: &str) -> Vec<&'a Entry> {
    let wanted = typed.trim().to_lowercase();
    let mut found: Vec<(u8, usize, &Entry)> = entries
        .iter()
        .enumerate()
        .filter(|(_, entry)| entry.action != Action::Palette)
        .filter_map(|(index, entry)| rank(&entry.title.to_lowercase(), &wanted).map(|rank| (rank, index, entry)))
        .collect();
    found.sort_by_key(|(rank, index, _)| (*rank, *index));
    found.into_iter().map(|(.., entry)| entry).collect()
}

/// 0: a word begins with it, 1: it stands inside, 2: its letters stand in order.
fn rank(title: &str, wanted: &str) -> Option<u8> {
    if wanted.is_empty() || title.starts_with(wanted) || title.contains(&format!(" {wanted}")) {
        return Some(0);
    }
    if title.contains(wanted) {
        return Some(1);
    }
    let mut letters = title.chars();
    wanted.chars().all(|letter| letters.any(|other| other == letter)).then_some(2)
}

#[cfg(test)]
mod tests {
    use super::rank;

    #[test]
    fn words_come_before_letters() {
        assert_eq!(rank("show confusion", "conf"), Some(0));
        assert_eq!(rank("show confusion", "fusion"), Some(1));
        assert_eq!(rank("show confusion", "scn"), Some(2));
        assert_eq!(rank("show confusion", "xyz"), None);
    }
}
