//! Value of decisions: what it must equal, and its course over thresholds against the metric itself.

use super::*;
use crate::compare::{BUSINESS_VALUE, Business, PairValue, ValueModel};
use crate::log::{Coded, Content};

fn valued(log: Log, value: &ValueModel, thresholds: [f64; 2]) -> Comparison {
    let request =
        PlanRequest { thresholds: thresholds.map(Some), value: Some(value.clone()), ..PlanRequest::default() };
    compare_with(log, &request)
}

fn model(line: &str) -> ValueModel {
    ValueModel::from_line(line).unwrap()
}

fn business(found: &Comparison) -> &Business {
    found.business.as_deref().unwrap()
}

fn clustered(mut log: Log) -> Log {
    log.units = Some(("user".to_owned(), Codes::new(names(600), &codes(log.rows, 600))));
    log
}

fn with_amounts(mut log: Log) -> Log {
    let amounts = (0..log.rows).map(|row| if row % 50 == 7 { f64::NAN } else { 1.0 + 9.0 * unit(row, 21) }).collect();
    log.features.push(Feature { name: "amount due".to_owned(), values: FeatureValues::Numeric(amounts) });
    log
}

#[test]
fn right_answers_worth_one_are_the_accuracy() {
    for log in [made(2000), clustered(made(2000))] {
        let found = valued(log, &model("tp=1,tn=1"), [0.5, 0.45]);
        let (value, accuracy) = (found.metric(BUSINESS_VALUE).unwrap(), found.metric("accuracy").unwrap());
        let (a, b) = (value.difference.clone().unwrap(), accuracy.difference.clone().unwrap());
        assert!((a.value - b.value).abs() < 1e-12, "{} {}", a.value, b.value);
        assert!((self::value(value, 0) - self::value(accuracy, 0)).abs() < 1e-12);
        // One by its influence, the other by a closed form or the delta method.
        assert!((a.lo.unwrap() - b.lo.unwrap()).abs() < 2e-3 && (a.hi.unwrap() - b.hi.unwrap()).abs() < 2e-3);
        // In money: fixed less broken rows.
        let cells = &business(&found).cells;
        let gain: f64 = cells.iter().map(|cell| cell.value.challenger.unwrap() - cell.value.champion.unwrap()).sum();
        assert!((gain - 2000.0 * b.value).abs() < 1e-9);
    }
}

#[test]
fn costs_are_the_value_of_wrong_answers() {
    let mut request = PlanRequest { costs: [2.0, 30.0], ..PlanRequest::default() };
    request.value = Some(ValueModel::of_costs(request.costs));
    let found = compare_with(made(2000), &request);
    let (value, cost) = (found.metric(BUSINESS_VALUE).unwrap(), found.metric("cost").unwrap());
    let (a, b) = (value.difference.clone().unwrap(), cost.difference.clone().unwrap());
    assert!((a.value + b.value).abs() < 1e-12);
    assert!((a.lo.unwrap() + b.hi.unwrap()).abs() < 1e-9, "{a:?} {b:?}");
}

#[test]
fn swapping_the_arms_flips_signs_of_value_and_course() {
    let log = with_amounts(clustered(made(2000)));
    let mut swapped = log.clone();
    swapped.arms.swap(0, 1);
    let value = model("tp=20,fp=-5,fn=-40,unit=EUR,amount=amount due");
    let [a, b] = [(log, [0.4, 0.5]), (swapped, [0.5, 0.4])].map(|(log, cuts)| valued(log, &value, cuts));
    let of = |found: &Comparison| found.metric(BUSINESS_VALUE).unwrap().difference.clone().unwrap();
    assert!((of(&a).value + of(&b).value).abs() < 1e-9 && (of(&a).lo.unwrap() + of(&b).hi.unwrap()).abs() < 1e-9);
    let [x, y] = [&a, &b].map(|found| business(found).curve.clone().unwrap());
    assert_eq!(x.thresholds, y.thresholds);
    for (p, q) in x.difference.iter().zip(&y.difference) {
        assert!((p[0] + q[0]).abs() < 1e-9 && (p[1] + q[2]).abs() < 1e-9, "{p:?} {q:?}");
    }
    let chance = |found: &Comparison| business(found).scaled[0].chance_better.unwrap();
    assert!((chance(&a) + chance(&b) - 1.0).abs() < 1e-12);
}

#[test]
fn the_course_is_the_metric_at_each_threshold() {
    for log in [made(1500), clustered(made(1500)), with_amounts(made(1500)), with_amounts(clustered(made(1500)))] {
        let amount = if log.features.is_empty() { "" } else { ",amount=amount due" };
        let value = model(&format!("tp=20,fp=-5,fn=-40,tn=1{amount}"));
        let curve = business(&valued(log.clone(), &value, [0.5, 0.5])).curve.clone().unwrap();
        assert!(curve.thresholds.contains(&0.5));
        for at in (0..curve.thresholds.len()).step_by(17) {
            let cut = curve.thresholds[at];
            let found = valued(log.clone(), &value, [cut, cut]);
            let metric = found.metric(BUSINESS_VALUE).unwrap();
            assert!((self::value(metric, 0) - curve.champion[at]).abs() < 1e-9, "{cut}");
            assert!((self::value(metric, 1) - curve.challenger[at]).abs() < 1e-9, "{cut}");
            let difference = metric.difference.clone().unwrap();
            let (Some(lo), Some(hi)) = (difference.lo, difference.hi) else { continue };
            let [middle, low, high] = curve.difference[at];
            assert!((middle - difference.value).abs() < 1e-9);
            assert!((low - lo).abs() < 1e-8 && (high - hi).abs() < 1e-8, "{cut}: {low} {lo} {high} {hi}");
        }
    }
}

#[test]
fn traffic_scales_the_difference() {
    let mut log = made(2000);
    // A request every 432 seconds: ten days.
    log.times = Some((0..2000).map(|row| 1_780_000_000_000_000 + row * 432_216_108).collect());
    let found = valued(log.clone(), &model("tp=10,fn=-10"), [0.5, 0.5]);
    let (scaled, traffic) = (&business(&found).scaled[0], business(&found).traffic.unwrap());
    assert!((traffic.days - 10.0).abs() < 1e-3 && traffic.requests == 2000, "{traffic:?}");
    let difference = found.metric(BUSINESS_VALUE).unwrap().difference.clone().unwrap();
    let day = scaled.per_day.unwrap();
    assert!((scaled.per_thousand.value - 1000.0 * difference.value).abs() < 1e-9);
    assert!((day.value - difference.value * 2000.0 / traffic.days).abs() < 1e-9);
    assert!((day.lo.unwrap() / day.value - difference.lo.unwrap() / difference.value).abs() < 1e-9);
    let said = valued(log, &model("tp=10,fn=-10,per_year=365250"), [0.5, 0.5]);
    let year = business(&said).scaled[0].per_year.unwrap();
    assert!((year.value - 365_250.0 * difference.value).abs() < 1e-6);
}

#[test]
fn flagging_nobody_may_be_worth_most() {
    let curve = business(&valued(made(800), &model("fp=-1000"), [0.5, 0.5])).curve.clone().unwrap();
    assert_eq!(curve.best.map(|[_, value]| value), [0.0, 0.0]);
    assert!(curve.best[0][0] > curve.thresholds[curve.thresholds.len() - 2]);
}

#[test]
fn scores_on_two_scales_share_no_threshold() {
    let mut log = made(800);
    log.arms[1].score_kind = ScoreKind::Decision;
    let found = valued(log, &model("tp=1,fp=-1"), [0.5, 0.5]);
    assert_eq!(business(&found).curve, None);
    assert_eq!(found.agreed.as_ref().unwrap().shift, None);
    assert!(found.agreed.unwrap().changed > 0);
}

#[test]
fn the_chance_of_few_units_is_that_of_their_interval() {
    let mut log = made(600);
    log.units = Some(("user".to_owned(), Codes::new(names(6), &codes(600, 6))));
    let found = valued(log, &model("tp=1,tn=1"), [0.5, 0.45]);
    let difference = found.metric(BUSINESS_VALUE).unwrap().difference.clone().unwrap();
    let chance = business(&found).scaled[0].chance_better.unwrap();
    let p = difference.p.unwrap();
    assert!((chance.min(1.0 - chance) - p / 2.0).abs() < 1e-12, "{chance} {p}");
}

#[test]
fn every_pair_of_a_dozen_classes_can_have_a_value() {
    let pair = |at: usize| {
        let (truth, predicted) = (at / 12, at % 12);
        PairValue { truth: format!("c{truth}"), predicted: format!("c{predicted}"), value: at as f64 - 70.0 }
    };
    let all: Vec<PairValue> = (0..144).filter(|at| at / 12 != at % 12).map(pair).collect();
    let value = ValueModel { right: 3.0, wrong: -2.0, pairs: all.clone(), ..ValueModel::default() };
    assert_eq!(value.check(), Ok(()));
    let metric = value.metric(Task::Multiclass).unwrap();
    let mut log = log(vec![0; 144], &[None, None]);
    log.task = Task::Multiclass;
    log.arms.iter_mut().for_each(|arm| arm.predictions = Some(vec![0; 144]));
    let answers: Vec<u32> = (0..144).map(|at| at % 12).collect();
    log.content = Content::Coded(Coded {
        names: (0..12).map(|class| format!("c{class}")).collect(),
        truth: (0..144).map(|at| at / 12).collect(),
        answers: vec![answers.clone(), answers],
        probabilities: vec![None, None],
        ..Coded::default()
    });
    let found = compare_with(log, &PlanRequest { value: Some(value.clone()), ..PlanRequest::default() });
    let wanted: f64 = (0..144).map(|at| if at / 12 == at % 12 { 3.0 } else { at as f64 - 70.0 }).sum::<f64>() / 144.0;
    assert!((self::value(found.metric(&metric.name).unwrap(), 0) - wanted).abs() < 1e-9);
    assert_eq!(business(&found).cells.len(), 2 + 132);
    let more = ValueModel {
        pairs: [all.clone(), vec![PairValue { truth: "z".to_owned(), ..all[0].clone() }]].concat(),
        ..value
    };
    assert!(more.check().unwrap_err().contains("at most 132"));
}

#[test]
fn what_cannot_be_worth_something_is_told() {
    for (line, word) in [
        ("tp=0", "every value is 0"),
        ("tp=much", "no number"),
        ("tpr=1", "there is no tpr"),
        ("per_year=-1,tp=1", "above 0"),
    ] {
        let error = ValueModel::from_line(line).unwrap_err();
        assert!(error.contains(word), "{line}: {error}");
    }
    let engine = engine(made(50));
    let request = PlanRequest { value: Some(model("tp=1,amount=nowhere")), ..PlanRequest::default() };
    let error = engine.plan(&request).unwrap_err().to_string();
    assert!(error.contains("nowhere"), "{error}");
    // A record's plan is computed again as it stands.
    let request = PlanRequest { value: Some(model("tp=1,tn=1")), ..PlanRequest::default() };
    let plan = engine.plan(&request).unwrap();
    let again = engine.plan(&PlanRequest { custom: plan.custom.clone(), ..request }).unwrap();
    assert_eq!(plan.custom, again.custom);
}
