//! The difference of an outcome over the looks, with its confidence sequence.

use super::plot::{Plot, Scale};
use crate::compare::{LookSeries, Unit};
use crate::present::format::{fixed, shown, unit_label};
use crate::present::scores::round_top;

/// Band and line; `index` keeps the ids of several on one page apart. `None` where no look has an interval.
pub(in crate::report) fn difference(series: &LookSeries, unit: Unit, title: &str, index: usize) -> Option<String> {
    let looks: Vec<[f64; 4]> = series
        .looks
        .iter()
        .filter_map(|look| {
            let [value, lo, hi] = look.difference?.map(|value| shown(unit, value));
            Some([look.time as f64, value, lo, hi])
        })
        .collect();
    let (first, last) = (looks.first()?, looks.last()?);
    // The first looks are wide and may leave the plot.
    let width = 4.0 * (last[3] - last[2]);
    let inside = || looks.iter().filter(|look| look[3] - look[2] <= width);
    let most = inside().flat_map(|look| [look[2].abs(), look[3].abs()]).fold(0.0, f64::max);
    let (top, step) = round_top(if most > 0.0 { most } else { 1.0 });
    let decimals = if step >= 1.0 { 0 } else { (-step.log10()).ceil().max(0.0) as usize };
    let ticks = [-top, -top / 2.0, 0.0, top / 2.0, top];
    let ticks = ticks.map(|at| (at, fixed(at, decimals + usize::from(at.abs() < top && at != 0.0)))).to_vec();
    let label = unit_label(unit, true);
    let y_title = if label.is_empty() { title.to_owned() } else { format!("{title}, {label}") };
    let date = |micros: f64| crate::present::format::date(micros as i64);
    let x_ticks = vec![(first[0], date(first[0])), (last[0], date(last[0]))];
    let span = (last[0] - first[0]).max(1.0);
    let x = Scale { lo: first[0] - 0.06 * span, hi: last[0] + 0.06 * span, ticks: x_ticks, title: String::new() };
    let mut plot = Plot::new(x, Scale { lo: -top, hi: top, ticks, title: y_title }, 220.0);
    let clip = |value: f64| value.clamp(-top, top);
    let upper = looks.iter().map(|look| [look[0], clip(look[3])]);
    let lower = looks.iter().rev().map(|look| [look[0], clip(look[2])]);
    plot.polygon("band a1-fill", &upper.chain(lower).collect::<Vec<_>>());
    plot.line("reference", [first[0], 0.0], [last[0], 0.0]);
    plot.polyline("curve a1", &looks.iter().map(|look| [look[0], clip(look[1])]).collect::<Vec<_>>());
    let description = format!(
        "{title}, challenger minus champion over {} looks; at the last {} from {} to {}.",
        looks.len(),
        fixed(last[1], decimals + 2),
        fixed(last[2], decimals + 2),
        fixed(last[3], decimals + 2)
    );
    Some(plot.scene.finish(&format!("course-{index}"), title, &description))
}
