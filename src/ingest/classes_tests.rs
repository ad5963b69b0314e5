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

#[test]
fn few_numbers_that_are_answered_with_fractions_are_amounts() {
    for (name, header, stars) in [("wide", WIDE, 5), ("bare", "id,y_true,champion,challenger", 7)] {
        let mut text = header.to_owned() + "\n";
        for row in 0..200 {
            let truth = draw(row, 1) % stars;
            let near = |salt: usize| truth as f64 + (draw(row, salt) % 1000) as f64 / 700.0 - 0.7;
            writeln!(text, "r{row},{truth},{},{}", near(2), near(3)).unwrap();
        }
        let found = opened(&format!("amounts-{name}"), &text);
        assert_eq!((found.guess.task, found.questions.len()), (Task::Regression, 0), "{name}: {:?}", found.questions);
    }
    // Logits of two classes, and a label for what is not known.
    let mut text = "id,label,score_champion,score_challenger\n".to_owned();
    for row in 0..200 {
        let logit = |salt: usize| (draw(row, salt) % 1000) as f64 / 100.0 - 5.0;
        writeln!(text, "r{row},{},{},{}", draw(row, 1) as i64 % 3 - 1, logit(2), logit(3)).unwrap();
    }
    assert_eq!(opened("amounts-logits", &text).guess.task, Task::Binary);
}

#[test]
fn where_all_labels_are_of_one_class_the_other_answer_is_the_other_class() {
    for (label, other) in [("legit", "fraud"), ("x", "y"), ("ham", "spam")] {
        let mut text = "id,label,prediction_champion,prediction_challenger\n".to_owned();
        for row in 0..60 {
            writeln!(text, "r{row},{label},{label},{}", [label, other][row % 2]).unwrap();
        }
        let found = opened(&format!("one-{label}"), &text);
        let log = load(&found, &found.guess, &JobCx::new()).unwrap().log;
        let answers = log.arms[1].predictions.as_deref().unwrap();
        let wrong = answers.iter().zip(&log.labels).filter(|(answer, label)| **answer <= 1 && answer != label).count();
        assert_eq!(wrong, 30, "{label}: {:?}", found.guess.label_map);
    }
}

#[test]
fn numbers_are_one_class_however_a_column_writes_them() {
    // One answer of the champion is missing, so that its tool wrote all of them as decimal numbers.
    let mut text = format!("{WIDE}\n");
    let mut floats = format!("{WIDE}\n");
    for row in 0..300 {
        let truth = draw(row, 1) % 4;
        let answer = if row == 7 { String::new() } else { format!("{truth}.0") };
        writeln!(text, "r{row},{truth},{answer},{}", draw(row, 2) % 4).unwrap();
        writeln!(floats, "r{row},{truth}.0,{truth},{}", draw(row, 2) % 4).unwrap();
    }
    for (name, text, right) in [("answers", text, 299), ("labels", floats, 300)] {
        let found = opened(&format!("decimal-{name}"), &text);
        assert_eq!(found.guess.task, Task::Multiclass, "{name}: {:?}", found.questions);
        let log = load(&found, &found.guess, &JobCx::new()).unwrap().log;
        let Content::Coded(coded) = &log.content else { panic!("no classes in {name}") };
        assert_eq!(coded.names.len(), 4, "{name}: {:?}", coded.names);
        assert_eq!(coded.truth.iter().zip(&coded.answers[0]).filter(|(a, b)| a == b).count(), right, "{name}");
    }
}

#[test]
fn words_for_nothing_among_classes_are_told() {
    let names = ["cat", "none", "dog", "fox"];
    let found = opened("null-words", &table(300, WIDE, 4, |class| names[class].to_owned()));
    let loaded = load(&found, &found.guess, &JobCx::new()).unwrap();
    let said: Vec<&str> =
        loaded.report.issues.iter().filter(|one| one.code == "null_words").map(|one| one.message.as_str()).collect();
    assert!(said.len() == 3 && said.iter().all(|message| message.ends_with("read `none`.")), "{said:?}");
}

#[test]
fn an_order_that_names_a_class_twice_is_refused() {
    let names = ["low", "mid", "high"];
    let text = table(60, WIDE, 3, |class| names[class].to_owned());
    let order = ["low", "low", "mid", "high"].map(ToOwned::to_owned).to_vec();
    let files = Files::new("classes-order", &[("log.csv", text.as_bytes())]);
    let error = files.open(OpenOptions { class_order: order, ..OpenOptions::default() }).err().unwrap();
    assert!(error.to_string().contains("`low` twice"), "{error}");
}
