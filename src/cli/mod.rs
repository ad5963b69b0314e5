//! The command line: arguments → request → text or JSON, exit codes.

pub mod bench;

use std::path::PathBuf;
use std::process::ExitCode;

/// What `assay` does where no window can be shown: evaluate, print the scorecard, write and name the report.
pub fn headless(paths: &[PathBuf]) -> ExitCode {
    let _ = paths;
    ExitCode::from(1)
}
