//! Images held against references: the distribution of the measure, and the rows that stand out.

use super::super::Doc;
use super::{Histogram, arms};
use crate::compare::ImagePairRows;
use crate::decision::DecisionRecord;
use crate::present::format::count;
use crate::present::image_pairs::{self, ImageList};
use crate::report::markup::{Cell, details, table};

/// Rows printed of each list; the record holds more.
const SHOWN: usize = 20;

pub(super) fn write(doc: &mut Doc, record: &DecisionRecord, found: &ImagePairRows) {
    doc.section("Image pairs");
    if let Some(images) = &record.evidence.images {
        doc.text(&format!(
            "{} image files were read from beside the log; their common digest is sha256 {}.",
            count(images.files),
            images.sha256
        ));
    }
    if found.edges.is_empty() {
        doc.text("No images: no analysed row has a reference image and an image of each model.");
        return;
    }
    let measure = image_pairs::title(found);
    if let Some([better, equal, worse]) = found.better {
        doc.text(&format!(
            "By {measure}, the challenger's image is nearer to its reference on {} rows, farther on {} and as near on {}.",
            count(better),
            count(worse),
            count(equal)
        ));
    }
    let names = arms(record);
    let drawn = Histogram { key: "images", title: measure, axis: measure, what: "likeness" };
    let html = drawn.of(&names, &found.edges, &found.histogram);
    doc.item(&format!("<div class=\"figures\">{html}</div>"));
    for list in image_pairs::lists(found, names.len() > 1, record.comparison.population.analysed) {
        if !list.lines.is_empty() {
            let shown = list.lines.len().min(SHOWN);
            let qualifier = format!("{shown} of {} rows", count(record.comparison.population.analysed));
            doc.block(&list.name, &qualifier, &details("These rows", &rows(&names, measure, &list)));
        }
    }
}

fn rows(names: &[&str], measure: &str, list: &ImageList) -> String {
    let titles: Vec<[String; 3]> = names
        .iter()
        .map(|name| [format!("image of {name}"), format!("{name}, SSIM"), format!("{name}, PSNR")])
        .collect();
    let by = if names.len() > 1 { format!("Δ {measure}") } else { measure.to_owned() };
    let mut headers = vec![("row", false), ("reference", false)];
    for [file, ssim, psnr] in &titles {
        headers.extend([(file.as_str(), false), (ssim.as_str(), true), (psnr.as_str(), true)]);
    }
    headers.push((&by, true));
    let rows = list.lines.iter().take(SHOWN).map(|line| {
        let mut cells = vec![Cell::Text(line.id.clone()), Cell::Text(line.reference.clone())];
        for output in &line.outputs {
            cells.push(Cell::Text(output.file.clone()));
            cells.extend([&output.ssim, &output.psnr].map(|value| Cell::Number(value.clone())));
        }
        cells.push(Cell::StrongNumber(line.difference.clone()));
        cells
    });
    table("data", &headers, rows)
}
