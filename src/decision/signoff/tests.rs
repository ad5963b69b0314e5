use super::*;
use crate::decision::fixture;
use crate::decision::record::{Decision, DecisionRecord};
use crate::decision::{Policy, Recommendation};

const AT: &str = "2026-11-25T00:00:00Z";
const ASKED: &str = "[signoff]\nrequired = [{ role = \"validator\", count = 1 }, { role = \"approver\", count = 2 }]\n\
                     separate = [[\"author\", \"validator\"]]\noverride = { approvers = 3, min_rationale_chars = 5 }\n";

fn policy(signoff: &str) -> Policy {
    fixture::policy(&fixture::gate("G1", "roc_auc", "superiority", "margin = 0.01"), signoff)
}

/// A record decided as recommended, or otherwise, under a policy of these rules.
fn decided(signoff: &str, people: &[(&str, &str)], overrides: bool) -> DecisionRecord {
    let mut record = fixture::record();
    record.policy.text = policy(signoff).text;
    record.review.limitations = vec!["One site only.".to_owned()];
    record.people = people
        .iter()
        .map(|(role, name)| Person { name: (*name).to_owned(), role: (*role).to_owned(), meaning: String::new() })
        .collect();
    let reason = Override {
        reason_code: "cost".to_owned(),
        rationale: "Too dear.".to_owned(),
        compensating_controls: vec!["Review.".to_owned()],
        expires: "2026-12-01".to_owned(),
    };
    record.decision = Some(Decision {
        outcome: if overrides { Recommendation::Reject } else { record.verdict.recommendation },
        rationale: "As measured.".to_owned(),
        conditions: Vec::new(),
        override_reason: overrides.then_some(reason),
    });
    assert_eq!(record.overrides(), overrides);
    record
}

#[track_caller]
fn lacks(record: &DecisionRecord, part: &str) {
    let missing = record.missing_for_seal(AT);
    assert!(missing.len() == 1 && missing[0].contains(part), "{missing:?}");
    assert!(record.seal(AT).is_err());
}

#[test]
fn a_decision_needs_the_people_the_policy_asks_for() {
    let all = [("validator", "Vera"), ("approver", "Ann"), ("approver", "Abe")];
    assert!(decided(ASKED, &all, false).seal(AT).is_ok());
    lacks(&decided(ASKED, &all[1..], false), "1 more of the role validator");
    // One person, however the name is written, is one.
    lacks(&decided(ASKED, &[all[0], all[1], ("approver", " ann ")], false), "1 more of the role approver");
    lacks(&decided(ASKED, &[all[0], ("approver", " ")], false), "2 more of the role approver");
    // Nothing was decided, so nobody has to stand for it; a policy without rules asks nothing.
    let mut undecided = decided(ASKED, &[], false);
    undecided.decision = None;
    assert!(undecided.seal(AT).is_ok());
    assert!(decided("", &[], true).seal(AT).is_ok());
}

#[test]
fn one_person_in_both_roles_of_a_separate_pair_is_refused() {
    let people = |author| [("author", author), ("validator", "Vera  Lang"), ("approver", "Ann"), ("approver", "Abe")];
    assert!(decided(ASKED, &people("Otto"), false).seal(AT).is_ok());
    lacks(&decided(ASKED, &people("vera lang"), false), "author and validator are the same person");
}

#[test]
fn an_override_needs_its_approvers() {
    let people = [("validator", "Vera"), ("approver", "Ann"), ("approver", "Abe"), ("approver", "Amy")];
    assert!(decided(ASKED, &people, true).seal(AT).is_ok());
    lacks(&decided(ASKED, &people[..3], true), "An override needs 3 people as approvers, 2 named");
}
