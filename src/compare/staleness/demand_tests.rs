//! Demand that changes, and demand that only looks as if it did.

use super::*;
use crate::compare::engine::span::Span;
use crate::compare::engine::tests as fixture;
use crate::stats::bootstrap::Replicate;
use crate::stats::special::norm_isf;

const DAY: i64 = 24 * HOUR;

/// Requests of each day, evenly over it.
fn log(days: &[u64]) -> Log {
    let times: Vec<i64> = (0i64..)
        .zip(days)
        .flat_map(|(day, &rows)| (0..rows as i64).map(move |row| day * DAY + row * DAY / rows as i64))
        .collect();
    let mut log = fixture::log(vec![0; times.len()], &[None, None]);
    log.times = Some(times);
    log
}

fn found(days: &[u64], window: &str) -> Option<Demand> {
    let log = log(days);
    let span = Span::of(log.times.clone().unwrap());
    let cut = Cut::of(&log, span, Some(window.parse().unwrap())).unwrap();
    demand(&log, &cut, 0.95)
}

/// Weeks with a pattern, `level` of each day times noise.
fn days(weeks: usize, noise: f64, level: impl Fn(usize) -> f64) -> Vec<u64> {
    let (draw, pattern) = (Replicate::new(3, 0), [1.0, 1.1, 1.1, 1.1, 1.05, 0.7, 0.6]);
    let of = |day: usize| 300.0 * pattern[day % 7] * level(day) * (noise * norm_isf(draw.uniform(day as u64))).exp();
    (0..7 * weeks).map(|day| of(day).round() as u64).collect()
}

#[test]
fn a_trend_is_found_and_a_pattern_of_the_week_is_no_noise() {
    for window in ["1d", "1w"] {
        let same = found(&days(6, 0.0, |_| 1.0), window).unwrap();
        assert_eq!((same.change, same.dispersion), (0.0, Some(1.0)));
        // As wide as independent requests are.
        let half = 1.959_963_984_540_054 * (1.0 / same.latest + 1.0 / same.baseline).sqrt();
        assert!((same.hi.unwrap() - (half.exp() - 1.0)).abs() < 1e-12, "{same:?}");
        let grown = found(&days(6, 0.12, |day| (day as f64 * 0.012).exp()), window).unwrap();
        assert!(grown.lo.unwrap() > 0.0 && grown.hi.unwrap() < 1.2 && grown.dispersion.unwrap() > 1.5, "{grown:?}");
    }
    // Whatever windows are called: the days are the same.
    let [a, b] = ["1d", "1w"].map(|window| found(&days(6, 0.1, |_| 1.0), window).unwrap());
    assert_eq!((a.change, a.lo, a.hi), (b.change, b.lo, b.hi));
}

#[test]
fn days_that_hang_together_make_the_interval_wider() {
    let draw = Replicate::new(11, 0);
    let drift: Vec<f64> = (0..70)
        .scan(0.0, |last, day| {
            *last = 0.7 * *last + 0.1 * norm_isf(draw.uniform(day));
            Some(f64::exp(*last))
        })
        .collect();
    let together = found(&days(10, 0.0, |day| drift[day]), "1w").unwrap();
    let mut apart = drift.clone();
    apart.sort_unstable_by_key(|level| crate::metrics::bootstrap::hash(level.to_bits(), 1));
    let apart = found(&days(10, 0.0, |day| apart[day]), "1w").unwrap();
    let [wide, narrow] = [&together, &apart].map(|one| ((1.0 + one.hi.unwrap()) / (1.0 + one.lo.unwrap())).ln());
    assert!(wide > 1.3 * narrow, "{together:?} {apart:?}");
}

#[test]
fn few_weeks_have_a_change_and_no_interval() {
    assert_eq!(found(&[300; 13], "1d"), None);
    let few = found(&days(3, 0.05, |day| 1.0 + day as f64 / 20.0), "1d").unwrap();
    assert!(few.change > 0.5 && few.lo.is_none() && few.dispersion.is_none(), "{few:?}");
    assert!(few.undefined.as_ref().unwrap().starts_with("3 whole periods (a week) do not tell"), "{few:?}");
    assert_eq!(few.ends().unwrap_err(), few.undefined.unwrap());
    // Windows of hours have days for periods.
    let hours = found(&[480; 5], "6h").unwrap();
    assert!(hours.windows == 4 && hours.lo.is_some(), "{hours:?}");
    assert!(found(&[480; 3], "6h").unwrap().undefined.unwrap().contains("(a day)"));
}
