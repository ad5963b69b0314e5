use std::cell::RefCell;

use eframe::egui::{Event, Key, Theme, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

use super::*;
use crate::present::confusion::confusion;
use crate::present::rows::fixture::Case;
use crate::present::rows::{Sort, SortKey, sorted_rows};
use crate::ui::{fonts, theme};

/// The view in a window of `size`, beside the rail and under the bars, with everything it asked for in `asked`.
fn harness<'a>(
    case: &'a Case,
    window: [f32; 2],
    theme: Theme,
    selection: Option<&'a Selection>,
    asked: &'a RefCell<Vec<Command>>,
) -> Harness<'a> {
    let state = RefCell::new(ConfusionState::default());
    let sort = Sort { key: SortKey::AbsoluteDifference, descending: true };
    let all: Vec<u32> = (0..case.log.rows as u32).collect();
    let listed = sorted_rows(&case.log, &all, sort.key, sort.descending);
    let builder = Harness::builder().with_size(vec2(window[0] - 252.0, window[1] - 100.0));
    let mut harness = builder.build_ui(move |ui| {
        if !fonts::installed(ui.ctx()) {
            theme::install(ui.ctx(), theme);
            ui.ctx().request_repaint();
            return;
        }
        let state = &mut *state.borrow_mut();
        let mut model = confusion(&case.sheet(), None, state.normalise, selection);
        if let Some(selection) = &mut model.selection {
            selection.words = "fraud, broken by the challenger".to_owned();
        }
        let source = RowSource::new(&case.sheet(), &listed);
        let rows = crate::present::rows::rows(&source, "", &state.rows.columns, sort);
        let mut out = Outbox::default();
        let page = ui.max_rect().shrink(size::PAGE_MARGIN);
        ui.painter().rect_filled(ui.max_rect().expand(20.0), 0.0, Tokens::of(ui).bg);
        layout::at_ui(ui, "page", page, |ui| {
            confusion_ui(ui, &model, selection.map(|_| (&source, &rows)), state, &mut out);
        });
        asked.borrow_mut().extend(out.take());
    });
    harness.run();
    harness
}

fn broken() -> Selection {
    Selection { truth: Some(true), right: [Some(true), Some(false)], ..Selection::default() }
}

#[test]
fn a_click_on_a_cell_selects_it_and_enter_opens_its_rows() {
    let (case, asked) = (Case::new(30), RefCell::new(Vec::new()));
    let mut harness = harness(&case, [1280.0, 800.0], Theme::Dark, None, &asked);
    harness.get_by_label("flips: truth fraud, broken, 1,534 rows").click();
    harness.run();
    let missed = Selection { truth: Some(true), decisions: [None, Some(false)], ..Selection::default() };
    let cell = harness.get_by_label_contains("challenger: truth fraud, predicted pass, 11,801 rows");
    cell.focus();
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    drop(harness);
    let asked = asked.take();
    assert_eq!(asked[0], Command::Select(Some(broken())));
    assert!(asked.contains(&Command::OpenRows(missed)), "{asked:?}");
}

#[test]
fn the_selection_can_be_opened_inverted_copied_and_cleared() {
    let (case, asked) = (Case::new(30), RefCell::new(Vec::new()));
    let chosen = broken();
    let mut harness = harness(&case, [1280.0, 800.0], Theme::Dark, Some(&chosen), &asked);
    for button in ["Open rows", "Invert", "Copy", "Clear"] {
        harness.get_by_label(button).click();
        harness.run();
    }
    drop(harness);
    let asked = asked.take();
    assert_eq!(asked[0], Command::OpenRows(broken()));
    assert_eq!(asked[1], Command::Select(Some(Selection { inverted: true, ..broken() })));
    assert!(matches!(&asked[2], Command::CopyText(text) if text.lines().count() == 31));
    assert_eq!(asked[3], Command::Select(None));
}

#[test]
fn shares_replace_counts_and_rates_replace_rows() {
    let (case, asked) = (Case::new(30), RefCell::new(Vec::new()));
    let chosen = broken();
    let mut harness = harness(&case, [1280.0, 800.0], Theme::Light, Some(&chosen), &asked);
    harness.get_by_label("Normalise: By truth").click();
    harness.run();
    harness.get_by_label_contains("difference: truth fraud, predicted flag, +3.4 pp [+2.8, +4.0], better");
    harness.get_by_label("Below: Rates").click();
    harness.run();
    harness.get_by_label_contains("chance agreement is complete");
    harness.get_by_label("Threshold: Least cost").click();
    harness.run();
    drop(harness);
    assert_eq!(asked.take(), [Command::SetThresholdRule(crate::compare::ThresholdRule::LeastCost)]);
}

#[test]
fn keys_walk_the_rows_and_enter_opens_one() {
    let (case, asked) = (Case::new(30), RefCell::new(Vec::new()));
    let chosen = broken();
    let mut harness = harness(&case, [1280.0, 800.0], Theme::Dark, Some(&chosen), &asked);
    harness.key_press(Key::ArrowDown);
    harness.run();
    harness.key_press(Key::ArrowDown);
    harness.run();
    harness.event(Event::Copy);
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    harness.get_by_label("Copy row");
    drop(harness);
    assert!(matches!(&asked.take()[..], [Command::CopyText(text)] if text.lines().count() == 2));
}

#[test]
fn a_log_of_one_model_shows_its_matrix_and_says_what_is_missing() {
    let (mut case, asked) = (Case::new(30), RefCell::new(Vec::new()));
    case.log.arms.truncate(1);
    case.comparison.confusion.challenger = None;
    (case.comparison.joint, case.comparison.confusion_difference, case.comparison.flips) = (None, None, None);
    let chosen = Selection { truth: Some(true), decisions: [Some(true), None], ..Selection::default() };
    let mut harness = harness(&case, [1280.0, 800.0], Theme::Dark, Some(&chosen), &asked);
    harness.get_by_label_contains("The log holds one model.");
    harness.get_by_label("7,050 rows  36.1 % of fraud");
    harness.run();
}

/// Pictures of the view, to be looked at: `ASSAY_SHOTS=folder cargo test --lib -- --ignored confusion_shots`.
#[test]
#[ignore = "writes pictures"]
fn confusion_shots() {
    let Some(folder) = std::env::var_os("ASSAY_SHOTS") else {
        return;
    };
    let case = Case::new(1_534);
    let chosen = broken();
    for (name, size, theme, selection) in [
        ("dark-1440", [1440.0, 900.0], Theme::Dark, Some(&chosen)),
        ("light-1280", [1280.0, 800.0], Theme::Light, Some(&chosen)),
        ("dark-1280-rates", [1280.0, 800.0], Theme::Dark, None),
        ("light-1440-rates", [1440.0, 900.0], Theme::Light, None),
    ] {
        let asked = RefCell::new(Vec::new());
        let mut harness = harness(&case, size, theme, selection, &asked);
        let image = harness.render().unwrap();
        image.save(std::path::Path::new(&folder).join(format!("confusion-{name}.png"))).unwrap();
    }
}
