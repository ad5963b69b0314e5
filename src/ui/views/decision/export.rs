//! What can be written, sealed and verified.

use eframe::egui::{Ui, vec2};

use crate::present::decision::RecordModel;
use crate::session::Command;
use crate::session::ExportFormat;
use crate::ui::Outbox;
use crate::ui::marks::Mark;
use crate::ui::text::Spans;
use crate::ui::theme::Tokens;
use crate::ui::widgets::{Button, states};

const FORMATS: [(ExportFormat, &str); 6] = [
    (ExportFormat::Record, "Record…"),
    (ExportFormat::Html, "HTML…"),
    (ExportFormat::Markdown, "Markdown…"),
    (ExportFormat::Csv, "CSV…"),
    (ExportFormat::Junit, "JUnit…"),
    (ExportFormat::Flags, "Flags…"),
];

pub(super) fn export_ui(ui: &mut Ui, record: &RecordModel, out: &mut Outbox) {
    let tokens = Tokens::of(ui);
    ui.spacing_mut().item_spacing = vec2(6.0, 6.0);
    ui.horizontal_wrapped(|ui| {
        for (format, text) in FORMATS {
            if Button::secondary(text).ui(ui).clicked() {
                out.push(Command::Export(format));
            }
        }
    });
    ui.add_space(2.0);
    ui.horizontal_wrapped(|ui| {
        if record.sealed {
            if Button::primary("Verify").ui(ui).clicked() {
                out.push(Command::Verify);
            }
            if Button::secondary("Supersede…").ui(ui).clicked() {
                out.push(Command::Supersede);
            }
        } else {
            let reason = record.missing.join(" ");
            if Button::primary("Seal record…").enabled(record.missing.is_empty(), &reason).ui(ui).clicked() {
                out.push(Command::Seal);
            }
            Button::secondary("Verify").enabled(false, "Nothing is sealed yet that could be verified.").ui(ui);
        }
    });
    if record.sealed {
        Spans::small(tokens).muted(&record.status).ui(ui);
    }
    ui.spacing_mut().item_spacing.y = 2.0;
    for missing in &record.missing {
        states::remark_ui(ui, Mark::NotEvaluable, Spans::small(tokens).muted(missing));
    }
}
