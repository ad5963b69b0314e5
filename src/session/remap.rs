//! Edits of a mapping that is still open.

use crate::ingest::Opened;
use crate::ingest::mapping::{ColumnRole, Role, Side};
use crate::log::SourceRole;

/// Give a column of a source another role. A role that only one column can have is taken from the one that had it.
pub fn set_role(opened: &mut Opened, source: usize, column: &str, role: Role, side: Side) {
    let Some(kind) = opened.sources.get(source).map(|source| source.role) else {
        return;
    };
    let guessed = |guess: &&crate::ingest::ColumnGuess| guess.role.column == column;
    let class = opened.sources[source].columns.iter().find(guessed).and_then(|guess| guess.role.class.clone());
    let class = match role {
        Role::Probability => class,
        Role::Quantile => crate::ingest::quantile_level(column).or(class),
        _ => None,
    };
    let new = ColumnRole { class, ..ColumnRole::new(column, role, side) };
    let single = !matches!(role, Role::Feature | Role::Ignored | Role::Probability | Role::Quantile | Role::Embedding);
    let taken = |other: &ColumnRole| {
        let sides = other.side == side || other.side == Side::Both || side == Side::Both;
        single && other.role == role && sides && other.column != column
    };
    let roles = match kind {
        SourceRole::Predictions => &mut opened.guess.columns,
        SourceRole::Labels | SourceRole::Tests | SourceRole::Reference => &mut opened.guess.label_columns,
    };
    for other in roles.iter_mut().filter(|other| taken(other)) {
        other.role = Role::Ignored;
    }
    match roles.iter_mut().find(|other| other.column == column) {
        Some(old) => old.clone_from(&new),
        None => roles.push(new.clone()),
    }
    let guesses = opened.sources.iter_mut().filter(|source| source.role == kind).flat_map(|source| &mut source.columns);
    for guess in guesses {
        if guess.role.column == column {
            guess.role.clone_from(&new);
            "set by hand".clone_into(&mut guess.why);
        } else if taken(&guess.role) {
            guess.role.role = Role::Ignored;
        }
    }
}

/// The other model is the champion. A log of one model stays as it is.
pub fn swap_arms(opened: &mut Opened) {
    let mapping = &mut opened.guess;
    let Some(challenger) = mapping.challenger.take() else {
        return;
    };
    mapping.challenger = Some(std::mem::replace(&mut mapping.champion, challenger));
    let guesses = opened.sources.iter_mut().flat_map(|source| &mut source.columns).map(|guess| &mut guess.role);
    for role in mapping.columns.iter_mut().chain(guesses) {
        role.side = match role.side {
            Side::Both => Side::Both,
            Side::Champion => Side::Challenger,
            Side::Challenger => Side::Champion,
        };
    }
    // Where the choice is asked, it is the answer with these arms.
    let arms = (mapping.champion.clone(), mapping.challenger.clone());
    for question in &mut opened.questions {
        if let Some(choice) = question.patches.iter().position(|patch| patch.arms.as_ref() == Some(&arms)) {
            question.answer = Some(choice);
        }
    }
}

/// Whether a person should look at the mapping before anything is loaded: a question is open, or a column that
/// every number rests on was guessed without being sure.
pub fn needs_a_look(opened: &Opened) -> bool {
    use crate::ingest::Confidence;
    let bears = |role: Role| {
        matches!(role, Role::Id | Role::Model | Role::Score | Role::Prediction | Role::Embedding | Role::Label)
    };
    let mut guesses = opened.sources.iter().flat_map(|source| &source.columns);
    opened.questions.iter().any(|question| question.answer.is_none())
        || guesses.any(|guess| bears(guess.role.role) && guess.confidence == Confidence::Unsure)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::mapping::{Duplicates, Mapping, Pairing};
    use crate::ingest::{ColumnGuess, Confidence, OpenedSource};
    use crate::log::{RunKind, Task};

    fn opened() -> Opened {
        let role = |column: &str, role, side| ColumnRole::new(column.to_owned(), role, side);
        let roles = vec![
            role("id", Role::Id, Side::Both),
            role("old", Role::Score, Side::Champion),
            role("new", Role::Score, Side::Challenger),
            role("spare", Role::Ignored, Side::Both),
        ];
        let columns = roles.iter().map(|role| ColumnGuess {
            role: role.clone(),
            kind: "number",
            first: String::new(),
            confidence: Confidence::Likely,
            why: String::new(),
        });
        let source = OpenedSource {
            path: "wide.csv".into(),
            display: "wide.csv".to_owned(),
            role: SourceRole::Predictions,
            format: "csv".to_owned(),
            bytes: 0,
            records: 0,
            quarantined: 0,
            partitions: Vec::new(),
            object: None,
            columns: columns.collect(),
            preview: Vec::new(),
            table: None,
        };
        let guess = Mapping {
            schema: crate::ingest::profile::SCHEMA.to_owned(),
            kind: RunKind::Shadow,
            task: Task::Binary,
            columns: roles,
            label_columns: Vec::new(),
            champion: "old".to_owned(),
            challenger: Some("new".to_owned()),
            file_models: Default::default(),
            pairing: Pairing::Id,
            positive: "1".to_owned(),
            label_map: Default::default(),
            duplicates: Duplicates::Refuse,
            naive_zone: None,
            day_first: None,
            mature_after: None,
            rivals: Vec::new(),
            class_order: Vec::new(),
            season: None,
            accept_bad_rows: false,
        };
        Opened {
            sources: vec![source],
            guess,
            questions: Vec::new(),
            issues: Vec::new(),
            values: Default::default(),
            profile: None,
        }
    }

    fn role_of(opened: &Opened, column: &str) -> (Role, Side) {
        let found = opened.guess.columns.iter().find(|role| role.column == column).unwrap();
        let shown = opened.sources[0].columns.iter().find(|guess| guess.role.column == column).unwrap();
        assert_eq!(&shown.role, found);
        (found.role, found.side)
    }

    #[test]
    fn a_single_role_moves() {
        let mut opened = opened();
        set_role(&mut opened, 0, "spare", Role::Score, Side::Challenger);
        assert_eq!(role_of(&opened, "spare"), (Role::Score, Side::Challenger));
        assert_eq!(role_of(&opened, "new").0, Role::Ignored);
        assert_eq!(role_of(&opened, "old").0, Role::Score);
    }

    #[test]
    fn arms_are_swapped_with_their_columns() {
        let mut opened = opened();
        swap_arms(&mut opened);
        assert_eq!((opened.guess.champion.as_str(), opened.guess.challenger.as_deref()), ("new", Some("old")));
        assert_eq!(role_of(&opened, "new"), (Role::Score, Side::Champion));
    }

    #[test]
    fn unsure_guesses_are_shown() {
        let mut opened = opened();
        assert!(!needs_a_look(&opened));
        opened.sources[0].columns[1].confidence = Confidence::Unsure;
        assert!(needs_a_look(&opened));
    }
}
