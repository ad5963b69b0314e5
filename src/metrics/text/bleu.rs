//! BLEU as sacrebleu 2 computes it.

use std::fmt;

use super::ngrams::{WORDS, most, shared, sorted};
use super::tokens::{Tokeniser, Vocabulary, words};
use super::{Texts, corpus};
use crate::metrics::measured::{Measured, Outcome};

/// What stands in for an n-gram precision of 0.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Smoothing {
    /// Nothing: one order without a match makes BLEU 0.
    None,
    /// This many matches (0.1 in Chen and Cherry 2014, method 1).
    Floor(f64),
    /// This much on matches and totals of orders from 2 (1 in Lin and Och 2004).
    AddK(f64),
    /// 1/2, 1/4, ... of a match for one order after another (mteval-v13a).
    #[default]
    Exponential,
}

impl fmt::Display for Smoothing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Floor(value) => write!(f, "floor[{value:.2}]"),
            Self::AddK(value) => write!(f, "add-k[{value:.2}]"),
            Self::Exponential => f.write_str("exp"),
        }
    }
}

/// Options of BLEU; the default is that of sacrebleu.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bleu {
    pub tokeniser: Tokeniser,
    pub smoothing: Smoothing,
    pub lowercase: bool,
    /// Leave out orders for which the answers are too short, as is due for single sentences.
    pub effective_order: bool,
}

/// Sufficient statistics of segments: sums of those of their parts.
/// Words of the answers, words of the closest references, matches of order 1 to 4, n-grams of order 1 to 4.
pub type Counts = [f64; 2 + 2 * WORDS];

/// BLEU of some counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// 0 to 100.
    pub value: f64,
    /// Per cent, orders 1 to 4.
    pub precisions: [f64; WORDS],
    pub brevity_penalty: f64,
    /// Slope of the value in each count; `None` where it is 0 whatever the counts do.
    gradient: Option<Counts>,
}

impl Bleu {
    /// sacrebleu's signature, `nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp`, without its version. `references` of
    /// every segment, `None` where segments differ in that.
    pub fn signature(&self, references: Option<usize>) -> String {
        let count = references.map_or_else(|| "var".to_owned(), |count| count.to_string());
        let case = if self.lowercase { "lc" } else { "mixed" };
        let effective = if self.effective_order { "yes" } else { "no" };
        let (tokeniser, smoothing) = (self.tokeniser.name(), self.smoothing);
        format!("nrefs:{count}|case:{case}|eff:{effective}|tok:{tokeniser}|smooth:{smoothing}")
    }

    fn prepared(&self, text: &str) -> String {
        if self.lowercase { self.tokeniser.spaced(&text.to_lowercase()) } else { self.tokeniser.spaced(text) }
    }

    /// Counts of one segment.
    pub fn segment<'a>(&self, answer: &str, references: impl Iterator<Item = &'a str>) -> Counts {
        let answer = self.prepared(answer);
        let references: Vec<String> = references.map(|reference| self.prepared(reference)).collect();
        let mut vocabulary = Vocabulary::default();
        let answer = vocabulary.numbers(words(&answer));
        let references: Vec<Vec<u32>> =
            references.iter().map(|reference| vocabulary.numbers(words(reference))).collect();
        let mut counts = [0.0; 2 + 2 * WORDS];
        counts[0] = answer.len() as f64;
        let closest = references.iter().map(Vec::len).min_by_key(|&length| (length.abs_diff(answer.len()), length));
        counts[1] = closest.unwrap_or(0) as f64;
        let (mut found, mut wanted) = (Vec::new(), Vec::new());
        for n in 1..=WORDS {
            sorted(&answer, n, 32, &mut found);
            let mut all: Option<Vec<u128>> = None;
            for reference in &references {
                sorted(reference, n, 32, &mut wanted);
                all = Some(match all {
                    None => std::mem::take(&mut wanted),
                    Some(all) => most(&all, &wanted),
                });
            }
            let all = all.unwrap_or_default();
            counts[1 + n] = shared(&found, &all) as f64;
            counts[1 + WORDS + n] = found.len() as f64;
            wanted = all;
        }
        counts
    }

    /// BLEU of summed counts, 0 where there is no match at all.
    pub fn score(&self, counts: &Counts) -> Score {
        let [length, reference] = [counts[0], counts[1]];
        let mut slopes = [0.0; 2 + 2 * WORDS];
        let mut brevity_penalty = 1.0;
        if length < reference {
            brevity_penalty = if length > 0.0 { (1.0 - reference / length).exp() } else { 0.0 };
            slopes[0] = reference / (length * length);
            slopes[1] = -1.0 / length;
        }
        let mut precisions = [0.0; WORDS];
        let nothing = |precisions| Score { value: 0.0, precisions, brevity_penalty, gradient: None };
        if (2..2 + WORDS).all(|at| counts[at] == 0.0) {
            return nothing(precisions);
        }
        let (mut halving, mut orders) = (1.0, WORDS);
        let mut logs = [[0.0; 2]; WORDS];
        for order in 0..WORDS {
            let added = match self.smoothing {
                Smoothing::AddK(k) if order > 0 => k,
                _ => 0.0,
            };
            let (matched, total) = (counts[2 + order] + added, counts[2 + WORDS + order] + added);
            if total == 0.0 {
                break;
            }
            if self.effective_order {
                orders = order + 1;
            }
            let smoothed = match self.smoothing {
                _ if matched > 0.0 => matched,
                Smoothing::Exponential => {
                    halving *= 2.0;
                    1.0 / halving
                }
                Smoothing::Floor(value) => value,
                _ => 0.0,
            };
            precisions[order] = 100.0 * smoothed / total;
            logs[order] = [if matched > 0.0 { 1.0 / matched } else { 0.0 }, -1.0 / total];
        }
        if precisions[..orders].contains(&0.0) {
            return nothing(precisions);
        }
        let mean = precisions[..orders].iter().map(|precision| precision.ln()).sum::<f64>() / orders as f64;
        let value = brevity_penalty * mean.exp();
        for (order, log) in logs.iter().enumerate().take(orders) {
            slopes[2 + order] = log[0] / orders as f64;
            slopes[2 + WORDS + order] = log[1] / orders as f64;
        }
        Score { value, precisions, brevity_penalty, gradient: Some(slopes.map(|slope| slope * value)) }
    }

    /// Counts of every segment.
    pub fn segments(&self, texts: &Texts<'_>) -> Vec<Counts> {
        corpus::segments(texts.len(), |row| self.segment(texts.answer(row), texts.references(row)))
    }

    /// BLEU of all segments.
    ///
    /// # Errors
    /// Never on texts that are not all empty.
    pub fn corpus(&self, texts: &Texts<'_>) -> Outcome {
        Self::of_segments(self, &self.segments(texts))
    }

    /// The same from the counts of segments.
    ///
    /// # Errors
    /// Answers or references hold no word.
    pub fn of_segments(&self, segments: &[Counts]) -> Outcome {
        let sums = corpus::sums(segments);
        if sums[0] == 0.0 || sums[1] == 0.0 {
            return Err(format!("the {} hold no word", if sums[0] == 0.0 { "answers" } else { "references" }));
        }
        let score = self.score(&sums);
        match score.gradient {
            Some(gradient) => corpus::delta(score.value, &gradient, segments),
            None => Measured::bare(score.value, "an order of n-grams has no match, and without one BLEU is 0"),
        }
    }
}
