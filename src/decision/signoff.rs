//! What the policy asks of people before a decision is sealed: roles that are filled, roles of different people, and
//! what overriding the recommendation takes.

use std::collections::BTreeSet;

use super::policy::{OverrideRule, Signoff};
use super::record::{Override, Person, day_number};

/// Role whose people may override a recommendation together.
const APPROVER: &str = "approver";

impl Signoff {
    /// Required roles that are not filled yet, with how many more people each needs.
    pub fn open<'a>(&'a self, people: &'a [Person]) -> impl Iterator<Item = (&'a str, usize)> {
        self.required.iter().filter_map(|required| {
            let open = (required.count as usize).saturating_sub(named(people, &required.role).len());
            (open > 0).then_some((required.role.as_str(), open))
        })
    }

    /// Pairs of roles that must be different people and have one in both.
    pub fn shared<'a>(&'a self, people: &'a [Person]) -> impl Iterator<Item = &'a [String; 2]> {
        self.separate.iter().filter(|[one, other]| !named(people, one).is_disjoint(&named(people, other)))
    }

    /// What is missing for a decision, one sentence each. `overriding` holds the reason where it is not the
    /// recommended one; `sealed_at` starts with the date.
    pub(super) fn missing(
        &self,
        people: &[Person],
        overriding: Option<Option<&Override>>,
        sealed_at: &str,
    ) -> Vec<String> {
        let say = |(role, open): (&str, usize)| format!("The policy asks for {open} more of the role {}.", words(role));
        let mut missing: Vec<String> = self.open(people).map(say).collect();
        missing.extend(self.shared(people).map(|[one, other]| {
            format!("{} and {} are the same person, the policy wants two.", words(one), words(other))
        }));
        if let Some(reason) = overriding {
            missing.extend(missing_for_override(reason, self.override_rule, sealed_at));
            let wanted = self.override_rule.map_or(0, |rule| rule.approvers as usize);
            let approvers = named(people, APPROVER).len();
            if approvers < wanted {
                missing.push(format!("An override needs {wanted} people as approvers, {approvers} named."));
            }
        }
        missing
    }
}

/// Different people of a role; a name counts once, however it is written.
fn named(people: &[Person], role: &str) -> BTreeSet<String> {
    let names = people
        .iter()
        .filter(|person| person.role == role)
        .map(|person| person.name.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>().join(" "));
    names.filter(|name| !name.is_empty()).collect()
}

/// A role as read aloud: `release manager`.
pub fn words(role: &str) -> String {
    role.replace('_', " ")
}

fn missing_for_override(reason: Option<&Override>, rule: Option<OverrideRule>, sealed_at: &str) -> Vec<String> {
    let Some(reason) = reason else {
        return vec![
            "Deciding otherwise than recommended needs a reason, compensating controls and an expiry.".to_owned(),
        ];
    };
    let mut missing = Vec::new();
    if reason.reason_code.trim().is_empty() {
        missing.push("The override has no reason code.".to_owned());
    }
    let least = rule.map_or(1, |rule| rule.min_rationale_chars.max(1));
    let length = reason.rationale.trim().chars().count();
    if length < least {
        missing.push(format!("The override's rationale has {length} characters, {least} are required."));
    }
    if !reason.compensating_controls.iter().any(|control| !control.trim().is_empty()) {
        missing.push("The override names no compensating control.".to_owned());
    }
    match (day_number(&reason.expires), day_number(sealed_at)) {
        (None, _) => missing.push("The override has no expiry date (2027-02-01).".to_owned()),
        (Some(expires), Some(sealed)) if expires <= sealed => {
            missing.push("The override expires before it begins.".to_owned());
        }
        (Some(expires), Some(sealed)) => {
            if let Some(days) = rule.and_then(|rule| rule.valid_days).filter(|days| expires - sealed > i64::from(*days))
            {
                missing.push(format!("The override may last {days} days by the policy."));
            }
        }
        (Some(_), None) => {}
    }
    missing
}

#[cfg(test)]
mod tests;
