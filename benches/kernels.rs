//! Kernels against the memory bandwidth of the machine: criterion reports bytes a second of what each must read, to
//! be held against `read_bandwidth`, the sum of one column of floats on all threads.

use std::hint::black_box;

use assay::metrics::{Decision, Order, bootstrap, calibration, confusion, slices, sweep};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rayon::prelude::*;

const ROWS: usize = 1_000_000;

struct Rows {
    labels: Vec<u8>,
    champion: Vec<f64>,
    challenger: Vec<f64>,
    codes: Vec<u8>,
}

/// Rows like those of a real log: skewed scores with 9 decimals, 14 % positives, 20 codes of unequal size.
fn rows() -> Rows {
    let uniform = |row: u64, key: u64| (bootstrap::hash(row, key) >> 11) as f64 / (1u64 << 53) as f64;
    // Sum of four uniforms: near normal, mean 0, variance 1/3.
    let noise = |row: u64, key: u64| (0..4).map(|part| uniform(row, key * 8 + part) - 0.5).sum::<f64>();
    let score = |x: f64| (1e9 / (1.0 + (-x).exp())).round() / 1e9;
    let n = ROWS as u64;
    let truth = |row: u64| 2.5 * noise(row, 1);
    Rows {
        labels: (0..n).map(|row| u8::from(uniform(row, 2) < score(truth(row) - 2.3))).collect(),
        champion: (0..n).map(|row| score(0.8 * truth(row) + 1.4 * noise(row, 3) - 2.1)).collect(),
        challenger: (0..n).map(|row| score(1.2 * truth(row) + 1.2 * noise(row, 3) + noise(row, 4) - 2.2)).collect(),
        codes: (0..n).map(|row| (20.0 * uniform(row, 5) * uniform(row, 6)) as u8).collect(),
    }
}

fn kernels(criterion: &mut Criterion) {
    let rows = rows();
    let scores = [rows.champion.as_slice(), rows.challenger.as_slice()];
    let orders = Order::both(scores, &rows.labels);
    let mut group = criterion.benchmark_group("kernels");
    group.sample_size(20);
    let mut bench = |name: &str, bytes_per_row: usize, work: &mut dyn FnMut()| {
        group.throughput(Throughput::Bytes((ROWS * bytes_per_row) as u64));
        group.bench_function(name, |bencher| bencher.iter(&mut *work));
    };
    bench("read_bandwidth", 8, &mut || {
        black_box(
            rows.champion
                .par_chunks(1 << 16)
                .map(|block| block.iter().fold(0, |x, s| x ^ s.to_bits()))
                .reduce(|| 0, |x, y| x ^ y),
        );
    });
    bench("order_both", 17, &mut || {
        black_box(Order::both(scores, &rows.labels));
    });
    bench("sweep_with_placements", 8, &mut || {
        black_box(sweep(&orders[0], true));
    });
    bench("joint_counts", 17, &mut || {
        let decide = |scores, threshold| Decision::Score { scores, threshold };
        black_box(confusion::joint_counts(&rows.labels, [decide(scores[0], 0.35), decide(scores[1], 0.40)]));
    });
    bench("losses", 17, &mut || {
        black_box(calibration::losses(&rows.labels, scores));
    });
    bench("slices_of_20", 5, &mut || {
        black_box(slices::by_code(&orders[0], &rows.codes, 20));
    });
    bench("bootstrap_8", 8, &mut || {
        black_box(bootstrap::auc_replicates([&orders[0], &orders[1]], 1, 8)).unwrap_or_default();
    });
    group.finish();
}

criterion_group!(benches, kernels);
criterion_main!(benches);
