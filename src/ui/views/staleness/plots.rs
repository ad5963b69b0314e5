//! Two distributions on shared bins; the loss of both arms by window.

use eframe::egui::{Align2, Ui};

use crate::present::format;
use crate::present::scores::round_top;
use crate::present::staleness::{DistributionModel, LossModel};
use crate::ui::marks::Mark;
use crate::ui::text::Spans;
use crate::ui::widgets::{Axis, Chart};

fn label(value: f64) -> String {
    format::plain(format::round_significant(value, 4))
}

/// Bins whose names have room under the axis.
const NAMED: usize = 8;

/// The first distribution as bars, the second as steps over them.
pub(super) fn distribution_ui(ui: &mut Ui, model: &DistributionModel) {
    let bins = model.bins.len();
    let ticks = model.bins.iter().enumerate().filter(|(at, _)| bins <= NAMED || at % bins.div_ceil(NAMED) == 0);
    let short = |name: &str| match name.char_indices().nth(12) {
        Some((at, _)) => format!("{}\u{2026}", &name[..at]),
        None => name.to_owned(),
    };
    let ticks = ticks.map(|(at, name)| (at as f64 + 0.5, short(name))).collect();
    let x = Axis::new(0.0, bins as f64, "", ticks).without_grid();
    let (top, _) = round_top(model.top.max(1.0) * 1.25);
    let y = Axis::linear(0.0, top, "% of rows", label);
    let [(before, first), (now, second)] = &model.sides;
    Chart::new("Distribution of the column", &x, &y).describe(&model.reading).show(ui, |canvas| {
        let tokens = canvas.tokens;
        let edges: Vec<f64> = (0..=bins).map(|at| at as f64).collect();
        let bars = first.iter().enumerate().map(|(at, share)| (at as f64 + 0.1, at as f64 + 0.9, *share));
        canvas.bars(bars, tokens.line_strong);
        canvas.steps(&edges, second, tokens.ink);
        let names = Spans::small(tokens).muted(&format!("bars: {before}  ")).strong(&format!("line: {now}"));
        canvas.corner_on_ground(Align2::RIGHT_TOP, [names]);
        if let Some(at) = canvas.hover().map(|(place, _)| place as usize).filter(|at| *at < bins) {
            let text = format!(
                "{}\n{before} {} %\n{now} {} %\n{}",
                model.bins[at],
                label(first[at]),
                label(second[at]),
                model.reading
            );
            canvas.response().clone().on_hover_text(text);
        }
    });
}

pub(super) fn loss_ui(ui: &mut Ui, model: &LossModel) {
    let body = ui.max_rect();
    let under = 17.0 * model.sentences.len() as f32;
    let x = Axis::new(0.0, 1.0, "", model.ticks.clone()).without_grid();
    let y = Axis::linear(model.range.0, model.range.1, &model.title, label);
    let chart = body.with_max_y(body.bottom() - under);
    Chart::new("Loss over time", &x, &y).room_for_labels(44.0).show_at(ui, chart, |canvas| {
        for (arm, points) in &model.arms {
            let color = canvas.tokens.arm(*arm);
            // Side by side, so that neither interval hides the other.
            let aside = if *arm == crate::log::ArmRole::Champion { -0.004 } else { 0.004 };
            canvas.line(points.iter().map(|point| (point.place + aside, point.value)), color);
            for point in points {
                canvas.error_bar(point.place + aside, point.lo, point.hi, color);
                canvas.mark(point.place + aside, point.value, Mark::from(*arm));
            }
        }
        if let Some((place, _)) = canvas.hover() {
            let near = |points: &Vec<crate::present::staleness::LossPoint>| {
                points.iter().min_by(|a, b| (a.place - place).abs().total_cmp(&(b.place - place).abs())).cloned()
            };
            let said = model.arms.iter().filter_map(|(arm, points)| {
                let point = near(points)?;
                Some(format!("{} {}", Mark::from(*arm).word(), point.hover))
            });
            let text = said.collect::<Vec<_>>().join("\n");
            canvas.response().clone().on_hover_text(text);
        }
    });
    let place = body.with_min_y(body.bottom() - under);
    crate::ui::layout::at_ui(ui, "changes", place, |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        for (arm, sentence) in &model.sentences {
            let tokens = crate::ui::theme::Tokens::of(ui);
            Spans::small(tokens)
                .hue(&format!("{} ", Mark::from(*arm).word()), tokens.arm(*arm))
                .muted(sentence)
                .line_ui(ui)
                .on_hover_text(sentence);
        }
    });
}
