//! Detections: boxes of each model in an image, and the objects that are in it.

use std::sync::OnceLock;

use rayon::prelude::*;

use super::{Draws, Family};
use crate::compare::detail::{BoxClass, Detail, ImageRow, Images};
use crate::compare::engine::CompareError;
use crate::compare::engine::sample::Units;
use crate::compare::engine::words::counted;
use crate::compare::plan::Plan;
use crate::compare::result::PerArm;
use crate::job::{Cancelled, JobCx};
use crate::log::{Boxes, Content, Log, NO_LABEL};
use crate::metrics::measured::{Measured, Outcome};
use crate::metrics::registry::Metric;
use crate::metrics::vision as kernels;
use crate::metrics::vision::coco::{Evaluation, Summary};
use crate::metrics::vision::matching::{Image, Rate, mean_iou, rate};
use crate::stats::bootstrap::{self, MIN_UNITS, Replicate};

/// Images listed from either end.
const LISTED: usize = 200;
/// IoU from which a box hits an object, image by image.
const FIT: f64 = 0.5;

pub(super) struct Detection<'a> {
    log: &'a Log,
    boxes: &'a Boxes,
    /// By arm, then row of the log.
    images: Vec<Vec<Image>>,
    outcomes: Vec<Vec<Of>>,
    /// Score from which a box counts image by image; `None` for an arm without a box.
    cuts: Vec<Option<f64>>,
    /// Place of each row in the order of image ids, by which pycocotools settles equal scores.
    order: Vec<u32>,
    /// The first rows that were resampled, all of them, and their draws: classes are shown from the same.
    kept: OnceLock<(Vec<u32>, Vec<Draw>)>,
}

/// A draw of a bootstrap: values of the summaries and APs of the classes, by arm.
type Draw = Vec<Option<(Vec<Option<f64>>, Vec<(u32, f64)>)>>;

/// An image of an arm at [`FIT`].
#[derive(Clone, Debug, Default)]
struct Of {
    /// Scores of boxes and whether each hit; those in a crowd are left out.
    boxes: Vec<(f64, bool)>,
    objects: u64,
    /// Number of all boxes, and the sum of how well they fit.
    overlap: [f64; 2],
}

impl Of {
    fn new(image: &Image) -> Self {
        let found = image.matched(FIT, f64::NEG_INFINITY);
        let score = |at: usize| image.detections[at].score;
        let hits = found.hits.iter().map(|hit| (score(hit.0), true));
        Self {
            boxes: hits.chain(found.false_alarms.iter().map(|&at| (score(at), false))).collect(),
            objects: (found.hits.len() + found.missed.len()) as u64,
            overlap: [image.detections.len() as f64, image.best_overlaps().iter().sum()],
        }
    }

    /// Hits, false alarms, missed objects of the boxes from a score on.
    fn counts(&self, cut: Option<f64>) -> [u64; 3] {
        let of = |hit: bool| {
            self.boxes.iter().filter(|found| found.1 == hit && cut.is_some_and(|cut| found.0 >= cut)).count() as u64
        };
        let hits = of(true);
        [hits, of(false), self.objects - hits]
    }
}

/// F1 of an image; 1 where there is nothing to find and nothing was found.
fn f1([hits, alarms, missed]: [u64; 3]) -> f64 {
    let whole = 2 * hits + alarms + missed;
    if whole == 0 { 1.0 } else { 2.0 * hits as f64 / whole as f64 }
}

/// The score from which F1 over all images is greatest, the highest such.
fn best_cut<'a>(images: impl Iterator<Item = &'a Of> + Clone) -> Option<f64> {
    let objects: u64 = images.clone().map(|image| image.objects).sum();
    let mut boxes: Vec<(f64, bool)> = images.flat_map(|image| image.boxes.iter().copied()).collect();
    boxes.par_sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
    let (mut hits, mut seen) = (0u64, 0u64);
    let mut best: Option<(f64, f64)> = None;
    for equal in boxes.chunk_by(|a, b| a.0 == b.0) {
        hits += equal.iter().filter(|found| found.1).count() as u64;
        seen += equal.len() as u64;
        let f1 = 2.0 * hits as f64 / (seen + objects) as f64;
        if best.is_none_or(|best| f1 > best.0) {
            best = Some((f1, equal[0].0));
        }
    }
    best.map(|best| best.1)
}

/// Places of the rows when their ids are in order: as numbers where all are, else as text.
fn places(log: &Log) -> Vec<u32> {
    let ids: Vec<String> = (0..log.rows).map(|row| log.ids.get(row)).collect();
    let numbers: Option<Vec<i64>> = ids.iter().map(|id| id.parse().ok()).collect();
    let mut rows: Vec<u32> = (0..log.rows as u32).collect();
    match &numbers {
        Some(numbers) => rows.sort_by_key(|&row| numbers[row as usize]),
        None => rows.sort_by(|&a, &b| ids[a as usize].cmp(&ids[b as usize])),
    }
    let mut places = vec![0; log.rows];
    (0..).zip(rows).for_each(|(place, row)| places[row as usize] = place);
    places
}

impl<'a> Detection<'a> {
    pub fn new(log: &'a Log, cx: &JobCx) -> Result<Self, CompareError> {
        let Content::Boxes(boxes) = &log.content else {
            return Err(CompareError::Plan("the log holds no boxes of images".to_owned()));
        };
        cx.stage("Matching boxes", 0);
        let of_arm = |found: &Vec<Vec<_>>| -> Result<Vec<Image>, Cancelled> {
            cx.check()?;
            Ok(boxes
                .pictures
                .par_iter()
                .zip(found)
                .map(|(picture, found)| Image::of(&picture.objects, found))
                .collect())
        };
        let images: Vec<Vec<Image>> = boxes.arms.iter().take(2).map(of_arm).collect::<Result<_, _>>()?;
        let outcomes: Vec<Vec<Of>> = images.iter().map(|images| images.par_iter().map(Of::new).collect()).collect();
        let known = |row: &usize| log.labels[*row] != NO_LABEL;
        let cut = |of: &Vec<Of>| best_cut((0..log.rows).filter(known).map(|row| &of[row]));
        let cuts = outcomes.iter().map(cut).collect();
        Ok(Self { log, boxes, images, outcomes, cuts, order: places(log), kept: OnceLock::new() })
    }

    fn arms(&self) -> usize {
        self.images.len()
    }

    /// Rows in the order of their ids.
    fn ordered(&self, rows: &[u32]) -> Vec<u32> {
        let mut ordered = rows.to_vec();
        ordered.sort_unstable_by_key(|&row| self.order[row as usize]);
        ordered
    }

    /// Matches of an arm in rows that are in order.
    fn evaluation(&self, arm: usize, ordered: &[u32]) -> Result<Evaluation, String> {
        let images: Vec<&Image> = ordered.iter().map(|&row| &self.images[arm][row as usize]).collect();
        Evaluation::new(&images)
    }

    fn counts(&self, arm: usize, row: u32) -> [u64; 3] {
        self.outcomes[arm][row as usize].counts(self.cuts[arm])
    }

    /// All draws of a bootstrap by units; none where there are too few of them.
    fn resampled(
        &self,
        rows: &[u32],
        units: Option<&Units>,
        plan: &Plan,
        cx: &JobCx,
    ) -> Result<Vec<Draw>, CompareError> {
        let independent = units.map_or(rows.len(), |units| units.count);
        if (independent as u64) < MIN_UNITS {
            return Ok(Vec::new());
        }
        cx.stage("Resampling images", u64::from(plan.replicates));
        // A unit is drawn by its number, an image by its row, in all slices alike.
        let mut drawn: Vec<(u32, u64)> = match units {
            Some(units) => rows.iter().copied().zip(units.codes.iter().map(|&code| u64::from(code))).collect(),
            None => rows.iter().map(|&row| (row, u64::from(row))).collect(),
        };
        drawn.sort_unstable_by_key(|(row, _)| self.order[*row as usize]);
        let ordered: Vec<u32> = drawn.iter().map(|(row, _)| *row).collect();
        let runs: Vec<Option<Evaluation>> = (0..self.arms()).map(|arm| self.evaluation(arm, &ordered).ok()).collect();
        let list: Vec<Summary> = summaries().collect();
        let draw = |number: u64| {
            cx.check()?;
            let replicate = Replicate::new(plan.seed, number);
            let weights: Vec<u32> = drawn.iter().map(|(_, unit)| replicate.weight(*unit)).collect();
            let of = |run: &Evaluation| run.draw(&list, |image| weights[image as usize]);
            let found = runs.iter().map(|run| run.as_ref().map(of)).collect();
            cx.advance(1);
            Ok(found)
        };
        (0..u64::from(plan.replicates)).into_par_iter().map(draw).collect()
    }

    fn classes(&self, rows: &[u32], units: Option<&Units>, level: f64) -> Vec<BoxClass> {
        let ordered = self.ordered(rows);
        let runs: Vec<Option<Evaluation>> = (0..self.arms()).map(|arm| self.evaluation(arm, &ordered).ok()).collect();
        let Some(objects) = runs.iter().flatten().next().map(Evaluation::objects) else { return Vec::new() };
        let by_class = |name: &str| -> Vec<Vec<(u32, f64)>> {
            let summary = Summary::named(name);
            let of = |run: &Option<Evaluation>| match (run, summary) {
                (Some(run), Some(summary)) => run.by_class(summary),
                _ => Vec::new(),
            };
            runs.iter().map(of).collect()
        };
        let value = |values: &[(u32, f64)], class: u32| {
            values.binary_search_by_key(&class, |of| of.0).ok().map(|at| values[at].1)
        };
        let [ap, ap_50, ar] = ["ap", "ap_50", "ar_100"].map(by_class);
        let arms = |values: &[Vec<(u32, f64)>], class: u32| PerArm {
            champion: values.first().and_then(|values| value(values, class)),
            challenger: values.get(1).and_then(|values| value(values, class)),
        };
        let kept = self.kept.get().filter(|kept| kept.0 == rows && self.arms() == 2);
        let draws = kept.map(|kept| kept.1.as_slice()).unwrap_or_default();
        let independent = units.map_or(rows.len(), |units| units.count) as u64;
        let difference = |class: u32, ap: &PerArm<f64>| {
            let gains: Vec<Option<f64>> = draws
                .iter()
                .map(|draw| {
                    let of = |arm: usize| value(&draw.get(arm)?.as_ref()?.1, class);
                    Some(of(1)? - of(0)?)
                })
                .collect();
            let value = ap.challenger? - ap.champion?;
            let found = bootstrap::around(&gains, value, independent, level).ok()?.interval;
            Some([value, found.lo.max(-1.0), found.hi.min(1.0)])
        };
        let of_class = |(class, objects): &(u32, u64)| {
            let of_ap = arms(&ap, *class);
            BoxClass {
                name: self.boxes.name(*class).to_owned(),
                objects: *objects,
                difference: difference(*class, &of_ap),
                ap: of_ap,
                ap_50: arms(&ap_50, *class),
                ar: arms(&ar, *class),
            }
        };
        objects.par_iter().filter(|(_, objects)| *objects > 0).map(of_class).collect()
    }

    fn listed(&self, rows: &[u32]) -> (Option<[u64; 3]>, Vec<ImageRow>) {
        let value = |arm: usize, row: u32| f1(self.counts(arm, row));
        let pair = self.arms() == 2;
        let gain = |row: u32| if pair { value(1, row) - value(0, row) } else { value(0, row) };
        let mut order: Vec<(f64, u32)> = self.ordered(rows).par_iter().map(|&row| (gain(row), row)).collect();
        order.sort_by(|a, b| a.0.total_cmp(&b.0));
        let better = pair.then(|| {
            order.iter().fold([0; 3], |mut counts, (gain, _)| {
                counts[if *gain > 0.0 { 0 } else { 1 + usize::from(*gain < 0.0) }] += 1;
                counts
            })
        });
        if order.len() > 2 * LISTED {
            let tail = order.split_off(order.len() - LISTED);
            order.truncate(LISTED);
            order.extend(tail);
        }
        let row = |&(_, row): &(f64, u32)| ImageRow {
            row: u64::from(row),
            id: self.log.ids.get(row as usize),
            objects: self.outcomes[0][row as usize].objects,
            counts: per_arm((0..self.arms()).map(|arm| self.counts(arm, row))),
            values: per_arm((0..self.arms()).map(|arm| value(arm, row))),
        };
        (better, order.iter().map(row).collect())
    }
}

fn per_arm<T>(mut arms: impl Iterator<Item = T>) -> PerArm<T> {
    PerArm { champion: arms.next(), challenger: arms.next() }
}

/// COCO's numbers, which stand before all others.
fn summaries() -> impl Iterator<Item = Summary> {
    kernels::METRICS.iter().map_while(|metric| Summary::named(metric.name))
}

impl Family for Detection<'_> {
    fn metrics(&self) -> Vec<&'static Metric> {
        kernels::METRICS.iter().collect()
    }

    fn measure(&self, arm: usize, rows: &[u32]) -> Vec<Outcome> {
        let run = self.evaluation(arm, &self.ordered(rows));
        let counts: Vec<[u64; 3]> = rows.iter().map(|&row| self.counts(arm, row)).collect();
        let one = |metric: &Metric| match (Summary::named(metric.name), metric.name) {
            (Some(summary), _) => {
                let value = run.as_ref().map_err(Clone::clone)?.value(summary)?;
                Measured::bare(value, "a bootstrap gives its interval")
            }
            (None, "box_precision") => rate(&counts, Rate::Precision),
            (None, "box_recall") => rate(&counts, Rate::Recall),
            (None, "box_f1") => rate(&counts, Rate::F1),
            (None, "mean_iou") => {
                let overlap = |&row: &u32| self.outcomes[arm][row as usize].overlap;
                mean_iou(&rows.iter().map(overlap).collect::<Vec<_>>())
            }
            _ => Err("not computed for this task".to_owned()),
        };
        kernels::METRICS.par_iter().map(one).collect()
    }

    fn draws(&self, rows: &[u32], units: Option<&Units>, plan: &Plan, cx: &JobCx) -> Result<Vec<Draws>, CompareError> {
        let draws = self.resampled(rows, units, plan, cx)?;
        let of = |metric: usize, arm: usize| {
            draws.iter().map(|draw| draw.get(arm)?.as_ref().and_then(|values| values.0[metric])).collect()
        };
        let found = (0..summaries().count()).map(|metric| [0, 1].map(|arm| of(metric, arm))).collect();
        // Slices follow the whole; what they draw is of no further use.
        self.kept.get_or_init(|| (rows.to_vec(), draws));
        Ok(found)
    }

    fn detail(&self, rows: &[u32], units: Option<&Units>, plan: &Plan, cx: &JobCx) -> Result<Detail, CompareError> {
        cx.stage("Boxes by class", 0);
        let ordered = self.ordered(rows);
        let (better, images) = self.listed(rows);
        let curve = |arm: usize| self.evaluation(arm, &ordered).ok().map(|run| run.curve());
        let cut = |arm: usize| self.cuts.get(arm).copied().flatten();
        Ok(Detail::Images(Images {
            cuts: PerArm { champion: cut(0), challenger: cut(1) },
            classes: self.classes(rows, units, plan.level),
            precision: PerArm { champion: curve(0), challenger: if self.arms() == 2 { curve(1) } else { None } },
            better,
            images,
        }))
    }

    fn notes(&self, rows: &[u32]) -> Vec<String> {
        let mut notes = Vec::new();
        for (arm, cut) in self.log.arms.iter().zip(&self.cuts) {
            if let Some(cut) = cut {
                notes.push(format!(
                    "Precision, recall and F1 of {} count its boxes from score {cut}, at which its F1 is greatest; AP and AR count all.",
                    arm.name
                ));
            }
        }
        let mut has = vec![false; self.boxes.classes.len()];
        let (mut crowds, mut empty) = (0, 0);
        for &row in rows {
            let objects = &self.boxes.pictures[row as usize].objects;
            empty += u64::from(objects.is_empty());
            for object in objects {
                crowds += u64::from(object.crowd);
                has[object.class as usize] |= !object.crowd;
            }
        }
        if crowds > 0 {
            notes.push(format!(
                "{} of many objects: any number of boxes may lie in them, and none counts.",
                counted(crowds, "region is a crowd", "regions are crowds")
            ));
        }
        if empty > 0 {
            let what = counted(empty, "image has no object", "images have no object");
            notes.push(format!("{what}: every box there is a false alarm."));
        }
        for (arm, found) in self.log.arms.iter().zip(&self.boxes.arms) {
            let boxes = rows.iter().flat_map(|&row| &found[row as usize]);
            let strange = boxes.filter(|found| !has[found.class as usize]).count() as u64;
            if strange > 0 {
                notes.push(format!(
                    "{} of {} belong to classes of which no analysed image has an object; as in pycocotools, AP and AR leave such classes out.",
                    counted(strange, "box", "boxes"),
                    arm.name
                ));
            }
        }
        notes
    }
}
