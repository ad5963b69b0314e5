//! Probability quality: reliability bins, calibration error, Brier score, log loss.

mod ln;

use rayon::prelude::*;

pub use ln::ln;

use super::moments::{Moments, PairMoments};
use super::order::Order;
use super::{BLOCK, Undefined};

/// Probabilities nearer to 0 than this are clipped before the logarithm (scikit-learn's limit).
pub const CLIP: f64 = 2.220446049250313e-16;
/// Bins of the calibration error.
pub const ERROR_BINS: usize = 15;
/// Rows whose losses lie in the cache at once.
const LOSS_BLOCK: usize = 1024;

/// Rows whose scores lie in one bin.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bin {
    pub rows: u64,
    pub positives: u64,
    pub score_sum: f64,
}

impl Bin {
    pub fn merge(&mut self, other: &Self) {
        self.rows += other.rows;
        self.positives += other.positives;
        self.score_sum += other.score_sum;
    }

    /// Mean score; `None` in an empty bin.
    pub fn mean_score(&self) -> Option<f64> {
        (self.rows > 0).then(|| self.score_sum / self.rows as f64)
    }

    /// Share of positives; `None` in an empty bin.
    pub fn observed(&self) -> Option<f64> {
        (self.rows > 0).then(|| self.positives as f64 / self.rows as f64)
    }
}

/// Inner edges of bins of equal rows, ascending: bin `i` holds `edges[i-1] <= score < edges[i]`. Equal scores share a
/// bin, so ties may leave fewer bins. `scores` are those the order was made of.
pub fn equal_mass_edges(order: &Order, scores: &[f64], bins: usize) -> Vec<f64> {
    let n = order.len();
    let mut edges: Vec<f64> = (1..bins)
        .map(|bin| n - bin * n / bins)
        .filter(|&rank| rank > 0 && rank < n)
        .map(|rank| order.score(scores, rank - 1))
        .collect();
    edges.dedup();
    edges
}

/// Inner edges of `bins` bins of equal width on [low, high].
pub fn equal_width_edges(low: f64, high: f64, bins: usize) -> Vec<f64> {
    (1..bins).map(|bin| low + (high - low) * (bin as f64 / bins as f64)).collect()
}

/// Rows, positives and sum of scores of each of `edges.len() + 1` bins; bin `i` holds `edges[i-1] <= score < edges[i]`.
pub fn bins(labels: &[u8], scores: &[f64], edges: &[f64]) -> Vec<Bin> {
    let finder = Finder::new(edges);
    let blocks: Vec<Vec<Bin>> = labels
        .par_chunks(BLOCK)
        .zip(scores.par_chunks(BLOCK))
        .map(|(labels, scores)| {
            // Four tables in turn: rows of one bin in a row need not wait for each other's sums.
            let mut tables = vec![Bin::default(); 4 * (edges.len() + 1)];
            for (row, (&label, &score)) in labels.iter().zip(scores).enumerate() {
                let bin = &mut tables[finder.bin(score) * 4 + row % 4];
                bin.rows += 1;
                bin.positives += u64::from(label == 1);
                bin.score_sum += score;
            }
            let mut bins = vec![Bin::default(); edges.len() + 1];
            for (bin, tables) in bins.iter_mut().zip(tables.as_chunks::<4>().0) {
                tables.iter().for_each(|table| bin.merge(table));
            }
            bins
        })
        .collect();
    let mut sum = vec![Bin::default(); edges.len() + 1];
    for block in &blocks {
        for (bin, more) in sum.iter_mut().zip(block) {
            bin.merge(more);
        }
    }
    sum
}

/// Expected calibration error: mean over rows of |observed − mean score| of the row's bin.
///
/// # Errors
/// When there is no row.
pub fn calibration_error(bins: &[Bin]) -> Result<f64, Undefined> {
    let rows: u64 = bins.iter().map(|bin| bin.rows).sum();
    if rows == 0 {
        return Err(Undefined("no row"));
    }
    Ok(bins.iter().map(|bin| (bin.positives as f64 - bin.score_sum).abs()).sum::<f64>() / rows as f64)
}

/// Bin of a score by a table over equal steps, put right by the edges.
struct Finder<'a> {
    edges: &'a [f64],
    low: f64,
    scale: f64,
    /// Edges below the first score of each step.
    table: Vec<u32>,
}

impl<'a> Finder<'a> {
    const STEPS: usize = 1024;

    fn new(edges: &'a [f64]) -> Self {
        let low = edges.first().copied().unwrap_or(0.0);
        let scale = (Self::STEPS - 1) as f64 / (edges.last().copied().unwrap_or(0.0) - low);
        let scale = if scale.is_finite() { scale } else { 0.0 };
        let mut finder = Self { edges, low, scale, table: vec![0; Self::STEPS] };
        for &edge in edges {
            // The step grows with the score, so all scores of later steps are at or above the edge.
            let step = finder.step(edge);
            finder.table[step + 1..].iter_mut().for_each(|count| *count += 1);
        }
        finder
    }

    /// Step of a score: rounded by adding 2^52, whose sum holds the integer in its low bits.
    #[inline]
    fn step(&self, score: f64) -> usize {
        let steps = (score - self.low) * self.scale;
        let steps = if steps > 0.0 { steps } else { 0.0 };
        let steps = if steps < (Self::STEPS - 1) as f64 { steps } else { (Self::STEPS - 1) as f64 };
        (steps + 4_503_599_627_370_496.0).to_bits() as usize % Self::STEPS
    }

    #[inline]
    fn bin(&self, score: f64) -> usize {
        let mut bin = self.table[self.step(score)] as usize;
        while bin < self.edges.len() && score >= self.edges[bin] {
            bin += 1;
        }
        bin
    }
}

/// Losses of two models on the same rows. Differences are challenger minus champion.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Losses {
    /// Squared error of the probability: moments of both models (`a` champion) and of the difference.
    pub brier: PairMoments,
    pub brier_difference: Moments,
    /// Log loss in nats.
    pub log_loss: PairMoments,
    pub log_loss_difference: Moments,
    /// Rows clipped before the logarithm, by model.
    pub clipped: [u64; 2],
}

impl Losses {
    /// Add the rows of another tally.
    pub fn merge(&mut self, other: &Self) {
        self.brier.merge(&other.brier);
        self.brier_difference.merge(&other.brier_difference);
        self.log_loss.merge(&other.log_loss);
        self.log_loss_difference.merge(&other.log_loss_difference);
        self.clipped = [self.clipped[0] + other.clipped[0], self.clipped[1] + other.clipped[1]];
    }
}

/// Brier and log loss of two models with the moments of their row-wise difference. `scores` are probabilities.
pub fn losses(labels: &[u8], scores: [&[f64]; 2]) -> Losses {
    let blocks: Vec<Losses> = labels
        .par_chunks(BLOCK)
        .zip(scores[0].par_chunks(BLOCK).zip(scores[1].par_chunks(BLOCK)))
        .map(|(labels, (champion, challenger))| {
            let mut sum = Losses::default();
            let blocks = labels.chunks(LOSS_BLOCK).zip(champion.chunks(LOSS_BLOCK)).zip(challenger.chunks(LOSS_BLOCK));
            for ((labels, champion), challenger) in blocks {
                sum.merge(&loss_block(labels, [champion, challenger]));
            }
            sum
        })
        .collect();
    let mut sum = Losses::default();
    for block in &blocks {
        sum.merge(block);
    }
    sum
}

fn loss_block(labels: &[u8], scores: [&[f64]; 2]) -> Losses {
    let n = labels.len();
    let mut values = [[0.0; LOSS_BLOCK]; 2];
    let mut difference = [0.0; LOSS_BLOCK];
    let mut moments = |values: &[[f64; LOSS_BLOCK]; 2]| {
        let [a, b] = values;
        for ((d, a), b) in difference.iter_mut().zip(a).zip(b) {
            *d = b - a;
        }
        (PairMoments::of(&a[..n], &b[..n]), Moments::of(&difference[..n]))
    };
    for (out, scores) in values.iter_mut().zip(scores) {
        for ((slot, &p), &y) in out.iter_mut().zip(scores).zip(labels) {
            *slot = brier(y, p);
        }
    }
    let (brier, brier_difference) = moments(&values);
    let mut clipped = [0; 2];
    for ((out, scores), clipped) in values.iter_mut().zip(scores).zip(&mut clipped) {
        for ((slot, &p), &y) in out.iter_mut().zip(scores).zip(labels) {
            *slot = if y == 1 { p } else { 1.0 - p };
        }
        for q in &mut out[..n] {
            *clipped += u64::from(*q < CLIP);
            *q = if *q < CLIP { CLIP } else { *q };
        }
        for q in &mut out[..n] {
            *q = -ln(*q);
        }
    }
    let (log_loss, log_loss_difference) = moments(&values);
    Losses { brier, brier_difference, log_loss, log_loss_difference, clipped }
}

/// Squared error of a probability.
#[inline]
pub fn brier(label: u8, probability: f64) -> f64 {
    let error = probability - f64::from(u8::from(label == 1));
    error * error
}

/// Log loss of a probability in nats, clipped at [`CLIP`].
#[inline]
pub fn log_loss(label: u8, probability: f64) -> f64 {
    let q = if label == 1 { probability } else { 1.0 - probability };
    -ln(if q < CLIP { CLIP } else { q })
}

/// Loss of every row, in row order: [`brier`] or [`log_loss`].
pub fn row_losses(labels: &[u8], scores: &[f64], loss: impl Fn(u8, f64) -> f64 + Sync) -> Vec<f64> {
    labels.par_iter().zip(scores).with_min_len(BLOCK).map(|(&y, &p)| loss(y, p)).collect()
}

/// Log odds of a probability, clipped at [`CLIP`] on both sides: the input of the Cox regression.
#[inline]
pub fn logit(probability: f64) -> f64 {
    let clip = |q: f64| if q < CLIP { CLIP } else { q };
    ln(clip(probability)) - ln(clip(1.0 - probability))
}

/// Log odds of every row, in row order.
pub fn logits(scores: &[f64]) -> Vec<f64> {
    scores.par_iter().with_min_len(BLOCK).map(|&p| logit(p)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn losses_equal_their_definition(rows in prop::collection::vec((0.0..=1.0f64, 0.0..=1.0f64, 0u8..2), 1..3000)) {
            let a: Vec<f64> = rows.iter().map(|row| row.0).collect();
            let b: Vec<f64> = rows.iter().map(|row| row.1).collect();
            let y: Vec<u8> = rows.iter().map(|row| row.2).collect();
            let found = losses(&y, [&a, &b]);
            let exact = |p: f64, y: u8| -(if y == 1 { p } else { 1.0 - p }).max(CLIP).ln();
            let d: Vec<f64> = (0..rows.len()).map(|i| exact(b[i], y[i]) - exact(a[i], y[i])).collect();
            let mean = d.iter().sum::<f64>() / d.len() as f64;
            let m2: f64 = d.iter().map(|x| (x - mean) * (x - mean)).sum();
            prop_assert!((found.log_loss_difference.mean - mean).abs() < 1e-10);
            prop_assert!((found.log_loss_difference.m2 - m2).abs() < 1e-9 * (1.0 + m2));
            let brier_b = (0..rows.len()).map(|i| brier(y[i], b[i])).sum::<f64>() / d.len() as f64;
            prop_assert!((found.brier.mean_b - brier_b).abs() < 1e-12);
            prop_assert!((found.brier_difference.mean - (found.brier.mean_b - found.brier.mean_a)).abs() < 1e-12);
        }

        #[test]
        fn bins_equal_a_search_of_the_edges(
            scores in prop::collection::vec(-0.5..1.5f64, 1..400),
            edges in prop::collection::btree_set(0u16..100, 0..20),
        ) {
            let edges: Vec<f64> = edges.into_iter().map(|edge| f64::from(edge) / 100.0).collect();
            let labels: Vec<u8> = (0..scores.len()).map(|row| (row % 2) as u8).collect();
            let mut naive = vec![0u64; edges.len() + 1];
            for score in &scores {
                naive[edges.partition_point(|edge| edge <= score)] += 1;
            }
            let found: Vec<u64> = bins(&labels, &scores, &edges).iter().map(|bin| bin.rows).collect();
            prop_assert_eq!(found, naive);
        }
    }

    #[test]
    fn clipped_rows_are_counted() {
        let found = losses(&[1, 0, 1], [&[0.0, 1.0, 0.5], &[1.0, 0.0, 0.5]]);
        assert_eq!(found.clipped, [2, 0]);
        assert!((found.log_loss.mean_a - (2.0 * -CLIP.ln() + 2f64.ln()) / 3.0).abs() < 1e-12);
    }

    #[test]
    fn equal_mass_bins_hold_equal_rows() {
        let scores: Vec<f64> = (0..1500).map(|row| f64::from(row * 7 % 1500) / 1500.0).collect();
        let labels = vec![0; 1500];
        let order = Order::new(&scores, &labels);
        let found = bins(&labels, &scores, &equal_mass_edges(&order, &scores, ERROR_BINS));
        assert!(found.len() == 15 && found.iter().all(|bin| bin.rows == 100));
        assert!((calibration_error(&found).unwrap() - 1499.0 / 3000.0).abs() < 1e-12);
    }
}
