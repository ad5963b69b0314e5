//! Tensors of the inference protocol version 2 and of Seldon messages, cut along the batch.

use super::super::json_tree::Tree;
use super::payload::Way;
use super::rows::Cells;

/// Whether these are tensors: each with a datatype and a shape.
pub(super) fn are(items: &[Tree<'_>]) -> bool {
    !items.is_empty() && items.iter().all(|item| item.get("datatype").is_some() && item.get("shape").is_some())
}

/// Values row by row: one cell per value of a row.
///
/// # Errors
/// A tensor that does not hold as many values as its shape says, or tensors of different batches.
pub(super) fn rows(tensors: &[Tree<'_>], way: Way) -> Result<Vec<Cells>, String> {
    let alone = tensors.len() == 1;
    let mut rows: Vec<Cells> = Vec::new();
    for (place, tensor) in tensors.iter().enumerate() {
        let name = tensor.get("name").and_then(Tree::str).unwrap_or("tensor");
        let shape = shape(tensor.get("shape"));
        let mut values = Vec::new();
        flat(tensor.get("data").ok_or_else(|| format!("holds the tensor {name} without data"))?, &mut values);
        let batch = if values.is_empty() { 0 } else { shape.first().copied().unwrap_or(1) };
        let count = shape.iter().try_fold(1_usize, |count, &side| count.checked_mul(side));
        if count != Some(values.len()) {
            return Err(format!(
                "holds the tensor {name} with {} values where its shape says {}",
                values.len(),
                count.map_or_else(|| "more than can be".to_owned(), |count| count.to_string())
            ));
        }
        if place == 0 {
            rows.resize(batch, Cells::new());
        } else if rows.len() != batch {
            return Err(format!("holds tensors of different batch sizes ({} and {batch})", rows.len()));
        }
        let width = values.len().checked_div(batch).unwrap_or(0);
        for (row, values) in rows.iter_mut().zip(values.chunks(width.max(1))) {
            cut(row, name, values, alone, way);
        }
    }
    Ok(rows)
}

fn cut(row: &mut Cells, name: &str, values: &[&Tree<'_>], alone: bool, way: Way) {
    match (values, way) {
        ([only], Way::Output) if alone => row.push(("prediction".to_owned(), only.cell())),
        ([only], _) => row.push((name.to_owned(), only.cell())),
        (values, _) => {
            let stem = match way {
                Way::Input if alone => "feature",
                Way::Output if alone => "value",
                _ => name,
            };
            row.extend(values.iter().enumerate().map(|(place, value)| (format!("{stem}_{place}"), value.cell())));
        }
    }
}

fn shape(tree: Option<&Tree<'_>>) -> Vec<usize> {
    let sides = tree.and_then(Tree::list).unwrap_or_default();
    sides.iter().filter_map(|side| std::str::from_utf8(side.bytes()?).ok()?.parse().ok()).collect()
}

/// Values of nested lists in row-major order.
fn flat<'a, 'b>(tree: &'b Tree<'a>, values: &mut Vec<&'b Tree<'a>>) {
    match tree {
        Tree::List(items, _) => items.iter().for_each(|item| flat(item, values)),
        scalar => values.push(scalar),
    }
}

pub(super) fn is_seldon(data: &Tree<'_>) -> bool {
    data.get("ndarray").is_some() || data.get("tensor").is_some()
}

/// `{"names": [..], "ndarray": [[..]]}` or `{"tensor": {"shape", "values"}}`.
///
/// # Errors
/// A tensor whose values do not fill its shape.
pub(super) fn seldon(data: &Tree<'_>, way: Way) -> Result<Vec<Cells>, String> {
    let names = data.get("names").and_then(Tree::list).unwrap_or_default();
    let named = |place: usize, width: usize| match names.get(place).and_then(Tree::str) {
        Some(name) if names.len() == width => name.to_owned(),
        _ if way == Way::Output && width == 1 => "prediction".to_owned(),
        _ => format!("{}_{place}", if way == Way::Output { "value" } else { "feature" }),
    };
    let row = |values: &[&Tree<'_>]| -> Cells {
        values.iter().enumerate().map(|(place, value)| (named(place, values.len()), value.cell())).collect()
    };
    if let Some(items) = data.get("ndarray").and_then(Tree::list) {
        return Ok(items
            .iter()
            .map(|item| {
                let mut values = Vec::new();
                flat(item, &mut values);
                row(&values)
            })
            .collect());
    }
    let tensor = data.get("tensor").ok_or("holds a message without data")?;
    let mut values = Vec::new();
    flat(tensor.get("values").ok_or("holds a tensor without values")?, &mut values);
    let batch = shape(tensor.get("shape")).first().copied().unwrap_or(1);
    match values.len().checked_div(batch) {
        Some(width) if width > 0 && width * batch == values.len() => Ok(values.chunks(width).map(row).collect()),
        _ => Err("holds a tensor whose values do not fill its shape".to_owned()),
    }
}
