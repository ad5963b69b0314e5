//! What the record holds of a run whose arms answered different requests.

use super::Doc;
use super::figures::figure;
use crate::compare::{Detail, Looks, SplitDetail, Unit};
use crate::decision::{DecisionRecord, catalog, moment};
use crate::present::format::{Digits, UNDEFINED, count, fixed, share, signed};
use crate::present::validity::kayenta;
use crate::report::markup::{Cell, table};
use crate::report::svg::course;

pub(super) fn write(doc: &mut Doc, record: &DecisionRecord) {
    let Detail::Split(detail) = &record.comparison.detail else {
        return;
    };
    doc.section("Arms, stages and looks");
    let [a, b] = detail.rows.map(count);
    let [units_a, units_b] = detail.units.map(count);
    doc.text(&format!(
        "Each request was answered by one arm: {a} by the champion, {b} by the challenger, of {units_a} and {units_b} units. Differences are unpaired."
    ));
    if let Some(then) = &record.verdict.earned {
        let rows = then.rows.map(count);
        doc.text(&format!(
            "The failure of {} was earned at the look of {}, after {} requests of the champion and {} of the challenger.",
            then.gate,
            moment(then.time),
            rows[0],
            rows[1]
        ));
    }
    write_stages(doc, record, detail);
    write_looks(doc, record, detail);
    write_lifts(doc, detail);
    write_adjusted(doc, detail);
    write_balance(doc, detail);
    write_kayenta(doc, detail);
}

fn write_kayenta(doc: &mut Doc, detail: &SplitDetail) {
    if detail.kayenta.is_empty() {
        return;
    }
    let headers = [("metric", false), ("where", false), ("says", false), ("shift", false), ("points", false)];
    let rows = kayenta::lines(detail)
        .into_iter()
        .map(|line| [line.title, line.place, line.says, line.shift, line.points].map(Cell::Text).into());
    doc.block("What Kayenta would say", kayenta::QUALIFIER, &table("", &headers, rows));
}

fn write_stages(doc: &mut Doc, record: &DecisionRecord, detail: &SplitDetail) {
    if detail.stages.is_empty() {
        return;
    }
    let headers = [
        ("stage", false),
        ("from", false),
        ("champion", true),
        ("challenger", true),
        ("planned", true),
        ("sample ratio, p", true),
    ];
    let rows = detail.stages.iter().map(|stage| {
        vec![
            Cell::Text(stage.name.clone()),
            Cell::Text(stage.span.map_or_else(|| UNDEFINED.to_owned(), |[from, _]| moment(from))),
            Cell::Number(count(stage.rows[0])),
            Cell::Number(count(stage.rows[1])),
            Cell::Number(stage.planned_share.map_or_else(|| UNDEFINED.to_owned(), |planned| share(planned, 1))),
            Cell::Number(stage.sample_ratio_p.map_or_else(|| UNDEFINED.to_owned(), |p| fixed(p, 3))),
        ]
    });
    doc.block("Stages", "requests of each arm", &table("", &headers, rows));
    let headers = [
        ("stage", false),
        ("outcome", false),
        ("champion", true),
        ("challenger", true),
        ("difference", true),
        ("interval", true),
    ];
    let rows = detail.stages.iter().flat_map(|stage| {
        stage.outcomes.iter().map(|one| {
            let unit = record.comparison.metric(&one.metric).map_or(Unit::Number, |metric| metric.unit);
            let arm = |value: Option<f64>| {
                value.map_or_else(|| UNDEFINED.to_owned(), |value| Digits::of(unit, value, None).value_unit(value))
            };
            let [value, interval] = match one.difference {
                Some([value, lo, hi]) => {
                    let digits = Digits::of(unit, value, Some((lo, hi)));
                    [digits.signed_unit(value), digits.signed_interval(lo, hi)]
                }
                None => [UNDEFINED, UNDEFINED].map(str::to_owned),
            };
            vec![
                Cell::Text(stage.name.clone()),
                Cell::Text(catalog::title(&one.metric).to_owned()),
                Cell::Number(arm(one.arms.champion)),
                Cell::Number(arm(one.arms.challenger)),
                Cell::Number(value),
                Cell::Number(interval),
            ]
        })
    });
    doc.block("Outcomes by stage", "each stage alone", &table("", &headers, rows));
}

fn write_looks(doc: &mut Doc, record: &DecisionRecord, detail: &SplitDetail) {
    let any = record.comparison.plan.split.as_ref().is_some_and(|split| split.looks == Some(Looks::Any));
    let mut figures = String::new();
    for (index, series) in detail.series.iter().enumerate() {
        let unit = record.comparison.metric(&series.metric).map_or(Unit::Number, |metric| metric.unit);
        let title = catalog::title(&series.metric);
        let Some(svg) = course::difference(series, unit, title, index) else {
            continue;
        };
        let headers =
            [("until", false), ("champion", true), ("challenger", true), ("difference", true), ("interval", true)];
        let rows = series.looks.iter().map(|look| {
            let [a, b] = look.rows.map(count);
            let found = look.difference.map(|[value, lo, hi]| {
                let digits = Digits::of(unit, value, Some((lo, hi)));
                [digits.signed_unit(value), digits.signed_interval(lo, hi)]
            });
            let [value, interval] = found.unwrap_or_else(|| [UNDEFINED.to_owned(), UNDEFINED.to_owned()]);
            vec![
                Cell::Text(moment(look.time)),
                Cell::Number(a),
                Cell::Number(b),
                Cell::Number(value),
                Cell::Number(interval),
            ]
        });
        figures.push_str(&figure(title, "challenger minus champion, cumulative", &svg, &table("", &headers, rows)));
    }
    if figures.is_empty() {
        return;
    }
    doc.text(if any {
        "Bands are confidence sequences: they hold at all looks together, so that looking early costs nothing."
    } else {
        "The run is judged at its one look, at the end. Bands are confidence sequences, for whoever looks earlier."
    });
    doc.item(&format!("<div class=\"figures\">{figures}</div>"));
}

fn write_lifts(doc: &mut Doc, detail: &SplitDetail) {
    if detail.lifts.is_empty() {
        return;
    }
    let percent = |value: f64| format!("{} %", signed(value * 100.0, 2));
    let rows = detail.lifts.iter().map(|lift| {
        let interval = match (lift.lo.zip(lift.hi), &lift.undefined) {
            (Some((lo, hi)), _) => Cell::Number(format!("[{}, {}]", percent(lo), percent(hi))),
            (None, Some(reason)) => Cell::Text(reason.clone()),
            (None, None) => Cell::Number(UNDEFINED.to_owned()),
        };
        let value = lift.value.map_or_else(|| UNDEFINED.to_owned(), percent);
        vec![Cell::Text(lift.metric.clone()), Cell::Number(value), interval, Cell::Text(lift.method.clone())]
    });
    let headers = [("outcome", false), ("challenger over champion", true), ("interval", true), ("method", false)];
    doc.block("Relative differences", "one look", &table("", &headers, rows));
}

fn write_adjusted(doc: &mut Doc, detail: &SplitDetail) {
    if detail.adjusted.is_empty() {
        return;
    }
    let rows = detail.adjusted.iter().map(|one| {
        let found = &one.difference;
        let ends = found.lo.zip(found.hi);
        let digits = Digits::of(Unit::Number, found.value, ends);
        vec![
            Cell::Text(one.metric.clone()),
            Cell::Text(one.covariate.clone()),
            Cell::Number(digits.signed(found.value)),
            Cell::Number(ends.map_or_else(|| UNDEFINED.to_owned(), |(lo, hi)| digits.signed_interval(lo, hi))),
            Cell::Number(share(one.variance_reduction, 1)),
        ]
    });
    let headers = [
        ("outcome", false),
        ("known before", false),
        ("difference", true),
        ("interval", true),
        ("variance taken away", true),
    ];
    doc.block("Adjusted by what was known before", "CUPED, one look", &table("", &headers, rows));
}

fn write_balance(doc: &mut Doc, detail: &SplitDetail) {
    if detail.balance.is_empty() {
        return;
    }
    let rows = detail.balance.iter().map(|one| {
        let [what, a, b] = crate::present::validity::balance_words(one);
        vec![
            Cell::Text(one.column.clone()),
            Cell::Text(what),
            Cell::Number(a),
            Cell::Number(b),
            Cell::Number(crate::present::validity::balance_difference(one)),
        ]
    });
    let headers =
        [("column", false), ("", false), ("champion", true), ("challenger", true), ("standardised difference", true)];
    let together = detail.omnibus.as_ref().map_or_else(String::new, |found| {
        format!("; {} (Hansen and Bowers)", crate::present::validity::together(found))
    });
    doc.block(
        "Balance",
        &format!("one row per unit; above 0.1, and beyond chance, the arms differ; all: no value in common{together}"),
        &table("", &headers, rows),
    );
}
