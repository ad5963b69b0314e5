//! The command line: arguments → request → text or JSON, exit codes.
//!
//! Standard output holds results only; progress (on a terminal), warnings and errors go to standard error.
//! `evaluate` exits with 0 promote (also with conditions), 3 extend, 4 reject, 5 rollback, 6 invalid; every command
//! with 1 for errors and 2 for wrong usage.

mod args;
pub mod bench;
mod evaluate;
mod inspect;
mod json;
mod out;
mod policy;
mod progress;
mod report;
mod request;
pub(crate) mod s3_args;
mod several;
mod split;
mod table;
mod text;
mod verify;
mod warnings;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser as _;

use crate::decision::canonical::CanonicalError;
use crate::decision::record::{RecordError, SealError};
use crate::ingest::IngestError;
use crate::job::Cancelled;
use crate::session::pipeline::PipelineError;
use args::{Args, Command};

/// Exit code of errors.
const ERROR: u8 = 1;
/// Exit code of wrong usage, as clap's own.
const USAGE: u8 = 2;

/// Why a command stopped.
#[derive(Debug, thiserror::Error)]
enum CliError {
    #[error(transparent)]
    Pipeline(#[from] PipelineError),
    /// The command line contradicts itself or what the files hold.
    #[error("{0}")]
    Usage(String),
    #[error("{0}")]
    Message(String),
    /// Whoever read the results has gone; nobody is left to tell.
    #[error("the output was closed")]
    Closed,
}

impl CliError {
    /// What happened to which file; the path comes last.
    fn at(message: impl std::fmt::Display, path: &std::path::Path) -> Self {
        Self::Message(format!("{message}: {}", path.display()))
    }

    fn io(doing: &str, error: &std::io::Error, path: &std::path::Path) -> Self {
        let why = match error.kind() {
            std::io::ErrorKind::NotFound => "there is no such file or folder".to_owned(),
            std::io::ErrorKind::PermissionDenied => "the current user may not".to_owned(),
            _ => error.to_string(),
        };
        Self::at(format!("Cannot {doing} ({why})"), path)
    }
}

impl From<IngestError> for CliError {
    fn from(error: IngestError) -> Self {
        Self::Pipeline(error.into())
    }
}

impl From<Cancelled> for CliError {
    fn from(error: Cancelled) -> Self {
        Self::Pipeline(IngestError::from(error).into())
    }
}

impl From<SealError> for CliError {
    fn from(error: SealError) -> Self {
        Self::Message(error.to_string())
    }
}

impl From<CanonicalError> for CliError {
    fn from(error: CanonicalError) -> Self {
        Self::Message(error.to_string())
    }
}

impl From<RecordError> for CliError {
    fn from(error: RecordError) -> Self {
        Self::Message(error.to_string())
    }
}

/// Run `assay-cli`.
pub fn run() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        // Help and version are no errors: clap knows where they go and how they exit.
        Err(error) => {
            let code = error.exit_code();
            let _ = error.print();
            return ExitCode::from(u8::try_from(code).unwrap_or(USAGE));
        }
    };
    finish("assay-cli", dispatch(args.command))
}

fn dispatch(command: Command) -> Result<u8, CliError> {
    match command {
        Command::Inspect(args) => inspect::run(&args),
        Command::Evaluate(args) => evaluate::run(&args),
        Command::Report(args) => report::run(&args),
        Command::Verify(args) => verify::run(&args),
        Command::Policy(args) => policy::run(&args),
        Command::Schema(args) => policy::schema(&args),
        Command::Bench(args) => {
            bench::run(&args.data, args.json.as_deref(), args.boot).map(|()| 0).map_err(CliError::Message)
        }
        Command::Sign(_) => Err(CliError::Message(
            "Signing is not available in this version; name the people in the record and keep MANIFEST.sha256 with it."
                .to_owned(),
        )),
    }
}

/// What `assay` does where no window can be shown: evaluate, print the scorecard, write and name the report.
pub fn headless(paths: &[PathBuf]) -> ExitCode {
    finish("assay", evaluate::headless(paths))
}

fn finish(program: &str, result: Result<u8, CliError>) -> ExitCode {
    match result {
        Ok(code) => ExitCode::from(code),
        Err(CliError::Closed) => ExitCode::from(ERROR),
        Err(error) => {
            out::error(&format!("{program}: error: {error}"));
            ExitCode::from(if matches!(error, CliError::Usage(_)) { USAGE } else { ERROR })
        }
    }
}
