//! Boxes of an image in one cell: what readers of detections write and the log is assembled from. An image is then a
//! row as any other, paired by its id and labelled by the objects that are in it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::issue::IngestError;
use crate::log::{Boxes, Coded, FoundBox, NO_CODE, Picture, TrueBox, Xywh};

/// Columns of detections and of annotations.
pub(super) const IMAGE: &str = "image_id";
pub(super) const FOUND: &str = "detections";
pub(super) const OBJECTS: &str = "objects";

/// What a model found: class, place, score of each box.
pub(super) type FoundCell = Vec<Found>;
pub(super) type Found = (String, Xywh, f64);

/// What is true of an image.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TrueCell {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<[u32; 2]>,
    /// Class, place, area, whether it is a crowd.
    pub objects: Vec<(String, Xywh, f64, bool)>,
    /// Names of the classes of the whole file, beside its first image.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub names: BTreeMap<String, String>,
}

/// A cell as text.
pub(super) fn written<T: Serialize>(cell: &T) -> Vec<u8> {
    serde_json::to_vec(cell).unwrap_or_default()
}

/// `[left, top, width, height]` of finite numbers and sides that are not negative.
///
/// # Errors
/// Why it is no box.
pub(super) fn place(numbers: &[Option<f64>]) -> Result<Xywh, String> {
    let all: Vec<f64> = numbers.iter().copied().flatten().filter(|number| number.is_finite()).collect();
    let place = Xywh::try_from(all).ok().filter(|_| numbers.len() == 4);
    let Some(place) = place else {
        return Err("has a bbox that is not four numbers [left, top, width, height]".to_owned());
    };
    if place[2] < 0.0 || place[3] < 0.0 {
        return Err("has a bbox of negative width or height; COCO writes [left, top, width, height], not two corners"
            .to_owned());
    }
    Ok(place)
}

/// Objects and boxes of the rows of answers and truths that are such cells.
///
/// # Errors
/// A cell is none.
pub(super) fn boxes(coded: &Coded) -> Result<Boxes, IngestError> {
    let bad = |column: &str, code: u32, error: &serde_json::Error| {
        let cell: String = coded.name(code).unwrap_or_default().chars().take(80).collect();
        IngestError::Mapping(format!(
            "The column of {column} holds `{cell}`, which is not the boxes of an image ({error}). Detections are read from COCO's \
             results and annotations: leave the columns as they are recognised."
        ))
    };
    let mut truth: BTreeMap<u32, TrueCell> = BTreeMap::new();
    for &code in coded.truth.iter().filter(|code| **code != NO_CODE) {
        let cell =
            || serde_json::from_str(coded.name(code).unwrap_or_default()).map_err(|error| bad("labels", code, &error));
        if let std::collections::btree_map::Entry::Vacant(slot) = truth.entry(code) {
            slot.insert(cell()?);
        }
    }
    let mut found: BTreeMap<u32, FoundCell> = BTreeMap::new();
    for &code in coded.answers.iter().flatten().filter(|code| **code != NO_CODE) {
        let cell = || {
            serde_json::from_str(coded.name(code).unwrap_or_default()).map_err(|error| bad("predictions", code, &error))
        };
        if let std::collections::btree_map::Entry::Vacant(slot) = found.entry(code) {
            slot.insert(cell()?);
        }
    }
    let names: BTreeMap<&str, &str> =
        truth.values().flat_map(|cell| &cell.names).map(|(class, name)| (class.as_str(), name.as_str())).collect();
    let of_truth = truth.values().flat_map(|cell| cell.objects.iter().map(|object| object.0.as_str()));
    let mut classes: Vec<&str> = of_truth.chain(found.values().flatten().map(|found| found.0.as_str())).collect();
    // By number where they are numbers.
    classes.sort_unstable_by_key(|class| (class.parse::<i64>().unwrap_or(i64::MAX), *class));
    classes.dedup();
    let code: BTreeMap<&str, u32> = classes.iter().copied().zip(0..).collect();
    let picture = |&of: &u32| match truth.get(&of) {
        None => Picture::default(),
        Some(cell) => Picture {
            file: cell.file.clone(),
            size: cell.size,
            objects: cell
                .objects
                .iter()
                .map(|(class, place, area, crowd)| TrueBox {
                    class: code[class.as_str()],
                    place: *place,
                    area: *area,
                    crowd: *crowd,
                })
                .collect(),
        },
    };
    let of_row = |of: &u32| -> Vec<FoundBox> {
        let cell = found.get(of).into_iter().flatten();
        cell.map(|(class, place, score)| FoundBox { class: code[class.as_str()], place: *place, score: *score })
            .collect()
    };
    let name = |class: &&str| match (names.get(class), class.parse::<i64>()) {
        (Some(name), _) => (*name).to_owned(),
        (None, Ok(number)) => format!("category {number}"),
        (None, Err(_)) => (*class).to_owned(),
    };
    Ok(Boxes {
        classes: classes.iter().map(name).collect(),
        pictures: coded.truth.iter().map(picture).collect(),
        arms: coded.answers.iter().map(|answers| answers.iter().map(of_row).collect()).collect(),
    })
}
