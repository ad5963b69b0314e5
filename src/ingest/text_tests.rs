use super::mapping::{Role, Side};
use super::open_tests::Files;
use super::*;
use crate::job::JobCx;
use crate::log::{Content, Task};

const SUBJECTS: [&str; 6] =
    ["The old bridge", "A small house", "This long road", "My best friend", "Her new car", "That dog"];

/// Sentences of five words and more, each its own.
fn sentence(row: usize, by: &str) -> String {
    format!("{} is {by} seen as number {row} of them", SUBJECTS[row % SUBJECTS.len()])
}

fn role_of(opened: &Opened, column: &str) -> (Role, Side) {
    let all = opened.guess.columns.iter().chain(&opened.guess.label_columns);
    all.filter(|one| one.column == column).map(|one| (one.role, one.side)).next().unwrap()
}

#[test]
fn references_and_answers_side_by_side_are_texts() {
    let mut table = "question_id,reference,champion_answer,challenger_answer\n".to_owned();
    for row in 0..12 {
        let challenger = if row == 3 { String::new() } else { sentence(row, "well") };
        table += &format!("q{row},\"{}\",\"{}\",\"{challenger}\"\n", sentence(row, "often"), sentence(row, "seldom"));
    }
    let files = Files::new("texts-wide", &[("qa.csv", table.as_bytes())]);
    let opened = files.open(OpenOptions::default()).unwrap();
    assert_eq!(opened.guess.task, Task::Text);
    assert_eq!(role_of(&opened, "reference"), (Role::Label, Side::Both));
    assert_eq!(role_of(&opened, "champion_answer"), (Role::Prediction, Side::Champion));
    assert_eq!(role_of(&opened, "challenger_answer"), (Role::Prediction, Side::Challenger));
    let log = load(&opened, &opened.guess, &JobCx::new()).unwrap().log;
    let Content::Coded(coded) = &log.content else { panic!("no texts") };
    assert_eq!(coded.name(coded.answers[1][3]), Some(""), "nothing is an answer");
    assert_eq!(coded.name(coded.truth[3]), Some(sentence(3, "often").as_str()));
}

#[test]
fn lines_of_files_are_paired_by_their_number() {
    let lines = |by: &str, rows: usize| (0..rows).map(|row| sentence(row, by) + "\n").collect::<String>();
    let (reference, champion, challenger) = (lines("often", 9), lines("seldom", 9), lines("well", 9));
    let named = |challenger: &str| {
        let files = [
            ("test.ref.en", reference.as_bytes()),
            ("champion.txt", champion.as_bytes()),
            ("challenger.txt", challenger.as_bytes()),
        ];
        Files::new(&format!("texts-lines-{}", challenger.len()), &files).open(OpenOptions::default())
    };
    let opened = named(&challenger).unwrap();
    assert_eq!(opened.guess.task, Task::Text);
    assert_eq!((role_of(&opened, "reference").0, role_of(&opened, "output").0), (Role::Label, Role::Prediction));
    assert_eq!((opened.guess.champion.as_str(), opened.guess.challenger.as_deref()), ("champion", Some("challenger")));
    let error = named(&lines("well", 8)).unwrap_err().to_string();
    assert!(error.contains("has 8 lines where") || error.contains("has 9 lines where"), "{error}");
}

#[test]
fn a_text_beside_a_score_is_a_column_like_others() {
    let mut table = "id,text,score,label,comment\n".to_owned();
    for row in 0..40 {
        table += &format!(
            "r{row},\"{}\",0.{:02},{},\"{}\"\n",
            sentence(row, "often"),
            row + 10,
            row % 2,
            sentence(row, "a")
        );
    }
    let files = Files::new("texts-not", &[("sentiment.csv", table.as_bytes())]);
    let opened = files.open(OpenOptions::default()).unwrap();
    assert_eq!(opened.guess.task, Task::Binary);
    assert_eq!(role_of(&opened, "text").0, Role::Feature);
    assert_eq!(role_of(&opened, "score").0, Role::Score);
}
