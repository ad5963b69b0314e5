//! Downloaded objects: one file each, by endpoint, bucket, key and ETag, with a note of what it is.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::super::redact;
use super::list::Object;
use crate::ingest::digest::hex_sha256;
use crate::log::ObjectVersion;

/// Where the user's programs keep what can be had again.
pub(super) fn default_folder() -> Option<PathBuf> {
    let named = |variable: &str| std::env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute());
    let cache = if cfg!(windows) {
        named("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        named("XDG_CACHE_HOME").or_else(|| named("HOME").map(|home| home.join("Library").join("Caches")))
    } else {
        named("XDG_CACHE_HOME").or_else(|| named("HOME").map(|home| home.join(".cache")))
    };
    cache.map(|folder| folder.join("assay").join("s3"))
}

/// What the data file beside it is.
#[derive(Debug, Serialize, Deserialize)]
struct Note {
    uri: String,
    endpoint: String,
    bytes: u64,
    /// Seconds since 1970.
    modified: Option<i64>,
    #[serde(flatten)]
    version: ObjectVersion,
    /// Of the content, where that was left to the system to write down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
}

/// Up to this size the content is checked by its digest when it is taken from the cache; larger files are made
/// durable when they are written. Either way a power cut leaves no file of zeros that counts as the object, and
/// waiting for the disk at each of ten thousand small objects takes longer than downloading them.
const SMALL: u64 = 1 << 20;

/// The place of one version of an object.
pub(super) struct Slot {
    pub data: PathBuf,
    /// What has come so far.
    pub part: PathBuf,
    note: PathBuf,
}

impl Slot {
    /// Keys are no file names: they hold colons and `..`, and differ in case alone.
    pub(super) fn of(cache: &Path, endpoint: &str, bucket: &str, object: &Object) -> Self {
        let name = &hex_sha256(format!("{endpoint}\n{bucket}\n{}", object.key).as_bytes())[..40];
        let version = &hex_sha256(object.identity().as_bytes())[..20];
        // Not a folder for each: making one takes longer than writing a small file.
        let file = |ending: &str| cache.join(&name[..2]).join(format!("{}-{version}.{ending}", &name[2..]));
        Self { data: file("data"), part: file("part"), note: file("json") }
    }

    /// The version, where the whole object has been downloaded.
    pub(super) fn complete(&self, object: &Object) -> Option<ObjectVersion> {
        if fs::metadata(&self.data).ok()?.len() != object.bytes {
            return None;
        }
        let note: Note = serde_json::from_slice(&fs::read(&self.note).ok()?).ok()?;
        let intact = |sha256| fs::read(&self.data).is_ok_and(|content| hex_sha256(&content) == sha256);
        note.sha256.is_none_or(intact).then_some(note.version)
    }

    /// The part, to be written on by one program at a time. `None`: another one is at it.
    pub(super) fn lock_part(&self) -> io::Result<Option<File>> {
        if let Some(folder) = self.part.parent() {
            fs::create_dir_all(folder)?;
        }
        let file = File::options().create(true).read(true).write(true).truncate(false).open(&self.part)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(fs::TryLockError::WouldBlock) => Ok(None),
            Err(fs::TryLockError::Error(error)) => Err(error),
        }
    }

    /// The part has become the object; `part` is the handle that holds its lock.
    pub(super) fn finish(
        &self,
        part: &File,
        uri: &str,
        endpoint: &str,
        object: &Object,
        version: &ObjectVersion,
    ) -> io::Result<()> {
        let small = object.bytes <= SMALL;
        if !small {
            part.sync_all()?;
        }
        let note = Note {
            sha256: if small { Some(digest(part)?) } else { None },
            uri: uri.to_owned(),
            endpoint: redact(endpoint),
            bytes: object.bytes,
            modified: object.modified,
            version: version.clone(),
        };
        fs::write(&self.note, serde_json::to_vec(&note).map_err(io::Error::other)?)?;
        // Last, so that data without a note never counts.
        fs::rename(&self.part, &self.data)
    }
}
/// Through the handle that holds the lock: where locks bind, another one could not read.
fn digest(mut part: &File) -> io::Result<String> {
    part.seek(SeekFrom::Start(0))?;
    let mut bytes = Vec::new();
    part.read_to_end(&mut bytes)?;
    Ok(hex_sha256(&bytes))
}
