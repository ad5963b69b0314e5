//! The simulated situations: how often a default interval misses the truth, or a test claims what is
//! not there. Seeded: the same runs give the same numbers.

use assay::stats::bootstrap::{Replicate, bca, replicate_sums};
use assay::stats::delong::{delong_paired, delong_unpaired};
use assay::stats::diebold_mariano::{Dependence, diebold_mariano};
use assay::stats::influence::{Estimate, clustered_mean, mean};
use assay::stats::mean_difference::welch;
use assay::stats::midrank::{class_moments, midrank_components};
use assay::stats::paired_proportion::{mcnemar, tango};
use assay::stats::quantile::quantile_interval_sorted;
use assay::stats::quantile_difference::{unpaired, unpaired_bootstrap};
use assay::stats::rank::mann_whitney::mann_whitney;
use assay::stats::rank::shift::hodges_lehmann;
use assay::stats::ratio::{ratio, ratio_difference};
use assay::stats::sample_ratio::{SequentialSampleRatio, sample_ratio};
use assay::stats::sequential::{asymptotic::Plan, bernoulli, group, quantile};
use assay::stats::special::norm_isf;
use assay::stats::unpaired_proportion::miettinen_nurminen;
use assay::stats::{Cov2, Moments, balance, cuped, lift, proportion, resampled, sign_flip};
use rayon::prelude::*;

/// One row of the table.
pub struct Scenario {
    /// Method, as in `docs/statistics.md`.
    pub method: &'static str,
    /// What the data are like.
    pub data: &'static str,
    /// Error rate the method promises.
    pub nominal: f64,
    /// Most that is accepted: more than the nominal where a method is known to be approximate.
    pub most: f64,
    wrong: fn(&Draw) -> bool,
}

impl Scenario {
    /// Share of runs that were wrong.
    pub fn error_rate(&self, runs: u64) -> f64 {
        // The seed is a function of the row, so that rows do not share their luck.
        let seed = seed(&[self.method, self.data]);
        let wrong = (0..runs).into_par_iter().filter(|&run| (self.wrong)(&Draw::new(seed, run))).count();
        wrong as f64 / runs as f64
    }
}

/// A seed that is a function of words.
pub fn seed(words: &[&str]) -> u64 {
    words.iter().flat_map(|word| word.bytes()).fold(7, |h: u64, b| h.wrapping_mul(31).wrapping_add(u64::from(b)))
}

/// Random numbers of one run.
pub struct Draw(Replicate);

impl Draw {
    pub fn new(seed: u64, run: u64) -> Self {
        Self(Replicate::new(seed, run))
    }

    /// Number `i` of the run, between 0 and 1.
    pub fn uniform(&self, i: u64) -> f64 {
        self.0.uniform(i)
    }

    fn normal(&self, i: u64) -> f64 {
        norm_isf(self.uniform(i))
    }

    fn chance(&self, i: u64, p: f64) -> bool {
        self.uniform(i) < p
    }

    fn count(&self, from: u64, n: u64, p: f64) -> u64 {
        (from..from + n).filter(|&i| self.chance(i, p)).count() as u64
    }

    fn values(&self, from: u64, n: u64, f: impl Fn(&Self, u64) -> f64) -> Vec<f64> {
        (from..from + n).map(|i| f(self, i)).collect()
    }

    /// Revenue per user: 99 % buy nothing, the others log-normally.
    fn revenue(&self, i: u64) -> f64 {
        let buys = self.chance(2 * i, 0.01);
        if buys { (3.0 + 0.8 * self.normal(2 * i + 1)).exp() } else { 0.0 }
    }
}

/// Far apart, so that two columns of a run do not share numbers.
const NEXT: u64 = 1 << 32;

fn moments(v: &[f64]) -> Moments {
    Moments::from_slice(v)
}

fn misses(e: &Estimate, truth: f64) -> bool {
    !e.interval.contains(truth)
}

fn sorted(mut v: Vec<f64>) -> Vec<f64> {
    v.sort_unstable_by(f64::total_cmp);
    v
}

fn paired_rates(d: &Draw, n: u64, p12: f64, p21: f64) -> (u64, u64) {
    let (mut b, mut c) = (0, 0);
    for i in 0..n {
        let u = d.uniform(i);
        b += u64::from(u < p12);
        c += u64::from(u >= p12 && u < p12 + p21);
    }
    (b, c)
}

/// Labels and two correlated scores of equal quality; `steps` above zero rounds them into ties.
fn scores(d: &Draw, n: u64, prevalence: f64, steps: f64) -> (Vec<bool>, Vec<f64>, Vec<f64>) {
    let labels: Vec<bool> = (0..n).map(|i| (i as f64) < prevalence * n as f64).collect();
    let tie = |s: f64| if steps > 0.0 { (s * steps).round() / steps } else { s };
    let score = |arm: u64| -> Vec<f64> {
        let one = |i: u64| {
            let shared = 0.8 * d.normal(i) + 0.6 * d.normal(i + (arm + 1) * NEXT);
            tie(shared + if labels[i as usize] { 1.2 } else { 0.0 })
        };
        (0..n).map(one).collect()
    };
    let (a, b) = (score(0), score(1));
    (labels, a, b)
}

fn unpaired_auc(d: &Draw, na: u64, nb: u64) -> bool {
    let (la, a, _) = scores(d, na, 0.2, 0.0);
    let other = Draw(Replicate::new(d.0.bits(5 * NEXT), 1));
    let (lb, _, b) = scores(&other, nb, 0.1, 4.0);
    let parts = |s: &[f64], l: &[bool]| class_moments(&midrank_components(s, l).unwrap().v, l);
    // Rounding to quarters moves the area by less than the simulation can see.
    let ((pa, qa), (pb, qb)) = (parts(&a, &la), parts(&b, &lb));
    !delong_unpaired((&pa, &qa), (&pb, &qb), 0.95).unwrap().interval.contains(0.0)
}

/// Rows in clusters of 1 to 19 that share half of their variance.
fn clusters(d: &Draw, groups: u64) -> (Vec<f64>, Vec<u32>) {
    let (mut values, mut codes) = (Vec::new(), Vec::new());
    for g in 0..groups {
        let size = 1 + (d.uniform(g) * 19.0) as u64;
        for i in 0..size {
            values.push(0.7 * d.normal(NEXT + g) + 0.7 * d.normal(2 * NEXT + 32 * g + i));
            codes.push(g as u32);
        }
    }
    (values, codes)
}

/// Clicks and views of users with their own rates.
fn clicks(d: &Draw, from: u64, users: u64) -> Cov2 {
    let mut sums = Cov2::default();
    for u in from..from + users {
        let views = 1.0 + (-6.0 * d.uniform(u).ln()).floor();
        let rate = 0.4 * d.uniform(NEXT + u).powi(2);
        let clicked = (0..views as u64).filter(|&v| d.chance(2 * NEXT + 512 * u + v, rate)).count();
        sums.add(clicked as f64, views);
    }
    sums
}

fn bootstrap(d: &Draw) -> bool {
    let v: Vec<f64> = d.values(0, 120, |d, i| d.normal(i).exp());
    let (m, units) = (moments(&v), v.iter().map(|&x| [x]).collect::<Vec<_>>());
    let replicates = replicate_sums(d.0.bits(NEXT), 1000, &units, |s, w| (w > 0.0).then(|| s[0] / w)).unwrap();
    let u: Vec<f64> = v.iter().map(|x| x - m.mean).collect();
    let (cubes, squares) = u.iter().fold((0.0, 0.0), |(c, s), u| (c + u * u * u, s + u * u));
    let a = cubes / (6.0 * f64::powf(squares, 1.5));
    !bca(&replicates, m.mean, a, 0.95).unwrap().interval.contains(0.5f64.exp())
}

fn autocorrelated(d: &Draw, phi: f64, n: u64) -> Vec<f64> {
    let mut last = d.normal(NEXT) / (1.0 - phi * phi).sqrt();
    d.values(0, n, |d, i| d.normal(i))
        .into_iter()
        .map(|e| {
            last = phi * last + e;
            last
        })
        .collect()
}

/// Folds whose differences are correlated by the rows they share in training.
fn folds(d: &Draw) -> bool {
    let rho: f64 = 0.1;
    let v = d.values(0, 10, |d, i| rho.sqrt() * d.normal(NEXT) + (1.0 - rho).sqrt() * d.normal(i));
    misses(&resampled::corrected_t(&v, 100, 900, 0.95).unwrap(), 0.0)
}

/// Any of `looks` looks, `step` new units in each arm between them.
fn peeks(
    d: &Draw,
    looks: u64,
    step: u64,
    value: fn(&Draw, u64) -> f64,
    claims: impl Fn(u64, &Estimate) -> bool,
) -> bool {
    let (mut a, mut b) = (Moments::default(), Moments::default());
    (1..=looks).any(|look| {
        for i in (look - 1) * step..look * step {
            a.add(value(d, i));
            b.add(value(d, NEXT / 4 + i));
        }
        welch(&a, &b, 0.95).is_ok_and(|e| claims(look, &e))
    })
}

fn sequence(d: &Draw, value: fn(&Draw, u64) -> f64) -> bool {
    let plan = Plan::new(0.95, 5600).unwrap();
    peeks(d, 28, 100, value, |_, e| e.units >= 400 && !plan.interval(e).unwrap().contains(0.0))
}

macro_rules! scenarios {
    ($($method:literal, $data:literal, $nominal:literal, $most:literal, $wrong:expr;)*) => {
        vec![$(Scenario { method: $method, data: $data, nominal: $nominal, most: $most, wrong: $wrong }),*]
    };
}

/// Every row of the table.
pub fn all() -> Vec<Scenario> {
    scenarios! {
        "Wilson", "one rate, 3 of 200 expected", 0.05, 0.065, |d| !proportion::wilson(d.count(0, 200, 0.015), 200, 0.95).unwrap().contains(0.015);
        "Tango", "same rows, 200, one in five differ", 0.05, 0.06, |d| {
            let (b, c) = paired_rates(d, 200, 0.12, 0.08);
            !tango(b, c, 200, 0.95).unwrap().contains(0.04)
        };
        "Tango", "same rows, 2000, one in a hundred differ", 0.05, 0.06, |d| {
            let (b, c) = paired_rates(d, 2000, 0.006, 0.004);
            !tango(b, c, 2000, 0.95).unwrap().contains(0.002)
        };
        "McNemar mid-p", "no difference, 200 rows, one in five differ", 0.05, 0.055, |d| {
            let (b, c) = paired_rates(d, 200, 0.1, 0.1);
            mcnemar(b, c).midp <= 0.05
        };
        "Miettinen-Nurminen", "unequal arms, 100 and 2000", 0.05, 0.06, |d|
            !miettinen_nurminen(d.count(0, 100, 0.2), 100, d.count(NEXT, 2000, 0.15), 2000, 0.95).unwrap().contains(0.05);
        "Miettinen-Nurminen", "rare: 0.5 % and 0.5 % of 1000", 0.05, 0.06, |d|
            !miettinen_nurminen(d.count(0, 1000, 0.005), 1000, d.count(NEXT, 1000, 0.005), 1000, 0.95).unwrap().contains(0.0);
        "paired DeLong (t)", "400 rows, 20 positive", 0.05, 0.09, |d| {
            let (l, a, b) = scores(d, 400, 0.05, 0.0);
            !delong_paired(&a, &b, &l, 0.95).unwrap().interval_t.contains(0.0)
        };
        "paired DeLong (t)", "400 rows, 120 positive, scores tied", 0.05, 0.065, |d| {
            let (l, a, b) = scores(d, 400, 0.3, 2.0);
            !delong_paired(&a, &b, &l, 0.95).unwrap().interval_t.contains(0.0)
        };
        "unpaired DeLong", "300 and 900 rows, other prevalence, ties", 0.05, 0.065, |d| unpaired_auc(d, 300, 900);
        "Welch", "normal, variances 1 and 9, 40 and 200 units", 0.05, 0.06, |d|
            misses(&welch(&moments(&d.values(0, 40, |d, i| 3.0 * d.normal(i))), &moments(&d.values(NEXT, 200, Draw::normal)), 0.95).unwrap(), 0.0);
        "Welch", "99 % zeros, 5000 and 5000 users", 0.05, 0.06, |d|
            misses(&welch(&moments(&d.values(0, 5000, Draw::revenue)), &moments(&d.values(NEXT, 5000, Draw::revenue)), 0.95).unwrap(), 0.0);
        "Welch", "99 % zeros, 1000 and 9000 users", 0.05, 0.14, |d|
            misses(&welch(&moments(&d.values(0, 1000, Draw::revenue)), &moments(&d.values(NEXT, 9000, Draw::revenue)), 0.95).unwrap(), 0.0);
        "Welch", "heavy tails (log-normal, sigma 1.5), 500 and 500", 0.05, 0.06, |d| {
            let heavy = |d: &Draw, i| (1.5 * d.normal(i)).exp();
            misses(&welch(&moments(&d.values(0, 500, heavy)), &moments(&d.values(NEXT, 500, heavy)), 0.95).unwrap(), 0.0)
        };
        "lift (log ratio)", "exponential, 400 and 400", 0.05, 0.065, |d| {
            let arm = |from| mean(&moments(&d.values(from, 400, |d, i| -d.uniform(i).ln())), 0.95).unwrap();
            !lift::log_ratio(&arm(0), &arm(NEXT), 0.95).unwrap().interval.contains(0.0)
        };
        "CUPED", "covariate explains two thirds, 300 and 200", 0.05, 0.065, |d| {
            let arm = |from: u64, n| {
                let mut c = Cov2::default();
                for i in from..from + n {
                    let x = d.normal(i).exp();
                    c.add(x + d.normal(i + 2 * NEXT), x);
                }
                c
            };
            misses(&cuped::cuped(&arm(0, 300), &arm(NEXT, 200), 0.95).unwrap().difference, 0.0)
        };
        "ratio (delta)", "clicks per view by user, 300 and 600", 0.05, 0.065, |d|
            misses(&ratio_difference(&clicks(d, 0, 300), &clicks(d, 1 << 20, 600), 0.95).unwrap(), 0.0);
        "ratio (delta)", "one arm, 200 users", 0.05, 0.07, |d| misses(&ratio(&clicks(d, 0, 200), 0.95).unwrap(), 0.4 / 3.0);
        "cluster-robust mean", "100 clusters of 1 to 19 rows", 0.05, 0.07, |d| {
            let (v, c) = clusters(d, 100);
            misses(&clustered_mean(&v, &c, 100, 0.95).unwrap(), 0.0)
        };
        "mean by rows (not a default)", "the same clusters taken as independent rows", 0.05, 1.0, |d|
            misses(&mean(&moments(&clusters(d, 100).0), 0.95).unwrap(), 0.0);
        "BCa bootstrap", "mean of 120 log-normals", 0.05, 0.10, bootstrap;
        "quantile (order statistics)", "p95 of 400, rounded to ties", 0.05, 0.055, |d| {
            let v = sorted(d.values(0, 400, |d, i| (-20.0 * d.uniform(i).ln()).ceil()));
            let q = quantile_interval_sorted(&v, 0.95, 0.95).unwrap();
            // ceil(-20 ln 0.05) = 60.
            q.lo.is_none_or(|l| l > 60.0) || q.hi.is_none_or(|h| h < 60.0)
        };
        "quantile difference", "p95, log-normal, 400 and 800", 0.05, 0.06, |d| {
            let arm = |from, n| quantile_interval_sorted(&sorted(d.values(from, n, |d, i| d.normal(i).exp())), 0.95, 0.95).unwrap();
            !unpaired(&arm(0, 400), &arm(NEXT, 800)).unwrap().interval.contains(0.0)
        };
        "quantile difference (binomial index)", "p95, log-normal, 400 and 800", 0.05, 0.08, |d| {
            let arm = |from, n| sorted(d.values(from, n, |d, i| d.normal(i).exp()));
            !unpaired_bootstrap(&arm(0, 400), &arm(NEXT, 800), 0.95, 0.95, 1, 500).unwrap().contains(0.0)
        };
        "Mann-Whitney", "ties (values 0 to 4), 60 and 90", 0.05, 0.06, |d| {
            let arm = |from, n| d.values(from, n, |d, i| (5.0 * d.uniform(i).powi(2)).floor());
            mann_whitney(&arm(0, 60), &arm(NEXT, 90)).unwrap().p <= 0.05
        };
        "Hodges-Lehmann", "log-normal shifted by 0.5, 60 and 40", 0.05, 0.065, |d| {
            let arm = |from, n, by: f64| d.values(from, n, |d, i| by + d.normal(i).exp());
            !hodges_lehmann(&arm(0, 60, 0.5), &arm(NEXT, 40, 0.0), 0.95).unwrap().interval.contains(0.5)
        };
        "sign flip", "50 symmetric heavy-tailed differences", 0.05, 0.065, |d|
            sign_flip::sign_flip(&d.values(0, 50, |d, i| d.normal(i).powi(3)), d.0.bits(NEXT), 499).unwrap() <= 0.05;
        "Diebold-Mariano", "AR(1) 0.5, 200 steps, horizon 8, Bartlett", 0.05, 0.11, |d|
            diebold_mariano(&autocorrelated(d, 0.5, 200), 8, Dependence::Bartlett, 0.95).unwrap().p <= 0.05;
        "corrected resampled t", "10 folds that share training rows", 0.05, 0.065, folds;
        "sample ratio", "sound split, 2000 units, at 0.05", 0.05, 0.06, |d| {
            let x = d.count(0, 2000, 0.5);
            sample_ratio(&[x, 2000 - x], &[1.0, 1.0]).unwrap().p <= 0.05
        };
        "sequential sample ratio", "sound split, 40 looks, at 0.05", 0.05, 0.05, |d| {
            let mut s = SequentialSampleRatio::new(&[1.0, 1.0], SequentialSampleRatio::CONCENTRATION).unwrap();
            (0..40).any(|look| {
                let x = d.count(look * 500, 500, 0.5);
                s.observe(&[x, 500 - x]).unwrap();
                s.p() <= 0.05
            })
        };
        "omnibus balance", "three attributes, 150 units", 0.05, 0.065, |d| {
            let columns: Vec<Vec<f64>> = (0..3).map(|k| d.values(k * NEXT, 150, |d, i| d.normal(i).exp())).collect();
            let first: Vec<bool> = (0..150).map(|i| d.chance(4 * NEXT + i, 0.3)).collect();
            balance::omnibus(&columns, &first).unwrap().p <= 0.05
        };
        "fixed Welch, peeked at (not a default)", "28 daily looks, no effect", 0.05, 1.0, |d|
            peeks(d, 28, 100, Draw::normal, |_, e| !e.interval.contains(0.0));
        "asymptotic sequence", "28 daily looks, normal", 0.05, 0.05, |d| sequence(d, Draw::normal);
        "asymptotic sequence", "28 daily looks, exponential", 0.05, 0.05, |d| sequence(d, |d, i| -d.uniform(i).ln());
        "asymptotic sequence", "28 daily looks, 99 % zeros", 0.05, 0.06, |d| sequence(d, Draw::revenue);
        "group sequential (Lan-DeMets)", "7 planned looks, O'Brien-Fleming", 0.05, 0.065, |d| {
            let info: Vec<f64> = (1..=7).map(|k| f64::from(k) / 7.0).collect();
            let bounds = group::lan_demets(&info, 0.05, group::Spending::OBrienFleming).unwrap();
            peeks(d, 7, 100, Draw::normal, |look, e| e.t.is_some_and(|t| t.abs() > bounds[look as usize - 1]))
        };
        "Bernoulli sequence", "error rate 1 %, 40 looks", 0.05, 0.05, |d| {
            let mut x = 0;
            (1..=40).any(|look| {
                x += d.count(look * 50, 50, 0.01);
                !bernoulli::interval(x, look * 50, 1000, 0.95).unwrap().contains(0.01)
            })
        };
        "quantile sequence", "p95 of rounded latency, 20 looks", 0.05, 0.05, |d| {
            let mut v = Vec::new();
            (0..20).any(|look| {
                v.extend(d.values(look * 50, 50, |d, i| (-20.0 * d.uniform(i).ln()).ceil()));
                v.sort_unstable_by(f64::total_cmp);
                let q = quantile::interval(&v, 0.95, 500, 0.95).unwrap();
                q.lo.is_some_and(|l| l > 60.0) || q.hi.is_some_and(|h| h < 60.0)
            })
        };
    }
}
