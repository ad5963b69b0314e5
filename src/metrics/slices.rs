//! Metrics of slices read off the global orders: nothing is sorted again.

use rayon::prelude::*;

use super::order::{Entry, Order};
use super::{BLOCK, Undefined};
use crate::log::RowMask;

/// AUC, AP and counts of one model on one slice.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SliceSweep {
    pub positives: u64,
    pub negatives: u64,
    pub auc: Result<f64, Undefined>,
    pub average_precision: Result<f64, Undefined>,
}

/// Entries whose codes are looked up before any is counted. Counting at once would make every look-up wait for the
/// one before it: the processor cannot know that a count it loads is not the one it is about to store.
const AHEAD: usize = 256;

/// Running counts of one slice down the order.
#[derive(Clone, Copy, Default)]
struct State {
    hits: u32,
    alarms: u32,
    /// Negatives and positives of the tie group at hand, not yet added.
    tied: [u32; 2],
    doubled_wins: u64,
    precision: f64,
}

impl State {
    /// Add an entry whose score no other entry has.
    #[inline]
    fn add(&mut self, label: u32) {
        self.doubled_wins += 2 * u64::from(self.hits) * u64::from(1 - label);
        self.hits += label;
        self.alarms += 1 - label;
        self.precision += f64::from(label) * (f64::from(self.hits) / f64::from(self.hits + self.alarms));
    }

    /// Add the tie group held in `tied`.
    fn close(&mut self) {
        let [alarms, hits] = std::mem::take(&mut self.tied);
        self.doubled_wins += u64::from(alarms) * (2 * u64::from(self.hits) + u64::from(hits));
        self.hits += hits;
        self.alarms += alarms;
        // At least 1, so that an empty group adds 0 rather than NaN.
        let rows = (self.hits + self.alarms).max(1);
        self.precision += f64::from(hits) * (f64::from(self.hits) / f64::from(rows));
    }

    fn finish(self) -> SliceSweep {
        let (hits, alarms) = (f64::from(self.hits), f64::from(self.alarms));
        let positive = if self.hits > 0 { Ok(()) } else { Err(Undefined("no positive row")) };
        let negative = if self.alarms > 0 { Ok(()) } else { Err(Undefined("no negative row")) };
        SliceSweep {
            positives: u64::from(self.hits),
            negatives: u64::from(self.alarms),
            auc: positive.and(negative).map(|()| 0.5 * self.doubled_wins as f64 / (hits * alarms)),
            average_precision: positive.map(|()| self.precision / hits),
        }
    }
}

/// Walk entries of one slice or of many: `slice` tells the state of an entry.
fn walk(entries: &[Entry], states: &mut [State], slice: impl Fn(Entry) -> usize) {
    let mut slices = [0u32; AHEAD];
    // Tie group at hand, begun in an earlier block or this one: its states wait in `open`.
    let mut open: Vec<u32> = Vec::new();
    for (index, block) in entries.chunks(AHEAD).enumerate() {
        for (slot, &entry) in slices.iter_mut().zip(block) {
            *slot = slice(entry) as u32;
        }
        for (offset, (&entry, &slice)) in block.iter().zip(&slices).enumerate() {
            let next_tied = match block.get(offset + 1) {
                Some(next) => next.tied(),
                None => entries.get(index * AHEAD + offset + 1).is_some_and(|next| next.tied()),
            };
            if !(entry.tied() | next_tied) {
                states[slice as usize].add(entry.label());
                continue;
            }
            let state = &mut states[slice as usize];
            if state.tied == [0, 0] {
                open.push(slice);
            }
            state.tied[entry.label() as usize] += 1;
            if !next_tied {
                for slice in open.drain(..) {
                    states[slice as usize].close();
                }
            }
        }
    }
}

/// A coded column in row order, with the largest value of the type for an empty cell.
pub trait Code: Copy + Send + Sync {
    fn index(self) -> usize;
}

impl Code for u8 {
    #[inline]
    fn index(self) -> usize {
        usize::from(self)
    }
}

impl Code for u16 {
    #[inline]
    fn index(self) -> usize {
        usize::from(self)
    }
}

impl Code for u32 {
    #[inline]
    fn index(self) -> usize {
        self as usize
    }
}

/// Every code's slice in one walk down the order. `codes` are per dense row; those of `count` and above (empty
/// cells) are left out.
pub fn by_code<C: Code>(order: &Order, codes: &[C], count: usize) -> Vec<SliceSweep> {
    let mut states = vec![State::default(); count + 1];
    walk(order.entries(), &mut states, |entry| codes[entry.row() as usize].index().min(count));
    states.truncate(count);
    states.into_iter().map(State::finish).collect()
}

/// [`by_code`] for several columns and both models, each pair on a thread of its own: `[column][model]`.
/// A column is its codes and the number of names.
pub fn by_codes<C: Code>(orders: &[&Order], columns: &[(&[C], usize)]) -> Vec<Vec<Vec<SliceSweep>>> {
    columns
        .par_iter()
        .map(|&(codes, count)| orders.par_iter().map(|order| by_code(order, codes, count)).collect())
        .collect()
}

/// One slice given by a mask over the dense rows, by testing a bit per entry.
pub fn masked(order: &Order, mask: &RowMask) -> SliceSweep {
    // State 1 takes the rows outside, whose ties with rows inside must not count.
    let mut states = [State::default(); 2];
    walk(order.entries(), &mut states, |entry| usize::from(!mask.contains(entry.row() as usize)));
    states[0].finish()
}

/// The order of the rows of a mask, in the row numbers of the whole; with it every kernel runs on the slice.
pub fn restricted(order: &Order, mask: &RowMask) -> Order {
    let mut entries = Vec::with_capacity(mask.count());
    // A kept entry is tied when its group already has one.
    let mut open = false;
    for entry in order.entries() {
        open &= entry.tied();
        if mask.contains(entry.row() as usize) {
            entries.push(Entry::new(entry.row(), entry.label(), open));
            open = true;
        }
    }
    Order::from_entries(entries)
}

/// An order grouped by a coded column: one code's rows are a slice in descending score, at hand without a search.
#[derive(Clone, Debug)]
pub struct Grouped {
    entries: Vec<Entry>,
    starts: Vec<usize>,
}

impl Grouped {
    /// Stable counting sort of an order by code; codes of `count` and above are left out.
    pub fn new<C: Code>(order: &Order, codes: &[C], count: usize) -> Self {
        let mut starts = vec![0usize; count + 2];
        let blocks: Vec<Vec<usize>> = codes
            .par_chunks(BLOCK)
            .map(|block| {
                let mut counts = vec![0; count + 1];
                for code in block {
                    counts[code.index().min(count)] += 1;
                }
                counts
            })
            .collect();
        for block in &blocks {
            for (start, more) in starts[1..].iter_mut().zip(block) {
                *start += more;
            }
        }
        for code in 1..starts.len() {
            starts[code] += starts[code - 1];
        }
        let mut next = starts.clone();
        let mut last = vec![0u32; count + 1];
        let mut entries = vec![Entry::default(); order.len()];
        let mut group = 0;
        let mut ahead = [0u32; AHEAD];
        for block in order.entries().chunks(AHEAD) {
            for (slot, entry) in ahead.iter_mut().zip(block) {
                *slot = codes[entry.row() as usize].index().min(count) as u32;
            }
            for (entry, &code) in block.iter().zip(&ahead) {
                let code = code as usize;
                group += u32::from(!entry.tied());
                entries[next[code]] = Entry::new(entry.row(), entry.label(), last[code] == group);
                next[code] += 1;
                last[code] = group;
            }
        }
        starts.truncate(count + 1);
        entries.truncate(starts[count]);
        Self { entries, starts }
    }

    /// The order of one code's rows.
    pub fn order(&self, code: usize) -> Order {
        Order::from_entries(self.entries[self.starts[code]..self.starts[code + 1]].to_vec())
    }

    /// AUC and AP of one code.
    pub fn sweep(&self, code: usize) -> SliceSweep {
        let mut state = [State::default()];
        walk(&self.entries[self.starts[code]..self.starts[code + 1]], &mut state, |_| 0);
        state[0].finish()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::metrics::sweep;

    proptest! {
        #[test]
        fn slices_equal_filtering_first(rows in prop::collection::vec((0u8..60, 0u8..2, 0u8..5), 0..400)) {
            let scores: Vec<f64> = rows.iter().map(|row| f64::from(row.0)).collect();
            let labels: Vec<u8> = rows.iter().map(|row| row.1).collect();
            let codes: Vec<u8> = rows.iter().map(|row| if row.2 == 4 { u8::MAX } else { row.2 }).collect();
            let order = Order::new(&scores, &labels);
            let grouped = Grouped::new(&order, &codes, 4);
            let found = by_code(&order, &codes, 4);
            for code in 0..4u8 {
                let kept = || (0..rows.len()).filter(|&row| codes[row] == code);
                let own_scores: Vec<f64> = kept().map(|row| scores[row]).collect();
                let own_labels: Vec<u8> = kept().map(|row| labels[row]).collect();
                let (own, _) = sweep(&Order::new(&own_scores, &own_labels), false);
                let mask = RowMask::from_fn(rows.len(), |row| codes[row] == code);
                let slim = restricted(&order, &mask);
                prop_assert_eq!(&slim, &grouped.order(usize::from(code)));
                prop_assert_eq!(sweep(&slim, false).0.auc, own.auc);
                for slice in [found[usize::from(code)], masked(&order, &mask), grouped.sweep(usize::from(code))] {
                    prop_assert_eq!((slice.positives, slice.negatives, slice.auc), (own.positives, own.negatives, own.auc));
                    match (slice.average_precision, own.average_precision) {
                        (Ok(x), Ok(y)) => prop_assert!((x - y).abs() < 1e-12),
                        (x, y) => prop_assert_eq!(x, y),
                    }
                }
            }
        }
    }
}
