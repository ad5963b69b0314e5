//! Latency of arms that answered different requests.

use super::figure::Method;
use super::{Arms, merged};
use crate::compare::engine::latency::QUANTILES;
use crate::compare::engine::metrics;
use crate::compare::result::{Difference, Estimate, MetricResult};
use crate::stats::sequential::quantile;

/// Latency of logs that hold no answers; nothing where none is logged.
pub(super) fn of_arms(arms: &Arms, method: &Method) -> Vec<MetricResult> {
    let of = arms.engines.each_ref().map(|engine| {
        let logged = engine.log.arms[0].latency_ms.is_some();
        if logged { metrics::latencies(&engine.latency(method.level), &engine.sample()) } else { Vec::new() }
    });
    merged(method, &of.each_ref().map(Vec::as_slice))
}

/// Replace intervals of one look by sequences of order statistics (Howard and Ramdas 2022). Rows are taken as
/// independent.
pub(super) fn at_any_look(arms: &Arms, method: &Method, found: &mut [MetricResult]) {
    let sorted = arms.engines.each_ref().map(|engine| {
        let logged = engine.log.arms[0].latency_ms.as_deref().unwrap_or_default();
        let mut values: Vec<f64> = logged.iter().copied().filter(|value| value.is_finite()).collect();
        values.sort_unstable_by(f64::total_cmp);
        values
    });
    let planned = method.planned.max(1);
    for metric in found.iter_mut().filter(|metric| metric.slice.is_none()) {
        let Some((_, q)) = QUANTILES.iter().find(|(name, _)| *name == metric.name) else {
            continue;
        };
        let arm = |values: &[f64], known: &Option<Estimate>| {
            let known = known.clone()?;
            Some(match quantile::interval(values, *q, planned, method.level) {
                Ok(one) => {
                    let method = "quantile confidence sequence, by row".to_owned();
                    Estimate { lo: one.lo, hi: one.hi, method, n: values.len() as u64, ..known }
                }
                Err(reason) => Estimate { lo: None, hi: None, method: format!("no interval: {reason}"), ..known },
            })
        };
        metric.arms.champion = arm(&sorted[0], &metric.arms.champion);
        metric.arms.challenger = arm(&sorted[1], &metric.arms.challenger);
        let sequence = quantile::difference(&sorted[1], &sorted[0], *q, planned, method.level);
        metric.difference = match (&metric.difference, sequence) {
            (Some(known), Ok(ends)) => Some(Difference {
                lo: Some(ends.lo),
                hi: Some(ends.hi),
                p: None,
                se: None,
                method: "quantile confidence sequences, subtracted, by row".to_owned(),
                n: sorted.iter().map(Vec::len).sum::<usize>() as u64,
                ..known.clone()
            }),
            (Some(known), Err(reason)) => Some(Difference {
                lo: None,
                hi: None,
                p: None,
                method: format!("no interval: {reason}"),
                ..known.clone()
            }),
            (None, _) => None,
        };
    }
}
