//! Gates with their forest plot, segments, the rule table, what would change the verdict.

use super::Doc;
use crate::decision::{DecisionRecord, GateResult, Held, Outcome, SegmentOutcome, Verdict};
use crate::present::format::{UNDEFINED, count};
use crate::report::markup::{Cell, escape, table};
use crate::report::svg::forest::Axis;
use crate::report::svg::marks;
use crate::report::words;

/// Segments shown at once; the others are opened, none is dropped.
const SEGMENTS_AT_ONCE: usize = 30;

pub(super) fn write(doc: &mut Doc, record: &DecisionRecord) {
    let verdict = &record.verdict;
    doc.section("Gates");
    let level = verdict.gates.first().map_or(record.comparison.plan.level, |gate| gate.level);
    let unit = record.design.unit.as_ref().map_or_else(String::new, |unit| format!("; clustered by {unit}"));
    let qualifier = format!(
        "all {}; {} intervals; shaded: the interval must stay clear of it{unit}",
        verdict.gates.len(),
        words::level(level)
    );
    if verdict.gates.is_empty() {
        doc.text("The policy has no gate.");
    } else {
        doc.block("All gates", &qualifier, &gate_table(verdict));
    }
    if let Some(note) = &verdict.level_note {
        doc.text(note);
    }
    for gate in verdict.gates.iter().filter(|gate| !gate.segments.is_empty()) {
        segments(doc, verdict, gate);
    }
    doc.section("Rules and what would change the verdict");
    doc.text(&verdict.sentence);
    let rules = verdict.rules.iter().map(|rule| {
        let held = rule.held.word();
        vec![
            Cell::Number(rule.number.to_string()),
            Cell::Text(rule.text.clone()),
            Cell::Text(rule.then.word().to_owned()),
            Cell::Html(if rule.held == Held::Yes {
                format!("<strong>{held}: this rule fired</strong>")
            } else {
                held.to_owned()
            }),
        ]
    });
    doc.block(
        "Rules",
        "the first whose condition holds decides",
        &table("rules", &[("rule", true), ("when", false), ("then", false), ("held", false)], rules),
    );
    let changes = verdict.what_would_change.iter().map(|change| {
        let rule = change.rule.map_or_else(|| "no rule".to_owned(), |rule| format!("rule {rule}"));
        let then = if change.changed {
            format!("<strong>{}</strong>, {rule}", change.recommendation.word())
        } else {
            "unchanged".to_owned()
        };
        vec![Cell::Text(change.what.clone()), Cell::Html(then)]
    });
    if verdict.what_would_change.is_empty() {
        doc.text("Nothing that was tried would change the verdict.");
    } else {
        doc.block(
            "What would change the verdict",
            "one thing different at a time",
            &table("changes", &[("if", false), ("the rules would recommend", false)], changes),
        );
    }
}

fn role(gate: &GateResult) -> &'static str {
    match (gate.role.word(), gate.binds()) {
        ("", false) => "read by no rule",
        (word, _) => word,
    }
}

/// One line per gate, for page one.
pub(super) fn short(verdict: &Verdict) -> String {
    let axis = Axis::of(verdict.gates.iter().filter_map(GateResult::plot));
    let mut out = String::from(
        "<table class=\"gates\"><thead><tr><th scope=\"col\">outcome</th><th scope=\"col\">gate</th><th scope=\"col\">required</th>\
         <th scope=\"col\" class=\"n\">difference</th><th scope=\"col\" class=\"n\">interval</th>\
         <th scope=\"col\" class=\"strip\">in multiples of the margin</th></tr></thead><tbody>",
    );
    for (index, gate) in verdict.gates.iter().enumerate() {
        let numbers = words::gate_numbers(verdict, gate, words::slice_of(gate), &gate.reading);
        let outcome = gate.reading.outcome;
        let strip = axis.row(
            gate.plot(),
            &format!("short{index}"),
            &format!("{}: {}", gate.id, outcome.word()),
            &format!("{} {}; required: {}", numbers.value, numbers.interval, gate.requirement),
        );
        out.push_str(&format!(
            "<tr><td class=\"nowrap\">{} {}</td><td><strong>{}</strong> {} <span class=\"muted\">{}</span></td>\
             <td>{}</td><td class=\"n\"><strong>{}</strong></td><td class=\"n\">{}</td><td class=\"strip\">{strip}</td></tr>",
            marks::outcome(outcome),
            outcome.word(),
            escape(&gate.id),
            escape(&words::gate_title(gate)),
            role(gate),
            escape(&gate.requirement),
            numbers.value,
            numbers.interval,
        ));
    }
    out + "</tbody></table>"
}

fn gate_table(verdict: &Verdict) -> String {
    let gates = &verdict.gates;
    let axis = Axis::of(gates.iter().filter_map(GateResult::plot));
    let mut out = String::from(
        "<table class=\"gates\"><thead><tr><th scope=\"col\">outcome</th><th scope=\"col\">gate</th><th scope=\"col\">required</th>\
         <th scope=\"col\" class=\"n\">difference or value</th><th scope=\"col\" class=\"n\">interval</th>\
         <th scope=\"col\" class=\"strip\">in multiples of the margin, better to the right</th></tr></thead><tbody>",
    );
    for (index, gate) in gates.iter().enumerate() {
        let numbers = words::gate_numbers(verdict, gate, words::slice_of(gate), &gate.reading);
        let outcome = gate.reading.outcome;
        let description =
            format!("{} {}; required: {}. {}", numbers.value, numbers.interval, gate.requirement, gate.reading.reason);
        let strip =
            axis.row(gate.plot(), &format!("gate{index}"), &format!("{}: {}", gate.id, outcome.word()), &description);
        let mut why = gate.reading.reason.clone();
        if let Some(worst) = gate.segments.first() {
            why = format!("Worst segment {}, {} rows. {why}", worst.name, count(worst.reading.rows));
        }
        if let Some(because) = &gate.because {
            why.push_str(&format!(" Policy: {because}"));
        }
        out.push_str(&format!(
            "<tr class=\"head-of-two\"><td class=\"nowrap\">{} {}</td><td><strong>{}</strong> {} <span class=\"muted\">{}</span></td><td>{}</td>\
             <td class=\"n\"><strong>{}</strong></td><td class=\"n\">{}</td><td class=\"strip\">{strip}</td></tr>\
             <tr class=\"why\"><td></td><td colspan=\"5\">{}</td></tr>",
            marks::outcome(outcome),
            outcome.word(),
            escape(&gate.id),
            escape(&words::gate_title(gate)),
            role(gate),
            escape(&gate.requirement),
            numbers.value,
            numbers.interval,
            escape(&why),
        ));
    }
    out.push_str(&format!("<tr><td colspan=\"5\"></td><td class=\"strip\">{}</td></tr></tbody></table>", axis.scale()));
    out
}

fn segments(doc: &mut Doc, verdict: &Verdict, gate: &GateResult) {
    let open = gate
        .segments
        .iter()
        .filter(|segment| matches!(segment.counts_as, Some(outcome) if outcome != Outcome::Pass))
        .count();
    let qualifier = format!("{}; {} segments, worst first, {open} not passed", gate.requirement, gate.segments.len());
    let axis =
        Axis::of(gate.segments.iter().filter_map(|segment| segment.reading.plot(gate.test, gate.lower, gate.upper)));
    let (shown, rest) = gate.segments.split_at(gate.segments.len().min(SEGMENTS_AT_ONCE));
    let mut html = segment_table(verdict, gate, shown, axis, 0);
    if !rest.is_empty() {
        html.push_str(&format!(
            "<details class=\"all\"><summary>The other {} segments</summary>{}</details>",
            rest.len(),
            segment_table(verdict, gate, rest, axis, shown.len())
        ));
    }
    doc.block(&format!("{} {}", gate.id, words::gate_title(gate)), &qualifier, &html);
}

fn segment_table(
    verdict: &Verdict,
    gate: &GateResult,
    segments: &[SegmentOutcome],
    axis: Axis,
    first: usize,
) -> String {
    let mut out = String::from(
        "<table class=\"gates\"><thead><tr><th scope=\"col\">outcome</th><th scope=\"col\">segment</th>\
         <th scope=\"col\" class=\"n\">rows</th><th scope=\"col\" class=\"n\">positives</th>\
         <th scope=\"col\" class=\"n\">champion</th><th scope=\"col\" class=\"n\">challenger</th>\
         <th scope=\"col\" class=\"n\">difference</th><th scope=\"col\" class=\"n\">interval</th>\
         <th scope=\"col\" class=\"strip\">in multiples of the margin</th></tr></thead><tbody>",
    );
    for (index, segment) in segments.iter().enumerate() {
        let reading = &segment.reading;
        let numbers = words::gate_numbers(verdict, gate, Some(&segment.slice), reading);
        let strip = axis.row(
            reading.plot(gate.test, gate.lower, gate.upper),
            &format!("seg-{}-{}", key(&gate.id), first + index),
            &format!("{}: {}", segment.name, reading.outcome.word()),
            &format!("{} {}. {}", numbers.value, numbers.interval, reading.reason),
        );
        let unread = if segment.counts_as.is_none() { " Listed only: no rule reads it." } else { "" };
        out.push_str(&format!(
            "<tr class=\"head-of-two\"><td class=\"nowrap\">{} {}</td><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td>\
             <td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\"><strong>{}</strong></td><td class=\"n\">{}</td>\
             <td class=\"strip\">{strip}</td></tr><tr class=\"why\"><td></td><td colspan=\"8\">{}{unread}</td></tr>",
            marks::outcome(reading.outcome),
            reading.outcome.word(),
            escape(&segment.name),
            count(reading.rows),
            reading.positives.map_or_else(|| UNDEFINED.to_owned(), count),
            numbers.champion,
            numbers.challenger,
            numbers.value,
            numbers.interval,
            escape(&reading.reason),
        ));
    }
    out.push_str(&format!("<tr><td colspan=\"8\"></td><td class=\"strip\">{}</td></tr></tbody></table>", axis.scale()));
    out
}

/// A gate's id as part of an id of the page.
fn key(id: &str) -> String {
    id.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_string() } else { format!("_{:x}", u32::from(c)) }).collect()
}
