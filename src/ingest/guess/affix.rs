//! A score whose name says what it is a score of.

use super::names::affixed;
use super::roles::{Candidate, Judge, Pick, Roles, short};
use crate::ingest::mapping::Role;
use crate::ingest::opened::Confidence;

impl Judge<'_> {
    /// Nothing is named a score or a decision, and one column is named `p_fraud` or `churn_score` and holds shares.
    pub(super) fn by_affix(&self, roles: &mut Roles) {
        if [Role::Score, Role::Prediction].iter().any(|role| Self::has(roles, *role) || self.told(*role)) {
            return;
        }
        let fits = |place: &usize| {
            let Candidate { name, look } = &self.columns[*place];
            let named = matches!(affixed(name), Some((Role::Score, _)));
            roles.picks[*place].is_none() && named && look.in_unit() && look.is_continuous()
        };
        let found: Vec<usize> = (0..self.columns.len()).filter(fits).collect();
        if let [place] = found[..] {
            let look = self.columns[place].look;
            let why = format!("named like a score; numbers from {} to {}", short(look.min), short(look.max));
            roles.picks[place] = Some(Pick::new(Role::Score, Confidence::Likely, why));
        }
    }
}
