//! Where bytes come from: paths, folders and patterns; containers and encodings.

mod archive;
mod decode;
mod delta;
mod pattern;
mod redact;
mod s3;
mod unpack;

use std::borrow::Cow;
use std::fs;
use std::path::{Component, Path, PathBuf};

use super::issue::IngestError;
use super::partition;
use crate::job::JobCx;
use crate::log::{ObjectVersion, Partitions};

pub use archive::{Member, is_zip, members, read_member};
pub use decode::{Text, decode};
pub use pattern::matches_name;
pub use redact::redact;
pub use s3::{
    Entry, EntryKind, Extent, LIMIT_BYTES, Link, Place, Profile, ProfileKind, Remote, S3Options, day_or_time, is_uri,
    profiles,
};
pub use unpack::room;
pub(super) use unpack::too_large;

/// A file to be looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub path: PathBuf,
    /// As shown and recorded: relative to the base, else as given; `/` between the parts.
    pub display: String,
    /// Found by walking a folder or a pattern: nobody named this file.
    pub walked: bool,
    /// File inside the archive at `path`.
    pub member: Option<Member>,
    /// The version of the object, where `path` is its place in the cache and `display` its address.
    pub object: Option<ObjectVersion>,
    /// Partitions, where a log of the table tells them and not the folders.
    pub told: Option<Partitions>,
}

impl Found {
    /// A file on this machine that is no archive's member.
    fn file(path: PathBuf, base: Option<&Path>, walked: bool) -> Self {
        Self { display: display(&path, base), path, walked, member: None, object: None, told: None }
    }

    /// Where the file lies, inside its archive where it is in one; of an object the address, whose folders mean
    /// something, not the place in the cache.
    pub fn place(&self) -> Cow<'_, Path> {
        match &self.member {
            _ if self.object.is_some() => Cow::Borrowed(Path::new(&self.display)),
            Some(member) => Cow::Owned(self.path.join(&member.name)),
            None => Cow::Borrowed(&self.path),
        }
    }

    pub fn partitions(&self) -> Partitions {
        self.told.clone().unwrap_or_else(|| partition::of(&self.place()))
    }
}

/// Files behind `paths`, in the order given; those of a folder or pattern by name.
///
/// A path that exists is taken as it is, whatever characters it holds; only one that does not exist is
/// a pattern (`*`, `?`, `**`; `[` has no meaning).
///
/// # Errors
/// A path does not exist, a pattern matches nothing, or a folder cannot be read or is a table of files
/// that only its engine can read (Iceberg, a Delta table with features that are not read).
pub fn find(paths: &[PathBuf], base: Option<&Path>, remote: &Remote<'_>) -> Result<Vec<Found>, IngestError> {
    let mut found = Vec::new();
    for path in paths {
        let before = found.len();
        if let Some(address) = path.to_str().filter(|_| is_uri(path)) {
            found.extend(remote.find(address)?);
            continue;
        }
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => {
                walk(path, base, &mut found, remote.cx)?;
                if found.len() == before {
                    return Err(error("The folder holds no files to read", path));
                }
            }
            Ok(_) => {
                found.push(Found::file(path.clone(), base, false));
            }
            Err(_) if pattern::is_pattern(path) && !is_web_address(path) => {
                for path in pattern::expand(path) {
                    if let Some(table) = path.ancestors().skip(1).find(|folder| delta::is_table(folder)) {
                        let message = "The pattern takes files of a Delta table, which keeps rewritten files that no longer count; open its folder";
                        return Err(error(message, table));
                    }
                    if path.is_dir() {
                        walk(&path, base, &mut found, remote.cx)?;
                    } else {
                        found.push(Found::file(path, base, true));
                    }
                }
                if found.len() == before {
                    return Err(error("No file matches the pattern", path));
                }
            }
            Err(_) if path.to_string_lossy().contains("://") && !is_web_address(path) => {
                return Err(error(
                    "Only files of this machine are read in this version; download it and open the copy",
                    path,
                ));
            }
            Err(cause) => return Err(cannot_read(&cause, path)),
        }
    }
    // The same file named twice is read once.
    let mut seen = std::collections::BTreeSet::new();
    found.retain(|file| seen.insert(fs::canonicalize(&file.path).unwrap_or_else(|_| file.path.clone())));
    Ok(found)
}

/// Read a whole file.
///
/// # Errors
/// The file cannot be read or is larger than memory takes.
pub fn read(path: &Path) -> Result<Vec<u8>, IngestError> {
    let bytes = fs::metadata(path).map_or(0, |metadata| metadata.len());
    // Asking for the free memory takes longer than reading a small file.
    if bytes > 64 << 20 {
        let room = room();
        if bytes > room {
            return Err(error(&too_large(room), path));
        }
    }
    fs::read(path).map_err(|cause| cannot_read(&cause, path))
}

/// The first `most` bytes of a file, so that a columnar file is recognised without reading it.
///
/// # Errors
/// The file cannot be read.
pub fn head(path: &Path, most: u64) -> Result<Vec<u8>, IngestError> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(|cause| cannot_read(&cause, path))?;
    file.take(most).read_to_end(&mut bytes).map_err(|cause| cannot_read(&cause, path))?;
    Ok(bytes)
}

fn walk(folder: &Path, base: Option<&Path>, found: &mut Vec<Found>, cx: &JobCx) -> Result<(), IngestError> {
    if delta::is_table(folder) {
        let files = delta::files(folder, cx)?.into_iter();
        found.extend(files.map(|(path, told)| Found { told: Some(told), ..Found::file(path, base, true) }));
        return Ok(());
    }
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder).map_err(|cause| cannot_read(&cause, folder))? {
        entries.push(entry.map_err(|cause| cannot_read(&cause, folder))?.path());
    }
    entries.sort();
    let named = |path: &Path, end: &str| path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(end));
    if folder.file_name().is_some_and(|name| name == "metadata")
        && entries.iter().any(|path| named(path, ".metadata.json"))
    {
        let table = folder.parent().unwrap_or(folder);
        return Err(error("This folder is an Iceberg table. Export the rows to Parquet and open that", table));
    }
    for path in entries {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        // A link to a folder is not followed: it may lead back up.
        let is_link = fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.file_type().is_symlink());
        if path.is_dir() {
            if !is_link && !name.starts_with('.') && name != "_temporary" && name != "_spark_metadata" {
                walk(&path, base, found, cx)?;
            }
        } else if !is_bystander(&name) {
            found.push(Found::file(path, base, true));
        }
    }
    Ok(())
}

/// Files that lie beside logs and are none: markers of engines, checksums, documents, settings, code.
fn is_bystander(name: &str) -> bool {
    const ENDS: [&str; 29] = [
        ".crc", ".md", ".toml", ".assay", ".html", ".htm", ".pdf", ".py", ".ipynb", ".r", ".rs", ".sql", ".sh",
        ".yaml", ".yml", ".lock", ".png", ".jpg", ".jpeg", ".svg", ".gif", ".docx", ".pptx", ".xml", ".sha256",
        ".part", ".tmp", ".sig", ".bak",
    ];
    let lower = name.to_ascii_lowercase();
    lower.starts_with('.')
        || name.starts_with("_SUCCESS")
        || name.starts_with("_committed_")
        || name.starts_with("_started_")
        || matches!(
            lower.as_str(),
            "license" | "readme" | "readme.txt" | "license.txt" | "makefile" | "thumbs.db" | "desktop.ini"
        )
        || ENDS.iter().any(|end| lower.ends_with(end))
}

fn display(path: &Path, base: Option<&Path>) -> String {
    let relative = base.and_then(|base| path.strip_prefix(base).ok()).unwrap_or(path);
    let parts: Vec<_> = relative
        .components()
        .filter(|part| *part != Component::CurDir)
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect();
    if cfg!(windows) || parts.first().is_none_or(|part| part != "/") {
        parts.join("/")
    } else {
        relative.to_string_lossy().into_owned()
    }
}

pub(super) fn error(message: &str, path: &Path) -> IngestError {
    IngestError::Source { message: message.to_owned(), path: redact(&path.display().to_string()) }
}

/// As [`error`], for a file whose rows would be missed.
pub(super) fn unreadable(message: &str, path: &Path) -> IngestError {
    IngestError::Unreadable { message: message.to_owned(), path: redact(&path.display().to_string()) }
}

fn cannot_read(cause: &std::io::Error, path: &Path) -> IngestError {
    let message = match cause.kind() {
        _ if is_web_address(path) => {
            "Web addresses are not opened; write s3://BUCKET/KEY, or download the file and open that".to_owned()
        }
        std::io::ErrorKind::NotFound => "There is no such file or folder".to_owned(),
        std::io::ErrorKind::PermissionDenied => "This may not be read by the current user".to_owned(),
        _ => format!("This cannot be read ({cause})"),
    };
    unreadable(&message, path)
}

fn is_web_address(path: &Path) -> bool {
    let lower = path.to_string_lossy().to_ascii_lowercase();
    lower.starts_with("https://") || lower.starts_with("http://")
}

#[cfg(test)]
mod tests;
