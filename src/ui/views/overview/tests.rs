use eframe::egui::{Theme, Ui, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

use super::*;
use crate::log::Task;
use crate::present::frame::{FrameInputs, frame};
use crate::present::overview::overview;
use crate::present::overview::tests::{Made, made};
use crate::session::{Command, View};
use crate::ui::shell::{RailState, ShellModel, StatusModel, shell_ui};
use crate::ui::views::frame::tabs;
use crate::ui::{fonts, theme};

/// Draw `add` with the fonts in place; panics on endless repaints.
pub(crate) fn harness<'a>(size: [f32; 2], look: Theme, mut add: impl FnMut(&mut Ui) + 'a) -> Harness<'a> {
    let mut harness = Harness::builder().with_size(vec2(size[0], size[1])).build_ui(move |ui| {
        if fonts::installed(ui.ctx()) {
            add(ui);
        } else {
            theme::install(ui.ctx(), look);
            ui.ctx().request_repaint();
        }
    });
    harness.run();
    harness
}

/// The whole window around `page`.
pub(crate) fn in_shell<'a>(made: &Made, tab: usize, mut page: impl FnMut(&mut Ui) + 'a) -> impl FnMut(&mut Ui) + 'a {
    let inputs = FrameInputs {
        workspace: "card-fraud",
        whole: &made.comparison,
        added: &[],
        policy_file: Some("promotion.toml"),
        files_note: "read in 1.9 s, all digests kept",
    };
    let frame = frame(&made.sheet(), &inputs);
    let model = ShellModel {
        top: Some((&frame.top).into()),
        rail: Some((&frame.rail).into()),
        tabs: tabs(&frame, View::of(Task::Binary)),
        tab,
        status: StatusModel { facts: frame.facts.clone(), ..StatusModel::default() },
    };
    let mut rail = RailState::default();
    move |ui| shell_ui(ui, &model, &mut rail, &mut Vec::new(), |ui, _| page(ui))
}

#[test]
fn overview_is_named_and_opens_what_is_behind() {
    let made = made();
    let model = overview(&made.sheet());
    let said = std::cell::RefCell::new(Vec::new());
    let mut state = OverviewState::default();
    let page = |ui: &mut Ui| {
        let mut out = Outbox::default();
        overview_ui(ui, &model, &mut state, &mut out);
        said.borrow_mut().extend(out.take());
    };
    let mut harness = harness([1280.0, 800.0], Theme::Dark, in_shell(&made, 0, page));
    harness.get_by_label_contains("The challenger finds 3.4 pp more fraud");
    harness.get_by_label_contains("row flow: Request ids 1,312,403");
    harness.get_by_label_contains("ROC AUC, LATAM × phone");
    harness.get_by_label_contains("fraud: 1,534 only champion right").focus();
    harness.run();
    harness.key_press(eframe::egui::Key::Enter);
    harness.run();
    harness.get_by_label_contains("Recall, %").focus();
    harness.run();
    harness.key_press(eframe::egui::Key::Enter);
    harness.run();
    drop(harness);
    let said = said.borrow();
    assert!(matches!(&said[0], Command::OpenRows(rows) if rows.truth == Some(true)), "{said:?}");
    assert_eq!(said[1], Command::Show(View::Confusion));
}

/// A metric is written, with what is wrong said on the way, and comes out as a command.
#[test]
fn a_metric_of_ones_own_is_written_in_the_overview() {
    use crate::compare::CustomMetric;
    let made = made();
    let model = overview(&made.sheet());
    let said = std::cell::RefCell::new(Vec::new());
    let mut state = OverviewState::default();
    let page = |ui: &mut Ui| {
        let mut out = Outbox::default();
        overview_ui(ui, &model, &mut state, &mut out);
        said.borrow_mut().extend(out.take());
    };
    let mut harness = harness([1280.0, 800.0], Theme::Dark, in_shell(&made, 0, page));
    harness.get_by_label("Add metric…").click();
    harness.run();
    for (well, typed) in [("Name of the metric", "net"), ("Unit of the metric", "EUR")] {
        harness.get_by_label(well).focus();
        harness.run();
        harness.get_by_label(well).type_text(typed);
        harness.run();
    }
    harness.get_by_label("Expression per row").focus();
    harness.run();
    harness.get_by_label("Expression per row").type_text("1 + x");
    harness.run();
    harness.get_by_label_contains("value at character 5: no column x");
    harness.get_by_label("Add").click();
    harness.run();
    assert!(said.borrow().is_empty(), "what cannot be computed is not taken");
    harness.get_by_label("Expression per row").focus();
    harness.run();
    harness.key_press(eframe::egui::Key::End);
    harness.key_press(eframe::egui::Key::Backspace);
    harness.run();
    harness.get_by_label("Expression per row").type_text("2");
    harness.run();
    harness.get_by_label("mean of 1 + 2");
    harness.get_by_label("Add").click();
    harness.run();
    drop(harness);
    let metric = CustomMetric::from_line("net:higher:EUR=1 + 2").unwrap();
    assert_eq!(said.into_inner(), [Command::DefineMetric(metric)]);
}

#[test]
fn overview_of_one_model_comes_to_rest() {
    let mut made = made();
    made.comparison.flips = None;
    made.comparison.plan.challenger = None;
    made.judge();
    let model = overview(&made.sheet());
    let mut state = OverviewState::default();
    let page = |ui: &mut Ui| overview_ui(ui, &model, &mut state, &mut Outbox::default());
    let harness = harness([1280.0, 800.0], Theme::Light, in_shell(&made, 0, page));
    harness.get_by_label("Flips need two models and labels.");
}

#[test]
#[ignore = "draws pictures to look at"]
fn pictures() {
    let made = made();
    let model = overview(&made.sheet());
    let folder = std::env::temp_dir().join("assay-overview");
    std::fs::create_dir_all(&folder).unwrap();
    for (size, look) in [
        ([1440.0, 900.0], Theme::Dark),
        ([1440.0, 900.0], Theme::Light),
        ([1280.0, 800.0], Theme::Dark),
        ([1920.0, 1080.0], Theme::Dark),
    ] {
        let mut state = OverviewState::default();
        let page = |ui: &mut Ui| overview_ui(ui, &model, &mut state, &mut Outbox::default());
        let mut harness = harness(size, look, in_shell(&made, 0, page));
        let name = format!("overview-{}-{look:?}.png", size[0]);
        harness.render().unwrap().save(folder.join(name)).unwrap();
    }
}
