//! Rows in the order of descending score, made once per model and kept.
//!
//! A 32-bit key falls with the score. Rows are dealt by the key's top bits into buckets that fit the cache,
//! sorted there, and runs of equal keys are put right by the scores themselves: the order is exact for any
//! finite scores, and ties are exact (−0.0 equals 0.0).

mod key;
mod radix;

use rayon::prelude::*;

/// Rows an order can hold.
pub const MAX_ROWS: usize = 1 << 30;

const LABEL: u32 = 1 << 31;
const TIED: u32 = 1 << 30;

/// Rows by descending score, equal scores by ascending row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    entries: Vec<Entry>,
    positives: u64,
}

/// One row of an order: its number, its label, and whether its score equals the one before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(transparent)]
pub struct Entry(u32);

impl Entry {
    #[inline]
    pub(crate) const fn new(row: u32, label: u32, tied: bool) -> Self {
        Self(row | label << 31 | if tied { TIED } else { 0 })
    }

    /// Row number.
    #[inline]
    pub const fn row(self) -> u32 {
        self.0 & !(LABEL | TIED)
    }

    /// Label: 0 or 1.
    #[inline]
    pub const fn label(self) -> u32 {
        self.0 >> 31
    }

    /// Whether the entry before has the same score. False for the first entry.
    #[inline]
    pub const fn tied(self) -> bool {
        self.0 & TIED != 0
    }
}

impl Order {
    /// Order of one model. `scores` are finite, `labels` 0 or 1, both of the same length.
    ///
    /// # Panics
    /// When the lengths differ or exceed [`MAX_ROWS`].
    pub fn new(scores: &[f64], labels: &[u8]) -> Self {
        let key = key::Key::choose(&[scores]);
        Self::with_key(scores, labels, key, rayon::current_num_threads())
    }

    /// Orders of both models, side by side.
    ///
    /// # Panics
    /// As [`Order::new`].
    pub fn both(scores: [&[f64]; 2], labels: &[u8]) -> [Self; 2] {
        let key = key::Key::choose(&scores);
        let parts = rayon::current_num_threads().div_ceil(2);
        let make = |model: usize| Self::with_key(scores[model], labels, key, parts);
        let (champion, challenger) = rayon::join(|| make(0), || make(1));
        [champion, challenger]
    }

    fn with_key(scores: &[f64], labels: &[u8], key: key::Key, parts: usize) -> Self {
        assert_eq!(scores.len(), labels.len(), "scores and labels of different rows");
        assert!(scores.len() <= MAX_ROWS, "more rows than an order can hold");
        let entries = match key {
            key::Key::Fixed { max, scale } => radix::sort(scores, labels, parts, move |s| key::fixed(s, max, scale)),
            key::Key::Image { max, shift } => radix::sort(scores, labels, parts, move |s| key::image(s, max, shift)),
        };
        Self::from_entries(entries)
    }

    pub(crate) fn from_entries(entries: Vec<Entry>) -> Self {
        let count = |block: &[Entry]| block.iter().map(|entry| u64::from(entry.label())).sum::<u64>();
        let positives = entries.par_chunks(super::BLOCK).map(count).sum();
        Self { entries, positives }
    }

    /// Entries from the highest score to the lowest.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Rows with label 1.
    pub fn positives(&self) -> u64 {
        self.positives
    }

    /// Rows with label 0.
    pub fn negatives(&self) -> u64 {
        self.entries.len() as u64 - self.positives
    }

    /// Score at a rank (0 is the highest). `scores` are those the order was made of.
    #[inline]
    pub fn score(&self, scores: &[f64], rank: usize) -> f64 {
        scores[self.entries[rank].row() as usize]
    }

    /// Number of entries with a score of at least `threshold`.
    pub fn rank_of(&self, scores: &[f64], threshold: f64) -> usize {
        self.entries.partition_point(|entry| scores[entry.row() as usize] >= threshold)
    }

    /// End of the tie group that `rank` lies in: the first later rank with another score.
    pub fn group_end(&self, rank: usize) -> usize {
        let tied = self.entries[rank + 1..].iter().take_while(|entry| entry.tied()).count();
        rank + 1 + tied
    }

    /// Cut points `0 = c0 < c1 < … = len` near multiples of `size` that never fall inside a tie group.
    pub(crate) fn cuts(&self, size: usize) -> Vec<usize> {
        let mut cuts = vec![0];
        let mut at = size;
        while at < self.len() {
            let cut = self.group_end(at - 1);
            if cut < self.len() {
                cuts.push(cut);
            }
            at = at.max(cut) + size;
        }
        if !self.is_empty() {
            cuts.push(self.len());
        }
        cuts
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(scores: &[f64], labels: &[u8]) {
        let order = Order::new(scores, labels);
        let mut rows: Vec<usize> = (0..scores.len()).collect();
        rows.sort_by(|&a, &b| scores[b].partial_cmp(&scores[a]).unwrap());
        for (rank, &row) in rows.iter().enumerate() {
            let entry = order.entries()[rank];
            assert_eq!(entry.row() as usize, row, "rank {rank}");
            assert_eq!(entry.label(), u32::from(labels[row]));
            assert_eq!(entry.tied(), rank > 0 && scores[rows[rank - 1]] == scores[row], "rank {rank}");
        }
    }

    fn score() -> impl Strategy<Value = f64> {
        prop_oneof![
            4 => 0.0..1.0f64,
            2 => (0u8..5).prop_map(|x| f64::from(x) * 0.25),
            1 => prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL | prop::num::f64::ZERO,
            1 => Just(-0.0),
            1 => (0u8..8).prop_map(|x| f64::from_bits(0x3fe0_0000_0000_0000 + u64::from(x))),
        ]
    }

    proptest! {
        #[test]
        fn order_equals_a_stable_comparison_sort(rows in prop::collection::vec((score(), 0u8..2), 0..300)) {
            let (scores, labels): (Vec<f64>, Vec<u8>) = rows.into_iter().unzip();
            check(&scores, &labels);
        }
    }

    #[test]
    fn large_orders_of_every_shape_are_exact() {
        let n = 70_001u64;
        let hash = |row: u64| super::super::bootstrap::hash(row, 7);
        let uniform = |row: u64| (hash(row) >> 11) as f64 / (1u64 << 53) as f64;
        let labels: Vec<u8> = (0..n).map(|row| (hash(row + n) & 1) as u8).collect();
        let shapes: [&dyn Fn(u64) -> f64; 7] = [
            &uniform,
            &|row| (uniform(row) * 5.0).floor(),
            &|_| 0.25,
            &|row| if row == 77 { 1e300 } else { uniform(row) },
            &|row| (uniform(row) - 0.5) * f64::MAX * 1.9,
            &|row| f64::from_bits(hash(row) >> 20),
            &|row| -uniform(row).powi(40),
        ];
        for shape in shapes {
            check(&(0..n).map(shape).collect::<Vec<f64>>(), &labels);
        }
    }

    #[test]
    fn cuts_never_split_a_tie_group() {
        let scores: Vec<f64> = (0..1000).map(|row| f64::from(row / 7)).collect();
        let order = Order::new(&scores, &[0; 1000]);
        let cuts = order.cuts(10);
        assert_eq!((cuts[0], cuts[cuts.len() - 1]), (0, 1000));
        for pair in cuts.windows(2) {
            assert!(pair[0] < pair[1] && (pair[1] == 1000 || !order.entries()[pair[1]].tied()));
        }
    }
}
