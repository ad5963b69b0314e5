//! What the record holds of a regression's errors, of several classes, of ranked lists, of texts, of boxes in images, and of
//! images held against references.

mod image_pairs;
mod images;
mod queries;
mod similarity;

use super::figures::figure;
use super::{Doc, reliability};
use crate::compare::{Classes, Detail, Errors, PerArm, TextRow, Texts};
use crate::decision::DecisionRecord;
use crate::decision::catalog::title;
use crate::present::classes::{self, ClassMatrix, ClassScope, ClassesModel};
use crate::present::errors::{self as present, number};
use crate::present::format::{UNDEFINED, count, share};
use crate::present::texts::{self, Piece};
use crate::report::markup::{Cell, details, escape, table};
use crate::report::svg::{marks, scores};
use crate::report::words;

/// Classes beyond these stand in a part to be opened.
const LISTED: usize = 30;
/// Rows of texts printed; the record holds more.
const TEXTS: usize = 20;
/// Quantiles shown; the record holds all of them.
const QUANTILES: [f64; 9] = [0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999];

pub(super) fn write(doc: &mut Doc, record: &DecisionRecord) {
    match &record.comparison.detail {
        // Of a split run see `split`.
        Detail::Binary | Detail::Split(_) => {}
        Detail::Regression(errors) => write_errors(doc, record, errors),
        Detail::Multiclass(classes) => {
            write_classes(doc, record, classes);
            reliability::write(doc, record, classes);
        }
        Detail::Ranking(queries) => queries::write(doc, record, queries),
        Detail::Texts(texts) => write_texts(doc, record, texts),
        Detail::ImagePairs(found) => image_pairs::write(doc, record, found),
        Detail::Images(images) => images::write(doc, record, images),
        Detail::Similarity(found) => similarity::write(doc, record, found),
    }
}

fn arms(record: &DecisionRecord) -> Vec<&str> {
    let plan = &record.comparison.plan;
    [Some(plan.champion.as_str()), plan.challenger.as_deref()].into_iter().flatten().collect()
}

fn write_errors(doc: &mut Doc, record: &DecisionRecord, errors: &Errors) {
    doc.section("Errors");
    if errors.edges.is_empty() {
        doc.text("No errors: no analysed row has both a true value and a prediction.");
        return;
    }
    doc.text("Prediction minus truth. Rows beyond the ends are counted in the first and the last bin.");
    let names = arms(record);
    let drawn = Histogram { key: "errors", title: "Errors", axis: "prediction minus truth", what: "error" };
    let histogram = drawn.of(&names, &errors.edges, &errors.histogram);
    let quantiles = errors.quantiles.iter().filter(|at| QUANTILES.iter().any(|share| (share - at.share).abs() < 1e-9));
    let rows = quantiles.map(|at| {
        let values = [at.arms.champion, at.arms.challenger].into_iter().take(names.len());
        let values = values.map(|value| Cell::Number(value.map_or_else(|| UNDEFINED.to_owned(), number)));
        [Cell::Number(share(at.share, 1))].into_iter().chain(values).collect()
    });
    let headers: Vec<(&str, bool)> =
        [("share of rows not above", true)].into_iter().chain(names.iter().map(|name| (*name, true))).collect();
    let quantiles = table("", &headers, rows);
    doc.item(&format!("<div class=\"figures\">{histogram}<div><h3>Quantiles of the error</h3>{quantiles}</div></div>"));
    write_order(doc, errors);
    write_forecast(doc, &names, errors);
}

/// Rows of both models by a number, as a figure.
struct Histogram<'a> {
    key: &'a str,
    title: &'a str,
    axis: &'a str,
    /// What a row has of it, in a word.
    what: &'a str,
}

impl Histogram<'_> {
    fn of(&self, names: &[&str], edges: &[f64], histogram: &PerArm<Vec<u64>>) -> String {
        let name = |arm: usize| names.get(arm).map(|name| (*name).to_owned());
        let counts = [&histogram.champion, &histogram.challenger].map(|bins| bins.as_deref().unwrap_or_default());
        let bins = scores::Bins { key: self.key, title: self.title, axis: self.axis, edges, arms: counts };
        let said = format!("Rows per bin of the {}, both models.", self.what);
        let svg = scores::distribution(&bins, &[name(0), name(1)], [None; 2], &said);
        let headers: Vec<(&str, bool)> =
            [(self.what, true)].into_iter().chain(names.iter().map(|name| (*name, true))).collect();
        let data = edges.windows(2).enumerate().map(|(bin, ends)| {
            let rows = counts.iter().take(names.len());
            let rows = rows.map(|counts| Cell::Number(count(counts.get(bin).copied().unwrap_or(0))));
            [Cell::Number(format!("{} to {}", number(ends[0]), number(ends[1])))].into_iter().chain(rows).collect()
        });
        figure(self.title, "same bins for both arms", &svg, &table("", &headers, data))
    }
}

fn write_order(doc: &mut Doc, errors: &Errors) {
    let tests = present::time_tests(errors);
    if tests.is_empty() {
        return;
    }
    let headers = [("loss", false), ("difference", true), ("p", true), ("rests on", false)];
    let rows = tests.into_iter().map(|test| {
        vec![Cell::Text(test.name), Cell::StrongNumber(test.difference), Cell::Number(test.p), Cell::Text(test.how)]
    });
    doc.block("In the order of time", "Diebold-Mariano, challenger minus champion", &table("", &headers, rows));
}

fn write_forecast(doc: &mut Doc, names: &[&str], errors: &Errors) {
    let Some(model) = present::forecast(errors) else { return };
    if let Some(reason) = &model.undefined {
        doc.text(&format!("Not every model has predicted quantiles: {reason}."));
    }
    let mut headers = vec![("", false), ("nominal", true)];
    headers.extend(names.iter().map(|name| (*name, true)));
    headers.push(("difference", true));
    let losses: Vec<String> = names.iter().map(|name| format!("loss, {name}")).collect();
    headers.extend(losses.iter().map(|name| (name.as_str(), true)));
    headers.push(("difference", true));
    let padded = |cells: &[String]| -> Vec<Cell> {
        (0..names.len()).map(|arm| Cell::Number(cells.get(arm).cloned().unwrap_or_default())).collect()
    };
    let rows = model.lines.iter().map(|line| {
        let mut cells = vec![Cell::Text(line.name.clone()), Cell::Number(line.nominal.clone())];
        cells.extend(padded(&line.observed));
        cells.push(Cell::StrongNumber(line.observed_difference.clone()));
        cells.extend(padded(&line.loss));
        cells.push(Cell::StrongNumber(line.loss_difference.clone()));
        cells
    });
    let what = "share of truths held; loss: interval score, pinball loss";
    doc.block("Predicted quantiles", what, &table("", &headers, rows));
}

fn write_classes(doc: &mut Doc, record: &DecisionRecord, classes: &Classes) {
    doc.section("Confusion");
    let model = classes::of(classes, classes::Choice::default());
    if model.names.is_empty() {
        doc.text("No matrix: no analysed row has both a true and a predicted class.");
        return;
    }
    doc.text(&format!("Rows are truth, columns are prediction. {}.", model.shown));
    let names = arms(record);
    doc.item(&matrices(&model, &names));
    let level = words::level(record.comparison.plan.level);
    let html = class_table(&model, &level);
    let title = format!("All {} classes", count(classes.names.len() as u64));
    doc.item(&if classes.names.len() > LISTED {
        details(&title, &html)
    } else {
        format!("<h3>By class <span class=\"qualifier\">largest net loss first</span></h3>{html}")
    });
    for at in 0..classes.groupings.len() {
        write_groups(doc, classes, at, &names, &level);
    }
}

/// Classes that are taken together by their names: the coarsest as they are, finer ones to be opened.
fn write_groups(doc: &mut Doc, classes: &Classes, at: usize, names: &[&str], level: &str) {
    let scope = ClassScope { grouping: Some(at), within: None };
    let model = classes::of(classes, classes::Choice { scope, ..classes::Choice::default() });
    let title = format!("Classes taken together: {}", model.groupings[at]);
    let html = format!("<p>{}.</p>{}{}", model.shown, matrices(&model, names), class_table(&model, level));
    if at > 0 || model.flips.len() > LISTED {
        doc.item(&details(&title, &html));
    } else {
        doc.block(&title, "rows are truth; largest net loss first in the table", &html);
    }
}

fn matrices(model: &ClassesModel, names: &[&str]) -> String {
    let matrices = model.arms.iter().enumerate().map(|(arm, matrix)| {
        let name = names.get(arm).copied().unwrap_or_default();
        let arm = marks::arm(arm);
        format!("<div><h3>{arm} {}</h3>{}</div>", escape(name), matrix_table(model, matrix))
    });
    matrices.collect()
}

fn matrix_table(model: &ClassesModel, matrix: &ClassMatrix) -> String {
    let headers: Vec<(&str, bool)> =
        [("truth", false)].into_iter().chain(model.names.iter().map(|name| (name.as_str(), true))).collect();
    let rows = matrix.cells.chunks(model.names.len()).zip(&model.names).map(|(cells, name)| {
        let cells = cells.iter().map(|cell| match cell.diagonal {
            true => Cell::StrongNumber(cell.main.clone()),
            false => Cell::Number(cell.main.clone()),
        });
        [Cell::Text(name.clone())].into_iter().chain(cells).collect()
    });
    table("classes", &headers, rows)
}

fn class_table(model: &ClassesModel, level: &str) -> String {
    let pair = model.arms.len() > 1;
    let interval = format!("recall difference, pp, {level}");
    let mut headers = vec![("class", false), ("rows", true), ("recall, champion, %", true)];
    if pair {
        headers.extend([
            ("recall, challenger, %", true),
            ("broken", true),
            ("fixed", true),
            ("both wrong alike", true),
            ("both wrong, differently", true),
            ("net", true),
            (interval.as_str(), true),
        ]);
    }
    let rows = model.flips.iter().map(|line| {
        let mut cells =
            vec![Cell::Text(line.name.clone()), Cell::Number(line.rows.clone()), Cell::Number(line.recall[0].clone())];
        if pair {
            cells.push(Cell::Number(line.recall[1].clone()));
            cells.extend(line.flips.iter().cloned().map(Cell::Number));
            cells.push(Cell::StrongNumber(line.net.clone()));
            cells.push(Cell::Number(line.interval_text.clone()));
        }
        cells
    });
    table("", &headers, rows)
}

fn write_texts(doc: &mut Doc, record: &DecisionRecord, texts: &Texts) {
    doc.section("Texts");
    if texts.losses.is_empty() && texts.gains.is_empty() {
        doc.text("No texts are listed: on no analysed row do the models differ.");
        return;
    }
    if let Some([better, equal, worse]) = texts.better {
        doc.text(&format!(
            "By {}, the challenger is better on {} rows, worse on {} and equal on {}.",
            title(&texts.measure),
            count(better),
            count(worse),
            count(equal)
        ));
    }
    let names = arms(record);
    let pair = names.len() > 1;
    let lists = [(if pair { "Challenger loses most" } else { "Least like the reference" }, &texts.losses)];
    for (title, rows) in lists.into_iter().chain(pair.then_some(("Challenger gains most", &texts.gains))) {
        if !rows.is_empty() {
            let listed = &rows[..rows.len().min(TEXTS)];
            let qualifier = format!(
                "{} of {} rows; underlined: in the answer alone, struck: in the reference alone",
                listed.len(),
                count(record.comparison.population.analysed)
            );
            doc.block(title, &qualifier, &details("Texts of these rows", &texts_table(&names, listed)));
        }
    }
}

fn texts_table(names: &[&str], rows: &[TextRow]) -> String {
    let head = [("row", false), ("difference", true), ("reference", false)];
    let headers: Vec<(&str, bool)> = head.into_iter().chain(names.iter().map(|name| (*name, false))).collect();
    let marked = |(piece, text): &(Piece, String)| match piece {
        Piece::Same => escape(text),
        Piece::Added => format!("<ins>{}</ins>", escape(text)),
        Piece::Missing => format!("<del>{}</del>", escape(text)),
    };
    let rows = rows.iter().map(texts::line).map(|line| {
        let answers = line.answers.iter().map(|answer| Cell::Html(answer.pieces.iter().map(marked).collect()));
        let head = [Cell::Text(line.id), Cell::StrongNumber(line.difference), Cell::Text(line.reference)];
        head.into_iter().chain(answers).collect()
    });
    table("data", &headers, rows)
}
