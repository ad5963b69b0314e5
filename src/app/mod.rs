//! The eframe shell: frames, dialogs, file drop, clipboard, settings. All decisions are the session's.

mod clock;
mod desk;
mod dialogs;
#[cfg(test)]
mod flow_tests;
mod opening;
mod pages;
mod pictures;
mod session_desk;
mod start_lines;
mod startup;
mod storage;
#[cfg(test)]
mod tests;
mod work;
mod writing;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use eframe::egui::{Context, Theme, Ui, ViewportCommand};

pub use desk::{Desk, Purpose, Screen, Wish};
pub use dialogs::{Kind, Request};
pub use session_desk::SessionDesk;
pub use startup::{Args, RendererName, run, samples};
pub use storage::{Settings, ThemeName};

use dialogs::{Answer, Dialogs};

use crate::ingest::source::{self, Place};
use crate::session::browse;
use crate::ui::actions::{self, Action, Entry, Situation};
use crate::ui::bucket::{BucketState, browser_ui};
use crate::ui::mapping::{MappingState, mapping_ui};
use crate::ui::shell::{Palette, RailState, palette_ui, shell_ui};
use crate::ui::start::{StartModel, StartState, start_ui};
use crate::ui::theme;
use crate::ui::widgets::toast::{ToastKind, Toasts};

/// Progress is looked at so often while a job runs.
const PROGRESS: Duration = Duration::from_millis(100);

/// The window.
pub struct AssayApp {
    desk: Box<dyn Desk>,
    dialogs: Dialogs<Purpose>,
    settings: Settings,
    /// `None` in tests: nothing is written.
    settings_path: Option<PathBuf>,
    rail: RailState,
    start: StartState,
    mapping: MappingState,
    palette: Option<Palette>,
    toasts: Toasts,
    /// Wishes for dialogs wait for a frame, since dialogs need the window.
    waiting: Vec<Request<Purpose>>,
    /// For the status bar.
    renderer: String,
    /// Dropping files works: not on Wayland.
    can_drop: bool,
}

impl AssayApp {
    /// `problem` is told once the window stands. `make_desk` gets what wakes the window from a worker.
    pub fn new(
        ctx: &Context,
        settings: Settings,
        problem: Option<String>,
        renderer: String,
        make_desk: impl FnOnce(Arc<dyn Fn() + Send + Sync>) -> Box<dyn Desk>,
    ) -> Self {
        theme::install(ctx, settings.theme.into());
        ctx.set_zoom_factor(settings.zoom);
        let waker = ctx.clone();
        let wake: Arc<dyn Fn() + Send + Sync> = Arc::new(move || waker.request_repaint());
        let mut toasts = Toasts::default();
        if let Some(problem) = problem {
            toasts.push(ToastKind::Error, problem);
        }
        let wayland = std::env::var_os("WAYLAND_DISPLAY").is_some_and(|display| !display.is_empty());
        Self {
            desk: make_desk(Arc::clone(&wake)),
            dialogs: Dialogs::new(wake),
            rail: RailState { folded: settings.folded, ..RailState::default() },
            settings,
            settings_path: None,
            start: StartState { bucket: BucketState::new(source::profiles()), ..StartState::default() },
            mapping: MappingState::default(),
            palette: None,
            toasts,
            waiting: Vec::new(),
            renderer,
            can_drop: !(cfg!(target_os = "linux") && wayland),
        }
    }

    /// Keep the settings in this file.
    pub fn keep_settings(mut self, path: Option<PathBuf>) -> Self {
        self.settings_path = path;
        self
    }

    /// Whether a job runs, so that what is shown is not the last word.
    pub fn is_busy(&self) -> bool {
        self.desk.is_busy()
    }

    /// One frame; everything but dialogs, which need the window itself.
    fn frame_ui(&mut self, ui: &mut Ui) {
        let ctx = ui.ctx().clone();
        self.take_drops(&ctx);
        let mut model = self.desk.shell();
        if let Some(bytes) = resident_bytes() {
            model.status.facts.push(format!("app {} MB", bytes / 1_000_000));
        }
        if self.desk.screen() == Screen::Start {
            model.status.facts.push(self.renderer.clone());
        }
        let entries = self.entries(&model);
        let mut asked = if self.palette.is_some() { Vec::new() } else { actions::pressed(&ctx, &entries) };
        let screen = self.desk.screen();
        let (mut acts, mut looks) = (Vec::new(), Vec::new());
        let mut start = if screen == Screen::Start { self.desk.start() } else { StartModel::default() };
        start.can_drop = self.can_drop;
        start.dropping = ctx.input(|input| !input.raw.hovered_files.is_empty());
        let (desk, mapping, start_state) = (&mut self.desk, &mut self.mapping, &mut self.start);
        shell_ui(ui, &model, &mut self.rail, &mut asked, |ui, asked| match screen {
            Screen::Start => start_ui(ui, &start, start_state, asked),
            Screen::Bucket => {
                if let Some(model) = desk.bucket() {
                    browser_ui(ui, &model, &mut start_state.bucket, &mut looks);
                }
            }
            Screen::Mapping => {
                if let Some(model) = desk.mapping() {
                    mapping_ui(ui, &model, mapping, &mut acts);
                }
                let escape = ui.input(|input| input.key_pressed(eframe::egui::Key::Escape));
                if escape && !ui.ctx().text_edit_focused() {
                    acts.push(crate::ui::mapping::MappingAct::Cancel);
                }
            }
            Screen::Workspace => desk.page_ui(ui),
        });
        asked.extend(palette_ui(ui, &mut self.palette, &entries));
        for act in acts {
            self.desk.map(act);
        }
        for look in looks {
            self.look(look);
        }
        for action in asked {
            self.act(&ctx, action);
        }
        self.grant(&ctx);
        self.toasts.show(ui, screen == Screen::Workspace);
        if self.desk.is_busy() {
            ctx.request_repaint_after(PROGRESS);
        }
    }

    fn entries(&self, model: &crate::ui::shell::ShellModel) -> Vec<Entry> {
        let tabs: Vec<&str> = model.tabs.iter().map(|tab| tab.title.as_str()).collect();
        let (can_undo, can_redo) = self.desk.undo_redo();
        let slices = self.desk.slices();
        let job_running = model.status.job.is_some();
        let rivals = model.top.as_ref().map(|top| top.rivals.clone()).unwrap_or_default();
        actions::entries(&Situation { tabs: &tabs, slices: &slices, rivals: &rivals, can_undo, can_redo, job_running })
    }

    /// Actions of the window itself; the rest goes to the desk.
    fn act(&mut self, ctx: &Context, action: Action) {
        match action {
            Action::Palette => self.palette = if self.palette.is_none() { Some(Palette::default()) } else { None },
            Action::ToggleTheme => {
                let theme = match self.settings.theme {
                    ThemeName::Dark => ThemeName::Light,
                    ThemeName::Light => ThemeName::Dark,
                };
                self.settings.theme = theme;
                theme::apply(ctx, Theme::from(theme));
                self.remember();
            }
            Action::ZoomIn => self.zoom(ctx, 0.1),
            Action::ZoomOut => self.zoom(ctx, -0.1),
            Action::ZoomReset => self.zoom(ctx, 1.0 - self.settings.zoom),
            Action::OpenFiles => {
                self.ask_for(Purpose::OpenFiles, Kind::Files, "Open prediction logs, labels or a workspace")
            }
            Action::OpenFolder => self.ask_for(Purpose::OpenFolder, Kind::Folder, "Open a folder of logs"),
            Action::OpenPath(path) => {
                self.start.path = None;
                self.desk.open(vec![PathBuf::from(path)]);
            }
            Action::OpenBucket(address, options) => {
                self.start.path = None;
                self.desk.open_bucket(PathBuf::from(address), *options);
            }
            Action::Browse(address) => self.look(browse::Act::Go(Place::typed(&address))),
            Action::Quit => ctx.send_viewport_cmd(ViewportCommand::Close),
            action => self.desk.act(action),
        }
    }

    /// Look into buckets as the settings on screen say; the address there follows.
    fn look(&mut self, act: browse::Act) {
        let bucket = &mut self.start.bucket;
        let options = bucket.options();
        self.desk.browse(act, options);
        if let Some(model) = self.desk.bucket() {
            bucket.follow(model.browser);
        }
    }

    fn zoom(&mut self, ctx: &Context, by: f32) {
        self.settings.zoom = (self.settings.zoom + by).clamp(0.7, 2.0);
        ctx.set_zoom_factor(self.settings.zoom);
        self.remember();
    }

    fn ask_for(&mut self, purpose: Purpose, kind: Kind, title: &str) {
        let request =
            Request { purpose, kind, title: title.to_owned(), filter: None, file_name: String::new(), folder: None };
        self.waiting.push(request);
    }

    fn take_drops(&mut self, ctx: &Context) {
        let paths: Vec<PathBuf> =
            ctx.input(|input| input.raw.dropped_files.iter().map(|file| file.path().to_path_buf()).collect());
        if !paths.is_empty() {
            self.desk.open(paths);
        }
    }

    /// Grant what the desk wished for.
    fn grant(&mut self, ctx: &Context) {
        for wish in self.desk.wishes() {
            match wish {
                Wish::Dialog(request) => self.waiting.push(request),
                Wish::Say(kind, text) => self.toasts.push(kind, text),
                Wish::CopyText(text) => ctx.copy_text(text),
                Wish::SliceProblem(problem) => self.rail.problem = problem,
                Wish::SliceTaken => {
                    self.rail.adding = None;
                    self.rail.problem.clear();
                }
                Wish::Quit => ctx.send_viewport_cmd(ViewportCommand::Close),
            }
        }
    }

    /// Take in what jobs have finished.
    fn before_frame(&mut self, ctx: &Context) {
        self.desk.tick();
        self.grant(ctx);
    }

    fn answer_dialogs(&mut self) {
        match self.dialogs.poll() {
            Some(Answer::Chosen { purpose, paths }) => self.desk.chosen(purpose, paths),
            Some(Answer::NotAvailable { purpose }) if self.desk.without_dialog(&purpose) => {}
            Some(Answer::NotAvailable { purpose }) => {
                let opens = matches!(purpose, Purpose::OpenFiles | Purpose::OpenFolder | Purpose::LoadProfile);
                let text = if matches!(purpose, Purpose::Reference | Purpose::Tests) {
                    "This system shows no file dialog. Type the path beside the button."
                } else if opens {
                    "This system shows no file dialog. Paste a path instead, or name it on the command line."
                } else {
                    "This system shows no file dialog, so nothing was saved. assay-cli writes the same files."
                };
                if opens && self.start.path.is_none() {
                    self.start.path = Some(String::new());
                }
                self.toasts.push(ToastKind::Error, text);
            }
            Some(Answer::Dismissed) | None => {}
        }
    }

    fn remember(&mut self) {
        self.settings.folded = self.rail.folded;
        if let Some(path) = &self.settings_path
            && let Err(problem) = self.settings.save(path)
        {
            self.toasts.push(ToastKind::Error, problem);
        }
    }
}

impl eframe::App for AssayApp {
    fn logic(&mut self, ctx: &Context, _frame: &mut eframe::Frame) {
        self.answer_dialogs();
        self.before_frame(ctx);
    }

    fn ui(&mut self, ui: &mut Ui, frame: &mut eframe::Frame) {
        self.frame_ui(ui);
        // One dialog at a time: the first wish of a frame wins.
        if let Some(request) = self.waiting.drain(..).next() {
            self.dialogs.show(request, frame);
        }
    }

    fn save(&mut self, _storage: &mut dyn eframe::Storage) {
        self.remember();
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        self.desk.leave();
    }

    fn clear_color(&self, visuals: &eframe::egui::Visuals) -> [f32; 4] {
        visuals.extreme_bg_color.to_normalized_gamma_f32()
    }
}

/// Memory of the program, where the system tells.
fn resident_bytes() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().trim_end_matches("kB").trim().parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}
