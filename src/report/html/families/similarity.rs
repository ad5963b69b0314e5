//! Similarities of pairs: their distribution, means along gold, and the rows that stand out.

use super::super::Doc;
use super::{Histogram, arms};
use crate::compare::Similarities;
use crate::decision::DecisionRecord;
use crate::present::errors::number;
use crate::present::format::{UNDEFINED, count, fixed};
use crate::present::similarity::{self, PairList};
use crate::report::markup::{Cell, details, table};

/// Rows printed of each list; the record holds more.
const SHOWN: usize = 20;

pub(super) fn write(doc: &mut Doc, record: &DecisionRecord, found: &Similarities) {
    doc.section("Similarity");
    if found.edges.is_empty() {
        doc.text("No similarities: no analysed row has one of each model.");
        return;
    }
    let measure = similarity::measure(found);
    if let Some([better, equal, worse]) = found.better {
        doc.text(&format!(
            "By the rank of the {measure}, the challenger is nearer to gold on {} rows, farther on {} and as near on {}.",
            count(better),
            count(worse),
            count(equal)
        ));
    }
    let names = arms(record);
    let drawn = Histogram { key: "similarities", title: "Similarities", axis: measure, what: "similarity" };
    let histogram = drawn.of(&names, &found.edges, &found.histogram);
    let headers = |first: &[&'static str]| -> Vec<(String, bool)> {
        let first = first.iter().map(|title| ((*title).to_owned(), true));
        first.chain(names.iter().map(|name| ((*name).to_owned(), true))).collect()
    };
    let mut html = format!("<div class=\"figures\">{histogram}");
    if !found.by_gold.is_empty() {
        let rows = found.by_gold.iter().map(|bin| {
            let values = [bin.arms.champion, bin.arms.challenger].into_iter().take(names.len());
            let value = |value: Option<f64>| value.map_or_else(|| UNDEFINED.to_owned(), |value| fixed(value, 3));
            let head = [Cell::Number(number(bin.gold)), Cell::Number(count(bin.rows))];
            head.into_iter().chain(values.map(|found| Cell::Number(value(found)))).collect()
        });
        let means = table("", &borrowed(&headers(&["mean gold score", "rows"])), rows);
        html.push_str(&format!("<div><h3>Mean {measure} along gold, ranges of equal rows</h3>{means}</div>"));
    }
    doc.item(&format!("{html}</div>"));
    for list in similarity::printed(found, names.len() > 1, record.comparison.population.analysed) {
        if !list.lines.is_empty() {
            doc.block(&list.name, &list.qualifier, &details("These rows", &rows(&names, &list)));
        }
    }
}

fn borrowed(headers: &[(String, bool)]) -> Vec<(&str, bool)> {
    headers.iter().map(|(title, number)| (title.as_str(), *number)).collect()
}

fn rows(names: &[&str], list: &PairList) -> String {
    let gaps: Vec<String> = names.iter().map(|name| format!("gap of {name}, %")).collect();
    let mut headers = vec![("row", false), ("gold", true)];
    headers.extend(names.iter().map(|name| (*name, true)));
    let shown = list.lines.first().map_or(0, |line| line.gaps.len());
    headers.extend(gaps.iter().take(shown).map(|title| (title.as_str(), true)));
    headers.push((list.by, true));
    let rows = list.lines.iter().take(SHOWN).map(|line| {
        let mut cells = vec![Cell::Text(line.id.clone()), Cell::Number(line.gold.clone())];
        cells.extend(line.values.iter().chain(&line.gaps).cloned().map(Cell::Number));
        cells.push(Cell::StrongNumber(line.by.clone()));
        cells
    });
    table("data", &headers, rows)
}
