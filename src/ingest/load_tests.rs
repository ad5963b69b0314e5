//! From a table to a log, and the laws of counting.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::ingest::mapping::{ColumnRole, Duplicates, Role, Side};
use crate::ingest::opened::OpenedSource;
use crate::ingest::table::{Column, ColumnData, Table};
use crate::log::{Ids, RunKind, Task};

fn source(role: SourceRole, columns: &[(&str, Vec<Option<String>>)]) -> OpenedSource {
    let records = columns[0].1.len();
    let column = |(name, cells): &(&str, Vec<Option<String>>)| {
        let mut text = TextColumn::default();
        cells.iter().for_each(|cell| text.push(cell.as_deref().map(str::as_bytes)));
        Column { name: (*name).to_owned(), data: ColumnData::Text(text) }
    };
    let table = Table { columns: columns.iter().map(column).collect(), records, ..Table::default() };
    OpenedSource {
        path: "log.csv".into(),
        display: "log.csv".to_owned(),
        role,
        format: "csv".to_owned(),
        bytes: 0,
        records: records as u64,
        quarantined: 0,
        partitions: Vec::new(),
        object: None,
        columns: Vec::new(),
        preview: Vec::new(),
        table: Some(Arc::new(table)),
    }
}

fn roles(names: &[(&str, Role, Side)]) -> Vec<ColumnRole> {
    names.iter().map(|&(column, role, side)| ColumnRole::new(column.to_owned(), role, side)).collect()
}

fn mapping(columns: Vec<ColumnRole>, label_columns: Vec<ColumnRole>) -> Mapping {
    Mapping {
        schema: "assay-mapping/1".to_owned(),
        kind: RunKind::Shadow,
        task: Task::Binary,
        columns,
        label_columns,
        champion: "live".to_owned(),
        challenger: Some("next".to_owned()),
        file_models: BTreeMap::new(),
        pairing: Pairing::Id,
        positive: "1".to_owned(),
        label_map: [("0".to_owned(), false), ("1".to_owned(), true)].into(),
        duplicates: Duplicates::Refuse,
        naive_zone: None,
        day_first: None,
        mature_after: None,
        rivals: Vec::new(),
        class_order: Vec::new(),
        season: None,
        accept_bad_rows: false,
    }
}

fn opened(sources: Vec<OpenedSource>, guess: &Mapping) -> Opened {
    Opened {
        sources,
        guess: guess.clone(),
        questions: Vec::new(),
        issues: Vec::new(),
        values: Default::default(),
        profile: None,
    }
}

fn cells<T: ToString>(values: &[Option<T>]) -> Vec<Option<String>> {
    values.iter().map(|value| value.as_ref().map(T::to_string)).collect()
}

const LONG: [(&str, Role, Side); 6] = [
    ("id", Role::Id, Side::Both),
    ("model", Role::Model, Side::Both),
    ("score", Role::Score, Side::Both),
    ("label", Role::Label, Side::Both),
    ("ms", Role::LatencyMs, Side::Both),
    ("country", Role::Feature, Side::Both),
];

/// Id, model, score, label of a line.
type Line = (Option<u8>, u8, u8, Option<u8>);

fn long(lines: &[Line]) -> OpenedSource {
    let of = |f: &dyn Fn(&Line) -> Option<String>| lines.iter().map(f).collect::<Vec<_>>();
    let models = ["live", "next", "other"];
    source(
        SourceRole::Predictions,
        &[
            ("id", of(&|line| line.0.map(|id| format!("r{id}")))),
            ("model", of(&|line| Some(models[usize::from(line.1)].to_owned()))),
            ("score", of(&|line| Some(format!("0.{}", line.2)))),
            ("label", of(&|line| line.3.map(|label| label.to_string()))),
            ("ms", of(&|line| Some(line.2.to_string()))),
            ("country", of(&|line| Some(format!("c{}", line.2)))),
        ],
    )
}

#[test]
fn pairs_keep_the_champions_order_and_columns() {
    let lines = [
        (Some(7), 1, 9, None),
        (Some(3), 0, 1, Some(1)),
        (Some(7), 0, 2, Some(0)),
        (Some(3), 1, 8, Some(1)),
        (Some(5), 0, 3, None),
        (None, 1, 4, None),
        (Some(6), 2, 4, None),
    ];
    let mapping = mapping(roles(&LONG), Vec::new());
    let Loaded { log, report } = load(&opened(vec![long(&lines)], &mapping), &mapping, &JobCx::new()).unwrap();
    assert_eq!(log.rows, 2);
    assert_eq!((log.ids.get(0), log.ids.get(1)), ("r3".to_owned(), "r7".to_owned()));
    assert_eq!(log.arms[0].scores.as_deref(), Some(&[0.1, 0.2][..]));
    assert_eq!(log.arms[1].scores.as_deref(), Some(&[0.8, 0.9][..]));
    assert_eq!(log.labels, [1, 0]);
    assert_eq!(log.features[0].text(0).as_deref(), Some("c1"));
    assert_eq!(log.arms[0].unpaired_latency_ms, [3.0]);
    assert_eq!(log.arms[1].unpaired_latency_ms, [4.0]);
    assert_eq!((log.arms[0].logged, log.arms[1].logged), (3, 3));
    assert_eq!(log.audit.labels.present, 2);
    let expected = LineCount { total: 7, used: 4, one_sided: 1, without_id: 1, other_model: 1, ..LineCount::default() };
    assert_eq!(report.lines, expected);
}

#[test]
fn labels_come_from_a_file_of_their_own() {
    let lines = [
        (Some(1), 0, 1, None),
        (Some(1), 1, 2, None),
        (Some(2), 0, 1, None),
        (Some(2), 1, 2, None),
        (Some(3), 0, 1, None),
    ];
    let ids = cells(&[Some("r2"), Some("r1"), Some("r1"), Some("r9"), Some("r3"), Some("r2")]);
    let labels = cells(&[Some(1), Some(0), Some(1), Some(1), Some(1), None]);
    let label_file = source(SourceRole::Labels, &[("key", ids), ("truth", labels)]);
    let columns = roles(&[("key", Role::Id, Side::Both), ("truth", Role::Label, Side::Both)]);
    let mapping = mapping(roles(&LONG), columns);
    let log = load(&opened(vec![long(&lines), label_file], &mapping), &mapping, &JobCx::new()).unwrap().log;
    assert_eq!(log.labels, [crate::log::NO_LABEL, 1]);
    let Label { present, absent, orphan, conflicting, .. } = log.audit.labels;
    assert_eq!((present, absent, orphan, conflicting), (1, 1, 1, 1));
}

#[test]
fn wide_rows_are_pairs_and_position_pairs_say_why() {
    let columns = [("a", cells(&[Some("0.1"), Some("0.2")])), ("b", cells(&[Some("0.3"), Some("0.4")]))];
    let wide = mapping(roles(&[("a", Role::Score, Side::Champion), ("b", Role::Score, Side::Challenger)]), Vec::new());
    let log = load(&opened(vec![source(SourceRole::Predictions, &columns)], &wide), &wide, &JobCx::new()).unwrap().log;
    assert_eq!(log.audit.basis, PairBasis::SameRow);
    assert_eq!((log.rows, log.arms[1].scores.as_deref(), log.ids), (2, Some(&[0.3, 0.4][..]), Ids::Position(2)));

    let file = |name: &str, predictions: &[Option<u8>]| {
        let truth = cells(&[Some(0), Some(1), Some(1)]);
        let columns = [("pred", cells(predictions)), ("act", truth[..predictions.len()].to_vec())];
        OpenedSource { display: name.to_owned(), ..source(SourceRole::Predictions, &columns) }
    };
    let mut position =
        mapping(roles(&[("pred", Role::Prediction, Side::Both), ("act", Role::Label, Side::Both)]), Vec::new());
    position.pairing = Pairing::Position;
    position.file_models = [("l.csv".to_owned(), "live".to_owned()), ("n.csv".to_owned(), "next".to_owned())].into();
    let sources = vec![file("l.csv", &[Some(0), Some(1), Some(0)]), file("n.csv", &[Some(1), Some(1)])];
    let Loaded { log, report } = load(&opened(sources, &position), &position, &JobCx::new()).unwrap();
    assert_eq!((log.rows, log.audit.champion_only, report.lines.one_sided), (2, 1, 1));
    let PairBasis::Position { proof } = &log.audit.basis else { panic!("not by position") };
    assert!(proof.contains("equal in 2 of 2 rows"), "{proof}");
    assert_eq!(log.arms[1].predictions.as_deref(), Some(&[1, 1][..]));
}

proptest! {
    #[test]
    fn nothing_is_lost(lines in proptest::collection::vec(
        (proptest::option::weighted(0.9, 0u8..12), 0u8..3, 0u8..3, proptest::option::of(0u8..2)), 1..60,
    )) {
        for duplicates in [Duplicates::Refuse, Duplicates::First, Duplicates::Last] {
            let mapping = Mapping { duplicates, ..mapping(roles(&LONG), Vec::new()) };
            let Loaded { log, report } = load(&opened(vec![long(&lines)], &mapping), &mapping, &JobCx::new()).unwrap();
            let LineCount { total, used, one_sided, both_arms: _, merged, superseded, refused, without_id, other_model } = report.lines;
            prop_assert_eq!(total, lines.len() as u64);
            prop_assert_eq!(used + one_sided + merged + superseded + refused + without_id + other_model, total);
            prop_assert_eq!(used, 2 * log.audit.paired);
            prop_assert_eq!(log.rows as u64, log.audit.paired);
            prop_assert_eq!(log.audit.labels.present + log.audit.labels.absent, log.audit.paired);
            let refused_ids = if log.audit.conflicts_kept { 0 } else { log.audit.duplicate_different };
            let JoinAudit { ids, paired, champion_only, challenger_only, .. } = log.audit;
            prop_assert_eq!(ids, paired + champion_only + challenger_only + refused_ids);
        }
    }
}

#[test]
fn a_weight_that_no_metric_uses_is_told() {
    let both = |role: Role| roles(&[("id", Role::Id, Side::Both), ("importance", role, Side::Both)]);
    assert_eq!(weight_unused(&mapping(both(Role::Feature), Vec::new())), None);
    for found in [mapping(both(Role::Weight), Vec::new()), mapping(both(Role::Id), both(Role::Weight))] {
        let issue = weight_unused(&found).unwrap();
        assert_eq!((issue.code.as_str(), issue.severity), ("weight_unused", Severity::Warning));
        assert!(issue.message.starts_with("importance "), "{}", issue.message);
        assert!(issue.consequence.contains("alike") && issue.mend.contains("ignored=importance"), "{issue:?}");
    }
}
