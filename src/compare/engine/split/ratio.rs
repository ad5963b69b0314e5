//! Whether the arms got the units that were planned for them.

use super::Rows;
use crate::compare::detail::SplitDetail;
use crate::compare::engine::checks::{check, measured};
use crate::compare::engine::words::{count, counted, percent};
use crate::compare::plan::{Looks, SplitDesign};
use crate::compare::result::{Check, CheckOutcome};
use crate::stats::Undefined;
use crate::stats::sample_ratio::{ALPHA_FIXED, ALPHA_SEQUENTIAL, SequentialSampleRatio, exact, sample_ratio};

/// The test of a split.
pub(super) struct Tested {
    pub p: f64,
    method: &'static str,
}

/// Level at which a split is unsound, by when the run is looked at.
pub(super) const fn alpha(looks: Looks) -> f64 {
    match looks {
        Looks::Once => ALPHA_FIXED,
        Looks::Any | Looks::Planned => ALPHA_SEQUENTIAL,
    }
}

/// Units of both arms against the share that was planned for the challenger: at one look by chi-square, or exactly where
/// few are expected; of a run that is looked at before its end by a test that holds at every look.
pub(super) fn tested(units: &[u64; 2], share: f64, looks: Looks) -> Result<Tested, Undefined> {
    let planned = [1.0 - share, share];
    if looks != Looks::Once {
        let mut test = SequentialSampleRatio::new(&planned, SequentialSampleRatio::CONCENTRATION)?;
        test.observe(units)?;
        return Ok(Tested { p: test.p(), method: "sequential test" });
    }
    let found = sample_ratio(units, &planned)?;
    if found.few_expected() {
        return Ok(Tested { p: exact(*units, share)?, method: "exact binomial test" });
    }
    Ok(Tested { p: found.p, method: "chi-square test" })
}

/// Rarer than this in a sound split, at one look, and it is worth a question.
const RARE: f64 = 0.01;

pub(super) fn ratio(rows: &Rows<'_>, design: &SplitDesign, detail: &SplitDetail) -> Check {
    let (name, title) = ("sample_ratio", "Sample ratio");
    let looks = design.looks.unwrap_or_default();
    let alpha = alpha(looks);
    let planned: Vec<_> = detail.stages.iter().filter_map(|stage| Some((stage, stage.sample_ratio_p?))).collect();
    if let Some((stage, p)) = planned.iter().min_by(|a, b| a.1.total_cmp(&b.1)) {
        // The worst of several stages: Bonferroni.
        let p = (p * planned.len() as f64).min(1.0);
        let [a, b] = stage.units.map(count);
        let outcome = if p < alpha { CheckOutcome::Fail } else { CheckOutcome::Pass };
        let text = format!(
            "Of {} with a planned share stage {} is the furthest from it: {a} units against {b}, {} planned for the challenger (p = {p:.3} after Bonferroni).",
            counted(planned.len() as u64, "stage", "stages"),
            stage.name,
            percent(stage.planned_share.unwrap_or_default()),
        );
        return measured(check(name, title, outcome, format!("p = {p:.3}"), text), p, Some(alpha));
    }
    let Some(share) = design.challenger_share else {
        let text = "No planned share of the arms is known: give it in the policy, [design] challenger_share or [design.stage_shares].";
        return check(name, title, CheckOutcome::NotEvaluable, "no planned share", text);
    };
    let units = rows.unit_counts();
    let [a, b] = units.map(count);
    match tested(&units, share, looks) {
        Err(reason) => check(name, title, CheckOutcome::NotEvaluable, "no unit", format!("Not evaluable: {reason}.")),
        Ok(Tested { p, method }) => {
            let mut text = format!(
                "{a} units of the champion, {b} of the challenger, {} planned for it: {method}, p = {p:.4}.",
                percent(share),
            );
            let outcome = if p < alpha {
                text.push_str(" The arms are not what was planned, so that a difference may come from who is in them.");
                CheckOutcome::Fail
            } else if p < RARE {
                text.push_str(" That is rare in a sound split; find out whether units are lost in one arm.");
                CheckOutcome::Warn
            } else {
                CheckOutcome::Pass
            };
            measured(check(name, title, outcome, format!("p = {p:.4}"), text), p, Some(alpha))
        }
    }
}
