//! What finished jobs change.

use std::path::Path;

use super::super::work::{self, Arrived, Ready};
use super::{Done, SessionDesk, Slot};
use crate::job::Outcome;
use crate::session::pipeline::PipelineError;
use crate::session::{Compared, Session};
use crate::ui::bucket::in_window;
use crate::ui::widgets::toast::ToastKind;

impl SessionDesk {
    pub(super) fn finished(&mut self, slot: Slot, outcome: Outcome<Done>) {
        match outcome {
            Outcome::Panicked(message) => self.broke(slot, &message),
            Outcome::Done(Done::Arrived(Ok(Arrived::Ready(ready)))) => self.show(*ready),
            Outcome::Done(Done::Listed(result)) => self.listed(result),
            Outcome::Done(Done::Measured(result)) => self.measured(result),
            Outcome::Done(Done::Arrived(Ok(Arrived::Asked(asked)))) => {
                self.look = None;
                let fresh = self.opening.is_none();
                let failed = asked.problem.is_some();
                match &mut self.opening {
                    Some(opening) if failed => opening.failed(asked.problem.unwrap_or_default()),
                    Some(opening) => opening.look_again(*asked),
                    opening => *opening = Some((*asked).into()),
                }
                if fresh || !failed {
                    self.start_audit();
                }
            }
            Outcome::Done(Done::Arrived(Err(error))) => self.did_not_open(&error),
            Outcome::Done(Done::Audited(audit)) => {
                if let Some(opening) = &mut self.opening {
                    opening.audited(audit.map_err(|error| error.to_string()));
                }
            }
            Outcome::Done(Done::Compared(compared, secs)) => self.take_in(*compared, secs),
            Outcome::Done(Done::Challengers(found)) => {
                if let Some(error) = found.as_ref().err().filter(|error| !work::stopped(error)) {
                    self.say(ToastKind::Error, format!("The other challengers could not be compared. {error}"));
                }
                if let Some(session) = &mut self.session {
                    session.compared_others(found.ok());
                }
            }
            Outcome::Done(Done::Rows(rows)) => self.rows = rows,
            Outcome::Done(Done::Exported(Ok(files))) => {
                let folder = files.first().and_then(|path| path.parent()).unwrap_or(Path::new("."));
                let names: Vec<_> =
                    files.iter().filter_map(|path| path.file_name()).map(|name| name.to_string_lossy()).collect();
                self.say(ToastKind::Done, format!("Written: {} in {}", names.join(", "), folder.display()));
            }
            Outcome::Done(Done::Exported(Err(problem))) => self.say(ToastKind::Error, problem),
            Outcome::Done(Done::Verified(Ok(report))) => {
                let (kind, word) = match (report.all_match(), report.differing().next()) {
                    (true, _) => (ToastKind::Done, "MATCH"),
                    (false, Some(_)) => (ToastKind::Error, "DIFFERS"),
                    (false, None) => (ToastKind::Error, "NOT CHECKED"),
                };
                self.say(kind, format!("{word}: {}", report.summary()));
                self.verified = Some(report);
            }
            Outcome::Done(Done::Verified(Err(error))) => {
                if !work::stopped(&error) {
                    self.say(ToastKind::Error, format!("The record could not be verified. {error}"));
                }
            }
        }
    }

    fn show(&mut self, ready: Ready) {
        let Ready { request, file, fixed, evaluation, secs } = ready;
        let mut session = Session::new(request, fixed, evaluation);
        if let Some(before) = self.session.as_ref().filter(|before| before.paths().eq(session.paths())) {
            session.take_over(before);
        }
        self.close();
        (self.opening, self.look) = (None, None);
        self.session = Some(session);
        self.file = file;
        self.idle = format!("read and compared in {secs:.1} s");
        self.remember();
        self.start_rows();
    }

    fn take_in(&mut self, compared: Result<Compared, PipelineError>, secs: f64) {
        (self.live, self.comparing_since) = (None, None);
        let Some(session) = &mut self.session else {
            return;
        };
        match compared {
            Ok(compared) => {
                if compared.whole.is_some() {
                    self.verified = None;
                }
                session.compared(compared);
                self.idle = format!("compared in {secs:.1} s");
                self.start_rows();
            }
            Err(error) if work::stopped(&error) => {}
            Err(error) => {
                "the numbers are those from before".clone_into(&mut self.idle);
                self.say(ToastKind::Error, format!("{error} The numbers are those from before; undo goes back."));
            }
        }
    }

    fn did_not_open(&mut self, error: &PipelineError) {
        self.start.take();
        if work::stopped(error) {
            return;
        }
        let text = in_window(&error.to_string());
        if let Some(look) = &mut self.look {
            look.problem = Some(text);
        } else if let Some(opening) = &mut self.opening {
            opening.failed(text);
        } else if self.session.is_some() {
            self.say(ToastKind::Error, text);
        } else {
            self.problem = Some((text, String::new()));
        }
    }

    fn broke(&mut self, slot: Slot, message: &str) {
        let what = match slot {
            Slot::Ingest => "Opening the files",
            Slot::Browse => "Listing",
            Slot::Measure => "Counting",
            Slot::Audit => "Counting the pairing",
            Slot::Compare => "Comparing",
            Slot::Challengers => "Comparing the other challengers",
            Slot::Rows => "Finding the rows",
            Slot::Export => "Writing the files",
            Slot::Verify => "Verifying",
        };
        if slot == Slot::Compare {
            (self.live, self.comparing_since) = (None, None);
        }
        if let (Slot::Challengers, Some(session)) = (slot, &mut self.session) {
            session.compared_others(None);
        }
        let text = format!("{what} ended unexpectedly: {message}");
        if let Some(look) = &mut self.look {
            look.browser.stopped();
            look.problem = Some(text);
            return;
        }
        match (&mut self.opening, &self.session) {
            (Some(opening), _) => opening.failed(text),
            (None, None) => self.problem = Some((text, String::new())),
            (None, Some(_)) => self.say(ToastKind::Error, text),
        }
    }
}
