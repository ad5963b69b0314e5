//! Who wrote, reviewed and approves, who must differ from whom, and what the record is.

use eframe::egui::{Align, Layout, Ui, vec2};

use super::buffers::{Buffers, Field};
use super::mark;
use crate::decision::record::Person;
use crate::present::decision::{DecisionModel, PeopleModel, PersonRow, RecordModel};
use crate::session::{Command, DraftEdit};
use crate::ui::marks::Mark;
use crate::ui::text::Spans;
use crate::ui::theme::{Tokens, size};
use crate::ui::widgets::{Button, field, states};
use crate::ui::{Outbox, paint, text};

pub(super) fn people_ui(ui: &mut Ui, model: &DecisionModel, buffers: &mut Buffers, out: &mut Outbox) {
    let people = &model.people;
    ui.spacing_mut().item_spacing.y = 4.0;
    for (index, row) in people.rows.iter().enumerate() {
        ui.push_id(("person", index), |ui| {
            if model.record.sealed {
                sealed_person_ui(ui, row);
            } else {
                person_ui(ui, index, row, people, buffers, out);
            }
        });
        let tokens = Tokens::of(ui);
        let (line, _) = ui.allocate_exact_size(vec2(ui.available_width(), 1.0), eframe::egui::Sense::hover());
        paint::hline(ui.painter(), line.left(), line.right(), line.center().y, tokens.line);
    }
    let tokens = Tokens::of(ui);
    if people.rows.is_empty() && model.record.sealed {
        ui.label(text::body(tokens, "Nobody is named in this record.").color(tokens.muted));
    }
    if !model.record.sealed && Button::quiet("Add person").small().ui(ui).clicked() {
        out.push(Command::Draft(DraftEdit::AddPerson));
    }
    for broken in &people.separation_broken {
        states::remark_ui(ui, Mark::Fail, Spans::small(tokens).ink(broken));
    }
    for open in &people.open_roles {
        states::remark_ui(ui, Mark::NotEvaluable, Spans::small(tokens).muted(open));
    }
    ui.add_space(2.0);
    ui.spacing_mut().item_spacing.y = 1.0;
    if let Some(separation) = &people.separation {
        Spans::small(tokens).muted("separation ").ink(separation).ui(ui);
    }
    record_ui(ui, &model.record, out);
}

fn record_ui(ui: &mut Ui, record: &RecordModel, out: &mut Outbox) {
    let tokens = Tokens::of(ui);
    match &record.digest {
        Some(digest) => {
            ui.horizontal(|ui| {
                Spans::small(tokens).muted("record sha256 ").mono(digest).line_ui(ui);
                if let Some(sha256) = &record.sha256
                    && Button::quiet("Copy").small().ui(ui).clicked()
                {
                    out.push(Command::CopyText(sha256.clone()));
                }
            });
        }
        None => {
            Spans::small(tokens).muted("record ").ink("not sealed, so it has no digest yet").ui(ui);
        }
    }
    match &record.verify {
        Some((sign, summary)) => {
            states::remark_ui(ui, mark(*sign), Spans::small(tokens).muted("verify ").ink(summary));
            for taken in &record.taken {
                states::remark_ui(ui, Mark::NotEvaluable, Spans::small(tokens).muted("not checked ").muted(taken));
            }
        }
        None => {
            Spans::small(tokens).muted("verify ").ink("not recomputed yet").ui(ui);
        }
    }
}

fn sealed_person_ui(ui: &mut Ui, row: &PersonRow) {
    let tokens = Tokens::of(ui);
    ui.horizontal(|ui| {
        mark(row.sign).show(ui, size::MARK_IN_LISTS);
        ui.label(text::body(tokens, &sentence_case(&row.person.role)).color(tokens.muted));
        ui.label(text::body(tokens, &row.person.name).color(tokens.ink));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| ui.label(text::small(tokens, &row.standing)));
    });
}

fn person_ui(
    ui: &mut Ui,
    index: usize,
    row: &PersonRow,
    people: &PeopleModel,
    buffers: &mut Buffers,
    out: &mut Outbox,
) {
    let person = &row.person;
    let name = |what: &str| format!("Person {} {what}", index + 1);
    let mut edited = None;
    const INDENT: f32 = size::MARK_IN_LISTS + 8.0;
    ui.horizontal(|ui| {
        mark(row.sign).show(ui, size::MARK_IN_LISTS);
        let width = ui.available_width() - 58.0;
        let names = (&*name("name"), "Name");
        if let Some(name) = buffers.well_ui(ui, Field::PersonName(index), names, &person.name, width) {
            edited = Some(Person { name, ..person.clone() });
        }
        if Button::quiet("Remove").small().ui(ui).on_hover_text(name("is taken out")).clicked() {
            out.push(Command::Draft(DraftEdit::RemovePerson(index)));
        }
    });
    ui.horizontal(|ui| {
        ui.add_space(INDENT);
        let width = ((ui.available_width() - 8.0) / 2.0).floor();
        let words: Vec<String> = people.roles.iter().map(|role| sentence_case(role)).collect();
        let options: Vec<_> = words.iter().enumerate().map(|(role, word)| (Some(role), word.as_str())).collect();
        let current = people.roles.iter().position(|role| *role == person.role);
        if let Some(Some(role)) = field::choice_ui(ui, &name("role"), &options, current, width) {
            edited = Some(Person { role: people.roles[role].clone(), ..person.clone() });
        }
        let waiting = |meaning: &str| if meaning.is_empty() { "waiting".to_owned() } else { meaning.to_owned() };
        let words: Vec<String> = people.meanings.iter().map(|meaning| waiting(meaning)).collect();
        let options: Vec<_> = words.iter().enumerate().map(|(meaning, word)| (Some(meaning), word.as_str())).collect();
        let current = people.meanings.iter().position(|meaning| *meaning == person.meaning);
        if let Some(Some(meaning)) = field::choice_ui(ui, &name("meaning"), &options, current, width) {
            edited = Some(Person { meaning: people.meanings[meaning].clone(), ..person.clone() });
        }
    });
    if let Some(person) = edited {
        out.push(Command::Draft(DraftEdit::Person { index, person }));
    }
}

/// `release_manager` as `Release manager`.
fn sentence_case(role: &str) -> String {
    let words = role.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
