//! Texts: an answer per row, held against a reference.

use rayon::prelude::*;

use super::Family;
use crate::compare::detail::{Detail, TextRow, Texts};
use crate::compare::engine::CompareError;
use crate::compare::engine::sample::Units;
use crate::compare::plan::Plan;
use crate::compare::result::PerArm;
use crate::job::{Cancelled, JobCx};
use crate::log::{Coded, Content, Log, NO_CODE};
use crate::metrics::measured::Outcome;
use crate::metrics::registry::Metric;
use crate::metrics::text::{self as kernels, Segments, likelihood, preference};

/// Rows listed on which the challenger loses most, and as many on which it gains most.
const LISTED: usize = 200;
/// Characters of a text that are kept in the record.
const MOST_CHARACTERS: usize = 2_000;
/// What rows are ordered by.
const PER_ROW: &str = "sentence_chrf";
/// Rows between two looks at whether the job was cancelled.
const STRIDE: usize = 1 << 6;

pub(super) struct TextFamily<'a> {
    log: &'a Log,
    coded: &'a Coded,
    /// One per row of the log; rows without an answer or a reference hold empty texts and are never asked for.
    arms: Vec<Segments>,
}

impl<'a> TextFamily<'a> {
    pub fn new(log: &'a Log, cx: &JobCx) -> Result<Self, CompareError> {
        let Content::Coded(coded) = &log.content else {
            return Err(CompareError::Plan("the log holds no texts".to_owned()));
        };
        cx.stage("Comparing texts", (coded.truth.len() * coded.answers.len()) as u64);
        let arms =
            coded.answers.iter().take(2).map(|answers| segments(coded, answers, cx)).collect::<Result<_, _>>()?;
        Ok(Self { log, coded, arms })
    }

    fn has_references(&self) -> bool {
        self.coded.truth.iter().any(|code| *code != NO_CODE)
    }

    /// A metric that needs more than the texts.
    fn beside(&self, name: &str, arm: usize, rows: &[u32]) -> Outcome {
        if name == "win_rate" {
            let found = self.coded.preferences.as_deref().unwrap_or_default();
            let of_rows: Vec<f64> = rows.iter().map(|&row| found[row as usize]).collect();
            return preference::win_share(&of_rows, arm == 0);
        }
        let Some(found) = self.coded.likelihoods.get(arm).and_then(Option::as_ref) else {
            return Err("no log-probabilities of tokens are logged".to_owned());
        };
        // A row without any weighs nothing.
        let of_row = |&row: &u32| if found[row as usize][0].is_nan() { [0.0; 2] } else { found[row as usize] };
        likelihood::perplexity(&rows.iter().map(of_row).collect::<Vec<_>>())
    }

    /// Value of the rows' measure.
    fn value(&self, arm: usize, row: u32) -> f64 {
        self.arms[arm].value(PER_ROW, row as usize).unwrap_or_default()
    }

    fn text(&self, code: u32) -> String {
        let text = self.coded.name(code).unwrap_or_default();
        match text.char_indices().nth(MOST_CHARACTERS) {
            Some((end, _)) => format!("{}…", &text[..end]),
            None => text.to_owned(),
        }
    }

    fn row(&self, row: u32) -> TextRow {
        let place = row as usize;
        let mut answers = self.coded.answers.iter().take(self.arms.len()).map(|answers| self.text(answers[place]));
        let mut values = (0..self.arms.len()).map(|arm| self.value(arm, row));
        let mut references = self.coded.truths(place).iter().map(|code| self.text(*code));
        TextRow {
            row: u64::from(row),
            id: self.log.ids.get(place),
            reference: references.next().unwrap_or_default(),
            others: references.collect(),
            answers: PerArm { champion: answers.next(), challenger: answers.next() },
            values: PerArm { champion: values.next(), challenger: values.next() },
        }
    }

    fn texts(&self, rows: &[u32]) -> Texts {
        let gain = |&row: &u32| match self.arms.len() {
            2 => self.value(1, row) - self.value(0, row),
            _ => self.value(0, row),
        };
        let mut order: Vec<(f64, u32)> = rows.par_iter().map(|row| (gain(row), *row)).collect();
        order.par_sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let list = |of: &mut dyn Iterator<Item = &(f64, u32)>| of.take(LISTED).map(|(_, row)| self.row(*row)).collect();
        let pair = self.arms.len() == 2;
        Texts {
            measure: PER_ROW.to_owned(),
            better: pair.then(|| {
                order.iter().fold([0; 3], |mut counts, (gain, _)| {
                    counts[if *gain > 0.0 { 0 } else { 1 + usize::from(*gain < 0.0) }] += 1;
                    counts
                })
            }),
            losses: list(&mut order.iter().filter(|(gain, _)| !pair || *gain < 0.0)),
            gains: list(&mut order.iter().rev().filter(|(gain, _)| pair && *gain > 0.0)),
        }
    }
}

fn segments(coded: &Coded, answers: &[u32], cx: &JobCx) -> Result<Segments, Cancelled> {
    let text = |code: &u32| coded.name(*code).unwrap_or_default();
    let mut all = Segments::default();
    for start in (0..answers.len()).step_by(STRIDE) {
        cx.check()?;
        let rows = start..(start + STRIDE).min(answers.len());
        cx.advance(rows.len() as u64);
        all.extend(rows, |row| (text(&answers[row]), coded.truths(row).iter().map(text)));
    }
    Ok(all)
}

impl Family for TextFamily<'_> {
    fn metrics(&self) -> Vec<&'static Metric> {
        let likely = self.coded.likelihoods.iter().any(Option::is_some).then_some(&likelihood::METRICS);
        let judged = self.coded.preferences.is_some() && self.arms.len() == 2;
        let judged = judged.then_some(&preference::METRICS);
        kernels::METRICS.iter().chain(likely.into_iter().flatten()).chain(judged.into_iter().flatten()).collect()
    }

    fn measure(&self, arm: usize, rows: &[u32]) -> Vec<Outcome> {
        let references = self.has_references();
        let one = |metric: &&'static Metric| match kernels::METRICS.iter().any(|known| known.name == metric.name) {
            true if references => self.arms[arm].measure(metric.name, rows),
            true => Err("no references are logged".to_owned()),
            false => self.beside(metric.name, arm, rows),
        };
        self.metrics().par_iter().map(one).collect()
    }

    fn detail(&self, rows: &[u32], _: Option<&Units>, _: &Plan, cx: &JobCx) -> Result<Detail, CompareError> {
        cx.stage("Texts", 0);
        Ok(Detail::Texts(self.texts(rows)))
    }

    fn notes(&self, rows: &[u32]) -> Vec<String> {
        if !self.has_references() {
            return vec!["No references are logged, so no metric of likeness has a value.".to_owned()];
        }
        let blank = |code: &u32| self.coded.name(*code).is_none_or(|text| text.trim().is_empty());
        let truths = |row: &u32| self.coded.truths(*row as usize);
        let counts = rows.iter().map(|row| truths(row).len());
        let (least, most) = (counts.clone().min().unwrap_or(1), counts.max().unwrap_or(1));
        let count = (least == most).then_some(most);
        let mut notes = vec![format!(
            "BLEU {}, chrF {}, TER {}, as sacrebleu signs them.",
            kernels::bleu::Bleu::default().signature(count),
            kernels::chrf::Chrf::default().signature(count),
            kernels::ter::signature(count, false),
        )];
        if most > 1 {
            let range = if least == most { most.to_string() } else { format!("{least} to {most}") };
            notes.push(format!(
                "A row has {range} references: BLEU clips by all of them, TER divides by their mean length, every other \
                 metric takes the best."
            ));
        }
        let references = rows.iter().filter(|row| truths(row).iter().all(blank)).count();
        if references > 0 {
            notes
                .push(format!("{references} references are empty; an answer to one can only be right by being empty."));
        }
        for (arm, answers) in self.log.arms.iter().zip(&self.coded.answers) {
            match rows.iter().filter(|row| blank(&answers[**row as usize])).count() {
                0 => {}
                count => notes.push(format!("{count} answers of {} are empty; they count as answers.", arm.name)),
            }
        }
        notes
    }
}
