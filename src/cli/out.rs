//! Where text goes: results to standard output, all else to standard error. A closed pipe is no panic.

use std::io::{ErrorKind, IsTerminal as _, Write as _, stderr, stdout};

use super::CliError;
use crate::ingest::source::redact;

/// Print results.
pub(super) fn print(text: &str) -> Result<(), CliError> {
    let mut stdout = stdout().lock();
    let written = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
    written.map_err(|error| match error.kind() {
        ErrorKind::BrokenPipe => CliError::Closed,
        _ => CliError::Message(format!("Cannot write to standard output ({error}).")),
    })
}

/// Print results that end a command which has done its work: a reader who has gone does not change how it exits.
pub(super) fn print_last(text: &str) -> Result<(), CliError> {
    match print(text) {
        Err(CliError::Closed) => Ok(()),
        other => other,
    }
}

pub(super) fn error(text: &str) {
    // Whatever path was given may be a signed address.
    let text = redact(text);
    // Without standard error there is nowhere left to say it.
    let _ = writeln!(stderr(), "{text}");
}

pub(super) fn warn(text: &str) {
    error(&format!("warning: {text}"));
}

/// Whether standard output may hold escape codes.
pub(super) fn is_terminal() -> bool {
    stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
