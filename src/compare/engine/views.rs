//! What the views draw beside the metrics: curves, score distributions, time buckets.

use super::Engine;
use super::sample::Sample;
use super::scored::Scored;
use crate::compare::plan::Plan;
use crate::compare::result::{CalibrationBin, Curve, CurvePoint, Curves, Histogram, PerArm, ScoreSummary, SeriesPoint};
use crate::log::{Log, NO_TIME, RowMask, Task};
use crate::metrics::calibration::{self, ERROR_BINS, equal_mass_edges};
use crate::metrics::curve::{self, Point};
use crate::metrics::histogram::{self, Bins};
use crate::metrics::{BLOCK, Decision, correlation, ks, series};
use crate::stats::drift::{jensen_shannon_counts, psi};
use crate::stats::proportion::wilson;

use rayon::prelude::*;

/// Points of a curve.
const POINTS: usize = 512;
const HISTOGRAM_BINS: usize = 50;
const JOINT_BINS: usize = 32;

pub(super) fn per_arm<T>([champion, challenger]: [Option<T>; 2]) -> PerArm<T> {
    PerArm { champion, challenger }
}

/// Curves of both arms. Bands are pointwise Wilson intervals of the y-value, rows taken as independent.
pub(super) fn curves(sample: &Sample<'_>, scored: &Scored, level: f64) -> Curves {
    let arm = |arm: usize| Some((scored.sweeps[arm].as_ref()?, sample.orders[arm]?, sample.scores[arm]?));
    let positives = sample.positives;
    let roc = |index: usize| {
        let (sweep, order, scores) = arm(index)?;
        let points = curve::roc(sweep, order, scores, POINTS);
        let band = |point: &Point| wilson((point.y * positives as f64).round() as u64, positives, level).ok();
        drawn(points, band)
    };
    let precision_recall = |index: usize| {
        let (sweep, order, scores) = arm(index)?;
        let points = curve::precision_recall(sweep, order, scores, POINTS);
        let band = |point: &Point| {
            let hits = (point.x * positives as f64).round();
            let flagged = (hits / point.y).round();
            (hits > 0.0 && flagged.is_finite()).then(|| wilson(hits as u64, flagged as u64, level).ok()).flatten()
        };
        drawn(points, band)
    };
    let calibration = |index: usize| {
        let (_, order, scores) = arm(index)?;
        sample.probability[index]
            .then(|| reliability(sample.labels, scores, order, level))
            .filter(|bins| !bins.is_empty())
    };
    let mut reasons = Vec::new();
    if sample.positives == 0 || sample.negatives() == 0 {
        reasons.push("curves need rows of both classes".to_owned());
    }
    for (index, name) in ["champion", "challenger"].iter().enumerate().take(sample.arms) {
        if sample.scores[index].is_none() {
            reasons.push(format!("the {name} logs no score"));
        } else if !sample.probability[index] {
            reasons.push(format!("no calibration: the {name}'s scores are no probabilities"));
        }
    }
    Curves {
        roc: per_arm([roc(0), roc(1)]),
        precision_recall: per_arm([precision_recall(0), precision_recall(1)]),
        calibration: per_arm([calibration(0), calibration(1)]),
        undefined: (!reasons.is_empty()).then(|| reasons.join("; ")),
    }
}

fn drawn(points: Vec<Point>, band: impl Fn(&Point) -> Option<crate::stats::Interval>) -> Option<Curve> {
    let point = |point: &Point| {
        let band = band(point);
        CurvePoint {
            x: point.x,
            y: point.y,
            threshold: point.threshold,
            lo: band.map(|band| band.lo),
            hi: band.map(|band| band.hi),
        }
    };
    (!points.is_empty()).then(|| Curve { points: points.iter().map(point).collect() })
}

/// Stated probability against what came true, in bins of equal rows, each with Wilson's interval. `order` is that of
/// `scores`.
pub(super) fn reliability(
    labels: &[u8],
    scores: &[f64],
    order: &crate::metrics::Order,
    level: f64,
) -> Vec<CalibrationBin> {
    let edges = equal_mass_edges(order, scores, ERROR_BINS);
    calibration::bins(labels, scores, &edges)
        .iter()
        .filter_map(|bin| {
            let interval = wilson(bin.positives, bin.rows, level).ok()?;
            Some(CalibrationBin {
                mean_score: bin.mean_score()?,
                observed: bin.observed()?,
                lo: interval.lo,
                hi: interval.hi,
                rows: bin.rows,
            })
        })
        .collect()
}

/// Distributions of the scores; `None` where no arm has one.
pub(super) fn scores(sample: &Sample<'_>) -> Option<ScoreSummary> {
    let columns: Vec<&[f64]> = sample.scores.iter().copied().flatten().collect();
    if columns.is_empty() || sample.rows() == 0 {
        return None;
    }
    let bins = Bins::covering(&columns, HISTOGRAM_BINS);
    let counted = |arm: usize| {
        sample.scores[arm].map_or_else(Default::default, |scores| histogram::histogram(sample.labels, scores, &bins))
    };
    let (champion, challenger) = rayon::join(|| counted(0), || counted(1));
    let mut summary =
        ScoreSummary { histogram: Histogram { edges: bins.edges(), champion, challenger }, ..ScoreSummary::default() };
    if let ([Some(a), Some(b)], [Some(x), Some(y)]) = (sample.scores, sample.orders) {
        let all = |[negatives, positives]: &[Vec<u64>; 2]| -> Vec<u64> {
            negatives.iter().zip(positives).map(|(n, p)| n + p).collect()
        };
        let Histogram { champion, challenger, .. } = &summary.histogram;
        summary.js_distance = jensen_shannon_counts(&all(champion), &all(challenger)).ok();
        let deciles = equal_mass_edges(x, a, 10);
        let rows = |scores: &[f64]| -> Vec<u64> {
            calibration::bins(sample.labels, scores, &deciles).iter().map(|bin| bin.rows).collect()
        };
        summary.psi = if deciles.is_empty() { None } else { psi(&rows(a), &rows(b)).ok() };
        summary.ks_distance = ks::distance([x, y], [a, b]).ok();
        summary.pearson = correlation::pearson(a, b).ok();
        let joint = Bins::new(bins.low, bins.high, JOINT_BINS);
        summary.joint = histogram::joint(a, b, &joint);
        summary.joint_edges = joint.edges();
    }
    Some(summary)
}

const DAY: i64 = 24 * series::HOUR;
/// Widths of a bucket, each followed by the longest span it is used for: at most 200 buckets.
const WIDTHS: [i64; 6] = [series::HOUR / 12, series::HOUR, 6 * series::HOUR, DAY, 7 * DAY, 28 * DAY];
const BUCKETS: i64 = 200;

/// First and last time at `rows`; `None` where no row has one.
pub(super) fn time_span(times: &[i64], keep: impl Fn(usize) -> bool + Sync) -> Option<[i64; 2]> {
    let (first, last) = times
        .par_chunks(BLOCK)
        .enumerate()
        .map(|(block, times)| {
            let mut span = (i64::MAX, i64::MIN);
            for (offset, &time) in times.iter().enumerate() {
                if time != NO_TIME && keep(block * BLOCK + offset) {
                    span = (span.0.min(time), span.1.max(time));
                }
            }
            span
        })
        .reduce(|| (i64::MAX, i64::MIN), |a, b| (a.0.min(b.0), a.1.max(b.1)));
    (first <= last).then_some([first, last])
}

/// Width of the buckets of a span.
pub(super) fn bucket_width(span: i64) -> i64 {
    WIDTHS.into_iter().find(|width| span / width < BUCKETS).unwrap_or_else(|| span / BUCKETS + 1)
}

/// Rows over time, labelled or not, within the population.
pub(super) fn series(engine: &Engine, plan: &Plan, within: Option<&RowMask>) -> Vec<SeriesPoint> {
    let log: &Log = &engine.log;
    let Some(times) = &log.times else {
        return Vec::new();
    };
    let Some([first, last]) = time_span(times, |row| within.is_none_or(|mask| mask.contains(row))) else {
        return Vec::new();
    };
    let width = bucket_width(last.saturating_sub(first));
    let decisions = [0, 1].map(|arm| {
        let found = log.arms.get(arm).filter(|_| log.task == Task::Binary)?;
        match (plan.thresholds[arm].value, &found.scores, &found.predictions) {
            (Some(threshold), Some(scores), _) => Some(Decision::Score { scores, threshold }),
            (None, _, Some(decisions)) => Some(Decision::Logged(decisions)),
            _ => None,
        }
    });
    let Ok(buckets) = series::series(times, &log.labels, decisions, within, width) else {
        return Vec::new();
    };
    let rate = |flagged: u64, rows: u64, arm: usize| {
        (decisions[arm].is_some() && rows > 0).then(|| flagged as f64 / rows as f64)
    };
    buckets
        .into_iter()
        .map(|(start, bucket)| SeriesPoint {
            start,
            rows: bucket.rows,
            labelled: bucket.labelled,
            positives: (log.task == Task::Binary).then_some(bucket.positives),
            champion_flag_rate: rate(bucket.flagged[0], bucket.rows, 0),
            challenger_flag_rate: rate(bucket.flagged[1], bucket.rows, 1),
        })
        .collect()
}
