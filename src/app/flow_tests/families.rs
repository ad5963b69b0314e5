//! Samples of a regression and of several classes, as a person goes through them.

use super::*;

#[test]
fn a_cell_of_many_classes_selects_as_many_rows_as_it_counts() {
    let mut window = opened("multiclass-rodents");
    tab(&mut window, "Confusion");
    let cell = "champion: truth d_ordii, predicted d_merriami, ";
    let name = window.query_all_by_label_contains(cell).next().unwrap().accesskit_node().label().unwrap();
    let rows = name.strip_prefix(cell).unwrap().to_owned();
    assert!(rows.ends_with(" rows") && rows != "0 rows", "{name}");
    press(&mut window, &name);
    assert!(has(&window, &format!("{rows} selected")), "{name}: {}", texts(&window));
    press(&mut window, "Open rows");
    assert!(has(&window, "d_ordii, predicted d_merriami by the champion"), "{}", texts(&window));
    tab(&mut window, "Overview");
    assert!(!has(&window, "Flips need two models"), "{}", texts(&window));
}

#[test]
fn a_cell_becomes_a_slice_and_is_undone() {
    let mut window = opened("multiclass-rodents");
    tab(&mut window, "Confusion");
    let cell = "champion: truth d_ordii, predicted d_merriami, ";
    let name = window.query_all_by_label_contains(cell).next().unwrap().accesskit_node().label().unwrap();
    press(&mut window, &name);
    press(&mut window, "Add as slice");
    idle(&mut window);
    let slice = "label=d_ordii & prediction.champion=d_merriami";
    assert!(has(&window, slice), "{}", texts(&window));
    assert!(!has(&window, "Add as slice"), "it is in the list");
    act(&mut window, Action::Undo);
    assert!(!has(&window, slice), "{}", texts(&window));
}

#[test]
fn probabilities_of_classes_have_a_reliability_diagram() {
    let mut window = opened("multiclass-rodents");
    tab(&mut window, "Curves");
    for part in ["Calibration", "Calibration error by class", "16 of 16 classes, largest error first"] {
        assert!(has(&window, part), "{part}: {}", texts(&window));
    }
}

#[test]
fn the_worst_row_of_a_regression_is_selected_alone() {
    let mut window = opened("regression-airtime");
    tab(&mut window, "Errors");
    for chart in ["Error histogram", "Quantiles of the error", "Error by column", "Error over time"] {
        assert!(has(&window, chart), "{chart}: {}", texts(&window));
    }
    window.query_all_by_label_contains("fp_50018720210f").next().unwrap().click();
    window.step();
    idle(&mut window);
    assert!(has(&window, "1 rows selected") || has(&window, "1 row selected"), "{}", texts(&window));
}

#[test]
fn the_query_that_loses_most_shows_both_lists() {
    let mut window = opened("ranking-places");
    tab(&mut window, "Queries");
    for part in ["Metric over the cut", "Difference over the cut", "Every query", "Wins and losses", "Both lists"] {
        assert!(has(&window, part), "{part}: {}", texts(&window));
    }
    assert!(has(&window, "better on "), "{}", texts(&window));
    // Sorted by reciprocal rank, as the reference counts it.
    press(&mut window, "MRR, 45, 266, 850");
    idle(&mut window);
    assert!(has(&window, "better on 266 queries, worse on 45, the same on 850"), "{}", texts(&window));
}
