//! Latency quantiles. An arm's quantile is over all its lines, paired or not; the difference is over the paired rows
//! on which both arms logged a latency. Where these populations differ, the names of the methods say so.

use rayon::prelude::*;

use super::interval::{self, Figures};
use super::sample::Units;
use crate::compare::result::{Difference, Estimate};
use crate::log::{Log, RowMask};
use crate::metrics::latency::{Selector, exceedances};
use crate::stats::paired_proportion::square_and_add;
use crate::stats::quantile::{QuantileEstimate, Ranks, quantile_ranks};
use crate::stats::quantile_difference::{JointCounts, from_marginals};
use crate::stats::special::{t_isf, t_two_sided_p};

pub(super) const QUANTILES: [(&str, f64); 4] =
    [("latency_p50", 0.5), ("latency_p90", 0.9), ("latency_p95", 0.95), ("latency_p99", 0.99)];

/// Quantiles of a population.
#[derive(Clone, Debug)]
pub(super) struct Latency {
    /// Paired rows on which both arms (or the only one) logged a latency.
    pub rows: u64,
    figures: [Figures; QUANTILES.len()],
}

impl Latency {
    pub fn figures(&self, name: &str) -> Option<&Figures> {
        QUANTILES.iter().zip(&self.figures).find(|((known, _), _)| *known == name).map(|(_, figures)| figures)
    }

    /// Quantiles of the lines of a log, or of the paired rows of `mask` alone.
    pub fn measure(log: &Log, mask: Option<&RowMask>, level: f64) -> Self {
        let columns: Vec<Option<&[f64]>> = log.arms.iter().map(|arm| arm.latency_ms.as_deref()).collect();
        let kept = kept(log.rows, &columns, mask);
        let paired: Vec<Option<Column<'_>>> =
            columns.iter().map(|column| column.map(|column| Column::of(column, kept.as_deref()))).collect();
        let rows = kept.as_ref().map_or(log.rows, Vec::len) as u64;
        let units = Units::of(log, kept.as_deref());
        let shares = units.as_ref().map(|units| shares(&paired, units));
        let alone = |arm: usize| mask.is_none() && !log.arms[arm].unpaired_latency_ms.is_empty();
        let arms: Vec<Result<Marginals, String>> = (0..columns.len())
            .map(|arm| {
                let spread = shares.as_ref().map(|shares| Spread { shares, arm });
                match (columns[arm], mask, &paired[arm]) {
                    (None, ..) | (_, _, None) => Err("no latency is logged".to_owned()),
                    (Some(_), Some(_), Some(column)) => marginals(&[column.values()], spread, level),
                    (Some(column), None, Some(_)) => {
                        marginals(&[column, &log.arms[arm].unpaired_latency_ms], spread, level)
                    }
                }
            })
            .collect();
        let apart = kept.is_some() || alone(0) || (columns.len() > 1 && alone(1));
        let of_rows: Vec<Result<Marginals, String>> = if apart && columns.len() == 2 {
            (0..2)
                .map(|arm| match &paired[arm] {
                    Some(column) => {
                        marginals(&[column.values()], shares.as_ref().map(|shares| Spread { shares, arm }), level)
                    }
                    None => Err("no latency is logged".to_owned()),
                })
                .collect()
        } else {
            arms.clone()
        };
        let figures = std::array::from_fn(|at| Figures {
            arms: [0, 1].map(|arm| {
                let found = arms.get(arm)?;
                let lines = if alone(arm) { "all lines of the arm" } else { "paired rows" };
                Some(found.clone().map(|found| estimate(&found.quantiles[at], lines, shares.is_some(), found.n)))
            }),
            difference: match (of_rows.as_slice(), paired.as_slice()) {
                ([Ok(a), Ok(b)], [Some(x), Some(y)]) => Some(difference(
                    [&a.quantiles[at], &b.quantiles[at]],
                    [x.values(), y.values()],
                    shares.as_ref(),
                    at,
                    rows,
                )),
                _ => None,
            },
        });
        Self { rows, figures }
    }
}

/// The quantiles of one column, with the values or units behind them.
#[derive(Clone)]
struct Marginals {
    quantiles: Vec<QuantileEstimate>,
    n: u64,
}

/// A column at some rows.
enum Column<'a> {
    All(&'a [f64]),
    Some(Vec<f64>),
}

impl<'a> Column<'a> {
    fn of(column: &'a [f64], rows: Option<&[u32]>) -> Self {
        match rows {
            None => Self::All(column),
            Some(rows) => Self::Some(rows.iter().map(|&row| column[row as usize]).collect()),
        }
    }

    fn values(&self) -> &[f64] {
        match self {
            Self::All(values) => values,
            Self::Some(values) => values,
        }
    }
}

/// Rows of `mask` on which every column has a value; `None` for all rows.
fn kept(rows: usize, columns: &[Option<&[f64]>], mask: Option<&RowMask>) -> Option<Vec<u32>> {
    let columns: Vec<&[f64]> = columns.iter().copied().flatten().collect();
    let keep = |row: usize| mask.is_none_or(|mask| mask.contains(row)) && columns.iter().all(|c| !c[row].is_nan());
    let count = match (mask, columns.as_slice()) {
        (None, []) => rows,
        (None, [a]) => exceedances(a, a, [0.0; 2]).iter().flatten().sum::<u64>() as usize,
        (None, [a, b, ..]) => exceedances(a, b, [0.0; 2]).iter().flatten().sum::<u64>() as usize,
        (Some(_), _) => 0,
    };
    (count < rows).then(|| (0..rows).filter(|&row| keep(row)).map(|row| row as u32).collect())
}

/// Sums over units of the products of centred indicators `value <= quantile`, per quantile.
struct Shares {
    /// Champion squared, challenger squared, their product.
    products: [[f64; 3]; QUANTILES.len()],
    units: f64,
    rows: f64,
}

struct Spread<'a> {
    shares: &'a Shares,
    arm: usize,
}

impl Shares {
    /// Standard error of the share at or below a quantile, cluster-robust.
    fn error(&self, at: usize, arm: usize) -> f64 {
        (self.units / (self.units - 1.0) * self.products[at][arm]).sqrt() / self.rows
    }

    fn t(&self, level: f64) -> f64 {
        t_isf(0.5 * (1.0 - level), self.units - 1.0)
    }

    fn correlation(&self, at: usize) -> f64 {
        let [a, b, both] = self.products[at];
        if a > 0.0 && b > 0.0 { (both / (a.sqrt() * b.sqrt())).clamp(-1.0, 1.0) } else { 0.0 }
    }
}

fn shares(columns: &[Option<Column<'_>>], units: &Units) -> Shares {
    let selected: Vec<Option<Vec<f64>>> = columns
        .iter()
        .map(|column| Selector::new(&[column.as_ref()?.values()]).quantiles(&QUANTILES.map(|(_, q)| q)).ok())
        .collect();
    let products = |at: usize| {
        let mut counts = vec![[0.0f64; 2]; units.count];
        for (arm, column) in columns.iter().enumerate() {
            let (Some(column), Some(selected)) = (column, &selected[arm]) else {
                continue;
            };
            let below = |value: f64| f64::from(u8::from(value <= selected[at]));
            let values = column.values();
            let mean = values.iter().map(|&value| below(value)).sum::<f64>() / values.len() as f64;
            for (&value, &unit) in values.iter().zip(&units.codes) {
                counts[unit as usize][arm] += below(value) - mean;
            }
        }
        counts.iter().fold([0.0; 3], |sums, [a, b]| [sums[0] + a * a, sums[1] + b * b, sums[2] + a * b])
    };
    let found: Vec<[f64; 3]> = (0..QUANTILES.len()).into_par_iter().map(products).collect();
    let products = std::array::from_fn(|at| found[at]);
    Shares { products, units: units.count as f64, rows: units.codes.len() as f64 }
}

/// Quantiles with intervals: ranks of the binomial distribution, or for clustered rows those at the ends of the
/// interval of the share below (Woodruff 1952, J Am Stat Assoc 47:635).
fn marginals(columns: &[&[f64]], spread: Option<Spread<'_>>, level: f64) -> Result<Marginals, String> {
    let selector = Selector::new(columns);
    let n = selector.len();
    let reason = |reason: crate::metrics::Undefined| reason.to_string();
    let values = selector.quantiles(&QUANTILES.map(|(_, q)| q)).map_err(reason)?;
    let mut estimates = Vec::with_capacity(QUANTILES.len());
    for (at, ((_, q), value)) in QUANTILES.iter().zip(values).enumerate() {
        let (ranks, z) = match &spread {
            None => (quantile_ranks(n, *q, level).map_err(|reason| reason.to_string())?, None),
            Some(Spread { shares, arm }) if shares.units >= 2.0 => {
                let t = shares.t(level);
                let half = t * shares.error(at, *arm);
                let (lo, hi) = ((n as f64 * (q - half)).floor(), (n as f64 * (q + half)).ceil() + 1.0);
                let lo = (lo >= 1.0).then_some(lo as u64);
                (Ranks { lo, hi: (hi <= n as f64).then_some(hi as u64), coverage: level }, Some(t))
            }
            Some(_) => return Err("intervals by unit need two units".to_owned()),
        };
        let wanted: Vec<u64> = [ranks.lo, ranks.hi].into_iter().flatten().map(|rank| rank - 1).collect();
        let found = selector.at_ranks(&wanted).map_err(reason)?;
        let mut found = found.into_iter();
        let lo = ranks.lo.and_then(|_| found.next());
        let hi = ranks.hi.and_then(|_| found.next());
        let z =
            z.unwrap_or_else(|| crate::stats::special::norm_isf((0.5 * (1.0 - ranks.coverage)).max(f64::MIN_POSITIVE)));
        let se = lo.zip(hi).map(|(lo, hi)| (hi - lo) / (2.0 * z));
        estimates.push(QuantileEstimate { value, lo, hi, ranks, level, se });
    }
    let n = spread.map_or(n, |spread| spread.shares.units as u64);
    Ok(Marginals { quantiles: estimates, n })
}

fn estimate(found: &QuantileEstimate, lines: &str, clustered: bool, n: u64) -> Estimate {
    let by = if clustered { ", by unit (Woodruff)" } else { "" };
    Estimate {
        value: found.value,
        lo: found.lo,
        hi: found.hi,
        level: found.level,
        method: format!("order statistics, {lines}{by}"),
        n,
    }
}

/// Challenger minus champion over the paired rows.
fn difference(
    [a, b]: [&QuantileEstimate; 2],
    columns: [&[f64]; 2],
    shares: Option<&Shares>,
    at: usize,
    n: u64,
) -> Result<Difference, String> {
    let Some(shares) = shares else {
        let [[neither, only_b], [only_a, _]] = exceedances(columns[0], columns[1], [a.value, b.value]);
        let counts = JointCounts { n, a: neither + only_a, b: neither + only_b, both: neither };
        return Ok(match from_marginals(b, a, counts) {
            Err(reason) => interval::bare_difference(b.value - a.value, a.level, &format!("no interval: {reason}"), n),
            Ok(found) => Difference {
                value: found.difference,
                lo: Some(found.interval.lo),
                hi: Some(found.interval.hi),
                level: a.level,
                method: "order statistics, paired rows".to_owned(),
                p: found.p,
                se: (found.se > 0.0).then_some(found.se),
                n,
            },
        });
    };
    let value = b.value - a.value;
    let units = shares.units as u64;
    let (Some(((lo_a, hi_a), (lo_b, hi_b))), Some((se_a, se_b))) = (a.lo.zip(a.hi).zip(b.lo.zip(b.hi)), a.se.zip(b.se))
    else {
        return Ok(interval::bare_difference(value, a.level, "no interval: too few rows for this quantile", units));
    };
    let correlation = shares.correlation(at);
    let distance =
        |found: &QuantileEstimate, lo: f64, hi: f64| ((found.value - lo).max(0.0), (hi - found.value).max(0.0));
    let (lo, hi) = square_and_add(value, distance(b, lo_b, hi_b), distance(a, lo_a, hi_a), correlation);
    let se = (se_a * se_a + se_b * se_b - 2.0 * correlation * se_a * se_b).max(0.0).sqrt();
    Ok(Difference {
        value,
        lo: Some(lo),
        hi: Some(hi),
        level: a.level,
        method: "order statistics, paired rows, by unit (Woodruff)".to_owned(),
        p: (se > 0.0).then(|| t_two_sided_p(value / se, shares.units - 1.0)),
        se: (se > 0.0).then_some(se),
        n: units,
    })
}
