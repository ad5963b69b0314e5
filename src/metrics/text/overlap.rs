//! Agreement of normalised words (SQuAD, Rajpurkar et al. 2016).

use super::tokens::{Vocabulary, words};

/// The text in lower case without ASCII punctuation and the articles a, an, the, as words.
fn normalised(text: &str) -> Vec<String> {
    let bare: String = text.to_lowercase().chars().filter(|c| !c.is_ascii_punctuation()).collect();
    // Articles are those between word boundaries, which may be marks outside ASCII.
    let mut out = String::with_capacity(bare.len());
    let mut rest = bare.as_str();
    while let Some(start) = rest.find(char::is_alphanumeric) {
        let end = rest[start..].find(|c: char| !c.is_alphanumeric()).map_or(rest.len(), |length| start + length);
        out.push_str(&rest[..start]);
        let run = &rest[start..end];
        out.push_str(if matches!(run, "a" | "an" | "the") { " " } else { run });
        rest = &rest[end..];
    }
    out.push_str(rest);
    words(&out).map(str::to_owned).collect()
}

/// Whether a text has a word once normalised.
pub fn says(text: &str) -> bool {
    !normalised(text).is_empty()
}

/// Whether two texts are equal once normalised.
pub fn normalised_match(answer: &str, reference: &str) -> bool {
    normalised(answer) == normalised(reference)
}

/// Sorted numbers of the normalised words of both texts.
fn numbered(answer: &str, reference: &str) -> [Vec<u128>; 2] {
    let texts = [answer, reference].map(normalised);
    let mut vocabulary = Vocabulary::default();
    texts.each_ref().map(|words| {
        let mut numbers: Vec<u128> =
            vocabulary.numbers(words.iter().map(String::as_str)).into_iter().map(u128::from).collect();
        numbers.sort_unstable();
        numbers
    })
}

/// F1 of shared words. Where a text has none, it is 1 if the other has none either, else 0 (SQuAD 2.0).
pub fn token_f1(answer: &str, reference: &str) -> f64 {
    let [a, b] = numbered(answer, reference);
    if a.is_empty() || b.is_empty() {
        return f64::from(u8::from(a.is_empty() && b.is_empty()));
    }
    2.0 * super::ngrams::shared(&a, &b) as f64 / (a.len() + b.len()) as f64
}

/// Distinct words in both over distinct words in either; 1 where neither has any.
pub fn jaccard(answer: &str, reference: &str) -> f64 {
    let [a, b] = numbered(answer, reference).map(|mut words| {
        words.dedup();
        words
    });
    let both = super::ngrams::shared(&a, &b);
    let either = a.len() + b.len() - both;
    if either == 0 { 1.0 } else { both as f64 / either as f64 }
}
