//! Work on an open workspace: comparing, listing rows, sealing, verifying.

use std::sync::Arc;
use std::time::Instant;

use super::super::clock;
use super::super::work::{self, Bench};
use super::{Done, Listed, SessionDesk, Slot};
use crate::present::rows::{Sort, sorted_rows};
use crate::session::CompareTask;
use crate::session::replay;
use crate::ui::widgets::toast::ToastKind;

impl SessionDesk {
    pub(super) fn start_compare(&mut self, task: CompareTask) {
        let Some(session) = &self.session else {
            return;
        };
        let bench = Bench { evaluation: session.evaluation().clone(), population: session.population().cloned() };
        self.jobs.cancel(Slot::Rows);
        self.comparing_since.get_or_insert_with(Instant::now);
        self.jobs.start(Slot::Compare, move |cx| {
            let started = Instant::now();
            let compared = work::compare(bench, task, cx);
            Done::Compared(Box::new(compared), started.elapsed().as_secs_f64())
        });
    }

    /// Find the rows behind the selection.
    pub(super) fn start_rows(&mut self) {
        let Some(session) = &self.session else {
            return;
        };
        let selection = session.selection().cloned();
        let (engine, plan) = (Arc::clone(session.engine()), session.comparison().plan.clone());
        let (sort, number) = (self.sort, self.rows.number + 1);
        self.jobs.start(Slot::Rows, move |cx| {
            cx.stage("Finding the rows", 0);
            let mask = selection.as_ref().map(|selection| selection.mask(&engine, &plan));
            let mask = mask.as_ref().unwrap_or_else(|| engine.analysed());
            let mut rows: Vec<u32> = mask.iter().filter_map(|row| u32::try_from(row).ok()).collect();
            if sort != Sort::default() {
                rows = sorted_rows(engine.log(), &rows, sort.key, sort.descending);
            }
            Done::Rows(Listed { rows, sort, selection, number })
        });
    }

    pub(super) fn seal(&mut self) {
        let Some(session) = &mut self.session else {
            return;
        };
        let now = crate::present::format::rfc3339(clock::now());
        match session.seal(&now) {
            Ok(sealed) => {
                self.verified = None;
                "record sealed, read-only".clone_into(&mut self.idle);
                let digest = crate::present::format::digest(&sealed.sha256);
                self.say(ToastKind::Done, format!("The record is sealed: {digest}. Export writes it to a file."));
            }
            Err(error) => self.say(ToastKind::Error, format!("The record is not sealed. {error}")),
        }
    }

    pub(super) fn start_verify(&mut self) {
        let Some(session) = &self.session else {
            return;
        };
        if session.is_stale() {
            self.say(ToastKind::Note, "The numbers are being computed again; verify when they are there.");
            return;
        }
        let stored = session.record(&crate::present::format::rfc3339(clock::now()));
        let (run, request) = (session.evaluation().run.clone(), session.request());
        self.jobs.start(Slot::Verify, move |cx| {
            cx.stage("Computing the record again", 0);
            let found = replay::find_all(&stored, &run, &request, cx);
            Done::Verified(found.and_then(|files| replay::verify(&stored, &files, cx)))
        });
    }
}
