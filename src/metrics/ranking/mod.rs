//! Metrics of ranked lists.
//!
//! A query has the documents that were retrieved, with scores, and those that were judged, with grades; a document of
//! grade 1 or more is relevant, one without a judgment is not. Lists are ordered by score alone, never by the order of a
//! file. Conventions are those of trec_eval 9: the ideal list is of all judged documents, precision divides by `k`
//! however short the list is, average precision by all relevant documents. A query of which no document is relevant has
//! no value and is left out of the mean; one for which nothing was retrieved counts 0.

pub mod catalogue;
mod list;

#[cfg(test)]
mod tests;

use rayon::prelude::*;

pub use self::list::{Judged, List, Retrieved, Ties};
use super::measured::{Measured, NO_ROW, Outcome};
use super::registry::{Better, Metric, Unit, metric};
use crate::log::Lists;

const SCORE: (Unit, Better) = (Unit::Number, Better::Higher);
const SHARE: (Unit, Better) = (Unit::Share, Better::Higher);
const TREC: &str = "trec_eval 9";

/// In the order they are shown. [`Measure::parse`] reads the same names with other cuts.
pub const METRICS: [Metric; 12] = [
    metric(
        "ndcg_at_10",
        "NDCG at 10",
        SCORE,
        "sum of grade / log2(rank + 1) over the first 10, divided by that of the ideal list",
        "Jarvelin and Kekalainen 2002, as in trec_eval",
        "How near the first ten are to the best possible order, by grade.",
    ),
    metric(
        "ndcg_exp_at_10",
        "NDCG at 10, exponential",
        SCORE,
        "the same with the gain 2^grade - 1",
        "Burges et al. 2005",
        "As NDCG, but high grades count much more.",
    ),
    metric(
        "ndcg",
        "NDCG",
        SCORE,
        "as NDCG at 10, over the whole list",
        "Jarvelin and Kekalainen 2002, as in trec_eval",
        "How near the whole list is to the best possible order, by grade.",
    ),
    metric(
        "mrr",
        "MRR",
        SCORE,
        "mean of 1 / rank of the first relevant document, 0 without one",
        TREC,
        "How early the first relevant document comes.",
    ),
    metric(
        "map",
        "MAP",
        SCORE,
        "mean of the sum of precision at each relevant document / relevant documents",
        TREC,
        "Mean precision over the places of the relevant documents.",
    ),
    metric(
        "map_at_10",
        "MAP at 10",
        SCORE,
        "the same over the first 10, divided by all relevant documents",
        TREC,
        "Mean precision over the relevant documents among the first ten.",
    ),
    metric(
        "hit_rate_at_1",
        "Hit rate at 1",
        SHARE,
        "share of queries whose first document is relevant",
        TREC,
        "How often the first document is relevant.",
    ),
    metric(
        "hit_rate_at_10",
        "Hit rate at 10",
        SHARE,
        "share of queries with a relevant document among the first 10",
        TREC,
        "How often there is a relevant document among the first ten.",
    ),
    metric(
        "precision_at_10",
        "Precision at 10",
        SHARE,
        "mean of relevant documents among the first 10 / 10",
        TREC,
        "Share of the first ten that are relevant.",
    ),
    metric(
        "recall_at_10",
        "Recall at 10",
        SHARE,
        "mean of relevant documents among the first 10 / relevant documents",
        TREC,
        "Share of the relevant documents that are among the first ten.",
    ),
    metric(
        "r_precision",
        "R-precision",
        SHARE,
        "mean of the precision at R, R the relevant documents of the query",
        TREC,
        "Precision where as many documents are taken as there are relevant ones.",
    ),
    metric(
        "bpref",
        "bpref",
        SCORE,
        "mean over relevant documents of 1 - min(judged others above, R) / min(judged others, R)",
        "Buckley and Voorhees 2004, as in trec_eval",
        "How rarely a document judged irrelevant comes before a relevant one; unjudged ones do not count.",
    ),
];

/// Metrics of lists, then those of catalogues.
pub fn all() -> impl Iterator<Item = &'static Metric> {
    METRICS.iter().chain(&catalogue::METRICS)
}

/// The list that a model gave for a query of a log.
pub fn list_of(lists: &Lists, arm: usize, row: usize) -> List {
    let grades = lists.arms[arm].list(row).iter().map(|&item| lists.judged.grade(row, item));
    List::ordered(grades, lists.judged.of(row).1)
}

/// How a grade becomes a gain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gain {
    Linear,
    /// `2^grade - 1`.
    Exponential,
}

/// A metric of one list; ranks beyond a cut are not looked at, without one all are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    ReciprocalRank(Option<usize>),
    HitRate(usize),
    Precision(usize),
    Recall(usize),
    Ndcg(Gain, Option<usize>),
    AveragePrecision(Option<usize>),
    RPrecision,
    Bpref,
}

impl Measure {
    /// From a name such as `ndcg_at_10`, `ndcg`, `map`, `hit_rate_at_3`.
    pub fn parse(name: &str) -> Option<Self> {
        let (stem, cut) = match name.split_once("_at_") {
            Some((stem, cut)) => (stem, Some(cut.parse().ok().filter(|cut| *cut > 0)?)),
            None => (name, None),
        };
        Some(match (stem, cut) {
            ("mrr", cut) => Self::ReciprocalRank(cut),
            ("map", cut) => Self::AveragePrecision(cut),
            ("ndcg", cut) => Self::Ndcg(Gain::Linear, cut),
            ("ndcg_exp", cut) => Self::Ndcg(Gain::Exponential, cut),
            ("hit_rate", Some(cut)) => Self::HitRate(cut),
            ("precision", Some(cut)) => Self::Precision(cut),
            ("recall", Some(cut)) => Self::Recall(cut),
            ("r_precision", None) => Self::RPrecision,
            ("bpref", None) => Self::Bpref,
            _ => return None,
        })
    }
}

/// Value of each query, in their order; `None` where no document is relevant.
pub fn per_query(lists: &[List], measure: Measure) -> Vec<Option<f64>> {
    lists.par_iter().map(|list| list.value(measure)).collect()
}

/// Mean over the queries that have a relevant document. The influence has one number per query, 0 for those left out.
///
/// # Errors
/// No query, none with a relevant document, or an unknown name.
pub fn measure(lists: &[List], name: &str) -> Outcome {
    let measure = Measure::parse(name).ok_or_else(|| format!("no metric of ranked lists is called {name}"))?;
    mean(&per_query(lists, measure))
}

/// Mean of the values that are there, as a ratio of two sums.
fn mean(values: &[Option<f64>]) -> Outcome {
    if values.is_empty() {
        return Err(NO_ROW.replace("row", "query"));
    }
    let counted = values.iter().flatten().count() as f64;
    if counted == 0.0 {
        return Err("no query has a relevant document".to_owned());
    }
    let mean = values.iter().flatten().sum::<f64>() / counted;
    let weight = values.len() as f64 / counted;
    Measured::by_row(mean, values.len(), |query| values[query].map_or(0.0, |value| (value - mean) * weight))
}

/// Largest difference of two values of a query that is none: rounding.
pub const EQUAL: f64 = 1e-12;

/// Queries on which the challenger is better, equal, worse; `tolerance` is the largest difference that is equal.
pub fn wins(champion: &[Option<f64>], challenger: &[Option<f64>], tolerance: f64) -> [u64; 3] {
    let mut counts = [0; 3];
    for (a, b) in champion.iter().zip(challenger).filter_map(|(a, b)| Some(((*a)?, (*b)?))) {
        let place = if (b - a).abs() <= tolerance { 1 } else { usize::from(b < a) * 2 };
        counts[place] += 1;
    }
    counts
}
