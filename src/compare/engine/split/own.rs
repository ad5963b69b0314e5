//! Metrics of one's own where each request was answered by one arm: each arm's rows give its own value.

use super::Rows;
use super::figure::Method;
use super::outcomes::{lacking, result};
use super::strata;
use super::tally::Tally;
use crate::compare::custom::{Computable, CustomMetric, State};
use crate::compare::engine::CompareError;
use crate::compare::engine::custom::{Found, told};
use crate::compare::plan::Plan;
use crate::job::JobCx;
use crate::stats::ratio::{linearised, linearised_at};

/// What a metric takes of an arm: places of the rows that have it, what is averaged, what it is divided by.
struct Values {
    kept: Vec<u32>,
    value: Vec<f64>,
    per: Option<Vec<f64>>,
}

/// Sums of each arm over one number per row.
fn tallied(rows: &Rows<'_>, arms: &[Values], mut of: impl FnMut(usize) -> Vec<f64>) -> [Tally; 2] {
    let mut tallies = rows.tallies();
    for (arm, tally) in tallies.iter_mut().enumerate() {
        let units = rows.units[arm].as_ref();
        for (&place, value) in arms[arm].kept.iter().zip(of(arm)) {
            let row = rows.rows[arm][place as usize];
            tally.add(units.map_or(u32::MAX, |units| units.codes[place as usize]), rows.stratum(row), value);
        }
    }
    tallies
}

/// One metric on all rows of `rows`, or on those of a slice.
pub(super) fn measure(
    (metric, computable): &(&CustomMetric, Computable),
    rows: &Rows<'_>,
    (method, plan): (&Method, &Plan),
    slice: Option<&str>,
    found: &mut Found,
    cx: &JobCx,
) -> Result<(), CompareError> {
    let mut arms: Vec<Values> = Vec::with_capacity(2);
    let mut reasons = Vec::new();
    for arm in 0..2 {
        let of = computable.row_values(rows.log, arm, plan.thresholds[arm], rows.rows[arm], cx)?;
        let states: Vec<State> = (0..rows.rows[arm].len()).map(|place| of.state(place)).collect();
        let kept: Vec<u32> =
            (0u32..).zip(&states).filter(|(_, state)| **state == State::Known).map(|(place, _)| place).collect();
        let who = ["champion", "challenger"][arm];
        if slice.is_none() {
            found.notes.extend(told(metric, &states, &format!(" of the {who}")));
        }
        let (value, per) = of.at(&kept);
        arms.push(Values { kept, value, per });
    }
    let ratio = arms.iter().any(|arm| arm.per.is_some());
    // A ratio goes on as one number per row: its mean is the ratio, and its variance that of the delta method.
    let tallies = tallied(rows, &arms, |arm| match &arms[arm].per {
        None => arms[arm].value.clone(),
        Some(per) => linearised(&arms[arm].value, per).unwrap_or_else(|reason| {
            if !arms[arm].kept.is_empty() {
                reasons.push(format!("{}: {reason}", ["champion", "challenger"][arm]));
            }
            Vec::new()
        }),
    });
    let mut figure = method.means(&tallies);
    // Within strata a ratio is one of sums at the mix that both arms share: of each arm's own mix the strata in which
    // there is more to divide by would count differently in the two.
    if let (true, Some(Ok(weights))) = (ratio, strata::row_weights(&tallies)) {
        let at_mix = tallied(rows, &arms, |arm| {
            let Values { kept, value, per } = &arms[arm];
            let weight = |place: &u32| weights[arm][rows.stratum(rows.rows[arm][*place as usize])];
            let weights: Vec<f64> = kept.iter().map(weight).collect();
            per.as_ref().and_then(|per| linearised_at(value, per, &weights).ok()).unwrap_or_default()
        });
        let within = method.means(&at_mix);
        (figure.difference, figure.lift) = (within.difference, within.lift);
    }
    if !reasons.is_empty() {
        figure.undefined = Some(reasons.join("; "));
    }
    let mut has = vec![false; rows.log.rows];
    for (arm, values) in arms.iter().enumerate() {
        values.kept.iter().for_each(|place| has[rows.rows[arm][*place as usize] as usize] = true);
    }
    if let Some(reason) = lacking(rows, |row| !has[row as usize]).reason() {
        figure = figure.of_uneven(&reason);
    }
    let seen = tallies.iter().map(|tally: &Tally| tally.rows).sum();
    found.metrics.push(result(metric.name.clone(), metric.unit_kind(), metric.better, figure, slice, (seen, None)));
    Ok(())
}
