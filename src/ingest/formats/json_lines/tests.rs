use proptest::prelude::*;

use super::*;
use crate::ingest::table::{ColumnData, Table};

pub(crate) fn cell(table: &Table, name: &str, row: usize) -> Option<String> {
    let ColumnData::Text(text) = &table.column(name)?.data else {
        return None;
    };
    text.get(row).map(|raw| String::from_utf8_lossy(raw).into_owned())
}

fn lines(text: &str) -> Records {
    read_lines(text.as_bytes(), false, &JobCx::new()).unwrap()
}

fn stream(text: &str) -> Records {
    read_stream(text.as_bytes(), false, &JobCx::new()).unwrap()
}

#[test]
fn late_keys_numbers_as_spelled_and_special_values() {
    let records = lines(
        "{\"id\":18446744073709551616,\"s\":NaN}\r\n\n{\"id\":\"007\",\"s\":-Infinity,\"late\":{\"x\":true,\"l\":[1, {\"a\":2}]}}\n{\"s\":null,\"id\":\"caf\\u00e9 \\ud83d\\ude00\"}",
    );
    let table = &records.table;
    assert_eq!((table.records, records.rejected), (3, 0));
    assert_eq!(cell(table, "id", 0).unwrap(), "18446744073709551616");
    assert_eq!(cell(table, "s", 0).unwrap(), "NaN");
    assert_eq!(cell(table, "late.x", 0), None);
    assert_eq!(cell(table, "late.x", 1).unwrap(), "true");
    assert_eq!(cell(table, "late.l", 1).unwrap(), "[1, {\"a\":2}]");
    assert_eq!(cell(table, "id", 2).unwrap(), "café 😀");
    assert_eq!(cell(table, "s", 2), None);
    assert_eq!([table.line(0), table.line(1), table.line(2)], [1, 3, 4]);
    assert!(table.columns.iter().all(|column| column.len() == 3));
}

#[test]
fn bad_lines_are_set_aside_with_line_and_text() {
    let records = lines(
        "{\"a\":1,\"b\":2}\nTraceback (most recent call last):\n{\"a\":3,\"c\":4,\n{\"a\":5,\"b\":}\n{\"a\":6}{\"a\":7}\n{\"a\":8,\"b\":0.",
    );
    let table = &records.table;
    assert_eq!((table.records, records.rejected), (3, 4));
    assert_eq!(cell(table, "a", 2).unwrap(), "7");
    assert_eq!([table.line(0), table.line(1), table.line(2)], [1, 5, 5]);
    let told: Vec<_> = records.rejects.iter().map(|reject| (reject.line, reject.reason.as_str())).collect();
    assert_eq!(
        told,
        [
            (2, "is not a JSON object"),
            (3, "ends in the middle of the object"),
            (4, "is not valid JSON from character 12"),
            (6, "is cut off at the end of the file")
        ]
    );
    assert_eq!(records.rejects[0].raw, "Traceback (most recent call last):");
    assert!(table.columns.iter().all(|column| column.len() == 3));
}

#[test]
fn arrays_concatenated_and_pretty_objects() {
    for text in ["[{\"a\":1},\n{\"a\":2}]", "{\"a\":1}{\"a\":2}", "{\n  \"a\": 1\n}\n{\n  \"a\": 2\n}\n"] {
        let records = stream(text);
        assert_eq!((records.table.records, records.rejected), (2, 0), "{text}");
        assert_eq!(cell(&records.table, "a", 1).unwrap(), "2");
    }
    let broken = stream("[\n  {\"a\": 1},\n  {\"a\": },\n  {\"a\": 3},\n  {\"a\": 4");
    assert_eq!((broken.table.records, broken.rejected), (2, 2));
    assert_eq!(broken.rejects[1].reason, "is cut off at the end of the file");
}

#[test]
fn keys_that_stand_twice_and_keys_made_of_data() {
    assert_eq!(cell(&lines("{\"a\":1,\"a\":2}\n").table, "a", 0).unwrap(), "2");
    let many: String = (0..COLUMNS + 5).map(|key| format!("{{\"k{key}\":1}}\n")).collect();
    let records = lines(&many);
    assert_eq!(records.table.columns.len(), COLUMNS);
    assert_eq!(records.notes.len(), 1);
}

#[test]
fn chunks_join_by_name_with_line_numbers() {
    let mut text = String::new();
    for row in 0..200_000 {
        if row == 150_000 {
            text.push_str("garbage\n");
        }
        text.push_str(&if row < 199_000 {
            format!("{{\"id\":\"r{row}\",\"score\":0.{row:06}}}\n")
        } else {
            format!("{{\"score\":0.5,\"late\":{row},\"id\":\"r{row}\"}}\n")
        });
    }
    assert!(text.len() > CHUNK);
    let records = lines(&text);
    let table = &records.table;
    assert_eq!((table.records, records.rejected, records.rejects[0].line), (200_000, 1, 150_001));
    for row in [0, 1, 149_999, 150_000, 199_999] {
        assert_eq!(cell(table, "id", row).unwrap(), format!("r{row}"));
        assert_eq!(table.line(row), row as u64 + 1 + u64::from(row >= 150_000));
    }
    assert_eq!(cell(table, "late", 199_999).unwrap(), "199999");
    assert_eq!(cell(table, "late", 0), None);
}

proptest! {
    #[test]
    fn any_bytes_end_in_a_result(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        for check in [false, true] {
            let records = read_lines(&bytes, check, &JobCx::new()).unwrap();
            prop_assert!(records.table.columns.iter().all(|column| column.len() == records.table.records));
            let records = read_stream(&bytes, check, &JobCx::new()).unwrap();
            prop_assert!(records.table.columns.iter().all(|column| column.len() == records.table.records));
        }
    }

    #[test]
    fn any_json_like_text_ends_in_a_result(text in "([{}\\[\\]:,\"\\\\ \n]|\"a\"|\"b\"|1|-0.5e3|NaN|null|\\\\u12){0,60}") {
        let records = read_lines(text.as_bytes(), false, &JobCx::new()).unwrap();
        prop_assert!(records.table.columns.iter().all(|column| column.len() == records.table.records));
        let records = read_stream(text.as_bytes(), true, &JobCx::new()).unwrap();
        prop_assert!(records.table.columns.iter().all(|column| column.len() == records.table.records));
    }
}

/// Found by fuzzing: taking back the rows of a line counted below its first.
#[test]
fn a_line_of_several_objects_is_taken_back_as_a_whole() {
    let records = lines("{\"a\":1}\n{\"a\":2}{\"a\":3}{\"a\":4}{\"a\"\n{\"a\":5}\n{\"a\":6}\n");
    assert_eq!((records.table.records, records.rejected, records.rejects[0].line), (3, 1, 2));
    assert_eq!([0, 1, 2].map(|row| records.table.line(row)), [1, 3, 4]);
    let first = lines("{\"a\":2}{\"a\":3}{\"a\"\n{\"a\":5}\n");
    assert_eq!((first.table.records, first.table.line(0)), (1, 2));
}
