//! Exact order statistics and quantiles of long columns without sorting them.
//!
//! One pass counts values in 2^16 buckets of the floats' own sequence over the range of a sample; a second pass
//! collects only the buckets that hold wanted ranks and selects inside.

use rayon::prelude::*;

use super::{BLOCK, Undefined};

const BUCKETS: usize = 1 << 16;
const SAMPLE: usize = 4096;

/// Counted values of one arm, in any number of columns. NaN (also `NOT_LOGGED`) is left out.
#[derive(Debug)]
pub struct Selector<'a> {
    blocks: Vec<&'a [f64]>,
    scale: Scale,
    counts: Vec<u64>,
    values: u64,
}

impl<'a> Selector<'a> {
    pub fn new(columns: &[&'a [f64]]) -> Self {
        let scale = Scale::of(columns);
        let blocks: Vec<&[f64]> = columns.iter().flat_map(|column| column.chunks(BLOCK)).collect();
        let counts = blocks
            .par_iter()
            .with_min_len(8)
            .fold(
                || vec![0u32; BUCKETS + 1],
                |mut counts, block| {
                    for &value in *block {
                        counts[scale.bucket(value)] += 1;
                    }
                    counts
                },
            )
            .map(|counts| counts.into_iter().map(u64::from).collect::<Vec<u64>>())
            .reduce(
                || vec![0; BUCKETS + 1],
                |mut sum, counts| {
                    for (cell, more) in sum.iter_mut().zip(counts) {
                        *cell += more;
                    }
                    sum
                },
            );
        let values = counts[..BUCKETS].iter().sum();
        Self { blocks, scale, counts, values }
    }

    /// Values that are not NaN.
    pub fn len(&self) -> u64 {
        self.values
    }

    pub fn is_empty(&self) -> bool {
        self.values == 0
    }

    /// Values at 0-based ascending `ranks`, in the order asked for.
    ///
    /// # Errors
    /// When there is no value, or a rank is not below [`Self::len`].
    pub fn at_ranks(&self, ranks: &[u64]) -> Result<Vec<f64>, Undefined> {
        if self.is_empty() {
            return Err(Undefined("no latency is logged"));
        }
        if ranks.iter().any(|&rank| rank >= self.values) {
            return Err(Undefined("the rank lies beyond the values"));
        }
        let mut places: Vec<(usize, u64)> = Vec::with_capacity(ranks.len());
        let mut order: Vec<usize> = (0..ranks.len()).collect();
        order.sort_unstable_by_key(|&index| ranks[index]);
        let (mut bucket, mut below) = (0, 0);
        for &index in &order {
            while below + self.counts[bucket] <= ranks[index] {
                below += self.counts[bucket];
                bucket += 1;
            }
            places.push((bucket, ranks[index] - below));
        }
        let mut wanted = vec![0u64; BUCKETS.div_ceil(64) + 1];
        for &(bucket, _) in &places {
            wanted[bucket / 64] |= 1 << (bucket % 64);
        }
        let mut found: Vec<(u32, f64)> = self
            .blocks
            .par_iter()
            .with_min_len(8)
            .fold(Vec::new, |mut found, block| {
                for &value in *block {
                    let bucket = self.scale.bucket(value);
                    if wanted[bucket / 64] >> (bucket % 64) & 1 == 1 {
                        found.push((bucket as u32, value));
                    }
                }
                found
            })
            .reduce(Vec::new, |mut all, part| {
                all.extend(part);
                all
            });
        found.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let mut values = vec![0.0; ranks.len()];
        for (&index, &(bucket, offset)) in order.iter().zip(&places) {
            let start = found.partition_point(|item| (item.0 as usize) < bucket);
            values[index] = found[start + offset as usize].1;
        }
        Ok(values)
    }

    /// Quantiles at probabilities in [0, 1], interpolated between neighbours (type 7 of Hyndman and Fan 1996).
    ///
    /// # Errors
    /// When there is no value, or a probability is out of range.
    pub fn quantiles(&self, probabilities: &[f64]) -> Result<Vec<f64>, Undefined> {
        if self.is_empty() {
            return Err(Undefined("no latency is logged"));
        }
        if probabilities.iter().any(|p| !(0.0..=1.0).contains(p)) {
            return Err(Undefined("the probability of a quantile must lie in [0, 1]"));
        }
        let last = self.values - 1;
        let positions: Vec<f64> = probabilities.iter().map(|p| p * last as f64).collect();
        let ranks: Vec<u64> =
            positions.iter().flat_map(|at| [at.floor() as u64, (at.floor() as u64 + 1).min(last)]).collect();
        let values = self.at_ranks(&ranks)?;
        Ok(positions
            .iter()
            .zip(values.as_chunks::<2>().0)
            .map(|(at, [low, high])| {
                let weight = at - at.floor();
                if weight == 0.0 { *low } else { low + weight * (high - low) }
            })
            .collect())
    }
}

/// Monotone map of floats to buckets: their own sequence, cut evenly between the ends of a sample.
#[derive(Clone, Copy, Debug)]
struct Scale {
    low: u64,
    shift: u32,
}

impl Scale {
    fn of(columns: &[&[f64]]) -> Self {
        let (mut low, mut high) = (u64::MAX, 0);
        for column in columns {
            for &value in column.iter().step_by(column.len().div_ceil(SAMPLE).max(1)) {
                if !value.is_nan() {
                    low = low.min(ordered(value));
                    high = high.max(ordered(value));
                }
            }
        }
        let bits = 64 - high.saturating_sub(low).leading_zeros();
        Self { low: low.min(high), shift: bits.saturating_sub(BUCKETS.ilog2()) }
    }

    /// Bucket of a value; those beyond the sample go to the end buckets, NaN to the one after the last.
    #[inline]
    fn bucket(self, value: f64) -> usize {
        let bucket = (ordered(value).saturating_sub(self.low) >> self.shift).min(BUCKETS as u64 - 1) as usize;
        if value.is_nan() { BUCKETS } else { bucket }
    }
}

/// Integers in the order of the floats.
#[inline]
fn ordered(value: f64) -> u64 {
    let bits = value.to_bits();
    bits ^ (((bits as i64) >> 63) as u64 | 1 << 63)
}

/// Rows by whether each arm exceeds its limit: `[champion][challenger]`, 1 where the value is above.
/// Rows in which either value is NaN are left out.
pub fn exceedances(champion: &[f64], challenger: &[f64], limits: [f64; 2]) -> [[u64; 2]; 2] {
    let blocks: Vec<[u64; 4]> = champion
        .par_chunks(BLOCK)
        .zip(challenger.par_chunks(BLOCK))
        .map(|(a, b)| {
            // Counts of rows with a value, of each exceedance and of both; the cells follow.
            let mut sums = [0u64; 4];
            for (&a, &b) in a.iter().zip(b) {
                let logged = u64::from(!a.is_nan() & !b.is_nan());
                let (x, y) = (u64::from(a > limits[0]) & logged, u64::from(b > limits[1]) & logged);
                sums[0] += logged;
                sums[1] += x;
                sums[2] += y;
                sums[3] += x & y;
            }
            sums
        })
        .collect();
    let [rows, a, b, both] =
        blocks.into_iter().fold([0; 4], |sum, block| std::array::from_fn(|index| sum[index] + block[index]));
    [[rows + both - a - b, b - both], [a - both, both]]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::log::NOT_LOGGED;

    proptest! {
        #[test]
        fn ranks_and_quantiles_equal_sorting(
            mut values in prop::collection::vec(prop_oneof![4 => 0.0..500.0f64, 1 => -5.0..5.0f64, 1 => Just(12.5), 1 => Just(NOT_LOGGED)], 1..600),
            cut in 0usize..600,
        ) {
            let (left, right) = values.split_at(cut.min(values.len()));
            let selector = Selector::new(&[left, right]);
            let (found, p) = (selector.quantiles(&[0.0, 0.5, 0.93, 1.0]), [0.0, 0.5, 0.93, 1.0]);
            let ranks: Vec<u64> = (0..selector.len()).rev().collect();
            let sorted_by_rank = selector.at_ranks(&ranks);
            values.retain(|x| !x.is_nan());
            values.sort_by(f64::total_cmp);
            if values.is_empty() {
                prop_assert!(found.is_err());
                return Ok(());
            }
            let naive = |p: f64| {
                let at = p * (values.len() - 1) as f64;
                let low = values[at.floor() as usize];
                low + (at - at.floor()) * (values[at.ceil() as usize] - low)
            };
            for (x, p) in found.unwrap().into_iter().zip(p) {
                prop_assert!((x - naive(p)).abs() < 1e-12);
            }
            let mut back = sorted_by_rank.unwrap();
            back.reverse();
            prop_assert_eq!(back, values);
        }
    }

    #[test]
    fn outliers_beyond_the_sample_are_found() {
        let mut values: Vec<f64> = (0..100_000).map(|row| 10.0 + f64::from(row % 1000) / 100.0).collect();
        values[77] = 1e9;
        values[78] = -3.0;
        let selector = Selector::new(&[&values]);
        assert_eq!(selector.at_ranks(&[0, 99_999]).unwrap(), [-3.0, 1e9]);
        assert!(selector.at_ranks(&[100_000]).is_err());
    }

    #[test]
    fn exceedances_are_paired() {
        let a = [1.0, 5.0, 5.0, 1.0, NOT_LOGGED];
        let b = [9.0, 9.0, 2.0, 2.0, 9.0];
        assert_eq!(exceedances(&a, &b, [4.0, 4.0]), [[1, 1], [1, 1]]);
    }
}
