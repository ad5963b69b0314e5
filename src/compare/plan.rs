//! What is to be compared, and how: fixed before a number is computed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::custom::CustomMetric;
use super::slice::SliceSpec;
use super::value::ValueModel;
use crate::log::{RunKind, Task};
use crate::metrics::registry::Better;
use crate::stats::sequential::group::Spending;

/// Where a decision threshold came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThresholdBasis {
    /// Given by the user or the workspace.
    Given,
    /// Read off the model's own decisions in the log, which are `score >= value` in every row.
    FromDecisions,
    /// One half, for probabilities without anything better.
    Half,
    /// The value at which the flag rate equals the prevalence, for scores that are no probabilities.
    Prevalence,
    /// Challenger set to the champion's false-positive rate.
    MatchedFpr,
    /// Challenger set to the champion's flag rate.
    MatchedFlagRate,
    /// The value of least cost, for each arm.
    LeastCost,
    /// The log holds decisions and no score; they are used as they are.
    LoggedDecisions,
}

/// Decision threshold of an arm: positive when `score >= value`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Threshold {
    /// `None` with [`ThresholdBasis::LoggedDecisions`].
    pub value: Option<f64>,
    pub basis: ThresholdBasis,
}

/// How often somebody may look at a run before it ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Looks {
    /// Once, at the end: intervals of one look.
    #[default]
    Once,
    /// At any time: confidence sequences, which hold at all looks together.
    Any,
    /// At planned shares of the planned units: the error is spent over those looks.
    Planned,
}

/// Settings of Kayenta's judge of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct KayentaDesign {
    /// Share of the estimated shift within which a change is ignored.
    pub tolerance: f64,
    /// Confidence level of the rank interval.
    pub level: f64,
}

impl Default for KayentaDesign {
    fn default() -> Self {
        Self { tolerance: 0.25, level: 0.98 }
    }
}

/// What a run whose arms answered different requests was planned to be.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SplitDesign {
    /// `None`: once for an A/B run, any for a canary run.
    pub looks: Option<Looks>,
    /// Units of both arms at which confidence sequences are tightest; fixed before the data.
    pub planned_units: Option<u64>,
    /// Shares of the planned units at which somebody looks, rising to 1; empty where looks are not planned.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub planned_looks: Vec<f64>,
    /// How the error is spent over planned looks.
    #[serde(default, skip_serializing_if = "Spending::is_default")]
    pub spending: Spending,
    /// Share of the units that the challenger was to get; `None`: one half of an A/B run.
    pub challenger_share: Option<f64>,
    /// The same by stage of a rollout.
    pub stage_shares: BTreeMap<String, f64>,
    /// Settings of Kayenta's judge, where its word is wanted too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kayenta: Option<KayentaDesign>,
    /// Directions of outcomes; of those not named they are taken from the name.
    pub better: BTreeMap<String, Better>,
}

/// A checked plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    pub kind: RunKind,
    pub task: Task,
    pub champion: String,
    /// `None` for a log of one model: no differences.
    pub challenger: Option<String>,
    /// Champion, challenger.
    pub thresholds: [Threshold; 2],
    /// Level of every interval, e.g. 0.95, two-sided.
    pub level: f64,
    /// Of whatever is drawn at random. Every interval of a binary comparison has a closed form or an influence vector,
    /// so that nothing is drawn there; the calibration error, which has neither, has no interval and is not gated.
    pub seed: u64,
    /// Bootstrap replicates where no closed form or influence vector is used; see `seed`.
    pub replicates: u32,
    /// Column whose values are clusters; `None`: each row is its own unit.
    pub unit: Option<String>,
    /// Slices to report beside all analysed rows.
    pub slices: Vec<SliceSpec>,
    /// Upper end of the false-positive rate of the partial AUC.
    pub partial_fpr: f64,
    /// Cost of a false positive and of a false negative, in the same unit.
    pub costs: [f64; 2],
    /// Metrics beside those of the task, as the policy, the workspace or a person defines them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub custom: Vec<CustomMetric>,
    /// Other challengers compared with the same champion on the same requests or in the same run: any of them may be
    /// promoted, so that all share the error.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rivals: Vec<String>,
    /// What decisions are worth; then `business_value` is among the custom metrics.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<ValueModel>,
    /// Of an A/B or canary run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub split: Option<SplitDesign>,
}

impl Plan {
    /// Definition of a metric that is not of the task.
    pub fn custom(&self, name: &str) -> Option<&CustomMetric> {
        self.custom.iter().find(|metric| metric.name == name)
    }
}
