//! The decision record: everything the decision rests on, in one file that never changes once sealed.
//!
//! A record holds no NaN and no infinity, refuses unknown keys, and has one canonical form
//! ([`canonical_bytes`]); its digest stands beside it in `MANIFEST.sha256`, so that one changed byte is named.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::attached::{Fact, TestResults};
use super::canonical::{CanonicalError, canonical_bytes, sha256_hex};
use super::judge::Verdict;
use super::policy::{Policy, Recommendation};
use crate::compare::Comparison;
use crate::ingest::Issue;
use crate::ingest::mapping::Mapping;
use crate::log::{ImageFiles, JoinAudit, RunKind, Source, Task};

/// Schema of the records this version writes.
pub const SCHEMA: &str = "promotion-record/1";

/// JSON Schema of the record, as shipped.
pub const RECORD_JSON_SCHEMA: &str = include_str!("../../assets/schema/promotion-record-1.json");
/// JSON Schema of the policy (of the TOML file read as JSON), as shipped.
pub const POLICY_JSON_SCHEMA: &str = include_str!("../../assets/schema/promotion-policy-1.json");

/// The whole record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecisionRecord {
    /// [`SCHEMA`].
    pub schema: String,
    pub header: Header,
    pub context: Context,
    pub design: RunDesign,
    pub evidence: Evidence,
    pub mapping: Mapping,
    pub issues: Vec<Issue>,
    pub comparison: Comparison,
    pub policy: PolicyCopy,
    pub verdict: Verdict,
    pub review: Review,
    /// What a person decided; `None` while nobody has.
    pub decision: Option<Decision>,
    pub people: Vec<Person>,
    /// What people entered that no log says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<Fact>,
    /// Attached results of tests; their files stand among the evidence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tests: Vec<TestResults>,
    pub reproduction: Reproduction,
}

/// What the record is called and where it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    pub record_id: String,
    pub title: String,
    /// RFC 3339, UTC; given by the caller.
    pub created_at: String,
    pub sealed_at: Option<String>,
    pub state: State,
    /// SHA-256 of the record this one replaces.
    pub supersedes: Option<String>,
}

/// Life of a record. Everything after `sealed` is told by the sign-offs beside it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    #[default]
    Draft,
    Sealed,
}

/// What the models are for, in the words of their owner. Empty text: not stated.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Context {
    pub use_case: String,
    pub intended_use: String,
    pub change: String,
    pub owner: String,
}

/// How the run was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunDesign {
    pub kind: RunKind,
    pub task: Task,
    /// Column whose values are the clusters of every interval; `None`: each row is its own unit.
    pub unit: Option<String>,
    /// What the differences estimate, as one sentence.
    pub estimand: String,
}

/// What the numbers were computed from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    pub sources: Vec<Source>,
    /// Images that the logs name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub images: Option<ImageFiles>,
    pub audit: JoinAudit,
}

/// The policy as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyCopy {
    pub id: String,
    pub version: String,
    pub sha256: String,
    /// The exact text.
    pub text: String,
}

/// What a reviewer must know.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Review {
    /// At least one before sealing; "none stated by NAME" is one.
    pub limitations: Vec<String>,
    pub assumptions: Vec<String>,
    pub findings: Vec<Finding>,
}

/// Something found in review.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    pub id: String,
    pub severity: FindingSeverity,
    pub text: String,
    pub owner: String,
    /// Date, `2026-11-20`.
    pub due: Option<String>,
    pub open: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingSeverity {
    #[default]
    Low,
    Medium,
    High,
    Critical,
}

/// What a person decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    pub outcome: Recommendation,
    pub rationale: String,
    pub conditions: Vec<String>,
    /// Needed where the outcome is not the recommendation.
    #[serde(rename = "override")]
    pub override_reason: Option<Override>,
}

/// Why a person decided otherwise than recommended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Override {
    pub reason_code: String,
    pub rationale: String,
    pub compensating_controls: Vec<String>,
    /// Date, `2027-02-01`.
    pub expires: String,
}

/// A person and what their name under the record means.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    pub name: String,
    /// `author`, `validator`, `approver`, `release_manager`, or a role of the policy.
    pub role: String,
    /// `authored`, `reviewed`, `approved`, …; empty while waiting.
    pub meaning: String,
}

/// What it takes to compute the numbers again.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reproduction {
    pub tool: String,
    pub version: String,
    pub seed: u64,
    pub level: f64,
    pub verify_command: String,
}

/// What [`DecisionRecord::draft`] needs.
#[derive(Clone, Debug)]
pub struct DraftInputs<'a> {
    pub record_id: String,
    pub title: String,
    pub created_at: String,
    pub sources: Vec<Source>,
    pub audit: JoinAudit,
    pub mapping: Mapping,
    pub issues: Vec<Issue>,
    pub comparison: Comparison,
    pub policy: &'a Policy,
    pub verdict: Verdict,
    pub version: String,
    pub verify_command: String,
}

/// A record that may be written: canonical bytes and their digest.
#[derive(Clone, Debug, PartialEq)]
pub struct SealedRecord {
    pub record: DecisionRecord,
    pub bytes: Vec<u8>,
    pub sha256: String,
}

/// Why a record cannot be sealed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// What is missing, one sentence each.
    #[error("{}", .0.join(" "))]
    Incomplete(Vec<String>),
    #[error("the record is sealed already; supersede it by a new one")]
    Sealed,
    #[error("the record holds a number that is not finite")]
    NotFinite,
    #[error(transparent)]
    Canonical(#[from] CanonicalError),
}

/// Why bytes are not a record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    #[error("not a decision record: {0}")]
    Json(String),
    #[error("{SCHEMA} is expected, not {0}")]
    Schema(String),
}

impl DecisionRecord {
    /// A draft: all that was computed, nothing that only people can say.
    pub fn draft(inputs: DraftInputs<'_>) -> Self {
        let plan = &inputs.comparison.plan;
        let unit = plan.unit.clone();
        let estimand = estimand(&inputs.comparison);
        Self {
            schema: SCHEMA.to_owned(),
            header: Header {
                record_id: inputs.record_id,
                title: inputs.title,
                created_at: inputs.created_at,
                ..Header::default()
            },
            context: Context::default(),
            design: RunDesign { kind: plan.kind, task: plan.task, unit, estimand },
            evidence: Evidence { sources: inputs.sources, images: None, audit: inputs.audit },
            mapping: inputs.mapping,
            issues: inputs.issues,
            policy: PolicyCopy {
                id: inputs.policy.id.clone(),
                version: inputs.policy.version.clone(),
                sha256: inputs.policy.sha256.clone(),
                text: inputs.policy.text.clone(),
            },
            verdict: inputs.verdict,
            review: Review::default(),
            decision: None,
            people: Vec::new(),
            facts: Vec::new(),
            tests: Vec::new(),
            reproduction: Reproduction {
                tool: "assay".to_owned(),
                version: inputs.version,
                seed: plan.seed,
                level: plan.level,
                verify_command: inputs.verify_command,
            },
            comparison: inputs.comparison,
        }
    }

    /// Read a record; unknown keys and other schemas are errors.
    pub fn from_json(bytes: &[u8]) -> Result<Self, RecordError> {
        /// What every version of a record has.
        #[derive(Deserialize)]
        struct Version {
            schema: String,
        }
        match serde_json::from_slice::<Self>(bytes) {
            Ok(record) if record.schema == SCHEMA => Ok(record),
            Ok(record) => Err(RecordError::Schema(record.schema)),
            // A record of another version has other keys: its version is the reason, not the first of them.
            Err(error) => match serde_json::from_slice::<Version>(bytes) {
                Ok(other) if other.schema != SCHEMA => Err(RecordError::Schema(other.schema)),
                _ => Err(RecordError::Json(error.to_string())),
            },
        }
    }

    /// Canonical bytes of the record as it is, sealed or not.
    pub fn to_bytes(&self) -> Result<Vec<u8>, SealError> {
        Ok(canonical_bytes(&self.to_value()?)?)
    }

    /// The record as JSON; an error where it holds a number that is not finite.
    pub fn to_value(&self) -> Result<Value, SealError> {
        let value = serde_json::to_value(self).map_err(|error| CanonicalError::Serialize(error.to_string()))?;
        // JSON has no NaN: it would become null and read back as something else.
        match serde_json::from_value::<Self>(value.clone()) {
            Ok(back) if back == *self => Ok(value),
            _ => Err(SealError::NotFinite),
        }
    }

    /// Whether the person decided otherwise than the rules recommend.
    pub fn overrides(&self) -> bool {
        self.decision.as_ref().is_some_and(|decision| decision.outcome != self.verdict.recommendation)
    }

    /// What is missing before the record can be sealed, one sentence each. `sealed_at` starts with the date.
    pub fn missing_for_seal(&self, sealed_at: &str) -> Vec<String> {
        let mut missing = Vec::new();
        let mut need = |present: bool, sentence: String| {
            if !present {
                missing.push(sentence);
            }
        };
        let said = |text: &str| !text.trim().is_empty();
        need(said(&self.header.record_id), "The record has no id.".to_owned());
        need(
            self.review.limitations.iter().any(|text| said(text)),
            "Limitations are blank: say what this run cannot show, or \"none stated by\" and a name.".to_owned(),
        );
        let unread: Vec<&str> = self
            .evidence
            .sources
            .iter()
            .filter(|source| source.sha256.is_empty())
            .map(|source| source.path.as_str())
            .collect();
        need(unread.is_empty(), format!("No digest yet of {}.", unread.join(", ")));
        if let Some(decision) = &self.decision {
            need(said(&decision.rationale), "The decision has no rationale.".to_owned());
            let conditions = decision.outcome != Recommendation::PromoteWithConditions
                || decision.conditions.iter().any(|text| said(text));
            need(conditions, "Promoting with conditions needs the conditions.".to_owned());
            let overriding = self.overrides().then_some(decision.override_reason.as_ref());
            match Policy::read(&self.policy.text) {
                Ok(policy) => missing.extend(policy.signoff.missing(&self.people, overriding, sealed_at)),
                Err(_) => missing.push("The policy cannot be read, so who must sign is not known.".to_owned()),
            }
        }
        missing
    }

    /// Seal the record: it is complete, finite, and will not change. The clock is the caller's.
    pub fn seal(&self, sealed_at: &str) -> Result<SealedRecord, SealError> {
        if self.header.state == State::Sealed {
            return Err(SealError::Sealed);
        }
        let missing = self.missing_for_seal(sealed_at);
        if !missing.is_empty() {
            return Err(SealError::Incomplete(missing));
        }
        let mut record = self.clone();
        record.header.state = State::Sealed;
        record.header.sealed_at = Some(sealed_at.to_owned());
        let bytes = record.to_bytes()?;
        let sha256 = sha256_hex(&bytes);
        Ok(SealedRecord { record, bytes, sha256 })
    }
}

fn estimand(comparison: &Comparison) -> String {
    let plan = &comparison.plan;
    let by = plan.unit.as_ref().map_or_else(String::new, |unit| format!(", clustered by {unit}"));
    match (&plan.challenger, plan.kind) {
        (None, _) => format!("The metrics of {} on the analysed rows{by}.", plan.champion),
        (Some(challenger), RunKind::Shadow | RunKind::Offline) => {
            format!("{challenger} minus {}, on the same rows{by}.", plan.champion)
        }
        (Some(challenger), RunKind::Ab | RunKind::Canary) => {
            format!("{challenger} minus {}, between the units of the two arms{by}.", plan.champion)
        }
    }
}

/// Days since 1 January 1970 of a text that starts with `YYYY-MM-DD`.
pub(super) fn day_number(text: &str) -> Option<i64> {
    let mut parts = text.get(..10)?.split('-');
    let mut part = || parts.next()?.parse::<i64>().ok();
    let (year, month, day) = (part()?, part()?, part()?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Howard Hinnant's days_from_civil: years start in March, eras have 400 years.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year - era * 400;
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

/// Lines of `MANIFEST.sha256` in the form of `sha256sum`: digest, two spaces, name.
pub fn manifest(files: &[(&str, &[u8])]) -> String {
    files.iter().map(|(name, bytes)| format!("{}  {name}\n", sha256_hex(bytes))).collect()
}

#[cfg(test)]
mod tests;
