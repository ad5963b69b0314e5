//! `assay-cli bench`: the phases of the first screen and of the work after it, timed on one log.
//!
//! The output has the form of the peers' (`perf/peerlib.py`), so that one script runs and compares all. Every phase
//! calls what the window calls. Times are wall and CPU seconds; on systems without `/proc` CPU and memory are absent.

use std::fs;
use std::path::Path;
use std::time::Instant;

use serde_json::{Map, Value, json};

use crate::ingest;
use crate::job::JobCx;
use crate::log::{FeatureValues, Log, RowMask};
use crate::metrics::bootstrap::{self, JointHistogram};
use crate::metrics::calibration::{self, equal_mass_edges, equal_width_edges};
use crate::metrics::confusion::{joint_counts, joint_counts_by_code};
use crate::metrics::cube::Cube;
use crate::metrics::histogram::{self, Bins};
use crate::metrics::latency::Selector;
use crate::metrics::thresholds::ThresholdIndex;
use crate::metrics::{Confusion, Decision, Dense, Order, Undefined, correlation, curve, ks, series, slices, sweep};
use crate::session::workspace::on_this_machine;

const THRESHOLDS: [f64; 2] = [0.35, 0.40];
const QUANTILES: [f64; 5] = [0.5, 0.9, 0.95, 0.99, 0.999];
const FIRST_SCREEN: [&str; 11] =
    ["read", "pair", "confusion", "roc", "delong", "pr", "calibration", "dist", "segments", "latency", "time"];
/// Values of `country` that the filter phase selects in turn.
const FILTERED: [&str; 3] = ["US", "BR", "CH"];

/// Time every phase on `data` and write the result to `json`, or to standard output. `boot` replicates; 0 for none.
///
/// # Errors
/// When the log cannot be read, is not a paired binary log with scores and labels, or the result cannot be written.
pub fn run(data: &Path, json: Option<&Path>, boot: u32) -> Result<(), String> {
    let mut bench = Bench::new();
    let log = bench.load(data)?;
    first_screen(&mut bench, &log, boot).map_err(|reason| reason.to_string())?;
    let text = serde_json::to_string_pretty(&bench.finish(data)).map_err(|error| error.to_string())?;
    match json {
        Some(path) => on_this_machine(path)
            .and_then(|()| fs::write(path, text))
            .map_err(|error| format!("{error}: {}", path.display())),
        None => super::out::print_last(&format!("{text}\n")).map_err(|error| error.to_string()),
    }
}

fn first_screen(bench: &mut Bench, log: &Log, boot: u32) -> Result<(), Undefined> {
    let challenger = log.challenger().ok_or(Undefined("the log holds one model"))?;
    let arms = [log.champion(), challenger];
    let scores_of = |model: usize| arms[model].scores.as_deref().ok_or(Undefined("an arm has no score"));
    let all_scores = [scores_of(0)?, scores_of(1)?];

    let dense = bench.phase("gather", || {
        let labelled = RowMask::from_fn(log.rows, |row| {
            log.labels[row] <= 1 && !all_scores[0][row].is_nan() && !all_scores[1][row].is_nan()
        });
        Dense::gather(log, &labelled)
    });
    bench.fold_into("gather", "pair");
    let labels: &[u8] = &dense.labels;
    let (Some(a), Some(b)) = (dense.scores(0), dense.scores(1)) else {
        return Err(Undefined("an arm has no score"));
    };
    bench.put("n_a", arms[0].logged);
    bench.put("n_b", arms[1].logged);
    bench.put("pairs", log.rows);
    bench.put("labelled", dense.len());

    let (joint, unlabelled) = bench.phase("confusion", || joint_counts(&log.labels, decisions(all_scores)));
    bench.put("conf_a", json!(joint.champion().cells()));
    bench.put("conf_b", json!(joint.challenger().cells()));
    let agree = |x: usize, y: usize| joint.0[0][x][y] + joint.0[1][x][y] + unlabelled[x][y];
    bench.put("agree", json!([agree(0, 0), agree(0, 1), agree(1, 0), agree(1, 1)]));

    let (orders, sweeps) = bench.phase("roc", || {
        let orders = Order::both([a, b], labels);
        let (x, y) = rayon::join(|| sweep(&orders[0], true), || sweep(&orders[1], true));
        for (found, order, scores) in [(&x.0, &orders[0], a), (&y.0, &orders[1], b)] {
            curve::roc(found, order, scores, 512);
        }
        (orders, [x, y])
    });
    let aucs = [sweeps[0].0.auc?, sweeps[1].0.auc?];
    bench.put("auc_a", aucs[0]);
    bench.put("auc_b", aucs[1]);
    let (Some(placed_a), Some(placed_b)) = (&sweeps[0].1, &sweeps[1].1) else {
        return Err(Undefined("no placements"));
    };
    let moments = bench.phase("delong", || sweep::delong_moments(placed_a, placed_b, labels));
    let class = |m: &crate::metrics::PairMoments| (m.saa + m.sbb - 2.0 * m.sab) / (m.n as f64 - 1.0) / m.n as f64;
    let error = moments.iter().map(class).sum::<f64>().sqrt();
    bench.put("delong_se", error);
    bench.put("delong_z", (aucs[1] - aucs[0]) / error);

    bench.phase("pr", || {
        for (found, order, scores) in [(&sweeps[0].0, &orders[0], a), (&sweeps[1].0, &orders[1], b)] {
            curve::precision_recall(found, order, scores, 512);
        }
    });
    bench.put("ap_a", sweeps[0].0.average_precision?);
    bench.put("ap_b", sweeps[1].0.average_precision?);

    let losses = bench.phase("calibration", || {
        for (scores, order) in [(a, &orders[0]), (b, &orders[1])] {
            let bins = calibration::bins(labels, scores, &equal_mass_edges(order, scores, calibration::ERROR_BINS));
            let _ = calibration::calibration_error(&bins);
        }
        calibration::losses(labels, [a, b])
    });
    bench.put("brier_a", losses.brier.mean_a);
    bench.put("brier_b", losses.brier.mean_b);
    bench.put("logloss_a", losses.log_loss.mean_a);
    bench.put("logloss_b", losses.log_loss.mean_b);

    let (distance, pearson) = bench.phase("dist", || {
        let bins = Bins::covering(&[a, b], 100);
        histogram::histogram(labels, a, &bins);
        histogram::histogram(labels, b, &bins);
        histogram::joint(a, b, &Bins::new(bins.low, bins.high, 32));
        (ks::distance([&orders[0], &orders[1]], [a, b]), correlation::pearson(a, b))
    });
    bench.put("ks", distance?);
    bench.put("corr", pearson?);

    segments(bench, log, &dense, &orders);
    latency(bench, log)?;
    if let Some(times) = &log.times {
        let flags = decisions(all_scores).map(Some);
        let hours = bench.phase("time", || series::series(times, &log.labels, flags, None, series::HOUR))?;
        bench.put("hours", hours.len());
    }
    interaction(bench, log, &dense, &orders);
    if boot > 0 {
        let replicates = boot as usize;
        let pair = [&orders[0], &orders[1]];
        let found = bench.phase("bootstrap", || bootstrap::auc_replicates(pair, 1, replicates))?;
        bench.put("boot_se", json!(bootstrap::difference_error(&found)));
        let found = bench.phase("bootstrap_joint", || JointHistogram::new(pair).auc_replicates(1, replicates));
        bench.put("boot_joint_se", json!(bootstrap::difference_error(&found)));
    }
    Ok(())
}

fn decisions<'a>(scores: [&'a [f64]; 2]) -> [Decision<'a>; 2] {
    [0, 1].map(|model| Decision::Score { scores: scores[model], threshold: THRESHOLDS[model] })
}

/// AUC, AP and joint counts of every value of every coded column.
fn segments(bench: &mut Bench, log: &Log, dense: &Dense<'_>, orders: &[Order; 2]) {
    let (Some(a), Some(b)) = (dense.scores(0), dense.scores(1)) else {
        return;
    };
    let coded = ["country", "device"].into_iter().filter_map(|name| match &log.feature(name)?.values {
        FeatureValues::Coded(codes) => Some((name, codes)),
        FeatureValues::Numeric(_) => None,
    });
    let coded: Vec<_> = coded.collect();
    let found = bench.phase("segments", || {
        let columns: Vec<_> =
            coded.iter().filter_map(|(_, codes)| Some((dense.byte_codes(codes)?, codes.names.len()))).collect();
        let views: Vec<(&[u8], usize)> = columns.iter().map(|(codes, count)| (&**codes, *count)).collect();
        for (codes, count) in &views {
            joint_counts_by_code(&dense.labels, decisions([a, b]), codes, *count);
        }
        slices::by_codes(&[&orders[0], &orders[1]], &views)
    });
    for ((name, codes), found) in coded.iter().zip(found) {
        if let (&"country", Some(code)) = (name, codes.names.iter().position(|value| value == "BR"))
            && let (Ok(x), Ok(y)) = (found[0][code].auc, found[1][code].auc)
        {
            bench.put("seg_BR", json!([x, y]));
        }
    }
}

/// Quantiles over all lines of each model, paired or not.
fn latency(bench: &mut Bench, log: &Log) -> Result<(), Undefined> {
    let columns: Vec<[&[f64]; 2]> = log
        .arms
        .iter()
        .filter_map(|arm| Some([arm.latency_ms.as_deref()?, arm.unpaired_latency_ms.as_slice()]))
        .collect();
    if columns.len() == 2 {
        let found = bench.phase("latency", || {
            columns.iter().map(|columns| Selector::new(columns).quantiles(&QUANTILES)).collect::<Result<Vec<_>, _>>()
        })?;
        bench.put("lat_a", json!(found[0]));
        bench.put("lat_b", json!(found[1]));
    }
    Ok(())
}

/// Threshold moves over all rows and all countries, and filters by country.
fn interaction(bench: &mut Bench, log: &Log, dense: &Dense<'_>, orders: &[Order; 2]) {
    let (Some(a), Some(b)) = (dense.scores(0), dense.scores(1)) else {
        return;
    };
    let Some(FeatureValues::Coded(country)) = log.feature("country").map(|feature| &feature.values) else {
        return;
    };
    let Some(codes) = dense.byte_codes(country) else {
        return;
    };
    let labels: &[u8] = &dense.labels;
    let (cubes, indices) = bench.phase("threshold_index", || {
        let cube = |scores| Cube::new(labels, scores, &codes, country.names.len(), (0.0, 1.0));
        ([cube(a), cube(b)], [ThresholdIndex::new(&orders[0], a), ThresholdIndex::new(&orders[1], b)])
    });
    bench.repeat("threshold", 15, |step| {
        let threshold = 0.2 + 0.02 * step as f64;
        let exact: Vec<Confusion> = indices.iter().map(|index| index.confusion(threshold)).collect();
        let sliced: Vec<Vec<Confusion>> = cubes.iter().map(|cube| cube.confusions(threshold)).collect();
        std::hint::black_box((exact, sliced));
    });
    bench.repeat("filter", 3, |step| {
        let wanted = country.names.iter().position(|name| name == FILTERED[step % 3]).unwrap_or(usize::MAX);
        let mask = RowMask::from_fn(dense.len(), |row| usize::from(codes[row]) == wanted);
        let sweeps = rayon::join(|| slices::masked(&orders[0], &mask), || slices::masked(&orders[1], &mask));
        let own = dense.restricted(&mask);
        if let (Some(a), Some(b)) = (own.scores(0), own.scores(1)) {
            let bins = Bins::new(0.0, 1.0, 100);
            let edges = equal_width_edges(0.0, 1.0, 20);
            std::hint::black_box((
                joint_counts(&own.labels, decisions([a, b])),
                [a, b].map(|scores| calibration::bins(&own.labels, scores, &edges)),
                [a, b].map(|scores| histogram::histogram(&own.labels, scores, &bins)),
            ));
        }
        std::hint::black_box(sweeps);
    });
}

/// Phases and results as they come.
struct Bench {
    phases: Map<String, Value>,
    results: Map<String, Value>,
    start_mb: Option<f64>,
}

impl Bench {
    fn new() -> Self {
        Self { phases: Map::new(), results: Map::new(), start_mb: memory_mb("VmRSS") }
    }

    /// Read and pair, by the times the ingest report gives; the CPU time is shared out in proportion.
    fn load(&mut self, data: &Path) -> Result<Log, String> {
        reset_peak();
        let (wall, cpu) = (Instant::now(), cpu_secs());
        let cx = JobCx::new();
        let opened = ingest::open(&[data.to_path_buf()], &ingest::OpenOptions::default(), &cx)
            .map_err(|error| error.to_string())?;
        let ingest::Loaded { log, report } =
            ingest::load(&opened, &opened.guess, &cx).map_err(|error| error.to_string())?;
        let (wall, cpu) = (wall.elapsed().as_secs_f64(), since(cpu));
        let pair = report.pair_secs.min(wall);
        self.note("read", wall - pair, cpu.map(|cpu| cpu * (wall - pair) / wall));
        self.note("pair", pair, cpu.map(|cpu| cpu * pair / wall));
        Ok(log)
    }

    fn phase<T>(&mut self, name: &str, work: impl FnOnce() -> T) -> T {
        reset_peak();
        let (wall, cpu) = (Instant::now(), cpu_secs());
        let value = work();
        self.note(name, wall.elapsed().as_secs_f64(), since(cpu));
        value
    }

    /// Median of several runs.
    fn repeat(&mut self, name: &str, times: usize, mut work: impl FnMut(usize)) {
        let mut walls = Vec::with_capacity(times);
        let cpu = cpu_secs();
        for step in 0..times {
            let start = Instant::now();
            work(step);
            walls.push(start.elapsed().as_secs_f64());
        }
        walls.sort_by(f64::total_cmp);
        self.note(name, walls[times / 2], since(cpu).map(|cpu| cpu / times as f64));
    }

    fn note(&mut self, name: &str, secs: f64, cpu: Option<f64>) {
        let peak = memory_mb("VmHWM");
        eprintln!(
            "  assay {name:16} {secs:10.4} s wall {:10.4} s cpu  peak {:7.0} MB",
            cpu.unwrap_or(f64::NAN),
            peak.unwrap_or(f64::NAN)
        );
        self.phases.insert(name.to_owned(), json!({ "s": secs, "cpu": cpu, "peak_mb": peak }));
    }

    /// Add a phase to another, which stays.
    fn fold_into(&mut self, from: &str, to: &str) {
        if let (Some(part), Some(whole)) = (self.phases.shift_remove(from), self.phases.get_mut(to)) {
            for key in ["s", "cpu"] {
                if let (Some(x), Some(y)) = (part[key].as_f64(), whole[key].as_f64()) {
                    whole[key] = json!(x + y);
                }
            }
            whole["peak_mb"] = part["peak_mb"].clone();
        }
    }

    fn put(&mut self, name: &str, value: impl Into<Value>) {
        self.results.insert(name.to_owned(), value.into());
    }

    fn finish(self, data: &Path) -> Value {
        let sum = |names: &dyn Fn(&str) -> bool, key: &str| -> f64 {
            self.phases.iter().filter(|(name, _)| names(name)).filter_map(|(_, phase)| phase[key].as_f64()).sum()
        };
        let first = |name: &str| FIRST_SCREEN.contains(&name);
        let after = ["bootstrap", "bootstrap_joint", "threshold", "threshold_index", "filter"];
        let peak = self.phases.values().filter_map(|phase| phase["peak_mb"].as_f64()).fold(0.0, f64::max);
        let missing: Vec<&str> = FIRST_SCREEN.into_iter().filter(|&name| !self.phases.contains_key(name)).collect();
        json!({
            "peer": "assay",
            "data": data.display().to_string(),
            "total_s": sum(&|name| !after.contains(&name), "s"),
            "first_screen_s": sum(&first, "s"),
            "first_screen_cpu": sum(&first, "cpu"),
            "missing": missing,
            "start_rss_mb": self.start_mb,
            "peak_rss_mb": peak,
            "phases": self.phases,
            "results": self.results,
        })
    }
}

/// Seconds all threads of this process have computed, those that ended included.
fn cpu_secs() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The name in parentheses may hold blanks; user and system ticks are the 12th and 13th field after it.
    let fields: Vec<&str> = stat.rsplit(')').next()?.split_whitespace().collect();
    let ticks = fields.get(11)?.parse::<f64>().ok()? + fields.get(12)?.parse::<f64>().ok()?;
    // USER_HZ is 100 on every Linux the program runs on.
    Some(ticks / 100.0)
}

fn since(start: Option<f64>) -> Option<f64> {
    Some(cpu_secs()? - start?)
}

/// A size from `/proc/self/status`, in megabytes.
fn memory_mb(key: &str) -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with(key))?;
    Some(line.split_whitespace().nth(1)?.parse::<f64>().ok()? / 1024.0)
}

/// Let the peak of memory begin anew. Where that is refused, peaks are those of the whole run so far.
fn reset_peak() {
    let _ = fs::write("/proc/self/clear_refs", "5");
}
