//! What people say in a record, while it is being written.

use super::command::DraftEdit;
use crate::decision::Recommendation;
use crate::decision::record::{DecisionRecord, Finding, Override, Person};

/// The human part of a record. Texts are kept as typed; lists are one entry per line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Draft {
    pub outcome: Option<Recommendation>,
    pub rationale: String,
    pub conditions: String,
    pub limitations: String,
    pub use_case: String,
    pub people: Vec<Person>,
    pub findings: Vec<Finding>,
    pub override_reason: Option<Override>,
}

impl Draft {
    pub fn apply(&mut self, edit: &DraftEdit) {
        let _ = edit;
    }

    /// Put what people said into a drafted record.
    pub fn write_into(&self, record: &mut DecisionRecord) {
        let _ = record;
    }
}
