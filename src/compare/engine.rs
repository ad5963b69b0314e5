//! Everything that is sorted and counted once for a log and a population, and what is read off it.

use std::sync::Arc;

use super::plan::{Plan, Threshold};
use super::result::{Comparison, Confusion, JointCounts, PerArm};
use super::slice::{SliceError, SliceSpec};
use crate::job::{Cancelled, JobCx};
use crate::log::{Log, RowMask};

/// Why a comparison cannot be made. Messages say what to do.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    #[error("{0}")]
    Plan(String),
    #[error(transparent)]
    Slice(#[from] SliceError),
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

/// How the thresholds of the arms are found.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum ThresholdRule {
    /// Each arm's own: given, else read off its logged decisions, else one half or the prevalence.
    #[default]
    PerArm,
    /// Challenger at the champion's false-positive rate.
    MatchedFpr,
    /// Challenger at the champion's flag rate.
    MatchedFlagRate,
    /// Least cost, each arm for itself.
    LeastCost,
}

/// What is asked; what is left open is read off the log. Costs: of a false positive, of a false negative.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanRequest {
    /// Given thresholds, champion first.
    pub thresholds: [Option<f64>; 2],
    pub rule: ThresholdRule,
    pub level: f64,
    pub seed: u64,
    pub replicates: u32,
    pub slices: Vec<SliceSpec>,
    pub partial_fpr: f64,
    pub costs: [f64; 2],
}

impl Default for PlanRequest {
    fn default() -> Self {
        Self {
            thresholds: [None; 2],
            rule: ThresholdRule::PerArm,
            level: 0.95,
            seed: 1,
            replicates: 2_000,
            slices: Vec::new(),
            partial_fpr: 0.01,
            costs: [1.0, 1.0],
        }
    }
}

/// What follows a dragged threshold within one frame.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Live {
    pub thresholds: [Option<f64>; 2],
    pub confusion: PerArm<Confusion>,
    /// `None` where the rows are too many for one frame; it follows when the drag ends.
    pub joint: Option<JointCounts>,
}

/// A log, the analysed rows of a population, their orders and indices.
pub struct Engine {
    log: Arc<Log>,
}

impl Engine {
    /// Sort and count the analysed rows of `population` (`None`: of the whole log).
    ///
    /// # Errors
    /// The population names a column that is not there; the job was cancelled.
    pub fn new(log: Arc<Log>, population: Option<SliceSpec>, cx: &JobCx) -> Result<Self, CompareError> {
        let _ = population;
        cx.check()?;
        Ok(Self { log })
    }

    pub fn log(&self) -> &Arc<Log> {
        &self.log
    }

    /// Rows behind every number of this engine.
    pub fn analysed(&self) -> &RowMask {
        unimplemented!()
    }

    /// A checked plan: thresholds found, unit taken from the log.
    ///
    /// # Errors
    /// A level outside (0, 1), a threshold for an arm without scores, a slice of an unknown column.
    pub fn plan(&self, request: &PlanRequest) -> Result<Plan, CompareError> {
        let _ = request;
        Err(CompareError::Plan("not built".to_owned()))
    }

    /// Every number of the plan.
    ///
    /// # Errors
    /// As [`Self::plan`], or cancelled.
    pub fn compare(&self, plan: &Plan, cx: &JobCx) -> Result<Comparison, CompareError> {
        let _ = (plan, cx);
        Err(CompareError::Plan("not built".to_owned()))
    }

    /// Exact counts at these thresholds, fast enough for every frame of a drag.
    pub fn live(&self, thresholds: [Threshold; 2]) -> Live {
        let _ = thresholds;
        Live::default()
    }

    /// Thresholds under `rule` while the champion's is moved to `champion`; for the threshold control.
    pub fn matched(&self, rule: ThresholdRule, champion: f64, costs: [f64; 2]) -> [Option<f64>; 2] {
        let _ = (rule, costs);
        [Some(champion), None]
    }
}

/// One slice per combination of values of `columns` that the log holds, in the order of the values.
///
/// # Errors
/// A column is not there or holds numbers without few values.
pub fn cross_slices(log: &Log, columns: &[String]) -> Result<Vec<SliceSpec>, SliceError> {
    let _ = (log, columns);
    Ok(Vec::new())
}
