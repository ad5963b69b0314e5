//! Chat completions as the OpenAI interface and its relatives answer: one object a call.

use super::super::json_tree::Tree;
use super::rows::{Rows, explode, text};
use super::{Records, has};
use crate::ingest::table::Table;
use crate::job::{Cancelled, JobCx};

pub(super) fn is(table: &Table) -> bool {
    has(table, &["object", "choices", "model"])
        && (0..table.records.min(50)).any(|row| text(table, "object", row) == Some(b"chat.completion"))
}

pub(super) fn read(records: Records, cx: &JobCx) -> Result<Records, Cancelled> {
    let mut made = explode(records, "chat-completions", cx, one)?;
    made.only_table = Some("answers of a language model, which are text");
    Ok(made)
}

fn one(table: &Table, row: usize, rows: &mut Rows) -> Result<(), String> {
    let choices = text(table, "choices", row).and_then(Tree::one).ok_or("holds choices that are not valid JSON")?;
    for choice in choices.list().unwrap_or_default() {
        for name in ["id", "created", "model"] {
            rows.cell(name, text(table, name, row));
        }
        rows.cell("choice", choice.get("index").and_then(Tree::bytes));
        rows.cell("output", choice.get("message").and_then(|message| message.get("content")).and_then(Tree::bytes));
        let tokens = choice.get("logprobs").and_then(|part| part.get("content")).and_then(Tree::list);
        let logs: Option<Vec<f64>> =
            tokens.map(|tokens| tokens.iter().filter_map(|token| token.get("logprob")?.number()).collect());
        if let Some(logs) = logs.filter(|logs| !logs.is_empty()) {
            let mean = logs.iter().sum::<f64>() / logs.len() as f64;
            rows.cell("mean_logprob", Some(mean.to_string().as_bytes()));
            let list: Vec<String> = logs.iter().map(f64::to_string).collect();
            rows.cell("logprobs", Some(format!("[{}]", list.join(",")).as_bytes()));
        }
        rows.close(table.line(row));
    }
    Ok(())
}
