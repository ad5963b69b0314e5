//! Latency of arms that answered different requests: of each over all its requests, differences at the same mix of
//! stages or days where the arms' shares of traffic change.

use super::figure::Method;
use super::outcomes::Lacking;
use super::tally::Tally;
use super::{Arms, Rows, merged, outcomes, strata};
use crate::compare::engine::latency::QUANTILES;
use crate::compare::engine::metrics;
use crate::compare::result::{Difference, Estimate, MetricResult};
use crate::log::FAILED;
use crate::metrics::registry;
use crate::stats::paired_proportion::square_and_add;
use crate::stats::sequential::quantile;

/// Latency of logs that hold no answers; nothing where none is logged.
pub(super) fn of_arms(arms: &Arms, method: &Method) -> Vec<MetricResult> {
    let of = arms.engines.each_ref().map(|engine| {
        let logged = engine.log.arms[0].latency_ms.is_some();
        if logged { metrics::latencies(&engine.latency(method.level), &engine.sample()) } else { Vec::new() }
    });
    merged(method, &of.each_ref().map(Vec::as_slice))
}

/// Latency of both arms, one value per row of the log; `None` where an arm logged none.
pub(super) fn columns<'a>(rows: &Rows<'a>) -> Option<[&'a [f64]; 2]> {
    let log = rows.log;
    let logged = |arm: usize| log.arms.get(arm)?.latency_ms.as_deref();
    Some([logged(0)?, logged(1)?])
}

/// Rows of both arms that lack a latency; those that failed need none. `None` where an arm logged none at all.
pub(super) fn without(rows: &Rows<'_>) -> Option<Lacking> {
    let columns = columns(rows)?;
    let failed =
        |arm: usize, row: usize| rows.log.arms[arm].served.failed.as_ref().is_some_and(|failed| failed[row] == FAILED);
    Some(outcomes::lacking(rows, |row| {
        let (arm, row) = (usize::from(rows.split.arms[row as usize]), row as usize);
        columns.get(arm).is_some_and(|values| !values[row].is_finite() && !failed(arm, row))
    }))
}

/// Why latencies are not compared: slow answers may be what one arm lacks.
fn uneven(rows: &Rows<'_>) -> Option<String> {
    let reason = without(rows)?.reason()?;
    Some(format!("{reason}; log the time until the failure or the limit, or say which requests failed"))
}

/// Take the intervals of quantiles, all of them or those of a slice, from arms one of which lacks more latencies.
pub(super) fn guarded(rows: &Rows<'_>, slice: Option<&str>, found: &mut [MetricResult]) {
    let Some(reason) = uneven(rows) else {
        return;
    };
    let of_latency = |metric: &&mut MetricResult| {
        metric.slice.as_deref() == slice && QUANTILES.iter().any(|(name, _)| *name == metric.name)
    };
    for metric in found.iter_mut().filter(of_latency) {
        for arm in [&mut metric.arms.champion, &mut metric.arms.challenger].into_iter().flatten() {
            (arm.lo, arm.hi, arm.method) = (None, None, format!("no interval: {reason}"));
        }
        metric.difference = None;
        metric.undefined = Some(format!("difference: {reason}"));
    }
}

/// Mean latency of the arms, as an outcome; nothing where none is logged.
pub(super) fn mean(rows: &Rows<'_>, method: &Method, slice: Option<&str>) -> Option<MetricResult> {
    let tallies = outcomes::tallies(rows, columns(rows)?);
    let metric = registry::SERVED.iter().find(|metric| metric.name == "latency_mean")?;
    let seen = tallies.iter().map(|tally| tally.rows).sum();
    let mut figure = method.means(&tallies);
    if let Some(reason) = uneven(rows) {
        figure = figure.of_uneven(&reason);
    }
    Some(outcomes::result(metric.name.to_owned(), metric.unit, metric.better, figure, slice, (seen, None)))
}

/// Replace intervals of one look by those of any: by sequences of order statistics (Howard and Ramdas 2022) where rows are
/// independent, else by unit.
pub(super) fn at_any_look(rows: &Rows<'_>, arms: &Arms, method: &Method, found: &mut [MetricResult]) {
    match columns(rows).filter(|_| rows.clustered()) {
        Some(columns) => by_unit(rows, method, columns, found),
        None => by_row(arms, method, found),
    }
}

/// The interval of each arm at the ends of the sequence of its share at or below the quantile (Woodruff 1952, J Am Stat
/// Assoc 47:635), in which the rows of a unit count together; two of them, subtracted, share the error.
fn by_unit(rows: &Rows<'_>, method: &Method, columns: [&[f64]; 2], found: &mut [MetricResult]) {
    let logged = [0, 1].map(|arm: usize| {
        let of = rows.rows[arm].iter().filter(|row| columns[arm][**row as usize].is_finite());
        of.count().max(1) as f64
    });
    let strata = rows.by.as_ref().map_or(1, strata::By::count);
    let own = [0, 1].map(|arm: usize| Mixed::of(rows, arm, columns[arm], &vec![1.0 / logged[arm]; strata]));
    let shared = Method { level: 0.5 * (1.0 + method.level), ..*method };
    for metric in found.iter_mut().filter(|metric| metric.slice.is_none()) {
        let Some((_, q)) = QUANTILES.iter().find(|(name, _)| *name == metric.name) else {
            continue;
        };
        let limits = [0, 1].map(|arm: usize| own[arm].quantile(*q).unwrap_or(f64::NAN));
        let below = [0, 1].map(|arm: usize| at_or_below(columns[arm], limits[arm]));
        let tallies = outcomes::tallies(rows, [&below[0], &below[1]]);
        let ends = |method: &Method, arm: usize| {
            let share = method.share_of(&tallies[arm]).map_err(|reason| reason.to_string())?;
            let half = 0.5 * (share.hi - share.lo);
            let ends = own[arm].quantile(q - half).zip(own[arm].quantile(q + half));
            ends.ok_or_else(|| "too few values yet for limits of this quantile".to_owned())
        };
        for (arm, known) in [&mut metric.arms.champion, &mut metric.arms.challenger].into_iter().enumerate() {
            let Some(known) = known else { continue };
            known.n = tallies[arm].unit_count();
            (known.lo, known.hi, known.method) = match ends(method, arm) {
                Ok((lo, hi)) => (Some(lo), Some(hi), "Woodruff, confidence sequence by unit".to_owned()),
                Err(reason) => (None, None, format!("no interval: {reason}")),
            };
        }
        if let Some(known) = &mut metric.difference {
            known.n = tallies.iter().map(Tally::unit_count).sum();
            (known.p, known.se) = (None, None);
            let both = ends(&shared, 0).and_then(|a| Ok((a, ends(&shared, 1)?)));
            (known.lo, known.hi, known.method) = match both {
                Ok(((lo_a, hi_a), (lo_b, hi_b))) => {
                    let method = "Woodruff, confidence sequences by unit, subtracted".to_owned();
                    (Some(lo_b - hi_a), Some(hi_b - lo_a), method)
                }
                Err(reason) => (None, None, format!("no interval: {reason}")),
            };
        }
    }
}

/// 1 where a latency is at most `limit`, 0 where it is above; as it is where none is logged.
fn at_or_below(values: &[f64], limit: f64) -> Vec<f64> {
    let below = |value: &f64| if value.is_finite() { f64::from(u8::from(*value <= limit)) } else { *value };
    values.iter().map(below).collect()
}

fn by_row(arms: &Arms, method: &Method, found: &mut [MetricResult]) {
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

/// Latencies of one arm in rising order, with the share of the mix at or below each.
struct Mixed(Vec<(f64, f64)>);

impl Mixed {
    fn of(rows: &Rows<'_>, arm: usize, values: &[f64], weights: &[f64]) -> Self {
        let logged = rows.rows[arm].iter().filter(|row| values[**row as usize].is_finite());
        let mut sorted: Vec<(f64, f64)> =
            logged.map(|&row| (values[row as usize], weights[rows.stratum(row)])).filter(|one| one.1 > 0.0).collect();
        sorted.sort_unstable_by(|one, other| one.0.total_cmp(&other.0));
        let mut below = 0.0;
        for (_, weight) in &mut sorted {
            below += *weight;
            *weight = below;
        }
        Self(sorted)
    }

    /// Least value with at least the share `q` at or below; `None` outside of 0 to 1.
    fn quantile(&self, q: f64) -> Option<f64> {
        let at = self.0.partition_point(|(_, below)| *below < q - 1e-12);
        (q > 0.0 && q < 1.0).then(|| self.0.get(at).or(self.0.last()).map(|(value, _)| *value)).flatten()
    }
}

/// Differences of quantiles where the arms' shares of traffic change: both arms at the same mix of stages or days, the
/// interval of each at the ends of that of the share below (Woodruff 1952, J Am Stat Assoc 47:635), cluster-robust.
pub(super) fn within_strata(rows: &Rows<'_>, method: &Method, found: &mut [MetricResult]) {
    let (Some(by), Some(columns)) = (&rows.by, columns(rows)) else {
        return;
    };
    let Some(weights) = strata::row_weights(&outcomes::tallies(rows, columns)) else {
        return;
    };
    let mixed = weights.map(|weights| [0, 1].map(|arm: usize| Mixed::of(rows, arm, columns[arm], &weights[arm])));
    for metric in found.iter_mut().filter(|metric| metric.slice.is_none()) {
        let Some((_, q)) = QUANTILES.iter().find(|(name, _)| *name == metric.name) else {
            continue;
        };
        let Some(known) = metric.difference.take() else {
            continue;
        };
        let bare = |reason: String| Difference {
            lo: None,
            hi: None,
            p: None,
            se: None,
            method: format!("no interval: {reason}"),
            ..known.clone()
        };
        metric.difference = Some(match &mixed {
            Err(reason) => bare(reason.to_string()),
            Ok(mixed) => match difference_within(rows, method, columns, mixed, *q) {
                Ok((value, lo, hi)) => Difference {
                    value,
                    lo: Some(lo),
                    hi: Some(hi),
                    p: None,
                    se: None,
                    method: format!(
                        "quantiles within each {}, {}",
                        by.word(),
                        if method.at_any_look { "asymptotic confidence sequences, subtracted" } else { "Woodruff" }
                    ),
                    ..known
                },
                Err((value, reason)) => Difference { value: value.unwrap_or(known.value), ..bare(reason) },
            },
        });
    }
}

/// Value and ends; or the value, where it is known, and why there are no ends.
fn difference_within(
    rows: &Rows<'_>,
    method: &Method,
    columns: [&[f64]; 2],
    mixed: &[Mixed; 2],
    q: f64,
) -> Result<(f64, f64, f64), (Option<f64>, String)> {
    let [Some(a), Some(b)] = mixed.each_ref().map(|arm| arm.quantile(q)) else {
        return Err((None, "no latency is logged in a stratum of both arms".to_owned()));
    };
    let value = b - a;
    let below = [at_or_below(columns[0], a), at_or_below(columns[1], b)];
    let tallies = outcomes::tallies(rows, [&below[0], &below[1]]);
    // Two sequences that are subtracted share the error.
    let level = if method.at_any_look { 0.5 * (1.0 + method.level) } else { method.level };
    let shares = match (Method { level, ..*method }).shares_within(&tallies) {
        Some(Ok(shares)) => shares,
        Some(Err(reason)) => return Err((Some(value), reason.to_string())),
        None => return Err((Some(value), "one stratum only".to_owned())),
    };
    let ends = [0, 1].map(|arm: usize| {
        let half = 0.5 * (shares[arm].hi - shares[arm].lo);
        mixed[arm].quantile(q - half).zip(mixed[arm].quantile(q + half))
    });
    let [Some((lo_a, hi_a)), Some((lo_b, hi_b))] = ends else {
        return Err((Some(value), "too few values yet for limits of this quantile".to_owned()));
    };
    if method.at_any_look {
        return Ok((value, lo_b - hi_a, hi_b - lo_a));
    }
    let (lo, hi) = square_and_add(value, (b - lo_b, hi_b - b), (a - lo_a, hi_a - a), 0.0);
    Ok((value, lo, hi))
}
