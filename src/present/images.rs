//! Boxes in images: who finds more, by class and over recalls; image by image; one image with the boxes of both models.

mod picture;

pub use picture::{BoxLine, Drawn, Fate, Owner, PictureModel, picture};

use super::overview::{self, Scorecard};
use super::{Sentence, Sheet, format};
use crate::compare::{BoxClass, Detail, ImageRow, Images, PerArm, Selection, Unit};
use crate::decision::catalog;

/// What all of this is looked at by.
const METRIC: &str = "ap";

/// What the Images view shows.
#[derive(Clone, Debug, PartialEq)]
pub struct ImagesModel {
    /// Why there is nothing to show; everything but the scorecard is then empty.
    pub empty: Option<String>,
    pub finding: Sentence,
    pub scorecard: Scorecard,
    /// Whether there are two models.
    pub pair: bool,
    pub classes: Vec<ClassLine>,
    /// (recall, best precision from it on) of each arm at IoU 0.50, the mean over classes.
    pub curves: Vec<Vec<(f64, f64)>>,
    /// AP50 of each arm, as shown.
    pub areas: Vec<String>,
    /// Score from which each arm's boxes count image by image.
    pub cuts: PerArm<f64>,
    /// `from score 0.35 and 0.41`.
    pub cut_words: String,
    /// `400 of 5,000 images`.
    pub count: String,
    /// Where the challenger loses most first; of one model the least F1 first.
    pub lines: Vec<ImageLine>,
}

/// AP of a class; numbers as printed, in per cent.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassLine {
    pub name: String,
    pub objects: String,
    pub arms: Vec<String>,
    /// Challenger minus champion, and its interval.
    pub difference: Option<(String, String)>,
}

/// An image of the list; numbers as printed.
#[derive(Clone, Debug, PartialEq)]
pub struct ImageLine {
    pub row: u32,
    pub id: String,
    pub objects: String,
    /// `3 found, 1 false, 2 missed` of each arm, as three numbers.
    pub counts: Vec<[String; 3]>,
    pub values: Vec<String>,
    /// Challenger minus champion in F1; of one model its F1.
    pub difference: String,
    /// Id in lower case, for the filter.
    pub search: String,
    /// The row alone.
    pub selection: Selection,
}

impl ImagesModel {
    /// Places of the lines whose id holds `filter`.
    pub fn matching(&self, filter: &str) -> Vec<usize> {
        let wanted = filter.trim().to_lowercase();
        (0..self.lines.len()).filter(|&at| wanted.is_empty() || self.lines[at].search.contains(&wanted)).collect()
    }
}

const NO_BOXES: &str = "No analysed image has both an object and a box, so there is nothing to compare. Open COCO \
                        annotations of the images beside the results.";

/// The model.
pub fn images(sheet: &Sheet<'_>) -> ImagesModel {
    let comparison = sheet.comparison;
    let (detail, empty) = match &comparison.detail {
        Detail::Images(images) if !images.classes.is_empty() => (images.clone(), None),
        _ => (Images::default(), Some(NO_BOXES.to_owned())),
    };
    let arms = if comparison.plan.challenger.is_some() { 2 } else { 1 };
    let points = |values: &Vec<f64>| {
        let last = values.len().saturating_sub(1).max(1) as f64;
        values.iter().enumerate().map(|(at, value)| (at as f64 / last, *value)).collect()
    };
    let area = |arm: usize| {
        let metric = comparison.metric("ap_50")?;
        let found = if arm == 0 { &metric.arms.champion } else { &metric.arms.challenger };
        found.as_ref().map(|found| format::share(found.value, 1))
    };
    let cuts: Vec<String> =
        [detail.cuts.champion, detail.cuts.challenger].into_iter().flatten().map(|cut| format::fixed(cut, 3)).collect();
    ImagesModel {
        finding: finding(&detail, sheet),
        scorecard: overview::scorecard(sheet),
        pair: arms == 2,
        classes: detail.classes.iter().map(|class| class_line(class, arms)).collect(),
        curves: [&detail.precision.champion, &detail.precision.challenger].into_iter().flatten().map(points).collect(),
        areas: (0..arms).map(|arm| area(arm).unwrap_or_else(|| format::UNDEFINED.to_owned())).collect(),
        cut_words: format!("IoU 0.50, boxes from score {}", cuts.join(" and ")),
        count: format!(
            "{} of {} images",
            format::count(detail.images.len() as u64),
            format::count(comparison.population.analysed)
        ),
        lines: detail.images.iter().map(line).collect(),
        cuts: detail.cuts,
        empty,
    }
}

fn both<T: Clone>(arms: &PerArm<T>) -> impl Iterator<Item = T> {
    [arms.champion.clone(), arms.challenger.clone()].into_iter().flatten()
}

fn class_line(class: &BoxClass, arms: usize) -> ClassLine {
    let value = |value: Option<f64>| {
        value.map_or_else(|| format::UNDEFINED.to_owned(), |value| format::fixed(100.0 * value, 1))
    };
    let values = [class.ap.champion, class.ap.challenger];
    let difference = |[value, lo, hi]: [f64; 3]| {
        let digits = format::Digits::of(Unit::Share, value, Some((lo, hi)));
        (digits.signed(value), digits.signed_interval(lo, hi))
    };
    ClassLine {
        name: class.name.clone(),
        objects: format::count(class.objects),
        arms: values.into_iter().take(arms).map(value).collect(),
        difference: class.difference.map(difference),
    }
}

fn line(image: &ImageRow) -> ImageLine {
    ImageLine {
        row: image.row as u32,
        id: image.id.clone(),
        objects: format::count(image.objects),
        counts: both(&image.counts).map(|counts| counts.map(format::count)).collect(),
        values: both(&image.values).map(|value| format::fixed(value, 2)).collect(),
        difference: match (image.values.champion, image.values.challenger) {
            (Some(a), Some(b)) if a == b => "0".to_owned(),
            (Some(a), Some(b)) => format::signed(b - a, 2),
            (Some(a), None) => format::fixed(a, 2),
            _ => format::UNDEFINED.to_owned(),
        },
        search: image.id.to_lowercase(),
        selection: Selection { row: Some(image.row as u32), ..Selection::default() },
    }
}

/// Who finds more, and on how many images.
fn finding(detail: &Images, sheet: &Sheet<'_>) -> Sentence {
    let said = [
        "The data do not tell who finds objects better",
        "The challenger finds objects better",
        "The challenger finds objects worse",
    ];
    let metric = sheet.comparison.metric(METRIC);
    metric.map(|metric| super::won(metric, catalog::title(METRIC), said, detail.better, "images")).unwrap_or_default()
}
