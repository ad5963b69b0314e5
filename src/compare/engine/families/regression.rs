//! Regression: a true number and a predicted one per row.

mod errors;

use rayon::prelude::*;

use self::errors::Drawn;
use super::Family;
use crate::compare::detail::Detail;
use crate::compare::engine::CompareError;
use crate::compare::engine::sample::Units;
use crate::compare::plan::Plan;
use crate::job::JobCx;
use crate::log::{Content, Log};
use crate::metrics::BLOCK;
use crate::metrics::measured::Outcome;
use crate::metrics::registry::Metric;
use crate::metrics::regression as kernels;

pub(super) struct Regression<'a> {
    log: &'a Log,
    truth: &'a [f64],
}

impl<'a> Regression<'a> {
    pub fn new(log: &'a Log) -> Result<Self, CompareError> {
        match &log.content {
            Content::Numbers(numbers) => Ok(Self { log, truth: &numbers.truth }),
            _ => Err(CompareError::Plan("the log holds no true numbers".to_owned())),
        }
    }

    fn arms(&self) -> usize {
        self.log.arms.len().min(2)
    }

    /// Predictions of an arm by row of the log; empty where it has none.
    fn predicted(&self, arm: usize) -> &[f64] {
        self.log.arms[arm].scores.as_deref().unwrap_or_default()
    }

    fn truth(&self, rows: &[u32]) -> Vec<f64> {
        gather(self.truth, rows)
    }

    /// Prediction minus truth.
    fn errors(&self, arm: usize, rows: &[u32]) -> Vec<f64> {
        let predicted = self.predicted(arm);
        let error = |&row: &u32| predicted[row as usize] - self.truth[row as usize];
        rows.par_iter().with_min_len(BLOCK).map(error).collect()
    }
}

fn gather(values: &[f64], rows: &[u32]) -> Vec<f64> {
    rows.par_iter().with_min_len(BLOCK).map(|&row| values[row as usize]).collect()
}

impl Family for Regression<'_> {
    fn metrics(&self) -> Vec<&'static Metric> {
        kernels::METRICS.iter().collect()
    }

    fn measure(&self, arm: usize, rows: &[u32]) -> Vec<Outcome> {
        if self.log.arms[arm].scores.is_none() {
            return kernels::METRICS.iter().map(|_| Err("no prediction is logged".to_owned())).collect();
        }
        kernels::measure(&self.truth(rows), &gather(self.predicted(arm), rows))
    }

    fn detail(&self, rows: &[u32], units: Option<&Units>, plan: &Plan, cx: &JobCx) -> Result<Detail, CompareError> {
        cx.stage("Errors", 0);
        Ok(Detail::Regression(Drawn { of: self, rows, units, level: plan.level }.errors(cx)?))
    }

    fn notes(&self, rows: &[u32]) -> Vec<String> {
        let truth = self.truth(rows);
        let zeros = truth.iter().filter(|value| **value == 0.0).count();
        let negative = truth.iter().filter(|value| **value < 0.0).count();
        let mut notes = Vec::new();
        if zeros > 0 {
            notes.push(format!("{zeros} true values are 0, so errors in per cent of the truth have no value."));
        }
        if negative > 0 && negative < truth.len() {
            notes.push(format!("{negative} true values are negative; errors relative to the truth mislead there."));
        }
        notes
    }
}
