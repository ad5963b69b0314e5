//! Outcomes over time: what each look would have found, by confidence sequences.

use std::collections::BTreeMap;

use super::Rows;
use super::figure::Method;
use super::outcomes::{MISSING_RATE, name, unanswered, without};
use super::tally::Tally;
use crate::compare::detail::{Look, LookSeries, SplitDetail, Traffic};
use crate::compare::engine::span::{GAP_DAYS, Span};
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
    let Some(span) = Span::of(all) else {
        return Ok(None);
    };
    let (Span { first, last, .. }, stray) = (span, span.before + span.after);
    let width = bucket_width(last.saturating_sub(first));
    let start = first - first.rem_euclid(width);
    let origin = first - first.rem_euclid(HOUR);
    let mut seen: Vec<Seen> = Vec::with_capacity(rows.rows[0].len() + rows.rows[1].len());
    for arm in 0..2 {
        for (at, row, time) in timed(arm).filter(|(.., time)| span.holds(*time)) {
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
    // What is left of the arms is not alike where one lacks more: no look tells them apart.
    for outcome in rows.split.outcomes.iter().filter(|outcome| !without(rows, outcome).uneven) {
        series(name(outcome), &outcome.values, outcome.two_valued)?;
    }
    if let Some(values) = unanswered(rows) {
        series(MISSING_RATE.to_owned(), &values, true)?;
    }
    Ok((stray > 0).then(|| {
        let lie = if stray == 1 { "row lies" } else { "rows lie" };
        format!(
            "{} {lie} more than {GAP_DAYS} days before or after all others and count in no look over time; their times may be wrong.",
            count(stray as u64)
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
}
