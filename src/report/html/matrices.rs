//! Confusion matrices of both arms, their difference, and who is right.

use super::Doc;
use crate::compare::{Confusion, Difference, FlipTable};
use crate::decision::DecisionRecord;
use crate::present::format::{UNDEFINED, count, decimals_for, share, signed, signed_count};
use crate::report::markup::{Cell, escape, table};
use crate::report::svg::marks;
use crate::report::words;

pub(super) fn write(doc: &mut Doc, record: &DecisionRecord) {
    let comparison = &record.comparison;
    let confusion = &comparison.confusion;
    doc.section("Confusion");
    if confusion.champion.is_none() && confusion.challenger.is_none() {
        doc.text("No matrix: the log holds neither decisions nor scores to decide by, or no labels.");
        return;
    }
    let plan = &comparison.plan;
    doc.text(&format!("Rows are truth, columns are prediction; per cent are of the row. {}", thresholds(record)));
    let words = comparison.population.class_words();
    let classes = words.each_ref().map(String::as_str);
    let names = [Some(plan.champion.as_str()), plan.challenger.as_deref()];
    let mut html = String::from("<div class=\"matrices\">");
    for (arm, (matrix, name)) in [&confusion.champion, &confusion.challenger].into_iter().zip(names).enumerate() {
        if let (Some(matrix), Some(name)) = (matrix, name) {
            let title = if arm == 0 { "champion" } else { "challenger" };
            html.push_str(&format!(
                "<div><h3>{} {} <span class=\"qualifier\">{title}</span></h3>{}</div>",
                marks::arm(arm),
                escape(name),
                matrix_table(matrix, classes)
            ));
        }
    }
    if let Some(cells) = &comparison.confusion_difference {
        html.push_str(&format!(
            "<div><h3>Difference <span class=\"qualifier\">challenger minus champion, rows, {} intervals</span></h3>{}</div>",
            words::level(plan.level),
            difference_table(cells, classes)
        ));
    }
    if let Some(flips) = &comparison.flips {
        html.push_str(&format!(
            "<div><h3>Flips <span class=\"qualifier\">who is right on the same rows</span></h3>{}</div>",
            flip_table(flips, classes)
        ));
    }
    doc.item(&(html + "</div>"));
}

fn thresholds(record: &DecisionRecord) -> String {
    let plan = &record.comparison.plan;
    let said = |arm: usize| {
        let threshold = &plan.thresholds[arm];
        match threshold.value {
            Some(value) => {
                format!("score of at least {} ({})", words::coordinate(value), words::basis(threshold.basis))
            }
            None => words::basis(threshold.basis).to_owned(),
        }
    };
    match &plan.challenger {
        Some(_) => format!("Positive is: champion, {}; challenger, {}.", said(0), said(1)),
        None => format!("Positive is: {}.", said(0)),
    }
}

fn matrix_table(matrix: &Confusion, [negative, positive]: [&str; 2]) -> String {
    let line = |truth: &str, cells: [(u64, &str); 2]| {
        let whole = cells[0].0 + cells[1].0;
        let mut row = vec![Cell::Text(truth.to_owned())];
        row.extend(cells.map(|(rows, word)| {
            let part = if whole == 0 { UNDEFINED.to_owned() } else { share(rows as f64 / whole as f64, 2) };
            Cell::Html(format!("<span class=\"n\" style=\"display:block\"><strong>{}</strong><span class=\"cell-sub\">{part} · {word}</span></span>", count(rows)))
        }));
        row
    };
    let rows = [
        line(negative, [(matrix.true_negative, "true negative"), (matrix.false_positive, "false positive")]),
        line(positive, [(matrix.false_negative, "false negative"), (matrix.true_positive, "true positive")]),
    ];
    let headers =
        [("truth".to_owned(), false), (format!("predicted {negative}"), true), (format!("predicted {positive}"), true)];
    let headers: Vec<(&str, bool)> = headers.iter().map(|(title, number)| (title.as_str(), *number)).collect();
    table("matrix", &headers, rows)
}

/// Rows and their interval; both ends with the decimals the interval supports, whole rows at most.
fn rows_interval(difference: &Difference) -> (String, String) {
    match difference.lo.zip(difference.hi) {
        Some((lo, hi)) => {
            let decimals = decimals_for((hi - lo) / 2.0).unwrap_or(0).min(1);
            (signed(difference.value, 0), format!("[{}, {}]", signed(lo, decimals), signed(hi, decimals)))
        }
        None => (signed(difference.value, 0), UNDEFINED.to_owned()),
    }
}

fn difference_table(cells: &[Difference; 4], [negative, positive]: [&str; 2]) -> String {
    let cell = |index: usize| {
        let found = &cells[index];
        let (value, interval) = rows_interval(found);
        // True cells improve upwards, false ones downwards.
        let good_up = matches!(index, 0 | 3);
        let word = match found.lo.zip(found.hi) {
            Some((lo, _)) if lo > 0.0 => {
                if good_up {
                    "better"
                } else {
                    "worse"
                }
            }
            Some((_, hi)) if hi < 0.0 => {
                if good_up {
                    "worse"
                } else {
                    "better"
                }
            }
            _ => "cannot be told",
        };
        Cell::Html(format!(
            "<span class=\"n\" style=\"display:block\"><strong>{value}</strong> {interval}<span class=\"cell-sub\">{word}</span></span>"
        ))
    };
    let headers =
        [("truth".to_owned(), false), (format!("predicted {negative}"), true), (format!("predicted {positive}"), true)];
    let headers: Vec<(&str, bool)> = headers.iter().map(|(title, number)| (title.as_str(), *number)).collect();
    let rows = [
        vec![Cell::Text(negative.to_owned()), cell(0), cell(1)],
        vec![Cell::Text(positive.to_owned()), cell(2), cell(3)],
    ];
    table("matrix", &headers, rows)
}

fn flip_table(flips: &[FlipTable; 2], classes: [&str; 2]) -> String {
    let headers = [
        ("truth", false),
        ("both right", true),
        ("challenger only", true),
        ("champion only", true),
        ("both wrong", true),
        ("net", true),
    ];
    let rows = flips.iter().zip(classes).map(|(flips, class)| {
        let net = match &flips.net {
            Some(net) => {
                let (value, interval) = rows_interval(net);
                format!("<strong>{value}</strong><span class=\"cell-sub\">{interval}</span>")
            }
            None => format!("<strong>{}</strong>", signed_count(flips.fixed as i64 - flips.broken as i64)),
        };
        vec![
            Cell::Text(class.to_owned()),
            Cell::Number(count(flips.both_right)),
            Cell::Number(count(flips.fixed)),
            Cell::Number(count(flips.broken)),
            Cell::Number(count(flips.both_wrong)),
            Cell::Html(format!("<span class=\"n\" style=\"display:block\">{net}</span>")),
        ]
    });
    table("matrix flips", &headers, rows)
}
