//! Which boxes found an object: the greedy matching of pycocotools, in one image.

use super::boxes::Rect;
use crate::log::{FoundBox, TrueBox};
use crate::metrics::measured::{Measured, NO_ROW, Outcome};

/// An object of the truth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Object {
    pub class: u32,
    pub rect: Rect,
    /// Size that counts for the size ranges, in square pixels; with COCO that of the outline, not of the box.
    pub area: f64,
    /// A region of many objects: any number of boxes may lie in it, none of them counts.
    pub crowd: bool,
}

/// A box that a model found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Detection {
    pub class: u32,
    pub rect: Rect,
    pub score: f64,
}

/// One image: its objects and an arm's boxes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Image {
    pub objects: Vec<Object>,
    pub detections: Vec<Detection>,
}

/// IoU of boxes (rows) and objects (columns) of one class; with a crowd the share of the box that lies in it.
pub(super) fn overlaps(detections: &[&Detection], objects: &[&Object]) -> Vec<f64> {
    let of = |detection: &&Detection, object: &&Object| {
        let (found, truth) = (&detection.rect, &object.rect);
        if object.crowd { found.inside(truth) } else { found.iou(truth) }
    };
    detections.iter().flat_map(|detection| objects.iter().map(move |object| of(detection, object))).collect()
}

/// The object that each box is matched to. Boxes come best first; each takes the free object it overlaps most, at least
/// by `threshold`, one that is not ignored before one that is; objects come with the ignored ones last. An ignored
/// object is not free any more either, unless it is a crowd.
pub(super) fn assign(overlaps: &[f64], ignored: &[bool], crowd: &[bool], threshold: f64) -> Vec<Option<usize>> {
    let mut taken = vec![false; ignored.len()];
    if ignored.is_empty() {
        return Vec::new();
    }
    overlaps
        .chunks_exact(ignored.len())
        .map(|overlaps| {
            let mut least = threshold.min(1.0 - 1e-10);
            let mut best: Option<usize> = None;
            for (at, &overlap) in overlaps.iter().enumerate() {
                if taken[at] && !crowd[at] {
                    continue;
                }
                if best.is_some_and(|best| !ignored[best]) && ignored[at] {
                    break;
                }
                if overlap >= least {
                    (least, best) = (overlap, Some(at));
                }
            }
            if let Some(best) = best {
                taken[best] = true;
            }
            best
        })
        .collect()
}

/// What became of the boxes and objects of an image, as indices into its lists.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Matched {
    /// Box, object and their IoU, best score first.
    pub hits: Vec<(usize, usize, f64)>,
    /// Boxes without an object.
    pub false_alarms: Vec<usize>,
    /// Objects without a box.
    pub missed: Vec<usize>,
    /// Boxes in a crowd, which do not count.
    pub ignored: Vec<usize>,
}

impl Image {
    /// An image of a log with the boxes of one arm.
    pub fn of(objects: &[TrueBox], found: &[FoundBox]) -> Self {
        let object =
            |of: &TrueBox| Object { class: of.class, rect: Rect::of(of.place), area: of.area, crowd: of.crowd };
        let detection = |of: &FoundBox| Detection { class: of.class, rect: Rect::of(of.place), score: of.score };
        Self { objects: objects.iter().map(object).collect(), detections: found.iter().map(detection).collect() }
    }

    /// For each box the greatest IoU with an object of its class, crowds left out; 0 where there is none.
    pub fn best_overlaps(&self) -> Vec<f64> {
        let best = |found: &Detection| {
            let own = self.objects.iter().filter(|object| object.class == found.class && !object.crowd);
            own.map(|object| found.rect.iou(&object.rect)).fold(0.0, f64::max)
        };
        self.detections.iter().map(best).collect()
    }

    /// The classes of objects and boxes, ascending.
    pub(super) fn classes(&self) -> Vec<u32> {
        let classes = self.objects.iter().map(|object| object.class);
        let mut all: Vec<u32> = classes.chain(self.detections.iter().map(|detection| detection.class)).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Match boxes with a score of at least `score` at an IoU of at least `iou`, class by class.
    pub fn matched(&self, iou: f64, score: f64) -> Matched {
        let mut found = Matched::default();
        for class in self.classes() {
            let mut boxes: Vec<usize> = (0..self.detections.len())
                .filter(|&at| self.detections[at].class == class && self.detections[at].score >= score)
                .collect();
            boxes.sort_by(|&a, &b| self.detections[b].score.total_cmp(&self.detections[a].score));
            let mut objects: Vec<usize> =
                (0..self.objects.len()).filter(|&at| self.objects[at].class == class).collect();
            objects.sort_by_key(|&at| self.objects[at].crowd);
            let crowd: Vec<bool> = objects.iter().map(|&at| self.objects[at].crowd).collect();
            let of_boxes: Vec<&Detection> = boxes.iter().map(|&at| &self.detections[at]).collect();
            let of_objects: Vec<&Object> = objects.iter().map(|&at| &self.objects[at]).collect();
            let overlaps = overlaps(&of_boxes, &of_objects);
            let mut assigned = assign(&overlaps, &crowd, &crowd, iou);
            assigned.resize(boxes.len(), None);
            let mut free = crowd.iter().map(|crowd| !crowd).collect::<Vec<bool>>();
            for (row, (&at, object)) in boxes.iter().zip(assigned).enumerate() {
                match object {
                    None => found.false_alarms.push(at),
                    Some(object) if crowd[object] => found.ignored.push(at),
                    Some(object) => {
                        free[object] = false;
                        found.hits.push((at, objects[object], overlaps[row * objects.len() + object]));
                    }
                }
            }
            found.missed.extend(objects.iter().zip(free).filter(|(_, free)| *free).map(|(&at, _)| at));
        }
        found.hits.sort_by(|a, b| self.detections[b.0].score.total_cmp(&self.detections[a.0].score));
        found
    }
}

/// Mean over all boxes of how well each fits, from the number of boxes of each image and the sum of their
/// [`Image::best_overlaps`].
///
/// # Errors
/// There is no box.
pub fn mean_iou(images: &[[f64; 2]]) -> Outcome {
    let [boxes, sum] = images.iter().fold([0.0; 2], |[a, b], image| [a + image[0], b + image[1]]);
    if boxes == 0.0 {
        return Err("no box was found".to_owned());
    }
    let (value, n) = (sum / boxes, images.len() as f64);
    Measured::by_row(value, images.len(), |row| n * (images[row][1] - value * images[row][0]) / boxes)
}

/// Which share of boxes or objects is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rate {
    Precision,
    Recall,
    F1,
}

/// A rate of the boxes of all images together, from `[hits, false alarms, missed]` of each image.
///
/// # Errors
/// There is no image, no box (precision), no object (recall), or neither (F1).
pub fn rate(images: &[[u64; 3]], rate: Rate) -> Outcome {
    if images.is_empty() {
        return Err(NO_ROW.replace("row", "image"));
    }
    let parts = |[hits, alarms, missed]: [u64; 3]| {
        let [hits, alarms, missed] = [hits, alarms, missed].map(|count| count as f64);
        match rate {
            Rate::Precision => [hits, hits + alarms],
            Rate::Recall => [hits, hits + missed],
            Rate::F1 => [2.0 * hits, 2.0 * hits + alarms + missed],
        }
    };
    let [part, whole] = images.iter().fold([0.0; 2], |[a, b], &image| {
        let [part, whole] = parts(image);
        [a + part, b + whole]
    });
    if whole == 0.0 {
        return Err(match rate {
            Rate::Precision => "no box was found",
            Rate::Recall => "no image has an object",
            Rate::F1 => "there is neither a box nor an object",
        }
        .to_owned());
    }
    let (value, n) = (part / whole, images.len() as f64);
    Measured::by_row(value, images.len(), |row| {
        let [part, whole_here] = parts(images[row]);
        n * (part - value * whole_here) / whole
    })
}
