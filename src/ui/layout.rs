//! Rectangles of tiles: a page is split into rows, rows into columns, 8 px apart.

use eframe::egui::{Rect, Ui, UiBuilder, pos2};

use super::theme::size;

/// Extent of one part of a split.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Part {
    /// So many points.
    Fixed(f32),
    /// A share of what is left after the fixed parts; shares are relative to each other.
    Share(f32),
}

/// Split `rect` from top to bottom.
pub fn rows<const N: usize>(rect: Rect, parts: [Part; N]) -> [Rect; N] {
    let extents = extents(rect.height(), &parts, size::TILE_GAP);
    let mut top = rect.top();
    std::array::from_fn(|index| {
        let part = Rect::from_min_max(pos2(rect.left(), top), pos2(rect.right(), top + extents[index]));
        top = part.bottom() + size::TILE_GAP;
        part
    })
}

/// Split `rect` from left to right.
pub fn columns<const N: usize>(rect: Rect, parts: [Part; N]) -> [Rect; N] {
    let extents = extents(rect.width(), &parts, size::TILE_GAP);
    let mut left = rect.left();
    std::array::from_fn(|index| {
        let part = Rect::from_min_max(pos2(left, rect.top()), pos2(left + extents[index], rect.bottom()));
        left = part.right() + size::TILE_GAP;
        part
    })
}

/// Extents on whole points, so that tiles meet the pixel grid; the last share takes the remainder.
fn extents(total: f32, parts: &[Part], gap: f32) -> Vec<f32> {
    let gaps = gap * parts.len().saturating_sub(1) as f32;
    let fixed: f32 = parts.iter().map(|part| if let Part::Fixed(extent) = part { *extent } else { 0.0 }).sum();
    let shares: f32 = parts.iter().map(|part| if let Part::Share(share) = part { *share } else { 0.0 }).sum();
    let free = (total - gaps - fixed).max(0.0);
    let mut left = free;
    let last_share = parts.iter().rposition(|part| matches!(part, Part::Share(_)));
    let mut extents = Vec::with_capacity(parts.len());
    for (index, part) in parts.iter().enumerate() {
        extents.push(match part {
            Part::Fixed(extent) => *extent,
            Part::Share(_) if Some(index) == last_share => left.max(0.0),
            Part::Share(share) => {
                let extent = (free * share / shares).floor();
                left -= extent;
                extent
            }
        });
    }
    extents
}

/// Run `add` in a child of `ui` that has exactly `rect`. `name` keeps ids apart.
pub fn at_ui<R>(ui: &mut Ui, name: &str, rect: Rect, add: impl FnOnce(&mut Ui) -> R) -> R {
    let mut child = ui.new_child(UiBuilder::new().id_salt(name).max_rect(rect));
    child.set_clip_rect(ui.clip_rect().intersect(rect));
    add(&mut child)
}

#[cfg(test)]
mod tests {
    use super::*;
    use eframe::egui::vec2;

    #[test]
    fn parts_fill_the_rectangle_with_gaps_between() {
        let rect = Rect::from_min_size(pos2(0.0, 0.0), vec2(1001.0, 100.0));
        let [left, middle, right] = columns(rect, [Part::Share(1.0), Part::Fixed(100.0), Part::Share(2.0)]);
        assert_eq!(middle.left() - left.right(), size::TILE_GAP);
        assert_eq!(right.right(), rect.right());
        assert_eq!(middle.width(), 100.0);
        assert!((right.width() / left.width() - 2.0).abs() < 0.02);
    }
}
