//! Cost, failures and throughput of models that got the same requests: over the rows on which both arms say it,
//! answered and labelled or not, since a request that failed has no answer.

use std::borrow::Cow;

use super::decided::Decided;
use super::interval::{self, Figures};
use super::metrics;
use super::operations::operations;
use super::sample::{Sample, Spread, Units};
use super::{Engine, throughput};
use crate::compare::detail::Operations;
use crate::compare::result::MetricResult;
use crate::log::{Arm, NO_LABEL, TIMED_OUT};
use crate::metrics::confusion::ConfusionMetric;
use crate::metrics::registry::{self, Metric};

impl Engine {
    /// Metrics of what is logged; of a split run nothing, as there these are outcomes.
    pub(super) fn measure_served(&self, level: f64) -> (Vec<MetricResult>, Option<Operations>) {
        if self.log.kind.is_split() {
            return Default::default();
        }
        let course = throughput::of_pairs(&self.log, self.population.as_ref());
        let columns = |of: fn(&Arm) -> Option<&[f64]>| self.log.arms.iter().map(of).collect::<Vec<_>>();
        let latency = columns(|arm| arm.latency_ms.as_deref());
        let cost = columns(|arm| arm.served.cost.as_deref());
        let means: [(&str, &str, Vec<_>); 2] =
            [("latency_mean", "latency", latency), ("cost_per_request", "cost", cost)];
        let means = means.iter().filter_map(|(name, what, columns)| self.mean(name, what, columns, level));
        let mut found: Vec<MetricResult> = means.collect();
        found.extend(self.failures(level));
        found.extend(course.as_ref().and_then(|course| course.throughput(level)));
        (found, operations(&self.log, self.population.as_ref(), course.as_ref()))
    }

    /// Rows of the population on which every arm that has a column says something.
    fn rows_with<T: Copy>(&self, columns: &[Option<&[T]>], says: impl Fn(T) -> bool) -> Vec<u32> {
        let columns: Vec<&[T]> = columns.iter().copied().flatten().collect();
        let within = |row: usize| self.population.as_ref().is_none_or(|mask| mask.contains(row));
        let keep = |row: &usize| within(*row) && columns.iter().all(|column| says(column[*row]));
        (0..self.log.rows).filter(keep).map(|row| row as u32).collect()
    }

    /// Mean of a column over the rows on which every arm that has it holds a number; `None` where no arm has it.
    fn mean(&self, name: &str, what: &str, columns: &[Option<&[f64]>], level: f64) -> Option<MetricResult> {
        columns.iter().flatten().next()?;
        let rows = self.rows_with(columns, f64::is_finite);
        let units = Units::of(&self.log, Some(&rows));
        let labels = vec![0; rows.len()];
        let sample = bare(columns.len(), &labels, units.as_ref());
        let figures = if rows.is_empty() {
            Figures::none(&format!("no request with a {what}"), columns.len())
        } else {
            let taken = |arm: usize| Some(taken(columns.get(arm).copied().flatten()?, &rows));
            let logged = [taken(0), taken(1)];
            let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
            let values = [0, 1].map(|arm| {
                let value = logged[arm].as_ref().map(|values| mean(values));
                (arm < columns.len()).then(|| value.ok_or_else(|| format!("no {what} is logged")))
            });
            let centred = logged.map(|values| {
                values.map(|values| {
                    let mean = mean(&values);
                    values.iter().map(|value| value - mean).collect()
                })
            });
            interval::figures(&Spread::of(values, centred, units.as_ref()), &sample, level, "mean of requests")
        };
        Some(metrics::result(known(name)?, figures, rows.len() as u64, &sample, None))
    }

    /// Error rate, and the share of timeouts where there is one.
    fn failures(&self, level: f64) -> Vec<MetricResult> {
        let columns: Vec<Option<&[u8]>> = self.log.arms.iter().map(|arm| arm.served.failed.as_deref()).collect();
        if columns.iter().all(Option::is_none) {
            return Vec::new();
        }
        let rows = self.rows_with(&columns, |said| said != NO_LABEL);
        let units = Units::of(&self.log, Some(&rows));
        let labels = vec![0; rows.len()];
        let sample = bare(columns.len(), &labels, units.as_ref());
        let share = |name: &str, is: fn(u8) -> bool| {
            let flags = [0, 1].map(|arm: usize| -> Option<Vec<u8>> {
                let column = columns.get(arm).copied().flatten()?;
                Some(rows.iter().map(|&row| u8::from(is(column[row as usize]))).collect())
            });
            let figures = if rows.is_empty() {
                Figures::none("no request of which it is logged whether it failed", columns.len())
            } else {
                let decided = Decided::count(&sample, flags.each_ref().map(Option::as_deref));
                let mut figures = decided.figures(ConfusionMetric::FlagRate, level);
                for (arm, slot) in figures.arms.iter_mut().enumerate().take(columns.len()) {
                    if columns[arm].is_none() {
                        *slot = Some(Err("it is not logged which requests failed".to_owned()));
                    }
                }
                figures
            };
            Some(metrics::result(known(name)?, figures, rows.len() as u64, &sample, None))
        };
        let timed_out = || columns.iter().flatten().any(|column| column.contains(&TIMED_OUT));
        let late = if timed_out() { share("timeout_rate", |said| said == TIMED_OUT) } else { None };
        share("error_rate", |said| said != 0).into_iter().chain(late).collect()
    }
}

fn known(name: &str) -> Option<&'static Metric> {
    registry::SERVED.iter().find(|metric| metric.name == name)
}

fn taken<'a>(column: &'a [f64], rows: &[u32]) -> Cow<'a, [f64]> {
    if rows.len() == column.len() {
        return Cow::Borrowed(column);
    }
    rows.iter().map(|&row| column[row as usize]).collect()
}

/// Rows of which nothing matters but their number and units.
fn bare<'a>(arms: usize, labels: &'a [u8], units: Option<&'a Units>) -> Sample<'a> {
    Sample {
        arms: arms.min(2),
        labels,
        positives: 0,
        has_positives: false,
        scores: [None; 2],
        orders: [None; 2],
        probability: [false; 2],
        units,
    }
}
