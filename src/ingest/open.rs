//! The first look: read what is text, peek at what is columnar, guess what it means, ask what is left.

use std::path::PathBuf;
use std::sync::Arc;

use rayon::prelude::*;

use super::detect::{self, Columnar, Grammar};
use super::formats::{Records, delimited, json_lines, parquet};
use super::guess::{self, Input, column::cell_text};
use super::issue::{Example, IngestError, Issue, Severity};
use super::mapping::{Mapping, Pairing};
use super::opened::{Opened, OpenedSource};
use super::source::{self, Found, Remote, S3Options};
use super::table::Table;
use super::typing::shown;
use crate::job::JobCx;
use crate::log::{RunKind, SourceRole};

/// Share of records of a source that may be set aside without asking.
pub const MAX_BAD_SHARE: f64 = 0.001;

/// Rows of a source shown as they stand in the file.
const PREVIEW: usize = 50;

/// What is known before looking.
#[derive(Clone, Debug, Default)]
pub struct OpenOptions {
    /// Files that hold labels.
    pub labels: Vec<PathBuf>,
    pub kind: Option<RunKind>,
    pub champion: Option<String>,
    pub challenger: Option<String>,
    /// Positive label value. `POSITIVE/NEGATIVE` names both where there are more than two values.
    pub positive: Option<String>,
    /// Role (or role and side: `score.champion`) and column, as on the command line.
    pub roles: Vec<(String, String)>,
    pub profile: Option<Mapping>,
    /// Display paths relative to this.
    pub base: Option<PathBuf>,
    /// IANA zone of times without an offset.
    pub naive_zone: Option<String>,
    pub pairing: Option<Pairing>,
    pub accept_bad_rows: bool,
    /// How `s3://` addresses are read.
    pub s3: S3Options,
}

/// One file, read or peeked at.
struct Look {
    found: Found,
    format: String,
    bytes: u64,
    total: u64,
    records: Records,
    /// Text sources are kept whole.
    whole: bool,
    damage: Option<String>,
    labels: bool,
}

/// Look at files, folders and patterns, and guess what they mean.
///
/// # Errors
/// A path cannot be read, a named file is no log (the message says what to open instead), nothing
/// readable remains, or an option names a column or model that is not there.
pub fn open(paths: &[PathBuf], options: &OpenOptions, cx: &JobCx) -> Result<Opened, IngestError> {
    let base = options.base.as_deref();
    let remote = Remote::new(&options.s3, cx);
    let mut files: Vec<(Found, bool)> =
        source::find(&options.labels, base, &remote)?.into_iter().map(|found| (found, true)).collect();
    let known: Vec<PathBuf> = files.iter().map(|(found, _)| found.path.clone()).collect();
    // A label file inside the folder of the logs is named twice.
    files.extend(
        source::find(paths, base, &remote)?
            .into_iter()
            .filter(|found| !known.contains(&found.path))
            .map(|found| (found, false)),
    );
    files.sort_by_key(|(_, labels)| *labels);

    let sizes: u64 =
        files.iter().map(|(found, _)| std::fs::metadata(&found.path).map_or(0, |metadata| metadata.len())).sum();
    cx.stage("Reading", sizes);
    let alone = files.len() == 1;
    // Large files are read in parallel inside; small ones beside each other.
    let looks: Vec<(Found, Result<Look, IngestError>)> = files
        .into_par_iter()
        .with_max_len(1)
        .map(|(found, labels)| {
            let look = look(&found, labels, cx).map_err(|error| error.naming(&found));
            (found, look)
        })
        .collect();
    let mut issues = Vec::new();
    let mut good = Vec::new();
    let mut first_error = None;
    for (found, look) in looks {
        match look {
            Ok(look) => good.push(look),
            Err(IngestError::Cancelled(cancelled)) => return Err(cancelled.into()),
            Err(error) if found.walked && !alone => {
                issues.push(left_out(&found, &error));
                first_error.get_or_insert(error);
            }
            Err(error) => return Err(error),
        }
    }
    if !good.iter().any(|look| !look.labels) {
        return Err(
            first_error.unwrap_or_else(|| IngestError::Mapping("No file with predictions was named.".to_owned()))
        );
    }

    cx.stage("Recognising columns", 0);
    let inputs: Vec<Input<'_>> = good
        .iter()
        .map(|look| Input {
            display: &look.found.display,
            table: &look.records.table,
            whole: look.whole,
            labels: look.labels,
        })
        .collect();
    let mut outcome = guess::guess(&inputs, options, cx)?;
    for look in &good {
        issues.extend(source_issues(look));
    }
    issues.append(&mut outcome.issues);
    guess::ask_bad_rows(
        &mut outcome,
        good.iter().map(|look| (look.found.display.as_str(), look.records.rejected, look.total)),
        options,
    );
    let sources = good.into_iter().zip(outcome.roles).zip(outcome.columns);
    Ok(Opened {
        sources: sources.map(|((look, role), columns)| look.opened(role, columns)).collect(),
        guess: outcome.mapping,
        questions: outcome.questions,
        issues,
    })
}

fn look(found: &Found, labels: bool, cx: &JobCx) -> Result<Look, IngestError> {
    cx.check()?;
    let head = source::head(&found.path, 64)?;
    let refused = |message: &str| source::error(message, &found.path);
    match detect::columnar(&head) {
        Some(Columnar::Parquet) => {
            let peek = parquet::peek(&found.path, cx)?;
            if peek.records == 0 {
                return Err(refused(&format!("The file has no records; its columns are {}", names(&peek.table))));
            }
            let bytes = std::fs::metadata(&found.path).map_or(0, |metadata| metadata.len());
            cx.advance(bytes);
            let mut records = Records { table: peek.table, dialect: "parquet".to_owned(), ..Records::default() };
            if !peek.unreadable.is_empty() {
                let columns: Vec<String> =
                    peek.unreadable.iter().map(|(name, kind)| format!("{name} ({kind})")).collect();
                records.notes.push((
                    "unreadable_column",
                    format!("Columns of nested types were left out: {}", columns.join(", ")),
                ));
            }
            return Ok(Look {
                found: found.clone(),
                format: "parquet".to_owned(),
                bytes,
                total: peek.records,
                records,
                whole: false,
                damage: None,
                labels,
            });
        }
        Some(Columnar::Arrow) => {
            return Err(refused("This is an Arrow file; write it as Parquet and open that"));
        }
        None => {}
    }
    let raw = source::read(&found.path)?;
    let bytes = raw.len() as u64;
    let (records, format, damage) = read_text(raw, cx)?.map_err(|message| refused(&message))?;
    if records.table.records == 0 {
        let names = names(&records.table);
        let why = match records.rejected {
            0 => format!("The file has a header and no records; its columns are {names}"),
            1 => format!(
                "Its only record cannot be read (it {})",
                records.rejects.first().map_or("is damaged", |reject| reject.reason.as_str())
            ),
            count => format!(
                "None of its {count} records can be read (the first {})",
                records.rejects.first().map_or("is damaged", |reject| reject.reason.as_str())
            ),
        };
        return Err(refused(&why));
    }
    let total = records.table.records as u64 + records.rejected;
    Ok(Look { found: found.clone(), format, bytes, total, records, whole: true, damage, labels })
}

type Text = (Records, String, Option<String>);

/// Unpack, decode, detect and read a text file from its bytes. The inner error says why it is no log.
///
/// # Errors
/// Cancelled.
pub(super) fn read_text(raw: Vec<u8>, cx: &JobCx) -> Result<Result<Text, String>, IngestError> {
    if raw.is_empty() {
        return Ok(Err("The file is empty".to_owned()));
    }
    if let Some(why) = detect::refuse(&raw) {
        return Ok(Err(why));
    }
    let text = source::decode(raw, cx)?;
    if let (true, Some(damage)) = (text.bytes.is_empty(), &text.damage) {
        return Ok(Err(format!(
            "The {} file is damaged and nothing in it can be unpacked ({damage}); copy it again",
            text.container
        )));
    }
    if detect::columnar(&text.bytes).is_some() {
        return Ok(Err(format!(
            "This is a Parquet or Arrow file inside {}; unpack it and open what it holds",
            text.container
        )));
    }
    if let Some(why) = detect::refuse_text(&text.bytes) {
        return Ok(Err(why));
    }
    let records = match detect::grammar(&text.bytes) {
        Grammar::Delimited => delimited::read(&text.bytes, text.check_utf8, cx)?,
        Grammar::JsonLines => json_lines::read_lines(&text.bytes, text.check_utf8, cx)?,
        Grammar::JsonStream => json_lines::read_stream(&text.bytes, text.check_utf8, cx)?,
    };
    let parts = [records.dialect.as_str(), text.encoding, text.container];
    let format = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("+");
    Ok(Ok((records, format, text.damage)))
}

fn names(table: &Table) -> String {
    table.columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(", ")
}

impl Look {
    fn opened(self, role: SourceRole, columns: Vec<super::opened::ColumnGuess>) -> OpenedSource {
        let table = self.records.table;
        let preview = (0..table.records.min(PREVIEW))
            .map(|row| {
                table
                    .columns
                    .iter()
                    .map(|column| shown(cell_text(&column.data, row).unwrap_or_default().as_bytes()))
                    .collect()
            })
            .collect();
        OpenedSource {
            path: self.found.path,
            display: self.found.display,
            role,
            format: self.format,
            bytes: self.bytes,
            records: if self.whole { table.records as u64 } else { self.total },
            quarantined: self.records.rejected,
            object: self.found.object,
            columns,
            preview,
            table: self.whole.then(|| Arc::new(table)),
        }
    }
}

impl IngestError {
    /// A downloaded object is called by its address, not by its place in the cache.
    fn naming(self, found: &Found) -> Self {
        match self {
            Self::Source { message, .. } if found.object.is_some() => {
                Self::Source { message, path: found.display.clone() }
            }
            other => other,
        }
    }
}

fn left_out(found: &Found, error: &IngestError) -> Issue {
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

fn source_issues(look: &Look) -> Vec<Issue> {
    let mut issues = Vec::new();
    let display = &look.found.display;
    let rejected = look.records.rejected;
    if let Some(first) = look.records.rejects.first() {
        let share = rejected as f64 / look.total as f64;
        let what = if look.format.starts_with("json+") || look.format == "json" { "record " } else { "line " };
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
            severity: if *code == "row_names" { Severity::Note } else { Severity::Warning },
            message: format!("{note}: {display}."),
            consequence: match *code {
                "no_header" => "Roles have to be told by position.",
                "duplicate_header" => "Only the column that is mapped is used.",
                "row_names" => "None.",
                _ => "These values can be neither a role nor a slice.",
            }
            .to_owned(),
            mend: match *code {
                "no_header" => "Add a header, or map the columns by hand.",
                "row_names" => "Nothing, if the names are right.",
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
