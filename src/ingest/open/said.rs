//! What a first look leaves to be said: files left out, set aside or joined, and what is wrong with each.

use super::{Look, MAX_BAD_SHARE, names};
use crate::ingest::formats::{Records, dialects};
use crate::ingest::guess;
use crate::ingest::issue::{Example, IngestError, Issue, Severity};
use crate::ingest::source::{self, Found};
use crate::ingest::table::Table;

/// Join what files of one dialect say about each other's rows, and take out those that then have no rows of
/// their own: they stay sources of the run.
pub(super) fn take_halves(good: &mut Vec<Look>, issues: &mut Vec<Issue>) -> Vec<Look> {
    let mut records: Vec<&mut Records> = good.iter_mut().map(|look| &mut look.records).collect();
    let mut used = dialects::join(&mut records).into_iter();
    let (mut halves, wholes): (Vec<Look>, Vec<Look>) =
        std::mem::take(good).into_iter().partition(|_| used.next().unwrap_or(false));
    *good = wholes;
    for look in good.iter_mut() {
        let dialect = look.records.dialect.split('+').next().unwrap_or_default();
        if !look.format.starts_with(dialect) {
            look.format = format!("{dialect}+{}", look.format);
        }
    }
    if let Some(first) = halves.first() {
        let count = halves.len() as u64;
        issues.push(Issue {
            code: "joined_file".to_owned(),
            severity: Severity::Note,
            message: format!(
                "{count} {}, the first {}, {} no predictions: what {} was joined to the rows of the other files.",
                if count == 1 { "file" } else { "files" },
                first.found.display,
                if count == 1 { "holds" } else { "hold" },
                if count == 1 { "it says" } else { "they say" },
            ),
            consequence: "Their requests give features, and no rows of their own.".to_owned(),
            mend: "Nothing, if these are the requests or the schema of the other files.".to_owned(),
            count,
            share: 0.0,
            examples: Vec::new(),
        });
    }
    for look in &mut halves {
        look.records.table = Table::default();
    }
    halves
}

/// Nothing can compare some kinds of logs yet; that is said before anything is asked about them.
///
/// # Errors
/// All prediction files are of such kinds.
pub(super) fn refuse_tables(good: &[Look]) -> Result<(), IngestError> {
    let mut logs = good.iter().filter(|look| !look.labels);
    let Some((first, what)) = logs.clone().find_map(|look| look.records.only_table.map(|what| (look, what))) else {
        return Ok(());
    };
    if logs.any(|look| look.records.only_table.is_none()) {
        return Ok(());
    }
    Err(IngestError::Source {
        message: format!(
            "This file holds {what} ({}). Its {} records were read as a table with the columns {}, but comparing such logs is not built yet; \
             open a log of predictions with a score or a decision for each request",
            first.format,
            first.total,
            names(&first.records.table)
        ),
        path: first.found.path.display().to_string(),
    })
}

/// Texts that are told apart by their line alone belong together only where the files have as many lines.
///
/// # Errors
/// Two files of such texts differ in that.
pub(super) fn refuse_uneven_lines(good: &[Look]) -> Result<(), IngestError> {
    let mut texts = good.iter().filter(|look| look.records.dialect == dialects::prose::DIALECT);
    let Some(first) = texts.next() else { return Ok(()) };
    let Some(other) = texts.find(|look| look.total != first.total) else { return Ok(()) };
    Err(IngestError::Source {
        message: format!(
            "Texts are paired by the number of their line, and this file has {} lines where {} has {}: no line can be \
             said to belong to another. Open the files as they were before lines were lost, or give each text an id",
            other.total, first.found.display, first.total
        ),
        path: other.found.path.display().to_string(),
    })
}

/// A file that nobody named, that shares no column with the others and has none that is named like a part of a log,
/// is no part of the run: a manifest, settings. Nor are sentences beside a table, whose columns we named ourselves, and
/// tables beside boxes of images, which only files of their own dialect tell.
pub(super) fn set_strangers_aside(good: &mut Vec<Look>, issues: &mut Vec<Issue>) {
    let names =
        |look: &Look| -> Vec<String> { look.records.table.columns.iter().map(|column| column.name.clone()).collect() };
    let all: Vec<Vec<String>> = good.iter().map(names).collect();
    let is_stranger = |place: usize| {
        let mut others = all.iter().enumerate().filter(|(other, _)| *other != place).flat_map(|(_, names)| names);
        !all[place].iter().any(|name| guess::is_named(name)) && !others.any(|name| all[place].contains(name))
    };
    let is_prose = |look: &Look| look.records.dialect == dialects::prose::DIALECT;
    let beside_table = good.iter().any(|look| !is_prose(look) && !look.labels);
    let has_boxes =
        |look: &Look, dialect: &str| look.records.dialect.starts_with(dialect) && look.records.only_table.is_none();
    let boxes = good.iter().any(|look| has_boxes(look, dialects::coco::RESULTS));
    let no_boxes = |look: &Look| {
        boxes && ![dialects::coco::RESULTS, dialects::coco::ANNOTATIONS].iter().any(|dialect| has_boxes(look, dialect))
    };
    let strange = |(place, look): (usize, &Look)| {
        let odd = is_stranger(place) || beside_table && is_prose(look) || no_boxes(look);
        look.found.walked && !look.labels && odd
    };
    let strangers: Vec<bool> = good.iter().enumerate().map(strange).collect();
    if strangers.iter().all(|stranger| *stranger) {
        return;
    }
    let mut place = 0;
    good.retain(|look| {
        let stranger = strangers[place];
        place += 1;
        if stranger {
            let why = match is_prose(look) {
                _ if no_boxes(look) => "It holds no boxes of images, and the files beside it do".to_owned(),
                true => "It holds sentences, and the files beside it tables".to_owned(),
                false => format!("Its columns ({}) are in no other file", names(look).join(", ")),
            };
            issues.push(left_out(&look.found, &source::error(&why, &look.found.path)));
        }
        !stranger
    });
}

pub(super) fn left_out(found: &Found, error: &IngestError) -> Issue {
    let message = match error {
        IngestError::Source { message, .. } => message.clone(),
        other => other.to_string(),
    };
    Issue {
        code: "not_a_log".to_owned(),
        severity: Severity::Warning,
        message: format!("{} was left out: {message}.", found.display),
        consequence: "Its rows, if it should hold some, are missing from every number.".to_owned(),
        mend: "Replace the file, or remove it from the folder.".to_owned(),
        count: 1,
        share: 1.0,
        examples: Vec::new(),
    }
}

pub(super) fn source_issues(look: &Look) -> Vec<Issue> {
    let mut issues = Vec::new();
    let display = &look.found.display;
    let rejected = look.records.rejected;
    if let Some(first) = look.records.rejects.first() {
        let share = rejected as f64 / look.total as f64;
        let what = if look.format.split('+').any(|part| part.starts_with("json") && part != "jsonl") {
            "record "
        } else {
            "line "
        };
        let message = if rejected == 1 {
            format!(
                "1 of {} records could not be read: {display}:{} ({what}{}) {}.",
                look.total, first.line, first.line, first.reason
            )
        } else {
            format!(
                "{rejected} of {} records could not be read; the first, {display}:{} ({what}{}), {}.",
                look.total, first.line, first.line, first.reason
            )
        };
        issues.push(Issue {
            code: "unreadable_record".to_owned(),
            severity: if share > MAX_BAD_SHARE { Severity::Blocking } else { Severity::Warning },
            message,
            consequence: "These records are set aside and are in no number; their requests may count as one-sided or without a label.".to_owned(),
            mend: "Mend the records in the file or export it again; or accept that they are left out.".to_owned(),
            count: rejected,
            share,
            examples: look.records.rejects.iter().map(|reject| Example { source: display.clone(), record: reject.line, raw: reject.raw.clone() }).collect(),
        });
    }
    if let Some(damage) = &look.damage {
        issues.push(Issue {
            code: "truncated_container".to_owned(),
            severity: Severity::Warning,
            message: format!(
                "{display} ends early or is damaged ({damage}); {} records before that were read.",
                look.records.table.records
            ),
            consequence: "Everything after the damage is missing from every number.".to_owned(),
            mend: "Copy or download the file again.".to_owned(),
            count: 1,
            share: 0.0,
            examples: Vec::new(),
        });
    }
    for (code, note) in &look.records.notes {
        issues.push(Issue {
            code: (*code).to_owned(),
            severity: if matches!(*code, "comment_lines" | "row_names" | "schema_role" | "text_lines") { Severity::Note } else { Severity::Warning },
            message: format!("{note}: {display}."),
            consequence: match *code {
                "no_header" => "Roles have to be told by position.",
                "duplicate_header" => "Only the column that is mapped is used.",
                "comment_lines" | "row_names" | "schema_role" => "None.",
                "text_lines" => "Where one file lacks a line, everything after it is compared with the wrong text.",
                "legacy_encoding" => "Names and values with accents are wrong if the text is in another encoding; numbers are right in any case.",
                _ => "These values can be neither a role nor a slice.",
            }
            .to_owned(),
            mend: match *code {
                "no_header" => "Add a header, or map the columns by hand.",
                "comment_lines" | "row_names" | "schema_role" => "Nothing, if the names are right.",
                "text_lines" => "Nothing, if the files have their lines in the same order; else write one table with ids.",
                "legacy_encoding" => "Write the file as UTF-8 if a name looks wrong.",
                _ => "Nothing, if the columns are not needed; else write the file with plain columns.",
            }
            .to_owned(),
            count: 1,
            share: 0.0,
            examples: Vec::new(),
        });
    }
    issues
}
