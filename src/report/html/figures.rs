//! Curves and score distributions, each with the table it was drawn from.

use super::Doc;
use crate::compare::{CalibrationBin, Curve, PerArm};
use crate::decision::{DecisionRecord, catalog};
use crate::present::format::{UNDEFINED, count};
use crate::report::markup::{Cell, details, escape, table};
use crate::report::svg::curves::{self, Arms};
use crate::report::svg::scores;
use crate::report::words;

pub(super) fn write(doc: &mut Doc, record: &DecisionRecord) {
    let comparison = &record.comparison;
    let curves = &comparison.curves;
    doc.section("Curves and scores");
    let mut figures = Vec::new();
    let banded = band_words(record);
    if any(&curves.roc) {
        let arms = Arms { data: &curves.roc, names: names(record, Some("roc_auc")) };
        let svg = curves::roc(
            &arms,
            &comparison.confusion,
            &described(record, "roc_auc", "Recall against false-positive rate"),
        );
        figures.push(figure("ROC", &banded, &svg, &curve_table(record, &curves.roc, "false-positive rate", "recall")));
    }
    if any(&curves.precision_recall) {
        let arms = Arms { data: &curves.precision_recall, names: names(record, Some("average_precision")) };
        let population = &comparison.population;
        let positives = population.positives.filter(|_| population.analysed > 0);
        let prevalence = positives.map(|positives| positives as f64 / population.analysed as f64);
        let description = described(record, "average_precision", "Precision against recall");
        let svg = curves::precision_recall(&arms, &comparison.confusion, prevalence, &description);
        figures.push(figure(
            "Precision and recall",
            &banded,
            &svg,
            &curve_table(record, &curves.precision_recall, "recall", "precision"),
        ));
    }
    if any(&curves.calibration) {
        let arms = Arms { data: &curves.calibration, names: names(record, Some("calibration_slope")) };
        let description =
            described(record, "calibration_slope", "Observed share of positives against stated probability");
        let svg = curves::calibration(&arms, "observed share of positives, logit axis", &description);
        let qualifier =
            format!("whiskers: {} Wilson intervals{}", words::level(comparison.plan.level), independence(record));
        figures.push(figure("Calibration", &qualifier, &svg, &calibration_table(record, &curves.calibration)));
    }
    score_figures(&mut figures, record);
    if figures.is_empty() {
        let why = curves.undefined.clone().unwrap_or_else(|| "the log holds no score".to_owned());
        doc.text(&format!("No curves: {}.", why.trim_end_matches('.')));
        return;
    }
    doc.text(
        "Circle and blue: champion. Diamond and orange: challenger. On the curves the marks are the operating points at the thresholds in use.",
    );
    doc.item(&format!("<div class=\"figures\">{}</div>", figures.concat()));
    if let Some(why) = &curves.undefined {
        doc.text(&format!("Not drawn: {}.", why.trim_end_matches('.')));
    }
    if any(&curves.calibration) {
        doc.text(&frame_words());
    }
    score_summary(doc, record);
}

/// What becomes of probabilities that the axes of the calibration do not reach.
pub(super) fn frame_words() -> String {
    format!(
        "Calibration: values nearer to 0 or 1 than {} lie on the frame; the table has them as they are.",
        crate::present::format::plain(curves::LOGIT_END)
    )
}

/// What the bands of the curves are; nothing where there are none.
fn band_words(record: &DecisionRecord) -> String {
    let curves = &record.comparison.curves;
    let arms = [&curves.roc.champion, &curves.roc.challenger];
    let drawn = arms.into_iter().flatten().any(|curve| curve.points.iter().any(|point| point.lo.is_some()));
    if !drawn {
        return String::new();
    }
    format!("band: {}, pointwise{}", words::level(record.comparison.plan.level), independence(record))
}

pub(super) fn independence(record: &DecisionRecord) -> &'static str {
    if record.comparison.clustered() { ", rows taken as independent" } else { "" }
}

fn any<T>(arms: &PerArm<T>) -> bool {
    arms.champion.is_some() || arms.challenger.is_some()
}

fn models(record: &DecisionRecord) -> [Option<&str>; 2] {
    let plan = &record.comparison.plan;
    [Some(plan.champion.as_str()), plan.challenger.as_deref()]
}

/// Names beside the lines, with the value that belongs to the curve.
pub(super) fn names(record: &DecisionRecord, metric: Option<&str>) -> [String; 2] {
    let result = metric.and_then(|name| record.comparison.metric(name));
    let value = |arm: usize| {
        let result = result?;
        let estimate = if arm == 0 { result.arms.champion.as_ref() } else { result.arms.challenger.as_ref() };
        let short = match result.name.as_str() {
            "roc_auc" => "AUC",
            "average_precision" => "AP",
            "calibration_slope" => "slope",
            "top_label_calibration_error" => "ECE",
            name => name,
        };
        estimate.map(|found| format!("{short} {}", words::metric_digits(result, &record.verdict).value(found.value)))
    };
    let models = models(record);
    [0, 1].map(|arm| {
        let name = cut(models[arm].unwrap_or_default());
        value(arm).map_or_else(|| name.clone(), |value| format!("{name}, {value}"))
    })
}

/// A model's name where room is short; the full name stands in every table.
fn cut(name: &str) -> String {
    if name.chars().count() <= 24 { name.to_owned() } else { name.chars().take(23).chain(['…']).collect() }
}

fn described(record: &DecisionRecord, metric: &str, what: &str) -> String {
    let names = names(record, Some(metric));
    let title = catalog::title(metric);
    match &record.comparison.plan.challenger {
        Some(_) => format!("{what}, {title}: champion {}; challenger {}.", names[0], names[1]),
        None => format!("{what}, {title}: {}.", names[0]),
    }
}

pub(super) fn figure(title: &str, qualifier: &str, svg: &str, data: &str) -> String {
    format!(
        "<figure><figcaption>{} <span class=\"qualifier\">{}</span></figcaption>{svg}{}</figure>",
        escape(title),
        escape(qualifier),
        details("Data of this figure", data)
    )
}

fn curve_table(record: &DecisionRecord, arms: &PerArm<Curve>, x: &str, y: &str) -> String {
    let models = models(record);
    let value = |value: Option<f64>| Cell::Number(value.map_or_else(|| UNDEFINED.to_owned(), words::coordinate));
    let banded = [&arms.champion, &arms.challenger]
        .into_iter()
        .flatten()
        .any(|curve| curve.points.iter().any(|point| point.lo.is_some()));
    let mut headers = vec![("model", false), (x, true), (y, true), ("threshold", true)];
    if banded {
        headers.extend([("band from", true), ("band to", true)]);
    }
    let rows = [&arms.champion, &arms.challenger].into_iter().zip(models).flat_map(|(curve, model)| {
        curve.iter().flat_map(move |curve| {
            curve.points.iter().map(move |point| {
                let mut cells = vec![
                    Cell::Text(model.unwrap_or_default().to_owned()),
                    value(Some(point.x)),
                    value(Some(point.y)),
                    value(point.threshold),
                ];
                if banded {
                    cells.extend([value(point.lo), value(point.hi)]);
                }
                cells
            })
        })
    });
    table("data", &headers, rows)
}

pub(super) fn calibration_table(record: &DecisionRecord, arms: &PerArm<Vec<CalibrationBin>>) -> String {
    let headers = [
        ("model", false),
        ("mean probability", true),
        ("observed", true),
        ("from", true),
        ("to", true),
        ("rows", true),
    ];
    let rows = [&arms.champion, &arms.challenger].into_iter().zip(models(record)).flat_map(|(bins, model)| {
        bins.iter().flatten().map(move |bin| {
            let mut cells = vec![Cell::Text(model.unwrap_or_default().to_owned())];
            cells.extend(
                [bin.mean_score, bin.observed, bin.lo, bin.hi].map(|value| Cell::Number(words::coordinate(value))),
            );
            cells.push(Cell::Number(count(bin.rows)));
            cells
        })
    });
    table("data", &headers, rows)
}

fn score_figures(figures: &mut Vec<String>, record: &DecisionRecord) {
    let comparison = &record.comparison;
    let Some(summary) = &comparison.scores else { return };
    let histogram = &summary.histogram;
    let models = models(record);
    let words = comparison.population.class_words();
    let classes = words.each_ref().map(String::as_str);
    for (truth, class) in classes.into_iter().enumerate() {
        let drawn = |bins: &[Vec<u64>; 2], arm: usize| models[arm].filter(|_| !bins[truth].is_empty()).map(cut);
        let names = [drawn(&histogram.champion, 0), drawn(&histogram.challenger, 1)];
        if names.iter().all(Option::is_none) {
            continue;
        }
        let thresholds = [comparison.plan.thresholds[0].value, comparison.plan.thresholds[1].value];
        let title = format!("Scores where the truth is {class}");
        let description =
            "Rows per score bin on edges shared by both models; the vertical dashed lines are the thresholds in use.";
        let svg = scores::by_truth(histogram, truth, &names, thresholds, &title, description);
        let headers = [("score from", true), ("to", true), ("champion, rows", true), ("challenger, rows", true)];
        let rows = histogram.edges.windows(2).enumerate().map(|(bin, edges)| {
            let rows = |bins: &[Vec<u64>; 2]| {
                Cell::Number(bins[truth].get(bin).map_or_else(|| UNDEFINED.to_owned(), |rows| count(*rows)))
            };
            vec![
                Cell::Number(words::coordinate(edges[0])),
                Cell::Number(words::coordinate(edges[1])),
                rows(&histogram.champion),
                rows(&histogram.challenger),
            ]
        });
        figures.push(figure(&title, "dashed verticals: thresholds in use", &svg, &table("data", &headers, rows)));
    }
}

fn score_summary(doc: &mut Doc, record: &DecisionRecord) {
    let Some(summary) = &record.comparison.scores else { return };
    if record.comparison.plan.challenger.is_none() {
        return;
    }
    let parts: Vec<String> = [
        ("largest distance of the two distributions (Kolmogorov-Smirnov)", summary.ks_distance),
        ("population stability index", summary.psi),
        ("Jensen-Shannon distance, base 2", summary.js_distance),
        ("correlation of the two scores (Pearson)", summary.pearson),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some(format!("{name} {}", words::coordinate(value?))))
    .collect();
    if !parts.is_empty() {
        doc.text(&format!("Score against score: {}.", parts.join("; ")));
    }
}
