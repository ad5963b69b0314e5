use super::*;
use crate::compare::{
    CalibrationBin, Confusion, Curve, CurvePoint, Curves, Difference, Estimate, Histogram, MetricResult, PerArm, Plan,
    Population, ScoreSummary, SeriesPoint, Threshold, ThresholdBasis, ThresholdRule, Unit,
};
use crate::log::{RunKind, Task};
use crate::metrics::curve::{self, Point};
use crate::metrics::order::Order;
use crate::metrics::sweep::sweep;

const ROWS: usize = 60_000;

/// Uniform on (0, 1): splitmix64.
fn uniform(state: &mut u64) -> f64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64 + 1e-17
}

fn normal(state: &mut u64) -> f64 {
    (-2.0 * uniform(state).ln()).sqrt() * (std::f64::consts::TAU * uniform(state)).cos()
}

/// Labels and both models' probabilities of a rare class; the challenger ranks better and is too sure of itself.
fn simulate() -> (Vec<u8>, [Vec<f64>; 2]) {
    let mut state = 7;
    let mut labels = Vec::with_capacity(ROWS);
    let mut scores = [Vec::with_capacity(ROWS), Vec::with_capacity(ROWS)];
    let prior = (0.016f64 / 0.984).ln();
    for _ in 0..ROWS {
        let positive = uniform(&mut state) < 0.016;
        labels.push(u8::from(positive));
        let shared = normal(&mut state);
        for (arm, (separation, slope)) in [(2.51, 1.0), (2.66, 0.92)].into_iter().enumerate() {
            let own = normal(&mut state);
            let latent = 0.92 * shared + 0.39 * own + if positive { separation } else { 0.0 };
            let odds = (prior + separation * latent - separation * separation / 2.0) / slope;
            scores[arm].push(1.0 / (1.0 + (-odds).exp()));
        }
    }
    (labels, scores)
}

fn with_band(points: Vec<Point>, n: impl Fn(&Point) -> f64) -> Curve {
    let banded = |point: Point| {
        let half = 1.96 * (point.y * (1.0 - point.y) / n(&point).max(1.0)).sqrt();
        CurvePoint {
            x: point.x,
            y: point.y,
            threshold: point.threshold,
            lo: Some((point.y - half).max(0.0)),
            hi: Some((point.y + half).min(1.0)),
        }
    };
    Curve { points: points.into_iter().map(banded).collect() }
}

fn count(labels: &[u8], scores: &[f64], threshold: f64) -> Confusion {
    let mut counts = Confusion::default();
    for (label, score) in labels.iter().zip(scores) {
        *match (label, *score >= threshold) {
            (1, true) => &mut counts.true_positive,
            (1, false) => &mut counts.false_negative,
            (_, true) => &mut counts.false_positive,
            (_, false) => &mut counts.true_negative,
        } += 1;
    }
    counts
}

/// The challenger's threshold with as many false positives as the champion has at `threshold`.
fn matched(labels: &[u8], scores: &[Vec<f64>; 2], threshold: f64) -> f64 {
    let negatives =
        |arm: usize| labels.iter().zip(&scores[arm]).filter(|(label, _)| **label == 0).map(|(_, score)| *score);
    let alarms = negatives(0).filter(|score| *score >= threshold).count();
    let mut ranked: Vec<f64> = negatives(1).collect();
    ranked.sort_by(|a, b| b.total_cmp(a));
    ranked[alarms - 1]
}

fn metric(name: &str, unit: Unit, arms: [f64; 2], half: f64) -> MetricResult {
    let estimate = |value: f64| {
        Some(Estimate {
            value,
            lo: Some(value - half),
            hi: Some(value + half),
            level: 0.95,
            method: String::new(),
            n: 1,
        })
    };
    let value = arms[1] - arms[0];
    MetricResult {
        name: name.to_owned(),
        slice: None,
        unit,
        better: crate::compare::Better::Higher,
        arms: PerArm { champion: estimate(arms[0]), challenger: estimate(arms[1]) },
        difference: Some(Difference {
            value,
            lo: Some(value - half),
            hi: Some(value + half),
            level: 0.95,
            method: String::new(),
            p: None,
            se: None,
            n: 1,
        }),
        rows: ROWS as u64,
        positives: Some(960),
        arm_positives: None,
        undefined: None,
    }
}

/// A shadow run on a rare class at a matched false-positive rate.
pub(crate) fn sample() -> Comparison {
    let (labels, scores) = simulate();
    let thresholds = [0.3, matched(&labels, &scores, 0.3)];
    let logit = |p: f64| (p / (1.0 - p)).ln();
    let share = |place: f64| 1.0 / (1.0 + (-place).exp());
    let places: Vec<f64> = (0..=64).map(|bin| -18.0 + 23.0 * f64::from(bin) / 64.0).collect();
    let bin = |p: f64, bins: usize| (((logit(p) + 18.0) / 23.0 * bins as f64) as usize).min(bins - 1);
    let mut histogram = Histogram { edges: places.iter().map(|place| share(*place)).collect(), ..Histogram::default() };
    let mut rocs = Vec::new();
    let mut prs = Vec::new();
    let mut calibration = Vec::new();
    let mut sweeps = Vec::new();
    for scores in &scores {
        let order = Order::new(scores, &labels);
        let (sweep, _) = sweep(&order, false);
        let positives = sweep.positives as f64;
        rocs.push(with_band(curve::roc(&sweep, &order, scores, 512), |_| positives));
        prs.push(with_band(curve::precision_recall(&sweep, &order, scores, 512), |point| {
            positives * point.x / point.y.max(0.01)
        }));
        let mut counts = [vec![0; 64], vec![0; 64]];
        let mut bins = vec![(0.0, 0u64, 0u64); 64];
        for (label, score) in labels.iter().zip(scores) {
            counts[usize::from(*label)][bin(*score, 64)] += 1;
            let cell = &mut bins[bin(*score, 16)];
            *cell = (cell.0 + score, cell.1 + 1, cell.2 + u64::from(*label));
        }
        let bins = bins.into_iter().filter(|cell| cell.1 > 40 && cell.2 > 0);
        calibration.push(
            bins.map(|(sum, rows, hits)| {
                let interval = crate::stats::proportion::wilson(hits, rows, 0.95).unwrap();
                CalibrationBin {
                    mean_score: sum / rows as f64,
                    observed: hits as f64 / rows as f64,
                    lo: interval.lo,
                    hi: interval.hi,
                    rows,
                }
            })
            .collect::<Vec<_>>(),
        );
        if sweeps.is_empty() {
            histogram.champion = counts
        } else {
            histogram.challenger = counts
        }
        sweeps.push((sweep.auc.unwrap(), sweep.average_precision.unwrap()));
    }
    let mut joint = vec![0; 32 * 32];
    for (a, b) in scores[0].iter().zip(&scores[1]) {
        joint[bin(*a, 32) * 32 + bin(*b, 32)] += 1;
    }
    let (challenger_pr, challenger_roc) = (prs.pop(), rocs.pop());
    let challenger_bins = calibration.pop();
    let threshold = |value, basis| Threshold { value: Some(value), basis };
    let day = 86_400_000_000;
    Comparison {
        detail: Default::default(),
        plan: Plan {
            kind: RunKind::Shadow,
            task: Task::Binary,
            champion: "fraud-gbm 4.2.1".to_owned(),
            challenger: Some("fraud-net 5.0.0-rc2".to_owned()),
            thresholds: [
                threshold(thresholds[0], ThresholdBasis::FromDecisions),
                threshold(thresholds[1], ThresholdBasis::MatchedFpr),
            ],
            level: 0.95,
            seed: 1,
            replicates: 2_000,
            unit: None,
            slices: Vec::new(),
            partial_fpr: 0.01,
            costs: [1.0, 20.0],
            custom: Vec::new(),
            rivals: Vec::new(),
            value: None,
            split: None,
        },
        population: Population {
            flow: Vec::new(),
            analysed: ROWS as u64,
            positives: Some(960),
            units: None,
            class_negative: "legit".to_owned(),
            class_positive: "fraud".to_owned(),
            first_time: None,
            last_time: None,
        },
        validity: Vec::new(),
        metrics: vec![
            metric("roc_auc", Unit::Number, [sweeps[0].0, sweeps[1].0], 0.0026),
            metric("average_precision", Unit::Number, [sweeps[0].1, sweeps[1].1], 0.021),
            metric("partial_auc", Unit::Number, [0.654, 0.671], 0.009),
            metric("calibration_slope", Unit::Number, [0.999, 0.926], 0.012),
            metric("calibration_error", Unit::Share, [0.00068, 0.00093], 0.0001),
            metric("recall", Unit::Share, [0.36, 0.39], 0.011),
            metric("precision", Unit::Share, [0.36, 0.39], 0.012),
            metric("flag_rate", Unit::Share, [0.36, 0.39], 0.0004),
            metric("specificity", Unit::Share, [0.36, 0.39], 0.0004),
            metric("f1", Unit::Number, [0.36, 0.39], 0.007),
        ],
        joint: None,
        confusion: PerArm {
            champion: Some(count(&labels, &scores[0], thresholds[0])),
            challenger: Some(count(&labels, &scores[1], thresholds[1])),
        },
        confusion_difference: None,
        flips: None,
        agreement: None,
        agreement_kappa: None,
        agreed: None,
        business: None,
        curves: Curves {
            roc: PerArm { champion: rocs.pop(), challenger: challenger_roc },
            precision_recall: PerArm { champion: prs.pop(), challenger: challenger_pr },
            calibration: PerArm { champion: calibration.pop(), challenger: challenger_bins },
            undefined: None,
        },
        scores: Some(ScoreSummary {
            histogram,
            ks_distance: Some(0.0713),
            psi: Some(0.124),
            js_distance: Some(0.112),
            pearson: Some(0.871),
            joint,
            joint_edges: (0..=32).map(|bin| share(-18.0 + 23.0 * f64::from(bin) / 32.0)).collect(),
        }),
        series: (0..28)
            .map(|index| SeriesPoint {
                start: 1_788_739_200_000_000 + index * day,
                rows: 2_000,
                labelled: 2_000,
                positives: Some(30),
                champion_flag_rate: Some(0.0118 + 0.001 * ((index % 7) as f64 / 7.0)),
                challenger_flag_rate: Some(0.0124 + 0.0012 * ((index % 6) as f64 / 6.0)),
            })
            .collect(),
        operations: None,
        staleness: None,
        notes: Vec::new(),
    }
}

pub(crate) fn scene(comparison: &Comparison) -> Scene<'_> {
    Scene { comparison, kinds: [Some(ScoreKind::Probability); 2], live: None }
}

#[test]
fn operating_points_lie_on_their_curves_and_the_follower_cannot_be_moved() {
    let comparison = sample();
    let model = scene(&comparison).curves();
    assert_eq!(model.empty, None);
    assert_eq!(model.threshold.rule, ThresholdRule::MatchedFpr);
    assert_eq!(model.threshold.movable, [true, false]);
    assert_eq!(model.threshold.values[0].as_ref().unwrap().1, "0.300");
    for line in model.roc.as_ref().unwrap().lines.iter().chain(&model.precision_recall.as_ref().unwrap().lines) {
        let line = line.as_ref().unwrap();
        let (x, y) = line.operating.unwrap();
        let (near_x, near_y) = line.at_threshold(line.threshold.parse().unwrap()).unwrap();
        assert!((x - near_x).abs() < 0.01 && (y - near_y).abs() < 0.02, "({x}, {y}) is not ({near_x}, {near_y})");
    }
    let enlarged = model.enlarged.unwrap();
    assert_eq!(enlarged.range, (1e-4, 0.1));
    assert!(enlarged.matched.is_some());
    assert!(model.calibration.unwrap().logit && model.scores.unwrap().logit);
}

#[test]
fn the_read_out_follows_a_drag() {
    let comparison = sample();
    let live = Live {
        thresholds: [Some(0.5), Some(0.5)],
        confusion: PerArm {
            champion: Some(Confusion { true_negative: 90, false_positive: 10, false_negative: 6, true_positive: 4 }),
            challenger: Some(Confusion { true_negative: 92, false_positive: 8, false_negative: 5, true_positive: 5 }),
        },
        joint: None,
    };
    let out = Scene { live: Some(&live), ..scene(&comparison) }.read_out();
    let texts = |row: &Option<Vec<ReadOutCell>>| row.iter().flatten().map(|cell| cell.text.clone()).collect::<Vec<_>>();
    assert_eq!(out.columns, ["threshold", "FPR", "recall", "precision", "flag rate", "F1", "TP", "FP", "FN"]);
    assert_eq!(texts(&out.champion), ["0.500", "10.00 %", "40.0 %", "28.6 %", "12.73 %", "0.333", "4", "10", "6"]);
    let difference = ["0.000", "−2.00 pp", "+10.0 pp", "+9.9 pp", "−0.91 pp", "+0.101", "+1", "−2", "−1"];
    let found = texts(&out.difference);
    assert_eq!(found.len(), difference.len());
    assert_eq!(found[6..], difference[6..]);
    assert_eq!(found[2], difference[2]);
}

#[test]
fn what_is_missing_is_said_with_what_to_do() {
    let mut comparison = sample();
    let none = Scene { kinds: [None, None], ..scene(&comparison) }.curves();
    assert!(none.empty.unwrap().contains("map a score column"));
    comparison.curves = Curves { undefined: Some("no positive row".to_owned()), ..Curves::default() };
    comparison.confusion.champion = Some(Confusion { true_negative: 5, ..Confusion::default() });
    let model = scene(&comparison).curves();
    assert_eq!(model.empty.as_deref(), Some("no positive row"));
    let recall = &model.read_out.champion.unwrap()[2];
    assert_eq!((recall.text.as_str(), recall.undefined.as_deref()), ("–", Some("no positive row")));
}

#[test]
fn one_model_has_no_difference_and_no_matched_rule() {
    let mut comparison = sample();
    comparison.plan.challenger = None;
    comparison.plan.thresholds[1] = Threshold { value: None, basis: ThresholdBasis::LoggedDecisions };
    comparison.confusion.challenger = None;
    comparison.curves.calibration = PerArm::default();
    let scene = Scene { kinds: [Some(ScoreKind::Decision), None], ..scene(&comparison) };
    let model = scene.curves();
    assert!(model.read_out.difference.is_none() && model.read_out.challenger.is_none());
    assert!(!model.threshold.logit);
    assert_eq!(model.threshold.rules.iter().map(|rule| rule.enabled).collect::<Vec<_>>(), [true, false, false, true]);
    assert!(model.no_calibration.contains("not probabilities"));
}
