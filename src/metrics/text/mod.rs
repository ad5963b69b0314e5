//! Metrics of texts: answers against one or several references.
//!
//! Corpus metrics (BLEU, chrF, TER, word error rate, perplexity) are functions of sums over segments; their influence is
//! the gradient with respect to the sums times a segment's share of them. The others are means over segments.

pub mod bleu;
pub mod chrf;
mod corpus;
pub mod difference;
pub mod distance;
pub mod likelihood;
mod ngrams;
pub mod overlap;
mod porter;
pub mod preference;
pub mod rouge;
mod segments;
pub mod ter;
#[cfg(test)]
mod tests;
pub mod tokens;

use rayon::prelude::*;

use super::measured::{NO_ROW, Outcome};
use super::registry::{Better, Metric, Unit, metric};

pub use segments::Segments;

const POINTS: (Unit, Better) = (Unit::Number, Better::Higher);
const SHARE: (Unit, Better) = (Unit::Share, Better::Higher);
const LOSS: (Unit, Better) = (Unit::Number, Better::Lower);

/// In the order they are shown.
pub const METRICS: [Metric; 19] = [
    metric(
        "bleu",
        "BLEU",
        POINTS,
        "100 BP exp(mean of ln p_n, n = 1..4), p_n the clipped n-gram precision of the corpus",
        "Papineni et al. 2002; sacrebleu 2 (Post 2018), tokeniser 13a, smoothing exp",
        "How many word n-grams of the answers stand in a reference, with a penalty for answers that are too short.",
    ),
    metric(
        "sentence_bleu",
        "Sentence BLEU",
        POINTS,
        "mean over segments of BLEU of the segment, orders without n-grams left out",
        "sacrebleu 2, sentence_bleu; smoothing exp, Chen and Cherry 2014",
        "Mean BLEU of single answers.",
    ),
    metric(
        "chrf",
        "chrF",
        POINTS,
        "100 (1 + b^2) P R / (b^2 P + R), b = 2, P and R mean precision and recall of character 1- to 6-grams",
        "Popović 2015; sacrebleu 2",
        "Agreement with the reference in runs of characters.",
    ),
    metric(
        "sentence_chrf",
        "Sentence chrF",
        POINTS,
        "mean over segments of chrF of the segment",
        "sacrebleu 2, sentence_chrf",
        "Mean chrF of single answers.",
    ),
    metric(
        "chrf_pp",
        "chrF++",
        POINTS,
        "chrF with word 1- and 2-grams among the orders",
        "Popović 2017; sacrebleu 2",
        "Agreement with the reference in runs of characters and pairs of words.",
    ),
    metric(
        "ter",
        "TER",
        LOSS,
        "100 (insertions + deletions + substitutions + shifts) / words of the references",
        "Snover et al. 2006; sacrebleu 2 (Tercom)",
        "Edits that turn the answers into the reference, for 100 words.",
    ),
    metric(
        "rouge_1",
        "ROUGE-1",
        SHARE,
        "mean over segments of the F1 of shared words",
        "Lin 2004; rouge_score 0.1",
        "Words shared with the reference.",
    ),
    metric(
        "rouge_2",
        "ROUGE-2",
        SHARE,
        "mean over segments of the F1 of shared pairs of words",
        "Lin 2004; rouge_score 0.1",
        "Pairs of neighbouring words shared with the reference.",
    ),
    metric(
        "rouge_l",
        "ROUGE-L",
        SHARE,
        "mean over segments of the F1 of the longest common subsequence of words",
        "Lin 2004; rouge_score 0.1",
        "Words shared with the reference in the same order.",
    ),
    metric(
        "rouge_lsum",
        "ROUGE-Lsum",
        SHARE,
        "mean over segments of the F1 of the union of the longest common subsequences of the lines",
        "Lin 2004, section 3.2; rouge_score 0.1",
        "Words shared with the reference in the same order, line by line.",
    ),
    metric(
        "exact_match",
        "Exact match",
        SHARE,
        "answers equal to a reference / n",
        "count",
        "Share of answers that are a reference to the letter.",
    ),
    metric(
        "normalised_match",
        "Normalised match",
        SHARE,
        "answers equal to a reference without case, punctuation and articles / n",
        "Rajpurkar et al. 2016 (SQuAD exact match)",
        "Share of answers that are a reference but for case, punctuation and articles.",
    ),
    metric(
        "token_f1",
        "Token F1",
        SHARE,
        "mean over segments of 2 P R / (P + R) of normalised words",
        "Rajpurkar et al. 2016 (SQuAD)",
        "Words shared with the reference without case, punctuation and articles.",
    ),
    metric(
        "jaccard",
        "Jaccard",
        SHARE,
        "mean over segments of |A and B| / |A or B| of the sets of normalised words",
        "Jaccard 1912",
        "Share of the distinct words of answer and reference that stand in both.",
    ),
    metric(
        "levenshtein",
        "Levenshtein distance",
        LOSS,
        "mean over segments of the least insertions, deletions and substitutions of characters",
        "Levenshtein 1966",
        "Characters to be edited to turn an answer into its reference.",
    ),
    metric(
        "levenshtein_ratio",
        "Levenshtein ratio",
        SHARE,
        "mean over segments of 1 - distance / characters of the longer text",
        "Levenshtein 1966",
        "How much of an answer need not be edited.",
    ),
    metric(
        "word_error_rate",
        "Word error rate",
        (Unit::Share, Better::Lower),
        "(insertions + deletions + substitutions of words) / words of the references",
        "Woodard and Nelson 1982",
        "Words to be edited for each word of the reference; may exceed 100 %.",
    ),
    metric(
        "character_error_rate",
        "Character error rate",
        (Unit::Share, Better::Lower),
        "(insertions + deletions + substitutions of characters) / characters of the references",
        "Morris et al. 2004",
        "Characters to be edited for each character of the reference; may exceed 100 %.",
    ),
    metric(
        "length_ratio",
        "Length ratio",
        (Unit::Number, Better::One),
        "words of the answers / words of the references",
        "sacrebleu 2 (ratio), tokeniser 13a",
        "Whether answers are as long as the references.",
    ),
];

/// Answers of an arm with the references of each: one column per reference, in which a row may have none.
#[derive(Clone, Debug)]
pub struct Texts<'a> {
    answers: &'a [&'a str],
    references: &'a [Vec<Option<&'a str>>],
}

impl<'a> Texts<'a> {
    /// Pair answers and references.
    ///
    /// # Errors
    /// There is no row, columns differ in length, a row has no reference, or all answers or all references are empty.
    pub fn new(answers: &'a [&'a str], references: &'a [Vec<Option<&'a str>>]) -> Result<Self, String> {
        if answers.is_empty() {
            return Err(NO_ROW.to_owned());
        }
        if references.is_empty() {
            return Err("no references are logged".to_owned());
        }
        if let Some(column) = references.iter().find(|column| column.len() != answers.len()) {
            return Err(format!("{} references for {} answers", column.len(), answers.len()));
        }
        let texts = Self { answers, references };
        match (0..answers.len()).into_par_iter().filter(|&row| texts.references(row).next().is_none()).count() {
            0 => {}
            rows => return Err(format!("{rows} rows have no reference")),
        }
        if answers.iter().all(|text| blank(text)) {
            return Err("every answer is empty".to_owned());
        }
        if references.iter().flatten().flatten().all(|text| blank(text)) {
            return Err("every reference is empty".to_owned());
        }
        Ok(texts)
    }

    /// Rows.
    #[expect(clippy::len_without_is_empty, reason = "there is always a row")]
    pub fn len(&self) -> usize {
        self.answers.len()
    }

    /// Answer of a row.
    pub fn answer(&self, row: usize) -> &'a str {
        self.answers[row]
    }

    /// References of a row, at least one.
    pub fn references(&self, row: usize) -> impl Iterator<Item = &'a str> + Clone {
        self.references.iter().filter_map(move |column| column[row])
    }
}

/// Those of [`METRICS`], and those that need more than the texts.
pub fn all() -> impl Iterator<Item = &'static Metric> {
    METRICS.iter().chain(&likelihood::METRICS).chain(&preference::METRICS)
}

/// Segments a worker takes at least.
const SEGMENTS: usize = 256;

fn blank(text: &str) -> bool {
    text.chars().all(tokens::is_space)
}

/// A metric of [`METRICS`] by its name on all rows, with its default options; several of them are cheaper from
/// [`Segments`].
///
/// # Errors
/// Why it has no value on these rows.
pub fn measure(name: &str, texts: &Texts<'_>) -> Outcome {
    let rows: Vec<u32> = (0..texts.len() as u32).collect();
    Segments::new(texts).measure(name, &rows)
}
