//! Each reader on any bytes, for fuzzing: it ends in a result or an error. Nothing else calls these.

use std::fs;
use std::path::{Path, PathBuf};

use super::{delimited, json_lines, parquet};
use crate::ingest::{self, OpenOptions, detect, profile, source};
use crate::job::JobCx;

/// What a file is, from its bytes.
pub fn detect(bytes: &[u8]) {
    let _ = detect::columnar(bytes);
    if detect::refuse(bytes).is_none() && detect::refuse_text(bytes).is_none() {
        let _ = detect::grammar(bytes);
    }
}

/// CSV and its relatives.
pub fn delimited(bytes: &[u8]) {
    let _ = delimited::read(bytes, true, &JobCx::new());
}

/// JSON lines, and JSON objects one after the other.
pub fn json_lines(bytes: &[u8]) {
    let _ = json_lines::read_lines(bytes, true, &JobCx::new());
    let _ = json_lines::read_stream(bytes, true, &JobCx::new());
}

/// Parquet, through a temporary file, since it is read by its parts.
pub fn parquet(bytes: &[u8]) {
    in_file("trial.parquet", bytes, |path| {
        let _ = parquet::peek(path, &JobCx::new());
        let _ = parquet::read_all(path, &JobCx::new());
    });
}

/// The members of a zip archive.
pub fn archive(bytes: &[u8]) {
    in_file("trial.zip", bytes, |path| {
        for member in source::members(path).unwrap_or_default().iter().take(16) {
            let _ = source::read_member(path, member, 1 << 24, &JobCx::new());
        }
    });
}

/// The log of a Delta table: its only commit.
pub fn delta(bytes: &[u8]) {
    in_file("table/_delta_log/00000000000000000000.json", bytes, |path| {
        if let Some(table) = path.ancestors().nth(2) {
            let cx = JobCx::new();
            let _ = source::find(&[table.to_owned()], None, &source::Remote::new(&source::S3Options::default(), &cx));
        }
    });
}

/// A file from its bytes to the aligned rows, under the guessed mapping.
pub fn open(bytes: &[u8]) {
    in_file("trial", bytes, |path| {
        let options = OpenOptions { accept_bad_rows: true, ..OpenOptions::default() };
        if let Ok(opened) = ingest::open(&[path.to_owned()], &options, &JobCx::new()) {
            let _ = ingest::load(&opened, &opened.guess, &JobCx::new());
        }
    });
}

/// Run `trial` on a file of this content in a folder of this process.
fn in_file(name: &str, bytes: &[u8], trial: impl FnOnce(&Path)) {
    let path = folder().join(name);
    let written = path.parent().is_some_and(|parent| fs::create_dir_all(parent).is_ok());
    if written && fs::write(&path, bytes).is_ok() {
        trial(&path);
    }
    // A file that stays behind is written over by the next trial.
    let _ = fs::remove_file(&path);
}

fn folder() -> PathBuf {
    std::env::temp_dir().join(format!("assay-trial-{}", std::process::id()))
}

/// A text file from its bytes to its rows: containers, encodings, grammars, dialects.
pub fn dialects(bytes: &[u8]) {
    let _ = ingest::open::read_text(bytes.to_vec(), &JobCx::new());
}

/// A mapping profile.
pub fn profile(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(mapping) = profile::from_toml(text)
    {
        let _ = profile::to_toml(&mapping);
    }
}
