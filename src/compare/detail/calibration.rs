//! How far the probabilities of several classes come true.

use serde::{Deserialize, Serialize};

use crate::compare::result::{CalibrationBin, PerArm};

/// Reliability of the probability of the answer, and of the probability of each class.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassCalibration {
    /// Greatest probability of a row against the share of right decisions, bins of equal rows.
    pub top: PerArm<Vec<CalibrationBin>>,
    /// Calibration error of each class's own probability, bins of equal width, in the order of the names. Its mean is the
    /// metric `classwise_calibration_error`.
    pub errors: PerArm<Vec<f64>>,
    /// The most frequent classes, each with the reliability of its own probability.
    pub classes: Vec<ClassReliability>,
    /// Why an arm has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undefined: Option<String>,
}

/// Probability of one class against the share of rows that are truly of it, bins of equal rows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassReliability {
    /// Place in the names.
    pub class: u32,
    pub bins: PerArm<Vec<CalibrationBin>>,
}
