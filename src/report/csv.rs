//! Metrics as comma-separated values.

use crate::compare::{Better, Difference, Estimate, Unit};
use crate::decision::{DecisionRecord, catalog};

pub(super) const COLUMNS: [&str; 31] = [
    "record_id",
    "slice",
    "metric",
    "title",
    "unit",
    "better",
    "rows",
    "positives",
    "champion",
    "champion_value",
    "champion_lo",
    "champion_hi",
    "champion_level",
    "champion_method",
    "champion_n",
    "challenger",
    "challenger_value",
    "challenger_lo",
    "challenger_hi",
    "challenger_level",
    "challenger_method",
    "challenger_n",
    "difference_value",
    "difference_lo",
    "difference_hi",
    "difference_level",
    "difference_method",
    "difference_p",
    "difference_se",
    "difference_n",
    "undefined",
];

pub(super) fn metrics(record: &DecisionRecord) -> String {
    let mut out = COLUMNS.join(",") + "\r\n";
    let plan = &record.comparison.plan;
    for result in &record.comparison.metrics {
        let mut cells = vec![
            record.header.record_id.clone(),
            result.slice.clone().unwrap_or_default(),
            result.name.clone(),
            catalog::title(&result.name).to_owned(),
            unit(result.unit).to_owned(),
            better(result.better).to_owned(),
            result.rows.to_string(),
            result.positives.map_or_else(String::new, |positives| positives.to_string()),
        ];
        cells.push(plan.champion.clone());
        cells.extend(estimate(result.arms.champion.as_ref()));
        cells.push(plan.challenger.clone().unwrap_or_default());
        cells.extend(estimate(result.arms.challenger.as_ref()));
        cells.extend(difference(result.difference.as_ref()));
        cells.push(result.undefined.clone().unwrap_or_default());
        let line: Vec<String> = cells.iter().map(|cell| quote(cell)).collect();
        out.push_str(&line.join(","));
        out.push_str("\r\n");
    }
    out
}

/// RFC 4180, section 2: quoted where it holds a comma, a quote or a line break; quotes doubled.
pub(super) fn quote(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
}

fn number(value: Option<f64>) -> String {
    value.filter(|value| value.is_finite()).map_or_else(String::new, |value| value.to_string())
}

fn estimate(estimate: Option<&Estimate>) -> [String; 6] {
    estimate.map_or_else(Default::default, |found| {
        [
            number(Some(found.value)),
            number(found.lo),
            number(found.hi),
            number(Some(found.level)),
            found.method.clone(),
            found.n.to_string(),
        ]
    })
}

fn difference(difference: Option<&Difference>) -> [String; 8] {
    difference.map_or_else(Default::default, |found| {
        [
            number(Some(found.value)),
            number(found.lo),
            number(found.hi),
            number(Some(found.level)),
            found.method.clone(),
            number(found.p),
            number(found.se),
            found.n.to_string(),
        ]
    })
}

const fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::Number => "number",
        Unit::Share => "share",
        Unit::Milliseconds => "milliseconds",
        Unit::Cost => "cost",
        Unit::Target => "target",
        Unit::TargetSquared => "target_squared",
    }
}

const fn better(better: Better) -> &'static str {
    match better {
        Better::Higher => "higher",
        Better::Lower => "lower",
        Better::One => "one",
        Better::Zero => "zero",
        Better::Neither => "neither",
    }
}
