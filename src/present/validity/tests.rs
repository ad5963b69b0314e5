use super::*;
use crate::compare::SeriesPoint;
use crate::present::overview::tests::made;

#[test]
fn checks_stand_by_urgency_with_value_limit_and_consequence() {
    let made = made();
    let model = validity(&made.sheet(), &[]);
    assert_eq!(model.passed, "2 of 4");
    assert_eq!(model.checks[0].title, "Label maturity");
    let missing = model.checks.iter().find(|check| check.title == "Missing predictions").unwrap();
    assert_eq!([&missing.value, &missing.limit], ["0.35 %", "0.50 %, policy"]);
    assert_eq!(model.basis, "Paired by equal request_id, compared as exact text.");
    assert_eq!(model.labels.last().unwrap().count, "8.6 d");
    assert_eq!(model.sources[0].name, "champion-2026-09.parquet");
    let coverage = model.coverage.unwrap();
    assert_eq!((coverage.lines.len(), coverage.by), (28, "by day"));
    assert_eq!(coverage.ticks[0], (0.0, "7 Sep".to_owned()));
}

const HOUR: i64 = 3_600_000_000;

/// Coverage of `hours` buckets of one hour from Monday, 7 September 2026, 20:00, each of 10 rows; `labelled` by place.
fn hourly(hours: i64, labelled: fn(i64) -> u64, until: Option<i64>) -> Coverage {
    let monday = 1_788_811_200_000_000;
    let mut made = made();
    let first = made.comparison.series[0];
    made.comparison.series = (0..hours)
        .map(|hour| SeriesPoint { start: monday + hour * HOUR, rows: 10, labelled: labelled(hour), ..first })
        .collect();
    coverage(&made.comparison, until.map(|hour| monday + hour * HOUR)).unwrap()
}

#[test]
fn coverage_is_by_day_or_week_as_the_run_is_long() {
    let day = hourly(24, |_| 10, None);
    assert_eq!(
        (day.by, day.lines.len(), day.description.as_str()),
        ("over time", 24, "240 rows, 100.0 % labelled, least 100.0 % from 7 Sep 20:00")
    );
    // Four hours of the first day, two whole days, two hours of the last.
    let days = hourly(54, |hour| if hour < 28 { 10 } else { 5 }, Some(40));
    let rows: Vec<(u64, u64)> = days.lines.iter().map(|line| (line.rows, line.labelled)).collect();
    assert_eq!((days.by, rows), ("by day", vec![(40, 40), (240, 240), (240, 120), (20, 10)]));
    assert_eq!(days.lines[2].hover, "9 Sep: 240 rows, 50.0 % labelled");
    assert_eq!(days.lines[3].from, 0.75);
    assert_eq!(
        days.description,
        "540 rows, 75.9 % labelled, least 50.0 % on 9 Sep; labels of requests after 9 Sep 12:00 are not final"
    );
    assert_eq!(days.final_until, Some(0.625));
    let weeks = hourly(70 * 24, |_| 9, None);
    // Mondays: the first week lacks twenty hours.
    assert_eq!((weeks.by, weeks.lines.len(), weeks.lines[0].rows, weeks.lines[1].rows), ("by week", 11, 1480, 1680));
    assert_eq!(weeks.ticks[0].1, "7 Sep");
}

#[test]
fn issues_stand_worst_first() {
    let made = made();
    let issue = |severity| Issue {
        code: String::new(),
        severity,
        message: format!("{severity:?}"),
        consequence: String::new(),
        mend: String::new(),
        count: 3,
        share: 0.0,
        examples: Vec::new(),
    };
    let model = validity(&made.sheet(), &[issue(Severity::Note), issue(Severity::Blocking)]);
    assert_eq!(model.issues[0].sign, Some(Sign::Fail));
    assert_eq!(model.issues[1].sign, None);
}
