//! Records, reports and workspaces as files. Nothing that exists is overwritten but a workspace file.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use crate::decision::DecisionRecord;
use crate::report;
use crate::session::{ExportFormat, export};

/// Folder of exports where no dialog can ask for one.
pub const FOLDER: &str = "assay-report";

/// Word of a format, for [`super::Purpose::Export`].
pub const fn word(format: ExportFormat) -> &'static str {
    match format {
        ExportFormat::Record => "record",
        ExportFormat::Html => "html",
        ExportFormat::Markdown => "markdown",
        ExportFormat::Csv => "csv",
        ExportFormat::Junit => "junit",
        ExportFormat::Flags => "flags",
    }
}

/// Format of a [`word`].
pub fn format(text: &str) -> Option<ExportFormat> {
    use ExportFormat::{Csv, Flags, Html, Junit, Markdown, Record};
    [Record, Html, Markdown, Csv, Junit, Flags].into_iter().find(|format| word(*format) == text)
}

/// Write `format` of a record into `folder`. Returns the files written.
///
/// # Errors
/// The folder cannot be made or written; the message names the file.
pub fn export(folder: &Path, format: ExportFormat, record: &DecisionRecord) -> Result<Vec<PathBuf>, String> {
    let (name, text) = match format {
        ExportFormat::Record => {
            return export::write_folder(record, &free_folder(folder)).map_err(|error| error.to_string());
        }
        ExportFormat::Html => (export::REPORT, report::html(record)),
        ExportFormat::Markdown => ("report.md", report::markdown(record)),
        ExportFormat::Csv => ("metrics.csv", report::csv(record)),
        ExportFormat::Junit => ("junit.xml", report::junit(record)),
        ExportFormat::Flags => match report::flags(record) {
            Some(text) => (export::FLAGS, text),
            None => return Err("A record of one model has no rollout to switch.".to_owned()),
        },
    };
    std::fs::create_dir_all(folder)
        .map_err(|error| format!("The folder cannot be made ({error}): {}", folder.display()))?;
    Ok(vec![create(&folder.join(name), text.as_bytes())?])
}

/// A record and its manifest name each other: `folder` itself, or `folder/record-2` and so on, where none of their
/// files is there yet.
fn free_folder(folder: &Path) -> PathBuf {
    let names = [export::RECORD, export::REPORT, export::POLICY, export::MANIFEST];
    let mut candidate = folder.to_path_buf();
    let mut number = 2;
    while names.iter().any(|name| candidate.join(name).exists()) {
        candidate = folder.join(format!("record-{number}"));
        number += 1;
    }
    candidate
}

/// Write a new file; where the name is taken, `-2` and so on is added to it.
fn create(path: &Path, bytes: &[u8]) -> Result<PathBuf, String> {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let ending = path.extension().map(|ending| format!(".{}", ending.to_string_lossy())).unwrap_or_default();
    let mut candidate = path.to_path_buf();
    for number in 2.. {
        match OpenOptions::new().write(true).create_new(true).open(&candidate) {
            Ok(mut file) => {
                return file
                    .write_all(bytes)
                    .and_then(|()| file.sync_all())
                    .map(|()| candidate.clone())
                    .map_err(|error| format!("The file cannot be written ({error}): {}", candidate.display()));
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                candidate = path.with_file_name(format!("{stem}-{number}{ending}"));
            }
            Err(error) => return Err(format!("The file cannot be written ({error}): {}", candidate.display())),
        }
    }
    Err(format!("No free name was found: {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_overwritten() {
        let folder = std::env::temp_dir().join(format!("assay-writing-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let names: Vec<_> = (0..3).map(|_| create(&folder.join("report.html"), b"a").unwrap()).collect();
        let names: Vec<_> = names.iter().map(|path| path.file_name().unwrap().to_string_lossy()).collect();
        assert_eq!(names, ["report.html", "report-2.html", "report-3.html"]);
        assert_eq!(free_folder(&folder), folder.join("record-2"));
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn formats_are_found_by_their_word() {
        assert_eq!(format("junit"), Some(ExportFormat::Junit));
        assert_eq!(format("pdf"), None);
    }
}
