use super::*;
use crate::present::overview::tests::made;

#[test]
fn frame_tells_arms_flow_slices_and_verdict() {
    let made = made();
    let inputs = FrameInputs {
        workspace: "card-fraud",
        whole: &made.comparison,
        added: &[],
        policy_file: Some("promotion.toml"),
        files_note: "",
    };
    let frame = frame(&made.sheet(), &inputs);
    assert_eq!(frame.top.dates, "7 Sep – 4 Oct 2026");
    assert_eq!(frame.top.thresholds, ["0.300", "0.313"]);
    assert_eq!([&frame.top.verdict, &frame.top.rule], ["Promote with conditions", "rule 4"]);
    assert_eq!(frame.rail.seen, ("Request ids".to_owned(), "1,312,403".to_owned()));
    assert_eq!(frame.rail.population_note, "93.4 % of ids, 391,927 customers");
    assert_eq!(frame.rail.slices[0].name, "LATAM × phone");
    assert_eq!(frame.rail.slices[0].sign, Some(Sign::Inconclusive));
    assert_eq!(frame.rail.plan_slice(0), Some(0));
    assert_eq!(frame.rail.checks_passed, "2 of 4");
    assert_eq!(frame.tabs.validity, Some(Sign::Inconclusive));
    assert_eq!(frame.facts[0], "1,226,190 rows in view");
}

#[test]
fn units_are_named_by_their_column() {
    assert_eq!(units_of("customer_id"), "customers");
    assert_eq!(units_of("party"), "parties");
    assert_eq!(units_of("h2"), "values of h2");
}
