//! Page one: the decision box.

use super::people::signatures;
use super::{Doc, gates};
use crate::decision::record::State;
use crate::decision::{DecisionRecord, Recommendation};
use crate::present::format::{date_range, digest as short};
use crate::report::markup::{escape, list};
use crate::report::svg::marks;
use crate::report::words;

/// Bytes of limitations that fit on page one.
const LIMITATIONS_ON_PAGE_ONE: usize = 600;
/// Gates that fit on page one.
const GATES_ON_PAGE_ONE: usize = 12;

pub(super) fn question(record: &DecisionRecord) -> String {
    let plan = &record.comparison.plan;
    match &plan.challenger {
        Some(challenger) => format!("May {challenger} replace {}?", plan.champion),
        None => format!("How good is {}?", plan.champion),
    }
}

pub(super) fn running_head(record: &DecisionRecord) -> String {
    let header = &record.header;
    let when = match (&header.state, &header.sealed_at) {
        (State::Sealed, Some(sealed)) => format!("sealed {sealed}"),
        _ => format!("made {}", header.created_at),
    };
    format!(
        "<header class=\"head\"><strong>Promotion decision record</strong><span>{} · {}</span></header>",
        escape(&header.record_id),
        escape(&when)
    )
}

pub(super) fn write(doc: &mut Doc, record: &DecisionRecord, digest: &Result<String, String>) {
    let plan = &record.comparison.plan;
    let population = &record.comparison.population;
    let mut kicker = vec![record.header.title.clone(), words::kind(plan.kind).to_owned()];
    if let (Some(first), Some(last)) = (population.first_time, population.last_time) {
        kicker.push(date_range(first, last));
    }
    kicker.retain(|part| !part.is_empty());
    doc.out.push_str(&format!(
        "<p class=\"kicker\">{}</p><h1>{}</h1>",
        escape(&kicker.join(", ")),
        escape(&question(record))
    ));
    if record.header.state == State::Draft {
        doc.out.push_str("<p class=\"draft\">Draft, not sealed: this record can still change.</p>");
    }
    decision_box(doc, record);
    doc.section("Decision");
    let verdict = &record.verdict;
    doc.text(&verdict.sentence);
    doc.out.push_str("<div class=\"two\"><div>");
    let reasons = words::reasons(record);
    doc.out.push_str(&format!("<h3>{}</h3>", if reasons.len() == 3 { "Three reasons" } else { "Reasons" }));
    if reasons.is_empty() {
        doc.text("The rules rest on no gate: see the rule table.");
    }
    for reason in &reasons {
        doc.text(reason);
    }
    doc.out.push_str("</div><div><h3>Biggest risk</h3>");
    match words::biggest_risk(verdict) {
        Some(gate) => doc.text(&words::gate_sentence(verdict, gate)),
        None => doc.text("The policy has no gate, so nothing was held against a limit."),
    }
    doc.out.push_str("<h3>Decided</h3>");
    doc.item(&decided(record));
    doc.out.push_str("</div></div>");
    if !verdict.gates.is_empty() && verdict.gates.len() <= GATES_ON_PAGE_ONE {
        doc.block(
            "Gates",
            "shaded: the interval must stay clear of it; reasons in the section on gates",
            &gates::short(verdict),
        );
    }
    let limitations = &record.review.limitations;
    let length: usize = limitations.iter().map(String::len).sum();
    match limitations.len() {
        0 => doc.block("Limitations", "", "<p>None stated yet.</p>"),
        _ if length <= LIMITATIONS_ON_PAGE_ONE => doc.block("Limitations", "", &list(limitations)),
        some => doc.block("Limitations", "", &format!("<p>{some} are stated, see the section on limitations.</p>")),
    }
    doc.block(
        "Signatures",
        "who must sign by the policy; by hand here, or in the signed files beside the record",
        &signatures(record),
    );
    doc.out.push_str(&foot(record, digest));
}

fn decision_box(doc: &mut Doc, record: &DecisionRecord) {
    let verdict = &record.verdict;
    let tallies: String = words::tallies(verdict)
        .into_iter()
        .map(|(outcome, binding, report_only)| {
            let all = binding + report_only;
            let word = outcome.word();
            let only = match (binding, report_only) {
                (_, 0) => String::new(),
                (0, _) => ", report only".to_owned(),
                (_, some) => format!(", {some} of them report only"),
            };
            format!("<div>{}<span><strong>{all}</strong> {word}{only}</span></div>", marks::outcome(outcome))
        })
        .collect();
    let tallies = if tallies.is_empty() { "<div>The policy has no gate.</div>".to_owned() } else { tallies };
    doc.out.push_str(&format!(
        "<div class=\"box\"><div><div class=\"title\">{}{}</div><p>recommended by policy {} {}, {}.</p><p><strong>{}</strong></p></div>\
         <div class=\"tally\">{tallies}</div></div>",
        marks::verdict(verdict.recommendation),
        verdict.recommendation.title(),
        escape(&verdict.policy_id),
        escape(&verdict.policy_version),
        escape(&words::rule(verdict)),
        escape(&words::decided(record)),
    ));
}

fn decided(record: &DecisionRecord) -> String {
    let Some(decision) = &record.decision else {
        let conditions = match record.verdict.recommendation {
            Recommendation::PromoteWithConditions => " The conditions are a person's to state.",
            _ => "",
        };
        return format!("<p>Nobody has decided yet.{conditions}</p>");
    };
    let mut html = format!("<p>{}</p>", escape(&words::decided(record)));
    if !decision.rationale.trim().is_empty() {
        html.push_str(&format!("<p>{}</p>", escape(&decision.rationale)));
    }
    if !decision.conditions.is_empty() {
        html.push_str(&format!("<p><strong>Conditions</strong></p>{}", list(&decision.conditions)));
    }
    if let Some(reason) = &decision.override_reason {
        html.push_str(&format!(
            "<p><strong>Override</strong> {}: {} Expires {}.</p>{}",
            escape(&reason.reason_code),
            escape(&reason.rationale),
            escape(&reason.expires),
            list(&reason.compensating_controls)
        ));
    }
    html
}

fn foot(record: &DecisionRecord, digest: &Result<String, String>) -> String {
    let mut lines = vec![
        (
            "record",
            digest.as_deref().map_or_else(|_| "no canonical form".to_owned(), |hex| format!("sha256 {}", short(hex))),
        ),
        ("policy", format!("sha256 {}", short(&record.policy.sha256))),
    ];
    // Page one has room for a few; all stand under reproduction.
    for source in record.evidence.sources.iter().take(4) {
        let hex =
            if source.sha256.is_empty() { "no digest".to_owned() } else { format!("sha256 {}", short(&source.sha256)) };
        lines.push((source.path.rsplit('/').next().unwrap_or(&source.path), hex));
    }
    let more = record.evidence.sources.len().saturating_sub(4);
    let mut html: String = lines
        .iter()
        .map(|(name, hex)| {
            format!("<div><span>{}</span> <span class=\"mono\">{}</span></div>", escape(name), escape(hex))
        })
        .collect();
    if more > 0 {
        html.push_str(&format!("<div>and {more} more files, see reproduction</div>"));
    }
    if !record.reproduction.verify_command.is_empty() {
        html.push_str(&format!(
            "<div class=\"wide\"><span>check it</span> <span class=\"mono\">{}</span></div>",
            escape(&record.reproduction.verify_command)
        ));
    }
    format!("<div class=\"foot\">{html}</div>")
}
