//! Workspaces that were open before, as the settings keep them.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::decision::Recommendation;

/// Workspaces remembered.
const CAP: usize = 20;

/// Size and time of change of an input when the workspace was last open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    pub path: PathBuf,
    pub bytes: u64,
    /// Seconds since the epoch; 0 where the file system does not tell.
    pub changed_secs: u64,
}

/// One workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recent {
    pub path: PathBuf,
    pub name: String,
    pub kind: String,
    pub champion: String,
    #[serde(default)]
    pub challenger: String,
    #[serde(default)]
    pub verdict: Option<Recommendation>,
    /// Microseconds since the epoch, UTC.
    pub opened_at: i64,
    #[serde(default)]
    pub inputs: Vec<Input>,
}

/// The list, latest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recents {
    /// Mapping profiles that were kept or used, latest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub profiles: Vec<PathBuf>,
    #[serde(default, rename = "workspace")]
    pub entries: Vec<Recent>,
}

/// What became of the inputs since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inputs {
    Unchanged,
    /// So many files differ in size or time, or are gone.
    Changed(usize),
    /// The workspace file itself is gone.
    NotFound,
}

impl Recents {
    /// Put a workspace on top; an older entry of the same file goes.
    pub fn touch(&mut self, entry: Recent) {
        self.entries.retain(|other| other.path != entry.path);
        self.entries.insert(0, entry);
        self.entries.truncate(CAP);
    }

    /// Put a profile on top.
    pub fn keep_profile(&mut self, path: &Path) {
        self.profiles.retain(|other| other != path);
        self.profiles.insert(0, path.to_path_buf());
        self.profiles.truncate(CAP);
    }

    pub fn forget(&mut self, index: usize) {
        if index < self.entries.len() {
            self.entries.remove(index);
        }
    }

    /// # Errors
    /// The text is no list of workspaces.
    pub fn from_toml(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| error.message().to_owned())
    }

    /// # Errors
    /// A path is no UTF-8.
    pub fn to_toml(&self) -> Result<String, String> {
        toml::to_string(self).map_err(|error| error.to_string())
    }
}

impl Recent {
    /// `look` gives what a path holds now: bytes and time of change.
    pub fn inputs(&self, look: impl Fn(&Path) -> Option<(u64, u64)>) -> Inputs {
        if look(&self.path).is_none() {
            return Inputs::NotFound;
        }
        let changed = self.inputs.iter().filter(|input| look(&input.path) != Some((input.bytes, input.changed_secs)));
        match changed.count() {
            0 => Inputs::Unchanged,
            count => Inputs::Changed(count),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(path: &str) -> Recent {
        Recent {
            path: path.into(),
            name: "Shadow".to_owned(),
            kind: "shadow".to_owned(),
            champion: "a".to_owned(),
            challenger: "b".to_owned(),
            verdict: Some(Recommendation::Extend),
            opened_at: 1_788_739_200_000_000,
            inputs: vec![Input { path: "/data/a.csv".into(), bytes: 7, changed_secs: 9 }],
        }
    }

    #[test]
    fn latest_is_first_and_stands_once() {
        let mut recents = Recents::default();
        for path in ["/a.assay", "/b.assay", "/a.assay"] {
            recents.touch(entry(path));
        }
        let paths: Vec<_> = recents.entries.iter().map(|entry| entry.path.to_string_lossy().into_owned()).collect();
        assert_eq!(paths, ["/a.assay", "/b.assay"]);
        assert_eq!(Recents::from_toml(&recents.to_toml().unwrap()), Ok(recents));
    }

    #[test]
    fn changed_inputs_are_counted() {
        let recent = entry("/a.assay");
        assert_eq!(recent.inputs(|_| Some((7, 9))), Inputs::Unchanged);
        assert_eq!(recent.inputs(|_| Some((7, 8))), Inputs::Changed(1));
        assert_eq!(recent.inputs(|_| None), Inputs::NotFound);
    }
}
