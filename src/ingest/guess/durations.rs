//! Units that the names of durations end with: `latency_ms`, `end_to_end_latency_s`.

use super::names::words;

/// Milliseconds in a unit of time, by the word that ends the name of a duration.
pub(super) fn millis_per(unit: &str) -> Option<f64> {
    Some(match unit {
        "s" | "sec" | "secs" | "second" | "seconds" => 1e3,
        "ms" | "msec" | "msecs" | "milli" | "millis" | "millisecond" | "milliseconds" => 1.0,
        "us" | "usec" | "usecs" | "micro" | "micros" | "microsecond" | "microseconds" => 1e-3,
        "ns" | "nsec" | "nano" | "nanos" | "nanosecond" | "nanoseconds" => 1e-6,
        _ => return None,
    })
}

/// What a column of latencies is multiplied by to be in milliseconds, as its name says.
pub fn millis_of(column: &str) -> f64 {
    words(column).last().and_then(|unit| millis_per(unit)).unwrap_or(1.0)
}

#[cfg(test)]
mod tests {
    use super::millis_of;

    #[test]
    fn units_of_durations() {
        assert_eq!(millis_of("end_to_end_latency_s"), 1e3);
        assert_eq!((millis_of("latencyMs"), millis_of("latency"), millis_of("elapsed_us")), (1.0, 1.0, 1e-3));
    }
}
