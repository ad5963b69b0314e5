//! Findings of the review.

use eframe::egui::{Label, Ui};

use super::buffers::{Buffers, Field};
use super::caption_ui;
use crate::decision::record::{Finding, FindingSeverity};
use crate::present::decision::{SaidModel, severity_word};
use crate::session::{Command, DraftEdit};
use crate::ui::theme::Tokens;
use crate::ui::widgets::{Button, field};
use crate::ui::{Outbox, text};

const SEVERITIES: [FindingSeverity; 4] =
    [FindingSeverity::Low, FindingSeverity::Medium, FindingSeverity::High, FindingSeverity::Critical];

pub(super) fn findings_ui(ui: &mut Ui, said: &SaidModel, buffers: &mut Buffers, out: &mut Outbox) {
    let tokens = Tokens::of(ui);
    caption_ui(ui, "Findings", &said.findings_caption);
    if said.sealed {
        for line in &said.findings {
            ui.add(Label::new(text::body(tokens, line)).wrap());
        }
        return;
    }
    for (index, finding) in said.text.findings.iter().enumerate() {
        ui.push_id(("finding", index), |ui| finding_ui(ui, index, finding, buffers, out));
    }
    if Button::quiet("Add finding").small().ui(ui).clicked() {
        out.push(Command::Draft(DraftEdit::AddFinding));
    }
}

fn finding_ui(ui: &mut Ui, index: usize, finding: &Finding, buffers: &mut Buffers, out: &mut Outbox) {
    let name = |what: &str| format!("Finding {} {what}", index + 1);
    let mut edited = None;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let names = (&*name("id"), "F1");
        if let Some(id) = buffers.well_ui(ui, Field::FindingId(index), names, &finding.id, 46.0) {
            edited = Some(Finding { id, ..finding.clone() });
        }
        let options = SEVERITIES.map(|severity| (severity, severity_word(severity)));
        if let Some(severity) = field::choice_ui(ui, &name("severity"), &options, finding.severity, 84.0) {
            edited = Some(Finding { severity, ..finding.clone() });
        }
        let width = ui.available_width();
        let names = (&*name("text"), "What was found");
        if let Some(text) = buffers.well_ui(ui, Field::FindingText(index), names, &finding.text, width) {
            edited = Some(Finding { text, ..finding.clone() });
        }
    });
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let owner_width = (ui.available_width() - 96.0 - 78.0 - 52.0 - 18.0).max(60.0);
        let names = (&*name("owner"), "Owner");
        if let Some(owner) = buffers.well_ui(ui, Field::FindingOwner(index), names, &finding.owner, owner_width) {
            edited = Some(Finding { owner, ..finding.clone() });
        }
        let due = finding.due.as_deref().unwrap_or_default();
        let names = (&*name("due date"), "Due");
        if let Some(due) = buffers.well_ui(ui, Field::FindingDue(index), names, due, 96.0) {
            edited = Some(Finding { due: (!due.trim().is_empty()).then_some(due), ..finding.clone() });
        }
        let options = [(true, "open"), (false, "closed")];
        if let Some(open) = field::choice_ui(ui, &name("state"), &options, finding.open, 78.0) {
            edited = Some(Finding { open, ..finding.clone() });
        }
        if Button::quiet("Remove").small().ui(ui).on_hover_text(name("is taken out")).clicked() {
            out.push(Command::Draft(DraftEdit::RemoveFinding(index)));
        }
    });
    if let Some(finding) = edited {
        out.push(Command::Draft(DraftEdit::Finding { index, finding }));
    }
}
