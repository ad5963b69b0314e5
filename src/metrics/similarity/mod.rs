//! Similarity of pairs of vectors, and how it agrees with gold scores.
//!
//! Vectors are rows x dimensions, row after row.

#[cfg(test)]
mod tests;

use rayon::prelude::*;

use super::BLOCK;
use super::measured::{Measured, Outcome};
use super::registry::{Better, Metric, Unit, metric};
use super::regression::{pearson, spearman};

const AGREEMENT: (Unit, Better) = (Unit::Number, Better::Higher);

/// In the order they are shown.
pub const METRICS: [Metric; 9] = [
    metric(
        "cosine_spearman",
        "Spearman, cosine",
        AGREEMENT,
        "Spearman correlation of cosine similarity and gold score",
        "Cer et al. 2017 (STS); influence by Croux and Dehon 2010",
        "Whether pairs that people find closer have a higher cosine.",
    ),
    metric(
        "cosine_pearson",
        "Pearson, cosine",
        AGREEMENT,
        "Pearson correlation of cosine similarity and gold score",
        "Cer et al. 2017 (STS)",
        "How near cosine and gold score are to a rising line.",
    ),
    metric(
        "euclidean_spearman",
        "Spearman, Euclidean",
        AGREEMENT,
        "Spearman correlation of minus the Euclidean distance and gold score",
        "Cer et al. 2017 (STS)",
        "Whether pairs that people find closer are nearer.",
    ),
    metric(
        "euclidean_pearson",
        "Pearson, Euclidean",
        AGREEMENT,
        "Pearson correlation of minus the Euclidean distance and gold score",
        "Cer et al. 2017 (STS)",
        "How near distance and gold score are to a falling line.",
    ),
    metric(
        "dot_spearman",
        "Spearman, dot product",
        AGREEMENT,
        "Spearman correlation of dot product and gold score",
        "Cer et al. 2017 (STS)",
        "Whether pairs that people find closer have a higher dot product.",
    ),
    metric(
        "dot_pearson",
        "Pearson, dot product",
        AGREEMENT,
        "Pearson correlation of dot product and gold score",
        "Cer et al. 2017 (STS)",
        "How near dot product and gold score are to a rising line.",
    ),
    metric("cosine", "Cosine similarity", AGREEMENT, "mean of a b / (|a| |b|)", "mean", "Mean cosine of the pairs."),
    metric(
        "euclidean",
        "Euclidean distance",
        (Unit::Number, Better::Lower),
        "mean of |a - b|",
        "mean",
        "Mean distance of the pairs.",
    ),
    metric("dot", "Dot product", AGREEMENT, "mean of a b", "mean", "Mean dot product of the pairs."),
];

/// How near two vectors are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Similarity {
    Cosine,
    /// Minus the distance, so that more is nearer.
    Euclidean,
    Dot,
}

impl Similarity {
    fn of(self, a: &[f64], b: &[f64]) -> f64 {
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        match self {
            Self::Cosine => (dot(a, b) / (dot(a, a).sqrt() * dot(b, b).sqrt())).clamp(-1.0, 1.0),
            Self::Euclidean => -a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt(),
            Self::Dot => dot(a, b),
        }
    }
}

/// Similarity of each pair of rows of `a` and `b`, both rows x `dimensions`.
///
/// # Errors
/// The sizes do not fit, or vectors of length 0 have no cosine.
pub fn similarities(a: &[f64], b: &[f64], dimensions: usize, by: Similarity) -> Result<Vec<f64>, String> {
    if dimensions == 0 || a.len() != b.len() || !a.len().is_multiple_of(dimensions) {
        return Err(format!("{} and {} numbers are no vectors of {dimensions} dimensions", a.len(), b.len()));
    }
    let rows = || a.par_chunks(dimensions).zip(b.par_chunks(dimensions)).with_min_len(BLOCK / dimensions + 1);
    if by == Similarity::Cosine {
        let zero = |vector: &[f64]| vector.iter().all(|x| *x == 0.0);
        match rows().filter(|(a, b)| zero(a) || zero(b)).count() {
            0 => {}
            rows => return Err(format!("{rows} rows hold a vector of length 0, which has no direction")),
        }
    }
    Ok(rows().map(|(a, b)| by.of(a, b)).collect())
}

/// A metric of [`METRICS`] by its name. `gold` has one score per pair where there are any.
///
/// # Errors
/// Why it has no value on these rows.
pub fn measure(name: &str, a: &[f64], b: &[f64], dimensions: usize, gold: Option<&[f64]>) -> Outcome {
    let (by, against) = name.split_once('_').map_or((name, None), |(by, against)| (by, Some(against)));
    let unknown = || Err(format!("no metric of similarity is called {name}"));
    let by = match by {
        "cosine" => Similarity::Cosine,
        "euclidean" => Similarity::Euclidean,
        "dot" => Similarity::Dot,
        _ => return unknown(),
    };
    let found = similarities(a, b, dimensions, by)?;
    let Some(against) = against else {
        let sign = if by == Similarity::Euclidean { -1.0 } else { 1.0 };
        return Measured::mean(found.len(), |row| sign * found[row]);
    };
    let gold = gold.ok_or("no gold scores are logged")?;
    if gold.len() != found.len() {
        return Err(format!("{} gold scores for {} pairs", gold.len(), found.len()));
    }
    let names = ["the similarities", "the gold scores"];
    match against {
        "spearman" => spearman(&found, gold, names),
        "pearson" => pearson(&found, gold, names),
        _ => unknown(),
    }
}
