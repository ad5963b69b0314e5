use super::fixture::Case;
use super::*;

fn all(case: &Case) -> Vec<u32> {
    (0..case.log.rows as u32).collect()
}

#[test]
fn cells_say_what_is_there_and_why_it_is_not() {
    let case = Case::new(20);
    let rows = [5, 3];
    let source = RowSource::new(&case.sheet(), &rows);
    assert_eq!(source.cell(0, Column::Label), RowCell::Text("fraud".to_owned()));
    assert_eq!(source.cell(1, Column::Label), RowCell::Missing("the label is pending"));
    assert_eq!(source.cell(1, Column::Score(ArmRole::Challenger)), RowCell::Missing("no score is logged"));
    assert_eq!(source.cell(1, Column::Difference), RowCell::Missing("one score is missing"));
    let RowCell::Right(right) = source.cell(0, Column::Right) else {
        panic!("no label");
    };
    assert_eq!(right.word(), "broken");
    assert_eq!(
        source.cell(0, Column::Decision(ArmRole::Challenger)),
        RowCell::Arm(ArmRole::Challenger, "pass".to_owned())
    );
    assert_eq!(source.cell(2, Column::Id), RowCell::Missing("no such row"));
}

#[test]
fn sorting_is_stable_and_puts_missing_values_last() {
    let mut case = Case::new(50);
    if let Some(scores) = case.log.arms[1].scores.as_mut() {
        scores[7] = scores[9];
        scores[8] = -0.0;
        scores[10] = 0.0;
    }
    let rows = all(&case);
    let key = SortKey::Score(ArmRole::Challenger);
    let (up, down) = (sorted_rows(&case.log, &rows, key, false), sorted_rows(&case.log, &rows, key, true));
    assert_eq!((up[49], down[49]), (3, 3), "row 3 has no score");
    assert_eq!(&up[..2], [8, 10], "−0 and 0 are equal and keep their order");
    let place = |list: &[u32], row: u32| list.iter().position(|&other| other == row).unwrap();
    assert_eq!(place(&up, 9), place(&up, 7) + 1);
    assert_eq!(place(&down, 9), place(&down, 7) + 1);
    let scores = case.log.arms[1].scores.clone().unwrap();
    assert!(up[..49].windows(2).all(|pair| scores[pair[0] as usize] <= scores[pair[1] as usize]));
    assert_eq!(sorted_rows(&case.log, &down, SortKey::Row, false), rows);
}

#[test]
fn identifiers_are_found_exactly() {
    let mut case = Case::new(30);
    let rows: Vec<u32> = (0..30).rev().collect();
    let id = case.log.ids.get(4);
    assert_eq!(find_id(&case.log, &rows, &id), Some(25));
    assert_eq!(find_id(&case.log, &rows, &id[..id.len() - 1]), None);
    case.log.ids = crate::log::Ids::Integer((100..130).collect());
    assert_eq!(find_id(&case.log, &rows, "104"), Some(25));
    case.log.ids = crate::log::Ids::Position(30);
    assert_eq!(find_id(&case.log, &rows, "row 5"), Some(25));
    assert_eq!(find_id(&case.log, &rows, "0"), None);
}

#[test]
fn csv_quotes_what_needs_it_and_keeps_every_digit() {
    let case = Case::new(40);
    let noted = |row: &u32| case.log.features[4].text(*row as usize).is_some_and(|text| text.contains('"'));
    let quoted = all(&case).into_iter().find(noted).unwrap();
    let rows = [quoted, 3];
    let source = RowSource::new(&case.sheet(), &rows);
    let columns = [Column::Id, Column::Feature(4), Column::Score(ArmRole::Challenger), Column::Track, Column::Time];
    let text = csv_of(&source, &columns);
    let lines: Vec<&str> = text.split("\r\n").collect();
    assert_eq!(lines[0], "id,note,challenger_score,time");
    assert!(lines[1].contains("\"said \"\"no\"\", twice\""), "{}", lines[1]);
    let score = case.log.arms[1].scores.as_ref().unwrap()[quoted as usize];
    assert!(lines[1].contains(&score.to_string()));
    assert!(lines[2].contains(",,"), "a missing score is an empty field: {}", lines[2]);
    assert_eq!(lines[3], "");
}

#[test]
fn a_row_in_full_holds_both_predictions_and_all_fields() {
    let case = Case::new(10);
    let rows = all(&case);
    let source = RowSource::new(&case.sheet(), &rows);
    let detail = source.detail(5).unwrap();
    assert_eq!(detail.arms.len(), 2);
    assert_eq!((detail.arms[0].decision.as_deref(), detail.arms[1].decision.as_deref()), (Some("flag"), Some("pass")));
    assert_eq!((detail.arms[0].right, detail.arms[1].right), (Some(true), Some(false)));
    assert_eq!(detail.fields.len(), 5);
    assert!(source.detail(10).is_none());
    let model = super::rows(&source, "all analysed rows", &[], Sort::default());
    assert_eq!(model.all.len(), Column::all(&case.log).len());
    assert!(model.heads.len() < model.all.len() && model.empty.is_none());
    assert!(super::rows(&RowSource::new(&case.sheet(), &[]), "", &[], Sort::default()).empty.is_some());
}
