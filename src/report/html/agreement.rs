//! Answers of both models side by side, as the record holds them.

use super::Doc;
use super::figures::figure;
use crate::decision::DecisionRecord;
use crate::present::agreement::{self, AgreementModel, Fact};
use crate::report::markup::{Cell, details, escape, table};
use crate::report::svg::scores;
use crate::report::words;

/// Pairs of answers printed; the record holds more.
const CHANGES: usize = 30;

pub(super) fn write(doc: &mut Doc, record: &DecisionRecord) {
    let Some(found) = record.comparison.agreed.as_deref() else {
        return;
    };
    let model = agreement::of(found, &record.comparison);
    doc.section("Agreement");
    doc.text(&format!("{} Of {}.", model.finding.text(), model.qualifier));
    let level = format!("{} interval", words::level(record.comparison.plan.level));
    let mut html = format!("<div><h3>How far they agree</h3>{}</div>", facts_table(&model.facts, &level));
    html.push_str(&answers(&model));
    doc.item(&format!("<div class=\"matrices\">{html}</div>"));
    let said: String = model.labels.sentences.iter().map(|sentence| format!("<p>{}</p>", escape(sentence))).collect();
    let bounds = if model.labels.facts.is_empty() { String::new() } else { facts_table(&model.labels.facts, "") };
    doc.block("What labels would tell", "missing labels against the challenger, and for it", &(said + &bounds));
    if let Some(shift) = &found.shift
        && let Some(drawn) = &model.shift
    {
        let title = format!("Shift of the {}s", drawn.what);
        let bins = scores::Bins {
            key: "shift",
            title: &title,
            axis: "challenger minus champion",
            edges: &shift.edges,
            arms: [&[], &shift.histogram],
        };
        let svg =
            scores::distribution(&bins, &[None, Some("rows".to_owned())], [None; 2], "Rows per bin of the shift.");
        let figures = figure(&title, "challenger minus champion on the same row", &svg, "");
        let facts = facts_table(&drawn.facts, &level);
        let remark = if drawn.remark.is_empty() { String::new() } else { format!("<p>{}</p>", escape(&drawn.remark)) };
        doc.item(&format!(
            "<div class=\"figures\">{figures}<div><h3>{}</h3>{facts}{remark}</div></div>",
            escape(&title)
        ));
    }
    if !model.slices.is_empty() {
        let headers =
            [("slice", false), ("rows", true), ("churn", true), (level.as_str(), true), ("changed, no label", true)];
        let rows = model.slices.iter().map(|line| {
            let numbers =
                [&line.rows, &line.churn, &line.interval, &line.unlabelled].map(|text| Cell::Number(text.clone()));
            [Cell::Text(line.name.clone())].into_iter().chain(numbers).collect()
        });
        doc.item(&details("Churn by slice", &table("", &headers, rows)));
    }
}

fn facts_table(facts: &[Fact], level: &str) -> String {
    let with = facts.iter().any(|fact| !fact.interval.is_empty());
    let mut headers = vec![("", false), ("value", true)];
    if with {
        headers.push((level, true));
    }
    let rows = facts.iter().map(|fact| {
        let mut cells = vec![Cell::Text(fact.name.clone()), Cell::StrongNumber(fact.value.clone())];
        if with {
            cells.push(Cell::Number(fact.interval.clone()));
        }
        cells
    });
    table("", &headers, rows)
}

fn answers(model: &AgreementModel) -> String {
    if let Some(found) = &model.table {
        let headers: Vec<(&str, bool)> = [("champion answers", false)]
            .into_iter()
            .chain(found.names.iter().map(|name| (name.as_str(), true)))
            .collect();
        let rows = found.cells.chunks(found.names.len()).zip(&found.names).map(|(cells, name)| {
            let cells = cells.iter().map(|cell| match cell.alike {
                true => Cell::Number(cell.rows.clone()),
                false => Cell::StrongNumber(cell.rows.clone()),
            });
            [Cell::Text(name.clone())].into_iter().chain(cells).collect()
        });
        let qualifier = "across: the challenger answers";
        return format!(
            "<div><h3>Answers <span class=\"qualifier\">{qualifier}</span></h3>{}</div>",
            table("classes", &headers, rows)
        );
    }
    let pairs = model.changes.iter().any(|change| !change.challenger.is_empty());
    let mut headers = vec![(if pairs { "champion" } else { "answers" }, false)];
    if pairs {
        headers.push(("challenger", false));
    }
    headers.extend([("rows", true), ("of all", true), ("no label", true)]);
    let rows = model.changes.iter().take(CHANGES).map(|change| {
        let mut cells = vec![Cell::Text(change.champion.clone())];
        if pairs {
            cells.push(Cell::Text(change.challenger.clone()));
        }
        cells.extend([&change.rows, &change.share, &change.unlabelled].map(|text| Cell::Number(text.clone())));
        cells
    });
    format!("<div><h3>Changed answers</h3>{}</div>", table("", &headers, rows))
}
