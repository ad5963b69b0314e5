//! A decision record as documents: self-contained HTML with figures, Markdown, CSV, JUnit. Every number shown is
//! formatted from the record; the HTML report carries the record it was made from.

mod csv;
mod embed;
#[cfg(test)]
mod fixture;
mod flags;
mod html;
mod junit;
mod markdown;
mod markup;
mod svg;
#[cfg(test)]
mod tests;
mod words;

use crate::decision::DecisionRecord;

/// Self-contained page: no request leaves it. Light theme, made to be printed on A4.
pub fn html(record: &DecisionRecord) -> String {
    html::page(record)
}

/// Short summary for a ticket: verdict, decision, gates, metrics of all analysed rows, digests.
pub fn markdown(record: &DecisionRecord) -> String {
    markdown::summary(record)
}

/// One line per metric and slice, quoted by RFC 4180. Numbers are the record's own to the last bit, in the metric's
/// unit (shares from 0 to 1); a cell is empty where a number does not exist, `undefined` says why.
pub fn csv(record: &DecisionRecord) -> String {
    csv::metrics(record)
}

/// Two suites: one test case per gate, one per validity check.
///
/// * A gate that failed is a failure; one that no rule reads is skipped unless it passed, with its reason.
/// * A binding gate that is inconclusive or not evaluable is an error, so that missing evidence never looks green;
///   where the rules recommend to promote all the same (with conditions), it is skipped with its reason.
/// * A validity check that failed is a failure, one that could not be evaluated is skipped.
pub fn junit(record: &DecisionRecord) -> String {
    junit::suites(record)
}

/// The decided step of the rollout as a flag configuration of flagd (OpenFeature), with the record's id in its metadata:
/// promoted, the challenger gets the next stage of the policy or all traffic; extended or invalid, what it had; rolled
/// back or rejected, nothing. `None` for a record of one model.
pub fn flags(record: &DecisionRecord) -> Option<String> {
    flags::configuration(record)
}

/// Canonical bytes of the record an HTML report carries; `None` for any other text.
pub fn record_in_html(text: &str) -> Option<Vec<u8>> {
    embed::read(text)
}
