//! Rows by stage of a rollout, or by day: while the share of traffic grows, arms pooled over time differ in when they
//! answered, so that a difference is taken within each stratum.

use std::collections::HashMap;

use super::tally::Tally;
use crate::compare::engine::span::Span;
use crate::log::{Codes, Log, RunKind, Split};
use crate::stats::balance::alike;
use crate::stats::influence::{Estimate, FEW_UNITS};
use crate::stats::sample_ratio::ALPHA_FIXED;
use crate::stats::{Moments, Undefined};

const DAY: i64 = 86_400_000_000;

/// Share of a sum that its rounding makes at most.
const ROUNDING: f64 = 1e-12;

/// Days that a run may take.
const MOST_DAYS: usize = 10_000;

/// What the rows are told apart by.
#[derive(Clone, Copy, Debug)]
pub(super) enum By<'a> {
    Stage(&'a Codes),
    /// Days since the first time, where no stage is logged.
    Day {
        times: &'a [i64],
        span: Span,
        days: usize,
    },
}

impl<'a> By<'a> {
    /// Stages, else days, of a canary run; of an A/B run those over which its shares of traffic change after all.
    /// `None`: they stay as they are, or no time is logged. `firsts`: the first row of each unit of both arms.
    pub fn of(log: &'a Log, split: &'a Split, firsts: &[Vec<u32>; 2]) -> Option<Self> {
        let by_time = || Self::by_day(log);
        if log.kind == RunKind::Canary {
            return split.stages.as_ref().map(|(_, stages)| Self::Stage(stages)).or_else(by_time);
        }
        let stages = split.stages.as_ref().map(|(_, stages)| Self::Stage(stages));
        stages.filter(|by| by.changes(firsts)).or_else(|| by_time().filter(|by| by.changes(firsts)))
    }

    /// Whether the arms' shares of the units differ between the strata by more than chance.
    fn changes(&self, firsts: &[Vec<u32>; 2]) -> bool {
        let counts = firsts.each_ref().map(|firsts| {
            let mut counts = vec![0; self.count()];
            firsts.iter().for_each(|row| counts[self.stratum(*row)] += 1);
            counts
        });
        alike(&counts[0], &counts[1]).is_some_and(|p| p < ALPHA_FIXED)
    }

    fn by_day(log: &'a Log) -> Option<Self> {
        let times = log.times.as_deref()?;
        let span = Span::of(times.to_vec())?;
        let days = (span.last.saturating_sub(span.first) / DAY) as usize + 1;
        // No run takes so long: the times are no times.
        (days <= MOST_DAYS).then_some(Self::Day { times, span, days })
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
            Self::Day { times, span, .. } => {
                let time = times[row as usize];
                span.holds(time).then(|| ((time - span.first) / DAY) as usize)
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

    /// Units in each stratum: rows where every row is a unit of its own.
    fn units(&self) -> Vec<u64> {
        if self.cells.is_empty() {
            return self.moments.iter().map(|of| of.n).collect();
        }
        let mut units = vec![0; self.moments.len()];
        self.cells.iter().for_each(|(_, stratum, _)| units[*stratum as usize] += 1);
        units
    }

    /// Variance of the weighted mean of the strata: of independent rows, or from the influence of each unit.
    fn variance(&self, weights: &[f64], units: usize) -> f64 {
        let weighted = || self.moments.iter().zip(weights).filter(|(_, weight)| **weight > 0.0);
        if self.cells.is_empty() {
            return weighted()
                .map(|(of, weight)| weight * weight * of.variance().unwrap_or_default() / of.n as f64)
                .sum();
        }
        let mut influence = vec![None; units];
        let mut parts = 0.0;
        for (unit, stratum, [sum, rows]) in &self.cells {
            let (of, weight) = (&self.moments[*stratum as usize], weights[*stratum as usize]);
            if weight > 0.0 {
                *influence[*unit as usize].get_or_insert(0.0) += weight * (sum - of.mean * rows) / of.n as f64;
                parts += (weight * sum / of.n as f64).powi(2);
            }
        }
        let seen = influence.iter().flatten().count().max(2) as f64;
        let found = influence.iter().flatten().map(|value: &f64| value * value).sum::<f64>();
        // Squares of what rounding leaves where all values of a stratum are alike.
        if found <= ROUNDING * ROUNDING * parts { 0.0 } else { seen / (seen - 1.0) * found }
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
    /// Events and trials with the variance found, of so many units; see [`Tally::effective_counts`].
    pub fn counts(&self, units: u64) -> (u64, u64) {
        let binomial = self.value * (1.0 - self.value);
        let tells = self.variance > 0.0 && units >= FEW_UNITS;
        let largest = if tells { self.rows } else { self.rows.min(units as f64) };
        let rows = if self.variance > 0.0 { (binomial / self.variance).min(largest) } else { largest };
        let n = rows.round().max(1.0) as u64;
        (((self.value * rows).round() as u64).min(n), n)
    }

    pub fn estimate(&self, units: u64, level: f64) -> Result<Estimate, Undefined> {
        Estimate::new(self.value, self.variance.sqrt(), (units as f64 - 1.0).max(1.0), units, level, "stratified")
    }
}

/// Share of each stratum in the mix that both arms are brought to. Weights are `n_a n_b / (n_a + n_b)` of a stratum's
/// rows, those of Cochran (1954, Biometrics 10:417) and of Mantel and Haenszel, at which a difference that is the same
/// in all strata is told best; they are taken as fixed. A unit that both arms served, in different strata, counts as
/// two. `None` where there is but one stratum, or none.
fn mix([a, b]: [&Strata; 2]) -> Option<Result<Vec<f64>, Undefined>> {
    let rows = |at: usize| (a.moments[at].n, b.moments[at].n);
    let strata = 0..a.moments.len();
    if strata.clone().filter(|&at| rows(at) != (0, 0)).count() < 2 {
        return None;
    }
    let units = [a.units(), b.units()];
    let weight = |at: usize| match (units[0][at].min(units[1][at]), rows(at)) {
        // No variance is known of one unit.
        (0 | 1, _) => 0.0,
        (_, (a, b)) => a as f64 * b as f64 / (a + b) as f64,
    };
    let weights: Vec<f64> = strata.map(weight).collect();
    let all: f64 = weights.iter().sum();
    if all == 0.0 {
        return Some(Err(Undefined::new(format!("no {} has two units of each arm", a.word))));
    }
    Some(Ok(weights.iter().map(|weight| weight / all).collect()))
}

/// Both arms as weighted by [`mix`], and the word of the strata.
pub(super) fn weighted(tallies: &[Tally; 2]) -> Option<Result<([Weighted; 2], &'static str), Undefined>> {
    let [a, b] = [tallies[0].strata()?, tallies[1].strata()?];
    let weights = match mix([a, b])? {
        Ok(weights) => weights,
        Err(reason) => return Some(Err(reason)),
    };
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

/// What one row of each arm weighs in the mix, by stratum: those of an arm sum to 1.
pub(super) fn row_weights(tallies: &[Tally; 2]) -> Option<Result<[Vec<f64>; 2], Undefined>> {
    let arms = [tallies[0].strata()?, tallies[1].strata()?];
    let of_row = |weights: Vec<f64>| {
        arms.map(|arm| arm.moments.iter().zip(&weights).map(|(of, weight)| weight / (of.n.max(1)) as f64).collect())
    };
    Some(mix(arms)?.map(of_row))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use super::*;
    use crate::log::CodeColumn;

    /// Rows of one arm in each stratum: so many yes of so many.
    fn arm(stages: &Codes, counts: [(u64, u64); 2]) -> Tally {
        let mut tally = Tally::new(0, Some(&By::Stage(stages)));
        for (stratum, (yes, all)) in counts.into_iter().enumerate() {
            (0..all).for_each(|row| tally.add(u32::MAX, stratum, f64::from(u8::from(row < yes))));
        }
        tally
    }

    fn stages() -> Codes {
        Codes { names: vec!["1".to_owned(), "2".to_owned()], codes: CodeColumn::U8(Vec::new()) }
    }

    #[test]
    fn what_is_alike_in_every_stage_does_not_differ_in_all() {
        // Errors double in stage 2, where the challenger gets half of the traffic: pooled it looks worse.
        let stages = stages();
        let arms = [arm(&stages, [(99, 9_900), (20, 1_000)]), arm(&stages, [(1, 100), (20, 1_000)])];
        assert!(arms[1].sum / arms[1].rows as f64 > 1.7 * arms[0].sum / arms[0].rows as f64);
        let ([a, b], word) = weighted(&arms).unwrap().unwrap();
        assert!((a.value - b.value).abs() < 1e-12, "{} {}", a.value, b.value);
        assert_eq!(word, "stage");
        // Weights 9900 * 100 / 10000 and 500.
        let expected = (99.0 * 0.01 + 500.0 * 0.02) / 599.0;
        assert!((a.value - expected).abs() < 1e-12);
    }

    #[test]
    fn variance_is_that_of_the_weighted_mean() {
        let stages = stages();
        let arms = [arm(&stages, [(30, 100), (40, 200)]), arm(&stages, [(10, 50), (60, 200)])];
        let ([a, _], _) = weighted(&arms).unwrap().unwrap();
        let weights = [100.0 * 50.0 / 150.0, 100.0];
        let share = weights[0] / (weights[0] + weights[1]);
        let of = |p: f64, n: f64| p * (1.0 - p) / (n - 1.0);
        let expected = share * share * of(0.3, 100.0) + (1.0 - share) * (1.0 - share) * of(0.2, 200.0);
        assert!((a.variance - expected).abs() < 1e-15, "{} {expected}", a.variance);
        // Without events there is no variance, but as many trials as the weights leave.
        let none = [arm(&stages, [(0, 100), (0, 200)]), arm(&stages, [(0, 50), (0, 200)])];
        let ([a, _], _) = weighted(&none).unwrap().unwrap();
        let kish = 1.0 / (share * share / 100.0 + (1.0 - share) * (1.0 - share) / 200.0);
        assert_eq!(a.counts(1_000), (0, kish.round() as u64));
        assert_eq!(a.counts(20), (0, 20), "a unit counts once where nothing tells how alike its rows are");
    }

    #[test]
    fn rows_of_one_unit_count_once() {
        let stages = stages();
        let of = |twice: bool| {
            let mut tally = Tally::new(100, Some(&By::Stage(&stages)));
            for row in 0..100u32 {
                let lines = if twice { 2 } else { 1 };
                (0..lines).for_each(|_| tally.add(row, (row % 2) as usize, f64::from(row % 5)));
            }
            tally
        };
        let variance = |twice| weighted(&[of(twice), of(twice)]).unwrap().unwrap().0[0].variance;
        assert!((variance(true) / variance(false) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn one_stage_is_no_stratum_and_arms_that_never_meet_have_no_difference() {
        let stages = stages();
        let same = [arm(&stages, [(1, 10), (0, 0)]), arm(&stages, [(2, 10), (0, 0)])];
        assert!(weighted(&same).is_none());
        let apart = [arm(&stages, [(1, 10), (0, 0)]), arm(&stages, [(0, 0), (2, 10)])];
        assert!(weighted(&apart).unwrap().is_err());
    }
}
