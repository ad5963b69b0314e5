//! Ranked lists: who wins on how many queries, metrics over the cut, and the queries with the largest differences.

use super::super::Doc;
use super::arms;
use crate::compare::{PerArm, Queries, QueryCut, QueryRow, Unit};
use crate::decision::{DecisionRecord, catalog};
use crate::present::format::{Digits, UNDEFINED, count, fixed, signed};
use crate::report::markup::{Cell, details, table};
use crate::report::words;

/// Cuts shown; the record holds all of them.
const CUTS: [u32; 8] = [1, 3, 5, 10, 20, 50, 100, 1000];
/// Queries shown from either end.
const SHOWN: usize = 10;

pub(super) fn write(doc: &mut Doc, record: &DecisionRecord, queries: &Queries) {
    doc.section("Queries");
    if queries.cuts.is_empty() {
        doc.text("No queries: none that both models answered has a relevant item.");
        return;
    }
    doc.text("A row is a query. Ideal lists are of all judged items, listed or not; an item without a judgement counts as not relevant.");
    if !queries.wins.is_empty() {
        doc.block("Query by query", "the same query, both lists", &wins(queries));
    }
    let level = words::level(record.comparison.plan.level);
    doc.item(&format!("<h3>Over the cut k</h3>{}", cuts(record, queries, &level)));
    let (first, rest) = worst(record, queries);
    let title = catalog::title(&queries.worst_by).to_owned();
    if !first.is_empty() {
        let qualifier = if rest.is_empty() { "smallest first" } else { "challenger − champion" };
        let mut html = queries_table(record, first);
        if !rest.is_empty() {
            html.push_str(&details("Queries on which the challenger gains most", &queries_table(record, rest)));
        }
        doc.block(&format!("Queries by {title}"), qualifier, &html);
    }
}

fn wins(queries: &Queries) -> String {
    let headers = [("metric", false), ("challenger better", true), ("the same", true), ("challenger worse", true)];
    let rows = queries.wins.iter().map(|of| {
        vec![
            Cell::Text(catalog::title(&of.metric).to_owned()),
            Cell::Number(count(of.better)),
            Cell::Number(count(of.equal)),
            Cell::Number(count(of.worse)),
        ]
    });
    table("", &headers, rows)
}

fn value(arms: &PerArm<f64>, arm: usize) -> String {
    let value = if arm == 0 { arms.champion } else { arms.challenger };
    value.map_or_else(|| UNDEFINED.to_owned(), |value| fixed(value, 4))
}

fn cuts(record: &DecisionRecord, queries: &Queries, level: &str) -> String {
    let names = arms(record);
    let interval = format!("difference, {level}, pointwise");
    let mut headers = vec![("metric", false), ("k", true)];
    headers.extend(names.iter().map(|name| (*name, true)));
    if names.len() > 1 {
        headers.push((&interval, true));
    }
    let shown = |cut: &&QueryCut| CUTS.contains(&cut.k);
    let mut rows: Vec<&QueryCut> = queries.cuts.iter().filter(shown).collect();
    let order: Vec<&str> = queries.cuts.iter().map(|cut| cut.metric.as_str()).collect();
    rows.sort_by_key(|cut| (order.iter().position(|metric| *metric == cut.metric), cut.k));
    let rows = rows.into_iter().map(|cut| {
        let mut cells = vec![Cell::Text(stem(&cut.metric).to_owned()), Cell::Number(cut.k.to_string())];
        cells.extend((0..names.len()).map(|arm| Cell::Number(value(&cut.arms, arm))));
        if names.len() > 1 {
            let shown = |[value, lo, hi]: [f64; 3]| {
                let digits = Digits::of(Unit::Number, value, Some((lo, hi)));
                format!("{} {}", digits.signed(value), digits.signed_interval(lo, hi))
            };
            let alone = || match (cut.arms.champion, cut.arms.challenger) {
                (Some(a), Some(b)) => format!("{}, too few queries for an interval", signed(b - a, 4)),
                _ => UNDEFINED.to_owned(),
            };
            cells.push(Cell::Number(cut.difference.map_or_else(alone, shown)));
        }
        cells
    });
    table("", &headers, rows)
}

/// Title of a metric without its cut.
fn stem(metric: &str) -> &str {
    match metric {
        "ndcg" => "NDCG",
        "recall" => "Recall",
        "precision" => "Precision",
        "hit_rate" => "Hit rate",
        "map" => "MAP",
        other => other,
    }
}

/// Those on which the challenger loses most, and those on which it gains; of one model the smallest.
fn worst<'a>(record: &DecisionRecord, queries: &'a Queries) -> (Vec<&'a QueryRow>, Vec<&'a QueryRow>) {
    if arms(record).len() < 2 {
        return (queries.worst.iter().take(SHOWN).collect(), Vec::new());
    }
    let gain = |row: &QueryRow| Some(row.arms.challenger? - row.arms.champion?);
    let losses = queries.worst.iter().filter(|row| gain(row).is_some_and(|gain| gain < 0.0)).take(SHOWN);
    let gains = queries.worst.iter().rev().filter(|row| gain(row).is_some_and(|gain| gain > 0.0)).take(SHOWN);
    (losses.collect(), gains.collect())
}

fn queries_table(record: &DecisionRecord, rows: Vec<&QueryRow>) -> String {
    let names = arms(record);
    let mut headers = vec![("query", false), ("relevant items", true)];
    headers.extend(names.iter().map(|name| (*name, true)));
    if names.len() > 1 {
        headers.push(("difference", true));
    }
    let rows = rows.into_iter().map(|row| {
        let mut cells = vec![Cell::Text(row.id.clone()), Cell::Number(count(row.relevant))];
        cells.extend((0..names.len()).map(|arm| Cell::Number(value(&row.arms, arm))));
        if let (Some(a), Some(b)) = (row.arms.champion, row.arms.challenger) {
            cells.push(Cell::StrongNumber(signed(b - a, 4)));
        }
        cells
    });
    table("", &headers, rows)
}
