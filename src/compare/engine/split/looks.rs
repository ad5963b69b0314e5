//! Outcomes over time: what each look would have found, by confidence sequences.

use super::Rows;
use super::figure::Method;
use super::outcomes::name;
use crate::compare::detail::{Look, LookSeries, SplitDetail, Traffic};
use crate::compare::engine::views::{bucket_width, time_span};
use crate::compare::plan::Looks;
use crate::compare::result::{Estimate, PerArm};
use crate::job::{Cancelled, JobCx};
use crate::log::NO_TIME;

/// A row in the order of time.
struct Seen {
    bucket: u32,
    arm: u8,
    row: u32,
    unit: u32,
}

/// Traffic and the series of every outcome, where times are logged.
pub(super) fn over_time(
    rows: &Rows<'_>,
    method: &Method,
    detail: &mut SplitDetail,
    cx: &JobCx,
) -> Result<(), Cancelled> {
    let Some(times) = &rows.log.times else {
        return Ok(());
    };
    let mut inside = vec![false; times.len()];
    rows.rows.iter().flat_map(|rows| rows.iter()).for_each(|&row| inside[row as usize] = true);
    let Some([first, last]) = time_span(times, |row| inside[row]) else {
        return Ok(());
    };
    let width = bucket_width(last.saturating_sub(first));
    let start = first - first.rem_euclid(width);
    let mut seen: Vec<Seen> = Vec::with_capacity(rows.rows[0].len() + rows.rows[1].len());
    for arm in 0..2 {
        for (at, &row) in rows.rows[arm].iter().enumerate().filter(|(_, row)| times[**row as usize] != NO_TIME) {
            let unit = rows.units[arm].as_ref().map_or(u32::MAX, |units| units.codes[at]);
            let bucket = ((times[row as usize] - start) / width) as u32;
            seen.push(Seen { bucket, arm: arm as u8, row, unit });
        }
    }
    seen.sort_by_key(|one| (one.bucket, one.row));
    let buckets: Vec<&[Seen]> = seen.chunk_by(|a, b| a.bucket == b.bucket).collect();
    let count = |bucket: &[Seen], arm: u8| bucket.iter().filter(|one| one.arm == arm).count() as u64;
    detail.traffic = buckets
        .iter()
        .map(|bucket| Traffic {
            start: start + i64::from(bucket[0].bucket) * width,
            rows: [count(bucket, 0), count(bucket, 1)],
        })
        .collect();
    let any = Method { looks: Looks::Any, ..*method };
    for outcome in &rows.split.outcomes {
        let mut tallies = rows.tallies();
        let mut looks = Vec::with_capacity(buckets.len());
        for bucket in &buckets {
            cx.check()?;
            for one in *bucket {
                let value = outcome.values[one.row as usize];
                if value.is_finite() {
                    tallies[usize::from(one.arm)].add(one.unit, rows.stratum(one.row), value);
                }
            }
            let found = if outcome.two_valued { any.shares(&tallies) } else { any.means(&tallies) };
            let ends = |arm: Option<Estimate>| arm.and_then(|arm| Some([arm.value, arm.lo?, arm.hi?]));
            looks.push(Look {
                time: start + (i64::from(bucket[0].bucket) + 1) * width,
                rows: tallies.each_ref().map(|tally| tally.rows),
                arms: PerArm { champion: ends(found.arms.champion), challenger: ends(found.arms.challenger) },
                difference: found.difference.and_then(|found| Some([found.value, found.lo?, found.hi?])),
            });
        }
        detail.series.push(LookSeries { metric: name(outcome), looks });
    }
    Ok(())
}
