//! What the course of a run means for its comparison, as validity checks.

use super::column::FEW;
use super::found::{ColumnKind, Distance, Staleness};
use crate::compare::engine::words::{count, percent};
use crate::compare::result::{Check, CheckOutcome};

/// Stability index from which a shift is called moderate, and large.
const MODERATE: f64 = 0.1;
const LARGE: f64 = 0.25;
/// p-value below which a loss is said to have changed.
const CHANGED: f64 = 0.01;

/// Data drift and concept drift, where the log has windows of time; training-serving skew, where training data is given.
pub fn checks(found: &Staleness) -> Vec<Check> {
    let mut checks = Vec::new();
    if found.undefined.is_none() {
        checks.push(data(found));
        checks.extend(concept(found));
    }
    checks.extend(skew(found));
    checks
}

fn check(name: &str, title: &str, outcome: CheckOutcome, reading: String, explanation: String) -> Check {
    Check { name: name.to_owned(), title: title.to_owned(), outcome, value: None, limit: None, reading, explanation }
}

/// Outcome of the distance that is largest; bounds are those of all.
fn by_distance<'a>(distances: impl Iterator<Item = &'a Distance>) -> CheckOutcome {
    let distances: Vec<&Distance> = distances.collect();
    if distances.iter().any(|one| one.lo > MODERATE) {
        CheckOutcome::Warn
    } else if !distances.is_empty() && distances.iter().all(|one| one.hi <= LARGE) {
        CheckOutcome::Pass
    } else {
        CheckOutcome::NotEvaluable
    }
}

fn data(found: &Staleness) -> Check {
    let (name, title) = ("data_drift", "Data drift");
    let Some((column, one)) = found.most() else {
        let text = format!("No column has {FEW} rows both in the first window and after it, so drift cannot be told.");
        return check(name, title, CheckOutcome::NotEvaluable, "too few rows".to_owned(), text);
    };
    let outcome = by_distance(found.current().map(|(_, one)| one));
    let window = found.window.map_or_else(String::new, |window| window.words());
    let mut text = format!(
        "Of {} columns {} moved most from the first {window} to the last: stability index {:.3} beyond chance ({:.3} to {:.3}).",
        found.current().count(),
        column.name,
        one.value,
        one.lo,
        one.hi
    );
    text.push_str(match outcome {
        CheckOutcome::Warn => {
            " The requests changed during the run: one number for all of it may mislead, and the model may be due for training anew."
        }
        CheckOutcome::NotEvaluable => " The rows are too few to tell a large shift from none.",
        _ if one.value >= MODERATE => " It moved moderately; a large shift is ruled out.",
        _ => " No column moved much.",
    });
    if found.stray > 0 {
        text.push_str(&format!(" In no window, with times far off all others: {} rows.", count(found.stray)));
    }
    if let Some(why) = found.immature() {
        text.push_str(&format!(" The labels are left out: {why}."));
    }
    if let Some((column, one)) = found.challenger() {
        text.push_str(&format!(
            " Apart from these, the {}: {:.3} ({:.3} to {:.3}).",
            column.name, one.value, one.lo, one.hi
        ));
    }
    let reading = format!("{} {:.3}", column.name, one.value);
    Check { value: Some(one.value), limit: Some(MODERATE), ..check(name, title, outcome, reading, text) }
}

fn concept(found: &Staleness) -> Option<Check> {
    let (name, title) = ("concept_drift", "Concept drift");
    let courses = [("champion", &found.losses.champion), ("challenger", &found.losses.challenger)];
    let mut parts = Vec::new();
    let mut least: Option<f64> = None;
    let mut why = None;
    for (who, course) in courses {
        let Some(course) = course else { continue };
        match (course.concept.as_ref().zip(course.outcomes), course.undefined.as_ref().or(course.no_concept.as_ref())) {
            (Some((change, test)), _) => {
                let numbers = format!("{:+.4} ({:+.4} to {:+.4})", change.value, change.lo, change.hi);
                parts.push(format!("{who} {}", numbers.replace('-', "\u{2212}")));
                least = Some(least.map_or(test.p, |least: f64| least.min(test.p)));
            }
            (None, Some(reason)) => why = Some(reason.clone()),
            (None, None) => {}
        }
    }
    // A run without any label has no concept to drift.
    if parts.is_empty() && why.as_deref() == Some("no row has a label") {
        return None;
    }
    let Some(p) = least else {
        let why =
            why.unwrap_or_else(|| "too few rows of the last window have a label at the scores of the first".to_owned());
        let text = format!("Whether the same scores still come with the same outcomes cannot be told: {why}.");
        return Some(check(name, title, CheckOutcome::NotEvaluable, "cannot tell".to_owned(), text));
    };
    // Either model may warn: what is rarer of the two is as likely by chance as both together (Bonferroni).
    let p = (p * parts.len() as f64).min(1.0);
    let outcome = if p < CHANGED { CheckOutcome::Warn } else { CheckOutcome::Pass };
    let among = if parts.len() > 1 { ", of both models after Bonferroni" } else { "" };
    let mut text = format!(
        "Whether the same scores come with the same outcomes as in the first window: p = {p:.3}{among}. Change of the mean loss by that: {}.",
        parts.join(", ")
    );
    if outcome == CheckOutcome::Warn {
        text.push_str(
            " The same scores come with other outcomes than before: thresholds and probabilities that were right are so no more.",
        );
    }
    let reading = format!("p = {p:.3}");
    Some(Check { value: Some(p), limit: Some(CHANGED), ..check(name, title, outcome, reading, text) })
}

fn skew(found: &Staleness) -> Option<Check> {
    let (name, title) = ("training_serving_skew", "Training-serving skew");
    let skew = found.skew.as_ref()?;
    let mut schema = Vec::new();
    if !skew.missing.is_empty() {
        schema.push(format!("the run lacks {} that the model was trained on", skew.missing.join(", ")));
    }
    for (column, trained, served) in &skew.retyped {
        schema.push(format!("{column} was trained as {trained} and is served as {served}"));
    }
    let distances = skew.current().map(|(_, one)| one);
    let apart = by_distance(distances);
    let outcome = if schema.is_empty() { apart } else { CheckOutcome::Warn };
    let mut text = match skew.most() {
        Some((column, one)) => format!(
            "Against {} rows of training {} is farthest: stability index {:.3} beyond chance ({:.3} to {:.3}).",
            count(skew.rows),
            column.name,
            one.value,
            one.lo,
            one.hi
        ),
        None => format!("No column stands in the training data and in the run with {FEW} rows in both."),
    };
    if let Some(label) = skew.columns.iter().find(|column| column.kind == ColumnKind::Label) {
        let labelled = label.serving.iter().sum::<u64>();
        if labelled < skew.of {
            text.push_str(&format!(" {} of the run's rows have a label.", percent(labelled as f64 / skew.of as f64)));
        }
    }
    let share = skew.outside as f64 / skew.of.max(1) as f64;
    text.push_str(&format!(" {} of the rows hold a value beyond what training has seen.", percent(share)));
    if !schema.is_empty() {
        let said = schema.join("; ");
        let mut letters = said.chars();
        let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
        text.push_str(&format!(" {first}{}.", letters.as_str()));
    }
    if apart == CheckOutcome::Warn {
        text.push_str(" The model is asked what it was not trained for; its results on a test set do not carry over.");
    }
    if skew.units.is_none() && skew.size < skew.of as f64 {
        text.push_str(" The training data has no unit, so that its rows are taken as independent.");
    }
    let most = skew.most().map(|(_, one)| one.value);
    let reading = most.map_or_else(|| "no shared column".to_owned(), |psi| format!("PSI {psi:.3}"));
    Some(Check { value: most, limit: most.map(|_| MODERATE), ..check(name, title, outcome, reading, text) })
}
