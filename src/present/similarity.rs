//! Similarities of pairs: against gold for both models on the same axes, their distribution, and the rows that stand out.

use super::errors::{ErrorHistogram, number};
use super::overview::{self, Scorecard};
use super::{Sentence, Sheet, format};
use crate::compare::{Detail, PairRow, Selection, Similarities};
use crate::decision::catalog;

/// Rows below which means of ranges are single rows.
const FEW: u64 = 30;

/// What the Similarity view shows.
#[derive(Clone, Debug, PartialEq)]
pub struct SimilarityModel {
    /// Why there is nothing to show; everything but the scorecard is then empty.
    pub empty: Option<String>,
    pub finding: Sentence,
    pub scorecard: Scorecard,
    /// `cosine similarity`, or `similarity`.
    pub measure: String,
    pub scatter: Option<ScatterModel>,
    pub histogram: ErrorHistogram,
    /// Lists to choose from.
    pub lists: Vec<PairList>,
}

/// Similarity against gold, both arms on the same axes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScatterModel {
    /// Ends of the axes.
    pub gold: (f64, f64),
    pub similarity: (f64, f64),
    pub arms: Vec<ScatterArm>,
    /// Most rows of a cell of either arm.
    pub most: u64,
    /// Ends of the cells.
    pub gold_edges: Vec<f64>,
    pub similarity_edges: Vec<f64>,
}

/// One model's pairs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScatterArm {
    /// Every row, (gold, similarity), where they are few; else empty.
    pub points: Vec<(f64, f64)>,
    /// Rows per cell, gold by gold; drawn where there are no points.
    pub cells: Vec<u64>,
    /// Means in ranges of equal rows.
    pub means: Vec<(f64, f64)>,
    /// `Spearman 0.812`.
    pub value: String,
}

/// Rows in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PairList {
    /// `Challenger loses most`.
    pub name: String,
    /// `200 of 3,004 rows, by …`.
    pub qualifier: String,
    /// Title of the column by which they are ordered.
    pub by: &'static str,
    pub lines: Vec<PairLine>,
}

/// A row; numbers as printed.
#[derive(Clone, Debug, PartialEq)]
pub struct PairLine {
    pub id: String,
    pub gold: String,
    pub values: Vec<String>,
    /// Rank of each model less that of gold, in hundredths of the rows.
    pub gaps: Vec<String>,
    /// What the list is ordered by.
    pub by: String,
    /// The row alone.
    pub selection: Selection,
}

const NO_PAIRS: &str = "No analysed row has a similarity of each model. Map the columns of the vectors as embedding, or \
                        the columns of similarities as score, under Change mapping.";

/// The model.
pub fn similarity(sheet: &Sheet<'_>) -> SimilarityModel {
    let comparison = sheet.comparison;
    let (detail, empty) = match &comparison.detail {
        Detail::Similarity(found) if !found.edges.is_empty() => (found.clone(), None),
        _ => (Similarities::default(), Some(NO_PAIRS.to_owned())),
    };
    let pair = comparison.plan.challenger.is_some();
    let arms: Vec<Vec<u64>> =
        [&detail.histogram.champion, &detail.histogram.challenger].into_iter().flatten().cloned().collect();
    SimilarityModel {
        finding: finding(&detail, sheet),
        scorecard: overview::scorecard(sheet),
        measure: measure(&detail).to_owned(),
        scatter: (!detail.gold_edges.is_empty()).then(|| scatter(&detail, sheet)),
        lists: lists(&detail, pair, comparison.population.analysed),
        histogram: ErrorHistogram {
            most: arms.iter().flatten().copied().max().unwrap_or(0),
            edges: detail.edges,
            arms,
        },
        empty,
    }
}

/// What is drawn, in words.
pub(crate) fn measure(detail: &Similarities) -> &'static str {
    if detail.measure == "cosine" { "cosine similarity" } else { "similarity" }
}

/// The metric that says how what is drawn agrees with gold.
fn agreement(detail: &Similarities) -> &'static str {
    if detail.measure == "cosine" { "cosine_spearman" } else { "spearman" }
}

fn scatter(detail: &Similarities, sheet: &Sheet<'_>) -> ScatterModel {
    let ends = |edges: &[f64]| match (edges.first(), edges.last()) {
        (Some(&lo), Some(&hi)) if hi > lo => (lo, hi),
        (Some(&lo), _) => (lo - 0.5, lo + 0.5),
        _ => (0.0, 1.0),
    };
    let metric = sheet.comparison.metric(agreement(detail));
    let value = |arm: usize| {
        let found = metric.and_then(|metric| [&metric.arms.champion, &metric.arms.challenger][arm].as_ref());
        found.map_or_else(
            || metric.and_then(|metric| metric.undefined.clone()).unwrap_or_default(),
            |found| format!("Spearman {}", format::fixed(found.value, 3)),
        )
    };
    let few = sheet.comparison.population.analysed < FEW;
    let cells = [&detail.cells.champion, &detail.cells.challenger];
    let arms = cells.into_iter().enumerate().filter_map(|(arm, cells)| {
        let of = |values: &crate::compare::PerArm<f64>| if arm == 0 { values.champion } else { values.challenger };
        Some(ScatterArm {
            points: detail.points.iter().filter_map(|point| Some((point.gold, of(&point.arms)?))).collect(),
            cells: cells.clone()?,
            means: if few {
                Vec::new()
            } else {
                detail.by_gold.iter().filter_map(|bin| Some((bin.gold, of(&bin.arms)?))).collect()
            },
            value: value(arm),
        })
    });
    let arms: Vec<ScatterArm> = arms.collect();
    let similarity = ends(&detail.edges);
    let cells = arms.iter().map(|arm| arm.cells.len()).max().unwrap_or(0);
    let bins = cells / (detail.gold_edges.len() - 1).max(1);
    let step = (similarity.1 - similarity.0) / bins.max(1) as f64;
    ScatterModel {
        gold: ends(&detail.gold_edges),
        similarity,
        most: arms.iter().flat_map(|arm| &arm.cells).copied().max().unwrap_or(0),
        arms,
        gold_edges: detail.gold_edges.clone(),
        similarity_edges: (0..=bins).map(|bin| similarity.0 + step * bin as f64).collect(),
    }
}

fn lists(detail: &Similarities, pair: bool, analysed: u64) -> Vec<PairList> {
    const GAP: &str = "Δ gap";
    let list = |name: &str, how: &str, by: &'static str, rows: &[PairRow], of: fn(&PairRow) -> Option<f64>| PairList {
        name: name.to_owned(),
        qualifier: format!("{} of {} rows, {how}", format::count(rows.len() as u64), format::count(analysed)),
        by,
        lines: rows.iter().map(|row| line(row, of(row))).collect(),
    };
    let gold = !detail.gold_edges.is_empty();
    let change: fn(&PairRow) -> Option<f64> = |row| Some(row.gaps.challenger?.abs() - row.gaps.champion?.abs());
    let how = "by how much farther the rank is from that of gold, in % of the rows";
    let mut lists = Vec::new();
    if pair && gold {
        lists.push(list("Challenger loses most", how, GAP, &detail.losses, change));
        let how = "by how much nearer the rank is to that of gold, in % of the rows";
        lists.push(list("Challenger gains most", how, GAP, &detail.gains, change));
    } else if gold {
        let how = "by the rank of the similarity less that of gold, in % of the rows";
        lists.push(list("Farthest from gold", how, "gap", &detail.losses, |row| row.gaps.champion));
    }
    if pair {
        let how = "by the rank of the challenger less that of the champion, in % of the rows";
        lists.push(list("Models differ most", how, "Δ rank", &detail.apart, |row| row.apart));
    }
    lists
}

fn line(row: &PairRow, by: Option<f64>) -> PairLine {
    let percent = |share: f64| format::signed(100.0 * share, 1);
    PairLine {
        id: row.id.clone(),
        gold: row.gold.map_or_else(|| format::UNDEFINED.to_owned(), number),
        values: [row.values.champion, row.values.challenger]
            .into_iter()
            .flatten()
            .map(|value| format::fixed(value, 3))
            .collect(),
        gaps: [row.gaps.champion, row.gaps.challenger].into_iter().flatten().map(percent).collect(),
        by: by.map_or_else(|| format::UNDEFINED.to_owned(), percent),
        selection: Selection { row: Some(row.row as u32), ..Selection::default() },
    }
}

/// Who agrees better with gold, and on how many rows.
fn finding(detail: &Similarities, sheet: &Sheet<'_>) -> Sentence {
    let said = [
        "The data do not tell whose similarities agree better with gold",
        "The challenger's similarities agree better with gold",
        "The challenger's similarities agree worse with gold",
    ];
    let name = agreement(detail);
    let metric = sheet.comparison.metric(name);
    metric.map(|metric| super::won(metric, catalog::title(name), said, detail.better, "rows")).unwrap_or_default()
}

/// Lists as the report prints them.
pub(crate) fn printed(detail: &Similarities, pair: bool, analysed: u64) -> Vec<PairList> {
    lists(detail, pair, analysed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::PerArm;

    #[test]
    fn rows_are_listed_by_what_the_run_has() {
        let row = PairRow {
            row: 7,
            id: "p7".to_owned(),
            gold: Some(4.5),
            values: PerArm { champion: Some(0.8), challenger: Some(-0.25) },
            gaps: PerArm { champion: Some(0.01), challenger: Some(-0.41) },
            apart: Some(-0.42),
        };
        let detail = Similarities {
            gold_edges: vec![0.0, 5.0],
            losses: vec![row.clone()],
            apart: vec![row],
            ..Similarities::default()
        };
        let found = lists(&detail, true, 1234);
        let names: Vec<&str> = found.iter().map(|list| list.name.as_str()).collect();
        assert_eq!(names, ["Challenger loses most", "Challenger gains most", "Models differ most"]);
        assert!(found[0].qualifier.starts_with("1 of 1,234 rows"));
        assert_eq!((found[0].lines[0].by.as_str(), found[2].lines[0].by.as_str()), ("+40.0", "\u{2212}42.0"));
        assert_eq!(found[0].lines[0].values, ["0.800", "\u{2212}0.250"]);
        assert_eq!(found[0].lines[0].selection.row, Some(7));
        let names = |detail: &Similarities, pair: bool| -> Vec<String> {
            lists(detail, pair, 1).into_iter().map(|list| list.name).collect()
        };
        assert_eq!(names(&detail, false), ["Farthest from gold"]);
        assert_eq!(names(&Similarities::default(), true), ["Models differ most"]);
    }
}
