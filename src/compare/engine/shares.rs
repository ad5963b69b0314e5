//! Shares of rows, such as accuracy, and other means over rows of a number from 0 to 1: Wilson's interval of one arm,
//! Tango's of the difference of two on the same rows.
//!
//! An interval by the spread of the rows is far too narrow where few rows tell the arms apart, and has no width where
//! none does. Tango's allows for the rows that were not seen.

use super::interval::{self, Figures};
use super::sample::{Sample, Units};
use crate::compare::result::Difference;
use crate::metrics::measured::{Measured, Outcome};
use crate::stats::paired_proportion::{mcnemar, tango, tango_weighted};
use crate::stats::proportion::wilson_of_mean;
use crate::stats::special::norm_two_sided_p;
use crate::stats::{Moments, influence};

/// Rows, or units, that tell the arms apart below which the spread of the differences is not known.
const FEW: f64 = 10.0;
/// By how much the variance of numbers from 0 to 1 may be less than that of a share of the same mean for them to count
/// as one: equal probabilities at the cut of a top 3 make some rows count in part.
const PART: f64 = 0.1;

/// What rows say of a paired difference, each of them from -1 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Gains {
    /// Sum of the rows that gained, and less the sum of those that lost.
    pub gained: f64,
    pub lost: f64,
    /// Sum of the squares of rows; of counted rows the count of those that gained or lost.
    pub squares: f64,
    pub rows: u64,
    /// Where rows of one unit are alike: how many units there are, and the sum of the squares of what the rows of each
    /// gained and lost together.
    pub units: Option<(u64, f64)>,
}

impl Gains {
    fn of(gains: &[f64], units: Option<&Units>) -> Self {
        let mut found = Self { rows: gains.len() as u64, ..Self::default() };
        for &gain in gains {
            *(if gain > 0.0 { &mut found.gained } else { &mut found.lost }) += gain.abs();
            found.squares += gain * gain;
        }
        found.units = units.map(|units| {
            let mut sums = vec![0.0; units.count];
            gains.iter().zip(&units.codes).for_each(|(gain, &code)| sums[code as usize] += gain.abs());
            (units.count as u64, sums.iter().map(|sum| sum * sum).sum())
        });
        found
    }

    fn apart(&self) -> f64 {
        self.gained + self.lost
    }

    /// Rows, or units, that tell the arms apart; of uneven ones as many even ones as tell as much (Kish).
    fn effective(&self) -> f64 {
        let squares = self.units.map_or(self.squares, |(_, squares)| squares);
        if squares > 0.0 { self.apart().powi(2) / squares } else { 0.0 }
    }

    /// Challenger minus champion by Tango; `None` where the rows differ by parts, or rows of a unit are alike, and enough
    /// of them do for an interval by their spread. With units each is one row that may gain or lose as a whole, which
    /// errs on the wide side as do the parts of rows.
    pub fn difference(&self, level: f64) -> Option<Result<Difference, String>> {
        let whole = self.units.is_none() && self.apart() - self.squares <= PART * self.apart();
        // A single row of a part, or a single unit, has no interval of any kind.
        let several = self.units.map_or(self.rows, |(units, _)| units) > 1;
        (whole || several && self.effective() < FEW).then(|| self.tango(level))
    }

    fn tango(&self, level: f64) -> Result<Difference, String> {
        let counts = [self.gained, self.lost];
        let counted = counts.iter().all(|count| count.fract() == 0.0) && self.apart() == self.squares;
        if counted && self.units.is_none() {
            return paired(counts.map(|count| count as u64), self.rows, level);
        }
        let trials = self.units.map_or(self.rows, |(units, _)| units);
        let scale = trials as f64 / self.rows.max(1) as f64;
        let [gained, lost] = counts.map(|count| count * scale);
        let found = tango_weighted(gained, lost, trials, level).map_err(|reason| reason.to_string())?;
        let apart = gained + lost;
        let value = (self.gained - self.lost) / self.rows as f64;
        let by = if self.units.is_some() { ", a row per unit" } else { "" };
        let flips = match (apart > 0.0, self.effective() < FEW) {
            (false, _) => ", no flips",
            (true, true) => ", few flips",
            (true, false) => "",
        };
        Ok(Difference {
            value,
            lo: Some(found.lo),
            hi: Some(found.hi),
            level,
            method: format!("Tango{by}{flips}"),
            p: Some(if apart > 0.0 { norm_two_sided_p((gained - lost) / apart.sqrt()) } else { 1.0 }),
            se: None,
            n: trials,
        })
    }
}

/// Difference of two shares of the same `n` independent rows: Tango's interval, McNemar's mid-p. `only` counts the rows
/// that only the challenger, and only the champion, has.
pub(super) fn paired(only: [u64; 2], n: u64, level: f64) -> Result<Difference, String> {
    let [gained, lost] = only;
    let found = tango(gained, lost, n, level).map_err(|reason| reason.to_string())?;
    let rows = n as f64;
    let value = (gained as f64 - lost as f64) / rows;
    let variance = (((gained + lost) as f64 / rows - value * value) / rows).max(0.0);
    Ok(Difference {
        value,
        lo: Some(found.lo),
        hi: Some(found.hi),
        level,
        method: interval::method(found.method).to_owned(),
        p: Some(mcnemar(gained, lost).midp),
        se: (variance > 0.0).then(|| variance.sqrt()),
        n,
    })
}

/// Difference of two means over rows, or units, none of which tells the arms apart, of numbers from 0 to `most`: as
/// that of a share.
pub(super) fn none_apart(most: f64, trials: u64, clustered: bool, level: f64) -> Result<Difference, String> {
    let units = clustered.then_some((trials, 0.0));
    let mut found = Gains { rows: trials, units, ..Gains::default() }.tango(level)?;
    found.method = format!("Tango{}, no row differs", if clustered { ", a row per unit" } else { "" });
    for end in [&mut found.lo, &mut found.hi] {
        *end = end.map(|end| end * most);
    }
    Ok(found)
}

/// Mean of what rows gain, each from -1 to 1, with its interval, that of its metric were it one; `None` where there is
/// none.
pub(super) fn mean_gain(gains: &[f64], units: Option<&Units>, level: f64) -> Option<[f64; 3]> {
    if let Some(found) = Gains::of(gains, units).difference(level) {
        let found = found.ok()?;
        return Some([found.value, found.lo?, found.hi?]);
    }
    let found = match units {
        Some(units) => influence::clustered_mean(gains, &units.codes, units.count, level),
        None => influence::mean(&Moments::from_slice(gains), level),
    };
    let found = found.ok()?;
    Some([found.value, found.interval.lo.max(-1.0), found.interval.hi.min(1.0)])
}

/// What the rows of the arms say of a share.
pub(super) struct Shares {
    /// Mean of each arm, and what its variance lacks of that of a share.
    arms: [Option<[f64; 2]>; 2],
    gains: Option<Gains>,
}

impl Shares {
    /// Of a metric whose value is a share for every arm that has one; else `None`.
    pub fn of(outcomes: &[Option<Outcome>; 2], units: Option<&Units>) -> Option<Self> {
        let found = outcomes.each_ref().map(|outcome| outcome.as_ref().and_then(|found| found.as_ref().ok()));
        let present = || found.iter().flatten();
        if present().next().is_none() || present().any(|found| !found.share) {
            return None;
        }
        let rows = found.map(|found| found.and_then(rows));
        let arms = rows.each_ref().map(|rows| {
            let rows = rows.as_ref()?;
            let (sum, mixed) = rows.iter().fold((0.0, 0.0), |(sum, mixed), x| (sum + x, mixed + x * (1.0 - x)));
            Some([sum, mixed].map(|sum| sum / rows.len() as f64))
        });
        let gains = match &rows {
            [Some(a), Some(b)] => Some(Gains::of(&b.iter().zip(a).map(|(b, a)| b - a).collect::<Vec<f64>>(), units)),
            _ => None,
        };
        Some(Self { arms, gains })
    }

    /// Figures by influence with the intervals of shares in place of those that a share has better ones than.
    pub fn improve(&self, mut figures: Figures, sample: &Sample<'_>, level: f64) -> Figures {
        for (slot, found) in figures.arms.iter_mut().zip(&self.arms) {
            if let (Some(Ok(arm)), Some([mean, lack]), None) = (slot, found, sample.units)
                && *lack <= PART * mean * (1.0 - mean)
                && let Ok(ends) = wilson_of_mean(*mean, sample.rows(), level)
            {
                *arm = interval::estimate(*mean, &ends, sample.rows());
            }
        }
        if let (Some(Ok(_)), Some(found)) = (&figures.difference, self.gains.and_then(|gains| gains.difference(level)))
        {
            figures.difference = Some(found);
        }
        figures
    }
}

/// The number of every row.
fn rows(found: &Measured) -> Option<Vec<f64>> {
    Some(found.influence.as_ref()?.iter().map(|influence| found.of_row(*influence)).collect())
}
