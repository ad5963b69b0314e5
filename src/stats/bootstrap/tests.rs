use super::*;
use crate::stats::Moments;
use crate::stats::published::{self, floats};

#[test]
fn weights_are_poisson_one() {
    // Exact moments of the table: each weight occupies a known share of the 2^64 cells.
    let (mut mean, mut second, mut previous) = (0.0, 0.0, 0u64);
    for (k, &t) in THRESHOLDS.iter().enumerate() {
        let share = t.wrapping_sub(previous) as f64 / 2f64.powi(64);
        mean += k as f64 * share;
        second += (k * k) as f64 * share;
        previous = t;
    }
    assert!((mean - 1.0).abs() < 1e-12 && (second - mean * mean - 1.0).abs() < 1e-12);
    // And as generated.
    let r = Replicate::new(7, 3);
    let m: Moments = (0..4_000_000).map(|i| f64::from(r.weight(i))).collect();
    let v = m.variance().unwrap();
    assert!((m.mean - 1.0).abs() < 4.0 / 2000.0 && (v - 1.0).abs() < 4.0 * 1.75 / 2000.0);
    for i in 0..100_000 {
        assert_eq!(r.weight(i), slow_weight(r.bits(i)));
    }
}

#[test]
fn weights_are_uncorrelated_over_units_and_replicates() {
    let n = 200_000u64;
    let z = |a: &dyn Fn(u64) -> f64, b: &dyn Fn(u64) -> f64| {
        let s: f64 = (0..n).map(|i| (a(i) - 1.0) * (b(i) - 1.0)).sum();
        s / (n as f64).sqrt()
    };
    let w = |seed: u64, r: u64| {
        let rep = Replicate::new(seed, r);
        move |i: u64| f64::from(rep.weight(i))
    };
    let base = w(1, 0);
    let shifted = w(1, 0);
    let pairs: [(&str, f64); 4] = [
        ("next unit", z(&base, &move |i| shifted(i + 1))),
        ("next replicate", z(&base, &w(1, 1))),
        ("next seed", z(&base, &w(2, 0))),
        ("replicate for unit", z(&base, &|i| f64::from(Replicate::new(1, i).weight(0)))),
    ];
    for (what, z) in pairs {
        assert!(z.abs() < 4.5, "{what}: {z}");
    }
}

#[test]
fn does_not_depend_on_threads() {
    let units: Vec<[f64; 2]> = (0..500).map(|i| [(f64::from(i) * 0.37).sin(), 1.0 + f64::from(i % 3)]).collect();
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| replicate_sums(11, 400, &units, |s, _| (s[1] > 0.0).then(|| s[0] / s[1])))
    };
    assert_eq!(run(1), run(3));
}

/// Ordinary resampling of the published sample, driven by the same counter.
fn resampled_means(x: &[f64], seed: u64, count: u64) -> Vec<Option<f64>> {
    let n = x.len() as u64;
    replicates(seed, count, |r| {
        let pick = |i| x[((u128::from(r.bits(i)) * u128::from(n)) >> 64) as usize];
        Some((0..n).map(pick).sum::<f64>() / n as f64)
    })
}

#[test]
pub(in crate::stats) fn published_intervals() {
    published::run("bootstrap", &["percentile_bca"], |case, check| {
        let x = floats(&case.inputs["x"]);
        let values = resampled_means(&x, 1, 200_000);
        let mean = Moments::from_slice(&x).mean;
        let u: Vec<f64> = x.iter().map(|v| v - mean).collect();
        let p = percentile(&values, 0.95).unwrap().interval;
        let b = bca(&values, mean, acceleration(&u).unwrap(), 0.95).unwrap().interval;
        for (ci, key) in [(p, "percentile"), (b, "bca")] {
            let want = floats(&case.expected[key]);
            check.value(key, ci.lo, want[0]);
            check.value(key, ci.hi, want[1]);
        }
    });
}

#[test]
fn monte_carlo_error_is_what_seeds_do() {
    let x: Vec<f64> = (0..60).map(|i| (f64::from((i * 37) % 61) / 12.0).exp()).collect();
    let mean = Moments::from_slice(&x).mean;
    let u: Vec<f64> = x.iter().map(|v| v - mean).collect();
    let a = acceleration(&u).unwrap();
    let units: Vec<[f64; 1]> = x.iter().map(|&v| [v]).collect();
    let mut limits = [Moments::default(); 4];
    let mut claimed = [0.0; 4];
    for seed in 0..200 {
        let v = replicate_sums(seed, 1000, &units, |s, w| (w > 0.0).then(|| s[0] / w)).unwrap();
        let (p, b) = (percentile(&v, 0.95).unwrap(), bca(&v, mean, a, 0.95).unwrap());
        for (k, (got, mc)) in [
            (p.interval.lo, p.monte_carlo.0),
            (p.interval.hi, p.monte_carlo.1),
            (b.interval.lo, b.monte_carlo.0),
            (b.interval.hi, b.monte_carlo.1),
        ]
        .into_iter()
        .enumerate()
        {
            limits[k].add(got);
            claimed[k] += mc / 200.0;
        }
    }
    for k in 0..4 {
        let ratio = claimed[k] / limits[k].sd().unwrap();
        assert!((0.8..1.25).contains(&ratio), "limit {k}: claimed over seen {ratio}");
    }
}

#[test]
fn refuses_what_has_no_limits() {
    assert!(replicate_sums(1, 100, &[[1.0]; 5], |s, _| Some(s[0])).is_err());
    let few = vec![Some(1.0); 50];
    assert!(percentile(&few, 0.95).is_err());
    let constant = vec![Some(1.0); 500];
    assert!(bca(&constant, 0.0, 0.0, 0.95).is_err());
    assert!(acceleration(&[0.0, 0.0]).is_err());
    let mut some = vec![None; 20];
    some.extend((0..400).map(|i| Some(f64::from(i))));
    assert_eq!(percentile(&some, 0.9).unwrap().dropped, 20);
}

#[test]
fn poisson_interval_covers_the_mean() {
    // 400 samples of 80 skewed values with mean 1; the truth must be held about 95 % of the time.
    let mut held = Moments::default();
    for run in 0..400 {
        let r = Replicate::new(99, run);
        let units: Vec<[f64; 1]> =
            (0..80).map(|i| [-(((r.bits(i) >> 11) as f64 + 0.5) / 2f64.powi(53)).ln()]).collect();
        let mean = units.iter().map(|u| u[0]).sum::<f64>() / 80.0;
        let u: Vec<f64> = units.iter().map(|x| x[0] - mean).collect();
        let stat = |s: &[f64; 1], w: f64| (w > 0.0).then(|| s[0] / w);
        let v = replicate_sums(run, 1000, &units, stat).unwrap();
        let ci = bca(&v, mean, acceleration(&u).unwrap(), 0.95).unwrap().interval;
        held.add(f64::from(u8::from(ci.contains(1.0))));
    }
    println!("BCa coverage at 80 exponential units: {:.3}", held.mean);
    assert!(held.mean > 0.905, "{}", held.mean);
}
