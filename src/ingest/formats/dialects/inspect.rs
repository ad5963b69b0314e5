//! Logs of Inspect evaluations as JSON: one object with the evaluation and its list of samples.

use super::super::json_tree::Tree;
use super::rows::{Rows, explode, text};
use super::{Records, has, has_any};
use crate::ingest::table::Table;
use crate::job::{Cancelled, JobCx};

pub(super) fn is(table: &Table) -> bool {
    has(table, &["samples"]) && has_any(table, "eval") && table.column("eval.model").is_some()
}

pub(super) fn read(records: Records, cx: &JobCx) -> Result<Records, Cancelled> {
    let mut made = explode(records, "inspect-eval", cx, one)?;
    made.only_table = Some("samples of a language model's evaluation; answers of many kinds");
    Ok(made)
}

fn one(table: &Table, row: usize, rows: &mut Rows) -> Result<(), String> {
    let samples = text(table, "samples", row).and_then(Tree::one).ok_or("holds samples that are not valid JSON")?;
    for sample in samples.list().unwrap_or_default() {
        rows.cell("id", sample.get("id").and_then(Tree::bytes));
        rows.cell("epoch", sample.get("epoch").and_then(Tree::bytes));
        rows.cell("model", text(table, "eval.model", row));
        rows.cell("task", text(table, "eval.task", row));
        rows.cell("input", sample.get("input").and_then(Tree::bytes));
        rows.cell("target", sample.get("target").and_then(Tree::bytes));
        rows.cell("output", sample.get("output").and_then(|output| output.get("completion")).and_then(Tree::bytes));
        if let Some(Tree::Object(scores, _)) = sample.get("scores") {
            for (scorer, score) in scores {
                rows.cell(&format!("score.{scorer}"), score.get("value").and_then(Tree::bytes));
            }
        }
        rows.close(table.line(row));
    }
    Ok(())
}
