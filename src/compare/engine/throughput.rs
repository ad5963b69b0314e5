//! Requests, answers and failures over time. Requests come in waves, so that neighbouring counts are alike: intervals
//! of answers per second are those of the means of long spans (batch means; Law and Kelton 2000, Simulation Modeling
//! and Analysis, section 9.5).

use rayon::prelude::*;

use super::interval::{self, Figures};
use super::population::lack;
use super::span::Span;
use crate::compare::detail::{Operations, OperationsSpan};
use crate::compare::result::{Difference, Estimate, MetricResult, PerArm};
use crate::log::{Log, NO_LABEL, RowMask, SERVED, Split};
use crate::metrics::{BLOCK, registry};
use crate::stats::{Moments, influence};

/// Spans of time that are drawn.
const DRAWN: usize = 60;
/// Drawn spans in one that is compared.
const BATCH: usize = 3;
/// Spans of time that are compared.
const SPANS: usize = DRAWN / BATCH;
const MICROS: f64 = 1e6;

/// Requests, answered ones and failed ones of each arm in equal spans of time.
pub(super) struct Course {
    first: i64,
    /// Seconds of a drawn span.
    secs: f64,
    arms: [Option<Vec<[u64; 3]>>; 2],
    split: bool,
}

/// Of models that got the same requests; `None` where no times are logged.
pub(super) fn of_pairs(log: &Log, within: Option<&RowMask>) -> Option<Course> {
    log.times.as_ref()?;
    let within = |row: &u32| within.is_none_or(|mask| mask.contains(*row as usize));
    let rows: Vec<u32> = (0..log.rows as u32).into_par_iter().filter(within).collect();
    let of = [Some(rows.as_slice()), (log.arms.len() > 1).then_some(rows.as_slice())];
    let what = |arm: usize, row: u32| {
        let said = log.arms[arm].served.failed.as_ref().map_or(SERVED, |failed| failed[row as usize]);
        let failed = said != SERVED && said != NO_LABEL;
        [!failed && lack(&log.arms[arm], arm, row as usize).is_none(), failed]
    };
    course(log, of, what)
}

/// Of the arms of a split run.
pub(super) fn of_arms(log: &Log, split: &Split, rows: [&[u32]; 2]) -> Option<Course> {
    let failed = split.outcomes.iter().find(|outcome| outcome.name == "error_rate");
    let answers = log.arms.iter().all(|arm| arm.scores.is_some() || arm.predictions.is_some());
    let what = |arm: usize, row: u32| {
        let failed = failed.is_some_and(|failed| failed.values[row as usize] == 1.0);
        let lacks = answers && lack(&log.arms[arm], arm, row as usize).is_some();
        [!failed && !lacks, failed]
    };
    course(log, rows.map(Some), what)
}

fn course(log: &Log, rows: [Option<&[u32]>; 2], what: impl Fn(usize, u32) -> [bool; 2] + Sync) -> Option<Course> {
    let times = log.times.as_ref()?;
    let all = rows.par_iter().flatten().flat_map(|rows| rows.par_iter().with_min_len(BLOCK));
    let span = Span::of(all.map(|&row| times[row as usize]).collect()).filter(|span| span.first < span.last)?;
    let Span { first, last, .. } = span;
    let inside = |row: &&u32| span.holds(times[**row as usize]);
    let secs = last.abs_diff(first) as f64 / MICROS / DRAWN as f64;
    let arms = [0, 1].map(|arm: usize| {
        let chunk = |rows: &[u32]| {
            let mut counts = vec![[0u64; 3]; DRAWN];
            for &row in rows.iter().filter(inside) {
                let place = times[row as usize].abs_diff(first) as f64 / MICROS / secs;
                let [answered, failed] = what(arm, row);
                let cell = &mut counts[(place as usize).min(DRAWN - 1)];
                cell[0] += 1;
                cell[1] += u64::from(answered);
                cell[2] += u64::from(failed);
            }
            counts
        };
        let add = |mut a: Vec<[u64; 3]>, b: Vec<[u64; 3]>| {
            a.iter_mut().flatten().zip(b.iter().flatten()).for_each(|(a, b)| *a += b);
            a
        };
        Some(rows[arm]?.par_chunks(BLOCK).map(chunk).reduce(|| vec![[0; 3]; DRAWN], add))
    });
    Some(Course { first, secs, arms, split: log.split.is_some() })
}

impl Course {
    /// Answers per second of both arms, and their difference.
    pub fn throughput(&self, level: f64) -> Option<MetricResult> {
        let metric = registry::find("throughput")?;
        let span = self.secs * BATCH as f64;
        let rates = self.arms.each_ref().map(|counts| {
            let batches = counts.as_ref()?.chunks(BATCH);
            let rate = |batch: &[[u64; 3]]| batch.iter().map(|[_, answered, _]| answered).sum::<u64>() as f64 / span;
            Some(batches.map(rate).collect::<Vec<f64>>())
        });
        let arms = rates.each_ref().map(|rates| Some(arm(rates.as_ref()?, level)));
        let difference = match &rates {
            [Some(a), Some(b)] => {
                let gaps: Vec<f64> = a.iter().zip(b).map(|(a, b)| b - a).collect();
                mean(&gaps, level).ok().map(|found| Ok(gap(&found, level)))
            }
            _ => None,
        };
        let figures = Figures { arms, difference };
        let undefined = figures.undefined();
        let figures = figures.within((0.0, f64::INFINITY));
        let [champion, challenger] = figures.arms.map(|arm| arm.and_then(Result::ok));
        let rows = self.arms.iter().flatten().map(|counts| counts.iter().map(|cell| cell[0]).sum::<u64>());
        Some(MetricResult {
            name: metric.name.to_owned(),
            slice: None,
            unit: metric.unit,
            better: metric.better,
            arms: PerArm { champion, challenger },
            difference: figures.difference.and_then(Result::ok),
            rows: if self.split { rows.sum() } else { rows.max().unwrap_or(0) },
            positives: None,
            arm_positives: None,
            undefined,
        })
    }

    /// What is drawn over time.
    pub fn drawn(&self, operations: &mut Operations) {
        operations.span_secs = Some(self.secs);
        let cell = |at: usize, arm: usize, what: usize| self.arms[arm].as_ref().map_or(0, |counts| counts[at][what]);
        let span = |at: usize| OperationsSpan {
            start: self.first + (at as f64 * self.secs * MICROS) as i64,
            requests: [cell(at, 0, 0), cell(at, 1, 0)],
            answered: [cell(at, 0, 1), cell(at, 1, 1)],
            failed: [cell(at, 0, 2), cell(at, 1, 2)],
        };
        operations.spans = (0..DRAWN).map(span).collect();
    }
}

fn arm(rates: &[f64], level: f64) -> Result<Estimate, String> {
    match mean(rates, level) {
        Ok(found) if found.se > 0.0 => Ok(Estimate {
            method: format!("means of {SPANS} spans of time, t"),
            ..interval::estimate(found.value, &found.interval, SPANS as u64)
        }),
        Ok(found) => Ok(interval::bare(found.value, level, "no interval: the same in every span", SPANS as u64)),
        Err(reason) => Err(reason.to_string()),
    }
}

fn mean(values: &[f64], level: f64) -> Result<influence::Estimate, crate::stats::Undefined> {
    let mut moments = Moments::default();
    values.iter().for_each(|value| moments.add(*value));
    influence::mean(&moments, level)
}

fn gap(found: &influence::Estimate, level: f64) -> Difference {
    let n = SPANS as u64;
    if found.se > 0.0 {
        return Difference {
            value: found.value,
            lo: Some(found.interval.lo),
            hi: Some(found.interval.hi),
            level,
            method: format!("means of {SPANS} spans of time, paired t"),
            p: found.p,
            se: Some(found.se),
            n,
        };
    }
    if found.value == 0.0 {
        let method = "both arms answered the same requests".to_owned();
        return Difference { value: 0.0, lo: Some(0.0), hi: Some(0.0), level, method, p: Some(1.0), se: Some(0.0), n };
    }
    interval::bare_difference(found.value, level, "no interval: the same in every span", n)
}
