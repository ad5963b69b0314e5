//! The naive forecast of a time series, which absolute errors are scaled by.

use rayon::prelude::*;

use crate::log::NO_TIME;

/// Share of the steps within a series that have to be alike for rows to be one.
const EVEN: f64 = 0.75;
/// How far a step may be from the median one and be alike: months have 28 to 31 days.
const ALIKE: f64 = 0.1;

/// Scale of each row's series.
#[derive(Clone, Debug, PartialEq)]
pub struct Scales {
    /// Per row: mean absolute difference of a true value from the one before it in the series of the row; NaN where the
    /// series has fewer than two times, or repeats itself exactly.
    pub of_rows: Vec<f64>,
    /// Series that have a scale, and those that have none.
    pub series: [usize; 2],
}

/// Scales by the naive forecast within each series, from the true values themselves (Hyndman and Koehler 2006, with the
/// run in place of the training part). Of rows at the same time in one series, predicted from different times, the
/// first counts. `series` is a code per row; `None`: all rows are one series. Rows without a time or a finite truth have
/// no part in it. `told`: somebody said that the rows are series; else their times have to be evenly spaced.
///
/// # Errors
/// No two times in any series, times that are not evenly spaced, or no series that changes.
///
/// # Panics
/// When the columns have different lengths.
pub fn scales(truth: &[f64], times: &[i64], series: Option<&[u32]>, told: bool) -> Result<Scales, String> {
    assert!(
        truth.len() == times.len() && series.is_none_or(|codes| codes.len() == truth.len()),
        "columns of other rows"
    );
    let code = |row: u32| series.map_or(0, |codes| codes[row as usize]);
    let mut rows: Vec<(u32, i64, u32)> = (0..truth.len() as u32)
        .into_par_iter()
        .filter(|&row| times[row as usize] != NO_TIME && truth[row as usize].is_finite())
        .map(|row| (code(row), times[row as usize], row))
        .collect();
    rows.par_sort_unstable();
    rows.dedup_by_key(|(code, time, _)| (*code, *time));
    let mut steps: Vec<i64> =
        rows.windows(2).filter(|pair| pair[0].0 == pair[1].0).map(|pair| pair[1].1 - pair[0].1).collect();
    if steps.is_empty() {
        return Err("no series has two times".to_owned());
    }
    let middle = steps.len() / 2;
    let median = *steps.select_nth_unstable(middle).1 as f64;
    let alike = steps.iter().filter(|step| (**step as f64 - median).abs() <= ALIKE * median).count();
    if !told && (alike as f64) < EVEN * steps.len() as f64 {
        return Err("the times are not evenly spaced, so the rows are no time series".to_owned());
    }
    let groups: Vec<&[(u32, i64, u32)]> = rows.chunk_by(|a, b| a.0 == b.0).collect();
    let scale = |group: &&[(u32, i64, u32)]| {
        let change = |pair: &[(u32, i64, u32)]| (truth[pair[1].2 as usize] - truth[pair[0].2 as usize]).abs();
        let pairs = group.len() - 1;
        let mean = group.windows(2).map(change).sum::<f64>() / pairs as f64;
        (group[0].0, if mean > 0.0 { mean } else { f64::NAN })
    };
    let found: Vec<(u32, f64)> = groups.par_iter().map(scale).collect();
    let scaled = found.iter().filter(|(_, scale)| scale.is_finite()).count();
    if scaled == 0 {
        return Err("the true values repeat themselves, so the naive forecast has no error".to_owned());
    }
    let of = |row: u32| found.binary_search_by_key(&code(row), |one| one.0).map_or(f64::NAN, |at| found[at].1);
    Ok(Scales {
        of_rows: (0..truth.len() as u32).into_par_iter().with_min_len(super::BLOCK).map(of).collect(),
        series: [scaled, found.len() - scaled],
    })
}
