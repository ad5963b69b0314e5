//! Score distributions of both arms, positives above negatives, with the thresholds through both.

use eframe::egui::{Align2, CursorIcon, Rect, Role, Sense, Stroke, Ui, WidgetInfo, pos2};

use crate::log::ArmRole;
use crate::present::format;
use crate::present::scores::{HistogramPanel, ScoreHistogram};
use crate::session::Command;
use crate::ui::marks::Mark;
use crate::ui::theme::Tokens;
use crate::ui::views::curves::{Cursor, Link};
use crate::ui::widgets::{Axis, Chart, Scale};
use crate::ui::{Outbox, fonts, paint};

const ARMS: [ArmRole; 2] = [ArmRole::Champion, ArmRole::Challenger];
/// Room left of the plots for class names and the largest share.
const GUTTER: f32 = 52.0;
/// Half of the width in which a threshold line can be grabbed.
const REACH: f32 = 8.0;

/// In the rest of `ui`. `log_rows`: heights are rows on a log scale, so that rare rows show.
pub fn histogram_ui(ui: &mut Ui, model: &ScoreHistogram, log_rows: bool, link: &mut Link, out: &mut Outbox) {
    let tokens = Tokens::of(ui);
    let rect = ui.max_rect();
    let (Some(&lo), Some(&hi)) = (model.edges.first(), model.edges.last()) else { return };
    let title = if log_rows { "rows per bin on a log scale" } else { "share of rows per bin" };
    let head = Rect::from_min_max(rect.min, pos2(rect.right(), rect.top() + 14.0));
    paint::text_left(ui.painter(), head, &format!("{title}, same bins for both arms"), fonts::small(), tokens.muted);
    let x = match model.logit {
        true => Axis::logit(lo, hi, &model.x_title),
        false => Axis::linear(lo, hi, &model.x_title, format::plain),
    };
    let mut upper_x = Axis { title: String::new(), ..x.clone() };
    for tick in &mut upper_x.ticks {
        tick.1.clear();
    }
    // Both plots are as high: the lower one also holds the axis text.
    let area = Rect::from_min_max(pos2(rect.left() + GUTTER, rect.top() + 26.0), rect.max);
    let plot = ((area.height() - 17.0 - 32.0 - 2.0 * 6.0) / 2.0).max(1.0);
    let middle = area.top() + 6.0 + plot + 12.0;
    let upper = Rect::from_min_max(area.min, pos2(area.right(), middle + 5.0));
    let lower = Rect::from_min_max(pos2(area.left(), middle), area.max);
    let mut inside = Rect::NOTHING;
    for (panel, place, x) in [(&model.panels[0], upper, &upper_x), (&model.panels[1], lower, &x)] {
        inside = inside.union(panel_ui(ui, model, panel, place, x, log_rows, link));
    }
    thresholds_ui(ui, model, &x, inside, out);
    for arm in ARMS {
        if let Some(value) = link.threshold(arm).filter(|value| (lo..=hi).contains(value)) {
            let at = inside.left() + x.share(value) as f32 * inside.width();
            let color = match link.shown().and_then(|cursor| cursor.arm) {
                Some(arm) => tokens.arm(arm),
                None => tokens.muted,
            };
            let ends = [pos2(at, inside.top()), pos2(at, inside.bottom())];
            paint::dashed(ui.painter(), ends, color, 1.0, 2.0, 3.0);
        }
    }
}

/// One class; returns the inside of its plot.
fn panel_ui(
    ui: &mut Ui,
    model: &ScoreHistogram,
    panel: &HistogramPanel,
    place: Rect,
    x: &Axis,
    log_rows: bool,
    link: &mut Link,
) -> Rect {
    let tokens = Tokens::of(ui);
    let least = 0.7;
    let mut y = match log_rows {
        true => Axis { scale: Scale::Log, ..Axis::bare(least, (panel.most.max(1) as f64) * 1.6) },
        false => Axis::bare(0.0, if panel.top > 0.0 { panel.top * 1.08 } else { 1.0 }),
    };
    y.grid = false;
    let name = format!("Scores where truth is {}", panel.class);
    let described = format!("{} rows", format::count(panel.rows));
    let chart = Chart::new(&name, x, &y).describe(&described);
    let (inside, top) = chart.show_at(ui, place, |canvas| {
        for (arm, (shares, counts)) in ARMS.into_iter().zip(panel.shares.iter().zip(&panel.counts)) {
            let heights: Vec<f64> = match (shares, counts) {
                (Some(_), Some(counts)) if log_rows => counts.iter().map(|count| (*count as f64).max(least)).collect(),
                (Some(shares), _) => shares.clone(),
                _ => continue,
            };
            canvas.steps(&model.edges, &heights, canvas.tokens.arm(arm));
        }
        if panel.rows == 0 {
            canvas.corner(Align2::LEFT_CENTER, [crate::ui::text::Spans::small(canvas.tokens).muted("no row")]);
        }
        if let Some((threshold, _)) = canvas.hover() {
            link.point(Cursor { arm: None, threshold });
            let bin = model.edges.partition_point(|edge| *edge <= threshold).saturating_sub(1);
            let rows = |arm: usize| panel.counts[arm].as_ref().and_then(|counts| counts.get(bin)).copied();
            let mut spans = crate::ui::text::Spans::small(canvas.tokens).muted("rows in bin");
            for arm in ARMS {
                if let Some(rows) = rows(arm.index()) {
                    let font = fonts::medium(fonts::SMALL);
                    spans = spans.muted(" ").run(&format::count(rows), font, canvas.tokens.arm(arm));
                }
            }
            canvas.corner_on_ground(emptier_corner(panel, log_rows), [spans]);
        }
        let highest = if log_rows { panel.most.max(1) as f64 } else { panel.top };
        (canvas.rect, canvas.at(model.edges[0], highest).y)
    });
    let painter = ui.painter();
    let label = |y: f32| Rect::from_min_max(pos2(place.left() - GUTTER, y - 7.0), pos2(inside.left() - 8.0, y + 7.0));
    let text = if log_rows { format::count(panel.most) } else { panel.top_text.clone() };
    if panel.rows > 0 {
        paint::text_right(painter, label(top), &text, fonts::small(), tokens.muted);
    }
    let class = paint::truncated(painter, &panel.class, fonts::small(), tokens.text, GUTTER - 8.0);
    let at = Align2::RIGHT_CENTER.anchor_size(label(inside.bottom() - 7.0).right_center(), class.size());
    painter.galley(paint::snap_pos(painter, at.min), class, tokens.text);
    inside
}

/// The upper corner with less data under it.
fn emptier_corner(panel: &HistogramPanel, log_rows: bool) -> Align2 {
    let height = |counts: &[u64]| counts.iter().max().copied().unwrap_or(0);
    let part = |arm: &Vec<u64>| {
        let third = (arm.len() / 3).max(1).min(arm.len());
        [height(&arm[..third]), height(&arm[arm.len() - third..])]
    };
    let ends = panel.counts.iter().flatten().map(part).fold([0, 0], |most, ends| [0, 1].map(|i| most[i].max(ends[i])));
    if ends[1] < ends[0] || (log_rows && ends[1] == ends[0]) { Align2::RIGHT_TOP } else { Align2::LEFT_TOP }
}

/// Lines through both plots, named above; those that can be moved are dragged anywhere along them.
fn thresholds_ui(ui: &mut Ui, model: &ScoreHistogram, x: &Axis, inside: Rect, out: &mut Outbox) {
    let tokens = Tokens::of(ui);
    let place = |value: f64| inside.left() + (x.share(value) as f32).clamp(0.0, 1.0) * inside.width();
    let places = [0, 1].map(|arm| model.thresholds[arm].as_ref().map(|(value, _)| place(*value)));
    let left = match places {
        [Some(champion), Some(challenger)] if challenger < champion => ARMS[1],
        _ => ARMS[0],
    };
    for arm in ARMS {
        let (Some(at), Some((value, text))) = (places[arm.index()], &model.thresholds[arm.index()]) else { continue };
        let color = tokens.arm(arm);
        let painter = ui.painter();
        let line = painter.round_to_pixel_center(at);
        painter.vline(line, inside.top() - 10.0..=inside.bottom(), Stroke::new(1.5, color));
        let (align, side) = if arm == left { (Align2::RIGHT_CENTER, -5.0) } else { (Align2::LEFT_CENTER, 5.0) };
        painter.text(pos2(at + side, inside.top() - 10.0), align, text, fonts::medium(fonts::SMALL), color);
        if !model.movable[arm.index()] {
            continue;
        }
        let mut zone = Rect::from_min_max(pos2(at - REACH, inside.top() - 12.0), pos2(at + REACH, inside.bottom()));
        if let (Some(other), true) = (places[1 - arm.index()], model.movable == [true, true]) {
            // Lines that lie side by side share the room between them.
            let half = (at + other) / 2.0;
            if arm == left {
                zone.max.x = zone.max.x.min(half.max(at))
            } else {
                zone.min.x = zone.min.x.max(half.min(at))
            }
        }
        let word = Mark::from(arm).word();
        let response = ui.interact(zone, ui.scope_id().with(("score threshold", word)), Sense::drag());
        response.widget_info(|| {
            let mut info = WidgetInfo::labeled(Role::Slider, true, format!("{word} threshold line"));
            info.value = Some(*value);
            info
        });
        if response.hovered() || response.dragged() {
            ui.ctx().set_cursor_icon(CursorIcon::ResizeHorizontal);
        }
        if let (true, Some(pos)) = (response.dragged() || response.drag_stopped(), response.interact_pointer_pos()) {
            let share = f64::from(((pos.x - inside.left()) / inside.width()).clamp(0.0, 1.0));
            let dragging = !response.drag_stopped();
            out.push(Command::SetThreshold { arm, value: x.value(share), dragging });
        }
    }
}
