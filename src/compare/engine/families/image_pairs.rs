//! Images of each model, held against a reference image.

use rayon::prelude::*;

use super::Family;
use crate::compare::detail::{Detail, ImageOutput, ImagePairRow, ImagePairRows};
use crate::compare::engine::CompareError;
use crate::compare::engine::sample::Units;
use crate::compare::engine::words::counted;
use crate::compare::plan::Plan;
use crate::compare::result::PerArm;
use crate::job::JobCx;
use crate::log::{Content, ImagePairs, Likeness, Log};
use crate::metrics::histogram::Bins;
use crate::metrics::measured::Outcome;
use crate::metrics::registry::Metric;
use crate::metrics::vision::pairs as kernels;

/// Rows listed on which the challenger loses most, and as many on which it gains most.
const LISTED: usize = 200;
/// Bins of the measure.
const BINS: usize = 40;

pub(super) struct ImageFamily<'a> {
    log: &'a Log,
    pairs: &'a ImagePairs,
}

impl<'a> ImageFamily<'a> {
    pub fn new(log: &'a Log) -> Result<Self, CompareError> {
        match &log.content {
            Content::ImagePairs(pairs) if pairs.measured.len() == pairs.outputs.len() => Ok(Self { log, pairs }),
            Content::ImagePairs(_) => Err(CompareError::Plan("the images of the log have not been read".to_owned())),
            _ => Err(CompareError::Plan("the log holds no images".to_owned())),
        }
    }

    fn arms(&self) -> usize {
        self.pairs.measured.len().min(2)
    }

    fn likeness(&self, arm: usize, row: u32) -> &Likeness {
        &self.pairs.measured[arm][row as usize]
    }

    fn row(&self, row: u32) -> ImagePairRow {
        let [reference, outputs @ ..] = self.pairs.row(row as usize);
        let output = |arm: usize| {
            let found = *self.likeness(arm, row);
            ImageOutput {
                file: outputs[arm].unwrap_or_default().to_owned(),
                ssim: (!found.ssim.is_nan()).then_some(found.ssim),
                psnr: kernels::psnr(&found),
                mse: found.mse,
                mae: found.mae,
            }
        };
        let mut outputs = (0..self.arms()).map(output);
        ImagePairRow {
            row: u64::from(row),
            id: self.log.ids.get(row as usize),
            reference: reference.unwrap_or_default().to_owned(),
            outputs: PerArm { champion: outputs.next(), challenger: outputs.next() },
        }
    }

    fn rows(&self, rows: &[u32]) -> ImagePairRows {
        let arms = self.arms();
        let by_ssim = (0..arms).all(|arm| rows.iter().all(|&row| !self.likeness(arm, row).ssim.is_nan()));
        // Oriented so that more is better.
        let value = |arm: usize, row: u32| {
            let found = self.likeness(arm, row);
            if by_ssim { found.ssim } else { -found.mse }
        };
        let gain = |&row: &u32| if arms == 2 { value(1, row) - value(0, row) } else { value(0, row) };
        let mut order: Vec<(f64, u32)> = rows.par_iter().map(|row| (gain(row), *row)).collect();
        order.par_sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let pair = arms == 2;
        let list = |of: &mut dyn Iterator<Item = &(f64, u32)>| of.take(LISTED).map(|(_, row)| self.row(*row)).collect();
        let shown = |arm: usize| -> Vec<f64> { rows.iter().map(|&row| value(arm, row).abs()).collect() };
        let columns: Vec<Vec<f64>> = (0..arms).map(shown).collect();
        let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let bins = Bins::covering(&slices, BINS);
        let count = |column: &Vec<f64>| {
            let mut counts = vec![0; bins.count];
            column.iter().for_each(|value| counts[bins.bin(*value)] += 1);
            counts
        };
        let mut counts = columns.iter().map(count);
        ImagePairRows {
            measure: if by_ssim { "ssim" } else { "pixel_mse" }.to_owned(),
            better: pair.then(|| {
                order.iter().fold([0; 3], |mut counts, (gain, _)| {
                    counts[if *gain > 0.0 { 0 } else { 1 + usize::from(*gain < 0.0) }] += 1;
                    counts
                })
            }),
            edges: if rows.is_empty() { Vec::new() } else { bins.edges() },
            histogram: PerArm { champion: counts.next(), challenger: counts.next() },
            losses: list(&mut order.iter().filter(|(gain, _)| !pair || *gain < 0.0)),
            gains: list(&mut order.iter().rev().filter(|(gain, _)| pair && *gain > 0.0)),
        }
    }
}

impl Family for ImageFamily<'_> {
    fn metrics(&self) -> Vec<&'static Metric> {
        kernels::METRICS.iter().collect()
    }

    fn measure(&self, arm: usize, rows: &[u32]) -> Vec<Outcome> {
        let images: Vec<Likeness> = rows.iter().map(|&row| *self.likeness(arm, row)).collect();
        kernels::METRICS.iter().map(|metric| kernels::measure(metric.name, &images)).collect()
    }

    fn detail(&self, rows: &[u32], _: Option<&Units>, _: &Plan, cx: &JobCx) -> Result<Detail, CompareError> {
        cx.stage("Images", 0);
        cx.check()?;
        Ok(Detail::ImagePairs(self.rows(rows)))
    }

    fn notes(&self, rows: &[u32]) -> Vec<String> {
        let mut notes = vec![
            "Images are compared as they are stored: no scaling, no colour conversion, 16 bits brought to the scale of 8; channels count alike."
                .to_owned(),
        ];
        for (index, arm) in self.log.arms.iter().enumerate().take(self.arms()) {
            let equal = rows.iter().filter(|&&row| self.likeness(index, row).mse == 0.0).count() as u64;
            if equal > 0 {
                let what = counted(equal, "image equals its reference", "images equal their references");
                notes.push(format!("{}: {what}, pixel by pixel.", arm.name));
            }
        }
        notes
    }
}
