//! Value over thresholds: every row counts at all thresholds below its score, so that one walk over the rows gives the
//! value of both arms, their difference and its variance at every threshold.

use rayon::prelude::*;

use crate::compare::custom::{CustomMetric, Scope, State};
use crate::compare::engine::{CompareError, Engine, interval};
use crate::compare::plan::Plan;
use crate::compare::result::Better;
use crate::compare::value::{ValueCurve, ValueModel};
use crate::job::JobCx;
use crate::stats::Moments;

/// Thresholds that lie evenly between the ends of the scores, and as many at even shares of the rows.
const POINTS: usize = 80;

/// A row: how many of the thresholds each arm's score reaches, and what flagging it gains.
struct Row {
    reach: [usize; 2],
    gain: f64,
}

impl Engine {
    /// `None` where the models do not decide by scores, or by scores on different scales.
    pub(super) fn value_curve(
        &self,
        model: &ValueModel,
        plan: &Plan,
        rows: &[u32],
        cx: &JobCx,
    ) -> Result<Option<ValueCurve>, CompareError> {
        let (Some(a), Some(b)) = (self.scores(0), self.scores(1)) else {
            return Ok(None);
        };
        if rows.is_empty() || !self.one_scale() {
            return Ok(None);
        }
        let amounts = self.amounts(model, plan, rows, cx)?;
        let thresholds = grid([a, b], plan);
        cx.check()?;
        let values = model.decisions();
        let reach = |score: f64| thresholds.partition_point(|threshold| *threshold <= score);
        let labels = self.labels();
        let amount = |at: usize| amounts.as_ref().map_or(1.0, |amounts| amounts[at]);
        let row = |at: usize| {
            let [unflagged, flagged] = values[usize::from(labels[at] == 1)];
            Row { reach: [reach(a[at]), reach(b[at])], gain: amount(at) * (flagged - unflagged) }
        };
        // A row without an amount is left out, as the metric leaves it out.
        let kept: Vec<u32> = (0..rows.len() as u32).filter(|at| amount(*at as usize).is_finite()).collect();
        if kept.is_empty() {
            return Ok(None);
        }
        let made: Vec<Row> = kept.par_iter().with_min_len(1 << 12).map(|&at| row(at as usize)).collect();
        let base: f64 =
            kept.iter().map(|&at| amount(at as usize) * values[usize::from(labels[at as usize] == 1)][0]).sum();
        cx.check()?;
        let n = kept.len() as f64;
        let arm = |arm: usize| -> Vec<f64> {
            let mut at = vec![0.0; thresholds.len() + 1];
            made.iter().for_each(|row| at[row.reach[arm]] += row.gain);
            let mut above = 0.0;
            let mut found: Vec<f64> = at[1..]
                .iter()
                .rev()
                .map(|gain| {
                    above += gain;
                    (base + above) / n
                })
                .collect();
            found.reverse();
            found
        };
        let (champion, challenger) = (arm(0), arm(1));
        let units = self.units.as_ref().map(|units| units.restricted(&kept)).filter(|units| units.count < kept.len());
        let spread = match &units {
            None => by_row(&made, thresholds.len()),
            Some(units) => by_unit(&made, &units.codes, units.count, thresholds.len()),
        };
        let clusters = units.as_ref().map(|_| kept.len() as u64);
        let count = units.as_ref().map_or(kept.len(), |units| units.count) as u64;
        let difference = champion.iter().zip(&challenger).zip(spread).map(|((a, b), square)| {
            let moments = Moments { n: count, mean: 0.0, m2: square };
            let found = interval::difference(b - a, &moments, clusters, plan.level, "value", true);
            [b - a, found.lo.unwrap_or(b - a), found.hi.unwrap_or(b - a)]
        });
        let difference = difference.collect();
        let best = [&champion, &challenger].map(|values| {
            let most = values.iter().zip(&thresholds).max_by(|x, y| x.0.total_cmp(y.0));
            most.map_or([0.0; 2], |(value, threshold)| [*threshold, *value])
        });
        Ok(Some(ValueCurve { thresholds, difference, best, champion, challenger }))
    }

    /// Number by which the value of each analysed row is multiplied, NaN where it has none; `None`: 1.
    fn amounts(
        &self,
        model: &ValueModel,
        plan: &Plan,
        rows: &[u32],
        cx: &JobCx,
    ) -> Result<Option<Vec<f64>>, CompareError> {
        let Some(column) = &model.amount else {
            return Ok(None);
        };
        let name = "amount".to_owned();
        let value = format!("\"{column}\"");
        let metric = CustomMetric { name, unit: String::new(), better: Better::Higher, value, per: None };
        let error = |error| CompareError::Plan(format!("the amount of the values: {error}"));
        let found = metric.computable(&Scope::of(&self.log)).map_err(error)?;
        let found = found.row_values(&self.log, 0, plan.thresholds[0], rows, cx)?;
        let known = |at: usize| if found.state(at) == State::Known { found.value.values[at] } else { f64::NAN };
        Ok(Some((0..rows.len()).map(known).collect()))
    }
}

/// Thresholds at which values are told: evenly spaced, at even shares of the rows, those in use, and one above all scores,
/// at which nothing is flagged.
fn grid(scores: [&[f64]; 2], plan: &Plan) -> Vec<f64> {
    let all = || scores.iter().flat_map(|scores| scores.iter().copied());
    let (low, high) =
        all().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), score| (low.min(score), high.max(score)));
    let even = (0..=POINTS).map(|at| low + (high - low) * at as f64 / POINTS as f64);
    let step = (scores[0].len() / 4_000).max(1);
    let mut some: Vec<f64> = scores.iter().flat_map(|scores| scores.iter().step_by(step)).copied().collect();
    some.sort_unstable_by(f64::total_cmp);
    let shares = (1..POINTS).map(|at| some[at * (some.len() - 1) / POINTS]);
    let used = plan.thresholds.iter().filter_map(|threshold| threshold.value);
    let used = used.filter(|value| value.is_finite());
    let mut grid: Vec<f64> = even.chain(shares).chain(used).chain([high.next_up()]).collect();
    grid.sort_unstable_by(f64::total_cmp);
    grid.dedup();
    grid
}

/// Sum of squared deviations of the rows' differences from their mean, at each threshold.
fn by_row(rows: &[Row], points: usize) -> Vec<f64> {
    let (mut first, mut second) = (vec![0.0; points + 1], vec![0.0; points + 1]);
    for Row { reach: [a, b], gain } in rows {
        let (from, to, sign) = if a < b { (*a, *b, 1.0) } else { (*b, *a, -1.0) };
        first[from] += sign * gain;
        first[to] -= sign * gain;
        second[from] += gain * gain;
        second[to] -= gain * gain;
    }
    let (mut sum, mut square) = (0.0, 0.0);
    let at = |(first, second): (&f64, &f64)| {
        sum += first;
        square += second;
        (square - sum * sum / rows.len() as f64).max(0.0)
    };
    first.iter().zip(&second).take(points).map(at).collect()
}

/// The same of the sums by unit of the rows' differences less their mean.
fn by_unit(rows: &[Row], codes: &[u32], units: usize, points: usize) -> Vec<f64> {
    let mut order: Vec<u32> = (0..rows.len() as u32).collect();
    order.sort_by_key(|&row| codes[row as usize]);
    debug_assert!(units <= rows.len());
    let (mut square, mut cross, mut sum) = (vec![0.0; points], vec![0.0; points], vec![0.0; points]);
    let mut sizes = 0.0;
    let mut steps = vec![0.0; points + 1];
    for unit in order.chunk_by(|a, b| codes[*a as usize] == codes[*b as usize]) {
        let size = unit.len() as f64;
        sizes += size * size;
        let mut any = false;
        for &row in unit {
            let Row { reach: [a, b], gain } = &rows[row as usize];
            if a != b && *gain != 0.0 {
                any = true;
                let (from, to, sign) = if a < b { (*a, *b, 1.0) } else { (*b, *a, -1.0) };
                steps[from] += sign * gain;
                steps[to] -= sign * gain;
            }
        }
        if !any {
            continue;
        }
        let mut value = 0.0;
        for (at, step) in steps.iter().enumerate().take(points) {
            value += step;
            square[at] += value * value;
            cross[at] += size * value;
            sum[at] += value;
        }
        steps.fill(0.0);
    }
    let n = rows.len() as f64;
    let at = |at: usize| {
        let mean = sum[at] / n;
        (square[at] - 2.0 * mean * cross[at] + mean * mean * sizes).max(0.0)
    };
    (0..points).map(at).collect()
}
