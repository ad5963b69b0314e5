//! Rankings as text: TREC runs (`query Q0 document rank score run`), TREC judgements (`query 0 document grade`)
//! and LETOR feature files. Columns are set apart by any blanks.

use super::super::records::{Chunk, Records, join, stretches};
use crate::ingest::table::TextColumn;
use crate::job::{Cancelled, JobCx};
use rayon::prelude::*;

/// Bytes per parallel chunk.
const CHUNK: usize = 4 << 20;

/// Lines looked at, and the share of them that must fit.
const LOOK: usize = 50;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Run,
    Judgements,
    Letor,
}

impl Form {
    fn names(self) -> &'static [&'static str] {
        match self {
            Self::Run => &["query_id", "doc_id", "rank", "score", "run_id"],
            Self::Judgements => &["query_id", "doc_id", "relevance"],
            Self::Letor => &["relevance", "query_id", "features", "comment"],
        }
    }

    fn dialect(self) -> &'static str {
        match self {
            Self::Run => "trec-run",
            Self::Judgements => "trec-qrels",
            Self::Letor => "letor",
        }
    }

    /// What is no answer of a model.
    fn not_compared(self) -> Option<&'static str> {
        match self {
            Self::Run => None,
            Self::Judgements => Some("judgements of documents by query, without the lists of a model"),
            Self::Letor => Some("features of documents by query, without the scores of a model"),
        }
    }

    /// Cells of a line, in the order of the names. As trec_eval does, whatever stands behind the name of a run is left.
    fn cells(self, line: &str) -> Option<Vec<&str>> {
        let is_number = |text: &str| text.parse::<f64>().is_ok();
        match self {
            Self::Run | Self::Judgements => {
                let parts: Vec<&str> = line.split_ascii_whitespace().collect();
                match (self, parts.as_slice()) {
                    (Self::Run, [query, "Q0" | "q0" | "0", doc, rank, score, run, ..])
                        if rank.parse::<i64>().is_ok() && is_number(score) =>
                    {
                        Some(vec![query, doc, rank, score, run])
                    }
                    (Self::Judgements, [query, turn, doc, grade])
                        if grade.parse::<i64>().is_ok() && (turn.parse::<i64>().is_ok() || *turn == "Q0") =>
                    {
                        Some(vec![query, doc, grade])
                    }
                    _ => None,
                }
            }
            Self::Letor => {
                let (body, comment) = line.split_once('#').unwrap_or((line, ""));
                let (grade, rest) = body.trim().split_once(' ')?;
                let (query, features) = rest.trim().strip_prefix("qid:")?.split_once(' ').unwrap_or((rest, ""));
                is_number(grade).then(|| vec![grade, query, features.trim(), comment.trim()])
            }
        }
    }
}

/// Form of the text, where nearly all of its first lines fit one. A line with a comma, or a document that is
/// a number (four columns of numbers are a table of numbers), is none.
fn form(text: &[u8]) -> Option<Form> {
    let head = String::from_utf8_lossy(&text[..text.len().min(1 << 16)]);
    let cut = text.len() > 1 << 16;
    let mut lines: Vec<&str> = head.lines().filter(|line| !line.trim().is_empty()).take(LOOK + 1).collect();
    if cut && lines.len() <= LOOK {
        lines.pop();
    }
    lines.truncate(LOOK);
    if lines.is_empty() {
        return None;
    }
    [Form::Run, Form::Judgements, Form::Letor].into_iter().find(|form| {
        let fit = |line: &&&str| {
            form.cells(line).is_some_and(|cells| *form != Form::Judgements || cells[1].parse::<f64>().is_err())
        };
        lines.iter().filter(fit).count() * 10 >= lines.len() * 9
    })
}

/// Read a ranking, where the text is one.
///
/// # Errors
/// Cancelled.
pub(super) fn read(text: &[u8], cx: &JobCx) -> Result<Option<Records>, Cancelled> {
    let Some(form) = form(text) else {
        return Ok(None);
    };
    let chunks: Vec<Chunk> = stretches(text, CHUNK)
        .into_par_iter()
        .map(|part| {
            cx.check()?;
            cx.advance(part.len() as u64);
            Ok(chunk(part, form))
        })
        .collect::<Result<_, Cancelled>>()?;
    let mut records = join(chunks);
    form.dialect().clone_into(&mut records.dialect);
    records.only_table = form.not_compared();
    Ok(Some(records))
}

fn chunk(part: &[u8], form: Form) -> Chunk {
    let mut chunk = Chunk::new();
    chunk.names = form.names().iter().map(|name| (*name).to_owned()).collect();
    chunk.columns = vec![TextColumn::default(); chunk.names.len()];
    for line in part.split_inclusive(|&byte| byte == b'\n') {
        chunk.line_count += 1;
        let number = chunk.line_count;
        if line.trim_ascii().is_empty() {
            continue;
        }
        match std::str::from_utf8(line).map(|line| form.cells(line.trim())) {
            Ok(Some(cells)) => {
                chunk.columns.iter_mut().zip(cells).for_each(|(column, cell)| column.push(Some(cell.as_bytes())));
                chunk.close_row(number);
            }
            Ok(None) => chunk.reject(number, line, "does not fit the form of the other lines"),
            Err(_) => chunk.reject(number, line, "holds bytes that are not UTF-8"),
        }
    }
    chunk
}
