//! The lines of all prediction files end to end, as typed columns: what pairing and assembly work on.

mod answers;
mod content;
mod embeddings;
mod failures;
mod ids;
mod judged;
mod references;
mod served;

use std::borrow::Cow;
use std::sync::Arc;

use rayon::prelude::*;

pub(super) use self::answers::Answers;
use self::content::Dictionary;
use self::failures::failures;
use self::ids::{ids, stack_ids};
pub(super) use self::references::is_list;
use super::formats::parquet;
use super::issue::{IngestError, Issue};
use super::keys::LineIds;
use super::labels::LabelKey;
use super::mapping::{ColumnRole, Mapping, Role, Side};
use super::opened::{Opened, OpenedSource};
use super::table::{ColumnData, Table};
use super::typing::{self, Typed};
use crate::job::JobCx;
use crate::log::{FeatureValues, NO_LABEL, NO_TIME, NOT_LOGGED, SourceRole, Task, is_not_logged};

/// Arm of a line that is of neither model.
pub(super) const OTHER_MODEL: u8 = 2;

/// Columns over all lines, in the order of the sources.
#[derive(Debug, Default)]
pub(super) struct Lines {
    pub total: usize,
    /// First line of each source.
    pub starts: Vec<usize>,
    /// Name of each source, which may tell the files that belong together.
    pub displays: Vec<String>,
    /// 0 champion, 1 challenger, [`OTHER_MODEL`]. Lines of a wide log hold both and count as 0.
    pub arms: Vec<u8>,
    pub ids: Option<LineIds>,
    pub id_column: String,
    /// One for lines of either model; two (champion, challenger) where a line holds both.
    pub answers: Vec<Answers>,
    pub labels: Option<Vec<u8>>,
    /// Labels of tasks other than binary: bits of a number, or a code of `dictionary`.
    pub truth: Option<Vec<u64>>,
    pub dictionary: Dictionary,
    /// What a judge said of both models' answers: 1 for the challenger, 0 for the champion, 1/2 for a tie.
    pub preferences: Option<Vec<f64>>,
    /// Codes of the items of ranked lists.
    pub items: Option<Vec<u32>>,
    pub label_column: Option<String>,
    pub other_labels: Vec<(String, u64)>,
    pub times: Option<Vec<i64>>,
    pub label_times: Option<Vec<i64>>,
    pub unit: Option<(String, FeatureValues)>,
    pub features: Vec<(String, FeatureValues)>,
    /// Of a split run.
    pub outcomes: Vec<(String, Vec<f64>)>,
    pub covariates: Vec<(String, Vec<f64>)>,
    pub stage: Option<(String, FeatureValues)>,
    pub issues: Vec<Issue>,
    /// Why a column that the comparison rests on holds nothing of its type.
    pub unusable: Option<String>,
}

impl Lines {
    /// Whether two lines hold the same answers and outcomes.
    pub fn same(&self, first: usize, second: usize) -> bool {
        let outcomes = || self.outcomes.iter().all(|(_, values)| values[first].to_bits() == values[second].to_bits());
        self.answers.iter().all(|answers| answers.same(first, second)) && outcomes()
    }

    /// Whether two lines have the same label; `None` where one has none.
    pub fn same_label(&self, first: usize, second: usize) -> Option<bool> {
        fn same<K: LabelKey>(labels: &[K], first: usize, second: usize) -> Option<bool> {
            let (first, second) = (labels[first], labels[second]);
            (first != K::ABSENT && second != K::ABSENT).then(|| first == second)
        }
        match (&self.labels, &self.truth) {
            (Some(labels), _) => same(labels, first, second),
            (None, Some(truth)) => same(truth, first, second),
            (None, None) => None,
        }
    }
}

/// A source's table: our own, whose columns can be taken, or the first look's.
enum Held {
    Own(Table),
    Shared(Arc<Table>),
}

/// One source while its columns are typed.
struct Reading<'a> {
    source: &'a OpenedSource,
    table: Held,
}

impl Reading<'_> {
    fn has(&self, name: &str) -> bool {
        match &self.table {
            Held::Own(table) => table.column(name).is_some(),
            Held::Shared(table) => table.column(name).is_some(),
        }
    }

    fn records(&self) -> usize {
        match &self.table {
            Held::Own(table) => table.records,
            Held::Shared(table) => table.records,
        }
    }

    fn line(&self, row: u64) -> u64 {
        match &self.table {
            Held::Own(table) => table.line(row as usize),
            Held::Shared(table) => table.line(row as usize),
        }
    }

    fn take(&mut self, name: &str) -> Option<Cow<'_, ColumnData>> {
        match &mut self.table {
            Held::Own(table) => {
                let index = table.columns.iter().position(|column| column.name == name)?;
                Some(Cow::Owned(table.columns.swap_remove(index).data))
            }
            Held::Shared(table) => table.column(name).map(|column| Cow::Borrowed(&column.data)),
        }
    }
}

/// Read and type all lines of the sources of one role.
pub(super) fn read(opened: &Opened, role: SourceRole, mapping: &Mapping, cx: &JobCx) -> Result<Lines, IngestError> {
    let roles = if role == SourceRole::Labels { &mapping.label_columns } else { &mapping.columns };
    let wanted: Vec<&str> =
        roles.iter().filter(|role| role.role != Role::Ignored).map(|role| role.column.as_str()).collect();
    let mut readings = Vec::new();
    for source in opened.sources.iter().filter(|source| source.role == role) {
        let table = match &source.table {
            Some(table) => Held::Shared(table.clone()),
            None => {
                let named = |error: IngestError| error.naming(source.object.is_some(), &source.display);
                let total = parquet::stored_bytes(&source.path, &wanted).map_err(named)?;
                cx.stage(&format!("Reading {}", source.display), total);
                let mut table = parquet::read(&source.path, &wanted, cx).map_err(named)?;
                super::partition::add(&mut table, &source.partitions);
                Held::Own(table)
            }
        };
        readings.push(Reading { source, table });
    }
    let mut typing = Typing { roles, mapping, readings, lines: Lines::default() };
    for reading in &typing.readings {
        typing.lines.starts.push(typing.lines.total);
        typing.lines.displays.push(reading.source.display.clone());
        typing.lines.total += reading.records();
    }
    if typing.lines.total >= u32::MAX as usize {
        return Err(IngestError::Mapping("More than 4.29 billion lines: split the run by time.".to_owned()));
    }
    cx.stage("Typing columns", 0);
    typing.run(cx)?;
    Ok(typing.lines)
}

struct Typing<'a> {
    roles: &'a [ColumnRole],
    mapping: &'a Mapping,
    readings: Vec<Reading<'a>>,
    lines: Lines,
}

impl Typing<'_> {
    fn run(&mut self, cx: &JobCx) -> Result<(), IngestError> {
        let wide = self.roles.iter().any(|role| role.side != Side::Both && role.role.is_output());
        self.lines.arms = self.arms(wide)?;
        let sides: &[Side] = if wide { &[Side::Champion, Side::Challenger] } else { &[Side::Both] };
        for &side in sides {
            cx.check()?;
            let answers = self.answers(side);
            self.lines.answers.push(answers);
        }
        cx.check()?;
        self.lines.label_column = self.name(Role::Label, Side::Both);
        if self.mapping.task == Task::Binary {
            (self.lines.labels, self.lines.other_labels) = self.classes(Role::Label, Side::Both);
        } else {
            self.lines.truth = self.truth();
        }
        self.lines.times = self.times(Role::Ts)?;
        self.lines.label_times = self.times(Role::LabelTs)?;
        cx.check()?;
        if self.mapping.task == Task::Text {
            self.lines.preferences = self.preferences();
        }
        if self.mapping.task == Task::Ranking {
            self.lines.items = self.coded(Role::Item, Side::Both);
        }
        self.lines.ids = self.ids();
        self.lines.id_column = self.name(Role::Id, Side::Both).unwrap_or_default();
        if let Some(name) = self.name(Role::Unit, Side::Both) {
            self.lines.unit = self.feature(&name, true).map(|values| (name, values));
        }
        self.lines.outcomes = self.measures(Role::Outcome);
        if self.mapping.kind.is_split() {
            self.served_outcomes();
        }
        self.lines.covariates = self.measures(Role::Covariate);
        if let Some(name) = self.name(Role::Stage, Side::Both) {
            self.lines.stage = self.feature(&name, true).map(|values| (name, values));
        }
        let features =
            self.roles.iter().filter(|role| matches!(role.role, Role::Feature | Role::Series | Role::Horizon));
        for name in features.map(|role| role.column.clone()).collect::<Vec<_>>() {
            cx.check()?;
            if let Some(values) = self.feature(&name, false) {
                self.lines.features.push((name, values));
            }
        }
        Ok(())
    }

    /// Columns of a role; the first that a source has counts.
    fn names(&self, role: Role, side: Side) -> Vec<String> {
        self.roles.iter().filter(|one| one.role == role && one.side == side).map(|one| one.column.clone()).collect()
    }

    fn name(&self, role: Role, side: Side) -> Option<String> {
        self.names(role, side).into_iter().next()
    }

    fn arms(&mut self, wide: bool) -> Result<Vec<u8>, IngestError> {
        let (champion, challenger) = (&self.mapping.champion, self.mapping.challenger.as_deref());
        let arm_of = |name: &str| match name {
            name if name == champion => 0,
            name if Some(name) == challenger => 1,
            _ => OTHER_MODEL,
        };
        let names = self.names(Role::Model, Side::Both);
        let mut arms = Vec::with_capacity(self.lines.total);
        for reading in &mut self.readings {
            let rows = reading.records();
            if rows == 0 {
                // Joined to the rows of other files: it needs no model.
                continue;
            }
            let files = &self.mapping.file_models;
            let path = reading.source.path.to_string_lossy();
            let file = files.get(&reading.source.display).or_else(|| files.get(path.as_ref()));
            if wide || (challenger.is_none() && names.is_empty() && file.is_none()) {
                arms.resize(arms.len() + rows, 0);
                continue;
            }
            if let Some(model) = file {
                arms.resize(arms.len() + rows, arm_of(model));
                continue;
            }
            let column = names.iter().find_map(|name| reading.take(name).map(|data| typing::codes(&data)));
            let Some(codes) = column else {
                if self.roles.iter().any(|one| one.role.is_output() && one.role != Role::Probability) {
                    let message = format!(
                        "It is not known which model wrote {}. Name it with --map model=COLUMN, or give one file per model.",
                        reading.source.display
                    );
                    return Err(IngestError::Mapping(message));
                }
                arms.resize(arms.len() + rows, OTHER_MODEL);
                continue;
            };
            let of_code: Vec<u8> = codes.names.iter().map(|name| arm_of(name)).collect();
            let start = arms.len();
            arms.resize(start + rows, OTHER_MODEL);
            arms[start..].par_iter_mut().enumerate().with_min_len(1 << 16).for_each(|(row, arm)| {
                *arm = codes.code(row).map_or(OTHER_MODEL, |code| of_code[code as usize]);
            });
        }
        Ok(arms)
    }

    /// The column of a role in every source, typed and put end to end. Failures are left in the second part where
    /// no source holds a single value of the type.
    fn each<T: Copy>(
        &mut self,
        names: &[String],
        empty: T,
        mut typed: impl FnMut(Cow<'_, ColumnData>) -> Typed<Vec<T>>,
    ) -> (Option<Vec<T>>, Typed<()>) {
        let mut parts = Vec::with_capacity(self.readings.len());
        let mut all = Typed::<()>::default();
        let mut filled = false;
        for reading in &mut self.readings {
            let rows = reading.records();
            let found = names.iter().find_map(|name| Some((name, typed(reading.take(name)?))));
            let Some((name, typed)) = found else {
                parts.push((rows, None));
                continue;
            };
            filled |= typed.failed + typed.empty < rows as u64;
            if typed.failed > 0 {
                all.failures.extend(typed.failures.first().cloned());
                self.lines.issues.push(failures(reading, name, rows, &typed));
            }
            all.failed += typed.failed;
            all.naive += typed.naive;
            all.not_finite += typed.not_finite;
            for (value, count) in typed.others {
                match all.others.iter_mut().find(|other| other.0 == value) {
                    Some(other) => other.1 += count,
                    None => all.others.push((value, count)),
                }
            }
            parts.push((rows, Some(typed.values)));
        }
        if filled {
            all.failures.clear();
        }
        (stack(parts, empty), all)
    }

    fn numbers(&mut self, role: Role, side: Side) -> Option<Vec<f64>> {
        self.numbers_of(&self.names(role, side), role)
    }

    fn numbers_of(&mut self, names: &[String], role: Role) -> Option<Vec<f64>> {
        let (values, typed) = self.each(names, NOT_LOGGED, |data| match data {
            Cow::Owned(ColumnData::Float(values)) => {
                let odd = values
                    .par_iter()
                    .with_min_len(1 << 16)
                    .filter(|value| !value.is_finite() && !is_not_logged(**value));
                Typed { not_finite: odd.count() as u64, values, ..Typed::default() }
            }
            data => typing::numbers(&data),
        });
        if let (Role::Score, Some((_, raw))) = (role, typed.failures.first()) {
            self.lines.unusable = Some(format!(
                "No value of {} is a number (the first is `{raw}`), so it is no score. Name the column of the scores with --map score=COLUMN, or of the decisions with --map prediction=COLUMN.",
                names.join(", ")
            ));
        }
        if let (Role::Label | Role::Rank, Some((_, raw))) = (role, typed.failures.first()) {
            let (is, named) = match (role, self.mapping.task) {
                (Role::Rank, _) => {
                    ("place in a list", "places with --map rank=COLUMN, or of the scores with --map score=COLUMN")
                }
                (_, Task::Ranking) => ("relevance", "grades with --map label=COLUMN"),
                (_, Task::Similarity) => ("gold score", "gold scores with --map label=COLUMN"),
                _ => ("true value of a regression", "true values with --map label=COLUMN, or another task with --task"),
            };
            self.lines.unusable = Some(format!(
                "No value of {} is a number (the first is `{raw}`), so it is no {is}. Name the column of the {named}.",
                names.join(", ")
            ));
        }
        if typed.not_finite > 0 && matches!(role, Role::Score | Role::Probability | Role::Quantile) {
            self.not_finite(names, typed.not_finite);
        }
        values
    }

    fn classes(&mut self, role: Role, side: Side) -> (Option<Vec<u8>>, Vec<(String, u64)>) {
        let names = self.names(role, side);
        let map = &self.mapping.label_map;
        let (values, typed) = self.each(&names, NO_LABEL, |data| typing::classes(&data, map));
        if let (Role::Prediction, Some((_, raw))) = (role, typed.failures.first()) {
            let classes: Vec<&str> = map.keys().map(String::as_str).take(6).collect();
            self.lines.unusable = Some(format!(
                "No value of {} is one of the classes {} (the first is `{raw}`). Write decisions as the labels are written, or name another column with --map prediction=COLUMN.",
                names.join(", "),
                classes.join(", ")
            ));
        }
        (values, typed.others)
    }

    fn times(&mut self, role: Role) -> Result<Option<Vec<i64>>, IngestError> {
        let names = self.names(role, Side::Both);
        let zone = self.mapping.naive_zone.as_deref();
        if let Some(zone) = zone {
            typing::known_zone(zone)?;
        }
        let day_first = self.mapping.day_first;
        let (values, typed) = self.each(&names, NO_TIME, |data| match data {
            Cow::Owned(ColumnData::Time { values, zoned: true }) => Typed { values, ..Typed::default() },
            // The same instants; most logs are written in UTC.
            Cow::Owned(ColumnData::Time { values, zoned: false }) if zone == Some("UTC") => {
                Typed { values, ..Typed::default() }
            }
            data => typing::times(&data, zone, day_first),
        });
        if typed.naive > 0 && zone.is_none() {
            let question = format!("{} times in {} have no zone, others have one.", typed.naive, names.join(", "));
            return Err(IngestError::Question {
                question,
                flag: "--zone NAME, for example --zone Europe/Berlin or --zone UTC".to_owned(),
            });
        }
        Ok(values)
    }

    fn ids(&mut self) -> Option<LineIds> {
        let names = self.names(Role::Id, Side::Both);
        let parts: Vec<(usize, Option<LineIds>)> = self
            .readings
            .iter_mut()
            .map(|reading| (reading.records(), names.iter().find_map(|name| reading.take(name).map(ids))))
            .collect();
        stack_ids(parts)
    }

    /// Every column of a role of its own, as numbers.
    fn measures(&mut self, role: Role) -> Vec<(String, Vec<f64>)> {
        let mut found = Vec::new();
        for name in self.names(role, Side::Both) {
            let may_hold = role == Role::Outcome && super::split::may_hold_messages(&name);
            let (mut texts, mut others) = (0, 0);
            let (mut values, typed) = self.each(std::slice::from_ref(&name), NOT_LOGGED, |data| {
                if let Some(found) = if may_hold { super::split::messages(&data) } else { None } {
                    texts += found.values.len() as u64 - found.empty;
                    return found;
                }
                let found = super::split::outcome(data);
                others += found.values.len() as u64 - found.empty;
                found
            });
            let empty = values.iter().flatten().any(|value| is_not_logged(*value));
            if texts > 0 && (others > 0 || !empty) {
                let what = if empty { "text in some files and numbers in others" } else { "text in every line" };
                self.lines.unusable = Some(format!(
                    "{name} holds {what}, so it does not tell which requests failed. Name another column with --map outcome=COLUMN."
                ));
            } else if texts > 0 {
                // No message: no error.
                let none = values.iter_mut().flatten().filter(|value| is_not_logged(**value));
                none.for_each(|value| *value = 0.0);
            }
            if let (Role::Outcome, Some((_, raw))) = (role, typed.failures.first()) {
                self.lines.unusable = Some(format!(
                    "No value of {name} is a number, or yes or no (the first is `{raw}`), so it is no outcome. Name another column with --map outcome=COLUMN."
                ));
            }
            if let Some(values) = values {
                found.push((name, values));
            }
        }
        found
    }

    /// A column to slice by. Only the champion's lines are read from it later, unless the arms have rows of their own
    /// or lines are items.
    fn feature(&mut self, name: &str, coded: bool) -> Option<FeatureValues> {
        let starts = &self.lines.starts;
        let arms = &self.lines.arms;
        // A column of a ranked list may tell of the items of either model.
        let of_items = self.mapping.task == Task::Ranking;
        let mut parts = Vec::with_capacity(self.readings.len());
        for (reading, &start) in self.readings.iter_mut().zip(starts) {
            let rows = reading.records();
            let split = self.mapping.kind.is_split();
            let champion = split || arms[start..start + rows].contains(&0);
            let data = if champion || of_items { reading.take(name) } else { None };
            parts.push((rows, data.map(|data| super::features::values(data, coded))));
        }
        super::features::stack(parts)
    }
}

/// Parts end to end; `None` when no source has the column.
pub(super) fn stack<T: Copy>(mut parts: Vec<(usize, Option<Vec<T>>)>, empty: T) -> Option<Vec<T>> {
    if parts.len() == 1 {
        return parts.pop().and_then(|part| part.1);
    }
    if parts.iter().all(|part| part.1.is_none()) {
        return None;
    }
    let mut whole = Vec::with_capacity(parts.iter().map(|part| part.0).sum());
    for (rows, part) in parts {
        match part {
            Some(part) => whole.extend_from_slice(&part),
            None => whole.resize(whole.len() + rows, empty),
        }
    }
    Some(whole)
}
