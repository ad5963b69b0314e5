//! How the models of a run have aged: the training data is read, the course measured, both put into the comparison.

use std::path::PathBuf;
use std::sync::Arc;

use super::pipeline::{LoadedRun, PipelineError, Request};
use crate::compare::Comparison;
use crate::compare::staleness::{Staleness, Window, checks, staleness};
use crate::ingest::{self, OpenOptions};
use crate::job::JobCx;
use crate::log::{Log, Reference};

/// Training data, and what was named for it.
#[derive(Clone, Debug)]
pub struct Trained {
    pub paths: Vec<PathBuf>,
    pub reference: Reference,
}

/// The training data of a request; `None` where none is named. What was read `before` is kept where the same is named.
///
/// # Errors
/// As [`ingest::reference`].
pub fn reference(
    request: &Request,
    run: &LoadedRun,
    before: Option<&Arc<Trained>>,
    cx: &JobCx,
) -> Result<Option<Arc<Trained>>, PipelineError> {
    if let Some(before) = before.filter(|before| before.paths == request.reference) {
        return Ok(Some(Arc::clone(before)));
    }
    let options = OpenOptions {
        base: request.base.clone(),
        s3: request.s3.clone(),
        accept_bad_rows: request.accept_bad_rows,
        ..OpenOptions::default()
    };
    let read = read(&request.reference, run, &options, cx)?;
    Ok(read.map(|reference| Arc::new(Trained { paths: request.reference.clone(), reference })))
}

/// The same from files and how they are read.
pub(super) fn read(
    paths: &[PathBuf],
    run: &LoadedRun,
    options: &OpenOptions,
    cx: &JobCx,
) -> Result<Option<Reference>, PipelineError> {
    if paths.is_empty() {
        return Ok(None);
    }
    Ok(Some(ingest::reference(paths, &run.log, &run.mapping, options, cx)?))
}

/// Put what is found, and what it means for the comparison, into `comparison`. What stands in `before`, an earlier
/// comparison of the same log, is taken over where it would be the same.
///
/// # Errors
/// Cancelled.
pub fn age(
    comparison: &mut Comparison,
    log: &Log,
    window: Option<Window>,
    reference: Option<&Reference>,
    before: Option<&Comparison>,
    cx: &JobCx,
) -> Result<(), PipelineError> {
    let known = before.and_then(|before| {
        let found = before.staleness.as_ref()?;
        let decided = [&found.losses.champion, &found.losses.challenger]
            .into_iter()
            .flatten()
            .any(|course| course.name == "error");
        let files: Vec<&String> = found.skew.iter().flat_map(|skew| &skew.files).collect();
        let now: Vec<&String> =
            reference.iter().flat_map(|reference| &reference.sources).map(|source| &source.path).collect();
        let same = found.asked == window
            && files == now
            && found.level == comparison.plan.level
            && (!decided || before.plan.thresholds == comparison.plan.thresholds);
        same.then(|| found.clone())
    });
    let found: Box<Staleness> = match known {
        Some(found) => found,
        None => Box::new(staleness(log, &comparison.plan, window, reference, cx)?),
    };
    comparison.validity.extend(checks(&found));
    comparison.staleness = Some(found);
    Ok(())
}
