//! Metrics that a policy, a workspace or a person defines, with the intervals of every other.

use rayon::prelude::*;

use super::families::figures;
use super::sample::{Sample, Units};
use super::words::{count, counted};
use super::{CompareError, Engine};
use crate::compare::custom::{Computable, CustomMetric, RowValues, Scope, State};
use crate::compare::plan::Plan;
use crate::compare::result::{Estimate, MetricResult, PerArm};
use crate::job::JobCx;
use crate::log::{Log, Task};
use crate::metrics::measured::{Measured, NO_ROW, Outcome};

/// What was found of all metrics of one's own.
#[derive(Default)]
pub(super) struct Found {
    pub metrics: Vec<MetricResult>,
    /// Rows that had no value, told metric by metric.
    pub notes: Vec<String>,
}

/// The metrics of a plan, ready to be computed.
///
/// # Errors
/// One of them cannot be computed of the log, or two have one name.
pub(super) fn computable<'a>(
    log: &Log,
    metrics: &'a [CustomMetric],
) -> Result<Vec<(&'a CustomMetric, Computable)>, CompareError> {
    if metrics.is_empty() {
        return Ok(Vec::new());
    }
    let scope = Scope::of(log);
    let taken = |name: &str| {
        let outcomes = || log.split.iter().flat_map(|split| &split.outcomes);
        outcomes().any(|one| name == one.name || name.strip_suffix("_per_unit") == Some(&one.name))
    };
    let of = |(index, metric): (usize, &'a CustomMetric)| {
        let name = &metric.name;
        if taken(name) {
            return Err(CompareError::Plan(format!("metric {name}: an outcome of the log is called so already")));
        }
        if metrics[..index].iter().any(|other| other.name == *name) {
            return Err(CompareError::Plan(format!("metric {name} is defined twice")));
        }
        let found = metric.computable(&scope);
        Ok((metric, found.map_err(|error| CompareError::Plan(format!("metric {name}: {error}")))?))
    };
    metrics.iter().enumerate().map(of).collect()
}

/// Rows without a value by the reason, in words; `None` where all have one.
pub(super) fn told(metric: &CustomMetric, states: &[State], arms: &str) -> Option<String> {
    let of = |state: State| states.iter().filter(|one| **one == state).count() as u64;
    let reasons = [
        (of(State::Missing), "a value is missing"),
        (of(State::DividedByZero), "a number is divided by zero"),
        (of(State::NoNumber), "the expression gives no number"),
    ];
    let left_out: u64 = reasons.iter().map(|(rows, _)| rows).sum();
    let reasons: Vec<String> = reasons
        .iter()
        .filter(|(rows, _)| *rows > 0)
        .map(|(rows, why)| if *rows == left_out { (*why).to_owned() } else { format!("{why} ({})", count(*rows)) })
        .collect();
    (left_out > 0).then(|| {
        let of = counted(left_out, "row", "rows");
        format!("{} leaves out {of} of {}{arms}: {}.", metric.name, count(states.len() as u64), reasons.join(", "))
    })
}

/// Whether metrics can be computed of a log.
///
/// # Errors
/// One of them cannot, or its name is taken; says which and why.
pub fn check_custom(log: &Log, metrics: &[CustomMetric]) -> Result<(), CompareError> {
    computable(log, metrics).map(|_| ())
}

/// Put what was found of slices beside what else was found of them.
pub(super) fn in_order(metrics: &mut [MetricResult], plan: &Plan) {
    if plan.custom.is_empty() {
        return;
    }
    let names: Vec<String> = plan.slices.iter().map(ToString::to_string).collect();
    let place = |metric: &MetricResult| metric.slice.as_ref().and_then(|of| names.iter().position(|name| name == of));
    metrics.sort_by_cached_key(place);
}

impl Engine {
    /// The plan's own metrics on all analysed rows and on each slice.
    pub(super) fn custom(&self, plan: &Plan, cx: &JobCx) -> Result<Found, CompareError> {
        let mut found = Found::default();
        for (metric, computable) in computable(&self.log, &plan.custom)? {
            cx.stage("Metrics of one's own", 0);
            // What needs no label is measured where no row has one.
            let engine = self.unlabelled.as_deref().filter(|_| !computable.needs_label()).unwrap_or(self);
            engine.custom_metric(metric, &computable, plan, &mut found, cx)?;
        }
        Ok(found)
    }

    fn custom_metric(
        &self,
        metric: &CustomMetric,
        computable: &Computable,
        plan: &Plan,
        found: &mut Found,
        cx: &JobCx,
    ) -> Result<(), CompareError> {
        let rows: Vec<u32> = match &self.rows {
            Some(rows) => rows.clone(),
            None => (0..self.log.rows as u32).collect(),
        };
        let arms = (0..self.log.arms.len().min(2))
            .map(|arm| computable.row_values(&self.log, arm, plan.thresholds[arm], &rows, cx))
            .collect::<Result<Vec<RowValues>, _>>()?;
        // A row without a value of either arm is left out for both.
        let state = |place: usize| arms.iter().map(|of| of.state(place)).max().unwrap_or_default();
        let states: Vec<State> = (0..rows.len()).into_par_iter().with_min_len(1 << 14).map(state).collect();
        let kept: Vec<u32> =
            (0u32..).zip(&states).filter(|(_, state)| **state == State::Known).map(|(place, _)| place).collect();
        cx.check()?;
        found.metrics.push(self.custom_result(metric, &arms, &kept, None, plan));
        for spec in &plan.slices {
            cx.check()?;
            let mask = spec.mask(&self.log)?;
            let within: Vec<u32> =
                kept.iter().copied().filter(|&place| mask.contains(rows[place as usize] as usize)).collect();
            found.metrics.push(self.custom_result(metric, &arms, &within, Some(spec.to_string()), plan));
        }
        let both = if arms.len() == 2 { " for both arms" } else { "" };
        found.notes.extend(told(metric, &states, both));
        Ok(())
    }

    /// The metric at `places` of the analysed rows.
    fn custom_result(
        &self,
        metric: &CustomMetric,
        arms: &[RowValues],
        places: &[u32],
        slice: Option<String>,
        plan: &Plan,
    ) -> MetricResult {
        let labels: Vec<u8> = places.iter().map(|&place| self.labels()[place as usize]).collect();
        let all = places.len() == self.labels().len();
        let restricted = self.units.as_ref().filter(|_| !all).map(|units| units.restricted(places));
        let units = if all { self.units.as_ref() } else { restricted.as_ref() };
        let sample = Sample {
            positives: labels.iter().filter(|label| **label == 1).count() as u64,
            labels: &labels,
            units: units.filter(|units: &&Units| units.count < places.len()),
            ..self.sample()
        };
        let mut outcomes = arms.iter().map(|of| outcome(of, places));
        let figures = figures([outcomes.next(), outcomes.next()], &sample, plan.level);
        let undefined = figures.undefined();
        let [champion, challenger] = figures.arms.map(|arm: Option<Result<Estimate, String>>| arm.and_then(Result::ok));
        MetricResult {
            name: metric.name.clone(),
            slice,
            unit: metric.unit_kind(),
            better: metric.better,
            arms: PerArm { champion, challenger },
            difference: figures.difference.and_then(Result::ok),
            rows: places.len() as u64,
            positives: (self.log.task == Task::Binary).then_some(sample.positives),
            arm_positives: None,
            undefined: undefined.map(|reason| if reason == NO_ROW { NO_VALUE.to_owned() } else { reason }),
        }
    }
}

const NO_VALUE: &str = "no row on which each arm has a value";

/// Mean, or ratio of two sums.
fn outcome(of: &RowValues, places: &[u32]) -> Outcome {
    match of.at(places) {
        (value, None) => Measured::mean(value.len(), |row| value[row]),
        (value, Some(per)) => Measured::ratio(&value, &per),
    }
}
