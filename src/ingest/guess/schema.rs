//! How the columns of a log differ from those that a mapping profile was made for.

use crate::ingest::issue::{Issue, Severity};
use crate::ingest::mapping::Mapping;

/// Code of the issue.
pub(crate) const CODE: &str = "profile_columns";

/// `None` where the log has every column of the profile: columns that came on are guessed and shown like any other.
pub(super) fn difference(profile: &Mapping, columns: &[&str]) -> Option<Issue> {
    let mut known: Vec<&str> = profile.columns.iter().map(|role| role.column.as_str()).collect();
    known.dedup();
    let missing: Vec<&str> = known.iter().copied().filter(|name| !columns.contains(name)).collect();
    let new: Vec<&str> = columns.iter().copied().filter(|name| !known.contains(name)).collect();
    if missing.is_empty() {
        return None;
    }
    let came = if new.is_empty() { String::new() } else { format!("; it has {} instead", list(&new)) };
    Some(Issue {
        code: CODE.to_owned(),
        severity: Severity::Warning,
        message: format!("The log lacks {} of the mapping profile{came}.", list(&missing)),
        consequence: "Nothing is sliced by a missing column or read from it; the role of a new one is guessed from its name and values.".to_owned(),
        mend: "Where a column was renamed, give the new name its role and write the profile again (--map ROLE=COLUMN, --write-profile); else nothing.".to_owned(),
        count: missing.len() as u64,
        share: missing.len() as f64 / known.len() as f64,
        examples: Vec::new(),
    })
}

fn list(names: &[&str]) -> String {
    const SHOWN: usize = 6;
    let more = names.len().saturating_sub(SHOWN);
    let shown = names.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{shown} and {more} more") } else { shown }
}
