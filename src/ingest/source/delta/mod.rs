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
use super::{Partitions, cannot_read, error, head, unreadable};
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
    let mut names = Vec::new();
    for entry in fs::read_dir(&log).map_err(|cause| cannot_read(&cause, &log))? {
        let entry = entry.map_err(|cause| cannot_read(&cause, &log))?;
        names.push(entry.file_name().to_string_lossy().into_owned());
    }
    let refuse = |message: &str| error(message, folder);
    let fetch = |names: &[String]| Ok(names.iter().map(|name| (log.join(name), None)).collect());
    let place = |(path, values): (String, Partitions)| {
        let file = folder.join(&path);
        if file.is_file() { Ok((file, values)) } else { Err(refuse(&format!("{}; {AGAIN}", not_there(&path)))) }
    };
    live(&names, &fetch, &refuse, cx)?.into_iter().map(place).collect()
}

/// What to do where files of a table are missing.
const AGAIN: &str = "copy the whole folder again";

/// The file is named by the log.
pub(super) fn not_there(path: &str) -> String {
    format!("This Delta table names {path}, which is not there")
}

/// Where a file of the log can be read, and its address where that is another one.
pub(super) type LogFile = (PathBuf, Option<String>);

/// Makes files of a log readable, by their names below `_delta_log`.
pub(super) type Fetch<'a> = dyn Fn(&[String]) -> Result<Vec<LogFile>, IngestError> + 'a;

/// Paths within the table of the files of its newest version with their partition values, in order. `names` are the
/// files of the log; `fetch` makes some of them readable, by name; `refuse` names the table in an error.
///
/// # Errors
/// As [`files`], and those of `fetch`.
pub(super) fn live(
    names: &[String],
    fetch: &Fetch<'_>,
    refuse: &dyn Fn(&str) -> IngestError,
    cx: &JobCx,
) -> Result<Vec<(String, Partitions)>, IngestError> {
    let listing = Listing::of(names);
    let mut state = State::default();
    let newest = listing.checkpoints.iter().rev().find(|(_, checkpoint)| checkpoint.is_whole());
    let mut next = 0;
    if let Some((&version, checkpoint)) = newest {
        read(&fetch(&checkpoint.files().cloned().collect::<Vec<_>>())?, &mut state, cx)?;
        let sidecars = std::mem::take(&mut state.sidecars);
        let sidecars: Vec<String> = sidecars.into_iter().map(|name| format!("_sidecars/{name}")).collect();
        read(&fetch(&sidecars)?, &mut state, cx)?;
        next = version + 1;
    }
    let Some(last) = listing.commits.keys().next_back().copied().max(next.checked_sub(1)) else {
        return Err(refuse(&format!("This folder is a Delta table without a log; {AGAIN}")));
    };
    let commits: Result<Vec<String>, IngestError> = (next..=last)
        .map(|version| {
            let commit = listing.commits.get(&version).cloned();
            commit.ok_or_else(|| refuse(&format!("The log of the Delta table lacks version {version}; {AGAIN}")))
        })
        .collect();
    read(&fetch(&commits?)?, &mut state, cx)?;
    state.live().map_err(|message| refuse(&message))
}

/// Actions of files of the log, in their order.
fn read(files: &[LogFile], state: &mut State, cx: &JobCx) -> Result<(), IngestError> {
    for (path, address) in files {
        let named = |error: IngestError| match address {
            Some(address) => error.naming(true, address),
            None => error,
        };
        read_one(path, state, cx).map_err(named)?;
    }
    Ok(())
}

fn read_one(path: &Path, state: &mut State, cx: &JobCx) -> Result<(), IngestError> {
    cx.check()?;
    let damaged = || unreadable("This part of the Delta table's log is damaged; copy the folder again", path);
    // By content: the copy of an object has another name.
    if head(path, 4)? == b"PAR1" {
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

/// Names of the files of a log by version.
#[derive(Default)]
struct Listing {
    commits: BTreeMap<u64, String>,
    checkpoints: BTreeMap<u64, Checkpoint>,
}

/// Files of the checkpoint of one version; there may be several spellings of the same.
#[derive(Default)]
struct Checkpoint {
    /// `V.checkpoint.parquet`, or `V.checkpoint.UUID.parquet` or `.json`.
    one: Option<String>,
    /// Number of parts, and those that are there.
    parts: BTreeMap<(u32, u32), String>,
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

    fn files(&self) -> impl Iterator<Item = &String> {
        let count = if self.one.is_some() { 0 } else { self.whole_parts().unwrap_or(0) };
        self.one.iter().chain(self.parts.range((count, 0)..=(count, u32::MAX)).map(|(_, name)| name))
    }
}

impl Listing {
    fn of(names: &[String]) -> Self {
        let mut listing = Self::default();
        for name in names {
            let parts: Vec<&str> = name.split('.').collect();
            let Some(version) = parts[0].parse().ok().filter(|_: &u64| parts[0].len() == 20) else {
                continue;
            };
            let name = name.clone();
            match parts[1..] {
                ["json"] => drop(listing.commits.insert(version, name)),
                ["checkpoint", "parquet"] => listing.checkpoints.entry(version).or_default().one = Some(name),
                ["checkpoint", uuid, "parquet" | "json"] if uuid.len() == 36 => {
                    listing.checkpoints.entry(version).or_default().one.get_or_insert(name);
                }
                ["checkpoint", part, of, "parquet"] => {
                    if let (Ok(part), Ok(of)) = (part.parse(), of.parse()) {
                        listing.checkpoints.entry(version).or_default().parts.insert((of, part), name);
                    }
                }
                _ => {}
            }
        }
        listing
    }
}
