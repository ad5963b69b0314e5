//! Numbers, times, sizes and digests as text. The primitives of numbers stand in [`numerals`](crate::decision::numerals).

pub use crate::decision::numerals::*;

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Year, month (1 to 12), day, hour, minute, second of microseconds since the epoch, UTC.
pub fn civil(micros: i64) -> (i64, u32, u32, u32, u32, u32) {
    let secs = micros.div_euclid(1_000_000);
    let (days, second) = (secs.div_euclid(86_400), secs.rem_euclid(86_400) as u32);
    // Howard Hinnant's civil_from_days: eras of 400 years that begin in March.
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = (doy - (153 * mp + 2) / 5 + 1) as u32;
    let month = if mp < 10 { mp + 3 } else { mp - 9 } as u32;
    let year = yoe + era * 400 + i64::from(month <= 2);
    (year, month, day, second / 3_600, second / 60 % 60, second % 60)
}

/// `18 Nov 16:15`.
pub fn time(micros: i64) -> String {
    let (_, month, day, hour, minute, _) = civil(micros);
    format!("{day} {} {hour:02}:{minute:02}", MONTHS[month as usize - 1])
}

/// `18 Nov 2026`.
pub fn date(micros: i64) -> String {
    let (year, month, day, ..) = civil(micros);
    format!("{day} {} {year}", MONTHS[month as usize - 1])
}

/// `18 Nov`.
pub fn short_date(micros: i64) -> String {
    let (_, month, day, ..) = civil(micros);
    format!("{day} {}", MONTHS[month as usize - 1])
}

/// `7 Sep – 4 Oct 2026`.
pub fn date_range(first: i64, last: i64) -> String {
    let ((year, month, day, ..), (last_year, last_month, last_day, ..)) = (civil(first), civil(last));
    let name = |month: u32| MONTHS[month as usize - 1];
    if (year, month, day) == (last_year, last_month, last_day) {
        date(first)
    } else if (year, month) == (last_year, last_month) {
        format!("{day} – {last_day} {} {year}", name(month))
    } else if year == last_year {
        format!("{day} {} – {last_day} {} {year}", name(month), name(last_month))
    } else {
        format!("{} – {}", date(first), date(last))
    }
}

/// RFC 3339, UTC, whole seconds: `2026-11-08T13:18:00Z`.
pub fn rfc3339(micros: i64) -> String {
    let (year, month, day, hour, minute, second) = civil(micros);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Decimal sizes: `418 MB`, `1.2 GB`, `912 B`.
pub fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        1_000_000..1_000_000_000 => format!("{} MB", bytes / 1_000_000),
        _ => format!("{} GB", fixed(bytes as f64 / 1e9, 1)),
    }
}

/// First 8 and last 4 characters of a digest: `7d1e09fa…52c4`.
pub fn digest(hex: &str) -> String {
    match (hex.get(..8), hex.get(hex.len().saturating_sub(4)..)) {
        (Some(first), Some(last)) if hex.len() > 12 => format!("{first}…{last}"),
        _ => hex.to_owned(),
    }
}

/// A share of rows in per cent: `93.4 %`.
pub fn share(value: f64, decimals: usize) -> String {
    format!("{} %", fixed(value * 100.0, decimals))
}

/// A p-value: three decimals, `< 0.001` below.
pub fn p_value(p: f64) -> String {
    if p < 0.001 { "< 0.001".to_owned() } else { fixed(p, 3) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_as_the_guide_says() {
        let first = 1_788_739_200_000_000; // 2026-09-07T00:00:00Z
        assert_eq!(rfc3339(first), "2026-09-07T00:00:00Z");
        assert_eq!(date_range(first, first + 27 * 86_400_000_000), "7 Sep – 4 Oct 2026");
        assert_eq!(date_range(first, first + 86_400_000_000), "7 – 8 Sep 2026");
        assert_eq!(time(first + 58_500_000_000), "7 Sep 16:15");
        assert_eq!(rfc3339(-1), "1969-12-31T23:59:59Z");
    }

    #[test]
    fn sizes_and_digests_are_short() {
        assert_eq!(size(418_300_000), "418 MB");
        assert_eq!(digest("7d1e09fa00000000000052c4"), "7d1e09fa…52c4");
        assert_eq!(p_value(0.0004), "< 0.001");
    }
}
