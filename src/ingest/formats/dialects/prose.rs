//! Plain texts, one a line, as machine translation keeps them: line n of every file belongs together. The number of the
//! line is its id. A file that is named as the references holds those.

use super::super::delimited;
use super::super::records::{Chunk, Records, join};
use crate::ingest::guess::names::words;
use crate::ingest::table::{Table, TextColumn};
use crate::job::{Cancelled, JobCx};

/// As the format of a source.
pub(in crate::ingest) const DIALECT: &str = "text lines";

const ID: &str = "segment_id";
const ANSWER: &str = "output";
const REFERENCE: &str = "reference";

/// Bytes and lines looked at.
const HEAD: usize = 1 << 16;
const LOOK: usize = 200;
/// Fewer lines say nothing of what they are.
const FEW: usize = 3;
/// Words a line has on average, at least.
const WORDS: usize = 3;

/// Whether the lines are sentences: most have several words, most words have letters, no separator parts them alike.
fn is(text: &[u8]) -> bool {
    let head = String::from_utf8_lossy(&text[..text.len().min(HEAD)]);
    let mut lines: Vec<&str> = head.lines().take(LOOK + 1).collect();
    if text.len() > HEAD || lines.len() > LOOK {
        lines.pop();
    }
    let lines: Vec<&str> = lines.into_iter().map(str::trim).filter(|line| !line.is_empty()).collect();
    let Some(first) = lines.first() else { return false };
    // A name alone on the first line is the header of a table of one column.
    if lines.len() < FEW || first.starts_with(['{', '[', '<', '#']) || !first.contains(char::is_whitespace) {
        return false;
    }
    let tokens: Vec<&str> = lines.iter().flat_map(|line| line.split_whitespace()).collect();
    let lettered = tokens.iter().filter(|token| token.chars().any(char::is_alphabetic)).count();
    let several = lines.iter().filter(|line| line.contains(char::is_whitespace)).count();
    let widths = |count: usize| lines.iter().filter(|line| line.split_whitespace().count() == count).count();
    let alike = widths(first.split_whitespace().count()) * 10 >= lines.len() * 9;
    tokens.len() >= lines.len() * WORDS
        && lettered * 10 >= tokens.len() * 7
        && several * 10 >= lines.len() * 6
        && !alike
        && delimited::fit(text) < 700
}

/// Read texts, where the file holds such.
///
/// # Errors
/// Cancelled.
pub(super) fn read(text: &[u8], cx: &JobCx) -> Result<Option<Records>, Cancelled> {
    if !is(text) {
        return Ok(None);
    }
    cx.check()?;
    let mut chunk = Chunk::new();
    chunk.names = [ID, ANSWER].map(str::to_owned).to_vec();
    let [mut ids, mut texts] = [TextColumn::default(), TextColumn::default()];
    for line in text.strip_suffix(b"\n").unwrap_or(text).split(|&byte| byte == b'\n') {
        chunk.line_count += 1;
        let number = chunk.line_count;
        if number.is_multiple_of(1 << 16) {
            cx.check()?;
        }
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if std::str::from_utf8(line).is_err() {
            chunk.reject(number, line, "holds bytes that are not UTF-8");
            continue;
        }
        ids.push(Some(number.to_string().as_bytes()));
        texts.push(Some(line));
        chunk.close_row(number);
    }
    cx.advance(text.len() as u64);
    chunk.columns = vec![ids, texts];
    let mut records = join(vec![chunk]);
    DIALECT.clone_into(&mut records.dialect);
    records.notes.push((
        "text_lines",
        "Each line is one text and its number is its id, so line n of every file is taken for the same segment"
            .to_owned(),
    ));
    Ok(Some(records))
}

/// Call the texts references, where the file is named as the references or told to hold the labels.
pub(in crate::ingest) fn name(table: &mut Table, display: &str, labels: bool) {
    let file = display.rsplit('/').next().unwrap_or(display);
    let said = words(file).iter().any(|word| {
        matches!(word.as_str(), "ref" | "refs" | "reference" | "references" | "gold" | "truth" | "target" | "targets")
    });
    if labels || said {
        for column in table.columns.iter_mut().filter(|column| column.name == ANSWER) {
            REFERENCE.clone_into(&mut column.name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROSE: &[u8] = "Ein Koch, 28, wurde tot gefunden.\n\nDas Opfer kam vor kurzem\tin die Stadt, sagt sie.\n\
                          Wer hat das getan?\nNiemand weiß es, noch nicht; \"vielleicht\" morgen\n"
        .as_bytes();

    #[test]
    fn sentences_are_no_table() {
        let records = read(PROSE, &JobCx::new()).unwrap().unwrap();
        assert_eq!((records.table.records, records.table.line(4)), (5, 5), "an empty line is an empty text");
        let mut table = records.table;
        name(&mut table, "runs/newstest2017.ref.de", false);
        assert_eq!(table.columns[1].name, "reference");
    }

    #[test]
    fn tables_and_records_are_no_sentences() {
        for text in [
            "id,text,label\n1,\"Hello, you there\",0\n2,this is fine,1\n3,\"no, not, so\",0\n",
            "text\nhello to you all\nthis is a line\nand one more of them\n",
            "{\"a\": 1}\n{\"a\": 2}\n{\"a\": 3}\n",
            "0.1 0.2 0.3\n0.1 0.2 0.4\n0.2 0.2 0.9\n",
            "a b c d\ne f g h\ni j k l\nm n o p\n",
            "score\tprediction text\n0.1\tone two three\n0.2\tfour five six\n",
            "one line of text\n",
        ] {
            assert!(!is(text.as_bytes()), "{text}");
        }
    }
}
