use std::cell::RefCell;

use eframe::egui::{Event, Key, Modifiers, Theme, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

use super::*;
use crate::log::ArmRole;
use crate::present::rows::SortKey;
use crate::present::rows::fixture::Case;
use crate::ui::{fonts, theme};

#[derive(Default)]
struct Asked {
    commands: Vec<Command>,
    responses: Vec<RowsResponse>,
}

fn harness<'a>(
    case: &'a Case,
    rows: &'a [u32],
    window: [f32; 2],
    theme: Theme,
    asked: &'a RefCell<Asked>,
) -> Harness<'a> {
    let state = RefCell::new(RowsState::default());
    let builder = Harness::builder().with_size(vec2(window[0] - 252.0, window[1] - 100.0));
    let mut harness = builder.build_ui(move |ui| {
        if !fonts::installed(ui.ctx()) {
            theme::install(ui.ctx(), theme);
            ui.ctx().request_repaint();
            return;
        }
        let state = &mut *state.borrow_mut();
        let source = RowSource::new(&case.sheet(), rows);
        let model = crate::present::rows::rows(&source, "all analysed rows", &state.columns, state.sort);
        let mut out = Outbox::default();
        let page = ui.max_rect().shrink(size::PAGE_MARGIN);
        ui.painter().rect_filled(ui.max_rect().expand(20.0), 0.0, Tokens::of(ui).bg);
        let response = layout::at_ui(ui, "page", page, |ui| rows_ui(ui, &source, &model, state, &mut out));
        let mut asked = asked.borrow_mut();
        asked.commands.extend(out.take());
        if response != RowsResponse::default() {
            asked.responses.push(response);
        }
    });
    harness.run();
    harness
}

#[test]
fn keys_walk_select_open_and_copy() {
    let (case, asked) = (Case::new(200), RefCell::new(Asked::default()));
    let rows: Vec<u32> = (0..200).collect();
    let mut harness = harness(&case, &rows, [1280.0, 800.0], Theme::Dark, &asked);
    harness.key_press(Key::End);
    harness.run();
    harness.get_by_label_contains(&case.log.ids.get(199));
    harness.key_press_modifiers(Modifiers::SHIFT, Key::ArrowUp);
    harness.run();
    harness.event(Event::Copy);
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    harness.get_by_label_contains("Both predictions columns");
    harness.key_press(Key::Escape);
    harness.run();
    assert!(harness.query_by_label("Copy row").is_none());
    drop(harness);
    let asked = asked.into_inner();
    let [Command::CopyText(text)] = &asked.commands[..] else {
        panic!("{:?}", asked.commands);
    };
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 3);
    assert!(lines[1].starts_with(&case.log.ids.get(198)) && lines[2].starts_with(&case.log.ids.get(199)));
}

#[test]
fn headers_sort_and_the_list_is_exported() {
    let (case, asked) = (Case::new(60), RefCell::new(Asked::default()));
    let rows: Vec<u32> = (0..60).collect();
    let mut harness = harness(&case, &rows, [1440.0, 900.0], Theme::Light, &asked);
    harness.get_by_label("Sort by challenger score").click();
    harness.run();
    harness.get_by_label("Sort by challenger score").click();
    harness.run();
    harness.get_by_label("Export CSV…").click();
    harness.run();
    drop(harness);
    let responses = asked.into_inner().responses;
    let key = SortKey::Score(ArmRole::Challenger);
    assert_eq!(responses[0].sort, Some(Sort { key, descending: true }));
    assert_eq!(responses[1].sort, Some(Sort { key, descending: false }));
    assert_eq!(responses[2].export.as_deref(), Some(&Column::all(&case.log)[..]));
}

#[test]
fn the_order_of_the_log_is_marked_at_the_row_numbers_only() {
    let (case, asked) = (Case::new(60), RefCell::new(Asked::default()));
    let rows: Vec<u32> = (0..60).collect();
    let mut harness = harness(&case, &rows, [1440.0, 900.0], Theme::Dark, &asked);
    assert!(harness.query_by_label("Sort by id").is_none(), "no order by id is at hand");
    harness.get_by_label("Sort in the order of the log").click();
    harness.run();
    drop(harness);
    let sort = asked.into_inner().responses[0].sort;
    assert_eq!(sort, Some(Sort { key: SortKey::Row, descending: true }));
}

#[test]
fn an_identifier_or_a_number_leads_to_its_row() {
    let (case, asked) = (Case::new(500), RefCell::new(Asked::default()));
    let rows: Vec<u32> = (0..500).collect();
    let mut harness = harness(&case, &rows, [1280.0, 800.0], Theme::Dark, &asked);
    let id = case.log.ids.get(321);
    for (typed, row) in [(id.as_str(), 321), ("101", 100)] {
        let well = harness.get_by_label("Go to id or row");
        well.focus();
        harness.run();
        harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
        harness.get_by_label("Go to id or row").type_text(typed);
        harness.run();
        harness.key_press(Key::Enter);
        harness.run();
        harness.get_by_label_contains(&case.log.ids.get(row));
    }
}

#[test]
fn an_empty_list_says_what_to_do() {
    let (case, asked) = (Case::new(5), RefCell::new(Asked::default()));
    let mut harness = harness(&case, &[], [1280.0, 800.0], Theme::Dark, &asked);
    harness.get_by_label("Clear the selection").click();
    harness.run();
    drop(harness);
    assert_eq!(asked.into_inner().commands, [Command::Select(None)]);
}

/// Pictures of the view, to be looked at: `ASSAY_SHOTS=folder cargo test --lib -- --ignored rows_shots`.
#[test]
#[ignore = "writes pictures"]
fn rows_shots() {
    let Some(folder) = std::env::var_os("ASSAY_SHOTS") else {
        return;
    };
    let case = Case::new(1_534);
    let rows: Vec<u32> = (0..1_534).collect();
    for (name, size, theme, keys) in [
        ("dark-1440", [1440.0, 900.0], Theme::Dark, &[Key::ArrowDown, Key::Enter][..]),
        ("light-1280", [1280.0, 800.0], Theme::Light, &[][..]),
    ] {
        let asked = RefCell::new(Asked::default());
        let mut harness = harness(&case, &rows, size, theme, &asked);
        for &key in keys {
            harness.key_press(key);
            harness.run();
        }
        let image = harness.render().unwrap();
        image.save(std::path::Path::new(&folder).join(format!("rows-{name}.png"))).unwrap();
    }
}
