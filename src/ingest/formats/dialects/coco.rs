//! Results in the form of the COCO challenges (boxes, masks, keypoints, captions), and its annotations.

use super::super::json_tree::Tree;
use super::payload;
use super::rows::{Rows, explode, text};
use super::{Records, has, has_any};
use crate::ingest::table::Table;
use crate::job::{Cancelled, JobCx};

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
    let mut made = if is_annotations(&records.table) {
        explode(records, "coco-annotations", cx, annotations)?
    } else {
        records.dialect = format!("coco-results+{}", records.dialect);
        records
    };
    made.only_table = Some("objects found in images");
    Ok(made)
}

fn annotations(table: &Table, row: usize, rows: &mut Rows) -> Result<(), String> {
    let list =
        text(table, "annotations", row).and_then(Tree::one).ok_or("holds annotations that are not valid JSON")?;
    for annotation in list.list().unwrap_or_default() {
        if let Tree::Object(members, _) = annotation {
            let mut cells = Vec::new();
            for (name, value) in members {
                match value {
                    // A box stays one cell, as in the results.
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
