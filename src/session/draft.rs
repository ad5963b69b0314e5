//! What people say in a record, while it is being written.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::command::DraftEdit;
use crate::decision::Recommendation;
use crate::decision::attached::Fact;
use crate::decision::record::{Decision, DecisionRecord, Finding, Override, Person};

/// The human part of a record. Texts are kept as typed; lists are one entry per line.
///
/// A workspace file keeps it under `[draft]`, so scalars stand before tables.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Draft {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Recommendation>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub rationale: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub conditions: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub limitations: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub use_case: String,
    /// As [`Fact::parse`] reads them.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub facts: String,
    #[serde(rename = "override", skip_serializing_if = "Option::is_none")]
    pub override_reason: Option<Override>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<Person>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
    /// What was said of challengers that are not in view, by their names: all but use case and people, which are those
    /// of the run.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub others: BTreeMap<String, Draft>,
}

impl Draft {
    /// The draft with challenger `to` in view instead of `from`: what was said of `from` is kept by its name, and what
    /// was said of `to` comes back.
    pub fn turned(&self, from: Option<&str>, to: &str) -> Self {
        let (use_case, people) = (self.use_case.clone(), self.people.clone());
        let of_run = Self { use_case: use_case.clone(), people: people.clone(), ..Self::default() };
        let mut others = self.others.clone();
        let own = Self { others: BTreeMap::new(), ..self.clone() };
        if let Some(from) = from.filter(|_| own != of_run) {
            let own = Self { use_case: String::new(), people: Vec::new(), ..own };
            others.insert(from.to_owned(), own);
        }
        let back = others.remove(to).unwrap_or_default();
        Self { use_case, people, others, ..back }
    }

    /// Whether nothing has been said yet.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Apply an edit; an index that does not exist changes nothing.
    pub fn apply(&mut self, edit: &DraftEdit) {
        match edit {
            DraftEdit::Outcome(outcome) => self.outcome = *outcome,
            DraftEdit::Rationale(text) => self.rationale.clone_from(text),
            DraftEdit::Conditions(text) => self.conditions.clone_from(text),
            DraftEdit::Limitations(text) => self.limitations.clone_from(text),
            DraftEdit::UseCase(text) => self.use_case.clone_from(text),
            DraftEdit::Facts(text) => self.facts.clone_from(text),
            DraftEdit::Person { index, person } => replace(&mut self.people, *index, person),
            DraftEdit::AddPerson => self.people.push(Person::default()),
            DraftEdit::RemovePerson(index) => remove(&mut self.people, *index),
            DraftEdit::Finding { index, finding } => replace(&mut self.findings, *index, finding),
            DraftEdit::AddFinding => {
                let id = next_id(&self.findings);
                self.findings.push(Finding { id, open: true, ..Finding::default() });
            }
            DraftEdit::RemoveFinding(index) => remove(&mut self.findings, *index),
            DraftEdit::Override(reason) => self.override_reason.clone_from(reason),
        }
    }

    /// Put a line under the facts.
    pub fn add_fact(&mut self, line: &str) {
        if !self.facts.is_empty() && !self.facts.ends_with('\n') {
            self.facts.push('\n');
        }
        self.facts.push_str(line);
        self.facts.push('\n');
    }

    /// Facts that can be read, and what is wrong with the others.
    pub fn facts(&self) -> (Vec<Fact>, Vec<String>) {
        let (mut facts, mut problems) = (Vec::new(), Vec::new());
        for line in lines(&self.facts) {
            match Fact::parse(&line) {
                Ok(fact) => facts.push(fact),
                Err(problem) => problems.push(problem),
            }
        }
        (facts, problems)
    }

    /// Put what people said into a drafted record. Rows without a name or a text are left out.
    pub fn write_into(&self, record: &mut DecisionRecord) {
        record.context.use_case = self.use_case.trim().to_owned();
        record.review.limitations = lines(&self.limitations);
        record.review.findings =
            self.findings.iter().filter(|finding| !finding.text.trim().is_empty()).cloned().collect();
        record.facts = self.facts().0;
        record.people = self.people.iter().filter(|person| !person.name.trim().is_empty()).cloned().collect();
        record.decision = self.outcome.map(|outcome| Decision {
            outcome,
            rationale: self.rationale.trim().to_owned(),
            conditions: lines(&self.conditions),
            // A reason for an override that is none would mislead.
            override_reason: self.override_reason.clone().filter(|_| outcome != record.verdict.recommendation),
        });
    }
}

/// `F1`, or the number after the highest one in use.
fn next_id(findings: &[Finding]) -> String {
    let number = |finding: &Finding| finding.id.strip_prefix('F').and_then(|digits| digits.parse::<u64>().ok());
    let highest = findings.iter().filter_map(number).max().unwrap_or(0);
    format!("F{}", highest.saturating_add(1))
}

fn replace<T: Clone>(list: &mut [T], index: usize, value: &T) {
    if let Some(place) = list.get_mut(index) {
        *place = value.clone();
    }
}

fn remove<T>(list: &mut Vec<T>, index: usize) {
    if index < list.len() {
        list.remove(index);
    }
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_of_rows_that_are_not_there_change_nothing() {
        let mut draft = Draft::default();
        for edit in [
            DraftEdit::RemovePerson(0),
            DraftEdit::RemoveFinding(3),
            DraftEdit::Person { index: 1, person: Person::default() },
            DraftEdit::Finding { index: 0, finding: Finding::default() },
        ] {
            draft.apply(&edit);
        }
        assert_eq!(draft, Draft::default());
    }

    #[test]
    fn findings_are_numbered_on() {
        let mut draft = Draft::default();
        draft.apply(&DraftEdit::AddFinding);
        draft.apply(&DraftEdit::AddFinding);
        draft.apply(&DraftEdit::RemoveFinding(0));
        draft.apply(&DraftEdit::AddFinding);
        let ids: Vec<&str> = draft.findings.iter().map(|finding| finding.id.as_str()).collect();
        assert_eq!(ids, ["F2", "F3"]);
        assert!(draft.findings.iter().all(|finding| finding.open));
    }

    #[test]
    fn lists_are_one_entry_per_line() {
        assert_eq!(lines(" one \n\n two\n"), ["one", "two"]);
    }

    #[test]
    fn what_was_said_of_one_challenger_is_not_said_of_the_other_and_comes_back() {
        let said = Draft { use_case: "outreach".to_owned(), ..Draft::default() };
        let mut tree = said.clone();
        tree.apply(&DraftEdit::Facts("challenger.cost=2.4 EUR".to_owned()));
        let mut net = tree.turned(Some("tree"), "net");
        assert_eq!((net.facts.as_str(), net.use_case.as_str()), ("", "outreach"));
        let mut record = crate::decision::fixture::record();
        net.write_into(&mut record);
        assert_eq!(record.facts, []);
        net.apply(&DraftEdit::Facts("challenger.cost=9 EUR".to_owned()));
        let back = net.turned(Some("net"), "tree");
        assert_eq!(
            (back.facts.as_str(), back.others["net"].facts.as_str()),
            (tree.facts.as_str(), "challenger.cost=9 EUR")
        );
        assert_eq!(back.turned(Some("tree"), "net"), net);
        // Nothing said leaves nothing behind.
        assert_eq!(said.turned(Some("tree"), "net"), said);
    }

    #[test]
    fn what_was_said_stands_in_the_record() {
        let mut record = crate::decision::fixture::record();
        let computed = record.clone();
        let mut draft = Draft { limitations: "One site.\nFour weeks.".to_owned(), ..Draft::default() };
        draft.apply(&DraftEdit::AddPerson);
        draft.apply(&DraftEdit::AddFinding);
        draft.write_into(&mut record);
        assert_eq!(record.review.limitations, ["One site.", "Four weeks."]);
        assert!(record.people.is_empty() && record.review.findings.is_empty(), "empty rows are not written");
        assert_eq!(record.decision, None);
        assert_eq!((&record.comparison, &record.verdict), (&computed.comparison, &computed.verdict));

        draft.apply(&DraftEdit::Override(Some(Override::default())));
        draft.apply(&DraftEdit::Outcome(Some(record.verdict.recommendation)));
        draft.write_into(&mut record);
        assert_eq!(record.decision.as_ref().unwrap().override_reason, None, "agreeing overrides nothing");
        draft.apply(&DraftEdit::Outcome(Some(Recommendation::Reject)));
        draft.write_into(&mut record);
        assert!(record.overrides() && record.decision.unwrap().override_reason.is_some());
    }
}
