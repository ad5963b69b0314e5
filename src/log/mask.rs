//! A set of rows as one bit each: the population behind a number.

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
    pub fn from_fn(rows: usize, mut keep: impl FnMut(usize) -> bool) -> Self {
        let mut mask = Self::none(rows);
        for (index, word) in mask.words.iter_mut().enumerate() {
            let start = index * 64;
            for bit in 0..64.min(rows - start) {
                *word |= u64::from(keep(start + bit)) << bit;
            }
        }
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
