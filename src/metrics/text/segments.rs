//! What every metric needs of a segment, gathered once, so that slices and resamples only sum.

use std::ops::Range;

use rayon::prelude::*;

use super::bleu::Bleu;
use super::chrf::Chrf;
use super::rouge::{Rouge, Variant};
use super::{SEGMENTS, Texts, blank, corpus, distance, overlap, ter};
use crate::metrics::measured::{Measured, NO_ROW, Outcome};
use crate::metrics::registry::Better;

/// Name, direction and number of an answer and a reference.
type Mean = (&'static str, Better, fn(&str, &str) -> f64);

/// Metrics that are means of a number per segment and do not follow from its counts.
const MEANS: [Mean; 10] = [
    ("rouge_1", Better::Higher, |a, b| rouge(Variant::N(1), a, b)),
    ("rouge_2", Better::Higher, |a, b| rouge(Variant::N(2), a, b)),
    ("rouge_l", Better::Higher, |a, b| rouge(Variant::L, a, b)),
    ("rouge_lsum", Better::Higher, |a, b| rouge(Variant::Lsum, a, b)),
    ("exact_match", Better::Higher, |a, b| f64::from(u8::from(a == b))),
    ("normalised_match", Better::Higher, |a, b| f64::from(u8::from(overlap::normalised_match(a, b)))),
    ("token_f1", Better::Higher, overlap::token_f1),
    ("jaccard", Better::Higher, overlap::jaccard),
    ("levenshtein", Better::Lower, |a, b| distance::characters(a, b) as f64),
    ("levenshtein_ratio", Better::Higher, distance::ratio),
];

/// Those of them that SQuAD defines.
const SQUAD: [&str; 2] = ["normalised_match", "token_f1"];

/// Those that say something of two empty texts: that they are equal.
const EQUAL: [&str; 6] = ["exact_match", "normalised_match", "token_f1", "jaccard", "levenshtein", "levenshtein_ratio"];

fn rouge(variant: Variant, answer: &str, reference: &str) -> f64 {
    Rouge { variant, stem: false }.segment(answer, reference).f1
}

fn sentence_bleu() -> Bleu {
    Bleu { effective_order: true, ..Bleu::default() }
}

fn chrf_pp() -> Chrf {
    Chrf { word_order: 2, ..Chrf::default() }
}

/// One answer against its references, with the default options of each metric; of several references the best. Counts
/// stand as `f32`, exact to 2^24, which no text of a row reaches.
#[derive(Clone, Debug, PartialEq)]
struct Segment {
    bleu: [f32; 10],
    /// Those of chrF, and of chrF++ where that is best against another reference.
    chrf: [[f32; 24]; 2],
    ter: [f32; 2],
    /// Edits and length of the nearest reference.
    words: [f32; 2],
    characters: [f32; 2],
    means: [f64; MEANS.len()],
    answered: bool,
    referenced: bool,
    /// A reference holds a word that ROUGE sees.
    latin: bool,
}

impl Segment {
    fn of<'a>(answer: &str, references: impl Iterator<Item = &'a str> + Clone) -> Self {
        // SQuAD 2.0: that there is no answer is one of several only where all say so.
        let says = references.clone().nth(1).is_some() && references.clone().any(overlap::says);
        let best = |(name, better, of): Mean| {
            let best = if better == Better::Lower { f64::min } else { f64::max };
            let counts = |reference: &&str| !(says && SQUAD.contains(&name)) || overlap::says(reference);
            references.clone().filter(counts).map(|reference| of(answer, reference)).reduce(best).unwrap_or_default()
        };
        let small = |counts: [f64; 2]| counts.map(|count| count as f32);
        Self {
            bleu: Bleu::default().segment(answer, references.clone()).map(|count| count as f32),
            chrf: [Chrf::default(), chrf_pp()]
                .map(|chrf| chrf.segment(answer, references.clone()).map(|count| count as f32)),
            ter: small(ter::segment(answer, references.clone(), false)),
            words: small(distance::nearest(answer, references.clone(), distance::words_of)),
            characters: small(distance::nearest(answer, references.clone(), distance::characters_of)),
            means: MEANS.map(best),
            answered: !blank(answer),
            referenced: !references.clone().all(blank),
            latin: references.clone().any(|reference| reference.contains(|c: char| c.is_ascii_alphanumeric())),
        }
    }

    fn chrf(&self, words: bool) -> [f64; 24] {
        self.chrf[usize::from(words)].map(f64::from)
    }

    fn value(&self, name: &str) -> Option<f64> {
        Some(match name {
            "sentence_bleu" => sentence_bleu().score(&self.bleu.map(f64::from)).value,
            "sentence_chrf" => Chrf::default().score(&self.chrf(false)),
            _ => self.means[MEANS.iter().position(|mean| mean.0 == name)?],
        })
    }
}

/// Segments of an arm.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Segments(Vec<Segment>);

impl Segments {
    /// Gather every row, on all threads.
    pub fn new(texts: &Texts<'_>) -> Self {
        let mut all = Self::default();
        all.extend(0..texts.len(), |row| (texts.answer(row), texts.references(row)));
        all
    }

    /// Add rows, each with its answer and its references, of which there is at least one.
    pub fn extend<'a, R>(&mut self, rows: Range<usize>, of: impl Fn(usize) -> (&'a str, R) + Sync)
    where
        R: Iterator<Item = &'a str> + Clone,
    {
        let segment = |row| {
            let (answer, references) = of(row);
            Segment::of(answer, references)
        };
        self.0.par_extend(rows.into_par_iter().with_min_len(SEGMENTS).map(segment));
    }

    /// Rows.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A metric that is a mean over segments, of one of them; `None` for the others.
    pub fn value(&self, name: &str, row: usize) -> Option<f64> {
        self.0[row].value(name)
    }

    /// A metric of [`METRICS`](super::METRICS) over some rows. Influence: of means the deviation from the mean, of
    /// functions of sums that of the delta method.
    ///
    /// # Errors
    /// Why it has no value on these rows.
    pub fn measure(&self, name: &str, rows: &[u32]) -> Outcome {
        let of = |row: usize| &self.0[rows[row] as usize];
        if rows.is_empty() {
            return Err(NO_ROW.to_owned());
        }
        let equal = EQUAL.contains(&name);
        let all_referenced = || (0..rows.len()).all(|row| of(row).referenced);
        if !(0..rows.len()).any(|row| of(row).answered) && (!equal || all_referenced()) {
            return Err("every answer is empty".to_owned());
        }
        if !equal && !(0..rows.len()).any(|row| of(row).referenced) {
            return Err("every reference is empty".to_owned());
        }
        if name.starts_with("rouge") && !(0..rows.len()).any(|row| of(row).latin) {
            return Err("no reference holds a letter from a to z or a digit, and ROUGE sees nothing else".to_owned());
        }
        let counts = |counts: fn(&Segment) -> [f32; 2]| -> Vec<[f64; 2]> {
            (0..rows.len()).map(|row| counts(of(row)).map(f64::from)).collect()
        };
        let bleu = || -> Vec<[f64; 10]> { (0..rows.len()).map(|row| of(row).bleu.map(f64::from)).collect() };
        let chrf = |words: bool| -> Vec<[f64; 24]> { (0..rows.len()).map(|row| of(row).chrf(words)).collect() };
        match name {
            "bleu" => Bleu::default().of_segments(&bleu()),
            "chrf" => Chrf::default().of_segments(&chrf(false)),
            "chrf_pp" => chrf_pp().of_segments(&chrf(true)),
            "ter" => corpus::ratio(100.0, &counts(|segment| segment.ter), "the references hold no word"),
            "word_error_rate" => corpus::ratio(1.0, &counts(|segment| segment.words), "the references hold no word"),
            "character_error_rate" => {
                corpus::ratio(1.0, &counts(|segment| segment.characters), "the references hold no character")
            }
            "length_ratio" => {
                corpus::ratio(1.0, &counts(|segment| [segment.bleu[0], segment.bleu[1]]), "the references hold no word")
            }
            _ if of(0).value(name).is_some() => {
                let of_row = |row: usize| of(row).value(name).unwrap_or_default();
                // Likenesses of a segment are from 0 to 1; distances and what is in per cent are not.
                match MEANS.iter().any(|mean| mean.0 == name && mean.1 == Better::Higher) {
                    true => Measured::share(rows.len(), of_row),
                    false => Measured::mean(rows.len(), of_row),
                }
            }
            _ => Err(format!("no metric of texts with references is called {name}")),
        }
    }
}
