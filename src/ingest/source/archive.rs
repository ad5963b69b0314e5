//! Zip archives: each member is a source of its own, named `archive.zip/member`.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use zip::ZipArchive;

use super::unpack::{read, too_large};
use super::{error, is_bystander};
use crate::ingest::issue::IngestError;
use crate::job::JobCx;

/// Members at most: the directory of an archive is held in memory.
const MEMBERS: usize = 100_000;

/// A file in an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Place in the archive's directory.
    pub place: usize,
    /// Name in the archive, `/` between the parts.
    pub name: String,
}

/// Whether a file that begins with `head` is a zip archive.
pub fn is_zip(head: &[u8]) -> bool {
    head.starts_with(b"PK\x03\x04")
}

/// Members of the archive that may be logs, by name.
///
/// # Errors
/// The archive is damaged, is an Office document, or holds nothing to read.
pub fn members(path: &Path) -> Result<Vec<Member>, IngestError> {
    let archive = open(path)?;
    let name = |place: usize| archive.name_for_index(place);
    if (0..archive.len()).filter_map(name).any(|name| name.starts_with("xl/") || name == "[Content_Types].xml") {
        return Err(error("This is an Excel workbook; save the sheet as CSV and open that", path));
    }
    if archive.len() > MEMBERS {
        let message = "This zip archive holds more than 100000 files; unpack it and open the folder";
        return Err(error(message, path));
    }
    let mut members: Vec<Member> = (0..archive.len())
        .filter_map(|place| Some(Member { place, name: clean(name(place)?) }))
        .filter(|member| is_wanted(&member.name))
        .collect();
    members.sort_by(|a, b| a.name.cmp(&b.name));
    if members.is_empty() {
        return Err(error("The zip archive holds no files to read", path));
    }
    Ok(members)
}

fn is_wanted(name: &str) -> bool {
    let mut parts = name.rsplit('/');
    let file = parts.next().unwrap_or_default();
    !file.is_empty() && !is_bystander(file) && parts.all(|folder| folder != "__MACOSX" && !folder.starts_with('.'))
}

/// Names are only shown, never written to; still they must not pretend to lie elsewhere.
fn clean(name: &str) -> String {
    let forward = name.replace('\\', "/");
    let parts: Vec<&str> = forward.split('/').filter(|part| !matches!(*part, "." | "..")).collect();
    parts.join("/").trim_start_matches('/').to_owned()
}

/// Bytes of a member, and what was wrong with its end.
///
/// # Errors
/// The member is encrypted, packed in a way that is not read here, or larger than memory takes; cancelled.
pub fn read_member(
    path: &Path,
    member: &Member,
    limit: u64,
    cx: &JobCx,
) -> Result<(Vec<u8>, Option<String>), IngestError> {
    let mut archive = open(path)?;
    let of = |message: &str| error(message, &path.join(&member.name));
    let file = archive.by_index(member.place).map_err(|cause| match cause {
        zip::result::ZipError::UnsupportedArchive(zip::result::ZipError::PASSWORD_REQUIRED) => {
            of("This file is encrypted in the zip archive; unpack it with its password and open what it holds")
        }
        cause => of(&format!("This file cannot be unpacked ({cause}); unpack the archive and open the folder")),
    })?;
    let packed = usize::try_from(file.compressed_size()).unwrap_or(usize::MAX);
    let out = read(file, packed.min(1 << 26), limit, cx)?;
    match out.too_large {
        Some(limit) => Err(of(&too_large(limit))),
        None => Ok((out.bytes, out.damage)),
    }
}

fn open(path: &Path) -> Result<ZipArchive<BufReader<File>>, IngestError> {
    let file = File::open(path).map_err(|cause| super::cannot_read(&cause, path))?;
    ZipArchive::new(BufReader::new(file))
        .map_err(|cause| error(&format!("The zip archive is damaged ({cause}); copy it again"), path))
}
