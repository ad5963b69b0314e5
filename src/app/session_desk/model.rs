//! What shell and start screen show of the desk.

use super::super::{clock, samples, start_lines};
use super::{SessionDesk, Slot};
use crate::present::{format, frame};
use crate::ui::shell::{ShellModel, StatusModel};
use crate::ui::start::StartModel;

impl SessionDesk {
    /// What a slot is doing and how far it is; `None` while it rests.
    pub(super) fn busy(&self, slot: Slot) -> Option<(String, Option<f32>)> {
        let (_, progress) = self.jobs.progress().find(|(running, _)| *running == slot)?;
        let (stage, done, total) = progress.read();
        let share = (total > 0).then(|| (done as f64 / total as f64).min(1.0) as f32);
        Some((if stage.is_empty() { "Working".to_owned() } else { stage }, share))
    }

    pub(super) fn start_lines(&self) -> StartModel {
        StartModel {
            recent: start_lines::recent(&self.recents, clock::now()),
            samples: samples().iter().map(|path| start_lines::card(path)).collect(),
            ..StartModel::default()
        }
    }

    fn status(&self) -> StatusModel {
        let mut status = StatusModel { idle: self.idle.clone(), ..StatusModel::default() };
        // The job that takes longest to start is told first.
        if let Some((_, progress)) = self.jobs.progress().next() {
            let (stage, done, total) = progress.read();
            status.job = Some(if stage.is_empty() { "Working".to_owned() } else { stage });
            if total > 0 {
                status.share = Some((done as f64 / total as f64).min(1.0) as f32);
                // Large totals are bytes or rows, which tell less than the bar.
                if total < 100_000 {
                    status.count = format!("{} of {}", format::count(done), format::count(total));
                }
            }
        }
        status
    }

    pub(super) fn shell_model(&mut self) -> ShellModel {
        let mut status = self.status();
        let Some(session) = self.session.as_ref().filter(|_| self.opening.is_none() && self.look.is_none()) else {
            status.facts.push("no workspace".to_owned());
            return ShellModel { status, ..ShellModel::default() };
        };
        let policy = session.policy_file().map(|path| path.display().to_string());
        let mut shell = self.pages.frame(session, policy.as_deref());
        if let (Some(live), Some(top)) = (&self.live, &mut shell.top) {
            top.thresholds = frame::thresholds(live.thresholds);
        }
        if session.selection().is_some() {
            status.facts.push(format!("{} rows selected", format::count(self.rows.rows.len() as u64)));
        }
        status.facts.append(&mut shell.status.facts);
        status.facts.push(format!("log {}", format::size(session.evaluation().run.log.bytes() as u64)));
        ShellModel { status, ..shell }
    }
}
