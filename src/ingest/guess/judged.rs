//! What is told of texts beside the answers: the likelihood of their tokens, and what a judge prefers.

use super::column::{Kind, Look};
use super::roles::{Judge, Pick, Roles};
use crate::ingest::mapping::Role;
use crate::ingest::opened::Confidence;

/// The pick of a column that is named like one of these.
pub(super) fn fits(role: Role, look: &Look) -> Option<Pick> {
    let pick = |why: &str| Some(Pick::new(role, Confidence::Likely, why));
    match role {
        Role::Logprobs if look.is_number() && look.max <= 0.0 => {
            pick("named like a sum of log-probabilities; never above 0")
        }
        Role::Logprobs if look.kind == Kind::Json || look.is_vector() => {
            pick("named like log-probabilities of tokens; lists")
        }
        Role::Tokens if look.kind == Kind::Whole && look.min >= 0.0 => pick("named like a number of tokens"),
        Role::Preference if look.is_classes() => pick("named like a judge's preference; few different values"),
        _ => None,
    }
}

impl Judge<'_> {
    pub(super) fn judged(&self, roles: &mut Roles) {
        for role in [Role::Logprobs, Role::Tokens, Role::Preference] {
            self.by_name(roles, role);
        }
        // A sum means nothing without its number of tokens, nor that without the sum.
        let of = |roles: &Roles, role: Role| -> Vec<usize> {
            let is = |pick: &Option<Pick>| pick.as_ref().is_some_and(|pick| pick.role == role && pick.why != "as told");
            (0..roles.picks.len()).filter(|&place| is(&roles.picks[place])).collect()
        };
        let has = |roles: &Roles, role: Role| roles.picks.iter().flatten().any(|pick| pick.role == role);
        let counted = has(roles, Role::Tokens);
        for place in of(roles, Role::Logprobs) {
            if self.columns[place].look.is_number() != counted {
                roles.picks[place] = None;
            }
        }
        if !has(roles, Role::Logprobs) {
            of(roles, Role::Tokens).into_iter().for_each(|place| roles.picks[place] = None);
        }
    }
}
