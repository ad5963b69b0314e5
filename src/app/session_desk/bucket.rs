//! The look into buckets: listing and counting in jobs, pages taken in as they come.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::{Done, SessionDesk, Slot, Wanted};
use crate::ingest::IngestError;
use crate::ingest::source::{Entry, Extent, Link, Remote, S3Options};
use crate::job::{Cancelled, JobCx};
use crate::session::browse::{Act, Browser, Effect};
use crate::ui::bucket::{BucketModel, in_window};

/// Choices that follow each other sooner are counted once.
const QUIET: Duration = Duration::from_millis(300);

/// A look into buckets, and what its jobs leave for it.
#[derive(Default)]
pub(super) struct Look {
    pub browser: Browser,
    /// Why the last attempt to open failed.
    pub problem: Option<String>,
    /// Entries that the listing under way has found and the browser has not taken in.
    pages: Arc<Mutex<Vec<Entry>>>,
    link: Link,
    options: S3Options,
}

impl Look {
    /// Take over how buckets are reached; what was opened under other credentials is let go.
    fn reach(&mut self, options: S3Options) {
        let way = |options: &S3Options| S3Options { since: None, until: None, largest: None, ..options.clone() };
        if way(&self.options) != way(&options) {
            self.link = Link::default();
        }
        self.options = options;
    }

    fn take_pages(&mut self) {
        let pages = std::mem::take(&mut *self.pages.lock().unwrap_or_else(PoisonError::into_inner));
        if !pages.is_empty() {
            self.browser.take(pages);
        }
    }
}

impl SessionDesk {
    pub(super) fn bucket_model(&self) -> Option<BucketModel<'_>> {
        let look = self.look.as_ref()?;
        let counted = self.jobs.progress().find(|(slot, _)| *slot == Slot::Measure);
        Some(BucketModel {
            browser: &look.browser,
            counted: counted.map_or(0, |(_, progress)| progress.read().1),
            opening: self.busy(Slot::Ingest),
            problem: look.problem.as_deref(),
        })
    }

    pub(super) fn look_act(&mut self, act: Act, options: S3Options) {
        let look = self.look.get_or_insert_with(Look::default);
        look.reach(options);
        let effect = look.browser.act(act);
        self.perform_look(effect);
    }

    fn perform_look(&mut self, effect: Option<Effect>) {
        let (Some(effect), Some(look)) = (effect, &mut self.look) else {
            return;
        };
        let (link, options) = (look.link.clone(), look.options.clone());
        match effect {
            Effect::List(place) => {
                look.problem = None;
                look.pages = Arc::default();
                let pages = Arc::clone(&look.pages);
                self.jobs.cancel(Slot::Measure);
                self.jobs.start(Slot::Browse, move |cx| {
                    let mut take = |page: Vec<Entry>| pages.lock().unwrap_or_else(PoisonError::into_inner).extend(page);
                    Done::Listed(Remote::over(link, &options, cx).browse(&place, &mut take))
                });
            }
            Effect::Measure(addresses) => self.jobs.start(Slot::Measure, move |cx| {
                let measure = || Remote::over(link, &options, cx).measure(&addresses);
                Done::Measured(rest(cx).map_err(IngestError::from).and_then(|()| measure()))
            }),
            Effect::Stop => self.cancel(),
            Effect::Open(addresses) => {
                look.problem = None;
                self.jobs.cancel(Slot::Measure);
                let paths = addresses.into_iter().map(Into::into).collect();
                self.start_opening(Wanted::Bucket(paths, options));
            }
            Effect::Close => {
                for slot in [Slot::Ingest, Slot::Browse, Slot::Measure] {
                    self.jobs.cancel(slot);
                }
                self.look = None;
                self.start.take();
            }
        }
    }

    /// What the listing has found since the last frame.
    pub(super) fn take_pages(&mut self) {
        if let Some(look) = &mut self.look {
            look.take_pages();
        }
    }

    pub(super) fn listed(&mut self, result: Result<(), IngestError>) {
        if let Some(look) = &mut self.look {
            look.take_pages();
            if result.is_err() {
                // Who logs in again, or mends a profile, is to be seen by the next attempt.
                look.link = Link::default();
            }
            let effect = look.browser.listed_all(result.map_err(|error| in_window(&error.to_string())));
            self.perform_look(effect);
        }
    }

    pub(super) fn measured(&mut self, result: Result<Extent, IngestError>) {
        if let Some(look) = &mut self.look {
            if result.is_err() {
                look.link = Link::default();
            }
            look.browser.measured(result.map_err(|error| in_window(&error.to_string())));
        }
    }
}

/// Wait until it stays quiet.
fn rest(cx: &JobCx) -> Result<(), Cancelled> {
    const STEP: Duration = Duration::from_millis(20);
    for _ in 0..QUIET.as_millis() / STEP.as_millis() {
        cx.check()?;
        thread::sleep(STEP);
    }
    cx.check()
}
