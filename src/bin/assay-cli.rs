//! The gate for scripts. Everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    assay::cli::run()
}
