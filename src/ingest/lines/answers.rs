//! What a model answered, line by line.

use crate::ingest::vectors::Ragged;
use crate::log::Served;

/// What one model answered, one entry per line.
#[derive(Debug, Default)]
pub(in crate::ingest) struct Answers {
    pub scores: Option<Vec<f64>>,
    /// Places in a ranked list.
    pub ranks: Option<Vec<f64>>,
    pub predictions: Option<Vec<u8>>,
    /// Classes or texts by their code in [`super::Lines::dictionary`].
    pub codes: Option<Vec<u32>>,
    /// Code of a class and its probabilities.
    pub probabilities: Option<Vec<(u32, Vec<f64>)>>,
    /// Sum of the log-probabilities of an answer's tokens, and their number; NaN where there is none.
    pub likelihoods: Option<Vec<[f64; 2]>>,
    /// Vectors of both items of a pair.
    pub embeddings: Option<[Ragged; 2]>,
    pub latency_ms: Option<Vec<f64>>,
    pub served: Served,
}

impl Answers {
    /// Whether two lines hold the same prediction, bit for bit.
    pub fn same(&self, first: usize, second: usize) -> bool {
        let bits = |values: &Vec<f64>| values[first].to_bits() == values[second].to_bits();
        self.scores.as_ref().is_none_or(bits)
            && self.ranks.as_ref().is_none_or(bits)
            && self.predictions.as_ref().is_none_or(|predictions| predictions[first] == predictions[second])
            && self.codes.as_ref().is_none_or(|codes| codes[first] == codes[second])
            && self.probabilities.iter().flatten().all(|(_, values)| bits(values))
            && self.embeddings.iter().flatten().all(|vectors| vectors.same(first, second))
    }

    /// Whether no column holds what a model answered.
    pub fn is_empty(&self) -> bool {
        let decided = self.predictions.is_some() || self.codes.is_some() || self.probabilities.is_some();
        self.scores.is_none()
            && self.ranks.is_none()
            && self.embeddings.is_none()
            && self.likelihoods.is_none()
            && !decided
    }
}
