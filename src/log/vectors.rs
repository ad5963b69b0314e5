//! Vectors of pairs of items, and how near two vectors are.

use super::{NOT_LOGGED, is_not_logged};

/// Vectors of one length, row after row; NaN throughout where none was logged.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Vectors {
    pub dimensions: usize,
    pub values: Vec<f32>,
}

impl Vectors {
    pub fn rows(&self) -> usize {
        self.values.len().checked_div(self.dimensions).unwrap_or(0)
    }

    pub fn row(&self, row: usize) -> &[f32] {
        &self.values[row * self.dimensions..(row + 1) * self.dimensions]
    }
}

/// How near two vectors are; more is nearer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Similarity {
    Cosine,
    /// Minus the distance.
    Euclidean,
    Dot,
}

impl Similarity {
    pub const ALL: [Self; 3] = [Self::Cosine, Self::Euclidean, Self::Dot];

    /// As metrics are named by.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Cosine => "cosine",
            Self::Euclidean => "euclidean",
            Self::Dot => "dot",
        }
    }

    /// Of two vectors of the same length, summed in double precision; the cosine of a vector of length 0 is NaN.
    pub fn of(self, a: &[f32], b: &[f32]) -> f64 {
        let sum = |a: &[f32], b: &[f32], of: fn(f64, f64) -> f64| -> f64 {
            a.iter().zip(b).map(|(a, b)| of(f64::from(*a), f64::from(*b))).sum()
        };
        let dot = |a: &[f32], b: &[f32]| sum(a, b, |a, b| a * b);
        match self {
            Self::Cosine => (dot(a, b) / (dot(a, a).sqrt() * dot(b, b).sqrt())).clamp(-1.0, 1.0),
            Self::Euclidean => -sum(a, b, |a, b| (a - b) * (a - b)).sqrt(),
            Self::Dot => dot(a, b),
        }
    }
}

/// Pairs of items; [`super::Arm::scores`] hold the similarity of each pair: as it was logged, else the cosine.
#[derive(Clone, Debug, Default)]
pub struct Pairs {
    /// What people or a benchmark say of each pair; [`NOT_LOGGED`] where there is none, `None` where no column holds it.
    pub gold: Option<Vec<f64>>,
    /// Both vectors of each pair, champion first; `None` where the log has only similarities.
    pub arms: Vec<Option<[Vectors; 2]>>,
}

impl Pairs {
    /// Gold score of a row.
    pub fn gold(&self, row: usize) -> Option<f64> {
        self.gold.as_ref()?.get(row).copied().filter(|gold| !is_not_logged(*gold))
    }

    pub(super) fn bytes(&self) -> usize {
        let vectors = self.arms.iter().flatten().flatten().map(|vectors| vectors.values.len() * 4).sum::<usize>();
        vectors + self.gold.as_ref().map_or(0, |gold| gold.len() * 8)
    }
}

/// Cosine of each pair; [`NOT_LOGGED`] where a vector is missing.
pub fn cosines([a, b]: &[Vectors; 2]) -> Vec<f64> {
    let cosine = |row: usize| match Similarity::Cosine.of(a.row(row), b.row(row)) {
        cosine if cosine.is_nan() => NOT_LOGGED,
        cosine => cosine,
    };
    (0..a.rows()).map(cosine).collect()
}
