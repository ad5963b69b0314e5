//! The other challengers of the run: each is compared with the champion as it would be, were it the one in view.

use super::Session;
use crate::present::challengers::{Challenger, ChallengersModel, Standing, line, unknown};
use crate::present::format::plain;
use crate::session::pipeline::Request;

/// A challenger that is not in view, and what came of it or why nothing did.
#[derive(Clone, Debug, PartialEq)]
pub struct Other {
    pub name: String,
    pub found: Result<Challenger, String>,
}

/// The others as far as they are known.
#[derive(Clone, Debug, Default)]
pub(super) struct Others {
    each: Vec<Other>,
    standing: Standing,
}

impl Others {
    pub fn outdate(&mut self) {
        if self.standing == Standing::Ready {
            self.standing = Standing::Outdated;
        }
    }
}

impl Session {
    /// The table of challengers; `None` where there is one.
    pub fn challengers(&self) -> Option<ChallengersModel> {
        let rivals = &self.evaluation.comparison.plan.rivals;
        if rivals.is_empty() {
            return None;
        }
        let current = Challenger::of(&self.evaluation.comparison, &self.evaluation.verdict);
        let mut lines = vec![line(&current, true)];
        for rival in rivals {
            lines.push(match self.others.each.iter().find(|other| other.name == *rival).map(|other| &other.found) {
                Some(Ok(found)) => line(found, false),
                Some(Err(reason)) => unknown(rival, reason),
                None if self.others.standing == Standing::Running => unknown(rival, "being compared"),
                None => unknown(rival, "not compared yet"),
            });
        }
        lines.sort_by(|a, b| a.name.cmp(&b.name));
        let level = (current.level * 1e4).round() / 1e2;
        Some(ChallengersModel {
            lines,
            interval_title: format!("{} % interval", plain(level)),
            note: format!("each against {}", self.evaluation.comparison.plan.champion),
            standing: self.others.standing,
        })
    }

    /// Ask for the others: what each is to be compared by.
    pub(super) fn ask_for_others(&mut self) -> Vec<Request> {
        let rivals = self.evaluation.comparison.plan.rivals.clone();
        let requests: Vec<Request> = rivals.iter().filter_map(|name| self.with_challenger(name)).collect();
        if !requests.is_empty() {
            self.others.standing = Standing::Running;
        }
        requests
    }

    /// Take in the others, compared as the analysis stood when they were asked for; `None`: the job was stopped.
    pub fn compared_others(&mut self, found: Option<Vec<Other>>) {
        self.others.standing = match found {
            Some(each) => {
                self.others.each = each;
                Standing::Ready
            }
            None => Standing::Stopped,
        };
    }

    /// Of a session that shows another challenger of the same run: what it knew of all of them.
    pub fn take_over(&mut self, before: &Self) {
        let names = |session: &Self| {
            let plan = &session.evaluation.comparison.plan;
            let mut names: Vec<String> = plan.rivals.iter().chain(&plan.challenger).cloned().collect();
            names.sort();
            (plan.champion.clone(), names)
        };
        if before.others.standing != Standing::Ready || names(self) != names(before) {
            return;
        }
        let left = Challenger::of(&before.evaluation.comparison, &before.evaluation.verdict);
        let left = Other { name: left.name.clone(), found: Ok(left) };
        let mine = self.evaluation.comparison.plan.challenger.clone();
        let each = before.others.each.iter().cloned().chain([left]);
        self.others.each = each.filter(|other| Some(&other.name) != mine.as_ref()).collect();
        self.others.standing = Standing::Ready;
    }
}
