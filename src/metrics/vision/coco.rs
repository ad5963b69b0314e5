//! AP and AR of COCO (Lin et al. 2014), step by step as pycocotools' `COCOeval` with boxes.
//!
//! [`Evaluation::new`] matches once; a value then is a walk over the matched boxes of each class, for any weights of the
//! images. Images are the units. AP is no mean over them, so its interval is that of a bootstrap over images, each draw of
//! which is such a walk ([`Evaluation::weighted`]), with the same weights for both arms. [`Evaluation::measure`] gives the
//! jackknife's influence of each image, `(n - 1) (value - value without it)`, to check it: the steps of AP average out
//! over classes, fits and 101 recalls, so that both have the same error.

use std::borrow::Borrow;

use rayon::prelude::*;

use super::matching::{Detection, Image, Object, assign, overlaps};
use crate::metrics::measured::{Measured, NO_ROW, Outcome};

/// Thresholds of IoU: `linspace(0.5, 0.95, 10)`.
const FITS: usize = 10;
/// Recalls at which precision is read: `linspace(0, 1, 101)`.
pub const RECALLS: usize = 101;
/// Boxes of a class in an image that are looked at.
const MOST_BOXES: usize = 100;
/// Boxes of a class and image that count for recall.
const CAPS: [usize; 3] = [1, 10, MOST_BOXES];

/// `at`th of `numpy.linspace(start, stop, count)`, to the last bit.
fn linspace(start: f64, stop: f64, count: usize, at: usize) -> f64 {
    if at + 1 == count { stop } else { at as f64 * ((stop - start) / (count - 1) as f64) + start }
}

/// Which objects count, by their area.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Size {
    #[default]
    All,
    /// Up to 32 x 32 pixels.
    Small,
    /// Up to 96 x 96 pixels.
    Medium,
    Large,
}

impl Size {
    const EVERY: [Self; 4] = [Self::All, Self::Small, Self::Medium, Self::Large];

    fn outside(self, area: f64) -> bool {
        let [least, most] = match self {
            Self::All => [0.0, 1e10],
            Self::Small => [0.0, 1024.0],
            Self::Medium => [1024.0, 9216.0],
            Self::Large => [9216.0, 1e10],
        };
        area < least || area > most
    }
}

/// One of the numbers of COCO's summary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Recall in place of precision.
    pub recall: bool,
    /// Place among the thresholds 0.50, 0.55, ... 0.95; `None` for their mean.
    pub fit: Option<usize>,
    pub size: Size,
    /// Best boxes of a class and image that count: 1, 10 or 100.
    pub boxes: usize,
}

impl Summary {
    /// AP over all fits and sizes.
    pub const AP: Self = Self { recall: false, fit: None, size: Size::All, boxes: MOST_BOXES };

    /// The summary of a metric of [`METRICS`](super::METRICS) by its name.
    pub fn named(name: &str) -> Option<Self> {
        let ap = Self::AP;
        let ar = Self { recall: true, ..ap };
        Some(match name {
            "ap" => ap,
            "ap_50" => Self { fit: Some(0), ..ap },
            "ap_75" => Self { fit: Some(5), ..ap },
            "ap_small" => Self { size: Size::Small, ..ap },
            "ap_medium" => Self { size: Size::Medium, ..ap },
            "ap_large" => Self { size: Size::Large, ..ap },
            "ar_1" => Self { boxes: 1, ..ar },
            "ar_10" => Self { boxes: 10, ..ar },
            "ar_100" => ar,
            "ar_small" => Self { size: Size::Small, ..ar },
            "ar_medium" => Self { size: Size::Medium, ..ar },
            "ar_large" => Self { size: Size::Large, ..ar },
            _ => return None,
        })
    }
}

/// A box after matching. A bit per threshold says whether it hit an object, and whether it is left out.
#[derive(Clone, Copy, Debug)]
struct Entry {
    image: u32,
    /// Place among the boxes of its class and image.
    rank: u16,
    hit: u16,
    out: u16,
    score: f64,
}

/// Boxes of one class and size range over all images, best first, and the objects that count.
#[derive(Clone, Debug)]
struct Cell {
    entries: Vec<Entry>,
    /// Image and its number of objects, ascending; without those that have none.
    objects: Vec<(u32, u32)>,
}

/// What a class and size range comes to, by fit.
struct Values {
    precision: [f64; FITS],
    /// With 1, 10 and all boxes.
    recall: [[f64; FITS]; CAPS.len()],
}

impl Values {
    fn of(&self, summary: Summary) -> f64 {
        let cap = CAPS.iter().position(|&cap| summary.boxes <= cap).unwrap_or(CAPS.len() - 1);
        let of = if summary.recall { &self.recall[cap] } else { &self.precision };
        summary.fit.map_or_else(|| of.iter().sum::<f64>() / FITS as f64, |fit| of[fit])
    }
}

impl Cell {
    /// Values with each image taken `weight(image)` times; `None` where no object is left.
    fn values(&self, weight: &impl Fn(u32) -> u32) -> Option<Values> {
        let objects: u64 = self.objects.iter().map(|&(image, count)| u64::from(weight(image)) * u64::from(count)).sum();
        if objects == 0 {
            return None;
        }
        let weighted = self.entries.iter().map(|entry| (*entry, weight(entry.image)));
        let entries: Vec<(Entry, u32)> = weighted.filter(|(_, weight)| *weight > 0).collect();
        let objects = objects as f64;
        Some(Values {
            precision: std::array::from_fn(|fit| {
                precisions(&entries, fit, objects).iter().sum::<f64>() / RECALLS as f64
            }),
            recall: CAPS.map(|cap| std::array::from_fn(|fit| recall(&entries, cap, fit, objects))),
        })
    }
}

/// Matches of all images, from which every value of COCO follows.
#[derive(Clone, Debug)]
pub struct Evaluation {
    images: usize,
    classes: Vec<u32>,
    /// Class by class, the size ranges in the order of [`Size::EVERY`].
    cells: Vec<[Cell; 4]>,
}

impl Evaluation {
    /// Match the boxes of every image. The order of images decides between equal scores, as the order of image ids does
    /// in pycocotools.
    ///
    /// # Errors
    /// There is no image, no object, no box, or a score is not a number.
    pub fn new<I: Borrow<Image> + Sync>(images: &[I]) -> Result<Self, String> {
        let images: Vec<&Image> = images.iter().map(Borrow::borrow).collect();
        if images.is_empty() {
            return Err(NO_ROW.replace("row", "image"));
        }
        if images.iter().all(|image| image.objects.iter().all(|object| object.crowd)) {
            return Err("no image has an object".to_owned());
        }
        if images.iter().all(|image| image.detections.is_empty()) {
            return Err("no box was found".to_owned());
        }
        if images.iter().flat_map(|image| &image.detections).any(|found| found.score.is_nan()) {
            return Err("a box has a score that is not a number".to_owned());
        }
        let mut classes: Vec<u32> = images.par_iter().flat_map_iter(|image| image.classes()).collect();
        classes.par_sort_unstable();
        classes.dedup();
        // The boxes and objects of each class with the image they are in.
        let place = |class: u32| classes.partition_point(|&other| other < class);
        let mut found: Vec<Vec<(u32, &Detection)>> = vec![Vec::new(); classes.len()];
        let mut truth: Vec<Vec<(u32, &Object)>> = vec![Vec::new(); classes.len()];
        for (at, image) in (0..).zip(&images) {
            image.detections.iter().for_each(|detection| found[place(detection.class)].push((at, detection)));
            image.objects.iter().for_each(|object| truth[place(object.class)].push((at, object)));
        }
        let cells = found.par_iter().zip(&truth).map(|(found, truth)| cells(found, truth)).collect();
        Ok(Self { images: images.len(), classes, cells })
    }

    /// Images.
    pub fn images(&self) -> usize {
        self.images
    }

    /// Value with each image taken `weight(image)` times.
    fn of_class(&self, class: usize, summary: Summary, weight: &impl Fn(u32) -> u32) -> Option<f64> {
        Some(self.cells[class][summary.size as usize].values(weight)?.of(summary))
    }

    /// Values of some summaries, and the AP of every class that has an object, with each image taken `weight(image)`
    /// times: a draw of a bootstrap.
    pub fn draw(&self, summaries: &[Summary], weight: impl Fn(u32) -> u32) -> (Vec<Option<f64>>, Vec<(u32, f64)>) {
        let mut sums = vec![(0.0, 0_usize); summaries.len()];
        let mut classes = Vec::with_capacity(self.classes.len());
        for (&class, cells) in self.classes.iter().zip(&self.cells) {
            let values = cells.each_ref().map(|cell| cell.values(&weight));
            for (slot, summary) in sums.iter_mut().zip(summaries) {
                if let Some(values) = &values[summary.size as usize] {
                    *slot = (slot.0 + values.of(*summary), slot.1 + 1);
                }
            }
            classes.extend(values[0].as_ref().map(|values| (class, values.of(Summary::AP))));
        }
        (sums.into_iter().map(|(sum, count)| (count > 0).then(|| sum / count as f64)).collect(), classes)
    }

    /// Values of every class that has an object, by class.
    pub fn by_class(&self, summary: Summary) -> Vec<(u32, f64)> {
        let value = |(at, class): (usize, &u32)| Some((*class, self.of_class(at, summary, &|_| 1)?));
        self.classes.iter().enumerate().filter_map(value).collect()
    }

    /// Every class with the number of its objects that are no crowd.
    pub fn objects(&self) -> Vec<(u32, u64)> {
        let count = |cells: &[Cell; 4]| cells[0].objects.iter().map(|(_, count)| u64::from(*count)).sum();
        self.classes.iter().copied().zip(self.cells.iter().map(count)).collect()
    }

    /// Best precision at the recalls 0, 0.01, ... 1 or above at IoU 0.50, the mean over classes that have an object.
    pub fn curve(&self) -> Vec<f64> {
        let of_class = |cells: &[Cell; 4]| {
            let cell = &cells[0];
            let objects: u64 = cell.objects.iter().map(|(_, count)| u64::from(*count)).sum();
            let entries: Vec<(Entry, u32)> = cell.entries.iter().map(|entry| (*entry, 1)).collect();
            (objects > 0).then(|| precisions(&entries, 0, objects as f64))
        };
        let classes: Vec<[f64; RECALLS]> = self.cells.iter().filter_map(of_class).collect();
        let at = |point: usize| classes.iter().map(|class| class[point]).sum::<f64>() / classes.len() as f64;
        (0..RECALLS).map(at).collect()
    }

    /// Mean over classes.
    ///
    /// # Errors
    /// No object of the size range.
    pub fn value(&self, summary: Summary) -> Result<f64, String> {
        self.weighted(summary, |_| 1).ok_or_else(|| "no object of this size that counts".to_owned())
    }

    /// Mean over classes with each image taken `weight(image)` times; `None` where no object is left.
    pub fn weighted(&self, summary: Summary, weight: impl Fn(usize) -> u32 + Sync) -> Option<f64> {
        let weight = |image: u32| weight(image as usize);
        mean((0..self.classes.len()).filter_map(|class| self.of_class(class, summary, &weight)))
    }

    /// Value with the jackknife's influence of each image.
    ///
    /// # Errors
    /// No object of the size range.
    pub fn measure(&self, summary: Summary) -> Outcome {
        let classes: Vec<usize> = (0..self.classes.len()).collect();
        let values: Vec<Option<f64>> = classes.par_iter().map(|&class| self.of_class(class, summary, &|_| 1)).collect();
        let value =
            mean(values.iter().flatten().copied()).ok_or_else(|| "no object of this size that counts".to_owned())?;
        if self.images == 1 {
            return Measured::bare(value, "one image alone says nothing of how images differ");
        }
        // For each image, what its classes come to without it.
        let changes: Vec<Vec<(u32, Option<f64>)>> = classes
            .par_iter()
            .map(|&class| {
                let all = &self.cells[class][0];
                let mut inside: Vec<u32> = all.entries.iter().map(|entry| entry.image).collect();
                // Objects of every size are in the first cell, and the boxes of every cell are the same.
                inside.extend(all.objects.iter().map(|(image, _)| *image));
                inside.sort_unstable();
                inside.dedup();
                let without = |out: u32| self.of_class(class, summary, &|image| u32::from(image != out));
                inside.par_iter().map(|&out| (out, without(out))).collect()
            })
            .collect();
        let (sum, count) = (values.iter().flatten().sum::<f64>(), values.iter().flatten().count());
        let mut left = vec![(0.0, 0_isize); self.images];
        for (class, changes) in changes.iter().enumerate() {
            let Some(whole) = values[class] else { continue };
            for &(image, without) in changes {
                let (sum, count) = &mut left[image as usize];
                *sum += without.unwrap_or(0.0) - whole;
                *count -= isize::from(without.is_none());
            }
        }
        let scale = (self.images - 1) as f64;
        if left.iter().any(|&(_, change)| count as isize + change == 0) {
            return Measured::bare(value, "all objects are in one image");
        }
        Measured::by_row(value, self.images, |image| {
            let (change, lost) = left[image];
            scale * (value - (sum + change) / (count as isize + lost) as f64)
        })
    }
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0_usize), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / count as f64)
}

/// Match the boxes of one class in all images, for every size range.
fn cells(found: &[(u32, &Detection)], truth: &[(u32, &Object)]) -> [Cell; 4] {
    let mut cells = Size::EVERY.map(|_| Cell { entries: Vec::new(), objects: Vec::new() });
    let (mut found, mut truth) = (found, truth);
    while let Some(image) = found.first().map(|(at, _)| *at).into_iter().chain(truth.first().map(|(at, _)| *at)).min() {
        let boxes = found.partition_point(|(at, _)| *at == image);
        let objects = truth.partition_point(|(at, _)| *at == image);
        let mut best: Vec<&Detection> = found[..boxes].iter().map(|(_, found)| *found).collect();
        best.sort_by(|a, b| b.score.total_cmp(&a.score));
        best.truncate(MOST_BOXES);
        let here: Vec<&Object> = truth[..objects].iter().map(|(_, object)| *object).collect();
        for (size, cell) in Size::EVERY.into_iter().zip(&mut cells) {
            match_image(image, &best, &here, size, cell);
        }
        (found, truth) = (&found[boxes..], &truth[objects..]);
    }
    for cell in &mut cells {
        cell.entries.sort_by(|a, b| b.score.total_cmp(&a.score));
    }
    cells
}

fn match_image(image: u32, boxes: &[&Detection], objects: &[&Object], size: Size, cell: &mut Cell) {
    let mut objects = objects.to_vec();
    let ignored = |object: &&Object| object.crowd || size.outside(object.area);
    objects.sort_by_key(ignored);
    let crowd: Vec<bool> = objects.iter().map(|object| object.crowd).collect();
    let ignored: Vec<bool> = objects.iter().map(ignored).collect();
    let count = ignored.iter().filter(|ignored| !**ignored).count() as u32;
    if count > 0 {
        cell.objects.push((image, count));
    }
    let overlaps = overlaps(boxes, &objects);
    let start = cell.entries.len();
    cell.entries.extend((0..).zip(boxes).map(|(rank, found)| Entry {
        image,
        rank,
        hit: 0,
        // Boxes of another size that hit nothing are left out.
        out: if size.outside(found.rect.area()) { u16::MAX } else { 0 },
        score: found.score,
    }));
    for fit in 0..FITS {
        let assigned = assign(&overlaps, &ignored, &crowd, linspace(0.5, 0.95, FITS, fit));
        for (entry, object) in cell.entries[start..].iter_mut().zip(assigned) {
            if let Some(object) = object {
                entry.hit |= 1 << fit;
                entry.out = entry.out & !(1 << fit) | u16::from(ignored[object]) << fit;
            }
        }
    }
}

/// Recall with the best `cap` boxes of each image.
fn recall(entries: &[(Entry, u32)], cap: usize, fit: usize, objects: f64) -> f64 {
    let counts = |entry: &Entry| entry.hit & !entry.out & 1 << fit != 0 && usize::from(entry.rank) < cap;
    entries.iter().filter(|(entry, _)| counts(entry)).map(|(_, weight)| f64::from(*weight)).sum::<f64>() / objects
}

/// The best precision at 101 recalls or above.
fn precisions(entries: &[(Entry, u32)], fit: usize, objects: f64) -> [f64; RECALLS] {
    let bit = 1 << fit;
    let (mut hits, mut alarms) = (0.0, 0.0);
    // Precision changes its maximum only at hits.
    let mut steps: Vec<[f64; 2]> = Vec::new();
    for (entry, weight) in entries {
        if entry.out & bit != 0 {
            continue;
        }
        if entry.hit & bit == 0 {
            alarms += f64::from(*weight);
        } else {
            hits += f64::from(*weight);
            steps.push([hits / objects, hits / (alarms + hits + f64::EPSILON)]);
        }
    }
    let mut best = 0.0;
    for step in steps.iter_mut().rev() {
        best = f64::max(best, step[1]);
        step[1] = best;
    }
    let mut found = [0.0; RECALLS];
    let mut at = 0;
    for (point, slot) in found.iter_mut().enumerate() {
        let recall = linspace(0.0, 1.0, RECALLS, point);
        while steps.get(at).is_some_and(|step| step[0] < recall) {
            at += 1;
        }
        match steps.get(at) {
            Some(step) => *slot = step[1],
            None => break,
        }
    }
    found
}
