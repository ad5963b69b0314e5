use std::fmt::Write as _;

use super::mapping::{Role, Side};
use super::open_tests::Files;
use super::*;
use crate::job::JobCx;
use crate::log::{Content, Task};

/// Numbers that are drawn alike on every run.
fn draw(row: usize, salt: usize) -> usize {
    (row * 7919 + salt * 104_729) % 1_000_003
}

/// One line per row: the truth and what two models answer, each right in four of five rows.
fn table(rows: usize, header: &str, classes: usize, name: impl Fn(usize) -> String) -> String {
    let mut text = header.to_owned() + "\n";
    for row in 0..rows {
        let truth = draw(row, 1) % classes;
        let answer =
            |salt: usize| if draw(row, salt).is_multiple_of(5) { draw(row, salt + 1) % classes } else { truth };
        writeln!(text, "r{row},{},{},{}", name(truth), name(answer(2)), name(answer(4))).unwrap();
    }
    text
}

fn opened(name: &str, text: &str) -> Opened {
    Files::new(&format!("classes-{name}"), &[("log.csv", text.as_bytes())]).open(OpenOptions::default()).unwrap()
}

const WIDE: &str = "id,label,prediction_champion,prediction_challenger";

fn roles(opened: &Opened) -> Vec<(Role, Side)> {
    opened.guess.columns.iter().map(|one| (one.role, one.side)).filter(|one| one.0 != Role::Feature).collect()
}

const SIDES: [(Role, Side); 4] = [
    (Role::Id, Side::Both),
    (Role::Label, Side::Both),
    (Role::Prediction, Side::Champion),
    (Role::Prediction, Side::Challenger),
];

#[test]
fn a_thousand_names_and_codes_are_classes() {
    let path = |class: usize| format!("animal/{}/{class}", class % 7);
    for (name, text) in [
        ("names", table(5000, WIDE, 1000, path)),
        ("words", table(5000, WIDE, 1000, |class| format!("class {class:04}"))),
        ("zeros", table(5000, WIDE, 1000, |class| format!("n{class:08}"))),
        ("numbers", table(5000, WIDE, 1000, |class| class.to_string())),
        ("bare", table(5000, "id,label,champion,challenger", 1000, path)),
        ("few", table(10, WIDE, 1000, |class| format!("class {class:04}"))),
    ] {
        let opened = opened(name, &text);
        assert_eq!(opened.guess.task, Task::Multiclass, "{name}");
        assert_eq!(roles(&opened), SIDES, "{name}");
        let log = load(&opened, &opened.guess, &JobCx::new()).unwrap().log;
        let Content::Coded(coded) = &log.content else { panic!("no classes in {name}") };
        assert_eq!(coded.names.len(), if name == "few" { coded.names.len() } else { 1000 }, "{name}");
        assert!(coded.truth.iter().zip(&coded.answers[0]).filter(|(a, b)| a == b).count() * 10 > coded.truth.len() * 7);
    }
}

#[test]
fn classes_of_lines_per_model_and_of_names_that_say_no_side() {
    let wide = table(3000, "id,label,prediction_net,prediction_tree", 400, |class| format!("c{class}"));
    let named = opened("models", &wide);
    assert_eq!((named.guess.task, roles(&named).len()), (Task::Multiclass, 4));
    for (name, class) in [("long-names", "c"), ("long-numbers", "")] {
        let mut long = "id,model,label,prediction\n".to_owned();
        for line in wide.lines().skip(1) {
            let [id, truth, a, b] = line.split(',').collect::<Vec<_>>().try_into().unwrap();
            for (model, answer) in [("champion", a), ("challenger", b)] {
                let of = |name: &str| format!("{class}{}", &name[1..]);
                writeln!(long, "{id},{model},{},{}", of(truth), of(answer)).unwrap();
            }
        }
        let opened = opened(name, &long);
        assert_eq!(opened.guess.task, Task::Multiclass, "{name}");
        assert!(roles(&opened).contains(&(Role::Prediction, Side::Both)), "{name}");
    }
}

#[test]
fn labels_of_their_own_file_share_the_words_too() {
    let wide = table(3000, WIDE, 400, |class| format!("c{class}"));
    let (mut predictions, mut labels) = (String::new(), String::new());
    for line in wide.lines() {
        let cells: Vec<&str> = line.split(',').collect();
        writeln!(predictions, "{},{},{}", cells[0], cells[2], cells[3]).unwrap();
        writeln!(labels, "{},{}", cells[0], cells[1]).unwrap();
    }
    let files = [("predictions.csv", predictions.as_bytes()), ("labels.csv", labels.as_bytes())];
    let opened = Files::new("classes-apart", &files).open(OpenOptions::default()).unwrap();
    assert_eq!(opened.guess.task, Task::Multiclass);
    assert!(opened.guess.label_columns.iter().any(|one| one.role == Role::Label));
}

#[test]
fn counts_sentences_and_decisions_stay_what_they_are() {
    // Whole numbers that are missed by little; most of them are 0.
    let mut counts = WIDE.to_owned() + "\n";
    for row in 0..5000 {
        let truth = if row % 3 > 0 { 0 } else { draw(row, 1) % 300 };
        let near = |salt: usize| if truth == 0 { 0 } else { (truth + draw(row, salt) % 9).saturating_sub(4) };
        writeln!(counts, "r{row},{truth},{},{}", near(2), near(3)).unwrap();
    }
    assert_eq!(opened("counts", &counts).guess.task, Task::Regression);
    let sentences = table(12, "id,reference,champion_answer,challenger_answer", 900, |place| {
        format!("The bridge number {place} has been closed since noon")
    });
    assert_eq!(opened("sentences", &sentences).guess.task, Task::Text);
    let binary = table(300, WIDE, 2, |class| class.to_string());
    assert_eq!(opened("binary", &binary).guess.task, Task::Binary);
}
