//! Images in which a model found nothing: results do not list them.

use super::Look;
use crate::ingest::formats::Records;
use crate::ingest::formats::dialects::coco;
use crate::ingest::issue::{Issue, Severity};

/// Share of the images from which results without a box in them are suspect.
const SUSPECT: f64 = 0.5;

/// Give results the images without boxes, and say how many there were.
pub(super) fn complete(good: &mut [Look], issues: &mut Vec<Issue>) {
    let mut records: Vec<&mut Records> = good.iter_mut().map(|look| &mut look.records).collect();
    let given = coco::complete(&mut records);
    for (look, given) in good.iter().zip(given).filter(|(_, given)| *given > 0) {
        let images = look.records.table.records as u64;
        let suspect = given as f64 > SUSPECT * images as f64;
        let message = format!("{} has no box in {given} of {images} images.", look.found.display);
        issues.push(Issue::counted(
            "images_without_boxes",
            if suspect { Severity::Warning } else { Severity::Note },
            (given, images),
            message,
            "The model counts as having found nothing in them: every object there is missed.",
            if suspect {
                "If the model was not run on these images, give annotations of those alone that it was run on."
            } else {
                "None needed, if the model was run on all images."
            },
        ));
    }
}
