//! Times: ISO 8601 with or without an offset, and epochs by magnitude. Day/month orders are never guessed.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::cells::{is_nan_token, is_null_token};
use crate::ingest::issue::IngestError;
use crate::log::meant::did_you_mean;

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;

/// What a cell is as a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parsed {
    /// Microseconds since the epoch, UTC.
    Instant(i64),
    /// Microseconds of the wall clock since 1970-01-01T00:00, zone not said.
    Naive(i64),
    Empty,
    Bad,
}

/// Days since 1970-01-01 of a date of the proleptic Gregorian calendar (months counted from March, so
/// that the leap day ends the year).
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn month_days(year: i64, month: i64) -> i64 {
    match month {
        2 if (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Exactly `width` digits from the front of `text`.
fn digits(text: &mut &[u8], width: usize) -> Option<i64> {
    let (head, rest) = text.split_at_checked(width)?;
    let mut value = 0;
    for byte in head {
        if !byte.is_ascii_digit() {
            return None;
        }
        value = value * 10 + i64::from(byte - b'0');
    }
    *text = rest;
    Some(value)
}

fn skip(text: &mut &[u8], accept: &[u8]) -> Option<()> {
    let (first, rest) = text.split_first()?;
    accept.contains(first).then(|| *text = rest)
}

/// Read a cell as a time.
pub fn parse_time(raw: &[u8]) -> Parsed {
    let text = raw.trim_ascii();
    if let Some(parsed) = iso(text) {
        return parsed;
    }
    if let Some(parsed) = spelled(text).and_then(|text| iso(&text)) {
        return parsed;
    }
    if is_null_token(text) || is_nan_token(text) {
        return Parsed::Empty;
    }
    let Ok(number) = std::str::from_utf8(text) else {
        return Parsed::Bad;
    };
    if !number.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'e' | b'E' | b'+')) {
        return Parsed::Bad;
    }
    match number.parse::<i64>() {
        Ok(whole) => epoch(whole as f64, Some(whole)),
        Err(_) => number.parse::<f64>().map_or(Parsed::Bad, |value| epoch(value, None)),
    }
}

/// Other spellings as ISO 8601: `20260907`, `20260907T000135Z` (basic format), `Mon, 07 Sep 2026 00:01:35 GMT` (RFC 2822,
/// section 3.3).
fn spelled(text: &[u8]) -> Option<Vec<u8>> {
    const MONTHS: [&[u8]; 12] =
        [b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec"];
    let digits_in = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let date = |year: &[u8], month: &[u8], day: &[u8]| [year, b"-", month, b"-", day].concat();
    if digits_in(text) == 8 && matches!(text[0], b'1' | b'2') {
        let (day, rest) = text.split_at(8);
        let mut out = date(&day[..4], &day[4..6], &day[6..]);
        if rest.is_empty() {
            return Some(out);
        }
        let time = rest.strip_prefix(b"T")?;
        if digits_in(time) < 6 {
            return None;
        }
        out.extend([b"T", &time[..2], b":", &time[2..4], b":", &time[4..]].concat());
        return Some(out);
    }
    let mut rest = match text.split_first_chunk::<4>() {
        Some((weekday, rest)) if weekday[3] == b',' && weekday[..3].iter().all(u8::is_ascii_alphabetic) => {
            rest.trim_ascii_start()
        }
        _ => text,
    };
    let day = digits(&mut rest, 2).or_else(|| digits(&mut rest, 1))?;
    skip(&mut rest, b" -")?;
    let (name, after) = rest.split_at_checked(3)?;
    let month = MONTHS.iter().position(|month| name.eq_ignore_ascii_case(month))? + 1;
    rest = after;
    skip(&mut rest, b" -")?;
    let year = digits(&mut rest, 4)?;
    let mut out = format!("{year:04}-{month:02}-{day:02}").into_bytes();
    out.extend_from_slice(rest);
    Some(out)
}

/// Hour of the day of a clock with `AM` and `PM`, which is taken off the text; without one the hour stays.
fn half_day(rest: &mut &[u8], hour: i64) -> Option<i64> {
    let mark = rest.trim_ascii_start();
    let half = match mark.get(..2) {
        Some(half) if half.eq_ignore_ascii_case(b"am") => 0,
        Some(half) if half.eq_ignore_ascii_case(b"pm") => 12,
        _ => return Some(hour),
    };
    *rest = &mark[2..];
    (1..=12).contains(&hour).then_some(hour % 12 + half)
}

/// What dates such as 03/04/2026 in a column say about their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DayOrder {
    /// No date is written so.
    #[default]
    None,
    /// No part is above 12.
    Either,
    DayFirst,
    MonthFirst,
    /// Some dates can only be the one, some only the other.
    Mixed,
}

impl DayOrder {
    /// What one cell says.
    pub fn of(raw: &[u8]) -> Self {
        match numeric(raw.trim_ascii()) {
            Some(([13..=31, 1..=12, _], _)) => Self::DayFirst,
            Some(([1..=12, 13..=31, _], _)) => Self::MonthFirst,
            Some(([1..=12, 1..=12, _], _)) => Self::Either,
            _ => Self::None,
        }
    }

    /// What two cells or columns say together.
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::None, other) | (other, Self::None) => other,
            (Self::Either, other) | (other, Self::Either) => other,
            (one, other) if one == other => one,
            _ => Self::Mixed,
        }
    }
}

/// Numbers of a date that ends in the year, and what follows it.
fn numeric(text: &[u8]) -> Option<([i64; 3], &[u8])> {
    let mut rest = text;
    let part = |rest: &mut &[u8]| digits(rest, 2).or_else(|| digits(rest, 1));
    let first = part(&mut rest)?;
    let sign = *rest.first()?;
    skip(&mut rest, b"/.-")?;
    let second = part(&mut rest)?;
    skip(&mut rest, &[sign])?;
    let year = digits(&mut rest, 4)?;
    (!rest.first().is_some_and(u8::is_ascii_digit)).then_some(([first, second, year], rest))
}

/// As [`parse_time`]; dates such as 03/04/2026 are read with the day or the month first.
pub(super) fn parse_ordered(raw: &[u8], day_first: Option<bool>) -> Parsed {
    let parsed = parse_time(raw);
    let (Parsed::Bad, Some(day_first)) = (parsed, day_first) else {
        return parsed;
    };
    let Some(([first, second, year], rest)) = numeric(raw.trim_ascii()) else {
        return Parsed::Bad;
    };
    let (day, month) = if day_first { (first, second) } else { (second, first) };
    let mut text = format!("{year:04}-{month:02}-{day:02}").into_bytes();
    text.extend_from_slice(rest);
    iso(&text).unwrap_or(Parsed::Bad)
}

/// A number as an instant: seconds, milliseconds, microseconds or nanoseconds by magnitude. The bounds
/// put 1973 to 5138 of each unit apart.
pub(super) fn epoch(value: f64, whole: Option<i64>) -> Parsed {
    if value.is_nan() {
        return Parsed::Empty;
    }
    let magnitude = value.abs();
    let micros = |scale: i64| match whole {
        Some(whole) => whole.checked_mul(scale),
        // Within the bounds below the product is far from the ends of i64.
        None => Some((value * scale as f64).round() as i64),
    };
    let instant = if magnitude < 1e8 {
        None
    } else if magnitude < 1e11 {
        micros(SECOND)
    } else if magnitude < 1e14 {
        micros(1000)
    } else if magnitude < 1e17 {
        micros(1)
    } else if magnitude < 9.2e18 {
        Some(whole.map_or((value / 1000.0) as i64, |whole| whole.div_euclid(1000)))
    } else {
        None
    };
    instant.map_or(Parsed::Bad, Parsed::Instant)
}

fn iso(text: &[u8]) -> Option<Parsed> {
    let mut rest = text;
    let year = digits(&mut rest, 4)?;
    skip(&mut rest, b"-/")?;
    let month = digits(&mut rest, 2)?;
    skip(&mut rest, b"-/")?;
    let day = digits(&mut rest, 2)?;
    if !(1..=12).contains(&month) || day < 1 || day > month_days(year, month) {
        return None;
    }
    let mut micros = days(year, month, day) * DAY;
    if rest.is_empty() {
        return Some(Parsed::Naive(micros));
    }
    let _ = skip(&mut rest, b",");
    skip(&mut rest, b"Tt -_")?;
    let mut hour = digits(&mut rest, 2).or_else(|| digits(&mut rest, 1))?;
    skip(&mut rest, b":")?;
    let minute = digits(&mut rest, 2)?;
    let mut second = 0;
    let mut fraction = 0;
    if skip(&mut rest, b":").is_some() {
        second = digits(&mut rest, 2)?;
        if skip(&mut rest, b".,").is_some() {
            let length = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if length == 0 {
                return None;
            }
            let mut kept = &rest[..length.min(6)];
            fraction = digits(&mut kept, length.min(6))? * 10_i64.pow(6 - length.min(6) as u32);
            rest = &rest[length..];
        }
    }
    hour = half_day(&mut rest, hour)?;
    // A leap second counts as the last one of its minute.
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    micros += (hour * 3600 + minute * 60 + second.min(59)) * SECOND + fraction;
    Some(match offset(rest.trim_ascii_start())? {
        Some(seconds) => Parsed::Instant(micros - seconds * SECOND),
        None => Parsed::Naive(micros),
    })
}

/// Offset in seconds; `Some(None)` when none is given, `None` when what stands there is no offset.
fn offset(text: &[u8]) -> Option<Option<i64>> {
    if text.is_empty() {
        return Some(None);
    }
    if matches!(text, b"Z" | b"z" | b"UTC" | b"GMT") {
        return Some(Some(0));
    }
    let mut rest = text;
    let sign = match rest.first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    rest = &rest[1..];
    let hours = digits(&mut rest, 2)?;
    let minutes = if rest.is_empty() {
        0
    } else {
        let _ = skip(&mut rest, b":");
        digits(&mut rest, 2)?
    };
    (rest.is_empty() && hours < 24 && minutes < 60).then_some(Some(sign * (hours * 3600 + minutes * 60)))
}

/// Zone in which times without an offset are read.
#[derive(Clone, Debug)]
pub enum Zone {
    Utc,
    Named(TimeZone),
}

/// Whether the zone database knows `name`.
///
/// # Errors
/// It does not; the message offers the name that may have been meant.
pub fn known_zone(name: &str) -> Result<Zone, IngestError> {
    Zone::named(name).ok_or_else(|| {
        let known: Vec<String> = jiff::tz::db().available().map(|zone| zone.to_string()).collect();
        let meant = did_you_mean(name, known.iter().map(String::as_str));
        IngestError::Mapping(format!(
            "There is no time zone `{name}`{meant}; zones are named as in Europe/Berlin, America/New_York or UTC."
        ))
    })
}

impl Zone {
    /// `None` when the zone database does not know the name.
    pub fn named(name: &str) -> Option<Self> {
        if matches!(name, "UTC" | "Etc/UTC" | "Z") {
            return Some(Self::Utc);
        }
        TimeZone::get(name).ok().map(Self::Named)
    }

    /// Instant of a wall-clock time. A time that the clock skipped moves on by the gap; of one that it
    /// showed twice the first is meant.
    pub fn instant(&self, naive: i64) -> Option<i64> {
        match self {
            Self::Utc => Some(naive),
            Self::Named(zone) => {
                let civil: DateTime = TimeZone::UTC.to_datetime(Timestamp::from_microsecond(naive).ok()?);
                Some(zone.to_ambiguous_timestamp(civil).compatible().ok()?.as_microsecond())
            }
        }
    }
}

/// Microseconds since the epoch, shown as RFC 3339.
pub struct Clock(pub i64);

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Timestamp::from_microsecond(self.0) {
            Ok(time) => write!(f, "{time}"),
            Err(_) => write!(f, "{} us", self.0),
        }
    }
}
