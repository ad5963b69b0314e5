//! Policy → gates → verdict → record → verify. Pure: files, clock and people are the caller's.
//!
//! [`judge()`] holds a comparison against a [`Policy`] and says what the rules recommend and why. A
//! [`DecisionRecord`] keeps all of it together with what a person decided; [`verify`] compares a stored
//! record with a recomputed one, number by number.
//!
//! Invariants:
//! * gates read intervals, never point values; no data is never a pass;
//! * every gate is in the verdict, passed and report-only ones too;
//! * the recommendation of the rules and the decision of a person are kept apart.

pub mod attached;
pub mod canonical;
pub mod catalog;
mod earned;
#[cfg(test)]
pub(crate) mod fixture;
mod fragility;
mod gate;
mod judge;
pub mod numerals;
pub mod policy;
pub mod record;
#[cfg(test)]
pub(crate) mod schema_check;
mod segments;
pub mod signoff;
pub mod staleness;
mod validity;
pub mod verify;
mod wording;

pub use earned::{Earned, outcome_at};
pub use fragility::Change;
pub use gate::{Ends, GatePlot, Outcome, Quantity, Reading};
pub use judge::{GateResult, Held, RuleRow, Tallies, Tally, Verdict, judge};
pub use policy::{GateRole, Policy, PolicyError, Recommendation, Segment, Test, When};
pub use record::{DecisionRecord, SealError, SealedRecord};
pub use segments::SegmentOutcome;
pub use staleness::{Trigger, TriggerKind, TriggerOutcome};
pub use validity::{
    DUPLICATE_CONFLICTS, LABEL_COVERAGE, LABELS_BY_ARM, MISSING_OUTCOMES, MISSING_PREDICTIONS, SAMPLE_RATIO,
    ValidityResult,
};
pub use wording::{moment, more};
