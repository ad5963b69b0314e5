//! References of texts: one text per row, or several, in a list or in columns of their own.

use std::collections::HashMap;

use serde_json::Value;

use super::content::Dictionary;
use super::{Reading, Typing, stack};
use crate::ingest::issue::{Issue, Severity};
use crate::ingest::mapping::{Role, Side};
use crate::ingest::table::ColumnData;
use crate::ingest::typing;
use crate::log::NO_CODE;

/// Stands before the JSON list of several references in a dictionary, so that no text of an answer is taken for one.
const SEVERAL: char = '\u{1e}';

/// What a cell of references holds.
#[derive(Debug, PartialEq)]
enum Cell {
    Text,
    /// Without what is null.
    List(Vec<String>),
    /// Written like a list, but not a JSON list of texts.
    Broken,
}

/// Read a cell by its spelling.
fn cell(raw: &str) -> Cell {
    let bare = raw.trim();
    if !(bare.starts_with('[') && bare.ends_with(']')) {
        return Cell::Text;
    }
    let text = |value: Value| match value {
        Value::Null => Some(None),
        Value::String(text) => Some(Some(text)),
        Value::Number(_) | Value::Bool(_) => Some(Some(value.to_string())),
        Value::Array(_) | Value::Object(_) => None,
    };
    match serde_json::from_str::<Vec<Value>>(bare) {
        Ok(values) => values
            .into_iter()
            .map(text)
            .collect::<Option<Vec<_>>>()
            .map_or(Cell::Broken, |texts| Cell::List(texts.into_iter().flatten().collect())),
        // As Python and NumPy print lists of texts; other brackets are prose.
        Err(_) if ["['", "[\"", "[u'"].iter().any(|start| bare.starts_with(start)) => Cell::Broken,
        Err(_) => Cell::Text,
    }
}

/// Whether a text is a JSON list of texts, at least one of them.
pub(in crate::ingest) fn is_list(raw: &str) -> bool {
    matches!(cell(raw), Cell::List(texts) if !texts.is_empty()) && raw.contains('"')
}

impl Dictionary {
    /// Code of the references of a row; [`NO_CODE`] of none.
    fn references(&mut self, texts: &[String]) -> u32 {
        match texts {
            [] => NO_CODE,
            [text] => self.code(text),
            texts => self.code(&format!("{SEVERAL}{}", Value::from(texts))),
        }
    }

    /// The names, and the codes of the references that a code of several stands for, whose name is then a text to be
    /// read.
    pub fn finish(mut self) -> (Vec<String>, HashMap<u32, Vec<u32>>) {
        let mut several = HashMap::new();
        for code in 0..self.names.len() {
            let list = self.names[code].strip_prefix(SEVERAL);
            if let Some(texts) = list.and_then(|list| serde_json::from_str::<Vec<String>>(list).ok()) {
                self.names[code] = texts.join(" | ");
                several.insert(code as u32, texts.iter().map(|text| self.code(text)).collect());
            }
        }
        (self.names, several)
    }
}

impl Reading<'_> {
    /// Whether an empty cell may just as well be none: of delimited text, in which quotes are no part of a cell.
    fn is_delimited(&self) -> bool {
        ["csv", "tsv"].iter().any(|name| self.source.format.starts_with(name))
    }
}

/// Rows by what their references were read from.
#[derive(Default)]
struct Seen {
    lists: u64,
    texts: u64,
    broken: u64,
    /// Of what is written like a list and is none.
    first: Option<String>,
}

impl Typing<'_> {
    /// References of every line as codes into the dictionary of the lines: all columns of the role that a source has.
    pub(super) fn references(&mut self) -> Option<Vec<u32>> {
        let names = self.names(Role::Label, Side::Both);
        let mut dictionary = std::mem::take(&mut self.lines.dictionary);
        // Where the models answer with lists, a list is a text.
        let lists = dictionary.names.iter().filter(|name| cell(name) != Cell::Text).count();
        let read = lists * 2 <= dictionary.names.len();
        let mut seen = Seen::default();
        let mut parts = Vec::with_capacity(self.readings.len());
        for reading in &mut self.readings {
            let (rows, delimited) = (reading.records(), reading.is_delimited());
            let columns: Vec<_> = names
                .iter()
                .filter_map(|name| reading.take(name).map(|data| Column::of(&data, read, delimited)))
                .collect();
            let values = match &columns[..] {
                [] => None,
                [column] => {
                    // Each different cell is coded once.
                    let codes: Vec<u32> = column.cells.iter().map(|texts| dictionary.references(texts)).collect();
                    let code = |&at: &u32| codes.get(at as usize).copied().unwrap_or(NO_CODE);
                    Some(column.rows.iter().map(code).collect::<Vec<u32>>())
                }
                columns => Some(
                    (0..rows)
                        .map(|row| {
                            let texts: Vec<String> =
                                columns.iter().flat_map(|column| column.row(row)).cloned().collect();
                            dictionary.references(&texts)
                        })
                        .collect(),
                ),
            };
            columns.into_iter().for_each(|column| seen.add(column.seen));
            parts.push((rows, values));
        }
        self.lines.dictionary = dictionary;
        self.tell_references(&names, seen);
        stack(parts, NO_CODE)
    }

    fn tell_references(&mut self, names: &[String], seen: Seen) {
        let names = names.join(", ");
        if let Some(first) = seen.first {
            self.lines.unusable = Some(format!(
                "{} cells of {names} are written like lists and are not JSON lists of texts (the first is `{}`). Write \
                 several references as [\"one\", \"two\"] (Python: json.dumps), or in a column for each, all named with \
                 --map label=COLUMN.",
                seen.broken,
                typing::brief(&first)
            ));
        }
        if seen.lists > 0 {
            let mixed = seen.texts > 0;
            self.lines.issues.push(Issue::counted(
                "references_in_lists",
                if mixed { Severity::Warning } else { Severity::Note },
                (seen.lists, seen.lists + seen.texts),
                format!("{} cells of {names} hold a list: each text in it is a reference of the row.", seen.lists),
                if mixed {
                    "The other cells are one reference each."
                } else {
                    "Metrics are those against several references."
                },
                "None needed, if the lists are alternatives to each other.",
            ));
        }
    }
}

impl Seen {
    fn add(&mut self, other: Self) {
        self.lists += other.lists;
        self.texts += other.texts;
        self.broken += other.broken;
        self.first = self.first.take().or(other.first);
    }
}

/// A column of references: its different cells, and which of them stands in a row (`u32::MAX`: none).
struct Column {
    cells: Vec<Vec<String>>,
    rows: Vec<u32>,
    seen: Seen,
}

impl Column {
    /// `read`: whether lists are read as such; `delimited`: whether an empty cell is none.
    fn of(data: &ColumnData, read: bool, delimited: bool) -> Self {
        let codes = typing::codes(data);
        let mut rows: Vec<u32> = (0..codes.len()).map(|row| codes.code(row).unwrap_or(NO_CODE)).collect();
        let mut counts = vec![0u64; codes.names.len()];
        for &at in &rows {
            if let Some(count) = counts.get_mut(at as usize) {
                *count += 1;
            }
        }
        let mut seen = Seen::default();
        let mut cells = Vec::with_capacity(codes.names.len() + 1);
        for (name, count) in codes.names.iter().zip(counts) {
            cells.push(match cell(name) {
                _ if name.is_empty() && delimited => Vec::new(),
                Cell::List(texts) if read => {
                    seen.lists += count;
                    texts
                }
                Cell::Broken if read => {
                    seen.broken += count;
                    seen.first.get_or_insert_with(|| name.clone());
                    Vec::new()
                }
                _ => {
                    seen.texts += count;
                    vec![name.clone()]
                }
            });
        }
        // An empty text is a reference: the right answer to it is nothing.
        if let ColumnData::Text(text) = data
            && !delimited
        {
            let empty = cells.len() as u32;
            let is_empty = |(row, at): &(usize, &mut u32)| **at == NO_CODE && text.get(*row).is_some();
            rows.iter_mut().enumerate().filter(is_empty).for_each(|(_, at)| *at = empty);
            cells.push(vec![String::new()]);
        }
        Self { cells, rows, seen }
    }

    fn row(&self, row: usize) -> &[String] {
        self.cells.get(self.rows[row] as usize).map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_told_from_texts() {
        let list = |texts: &[&str]| Cell::List(texts.iter().map(|text| (*text).to_owned()).collect());
        assert_eq!(cell(r#" ["a b", null, "c"] "#), list(&["a b", "c"]));
        assert_eq!(cell(r#"[4, "four"]"#), list(&["4", "four"]));
        assert_eq!(cell("[]"), list(&[]));
        for broken in ["['a', 'b']", r#"["a" "b"]"#, r#"[{"text": "a"}]"#] {
            assert_eq!(cell(broken), Cell::Broken, "{broken}");
        }
        for text in ["[see above]", "a", "", r#"["a"] and more"#] {
            assert_eq!(cell(text), Cell::Text, "{text}");
        }
    }

    #[test]
    fn several_references_have_a_code_of_their_own() {
        let texts = ["a".to_owned(), "b".to_owned()];
        let mut dictionary = Dictionary::default();
        let plain = dictionary.code(r#"["a","b"]"#);
        let both = dictionary.references(&texts);
        assert_ne!(plain, both);
        assert_eq!(dictionary.references(&texts), both);
        let one = dictionary.references(&texts[1..]);
        assert_eq!(dictionary.references(&[]), NO_CODE);
        let (names, several) = dictionary.finish();
        assert_eq!((names[both as usize].as_str(), names[plain as usize].as_str()), ("a | b", r#"["a","b"]"#));
        assert_eq!(several[&both].iter().map(|code| names[*code as usize].as_str()).collect::<Vec<_>>(), texts);
        assert_eq!(several[&both][1], one);
    }
}
