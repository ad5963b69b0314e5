//! From when to when a run goes: a few times that went wrong (a clock of 1970, a year 9999) are no part of it.

use crate::log::NO_TIME;

const DAY: i64 = 86_400_000_000;
/// Without rows for so long, what lies beyond is no part of the run, if it is but one row in a thousand.
const GAP: i64 = 30 * DAY;
pub(in crate::compare) const GAP_DAYS: i64 = GAP / DAY;
/// Of fewer rows none is called stray.
const ENOUGH: usize = 100;

/// First and last time of a run, microseconds UTC, and how many rows lie alone before and after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::compare) struct Span {
    pub first: i64,
    pub last: i64,
    pub before: usize,
    pub after: usize,
}

impl Span {
    /// Of all times, in any order; `None` where none is known.
    pub fn of(mut times: Vec<i64>) -> Option<Self> {
        times.retain(|time| *time != NO_TIME);
        let (least, most) = (times.iter().min().copied()?, times.iter().max().copied()?);
        let whole = Self { first: least, last: most, before: 0, after: 0 };
        let n = times.len();
        if most.saturating_sub(least) <= GAP || n < ENOUGH {
            return Some(whole);
        }
        let few = (n / 1_000).max(1);
        times.select_nth_unstable(few);
        times[..=few].sort_unstable();
        // What is sorted stays where it is.
        times[few + 1..].select_nth_unstable(n - 2 - few - few);
        times[n - 1 - few..].sort_unstable();
        let lone = |at: &usize| times[*at].saturating_sub(times[*at - 1]) > GAP;
        let before = (1..=few).rev().find(lone).unwrap_or(0);
        let end = (n - few..n).find(lone).unwrap_or(n);
        Some(Self { first: times[before], last: times[end - 1], before, after: n - end })
    }

    pub const fn holds(&self, time: i64) -> bool {
        self.first <= time && time <= self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_that_went_wrong_are_no_part_of_the_run() {
        let minutes = 60_000_000;
        let run: Vec<i64> = (0..5_000).map(|row| 20_000 * DAY + row * minutes).collect();
        let (first, last) = (run[0], run[4_999]);
        let of = |strays: &[i64]| Span::of(run.iter().rev().chain(strays).copied().collect()).unwrap();
        assert_eq!(of(&[]), Span { first, last, before: 0, after: 0 });
        assert_eq!(of(&[0]), Span { first, last, before: 1, after: 0 });
        assert_eq!(of(&[0, 1, 5 * DAY]), Span { first, last, before: 3, after: 0 });
        assert_eq!(of(&[0, i64::MAX]), Span { first, last, before: 1, after: 1 });
        assert_eq!(of(&[0, 1, 2, 3, 4]), Span { first, last, before: 5, after: 0 });
        // A short log in any order, with as many strays as there may be.
        for turn in 0..20 {
            let mixed = (0..299).map(|row| 20_000 * DAY + (row * 101 + turn * 7) % 299 * 7 * 60 * minutes);
            let found = Span::of(mixed.chain([0]).collect()).unwrap();
            let last = 20_000 * DAY + 298 * 7 * 60 * minutes;
            assert_eq!(found, Span { first: 20_000 * DAY, last, before: 1, after: 0 }, "{turn}");
        }
        // A day before is part of it, and so are many rows.
        assert_eq!(of(&[19_999 * DAY]).first, 19_999 * DAY);
        assert_eq!(of(&[0; 40]).before, 0);
        assert_eq!(Span::of(vec![0, 90 * DAY]).unwrap().last, 90 * DAY);
        assert_eq!(Span::of(Vec::new()), None);
    }
}
