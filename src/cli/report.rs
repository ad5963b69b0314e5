//! `report`: a record as documents.

use std::path::{Path, PathBuf};

use super::args::{FormatName, ReportArgs};
use super::{CliError, out};
use crate::decision::DecisionRecord;
use crate::report;
use crate::session::export;
use crate::session::workspace::{make_folder, write_atomically};

pub(super) fn run(args: &ReportArgs) -> Result<u8, CliError> {
    if args.format.contains(&FormatName::Pdf) {
        let message = "PDF is not available in this version; write html and print it from a browser.".to_owned();
        return Err(CliError::Message(message));
    }
    let path = record_path(&args.record);
    let bytes = record_bytes(&path)?;
    let record = DecisionRecord::from_json(&bytes).map_err(|error| CliError::at(error, &path))?;
    let folder = args.out.as_deref().or_else(|| path.parent()).unwrap_or(Path::new(""));
    if let Some(folder) = &args.out {
        make_folder(folder).map_err(|error| CliError::io("make the folder", &error, folder))?;
    }
    let mut written = String::new();
    for format in &args.format {
        let (name, text) = match format {
            FormatName::Html => (export::REPORT, report::html(&record)),
            FormatName::Md => ("report.md", report::markdown(&record)),
            FormatName::Csv => ("metrics.csv", report::csv(&record)),
            FormatName::Junit => ("junit.xml", report::junit(&record)),
            FormatName::Flags => match report::flags(&record) {
                Some(text) => (export::FLAGS, text),
                None => return Err(CliError::at("A record of one model has no rollout to switch", &path)),
            },
            FormatName::Pdf => continue,
        };
        let path = folder.join(name);
        write_atomically(&path, text.as_bytes()).map_err(|error| CliError::io("write", &error, &path))?;
        written.push_str(&format!("{}\n", path.display()));
    }
    out::print_last(&written)?;
    Ok(0)
}

/// The record that is meant: the file itself, or that of a folder which `--out` has written.
pub(super) fn record_path(path: &Path) -> PathBuf {
    if path.is_dir() { path.join(export::RECORD) } else { path.to_path_buf() }
}

/// Whether a file is an HTML report and no bare record.
pub(super) fn is_page(bytes: &[u8]) -> bool {
    bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'<')
}

/// Bytes of the record in a file: the file itself, or what an HTML report carries.
pub(super) fn record_bytes(path: &Path) -> Result<Vec<u8>, CliError> {
    let bytes = std::fs::read(path).map_err(|error| CliError::io("read the record", &error, path))?;
    if !is_page(&bytes) {
        return Ok(bytes);
    }
    String::from_utf8(bytes)
        .ok()
        .and_then(|text| report::record_in_html(&text))
        .ok_or_else(|| CliError::at("This page carries no decision record", path))
}
