use proptest::prelude::*;

use super::*;
use crate::metrics::calibration;
use crate::metrics::partial::partial_auc;

fn mann_whitney(scores: &[f64], labels: &[u8]) -> Option<f64> {
    let of = |label: u8| (0..scores.len()).filter(move |&row| labels[row] == label);
    let pairs = of(1).count() * of(0).count();
    let wins: f64 = of(1)
        .flat_map(|i| of(0).map(move |j| (i, j)))
        .map(|(i, j)| {
            if scores[i] > scores[j] {
                1.0
            } else if scores[i] == scores[j] {
                0.5
            } else {
                0.0
            }
        })
        .sum();
    (pairs > 0).then(|| wins / pairs as f64)
}

/// Precision times gain in recall over distinct scores.
fn naive_ap(scores: &[f64], labels: &[u8]) -> f64 {
    let mut cuts = scores.to_vec();
    cuts.sort_by(|a, b| b.total_cmp(a));
    cuts.dedup();
    let positives = labels.iter().filter(|&&y| y == 1).count() as f64;
    let (mut before, mut sum) = (0.0, 0.0);
    for cut in cuts {
        let flagged = scores.iter().filter(|&&s| s >= cut).count() as f64;
        let hits = (0..scores.len()).filter(|&row| scores[row] >= cut && labels[row] == 1).count() as f64;
        sum += (hits - before) / positives * hits / flagged;
        before = hits;
    }
    sum
}

fn naive_ks(scores: &[f64], labels: &[u8]) -> f64 {
    let rate = |label: u8, cut: f64| {
        let of = || (0..scores.len()).filter(|&row| labels[row] == label);
        of().filter(|&row| scores[row] >= cut).count() as f64 / of().count() as f64
    };
    scores.iter().map(|&cut| (rate(1, cut) - rate(0, cut)).abs()).fold(0.0, f64::max)
}

fn difference_variance(moments: &[PairMoments; 2]) -> f64 {
    moments.iter().map(|m| (m.saa + m.sbb - 2.0 * m.sab) / (m.n as f64 - 1.0) / m.n as f64).sum()
}

proptest! {
    #[test]
    fn sweep_equals_its_definitions(
        rows in prop::collection::vec((0u16..500, 0u8..2), 1..700),
        coarse in prop::sample::select(vec![1u16, 3, 50, 500]),
    ) {
        let scores: Vec<f64> = rows.iter().map(|row| f64::from(row.0 / coarse)).collect();
        let labels: Vec<u8> = rows.iter().map(|row| row.1).collect();
        let (found, placements) = sweep(&Order::new(&scores, &labels), true);
        let placements = placements.unwrap();
        let Some(auc) = mann_whitney(&scores, &labels) else {
            prop_assert!(found.auc.is_err() && found.ks.is_err());
            return Ok(());
        };
        prop_assert!((found.auc.unwrap() - auc).abs() < 1e-12);
        prop_assert!((found.average_precision.unwrap() - naive_ap(&scores, &labels)).abs() < 1e-12);
        prop_assert!((found.ks.unwrap() - naive_ks(&scores, &labels)).abs() < 1e-12);
        for (row, component) in placements.components(&labels).into_iter().enumerate() {
            let others = (0..rows.len()).filter(|&other| labels[other] != labels[row]);
            let better = |a: f64, b: f64| if a > b { 1.0 } else if a == b { 0.5 } else { 0.0 };
            let wins: f64 = others
                .clone()
                .map(|other| if labels[row] == 1 { better(scores[row], scores[other]) } else { better(scores[other], scores[row]) })
                .sum();
            prop_assert!((component - wins / others.count() as f64).abs() < 1e-12);
            prop_assert_eq!(component, placements.component(row, labels[row]));
        }
        // Turning labels and scores round leaves the AUC; turning one of them mirrors it.
        let turned: Vec<f64> = scores.iter().map(|s| -s).collect();
        let (mirrored, _) = sweep(&Order::new(&turned, &labels), false);
        prop_assert!((mirrored.auc.unwrap() - (1.0 - auc)).abs() < 1e-12);
        // The order of the rows does not matter.
        let back: (Vec<f64>, Vec<u8>) = scores.iter().copied().zip(labels.iter().copied()).rev().unzip();
        let (again, _) = sweep(&Order::new(&back.0, &back.1), false);
        prop_assert_eq!(again.auc, found.auc);
        prop_assert!((again.average_precision.unwrap() - found.average_precision.unwrap()).abs() < 1e-12);
        prop_assert!((partial_auc(&Order::new(&scores, &labels), 1.0).unwrap().raw - auc).abs() < 1e-12);
    }

    #[test]
    fn swapping_the_models_keeps_the_variance(rows in prop::collection::vec((0u8..40, 0u8..40, 0u8..2), 4..200)) {
        let a: Vec<f64> = rows.iter().map(|row| f64::from(row.0)).collect();
        let b: Vec<f64> = rows.iter().map(|row| f64::from(row.1)).collect();
        let labels: Vec<u8> = rows.iter().map(|row| row.2).collect();
        // Without both classes there are no components.
        prop_assume!(labels.contains(&0) && labels.contains(&1));
        let [x, y] = [&a, &b].map(|scores| sweep(&Order::new(scores, &labels), true).1.unwrap());
        let (there, back) = (delong_moments(&x, &y, &labels), delong_moments(&y, &x, &labels));
        for (m, n) in there.iter().zip(&back) {
            prop_assert_eq!((m.n, m.mean_a, m.mean_b, m.saa, m.sbb), (n.n, n.mean_b, n.mean_a, n.sbb, n.saa));
            prop_assert!((m.sab - n.sab).abs() < 1e-12);
        }
    }
}

#[test]
fn walks_cut_into_parts_agree_with_one_walk() {
    // More rows than a part holds, with tie groups of every size.
    let n = 300_000u64;
    let hash = |row: u64| crate::metrics::bootstrap::hash(row, 5);
    let scores: Vec<f64> = (0..n).map(|row| ((hash(row) >> 44) as f64).sqrt().floor()).collect();
    let labels: Vec<u8> = (0..n).map(|row| u8::from(hash(row + n) >> 54 < (hash(row) >> 54))).collect();
    let order = Order::new(&scores, &labels);
    let (found, _) = sweep(&order, false);
    let mut whole = Walk::new([0, 0], order.positives(), order.negatives());
    let mut entries = order.entries();
    while !entries.is_empty() {
        let size = 1 + entries[1..].iter().take_while(|entry| entry.tied()).count();
        let hits: u64 = entries[..size].iter().map(|entry| u64::from(entry.label())).sum();
        whole.group(hits, size as u64 - hits);
        entries = &entries[size..];
    }
    let one = finish(vec![whole], order.positives(), order.negatives());
    assert_eq!((found.auc, found.ks), (one.auc, one.ks));
    assert!((found.average_precision.unwrap() - one.average_precision.unwrap()).abs() < 1e-12);
}

/// Columns of the aneurysm data (pROC's aSAH: 113 patients, 5 distinct WFNS values): labels, female, wfns, s100b, ndka.
#[expect(clippy::type_complexity)]
fn asah() -> Option<(Vec<u8>, Vec<bool>, [Vec<f64>; 3])> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/cases/binary-asah-proc/aSAH.csv");
    let Ok(text) = std::fs::read_to_string(path) else {
        eprintln!("skipped: {path} is missing");
        return None;
    };
    let (mut labels, mut female, mut scores) = (Vec::new(), Vec::new(), [Vec::new(), Vec::new(), Vec::new()]);
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        labels.push(u8::from(cells[2] == "Poor"));
        female.push(cells[3] == "Female");
        for (column, cell) in scores.iter_mut().zip(&cells[5..8]) {
            column.push(cell.parse().unwrap());
        }
    }
    Some((labels, female, scores))
}

#[test]
fn published_values_of_the_asah_data() {
    let Some((labels, female, scores)) = asah() else {
        return;
    };
    let orders = scores.each_ref().map(|scores| Order::new(scores, &labels));
    let found = orders.each_ref().map(|order| sweep(order, true));
    // cases/binary-asah-proc/expected.json: pROC's own tests and scikit-learn 1.9.1.
    for (index, [auc, ap, ks]) in [
        [0.823678861788618, 0.6803366371169433, 0.467479674796748],
        [0.731368563685637, 0.6856209231721957, 0.4397018970189702],
        [0.611957994579946, 0.48624872262242125, 0.22120596205962056],
    ]
    .into_iter()
    .enumerate()
    {
        assert!((found[index].0.auc.unwrap() - auc).abs() < 1e-14);
        assert!((found[index].0.average_precision.unwrap() - ap).abs() < 1e-14);
        assert!((found[index].0.ks.unwrap() - ks).abs() < 1e-14);
    }
    let placed = |index: usize| found[index].1.as_ref().unwrap();
    let auc = |index: usize| found[index].0.auc.unwrap();
    for (a, b, z) in [(0, 1, 2.20898359144091), (0, 2, 2.79777591868904), (2, 1, -1.39077002573558)] {
        let variance = difference_variance(&delong_moments(placed(a), placed(b), &labels));
        assert!(((auc(a) - auc(b)) / variance.sqrt() / z - 1.0).abs() < 1e-12);
    }
    // published/published_cases.json, proc_auc_s100b and proc_auc_ndka: variance of one AUC.
    for (index, variance) in [(1, 0.00266868245717244), (2, 0.0031908105493913)] {
        let moments = delong_moments(placed(index), placed(index), &labels);
        let own: f64 = moments.iter().map(|m| m.saa / (m.n as f64 - 1.0) / m.n as f64).sum();
        assert!((own / variance - 1.0).abs() < 1e-12);
    }
    // pROC: partial areas to a false-positive rate of 0.1, raw and after McClish.
    assert!((partial_auc(&orders[0], 0.1).unwrap().raw - 0.0334417344173442).abs() < 1e-14);
    let ndka = partial_auc(&orders[2], 0.1).unwrap();
    assert!((ndka.raw - 0.0107046070460705).abs() < 1e-14);
    assert!((ndka.standardised - 0.530024247610897).abs() < 1e-14);
    let codes: Vec<u8> = female.iter().map(|&female| u8::from(female)).collect();
    let slices = crate::metrics::slices::by_code(&orders[2], &codes, 2);
    assert!((slices[1].auc.unwrap() - 0.6671428571428571).abs() < 1e-15);
    assert!((slices[0].auc.unwrap() - 0.5522727272727272).abs() < 1e-15);
    let edges = calibration::equal_mass_edges(&orders[0], &scores[0], 15);
    assert!(edges.len() <= 4, "five distinct scores cannot fill 15 bins");
}
