//! What the window needs of whoever holds the workspace. The app knows windows; the desk knows the session.

use std::path::PathBuf;

use eframe::egui::Ui;

use super::dialogs::Request;
use crate::ingest::source::S3Options;
use crate::session::browse;
use crate::ui::actions::Action;
use crate::ui::bucket::BucketModel;
use crate::ui::mapping::{MappingAct, MappingModel};
use crate::ui::shell::ShellModel;
use crate::ui::start::StartModel;
use crate::ui::widgets::toast::ToastKind;

/// What a file dialog was opened for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    OpenFiles,
    OpenFolder,
    SaveWorkspace,
    SaveProfile,
    LoadProfile,
    /// Training data.
    Reference,
    /// Test results.
    Tests,
    /// Write something of the analysis; the word says what (`html`, `record`, …).
    Export(String),
}

/// What the desk wants of the window.
#[derive(Clone, Debug, PartialEq)]
pub enum Wish {
    Dialog(Request<Purpose>),
    Say(ToastKind, String),
    CopyText(String),
    /// Why a typed slice is none; the well in the rail stays open with this line under it.
    SliceProblem(String),
    /// The typed slice was taken; the well closes.
    SliceTaken,
    Quit,
}

/// Which screen stands in the middle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screen {
    Start,
    Bucket,
    Mapping,
    Workspace,
}

/// The other side of the window: holds session and jobs, knows no dialogs, fonts or panels.
pub trait Desk {
    /// Called before each frame, also while the window is hidden: take in what jobs have finished.
    fn tick(&mut self);
    /// Whether a job runs; the window then looks again every 100 ms.
    fn is_busy(&self) -> bool;
    fn screen(&self) -> Screen;
    fn shell(&mut self) -> ShellModel;
    fn start(&self) -> StartModel;
    /// The mapping under way; asked for on [`Screen::Mapping`] only.
    fn mapping(&self) -> Option<MappingModel<'_>>;
    /// For the palette: names of the slices, undo and redo at hand.
    fn slices(&self) -> Vec<String>;
    fn undo_redo(&self) -> (bool, bool);
    fn act(&mut self, action: Action);
    fn map(&mut self, act: MappingAct);
    fn open(&mut self, paths: Vec<PathBuf>);
    /// Open what lies at an `s3://` address.
    fn open_bucket(&mut self, address: PathBuf, options: S3Options);
    /// The look into buckets under way; asked for on [`Screen::Bucket`] only.
    fn bucket(&self) -> Option<BucketModel<'_>>;
    /// Look into buckets, reached as `options` say.
    fn browse(&mut self, act: browse::Act, options: S3Options);
    /// A dialog was answered.
    fn chosen(&mut self, purpose: Purpose, paths: Vec<PathBuf>);
    /// No dialog could be shown for this; returns whether it was done without one.
    fn without_dialog(&mut self, purpose: &Purpose) -> bool;
    /// Draw the current view.
    fn page_ui(&mut self, ui: &mut Ui);
    /// The window is about to close: keep what would be lost.
    fn leave(&mut self);
    /// Wishes since the last call.
    fn wishes(&mut self) -> Vec<Wish>;
}
