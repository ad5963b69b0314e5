//! Rows behind something that was clicked: a matrix cell, a flip, a score bin. Has a name, can be inverted.

use super::engine::Engine;
use super::plan::Plan;
use crate::log::{ArmRole, RowMask};

/// A named set of analysed rows; all given parts must hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Selection {
    /// Class of the label.
    pub truth: Option<bool>,
    /// Decision of the champion and of the challenger at the plan's thresholds.
    pub decisions: [Option<bool>; 2],
    /// Whether each arm's decision is right.
    pub right: [Option<bool>; 2],
    /// Score of an arm within `lo..hi`.
    pub score: Option<(ArmRole, f64, f64)>,
    /// All other analysed rows instead.
    pub inverted: bool,
}

impl Selection {
    /// Rows of the log, a subset of the engine's analysed rows.
    pub fn mask(&self, engine: &Engine, plan: &Plan) -> RowMask {
        let _ = plan;
        RowMask::none(engine.log().rows)
    }

    /// As a sentence part: `fraud, predicted pass by the champion`, `fixed by the challenger`.
    pub fn words(&self, plan: &Plan, classes: [&str; 2]) -> String {
        let _ = (plan, classes);
        String::new()
    }
}
