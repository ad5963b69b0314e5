//! Counts over time.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::confusion::Decision;
use super::{BLOCK, Undefined};
use crate::log::{NO_TIME, RowMask};

/// Microseconds of an hour.
pub const HOUR: i64 = 3_600_000_000;
/// Buckets a series may have.
const MAX_BUCKETS: usize = 1 << 16;

/// Rows of one time bucket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bucket {
    pub rows: u64,
    pub labelled: u64,
    pub positives: u64,
    /// Rows flagged by the champion and by the challenger.
    pub flagged: [u64; 2],
}

impl Bucket {
    pub fn merge(&mut self, other: &Self) {
        self.rows += other.rows;
        self.labelled += other.labelled;
        self.positives += other.positives;
        self.flagged = [self.flagged[0] + other.flagged[0], self.flagged[1] + other.flagged[1]];
    }
}

/// Non-empty buckets by their start (a multiple of `width`, both in microseconds). Rows without a time, or outside
/// `mask`, are left out. A missing decision flags nothing.
///
/// # Errors
/// When `width` is not positive, or there are more than 65,536 buckets.
pub fn series(
    times: &[i64],
    labels: &[u8],
    decisions: [Option<Decision<'_>>; 2],
    mask: Option<&RowMask>,
    width: i64,
) -> Result<BTreeMap<i64, Bucket>, Undefined> {
    if width <= 0 {
        return Err(Undefined("a time bucket must have a width"));
    }
    let parts: Vec<BTreeMap<i64, Bucket>> = times
        .par_chunks(BLOCK)
        .enumerate()
        .map(|(index, times)| part(index * BLOCK, times, labels, &decisions, mask, width))
        .collect();
    let mut sum: BTreeMap<i64, Bucket> = BTreeMap::new();
    for part in parts {
        for (start, bucket) in part {
            sum.entry(start).or_default().merge(&bucket);
        }
        if sum.len() > MAX_BUCKETS {
            return Err(Undefined("the time buckets are too many"));
        }
    }
    Ok(sum)
}

fn part(
    first: usize,
    times: &[i64],
    labels: &[u8],
    decisions: &[Option<Decision<'_>>; 2],
    mask: Option<&RowMask>,
    width: i64,
) -> BTreeMap<i64, Bucket> {
    const RUN: usize = 1024;
    let mut sums: BTreeMap<i64, Bucket> = BTreeMap::new();
    let mut flags = [[0u8; RUN]; 2];
    // Logs are nearly in time order: the bucket at hand is added to until the hour changes.
    let mut start = i64::MAX;
    let mut open = Bucket::default();
    for (index, times) in times.chunks(RUN).enumerate() {
        let from = first + index * RUN;
        for (flags, decision) in flags.iter_mut().zip(decisions) {
            if let Some(decision) = decision {
                decision.fill(from, &mut flags[..times.len()]);
            }
        }
        for (offset, &time) in times.iter().enumerate() {
            let row = from + offset;
            if time == NO_TIME || mask.is_some_and(|mask| !mask.contains(row)) {
                continue;
            }
            if time.wrapping_sub(start) as u64 >= width as u64 {
                if open.rows > 0 {
                    sums.entry(start).or_default().merge(&open);
                }
                (start, open) = (time.div_euclid(width).saturating_mul(width), Bucket::default());
            }
            let label = labels[row];
            open.rows += 1;
            open.labelled += u64::from(label <= 1);
            open.positives += u64::from(label == 1);
            open.flagged[0] += u64::from(flags[0][offset]);
            open.flagged[1] += u64::from(flags[1][offset]);
        }
    }
    if open.rows > 0 {
        sums.entry(start).or_default().merge(&open);
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::NO_LABEL;

    #[test]
    fn rows_fall_into_their_hour() {
        let times = [-1, 0, HOUR - 1, HOUR, NO_TIME, 5];
        let labels = [1, 0, 1, NO_LABEL, 1, 1];
        let flags = [1, 1, 0, 1, 1, 1];
        let found = series(&times, &labels, [Some(Decision::Logged(&flags)), None], None, HOUR).unwrap();
        assert_eq!(found.keys().copied().collect::<Vec<_>>(), [-HOUR, 0, HOUR]);
        assert_eq!(found[&0], Bucket { rows: 3, labelled: 3, positives: 2, flagged: [2, 0] });
        assert_eq!(found[&HOUR].labelled, 0);
        let mask = RowMask::from_fn(6, |row| row == 3);
        assert_eq!(series(&times, &labels, [None, None], Some(&mask), HOUR).unwrap().len(), 1);
        assert!(series(&times, &labels, [None, None], None, 0).is_err());
    }
}
