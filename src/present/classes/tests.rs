use super::*;
use crate::compare::{Cell, ClassRow, PerArm};

fn sample(count: usize) -> Classes {
    let cells = |shift: u32| -> Vec<Cell> {
        (0..count as u32)
            .flat_map(|code| [Cell(code, code, 90), Cell(code, (code + shift) % count as u32, 10 + u64::from(code))])
            .collect()
    };
    Classes {
        names: (0..count).map(|code| format!("class {code}")).collect(),
        confusion: PerArm { champion: Some(cells(1)), challenger: Some(cells(2)) },
        per_class: (0..count).map(|code| ClassRow { support: 100 + code as u64, ..ClassRow::default() }).collect(),
        flips: (0..count as u64).map(|code| [80, 10, code, 1, 2]).collect(),
        shifts: vec![CellShift(0, 1, -10, Some([-16.0, -4.0])), CellShift(0, 2, 10, Some([-1.0, 21.0]))],
        groupings: Vec::new(),
        calibration: None,
    }
}

#[test]
fn of_many_classes_the_most_confused_are_drawn_and_all_are_listed() {
    let model = of(&sample(1000), Choice::default());
    assert_eq!(model.names.len(), DRAWN);
    assert!(model.names.contains(&"class 999".to_owned()) && !model.names.contains(&"class 5".to_owned()));
    assert_eq!(model.flips.len(), 1000);
    assert_eq!((model.flips[0].name.as_str(), model.flips[0].net.as_str()), ("class 0", "\u{2212}10"));
    assert_eq!(model.shown, "20 of 1,000 classes, most confused first");
}

#[test]
fn shares_by_truth_take_in_classes_that_are_not_drawn() {
    let all = of(&sample(40), Choice { normalise: Normalise::ByTruth, search: "class 1", ..Choice::default() });
    let at = all.names.iter().position(|name| name == "class 1").unwrap();
    let cell = &all.arms[0].cells[at * all.names.len() + at];
    // 90 of 101 rows, though the row's other cell, class 2, was not searched for.
    assert_eq!((cell.main.as_str(), cell.diagonal), ("89", true));
}

#[test]
fn a_cell_selects_its_rows_and_stands_out() {
    let sample = sample(3);
    let first = of(&sample, Choice::default()).difference[1].selection.clone();
    let again = of(&sample, Choice { selection: Some(&first), ..Choice::default() });
    assert!(again.difference[1].selected && again.arms[1].cells[1].selected && !again.arms[0].cells[1].selected);
    let (_, truth) = first.classes.truth.clone().unwrap();
    assert_eq!(truth, again.names[0]);
}

#[test]
fn only_cells_whose_interval_excludes_zero_are_coloured() {
    let model = of(&sample(3), Choice::default());
    let at = |truth: &str, answer: &str| {
        let place = |name: &str| model.names.iter().position(|found| found == name).unwrap();
        &model.difference[place(truth) * 3 + place(answer)]
    };
    assert!(at("class 0", "class 1").shade < 0.0);
    assert_eq!(at("class 0", "class 2").shade, 0.0);
    assert!(at("class 0", "class 2").name.ends_with("+10 [\u{2212}1, +21] rows"));
}

#[test]
fn a_chosen_cell_is_told_with_the_other_arm_beside_it() {
    let sample = sample(3);
    let model = of(&sample, Choice::default());
    let chosen = |role: usize, name: &str| {
        let cell = model.arms[role].cells.iter().find(|cell| cell.name.contains(name)).unwrap();
        beside(&sample, &cell.selection)
    };
    let fewer = "champion has 10 there, \u{2212}10 [\u{2212}16, \u{2212}4], better";
    assert_eq!(chosen(1, "truth class 0, predicted class 1"), fewer);
    assert!(chosen(0, "truth class 0, predicted class 2").ends_with("cannot be told"));
    assert_eq!(chosen(1, "truth class 2, predicted class 2"), "champion has 90 there, the same rows");
}

#[test]
fn right_answers_of_many_classes_are_shares_of_their_row() {
    let cell = |count: usize| {
        let model = of(&sample(count), Choice::default());
        model.arms[0].cells.iter().find(|cell| cell.diagonal && cell.name.contains("class 0,")).unwrap().main.clone()
    };
    assert_eq!((cell(3).as_str(), cell(8).as_str()), ("90", "90"));
    let model = of(&sample(8), Choice::default());
    assert_eq!(model.arms[0].cells[0].main, "84");
}

#[test]
fn groups_stand_in_place_of_classes_and_open_to_them() {
    let counts = Classes { names: vec!["even".to_owned(), "odd".to_owned()], ..sample(2) };
    let grouping =
        Grouping { separator: "/".to_owned(), depth: 1, groups: vec![0, 1, 0, 1, 0], counts: Box::new(counts) };
    let classes = Classes { groupings: vec![grouping], ..sample(5) };
    let scope = ClassScope { grouping: Some(0), within: None };
    let all = of(&classes, Choice::default());
    assert_eq!((all.groupings.as_slice(), all.names.len()), (["2 groups by /".to_owned()].as_slice(), 5));
    let grouped = of(&classes, Choice { scope, ..Choice::default() });
    assert_eq!((grouped.flips.len(), grouped.shown.as_str()), (2, "2 of 2 groups, most confused first"));
    let chosen = grouped.flips.iter().find(|line| line.name == "even").unwrap().selection.clone();
    assert_eq!(chosen.classes.groups.as_deref(), Some(&vec![0, 1, 0, 1, 0]));
    let within = opens(scope, &chosen).unwrap();
    let open = of(&classes, Choice { scope: within, ..Choice::default() });
    assert_eq!((open.within.as_deref(), open.flips.len()), (Some("even"), 3));
    assert!(open.flips.iter().all(|line| line.selection.classes.groups.is_none()));
    // A grouping that another population does not have is none.
    let lost = of(&sample(5), Choice { scope: within, ..Choice::default() });
    assert_eq!((lost.scope, lost.within, lost.flips.len()), (ClassScope::default(), None, 5));
}
