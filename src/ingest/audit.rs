//! The pairing looked at before anything is loaded: counts, course over time, and what typing and pairing found.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::assemble::{Labels, Paired};
use super::issue::{IngestError, Issue};
use super::labels::LabelKey;
use super::lists;
use super::load::{account, found, pair, read_all};
use super::mapping::{Mapping, Role};
use super::opened::Opened;
use super::pair::Fate;
use crate::job::JobCx;
use crate::log::{JoinAudit, NO_TIME, PairBasis, Task};

/// What a look at the pairing found.
#[derive(Clone, Debug)]
pub struct Audit {
    pub join: JoinAudit,
    /// Beyond the first look's.
    pub issues: Vec<Issue>,
    /// In order of time, days of the requests without a gap; empty where no times are logged.
    pub days: Vec<Day>,
}

/// One day of requests, UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Day {
    /// Midnight, microseconds since the epoch.
    pub start: i64,
    /// Lines of either model that found a partner or none; 0 where nothing is joined.
    pub lines: u64,
    /// Of these, those without a partner.
    pub unmatched: u64,
    /// Pairs, by the champion's time.
    pub rows: u64,
    /// Of these, those with a label.
    pub labelled: u64,
}

const DAY: i64 = 86_400_000_000;

/// Days at most; a wrong time in a log must not make a chart of a century.
const DAYS: i64 = 3_660;

/// Pairing and label coverage only, and what typing and pairing found beyond the first look.
///
/// # Errors
/// As [`load`](super::load()).
pub fn audit(opened: &Opened, mapping: &Mapping, cx: &JobCx) -> Result<Audit, IngestError> {
    let mut bare = mapping.clone();
    bare.columns.retain(|role| !matches!(role.role, Role::Feature | Role::LatencyMs | Role::Cost | Role::Error));
    let (lines, label_lines) = read_all(opened, &bare, cx)?;
    if mapping.task == Task::Ranking {
        let gathered = lists::gather(lines, label_lines, &bare, cx)?;
        return Ok(Audit { join: gathered.audit, issues: gathered.issues, days: Vec::new() });
    }
    let mut paired = pair(lines, label_lines, &bare, cx)?;
    let lines = account(&paired);
    let issues = found(&mut paired, &lines, mapping);
    cx.check()?;
    let days = match &paired.labelled.labels {
        Labels::Classes(labels) => days(&paired, labels),
        Labels::Keys(labels) => days(&paired, labels),
    };
    Ok(Audit { join: JoinAudit { labels: paired.labelled.label, ..paired.audit }, issues, days })
}

type Tally = BTreeMap<i64, [u64; 4]>;

fn days<K: LabelKey>(paired: &Paired, labels: &[K]) -> Vec<Day> {
    let Some(times) = &paired.lines.times else {
        return Vec::new();
    };
    // Lines mostly come in order of time, so that one day's tally is kept at hand.
    let count = |tally: &mut Tally, time: i64, places: [bool; 4]| {
        if time != NO_TIME {
            let day = tally.entry(time.div_euclid(DAY)).or_default();
            day.iter_mut().zip(places).for_each(|(sum, counts)| *sum += u64::from(counts));
        }
    };
    let merge = |mut one: Tally, other: Tally| {
        for (day, counts) in other {
            let sums = one.entry(day).or_default();
            sums.iter_mut().zip(counts).for_each(|(sum, more)| *sum += more);
        }
        one
    };
    // Where nothing was joined no line lacks a partner.
    let is_joined = matches!(paired.audit.basis, PairBasis::Id { .. } | PairBasis::Position { .. });
    let of_lines = paired.joined.fates.par_chunks(1 << 16).zip(times.par_chunks(1 << 16)).map(|(fates, times)| {
        let mut tally = Tally::new();
        for (fate, &time) in fates.iter().zip(times) {
            let alone = *fate == Fate::Alone;
            if is_joined && (alone || *fate == Fate::Paired) {
                count(&mut tally, time, [true, alone, false, false]);
            }
        }
        tally
    });
    let pairs = paired.joined.pairs[0].par_chunks(1 << 16).zip(labels.par_chunks(1 << 16)).map(|(rows, labels)| {
        let mut tally = Tally::new();
        for (&row, &label) in rows.iter().zip(labels) {
            count(&mut tally, times[row as usize], [false, false, true, label != K::ABSENT]);
        }
        tally
    });
    let tally = merge(of_lines.reduce(Tally::new, merge), pairs.reduce(Tally::new, merge));
    let (Some((&first, _)), Some((&last, _))) = (tally.first_key_value(), tally.last_key_value()) else {
        return Vec::new();
    };
    if last - first >= DAYS {
        return Vec::new();
    }
    let day = |day: i64| {
        let [lines, unmatched, rows, labelled] = tally.get(&day).copied().unwrap_or_default();
        Day { start: day * DAY, lines, unmatched, rows, labelled }
    };
    (first..=last).map(day).collect()
}
