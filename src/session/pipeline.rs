//! From a request (a workspace file, or paths and flags) to a log, a comparison, a verdict and a record.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::aging::{self, Trained};
use super::draft::Draft;
use super::junit::{self, Attachment};
use super::workspace::{self, WorkspaceError};
use crate::compare::staleness::Window;
use crate::compare::{
    CompareError, Comparison, CustomMetric, Engine, PlanRequest, SliceSpec, ThresholdRule, ValueModel, cross_slices,
    outcome_directions,
};
use crate::decision::attached::Attached;
use crate::decision::record::{DraftInputs, Header};
use crate::decision::{DecisionRecord, Policy, Segment, Verdict, judge};
use crate::ingest::mapping::{Duplicates, Mapping, Pairing};
use crate::ingest::source::S3Options;
use crate::ingest::{self, IngestError, IngestReport, Loaded, OpenOptions, Opened, OpenedSource, QuestionKind};
use crate::job::JobCx;
use crate::log::{Content, ImageFiles, Log, RunKind, Source, Task};

/// What is to be evaluated, as the workspace file or the command line says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Request {
    /// Title of the workspace; empty: derived from the paths.
    pub name: String,
    pub files: Vec<PathBuf>,
    pub labels: Vec<PathBuf>,
    /// Files of test results (JUnit XML).
    pub tests: Vec<PathBuf>,
    /// Files of the rows that the model in production was trained on.
    pub reference: Vec<PathBuf>,
    /// Windows of time that drift is told by; `None`: as the policy or the span says.
    pub window: Option<Window>,
    /// Paths are shown and recorded relative to this folder.
    pub base: Option<PathBuf>,
    pub kind: Option<RunKind>,
    pub task: Option<Task>,
    pub champion: Option<String>,
    pub challenger: Option<String>,
    /// Other challengers that are compared with the same champion.
    pub rivals: Vec<String>,
    pub positive: Option<String>,
    /// Classes from the least to the greatest.
    pub class_order: Vec<String>,
    /// Rows per season of a time series, which absolute errors are scaled by; `None`: one.
    pub season: Option<NonZeroU32>,
    /// Role (`score`, `score.champion`) and column.
    pub roles: Vec<(String, String)>,
    pub profile: Option<Mapping>,
    /// Profiles that were kept or used before: one that fits is applied where neither roles nor a profile are given, as
    /// is one beside the logs.
    pub profiles: Vec<PathBuf>,
    /// Do not look for a profile that fits.
    pub ignore_profiles: bool,
    pub naive_zone: Option<String>,
    /// Whether dates such as 03/04/2026 begin with the day.
    pub day_first: Option<bool>,
    pub pairing: Option<Pairing>,
    /// What to do with ids that have two different predictions of one arm.
    pub duplicates: Option<Duplicates>,
    pub accept_bad_rows: bool,
    /// `None`: the default policy.
    pub policy: Option<PathBuf>,
    pub thresholds: [Option<f64>; 2],
    pub rule: ThresholdRule,
    pub slices: Vec<SliceSpec>,
    pub seed: Option<u64>,
    /// Costs of a false positive and of a false negative.
    pub costs: Option<[f64; 2]>,
    /// What decisions are worth.
    pub value: Option<ValueModel>,
    /// Metrics beside those of the task and of the policy.
    pub metrics: Vec<CustomMetric>,
    /// How `s3://` addresses are read.
    pub s3: S3Options,
    /// What people have said so far. No number of the run depends on it; gates may read its facts.
    pub draft: Draft,
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
    Workspace(#[from] WorkspaceError),
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
    /// Test results as they were read, with the bytes of each file.
    pub tests: Vec<Attachment>,
    pub reference: Option<Arc<Trained>>,
}

/// A request from the paths of a command line or a drop: one workspace file, the folder of one, or logs.
///
/// # Errors
/// A workspace file cannot be used, or stands beside other paths.
pub fn request(paths: &[PathBuf]) -> Result<Request, PipelineError> {
    if paths.is_empty() {
        let message = "No file with predictions was named.".to_owned();
        return Err(PipelineError::Ingest(IngestError::Mapping(message)));
    }
    if let [path] = paths {
        if workspace::is_workspace(path) {
            return Ok(workspace::read(path)?);
        }
        match workspaces_in(path).as_slice() {
            [] => {}
            [one] => return Ok(workspace::read(one)?),
            [one, ..] => {
                let message =
                    format!("The folder holds several workspaces; open one of them, for example {}", one.display());
                return Err(WorkspaceError { message, path: path.display().to_string() }.into());
            }
        }
    } else if let Some(path) = paths.iter().find(|path| workspace::is_workspace(path)) {
        let message = "A workspace names its own files and is opened alone".to_owned();
        return Err(WorkspaceError { message, path: path.display().to_string() }.into());
    }
    Ok(Request { name: title_of(paths), files: paths.to_vec(), ..Request::default() })
}

/// `*.assay` that lie in `folder` itself, by name.
fn workspaces_in(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut found: Vec<PathBuf> =
        entries.flatten().map(|entry| entry.path()).filter(|path| workspace::is_workspace(path)).collect();
    found.sort();
    found
}

/// Name of the one path, or of the folder the first one lies in.
fn title_of(paths: &[PathBuf]) -> String {
    let name = |path: &Path| path.file_stem().map(|name| name.to_string_lossy().into_owned());
    let title = match paths {
        [path] => name(path),
        [first, ..] => first.parent().and_then(name).or_else(|| name(first)),
        [] => None,
    };
    title.filter(|title| !title.is_empty()).unwrap_or_else(|| "Comparison".to_owned())
}

/// Look at the files; open questions are in the result.
///
/// # Errors
/// As [`crate::ingest::open`].
pub fn open(request: &Request, cx: &JobCx) -> Result<Opened, PipelineError> {
    let options = OpenOptions {
        labels: request.labels.clone(),
        kind: request.kind,
        task: request.task,
        champion: request.champion.clone(),
        challenger: request.challenger.clone(),
        rivals: request.rivals.clone(),
        positive: request.positive.clone(),
        class_order: request.class_order.clone(),
        season: request.season,
        roles: request.roles.clone(),
        profile: request.profile.clone(),
        known_profiles: if request.ignore_profiles {
            Vec::new()
        } else {
            super::profiles::known(&request.files, &request.profiles)
        },
        base: request.base.clone(),
        naive_zone: request.naive_zone.clone(),
        day_first: request.day_first,
        pairing: request.pairing,
        accept_bad_rows: request.accept_bad_rows,
        s3: request.s3.clone(),
        objects: Default::default(),
        names: Default::default(),
        partitions: Default::default(),
    };
    let mut opened = ingest::open(&request.files, &options, cx)?;
    if let Some(duplicates) = request.duplicates {
        opened.guess.duplicates = duplicates;
        for asked in opened.questions.iter_mut().filter(|asked| asked.kind == QuestionKind::Conflicts) {
            asked.answer = asked.patches.iter().position(|patch| patch.duplicates == Some(duplicates));
        }
    }
    Ok(opened)
}

/// The first question that is still open, as the error that names the flag that settles it.
///
/// # Errors
/// A question is open.
pub fn settled(opened: &Opened) -> Result<(), IngestError> {
    match opened.questions.iter().find(|asked| asked.answer.is_none()) {
        None => Ok(()),
        Some(asked) => Err(IngestError::Question {
            question: [asked.text.trim(), asked.evidence.trim()].join(" ").trim().to_owned(),
            flag: asked.flag.clone(),
        }),
    }
}

/// Read all rows under `mapping`, with digests.
///
/// # Errors
/// As [`crate::ingest::load`]; a question is still open.
pub fn load(opened: &Opened, mapping: &Mapping, cx: &JobCx) -> Result<LoadedRun, PipelineError> {
    settled(opened)?;
    let paths: Vec<PathBuf> = opened.sources.iter().map(|source| source.path.clone()).collect();
    let mut digests: Vec<Source> = opened.sources.iter().map(OpenedSource::recorded).collect();
    // A context of its own: the stages shown are those of loading. Cancelling is passed on.
    let quiet = JobCx::new();
    let (loaded, hashed) = std::thread::scope(|scope| {
        let hashing = scope.spawn(|| ingest::sha256_files(&mut digests, &paths, &quiet));
        let loaded = ingest::load(opened, mapping, cx);
        while !hashing.is_finished() {
            if loaded.is_err() || cx.check().is_err() {
                quiet.cancel();
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        (loaded, hashing.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    });
    let Loaded { mut log, mut report } = loaded?;
    cx.check().map_err(IngestError::from)?;
    hashed?;
    for (source, digest) in log.sources.iter_mut().zip(digests) {
        source.sha256 = digest.sha256;
    }
    super::image_pairs::measure(&mut log, &mut report.issues, &paths, cx)?;
    Ok(LoadedRun { log: Arc::new(log), report, mapping: mapping.clone(), paths })
}

/// The policy of a request.
///
/// # Errors
/// The file cannot be read or is no valid policy.
pub fn policy(request: &Request) -> Result<Policy, PipelineError> {
    let Some(path) = &request.policy else {
        let (task, kind) = (request.task.unwrap_or(Task::Binary), request.kind.unwrap_or(RunKind::Shadow));
        return Ok(Policy::default_for(task, kind));
    };
    let text = std::fs::read_to_string(path).map_err(|error| {
        PipelineError::Policy(format!("{}: {}", workspace::cannot_read("policy", &error), path.display()))
    })?;
    Policy::parse(&text).map_err(|error| {
        let problems = error.problems.iter().map(|problem| format!("{}: {problem}", path.display()));
        PipelineError::Policy(problems.collect::<Vec<_>>().join("\n"))
    })
}

/// The policy of a run for which none was given.
pub fn default_policy(log: &Log) -> Policy {
    let of_outcomes = log.split.as_ref().filter(|split| !split.outcomes.is_empty() || log.kind == RunKind::Canary);
    match of_outcomes {
        Some(split) => Policy::default_for_outcomes(log.kind, &outcome_directions(split)),
        None => match &log.content {
            Content::Pairs(pairs) if pairs.arms.iter().all(Option::is_none) => {
                Policy::default_for_logged_similarities()
            }
            _ => Policy::default_for(log.task, log.kind),
        },
    }
}

/// The mapping under a policy. The age from which the policy takes labels for final counts before that of a profile: it
/// was fixed before the run, and the record's mapping holds what was applied.
pub fn under(policy: &Policy, mapping: &Mapping) -> Mapping {
    let age = policy.design.labels.as_ref().and_then(|labels| labels.mature_after.clone());
    Mapping { mature_after: age.or_else(|| mapping.mature_after.clone()), ..mapping.clone() }
}

/// What the engine is asked: thresholds, level and slices of policy and request.
///
/// # Errors
/// A segment of the policy names a column the log does not have.
pub fn plan_request(
    request: &Request,
    policy: &Policy,
    log: &Log,
    mapping: &Mapping,
) -> Result<PlanRequest, PipelineError> {
    let mut slices: Vec<SliceSpec> = Vec::new();
    let of_policy = |error| PipelineError::Policy(format!("policy {} {}: {error}", policy.id, policy.version));
    for segment in policy.slices() {
        let found = match segment {
            Segment::Cross(columns) => {
                cross_slices(log, &columns).map_err(|error| of_policy(CompareError::from(error)))?
            }
            Segment::Slice(slice) => vec![slice],
        };
        slices.extend(found);
    }
    slices.extend(request.slices.iter().cloned());
    let mut distinct: Vec<SliceSpec> = Vec::with_capacity(slices.len());
    for slice in slices {
        if !distinct.contains(&slice) {
            distinct.push(slice);
        }
    }
    let defaults = PlanRequest::default();
    Ok(PlanRequest {
        thresholds: request.thresholds,
        rule: request.rule,
        level: policy.level(log.kind, mapping.rivals.len(), &distinct),
        rivals: mapping.rivals.clone(),
        seed: request.seed.unwrap_or(defaults.seed),
        slices: distinct,
        costs: request.costs.unwrap_or(defaults.costs),
        custom: own_metrics(request, policy)?,
        value: value_of(request, policy)?,
        split: policy.split_design(),
        ..defaults
    })
}

/// Metrics of the policy, then those of the request. What both define must be the same: the policy was fixed first.
fn own_metrics(request: &Request, policy: &Policy) -> Result<Vec<CustomMetric>, PipelineError> {
    let mut metrics = policy.custom.clone();
    for metric in &request.metrics {
        match policy.custom.iter().find(|of_policy| of_policy.name == metric.name) {
            None => metrics.push(metric.clone()),
            Some(of_policy) if of_policy == metric => {}
            Some(_) => {
                let name = &metric.name;
                let message = format!("the policy {} defines the metric {name} otherwise; rename yours", policy.id);
                return Err(PipelineError::Policy(message));
            }
        }
    }
    Ok(metrics)
}

/// What decisions are worth: as the policy says, which was fixed first, else as the request does.
fn value_of(request: &Request, policy: &Policy) -> Result<Option<ValueModel>, PipelineError> {
    match (&policy.value, &request.value) {
        (Some(fixed), Some(other)) if fixed != other => Err(PipelineError::Policy(format!(
            "the policy {} says what decisions are worth; leave [value] and --value away",
            policy.id
        ))),
        (fixed, other) => Ok(fixed.as_ref().or(other.as_ref()).cloned()),
    }
}

/// Compare and judge a loaded run on all analysed rows.
///
/// # Errors
/// As [`Engine::plan`] and [`plan_request`].
pub fn evaluate(run: LoadedRun, request: &Request, policy: Policy, cx: &JobCx) -> Result<Evaluation, PipelineError> {
    // Which policy is the default one is known only now that the log says what its models predict.
    let policy = if request.policy.is_none() { default_policy(&run.log) } else { policy };
    let asked = plan_request(request, &policy, &run.log, &run.mapping)?;
    let engine = Arc::new(Engine::new(run.log.clone(), None, cx)?);
    let plan = engine.plan(&asked)?;
    let tests = junit::read_all(&request.tests, request.base.as_deref(), &[])?;
    let reference = aging::reference(request, &run, None, cx)?;
    let mut comparison = engine.compare(&plan, cx)?;
    let trained = reference.as_ref().map(|trained| &trained.reference);
    aging::age(&mut comparison, &run.log, window(request, &policy), trained, None, cx)?;
    let (comparison, verdict) = judged(comparison, request, &tests, &policy);
    Ok(Evaluation { run, policy, engine, comparison, verdict, tests, reference })
}

/// From files to a verdict, as [`policy`], [`open`], [`load`] and [`evaluate`] do it.
///
/// # Errors
/// As these; a question about the files is open.
pub fn whole(request: &Request, cx: &JobCx) -> Result<Evaluation, PipelineError> {
    let policy = policy(request)?;
    let opened = open(request, cx)?;
    let run = load(&opened, &under(&policy, &opened.guess), cx)?;
    drop(opened);
    evaluate(run, request, policy, cx)
}

/// The windows that drift is told by.
pub fn window(request: &Request, policy: &Policy) -> Option<Window> {
    request.window.or(policy.retraining.window)
}

/// A comparison with the facts of the request and the attached tests among its metrics, and its verdict.
pub fn judged(
    mut comparison: Comparison,
    request: &Request,
    tests: &[Attachment],
    policy: &Policy,
) -> (Comparison, Verdict) {
    let tests = tests.iter().map(|(results, _)| results.clone()).collect();
    Attached { facts: request.draft.facts().0, tests }.attach(&mut comparison, policy);
    let verdict = judge(&comparison, policy);
    (comparison, verdict)
}

/// The record of an evaluation with what people said; `created_at` is RFC 3339, UTC.
pub fn record(evaluation: &Evaluation, request: &Request, draft: &Draft, created_at: &str) -> DecisionRecord {
    let Evaluation { run, policy, comparison, verdict, .. } = evaluation;
    let title = if request.name.is_empty() { title_of(&request.files) } else { request.name.clone() };
    let day = created_at.get(..10).unwrap_or(created_at);
    let mut record = drafted(run, policy, comparison, verdict);
    record.header = Header {
        record_id: format!("{}-{day}", slug(&title)),
        title,
        created_at: created_at.to_owned(),
        ..Header::default()
    };
    record.evidence.sources.extend(evaluation.tests.iter().map(|(results, bytes)| results.source(*bytes)));
    record.evidence.sources.extend(evaluation.reference.iter().flat_map(|trained| trained.reference.sources.clone()));
    record.tests = evaluation.tests.iter().map(|(results, _)| results.clone()).collect();
    draft.write_into(&mut record);
    record
}

/// The image files that were read, of a run that has any.
pub fn images_of(log: &Log) -> Option<ImageFiles> {
    match &log.content {
        Content::ImagePairs(pairs) => Some(pairs.files.clone()),
        _ => None,
    }
}

/// The record of what was read and computed, without a header and without what is attached or said.
pub(super) fn drafted(run: &LoadedRun, policy: &Policy, comparison: &Comparison, verdict: &Verdict) -> DecisionRecord {
    let mut record = DecisionRecord::draft(DraftInputs {
        record_id: String::new(),
        title: String::new(),
        created_at: String::new(),
        sources: run.log.sources.clone(),
        audit: run.log.audit.clone(),
        mapping: run.mapping.clone(),
        issues: run.report.issues.clone(),
        comparison: comparison.clone(),
        policy,
        verdict: verdict.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        verify_command: verify_command(&run.log.sources),
    });
    record.evidence.images = images_of(&run.log);
    record
}

/// Lower-case letters and digits with single hyphens between: `shadow-member-outreach`.
fn slug(title: &str) -> String {
    let mut slug = String::with_capacity(title.len());
    for letter in title.chars().flat_map(char::to_lowercase) {
        if letter.is_alphanumeric() {
            slug.push(letter);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "comparison".to_owned() } else { slug.to_owned() }
}

/// How to check the record; the folder of the logs is the reader's.
fn verify_command(sources: &[Source]) -> String {
    if !sources.is_empty() && sources.iter().all(|source| source.object.is_some()) {
        return "assay-cli verify record.json (fetches the logs from their bucket)".to_owned();
    }
    let first = sources.first().map_or("the logs", |source| source.path.as_str());
    let more = match sources.len() {
        0 | 1 => String::new(),
        number => format!(" and {} more", number - 1),
    };
    format!("assay-cli verify record.json --logs FOLDER (the folder that holds {first}{more})")
}

#[cfg(test)]
mod tests;
