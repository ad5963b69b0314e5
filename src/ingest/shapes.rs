//! Probabilities of several classes in one cell: `[0.2,0.8]`, `[0.2 0.8]`, `{"0":0.2,"1":0.8}`. Each class becomes a
//! column `name.class`, as readers of nested records write them.

use super::guess::names::{role_of, without_side};
use super::mapping::Role;
use super::table::{Column, ColumnData, Table, TextColumn};
use super::typing::{Number, is_null_token, number_text, parse_number};

/// Cells that must all have the shape before a column is taken apart.
const LOOKED_AT: usize = 200;

/// Classes at most; longer lists are embeddings.
const CLASSES: usize = 50;

/// Add a column per class of each cell-valued score; the column itself stays.
pub(super) fn expand(table: &mut Table) {
    let mut added = Vec::new();
    for column in &table.columns {
        if !matches!(column.data, ColumnData::Text(_) | ColumnData::Coded(_)) {
            continue;
        }
        let role = role_of(&without_side(&column.name).0).map(|(role, _)| role);
        if !matches!(role, Some(Role::Score | Role::Prediction)) {
            continue;
        }
        let text = column.data.to_text();
        let Some(classes) = shape(&text) else {
            continue;
        };
        added.extend(columns(&column.name, &text, &classes));
    }
    added.retain(|column| table.column(&column.name).is_none());
    table.columns.append(&mut added);
}

/// Classes of the first cells, when all of them hold the same ones.
fn shape(text: &TextColumn) -> Option<Vec<String>> {
    let mut cells = (0..text.len()).filter_map(|row| text.get(row)).filter(|raw| !is_null_token(raw)).take(LOOKED_AT);
    let names = |raw: &[u8]| {
        let mut names: Vec<String> = parts(raw)?.into_iter().map(|(name, _)| name).collect();
        if raw.trim_ascii_start().starts_with(b"{") {
            names.sort();
        }
        Some(names)
    };
    let first = names(cells.next()?)?;
    let holds = (1..=CLASSES).contains(&first.len()) && cells.all(|raw| names(raw).as_ref() == Some(&first));
    holds.then_some(first)
}

fn columns(name: &str, text: &TextColumn, classes: &[String]) -> Vec<Column> {
    let mut cells: Vec<TextColumn> = vec![TextColumn::default(); classes.len()];
    for row in 0..text.len() {
        let raw = text.get(row);
        let found = raw.filter(|raw| !is_null_token(raw)).map(|raw| (raw, parts(raw)));
        for (place, (cells, class)) in cells.iter_mut().zip(classes).enumerate() {
            match &found {
                None => cells.push(None),
                Some((raw, None)) => cells.push(Some(raw)),
                Some((raw, Some(parts))) => {
                    let same = parts.get(place).filter(|(name, _)| name == class);
                    let part = same.or_else(|| parts.iter().find(|(name, _)| name == class));
                    // A cell of another length is no probability of this class: it fails where it is typed.
                    cells.push(Some(
                        part.filter(|_| parts.len() == classes.len()).map_or(*raw, |(_, value)| value.as_bytes()),
                    ));
                }
            }
        }
    }
    let column = |(class, cells): (&String, TextColumn)| Column {
        name: format!("{name}.{class}"),
        data: ColumnData::Text(cells),
    };
    classes.iter().zip(cells).map(column).collect()
}

/// Classes and numbers of a cell; of a list the places are the classes.
fn parts(raw: &[u8]) -> Option<Vec<(String, String)>> {
    let raw = std::str::from_utf8(raw.trim_ascii()).ok()?;
    if let Some(inner) = raw.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        let cells = inner.split(|letter: char| letter == ',' || letter.is_whitespace()).filter(|cell| !cell.is_empty());
        return cells.enumerate().map(|(place, cell)| Some((place.to_string(), number(cell)?))).collect();
    }
    if !raw.starts_with('{') {
        return None;
    }
    let object = |text: &str| serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text).ok();
    // Python writes its dictionaries with single quotes.
    let object = object(raw).or_else(|| object(&raw.replace('\'', "\"")))?;
    object.into_iter().map(|(class, value)| Some((class, number_text(value.as_f64()?)))).collect()
}

fn number(cell: &str) -> Option<String> {
    matches!(parse_number(cell.as_bytes()), Number::Value(_)).then(|| cell.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(name: &str, cells: &[&str]) -> Vec<(String, Vec<String>)> {
        let mut text = TextColumn::default();
        cells.iter().for_each(|cell| text.push(Some(cell.as_bytes())));
        let mut table = Table {
            columns: vec![Column { name: name.to_owned(), data: ColumnData::Text(text) }],
            records: cells.len(),
            lines: Vec::new(),
        };
        expand(&mut table);
        let shown = |column: &Column| {
            let ColumnData::Text(text) = &column.data else { return Vec::new() };
            (0..text.len()).map(|row| String::from_utf8_lossy(text.get(row).unwrap_or_default()).into_owned()).collect()
        };
        table.columns.iter().skip(1).map(|column| (column.name.clone(), shown(column))).collect()
    }

    #[test]
    fn lists_and_objects_are_a_column_per_class() {
        for cells in [
            ["[0.25,0.75]", "[0.5, 0.5]"],
            ["[0.25 0.75]", "[0.5  0.5]"],
            ["{\"0\":0.25,\"1\":0.75}", "{\"1\":0.5,\"0\":0.5}"],
            ["{'0': 0.25, '1': 0.75}", "{'0': 0.5, '1': 0.5}"],
        ] {
            let found = expanded("probabilities", &cells);
            assert_eq!(
                found[0],
                ("probabilities.0".to_owned(), vec!["0.25".to_owned(), "0.5".to_owned()]),
                "{cells:?}"
            );
            assert_eq!(
                found[1],
                ("probabilities.1".to_owned(), vec!["0.75".to_owned(), "0.5".to_owned()]),
                "{cells:?}"
            );
        }
        assert!(expanded("embedding", &["[0.1,0.2]"]).is_empty());
        assert!(expanded("score", &["[0.1,0.9]", "[0.1]"]).is_empty());
    }
}
