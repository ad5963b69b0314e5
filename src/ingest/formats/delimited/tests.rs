use proptest::prelude::*;

use super::*;
use crate::ingest::table::{ColumnData, Table};

fn csv(text: &str) -> Records {
    read(text.as_bytes(), false, &JobCx::new()).unwrap()
}

fn cell(table: &Table, name: &str, row: usize) -> String {
    match &table.column(name).unwrap().data {
        ColumnData::Text(text) => String::from_utf8_lossy(text.get(row).unwrap()).into_owned(),
        _ => panic!("text expected"),
    }
}

fn names(records: &Records) -> Vec<&str> {
    records.table.columns.iter().map(|column| column.name.as_str()).collect()
}

#[test]
fn crlf_quotes_and_cells_of_several_lines() {
    let records = csv("id,text,score\r\n1,\"a, \"\"b\"\"\r\nc\",0.5\r\n2,5\" pipe,0.25\r\n\r\n3, \"x\" ,1\r\n");
    let table = &records.table;
    assert_eq!((table.records, records.rejected), (3, 0));
    assert_eq!(cell(table, "text", 0), "a, \"b\"\r\nc");
    assert_eq!(cell(table, "text", 1), "5\" pipe");
    assert_eq!(cell(table, "text", 2), "x");
    assert_eq!(cell(table, "score", 2), "1");
    assert_eq!([table.line(0), table.line(1), table.line(2)], [2, 4, 6]);
}

#[test]
fn ragged_and_truncated_records_are_set_aside_with_line_and_text() {
    let records = csv("id,model,score\na,x,1\nb,x,1,stray\nc,x\nd,x,2\ne,");
    assert_eq!((records.table.records, records.rejected), (2, 3));
    let told: Vec<_> =
        records.rejects.iter().map(|reject| (reject.line, reject.raw.as_str(), reject.reason.as_str())).collect();
    assert_eq!(
        told,
        [
            (3, "b,x,1,stray", "has 4 cells instead of 3"),
            (4, "c,x", "has 2 cells instead of 3"),
            (6, "e,", "has 2 cells instead of 3 and is cut off at the end of the file")
        ]
    );
    assert_eq!([records.table.line(0), records.table.line(1)], [2, 5]);
}

#[test]
fn one_stray_quote_does_not_eat_the_file() {
    let records = csv("id,text\n1,ok\n2,\"never closed\n3,fine\n4,\"good\"\n5,\"bad\"tail\n6,end\n");
    assert_eq!(records.rejected, 2, "{:?}", records.rejects);
    assert_eq!(cell(&records.table, "id", 1), "3");
    assert_eq!(records.rejects[1].reason, "has text after a closing quote");
    assert_eq!(records.rejects[0].line, 3);
}

#[test]
fn separators() {
    let semicolon = csv("id;model;score\na;x;0,25\nb;y;0,5\n");
    assert_eq!((names(&semicolon), semicolon.dialect.as_str()), (vec!["id", "model", "score"], "csv (;)"));
    assert_eq!(cell(&semicolon.table, "score", 1), "0,5");
    assert_eq!(csv("a\tb\n1\t\n\t2\n").table.records, 2);
    assert_eq!(names(&csv("a|b|c\nx,y|2|3\n")), ["a", "b", "c"]);
    assert_eq!(names(&csv("sep=;\nid;score\n1;0,5\n")), ["id", "score"]);
    let one = csv("pred\n1\n0\n");
    assert_eq!((names(&one), one.table.records), (vec!["pred"], 2));
}

#[test]
fn comments_at_the_top() {
    let plain = csv("# written by the scorer, version 3\n#\n\nid,score\n1,0.5\n2,0.25\n3,0.75\n4,0.25,9\n");
    assert_eq!((names(&plain), plain.table.records, plain.table.line(0)), (vec!["id", "score"], 3, 5));
    assert_eq!((plain.rejects[0].line, plain.notes[0].0), (8, "comment_lines"));
    let header = csv("# two models\n#id,score\n1,0.5\n2,0.25\n");
    assert_eq!((names(&header), header.table.records, header.table.line(0)), (vec!["id", "score"], 2, 3));
    let ids = csv("id,score\n#1,0.5\n#2,0.25\n");
    assert_eq!((cell(&ids.table, "id", 0), ids.table.records), ("#1".to_owned(), 2));
}

#[test]
fn headers() {
    let none = csv("r1,champion,0.25\nr2,champion,0.5\n");
    assert_eq!((names(&none), none.table.records), (vec!["column 1", "column 2", "column 3"], 2));
    assert_eq!(none.table.line(0), 1);
    let text = csv("champion,Poor\nchampion,Good\nchallenger,Poor\n");
    assert_eq!(text.table.records, 3);
    let twice = csv("id,score,score\na,1,2\n");
    assert_eq!((names(&twice), twice.notes.len()), (vec!["id", "score", "score (2)"], 1));
    assert_eq!(names(&csv(",pred,act\n0,1,1\n1,0,1\n")), ["row", "pred", "act"]);
    assert_eq!(names(&csv("\"pred\",\"act\"\n\"1\",1,0\n\"2\",0,0\n")), ["row", "pred", "act"]);
    let closing = csv("a,b\n1,2,\n3,4,\n");
    assert_eq!((names(&closing), closing.rejected), (vec!["a", "b"], 0));
    let only = csv("id,model,score,label\n");
    assert_eq!((names(&only), only.table.records), (vec!["id", "model", "score", "label"], 0));
}

#[test]
fn ids_stay_exact_text() {
    let records = csv(
        "id,score\n00123,1\n0123,1\n123,1\n1e3,1\n1000,1\n9007199254740993,1\n18446744073709551615,1\n12345678901234567890,1\n",
    );
    let ids: Vec<_> = (0..8).map(|row| cell(&records.table, "id", row)).collect();
    assert_eq!(
        ids,
        ["00123", "0123", "123", "1e3", "1000", "9007199254740993", "18446744073709551615", "12345678901234567890"]
    );
}

#[test]
fn parallel_chunks_keep_order_and_line_numbers() {
    let mut text = String::from("id,score,label\n");
    for row in 0..500_000 {
        text.push_str(&format!("r{row},0.{row},{}\n", row % 2));
        if row == 400_000 {
            text.push_str("\nbad\n");
        }
    }
    assert!(text.len() > CHUNK);
    let records = csv(&text);
    assert_eq!((records.table.records, records.rejected, records.rejects[0].line), (500_000, 1, 400_004));
    for row in [0, 1, 399_999, 400_000, 400_001, 499_999] {
        assert_eq!(cell(&records.table, "id", row), format!("r{row}"));
        assert_eq!(records.table.line(row), row as u64 + 2 + 2 * u64::from(row > 400_000));
    }
}

proptest! {
    #[test]
    fn any_bytes_end_in_a_result(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let records = read(&bytes, true, &JobCx::new()).unwrap();
        prop_assert!(records.table.columns.iter().all(|column| column.len() == records.table.records));
    }

    #[test]
    fn any_csv_like_text_ends_in_a_result(text in "[,;\"\r\n a1]{0,80}") {
        let records = read(text.as_bytes(), false, &JobCx::new()).unwrap();
        prop_assert!(records.table.columns.iter().all(|column| column.len() == records.table.records));
    }

    #[test]
    fn quoted_cells_come_back_as_written(cells in proptest::collection::vec("[a-z,;\"\n ]{0,8}", 1..20)) {
        let mut text = String::from("id,text\n");
        for (row, cell) in cells.iter().enumerate() {
            text.push_str(&format!("{row},\"{}\"\n", cell.replace('"', "\"\"")));
        }
        let records = csv(&text);
        prop_assert_eq!(records.rejected, 0);
        for (row, wanted) in cells.iter().enumerate() {
            prop_assert_eq!(&cell(&records.table, "text", row), wanted);
        }
    }
}
