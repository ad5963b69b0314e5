//! Metrics of one's own against those that the engine has, and against the delta method.

use super::*;
use crate::compare::CustomMetric;

fn own(line: &str) -> CustomMetric {
    CustomMetric::from_line(line).unwrap()
}

/// A run of two classes with members of several rows, an amount (missing in some rows), a region.
fn made(rows: usize) -> Log {
    let labels: Vec<u8> = (0..rows).map(|row| u8::from(unit(row, 1) < 0.3)).collect();
    let score = |key: u64, pull: f64| {
        let of = |row: usize| (pull * f64::from(labels[row]) + (1.0 - pull) * unit(row, key)).clamp(0.0, 1.0);
        Some((0..rows).map(of).collect())
    };
    let scores = [score(2, 0.3), score(3, 0.4)];
    let amounts = (0..rows).map(|row| if row % 50 == 7 { f64::NAN } else { 5.0 + 100.0 * unit(row, 4) }).collect();
    let regions: Vec<u32> = (0..rows).map(|row| (row % 3) as u32).collect();
    let members: Vec<u32> = (0..rows).map(|row| (unit(row, 5) * rows as f64 / 4.0) as u32).collect();
    let names = |count: usize| (0..count).map(|index| format!("m{index}")).collect::<Vec<_>>();
    Log {
        features: vec![
            Feature { name: "amount".to_owned(), values: FeatureValues::Numeric(amounts) },
            Feature { name: "region".to_owned(), values: FeatureValues::Coded(Codes::new(names(3), &regions)) },
        ],
        units: Some(("member".to_owned(), Codes::new(names(rows / 4 + 1), &members))),
        ..log(labels, &scores)
    }
}

fn request(lines: &[&str]) -> PlanRequest {
    PlanRequest {
        thresholds: [Some(0.5); 2],
        custom: lines.iter().map(|line| own(line)).collect(),
        slices: vec![SliceSpec::equal("region", "m1")],
        costs: [1.0, 7.0],
        ..PlanRequest::default()
    }
}

fn compared(log: Log, request: &PlanRequest) -> Comparison {
    let engine = Engine::new(Arc::new(log), None, &JobCx::new()).unwrap();
    engine.compare(&engine.plan(request).unwrap(), &JobCx::new()).unwrap()
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * (1.0 + a.abs())
}

/// Brier score, cost and precision written as expressions have the numbers of the metrics themselves.
#[test]
fn known_metrics_written_as_expressions_are_those_metrics() {
    let found = compared(
        made(4_000),
        &request(&[
            "own_brier:lower=(score - label) * (score - label)",
            "own_cost:lower=if(prediction and not label, 1, if(label and not prediction, 7, 0))",
            "own_precision:higher:share=prediction and label per prediction",
        ]),
    );
    for (own, known) in [("own_brier", "brier"), ("own_cost", "cost"), ("own_precision", "precision")] {
        for slice in [None, Some("region=m1")] {
            let get =
                |name: &str| found.metrics.iter().find(|m| m.name == name && m.slice.as_deref() == slice).unwrap();
            let (own, known) = (get(own), get(known));
            assert_eq!(own.rows, known.rows);
            let arms = |metric: &MetricResult| {
                [metric.arms.champion.clone(), metric.arms.challenger.clone()].map(Option::unwrap)
            };
            for (a, b) in arms(own).iter().zip(&arms(known)) {
                assert!(near(a.value, b.value), "{} {} {}", own.name, a.value, b.value);
            }
            let (a, b) = (own.difference.as_ref().unwrap(), known.difference.as_ref().unwrap());
            assert!(near(a.value, b.value) && near(a.se.unwrap(), b.se.unwrap()), "{} {a:?} {b:?}", own.name);
            assert!(near(a.lo.unwrap(), b.lo.unwrap()) && near(a.hi.unwrap(), b.hi.unwrap()));
            assert_eq!(a.n, b.n, "units");
        }
    }
    // All rows first, then the slice, as everywhere.
    let whole = found.metrics.iter().position(|metric| metric.slice.is_some()).unwrap();
    assert!(found.metrics[whole..].iter().all(|metric| metric.slice.is_some()));
}

#[test]
fn rows_without_a_value_are_left_out_for_both_arms_and_told() {
    let log = made(1_000);
    let missing = (0..1_000).filter(|row| row % 50 == 7).count() as u64;
    let found = compared(
        log,
        &request(&["caught:higher:EUR=if(prediction and label, amount, 0)", "odd:lower=1 / (amount - amount)"]),
    );
    let metric = found.metric("caught").unwrap();
    // Where the condition does not hold the amount is not needed.
    assert!(metric.rows < 1_000 && metric.rows >= 1_000 - missing);
    let left = 1_000 - metric.rows;
    assert!(
        found.notes.contains(&format!("caught leaves out {left} rows of 1,000 for both arms: a value is missing.")),
        "{:?}",
        found.notes
    );
    let odd = found.metric("odd").unwrap();
    assert_eq!((odd.rows, odd.undefined.as_deref()), (0, Some("no row on which each arm has a value")));
    assert!(odd.arms.champion.is_none() && odd.difference.is_none());
    let told = format!(
        "odd leaves out 1,000 rows of 1,000 for both arms: a value is missing ({missing}), a number is divided by zero ({}).",
        1_000 - missing
    );
    assert!(found.notes.contains(&told), "{:?}", found.notes);
}

#[test]
fn a_plan_refuses_what_cannot_be_computed() {
    let engine = Engine::new(Arc::new(made(100)), None, &JobCx::new()).unwrap();
    let plan = |lines: &[&str]| engine.plan(&request(lines)).unwrap_err().to_string();
    assert!(
        plan(&["x:lower=amuont"])
            .starts_with("metric x: value at character 1: no column amuont (did you mean `amount`?)")
    );
    assert_eq!(plan(&["x:lower=1", "x:lower=2"]), "metric x is defined twice");
    // What a record holds is checked before it is computed, whoever wrote it.
    let mut stored = engine.plan(&request(&[])).unwrap();
    stored.custom.push(CustomMetric { name: "x".to_owned(), ..own("y:lower=1") });
    stored.custom[0].value = "((((".to_owned();
    assert!(engine.compare(&stored, &JobCx::new()).is_err());
}

/// What needs no label is measured where no row has one.
#[test]
fn without_labels_what_needs_none_is_measured() {
    let mut log = made(200);
    log.labels = vec![NO_LABEL; 200];
    let found = compared(log, &request(&["flagged:lower=if(prediction, amount, 0)"]));
    assert_eq!(found.metric("flagged").unwrap().undefined, None);
    assert!(found.metric("flagged").unwrap().rows > 190);
}

#[test]
fn a_ratio_that_is_alike_in_every_stage_does_not_differ_over_all() {
    use crate::log::{Measure, Split};
    // Views a request and clicks a view rise from the first stage to the second, where the challenger gets more.
    let (mut arms, mut stages, mut views, mut clicks) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (stage, counts, seen, rate) in [(0u32, [90, 10], 2.0, 0.1), (1, [30, 30], 10.0, 0.4)] {
        for (arm, count) in counts.into_iter().enumerate() {
            for row in 0..count {
                let up = if row % 2 == 0 { 1.0 } else { -1.0 };
                arms.push(arm as u8);
                stages.push(stage);
                views.push(seen);
                clicks.push(seen * rate * (1.0 + 0.5 * up));
            }
        }
    }
    let measure = |name: &str, values: Vec<f64>| Measure::new(name.to_owned(), values);
    let mut run = log(vec![NO_LABEL; arms.len()], &[None, None]);
    run.kind = RunKind::Canary;
    run.split = Some(Split {
        arms,
        outcomes: vec![measure("views", views), measure("clicks", clicks)],
        stages: Some(("stage".to_owned(), Codes::new(names(2), &stages))),
        ..Split::default()
    });
    let metric = CustomMetric {
        name: "click_rate".to_owned(),
        unit: String::new(),
        better: crate::compare::Better::Higher,
        value: "clicks".to_owned(),
        per: Some("views".to_owned()),
    };
    let split = SplitDesign { looks: Some(crate::compare::Looks::Once), ..SplitDesign::default() };
    let found = compare_with(run, &PlanRequest { custom: vec![metric], split, ..PlanRequest::default() });
    let rate = found.metrics.iter().find(|metric| metric.name == "click_rate").unwrap();
    let difference = rate.difference.as_ref().unwrap();
    assert!(difference.value.abs() < 1e-12 && difference.se.unwrap() > 0.0, "{difference:?}");
    // The arms' own values are over all their requests: (90 * 0.2 + 30 * 4) / (90 * 2 + 30 * 10).
    assert!((value(rate, 0) - 138.0 / 480.0).abs() < 1e-12, "{rate:?}");
}
