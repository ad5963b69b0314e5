//! Demand: how many requests there are now, against the beginning.

use super::column::Groups;
use super::found::Demand;
use super::windows::Cut;
use crate::stats::special::norm_isf;

/// Windows whose steps tell how counts vary by themselves.
const STEPS: usize = 4;

/// Change of the requests from the first whole period of the log to the last, a period being a week of shorter windows
/// (a day, of windows of hours): days of the week differ without demand changing. `None` where the log does not cover
/// two periods as a whole.
///
/// The logarithm of the ratio has the variance `d (1/n_latest + 1/n_baseline)`. The dispersion `d` of a count is what
/// neighbouring windows differ by: the median of their squared differences over that of a chi-square on one degree, so
/// that one step does not count as noise. Of few windows it is what requests of one unit coming together make (compound
/// Poisson, `sum n_unit^2 / n`).
pub(super) fn demand(cut: &Cut, groups: &Groups, level: f64) -> Option<Demand> {
    let rows: Vec<f64> = cut.windows.iter().map(|window| window.rows as f64).collect();
    let first = cut.windows.iter().position(|window| window.whole)?;
    let last = cut.windows.iter().rposition(|window| window.whole)? + 1;
    let period = cut.period();
    let whole = &rows[first..last];
    if whole.len() < 2 * period {
        return None;
    }
    let baseline: f64 = whole[..period].iter().sum();
    let latest: f64 = whole[whole.len() - period..].iter().sum();
    if baseline <= 0.0 || latest <= 0.0 {
        return None;
    }
    /// Median of chi-square on one degree.
    const MEDIAN: f64 = 0.454_936_423_119_572_7;
    let mut steps: Vec<f64> = whole.windows(2).map(|pair| (pair[1] - pair[0]).powi(2)).collect();
    steps.sort_unstable_by(f64::total_cmp);
    let mean = whole.iter().sum::<f64>() / whole.len() as f64;
    let dispersion = if steps.len() >= STEPS {
        steps[steps.len() / 2] / MEDIAN / (2.0 * mean)
    } else {
        let (sum, squares) = groups.units().fold((0.0, 0.0), |(sum, squares), rows| {
            let count = rows.len() as f64;
            (sum + count, squares + count * count)
        });
        if sum > 0.0 { squares / sum } else { 1.0 }
    };
    let dispersion = dispersion.max(1.0);
    let ratio = latest / baseline;
    let half = norm_isf((1.0 - level) / 2.0) * (dispersion * (1.0 / latest + 1.0 / baseline)).sqrt();
    Some(Demand {
        baseline,
        latest,
        windows: period,
        change: ratio - 1.0,
        lo: ratio * (-half).exp() - 1.0,
        hi: ratio * half.exp() - 1.0,
        dispersion,
    })
}
