//! Ranked lists: lines brought together by query and model, judgements by query. A row of the log is a query.

mod assemble;
mod columns;
mod judged;
mod queries;
mod said;

use std::cmp::Ordering;
use std::ops::Range;

use rayon::prelude::*;

use self::judged::Judged;
use self::queries::{NO_QUERY, Queries};
use super::issue::{IngestError, Issue};
use super::lines::{Answers, Lines, OTHER_MODEL};
use super::load::LineCount;
use super::mapping::{Duplicates, Mapping};
use crate::job::JobCx;
use crate::log::{JoinAudit, Label, ListOrder, NO_CODE, PairBasis, is_not_logged};

pub(super) use self::assemble::assemble;

/// What both models listed for each query, and what is relevant to it.
pub(super) struct Gathered {
    lines: Lines,
    /// Lines of each model's list in its order, a pair of lists per row; the second is empty where there is one model.
    rows: Vec<[Vec<u32>; 2]>,
    /// Rows in which a line of an arm has no place.
    unplaced: [Vec<bool>; 2],
    order: ListOrder,
    judged: Judged,
    /// Latencies of lists that have no partner.
    alone: [Vec<f64>; 2],
    pub audit: JoinAudit,
    pub count: LineCount,
    pub issues: Vec<Issue>,
}

/// The lines of one query.
#[derive(Default)]
struct Dealt {
    lists: [Vec<u32>; 2],
    /// A line of the list has no place.
    unplaced: [bool; 2],
    /// An item stands at two places of a list.
    conflict: bool,
    merged: u64,
    superseded: u64,
    without_item: u64,
    other: u64,
    /// Lines that are left.
    kept: u64,
}

/// Bring prediction lines and judgements together.
///
/// # Errors
/// No column tells query, item or place; a grade is no whole number; the job was cancelled.
pub(super) fn gather(
    mut lines: Lines,
    labels: Option<Lines>,
    mapping: &Mapping,
    cx: &JobCx,
) -> Result<Gathered, IngestError> {
    cx.stage("Reading lists", 0);
    let missing = |what: &str, flag: &str| IngestError::Question {
        question: format!("No column tells {what} of a line of a ranked list."),
        flag: flag.to_owned(),
    };
    let ids = lines.ids.as_ref().ok_or_else(|| missing("the query", "--map id=COLUMN"))?;
    if lines.items.is_none() {
        return Err(missing("the item", "--map item=COLUMN"));
    }
    let queries = Queries::of(ids, labels.as_ref().and_then(|file| file.ids.as_ref()));
    cx.check()?;
    let order = if lines.answers[0].ranks.is_some() { ListOrder::Rank } else { ListOrder::Score };
    let wide = lines.answers.len() == 2;
    let (sorted, ranges) = queries.sorted();
    cx.check()?;
    let dealer = Dealer { lines: &lines, wide, duplicates: mapping.duplicates };
    let deal = |range: &Range<usize>| {
        cx.check()?;
        Ok(dealer.deal(&sorted[range.clone()]))
    };
    let dealt: Vec<Dealt> = ranges.par_iter().map(deal).collect::<Result<_, IngestError>>()?;
    cx.check()?;

    let one_model = mapping.challenger.is_none();
    let basis = match (wide, one_model) {
        (true, _) => PairBasis::SameRow,
        (_, true) => PairBasis::OneModel,
        _ => PairBasis::Id { column: lines.id_column.clone() },
    };
    let without_query = queries.of_lines.iter().zip(&lines.arms).filter(|(query, _)| **query == NO_QUERY);
    let mut count = LineCount { total: lines.total as u64, ..LineCount::default() };
    without_query.for_each(|(_, arm)| match *arm {
        OTHER_MODEL => count.other_model += 1,
        _ => count.without_id += 1,
    });
    let mut audit = JoinAudit {
        basis,
        ids: 0,
        paired: 0,
        champion_only: 0,
        challenger_only: 0,
        duplicate_same: 0,
        duplicate_different: 0,
        conflicts_kept: mapping.duplicates != Duplicates::Refuse,
        without_id: 0,
        labels: Label::default(),
    };
    let mut rows = Vec::new();
    let mut unplaced = [Vec::new(), Vec::new()];
    let mut alone = [Vec::new(), Vec::new()];
    // Row of each query, and whether a model answered it at all.
    let mut row_of = vec![NO_QUERY; queries.count];
    let mut answered = vec![false; queries.count];
    for (query, dealt) in dealt.into_iter().enumerate() {
        count.merged += dealt.merged;
        count.superseded += dealt.superseded;
        count.without_id += dealt.without_item;
        count.other_model += dealt.other;
        let has = dealt.lists.each_ref().map(|list| !list.is_empty());
        if has == [false, false] {
            // No item of it has a place in a list of either model.
            count.without_id += dealt.kept;
            continue;
        }
        answered[query] = true;
        audit.ids += 1;
        audit.duplicate_different += u64::from(dealt.conflict);
        if dealt.conflict && mapping.duplicates == Duplicates::Refuse {
            count.refused += dealt.kept;
            continue;
        }
        if !has[0] || !(has[1] || one_model) {
            count.one_sided += dealt.kept;
            let arm = usize::from(has[1]);
            let only = if arm == 0 { &mut audit.champion_only } else { &mut audit.challenger_only };
            *only += 1;
            alone[arm]
                .extend(assemble::latency(&lines, arm, &dealt.lists[arm]).filter(|millis| !is_not_logged(*millis)));
            continue;
        }
        count.used += dealt.kept;
        row_of[query] = rows.len() as u32;
        rows.push(dealt.lists);
        unplaced.iter_mut().zip(dealt.unplaced).for_each(|(all, of_row)| all.push(of_row));
    }
    audit.paired = rows.len() as u64;
    audit.duplicate_same = count.merged;
    audit.without_id = count.without_id;
    audit.conflicts_kept &= audit.duplicate_different > 0;
    cx.stage("Joining labels", 0);
    let place = judged::Place { queries: &queries, row_of: &row_of, answered: &answered };
    let firsts: Vec<u32> = rows.iter().map(|[champion, _]| champion[0]).collect();
    let judged = judged::judge(&mut lines, labels, &place, &firsts, mapping)?;
    audit.labels = judged.label.clone();
    let mut issues = std::mem::take(&mut lines.issues);
    issues.extend(said::issues(&audit, &count));
    Ok(Gathered { lines, rows, unplaced, order, judged, alone, audit, count, issues })
}

struct Dealer<'a> {
    lines: &'a Lines,
    wide: bool,
    duplicates: Duplicates,
}

impl Dealer<'_> {
    /// Lists of both models from the lines of one query, in the order of the files.
    fn deal(&self, of_query: &[u32]) -> Dealt {
        let mut found = Dealt::default();
        let mut groups = [Vec::new(), Vec::new()];
        for &line in of_query {
            match self.lines.arms[line as usize] {
                OTHER_MODEL => found.other += 1,
                _ if self.item(line) == NO_CODE => found.without_item += 1,
                arm => groups[usize::from(arm)].push(line),
            }
        }
        groups.iter_mut().for_each(|group| self.once(group, &mut found));
        found.kept = groups.iter().map(|group| group.len() as u64).sum();
        if self.wide {
            // A line holds both models' answers; an item without one of a model is not on its list.
            let [all, _] = groups;
            groups = [0, 1].map(|arm| {
                let place = |line: u32| key(&self.lines.answers[arm], line);
                all.iter().copied().filter(|&line| !is_not_logged(place(line))).collect()
            });
        }
        for (arm, group) in groups.iter_mut().enumerate() {
            let answers = &self.lines.answers[if self.wide { arm } else { 0 }];
            found.unplaced[arm] = group.iter().any(|&line| key(answers, line).is_nan());
            group.sort_unstable_by(|&a, &b| self.before(answers, a, b));
        }
        Dealt { lists: groups, ..found }
    }

    fn item(&self, line: u32) -> u32 {
        self.lines.items.as_ref().map_or(NO_CODE, |items| items[line as usize])
    }

    /// Leave each item once.
    fn once(&self, group: &mut Vec<u32>, found: &mut Dealt) {
        group.sort_unstable_by_key(|&line| (self.item(line), line));
        let mut kept = Vec::with_capacity(group.len());
        for run in group.chunk_by(|&a, &b| self.item(a) == self.item(b)) {
            let surplus = run.len() as u64 - 1;
            let same =
                |&line: &u32| self.lines.answers.iter().all(|answers| answers.same(run[0] as usize, line as usize));
            if run.iter().all(same) {
                found.merged += surplus;
                kept.push(run[0]);
                continue;
            }
            found.conflict = true;
            match self.duplicates {
                Duplicates::Refuse => kept.extend_from_slice(run),
                Duplicates::First => kept.push(run[0]),
                Duplicates::Last => kept.push(run[run.len() - 1]),
            }
            if self.duplicates != Duplicates::Refuse {
                found.superseded += surplus;
            }
        }
        *group = kept;
    }

    /// By rank where there is one, then by falling score, then by falling name, as trec_eval orders equal scores.
    fn before(&self, answers: &Answers, a: u32, b: u32) -> Ordering {
        let by = |values: &Option<Vec<f64>>, a: u32, b: u32| {
            // Adding 0 turns -0.0 into 0.0, which the total order would keep apart.
            let at = |line: u32| values.as_ref().map_or(0.0, |values| values[line as usize] + 0.0);
            at(a).total_cmp(&at(b))
        };
        let name = |line: u32| self.lines.dictionary.names.get(self.item(line) as usize);
        by(&answers.ranks, a, b).then_with(|| by(&answers.scores, b, a)).then_with(|| name(b).cmp(&name(a)))
    }
}

/// What gives a line its place: the rank where there is one, else the score.
fn key(answers: &Answers, line: u32) -> f64 {
    let values = answers.ranks.as_ref().or(answers.scores.as_ref());
    values.map_or(f64::NAN, |values| values[line as usize])
}
