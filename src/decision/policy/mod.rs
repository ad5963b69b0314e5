//! The promotion policy: what must hold before a candidate may be promoted, fixed before the run.
//!
//! A policy is a TOML file of schema [`SCHEMA`]. Margins are never negative and stand in the metric's unit
//! (a share of rows is written 0.01, not 1 %); the direction of a metric is known to the metric, not to the
//! gate. Unknown keys are errors that name the key and its line. [`Policy::default_for`] needs no file.

mod check;
mod level;
mod outcomes;
mod read;

use std::collections::BTreeMap;

pub use check::{Problem, ProblemKind};
pub use read::PolicyError;

use serde::{Deserialize, Serialize};

use super::canonical::sha256_hex;
use crate::compare::staleness::Window;
use crate::compare::{Better, CustomMetric, KayentaDesign, Looks, SliceSpec, SplitDesign, Unit, ValueModel};
use crate::log::{RunKind, Task};
use crate::stats::sequential::group::Spending;

/// Schema of the policy files this version reads.
pub const SCHEMA: &str = "promotion-policy/1";

/// A policy as read, together with the bytes it was read from.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    pub id: String,
    pub version: String,
    pub owner: String,
    pub design: Design,
    pub interval: IntervalRule,
    /// Directions the policy states for metrics; they must agree with the registry. Names that no metric has are
    /// outcomes: columns of an A/B or canary run, or `NAME_per_unit` for the sum of a unit's rows.
    pub metrics: BTreeMap<String, Better>,
    /// Metrics the policy defines itself; `metrics` has their directions too.
    pub custom: Vec<CustomMetric>,
    /// What decisions are worth: then gates may read `business_value`.
    pub value: Option<ValueModel>,
    pub gates: Vec<Gate>,
    pub validity: ValidityLimits,
    pub retraining: Retraining,
    pub rules: Vec<Rule>,
    pub signoff: Signoff,
    /// The exact text.
    pub text: String,
    /// SHA-256 of the text, lower-case hex.
    pub sha256: String,
}

/// What the run must be for the policy to apply, and how long it must have lasted.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Design {
    /// `None`: any kind of run.
    pub mode: Option<RunKind>,
    /// Column that was randomised or is clustered; `None`: whatever the run used.
    pub unit: Option<String>,
    pub labels: Option<LabelRule>,
    /// How often somebody may look at a split run; `None`: once for A/B, at any time for a canary.
    pub looks: Option<Looks>,
    /// Units of both arms at which confidence sequences are tightest.
    pub planned_units: Option<u64>,
    /// Shares of the planned units at which the run is looked at, rising to 1; with `looks = "planned"`.
    #[serde(default)]
    pub planned_looks: Vec<f64>,
    /// How the error is spent over planned looks.
    #[serde(default)]
    pub spending: Spending,
    /// Share of the units that the challenger of a split run is to get.
    pub challenger_share: Option<f64>,
    /// The same by stage of a rollout.
    #[serde(default)]
    pub stage_shares: BTreeMap<String, f64>,
    #[serde(default)]
    pub min: RunMinimum,
    /// Ask for the word of Kayenta's judge beside ours; no gate reads it.
    pub kayenta: Option<KayentaDesign>,
}

/// When labels are complete enough.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelRule {
    /// Age from which a label counts as final, e.g. `30d`: the log is read under it, and labels of younger requests
    /// count as pending.
    pub mature_after: Option<String>,
    /// Smallest share of paired rows with a label, 0 to 1.
    pub min_matured: Option<f64>,
}

/// Least evidence of the whole run. Below it no gate can pass.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunMinimum {
    pub days: Option<f64>,
    pub units: Option<u64>,
    /// As of a gate.
    pub events: Option<u64>,
}

/// Which intervals the gates read.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IntervalRule {
    /// Two-sided level of every interval.
    #[serde(default = "default_level")]
    pub level: f64,
    #[serde(default)]
    pub multiplicity: Multiplicity,
}

fn default_level() -> f64 {
    0.95
}

impl Default for IntervalRule {
    fn default() -> Self {
        Self { level: default_level(), multiplicity: Multiplicity::None }
    }
}

/// Correction for many gates. All rules ask that *all* gates pass, which needs none; there is no other choice yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Multiplicity {
    #[default]
    None,
}

/// What a gate is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GateRole {
    Primary,
    Guardrail,
    /// A failure is reason to roll back.
    Critical,
    /// Shown, read by no rule.
    ReportOnly,
}

/// What is asked of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Test {
    /// Better by more than the margin.
    Superiority,
    /// Not worse by the margin or more.
    NonInferiority,
    /// Within the margin on both sides.
    Equivalence,
    /// One arm's value between given ends.
    Bound,
    /// Leakage alarm: not better by more than the margin.
    NotTooGood,
}

/// How much worse is tolerable, or how much better is required.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Margin {
    /// In the metric's unit.
    Absolute(f64),
    /// As a share of the champion's value.
    Relative(f64),
}

/// Which arm a bound looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BoundArm {
    Champion,
    #[default]
    Challenger,
}

/// Least evidence of a gate, or of each of its segments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GateMinimum {
    /// Units the interval rests on (rows, where rows are the units); where each arm has units of its own, those of the
    /// smaller arm.
    pub units: Option<u64>,
    /// Rows of the positive class, or with the outcome; where each arm has its own, of the arm that has fewer.
    pub events: Option<u64>,
}

/// What a gate or segment with too little evidence counts as. There is no way to let it count as passed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TooSmall {
    #[default]
    Inconclusive,
    Fail,
    /// Listed, but read by no rule.
    ReportOnly,
}

/// What a gate without data counts as in the rules. There is no way to let it count as passed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    #[default]
    NotEvaluable,
    Inconclusive,
    Fail,
    /// Listed, but read by no rule: for what not every log holds, such as latency.
    ReportOnly,
}

/// Rows a segment gate looks at one by one.
#[derive(Clone, Debug, PartialEq)]
pub enum Segment {
    /// Every combination of values of these columns: `region`, `region*product`.
    Cross(Vec<String>),
    /// One named slice: `region=LATAM`.
    Slice(SliceSpec),
}

/// One requirement.
#[derive(Clone, Debug, PartialEq)]
pub struct Gate {
    pub id: String,
    pub role: GateRole,
    pub metric: String,
    pub test: Test,
    /// `None` for bounds.
    pub margin: Option<Margin>,
    /// Ends of a bound, in the metric's unit.
    pub lower: Option<f64>,
    pub upper: Option<f64>,
    pub arm: BoundArm,
    /// Empty: all analysed rows.
    pub segments: Vec<Segment>,
    pub min: GateMinimum,
    pub too_small: TooSmall,
    /// `None`: as `validity.no_data` says.
    pub missing: Option<Missing>,
    /// Why the requirement is what it is.
    pub because: Option<String>,
    /// Line of the policy file, from 1.
    pub line: usize,
}

/// When the comparison itself is not to be trusted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValidityLimits {
    /// Sample-ratio mismatch: least p-value of the observed split; read for split runs (A/B, canary) only, since a
    /// run in which both models answer every request has no split.
    pub srm_p: Option<f64>,
    /// Largest share of ids without a usable prediction of one arm.
    pub max_missing_predictions: Option<f64>,
    /// Largest number of ids with conflicting predictions.
    #[serde(rename = "max_conflicting_ids")]
    pub max_duplicate_conflicts: Option<u64>,
    /// Smallest share of paired rows with a label.
    pub min_label_coverage: Option<f64>,
    /// What gates without data count as.
    #[serde(default)]
    pub no_data: Missing,
}

/// When the model in production is due for training anew, `[retraining]`; what is not said here has a usual limit, age
/// has none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retraining {
    /// Windows of time that the log is cut into; `None`: by its span.
    pub window: Option<Window>,
    /// Days since training.
    pub max_age_days: Option<f64>,
    /// Rise of the mean loss since the first window, in its unit or `{ rel = share of the first window's }`.
    pub max_performance_loss: Option<Margin>,
    /// Stability index of the last window against the first, of the column that moved most.
    pub max_drift_psi: Option<f64>,
    /// Stability index of the run against the training data.
    pub max_skew_psi: Option<f64>,
    /// Change of the requests per window in either direction, as a share.
    pub max_demand_change: Option<f64>,
}

/// Condition of a rule: a closed list, so that the rules are a table and not a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    ValidityFailed,
    CriticalFailed,
    AnyFailed,
    AllPassed,
    /// Segment gates are open; every other binding gate passed.
    OnlySegmentsInconclusive,
    AnyInconclusive,
    AnyNotEvaluable,
    Otherwise,
}

/// What the rules can recommend and a person can decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recommendation {
    Promote,
    PromoteWithConditions,
    Extend,
    Reject,
    Rollback,
    Invalid,
}

/// One line of the verdict table; the first whose condition holds decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    pub when: When,
    pub then: Recommendation,
}

/// Who must sign.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signoff {
    #[serde(default)]
    pub required: Vec<RequiredSignoff>,
    /// Pairs of roles that must be different people.
    #[serde(default)]
    pub separate: Vec<[String; 2]>,
    /// What overriding the recommendation takes.
    #[serde(rename = "override")]
    pub override_rule: Option<OverrideRule>,
}

/// A role that must sign, and how many people of it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequiredSignoff {
    pub role: String,
    #[serde(default = "one")]
    pub count: u32,
}

fn one() -> u32 {
    1
}

/// What it takes to decide otherwise than recommended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OverrideRule {
    #[serde(default = "one")]
    pub approvers: u32,
    #[serde(default)]
    pub min_rationale_chars: usize,
    /// Longest life of an override.
    pub valid_days: Option<u32>,
}

impl Policy {
    /// Policy from the text of a policy file; refuses whatever [`Policy::check`] calls an error.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let policy = Self::read(text)?;
        let problems: Vec<_> =
            policy.check().into_iter().filter(|problem| problem.kind == ProblemKind::Error).collect();
        if problems.is_empty() { Ok(policy) } else { Err(PolicyError { problems }) }
    }

    /// Policy from text that is well formed, whether or not it makes sense; for `policy check`.
    pub fn read(text: &str) -> Result<Self, PolicyError> {
        let mut policy = read::read(text)?;
        policy.text = text.to_owned();
        policy.sha256 = sha256_hex(text.as_bytes());
        Ok(policy)
    }

    /// Everything that is wrong or doubtful about the policy, in the order of the file.
    pub fn check(&self) -> Vec<Problem> {
        check::check(self)
    }

    /// The policy used when none is given: cautious, and documented line by line in its own text.
    pub fn default_for(task: Task, kind: RunKind) -> Self {
        let _any_kind = kind;
        let text = match task {
            Task::Binary => DEFAULT_BINARY,
            Task::Multiclass => include_str!("default_multiclass.toml"),
            Task::Regression => include_str!("default_regression.toml"),
            Task::Ranking => include_str!("default_ranking.toml"),
            Task::Text => include_str!("default_text.toml"),
            Task::Similarity => include_str!("default_similarity.toml"),
            Task::Detection => include_str!("default_detection.toml"),
            Task::Image => include_str!("default_image.toml"),
        };
        match Self::parse(text) {
            Ok(policy) => policy,
            // Held by a test: the shipped text is valid.
            Err(error) => unreachable!("shipped policy: {error}"),
        }
    }

    /// That of pairs whose models logged one similarity each and no vectors.
    pub fn default_for_logged_similarities() -> Self {
        let text = include_str!("default_similarity.toml");
        match Self::parse(&text.replace("cosine_spearman", "spearman")) {
            Ok(policy) => policy,
            // Held by a test, as above.
            Err(error) => unreachable!("shipped policy: {error}"),
        }
    }

    /// The policy used when none is given, for the outcomes of a run whose arms answered different requests: those of
    /// which more is better may not get worse by a hundredth of the champion's value, and the first of them is to gain;
    /// of those of which less is better (errors) a canary run is rolled back where they rise.
    pub fn default_for_outcomes(kind: RunKind, outcomes: &[(String, Better, Unit)]) -> Self {
        match Self::parse(&outcomes::text(kind, outcomes)) {
            Ok(policy) => policy,
            // Held by a test: the text is valid for any names.
            Err(error) => unreachable!("default policy: {error}"),
        }
    }

    /// What the comparison of a split run is asked.
    pub fn split_design(&self) -> SplitDesign {
        let Design { looks, planned_units, planned_looks, spending, challenger_share, stage_shares, kayenta, .. } =
            &self.design;
        SplitDesign {
            looks: *looks,
            planned_units: *planned_units,
            planned_looks: planned_looks.clone(),
            spending: *spending,
            challenger_share: *challenger_share,
            stage_shares: stage_shares.clone(),
            kayenta: *kayenta,
            better: self.metrics.clone(),
        }
    }

    /// Segments the gates look at, each once, in the order of the file; their columns become slices of the plan.
    pub fn slices(&self) -> Vec<Segment> {
        let mut segments: Vec<Segment> = Vec::new();
        for segment in self.gates.iter().flat_map(|gate| &gate.segments) {
            if !segments.contains(segment) {
                segments.push(segment.clone());
            }
        }
        segments
    }

    /// Metrics the gates read, each once, in the order of the file.
    pub fn gated_metrics(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for gate in &self.gates {
            if !names.contains(&gate.metric.as_str()) {
                names.push(&gate.metric);
            }
        }
        names
    }
}

/// Text of the policy used when none is given.
const DEFAULT_BINARY: &str = include_str!("default_binary.toml");

#[cfg(test)]
mod tests;
