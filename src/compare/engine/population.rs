//! Which rows are analysed, and where all others went.

use super::Engine;
use super::span::Span;
use crate::compare::result::Population;
use crate::compare::slice::SliceSpec;
use crate::log::{Arm, FlowStep, Log, RowMask, Task, is_not_logged};

/// The analysed rows with the flow from all ids to them.
pub(super) struct Analysed {
    pub mask: RowMask,
    pub flow: Vec<FlowStep>,
}

/// Why a row is not analysed, in the order in which reasons are looked for.
const REASONS: [&str; 6] = [
    "champion gave NaN",
    "champion not logged",
    "challenger gave NaN",
    "challenger not logged",
    "champion gave an infinite score",
    "challenger gave an infinite score",
];

/// The same where an answer is an image, which has no score.
const OF_IMAGES: [&str; 6] = [
    "champion gave NaN",
    "champion has no usable image",
    "challenger gave NaN",
    "challenger has no usable image",
    "champion gave an infinite score",
    "challenger gave an infinite score",
];

impl Engine {
    pub(super) fn population(&self) -> Population {
        let span =
            self.log.times.as_ref().and_then(|times| Span::of(self.analysed.iter().map(|row| times[row]).collect()));
        let rows = self.labels().len() as u64;
        Population {
            flow: self.flow.clone(),
            analysed: rows,
            positives: (self.log.task == Task::Binary).then_some(self.positives),
            units: self.log.units.as_ref().map(|_| self.units.as_ref().map_or(rows, |units| units.count as u64)),
            class_negative: self.log.classes.negative.clone(),
            class_positive: self.log.classes.positive.clone(),
            first_time: span.map(|span| span.first),
            last_time: span.map(|span| span.last),
        }
    }
}

/// Rows of `log` with a label and a usable answer of each arm, within `slice` where one is given.
pub(super) fn analysed(log: &Log, slice: Option<(&SliceSpec, &RowMask)>) -> Analysed {
    let of_arms = |row: usize| log.arms.iter().enumerate().find_map(|(arm, column)| lack(column, arm, row));
    let with_label = RowMask::from_fn(log.rows, |row| log.labels[row] <= 1);
    let usable = RowMask::from_fn(log.rows, |row| with_label.contains(row) && of_arms(row).is_none());
    let labelled = with_label.count() as u64;
    let mut lost = [0u64; REASONS.len()];
    if labelled > usable.count() as u64 {
        with_label.iter().filter_map(of_arms).for_each(|reason| lost[reason] += 1);
    }
    let mask = slice.map_or_else(|| usable.clone(), |(_, slice)| usable.and(slice));
    let outside = (usable.count() - mask.count()) as u64;
    let mut flow = joined(log);
    flow.push(FlowStep { name: "Labelled".to_owned(), rows: labelled, lost: unlabelled(log, labelled) });
    let reasons = if log.task == Task::Image { &OF_IMAGES } else { &REASONS };
    let counted = reasons.iter().zip(lost).filter(|(_, count)| *count > 0);
    let usable = labelled - lost.iter().sum::<u64>();
    let lost = counted.map(|(reason, count)| ((*reason).to_owned(), count)).collect();
    flow.push(FlowStep { name: "Analysed".to_owned(), rows: usable, lost });
    if let Some((spec, _)) = slice {
        let lost = if outside > 0 { vec![("other rows".to_owned(), outside)] } else { Vec::new() };
        flow.push(FlowStep { name: spec.to_string(), rows: usable - outside, lost });
    }
    Analysed { mask, flow }
}

/// Rows with a usable answer of each arm, labelled or not, within `slice` where one is given.
pub(super) fn answered(log: &Log, slice: Option<&RowMask>) -> RowMask {
    RowMask::from_fn(log.rows, |row| {
        slice.is_none_or(|slice| slice.contains(row))
            && log.arms.iter().enumerate().all(|(arm, column)| lack(column, arm, row).is_none())
    })
}

/// Index into [`REASONS`], or `None` where the arm's answer is usable.
pub(super) fn lack(arm: &Arm, index: usize, row: usize) -> Option<usize> {
    if let Some(scores) = &arm.scores {
        let score = scores[row];
        return if score.is_finite() {
            None
        } else if is_not_logged(score) {
            Some(2 * index + 1)
        } else if score.is_nan() {
            Some(2 * index)
        } else {
            Some(4 + index)
        };
    }
    let decided = arm.predictions.as_ref().is_none_or(|decisions| decisions[row] <= 1);
    (!decided).then_some(2 * index + 1)
}

/// From all ids to the rows of the log.
fn joined(log: &Log) -> Vec<FlowStep> {
    let audit = &log.audit;
    let rows = log.rows as u64;
    let refused = if audit.conflicts_kept { 0 } else { audit.duplicate_different };
    let seen = audit.ids + audit.without_id;
    let alone = [
        ("champion only", audit.champion_only),
        ("challenger only", audit.challenger_only),
        ("no id", audit.without_id),
    ];
    let gone: u64 = alone.iter().map(|(_, count)| count).sum();
    let step = |name: &str, rows: u64, lost: Vec<(String, u64)>| FlowStep { name: name.to_owned(), rows, lost };
    if seen != rows + gone + refused {
        // Rows that were not joined by id: each is there from the start.
        return vec![step("All rows", rows, Vec::new())];
    }
    if log.arms.len() < 2 {
        let lost = listed(&[("no id", audit.without_id), ("conflicting ids", refused)]);
        return vec![step("All ids seen", seen, Vec::new()), step("No conflict", rows, lost)];
    }
    vec![
        step("All ids seen", seen, Vec::new()),
        step("Paired", seen - gone, listed(&alone)),
        step("No conflict", rows, listed(&[("conflicting ids", refused)])),
    ]
}

/// Causes of a missing label; what the audit counts beyond the rows at hand is left to `label pending`.
fn unlabelled(log: &Log, labelled: u64) -> Vec<(String, u64)> {
    let missing = log.rows as u64 - labelled;
    let audit = &log.audit.labels;
    if log.task == Task::Image {
        let pending = audit.immature.min(missing);
        return listed(&[("no usable reference", missing - pending), ("reference not final yet", pending)]);
    }
    if log.task == Task::Ranking {
        let irrelevant = audit.irrelevant.min(missing);
        let immature = audit.immature.min(missing - irrelevant);
        let not_judged = missing - irrelevant - immature;
        return listed(&[
            ("not judged", not_judged),
            ("no relevant item", irrelevant),
            ("label not final yet", immature),
        ]);
    }
    let conflicting = audit.conflicting.min(missing);
    let immature = audit.immature.min(missing - conflicting);
    let missing = missing - immature;
    let other: u64 = audit.other_values.iter().map(|(_, count)| count).sum();
    let other = other.min(missing - conflicting);
    listed(&[
        ("label pending", missing - conflicting - other),
        ("label not final yet", immature),
        ("conflicting labels", conflicting),
        ("other values", other),
    ])
}

/// Reasons that took rows.
fn listed(reasons: &[(&str, u64)]) -> Vec<(String, u64)> {
    reasons.iter().filter(|(_, count)| *count > 0).map(|(reason, count)| ((*reason).to_owned(), *count)).collect()
}
