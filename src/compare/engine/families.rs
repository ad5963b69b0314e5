//! Comparisons of the tasks that two classes do not hold.
//!
//! A family measures some rows of one arm: each of its metrics with an influence vector. From that follow, here and
//! for all families alike, the intervals of both arms, of the paired difference, by rows or by units, and the slices.

mod detection;
mod image_pairs;
mod multiclass;
mod ranking;
mod regression;
mod similarity;
mod texts;

use rayon::prelude::*;

use super::interval::{self, Figures};
use super::sample::{Sample, Spread, Units};
use super::shares::Shares;
use super::{CompareError, Engine, checks, custom, metrics, notes, views};
use crate::compare::detail::Detail;
use crate::compare::plan::Plan;
use crate::compare::result::{Comparison, Curves, MetricResult, PerArm};
use crate::job::JobCx;
use crate::log::Task;
use crate::metrics::measured::Outcome;
use crate::metrics::registry::Metric;

/// Values of a metric over the draws of a bootstrap, champion first; `None` where a draw leaves it undefined.
pub(super) type Draws = [Vec<Option<f64>>; 2];

/// What a family computes.
pub(super) trait Family: Sync {
    /// In the order they are shown.
    fn metrics(&self) -> Vec<&'static Metric>;

    /// All metrics of one arm at `rows` of the log, in the order of [`Self::metrics`].
    fn measure(&self, arm: usize, rows: &[u32]) -> Vec<Outcome>;

    /// Draws of a bootstrap for the first metrics, of each arm; empty where all metrics have influence vectors.
    fn draws(&self, _: &[u32], _: Option<&Units>, _: &Plan, _: &JobCx) -> Result<Vec<Draws>, CompareError> {
        Ok(Vec::new())
    }

    /// What views draw beside the metrics; `units` are those of `rows`.
    fn detail(&self, rows: &[u32], units: Option<&Units>, plan: &Plan, cx: &JobCx) -> Result<Detail, CompareError>;

    /// Remarks of the family, e.g. what its target holds.
    fn notes(&self, rows: &[u32]) -> Vec<String>;
}

impl Engine {
    /// Every number of a plan whose task is not binary.
    pub(super) fn compare_family(&self, plan: &Plan, cx: &JobCx) -> Result<Comparison, CompareError> {
        let all: Vec<u32> = match &self.rows {
            Some(rows) => rows.clone(),
            None => (0..self.log.rows as u32).collect(),
        };
        let family: Box<dyn Family> = match self.log.task {
            Task::Regression => Box::new(regression::Regression::new(&self.log)?),
            Task::Ranking => Box::new(ranking::Ranking::new(&self.log)?),
            Task::Multiclass => Box::new(multiclass::Multiclass::new(&self.log)?),
            Task::Detection => Box::new(detection::Detection::new(&self.log, cx)?),
            Task::Similarity => Box::new(similarity::PairFamily::new(&self.log, cx)?),
            Task::Image => Box::new(image_pairs::ImageFamily::new(&self.log)?),
            Task::Text => Box::new(texts::TextFamily::new(&self.log, cx)?),
            Task::Binary => {
                let message = format!("the task {} has no comparison of its own", self.log.task.word());
                return Err(CompareError::Plan(message));
            }
        };
        cx.stage("Measuring", 1 + plan.slices.len() as u64);
        let mut found = self.measured(family.as_ref(), &all, self.units.as_ref(), None, plan, cx)?;
        cx.advance(1);
        cx.check()?;
        let latency = self.latency(plan.level);
        let sample = self.family_sample(&all, self.units.as_ref());
        found.extend(metrics::latencies(&latency, &sample));
        let (served, operations) = self.served(plan.level);
        found.extend(served);
        cx.check()?;
        let own = self.custom(plan, cx)?;
        found.extend(self.measured_slices(family.as_ref(), &all, plan, cx)?);
        found.extend(own.metrics);
        custom::in_order(&mut found, plan);
        Ok(Comparison {
            population: self.population(),
            validity: checks::family_checks(self, &sample),
            business: self.business_of_pairs(plan, &found, cx)?,
            metrics: found,
            joint: None,
            confusion: PerArm::default(),
            confusion_difference: None,
            flips: None,
            agreement: None,
            agreement_kappa: None,
            agreed: self.agreed(plan, cx)?.map(Box::new),
            curves: Curves::default(),
            scores: None,
            series: views::series(self, plan, self.population.as_ref()),
            operations,
            staleness: None,
            detail: family.detail(&all, self.units.as_ref(), plan, cx)?,
            notes: notes::family(self, &sample).into_iter().chain(family.notes(&all)).chain(own.notes).collect(),
            plan: plan.clone(),
        })
    }

    /// The rows as intervals see them; nobody looks at labels or scores.
    fn family_sample<'a>(&'a self, rows: &[u32], units: Option<&'a Units>) -> Sample<'a> {
        Sample { labels: &self.labels()[..rows.len()], units, ..self.sample() }
    }

    fn measured(
        &self,
        family: &dyn Family,
        rows: &[u32],
        units: Option<&Units>,
        slice: Option<&str>,
        plan: &Plan,
        cx: &JobCx,
    ) -> Result<Vec<MetricResult>, CompareError> {
        let sample = self.family_sample(rows, units);
        let arms = self.log.arms.len().min(2);
        let mut of_arms: Vec<Vec<Outcome>> = (0..arms).into_par_iter().map(|arm| family.measure(arm, rows)).collect();
        let list = family.metrics();
        let draws = family.draws(rows, units, plan, cx)?;
        // From the last one back, so that each outcome is moved out.
        let mut results: Vec<MetricResult> = list
            .iter()
            .enumerate()
            .rev()
            .map(|(at, metric)| {
                let mut next = |arm: usize| of_arms.get_mut(arm).and_then(Vec::pop);
                let outcomes = [next(0), next(1)];
                let figures = match draws.get(at) {
                    Some(draws) => interval::resampled(outcomes, draws, &sample, plan.level),
                    None => figures(outcomes, &sample, plan.level),
                };
                metrics::result(metric, figures, rows.len() as u64, &sample, slice)
            })
            .collect();
        results.reverse();
        Ok(results)
    }

    fn measured_slices(
        &self,
        family: &dyn Family,
        all: &[u32],
        plan: &Plan,
        cx: &JobCx,
    ) -> Result<Vec<MetricResult>, CompareError> {
        let slices: Vec<Vec<MetricResult>> = plan
            .slices
            .par_iter()
            .map(|spec| {
                cx.check()?;
                let mask = spec.mask(&self.log)?;
                let places: Vec<u32> = (0u32..)
                    .zip(all)
                    .filter(|(_, row)| mask.contains(**row as usize))
                    .map(|(place, _)| place)
                    .collect();
                let rows: Vec<u32> = places.iter().map(|&place| all[place as usize]).collect();
                let units = self.units.as_ref().map(|units| units.restricted(&places));
                let units = units.filter(|units| units.count < rows.len());
                cx.advance(1);
                self.measured(family, &rows, units.as_ref(), Some(&spec.to_string()), plan, cx)
            })
            .collect::<Result<_, CompareError>>()?;
        Ok(slices.into_iter().flatten().collect())
    }
}

/// Intervals of a metric from its values and influence vectors.
pub(super) fn figures(outcomes: [Option<Outcome>; 2], sample: &Sample<'_>, level: f64) -> Figures {
    if sample.rows() == 0 {
        return Figures::none("no row", sample.arms);
    }
    let missing = outcomes.iter().flatten().flatten().find_map(|found| found.no_interval).map(str::to_owned);
    let shares = Shares::of(&outcomes, sample.units);
    let mut vectors = [None, None];
    let mut values = [None, None];
    for (arm, outcome) in outcomes.into_iter().enumerate() {
        match outcome {
            Some(Ok(found)) => {
                values[arm] = Some(Ok(found.value));
                vectors[arm] = found.influence;
            }
            Some(Err(reason)) => values[arm] = Some(Err(reason)),
            None => {}
        }
    }
    let both = values.iter().flatten().count() == sample.arms;
    let spread = Spread { missing, ..Spread::of(values, vectors, sample.units) };
    let found = interval::figures(&spread, sample, level, "influence");
    let found = match shares {
        Some(shares) => shares.improve(found, sample, level),
        None => found,
    };
    if both && found.undefined().is_none() && sample.arms == 2 && found.difference.is_none() {
        return Figures { difference: Some(Err("an arm has no value".to_owned())), ..found };
    }
    found
}
