//! Exact counts at any threshold by binary search, and the thresholds that match a rate or cost least.

use rayon::prelude::*;

use super::Undefined;
use super::confusion::Confusion;
use super::order::Order;
use super::sweep::parts;

/// Entries between two checkpoints of the cumulative counts.
const STEP: usize = 1024;

/// A model's order with cumulative counts; a look-up costs one binary search and at most 1,024 entries.
#[derive(Clone, Debug)]
pub struct ThresholdIndex<'a> {
    order: &'a Order,
    scores: &'a [f64],
    /// Positives among the first `STEP * i` entries.
    positives: Vec<u32>,
}

/// A threshold with what it does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cut {
    /// Positive when `score >= threshold`.
    pub threshold: f64,
    pub confusion: Confusion,
}

impl<'a> ThresholdIndex<'a> {
    /// `scores` are those the order was made of.
    pub fn new(order: &'a Order, scores: &'a [f64]) -> Self {
        let blocks: Vec<u32> = order
            .entries()
            .par_chunks(STEP)
            .with_min_len(64)
            .map(|block| block.iter().map(|entry| entry.label()).sum())
            .collect();
        let mut positives = Vec::with_capacity(blocks.len() + 1);
        positives.push(0);
        let mut sum = 0;
        positives.extend(blocks.into_iter().map(|count| {
            sum += count;
            sum
        }));
        Self { order, scores, positives }
    }

    /// Counts of the decisions `score >= threshold`.
    pub fn confusion(&self, threshold: f64) -> Confusion {
        self.at_rank(self.order.rank_of(self.scores, threshold))
    }

    /// Counts when the first `rank` entries are flagged.
    fn at_rank(&self, rank: usize) -> Confusion {
        let true_positive = self.positives_above(rank);
        let false_positive = rank as u64 - true_positive;
        Confusion {
            true_negative: self.order.negatives() - false_positive,
            false_positive,
            false_negative: self.order.positives() - true_positive,
            true_positive,
        }
    }

    fn positives_above(&self, rank: usize) -> u64 {
        let checkpoint = rank / STEP;
        let rest = &self.order.entries()[checkpoint * STEP..rank];
        u64::from(self.positives[checkpoint]) + rest.iter().map(|entry| u64::from(entry.label())).sum::<u64>()
    }

    /// The lowest threshold whose false-positive rate does not exceed `rate`.
    ///
    /// # Errors
    /// When there is no negative row.
    pub fn at_false_positive_rate(&self, rate: f64) -> Result<Cut, Undefined> {
        let negatives = self.order.negatives();
        if negatives == 0 {
            return Err(Undefined("no negative row"));
        }
        let allowed = whole(rate, negatives);
        // The longest prefix with at most `allowed` negatives, first by checkpoint, then by entry.
        let alarms = |checkpoint: usize| (checkpoint * STEP) as u64 - u64::from(self.positives[checkpoint]);
        let whole_blocks = self.order.len() / STEP;
        let indices: Vec<usize> = (0..=whole_blocks).collect();
        let block = indices.partition_point(|&index| alarms(index) <= allowed).saturating_sub(1);
        let mut rank = block * STEP;
        let mut count = alarms(block);
        for entry in &self.order.entries()[rank..] {
            count += u64::from(1 - entry.label());
            if count > allowed {
                break;
            }
            rank += 1;
        }
        Ok(self.cut(self.group_start(rank)))
    }

    /// The lowest threshold whose share of flagged rows does not exceed `rate`.
    ///
    /// # Errors
    /// When there is no row.
    pub fn at_flag_rate(&self, rate: f64) -> Result<Cut, Undefined> {
        if self.order.is_empty() {
            return Err(Undefined("no row"));
        }
        Ok(self.cut(self.group_start(whole(rate, self.order.len() as u64) as usize)))
    }

    /// The threshold of least cost, `false_positive` and `false_negative` each at the given cost; the higher
    /// threshold where several cost the same.
    ///
    /// # Errors
    /// When there is no row, or a cost is not a number.
    pub fn least_cost(&self, false_positive: f64, false_negative: f64) -> Result<Cut, Undefined> {
        if self.order.is_empty() {
            return Err(Undefined("no row"));
        }
        if !(false_positive.is_finite() && false_negative.is_finite()) {
            return Err(Undefined("a cost is not a number"));
        }
        let best = parts(self.order)
            .par_iter()
            .map(|([negatives, positives], entries)| {
                let (mut alarms, mut hits) = (*negatives, *positives);
                let first = (alarms + hits) as usize;
                let mut best = (f64::INFINITY, 0);
                for (index, entry) in entries.iter().enumerate() {
                    let label = u64::from(entry.label());
                    hits += label;
                    alarms += 1 - label;
                    let cost = false_positive * alarms as f64 - false_negative * hits as f64;
                    if cost < best.0 && entries.get(index + 1).is_none_or(|next| !next.tied()) {
                        best = (cost, first + index + 1);
                    }
                }
                best
            })
            .collect::<Vec<_>>()
            .into_iter()
            .fold((0.0, 0), |best, next| if next.0 < best.0 { next } else { best });
        Ok(self.cut(best.1))
    }

    /// Start of the tie group that the boundary before `rank` would split.
    fn group_start(&self, rank: usize) -> usize {
        match self.order.entries().get(rank) {
            Some(entry) if entry.tied() => {
                let score = self.order.score(self.scores, rank);
                self.order.entries().partition_point(|entry| self.scores[entry.row() as usize] > score)
            }
            _ => rank.min(self.order.len()),
        }
    }

    fn cut(&self, rank: usize) -> Cut {
        let threshold = match rank.checked_sub(1) {
            Some(last) => self.order.score(self.scores, last),
            None => self.order.score(self.scores, 0).next_up(),
        };
        Cut { threshold, confusion: self.at_rank(rank) }
    }
}

/// `rate * count` rounded down, forgiving the rounding of `rate = k / count`.
fn whole(rate: f64, count: u64) -> u64 {
    ((rate * count as f64 * (1.0 + 1e-12)).floor().max(0.0) as u64).min(count)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::metrics::{Decision, confusion};

    proptest! {
        #[test]
        fn look_ups_equal_counting(
            rows in prop::collection::vec((0u8..30, 0u8..2), 2..5000),
            threshold in 0u8..32,
            costs in (0.1..5.0f64, 0.1..5.0f64),
        ) {
            let (scores, labels): (Vec<f64>, Vec<u8>) = rows.into_iter().map(|(s, y)| (f64::from(s), y)).unzip();
            let order = Order::new(&scores, &labels);
            let index = ThresholdIndex::new(&order, &scores);
            let count = |t: f64| confusion::confusion(&labels, Decision::Score { scores: &scores, threshold: t });
            prop_assert_eq!(index.confusion(f64::from(threshold)), count(f64::from(threshold)));
            let cost = |c: &Confusion| costs.0 * c.false_positive as f64 + costs.1 * c.false_negative as f64;
            let best = index.least_cost(costs.0, costs.1).unwrap();
            prop_assert_eq!(best.confusion, count(best.threshold));
            let least = (0..=30).map(|t| cost(&count(f64::from(t)))).fold(f64::INFINITY, f64::min);
            prop_assert!((cost(&best.confusion) - least).abs() < 1e-9 * (1.0 + least));
            let flagged = |c: &Confusion| c.false_positive + c.true_positive;
            let wanted = index.confusion(f64::from(threshold));
            let rate = flagged(&wanted) as f64 / labels.len() as f64;
            prop_assert_eq!(flagged(&index.at_flag_rate(rate).unwrap().confusion), flagged(&wanted));
            if order.negatives() > 0 {
                let rate = wanted.false_positive as f64 / order.negatives() as f64;
                let cut = index.at_false_positive_rate(rate).unwrap();
                prop_assert_eq!(cut.confusion.false_positive, wanted.false_positive);
                prop_assert_eq!(cut.confusion, count(cut.threshold));
            }
        }
    }
}
