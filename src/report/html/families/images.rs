//! Boxes in images: on how many images who is better, AP by class, and the images with the largest differences.

use super::super::Doc;
use super::arms;
use crate::compare::{BoxClass, ImageRow, Images, PerArm, Unit};
use crate::decision::DecisionRecord;
use crate::present::format::{Digits, UNDEFINED, count, fixed, signed};
use crate::report::markup::{Cell, details, table};
use crate::report::words;

/// Classes beyond these stand in a part to be opened.
const CLASSES: usize = 30;
/// Images shown from either end.
const SHOWN: usize = 10;

pub(super) fn write(doc: &mut Doc, record: &DecisionRecord, images: &Images) {
    doc.section("Images");
    if images.classes.is_empty() {
        doc.text("No boxes: no analysed image has an object and a box.");
        return;
    }
    doc.text(
        "A row is an image. Boxes are matched to objects of their class as pycocotools does it, best score first.",
    );
    if let Some([better, equal, worse]) = images.better {
        doc.text(&format!(
            "By F1 at IoU 0.50, the challenger is better on {} images, worse on {} and equal on {}.",
            count(better),
            count(worse),
            count(equal)
        ));
    }
    let level = words::level(record.comparison.plan.level);
    let (first, rest) = images.classes.split_at(images.classes.len().min(CLASSES));
    let mut html = classes(record, first, &level);
    if !rest.is_empty() {
        html.push_str(&details("The other classes", &classes(record, rest, &level)));
    }
    doc.block("AP by class", "IoU 0.50 to 0.95; AP50 at 0.50; AR with 100 boxes", &html);
    let names = arms(record);
    let shown = images.images.len().min(SHOWN);
    let mut html = rows(&names, images.images[..shown].iter());
    if names.len() > 1 && images.images.len() > SHOWN {
        let gains = images.images[SHOWN..].iter().rev().take(SHOWN);
        html.push_str(&details("Images on which the challenger gains most", &rows(&names, gains)));
    }
    let qualifier =
        if names.len() > 1 { "F1 at IoU 0.50, challenger − champion" } else { "F1 at IoU 0.50, smallest first" };
    doc.block("Images", qualifier, &html);
}

fn of<T: Clone>(arms: &PerArm<T>, arm: usize) -> Option<T> {
    if arm == 0 { arms.champion.clone() } else { arms.challenger.clone() }
}

fn classes(record: &DecisionRecord, classes: &[BoxClass], level: &str) -> String {
    let names = arms(record);
    let interval = format!("difference in AP, {level}");
    let titles: Vec<(String, usize)> = ["AP", "AP50", "AR"]
        .iter()
        .flat_map(|title| names.iter().enumerate().map(move |(arm, name)| (format!("{title} {name}"), arm)))
        .collect();
    let mut headers = vec![("class", false), ("objects", true)];
    headers.extend(titles.iter().map(|(title, _)| (title.as_str(), true)));
    if names.len() > 1 {
        headers.push((&interval, true));
    }
    let value = |value: Option<f64>| value.map_or_else(|| UNDEFINED.to_owned(), |value| fixed(100.0 * value, 1));
    let rows = classes.iter().map(|class| {
        let mut cells = vec![Cell::Text(class.name.clone()), Cell::Number(count(class.objects))];
        for metric in [&class.ap, &class.ap_50, &class.ar] {
            cells.extend((0..names.len()).map(|arm| Cell::Number(value(of(metric, arm)))));
        }
        if names.len() > 1 {
            let shown = |[value, lo, hi]: [f64; 3]| {
                let digits = Digits::of(Unit::Share, value, Some((lo, hi)));
                format!("{} {}", digits.signed(value), digits.signed_interval(lo, hi))
            };
            cells.push(Cell::StrongNumber(class.difference.map_or_else(|| UNDEFINED.to_owned(), shown)));
        }
        cells
    });
    table("data", &headers, rows)
}

fn rows<'a>(names: &[&str], images: impl Iterator<Item = &'a ImageRow>) -> String {
    let titles: Vec<String> = names.iter().map(|name| format!("{name}: found, false, missed")).collect();
    let mut headers = vec![("image", false), ("objects", true)];
    headers.extend(titles.iter().map(|title| (title.as_str(), true)));
    headers.push((if names.len() > 1 { "Δ F1" } else { "F1" }, true));
    let rows = images.map(|image| {
        let mut cells = vec![Cell::Text(image.id.clone()), Cell::Number(count(image.objects))];
        for arm in 0..names.len() {
            let said = of(&image.counts, arm).map_or_else(String::new, |counts| counts.map(count).join(", "));
            cells.push(Cell::Number(said));
        }
        cells.push(Cell::StrongNumber(match (image.values.champion, image.values.challenger) {
            (Some(a), Some(b)) => signed(b - a, 3),
            (Some(a), None) => fixed(a, 3),
            _ => UNDEFINED.to_owned(),
        }));
        cells
    });
    table("data", &headers, rows)
}
