//! Columns of class probabilities as they are named, and what becomes of those that fit no label.

use super::mapping::{Role, Side};
use super::open_tests::Files;
use super::*;
use crate::job::JobCx;
use crate::log::{Content, Task};

/// Rows of four classes, of which no label is the last one; `prob` names the column of a class and `model` of an arm.
fn rows(classes: [&str; 4], header: &str, line: impl Fn(usize, &str, [[f64; 4]; 2]) -> String) -> String {
    let mut text = header.to_owned() + "\n";
    for row in 0..60 {
        let truth = row * 7 % 3;
        let p = |arm: usize| {
            let mut p = [0.1, 0.15, 0.2, 0.05 + (row % 5) as f64 / 100.0];
            p[(truth + usize::from((row + arm).is_multiple_of(6))) % 4] += 0.5;
            let sum: f64 = p.iter().sum();
            p.map(|p| p / sum)
        };
        text += &(line(row, classes[truth], [p(0), p(1)]) + "\n");
    }
    text
}

fn opened(name: &str, text: &str) -> Opened {
    Files::new(&format!("columns-{name}"), &[("log.csv", text.as_bytes())]).open(OpenOptions::default()).unwrap()
}

fn cells(p: [f64; 4]) -> String {
    p.map(|p| format!("{p:.6}")).join(",")
}

fn long(classes: [&str; 4], prefix: &str) -> String {
    let names = classes.map(|class| format!("{prefix}{class}")).join(",");
    rows(classes, &format!("id,label,model,{names}"), |row, truth, p| {
        format!("q{row},{truth},old,{}\nq{row},{truth},new,{}", cells(p[0]), cells(p[1]))
    })
}

/// Classes of the columns of one side, with the columns.
fn probabilities(opened: &Opened, side: Side) -> Vec<(String, String)> {
    let of_side = opened.guess.columns.iter().filter(|role| role.role == Role::Probability && role.side == side);
    of_side.map(|role| (role.class.clone().unwrap_or_default(), role.column.clone())).collect()
}

#[test]
fn every_class_of_a_family_is_found_whatever_it_is_called() {
    for (classes, prefix) in [
        (["0", "1", "2", "3"], "prob_"),
        (["0", "1", "2", "3"], "p_"),
        (["1", "2", "3", "4"], "score_"),
        (["ant", "bee", "cat", "dog"], "probability_"),
    ] {
        let opened = opened(&format!("family-{}{prefix}", classes[0]), &long(classes, prefix));
        assert_eq!(opened.guess.task, Task::Multiclass, "{prefix}");
        let expected = classes.map(|class| (class.to_owned(), format!("{prefix}{class}")));
        assert_eq!(probabilities(&opened, Side::Both), expected, "{prefix}: {:?}", opened.issues);
    }
}

#[test]
fn a_column_beside_the_classes_is_none_of_them_and_that_is_said() {
    let classes = ["ant", "bee", "cat", "dog"];
    let text = rows(classes, "id,label,model,prob_ant,prob_bee,prob_cat,prob_dog,prob_max", |row, truth, p| {
        let line = |model: &str, p: [f64; 4]| {
            format!("q{row},{truth},{model},{},{:.6}", cells(p), p.into_iter().fold(0.0, f64::max))
        };
        format!("{}\n{}", line("old", p[0]), line("new", p[1]))
    });
    let opened = opened("stranger", &text);
    assert_eq!(probabilities(&opened, Side::Both).len(), 4);
    let said = opened.issues.iter().find(|issue| issue.code == "class_columns").unwrap();
    assert!(said.message.contains("`prob_max`") && said.mend.contains("--map probability.max=prob_max"), "{said:?}");
}

#[test]
fn a_probability_out_of_range_keeps_its_column_and_is_told() {
    for cell in ["1.0000001", "1.2"] {
        let mut lines: Vec<String> =
            long(["ant", "bee", "cat", "dog"], "prob_").lines().map(ToOwned::to_owned).collect();
        let mut cells: Vec<&str> = lines[1].split(',').collect();
        cells[4] = cell;
        lines[1] = cells.join(",");
        let opened = opened(&format!("range-{cell}"), &lines.join("\n"));
        assert_eq!(probabilities(&opened, Side::Both).len(), 4, "{cell}");
        let loaded = load(&opened, &opened.guess, &JobCx::new()).unwrap();
        let Content::Coded(coded) = &loaded.log.content else { panic!("no classes") };
        let cells = coded.probabilities[0].as_deref().unwrap();
        assert_eq!(cells.iter().filter(|cell| **cell > 1.0).count(), 1, "{cell}");
        let sums = loaded.report.issues.iter().find(|issue| issue.code == "probabilities_sum").unwrap();
        assert!(sums.count == 1 && sums.message.contains("of old for its 4 classes"), "{sums:?}");
    }
}

#[test]
fn answers_latencies_and_classes_stand_beside_each_other() {
    let classes = ["ant", "bee", "cat", "dog"];
    for (name, [a, b], column) in [
        ("sides", ["champion", "challenger"], (|of, what| format!("{what}_{of}")) as fn(&str, &str) -> String),
        ("before", ["champion", "challenger"], |of, what| format!("{of}_{what}")),
        ("models", ["bert", "rf"], |of, what| format!("{of}_{what}")),
    ] {
        let of = |model: &str| {
            let classes = classes.map(|class| column(model, &format!("prob_{class}"))).join(",");
            format!("{},{classes},{}", column(model, "prediction"), column(model, "latency_ms"))
        };
        let text = rows(classes, &format!("id,label,{},{}", of(a), of(b)), |row, truth, p| {
            let other = classes[(row + 1) % 3];
            format!("q{row},{truth},{other},{},12.5,{truth},{},13.5", cells(p[0]), cells(p[1]))
        });
        let opened = opened(&format!("beside-{name}"), &text);
        assert_eq!(opened.guess.task, Task::Multiclass, "{name}");
        for (side, model) in [(Side::Champion, a), (Side::Challenger, b)] {
            let expected = classes.map(|class| (class.to_owned(), column(model, &format!("prob_{class}"))));
            assert_eq!(probabilities(&opened, side), expected, "{name}");
            let role = |role: Role| opened.guess.columns.iter().find(|one| one.role == role && one.side == side);
            assert_eq!(role(Role::Prediction).unwrap().column, column(model, "prediction"), "{name}");
            // A model by its name says no side of what only served it.
            let latency = role(Role::LatencyMs).map(|one| one.column.clone());
            assert_eq!(latency.is_some(), name != "models", "{name}");
        }
        let log = load(&opened, &opened.guess, &JobCx::new()).unwrap().log;
        let Content::Coded(coded) = &log.content else { panic!("no classes") };
        let right = |arm: usize| coded.truth.iter().zip(&coded.answers[arm]).filter(|(a, b)| a == b).count();
        assert!(right(0) == 0 && right(1) == 60, "{name}: the logged answers count");
    }
}
