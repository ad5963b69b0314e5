//! Decision thresholds of a plan, and exact counts at any threshold.

use super::{Engine, PlanRequest, ThresholdRule};
use crate::compare::plan::{Threshold, ThresholdBasis};
use crate::log::{Arm, ScoreKind, Task};
use crate::metrics::confusion::{Confusion, implied_threshold};
use crate::metrics::thresholds::ThresholdIndex;
use crate::metrics::{Order, Undefined};

/// Entries between two checkpoints.
const STEP: usize = 1024;

/// Positives above checkpoints of an order: counts at a threshold cost one search and at most 1,024 entries.
#[derive(Clone, Debug)]
pub(super) struct Checkpoints(Vec<u32>);

impl Checkpoints {
    pub fn new(order: &Order) -> Self {
        let mut sum = 0;
        let mut positives = Vec::with_capacity(order.len() / STEP + 2);
        positives.push(0);
        for block in order.entries().chunks(STEP) {
            sum += block.iter().map(|entry| entry.label()).sum::<u32>();
            positives.push(sum);
        }
        Self(positives)
    }

    /// Counts of the decisions `score >= threshold`.
    pub fn confusion(&self, order: &Order, scores: &[f64], threshold: f64) -> Confusion {
        let rank = order.rank_of(scores, threshold);
        let block = rank / STEP;
        let rest = &order.entries()[block * STEP..rank];
        let hits = u64::from(self.0[block]) + rest.iter().map(|entry| u64::from(entry.label())).sum::<u64>();
        let alarms = rank as u64 - hits;
        Confusion {
            true_negative: order.negatives() - alarms,
            false_positive: alarms,
            false_negative: order.positives() - hits,
            true_positive: hits,
        }
    }
}

impl Engine {
    /// Thresholds of both arms; an arm that is missing or has no score uses its logged decisions.
    ///
    /// # Errors
    /// A threshold that is no number, or for an arm without scores.
    pub(super) fn thresholds(&self, request: &PlanRequest) -> Result<[Threshold; 2], String> {
        if self.log.task != Task::Binary {
            if request.thresholds.iter().any(Option::is_some) {
                return Err(format!("the task {} has no threshold", self.log.task.word()));
            }
            return Ok([Threshold { value: None, basis: ThresholdBasis::LoggedDecisions }; 2]);
        }
        for (arm, given) in request.thresholds.iter().enumerate() {
            let Some(given) = given else { continue };
            let Some(found) = self.log.arms.get(arm) else {
                return Err("a threshold is given for the challenger, but the log holds one model".to_owned());
            };
            if !given.is_finite() {
                return Err(format!("the threshold {given} is not a number"));
            }
            if found.scores.is_none() {
                return Err(format!("{} logs decisions and no score, so no threshold can be set", found.name));
            }
        }
        let own = |arm: usize| match self.log.arms.get(arm) {
            Some(found) => self.own_threshold(arm, found, request.thresholds[arm]),
            None => Threshold { value: None, basis: ThresholdBasis::LoggedDecisions },
        };
        let mut thresholds = [own(0), own(1)];
        let basis = match request.rule {
            ThresholdRule::PerArm => return Ok(thresholds),
            ThresholdRule::MatchedFpr => ThresholdBasis::MatchedFpr,
            ThresholdRule::MatchedFlagRate => ThresholdBasis::MatchedFlagRate,
            ThresholdRule::LeastCost => ThresholdBasis::LeastCost,
        };
        let found = match request.rule {
            ThresholdRule::LeastCost => [0, 1].map(|arm| self.least_cost(arm, request.costs)),
            rule => [None, thresholds[0].value.and_then(|champion| self.match_challenger(rule, champion))],
        };
        for (threshold, found) in thresholds.iter_mut().zip(found) {
            if let Some(value) = found {
                *threshold = Threshold { value: Some(value), basis };
            }
        }
        Ok(thresholds)
    }

    fn own_threshold(&self, arm: usize, found: &Arm, given: Option<f64>) -> Threshold {
        let Some(scores) = &found.scores else {
            return Threshold { value: None, basis: ThresholdBasis::LoggedDecisions };
        };
        let at = |value: f64, basis: ThresholdBasis| Threshold { value: Some(value), basis };
        if let Some(given) = given {
            return at(given, ThresholdBasis::Given);
        }
        let implied = self.implied[arm]
            .get_or_init(|| found.predictions.as_ref().and_then(|decisions| implied_threshold(scores, decisions)));
        if let Some(value) = implied {
            return at(*value, ThresholdBasis::FromDecisions);
        }
        let prevalence = || {
            let rate = self.positives as f64 / self.labels().len().max(1) as f64;
            self.index(arm)?.at_flag_rate(rate).ok()
        };
        match found.score_kind {
            ScoreKind::Decision => match prevalence() {
                Some(cut) => at(cut.threshold, ThresholdBasis::Prevalence),
                None => at(0.5, ThresholdBasis::Half),
            },
            ScoreKind::Probability => at(0.5, ThresholdBasis::Half),
        }
    }

    fn index(&self, arm: usize) -> Option<ThresholdIndex<'_>> {
        Some(ThresholdIndex::new(self.orders[arm].as_ref()?, self.scores(arm)?))
    }

    fn least_cost(&self, arm: usize, costs: [f64; 2]) -> Option<f64> {
        self.index(arm)?.least_cost(costs[0], costs[1]).ok().map(|cut| cut.threshold)
    }

    /// Challenger's threshold at the champion's rate.
    fn match_challenger(&self, rule: ThresholdRule, champion: f64) -> Option<f64> {
        let counts = self.confusion_at(0, champion)?;
        let index = self.index(1)?;
        let ratio =
            |part: u64, whole: u64| if whole > 0 { Ok(part as f64 / whole as f64) } else { Err(Undefined("no row")) };
        let cut = match rule {
            ThresholdRule::MatchedFpr => {
                index.at_false_positive_rate(ratio(counts.false_positive, counts.negatives()).ok()?)
            }
            ThresholdRule::MatchedFlagRate => index.at_flag_rate(ratio(counts.flagged(), counts.rows()).ok()?),
            ThresholdRule::PerArm | ThresholdRule::LeastCost => return None,
        };
        cut.ok().map(|cut| cut.threshold)
    }

    /// Exact counts of an arm at a threshold.
    pub(super) fn confusion_at(&self, arm: usize, threshold: f64) -> Option<Confusion> {
        let (order, checkpoints) = (self.orders[arm].as_ref()?, self.checkpoints[arm].as_ref()?);
        Some(checkpoints.confusion(order, self.scores(arm)?, threshold))
    }

    /// As [`Engine::matched`].
    pub(super) fn follow(&self, rule: ThresholdRule, champion: f64, costs: [f64; 2]) -> [Option<f64>; 2] {
        let challenger = match rule {
            ThresholdRule::PerArm => None,
            ThresholdRule::LeastCost => self.least_cost(1, costs),
            rule => self.match_challenger(rule, champion),
        };
        [Some(champion), challenger]
    }
}
