//! Offline runs over folds: each fold was answered by models trained on the others, so that rows of different folds are
//! not independent, and a difference is one value per fold.

use std::collections::{BTreeMap, BTreeSet};

use super::checks::{check, measured};
use super::words::{count, counted};
use super::{CompareError, Engine};
use crate::compare::plan::Plan;
use crate::compare::result::{Check, CheckOutcome, Comparison, Difference, Estimate, MetricResult};
use crate::compare::slice::{Condition, SliceSpec};
use crate::job::JobCx;
use crate::log::{FeatureValues, Log, NO_TIME, RunKind};
use crate::stats::resampled::corrected_t;

/// Names of a column that tells the fold of a row.
const NAMES: [&str; 8] = ["fold", "folds", "fold_id", "cv_fold", "kfold", "k_fold", "outer_fold", "test_fold"];
/// Folds that a difference is taken over; with more, as leaving one row out, rows are compared.
const MOST: usize = 50;

/// The folds of a run.
pub(super) struct Folds {
    column: String,
    /// Slice of each fold, in the order of their names.
    specs: Vec<SliceSpec>,
    /// Rows, and the first and last time, of each.
    rows: Vec<u64>,
    spans: Vec<Option<[i64; 2]>>,
    /// Units with rows in several folds, of all.
    shared: Option<[u64; 2]>,
}

/// Name of the fold of each row.
fn named(values: &FeatureValues, row: usize) -> Option<String> {
    match values {
        FeatureValues::Coded(codes) => codes.get(row).map(str::to_owned),
        FeatureValues::Numeric(values) => {
            Some(values[row]).filter(|value| value.is_finite()).map(|value| value.to_string())
        }
    }
}

impl Folds {
    /// `None` where the run is not offline, has one model, or no column tells folds.
    pub fn of(engine: &Engine, plan: &Plan) -> Option<Self> {
        if plan.kind != RunKind::Offline || plan.challenger.is_none() {
            return None;
        }
        let log: &Log = &engine.log;
        let feature = NAMES.iter().find_map(|name| {
            log.features.iter().find(|feature| feature.name.to_lowercase().replace([' ', '-'], "_") == *name)
        })?;
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        let mut of_row = vec![usize::MAX; log.rows];
        for row in (0..log.rows).filter(|row| engine.analysed.contains(*row)) {
            let Some(name) = named(&feature.values, row) else { continue };
            let next = places.len();
            of_row[row] = *places.entry(name).or_insert(next);
            if places.len() > MOST {
                return None;
            }
        }
        let (mut rows, mut spans) = (vec![0; places.len()], vec![None; places.len()]);
        for (row, &fold) in of_row.iter().enumerate().filter(|(_, fold)| **fold != usize::MAX) {
            rows[fold] += 1;
            let time = log.times.as_ref().map(|times| times[row]).filter(|time| *time != NO_TIME);
            if let Some(time) = time {
                let [first, last] = spans[fold].get_or_insert([time, time]);
                (*first, *last) = ((*first).min(time), (*last).max(time));
            }
        }
        let shared = log.units.as_ref().map(|(_, codes)| {
            let mut seen: BTreeMap<u32, BTreeSet<usize>> = BTreeMap::new();
            let known = of_row.iter().enumerate().filter(|(_, fold)| **fold != usize::MAX);
            known.filter_map(|(row, fold)| Some((codes.code(row)?, *fold))).for_each(|(unit, fold)| {
                seen.entry(unit).or_default().insert(fold);
            });
            [seen.values().filter(|folds| folds.len() > 1).count() as u64, seen.len() as u64]
        });
        let mut order: Vec<(&String, &usize)> = places.iter().collect();
        let number = |name: &str| name.parse::<f64>().unwrap_or(f64::INFINITY);
        order.sort_by(|a, b| number(a.0).total_cmp(&number(b.0)).then_with(|| a.0.cmp(b.0)));
        let spec = |value: &String| SliceSpec {
            conditions: vec![Condition::Equal { column: feature.name.clone(), value: value.clone() }],
        };
        (places.len() > 1).then(|| Self {
            column: feature.name.clone(),
            specs: order.iter().map(|(name, _)| spec(name)).collect(),
            rows: order.iter().map(|(_, place)| rows[**place]).collect(),
            spans: order.iter().map(|(_, place)| spans[**place]).collect(),
            shared,
        })
    }

    /// Compare as any run, and take the differences over the folds.
    pub fn compare(&self, engine: &Engine, plan: &Plan, cx: &JobCx) -> Result<Comparison, CompareError> {
        let within = |slice: &SliceSpec, fold: &SliceSpec| SliceSpec {
            conditions: slice.conditions.iter().chain(&fold.conditions).cloned().collect(),
        };
        let mut slices = plan.slices.clone();
        // Slices are compared over the folds, too; one of the fold column has one model only.
        let parts = plan.slices.iter().filter(|slice| !self.cuts(slice));
        let parts = parts.flat_map(|slice| self.specs.iter().map(|fold| within(slice, fold)));
        for new in self.specs.iter().cloned().chain(parts) {
            if !slices.contains(&new) {
                slices.push(new);
            }
        }
        let with = Plan { slices, ..plan.clone() };
        let mut found = engine.compare_rows(&with, cx)?;
        found.plan = plan.clone();
        let asked: BTreeSet<String> = plan.slices.iter().map(ToString::to_string).collect();
        let folds: Vec<String> = self.specs.iter().map(ToString::to_string).collect();
        let all = std::mem::take(&mut found.metrics);
        let of_folds: BTreeMap<(&str, &str), &MetricResult> =
            all.iter().filter_map(|metric| Some(((metric.name.as_str(), metric.slice.as_deref()?), metric))).collect();
        let over = |metric: &MetricResult, folds: &[String]| {
            let each = folds.iter().map(|fold| of_folds.get(&(metric.name.as_str(), fold.as_str())).copied());
            let each: Option<Vec<&MetricResult>> = each.collect();
            each.map_or_else(|| metric.clone(), |each| self.over(metric, &each, plan.level))
        };
        let of_slice: BTreeMap<String, Option<Vec<String>>> = plan
            .slices
            .iter()
            .map(|slice| {
                let parts = || self.specs.iter().map(|fold| within(slice, fold).to_string()).collect();
                (slice.to_string(), (!self.cuts(slice)).then(parts))
            })
            .collect();
        let keep = |metric: &&MetricResult| metric.slice.as_ref().is_none_or(|slice| asked.contains(slice));
        let fit = |metric: &MetricResult| match metric.slice.as_ref().map(|slice| of_slice.get(slice)) {
            None => over(metric, &folds),
            Some(Some(Some(parts))) => over(metric, parts),
            Some(_) => metric.clone(),
        };
        found.metrics = all.iter().filter(keep).map(fit).collect();
        if let Some(agreed) = &mut found.agreed {
            agreed.slices.retain(|slice| asked.contains(&slice.slice));
        }
        found.validity.push(self.leakage());
        found.notes.push(format!(
            "Values and differences are means over the {} folds of {}, by the corrected resampled t test: the folds' models share training rows. Curves and counts are of all rows together.",
            self.specs.len(),
            self.column
        ));
        Ok(found)
    }

    /// Whether a slice chooses among the folds.
    fn cuts(&self, slice: &SliceSpec) -> bool {
        slice.conditions.iter().any(|condition| condition.column() == self.column)
    }

    /// Mean rows that a fold's model was tested and trained on. Folds that follow each other in time are trained on
    /// what came before; the first, of which that is not logged, does not count.
    fn sizes(&self) -> [u64; 2] {
        let all: u64 = self.rows.iter().sum();
        let folds = self.rows.len() as u64;
        let test = all / folds;
        if !self.in_turn() {
            return [test, all - test];
        }
        let mut order: Vec<usize> = (0..self.rows.len()).collect();
        order.sort_by_key(|&fold| self.spans[fold]);
        let mut before = 0;
        let mut trained = 0;
        for fold in order {
            trained += before;
            before += self.rows[fold];
        }
        [test, trained / (folds - 1)]
    }

    /// Whether each fold ends before the next begins.
    fn in_turn(&self) -> bool {
        let mut spans: Vec<[i64; 2]> = self.spans.iter().flatten().copied().collect();
        spans.sort_unstable();
        spans.len() == self.spans.len() && spans.windows(2).all(|pair| pair[0][1] < pair[1][0])
    }

    /// The metric as a mean over folds.
    fn over(&self, metric: &MetricResult, each: &[&MetricResult], level: f64) -> MetricResult {
        let [test, train] = self.sizes();
        let folds = each.len();
        let method = format!("corrected resampled t over {folds} folds");
        let lacking = |which: usize| format!("no interval: {} has no value of its own", self.specs[which]);
        let mean = |values: Vec<Option<f64>>| match values.iter().position(Option::is_none) {
            Some(which) => Err(lacking(which)),
            None => {
                let values: Vec<f64> = values.into_iter().flatten().collect();
                let found = corrected_t(&values, test, train, level).map_err(|why| format!("no interval: {why}"))?;
                // Equal values tell nothing of how much they vary, unless they are equal because the models are.
                if found.se == 0.0 && found.value != 0.0 {
                    return Err("no interval: the same in every fold".to_owned());
                }
                Ok(found)
            }
        };
        let arm = |of: fn(&MetricResult) -> &Option<Estimate>| {
            let known = of(metric).clone()?;
            Some(match mean(each.iter().map(|fold| of(fold).as_ref().map(|arm| arm.value)).collect()) {
                Ok(found) => Estimate {
                    value: found.value,
                    lo: Some(found.interval.lo),
                    hi: Some(found.interval.hi),
                    method: method.clone(),
                    ..known
                },
                Err(why) => Estimate { lo: None, hi: None, method: why, ..known },
            })
        };
        let mut over = metric.clone();
        over.arms.champion = arm(|metric| &metric.arms.champion);
        over.arms.challenger = arm(|metric| &metric.arms.challenger);
        over.difference = metric.difference.clone().map(|known| {
            let values = each.iter().map(|fold| fold.difference.as_ref().map(|difference| difference.value));
            match mean(values.collect()) {
                Ok(found) => Difference {
                    value: found.value,
                    lo: Some(found.interval.lo),
                    hi: Some(found.interval.hi),
                    method: method.clone(),
                    p: found.p,
                    se: Some(found.se),
                    n: folds as u64,
                    ..known
                },
                Err(why) => Difference { lo: None, hi: None, method: why, p: None, se: None, ..known },
            }
        });
        over
    }

    /// Whether what a fold is tested on was known to the models that answered it.
    fn leakage(&self) -> Check {
        let (name, title) = ("fold_leakage", "Leakage between folds");
        let mut said = Vec::new();
        let mut warned = false;
        match self.shared {
            Some([several, all]) if several > 0 => {
                warned = true;
                said.push(format!(
                    "{} of {} have rows in several folds: models were trained on what they are tested on, so that their values are too good and their difference may be.",
                    count(several),
                    counted(all, "unit", "units")
                ));
            }
            Some([_, all]) => said.push(format!("Each of {} is in one fold.", counted(all, "unit", "units"))),
            None => said.push("No unit is mapped, so that nothing tells whether one is in several folds.".to_owned()),
        }
        if self.spans.iter().all(Option::is_some) {
            if self.in_turn() {
                said.push("The folds follow each other in time.".to_owned());
            } else {
                warned = true;
                said.push("The folds overlap in time: models were trained on requests that came after those they are tested on, which production never does.".to_owned());
            }
        }
        let outcome = match (warned, self.shared) {
            (true, _) => CheckOutcome::Warn,
            (false, None) => CheckOutcome::NotEvaluable,
            (false, Some(_)) => CheckOutcome::Pass,
        };
        let found = check(name, title, outcome, counted(self.rows.len() as u64, "fold", "folds"), said.join(" "));
        match self.shared {
            Some([several, _]) => measured(found, several as f64, None),
            None => found,
        }
    }
}
