//! Rows by stage of a rollout, or by day: while the share of traffic grows, arms pooled over time differ in when they
//! answered, so that a difference is taken within each stratum.

use std::collections::HashMap;

use super::tally::Tally;
use crate::log::{Codes, Log, NO_TIME, RunKind, Split};
use crate::stats::influence::Estimate;
use crate::stats::{Moments, Undefined};

const DAY: i64 = 86_400_000_000;

/// What the rows are told apart by.
#[derive(Clone, Copy, Debug)]
pub(super) enum By<'a> {
    Stage(&'a Codes),
    /// Days since the first time, where no stage is logged.
    Day {
        times: &'a [i64],
        first: i64,
        days: usize,
    },
}

impl<'a> By<'a> {
    /// `None`: nothing grows over time, as in an A/B run, or no time is logged.
    pub fn of(log: &'a Log, split: &'a Split) -> Option<Self> {
        if log.kind != RunKind::Canary {
            return None;
        }
        if let Some((_, stages)) = &split.stages {
            return Some(Self::Stage(stages));
        }
        let times = log.times.as_deref()?;
        let known = || times.iter().copied().filter(|time| *time != NO_TIME);
        let (first, last) = (known().min()?, known().max()?);
        let days = (last.saturating_sub(first) / DAY) as usize + 1;
        Some(Self::Day { times, first, days })
    }

    pub const fn word(&self) -> &'static str {
        match self {
            Self::Stage(_) => "stage",
            Self::Day { .. } => "day",
        }
    }

    /// Strata there may be.
    pub fn count(&self) -> usize {
        1 + match self {
            Self::Stage(stages) => stages.names.len(),
            Self::Day { days, .. } => *days,
        }
    }

    /// Stratum of a row of the log; the last holds rows of which it is not known.
    pub fn stratum(&self, row: u32) -> usize {
        let known = match self {
            Self::Stage(stages) => stages.code(row as usize).map(|code| code as usize),
            Self::Day { times, first, .. } => {
                let time = times[row as usize];
                (time != NO_TIME).then(|| (time.saturating_sub(*first) / DAY) as usize)
            }
        };
        known.unwrap_or(self.count() - 1)
    }
}

/// Sums of an outcome in one arm by stratum.
#[derive(Clone, Debug, Default)]
pub(super) struct Strata {
    word: &'static str,
    moments: Vec<Moments>,
    /// Unit, stratum, sum and rows, as they came; empty where every row is a unit of its own.
    cells: Vec<(u32, u32, [f64; 2])>,
    places: HashMap<(u32, u32), usize>,
}

impl Strata {
    pub fn new(by: &By<'_>) -> Self {
        Self { word: by.word(), moments: vec![Moments::default(); by.count()], ..Self::default() }
    }

    pub fn add(&mut self, stratum: usize, unit: Option<u32>, value: f64) {
        self.moments[stratum].add(value);
        if let Some(unit) = unit {
            let stratum = stratum as u32;
            let place = *self.places.entry((unit, stratum)).or_insert_with(|| {
                self.cells.push((unit, stratum, [0.0; 2]));
                self.cells.len() - 1
            });
            let (.., [sum, rows]) = &mut self.cells[place];
            *sum += value;
            *rows += 1.0;
        }
    }

    /// Variance of the weighted mean of the strata: of independent rows, or from the influence of each unit.
    fn variance(&self, weights: &[f64], units: usize) -> f64 {
        let weighted = || self.moments.iter().zip(weights).filter(|(_, weight)| **weight > 0.0);
        if self.cells.is_empty() {
            return weighted()
                .map(|(of, weight)| weight * weight * of.variance().unwrap_or_default() / of.n as f64)
                .sum();
        }
        let mut influence = vec![0.0; units];
        for (unit, stratum, [sum, rows]) in &self.cells {
            let (of, weight) = (&self.moments[*stratum as usize], weights[*stratum as usize]);
            if weight > 0.0 {
                influence[*unit as usize] += weight * (sum - of.mean * rows) / of.n as f64;
            }
        }
        let seen = influence.iter().filter(|value| **value != 0.0).count().max(2) as f64;
        seen / (seen - 1.0) * influence.iter().map(|value| value * value).sum::<f64>()
    }
}

/// An arm's value at the mix of strata that both arms share.
#[derive(Clone, Copy, Debug)]
pub(super) struct Weighted {
    pub value: f64,
    pub variance: f64,
    /// Rows that would have this variance without strata, were all equally uncertain: Kish's.
    rows: f64,
}

impl Weighted {
    /// Events and trials with the variance found; see [`Tally::effective_counts`].
    pub fn counts(&self) -> (u64, u64) {
        let binomial = self.value * (1.0 - self.value);
        let rows = if self.variance > 0.0 { (binomial / self.variance).min(self.rows) } else { self.rows };
        let n = rows.round().max(1.0) as u64;
        (((self.value * rows).round() as u64).min(n), n)
    }

    pub fn estimate(&self, units: u64, level: f64) -> Result<Estimate, Undefined> {
        Estimate::new(self.value, self.variance.sqrt(), (units as f64 - 1.0).max(1.0), units, level, "stratified")
    }
}

/// Both arms as weighted, and the word of the strata. Weights are `n_a n_b / (n_a + n_b)` of a stratum's rows, those of
/// Cochran (1954, Biometrics 10:417) and of Mantel and Haenszel, at which a difference that is the same in all strata
/// is told best; they are taken as fixed. A unit that both arms served, in different strata, counts as two. `None`
/// where there is but one stratum, or none.
pub(super) fn weighted(tallies: &[Tally; 2]) -> Option<Result<([Weighted; 2], &'static str), Undefined>> {
    let [a, b] = [tallies[0].strata()?, tallies[1].strata()?];
    let pairs = || a.moments.iter().zip(&b.moments);
    if pairs().filter(|(a, b)| a.n + b.n > 0).count() < 2 {
        return None;
    }
    let weight = |(a, b): (&Moments, &Moments)| match (a.n, b.n) {
        // No variance is known of one row.
        (0 | 1, _) | (_, 0 | 1) => 0.0,
        (a, b) => a as f64 * b as f64 / (a + b) as f64,
    };
    let weights: Vec<f64> = pairs().map(weight).collect();
    let all: f64 = weights.iter().sum();
    if all == 0.0 {
        return Some(Err(Undefined::new(format!("no {} has two rows of each arm", a.word))));
    }
    let weights: Vec<f64> = weights.iter().map(|weight| weight / all).collect();
    let of = |arm: usize, strata: &Strata| {
        let known = || strata.moments.iter().zip(&weights).filter(|(_, weight)| **weight > 0.0);
        let squares: f64 = known().map(|(of, weight)| weight * weight / of.n as f64).sum();
        Weighted {
            value: known().map(|(of, weight)| weight * of.mean).sum(),
            variance: strata.variance(&weights, tallies[arm].units()),
            rows: 1.0 / squares,
        }
    };
    Some(Ok(([of(0, a), of(1, b)], a.word)))
}
