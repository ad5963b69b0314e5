//! Logs in the order of their models, classes or days: what they hold is not told by their first rows.

use polars::prelude::{DataFrame, ParquetWriter, df};

use super::mapping::Role;
use super::*;
use crate::job::JobCx;
use crate::log::{RunKind, Task};

/// More ids than a first look compares, and rows than it sees.
const IDS: usize = 210_000;

/// The frame as Parquet in one row group and in several, and as CSV.
fn each(name: &str, frame: DataFrame, look: impl Fn(&str, &Opened)) {
    let folder = std::env::temp_dir().join(format!("assay-order-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let open_file = |file: &str, bytes: Vec<u8>| {
        std::fs::write(folder.join(file), bytes).unwrap();
        look(file, &open(&[folder.join(file)], &OpenOptions::default(), &JobCx::new()).unwrap());
    };
    for (file, group) in [("one-group.parquet", usize::MAX), ("groups.parquet", 50_000)] {
        let mut bytes = Vec::new();
        ParquetWriter::new(&mut bytes).with_row_group_size(Some(group)).finish(&mut frame.clone()).unwrap();
        open_file(file, bytes);
    }
    let names = frame.get_column_names();
    let mut text = names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(",") + "\n";
    for row in 0..frame.height() {
        let cells: Vec<String> = frame.get(row).unwrap().iter().map(ToString::to_string).collect();
        text += &(cells.join(",") + "\n");
    }
    open_file("log.csv", text.into_bytes());
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn one_model_after_the_other_is_paired() {
    // The second model answers the same ids in another order.
    let id = |row: usize| if row < IDS { row } else { (row - IDS) * 11 % IDS };
    let ids: Vec<String> = (0..2 * IDS).map(|row| format!("q{}", id(row))).collect();
    let model: Vec<&str> = (0..2 * IDS).map(|row| if row < IDS { "old" } else { "new" }).collect();
    let score: Vec<f64> = (0..2 * IDS).map(|row| (id(row) * 7919 % 1009) as f64 / 1009.0).collect();
    let label: Vec<i32> = (0..2 * IDS).map(|row| i32::from(id(row).is_multiple_of(3))).collect();
    let frame = df!["id" => ids, "model" => model, "score" => score, "label" => label].unwrap();
    each("models", frame, |file, opened| {
        assert_eq!(opened.guess.kind, RunKind::Shadow, "{file}: {:?}", opened.issues);
        let log = load(opened, &opened.guess, &JobCx::new()).unwrap().log;
        assert_eq!((log.arms.len(), log.audit.paired as usize), (2, IDS), "{file}");
    });
}

#[test]
fn classes_and_outcomes_that_come_late_are_seen() {
    let late = |row: usize| row >= IDS / 2;
    let classes = ["ant", "bee", "cat", "dog", "elk"];
    let class = |row: usize| classes[if late(row) { row % 5 } else { row % 2 }];
    let ids: Vec<String> = (0..IDS).map(|row| format!("q{row}")).collect();
    let label: Vec<&str> = (0..IDS).map(class).collect();
    let prediction = |step: usize| (0..IDS).map(move |row| class(if row.is_multiple_of(step) { row + 1 } else { row }));
    let (old, new): (Vec<&str>, Vec<&str>) = (prediction(7).collect(), prediction(9).collect());
    let frame = df!["id" => &ids, "label" => label, "prediction_old" => old, "prediction_new" => new].unwrap();
    each("classes", frame, |file, opened| {
        assert_eq!(opened.guess.task, Task::Multiclass, "{file}");
        let counts = &opened.values.labels;
        assert_eq!(counts.len(), classes.len(), "{file}: {counts:?}");
        assert_eq!(counts.iter().map(|(_, count)| *count).sum::<u64>(), IDS as u64, "{file}: {counts:?}");
    });

    let error: Vec<Option<&str>> =
        (0..IDS).map(|row| (late(row) && row.is_multiple_of(50)).then_some("timeout")).collect();
    let bought: Vec<i32> = (0..IDS).map(|row| i32::from(late(row) && row.is_multiple_of(30))).collect();
    let model: Vec<&str> = (0..IDS).map(|row| ["old", "new"][row % 2]).collect();
    let user: Vec<String> = (0..IDS).map(|row| format!("u{}", row % 5000)).collect();
    let frame = df!["id" => ids, "user" => user, "model" => model, "error" => error, "bought" => bought].unwrap();
    each("outcomes", frame, |file, opened| {
        let why = |name: &str| opened.sources[0].columns.iter().find(|guess| guess.role.column == name).unwrap();
        assert!(!why("error").why.contains("empty"), "{file}: {:?}", why("error"));
        assert_eq!(opened.guess.kind, RunKind::Ab, "{file}");
        let role = |name: &str| opened.guess.columns.iter().find(|role| role.column == name).map(|role| role.role);
        assert_eq!(role("model"), Some(Role::Model), "{file}");
    });
}
