//! Where the files of a record lie now.

use std::path::{Path, PathBuf};

use super::super::pipeline::{LoadedRun, PipelineError, Request};
use super::digest_of;
use crate::decision::record::DecisionRecord;
use crate::ingest::IngestError;
use crate::ingest::source::{self, Remote, S3Options, is_uri};
use crate::job::JobCx;
use crate::log::{ObjectVersion, Source};

/// Where a file of the record lies now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    File(PathBuf),
    /// Fetched from its bucket: where the copy lies, its address, and the version that came.
    Object {
        path: PathBuf,
        address: String,
        version: ObjectVersion,
    },
    /// `path` as the record names it.
    Missing {
        path: String,
    },
}

/// Find the record's files: in the first of `roots` that holds one by its path or its name, else deeper below the
/// roots by name and digest. Objects are taken from below the roots by their digest, else from their bucket.
///
/// # Errors
/// Cancelled; an object cannot be had from its bucket.
pub fn find_sources(
    record: &DecisionRecord,
    roots: &[PathBuf],
    s3: &S3Options,
    cx: &JobCx,
) -> Result<Vec<Found>, PipelineError> {
    find_each(&record.evidence.sources, roots, s3, cx)
}

/// The same of a record of `run`, whose own files are known; what is attached is looked for as `request` names it.
///
/// # Errors
/// As [`find_sources`].
pub fn find_all(
    record: &DecisionRecord,
    run: &LoadedRun,
    request: &Request,
    cx: &JobCx,
) -> Result<Vec<Found>, PipelineError> {
    let mut found: Vec<Found> = run.paths.iter().cloned().map(Found::File).collect();
    let attached = record.evidence.sources.get(found.len()..).unwrap_or_default();
    let root = request.base.clone().unwrap_or_default();
    found.extend(find_each(attached, &[root], &request.s3, cx)?);
    Ok(found)
}

fn find_each(sources: &[Source], roots: &[PathBuf], s3: &S3Options, cx: &JobCx) -> Result<Vec<Found>, PipelineError> {
    let remote = Remote::new(s3, cx);
    let mut below: Option<Vec<PathBuf>> = None;
    let mut find = |source: &Source| {
        let address = Path::new(&source.path);
        let stored = stored_as(source);
        let name = |path: &str| path.rsplit(['/', '\\']).next().unwrap_or(path).to_owned();
        let places =
            stored.iter().flat_map(|path| roots.iter().flat_map(move |root| [root.join(path), root.join(name(path))]));
        if !is_uri(address)
            && let Some(path) = places.into_iter().find(|path| path.is_file())
        {
            return Ok(Found::File(path));
        }
        let names: Vec<String> = stored.iter().map(|path| name(path)).collect();
        let files = below.get_or_insert_with(|| files_below(roots));
        let named = files
            .iter()
            .filter(|path| path.file_name().is_some_and(|found| names.iter().any(|name| found == name.as_str())));
        for path in named {
            if digest_of(source, path, cx)?.is_ok_and(|digest| digest == source.sha256) {
                return Ok(Found::File(path.clone()));
            }
        }
        if is_uri(address) {
            let version = source.object.as_ref().and_then(|object| object.version.as_deref());
            // An archive says what it is by its name as a rule, and each guess is a question to the server.
            let (zips, others): (Vec<&str>, Vec<&str>) =
                stored.iter().partition(|path| path.to_ascii_lowercase().ends_with(".zip"));
            let mut denied = None;
            for address in zips.into_iter().chain(others).filter(|path| is_uri(Path::new(path))) {
                match remote.object(address, version) {
                    Ok(Some(source::Found { path, display, object: Some(version), .. })) => {
                        return Ok(Found::Object { path, address: display, version });
                    }
                    Ok(_) => {}
                    Err(IngestError::Cancelled(cancelled)) => return Err(IngestError::from(cancelled).into()),
                    Err(error) => denied = denied.or(Some(error)),
                }
            }
            if let Some(error) = denied {
                return Err(error.into());
            }
        }
        Ok(Found::Missing { path: source.path.clone() })
    };
    sources.iter().map(&mut find).collect()
}

/// Paths of the file that holds a source: its own, or for a file in an archive what may be the archive's.
fn stored_as(source: &Source) -> Vec<&str> {
    let path = source.path.as_str();
    if !source.format.ends_with("+zip") {
        return vec![path];
    }
    path.match_indices('/')
        .map(|(end, _)| &path[..end])
        .filter(|path| !path.is_empty())
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
        .collect()
}

/// Folders below a root that are searched, and files that are looked at.
const DEPTH: usize = 4;
const FILES: usize = 20_000;

fn files_below(roots: &[PathBuf]) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let here = |root: &PathBuf| if root.as_os_str().is_empty() { PathBuf::from(".") } else { root.clone() };
    // The folder above a record is looked into, not searched.
    let searched = roots.iter().filter(|root| !root.ends_with(".."));
    let mut folders: Vec<(PathBuf, usize)> = searched.map(|root| (here(root), 0)).collect();
    while let Some((folder, depth)) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries.flatten() {
            // A link is not followed: it may lead back up.
            let Ok(kind) = entry.file_type() else {
                continue;
            };
            if kind.is_dir() && depth < DEPTH && !entry.file_name().to_string_lossy().starts_with('.') {
                folders.push((entry.path(), depth + 1));
            } else if kind.is_file() {
                files.push(entry.path());
            }
        }
        if files.len() > FILES {
            break;
        }
    }
    files.sort();
    files
}
