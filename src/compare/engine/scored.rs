//! What the scores give at any threshold: areas, losses, calibration, each with the moments of its influence.

use rayon::prelude::*;

use super::cox;
use super::sample::{Sample, Spread, convert, pair_arms};
use crate::compare::plan::Plan;
use crate::job::{Cancelled, JobCx};
use crate::metrics::calibration::{self, Losses};
use crate::metrics::influence::{ap_influence, auc_influence};
use crate::metrics::partial::{PartialAuc, partial_auc};
use crate::metrics::sweep::{Placements, delong_moments, sweep};
use crate::metrics::{BLOCK, PairMoments, Sweep};
use crate::stats::Cov2;

type Values = [Option<Result<f64, String>>; 2];

/// Areas under the ROC curve.
#[derive(Clone, Debug)]
pub(super) enum Areas {
    /// Moments of DeLong's components over negatives and positives, champion first. With one scored arm both
    /// variables are that arm.
    Rows { values: Values, classes: Option<[Cov2; 2]> },
    /// Components as influence, summed by unit (Obuchowski 1997).
    Units(Spread),
}

/// Everything the scores of a sample give without a threshold.
#[derive(Clone, Debug)]
pub(super) struct Scored {
    pub sweeps: [Option<Sweep>; 2],
    pub areas: Areas,
    pub average_precision: Spread,
    pub partial_fpr: f64,
    pub partial: Spread,
    pub log_loss: Spread,
    pub brier: Spread,
    pub calibration_error: Values,
    pub slope: Spread,
    pub intercept: Spread,
    /// Rows of each arm whose probability was clipped before the logarithm.
    pub clipped: [u64; 2],
}

/// Measure the scores of a sample. `partial_fpr` as in [`Plan`].
pub(super) fn measure(sample: &Sample<'_>, plan: &Plan, cx: &JobCx) -> Result<Scored, Cancelled> {
    let walk = |arm: usize| sample.orders[arm].map(|order| sweep(order, true));
    let (champion, challenger) = rayon::join(|| walk(0), || walk(1));
    let (sweeps, placements) = unzip([champion, challenger]);
    cx.check()?;
    let areas = areas(sample, &sweeps, &placements);
    let partial = partial(sample, &placements, plan.partial_fpr);
    drop(placements);
    cx.check()?;
    let average_precision = precision(sample, &sweeps);
    cx.check()?;
    let (losses, [slope, intercept]) = rayon::join(|| losses(sample), || cox::measure(sample));
    let (brier, log_loss, clipped) = losses;
    Ok(Scored {
        areas,
        average_precision,
        partial_fpr: plan.partial_fpr,
        partial,
        log_loss,
        brier,
        calibration_error: calibration_error(sample),
        slope,
        intercept,
        clipped,
        sweeps,
    })
}

fn unzip(walks: [Option<(Sweep, Option<Placements>)>; 2]) -> ([Option<Sweep>; 2], [Option<Placements>; 2]) {
    let [a, b] = walks.map(|walk| match walk {
        Some((sweep, placements)) => (Some(sweep), placements),
        None => (None, None),
    });
    ([a.0, b.0], [a.1, b.1])
}

/// A value per arm of the log; arms without a score have that as the reason.
fn values(sample: &Sample<'_>, value: impl Fn(usize) -> Result<f64, String>) -> Values {
    [0, 1].map(|arm| {
        (arm < sample.arms).then(|| match sample.scores[arm] {
            Some(_) => value(arm),
            None => Err("no score is logged".to_owned()),
        })
    })
}

fn defined(values: &Values, arm: usize) -> Option<f64> {
    values[arm].as_ref()?.as_ref().ok().copied()
}

/// Both arms' things, the one there is twice where the other has none.
fn doubled<T: Copy>(pair: [Option<T>; 2]) -> Option<[T; 2]> {
    match pair {
        [Some(a), Some(b)] => Some([a, b]),
        [Some(one), None] | [None, Some(one)] => Some([one, one]),
        [None, None] => None,
    }
}

fn two_classes(sample: &Sample<'_>) -> bool {
    sample.positives > 0 && sample.negatives() > 0
}

fn areas(sample: &Sample<'_>, sweeps: &[Option<Sweep>; 2], placements: &[Option<Placements>; 2]) -> Areas {
    let values = values(sample, |arm| match &sweeps[arm] {
        Some(sweep) => sweep.auc.map_err(|reason| reason.to_string()),
        None => Err("no score is logged".to_owned()),
    });
    if sample.units.is_some() {
        let vectors =
            [0, 1].map(|arm| Some(auc_influence(placements[arm].as_ref()?, sample.labels, defined(&values, arm)?)));
        return Areas::Units(Spread::of(values, vectors, sample.units));
    }
    let pair = doubled(placements.each_ref().map(Option::as_ref)).filter(|_| two_classes(sample));
    let classes = pair.map(|[a, b]| delong_moments(a, b, sample.labels).map(|class| cov(&class)));
    Areas::Rows { values, classes }
}

fn cov(pair: &PairMoments) -> Cov2 {
    let PairMoments { n, mean_a, mean_b, saa, sbb, sab } = *pair;
    Cov2 { n, mean_a, mean_b, saa, sbb, sab }
}

fn precision(sample: &Sample<'_>, sweeps: &[Option<Sweep>; 2]) -> Spread {
    let values = values(sample, |arm| match &sweeps[arm] {
        Some(sweep) => sweep.average_precision.map_err(|reason| reason.to_string()),
        None => Err("no score is logged".to_owned()),
    });
    let vector = |arm: usize| ap_influence(sample.orders[arm]?, defined(&values, arm)?).ok();
    let (champion, challenger) = rayon::join(|| vector(0), || vector(1));
    Spread::of(values, [champion, challenger], sample.units)
}

/// Negatives up to the limit below which the curve there is a step or two.
const FEW_ALARMS: f64 = 5.0;

/// Partial AUC in McClish's scale.
fn partial<'a>(sample: &Sample<'a>, placements: &'a [Option<Placements>; 2], limit: f64) -> Spread {
    let found = [0, 1].map(|arm| sample.orders[arm].map(|order| partial_auc(order, limit)));
    let values = values(sample, |arm| match &found[arm] {
        Some(found) => found.as_ref().map(|found| found.standardised).map_err(|reason| reason.to_string()),
        None => Err("no score is logged".to_owned()),
    });
    if limit * (sample.negatives() as f64) < FEW_ALARMS {
        let share = super::words::percent(limit);
        let missing = format!("fewer than {FEW_ALARMS} negative rows make up a false-positive rate of {share}");
        return Spread { values, missing: Some(missing), ..Spread::default() };
    }
    let influence = |arm: usize| {
        let (placements, found) = (placements[arm].as_ref()?, found[arm].as_ref()?.as_ref().ok()?);
        Some(partial_influence(sample, placements, *found))
    };
    let influences = [influence(0), influence(1)];
    Spread::by_row(values, influences, sample)
}

/// Influence of a row on a partial AUC.
fn partial_influence<'a>(
    sample: &Sample<'a>,
    placements: &'a Placements,
    found: PartialAuc,
) -> impl Fn(usize) -> f64 + Sync + use<'a> {
    let labels = sample.labels;
    let counts = [sample.negatives() as f64, sample.positives as f64];
    let factor = counts.map(|count| found.slope() * sample.rows() as f64 / count);
    let value = move |row: usize| found.component(placements.doubled(row), labels[row]);
    let sums: Vec<[f64; 2]> = (0..labels.len().div_ceil(BLOCK))
        .into_par_iter()
        .map(|block| {
            let mut sums = [0.0; 2];
            for row in block * BLOCK..((block + 1) * BLOCK).min(labels.len()) {
                sums[usize::from(labels[row])] += value(row);
            }
            sums
        })
        .collect();
    let sums = sums.iter().fold([0.0; 2], |sum, block| [sum[0] + block[0], sum[1] + block[1]]);
    let mean = [sums[0] / counts[0], sums[1] / counts[1]];
    move |row| {
        let class = usize::from(labels[row]);
        (value(row) - mean[class]) * factor[class]
    }
}

/// Brier score, log loss and rows clipped.
fn losses(sample: &Sample<'_>) -> (Spread, Spread, [u64; 2]) {
    let probabilities = [0, 1].map(|arm| sample.scores[arm].filter(|_| sample.probability[arm]));
    let Some(pair) = doubled(probabilities).filter(|_| sample.rows() > 0) else {
        let spread = Spread { values: values(sample, |_| no_probability(sample)), ..Spread::default() };
        return (spread.clone(), spread, [0; 2]);
    };
    let found = calibration::losses(sample.labels, pair);
    let spread = |means: [f64; 2], loss: &(dyn Fn(u8, f64) -> f64 + Sync), by_row: &dyn Fn() -> RowMoments| {
        let values = values(sample, |arm| match probabilities[arm] {
            Some(_) => Ok(means[arm]),
            None => no_probability(sample),
        });
        if sample.units.is_none() {
            let RowMoments { arms, difference } = by_row();
            let both = probabilities.iter().all(Option::is_some);
            let moments = [0, 1].map(|arm| probabilities[arm].map(|_| arms[arm]));
            return Spread { values, moments, difference: both.then_some(difference), ..Spread::default() };
        }
        let vectors = [0, 1].map(|arm| {
            let mut vector = calibration::row_losses(sample.labels, probabilities[arm]?, loss);
            vector.par_iter_mut().with_min_len(BLOCK).for_each(|value| *value -= means[arm]);
            Some(vector)
        });
        Spread::of(values, vectors, sample.units)
    };
    let Losses { brier, brier_difference, log_loss, log_loss_difference, clipped } = &found;
    let moments = |pair: &PairMoments, difference: &crate::metrics::Moments| RowMoments {
        arms: pair_arms(pair),
        difference: convert(difference),
    };
    let squares = spread([brier.mean_a, brier.mean_b], &calibration::brier, &|| moments(brier, brier_difference));
    (
        Spread { most: Some(1.0), ..squares },
        spread([log_loss.mean_a, log_loss.mean_b], &calibration::log_loss, &|| moments(log_loss, log_loss_difference)),
        [0, 1].map(|arm| if probabilities[arm].is_some() { clipped[arm] } else { 0 }),
    )
}

struct RowMoments {
    arms: [crate::stats::Moments; 2],
    difference: crate::stats::Moments,
}

fn no_probability(sample: &Sample<'_>) -> Result<f64, String> {
    Err(if sample.rows() == 0 { "no row" } else { "the scores are no probabilities" }.to_owned())
}

fn calibration_error(sample: &Sample<'_>) -> Values {
    values(sample, |arm| {
        let (scores, order) = sample.scores[arm].zip(sample.orders[arm]).ok_or("no score is logged")?;
        if !sample.probability[arm] {
            return no_probability(sample);
        }
        let edges = calibration::equal_mass_edges(order, scores, calibration::ERROR_BINS);
        let bins = calibration::bins(sample.labels, scores, &edges);
        calibration::calibration_error(&bins).map_err(|reason| reason.to_string())
    })
}
