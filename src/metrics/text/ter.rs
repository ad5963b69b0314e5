//! Translation edit rate as sacrebleu 2 computes it, after Tercom (Snover et al. 2006): edits of words and shifts of
//! phrases, found greedily, with Tercom's limits and order of preference.

use super::tokens::{Vocabulary, words};
use super::{Texts, corpus};
use crate::metrics::measured::Outcome;

const MOST_WORDS_SHIFTED: usize = 10;
const FARTHEST_SHIFT: usize = 50;
const BEAM: usize = 25;
const MOST_CANDIDATES: usize = 1000;
/// Cost of a cell outside the beam.
const FAR: u32 = 1 << 30;

/// TER of all segments: 100 times the edits over the mean lengths of the references.
///
/// # Errors
/// The references hold no word.
pub fn corpus(texts: &Texts<'_>, case_sensitive: bool) -> Outcome {
    let segments =
        corpus::segments(texts.len(), |row| segment(texts.answer(row), texts.references(row), case_sensitive));
    corpus::ratio(100.0, &segments, "the references hold no word")
}

/// sacrebleu's signature without its version.
pub fn signature(references: Option<usize>, case_sensitive: bool) -> String {
    let count = references.map_or_else(|| "var".to_owned(), |count| count.to_string());
    let case = if case_sensitive { "mixed" } else { "lc" };
    format!("nrefs:{count}|case:{case}|tok:tercom|norm:no|punct:yes|asian:no")
}

/// Edits to the nearest reference, and the mean number of words of the references.
pub fn segment<'a>(answer: &str, references: impl Iterator<Item = &'a str>, case_sensitive: bool) -> [f64; 2] {
    let cased = |text: &str| if case_sensitive { text.to_owned() } else { text.to_lowercase() };
    let answer = cased(answer);
    let references: Vec<String> = references.map(cased).collect();
    let mut vocabulary = Vocabulary::default();
    let answer = vocabulary.numbers(words(&answer));
    let references: Vec<Vec<u32>> = references.iter().map(|text| vocabulary.numbers(words(text))).collect();
    let length: usize = references.iter().map(Vec::len).sum();
    let best = references.iter().map(|reference| edits(&answer, reference)).min();
    [best.unwrap_or(0) as f64, length as f64 / references.len().max(1) as f64]
}

/// Edits with shifts.
fn edits(answer: &[u32], reference: &[u32]) -> usize {
    if reference.is_empty() {
        return answer.len();
    }
    let mut words = answer.to_vec();
    let mut table = Table::new(reference, words.len());
    let (mut shifts, mut candidates) = (0, 0);
    loop {
        table.fill(&words, 0);
        let cost = table.cost();
        let shift = best_shift(&words, &mut table, &mut candidates);
        match shift {
            Some((gain, shifted)) if gain > 0 && candidates < MOST_CANDIDATES => {
                shifts += 1;
                words = shifted;
            }
            _ => return shifts + cost as usize,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Op {
    Outside,
    Same,
    Substitute,
    /// A word of the reference is missing.
    Insert,
    /// A word of the answer is too much.
    Delete,
}

/// Edit distances of the starts of an answer to the starts of a reference, near the diagonal.
struct Table<'a> {
    reference: &'a [u32],
    rows: usize,
    cells: Vec<(u32, Op)>,
    slope: f64,
    beam: usize,
}

impl<'a> Table<'a> {
    fn new(reference: &'a [u32], rows: usize) -> Self {
        let width = reference.len() + 1;
        let mut cells = vec![(FAR, Op::Outside); width * (rows + 1)];
        cells[..width].iter_mut().enumerate().for_each(|(at, cell)| *cell = (at as u32, Op::Insert));
        let slope = if rows == 0 { 1.0 } else { reference.len() as f64 / rows as f64 };
        let half = slope / 2.0;
        let beam = if (BEAM as f64) < half { (half + BEAM as f64).ceil() as usize } else { BEAM };
        Self { reference, rows, cells, slope, beam }
    }

    /// Put rows after `first` back as they are in `kept`.
    fn restore(&mut self, kept: &[(u32, Op)], first: usize) {
        let width = self.reference.len() + 1;
        for row in first + 1..=self.rows {
            let band = band(row, self.rows, width, self.slope, self.beam);
            let cells = row * width + band.start..row * width + band.end;
            self.cells[cells.clone()].copy_from_slice(&kept[cells]);
        }
    }

    /// Fill the rows of `words` from the one after `start` words, which are as in the call before.
    fn fill(&mut self, words: &[u32], start: usize) {
        let width = self.reference.len() + 1;
        for row in start + 1..=self.rows {
            let (above, cells) = self.cells.split_at_mut(row * width);
            let above = &above[(row - 1) * width..];
            let cells = &mut cells[..width];
            // Cells beside the band are never written, so they stay as they were made.
            for at in band(row, self.rows, width, self.slope, self.beam) {
                if at == 0 {
                    cells[0] = (above[0].0 + 1, Op::Delete);
                    continue;
                }
                let same = words[row - 1] == self.reference[at - 1];
                let aligned = if same { Op::Same } else { Op::Substitute };
                let mut cell = (FAR, Op::Outside);
                for (cost, op) in [
                    (above[at - 1].0 + u32::from(!same), aligned),
                    (above[at].0 + 1, Op::Delete),
                    (cells[at - 1].0 + 1, Op::Insert),
                ] {
                    if cell.0 > cost {
                        cell = (cost, op);
                    }
                }
                cells[at] = cell;
            }
        }
    }

    fn cost(&self) -> u32 {
        self.cells[self.cells.len() - 1].0
    }

    fn alignment(&self) -> Alignment {
        let width = self.reference.len() + 1;
        let (mut row, mut at) = (self.rows, self.reference.len());
        let mut ops = Vec::with_capacity(row + at);
        while row > 0 || at > 0 {
            let op = self.cells[row * width + at].1;
            ops.push(op);
            match op {
                Op::Insert => at -= 1,
                Op::Delete => row -= 1,
                // The beam always holds a path, so that no cell on it is outside.
                _ => (row, at) = (row.saturating_sub(1), at.saturating_sub(1)),
            }
        }
        let mut found = Alignment { places: Vec::new(), reference_errors: Vec::new(), answer_errors: Vec::new() };
        let mut place = -1;
        for op in ops.into_iter().rev() {
            let wrong = op != Op::Same;
            if op != Op::Insert {
                place += 1;
                found.answer_errors.push(wrong);
            }
            if op != Op::Delete {
                found.places.push(place);
                found.reference_errors.push(wrong);
            }
        }
        found
    }
}

/// Cells of a row that are filled: those near the diagonal, of the last row to its end.
fn band(row: usize, rows: usize, width: usize, slope: f64, beam: usize) -> std::ops::Range<usize> {
    let diagonal = (row as f64 * slope).floor() as usize;
    let to = if row == rows { width } else { width.min(diagonal + beam) };
    diagonal.saturating_sub(beam).min(to)..to
}

struct Alignment {
    /// Place in the answer of each word of the reference, or of the last one before it; -1 before the first.
    places: Vec<isize>,
    reference_errors: Vec<bool>,
    answer_errors: Vec<bool>,
}

/// Edits saved, words moved, the negatives of where from and where to.
type Rank = (i64, usize, isize, isize);

/// The shift that saves most edits, with how many; of equals the longest, then the earliest, then the one to the
/// earliest place. `table` is filled for `words`.
fn best_shift(words: &[u32], table: &mut Table<'_>, candidates: &mut usize) -> Option<(i64, Vec<u32>)> {
    let before = i64::from(table.cost());
    let aligned = table.alignment();
    let kept = table.cells.clone();
    let mut best: Option<(Rank, Vec<u32>)> = None;
    'pairs: for (start, target, length) in matches(words, table.reference) {
        if !aligned.answer_errors[start..start + length].contains(&true)
            || !aligned.reference_errors[target..target + length].contains(&true)
            || (start as isize..(start + length) as isize).contains(&aligned.places[target])
        {
            continue;
        }
        let mut tried = None;
        for offset in 0..=length {
            // Behind the word aligned with the one before the target, then with each word of the phrase.
            let place = match (target + offset).checked_sub(1) {
                None => 0,
                Some(at) => match aligned.places.get(at) {
                    Some(place) => place + 1,
                    None => break,
                },
            };
            if tried == Some(place) {
                continue;
            }
            tried = Some(place);
            let to = place as usize;
            let shifted = shifted(words, start, length, to);
            // Rows before the first changed word stay.
            let first = start.min(to);
            table.fill(&shifted, first);
            let gain = before - i64::from(table.cost());
            table.restore(&kept, first);
            *candidates += 1;
            let rank = (gain, length, -(start as isize), -place);
            if best.as_ref().is_none_or(|(found, _)| rank > *found) {
                best = Some((rank, shifted));
            }
        }
        if *candidates >= MOST_CANDIDATES {
            break 'pairs;
        }
    }
    best.map(|(rank, shifted)| (rank.0, shifted))
}

/// Common phrases: start in the answer, start in the reference, length.
fn matches<'a>(words: &'a [u32], reference: &'a [u32]) -> impl Iterator<Item = (usize, usize, usize)> + 'a {
    (0..words.len()).flat_map(move |start| {
        let targets = start.saturating_sub(FARTHEST_SHIFT)..reference.len().min(start + FARTHEST_SHIFT + 1);
        targets.flat_map(move |target| {
            let pairs = words[start..].iter().zip(&reference[target..]).take(MOST_WORDS_SHIFTED);
            let length = pairs.take_while(|(a, b)| a == b).count();
            (1..=length).map(move |length| (start, target, length))
        })
    })
}

/// `length` words from `start` moved to `target`.
fn shifted(words: &[u32], start: usize, length: usize, target: usize) -> Vec<u32> {
    let end = start + length;
    if target < start {
        [&words[..target], &words[start..end], &words[target..start], &words[end..]].concat()
    } else if target > end {
        [&words[..start], &words[end..target], &words[start..end], &words[target..]].concat()
    } else {
        let behind = words.len().min(length + target);
        [&words[..start], &words[end..behind], &words[start..end], &words[behind..]].concat()
    }
}
