//! A record as a folder: the record, its report, its policy, and a manifest over them.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::pipeline::PipelineError;
use super::workspace::{make_folder, on_this_machine, write_atomically};
use crate::decision::DecisionRecord;
use crate::decision::record::{State, manifest};
use crate::report;

/// Name of the record in its folder.
pub const RECORD: &str = "record.json";
pub const REPORT: &str = "report.html";
pub const POLICY: &str = "policy.toml";
/// The decided step of the rollout, for flagd.
pub const FLAGS: &str = "flags.json";
/// In the form of `sha256sum`, so that `sha256sum --check` reads it.
pub const MANIFEST: &str = "MANIFEST.sha256";

/// Write `record.json`, `report.html`, `policy.toml` and `MANIFEST.sha256` into `folder`, which is made if needed.
/// Returns the files in this order.
///
/// # Errors
/// The record holds a number that is not finite, the folder holds a sealed record, or it cannot be written.
pub fn write_folder(record: &DecisionRecord, folder: &Path) -> Result<Vec<PathBuf>, PipelineError> {
    let bytes = record.to_bytes().map_err(|error| PipelineError::Record(error.to_string()))?;
    make_folder(folder).map_err(|error| failed(error, folder))?;
    let place = folder.join(RECORD);
    refuse_sealed(&place, &bytes)?;
    let html = report::html(record);
    let files = [(RECORD, bytes.as_slice()), (REPORT, html.as_bytes()), (POLICY, record.policy.text.as_bytes())];
    let listed = manifest(&files);
    let mut written = Vec::with_capacity(files.len() + 1);
    // The manifest comes last: until it is there, the folder does not claim to be whole.
    for (name, bytes) in files.into_iter().chain([(MANIFEST, listed.as_bytes())]) {
        let path = folder.join(name);
        write_atomically(&path, bytes).map_err(|error| failed(error, &path))?;
        written.push(path);
    }
    Ok(written)
}

fn failed(error: std::io::Error, path: &Path) -> PipelineError {
    let why = match error.kind() {
        ErrorKind::PermissionDenied => "the current user may not".to_owned(),
        ErrorKind::AlreadyExists | ErrorKind::NotADirectory => "a file has the name of the folder".to_owned(),
        _ => error.to_string(),
    };
    PipelineError::Record(format!("Cannot write ({why}); choose another folder: {}", path.display()))
}

/// Refuse a folder that holds a sealed record or is none, before anything is computed for it.
///
/// # Errors
/// It does, or is an address.
pub fn check_free(folder: &Path) -> Result<(), PipelineError> {
    on_this_machine(folder).map_err(|error| failed(error, folder))?;
    refuse_sealed(&folder.join(RECORD), &[])
}

/// A sealed record is written once.
fn refuse_sealed(path: &Path, bytes: &[u8]) -> Result<(), PipelineError> {
    let Ok(old) = std::fs::read(path) else {
        return Ok(());
    };
    let sealed = DecisionRecord::from_json(&old).is_ok_and(|record| record.header.state == State::Sealed);
    if sealed && old != bytes {
        return Err(PipelineError::Record(format!(
            "A sealed record lies here and is not overwritten; choose another folder: {}",
            path.display()
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::fixture::record;
    use crate::decision::verify::check_manifest;

    #[test]
    fn a_folder_is_whole_and_a_sealed_record_is_kept() {
        let folder = std::env::temp_dir().join(format!("assay-export-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        let mut draft = record();
        let written = write_folder(&draft, &folder).unwrap();
        assert_eq!(written.len(), std::fs::read_dir(&folder).unwrap().count());
        let manifest = std::fs::read_to_string(folder.join(MANIFEST)).unwrap();
        let checked = check_manifest(&manifest, |name| std::fs::read(folder.join(name)).ok());
        assert!(checked.all_match() && checked.items.len() == 3);

        // A draft is replaced, a sealed record is not; writing the same one again is no change.
        draft.review.limitations = vec!["One site only.".to_owned()];
        let sealed = draft.seal("2026-11-25T00:00:00Z").unwrap();
        write_folder(&sealed.record, &folder).unwrap();
        write_folder(&sealed.record, &folder).unwrap();
        let error = write_folder(&draft, &folder).unwrap_err().to_string();
        assert!(error.contains("sealed record lies here") && error.contains(RECORD), "{error}");
        assert_eq!(std::fs::read(folder.join(RECORD)).unwrap(), sealed.bytes);
        let _ = std::fs::remove_dir_all(&folder);
    }
}
