//! Answers side by side: reference values (`agreement.py`), and what holds without labels.

use super::*;
use crate::compare::{Agreement, AnswerRows, Answers};
use crate::log::{Coded, Content, Numbers};

/// As in `agreement.py`.
fn numbers(seed: u64, count: usize, below: u64) -> Vec<u64> {
    let next = |state: &u64| Some((state * 1_103_515_245 + 12_345) % (1 << 31));
    std::iter::successors(next(&seed), next).take(count).map(|state| (state >> 16) % below).collect()
}

const ROWS: usize = 400;

fn classes() -> Log {
    let truth = numbers(1, ROWS, 3);
    let pick = |(keep, (yes, no)): (bool, (&u64, &u64))| if keep { *yes } else { *no };
    let chosen = |keep: Vec<u64>, below: u64, yes: &[u64], no: &[u64]| -> Vec<u64> {
        keep.iter().map(|draw| *draw < below).zip(yes.iter().zip(no)).map(pick).collect()
    };
    let a = chosen(numbers(2, ROWS, 10), 7, &truth, &numbers(3, ROWS, 3));
    let b = chosen(numbers(4, ROWS, 10), 8, &a, &numbers(5, ROWS, 3));
    let code = |values: &[u64]| -> Vec<u32> { values.iter().map(|value| *value as u32).collect() };
    let mut log = log(vec![0; ROWS], &[None, None]);
    log.task = Task::Multiclass;
    log.arms.iter_mut().for_each(|arm| arm.predictions = Some(vec![0; ROWS]));
    log.content = Content::Coded(Coded {
        names: names(3),
        truth: code(&truth),
        answers: vec![code(&a), code(&b)],
        probabilities: vec![None, None],
        ..Coded::default()
    });
    log
}

fn agreed(log: Log) -> Agreement {
    *compare(log).agreed.unwrap()
}

fn close(found: Option<f64>, wanted: f64) {
    let found = found.unwrap();
    assert!((found - wanted).abs() < 1e-10 * (1.0 + wanted.abs()), "{found} {wanted}");
}

#[test]
fn kappa_and_churn_are_those_of_statsmodels() {
    let found = agreed(classes());
    let kappa = found.kappa.clone().unwrap();
    close(Some(kappa.value), 0.793_200_041_359_991_8);
    close(kappa.lo, 0.736_405_703_143_075_7);
    close(kappa.hi, 0.838_892_775_692_7);
    assert_eq!((found.answers, found.rows, found.changed), (Answers::Classes, 400, 55));
    assert_eq!(found.cells.iter().map(|cell| cell.rows).sum::<u64>(), 400);
    let mut clustered = classes();
    let units: Vec<u32> = numbers(6, ROWS, 90).into_iter().map(|unit| unit as u32).collect();
    clustered.units = Some(("user".to_owned(), Codes::new(names(90), &units)));
    let churn = agreed(clustered).churn.unwrap();
    close(Some(churn.value), 0.1375);
    close(churn.lo, 0.101_968_946_902_619_78);
    close(churn.hi, 0.173_031_053_097_380_26);
    assert_eq!(churn.n, 89);
}

/// Rows by both answers: yes and yes, yes and no, no and yes, no and no.
#[test]
fn kappa_of_two_answers_counts_half_a_row_in_an_empty_cell() {
    for (rows, wanted) in [
        ([120, 0, 5, 275], [0.970_588_235_294_117_8, 0.926_213_536_017_994_9, 0.986_030_337_171_519_3]),
        ([10, 0, 0, 390], [1.0, 0.683_373_800_458_702_2, 1.0]),
        ([0, 3, 0, 97], [0.0, -0.320_246_598_912_179_55, 0.640_122_610_190_581_3]),
    ] {
        let cells = rows.into_iter().zip([[1, 1], [1, 0], [0, 1], [0, 0]]);
        let pairs: Vec<[u8; 2]> = cells.flat_map(|(rows, pair)| vec![pair; rows]).collect();
        let mut log = log(vec![0; pairs.len()], &[None, None]);
        for (at, arm) in log.arms.iter_mut().enumerate() {
            arm.predictions = Some(pairs.iter().map(|pair| pair[at]).collect());
        }
        let kappa = agreed(log).kappa.unwrap();
        close(Some(kappa.value), wanted[0]);
        close(kappa.lo, wanted[1]);
        close(kappa.hi, wanted[2]);
    }
}

#[test]
fn shifts_and_rank_correlations_are_those_of_scipy() {
    let x: Vec<f64> = numbers(7, ROWS, 50).into_iter().map(|value| value as f64 / 10.0).collect();
    let y: Vec<f64> = numbers(8, ROWS, 30).iter().zip(&x).map(|(value, x)| x + *value as f64 / 10.0).collect();
    let mut log = log(vec![0; ROWS], &[Some(x), Some(y)]);
    log.task = Task::Regression;
    log.content = Content::Numbers(Numbers { truth: vec![1.0; ROWS], ..Numbers::default() });
    let found = agreed(log).shift.unwrap();
    close(found.pearson, 0.869_682_106_236_817);
    close(found.spearman, 0.872_604_559_907_736_2);
    close(found.kendall, 0.681_554_797_514_652_6);
    close(found.mean.map(|mean| mean.value), 1.4875);
    close(Some(found.standard_deviation), 0.875_877_647_925_405_4);
    for (share, wanted) in [(0.05, 0.1), (0.5, 1.5), (0.95, 2.8)] {
        close(found.quantiles.iter().find(|at| at[0] == share).map(|at| at[1]), wanted);
    }
    assert_eq!(found.histogram.iter().sum::<u64>(), 400);
    assert!(found.top.iter().all(|top| top.both <= top.rows[0].min(top.rows[1])), "{:?}", found.top);
}

#[test]
fn agreement_needs_no_labels() {
    let (all, mut none) = (made(2000), made(2000));
    none.labels = vec![NO_LABEL; 2000];
    let request = PlanRequest { thresholds: [Some(0.5), Some(0.5)], ..PlanRequest::default() };
    let [with, without] = [all, none].map(|log| *compare_with(log, &request).agreed.unwrap());
    assert_eq!((&with.churn, &with.kappa, &with.shift), (&without.churn, &without.kappa, &without.shift));
    assert_eq!((without.unlabelled, without.changed_unlabelled), (2000, without.changed));
    assert_eq!(without.judged, None);
    let bounds = without.bounds.unwrap();
    close(Some(bounds.greatest), without.changed as f64 / 2000.0);
    close(Some(bounds.least), -bounds.greatest);
}

#[test]
fn bounds_hold_whatever_the_missing_labels_are() {
    for units in [None, Some(("user".to_owned(), Codes::new(names(500), &codes(2000, 500))))] {
        let mut whole = made(2000);
        whole.units = units;
        let mut part = whole.clone();
        (0..2000).filter(|row| unit(*row, 11) < 0.4).for_each(|row| part.labels[row] = NO_LABEL);
        let request = PlanRequest { thresholds: [Some(0.5), Some(0.5)], ..PlanRequest::default() };
        let truth = compare_with(whole, &request);
        let difference = truth.metric("accuracy").unwrap().difference.clone().unwrap();
        let tight = truth.agreed.unwrap().bounds.unwrap();
        // With every label they are the difference and its interval.
        assert_eq!((tight.open, tight.least), (0, tight.greatest));
        assert!((tight.least - difference.value).abs() < 1e-12);
        let bounds = compare_with(part, &request).agreed.unwrap().bounds.unwrap();
        assert!(bounds.open > 0 && bounds.least < difference.value && difference.value < bounds.greatest, "{bounds:?}");
        let width = bounds.greatest - bounds.least;
        assert!((width - 2.0 * bounds.open as f64 / 2000.0).abs() < 1e-12);
        let [lo, hi] = bounds.interval.unwrap();
        assert!(lo < bounds.least && bounds.greatest < hi);
    }
}

#[test]
fn swapping_the_arms_turns_the_table() {
    let mut log = made(2000);
    (0..2000).step_by(3).for_each(|row| log.labels[row] = NO_LABEL);
    let mut swapped = log.clone();
    swapped.arms.swap(0, 1);
    let request = PlanRequest { thresholds: [Some(0.4), Some(0.4)], ..PlanRequest::default() };
    let [a, b] = [log, swapped].map(|log| *compare_with(log, &request).agreed.unwrap());
    assert_eq!(a.churn, b.churn);
    let [fixed, broken, neither] = a.judged.unwrap();
    assert_eq!(b.judged, Some([broken, fixed, neither]));
    let (x, y) = (a.bounds.unwrap(), b.bounds.unwrap());
    assert!((x.least + y.greatest).abs() < 1e-15 && (x.greatest + y.least).abs() < 1e-15);
    assert!((a.shift.unwrap().mean.unwrap().value + b.shift.unwrap().mean.unwrap().value).abs() < 1e-15);
    let turned = |cell: &crate::compare::AnswerCell| (cell.challenger, cell.champion, cell.rows, cell.unlabelled);
    let mut found: Vec<_> = b.cells.iter().map(turned).collect();
    let mut wanted: Vec<_> = a.cells.iter().map(|c| (c.champion, c.challenger, c.rows, c.unlabelled)).collect();
    found.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(found, wanted);
}

#[test]
fn rows_behind_an_answer_are_as_many_as_it_counts() {
    let mut log = made(2000);
    (0..2000).step_by(3).for_each(|row| log.labels[row] = NO_LABEL);
    let engine = engine(log);
    let plan = engine.plan(&PlanRequest::default()).unwrap();
    let found = engine.compare(&plan, &JobCx::new()).unwrap().agreed.unwrap();
    let rows = |answers: AnswerRows, inverted: bool| {
        let selection = Selection { answers: Some(answers), inverted, ..Selection::default() };
        selection.mask(&engine, &plan).count() as u64
    };
    let open = AnswerRows { alike: Some(false), unlabelled: true, cell: None };
    assert_eq!(rows(open.clone(), false), found.changed_unlabelled);
    assert_eq!(rows(open, true), 2000 - found.changed_unlabelled);
    for cell in &found.cells {
        let pair = [(cell.champion, String::new()), (cell.challenger, String::new())];
        assert_eq!(rows(AnswerRows { cell: Some(pair), ..AnswerRows::default() }, false), cell.rows);
    }
}

#[test]
fn where_all_answers_are_alike_churn_is_still_uncertain() {
    let mut log = made(600);
    log.units = Some(("user".to_owned(), Codes::new(names(100), &codes(600, 100))));
    log.arms[1].scores = log.arms[0].scores.clone();
    let found = agreed(log);
    let churn = found.churn.unwrap();
    assert_eq!((found.changed, churn.value, churn.lo), (0, 0.0, Some(0.0)));
    assert!(churn.hi.unwrap() > 0.01 && churn.method.contains("row per unit"), "{churn:?}");
}

#[test]
fn changes_of_many_classes_are_not_hidden_by_what_is_alike() {
    let mut log = classes();
    let classes = 1_000;
    if let Content::Coded(coded) = &mut log.content {
        coded.names = names(classes);
        for (arm, answers) in coded.answers.iter_mut().enumerate() {
            // One row in forty is answered otherwise.
            *answers = (0..ROWS as u32).map(|row| (row + u32::from(arm == 1 && row % 40 == 3)) % 500).collect();
        }
    }
    let found = agreed(log);
    assert_eq!(found.changed, 10);
    assert!(found.cells.iter().all(|cell| cell.champion != cell.challenger));
    assert_eq!(found.cells.iter().map(|cell| cell.rows).sum::<u64>() + found.cells_left[1], 10);
    assert!(found.kappa.unwrap().value > 0.9);
}
