//! What serving took, as the record holds it: latency, answers and failures over time.

use super::Doc;
use super::figures::figure;
use crate::decision::DecisionRecord;
use crate::present::format::{UNDEFINED, plain, round_significant};
use crate::present::operations::{self, CourseModel, LatencyModel};
use crate::report::markup::{Cell, table};
use crate::report::svg::served;

pub(super) fn write(doc: &mut Doc, record: &DecisionRecord) {
    let comparison = &record.comparison;
    // Throughput alone says little of serving; every log with times has it.
    if !comparison.metrics.iter().any(|metric| operations::is_operational(&metric.name)) {
        return;
    }
    let mut figures = Vec::new();
    if let Some(found) = operations::latency(comparison) {
        let qualifier = if found.log { "log scale, same bins for both arms" } else { "same bins for both arms" };
        figures.push(figure("Latency", qualifier, &served::latency(&found), &latency_table(&found)));
    }
    let courses = [
        ("Throughput", "throughput", operations::rates(comparison)),
        ("Failures", "failures", operations::failures(comparison)),
    ];
    for (title, key, found) in courses {
        let Some(found) = found else { continue };
        let svg = served::course(&found, key, title);
        figures.push(figure(title, "60 spans of equal length", &svg, &course_table(&found)));
    }
    if figures.is_empty() {
        return;
    }
    doc.section("Operations");
    doc.text(&operations::finding(comparison).text());
    doc.item(&format!("<div class=\"figures\">{}</div>", figures.concat()));
}

fn number(value: f64) -> String {
    plain(round_significant(value, 4))
}

fn headers(first: [&'static str; 2], lines: usize) -> Vec<(&'static str, bool)> {
    let arms = ["champion", "challenger"];
    first
        .into_iter()
        .filter(|name| !name.is_empty())
        .chain(arms.into_iter().take(lines))
        .map(|name| (name, true))
        .collect()
}

fn latency_table(found: &LatencyModel) -> String {
    let rows = found.edges.windows(2).enumerate().map(|(bin, ends)| {
        let shares =
            found.arms.iter().map(|(_, shares)| shares.get(bin).map_or(UNDEFINED.to_owned(), |one| number(*one)));
        ends.iter().map(|end| number(*end)).chain(shares).map(Cell::Number).collect()
    });
    table("data", &headers(["from, ms", "to, ms"], found.arms.len()), rows)
}

fn course_table(found: &CourseModel) -> String {
    let mut places: Vec<f64> = found.lines.iter().flat_map(|(_, line)| line).map(|(at, _)| *at).collect();
    places.sort_by(f64::total_cmp);
    places.dedup();
    let rows = places.iter().map(|place| {
        let at = |line: &Vec<(f64, f64)>| line.iter().find(|(at, _)| at == place).map(|(_, value)| number(*value));
        let values = found.lines.iter().map(|(_, line)| at(line).unwrap_or_else(|| UNDEFINED.to_owned()));
        std::iter::once(number(*place)).chain(values).map(Cell::Number).collect()
    });
    table("data", &headers(["share of the run’s time", ""], found.lines.len()), rows)
}
