//! Samples of the LM evaluation harness: one document a line, with what the model answered after filtering.

use super::super::json_tree::Tree;
use super::rows::{Rows, explode, text};
use super::{Records, has};
use crate::ingest::table::Table;
use crate::job::{Cancelled, JobCx};

pub(super) fn is(table: &Table) -> bool {
    has(table, &["doc_id", "filtered_resps", "target"])
}

pub(super) fn read(records: Records, cx: &JobCx) -> Result<Records, Cancelled> {
    let mut made = explode(records, "lm-eval-samples", cx, one)?;
    made.only_table = Some("samples of a language model's evaluation; answers of many kinds");
    Ok(made)
}

fn one(table: &Table, row: usize, rows: &mut Rows) -> Result<(), String> {
    for name in ["doc_id", "doc_hash", "filter", "target"] {
        rows.cell(name, text(table, name, row));
    }
    let answers = text(table, "filtered_resps", row).and_then(Tree::one).ok_or("holds no filtered answers")?;
    rows.cell("prediction", answer(answers.list().unwrap_or_default()).as_deref());
    let metrics = text(table, "metrics", row).and_then(Tree::one);
    for name in metrics.as_ref().and_then(Tree::list).unwrap_or_default().iter().filter_map(Tree::str) {
        rows.cell(name, text(table, name, row));
    }
    rows.close(table.line(row));
    Ok(())
}

/// The choice with the greatest log-likelihood, by number, where each answer is `[log-likelihood, greedy]`;
/// else the first answer.
fn answer(answers: &[Tree<'_>]) -> Option<Vec<u8>> {
    let likelihood = |answer: &Tree<'_>| -> Option<f64> {
        let first = answer.list()?.first()?;
        first.number().or_else(|| first.str()?.parse().ok())
    };
    let all: Option<Vec<f64>> = answers.iter().map(likelihood).collect();
    match all {
        Some(all) if all.len() > 1 => {
            let best = (0..all.len()).max_by(|&a, &b| all[a].total_cmp(&all[b]).then(b.cmp(&a)))?;
            Some(best.to_string().into_bytes())
        }
        _ => answers.first().and_then(Tree::cell),
    }
}
