//! chrF and chrF++ as sacrebleu 2 computes them.

use super::ngrams::{CHARACTERS, shared, sorted};
use super::tokens::{Vocabulary, is_space, words};
use super::{Texts, corpus};
use crate::metrics::measured::{Measured, Outcome};

/// Longest word n-gram there is room for.
const WORD_ORDERS: usize = 2;
const ORDERS: usize = CHARACTERS + WORD_ORDERS;

/// Options of chrF; the default is sacrebleu's chrF2.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Chrf {
    /// 0 for chrF, 2 for chrF++; at most 2.
    pub word_order: usize,
    /// How much recall weighs against precision.
    pub beta: f64,
    pub lowercase: bool,
    /// Whether white space counts as a character.
    pub whitespace: bool,
}

impl Default for Chrf {
    fn default() -> Self {
        Self { word_order: 0, beta: 2.0, lowercase: false, whitespace: false }
    }
}

/// Sufficient statistics, three per order (characters 1 to 6, words 1 and 2): n-grams of the answer, of the reference,
/// shared ones.
pub type Counts = [f64; 3 * ORDERS];

/// N-grams of one text.
struct Grams([Vec<u128>; ORDERS]);

impl Chrf {
    /// sacrebleu's signature without its version.
    pub fn signature(&self, references: Option<usize>) -> String {
        let count = references.map_or_else(|| "var".to_owned(), |count| count.to_string());
        let case = if self.lowercase { "lc" } else { "mixed" };
        let space = if self.whitespace { "yes" } else { "no" };
        format!("nrefs:{count}|case:{case}|eff:yes|nc:{CHARACTERS}|nw:{}|space:{space}", self.word_order)
    }

    fn grams<'a>(&self, text: &'a str, vocabulary: &mut Vocabulary<'a>) -> Grams {
        let characters: Vec<u32> = text.chars().filter(|&c| self.whitespace || !is_space(c)).map(u32::from).collect();
        let mut grams: [Vec<u128>; ORDERS] = Default::default();
        for (n, into) in (1..).zip(&mut grams[..CHARACTERS]) {
            sorted(&characters, n, 21, into);
        }
        if self.word_order > 0 {
            let words = vocabulary.numbers(words(text).flat_map(without_punctuation));
            for (n, into) in (1..=self.word_order).zip(&mut grams[CHARACTERS..]) {
                sorted(&words, n, 32, into);
            }
        }
        Grams(grams)
    }

    /// Counts of one segment against the reference with which it scores best, the first of equals.
    pub fn segment<'a>(&self, answer: &str, references: impl Iterator<Item = &'a str>) -> Counts {
        let cased = |text: &str| if self.lowercase { text.to_lowercase() } else { text.to_owned() };
        let answer = cased(answer);
        let references: Vec<String> = references.map(cased).collect();
        let mut vocabulary = Vocabulary::default();
        let found = self.grams(&answer, &mut vocabulary);
        let mut best = ([0.0; 3 * ORDERS], -1.0);
        for reference in &references {
            let wanted = self.grams(reference, &mut vocabulary);
            let mut counts = [0.0; 3 * ORDERS];
            for ((slots, found), wanted) in counts.chunks_exact_mut(3).zip(&found.0).zip(&wanted.0) {
                // Orders the reference is too short for do not count against the answer.
                slots[0] = if wanted.is_empty() { 0.0 } else { found.len() as f64 };
                slots[1] = wanted.len() as f64;
                slots[2] = shared(found, wanted) as f64;
            }
            let score = self.score(&counts);
            if score > best.1 {
                best = (counts, score);
            }
        }
        best.0
    }

    /// chrF of summed counts, 0 to 100; 0 where nothing is shared.
    pub fn score(&self, counts: &Counts) -> f64 {
        self.with_gradient(counts).0
    }

    fn with_gradient(&self, counts: &Counts) -> (f64, Option<Counts>) {
        let used = |slots: &[f64]| slots[0] > 0.0 && slots[1] > 0.0;
        let orders = counts.chunks_exact(3).filter(|slots| used(slots)).count() as f64;
        let mean = |at: usize| {
            let parts = counts.chunks_exact(3).filter(|slots| used(slots)).map(|slots| slots[2] / slots[at]);
            parts.sum::<f64>() / orders
        };
        if orders == 0.0 {
            return (0.0, None);
        }
        let (precision, recall, factor) = (mean(0), mean(1), self.beta * self.beta);
        if precision + recall == 0.0 {
            return (0.0, None);
        }
        let below = factor * precision + recall;
        let value = 100.0 * ((1.0 + factor) * precision * recall) / below;
        let common = 100.0 * (1.0 + factor) / (below * below) / orders;
        let slopes = [common * recall * recall, common * factor * precision * precision];
        let mut gradient = [0.0; 3 * ORDERS];
        for (slope, slots) in gradient.chunks_exact_mut(3).zip(counts.chunks_exact(3)) {
            if used(slots) {
                slope[0] = -slopes[0] * slots[2] / (slots[0] * slots[0]);
                slope[1] = -slopes[1] * slots[2] / (slots[1] * slots[1]);
                slope[2] = slopes[0] / slots[0] + slopes[1] / slots[1];
            }
        }
        (value, Some(gradient))
    }

    /// chrF of all segments.
    ///
    /// # Errors
    /// Never on texts that are not all empty.
    pub fn corpus(&self, texts: &Texts<'_>) -> Outcome {
        self.of_segments(&corpus::segments(texts.len(), |row| self.segment(texts.answer(row), texts.references(row))))
    }

    /// The same from the counts of segments.
    ///
    /// # Errors
    /// Answers and references have no n-gram of an order in common.
    pub fn of_segments(&self, segments: &[Counts]) -> Outcome {
        let sums = corpus::sums(segments);
        if sums.chunks_exact(3).all(|slots| slots[0] == 0.0 || slots[1] == 0.0) {
            return Err("no answer with a character has a reference with one".to_owned());
        }
        match self.with_gradient(&sums) {
            (value, Some(gradient)) => corpus::delta(value, &gradient, segments),
            (value, None) => Measured::bare(value, "nothing is shared with a reference"),
        }
    }
}

/// A word with one mark of punctuation cut off, behind or else in front (chrF++.py).
fn without_punctuation(word: &str) -> impl Iterator<Item = &str> {
    let mut chars = word.char_indices();
    let first = chars.next().map(|(_, c)| c);
    let last = chars.next_back();
    let parts = match (first, last) {
        (Some(_), Some((at, c))) if c.is_ascii_punctuation() => [&word[..at], &word[at..]],
        (Some(c), Some(_)) if c.is_ascii_punctuation() => [&word[..1], &word[1..]],
        _ => [word, ""],
    };
    parts.into_iter().filter(|part| !part.is_empty())
}
