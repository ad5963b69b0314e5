//! Cost, failures and throughput against values worked by hand.

use super::*;
use crate::log::{FAILED, NOT_LOGGED, SERVED, TIMED_OUT};

/// 1,000 requests, one a second; of the first 140 the challenger fails on every seventh, every other time for being
/// late.
fn served() -> Log {
    let mut log = made(1000);
    log.times = Some((0..1000).map(|row| row * 1_000_000).collect());
    log.arms[0].served.cost = Some((0..1000).map(|row| 0.01 + 0.001 * f64::from(row % 3)).collect());
    log.arms[1].served.cost = Some((0..1000).map(|row| 0.02 + 0.001 * f64::from(row % 3)).collect());
    log.arms[0].served.failed = Some(vec![SERVED; 1000]);
    let failed = |row: usize| match row {
        row if row >= 140 || row % 7 > 0 => SERVED,
        row if row % 2 == 0 => TIMED_OUT,
        _ => FAILED,
    };
    log.arms[1].served.failed = Some((0..1000).map(failed).collect());
    // A request that failed has no answer, and its row is not among the analysed ones.
    let scores = log.arms[1].scores.as_mut().unwrap();
    (0..140).step_by(7).for_each(|row| scores[row] = NOT_LOGGED);
    log
}

#[test]
fn failures_are_counted_where_there_is_no_answer() {
    let found = compare(served());
    assert_eq!(found.population.analysed, 980);
    let errors = found.metric("error_rate").unwrap();
    assert_eq!((errors.rows, value(errors, 0), value(errors, 1)), (1000, 0.0, 0.02));
    // Wilson 1927 with 20 of 1,000 by hand.
    let arm = errors.arms.challenger.as_ref().unwrap();
    assert!(
        (arm.lo.unwrap() - 0.012_983_683).abs() < 1e-6 && (arm.hi.unwrap() - 0.030_690_005).abs() < 1e-6,
        "{arm:?}"
    );
    let difference = errors.difference.as_ref().unwrap();
    assert!(difference.value == 0.02 && difference.lo.unwrap() > 0.0 && difference.method.starts_with("Tango"));
    assert_eq!(value(found.metric("timeout_rate").unwrap(), 1), 0.01);
}

#[test]
fn costs_are_paired_by_request() {
    let mut log = served();
    let found = compare(log.clone());
    let cost = found.metric("cost_per_request").unwrap();
    assert!((value(cost, 0) - 0.010_999).abs() < 1e-9 && (value(cost, 1) - 0.020_999).abs() < 1e-9);
    let difference = cost.difference.as_ref().unwrap();
    assert!((difference.value - 0.01).abs() < 1e-12);
    log.arms[0].served.cost.as_mut().unwrap()[3] = NOT_LOGGED;
    log.arms[1].served.cost.as_mut().unwrap()[4] = NOT_LOGGED;
    assert_eq!(compare(log.clone()).metric("cost_per_request").unwrap().rows, 998);
    log.arms[0].served.cost = None;
    let found = compare(log);
    let cost = found.metric("cost_per_request").unwrap();
    assert_eq!(cost.undefined.as_deref(), Some("champion: no cost is logged"));
    assert!(cost.difference.is_none() && cost.arms.challenger.is_some());
}

#[test]
fn answers_per_second() {
    let found = compare(served());
    let rate = found.metric("throughput").unwrap();
    let secs = 999.0;
    assert!((value(rate, 0) - 1000.0 / secs).abs() < 1e-9 && (value(rate, 1) - 980.0 / secs).abs() < 1e-9);
    let gap = rate.difference.as_ref().unwrap();
    assert!((gap.value + 20.0 / secs).abs() < 1e-9 && gap.lo.unwrap() < gap.value);
}

#[test]
fn units_widen_the_intervals_of_what_repeats_within_them() {
    let mut log = served();
    // Whole units fail.
    log.units =
        Some(("user".to_owned(), Codes::new(names(100), &(0..1000u32).map(|row| row / 10).collect::<Vec<_>>())));
    log.arms[1].served.failed =
        Some((0..1000usize).map(|row| if row / 10 % 20 == 0 { FAILED } else { SERVED }).collect());
    let found = compare(log);
    let errors = found.metric("error_rate").unwrap().difference.clone().unwrap();
    let half = (errors.hi.unwrap() - errors.lo.unwrap()) / 2.0;
    let by_row = 1.96 * (0.05f64 * 0.95 / 1000.0).sqrt();
    assert!(half > 2.5 * by_row, "{half} against {by_row}");
}
