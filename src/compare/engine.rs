//! Everything that is sorted and counted once for a log and a population, and what is read off it.

mod agreement;
mod business;
mod checks;
mod cox;
mod custom;
mod decided;
mod families;
mod folds;
mod interval;
mod kept;
mod latency;
mod metrics;
mod notes;
mod operations;
mod population;
mod sample;
mod scored;
mod served;
mod shares;
mod slices;
pub(in crate::compare) mod span;
mod split;
#[cfg(test)]
pub(in crate::compare) mod tests;
mod thresholds;
mod throughput;
mod unlabelled;
mod views;
pub(super) mod words;

use std::borrow::Cow;
use std::sync::{Arc, Mutex, OnceLock};

use rayon::prelude::*;

use self::decided::{Decided, Decides};
use self::folds::Folds;
use self::kept::Kept;
use self::sample::{Sample, Units};
use self::thresholds::Checkpoints;
use self::views::per_arm;
use super::custom::CustomMetric;
use super::detail::Detail;
use super::plan::{Plan, SplitDesign, Threshold};
use super::result::{Comparison, Confusion, JointCounts, PerArm};
use super::slice::{SliceError, SliceSpec};
use super::value::ValueModel;
use crate::job::{Cancelled, JobCx};
use crate::log::{FlowStep, Log, PairBasis, RowMask, ScoreKind, Task};
use crate::metrics::confusion::joint_counts;
use crate::metrics::{self as kernels, Dense, Order};

pub use self::custom::check_custom;
pub use self::slices::cross_slices;
pub use self::split::outcome_directions;

/// Rows above which the joint counts do not follow a drag.
const JOINT_ROWS: usize = 4_000_000;

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
    pub custom: Vec<CustomMetric>,
    /// Other challengers of the run.
    pub rivals: Vec<String>,
    /// What decisions are worth.
    pub value: Option<ValueModel>,
    /// Read of A/B and canary runs.
    pub split: SplitDesign,
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
            custom: Vec::new(),
            rivals: Vec::new(),
            value: None,
            split: SplitDesign::default(),
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
///
/// Columns are borrowed from the log where every row is analysed. What does not depend on the thresholds is kept
/// from one comparison to the next.
pub struct Engine {
    log: Arc<Log>,
    population: Option<RowMask>,
    analysed: RowMask,
    flow: Vec<FlowStep>,
    /// Log row of each analysed row; `None` when every row is analysed.
    rows: Option<Vec<u32>>,
    /// Columns of the analysed rows where they are not those of the log.
    own_labels: Option<Vec<u8>>,
    own_scores: [Option<Vec<f64>>; 2],
    positives: u64,
    orders: [Option<Order>; 2],
    checkpoints: [Option<Checkpoints>; 2],
    units: Option<Units>,
    /// Thresholds read off logged decisions, once asked for.
    implied: [OnceLock<Option<f64>>; 2],
    kept: Mutex<Kept>,
    /// Where no row has a label: all answered rows, for what needs none.
    unlabelled: Option<Box<Engine>>,
    /// Of a run whose arms answered different requests: each arm alone.
    arms: Option<Box<split::Arms>>,
}

impl Engine {
    /// Sort and count the analysed rows of `population` (`None`: of the whole log).
    ///
    /// # Errors
    /// The population names a column that is not there; the log is too long; the job was cancelled.
    pub fn new(log: Arc<Log>, population: Option<SliceSpec>, cx: &JobCx) -> Result<Self, CompareError> {
        if log.arms.is_empty() {
            return Err(CompareError::Plan("the log holds no model".to_owned()));
        }
        if log.rows > kernels::order::MAX_ROWS {
            return Err(CompareError::Plan("the log has more rows than can be compared at once".to_owned()));
        }
        cx.stage("Counting rows", 0);
        cx.check()?;
        if log.split.is_some() {
            return split::engine(log, population.as_ref(), cx);
        }
        let within = population.as_ref().map(|spec| spec.mask(&log)).transpose()?;
        let population::Analysed { mask, flow } = population::analysed(&log, population.as_ref().zip(within.as_ref()));
        let unlabelled = if log.task == Task::Binary && unlabelled::is_unlabelled(&log) {
            let answered = population::answered(&log, within.as_ref());
            Some(Box::new(Self::over(log.clone(), within.clone(), answered, Vec::new(), cx)?))
        } else {
            None
        };
        Ok(Self { unlabelled, ..Self::over(log, within, mask, flow, cx)? })
    }

    /// Sort and count the rows of `mask`; a row without a label counts as negative.
    fn over(
        log: Arc<Log>,
        population: Option<RowMask>,
        mask: RowMask,
        flow: Vec<FlowStep>,
        cx: &JobCx,
    ) -> Result<Self, CompareError> {
        cx.check()?;
        let binary = log.task == Task::Binary && log.split.is_none();
        let mut dense = Dense::gather(&log, &mask);
        if !binary {
            // Numbers are no scores: nothing is ranked by them. Arms with rows of their own are ranked apart.
            dense.scores = [None, None];
        }
        let stand_in = dense.labels.iter().any(|label| *label > 1);
        if stand_in {
            dense.labels = Cow::Owned(vec![0; dense.len()]);
        }
        let positives = dense.positives();
        cx.stage("Sorting scores", 0);
        cx.check()?;
        let orders = match (dense.scores(0), dense.scores(1)) {
            (Some(a), Some(b)) => Order::both([a, b], &dense.labels).map(Some),
            (a, b) => [a, b].map(|scores| scores.map(|scores| Order::new(scores, &dense.labels))),
        };
        cx.check()?;
        let checkpoints = orders.each_ref().map(|order| order.as_ref().map(Checkpoints::new));
        let Dense { rows, labels, scores } = dense;
        let units = Units::of(&log, rows.as_deref());
        let own_labels = (stand_in || rows.is_some()).then(|| labels.into_owned());
        let own_scores = scores.map(|scores| scores.filter(|_| rows.is_some()).map(Cow::into_owned));
        Ok(Self {
            population,
            analysed: mask,
            flow,
            rows,
            own_labels,
            own_scores,
            positives,
            orders,
            checkpoints,
            units,
            implied: Default::default(),
            kept: Mutex::default(),
            unlabelled: None,
            arms: None,
            log,
        })
    }

    pub fn log(&self) -> &Arc<Log> {
        &self.log
    }

    /// Rows behind every number of this engine.
    pub fn analysed(&self) -> &RowMask {
        &self.analysed
    }

    /// A checked plan: thresholds found, unit taken from the log.
    ///
    /// # Errors
    /// A level outside (0, 1), a threshold for an arm without scores, a slice of an unknown column.
    pub fn plan(&self, request: &PlanRequest) -> Result<Plan, CompareError> {
        if !(request.level > 0.0 && request.level < 1.0) {
            return Err(CompareError::Plan(format!(
                "the level {} of the intervals is not between 0 and 1",
                request.level
            )));
        }
        if !(request.partial_fpr > 0.0 && request.partial_fpr <= 1.0) {
            let found = request.partial_fpr;
            return Err(CompareError::Plan(format!(
                "the false-positive rate {found} of the partial AUC is not in (0, 1]"
            )));
        }
        if request.costs.iter().any(|cost| !cost.is_finite() || *cost < 0.0) {
            return Err(CompareError::Plan("a cost is negative or not a number".to_owned()));
        }
        let mut slices: Vec<SliceSpec> = Vec::with_capacity(request.slices.len());
        for slice in &request.slices {
            slices::check(&self.log, slice)?;
            if !slices.contains(slice) {
                slices.push(slice.clone());
            }
        }
        let custom = self.with_value(request)?;
        Ok(Plan {
            kind: self.log.kind,
            task: self.log.task,
            champion: self.log.champion().name.clone(),
            challenger: self.log.challenger().map(|arm| arm.name.clone()),
            thresholds: match &self.arms {
                Some(arms) => self.split_thresholds(arms, request)?,
                None => self.answered_for(request.rule).thresholds(request).map_err(CompareError::Plan)?,
            },
            level: request.level,
            seed: request.seed,
            replicates: request.replicates,
            unit: self.unit(),
            slices,
            partial_fpr: request.partial_fpr,
            costs: request.costs,
            custom,
            rivals: request.rivals.clone(),
            value: request.value.clone(),
            split: self.arms.as_ref().map(|_| split::design(self.log.kind, &request.split, request.rivals.len())),
        })
    }

    /// Column that names the units; of lists the query is one, of boxes the image.
    fn unit(&self) -> Option<String> {
        match (&self.log.units, &self.log.audit.basis) {
            (Some((name, _)), _) => Some(name.clone()),
            (None, PairBasis::Id { column }) if matches!(self.log.task, Task::Ranking | Task::Detection) => {
                Some(column.clone())
            }
            _ => None,
        }
    }

    /// Every number of the plan.
    ///
    /// # Errors
    /// As [`Self::plan`], or cancelled.
    pub fn compare(&self, plan: &Plan, cx: &JobCx) -> Result<Comparison, CompareError> {
        if let Some(arms) = &self.arms {
            return self.compare_split(arms, plan, cx);
        }
        match Folds::of(self, plan) {
            Some(folds) => folds.compare(self, plan, cx),
            None => self.compare_rows(plan, cx),
        }
    }

    /// Rows as they are, whatever fold they are in.
    fn compare_rows(&self, plan: &Plan, cx: &JobCx) -> Result<Comparison, CompareError> {
        if self.log.task != Task::Binary {
            return self.compare_family(plan, cx);
        }
        let sample = self.sample();
        cx.stage("Counting decisions", 0);
        let flags = [0, 1].map(|arm| self.flags(arm, plan.thresholds[arm]));
        let flags = flags.each_ref().map(Option::as_deref);
        let decided = Decided::count(&sample, flags);
        cx.check()?;
        cx.stage("Ranking, losses, calibration", 0);
        let scored = self.scored(&sample, plan, cx)?;
        cx.check()?;
        cx.stage("Latency", 0);
        let latency = self.latency(plan.level);
        cx.check()?;
        let mut metrics = metrics::results(&sample, &scored, &decided, Some(&latency), None, plan);
        let (served, operations) = self.served(plan.level);
        metrics.extend(served);
        cx.stage("Curves and distributions", 0);
        let (curves, (scores, series)) = rayon::join(
            || views::curves(&sample, &scored, plan.level),
            || rayon::join(|| views::scores(&sample), || views::series(self, plan, self.population.as_ref())),
        );
        cx.check()?;
        let validity = checks::checks(self, &sample, plan);
        cx.check()?;
        let own = self.custom(plan, cx)?;
        metrics.extend(self.sliced(plan, sample, flags, cx)?);
        metrics.extend(own.metrics);
        custom::in_order(&mut metrics, plan);
        let paired = decided.paired();
        let (mut agreement, mut agreement_kappa) = if paired { decided.agreement(plan.level) } else { (None, None) };
        let mut scores = scores;
        let mut notes = notes::notes(self, &sample, &scored, &decided, plan);
        notes.extend(own.notes);
        if let Some(answered) = &self.unlabelled {
            let found = answered.unjudged(plan, cx)?;
            (agreement, agreement_kappa, scores) = (found.agreement, found.agreement_kappa, found.scores);
            if let Some(rate) = found.flag_rate
                && let Some(slot) = metrics.iter_mut().find(|metric| metric.name == rate.name && metric.slice.is_none())
            {
                *slot = rate;
            }
            notes.push(notes::unlabelled(found.rows));
        }
        Ok(Comparison {
            population: self.population(),
            validity,
            business: self.business_of_pairs(plan, &metrics, cx)?,
            metrics,
            joint: paired.then_some(JointCounts(decided.joint.0)),
            confusion: per_arm([0, 1].map(|arm| decided.confusion(arm).map(convert))),
            confusion_difference: paired.then(|| decided.cell_differences(plan.level)),
            flips: paired.then(|| decided.flips(plan.level)),
            agreement,
            agreement_kappa,
            agreed: self.agreed(plan, cx)?.map(Box::new),
            curves,
            scores,
            series,
            detail: Detail::Binary,
            operations,
            staleness: None,
            notes,
            plan: plan.clone(),
        })
    }

    /// Exact counts at these thresholds, fast enough for every frame of a drag.
    pub fn live(&self, thresholds: [Threshold; 2]) -> Live {
        if let Some(arms) = &self.arms {
            return Self::split_live(arms, thresholds);
        }
        let confusion = [0, 1].map(|arm| match thresholds[arm].value {
            Some(value) => self.confusion_at(arm, value),
            None => self
                .decision(arm, thresholds[arm])
                .map(|found| kernels::confusion::confusion(self.labels(), found.of())),
        });
        let joint = match [0, 1].map(|arm| self.decision(arm, thresholds[arm])) {
            [Some(a), Some(b)] if self.labels().len() <= JOINT_ROWS => {
                Some(JointCounts(joint_counts(self.labels(), [a.of(), b.of()]).0.0))
            }
            _ => None,
        };
        Live {
            thresholds: thresholds.map(|threshold| threshold.value),
            confusion: per_arm(confusion.map(|found| found.map(convert))),
            joint,
        }
    }

    /// Thresholds under `rule` while the champion's is moved to `champion`; for the threshold control. `None`: the
    /// challenger's is not moved by the rule.
    pub fn matched(&self, rule: ThresholdRule, champion: f64, costs: [f64; 2]) -> [Option<f64>; 2] {
        self.follow(rule, champion, costs)
    }

    /// The rows that thresholds by `rule` are read off: a rule that needs no label takes those without one too.
    fn answered_for(&self, rule: ThresholdRule) -> &Self {
        match (&self.unlabelled, rule) {
            (Some(answered), ThresholdRule::PerArm | ThresholdRule::MatchedFlagRate) => answered,
            _ => self,
        }
    }

    fn labels(&self) -> &[u8] {
        self.own_labels.as_deref().unwrap_or(&self.log.labels)
    }

    fn scores(&self, arm: usize) -> Option<&[f64]> {
        match &self.rows {
            _ if self.log.task != Task::Binary || self.log.split.is_some() => None,
            Some(_) => self.own_scores[arm].as_deref(),
            None => self.log.arms.get(arm)?.scores.as_deref(),
        }
    }

    /// Whether the scores of both arms are on one scale, as far as it can be told: both probabilities, or neither.
    fn one_scale(&self) -> bool {
        matches!(self.log.arms.as_slice(), [a, b, ..] if a.score_kind == b.score_kind)
    }

    fn sample(&self) -> Sample<'_> {
        let probability = |arm: usize| {
            self.log.arms.get(arm).is_some_and(|arm| arm.scores.is_some() && arm.score_kind == ScoreKind::Probability)
        };
        Sample {
            arms: self.log.arms.len().min(2),
            labels: self.labels(),
            positives: self.positives,
            has_positives: self.log.task == Task::Binary,
            scores: [self.scores(0), self.scores(1)],
            orders: self.orders.each_ref().map(Option::as_ref),
            probability: [probability(0), probability(1)],
            units: self.units.as_ref(),
        }
    }

    /// How an arm decides on the analysed rows.
    fn decision(&self, arm: usize, threshold: Threshold) -> Option<Decides<'_>> {
        match threshold.value {
            Some(threshold) => Some(Decides::Score(self.scores(arm)?, threshold)),
            None => {
                let decisions = self.log.arms.get(arm)?.predictions.as_deref()?;
                Some(Decides::Logged(match &self.rows {
                    None => Cow::Borrowed(decisions),
                    Some(rows) => rows.iter().map(|&row| decisions[row as usize]).collect(),
                }))
            }
        }
    }

    /// 1 where an arm flags an analysed row.
    fn flags(&self, arm: usize, threshold: Threshold) -> Option<Vec<u8>> {
        let decision = self.decision(arm, threshold)?;
        let of = decision.of();
        let mut flags = vec![0u8; self.labels().len()];
        flags
            .par_chunks_mut(kernels::BLOCK)
            .enumerate()
            .for_each(|(block, flags)| of.fill(block * kernels::BLOCK, flags));
        Some(flags)
    }
}

fn convert(counts: kernels::Confusion) -> Confusion {
    let [true_negative, false_positive, false_negative, true_positive] = counts.cells();
    Confusion { true_negative, false_positive, false_negative, true_positive }
}
