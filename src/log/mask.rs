//! A set of rows as one bit each: the population behind a number.

use rayon::prelude::*;

/// Words of a parallel task.
const TASK_WORDS: usize = 1 << 10;

/// Rows of a log, one bit each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowMask {
    words: Vec<u64>,
    rows: usize,
}

impl RowMask {
    /// No row.
    pub fn none(rows: usize) -> Self {
        Self { words: vec![0; rows.div_ceil(64)], rows }
    }

    /// Every row.
    pub fn all(rows: usize) -> Self {
        let mut mask = Self { words: vec![u64::MAX; rows.div_ceil(64)], rows };
        mask.clear_tail();
        mask
    }

    /// Rows for which `keep` holds.
    pub fn from_fn(rows: usize, keep: impl Fn(usize) -> bool + Sync) -> Self {
        let mut mask = Self::none(rows);
        mask.words.par_iter_mut().enumerate().with_min_len(TASK_WORDS).for_each(|(index, word)| {
            let start = index * 64;
            for bit in 0..64.min(rows - start) {
                *word |= u64::from(keep(start + bit)) << bit;
            }
        });
        mask
    }

    /// Rows the mask ranges over, set or not.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of rows in the set.
    pub fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    #[inline]
    pub fn contains(&self, row: usize) -> bool {
        self.words[row / 64] >> (row % 64) & 1 == 1
    }

    pub fn insert(&mut self, row: usize) {
        self.words[row / 64] |= 1 << (row % 64);
    }

    /// Rows in both sets. Both must range over the same log.
    pub fn and(&self, other: &Self) -> Self {
        self.zip(other, |a, b| a & b)
    }

    /// Rows in either set. Both must range over the same log.
    pub fn or(&self, other: &Self) -> Self {
        self.zip(other, |a, b| a | b)
    }

    /// Rows not in the set.
    pub fn not(&self) -> Self {
        let mut mask = Self { words: self.words.iter().map(|word| !word).collect(), rows: self.rows };
        mask.clear_tail();
        mask
    }

    /// Row numbers in the set, ascending.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.words.iter().enumerate().flat_map(|(index, &word)| {
            let mut rest = word;
            std::iter::from_fn(move || {
                (rest != 0).then(|| {
                    let bit = rest.trailing_zeros() as usize;
                    rest &= rest - 1;
                    index * 64 + bit
                })
            })
        })
    }

    /// Row numbers, ascending.
    pub fn row_numbers(&self) -> Vec<u32> {
        let parts = self.words.chunks(TASK_WORDS);
        let counts: Vec<usize> =
            parts.clone().map(|words| words.iter().map(|word| word.count_ones() as usize).sum()).collect();
        let mut numbers = vec![0; counts.iter().sum()];
        let mut rest = numbers.as_mut_slice();
        let mut tasks = Vec::with_capacity(counts.len());
        for (words, count) in parts.zip(counts) {
            let (head, tail) = rest.split_at_mut(count);
            rest = tail;
            tasks.push((words, head));
        }
        tasks.into_par_iter().enumerate().for_each(|(part, (words, numbers))| {
            let mut numbers = numbers.iter_mut();
            for (index, &word) in words.iter().enumerate() {
                let start = ((part * TASK_WORDS + index) * 64) as u32;
                let mut left = word;
                while left != 0
                    && let Some(number) = numbers.next()
                {
                    *number = start + left.trailing_zeros();
                    left &= left - 1;
                }
            }
        });
        numbers
    }

    fn zip(&self, other: &Self, op: impl Fn(u64, u64) -> u64) -> Self {
        assert_eq!(self.rows, other.rows, "masks of different logs");
        let words = self.words.iter().zip(&other.words).map(|(&a, &b)| op(a, b)).collect();
        Self { words, rows: self.rows }
    }

    fn clear_tail(&mut self) {
        if !self.rows.is_multiple_of(64)
            && let Some(last) = self.words.last_mut()
        {
            *last &= (1 << (self.rows % 64)) - 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RowMask;

    #[test]
    fn complement_and_union_cover_all_rows() {
        let odd = RowMask::from_fn(131, |row| row % 2 == 1);
        assert_eq!(odd.count(), 65);
        assert_eq!(odd.or(&odd.not()), RowMask::all(131));
        assert_eq!(odd.and(&odd.not()), RowMask::none(131));
        assert_eq!(odd.iter().take(3).collect::<Vec<_>>(), [1, 3, 5]);
        assert_eq!(odd.iter().last(), Some(129));
    }
}
