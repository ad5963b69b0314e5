//! Paired bootstrap of the AUC difference off two ready orders.
//!
//! A row's weights are a function of seed, replicate and row number, so both orders see the same weights without a
//! gather, and neither blocks nor threads change the answer. Weights take the values 0 to 5 with mean 1 and variance 1
//! exactly, as Poisson(1) has (probabilities 94, 95, 46, 16, 4, 1 of 256); third moment 4.98 against 5.

mod joint;

use rayon::prelude::*;

pub use joint::JointHistogram;

use super::Undefined;
use super::order::{Entry, Order};

/// Replicates of one walk down an order.
const LANES: usize = 8;
/// Entries whose sums fit 16-bit lanes: 16 rows of weight at most 5 give 16 · 5 · 80 = 6,400.
const RUN: usize = 16;

/// A well-mixed function of a counter and a key.
#[inline]
pub const fn hash(counter: u64, key: u64) -> u64 {
    let mut x = (counter ^ key).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    x ^= x >> 32;
    x = x.wrapping_mul(0xd6e8_feb8_6659_fd93);
    x ^ x >> 32
}

/// Key of a batch of replicates.
fn batch_key(seed: u64, batch: u64) -> u64 {
    hash(hash(batch, 0x5851_f42d_4c95_7f2d), seed)
}

/// Weight of one byte of the hash.
#[inline]
fn weight(byte: u8) -> u8 {
    u8::from(byte >= 94) + u8::from(byte >= 189) + u8::from(byte >= 235) + u8::from(byte >= 251) + u8::from(byte == 255)
}

/// AUCs of the champion and the challenger in each replicate, `replicates` of them (the two orders hold the same
/// rows). A replicate that loses a class altogether is left out.
///
/// # Errors
/// When a class has no row.
pub fn auc_replicates(orders: [&Order; 2], seed: u64, replicates: usize) -> Result<Vec<[f64; 2]>, Undefined> {
    if orders[0].positives() == 0 || orders[0].negatives() == 0 {
        return Err(Undefined("a class has no row"));
    }
    let batches = replicates.div_ceil(LANES);
    let ties = orders.map(|order| Ties::find(order.entries()));
    let walked: Vec<Tally> = (0..batches * 2)
        .into_par_iter()
        .with_max_len(1)
        .map(|task| walk(orders[task % 2].entries(), &ties[task % 2], batch_key(seed, (task / 2) as u64)))
        .collect();
    let mut found = Vec::with_capacity(replicates);
    for pair in walked.as_chunks::<2>().0 {
        for lane in 0..LANES {
            if let (Some(champion), Some(challenger)) = (pair[0].auc(lane), pair[1].auc(lane)) {
                found.push([champion, challenger]);
            }
        }
    }
    found.truncate(replicates);
    Ok(found)
}

/// Weighted counts of eight replicates.
#[derive(Clone, Copy, Default)]
struct Tally {
    positives: [u64; LANES],
    negatives: [u64; LANES],
    /// Twice the weighted pairs ranked right, ties once.
    doubled_wins: [u64; LANES],
}

impl Tally {
    fn auc(&self, lane: usize) -> Option<f64> {
        let pairs = self.positives[lane] as f64 * self.negatives[lane] as f64;
        (pairs > 0.0).then(|| 0.5 * self.doubled_wins[lane] as f64 / pairs)
    }
}

/// Tie groups whose rows are of both classes, as ranges of ranks; all others may be walked as if there were no tie.
struct Ties {
    /// Walked as if untied, then put right.
    short: Vec<(u32, u32)>,
    /// Walked as a group.
    long: Vec<(u32, u32)>,
}

impl Ties {
    const LONG: usize = 64;

    fn find(entries: &[Entry]) -> Self {
        let mut ties = Self { short: Vec::new(), long: Vec::new() };
        let mut at = 1;
        while at < entries.len() {
            if !entries[at].tied() {
                at += 1;
                continue;
            }
            let start = at - 1;
            let end = at + entries[at..].iter().take_while(|entry| entry.tied()).count();
            let group = &entries[start..end];
            if group.len() >= Self::LONG {
                ties.long.push((start as u32, end as u32));
            } else if group.iter().any(|entry| entry.label() != group[0].label()) {
                ties.short.push((start as u32, end as u32));
            }
            at = end;
        }
        ties
    }
}

fn walk(entries: &[Entry], ties: &Ties, key: u64) -> Tally {
    let mut tally = Tally::default();
    let mut at = 0;
    for &(start, end) in &ties.long {
        untied(&entries[at..start as usize], key, &mut tally);
        group_of_equals(&entries[start as usize..end as usize], key, &mut tally);
        at = end as usize;
    }
    untied(&entries[at..], key, &mut tally);
    for &(start, end) in &ties.short {
        put_right(&entries[start as usize..end as usize], key, &mut tally);
    }
    tally
}

/// Entries walked as if their scores differed.
fn untied(entries: &[Entry], key: u64, tally: &mut Tally) {
    let (runs, rest) = entries.as_chunks::<RUN>();
    for run in runs {
        untied_run(run, key, tally);
    }
    for entry in rest {
        group_of_equals(std::slice::from_ref(entry), key, tally);
    }
}

/// A short tie group was walked as if untied: replace the wins of its own pairs by half wins.
fn put_right(group: &[Entry], key: u64, tally: &mut Tally) {
    let mut sums = [[0u64; LANES]; 2];
    let mut wins = [0u64; LANES];
    for entry in group {
        let weights = hash(u64::from(entry.row()), key).to_le_bytes().map(|byte| u64::from(weight(byte)));
        for lane in 0..LANES {
            sums[entry.label() as usize][lane] += weights[lane];
            wins[lane] += u64::from(1 - entry.label()) * weights[lane] * sums[1][lane];
        }
    }
    for lane in 0..LANES {
        tally.doubled_wins[lane] += sums[0][lane] * sums[1][lane];
        tally.doubled_wins[lane] -= 2 * wins[lane];
    }
}

/// Sixteen entries of different scores.
#[inline]
fn untied_run(run: &[Entry; RUN], key: u64, tally: &mut Tally) {
    let mut weights = [[0u8; LANES]; RUN];
    for (weights, entry) in weights.iter_mut().zip(run) {
        *weights = hash(u64::from(entry.row()), key).to_le_bytes();
    }
    for byte in weights.as_flattened_mut() {
        *byte = weight(*byte);
    }
    // Positives above within the run, negatives, and the pairs they make, in lanes of 16 bits.
    let (mut hits, mut all, mut wins) = ([0u16; LANES], [0u16; LANES], [0u16; LANES]);
    for (weights, entry) in weights.iter().zip(run) {
        let positive = 0u16.wrapping_sub(entry.label() as u16);
        for lane in 0..LANES {
            let weight = u16::from(weights[lane]);
            let hit = weight & positive;
            wins[lane] = wins[lane].wrapping_add((weight ^ hit).wrapping_mul(hits[lane]));
            hits[lane] += hit;
            all[lane] += weight;
        }
    }
    for lane in 0..LANES {
        let negatives = u64::from(all[lane] - hits[lane]);
        tally.doubled_wins[lane] += 2 * (negatives * tally.positives[lane] + u64::from(wins[lane]));
        tally.positives[lane] += u64::from(hits[lane]);
        tally.negatives[lane] += negatives;
    }
}

/// Entries of one score.
fn group_of_equals(group: &[Entry], key: u64, tally: &mut Tally) {
    let mut sums = [[0u64; LANES]; 2];
    for entry in group {
        let bytes = hash(u64::from(entry.row()), key).to_le_bytes();
        for (sum, byte) in sums[entry.label() as usize].iter_mut().zip(bytes) {
            *sum += u64::from(weight(byte));
        }
    }
    let [negatives, positives] = sums;
    for lane in 0..LANES {
        tally.doubled_wins[lane] += negatives[lane] * (2 * tally.positives[lane] + positives[lane]);
        tally.positives[lane] += positives[lane];
        tally.negatives[lane] += negatives[lane];
    }
}

/// Standard deviation of challenger minus champion over replicates; `None` below two.
pub fn difference_error(replicates: &[[f64; 2]]) -> Option<f64> {
    let differences: Vec<f64> = replicates.iter().map(|pair| pair[1] - pair[0]).collect();
    super::Moments::of(&differences).variance().map(f64::sqrt)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Champion, challenger, label of made-up rows.
    pub(super) fn rows(n: u64) -> (Vec<f64>, Vec<f64>, Vec<u8>) {
        let unit = |row: u64, key: u64| hash(row, key) as f64 / u64::MAX as f64;
        let labels: Vec<u8> = (0..n).map(|row| u8::from(unit(row, 1) < 0.3)).collect();
        let shared = |row: u64| unit(row, 2) + 0.4 * f64::from(labels[row as usize]);
        let a = (0..n).map(|row| shared(row) + 0.5 * unit(row, 3)).collect();
        let b = (0..n).map(|row| shared(row) + 0.4 * unit(row, 4)).collect();
        (a, b, labels)
    }

    proptest! {
        #[test]
        fn replicates_equal_weighted_counting(rows in prop::collection::vec((0u16..300, 0u16..9, 0u8..2), 2..120), seed: u64) {
            let a: Vec<f64> = rows.iter().map(|row| f64::from(row.0)).collect();
            let b: Vec<f64> = rows.iter().map(|row| f64::from(row.1)).collect();
            let labels: Vec<u8> = rows.iter().map(|row| row.2).collect();
            let orders = [Order::new(&a, &labels), Order::new(&b, &labels)];
            let Ok(found) = auc_replicates([&orders[0], &orders[1]], seed, 8) else { return Ok(()) };
            let mut expected = Vec::new();
            for lane in 0..8 {
                let w: Vec<f64> = (0..rows.len())
                    .map(|row| f64::from(weight(hash(row as u64, batch_key(seed, 0)).to_le_bytes()[lane])))
                    .collect();
                let auc = |s: &[f64]| {
                    let (mut wins, mut pairs) = (0.0, 0.0);
                    for i in (0..s.len()).filter(|&i| labels[i] == 1) {
                        for j in (0..s.len()).filter(|&j| labels[j] == 0) {
                            let weight = w[i] * w[j];
                            pairs += weight;
                            wins += weight * if s[i] > s[j] { 1.0 } else if s[i] == s[j] { 0.5 } else { 0.0 };
                        }
                    }
                    (pairs > 0.0).then(|| wins / pairs)
                };
                if let (Some(x), Some(y)) = (auc(&a), auc(&b)) {
                    expected.push([x, y]);
                }
            }
            prop_assert_eq!(found.len(), expected.len());
            for (x, y) in found.iter().flatten().zip(expected.iter().flatten()) {
                prop_assert!((x - y).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn weights_have_mean_and_variance_one() {
        let moment = |power: i32| (0..=255).map(|byte| f64::from(weight(byte)).powi(power)).sum::<f64>() / 256.0;
        assert_eq!((moment(1), moment(2)), (1.0, 2.0));
    }

    #[test]
    fn error_agrees_with_delong_and_does_not_depend_on_threads() {
        let (a, b, labels) = rows(20_000);
        let orders = Order::both([&a, &b], &labels);
        let pair = [&orders[0], &orders[1]];
        let found = auc_replicates(pair, 5, 1000).unwrap();
        let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        assert_eq!(one.install(|| auc_replicates(pair, 5, 1000).unwrap()), found);
        let components = orders.each_ref().map(|order| crate::metrics::sweep(order, true).1.unwrap());
        let moments = crate::metrics::sweep::delong_moments(&components[0], &components[1], &labels);
        let variance: f64 =
            moments.iter().map(|m| (m.saa + m.sbb - 2.0 * m.sab) / (m.n as f64 - 1.0) / m.n as f64).sum();
        let ratio = difference_error(&found).unwrap() / variance.sqrt();
        // Monte-Carlo error of a standard deviation from 1,000 replicates: 2.2 %.
        assert!((ratio - 1.0).abs() < 0.09, "{ratio}");
        let preview = JointHistogram::new(pair).auc_replicates(5, 1000);
        let ratio = difference_error(&preview).unwrap() / variance.sqrt();
        assert!((ratio - 1.0).abs() < 0.09, "{ratio}");
    }
}
