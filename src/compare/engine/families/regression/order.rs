//! Is one model's loss smaller where rows are ordered in time and neighbours are alike?

use super::Regression;
use crate::compare::detail::{TimeLoss, TimeTest};
use crate::compare::engine::views::{bucket_width, time_span};
use crate::log::{Content, FeatureValues, NO_TIME};
use crate::stats::diebold_mariano::{Dependence, diebold_mariano, unknown_horizon};

/// Steps of time that rows are not brought into wider ones for.
const STEPS: usize = 5_000;

/// Mean losses per step of time, in order.
struct Steps {
    of_rows: Vec<(usize, usize)>,
    count: usize,
    /// Width of a step in microseconds; `None`: each time is one.
    width: Option<i64>,
}

/// Tests of Diebold and Mariano on the absolute and the squared error, challenger minus champion; none of a log of one
/// model.
pub(super) fn tests(of: &Regression<'_>, rows: &[u32], errors: &[Vec<f64>], level: f64) -> Vec<TimeTest> {
    let [champion, challenger] = errors else {
        return Vec::new();
    };
    let steps = steps(of, rows);
    let horizon = horizon(of, rows);
    let test = |loss: TimeLoss| {
        let blank = TimeTest { loss, horizon, ..TimeTest::default() };
        let steps = match &steps {
            Ok(steps) => steps,
            Err(reason) => return TimeTest { undefined: Some(reason.clone()), ..blank },
        };
        let lossy = |error: f64| match loss {
            TimeLoss::Absolute => error.abs(),
            TimeLoss::Squared => error * error,
        };
        let mut sums = vec![(0.0, 0u32); steps.count];
        for &(place, step) in &steps.of_rows {
            sums[step].0 += lossy(challenger[place]) - lossy(champion[place]);
            sums[step].1 += 1;
        }
        let d: Vec<f64> = sums.iter().map(|(sum, rows)| sum / f64::from(*rows)).collect();
        let found = match horizon {
            Some(horizon) => diebold_mariano(&d, horizon as usize, Dependence::Truncated, level),
            None => unknown_horizon(&d, level),
        };
        let known = TimeTest {
            steps: steps.count as u64,
            width_secs: steps.width.map(|width| width as f64 / 1e6),
            lags: horizon.map_or(0, |horizon| horizon - 1),
            ..blank
        };
        match found {
            Ok(found) => TimeTest {
                difference: Some([found.difference, found.interval.lo, found.interval.hi]),
                statistic: Some(found.statistic),
                p: Some(found.p),
                fell_back: found.fell_back,
                cosines: horizon.is_none().then_some(found.freedom as u64),
                ..known
            },
            Err(reason) => TimeTest { undefined: Some(reason.to_string()), ..known },
        }
    };
    vec![test(TimeLoss::Absolute), test(TimeLoss::Squared)]
}

/// Greatest number of steps ahead among the rows, where a column tells it.
fn horizon(of: &Regression<'_>, rows: &[u32]) -> Option<u64> {
    let Content::Numbers(numbers) = &of.log.content else { return None };
    let ahead = |row: usize| match &of.log.feature(numbers.horizon.as_deref()?)?.values {
        FeatureValues::Numeric(values) => Some(values[row]),
        FeatureValues::Coded(codes) => codes.names[codes.code(row)? as usize].parse().ok(),
    };
    let told = rows.iter().filter_map(|&row| ahead(row as usize));
    let most = told.filter(|ahead: &f64| ahead.is_finite()).fold(0.0, f64::max);
    (most >= 1.0).then_some(most as u64)
}

/// Rows at one time are one step, as of a panel; of very many times, spans of equal width are.
fn steps(of: &Regression<'_>, rows: &[u32]) -> Result<Steps, String> {
    let times = of.log.times.as_ref().ok_or("no time is logged, so the rows have no order")?;
    let at = |place: usize| times[rows[place] as usize];
    let timed: Vec<usize> = (0..rows.len()).filter(|&place| at(place) != NO_TIME).collect();
    let mut distinct: Vec<i64> = timed.iter().map(|&place| at(place)).collect();
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.len() <= STEPS && of.scales.is_ok() {
        let step = |time: i64| distinct.binary_search(&time).unwrap_or_default();
        let of_rows = timed.iter().map(|&place| (place, step(at(place)))).collect();
        return Ok(Steps { of_rows, count: distinct.len(), width: None });
    }
    let of_rows: Vec<i64> = timed.iter().map(|&place| at(place)).collect();
    let [first, last] = time_span(&of_rows, |_| true).ok_or("no row has a time, so the rows have no order")?;
    let width = bucket_width(last.saturating_sub(first));
    let mut starts: Vec<i64> = distinct.iter().map(|time| time.div_euclid(width)).collect();
    starts.dedup();
    let step = |time: i64| starts.binary_search(&time.div_euclid(width)).unwrap_or_default();
    let of_rows = timed.iter().map(|&place| (place, step(at(place)))).collect();
    Ok(Steps { of_rows, count: starts.len(), width: Some(width) })
}
