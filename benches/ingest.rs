//! Reading text logs: bytes a second of our CSV and JSON lines readers, and of opening many small files; objects a
//! second from a bucket, as a ratio to what server and machine can do.
//!
//! `ASSAY_BENCH_PEER=PYTHON` names an interpreter with polars; its own readers then read the same files and the
//! ratio is printed (`benches/peers/ingest.py`). polars' text readers are no part of the build.

#[cfg(feature = "s3")]
mod object_store;

use std::fmt::Write as _;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use assay::ingest::formats::{delimited, json_lines};
use assay::ingest::{self, OpenOptions};
use assay::job::JobCx;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

const ROWS: u64 = 1_000_000;
const SMALL_FILES: u64 = 10_000;

/// Rows like those of a serving log: ids, times, two models, scores of 9 decimals, labels, a segment.
fn texts() -> (String, String) {
    let mut csv = "request_id,ts,model,score,label,latency_ms,segment\n".to_owned();
    let mut lines = String::new();
    for row in 0..ROWS {
        let mixed = row.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let (id, score) = (mixed >> 20, (mixed >> 11) as f64 / (1u64 << 53) as f64);
        let model = ["champion", "challenger"][row as usize % 2];
        let (label, latency, segment) = (mixed % 7 / 6, 20 + mixed % 900, mixed % 12);
        let (hour, minute, second) = (row / 3600 % 24, row / 60 % 60, row % 60);
        let time = format!("2026-03-08T{hour:02}:{minute:02}:{second:02}Z");
        // Writing into a string cannot fail.
        let _ = writeln!(csv, "{id:011x},{time},{model},{score:.9},{label},{latency},s{segment}");
        let _ = writeln!(
            lines,
            "{{\"request_id\":\"{id:011x}\",\"ts\":\"{time}\",\"model\":\"{model}\",\"score\":{score:.9},\"label\":{label},\"latency_ms\":{latency},\"segment\":\"s{segment}\"}}"
        );
    }
    (csv, lines)
}

fn folder() -> PathBuf {
    std::env::temp_dir().join(format!("assay-bench-{}", std::process::id()))
}

/// Best of some runs in seconds.
fn best(mut work: impl FnMut()) -> f64 {
    let run = |_| {
        let start = Instant::now();
        work();
        start.elapsed().as_secs_f64()
    };
    (0..7).map(run).fold(f64::INFINITY, f64::min)
}

/// Seconds that the peer's readers take for the file, once as text columns and once typed.
fn peer(python: &str, file: &Path) -> Option<[f64; 2]> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers/ingest.py");
    let output = Command::new(python).arg(script).arg(file).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let mut numbers = text.split_whitespace().map(str::parse);
    Some([numbers.next()?.ok()?, numbers.next()?.ok()?])
}

fn readers(criterion: &mut Criterion) {
    let cx = JobCx::new();
    let folder = folder();
    std::fs::create_dir_all(&folder).expect("a temporary folder can be made");
    let (csv, lines) = texts();
    let mut group = criterion.benchmark_group("ingest");
    group.sample_size(10);
    let mut work: [(&str, &str, &mut dyn FnMut()); 2] = [
        ("csv", &csv, &mut || drop(black_box(delimited::read(csv.as_bytes(), false, &cx)))),
        ("jsonl", &lines, &mut || drop(black_box(json_lines::read_lines(lines.as_bytes(), false, &cx)))),
    ];
    for (name, text, work) in &mut work {
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(*name, |bencher| bencher.iter(&mut *work));
        if let Ok(python) = std::env::var("ASSAY_BENCH_PEER") {
            let file = folder.join(format!("log.{name}"));
            std::fs::write(&file, text).expect("the file can be written");
            // As the peer does: from the file.
            let own = best(|| {
                let bytes = std::fs::read(&file).expect("the file was written");
                let read = if *name == "csv" { delimited::read } else { json_lines::read_lines };
                assert_eq!(black_box(read(&bytes, true, &cx)).expect("nobody cancels").table.records as u64, ROWS);
            });
            match peer(&python, &file) {
                Some([text, typed]) => println!(
                    "{name}: {own:.3} s; polars as text {text:.3} s (ratio {:.2}), typed {typed:.3} s (ratio {:.2})",
                    own / text,
                    own / typed
                ),
                None => println!("{name}: {python} cannot run the peer's reader; is polars installed?"),
            }
        }
    }
    group.finish();
    // A folder that cannot be removed is no finding.
    let _ = std::fs::remove_dir_all(&folder);
}

fn small_files(criterion: &mut Criterion) {
    let folder = folder().with_extension("small");
    std::fs::create_dir_all(&folder).expect("a temporary folder can be made");
    for file in 0..SMALL_FILES {
        let mut text = "request_id,model,score,label\n".to_owned();
        for row in 0..5 {
            for (model, score) in [("champion", 0.25), ("challenger", 0.5)] {
                // Writing into a string cannot fail.
                let _ = writeln!(text, "f{file}r{row},{model},{score},{}", row % 2);
            }
        }
        std::fs::write(folder.join(format!("part-{file:05}.csv")), text).expect("the file can be written");
    }
    let options = OpenOptions { champion: Some("champion".to_owned()), ..OpenOptions::default() };
    let mut group = criterion.benchmark_group("ingest");
    group.sample_size(10).throughput(Throughput::Elements(SMALL_FILES));
    group.bench_function("open_10000_files", |bencher| {
        bencher.iter(|| black_box(ingest::open(std::slice::from_ref(&folder), &options, &JobCx::new())));
    });
    group.finish();
    let _ = std::fs::remove_dir_all(&folder);
}

#[cfg(feature = "s3")]
fn small_objects(criterion: &mut Criterion) {
    use assay::ingest::source::{Remote, S3Options, find};
    const OBJECTS: u64 = 2_000;
    let address = object_store::serve(OBJECTS);
    let cache = folder().with_extension("objects");
    let options = S3Options {
        endpoint: Some(format!("http://{address}")),
        region: Some("us-east-1".to_owned()),
        anonymous: true,
        cache: Some(cache.clone()),
        ..S3Options::default()
    };
    let download = || {
        let _ = std::fs::remove_dir_all(&cache);
        let cx = JobCx::new();
        let started = Instant::now();
        let found = find(&["s3://bucket/run/".into()], None, &Remote::new(&options, &cx)).expect("the server answers");
        assert_eq!(found.len() as u64, OBJECTS);
        started.elapsed()
    };
    let (own, bare) = (download().as_secs_f64(), object_store::bare_secs(address, OBJECTS, 8));
    let rate = |secs: f64| OBJECTS as f64 / secs;
    println!(
        "download_2000_objects: {:.0} objects a second; bare connections {:.0} (ratio of times {:.2})",
        rate(own),
        rate(bare),
        own / bare
    );
    let mut group = criterion.benchmark_group("ingest");
    group.sample_size(10).throughput(Throughput::Elements(OBJECTS));
    group.bench_function("download_2000_objects", |bencher| {
        bencher.iter_custom(|times| (0..times).map(|_| download()).sum());
    });
    group.finish();
    let _ = std::fs::remove_dir_all(&cache);
}

#[cfg(not(feature = "s3"))]
fn small_objects(_criterion: &mut Criterion) {}

criterion_group!(benches, readers, small_files, small_objects);
criterion_main!(benches);
