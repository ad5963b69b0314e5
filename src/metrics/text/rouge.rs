//! ROUGE as the package `rouge_score` computes it: F1 of each segment, averaged.

use super::ngrams::{WORDS, shared, sorted};
use super::porter;
use super::tokens::Vocabulary;

/// What is shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// N-grams of 1 to 4 words.
    N(usize),
    /// The longest common subsequence.
    L,
    /// The union of those of lines.
    Lsum,
}

/// Options of ROUGE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rouge {
    pub variant: Variant,
    /// Compare stems of words of more than three letters (`use_stemmer`); English.
    pub stem: bool,
}

/// Precision, recall and F1 of a segment.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Score {
    pub precision: f64,
    pub recall: f64,
    pub f1: f64,
}

impl Score {
    fn of(hits: usize, answer: usize, reference: usize) -> Self {
        let [precision, recall] = [answer, reference].map(|all| hits as f64 / all.max(1) as f64);
        let f1 = if hits == 0 { 0.0 } else { 2.0 * precision * recall / (precision + recall) };
        Self { precision, recall, f1 }
    }
}

/// Runs of a to z and digits, in lower case.
fn words(text: &str, stem: bool) -> Vec<String> {
    let lower = text.to_lowercase();
    let runs = lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|run| !run.is_empty());
    runs.map(|run| if stem && run.len() > 3 { porter::stem(run) } else { run.to_owned() }).collect()
}

impl Rouge {
    /// ROUGE of one answer against one reference; 0 where one of them holds no word.
    pub fn segment(&self, answer: &str, reference: &str) -> Score {
        if self.variant == Variant::Lsum {
            return self.lines(answer, reference);
        }
        let [answer, reference] = [answer, reference].map(|text| words(text, self.stem));
        let mut vocabulary = Vocabulary::default();
        let [answer, reference] =
            [&answer, &reference].map(|words| vocabulary.numbers(words.iter().map(String::as_str)));
        match self.variant {
            Variant::N(n) => {
                let n = n.clamp(1, WORDS);
                let (mut found, mut wanted) = (Vec::new(), Vec::new());
                sorted(&answer, n, 32, &mut found);
                sorted(&reference, n, 32, &mut wanted);
                Score::of(shared(&found, &wanted), found.len(), wanted.len())
            }
            _ => Score::of(common(&reference, &answer), answer.len(), reference.len()),
        }
    }

    fn lines(&self, answer: &str, reference: &str) -> Score {
        let split = |text: &str| -> Vec<Vec<String>> {
            text.split('\n').filter(|line| !line.is_empty()).map(|line| words(line, self.stem)).collect()
        };
        let (answer, reference) = (split(answer), split(reference));
        let mut vocabulary = Vocabulary::default();
        let [answer, reference] = [&answer, &reference].map(|lines| {
            let lines = lines.iter().map(|line| vocabulary.numbers(line.iter().map(String::as_str)));
            lines.collect::<Vec<Vec<u32>>>()
        });
        let size = 1 + answer.iter().chain(&reference).flatten().max().map_or(0, |&word| word as usize);
        // Each word counts at most as often as it stands in either text (ROUGE 1.5.5).
        let mut left = [vec![0_u32; size], vec![0_u32; size]];
        for (left, text) in left.iter_mut().zip([&answer, &reference]) {
            text.iter().flatten().for_each(|&word| left[word as usize] += 1);
        }
        let mut hits = 0;
        for line in &reference {
            let mut union = vec![false; line.len()];
            answer.iter().for_each(|other| mark_common(line, other, &mut union));
            for (&word, _) in line.iter().zip(union).filter(|(_, marked)| *marked) {
                if left.iter().all(|left| left[word as usize] > 0) {
                    hits += 1;
                    left.iter_mut().for_each(|left| left[word as usize] -= 1);
                }
            }
        }
        let count = |text: &[Vec<u32>]| text.iter().map(Vec::len).sum();
        Score::of(hits, count(&answer), count(&reference))
    }
}

/// Length of the longest common subsequence.
fn common(a: &[u32], b: &[u32]) -> usize {
    let mut row = vec![0_u32; b.len() + 1];
    for x in a {
        let mut diagonal = 0;
        for (j, y) in b.iter().enumerate() {
            let above = row[j + 1];
            row[j + 1] = if x == y { diagonal + 1 } else { above.max(row[j]) };
            diagonal = above;
        }
    }
    row[b.len()] as usize
}

/// Marks the places in `a` of a longest common subsequence with `b`, the one that `rouge_score` reads out.
fn mark_common(a: &[u32], b: &[u32], marks: &mut [bool]) {
    let width = b.len() + 1;
    let mut table = vec![0_u32; (a.len() + 1) * width];
    for (i, x) in a.iter().enumerate() {
        for (j, y) in b.iter().enumerate() {
            table[(i + 1) * width + j + 1] = if x == y {
                table[i * width + j] + 1
            } else {
                table[i * width + j + 1].max(table[(i + 1) * width + j])
            };
        }
    }
    let (mut i, mut j) = (a.len(), b.len());
    while i > 0 && j > 0 {
        if a[i - 1] == b[j - 1] {
            marks[i - 1] = true;
            i -= 1;
            j -= 1;
        } else if table[i * width + j - 1] > table[(i - 1) * width + j] {
            j -= 1;
        } else {
            i -= 1;
        }
    }
}
