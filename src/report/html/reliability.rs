//! Calibration of several classes: the diagram of the answer's probability, and the error of each class.

use super::Doc;
use super::figures::{calibration_table, figure, frame_words, independence, names};
use crate::compare::{ClassCalibration, Classes};
use crate::decision::DecisionRecord;
use crate::present::format::{UNDEFINED, count};
use crate::present::reliability::lines;
use crate::report::markup::{Cell, details, table};
use crate::report::svg::curves::{self, Arms};
use crate::report::words;

/// Classes beyond these stand in a part to be opened.
const LISTED: usize = 30;

/// The section; nothing where no probabilities are logged.
pub(super) fn write(doc: &mut Doc, record: &DecisionRecord, classes: &Classes) {
    let Some(found) = &classes.calibration else { return };
    doc.section("Calibration");
    if let Some(figure) = diagram(record, found) {
        doc.item(&format!("<div class=\"figures\">{figure}</div>"));
        doc.text(&frame_words());
    }
    if let Some(why) = &found.undefined {
        doc.text(&format!("Not drawn: {}.", why.trim_end_matches('.')));
    }
    if found.errors.champion.is_some() || found.errors.challenger.is_some() {
        by_class(doc, classes, found);
    }
}

/// The diagram; `None` where no arm has one.
fn diagram(record: &DecisionRecord, found: &ClassCalibration) -> Option<String> {
    found.top.champion.as_ref().or(found.top.challenger.as_ref())?;
    let arms = Arms { data: &found.top, names: names(record, Some("top_label_calibration_error")) };
    let description = "Share of right decisions against the greatest stated probability, in bins of equal rows.";
    let svg = curves::calibration(&arms, "observed share of right decisions, logit axis", description);
    let level = words::level(record.comparison.plan.level);
    let qualifier = format!("greatest probability; whiskers: {level} Wilson intervals{}", independence(record));
    Some(figure("Calibration", &qualifier, &svg, &calibration_table(record, &found.top)))
}

/// The table of classes, largest error first.
fn by_class(doc: &mut Doc, classes: &Classes, found: &ClassCalibration) {
    let headers = [("class", false), ("rows", true), ("champion", true), ("challenger", true)];
    let lines = lines(classes, found);
    let undefined = |text: String| if text.is_empty() { UNDEFINED.to_owned() } else { text };
    let total = lines.len();
    let rows = lines.into_iter().map(|line| {
        let errors = line.errors.map(|error| Cell::Number(undefined(error)));
        [Cell::Text(line.name), Cell::Number(line.rows)].into_iter().chain(errors).collect()
    });
    let html = table("", &headers, rows);
    let title = format!("Calibration error of all {} classes", count(total as u64));
    let what = "of the class's own probability, 15 bins of equal width, largest first";
    if total > LISTED {
        doc.item(&details(&title, &html));
    } else {
        doc.block("Calibration error by class", what, &html);
    }
}
