//! Delta tables: which files of the folder are the table, as its log says.
//!
//! A table keeps files that were rewritten or deleted from; only the log tells those that count. The newest
//! checkpoint is read, then every commit after it (Delta Transaction Log Protocol, "Action Reconciliation").

mod state;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use self::state::State;
use super::{Partitions, cannot_read, error, unreadable};
use crate::ingest::formats::Tree;
use crate::ingest::formats::parquet;
use crate::ingest::issue::IngestError;
use crate::job::JobCx;

/// Whether a folder is a Delta table.
pub(super) fn is_table(folder: &Path) -> bool {
    folder.join("_delta_log").is_dir()
}

/// Files of the table's newest version with their partition values, in the order of their paths.
///
/// # Errors
/// The log cannot be read or lacks a version, the table holds no rows, one of its files is not there, or it uses a
/// feature that is not read; the message names it and what to do.
pub(super) fn files(folder: &Path, cx: &JobCx) -> Result<Vec<(PathBuf, Partitions)>, IngestError> {
    let log = folder.join("_delta_log");
    let listing = Listing::of(&log)?;
    let mut state = State::default();
    let newest = listing.checkpoints.iter().rev().find(|(_, checkpoint)| checkpoint.is_whole());
    let mut next = 0;
    if let Some((&version, checkpoint)) = newest {
        for file in checkpoint.files() {
            read(file, &mut state, cx)?;
        }
        for sidecar in std::mem::take(&mut state.sidecars) {
            read(&log.join("_sidecars").join(sidecar), &mut state, cx)?;
        }
        next = version + 1;
    }
    let Some(last) = listing.commits.keys().next_back().copied().max(next.checked_sub(1)) else {
        return Err(error("This folder is a Delta table without a log; copy the whole folder again", folder));
    };
    for version in next..=last {
        let Some(commit) = listing.commits.get(&version) else {
            let message = format!("The log of the Delta table lacks version {version}; copy the whole folder again");
            return Err(error(&message, folder));
        };
        read(commit, &mut state, cx)?;
    }
    state.files(folder).map_err(|message| error(&message, folder))
}

/// Actions of a file of the log.
fn read(path: &Path, state: &mut State, cx: &JobCx) -> Result<(), IngestError> {
    cx.check()?;
    let damaged = || unreadable("This part of the Delta table's log is damaged; copy the folder again", path);
    if path.extension().is_some_and(|ending| ending == "parquet") {
        for (action, rows) in parquet::read_json(path, &state::ACTIONS, cx)? {
            for row in (0..rows.len()).filter_map(|row| rows.get(row)) {
                state.apply(&action, &Tree::one(row).ok_or_else(damaged)?);
            }
        }
        return Ok(());
    }
    let text = fs::read(path).map_err(|cause| cannot_read(&cause, path))?;
    for record in Tree::all(&text).map_err(|_| damaged())? {
        for action in state::ACTIONS {
            if let Some(content) = record.get(action) {
                state.apply(action, content);
            }
        }
    }
    Ok(())
}

/// Files of a log by version.
#[derive(Default)]
struct Listing {
    commits: BTreeMap<u64, PathBuf>,
    checkpoints: BTreeMap<u64, Checkpoint>,
}

/// Files of the checkpoint of one version; there may be several spellings of the same.
#[derive(Default)]
struct Checkpoint {
    /// `V.checkpoint.parquet`, or `V.checkpoint.UUID.parquet` or `.json`.
    one: Option<PathBuf>,
    /// Number of parts, and those that are there.
    parts: BTreeMap<(u32, u32), PathBuf>,
}

impl Checkpoint {
    /// Number of parts of a set that is whole.
    fn whole_parts(&self) -> Option<u32> {
        let counts = self.parts.keys().map(|&(count, _)| count);
        counts.into_iter().find(|&count| self.parts.range((count, 0)..=(count, u32::MAX)).count() == count as usize)
    }

    fn is_whole(&self) -> bool {
        self.one.is_some() || self.whole_parts().is_some()
    }

    fn files(&self) -> impl Iterator<Item = &PathBuf> {
        let count = if self.one.is_some() { 0 } else { self.whole_parts().unwrap_or(0) };
        self.one.iter().chain(self.parts.range((count, 0)..=(count, u32::MAX)).map(|(_, path)| path))
    }
}

impl Listing {
    fn of(log: &Path) -> Result<Self, IngestError> {
        let mut listing = Self::default();
        for entry in fs::read_dir(log).map_err(|cause| cannot_read(&cause, log))? {
            let path = entry.map_err(|cause| cannot_read(&cause, log))?.path();
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let parts: Vec<&str> = name.split('.').collect();
            let Some(version) = parts[0].parse().ok().filter(|_: &u64| parts[0].len() == 20) else {
                continue;
            };
            match parts[1..] {
                ["json"] => drop(listing.commits.insert(version, path)),
                ["checkpoint", "parquet"] => listing.checkpoints.entry(version).or_default().one = Some(path),
                ["checkpoint", uuid, "parquet" | "json"] if uuid.len() == 36 => {
                    listing.checkpoints.entry(version).or_default().one.get_or_insert(path);
                }
                ["checkpoint", part, of, "parquet"] => {
                    if let (Ok(part), Ok(of)) = (part.parse(), of.parse()) {
                        listing.checkpoints.entry(version).or_default().parts.insert((of, part), path);
                    }
                }
                _ => {}
            }
        }
        Ok(listing)
    }
}
