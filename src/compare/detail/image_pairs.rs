//! Images held against their references.

use serde::{Deserialize, Serialize};

use crate::compare::result::PerArm;

/// How like the models' images are to their references.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImagePairRows {
    /// What rows are ordered by: `ssim`, or `pixel_mse` where an image is too small for it.
    pub measure: String,
    /// Rows on which the challenger is better, equal, and worse by the measure; `None` for one model.
    pub better: Option<[u64; 3]>,
    /// Edges of the bins of the measure, the same for both arms; empty where no row is analysed.
    pub edges: Vec<f64>,
    /// Rows per bin.
    pub histogram: PerArm<Vec<u64>>,
    /// Where the challenger loses most, first; of one model the least like their references.
    pub losses: Vec<ImagePairRow>,
    /// Where it gains most, first.
    pub gains: Vec<ImagePairRow>,
}

/// A row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImagePairRow {
    /// Place in the log.
    pub row: u64,
    pub id: String,
    /// File of the reference, as the log names it.
    pub reference: String,
    pub outputs: PerArm<ImageOutput>,
}

/// A model's image beside its reference.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImageOutput {
    /// As the log names it.
    pub file: String,
    /// `None` for an image smaller than the window.
    pub ssim: Option<f64>,
    /// Decibels; `None` where the image equals its reference.
    pub psnr: Option<f64>,
    pub mse: f64,
    pub mae: f64,
}
