//! What the actions of a Delta table's log add up to.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path};

use crate::ingest::formats::Tree;
use crate::ingest::partition;
use crate::log::Partitions;

/// Actions that decide which rows the table has.
pub(super) const ACTIONS: [&str; 5] = ["protocol", "metaData", "add", "remove", "sidecar"];

/// Features a reader must know that change nothing here, or only where a file or setting says so.
const KNOWN: [&str; 7] = [
    "columnMapping",
    "deletionVectors",
    "timestampNtz",
    "typeWidening",
    "typeWidening-preview",
    "v2Checkpoint",
    "vacuumProtocolCheck",
];

/// The highest version of the protocol for readers; from it on features are named.
const READER: f64 = 3.0;

#[derive(Default)]
pub(super) struct State {
    /// Path as the log has it and the id of its deletion vector, if any; to partition values.
    live: BTreeMap<(String, Option<String>), Partitions>,
    /// Names of further files of a checkpoint.
    pub sidecars: Vec<String>,
    reader: f64,
    features: BTreeSet<String>,
    mapping: Option<String>,
    provider: Option<String>,
    partition_columns: Vec<String>,
}

impl State {
    pub fn apply(&mut self, action: &str, content: &Tree<'_>) {
        let text = |name: &str| content.get(name).and_then(Tree::str).map(str::to_owned);
        let texts = |list: Option<&Tree<'_>>| -> Vec<String> {
            list.and_then(Tree::list).unwrap_or_default().iter().filter_map(Tree::str).map(str::to_owned).collect()
        };
        match action {
            "protocol" if !content.is_null() => {
                self.reader = content.get("minReaderVersion").and_then(Tree::number).unwrap_or(1.0);
                self.features = texts(content.get("readerFeatures")).into_iter().collect();
            }
            "metaData" if !content.is_null() => {
                let setting = |name: &str| content.get("configuration")?.get(name)?.str().map(str::to_owned);
                self.mapping = setting("delta.columnMapping.mode").filter(|mode| mode != "none");
                self.provider =
                    content.get("format").and_then(|format| format.get("provider")?.str()).map(str::to_owned);
                self.partition_columns = texts(content.get("partitionColumns"));
            }
            "add" => {
                if let Some(path) = text("path") {
                    let values = content.get("partitionValues").map(Tree::members_of).unwrap_or_default();
                    // An empty text is null, as the protocol says.
                    let value = |value: &Tree<'_>| value.str().filter(|value| !value.is_empty()).map(str::to_owned);
                    let values = values.iter().map(|(key, text)| (key.clone(), value(text))).collect();
                    self.live.insert((path, vector(content)), values);
                }
            }
            "remove" => {
                if let Some(path) = text("path") {
                    self.live.remove(&(path, vector(content)));
                }
            }
            // All of them lie in one folder, also where the path names it.
            "sidecar" => self.sidecars.extend(text("path").and_then(|path| Some(path.rsplit('/').next()?.to_owned()))),
            _ => {}
        }
    }

    /// Paths of the files of the table, within it, with their partition values.
    ///
    /// # Errors
    /// Why the table cannot be read, and what to do.
    pub fn live(self) -> Result<Vec<(String, Partitions)>, String> {
        const INSTEAD: &str = "Export the rows to Parquet and open that";
        let foreign: Vec<&str> =
            self.features.iter().map(String::as_str).filter(|feature| !KNOWN.contains(feature)).collect();
        if self.reader > READER || !foreign.is_empty() {
            let what = if foreign.is_empty() {
                format!("version {} of the protocol", self.reader)
            } else {
                format!("the table feature {}", foreign.join(", "))
            };
            return Err(format!("This Delta table needs {what}, which is not read. {INSTEAD}"));
        }
        if let Some(mode) = self.mapping {
            return Err(format!(
                "This Delta table uses column mapping (mode {mode}): its files name the columns otherwise, which is not read. {INSTEAD}"
            ));
        }
        if let Some(provider) = self.provider.filter(|provider| provider != "parquet") {
            return Err(format!("The files of this Delta table are {provider}, not Parquet. {INSTEAD}"));
        }
        let vectors = self.live.keys().filter(|(_, vector)| vector.is_some()).count();
        if vectors > 0 {
            return Err(format!(
                "{vectors} of the {} files of this Delta table have deletion vectors, which mark rows as deleted and are not read. Run REORG TABLE … APPLY (PURGE), or export the rows to Parquet and open that",
                self.live.len()
            ));
        }
        if self.live.is_empty() {
            return Err("This Delta table holds no rows".to_owned());
        }
        let order = |key: &String| self.partition_columns.iter().position(|column| column == key);
        let place = |((path, _), mut values): ((String, Option<String>), Partitions)| {
            let file = partition::unescape(&path);
            let inside = !is_address(&path)
                && Path::new(&file).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
            if !inside {
                return Err(format!("This Delta table names a file outside of its folder ({path}). {INSTEAD}"));
            }
            values.sort_by_key(|(key, _)| order(key));
            Ok((file.trim_start_matches("./").to_owned(), values))
        };
        self.live.into_iter().map(place).collect()
    }
}

/// What tells the deletion vector of a file from another.
fn vector(content: &Tree<'_>) -> Option<String> {
    let vector = content.get("deletionVector").filter(|vector| !vector.is_null())?;
    let part = |name: &str| vector.get(name).and_then(Tree::bytes).map(String::from_utf8_lossy).unwrap_or_default();
    Some(format!("{}{}@{}", part("storageType"), part("pathOrInlineDv"), part("offset")))
}

/// `s3://bucket/…`, `file:/…`: a scheme before the first slash.
fn is_address(path: &str) -> bool {
    path.split_once(':').is_some_and(|(scheme, _)| {
        scheme.len() > 1 && scheme.chars().all(|letter| letter.is_ascii_alphanumeric() || "+-.".contains(letter))
    })
}
