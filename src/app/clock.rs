//! The clock, read here and nowhere else.

use std::time::{SystemTime, UNIX_EPOCH};

/// Microseconds since the epoch, UTC.
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}
