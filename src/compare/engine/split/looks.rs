//! Outcomes over time: what each look would have found, by confidence sequences.

use std::collections::BTreeMap;

use super::Rows;
use super::figure::Method;
use super::outcomes::{MISSING_RATE, name, unanswered};
use super::tally::Tally;
use crate::compare::detail::{Look, LookSeries, SplitDetail, Traffic};
use crate::compare::engine::views::bucket_width;
use crate::compare::engine::words::count;
use crate::compare::result::{Estimate, PerArm};
use crate::job::{Cancelled, JobCx};
use crate::log::NO_TIME;

/// A row in the order of the looks.
struct Seen {
    /// Span of the drawn traffic.
    bucket: i64,
    /// End of the span of its look, microseconds UTC.
    look: i64,
    arm: u8,
    row: u32,
    unit: u32,
}

const HOUR: i64 = 3_600_000_000;
const DAY: i64 = 24 * HOUR;

/// Time between looks, each by the age of a run until which it holds. It depends on nothing that comes later, so that a
/// look that was once shown is among those of the longer run.
const LOOKS: [(i64, i64); 5] =
    [(2 * HOUR, HOUR / 60), (5 * DAY, HOUR), (30 * DAY, 6 * HOUR), (180 * DAY, DAY), (i64::MAX, 7 * DAY)];

/// End of the span whose look takes in a row of this age, as an age.
fn look_at(age: i64) -> i64 {
    let width = LOOKS.iter().find(|(until, _)| age < *until).map_or(DAY, |(_, width)| *width);
    (age / width).saturating_add(1).saturating_mul(width)
}

/// Without rows for so long, what lies before is no part of the run, if it is but one row in a thousand.
const GAP: i64 = 30 * DAY;

/// First time of the run, and how many rows stand alone long before it: times that went wrong, as a rule.
fn first_of_run(mut times: Vec<i64>) -> (i64, usize) {
    times.sort_unstable();
    let few = (times.len() / 1_000).max(1);
    let after = (1..times.len().min(few + 1)).rev().find(|&at| times[at].saturating_sub(times[at - 1]) > GAP);
    let start = after.unwrap_or(0);
    (times.get(start).copied().unwrap_or_default(), start)
}

/// Traffic and the series of every outcome, where times are logged; what is to be said of rows that are left out.
pub(super) fn over_time(
    rows: &Rows<'_>,
    method: &Method,
    detail: &mut SplitDetail,
    cx: &JobCx,
) -> Result<Option<String>, Cancelled> {
    let Some(times) = &rows.log.times else {
        return Ok(None);
    };
    let timed = |arm: usize| {
        let of = rows.rows[arm].iter().enumerate().map(|(at, &row)| (at, row, times[row as usize]));
        of.filter(|(.., time)| *time != NO_TIME)
    };
    let all: Vec<i64> = (0..2).flat_map(timed).map(|(.., time)| time).collect();
    let Some(last) = all.iter().copied().max() else {
        return Ok(None);
    };
    let (first, stray) = first_of_run(all);
    let width = bucket_width(last.saturating_sub(first));
    let start = first - first.rem_euclid(width);
    let origin = first - first.rem_euclid(HOUR);
    let mut seen: Vec<Seen> = Vec::with_capacity(rows.rows[0].len() + rows.rows[1].len());
    for arm in 0..2 {
        for (at, row, time) in timed(arm).filter(|(.., time)| *time >= first) {
            let unit = rows.units[arm].as_ref().map_or(u32::MAX, |units| units.codes[at]);
            let look = origin.saturating_add(look_at(time - origin));
            seen.push(Seen { bucket: (time - start) / width, look, arm: arm as u8, row, unit });
        }
    }
    seen.sort_unstable_by_key(|one| (one.look, one.row));
    detail.traffic = traffic(&seen, start, width);
    let any = Method { at_any_look: true, ..*method };
    let mut series = |metric: String, values: &[f64], two_valued: bool| {
        let mut tallies = rows.tallies();
        let mut looks = Vec::new();
        for span in seen.chunk_by(|a, b| a.look == b.look) {
            cx.check()?;
            for one in span {
                let value = values[one.row as usize];
                if value.is_finite() {
                    tallies[usize::from(one.arm)].add(one.unit, rows.stratum(one.row), value);
                }
            }
            let found = if two_valued { any.shares(&tallies) } else { any.means(&tallies) };
            let ends = |arm: Option<Estimate>| arm.and_then(|arm| Some([arm.value, arm.lo?, arm.hi?]));
            looks.push(Look {
                time: span[0].look,
                rows: tallies.each_ref().map(|tally| tally.rows),
                units: tallies.each_ref().map(Tally::unit_count),
                events: two_valued.then(|| tallies.each_ref().map(|tally| tally.sum.round() as u64)),
                arms: PerArm { champion: ends(found.arms.champion), challenger: ends(found.arms.challenger) },
                difference: found.difference.and_then(|found| Some([found.value, found.lo?, found.hi?])),
            });
        }
        detail.series.push(LookSeries { metric, looks });
        Ok::<_, Cancelled>(())
    };
    for outcome in &rows.split.outcomes {
        series(name(outcome), &outcome.values, outcome.two_valued)?;
    }
    if let Some(values) = unanswered(rows) {
        series(MISSING_RATE.to_owned(), &values, true)?;
    }
    Ok((stray > 0).then(|| {
        let lie = if stray == 1 { "row lies" } else { "rows lie" };
        format!(
            "{} {lie} more than {} days before the others and count in no look over time; their times may be wrong.",
            count(stray as u64),
            GAP / DAY
        )
    }))
}

/// Rows of each arm by span of time.
fn traffic(seen: &[Seen], start: i64, width: i64) -> Vec<Traffic> {
    let mut rows: BTreeMap<i64, [u64; 2]> = BTreeMap::new();
    seen.iter().for_each(|one| rows.entry(one.bucket).or_default()[usize::from(one.arm)] += 1);
    rows.into_iter().map(|(bucket, rows)| Traffic { start: start + bucket * width, rows }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_once_shown_stays_in_longer_runs() {
        let mut ends = Vec::new();
        let mut age = 0;
        while age < 400 * DAY {
            let end = look_at(age);
            assert!(end > age, "{age}");
            ends.push(end);
            age = end;
        }
        assert!(ends.is_sorted() && ends.len() < 700, "{}", ends.len());
        // Every age before an end belongs to that look or an earlier one.
        for (&end, &next) in ends.iter().zip(&ends[1..]) {
            assert_eq!((look_at(end - 1), look_at(end)), (end, next));
        }
    }

    #[test]
    fn times_that_went_wrong_do_not_begin_the_run() {
        let run: Vec<i64> = (0..5_000).map(|row| 20_000 * DAY + row * HOUR / 60).collect();
        assert_eq!(first_of_run(run.clone()), (20_000 * DAY, 0));
        let with = |strays: &[i64]| first_of_run(run.iter().chain(strays).copied().collect());
        assert_eq!(with(&[0]), (20_000 * DAY, 1));
        assert_eq!(with(&[0, 1, 5 * DAY]), (20_000 * DAY, 3));
        // A day before is part of it, and so are many rows.
        assert_eq!(with(&[19_999 * DAY]).1, 0);
        assert_eq!(with(&[0; 40]).1, 0);
    }
}
