//! Which rows of a file are read.

use std::ops::Range;

use polars_arrow::bitmap::MutableBitmap;
use polars_parquet::read::Filter;

/// Stretches of rows after the first ones that a first look takes in.
const STRETCHES: usize = 8;

/// Rows of one row group that are read, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub group: usize,
    /// Disjoint and in order.
    pub rows: Vec<Range<usize>>,
}

impl Part {
    pub fn new(group: usize, rows: Range<usize>) -> Self {
        Self { group, rows: vec![rows] }
    }

    pub fn len(&self) -> usize {
        self.rows.iter().map(ExactSizeIterator::len).sum()
    }

    /// One past the last row that is read.
    pub fn end(&self) -> usize {
        self.rows.last().map_or(0, |rows| rows.end)
    }

    /// What the decoder leaves out of a row group of `rows` rows.
    pub fn filter(&self, rows: usize) -> Option<Filter> {
        match self.rows.as_slice() {
            [all] if *all == (0..rows) => None,
            [one] => Some(Filter::new_ranged(one.start, one.end)),
            several => {
                let mut mask = MutableBitmap::from_len_zeroed(rows);
                several.iter().flat_map(Clone::clone).for_each(|row| mask.set(row, true));
                Some(Filter::new_masked(mask.into()))
            }
        }
    }
}

/// All rows of row groups of these lengths.
pub(super) fn whole(lengths: &[usize]) -> Vec<Part> {
    lengths.iter().enumerate().map(|(group, &rows)| Part::new(group, 0..rows)).collect()
}

/// About `most` rows: the first half of them from the start of the file, the others from all over it, since a log is
/// often in the order of models, classes or time. Of several row groups the beginnings are taken, which is where a
/// chunk can be read without the rest of it.
pub(super) fn spread(lengths: &[usize], most: usize) -> Vec<Part> {
    let rows: usize = lengths.iter().sum();
    if rows <= most {
        return whole(lengths);
    }
    let (first, others) = (most / 2, most / 2);
    let filled: Vec<usize> = (0..lengths.len()).filter(|&group| lengths[group] > 0).collect();
    let mut left = first;
    let mut parts: Vec<Part> = Vec::new();
    for &group in &filled {
        let taken = lengths[group].min(left);
        left -= taken;
        if taken > 0 {
            parts.push(Part::new(group, 0..taken));
        }
    }
    let (after, last) = (parts.len() - 1, filled.len() - 1);
    if after == last {
        let (length, stretch) = (lengths[filled[last]], others / STRETCHES);
        let part = &mut parts[last];
        let begun = part.end();
        for step in 1..=STRETCHES {
            let start = (begun + (length - begun).saturating_sub(stretch) * step / STRETCHES).max(part.end());
            part.rows.push(start..start.max(length.min(start + stretch)));
        }
    }
    let count = (last - after).min(STRETCHES);
    for step in 1..=count {
        let group = filled[after + (last - after) * step / count];
        parts.push(Part::new(group, 0..lengths[group].min(others / count)));
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_begins_at_the_start_and_reaches_the_end() {
        assert_eq!(spread(&[10, 20], 30), whole(&[10, 20]));

        let one = spread(&[1600], 160);
        let taken = |start: usize| start..start + 10;
        let steps = (1..=8).map(|step| taken(80 + (1600 - 90) * step / 8));
        assert_eq!(one, [Part { group: 0, rows: std::iter::once(0..80).chain(steps).collect() }]);
        assert_eq!(one[0].end(), 1600);

        // Hardly more rows than are asked for: stretches do not overlap.
        let few = spread(&[170], 160);
        assert_eq!((few[0].rows[0].clone(), few[0].end()), (0..80, 170));
        assert!(few[0].rows.windows(2).all(|pair| pair[0].end <= pair[1].start), "{few:?}");

        let many = spread(&[100; 17], 160);
        assert_eq!(many[0], Part::new(0, 0..80));
        let groups: Vec<usize> = many.iter().map(|part| part.group).collect();
        assert_eq!(groups, [0, 2, 4, 6, 8, 10, 12, 14, 16]);
        assert!(many[1..].iter().all(|part| *part == Part::new(part.group, 0..10)));

        // Short row groups at the start, and one with nothing in it.
        let short = spread(&[50, 0, 60, 200], 160);
        assert_eq!(short, [Part::new(0, 0..50), Part::new(2, 0..30), Part::new(3, 0..80)]);
        // The first rows reach into the last row group.
        let reaching = spread(&[10, 1000], 160);
        assert_eq!((reaching[1].rows[0].clone(), reaching[1].end()), (0..70, 1000));
    }
}
