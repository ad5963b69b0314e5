//! Numbers as text: as many digits as the interval supports, one minus sign, one way to group thousands.
//!
//! These are the primitives; what needs more than a number and a unit (times, sizes, digests) is in
//! [`present::format`](crate::present::format), which also offers everything here under its own name.

use crate::compare::Unit;

/// The minus sign of every number that is shown.
pub const MINUS: char = '\u{2212}';

/// Stands where a number is undefined.
pub const UNDEFINED: &str = "\u{2013}";

const MOST_DECIMALS: i32 = 12;

/// Leading digit and decimal exponent of a positive finite number.
fn leading(value: f64) -> Option<(u8, i32)> {
    if !(value.is_finite() && value > 0.0) {
        return None;
    }
    let text = format!("{value:e}");
    let (mantissa, exponent) = text.split_once('e')?;
    Some((*mantissa.as_bytes().first()?, exponent.parse().ok()?))
}

/// Decimals an interval of this half-width supports: down to its first significant digit, one more if that is 1 or 2.
/// `None` for a half-width of zero or none.
pub fn decimals_for(half_width: f64) -> Option<usize> {
    let (digit, exponent) = leading(half_width)?;
    let one_more = i32::from(matches!(digit, b'1' | b'2'));
    Some((one_more - exponent).clamp(0, MOST_DECIMALS) as usize)
}

/// Decimals that show `value` with this many significant digits.
pub fn decimals_for_significant(value: f64, digits: i32) -> usize {
    leading(value.abs()).map_or(0, |(_, exponent)| (digits - 1 - exponent).clamp(0, MOST_DECIMALS) as usize)
}

/// `12345.678` with two decimals: `12,345.68`; `−` for negative numbers, none for those that round to zero.
pub fn fixed(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return UNDEFINED.to_owned();
    }
    let text = format!("{:.decimals$}", value.abs());
    let grouped = group(&text);
    if value < 0.0 && !is_zero(&text) { format!("{MINUS}{grouped}") } else { grouped }
}

/// As [`fixed`], with a sign before everything but zero.
pub fn signed(value: f64, decimals: usize) -> String {
    let text = fixed(value, decimals);
    if value > 0.0 && value.is_finite() && !is_zero(&text) { format!("+{text}") } else { text }
}

/// The shortest text that gives the number back, for margins and other numbers people wrote: `0.002`, `1`, `−0.3`.
pub fn plain(value: f64) -> String {
    if !value.is_finite() {
        return UNDEFINED.to_owned();
    }
    // Twelve significant digits remove what scaling by 100 adds (0.07 becomes 7.000000000000001).
    let rounded: f64 = format!("{value:.11e}").parse().unwrap_or(value);
    let text = rounded.abs().to_string();
    let grouped = group(&text);
    if rounded < 0.0 { format!("{MINUS}{grouped}") } else { grouped }
}

/// A confidence level in per cent, with three digits of the error it leaves: `95` of 0.95, `99.333` of 1 − 0.02 / 3.
pub fn confidence(level: f64) -> String {
    plain(100.0 - round_significant((1.0 - level) * 100.0, 3))
}

/// A count: all digits up to 9,999,999, then `12.3 M`.
pub fn count(value: u64) -> String {
    if value <= 9_999_999 {
        group(&value.to_string())
    } else if value < 9_999_500_000 {
        format!("{} M", fixed(value as f64 / 1e6, 1))
    } else {
        format!("{} bn", fixed(value as f64 / 1e9, 1))
    }
}

/// A signed count of rows: `+668`, `−4,907`.
pub fn signed_count(value: i64) -> String {
    let text = count(value.unsigned_abs());
    match value {
        1.. => format!("+{text}"),
        0 => text,
        _ => format!("{MINUS}{text}"),
    }
}

/// Commas between the thousands of the integer part.
fn group(text: &str) -> String {
    let (whole, fraction) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut grouped = String::with_capacity(text.len() + whole.len() / 3);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped + fraction
}

fn is_zero(text: &str) -> bool {
    !text.bytes().any(|byte| byte.is_ascii_digit() && byte != b'0')
}

/// From the metric's unit to what is shown: shares are shown in per cent.
pub fn shown(unit: Unit, value: f64) -> f64 {
    match unit {
        Unit::Share => value * 100.0,
        Unit::Number | Unit::Milliseconds | Unit::Cost | Unit::Target | Unit::TargetSquared => value,
    }
}

/// Unit as written after a value (`%`, `ms`), or after a difference (`pp`); empty for plain numbers.
pub fn unit_label(unit: Unit, difference: bool) -> &'static str {
    match (unit, difference) {
        (Unit::Share, true) => "pp",
        (Unit::Share, false) => "%",
        (Unit::Milliseconds, _) => "ms",
        (Unit::Number | Unit::Cost | Unit::Target | Unit::TargetSquared, _) => "",
    }
}

/// A number people wrote, in shown units with its unit: `0.002`, `1 pp`, `5 ms`.
pub fn with_unit(unit: Unit, value: f64, difference: bool) -> String {
    after(plain(shown(unit, value)), unit, difference)
}

fn after(number: String, unit: Unit, difference: bool) -> String {
    match unit_label(unit, difference) {
        "" => number,
        label => format!("{number} {label}"),
    }
}

/// How the numbers of one row are written: the same decimals for the estimate, both ends and both arms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digits {
    pub unit: Unit,
    pub decimals: usize,
}

impl Digits {
    /// Digits for a value in its interval; three significant digits where there is none.
    pub fn of(unit: Unit, value: f64, interval: Option<(f64, f64)>) -> Self {
        let decimals = interval
            .and_then(|(lo, hi)| decimals_for(shown(unit, (hi - lo).abs()) / 2.0))
            .unwrap_or_else(|| decimals_for_significant(shown(unit, value), 3));
        Self { unit, decimals }
    }

    /// Digits for a difference in its interval; where it is 0 without any width they are those of an arm's value.
    pub fn of_difference(unit: Unit, value: f64, interval: Option<(f64, f64)>, arm: Option<f64>) -> Self {
        let still = value == 0.0 && interval.is_none_or(|(lo, hi)| lo == hi);
        match arm.filter(|_| still) {
            Some(arm) => Self::of(unit, arm, None),
            None => Self::of(unit, value, interval),
        }
    }

    /// Digits added until neither end is printed as one of `edges` without being equal to it.
    pub fn clear_of(mut self, ends: &[f64], edges: &[f64]) -> Self {
        let same = |decimals: usize| {
            ends.iter().any(|end| {
                edges.iter().any(|edge| {
                    end != edge && fixed(shown(self.unit, *end), decimals) == fixed(shown(self.unit, *edge), decimals)
                })
            })
        };
        let most = self.decimals + 6;
        let mut decimals = self.decimals;
        while decimals < most && same(decimals) {
            decimals += 1;
        }
        // Ends that agree with an edge to six more digits are equal for every reader.
        self.decimals = if decimals == most { self.decimals } else { decimals };
        self
    }

    /// A value: `0.412`, `36.1`.
    pub fn value(&self, value: f64) -> String {
        fixed(shown(self.unit, value), self.decimals)
    }

    /// A difference: `+0.041`, `−0.00043`.
    pub fn signed(&self, value: f64) -> String {
        signed(shown(self.unit, value), self.decimals)
    }

    /// Interval of a value: `[0.917, 0.934]`.
    pub fn interval(&self, lo: f64, hi: f64) -> String {
        format!("[{}, {}]", self.value(lo), self.value(hi))
    }

    /// Interval of a difference: `[+0.037, +0.046]`.
    pub fn signed_interval(&self, lo: f64, hi: f64) -> String {
        format!("[{}, {}]", self.signed(lo), self.signed(hi))
    }

    /// A value with its unit: `0.412`, `36.1 %`, `48.25 ms`.
    pub fn value_unit(&self, value: f64) -> String {
        after(self.value(value), self.unit, false)
    }

    /// A size of a difference with its unit and no sign: `2.99 ms`, `0.054 pp`.
    pub fn size_unit(&self, value: f64) -> String {
        after(self.value(value.abs()), self.unit, true)
    }

    /// A difference with its unit: `+3.4 pp`.
    pub fn signed_unit(&self, value: f64) -> String {
        after(self.signed(value), self.unit, true)
    }
}

/// Rounded to `digits` significant digits, for counts that are estimates: 61,234 becomes 61,000.
pub fn round_significant(value: f64, digits: usize) -> f64 {
    if !value.is_finite() || digits == 0 {
        return value;
    }
    let decimals = digits - 1;
    format!("{value:.decimals$e}").parse().unwrap_or(value)
}
