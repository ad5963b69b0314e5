//! Proof of pairing, label coverage, and what was mended or set aside.

use eframe::egui::{Rect, ScrollArea, Ui};

use super::{MappingModel, thousands};
use crate::ingest::Severity;
use crate::ingest::mapping::{Mapping, Pairing, Role};
use crate::log::{JoinAudit, PairBasis};
use crate::ui::layout::{self, Part};
use crate::ui::marks::Mark;
use crate::ui::text::{self, Spans};
use crate::ui::theme::Tokens;
use crate::ui::widgets::{Column, Table, Tile, states};

pub(super) fn proof_ui(ui: &mut Ui, rect: Rect, model: &MappingModel<'_>) {
    let [pairing, labels, quality] = layout::rows(rect, [Part::Fixed(190.0), Part::Fixed(104.0), Part::Share(1.0)]);
    pairing_ui(ui, pairing, model);
    labels_ui(ui, labels, model);
    Tile::new("Quality").qualifier("what was mended or set aside").show_at(ui, quality, |ui| quality_ui(ui, model));
}

fn basis(mapping: &Mapping, audit: Option<&JoinAudit>) -> String {
    match audit.map(|audit| &audit.basis) {
        Some(PairBasis::Id { column }) => format!("{column} = {column}, exact text"),
        Some(PairBasis::SameRow) => "both models stand in the same row".to_owned(),
        Some(PairBasis::Position { proof }) => format!("by row number: {proof}"),
        Some(PairBasis::OneModel) => "one model, nothing to pair".to_owned(),
        Some(PairBasis::Split { .. }) => "each request went to one arm, nothing to pair".to_owned(),
        None if mapping.pairing == Pairing::Position => "by row number".to_owned(),
        None => mapping
            .columns
            .iter()
            .find(|column| column.role == Role::Id)
            .map_or("no id column".to_owned(), |column| format!("{0} = {0}, exact text", column.column)),
    }
}

fn pairing_ui(ui: &mut Ui, rect: Rect, model: &MappingModel<'_>) {
    let qualifier = basis(model.mapping, model.audit);
    let Some(audit) = model.audit else {
        Tile::new("Pairing").qualifier(&qualifier).show_at(ui, rect, |ui| {
            states::empty_ui(
                ui,
                "Counted when the files are loaded: matched, one-sided and duplicate ids, before any number is shown.",
                None,
            );
        });
        return;
    };
    let kept = if audit.conflicts_kept { "kept as chosen" } else { "kept out" };
    let open = |count: u64| {
        if count > 0 { Mark::Inconclusive } else { Mark::Bullet }
    };
    let lines = [
        (Mark::Pass, "matched one to one", audit.paired, "the analysis uses these"),
        (Mark::Bullet, "champion only", audit.champion_only, "kept out, counted as missing"),
        (Mark::Bullet, "challenger only", audit.challenger_only, "kept out"),
        (Mark::Bullet, "duplicate, same", audit.duplicate_same, "lines, merged to one"),
        (open(audit.duplicate_different), "duplicate, different", audit.duplicate_different, kept),
        (open(audit.without_id), "lines without an id", audit.without_id, "cannot be paired"),
    ];
    let columns = [
        Column::mark(),
        Column::text("", 128.0),
        Column::number("", 78.0),
        Column::number("", 66.0),
        Column::text("", 100.0).grow(1.0),
    ];
    Tile::new("Pairing").qualifier(&qualifier).flush().show_at(ui, rect, |ui| {
        Table::new("pairing", &columns).header_height(0.0).show(ui, lines.len(), |cell, row, column| {
            let (mark, name, count, remark) = lines[row];
            match column {
                0 => cell.mark(mark),
                1 => cell.text(name),
                2 => cell.number(&thousands(count)),
                3 => cell.number_muted(&share(count, audit.ids)),
                _ => cell.small(remark),
            }
        });
    });
}

/// Share of all ids in per cent.
fn share(count: u64, all: u64) -> String {
    if all == 0 {
        return "\u{2013}".to_owned();
    }
    let share = count as f64 / all as f64 * 100.0;
    if count > 0 && share < 0.01 { "< 0.01 %".to_owned() } else { format!("{share:.2} %") }
}

fn labels_ui(ui: &mut Ui, rect: Rect, model: &MappingModel<'_>) {
    let tokens = Tokens::of(ui);
    let column =
        model.mapping.columns.iter().chain(&model.mapping.label_columns).find(|column| column.role == Role::Label);
    let qualifier = column.map_or_else(|| "none mapped".to_owned(), |column| format!("from {}", column.column));
    Tile::new("Labels").qualifier(&qualifier).show_at(ui, rect, |ui| {
        let Some(audit) = model.audit else {
            let sentence = if column.is_some() {
                "Counted when the files are loaded: present, absent, orphan and conflicting."
            } else {
                "No labels are mapped. Only agreement, scores and latency can be compared without them."
            };
            states::empty_ui(ui, sentence, None);
            return;
        };
        let labels = &audit.labels;
        Spans::body(tokens)
            .strong(&format!("{} present", thousands(labels.present)))
            .text(&format!(
                ", {} absent, {} orphan, {} conflicting",
                thousands(labels.absent),
                thousands(labels.orphan),
                thousands(labels.conflicting)
            ))
            .ui(ui);
        if let Some([half, most, last]) = labels.lag_hours {
            let lag = format!("lag: half within {half:.1} h, 90 % within {most:.1} h, 99 % within {last:.1} h");
            ui.label(text::small(tokens, &lag));
        }
    });
}

fn quality_ui(ui: &mut Ui, model: &MappingModel<'_>) {
    let tokens = Tokens::of(ui);
    ScrollArea::vertical().id_salt("quality").auto_shrink([false, false]).show(ui, |ui| {
        let issues = &model.opened.issues;
        if issues.is_empty() {
            states::remark_ui(ui, Mark::Pass, Spans::body(tokens).text("nothing was mended or set aside"));
        }
        for issue in issues {
            let mark = match issue.severity {
                Severity::Note => Mark::Bullet,
                Severity::Warning => Mark::Inconclusive,
                Severity::Blocking => Mark::Fail,
            };
            let spans = Spans::body(tokens).text(&issue.message).muted(&format!(" {}", issue.consequence));
            let examples: Vec<String> = issue
                .examples
                .iter()
                .take(5)
                .map(|example| format!("{}, record {}: {}", example.source, example.record, example.raw))
                .collect();
            let hover = format!("{}\n{}", issue.mend, examples.join("\n"));
            states::remark_ui(ui, mark, spans).on_hover_text(hover.trim());
        }
    });
}
