//! Shares of rows outside of the binary task: the intervals of the binary one, and no certainty from agreement.

use super::*;
use crate::compare::{Difference, Estimate};
use crate::log::{Coded, Content};
use crate::stats::paired_proportion::tango;

/// Codes of the true class and of both answers per row.
fn classes(count: usize, rows: &[[u32; 3]]) -> Log {
    let column = |place: usize| rows.iter().map(|row| row[place]).collect::<Vec<u32>>();
    let mut log = log(vec![0; rows.len()], &[None, None]);
    log.task = Task::Multiclass;
    log.arms.iter_mut().for_each(|arm| arm.predictions = Some(vec![0; rows.len()]));
    log.content = Content::Coded(Coded {
        names: names(count),
        truth: column(0),
        answers: vec![column(1), column(2)],
        probabilities: vec![None, None],
        ..Coded::default()
    });
    log
}

/// The same two classes as labels and decisions.
fn binary(rows: &[[u32; 3]]) -> Log {
    let column = |place: usize| rows.iter().map(|row| row[place] as u8).collect::<Vec<u8>>();
    let mut log = log(column(0), &[None, None]);
    log.arms.iter_mut().enumerate().for_each(|(arm, slot)| slot.predictions = Some(column(arm + 1)));
    log
}

/// 200 rows; the arms err on some of them, `apart` of 100 are decided apart.
fn rows(apart: u64) -> Vec<[u32; 3]> {
    let row = |row: usize| {
        let truth = u32::from(unit(row, 1) < 0.4);
        let a = if unit(row, 2) < 0.8 { truth } else { 1 - truth };
        [truth, a, if unit(row, 3) * 100.0 < apart as f64 { 1 - a } else { a }]
    };
    (0..200).map(row).collect()
}

fn difference(found: &Comparison, name: &str) -> Difference {
    found.metric(name).unwrap().difference.clone().unwrap()
}

fn limits(found: &Difference) -> [f64; 2] {
    [found.lo.unwrap(), found.hi.unwrap()]
}

fn by_unit(mut log: Log, units: usize) -> Log {
    let codes: Vec<u32> = (0..log.rows).map(|row| (row % units) as u32).collect();
    log.units = Some(("user".to_owned(), Codes::new(names(units), &codes)));
    log
}

#[test]
fn accuracy_of_two_classes_is_that_of_the_binary_task() {
    for apart in [0, 1, 5, 30] {
        for units in [None, Some(40)] {
            let with = |log: Log| units.map_or(log.clone(), |units| by_unit(log, units));
            let (several, two) = (compare(with(classes(2, &rows(apart)))), compare(with(binary(&rows(apart)))));
            let (a, b) = (difference(&several, "accuracy"), difference(&two, "accuracy"));
            let same = |x: f64, y: f64| assert!((x - y).abs() < 1e-12, "{apart} of 100, {units:?}: {a:?} {b:?}");
            same(a.value, b.value);
            limits(&a).into_iter().zip(limits(&b)).for_each(|(x, y)| same(x, y));
            assert_eq!(a.n, b.n);
            assert!(a.lo < Some(0.0) || a.value > 0.0);
            let arm =
                |found: &Comparison| -> Estimate { found.metric("accuracy").unwrap().arms.champion.clone().unwrap() };
            let (a, b) = (arm(&several), arm(&two));
            same(a.value, b.value);
            same(a.lo.unwrap(), b.lo.unwrap());
            same(a.hi.unwrap(), b.hi.unwrap());
            if units.is_none() {
                assert_eq!((a.value, a.method.as_str()), (b.value, "Wilson"));
                let methods = [difference(&several, "accuracy").method, difference(&two, "accuracy").method];
                assert_eq!(methods, ["Tango, McNemar mid-p"; 2]);
            }
        }
    }
}

#[test]
fn agreement_on_every_row_is_no_interval_without_width() {
    for log in [classes(3, &rows(0)), by_unit(classes(3, &rows(0)), 50)] {
        let trials = log.units.as_ref().map_or(200, |_| 50);
        let found = compare(log);
        let wanted = tango(0, 0, trials, 0.95).unwrap();
        let accuracy = difference(&found, "accuracy");
        assert_eq!((limits(&accuracy), accuracy.p), ([wanted.lo, wanted.hi], Some(1.0)));
        for metric in &found.metrics {
            let Some(found) = &metric.difference else { continue };
            assert!(found.lo.is_none() || found.lo < found.hi, "{}: {found:?}", metric.name);
        }
        let macro_f1 = difference(&found, "macro_f1");
        assert!(macro_f1.lo.is_none() && macro_f1.method.contains("alike on every row"), "{}", macro_f1.method);
    }
}

/// The challenger truly loses as much as the margin allows: the lower limit may be above it in 2.5 % of the logs, and the
/// interval may miss the truth in 5 %.
#[test]
fn a_loss_of_the_margin_passes_no_more_often_than_the_level_allows() {
    let (logs, n, margin) = (200, 300, 0.005);
    let (mut passed, mut missed) = (0, 0);
    for run in 0..logs {
        let row = |row: usize| {
            let at = |key: u64| unit(run * n + row, key);
            let truth = (at(11) * 3.0) as u32;
            let a = if at(12) < 0.8 { truth } else { (truth + 1) % 3 };
            let lost = a == truth && at(13) < margin / 0.8;
            [truth, a, if lost { (truth + 1) % 3 } else { a }]
        };
        let rows: Vec<[u32; 3]> = (0..n).map(row).collect();
        let [lo, hi] = limits(&difference(&compare(classes(3, &rows)), "accuracy"));
        passed += usize::from(lo > -margin);
        missed += usize::from(!(lo..=hi).contains(&-margin));
    }
    assert!(passed <= logs / 40, "{passed} of {logs} logs pass");
    assert!(missed <= logs / 20, "{missed} of {logs} intervals miss the truth");
}

/// Few units that differ say as little as few rows.
#[test]
fn few_units_apart_have_an_interval_as_wide_as_rows_would() {
    let mut apart = rows(0);
    apart[7][2] = apart[7][0];
    apart[7][1] = 1 - apart[7][0];
    let found = difference(&compare(by_unit(classes(2, &apart), 100)), "accuracy");
    assert_eq!(found.method, "Tango, a row per unit, few flips");
    assert!((found.value - 1.0 / 200.0).abs() < 1e-15);
    let [none, one] = [0, 1].map(|gained| tango(gained, 0, 100, 0.95).unwrap());
    let [lo, hi] = limits(&found);
    assert!(none.lo < lo && lo < one.lo && none.hi < hi && hi < one.hi, "{found:?} {none:?} {one:?}");
}
