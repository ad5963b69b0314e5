//! Small drawings of a pair: flip bars, and both scores of one row.

use eframe::egui::{Align2, CornerRadius, Painter, Rect, Response, Role, Sense, Stroke, Ui, WidgetInfo, pos2};

use super::cell::Cell;
use crate::ui::marks::Mark;
use crate::ui::theme::{Tokens, size};
use crate::ui::{fonts, paint};

/// Rows that exactly one arm has right: champion's to the left of the middle, challenger's to the right.
/// Shares are of the longest bar drawn on the same scale, 0 to 1.
pub fn flip_bar(painter: &Painter, rect: Rect, champion: f64, challenger: f64, tokens: &Tokens) {
    let middle = painter.round_to_pixel_center(rect.center().x);
    let half = rect.width() / 2.0;
    let bar =
        |from: f32, to: f32| Rect::from_min_max(pos2(from, rect.center().y - 7.0), pos2(to, rect.center().y + 7.0));
    let length = |share: f64| (share.clamp(0.0, 1.0) as f32 * half).max(if share > 0.0 { 1.0 } else { 0.0 });
    painter.rect_filled(
        bar(middle - length(champion), middle),
        CornerRadius::ZERO,
        tokens.champion.gamma_multiply(0.85),
    );
    painter.rect_filled(
        bar(middle, middle + length(challenger)),
        CornerRadius::ZERO,
        tokens.challenger.gamma_multiply(0.85),
    );
    painter.vline(middle, rect.center().y - 10.0..=rect.center().y + 10.0, Stroke::new(1.0, tokens.line_strong));
}

/// A flip bar with its counts beside it, for which `room` points are kept at both sides.
fn counted_bar(painter: &Painter, rect: Rect, room: f32, (counts, shares): ([&str; 2], [f64; 2]), tokens: &Tokens) {
    let room = room.min(rect.width() / 3.0);
    let inner = Rect::from_min_max(pos2(rect.left() + room, rect.top()), pos2(rect.right() - room, rect.bottom()));
    flip_bar(painter, inner, shares[0], shares[1], tokens);
    let end = |share: f64| share.clamp(0.0, 1.0) as f32 * inner.width() / 2.0 + 6.0;
    let left = Rect::from_min_max(rect.min, pos2(inner.center().x - end(shares[0]), rect.bottom()));
    let right = Rect::from_min_max(pos2(inner.center().x + end(shares[1]), rect.top()), rect.max);
    paint::text_right(painter, left, counts[0], fonts::body(), tokens.ink);
    // As the other side: a number is never cut.
    painter.text(right.left_center(), Align2::LEFT_CENTER, counts[1], fonts::body(), tokens.ink);
}

/// A clickable flip line with its counts at both ends. `name` says what a click shows.
pub fn flip_line_ui(ui: &mut Ui, rect: Rect, counts: [&str; 2], shares: [f64; 2], name: &str) -> Response {
    let tokens = Tokens::of(ui);
    let response = ui.interact(rect, ui.scope_id().with(("flip", name)), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, name));
    let painter = ui.painter();
    if response.hovered() || response.has_focus() {
        painter.rect_filled(rect, CornerRadius::same(2), tokens.raised);
    }
    counted_bar(painter, rect, 58.0, (counts, shares), tokens);
    response
}

/// A flip bar with its counts, in a cell of a table.
pub fn flip_cell(cell: &mut Cell<'_>, counts: [&str; 2], shares: [f64; 2]) {
    let (rect, tokens) = (cell.rect, cell.tokens);
    counted_bar(cell.painter(), rect, 48.0, (counts, shares), tokens);
    counts.into_iter().for_each(|count| cell.say(count));
}

/// Both scores of one row on a track, places 0 to 1, with the thresholds as ticks. `None`: no score.
pub fn dumbbell(cell: &mut Cell<'_>, scores: [Option<f64>; 2], thresholds: [Option<f64>; 2]) {
    let (rect, tokens) = (cell.rect, cell.tokens);
    let painter = cell.painter();
    let y = painter.round_to_pixel_center(rect.center().y);
    let x = |place: f64| rect.left() + 5.0 + place.clamp(0.0, 1.0) as f32 * (rect.width() - 10.0);
    painter.hline(x(0.0)..=x(1.0), y, Stroke::new(1.5, tokens.line));
    for (threshold, color) in thresholds.into_iter().zip([tokens.champion, tokens.challenger]) {
        if let Some(threshold) = threshold {
            painter.vline(x(threshold), y - 6.0..=y + 6.0, Stroke::new(1.0, color));
        }
    }
    if let [Some(champion), Some(challenger)] = scores {
        painter.hline(x(champion.min(challenger))..=x(champion.max(challenger)), y, Stroke::new(1.5, tokens.text));
    }
    for (score, mark) in scores.into_iter().zip([Mark::Champion, Mark::Challenger]) {
        if let Some(score) = score {
            mark.paint(painter, pos2(x(score), y), size::MARK, tokens);
        }
    }
}
