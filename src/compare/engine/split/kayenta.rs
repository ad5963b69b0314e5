//! What Spinnaker's Kayenta would say of the same run, for teams that know it: beside our own judgement, which no gate
//! reads from here. Its faults are told in [`crate::stats::canary::kayenta`].

use std::collections::BTreeMap;

use super::Rows;
use super::latency;
use super::outcomes::{better, name};
use crate::compare::detail::{KayentaMetric, SplitDetail};
use crate::compare::engine::views::bucket_width;
use crate::compare::plan::{KayentaDesign, SplitDesign};
use crate::compare::result::Better;
use crate::job::{Cancelled, JobCx};
use crate::log::NO_TIME;
use crate::stats::canary::kayenta::{Classification, Direction, Settings, classify, shift_as_r};

/// Points of an arm above which ranks take too long; logs with times have far fewer.
const MOST: usize = 100_000;

/// Classify every outcome and the latency, of all rows or of a slice.
pub(super) fn judge(
    rows: &Rows<'_>,
    asked: &KayentaDesign,
    design: &SplitDesign,
    slice: Option<&str>,
    detail: &mut SplitDetail,
    cx: &JobCx,
) -> Result<(), Cancelled> {
    let spans = Spans::of(rows);
    let outcomes = rows.split.outcomes.iter().map(|outcome| {
        let name = name(outcome);
        let direction = better(&name, design);
        (name, direction, [outcome.values.as_slice(); 2])
    });
    let latency = latency::columns(rows).map(|columns| ("latency_mean".to_owned(), Better::Lower, columns));
    for (metric, direction, columns) in outcomes.chain(latency) {
        cx.check()?;
        let points = [0, 1].map(|arm: usize| spans.points(rows.rows[arm], columns[arm]));
        let settings = Settings {
            tolerance: asked.tolerance,
            level: asked.level,
            direction: if direction == Better::Lower { Direction::Increase } else { Direction::Decrease },
            ..Settings::default()
        };
        let [control, experiment] = &points;
        let found = if points.iter().any(|points| points.len() > MOST) {
            Err(format!("more than {MOST} points; a log with times has one per span"))
        } else {
            classify(experiment, control, &settings).map_err(|reason| reason.to_string())
        };
        let shift = found.as_ref().ok().and_then(|_| shift_as_r(experiment, control, asked.level).ok());
        detail.kayenta.push(KayentaMetric {
            metric,
            slice: slice.map(str::to_owned),
            points: points.each_ref().map(|points| points.len() as u64),
            minutes: spans.width.map(|width| width as f64 / 6e7),
            classification: match &found {
                Ok(found) => word(found.classification).to_owned(),
                Err(_) => "not judged".to_owned(),
            },
            undefined: found.err(),
            shift: shift.map(|(estimate, ends)| [estimate, ends.lo, ends.hi]),
        });
    }
    Ok(())
}

const fn word(found: Classification) -> &'static str {
    match found {
        Classification::Pass => "pass",
        Classification::High => "high",
        Classification::Low => "low",
        Classification::Nodata => "nodata",
    }
}

/// The spans of time whose means are the points; without times every row is a point.
struct Spans<'a> {
    times: Option<(&'a [i64], i64)>,
    width: Option<i64>,
}

impl<'a> Spans<'a> {
    fn of(rows: &Rows<'a>) -> Self {
        let log = rows.log;
        let found = log.times.as_deref().and_then(|times| {
            let all = rows.rows.iter().flat_map(|rows| rows.iter()).map(|row| times[*row as usize]);
            let known = || all.clone().filter(|time| *time != NO_TIME);
            Some((times, known().min()?, known().max()?))
        });
        let width = found.map(|(_, first, last)| bucket_width(last.saturating_sub(first)));
        Self { times: found.map(|(times, first, _)| (times, first)), width }
    }

    /// Means of the spans that hold a value, in the order of time.
    fn points(&self, rows: &[u32], values: &[f64]) -> Vec<f64> {
        let known = rows.iter().filter(|row| values[**row as usize].is_finite());
        let (Some((times, first)), Some(width)) = (self.times, self.width) else {
            return known.map(|&row| values[row as usize]).collect();
        };
        let mut sums: BTreeMap<i64, (f64, u64)> = BTreeMap::new();
        for &row in known.filter(|row| times[**row as usize] != NO_TIME) {
            let (sum, count) = sums.entry((times[row as usize] - first) / width).or_default();
            *sum += values[row as usize];
            *count += 1;
        }
        sums.into_values().map(|(sum, count)| sum / count as f64).collect()
    }
}
