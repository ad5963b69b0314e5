//! What the view of similarities draws.

use serde::{Deserialize, Serialize};

use crate::compare::result::PerArm;

/// Similarities of pairs against gold, their distribution, and the rows that stand out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Similarities {
    /// What similarity is drawn: `cosine`, or `similarity` where the log holds one per pair.
    pub measure: String,
    /// Ends of the bins of the similarity, the same for both arms.
    pub edges: Vec<f64>,
    /// Rows per bin.
    pub histogram: PerArm<Vec<u64>>,
    /// Ends of the bins of the gold score, one per score where there are few; empty without gold.
    pub gold_edges: Vec<f64>,
    /// Rows per cell, gold along x, bin of gold by bin of gold.
    pub cells: PerArm<Vec<u64>>,
    /// All rows where they are few enough to be drawn one by one; empty otherwise.
    pub points: Vec<PairPoint>,
    /// Mean similarity in ranges of equal rows by gold.
    pub by_gold: Vec<SimilarityBin>,
    /// Rows on which the challenger's rank is nearer to that of gold, as near, farther.
    pub better: Option<[u64; 3]>,
    /// Rows on which the challenger's rank is farther from that of gold than the champion's by most; of one model those
    /// whose rank is farthest from that of gold.
    pub losses: Vec<PairRow>,
    /// Rows on which the challenger is nearer by most.
    pub gains: Vec<PairRow>,
    /// Rows whose ranks differ most between the models.
    pub apart: Vec<PairRow>,
}

/// A pair on the axes of gold and similarity.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PairPoint {
    pub gold: f64,
    pub arms: PerArm<f64>,
}

/// Pairs of a range of gold scores.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SimilarityBin {
    /// Mean gold score.
    pub gold: f64,
    pub rows: u64,
    /// Mean similarity.
    pub arms: PerArm<f64>,
}

/// A pair that stands out. Ranks are shares of rows below, ties counted half.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PairRow {
    /// Row of the log.
    pub row: u64,
    pub id: String,
    pub gold: Option<f64>,
    pub values: PerArm<f64>,
    /// Rank of the similarity less that of gold.
    pub gaps: PerArm<f64>,
    /// Rank by the challenger less rank by the champion.
    pub apart: Option<f64>,
}
