//! Label coverage over time: rows and the share of them with a label, by day or by week.

use crate::compare::{Comparison, SeriesPoint};
use crate::present::format::{count, share, short_date, time};
use crate::present::overview::slice_in_view;

const DAY: i64 = 86_400_000_000;

/// A run of no more days than this is shown in the buckets it was counted in; one of more than the second, by week.
const FINE: i64 = 2 * DAY;
const WEEKLY: i64 = 63 * DAY;

/// Rows and label coverage by day or week.
#[derive(Clone, Debug, PartialEq)]
pub struct Coverage {
    /// `by day`.
    pub by: &'static str,
    pub lines: Vec<CoverageLine>,
    pub most_rows: u64,
    /// Place and label.
    pub ticks: Vec<(f64, String)>,
    /// Where labels stop being final, 0 to 1; `None` where no age is set, or all rows are older.
    pub final_until: Option<f64>,
    /// The whole in one sentence.
    pub description: String,
}

/// One day or week.
#[derive(Clone, Debug, PartialEq)]
pub struct CoverageLine {
    /// Start, microseconds UTC.
    pub start: i64,
    /// From and to, 0 to 1 along the time axis.
    pub from: f64,
    pub to: f64,
    pub rows: u64,
    pub labelled: u64,
    /// `18 Nov: 12,034 rows, 93.8 % labelled`.
    pub hover: String,
}

impl CoverageLine {
    /// Share of the rows with a label; 0 where there is no row.
    pub fn share(&self) -> f64 {
        if self.rows == 0 { 0.0 } else { self.labelled as f64 / self.rows as f64 }
    }
}

/// Coverage over the time of the run; `None` where the log has no times. `final_until`: requests after this time are
/// too young for a final label.
pub fn coverage(comparison: &Comparison, final_until: Option<i64>) -> Option<Coverage> {
    let points = &comparison.series;
    let (first, last) = (points.first()?, points.last()?);
    // The last bucket is as long as the shortest step before it.
    let step = points.windows(2).map(|pair| pair[1].start - pair[0].start).filter(|step| *step > 0).min();
    let step = step.unwrap_or(DAY);
    let span = last.start + step - first.start;
    let (by, width) = match span {
        ..=FINE => ("over time", step),
        _ if span <= WEEKLY && step <= DAY => ("by day", DAY),
        _ if step <= 7 * DAY => ("by week", 7 * DAY),
        _ => ("over time", step),
    };
    let merged = merged(points, width, step);
    let (start, end) = (merged.first()?.0, merged.last()?.0 + width);
    let place = |micros: i64| (micros - start) as f64 / (end - start) as f64;
    let name = |micros: i64| if width < DAY { time(micros) } else { short_date(micros) };
    let line = |&(start, rows, labelled): &(i64, u64, u64)| {
        let mut line =
            CoverageLine { start, from: place(start), to: place(start + width), rows, labelled, hover: String::new() };
        let of = if width == 7 * DAY { "week from " } else { "" };
        line.hover = format!("{of}{}: {} rows, {} labelled", name(start), count(rows), share(line.share(), 1));
        line
    };
    let lines: Vec<CoverageLine> = merged.iter().map(line).collect();
    let every = lines.len().div_ceil(6).max(1);
    let ticks = lines.iter().step_by(every).map(|line| (line.from, short_date(line.start))).collect();
    let (rows, labelled) = lines.iter().fold((0, 0), |sum, line| (sum.0 + line.rows, sum.1 + line.labelled));
    let lowest = lines.iter().filter(|line| line.rows > 0).min_by(|a, b| a.share().total_cmp(&b.share()));
    let lowest = lowest.map_or_else(String::new, |line| {
        let when = if width == DAY { "on" } else { "from" };
        format!(", least {} {when} {}", share(line.share(), 1), name(line.start))
    });
    let all = if rows == 0 { 0.0 } else { labelled as f64 / rows as f64 };
    let of_slice = slice_in_view(comparison).map_or_else(String::new, |slice| format!(" of {slice}"));
    let until = final_until.filter(|until| *until < end);
    let young =
        until.map_or_else(String::new, |until| format!("; labels of requests after {} are not final", time(until)));
    Some(Coverage {
        by,
        most_rows: lines.iter().map(|line| line.rows).max().unwrap_or(0),
        lines,
        ticks,
        final_until: until.map(|until| place(until).max(0.0)),
        description: format!("{} rows{of_slice}, {} labelled{lowest}{young}", count(rows), share(all, 1)),
    })
}

/// Start, rows and labelled rows by buckets of `width`, which start at midnight UTC, those of a week on Monday. A
/// bucket in which nothing was counted is not there.
fn merged(points: &[SeriesPoint], width: i64, step: i64) -> Vec<(i64, u64, u64)> {
    let mut merged: Vec<(i64, u64, u64)> = Vec::new();
    for point in points {
        let start = match width {
            // Counted so already.
            _ if width == step => point.start,
            DAY => point.start.div_euclid(DAY) * DAY,
            // The first day of 1970 was a Thursday.
            _ => (point.start.div_euclid(DAY) + 3).div_euclid(7) * 7 * DAY - 3 * DAY,
        };
        match merged.last_mut() {
            Some(last) if last.0 == start => {
                last.1 += point.rows;
                last.2 += point.labelled;
            }
            _ => merged.push((start, point.rows, point.labelled)),
        }
    }
    merged
}
