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
    /// Per row: mean absolute difference of a true value from the one a season before it in the series of the row; NaN
    /// where the series is no longer than a season, or repeats itself exactly.
    pub of_rows: Vec<f64>,
    /// Series that have a scale, and those that have none.
    pub series: [usize; 2],
    /// Rows per season.
    pub season: usize,
    /// Differences behind all scales together.
    pub differences: usize,
    /// Steps from one time to the next in a series, and those that are not as long as most.
    pub steps: [usize; 2],
}

/// Scales by the naive forecast within each series, from the true values themselves: the mean of `|y_t - y_(t-m)|`, m the
/// rows per `season`, 1 for the step before (Hyndman and Koehler 2006, Int J Forecast 22:679, with the run in place of the
/// training part; Hyndman and Athanasopoulos, Forecasting, 3rd ed., section 5.8, for seasons). Rows are counted, not time:
/// where times are missing, what is compared is further apart. Of rows at the same time in one series, predicted from different times, the
/// first counts. `series` is a code per row; `None`: all rows are one series. Rows without a time or a finite truth have
/// no part in it. `told`: somebody said that the rows are series; else their times have to be evenly spaced.
///
/// # Errors
/// No two times in any series, times that are not evenly spaced, no series longer than a season, or none that changes.
///
/// # Panics
/// When the columns have different lengths, or a season has no row.
pub fn scales(
    truth: &[f64],
    times: &[i64],
    series: Option<&[u32]>,
    told: bool,
    season: usize,
) -> Result<Scales, String> {
    assert!(season > 0, "a season has at least one row");
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
    let longest = groups.iter().map(|group| group.len()).max().unwrap_or(0);
    if longest <= season {
        return Err(format!(
            "no series is longer than a season of {season} rows (the longest has {longest} times), so no value has one a season before it"
        ));
    }
    let pairs = |group: &[(u32, i64, u32)]| group.len().saturating_sub(season);
    let scale = |group: &&[(u32, i64, u32)]| {
        let truth = |at: usize| truth[group[at].2 as usize];
        let changes = (0..pairs(group)).map(|at| (truth(at + season) - truth(at)).abs());
        let mean = changes.sum::<f64>() / pairs(group) as f64;
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
        season,
        differences: groups
            .iter()
            .zip(&found)
            .filter(|(_, one)| one.1.is_finite())
            .map(|(group, _)| pairs(group))
            .sum(),
        steps: [steps.len(), steps.len() - alike],
    })
}
