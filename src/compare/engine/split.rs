//! Comparison of a run in which each request was answered by one arm: every arm is measured alone, differences are
//! unpaired.

mod apart;
mod balance;
mod checks;
mod figure;
mod kayenta;
mod latency;
mod looks;
mod omnibus;
mod outcomes;
mod own;
mod planned;
mod ratio;
mod relative;
mod strata;
mod tally;

use std::sync::Arc;

use self::figure::Method;
use self::planned::Reached;
use self::strata::By;
use self::tally::Tally;
use super::operations::operations;
use super::sample::Units;
use super::views::per_arm;
use super::{CompareError, Engine, Live, PlanRequest, ThresholdRule, custom, interval, metrics, throughput, words};
use crate::compare::detail::{Detail, SplitDetail};
use crate::compare::plan::{Looks, Plan, SplitDesign, Threshold, ThresholdBasis};
use crate::compare::result::{Better, Comparison, Curves, MetricResult, PerArm, Population, ScoreSummary, Unit};
use crate::compare::slice::SliceSpec;
use crate::job::JobCx;
use crate::log::{FlowStep, Log, Measure, RowMask, RunKind, Split, Task};

/// Units at which confidence sequences are tightest where the policy plans none: at a tenth and at ten times as many
/// they are some 5 % wider than the narrowest, which a larger number would be for none but long runs.
const PLANNED: u64 = 1_000;

/// The arms of a split run: rows of the log, and the engine over them alone.
pub(super) struct Arms {
    pub rows: [Vec<u32>; 2],
    engines: [Engine; 2],
}

/// The rows of the arms with their units, all or of a slice.
struct Rows<'a> {
    log: &'a Log,
    split: &'a Split,
    rows: [&'a [u32]; 2],
    /// `None`: every row is its own unit.
    units: [Option<Units>; 2],
    /// What differences are taken within.
    by: Option<By<'a>>,
}

impl<'a> Rows<'a> {
    fn of(log: &'a Log, split: &'a Split, rows: [&'a [u32]; 2]) -> Self {
        // Where a unit of one arm has several rows, those of the other are counted by unit too.
        let units = rows.map(|rows| Units::every(log, rows));
        let several = |(units, rows): (&Option<Units>, &&[u32])| units.as_ref().is_some_and(|of| of.count < rows.len());
        let units = if units.iter().zip(&rows).any(several) { units } else { [None, None] };
        Self { log, split, rows, units, by: None }
    }

    /// The rows of the run, within what differences are taken in.
    fn stratified(log: &'a Log, split: &'a Split, rows: [&'a [u32]; 2]) -> Self {
        let all = Self::of(log, split, rows);
        let by = By::of(log, split, &all.firsts());
        Self { by, ..all }
    }

    /// Some of the rows, within the same strata.
    fn within<'b>(&self, rows: [&'b [u32]; 2]) -> Rows<'b>
    where
        'a: 'b,
    {
        Rows { by: self.by, ..Rows::of(self.log, self.split, rows) }
    }

    /// The first row of each unit.
    fn firsts(&self) -> [Vec<u32>; 2] {
        [0, 1].map(|arm: usize| match &self.units[arm] {
            None => self.rows[arm].to_vec(),
            Some(units) => {
                let mut seen = vec![false; units.count];
                let first = |(_, unit): &(&u32, &u32)| !std::mem::replace(&mut seen[**unit as usize], true);
                self.rows[arm].iter().zip(&units.codes).filter(first).map(|(row, _)| *row).collect()
            }
        })
    }

    fn unit_counts(&self) -> [u64; 2] {
        [0, 1].map(|arm| self.units[arm].as_ref().map_or(self.rows[arm].len(), |units| units.count) as u64)
    }

    fn clustered(&self) -> bool {
        self.units.iter().any(Option::is_some)
    }

    /// An empty tally for each arm.
    fn tallies(&self) -> [Tally; 2] {
        self.units.each_ref().map(|units| Tally::new(units.as_ref().map_or(0, |units| units.count), self.by.as_ref()))
    }

    fn stratum(&self, row: u32) -> usize {
        self.by.as_ref().map_or(0, |by| by.stratum(row))
    }
}

/// The engine of a split run.
pub(super) fn engine(log: Arc<Log>, population: Option<&SliceSpec>, cx: &JobCx) -> Result<Engine, CompareError> {
    let Some(split) = &log.split else {
        return Err(CompareError::Plan("the log has no arms of its own".to_owned()));
    };
    let within = population.map(|spec| spec.mask(&log)).transpose()?;
    let mask = within.clone().unwrap_or_else(|| RowMask::all(log.rows));
    let flow = flow(&log, split, population.map(|spec| (spec, mask.count() as u64)));
    let rows = [0, 1].map(|arm| {
        let mut rows = split.rows(arm);
        rows.retain(|&row| mask.contains(row as usize));
        rows
    });
    let alone = |arm: usize| Engine::new(Arc::new(log.alone(arm, &rows[arm])), None, cx);
    let (champion, challenger) = (alone(0)?, alone(1)?);
    let whole = Engine::over(log.clone(), within, mask, flow, cx)?;
    Ok(Engine { arms: Some(Box::new(Arms { rows, engines: [champion, challenger] })), ..whole })
}

/// From all lines with an id to the rows of both arms.
fn flow(log: &Log, split: &Split, slice: Option<(&SliceSpec, u64)>) -> Vec<FlowStep> {
    let audit = &log.audit;
    let rows = log.rows as u64;
    let step = |name: &str, rows: u64, lost: Vec<(String, u64)>| FlowStep { name: name.to_owned(), rows, lost };
    let refused = if audit.conflicts_kept { 0 } else { audit.duplicate_different };
    let causes = [
        ("of ids or units that both arms served", split.both.lines),
        ("no id", audit.without_id),
        ("conflicting ids", refused),
    ];
    let lost: Vec<(String, u64)> =
        causes.into_iter().filter(|(_, count)| *count > 0).map(|(name, count)| (name.to_owned(), count)).collect();
    let all = rows + lost.iter().map(|(_, count)| count).sum::<u64>();
    let mut flow = vec![step("All requests", all, Vec::new()), step("Analysed", rows, lost)];
    if let Some((spec, within)) = slice {
        let outside = if rows > within { vec![("other rows".to_owned(), rows - within)] } else { Vec::new() };
        flow.push(step(&spec.to_string(), within, outside));
    }
    flow
}

pub(super) use self::outcomes::name as outcome_name;

/// Names of the outcomes as metrics, with the directions that the names say, and what they are measured in.
pub fn outcome_directions(split: &Split) -> Vec<(String, Better, Unit)> {
    let of = |outcome: &Measure| {
        let name = outcomes::name(outcome);
        let better = outcomes::better(&name, &SplitDesign::default());
        (name, better, if outcome.two_valued { Unit::Share } else { Unit::Number })
    };
    split.outcomes.iter().map(of).collect()
}

/// Share of the pair of champion and challenger, of a share of all units of a run in which `rivals` more challengers get
/// as much each. One that leaves the champion nothing can only be meant of the pair.
pub(super) fn of_pair(share: f64, rivals: usize) -> f64 {
    let others = share * rivals as f64;
    if others + share < 1.0 { share / (1.0 - others) } else { share }
}

/// What is left open of the design; shares are those of the pair.
pub(super) fn design(kind: RunKind, asked: &SplitDesign, rivals: usize) -> SplitDesign {
    let looks = asked.looks.unwrap_or(if kind == RunKind::Canary { Looks::Any } else { Looks::Once });
    let half = (kind == RunKind::Ab).then_some(0.5);
    SplitDesign {
        looks: Some(looks),
        planned_units: Some(asked.planned_units.unwrap_or(PLANNED)),
        challenger_share: asked.challenger_share.map(|share| of_pair(share, rivals)).or(half),
        stage_shares: asked
            .stage_shares
            .iter()
            .map(|(stage, share)| (stage.clone(), of_pair(*share, rivals)))
            .collect(),
        ..asked.clone()
    }
}

impl Engine {
    /// Thresholds of arms that answered different requests: each is found on its own rows.
    pub(super) fn split_thresholds(&self, arms: &Arms, request: &PlanRequest) -> Result<[Threshold; 2], CompareError> {
        if matches!(request.rule, ThresholdRule::MatchedFpr | ThresholdRule::MatchedFlagRate) {
            let message = "thresholds can be matched only where both models answered the same requests";
            return Err(CompareError::Plan(message.to_owned()));
        }
        let own = |arm: usize| {
            if self.log.arms[arm].scores.is_none() && self.log.arms[arm].predictions.is_none() {
                return Ok(Threshold { value: None, basis: ThresholdBasis::LoggedDecisions });
            }
            let alone = PlanRequest {
                thresholds: [request.thresholds[arm], None],
                slices: Vec::new(),
                custom: Vec::new(),
                value: None,
                ..request.clone()
            };
            Ok::<_, CompareError>(arms.engines[arm].plan(&alone)?.thresholds[0])
        };
        Ok([own(0)?, own(1)?])
    }

    /// Counts at the thresholds, of each arm on its own rows.
    pub(super) fn split_live(arms: &Arms, thresholds: [Threshold; 2]) -> Live {
        let none = Threshold { value: None, basis: ThresholdBasis::LoggedDecisions };
        let of = |arm: usize| arms.engines[arm].live([thresholds[arm], none]).confusion.champion;
        Live { thresholds: thresholds.map(|one| one.value), confusion: per_arm([of(0), of(1)]), joint: None }
    }

    /// Every number of the plan of a split run.
    pub(super) fn compare_split(&self, arms: &Arms, plan: &Plan, cx: &JobCx) -> Result<Comparison, CompareError> {
        let Some(split) = &self.log.split else {
            return Err(CompareError::Plan("the log has no arms of its own".to_owned()));
        };
        let design = plan.split.clone().unwrap_or_default();
        let all = Rows::stratified(&self.log, split, [&arms.rows[0], &arms.rows[1]]);
        let looks = design.looks.unwrap_or_default();
        let reached = (looks == Looks::Planned)
            .then(|| Reached::of(&design, all.unit_counts().iter().sum(), plan.level))
            .transpose()
            .map_err(|reason| CompareError::Plan(format!("the planned looks: {reason}")))?;
        // A planned look is one look, at a level of its own.
        let method = Method {
            level: reached.as_ref().map_or(plan.level, |reached| reached.level),
            at_any_look: looks == Looks::Any,
            planned: design.planned_units.unwrap_or(PLANNED),
            exact: plan.kind == RunKind::Canary,
        };
        cx.stage("Outcomes", 1 + plan.slices.len() as u64);
        let mut detail = SplitDetail {
            rows: all.rows.map(|rows| rows.len() as u64),
            units: all.unit_counts(),
            positives: self.split_positives(&all),
            ..SplitDetail::default()
        };
        let mut found = outcomes::measure(&all, &method, &design, None, Some(&mut detail));
        if let Some(asked) = &design.kayenta {
            kayenta::judge(&all, asked, &design, None, &mut detail, cx)?;
        }
        let mut own = custom::Found::default();
        let defined = custom::computable(&self.log, &plan.custom)?;
        for metric in &defined {
            own::measure(metric, &all, (&method, plan), None, &mut own, cx)?;
        }
        cx.advance(1);
        let mut of_slices = Vec::new();
        let mut parts = Vec::with_capacity(plan.slices.len());
        for spec in &plan.slices {
            cx.check()?;
            let mask = spec.mask(&self.log)?;
            let rows = [0, 1].map(|arm: usize| -> Vec<u32> {
                arms.rows[arm].iter().copied().filter(|&row| mask.contains(row as usize)).collect()
            });
            let within = all.within([&rows[0], &rows[1]]);
            let name = spec.to_string();
            of_slices.extend(outcomes::measure(&within, &method, &design, Some(&name), None));
            if let Some(asked) = &design.kayenta {
                kayenta::judge(&within, asked, &design, Some(&name), &mut detail, cx)?;
            }
            for metric in &defined {
                own::measure(metric, &within, (&method, plan), Some(&name), &mut own, cx)?;
            }
            parts.push((name, rows));
            cx.advance(1);
        }
        let alone = self.each_alone(arms, &Plan { level: method.level, ..plan.clone() }, cx)?;
        found.extend(
            alone.iter().flat_map(|alone| merged(&method, &alone.each_ref().map(|one| one.metrics.as_slice()))),
        );
        found.extend(latency::mean(&all, &method, None));
        if alone.is_none() {
            found.extend(latency::of_arms(arms, &method));
        }
        let course = throughput::of_arms(&self.log, split, all.rows);
        found.extend(course.as_ref().and_then(|course| course.throughput(plan.level)));
        if method.at_any_look {
            latency::at_any_look(&all, arms, &method, &mut found);
        }
        latency::within_strata(&all, &method, &mut found);
        latency::guarded(&all, None, &mut found);
        for (name, rows) in &parts {
            latency::guarded(&all.within([&rows[0], &rows[1]]), Some(name), &mut found);
        }
        // Slices after the whole, as everywhere.
        let (whole, sliced): (Vec<_>, Vec<_>) = found.into_iter().partition(|metric| metric.slice.is_none());
        let mut metrics: Vec<MetricResult> = whole.into_iter().chain(of_slices).chain(sliced).collect();
        metrics.extend(own.metrics);
        custom::in_order(&mut metrics, plan);
        let whole_level = Method { level: plan.level, ..method };
        if let Some(reached) = &reached {
            reached.tell(&mut metrics, plan.level);
            Reached::clear(&mut detail);
        }
        cx.stage("Looks and stages", 0);
        cx.check()?;
        outcomes::stages(&all, &whole_level, (&design, plan.rivals.len()), &mut detail);
        if reached.is_some() {
            // Intervals of stages hold at one look only.
            detail
                .stages
                .iter_mut()
                .flat_map(|stage| &mut stage.outcomes)
                .for_each(|outcome| outcome.difference = None);
        }
        let stray = looks::over_time(&all, &whole_level, &mut detail, cx)?;
        let balance::Found { balance, left_out } = balance::balance(&all);
        let columns: Vec<&str> = balance.iter().map(|one| one.column.as_str()).collect();
        detail.omnibus = omnibus::omnibus(&all, &columns);
        detail.balance = balance;
        cx.check()?;
        let mut validity = checks::checks(self, &all, &design, &detail, &left_out);
        validity.extend(reached.as_ref().map(|reached| reached.check(plan.level)));
        let mut notes = self.split_notes(&all, &method, looks);
        notes.extend(stray);
        notes.extend(unknown_metrics(&design, &metrics));
        notes.extend(own.notes);
        let (confusion, curves, scores) = drawn(alone);
        Ok(Comparison {
            population: Population { positives: detail.positives.map(|[a, b]| a + b), ..self.population() },
            validity,
            business: self.business(plan, &metrics, all.rows, cx)?.map(Box::new),
            metrics,
            joint: None,
            confusion,
            confusion_difference: None,
            flips: None,
            agreement: None,
            agreement_kappa: None,
            agreed: None,
            curves,
            scores,
            series: Vec::new(),
            detail: Detail::Split(detail),
            operations: operations(&self.log, self.population.as_ref(), course.as_ref()),
            staleness: None,
            notes,
            plan: plan.clone(),
        })
    }

    /// Rows of the positive class of each arm, where both arms' answers can be held against labels.
    fn split_positives(&self, all: &Rows<'_>) -> Option<[u64; 2]> {
        let labels = |arm: usize| all.rows[arm].iter().map(|&row| self.log.labels[row as usize]);
        let answered = self.log.arms.iter().all(|arm| arm.scores.is_some() || arm.predictions.is_some());
        let known = answered && self.log.task == Task::Binary && (0..2).any(|arm| labels(arm).any(|label| label <= 1));
        known.then(|| [0, 1].map(|arm| labels(arm).filter(|label| *label == 1).count() as u64))
    }

    /// Each arm compared as a log of one model; `None` where no answer of a model is logged.
    fn each_alone(&self, arms: &Arms, plan: &Plan, cx: &JobCx) -> Result<Option<[Comparison; 2]>, CompareError> {
        if self.log.arms.iter().any(|arm| arm.scores.is_none() && arm.predictions.is_none()) {
            return Ok(None);
        }
        let of = |arm: usize| {
            let name = if arm == 0 { Some(plan.champion.clone()) } else { plan.challenger.clone() };
            let none = Threshold { value: None, basis: ThresholdBasis::LoggedDecisions };
            let alone = Plan {
                champion: name.unwrap_or_default(),
                challenger: None,
                thresholds: [plan.thresholds[arm], none],
                split: None,
                custom: Vec::new(),
                value: None,
                ..plan.clone()
            };
            arms.engines[arm].compare(&alone, cx)
        };
        Ok(Some([of(0)?, of(1)?]))
    }

    fn split_notes(&self, all: &Rows<'_>, method: &Method, looks: Looks) -> Vec<String> {
        let mut notes = Vec::new();
        if all.rows.iter().any(|rows| rows.is_empty()) {
            notes.push("An arm has no row, so there is nothing to compare.".to_owned());
        }
        notes.push(match looks {
            Looks::Once => "Intervals are those of one look at the end of the run; whoever looks earlier reads the confidence sequences over time.".to_owned(),
            Looks::Planned => "Intervals are those of the planned look that the run has reached: all planned looks together hold the level.".to_owned(),
            Looks::Any => format!(
                "Intervals are confidence sequences, which hold however often somebody looks; they are tightest at {} units.",
                words::count(method.planned)
            ),
        });
        if let (true, Some((column, _))) = (all.clustered(), &self.log.units) {
            let [a, b] = all.unit_counts();
            notes.push(format!(
                "Intervals are by {column}: {} units of the champion, {} of the challenger.",
                words::count(a),
                words::count(b)
            ));
        }
        if let Some(by) = &all.by {
            let word = by.word();
            notes.push(format!(
                "Differences of outcomes are taken within each {word} and weighted by its rows, since the arms' shares of traffic change; the arms' own values are over all their requests."
            ));
        }
        if all.split.both.units > 0 {
            notes.push(format!(
                "{} both arms and were left out.",
                words::counted(all.split.both.units, "unit was served by", "units were served by")
            ));
        }
        notes
    }
}

/// Directions that the policy declares of what the run does not measure, for which a slip of the pen is the likely
/// reason.
fn unknown_metrics(design: &SplitDesign, metrics: &[MetricResult]) -> Option<String> {
    let known = |name: &str| metrics.iter().any(|metric| metric.name == name);
    let unknown: Vec<&str> = design.better.keys().map(String::as_str).filter(|name| !known(name)).collect();
    (!unknown.is_empty()).then(|| {
        format!("The policy declares what is better of {}, which the run does not measure.", unknown.join(", "))
    })
}

/// Metrics of both arms side by side, with unpaired differences.
fn merged(method: &Method, [a, b]: &[&[MetricResult]; 2]) -> Vec<MetricResult> {
    let labelled = a.iter().chain(*b).any(|metric| metric.positives.is_some_and(|positives| positives > 0));
    let both = |first: &MetricResult| {
        let second = b.iter().find(|other| other.name == first.name && other.slice == first.slice)?;
        let arms = PerArm { champion: first.arms.champion.clone(), challenger: second.arms.champion.clone() };
        let range = metrics::range_of(&first.name, first.unit, first.better);
        let difference = match (&arms.champion, &arms.challenger) {
            (Some(a), Some(b)) => Some(apart::apart(method, a, b, range).unwrap_or_else(|| {
                let why = if b.lo.is_none() { &b.method } else { &a.method };
                interval::bare_difference(b.value - a.value, method.level, why, a.n + b.n)
            })),
            _ => None,
        };
        let undefined = match (&first.undefined, &second.undefined) {
            (Some(a), Some(b)) if a == b => Some(a.clone()),
            (Some(a), Some(b)) => Some(format!("champion: {a}; challenger: {b}")),
            (Some(a), None) => Some(format!("champion: {a}")),
            (None, Some(b)) => Some(format!("challenger: {b}")),
            (None, None) => None,
        };
        let arms = if method.at_any_look {
            let at_any = |arm: Option<_>| arm.map(|arm| apart::at_any_look(method, arm, range));
            PerArm { champion: at_any(arms.champion), challenger: at_any(arms.challenger) }
        } else {
            arms
        };
        Some(MetricResult {
            arms,
            difference,
            rows: first.rows + second.rows,
            positives: first.positives.zip(second.positives).map(|(a, b)| a + b),
            arm_positives: first.positives.zip(second.positives).map(|(a, b)| [a, b]),
            undefined,
            ..first.clone()
        })
    };
    let merged = a.iter().filter_map(both);
    merged.filter(|metric| labelled || metric.arms.champion.is_some() || metric.arms.challenger.is_some()).collect()
}

/// What is drawn of each arm alone.
fn drawn(alone: Option<[Comparison; 2]>) -> (PerArm<crate::compare::result::Confusion>, Curves, Option<ScoreSummary>) {
    let Some([a, b]) = alone else {
        return (PerArm::default(), Curves::default(), None);
    };
    let confusion = PerArm { champion: a.confusion.champion, challenger: b.confusion.champion };
    let curves = Curves {
        roc: PerArm { champion: a.curves.roc.champion, challenger: b.curves.roc.champion },
        precision_recall: PerArm {
            champion: a.curves.precision_recall.champion,
            challenger: b.curves.precision_recall.champion,
        },
        calibration: PerArm { champion: a.curves.calibration.champion, challenger: b.curves.calibration.champion },
        undefined: a.curves.undefined.or(b.curves.undefined),
    };
    (confusion, curves, None)
}
