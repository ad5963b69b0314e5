//! Boxes by image: of results, and of annotations with what they say of the image.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::super::super::json_tree::Tree;
use super::super::rows::{Rows, finish, text};
use super::{ANNOTATIONS, RESULTS, Records};
use crate::ingest::boxes::{FOUND, Found, FoundCell, IMAGE, OBJECTS, TrueCell, place, written};
use crate::ingest::table::{ColumnData, Table};
use crate::job::{Cancelled, JobCx};

/// Records between two looks at whether the job was cancelled.
const STRIDE: usize = 1 << 14;

/// Boxes of a model, a row per image in the order of the file; a record that is no box is set aside.
///
/// # Errors
/// Cancelled.
pub(super) fn found(records: &Records, cx: &JobCx) -> Result<Records, Cancelled> {
    let table = &records.table;
    let mut places: HashMap<&[u8], usize> = HashMap::new();
    let mut images: Vec<(&[u8], u64, FoundCell)> = Vec::new();
    let mut rows = Rows::new();
    let mut kept = 0;
    for row in 0..table.records {
        if row % STRIDE == 0 {
            cx.check()?;
        }
        match of_record(table, row) {
            Err(reason) => rows.reject(table, row, reason),
            Ok((image, found)) => {
                let at = *places.entry(image).or_insert(images.len());
                if at == images.len() {
                    images.push((image, table.line(row), Vec::new()));
                }
                images[at].2.push(found);
                kept += 1;
            }
        }
    }
    for (image, line, found) in images {
        rows.cell(IMAGE, Some(image));
        rows.cell(FOUND, Some(&written(&found)));
        rows.close(line);
    }
    Ok(Records { stored: Some(kept), ..finish(vec![rows], described(records), RESULTS) })
}

/// All but the records of a file.
fn described(records: &Records) -> Records {
    Records { table: Table::default(), ..records.clone() }
}

fn of_record(table: &Table, row: usize) -> Result<(&[u8], Found), String> {
    let cell = |name: &str| text(table, name, row).map(<[u8]>::trim_ascii).filter(|cell| !cell.is_empty());
    let lacks = |name: &str| format!("has no {name}");
    let image = cell("image_id").ok_or_else(|| lacks("image_id"))?;
    let class = cell("category_id").ok_or_else(|| lacks("category_id"))?;
    let score = cell("score").ok_or_else(|| lacks("score"))?;
    let score = std::str::from_utf8(score).ok().and_then(|score| score.parse::<f64>().ok());
    let score = score.filter(|score| score.is_finite()).ok_or("has a score that is not a finite number")?;
    let bbox = cell("bbox").ok_or_else(|| lacks("bbox"))?;
    Ok((image, (String::from_utf8_lossy(class).into_owned(), place(&numbers(Tree::one(bbox).as_ref()))?, score)))
}

fn numbers(list: Option<&Tree<'_>>) -> Vec<Option<f64>> {
    list.and_then(Tree::list).unwrap_or_default().iter().map(Tree::number).collect()
}

/// Objects of each image of an annotation file; `None` where it annotates no boxes. An annotation that is no box is set
/// aside.
///
/// # Errors
/// Cancelled.
pub(super) fn annotated(records: &Records, cx: &JobCx) -> Result<Option<Records>, Cancelled> {
    let table = &records.table;
    let tree = |name: &str| text(table, name, 0).and_then(Tree::one);
    let (Some(images), Some(annotations)) = (tree("images"), tree("annotations")) else { return Ok(None) };
    let (Some(images), Some(annotations)) = (images.list(), annotations.list()) else { return Ok(None) };
    let boxes = annotations.is_empty() || annotations.iter().any(|annotation| annotation.get("bbox").is_some());
    if !boxes {
        return Ok(None);
    }
    let mut rows = Rows::new();
    let mut places: HashMap<&[u8], usize> = HashMap::new();
    let mut cells: Vec<TrueCell> = Vec::with_capacity(images.len());
    let mut ids: Vec<&[u8]> = Vec::with_capacity(images.len());
    for image in images {
        let Some(id) = image.get("id").and_then(Tree::bytes) else {
            rows.reject_text(1, image.bytes().unwrap_or_default(), "is an image without an id");
            continue;
        };
        if places.insert(id, cells.len()).is_some() {
            rows.reject_text(1, image.bytes().unwrap_or_default(), "is an image whose id another image has");
            continue;
        }
        let side = |name: &str| image.get(name).and_then(Tree::number).filter(|side| *side >= 1.0 && *side < 1e6);
        let size = side("width").zip(side("height")).map(|(width, height)| [width as u32, height as u32]);
        let file = image.get("file_name").and_then(Tree::str).map(str::to_owned);
        ids.push(id);
        cells.push(TrueCell { file, size, ..TrueCell::default() });
    }
    let mut kept = 0;
    for (at, annotation) in annotations.iter().enumerate() {
        if at % STRIDE == 0 {
            cx.check()?;
        }
        match of_annotation(annotation, &places) {
            Ok((image, object)) => {
                cells[image].objects.push(object);
                kept += 1;
            }
            Err(reason) => rows.reject_text(at as u64 + 1, annotation.bytes().unwrap_or_default(), &reason),
        }
    }
    if let Some(first) = cells.first_mut() {
        first.names = names(tree("categories").as_ref());
    }
    for (id, cell) in ids.iter().zip(&cells) {
        rows.cell(IMAGE, Some(id));
        rows.cell(OBJECTS, Some(&written(cell)));
        rows.close(1);
    }
    Ok(Some(Records { stored: Some(kept), ..finish(vec![rows], described(records), ANNOTATIONS) }))
}

type Object = (String, [f64; 4], f64, bool);

fn of_annotation(annotation: &Tree<'_>, images: &HashMap<&[u8], usize>) -> Result<(usize, Object), String> {
    let id = annotation
        .get("id")
        .and_then(Tree::bytes)
        .map_or_else(String::new, |id| format!(" (id {})", String::from_utf8_lossy(id)));
    let said = |reason: &str| format!("is an annotation{id} that {reason}");
    let image = annotation.get("image_id").and_then(Tree::bytes).ok_or_else(|| said("has no image_id"))?;
    let at = images.get(image).ok_or_else(|| said("is of an image that is not listed under images"))?;
    let class = annotation.get("category_id").and_then(Tree::bytes).ok_or_else(|| said("has no category_id"))?;
    let bbox = annotation.get("bbox").ok_or_else(|| said("has no bbox"))?;
    let place = place(&numbers(Some(bbox))).map_err(|reason| said(&reason))?;
    let area = annotation.get("area").and_then(Tree::number).filter(|area| area.is_finite() && *area >= 0.0);
    let crowd = match annotation.get("iscrowd").and_then(Tree::bytes) {
        None | Some(b"0" | b"false") => false,
        Some(b"1" | b"true") => true,
        Some(_) => return Err(said("has an iscrowd that is neither 0 nor 1")),
    };
    let class = String::from_utf8_lossy(class).into_owned();
    Ok((*at, (class, place, area.unwrap_or(place[2] * place[3]), crowd)))
}

fn names(categories: Option<&Tree<'_>>) -> BTreeMap<String, String> {
    let list = categories.and_then(Tree::list).unwrap_or_default();
    let name = |category: &Tree<'_>| {
        let id = String::from_utf8_lossy(category.get("id")?.bytes()?).into_owned();
        Some((id, category.get("name")?.str()?.to_owned()))
    };
    list.iter().filter_map(name).collect()
}

/// Give each file of results a row, without boxes, for the images in which it found nothing: those of the annotations,
/// else those of the other files. How many each was given.
pub(in crate::ingest) fn complete(files: &mut [&mut Records]) -> Vec<u64> {
    let is = |records: &Records, dialect: &str| records.dialect.starts_with(dialect) && records.only_table.is_none();
    let annotated = files.iter().any(|records| is(records, ANNOTATIONS));
    let mut all: Vec<Vec<u8>> = Vec::new();
    let mut seen: HashSet<Vec<u8>> = HashSet::new();
    for records in files.iter().filter(|records| is(records, if annotated { ANNOTATIONS } else { RESULTS })) {
        for image in (0..records.table.records).filter_map(|row| text(&records.table, IMAGE, row)) {
            if seen.insert(image.to_vec()) {
                all.push(image.to_vec());
            }
        }
    }
    let give = |records: &mut &mut Records| {
        if !is(records, RESULTS) {
            return 0;
        }
        let table = &records.table;
        let own: HashSet<&[u8]> = (0..table.records).filter_map(|row| text(table, IMAGE, row)).collect();
        let missing: Vec<Vec<u8>> = all.iter().filter(|image| !own.contains(image.as_slice())).cloned().collect();
        for column in &mut records.table.columns {
            let ColumnData::Text(cells) = &mut column.data else { continue };
            // Any other column is of the whole file, as its folder is.
            let whole = cells.get(0).filter(|_| !cells.is_empty()).map(<[u8]>::to_vec);
            for image in &missing {
                cells.push(match column.name.as_str() {
                    IMAGE => Some(image),
                    FOUND => Some(b"[]"),
                    _ => whole.as_deref(),
                });
            }
        }
        records.table.records += missing.len();
        missing.len() as u64
    };
    files.iter_mut().map(give).collect()
}
