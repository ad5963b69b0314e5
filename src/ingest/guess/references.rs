//! References of texts: lists, and columns of one name with a number (`reference_1`, `reference_2`).

use super::column::{Kind, Look};
use super::names::{text_role_of, words};
use super::roles::{Candidate, Pick};
use crate::ingest::lines::is_list;
use crate::ingest::mapping::Role;
use crate::ingest::opened::Confidence;

impl Look {
    /// Lists of texts.
    pub(super) fn is_text_lists(&self) -> bool {
        self.kind == Kind::Json && is_list(&self.first)
    }
}

/// A name that means references, without the number behind it.
fn stem(name: &str) -> Option<String> {
    let name = words(name).join("_");
    let stem = name.trim_end_matches(|letter: char| letter.is_ascii_digit()).trim_end_matches('_');
    let is_reference = matches!(text_role_of(&words(stem)), Some((Role::Label, _)));
    is_reference.then(|| stem.to_owned())
}

/// Whether a name is that of one of several references.
pub(super) fn is_numbered(words: &[String]) -> bool {
    let name = words.join("_");
    name.ends_with(|letter: char| letter.is_ascii_digit()) && stem(&name).is_some()
}

/// Give the columns that hold further references their role, beside the one that was found by its name.
pub(super) fn further(columns: &[Candidate<'_>], picks: &mut [Option<Pick>]) {
    let found = picks.iter().position(|pick| pick.as_ref().is_some_and(|pick| pick.role == Role::Label));
    let Some(place) = found.filter(|&place| picks[place].as_ref().is_some_and(|pick| pick.why != "as told")) else {
        return;
    };
    let Some(stem_of_found) = stem(columns[place].name) else {
        return;
    };
    for (column, pick) in columns.iter().zip(picks) {
        if pick.is_none() && column.look.filled > 0 && stem(column.name).as_ref() == Some(&stem_of_found) {
            *pick = Some(Pick::new(Role::Label, Confidence::Certain, "one of several references by its name"));
        }
    }
}
