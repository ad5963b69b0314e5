//! `inspect`: what the files hold, what they seem to mean, and what they leave open.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use serde_json::{Value, json};

use super::args::InspectArgs;
use super::progress::ProgressLine;
use super::table::{Align, Table};
use super::{CliError, out};
use crate::ingest::mapping::Side;
use crate::ingest::{self, Confidence, Opened, OpenedSource, Question, profile};
use crate::job::JobCx;
use crate::log::{JoinAudit, SourceRole, Task};
use crate::present::format::{count, size};
use crate::session::pipeline;
use crate::session::workspace::on_this_machine;

pub(super) fn run(args: &InspectArgs) -> Result<u8, CliError> {
    let request = args.run.request()?;
    let cx = JobCx::new();
    let line = ProgressLine::of(&cx);
    let mut opened = pipeline::open(&request, &cx)?;
    // Pairing can be looked at under the safest answers too; why it cannot, is part of what was found.
    let audit = ingest::audit(&opened, &opened.guess, &cx).map_err(|error| error.to_string());
    let audit = audit.map(|found| {
        opened.issues.extend(found.issues);
        found.join
    });
    drop(line);
    let result = if args.json { as_json(&opened, &audit)? } else { as_text(&opened, &audit) };
    out::print_last(&result)?;
    if let Some(path) = &args.write_profile {
        write_profile(&opened, path)?;
    }
    Ok(0)
}

/// Keep the mapping. One with an open question is no answer, and an older profile is not overwritten.
fn write_profile(opened: &Opened, path: &Path) -> Result<(), CliError> {
    pipeline::settled(opened).map_err(|error| CliError::Message(format!("No profile was written. {error}")))?;
    let text = profile::to_toml(&opened.guess)?;
    let file = on_this_machine(path).and_then(|()| OpenOptions::new().write(true).create_new(true).open(path));
    file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => CliError::at("A profile is not written over a file; choose another name", path),
        _ => CliError::io("write the profile", &error, path),
    })
}

const fn word(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Unsure => "unsure",
        Confidence::Likely => "likely",
        Confidence::Certain => "certain",
    }
}

/// A name as serde writes it, e.g. `latency_ms`.
fn name(value: impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

fn as_text(opened: &Opened, audit: &Result<JoinAudit, String>) -> String {
    let mut text = String::new();
    // The days of a run are files alike: their columns are told once.
    for alike in opened.sources.chunk_by(|one, other| one.role == other.role && columns(one) == columns(other)) {
        alike.iter().for_each(|source| text.push_str(&headline(source)));
        if let Some(first) = alike.first() {
            text.push_str(&format!("{}\n", columns(first)));
        }
    }
    text.push_str(&mapping_text(opened));
    text.push_str(&classes_text(opened));
    text.push_str("\nPairing\n");
    match audit {
        Ok(audit) => text.push_str(&audit_text(audit)),
        Err(error) => text.push_str(&format!("  cannot be told: {error}\n")),
    }
    if !opened.questions.is_empty() {
        text.push_str("\nQuestions\n");
        for asked in &opened.questions {
            text.push_str(&question_text(asked));
        }
    }
    if !opened.issues.is_empty() {
        text.push_str("\nQuality\n");
        for issue in &opened.issues {
            text.push_str(&format!(
                "  {}: {} {} {}\n",
                name(issue.severity),
                issue.message,
                issue.consequence,
                issue.mend
            ));
        }
    }
    text
}

fn headline(source: &OpenedSource) -> String {
    let role = match source.role {
        SourceRole::Predictions => "predictions",
        SourceRole::Labels => "labels",
        SourceRole::Tests => "test results",
        SourceRole::Reference => "training data",
    };
    let bad = match source.quarantined {
        0 => String::new(),
        bad => format!(", {} could not be read", count(bad)),
    };
    format!(
        "{}: {role}, {}, {} records{bad}, {}\n",
        source.display,
        source.format,
        count(source.records),
        size(source.bytes)
    )
}

fn columns(source: &OpenedSource) -> String {
    let mut table = Table::new(&[Align::Left; 5]);
    for column in &source.columns {
        let side = match column.role.side {
            Side::Both => String::new(),
            side => format!(".{}", name(side)),
        };
        table.row([
            column.role.column.clone(),
            format!("{}{side}", name(column.role.role)),
            column.kind.to_owned(),
            word(column.confidence).to_owned(),
            column.why.clone(),
        ]);
    }
    table.text()
}

fn mapping_text(opened: &Opened) -> String {
    let guess = &opened.guess;
    let positive = match guess.task {
        Task::Binary => format!("  positive    {}\n", guess.positive),
        _ => String::new(),
    };
    format!(
        "Mapping\n  champion    {}\n  challenger  {}\n  run         {}\n  task        {}\n{positive}",
        guess.champion,
        guess.challenger.as_deref().unwrap_or("none: a log of one model"),
        name(guess.kind),
        name(guess.task),
    )
}

/// Values shown at most; a free-text column has many.
const VALUES: usize = 20;

fn classes_text(opened: &Opened) -> String {
    let rows = opened.values.table(&opened.guess);
    if rows.is_empty() {
        return String::new();
    }
    // Of several classes none is the positive one.
    let binary = opened.guess.task == Task::Binary;
    let mut table = Table::new(&[Align::Left, Align::Left, Align::Right, Align::Right]);
    table.row(["value", if binary { "class" } else { "" }, "labels", "decisions"].map(str::to_owned));
    for (value, class, [labels, decisions]) in rows.iter().take(VALUES) {
        let class = match class {
            Some(true) => "positive",
            Some(false) => "negative",
            None if binary => "neither",
            None => "",
        };
        table.row([value.clone(), class.to_owned(), count(*labels), count(*decisions)]);
    }
    let more = match rows.len().saturating_sub(VALUES) {
        0 => String::new(),
        more => format!("  and {} more values\n", count(more as u64)),
    };
    format!("\nClasses\n{}{more}", table.text())
}

fn audit_text(audit: &JoinAudit) -> String {
    let basis = match &audit.basis {
        crate::log::PairBasis::Id { column } => format!("by equal {column}"),
        crate::log::PairBasis::SameRow => "both models in one line".to_owned(),
        crate::log::PairBasis::Position { proof } => format!("by position: {proof}"),
        crate::log::PairBasis::OneModel => "a log of one model".to_owned(),
        crate::log::PairBasis::Split { .. } => "each request by one arm".to_owned(),
    };
    let mut table = Table::new(&[Align::Left, Align::Right]);
    for (what, number) in [
        ("ids", audit.ids),
        ("paired", audit.paired),
        ("champion only", audit.champion_only),
        ("challenger only", audit.challenger_only),
        ("repeated lines, same prediction", audit.duplicate_same),
        ("ids with different predictions", audit.duplicate_different),
        ("lines without an id", audit.without_id),
        ("labels present", audit.labels.present),
        ("labels absent", audit.labels.absent),
        ("labels of no prediction", audit.labels.orphan),
        ("ids with two labels", audit.labels.conflicting),
    ] {
        table.row([what.to_owned(), count(number)]);
    }
    format!("  {basis}\n{}", table.text())
}

fn question_text(asked: &Question) -> String {
    let answer = match asked.answer.and_then(|answer| asked.choices.get(answer)) {
        Some(choice) => format!("answered: {choice}"),
        None => format!("open; settle it with {}", asked.flag),
    };
    format!("  {} {}\n    choices: {}\n    {answer}\n", asked.text, asked.evidence, asked.choices.join("; "))
}

fn as_json(opened: &Opened, audit: &Result<JoinAudit, String>) -> Result<String, CliError> {
    let sources: Vec<Value> = opened
        .sources
        .iter()
        .map(|source| {
            let columns: Vec<Value> = source
                .columns
                .iter()
                .map(|column| {
                    json!({
                        "column": column.role.column, "role": column.role.role, "side": column.role.side,
                        "kind": column.kind, "first": column.first, "confidence": word(column.confidence),
                        "why": column.why,
                    })
                })
                .collect();
            json!({
                "path": source.display, "role": source.role, "format": source.format, "bytes": source.bytes,
                "records": source.records, "quarantined": source.quarantined, "columns": columns,
            })
        })
        .collect();
    let questions: Vec<Value> = opened
        .questions
        .iter()
        .map(|asked| {
            json!({
                "text": asked.text, "evidence": asked.evidence, "choices": asked.choices, "answer": asked.answer,
                "flag": asked.flag,
            })
        })
        .collect();
    let object = json!({
        "sources": sources,
        "mapping": opened.guess,
        "pairing": audit.as_ref().ok(),
        "pairing_error": audit.as_ref().err(),
        "questions": questions,
        "issues": opened.issues,
    });
    let text = serde_json::to_string_pretty(&object).map_err(|error| CliError::Message(error.to_string()))?;
    Ok(text + "\n")
}
