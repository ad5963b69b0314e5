//! A decision record as documents: self-contained HTML with figures, Markdown, CSV, JUnit. Every number shown is
//! formatted from the record; the HTML report carries the record it was made from.

use crate::decision::DecisionRecord;

/// Self-contained page: no request leaves it.
pub fn html(record: &DecisionRecord) -> String {
    let _ = record;
    String::new()
}

pub fn markdown(record: &DecisionRecord) -> String {
    let _ = record;
    String::new()
}

/// One line per metric and slice.
pub fn csv(record: &DecisionRecord) -> String {
    let _ = record;
    String::new()
}

/// One test case per gate.
pub fn junit(record: &DecisionRecord) -> String {
    let _ = record;
    String::new()
}

/// Canonical bytes of the record an HTML report carries; `None` for any other text.
pub fn record_in_html(text: &str) -> Option<Vec<u8>> {
    let _ = text;
    None
}
