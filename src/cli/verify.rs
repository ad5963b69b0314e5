//! `verify`: a record against its logs, number by number.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::args::VerifyArgs;
use super::progress::ProgressLine;
use super::report::{is_page, record_bytes, record_path};
use super::{CliError, ERROR, out};
use crate::decision::DecisionRecord;
use crate::decision::verify::{Agreement, Item, ItemKind, VerifyReport, check_canonical, check_manifest};
use crate::ingest::source::S3Options;
use crate::job::JobCx;
use crate::present::format::count;
use crate::report::html;
use crate::session::export::MANIFEST;
use crate::session::replay::{self, Found};

/// Values that differ and are printed without `--all`.
const MOST: usize = 100;

pub(super) fn run(args: &VerifyArgs) -> Result<u8, CliError> {
    let path = record_path(&args.record);
    let bytes = record_bytes(&path)?;
    let record = DecisionRecord::from_json(&bytes).map_err(|error| CliError::at(error, &path))?;
    if let Some(logs) = args.logs.as_deref().filter(|logs| !logs.is_dir()) {
        return Err(CliError::at("--logs names no folder", logs));
    }
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut report = check_canonical(&bytes);
    let manifest = manifest(folder, &path)?;
    let mut notes = Vec::new();
    let version = env!("CARGO_PKG_VERSION");
    if record.reproduction.version != version {
        notes.push(format!(
            "The record was made by version {}; this is {version}, whose numbers may differ in their last digits.",
            record.reproduction.version
        ));
    }
    report.items.extend(page(&path, &record)?);
    match manifest {
        Some(found) => report.extend(found),
        None => notes.push(format!(
            "There is no {MANIFEST} that lists this file beside it: its numbers are checked, what people wrote in it is not."
        )),
    }

    let roots: Vec<PathBuf> = match &args.logs {
        // Whoever names the logs means these.
        Some(logs) => vec![logs.clone()],
        None => vec![folder.to_path_buf(), folder.join(".."), PathBuf::new()],
    };
    let cx = JobCx::new();
    let line = ProgressLine::of(&cx);
    let mut s3 = S3Options::default();
    args.s3.apply(&mut s3);
    let sources = replay::find_sources(&record, &roots, &s3, &cx)?;
    report.extend(replay::verify(&record, &sources, &cx)?);
    drop(line);
    for found in &sources {
        if let Found::Missing { path } = found {
            notes.push(format!("{path} was not found; name its folder with --logs."));
        }
    }

    let text = if args.json { as_json(&record, &report, &notes)? } else { as_text(&record, &report, &notes, args.all) };
    out::print_last(&text)?;
    Ok(if report.all_match() { 0 } else { ERROR })
}

/// Whether an HTML report says what its record says: it is written again and compared. `None` for a bare record.
fn page(path: &Path, record: &DecisionRecord) -> Result<Option<Item>, CliError> {
    let bytes = std::fs::read(path).map_err(|error| CliError::io("read the record", &error, path))?;
    if !is_page(&bytes) {
        return Ok(None);
    }
    let agreement = if html(record).as_bytes() == bytes {
        Agreement::Match
    } else if record.reproduction.version == env!("CARGO_PKG_VERSION") {
        Agreement::Differs { stored: "another text".to_owned(), recomputed: "that of the record it carries".to_owned() }
    } else {
        Agreement::NotChecked { reason: "another version wrote it".to_owned() }
    };
    let name = "page as written from its record".to_owned();
    Ok(Some(Item { path: "/page".to_owned(), name, kind: ItemKind::Text, agreement }))
}

/// Files of the manifest beside the record; `None` where there is none or it does not speak of this file.
fn manifest(folder: &Path, record: &Path) -> Result<Option<VerifyReport>, CliError> {
    let path = folder.join(MANIFEST);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(CliError::io("read the manifest", &error, &path)),
    };
    let name = record.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let listed = text.lines().any(|line| line.get(66..) == Some(name.as_str()));
    Ok(listed.then(|| check_manifest(&text, |name| std::fs::read(folder.join(name)).ok())))
}

fn as_text(record: &DecisionRecord, report: &VerifyReport, notes: &[String], all: bool) -> String {
    let mut text = format!("{}: {}\n", record.header.record_id, record.header.title);
    let open = |item: &Item| !item.agreement.matches() && !item.agreement.is_taken();
    let mut shown: Vec<&Item> = report.items.iter().filter(|item| all || open(item)).collect();
    if !all {
        // A changed file explains the numbers after it.
        shown.sort_by_key(|item| item.kind != ItemKind::Digest);
    }
    let most = if all { shown.len() } else { MOST };
    for item in shown.iter().take(most) {
        text.push_str(&format!("{item}\n"));
    }
    if shown.len() > most {
        text.push_str(&format!("… and {} more; --all prints every one.\n", count((shown.len() - most) as u64)));
    }
    if !all {
        report.taken().for_each(|item| text.push_str(&format!("{item}\n")));
    }
    for note in notes {
        text.push_str(&format!("{note}\n"));
    }
    let word = if report.all_match() {
        "MATCH"
    } else if report.differing().next().is_some() {
        "DIFFERS"
    } else {
        "NOT CHECKED"
    };
    text.push_str(&format!("{word}: {}\n", report.summary()));
    text
}

fn as_json(record: &DecisionRecord, report: &VerifyReport, notes: &[String]) -> Result<String, CliError> {
    let (matching, numbers) = report.numbers();
    let items: Vec<_> = report
        .items
        .iter()
        .map(|item| {
            let (stored, recomputed, reason) = match &item.agreement {
                Agreement::Match => (None, None, None),
                Agreement::MatchWithin { stored, recomputed } | Agreement::Differs { stored, recomputed } => {
                    (Some(stored), Some(recomputed), None)
                }
                Agreement::NotChecked { reason } => (None, None, Some(reason)),
                Agreement::Taken { stored, reason } => (Some(stored), None, Some(reason)),
            };
            json!({
                "path": item.path, "name": item.name, "kind": item.kind, "agreement": item.agreement.word(),
                "stored": stored, "recomputed": recomputed, "reason": reason,
            })
        })
        .collect();
    let object = json!({
        "record_id": record.header.record_id,
        "all_match": report.all_match(),
        "numbers": numbers,
        "numbers_matching": matching,
        "differing": report.differing().count(),
        "not_checked": report.not_checked().count(),
        "taken_from_record": report.taken().count(),
        "summary": report.summary(),
        "notes": notes,
        "items": items,
    });
    let text = serde_json::to_string_pretty(&object).map_err(|error| CliError::Message(error.to_string()))?;
    Ok(text + "\n")
}
