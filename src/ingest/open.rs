//! The first look: read what is text, peek at what is columnar, guess what it means, ask what is left.

mod images;
mod said;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;

use rayon::prelude::*;

use self::said::{left_out, refuse_tables, refuse_uneven_lines, set_strangers_aside, source_issues, take_halves};
use super::detect::{self, Columnar, Grammar};
use super::drift::drift;
use super::formats::{Records, delimited, dialects, json_lines, parquet};
use super::guess::{self, Input, Rest, column::cell_text};
use super::issue::{IngestError, merged};
use super::mapping::{Mapping, Pairing};
use super::opened::{Opened, OpenedSource};
use super::partition;
use super::profile::{self, Known};
use super::shapes;
use super::source::{self, Found, Remote, S3Options};
use super::table::Table;
use super::typing::shown;
use crate::job::{Cancelled, JobCx};
use crate::log::{ObjectVersion, Partitions, RunKind, SourceRole, Task};

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
    pub task: Option<Task>,
    pub champion: Option<String>,
    pub challenger: Option<String>,
    /// Other challengers that may be promoted instead.
    pub rivals: Vec<String>,
    /// Positive label value. `POSITIVE/NEGATIVE` names both where there are more than two values.
    pub positive: Option<String>,
    /// Classes from the least to the greatest.
    pub class_order: Vec<String>,
    /// Rows per season of a time series.
    pub season: Option<NonZeroU32>,
    /// Role (or role and side: `score.champion`) and column, as on the command line.
    pub roles: Vec<(String, String)>,
    pub profile: Option<Mapping>,
    /// Profiles of earlier runs; the one that fits the columns is taken where neither roles nor a profile are given.
    pub known_profiles: Vec<Known>,
    /// Display paths relative to this.
    pub base: Option<PathBuf>,
    /// IANA zone of times without an offset.
    pub naive_zone: Option<String>,
    /// Whether dates such as 03/04/2026 begin with the day.
    pub day_first: Option<bool>,
    pub pairing: Option<Pairing>,
    pub accept_bad_rows: bool,
    /// How `s3://` addresses are read.
    pub s3: S3Options,
    /// Copies of objects that are named as files: address and version by the path of the copy.
    pub objects: BTreeMap<PathBuf, (String, ObjectVersion)>,
    /// What files are called, by their path, where not by it.
    pub names: BTreeMap<PathBuf, String>,
    /// Partitions of files whose folders do not tell them, by the path of the file.
    pub partitions: BTreeMap<PathBuf, Partitions>,
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
    if let Some(zone) = &options.naive_zone {
        super::typing::known_zone(zone)?;
    }
    let base = options.base.as_deref();
    let remote = Remote::new(&options.s3, cx);
    let mut files: Vec<(Found, bool)> =
        source::find(&options.labels, base, &remote)?.into_iter().map(|found| (found, true)).collect();
    let known: BTreeSet<PathBuf> = files.iter().map(|(found, _)| found.path.clone()).collect();
    // A label file inside the folder of the logs is named twice.
    files.extend(
        source::find(paths, base, &remote)?
            .into_iter()
            .filter(|found| !known.contains(&found.path))
            .map(|found| (found, false)),
    );
    files.sort_by_key(|(_, labels)| *labels);
    for (found, _) in &mut files {
        if let Some(name) = options.names.get(&found.path) {
            found.display.clone_from(name);
        }
        if let Some((address, version)) = options.objects.get(&found.path) {
            found.display.clone_from(address);
            found.object = Some(version.clone());
        }
        if let Some(told) = options.partitions.get(&found.path) {
            found.told = Some(told.clone());
        }
    }

    let sizes: u64 =
        files.iter().map(|(found, _)| std::fs::metadata(&found.path).map_or(0, |metadata| metadata.len())).sum();
    cx.stage("Reading", sizes);
    // Large files are read in parallel inside; small ones beside each other.
    let looks: Vec<(Found, Result<Look, IngestError>)> =
        files.into_par_iter().with_max_len(1).flat_map_iter(|(found, labels)| look_into(found, labels, cx)).collect();
    let alone = looks.len() == 1;
    let mut issues = Vec::new();
    let mut good = Vec::new();
    let mut first_error = None;
    for (found, look) in looks {
        match look {
            Ok(look) => good.push(look),
            Err(IngestError::Cancelled(cancelled)) => return Err(cancelled.into()),
            // Nobody may take a run for whole of which a log could not be read.
            Err(error @ IngestError::Unreadable { .. }) => return Err(error),
            Err(error) if found.walked && !alone => {
                issues.push(left_out(&found, &error));
                first_error.get_or_insert(error);
            }
            Err(error) => return Err(error),
        }
    }
    let halves = take_halves(&mut good, &mut issues);
    set_strangers_aside(&mut good, &mut issues);
    if !good.iter().any(|look| !look.labels) {
        return Err(
            first_error.unwrap_or_else(|| IngestError::Mapping("No file with predictions was named.".to_owned()))
        );
    }

    refuse_tables(&good)?;
    refuse_uneven_lines(&good)?;
    images::complete(&mut good, &mut issues);

    cx.stage("Recognising columns", 0);
    let inputs: Vec<Input<'_>> = good
        .iter()
        .map(|look| Input {
            display: &look.found.display,
            table: &look.records.table,
            dialect: &look.records.dialect,
            rest: (!look.whole).then(|| Rest::new(&look.found.path, cx)),
            labels: look.labels,
        })
        .collect();
    let matched = matched(&inputs, options);
    let options = &match matched {
        None => Cow::Borrowed(options),
        // What was accepted of an earlier load is not accepted of this one.
        Some(known) => Cow::Owned(OpenOptions {
            profile: Some(Mapping { accept_bad_rows: false, ..known.mapping.clone() }),
            ..options.clone()
        }),
    };
    let mut outcome = guess::guess(&inputs, options, cx)?;
    issues.extend(matched.map(|known| profile::matched(&known.path)));
    for look in &good {
        issues.extend(source_issues(look));
    }
    issues.append(&mut outcome.issues);
    guess::ask_bad_rows(
        &mut outcome,
        good.iter()
            .map(|look| (look.found.display.as_str(), look.records.rejected, look.total, look.records.rejects.first())),
        options,
    );
    let sources = good.into_iter().zip(outcome.roles).zip(outcome.columns);
    let sources: Vec<OpenedSource> = sources.map(|((look, role), columns)| look.opened(role, columns)).collect();
    issues.extend(drift(&sources, &outcome.mapping));
    let halves = halves.into_iter().map(|look| look.opened(SourceRole::Predictions, Vec::new()));
    let sources = sources.into_iter().chain(halves).collect();
    Ok(Opened {
        sources,
        guess: outcome.mapping,
        questions: outcome.questions,
        issues: merged(issues),
        values: outcome.values,
        profile: matched.map(|known| known.path.clone()),
    })
}

/// Files that are no log of predictions, as they were read; text whole, columnar ones peeked at.
///
/// # Errors
/// As [`open`]; of a file more records are unreadable than may be set aside.
pub(super) fn look_at(
    paths: &[PathBuf],
    role: SourceRole,
    options: &OpenOptions,
    cx: &JobCx,
) -> Result<Vec<OpenedSource>, IngestError> {
    let remote = Remote::new(&options.s3, cx);
    let mut files = source::find(paths, options.base.as_deref(), &remote)?;
    for found in &mut files {
        if let Some((address, version)) = options.objects.get(&found.path) {
            found.display.clone_from(address);
            found.object = Some(version.clone());
        }
        if let Some(told) = options.partitions.get(&found.path) {
            found.told = Some(told.clone());
        }
    }
    let looks = files.into_iter().flat_map(|found| look_into(found, false, cx));
    let opened = looks.map(|(_, look)| {
        let look = look?;
        let bad = look.records.rejected;
        if bad as f64 > MAX_BAD_SHARE * look.total as f64 && !options.accept_bad_rows {
            let message =
                format!("{bad} of {} records cannot be read; --accept-bad-rows goes on without them", look.total);
            return Err(source::error(&message, &look.found.place()));
        }
        Ok(look.opened(role, Vec::new()))
    });
    opened.collect()
}

/// The profile that was made for files like these, where nothing else says what their columns are.
fn matched<'a>(inputs: &[Input<'_>], options: &'a OpenOptions) -> Option<&'a Known> {
    if options.profile.is_some() || !options.roles.is_empty() {
        return None;
    }
    let columns = inputs.iter().flat_map(|input| &input.table.columns);
    profile::fitting(&options.known_profiles, &columns.map(|column| column.name.as_str()).collect())
}

/// A file, or each file of an archive.
fn look_into(found: Found, labels: bool, cx: &JobCx) -> Vec<(Found, Result<Look, IngestError>)> {
    let refused = |found: Found, error: IngestError| {
        let error = error.naming(found.object.is_some(), &found.display);
        vec![(found, Err(error))]
    };
    let head = match source::head(&found.path, 64) {
        Ok(head) => head,
        Err(error) => return refused(found, error),
    };
    if !source::is_zip(&head) {
        let look =
            look(&found, &head, labels, cx).map_err(|error| error.naming(found.object.is_some(), &found.display));
        return vec![(found, look)];
    }
    let members = match source::members(&found.path) {
        Ok(members) => members,
        Err(error) => return refused(found, error),
    };
    let member = |member: source::Member| {
        let display = format!("{}/{}", found.display, member.name);
        let found = Found { display, walked: true, member: Some(member), ..found.clone() };
        let look = look(&found, &[], labels, cx).map_err(|error| error.naming(found.object.is_some(), &found.display));
        (found, look)
    };
    members.into_iter().map(member).collect()
}

/// Bytes of a file, as stored or out of its archive, and what was wrong with their end.
fn bytes_of(found: &Found, cx: &JobCx) -> Result<(Vec<u8>, Option<String>), IngestError> {
    match &found.member {
        Some(member) => source::read_member(&found.path, member, source::room(), cx),
        None => Ok((source::read(&found.path)?, None)),
    }
}

fn look(found: &Found, head: &[u8], labels: bool, cx: &JobCx) -> Result<Look, IngestError> {
    cx.check()?;
    let refused = |message: &str| source::error(message, &found.place());
    match detect::columnar(head) {
        Some(Columnar::Parquet) => {
            return look_at_parquet(found, labels, cx);
        }
        Some(Columnar::Arrow) => {
            return Err(refused("This is an Arrow file; write it as Parquet and open that"));
        }
        None => {}
    }
    let (raw, cut) = bytes_of(found, cx)?;
    let bytes = raw.len() as u64;
    let (mut records, mut format, damage) = read_text(raw, cx)?.map_err(|message| refused(&message))?;
    let damage = damage.or(cut);
    if found.member.is_some() {
        format.push_str("+zip");
    }
    if records.table.records == 0 {
        return Err(refused(&no_records(&records)));
    }
    let total = records.stored.unwrap_or(records.table.records as u64) + records.rejected;
    if records.dialect == dialects::prose::DIALECT {
        dialects::prose::name(&mut records.table, &found.display, labels);
    }
    shapes::expand(&mut records.table);
    partition::add(&mut records.table, &found.partitions());
    Ok(Look { found: found.clone(), format, bytes, total, records, whole: true, damage, labels })
}

/// The first rows of a Parquet file; all of them, where they are records of a dialect.
fn look_at_parquet(found: &Found, labels: bool, cx: &JobCx) -> Result<Look, IngestError> {
    let refused = |message: &str| source::error(message, &found.place());
    let peek = parquet::peek(&found.path, cx)?;
    if peek.records == 0 {
        return Err(refused(&format!("The file has no records; its columns are {}", names(&peek.table))));
    }
    let bytes = std::fs::metadata(&found.path).map_or(0, |metadata| metadata.len());
    cx.advance(bytes);
    let whole = dialects::is(&peek.table.head());
    let mut records = Records { table: peek.table, dialect: "parquet".to_owned(), ..Records::default() };
    if whole {
        records.table = parquet::read_all(&found.path, cx)?.into_text();
        records = dialects::adapt(records, cx)?.map_err(|message| refused(&message))?;
        if records.table.records == 0 && !records.half {
            return Err(refused(&no_records(&records)));
        }
    }
    shapes::expand(&mut records.table);
    partition::add(&mut records.table, &found.partitions());
    if !peek.unreadable.is_empty() {
        let columns: Vec<String> = peek.unreadable.iter().map(|(name, kind)| format!("{name} ({kind})")).collect();
        records
            .notes
            .push(("unreadable_column", format!("Columns of nested types were left out: {}", columns.join(", "))));
    }
    Ok(Look {
        found: found.clone(),
        format: records.dialect.clone(),
        bytes,
        total: match whole {
            true => records.stored.unwrap_or(records.table.records as u64) + records.rejected,
            false => peek.records,
        },
        records,
        whole,
        damage: None,
        labels,
    })
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
    if let Some(limit) = text.too_large {
        return Ok(Err(source::too_large(limit)));
    }
    if let (true, Some(damage)) = (text.bytes.is_empty(), &text.damage) {
        return Ok(Err(format!(
            "The {} file is damaged and nothing in it can be unpacked ({damage}); copy it again",
            text.container
        )));
    }
    if detect::columnar(&text.bytes).is_some() {
        return Ok(Err(format!(
            "This is a Parquet or Arrow file inside {}; unpack it and open what it holds",
            if text.container.is_empty() { "an archive" } else { text.container }
        )));
    }
    if let Some(why) = detect::refuse_text(&text.bytes) {
        return Ok(Err(why));
    }
    let read = match dialects::from_text(&text.bytes, cx)? {
        Some(read) => read,
        None => dialects::adapt(records_of(&text, cx)?, cx)?,
    };
    let mut records = match read {
        Ok(records) => records,
        Err(why) => return Ok(Err(why)),
    };
    if text.encoding == "latin-1" {
        records
            .notes
            .push(("legacy_encoding", "The text is not UTF-8 and is read as Windows-1252 (Latin-1)".to_owned()));
    }
    let parts = [records.dialect.as_str(), text.encoding, text.container];
    let format = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("+");
    Ok(Ok((records, format, text.damage)))
}

/// Records in the grammar of the text, before any dialect.
fn records_of(text: &source::Text, cx: &JobCx) -> Result<Records, Cancelled> {
    match detect::grammar(&text.bytes) {
        Grammar::Delimited => delimited::read(&text.bytes, text.check_utf8, cx),
        Grammar::JsonLines => json_lines::read_lines(&text.bytes, text.check_utf8, cx),
        Grammar::JsonStream => json_lines::read_stream(&text.bytes, text.check_utf8, cx),
    }
}

fn no_records(records: &Records) -> String {
    let names = names(&records.table);
    let why = records.rejects.first().map_or("is damaged", |reject| reject.reason.as_str());
    match records.rejected {
        0 => format!("The file has a header and no records; its columns are {names}"),
        1 => format!("Its only record cannot be read (it {why})"),
        count => format!("None of its {count} records can be read (the first {why})"),
    }
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
            partitions: self.found.partitions(),
            path: self.found.path,
            display: self.found.display,
            role,
            format: self.format,
            bytes: self.bytes,
            records: match self.whole {
                true => self.records.stored.unwrap_or(table.records as u64),
                false => self.total,
            },
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
    pub(super) fn naming(self, is_object: bool, address: &str) -> Self {
        let path = address.to_owned();
        match self {
            Self::Source { message, .. } if is_object => Self::Source { message, path },
            Self::Unreadable { message, .. } if is_object => Self::Unreadable { message, path },
            other => other,
        }
    }
}
