//! One image: its objects and the boxes of both models, with what became of each.

use crate::compare::PerArm;
use crate::log::{ArmRole, Content, Log, Xywh};
use crate::metrics::vision::matching::{Image, Matched};
use crate::present::format;

/// IoU from which a box hits an object.
const FIT: f64 = 0.5;
const ROLES: [ArmRole; 2] = [ArmRole::Champion, ArmRole::Challenger];

/// An image with everything that is drawn on it.
#[derive(Clone, Debug, PartialEq)]
pub struct PictureModel {
    pub id: String,
    /// Name of its file, as the annotations give it.
    pub file: Option<String>,
    /// Width and height in pixels; without them in the annotations, what the boxes need.
    pub size: [f64; 2],
    /// Whether the annotations give the size.
    pub sized: bool,
    /// Objects, then the boxes of each model, best score first.
    pub lines: Vec<BoxLine>,
}

/// Whose a box is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    Truth,
    Arm(ArmRole),
}

/// What became of a box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// A box that hit an object; an object that every model found.
    Matched,
    /// A box without an object; an object that no model or not every model found.
    Unmatched,
    /// A crowd, and a box in one; they count neither way.
    Ignored,
}

/// A box to draw.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drawn {
    pub owner: Owner,
    pub fate: Fate,
    pub place: Xywh,
}

/// A box and what is said of it.
#[derive(Clone, Debug, PartialEq)]
pub struct BoxLine {
    pub drawn: Drawn,
    pub class: String,
    /// Empty for objects.
    pub score: String,
    /// With the object that was hit; empty where none was.
    pub iou: String,
    /// `hit`, `false alarm`, `missed by both`.
    pub said: &'static str,
}

/// The image of a row; boxes below an arm's score in `cuts` are left out. `None` for a log without images.
pub fn picture(log: &Log, cuts: &PerArm<f64>, row: usize) -> Option<PictureModel> {
    let Content::Boxes(boxes) = &log.content else { return None };
    let known = boxes.pictures.get(row)?;
    let cuts = [cuts.champion, cuts.challenger];
    let images: Vec<Image> = boxes.arms.iter().map(|found| Image::of(&known.objects, &found[row])).collect();
    let matched: Vec<Matched> =
        images.iter().zip(cuts).map(|(image, cut)| image.matched(FIT, cut.unwrap_or(f64::INFINITY))).collect();
    let mut lines: Vec<BoxLine> = Vec::new();
    for (at, object) in known.objects.iter().enumerate() {
        let missed: Vec<bool> = matched.iter().map(|found| found.missed.contains(&at)).collect();
        let (fate, said) = match missed.as_slice() {
            _ if object.crowd => (Fate::Ignored, "crowd, not counted"),
            [false] => (Fate::Matched, "found"),
            [true] => (Fate::Unmatched, "missed"),
            [false, false] => (Fate::Matched, "found by both"),
            [true, false] => (Fate::Unmatched, "missed by champion"),
            [false, true] => (Fate::Unmatched, "missed by challenger"),
            _ => (Fate::Unmatched, "missed by both"),
        };
        lines.push(BoxLine {
            drawn: Drawn { owner: Owner::Truth, fate, place: object.place },
            class: boxes.name(object.class).to_owned(),
            score: String::new(),
            iou: String::new(),
            said,
        });
    }
    for ((role, found), matched) in ROLES.into_iter().zip(&boxes.arms).zip(&matched) {
        let found = &found[row];
        let hits = matched.hits.iter().map(|hit| (hit.0, Fate::Matched, "hit", format::fixed(hit.2, 2)));
        let alarms = matched.false_alarms.iter().map(|&at| (at, Fate::Unmatched, "false alarm", String::new()));
        let ignored = matched.ignored.iter().map(|&at| (at, Fate::Ignored, "in a crowd, not counted", String::new()));
        let mut all: Vec<(usize, Fate, &'static str, String)> = hits.chain(alarms).chain(ignored).collect();
        all.sort_by(|a, b| found[b.0].score.total_cmp(&found[a.0].score).then(a.0.cmp(&b.0)));
        lines.extend(all.into_iter().map(|(at, fate, said, iou)| BoxLine {
            drawn: Drawn { owner: Owner::Arm(role), fate, place: found[at].place },
            class: boxes.name(found[at].class).to_owned(),
            score: format::fixed(found[at].score, 2),
            iou,
            said,
        }));
    }
    let far =
        |from: usize| lines.iter().map(|line| line.drawn.place[from] + line.drawn.place[from + 2]).fold(1.0, f64::max);
    Some(PictureModel {
        id: log.ids.get(row),
        file: known.file.clone(),
        size: known.size.map_or_else(|| [far(0), far(1)], |size| size.map(f64::from)),
        sized: known.size.is_some(),
        lines,
    })
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
