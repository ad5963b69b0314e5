//! Mapping profiles: a [`Mapping`] as TOML, kept beside a run and applied to the next one.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::issue::{IngestError, Issue, Severity};
use super::mapping::{Mapping, Role};

/// Version of the profile format.
pub const SCHEMA: &str = "assay-mapping/1";

/// Write a mapping as a profile.
///
/// # Errors
/// None for mappings that this program made; a mapping is always representable.
pub fn to_toml(mapping: &Mapping) -> Result<String, IngestError> {
    toml::to_string_pretty(mapping)
        .map_err(|error| IngestError::Mapping(format!("The mapping cannot be written as a profile ({error}).")))
}

/// Read a profile. Unknown keys are errors that name the key.
///
/// # Errors
/// The text is no TOML, a key is unknown or missing, or the profile is of another version.
pub fn from_toml(text: &str) -> Result<Mapping, IngestError> {
    let mapping: Mapping = toml::from_str(text).map_err(|error| {
        IngestError::Mapping(format!("The mapping profile cannot be read: {}", error.to_string().trim_end()))
    })?;
    if mapping.schema == SCHEMA {
        Ok(mapping)
    } else {
        Err(IngestError::Mapping(format!(
            "The mapping profile says schema = \"{}\"; this program reads \"{SCHEMA}\".",
            mapping.schema
        )))
    }
}

/// Share of common columns from which a profile was made for a log like this one (Jaccard index).
const ALIKE: f64 = 0.9;

/// A profile that was kept, and its file.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    pub path: PathBuf,
    pub mapping: Mapping,
}

/// The profile that was made for logs with these columns: each column that it reads is there, and nine in ten columns
/// are common. Of several the one with most in common, the earlier of equals.
pub(super) fn fitting<'a>(known: &'a [Known], columns: &BTreeSet<&str>) -> Option<&'a Known> {
    let share = |known: &Known| {
        let roles = || known.mapping.columns.iter().chain(&known.mapping.label_columns);
        let read = || roles().filter(|role| !matches!(role.role, Role::Feature | Role::Ignored));
        let of_profile: BTreeSet<&str> = roles().map(|role| role.column.as_str()).collect();
        let common = of_profile.intersection(columns).count() as f64 / of_profile.union(columns).count().max(1) as f64;
        let reads = read().next().is_some() && read().all(|role| columns.contains(role.column.as_str()));
        (reads && common >= ALIKE).then_some(common)
    };
    let mut best: Option<(f64, &Known)> = None;
    for (share, one) in known.iter().filter_map(|one| Some((share(one)?, one))) {
        if best.is_none_or(|(most, _)| share > most) {
            best = Some((share, one));
        }
    }
    best.map(|(_, one)| one)
}

/// Code of the issue that says so.
pub const MATCHED: &str = "profile_matched";

/// Says that a profile was taken without being named.
pub(super) fn matched(path: &Path) -> Issue {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    Issue {
        code: MATCHED.to_owned(),
        severity: Severity::Note,
        message: format!("The columns are those of the mapping profile {name}, which is applied."),
        consequence: "Roles, positive class, time zone, day order and duplicates are as in the last run that it was kept for; bad rows are accepted anew.".to_owned(),
        mend: "None needed where that is right; else give the roles (--map ROLE=COLUMN, the mapping dialog), name another profile, or --ignore-profiles.".to_owned(),
        count: 1,
        share: 1.0,
        examples: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;
    use crate::ingest::mapping::{ColumnRole, Duplicates, Pairing, Role, Side};
    use crate::log::{RunKind, Task};

    fn mapping() -> Mapping {
        Mapping {
            schema: SCHEMA.to_owned(),
            kind: RunKind::Shadow,
            task: Task::Binary,
            columns: vec![ColumnRole::new("wfns".to_owned(), Role::Score, Side::Challenger)],
            label_columns: Vec::new(),
            champion: "a".to_owned(),
            challenger: None,
            file_models: [("live/x.csv".to_owned(), "a".to_owned())].into(),
            pairing: Pairing::Id,
            positive: "Poor".to_owned(),
            label_map: [("Poor".to_owned(), true), ("Good".to_owned(), false)].into(),
            duplicates: Duplicates::Refuse,
            naive_zone: Some("UTC".to_owned()),
            day_first: None,
            mature_after: None,
            rivals: Vec::new(),
            class_order: Vec::new(),
            season: NonZeroU32::new(24),
            accept_bad_rows: false,
        }
    }

    #[test]
    fn a_mapping_comes_back_from_its_profile() {
        let text = to_toml(&mapping()).unwrap();
        assert_eq!(from_toml(&text).unwrap(), mapping(), "{text}");
    }

    #[test]
    fn unknown_keys_are_named() {
        let text = to_toml(&mapping()).unwrap();
        for (from, to, key) in [("accept_bad_rows", "accept_bad_row", "accept_bad_row"), ("role =", "rolle =", "rolle")]
        {
            let message = from_toml(&text.replacen(from, to, 1)).unwrap_err().to_string();
            assert!(message.contains(key), "{message}");
        }
        assert!(from_toml(&text.replace("mapping/1", "mapping/2")).unwrap_err().to_string().contains("mapping/2"));
    }
}
