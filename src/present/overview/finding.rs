//! The one sentence the Overview opens with.

use super::super::format::{Digits, fixed};
use super::super::{Sentence, Sheet};
use super::slice_in_view;
use crate::compare::{Better, CheckOutcome, Comparison, Difference, MetricResult, ThresholdBasis, Unit};
use crate::decision::{GateResult, Outcome, Verdict, catalog};

pub(super) fn finding(sheet: &Sheet<'_>) -> Sentence {
    let comparison = sheet.comparison;
    let slice = slice_in_view(comparison);
    if comparison.plan.challenger.is_none() {
        return one_model(comparison, slice);
    }
    let opening = slice.map_or_else(String::new, |slice| format!("In {slice}, "));
    let subject = if opening.is_empty() { "The challenger" } else { "the challenger" };
    let mut clauses = Vec::new();
    clauses.extend(lead(comparison, sheet.verdict));
    clauses.extend(latency(comparison));
    let gates = if slice.is_none() { standing(sheet.verdict) } else { None };
    let mut sentence = Sentence::default();
    let failed: Vec<&str> = sheet
        .verdict
        .validity
        .iter()
        .filter(|check| check.outcome == CheckOutcome::Fail)
        .map(|check| check.title.as_str())
        .collect();
    if !failed.is_empty() {
        let text = format!("This comparison is not to be trusted: {}. ", failed.join(", ").to_lowercase());
        sentence = sentence.strong(text);
    }
    if let Some(then) = sheet.verdict.earned.as_ref().filter(|_| slice.is_none()) {
        let text = format!("A rollback was earned at {}, by {}. ", super::super::format::time(then.time), then.gate);
        sentence = sentence.strong(text);
    }
    sentence = sentence.plain(format!("{opening}{subject} "));
    let closing = gates.is_some();
    clauses.extend(gates);
    if clauses.is_empty() {
        return sentence.plain("cannot be compared on these rows: no metric has a difference.");
    }
    let last = clauses.len() - 1;
    for (index, clause) in clauses.into_iter().enumerate() {
        sentence = match index {
            0 => sentence,
            index if index == last && (closing || index == 1) => {
                sentence.plain(if last > 1 { ", and " } else { " and " })
            }
            _ => sentence.plain(", "),
        };
        sentence.0.extend(clause.0);
    }
    sentence.plain(".")
}

/// What is better or worse, and by how much.
fn lead(comparison: &Comparison, verdict: &Verdict) -> Option<Sentence> {
    let has = |metric: &&MetricResult| metric.difference.is_some();
    if let Some((metric, difference)) = comparison.metric("recall").and_then(|m| Some((m, m.difference.as_ref()?))) {
        let mut sentence = recall(metric, difference, &class_found(comparison));
        match comparison.plan.thresholds[1].basis {
            ThresholdBasis::MatchedFpr => sentence = sentence.plain(" at the same false-positive rate"),
            ThresholdBasis::MatchedFlagRate => sentence = sentence.plain(" at the same flag rate"),
            _ => {
                let specificity = comparison.metric("specificity").and_then(|metric| metric.difference.as_ref());
                if let Some(difference) = specificity {
                    sentence.0.extend(false_alarms(difference).0);
                }
            }
        }
        return Some(sentence);
    }
    let primary = verdict.gates.iter().find(|gate| gate.role == crate::decision::GateRole::Primary);
    let metric = primary
        .and_then(|gate| comparison.metric(&gate.metric))
        .filter(has)
        .or_else(|| comparison.metrics.iter().filter(|metric| metric.slice.is_none()).find(has))?;
    let difference = metric.difference.as_ref()?;
    let title = catalog::title(&metric.name);
    let words = match (side(difference), metric.better) {
        (Side::Unsure, _) => return Some(unsure(title, metric.unit, difference)),
        (Side::Above, Better::Higher) | (Side::Below, Better::Lower) => "is better",
        (Side::Above, Better::Lower) | (Side::Below, Better::Higher) => "is worse",
        _ => "differs",
    };
    let digits = digits(metric.unit, difference);
    let value = digits.signed_unit(difference.value);
    Some(Sentence::default().strong(format!("{words} in {title}, {value}")).plain(ends(&digits, difference, true)))
}

fn recall(metric: &MetricResult, difference: &Difference, positive: &str) -> Sentence {
    let word = match side(difference) {
        Side::Unsure => return unsure("recall", metric.unit, difference),
        Side::Above => "more",
        Side::Below => "less",
    };
    let digits = digits(metric.unit, difference);
    let size = digits.size_unit(difference.value);
    let turned = if difference.value < 0.0 { negated(difference) } else { difference.clone() };
    Sentence::default().plain("finds ").strong(format!("{size} {word} {positive}")).plain(ends(&digits, &turned, false))
}

/// Specificity turned round, where nothing keeps the false alarms equal.
fn false_alarms(specificity: &Difference) -> Sentence {
    let turned = negated(specificity);
    let digits = digits(Unit::Share, &turned);
    let size = digits.size_unit(turned.value);
    match side(&turned) {
        Side::Unsure => Sentence::default()
            .plain(format!(" with a false-positive rate that differs by {}", digits.signed_unit(turned.value)))
            .plain(ends(&digits, &turned, true)),
        Side::Above => Sentence::default().plain(" with ").strong(format!("{size} more false alarms")),
        Side::Below => Sentence::default().plain(" with ").strong(format!("{size} fewer false alarms")),
    }
}

fn unsure(title: &str, unit: Unit, difference: &Difference) -> Sentence {
    let digits = digits(unit, difference);
    Sentence::default()
        .strong(format!("cannot be told from the champion by {title}"))
        .plain(format!(", {}", digits.signed_unit(difference.value)))
        .plain(ends(&digits, difference, true))
}

fn latency(comparison: &Comparison) -> Option<Sentence> {
    let difference = comparison.metric("latency_p95")?.difference.as_ref()?;
    let size = format!("{} ms", fixed(difference.value.abs(), 1));
    match side(difference) {
        Side::Above => Some(Sentence::default().plain("costs ").strong(size).plain(" at p95")),
        Side::Below => Some(Sentence::default().plain("saves ").strong(size).plain(" at p95")),
        Side::Unsure => None,
    }
}

/// How the gates stand: the worst that is left.
fn standing(verdict: &Verdict) -> Option<Sentence> {
    let of = |outcome: Outcome| -> Vec<&GateResult> {
        verdict.gates.iter().filter(|gate| gate.counts_as == Some(outcome)).collect()
    };
    let (failed, open, missing) = (of(Outcome::Fail), of(Outcome::Inconclusive), of(Outcome::NotEvaluable));
    let named = |gates: &[&GateResult]| {
        let names: Vec<String> = gates.iter().map(|gate| format!("{} ({})", gate.id, gate.title)).collect();
        listed(&names)
    };
    if !failed.is_empty() {
        return Some(Sentence::default().strong("fails").plain(format!(" {}", named(&failed))));
    }
    if !open.is_empty() {
        let mut segments: Vec<String> = Vec::new();
        for segment in open.iter().flat_map(|gate| &gate.segments) {
            let is_open = matches!(segment.counts_as, Some(Outcome::Inconclusive | Outcome::NotEvaluable));
            if is_open && !segments.contains(&segment.name) {
                segments.push(segment.name.clone());
            }
        }
        let whole: Vec<&GateResult> = open.iter().copied().filter(|gate| gate.segments.is_empty()).collect();
        return Some(if whole.is_empty() {
            Sentence::default().strong("cannot yet be cleared").plain(format!(" for {}", listed(&segments)))
        } else {
            Sentence::default().strong("cannot yet be cleared").plain(format!(" by {}", named(&whole)))
        });
    }
    if !missing.is_empty() {
        let text = format!(" by {}, which cannot be evaluated", named(&missing));
        return Some(Sentence::default().strong("cannot be cleared").plain(text));
    }
    let passed = of(Outcome::Pass).len();
    match passed {
        0 => None,
        1 => Some(Sentence::default().plain("passes the one gate that binds")),
        passed => Some(Sentence::default().plain(format!("passes all {passed} gates"))),
    }
}

fn one_model(comparison: &Comparison, slice: Option<&str>) -> Sentence {
    let place = slice.map_or_else(String::new, |slice| format!(" in {slice}"));
    let sentence = Sentence::default().plain(format!("{} ", comparison.plan.champion));
    let recall = comparison.metric("recall").and_then(|metric| Some((metric.unit, metric.arms.champion.as_ref()?)));
    let sentence = match recall {
        Some((unit, arm)) => {
            let digits = Digits::of(unit, arm.value, arm.lo.zip(arm.hi));
            let interval =
                arm.lo.zip(arm.hi).map_or_else(String::new, |(lo, hi)| format!(" {}", digits.interval(lo, hi)));
            let class = class_found(comparison);
            let found = format!("{} of {class}", digits.value_unit(arm.value));
            sentence.plain("finds ").strong(found).plain(format!("{interval}{place}"))
        }
        None => sentence.plain(format!("is alone{place}")),
    };
    sentence.plain("; the log holds no second model to compare it with.")
}

/// What recall counts, after `more` and `of`: the class by its name, or `positives`.
fn class_found(comparison: &Comparison) -> String {
    let [_, positive] = comparison.population.class_words();
    if positive == "positive" { "positives".to_owned() } else { positive }
}

/// `a`, `a and b`, `a, b and 3 more`.
fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [one, two] => format!("{one} and {two}"),
        [one, two, rest @ ..] => format!("{one}, {two} and {} more", rest.len()),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Above,
    Below,
    /// The interval holds 0, or there is none.
    Unsure,
}

fn side(difference: &Difference) -> Side {
    match (difference.lo, difference.hi) {
        (Some(lo), _) if lo > 0.0 => Side::Above,
        (_, Some(hi)) if hi < 0.0 => Side::Below,
        _ => Side::Unsure,
    }
}

fn negated(difference: &Difference) -> Difference {
    Difference {
        value: -difference.value,
        lo: difference.hi.map(|hi| -hi),
        hi: difference.lo.map(|lo| -lo),
        ..difference.clone()
    }
}

fn digits(unit: Unit, difference: &Difference) -> Digits {
    Digits::of(unit, difference.value, difference.lo.zip(difference.hi))
}

fn ends(digits: &Digits, difference: &Difference, sign: bool) -> String {
    match difference.lo.zip(difference.hi) {
        Some((lo, hi)) if sign => format!(" {}", digits.signed_interval(lo, hi)),
        Some((lo, hi)) => format!(" {}", digits.interval(lo, hi)),
        None => " (without an interval)".to_owned(),
    }
}
