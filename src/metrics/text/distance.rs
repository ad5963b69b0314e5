//! Edit distance of characters and words.

use std::collections::HashMap;

use super::tokens::{Vocabulary, words};

/// Least insertions, deletions and substitutions that turn one sequence into the other, 64 cells at a time
/// (Myers 1999, J. ACM 46:395, in the blocks of Hyyrö 2003).
pub fn edits(a: &[u32], b: &[u32]) -> usize {
    let same = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[same..], &b[same..]);
    let same = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[..a.len() - same], &b[..b.len() - same]);
    let (pattern, text) = if a.len() < b.len() { (a, b) } else { (b, a) };
    if pattern.is_empty() {
        return text.len();
    }
    let blocks = pattern.len().div_ceil(64);
    let masks = Masks::of(pattern, blocks);
    // Vertical differences of a column that are +1 and -1.
    let mut vertical = vec![(u64::MAX, 0_u64); blocks];
    let last = (pattern.len() - 1) % 64;
    let mut distance = pattern.len();
    for &symbol in text {
        let places = masks.places(symbol);
        let (mut plus_in, mut minus_in) = (1, 0);
        for (block, (plus, minus)) in vertical.iter_mut().enumerate() {
            let equal = places.map_or(0, |places| places[block]);
            let across = equal | *minus;
            let equal = equal | minus_in;
            let down = ((equal & *plus).wrapping_add(*plus) ^ *plus) | equal;
            let (up, off) = (*minus | !(down | *plus), *plus & down);
            if block + 1 == blocks {
                distance += (up >> last & 1) as usize;
                distance -= (off >> last & 1) as usize;
            }
            let (shifted, lowered) = (up << 1 | plus_in, off << 1 | minus_in);
            (plus_in, minus_in) = (up >> 63, off >> 63);
            *plus = lowered | !(across | shifted);
            *minus = shifted & across;
        }
    }
    distance
}

/// Places of every symbol of a pattern, one bit each.
struct Masks {
    bits: Vec<u64>,
    blocks: usize,
    /// One more than the place in `bits` of the symbols below 256, 0 for those not in the pattern.
    near: [u32; 256],
    far: HashMap<u32, u32>,
}

impl Masks {
    fn of(pattern: &[u32], blocks: usize) -> Self {
        let mut masks = Self { bits: Vec::new(), blocks, near: [0; 256], far: HashMap::new() };
        for (at, &symbol) in pattern.iter().enumerate() {
            let slot = match masks.near.get_mut(symbol as usize) {
                Some(slot) => slot,
                None => masks.far.entry(symbol).or_default(),
            };
            if *slot == 0 {
                masks.bits.resize(masks.bits.len() + blocks, 0);
                *slot = (masks.bits.len() / blocks) as u32;
            }
            masks.bits[(*slot as usize - 1) * blocks + at / 64] |= 1 << (at % 64);
        }
        masks
    }

    fn places(&self, symbol: u32) -> Option<&[u64]> {
        let slot = match self.near.get(symbol as usize) {
            Some(slot) => *slot,
            None => *self.far.get(&symbol)?,
        } as usize;
        (slot > 0).then(|| &self.bits[(slot - 1) * self.blocks..slot * self.blocks])
    }
}

fn scalars(text: &str) -> Vec<u32> {
    text.chars().map(u32::from).collect()
}

/// Levenshtein distance in characters (Unicode scalar values).
pub fn characters(a: &str, b: &str) -> usize {
    edits(&scalars(a), &scalars(b))
}

/// 1 less the distance over the length of the longer text; 1 for two empty texts.
pub fn ratio(a: &str, b: &str) -> f64 {
    let (a, b) = (scalars(a), scalars(b));
    let longer = a.len().max(b.len());
    if longer == 0 { 1.0 } else { 1.0 - edits(&a, &b) as f64 / longer as f64 }
}

/// Edits and length of the reference that needs the fewest edits for its length.
pub(super) fn nearest<'a>(
    answer: &str,
    references: impl Iterator<Item = &'a str>,
    symbols: fn(&str, &str) -> [Vec<u32>; 2],
) -> [f64; 2] {
    let pairs = references.map(|reference| {
        let [answer, reference] = symbols(answer, reference);
        [edits(&answer, &reference) as f64, reference.len() as f64]
    });
    let rate = |[edits, length]: [f64; 2]| edits / length.max(1.0);
    pairs.reduce(|best, other| if rate(other) < rate(best) { other } else { best }).unwrap_or_default()
}

/// Words between white space, as numbers.
pub(super) fn words_of(a: &str, b: &str) -> [Vec<u32>; 2] {
    let mut vocabulary = Vocabulary::default();
    [a, b].map(|text| vocabulary.numbers(words(text)))
}

pub(super) fn characters_of(a: &str, b: &str) -> [Vec<u32>; 2] {
    [a, b].map(scalars)
}
