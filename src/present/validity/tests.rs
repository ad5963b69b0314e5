use super::*;
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
    let series = model.series.unwrap();
    assert_eq!(series.points.len(), 28);
    assert_eq!(series.ticks[0], (0.0, "7 Sep".to_owned()));
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
