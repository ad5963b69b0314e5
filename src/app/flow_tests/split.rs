//! Samples of an A/B and of a canary run, as a person goes through them.

use super::*;

#[test]
fn a_rollout_tells_when_its_rollback_was_earned() {
    let mut window = opened("canary-delays");
    assert!(!has(&window, "Flips"), "{}", texts(&window));
    tab(&mut window, "Timeline");
    assert!(has(&window, "The rollback was earned after"), "{}", texts(&window));
    for chart in ["Share of traffic", "Difference over time", "Arms over time", "Requests over time", "Stage gates"] {
        assert!(has(&window, chart), "{chart}: {}", texts(&window));
    }
    press(&mut window, "Record decision");
    assert!(has(&window, "Roll"), "{}", texts(&window));
    for title in ["Curves", "Validity", "Rows"] {
        tab(&mut window, title);
    }
}

#[test]
fn an_ab_run_shows_balance_and_what_its_size_tells() {
    let mut window = opened("ab-places");
    tab(&mut window, "Timeline");
    assert!(has(&window, "Difference over time"), "{}", texts(&window));
    tab(&mut window, "Validity");
    for part in ["Balance", "What a run of this size tells", "Assignment", "pre_revenue_eur"] {
        assert!(has(&window, part), "{part}: {}", texts(&window));
    }
    let by = egui_kittest::kittest::By::new().role(Role::Tab).label_contains("Confusion");
    assert!(window.query_all(by).next().is_none(), "no row has two answers");
}
