//! Request and response bodies as serving stacks log them: CSV, JSON, JSON lines, NumPy, inference protocol
//! version 1 and 2, data frames. Each becomes rows of named cells, one per instance of a batch.

use super::super::json_tree::Tree;
use super::rows::Cells;
use super::{base64, npy, tensor};

/// Lists inside an instance that become columns of their own, at most this long.
const WIDE: usize = 512;

/// Which way a body went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Input,
    Output,
}

/// A body, taken apart.
#[derive(Clone, Debug, Default)]
pub(super) struct Body {
    /// One per instance.
    pub rows: Vec<Cells>,
    /// What stands beside the instances: model name and version, id.
    pub beside: Cells,
    /// One list of bare values: many instances, or one instance of many values.
    pub bare: bool,
}

/// A body in the encoding that the log names (`CSV`, `JSON`, `BASE64`; anything else is found out).
///
/// # Errors
/// Why the body cannot be read, as what a record `holds`.
pub(super) fn body(data: &[u8], encoding: &str, way: Way) -> Result<Body, String> {
    let decoded;
    let data = if encoding.eq_ignore_ascii_case("base64") {
        decoded = base64::decode(data).ok_or("holds a body that is not valid base64")?;
        decoded.as_slice()
    } else {
        data
    };
    if data.starts_with(b"\x93NUMPY") {
        let rows = npy::rows(data)?;
        return Ok(Body { rows: rows.into_iter().map(|row| places(row, way)).collect(), ..Body::default() });
    }
    if std::str::from_utf8(data).is_err() {
        return Err("holds a binary body of a kind that is not read".to_owned());
    }
    let text = data.trim_ascii();
    let is_json = encoding.eq_ignore_ascii_case("json") || matches!(text.first(), Some(b'{' | b'['));
    if is_json { json(text, way) } else { Ok(csv(text, way)) }
}

/// A JSON body, or JSON lines.
pub(super) fn json(text: &[u8], way: Way) -> Result<Body, String> {
    let mut trees = Tree::all(text).map_err(|_| "holds a body that is not valid JSON".to_owned())?;
    if trees.len() == 1
        && let Some(only) = trees.pop()
    {
        return instances(&only, way);
    }
    Ok(Body { rows: trees.iter().map(|tree| cells(tree, way)).collect(), ..Body::default() })
}

/// Lines of cells without a header.
fn csv(text: &[u8], way: Way) -> Body {
    let text = String::from_utf8_lossy(text);
    let lines: Vec<Vec<String>> = text.lines().filter(|line| !line.trim().is_empty()).map(split).collect();
    let bare = lines.len() == 1 && lines[0].len() > 1;
    Body { rows: lines.into_iter().map(|line| places(line, way)).collect(), bare, ..Body::default() }
}

fn split(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    for letter in line.trim_end_matches('\r').chars() {
        match (letter, cells.last_mut()) {
            ('"', _) => quoted = !quoted,
            (',', _) if !quoted => cells.push(String::new()),
            (letter, Some(cell)) => cell.push(letter),
            (_, None) => {}
        }
    }
    cells.iter_mut().for_each(|cell| *cell = cell.trim().to_owned());
    cells
}

/// Values without names.
fn places(values: Vec<String>, way: Way) -> Cells {
    let alone = values.len() == 1;
    let stem = match way {
        Way::Input => "feature",
        Way::Output if alone => "prediction",
        Way::Output if is_distribution(values.iter().map(|value| value.parse().ok())) => "probability",
        Way::Output => "value",
    };
    let name = |place: usize| if alone { stem.to_owned() } else { format!("{stem}_{place}") };
    values.into_iter().enumerate().map(|(place, value)| (name(place), Some(value.into_bytes()))).collect()
}

/// Numbers in 0 to 1 that sum to 1.
fn is_distribution(values: impl Iterator<Item = Option<f64>>) -> bool {
    let mut sum = 0.0;
    for value in values {
        match value {
            Some(value) if (0.0..=1.0).contains(&value) => sum += value,
            _ => return false,
        }
    }
    (sum - 1.0_f64).abs() < 1e-3
}

/// A whole JSON body: its batch, whatever it is wrapped in.
pub(super) fn instances(tree: &Tree<'_>, way: Way) -> Result<Body, String> {
    let mut body = match tree {
        Tree::List(items, _) => Body {
            rows: items.iter().map(|item| cells(item, way)).collect(),
            bare: items.iter().all(Tree::is_scalar),
            ..Body::default()
        },
        Tree::Object(..) => wrapped(tree, way)?,
        scalar => Body { rows: vec![cells(scalar, way)], ..Body::default() },
    };
    for (key, name) in [("model_name", "model"), ("model_version", "model_version"), ("id", "request_id")] {
        if let Some(value) = tree.get(key).filter(|value| value.is_scalar() && tree_is_batch(tree)) {
            body.beside.push((name.to_owned(), value.cell()));
        }
    }
    Ok(body)
}

const BATCHES: [&str; 9] = [
    "instances",
    "dataframe_records",
    "dataframe_split",
    "predictions",
    "outputs",
    "inputs",
    "input_data",
    "data",
    "SageMakerOutput",
];

fn tree_is_batch(tree: &Tree<'_>) -> bool {
    BATCHES.iter().any(|key| tree.get(key).is_some())
}

fn wrapped(tree: &Tree<'_>, way: Way) -> Result<Body, String> {
    if let Some(split) = tree.get("dataframe_split").or_else(|| tree.get("input_data")).or(Some(tree))
        && let (Some(columns), Some(data)) = (split.get("columns"), split.get("data"))
        && let (Some(columns), Some(data)) = (columns.list(), data.list())
    {
        return Ok(Body { rows: frame(columns, data), ..Body::default() });
    }
    let keys: &[&str] = match way {
        Way::Input => &["instances", "dataframe_records", "inputs", "input_data", "data"],
        Way::Output => &["predictions", "outputs", "data", "instances"],
    };
    let Some((key, batch)) = keys.iter().find_map(|key| tree.get(key).map(|batch| (*key, batch))) else {
        return Ok(Body { rows: vec![cells(tree, way)], ..Body::default() });
    };
    if let Some(tensors) = batch.list().filter(|tensors| tensor::are(tensors)) {
        return Ok(Body { rows: tensor::rows(tensors, way)?, ..Body::default() });
    }
    match batch {
        Tree::List(items, _) => {
            Ok(Body { rows: items.iter().map(|item| cells(item, way)).collect(), ..Body::default() })
        }
        // Seldon: `data` holds `names` and `ndarray` or `tensor`.
        Tree::Object(..) if key == "data" && tensor::is_seldon(batch) => {
            Ok(Body { rows: tensor::seldon(batch, way)?, ..Body::default() })
        }
        Tree::Object(members, _) => Ok(Body { rows: columns(members), ..Body::default() }),
        _ => Ok(Body { rows: vec![cells(tree, way)], ..Body::default() }),
    }
}

/// A data frame in the split orientation.
pub(super) fn frame(columns: &[Tree<'_>], data: &[Tree<'_>]) -> Vec<Cells> {
    let names: Vec<String> = columns
        .iter()
        .enumerate()
        .map(|(place, name)| {
            name.bytes().map_or_else(|| place.to_string(), |name| String::from_utf8_lossy(name).into_owned())
        })
        .collect();
    data.iter()
        .map(|row| names.iter().cloned().zip(row.list().unwrap_or_default().iter().map(Tree::cell)).collect())
        .collect()
}

/// `{"a": [..], "b": [..]}`: one list per column where all are of one length, else one instance.
fn columns(members: &[(String, Tree<'_>)]) -> Vec<Cells> {
    let lists: Vec<&[Tree<'_>]> = members.iter().filter_map(|(_, value)| value.list()).collect();
    let length = lists.first().map_or(0, |list| list.len());
    if lists.len() < members.len() || lists.iter().any(|list| list.len() != length) {
        let mut row = Cells::new();
        members.iter().for_each(|(name, value)| flatten(name, value, &mut row));
        return vec![row];
    }
    (0..length)
        .map(|place| {
            let mut row = Cells::new();
            members.iter().zip(&lists).for_each(|((name, _), list)| flatten(name, &list[place], &mut row));
            row
        })
        .collect()
}

/// Cells of one instance.
pub(super) fn cells(tree: &Tree<'_>, way: Way) -> Cells {
    let mut row = Cells::new();
    match tree {
        Tree::Object(members, _) => {
            // A single list under any name is the feature vector.
            if let ([(_, Tree::List(items, raw))], Way::Input) = (members.as_slice(), way)
                && items.iter().all(Tree::is_scalar)
            {
                return cells(&Tree::List(items.clone(), raw), way);
            }
            members.iter().for_each(|(name, value)| flatten(name, value, &mut row));
        }
        Tree::List(items, raw) => {
            if items.len() > WIDE || !items.iter().all(Tree::is_scalar) {
                row.push((stem(way).to_owned(), Some(raw.to_vec())));
            } else {
                return list(items, way);
            }
        }
        scalar => row.push((stem(way).to_owned(), scalar.cell())),
    }
    row
}

fn stem(way: Way) -> &'static str {
    match way {
        Way::Input => "feature",
        Way::Output => "prediction",
    }
}

fn list(items: &[Tree<'_>], way: Way) -> Cells {
    let name = match way {
        Way::Input => "feature",
        Way::Output if is_distribution(items.iter().map(Tree::number)) => "probability",
        Way::Output => "value",
    };
    match items {
        [only] => vec![(stem(way).to_owned(), only.cell())],
        items => items.iter().enumerate().map(|(place, item)| (format!("{name}_{place}"), item.cell())).collect(),
    }
}

/// A member and what it holds, as dotted columns; a list of one value as that value.
pub(super) fn flatten(name: &str, value: &Tree<'_>, row: &mut Cells) {
    match value {
        Tree::Object(members, _) if !members.is_empty() => {
            // What batch transform writes: the model's output beside its input.
            let wraps = name == "SageMakerOutput";
            for (key, value) in members {
                flatten(if wraps { key.clone() } else { format!("{name}.{key}") }.as_str(), value, row);
            }
        }
        Tree::List(items, _) if items.len() == 1 && items[0].is_scalar() => {
            row.push((name.to_owned(), items[0].cell()))
        }
        Tree::List(items, _) if !items.is_empty() && items.len() <= WIDE && items.iter().all(Tree::is_scalar) => {
            row.extend(items.iter().enumerate().map(|(place, item)| (format!("{name}_{place}"), item.cell())));
        }
        other => row.push((name.to_owned(), other.cell())),
    }
}

/// One logged instance; a whole body where the stack logged that in its place.
pub(super) fn instances_of(tree: &Tree<'_>, way: Way) -> Result<Vec<Cells>, String> {
    if tree_is_batch(tree) { Ok(instances(tree, way)?.rows) } else { Ok(vec![cells(tree, way)]) }
}
