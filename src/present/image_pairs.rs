//! Images of both models beside their references: the rows on which they differ most.

use super::errors::ErrorHistogram;
use super::overview::{self, Scorecard};
use super::{Sentence, Sheet, format};
use crate::compare::{Detail, ImageOutput, ImagePairRow, ImagePairRows, Selection};
use crate::decision::catalog;

/// What the Image pairs view shows.
#[derive(Clone, Debug, PartialEq)]
pub struct ImagePairsModel {
    /// Why there is nothing to show; everything but the scorecard is then empty.
    pub empty: Option<String>,
    pub finding: Sentence,
    pub scorecard: Scorecard,
    /// `SSIM`.
    pub measure: &'static str,
    /// Rows per bin of the measure, both models.
    pub histogram: ErrorHistogram,
    /// Lists to choose from: where the challenger loses most, where it gains most; of one model one list.
    pub lists: Vec<ImageList>,
}

/// Rows in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ImageList {
    /// `Challenger loses most`.
    pub name: String,
    /// `200 of 3,004 rows`.
    pub count: String,
    pub lines: Vec<ImageLine>,
}

/// A row; numbers as printed.
#[derive(Clone, Debug, PartialEq)]
pub struct ImageLine {
    pub row: u32,
    pub id: String,
    /// File of the reference.
    pub reference: String,
    /// Champion first.
    pub outputs: Vec<OutputLine>,
    /// Challenger minus champion in the measure; of one model its value.
    pub difference: String,
    /// Id and files in lower case, for the filter.
    pub search: String,
    /// The row alone.
    pub selection: Selection,
}

/// An image of a model; numbers as printed.
#[derive(Clone, Debug, PartialEq)]
pub struct OutputLine {
    pub file: String,
    /// Of the measure.
    pub value: String,
    pub ssim: String,
    /// `31.42 dB`, or `equal` for an image that equals its reference.
    pub psnr: String,
    pub mae: String,
}

impl ImageList {
    /// Places of the lines that hold `filter`.
    pub fn matching(&self, filter: &str) -> Vec<usize> {
        let wanted = filter.trim().to_lowercase();
        (0..self.lines.len()).filter(|&at| wanted.is_empty() || self.lines[at].search.contains(&wanted)).collect()
    }
}

impl ImageLine {
    /// Files of the reference and of the outputs, in the order they are drawn.
    pub fn files(&self) -> Vec<String> {
        let outputs = self.outputs.iter().map(|output| output.file.clone());
        [self.reference.clone()].into_iter().chain(outputs).collect()
    }
}

const NO_IMAGES: &str = "No analysed row has a reference image and an image of each model, so there is nothing to \
                         compare. The Validity view tells which files are missing or cannot be used, and why.";

/// The model.
pub fn image_pairs(sheet: &Sheet<'_>) -> ImagePairsModel {
    let comparison = sheet.comparison;
    let (detail, empty) = match &comparison.detail {
        Detail::ImagePairs(found) if !found.edges.is_empty() => (found.clone(), None),
        _ => (ImagePairRows::default(), Some(NO_IMAGES.to_owned())),
    };
    let arms: Vec<Vec<u64>> =
        [detail.histogram.champion.clone(), detail.histogram.challenger.clone()].into_iter().flatten().collect();
    ImagePairsModel {
        finding: finding(&detail, sheet),
        scorecard: overview::scorecard(sheet),
        measure: title(&detail),
        histogram: ErrorHistogram {
            most: arms.iter().flatten().copied().max().unwrap_or(0),
            edges: detail.edges.clone(),
            arms,
        },
        lists: if empty.is_some() {
            Vec::new()
        } else {
            lists(&detail, comparison.plan.challenger.is_some(), comparison.population.analysed)
        },
        empty,
    }
}

/// Title of the measure.
pub(crate) fn title(detail: &ImagePairRows) -> &'static str {
    catalog::title(if detail.measure == "pixel_mse" { "pixel_mse" } else { "ssim" })
}

/// The lists as shown, also in the report.
pub(crate) fn lists(detail: &ImagePairRows, pair: bool, analysed: u64) -> Vec<ImageList> {
    let list = |name: &str, of: &[ImagePairRow]| ImageList {
        name: name.to_owned(),
        count: format!("{} of {} rows", format::count(of.len() as u64), format::count(analysed)),
        lines: of.iter().map(|row| line(row, detail.measure == "pixel_mse")).collect(),
    };
    if pair {
        vec![list("Challenger loses most", &detail.losses), list("Challenger gains most", &detail.gains)]
    } else {
        vec![list("Least like the reference", &detail.losses)]
    }
}

fn line(row: &ImagePairRow, by_mse: bool) -> ImageLine {
    let outputs = || [&row.outputs.champion, &row.outputs.challenger].into_iter().flatten();
    let digits = if by_mse { 1 } else { 4 };
    let value = |output: &ImageOutput| if by_mse { Some(output.mse) } else { output.ssim };
    let print = |value: Option<f64>, digits| {
        value.map_or_else(|| format::UNDEFINED.to_owned(), |value| format::fixed(value, digits))
    };
    let values: Vec<Option<f64>> = outputs().map(value).collect();
    let names: Vec<&str> =
        [row.id.as_str(), &row.reference].into_iter().chain(outputs().map(|output| output.file.as_str())).collect();
    ImageLine {
        row: row.row as u32,
        id: row.id.clone(),
        reference: row.reference.clone(),
        difference: match values.as_slice() {
            [Some(a), Some(b)] => format::signed(b - a, digits),
            [Some(a)] => format::fixed(*a, digits),
            _ => format::UNDEFINED.to_owned(),
        },
        search: names.join("\n").to_lowercase(),
        selection: Selection { row: Some(row.row as u32), ..Selection::default() },
        outputs: outputs()
            .map(|output| OutputLine {
                file: output.file.clone(),
                value: print(value(output), digits),
                ssim: print(output.ssim, 4),
                psnr: output.psnr.map_or_else(|| "equal".to_owned(), |psnr| format!("{} dB", format::fixed(psnr, 2))),
                mae: format::fixed(output.mae, 2),
            })
            .collect(),
    }
}

/// Whose images are nearer to the references, and on how many rows.
fn finding(detail: &ImagePairRows, sheet: &Sheet<'_>) -> Sentence {
    let said = [
        "The data do not tell whose images are nearer to the references",
        "The challenger's images are nearer to the references",
        "The challenger's images are farther from the references",
    ];
    let metric = sheet.comparison.metric(&detail.measure);
    metric.map(|metric| super::won(metric, title(detail), said, detail.better, "rows")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::PerArm;

    fn output(file: &str, ssim: Option<f64>, psnr: Option<f64>) -> ImageOutput {
        ImageOutput { file: file.to_owned(), ssim, psnr, mse: 12.25, mae: 2.5 }
    }

    #[test]
    fn a_line_prints_its_numbers_and_is_found_by_its_files() {
        let outputs = PerArm {
            champion: Some(output("a/7.png", Some(0.91), Some(31.416))),
            challenger: Some(output("b/7.png", Some(0.875), None)),
        };
        let row = ImagePairRow { row: 7, id: "r7".to_owned(), reference: "ref/7.png".to_owned(), outputs };
        let found = line(&row, false);
        assert_eq!(found.difference, "\u{2212}0.0350");
        assert_eq!((found.outputs[0].psnr.as_str(), found.outputs[1].psnr.as_str()), ("31.42 dB", "equal"));
        assert_eq!(found.files(), ["ref/7.png", "a/7.png", "b/7.png"]);
        assert_eq!(line(&row, true).difference, "0.0");
        let list = ImageList { lines: vec![found], ..ImageList::default() };
        assert_eq!((list.matching(" B/7 "), list.matching("r7")), (vec![0], vec![0]));
        assert!(list.matching("none").is_empty());
    }
}
