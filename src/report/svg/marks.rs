//! Marks by shape: outcomes and arms.

use super::Scene;
use crate::compare::CheckOutcome;
use crate::decision::{Outcome, Recommendation};

const SIZE: f64 = 14.0;

/// Mark of an outcome; the word stands beside it.
pub(in crate::report) fn outcome(outcome: Outcome) -> String {
    let mut scene = Scene::new(SIZE, SIZE);
    match outcome {
        Outcome::Pass => {
            scene.circle("m-pass", [7.0, 7.0], 6.0);
            scene.polyline("m-cut", [[4.0, 7.2], [6.2, 9.4], [10.2, 4.9]]);
        }
        Outcome::Fail => {
            scene.rect("m-fail", 1.5, 1.5, 11.0, 11.0);
            scene.line("m-cut", [4.6, 4.6], [9.4, 9.4]);
            scene.line("m-cut", [9.4, 4.6], [4.6, 9.4]);
        }
        Outcome::Inconclusive => {
            scene.polygon("m-half", [[7.0, 0.8], [7.0, 13.2], [0.8, 7.0]]);
            scene.polygon("m-edge", [[7.0, 0.8], [13.2, 7.0], [7.0, 13.2], [0.8, 7.0]]);
        }
        Outcome::NotEvaluable => {
            scene.circle("m-dash", [7.0, 7.0], 5.6);
            scene.line("m-bar", [4.6, 7.0], [9.4, 7.0]);
        }
    }
    scene.decoration("mark")
}

/// Mark of a validity check; a warning is half a diamond: the comparison stands, with a caveat.
pub(in crate::report) fn check(found: CheckOutcome) -> (String, &'static str) {
    match found {
        CheckOutcome::Pass => (outcome(Outcome::Pass), "pass"),
        CheckOutcome::Warn => (outcome(Outcome::Inconclusive), "caveat"),
        CheckOutcome::Fail => (outcome(Outcome::Fail), "fail"),
        CheckOutcome::NotEvaluable => (outcome(Outcome::NotEvaluable), "not evaluable"),
    }
}

/// The same marks for the verdict.
pub(in crate::report) fn verdict(recommendation: Recommendation) -> String {
    outcome(match recommendation {
        Recommendation::Promote | Recommendation::PromoteWithConditions => Outcome::Pass,
        Recommendation::Extend => Outcome::Inconclusive,
        Recommendation::Reject | Recommendation::Rollback | Recommendation::Invalid => Outcome::Fail,
    })
}

/// Circle (champion, 0) or diamond (challenger, 1) at a place of a plot.
pub(in crate::report) fn arm_at(scene: &mut Scene, arm: usize, [x, y]: [f64; 2], radius: f64) {
    match arm {
        0 => scene.circle("a0-fill", [x, y], radius),
        _ => {
            let r = radius * 1.2;
            scene.polygon("a1-fill", [[x, y - r], [x + r, y], [x, y + r], [x - r, y]]);
        }
    }
}

/// Mark of an arm beside its name.
pub(in crate::report) fn arm(arm: usize) -> String {
    let mut scene = Scene::new(12.0, 12.0);
    arm_at(&mut scene, arm, [6.0, 6.0], 4.6);
    scene.decoration("mark")
}
