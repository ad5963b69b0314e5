//! Sums of an outcome in one arm, by row or by unit, from which every interval of it follows. Grows row by row, so that
//! looks over time cost one pass.

use super::strata::{By, Strata};
use crate::stats::influence::{self, Estimate};
use crate::stats::{Cov2, Moments, Undefined, ratio};

/// One outcome of one arm.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    /// Rows with a value.
    pub rows: u64,
    /// Sum of the values; of a yes-or-no outcome the number of yes.
    pub sum: f64,
    moments: Moments,
    /// Rows whose value is not 0; counted where every row is a unit of its own.
    other: u64,
    /// Sums and rows of each unit; empty where every row is a unit of its own.
    units: Vec<[f64; 2]>,
    strata: Option<Strata>,
}

impl Tally {
    /// `units`: how many there may be, 0 where rows are the units.
    pub fn new(units: usize, by: Option<&By<'_>>) -> Self {
        Self { units: vec![[0.0; 2]; units], strata: by.map(Strata::new), ..Self::default() }
    }

    pub fn add(&mut self, unit: u32, stratum: usize, value: f64) {
        self.rows += 1;
        self.sum += value;
        if let Some(strata) = &mut self.strata {
            strata.add(stratum, (!self.units.is_empty()).then_some(unit), value);
        }
        match self.units.get_mut(unit as usize) {
            Some([sum, rows]) => {
                *sum += value;
                *rows += 1.0;
            }
            None => {
                self.moments.add(value);
                self.other += u64::from(value != 0.0);
            }
        }
    }

    pub fn clustered(&self) -> bool {
        !self.units.is_empty()
    }

    /// Units with a value: clusters, or rows.
    pub fn unit_count(&self) -> u64 {
        if self.clustered() { self.seen().count() as u64 } else { self.rows }
    }

    /// Value per row; `None` without a row.
    pub fn mean(&self) -> Option<f64> {
        (self.rows > 0).then(|| self.sum / self.rows as f64)
    }

    /// Units whose value is not the usual one: of numbers 0, of yes and no the one that more have.
    pub fn varied(&self, two_valued: bool) -> u64 {
        if !self.clustered() {
            return if two_valued { self.other.min(self.rows - self.other) } else { self.other };
        }
        let count = |is: fn(&[f64; 2]) -> bool| self.seen().filter(|unit| is(unit)).count() as u64;
        let other = count(|[sum, _]| *sum != 0.0);
        if two_valued { other.min(count(|[sum, rows]| sum < rows)) } else { other }
    }

    /// Units there may be.
    pub fn units(&self) -> usize {
        self.units.len()
    }

    pub fn strata(&self) -> Option<&Strata> {
        self.strata.as_ref()
    }

    fn seen(&self) -> impl Iterator<Item = &[f64; 2]> {
        self.units.iter().filter(|[_, rows]| *rows > 0.0)
    }

    /// Value per row: of units with several rows by the delta method.
    pub fn per_row(&self, level: f64) -> Result<Estimate, Undefined> {
        if !self.clustered() {
            return influence::mean(&self.moments, level);
        }
        let mut sums = Cov2::default();
        self.seen().for_each(|[sum, rows]| sums.add(*sum, *rows));
        ratio::ratio(&sums, level)
    }

    /// Sum of a unit's rows, one per unit.
    pub fn per_unit(&self) -> Moments {
        let mut moments = Moments::default();
        self.seen().for_each(|[sum, _]| moments.add(*sum));
        moments
    }

    /// Outcome and covariate of each unit, or row: `before` is the covariate's tally over the same rows.
    pub fn beside(&self, before: &Self) -> Cov2 {
        let mut pairs = Cov2::default();
        for ([sum, rows], [known, lines]) in self.units.iter().zip(&before.units) {
            if *rows > 0.0 && *lines > 0.0 {
                pairs.add(*sum, known / lines);
            }
        }
        pairs
    }

    /// Events and trials that have the variance of the clustered share: both divided by the design effect (Rao and
    /// Scott 1992, Biometrics 48:577), which is 1 where it is not larger. Where too few units tell of it (fewer than 30,
    /// or all alike) it is as large as it can be: a unit counts once.
    pub fn effective_counts(&self) -> (u64, u64) {
        let (x, n) = (self.sum.round() as u64, self.rows);
        if !self.clustered() || n == 0 {
            return (x, n);
        }
        let p = self.sum / n as f64;
        let binomial = p * (1.0 - p) / n as f64;
        let largest = n as f64 / self.unit_count().max(1) as f64;
        let effect = match self.per_row(0.95) {
            Ok(found) if binomial > 0.0 && !found.few_units() => (found.se * found.se / binomial).max(1.0),
            Ok(found) if binomial > 0.0 => (found.se * found.se / binomial).max(largest),
            _ => largest,
        };
        let scaled = |count: u64| (count as f64 / effect).round() as u64;
        (scaled(x).min(scaled(n)), scaled(n))
    }
}
