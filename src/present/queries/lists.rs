//! One query: both lists side by side, with what is relevant marked.

use crate::log::{ArmRole, Content, FeatureValues, Lists, Log};
use crate::present::format;

/// Relevant items that no list holds, named at most.
const MISSED: usize = 8;

/// A query in full.
#[derive(Clone, Debug, PartialEq)]
pub struct QueryDetail {
    pub id: String,
    /// Name and value of each column of the query.
    pub facts: Vec<(String, String)>,
    /// Champion first.
    pub arms: Vec<ArmRole>,
    /// Place by place: what each model has there.
    pub lines: Vec<Vec<Option<ListLine>>>,
    /// `3 of 5 relevant items listed` of each arm.
    pub found: Vec<String>,
    /// Relevant items that no model lists.
    pub missed: String,
}

/// An item at its place.
#[derive(Clone, Debug, PartialEq)]
pub struct ListLine {
    pub item: String,
    /// Its first column of words.
    pub about: String,
    /// `None`: not judged.
    pub grade: Option<i32>,
    pub score: Option<String>,
    /// Place in the other model's list, from 1; `None` where it is not there.
    pub other: Option<usize>,
}

/// Both lists of a row.
pub fn detail(log: &Log, row: usize) -> Option<QueryDetail> {
    let Content::Lists(lists) = &log.content else { return None };
    if row >= log.rows {
        return None;
    }
    let of = |arm: usize| lists.arms[arm].list(row);
    let arms = lists.arms.len();
    let longest = (0..arms).map(|arm| of(arm).len()).max().unwrap_or(0);
    let line = |arm: usize, place: usize| {
        let item = *of(arm).get(place)?;
        let other = (arms == 2).then(|| of(1 - arm).iter().position(|listed| *listed == item)).flatten();
        let score = lists.arms[arm].scores(row).map(|scores| scores[place]).filter(|score| !score.is_nan());
        Some(ListLine {
            item: lists.name(item).unwrap_or_default().to_owned(),
            about: about(lists, item),
            grade: lists.judged.grade(row, item).filter(|grade| *grade >= 0),
            score: score.map(|score| format::plain(format::round_significant(score, 4))),
            other: other.map(|place| place + 1),
        })
    };
    let (items, grades) = lists.judged.of(row);
    let relevant: Vec<u32> =
        items.iter().zip(grades).filter(|(_, grade)| **grade >= 1).map(|(item, _)| *item).collect();
    let listed = |arm: usize| relevant.iter().filter(|item| of(arm).contains(item)).count();
    let missed: Vec<u32> =
        relevant.iter().copied().filter(|item| (0..arms).all(|arm| !of(arm).contains(item))).collect();
    let mut names: Vec<String> = missed.iter().take(MISSED).map(|&item| named(lists, item)).collect();
    if missed.len() > MISSED {
        names.push(format!("{} more", format::count((missed.len() - MISSED) as u64)));
    }
    Some(QueryDetail {
        id: log.ids.get(row),
        facts: log.features.iter().filter_map(|feature| Some((feature.name.clone(), feature.text(row)?))).collect(),
        arms: log.arms.iter().take(arms).map(|arm| arm.role).collect(),
        lines: (0..longest).map(|place| (0..arms).map(|arm| line(arm, place)).collect()).collect(),
        found: (0..arms).map(|arm| format!("{} of {} relevant", listed(arm), relevant.len())).collect(),
        missed: names.join(", "),
    })
}

/// An item with what is known of it.
fn named(lists: &Lists, item: u32) -> String {
    let (name, about) = (lists.name(item).unwrap_or_default(), about(lists, item));
    if about.is_empty() { name.to_owned() } else { about }
}

/// First column of words that tells of the item.
fn about(lists: &Lists, item: u32) -> String {
    let words = lists.about.iter().filter(|feature| matches!(feature.values, FeatureValues::Coded(_)));
    words.filter_map(|feature| feature.text(item as usize)).next().unwrap_or_default()
}
