//! Method, reproduction, and the policy as it was.

use super::Doc;
use crate::decision::DecisionRecord;
use crate::log::SourceRole;
use crate::metrics::registry;
use crate::present::format::{count, plain, size};
use crate::report::markup::{Cell, escape, table};
use crate::report::words;

pub(super) fn write(doc: &mut Doc, record: &DecisionRecord, digest: &Result<String, String>) {
    doc.section("Method");
    metrics(doc, record);
    let plan = &record.comparison.plan;
    doc.text(&format!(
        "Intervals are two-sided at {}. {} Where no closed form or influence vector is used, {} bootstrap replicates with seed {}. Gates read intervals, \
         never point values; no data is never a pass; all gates must pass, so none is corrected for their number.",
        words::level(plan.level),
        match &plan.unit {
            Some(unit) => format!("Rows of the same {unit} are one unit."),
            None => "Each row is its own unit.".to_owned(),
        },
        count(u64::from(plan.replicates)),
        plan.seed,
    ));
    if plan.costs != [0.0, 0.0] {
        doc.text(&format!(
            "Costs: a false positive {}, a false negative {}. Partial AUC: false-positive rates up to {}.",
            plain(plan.costs[0]),
            plain(plan.costs[1]),
            plain(plan.partial_fpr)
        ));
    }
    reproduction(doc, record, digest);
    doc.section("Policy");
    doc.text(&format!("Policy {} {}, exactly as it was read:", record.policy.id, record.policy.version));
    doc.item(&format!("<pre>{}</pre>", escape(&record.policy.text)));
}

fn metrics(doc: &mut Doc, record: &DecisionRecord) {
    let mut names: Vec<&str> = Vec::new();
    for result in &record.comparison.metrics {
        if !names.contains(&result.name.as_str()) {
            names.push(&result.name);
        }
    }
    let known = names.iter().filter_map(|name| registry::of_task(record.comparison.plan.task, name));
    let rows: Vec<Vec<Cell>> = known
        .map(|metric| {
            vec![
                Cell::Text(metric.title.to_owned()),
                Cell::Html(format!("<span class=\"mono\">{}</span>", escape(metric.formula))),
                Cell::Text(metric.explanation.to_owned()),
                Cell::Text(metric.source.to_owned()),
                Cell::Text(methods(record, metric.name)),
            ]
        })
        .collect();
    let own = record.comparison.plan.custom.iter().map(|metric| {
        vec![
            Cell::Text(metric.name.clone()),
            Cell::Html(format!("<span class=\"mono\">{}</span>", escape(&metric.formula()))),
            Cell::Text(String::new()),
            Cell::Text("defined for this comparison".to_owned()),
            Cell::Text(methods(record, &metric.name)),
        ]
    });
    let rows: Vec<Vec<Cell>> = rows.into_iter().chain(own).collect();
    let headers =
        [("metric", false), ("formula", false), ("meaning", false), ("source", false), ("interval methods", false)];
    if !rows.is_empty() {
        doc.block(
            "Metrics",
            "definition, source and the interval methods used in this run",
            &table("method", &headers, rows),
        );
    }
}

/// Interval methods of a metric, each once.
fn methods(record: &DecisionRecord, name: &str) -> String {
    let mut found: Vec<String> = Vec::new();
    for result in record.comparison.metrics.iter().filter(|result| result.name == name) {
        let arms = [&result.arms.champion, &result.arms.challenger].into_iter().flatten();
        let of_arms = arms.filter(|arm| arm.lo.is_some()).map(|arm| format!("arms: {}", arm.method));
        let of_difference = result.difference.iter().map(|difference| format!("difference: {}", difference.method));
        for method in of_arms.chain(of_difference) {
            if !found.contains(&method) {
                found.push(method);
            }
        }
    }
    if found.is_empty() { "–".to_owned() } else { found.join("; ") }
}

fn reproduction(doc: &mut Doc, record: &DecisionRecord, digest: &Result<String, String>) {
    doc.section("Reproduction");
    let reproduction = &record.reproduction;
    let digest = match digest {
        Ok(hex) => hex.clone(),
        Err(why) => format!("none: {why}"),
    };
    let mut facts = vec![
        ("Record", record.header.record_id.clone()),
        ("SHA-256 of the record", digest),
        ("Schema", record.schema.clone()),
        ("Made by", format!("{} {}", reproduction.tool, reproduction.version)),
        ("Made at", record.header.created_at.clone()),
        ("Sealed at", record.header.sealed_at.clone().unwrap_or_else(|| "not sealed".to_owned())),
        ("Seed", reproduction.seed.to_string()),
        ("Level", words::level(reproduction.level)),
        ("Policy", format!("{} {}", record.policy.id, record.policy.version)),
        ("SHA-256 of the policy", record.policy.sha256.clone()),
    ];
    if let Some(replaced) = &record.header.supersedes {
        facts.push(("Supersedes", replaced.clone()));
    }
    if !reproduction.verify_command.is_empty() {
        facts.push(("Check it", reproduction.verify_command.clone()));
    }
    let rows = facts.into_iter().map(|(name, text)| {
        vec![Cell::Text(name.to_owned()), Cell::Html(format!("<span class=\"mono\">{}</span>", escape(&text)))]
    });
    doc.item(&table("facts", &[("", false), ("", false)], rows));
    let headers = [
        ("file", false),
        ("read as", false),
        ("format", false),
        ("size", true),
        ("records", true),
        ("set aside", true),
        ("sha256", false),
    ];
    let sources = record.evidence.sources.iter().map(|source| {
        vec![
            Cell::Text(source.path.clone()),
            Cell::Text(match source.role {
                SourceRole::Predictions => "predictions".to_owned(),
                SourceRole::Labels => "labels".to_owned(),
                SourceRole::Tests => "test results".to_owned(),
                SourceRole::Reference => "training data".to_owned(),
            }),
            Cell::Text(source.format.clone()),
            Cell::Number(size(source.bytes)),
            Cell::Number(count(source.records)),
            Cell::Number(count(source.quarantined)),
            Cell::Html(if source.sha256.is_empty() {
                "not computed".to_owned()
            } else {
                format!("<span class=\"mono\">{}</span>", escape(&source.sha256))
            }),
        ]
    });
    doc.block("Inputs", "as stored, with the digest of each", &table("sources", &headers, sources));
    doc.text(
        "This page carries the record it was made from, as canonical JSON in the element with the id \"record\"; the digest above is of those bytes.",
    );
}
