//! What the files seem to mean: roles of columns and files, models, classes, pairing; and what stays open.

mod affix;
mod arms;
mod boxes;
mod class_columns;
mod classes;
pub(crate) mod column;
mod dates;
pub(crate) mod durations;
mod evidence;
pub mod files;
mod input;
mod judged;
mod label_files;
mod lists;
pub(crate) mod names;
mod outcomes;
mod pairs;
mod position;
pub mod quantiles;
mod questions;
mod references;
mod roles;
mod said;
mod schema;
mod task;
mod told;
pub(super) mod unshared;
mod vocabulary;

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::answer::Patch;
use super::issue::{IngestError, Issue};
use super::mapping::{ColumnRole, Duplicates, Mapping, Pairing, Role, Side};
use super::open::OpenOptions;
use super::opened::{ClassValues, ColumnGuess, Confidence, Question, QuestionKind};
use crate::job::JobCx;
use crate::log::{RunKind, SourceRole, Task};

use column::{Look, look};
pub(super) use input::{Input, Rest};
use label_files::label_roles;
use roles::{Candidate, Judge, Pick, Roles};

pub(super) use questions::ask_bad_rows;

/// Whether a column is named like a part of a prediction log, of one model or of both.
pub(super) fn is_named(column: &str) -> bool {
    names::role_of(&names::words(column)).is_some()
        || names::without_side(column).1.is_some()
        || names::affixed(column).is_some()
}

/// Why labels beside predictions are not used.
const LABEL_FILE_INSTEAD: &str = "the label file is used instead";

/// Cells looked at per file and column, at most, divided among many files.
const LOOK_ROWS: usize = 20_000;

/// The guess.
pub(super) struct Outcome {
    pub mapping: Mapping,
    pub questions: Vec<Question>,
    pub issues: Vec<Issue>,
    pub values: ClassValues,
    /// One per input.
    pub roles: Vec<SourceRole>,
    /// One list per input.
    pub columns: Vec<Vec<ColumnGuess>>,
}

/// Everything the steps work on.
struct State<'a> {
    inputs: &'a [Input<'a>],
    options: &'a OpenOptions,
    is_labels: Vec<bool>,
    /// Union of the columns of the prediction files, in order of appearance.
    columns: Vec<(&'a str, Look)>,
    roles: Roles,
    mapping: Mapping,
    questions: Vec<Question>,
    issues: Vec<Issue>,
    values: ClassValues,
}

pub(super) fn guess(inputs: &[Input<'_>], options: &OpenOptions, cx: &JobCx) -> Result<Outcome, IngestError> {
    let most = (LOOK_ROWS * 10 / inputs.len().max(1)).clamp(500, LOOK_ROWS);
    let looks: Vec<Vec<Look>> = inputs
        .par_iter()
        .map(|input| {
            cx.check()?;
            Ok(input.table.columns.par_iter().map(|column| look(&column.data, input.table.records, most)).collect())
        })
        .collect::<Result<_, IngestError>>()?;
    let mut told = told::roles(inputs, options)?;
    let said = options.task.or_else(|| options.profile.as_ref().map(|profile| profile.task));
    let ranking = said.map_or_else(|| lists::seen(inputs, &looks), |task| task == Task::Ranking);
    let detection = said.map_or_else(|| boxes::seen(inputs), |task| task == Task::Detection);
    let similarity = said.map_or_else(|| pairs::seen(inputs, &looks), |task| task == Task::Similarity);
    let image = said.map_or_else(|| task::are_images(inputs, &looks), |task| task == Task::Image);
    if detection {
        boxes::roles(inputs, &mut told)?;
    }
    let task = match (ranking, detection) {
        (true, _) => Some(Task::Ranking),
        (_, true) => Some(Task::Detection),
        _ if similarity => Some(Task::Similarity),
        _ if image => Some(Task::Image),
        _ => said,
    };
    // What names and columns mean depends on it.
    let judged = task.or_else(|| {
        let free = options.positive.is_none();
        let classes = free && vocabulary::are_classes(inputs, &looks);
        let texts = || free && task::are_texts(inputs, &looks);
        if classes { Some(Task::Multiclass) } else { texts().then_some(Task::Text) }
    });
    let is_labels = match (ranking, detection) {
        (true, _) => lists::judgements(inputs, &told),
        (_, true) => boxes::annotations(inputs),
        _ => told::label_files(inputs, &looks, &told, judged),
    };
    let columns = union(inputs, &looks, &is_labels);
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let issues = options.profile.iter().filter_map(|profile| schema::difference(profile, &names)).collect();
    let one_file = is_labels.iter().filter(|labels| !**labels).count() == 1;
    let candidates = || columns.iter().map(|(name, look)| Candidate { name, look }).collect::<Vec<_>>();
    let label_values = task::label_values(inputs, &columns, &told);
    let kind = options.kind.or_else(|| options.profile.as_ref().map(|profile| profile.kind));
    let split = kind.is_some_and(RunKind::is_split);
    let by_score = lists::by_score(inputs, &is_labels);
    let judge = Judge { columns: candidates(), explicit: &told, task: judged, label_values, one_file, split, by_score };
    let mut roles = judge.judge();
    let mut label_picks: BTreeMap<&str, (Pick, usize)> = BTreeMap::new();
    let id = roles
        .picks
        .iter()
        .position(|pick| pick.as_ref().is_some_and(|pick| pick.role == Role::Id))
        .map(|place| columns[place].0);
    for (place, input) in inputs.iter().enumerate().filter(|(place, _)| is_labels[*place]) {
        let candidates: Vec<Candidate<'_>> = input
            .table
            .columns
            .iter()
            .zip(&looks[place])
            .map(|(column, look)| Candidate { name: &column.name, look })
            .collect();
        let explicit = options.profile.as_ref().map_or(told.as_slice(), |profile| &profile.label_columns);
        let picks = if ranking {
            let known = columns.iter().zip(&roles.picks);
            let known: Vec<(&str, Role)> =
                known.filter_map(|((name, _), pick)| Some((*name, pick.as_ref()?.role))).collect();
            lists::label_roles(&candidates, explicit, &known)
        } else {
            label_roles(&candidates, explicit, id, judged)
        };
        for (candidate, pick) in candidates.iter().zip(picks) {
            if let Some(pick) = pick {
                label_picks.entry(candidate.name).or_insert((pick, place));
            }
        }
    }
    if is_labels.contains(&true) {
        // Labels of a file of their own are the later and fuller ones.
        let inline = roles
            .picks
            .iter_mut()
            .flatten()
            .filter(|pick| matches!(pick.role, Role::Label | Role::LabelTs) && pick.why != "as told");
        inline
            .for_each(|pick| *pick = Pick { role: Role::Ignored, why: LABEL_FILE_INSTEAD.to_owned(), ..pick.clone() });
    }

    let mut state = State {
        inputs,
        options,
        is_labels,
        columns,
        roles,
        mapping: blank(),
        questions: Vec::new(),
        issues,
        values: ClassValues::default(),
    };
    state.mapping.label_columns =
        label_picks.iter().map(|(name, (pick, _))| ColumnRole::new(*name, pick.role, Side::Both)).collect();
    state.inline_labels();
    if split {
        state.outcomes();
    } else {
        state.outputs();
    }
    state.arms()?;
    state.task(task, judged, &looks);
    match state.mapping.task {
        Task::Binary => state.classes()?,
        Task::Multiclass => state.class_probabilities(),
        Task::Ranking => state.lists(said.is_some()),
        Task::Regression | Task::Text | Task::Similarity | Task::Detection | Task::Image => state.no_classes(),
    }
    state.long_lists();
    let told = |order: &Vec<String>| (!order.is_empty()).then(|| order.clone());
    let kept = || options.profile.as_ref().and_then(|profile| told(&profile.class_order));
    state.mapping.class_order = told(&options.class_order).or_else(kept).unwrap_or_default();
    let order = &state.mapping.class_order;
    if let Some((_, twice)) = order.iter().enumerate().find(|(place, class)| order[..*place].contains(*class)) {
        return Err(IngestError::Mapping(format!("--class-order names the class `{twice}` twice.")));
    }
    state.mapping.season = options.season.or_else(|| options.profile.as_ref()?.season);
    state.columns_to_mapping();
    if ranking || detection {
        state.stored_kind();
    } else if split {
        state.mapping.kind = kind.unwrap_or(RunKind::Ab);
    } else {
        state.pairing_and_kind(cx)?;
    }
    state.zone();
    state.unread_time();
    state.day_order();
    if !ranking {
        state.conflicts(cx)?;
    }
    state.profile();
    Ok(state.finish(&looks, &label_picks))
}

fn blank() -> Mapping {
    Mapping {
        schema: super::profile::SCHEMA.to_owned(),
        kind: RunKind::Shadow,
        task: Task::Binary,
        columns: Vec::new(),
        label_columns: Vec::new(),
        champion: String::new(),
        challenger: None,
        file_models: BTreeMap::new(),
        pairing: Pairing::Id,
        positive: "1".to_owned(),
        label_map: BTreeMap::new(),
        duplicates: Duplicates::Refuse,
        naive_zone: None,
        day_first: None,
        mature_after: None,
        rivals: Vec::new(),
        class_order: Vec::new(),
        season: None,
        accept_bad_rows: false,
    }
}

/// Columns of the prediction files by name, each with the look at the file that fills it most.
fn union<'a>(inputs: &'a [Input<'a>], looks: &[Vec<Look>], is_labels: &[bool]) -> Vec<(&'a str, Look)> {
    let mut columns: Vec<(&str, Look)> = Vec::new();
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for (place, input) in inputs.iter().enumerate().filter(|(place, _)| !is_labels[*place]) {
        for (column, look) in input.table.columns.iter().zip(&looks[place]) {
            match places.get(column.name.as_str()) {
                None => {
                    places.insert(&column.name, columns.len());
                    columns.push((&column.name, look.clone()));
                }
                Some(&known) => merge(&mut columns[known].1, look),
            }
        }
    }
    columns
}

/// Take over what another file's look adds: its values, and its figures where it fills more rows.
fn merge(known: &mut Look, other: &Look) {
    let mut values = std::mem::take(&mut known.values);
    let both_few = (!values.is_empty() || known.filled == 0) && (!other.values.is_empty() || other.filled == 0);
    for (value, count) in &other.values {
        match values.iter_mut().find(|(seen, _)| seen == value) {
            Some((_, seen)) => *seen += count,
            None => values.push((value.clone(), *count)),
        }
    }
    let (min, max) = (known.min.min(other.min), known.max.max(other.max));
    let dates = known.dates.and(other.dates);
    let times = [known.kind, other.kind].iter().all(|kind| matches!(kind, column::Kind::Time { .. }));
    let naive = known.has_naive || other.has_naive;
    let zoned = known.has_zoned || other.has_zoned;
    if other.filled > known.filled {
        *known = other.clone();
    }
    (known.min, known.max) = (min, max);
    (known.has_naive, known.has_zoned) = (naive, zoned);
    known.dates = dates;
    if times {
        known.kind = column::Kind::Time { zoned: !naive };
    }
    if both_few && values.len() <= 50 {
        known.distinct = known.distinct.max(values.len());
        known.values = values;
    } else {
        known.values = Vec::new();
    }
}

impl<'a> State<'a> {
    fn predictions(&self) -> impl Iterator<Item = &'a Input<'a>> + '_ {
        self.inputs.iter().zip(&self.is_labels).filter(|(_, labels)| !**labels).map(|(input, _)| input)
    }

    fn with_role(&self, role: Role) -> Option<usize> {
        self.roles.picks.iter().position(|pick| pick.as_ref().is_some_and(|pick| pick.role == role))
    }

    fn with_side(&self, role: Role, side: Side) -> Option<usize> {
        self.roles
            .picks
            .iter()
            .position(|pick| pick.as_ref().is_some_and(|pick| pick.role == role && pick.side == side))
    }

    fn label_column(&self, role: Role) -> Option<&str> {
        self.mapping.label_columns.iter().find(|column| column.role == role).map(|column| column.column.as_str())
    }

    /// Whether the two models stand in the same line.
    fn is_wide(&self) -> bool {
        self.roles.picks.iter().flatten().any(|pick| pick.side != Side::Both)
    }

    fn columns_to_mapping(&mut self) {
        self.mapping.columns = self
            .columns
            .iter()
            .zip(&self.roles.picks)
            .map(|((name, _), pick)| {
                pick.as_ref().map_or_else(|| ColumnRole::new(*name, Role::Feature, Side::Both), |pick| pick.of(name))
            })
            .collect();
    }

    /// A profile has the last word on what it answers.
    fn profile(&mut self) {
        let Some(profile) = &self.options.profile else {
            return;
        };
        let arms = (profile.champion.clone(), profile.challenger.clone());
        let of_arms = |asked: &Question| asked.kind == QuestionKind::Champion;
        // A profile of other models does not say which of these is in production, and one of these models may have
        // them the other way round; models side by side have the names they are given.
        let arms_known = match self.questions.iter().find(|asked| of_arms(asked)) {
            Some(asked) => asked.patches.iter().any(|patch| patch.arms.as_ref() == Some(&arms)),
            None => {
                self.is_wide()
                    || (self.mapping.challenger.as_ref(), Some(&self.mapping.champion))
                        == (Some(&arms.0), arms.1.as_ref())
            }
        };
        // Nor does one of other classes say which of these is the positive one.
        let of_classes = |asked: &Question| asked.kind == QuestionKind::Positive;
        let labels = &self.values.labels;
        let classes_known = labels.is_empty()
            || profile.label_map.is_empty()
            || labels.iter().any(|(value, _)| profile.label_map.contains_key(value.trim()));
        let patch = Patch {
            arms: arms_known.then(|| arms.clone()),
            rivals: None,
            positive: classes_known.then(|| (profile.positive.clone(), profile.label_map.clone())),
            columns: Vec::new(),
            kind: Some(self.options.kind.unwrap_or(profile.kind)),
            pairing: Some(profile.pairing),
            duplicates: Some(profile.duplicates),
            zone: profile.naive_zone.clone(),
            day_first: profile.day_first,
            accept_bad_rows: Some(profile.accept_bad_rows),
        };
        patch.apply(&mut self.mapping);
        if arms_known && self.options.rivals.is_empty() {
            self.mapping.rivals.clone_from(&profile.rivals);
        }
        for (display, model) in &profile.file_models {
            if let Some(known) = self.mapping.file_models.get_mut(display) {
                known.clone_from(model);
            }
        }
        self.questions.retain(|asked| of_arms(asked) && !arms_known || of_classes(asked) && !classes_known);
    }

    fn finish(self, looks: &[Vec<Look>], label_picks: &BTreeMap<&str, (Pick, usize)>) -> Outcome {
        let picks: BTreeMap<&str, &Pick> = self
            .columns
            .iter()
            .zip(&self.roles.picks)
            .filter_map(|((name, _), pick)| pick.as_ref().map(|pick| (*name, pick)))
            .collect();
        let columns = self
            .inputs
            .iter()
            .zip(looks)
            .zip(&self.is_labels)
            .map(|((input, looks), &labels)| {
                let guess = |(column, look): (&super::table::Column, &Look)| {
                    let name = column.name.as_str();
                    let pick =
                        if labels { label_picks.get(name).map(|(pick, _)| pick) } else { picks.get(name).copied() };
                    let (default, why) = if labels {
                        (Role::Ignored, "not needed from a label file")
                    } else {
                        (Role::Feature, "to slice by and to show")
                    };
                    ColumnGuess {
                        role: pick.map_or_else(|| ColumnRole::new(name, default, Side::Both), |pick| pick.of(name)),
                        kind: look.kind.text(),
                        first: look.first.clone(),
                        confidence: pick.map_or(Confidence::Likely, |pick| pick.confidence),
                        why: pick.map_or_else(|| why.to_owned(), |pick| pick.why.clone()),
                    }
                };
                input.table.columns.iter().zip(looks).map(guess).collect()
            })
            .collect();
        let roles = self
            .is_labels
            .iter()
            .map(|&labels| if labels { SourceRole::Labels } else { SourceRole::Predictions })
            .collect();
        Outcome {
            mapping: self.mapping,
            questions: self.questions,
            issues: self.issues,
            values: self.values,
            roles,
            columns,
        }
    }
}
