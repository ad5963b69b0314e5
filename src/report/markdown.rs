//! A short summary for a ticket.

use super::markup::markdown as text;
use super::words;
use crate::decision::DecisionRecord;
use crate::decision::attached::Fact;
use crate::decision::canonical::sha256_hex;
use crate::decision::record::State;
use crate::present::format::count;

pub(super) fn summary(record: &DecisionRecord) -> String {
    let (comparison, verdict) = (&record.comparison, &record.verdict);
    let plan = &comparison.plan;
    let question = match &plan.challenger {
        Some(challenger) => format!("May {challenger} replace {}?", plan.champion),
        None => plan.champion.clone(),
    };
    let mut out = format!("# {}\n\n", text(&question));
    out.push_str(&format!(
        "**{}**, recommended by policy {} {}, {}.\n\n{}\n\n{}\n\n",
        verdict.recommendation.title(),
        text(&verdict.policy_id),
        text(&verdict.policy_version),
        text(&words::rule(verdict)),
        text(&words::decided(record)),
        text(&words::finding(record)),
    ));
    if let Some(decision) = &record.decision {
        if !decision.rationale.trim().is_empty() {
            out.push_str(&format!("Rationale: {}\n\n", text(&decision.rationale)));
        }
        out.push_str(&bullets("Conditions", &decision.conditions));
    }
    out.push_str("| | Gate | | Required | Difference | Interval | Outcome | Reason |\n");
    out.push_str("|---|---|---|---|--:|--:|---|---|\n");
    for gate in &verdict.gates {
        let numbers = words::gate_numbers(verdict, gate, words::slice_of(gate), &gate.reading);
        out.push_str(&format!(
            "| {} | {} | {} | {} | {} | {} | {} | {} |\n",
            text(&gate.id),
            text(&words::gate_title(gate)),
            gate.role.word(),
            text(&gate.requirement),
            numbers.value,
            text(&numbers.interval),
            gate.reading.outcome.word(),
            text(&gate.reading.reason),
        ));
    }
    out.push('\n');
    out.push_str(&metrics(record));
    let triggers: Vec<String> = (record.verdict.triggers.iter())
        .map(|one| format!("{}: {}. {}", one.title, one.outcome.word(), one.reason))
        .collect();
    out.push_str(&bullets("Reasons for a new model", &triggers));
    let facts: Vec<String> = record.facts.iter().map(Fact::text).collect();
    out.push_str(&bullets("Facts, entered by hand", &facts));
    let tests = record
        .tests
        .iter()
        .map(|tests| format!("{}: {} run, {} failed, {} skipped", tests.path, tests.run, tests.failed, tests.skipped));
    out.push_str(&bullets("Test results", &tests.collect::<Vec<_>>()));
    out.push_str(&bullets("Limitations", &record.review.limitations));
    let flow: Vec<String> =
        comparison.population.flow.iter().map(|step| format!("{} {}", text(&step.name), count(step.rows))).collect();
    out.push_str(&format!("Rows: {}.\n\n", flow.join(" → ")));
    out.push_str(&digests(record));
    out
}

fn bullets(title: &str, items: &[String]) -> String {
    if items.is_empty() {
        return String::new();
    }
    let lines: String = items.iter().map(|item| format!("- {}\n", text(item))).collect();
    format!("{title}:\n\n{lines}\n")
}

fn metrics(record: &DecisionRecord) -> String {
    let (plan, verdict) = (&record.comparison.plan, &record.verdict);
    let mut out = format!(
        "| Metric | {} | {} | Difference | {} interval |\n|---|--:|--:|--:|--:|\n",
        text(&plan.champion),
        plan.challenger.as_deref().map_or_else(|| "–".to_owned(), text),
        words::level(plan.level),
    );
    for result in record.comparison.metrics.iter().filter(|result| result.slice.is_none()) {
        let digits = words::metric_digits(result, verdict);
        let (champion, _) = words::estimate(digits, result.arms.champion.as_ref());
        let (challenger, _) = words::estimate(digits, result.arms.challenger.as_ref());
        let (difference, interval) = words::difference(digits, result);
        let interval = match &result.undefined {
            Some(reason) => format!("undefined: {}", text(reason)),
            None => text(&interval),
        };
        out.push_str(&format!(
            "| {} | {champion} | {challenger} | {difference} | {interval} |\n",
            text(&words::metric_title(plan, result)),
        ));
    }
    out.push('\n');
    out
}

fn digests(record: &DecisionRecord) -> String {
    let state = match record.header.state {
        State::Draft => "draft, not sealed",
        State::Sealed => "sealed",
    };
    let digest = record.to_bytes().map_or_else(|error| error.to_string(), |bytes| sha256_hex(&bytes));
    let mut out = format!(
        "Record {} ({state}): `{digest}`  \nPolicy: `{}`\n\n",
        text(&record.header.record_id),
        record.policy.sha256.replace('`', "'"),
    );
    for source in &record.evidence.sources {
        let sha256 = if source.sha256.is_empty() { "no digest" } else { &source.sha256 };
        out.push_str(&format!("- {}: `{}`\n", text(&source.path), sha256.replace('`', "'")));
    }
    if !record.reproduction.verify_command.is_empty() {
        // Four backticks fence whatever the command holds.
        out.push_str(&format!(
            "\nCheck it:\n\n````\n{}\n````\n",
            record.reproduction.verify_command.replace("````", "```")
        ));
    }
    out
}
