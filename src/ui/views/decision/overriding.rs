//! Deciding otherwise than recommended: what the policy asks for then.

use eframe::egui::{Label, Ui};

use super::buffers::{Buffers, Field};
use super::caption_ui;
use crate::decision::record::Override;
use crate::present::decision::SaidModel;
use crate::session::{Command, DraftEdit};
use crate::ui::theme::Tokens;
use crate::ui::{Outbox, text};

pub(super) fn override_ui(ui: &mut Ui, said: &SaidModel, buffers: &mut Buffers, out: &mut Outbox) {
    let tokens = Tokens::of(ui);
    let editable = !said.sealed;
    let current = said.text.override_reason.clone().unwrap_or_default();
    ui.add_space(2.0);
    let mut standing = said.standing.clone();
    standing.replace_range(..1, &standing[..1].to_uppercase());
    ui.add(Label::new(text::body(tokens, &format!("{standing}. {}", said.override_rule)).color(tokens.ink)).wrap());
    if said.sealed {
        caption_ui(ui, &format!("Reason code {}", current.reason_code), &format!("expires {}", current.expires));
    } else {
        ui.horizontal(|ui| {
            let width = (ui.available_width() - 8.0) / 2.0;
            let names = ("Override reason code", "Reason code");
            if let Some(reason_code) = buffers.well_ui(ui, Field::OverrideCode, names, &current.reason_code, width) {
                push(out, Override { reason_code, ..current.clone() });
            }
            let names = ("Override expiry", "Expires, 2027-02-01");
            if let Some(expires) = buffers.well_ui(ui, Field::OverrideExpiry, names, &current.expires, width) {
                push(out, Override { expires, ..current.clone() });
            }
        });
    }
    let rationale = ("Override rationale", "Why the rules are not followed");
    let lines = (2, editable);
    if let Some(rationale) = buffers.area_ui(ui, Field::OverrideRationale, rationale, &current.rationale, lines) {
        push(out, Override { rationale, ..current.clone() });
    }
    let controls = ("Compensating controls", "Compensating controls, one per line");
    let lines = (1, editable);
    let text = current.compensating_controls.join("\n");
    if let Some(text) = buffers.area_ui(ui, Field::OverrideControls, controls, &text, lines) {
        let controls = text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned);
        push(out, Override { compensating_controls: controls.collect(), ..current });
    }
}

fn push(out: &mut Outbox, reason: Override) {
    out.push(Command::Draft(DraftEdit::Override(Some(reason))));
}
