//! Values of a column that could not be read, as an issue.

use super::Reading;
use crate::ingest::issue::{Example, Issue, Severity};
use crate::ingest::typing::{self, Typed};

pub(super) fn failures<T>(reading: &Reading<'_>, column: &str, rows: usize, typed: &Typed<T>) -> Issue {
    let display = &reading.source.display;
    let examples: Vec<Example> = typed
        .failures
        .iter()
        .map(|(row, raw)| Example { source: display.clone(), record: reading.line(*row), raw: raw.clone() })
        .collect();
    let first = examples
        .first()
        .map(|first| format!(" The first, {display}:{}, is `{}`.", first.record, typing::brief(&first.raw)))
        .unwrap_or_default();
    let values = if typed.failed == 1 { "1 value".to_owned() } else { format!("{} values", typed.failed) };
    Issue {
        code: "unreadable_value".to_owned(),
        severity: Severity::Warning,
        message: format!("{values} of {column} in {display} could not be read.{first}"),
        consequence: "They count as not logged.".to_owned(),
        mend: "Look at the examples; give the column another role or mend the file.".to_owned(),
        count: typed.failed,
        share: typed.failed as f64 / rows.max(1) as f64,
        examples,
    }
}
