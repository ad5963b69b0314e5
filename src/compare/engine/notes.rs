//! Remarks for the reader, most important first.

use super::Engine;
use super::checks::FEW_EVENTS;
use super::decided::Decided;
use super::sample::Sample;
use super::scored::Scored;
use super::words::{count, counted, percent};
use crate::compare::plan::{Plan, ThresholdBasis};
use crate::metrics::calibration::CLIP;

pub(super) fn notes(
    engine: &Engine,
    sample: &Sample<'_>,
    scored: &Scored,
    decided: &Decided,
    plan: &Plan,
) -> Vec<String> {
    if sample.rows() == 0 {
        return vec![NO_ROW.to_owned()];
    }
    let mut notes = Vec::new();
    let rarer = sample.positives.min(sample.negatives());
    if rarer < FEW_EVENTS {
        notes.push(format!(
            "The rarer class has only {}; intervals of ranking metrics are rough below {FEW_EVENTS}.",
            counted(rarer, "row", "rows")
        ));
    }
    notes.extend(left_out(engine));
    for (index, name) in ["champion", "challenger"].iter().enumerate().take(sample.arms) {
        if plan.thresholds[index].basis == ThresholdBasis::Half {
            notes.push(format!("The log does not tell the {name}'s threshold; one half is used."));
        }
        if plan.thresholds[index].basis == ThresholdBasis::Prevalence {
            notes.push(format!(
                "The log does not tell the {name}'s threshold; it is set so that as many rows are flagged as are positive."
            ));
        }
        if scored.clipped[index] > 0 {
            notes.push(format!(
                "{} of the {name} give the true class a probability below {CLIP:.1e}, at which the log loss is cut.",
                counted(scored.clipped[index], "score", "scores")
            ));
        }
    }
    if decided.paired() {
        let [negatives, positives] = decided.joint.0;
        let apart = negatives[0][1] + negatives[1][0] + positives[0][1] + positives[1][0];
        if apart == 0 {
            notes.push("Both arms decide alike on every row.".to_owned());
        }
    }
    notes.extend(clusters(engine, sample));
    notes
}

const NO_ROW: &str = "No row is analysed: there is none with a label and a usable answer of each arm.";

/// Remarks that every task has.
pub(super) fn family(engine: &Engine, sample: &Sample<'_>) -> Vec<String> {
    if sample.rows() == 0 {
        return vec![NO_ROW.to_owned()];
    }
    left_out(engine).into_iter().chain(clusters(engine, sample)).collect()
}

/// Rows that are not analysed, for reasons a reader must know.
fn left_out(engine: &Engine) -> Vec<String> {
    let mut notes = Vec::new();
    for step in &engine.flow {
        for (reason, lost) in step.lost.iter().filter(|(reason, _)| reason.contains("gave")) {
            notes.push(format!(
                "In {} the {reason}; these rows are left out for both arms.",
                counted(*lost, "row", "rows")
            ));
        }
        let waiting = |reason: &str| match reason {
            "label pending" => Some(("row", "rows", "wait for a label")),
            "not judged" => Some(("query", "queries", "have no judgement")),
            _ => None,
        };
        for (lost, (one, more, what)) in step.lost.iter().filter_map(|(reason, lost)| Some((lost, waiting(reason)?))) {
            let share = *lost as f64 / engine.log.rows.max(1) as f64;
            notes.push(format!("{} ({}) {what} and are left out.", counted(*lost, one, more), percent(share)));
        }
    }
    notes
}

fn clusters(engine: &Engine, sample: &Sample<'_>) -> Option<String> {
    let (units, (column, _)) = (sample.units?, engine.log.units.as_ref()?);
    Some(format!("Intervals are by {column}: {} rows in {} units.", count(sample.rows()), count(units.count as u64)))
}

/// What is shown although no row has a label.
pub(super) fn unlabelled(rows: u64) -> String {
    format!(
        "Agreement, flag rates and score distributions need no label and are over {} that each model answered.",
        counted(rows, "row", "rows")
    )
}
