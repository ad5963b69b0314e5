//! Answers side by side, as a person goes through them.

use super::*;

#[test]
fn rows_to_label_open_from_the_agreement() {
    let mut window = opened("shadow-outreach");
    tab(&mut window, "Agreement");
    for part in ["Answers", "How far they agree", "What labels would tell", "Churn by slice", "Churn over time"] {
        assert!(has(&window, part), "{part}: {}", texts(&window));
    }
    assert!(has(&window, "The models decide"), "{}", texts(&window));
    let button = window.query_all_by_label_contains("rows to label").next().unwrap();
    let name = button.accesskit_node().label().unwrap();
    let rows = name.trim_start_matches("Open ").split(' ').next().unwrap().to_owned();
    press(&mut window, &name);
    idle(&mut window);
    let what = "answered differently, without a label";
    assert!(has(&window, what) && has(&window, &rows), "{rows}: {}", texts(&window));
}

#[test]
fn a_pair_of_answers_opens_its_rows() {
    let mut window = opened("shadow-outreach");
    tab(&mut window, "Agreement");
    let cell = "champion negative, challenger positive, ";
    let name = window.query_all_by_label_contains(cell).next().unwrap().accesskit_node().label().unwrap();
    press(&mut window, &name);
    idle(&mut window);
    assert!(has(&window, "by the challenger"), "{}", texts(&window));
}

#[test]
fn every_paired_task_has_its_agreement() {
    for (sample, part) in [
        ("multiclass-rodents", "champion "),
        ("regression-airtime", "Shift of the predictions"),
        ("ranking-places", "different"),
    ] {
        let mut window = opened(sample);
        tab(&mut window, "Agreement");
        assert!(has(&window, "The models "), "{sample}: {}", texts(&window));
        assert!(has(&window, part), "{sample}: {}", texts(&window));
    }
}
