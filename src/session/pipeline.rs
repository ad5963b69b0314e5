//! From a request (a workspace file, or paths and flags) to a log, a comparison, a verdict and a record.

use std::path::PathBuf;
use std::sync::Arc;

use super::draft::Draft;
use crate::compare::{CompareError, Comparison, Engine, PlanRequest, SliceSpec, ThresholdRule};
use crate::decision::{DecisionRecord, Policy, Verdict};
use crate::ingest::mapping::{Mapping, Pairing};
use crate::ingest::{IngestError, IngestReport, Opened};
use crate::job::JobCx;
use crate::log::{Log, RunKind, Task};

/// What is to be evaluated, as the workspace file or the command line says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Request {
    /// Title of the workspace; empty: derived from the paths.
    pub name: String,
    pub files: Vec<PathBuf>,
    pub labels: Vec<PathBuf>,
    /// Paths are shown and recorded relative to this folder.
    pub base: Option<PathBuf>,
    pub kind: Option<RunKind>,
    pub task: Option<Task>,
    pub champion: Option<String>,
    pub challenger: Option<String>,
    pub positive: Option<String>,
    /// Role (`score`, `score.champion`) and column.
    pub roles: Vec<(String, String)>,
    pub profile: Option<Mapping>,
    pub naive_zone: Option<String>,
    pub pairing: Option<Pairing>,
    pub accept_bad_rows: bool,
    /// `None`: the default policy.
    pub policy: Option<PathBuf>,
    pub thresholds: [Option<f64>; 2],
    pub rule: ThresholdRule,
    pub slices: Vec<SliceSpec>,
    pub seed: Option<u64>,
    /// Costs of a false positive and of a false negative.
    pub costs: Option<[f64; 2]>,
}

/// Why the pipeline stopped.
#[derive(Debug, thiserror::Error)]
pub enum PipelineError {
    #[error(transparent)]
    Ingest(#[from] IngestError),
    #[error(transparent)]
    Compare(#[from] CompareError),
    /// The policy cannot be read or used; names file, key and line.
    #[error("{0}")]
    Policy(String),
    #[error(transparent)]
    Workspace(#[from] super::workspace::WorkspaceError),
    #[error("{0}")]
    Record(String),
}

/// A loaded log and what it was loaded under.
#[derive(Clone, Debug)]
pub struct LoadedRun {
    pub log: Arc<Log>,
    pub report: IngestReport,
    pub mapping: Mapping,
    /// Files behind `log.sources`, in the same order.
    pub paths: Vec<PathBuf>,
}

/// Everything that was computed for a request.
#[derive(Clone)]
pub struct Evaluation {
    pub run: LoadedRun,
    pub policy: Policy,
    pub engine: Arc<Engine>,
    pub comparison: Comparison,
    pub verdict: Verdict,
}

/// A request from the paths of a command line or a drop: one workspace file, or logs.
///
/// # Errors
/// A workspace file cannot be used.
pub fn request(paths: &[PathBuf]) -> Result<Request, PipelineError> {
    Ok(Request { files: paths.to_vec(), ..Request::default() })
}

/// Look at the files; open questions are in the result.
///
/// # Errors
/// As [`crate::ingest::open`].
pub fn open(request: &Request, cx: &JobCx) -> Result<Opened, PipelineError> {
    let _ = (request, cx);
    Err(PipelineError::Record("not built".to_owned()))
}

/// Read all rows under `mapping`, with digests.
///
/// # Errors
/// As [`crate::ingest::load`].
pub fn load(opened: &Opened, mapping: &Mapping, cx: &JobCx) -> Result<LoadedRun, PipelineError> {
    let _ = (opened, mapping, cx);
    Err(PipelineError::Record("not built".to_owned()))
}

/// The policy of a request.
///
/// # Errors
/// The file cannot be read or is no valid policy.
pub fn policy(request: &Request) -> Result<Policy, PipelineError> {
    let _ = request;
    Err(PipelineError::Record("not built".to_owned()))
}

/// What the engine is asked: thresholds, level and slices of policy and request.
///
/// # Errors
/// A segment of the policy names a column the log does not have.
pub fn plan_request(request: &Request, policy: &Policy, log: &Log) -> Result<PlanRequest, PipelineError> {
    let _ = (request, policy, log);
    Err(PipelineError::Record("not built".to_owned()))
}

/// Compare and judge a loaded run on all analysed rows.
///
/// # Errors
/// As [`Engine::plan`] and [`policy`].
pub fn evaluate(run: LoadedRun, request: &Request, policy: Policy, cx: &JobCx) -> Result<Evaluation, PipelineError> {
    let _ = (run, request, policy, cx);
    Err(PipelineError::Record("not built".to_owned()))
}

/// The record of an evaluation with what people said; `created_at` is RFC 3339, UTC.
pub fn record(evaluation: &Evaluation, request: &Request, draft: &Draft, created_at: &str) -> DecisionRecord {
    let _ = (evaluation, request, draft, created_at);
    unimplemented!()
}
