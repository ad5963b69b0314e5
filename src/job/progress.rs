//! What a piece of long work is given: a way to be cancelled and a way to tell how far it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// The user cancelled, or newer work replaced this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cancelled")]
pub struct Cancelled;

/// How far a job is: `done` of `total` units (bytes, rows, replicates) of the current stage.
#[derive(Debug, Default)]
pub struct Progress {
    done: AtomicU64,
    total: AtomicU64,
    stage: Mutex<String>,
}

impl Progress {
    /// Stage name, units done, units in all (0: not known).
    pub fn read(&self) -> (String, u64, u64) {
        let stage = self.stage.lock().unwrap_or_else(PoisonError::into_inner).clone();
        (stage, self.done.load(Ordering::Relaxed), self.total.load(Ordering::Relaxed))
    }
}

/// Context of a job. Cheap to clone; clones share cancel flag and progress.
#[derive(Clone, Debug, Default)]
pub struct JobCx {
    cancel: Arc<AtomicBool>,
    progress: Arc<Progress>,
}

impl JobCx {
    pub fn new() -> Self {
        Self::default()
    }

    /// Call at least every 64k rows.
    pub fn check(&self) -> Result<(), Cancelled> {
        if self.cancel.load(Ordering::Relaxed) { Err(Cancelled) } else { Ok(()) }
    }

    pub fn cancel(&self) {
        self.cancel.store(true, Ordering::Relaxed);
    }

    /// Begin a named stage of `total` units.
    pub fn stage(&self, name: &str, total: u64) {
        *self.progress.stage.lock().unwrap_or_else(PoisonError::into_inner) = name.to_owned();
        self.progress.done.store(0, Ordering::Relaxed);
        self.progress.total.store(total, Ordering::Relaxed);
    }

    pub fn advance(&self, units: u64) {
        self.progress.done.fetch_add(units, Ordering::Relaxed);
    }

    pub fn progress(&self) -> &Arc<Progress> {
        &self.progress
    }
}
