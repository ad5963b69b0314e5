//! What jobs do for the desk. Nothing here knows the window.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use crate::compare::{CompareError, Engine, SliceSpec};
use crate::ingest::source::S3Options;
use crate::ingest::{IngestError, Opened};
use crate::job::JobCx;
use crate::present::challengers::Challenger;
use crate::session::pipeline::{self, Evaluation, PipelineError, Request};
use crate::session::{CompareTask, Compared, Other, Population, aging, junit, remap, workspace};

/// What is to be opened.
pub enum Wanted {
    /// As named by the user: one workspace, or logs.
    Paths(Vec<PathBuf>),
    /// `s3://` addresses, with how they are reached.
    Bucket(Vec<PathBuf>, S3Options),
    /// Files of a request once more, with another challenger.
    Request(Box<Request>, Option<PathBuf>),
    /// Files of a request once more, for another mapping.
    Mapping(Box<Request>, Option<PathBuf>),
}

/// A workspace that is ready to be shown.
pub struct Ready {
    pub request: Request,
    /// The workspace file.
    pub file: Option<PathBuf>,
    /// Slices of the policy.
    pub fixed: Vec<SliceSpec>,
    pub evaluation: Evaluation,
    pub secs: f64,
}

/// Files whose mapping a person has to look at.
pub struct Asked {
    pub request: Request,
    pub file: Option<PathBuf>,
    pub opened: Arc<Opened>,
    pub problem: Option<String>,
}

/// How opening ended.
pub enum Arrived {
    Ready(Box<Ready>),
    Asked(Box<Asked>),
}

/// Look at the files and, where nothing is open, load and evaluate them.
///
/// `profiles` were kept or used before.
pub fn open(wanted: Wanted, profiles: Vec<PathBuf>, cx: &JobCx) -> Result<Arrived, PipelineError> {
    cx.stage("Opening", 0);
    let (request, file, ask) = match wanted {
        Wanted::Paths(paths) => {
            let request = Request { profiles, ..pipeline::request(&paths)? };
            let file = workspace_file(&paths, &request);
            (request, file, false)
        }
        Wanted::Bucket(addresses, s3) => (Request { s3, profiles, ..pipeline::request(&addresses)? }, None, false),
        Wanted::Request(request, file) => (*request, file, false),
        Wanted::Mapping(request, file) => (*request, file, true),
    };
    // A policy that cannot be used is told before minutes of reading.
    pipeline::policy(&request)?;
    let opened = Arc::new(pipeline::open(&request, cx)?);
    if ask || remap::needs_a_look(&opened) {
        return Ok(Arrived::Asked(Box::new(Asked { request, file, opened, problem: None })));
    }
    load(request, file, opened, cx)
}

/// Read all rows under the mapping of `opened` and evaluate them. Where the mapping does not fit, it is asked for.
pub fn load(
    request: Request,
    file: Option<PathBuf>,
    opened: Arc<Opened>,
    cx: &JobCx,
) -> Result<Arrived, PipelineError> {
    let started = Instant::now();
    let policy = pipeline::policy(&request)?;
    let mapping = pipeline::under(&policy, &opened.guess);
    let run = match pipeline::load(&opened, &mapping, cx) {
        Ok(run) => run,
        Err(PipelineError::Ingest(error @ (IngestError::Mapping(_) | IngestError::Question { .. }))) => {
            let problem = Some(error.to_string());
            return Ok(Arrived::Asked(Box::new(Asked { request, file, opened, problem })));
        }
        Err(error) => return Err(error),
    };
    // A workspace holds the mapping that a profile gave, not where that profile lies.
    let found = opened.profile.is_some() && request.profile.is_none();
    let request = Request { profile: if found { Some(mapping) } else { request.profile }, ..request };
    // Text sources are held twice from here on; the log is enough.
    drop(opened);
    let bare = Request { slices: Vec::new(), ..request.clone() };
    let fixed = pipeline::plan_request(&bare, &policy, &run.log, &run.mapping)?.slices;
    let evaluation = pipeline::evaluate(run, &request, policy, cx)?;
    let secs = started.elapsed().as_secs_f64();
    Ok(Arrived::Ready(Box::new(Ready { request, file, fixed, evaluation, secs })))
}

/// The workspace file behind `paths`: named itself, or the one in the folder that was named.
fn workspace_file(paths: &[PathBuf], request: &Request) -> Option<PathBuf> {
    let [path] = paths else {
        return None;
    };
    if workspace::is_workspace(path) {
        return Some(path.clone());
    }
    // Only a workspace has its folder as base.
    request.base.as_ref().filter(|base| *base == path)?;
    let mut entries = std::fs::read_dir(path).ok()?.flatten().map(|entry| entry.path());
    entries.find(|path| workspace::is_workspace(path))
}

/// What a comparison starts from.
pub struct Bench {
    pub evaluation: Evaluation,
    /// The population in view, where it is one; its engine may serve again.
    pub population: Option<Population>,
}

/// Compute what `task` asks for.
pub fn compare(bench: Bench, task: CompareTask, cx: &JobCx) -> Result<Compared, PipelineError> {
    let mut trained = bench.evaluation.reference.clone();
    let mut attached = bench.evaluation.tests.clone();
    let whole = if task.whole {
        cx.stage("Comparing", 0);
        let Evaluation { run, policy, engine, reference, comparison: before, .. } = &bench.evaluation;
        attached = junit::read_all(&task.request.tests, task.request.base.as_deref(), &attached)?;
        let request = pipeline::plan_request(&task.request, policy, &run.log, &run.mapping)?;
        let mut comparison = engine.compare(&engine.plan(&request)?, cx)?;
        trained = aging::reference(&task.request, run, reference.as_ref(), cx)?;
        let (window, read) = (pipeline::window(&task.request, policy), trained.as_ref().map(|one| &one.reference));
        aging::age(&mut comparison, &run.log, window, read, Some(before), cx)?;
        Some(pipeline::judged(comparison, &task.request, &attached, policy))
    } else {
        None
    };
    let plan = whole.as_ref().map_or(&bench.evaluation.comparison.plan, |(comparison, _)| &comparison.plan);
    let population = match task.population {
        None => None,
        Some(slice) => {
            cx.stage(&format!("Comparing the rows of {slice}"), 0);
            let engine = match bench.population {
                Some(population) if population.slice == slice => population.engine,
                _ => {
                    let log = Arc::clone(&bench.evaluation.run.log);
                    Arc::new(Engine::new(log, Some(slice.clone()), cx)?)
                }
            };
            let comparison = engine.compare(plan, cx)?;
            Some(Population { slice, engine, comparison })
        }
    };
    Ok(Compared { whole, population, reference: trained, tests: attached })
}

/// Compare each of `requests`, which name another challenger of one run. One that cannot be compared keeps its reason.
pub fn challengers(requests: Vec<Request>, cx: &JobCx) -> Result<Vec<Other>, PipelineError> {
    let one = |request: Request| {
        let name = request.challenger.clone().unwrap_or_default();
        match pipeline::whole(&request, cx) {
            Ok(found) => Ok(Other { name, found: Ok(Challenger::of(&found.comparison, &found.verdict)) }),
            Err(error) if stopped(&error) => Err(error),
            Err(error) => Ok(Other { name, found: Err(error.to_string()) }),
        }
    };
    requests.into_iter().map(one).collect()
}

/// Whether the user or newer work stopped the job, which needs no message.
pub fn stopped(error: &PipelineError) -> bool {
    matches!(
        error,
        PipelineError::Ingest(IngestError::Cancelled(_)) | PipelineError::Compare(CompareError::Cancelled(_))
    )
}
