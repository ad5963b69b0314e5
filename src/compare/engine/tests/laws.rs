//! What holds for any log.

use super::*;

#[test]
fn swapping_the_arms_flips_signs() {
    let mut log = made(3000);
    log.units = Some(("user".to_owned(), Codes::new(names(900), &codes(3000, 900))));
    for clustered in [true, false] {
        if !clustered {
            log.units = None;
        }
        let mut swapped = log.clone();
        swapped.arms.swap(0, 1);
        let (a, b) = (compare(log.clone()), compare(swapped));
        for (x, y) in a.metrics.iter().zip(&b.metrics) {
            assert_eq!(x.name, y.name);
            let (Some(x), Some(y)) = (&x.difference, &y.difference) else { continue };
            let near = |x: Option<f64>, y: Option<f64>| match (x, y) {
                (Some(x), Some(y)) => assert!((x + y).abs() < 1e-9, "{x} {y}"),
                (x, y) => assert_eq!(x.is_some(), y.is_some()),
            };
            near(Some(x.value), Some(y.value));
            near(x.lo, y.hi);
            near(x.hi, y.lo);
        }
        let net = |found: &Comparison| found.flips.as_ref().unwrap()[1].net.clone().unwrap();
        assert_eq!(net(&a).value, -net(&b).value);
    }
}

#[test]
fn near_singleton_units_give_the_intervals_of_rows() {
    let rows = 4000;
    let log = made(rows);
    // Two rows share a unit, all others are alone.
    let mut unit: Vec<u32> = (0..rows as u32).collect();
    unit[1] = 0;
    let mut clustered = log.clone();
    clustered.units = Some(("user".to_owned(), Codes::new(names(rows), &unit)));
    let request = PlanRequest { partial_fpr: 0.2, ..PlanRequest::default() };
    let (by_row, by_unit) = (compare_with(log, &request), compare_with(clustered, &request));
    assert_eq!(by_unit.population.units, Some(rows as u64 - 1));
    let mut compared = 0;
    for (x, y) in by_row.metrics.iter().zip(&by_unit.metrics) {
        let (Some(a), Some(b)) = (&x.difference, &y.difference) else { continue };
        assert!((a.value - b.value).abs() < 1e-12, "{}", x.name);
        let (Some(lo), Some(hi), Some(lo_b), Some(hi_b)) = (a.lo, a.hi, b.lo, b.hi) else { continue };
        let ratio = (hi - lo) / (hi_b - lo_b);
        assert!((ratio - 1.0).abs() < 0.02, "{}: {ratio}", x.name);
        let positives = by_unit.population.positives.unwrap();
        let units = match x.name.as_str() {
            // Units with a row of the class; the shared one has rows of one class or of both.
            "recall" => positives,
            "specificity" => rows as u64 - positives,
            _ => rows as u64 - 1,
        };
        assert!(b.n == units || b.n + 1 == units, "{}: {} of {units}", x.name, b.n);
        compared += 1;
    }
    assert!(compared >= 15, "{compared}");
}

#[test]
fn repeated_rows_widen_intervals_by_unit_only() {
    let single = made(1500);
    let twice = |values: &[f64]| [values, values].concat();
    let labels = [single.labels.clone(), single.labels.clone()].concat();
    let scores: Vec<Option<Vec<f64>>> = single.arms.iter().map(|arm| arm.scores.as_deref().map(twice)).collect();
    let mut doubled = log(labels, &scores);
    let unit: Vec<u32> = (0..1500).chain(0..1500).collect();
    doubled.units = Some(("user".to_owned(), Codes::new(names(1500), &unit)));
    let (once, by_unit) = (compare(single), compare(doubled));
    for (x, y) in once.metrics.iter().zip(&by_unit.metrics).filter(|(x, _)| x.name != "partial_auc") {
        let (Some(a), Some(b)) = (&x.arms.champion, &y.arms.champion) else { continue };
        assert!((a.value - b.value).abs() < 1e-3, "{}", x.name);
        let (Some(lo), Some(hi), Some(lo_b), Some(hi_b)) = (a.lo, a.hi, b.lo, b.hi) else { continue };
        let ratio = (hi - lo) / (hi_b - lo_b);
        assert!((ratio - 1.0).abs() < 0.02, "{}: {ratio}", x.name);
    }
}

#[test]
fn results_do_not_depend_on_threads() {
    let mut log = made(30_000);
    log.units = Some(("user".to_owned(), Codes::new(names(9000), &codes(30_000, 9000))));
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let many = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
    assert_eq!(one.install(|| compare(log.clone())), many.install(|| compare(log)));
}

#[test]
fn an_engine_is_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Engine>();
}

#[test]
fn partial_auc_agrees_with_the_bootstrap() {
    let log = made(3000);
    let (labels, scores) = (log.labels.clone(), log.arms[1].scores.clone().unwrap());
    let found = compare_with(log, &PlanRequest { partial_fpr: 0.2, ..PlanRequest::default() });
    let arm = found.metric("partial_auc").unwrap().arms.challenger.clone().unwrap();
    let half = 0.5 * (arm.hi.unwrap() - arm.lo.unwrap()) / 1.96;
    let replicates = crate::stats::bootstrap::replicates(1, 300, |weights| {
        let (mut s, mut y) = (Vec::new(), Vec::new());
        for row in 0..labels.len() {
            for _ in 0..weights.weight(row as u64) {
                s.push(scores[row]);
                y.push(labels[row]);
            }
        }
        Some(kernels::partial::partial_auc(&Order::new(&s, &y), 0.2).ok()?.standardised)
    });
    let values: Vec<f64> = replicates.into_iter().flatten().collect();
    let se = crate::stats::Moments::from_slice(&values).sd().unwrap();
    assert!((half / se - 1.0).abs() < 0.12, "{half} {se}");
}

#[test]
fn calibration_fit_on_bins_is_the_fit_on_rows() {
    let rows = 80_000;
    let log = made(rows);
    let scores = log.arms[0].scores.clone().unwrap();
    let labels = log.labels.clone();
    let found = compare(log);
    let logits = kernels::calibration::logits(&scores);
    let exact =
        crate::stats::logistic::fit(|| logits.iter().zip(&labels).map(|(&x, &y)| (x, f64::from(y), 1.0))).unwrap();
    let slope = value(found.metric("calibration_slope").unwrap(), 0);
    assert!((slope / exact.slope - 1.0).abs() < 1e-6, "{slope} {}", exact.slope);
}
