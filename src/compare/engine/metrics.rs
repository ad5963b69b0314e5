//! The metrics of the registry for one sample, in its order.

use super::decided::Decided;
use super::interval::{self, Figures};
use super::latency::Latency;
use super::sample::Sample;
use super::scored::{Areas, Scored};
use super::shares;
use crate::compare::plan::Plan;
use crate::compare::result::{Difference, Estimate, MetricResult, PerArm};
use crate::metrics::registry::{Better, METRICS, Metric, Unit, confusion_metric};
use crate::stats::Cov2;
use crate::stats::delong::{Auc, Fallback, auc_from_components, delong_from_components};

/// Results of a sample. `latency` is left out of slices.
pub(super) fn results(
    sample: &Sample<'_>,
    scored: &Scored,
    decided: &Decided,
    latency: Option<&Latency>,
    slice: Option<&str>,
    plan: &Plan,
) -> Vec<MetricResult> {
    METRICS
        .iter()
        .filter_map(|metric| {
            let (figures, rows) = match metric.name {
                name if name.starts_with("latency_") => {
                    let latency = latency?;
                    (latency.figures(metric.name)?.clone(), latency.rows)
                }
                name => (figures(name, sample, scored, decided, plan), sample.rows()),
            };
            Some(result(metric, figures, rows, sample, slice))
        })
        .collect()
}

/// Latency quantiles, which every task has.
pub(super) fn latencies(latency: &Latency, sample: &Sample<'_>) -> Vec<MetricResult> {
    let figures = METRICS.iter().filter_map(|metric| Some((metric, latency.figures(metric.name)?.clone())));
    figures.map(|(metric, figures)| result(metric, figures, latency.rows, sample, None)).collect()
}

/// The share flagged, which needs no label.
pub(super) fn flag_rate(sample: &Sample<'_>, decided: &Decided, plan: &Plan) -> Option<MetricResult> {
    let metric = METRICS.iter().find(|metric| metric.name == "flag_rate")?;
    let figures = decided.figures(confusion_metric(metric.name, plan.costs)?, plan.level);
    Some(result(metric, figures, sample.rows(), sample, None))
}

fn figures(name: &str, sample: &Sample<'_>, scored: &Scored, decided: &Decided, plan: &Plan) -> Figures {
    let level = plan.level;
    if let Some(metric) = confusion_metric(name, plan.costs) {
        if sample.rows() == 0 {
            return Figures::none("no row", sample.arms);
        }
        return decided.figures(metric, level);
    }
    let found = match name {
        "roc_auc" => match &scored.areas {
            Areas::Units(spread) => interval::figures(spread, sample, level, "DeLong components"),
            Areas::Rows { values, classes } => areas(values, classes.as_ref(), level, sample),
        },
        "average_precision" => interval::figures(&scored.average_precision, sample, level, "influence"),
        "partial_auc" => interval::figures(&scored.partial, sample, level, "influence"),
        "log_loss" => interval::figures(&scored.log_loss, sample, level, "mean of row losses"),
        "brier" => interval::figures(&scored.brier, sample, level, "mean of row losses"),
        "calibration_slope" => interval::figures(&scored.slope, sample, level, "logistic fit, sandwich"),
        "calibration_intercept" => interval::figures(&scored.intercept, sample, level, "logistic fit, sandwich"),
        "calibration_error" => calibration_error(scored, level, sample),
        _ => Figures::none("not computed for this task", sample.arms),
    };
    if found.undefined().is_none() && sample.arms == 2 && found.difference.is_none() {
        return Figures { difference: Some(Err("an arm has no value".to_owned())), ..found };
    }
    found
}

/// The binned error is biased upwards, so it has no interval and decides nothing.
fn calibration_error(scored: &Scored, level: f64, sample: &Sample<'_>) -> Figures {
    const WHY: &str = "no interval: the binned error is biased upwards";
    let value = |arm: usize| scored.calibration_error[arm].clone();
    let arms = [0, 1].map(|arm| Some(value(arm)?.map(|value| interval::bare(value, level, WHY, sample.rows()))));
    let difference = match [value(0), value(1)] {
        [Some(Ok(a)), Some(Ok(b))] => Some(Ok(interval::bare_difference(b - a, level, WHY, sample.rows()))),
        _ => None,
    };
    Figures { arms, difference }
}

/// DeLong's intervals, plain Wald as pROC gives them.
fn areas(
    values: &[Option<Result<f64, String>>; 2],
    classes: Option<&[Cov2; 2]>,
    level: f64,
    sample: &Sample<'_>,
) -> Figures {
    let rows = sample.rows();
    let both = values.iter().all(|value| matches!(value, Some(Ok(_))));
    let without = |reason: &str| {
        let why = format!("no interval: {reason}");
        let arms = values
            .each_ref()
            .map(|value| Some(value.as_ref()?.clone().map(|value| interval::bare(value, level, &why, rows))));
        let difference = match values {
            [Some(Ok(a)), Some(Ok(b))] => Some(Ok(interval::bare_difference(b - a, level, &why, rows))),
            _ => None,
        };
        Figures { arms, difference }
    };
    let Some([negatives, positives]) = classes else {
        return without("a class has no row");
    };
    let arm = |arm: usize, found: &Auc| {
        Some(values[arm].as_ref()?.clone().map(|value| interval::estimate(value, &found.interval, rows)))
    };
    if !both {
        // Both variables are the one scored arm.
        return match auc_from_components(&positives.first(), &negatives.first(), level) {
            Ok(found) => Figures { arms: [arm(0, &found), arm(1, &found)], difference: None },
            Err(reason) => without(&reason.0),
        };
    }
    match delong_from_components(&swapped(positives), &swapped(negatives), level) {
        Err(reason) => without(&reason.0),
        // One pair of rows in another order moves the area by a row of the smaller class at most.
        Ok(found) if found.fallback == Some(Fallback::IdenticalRanking) => Figures {
            arms: [arm(0, &found.b), arm(1, &found.a)],
            difference: Some(
                shares::none_apart(1.0, positives.n.min(negatives.n), false, level)
                    .map(|found| Difference { n: rows, ..found }),
            ),
        },
        Ok(found) => Figures {
            arms: [arm(0, &found.b), arm(1, &found.a)],
            difference: Some(Ok(Difference {
                value: found.difference,
                lo: Some(found.interval.lo),
                hi: Some(found.interval.hi),
                level,
                method: interval::method(found.interval.method).to_owned(),
                p: found.p,
                se: (found.se > 0.0).then_some(found.se),
                n: rows,
            })),
        },
    }
}

/// Challenger first: the difference is first minus second.
fn swapped(cov: &Cov2) -> Cov2 {
    Cov2 { n: cov.n, mean_a: cov.mean_b, mean_b: cov.mean_a, saa: cov.sbb, sbb: cov.saa, sab: cov.sab }
}

/// Least and greatest value of a metric: no interval reaches beyond. Of what is not known here there is none.
fn range(metric: &Metric) -> (f64, f64) {
    range_of(metric.name, metric.unit, metric.better)
}

/// As [`range`], of the metric `name`.
pub(super) fn range_of(name: &str, unit: Unit, better: Better) -> (f64, f64) {
    const ANY: (f64, f64) = (f64::NEG_INFINITY, f64::INFINITY);
    const POSITIVE: (f64, f64) = (0.0, f64::INFINITY);
    const SHARE: (f64, f64) = (0.0, 1.0);
    const AGREEMENT: (f64, f64) = (-1.0, 1.0);
    match name {
        _ if matches!(unit, Unit::Target | Unit::TargetSquared) && better == Better::Lower => POSITIVE,
        "mcc" | "kappa" | "kappa_linear" | "kappa_quadratic" | "pearson" | "spearman" | "ccc" | "cosine" | "ssim" => {
            AGREEMENT
        }
        name if name.ends_with("_spearman") || name.ends_with("_pearson") => AGREEMENT,
        "r2" | "explained_variance" => (f64::NEG_INFINITY, 1.0),
        "mape" | "wape" | "log_loss" | "mase" | "perplexity" | "euclidean" | "novelty_at_10" | "pixel_mse"
        | "pixel_mae" => POSITIVE,
        "smape" | "brier" => (0.0, 2.0),
        "cost" | "cost_per_request" | "throughput" => POSITIVE,
        name if name.starts_with("latency_") => POSITIVE,
        "bleu" | "sentence_bleu" | "chrf" | "sentence_chrf" | "chrf_pp" => (0.0, 100.0),
        "ter" | "levenshtein" | "word_error_rate" | "character_error_rate" | "length_ratio" => POSITIVE,
        "f1" | "macro_f1" | "weighted_f1" | "average_precision" | "partial_auc" | "mrr" | "bpref" => SHARE,
        name if ["roc_auc", "ndcg", "map"].iter().any(|stem| name.starts_with(stem)) => SHARE,
        name if name.ends_with("calibration_error") => SHARE,
        _ if unit == Unit::Share => SHARE,
        _ => ANY,
    }
}

pub(super) fn result(
    metric: &Metric,
    figures: Figures,
    rows: u64,
    sample: &Sample<'_>,
    slice: Option<&str>,
) -> MetricResult {
    let undefined = figures.undefined();
    let figures = figures.within(range(metric));
    let [champion, challenger] = figures.arms.map(|arm: Option<Result<Estimate, String>>| arm.and_then(Result::ok));
    MetricResult {
        name: metric.name.to_owned(),
        slice: slice.map(str::to_owned),
        unit: metric.unit,
        better: metric.better,
        arms: PerArm { champion, challenger },
        difference: figures.difference.and_then(Result::ok),
        rows,
        positives: sample.has_positives.then_some(sample.positives),
        arm_positives: None,
        undefined,
    }
}
