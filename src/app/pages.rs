//! The views of a workspace: one small function each. Models are kept until what they show changes.

use eframe::egui::Ui;

use super::session_desk::Listed;
use crate::compare::Live;
use crate::decision::verify::VerifyReport;
use crate::session::{Session, View};
use crate::ui::Outbox;
use crate::ui::shell::{ShellModel, TabLine};

/// What a view is drawn from.
pub struct Shown<'a> {
    pub session: &'a Session,
    /// Follows a threshold that is being dragged.
    pub live: Option<&'a Live>,
    /// Rows behind the selection, or all of the population.
    pub rows: &'a Listed,
    pub verified: Option<&'a VerifyReport>,
}

/// Models of the views, made when they are first shown.
#[derive(Default)]
pub struct Pages {}

impl Pages {
    /// Draw the view that is chosen.
    pub fn page_ui(&mut self, ui: &mut Ui, shown: &Shown<'_>, out: &mut Outbox) {
        let _ = (ui, shown.live, shown.rows, shown.verified, out);
    }

    /// What stands around the view.
    pub fn frame(&mut self, session: &Session) -> ShellModel {
        let tabs = View::ALL.map(|view| TabLine { title: view.title().to_owned(), mark: None });
        let tab = View::ALL.iter().position(|view| *view == session.view()).unwrap_or(0);
        ShellModel { tabs: tabs.to_vec(), tab, ..ShellModel::default() }
    }
}
