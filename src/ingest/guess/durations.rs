//! Units that the names of durations tell: `latency_ms`, `end_to_end_latency_s`, `latency_s_new`.

use super::names::words;

/// Milliseconds in a unit of time, by a word of the name of a duration.
pub(super) fn millis_per(unit: &str) -> Option<f64> {
    Some(match unit {
        "h" | "hr" | "hrs" | "hour" | "hours" => 3.6e6,
        "min" | "mins" | "minute" | "minutes" => 6e4,
        "s" | "sec" | "secs" | "second" | "seconds" => 1e3,
        "ms" | "msec" | "msecs" | "milli" | "millis" | "millisecond" | "milliseconds" => 1.0,
        "us" | "usec" | "usecs" | "micro" | "micros" | "microsecond" | "microseconds" => 1e-3,
        "ns" | "nsec" | "nano" | "nanos" | "nanosecond" | "nanoseconds" => 1e-6,
        _ => return None,
    })
}

/// What a column of latencies is multiplied by to be in milliseconds, as its name says: by its last word that is a unit,
/// since a statistic or the name of a model may follow it. The first word is what is measured. `min` beside another unit
/// is a minimum.
pub fn millis_of(column: &str) -> f64 {
    let words = words(column);
    let units = || words.iter().skip(1).rev();
    let told = units().filter(|word| *word != "min").find_map(|unit| millis_per(unit));
    told.or_else(|| units().find_map(|unit| millis_per(unit))).unwrap_or(1.0)
}

#[cfg(test)]
mod tests {
    use super::millis_of;

    #[test]
    fn units_of_durations() {
        for (name, wanted) in [
            ("end_to_end_latency_s", 1e3),
            ("latencyMs", 1.0),
            ("latency", 1.0),
            ("elapsed_us", 1e-3),
            ("latency_s_total", 1e3),
            ("latency_sec_p99", 1e3),
            ("latency_s_prod", 1e3),
            ("latency_minutes", 6e4),
            ("elapsed_h", 3.6e6),
            ("latency_min_ms", 1.0),
            ("response_time_hours", 3.6e6),
        ] {
            assert_eq!(millis_of(name), wanted, "{name}");
        }
    }
}
