//! Mapping profiles: a [`Mapping`] as TOML, kept beside a run and applied to the next one.

use super::issue::IngestError;
use super::mapping::Mapping;

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

#[cfg(test)]
mod tests {
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
