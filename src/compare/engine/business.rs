//! What answers and outcomes come to in money: by kind of answer, over thresholds, at full traffic.

mod curve;

use std::collections::{HashMap, HashSet};

use rayon::prelude::*;

use super::span::Span;
use super::{CompareError, Engine, PlanRequest, custom};
use crate::compare::custom::{CustomMetric, Scope, State};
use crate::compare::plan::Plan;
use crate::compare::result::{Better, Difference, MetricResult, PerArm};
use crate::compare::value::{Business, Ends, METRIC, Scaled, Traffic, ValueCell, ValueModel};
use crate::job::JobCx;
use crate::log::Content;
use crate::stats::special::t_sf;

const SECS_PER_DAY: f64 = 86_400.0;
const DAYS_PER_YEAR: f64 = 365.25;
impl Engine {
    /// `rows`: those of each arm, champion first. `None` where nothing is said to be worth anything.
    pub(super) fn business(
        &self,
        plan: &Plan,
        metrics: &[MetricResult],
        rows: [&[u32]; 2],
        cx: &JobCx,
    ) -> Result<Option<Business>, CompareError> {
        let split = self.log.split.is_some();
        if plan.value.is_none() && !split {
            return Ok(None);
        }
        cx.stage("Value", 0);
        let traffic = self.traffic(rows);
        // What is said of a year is said of all requests.
        let part = self.population.as_ref().map_or(1.0, |mask| mask.count() as f64 / self.log.rows.max(1) as f64);
        let per_year = plan.value.as_ref().and_then(|value| value.requests_per_year).map(|count| count * part);
        let freedom = split.then(|| self.fewest_units(rows).saturating_sub(1) as f64);
        let scaled = |metric: &MetricResult| scaled(metric, traffic.as_ref(), per_year, freedom);
        let whole = || metrics.iter().filter(|metric| metric.slice.is_none());
        let outcome = |metric: &&MetricResult| {
            let names = self.log.split.iter().flat_map(|split| &split.outcomes);
            let of = |name: &str| metric.name == name || metric.name.strip_suffix("_per_unit") == Some(name);
            names.map(super::split::outcome_name).any(|name| of(&name))
        };
        let value = whole().find(|metric| metric.name == METRIC && plan.value.is_some());
        let cost = whole().find(|metric| metric.name == "cost_per_request" && !split);
        let mut found = Business {
            scaled: value.into_iter().chain(cost).chain(whole().filter(outcome)).filter_map(scaled).collect(),
            traffic,
            ..Business::default()
        };
        if let Some(model) = &plan.value {
            found.cells = self.value_cells(model, plan, rows, cx)?;
            cx.check()?;
            found.curve = if split { None } else { self.value_curve(model, plan, rows[0], cx)? };
        }
        Ok(Some(found))
    }

    /// Of models that answered the same rows.
    pub(super) fn business_of_pairs(
        &self,
        plan: &Plan,
        metrics: &[MetricResult],
        cx: &JobCx,
    ) -> Result<Option<Box<Business>>, CompareError> {
        if plan.value.is_none() {
            return Ok(None);
        }
        let rows = self.rows.clone().unwrap_or_else(|| (0..self.log.rows as u32).collect());
        Ok(self.business(plan, metrics, [&rows, &rows], cx)?.map(Box::new))
    }

    /// The metrics of a request, that of the values among them.
    ///
    /// # Errors
    /// A metric cannot be computed of the log; the task has no decisions that could be worth something.
    pub(super) fn with_value(&self, request: &PlanRequest) -> Result<Vec<CustomMetric>, CompareError> {
        let mut metrics = request.custom.clone();
        if let Some(value) = &request.value {
            value.check().map_err(|error| CompareError::Plan(format!("the values of decisions: {error}")))?;
            let task = self.log.task;
            let message =
                || format!("a run of task {} has no single decisions that could be worth something", task.word());
            let metric = value.metric(task).ok_or_else(|| CompareError::Plan(message()))?;
            // A record's plan has it already.
            metrics.retain(|known| *known != metric);
            metrics.push(metric);
        }
        custom::computable(&self.log, &metrics)?;
        Ok(metrics)
    }

    /// Units of the smaller arm.
    fn fewest_units(&self, rows: [&[u32]; 2]) -> usize {
        let of = |rows: &[u32]| match &self.log.units {
            Some((_, codes)) => {
                let known = rows.iter().filter_map(|row| codes.code(*row as usize));
                known.collect::<HashSet<u32>>().len()
            }
            None => rows.len(),
        };
        of(rows[0]).min(of(rows[1]))
    }

    fn traffic(&self, rows: [&[u32]; 2]) -> Option<Traffic> {
        let times = self.log.times.as_ref()?;
        let within = |row: usize| self.population.as_ref().is_none_or(|mask| mask.contains(row));
        let known = (0..self.log.rows).into_par_iter().filter(|row| within(*row));
        let Span { first, last, before, after } =
            Span::of(known.map(|row| times[row]).collect()).filter(|span| span.first < span.last)?;
        let requests = (0..self.log.rows).into_par_iter().filter(|row| within(*row)).count() - before - after;
        let units = self.log.split.as_ref().and(self.log.units.as_ref()).map(|(_, codes)| {
            let mut seen = vec![false; codes.names.len()];
            let of = rows.iter().flat_map(|rows| rows.iter()).filter_map(|row| codes.code(*row as usize));
            of.filter(|code| !std::mem::replace(&mut seen[*code as usize], true)).count() as u64
        });
        Some(Traffic { requests: requests as u64, units, days: last.abs_diff(first) as f64 / 1e6 / SECS_PER_DAY })
    }

    /// Rows and value of each arm by kind of answer.
    fn value_cells(
        &self,
        model: &ValueModel,
        plan: &Plan,
        rows: [&[u32]; 2],
        cx: &JobCx,
    ) -> Result<Vec<ValueCell>, CompareError> {
        let Some(metric) = plan.custom(METRIC) else {
            return Ok(Vec::new());
        };
        let plan_error = |error| CompareError::Plan(format!("{METRIC}: {error}"));
        let computable = metric.computable(&Scope::of(&self.log)).map_err(plan_error)?;
        let names = self.kinds(model);
        let pairs = self.pairs(model);
        let arms = self.log.arms.len().min(2);
        let mut found = vec![[(0u64, 0.0f64); 2]; names.len()];
        for arm in 0..arms {
            let values = computable.row_values(&self.log, arm, plan.thresholds[arm], rows[arm], cx)?;
            for (place, &row) in rows[arm].iter().enumerate() {
                if values.state(place) != State::Known {
                    continue;
                }
                if let Some(kind) = self.kind(&pairs, plan, arm, row as usize) {
                    let (count, sum) = &mut found[kind][arm];
                    (*count, *sum) = (*count + 1, *sum + values.value.values[place]);
                }
            }
        }
        let cell = |(name, arms_of): (String, [(u64, f64); 2])| {
            let [champion, challenger] = [0, 1].map(|arm| (arm < arms).then_some(arms_of[arm]));
            ValueCell {
                name,
                rows: PerArm { champion: champion.map(|one| one.0), challenger: challenger.map(|one| one.0) },
                value: PerArm { champion: champion.map(|one| one.1), challenger: challenger.map(|one| one.1) },
            }
        };
        Ok(names.into_iter().zip(found).map(cell).collect())
    }

    /// Names of the kinds of answers.
    fn kinds(&self, model: &ValueModel) -> Vec<String> {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        match &self.log.content {
            Content::Numbers(_) => owned(&["too_high", "too_low", "exact"]),
            Content::Coded(_) => {
                let pairs = model.pairs.iter().map(|pair| format!("{} → {}", pair.truth, pair.predicted));
                ["right".to_owned(), "wrong".to_owned()].into_iter().chain(pairs).collect()
            }
            _ => owned(&["true_negative", "false_positive", "false_negative", "true_positive"]),
        }
    }

    /// Places of pairs of classes that have a value of their own, by the codes of truth and answer.
    fn pairs(&self, model: &ValueModel) -> HashMap<[u32; 2], usize> {
        let Content::Coded(coded) = &self.log.content else {
            return HashMap::new();
        };
        let code = |name: &str| coded.names.iter().position(|known| known == name).map(|code| code as u32);
        let places = model.pairs.iter().enumerate();
        places.filter_map(|(place, pair)| Some(([code(&pair.truth)?, code(&pair.predicted)?], place))).collect()
    }

    /// Kind of an arm's answer to a row with a label.
    fn kind(&self, pairs: &HashMap<[u32; 2], usize>, plan: &Plan, arm: usize, row: usize) -> Option<usize> {
        let own = self.log.arms.get(arm)?;
        match &self.log.content {
            Content::Numbers(numbers) => {
                let (truth, found) = (numbers.truth[row], own.scores.as_ref()?[row]);
                Some(if found > truth { 0 } else { 1 + usize::from(found == truth) })
            }
            Content::Coded(coded) => {
                let (truth, answer) = (coded.truth[row], *coded.answers.get(arm)?.get(row)?);
                coded.name(truth).zip(coded.name(answer))?;
                Some(pairs.get(&[truth, answer]).map_or(usize::from(truth != answer), |pair| 2 + pair))
            }
            _ => {
                let flags = match plan.thresholds[arm].value {
                    Some(threshold) => own.scores.as_ref()?[row] >= threshold,
                    None => own.predictions.as_ref()?[row] == 1,
                };
                Some(2 * usize::from(self.log.labels[row] == 1) + usize::from(flags))
            }
        }
    }
}

/// A difference at full traffic: of a mean over requests times their number, of one over units times theirs.
fn scaled(
    metric: &MetricResult,
    traffic: Option<&Traffic>,
    per_year: Option<f64>,
    freedom: Option<f64>,
) -> Option<Scaled> {
    let difference = metric.difference.as_ref()?;
    let by_unit = metric.name.ends_with("_per_unit");
    let times = |factor: f64| Ends {
        value: difference.value * factor,
        lo: difference.lo.map(|lo| lo * factor),
        hi: difference.hi.map(|hi| hi * factor),
    };
    let count = traffic.and_then(|traffic| {
        let count = if by_unit { traffic.units? } else { traffic.requests };
        Some(count as f64 / traffic.days)
    });
    let said = per_year.filter(|_| !by_unit);
    let day = said.map(|count| count / DAYS_PER_YEAR).or(count);
    Some(Scaled {
        metric: metric.name.clone(),
        by_unit,
        per_thousand: times(1_000.0),
        per_day: day.map(times),
        per_year: day.map(|day| times(day * DAYS_PER_YEAR)),
        chance_better: chance(difference, metric.better, freedom),
    })
}

/// Of pairs the interval and p rest on t, so that p tells the chance; of arms apart p may be one of several looks, and t has
/// at least the degrees of `freedom` of the smaller arm.
fn chance(difference: &Difference, better: Better, freedom: Option<f64>) -> Option<f64> {
    let se = difference.se.filter(|se| *se > 0.0)?;
    let sign = match better {
        Better::Higher => 1.0,
        Better::Lower => -1.0,
        _ => return None,
    };
    let t = sign * difference.value / se;
    match (freedom, difference.p) {
        (Some(freedom), _) => (freedom > 0.0).then(|| t_sf(-t, freedom)),
        (None, Some(p)) => Some(if t > 0.0 { 1.0 - p / 2.0 } else { p / 2.0 }),
        (None, None) => None,
    }
}
