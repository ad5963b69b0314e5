//! Each reader on any bytes, for fuzzing: it ends in a result or an error. Nothing else calls these.

use std::io::Write as _;

use super::{delimited, json_lines, parquet};
use crate::ingest::{detect, open, profile};
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
    let path = std::env::temp_dir().join(format!("assay-trial-{}.parquet", std::process::id()));
    if std::fs::File::create(&path).and_then(|mut file| file.write_all(bytes)).is_ok() {
        let _ = parquet::peek(&path, &JobCx::new());
        let _ = parquet::read_all(&path, &JobCx::new());
    }
    // A file that stays behind is written over by the next trial.
    let _ = std::fs::remove_file(&path);
}

/// A text file from its bytes to its rows: containers, encodings, grammars, dialects.
pub fn dialects(bytes: &[u8]) {
    let _ = open::read_text(bytes.to_vec(), &JobCx::new());
}

/// A mapping profile.
pub fn profile(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(mapping) = profile::from_toml(text)
    {
        let _ = profile::to_toml(&mapping);
    }
}
