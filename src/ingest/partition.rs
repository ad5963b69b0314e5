//! Hive partitions: folders named `key=value` are columns of the files below them.

use std::path::Path;

use super::table::{Column, ColumnData, Table};
use crate::log::{CodeColumn, Codes};

/// What engines write for an absent value.
const ABSENT: &str = "__HIVE_DEFAULT_PARTITION__";

/// Keys and values of the folders of `path`, the outermost first; the file's own name is none.
pub(super) fn of(path: &Path) -> Vec<(String, Option<String>)> {
    let folders = path.parent().into_iter().flat_map(Path::components);
    let mut found: Vec<(String, Option<String>)> = Vec::new();
    for folder in folders {
        let name = folder.as_os_str().to_string_lossy();
        let Some((key, value)) = name.split_once('=').filter(|(key, _)| is_name(key)) else {
            continue;
        };
        let value = (value != ABSENT && !value.is_empty()).then(|| unescape(value));
        match found.iter_mut().find(|(known, _)| known == key) {
            Some(known) => known.1 = value,
            None => found.push((key.to_owned(), value)),
        }
    }
    found
}

/// Add partitions to the table of a file; a column that the file has itself stays as it is.
pub(super) fn add(table: &mut Table, partitions: &[(String, Option<String>)]) {
    for (key, value) in partitions {
        if table.column(key).is_none() {
            let code = if value.is_some() { 0 } else { u8::MAX };
            let codes = CodeColumn::U8(vec![code; table.records]);
            let data = ColumnData::Coded(Codes { names: value.iter().cloned().collect(), codes });
            table.columns.push(Column { name: key.clone(), data });
        }
    }
}

fn is_name(key: &str) -> bool {
    key.starts_with(|letter: char| letter.is_alphabetic() || letter == '_')
        && key.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.'))
}

/// `%3A` is a colon; what is no escape stays.
pub(super) fn unescape(value: &str) -> String {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let escaped = (first == b'%')
            .then(|| tail.get(..2))
            .flatten()
            .filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(escaped.unwrap_or(first));
        rest = if escaped.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_become_columns() {
        let path = Path::new("logs/country=DE/date=2026-01-01/at=10%3A00/x=y.parquet");
        let some = |value: &str| Some(value.to_owned());
        assert_eq!(
            of(path),
            [
                ("country".to_owned(), some("DE")),
                ("date".to_owned(), some("2026-01-01")),
                ("at".to_owned(), some("10:00"))
            ]
        );
        assert_eq!(
            of(Path::new("a=__HIVE_DEFAULT_PARTITION__/b=100%/c")),
            [("a".to_owned(), None), ("b".to_owned(), some("100%"))]
        );
        assert!(of(Path::new("f(x)=1/=2/3=4/a.csv")).is_empty());
    }
}
