//! The desk over the session. Waits for `crate::session`; until then it shows the start screen.

use std::path::PathBuf;
use std::sync::Arc;

use eframe::egui::Ui;

use super::desk::{Desk, Purpose, Screen, Wish};
use crate::ui::actions::Action;
use crate::ui::mapping::{MappingAct, MappingModel};
use crate::ui::shell::{ShellModel, StatusModel};
use crate::ui::start::{SampleCard, StartModel};

/// Session and jobs behind the window.
pub struct SessionDesk {
    samples: Vec<PathBuf>,
    wishes: Vec<Wish>,
}

impl SessionDesk {
    pub fn new(_wake: Arc<dyn Fn() + Send + Sync>, paths: Vec<PathBuf>) -> Self {
        let mut desk = Self { samples: super::samples(), wishes: Vec::new() };
        if !paths.is_empty() {
            desk.open(paths);
        }
        desk
    }
}

impl Desk for SessionDesk {
    fn tick(&mut self) {}

    fn is_busy(&self) -> bool {
        false
    }

    fn screen(&self) -> Screen {
        Screen::Start
    }

    fn shell(&self) -> ShellModel {
        ShellModel {
            status: StatusModel { facts: vec!["no workspace".to_owned()], ..StatusModel::default() },
            ..ShellModel::default()
        }
    }

    fn start(&self) -> StartModel {
        let card = |path: &PathBuf| SampleCard {
            title: path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
            ..SampleCard::default()
        };
        StartModel { samples: self.samples.iter().map(card).collect(), ..StartModel::default() }
    }

    fn mapping(&self) -> Option<MappingModel<'_>> {
        None
    }

    fn slices(&self) -> Vec<String> {
        Vec::new()
    }

    fn undo_redo(&self) -> (bool, bool) {
        (false, false)
    }

    fn act(&mut self, _action: Action) {}

    fn map(&mut self, _act: MappingAct) {}

    fn open(&mut self, _paths: Vec<PathBuf>) {}

    fn chosen(&mut self, _purpose: Purpose, paths: Vec<PathBuf>) {
        self.open(paths);
    }

    fn page_ui(&mut self, _ui: &mut Ui) {}

    fn wishes(&mut self) -> Vec<Wish> {
        std::mem::take(&mut self.wishes)
    }
}
