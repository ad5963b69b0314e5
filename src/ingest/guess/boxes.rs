//! Boxes found in images: a file is a model's results or annotations, whose columns are known by their dialect.

use super::Input;
use crate::ingest::boxes::{FOUND, IMAGE, OBJECTS};
use crate::ingest::formats::dialects::coco::{ANNOTATIONS, RESULTS};
use crate::ingest::issue::IngestError;
use crate::ingest::mapping::{ColumnRole, Role, Side};

fn holds(input: &Input<'_>, dialect: &str, column: &str) -> bool {
    input.dialect.starts_with(dialect) && input.table.column(column).is_some()
}

/// Whether the files are boxes of images without being told so.
pub(super) fn seen(inputs: &[Input<'_>]) -> bool {
    inputs.iter().any(|input| holds(input, RESULTS, FOUND) || holds(input, ANNOTATIONS, OBJECTS))
}

/// Which inputs hold the objects.
pub(super) fn annotations(inputs: &[Input<'_>]) -> Vec<bool> {
    inputs.iter().map(|input| input.labels || holds(input, ANNOTATIONS, OBJECTS)).collect()
}

/// Roles of the columns, beside those that were told.
///
/// # Errors
/// No file holds boxes of a model, or one holds something else.
pub(super) fn roles(inputs: &[Input<'_>], told: &mut Vec<ColumnRole>) -> Result<(), IngestError> {
    for (input, labels) in inputs.iter().zip(annotations(inputs)) {
        let (dialect, column, what) = match labels {
            true => (ANNOTATIONS, OBJECTS, "COCO annotations (an object with images, annotations, categories)"),
            false => (RESULTS, FOUND, "COCO results (a list of image_id, category_id, bbox, score)"),
        };
        if !holds(input, dialect, column) {
            return Err(IngestError::Source {
                message: format!("This file holds no boxes of images; a detection run is read from {what}"),
                path: input.display.to_owned(),
            });
        }
    }
    if annotations(inputs).iter().all(|labels| *labels) {
        let message =
            "The files hold the objects of images and no boxes that a model found: open its COCO results too.";
        return Err(IngestError::Mapping(message.to_owned()));
    }
    for (column, role) in [(IMAGE, Role::Id), (FOUND, Role::Prediction), (OBJECTS, Role::Label)] {
        if told.iter().all(|told| told.column != column) {
            told.push(ColumnRole::new(column, role, Side::Both));
        }
    }
    Ok(())
}
