//! Parquet files and Delta tables as other tools write them: `tests/fixtures/parquet/make_parquet.py`.

use std::path::{Path, PathBuf};

use super::guess::column::cell_text;
use super::mapping::Role;
use super::*;
use crate::job::JobCx;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/parquet").join(name)
}

fn opened(name: &str, options: OpenOptions) -> Opened {
    open(&[fixture(name)], &OpenOptions { base: Some(fixture("")), ..options }, &JobCx::new()).unwrap()
}

/// Cells of a column of the one source; `-` where absent.
fn column(opened: &Opened, name: &str) -> Vec<String> {
    let table = opened.sources[0].table.as_deref().unwrap();
    let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
    let column = table.column(name).unwrap_or_else(|| panic!("no column {name} among {names:?}"));
    (0..table.records).map(|row| cell_text(&column.data, row).unwrap_or("-".to_owned())).collect()
}

#[test]
fn a_delta_table_is_what_its_log_says() {
    let opened = opened("delta", OpenOptions { champion: Some("champion".to_owned()), ..OpenOptions::default() });
    assert_eq!(opened.sources.len(), 3, "the file that was written again does not count");
    let log = load(&opened, &opened.guess, &JobCx::new()).unwrap().log;
    assert_eq!((log.audit.paired, log.audit.champion_only, log.audit.duplicate_different), (4, 1, 0));
    let mut rows: Vec<_> = (0..log.rows)
        .map(|row| (log.ids.get(row), [0, 1].map(|arm: usize| log.arms[arm].scores.as_ref().unwrap()[row])))
        .collect();
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    let expected = [("r1", [0.125, 0.25]), ("r2", [0.75, 0.875]), ("r3", [0.25, 0.5]), ("r4", [0.5, 0.625])];
    assert_eq!(rows, expected.map(|(id, scores)| (id.to_owned(), scores)));
}

#[test]
fn inference_tables_in_parquet_are_read_as_those_in_json() {
    let legacy = opened("databricks.parquet", OpenOptions::default());
    assert_eq!(legacy.sources[0].format, "databricks-inference-table+parquet");
    assert_eq!(column(&legacy, "score"), ["0.25", "0.5", "0.75", "-"]);
    assert_eq!(column(&legacy, "model_version"), ["1", "2", "1", "2"]);
    assert_eq!(column(&legacy, "weight"), ["2", "2", "-", "-"]);
    assert_eq!(column(&legacy, "client_request_id"), ["a", "a", "b", "b"]);
    assert_eq!(column(&legacy, "timestamp_ms")[0], "1772928000000");
    let structs = opened("databricks-structs.parquet", OpenOptions::default());
    assert_eq!(column(&structs, "databricks_request_id"), ["d0", "d1#0", "d1#1"]);
    assert_eq!(column(&structs, "score"), ["0.25", "0.5", "0.75"]);
    assert_eq!(column(&structs, "feature_1"), ["2", "4", "6"]);
}

#[test]
fn request_logs_in_parquet_are_read_as_those_in_json() {
    let kserve = opened("kserve.parquet", OpenOptions::default());
    assert_eq!(kserve.sources[0].format, "kserve-logger+parquet");
    assert_eq!(column(&kserve, "request_id"), ["k1#0", "k1#1"]);
    assert_eq!(column(&kserve, "score"), ["0.25", "0.75"]);
    assert_eq!(column(&kserve, "feature"), ["1", "2"]);
    let vertex = opened("vertex.parquet", OpenOptions::default());
    assert_eq!(vertex.sources[0].format, "vertex-request-response+parquet");
    assert_eq!(column(&vertex, "request_id")[2], "12345678901234567890124");
    assert_eq!(column(&vertex, "score"), ["0.25", "0.75", "0.5"]);
    assert_eq!(column(&vertex, "age"), ["41", "22", "41"]);
    assert_eq!(column(&vertex, "logging_time")[0], "2026-03-08T00:00:00Z");
}

#[test]
fn probabilities_are_read_from_lists_structures_and_columns() {
    for (name, expected) in [
        ("list.parquet", ["probabilities.0", "probabilities.1"]),
        ("struct.parquet", ["score.no", "score.yes"]),
        ("wide.parquet", ["score_no", "score_yes"]),
    ] {
        let opened = opened(name, OpenOptions::default());
        let names: Vec<&str> = opened.sources[0].columns.iter().map(|guess| guess.role.column.as_str()).collect();
        assert!(expected.iter().all(|column| names.contains(column)), "{name}: {names:?}");
        let score = opened.guess.columns.iter().find(|role| role.role == Role::Score);
        assert_eq!(score.map(|role| role.column.as_str()), Some(expected[1]), "{name}: {:?}", opened.guess.columns);
        let long = opened.sources[0].columns.iter().find(|guess| guess.role.column == "embedding").unwrap();
        assert!(long.role.role == Role::Ignored && long.why.contains("long lists"), "{long:?}");
        // A columnar file is read again when it is loaded: the same parts must come of it.
        let log = load(&opened, &opened.guess, &JobCx::new()).unwrap().log;
        assert_eq!(log.arms[0].scores.as_deref(), Some(&[0.25, 0.5, 0.75, 0.125][..]), "{name}");
    }
}

#[test]
fn whole_numbers_in_one_file_and_fractions_in_another_are_one_column() {
    use polars::prelude::{DataFrame, NamedFrom, ParquetWriter, Series};

    let folder = std::env::temp_dir().join(format!("assay-parquet-types-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let write = |name: &str, model: &str, scores: Series| {
        let ids: Vec<String> = (0..4).map(|row| format!("{}{row}", &name[..1])).collect();
        let columns = vec![
            Series::new("id".into(), ids).into(),
            Series::new("model".into(), vec![model; 4]).into(),
            scores.with_name("score".into()).into(),
            Series::new("label".into(), vec![0i64, 1, 0, 1]).into(),
        ];
        let mut frame = DataFrame::new(4, columns).unwrap();
        ParquetWriter::new(std::fs::File::create(folder.join(name)).unwrap()).finish(&mut frame).unwrap();
    };
    write("a1.parquet", "champion", Series::new("s".into(), vec![0i64, 1, 0, 1]));
    write("a2.parquet", "challenger", Series::new("s".into(), vec![0.25f64, 0.75, 0.5, 1.0]));
    write("b1.parquet", "champion", Series::new("s".into(), vec![0.5f32, 0.25, 0.5, 0.75]));
    write("b2.parquet", "challenger", Series::new("s".into(), vec![1i32, 0, 1, 0]));
    let opened = open(std::slice::from_ref(&folder), &OpenOptions::default(), &JobCx::new()).unwrap();
    let log = load(&opened, &opened.guess, &JobCx::new()).unwrap().log;
    let scores = |arm: usize| log.arms[arm].scores.clone().unwrap();
    assert_eq!(scores(0), [0.0, 1.0, 0.0, 1.0, 0.5, 0.25, 0.5, 0.75]);
    assert_eq!(scores(1), [0.25, 0.75, 0.5, 1.0, 1.0, 0.0, 1.0, 0.0]);
    std::fs::remove_dir_all(&folder).unwrap();
}
