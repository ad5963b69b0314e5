//! 32-bit keys that fall as the score rises.

use rayon::prelude::*;

use crate::metrics::BLOCK;

/// Values looked at when the kind of key is chosen.
const SAMPLE: usize = 2048;

/// How scores become keys. Either is monotone: a higher score never has a higher key.
#[derive(Clone, Copy, Debug)]
pub(super) enum Key {
    /// Distance from the maximum in equal steps.
    Fixed { max: f64, scale: f64 },
    /// Distance from the maximum in the sequence of all floats, for ranges where equal steps tell too little.
    Image { max: u64, shift: u32 },
}

impl Key {
    /// The key that tells more scores apart, over the joint range of `columns`.
    pub fn choose(columns: &[&[f64]]) -> Self {
        let (min, max) = range(columns);
        let (low, high) = (ordered(min), ordered(max));
        let bits = 64 - high.saturating_sub(low).leading_zeros();
        let image_key = Self::Image { max: high, shift: bits.saturating_sub(32) };
        let scale = f64::from(u32::MAX) / (max - min);
        if !(scale.is_normal() && scale < 1e300) {
            return image_key;
        }
        let mut sample: Vec<f64> = Vec::new();
        for column in columns {
            sample.extend(column.iter().step_by(column.len().div_ceil(SAMPLE).max(1)));
        }
        let distinct = |key: &dyn Fn(f64) -> u32| {
            let mut keys: Vec<u32> = sample.iter().map(|&score| key(score)).collect();
            keys.sort_unstable();
            keys.dedup();
            keys.len()
        };
        let Self::Image { max: image_max, shift } = image_key else {
            return image_key;
        };
        // Equal steps spread bounded scores more evenly over the buckets, so a few lost distinctions are cheaper.
        if distinct(&|s| fixed(s, max, scale)) * 20 >= distinct(&|s| image(s, image_max, shift)) * 19 {
            Self::Fixed { max, scale }
        } else {
            image_key
        }
    }
}

/// Steps below `max`, rounded to a whole number by adding 2^52: the integer stands in the low bits of the sum.
#[inline]
pub(super) fn fixed(score: f64, max: f64, scale: f64) -> u32 {
    ((max - score) * scale + 4_503_599_627_370_496.0).to_bits() as u32
}

/// Floats between `score` and the maximum, in units of `1 << shift`.
#[inline]
pub(super) fn image(score: f64, max: u64, shift: u32) -> u32 {
    ((max - ordered(score)) >> shift) as u32
}

/// Integers in the order of the floats; −0.0 and 0.0 give the same.
#[inline]
fn ordered(score: f64) -> u64 {
    let bits = (score + 0.0).to_bits();
    bits ^ (((bits as i64) >> 63) as u64 | 1 << 63)
}

/// Smallest and largest value of all columns; (0, 0) when there is none.
fn range(columns: &[&[f64]]) -> (f64, f64) {
    let block_range = |block: &[f64]| {
        let mut low = [f64::INFINITY; 8];
        let mut high = [f64::NEG_INFINITY; 8];
        let (head, tail) = block.as_chunks::<8>();
        for chunk in head {
            for lane in 0..8 {
                low[lane] = if chunk[lane] < low[lane] { chunk[lane] } else { low[lane] };
                high[lane] = if chunk[lane] > high[lane] { chunk[lane] } else { high[lane] };
            }
        }
        let all = || low.iter().chain(tail);
        let all_high = || high.iter().chain(tail);
        (all().copied().fold(f64::INFINITY, f64::min), all_high().copied().fold(f64::NEG_INFINITY, f64::max))
    };
    let (low, high) = columns
        .par_iter()
        .flat_map(|column| column.par_chunks(BLOCK))
        .map(block_range)
        .reduce(|| (f64::INFINITY, f64::NEG_INFINITY), |a, b| (a.0.min(b.0), a.1.max(b.1)));
    if low <= high { (low, high) } else { (0.0, 0.0) }
}
