//! Answers to what the files do not settle.

use std::collections::BTreeMap;

use super::mapping::{ColumnRole, Duplicates, Mapping, Pairing};
use super::opened::Opened;
use crate::log::RunKind;

/// What a choice changes in a [`Mapping`]; `None` and empty leave things as they are.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Patch {
    /// Champion and challenger.
    pub arms: Option<(String, Option<String>)>,
    /// Whether the models of the log beside champion and challenger may be promoted too, and all models.
    pub rivals: Option<(bool, Vec<String>)>,
    pub positive: Option<(String, BTreeMap<String, bool>)>,
    /// Columns of prediction files that get another role.
    pub columns: Vec<ColumnRole>,
    pub kind: Option<RunKind>,
    pub pairing: Option<Pairing>,
    pub duplicates: Option<Duplicates>,
    pub zone: Option<String>,
    pub day_first: Option<bool>,
    pub accept_bad_rows: Option<bool>,
}

impl Patch {
    pub fn apply(&self, mapping: &mut Mapping) {
        if let Some((champion, challenger)) = &self.arms {
            if !mapping.rivals.is_empty() {
                mapping.rivals.extend(mapping.challenger.take());
                mapping.rivals.retain(|rival| rival != champion && Some(rival) != challenger.as_ref());
            }
            mapping.champion.clone_from(champion);
            mapping.challenger.clone_from(challenger);
        }
        if let Some((too, models)) = &self.rivals {
            let other = |model: &&String| **model != mapping.champion && Some(*model) != mapping.challenger.as_ref();
            mapping.rivals = models.iter().filter(|_| *too).filter(other).cloned().collect();
        }
        if let Some((positive, map)) = &self.positive {
            mapping.positive.clone_from(positive);
            mapping.label_map.clone_from(map);
        }
        for new in &self.columns {
            match mapping.columns.iter_mut().find(|old| old.column == new.column) {
                Some(old) => *old = new.clone(),
                None => mapping.columns.push(new.clone()),
            }
        }
        if let Some(kind) = self.kind {
            mapping.kind = kind;
        }
        if let Some(pairing) = self.pairing {
            mapping.pairing = pairing;
        }
        if let Some(duplicates) = self.duplicates {
            mapping.duplicates = duplicates;
        }
        if self.zone.is_some() {
            mapping.naive_zone.clone_from(&self.zone);
        }
        if self.day_first.is_some() {
            mapping.day_first = self.day_first;
        }
        if let Some(accept) = self.accept_bad_rows {
            mapping.accept_bad_rows = accept;
        }
    }
}

/// Choose `choice` for `question` and change the guessed mapping accordingly. An index that does not
/// exist changes nothing.
pub fn answer(opened: &mut Opened, question: usize, choice: usize) {
    let Some(asked) = opened.questions.get_mut(question) else {
        return;
    };
    let Some(patch) = asked.patches.get(choice) else {
        return;
    };
    patch.apply(&mut opened.guess);
    asked.answer = Some(choice);
    for guess in opened
        .sources
        .iter_mut()
        .filter(|source| source.role == crate::log::SourceRole::Predictions)
        .flat_map(|source| &mut source.columns)
    {
        if let Some(role) = patch.columns.iter().find(|role| role.column == guess.role.column) {
            guess.role = role.clone();
        }
    }
}
