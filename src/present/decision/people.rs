//! People, the roles the policy asks for, and who must differ from whom.

use crate::decision::Policy;
use crate::decision::record::Person;
use crate::decision::signoff::words;
use crate::present::Sign;

/// People and the policy's demands on them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeopleModel {
    pub rows: Vec<PersonRow>,
    /// Roles a person can have: the policy's first.
    pub roles: Vec<String>,
    /// What a name under the record can mean; the first, empty, is waiting.
    pub meanings: Vec<String>,
    /// Required roles that nobody fills yet: `approver: 1 more person`.
    pub open_roles: Vec<String>,
    /// `author, validator, approver differ`; `None` where the policy separates none.
    pub separation: Option<String>,
    /// Roles that must differ and are filled by one person.
    pub separation_broken: Vec<String>,
}

/// One person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonRow {
    pub person: Person,
    /// Passed where the person has said what their name means.
    pub sign: Sign,
    /// `authored`, or `waiting`.
    pub standing: String,
}

pub(super) fn people(policy: &Policy, said: &[Person]) -> PeopleModel {
    let signoff = &policy.signoff;
    let mut roles: Vec<String> = Vec::new();
    let known = ["author", "validator", "approver", "release_manager"].map(str::to_owned);
    let required = signoff.required.iter().map(|required| required.role.clone());
    let named = said.iter().map(|person| person.role.clone());
    for role in required.chain(known).chain(named).filter(|role| !role.is_empty()) {
        if !roles.contains(&role) {
            roles.push(role);
        }
    }
    let mut meanings = ["", "authored", "reviewed", "approved", "released"].map(str::to_owned).to_vec();
    for person in said {
        if !meanings.contains(&person.meaning) {
            meanings.push(person.meaning.clone());
        }
    }
    let open_roles = signoff.open(said).map(|(role, open)| {
        let people = if open == 1 { "person" } else { "people" };
        format!("{}: {open} {people} still to be named", words(role))
    });
    let shared = |[one, other]: &[String; 2]| {
        format!("{} and {} are the same person, the policy wants two", words(one), words(other))
    };
    PeopleModel {
        rows: said.iter().map(row).collect(),
        roles,
        meanings,
        open_roles: open_roles.collect(),
        separation: separation(&signoff.separate),
        separation_broken: signoff.shared(said).map(shared).collect(),
    }
}

fn row(person: &Person) -> PersonRow {
    let waiting = person.meaning.trim().is_empty();
    PersonRow {
        person: person.clone(),
        sign: if waiting { Sign::NotEvaluable } else { Sign::Pass },
        standing: if waiting { "waiting".to_owned() } else { person.meaning.clone() },
    }
}

fn separation(pairs: &[[String; 2]]) -> Option<String> {
    let mut roles: Vec<&String> = Vec::new();
    for role in pairs.iter().flatten() {
        if !roles.contains(&role) {
            roles.push(role);
        }
    }
    // Only where every two of the roles are separated can they be told in one breath.
    let joined = |roles: &[&String]| roles.iter().map(|role| words(role)).collect::<Vec<_>>().join(", ");
    match pairs.len() {
        0 => None,
        1 => Some(format!("{} and {} differ", words(&pairs[0][0]), words(&pairs[0][1]))),
        all if all == roles.len() * (roles.len() - 1) / 2 => Some(format!("{} differ", joined(&roles))),
        _ => {
            let told: Vec<String> =
                pairs.iter().map(|[one, other]| format!("{} and {}", words(one), words(other))).collect();
            Some(format!("{} differ", told.join("; ")))
        }
    }
}
