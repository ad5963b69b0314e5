//! Similarity of pairs of vectors, and how it agrees with gold scores. Names as in EmbeddingSimilarityEvaluator of
//! sentence-transformers.

#[cfg(test)]
mod tests;

use rayon::prelude::*;

use super::BLOCK;
use super::measured::{Measured, Outcome};
use super::registry::{Better, Metric, Unit, metric};
use super::regression::{pearson, spearman};
use crate::log::Vectors;

pub use crate::log::Similarity;

/// Rows below which a correlation says nothing: two points always lie on a line.
const LEAST: usize = 3;

const AGREEMENT: (Unit, Better) = (Unit::Number, Better::Higher);

/// Of pairs whose models logged one similarity each, in the order they are shown.
pub const LOGGED: [Metric; 2] = [
    metric(
        "spearman",
        "Spearman correlation",
        AGREEMENT,
        "Spearman correlation of similarity and gold score",
        "Cer et al. 2017 (STS); influence by Croux and Dehon 2010",
        "Whether pairs that people find closer have a higher similarity.",
    ),
    metric(
        "pearson",
        "Pearson correlation",
        AGREEMENT,
        "Pearson correlation of similarity and gold score",
        "Cer et al. 2017 (STS); influence by Devlin et al. 1975",
        "How near similarity and gold score are to a rising line.",
    ),
];

/// Of pairs of vectors, in the order they are shown.
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

/// Similarity of each pair of vectors.
///
/// # Errors
/// The sizes do not fit, or vectors of length 0 have no cosine.
pub fn similarities(a: &Vectors, b: &Vectors, by: Similarity) -> Result<Vec<f64>, String> {
    let dimensions = a.dimensions;
    if dimensions != b.dimensions || a.rows() != b.rows() {
        let size = |of: &Vectors| format!("{} vectors of {} dimensions", of.rows(), of.dimensions);
        return Err(format!("{} cannot be paired with {}", size(a), size(b)));
    }
    let rows = || (0..a.rows()).into_par_iter().with_min_len(BLOCK / dimensions.max(1) + 1);
    if by == Similarity::Cosine {
        let zero = |vector: &[f32]| vector.iter().all(|x| *x == 0.0);
        match rows().filter(|&row| zero(a.row(row)) || zero(b.row(row))).count() {
            0 => {}
            rows => return Err(format!("{rows} rows hold a vector of length 0, which has no direction")),
        }
    }
    Ok(rows().map(|row| by.of(a.row(row), b.row(row))).collect())
}

/// What a metric of [`METRICS`] or [`LOGGED`] is of, and the correlation it takes, `None` for a mean.
pub fn parts(name: &str) -> Option<(Option<Similarity>, Option<&str>)> {
    let (by, against) = match name {
        "spearman" | "pearson" => return Some((None, Some(name))),
        _ => name.split_once('_').map_or((name, None), |(by, against)| (by, Some(against))),
    };
    let by = Similarity::ALL.into_iter().find(|known| known.word() == by)?;
    matches!(against, None | Some("spearman" | "pearson")).then_some((Some(by), against))
}

/// A metric of [`METRICS`] or [`LOGGED`] from the similarities of the pairs, of which more is nearer. `gold` has one
/// score per pair where there are any.
///
/// # Errors
/// Why it has no value on these rows.
pub fn measure(name: &str, similarities: &[f64], gold: Option<&[f64]>) -> Outcome {
    let (by, against) = parts(name).ok_or_else(|| format!("no metric of similarity is called {name}"))?;
    let Some(against) = against else {
        // As a distance it is shown the other way round.
        let sign = if by == Some(Similarity::Euclidean) { -1.0 } else { 1.0 };
        return Measured::mean(similarities.len(), |row| sign * similarities[row]);
    };
    let gold = gold.ok_or("no gold scores are logged")?;
    if gold.len() != similarities.len() {
        return Err(format!("{} gold scores for {} pairs", gold.len(), similarities.len()));
    }
    if (1..LEAST).contains(&gold.len()) {
        return Err(format!("a correlation needs at least {LEAST} rows"));
    }
    let names = ["the similarities", "the gold scores"];
    if against == "spearman" { spearman(similarities, gold, names) } else { pearson(similarities, gold, names) }
}
