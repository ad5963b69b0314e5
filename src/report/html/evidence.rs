//! Finding, population, validity checks and the issues of the data.

use super::Doc;
use super::figures::figure;
use crate::decision::DecisionRecord;
use crate::ingest::Severity;
use crate::log::PairBasis;
use crate::present::format::{count, fixed, plain, rfc3339, share};
use crate::present::validity::{Coverage, coverage};
use crate::report::markup::{Cell, details, escape, table, unbroken};
use crate::report::svg::{flow, marks};
use crate::report::words;

pub(super) fn write(doc: &mut Doc, record: &DecisionRecord) {
    let comparison = &record.comparison;
    let population = &comparison.population;
    doc.section("Finding and rows");
    doc.item(&format!("<p><strong>{}</strong></p>", escape(&unbroken(&words::finding(record)))));
    doc.text(&format!("What the numbers estimate: {}", record.design.estimand));
    let mut about = format!("{} rows analysed", count(population.analysed));
    if let Some(positives) = population.positives {
        about.push_str(&format!(
            ", {} of them {} (positive), {} {} (negative)",
            count(positives),
            population.class_positive,
            count(population.analysed.saturating_sub(positives)),
            population.class_negative,
        ));
    }
    if let (Some(units), Some(unit)) = (population.units, &comparison.plan.unit) {
        about.push_str(&format!("; {} units of {unit}", count(units)));
    }
    doc.text(&format!("{about}."));
    doc.block("Rows", "from all ids to the analysed rows, and why rows were lost", &flow::rows(&population.flow));
    doc.text(&joined(record));
    let until = record.evidence.audit.labels.final_until;
    if let Some(found) = coverage(&record.comparison, until) {
        doc.item(&label_coverage(&found));
    }
}

/// Rows and the share of them with a label, over time: the figure of the Validity view and its numbers.
fn label_coverage(found: &Coverage) -> String {
    let headers = [("from (UTC)", false), ("rows", true), ("labelled", true), ("share", true)];
    let rows = found.lines.iter().map(|line| {
        vec![
            Cell::Text(rfc3339(line.start)),
            Cell::Number(count(line.rows)),
            Cell::Number(count(line.labelled)),
            Cell::Number(share(line.share(), 1)),
        ]
    });
    let qualifier = format!("{}; bars: rows, at most {}; line: share labelled", found.by, count(found.most_rows));
    let svg = crate::report::svg::coverage::coverage(found);
    let drawn = figure("Label coverage", &qualifier, &svg, &table("data", &headers, rows));
    format!("<p>{}.</p>{drawn}", escape(&found.description))
}

fn joined(record: &DecisionRecord) -> String {
    let audit = &record.evidence.audit;
    let basis = match &audit.basis {
        PairBasis::Id { column } => format!("paired by equal values of {column}"),
        PairBasis::SameRow => "both models stand in the same line".to_owned(),
        PairBasis::Position { proof } => format!("paired by row number, shown to be right by {proof}"),
        PairBasis::OneModel => "a log of one model, nothing to pair".to_owned(),
        PairBasis::Split { .. } => "each request was answered by one arm, nothing is paired".to_owned(),
    };
    let labels = &audit.labels;
    let mut text = format!(
        "Join: {basis}. {} ids, {} paired, {} of the champion only, {} of the challenger only; {} repeated lines merged, {} ids with \
         two different predictions {}; {} lines without an id. Labels: {} present, {} absent, {} without a prediction, {} conflicting.",
        count(audit.ids),
        count(audit.paired),
        count(audit.champion_only),
        count(audit.challenger_only),
        count(audit.duplicate_same),
        count(audit.duplicate_different),
        if audit.conflicts_kept { "kept by choice" } else { "refused" },
        count(audit.without_id),
        count(labels.present),
        count(labels.absent),
        count(labels.orphan),
        count(labels.conflicting),
    );
    if let Some(until) = labels.final_until {
        text.push_str(&format!(
            " Labels of requests after {} are not final: {} held back.",
            rfc3339(until),
            count(labels.immature)
        ));
    }
    if let Some([median, p90, p99]) = labels.lag_hours {
        text.push_str(&format!(
            " Labels came after {} h (median), {} h (90 %), {} h (99 %).",
            fixed(median, 1),
            fixed(p90, 1),
            fixed(p99, 1)
        ));
    }
    text
}

pub(super) fn validity(doc: &mut Doc, record: &DecisionRecord) {
    doc.section("Validity checks");
    let headers = [("outcome", false), ("check", false), ("reading", false), ("limit", true), ("what it means", false)];
    let reading = |name: &str| {
        record.comparison.validity.iter().find(|check| check.name == name).map(|check| check.reading.clone())
    };
    let rows = record.verdict.validity.iter().map(|check| {
        let (mark, word) = marks::check(check.outcome);
        let found = reading(&check.name).filter(|text| !text.is_empty());
        let value = check.value.map_or_else(|| "–".to_owned(), words::coordinate);
        let limit = check.limit.map_or_else(|| "–".to_owned(), plain);
        vec![
            Cell::Html(format!("<span class=\"nowrap\">{mark} {word}</span>")),
            Cell::Text(check.title.clone()),
            Cell::Text(found.unwrap_or(value)),
            Cell::Number(if check.by_policy { format!("{limit}, policy") } else { limit }),
            Cell::Text(check.explanation.clone()),
        ]
    });
    if record.verdict.validity.is_empty() {
        doc.text("No check was made.");
    } else {
        doc.item(&table("checks", &headers, rows));
    }
    issues(doc, record);
}

/// Reasons for a new model in production.
pub(super) fn triggers(doc: &mut Doc, record: &DecisionRecord) {
    if record.verdict.triggers.is_empty() {
        return;
    }
    doc.section("Reasons for a new model");
    let headers = [("outcome", false), ("trigger", false), ("value", true), ("limit", true), ("what was found", false)];
    let number = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), words::coordinate);
    let rows = record.verdict.triggers.iter().map(|one| {
        let limit = number(one.limit);
        vec![
            Cell::Text(one.outcome.word().to_owned()),
            Cell::Text(one.title.clone()),
            Cell::Number(number(one.value)),
            Cell::Number(if one.by_policy { format!("{limit}, policy") } else { limit }),
            Cell::Text(one.reason.clone()),
        ]
    });
    doc.item(&table("triggers", &headers, rows));
}

fn issues(doc: &mut Doc, record: &DecisionRecord) {
    doc.section("Issues of the data");
    if record.issues.is_empty() {
        doc.text("None were found while reading.");
    }
    for issue in &record.issues {
        let word = match issue.severity {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Blocking => "blocking",
        };
        let mut html = format!(
            "<p><strong>{}</strong> <span class=\"muted\">{word}, {} records, {} of the source, <span class=\"mono\">{}</span></span></p><p>{} {}</p>",
            escape(&issue.message),
            count(issue.count),
            share(issue.share, 2),
            escape(&issue.code),
            escape(&issue.consequence),
            escape(&issue.mend)
        );
        if !issue.examples.is_empty() {
            let headers = [("file", false), ("record", true), ("as it stands", false)];
            let rows = issue.examples.iter().map(|example| {
                vec![
                    Cell::Text(example.source.clone()),
                    Cell::Number(count(example.record)),
                    Cell::Html(format!("<span class=\"mono\">{}</span>", escape(&example.raw))),
                ]
            });
            html.push_str(&details("Examples, as they stand in the file", &table("data", &headers, rows)));
        }
        doc.item(&html);
    }
}
