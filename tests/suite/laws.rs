//! Laws that hold for every input: merging, order of rows, swapped arms, intervals, thresholds, slices, bytes.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use assay::ingest::{self, OpenOptions};
use assay::job::JobCx;
use assay::log::RowMask;
use assay::metrics::thresholds::ThresholdIndex;
use assay::metrics::{
    Confusion, Decision, Moments, Order, PairMoments, Sweep, calibration, confusion, correlation, slices, sweep,
};
use assay::stats::{delong, paired_proportion, proportion, unpaired_proportion};
use proptest::prelude::*;

const LEVEL: f64 = 0.95;
const CODES: u8 = 4;

/// Label, champion's score, challenger's score, slice.
type Row = (u8, f64, f64, u8);

/// Rows in columns.
#[derive(Clone, Debug, Default)]
struct Columns {
    labels: Vec<u8>,
    scores: [Vec<f64>; 2],
    codes: Vec<u8>,
}

impl Columns {
    fn new(rows: &[Row]) -> Self {
        Self {
            labels: rows.iter().map(|row| row.0).collect(),
            scores: [rows.iter().map(|row| row.1).collect(), rows.iter().map(|row| row.2).collect()],
            codes: rows.iter().map(|row| row.3).collect(),
        }
    }

    fn both(&self) -> [&[f64]; 2] {
        [&self.scores[0], &self.scores[1]]
    }

    fn decisions(&self, threshold: f64) -> [Decision<'_>; 2] {
        self.both().map(|scores| Decision::Score { scores, threshold })
    }

    fn walked(&self, model: usize) -> Sweep {
        sweep(&Order::new(&self.scores[model], &self.labels), false).0
    }
}

/// Probabilities, often tied.
fn score() -> impl Strategy<Value = f64> {
    prop_oneof![(0_u32..=8).prop_map(|eighth| f64::from(eighth) / 8.0), 0.0..1.0_f64]
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    prop::collection::vec((0_u8..=1, score(), score(), 0..CODES), 1..160)
}

/// Rows with at least one of each class.
fn two_classes() -> impl Strategy<Value = Vec<Row>> {
    rows().prop_map(|mut rows| {
        rows.push((0, 0.25, 0.5, 0));
        rows.push((1, 0.75, 0.5, 1));
        rows
    })
}

fn shuffled() -> impl Strategy<Value = (Vec<Row>, Vec<Row>)> {
    rows().prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle()))
}

/// Equal up to the rounding of sums in another order.
fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * (1.0 + a.abs().max(b.abs()))
}

fn same<E, F>(a: &Result<f64, E>, b: &Result<f64, F>) -> bool {
    match (a, b) {
        (Ok(a), Ok(b)) => close(*a, *b),
        (Err(_), Err(_)) => true,
        _ => false,
    }
}

fn same_moments(a: &Moments, b: &Moments) -> bool {
    a.n == b.n && close(a.mean, b.mean) && close(a.m2, b.m2)
}

fn same_pairs(a: &PairMoments, b: &PairMoments) -> bool {
    let fields = |moments: &PairMoments| [moments.mean_a, moments.mean_b, moments.saa, moments.sbb, moments.sab];
    a.n == b.n && fields(a).into_iter().zip(fields(b)).all(|(a, b)| close(a, b))
}

/// Share of (positive, negative) pairs ranked right, ties one half: Mann and Whitney, pair by pair.
fn mann_whitney(labels: &[u8], scores: &[f64]) -> Option<f64> {
    let of = |class: u8| labels.iter().zip(scores).filter(move |(label, _)| **label == class).map(|(_, score)| *score);
    let (mut wins, mut pairs) = (0.0, 0.0);
    for positive in of(1) {
        for negative in of(0) {
            pairs += 1.0;
            wins += if positive > negative { 1.0 } else { f64::from(u8::from(positive == negative)) / 2.0 };
        }
    }
    (pairs > 0.0).then(|| wins / pairs)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn merging_tallies_is_tallying_the_whole(first in rows(), second in rows(), threshold in score()) {
        let whole = Columns::new(&[first.clone(), second.clone()].concat());
        let (first, second) = (Columns::new(&first), Columns::new(&second));

        let count = |rows: &Columns| confusion::confusion(&rows.labels, rows.decisions(threshold)[0]);
        let mut merged = count(&first);
        merged.merge(&count(&second));
        prop_assert_eq!(merged, count(&whole));

        let joint = |rows: &Columns| confusion::joint_counts(&rows.labels, rows.decisions(threshold)).0;
        let mut merged = joint(&first);
        merged.merge(&joint(&second));
        prop_assert_eq!(merged, joint(&whole));
        prop_assert_eq!(merged.champion(), count(&whole));

        let mut merged = Moments::of(&first.scores[0]);
        merged.merge(&Moments::of(&second.scores[0]));
        prop_assert!(same_moments(&merged, &Moments::of(&whole.scores[0])));

        let pairs = |rows: &Columns| PairMoments::of(&rows.scores[0], &rows.scores[1]);
        let mut merged = pairs(&first);
        merged.merge(&pairs(&second));
        prop_assert!(same_pairs(&merged, &pairs(&whole)));
        prop_assert!(same_pairs(&merged, &correlation::pair_moments(&whole.scores[0], &whole.scores[1])));

        let edges = calibration::equal_width_edges(0.0, 1.0, 7);
        let bins = |rows: &Columns| calibration::bins(&rows.labels, &rows.scores[1], &edges);
        let mut merged = bins(&first);
        for (bin, more) in merged.iter_mut().zip(bins(&second)) {
            bin.merge(&more);
        }
        for (bin, all) in merged.iter().zip(bins(&whole)) {
            prop_assert_eq!((bin.rows, bin.positives), (all.rows, all.positives));
            prop_assert!(close(bin.score_sum, all.score_sum));
        }

        let losses = |rows: &Columns| calibration::losses(&rows.labels, rows.both());
        let mut merged = losses(&first);
        merged.merge(&losses(&second));
        let all = losses(&whole);
        prop_assert!(same_pairs(&merged.brier, &all.brier) && same_pairs(&merged.log_loss, &all.log_loss));
        prop_assert!(same_moments(&merged.brier_difference, &all.brier_difference));
        prop_assert!(same_moments(&merged.log_loss_difference, &all.log_loss_difference));
        prop_assert_eq!(merged.clipped, all.clipped);
    }

    #[test]
    fn the_order_of_rows_does_not_matter((rows, other) in shuffled()) {
        let (rows, other) = (Columns::new(&rows), Columns::new(&other));
        for model in 0..2 {
            let (one, two) = (rows.walked(model), other.walked(model));
            prop_assert!(same(&one.auc, &two.auc));
            prop_assert!(same(&one.average_precision, &two.average_precision));
        }
        let losses = |rows: &Columns| calibration::losses(&rows.labels, rows.both());
        prop_assert!(close(losses(&rows).brier.mean_a, losses(&other).brier.mean_a));
        prop_assert!(close(losses(&rows).brier.mean_b, losses(&other).brier.mean_b));
    }

    #[test]
    fn auc_is_mann_whitney(rows in rows()) {
        let rows = Columns::new(&rows);
        let counted = mann_whitney(&rows.labels, &rows.scores[0]).ok_or(());
        prop_assert!(same(&rows.walked(0).auc, &counted));
    }

    #[test]
    fn swapped_arms_flip_differences(rows in two_classes(), (b, c, rest) in (0_u64..40, 0_u64..40, 1_u64..200)) {
        let rows = Columns::new(&rows);
        let labels: Vec<bool> = rows.labels.iter().map(|&label| label == 1).collect();
        let one = delong::delong_paired(&rows.scores[0], &rows.scores[1], &labels, LEVEL);
        let two = delong::delong_paired(&rows.scores[1], &rows.scores[0], &labels, LEVEL);
        if let (Ok(one), Ok(two)) = (&one, &two) {
            prop_assert!(close(one.difference, -two.difference) && close(one.se, two.se));
            prop_assert!(close(one.interval.lo, -two.interval.hi) && close(one.interval.hi, -two.interval.lo));
            prop_assert!(one.interval.contains(one.difference), "{:?}", one);
        }
        prop_assert_eq!(one.is_ok(), two.is_ok());

        let n = b + c + rest;
        let one = paired_proportion::tango(b, c, n, LEVEL).unwrap();
        let two = paired_proportion::tango(c, b, n, LEVEL).unwrap().negated();
        prop_assert!((one.lo - two.lo).abs() < 1e-7 && (one.hi - two.hi).abs() < 1e-7, "{:?} {:?}", one, two);
    }

    #[test]
    fn intervals_hold_their_estimate(x in 0_u64..300, more in 1_u64..300, y in 0_u64..300, rest in 1_u64..300) {
        let (n, m) = (x + more, y + rest);
        let contains = |interval: assay::stats::Interval, estimate: f64| {
            interval.lo <= estimate + 1e-9 && estimate - 1e-9 <= interval.hi
        };
        let share = x as f64 / n as f64;
        prop_assert!(contains(proportion::wilson(x, n, LEVEL).unwrap(), share));
        prop_assert!(contains(proportion::clopper_pearson(x, n, LEVEL).unwrap(), share));
        let difference = share - y as f64 / m as f64;
        prop_assert!(contains(unpaired_proportion::miettinen_nurminen(x, n, y, m, LEVEL).unwrap(), difference));
        prop_assert!(contains(unpaired_proportion::newcombe(x, n, y, m, LEVEL).unwrap(), difference));
        let all = x + y + more;
        let difference = (x as f64 - y as f64) / all as f64;
        prop_assert!(contains(paired_proportion::tango(x, y, all, LEVEL).unwrap(), difference));
        prop_assert!(contains(paired_proportion::newcombe_paired(more, x, y, 0, LEVEL).unwrap(), difference));
    }

    #[test]
    fn thresholds_count_like_a_plain_count(rows in rows(), thresholds in prop::collection::vec(score(), 1..12)) {
        let rows = Columns::new(&rows);
        let order = Order::new(&rows.scores[0], &rows.labels);
        let index = ThresholdIndex::new(&order, &rows.scores[0]);
        for threshold in thresholds.into_iter().chain([-1.0, 2.0]).chain(rows.scores[0].iter().copied().take(4)) {
            let mut counted = Confusion::default();
            for (&label, &score) in rows.labels.iter().zip(&rows.scores[0]) {
                let cell = match (label, score >= threshold) {
                    (0, false) => &mut counted.true_negative,
                    (0, true) => &mut counted.false_positive,
                    (_, false) => &mut counted.false_negative,
                    (_, true) => &mut counted.true_positive,
                };
                *cell += 1;
            }
            prop_assert_eq!(index.confusion(threshold), counted, "at {}", threshold);
        }
    }

    #[test]
    fn slices_are_their_rows_computed_alone(rows in rows()) {
        let all = Columns::new(&rows);
        let order = Order::new(&all.scores[1], &all.labels);
        let by_code = slices::by_code(&order, &all.codes, CODES.into());
        let grouped = slices::Grouped::new(&order, &all.codes, CODES.into());
        for code in 0..CODES {
            let alone = Columns::new(&rows.iter().copied().filter(|row| row.3 == code).collect::<Vec<_>>());
            let expected = alone.walked(1);
            let mask = RowMask::from_fn(rows.len(), |row| all.codes[row] == code);
            let restricted = sweep(&slices::restricted(&order, &mask), false).0;
            prop_assert!(same(&restricted.auc, &expected.auc));
            prop_assert!(same(&restricted.average_precision, &expected.average_precision));
            let found = [by_code[usize::from(code)], slices::masked(&order, &mask), grouped.sweep(code.into())];
            for slice in found {
                prop_assert_eq!((slice.positives, slice.negatives), (expected.positives, expected.negatives));
                prop_assert!(same(&slice.auc, &expected.auc));
                prop_assert!(same(&slice.average_precision, &expected.average_precision));
            }
        }
    }
}

/// Name endings that lead to different readers.
const ENDINGS: [&str; 8] = ["csv", "tsv", "jsonl", "json", "parquet", "csv.gz", "jsonl.zst", "log"];

const TABLE: &str = "request_id,model,score,label,ts\n\
    a1,m1,0.25,0,2026-09-07T00:00:00Z\na1,m2,0.5,0,2026-09-07T00:00:00Z\n\
    b2,m1,0.75,1,2026-09-08T00:00:00Z\nb2,m2,\"0.9\",1,2026-09-08T00:00:00Z\n";
const LINES: &str = "{\"id\": \"a1\", \"model\": \"m1\", \"score\": 0.25, \"label\": 0}\n\
    {\"id\": \"a1\", \"model\": \"m2\", \"score\": 1e-3, \"label\": 0, \"x\": {\"y\": [1, null]}}\n";

/// The rows of [`TABLE`] as a Parquet file.
fn parquet() -> Vec<u8> {
    use polars::prelude::{ParquetWriter, df};
    let mut frame = df![
        "request_id" => ["a1", "a1", "b2", "b2"],
        "model" => ["m1", "m2", "m1", "m2"],
        "score" => [0.25, 0.5, 0.75, 0.9],
        "label" => [0_i64, 0, 1, 1],
    ]
    .expect("columns of one length");
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes).finish(&mut frame).expect("memory takes every write");
    bytes
}

/// A file with some bytes replaced.
fn damaged(whole: Vec<u8>) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec((0..whole.len(), any::<u8>()), 0..12).prop_map(move |hits| {
        let mut bytes = whole.clone();
        for (at, byte) in hits {
            bytes[at] = byte;
        }
        bytes
    })
}

/// The first bytes of containers, followed by anything.
fn with_magic() -> impl Strategy<Value = Vec<u8>> {
    let magic = prop::sample::select(vec![
        b"PAR1".to_vec(),
        b"\x1f\x8b\x08\x00".to_vec(),
        b"\x28\xb5\x2f\xfd".to_vec(),
        b"\xef\xbb\xbf".to_vec(),
        b"\xff\xfe".to_vec(),
        b"ARROW1\0\0".to_vec(),
        b"[{\"a\":".to_vec(),
    ]);
    (magic, prop::collection::vec(any::<u8>(), 0..512), any::<bool>()).prop_map(|(mut bytes, rest, close)| {
        bytes.extend(rest);
        if close {
            bytes.extend(b"\x04\0\0\0PAR1");
        }
        bytes
    })
}

fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..2048),
        damaged(TABLE.into()),
        damaged(LINES.into()),
        damaged(parquet()),
        with_magic()
    ]
}

/// A file that is gone when the value is.
struct Scratch(PathBuf);

impl Scratch {
    fn new(ending: &str, bytes: &[u8]) -> std::io::Result<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("assay-laws-{}-{number}.{ending}", std::process::id()));
        std::fs::write(&path, bytes)?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // A file that cannot be removed is no finding of this test.
        let _ = std::fs::remove_file(&self.0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_end_in_a_result_or_an_error(bytes in any_bytes(), ending in prop::sample::select(&ENDINGS[..])) {
        let file = Scratch::new(ending, &bytes).unwrap();
        let job = JobCx::new();
        let read = ingest::open(std::slice::from_ref(&file.0), &OpenOptions::default(), &job)
            .and_then(|opened| ingest::load(&opened, &opened.guess, &job));
        if let Err(error) = read {
            prop_assert!(!error.to_string().is_empty());
        }
    }
}
