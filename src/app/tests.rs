//! The app with a desk that holds nothing: it comes to rest, and what is asked arrives.

use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;

use eframe::egui::{Key, Modifiers, Ui, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

use super::*;
use crate::ingest::source::S3Options;
use crate::ui::mapping::{MappingAct, MappingModel};
use crate::ui::shell::ShellModel;
use crate::ui::start::StartModel;

#[derive(Default)]
struct EmptyDesk {
    asked: Rc<RefCell<Vec<String>>>,
}

impl Desk for EmptyDesk {
    fn tick(&mut self) {}
    fn is_busy(&self) -> bool {
        false
    }
    fn screen(&self) -> Screen {
        Screen::Start
    }
    fn shell(&mut self) -> ShellModel {
        ShellModel::default()
    }
    fn start(&self) -> StartModel {
        StartModel::default()
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
    fn act(&mut self, action: Action) {
        self.asked.borrow_mut().push(format!("{action:?}"));
    }
    fn map(&mut self, act: MappingAct) {
        self.asked.borrow_mut().push(format!("{act:?}"));
    }
    fn open(&mut self, paths: Vec<PathBuf>) {
        self.asked.borrow_mut().push(format!("open {}", paths[0].display()));
    }
    fn bucket(&self) -> Option<crate::ui::bucket::BucketModel<'_>> {
        None
    }
    fn browse(&mut self, _act: browse::Act, _options: S3Options) {}
    fn open_bucket(&mut self, address: PathBuf, options: S3Options) {
        assert_eq!((options.since, options.until, options.largest), (None, None, None));
        self.asked.borrow_mut().push(format!("open {} {:?}", address.display(), options.endpoint));
    }
    fn chosen(&mut self, purpose: Purpose, _paths: Vec<PathBuf>) {
        self.asked.borrow_mut().push(format!("{purpose:?}"));
    }
    fn without_dialog(&mut self, _purpose: &Purpose) -> bool {
        false
    }
    fn page_ui(&mut self, _ui: &mut Ui) {}
    fn leave(&mut self) {}
    fn wishes(&mut self) -> Vec<Wish> {
        Vec::new()
    }
}

/// The app without a window; frames run through `frame_ui`.
fn harness(asked: &Rc<RefCell<Vec<String>>>) -> Harness<'static, Option<AssayApp>> {
    let asked = Rc::clone(asked);
    let mut harness = Harness::builder().with_size(vec2(1280.0, 800.0)).build_ui_state(
        move |ui, app: &mut Option<AssayApp>| {
            let app = app.get_or_insert_with(|| {
                let desk = EmptyDesk { asked: Rc::clone(&asked) };
                AssayApp::new(ui.ctx(), Settings::default(), None, "wgpu".to_owned(), |_| Box::new(desk))
            });
            if crate::ui::fonts::installed(ui.ctx()) {
                app.frame_ui(ui);
            } else {
                ui.ctx().request_repaint();
            }
        },
        None,
    );
    harness.run();
    harness
}

#[test]
fn pasted_path_is_opened() {
    let asked = Rc::default();
    let mut harness = harness(&asked);
    harness.get_by_label("Paste a path").click();
    harness.run();
    harness.get_by_label("Path of a file, folder, pattern or s3:// prefix").type_text("/data/fraud");
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    assert_eq!(*asked.borrow(), ["open /data/fraud"]);
}

#[cfg(feature = "s3")]
#[test]
fn an_address_in_a_bucket_is_opened_as_said_below() {
    let asked = Rc::default();
    let mut harness = harness(&asked);
    harness.state_mut().as_mut().unwrap().start.bucket =
        BucketState::reached_at("http://localhost:9000", std::path::Path::new("/tmp"));
    harness.get_by_label("Paste a path").click();
    harness.run();
    harness.get_by_label("Path of a file, folder, pattern or s3:// prefix").type_text("s3://logs/run/");
    harness.run();
    assert!(harness.query_by_label("Credentials of the bucket").is_some());
    harness.get_by_role_and_label(eframe::egui::Role::Button, "Open").click();
    harness.run();
    assert_eq!(*asked.borrow(), ["open s3://logs/run/ Some(\"http://localhost:9000\")"]);
}

#[test]
fn palette_opens_runs_and_closes() {
    let asked = Rc::default();
    let mut harness = harness(&asked);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::K);
    harness.run();
    harness.get_by_label("Find or run a view, a slice or a command").type_text("light");
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    let app = harness.state().as_ref().unwrap();
    assert_eq!(app.settings.theme, ThemeName::Light);
    assert!(app.palette.is_none());
}
