//! Lists to a [`Log`].

use rayon::prelude::*;

use super::Gathered;
use super::columns;
use super::said;
use crate::ingest::features::{gather, gather_codes, gather_feature};
use crate::ingest::issue::Issue;
use crate::ingest::keys::LineIds;
use crate::ingest::lines::Lines;
use crate::ingest::mapping::Mapping;
use crate::ingest::table::ColumnData;
use crate::ingest::typing;
use crate::job::{Cancelled, JobCx};
use crate::log::{
    Arm, ArmRole, Classes, Content, Feature, FeatureValues, Ids, Lists, Log, NO_LABEL, NOT_LOGGED, Ranked, ScoreKind,
    Served, Source, Task, is_not_logged,
};

/// Latency of a list: what its first line with one says.
pub(super) fn latency(lines: &Lines, arm: usize, list: &[u32]) -> Option<f64> {
    let answers = &lines.answers[arm.min(lines.answers.len() - 1)];
    let millis = answers.latency_ms.as_ref()?;
    Some(first(millis, list, NOT_LOGGED, |millis| !is_not_logged(*millis)))
}

/// What the first line of a list says of the whole list.
fn first<T: Copy>(values: &[T], list: &[u32], none: T, said: impl Fn(&T) -> bool) -> T {
    list.iter().map(|&line| values[line as usize]).find(said).unwrap_or(none)
}

/// The log, and what there is to say of its columns.
pub(in crate::ingest) fn assemble(
    gathered: Gathered,
    mapping: &Mapping,
    sources: Vec<Source>,
    cx: &JobCx,
) -> Result<(Log, Vec<Issue>), Cancelled> {
    cx.stage("Gathering columns", 0);
    let Gathered { mut lines, rows, unplaced, order, judged, alone, audit, .. } = gathered;
    let wide = lines.answers.len() == 2;
    let items = lines.items.take().unwrap_or_default();
    let names = [Some(mapping.champion.clone()), mapping.challenger.clone()];
    let roles = [ArmRole::Champion, ArmRole::Challenger];
    let mut arms = Vec::with_capacity(2);
    let mut ranked = Vec::with_capacity(2);
    for (((arm, name), unplaced), alone) in names.into_iter().flatten().enumerate().zip(unplaced).zip(alone) {
        cx.check()?;
        let answers = &lines.answers[if wide { arm } else { 0 }];
        let timed = answers.latency_ms.is_some();
        let millis = || rows.iter().flat_map(|lists| latency(&lines, arm, &lists[arm])).collect();
        arms.push(Arm {
            name,
            role: roles[arm],
            logged: lines.arms.par_iter().filter(|of| **of == if wide { 0 } else { arm as u8 }).count() as u64,
            scores: None,
            score_kind: ScoreKind::Decision,
            predictions: Some(unplaced.iter().map(|unplaced| if *unplaced { NO_LABEL } else { 0 }).collect()),
            latency_ms: timed.then(millis),
            unpaired_latency_ms: alone,
            served: Served {
                cost: answers.served.cost.as_ref().map(|cost| {
                    rows.iter()
                        .map(|lists| first(cost, &lists[arm], NOT_LOGGED, |cost| !is_not_logged(*cost)))
                        .collect()
                }),
                failed: answers.served.failed.as_ref().map(|failed| {
                    rows.iter().map(|lists| first(failed, &lists[arm], NO_LABEL, |one| *one != NO_LABEL)).collect()
                }),
            },
        });
        let mut lists = Ranked { scores: answers.scores.as_ref().map(|_| Vec::new()), ..Ranked::default() };
        for of_row in &rows {
            lists.items.extend(of_row[arm].iter().map(|&line| items[line as usize]));
            if let (Some(of_lists), Some(scores)) = (&mut lists.scores, &answers.scores) {
                of_lists.extend(of_row[arm].iter().map(|&line| scores[line as usize]));
            }
            lists.ends.push(lists.items.len() as u32);
        }
        ranked.push(lists);
    }
    let firsts: Vec<u32> = rows.iter().map(|[champion, _]| champion[0]).collect();
    let times = lines.times.take().map(|times| gather(times, &firsts));
    let ids = match lines.ids.take() {
        None => Ids::Position(firsts.len()),
        Some(LineIds::Integer { values, .. }) => Ids::Integer(gather(values, &firsts)),
        Some(LineIds::Text(text)) => crate::ingest::assemble::gather_text(&text, &firsts),
    };
    let units = lines.unit.take().map(|(name, values)| {
        let codes = match values {
            FeatureValues::Coded(codes) => gather_codes(codes, &firsts),
            FeatureValues::Numeric(values) => typing::codes(&ColumnData::Float(gather(values, &firsts))),
        };
        (name, codes)
    });
    let names = std::mem::take(&mut lines.dictionary.names);
    let (mut features, mut about, mut varying) = (Vec::new(), Vec::new(), Vec::new());
    for (name, values) in lines.features {
        cx.check()?;
        if columns::is_of_query(&values, &rows) {
            features.push(Feature { name, values: gather_feature(values, &firsts) });
        } else if let Some(values) = columns::of_items(&values, &rows, &items, names.len()) {
            about.push(Feature { name, values });
        } else {
            varying.push(name);
        }
    }
    let log = Log {
        kind: mapping.kind,
        task: Task::Ranking,
        rows: rows.len(),
        ids,
        arms,
        labels: judged.labels,
        classes: Classes { negative: String::new(), positive: String::new() },
        content: Content::Lists(Lists { items: names, order, arms: ranked, judged: judged.judgements, about }),
        times,
        units,
        features,
        split: None,
        audit,
        sources,
    };
    Ok((log, said::varying(&varying).into_iter().collect()))
}
