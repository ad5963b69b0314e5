//! Which column of a label file is what.

use super::column::{Kind, Look};
use super::names::words;
use super::references::further;
use super::roles::{Candidate, Pick};
use super::task::{is_truth, named};
use crate::ingest::mapping::{ColumnRole, Role};
use crate::ingest::opened::Confidence;
use crate::log::Task;

/// Roles of the columns of label files.
pub(super) fn label_roles(
    columns: &[Candidate<'_>],
    explicit: &[ColumnRole],
    id: Option<&str>,
    task: Option<Task>,
) -> Vec<Option<Pick>> {
    let mut picks: Vec<Option<Pick>> = vec![None; columns.len()];
    for told in explicit {
        if let Some(place) = columns.iter().position(|column| column.name == told.column)
            && matches!(told.role, Role::Id | Role::Label | Role::LabelTs)
        {
            picks[place] = Some(Pick::new(told.role, Confidence::Certain, "as told"));
        }
    }
    let ranked =
        |picks: &[Option<Pick>], role: Role, fits: &dyn Fn(&Look) -> bool| ranked(columns, picks, role, task, fits);
    if !has(&picks, Role::Id) {
        let unique = |look: &Look| look.filled > 0 && look.distinct * 10 >= look.filled * 8;
        let same = columns.iter().position(|column| Some(column.name) == id);
        let place = same.or_else(|| ranked(&picks, Role::Id, &unique)).or_else(|| {
            (0..columns.len()).find(|&place| {
                picks[place].is_none() && columns[place].look.kind != Kind::Number && unique(columns[place].look)
            })
        });
        if let Some(place) = place {
            let why = if same == Some(place) { "named as the id of the predictions" } else { "different in every row" };
            picks[place] = Some(Pick::new(Role::Id, Confidence::Certain, why));
        }
    }
    pick_label_time(columns, &mut picks, task);
    if !has(&picks, Role::Label) {
        let classes = |look: &Look| look.is_classes() && !look.is_continuous();
        let place = ranked(&picks, Role::Label, &|look| is_truth(look, task)).or_else(|| {
            let mut free = (0..columns.len()).filter(|&place| picks[place].is_none() && classes(columns[place].look));
            free.next().filter(|_| free.next().is_none())
        });
        if let Some(place) = place {
            let why =
                format!("{} different values in {} rows", columns[place].look.distinct, columns[place].look.filled);
            picks[place] = Some(Pick::new(Role::Label, Confidence::Certain, why));
        }
        if task == Some(Task::Text) {
            further(columns, &mut picks);
        }
    }
    picks
}

/// The time since when a label is known, where nothing told it: a time by name.
pub(super) fn pick_label_time(columns: &[Candidate<'_>], picks: &mut [Option<Pick>], task: Option<Task>) {
    let is_time = |look: &Look| matches!(look.kind, Kind::Time { .. }) || look.is_epoch();
    let by_name = |role: Role| ranked(columns, picks, role, task, &is_time);
    if !has(picks, Role::LabelTs)
        && let Some(place) = by_name(Role::LabelTs).or_else(|| by_name(Role::Ts))
    {
        picks[place] = Some(Pick::new(Role::LabelTs, Confidence::Certain, "the time in the label file"));
    }
}

fn has(picks: &[Option<Pick>], role: Role) -> bool {
    picks.iter().flatten().any(|pick| pick.role == role)
}

/// The free column that is called most like `role`, of those that fit.
fn ranked(
    columns: &[Candidate<'_>],
    picks: &[Option<Pick>],
    role: Role,
    task: Option<Task>,
    fits: &dyn Fn(&Look) -> bool,
) -> Option<usize> {
    let free = (0..columns.len()).filter(|&place| picks[place].is_none() && fits(columns[place].look));
    free.filter_map(|place| {
        named(&words(columns[place].name), columns[place].look, task)
            .filter(|named| named.0 == role)
            .map(|named| (named.1, place))
    })
    .min()
    .map(|(_, place)| place)
}
