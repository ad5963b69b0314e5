//! The kit drawn once without a window: everything has a name and glyphs, and it comes to rest.

use eframe::egui::{Ui, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

use super::layout::{self, Part};
use super::marks::Mark;
use super::shell::{RailState, ShellModel, StatusModel, TabLine, TopBarModel, Verdict, shell_ui};
use super::start::{SampleCard, StartModel, StartState, start_ui};
use super::text::Spans;
use super::theme::{self, Tokens};
use super::widgets::{
    Axis, Button, Chart, Column, ForestAxis, ForestRow, Matrix, MatrixCell, Scale, Shade, Table, ThresholdControl,
    Tile, field, flow, forest, segmented_ui, states,
};
use super::{actions, fonts};

/// Draw `add` with the fonts in place; panics on missing glyphs, unnamed widgets and endless repaints.
fn harness<'a>(mut add: impl FnMut(&mut Ui) + 'a) -> Harness<'a> {
    let mut harness = Harness::builder().with_size(vec2(1280.0, 800.0)).build_ui(move |ui| {
        if fonts::installed(ui.ctx()) {
            add(ui);
        } else {
            theme::install(ui.ctx(), eframe::egui::Theme::Dark);
            ui.ctx().request_repaint();
        }
    });
    harness.run();
    harness
}

fn owned(text: &str) -> String {
    text.to_owned()
}

#[test]
fn table_rows_are_named_by_what_they_show_and_can_be_chosen() {
    let axis = ForestAxis::margins();
    let columns =
        [Column::mark(), Column::text("Metric", 200.0), Column::number("difference", 90.0), Column::text("", 240.0)];
    let chosen = std::cell::Cell::new(None);
    let mut harness = harness(|ui| {
        let table = Table::new("Scorecard", &columns).header_height(34.0).clickable();
        let header = |cell: &mut super::widgets::Cell<'_>, column: usize| {
            let is_forest = column == 3;
            if is_forest {
                forest::header(cell, &axis);
            }
            is_forest
        };
        let response = table.header(&header).show(ui, 2, |cell, row, column| match column {
            0 => cell.mark(Mark::Pass),
            1 => cell.qualified(["ROC AUC", "Recall, %"][row], "primary"),
            2 if row == 0 => cell.number_strong("+0.0059"),
            2 => cell.undefined("no positive in this slice"),
            _ => forest::cell(
                cell,
                &axis,
                &ForestRow { estimate: Some(2.0), interval: Some((1.0, 3.0)), shade: Shade::Below(-1.0), quiet: false },
            ),
        });
        chosen.set(response.clicked.or(chosen.get()));
    });
    harness.get_by_label_contains("Recall, %  primary, \u{2013}, no positive in this slice");
    harness.get_by_label_contains("ROC AUC  primary, +0.0059, interval clear of the shade").click();
    harness.run();
    drop(harness);
    assert_eq!(chosen.get(), Some(0));
}

#[test]
fn matrix_cells_are_named_and_opened_with_enter() {
    let labels = [owned("pass"), owned("flag")];
    let opened = std::cell::Cell::new(None);
    let mut harness = harness(|ui| {
        let tokens = Tokens::of(ui);
        let cell = |name: &str| MatrixCell {
            main: owned("12,465"),
            fill: tokens.sequential(0.5),
            name: owned(name),
            ..MatrixCell::default()
        };
        let cells = [cell("a"), cell("b"), cell("champion: truth fraud, predicted pass, 12,465 rows"), cell("d")];
        let matrix = Matrix {
            name: "champion",
            column_title: "predicted",
            columns: &labels,
            rows: &labels,
            cells: &cells,
            totals: &[],
            totals_title: "",
            selected: None,
            clickable: true,
            unlabelled: false,
        };
        opened.set(matrix.show(ui).opened.or(opened.get()));
    });
    harness.get_by_label("champion: truth fraud, predicted pass, 12,465 rows").focus();
    harness.run();
    harness.key_press(eframe::egui::Key::Enter);
    harness.run();
    drop(harness);
    assert_eq!(opened.get(), Some((1, 0)));
}

#[test]
fn threshold_moves_with_the_arrow_keys() {
    let value = std::cell::Cell::new(0.3);
    let mut harness = harness(|ui| {
        let control = ThresholdControl {
            range: (0.001, 0.97),
            scale: Scale::Logit,
            ticks: &[(0.5, owned("0.5"))],
            values: [Some((value.get(), owned("0.300"))), Some((0.4, owned("0.400")))],
            movable: [true, false],
            caption: "threshold, log-odds scale",
        };
        if let Some(change) = control.show(ui) {
            value.set(change.value);
        }
    });
    harness.get_by_label("champion threshold").focus();
    harness.run();
    harness.key_press(eframe::egui::Key::ArrowRight);
    harness.run();
    drop(harness);
    assert!(value.get() > 0.3 && value.get() < 0.32, "{}", value.get());
}

#[test]
fn shell_and_start_screen_come_to_rest_with_names_and_glyphs() {
    let model = ShellModel {
        top: Some(TopBarModel {
            workspace: owned("card-fraud"),
            kind: owned("shadow"),
            champion: owned("fraud-gbm 4.2.1"),
            challenger: owned("fraud-net 5.0.0-rc2"),
            threshold_basis: owned("matched FPR"),
            thresholds: [owned("0.300"), owned("0.313")],
            verdict: Verdict {
                mark: Mark::PassWithConditions,
                text: owned("Promote with conditions"),
                rule: owned("rule 5"),
            },
            ..TopBarModel::default()
        }),
        rail: Some(Default::default()),
        tabs: vec![
            TabLine { title: owned("Overview"), mark: None },
            TabLine { title: owned("Slices"), mark: Some(Mark::Inconclusive) },
        ],
        tab: 0,
        status: StatusModel {
            idle: owned("refreshed in 7 ms"),
            facts: vec![owned("seed 1")],
            ..StatusModel::default()
        },
    };
    let start = StartModel {
        samples: vec![SampleCard { title: owned("Shadow"), ..SampleCard::default() }],
        can_drop: true,
        ..StartModel::default()
    };
    let asked = std::cell::RefCell::new(Vec::new());
    let (mut rail, mut state) = (RailState::default(), StartState::default());
    let mut harness = harness(|ui| {
        let mut actions = Vec::new();
        shell_ui(ui, &model, &mut rail, &mut actions, |ui, actions| start_ui(ui, &start, &mut state, actions));
        asked.borrow_mut().extend(actions);
    });
    harness.get_by_label("Slices, inconclusive").click();
    harness.run();
    harness.get_by_label_contains("Open sample: Shadow").click();
    harness.run();
    drop(harness);
    assert_eq!(*asked.borrow(), [actions::Action::Tab(1), actions::Action::OpenSample(0)]);
}

#[test]
fn every_state_and_widget_is_named() {
    let mut text = owned("note");
    let mut harness = harness(|ui| {
        let tokens = Tokens::of(ui);
        let [left, right] = layout::columns(ui.max_rect(), [Part::Share(1.0), Part::Share(1.0)]);
        Tile::new("States")
            .qualifier("Δ κ ± → ≤ ≥ × − … · – √")
            .refreshing(true)
            .note("Computed before labels.csv changed.")
            .show_at(ui, left, |ui| {
                states::empty_ui(ui, "No labels are mapped.", Some("Map labels…"));
                states::loading_ui(ui, "41 of 228 objects", Some(0.2));
                states::error_ui(ui, "labels.csv could not be read", "line 7", Some("Read again"));
                states::undefined_ui(ui, "no positive in this slice");
                segmented_ui(ui, "Normalise", &[(0, "Counts"), (1, "By truth")], 0);
                Button::primary("Open files…").shortcut("Ctrl O").ui(ui);
                field::well_ui(ui, "Path", &mut text, "hint", true, 200.0);
                field::choice_ui(ui, "Role", &[(0, "id"), (1, "unit")], 0, 90.0);
                let part = |name: &str| flow::FlowPart {
                    name: owned(name),
                    rows: owned("12"),
                    lost: owned("−1 pending"),
                    share: 0.9,
                };
                flow::strip_ui(ui, &[part("Paired"), part("Analysed")]);
            });
        Tile::new("Chart").show_at(ui, right, |ui| {
            let (x, y) = (Axis::logit(1e-6, 0.995, "score, logit scale"), Axis::unit("recall"));
            Chart::new("ROC", &x, &y).show(ui, |canvas| {
                canvas.line([(0.01, 0.2), (0.5, 0.9)], tokens.champion);
                canvas.band([(0.01, 0.1, 0.3), (0.5, 0.8, 0.95)], tokens.champion);
                canvas.operating_point(0.1, 0.5, Mark::Champion);
                canvas.corner(eframe::egui::Align2::RIGHT_BOTTOM, [Spans::body(tokens).strong("+0.0059")]);
            });
        });
    });
    harness.run();
}
