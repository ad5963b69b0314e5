//! Looks that were planned: at known shares of the planned units, with the error spent over them (Lan and DeMets 1983,
//! Biometrika 70:659).

use crate::compare::detail::SplitDetail;
use crate::compare::engine::checks::{check, measured};
use crate::compare::engine::words::{count, percent};
use crate::compare::plan::SplitDesign;
use crate::compare::result::{Check, CheckOutcome, MetricResult};
use crate::stats::Undefined;
use crate::stats::sequential::group::lan_demets;
use crate::stats::special::norm_two_sided_p;

/// The look that a run has reached.
pub(super) struct Reached {
    /// From 1; 0 before the first planned look.
    look: usize,
    looks: usize,
    /// Share of the planned units that have come.
    information: f64,
    /// Level of one look at which all looks together hold the planned level; before the first look that level itself.
    pub level: f64,
    /// Why nothing is told at the units that have come: before the first look, or too far beyond one to be it.
    waits: Option<String>,
}

/// A log is read when a look is due, not at the very unit: so far beyond it, as a share of its units, it is that look.
const LATE: f64 = 1.05;

impl Reached {
    /// By the units of both arms. Between two planned looks nothing is told: the error is spent at those that were
    /// planned, and looking at every unit in between would spend it many times. What comes after the last one is taken as
    /// that one.
    ///
    /// # Errors
    /// No units or looks are planned, or two lie too close together.
    pub fn of(design: &SplitDesign, units: u64, level: f64) -> Result<Self, Undefined> {
        let planned = design.planned_units.filter(|units| *units > 0).unwrap_or(1) as f64;
        let shares = &design.planned_looks;
        if shares.is_empty() {
            return Err(Undefined::new("no looks are planned"));
        }
        let information = units as f64 / planned;
        let look = shares.iter().take_while(|share| **share <= information + 1e-12).count();
        let mut taken: Vec<f64> = shares.iter().take(look).copied().collect();
        if let Some(last) = taken.last_mut() {
            *last = information.min(1.0);
        }
        let due = look.checked_sub(1).and_then(|at| shares.get(at)).is_some_and(|share| information <= share * LATE);
        let waits = shares.get(look).filter(|_| !due).map(|next| {
            let which = if look == 0 { "first" } else { "next" };
            let at = count((next * planned).ceil() as u64);
            format!("the {which} look is planned at {at} units, the run has {}", count(units))
        });
        let found = Self { look, looks: shares.len(), information, level, waits };
        let bounds = if taken.is_empty() { Vec::new() } else { lan_demets(&taken, 1.0 - level, design.spending)? };
        Ok(match bounds.last() {
            Some(z) => Self { level: 1.0 - norm_two_sided_p(*z), ..found },
            None => found,
        })
    }

    /// Say of metrics that were measured at [`Self::level`] what they hold for: all looks together.
    pub fn tell(&self, metrics: &mut [MetricResult], level: f64) {
        let early = self.waits.as_ref().map(|waits| format!("no interval: {waits}"));
        let method = |known: &str| match &early {
            Some(early) => early.clone(),
            None if known.starts_with("no interval") => known.to_owned(),
            None => format!("{known}, look {} of {}", self.look, self.looks),
        };
        for metric in metrics {
            for arm in [&mut metric.arms.champion, &mut metric.arms.challenger].into_iter().flatten() {
                (arm.level, arm.method) = (level, method(&arm.method));
                (arm.lo, arm.hi) = if early.is_some() { (None, None) } else { (arm.lo, arm.hi) };
            }
            if let Some(found) = &mut metric.difference {
                (found.level, found.method) = (level, method(&found.method));
                (found.lo, found.hi) = if early.is_some() { (None, None) } else { (found.lo, found.hi) };
                // That of one look would be read as if there were no others.
                found.p = None;
            }
        }
    }

    /// What was read at one look and says so: at several it holds for none.
    pub fn clear(detail: &mut SplitDetail) {
        detail.lifts.clear();
        detail.adjusted.clear();
    }

    pub fn check(&self, level: f64) -> Check {
        let (name, title) = ("planned_looks", "Planned looks");
        let limit = self.information.min(1.0);
        if let Some(waits) = &self.waits {
            let reading = if self.look == 0 { "before the first" } else { "between looks" };
            let text = format!("Nothing is told now: {waits}.");
            return check(name, title, CheckOutcome::NotEvaluable, reading, text);
        }
        let text = format!(
            "Look {} of {}, at {} of the planned units: intervals of {} at this look hold {} at all planned looks together.",
            self.look,
            self.looks,
            percent(self.information),
            percent(self.level),
            percent(level)
        );
        measured(check(name, title, CheckOutcome::Pass, format!("{} of {}", self.look, self.looks), text), limit, None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::sequential::group::Spending;

    fn design() -> SplitDesign {
        SplitDesign {
            planned_units: Some(1_000),
            planned_looks: vec![0.25, 0.5, 0.75, 1.0],
            spending: Spending::OBrienFleming,
            ..SplitDesign::default()
        }
    }

    #[test]
    fn early_looks_ask_for_more_and_the_last_for_little_more_than_one() {
        let at = |units| Reached::of(&design(), units, 0.95).unwrap();
        // Boundaries of gsDesign for four equal looks: 4.333, 2.963, 2.359, 2.014.
        for (units, look, z) in [(250, 1, 4.333), (500, 2, 2.963), (750, 3, 2.359), (1_000, 4, 2.014)] {
            let found = at(units);
            assert_eq!(found.look, look);
            let own = 1.0 - norm_two_sided_p(z);
            assert!((found.level - own).abs() < 2e-3 * (1.0 - own) + 1e-7, "{units}: {} {own}", found.level);
        }
        assert_eq!((at(100).look, at(100).level), (0, 0.95));
        assert_eq!(at(5_000).level, at(1_000).level);
        // A little late it is that look, by what has come; between two looks nothing is told.
        assert!(at(520).look == 2 && at(520).level < at(500).level && at(520).waits.is_none());
        assert!(at(100).waits.unwrap().contains("first look is planned at 250"));
        assert!(at(600).waits.unwrap().contains("next look is planned at 750"));
        assert_eq!(at(5_000).waits, None);
    }
}
