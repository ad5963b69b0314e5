//! Metrics of one's own where each request was answered by one arm: each arm's rows give its own value.

use super::Rows;
use super::figure::Method;
use super::outcomes::result;
use super::tally::Tally;
use crate::compare::custom::{Computable, CustomMetric, State};
use crate::compare::engine::CompareError;
use crate::compare::engine::custom::{Found, told};
use crate::compare::plan::Plan;
use crate::job::JobCx;
use crate::stats::ratio::linearised;

/// One metric on all rows of `rows`, or on those of a slice.
pub(super) fn measure(
    (metric, computable): &(&CustomMetric, Computable),
    rows: &Rows<'_>,
    (method, plan): (&Method, &Plan),
    slice: Option<&str>,
    found: &mut Found,
    cx: &JobCx,
) -> Result<(), CompareError> {
    let mut tallies = rows.tallies();
    let mut reasons = Vec::new();
    for (arm, tally) in tallies.iter_mut().enumerate() {
        let of = computable.row_values(rows.log, arm, plan.thresholds[arm], rows.rows[arm], cx)?;
        let states: Vec<State> = (0..rows.rows[arm].len()).map(|place| of.state(place)).collect();
        let kept: Vec<u32> =
            (0u32..).zip(&states).filter(|(_, state)| **state == State::Known).map(|(place, _)| place).collect();
        let who = ["champion", "challenger"][arm];
        // A ratio goes on as one number per row: its mean is the ratio, and its variance that of the delta method.
        let values = match of.at(&kept) {
            (value, None) => value,
            (value, Some(per)) => linearised(&value, &per).unwrap_or_else(|reason| {
                if !kept.is_empty() {
                    reasons.push(format!("{who}: {reason}"));
                }
                Vec::new()
            }),
        };
        if slice.is_none() {
            found.notes.extend(told(metric, &states, &format!(" of the {who}")));
        }
        let units = rows.units[arm].as_ref();
        for (&place, value) in kept.iter().zip(values) {
            let row = rows.rows[arm][place as usize];
            tally.add(units.map_or(u32::MAX, |units| units.codes[place as usize]), rows.stratum(row), value);
        }
    }
    let mut figure = method.means(&tallies);
    if !reasons.is_empty() {
        figure.undefined = Some(reasons.join("; "));
    }
    let seen = tallies.iter().map(|tally: &Tally| tally.rows).sum();
    found.metrics.push(result(metric.name.clone(), metric.unit_kind(), metric.better, figure, slice, (seen, None)));
    Ok(())
}
