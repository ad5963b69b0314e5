//! The desk over the session: opens, maps, computes in jobs, seals, writes, and draws the view that is chosen.

mod begin;
mod bucket;
mod files;
mod finish;
mod model;

use std::cell::OnceCell;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use eframe::egui::Ui;

use super::desk::{Desk, Purpose, Screen, Wish};
use super::opening::Opening;
use super::pages::Pages;
use super::work::{self, Arrived, Wanted};
use crate::compare::{Live, Selection};
use crate::decision::verify::VerifyReport;
use crate::ingest::source::{Extent, S3Options, redact};
use crate::ingest::{Audit, IngestError};
use crate::job::Jobs;
use crate::log::Task;
use crate::present::rows::{Column, Sort};
use crate::session::browse;
use crate::session::pipeline::PipelineError;
use crate::session::recent::Recents;
use crate::session::{Command, Compared, Effect, Other, Session, View};
use crate::ui::Outbox;
use crate::ui::actions::Action;
use crate::ui::bucket::BucketModel;
use crate::ui::mapping::{MappingAct, MappingModel};
use crate::ui::shell::ShellModel;
use crate::ui::start::StartModel;
use crate::ui::widgets::refreshing_ui;
use crate::ui::widgets::toast::ToastKind;

/// What takes no longer is not announced: a flicker tells nothing.
const SOON: Duration = Duration::from_millis(150);

/// Kinds of work; one of each at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Slot {
    Ingest,
    Browse,
    Measure,
    Audit,
    Compare,
    Challengers,
    Rows,
    Export,
    Verify,
}

/// What a job came to.
enum Done {
    Listed(Result<(), IngestError>),
    Measured(Result<Extent, IngestError>),
    Arrived(Result<Arrived, PipelineError>),
    Audited(Result<Audit, PipelineError>),
    Compared(Box<Result<Compared, PipelineError>>, f64),
    Challengers(Result<Vec<Other>, PipelineError>),
    Rows(Listed),
    Exported(Result<Vec<PathBuf>, String>),
    Verified(Result<VerifyReport, PipelineError>),
}

/// Rows as they are listed.
#[derive(Clone, Debug, Default)]
pub struct Listed {
    pub rows: Vec<u32>,
    pub sort: Sort,
    /// What was selected; `None`: all rows of the population.
    pub selection: Option<Selection>,
    /// Counts the lists, so that models of older ones are let go.
    pub number: u64,
}

/// Session and jobs behind the window.
pub struct SessionDesk {
    jobs: Jobs<Slot, Done>,
    session: Option<Session>,
    /// The workspace file of the session.
    file: Option<PathBuf>,
    opening: Option<Opening>,
    /// A look into buckets.
    look: Option<bucket::Look>,
    /// Why the last attempt to open failed: sentence, details.
    problem: Option<(String, String)>,
    live: Option<Live>,
    /// Since when a comparison has been under way; `None` while none is.
    comparing_since: Option<Instant>,
    /// Rows of the population in view that the selection keeps.
    rows: Listed,
    sort: Sort,
    verified: Option<VerifyReport>,
    pages: Pages,
    out: Outbox,
    wishes: Vec<Wish>,
    recents: Recents,
    /// `None` in tests: nothing is remembered.
    recents_path: Option<PathBuf>,
    start: OnceCell<StartModel>,
    /// Columns of the rows to be written, while a dialog asks where.
    export_columns: Vec<Column>,
    /// While idle: how long the last refresh took, what stands.
    idle: String,
}

impl SessionDesk {
    /// `recents_path` is where the recent workspaces are kept.
    pub fn new(wake: Arc<dyn Fn() + Send + Sync>, paths: Vec<PathBuf>, recents_path: Option<PathBuf>) -> Self {
        let mut desk = Self {
            jobs: Jobs::new(wake),
            session: None,
            file: None,
            opening: None,
            look: None,
            problem: None,
            live: None,
            comparing_since: None,
            rows: Listed::default(),
            sort: Sort::default(),
            verified: None,
            pages: Pages::default(),
            out: Outbox::default(),
            wishes: Vec::new(),
            recents: Recents::default(),
            recents_path,
            start: OnceCell::new(),
            export_columns: Vec::new(),
            idle: String::new(),
        };
        desk.read_recents();
        if !paths.is_empty() {
            desk.open(paths);
        }
        desk
    }

    fn say(&mut self, kind: ToastKind, text: impl Into<String>) {
        self.wishes.push(Wish::Say(kind, redact(&text.into())));
    }

    fn start_opening(&mut self, wanted: Wanted) {
        self.problem = None;
        self.start.take();
        self.jobs.cancel(Slot::Audit);
        let profiles = self.recents.profiles.clone();
        self.jobs.start(Slot::Ingest, move |cx| Done::Arrived(work::open(wanted, profiles, cx)));
    }

    /// Count the pairing of the mapping on screen.
    fn start_audit(&mut self) {
        let Some(opening) = &self.opening else {
            return;
        };
        let opened = Arc::clone(&opening.opened);
        self.jobs.start(Slot::Audit, move |cx| {
            Done::Audited(crate::ingest::audit(&opened, &opened.guess, cx).map_err(PipelineError::from))
        });
    }

    fn load(&mut self) {
        let Some(opening) = &mut self.opening else {
            return;
        };
        if let Some(question) = opening.open_question() {
            let problem = format!("Answer this first: {question}");
            opening.failed(problem);
            return;
        }
        // What was answered is told to the next look at the same files, too.
        opening.settle();
        let (request, file, opened) = (opening.request.clone(), opening.file.clone(), Arc::clone(&opening.opened));
        self.jobs.cancel(Slot::Audit);
        self.jobs.start(Slot::Ingest, move |cx| Done::Arrived(work::load(request, file, opened, cx)));
    }

    fn command(&mut self, command: Command) {
        if let Some(session) = &mut self.session {
            let effects = session.apply(command);
            self.perform(effects);
        }
    }

    fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Compare(task) => self.start_compare(task),
                Effect::Live(thresholds) => {
                    self.jobs.cancel(Slot::Compare);
                    self.comparing_since = None;
                    self.live = self.session.as_ref().map(|session| session.engine().live(thresholds));
                }
                Effect::Rows => self.start_rows(),
                Effect::Seal => self.seal(),
                Effect::Export(format) => self.ask_where_to_export(format),
                Effect::Verify => self.start_verify(),
                Effect::CompareChallengers(requests) => {
                    self.jobs.start(Slot::Challengers, move |cx| Done::Challengers(work::challengers(requests, cx)));
                }
                Effect::Open(request) => self.start_opening(Wanted::Request(request, self.file.clone())),
                Effect::ChooseReference => self.ask_for_reference(),
                Effect::ChooseTests => self.ask_for_tests(),
                Effect::CopyText(text) => {
                    self.wishes.push(Wish::CopyText(text));
                    self.say(ToastKind::Done, "Copied");
                }
                Effect::SliceTaken => self.wishes.push(Wish::SliceTaken),
                Effect::SliceProblem(problem) => self.wishes.push(Wish::SliceProblem(problem)),
                Effect::Say(text) => self.say(ToastKind::Note, text),
            }
        }
    }

    fn cancel(&mut self) {
        if let Some(look) = &mut self.look {
            look.browser.stopped();
        }
        for slot in [
            Slot::Ingest,
            Slot::Browse,
            Slot::Measure,
            Slot::Audit,
            Slot::Compare,
            Slot::Challengers,
            Slot::Rows,
            Slot::Export,
            Slot::Verify,
        ] {
            if self.jobs.is_running(slot) {
                self.jobs.cancel(slot);
                if let (Slot::Challengers, Some(session)) = (slot, &mut self.session) {
                    session.compared_others(None);
                }
                if slot == Slot::Compare {
                    (self.live, self.comparing_since) = (None, None);
                    "stopped: the numbers are those from before, F5 computes them".clone_into(&mut self.idle);
                }
            }
        }
        self.start.take();
    }

    fn close(&mut self) {
        self.cancel();
        self.keep_text();
        self.session = None;
        self.file = None;
        self.live = None;
        self.rows = Listed::default();
        self.sort = Sort::default();
        self.verified = None;
        self.pages = Pages::default();
        self.idle.clear();
    }
}

impl Desk for SessionDesk {
    fn tick(&mut self) {
        for (slot, outcome) in self.jobs.drain() {
            self.finished(slot, outcome);
        }
        self.take_pages();
    }

    fn is_busy(&self) -> bool {
        !self.jobs.is_idle()
    }

    fn screen(&self) -> Screen {
        match (&self.opening, &self.look, &self.session) {
            (Some(_), ..) => Screen::Mapping,
            (None, Some(_), _) => Screen::Bucket,
            (None, None, Some(_)) => Screen::Workspace,
            (None, None, None) => Screen::Start,
        }
    }

    fn shell(&mut self) -> ShellModel {
        self.shell_model()
    }

    fn start(&self) -> StartModel {
        let lines = self.start.get_or_init(|| self.start_lines());
        StartModel { busy: self.busy(Slot::Ingest), problem: self.problem.clone(), ..lines.clone() }
    }

    fn mapping(&self) -> Option<MappingModel<'_>> {
        let busy = self.busy(Slot::Ingest).or_else(|| self.busy(Slot::Audit));
        self.opening.as_ref().map(|opening| opening.model(busy))
    }

    fn slices(&self) -> Vec<String> {
        let slices = self.session.as_ref().map(Session::slices).unwrap_or_default();
        slices.iter().map(ToString::to_string).collect()
    }

    fn undo_redo(&self) -> (bool, bool) {
        self.session.as_ref().map_or((false, false), |session| (session.can_undo(), session.can_redo()))
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::OpenRecent(index) => {
                if let Some(path) = self.recents.entries.get(index).map(|entry| entry.path.clone()) {
                    self.open(vec![path]);
                }
            }
            Action::ForgetRecent(index) => self.forget_recent(index),
            Action::OpenSample(index) => {
                if let Some(path) = super::samples().get(index) {
                    self.open(vec![path.clone()]);
                }
            }
            Action::SaveWorkspace => self.save(),
            Action::SaveWorkspaceAs => self.ask_where_to_save(),
            Action::CloseWorkspace => self.close(),
            Action::Undo => {
                let effects = self.session.as_mut().map(Session::undo).unwrap_or_default();
                self.perform(effects);
            }
            Action::Redo => {
                let effects = self.session.as_mut().map(Session::redo).unwrap_or_default();
                self.perform(effects);
            }
            Action::Tab(index) => {
                let view = self.session.as_ref().and_then(|session| session.views().get(index).copied());
                view.into_iter().for_each(|view| self.command(Command::Show(view)));
            }
            Action::NextTab => self.turn(1),
            Action::PreviousTab => self.turn(-1),
            Action::SelectSlice(slice) => self.command(Command::SelectSlice(slice)),
            Action::AddSlice(text) => self.command(Command::AddSlice(text)),
            Action::RemoveSlice(index) => self.command(Command::RemoveSlice(index)),
            Action::Threshold => {
                let has = self.session.as_ref().is_some_and(|session| {
                    session.views().contains(&View::Curves) && session.sheet().log.task == Task::Binary
                });
                if has {
                    self.command(Command::Show(View::Curves));
                }
            }
            Action::Recompute => {
                let effects = self.session.as_mut().map(Session::recompute).unwrap_or_default();
                self.perform(effects);
            }
            Action::Challenger(name) => self.command(Command::ShowChallenger(name)),
            Action::ChangeMapping => {
                if let Some(session) = &self.session {
                    let profile = Some(session.evaluation().run.mapping.clone());
                    let request = crate::session::pipeline::Request { profile, ..session.request() };
                    self.start_opening(Wanted::Mapping(Box::new(request), self.file.clone()));
                }
            }
            Action::Cancel => self.cancel(),
            // The window's own.
            Action::OpenFiles
            | Action::OpenFolder
            | Action::OpenPath(_)
            | Action::OpenBucket(..)
            | Action::Browse(_)
            | Action::Palette
            | Action::ToggleTheme
            | Action::ZoomIn
            | Action::ZoomOut
            | Action::ZoomReset
            | Action::Quit => {}
        }
    }

    fn map(&mut self, act: MappingAct) {
        match act {
            MappingAct::Load => self.load(),
            MappingAct::Cancel if self.jobs.is_running(Slot::Ingest) => self.jobs.cancel(Slot::Ingest),
            MappingAct::Cancel => {
                self.jobs.cancel(Slot::Audit);
                self.opening = None;
                self.start.take();
            }
            MappingAct::SaveProfile => self.ask_where_to_save_profile(),
            MappingAct::LoadProfile => self.ask_for_profile(),
            change => {
                if self.opening.as_mut().is_some_and(|opening| opening.change(&change)) {
                    self.start_audit();
                }
            }
        }
    }

    fn open(&mut self, paths: Vec<PathBuf>) {
        self.start_opening(Wanted::Paths(paths));
    }

    fn open_bucket(&mut self, address: PathBuf, options: S3Options) {
        self.start_opening(Wanted::Bucket(vec![address], options));
    }

    fn bucket(&self) -> Option<BucketModel<'_>> {
        self.bucket_model()
    }

    fn browse(&mut self, act: browse::Act, options: S3Options) {
        self.look_act(act, options);
    }

    fn chosen(&mut self, purpose: Purpose, paths: Vec<PathBuf>) {
        self.use_paths(purpose, paths);
    }

    fn without_dialog(&mut self, purpose: &Purpose) -> bool {
        self.use_default(purpose)
    }

    fn page_ui(&mut self, ui: &mut Ui) {
        let Some(session) = &self.session else {
            return;
        };
        // Old values stay in sight while new ones are computed, and say so.
        let slow = self.comparing_since.is_none_or(|since| since.elapsed() > SOON);
        let cx = super::pages::Shown {
            session,
            live: self.live.as_ref(),
            rows: &self.rows,
            verified: self.verified.as_ref(),
        };
        let refreshing = session.is_stale() && self.live.is_none() && slow;
        let asked = refreshing_ui(ui, refreshing, |ui| self.pages.page_ui(ui, &cx, &mut self.out));
        if let Some(sort) = asked.sort {
            self.sort = sort;
            self.start_rows();
        }
        if let Some(columns) = asked.export {
            self.ask_where_to_export_rows(columns);
        }
        for command in self.out.take() {
            self.command(command);
        }
    }

    fn leave(&mut self) {
        self.keep_text();
    }

    fn wishes(&mut self) -> Vec<Wish> {
        std::mem::take(&mut self.wishes)
    }
}

impl SessionDesk {
    fn turn(&mut self, by: isize) {
        let Some(session) = &self.session else {
            return;
        };
        let views = session.views();
        let here = views.iter().position(|view| *view == session.view()).unwrap_or(0) as isize;
        let there = (here + by).rem_euclid(views.len() as isize) as usize;
        self.command(Command::Show(views[there]));
    }
}
