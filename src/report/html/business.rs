//! Outcomes and the value of decisions, as the record holds them.

use super::Doc;
use crate::decision::DecisionRecord;
use crate::present::business::{self, BusinessModel};
use crate::present::format::UNDEFINED;
use crate::report::markup::{Cell, table};
use crate::report::words;

pub(super) fn write(doc: &mut Doc, record: &DecisionRecord) {
    let comparison = &record.comparison;
    if comparison.business.is_none() {
        return;
    }
    let model = business::of(comparison);
    if model.outcomes.is_empty() {
        return;
    }
    doc.section("Business");
    doc.text(&model.finding.text());
    if let Some(value) = &comparison.plan.value {
        let unit = if value.unit.is_empty() { "no unit of money was said".to_owned() } else { value.unit.clone() };
        let formula = comparison.plan.custom(crate::compare::BUSINESS_VALUE).map(|metric| metric.formula());
        doc.text(&format!("What a decision is worth ({unit}): {}.", formula.unwrap_or_default()));
    }
    let level = format!("{} interval", words::level(comparison.plan.level));
    doc.item(&outcomes(&model, &level));
    if !model.scaled.is_empty() {
        let headers = [("", false), ("per 1,000", true), ("per day", true), ("per year", true)];
        let both = |[value, interval]: &[String; 2]| Cell::Number(format!("{value} {interval}").trim_end().to_owned());
        let rows = model.scaled.iter().map(|line| {
            vec![Cell::Text(line.title.clone()), both(&line.per_thousand), both(&line.per_day), both(&line.per_year)]
        });
        doc.block("At full traffic", "difference, with its interval", &table("", &headers, rows));
        doc.text(&model.assumption);
    }
    if !model.kinds.is_empty() {
        let headers = [
            ("answer", false),
            ("rows, champion", true),
            ("rows, challenger", true),
            ("value, champion", true),
            ("value, challenger", true),
            ("Δ value", true),
        ];
        let rows = model.kinds.iter().map(|line| {
            let numbers = line.rows.iter().chain(&line.value).chain([&line.difference]);
            [Cell::Text(line.name.clone())].into_iter().chain(numbers.map(|text| Cell::Number(text.clone()))).collect()
        });
        doc.block("Value by kind of answer", model.kinds_of, &table("", &headers, rows));
    }
    if let Some(curve) = &model.curve {
        doc.text(&curve.notes[0]);
    }
}

fn outcomes(model: &BusinessModel, level: &str) -> String {
    let headers = [
        ("outcome", false),
        ("champion", true),
        ("challenger", true),
        ("difference", true),
        (level, true),
        ("relative", true),
        ("chance of better", true),
        ("n", true),
    ];
    let rows = model.outcomes.iter().map(|line| {
        let lift = match &line.no_lift {
            Some(reason) => format!("{UNDEFINED} ({reason})"),
            None => format!("{} {}", line.lift, line.lift_interval).trim_end().to_owned(),
        };
        vec![
            Cell::Text(line.title.clone()),
            Cell::Number(line.champion.clone()),
            Cell::Number(line.challenger.clone()),
            Cell::StrongNumber(line.difference.clone()),
            Cell::Number(line.interval.clone()),
            Cell::Number(lift),
            Cell::Number(line.chance.clone()),
            Cell::Number(line.rows.clone()),
        ]
    });
    table("", &headers, rows)
}
