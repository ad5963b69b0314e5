//! A log in which no row has a label yet: what both models answered can be compared, who is right cannot.

use super::decided::Decided;
use super::{CompareError, Engine, metrics, views};
use crate::compare::plan::{Plan, ThresholdBasis};
use crate::compare::result::{Estimate, MetricResult, ScoreSummary};
use crate::job::JobCx;
use crate::log::Log;

/// What needs no label.
#[derive(Debug, Default)]
pub(super) struct Unjudged {
    pub rows: u64,
    pub agreement: Option<Estimate>,
    pub agreement_kappa: Option<f64>,
    pub flag_rate: Option<MetricResult>,
    pub scores: Option<ScoreSummary>,
}

/// Whether `log` has rows and none of them a label.
pub(super) fn is_unlabelled(log: &Log) -> bool {
    log.rows > 0 && log.labels.iter().all(|label| *label > 1)
}

impl Engine {
    /// Figures over all answered rows; `self` holds them under one stand-in class, which none of these figures sees.
    pub(super) fn unjudged(&self, plan: &Plan, cx: &JobCx) -> Result<Unjudged, CompareError> {
        let sample = self.sample();
        let scores = views::scores(&sample);
        cx.check()?;
        let mut found = Unjudged { rows: sample.rows(), scores, ..Unjudged::default() };
        if plan.thresholds.iter().any(|threshold| threshold.basis == ThresholdBasis::Prevalence) {
            // How many to flag was to be read off the labels.
            return Ok(found);
        }
        let flags = [0, 1].map(|arm| self.flags(arm, plan.thresholds[arm]));
        let decided = Decided::count(&sample, flags.each_ref().map(Option::as_deref));
        if sample.rows() > 0 {
            found.flag_rate = metrics::flag_rate(&sample, &decided, plan);
        }
        if decided.paired() {
            (found.agreement, found.agreement_kappa) = decided.agreement(plan.level);
        }
        Ok(found)
    }
}
