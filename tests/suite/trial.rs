//! The readers on changed copies of the fixtures, for as long as `ASSAY_TRIAL_SECS` says: what `fuzz/` runs where it
//! cannot be installed.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use assay::ingest::formats::trial;
use assay::metrics::bootstrap::hash;

type Trial = (&'static str, fn(&[u8]));

const TRIALS: [Trial; 9] = [
    ("detect", trial::detect),
    ("delimited", trial::delimited),
    ("json_lines", trial::json_lines),
    ("parquet", trial::parquet),
    ("dialects", trial::dialects),
    ("profile", trial::profile),
    ("archive", trial::archive),
    ("delta", trial::delta),
    ("open", trial::open),
];

const PROFILE: &str = r#"
schema = "assay-mapping/1"
kind = "shadow"
task = "binary"
columns = [{ column = "id", role = "id", side = "both" }, { column = "a", role = "score", side = "champion" }]
label_columns = []
champion = "a"
challenger = "b"
file_models = { "a.csv" = "a" }
pairing = "id"
positive = "1"
label_map = { "1" = true, "0" = false }
duplicates = "refuse"
naive_zone = "UTC"
mature_after = "30d"
accept_bad_rows = false
"#;

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("fixtures are there").flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

/// Random numbers from one seed, so that a finding can be repeated.
struct Dice(u64, u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.1 += 1;
        (hash(self.1, self.0) % bound.max(1) as u64) as usize
    }
}

/// Replace, repeat, cut out, insert: of bytes, of stretches, of pieces of another file.
fn changed(seed: &[u8], other: &[u8], dice: &mut Dice) -> Vec<u8> {
    const TOKENS: [&[u8]; 16] = [
        b"\"", b"{", b"}", b"[", b"]", b",", b";", b"\n", b"\r\n", b"\0", b"NaN", b"1e999", b"-", b"\\u0000", b"\xff",
        b"#",
    ];
    let mut bytes = seed.to_vec();
    for _ in 0..=dice.below(8) {
        let at = dice.below(bytes.len() + 1);
        match dice.below(6) {
            0 if at < bytes.len() => bytes[at] = dice.below(256) as u8,
            1 => drop(bytes.splice(at..at, TOKENS[dice.below(TOKENS.len())].iter().copied())),
            2 => bytes.truncate(at),
            3 => drop(bytes.drain(at..(at + dice.below(64)).min(bytes.len()))),
            4 => {
                let from = dice.below(other.len() + 1);
                let piece = &other[from..(from + dice.below(256)).min(other.len())];
                drop(bytes.splice(at..at, piece.iter().copied()));
            }
            _ => {
                let piece = bytes[at..(at + dice.below(128)).min(bytes.len())].to_vec();
                let times = 1 << dice.below(6);
                drop(bytes.splice(at..at, piece.repeat(times)));
            }
        }
    }
    bytes
}

fn run(seconds: f64, least: usize) {
    let mut paths = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures"), &mut paths);
    let mut seeds: Vec<Vec<u8>> = paths.iter().map(|path| std::fs::read(path).expect("a fixture is read")).collect();
    seeds.push(PROFILE.as_bytes().to_vec());
    let seed = std::env::var("ASSAY_TRIAL_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_260_307);
    let mut slowest = (Duration::ZERO, String::new());
    for (name, trial) in TRIALS {
        let mut dice = Dice(seed, 0);
        let start = Instant::now();
        let mut runs = 0;
        while runs < least || start.elapsed().as_secs_f64() < seconds / TRIALS.len() as f64 {
            let (one, other) = (dice.below(seeds.len()), dice.below(seeds.len()));
            let bytes = changed(&seeds[one], &seeds[other], &mut dice);
            let began = Instant::now();
            if std::panic::catch_unwind(|| trial(&bytes)).is_err() {
                let path = std::env::temp_dir().join(format!("assay-trial-{name}-{seed}-{runs}"));
                std::fs::write(&path, &bytes).expect("the finding is kept");
                panic!("{name} panicked in run {runs} of seed {seed}; the bytes are in {}", path.display());
            }
            if began.elapsed() > slowest.0 {
                slowest = (began.elapsed(), format!("{name}, run {runs}, {} bytes", bytes.len()));
            }
            runs += 1;
        }
        println!("{name}: {runs} runs");
    }
    println!("slowest: {:?} ({})", slowest.0, slowest.1);
    assert!(slowest.0 < Duration::from_secs(5), "{slowest:?}");
}

#[test]
fn each_reader_ends_on_changed_fixtures() {
    run(0.0, 150);
}

/// Long: `ASSAY_TRIAL_SECS=600 cargo test --release --test suite -- --ignored trial`.
#[test]
#[ignore = "runs for minutes"]
fn long_trial() {
    run(std::env::var("ASSAY_TRIAL_SECS").ok().and_then(|secs| secs.parse().ok()).unwrap_or(60.0), 0);
}
