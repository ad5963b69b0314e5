//! What bringing lists together found that a reader must know.

use crate::ingest::issue::{Issue, Severity};
use crate::ingest::load::LineCount;
use crate::log::JoinAudit;

fn counted(count: u64, one: &str, more: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {more}") }
}

/// Of lines, queries and judgements.
pub(super) fn issues(audit: &JoinAudit, lines: &LineCount) -> Vec<Issue> {
    let label = &audit.labels;
    let rows = label.present + label.absent;
    let unjudged = label.absent - label.irrelevant.min(label.absent);
    let unjudged = unjudged - label.immature.min(unjudged);
    let mut found = Vec::new();
    let mut add = |code, severity, (count, of): (u64, u64), message: String, consequence, mend| {
        if count > 0 {
            found.push(Issue::counted(code, severity, (count, of), message, consequence, mend));
        }
    };
    let (warning, note) = (Severity::Warning, Severity::Note);
    add(
        "conflicting_ids",
        warning,
        (audit.duplicate_different, audit.ids),
        format!(
            "{} an item at two different places of one model's list.",
            counted(audit.duplicate_different, "query has", "queries have")
        ),
        if audit.conflicts_kept {
            "One place of each was kept, as the mapping says."
        } else {
            "These queries were left out."
        },
        "Give each request an id of its own, or choose --duplicates first or last.",
    );
    add(
        "repeated_lines",
        note,
        (audit.duplicate_same, lines.total),
        format!(
            "{} an item at the same place of the same list.",
            counted(audit.duplicate_same, "line repeats", "lines repeat")
        ),
        "Each was merged into the first.",
        "None needed.",
    );
    add(
        "without_id",
        warning,
        (lines.without_id, lines.total),
        format!("{} no query or no item.", counted(lines.without_id, "line has", "lines have")),
        "They are in no list.",
        "Log query and item with every line.",
    );
    add(
        "other_model",
        note,
        (lines.other_model, lines.total),
        format!("{} of neither model.", counted(lines.other_model, "line is", "lines are")),
        "They are no part of the comparison.",
        "None needed, unless a model's name is misspelled.",
    );
    if label.present == 0 && rows > 0 {
        add(
            "no_labels",
            warning,
            (rows, rows),
            format!("None of the {} a relevant item.", counted(rows, "query has", "queries has")),
            "Nothing can be said about which list is better.",
            "Name the file of judgements with --labels; its queries and items are written as in the lists.",
        );
    } else {
        add(
            "unjudged_queries",
            note,
            (unjudged, rows),
            format!("{} no judgement.", counted(unjudged, "query has", "queries have")),
            "They are in no metric.",
            "None needed, if they were not to be judged.",
        );
    }
    add(
        "no_relevant_item",
        note,
        (label.irrelevant, rows),
        format!("{} judged and no item was found relevant.", counted(label.irrelevant, "query was", "queries were")),
        "No list can do well or badly on them: they are left out of the means. trec_eval counts them as 0.",
        "None needed.",
    );
    add(
        "immature_labels",
        note,
        (label.immature, rows),
        format!(
            "{} younger than the mapping's age of a final label.",
            counted(label.immature, "judged query is", "judged queries are")
        ),
        "They count as pending.",
        "None needed; read the log again when they are older.",
    );
    add(
        "conflicting_labels",
        warning,
        (label.conflicting, rows),
        format!("{} two different grades for the same query.", counted(label.conflicting, "item has", "items have")),
        "They count as not judged.",
        "Find out which grade is right and leave the other out.",
    );
    add(
        "orphan_labels",
        note,
        (label.orphan, rows + label.orphan),
        format!("{} judged that no model answered.", counted(label.orphan, "query was", "queries were")),
        "They are in no number. trec_eval counts them as 0 with its option -c.",
        "Nothing, if the judgements cover more queries; else see whether both files write the queries alike.",
    );
    found
}

/// Columns that tell neither of the query nor of the item.
pub(super) fn varying(columns: &[String]) -> Option<Issue> {
    let count = columns.len() as u64;
    (count > 0).then(|| {
        Issue::counted(
            "varying_columns",
            Severity::Note,
            (count, count),
            format!(
                "{} within a list and for the same item: {}.",
                if count == 1 { "A column differs" } else { "Columns differ" },
                columns.join(", ")
            ),
            "They tell of no query, so nothing is sliced by them.",
            "None needed.",
        )
    })
}
