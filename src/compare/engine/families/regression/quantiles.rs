//! Predicted quantiles and the intervals between them.

use super::Regression;
use super::gather;
use crate::compare::detail::{IntervalForecast, QuantileForecasts, QuantileLevel};
use crate::compare::engine::sample::Units;
use crate::compare::engine::shares;
use crate::compare::result::PerArm;
use crate::log::Quantile;
use crate::metrics::measured::{Measured, Outcome};
use crate::metrics::regression::forecast::{self, Limits};
use crate::stats::proportion::wilson;
use crate::stats::{Moments, influence};

/// Predicted quantiles of an arm at some rows, levels ascending.
pub(super) struct Predicted {
    levels: Vec<(f64, Vec<f64>)>,
}

impl Predicted {
    /// Of an arm.
    ///
    /// # Errors
    /// The arm predicts none, or one is missing at some row.
    pub fn of(quantiles: &[Quantile], rows: &[u32]) -> Result<Self, String> {
        if quantiles.is_empty() {
            return Err("no quantile is predicted".to_owned());
        }
        let mut levels = Vec::with_capacity(quantiles.len());
        for Quantile { level, values } in quantiles {
            let values = gather(values, rows);
            let missing = values.iter().filter(|value| !value.is_finite()).count();
            if missing > 0 {
                return Err(format!("{missing} of {} rows have no predicted quantile {level}", rows.len()));
            }
            levels.push((*level, values));
        }
        Ok(Self { levels })
    }

    fn at(&self, level: f64) -> Option<&[f64]> {
        self.levels.iter().find(|(known, _)| (known - level).abs() < 1e-9).map(|(_, values)| values.as_slice())
    }

    /// Central intervals, the widest first.
    fn intervals(&self) -> Vec<Limits<'_>> {
        let below = self.levels.iter().filter(|(level, _)| *level < 0.5 - 1e-9);
        below
            .filter_map(|(level, lower)| Some(Limits { alpha: 2.0 * level, lower, upper: self.at(1.0 - level)? }))
            .collect()
    }

    /// The metrics of quantiles in the order of [`forecast::METRICS`], without MASE.
    pub fn measure(&self, truth: &[f64]) -> [Outcome; 4] {
        let intervals = self.intervals();
        let levels: Vec<(f64, &[f64])> =
            self.levels.iter().map(|(level, values)| (*level, values.as_slice())).collect();
        let none = || NO_INTERVAL.to_owned();
        let coverage = intervals.first().ok_or_else(none).and_then(|i| forecast::coverage(truth, i.lower, i.upper));
        let score = if intervals.is_empty() { Err(none()) } else { forecast::interval_score(truth, &intervals) };
        let weighted = match self.at(0.5) {
            _ if intervals.is_empty() => Err(none()),
            None => Err("no median is predicted (a quantile of level 0.5)".to_owned()),
            Some(median) => forecast::weighted_interval_score(truth, median, &intervals),
        };
        [forecast::mean_pinball(truth, &levels), coverage, score, weighted]
    }
}

const NO_INTERVAL: &str = "no two predicted quantiles are the limits of a central interval, as 0.1 and 0.9 are";

/// What every level and every interval comes to.
pub(super) struct Levels<'a> {
    pub truth: &'a [f64],
    /// `None` where each row is its own.
    pub units: Option<&'a Units>,
    pub level: f64,
}

impl Levels<'_> {
    /// `None` where no arm predicts a quantile.
    pub fn found(&self, of: &Regression<'_>, rows: &[u32]) -> Option<QuantileForecasts> {
        let arms = of.arms();
        if (0..arms).all(|arm| of.quantiles(arm).is_empty()) {
            return None;
        }
        let arms: Vec<Result<Predicted, String>> =
            (0..arms).map(|arm| Predicted::of(of.quantiles(arm), rows)).collect();
        let undefined = arms.iter().filter_map(|found| found.as_ref().err()).cloned().collect::<Vec<_>>();
        let arms: Vec<Option<Predicted>> = arms.into_iter().map(Result::ok).collect();
        let mut levels: Vec<f64> =
            arms.iter().flatten().flat_map(|arm| arm.levels.iter().map(|(level, _)| *level)).collect();
        levels.sort_by(f64::total_cmp);
        levels.dedup_by(|a, b| (*a - *b).abs() < 1e-9);
        Some(QuantileForecasts {
            levels: levels.iter().map(|&level| self.level(&arms, level)).collect(),
            intervals: levels
                .iter()
                .filter(|level| **level < 0.5 - 1e-9)
                .filter_map(|&level| self.interval(&arms, level))
                .collect(),
            undefined: (!undefined.is_empty()).then(|| undefined.join("; ")),
        })
    }

    fn level(&self, arms: &[Option<Predicted>], level: f64) -> QuantileLevel {
        let of = |arm: &Option<Predicted>, what: fn(f64, f64, f64) -> f64| -> Option<Vec<f64>> {
            let values = arm.as_ref()?.at(level)?;
            Some(self.truth.iter().zip(values).map(|(&truth, &value)| what(truth, value, level)).collect())
        };
        let held = |arm: &Option<Predicted>| of(arm, |truth, value, _| f64::from(u8::from(truth <= value)));
        let loss = |arm: &Option<Predicted>| of(arm, forecast::pinball_at);
        let (pinball, pinball_difference) = self.both(arms, loss);
        let (observed, observed_difference) = self.shares(arms, held);
        QuantileLevel { level, observed, observed_difference, pinball, pinball_difference }
    }

    fn interval(&self, arms: &[Option<Predicted>], level: f64) -> Option<IntervalForecast> {
        let limits = |arm: &Option<Predicted>, what: fn(&Limits<'_>, usize, f64) -> f64| -> Option<Vec<f64>> {
            let arm = arm.as_ref()?;
            let limits = Limits { alpha: 2.0 * level, lower: arm.at(level)?, upper: arm.at(1.0 - level)? };
            Some(self.truth.iter().enumerate().map(|(row, &truth)| what(&limits, row, truth)).collect())
        };
        let held = |limits: &Limits<'_>, row: usize, truth: f64| {
            f64::from(u8::from((limits.lower[row]..=limits.upper[row]).contains(&truth)))
        };
        let (coverage, coverage_difference) = self.shares(arms, |arm| limits(arm, held));
        let (score, score_difference) =
            self.both(arms, |arm| limits(arm, |limits, row, truth| limits.score(row, truth)));
        let (width, _) = self.both(arms, |arm| limits(arm, |limits, row, _| limits.upper[row] - limits.lower[row]));
        let nominal = ((1.0 - 2.0 * level) * 1e9).round() / 1e9;
        coverage.champion.or(coverage.challenger).map(|_| IntervalForecast {
            nominal,
            coverage,
            coverage_difference,
            score,
            score_difference,
            width,
        })
    }

    /// Means of a number per row of each arm, and of its difference.
    fn both(
        &self,
        arms: &[Option<Predicted>],
        of: impl Fn(&Option<Predicted>) -> Option<Vec<f64>>,
    ) -> (PerArm<[f64; 3]>, Option<[f64; 3]>) {
        let values: Vec<Option<Vec<f64>>> = arms.iter().map(of).collect();
        let mean = |arm: usize| self.mean(values.get(arm)?.as_deref()?);
        let difference = match values.as_slice() {
            [Some(a), Some(b)] => self.mean(&a.iter().zip(b).map(|(a, b)| b - a).collect::<Vec<_>>()),
            _ => None,
        };
        (PerArm { champion: mean(0), challenger: mean(1) }, difference)
    }

    /// As [`Self::both`], of what holds (1) or not (0).
    fn shares(
        &self,
        arms: &[Option<Predicted>],
        of: impl Fn(&Option<Predicted>) -> Option<Vec<f64>>,
    ) -> (PerArm<[f64; 3]>, Option<[f64; 3]>) {
        let values: Vec<Option<Vec<f64>>> = arms.iter().map(of).collect();
        let share = |arm: usize| self.share(values.get(arm)?.as_deref()?);
        let difference = match values.as_slice() {
            [Some(a), Some(b)] => {
                let gains: Vec<f64> = a.iter().zip(b).map(|(a, b)| b - a).collect();
                shares::mean_gain(&gains, self.units, self.level)
            }
            _ => None,
        };
        (PerArm { champion: share(0), challenger: share(1) }, difference)
    }

    /// With the interval of Wilson; of units cluster-robust, unless it holds on none or on all rows.
    fn share(&self, values: &[f64]) -> Option<[f64; 3]> {
        let (rows, hits) = (values.len() as u64, values.iter().sum::<f64>() as u64);
        let trials = self.units.map_or(rows, |units| units.count as u64);
        let found = match hits {
            0 => wilson(0, trials, self.level),
            _ if hits == rows => wilson(trials, trials, self.level),
            _ if self.units.is_none() => wilson(hits, rows, self.level),
            _ => return self.mean(values),
        };
        let value = hits as f64 / rows as f64;
        Some(found.map_or([value; 3], |ends| [value, ends.lo, ends.hi]))
    }

    /// With its interval, cluster-robust where there are units; of one value throughout the interval is that value.
    fn mean(&self, values: &[f64]) -> Option<[f64; 3]> {
        let value = Measured::mean(values.len(), |row| values[row]).ok()?.value;
        let found = match self.units {
            Some(units) => influence::clustered_mean(values, &units.codes, units.count, self.level),
            None => influence::mean(&Moments::from_slice(values), self.level),
        };
        Some(found.map_or([value, value, value], |found| [value, found.interval.lo, found.interval.hi]))
    }
}
