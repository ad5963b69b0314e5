//! Regression: a true number and a predicted one per row.

mod errors;
mod order;
mod quantiles;

use rayon::prelude::*;

use self::errors::Drawn;
use self::quantiles::Predicted;
use super::Family;
use crate::compare::detail::Detail;
use crate::compare::engine::CompareError;
use crate::compare::engine::sample::Units;
use crate::compare::plan::Plan;
use crate::job::JobCx;
use crate::log::{Content, FeatureValues, Log, Numbers, Quantile};
use crate::metrics::BLOCK;
use crate::metrics::measured::Outcome;
use crate::metrics::registry::Metric;
use crate::metrics::regression as kernels;
use crate::metrics::regression::naive::{self, Scales};

pub(super) struct Regression<'a> {
    log: &'a Log,
    numbers: &'a Numbers,
    /// Scales of MASE by row of the log, or why there are none.
    scales: Result<Scales, String>,
}

impl<'a> Regression<'a> {
    pub fn new(log: &'a Log) -> Result<Self, CompareError> {
        match &log.content {
            Content::Numbers(numbers) => Ok(Self { log, numbers, scales: scales(log, numbers) }),
            _ => Err(CompareError::Plan("the log holds no true numbers".to_owned())),
        }
    }

    fn arms(&self) -> usize {
        self.log.arms.len().min(2)
    }

    /// Predictions of an arm by row of the log; empty where it has none.
    fn predicted(&self, arm: usize) -> &[f64] {
        self.log.arms[arm].scores.as_deref().unwrap_or_default()
    }

    /// Predicted quantiles of an arm by row of the log.
    fn quantiles(&self, arm: usize) -> &[Quantile] {
        self.numbers.quantiles.get(arm).map_or(&[], Vec::as_slice)
    }

    fn has_quantiles(&self) -> bool {
        (0..self.arms()).any(|arm| !self.quantiles(arm).is_empty())
    }

    /// Whether MASE is shown, with its value or with the reason why it has none: where a column of series or of steps ahead or
    /// predicted quantiles say that the run is a forecast. Of other rows that are no series nobody asks for it.
    fn is_series(&self) -> bool {
        let is_forecast = self.numbers.series.is_some() || self.numbers.horizon.is_some() || self.has_quantiles();
        self.scales.is_ok() || is_forecast
    }

    fn truth(&self, rows: &[u32]) -> Vec<f64> {
        gather(&self.numbers.truth, rows)
    }

    /// Prediction minus truth.
    fn errors(&self, arm: usize, rows: &[u32]) -> Vec<f64> {
        let predicted = self.predicted(arm);
        let error = |&row: &u32| predicted[row as usize] - self.numbers.truth[row as usize];
        rows.par_iter().with_min_len(BLOCK).map(error).collect()
    }
}

/// Scales of the naive forecast. A series is what the mapped column tells, else the unit, else the whole log.
fn scales(log: &Log, numbers: &Numbers) -> Result<Scales, String> {
    let times = log.times.as_ref().ok_or("no time is logged, so the rows have no order")?;
    let mapped = numbers.series.as_deref().and_then(|name| log.feature(name));
    let codes: Option<Vec<u32>> = match (mapped.map(|feature| &feature.values), &log.units) {
        (Some(FeatureValues::Coded(codes)), _) | (None, Some((_, codes))) => {
            Some((0..log.rows).map(|row| codes.code(row).unwrap_or(u32::MAX)).collect())
        }
        (Some(FeatureValues::Numeric(values)), _) => {
            let mut distinct = values.clone();
            distinct.sort_by(f64::total_cmp);
            distinct.dedup();
            let code = |value: &f64| distinct.partition_point(|known| known.total_cmp(value).is_lt()) as u32;
            Some(values.iter().map(code).collect())
        }
        (None, None) => None,
    };
    let season = numbers.season.map_or(1, |rows| rows.get() as usize);
    naive::scales(&numbers.truth, times, codes.as_deref(), mapped.is_some(), season)
}

fn gather(values: &[f64], rows: &[u32]) -> Vec<f64> {
    rows.par_iter().with_min_len(BLOCK).map(|&row| values[row as usize]).collect()
}

impl Family for Regression<'_> {
    fn metrics(&self) -> Vec<&'static Metric> {
        let [mase, quantiles @ ..] = &kernels::forecast::METRICS;
        let mase = self.is_series().then_some(mase);
        let quantiles = quantiles.iter().filter(|_| self.has_quantiles());
        kernels::METRICS.iter().chain(mase).chain(quantiles).collect()
    }

    fn measure(&self, arm: usize, rows: &[u32]) -> Vec<Outcome> {
        if self.log.arms[arm].scores.is_none() {
            return self.metrics().iter().map(|_| Err("no prediction is logged".to_owned())).collect();
        }
        let (truth, predicted) = (self.truth(rows), gather(self.predicted(arm), rows));
        let mut found = kernels::measure(&truth, &predicted);
        if self.is_series() {
            found.push(
                self.scales
                    .as_ref()
                    .map_err(Clone::clone)
                    .and_then(|scales| kernels::forecast::scaled(&truth, &predicted, &gather(&scales.of_rows, rows))),
            );
        }
        if self.has_quantiles() {
            match Predicted::of(self.quantiles(arm), rows) {
                Ok(quantiles) => found.extend(quantiles.measure(&truth)),
                Err(reason) => found.extend([(); 4].map(|()| Err(reason.clone()))),
            }
        }
        found
    }

    fn detail(&self, rows: &[u32], units: Option<&Units>, plan: &Plan, cx: &JobCx) -> Result<Detail, CompareError> {
        cx.stage("Errors", 0);
        Ok(Detail::Regression(Drawn { of: self, rows, units, level: plan.level }.errors(cx)?))
    }

    fn notes(&self, rows: &[u32]) -> Vec<String> {
        let truth = self.truth(rows);
        let zeros = truth.iter().filter(|value| **value == 0.0).count();
        let negative = truth.iter().filter(|value| **value < 0.0).count();
        let mut notes = Vec::new();
        if zeros > 0 {
            notes.push(format!("{zeros} true values are 0, so errors in per cent of the truth have no value."));
        }
        if negative > 0 && negative < truth.len() {
            notes.push(format!("{negative} true values are negative; errors relative to the truth mislead there."));
        }
        if let Ok(Scales { series: [scaled, bare], season, differences, steps: [steps, odd], .. }) = &self.scales {
            let whose = match (self.numbers.series.as_ref(), &self.log.units) {
                (Some(column), _) | (None, Some((column, _))) => format!("{scaled} series told by {column}"),
                (None, None) => "the one series of the log".to_owned(),
            };
            let apart = match season {
                1 => "from one time to the next".to_owned(),
                rows => format!("over a season of {rows} rows ({differences} differences)"),
            };
            notes.push(format!(
                "MASE is scaled by the mean absolute change of the true value {apart} within {whose}, over the run itself: the training part is not in the log."
            ));
            if *season > 1 && *odd > 0 {
                notes.push(format!(
                    "{odd} of {steps} steps in time are longer or shorter than most; a season is counted in rows, so a missing row moves it."
                ));
            }
            if *bare > 0 {
                let short = if *season > 1 { "are no longer than a season" } else { "have no two times" };
                notes.push(format!(
                    "{bare} series {short} or never change, so MASE has no scale there and leaves their rows out."
                ));
            }
        }
        notes
    }
}
