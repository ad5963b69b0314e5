//! What people said: limitations, assumptions, findings, decision, sign-off.

use super::Doc;
use crate::decision::record::{FindingSeverity, Person};
use crate::decision::{DecisionRecord, Policy};
use crate::log::ArmRole;
use crate::present::format::count;
use crate::report::markup::{Cell, escape, list, table};

/// Facts and test results, where there are some.
fn write_attached(doc: &mut Doc, record: &DecisionRecord) {
    if !record.facts.is_empty() {
        let headers = [("fact", false), ("of", false), ("value", true), ("unit", false)];
        let rows = record.facts.iter().map(|fact| {
            let of = match fact.arm {
                Some(ArmRole::Champion) => "champion",
                Some(ArmRole::Challenger) => "challenger",
                None => "the change",
            };
            let value = fact.value.text();
            vec![
                Cell::Text(fact.name.clone()),
                Cell::Text(of.to_owned()),
                Cell::Number(value),
                Cell::Text(fact.unit.clone()),
            ]
        });
        doc.block("Facts", "entered by hand; no log says them", &table("facts", &headers, rows));
    }
    if !record.tests.is_empty() {
        let headers =
            [("file", false), ("suites", false), ("run", true), ("failed", true), ("skipped", true), ("which", false)];
        let rows = record.tests.iter().map(|tests| {
            vec![
                Cell::Text(tests.path.clone()),
                Cell::Text(tests.suites.join(", ")),
                Cell::Number(count(tests.run)),
                Cell::Number(count(tests.failed)),
                Cell::Number(count(tests.skipped)),
                Cell::Text(tests.failures.join(", ")),
            ]
        });
        doc.block("Test results", "JUnit XML, cases counted", &table("tests", &headers, rows));
    }
}

pub(super) fn write(doc: &mut Doc, record: &DecisionRecord) {
    let review = &record.review;
    doc.section("Limitations, assumptions and findings");
    for (title, items, none) in [
        ("Limitations", &review.limitations, "None stated yet; the record cannot be sealed without."),
        ("Assumptions", &review.assumptions, "None stated."),
    ] {
        let html = if items.is_empty() { format!("<p>{none}</p>") } else { list(items) };
        doc.block(title, "", &html);
    }
    let findings = if review.findings.is_empty() {
        "<p>None recorded.</p>".to_owned()
    } else {
        let headers = [
            ("id", false),
            ("severity", false),
            ("finding", false),
            ("owner", false),
            ("due", false),
            ("state", false),
        ];
        table(
            "findings",
            &headers,
            review.findings.iter().map(|finding| {
                vec![
                    Cell::Text(finding.id.clone()),
                    Cell::Text(severity(finding.severity).to_owned()),
                    Cell::Text(finding.text.clone()),
                    Cell::Text(finding.owner.clone()),
                    Cell::Text(finding.due.clone().unwrap_or_else(|| "–".to_owned())),
                    Cell::Text(if finding.open { "open" } else { "closed" }.to_owned()),
                ]
            }),
        )
    };
    doc.block("Findings of the review", "", &findings);
    if !record.comparison.notes.is_empty() {
        doc.block("What to know", "said by the comparison itself", &list(&record.comparison.notes));
    }
    write_attached(doc, record);
    doc.section("Context, people and sign-off");
    let context = &record.context;
    let said = |text: &str| if text.trim().is_empty() { "Not stated.".to_owned() } else { text.to_owned() };
    let rows = [
        ("Use case", &context.use_case),
        ("Intended use", &context.intended_use),
        ("What changes", &context.change),
        ("Owner", &context.owner),
    ];
    doc.block(
        "Context",
        "in the words of the owner",
        &table(
            "facts",
            &[("", false), ("", false)],
            rows.map(|(name, text)| vec![Cell::Text(name.to_owned()), Cell::Text(said(text))]),
        ),
    );
    doc.block("Sign-off", "the same lines as on page one; each person signs once", &signatures(record));
    if let Ok(policy) = Policy::read(&record.policy.text) {
        let apart: Vec<String> =
            policy.signoff.separate.iter().map(|[one, other]| format!("{one} and {other}")).collect();
        if !apart.is_empty() {
            doc.text(&format!("Must be different people: {}.", apart.join("; ")));
        }
        if let Some(rule) = policy.signoff.override_rule {
            let days = rule.valid_days.map_or_else(String::new, |days| format!(", and lasts {days} days at most"));
            doc.text(&format!(
                "Deciding otherwise than recommended takes {} approvers and a rationale of {} characters{days}.",
                rule.approvers, rule.min_rationale_chars
            ));
        }
    }
}

const fn severity(severity: FindingSeverity) -> &'static str {
    match severity {
        FindingSeverity::Low => "low",
        FindingSeverity::Medium => "medium",
        FindingSeverity::High => "high",
        FindingSeverity::Critical => "critical",
    }
}

/// People of the record, then the roles the policy asks for and nobody is named for, each with blank lines.
pub(super) fn signatures(record: &DecisionRecord) -> String {
    let mut people: Vec<Person> = record.people.clone();
    let policy = Policy::read(&record.policy.text);
    if let Ok(policy) = &policy {
        for (role, open) in policy.signoff.open(&record.people) {
            let blank = Person { role: role.to_owned(), ..Person::default() };
            people.extend(std::iter::repeat_n(blank, open.min(16)));
        }
    }
    let line = || "<span class=\"ink-line\"></span>".to_owned();
    let or_line = |text: &str| if text.trim().is_empty() { line() } else { escape(text) };
    let rows = people.iter().map(|person| {
        vec![
            Cell::Text(sentence_case(&person.role.replace('_', " "))),
            Cell::Html(or_line(&person.name)),
            Cell::Html(if person.meaning.trim().is_empty() {
                "<span class=\"muted\">waiting</span>".to_owned()
            } else {
                escape(&person.meaning)
            }),
            Cell::Html(line()),
            Cell::Html(line()),
        ]
    });
    let headers = [("role", false), ("name", false), ("meaning", false), ("date", false), ("signature", false)];
    let unread = match policy {
        Ok(_) => "",
        Err(_) => "<p>The policy text cannot be read, so who else must sign is not known.</p>",
    };
    if people.is_empty() {
        return format!("<p>The policy names nobody who must sign, and the record names nobody.</p>{unread}");
    }
    table("sign", &headers, rows) + unread
}

fn sentence_case(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
