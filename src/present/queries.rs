//! Ranked lists: who ranks better, over the cut, query by query; one query with both lists side by side.

mod lists;

pub use lists::{ListLine, QueryDetail, detail};

use super::overview::{self, Scorecard};
use super::{Sentence, Sheet, format};
use crate::compare::{Detail, Queries, QueryCut, Selection};
use crate::decision::catalog;
use crate::log::{Content, FeatureValues, Lists, Log, RowMask};
use crate::metrics::ranking::{EQUAL, METRICS, Measure, list_of};

use rayon::prelude::*;

/// Points of the drawn differences at most.
const POINTS: usize = 600;

/// What the Queries view shows.
#[derive(Clone, Debug, PartialEq)]
pub struct QueriesModel {
    /// Why there is nothing to draw; everything but the scorecard is then empty.
    pub empty: Option<String>,
    pub finding: Sentence,
    pub scorecard: Scorecard,
    /// Metric of [`Self::values`], as it is named and as it is shown.
    pub metric: String,
    pub title: String,
    /// Metrics that can be chosen.
    pub metrics: Vec<(&'static str, &'static str)>,
    /// Rows of the log: where the challenger loses most first; of one model the smallest value first.
    pub rows: Vec<u32>,
    /// Value of each arm at each of these.
    pub values: Vec<Vec<f64>>,
    /// Queries on which the challenger is worse, equal, better; `None` for one model.
    pub counts: Option<[u64; 3]>,
    /// Share of the queries from the left, and what is drawn there: the difference, or the value of one model.
    pub drawn: Vec<(f64, f64)>,
    pub wins: Vec<WinLine>,
    pub cuts: Vec<CutLines>,
    /// Column that says in words what was asked; index into the features of the log.
    pub words: Option<usize>,
}

/// Wins and losses of one metric.
#[derive(Clone, Debug, PartialEq)]
pub struct WinLine {
    pub metric: String,
    pub title: String,
    /// Champion better, the same, challenger better.
    pub counts: [String; 3],
    /// Lengths of the bars of both sides.
    pub shares: [f64; 2],
}

/// A metric over the cut; places are the positions of the cuts, which are not at equal distances.
#[derive(Clone, Debug, PartialEq)]
pub struct CutLines {
    pub title: &'static str,
    pub ticks: Vec<(f64, String)>,
    /// (place, value) per arm.
    pub arms: Vec<Vec<(f64, f64)>>,
    /// Place, challenger minus champion, lower and upper end.
    pub differences: Vec<[f64; 4]>,
    pub difference_title: String,
}

/// A query as the list shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct QueryLine {
    pub id: String,
    pub words: String,
    /// Relevant items, listed or not.
    pub relevant: String,
    pub arms: Vec<String>,
    /// Challenger minus champion; of one model empty.
    pub difference: String,
    /// The row alone.
    pub selection: Selection,
}

const NO_QUERIES: &str = "No query that both models answered has a relevant item, so there is nothing to rank. Name the \
                          file of judgements under Change mapping.";

/// The model; `analysed` are the rows in view, `metric` what queries are looked at by.
pub fn queries(sheet: &Sheet<'_>, analysed: &RowMask, metric: &str) -> QueriesModel {
    let scorecard = overview::scorecard(sheet);
    let known = METRICS.iter().find(|known| known.name == metric).unwrap_or(&METRICS[0]);
    let (found, lists) = match (&sheet.comparison.detail, &sheet.log.content) {
        (Detail::Ranking(found), Content::Lists(lists)) if !found.cuts.is_empty() => (found.clone(), Some(lists)),
        _ => (Queries::default(), None),
    };
    let arms = sheet.log.arms.len().min(2);
    let (rows, values) = match (lists, Measure::parse(known.name)) {
        (Some(lists), Some(measure)) => sorted(lists, arms, analysed, measure),
        _ => (Vec::new(), vec![Vec::new(); arms]),
    };
    let of_metric = found.wins.iter().find(|of| of.metric == known.name);
    // Worse, equal, better.
    let counts = of_metric.map(|of| [of.worse, of.equal, of.better]);
    let intervals = super::interval_words(&sheet.comparison.plan, sheet.comparison.plan.level);
    QueriesModel {
        empty: lists.is_none().then(|| NO_QUERIES.to_owned()),
        finding: finding(sheet, known.name, known.title, counts),
        scorecard,
        metric: known.name.to_owned(),
        title: known.title.to_owned(),
        metrics: METRICS.iter().map(|metric| (metric.name, metric.title)).collect(),
        drawn: drawn(&values),
        counts,
        wins: wins(&found),
        cuts: cuts(&found, &intervals),
        words: words(sheet.log, rows.len()),
        rows,
        values,
    }
}

/// Rows and values in the order they are shown.
fn sorted(lists: &Lists, arms: usize, analysed: &RowMask, measure: Measure) -> (Vec<u32>, Vec<Vec<f64>>) {
    let rows: Vec<u32> = analysed.iter().map(|row| row as u32).collect();
    let value = |arm: usize, row: u32| list_of(lists, arm, row as usize).value(measure).unwrap_or(f64::NAN);
    let values: Vec<Vec<f64>> = (0..arms).map(|arm| rows.par_iter().map(|&row| value(arm, row)).collect()).collect();
    let key = |place: usize| match values.as_slice() {
        [a, b] => b[place] - a[place],
        _ => values[0][place],
    };
    let mut order: Vec<u32> = (0..rows.len() as u32).collect();
    order.par_sort_unstable_by(|&a, &b| key(a as usize).total_cmp(&key(b as usize)).then(a.cmp(&b)));
    let in_order = |values: &Vec<f64>| order.iter().map(|&place| values[place as usize]).collect();
    (order.iter().map(|&place| rows[place as usize]).collect(), values.iter().map(in_order).collect())
}

fn differences(values: &[Vec<f64>]) -> impl Iterator<Item = f64> {
    let challenger = values.get(1).map_or(&[][..], Vec::as_slice);
    challenger.iter().zip(&values[0]).map(|(b, a)| b - a)
}

/// What is drawn over the sorted queries, thinned to what can be seen: the ends of each stretch.
fn drawn(values: &[Vec<f64>]) -> Vec<(f64, f64)> {
    let of: Vec<f64> = if values.len() == 2 { differences(values).collect() } else { values[0].clone() };
    let n = of.len();
    let step = n.div_ceil(POINTS).max(1);
    let mut points = Vec::with_capacity(2 * n.div_ceil(step));
    for start in (0..n).step_by(step) {
        let end = (start + step).min(n);
        // Sorted: the mean of a stretch stands for it, and a query is a step.
        let value = of[start..end].iter().sum::<f64>() / (end - start) as f64;
        points.push((start as f64 / n as f64, value));
        points.push((end as f64 / n as f64, value));
    }
    points
}

fn wins(found: &Queries) -> Vec<WinLine> {
    let most = found.wins.iter().map(|of| of.better.max(of.worse)).max().unwrap_or(0).max(1) as f64;
    let line = |of: &crate::compare::QueryWins| WinLine {
        metric: of.metric.clone(),
        title: catalog::title(&of.metric).to_owned(),
        counts: [of.worse, of.equal, of.better].map(format::count),
        shares: [of.worse as f64 / most, of.better as f64 / most],
    };
    found.wins.iter().map(line).collect()
}

fn cuts(found: &Queries, intervals: &str) -> Vec<CutLines> {
    const TITLES: [(&str, &str); 5] =
        [("ndcg", "NDCG"), ("recall", "Recall"), ("precision", "Precision"), ("hit_rate", "Hit rate"), ("map", "MAP")];
    let of = |(stem, title): (&str, &'static str)| {
        let cuts: Vec<&QueryCut> = found.cuts.iter().filter(|cut| cut.metric == stem).collect();
        let arm = |value: fn(&QueryCut) -> Option<f64>| -> Vec<(f64, f64)> {
            cuts.iter().enumerate().filter_map(|(place, cut)| Some((place as f64, value(cut)?))).collect()
        };
        let arms = [arm(|cut| cut.arms.champion), arm(|cut| cut.arms.challenger)];
        CutLines {
            title,
            ticks: cuts
                .iter()
                .enumerate()
                .map(|(place, cut)| (place as f64, format::count(u64::from(cut.k))))
                .collect(),
            arms: arms.into_iter().filter(|points| !points.is_empty()).collect(),
            differences: cuts
                .iter()
                .enumerate()
                .filter_map(|(place, cut)| cut.difference.map(|[value, lo, hi]| [place as f64, value, lo, hi]))
                .collect(),
            difference_title: format!("challenger − champion, {intervals}, pointwise"),
        }
    };
    if found.cuts.is_empty() { Vec::new() } else { TITLES.into_iter().map(of).collect() }
}

/// Who ranks better, on how many queries.
fn finding(sheet: &Sheet<'_>, name: &str, title: &str, counts: Option<[u64; 3]>) -> Sentence {
    let said = ["The data do not tell who ranks better", "The challenger ranks better", "The challenger ranks worse"];
    let counts = counts.map(|[worse, equal, better]| [better, equal, worse]);
    let metric = sheet.comparison.metric(name);
    metric.map(|metric| super::won(metric, title, said, counts, "queries")).unwrap_or_default()
}

/// The column of words with most values: what was asked, where each query has its own.
fn words(log: &Log, rows: usize) -> Option<usize> {
    let distinct = |values: &FeatureValues| match values {
        FeatureValues::Coded(codes) => codes.names.len(),
        FeatureValues::Numeric(_) => 0,
    };
    let found = log.features.iter().enumerate().map(|(index, feature)| (distinct(&feature.values), index));
    found
        .filter(|(distinct, _)| *distinct * 2 > rows)
        .max_by_key(|(distinct, index)| (*distinct, usize::MAX - index))
        .map(|(_, index)| index)
}

impl QueriesModel {
    /// The `place`-th query of the list.
    pub fn line(&self, log: &Log, place: usize) -> Option<QueryLine> {
        let row = *self.rows.get(place)? as usize;
        let Content::Lists(lists) = &log.content else { return None };
        let at = |arm: &Vec<f64>| arm[place];
        let relevant = lists.judged.of(row).1.iter().filter(|grade| **grade >= 1).count();
        Some(QueryLine {
            id: log.ids.get(row),
            words: self.words.and_then(|index| log.features.get(index)?.text(row)).unwrap_or_default(),
            relevant: format::count(relevant as u64),
            arms: self.values.iter().map(|arm| format::fixed(at(arm), 3)).collect(),
            difference: match self.values.as_slice() {
                [a, b] if (at(b) - at(a)).abs() <= EQUAL => "0".to_owned(),
                [a, b] => format::signed(at(b) - at(a), 3),
                _ => String::new(),
            },
            selection: Selection { row: Some(row as u32), ..Selection::default() },
        })
    }
}

#[cfg(test)]
#[path = "queries/tests.rs"]
mod tests;
