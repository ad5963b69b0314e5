//! One walk down an order: AUC, AP, Kolmogorov-Smirnov, DeLong placements and curve candidates, ties exact.

use std::sync::atomic::{AtomicU32, Ordering};

use rayon::prelude::*;

use super::Undefined;
use super::curve::Candidate;
use super::moments::PairMoments;
use super::order::{Entry, Order};

/// Entries a worker walks at a time.
const PART: usize = 1 << 17;
/// Curve candidates are kept about this often along each axis.
const STEPS: u64 = 2048;

/// What one walk finds.
#[derive(Clone, Debug)]
pub struct Sweep {
    pub positives: u64,
    pub negatives: u64,
    /// Area under the ROC curve: share of (positive, negative) pairs ranked right, ties one half.
    pub auc: Result<f64, Undefined>,
    /// Average precision: sum of precision times gain in recall over distinct scores (no interpolation).
    pub average_precision: Result<f64, Undefined>,
    /// Largest distance between the score distributions of positives and negatives.
    pub ks: Result<f64, Undefined>,
    /// Points of the ROC and precision-recall curves, dense enough for any plot; see [`super::curve`].
    pub candidates: Vec<Candidate>,
}

/// Placement of every row among the rows of the other class, from which DeLong's structural components
/// follow (DeLong et al. 1988; Sun and Xu 2014, IEEE SPL 21:1389). Held as whole numbers, so exact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Placements {
    /// Positive row: twice the negatives above it plus the tied ones. Negative row: the same with positives.
    doubled: Vec<u32>,
    positives: u64,
    negatives: u64,
}

impl Placements {
    /// Factor of the placement for a row of label 0 and 1.
    fn scales(&self) -> [f64; 2] {
        [0.5 / self.positives as f64, 0.5 / self.negatives as f64]
    }

    /// Component of each row in row order: for a positive, the share of negatives below it (ties half), V10; for
    /// a negative, the share of positives above it, V01. Both have the mean AUC. `labels` are those of the order.
    pub fn components(&self, labels: &[u8]) -> Vec<f64> {
        let value = self.value();
        self.doubled
            .par_iter()
            .zip(labels)
            .with_min_len(super::BLOCK)
            .map(|(&placement, &label)| value(placement, label))
            .collect()
    }

    /// Component of one row, see [`Placements::components`].
    #[inline]
    pub fn component(&self, row: usize, label: u8) -> f64 {
        self.value()(self.doubled[row], label)
    }

    /// Twice the rows of the other class above a row, plus those tied with it.
    #[inline]
    pub fn doubled(&self, row: usize) -> u32 {
        self.doubled[row]
    }

    #[inline]
    fn value(&self) -> impl Fn(u32, u8) -> f64 + Sync + Copy + use<> {
        let scales = self.scales();
        let (factor, offset) = ([scales[0], -scales[1]], [0.0, 1.0]);
        move |placement: u32, label: u8| {
            let class = usize::from(label == 1);
            f64::from(placement) * factor[class] + offset[class]
        }
    }

    pub fn len(&self) -> usize {
        self.doubled.len()
    }

    pub fn is_empty(&self) -> bool {
        self.doubled.is_empty()
    }
}

/// Moments of the two models' components over negatives and over positives, `[negatives, positives]`: what
/// paired DeLong needs. The variance of AUC difference is `Σ (saa + sbb − 2 sab) / (n − 1) / n` over classes.
pub fn delong_moments(a: &Placements, b: &Placements, labels: &[u8]) -> [PairMoments; 2] {
    let (value_a, value_b) = (a.value(), b.value());
    let block = |(rows_a, (rows_b, labels)): (&[u32], (&[u32], &[u8]))| {
        let mut columns = [[const { Vec::new() }; 2], [const { Vec::new() }; 2]];
        for side in columns.iter_mut().flatten() {
            side.resize(rows_a.len(), 0.0);
        }
        let mut counts = [0usize; 2];
        for ((&x, &y), &label) in rows_a.iter().zip(rows_b).zip(labels) {
            // Written to the next place of both classes; only the right class moves on.
            let class = usize::from(label == 1);
            let at = counts[class];
            columns[class][0][at] = value_a(x, label);
            columns[class][1][at] = value_b(y, label);
            counts[class] += 1;
        }
        [0, 1].map(|class| {
            let [x, y] = &columns[class];
            PairMoments::of(&x[..counts[class]], &y[..counts[class]])
        })
    };
    let parts: Vec<[PairMoments; 2]> = a
        .doubled
        .par_chunks(2048)
        .zip(b.doubled.par_chunks(2048).zip(labels.par_chunks(2048)))
        .with_min_len(16)
        .map(block)
        .collect();
    let mut sum = [PairMoments::default(); 2];
    for part in &parts {
        sum[0].merge(&part[0]);
        sum[1].merge(&part[1]);
    }
    sum
}

/// Walk an order; `placements` asks for the DeLong placements as well, at the price of a scattered write.
pub fn sweep(order: &Order, placements: bool) -> (Sweep, Option<Placements>) {
    let (positives, negatives) = (order.positives(), order.negatives());
    let doubled: Option<Vec<AtomicU32>> =
        placements.then(|| (0..order.len()).into_par_iter().map(|_| AtomicU32::new(0)).collect());
    let parts = parts(order);
    let walked: Vec<Walk> = parts
        .par_iter()
        .map(|part| {
            let walk = Walk::new(part.0, positives, negatives);
            match &doubled {
                Some(doubled) => walk.run(part.1, |entry, placement| {
                    doubled[entry.row() as usize].store(placement, Ordering::Relaxed);
                }),
                None => walk.run(part.1, |_, _| ()),
            }
        })
        .collect();
    let placements = doubled.map(|doubled| Placements {
        doubled: doubled.into_iter().map(AtomicU32::into_inner).collect(),
        positives,
        negatives,
    });
    (finish(walked, positives, negatives), placements)
}

/// Parts of an order that no tie group crosses, each with the counts (negatives, positives) above it.
pub(crate) fn parts(order: &Order) -> Vec<([u64; 2], &[Entry])> {
    let cuts = order.cuts(PART);
    let slices: Vec<&[Entry]> = cuts.windows(2).map(|pair| &order.entries()[pair[0]..pair[1]]).collect();
    let positives: Vec<u64> =
        slices.par_iter().map(|part| part.iter().map(|entry| u64::from(entry.label())).sum()).collect();
    let mut above = [0, 0];
    slices
        .into_iter()
        .zip(positives)
        .map(|(part, positives)| {
            let start = above;
            above = [start[0] + part.len() as u64 - positives, start[1] + positives];
            (start, part)
        })
        .collect()
}

fn finish(walks: Vec<Walk>, positives: u64, negatives: u64) -> Sweep {
    let mut doubled = 0u64;
    let mut precision = 0.0;
    let mut reach = [0i64; 2];
    let mut candidates = vec![Candidate { false_positives: 0, true_positives: 0 }];
    for walk in walks {
        doubled += walk.doubled_wins;
        precision += walk.precision;
        reach = [reach[0].min(walk.reach[0]), reach[1].max(walk.reach[1])];
        candidates.extend(walk.candidates);
    }
    let last = Candidate { false_positives: negatives as u32, true_positives: positives as u32 };
    if candidates.last() != Some(&last) {
        candidates.push(last);
    }
    let pairs = positives as f64 * negatives as f64;
    let both = match (positives, negatives) {
        (0, _) => Err(Undefined("no positive row")),
        (_, 0) => Err(Undefined("no negative row")),
        _ => Ok(()),
    };
    Sweep {
        positives,
        negatives,
        auc: both.map(|()| doubled as f64 * 0.5 / pairs),
        average_precision: if positives > 0 {
            Ok(precision / positives as f64)
        } else {
            Err(Undefined("no positive row"))
        },
        ks: both.map(|()| reach[0].unsigned_abs().max(reach[1].unsigned_abs()) as f64 / pairs),
        candidates,
    }
}

/// Entries of a block that is walked loop by loop.
const CACHED: usize = 256;

/// Per entry of a block: its placement, and the positives above it.
struct Buffer {
    placements: [u32; CACHED],
    above: [u32; CACHED],
}

/// State of a walk over one part of an order.
struct Walk {
    true_positives: u64,
    false_positives: u64,
    positives: u64,
    negatives: u64,
    /// Twice the pairs ranked right, ties counted once.
    doubled_wins: u64,
    /// Sum over positives of the precision at the end of their tie group.
    precision: f64,
    /// Least and greatest value of `true_positives * negatives - false_positives * positives`.
    reach: [i64; 2],
    /// True positives, false positives and rank at which the next candidate is due.
    next: [u64; 3],
    candidates: Vec<Candidate>,
}

impl Walk {
    fn new(above: [u64; 2], positives: u64, negatives: u64) -> Self {
        let [false_positives, true_positives] = above;
        let mut walk = Self {
            true_positives,
            false_positives,
            positives,
            negatives,
            doubled_wins: 0,
            precision: 0.0,
            reach: [0; 2],
            next: [0; 3],
            candidates: Vec::new(),
        };
        walk.plan_next();
        walk
    }

    /// Set the counts at which the next candidate is due: a step along either rate, or along the log of the rank.
    fn plan_next(&mut self) {
        let rank = self.true_positives + self.false_positives;
        self.next = [
            self.true_positives + (self.positives / STEPS).max(1),
            self.false_positives + (self.negatives / STEPS).max(1),
            rank + (rank / 512).max(1),
        ];
    }

    #[inline]
    fn run(mut self, entries: &[Entry], mut place: impl FnMut(Entry, u32)) -> Self {
        let mut buffer = Buffer { placements: [0; CACHED], above: [0; CACHED] };
        let mut start = 0;
        while start < entries.len() {
            let rest = &entries[start..];
            let mut size = rest.len().min(CACHED);
            while size > 0 && rest.get(size).is_some_and(|next| next.tied()) {
                size -= 1;
            }
            if size > 0 {
                self.block(&rest[..size], &mut buffer);
                for (&entry, &placement) in rest[..size].iter().zip(&buffer.placements) {
                    place(entry, placement);
                }
            } else {
                // One tie group is longer than a block.
                size = 1 + rest[1..].iter().take_while(|entry| entry.tied()).count();
                let group = &rest[..size];
                let above = [self.false_positives, self.true_positives];
                let positives: u64 = group.iter().map(|entry| u64::from(entry.label())).sum();
                let negatives = size as u64 - positives;
                let placement = [2 * above[1] + positives, 2 * above[0] + negatives].map(|x| x as u32);
                for &entry in group {
                    place(entry, placement[entry.label() as usize]);
                }
                self.group(positives, negatives);
            }
            start += size;
        }
        self
    }

    /// Whole tie groups: first as if nothing were tied, in loops that become vector code, then ties put right.
    #[inline]
    fn block(&mut self, entries: &[Entry], buffer: &mut Buffer) {
        let (hits_before, rank_before) = (self.true_positives, self.true_positives + self.false_positives);
        let steps = [-(self.positives as i64), self.negatives as i64];
        let mut distance =
            (self.true_positives * self.negatives) as i64 - (self.false_positives * self.positives) as i64;
        let mut hits = hits_before as u32;
        for (index, (entry, above)) in entries.iter().zip(&mut buffer.above).enumerate() {
            *above = hits;
            hits += entry.label();
            distance += steps[entry.label() as usize];
            // Only the end of a tie group is a point of the curve.
            let inside = entries.get(index + 1).is_some_and(|next| next.tied());
            let (low, high) = if inside { (0, 0) } else { (distance, distance) };
            self.reach = [self.reach[0].min(low), self.reach[1].max(high)];
        }
        let first_rank = rank_before as u32;
        let mut wins = 0u64;
        for (index, ((entry, &above), placement)) in
            entries.iter().zip(&buffer.above).zip(&mut buffer.placements).enumerate()
        {
            let positive = 0u32.wrapping_sub(entry.label());
            let negatives_above = first_rank + index as u32 - above;
            *placement = 2 * (negatives_above & positive | above & !positive);
            wins += u64::from(above & !positive);
        }
        let mut precision = 0.0;
        for (index, (entry, &above)) in entries.iter().zip(&buffer.above).enumerate() {
            let label = entry.label() as i32;
            precision +=
                f64::from(label) * (f64::from(above as i32 + label) / f64::from(first_rank as i32 + index as i32 + 1));
        }
        self.doubled_wins += 2 * wins;
        self.precision += precision;
        for index in 1..entries.len() {
            if entries[index].tied() && !entries[index - 1].tied() {
                self.put_right(entries, index - 1, first_rank, buffer);
            }
        }
        self.true_positives = u64::from(hits);
        self.false_positives = rank_before + entries.len() as u64 - self.true_positives;
        let end = [self.true_positives, self.false_positives, rank_before + entries.len() as u64];
        if end.iter().zip(&self.next).any(|(count, due)| count >= due) {
            self.keep_within(entries, hits_before, rank_before);
        }
    }

    /// Replace what a tie group that starts at `start` added when it was walked as if untied.
    fn put_right(&mut self, entries: &[Entry], start: usize, first_rank: u32, buffer: &mut Buffer) {
        let size = 1 + entries[start + 1..].iter().take_while(|entry| entry.tied()).count();
        let group = &entries[start..start + size];
        let hits_above = buffer.above[start];
        let alarms_above = first_rank + start as u32 - hits_above;
        let hits: u32 = group.iter().map(|entry| entry.label()).sum();
        let alarms = size as u32 - hits;
        let rank = |index: usize| f64::from(first_rank + (start + index) as u32 + 1);
        let (mut wins, mut precision) = (0u64, 0.0);
        for (index, entry) in group.iter().enumerate() {
            let above = buffer.above[start + index];
            if entry.label() == 1 {
                precision += f64::from(above + 1) / rank(index);
                buffer.placements[start + index] = 2 * alarms_above + alarms;
            } else {
                wins += u64::from(above);
                buffer.placements[start + index] = 2 * hits_above + hits;
            }
        }
        self.doubled_wins += u64::from(alarms) * u64::from(2 * hits_above + hits);
        self.doubled_wins -= 2 * wins;
        self.precision += f64::from(hits) * (f64::from(hits_above + hits) / rank(size - 1)) - precision;
    }

    /// Keep the candidates that fall due in a block.
    #[cold]
    fn keep_within(&mut self, entries: &[Entry], hits_before: u64, rank_before: u64) {
        let end = (self.true_positives, self.false_positives);
        (self.true_positives, self.false_positives) = (hits_before, rank_before - hits_before);
        for (index, entry) in entries.iter().enumerate() {
            self.true_positives += u64::from(entry.label());
            self.false_positives += u64::from(1 - entry.label());
            if entries.get(index + 1).is_none_or(|next| !next.tied()) {
                self.keep_if_due();
            }
        }
        debug_assert_eq!(end, (self.true_positives, self.false_positives));
    }

    /// A tie group of so many positives and negatives.
    #[inline]
    fn group(&mut self, positives: u64, negatives: u64) {
        self.doubled_wins += negatives * (2 * self.true_positives + positives);
        self.true_positives += positives;
        self.false_positives += negatives;
        let rank = self.true_positives + self.false_positives;
        self.precision += positives as f64 * (self.true_positives as f64 / rank as f64);
        let distance = (self.true_positives * self.negatives) as i64 - (self.false_positives * self.positives) as i64;
        self.reach = [self.reach[0].min(distance), self.reach[1].max(distance)];
        self.keep_if_due();
    }

    #[inline]
    fn keep_if_due(&mut self) {
        let rank = self.true_positives + self.false_positives;
        if self.true_positives >= self.next[0] || self.false_positives >= self.next[1] || rank >= self.next[2] {
            self.keep();
        }
    }

    #[cold]
    fn keep(&mut self) {
        self.candidates.push(Candidate {
            false_positives: self.false_positives as u32,
            true_positives: self.true_positives as u32,
        });
        self.plan_next();
    }
}

#[cfg(test)]
mod tests;
