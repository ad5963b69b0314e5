//! The scorecard of all metrics, and the gated metrics by slice.

use super::Doc;
use crate::compare::MetricResult;
use crate::decision::DecisionRecord;
use crate::present::format::{UNDEFINED, count, p_value};
use crate::report::markup::{Cell, escape, table};
use crate::report::words;

/// Lines of the slice table shown at once; the others are opened, none is dropped.
const LINES_AT_ONCE: usize = 60;

pub(super) fn scorecard(doc: &mut Doc, record: &DecisionRecord) {
    let comparison = &record.comparison;
    doc.section("Metrics");
    let results: Vec<&MetricResult> = comparison.metrics.iter().filter(|result| result.slice.is_none()).collect();
    let qualifier = format!(
        "all analysed rows; {} intervals; differences are challenger minus champion, shares in %, their differences in pp",
        words::level(comparison.plan.level)
    );
    if results.is_empty() {
        doc.text("No metric was computed.");
    } else {
        doc.block("Scorecard", &qualifier, &scorecard_table(record, &results));
    }
    if let Some(agreement) = &comparison.agreement {
        let digits = crate::present::format::Digits::of(
            crate::compare::Unit::Share,
            agreement.value,
            agreement.lo.zip(agreement.hi),
        );
        let (value, interval) = words::estimate(digits, Some(agreement));
        let kappa = comparison
            .agreement_kappa
            .map_or_else(String::new, |kappa| format!(" Cohen's kappa of the two: {}.", words::coordinate(kappa)));
        doc.text(&format!(
            "Both models decide alike on {value} % of the rows {interval} ({}).{kappa}",
            agreement.method
        ));
    }
}

fn scorecard_table(record: &DecisionRecord, results: &[&MetricResult]) -> String {
    let plan = &record.comparison.plan;
    let two = plan.challenger.is_some();
    let mut headers = vec![("metric", false), ("champion", true)];
    if two {
        headers.extend([("challenger", true), ("difference", true), ("interval", true), ("p", true)]);
    }
    headers.push(("method, or why undefined", false));
    let rows = results.iter().map(|result| {
        let digits = words::metric_digits(result, &record.verdict);
        let arm = |estimate| {
            let (value, interval) = words::estimate(digits, estimate);
            Cell::Html(format!(
                "<span class=\"n\" style=\"display:block\">{}<span class=\"cell-sub\">{}</span></span>",
                escape(&value),
                escape(&interval)
            ))
        };
        let mut cells = vec![
            Cell::Html(format!(
                "{}<span class=\"cell-sub\">{}</span>",
                escape(&words::metric_title(&record.comparison.plan, result)),
                words::better(result.better)
            )),
            arm(result.arms.champion.as_ref()),
        ];
        if two {
            let (difference, interval) = words::difference(digits, result);
            let p = result.difference.as_ref().and_then(|difference| difference.p);
            cells.extend([
                arm(result.arms.challenger.as_ref()),
                Cell::StrongNumber(difference),
                Cell::Number(interval),
                Cell::Number(p.map_or_else(|| "–".to_owned(), p_value)),
            ]);
        }
        cells.push(Cell::Text(note(result)));
        cells
    });
    table("scorecard", &headers, rows)
}

/// Method and evidence of a row, or the reason there is none.
fn note(result: &MetricResult) -> String {
    if let Some(reason) = &result.undefined {
        return format!("undefined: {reason}");
    }
    let arm = result.arms.champion.as_ref().or(result.arms.challenger.as_ref());
    let (method, n) = match (&result.difference, arm) {
        (Some(difference), _) => (&difference.method, difference.n),
        (None, Some(arm)) => (&arm.method, arm.n),
        (None, None) => return "no value".to_owned(),
    };
    if n == result.rows { method.clone() } else { format!("{method}, n {}", count(n)) }
}

pub(super) fn slices(doc: &mut Doc, record: &DecisionRecord) {
    let (comparison, verdict) = (&record.comparison, &record.verdict);
    let sliced = || comparison.metrics.iter().filter(|result| result.slice.is_some());
    if sliced().next().is_none() {
        return;
    }
    doc.section("Slices");
    let gated = |result: &MetricResult| verdict.gates.iter().any(|gate| gate.metric == result.name);
    let mut lines: Vec<&MetricResult> = sliced().filter(|result| gated(result)).collect();
    let all = sliced().count();
    if lines.is_empty() {
        lines = sliced().collect();
    }
    let qualifier = if lines.len() == all {
        format!("all {} lines", count(all as u64))
    } else {
        format!(
            "metrics the gates read, {} lines; all {} are in the record within this page",
            count(lines.len() as u64),
            count(all as u64)
        )
    };
    let (shown, rest) = lines.split_at(lines.len().min(LINES_AT_ONCE));
    let mut html = slice_table(record, shown);
    if !rest.is_empty() {
        html.push_str(&format!(
            "<details class=\"all\"><summary>The other {} lines</summary>{}</details>",
            count(rest.len() as u64),
            slice_table(record, rest)
        ));
    }
    doc.block("Metrics by slice", &qualifier, &html);
}

fn slice_table(record: &DecisionRecord, lines: &[&MetricResult]) -> String {
    let verdict = &record.verdict;
    let headers = [
        ("slice", false),
        ("metric", false),
        ("rows", true),
        ("positives", true),
        ("champion", true),
        ("challenger", true),
        ("difference", true),
        ("interval", true),
        ("why undefined", false),
    ];
    let rows = lines.iter().map(|result| {
        let digits = words::metric_digits(result, verdict);
        let (difference, interval) = words::difference(digits, result);
        vec![
            Cell::Text(result.slice.clone().unwrap_or_default()),
            Cell::Text(words::metric_title(&record.comparison.plan, result)),
            Cell::Number(count(result.rows)),
            Cell::Number(result.positives.map_or_else(|| UNDEFINED.to_owned(), count)),
            Cell::Number(words::estimate(digits, result.arms.champion.as_ref()).0),
            Cell::Number(words::estimate(digits, result.arms.challenger.as_ref()).0),
            Cell::StrongNumber(difference),
            Cell::Number(interval),
            Cell::Text(result.undefined.clone().unwrap_or_default()),
        ]
    });
    table("slices", &headers, rows)
}
