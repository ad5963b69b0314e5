//! Demand: how many requests there are now, against the beginning.

use super::found::Demand;
use super::windows::Cut;
use crate::log::{Log, NO_TIME};
use crate::stats::cosines::long_run_variance;
use crate::stats::special::{norm_isf, t_isf};

const HOUR: i64 = 3_600_000_000;
/// Whole periods without which nothing tells how demand varies from one to the next by itself.
const PERIODS: usize = 4;

/// Change of the requests from the first whole period of the log to the last, a period being a week of shorter windows
/// (a day, of windows of hours): days of the week differ without demand changing. `None` where the log does not cover
/// two periods as a whole.
///
/// Requests are counted by step, a day (of windows of hours the hours that both have in common). The logarithm of the
/// ratio of two periods of `m` steps has the variance `2 v / m`, where `v` is the long-run variance of the logarithm of a
/// step's count: days hang together, so that the variance between days is too small. It is told by cosines of low
/// frequency ([`long_run_variance`]), as many as there are periods beside the two, which leaves out what is faster than
/// two periods; taken out of them is what is not noise: the mean of each day of the week (hour of the day), a trend and
/// the change itself. The interval is one of t on the number of cosines. It is never narrower than that of independent
/// requests, `1/latest + 1/baseline`.
pub(super) fn demand(log: &Log, cut: &Cut, level: f64) -> Option<Demand> {
    let first = cut.windows.iter().position(|window| window.whole)?;
    let last = cut.windows.iter().rposition(|window| window.whole)? + 1;
    let period = cut.period();
    let whole = &cut.windows[first..last];
    if whole.len() < 2 * period {
        return None;
    }
    let rows = |windows: &[super::found::TimeWindow]| windows.iter().map(|window| window.rows).sum::<u64>() as f64;
    let (baseline, latest) = (rows(&whole[..period]), rows(&whole[whole.len() - period..]));
    if baseline <= 0.0 || latest <= 0.0 {
        return None;
    }
    let independent = 1.0 / latest + 1.0 / baseline;
    let ratio = latest / baseline;
    let blank = Demand {
        baseline,
        latest,
        windows: period,
        change: ratio - 1.0,
        lo: None,
        hi: None,
        dispersion: None,
        undefined: None,
    };
    let periods = whole.len() / period;
    if periods < PERIODS {
        let (unit, why) = (cut.period_words(), "do not tell how much demand varies by itself from one to the next");
        let reason = format!("{periods} whole periods ({unit}) {why}; {PERIODS} do");
        return Some(Demand { undefined: Some(reason), ..blank });
    }
    let steps = Steps::of(log, cut, first..last);
    let (cosines, of_period) = (periods - 2, period * steps.counts.len() / whole.len());
    let logs: Vec<f64> = steps.counts.iter().map(|count| (*count as f64 + 0.5).ln()).collect();
    let variance = match long_run_variance(&logs, steps.fitted(of_period), cosines) {
        Ok(variance) => 2.0 * variance / of_period as f64,
        Err(reason) => return Some(Demand { undefined: Some(reason.to_string()), ..blank }),
    };
    let tail = (1.0 - level) / 2.0;
    let half = (t_isf(tail, cosines as f64) * variance.sqrt()).max(norm_isf(tail) * independent.sqrt());
    Some(Demand {
        lo: Some(ratio * (-half).exp() - 1.0),
        hi: Some(ratio * half.exp() - 1.0),
        dispersion: Some((variance / independent).max(1.0)),
        ..blank
    })
}

/// Requests by steps of equal length, which windows and days are whole numbers of.
struct Steps {
    counts: Vec<u64>,
    /// Steps after which hours of the day, or days of the week, come again.
    season: usize,
}

impl Steps {
    fn of(log: &Log, cut: &Cut, windows: std::ops::Range<usize>) -> Self {
        let width = cut.window.micros();
        let hours = common(width / HOUR, 24);
        let step = hours * HOUR;
        let (start, end) = (cut.windows[windows.start].start, cut.windows[windows.end - 1].start + width);
        let mut counts = vec![0; ((end - start) / step) as usize];
        let times = log.times.iter().flatten().filter(|time| **time != NO_TIME && (start..end).contains(*time));
        times.for_each(|time| counts[((time - start) / step) as usize] += 1);
        let season = if width < 24 * HOUR { 24 } else { 168 } / hours;
        Self { counts, season: season as usize }
    }

    /// What is not noise, as functions of the step: a mean of each step of the season, a trend, the last `period` steps
    /// against the first.
    fn fitted(&self, period: usize) -> Vec<Vec<f64>> {
        let n = self.counts.len();
        let of = |value: &dyn Fn(usize) -> f64| (0..n).map(value).collect::<Vec<f64>>();
        let share = |holds: bool| f64::from(u8::from(holds));
        let mut fitted: Vec<Vec<f64>> =
            (0..self.season).map(|at| of(&|step| share(step % self.season == at))).collect();
        fitted.push(of(&|step| step as f64 / n as f64));
        fitted.push(of(&|step| share(step + period >= n) - share(step < period)));
        fitted
    }
}

/// Greatest whole number that divides both.
fn common(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { common(b, a % b) }
}

#[cfg(test)]
#[path = "demand_tests.rs"]
mod tests;
