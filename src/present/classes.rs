//! Confusion of several classes: both matrices and their difference over the classes that are confused most, and
//! flips of every class.

mod cells;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use super::confusion::Normalise;
use super::{Sheet, format};
use crate::compare::{CellShift, Classes, Comparison, Detail, Grouping, Selection};
use crate::log::ArmRole;
use cells::{Drawn, Scope};

/// Classes drawn at once; the table holds all of them.
const DRAWN: usize = 20;

/// Whether classes are taken together, and which group is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClassScope {
    /// Index into the groupings of the comparison; `None`: classes as they are.
    pub grouping: Option<usize>,
    /// The classes of this group alone.
    pub within: Option<u32>,
}

/// How matrices and table are made.
#[derive(Clone, Copy, Default)]
pub struct Choice<'a> {
    pub normalise: Normalise,
    /// Keeps the classes whose names hold it.
    pub search: &'a str,
    pub selection: Option<&'a Selection>,
    pub scope: ClassScope,
}

/// What the Confusion view of several classes shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClassesModel {
    /// Why there is nothing to draw.
    pub empty: Option<String>,
    pub normalise: Normalise,
    /// Accuracy of both arms and their difference, as printed.
    pub accuracy: [String; 3],
    /// `20 of 1,000 classes, most confused first`.
    pub shown: String,
    /// Classes drawn, in the order of rows and columns.
    pub names: Vec<String>,
    /// Champion first.
    pub arms: Vec<ClassMatrix>,
    /// Row-major; empty for a log of one model.
    pub difference: Vec<ClassCellModel>,
    /// Largest net loss first; those the search finds.
    pub flips: Vec<ClassLine>,
    /// How the table is sorted and what its intervals are.
    pub flips_title: String,
    /// Ends of the axis of recall differences, percentage points.
    pub flip_range: f64,
    /// What the shades of the difference mean.
    pub difference_title: String,
    /// What is chosen.
    pub selected: Option<ClassSelection>,
    /// What classes may be taken together by, `3 groups by /`; empty where their names tell no groups.
    pub groupings: Vec<String>,
    pub scope: ClassScope,
    /// Name of the group that is open.
    pub within: Option<String>,
}

/// What is chosen, in words.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClassSelection {
    /// `Limits, predicted Transfer by the challenger`.
    pub words: String,
    /// Of a cell: what the other arm has there, the difference and its interval; else empty.
    pub beside: String,
    pub selection: Selection,
    /// As a slice that may be added to the list: `label=Limits & prediction.challenger=Transfer`.
    pub slice: Option<String>,
    /// Of a group: how its classes are come to.
    pub opens: Option<ClassScope>,
}

/// One arm's matrix.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassMatrix {
    pub role: ArmRole,
    pub name: String,
    /// Row-major: truth, prediction.
    pub cells: Vec<ClassCellModel>,
}

/// A cell of a matrix.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClassCellModel {
    /// As printed; empty for no row.
    pub main: String,
    /// 0 to 1 of the largest off the diagonal; of the difference -1 (champion has more) to 1.
    pub shade: f64,
    pub diagonal: bool,
    pub selected: bool,
    pub name: String,
    pub selection: Selection,
}

/// A class in the table; numbers as printed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClassLine {
    pub name: String,
    pub rows: String,
    /// Recall of each arm, per cent.
    pub recall: [String; 2],
    /// Broken, fixed, both wrong alike, both wrong and different; empty for one model.
    pub flips: Vec<String>,
    /// Fixed minus broken.
    pub net: String,
    /// Recall difference in percentage points, lower and upper end.
    pub interval: Option<[f64; 3]>,
    pub interval_text: String,
    /// All rows of the class.
    pub selection: Selection,
    pub selected: bool,
}

/// The model.
pub fn classes(sheet: &Sheet<'_>, choice: Choice<'_>) -> ClassesModel {
    let Choice { normalise, selection, .. } = choice;
    let Detail::Multiclass(classes) = &sheet.comparison.detail else {
        return ClassesModel { empty: Some(NO_CLASSES.to_owned()), ..ClassesModel::default() };
    };
    if sheet.comparison.population.analysed == 0 {
        return ClassesModel { empty: Some(NO_CLASSES.to_owned()), ..ClassesModel::default() };
    }
    let comparison = sheet.comparison;
    let grouping = choice.scope.grouping.and_then(|at| classes.groupings.get(at));
    let counts = grouping.filter(|_| choice.scope.within.is_none()).map_or(classes, |grouping| &*grouping.counts);
    let mut model = of(classes, choice);
    model.accuracy = accuracy(comparison);
    let plan = &comparison.plan;
    model.flips_title = format!("largest net loss first, {}", super::interval_words(plan, plan.level));
    let names = [plan.champion.clone(), plan.challenger.clone().unwrap_or_default()];
    model.arms.iter_mut().for_each(|arm| arm.name.clone_from(&names[arm.role.index()]));
    model.difference_title = match normalise {
        Normalise::ByPrediction => "challenger \u{2212} champion, shaded by size".to_owned(),
        _ => "coloured if the interval excludes 0".to_owned(),
    };
    model.selected = selection.map(|selection| {
        let words = comparison.population.class_words();
        ClassSelection {
            words: selection.words(plan, words.each_ref().map(String::as_str)),
            beside: if selection.classes.groups.is_some() == is_grouped(choice.scope) {
                beside(counts, selection)
            } else {
                String::new()
            },
            slice: selection
                .as_slice(sheet.log)
                .filter(|slice| !comparison.plan.slices.contains(slice))
                .map(|slice| slice.to_string()),
            opens: opens(choice.scope, selection),
            selection: selection.clone(),
        }
    });
    model
}

const NO_CLASSES: &str = "No analysed row has both a true and a predicted class. Map the column of true classes under \
                          Change mapping.";

fn accuracy(comparison: &Comparison) -> [String; 3] {
    let found = comparison.metrics.iter().find(|metric| metric.name == "accuracy" && metric.slice.is_none());
    let Some(metric) = found else { return Default::default() };
    let percent = |value: f64| format::share(value, 1);
    let difference = metric.difference.as_ref().map(|found| {
        let ends = found.lo.zip(found.hi);
        let digits = format::Digits::of(metric.unit, found.value, ends);
        let interval = ends.map(|(lo, hi)| format!(" {}", digits.signed_interval(lo, hi))).unwrap_or_default();
        format!("{}{interval}", digits.signed_unit(found.value))
    });
    [
        metric.arms.champion.as_ref().map(|arm| percent(arm.value)).unwrap_or_default(),
        metric.arms.challenger.as_ref().map(|arm| percent(arm.value)).unwrap_or_default(),
        difference.unwrap_or_default(),
    ]
}

/// Whether groups stand in place of classes.
fn is_grouped(scope: ClassScope) -> bool {
    scope.grouping.is_some() && scope.within.is_none()
}

/// The group that a selection in the groups is of: the true one of a cell.
fn opens(scope: ClassScope, selection: &Selection) -> Option<ClassScope> {
    selection.classes.groups.as_ref().filter(|_| is_grouped(scope))?;
    let (group, _) = selection.classes.truth.as_ref()?;
    Some(ClassScope { within: Some(*group), ..scope })
}

/// The matrices and flips of counts alone, without names of models and accuracy: what a record holds.
pub fn of(classes: &Classes, choice: Choice<'_>) -> ClassesModel {
    let word = |grouping: &Grouping| {
        format!("{} groups by {}", format::count(grouping.counts.names.len() as u64), separator(&grouping.separator))
    };
    let groupings = classes.groupings.iter().map(word).collect();
    let grouping = choice.scope.grouping.and_then(|at| classes.groupings.get(at));
    let model = match (grouping, choice.scope.within) {
        (None, _) => drawn(classes, choice, None, |_| true),
        (Some(grouping), None) => drawn(&grouping.counts, choice, Some(Arc::new(grouping.groups.clone())), |_| true),
        (Some(grouping), Some(group)) => drawn(classes, choice, None, |code| grouping.groups[code] == group),
    };
    let within = grouping
        .zip(choice.scope.within)
        .and_then(|(grouping, group)| grouping.counts.names.get(group as usize).cloned());
    let scope = if grouping.is_some() { choice.scope } else { ClassScope::default() };
    ClassesModel { groupings, scope, within, ..model }
}

/// A separator in words where it is not seen.
fn separator(text: &str) -> &str {
    if text == " " { "blanks" } else { text }
}

fn drawn(
    classes: &Classes,
    Choice { normalise, search, selection, .. }: Choice<'_>,
    groups: Option<Arc<Vec<u32>>>,
    keep: impl Fn(usize) -> bool,
) -> ClassesModel {
    let count = classes.names.len();
    let arms: Vec<(ArmRole, &Vec<crate::compare::Cell>)> =
        [(ArmRole::Champion, &classes.confusion.champion), (ArmRole::Challenger, &classes.confusion.challenger)]
            .into_iter()
            .filter_map(|(role, cells)| cells.as_ref().map(|cells| (role, cells)))
            .collect();
    // Rows of either arm that leave a class or wrongly enter it.
    let mut confused = vec![0u64; count];
    for cell in arms.iter().flat_map(|(_, cells)| cells.iter()).filter(|cell| cell.0 != cell.1) {
        confused[cell.0 as usize] += cell.2;
        confused[cell.1 as usize] += cell.2;
    }
    let wanted = search.trim().to_lowercase();
    let found =
        |code: &usize| keep(*code) && (wanted.is_empty() || classes.names[*code].to_lowercase().contains(&wanted));
    let all: Vec<usize> = (0..count).filter(found).collect();
    let mut order = all.clone();
    order.sort_by_key(|&code| std::cmp::Reverse(confused[code]));
    order.truncate(DRAWN);
    let mut place = vec![usize::MAX; count];
    order.iter().enumerate().for_each(|(at, &code)| place[code] = at);
    let drawn: Vec<Drawn> = arms.iter().map(|(_, cells)| Drawn::of(cells, &place, count, order.len())).collect();
    let word = if groups.is_some() { "groups" } else { "classes" };
    let scope = Scope { classes, order: &order, selection, groups };
    let top = drawn.iter().flat_map(|drawn| drawn.off_diagonal(normalise, &order)).fold(0.0, f64::max);
    let matrices = arms.iter().zip(&drawn).map(|((role, _), drawn)| ClassMatrix {
        role: *role,
        name: String::new(),
        cells: scope.cells(*role, drawn, normalise, top),
    });
    let mut flips: Vec<usize> = all;
    let net = |code: usize| classes.flips.get(code).map_or(0, |flips| flips[2] as i64 - flips[1] as i64);
    flips.sort_by_key(|&code| (net(code), std::cmp::Reverse(classes.per_class[code].support)));
    let lines: Vec<ClassLine> = flips.iter().map(|&code| scope.line(code, net(code))).collect();
    let ends = lines.iter().filter_map(|line| line.interval).map(|[_, lo, hi]| lo.abs().max(hi.abs()));
    let mut ends: Vec<f64> = ends.collect();
    ends.sort_by(f64::total_cmp);
    ClassesModel {
        empty: None,
        normalise,
        accuracy: Default::default(),
        shown: format!(
            "{} of {} {word}, most confused first",
            format::count(order.len() as u64),
            format::count(count as u64)
        ),
        names: order.iter().map(|&code| classes.names[code].clone()).collect(),
        arms: matrices.collect(),
        difference: match drawn.as_slice() {
            [a, b] => scope.difference(a, b, normalise),
            _ => Vec::new(),
        },
        // Small classes have wide intervals: nine in ten are drawn whole, the others as arrows.
        flips_title: String::new(),
        flip_range: ends.get(ends.len() * 9 / 10).or(ends.last()).copied().unwrap_or(1.0).max(0.1),
        flips: lines,
        difference_title: String::new(),
        selected: None,
        groupings: Vec::new(),
        scope: ClassScope::default(),
        within: None,
    }
}

/// What the other arm has in a chosen cell: `champion has 304 there, +125 [+82, +168], worse`.
fn beside(classes: &Classes, selection: &Selection) -> String {
    let (Some((truth, _)), Some((role, answer, _)), false) =
        (&selection.classes.truth, &selection.classes.answer, selection.inverted)
    else {
        return String::new();
    };
    let (other, cells) = match role {
        ArmRole::Champion => ("challenger", &classes.confusion.challenger),
        _ => ("champion", &classes.confusion.champion),
    };
    let Some(cells) = cells else { return String::new() };
    let rows = cells.iter().find(|cell| (cell.0, cell.1) == (*truth, *answer)).map_or(0, |cell| cell.2);
    let there = format!("{other} has {} there", format::count(rows));
    match shift_at(classes, *truth, *answer) {
        None if rows == 0 => there,
        None => format!("{there}, the same rows"),
        Some(shift) => {
            let verdict = match excludes_zero(shift) {
                false => "cannot be told",
                true if (shift.2 > 0) == (truth == answer) => "better",
                true => "worse",
            };
            format!("{there}, {}, {verdict}", shift_words(shift))
        }
    }
}

/// How the arms differ in a cell; `None` where both have the same rows.
fn shift_at(classes: &Classes, truth: u32, answer: u32) -> Option<&CellShift> {
    let found = classes.shifts.binary_search_by_key(&(truth, answer), |shift| (shift.0, shift.1));
    found.ok().map(|at| &classes.shifts[at])
}

/// `+125 [+82, +168]`.
fn shift_words(shift: &CellShift) -> String {
    let ends = shift.3.map(|ends| ends.map(|end| format::signed(end, 0)));
    let interval = ends.map_or_else(|| " (one unit, no interval)".to_owned(), |[lo, hi]| format!(" [{lo}, {hi}]"));
    format!("{}{interval}", format::signed_count(shift.2))
}

/// Whether the interval of a cell's difference lies on one side of 0.
fn excludes_zero(shift: &CellShift) -> bool {
    shift.3.is_some_and(|[lo, hi]| lo > 0.0 || hi < 0.0)
}
