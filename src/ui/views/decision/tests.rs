use std::cell::RefCell;

use eframe::egui::{Theme, Vec2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

use super::*;
use crate::present::decision::tests::{model, said, sealed_state};
use crate::present::decision::{DraftText, RecordState};
use crate::session::{Command, DraftEdit, ExportFormat};
use crate::ui::{fonts, theme};

/// Draw the view; what it asked for is kept.
fn harness<'a>(
    (size, theme): (Vec2, Theme),
    model: &'a DecisionModel,
    asked: &'a RefCell<Vec<Command>>,
) -> Harness<'a> {
    let mut state = DecisionState::default();
    let mut harness = Harness::builder().with_size(size).build_ui(move |ui| {
        if fonts::installed(ui.ctx()) {
            let mut out = Outbox::default();
            ui.painter().rect_filled(ui.max_rect().expand(40.0), 0.0, theme::Tokens::of(ui).bg);
            decision_ui(ui, Decided { model, challengers: None }, &mut state, &mut out);
            asked.borrow_mut().extend(out.take());
        } else {
            theme::install(ui.ctx(), theme);
            ui.ctx().request_repaint();
        }
    });
    harness.run();
    harness
}

/// The page beside rail and bars in a window of 1280 × 1400: everything is in sight.
const TALL: (Vec2, Theme) = (vec2(1028.0, 1300.0), Theme::Dark);

fn blank_limitations() -> DraftText {
    DraftText { limitations: String::new(), ..said() }
}

#[test]
fn verdict_gates_rules_and_changes_are_named() {
    let (model, asked) = (model(&said(), &RecordState::default()), RefCell::default());
    let harness = harness(TALL, &model, &asked);
    harness.get_by_label("Promote with conditions");
    harness.get_by_label("Verdict: pass with conditions");
    harness.get_by_label("1 fail, report only");
    harness.get_by_label_contains("G3, Recall, pp, not worse by 1 pp, +3.4, [+2.8, +4.0], interval clear of the shade");
    harness.get_by_label_contains("Not evaluable: 41.3 % of frauds have no loss amount.");
    harness.get_by_label("Rule 5: only segments inconclusive, yes, promote with conditions, fired");
    harness.get_by_label("Leave both open segments out: promote, rule 4");
    assert!(asked.borrow().is_empty());
}

#[test]
fn segments_of_a_gate_are_listed_on_demand() {
    let (model, asked) = (model(&said(), &RecordState::default()), RefCell::default());
    let mut harness = harness(TALL, &model, &asked);
    assert!(harness.query_by_label_contains("EU × web").is_none());
    harness.get_by_label_contains("G7, ROC AUC by region × channel").click();
    harness.run();
    harness.get_by_label_contains("EU × web, 601,220 rows, 8,120 positive");
    harness.get_by_label_contains("Required because: A region may lose a little");
}

#[test]
fn every_change_is_one_command() {
    let (model, asked) = (model(&blank_limitations(), &RecordState::default()), RefCell::default());
    let mut harness = harness(TALL, &model, &asked);
    harness.get_by_label("Outcome: Extend").click();
    harness.run();
    harness.get_by_label("Limitations").focus();
    harness.run();
    harness.get_by_label("Limitations").type_text("Shadow run");
    harness.run();
    harness.get_by_label("Add finding").click();
    harness.run();
    harness.get_by_label("HTML…").click();
    harness.run();
    drop(harness);
    assert_eq!(
        *asked.borrow(),
        [
            Command::Draft(DraftEdit::Outcome(Some(Recommendation::Extend))),
            Command::Draft(DraftEdit::Limitations("Shadow run".to_owned())),
            Command::Draft(DraftEdit::AddFinding),
            Command::Export(ExportFormat::Html),
        ]
    );
}

#[test]
fn sealing_waits_for_limitations_and_says_so() {
    let asked = RefCell::default();
    let blank = model(&blank_limitations(), &RecordState::default());
    let mut drawn = harness(TALL, &blank, &asked);
    drawn.get_by_label("Limitations are blank: say what this run cannot show.");
    drawn.get_by_label("Seal record…").click();
    drawn.run();
    drop(drawn);
    assert!(asked.borrow().is_empty());
    let ready = model(&said(), &RecordState::default());
    let mut drawn = harness(TALL, &ready, &asked);
    drawn.get_by_label("Seal record…").click();
    drawn.run();
    drop(drawn);
    assert_eq!(*asked.borrow(), [Command::Seal]);
}

#[test]
fn another_outcome_than_recommended_asks_for_an_override() {
    let asked = RefCell::default();
    let model = model(&DraftText { outcome: Some(Recommendation::Promote), ..said() }, &RecordState::default());
    let mut harness = harness(TALL, &model, &asked);
    harness.get_by_label_contains("Overrides the recommendation to promote with conditions.");
    harness.get_by_label("Override reason code").focus();
    harness.run();
    harness.get_by_label("Override reason code").type_text("market");
    harness.run();
    drop(harness);
    let asked = asked.into_inner();
    let Some(Command::Draft(DraftEdit::Override(Some(reason)))) = asked.last() else {
        panic!("{asked:?}");
    };
    assert_eq!(reason.reason_code, "market");
}

#[test]
fn a_sealed_record_is_read_only_and_can_be_verified() {
    let (model, asked) = (model(&said(), &sealed_state()), RefCell::default());
    let mut harness = harness(TALL, &model, &asked);
    assert!(harness.query_by_label("Outcome: Extend").is_none());
    assert!(harness.query_by_label("Seal record…").is_none());
    harness.get_by_label("record sealed, read-only");
    harness.get_by_label_contains("214 of 214 numbers match");
    harness.get_by_label_contains("not checked seed: 20261004");
    harness.get_by_label("Verify").click();
    harness.run();
    harness.get_by_label("Supersede…").click();
    harness.run();
    drop(harness);
    assert_eq!(*asked.borrow(), [Command::Verify, Command::Supersede]);
}

/// Pictures for the eye: `ASSAY_PICTURES` names the folder.
#[test]
#[ignore = "writes pictures"]
fn pictures() {
    let folder = std::env::var("ASSAY_PICTURES").unwrap();
    let page = |width: f32, height: f32| vec2(width - 252.0 - 24.0 + 16.0, height - 100.0 - 24.0 + 16.0);
    let overridden = DraftText { outcome: Some(Recommendation::Promote), ..said() };
    let cases = [
        ("sealed-1440-dark", page(1440.0, 900.0), Theme::Dark, model(&said(), &sealed_state())),
        ("sealed-1440-light", page(1440.0, 900.0), Theme::Light, model(&said(), &sealed_state())),
        ("draft-1280-dark", page(1280.0, 800.0), Theme::Dark, model(&said(), &RecordState::default())),
        ("draft-1920-light", page(1920.0, 1080.0), Theme::Light, model(&blank_limitations(), &RecordState::default())),
        ("override-1280-tall", page(1280.0, 1320.0), Theme::Dark, model(&overridden, &RecordState::default())),
    ];
    for (name, size, theme, model) in cases {
        let asked = RefCell::default();
        let mut harness = harness((size, theme), &model, &asked);
        if name == "override-1280-tall" {
            harness.get_by_label_contains("G7, ROC AUC by region").click();
            harness.run();
        }
        harness.render().unwrap().save(format!("{folder}/{name}.png")).unwrap();
    }
}
