//! Results in the form of the COCO challenges (boxes, masks, keypoints, captions), and its annotations. Boxes and the
//! objects of annotations become a row per image.

mod images;

use super::super::json_tree::Tree;
use super::payload;
use super::rows::{Rows, explode, text};
use super::{Records, has, has_any};
use crate::ingest::table::Table;
use crate::job::{Cancelled, JobCx};

pub(in crate::ingest) use images::complete;

/// Names of the two kinds of files, as dialects begin.
pub(in crate::ingest) const RESULTS: &str = "coco-results";
pub(in crate::ingest) const ANNOTATIONS: &str = "coco-annotations";

pub(super) fn is(table: &Table) -> bool {
    is_annotations(table)
        || has(table, &["image_id"])
            && (has(table, &["caption"])
                || has(table, &["category_id"])
                    && ["bbox", "segmentation", "keypoints"].iter().any(|part| has_any(table, part)))
}

fn is_annotations(table: &Table) -> bool {
    has(table, &["images", "annotations"])
}

pub(super) fn read(mut records: Records, cx: &JobCx) -> Result<Records, Cancelled> {
    if is_annotations(&records.table) {
        if records.table.records == 1
            && let Some(found) = images::annotated(&records, cx)?
        {
            return Ok(found);
        }
        let mut made = explode(records, ANNOTATIONS, cx, annotations)?;
        made.only_table = Some("annotations of images that are no boxes");
        return Ok(made);
    }
    if has(&records.table, &["bbox", "score"]) {
        return images::found(&records, cx);
    }
    records.dialect = format!("{RESULTS}+{}", records.dialect);
    records.only_table = Some("what was found in images, and no boxes");
    Ok(records)
}

fn annotations(table: &Table, row: usize, rows: &mut Rows) -> Result<(), String> {
    let list =
        text(table, "annotations", row).and_then(Tree::one).ok_or("holds annotations that are not valid JSON")?;
    for annotation in list.list().unwrap_or_default() {
        if let Tree::Object(members, _) = annotation {
            let mut cells = Vec::new();
            for (name, value) in members {
                match value {
                    // A list stays one cell, as in the results.
                    Tree::List(_, raw) => cells.push((name.clone(), Some(raw.to_vec()))),
                    other => payload::flatten(name, other, &mut cells),
                }
            }
            rows.cells(&cells);
            rows.close(table.line(row));
        }
    }
    Ok(())
}
