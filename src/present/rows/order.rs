//! Order of the rows, and where one of them stands.

use rayon::prelude::*;

use super::{difference, latency, score, time};
use crate::log::{ArmRole, Ids, Log};

/// Lists longer than this are sorted by a job, not within a frame.
pub const SORT_IN_FRAME: usize = 1_000_000;

/// What rows are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortKey {
    /// As they stand in the log.
    #[default]
    Row,
    Score(ArmRole),
    /// Distance of the two scores.
    AbsoluteDifference,
    Time,
    Latency(ArmRole),
}

/// A key and its direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sort {
    pub key: SortKey,
    pub descending: bool,
}

impl Sort {
    /// `highest champion score first`.
    pub fn words(self) -> String {
        let arm = |role: ArmRole| match role {
            ArmRole::Champion => "champion",
            ArmRole::Challenger => "challenger",
        };
        match (self.key, self.descending) {
            (SortKey::Row, false) => "in the order of the log".to_owned(),
            (SortKey::Row, true) => "last of the log first".to_owned(),
            (SortKey::Score(role), true) => format!("highest {} score first", arm(role)),
            (SortKey::Score(role), false) => format!("lowest {} score first", arm(role)),
            (SortKey::AbsoluteDifference, true) => "largest score difference first".to_owned(),
            (SortKey::AbsoluteDifference, false) => "smallest score difference first".to_owned(),
            (SortKey::Time, true) => "latest first".to_owned(),
            (SortKey::Time, false) => "earliest first".to_owned(),
            (SortKey::Latency(role), true) => format!("slowest {} first", arm(role)),
            (SortKey::Latency(role), false) => format!("fastest {} first", arm(role)),
        }
    }
}

/// `rows` in a new order. Equal rows keep theirs; rows without the value come last in either direction.
pub fn sorted_rows(log: &Log, rows: &[u32], key: SortKey, descending: bool) -> Vec<u32> {
    let value = |row: u32| {
        let at = row as usize;
        let code = match key {
            SortKey::Row => Some(u64::from(row)),
            SortKey::Score(role) => score(log, at, role).map(ordered),
            SortKey::AbsoluteDifference => difference(log, at).map(|difference| ordered(difference.abs())),
            SortKey::Time => time(log, at).map(|time| (time as u64) ^ (1 << 63)),
            SortKey::Latency(role) => latency(log, at, role).map(ordered),
        };
        match code {
            None => (true, 0),
            Some(code) => (false, if descending { !code } else { code }),
        }
    };
    let mut keyed: Vec<((bool, u64), u32)> = rows.par_iter().map(|&row| (value(row), row)).collect();
    keyed.par_sort_by_key(|(key, _)| *key);
    keyed.into_par_iter().map(|(_, row)| row).collect()
}

/// Bits that order as the numbers do; −0 as 0.
fn ordered(value: f64) -> u64 {
    let bits = (value + 0.0).to_bits();
    if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
}

/// Position in `rows` of the row with exactly this identifier; the first where there are several.
pub fn find_id(log: &Log, rows: &[u32], text: &str) -> Option<usize> {
    match &log.ids {
        Ids::Integer(values) => {
            let wanted: i64 = text.trim().parse().ok()?;
            rows.par_iter().position_first(|&row| values.get(row as usize) == Some(&wanted))
        }
        Ids::Text { bytes, ends } => {
            let of = |row: usize| {
                let start = if row == 0 { 0 } else { *ends.get(row - 1)? as usize };
                bytes.get(start..*ends.get(row)? as usize)
            };
            rows.par_iter().position_first(|&row| of(row as usize) == Some(text.as_bytes()))
        }
        Ids::Position(_) => {
            let number: u32 = text.trim().trim_start_matches("row ").parse().ok()?;
            rows.par_iter().position_first(|&row| Some(row) == number.checked_sub(1))
        }
    }
}
