//! The level of all intervals, where several claims share the error.

use super::super::segments::segment_of;
use super::{GateRole, Policy, Test};
use crate::compare::SliceSpec;
use crate::decision::numerals::round_significant;
use crate::log::RunKind;

impl Policy {
    /// Two-sided level of the intervals of a run in which `rivals` more challengers stand against the same champion, and
    /// which is cut into `slices`.
    ///
    /// All gates have to pass, which needs no correction; that any challenger may be promoted does, and any critical
    /// gate of a canary may roll it back, in any of its segments and at either end where it has two: those share the error
    /// (Bonferroni). A two-sided interval has an error at each of its ends, of which such a claim uses one.
    pub fn level(&self, kind: RunKind, rivals: usize, slices: &[SliceSpec]) -> f64 {
        let alpha = 1.0 - self.interval.level;
        let ends = if kind == RunKind::Canary { 0.5 * self.ends_that_roll_back(slices) as f64 } else { 1.0 };
        let shares = (rivals as f64 + 1.0).max(ends);
        if shares > 1.0 { 1.0 - alpha / shares } else { self.interval.level }
    }

    /// Ends of intervals at which a critical gate fails, those of all its segments.
    fn ends_that_roll_back(&self, slices: &[SliceSpec]) -> usize {
        let critical = self.gates.iter().filter(|gate| gate.role == GateRole::Critical);
        critical
            .map(|gate| {
                let both = gate.test == Test::Equivalence || (gate.lower.is_some() && gate.upper.is_some());
                let segments = slices.iter().filter(|slice| segment_of(gate, &slice.to_string()).is_some()).count();
                (1 + usize::from(both)) * segments.max(1)
            })
            .sum()
    }

    /// Why [`Policy::level`] is not that of the policy; `None` where it is.
    pub fn level_note(&self, kind: RunKind, rivals: &[String], slices: &[SliceSpec]) -> Option<String> {
        let level = self.level(kind, rivals.len(), slices);
        let percent = |share: f64| round_significant(100.0 * share, 4);
        let (whole, own) = (percent(self.interval.level), percent(level));
        if level == self.interval.level {
            None
        } else if level > self.level(kind, 0, slices) {
            Some(format!(
                "Intervals are at {own} %, not {whole} %: {} challengers may be promoted, and share the error ({} too).",
                rivals.len() + 1,
                rivals.join(", ")
            ))
        } else {
            let critical = self.gates.iter().filter(|gate| gate.role == GateRole::Critical).count();
            let gates = if critical == 1 { "1 critical gate".to_owned() } else { format!("{critical} critical gates") };
            let ends = match self.ends_that_roll_back(slices) {
                ends if ends == critical => "may each".to_owned(),
                ends => format!("may, at {ends} ends of intervals,"),
            };
            Some(format!(
                "Intervals are at {own} %, not {whole} %: {gates} {ends} roll back, in error in at most {} % of runs.",
                percent(1.0 - self.interval.level)
            ))
        }
    }
}
