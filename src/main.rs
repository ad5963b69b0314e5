//! The window. Everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    assay::app::run()
}
