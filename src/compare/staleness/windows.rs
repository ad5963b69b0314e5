//! Windows of time: how long they are, which rows they hold, which of them are the baseline.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::found::TimeWindow;
use crate::compare::engine::span::Span;
use crate::log::Log;

const HOUR: i64 = 3_600_000_000;
const DAY: i64 = 24 * HOUR;
/// Windows that a log is cut into at most.
pub const MOST: usize = 60;
/// Windows by span: the longest of these that the log has so many of, in hours. A day is the shortest wherever there are
/// two, and a week is preferred: hours of a day and days of a week differ without anything growing old.
const BY_SPAN: [(u32, i64); 6] = [(52 * 168, 4), (4 * 168, 4), (168, 3), (24, 2), (6, 3), (1, 2)];
/// Share of the baseline's label coverage that a window needs to be held against it.
pub(super) const COVERAGE: f64 = 0.8;
/// Share of a window that the log may lack at an end of it.
const SLACK: i64 = 20;

/// Length of a window of time, in whole hours: `6h`, `1d`, `1w`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Window {
    hours: u32,
}

impl Window {
    pub const fn hours(hours: u32) -> Self {
        Self { hours }
    }

    pub fn micros(self) -> i64 {
        i64::from(self.hours) * HOUR
    }

    /// `6 hours`, `day`, `week`, `4 weeks`.
    pub fn words(self) -> String {
        let (count, unit) = self.parts();
        let unit = match unit {
            'w' => "week",
            'd' => "day",
            _ => "hour",
        };
        if count == 1 { unit.to_owned() } else { format!("{count} {unit}s") }
    }

    fn parts(self) -> (u32, char) {
        match self.hours {
            hours if hours.is_multiple_of(168) => (hours / 168, 'w'),
            hours if hours.is_multiple_of(24) => (hours / 24, 'd'),
            hours => (hours, 'h'),
        }
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, unit) = self.parts();
        write!(f, "{count}{unit}")
    }
}

impl FromStr for Window {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("\"{text}\" is no window of time; write 6h, 1d or 2w");
        let text = text.trim();
        let unit = text.chars().last().ok_or_else(wrong)?;
        let hours = match unit {
            'h' => 1,
            'd' => 24,
            'w' => 168,
            _ => return Err(wrong()),
        };
        let count: u32 = text[..text.len() - 1].parse().map_err(|_| wrong())?;
        let hours = count.checked_mul(hours).filter(|hours| (1..=10 * 52 * 168).contains(hours)).ok_or_else(wrong)?;
        Ok(Self { hours })
    }
}

impl TryFrom<String> for Window {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Window> for String {
    fn from(window: Window) -> Self {
        window.to_string()
    }
}

/// The log cut by time.
pub(super) struct Cut {
    pub window: Window,
    pub windows: Vec<TimeWindow>,
    pub baseline: usize,
    start: i64,
    /// Times of the run; others, long before or after it, are in no window.
    span: Span,
}

/// Window of a row without a time.
pub(super) const NOWHERE: usize = usize::MAX;

impl Cut {
    /// The windows of `log`, whose run goes over `span`, or why it has none.
    pub fn of(log: &Log, span: Option<Span>, asked: Option<Window>) -> Result<Self, String> {
        let times = log.times.as_ref().ok_or("the log has no times")?;
        let span = span.ok_or("no row has a time")?;
        let (first, last) = (span.first, span.last);
        // Windows begin with a day of UTC, shorter ones with an hour.
        let start_of = |width: i64| first - first.rem_euclid(if width < DAY { HOUR } else { DAY });
        let count_of = |width: i64| (last - start_of(width)) / width + 1;
        let window = asked.unwrap_or_else(|| {
            let fits = |(hours, least): &&(u32, i64)| count_of(i64::from(*hours) * HOUR) >= *least;
            Window { hours: BY_SPAN.iter().find(fits).map_or(1, |(hours, _)| *hours) }
        });
        let width = window.micros();
        let (start, count) = (start_of(width), count_of(width));
        if count < 2 {
            return Err(format!(
                "all rows lie within one window of {}: a run of at least two windows has a course",
                window.words()
            ));
        }
        if count > MOST as i64 {
            return Err(format!(
                "a window of {} cuts the log into {count} parts, of which at most {MOST} are shown: choose a longer one",
                window.words()
            ));
        }
        let slack = width / SLACK;
        let mut windows: Vec<TimeWindow> = (0..count)
            .map(|at| {
                let begin = start + at * width;
                let whole = first - begin <= slack && begin + width - 1 - last <= slack;
                TimeWindow { start: begin, rows: 0, labelled: 0, whole }
            })
            .collect();
        for (&time, &label) in times.iter().zip(&log.labels).filter(|(time, _)| span.holds(**time)) {
            let window = &mut windows[((time - start) / width) as usize];
            window.rows += 1;
            window.labelled += u64::from(label <= 1);
        }
        // A first window that the log covers in part is no baseline alone: another hour of the day is no drift.
        let baseline = windows.iter().position(|window| window.whole).map_or(1, |at| at + 1);
        let baseline = if baseline < windows.len() { baseline } else { 1 };
        Ok(Self { window, windows, baseline, start, span })
    }

    /// Window of a time.
    #[inline]
    pub fn at(&self, time: i64) -> usize {
        if !self.span.holds(time) { NOWHERE } else { ((time - self.start) / self.window.micros()) as usize }
    }

    /// Windows that make a period after which hours of the day and days of the week come again.
    pub fn period(&self) -> usize {
        const WEEK: i64 = 7 * DAY;
        let width = self.window.micros();
        let period = if width < DAY { DAY } else { WEEK };
        if width >= WEEK { 1 } else { ((period + width - 1) / width) as usize }
    }

    /// [`Self::period`] in words: `a week`, `a day`, `4 weeks`.
    pub fn period_words(&self) -> String {
        let width = self.window.micros();
        match width {
            _ if width < DAY => "a day".to_owned(),
            _ if width <= 7 * DAY => "a week".to_owned(),
            _ => self.window.words(),
        }
    }

    /// Share of rows with a label.
    pub fn coverage(&self, windows: std::ops::Range<usize>) -> f64 {
        let sum = |of: fn(&TimeWindow) -> u64| self.windows[windows.clone()].iter().map(of).sum::<u64>() as f64;
        sum(|window| window.labelled) / sum(|window| window.rows).max(1.0)
    }

    /// 0 for the baseline, else 1, 2, ... for the windows after it.
    #[inline]
    pub fn group(&self, window: usize) -> usize {
        (window + 1).saturating_sub(self.baseline)
    }

    pub fn groups(&self) -> usize {
        self.windows.len() + 1 - self.baseline
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_written_as_they_are_read() {
        for text in ["6h", "1d", "1w", "4w", "36h"] {
            assert_eq!(text.parse::<Window>().unwrap().to_string(), text);
        }
        assert_eq!("7d".parse::<Window>().unwrap().to_string(), "1w");
        assert_eq!("24h".parse::<Window>().unwrap().words(), "day");
        for wrong in ["", "d", "0d", "1.5d", "3m", "-1d", "1é", "99999999w"] {
            assert!(wrong.parse::<Window>().is_err(), "{wrong}");
        }
    }
}
