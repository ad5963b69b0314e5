//! What people decide: outcome, rationale, conditions, limitations, findings.

use std::path::PathBuf;

use eframe::egui::{Label, Ui};

use super::buffers::{Buffers, Field};
use super::{caption_ui, findings, overriding};
use crate::decision::Recommendation;
use crate::present::decision::{DecisionModel, SaidModel};
use crate::session::{Command, DraftEdit};
use crate::ui::theme::Tokens;
use crate::ui::widgets::{Button, segmented_with_ui};
use crate::ui::{Outbox, fonts, paint, text};

/// At the right end of the title line, from right to left: whether the decision follows the recommendation.
pub(super) fn standing_ui(ui: &mut Ui, said: &SaidModel, out: &mut Outbox) {
    let tokens = Tokens::of(ui);
    let withdraw = !said.sealed && said.text.outcome.is_some();
    if withdraw && Button::quiet("Withdraw").small().ui(ui).on_hover_text("Take the outcome back").clicked() {
        out.push(Command::Draft(DraftEdit::Outcome(None)));
    }
    let standing = if said.overrides { "an override" } else { &said.standing };
    // Where the qualifier leaves no room, the override block and the segments tell it.
    if ui.max_rect().width() > if withdraw { 400.0 } else { 345.0 } {
        ui.label(text::small(tokens, standing));
    }
}

pub(super) fn said_ui(ui: &mut Ui, model: &DecisionModel, buffers: &mut Buffers, out: &mut Outbox) {
    let said = &model.said;
    let editable = !said.sealed;
    ui.spacing_mut().item_spacing.y = 3.0;
    outcome_ui(ui, said, out);
    caption_ui(ui, "Use case", "");
    let use_case = ("Use case", "What the model decides, and for whom");
    if let Some(text) = buffers.area_ui(ui, Field::UseCase, use_case, &said.text.use_case, (1, editable)) {
        out.push(Command::Draft(DraftEdit::UseCase(text)));
    }
    if said.overrides {
        overriding::override_ui(ui, said, buffers, out);
    }
    caption_ui(ui, "Rationale", "");
    let hint = "Why this outcome; what was accepted, and by whom";
    let rationale = ("Rationale", hint);
    if let Some(text) = buffers.area_ui(ui, Field::Rationale, rationale, &said.text.rationale, (2, editable)) {
        out.push(Command::Draft(DraftEdit::Rationale(text)));
    }
    let conditional = said.text.outcome == Some(Recommendation::PromoteWithConditions);
    let remark = match (editable, conditional) {
        (false, _) => "",
        (true, true) => "required, one per line",
        (true, false) => "one per line",
    };
    caption_ui(ui, "Conditions", remark);
    let conditions = ("Conditions", "What must hold, and what is held back");
    if let Some(text) = buffers.area_ui(ui, Field::Conditions, conditions, &said.text.conditions, (2, editable)) {
        out.push(Command::Draft(DraftEdit::Conditions(text)));
    }
    let remark = if editable { "required before sealing, one per line" } else { "" };
    caption_ui(ui, "Limitations", remark);
    let limitations = ("Limitations", "What this run cannot show, or: none stated by, and a name");
    if let Some(text) = buffers.area_ui(ui, Field::Limitations, limitations, &said.text.limitations, (2, editable)) {
        out.push(Command::Draft(DraftEdit::Limitations(text)));
    }
    caption_ui(ui, "Facts", if editable { "one per line; gates may read them" } else { "" });
    let facts = ("Facts", "time_to_market=6 weeks, challenger.cost_per_hour=2.40 EUR");
    if let Some(text) = buffers.area_ui(ui, Field::Facts, facts, &said.text.facts, (1, editable)) {
        out.push(Command::Draft(DraftEdit::Facts(text)));
    }
    for problem in &said.fact_problems {
        ui.label(text::small(Tokens::of(ui), problem));
    }
    tests_ui(ui, said, buffers, out);
    findings::findings_ui(ui, said, buffers, out);
}

fn tests_ui(ui: &mut Ui, said: &SaidModel, buffers: &mut Buffers, out: &mut Outbox) {
    let tokens = Tokens::of(ui);
    caption_ui(ui, "Test results", if said.sealed { "" } else { "JUnit XML; gates may read them" });
    if said.sealed && said.tests.is_empty() {
        ui.label(text::small(tokens, "None are attached."));
    }
    for (index, (line, hover)) in said.tests.iter().enumerate() {
        ui.horizontal(|ui| {
            let room = ui.available_width() - if said.sealed { 0.0 } else { 70.0 };
            ui.scope(|ui| {
                ui.set_max_width(room);
                ui.add(Label::new(text::body(tokens, line)).truncate()).on_hover_text(hover);
            });
            let detach = Button::quiet("Detach").small();
            if !said.sealed && detach.ui(ui).on_hover_text("Leave this file out of the record").clicked() {
                out.push(Command::DetachTests(index));
            }
        });
    }
    if said.sealed {
        return;
    }
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        if Button::secondary("Attach…").small().ui(ui).on_hover_text("Choose files of test results").clicked() {
            out.push(Command::ChooseTests);
        }
        let width = (ui.available_width() - 60.0).max(60.0);
        buffers.well_ui(ui, Field::TestsPath, ("Path of test results", "or type a path"), "", width);
        let typed = buffers.typed(Field::TestsPath).to_owned();
        let reason = "Type the path of a JUnit XML file first.";
        if Button::secondary("Read").small().enabled(!typed.is_empty(), reason).ui(ui).clicked() {
            buffers.clear(Field::TestsPath);
            out.push(Command::AttachTests(vec![PathBuf::from(typed)]));
        }
    });
}

fn outcome_ui(ui: &mut Ui, said: &SaidModel, out: &mut Outbox) {
    let tokens = Tokens::of(ui);
    if said.sealed {
        let outcome = said.text.outcome.map_or("Nobody has decided", Recommendation::title);
        ui.label(text::strong(tokens, outcome));
        return;
    }
    let needed = |short: bool| {
        let texts = said.options.iter().map(|option| label(*option, short));
        texts.map(|text| paint::text_width(ui.painter(), text, fonts::body_medium()) + 20.0).sum::<f32>()
    };
    let room = ui.available_width();
    let short = needed(false) > room;
    // Rollback and invalid are rare; where they do not fit they stand in a line of their own.
    let first = if needed(short) > room { said.options.len().min(4) } else { said.options.len() };
    for options in [&said.options[..first], &said.options[first..]].into_iter().filter(|part| !part.is_empty()) {
        let options: Vec<_> = options.iter().map(|option| (*option, label(*option, short), true, "")).collect();
        if let Some(outcome) = segmented_with_ui(ui, "Outcome", &options, said.text.outcome) {
            out.push(Command::Draft(DraftEdit::Outcome(Some(outcome))));
        }
    }
}

fn label(option: Recommendation, short: bool) -> &'static str {
    match option {
        Recommendation::PromoteWithConditions if short => "With conditions",
        option => option.title(),
    }
}
