use eframe::egui::{Event, Key, Modifiers, PointerButton, Theme, Ui, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

use super::*;
use crate::log::ArmRole;
use crate::present::curves::tests::{sample, scene};
use crate::session::Command;
use crate::ui::views::scores::{ScoresState, scores_ui};
use crate::ui::{fonts, theme};

pub(crate) fn draw<'a>(size: [f32; 2], dark: bool, render: bool, mut add: impl FnMut(&mut Ui) + 'a) -> Harness<'a> {
    let builder = Harness::builder().with_size(vec2(size[0], size[1]));
    let builder = if render { builder.wgpu() } else { builder };
    let mut harness = builder.build_ui(move |ui| {
        if fonts::installed(ui.ctx()) {
            let tokens = theme::Tokens::of(ui);
            ui.painter().rect_filled(ui.ctx().content_rect(), 0.0, tokens.bg);
            add(ui);
        } else {
            theme::install(ui.ctx(), if dark { Theme::Dark } else { Theme::Light });
            ui.ctx().request_repaint();
        }
    });
    harness.run();
    harness
}

#[test]
fn an_arrow_key_moves_the_threshold_and_a_rule_is_chosen_by_name() {
    let comparison = sample();
    let model = scene(&comparison).curves();
    let mut state = CurvesState::default();
    let asked = std::cell::RefCell::new(Vec::new());
    let mut harness = draw([1160.0, 780.0], true, false, |ui| {
        let mut out = Outbox::default();
        curves_ui(ui, &model, &mut state, &mut out);
        asked.borrow_mut().extend(out.take());
    });
    harness.get_by_label("champion threshold").focus();
    harness.run();
    harness.key_press(Key::ArrowRight);
    harness.run();
    harness.get_by_label("Threshold rule: Matched flag rate").click();
    harness.run();
    harness.get_by_label_contains("champion, 0.300");
    drop(harness);
    let asked = asked.into_inner();
    assert!(
        matches!(asked[0], Command::SetThreshold { arm: ArmRole::Champion, value, dragging: false } if value > 0.3 && value < 0.32),
        "{asked:?}"
    );
    assert_eq!(asked[1], Command::SetThresholdRule(crate::compare::ThresholdRule::MatchedFlagRate));
}

/// What is asked when the pointer goes from one place to another with the button down; places are found by name.
fn dragged(find: impl Fn(&Harness<'_>) -> [eframe::egui::Pos2; 2]) -> Vec<Command> {
    let comparison = sample();
    let model = scene(&comparison).curves();
    let mut state = CurvesState::default();
    let asked = std::cell::RefCell::new(Vec::new());
    let mut harness = draw([1160.0, 780.0], true, false, |ui| {
        let mut out = Outbox::default();
        curves_ui(ui, &model, &mut state, &mut out);
        asked.borrow_mut().extend(out.take());
    });
    let [from, to] = find(&harness);
    let button = |pos, pressed| Event::PointerButton {
        pos,
        button: PointerButton::Primary,
        pressed,
        modifiers: Modifiers::NONE,
    };
    for event in [Event::PointerMoved(from), button(from, true), Event::PointerMoved(to), button(to, false)] {
        harness.event(event);
        harness.run();
    }
    drop(harness);
    asked.into_inner()
}

fn moves_champion_below(asked: &[Command], most: f64) -> [bool; 2] {
    [true, false].map(|dragging| {
        asked.iter().any(|command| {
            matches!(command, Command::SetThreshold { arm: ArmRole::Champion, value, dragging: goes_on }
                if *value < most && *goes_on == dragging)
        })
    })
}

#[test]
fn the_threshold_line_of_the_scores_is_dragged() {
    let asked = dragged(|harness| {
        let from = harness.get_by_label("champion threshold line").rect().center();
        [from, from - vec2(40.0, 0.0)]
    });
    assert_eq!(moves_champion_below(&asked, 0.2), [true, true], "{asked:?}");
}

#[test]
fn the_operating_point_is_dragged_along_the_curve() {
    let asked = dragged(|harness| {
        let plot = harness.get_by_label_contains("ROC curve").rect();
        let at = |x: f32, y: f32| plot.left_bottom() + vec2(x * plot.width(), -y * plot.height());
        [at(0.006, 0.47), at(0.1, 0.9)]
    });
    assert_eq!(moves_champion_below(&asked, 0.05), [true, true], "{asked:?}");
}

#[test]
fn without_scores_the_view_says_why() {
    let comparison = sample();
    let model = crate::present::curves::Scene { kinds: [None, None], ..scene(&comparison) }.curves();
    let mut state = CurvesState::default();
    let harness = draw([1000.0, 700.0], true, false, |ui| {
        curves_ui(ui, &model, &mut state, &mut Outbox::default());
    });
    harness.get_by_label_contains("The log holds decisions and no scores");
}

#[test]
#[ignore = "draws pictures to look at, into the directory PICTURES names"]
fn pictures() {
    let Ok(folder) = std::env::var("PICTURES") else { return };
    let comparison = sample();
    let curves = scene(&comparison).curves();
    let scores = crate::present::scores::model(&scene(&comparison));
    for (width, height) in [(1440.0, 900.0), (1280.0, 800.0), (1920.0, 1080.0)] {
        for dark in [true, false] {
            let theme = if dark { "dark" } else { "light" };
            let size = [width - 252.0 - 24.0 + 16.0, height - 44.0 - 32.0 - 24.0 - 24.0 + 16.0];
            let mut state = CurvesState::default();
            let mut harness = draw(size, dark, true, |ui| curves_ui(ui, &curves, &mut state, &mut Outbox::default()));
            harness.render().unwrap().save(format!("{folder}/curves-{width}-{theme}.png")).unwrap();
            let plot = harness.get_by_label_contains("ROC curve").rect();
            harness.event(Event::PointerMoved(plot.left_top() + vec2(0.09 * plot.width(), 0.16 * plot.height())));
            harness.run();
            harness.render().unwrap().save(format!("{folder}/hover-{width}-{theme}.png")).unwrap();
            drop(harness);
            let mut state = ScoresState::default();
            let mut harness = draw(size, dark, true, |ui| scores_ui(ui, &scores, &mut state, &mut Outbox::default()));
            harness.render().unwrap().save(format!("{folder}/scores-{width}-{theme}.png")).unwrap();
        }
    }
}
